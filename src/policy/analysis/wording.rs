//! Clauses that say another number than their rule, or over where the rule says at least.

use super::numeral::{Numeral, numerals};
use super::place::Places;
use crate::domain::fraction::Fraction;
use crate::domain::term::Term;
use crate::policy::codes;
use crate::policy::model::{Condition, Duty, Id, Many, Procedure, StepAt, Target, Test, Threshold, Timing};
use crate::policy::source::{Place, say};

/// Reports the rules that say another number than the clauses that they cite, or count its end differently.
pub(super) fn find(procedure: &Procedure, places: &Places<'_>) {
    for duty in &procedure.duties {
        let texts = texts(procedure, &duty.clauses, &duty.title);
        let Some(spot) = places.rule(procedure, &duty.id) else {
            continue;
        };
        let key = if spot.has("window") { "window" } else { "within" };
        term(procedure, duty, &texts, spot.key(key, None));
        condition(&duty.when, &texts, spot.key("when", None));
        if let Some(Many::Share { shares, .. }) = duty.count.as_ref().map(|count| &count.many) {
            let cited = duty
                .count
                .iter()
                .filter_map(|count| count.clause.clone())
                .collect::<Vec<_>>();
            let texts = self::texts(procedure, &cited, "");
            let shares: Vec<Fraction> = shares.iter().map(|entry| entry.share).collect();
            share(&shares, &texts, spot.key("count", None));
        }
    }
    for rate in &procedure.rates {
        let texts = texts(procedure, &rate.clauses, &rate.title);
        if let (Target::AtLeast(target), Some(spot)) = (&rate.target, places.rule(procedure, &rate.id))
            && !has_own(procedure, &rate.id)
        {
            share(&[*target], &texts, spot.key("at_least", None));
        }
    }
    for rule in &procedure.thresholds {
        let texts = texts(procedure, &rule.clauses, &rule.title);
        if let Some(spot) = places
            .rule(procedure, &rule.id)
            .filter(|_| !has_own(procedure, &rule.id))
        {
            times(rule, &texts, spot.key("at_least", None));
            condition(&rule.when, &texts, spot.key("when", None));
        }
    }
    for gate in &procedure.gates {
        let texts = texts(procedure, &gate.clauses, &gate.title);
        if let Some(spot) = places.rule(procedure, &gate.id) {
            condition(&gate.when, &texts, spot.key("when", None));
        }
    }
}

/// What is said of a rule in prose: the clauses that it cites, and its title.
fn texts<'p>(procedure: &'p Procedure, cited: &[Id], title: &'p str) -> Vec<&'p str> {
    let clauses = procedure.clauses.iter().filter(|clause| cited.contains(&clause.id));
    clauses.map(|clause| &*clause.text).chain([title]).collect()
}

/// Whether a rule of the base has values of the company's own.
fn has_own(procedure: &Procedure, rule: &str) -> bool {
    !procedure.overrides_of(rule).is_empty()
}

/// Whether another rule that cites one of these clauses has a term: then that term is what the clause says of it.
fn is_of_another(procedure: &Procedure, duty: &Duty, term: Term) -> bool {
    let cites = |other: &Duty| other.clauses.iter().any(|clause| duty.clauses.contains(clause));
    let others = procedure
        .duties
        .iter()
        .filter(|other| other.id != duty.id && cites(other));
    others
        .into_iter()
        .any(|other| terms(other).iter().any(|own| measure(*own) == measure(term)))
}

/// The terms of a duty, its steps of escalation among them.
fn terms(duty: &Duty) -> Vec<Term> {
    let mut all = due_terms(duty).unwrap_or_default();
    all.extend(duty.escalate.iter().filter_map(|step| match step.at {
        StepAt::AfterDue(term) | StepAt::BeforeDue(term) => Some(term),
        StepAt::Once | StepAt::Due => None,
    }));
    all
}

/// The terms within which a duty is owed; none where its end is found in another way.
fn due_terms(duty: &Duty) -> Option<Vec<Term>> {
    Some(match &duty.timing {
        Timing::Within(term) => vec![*term],
        Timing::ByCase(entries) => entries.iter().map(|entry| entry.term).collect(),
        Timing::Window { within, .. } => vec![*within],
        _ => return None,
    })
}

fn all<'t>(texts: &[&'t str]) -> Vec<Numeral<'t>> {
    texts.iter().flat_map(|text| numerals(text)).collect()
}

/// The term in a measure of its own: days and weeks, months and years, are counted alike.
fn measure(term: Term) -> (u8, u32) {
    match term {
        Term::Days(n) => (0, n),
        Term::Weeks(n) => (0, n.saturating_mul(7)),
        Term::Minutes(n) if n.is_multiple_of(1440) => (0, n / 1440),
        Term::Minutes(n) => (1, n),
        Term::Months(n) => (2, n),
        Term::Years(n) => (2, n.saturating_mul(12)),
        Term::WorkingDays(n) => (3, n),
        Term::OpenMinutes(n) => (4, n),
    }
}

fn term(procedure: &Procedure, duty: &Duty, texts: &[&str], place: Place<'_>) {
    let Some(own) = due_terms(duty) else { return };
    // The clause is the base's, the value the company's own; that is said, with its reason.
    if has_own(procedure, &duty.id) {
        return;
    }
    let mut said: Vec<(Term, String)> = all(texts).iter().filter_map(Numeral::within).collect();
    said.retain(|(term, _)| !is_of_another(procedure, duty, *term));
    let agrees = |(said, _): &(Term, String)| own.iter().any(|own| measure(*own) == measure(*said));
    if said.is_empty() || said.iter().any(agrees) {
        return;
    }
    let written: Vec<String> = said.into_iter().map(|(_, written)| written).collect();
    let (said, id) = (written.join("、"), &duty.id);
    let zh = own.iter().map(|term| term.zh()).collect::<Vec<_>>().join("、");
    let en = own.iter().map(Term::to_string).collect::<Vec<_>>().join(", ");
    place.find(
        codes::NUMBER_CONTRADICTS,
        say!(
            "条款写的是“{said}”，“{id}”写的是 {zh}",
            "the clause says `{said}`, `{id}` says {en}"
        ),
        say!(
            "照条款改规则，或改条款的文字；规则的期限另有根据的，引用写着它的条款",
            "change the rule or the words; where the term comes from elsewhere, cite the clause that says it"
        ),
    );
}

fn share(own: &[Fraction], texts: &[&str], place: Place<'_>) {
    let said: Vec<u32> = all(texts).iter().filter_map(Numeral::percent).collect();
    let agrees = |said: &u32| {
        let said: Option<Fraction> = format!("{said}%").parse().ok();
        said.is_some_and(|said| own.contains(&said))
    };
    if said.is_empty() || said.iter().any(agrees) {
        return;
    }
    let said = said.iter().map(|n| format!("{n}%")).collect::<Vec<_>>().join("、");
    let own = own.iter().map(Fraction::to_string).collect::<Vec<_>>().join("、");
    place.find(
        codes::NUMBER_CONTRADICTS,
        say!(
            "条款写的是 {said}，规则写的是 {own}",
            "the clause says {said}, the rule says {own}"
        ),
        say!("照条款改规则，或改条款的文字", "change the rule or the words"),
    );
}

/// How prose bounds a number.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bound {
    Over,
    AtLeast,
    Under,
    AtMost,
}

/// Words before a number, longest first.
const BEFORE: [(&str, Bound); 16] = [
    ("不超过", Bound::AtMost),
    ("不多于", Bound::AtMost),
    ("不少于", Bound::AtLeast),
    ("不低于", Bound::AtLeast),
    ("未超过", Bound::AtMost),
    ("不足", Bound::Under),
    ("不满", Bound::Under),
    ("未满", Bound::Under),
    ("至少", Bound::AtLeast),
    ("至多", Bound::AtMost),
    ("最多", Bound::AtMost),
    ("超过", Bound::Over),
    ("多于", Bound::Over),
    ("大于", Bound::Over),
    ("少于", Bound::Under),
    ("低于", Bound::Under),
];

/// What is counted, which may stand between a number and the word after it.
const COUNTED: [&str; 14] = [
    "次", "件", "户", "人", "个", "起", "名", "元", "分", "天", "日", "小时", "份", "万元",
];

/// Words after a number.
const AFTER: [(&str, Bound); 7] = [
    ("及以上", Bound::AtLeast),
    ("（含）以上", Bound::AtLeast),
    ("以上", Bound::AtLeast),
    ("及以下", Bound::AtMost),
    ("以下", Bound::AtMost),
    ("以内", Bound::AtMost),
    ("之内", Bound::AtMost),
];

/// How a number is bounded, and in which words.
fn bound(numeral: &Numeral<'_>) -> Option<(Bound, String)> {
    let counted = COUNTED.iter().find(|counted| numeral.after.starts_with(**counted));
    let counted = counted.copied().unwrap_or_default();
    if let Some((word, bound)) = BEFORE.iter().find(|(word, _)| numeral.before.ends_with(word)) {
        return Some((*bound, format!("{word}{}{counted}", numeral.written)));
    }
    let rest = numeral.after.strip_prefix(counted)?;
    let (word, bound) = AFTER.iter().find(|(word, _)| rest.starts_with(word))?;
    Some((*bound, format!("{}{counted}{word}", numeral.written)))
}

/// A count that is reached.
fn times(rule: &Threshold, texts: &[&str], place: Place<'_>) {
    let mut said: Vec<(u32, Bound, String)> = Vec::new();
    for numeral in all(texts) {
        let is_count = ["次", "件", "起", "户", "人"]
            .iter()
            .any(|word| numeral.after.starts_with(word));
        if let Some((bound @ (Bound::Over | Bound::AtLeast), words)) = bound(&numeral).filter(|_| is_count) {
            said.push((numeral.value, bound, words));
        }
    }
    let asked = |(n, bound, _): &(u32, Bound, String)| n.saturating_add(u32::from(*bound == Bound::Over));
    let own = rule.at_least;
    if own < 2 || said.is_empty() || said.iter().any(|one| asked(one) == own) {
        return;
    }
    let strict = said.iter().find(|(n, bound, _)| *n == own && *bound == Bound::Over);
    if let Some((n, _, words)) = strict {
        let right = n.saturating_add(1);
        place.find(
            codes::WORDING_CONTRADICTS,
            say!(
                "条款写的是“{words}”，不含 {n}；规则写的是 at_least = {own}，含 {n}",
                "the clause says `{words}`, which leaves {n} out; the rule says at_least = {own}, which includes it"
            ),
            say!(
                "写 at_least = {right}，或把条款改成“{n} 次以上”",
                "write at_least = {right}, or change the words"
            ),
        );
        return;
    }
    let words = said
        .iter()
        .map(|(_, _, words)| words.as_str())
        .collect::<Vec<_>>()
        .join("、");
    place.find(
        codes::NUMBER_CONTRADICTS,
        say!(
            "条款写的是“{words}”，规则写的是 at_least = {own}",
            "the clause says `{words}`, the rule says at_least = {own}"
        ),
        say!("照条款改规则，或改条款的文字", "change the rule or the words"),
    );
}

/// The bounds of a condition against the words for the same numbers.
fn condition(when: &Condition, texts: &[&str], place: Place<'_>) {
    let numerals = all(texts);
    for (field, test) in &when.0 {
        let (n, own, key) = match test {
            Test::AtLeast(n) => (*n, Bound::AtLeast, "at_least"),
            Test::MoreThan(n) => (*n, Bound::Over, "more_than"),
            Test::AtMost(n) => (*n, Bound::AtMost, "at_most"),
            Test::LessThan(n) => (*n, Bound::Under, "less_than"),
            Test::Exists(_) | Test::OneOf(_) => continue,
        };
        let here = numerals.iter().filter(|numeral| i64::from(numeral.value) == n);
        let said: Vec<(Bound, String)> = here.filter_map(bound).collect();
        let opposite = match own {
            Bound::Over => Bound::AtLeast,
            Bound::AtLeast => Bound::Over,
            Bound::Under => Bound::AtMost,
            Bound::AtMost => Bound::Under,
        };
        let Some((_, words)) = said.iter().find(|(bound, _)| *bound == opposite) else {
            continue;
        };
        if said.iter().any(|(bound, _)| *bound == own) {
            continue;
        }
        let right = match opposite {
            Bound::Over => "more_than",
            Bound::AtLeast => "at_least",
            Bound::Under => "less_than",
            Bound::AtMost => "at_most",
        };
        place.find(
            codes::WORDING_CONTRADICTS,
            say!(
                "条款写的是“{words}”，规则写的是 {field} 的 {key} = {n}，{n} 本身算不算，两处不一样",
                "the clause says `{words}`, the rule says {key} = {n} of `{field}`: they differ on {n} itself"
            ),
            say!(
                "写 {right} = {n}，或改条款的文字",
                "write {right} = {n}, or change the words"
            ),
        );
    }
}
