//! An explanation as a page of sentences.

use super::tell::name;
use super::{AskedFor, Counted, Explanation, StepSaid, StepState, words};
use crate::policy::finding::{Lang, Text};

/// An explanation as sentences, for people to read.
pub fn text(e: &Explanation, lang: Lang) -> String {
    let mut out = Lines {
        lang,
        text: String::new(),
    };
    out.line(format!("{}（{}）", e.title, e.id), format!("{} ({})", e.title, e.id));
    out.say(&e.verdict);
    out.head("依据", "Because of");
    let p = &e.procedure;
    let document = p.document.as_deref().unwrap_or_default();
    out.item(
        format!("{document}《{}》，{} 起施行；规则 {}", p.title, p.effective, e.rule),
        format!(
            "{document} `{}`, in force from {}; rule {}",
            p.title, p.effective, e.rule
        )
        .trim_start()
        .to_owned(),
    );
    if let Some(base) = &p.adopts {
        out.item(
            format!("采用通用规程 {base}"),
            format!("adopts the base procedure {base}"),
        );
    }
    for own in &p.overrides {
        let (key, value, reason) = (&own.key, &own.value, &own.reason);
        let base = own.base.as_deref().unwrap_or("—");
        out.item(
            format!("{key}：本公司 {value}，通用规程 {base}（{reason}）"),
            format!("{key}: here {value}, in the base {base} ({reason})"),
        );
    }
    for value in &p.values {
        let (key, now, from) = (&value.key, &value.value, &value.from);
        let next = value.next.as_ref().zip(value.next_from.as_ref());
        let (zh, en) = match next {
            Some((next, on)) => (format!("，{on} 起为 {next}"), format!(", and {next} from {on} on")),
            None => (String::new(), String::new()),
        };
        out.item(
            format!("{key} 是 {now}：{} {from} 起的取值{zh}", value.param),
            format!("{key} is {now}, the value of {} from {from} on{en}", value.param),
        );
    }
    for clause in &e.clauses {
        out.item(
            format!("{}　{}", clause.id, clause.text),
            format!("{}  {}", clause.id, clause.text),
        );
    }
    if let Some(assume) = &e.assume {
        out.item(
            format!("原文未写，由我们定：{assume}"),
            format!("not in the document, decided by us: {assume}"),
        );
    }
    out.head("起因", "It began with");
    let trigger = &e.trigger;
    let on = &trigger.day;
    out.item(
        format!("{}　{}（事件 {}）", on.zh, trigger.what.zh, trigger.event),
        format!("{}: {} (event {})", on.en, trigger.what.en, trigger.event),
    );
    if !e.opening.is_empty() {
        out.head("哪天起可办", "When it opens");
        out.steps(&e.opening);
    }
    out.head("期限怎么数", "How its term was counted");
    out.steps(&e.counting);
    for pause in &e.pauses {
        out.item(pause.what.zh.clone(), pause.what.en.clone());
    }
    if !e.limits.is_empty() {
        out.head("照客户的意愿", "By the customer's wishes");
    }
    for limit in &e.limits {
        out.item(
            format!("{}　{}", limit.clause.id, limit.what.zh),
            format!("{}  {}", limit.clause.id, limit.what.en),
        );
    }
    out.head("由谁办", "Who owes it");
    if let Some(because) = &e.chosen_because {
        out.item(because.zh.clone(), because.en.clone());
    }
    for bearer in &e.bearers {
        out.item(bearer.how.zh.clone(), bearer.how.en.clone());
    }
    if e.joint && e.bearers.len() > 1 {
        out.item(
            "都到了才算".to_owned(),
            "it is done when all have taken part".to_owned(),
        );
    }
    ways(e, &mut out);
    done(e, &mut out);
    if !e.escalation.is_empty() {
        out.head("逾期报谁", "Who is told");
        e.escalation.iter().for_each(|step| told(step, &mut out));
    }
    if let Some(next) = &e.next {
        out.head("接下来", "What comes next");
        out.item(next.what.zh.clone(), next.what.en.clone());
    }
    out.text
}

/// What a form must have: quality、effect（4.1.5）.
fn asked(asked: &AskedFor) -> Text {
    let clause = asked.clause.as_ref();
    let (zh, en) = match &asked.when {
        Some(when) => (format!("{} 时 ", when.zh), format!(", where {}", when.en)),
        None => (String::new(), String::new()),
    };
    let of = clause
        .map(|c| (format!("（{c}）"), format!(" (clause {c})")))
        .unwrap_or_default();
    Text::new(
        format!("{zh}{}{}", asked.fields.join("、"), of.0),
        format!("{}{en}{}", asked.fields.join(", "), of.1),
    )
}

/// What performs it, while it is owed.
fn ways(e: &Explanation, out: &mut Lines) {
    let p = &e.performance;
    if p.ended_at.is_some() || p.ways.is_empty() {
        return;
    }
    out.head("怎样算办结", "What performs it");
    for way in &p.ways {
        let (title, event) = (&way.title, &way.event);
        let asks: Vec<Text> = way.asks.iter().map(asked).collect();
        let asks = words::join(&asks, "；", "; ");
        let (asks_zh, asks_en) = match (&way.record, asks.zh.is_empty()) {
            (Some(record), false) => (
                format!("，填《{record}》：{}", asks.zh),
                format!(", with `{record}`: {}", asks.en),
            ),
            _ => (String::new(), String::new()),
        };
        out.item(
            format!("“{title}”（{event}）{asks_zh}"),
            format!("`{title}` ({event}){asks_en}"),
        );
    }
}

fn done(e: &Explanation, out: &mut Lines) {
    let p = &e.performance;
    let said = !p.missing.is_empty()
        || p.count.is_some()
        || !p.early_attempts.is_empty()
        || p.pending.is_some()
        || e.breach.is_some();
    if !said && p.ended_at.is_none() {
        return;
    }
    out.head("办得怎样", "What was done");
    let ended = p.ended.clone().unwrap_or_default();
    if let Some(event) = &p.fulfilled_by {
        out.item(
            format!("{}办结（事件 {event}）", ended.zh),
            format!("done on {} (event {event})", ended.en),
        );
    } else if p.ended.is_some() {
        out.item(format!("{}了结", ended.zh), format!("ended on {}", ended.en));
    }
    if let Some(count) = &p.count {
        let (required, members, done) = (count.required, count.members, count.done);
        let (zh, en) = match members {
            0 => (
                format!("须办{required}次，已办{done}次"),
                format!("{required} times are asked for, {done} are done"),
            ),
            _ => (
                format!("{members}人中须办{required}人，已办{done}人"),
                format!("{required} of {members} members are asked for, {done} are done"),
            ),
        };
        out.item(zh, en);
    }
    for missing in &p.missing {
        let clause = missing.clause.as_deref().unwrap_or_default();
        let field = &missing.field;
        let zh = if missing.role {
            format!("还缺 {field} 参加（{clause}）")
        } else {
            format!("还缺 {field}（{clause}）")
        };
        let en = if missing.role {
            "has not taken part"
        } else {
            "is missing"
        };
        out.item(zh, format!("`{field}` {en} (clause {clause})"));
    }
    if let Some(event) = &p.pending {
        out.item(
            format!("事件 {event} 报得太晚，待确认才算"),
            format!("event {event} was reported too late and counts once it is confirmed"),
        );
    }
    for event in &p.early_attempts {
        out.item(
            format!("事件 {event} 来得太早，不算"),
            format!("event {event} came too early and does not count"),
        );
    }
    if let Some(breach) = &e.breach {
        out.item(breach.what.zh.clone(), breach.what.en.clone());
    }
}

fn told(step: &StepSaid, out: &mut Lines) {
    let to = name(&step.to);
    let (zh, en) = match step.state {
        StepState::Told => ("已报", "told"),
        StepState::Withdrawn => ("已报，后撤回", "told, and told later that it was not so"),
        StepState::Planned => ("未到", "not yet"),
        StepState::Skipped => (
            "没有报：那时暂停，或是后来补录的",
            "not told: paused then, or taken in later",
        ),
        StepState::NotNeeded => ("不必了", "not needed any more"),
    };
    let (level, when) = (step.level, &step.when);
    out.item(
        format!("第{level}级　{}　报{}：{zh}", when.zh, to.zh),
        format!("level {level}, {}: {}: {en}", when.en, to.en),
    );
}

struct Lines {
    lang: Lang,
    text: String,
}

impl Lines {
    fn line(&mut self, zh: String, en: String) {
        self.text.push_str(match self.lang {
            Lang::Zh => &zh,
            Lang::En => &en,
        });
        self.text.push('\n');
    }

    fn say(&mut self, text: &Text) {
        self.line(text.zh.clone(), text.en.clone());
    }

    fn head(&mut self, zh: &str, en: &str) {
        self.line(format!("{zh}："), format!("{en}:"));
    }

    fn item(&mut self, zh: String, en: String) {
        self.line(format!("  {zh}"), format!("  {en}"));
    }

    fn steps(&mut self, steps: &[Counted]) {
        for step in steps {
            let (day, why) = (&step.day, &step.why);
            self.item(format!("{}　{}", day.zh, why.zh), format!("{}: {}", day.en, why.en));
        }
    }
}
