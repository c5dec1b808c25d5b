//! Changes to policies, one at a time: each number, unit, role, condition and level of escalation that a rule writes is
//! made another. A test that notices none of the changes of a rule does not test it.

use super::compile::{Folder, Source};
use super::node::Node;
use super::source::File;
use super::table::Table;
use crate::domain::fraction::Fraction;
use crate::domain::term::Term;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;
use toml::de::DeValue;

/// Tables that hold no rules: who there is, and what can happen.
const NO_RULES: [&str; 12] = [
    "company",
    "area",
    "person",
    "procedure",
    "clause",
    "calendar",
    "role",
    "case",
    "adopt",
    "text",
    "timeline",
    "words",
];

/// Keys whose values are words for people, names of what is counted or done, or dates that something begins.
const NAMES: [&str; 35] = [
    "title",
    "clause",
    "assume",
    "text",
    "hint",
    "hints",
    "checklist",
    "on",
    "done",
    "of",
    "until",
    "through",
    "fields",
    "form",
    "head",
    "foot",
    "row",
    "reason",
    "data",
    "event",
    "field",
    "distinct",
    "key",
    "consecutive",
    "calendar",
    "prefer",
    "notice",
    "match",
    "for",
    "from",
    "approved",
    "not_by",
    "since",
    "script",
    "accept",
];

/// Keys whose values are roles.
const ROLES: [&str; 11] = [
    "bearer",
    "role",
    "to",
    "by",
    "decided_by",
    "above",
    "roles",
    "actor_role",
    "against",
    "escalate",
    "reports_to",
];

/// Keys whose values are conditions over data.
const CONDITIONS: [&str; 4] = ["when", "done_when", "that", "if"];

/// Keys whose values are lists each entry of which asks for something.
const LISTS: [&str; 9] = [
    "escalate",
    "required",
    "signed",
    "needs",
    "joint",
    "counts_as",
    "happened",
    "before",
    "festival",
];

/// Words that stand for one of a few choices, and another choice for each.
const WORDS: [(&str, &str, &str); 26] = [
    ("every", "day", "week"),
    ("every", "week", "day"),
    ("every", "month-end", "quarter-end"),
    ("every", "quarter-end", "month-end"),
    ("every", "year-end", "quarter-end"),
    ("per", "day", "month"),
    ("per", "month", "quarter"),
    ("per", "quarter", "month"),
    ("per", "year", "quarter"),
    ("at", "due", "once"),
    ("at", "once", "due"),
    ("deliver", "open", "at-once"),
    ("deliver", "at-once", "open"),
    ("shift", "next", "none"),
    ("shift", "previous", "none"),
    ("end", "close", "midnight"),
    ("end", "midnight", "close"),
    ("early", "accept", "reject"),
    ("early", "reject", "accept"),
    ("holidays", "next", "none"),
    ("holidays", "previous", "none"),
    ("holidays", "skip", "none"),
    ("open_edge", "inclusive", "exclusive"),
    ("overflow", "skip", "last-day"),
    ("random_day", "month", "quarter"),
    ("random_day", "quarter", "month"),
];

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mutant {
    /// The file, as named in findings.
    pub file: Arc<str>,
    /// The line, counted from 1.
    pub line: u32,
    /// The rule: the name of its table.
    pub rule: String,
    /// The key that is changed.
    pub key: String,
    /// What stands there.
    pub from: String,
    /// What is put there, the first that makes policies without errors counts.
    pub to: Vec<String>,
    span: Range<usize>,
}

impl Mutant {
    /// The folder with that replacement made.
    pub fn apply(&self, folder: &Folder, to: &str) -> Folder {
        let mut changed = folder.clone();
        for source in changed.files.iter_mut().filter(|s| s.name == self.file) {
            let mut text = source.text.to_string();
            if text.get(self.span.clone()).is_some() {
                text.replace_range(self.span.clone(), to);
            }
            *source = Source {
                name: source.name.clone(),
                text: text.into(),
            };
        }
        changed
    }
}

/// All changes of a folder's rules, in the order of the files.
pub fn mutants(folder: &Folder) -> Vec<Mutant> {
    changes(folder, |family| !NO_RULES.contains(&family), |_, _| true)
}

/// All changes of what stands around the rules: whom roles report to and how high they stand, and what is put where a
/// computed field cannot be worked out.
pub fn around(folder: &Folder) -> Vec<Mutant> {
    let is_around = |family: &str, key: &str| match family {
        "role" => matches!(key, "reports_to" | "rank"),
        _ => key == "computed",
    };
    changes(folder, |family| matches!(family, "role" | "case"), is_around)
}

/// The changes of these families of tables, under these of their keys.
fn changes(folder: &Folder, family_counts: fn(&str) -> bool, key_counts: fn(&str, &str) -> bool) -> Vec<Mutant> {
    let files: Vec<File<'_>> = folder.files.iter().map(|s| File::read(&s.name, &s.text)).collect();
    let roles: BTreeSet<&str> = files.iter().flat_map(roles).collect();
    let mut found = Vec::new();
    for file in &files {
        for (family, node) in Table::root(file).entries() {
            if !family_counts(family.text) {
                continue;
            }
            for (rule, node) in entries(&node) {
                let mut walk = Walk {
                    rule: rule.to_owned(),
                    roles: &roles,
                    found: &mut found,
                };
                for (key, value) in entries(&node) {
                    if key_counts(family.text, key) {
                        walk.value(key, &value, key, false);
                    }
                }
            }
        }
    }
    found.sort_by(|a: &Mutant, b| (&a.file, a.span.start, a.span.end).cmp(&(&b.file, b.span.start, b.span.end)));
    found
}

fn roles<'a>(file: &'a File<'a>) -> Vec<&'a str> {
    let root = Table::root(file).entries();
    let declared = root.iter().filter(|(name, _)| name.text == "role");
    declared
        .flat_map(|(_, node)| entries(node))
        .map(|(name, _)| name)
        .collect()
}

/// The entries of a table; none of what is no table.
fn entries<'a>(node: &Node<'a>) -> Vec<(&'a str, Node<'a>)> {
    match node.value.as_table() {
        Some(_) => node
            .entries()
            .into_iter()
            .map(|(word, node)| (word.text, node))
            .collect(),
        None => Vec::new(),
    }
}

struct Walk<'w, 'a> {
    rule: String,
    roles: &'w BTreeSet<&'a str>,
    found: &'w mut Vec<Mutant>,
}

impl Walk<'_, '_> {
    /// Looks at a value: `key` is the nearest key that says what it is, `path` all of them.
    fn value(&mut self, key: &str, node: &Node<'_>, path: &str, tested: bool) {
        if !tested && NAMES.contains(&key) {
            return;
        }
        let tested = tested || CONDITIONS.contains(&key);
        match node.value {
            DeValue::Table(_) => {
                for (name, inner) in entries(node) {
                    // A number and its unit say the same under any name; what a table is for, its own key says.
                    self.value(name, &inner, &format!("{path}.{name}"), tested);
                }
            }
            DeValue::Array(_) => self.list(key, node, path, tested),
            DeValue::String(_) => self.text(key, node, path, tested),
            DeValue::Integer(_) => {
                if let Some(n) = node.as_int() {
                    let others = [n.saturating_add(1), n.saturating_sub(1)];
                    self.put(node, path, others.iter().map(i64::to_string).collect());
                }
            }
            DeValue::Boolean(yes) => self.put(node, path, vec![(!yes).to_string()]),
            DeValue::Float(_) | DeValue::Datetime(_) => {}
        }
    }

    fn list(&mut self, key: &str, node: &Node<'_>, path: &str, tested: bool) {
        let items = node.list();
        for (at, item) in items.iter().enumerate() {
            self.value(key, item, path, tested);
            if !LISTS.contains(&key) {
                continue;
            }
            // Without this entry: it goes with what parts it from its neighbour.
            let neighbours = (
                at.checked_sub(1).and_then(|before| items.get(before)),
                items.get(at + 1),
            );
            let (start, end) = match neighbours {
                (_, Some(next)) => (item.at.start, next.at.start),
                (Some(before), None) => (before.at.end, item.at.end),
                (None, None) => (item.at.start, item.at.end),
            };
            self.push(node, start..end, path, item.written(), vec![String::new()]);
        }
    }

    fn text(&mut self, key: &str, node: &Node<'_>, path: &str, tested: bool) {
        let Some(text) = node.value.as_str() else { return };
        let quoted = |text: String| format!("\"{text}\"");
        if tested {
            // Whatever it is, as long as there is something.
            self.put(node, path, vec!["{ exists = true }".to_owned()]);
        } else if let Ok(term) = text.parse::<Term>() {
            let (number, unit) = others_of(term);
            self.put(node, path, number.into_iter().map(quoted).collect());
            self.put(node, path, unit.into_iter().map(quoted).collect());
        } else if let Ok(share) = text.parse::<Fraction>() {
            self.put(node, path, share_after(share).into_iter().map(quoted).collect());
        } else if let Some(time) = time_after(text) {
            self.put(node, path, vec![quoted(time)]);
        } else if let Some((.., other)) = WORDS.iter().find(|(k, word, _)| *k == key && *word == text) {
            self.put(node, path, vec![quoted((*other).to_owned())]);
        } else if ROLES.contains(&key) && self.roles.contains(text) {
            let others = self.roles.iter().filter(|role| **role != text);
            self.put(node, path, others.map(|role| quoted((*role).to_owned())).collect());
        }
    }

    fn put(&mut self, node: &Node<'_>, path: &str, to: Vec<String>) {
        self.push(node, node.at.start..node.at.end, path, node.written(), to);
    }

    fn push(&mut self, node: &Node<'_>, span: Range<usize>, path: &str, from: &str, to: Vec<String>) {
        if to.is_empty() {
            return;
        }
        self.found.push(Mutant {
            file: node.at.file.name.clone(),
            line: node.at.file.position(span.start).0,
            rule: self.rule.clone(),
            key: path.to_owned(),
            from: from.to_owned(),
            to,
            span,
        });
    }
}

/// Spellings of the term with another number, and with another unit.
fn others_of(term: Term) -> (Vec<String>, Vec<String>) {
    let (n, unit, others): (u32, &str, &[&str]) = match term {
        Term::Days(0) => return (vec!["1d".to_owned()], vec!["1h".to_owned()]),
        Term::Days(n) => (n, "d", &["bd", "w", "h"]),
        Term::WorkingDays(n) => (n, "bd", &["d", "w"]),
        Term::Weeks(n) => (n, "w", &["d", "mo"]),
        Term::Months(n) => (n, "mo", &["w", "y"]),
        Term::Years(n) => (n, "y", &["mo"]),
        Term::Minutes(n) if n % 60 == 0 && n > 0 => (n / 60, "h", &["d", "bh", "min"]),
        Term::Minutes(n) => (n, "min", &["h"]),
        Term::OpenMinutes(n) if n % 60 == 0 => (n / 60, "bh", &["h"]),
        Term::OpenMinutes(n) => (n, "bmin", &["min"]),
    };
    let numbers = [n.saturating_add(1), n.saturating_sub(1)];
    (
        numbers.iter().map(|n| format!("{n}{unit}")).collect(),
        others.iter().map(|unit| format!("{n}{unit}")).collect(),
    )
}

/// A neighbouring share: one hundredth more, or half of the whole.
fn share_after(share: Fraction) -> Vec<String> {
    let (n, d) = (share.numerator(), share.denominator());
    if n >= d {
        return vec!["50%".to_owned()];
    }
    let Some(more) = n
        .checked_mul(100)
        .and_then(|h| h.checked_add(d))
        .zip(d.checked_mul(100))
    else {
        return Vec::new();
    };
    match Fraction::new(more.0, more.1) {
        Some(f) => vec![format!("{}/{}", f.numerator(), f.denominator())],
        None => Vec::new(),
    }
}

/// Half an hour later, of a time of day.
fn time_after(text: &str) -> Option<String> {
    let (hour, minute) = text.split_once(':')?;
    let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
    if hour > 24 || minute > 59 {
        return None;
    }
    let late = hour * 60 + minute + 30;
    let at = if late > 24 * 60 { late - 60 } else { late };
    Some(format!("{:02}:{:02}", at / 60, at % 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = r#"
[procedure]
id = "c/p"
[clause."3"]
text = "3天"
[role.a]
title = "甲"
[role.b]
title = "乙"
[deadline.d]
title = "3天"
within = "3天"
done = "case.done"
when = { severity = "major", urgent = true, sum = { at_least = 100 } }
bearer = "a"
escalate = [{ at = "due", to = "b" }, { after = "1bd", to = "a" }]
[rate.r]
at_least = "100%"
per = "month"
"#;

    #[test]
    fn each_number_unit_role_condition_and_level_is_changed_once() {
        let source = Source {
            name: "c/p.toml".into(),
            text: POLICY.into(),
        };
        let folder = Folder {
            files: vec![source],
            ..empty()
        };
        let all = mutants(&folder);
        let shown: Vec<String> = all
            .iter()
            .map(|m| format!("{} {} {} → {}", m.rule, m.key, m.from, m.to.join("|")))
            .collect();
        let wanted = [
            r#"d within "3天" → "4d"|"2d""#,
            r#"d within "3天" → "3bd"|"3w"|"3h""#,
            r#"d when.severity "major" → { exists = true }"#,
            "d when.urgent true → false",
            "d when.sum.at_least 100 → 101|99",
            r#"d bearer "a" → "b""#,
            r#"d escalate { at = "due", to = "b" } → "#,
            r#"d escalate.at "due" → "once""#,
            r#"d escalate.to "b" → "a""#,
            r#"d escalate { after = "1bd", to = "a" } → "#,
            r#"d escalate.after "1bd" → "2bd"|"0bd""#,
            r#"d escalate.after "1bd" → "1d"|"1w""#,
            r#"d escalate.to "a" → "b""#,
            r#"r at_least "100%" → "50%""#,
            r#"r per "month" → "quarter""#,
        ];
        for line in wanted {
            assert!(
                shown.iter().any(|s| s == line),
                "{line}\nis not among\n{}",
                shown.join("\n")
            );
        }
        assert_eq!(shown.len(), wanted.len(), "{}", shown.join("\n"));
        let second = all.iter().find(|m| m.from.starts_with("{ after")).unwrap();
        let changed = second.apply(&folder, "");
        assert!(
            changed.files[0]
                .text
                .contains(r#"escalate = [{ at = "due", to = "b" }]"#)
        );
    }

    fn empty() -> Folder {
        Folder {
            id: "c".to_owned(),
            files: Vec::new(),
            calendars: Vec::new(),
            scripts: vec![],
        }
    }

    #[test]
    fn a_share_becomes_a_neighbour_and_a_time_half_an_hour_later() {
        assert_eq!(share_after("30%".parse().unwrap()), ["31/100"]);
        assert_eq!(share_after("100%".parse().unwrap()), ["50%"]);
        assert_eq!(time_after("08:00").as_deref(), Some("08:30"));
        assert_eq!(time_after("24:00").as_deref(), Some("23:30"));
        assert_eq!(time_after("a:b"), None);
    }
}
