//! Rules that make obligations: deadlines, what recurs, reminders, occasions, and samples of a period's cases.

use super::rules::RULE;
use super::{BEARER as WHO, ESCALATE, Key, PERIOD, Shape, Value, WEEKDAYS, WHEN, key};

const ON: Value = Value::OneOf(&[Value::Text, Value::List(&Value::Text), Value::Table(&FOLLOWS)]);

const SHIFT: Value = Value::Words(&["none", "next", "previous"]);

static FOLLOWS: Shape = Shape {
    name: "follows",
    zh: "由别的规则的义务引起，写一个",
    en: "Follows on the obligations of other rules, by one of these",
    groups: &[&[
        key!(
            "opened",
            Value::Texts,
            "那些规则的义务产生时",
            "When an obligation of these rules comes to be"
        ),
        key!("fulfilled", Value::Texts, "完成时", "When one is fulfilled"),
        key!("breached", Value::Texts, "逾期的那一刻", "When one is breached"),
    ]],
};

/// Who owes it.
pub static BEARER: Shape = Shape {
    name: "bearer",
    zh: "承担人；几项从上到下第一个成立的算数",
    en: "A bearer; of several the first that holds counts",
    groups: &[&[
        key!(
            "when",
            WHEN,
            "只在什么情况下；最后一项不写",
            "Only in this case; the last entry has none"
        ),
        key!(
            "during",
            Value::Words(&["open", "closed"]),
            "产生时在工作时间之内、之外",
            "By the time of day at which it comes to be"
        ),
        key!(
            "role",
            Value::Texts,
            "角色，或其中任何一个",
            "The role, or any of these"
        ),
        key!(
            "person",
            Value::Text,
            "案件的这个字段写的人",
            "The person that this field of the case names"
        ),
        key!("joint", Value::Bool, "true：全都参加才算完", "true: all must take part"),
    ]],
};

/// A step of escalation.
pub static STEP: Shape = Shape {
    name: "step",
    zh: "没办的报谁：to 和 at、after、before 之一",
    en: "Who is told: `to`, and one of `at`, `after`, `before`",
    groups: &[&[
        key!("to", Value::Texts, "报给这个角色", "The role that is told", needed),
        key!(
            "at",
            Value::Words(&["due", "once"]),
            "due 到期没办时；once 一产生就报",
            "`due`: not done by then; `once`: as soon as it comes to be"
        ),
        key!(
            "after",
            Value::Term,
            "到期之后再过多久",
            "This long after it was due",
            like & ["\"1个工作日\""]
        ),
        key!(
            "before",
            Value::Term,
            "到期之前多久提醒",
            "This long before it is due",
            like & ["\"24小时\""]
        ),
        key!("when", WHEN, "只在什么情况下，只看案件的 data", "Only in this case"),
        key!(
            "deliver",
            Value::Words(&["at-once", "open"]),
            "open：下班时间不报，等到下一次上班",
            "`open`: waits for open time"
        ),
    ]],
};

static TERM_BY_CASE: Shape = Shape {
    name: "term-by-case",
    zh: "按情形分列的期限；最后一项不带 when",
    en: "A term by case; the last entry has no `when`",
    groups: &[&[
        key!("when", WHEN, "只在什么情况下", "Only in this case"),
        key!("term", Value::Term, "期限", "The term", needed, like & ["\"2小时\""]),
    ]],
};

static WINDOW: Shape = Shape {
    name: "window",
    zh: "满前者之后、后者之内",
    en: "Not before the one term and not after the other",
    groups: &[&[
        key!(
            "after",
            Value::Term,
            "满多久之后才可以办",
            "Not before this long",
            needed,
            like & ["\"1个月\""]
        ),
        key!(
            "within",
            Value::Term,
            "多久之内要办",
            "Within this long",
            needed,
            like & ["\"2个月\""]
        ),
        key!(
            "open_edge",
            Value::Words(&["exclusive", "inclusive"]),
            "对应日当天算不算打开",
            "Whether the corresponding day itself is open"
        ),
    ]],
};

static MIDPOINT: Shape = Shape {
    name: "midpoint",
    zh: "两个日期正中那天的前后",
    en: "Around the middle of two dates",
    groups: &[&[
        key!(
            "of",
            Value::List(&Value::Text),
            "两个日期字段",
            "Two dates of the case",
            needed,
            like & ["[\"starts\", \"ends\"]"]
        ),
        key!(
            "tolerance",
            Value::Term,
            "前后各多久",
            "This long before and after",
            needed,
            like & ["\"1周\""]
        ),
    ]],
};

static BEFORE: Shape = Shape {
    name: "before",
    zh: "一个日期之前多久",
    en: "A term before a date",
    groups: &[&[
        key!("field", Value::Text, "日期或时刻字段", "The date or instant", needed),
        key!(
            "term",
            Value::Term,
            "之前多久",
            "This long before",
            needed,
            like & ["\"5天\""]
        ),
    ]],
};

static COUNT: Shape = Shape {
    name: "count",
    zh: "要做几次：share、number、of_sample 写一个",
    en: "How often: one of `share`, `number`, `of_sample`",
    groups: &[&[
        key!(
            "share",
            Value::OneOf(&[Value::Share, Value::List(&Value::Table(&SHARE_BY_CASE))]),
            "名单或人数的多大一部分",
            "This share of the members",
            like & ["\"10%\""]
        ),
        key!("number", Value::Positive, "固定几次", "So many times"),
        key!(
            "of",
            Value::Text,
            "人数或名单的字段",
            "The field with the members or their number"
        ),
        key!(
            "of_sample",
            Value::Text,
            "抽样抽中的每一个",
            "Each that this sample has drawn"
        ),
        key!(
            "distinct",
            Value::Text,
            "这个字段相同的只算一次",
            "Those that agree in this field count once"
        ),
        key!("clause", Value::Text, "依据", "The clause that says so"),
    ]],
};

/// A share by case.
pub static SHARE_BY_CASE: Shape = Shape {
    name: "share-by-case",
    zh: "按情形分列的比例；最后一项不带 when",
    en: "A share by case; the last entry has no `when`",
    groups: &[&[
        key!("when", WHEN, "只在什么情况下", "Only in this case"),
        key!("share", Value::Share, "比例", "The share", needed, like & ["\"30%\""]),
    ]],
};

const TRIGGER: &[Key] = &[
    key!(
        "on",
        ON,
        "由什么引起：事件，或几个事件，或 \"*.事件\"，或 { fulfilled = [\"规则\"] }",
        "What triggers it: events, or other rules",
        needed,
        like & ["\"complaint.resolved\""]
    ),
    key!(
        "from",
        Value::Text,
        "从哪个事件起算，不是触发的事件时",
        "Counted from this event instead of the trigger"
    ),
];

/// What every rule that makes obligations may have.
const OWED: &[Key] = &[
    key!(
        "when",
        WHEN,
        "只在什么情况下",
        "Only in this case",
        like & ["{ \"severity\": \"major\" }"]
    ),
    key!(
        "done",
        Value::Texts,
        "做了哪个事件（或几个之一）算完成",
        "What performs it",
        needed,
        like & ["\"complaint.followed-up\""]
    ),
    key!(
        "done_when",
        WHEN,
        "那个事件还要满足的条件",
        "What the performing event must say"
    ),
    key!(
        "bearer",
        WHO,
        "谁承担：角色，几个角色之一，\"same\"，或分情形的列表",
        "Who owes it: a role, any of several, \"same\", or a list by case",
        needed,
        like & ["\"keeper\""]
    ),
    key!(
        "escalate",
        ESCALATE,
        "没办的报谁",
        "Who is told",
        like & ["[{ \"at\": \"due\", \"to\": \"manager\" }]"]
    ),
    key!(
        "calendar",
        Value::Text,
        "工作日和工作时间按哪份日历或哪个时段",
        "The calendar or hours by which working time is counted"
    ),
    key!("prefer", Value::Text, "在哪个时段办最好", "Best done in these hours"),
    key!(
        "early",
        Value::Words(&["reject", "accept"]),
        "窗口打开之前做的算不算",
        "Whether what is done before it opens counts"
    ),
    key!(
        "max_backdate",
        Value::Term,
        "办理之后超过多久才补报，就须有人确认",
        "A completion that is reported later than this waits for a confirmation",
        like & ["\"3天\""]
    ),
    key!(
        "pause",
        Value::Texts,
        "案件因这些原因暂停时，期限停下",
        "The reasons for which the term stands still"
    ),
    key!(
        "checklist",
        Value::Texts,
        "一并给人看的指引",
        "Guidance that is shown with it"
    ),
    key!("notice", Value::Text, "随它发出的文书", "The notice that goes with it"),
];

const ENDS: &[Key] = &[
    key!(
        "end",
        Value::Text,
        "最后一天到几时：\"midnight\" 24时，\"close\" 下班，或 \"12:00\"",
        "When the last day ends: \"midnight\", \"close\", or a time",
        like & ["\"midnight\"", "\"close\"", "\"12:00\""]
    ),
    key!(
        "shift",
        SHIFT,
        "最后一天不是工作日时",
        "Where the last day is no working day"
    ),
];

const TERMS: &[Key] = &[
    key!(
        "within",
        Value::OneOf(&[Value::Term, Value::List(&Value::Table(&TERM_BY_CASE))]),
        "多久之内；\"same\" 与引起它的义务同一天到期",
        "Within this term; \"same\": due with its parent",
        like & ["\"3天\"", "\"2个工作日\"", "\"4小时\"", "\"1个月\""]
    ),
    key!(
        "by",
        Value::Text,
        "到案件的这个日期或时刻",
        "By this date or instant of the case"
    ),
    key!(
        "opens",
        Value::Text,
        "与 by 同用：到这个日期或时刻才可以办",
        "Beside `by`: not before this date or instant of the case"
    ),
    key!(
        "window",
        Value::Table(&WINDOW),
        "满前者之后、后者之内",
        "Not before the one term and not after the other",
        like & ["{ \"after\": \"1个月\", \"within\": \"2个月\" }"]
    ),
    key!(
        "midpoint",
        Value::Table(&MIDPOINT),
        "两个日期正中那天的前后",
        "Around the middle of two dates"
    ),
    key!(
        "before",
        Value::Table(&BEFORE),
        "一个日期之前多久",
        "A term before a date",
        like & ["{ \"field\": \"ends\", \"term\": \"5天\" }"]
    ),
    key!("count", Value::Table(&COUNT), "要做几次", "How often"),
];

/// `[deadline.NAME]`
pub static DEADLINE: Shape = Shape {
    name: "deadline",
    zh: "期限：什么之后，谁，多久内，做什么",
    en: "A deadline: after what, who, within which term, does what",
    groups: &[RULE, TRIGGER, TERMS, ENDS, OWED],
};

/// `[occasion.NAME]`
pub static OCCASION: Shape = Shape {
    name: "occasion",
    zh: "节点：一件案件上发生的事，某一类的每件案件都要因此办一件事",
    en: "An occasion: what happens to one case is due for all cases of a kind",
    groups: &[
        RULE,
        TRIGGER,
        &[
            key!(
                "for",
                Value::Text,
                "要为哪一类案件办",
                "The kind of the cases that it is due for",
                needed
            ),
            key!(
                "match",
                Value::Map(&Value::Text),
                "哪些字段要一致",
                "Which fields must agree",
                like & ["{ \"building\": \"building\" }"]
            ),
        ],
        TERMS,
        ENDS,
        OWED,
    ],
};

const UNTIL: Key = key!("until", Value::Texts, "到哪个事件（或几个）为止", "What ends it");

/// `[recurring.NAME]`
pub static RECURRING: Shape = Shape {
    name: "recurring",
    zh: "周期：一次次要做的事",
    en: "What is due again and again",
    groups: &[
        RULE,
        TRIGGER,
        &[
            key!(
                "every",
                Value::OneOf(&[BEAT, Value::List(&Value::Table(&PACE))]),
                "什么时候",
                "When",
                needed,
                like & ["\"month-end\"", "{ \"day_of_month\": 30 }", "{ \"days\": 10 }"]
            ),
            UNTIL,
            key!(
                "through",
                Value::Text,
                "到案件的这个日期为止，那天在内",
                "Through this date of the case",
                like & ["\"ends_on\""]
            ),
            key!(
                "overflow",
                Value::Words(&["last-day", "skip"]),
                "没有那一天的月份",
                "In months without that day"
            ),
            key!(
                "holidays",
                Value::Words(&["none", "next", "previous", "skip"]),
                "那天不是工作日",
                "Where that day is no working day"
            ),
            key!("times", Value::Positive, "一共几次", "How many times in all"),
            LEAD,
            SECRET,
        ],
        OWED,
    ],
};

const LEAD: Key = key!(
    "lead",
    Value::Term,
    "比那天提前多久到期",
    "Due that long before the nominal date",
    like & ["\"3天\""]
);

const SECRET: Key = key!(
    "secret",
    Value::Bool,
    "true：抽定的那天到来之前，只有承担人自己看得到",
    "true: hidden from everybody but its bearers until the drawn day"
);

const BEAT: Value = Value::OneOf(&[
    Value::Words(&["month-end", "quarter-end", "year-end", "day", "week"]),
    Value::Table(&EVERY),
]);

static PACE: Shape = Shape {
    name: "pace",
    zh: "按情形分列的周期；最后一项不带 when",
    en: "A pace by case; the last entry has no `when`",
    groups: &[&[
        key!("when", WHEN, "只在什么情况下", "Only in this case"),
        key!("every", BEAT, "什么时候", "When", needed),
        LEAD,
    ]],
};

const NUMBERS: Value = Value::OneOf(&[Value::Positive, Value::List(&Value::Positive)]);

static EVERY: Shape = Shape {
    name: "every",
    zh: "周期，写一个",
    en: "A rhythm, by one of these",
    groups: &[&[
        key!("days", Value::Positive, "每隔几天", "Every so many days"),
        key!("weeks", Value::Positive, "每隔几周", "Every so many weeks"),
        key!("months", Value::Positive, "每隔几个月", "Every so many months"),
        key!("weekdays", WEEKDAYS, "每周这几天", "On these days of the week"),
        key!("day_of_month", NUMBERS, "每月这几日", "On these days of the month"),
        key!(
            "working_day_of_month",
            Value::Positive,
            "每月第几个工作日",
            "On this working day of the month"
        ),
        key!(
            "yearly",
            Value::Text,
            "每年这一天",
            "On this day of the year",
            like & ["\"12-31\""]
        ),
        key!(
            "festival",
            Value::Texts,
            "这些节日当天，\"all\" 是每个节日",
            "On these festivals; \"all\": on every one",
            like & ["[\"春节\", \"中秋节\"]", "\"all\""]
        ),
        key!(
            "birthday",
            Value::Text,
            "每年这个日期字段的那天",
            "On the anniversary of this date of the case"
        ),
        key!(
            "field",
            Value::Text,
            "每隔这个字段写的天数",
            "Every so many days as this field of the case says"
        ),
        key!(
            "random_day",
            Value::Words(&["month", "quarter", "year"]),
            "每月、每季、每年抽定的一天",
            "On a day of each of these periods that is drawn"
        ),
        LEAD,
        SECRET,
    ]],
};

/// `[reminder.NAME]`
pub static REMINDER: Shape = Shape {
    name: "reminder",
    zh: "提醒：案件的一个日期之前，各隔多久提醒一次",
    en: "Reminders before a date of the case",
    groups: &[
        RULE,
        TRIGGER,
        &[
            key!(
                "field",
                Value::Text,
                "案件的日期或时刻",
                "The date or instant of the case",
                needed
            ),
            key!(
                "before",
                Value::OneOf(&[Value::Term, Value::List(&Value::Term)]),
                "提前多久，一个或几个",
                "How long before",
                needed,
                like & ["[\"7天\", \"1天\"]"]
            ),
            UNTIL,
            key!(
                "at",
                Value::Text,
                "当天几时起，如 \"09:00\"；不写是零时",
                "From which time of that day on",
                like & ["\"09:00\""]
            ),
        ],
        ENDS,
        OWED,
    ],
};

/// What both kinds of sample draw.
pub const DRAWN: &[Key] = &[
    key!(
        "share",
        Value::OneOf(&[Value::Share, Value::List(&Value::Table(&SHARE_BY_CASE))]),
        "抽多大一部分，向上取整",
        "The share that is drawn, rounded up",
        like & ["\"20%\""]
    ),
    key!("size", Value::Positive, "抽几个，不够就全抽", "How many are drawn"),
];

/// `[sample.NAME]` of the cases of a period.
pub static SAMPLE_OF_CASES: Shape = Shape {
    name: "sample-of-cases",
    zh: "抽样：期末从这一期的案件里抽",
    en: "A sample of the cases of a period",
    groups: &[
        RULE,
        &[
            key!(
                "of",
                Value::Texts,
                "这一期里发生过这个事件（或几个之一）的案件",
                "The cases with one of these events in the period",
                needed
            ),
            key!("per", PERIOD, "多久一期", "The length of the period", needed),
            key!(
                "strata",
                Value::Text,
                "按案件的这个字段分摊",
                "Each value of this field gets its share"
            ),
            key!(
                "within",
                Value::Term,
                "从期末那天起多久之内",
                "Within this long from the end of the period",
                needed,
                like & ["\"10天\""]
            ),
        ],
        DRAWN,
        ENDS,
        OWED,
    ],
};
