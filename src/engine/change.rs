//! What other policies would change of what is owed: the change is made on a draft beside the world, and what comes of
//! it is held against what comes of the policies that serve. Nothing is worked out in another way than when they serve.

use crate::domain::event::Event;
use crate::domain::zone::Instant;
use crate::engine::access::Sight;
use crate::engine::case::Case;
use crate::engine::draft::{Draft, NoPast, PastError};
use crate::engine::escalation;
use crate::engine::history::History;
use crate::engine::obligation::Obligation;
use crate::engine::turn::{self, Turn};
use crate::engine::view::{BearerView, DueView, bearer_view, due_view};
use crate::engine::world::World;
use crate::policy::model::{Company, Id, Procedure, Transition};
use chrono::{NaiveDate, TimeDelta};
use serde::Serialize;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// How many obligations are shown of each rule; all are counted.
pub const MAX_EXAMPLES: usize = 20;

/// How far ahead a dated edition is looked at, in days. What comes into force later is not shown.
pub const HORIZON_DAYS: i64 = 366;

/// What other policies change of what is owed.
#[derive(Clone, Debug, Serialize)]
pub struct Difference {
    /// The instant at which both are held against each other, RFC 3339 in the company's zone: when the last of what is
    /// new has come into force, at most a year ahead.
    pub as_of: String,
    /// How many obligations are live. Here and below those alone that everybody may see: confidential cases and secret
    /// days are not there.
    pub live: u64,
    /// How many of them change, or would be cancelled.
    pub changed: u64,
    /// How many come to be that would not have been.
    pub opened: u64,
    /// How many stay as they are, under an edition that no new obligation comes to be under any more.
    pub kept: u64,
    /// The editions that are new or gone.
    pub editions: Vec<EditionChange>,
    /// What changes, by procedure and rule.
    pub rules: Vec<RuleChange>,
}

/// An edition that is new, or that is gone.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct EditionChange {
    /// The procedure.
    pub procedure: Id,
    /// From which local date on it is in force.
    pub effective: String,
    /// The edition before; none: there was none with this date.
    pub before: Option<Id>,
    /// The edition after; none: it is gone.
    pub after: Option<Id>,
    /// What it does to what is owed: `keep`, `new_occurrences`, `rebase`; none where it is gone.
    pub transition: Option<&'static str>,
    /// Whether it says nothing else than before: only comments or blanks differ.
    pub same_meaning: bool,
}

/// What changes of the obligations of a rule.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RuleChange {
    /// The procedure.
    pub procedure: Id,
    /// The rule.
    pub rule: Id,
    /// Its title.
    pub title: Id,
    /// The clause that it cites first.
    pub clause: Id,
    /// Why: `keep`, `new_occurrences` or `rebase` of the edition that comes into force, `calendar`, `people` (who holds
    /// which role), `begins` (a case that stands by itself).
    pub because: &'static str,
    /// How many are due earlier.
    pub earlier: u64,
    /// How many are due later.
    pub later: u64,
    /// How many are owed by others.
    pub bearers: u64,
    /// Of how many others are told, or at other times.
    pub escalation: u64,
    /// How many no longer hang on days that no calendar has published, or now do.
    pub provisional: u64,
    /// How many are cancelled.
    pub cancelled: u64,
    /// How many come to be.
    pub opened: u64,
    /// The first of them, in the order in which their cases were first heard of.
    pub examples: Vec<Changed>,
    /// How many more there are than are shown.
    pub left_off: u64,
}

/// An obligation that changes.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Changed {
    /// Its id.
    pub id: String,
    /// The case.
    pub case: String,
    /// What changes: `due`, `provisional`, `bearers`, `escalation`, `cancelled`, `opened`.
    pub what: Vec<&'static str>,
    /// What it is under the policies that serve; none: there is none.
    pub before: Option<Stand>,
    /// What it would be; none: it is cancelled.
    pub after: Option<Stand>,
}

/// What an obligation is under some policies.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Stand {
    /// By when it is owed.
    pub due: DueView,
    /// Whether that hangs on days that no calendar has published.
    pub provisional: bool,
    /// Who owes it.
    pub bearers: Vec<BearerView>,
    /// Who is told when.
    pub escalation: Vec<Told>,
}

/// A step of an escalation.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Told {
    /// Its level, counted from 1.
    pub level: u8,
    /// The role.
    pub to: Id,
    /// When, RFC 3339.
    pub at: String,
}

impl Difference {
    /// Whether nothing of what is owed changes.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }
}

/// The policies that serve and others, held against each other case by case.
pub struct Comparison {
    before: History,
    after: History,
    as_of: Instant,
    next_seq: u64,
    sight: Sight,
    same_people: bool,
    rules: BTreeMap<(Id, Id, &'static str), RuleChange>,
    live: u64,
    changed: u64,
    opened: u64,
    kept: u64,
}

impl Comparison {
    /// Compares the policies that serve with those that would from `now` on.
    pub fn new(before: History, company: Arc<Company>, from_seq: u64, now: Instant) -> Comparison {
        let mut after = before.clone();
        after.push(from_seq, now, company);
        let as_of = horizon(&before, &after, now);
        let (old, new) = (before.current(), after.current());
        let same_people = (&old.people, &old.roles, &old.areas) == (&new.people, &new.roles, &new.areas);
        Comparison {
            // Nobody in particular asks; what is confidential under either is not there.
            sight: Sight::new(new, None, now),
            same_people,
            next_seq: from_seq.saturating_add(1),
            before,
            after,
            as_of,
            rules: BTreeMap::new(),
            live: 0,
            changed: 0,
            opened: 0,
            kept: 0,
        }
    }

    /// Compares the cases of these numbers.
    pub fn cases(&mut self, world: &World, span: Range<u32>) {
        let as_of = self.as_of;
        let old_sight = Sight::new(self.before.current(), None, as_of);
        for ix in span {
            let Some(slot) = world.slot(ix) else { return };
            let owed = slot.case.obligations.iter().any(is_owed);
            if !owed && slot.case.series.is_empty() {
                continue;
            }
            let find = |id: &str| world.case(id).map(|(_, slot)| &slot.case);
            // What is not for everybody is not there, not even in a count.
            if !self.sight.sees(&slot.case, find) || !old_sight.sees(&slot.case, find) {
                continue;
            }
            let touched = turns(&slot.case, &self.before) != turns(&slot.case, &self.after);
            if !touched {
                for obligation in slot.case.obligations.iter().filter(|o| counts(o, as_of)) {
                    self.live += 1;
                    if self.same_people {
                        self.keep(obligation);
                    } else {
                        self.pair(&slot.id, (&slot.case, obligation), (&slot.case, obligation));
                    }
                }
                continue;
            }
            let before = Draft::under(world, &NoPast, 0, &self.before).carried(ix, as_of);
            let after = Draft::under(world, &NoPast, 0, &self.after).carried(ix, self.as_of);
            if let (Some(before), Some(after)) = (before, after) {
                self.compare(&slot.id, &before, &after);
            }
        }
    }

    /// Takes in what cases owe that begin by themselves because of these events.
    pub fn beginnings(&mut self, world: &World, events: Vec<Event>) -> Result<(), PastError> {
        let after = self.after.clone();
        let mut draft = Draft::under(world, &NoPast, self.next_seq, &after);
        for event in events {
            draft.record(event)?;
        }
        let begun: Vec<(Id, u32)> = draft.begun().map(|(id, ix)| (id.clone(), ix)).collect();
        let none = Case::default();
        for (id, ix) in begun {
            let case = draft.carried(ix, self.as_of);
            if let Some(case) = case.filter(|case| self.sight.admits(case)) {
                self.compare(&id, &none, &case);
            }
        }
        Ok(())
    }

    /// Holds a case under both against each other.
    fn compare(&mut self, id: &str, before: &Case, after: &Case) {
        let as_of = self.as_of;
        let twin = |case: &'_ Case, of: &Obligation| {
            let key = of.key();
            case.obligations.iter().position(|o| is_owed(o) && o.key() == key)
        };
        for obligation in before.obligations.iter().filter(|o| counts(o, as_of)) {
            self.live += 1;
            match twin(after, obligation).and_then(|at| after.obligations.get(at)) {
                Some(same) => self.pair(id, (before, obligation), (after, same)),
                None => {
                    let stand = stand(&self.before, before, obligation);
                    self.changed += 1;
                    self.note(id, obligation, "cancelled", (Some(stand), None));
                }
            }
        }
        for obligation in after.obligations.iter().filter(|o| counts(o, as_of)) {
            if twin(before, obligation).is_none() {
                let stand = stand(&self.after, after, obligation);
                self.opened += 1;
                let word = if before.kind.is_empty() { "begins" } else { "opened" };
                self.note(id, obligation, word, (None, Some(stand)));
            }
        }
    }

    /// Holds an obligation under both against each other.
    fn pair(&mut self, id: &str, (case, old): (&Case, &Obligation), (then, new): (&Case, &Obligation)) {
        let before = stand(&self.before, case, old);
        let after = stand(&self.after, then, new);
        if before == after {
            self.keep(new);
            return;
        }
        self.changed += 1;
        let word = match new.due.at().cmp(&old.due.at()) {
            Ordering::Less => "earlier",
            Ordering::Greater => "later",
            Ordering::Equal => "",
        };
        self.note(id, new, word, (Some(before), Some(after)));
    }

    /// Counts an obligation that stays under an edition that is not in force any more.
    fn keep(&mut self, obligation: &Obligation) {
        let now = self.procedure(&self.after, &obligation.duty.head.id);
        let was = self.procedure(&self.before, &obligation.duty.head.id);
        let is_new = |p: &&Arc<Procedure>| was.is_none_or(|was| was.head.edition != p.head.edition);
        let passed = now
            .filter(is_new)
            .is_some_and(|p| p.head.edition != obligation.duty.head.edition);
        self.kept += u64::from(passed || now.is_none() && was.is_some());
    }

    fn procedure<'h>(&self, history: &'h History, id: &Id) -> Option<&'h Arc<Procedure>> {
        let company = history.current();
        let on = company.zone.date(self.as_of);
        company.on(on).procedures.iter().find(|p| p.head.id == *id)
    }

    fn note(&mut self, id: &str, obligation: &Obligation, word: &str, (before, after): (Option<Stand>, Option<Stand>)) {
        let mut what = Vec::new();
        match (&before, &after) {
            (Some(before), Some(after)) => {
                let differ = [
                    ("due", before.due != after.due),
                    ("provisional", before.provisional != after.provisional),
                    ("bearers", before.bearers != after.bearers),
                    ("escalation", before.escalation != after.escalation),
                ];
                what.extend(differ.iter().filter(|(_, differs)| *differs).map(|(name, _)| *name));
            }
            (Some(_), None) => what.push("cancelled"),
            (None, _) => what.push("opened"),
        }
        let because = self.because(obligation, word, &what);
        let duty = &obligation.duty;
        let key = (duty.head.id.clone(), duty.id.clone(), because);
        let rule = self.rules.entry(key).or_insert_with(|| RuleChange {
            procedure: duty.head.id.clone(),
            rule: duty.id.clone(),
            title: duty.title.clone(),
            clause: duty.clauses.first().cloned().unwrap_or_default(),
            because,
            ..RuleChange::default()
        });
        rule.earlier += u64::from(word == "earlier");
        rule.later += u64::from(word == "later");
        let has = |name: &str| u64::from(what.contains(&name));
        rule.bearers += has("bearers");
        rule.escalation += has("escalation");
        rule.provisional += has("provisional");
        rule.cancelled += has("cancelled");
        rule.opened += has("opened");
        if rule.examples.len() < MAX_EXAMPLES {
            rule.examples.push(Changed {
                id: obligation.key().id(id),
                case: id.to_owned(),
                what,
                before,
                after,
            });
        } else {
            rule.left_off += 1;
        }
    }

    fn because(&self, obligation: &Obligation, word: &str, what: &[&str]) -> &'static str {
        if word == "begins" {
            return "begins";
        }
        let head = &obligation.duty.head.id;
        let (was, now) = (self.procedure(&self.before, head), self.procedure(&self.after, head));
        let transition = match (was, now) {
            (Some(was), Some(now)) if was.head.meaning != now.head.meaning => now.head.transition,
            _ => Transition::Keep,
        };
        match transition {
            _ if what == ["bearers"] && !self.same_people => "people",
            Transition::Keep => "calendar",
            other => other.word(),
        }
    }

    /// What was found.
    pub fn finish(self) -> Difference {
        let zone = self.after.zone();
        Difference {
            as_of: zone.rfc3339(self.as_of),
            live: self.live,
            changed: self.changed,
            opened: self.opened,
            kept: self.kept,
            editions: editions(self.before.current(), self.after.current()),
            rules: self.rules.into_values().collect(),
        }
    }
}

/// Whether an obligation is owed and for everybody to see: a secret day is not.
fn counts(obligation: &Obligation, as_of: Instant) -> bool {
    is_owed(obligation) && !obligation.is_hidden(as_of)
}

fn is_owed(obligation: &Obligation) -> bool {
    obligation.is_live() && obligation.is_owed()
}

/// The turns that a case has before it.
fn turns<'h>(case: &Case, history: &'h History) -> &'h [Turn] {
    let Some(next) = turn::next(case, history) else {
        return &[];
    };
    let from = history.turns().iter().position(|turn| *turn == next).unwrap_or(0);
    history.turns().get(from..).unwrap_or_default()
}

/// When all that is new has come into force, as far ahead as is looked.
fn horizon(before: &History, after: &History, now: Instant) -> Instant {
    let limit = now.checked_add_signed(TimeDelta::days(HORIZON_DAYS)).unwrap_or(now);
    let known = |turn: &Turn| before.turns().iter().any(|old| old.at == turn.at && old.on == turn.on);
    let new = after
        .turns()
        .iter()
        .filter(|turn| turn.at > now && turn.at <= limit && !known(turn));
    new.map(|turn| turn.at).max().unwrap_or(now)
}

/// What an obligation of a case is under some policies.
fn stand(history: &History, case: &Case, obligation: &Obligation) -> Stand {
    let company = history.current();
    let zone = company.zone;
    let planned = escalation::planned(case, obligation, zone).into_iter();
    Stand {
        due: due_view(obligation.due, zone),
        provisional: obligation.provisional,
        bearers: obligation
            .roles
            .iter()
            .map(|role| bearer_view(company, role, case))
            .collect(),
        escalation: planned
            .map(|step| Told {
                level: step.level,
                to: step.to,
                at: zone.rfc3339(step.nominal_at),
            })
            .collect(),
    }
}

/// The editions that are new or gone, by procedure and date.
pub fn editions(before: &Company, after: &Company) -> Vec<EditionChange> {
    let list = |company: &'_ Company| -> BTreeMap<(Id, NaiveDate), Arc<Procedure>> {
        let editions = company.editions().cloned();
        editions.map(|p| ((p.head.id.clone(), p.head.effective), p)).collect()
    };
    let (old, new) = (list(before), list(after));
    let mut keys: Vec<&(Id, NaiveDate)> = old.keys().chain(new.keys()).collect();
    keys.sort();
    keys.dedup();
    let changes = keys.into_iter().filter_map(|key| {
        let (was, is) = (old.get(key), new.get(key));
        let edition = |p: Option<&Arc<Procedure>>| p.map(|p| p.head.edition.clone());
        let (before, after) = (edition(was), edition(is));
        (before != after).then(|| EditionChange {
            procedure: key.0.clone(),
            effective: key.1.to_string(),
            same_meaning: was.zip(is).is_some_and(|(was, is)| was.head.meaning == is.head.meaning),
            transition: is.map(|p| p.head.transition.word()),
            before,
            after,
        })
    });
    changes.collect()
}
