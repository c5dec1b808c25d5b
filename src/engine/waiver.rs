//! Waivers: for a time nobody is told of an obligation and nothing is held against its bearers, by an event of somebody
//! entitled to, or by an exception of the policies. The obligation goes on being worked out.
//!
//! What falls due in that time is excused; if it is still not done when the time is over, it is owed again, by the end of
//! the day on which the time ends: nothing is late at once.

use crate::domain::deadline::Due;
use crate::domain::zone::{Instant, Zone};
use crate::engine::belief::{self, Doubt};
use crate::engine::case::{Case, Context};
use crate::engine::obligation::Obligation;
use crate::policy::model::{Exception, Id, Trigger};
use chrono::NaiveDate;
use std::sync::Arc;

/// A time for which an obligation is waived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// By what.
    pub by: WaivedBy,
    /// Since when, included.
    pub from: Instant,
    /// Until when, not included.
    pub to: Instant,
    /// Whether what follows on its end has come about.
    pub settled: bool,
    /// When it was not known that it holds, where what brought it about was recorded late.
    pub doubts: Vec<Doubtful>,
}

/// When it was not known that a waiver holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubtful {
    /// Of which part of it: from this instant on, up to the next.
    pub since: Instant,
    /// When.
    pub doubts: Vec<Doubt>,
}

/// A due time at which an obligation was not done, which is excused: it was given another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LetOff {
    /// By when it was owed.
    pub due: Due,
    /// When the waiver began that excuses it.
    pub from: Instant,
    /// Since when it is owed by another time.
    pub to: Instant,
    /// When it came to be known that it is.
    pub known_at: Instant,
}

/// What waives an obligation.
#[derive(Clone, Debug)]
pub enum WaivedBy {
    /// An event of somebody entitled to.
    Event {
        /// The event.
        event: Id,
        /// When it was recorded.
        recorded_at: Instant,
        /// Who: the person, else the role.
        who: Id,
        /// Why.
        why: Id,
        /// The last local date, included; none: for good.
        until: Option<NaiveDate>,
    },
    /// An exception of the policies.
    Exception(Arc<Exception>),
}

impl PartialEq for WaivedBy {
    /// Whether both are the same event, or the same exception.
    fn eq(&self, other: &WaivedBy) -> bool {
        match (self, other) {
            (WaivedBy::Event { event: a, .. }, WaivedBy::Event { event: b, .. }) => a == b,
            (WaivedBy::Exception(a), WaivedBy::Exception(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for WaivedBy {}

impl WaivedBy {
    /// Who allowed it, and why.
    pub fn who_and_why(&self) -> (&Id, &Id) {
        match self {
            WaivedBy::Event { who, why, .. } => (who, why),
            WaivedBy::Exception(exception) => (&exception.by, &exception.why),
        }
    }

    /// The last local date, included; none: for good.
    pub fn until(&self) -> Option<NaiveDate> {
        match self {
            WaivedBy::Event { until, .. } => *until,
            WaivedBy::Exception(exception) => Some(exception.until),
        }
    }
}

impl Waiver {
    /// Whether it holds at an instant.
    pub fn covers(&self, at: Instant) -> bool {
        self.from <= at && at < self.to
    }

    /// Whether it excuses that this due time is missed. An exception excuses what falls due in its time, the instant at
    /// which that ends included; whoever waives an obligation by name excuses what was missed before as well.
    pub fn excuses(&self, due: Due) -> bool {
        let in_time = || matches!(self.by, WaivedBy::Event { .. }) || !due.passed(self.from);
        due.at() <= self.to && in_time()
    }

    /// Whether it is the same for the same time, whenever that came to be known.
    pub fn is(&self, other: &Waiver) -> bool {
        (&self.by, self.from, self.to, self.settled) == (&other.by, other.from, other.to, other.settled)
    }

    /// When it came to be known that it holds at one instant, if it was not known at another.
    pub fn learned_at(&self, at: Instant, known_at: Instant) -> Option<Instant> {
        if let WaivedBy::Event { recorded_at, .. } = &self.by {
            return Some(*recorded_at).filter(|recorded_at| known_at < *recorded_at);
        }
        let part = self.doubts.iter().rev().find(|part| part.since <= at)?;
        let in_doubt = |(from, to): &&Doubt| *from <= known_at && known_at < *to;
        part.doubts.iter().find(in_doubt).map(|(_, to)| *to)
    }

    /// When it was known for good that it holds, as far as that is after an instant.
    fn known_since(&self, at: Instant) -> Instant {
        let known_at = match &self.by {
            WaivedBy::Event { recorded_at, .. } => Some(*recorded_at),
            WaivedBy::Exception(_) => self
                .doubts
                .last()
                .and_then(|part| part.doubts.last())
                .map(|(_, to)| *to),
        };
        known_at.map_or(at, |known_at| known_at.max(at))
    }

    /// Notes when it was not known that it holds from an instant on.
    fn doubt(&mut self, since: Instant, doubts: &[Doubt]) {
        let left = |doubts: &[Doubt]| -> Vec<Doubt> {
            let left = doubts.iter().filter(|(_, to)| *to > since);
            left.map(|(from, to)| ((*from).max(since), *to)).collect()
        };
        let before = self.doubts.last().map(|part| left(&part.doubts)).unwrap_or_default();
        let doubts = left(doubts);
        if before != doubts {
            self.doubts.push(Doubtful { since, doubts });
        }
    }
}

/// What waives an obligation at an instant, until when, and when that was not known.
struct Held {
    by: WaivedBy,
    to: Instant,
    doubts: Vec<Doubt>,
}

/// When a waiver of the case next begins or ends by time alone.
pub fn next(case: &Case, zone: Zone) -> Option<Instant> {
    if !case.obligations.may_be_waived() {
        return None;
    }
    let since = case.waived_at?;
    let live = case.obligations.iter().filter(|o| o.is_live());
    let moments = live.flat_map(|o| {
        let begins = o.duty.exceptions.iter().filter_map(|e| e.span(zone));
        let begins = begins.map(|(from, _)| from).filter(|from| *from > since);
        let ends = o.waivers().iter().filter(|w| !w.settled && w.to < Instant::MAX_UTC);
        begins.chain(ends.map(|w| w.to))
    });
    moments.min()
}

/// Lets waivers begin and end in a case as it is at an instant.
pub fn pass(case: &mut Case, at: Instant, ctx: &Context<'_>) {
    case.waived_at = case.waived_at.max(Some(at));
    if !case.obligations.may_be_waived() {
        return;
    }
    let zone = ctx.history.zone();
    let mut changed = false;
    for ix in 0..case.obligations.len() {
        let Some(obligation) = case.obligations.get(ix).filter(|o| o.is_live()) else {
            continue;
        };
        let held = held(case, obligation, at, zone);
        let covering = obligation.waivers().iter().filter(|w| w.covers(at));
        let exceptions = covering.filter(|w| matches!(w.by, WaivedBy::Exception(_)));
        let over: Vec<WaivedBy> = exceptions
            .map(|w| w.by.clone())
            .filter(|by| !held.iter().any(|h| h.by == *by))
            .collect();
        let is_there = |by: &WaivedBy| obligation.waivers().iter().any(|w| w.covers(at) && w.by == *by);
        let (there, begin): (Vec<Held>, Vec<Held>) = held.into_iter().partition(|h| is_there(&h.by));
        let mut waivers = obligation.waivers().to_vec();
        for waiver in waivers.iter_mut().filter(|w| over.contains(&w.by) && w.covers(at)) {
            waiver.to = at;
        }
        waivers.retain(|w| w.from < w.to);
        for Held { by, doubts, .. } in there {
            if let Some(waiver) = waivers.iter_mut().find(|w| w.covers(at) && w.by == by) {
                waiver.doubt(at, &doubts);
            }
        }
        for Held { by, to, doubts } in begin {
            let mut waiver = Waiver {
                by,
                from: at,
                to,
                settled: false,
                doubts: Vec::new(),
            };
            waiver.doubt(at, &doubts);
            waivers.push(waiver);
        }
        let mut excused = false;
        for waiver in waivers.iter_mut().filter(|w| !w.settled && w.to <= at) {
            waiver.settled = true;
            excused |= waiver.excuses(obligation.due);
        }
        if waivers == obligation.waivers() {
            continue;
        }
        changed = true;
        if let Some(obligation) = case.obligations.get_mut(ix) {
            obligation.more_mut().waivers = waivers;
            if excused {
                owe_again(obligation, at, zone);
            }
        }
    }
    if changed {
        case.moved_at = case.moved_at.max(Some(at));
    }
}

/// What waives an obligation of a case at an instant, and until when: exceptions of its rule, and what waives the
/// obligation for whose sake it is owed.
fn held(case: &Case, obligation: &Obligation, at: Instant, zone: Zone) -> Vec<Held> {
    let own = obligation.duty.exceptions.iter().filter_map(|exception| {
        let (from, to) = exception.span(zone)?;
        let holds = from <= at && at < to && exception.when.holds_for(&case.data);
        holds.then(|| Held {
            by: WaivedBy::Exception(exception.clone()),
            to,
            doubts: belief::doubts(case, &exception.when, at),
        })
    });
    let mut held: Vec<Held> = own.collect();
    let beside = matches!(obligation.duty.on, Trigger::Opened(_) | Trigger::Breached(_));
    let parent = obligation.parent.filter(|_| beside);
    if let Some(parent) = parent
        .and_then(|p| case.obligations.get(p as usize))
        .filter(|p| p.is_live())
    {
        let above = parent.waivers().iter().filter(|w| w.covers(at));
        for waiver in above {
            if !held.iter().any(|h| h.by == waiver.by) {
                let part = waiver.doubts.last();
                held.push(Held {
                    by: waiver.by.clone(),
                    to: waiver.to,
                    doubts: part.map(|part| part.doubts.clone()).unwrap_or_default(),
                });
            }
        }
    }
    held
}

/// Notes that it is excused that an obligation was not done by a time, if a waiver does; it is owed by another since an
/// instant.
pub fn let_off(obligation: &mut Obligation, due: Due, since: Instant) {
    let excusing = || obligation.waivers().iter().filter(|w| w.excuses(due));
    let known_at = excusing().map(|w| w.known_since(since)).min();
    let from = excusing().map(|w| w.from).min();
    if let (Some(from), Some(known_at)) = (from, known_at) {
        let let_off = LetOff {
            due,
            from,
            to: since,
            known_at,
        };
        obligation.more_mut().let_off.push(let_off);
    }
}

/// What fell due while it was waived is owed by the end of the day, and that it was missed is excused.
fn owe_again(obligation: &mut Obligation, at: Instant, zone: Zone) {
    let on = zone.date(at);
    let Ok(end) = zone.end_of(on) else { return };
    let missed = obligation.due;
    obligation.due = match missed {
        Due::Day { .. } => Due::Day { on, at: end },
        Due::Instant { .. } => Due::Instant { at: end },
    };
    obligation.provisional = false;
    let_off(obligation, missed, at);
    let more = obligation.more_mut();
    more.first_due.get_or_insert((missed, false));
}
