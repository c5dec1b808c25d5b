//! Dates, terms, reasons in words, in both languages.

use crate::domain::calendar::DayReason;
use crate::domain::deadline::Due;
use crate::domain::zone::{Instant, Zone};
use crate::policy::finding::Text;
use crate::policy::model::{Beat, Condition, Period, Test};
pub(super) use crate::policy::words::text::join;
pub(super) use crate::policy::words::time::term;
use crate::policy::words::time::{WEEKDAYS, every as every_words};
use chrono::{Datelike, NaiveDate};

/// How dates are written: with the year only where it is another than this one.
#[derive(Clone, Copy)]
pub(super) struct Style {
    pub zone: Zone,
    pub year: i32,
}

impl Style {
    /// A local date: 3月5日（周四）.
    pub fn day(self, on: NaiveDate) -> Text {
        let weekday = on.weekday().num_days_from_monday() as usize;
        let weekday = WEEKDAYS.get(weekday).copied().unwrap_or_default();
        let (month, day) = (on.month(), on.day());
        if on.year() == self.year {
            Text::new(
                format!("{month}月{day}日（{weekday}）"),
                on.format("%a %-d %b").to_string(),
            )
        } else {
            let zh = format!("{}年{month}月{day}日（{weekday}）", on.year());
            Text::new(zh, on.format("%a %-d %b %Y").to_string())
        }
    }

    /// An instant: 3月5日（周四）10:00.
    pub fn moment(self, at: Instant) -> Text {
        let day = self.day(self.zone.date(at));
        let time = self.time(at);
        Text::new(format!("{}{time}", day.zh), format!("{} {time}", day.en))
    }

    /// The time of day, with seconds where there are any.
    pub fn time(self, at: Instant) -> String {
        let local = self.zone.local(at);
        let whole = local.format("%S").to_string() == "00";
        local.format(if whole { "%H:%M" } else { "%H:%M:%S" }).to_string()
    }

    /// A due time: through a day, or up to an instant.
    pub fn due(self, due: Due) -> Text {
        match due {
            Due::Day { on, .. } => {
                let day = self.day(on);
                Text::new(format!("{}24时", day.zh), format!("the end of {}", day.en))
            }
            Due::Instant { at } => self.moment(at),
        }
    }
}

/// Why a day is a working day or is not.
pub(super) fn reason(reason: &DayReason) -> Text {
    let plain = |zh: &str, en: &str| Text::new(zh, en);
    match reason {
        DayReason::Weekday => plain("工作日", "a working day"),
        DayReason::Weekend => plain("周末", "the weekend"),
        DayReason::DayOff(name) => Text::new(format!("{name}放假"), format!("off for {name}")),
        DayReason::MakeUp(name) => Text::new(format!("{name}调休上班"), format!("worked to make up for {name}")),
        DayReason::ExtraClosed(name) => Text::new(format!("{name}，停业"), format!("closed for {name}")),
        DayReason::ExtraOpen(name) => Text::new(format!("{name}，照常上班"), format!("open for {name}")),
        DayReason::AssumedWeekday => plain("工作日（日历未公布，暂推）", "a working day (assumed: not published)"),
        DayReason::AssumedRest => plain("周末（日历未公布，暂推）", "the weekend (assumed: not published)"),
        DayReason::AssumedStatutory(month, day) => Text::new(
            format!("{month}月{day}日法定节日（日历未公布，暂推）"),
            format!("a statutory holiday, {month}-{day} (assumed: not published)"),
        ),
    }
}

/// How nominal dates lie: 每月1日, day 1 of each month.
pub(super) fn beat(beat: &Beat) -> Text {
    match beat {
        Beat::Fixed(every) => every_words(every),
        Beat::Birthday(field) => Text::new(
            format!("每年 {field} 那一天"),
            format!("the day of `{field}` each year"),
        ),
        Beat::Interval(field) => Text::new(format!("每 {field} 天"), format!("every `{field}` days")),
        Beat::RandomDay(Period::Quarter) => Text::new("每季度抽定的一天", "a day drawn in each quarter"),
        Beat::RandomDay(Period::Year) => Text::new("每年抽定的一天", "a day drawn in each year"),
        Beat::RandomDay(_) => Text::new("每月抽定的一天", "a day drawn in each month"),
    }
}

/// A condition: severity 为 major.
pub(in crate::engine) fn condition(condition: &Condition) -> Text {
    let mut texts = Vec::new();
    for (field, test) in &condition.0 {
        texts.push(match test {
            Test::OneOf(values) => {
                let list: Vec<String> = values.iter().map(ToString::to_string).collect();
                Text::new(
                    format!("{field} 为 {}", list.join("或")),
                    format!("{field} is {}", list.join(" or ")),
                )
            }
            Test::Exists(true) => Text::new(format!("填了 {field}"), format!("{field} is filled in")),
            Test::Exists(false) => Text::new(format!("没有填 {field}"), format!("{field} is not filled in")),
            Test::AtLeast(n) => Text::new(format!("{field} 在 {n} 以上"), format!("{field} is at least {n}")),
            Test::MoreThan(n) => Text::new(format!("{field} 超过 {n}"), format!("{field} is more than {n}")),
            Test::AtMost(n) => Text::new(format!("{field} 在 {n} 以下"), format!("{field} is at most {n}")),
            Test::LessThan(n) => Text::new(format!("{field} 不满 {n}"), format!("{field} is less than {n}")),
        });
    }
    join(&texts, "且", " and ")
}
