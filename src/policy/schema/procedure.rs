//! A procedure's file.

use super::duty::{DEADLINE, OCCASION, RECURRING, REMINDER, SAMPLE_OF_CASES};
use super::rules::{APPROVAL, ESCALATION, GATE, METRIC, PENALTY, RATE, SAMPLE_OF_MEMBERS, THRESHOLD};
use super::tables::{ADOPT, CASE, CLAUSE, HEAD, PARAM, RECORD, ROLE};
use super::telling::{ACCESS, CONSENT, EXCEPTION, GUIDANCE, HOURS, NOTICE};
use super::{Key, Shape, Value, key};

const WHOLE: &[Key] = &[
    key!("procedure", Value::Table(&HEAD), "规程", "The procedure", needed),
    key!(
        "adopt",
        Value::Table(&ADOPT),
        "采用通用规程",
        "The base procedure that is adopted"
    ),
    key!(
        "override",
        Value::Map(&Value::Map(&Value::Any)),
        "换掉采用来的规则的几个键：[override.\"种类.名字\"]，reason 必写",
        "Single keys of adopted rules, replaced: [override.\"FAMILY.NAME\"]; `reason` must be written"
    ),
    key!(
        "param",
        Value::Map(&Value::Table(&PARAM)),
        "按日期取值的参数：[param.名字]",
        "Values that depend on the date: [param.NAME]"
    ),
    key!(
        "words",
        Value::Map(&Value::Text),
        "字段、取值、暂停的原因在读得懂的文本里叫什么：编号 = \"叫法\"",
        "What fields, choices and reasons are called in the Chinese text of `guicheng render`"
    ),
    key!(
        "clause",
        Value::Map(&Value::Table(&CLAUSE)),
        "条款：[clause.\"4.1.1(1)\"]",
        "Clauses: [clause.\"4.1.1(1)\"]"
    ),
    key!(
        "role",
        Value::Map(&Value::Table(&ROLE)),
        "角色：[role.编号]",
        "Roles: [role.ID]"
    ),
    key!(
        "case",
        Value::Map(&Value::Table(&CASE)),
        "案件：[case.编号]",
        "Kinds of case: [case.ID]"
    ),
    key!(
        "record",
        Value::Map(&Value::Table(&RECORD)),
        "记录表：[record.编号]",
        "Records: [record.ID]"
    ),
];

const RULES: &[Key] = &[
    key!(
        "deadline",
        Value::Map(&Value::Table(&DEADLINE)),
        "期限：[deadline.编号]",
        "Deadlines: [deadline.ID]"
    ),
    key!(
        "recurring",
        Value::Map(&Value::Table(&RECURRING)),
        "周期：[recurring.编号]",
        "What recurs: [recurring.ID]"
    ),
    key!(
        "reminder",
        Value::Map(&Value::Table(&REMINDER)),
        "提醒：[reminder.编号]",
        "Reminders: [reminder.ID]"
    ),
    key!(
        "occasion",
        Value::Map(&Value::Table(&OCCASION)),
        "节点：[occasion.编号]",
        "Occasions: [occasion.ID]"
    ),
    key!(
        "threshold",
        Value::Map(&Value::Table(&THRESHOLD)),
        "计数：[threshold.编号]",
        "Thresholds: [threshold.ID]"
    ),
    key!(
        "gate",
        Value::Map(&Value::Table(&GATE)),
        "前提：[gate.编号]",
        "Gates: [gate.ID]"
    ),
    key!(
        "approval",
        Value::Map(&Value::Table(&APPROVAL)),
        "审批：[approval.编号]",
        "Approvals: [approval.ID]"
    ),
    key!(
        "escalation",
        Value::Map(&Value::Table(&ESCALATION)),
        "上报：[escalation.编号]",
        "Escalations: [escalation.ID]"
    ),
    key!(
        "rate",
        Value::Map(&Value::Table(&RATE)),
        "比例：[rate.编号]",
        "Rates: [rate.ID]"
    ),
    key!(
        "penalty",
        Value::Map(&Value::Table(&PENALTY)),
        "罚则：[penalty.编号]",
        "Penalties: [penalty.ID]"
    ),
    key!(
        "sample",
        Value::Map(&Value::OneOf(&[
            Value::Table(&SAMPLE_OF_CASES),
            Value::Table(&SAMPLE_OF_MEMBERS)
        ])),
        "抽样：[sample.编号]",
        "Samples: [sample.ID]"
    ),
    key!(
        "metric",
        Value::Map(&Value::Table(&METRIC)),
        "指标：[metric.编号]",
        "Metrics: [metric.ID]"
    ),
    key!(
        "guidance",
        Value::Map(&Value::Table(&GUIDANCE)),
        "指引：[guidance.编号]",
        "Guidance: [guidance.ID]"
    ),
    key!(
        "exception",
        Value::Map(&Value::Table(&EXCEPTION)),
        "例外：[exception.编号]",
        "Exceptions: [exception.ID]"
    ),
    key!(
        "hours",
        Value::Map(&Value::Table(&HOURS)),
        "时段：[hours.编号]",
        "Named hours: [hours.ID]"
    ),
    key!(
        "consent",
        Value::Map(&Value::Table(&CONSENT)),
        "意愿：[consent.编号]",
        "Consents: [consent.ID]"
    ),
    key!(
        "notice",
        Value::Map(&Value::Table(&NOTICE)),
        "文书：[notice.编号]",
        "Notices: [notice.ID]"
    ),
    key!(
        "access",
        Value::Map(&Value::Table(&ACCESS)),
        "可见：[access.编号]",
        "Access: [access.ID]"
    ),
];

/// The whole file.
pub static ROOT: Shape = Shape {
    name: "procedure-file",
    zh: "一份规程的一个版本：policies/公司/名字.toml",
    en: "An edition of a procedure: policies/COMPANY/NAME.toml",
    groups: &[WHOLE, RULES],
};
