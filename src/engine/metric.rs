//! Metrics: figures over cases and their events for a period, exact, for reports and timelines alike.

mod points;
mod tally;

pub use points::{Movement, affordable, balance, movements, spends};

use crate::domain::fraction::Fraction;
use crate::domain::value::Value;
use crate::domain::zone::Instant;
use crate::domain::zone::Zone;
use crate::engine::case::Case;
use crate::engine::member::{Adds, Member};
use crate::engine::rate::counted;
use crate::engine::seen::Seen;
use crate::engine::who;
use crate::policy::model::{Company, Course, Id, Measure, Metric};
use chrono::NaiveDate;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use tally::Tally;

/// A figure of a metric: over everything, or over one of those that it is told apart by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it is told apart by; empty: it is over everything.
    pub by: String,
    /// Which of them.
    pub of: String,
    /// The figure; none where there is nothing to make it of.
    pub value: Option<Fraction>,
    /// Over how many.
    pub population: u64,
    /// Whether it is listed for improvement.
    pub below: bool,
    /// What is lacking for a figure.
    pub missing: Vec<Id>,
    /// Those that it counts.
    pub members: Vec<Member>,
}

/// A metric's figures for a period, being counted.
pub struct Counter<'a> {
    company: &'a Company,
    metric: &'a Metric,
    first_on: NaiveDate,
    last_on: NaiveDate,
    as_of: Instant,
    tallies: BTreeMap<(String, String), (Tally, Vec<Member>)>,
}

impl<'a> Counter<'a> {
    /// Nothing counted yet, for the period from `first_on` to `last_on`, both included.
    pub fn new(
        company: &'a Company,
        metric: &'a Metric,
        (first_on, last_on): (NaiveDate, NaiveDate),
        as_of: Instant,
    ) -> Counter<'a> {
        // What is over everything is there though there is nothing.
        let tallies = BTreeMap::from([Default::default()]);
        Counter {
            company,
            metric,
            first_on,
            last_on,
            as_of,
            tallies,
        }
    }

    fn zone(&self) -> Zone {
        self.company.zone
    }

    fn is_in_period(&self, at: Instant) -> bool {
        let on = self.zone().date(at);
        self.first_on <= on && on <= self.last_on
    }

    fn entry(&mut self, key: (&str, String)) -> &mut (Tally, Vec<Member>) {
        self.tallies.entry((key.0.to_owned(), key.1)).or_default()
    }

    fn add(&mut self, key: (&str, String), member: Member, add: impl FnOnce(&mut Tally)) {
        let (tally, members) = self.entry(key);
        add(tally);
        // Several answers of one event are one member.
        let joined = members.last_mut().is_some_and(|last| last.join(&member));
        if !joined && member.adds.is_anything() {
            members.push(member);
        }
    }

    /// Adds to what is over everything, and to each that an event is told apart by.
    fn add_seen(&mut self, seen: &Seen, member: &Member, add: impl Fn(&mut Tally)) {
        self.add(("", String::new()), member.clone(), &add);
        for by in &self.metric.by {
            let of = self.group(by, seen);
            self.add((by, of), member.clone(), &add);
        }
    }

    /// Which of those that it is told apart by an event belongs to.
    fn group(&self, by: &str, seen: &Seen) -> String {
        match by {
            "person" => seen.event.actor.person.as_deref().unwrap_or_default().to_owned(),
            "role" => seen.event.actor.role.as_deref().unwrap_or_default().to_owned(),
            "case" => seen.event.case.to_string(),
            "day" => self.zone().date(seen.event.occurred_at).to_string(),
            "area" => who::area_of(self.company, &seen.data).map_or(String::new(), |a| a.to_string()),
            field => seen.get(field).map(|v| v.to_string()).unwrap_or_default(),
        }
    }

    /// Counts a case with its events.
    pub fn case(&mut self, id: &str, case: &Case, events: &[Seen]) {
        let metric = self.metric;
        match &metric.measure {
            Measure::Duties(of) => self.duties(id, case, of),
            Measure::Count(on) => {
                for seen in self.counting(on, events) {
                    self.add_seen(seen, &share_of([seen], 1), Tally::one);
                }
            }
            Measure::Share(share) => {
                for seen in self.counting(&share.of, events) {
                    for field in &share.fields {
                        let Some(answer) = seen.event.data.get(field).filter(|v| v.is_filled()) else {
                            continue;
                        };
                        let counts = u64::from(share.counts_as.contains(answer));
                        let member = share_of([seen], counts);
                        self.add_seen(seen, &member, |t| t.share(counts, 1));
                        if share.fields.len() > 1 {
                            self.add(("field", field.to_string()), member.clone(), |t| t.share(counts, 1));
                            for by in &metric.by {
                                let of = format!("{}/{field}", self.group(by, seen));
                                self.add((by, of), member.clone(), |t| t.share(counts, 1));
                            }
                        }
                    }
                }
            }
            Measure::Score(score) => {
                for seen in self.counting(&score.of, events) {
                    let rated: Vec<(usize, Fraction)> = score
                        .weights
                        .iter()
                        .enumerate()
                        .filter_map(|(ix, (field, _))| Some((ix, rating_of(seen, field)?)))
                        .collect();
                    if !rated.is_empty() {
                        let rates = |(field, _): &&(Id, Fraction)| rating_of(seen, field).is_some();
                        let said = |(field, _): &(Id, Fraction)| {
                            let said = seen.event.data.get(field).map(ToString::to_string);
                            (field.to_string(), said.unwrap_or_default())
                        };
                        let adds = Adds::Ratings {
                            ratings: score.weights.iter().filter(rates).map(said).collect(),
                            population: 1,
                        };
                        let member = Member::happened([seen], adds);
                        self.add_seen(seen, &member, |t| t.rate(&rated, score.weights.len()));
                    }
                }
            }
            Measure::Points { .. } => {
                let moved = movements(metric, events);
                let until = moved.iter().filter(|m| self.zone().date(m.at) <= self.last_on);
                let until: Vec<Movement> = until.cloned().collect();
                let Some(last) = until.last() else { return };
                let member = |movement: &Movement, population| Member {
                    case: id.into(),
                    key: None,
                    events: vec![movement.event.clone()],
                    adds: Adds::Share {
                        counts: movement.amount,
                        population,
                    },
                };
                let (all, members) = self.entry(("", String::new()));
                all.balance(last.balance, 1);
                // Over everything it is cases that are counted, each with its first movement.
                let counted = (0..).zip(&until).map(|(nth, m)| member(m, u64::from(nth == 0)));
                members.extend(counted);
                let (own, members) = self.entry(("case", id.to_owned()));
                own.balance(last.balance, until.len() as u64);
                members.extend(until.iter().map(|m| member(m, 1)));
            }
            Measure::Handled { opened, closed, .. } => self.handled(opened, closed, events),
        }
    }

    /// The events of the period that count.
    fn counting<'e>(&self, on: &[Id], events: &'e [Seen]) -> Vec<&'e Seen> {
        let counts = |seen: &&Seen| {
            on.contains(&seen.event.kind) && self.is_in_period(seen.event.occurred_at) && seen.meets(&self.metric.when)
        };
        events.iter().filter(counts).collect()
    }

    fn duties(&mut self, id: &str, case: &Case, of: &[Id]) {
        for obligation in case
            .obligations
            .iter()
            .filter(|o| o.is_owed() && of.contains(&o.duty.id))
        {
            if obligation.trigger.at > self.as_of || !self.is_in_period(obligation.trigger.at) {
                continue;
            }
            let tally = counted(obligation, self.as_of);
            let (on_time, population) = (tally.on_time, tally.population);
            let member = Member::of(id, obligation, tally);
            self.add(("", String::new()), member.clone(), |t| t.share(on_time, population));
            for by in &self.metric.by {
                let mut names: Vec<String> = match by.as_ref() {
                    "role" => {
                        let bearers = obligation
                            .roles
                            .iter()
                            .map(|r| who::resolve(self.company, r, &case.data));
                        bearers.map(|b| b.role.to_owned()).collect()
                    }
                    "area" => vec![who::area_of(self.company, &case.data).map_or(String::new(), |a| a.to_string())],
                    _ => {
                        let bearers = obligation
                            .roles
                            .iter()
                            .map(|r| who::resolve(self.company, r, &case.data));
                        let id = |b: who::Bearer<'_>| {
                            b.named
                                .or(b.person.map(|p| p.id.as_ref()))
                                .unwrap_or_default()
                                .to_owned()
                        };
                        bearers.map(id).collect()
                    }
                };
                names.sort_unstable();
                names.dedup();
                for name in names {
                    self.add((by, name), member.clone(), |t| t.share(on_time, population));
                }
            }
        }
    }

    /// What was opened is closed by the next of its case that closes; it is open again when the case begins anew, and
    /// none when the case is withdrawn before.
    fn handled(&mut self, opened: &[Id], closed: &[Id], events: &[Seen]) {
        let mut openings: Vec<(&Seen, Option<&Seen>, bool)> = Vec::new();
        for seen in events {
            let (opens, closes) = (opened.contains(&seen.event.kind), closed.contains(&seen.event.kind));
            match seen.course {
                Course::Reopen if !opens => {
                    if let Some(last) = openings.last_mut() {
                        *last = (last.0, None, false);
                    }
                }
                Course::Cancel if !closes => {
                    openings.iter_mut().filter(|o| o.1.is_none()).for_each(|o| o.2 = true);
                }
                _ => {}
            }
            if closes {
                openings.iter_mut().for_each(|o| o.1 = o.1.or(Some(seen)));
            }
            if opens && seen.meets(&self.metric.when) {
                openings.push((seen, None, false));
            }
        }
        for (seen, closed_by, is_withdrawn) in openings {
            if !is_withdrawn && self.is_in_period(seen.event.occurred_at) {
                let counts = u64::from(closed_by.is_some());
                let member = share_of([seen].into_iter().chain(closed_by), counts);
                self.add_seen(seen, &member, |t| t.share(counts, 1));
            }
        }
    }

    /// The figures: first over everything, then by what they are told apart.
    pub fn rows(self) -> Vec<Row> {
        let line = self.metric.line_of_improvement();
        let weights = match &self.metric.measure {
            Measure::Score(score) => score.weights.as_slice(),
            _ => &[],
        };
        let is_number = matches!(self.metric.measure, Measure::Count(_) | Measure::Points { .. });
        let rows = self.tallies.into_iter().map(|((by, of), (tally, members))| {
            let missing = tally.missing(weights);
            let value = match is_number {
                true => Some(Fraction::whole(tally.counts)),
                false if !weights.is_empty() => tally.score(weights),
                false => Fraction::new(tally.counts, tally.population),
            };
            let below = line
                .zip(value)
                .is_some_and(|(line, v)| line.compare(v.numerator(), v.denominator()) == Some(Ordering::Less));
            Row {
                by,
                of,
                value,
                population: tally.population,
                below,
                missing,
                members,
            }
        });
        rows.collect()
    }
}

/// How a metric's figures are written: shares in percent, all others as numbers.
pub fn text(metric: &Metric, value: Fraction) -> String {
    match is_share(metric) {
        true => value.to_string(),
        false => value.decimal_text(),
    }
}

/// Whether a metric's figures are shares.
pub fn is_share(metric: &Metric) -> bool {
    matches!(
        metric.measure,
        Measure::Duties(_) | Measure::Share(_) | Measure::Handled { .. }
    )
}

/// An event that adds a share of one, with what else it comes from.
fn share_of<'s>(events: impl IntoIterator<Item = &'s Seen>, counts: u64) -> Member {
    let adds = Adds::Share {
        counts: i64::try_from(counts).unwrap_or(i64::MAX),
        population: 1,
    };
    Member::happened(events, adds)
}

/// How an event rates by a field.
fn rating_of(seen: &Seen, field: &Id) -> Option<Fraction> {
    rating(seen.event.data.get(field)?)
}

/// A rating: a number that is not negative.
fn rating(value: &Value) -> Option<Fraction> {
    match value {
        Value::Int(n) => u64::try_from(*n).ok().map(Fraction::whole),
        Value::Decimal(text) => Fraction::decimal(text),
        _ => None,
    }
}
