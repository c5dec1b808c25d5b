//! A draft on trial with the past: the recorded events are folded twice, under what served and under the draft, by the
//! one fold that everything goes through; what differs is told apart and counted.
//!
//! The draft is in force from the first date of the span on. What was born before keeps what it had. Only what had occurred by
//! the end of the span is looked at, as it stood then: what was recorded later counts as recorded at that end.
//!
//! What people reported is held fixed. So what follows from it without anybody's doing (who owes what, by when) is certain;
//! what hangs on how people would have acted (whether it is late, who is told, what follows on that) is only what would have come
//! of the same acts. Each row says which of the two it is.

mod cause;
mod comparison;
mod count;
mod fold;
mod gates;
mod load;
mod obligations;
mod penalties;
mod print;
mod rates;
mod row;
mod thresholds;

pub use comparison::{Comparison, Group, Totals};
pub use fold::Record;
pub use load::{Load, RoleLoad, Week};
pub use print::text;
pub use rates::{RateChange, RateFigures};
pub use row::{Change, Depends, Row, What};

use crate::domain::zone::{Instant, TimeError};
use crate::engine::access::Sight;
use crate::engine::case::Case;
use crate::engine::draft::{Past, PastError};
use crate::engine::history::History;
use crate::engine::obligation::Obligation;
use crate::engine::standing;
use crate::engine::world::World;
use crate::policy::elsewhere::other_zone;
use crate::policy::finding::Text;
use crate::policy::model::{Company, Id};
use chrono::NaiveDate;
use fold::{Chunk, Folded};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::ScopedJoinHandle;

/// The longest span that a draft is tried on, in days.
pub const MAX_DAYS: i64 = 3_700;

/// What is tried, and when.
#[derive(Clone, Debug)]
pub struct Trial {
    /// What served.
    pub served: History,
    /// The draft.
    pub draft: Arc<Company>,
    /// The secret that draws are made with.
    pub seed: [u8; 32],
    /// The first local date on which the draft is in force.
    pub from: NaiveDate,
    /// The last local date that is looked at, included.
    pub to: NaiveDate,
    /// What may be told. What it keeps for some or has its showings recorded, or the draft does, is in no row and no figure. None:
    /// whoever asks has the events at hand, and is told of all.
    pub sight: Option<Sight>,
    /// Cases that are confidential for another reason: by what became of them later.
    pub hidden: BTreeSet<Id>,
}

/// Why a draft cannot be tried.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// The span is no span.
    #[error("the span from {from} to {to} must have from 1 to {MAX_DAYS} days")]
    Span {
        /// Its first date.
        from: NaiveDate,
        /// Its last date.
        to: NaiveDate,
    },
    /// Its dates are out of range.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// The draft counts its days elsewhere: what to do about it.
    #[error("{}", .0.en)]
    Zone(Text),
    /// The record cannot be read.
    #[error(transparent)]
    Past(#[from] PastError),
    /// It was broken off: whoever asked has gone.
    #[error("nobody waits for the answer any more")]
    Unwanted,
}

/// One of the two folds: its cases, and who is who in it.
pub(super) struct Side<'a> {
    pub(super) world: &'a World,
    pub(super) as_of: Instant,
}

impl Side<'_> {
    pub(super) fn company(&self) -> &Company {
        self.world.company()
    }
}

/// A case in both folds; it may be in only one of them.
#[derive(Clone, Copy)]
pub(super) struct Pair<'a> {
    pub(super) id: &'a Id,
    pub(super) before: Option<&'a Case>,
    pub(super) after: Option<&'a Case>,
}

/// Reads the record of a company once, folds it twice, each on a thread of its own, and compares. `pasts` are two ways to the
/// past of single cases in the same record.
/// `progress` is told how many events were folded, of both folds together; `each` is given every difference, by
/// case in the order in which the cases were first heard of.
pub fn simulate<P: Past + Send>(
    trial: &Trial,
    record: &mut (dyn Record + Send),
    pasts: (P, P),
    progress: &(dyn Fn(u64) + Sync),
    each: &mut dyn FnMut(&Row),
) -> Result<Comparison, TrialError> {
    let (from, to) = (trial.from, trial.to);
    if !(0..MAX_DAYS).contains(&to.signed_duration_since(from).num_days()) {
        return Err(TrialError::Span { from, to });
    }
    let zone = trial.served.zone();
    if let Some(why) = other_zone(trial.served.current(), &trial.draft) {
        return Err(TrialError::Zone(why));
    }
    let (starts_at, as_of) = (zone.start_of(from)?, zone.end_of(to)?);
    let own = standing::beginnings(trial.served.current(), starts_at);
    let own: BTreeSet<&Id> = own.iter().map(|event| &event.case).collect();
    let mut begin = standing::beginnings(&trial.draft, starts_at);
    begin.retain(|event| !own.contains(&event.case));
    let tried = trial.served.trying(&trial.draft, from);
    let done = AtomicU64::new(0);
    let count = |events: u64| progress(done.fetch_add(events, Ordering::Relaxed).saturating_add(events));
    let fold = |history: History, past: P, begin: Vec<_>, events: Receiver<Chunk>| {
        let folding = fold::Folding {
            history,
            seed: trial.seed,
            starts_at,
            as_of,
            begin,
        };
        fold::fold(folding, past, &events, &count)
    };
    let ([one, other], read) = fold::feed(record);
    let (read, before, after) = std::thread::scope(|scope| {
        let read = scope.spawn(read);
        let after = scope.spawn(|| fold(tried, pasts.1, begin, other));
        let before = fold(trial.served.clone(), pasts.0, Vec::new(), one);
        (ended(read), before, ended(after))
    });
    read?;
    compare(trial, record, (&before?, &after?), as_of, each)
}

/// What a thread ended with; its fault is this one's.
fn ended<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    match thread.join() {
        Ok(done) => done,
        Err(fault) => std::panic::resume_unwind(fault),
    }
}

/// How many cases are compared at one go.
const COMPARED: usize = 512;

/// How many threads compare beside the one that counts.
fn comparers() -> usize {
    std::thread::available_parallelism().map_or(1, |all| all.get().saturating_sub(1).clamp(1, 8))
}

/// What differs of a case that may be told of.
struct Differing<'a> {
    rows: Vec<Row>,
    same: Vec<&'a Obligation>,
}

/// None: it may not be told of.
fn differing<'a>(pair: &Pair<'a>, sides: &[Side<'_>; 2], shown: &Shown<'_>) -> Option<Differing<'a>> {
    shown.shows(pair, sides).then(|| {
        let mut rows = Vec::new();
        let same = obligations::compare(pair, sides, &mut |row| rows.push(row));
        Differing { rows, same }
    })
}

fn compare<P: Past>(
    trial: &Trial,
    record: &dyn Record,
    (before, after): (&Folded<P>, &Folded<P>),
    as_of: Instant,
    each: &mut dyn FnMut(&Row),
) -> Result<Comparison, TrialError> {
    let sides = [&before.world, &after.world].map(|world| Side { world, as_of });
    let shown = Shown {
        hidden: &trial.hidden,
        sights: trial
            .sight
            .iter()
            .flat_map(|sight| [sight.clone(), Sight::new(&trial.draft, None, as_of)])
            .collect(),
    };
    let mut sum = count::Sum::new(trial, &sides);
    let mut rates = rates::Rates::new(trial, &sides);
    let mut load = load::Loads::new(trial);
    let pairs: Vec<Pair<'_>> = pairs(&sides).collect();
    std::thread::scope(|scope| {
        let count = comparers();
        let start = |first: usize| {
            let (sender, receiver) = sync_channel(2);
            let (pairs, sides, shown) = (&pairs, &sides, &shown);
            scope.spawn(move || {
                for chunk in pairs.chunks(COMPARED).skip(first).step_by(count) {
                    let done = chunk.iter().map(|pair| differing(pair, sides, shown));
                    if sender.send(done.collect::<Vec<_>>()).is_err() {
                        return;
                    }
                }
            });
            receiver
        };
        let comparers: Vec<_> = (0..count).map(start).collect();
        // In the order of the cases, whoever compared them.
        for (chunk, comparer) in pairs.chunks(COMPARED).zip(comparers.iter().cycle()) {
            // It ended before its time: its fault is told at the end of the scope.
            let Ok(done) = comparer.recv() else { break };
            if !record.is_wanted() {
                return Err(TrialError::Unwanted);
            }
            for (pair, differing) in chunk.iter().zip(done) {
                let Some(differing) = differing else { continue };
                for (side, case) in [pair.before, pair.after].into_iter().enumerate() {
                    if let Some(case) = case {
                        rates.add(side, case, as_of);
                        load.add(side, case);
                    }
                }
                differing.same.iter().for_each(|obligation| sum.same(obligation));
                let mut rows = differing.rows;
                gates::compare(pair, [&before.gates, &after.gates], &mut |row| rows.push(row));
                rows.extend(penalties::compare(pair, &sides, (before, after))?);
                for row in &rows {
                    sum.add(row);
                    each(row);
                }
            }
        }
        Ok::<(), TrialError>(())
    })?;
    for row in thresholds::compare(&sides, &shown) {
        sum.add(&row);
        each(&row);
    }
    let mut comparison = sum.finish(before.events);
    comparison.rates = rates.finish(&sides);
    comparison.load = load.finish(&sides);
    Ok(comparison)
}

/// How many cases that the engine opened one because of the other are followed back.
const MAX_LINEAGE: usize = 32;

/// What may be told.
pub(super) struct Shown<'a> {
    hidden: &'a BTreeSet<Id>,
    sights: Vec<Sight>,
}

impl Shown<'_> {
    /// Whether a case may be told of, and so may the cases that led to it, in either fold.
    pub(super) fn shows(&self, pair: &Pair<'_>, sides: &[Side<'_>; 2]) -> bool {
        let both = sides.iter().zip([pair.before, pair.after]);
        !self.hidden.contains(pair.id)
            && both.filter_map(|(side, case)| Some((side, case?))).all(|(side, case)| {
                let find = |id: &str| side.world.case(id).map(|(_, slot)| &slot.case);
                let sees = |sight: &Sight| sight.is_open() || sight.sees(case, find) && !sight.audits(case);
                self.sights.iter().all(sees) && !self.is_of_hidden(case, find)
            })
    }

    /// The same of the case of that id; one that is in neither fold tells nothing.
    pub(super) fn shows_id(&self, id: &Id, sides: &[Side<'_>; 2]) -> bool {
        let [before, after] = sides
            .each_ref()
            .map(|side| side.world.case(id).map(|(_, slot)| &slot.case));
        self.shows(&Pair { id, before, after }, sides)
    }

    fn is_of_hidden<'c>(&self, case: &'c Case, find: impl Fn(&str) -> Option<&'c Case>) -> bool {
        let mut at = Some(case);
        for _ in 0..MAX_LINEAGE {
            let Some(cause) = at.and_then(|case| case.cause.as_ref()) else {
                return false;
            };
            if self.hidden.contains(&cause.case) {
                return true;
            }
            at = find(&cause.case);
        }
        true
    }
}

/// All cases, those of the first fold in the order in which they were heard of, then those that only the second has.
fn pairs<'a>(sides: &'a [Side<'a>; 2]) -> impl Iterator<Item = Pair<'a>> {
    let [before, after] = sides;
    let known = before.world.slots().map(|slot| Pair {
        id: &slot.id,
        before: Some(&slot.case),
        after: after.world.case(&slot.id).map(|(_, other)| &other.case),
    });
    let only = after.world.slots().filter(|slot| before.world.case(&slot.id).is_none());
    known.chain(only.map(|slot| Pair {
        id: &slot.id,
        before: None,
        after: Some(&slot.case),
    }))
}
