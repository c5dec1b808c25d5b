//! Where two editions of a company's policies differ, in sentences: rule by rule, with the slots that changed.
//!
//! What is compared is what is said. Comments, the order of keys, other spellings of the same term are no difference.

use super::finding::Text;
use super::model::{Company, Id};
use super::words::{Document, Paper, Said, Slot, document, label};
use chrono::NaiveDate;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What became of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It says something else.
    Changed,
}

/// A difference between two editions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What became of it.
    pub what: What,
    /// The procedure's id; none: what stands around them, such as roles and calendars.
    pub procedure: Option<Id>,
    /// The clause under which it stands, where there is one.
    pub clause: Option<Id>,
    /// Its family: `deadline`, `rate`, `role`, `clause`, `procedure`, …
    pub family: &'static str,
    /// Its id.
    pub id: Id,
    /// Its name for people.
    pub title: Id,
    /// What it said.
    pub old: Option<Text>,
    /// What it says.
    pub new: Option<Text>,
    /// The slots that changed; empty where it is new or gone.
    pub slots: Vec<SlotChange>,
    /// For whom it is, by the new edition, else by the old one.
    pub bearers: Text,
    /// The base's values, where the procedure is adopted and this departs from it.
    pub base: Vec<Text>,
    /// The local date from which the new edition is in force; none for what stands around.
    pub from: Option<NaiveDate>,
    /// What happens to what is owed already; none for what stands around.
    pub transition: Option<Text>,
}

/// A slot that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotChange {
    /// The slot: `term`, `bearer`, `escalation`, …
    pub key: &'static str,
    /// What it was.
    pub old: Option<Text>,
    /// What it is.
    pub new: Option<Text>,
}

impl What {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            What::Added => "added",
            What::Removed => "removed",
            What::Changed => "changed",
        }
    }

    /// The word for it, for people.
    pub fn said(self) -> Text {
        match self {
            What::Added => Text::new("新增", "added"),
            What::Removed => Text::new("删去", "removed"),
            What::Changed => Text::new("改动", "changed"),
        }
    }
}

/// The differences between two states of a company's policies, each by the editions in force on a date, or by the newest.
pub fn diff(old: (&Company, Option<NaiveDate>), new: (&Company, Option<NaiveDate>)) -> Vec<Change> {
    documents(&document(old.0, old.1), &document(new.0, new.1))
}

/// The differences between two documents: procedure by procedure and clause by clause in the new one's order, then what
/// is gone, then what stands around.
pub fn documents(old: &Document, new: &Document) -> Vec<Change> {
    let mut changes = Vec::new();
    for paper in &new.papers {
        let before = old.papers.iter().find(|p| p.id == paper.id);
        papers(before, Some(paper), &mut changes);
    }
    for gone in old.papers.iter().filter(|p| !new.papers.iter().any(|n| n.id == p.id)) {
        papers(Some(gone), None, &mut changes);
    }
    let place = Place::default();
    lists(&old.around, &new.around, &place, &mut changes);
    changes
}

/// What all changes of a procedure have in common.
#[derive(Default)]
struct Place<'p> {
    old: Option<&'p Paper>,
    new: Option<&'p Paper>,
}

impl Place<'_> {
    fn change(&self, what: What, family: &'static str, id: &Id, title: &Id) -> Change {
        let paper = self.new.or(self.old);
        Change {
            what,
            procedure: paper.map(|paper| paper.id.clone()),
            clause: None,
            family,
            id: id.clone(),
            title: title.clone(),
            old: None,
            new: None,
            slots: Vec::new(),
            bearers: Text::default(),
            base: Vec::new(),
            from: self.new.map(|paper| paper.effective),
            transition: self.new.map(|paper| paper.transition.clone()),
        }
    }

    fn clause_of(&self, said: &Said) -> Option<Id> {
        let paper = self.new.or(self.old)?;
        let known = |clause: &&Id| paper.clauses.iter().any(|c| c.id == **clause);
        said.clauses.iter().find(known).or(said.clauses.first()).cloned()
    }
}

fn papers(old: Option<&Paper>, new: Option<&Paper>, changes: &mut Vec<Change>) {
    let place = Place { old, new };
    let heads = |paper: Option<&Paper>| paper.map(|p| vec![p.head.clone()]).unwrap_or_default();
    lists(&heads(old), &heads(new), &place, changes);
    let none: &[_] = &[];
    let (was, is) = (
        old.map_or(none, |paper| &paper.clauses),
        new.map_or(none, |paper| &paper.clauses),
    );
    let text = |clause: &super::words::ClauseSaid| {
        let manual = clause.manual.as_ref().map(|m| format!("（{m}）")).unwrap_or_default();
        let said = format!("{}{manual}", clause.text);
        Text::new(said.clone(), said)
    };
    for clause in is {
        let before = was.iter().find(|c| c.id == clause.id).map(text);
        let now = text(clause);
        if before.as_ref() == Some(&now) {
            continue;
        }
        let what = if before.is_some() { What::Changed } else { What::Added };
        let mut change = place.change(what, "clause", &clause.id, &clause.id);
        change.clause = Some(clause.id.clone());
        (change.old, change.new) = (before, Some(now));
        changes.push(change);
    }
    for clause in was.iter().filter(|c| !is.iter().any(|n| n.id == c.id)) {
        let mut change = place.change(What::Removed, "clause", &clause.id, &clause.id);
        change.clause = Some(clause.id.clone());
        change.old = Some(text(clause));
        changes.push(change);
    }
    let said = |paper: Option<&Paper>| -> Vec<Said> {
        let all = paper.map(|p| p.rules.iter().chain(&p.dated).cloned().collect());
        all.unwrap_or_default()
    };
    lists(&said(old), &said(new), &place, changes);
}

fn lists(old: &[Said], new: &[Said], place: &Place<'_>, changes: &mut Vec<Change>) {
    let same = |a: &Said, b: &Said| (a.family == b.family || (a.is_rule() && b.is_rule())) && a.id == b.id;
    for said in new {
        let before = old.iter().find(|other| same(other, said));
        let slots = before.map(|before| slots(before, said)).unwrap_or_default();
        let what = match before {
            None => What::Added,
            Some(before) if before.text() == said.text() && slots.is_empty() && before.title == said.title => continue,
            Some(_) => What::Changed,
        };
        let mut change = place.change(what, said.family, &said.id, &said.title);
        change.clause = place.clause_of(said);
        change.old = before.map(Said::text);
        change.new = Some(said.text());
        change.slots = slots;
        change.bearers = said.bearers.clone();
        let base = said.slots.iter().filter(|slot| slot.key == "override");
        change.base = base.map(|slot| slot.text.clone()).collect();
        changes.push(change);
    }
    for said in old.iter().filter(|said| !new.iter().any(|other| same(other, said))) {
        let mut change = place.change(What::Removed, said.family, &said.id, &said.title);
        change.clause = place.clause_of(said);
        change.old = Some(said.text());
        change.bearers = said.bearers.clone();
        changes.push(change);
    }
}

/// The slots that differ, in the order of the new rule, those that are gone last.
fn slots(old: &Said, new: &Said) -> Vec<SlotChange> {
    let of = |said: &Said, key: &str| -> Vec<Text> {
        let slots = said.slots.iter().filter(|slot| slot.key == key);
        slots.map(|slot| slot.text.clone()).collect()
    };
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let keys = new.slots.iter().chain(&old.slots).map(|slot: &Slot| slot.key);
    let keys: Vec<&'static str> = keys.filter(|key| seen.insert(key)).collect();
    let mut changed = Vec::new();
    if old.title != new.title {
        let title = |said: &Said| Some(Text::new(&*said.title, &*said.title));
        changed.push(SlotChange {
            key: "title",
            old: title(old),
            new: title(new),
        });
    }
    for key in keys {
        let (was, is) = (of(old, key), of(new, key));
        if was != is {
            changed.push(SlotChange {
                key,
                old: one(&was),
                new: one(&is),
            });
        }
    }
    changed
}

fn one(texts: &[Text]) -> Option<Text> {
    (!texts.is_empty()).then(|| super::words::text::join(texts, "；", "; "))
}

impl Change {
    /// The difference for programs: both languages.
    pub fn json(&self) -> Value {
        let text = |t: &Text| json!({ "zh": t.zh, "en": t.en });
        let slots: Vec<Value> = self
            .slots
            .iter()
            .map(|slot| {
                json!({
                    "slot": slot.key,
                    "label": text(&label(slot.key)),
                    "old": slot.old.as_ref().map(text),
                    "new": slot.new.as_ref().map(text),
                })
            })
            .collect();
        json!({
            "what": self.what.word(),
            "procedure": self.procedure,
            "clause": self.clause,
            "family": self.family,
            "id": self.id,
            "title": self.title,
            "old": self.old.as_ref().map(text),
            "new": self.new.as_ref().map(text),
            "slots": slots,
            "bearers": text(&self.bearers),
            "base": self.base.iter().map(text).collect::<Vec<_>>(),
            "from": self.from.map(|from| from.to_string()),
            "transition": self.transition.as_ref().map(text),
        })
    }
}
