//! Rules of the base that may only be tightened, and what is tighter.

use super::adopt::place;
use super::node::Node;
use super::procedure;
use super::source::File;
use crate::domain::fraction::Fraction;
use crate::domain::term::Term;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The key that says so.
const MARK: &str = "tighten_only";

/// How a value stands to the base's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compared {
    /// It says the same.
    Same,
    /// It asks for more.
    Tighter,
    /// It asks for less.
    Weaker,
    /// Which of the two asks for more cannot be told.
    Unclear,
}

/// Keys that say nothing about what is asked for.
const FREE: [&str; 7] = ["title", "clause", "assume", "notice", "checklist", "hint", "text"];

/// Which way a value is tighter.
#[derive(Clone, Copy)]
enum Way {
    Less,
    More,
}

/// Which way the value at these keys, the rule's own first, is tighter; none where that cannot be told, as of conditions:
/// a rule that holds for fewer cases asks for less, whatever it asks of them.
fn way(family: &str, path: &[&str]) -> Option<Way> {
    use Way::{Less, More};
    match (family, path) {
        // A term by case: the condition decides what its term is worth.
        (_, ["within"] | ["within", "term"]) => Some(Less),
        (_, ["window", "within"] | ["midpoint", "tolerance"]) => Some(Less),
        // What opens later leaves less room.
        (_, ["window", "after"]) => Some(More),
        (_, ["before", "term"]) => Some(More),
        (_, ["escalate", "after"]) => Some(Less),
        // Who is told before the due date is told the earlier, the longer before.
        (_, ["escalate", "before"]) => Some(More),
        (_, ["max_backdate" | "decide_within"] | ["draw", "top_up"] | ["every", "days"]) => Some(Less),
        (_, ["count", "share" | "number"] | ["size"] | ["size", "share" | "number"]) => Some(More),
        ("threshold", ["at_least"]) => Some(Less),
        ("rate", ["at_least"]) => Some(More),
        (_, ["warn_below" | "retain" | "span" | "amount_fen"] | ["joint", "amount_fen"]) => Some(More),
        _ => None,
    }
}

/// Whether a rule may only be tightened.
pub(super) fn is_marked(rule: &DeTable<'_>) -> bool {
    rule.get(MARK)
        .is_some_and(|value| value.get_ref().as_bool() == Some(true))
}

/// Takes the marks out of a file's rules, for whom they are no key of their own.
pub(super) fn unmark(file: &File<'_>, root: &mut DeTable<'_>) {
    for (family, value) in root.iter_mut() {
        let family = &**family.get_ref();
        if !procedure::RULES.contains(&family) && family != "record" && family != "param" {
            continue;
        }
        let DeValue::Table(rules) = value.get_mut() else {
            continue;
        };
        for rule in rules.iter_mut().map(|(_, rule)| rule) {
            let DeValue::Table(rule) = rule.get_mut() else { continue };
            if let Some(mark) = rule.remove(MARK) {
                let node = Node {
                    name: MARK,
                    at: place(file, &mark),
                    value: mark.get_ref(),
                };
                node.boolean();
            }
        }
    }
}

/// How a value in the place of the base's stands to it.
pub(super) fn compare(family: &str, key: &str, base: Option<&DeValue<'_>>, value: &DeValue<'_>) -> Compared {
    if FREE.contains(&key) {
        return Compared::Same;
    }
    match base {
        Some(base) => at(family, &[key], base, value),
        None => Compared::Unclear,
    }
}

fn at(family: &str, path: &[&str], base: &DeValue<'_>, value: &DeValue<'_>) -> Compared {
    let way = way(family, path);
    let by = |ordering: Option<Ordering>| match (ordering, way) {
        (Some(Ordering::Equal), _) => Compared::Same,
        (Some(Ordering::Less), Some(Way::Less)) | (Some(Ordering::Greater), Some(Way::More)) => Compared::Tighter,
        (Some(_), Some(_)) => Compared::Weaker,
        (_, None) | (None, _) => Compared::Unclear,
    };
    match (base, value) {
        (DeValue::Table(base), DeValue::Table(value)) => {
            let keys: BTreeSet<&str> = base.keys().chain(value.keys()).map(|key| &**key.get_ref()).collect();
            let each = keys.into_iter().map(|key| match (base.get(key), value.get(key)) {
                (Some(base), Some(value)) => {
                    let path: Vec<&str> = path.iter().copied().chain([key]).collect();
                    at(family, &path, base.get_ref(), value.get_ref())
                }
                _ => Compared::Unclear,
            });
            all(each)
        }
        (DeValue::Array(base), DeValue::Array(value)) if base.len() == value.len() => {
            let pairs = base
                .iter()
                .map(Spanned::get_ref)
                .zip(value.iter().map(Spanned::get_ref));
            all(pairs.map(|(base, value)| at(family, path, base, value)))
        }
        (DeValue::Integer(base), DeValue::Integer(value)) => {
            let number = |text: &str, radix| i64::from_str_radix(text, radix).ok();
            let pair = number(base.as_str(), base.radix()).zip(number(value.as_str(), value.radix()));
            by(pair.map(|(base, value)| value.cmp(&base)))
        }
        (DeValue::Boolean(base), DeValue::Boolean(value)) if base == value => Compared::Same,
        (DeValue::Datetime(base), DeValue::Datetime(value)) if base == value => Compared::Same,
        (DeValue::String(base), DeValue::String(value)) => {
            if let (Ok(base), Ok(value)) = (base.parse::<Term>(), value.parse::<Term>()) {
                return by(longer(value, base));
            }
            if let (Ok(base), Ok(value)) = (base.parse::<Fraction>(), value.parse::<Fraction>()) {
                return by(base.compare(value.numerator(), value.denominator()));
            }
            if base == value {
                Compared::Same
            } else {
                Compared::Unclear
            }
        }
        _ => Compared::Unclear,
    }
}

/// Several values together: weaker in one is weaker, tighter in one and else the same is tighter.
fn all(each: impl Iterator<Item = Compared>) -> Compared {
    let each: Vec<Compared> = each.collect();
    let has = |wanted| each.contains(&wanted);
    if has(Compared::Weaker) {
        Compared::Weaker
    } else if has(Compared::Unclear) {
        Compared::Unclear
    } else if has(Compared::Tighter) {
        Compared::Tighter
    } else {
        Compared::Same
    }
}

/// Which of two terms is the longer; none where that depends on the day.
fn longer(a: Term, b: Term) -> Option<Ordering> {
    let length = |term| match term {
        Term::Days(n) => (0, n),
        Term::Weeks(n) => (0, n.saturating_mul(7)),
        Term::WorkingDays(n) => (1, n),
        Term::Months(n) => (2, n),
        Term::Years(n) => (2, n.saturating_mul(12)),
        Term::Minutes(n) => (3, n),
        Term::OpenMinutes(n) => (4, n),
    };
    let (a, b) = (length(a), length(b));
    (a.0 == b.0).then(|| a.1.cmp(&b.1))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

    use super::*;

    fn compared(family: &str, key: &str, base: &str, value: &str) -> Compared {
        let (base, value) = (format!("v = {base}"), format!("v = {value}"));
        let (base, value) = (DeTable::parse(&base).unwrap(), DeTable::parse(&value).unwrap());
        let value = value.get_ref().get("v").unwrap().get_ref();
        compare(family, key, base.get_ref().get("v").map(Spanned::get_ref), value)
    }

    #[test]
    fn less_time_and_a_larger_share_are_tighter() {
        use Compared::{Same, Tighter, Unclear, Weaker};
        for (family, key, base, value, wanted) in [
            ("deadline", "within", "'10天'", "'7d'", Tighter),
            ("deadline", "within", "'10天'", "'1w'", Tighter),
            ("deadline", "within", "'10天'", "'10d'", Same),
            ("deadline", "within", "'10天'", "'11天'", Weaker),
            ("deadline", "within", "'10天'", "'5bd'", Unclear),
            ("deadline", "within", "'24h'", "'1d'", Unclear),
            ("rate", "at_least", "'75%'", "'80%'", Tighter),
            ("rate", "at_least", "'75%'", "'70%'", Weaker),
            ("threshold", "at_least", "3", "2", Tighter),
            ("threshold", "at_least", "3", "4", Weaker),
            (
                "deadline",
                "before",
                "{ field = 'ends', term = '5d' }",
                "{ field = 'ends', term = '7d' }",
                Tighter,
            ),
            (
                "deadline",
                "before",
                "{ field = 'ends', term = '5d' }",
                "{ field = 'begins', term = '7d' }",
                Unclear,
            ),
            (
                "deadline",
                "escalate",
                "[{ after = '2d', to = 'a' }]",
                "[{ after = '1d', to = 'a' }]",
                Tighter,
            ),
            (
                "deadline",
                "within",
                "[{ when = { big = true }, term = '5d' }, { term = '3d' }]",
                "[{ when = { big = true }, term = '7d' }, { term = '3d' }]",
                Weaker,
            ),
            (
                "deadline",
                "window",
                "{ after = '1mo', within = '2mo' }",
                "{ after = '2mo', within = '2mo' }",
                Tighter,
            ),
            (
                "deadline",
                "escalate",
                "[{ before = '2d', to = 'a' }]",
                "[{ before = '1d', to = 'a' }]",
                Weaker,
            ),
            (
                "deadline",
                "when",
                "{ sum = { at_least = 100 } }",
                "{ sum = { at_least = 200 } }",
                Unclear,
            ),
            ("reminder", "before", "['7d']", "['3d']", Unclear),
            ("penalty", "amount_fen", "5000", "3000", Weaker),
            ("recurring", "count", "3", "2", Unclear),
            ("recurring", "lead", "'3d'", "'1d'", Unclear),
            ("deadline", "bearer", "'a'", "'b'", Unclear),
            ("deadline", "title", "'a'", "'b'", Same),
        ] {
            assert_eq!(
                compared(family, key, base, value),
                wanted,
                "{family}.{key} {base} {value}"
            );
        }
    }
}
