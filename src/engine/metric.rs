//! Metrics: figures over cases and their events for a period, exact, for reports and timelines alike.

mod points;
mod tally;

pub use points::{Movement, affordable, balance, movements, spends};

use crate::domain::fraction::Fraction;
use crate::domain::value::Value;
use crate::domain::zone::Instant;
use crate::domain::zone::Zone;
use crate::engine::case::Case;
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
}

/// A metric's figures for a period, being counted.
pub struct Counter<'a> {
    company: &'a Company,
    metric: &'a Metric,
    first_on: NaiveDate,
    last_on: NaiveDate,
    as_of: Instant,
    tallies: BTreeMap<(String, String), Tally>,
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

    fn add(&mut self, key: (&str, String), add: impl FnOnce(&mut Tally)) {
        add(self.tallies.entry((key.0.to_owned(), key.1)).or_default());
    }

    /// Adds to what is over everything, and to each that an event is told apart by.
    fn add_seen(&mut self, seen: &Seen, add: impl Fn(&mut Tally)) {
        self.add(("", String::new()), &add);
        for by in &self.metric.by {
            let of = self.group(by, seen);
            self.add((by, of), &add);
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
            Measure::Duties(of) => self.duties(case, of),
            Measure::Count(on) => {
                for seen in self.counting(on, events) {
                    self.add_seen(seen, Tally::one);
                }
            }
            Measure::Share(share) => {
                for seen in self.counting(&share.of, events) {
                    for field in &share.fields {
                        let Some(answer) = seen.event.data.get(field).filter(|v| v.is_filled()) else {
                            continue;
                        };
                        let counts = u64::from(share.counts_as.contains(answer));
                        self.add_seen(seen, |t| t.share(counts, 1));
                        if share.fields.len() > 1 {
                            self.add(("field", field.to_string()), |t| t.share(counts, 1));
                            for by in &metric.by {
                                let of = format!("{}/{field}", self.group(by, seen));
                                self.add((by, of), |t| t.share(counts, 1));
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
                        .filter_map(|(ix, (field, _))| Some((ix, rating(seen.event.data.get(field)?)?)))
                        .collect();
                    if !rated.is_empty() {
                        self.add_seen(seen, |t| t.rate(&rated, score.weights.len()));
                    }
                }
            }
            Measure::Points { .. } => {
                let moved = movements(metric, events);
                let until = moved.iter().filter(|m| self.zone().date(m.at) <= self.last_on);
                let (mut balance, mut count) = (0_i64, 0);
                for movement in until {
                    balance = balance.saturating_add(movement.amount);
                    count += 1;
                }
                if count > 0 {
                    self.add(("", String::new()), |t| t.balance(balance, 1));
                    self.add(("case", id.to_owned()), |t| t.balance(balance, count));
                }
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

    fn duties(&mut self, case: &Case, of: &[Id]) {
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
            self.add(("", String::new()), |t| t.share(on_time, population));
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
                    self.add((by, name), |t| t.share(on_time, population));
                }
            }
        }
    }

    /// What was opened is closed by the next of its case that closes; it is open again when the case begins anew, and
    /// none when the case is withdrawn before.
    fn handled(&mut self, opened: &[Id], closed: &[Id], events: &[Seen]) {
        let mut openings: Vec<(&Seen, bool, bool)> = Vec::new();
        for seen in events {
            let (opens, closes) = (opened.contains(&seen.event.kind), closed.contains(&seen.event.kind));
            match seen.course {
                Course::Reopen if !opens => {
                    if let Some(last) = openings.last_mut() {
                        *last = (last.0, false, false);
                    }
                }
                Course::Cancel if !closes => {
                    openings.iter_mut().filter(|o| !o.1).for_each(|o| o.2 = true);
                }
                _ => {}
            }
            if closes {
                openings.iter_mut().for_each(|o| o.1 = true);
            }
            if opens && seen.meets(&self.metric.when) {
                openings.push((seen, false, false));
            }
        }
        for (seen, is_closed, is_withdrawn) in openings {
            if !is_withdrawn && self.is_in_period(seen.event.occurred_at) {
                self.add_seen(seen, |t| t.share(u64::from(is_closed), 1));
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
        let rows = self.tallies.into_iter().map(|((by, of), tally)| {
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

/// A rating: a number that is not negative.
fn rating(value: &Value) -> Option<Fraction> {
    match value {
        Value::Int(n) => u64::try_from(*n).ok().map(Fraction::whole),
        Value::Decimal(text) => Fraction::decimal(text),
        _ => None,
    }
}
