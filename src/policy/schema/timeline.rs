//! Timelines: `tests/*.toml` of a company's folder.

use super::{Shape, Value, key};

const NUMBER: Value = Value::OneOf(&[Value::Number, Value::Text]);

const STANDING: Value = Value::Words(&[
    "scheduled",
    "open",
    "paused",
    "overdue",
    "fulfilled",
    "fulfilled_late",
    "waived",
    "cancelled",
    "expired",
]);

const FLAG: Value = Value::Words(&[
    "imported",
    "at_risk",
    "provisional",
    "early_attempt",
    "backdated",
    "pending_evidence",
    "incomplete",
    "undrawn",
    "extended",
    "review",
    "overdue",
]);

/// The whole file.
pub static ROOT: Shape = Shape {
    name: "timeline-file",
    zh: "时间线：policies/公司/tests/名字.toml",
    en: "Timelines: policies/COMPANY/tests/NAME.toml",
    groups: &[&[
        key!(
            "timeline",
            Value::List(&Value::Table(&TIMELINE)),
            "一条时间线",
            "A timeline"
        ),
        key!(
            "script",
            Value::List(&Value::Table(&SCRIPT)),
            "脚本函数的一条测试",
            "A test of a script function"
        ),
    ]],
};

static SCRIPT: Shape = Shape {
    name: "script-test",
    zh: "脚本函数的一条测试：给这些数据，应当这样回答；is、fault 写一个",
    en: "A test of a script function: given this data, this is the answer; one of `is`, `fault`",
    groups: &[&[
        key!("title", Value::Text, "测的是什么", "What it shows", needed),
        key!("function", Value::Text, "函数", "The function", needed),
        key!("data", Value::Map(&Value::Any), "给它的字段", "What it is given"),
        key!("is", Value::Any, "应当的回答", "What it must answer"),
        key!("fault", Value::Bool, "true：应当出错", "true: it must fail"),
    ]],
};

static TIMELINE: Shape = Shape {
    name: "timeline",
    zh: "一条时间线：发生什么，应当欠着什么",
    en: "A timeline: what happens, and what must come of it",
    groups: &[&[
        key!("title", Value::Text, "它说明什么", "What it shows", needed),
        key!(
            "clauses",
            Value::List(&Value::Text),
            "它证明的条款",
            "The clauses that it shows to be kept"
        ),
        key!(
            "drawn",
            Value::List(&Value::Text),
            "当场抽中的案件",
            "The cases that are drawn on the fly"
        ),
        key!(
            "effects_from",
            Value::Instant,
            "这一刻以前是补录的历史，不通知",
            "What happens before is history taken in bulk: nothing is told"
        ),
        key!(
            "event",
            Value::List(&Value::Table(&EVENT)),
            "发生的事，按先后",
            "What happens, in order"
        ),
        key!(
            "expect",
            Value::List(&Value::Table(&EXPECT)),
            "期望",
            "What must be so",
            needed
        ),
    ]],
};

static EVENT: Shape = Shape {
    name: "timeline-event",
    zh: "发生的事",
    en: "What happens",
    groups: &[&[
        key!(
            "id",
            Value::Text,
            "事件编号；不写是 e1、e2……",
            "Its id; e1, e2, … where left out"
        ),
        key!(
            "at",
            Value::Instant,
            "何时发生，公司所在时区",
            "When it happened, in the zone of the company",
            needed
        ),
        key!("recorded_at", Value::Instant, "何时报到系统", "When it was recorded"),
        key!(
            "type",
            Value::Text,
            "事件类型：案件.事件",
            "Its type: KIND.EVENT",
            needed
        ),
        key!("case", Value::Text, "案件", "The case", needed),
        key!("actor", Value::Table(&ACTOR), "谁办的", "Who did it"),
        key!("data", Value::Map(&Value::Any), "数据", "Its data"),
        key!("corrects", Value::Text, "更正哪一件", "The event that it corrects"),
        key!("retracts", Value::Text, "撤回哪一件", "The event that it retracts"),
        key!(
            "refused",
            Value::Text,
            "应当被拒绝的代码",
            "The code with which it must be refused"
        ),
        key!(
            "hints",
            Value::List(&Value::Text),
            "随回答返回的全部指引",
            "All guidance that comes with its answer"
        ),
        key!(
            "unmet",
            Value::List(&Value::Text),
            "还差的每一项的标题",
            "The titles of all needs that are not met"
        ),
        key!(
            "number",
            Value::Text,
            "它的记录表编到的号",
            "The number that its form gets"
        ),
    ]],
};

static ACTOR: Shape = Shape {
    name: "actor",
    zh: "办理人",
    en: "Who does it",
    groups: &[&[
        key!("person", Value::Text, "人", "The person"),
        key!("role", Value::Text, "以哪个角色", "In which role"),
    ]],
};

static EXPECT: Shape = Shape {
    name: "expect",
    zh: "某一刻应当是这样",
    en: "What must be so at an instant",
    groups: &[&[
        key!("at", Value::Instant, "在这一刻看", "As things stand then", needed),
        key!(
            "known_at",
            Value::Instant,
            "按这一刻所知；不写同 at",
            "As known then; else at `at`"
        ),
        key!(
            "obligations",
            Value::List(&Value::Table(&OWED)),
            "应有的义务",
            "Obligations that must be there"
        ),
        key!(
            "only",
            Value::Bool,
            "true：这些案件除列出的以外没有别的义务",
            "true: these cases have no other obligations"
        ),
        key!("rates", Value::List(&Value::Table(&FIGURE)), "比例", "Figures of rates"),
        key!(
            "metrics",
            Value::List(&Value::Table(&MEASURED)),
            "指标的数",
            "Figures of metrics"
        ),
        key!(
            "penalties",
            Value::List(&Value::Table(&CHARGED)),
            "罚则台账；[] 是一笔也没有",
            "Entries of the ledger of penalties; [] for none"
        ),
        key!(
            "effects",
            Value::List(&Value::Table(&TOLD)),
            "到此刻已经通知的；[] 是没有",
            "Who was told by then; [] for nobody"
        ),
        key!(
            "spawned",
            Value::List(&Value::Table(&OPENED)),
            "系统自行立的案件；[] 是没有",
            "The cases that the engine opened by itself; [] for none"
        ),
        key!(
            "turns",
            Value::List(&Value::Table(&TURN)),
            "此刻轮到谁",
            "Who is next in turn"
        ),
        key!(
            "hours",
            Value::List(&Value::Table(&HOUR)),
            "时段此刻开不开",
            "How it stands with named hours"
        ),
        key!(
            "samples",
            Value::List(&Value::Table(&SAMPLE)),
            "抽样",
            "Draws of samples"
        ),
        key!(
            "next",
            Value::List(&Value::Table(&NEXT)),
            "接下来该办的，从最先的列起；[] 是没有",
            "What is due first; [] for nothing"
        ),
        key!(
            "notices",
            Value::List(&Value::Table(&POSTED)),
            "一期的文书",
            "Lists that are written for a period"
        ),
        key!(
            "visible",
            Value::List(&Value::Table(&VISIBLE)),
            "谁看得到",
            "Who may see which case"
        ),
    ]],
};

static OWED: Shape = Shape {
    name: "owed",
    zh: "一项义务；写出的各项都要相符",
    en: "An obligation; what is written must be so",
    groups: &[&[
        key!("case", Value::Text, "案件", "The case", needed),
        key!("rule", Value::Text, "规则", "The rule", needed),
        key!("cycle", Value::Int, "第几轮", "The course of the case"),
        key!("standing", STANDING, "状态", "What it is then"),
        key!(
            "due_on",
            Value::Instant,
            "到期日；停着是 \"none\"",
            "The last local date; \"none\" while it stands still"
        ),
        key!("due_at", Value::Instant, "到期的那一刻", "The last instant"),
        key!("opens_on", Value::Instant, "可以办的第一天", "The first local date"),
        key!(
            "roles",
            Value::List(&Value::Text),
            "全部承担角色",
            "All roles that owe it"
        ),
        key!(
            "persons",
            Value::List(&Value::Text),
            "全部承担人",
            "All persons that owe it"
        ),
        key!(
            "fulfilled_by",
            Value::Text,
            "完成它的事件；\"none\"",
            "The event that fulfilled it; \"none\""
        ),
        key!("level", Value::Int, "报到第几级", "The highest level that was told"),
        key!("flags", Value::List(&FLAG), "全部标记", "All flags"),
        key!(
            "missing",
            Value::List(&Value::Text),
            "最近一次还缺的各项",
            "All that the last attempt left out"
        ),
        key!(
            "breach",
            Value::Words(&["standing", "excused", "retracted", "none"]),
            "逾期",
            "Its breach"
        ),
        key!(
            "preferred_at",
            Value::Instant,
            "最好在哪一刻办",
            "The next moment at which it is best done"
        ),
        key!(
            "channels",
            Value::List(&Value::Text),
            "可用的方式",
            "All channels that may be used"
        ),
        key!(
            "count_required",
            Value::Int,
            "要做几次",
            "How often it must be performed"
        ),
        key!("count_done", Value::Int, "做了几次", "How often it was"),
        key!(
            "edition",
            Value::Instant,
            "依哪一版：它开始执行的日期",
            "The date from which its edition is in force"
        ),
        key!(
            "checklist",
            Value::List(&Value::Text),
            "步骤，按先后",
            "The steps of its checklists, in order"
        ),
        key!(
            "guidance",
            Value::List(&Value::Text),
            "全部指引",
            "All guidance that is shown with it"
        ),
        key!(
            "notice",
            Value::Text,
            "文书全文；写不出来是 \"none\"",
            "The text of its notice; \"none\""
        ),
        key!(
            "notice_missing",
            Value::List(&Value::Text),
            "文书缺的各项",
            "All that its notice lacks"
        ),
        key!(
            "none",
            Value::Bool,
            "true：不应有",
            "true: there must be none like this"
        ),
        key!("opens_at", Value::Instant, "可以办的第一刻", "The first instant"),
        key!(
            "breach_at",
            Value::Instant,
            "逾期的那一刻；\"none\"",
            "When it was breached; \"none\""
        ),
        key!(
            "breach_by",
            Value::Text,
            "免除、收回逾期的事件；\"none\"",
            "The event that excused or retracted the breach; \"none\""
        ),
        key!(
            "original_due_on",
            Value::Instant,
            "延期之前的到期日；\"none\"",
            "The last date before it was extended; \"none\""
        ),
        key!(
            "projected_due_on",
            Value::Instant,
            "现在恢复的话哪天到期；\"none\"",
            "The last date if the pause ended now; \"none\""
        ),
        key!(
            "early_attempts",
            Value::List(&Value::Text),
            "打开之前办的事件",
            "All attempts before it opened"
        ),
        key!(
            "nominal_on",
            Value::List(&Value::Text),
            "它代表的各个名义日期；就是到期那天的写 []",
            "The nominal dates that it stands for; [] where that is its due date"
        ),
    ]],
};

static FIGURE: Shape = Shape {
    name: "figure",
    zh: "一个比例",
    en: "The figures of a rate",
    groups: &[&[
        key!("rate", Value::Text, "哪个比例", "The rate", needed),
        key!(
            "period",
            Value::Instant,
            "哪一期，如 \"2026-03\"",
            "The period, such as \"2026-03\"",
            needed
        ),
        key!("population", Value::Int, "总数", "All members"),
        key!("done", Value::Int, "办了的", "Done"),
        key!("on_time", Value::Int, "按期办了的", "Done in time"),
        key!("required", Value::Int, "应办的", "How many must be done"),
        key!(
            "status",
            Value::Words(&["accruing", "maturing", "final"]),
            "数定了没有",
            "Whether it is final"
        ),
        key!(
            "met",
            Value::OneOf(&[Value::Bool, Value::Words(&["none"])]),
            "达到没有",
            "The verdict"
        ),
        key!("target", Value::Text, "指标", "The target"),
        key!("waived", Value::Int, "免除的", "Waived"),
        key!(
            "drawn",
            Value::Int,
            "欠着或办了的（只抽一部分的）",
            "Owed or done, where only drawn ones are"
        ),
        key!(
            "coverage_pct",
            Value::Text,
            "办了的百分数",
            "Done, in percent",
            like & ["\"97.44\""]
        ),
        key!(
            "timeliness_pct",
            Value::Text,
            "按时办的百分数",
            "Done in time, in percent",
            like & ["\"97.44\""]
        ),
    ]],
};

static MEASURED: Shape = Shape {
    name: "measured",
    zh: "一个指标",
    en: "The figure of a metric",
    groups: &[&[
        key!("metric", Value::Text, "哪个指标", "The metric", needed),
        key!("period", Value::Instant, "哪一期", "The period", needed),
        key!("by", Value::Text, "按什么分", "What it is told apart by"),
        key!(
            "of",
            Value::Text,
            "其中哪一个；不写是合计",
            "Which of those; none: over everything"
        ),
        key!(
            "value",
            NUMBER,
            "数：12、86.5、\"80%\"、\"6/7\"、\"none\"",
            "The figure: 12, 86.5, \"80%\", \"6/7\", \"none\""
        ),
        key!("population", Value::Int, "总数", "Over how many"),
        key!(
            "below",
            Value::Bool,
            "是否列为待提高",
            "Whether it is listed for improvement"
        ),
        key!("missing", Value::List(&Value::Text), "还缺什么", "What is lacking"),
    ]],
};

static CHARGED: Shape = Shape {
    name: "charged",
    zh: "台账的一笔",
    en: "An entry of the ledger",
    groups: &[&[
        key!("penalty", Value::Text, "罚则", "The penalty", needed),
        key!("case", Value::Text, "案件", "The case", needed),
        key!("role", Value::Text, "角色", "The role"),
        key!("person", Value::Text, "人", "The person"),
        key!(
            "amount_fen",
            NUMBER,
            "金额，单位分；\"none\"",
            "The sum in fen; \"none\""
        ),
        key!(
            "status",
            Value::Words(&["standing", "reversed", "proposed"]),
            "状态",
            "What it is then"
        ),
    ]],
};

static TOLD: Shape = Shape {
    name: "told",
    zh: "通知了谁",
    en: "That a role was told",
    groups: &[&[
        key!("case", Value::Text, "案件", "The case", needed),
        key!("rule", Value::Text, "规则", "The rule", needed),
        key!("level", Value::Int, "第几级", "The level of escalation"),
        key!("to", Value::Text, "角色", "The role"),
        key!("at", Value::Instant, "何时", "When"),
        key!("person", Value::Text, "谁；\"none\"", "Who that is; \"none\""),
        key!(
            "stands_in",
            Value::Text,
            "空缺时代办的上级角色；\"none\"",
            "The role above that stands in; \"none\""
        ),
        key!("told_at", Value::Instant, "真正通知的时候", "When the message went out"),
    ]],
};

static OPENED: Shape = Shape {
    name: "opened",
    zh: "系统立的案件",
    en: "A case that the engine opened",
    groups: &[&[
        key!("threshold", Value::Text, "计数规则", "The threshold", needed),
        key!("from", Value::Text, "由哪件案件引起", "The case that led to it", needed),
        key!("event", Value::Text, "立案的事件", "The event that opened it", needed),
    ]],
};

static TURN: Shape = Shape {
    name: "turn",
    zh: "轮到谁",
    en: "Who is next in turn",
    groups: &[&[
        key!("role", Value::Text, "角色", "The role", needed),
        key!("person", Value::Text, "人", "The person", needed),
    ]],
};

static HOUR: Shape = Shape {
    name: "hour",
    zh: "时段开不开",
    en: "How it stands with named hours",
    groups: &[&[
        key!("hours", Value::Text, "时段", "The hours", needed),
        key!("open", Value::Bool, "开着没有", "Whether they are open"),
        key!(
            "closes_at",
            Value::Instant,
            "何时结束；\"none\"",
            "When they close; \"none\""
        ),
        key!(
            "next_opening",
            Value::Instant,
            "下一次何时开；\"none\"",
            "When they open next; \"none\""
        ),
    ]],
};

static SAMPLE: Shape = Shape {
    name: "draw-of-sample",
    zh: "一次抽样",
    en: "A draw of a sample",
    groups: &[&[
        key!("sample", Value::Text, "抽样规则", "The sample", needed),
        key!("period", Value::Instant, "哪一期", "The period"),
        key!(
            "case",
            Value::Text,
            "哪件案件的名单",
            "The case whose members are drawn"
        ),
        key!(
            "population",
            Value::Int,
            "从几个里抽",
            "How many there are to draw from"
        ),
        key!("drawn", Value::Int, "抽了几个", "How many were drawn"),
        key!("done", Value::Int, "办了几个", "How many of those are done"),
        key!(
            "spread",
            Value::Map(&Value::Int),
            "每层抽了几个",
            "How many of each stratum"
        ),
        key!(
            "not_in_frame",
            Value::List(&Value::Text),
            "来得太晚、不在其中的案件",
            "Cases that came too late for the draw"
        ),
    ]],
};

static NEXT: Shape = Shape {
    name: "next",
    zh: "该办的一项",
    en: "Something due",
    groups: &[&[
        key!("case", Value::Text, "案件", "The case", needed),
        key!("rule", Value::Text, "规则", "The rule", needed),
        key!("due_on", Value::Instant, "到期日", "The last local date"),
    ]],
};

static POSTED: Shape = Shape {
    name: "posted",
    zh: "一期的文书",
    en: "A list of a period",
    groups: &[&[
        key!("notice", Value::Text, "文书", "The notice", needed),
        key!("period", Value::Instant, "哪一期", "The period", needed),
        key!(
            "contains",
            Value::List(&Value::Text),
            "写着什么",
            "What its text has in it"
        ),
        key!(
            "lacks",
            Value::List(&Value::Text),
            "没有写什么",
            "What its text does not have in it"
        ),
        key!("rows", Value::Int, "几行", "How many rows"),
        key!("missing", Value::List(&Value::Text), "缺的各项", "All that is missing"),
    ]],
};

static VISIBLE: Shape = Shape {
    name: "visible",
    zh: "看得到看不到",
    en: "Whether somebody may see a case",
    groups: &[&[
        key!("case", Value::Text, "案件", "The case", needed),
        key!("person", Value::Text, "谁在问", "Who asks"),
        key!("visible", Value::Bool, "看得到吗", "Whether it is there"),
        key!("audited", Value::Bool, "记下了吗", "Whether the showing is recorded"),
    ]],
};
