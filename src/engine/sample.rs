//! Samples in the fold of a case: which periods' frames it belongs to, what a period's draw asks of it, and who is drawn
//! of its own members.
//!
//! The draw of a period is made when its end has come, from what was recorded before; it stands from then on, whatever
//! is reported later.

use crate::domain::event::Event;
use crate::domain::term::Term;
use crate::domain::value::Value;
use crate::domain::zone::{Instant, Zone};
use crate::engine::case::{Case, Context, happening};
use crate::engine::lot::{self, Entry, Lot};
use crate::engine::obligation::{Happening, Obligation, Occurrence};
use crate::engine::open::{self, period_of};
use crate::engine::rate::period_name;
use crate::policy::model::{Frame, Id, Many, Period, Sample, Size, Strata, Timing, Trigger};
use chrono::NaiveDate;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// That a case belongs to the frame of a period.
#[derive(Clone, Debug)]
pub struct Member {
    /// The sample.
    pub sample: Arc<Sample>,
    /// The last local date of the period.
    pub last_on: NaiveDate,
    /// The event that made it one.
    pub by: Happening,
    /// Whether the draw has come that took it.
    pub settled: bool,
}

/// The draw of a period.
#[derive(Clone, Debug)]
pub struct PeriodDraw {
    /// The sample, in the edition that decided.
    pub sample: Arc<Sample>,
    /// The last local date of the period.
    pub last_on: NaiveDate,
    /// The end of the period.
    pub at: Instant,
    /// The draw.
    pub lot: Lot,
}

/// The draw of a case's own members.
#[derive(Clone, Debug)]
pub struct CaseDraw {
    /// The sample.
    pub sample: Arc<Sample>,
    /// The course of the case.
    pub cycle: u16,
    /// The event after which it was made.
    pub by: Happening,
    /// How many were to be drawn.
    pub size: Size,
    /// The draw.
    pub lot: Arc<Lot>,
}

/// The draws of all periods that are over.
#[derive(Clone, Debug, Default)]
pub struct Drawings {
    by_period: BTreeMap<(Id, NaiveDate), Arc<PeriodDraw>>,
    by_case: HashMap<Id, Vec<Arc<PeriodDraw>>>,
}

impl Drawings {
    /// The draw of a sample's period.
    pub fn get(&self, sample: &Id, last_on: NaiveDate) -> Option<&Arc<PeriodDraw>> {
        self.by_period.get(&(sample.clone(), last_on))
    }

    /// All draws, by sample and period.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<PeriodDraw>> {
        self.by_period.values()
    }

    /// Those of periods that were over by an instant.
    pub fn until(&self, at: Instant) -> Drawings {
        let mut until = Drawings::default();
        for draw in self.by_period.values().filter(|d| d.at <= at) {
            until.take(draw.clone());
        }
        until
    }

    /// Takes up a draw.
    pub fn add(&mut self, draw: PeriodDraw) {
        self.take(Arc::new(draw));
    }

    fn take(&mut self, draw: Arc<PeriodDraw>) {
        for entry in &draw.lot.drawn {
            self.by_case.entry(entry.member.clone()).or_default().push(draw.clone());
        }
        self.by_period.insert((draw.sample.id.clone(), draw.last_on), draw);
    }
}

/// The seed of a period's draw.
pub fn period_seed(company: &[u8; 32], sample: &Id, per: Period, last_on: NaiveDate) -> [u8; 32] {
    lot::seed(company, sample, &[&period_name(per, last_on)])
}

/// Draws a period from the cases in its frame; the latest edition of the sample among them decides. No case, no draw.
pub fn draw_period(
    company: &[u8; 32],
    frame: &[(Id, &Case)],
    id: &Id,
    last_on: NaiveDate,
    at: Instant,
) -> Option<PeriodDraw> {
    let members: Vec<(&Id, &Case, &Arc<Sample>)> = frame
        .iter()
        .filter(|(_, case)| !case.cancelled)
        .filter_map(|(name, case)| Some((name, *case, &member_of(case, id, last_on)?.sample)))
        .collect();
    let deciding = members.iter().map(|(.., sample)| *sample);
    let sample = deciding.max_by(|a, b| {
        let age = |s: &Sample| (s.head.effective, s.head.edition.clone());
        age(a).cmp(&age(b))
    })?;
    let Frame::Cases { per, .. } = &sample.frame else {
        return None;
    };
    let entries: Vec<Entry> = members
        .iter()
        .map(|(name, case, _)| Entry {
            member: Id::clone(name),
            stratum: stratum(sample, name, case),
        })
        .collect();
    let size = sample.size_for(|_| None)?.of(entries.len() as u64);
    Some(PeriodDraw {
        sample: sample.clone(),
        last_on,
        at,
        lot: Lot::draw(period_seed(company, id, *per, last_on), entries, size),
    })
}

/// What makes a case a member of a period's frame.
pub fn member_of<'c>(case: &'c Case, sample: &Id, last_on: NaiveDate) -> Option<&'c Member> {
    case.members
        .iter()
        .find(|m| m.last_on == last_on && m.sample.id == *sample)
}

/// The stratum of a member.
pub fn stratum(sample: &Sample, member: &str, case: &Case) -> Id {
    match &sample.strata {
        None => Id::default(),
        Some(Strata::Field(field)) => case
            .data
            .get(field)
            .map(|v| Id::from(v.text().as_ref()))
            .unwrap_or_default(),
        Some(Strata::Before(mark)) => member.split(&**mark).next().unwrap_or(member).into(),
    }
}

/// Notes what an event means for samples: its case comes into the frame of a period, or its members are drawn. A draw
/// stands for the whole course of a case.
pub fn note(case: &mut Case, id: &str, event: &Event, ctx: &Context<'_>) {
    if case.cancelled {
        return;
    }
    let editions = ctx.history.editions(event);
    let samples = editions.iter().filter_map(|p| p.by_sampled.get(&event.kind)).flatten();
    for sample in samples {
        let get = |field: &str| event.data.get(field).or_else(|| case.data.get(field));
        if !sample.when.holds(get) {
            continue;
        }
        match &sample.frame {
            Frame::Cases { per, .. } => {
                let (_, last_on) = period_of(*per, ctx.history.zone().date(event.occurred_at));
                if member_of(case, &sample.id, last_on).is_none() {
                    case.members.push(Member {
                        sample: sample.clone(),
                        last_on,
                        by: happening(event),
                        settled: false,
                    });
                }
            }
            Frame::Members { field } => {
                let names: Vec<Id> = match get(field) {
                    Some(Value::List(list)) => list.to_vec(),
                    Some(Value::Text(one)) => vec![one.clone()],
                    _ => Vec::new(),
                };
                if names.is_empty() || draw_of(case, &sample.id, case.cycle).is_some() {
                    continue;
                }
                let entry = |name: Id| Entry {
                    stratum: stratum(sample, &name, case),
                    member: name,
                };
                let mut frame: Vec<Entry> = names.into_iter().map(entry).collect();
                frame.sort();
                frame.dedup();
                let Some(size) = sample.size_for(get) else { continue };
                let seed = lot::seed(ctx.seed, &sample.id, &[id, &event.id]);
                let many = size.of(frame.len() as u64);
                case.draws.push(CaseDraw {
                    sample: sample.clone(),
                    cycle: case.cycle,
                    by: happening(event),
                    size,
                    lot: Arc::new(Lot::draw(seed, frame, many)),
                });
            }
        }
    }
}

/// The draw of a case's members in one of its courses.
pub fn draw_of<'c>(case: &'c Case, sample: &Id, cycle: u16) -> Option<&'c CaseDraw> {
    case.draws.iter().find(|d| d.cycle == cycle && d.sample.id == *sample)
}

/// When the next of the draws of periods asks something of a case.
pub fn asks_at(case: &Case, id: &str, ctx: &Context<'_>) -> Option<Instant> {
    if case.members.is_empty() {
        return None;
    }
    let draws = ctx.drawings.by_case.get(id)?.iter();
    let asking = draws.filter(|d| member_of(case, &d.sample.id, d.last_on).is_some_and(|m| !m.settled));
    asking.map(|d| d.at).min()
}

/// Lets come to be what the draws of periods up to an instant ask of a case.
pub fn take(case: &mut Case, id: &str, as_of: Instant, ctx: &Context<'_>) {
    let Some(draws) = ctx.drawings.by_case.get(id).filter(|_| !case.members.is_empty()) else {
        return;
    };
    for draw in draws.iter().filter(|d| d.at <= as_of) {
        let mut members = case.members.iter_mut();
        let member = members.find(|m| m.last_on == draw.last_on && m.sample.id == draw.sample.id && !m.settled);
        let Some(member) = member else { continue };
        member.settled = true;
        let trigger = Happening {
            event: member.by.event.clone(),
            at: draw.at,
            recorded_at: draw.at,
        };
        case.moved_at = case.moved_at.max(Some(draw.at));
        if let Some(duty) = draw.sample.duty().filter(|_| !case.cancelled) {
            open::add_sampled(case, id, duty, trigger, draw.last_on, ctx);
        }
    }
}

/// From when the term of what a period's draw asks for is counted: days from the last day of the period, hours from
/// its end.
pub fn anchor(obligation: &Obligation, zone: Zone) -> Option<Instant> {
    match (&obligation.duty.on, obligation.occurrence) {
        (Trigger::Sampled(_), Occurrence::On(last_on)) => {
            Some(anchor_of(&obligation.duty.timing, last_on, obligation.trigger.at, zone))
        }
        _ => None,
    }
}

/// The same, of a duty that is not owed yet.
pub fn anchor_of(timing: &Timing, last_on: NaiveDate, end: Instant, zone: Zone) -> Instant {
    match timing {
        Timing::Within(Term::Days(_) | Term::WorkingDays(_) | Term::Months(_) | Term::Years(_) | Term::Weeks(_)) => {
            zone.start_of(last_on).unwrap_or(end)
        }
        _ => end,
    }
}

/// The sample whose drawn members a duty counts.
fn counted(obligation: &Obligation) -> Option<&Id> {
    match &obligation.duty.count.as_ref()?.many {
        Many::Drawn { sample, .. } => Some(sample),
        _ => None,
    }
}

/// Whether a duty counts those whom a sample draws.
pub fn counts_those_of(obligation: &Obligation, sample: &Id) -> bool {
    counted(obligation) == Some(sample)
}

/// Whether an event is for somebody who was drawn, where a duty counts only those.
pub fn counts(case: &Case, obligation: &Obligation, event: &Event) -> bool {
    let Some(sample) = counted(obligation) else {
        return true;
    };
    let count = obligation.duty.count.as_ref();
    let field = count.and_then(|c| c.distinct.as_ref());
    let whom = field.and_then(|field| event.data.get(field));
    let lot = draw_of(case, sample, obligation.cycle).map(|d| &d.lot);
    whom.zip(lot).is_some_and(|(whom, lot)| lot.has(&whom.text()))
}

/// Of those drawn, the ones for whom nothing was done yet, in the order of the draw; empty where nobody is drawn.
pub fn outstanding(case: &Case, obligation: &Obligation) -> Vec<Id> {
    let lot = counted(obligation).and_then(|s| draw_of(case, s, obligation.cycle));
    let done = |member: &Id| obligation.more.as_ref().is_some_and(|m| m.distinct.contains(member));
    let drawn = lot.into_iter().flat_map(|d| &d.lot.drawn).map(|e| e.member.clone());
    drawn.filter(|member| !done(member)).collect()
}
