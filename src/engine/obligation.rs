//! An obligation of a case, as the fold leaves it.

use crate::domain::deadline::Due;
use crate::domain::obligation::Standing;
use crate::domain::value::Fields;
use crate::domain::zone::Instant;
use crate::engine::recount::Basis;
use crate::engine::remind::Reminds;
use crate::engine::turn::{Moved, Settled};
use crate::engine::waiver::{LetOff, Waiver};
use crate::policy::model::{Duty, Id, Timing};
use chrono::NaiveDate;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use thin_vec::ThinVec;

/// Somebody must do something by a time, because of a clause.
#[derive(Clone, Debug)]
pub struct Obligation {
    /// The rule, in the edition under which it was born.
    pub duty: Arc<Duty>,
    /// Which course of the case it belongs to, counted from 1; a reopened case begins the next.
    pub cycle: u16,
    /// Which of the rule's obligations in that cycle.
    pub occurrence: Occurrence,
    /// The event that brought it into being.
    pub trigger: Happening,
    /// Its place in the case's list of the obligation that it follows on.
    pub parent: Option<u32>,
    /// When it opens.
    pub opens_at: Instant,
    /// By when it is owed.
    pub due: Due,
    /// Whether the calendar that it was counted on is not published for all its days.
    pub provisional: bool,
    /// The roles that owe it.
    pub roles: Arc<[Id]>,
    /// Whether all of them must take part.
    pub joint: bool,
    /// Whether it is owed at all, where only drawn ones are.
    pub drawn: Drawn,
    /// How it ended, if it has.
    pub end: Option<End>,
    /// What few of them have.
    pub more: Option<Box<More>>,
}

/// Which of a rule's obligations in a cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Occurrence {
    /// The n-th, counted from 1.
    Nth(u16),
    /// The one of this nominal date.
    On(NaiveDate),
}

/// An event, as far as an obligation remembers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// The event's id.
    pub event: Id,
    /// When it occurred.
    pub at: Instant,
    /// When it was recorded.
    pub recorded_at: Instant,
}

/// Whether an obligation is owed, where a rate has only a share of its members drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Drawn {
    /// All are owed.
    All,
    /// This one was drawn, on the fly or at the period's end.
    In,
    /// This one was not, so far.
    Out(Box<Undrawn>),
}

/// What was not drawn so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undrawn {
    /// Its place in the order of the draw.
    pub place: u64,
    /// The end of its period: until then it may still be drawn.
    pub until: Instant,
}

/// How an obligation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// How.
    pub how: Ending,
    /// By which event.
    pub by: Happening,
}

/// How an obligation can end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It was done.
    Fulfilled,
    /// It is no longer owed.
    Cancelled,
}

/// What few obligations have.
#[derive(Clone, Debug, Default)]
pub struct More {
    /// What the performing events so far have brought, while it is not enough.
    pub record: Fields,
    /// Who has taken part.
    pub participants: BTreeSet<Id>,
    /// Who was performed for, where a count of different ones is asked for.
    pub distinct: BTreeSet<Id>,
    /// Of those, the ones after it was due.
    pub distinct_late: u32,
    /// How many are asked for; 0 where once is enough.
    pub required: u32,
    /// How many it was counted over.
    pub members: u64,
    /// What the last attempt left out: fields of the record, roles that did not take part.
    pub missing: ThinVec<Id>,
    /// Performances before it opened.
    pub early: ThinVec<Id>,
    /// The due date before the first extension, and whether that had passed when it was extended.
    pub first_due: Option<(Due, bool)>,
    /// What its due time is counted from, where the case has a say in that.
    pub basis: Option<Basis>,
    /// What it was due by when it was missed, before a change of its case gave it more time.
    pub missed: Option<Due>,
    /// What it reminds of, if it is a reminder.
    pub reminds: Option<Reminds>,
    /// Whether what follows on its falling overdue has come to be.
    pub breach_followed: bool,
    /// Since when the condition of each step of its escalation has held; empty where none has one.
    pub steps: ThinVec<Option<Instant>>,
    /// A performance that was reported too late to count by itself, until somebody vouches for it.
    pub pending: Option<Happening>,
    /// How much was decided, where it was the duty to decide a penalty.
    pub decided_fen: Option<u64>,
    /// The times for which it was waived, in the order in which they began.
    pub waivers: Vec<Waiver>,
    /// When it was not done by its due time, where that is excused because it was waived, in order.
    pub let_off: Vec<LetOff>,
    /// Why it was waived, extended or decided.
    pub reason: Option<Id>,
    /// What went wrong with the rule, where somebody must look instead of a duty going missing.
    pub fault: Option<String>,
    /// When what is in force changed and moved its due time.
    pub moved: Vec<Moved>,
    /// When the calendar came to say of all its days, or no longer did, and its due time stayed.
    pub settled: Vec<Settled>,
    /// The dates of another case that its due time hangs on, where that case is its occasion.
    pub lent: Fields,
    /// The first day of the edition that no longer has its rule, where that ended it.
    pub dropped: Option<NaiveDate>,
    /// All nominal dates it stands for, where several of a recurrence fell on one day.
    pub nominal: ThinVec<NaiveDate>,
}

impl Obligation {
    /// What tells it from all others of its case.
    pub fn key(&self) -> Key {
        Key {
            rule: self.duty.id.clone(),
            cycle: self.cycle,
            occurrence: self.occurrence,
        }
    }

    /// What few obligations have, made if need be.
    pub fn more_mut(&mut self) -> &mut More {
        self.more.get_or_insert_with(Box::default)
    }

    /// When what came into force moved its due time.
    pub fn moved(&self) -> impl Iterator<Item = &Moved> {
        self.more.iter().flat_map(|more| &more.moved)
    }

    /// When the calendar came to say of all its days, or no longer did, and its due time stayed.
    pub fn settled(&self) -> impl Iterator<Item = &Settled> {
        self.more.iter().flat_map(|more| &more.settled)
    }

    /// Whether it is still owed, or may come to be.
    pub fn is_live(&self) -> bool {
        self.end.is_none()
    }

    /// Whether it is owed at all.
    pub fn is_owed(&self) -> bool {
        !matches!(self.drawn, Drawn::Out(_))
    }

    /// Whether only its bearers may see it: it waits for a drawn day that nobody else is to know before.
    pub fn is_hidden(&self, as_of: Instant) -> bool {
        let secret = matches!(&self.duty.timing, Timing::Recurring { rhythm, .. } if rhythm.secret);
        secret && self.is_live() && as_of < self.opens_at
    }

    /// What it is at an instant, given whether its case is paused for it then.
    pub fn standing(&self, as_of: Instant, paused: bool) -> Standing {
        let late = |standing| matches!(standing, Standing::FulfilledLate);
        let standing = self.standing_by(self.due, as_of, paused);
        let waived = match &self.end {
            Some(_) => late(standing) && self.excusing().is_some(),
            None => self.is_owed() && self.waived_at(as_of).is_some(),
        };
        if waived { Standing::Waived } else { standing }
    }

    /// What it would be if nobody had ever waived it.
    pub fn would_be(&self, as_of: Instant, paused: bool) -> Standing {
        let due = self.let_off().first().map_or(self.due, |first| first.due);
        self.standing_by(due, as_of, paused)
    }

    /// When it was not done by its due time, where that is excused.
    pub fn let_off(&self) -> &[LetOff] {
        self.more.as_ref().map(|m| m.let_off.as_slice()).unwrap_or_default()
    }

    /// The times for which it was waived.
    pub fn waivers(&self) -> &[Waiver] {
        self.more.as_ref().map(|m| m.waivers.as_slice()).unwrap_or_default()
    }

    /// What waives it at an instant; of several, what began last.
    pub fn waived_at(&self, at: Instant) -> Option<&Waiver> {
        self.waivers().iter().rev().find(|w| w.covers(at))
    }

    /// Whether it is waived at an instant, and that was known then.
    pub fn known_waived_at(&self, at: Instant) -> bool {
        let known = |w: &Waiver| w.covers(at) && w.learned_at(at, at).is_none();
        self.waivers().iter().any(known)
    }

    /// The waiver that excuses that it is not done by its due time.
    pub fn excusing(&self) -> Option<&Waiver> {
        self.waivers().iter().find(|w| w.excuses(self.due))
    }

    /// The waiver that is to be told of it at an instant: what waives it, or has excused that it was missed.
    pub fn waiver(&self, as_of: Instant, paused: bool) -> Option<&Waiver> {
        if self.standing(as_of, paused) == Standing::Waived {
            return match &self.end {
                Some(_) => self.excusing(),
                None => self.waived_at(as_of),
            };
        }
        let due = self.let_off().first()?.due;
        self.waivers().iter().find(|w| w.excuses(due))
    }

    fn standing_by(&self, due: Due, as_of: Instant, paused: bool) -> Standing {
        if let Some(end) = &self.end {
            return match end.how {
                Ending::Fulfilled if due.on_time(end.by.at) => Standing::Fulfilled,
                Ending::Fulfilled => Standing::FulfilledLate,
                Ending::Cancelled => Standing::Cancelled,
            };
        }
        if let Drawn::Out(undrawn) = &self.drawn {
            return if as_of >= undrawn.until && due.passed(as_of) {
                Standing::Expired
            } else {
                Standing::Scheduled
            };
        }
        if paused {
            return Standing::Paused;
        }
        if due.passed(as_of) {
            return Standing::Overdue;
        }
        if as_of < self.opens_at {
            Standing::Scheduled
        } else {
            Standing::Open
        }
    }

    /// The breach, if it was not met in time: when, and what became of it.
    pub fn breach(&self, as_of: Instant, paused: bool) -> Option<Breach> {
        if !self.is_owed() {
            return None;
        }
        let more = self.more.as_ref();
        let extended_late = more.and_then(|m| m.first_due).filter(|(_, passed)| *passed);
        let missed = more.and_then(|m| m.missed).or(extended_late.map(|(due, _)| due));
        if let Some(due) = missed {
            return Some(Breach {
                at: due.at(),
                status: self.breach_status(),
            });
        }
        let let_off = self.let_off().first().map(|missed| Breach {
            at: missed.due.at(),
            status: BreachStatus::Excused,
        });
        self.own_breach(as_of, paused).or(let_off)
    }

    /// The breach of the due time that it has now.
    fn own_breach(&self, as_of: Instant, paused: bool) -> Option<Breach> {
        let at = self.due.at();
        // What falls due while it is waived is not missed; when that ends, it is excused.
        if self.excusing().is_some_and(|w| !self.due.passed(w.from)) {
            return None;
        }
        match &self.end {
            Some(end) if end.how == Ending::Fulfilled && self.due.on_time(end.by.at) => {
                let seen = self.due.passed(end.by.recorded_at) && self.trigger.recorded_at < at;
                seen.then_some(Breach {
                    at,
                    status: BreachStatus::Retracted,
                })
            }
            Some(end) if !self.due.passed(end.by.at) => None,
            Some(_) => Some(Breach {
                at,
                status: self.breach_status(),
            }),
            None if paused && !self.due.passed(as_of) => None,
            None => self.due.passed(as_of).then_some(Breach {
                at,
                status: self.breach_status(),
            }),
        }
    }

    fn breach_status(&self) -> BreachStatus {
        match self.excusing() {
            Some(_) => BreachStatus::Excused,
            None => BreachStatus::Standing,
        }
    }
}

/// That an obligation was not met in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breach {
    /// When it happened: the end of the term.
    pub at: Instant,
    /// What became of it.
    pub status: BreachStatus,
}

/// What became of a breach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreachStatus {
    /// It stands.
    Standing,
    /// Somebody entitled to excused it.
    Excused,
    /// Evidence that came later showed that it was none.
    Retracted,
}

impl BreachStatus {
    /// The word for it in files and answers.
    pub fn word(self) -> &'static str {
        match self {
            BreachStatus::Standing => "standing",
            BreachStatus::Excused => "excused",
            BreachStatus::Retracted => "retracted",
        }
    }
}

/// What tells an obligation from all others of its case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The rule.
    pub rule: Id,
    /// The course of the case.
    pub cycle: u16,
    /// Which of them.
    pub occurrence: Occurrence,
}

impl Key {
    /// The obligation's id: `case~rule~cycle`, with `.n` or `.date` for an occurrence beyond the first.
    pub fn id(&self, case: &str) -> String {
        format!("{case}~{self}")
    }

    /// The case and the key in an obligation's id.
    pub fn parse(id: &str) -> Option<(&str, Key)> {
        let (rest, last) = id.rsplit_once('~')?;
        let (case, rule) = rest.rsplit_once('~')?;
        let (cycle, occurrence) = match last.split_once('.') {
            None => (last, Occurrence::Nth(1)),
            Some((cycle, text)) => match text.parse::<NaiveDate>() {
                Ok(on) => (cycle, Occurrence::On(on)),
                Err(_) => (cycle, Occurrence::Nth(text.parse().ok()?)),
            },
        };
        Some((
            case,
            Key {
                rule: rule.into(),
                cycle: cycle.parse().ok()?,
                occurrence,
            },
        ))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}~{}", self.rule, self.cycle)?;
        match self.occurrence {
            Occurrence::Nth(1) => Ok(()),
            Occurrence::Nth(n) => write!(f, ".{n}"),
            Occurrence::On(on) => write!(f, ".{on}"),
        }
    }
}
