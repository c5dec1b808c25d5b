//! What a rule says, slot by slot, and the names of the slots for people.

use super::text::{begun, is_empty};
use crate::policy::finding::{Lang, Text};
use crate::policy::model::Id;

/// A part of what a rule says: who, within which term, up to whom it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// What it is: `bearer`, `term`, `escalation`, …
    pub key: &'static str,
    /// What stands there.
    pub text: Text,
    /// Whether the leading sentence says it; else it is a sentence of its own.
    pub lead: bool,
}

/// A rule in sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Its family: `deadline`, `threshold`, `rate`, `record`, `role`, `case`, …
    pub family: &'static str,
    /// Its id.
    pub id: Id,
    /// Its name for people.
    pub title: Id,
    /// The clauses that it carries out, the one first under which it stands.
    pub clauses: Vec<Id>,
    /// For whom it is.
    pub bearers: Text,
    /// The leading sentence, without its full stop.
    pub lead: Text,
    /// Its slots, those of the leading sentence among them.
    pub slots: Vec<Slot>,
}

impl Said {
    /// A rule of which nothing is said yet.
    pub(super) fn new(family: &'static str, id: &Id, title: &Id, clauses: &[Id]) -> Said {
        Said {
            family,
            id: id.clone(),
            title: title.clone(),
            clauses: clauses.to_vec(),
            bearers: Text::default(),
            lead: Text::default(),
            slots: Vec::new(),
        }
    }

    /// Adds what the leading sentence says; answers it.
    pub(super) fn part(&mut self, key: &'static str, text: Text) -> Text {
        self.put(key, text.clone(), true);
        text
    }

    /// Adds a sentence, without its full stop; an empty one is none.
    pub(super) fn say(&mut self, key: &'static str, text: Text) {
        self.put(key, begun(text), false);
    }

    /// Adds the author's word on what the document leaves open.
    pub(super) fn assume(&mut self, assume: Option<&Id>) {
        if let Some(text) = assume {
            let zh = format!("说明：{}", text.trim_end_matches('。'));
            let en = format!("The author's note: {}", text.trim_end_matches('。'));
            self.say("assume", Text::new(zh, en));
        }
    }

    fn put(&mut self, key: &'static str, text: Text, lead: bool) {
        if !is_empty(&text) {
            self.slots.push(Slot { key, text, lead });
        }
    }

    /// Whether it is a rule, whose id is its own among all rules; else a form, a role, a kind of case, …
    pub fn is_rule(&self) -> bool {
        super::super::procedure::RULES.contains(&self.family)
    }

    /// All of its sentences.
    pub fn text(&self) -> Text {
        let own = self.slots.iter().filter(|slot| !slot.lead).map(|slot| &slot.text);
        let all: Vec<&Text> = std::iter::once(&self.lead).chain(own).collect();
        let zh: Vec<String> = all.iter().map(|t| ended(&t.zh, "。")).collect();
        let en: Vec<String> = all.iter().map(|t| ended(&t.en, ".")).collect();
        Text::new(zh.concat(), en.join(" "))
    }

    /// All of its sentences in that language.
    pub fn in_lang(&self, lang: Lang) -> String {
        self.text().in_lang(lang).to_owned()
    }
}

/// With a full stop, unless it ends with one already.
fn ended(text: &str, stop: &str) -> String {
    if text.is_empty() || text.ends_with(['。', '.', '！', '？', '!', '?']) {
        text.to_owned()
    } else {
        format!("{text}{stop}")
    }
}

/// What a slot is called.
pub fn label(key: &str) -> Text {
    let (zh, en) = match key {
        "access" => ("谁能看", "who may see it"),
        "accept" => ("验收", "acceptance"),
        "adopts" => ("采用", "adopted"),
        "answers" => ("答案", "answers"),
        "area" => ("片区", "area"),
        "assume" => ("原文之外的约定", "assumption"),
        "at_least" => ("下限", "the least"),
        "audience" => ("对哪些案件", "audience"),
        "back" => ("写回", "written back"),
        "bearer" => ("承担人", "bearer"),
        "by" => ("分别计算", "told apart by"),
        "calendar" => ("日历", "calendar"),
        "channels" => ("方式", "channels"),
        "closed" => ("停业", "days closed"),
        "computed" => ("算出的字段", "computed fields"),
        "condition" => ("条件", "condition"),
        "consent" => ("客户意愿", "consent"),
        "count" => ("次数", "count"),
        "course" => ("对案件的影响", "what events do to the case"),
        "data" => ("带上的数据", "data"),
        "decision" => ("由谁决定", "decision"),
        "distinct" => ("不重复", "distinct"),
        "document" => ("文件号", "document"),
        "done_when" => ("怎样才算", "what counts"),
        "draw" => ("抽取", "draw"),
        "early" => ("提前办理", "early performance"),
        "effective" => ("执行日期", "date in force"),
        "end" => ("最后一天的止点", "end of the last day"),
        "escalation" => ("逐级上报", "escalation"),
        "events" => ("会发生的事", "events"),
        "extend_by" => ("谁能延期", "who may extend"),
        "fields" => ("内容", "fields"),
        "from" => ("起算", "counted from"),
        "guidance" => ("做法", "guidance"),
        "holders" => ("由谁担任", "holders"),
        "hours" => ("时间", "hours"),
        "in_turn" => ("轮流", "turns"),
        "joint" => ("同时受罚", "charged beside"),
        "kind" => ("案件", "kind of case"),
        "limit" => ("限制", "limit"),
        "line" => ("改进线", "line of improvement"),
        "mark" => ("记在案件上", "mark"),
        "max_backdate" => ("补报", "late reports"),
        "measure" => ("计算什么", "measure"),
        "metric" => ("计算", "measure"),
        "need" => ("前提", "needs"),
        "notice" => ("文书", "notice"),
        "number" => ("编号", "number"),
        "offence" => ("事由", "offence"),
        "open" => ("另立案件", "case opened"),
        "opens" => ("几时起可办", "opening"),
        "override" => ("本公司的改动", "override"),
        "pause" => ("暂停", "pause"),
        "penalty" => ("罚则", "penalty"),
        "per" => ("周期", "period"),
        "performed_by" => ("怎样办结", "what performs it"),
        "prefer" => ("最好的时间", "best hours"),
        "rank" => ("级别", "rank"),
        "recurrence" => ("周期", "recurrence"),
        "reports_to" => ("上级", "reports to"),
        "required" => ("必填", "required"),
        "retain" => ("保存", "kept for"),
        "row" => ("每一行", "row"),
        "rules" => ("哪些事项", "matters"),
        "sample" => ("抽样", "sample"),
        "scope" => ("范围", "scope"),
        "secret" => ("保密", "secrecy"),
        "shift" => ("遇休息日", "shift"),
        "signed" => ("签名", "signatures"),
        "size" => ("抽多少", "size"),
        "standing" => ("长期案件", "standing case"),
        "strata" => ("分层", "strata"),
        "sum" => ("金额", "sum"),
        "target" => ("指标", "target"),
        "task" => ("做什么", "task"),
        "term" => ("期限", "term"),
        "text" => ("文字", "text"),
        "title" => ("名称", "title"),
        "to" => ("告知谁", "who is told"),
        "transition" => ("已产生的义务", "open obligations"),
        "trigger" => ("起因", "trigger"),
        "until" => ("到何时止", "end"),
        "values" => ("取值", "values"),
        "waive_by" => ("谁能免除", "who may waive"),
        "warn_below" => ("提醒线", "warning"),
        "weekdays" => ("工作日", "working days"),
        "who" => ("谁受罚", "who is charged"),
        other => (other, other),
    };
    Text::new(zh, en)
}

/// What a family of rules is called.
pub fn family(family: &str) -> Text {
    let (zh, en) = match family {
        "deadline" => ("期限", "deadline"),
        "recurring" => ("周期", "recurring"),
        "reminder" => ("提醒", "reminder"),
        "occasion" => ("节点", "occasion"),
        "threshold" => ("计数", "threshold"),
        "escalation" => ("上报", "escalation"),
        "gate" => ("前提", "gate"),
        "approval" => ("审批", "approval"),
        "rate" => ("比例", "rate"),
        "sample" => ("抽样", "sample"),
        "penalty" => ("罚则", "penalty"),
        "metric" => ("指标", "metric"),
        "guidance" => ("做法", "guidance"),
        "hours" => ("时段", "hours"),
        "consent" => ("意愿", "consent"),
        "notice" => ("文书", "notice"),
        "access" => ("可见", "access"),
        "record" => ("记录表", "form"),
        "role" => ("角色", "role"),
        "area" => ("片区", "area"),
        "case" => ("案件", "case"),
        "calendar" => ("日历", "calendar"),
        "param" => ("随日期变的值", "value by date"),
        "procedure" => ("规程", "procedure"),
        "clause" => ("条款", "clause"),
        other => (other, other),
    };
    Text::new(zh, en)
}
