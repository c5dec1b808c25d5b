//! Local dates within the years the engine answers for, and the checked steps between them.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::zone::TimeError;

/// The first local date that a result may have: 1 January 1900.
pub const FIRST_DATE: NaiveDate = ymd(1900, 1, 1);

/// The last local date that a result may have: 31 December 9999, the last one RFC 3339 can write.
pub const LAST_DATE: NaiveDate = ymd(9999, 12, 31);

/// How many days in a row without a working day, or without open time, are searched before the search is given up.
pub const SEARCH_DAYS: u32 = 3660;

const fn ymd(year: i32, month: u32, day: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(year, month, day) {
        Some(on) => on,
        None => NaiveDate::MIN,
    }
}

/// The date itself. [`TimeError::OutOfRange`] outside [`FIRST_DATE`]..=[`LAST_DATE`].
pub fn in_range(on: NaiveDate) -> Result<NaiveDate, TimeError> {
    if (FIRST_DATE..=LAST_DATE).contains(&on) {
        Ok(on)
    } else {
        Err(TimeError::OutOfRange)
    }
}

/// The date that a text writes as `2026-03-05`, year of four digits first; `None` for any other text and for dates outside
/// [`FIRST_DATE`]..=[`LAST_DATE`].
pub fn written(text: &str) -> Option<NaiveDate> {
    let shaped = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let on = text.parse().ok().filter(|_| shaped)?;
    in_range(on).ok()
}

/// The date `days` days after `on`. [`TimeError::OutOfRange`] when the result is.
pub fn plus_days(on: NaiveDate, days: u64) -> Result<NaiveDate, TimeError> {
    on.checked_add_days(Days::new(days))
        .ok_or(TimeError::OutOfRange)
        .and_then(in_range)
}

/// The date `days` days before `on`. [`TimeError::OutOfRange`] when the result is.
pub fn minus_days(on: NaiveDate, days: u64) -> Result<NaiveDate, TimeError> {
    on.checked_sub_days(Days::new(days))
        .ok_or(TimeError::OutOfRange)
        .and_then(in_range)
}

/// The whole years from one date to another, by corresponding days: from 29 February a year is full on 28 February.
/// 0 where the second is not a year after the first.
pub fn whole_years(from: NaiveDate, to: NaiveDate) -> i64 {
    let years = u32::try_from(to.year().saturating_sub(from.year())).unwrap_or(0);
    let full = plus_months(from, years.saturating_mul(12)).is_ok_and(|on| on <= to);
    i64::from(if full { years } else { years.saturating_sub(1) })
}

/// The corresponding day `months` months after `on`, or the last day of that month if it is shorter (Civil Code,
/// art. 202). [`TimeError::OutOfRange`] when the result is.
pub fn plus_months(on: NaiveDate, months: u32) -> Result<NaiveDate, TimeError> {
    on.checked_add_months(Months::new(months))
        .ok_or(TimeError::OutOfRange)
        .and_then(in_range)
}

/// The corresponding day `months` months before `on`, or the last day of that month if it is shorter.
/// [`TimeError::OutOfRange`] when the result is.
pub fn minus_months(on: NaiveDate, months: u32) -> Result<NaiveDate, TimeError> {
    on.checked_sub_months(Months::new(months))
        .ok_or(TimeError::OutOfRange)
        .and_then(in_range)
}

/// The number of days in a month of a year; `None` if there is no such month, or the year is out of range.
pub fn days_in_month(year: i32, month: u32) -> Option<u32> {
    let first = NaiveDate::from_ymd_opt(year, month, 1).filter(|on| in_range(*on).is_ok())?;
    let next = first.checked_add_months(Months::new(1))?;
    u32::try_from(next.signed_duration_since(first).num_days()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_outside_the_years_are_errors() {
        assert_eq!(plus_days(LAST_DATE, 1), Err(TimeError::OutOfRange));
        assert_eq!(minus_days(FIRST_DATE, 1), Err(TimeError::OutOfRange));
        assert_eq!(plus_months(LAST_DATE, u32::MAX), Err(TimeError::OutOfRange));
        assert_eq!(plus_days(FIRST_DATE, u64::MAX), Err(TimeError::OutOfRange));
        assert_eq!(plus_days(minus_days(LAST_DATE, 1).unwrap(), 1), Ok(LAST_DATE));
    }

    #[test]
    fn years_are_full_on_the_corresponding_day() {
        let years = |from: &str, to: &str| whole_years(from.parse().unwrap(), to.parse().unwrap());
        assert_eq!(years("2021-03-05", "2026-03-04"), 4);
        assert_eq!(years("2021-03-05", "2026-03-05"), 5);
        assert_eq!(years("2024-02-29", "2025-02-27"), 0);
        assert_eq!(years("2024-02-29", "2025-02-28"), 1);
        assert_eq!(years("2026-03-05", "2026-03-04"), 0);
        assert_eq!(years("2027-03-05", "2026-03-04"), 0);
    }

    #[test]
    fn months_have_their_lengths() {
        assert_eq!(days_in_month(2024, 2), Some(29));
        assert_eq!(days_in_month(2026, 2), Some(28));
        assert_eq!(days_in_month(9999, 12), Some(31));
        assert_eq!(days_in_month(2026, 13), None);
    }
}
