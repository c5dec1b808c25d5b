//! What there is to tell of a sample's draw: whom it was drawn from, who was drawn, and what has become of that.

use crate::engine::case::Case;
use crate::engine::lot::{Entry, Lot};
use crate::engine::obligation::{Ending, Key, Obligation, Occurrence};
use crate::engine::sample::{self, CaseDraw, PeriodDraw};
use crate::policy::model::{Id, Sample};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The draw of a period and what has become of it, gathered from the cases one by one.
#[derive(Clone, Debug)]
pub struct PeriodRecord {
    /// The sample.
    pub sample: Arc<Sample>,
    /// The last local date of the period.
    pub last_on: NaiveDate,
    /// The draw; none while it is not made.
    pub draw: Option<Arc<PeriodDraw>>,
    /// Of its frame, the cases that were looked at.
    pub seen: BTreeSet<Id>,
    /// While it is not made, who belongs to the frame so far.
    pub so_far: Vec<Entry>,
    /// Members that came to be known after the draw.
    pub not_in_frame: Vec<Id>,
    /// Members of the frame that turned out to be none.
    pub gone: Vec<Id>,
    /// What is owed because of the draw: the case, the obligation, whether it was done.
    pub owed: Vec<(Id, Key, bool)>,
    /// Of those of the frame that were looked at and belong to it, the event that made each a member.
    pub made_by: BTreeMap<Id, Id>,
}

impl PeriodRecord {
    /// The record of a period, before any case was looked at.
    pub fn new(sample: &Arc<Sample>, last_on: NaiveDate, draw: Option<Arc<PeriodDraw>>) -> PeriodRecord {
        PeriodRecord {
            sample: sample.clone(),
            last_on,
            draw,
            seen: BTreeSet::new(),
            so_far: Vec::new(),
            not_in_frame: Vec::new(),
            gone: Vec::new(),
            owed: Vec::new(),
            made_by: BTreeMap::new(),
        }
    }

    /// Takes a case into account.
    pub fn see(&mut self, id: &str, case: &Case) {
        let found = sample::member_of(case, &self.sample.id, self.last_on);
        let member = found.is_some();
        let Some(draw) = &self.draw else {
            if let Some(found) = found.filter(|_| !case.cancelled) {
                self.made_by.insert(id.into(), found.by.event.clone());
                self.so_far.push(Entry {
                    member: id.into(),
                    stratum: sample::stratum(&self.sample, id, case),
                });
            }
            return;
        };
        let could = draw.lot.could(id);
        if could {
            self.seen.insert(id.into());
            self.made_by.extend(found.map(|m| (Id::from(id), m.by.event.clone())));
        }
        if member && !could && !case.cancelled {
            self.not_in_frame.push(id.into());
        }
        if could && !member {
            self.gone.push(id.into());
        }
        let asked = |o: &&Obligation| o.duty.id == self.sample.id && o.occurrence == Occurrence::On(self.last_on);
        if let Some(obligation) = case.obligations.iter().find(asked) {
            let done = obligation.end.as_ref().is_some_and(|e| e.how == Ending::Fulfilled);
            self.owed.push((id.into(), obligation.key(), done));
        }
    }

    /// How many there are to draw from.
    pub fn population(&self) -> u64 {
        self.draw.as_ref().map_or(self.so_far.len(), |d| d.lot.frame.len()) as u64
    }

    /// How many of what is owed were done.
    pub fn done(&self) -> u64 {
        self.owed.iter().filter(|(.., done)| *done).count() as u64
    }
}

/// Whom something was done for, of those drawn of a case's members.
pub fn done_for(case: &Case, draw: &CaseDraw) -> Vec<Id> {
    let counting = case.obligations.iter();
    let counting = counting.filter(|o| o.cycle == draw.cycle && sample::counts_those_of(o, &draw.sample.id));
    let done: Vec<&Id> = counting
        .filter_map(|o| o.more.as_ref())
        .flat_map(|m| &m.distinct)
        .collect();
    let drawn = draw.lot.drawn.iter().map(|e| e.member.clone());
    drawn.filter(|member| done.contains(&member)).collect()
}

/// How many of each stratum were drawn, as texts and numbers.
pub fn spread(lot: &Lot) -> Vec<(Id, u64, u64)> {
    let spread = lot.spread().into_iter();
    spread
        .map(|(stratum, (members, drawn))| (stratum, members, drawn))
        .collect()
}
