//! `calendars/*.toml`.

use super::{HOURS, Key, Shape, Value, WEEKDAYS, key};

/// The whole file.
pub static ROOT: Shape = Shape {
    name: "calendar-file",
    zh: "一份日历：policies/calendars/编号.toml",
    en: "A calendar: policies/calendars/ID.toml",
    groups: &[&[key!(
        "calendar",
        Value::Table(&CALENDAR),
        "日历",
        "The calendar",
        needed
    )]],
};

static CALENDAR: Shape = Shape {
    name: "calendar",
    zh: "日历",
    en: "A calendar",
    groups: &[&[
        key!("title", Value::Text, "名称", "Its name", needed),
        key!(
            "base",
            Value::Text,
            "在哪份日历之上；这里写的优先",
            "The calendar below this one",
            like & ["\"cn\""]
        ),
        key!(
            "weekdays",
            WEEKDAYS,
            "每周的工作日",
            "The working days of a week",
            like & ["[\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"]"]
        ),
        key!(
            "hours",
            HOURS,
            "工作日的工作时间",
            "Open time on working days",
            like & ["[[\"09:00\", \"12:00\"], [\"13:30\", \"17:30\"]]"]
        ),
        key!(
            "rest_hours",
            HOURS,
            "休息日的工作时间",
            "Open time on rest days",
            like & ["[[\"10:00\", \"16:00\"]]"]
        ),
        key!(
            "covered",
            Value::List(&Value::Date),
            "从哪天到哪天是完整的；之外的推算标 provisional",
            "Complete from the first to the second of these dates, both included",
            like & ["[\"2026-01-01\", \"2026-12-28\"]"]
        ),
        key!(
            "year",
            Value::List(&Value::Table(&YEAR)),
            "各年的放假通知",
            "What is published of each year"
        ),
    ]],
};

static YEAR: Shape = Shape {
    name: "calendar-year",
    zh: "一年的放假和调休",
    en: "The holidays and make-up workdays of a year",
    groups: &[&[
        key!("year", Value::Int, "年份", "The year", needed, like & ["2026"]),
        key!(
            "known_from",
            Value::Date,
            "改过的通知：从哪天起知道是这样",
            "Of an amended notice: known like this from this date on"
        ),
        key!(
            "notices",
            Value::List(&Value::Table(&NOTICE)),
            "依据哪些通知",
            "The notices that say so"
        ),
        key!("days_off", Value::List(&Value::Table(&SPAN)), "放假的日子", "Days off"),
        key!(
            "make_up",
            Value::List(&Value::Table(&MAKE_UP)),
            "调休上班的日子",
            "Days that are worked to make up for others"
        ),
        key!(
            "statutory",
            Value::List(&Value::Date),
            "法定节日本身",
            "The statutory festivals themselves"
        ),
    ]],
};

static NOTICE: Shape = Shape {
    name: "calendar-notice",
    zh: "放假通知",
    en: "A published notice",
    groups: &[&[
        key!("no", Value::Text, "文号", "Its number", needed),
        key!("issued", Value::Date, "发布的日期", "The date of its publication"),
        key!("url", Value::Text, "网址", "Where it is published"),
    ]],
};

/// Days from one to another.
pub static SPAN: Shape = Shape {
    name: "days",
    zh: "一段日子；一天可不写 to",
    en: "A stretch of days, both ends included; of one day `to` may be left out",
    groups: &[&[
        key!("name", Value::Text, "为什么", "What for", needed, like & ["\"元旦\""]),
        key!("from", Value::Date, "第一天", "The first day", needed),
        key!("to", Value::Date, "最后一天", "The last day"),
    ]],
};

const MAKE_UP_KEYS: &[Key] = &[
    key!("date", Value::Date, "哪一天", "The day", needed),
    key!(
        "for",
        Value::Text,
        "补哪个假",
        "The holiday that it makes up for",
        needed
    ),
];

/// A day that is worked although it would be off.
pub static MAKE_UP: Shape = Shape {
    name: "make-up",
    zh: "调休上班的一天",
    en: "A day that is worked although it would be off",
    groups: &[MAKE_UP_KEYS],
};
