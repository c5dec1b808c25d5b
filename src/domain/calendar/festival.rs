//! Festivals: the days themselves, not the days off around them.

use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

use super::Calendar;

/// The festivals with a fixed date (month, day), which are assumed where no notice is published. Those of the lunar
/// calendar are not known before.
pub const FIXED_FESTIVALS: [(u32, u32, &str); 3] = [(1, 1, "元旦"), (5, 1, "劳动节"), (10, 1, "国庆节")];

/// A festival's own day in a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Festival {
    /// The day.
    pub on: NaiveDate,
    /// Its name.
    pub name: Arc<str>,
    /// Whether it is published; else it is assumed.
    pub certain: bool,
}

/// The own day of each festival that days off are named for: the first statutory day among them. Of days off with two
/// names, the first three days of October are 国庆节, and what remains is the other's; where nothing remains, both fall
/// on the first.
pub(super) fn own_days(
    days_off: &[(NaiveDate, NaiveDate, Arc<str>)],
    statutory: &[NaiveDate],
) -> Vec<(NaiveDate, Arc<str>)> {
    let mut found = Vec::new();
    for (from, to, name) in days_off {
        let mut days: Vec<NaiveDate> = statutory
            .iter()
            .copied()
            .filter(|d| (*from..=*to).contains(d))
            .collect();
        days.sort_unstable();
        let Some(first) = days.first().copied() else { continue };
        let names: Vec<&str> = name
            .split(['、', '，', ',', ' '])
            .map(str::trim)
            .filter(|n| !n.is_empty())
            .collect();
        for one in &names {
            let mine = |day: &NaiveDate| is_national(*day) == one.contains("国庆");
            let on = match names.len() {
                1 => first,
                _ => days.iter().copied().find(mine).unwrap_or(first),
            };
            found.push((on, Arc::from(*one)));
        }
    }
    found
}

/// 1 to 3 October.
fn is_national(day: NaiveDate) -> bool {
    day.month() == 10 && day.day() <= 3
}

impl Calendar {
    /// The festivals of a year, in order: the published ones, and where nothing is published those with a fixed date.
    pub fn festivals(&self, year: i32) -> Vec<Festival> {
        let (Some(first), Some(last)) = (
            NaiveDate::from_ymd_opt(year, 1, 1),
            NaiveDate::from_ymd_opt(year, 12, 31),
        ) else {
            return Vec::new();
        };
        let published = self.festivals.range(first..=last);
        let mut found: Vec<Festival> = published
            .flat_map(|(on, names)| {
                names.iter().map(|name| Festival {
                    on: *on,
                    name: Arc::clone(name),
                    certain: true,
                })
            })
            .collect();
        for (month, day, name) in FIXED_FESTIVALS {
            let on = NaiveDate::from_ymd_opt(year, month, day).filter(|on| !self.covers(*on));
            let assumed = on.filter(|_| self.fixed_statutory.contains(&(month, day)));
            let Some(on) = assumed.filter(|on| !self.festivals.contains_key(on)) else {
                continue;
            };
            found.push(Festival {
                on,
                name: Arc::from(name),
                certain: false,
            });
        }
        found.sort_by_key(|festival| festival.on);
        found
    }

    /// The festivals of a day.
    pub fn festival(&self, on: NaiveDate) -> Vec<Festival> {
        let mut found = self.festivals(on.year());
        found.retain(|festival| festival.on == on);
        found
    }

    /// The last year with a published festival.
    pub fn last_festival_year(&self) -> Option<i32> {
        self.festivals.keys().next_back().map(Datelike::year)
    }

    /// The names of all festivals that it knows, in no order that matters.
    pub fn festival_names(&self) -> Vec<Arc<str>> {
        let mut names: Vec<Arc<str>> = self.festivals.values().flatten().cloned().collect();
        names.extend(FIXED_FESTIVALS.iter().map(|(_, _, name)| Arc::from(*name)));
        names.sort_unstable();
        names.dedup();
        names
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{date, layer};
    use super::*;

    fn own(span: (&str, &str, &str), statutory: &[&str]) -> Vec<String> {
        let days: Vec<NaiveDate> = statutory.iter().map(|day| date(day)).collect();
        let found = own_days(&layer(&[span], &[]).days_off, &days);
        found.iter().map(|(on, name)| format!("{on} {name}")).collect()
    }

    #[test]
    fn a_festival_is_on_the_first_statutory_day_of_its_days_off() {
        // The days off begin before the year does; the festival does not.
        let new_year = own(("元旦", "2022-12-31", "2023-01-02"), &["2023-01-01", "2023-01-22"]);
        assert_eq!(new_year, ["2023-01-01 元旦"]);
        assert!(own(("盘点", "2026-06-30", "2026-06-30"), &["2026-06-19"]).is_empty());
    }

    #[test]
    fn of_two_festivals_at_once_each_has_its_day() {
        let days = ["2023-09-29", "2023-10-01", "2023-10-02", "2023-10-03"];
        let both = own(("中秋节、国庆节", "2023-09-29", "2023-10-06"), &days);
        assert_eq!(both, ["2023-09-29 中秋节", "2023-10-01 国庆节"]);
        let days = ["2025-10-01", "2025-10-02", "2025-10-03", "2025-10-06"];
        let both = own(("国庆节、中秋节", "2025-10-01", "2025-10-08"), &days);
        assert_eq!(both, ["2025-10-01 国庆节", "2025-10-06 中秋节"]);
        // In 2020 the moon was full on 1 October itself.
        let days = ["2020-10-01", "2020-10-02", "2020-10-03"];
        let both = own(("国庆节、中秋节", "2020-10-01", "2020-10-08"), &days);
        assert_eq!(both, ["2020-10-01 国庆节", "2020-10-01 中秋节"]);
    }

    #[test]
    fn beyond_what_is_published_only_fixed_dates_are_assumed() {
        let mut notice = layer(&[("春节", "2026-02-15", "2026-02-23")], &[]);
        notice.statutory = vec![date("2026-02-16")];
        notice.covered = Some((date("2026-01-01"), date("2026-12-28")));
        let calendar = Calendar::build("c", &[&notice]);
        let of = |year| -> Vec<String> {
            let all = calendar.festivals(year);
            all.iter()
                .map(|f| format!("{} {} {}", f.on, f.name, f.certain))
                .collect()
        };
        assert_eq!(of(2026), ["2026-02-16 春节 true"]);
        assert_eq!(
            of(2027),
            [
                "2027-01-01 元旦 false",
                "2027-05-01 劳动节 false",
                "2027-10-01 国庆节 false"
            ]
        );
    }
}
