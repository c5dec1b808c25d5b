//! Calendars: which days are working days, at which hours, and how far that is known.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate, NaiveTime};

use super::date::{SEARCH_DAYS, minus_days, plus_days};
use super::zone::TimeError;

mod festival;

pub use festival::{FIXED_FESTIVALS, Festival};

/// Open time of a day: from, to; an end of 00:00 is the midnight that ends the day (24:00).
pub type Span = (NaiveTime, NaiveTime);

/// The statutory days with a fixed date (month, day) that are assumed off where no notice is published: 1 January,
/// 1 and 2 May, 1 to 3 October (全国年节及纪念日放假办法, since 2025).
pub const FIXED_STATUTORY: [(u32, u32); 6] = [(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)];

/// Why a day is a working day or is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DayReason {
    /// A regular working weekday.
    Weekday,
    /// A weekly rest day.
    Weekend,
    /// A day off of the base layer, with its name.
    DayOff(Arc<str>),
    /// A make-up workday (调休上班) of the base layer, with the holiday it makes up for.
    MakeUp(Arc<str>),
    /// A day on which a later layer closes, with its name.
    ExtraClosed(Arc<str>),
    /// A day on which a later layer works, with its name.
    ExtraOpen(Arc<str>),
    /// A regular working weekday, in a time for which nothing is published.
    AssumedWeekday,
    /// A weekly rest day, in a time for which nothing is published.
    AssumedRest,
    /// A fixed statutory day (month, day), in a time for which nothing is published.
    AssumedStatutory(u32, u32),
}

/// What a calendar says of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// Whether it is a working day.
    pub working: bool,
    /// Whether that is published, rather than assumed.
    pub certain: bool,
    /// Why.
    pub reason: DayReason,
}

/// What one layer (nation, company, site) adds to the layers below it. What it leaves at `None` is theirs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CalendarLayer {
    /// The regular working weekdays, Monday first.
    pub weekdays: Option<[bool; 7]>,
    /// Days off: first and last date, both included, and the name.
    pub days_off: Vec<(NaiveDate, NaiveDate, Arc<str>)>,
    /// Days that are worked although they would be free; within a layer they win over `days_off`.
    pub make_up: Vec<(NaiveDate, Arc<str>)>,
    /// The statutory days themselves, within the days off: from them and the names of the days off follow the festivals.
    pub statutory: Vec<NaiveDate>,
    /// Open time of working days, make-up workdays among them.
    pub hours: Option<Vec<Span>>,
    /// Open time of days that are not working days; none unless a layer says so.
    pub rest_hours: Option<Vec<Span>>,
    /// The dates (both included) for which this layer and those below it are complete. The ranges of the layers add up.
    pub covered: Option<(NaiveDate, NaiveDate)>,
    /// Fixed statutory days (month, day) to assume beyond the covered dates; [`FIXED_STATUTORY`] unless a layer says so.
    pub fixed_statutory: Option<Vec<(u32, u32)>>,
}

/// What is wrong with a layer. [`Calendar::build`] passes over what is reported here.
#[derive(thiserror::Error, Clone, Debug, PartialEq, Eq)]
pub enum LayerFault {
    /// A span of hours that does not end after it begins.
    #[error("the hours {0}-{1} do not end after they begin: write the two sides of midnight as two spans")]
    Hours(NaiveTime, NaiveTime),
    /// A stretch of days whose last day is before its first.
    #[error("{0} to {1} ends before it begins")]
    Dates(NaiveDate, NaiveDate),
    /// A month and day that no year has.
    #[error("month {0} has no day {1}")]
    MonthDay(u32, u32),
}

impl CalendarLayer {
    /// The faults of the layer, for whoever reads it from outside; empty if there are none.
    pub fn faults(&self) -> Vec<LayerFault> {
        let hours = self.hours.iter().chain(&self.rest_hours).flatten();
        let hours = hours
            .filter(|span| !is_span(span))
            .map(|(from, to)| LayerFault::Hours(*from, *to));
        let dates = self
            .days_off
            .iter()
            .map(|(from, to, _)| (*from, *to))
            .chain(self.covered);
        let dates = dates
            .filter(|(from, to)| from > to)
            .map(|(from, to)| LayerFault::Dates(from, to));
        let fixed = self.fixed_statutory.iter().flatten();
        let fixed = fixed.filter(|(month, day)| NaiveDate::from_ymd_opt(2024, *month, *day).is_none());
        hours
            .chain(dates)
            .chain(fixed.map(|(month, day)| LayerFault::MonthDay(*month, *day)))
            .collect()
    }
}

/// Whether a span ends after it begins; an end of 00:00 is 24:00.
fn is_span((from, to): &Span) -> bool {
    from < to || *to == NaiveTime::MIN
}

/// A named calendar of one or more layers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    name: Arc<str>,
    weekdays: [bool; 7],
    /// First date -> (last date, working, reason); disjoint.
    special: BTreeMap<NaiveDate, (NaiveDate, bool, DayReason)>,
    hours: Vec<Span>,
    rest_hours: Vec<Span>,
    covered: Vec<(NaiveDate, NaiveDate)>,
    fixed_statutory: Vec<(u32, u32)>,
    festivals: BTreeMap<NaiveDate, Vec<Arc<str>>>,
}

impl Calendar {
    /// The calendar of these layers, base first; later layers win, day by day. With no layer that says otherwise:
    /// Monday to Friday, no hours, nothing covered, so that every result is provisional.
    pub fn build(name: &str, layers: &[&CalendarLayer]) -> Calendar {
        let mut calendar = Calendar {
            name: Arc::from(name),
            weekdays: [true, true, true, true, true, false, false],
            special: BTreeMap::new(),
            hours: Vec::new(),
            rest_hours: Vec::new(),
            covered: Vec::new(),
            fixed_statutory: FIXED_STATUTORY.to_vec(),
            festivals: BTreeMap::new(),
        };
        for (level, layer) in layers.iter().enumerate() {
            calendar.add(layer, level == 0);
        }
        calendar
    }

    fn add(&mut self, layer: &CalendarLayer, base: bool) {
        for (from, to, name) in &layer.days_off {
            let name = Arc::clone(name);
            let reason = if base {
                DayReason::DayOff(name)
            } else {
                DayReason::ExtraClosed(name)
            };
            self.cover(*from, *to, false, reason);
        }
        for (on, name) in &layer.make_up {
            let name = Arc::clone(name);
            let reason = if base {
                DayReason::MakeUp(name)
            } else {
                DayReason::ExtraOpen(name)
            };
            self.cover(*on, *on, true, reason);
        }
        for (on, name) in festival::own_days(&layer.days_off, &layer.statutory) {
            self.festivals.entry(on).or_default().push(name);
        }
        self.covered.extend(layer.covered.filter(|(from, to)| from <= to));
        self.weekdays = layer.weekdays.unwrap_or(self.weekdays);
        if let Some(hours) = &layer.hours {
            self.hours = union(hours);
        }
        if let Some(hours) = &layer.rest_hours {
            self.rest_hours = union(hours);
        }
        if let Some(fixed) = &layer.fixed_statutory {
            self.fixed_statutory.clone_from(fixed);
        }
    }

    /// Lays a stretch of days over what is there.
    fn cover(&mut self, from: NaiveDate, to: NaiveDate, working: bool, reason: DayReason) {
        if from > to {
            return;
        }
        let touched: Vec<NaiveDate> = self
            .special
            .range(..=to)
            .rev()
            .take_while(|(_, (last, _, _))| *last >= from)
            .map(|(first, _)| *first)
            .collect();
        for first in touched {
            let Some((last, was_working, was)) = self.special.remove(&first) else {
                continue;
            };
            if let Some(before) = from.pred_opt().filter(|before| first <= *before) {
                self.special.insert(first, (before, was_working, was.clone()));
            }
            if let Some(after) = to.succ_opt().filter(|after| *after <= last) {
                self.special.insert(after, (last, was_working, was));
            }
        }
        self.special.insert(from, (to, working, reason));
    }

    /// The name that policies use.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The regular working weekdays, Monday first.
    pub fn weekdays(&self) -> &[bool; 7] {
        &self.weekdays
    }

    /// The open time of working days, and that of days off.
    pub fn spans(&self) -> (&[Span], &[Span]) {
        (&self.hours, &self.rest_hours)
    }

    /// What is laid over the published days: first and last date, both included, whether they are worked, and the name.
    pub fn own_days(&self) -> impl Iterator<Item = (NaiveDate, NaiveDate, bool, &Arc<str>)> {
        self.special
            .iter()
            .filter_map(|(from, (to, working, reason))| match reason {
                DayReason::ExtraClosed(name) | DayReason::ExtraOpen(name) => Some((*from, *to, *working, name)),
                _ => None,
            })
    }

    /// Whether a layer is complete for this date.
    pub fn covers(&self, on: NaiveDate) -> bool {
        self.covered.iter().any(|(from, to)| (*from..=*to).contains(&on))
    }

    /// The last date for which a layer is complete; none: no layer is.
    pub fn covered_to(&self) -> Option<NaiveDate> {
        self.covered.iter().map(|(_, to)| *to).max()
    }

    /// What the calendar says of the day. A day that a layer names is certain. Others follow the weekdays; where no
    /// layer is complete, the fixed statutory days are assumed off as well, and the day is not certain.
    pub fn day(&self, on: NaiveDate) -> Day {
        if let Some((_, (last, working, reason))) = self.special.range(..=on).next_back()
            && on <= *last
        {
            return Day {
                working: *working,
                certain: true,
                reason: reason.clone(),
            };
        }
        let weekday = usize::try_from(on.weekday().num_days_from_monday()).unwrap_or_default();
        let working = self.weekdays.get(weekday).copied().unwrap_or_default();
        let certain = self.covers(on);
        let fixed = (on.month(), on.day());
        let reason = match (certain, working) {
            (true, true) => DayReason::Weekday,
            (true, false) => DayReason::Weekend,
            (false, _) if self.fixed_statutory.contains(&fixed) => DayReason::AssumedStatutory(fixed.0, fixed.1),
            (false, true) => DayReason::AssumedWeekday,
            (false, false) => DayReason::AssumedRest,
        };
        Day {
            working: working && !matches!(reason, DayReason::AssumedStatutory(..)),
            certain,
            reason,
        }
    }

    /// The open time of the date, in order and without overlaps: that of working days (make-up workdays among them), or
    /// that of rest days. An end of 00:00 is the midnight that ends the date.
    pub fn open_spans(&self, on: NaiveDate) -> &[Span] {
        if self.day(on).working {
            &self.hours
        } else {
            &self.rest_hours
        }
    }

    /// The `n`-th working day strictly after `on`, and whether a day on the way was only assumed. `visit` sees each
    /// day on the way with its number if it counts. For `n` = 0 that is `on` itself, whatever it is.
    /// [`TimeError::NoWorkingDay`] after [`SEARCH_DAYS`] days in a row without one, [`TimeError::OutOfRange`].
    pub fn nth_working_day_after(
        &self,
        on: NaiveDate,
        n: u32,
        visit: &mut dyn FnMut(NaiveDate, &Day, Option<u32>),
    ) -> Result<(NaiveDate, bool), TimeError> {
        let mut counted = 0_u32;
        self.walk(on, n, plus_days, &mut |on, day| {
            counted = counted.saturating_add(u32::from(day.working));
            visit(on, day, day.working.then_some(counted));
            Ok(true)
        })
    }

    /// The `n`-th working day strictly before `on`, as in [`Calendar::nth_working_day_after`].
    pub fn nth_working_day_before(&self, on: NaiveDate, n: u32) -> Result<(NaiveDate, bool), TimeError> {
        self.walk(on, n, minus_days, &mut |_, _| Ok(true))
    }

    /// Walks day by day from the day next to `on` until `n` working days have counted. `counts` sees each day and says
    /// of a working day whether it counts (of others its answer is ignored).
    pub(super) fn walk(
        &self,
        on: NaiveDate,
        n: u32,
        stride: fn(NaiveDate, u64) -> Result<NaiveDate, TimeError>,
        counts: &mut dyn FnMut(NaiveDate, &Day) -> Result<bool, TimeError>,
    ) -> Result<(NaiveDate, bool), TimeError> {
        let (mut on, mut left, mut idle, mut provisional) = (on, n, 0_u32, false);
        while left > 0 {
            on = stride(on, 1)?;
            let day = self.day(on);
            provisional |= !day.certain;
            let counted = counts(on, &day)?;
            if day.working {
                idle = 0;
                left = left.saturating_sub(u32::from(counted));
            } else {
                idle = idle.saturating_add(1);
                if idle >= SEARCH_DAYS {
                    return Err(TimeError::NoWorkingDay);
                }
            }
        }
        Ok((on, provisional))
    }
}

/// Spans in order; overlapping and touching ones are one, wrong ones are left out.
fn union(spans: &[Span]) -> Vec<Span> {
    let mut sorted: Vec<Span> = spans.iter().copied().filter(is_span).collect();
    sorted.sort_unstable();
    let mut union: Vec<Span> = Vec::with_capacity(sorted.len());
    for (from, to) in sorted {
        match union.last_mut() {
            Some((_, last)) if *last == NaiveTime::MIN => {}
            Some((_, last)) if from <= *last => *last = if to == NaiveTime::MIN { to } else { to.max(*last) },
            _ => union.push((from, to)),
        }
    }
    union
}

#[cfg(test)]
pub(crate) mod tests;
