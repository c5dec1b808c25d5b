//! What an occurrence of a recurring duty is reckoned from.

use super::reckoning::Reckoner;
use super::stage::Stage;
use crate::domain::deadline::Due;
use crate::domain::recurrence::{Every, HolidayRule, Recurrence};
use crate::domain::term::Term;
use crate::domain::zone::TimeError;
use crate::engine::obligation::{Obligation, Occurrence};
use crate::engine::{consent, rhythm};
use crate::policy::model::{Beat, Pace, Rhythm};
use chrono::{Datelike, NaiveDate};
use serde_json::{Value, json};
use std::collections::BTreeSet;

impl Reckoner<'_> {
    /// An occurrence: its nominal dates, how they lie, and how they were moved.
    pub(super) fn occurrence(&self, o: &Obligation, rhythm: &Rhythm) -> Result<(Stage, Due), Option<TimeError>> {
        let several = o.more.as_ref().map(|m| m.nominal.to_vec()).filter(|n| !n.is_empty());
        let nominal = match (several, o.occurrence) {
            (Some(several), _) => several,
            (None, Occurrence::On(on)) => vec![on],
            (None, Occurrence::Nth(_)) => return Err(None),
        };
        let calendar = &o.duty.calendar;
        // Of a case that has changed since, the pace of then: the one that leads to the day.
        let paces = rhythm.paces.iter();
        let fits = |pace: &&Pace| self.falls(o, rhythm, pace, nominal.first().copied()) == Some(o.due.date(self.zone));
        let now = rhythm::pace(rhythm, self.case).filter(fits);
        let pace = now.or_else(|| paces.clone().find(fits)).ok_or(None)?;
        let on = o.due.date(self.zone);
        let mut days: BTreeSet<NaiveDate> = BTreeSet::from([on]);
        for date in &nominal {
            let (first, last) = ((*date).min(on), (*date).max(on));
            days.extend(first.iter_days().take_while(|day| *day <= last));
        }
        let every = self.beat(o, rhythm, pace, nominal.first().copied());
        if matches!(every, Some((Every::WorkingDayOfMonth(_), _))) {
            days.extend(nominal.iter().flat_map(|on| month_of(*on)));
        }
        let stage = Stage::Occurrence {
            nominal_on: nominal.iter().map(ToString::to_string).collect(),
            every: every.map(|(every, from)| figures(&every, from)),
            lead: pace.lead.map(|lead| lead.to_string()),
            holidays: match rhythm.holidays {
                HolidayRule::None => "none",
                HolidayRule::Next => "next",
                HolidayRule::Previous => "previous",
                HolidayRule::Skip => "skip",
            },
            days: self.days(calendar, &days, None, false),
        };
        let at = self.zone.end_of(on)?;
        Ok((stage, Due::Day { on, at }))
    }

    /// Where a nominal date falls by a pace.
    fn falls(&self, o: &Obligation, rhythm: &Rhythm, pace: &Pace, nominal: Option<NaiveDate>) -> Option<NaiveDate> {
        let nominal = nominal?;
        let alone = Recurrence {
            every: Every::Dates(vec![(nominal, o.duty.title.clone())]),
            overflow: rhythm.overflow,
            holidays: rhythm.holidays,
            count: None,
            lead: pace.lead,
        };
        let found = alone
            .next_after(nominal, nominal.pred_opt()?, &o.duty.calendar)
            .ok()??;
        Some(found.on)
    }

    /// How the nominal dates lie, and the date that they are counted from; none where that cannot be told any more.
    fn beat(
        &self,
        o: &Obligation,
        rhythm: &Rhythm,
        pace: &Pace,
        nominal: Option<NaiveDate>,
    ) -> Option<(Every, Option<NaiveDate>)> {
        let nominal = nominal?;
        let data = &self.case.data;
        let every = match &pace.beat {
            Beat::Fixed(every) => every.clone(),
            Beat::Birthday(field) => {
                let born = data.get(field)?.as_date()?;
                Every::Yearly {
                    month: born.month(),
                    day: born.day(),
                }
            }
            Beat::Interval(field) => match data.get(field)? {
                crate::domain::value::Value::Int(n) => Every::Days(u32::try_from(*n).ok()?),
                _ => return None,
            },
            Beat::RandomDay(_) => return None,
        };
        let mine = self.case.series.iter().find(|s| s.duty.id == o.duty.id);
        let earlier = self.case.obligations.iter().filter(|other| other.duty.id == o.duty.id);
        let earlier = earlier.filter_map(|other| match other.occurrence {
            Occurrence::On(on) if on < nominal => Some(on),
            _ => None,
        });
        let begun = self.zone.date(o.trigger.at);
        let froms = mine.map(|s| s.anchor).into_iter().chain([begun]).chain(earlier.max());
        let froms: Vec<NaiveDate> = froms.collect();
        let stretched = every.clone().stretched(consent::stretch(&o.duty, data));
        for every in [stretched, every] {
            let plain = Recurrence {
                every: every.clone(),
                overflow: rhythm.overflow,
                holidays: HolidayRule::None,
                count: None,
                lead: None::<Term>,
            };
            let lies = |from: &&NaiveDate| {
                let found = plain.between(**from, nominal, nominal, &o.duty.calendar);
                found.is_ok_and(|found| !found.is_empty())
            };
            if let Some(from) = froms.iter().find(lies) {
                let counted = every.is_interval().then_some(*from);
                return Some((every, counted));
            }
        }
        None
    }
}

/// How nominal dates lie, in figures; `counted_from` where they are counted from a date.
fn figures(every: &Every, counted_from: Option<NaiveDate>) -> Value {
    let from = counted_from.map(|on| on.to_string());
    match every {
        Every::Days(n) => json!({ "days": n, "from_on": from }),
        Every::Weeks(n) => json!({ "days": n.saturating_mul(7), "from_on": from }),
        Every::Months(n) => json!({ "months": n, "from_on": from }),
        Every::Weekdays(days) => {
            let on = (1..).zip(days).filter(|(_, is)| **is).map(|(n, _): (u32, _)| n);
            json!({ "weekdays": on.collect::<Vec<u32>>() })
        }
        Every::DaysOfMonth(days) => json!({ "days_of_month": days }),
        Every::MonthLast => json!({ "last_of_month": (1..=12).collect::<Vec<u32>>() }),
        Every::QuarterLast => json!({ "last_of_month": [3, 6, 9, 12] }),
        Every::YearLast => json!({ "last_of_month": [12] }),
        Every::WorkingDayOfMonth(n) => json!({ "working_day_of_month": n }),
        Every::Yearly { month, day } => json!({ "month": month, "day": day }),
        Every::Festivals(names) => json!({ "festivals": names.iter().map(AsRef::as_ref).collect::<Vec<&str>>() }),
        Every::Dates(dates) => {
            json!({ "dates": dates.iter().map(|(on, _)| on.to_string()).collect::<Vec<String>>() })
        }
    }
}

/// The first to the last date of a month.
fn month_of(on: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    let first = on.with_day(1).unwrap_or(on);
    first.iter_days().take_while(move |day| day.month() == on.month())
}
