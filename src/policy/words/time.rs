//! Terms, rhythms, periods, times of day and sums in words.

use super::text::both;
use crate::domain::calendar::Span;
use crate::domain::recurrence::Every;
use crate::domain::term::Term;
use crate::policy::finding::Text;
use crate::policy::model::Period;
use chrono::NaiveTime;

/// The weekdays in Chinese, Monday first.
pub(crate) const WEEKDAYS: [&str; 7] = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];
/// The weekdays in English, Monday first.
pub(crate) const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// A term: 3天, 3 days.
pub(crate) fn term(term: Term) -> Text {
    let en = |n: u32, unit: &str| format!("{n} {unit}{}", if n == 1 { "" } else { "s" });
    let minutes = |n: u32, unit: &str| match n % 60 {
        0 if n > 0 => en(n / 60, &format!("{unit}hour")),
        _ => en(n, &format!("{unit}minute")),
    };
    let words = match term {
        Term::Days(0) => "the same day".to_owned(),
        Term::Days(n) => en(n, "day"),
        Term::WorkingDays(n) => en(n, "working day"),
        Term::Weeks(n) => en(n, "week"),
        Term::Months(n) => en(n, "month"),
        Term::Years(n) => en(n, "year"),
        Term::Minutes(n) => minutes(n, ""),
        Term::OpenMinutes(n) => minutes(n, "working "),
    };
    Text::new(term.zh(), words)
}

/// A term that something is done within: 在3天内, within 3 days.
pub(super) fn within(term: Term) -> Text {
    match term {
        Term::Days(0) => Text::new("在当天", "on the same day"),
        Term::Minutes(0) => Text::new("立即", "at once"),
        term => {
            let term = self::term(term);
            both!("在{term}内", "within {term}", term)
        }
    }
}

/// How nominal dates lie: 每月1日, day 1 of each month.
pub(crate) fn every(every: &Every) -> Text {
    let both = |zh: String, en: String| Text::new(zh, en);
    match every {
        Every::Days(1) => Text::new("每天", "every day"),
        Every::Weeks(1) => Text::new("每周", "every week"),
        Every::Months(1) => Text::new("每个月", "every month"),
        Every::Days(n) => both(format!("每{n}天"), format!("every {n} days")),
        Every::Weeks(n) => both(format!("每{n}周"), format!("every {n} weeks")),
        Every::Months(n) => both(format!("每{n}个月"), format!("every {n} months")),
        Every::Weekdays(on) => {
            let on = weekdays(on);
            both!("每{on}", "every {on}", on)
        }
        Every::DaysOfMonth(list) => {
            let list: Vec<String> = list.iter().map(u32::to_string).collect();
            both(
                format!("每月{}日", list.join("、")),
                format!("day {} of each month", list.join(", ")),
            )
        }
        Every::MonthLast => both("每月末".into(), "the last day of each month".into()),
        Every::QuarterLast => both("每季度末".into(), "the last day of each quarter".into()),
        Every::YearLast => both("每年末".into(), "the last day of each year".into()),
        Every::WorkingDayOfMonth(n) => both(format!("每月第{n}个工作日"), format!("working day {n} of each month")),
        Every::Dates(list) => {
            let names: Vec<&str> = list.iter().map(|(_, name)| name.as_ref()).collect();
            both(names.join("、"), names.join(", "))
        }
        Every::Festivals(names) if names.is_empty() => both("各法定节日".into(), "each statutory festival".into()),
        Every::Festivals(names) => both(names.join("、"), names.join(", ")),
        Every::Yearly { month, day } => both(format!("每年{month}月{day}日"), format!("{month}-{day} of each year")),
    }
}

/// Some weekdays: 周一、周三, Mon, Wed.
pub(super) fn weekdays(on: &[bool; 7]) -> Text {
    let named = |names: &[&str; 7], between: &str| {
        let named = on.iter().zip(names).filter(|(is, _)| **is).map(|(_, name)| *name);
        named.collect::<Vec<_>>().join(between)
    };
    Text::new(named(&WEEKDAYS, "、"), named(&DAYS, ", "))
}

/// Each of a period: 每月, each month.
pub(super) fn each(per: Period) -> Text {
    match per {
        Period::Day => Text::new("每天", "each day"),
        Period::Month => Text::new("每月", "each month"),
        Period::Quarter => Text::new("每季度", "each quarter"),
        Period::Year => Text::new("每年", "each year"),
    }
}

/// Some spans of a day: 08:00–12:00、13:00–17:30.
pub(super) fn spans(spans: &[Span]) -> Text {
    let one = |(from, to): &Span| {
        let to = match *to == NaiveTime::MIN {
            true => "24:00".to_owned(),
            false => to.format("%H:%M").to_string(),
        };
        format!("{}–{to}", from.format("%H:%M"))
    };
    let all: Vec<String> = spans.iter().map(one).collect();
    match all.is_empty() {
        true => Text::new("不开", "closed"),
        false => Text::new(all.join("、"), all.join(", ")),
    }
}

/// A sum of money from its smallest unit: 50元, ¥50.
pub(super) fn money(fen: u32) -> Text {
    let (yuan, rest) = (fen / 100, fen % 100);
    let sum = match rest {
        0 => yuan.to_string(),
        _ => format!("{yuan}.{rest:02}"),
    };
    both!("{sum}元", "¥{sum}", sum)
}
