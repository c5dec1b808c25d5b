//! What an event changed: the difference between a case before it and after it.

use crate::domain::event::Cause;
use crate::domain::zone::Instant;
use crate::engine::case::Case;
use crate::engine::obligation::{Ending, Key, Obligation};
use crate::policy::model::{Id, Threshold};
use std::fmt::Write;
use std::sync::Arc;

/// What an event changed.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Obligations that came to be.
    pub opened: Vec<Key>,
    /// Obligations that ended.
    pub closed: Vec<Key>,
    /// Obligations that are owed by another time, by others, or again.
    pub changed: Vec<Key>,
    /// Obligations that were there and are not, because what brought them into being was taken back.
    pub gone: Vec<Key>,
    /// Who is told at once.
    pub notices: Vec<Notice>,
    decided: String,
}

/// That somebody is told at once.
#[derive(Clone, Debug)]
pub struct Notice {
    /// The rule.
    pub threshold: Arc<Threshold>,
    /// The role that is told.
    pub to: Id,
    /// What led to it.
    pub cause: Cause,
    /// When it came to be known.
    pub at: Instant,
}

impl Outcome {
    /// What lies between two states of a case.
    pub fn between(before: &Case, after: &Case) -> Outcome {
        let mut outcome = Outcome::default();
        for (ix, now) in after.obligations.iter().enumerate() {
            if after.obligations.is_same(&before.obligations, ix) {
                continue;
            }
            match was(before, ix, now) {
                None => outcome.note('+', now, |o| &mut o.opened),
                Some(was) if was.is_live() && !now.is_live() => outcome.note('-', now, |o| &mut o.closed),
                Some(was) if differs(was, now) => outcome.note('~', now, |o| &mut o.changed),
                Some(_) => {}
            }
        }
        for (ix, was_there) in before.obligations.iter().enumerate() {
            if !before.obligations.is_same(&after.obligations, ix) && was(after, ix, was_there).is_none() {
                outcome.note('x', was_there, |o| &mut o.gone);
            }
        }
        outcome
    }

    fn note(&mut self, sign: char, obligation: &Obligation, list: impl Fn(&mut Outcome) -> &mut Vec<Key>) {
        let key = obligation.key();
        let due = obligation.due.at().timestamp();
        // Writing into a text cannot fail.
        let _ = write!(self.decided, "{sign}{key}@{due}");
        match obligation.end.as_ref().map(|e| e.how) {
            Some(Ending::Fulfilled) if obligation.end.as_ref().is_some_and(|e| obligation.due.on_time(e.by.at)) => {
                self.decided.push_str("=fulfilled");
            }
            Some(Ending::Fulfilled) => self.decided.push_str("=fulfilled_late"),
            Some(Ending::Cancelled) => self.decided.push_str("=cancelled"),
            None if obligation.waivers().iter().any(|w| !w.settled) => self.decided.push_str("=waived"),
            None => {}
        }
        self.decided.push(' ');
        list(self).push(key);
    }

    /// Notes that somebody is told at once.
    pub fn notify(&mut self, notice: Notice) {
        // Writing into a text cannot fail.
        let _ = write!(self.decided, "!{}>{} ", notice.threshold.id, notice.to);
        self.notices.push(notice);
    }

    /// What was decided, in one line, as it is chained into the record: `+` opened, `-` ended, `~` changed, `x` gone, `!`
    /// told at once, then rule, cycle and occurrence, the due time in seconds since 1970, and how it ended.
    pub fn decided(&self) -> &str {
        self.decided.trim_end()
    }
}

fn was<'a>(other: &'a Case, ix: usize, obligation: &Obligation) -> Option<&'a Obligation> {
    let same = |o: &&Obligation| {
        o.cycle == obligation.cycle && o.occurrence == obligation.occurrence && o.duty.id == obligation.duty.id
    };
    other
        .obligations
        .get(ix)
        .filter(same)
        .or_else(|| other.obligations.iter().find(same))
}

fn differs(was: &Obligation, now: &Obligation) -> bool {
    let more = |o: &Obligation| {
        o.more
            .as_ref()
            .map(|m| (m.missing.len(), m.early.len(), m.distinct.len()))
    };
    was.due != now.due
        || was.opens_at != now.opens_at
        || was.roles != now.roles
        || was.is_live() != now.is_live()
        || was.is_owed() != now.is_owed()
        || was.end.as_ref().map(|e| (e.how, e.by.at)) != now.end.as_ref().map(|e| (e.how, e.by.at))
        || more(was) != more(now)
        || was.waivers().len() != now.waivers().len()
        || was.waivers().iter().zip(now.waivers()).any(|(a, b)| !a.is(b))
}
