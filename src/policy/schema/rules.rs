//! Rules that make no obligations of their own: what counts, refuses, measures and costs.

use super::duty::DRAWN;
use super::{Key, PERIOD, Shape, Value, WHEN, key};

/// What every rule has.
pub const RULE: &[Key] = &[
    key!("title", Value::Text, "规则的名字", "Its name for people", needed),
    key!(
        "clause",
        Value::Texts,
        "出自哪一条或哪几条，第一条用来引用",
        "The clauses that it carries out; the first is cited",
        needed
    ),
    key!(
        "assume",
        Value::Text,
        "原文没有说、由我们定下的",
        "What was decided where the document is silent"
    ),
    key!(
        "tighten_only",
        Value::Bool,
        "写在通用规程里：采用者只许改得更严",
        "On a rule of the base: adopters may only ask for more"
    ),
];

const DATA: Value = Value::Map(&Value::OneOf(&[Value::Text, Value::Number, Value::Bool, Value::Date]));

/// In which case.
pub const CONDITION: Key = key!("when", WHEN, "只在什么情况下", "Only in this case");

const EVENTS: Key = key!("on", Value::Texts, "哪些事件", "The events", needed);

/// `[threshold.NAME]`
pub static THRESHOLD: Shape = Shape {
    name: "threshold",
    zh: "计数：数到几次，就报谁，或另立案件",
    en: "A threshold: at so many, somebody is told or a case is opened",
    groups: &[
        RULE,
        &[
            EVENTS,
            CONDITION,
            key!(
                "key",
                Value::Texts,
                "这些字段相同的才一起数",
                "Counted together where these fields agree"
            ),
            key!(
                "consecutive",
                Value::Text,
                "这个字段连续相同才数",
                "Only unbroken runs of the same value of this field"
            ),
            key!(
                "count_distinct",
                Value::Text,
                "数这个字段有几个不同的值",
                "Different values of this field are counted"
            ),
            key!(
                "span",
                Value::Term,
                "多久之内的才数",
                "How far back",
                like & ["\"1年\""]
            ),
            key!(
                "at_least",
                Value::Positive,
                "几次以上，含这个数",
                "From this number on",
                needed
            ),
            key!("to", Value::Text, "立即报给这个角色", "The role that is told at once"),
            key!(
                "mark",
                Value::Table(&MARK),
                "写进那件案件自己的字段",
                "Writes a field of the case"
            ),
            key!("open", Value::Table(&OPEN), "立案", "Opens a case"),
            key!(
                "back",
                Value::Table(&BACK),
                "办到某一步时写回原案",
                "Writes back to the first case"
            ),
        ],
    ],
};

static MARK: Shape = Shape {
    name: "mark",
    zh: "写进案件的字段",
    en: "Writes a field of the case",
    groups: &[&[
        key!("field", Value::Text, "字段", "The field", needed),
        key!("value", super::SCALAR, "值", "The value", needed),
    ]],
};

static OPEN: Shape = Shape {
    name: "open",
    zh: "立案的事件",
    en: "The event that opens a case",
    groups: &[&[
        key!("event", Value::Text, "事件", "The event", needed),
        key!("data", DATA, "数据（模板）", "Its data, as templates"),
    ]],
};

static BACK: Shape = Shape {
    name: "back",
    zh: "写回原案",
    en: "Writes back to the first case",
    groups: &[&[
        key!(
            "on",
            Value::Text,
            "立的案件到了这个事件时",
            "At this event of the opened case",
            needed
        ),
        key!(
            "event",
            Value::Text,
            "写回的事件",
            "The event that is written back",
            needed
        ),
        key!("data", DATA, "数据（模板）", "Its data, as templates"),
    ]],
};

/// `[escalation.NAME]`
pub static ESCALATION: Shape = Shape {
    name: "escalation",
    zh: "上报：一发生就报",
    en: "Somebody is told as soon as it happens",
    groups: &[
        RULE,
        &[
            EVENTS,
            CONDITION,
            key!(
                "to",
                Value::OneOf(&[Value::Text, Value::Table(&ABOVE)]),
                "报给谁：一个角色，或 { above = \"角色\" } 它的上级",
                "The role that is told, or the one above it",
                needed
            ),
        ],
    ],
};

static ABOVE: Shape = Shape {
    name: "above",
    zh: "同一案件第几次就报上几级",
    en: "The n-th time in a case, the n-th role above",
    groups: &[&[key!("above", Value::Text, "这个角色的上级", "Above this role", needed)]],
};

/// `[gate.NAME]`
pub static GATE: Shape = Shape {
    name: "gate",
    zh: "前提：几件事不具备就不收",
    en: "A gate: what must be so before an event is taken",
    groups: &[
        RULE,
        &[
            EVENTS,
            CONDITION,
            key!(
                "needs",
                Value::List(&Value::Table(&NEED)),
                "各项要求",
                "What must be so",
                needed
            ),
        ],
    ],
};

static NEED: Shape = Shape {
    name: "need",
    zh: "一项要求：title，和 that 等之一",
    en: "A need: its `title` and one test",
    groups: &[&[
        key!(
            "title",
            Value::Text,
            "不具备时说的话",
            "What is said where it is not so",
            needed
        ),
        key!("clause", Value::Text, "依据", "The clause that says so"),
        key!("if", WHEN, "只在什么情况下要求", "Asked for in this case only"),
        key!("that", WHEN, "条件成立", "The data are like this"),
        key!(
            "happened",
            Value::Texts,
            "这几件在这一轮里都发生过",
            "All of these have happened in this course"
        ),
        key!(
            "done",
            Value::Texts,
            "这些规则没有还欠着的义务",
            "Nothing is owed under these rules"
        ),
        key!(
            "differ",
            Value::List(&Value::Text),
            "两个都填了，而且不同",
            "Both are filled in, and differ"
        ),
        key!(
            "same",
            Value::List(&Value::Text),
            "两个都填了，而且相同",
            "Both are filled in, and agree"
        ),
        key!(
            "distinct",
            Value::Table(&DISTINCT),
            "名单里至少有几个不同的",
            "So many different ones"
        ),
        key!(
            "balance",
            Value::Table(&BALANCE),
            "案件的积分不少于事件的这个数字",
            "The case has at least so many points"
        ),
        key!(
            "actor_role",
            Value::Texts,
            "报事件的人以其中一个角色办理",
            "Done in one of these roles"
        ),
        key!(
            "by_role",
            Value::Table(&BY_ROLE),
            "那件事由其中一个角色办过",
            "That event was done in one of these roles"
        ),
        key!(
            "unique",
            Value::Texts,
            "别的同类案件没有以同样的值发生过",
            "No other case has had it with the same values"
        ),
        key!(
            "rank",
            Value::Table(&RANK),
            "填的人里有这个角色的级别或以上的",
            "Somebody of at least that role's rank"
        ),
    ]],
};

static DISTINCT: Shape = Shape {
    name: "distinct",
    zh: "名单里至少有几个不同的",
    en: "So many different ones",
    groups: &[&[
        key!("field", Value::Text, "字段", "The field", needed),
        key!("at_least", Value::Positive, "至少几个", "At least so many", needed),
    ]],
};

static BALANCE: Shape = Shape {
    name: "balance",
    zh: "积分够不够",
    en: "Whether there are enough points",
    groups: &[&[
        key!("metric", Value::Text, "积分指标", "The metric of points", needed),
        key!(
            "field",
            Value::Text,
            "事件的数字字段",
            "The number of the event",
            needed
        ),
    ]],
};

static BY_ROLE: Shape = Shape {
    name: "by-role",
    zh: "由其中一个角色办过",
    en: "Done in one of these roles",
    groups: &[&[
        key!("event", Value::Texts, "事件", "The event", needed),
        key!("role", Value::Texts, "角色", "The roles", needed),
    ]],
};

static RANK: Shape = Shape {
    name: "rank",
    zh: "级别",
    en: "A rank",
    groups: &[&[
        key!(
            "field",
            Value::Text,
            "写着人的字段",
            "The field with the persons",
            needed
        ),
        key!(
            "at_least",
            Value::Text,
            "至少这个角色的级别",
            "At least the rank of this role",
            needed
        ),
    ]],
};

/// `[approval.NAME]`
pub static APPROVAL: Shape = Shape {
    name: "approval",
    zh: "审批：一件事须先经同意",
    en: "An approval: what must be approved first",
    groups: &[
        RULE,
        &[
            EVENTS,
            CONDITION,
            key!(
                "approved",
                Value::Texts,
                "表示同意的事件",
                "The approving event",
                needed
            ),
            key!(
                "by",
                Value::Texts,
                "由哪个角色（或几个之一）同意",
                "The roles that may approve",
                needed
            ),
            key!(
                "not_by",
                Value::Texts,
                "办这些事的人不得同意",
                "Whoever did these may not approve"
            ),
            key!(
                "since",
                Value::Texts,
                "同意要在其中最后一件之后",
                "It counts after the last of these"
            ),
        ],
    ],
};

/// `[rate.NAME]`
pub static RATE: Shape = Shape {
    name: "rate",
    zh: "比例：多少办了",
    en: "A rate: which share is done",
    groups: &[
        RULE,
        &[
            key!(
                "of",
                Value::Texts,
                "数哪些规则的义务",
                "The rules whose obligations are counted",
                needed
            ),
            key!("per", PERIOD, "多久一期", "The length of the period", needed),
            key!(
                "at_least",
                Value::Share,
                "至少多少",
                "At least this share",
                like & ["\"90%\""]
            ),
            key!(
                "decided_by",
                Value::Text,
                "由哪个角色决定",
                "The role that decides the target"
            ),
            key!(
                "decide_within",
                Value::Term,
                "几天内须定下来",
                "How long it has for that",
                like & ["\"5天\""]
            ),
            key!(
                "warn_below",
                Value::Share,
                "低于这个数的警告",
                "A warning below this share"
            ),
            key!(
                "draw",
                Value::Table(&DRAW),
                "只有抽中的才须办",
                "Only drawn ones are owed"
            ),
        ],
    ],
};

static DRAW: Shape = Shape {
    name: "draw",
    zh: "抽取",
    en: "A draw",
    groups: &[&[key!(
        "top_up",
        Value::Term,
        "期末补抽的多久内完成",
        "How long there is for what is drawn at the period's end",
        needed,
        like & ["\"5天\""]
    )]],
};

/// `[penalty.NAME]`
pub static PENALTY: Shape = Shape {
    name: "penalty",
    zh: "罚则：逾期或违规要谁出多少，单位分",
    en: "A penalty: what a breach or a violation costs whom, in fen",
    groups: &[
        RULE,
        &[
            key!(
                "of",
                Value::Texts,
                "这些规则的义务逾期的",
                "Breaches of obligations of these rules"
            ),
            key!(
                "on",
                Value::Texts,
                "这些事件记下的违规",
                "Violations that these events record"
            ),
            CONDITION,
            key!(
                "times",
                Value::Text,
                "按这个数字字段乘",
                "Every sum is multiplied by this number"
            ),
            key!(
                "amount_fen",
                Value::Positive,
                "金额，单位分",
                "The sum in fen",
                like & ["10000"]
            ),
            key!(
                "between_fen",
                Value::List(&Value::Positive),
                "[最少, 最多]，由 decided_by 定",
                "The least and the most, left to `decided_by`",
                like & ["[5000, 20000]"]
            ),
            key!("decided_by", Value::Text, "由哪个角色定", "The role that decides"),
            key!("decide_within", Value::Term, "多久之内定", "How long it has for that"),
            key!(
                "against",
                Value::OneOf(&[Value::Text, Value::Table(&AGAINST)]),
                "罚谁：\"bearer\"、\"actor\"、角色，或 { field = \"字段\" }",
                "Who is charged: \"bearer\", \"actor\", a role, or { field = \"…\" }"
            ),
            key!(
                "joint",
                Value::List(&Value::Table(&JOINT)),
                "连带的角色",
                "Others that are charged beside"
            ),
            key!("to", Value::Text, "立即报给这个角色", "The role that is told at once"),
        ],
    ],
};

static AGAINST: Shape = Shape {
    name: "against",
    zh: "字段里写的人",
    en: "The person in a field",
    groups: &[&[key!("field", Value::Text, "字段", "The field", needed)]],
};

static JOINT: Shape = Shape {
    name: "joint",
    zh: "连带的角色和金额",
    en: "A role that is charged beside",
    groups: &[&[
        key!("role", Value::Text, "角色", "The role", needed),
        key!("amount_fen", Value::Positive, "金额，单位分", "The sum in fen", needed),
    ]],
};

/// `[sample.NAME]` of the members of a case.
pub static SAMPLE_OF_MEMBERS: Shape = Shape {
    name: "sample-of-members",
    zh: "抽样：从一件案件的名单里抽",
    en: "A sample of the members of a case",
    groups: &[
        RULE,
        &[
            key!("frame", Value::Text, "案件的名单字段", "The list of the case", needed),
            EVENTS,
            CONDITION,
            key!("strata", Value::Table(&STRATA), "怎样分层", "How it is stratified"),
        ],
        DRAWN,
    ],
};

static STRATA: Shape = Shape {
    name: "strata",
    zh: "分层",
    en: "Strata",
    groups: &[&[key!(
        "before",
        Value::Text,
        "名字里这个字之前的部分相同的为一层",
        "Names that agree before this text are one stratum",
        needed,
        like & ["\"-\""]
    )]],
};

/// `[metric.NAME]`
pub static METRIC: Shape = Shape {
    name: "metric",
    zh: "指标：只报告的数；of、count、share、score、points、handled 写一个",
    en: "A metric, by one of `of`, `count`, `share`, `score`, `points`, `handled`",
    groups: &[
        RULE,
        &[
            key!(
                "of",
                Value::Texts,
                "按期率：数哪些规则的义务",
                "How the duties of these rules were met"
            ),
            key!("count", Value::Texts, "数这些事件有几个", "How many of these events"),
            key!(
                "share",
                Value::Table(&ANSWERS),
                "答案里算数的占多少",
                "The share of answers that count"
            ),
            key!("score", Value::Table(&SCORE), "加权平均", "A weighted mean"),
            key!("points", Value::Table(&POINTS), "积分", "Points"),
            key!("handled", Value::Table(&HANDLED), "处理率", "The share that is closed"),
            key!("by", Value::Texts, "按什么分", "What it is told apart by"),
            CONDITION,
            key!(
                "per",
                PERIOD,
                "多久一期；points 可以不写",
                "The length of the period; may be left out of `points`"
            ),
        ],
    ],
};

static ANSWERS: Shape = Shape {
    name: "answers",
    zh: "答案里算数的",
    en: "Answers that count",
    groups: &[&[
        key!("of", Value::Texts, "哪些事件", "The events", needed),
        key!("fields", Value::Texts, "几项分别算", "Several items, each by itself"),
        key!("field", Value::Text, "一项", "One item"),
        key!(
            "counts_as",
            Value::OneOf(&[Value::Text, Value::Bool, Value::Number, Value::List(&super::SCALAR)]),
            "哪些答案算数",
            "The answers that count",
            needed
        ),
        key!(
            "line",
            Value::Share,
            "低于多少列为待提高",
            "Below this it is listed for improvement"
        ),
    ]],
};

static SCORE: Shape = Shape {
    name: "score",
    zh: "加权平均",
    en: "A weighted mean",
    groups: &[&[
        key!("of", Value::Texts, "哪些事件", "The events", needed),
        key!(
            "weights",
            Value::Map(&Value::Share),
            "各评分字段的权重，合计须为 100%",
            "The weight of each field; together 100 %",
            needed
        ),
    ]],
};

const POINTS_OF: Value = Value::Map(&Value::OneOf(&[Value::Positive, Value::Table(&POINTS_FIELD)]));

static POINTS: Shape = Shape {
    name: "points",
    zh: "积分，按案件",
    en: "Points by case",
    groups: &[&[
        key!("earn", POINTS_OF, "哪些事件得多少", "What events earn", needed),
        key!("spend", POINTS_OF, "哪些事件用多少", "What events spend", needed),
    ]],
};

static POINTS_FIELD: Shape = Shape {
    name: "points-field",
    zh: "取事件自己的字段",
    en: "The event's own number",
    groups: &[&[key!("field", Value::Text, "字段", "The field", needed)]],
};

static HANDLED: Shape = Shape {
    name: "handled",
    zh: "处理率",
    en: "The share that is closed",
    groups: &[&[
        key!("opened", Value::Texts, "开的事件", "The events that open", needed),
        key!("closed", Value::Texts, "办结的事件", "The events that close", needed),
        key!(
            "line",
            Value::Share,
            "低于多少列为待提高",
            "Below this it is listed for improvement"
        ),
    ]],
};
