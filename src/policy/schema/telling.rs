//! Rules that only tell, hide or excuse: guidance, exceptions, hours, consents, notices, access.

use super::rules::{CONDITION, RULE};
use super::{HOURS as SPANS, PERIOD, Shape, Value, WHEN, key};

/// `[guidance.NAME]`
pub static GUIDANCE: Shape = Shape {
    name: "guidance",
    zh: "指引：怎样做的步骤和提示，只给人看",
    en: "Guidance: steps and hints that are shown, nothing more",
    groups: &[
        RULE,
        &[
            key!(
                "of",
                Value::Texts,
                "随哪些规则的义务显示",
                "Shown with the obligations of these rules"
            ),
            key!(
                "on",
                Value::Texts,
                "随哪些事件的回答返回",
                "Returned with the answer to these events"
            ),
            CONDITION,
            key!("checklist", Value::Texts, "步骤，按先后", "Steps, in order"),
            key!("hint", Value::Text, "一句提示", "A word on how"),
        ],
    ],
};

/// `[exception.NAME]`
pub static EXCEPTION: Shape = Shape {
    name: "exception",
    zh: "例外：从哪天到哪天免去哪些规则，谁准的，为什么",
    en: "An exception: which rules are waived, from when until when, by whom and why",
    groups: &[
        RULE,
        &[
            key!(
                "waives",
                Value::Texts,
                "免去哪些规则",
                "The rules that are waived",
                needed
            ),
            CONDITION,
            key!("from", Value::Date, "第一天", "The first local date", needed),
            key!(
                "until",
                Value::Date,
                "最后一天，含",
                "The last local date, included",
                needed
            ),
            key!(
                "by",
                Value::Text,
                "谁准的：角色或人",
                "Who allowed it: a role or a person",
                needed
            ),
            key!("why", Value::Text, "为什么", "Why", needed),
            key!("document", Value::Text, "依据的文件", "The document that it rests on"),
        ],
    ],
};

/// `[hours.NAME]`
pub static HOURS: Shape = Shape {
    name: "hours",
    zh: "时段：有名字的时间",
    en: "Named hours",
    groups: &[
        RULE,
        &[
            key!(
                "workday",
                SPANS,
                "工作日的时间；与 open 写一个",
                "On working days; else `open`",
                like & ["[[\"08:00\", \"17:30\"]]"]
            ),
            key!("rest", SPANS, "休息日的时间", "On rest days"),
            key!(
                "open",
                SPANS,
                "每天都一样的时间",
                "On every day",
                like & ["[[\"10:00\", \"11:30\"]]"]
            ),
        ],
    ],
};

/// `[consent.NAME]`
pub static CONSENT: Shape = Shape {
    name: "consent",
    zh: "意愿：客户的意愿限制可以做的事；stretch、stop、channel 写一个",
    en: "Consent: what a customer's wishes limit, by one of `stretch`, `stop`, `channel`",
    groups: &[
        RULE,
        &[
            key!("of", Value::Texts, "限制哪些规则", "The rules that are limited", needed),
            key!("when", WHEN, "在什么情况下，只看案件的资料", "In this case", needed),
            key!(
                "stretch",
                Value::Positive,
                "周期的间隔放长到几倍",
                "Intervals are so many times as long"
            ),
            key!("stop", Value::Bool, "true：不产生", "true: none comes to be"),
            key!(
                "channel",
                Value::Texts,
                "只能用这个（或几个）方式",
                "Only these channels"
            ),
        ],
    ],
};

/// `[notice.NAME]`
pub static NOTICE: Shape = Shape {
    name: "notice",
    zh: "文书：由案件的数据写成的文字；text 或 list 写一个",
    en: "A notice that is written from the data, by `text` or `list`",
    groups: &[
        RULE,
        &[
            key!(
                "of",
                Value::Texts,
                "随哪些规则的义务",
                "Goes with the obligations of these rules"
            ),
            key!(
                "text",
                Value::Text,
                "模板",
                "The template",
                like & ["\"{customer}您好：感谢到访。{company.signature}\""]
            ),
            key!(
                "list",
                Value::Table(&LIST),
                "一期一份，每件案件一行",
                "One for each period, with a line for each case"
            ),
            key!("head", Value::Text, "各行之前", "Before the lines"),
            key!("foot", Value::Text, "各行之后", "After the lines"),
        ],
    ],
};

static LIST: Shape = Shape {
    name: "list",
    zh: "列在一览里的案件",
    en: "The cases on a list",
    groups: &[&[
        key!("kind", Value::Text, "哪一类案件", "The kind of case", needed),
        key!(
            "on",
            Value::Texts,
            "这些事件发生在哪一期，就列在哪一期",
            "Puts a case on the list of that period",
            needed
        ),
        key!("per", PERIOD, "多久一期", "The length of the period", needed),
        CONDITION,
        key!(
            "also",
            WHEN,
            "以前各期的，满足这个条件的也列",
            "Those of earlier periods that go on"
        ),
        key!("row", Value::Text, "一行的模板", "The template of a line", needed),
    ]],
};

/// `[access.NAME]`
pub static ACCESS: Shape = Shape {
    name: "access",
    zh: "可见：谁看得到哪些案件",
    en: "Access: who may see which cases",
    groups: &[
        RULE,
        &[
            key!("kind", Value::Text, "哪一类案件", "The kind of case", needed),
            CONDITION,
            key!("roles", Value::Texts, "哪些角色看得到", "The roles that may see them"),
            key!(
                "fields",
                Value::Texts,
                "这些字段里写着的人也看得到",
                "Persons in these fields may too"
            ),
            key!(
                "never",
                Value::Texts,
                "这些字段里写着的人一律看不到",
                "Persons in these fields never may"
            ),
            key!(
                "audit",
                Value::Bool,
                "true：每次给人看都留下记录",
                "true: each showing is recorded"
            ),
        ],
    ],
};
