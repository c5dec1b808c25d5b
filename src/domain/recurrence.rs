//! Recurrences: the dates on which something is due again and again. A small closed grammar.

use std::ops::ControlFlow;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

use super::calendar::Calendar;
use super::date::{FIRST_DATE, LAST_DATE, days_in_month, minus_days, minus_months, plus_days, plus_months};
use super::deadline::shifted;
use super::term::{Shift, Term};
use super::zone::TimeError;

/// The most nominal dates that one question is answered with.
pub const MAX_OCCURRENCES: usize = 10_000;

/// How the nominal dates lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Every {
    /// Every n days from the anchor, which itself is not one of them.
    Days(u32),
    /// Every n weeks from the anchor, which itself is not one of them.
    Weeks(u32),
    /// Every n months from the anchor, always counted from it; the anchor itself is not one of them.
    Months(u32),
    /// These weekdays, Monday first.
    Weekdays([bool; 7]),
    /// These days of each month, 1 to 31.
    DaysOfMonth(Vec<u32>),
    /// The last day of each month.
    MonthLast,
    /// The last day of March, June, September and December.
    QuarterLast,
    /// 31 December.
    YearLast,
    /// The n-th working day of each month; the nominal date is that day.
    WorkingDayOfMonth(u32),
    /// The own days of these festivals by the calendar; none named: of all. Those of the lunar calendar have a day only
    /// where it is published.
    Festivals(Vec<Arc<str>>),
    /// Named dates.
    Dates(Vec<(NaiveDate, Arc<str>)>),
    /// A day of each year, such as a birthday; 29 February is the 28th in other years.
    Yearly {
        /// The month, 1 to 12.
        month: u32,
        /// The day, 1 to 31.
        day: u32,
    },
}

impl Every {
    /// Whether the dates are counted from the anchor, not read off the calendar.
    pub fn is_interval(&self) -> bool {
        matches!(self, Every::Days(_) | Every::Weeks(_) | Every::Months(_))
    }

    /// The same interval so many times as long; what is read off the calendar stays.
    pub fn stretched(self, times: u32) -> Every {
        match self {
            Every::Days(n) => Every::Days(n.saturating_mul(times)),
            Every::Weeks(n) => Every::Weeks(n.saturating_mul(times)),
            Every::Months(n) => Every::Months(n.saturating_mul(times)),
            other => other,
        }
    }
}

/// What becomes of a day that a month does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Overflow {
    /// The last day of the month (for the n-th working day, the last working day) takes its place.
    #[default]
    LastDay,
    /// That month has none.
    Skip,
}

/// What becomes of a nominal date that is not a working day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum HolidayRule {
    /// It stays; no calendar is asked.
    #[default]
    None,
    /// The next working day takes its place.
    Next,
    /// The working day before it takes its place.
    Previous,
    /// There is no occurrence.
    Skip,
}

/// When something is due again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recurrence {
    /// How the nominal dates lie.
    pub every: Every,
    /// What becomes of a day that a month does not have.
    pub overflow: Overflow,
    /// What becomes of a nominal date that is not a working day.
    pub holidays: HolidayRule,
    /// How many nominal dates there are from the anchor on, those that a holiday skips among them; `None`: no limit.
    pub count: Option<u32>,
    /// How long before the nominal date it is due; `None`: on that date.
    pub lead: Option<Term>,
}

/// One time that it is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// The local date on which it is due, after holidays.
    pub on: NaiveDate,
    /// The nominal dates that fell onto that day, in order; never empty. They are its identity.
    pub nominal: Vec<NaiveDate>,
    /// Whether the calendar assumed a day that decided it.
    pub provisional: bool,
}

/// Takes a nominal date and whether it is provisional, and says whether to go on.
type Sink<'a> = dyn FnMut(NaiveDate, bool) -> ControlFlow<()> + 'a;

impl Recurrence {
    /// The occurrences whose nominal date lies in `from..=to`, in order, counted from `anchor`. The anchor day may be one
    /// where the dates lie in the calendar, and is none where they are intervals. Nominal dates that shift onto the same
    /// day are one occurrence; those outside `from..=to` are not listed with it.
    ///
    /// [`TimeError::TooMany`] beyond [`MAX_OCCURRENCES`] nominal dates, [`TimeError::NeverRecurs`] for a recurrence that
    /// cannot have a date, [`TimeError::NoWorkingDay`], [`TimeError::OutOfRange`] for a shift out of the years.
    pub fn between(
        &self,
        anchor: NaiveDate,
        from: NaiveDate,
        to: NaiveDate,
        calendar: &Calendar,
    ) -> Result<Vec<Occurrence>, TimeError> {
        let mut found: Vec<Occurrence> = Vec::new();
        let (mut fault, mut dates) = (None, 0_usize);
        self.nominal(anchor, from, to, calendar, &mut |nominal, assumed| {
            dates = dates.saturating_add(1);
            let placed = match self.place(nominal, assumed, calendar) {
                _ if dates > MAX_OCCURRENCES => Err(TimeError::TooMany { max: MAX_OCCURRENCES }),
                other => other,
            };
            match placed {
                Ok(Some((on, provisional))) => merge(&mut found, on, nominal, provisional),
                Ok(None) => {}
                Err(error) => fault = Some(error),
            }
            if fault.is_some() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })?;
        fault.map_or(Ok(found), Err)
    }

    /// The first occurrence whose nominal date is after `after`, with all nominal dates after it that fall onto the same
    /// day; `None` if there is none before the year 10000. Fails as [`Recurrence::between`].
    pub fn next_after(
        &self,
        anchor: NaiveDate,
        after: NaiveDate,
        calendar: &Calendar,
    ) -> Result<Option<Occurrence>, TimeError> {
        let Ok(from) = plus_days(after.max(minus_one(FIRST_DATE)), 1) else {
            return Ok(None);
        };
        let mut found: Vec<Occurrence> = Vec::new();
        let mut fault = None;
        self.nominal(anchor, from, LAST_DATE, calendar, &mut |nominal, assumed| {
            match self.place(nominal, assumed, calendar) {
                Ok(None) => return ControlFlow::Continue(()),
                Ok(Some((on, provisional))) => {
                    if found.is_empty() || found.last().is_some_and(|first| first.on == on) {
                        merge(&mut found, on, nominal, provisional);
                        return ControlFlow::Continue(());
                    }
                }
                Err(error) if found.is_empty() => fault = Some(error),
                Err(_) => {}
            }
            ControlFlow::Break(())
        })?;
        fault.map_or(Ok(found.pop()), Err)
    }

    /// Whether the calendar assumes a day that decides about a nominal date: that it is one, or where it falls.
    pub fn assumes(&self, nominal: NaiveDate, calendar: &Calendar) -> bool {
        let dated = match &self.every {
            Every::WorkingDayOfMonth(_) => {
                let dates = nominal.with_day(1).map(|start| self.of_month(start, calendar));
                dates.is_some_and(|dates| dates.iter().any(|(_, assumed)| *assumed))
            }
            Every::Festivals(_) => {
                let days = calendar.festivals(nominal.year());
                days.iter().any(|day| day.on == nominal && !day.certain)
            }
            _ => false,
        };
        let falls = self.place(nominal, false, calendar);
        dated || falls.is_ok_and(|found| found.is_some_and(|(_, assumed)| assumed))
    }

    /// [`TimeError::NeverRecurs`] for an interval of 0, no weekday, or a day that no month has.
    pub fn check(&self) -> Result<(), TimeError> {
        let possible = match &self.every {
            Every::Days(n) | Every::Weeks(n) | Every::Months(n) | Every::WorkingDayOfMonth(n) => *n > 0,
            Every::Weekdays(days) => days.contains(&true),
            Every::DaysOfMonth(days) => !days.is_empty() && days.iter().all(|day| (1..=31).contains(day)),
            Every::Yearly { month, day } => days_in_month(2024, *month).is_some_and(|days| (1..=days).contains(day)),
            Every::MonthLast | Every::QuarterLast | Every::YearLast | Every::Dates(_) | Every::Festivals(_) => true,
        };
        if possible { Ok(()) } else { Err(TimeError::NeverRecurs) }
    }

    /// Where a nominal date falls; `None` if the holiday rule leaves it out.
    fn place(
        &self,
        nominal: NaiveDate,
        assumed: bool,
        calendar: &Calendar,
    ) -> Result<Option<(NaiveDate, bool)>, TimeError> {
        let (nominal, assumed) = match self.lead {
            None => (nominal, assumed),
            Some(lead) => {
                let (on, led) = ahead(nominal, lead, calendar)?;
                (on, assumed || led)
            }
        };
        let shift = match self.holidays {
            HolidayRule::None => Shift::None,
            HolidayRule::Next => Shift::Next,
            HolidayRule::Previous => Shift::Previous,
            HolidayRule::Skip => {
                let day = calendar.day(nominal);
                return Ok(day.working.then_some((nominal, assumed || !day.certain)));
            }
        };
        let (on, provisional, _) = shifted(nominal, shift, None, calendar)?;
        Ok(Some((on, assumed || provisional)))
    }

    /// Hands the nominal dates in `from..=to` to `sink`, in order, the first `count` from the anchor on.
    fn nominal(
        &self,
        anchor: NaiveDate,
        from: NaiveDate,
        to: NaiveDate,
        calendar: &Calendar,
        sink: &mut Sink<'_>,
    ) -> Result<(), TimeError> {
        self.check()?;
        let to = to.min(LAST_DATE);
        let first = if self.count.is_some() { anchor } else { anchor.max(from) }.max(FIRST_DATE);
        let mut left = self.count;
        let mut counting = |on: NaiveDate, assumed: bool| {
            if on < first {
                return ControlFlow::Continue(());
            }
            if on > to || left == Some(0) {
                return ControlFlow::Break(());
            }
            left = left.map(|left| left.saturating_sub(1));
            if on < from {
                ControlFlow::Continue(())
            } else {
                sink(on, assumed)
            }
        };
        let _ = match &self.every {
            Every::Days(n) => intervals(anchor, u64::from(*n), first, &mut counting),
            Every::Weeks(n) => intervals(anchor, u64::from(*n).saturating_mul(7), first, &mut counting),
            Every::Months(n) => self.months_from(anchor, *n, first, &mut counting),
            Every::Weekdays(days) => weekdays(*days, first, &mut counting),
            Every::Dates(dates) => {
                let mut dates: Vec<NaiveDate> = dates.iter().map(|(on, _)| *on).collect();
                dates.sort_unstable();
                dates.dedup();
                dates.into_iter().try_for_each(|on| counting(on, false))
            }
            Every::Festivals(names) => festivals(names, first, calendar, &mut counting),
            _ => self.by_month(first, calendar, &mut counting),
        };
        Ok(())
    }

    /// Every n months, each counted from the anchor.
    fn months_from(&self, anchor: NaiveDate, n: u32, first: NaiveDate, sink: &mut Sink<'_>) -> ControlFlow<()> {
        let gap = month_number(first).saturating_sub(month_number(anchor)).max(0);
        let skipped = u32::try_from(gap).unwrap_or(0).checked_div(n).unwrap_or(0);
        for k in skipped.max(1).. {
            let Some(Ok(on)) = n.checked_mul(k).map(|months| plus_months(anchor, months)) else {
                break;
            };
            if on.day() == anchor.day() || self.overflow == Overflow::LastDay {
                sink(on, false)?;
            }
        }
        ControlFlow::Continue(())
    }

    /// The dates that lie in each month, month by month.
    fn by_month(&self, first: NaiveDate, calendar: &Calendar, sink: &mut Sink<'_>) -> ControlFlow<()> {
        let mut start = first.with_day(1);
        while let Some(month) = start {
            for (on, assumed) in self.of_month(month, calendar) {
                sink(on, assumed)?;
            }
            start = plus_months(month, 1).ok();
        }
        ControlFlow::Continue(())
    }

    /// The nominal dates in the month that begins with `start`, in order.
    fn of_month(&self, start: NaiveDate, calendar: &Calendar) -> Vec<(NaiveDate, bool)> {
        let last = days_in_month(start.year(), start.month()).unwrap_or(28);
        let fit = |day: u32| match self.overflow {
            Overflow::Skip if day > last => None,
            _ => start.with_day(day.min(last)),
        };
        let sure = |on: Option<NaiveDate>| on.map(|on| (on, false)).into_iter().collect();
        match &self.every {
            Every::MonthLast => sure(start.with_day(last)),
            Every::QuarterLast if start.month().is_multiple_of(3) => sure(start.with_day(last)),
            Every::YearLast if start.month() == 12 => sure(start.with_day(last)),
            Every::Yearly { month, day } if *month == start.month() => sure(fit(*day)),
            Every::DaysOfMonth(days) => {
                let mut dates: Vec<_> = days.iter().filter_map(|day| fit(*day)).map(|on| (on, false)).collect();
                dates.sort_unstable();
                dates.dedup();
                dates
            }
            Every::WorkingDayOfMonth(n) => {
                let (mut found, mut counted, mut assumed) = (None, 0_u32, false);
                for on in (1..=last).filter_map(|day| start.with_day(day)) {
                    let day = calendar.day(on);
                    assumed |= !day.certain;
                    if day.working && counted < *n {
                        counted = counted.saturating_add(1);
                        found = Some(on);
                    }
                    if counted == *n {
                        break;
                    }
                }
                let enough = counted == *n || self.overflow == Overflow::LastDay;
                found.filter(|_| enough).map(|on| (on, assumed)).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }
}

/// The day a term before a date, and whether the calendar assumed a day on the way.
fn ahead(on: NaiveDate, lead: Term, calendar: &Calendar) -> Result<(NaiveDate, bool), TimeError> {
    let days = |n: u64| minus_days(on, n).map(|on| (on, false));
    match lead {
        Term::Days(n) => days(u64::from(n)),
        Term::Weeks(n) => days(u64::from(n).saturating_mul(7)),
        Term::Months(n) => minus_months(on, n).map(|on| (on, false)),
        Term::Years(n) => minus_months(on, n.saturating_mul(12)).map(|on| (on, false)),
        Term::WorkingDays(n) => calendar.nth_working_day_before(on, n),
        Term::Minutes(_) | Term::OpenMinutes(_) => Err(TimeError::NotDays { term: lead }),
    }
}

/// The days of festivals, each day once, year by year; where only movable ones are wanted, as far as they are published.
fn festivals(names: &[Arc<str>], first: NaiveDate, calendar: &Calendar, sink: &mut Sink<'_>) -> ControlFlow<()> {
    let wanted = |name: &str| names.is_empty() || names.iter().any(|wanted| name.contains(wanted.as_ref()));
    let fixed = super::calendar::FIXED_FESTIVALS.iter().any(|(_, _, name)| wanted(name));
    let last = if fixed {
        LAST_DATE.year()
    } else {
        calendar.last_festival_year().unwrap_or(first.year())
    };
    for year in first.year()..=last {
        let mut days = calendar.festivals(year);
        days.retain(|festival| wanted(&festival.name));
        days.dedup_by_key(|festival| festival.on);
        for festival in days {
            sink(festival.on, !festival.certain)?;
        }
    }
    ControlFlow::Continue(())
}

fn minus_one(on: NaiveDate) -> NaiveDate {
    on.pred_opt().unwrap_or(on)
}

fn month_number(on: NaiveDate) -> i32 {
    on.year().saturating_mul(12).saturating_add_unsigned(on.month0())
}

/// Adds a placed nominal date; shifts keep the order, so only the last occurrence can be on the same day.
fn merge(found: &mut Vec<Occurrence>, on: NaiveDate, nominal: NaiveDate, provisional: bool) {
    match found.last_mut() {
        Some(last) if last.on == on => {
            last.nominal.push(nominal);
            last.provisional |= provisional;
        }
        _ => found.push(Occurrence {
            on,
            nominal: vec![nominal],
            provisional,
        }),
    }
}

/// Every `step` days from the anchor, beginning shortly before `first`.
fn intervals(anchor: NaiveDate, step: u64, first: NaiveDate, sink: &mut Sink<'_>) -> ControlFlow<()> {
    let gap = u64::try_from(first.signed_duration_since(anchor).num_days()).unwrap_or(0);
    for k in gap.checked_div(step).unwrap_or(0).max(1).. {
        let Some(Ok(on)) = step.checked_mul(k).map(|days| plus_days(anchor, days)) else {
            break;
        };
        sink(on, false)?;
    }
    ControlFlow::Continue(())
}

fn weekdays(days: [bool; 7], first: NaiveDate, sink: &mut Sink<'_>) -> ControlFlow<()> {
    for on in first.iter_days() {
        let weekday = usize::try_from(on.weekday().num_days_from_monday()).unwrap_or_default();
        if days.get(weekday).copied().unwrap_or_default() {
            sink(on, false)?;
        }
    }
    ControlFlow::Continue(())
}

#[cfg(test)]
mod tests;
