//! What a timeline expects of samples, and the seed with which those that it names are drawn.

use super::compare::{Difference, Snapshot, list, or_none};
use super::{At, Expect, Failure, SampleFigure, Timeline, refer};
use crate::engine::drawing::{self, PeriodRecord};
use crate::engine::lot::{Entry, Lot};
use crate::engine::open::period_of;
use crate::engine::rate::parse_period;
use crate::engine::sample::{draw_of, period_seed};
use crate::engine::world::World;
use crate::policy::model::{Company, Frame, Id, Period, Sample};
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The sample of that id.
pub(super) fn sample<'a>(company: &'a Company, id: &str) -> Option<&'a Arc<Sample>> {
    company
        .procedures
        .iter()
        .flat_map(|p| &p.samples)
        .find(|s| s.id.as_ref() == id)
}

/// What is wrong with an expectation in itself.
pub(super) fn fault(company: &Company, At { line, what }: &At<SampleFigure>) -> Option<Failure> {
    let sample = sample(company, &what.sample)?;
    let fits = match &sample.frame {
        Frame::Cases { per, .. } => {
            let period = what.period.as_ref().and_then(|p| parse_period(*per, &p.0));
            period.is_some() && what.case.is_none()
        }
        Frame::Members { .. } => what.case.is_some() && what.period.is_none(),
    };
    let asks = what.population.is_some()
        || what.drawn.is_some()
        || what.done.is_some()
        || what.spread.is_some()
        || what.not_in_frame.is_some();
    if !fits {
        return Some(Failure::new(
            *line,
            "抽案件的写 period（2026-03、2026-Q1），抽名单的写 case",
            "write `period` (2026-03, 2026-Q1) for a sample of cases, `case` for one of members",
        ));
    }
    (!asks).then(|| {
        Failure::new(
            *line,
            "抽样的期望里什么也没有；写上 population、drawn、done、spread 或 not_in_frame",
            "nothing is expected of the sample; write population, drawn, done, spread or not_in_frame",
        )
    })
}

/// What is found of a sample.
#[derive(Default)]
struct Found {
    population: u64,
    drawn: u64,
    done: u64,
    spread: BTreeMap<String, u64>,
    not_in_frame: Vec<Id>,
}

impl Found {
    fn of(lot: &Lot, done: u64) -> Found {
        Found {
            population: lot.frame.len() as u64,
            drawn: lot.drawn.len() as u64,
            done,
            spread: drawing::spread(lot)
                .into_iter()
                .map(|(s, _, n)| (s.to_string(), n))
                .collect(),
            not_in_frame: Vec::new(),
        }
    }
}

impl Snapshot<'_> {
    /// Compares what is expected of samples.
    pub(super) fn samples(&self, expect: &Expect, failures: &mut Vec<Failure>) {
        for At { line, what } in expect.samples.iter().flatten() {
            let Some(found) = self.found(what) else { continue };
            let spread = |spread: &BTreeMap<String, u64>| list(spread.iter().map(|(s, n)| format!("{s} = {n}")));
            let pairs = [
                (
                    "population",
                    what.population.map(|n| n.to_string()),
                    found.population.to_string(),
                ),
                ("drawn", what.drawn.map(|n| n.to_string()), found.drawn.to_string()),
                ("done", what.done.map(|n| n.to_string()), found.done.to_string()),
                ("spread", what.spread.as_ref().map(spread), spread(&found.spread)),
                (
                    "not_in_frame",
                    what.not_in_frame.as_ref().map(list),
                    list(&found.not_in_frame),
                ),
            ];
            let of = what.period.as_ref().map(|p| p.0.clone()).or(what.case.clone());
            let name = format!("{} {}", what.sample, or_none(of));
            for (field, want, found) in pairs {
                if let Some(want) = want.filter(|want| *want != found) {
                    failures.push(Difference { field, want, found }.failure(*line, &name));
                }
            }
        }
    }

    fn found(&self, what: &SampleFigure) -> Option<Found> {
        let sample = sample(self.company, &what.sample)?;
        match &sample.frame {
            Frame::Members { .. } => {
                let (_, case) = self.cases.iter().find(|(id, _)| Some(&**id) == what.case.as_deref())?;
                let draw = draw_of(case, &sample.id, case.cycle);
                let found = draw.map(|d| Found::of(&d.lot, drawing::done_for(case, d).len() as u64));
                Some(found.unwrap_or_default())
            }
            Frame::Cases { per, .. } => {
                let (_, last_on) = period_of(*per, parse_period(*per, &what.period.as_ref()?.0)?);
                let draw = self.world.drawings().get(&sample.id, last_on);
                let draw = draw.filter(|d| d.at <= self.at).cloned();
                let mut record = PeriodRecord::new(sample, last_on, draw);
                self.cases.iter().for_each(|(id, case)| record.see(id, case));
                let found = match &record.draw {
                    Some(draw) => Found::of(&draw.lot, record.done()),
                    None => Found {
                        population: record.population(),
                        ..Found::default()
                    },
                };
                Some(Found {
                    not_in_frame: record.not_in_frame,
                    ..found
                })
            }
        }
    }
}

/// A draw whose outcome a timeline names.
pub(super) struct Named {
    sample: Id,
    per: Period,
    last_on: NaiveDate,
    frame: Vec<Entry>,
    size: u64,
}

/// The draws of which the timeline names exactly as many cases as they draw.
pub(super) fn named(world: &World, timeline: &Timeline) -> Vec<Named> {
    let drawn = |entry: &&Entry| timeline.drawn.iter().any(|c| **c == *entry.member);
    let named = world.drawings().iter().filter_map(|draw| {
        let Frame::Cases { per, .. } = &draw.sample.frame else {
            return None;
        };
        let (frame, size) = (draw.lot.frame.clone(), draw.lot.drawn.len());
        (frame.iter().filter(drawn).count() == size).then(|| Named {
            sample: draw.sample.id.clone(),
            per: *per,
            last_on: draw.last_on,
            frame,
            size: size as u64,
        })
    });
    named.collect()
}

impl Named {
    /// Whether a case could be drawn.
    pub fn could(&self, case: &str) -> bool {
        self.frame.iter().any(|e| *e.member == *case)
    }

    /// Whether a seed draws what the timeline names.
    pub fn fits(&self, seed: &[u8; 32], timeline: &Timeline) -> bool {
        let seed = period_seed(seed, &self.sample, self.per, self.last_on);
        let lot = Lot::draw(seed, self.frame.clone(), self.size);
        lot.drawn
            .iter()
            .all(|e| timeline.drawn.iter().any(|c| **c == *e.member))
    }
}

/// What timelines name of samples, looked up in the company.
pub(super) fn all(company: &Company) -> impl Iterator<Item = &Id> {
    company.procedures.iter().flat_map(|p| &p.samples).map(|s| &s.id)
}

/// The latest instant that the timeline asks about.
pub(super) fn latest(company: &Company, timeline: &Timeline) -> Option<crate::domain::zone::Instant> {
    let asked = timeline.expects.iter().map(|e| e.known_at.as_ref().unwrap_or(&e.at));
    asked.filter_map(|at| refer::instant(company.zone, at)).max()
}
