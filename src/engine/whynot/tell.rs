//! Why an obligation is not there, in words.

use super::need::Need;
use super::way::{Met, Way};
use super::ways;
use super::{Before, ConditionSaid, Of, WhyNot};
use crate::engine::explain::{ClauseSaid, condition_said};
use crate::policy::finding::{Lang, Text};
use crate::policy::model::{Condition, Duty, Id, Test};

/// The answer where the obligation is there after all.
pub(super) fn exists(before: &Before<'_>, duty: &Of, obligations: Vec<String>) -> WhyNot {
    let list = obligations.join("、");
    let en = obligations.join(", ");
    let verdict = Text::new(
        format!("“{}”有：{list}", duty.title),
        format!("`{}` is there: {en}", duty.title),
    );
    WhyNot {
        exists: true,
        obligations,
        verdict,
        checked: true,
        ..blank(before, duty)
    }
}

/// The answer where it is not.
pub(super) fn answer(before: &Before<'_>, way: &Way, checked: bool) -> WhyNot {
    let met = way.met.iter().map(|(of, met)| said_met(before, of, met));
    let unmet = way.needs.iter().map(|(of, need)| said(before, of, need));
    let conditions: Vec<ConditionSaid> = met.chain(unmet).collect();
    let (met, of) = (conditions.iter().filter(|c| c.met).count(), conditions.len());
    let lacking: Vec<&ConditionSaid> = conditions.iter().filter(|c| !c.met).collect();
    let zh: Vec<&str> = lacking.iter().map(|c| c.text.zh.as_str()).collect();
    let en: Vec<&str> = lacking.iter().map(|c| c.text.en.as_str()).collect();
    let title = &way.duty.title;
    let are = if met == 1 { "is" } else { "are" };
    let verdict = match lacking.is_empty() {
        true => Text::new(
            format!("没有“{title}”，它的条件却都满足：请管理员查看规则 {}", way.duty.id),
            format!(
                "`{title}` is not there although its conditions are met: let the administrator look at rule {}",
                way.duty.id
            ),
        ),
        false => Text::new(
            format!("没有“{title}”：{of}个条件满足了{met}个。{}", zh.join("；")),
            format!(
                "`{title}` is not there: {met} of {of} conditions {are} met. {}",
                en.join("; ")
            ),
        ),
    };
    let mut answer = blank(before, &way.duty);
    answer.verdict = verdict;
    (answer.met, answer.of) = (met, of);
    answer.conditions = conditions;
    answer.checked = checked;
    answer
}

fn blank(before: &Before<'_>, duty: &Of) -> WhyNot {
    let procedure = before.ctx.history.in_edition(&duty.head.edition);
    let clauses = duty.clauses.iter().map(|id| {
        let known = procedure.and_then(|p| p.clauses.iter().find(|c| c.id == *id));
        ClauseSaid {
            id: id.to_string(),
            text: known.map(|c| c.text.to_string()).unwrap_or_default(),
        }
    });
    WhyNot {
        case: before.id.to_owned(),
        rule: duty.id.to_string(),
        title: duty.title.to_string(),
        as_of: before.ctx.history.zone().rfc3339(before.as_of),
        exists: false,
        obligations: Vec::new(),
        verdict: Text::default(),
        met: 0,
        of: 0,
        conditions: Vec::new(),
        checked: false,
        clauses: clauses.collect(),
        procedure: duty.head.id.to_string(),
        edition: duty.head.edition.to_string(),
    }
}

fn condition(of: &Duty, what: &'static str, met: bool, text: Text) -> ConditionSaid {
    ConditionSaid {
        what,
        met,
        text,
        rule: of.id.to_string(),
        clause: of.clauses.first().map(ToString::to_string),
        field: None,
        value: None,
        events: Vec::new(),
        refused: Vec::new(),
    }
}

fn said_met(before: &Before<'_>, of: &Duty, met: &Met) -> ConditionSaid {
    match met {
        Met::Event(id, kind) => {
            let name = if kind.is_empty() {
                Text::new("起因", "what begins it")
            } else {
                event(before, kind)
            };
            let text = Text::new(
                format!("{}已记录（{id}）", name.zh),
                format!("{} was recorded ({id})", name.en),
            );
            ConditionSaid {
                events: vec![id.to_string()],
                ..condition(of, "event", true, text)
            }
        }
        Met::Field(field, test, value) => {
            let asked = condition_said(&Condition(vec![(field.clone(), test.clone())]));
            let text = Text::new(format!("{}，满足", asked.zh), format!("{}, as it must", asked.en));
            ConditionSaid {
                field: Some(field.to_string()),
                value: value.as_ref().map(ToString::to_string),
                ..condition(of, "field", true, text)
            }
        }
        Met::Parent(rule, how) => {
            let title = ways::title(before, rule);
            let (zh, en) = match *how {
                "opened" => ("已产生", "has come to be owed"),
                "fulfilled" => ("已办结", "is done"),
                _ => ("已逾期", "has fallen overdue"),
            };
            let text = Text::new(format!("“{title}”{zh}"), format!("`{title}` {en}"));
            condition(of, "rule", true, text)
        }
    }
}

fn said(before: &Before<'_>, of: &Duty, need: &Need) -> ConditionSaid {
    let (text, events) = words(before, need);
    let mut said = condition(of, need.word(), false, text);
    said.events = events;
    match need {
        Need::Field { field, value, .. } => {
            said.field = Some(field.to_string());
            said.value = value.as_ref().map(ToString::to_string);
        }
        Need::Wishes { consent, .. } => {
            said.rule = consent.id.to_string();
            said.clause = consent.clauses.first().map(ToString::to_string);
        }
        Need::Happens { kinds } => {
            let refused = before.refused.iter().filter(|(kind, _)| kinds.contains(kind));
            said.refused = refused.flat_map(|(_, unmet)| unmet.iter().cloned()).collect();
            let titles: Vec<&str> = said.refused.iter().map(|u| u.title.as_ref()).collect();
            if !titles.is_empty() {
                let (zh, en) = (titles.join("、"), titles.join(", "));
                said.text = Text::new(
                    format!("{}，现在也不能记录：{zh}", said.text.zh),
                    format!("{}, and would be refused now: {en}", said.text.en),
                );
            }
        }
        _ => {}
    }
    said
}

fn words(before: &Before<'_>, need: &Need) -> (Text, Vec<String>) {
    let names = |list: &[Id]| -> Vec<String> { list.iter().map(ToString::to_string).collect() };
    match need {
        Need::Happens { kinds } => {
            let own = |kind: &&Id| kind.split('.').next() == Some(&*before.case.kind);
            let all: Vec<Text> = kinds.iter().map(|kind| event(before, kind)).collect();
            let elsewhere = !kinds.iter().any(|kind| own(&kind));
            let (zh, en) = join(&all, "或", " or ");
            let text = match elsewhere {
                true => Text::new(
                    format!("还没有记录{zh}，这个案件也不是那一类"),
                    format!("{en} was not recorded, and this is another kind of case"),
                ),
                false => Text::new(format!("还没有记录{zh}"), format!("{en} was not recorded")),
            };
            (text, names(kinds))
        }
        Need::Anchor { kind } => {
            let name = event(before, kind);
            let text = Text::new(
                format!("期限从{}起数，还没有记录", name.zh),
                format!("its term is counted from {}, which was not recorded", name.en),
            );
            (text, vec![kind.to_string()])
        }
        Need::Field {
            field, tests, value, ..
        } => {
            let only_filled = value.is_none() && tests.iter().all(|test| matches!(test, Test::Exists(true)));
            if only_filled {
                let text = Text::new(format!("没有填 {field}"), format!("{field} is not filled in"));
                return (text, Vec::new());
            }
            let asked: Vec<_> = tests.iter().map(|test| (field.clone(), test.clone())).collect();
            let asked = match asked.is_empty() {
                true => Text::new(format!("填了 {field}"), format!("{field} is filled in")),
                false => condition_said(&Condition(asked)),
            };
            let now = match value {
                Some(value) => Text::new(format!("{field} 是“{value}”"), format!("{field} is `{value}`")),
                None => Text::new(format!("没有填 {field}"), format!("{field} is not filled in")),
            };
            let text = Text::new(
                format!("{}，规则要求 {}", now.zh, asked.zh),
                format!("{}; the rule asks that {}", now.en, asked.en),
            );
            (text, Vec::new())
        }
        Need::Wishes { consent, .. } => {
            let because = condition_said(&consent.when);
            let text = Text::new(
                format!("客户不愿意：{}（因为 {}）", consent.title, because.zh),
                format!(
                    "the customer does not wish it: {} (because {})",
                    consent.title, because.en
                ),
            );
            (text, Vec::new())
        }
        Need::InForce {
            event: id,
            occurred_on,
            effective,
        } => {
            let (zh, en) = match occurred_on < effective {
                true => (
                    format!("事件 {id} 发生在 {occurred_on}，规则 {effective} 起才施行"),
                    format!("event {id} occurred on {occurred_on}, and the rule is in force from {effective} on"),
                ),
                false => (
                    format!("事件 {id} 发生在 {occurred_on}，那时施行的版本没有这条规则"),
                    format!("event {id} occurred on {occurred_on}, when the edition in force had no such rule"),
                ),
            };
            (Text::new(zh, en), vec![id.to_string()])
        }
        Need::NotEnded { events } => {
            let list = names(events);
            let text = Text::new(
                format!("已由 {} 了结", list.join("、")),
                format!("it was ended by {}", list.join(", ")),
            );
            (text, list)
        }
        Need::Performed { duty } => {
            let own = |e: &&Id| e.split('.').next() == Some(&*before.case.kind);
            let done = duty.done.iter().map(|d| &d.event).filter(own);
            let mut done: Vec<Id> = done.cloned().collect();
            if done.is_empty() {
                done = duty.done.iter().map(|d| d.event.clone()).collect();
            }
            let all: Vec<Text> = done.iter().map(|kind| event(before, kind)).collect();
            let (zh, en) = join(&all, "或", " or ");
            let title = &duty.title;
            let text = Text::new(
                format!("“{title}”还没有办结（由{zh}办结）"),
                format!("`{title}` is not done yet (it is done by {en})"),
            );
            (text, names(&done))
        }
        Need::Overdue { duty } => {
            let title = &duty.title;
            let text = Text::new(
                format!("“{title}”没有逾期"),
                format!("`{title}` has not fallen overdue"),
            );
            (text, Vec::new())
        }
        Need::Drawn { .. } => {
            let text = Text::new(
                "按比例抽取，这一件没有抽中",
                "only a share is drawn, and this one was not",
            );
            (text, Vec::new())
        }
        Need::Sampled { sample } => {
            let title = &sample.title;
            let text = Text::new(
                format!("“{title}”期末抽样，这一件没有抽中（或还没有抽）"),
                format!("`{title}` is drawn at the period's end, and this case was not drawn, or not yet"),
            );
            (text, Vec::new())
        }
        Need::Kind { kind, .. } => {
            let known = before.ctx.history.current().kinds.get(kind);
            let title = known.map_or(kind.as_ref(), |known| known.title.as_ref());
            let text = Text::new(
                format!("这条规则是给“{title}”（{kind}）的，这个案件不是那一类"),
                format!("the rule is for cases of the kind `{title}` ({kind}), and this is another kind"),
            );
            (text, Vec::new())
        }
        Need::Occasion { kinds, .. } => {
            let all: Vec<Text> = kinds.iter().map(|kind| event(before, kind)).collect();
            let (zh, en) = join(&all, "或", " or ");
            let text = Text::new(
                format!("相关的另一个案件上，自这个案件开始以来没有{zh}"),
                format!("no {en} on another case that this one goes with, since this one began"),
            );
            (text, names(kinds))
        }
        Need::Secret => {
            let text = Text::new(
                "它的日子是抽定的，到了那一天才看得到",
                "its day is drawn and is not shown before it has come",
            );
            (text, Vec::new())
        }
    }
}

/// An event type's name for people, and the type.
fn event(before: &Before<'_>, kind: &Id) -> Text {
    let company = before.ctx.history.current();
    let found = kind
        .split_once('.')
        .and_then(|(kind, event)| company.kinds.get(kind)?.events.get(event));
    let title = found.map_or(kind.as_ref(), |e| e.title.as_ref());
    Text::new(format!("“{title}”（{kind}）"), format!("`{title}` ({kind})"))
}

fn join(texts: &[Text], zh: &str, en: &str) -> (String, String) {
    let all_zh: Vec<&str> = texts.iter().map(|t| t.zh.as_str()).collect();
    let all_en: Vec<&str> = texts.iter().map(|t| t.en.as_str()).collect();
    (all_zh.join(zh), all_en.join(en))
}

/// The answer as a page of sentences.
pub fn text(answer: &WhyNot, lang: Lang) -> String {
    let mut out = format!("{}\n", answer.verdict.in_lang(lang));
    for said in &answer.conditions {
        let mark = match (lang, said.met) {
            (Lang::Zh, true) => "满足",
            (Lang::Zh, false) => "不满足",
            (Lang::En, true) => "met",
            (Lang::En, false) => "not met",
        };
        let clause = said.clause.as_ref().map(|c| match lang {
            Lang::Zh => format!("（{} 第{c}条）", said.rule),
            Lang::En => format!(" ({}, clause {c})", said.rule),
        });
        out += &format!("  {mark}　{}{}\n", said.text.in_lang(lang), clause.unwrap_or_default());
    }
    for clause in &answer.clauses {
        out += &format!("  {}　{}\n", clause.id, clause.text);
    }
    if !answer.exists && !answer.checked {
        let note = Text::new(
            "（没能用引擎验证：以上是看得见的原因，可能不全）",
            "(the engine could not confirm this: these are the reasons that can be seen, and perhaps not all)",
        );
        out += note.in_lang(lang);
        out.push('\n');
    }
    out
}
