//! Rates before and after, for each period that the span touches.

use super::row::Depends;
use super::{Side, Trial};
use crate::domain::zone::{Instant, Zone};
use crate::engine::case::Case;
use crate::engine::open::period_of;
use crate::engine::rate::{self, Tally, period_name};
use crate::policy::model::{Period, Rate};
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The figures of a rate in a period under both, where they differ.
#[derive(Clone, Debug, Serialize)]
pub struct RateChange {
    /// The rule.
    pub rate: String,
    /// Its name for people.
    pub title: String,
    /// The clause.
    pub clause: String,
    /// The period.
    pub period: String,
    /// Whether the members or what is asked of them differ, or only what people made of it.
    pub depends: Depends,
    /// What it was; none: there was no such rate.
    pub before: Option<RateFigures>,
    /// What it would have been.
    pub after: Option<RateFigures>,
}

/// The figures of a rate in a period, at the end of the span.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RateFigures {
    /// The members.
    pub population: u64,
    /// What must be reached; none while nobody has decided it.
    pub target: Option<String>,
    /// How many must be done.
    pub required: Option<u64>,
    /// Drawn, or owed in any case.
    pub drawn: u64,
    /// Done, late or not.
    pub done: u64,
    /// Done in time.
    pub on_time: u64,
    /// Not done, still in time.
    pub in_time: u64,
    /// Not done, late.
    pub overdue: u64,
    /// Waived.
    pub waived: u64,
    /// Done in percent; none without members.
    pub coverage_pct: Option<String>,
    /// Done in time, in percent.
    pub timeliness_pct: Option<String>,
    /// `accruing`, `maturing` or `final`.
    pub status: &'static str,
    /// The verdict; none while it is open.
    pub met: Option<bool>,
}

type Key = (String, NaiveDate, NaiveDate);

struct Counting {
    rate: Arc<Rate>,
    tally: Tally,
}

/// What is counted for rates.
pub(super) struct Rates {
    sides: [BTreeMap<Key, Counting>; 2],
    zone: Zone,
}

impl Rates {
    pub(super) fn new(trial: &Trial, sides: &[Side<'_>; 2]) -> Rates {
        Rates {
            sides: sides.each_ref().map(|side| counting(trial, side)),
            zone: trial.draft.zone,
        }
    }

    pub(super) fn add(&mut self, side: usize, case: &Case, as_of: Instant) {
        let Some(rates) = self.sides.get_mut(side) else { return };
        for ((_, first_on, last_on), counting) in rates {
            let added = rate::tally(case, &counting.rate.of, *first_on, *last_on, self.zone, as_of);
            counting.tally.add(&added);
        }
    }

    pub(super) fn finish(self, sides: &[Side<'_>; 2]) -> Vec<RateChange> {
        let [before, after] = self.sides;
        let [was, is] = sides;
        let keys: BTreeSet<Key> = before.keys().chain(after.keys()).cloned().collect();
        let mut changes = Vec::new();
        for key in keys {
            let (one, other) = (before.get(&key), after.get(&key));
            let figures = (one.map(|c| figures(c, &key, was)), other.map(|c| figures(c, &key, is)));
            if figures.0 == figures.1 {
                continue;
            }
            let Some(rate) = other.or(one).map(|c| &c.rate) else {
                continue;
            };
            let asked = |f: &RateFigures| (f.population, f.target.clone(), f.required, f.drawn);
            let ruled = figures.0.as_ref().map(asked) != figures.1.as_ref().map(asked);
            changes.push(RateChange {
                rate: rate.id.to_string(),
                title: rate.title.to_string(),
                clause: rate.clauses.first().map(|c| c.to_string()).unwrap_or_default(),
                period: period_name(rate.per, key.1),
                depends: if ruled { Depends::Mechanical } else { Depends::Behaviour },
                before: figures.0,
                after: figures.1,
            });
        }
        changes
    }
}

fn counting(trial: &Trial, side: &Side<'_>) -> BTreeMap<Key, Counting> {
    let company = side.company();
    let mut all = BTreeMap::new();
    for per in [Period::Day, Period::Month, Period::Quarter, Period::Year] {
        let of_period = |on: NaiveDate| {
            company
                .on(on)
                .procedures
                .iter()
                .flat_map(|p| &p.rates)
                .filter(move |r| r.per == per)
        };
        if company.editions().flat_map(|p| &p.rates).all(|rate| rate.per != per) {
            continue;
        }
        let mut on = trial.from;
        while on <= trial.to {
            let (first_on, last_on) = period_of(per, on);
            for rate in of_period(on) {
                let counting = Counting {
                    rate: rate.clone(),
                    tally: Tally::default(),
                };
                all.insert((rate.id.to_string(), first_on, last_on), counting);
            }
            let Some(next) = last_on.succ_opt() else { break };
            on = next;
        }
    }
    all
}

fn figures(counting: &Counting, (_, first_on, _): &Key, side: &Side<'_>) -> RateFigures {
    let (world, zone) = (side.world, side.company().zone);
    let f = rate::figures(
        &counting.rate,
        *first_on,
        counting.tally,
        world.decisions(),
        zone,
        side.as_of,
    );
    RateFigures {
        population: f.tally.population,
        target: f.target.map(|t| t.to_string()),
        required: f.required,
        drawn: f.tally.drawn,
        done: f.tally.done,
        on_time: f.tally.on_time,
        in_time: f.tally.in_time,
        overdue: f.tally.overdue,
        waived: f.tally.waived,
        coverage_pct: f.tally.coverage_pct(),
        timeliness_pct: f.tally.timeliness_pct(),
        status: f.status.word(),
        met: f.met,
    }
}
