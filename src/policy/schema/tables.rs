//! Tables of a procedure that are no rules: heads, clauses, roles, kinds of case, records.

use super::{FIELD_TYPE, FIELDS, PERIOD, SCALAR, Shape, Value, WHEN, key};

/// Comparisons with a field.
pub static COMPARED: Shape = Shape {
    name: "compared",
    zh: "和一个字段比较，各项都要成立",
    en: "Comparisons with a field; all must hold",
    groups: &[&[
        key!(
            "exists",
            Value::Bool,
            "true 填了；false 没有填",
            "true: filled in; false: not"
        ),
        key!("one_of", Value::List(&SCALAR), "是其中之一", "One of these"),
        key!("at_least", Value::Positive, "这个数以上，含", "This number or more"),
        key!(
            "more_than",
            Value::Positive,
            "超过这个数，不含",
            "More than this number"
        ),
        key!("at_most", Value::Positive, "这个数以下，含", "This number or less"),
        key!(
            "less_than",
            Value::Positive,
            "不满这个数，不含",
            "Less than this number"
        ),
    ]],
};

/// `[procedure]`
pub static HEAD: Shape = Shape {
    name: "procedure",
    zh: "规程",
    en: "The procedure",
    groups: &[&[
        key!(
            "id",
            Value::Text,
            "编号：公司/名字",
            "Its id: COMPANY/NAME",
            needed,
            like & ["\"fuheng/follow-up\""]
        ),
        key!(
            "title",
            Value::Text,
            "名称；采用通用规程的可以不写",
            "Its name; the base's where one is adopted"
        ),
        key!(
            "document",
            Value::Text,
            "文件号",
            "The document that it carries out",
            like & ["\"QW-21-14 A/0\""]
        ),
        key!(
            "effective",
            Value::Date,
            "从哪一天起执行",
            "In force from this date on",
            needed,
            like & ["\"2026-01-01\""]
        ),
        key!(
            "waive_by",
            Value::Texts,
            "谁可以免除义务：角色",
            "The roles that may waive obligations"
        ),
        key!(
            "extend_by",
            Value::Texts,
            "谁可以延期：角色",
            "The roles that may extend terms"
        ),
        key!(
            "transition",
            Value::Words(&["keep", "new_occurrences", "rebase"]),
            "新版本对没办完的怎么办：keep 照旧版本办完",
            "What a new edition does to what is still owed; `keep` leaves it as it is"
        ),
    ]],
};

/// `[adopt]`
pub static ADOPT: Shape = Shape {
    name: "adopt",
    zh: "采用通用规程",
    en: "The base procedure that is adopted",
    groups: &[&[
        key!(
            "procedure",
            Value::Text,
            "policies/base 里那份规程的 id",
            "The id of a procedure of policies/base",
            needed,
            like & ["\"base/customer-opinion\""]
        ),
        key!(
            "clause",
            Value::Text,
            "本公司文件里凭哪一条采用",
            "The company's own clause by which it adopts"
        ),
    ]],
};

/// `[param.NAME]`
pub static PARAM: Shape = Shape {
    name: "param",
    zh: "按日期取值的参数",
    en: "A value that depends on the date",
    groups: &[&[
        key!("title", Value::Text, "名称", "Its name", needed),
        key!(
            "values",
            Value::List(&Value::Table(&PARAM_VALUE)),
            "取值，按日期先后",
            "Its values, in the order of their dates",
            needed
        ),
    ]],
};

static PARAM_VALUE: Shape = Shape {
    name: "param-value",
    zh: "从某一天起的取值",
    en: "A value from a date on",
    groups: &[&[
        key!("from", Value::Date, "从哪天起", "From this date on", needed),
        key!("value", SCALAR, "值", "The value", needed, like & ["\"10天\""]),
        key!("clause", Value::Texts, "依据", "The clauses that say so"),
    ]],
};

/// `[clause."N"]`
pub static CLAUSE: Shape = Shape {
    name: "clause",
    zh: "条款",
    en: "A clause of the document",
    groups: &[&[
        key!(
            "text",
            Value::Text,
            "用自己的话写出这一条",
            "What it says, in your own words",
            needed
        ),
        key!(
            "manual",
            Value::Text,
            "为什么没有规则能执行它，要靠人办",
            "Why no rule can carry it"
        ),
    ]],
};

/// `[role.NAME]`
pub static ROLE: Shape = Shape {
    name: "role",
    zh: "角色",
    en: "A role",
    groups: &[&[
        key!("title", Value::Text, "名称", "Its name", needed),
        key!(
            "reports_to",
            Value::Text,
            "上级；空缺时由上级代办",
            "The role above, which steps in while this one is vacant"
        ),
        key!(
            "scope",
            Value::Text,
            "同一角色的几位凭什么区分：\"area\" 或案件的一个字段",
            "What tells its holders apart: \"area\" or a field of the case",
            like & ["\"area\"", "\"department\""]
        ),
        key!("rank", Value::Int, "级别，数大的高", "How high it stands"),
        key!(
            "in_turn",
            Value::Texts,
            "按这个事件（或几个）轮流",
            "Its holders take turns by these events",
            like & ["\"visit.received\""]
        ),
    ]],
};

/// `[case.NAME]`
pub static CASE: Shape = Shape {
    name: "case",
    zh: "一类案件：它带什么数据，会发生什么；[case.\"*\"] 只写各类共有的 events",
    en: "A kind of case: what it carries and what can happen; [case.\"*\"] has the events that all kinds share",
    groups: &[&[
        key!("title", Value::Text, "名称", "Its name"),
        key!(
            "data",
            FIELDS,
            "字段和类型；一列文字为只能取其中之一",
            "Its fields and their types; a list of texts allows these only",
            like & ["{ \"building\": \"text\", \"severity\": [\"ordinary\", \"major\"] }"]
        ),
        key!(
            "computed",
            Value::Map(&Value::Table(&COMPUTED)),
            "由引擎计算的字段",
            "Fields that the engine works out"
        ),
        key!(
            "events",
            Value::Map(&Value::OneOf(&[Value::Text, Value::Table(&EVENT)])),
            "会发生的事件：名字 = \"标题\"",
            "What can happen: NAME = \"title\"",
            needed,
            like & ["{ \"received\": \"受理\" }"]
        ),
        key!(
            "reopen_on",
            Value::Texts,
            "这个事件（或几个）开始新的一轮",
            "These events begin a new course of the case"
        ),
        key!(
            "cancel_on",
            Value::Texts,
            "这个事件（或几个）取消所有没办完的",
            "These events cancel what is still owed"
        ),
        key!(
            "merge_on",
            Value::Texts,
            "这个事件（或几个）把它并入 into 所写的案件",
            "These events merge it into the case that `into` names"
        ),
        key!(
            "pause",
            Value::Map(&Value::Text),
            "暂停：事件 = \"原因\"",
            "Pauses: EVENT = \"reason\"",
            like & ["{ \"waiting\": \"等配件\" }"]
        ),
        key!(
            "resume",
            Value::Map(&Value::Text),
            "恢复：事件 = \"原因\"",
            "Resumptions: EVENT = \"reason\"",
            like & ["{ \"resumed\": \"等配件\" }"]
        ),
        key!(
            "standing",
            Value::Words(&["company", "area"]),
            "长期存在：全公司一件，或每个片区一件",
            "Exists by itself: one for the company, or for each area"
        ),
    ]],
};

static EVENT: Shape = Shape {
    name: "event",
    zh: "事件",
    en: "An event",
    groups: &[&[
        key!("title", Value::Text, "名称", "Its name", needed),
        key!(
            "needs",
            Value::Texts,
            "缺了就拒收的字段",
            "Fields without which it is refused"
        ),
        key!("data", FIELDS, "事件自己的字段", "Its own fields"),
        key!("record", Value::Text, "事件带的记录表", "The record that it carries"),
    ]],
};

static COMPUTED: Shape = Shape {
    name: "computed",
    zh: "由引擎计算的字段：script、years_since、count 写一个",
    en: "A field that is worked out, by one of `script`, `years_since`, `count`",
    groups: &[&[
        key!("clause", Value::Texts, "依据", "The clauses that say so"),
        key!("script", Value::Text, "脚本函数", "A function of the company's scripts"),
        key!(
            "from",
            Value::Texts,
            "问脚本时给它哪些字段",
            "The fields that the function is given"
        ),
        key!(
            "type",
            FIELD_TYPE,
            "脚本回答的类型",
            "The type of the function's answer"
        ),
        key!(
            "otherwise",
            SCALAR,
            "脚本出错时的值",
            "The value where the function fails"
        ),
        key!(
            "years_since",
            Value::Text,
            "从这个日期字段起满几年",
            "Whole years since this date of the case"
        ),
        key!(
            "count",
            Value::Text,
            "这个事件发生过几次",
            "How many of this event have happened",
            like & ["\"complaint.urged\""]
        ),
    ]],
};

/// `[record.NAME]`
pub static RECORD: Shape = Shape {
    name: "record",
    zh: "记录表",
    en: "A record: the form that an event carries",
    groups: &[&[
        key!("title", Value::Text, "名称", "Its name", needed),
        key!(
            "clause",
            Value::Texts,
            "出自哪一条或哪几条",
            "The clauses that it carries out",
            needed
        ),
        key!("fields", FIELDS, "字段和类型", "Its fields and their types", needed),
        key!(
            "required",
            Value::List(&Value::Table(&REQUIREMENT)),
            "必须填的；没填全的不算完",
            "What must be filled in for the performance to count"
        ),
        key!(
            "signed",
            Value::List(&Value::Table(&REQUIREMENT)),
            "必须签名的",
            "What must be signed"
        ),
        key!(
            "retain",
            Value::Term,
            "保管多久，按天、周、月、年",
            "How long it is kept, in days, weeks, months or years",
            like & ["\"2年\""]
        ),
        key!("number", Value::Table(&NUMBER), "编号", "How it is numbered"),
        key!(
            "accept",
            Value::Text,
            "脚本函数：回答还缺什么",
            "A function that says what is missing"
        ),
    ]],
};

static REQUIREMENT: Shape = Shape {
    name: "requirement",
    zh: "要填或要签的字段",
    en: "Fields that must be filled in or signed",
    groups: &[&[
        key!("fields", Value::Texts, "哪些字段", "The fields", needed),
        key!("when", WHEN, "只在什么情况下", "Only in this case"),
        key!("clause", Value::Text, "依据", "The clause that says so"),
    ]],
};

static NUMBER: Shape = Shape {
    name: "number",
    zh: "编号：全公司不漏不重",
    en: "Numbers without gap or double",
    groups: &[&[
        key!(
            "field",
            Value::Text,
            "编到哪个字段",
            "The field that gets the number",
            needed
        ),
        key!(
            "per",
            PERIOD,
            "多久从头编；不写就一直编下去",
            "Begins anew with each of these periods"
        ),
        key!(
            "form",
            Value::Text,
            "写法，可用 {year} {quarter} {month} {day} {n}，{n:4} 补足四位",
            "How it is written; {year} {quarter} {month} {day} {n}, {n:4} with four digits",
            needed,
            like & ["\"TS-{year}-{n:3}\""]
        ),
    ]],
};
