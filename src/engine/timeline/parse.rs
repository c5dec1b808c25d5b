//! A file of timelines, read. What needs no company to be seen as wrong is found here.

use super::script::{self, RawScript};
use super::{At, Expect, Failure, Happens, Number, Posted, Reached, ScriptTest, Suite, Timeline, Written};
use crate::domain::obligation::Standing;
use crate::engine::intake::{Incoming, IncomingActor};
use serde::de::{Deserialize, Deserializer, Error as _};
use std::collections::BTreeSet;
use std::sync::Arc;
use toml::{Spanned, Value};

/// All flags that an obligation may have.
pub(super) const FLAGS: [&str; 11] = [
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
];
pub(super) const BREACHES: [&str; 4] = ["standing", "excused", "retracted", "none"];
pub(super) const CHARGES: [&str; 3] = ["standing", "reversed", "proposed"];
pub(super) const STATUSES: [&str; 3] = ["accruing", "maturing", "final"];

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSuite {
    #[serde(default)]
    timeline: Vec<Spanned<RawTimeline>>,
    #[serde(default)]
    script: Vec<Spanned<RawScript>>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTimeline {
    title: String,
    #[serde(default)]
    clauses: Vec<String>,
    #[serde(default)]
    drawn: Vec<String>,
    effects_from: Option<Written>,
    #[serde(default)]
    event: Vec<Spanned<RawEvent>>,
    #[serde(default)]
    expect: Vec<Spanned<Expect>>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEvent {
    id: Option<String>,
    at: Written,
    recorded_at: Option<Written>,
    #[serde(rename = "type")]
    kind: String,
    case: String,
    actor: Option<IncomingActor>,
    #[serde(default)]
    data: toml::Table,
    corrects: Option<String>,
    retracts: Option<String>,
    refused: Option<String>,
    hints: Option<Vec<String>>,
    unmet: Option<Vec<String>>,
    number: Option<String>,
}

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Written, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Written(text)),
            Value::Datetime(at) => Ok(Written(at.to_string())),
            Value::Integer(year) => Ok(Written(year.to_string())),
            _ => Err(D::Error::custom("not a date or a time; write \"2026-03-05T09:00:00\"")),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Number, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Number(text)),
            Value::Integer(n) => Ok(Number(n.to_string())),
            Value::Float(n) => Ok(Number(n.to_string())),
            _ => Err(D::Error::custom("not a number; write 12, 86.5, \"80%\" or \"none\"")),
        }
    }
}

impl<'de> Deserialize<'de> for Reached {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Reached, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Boolean(yes) => Ok(Reached(Some(yes))),
            Value::String(text) if text == "none" => Ok(Reached(None)),
            _ => Err(D::Error::custom("`met` is true, false or \"none\"")),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for At<T> {
    /// The line holds the byte where it begins, until `parse` has counted.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<At<T>, D::Error> {
        let spanned = Spanned::<T>::deserialize(deserializer)?;
        let line = u32::try_from(spanned.span().start).unwrap_or(u32::MAX);
        Ok(At {
            line,
            what: spanned.into_inner(),
        })
    }
}

/// Reads a file of timelines; or says all that is wrong with it, as far as that can be told without a company.
pub fn parse(name: &str, text: &str) -> Result<Suite, Vec<Failure>> {
    let lines = Lines(
        std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect(),
    );
    let raw: RawSuite = toml::from_str(text).map_err(|e| {
        let line = e.span().map_or(1, |span| lines.of(span.start));
        vec![syntax(line, e.message())]
    })?;
    let mut failures = Vec::new();
    if raw.timeline.is_empty() && raw.script.is_empty() {
        failures.push(Failure::new(
            1,
            "文件里没有时间线，也没有脚本的测试；写上 [[timeline]] 或 [[script]]",
            "the file has no timeline and no test of a script; write a [[timeline]] or a [[script]]",
        ));
    }
    let timelines: Vec<Timeline> = raw
        .timeline
        .into_iter()
        .map(|t| timeline(t, &lines, &mut failures))
        .collect();
    let scripts: Vec<ScriptTest> = raw
        .script
        .into_iter()
        .filter_map(|s| {
            let line = lines.of(s.span().start);
            let test = script::test(line, s.into_inner(), json);
            test.map_err(|failure| failures.push(failure)).ok()
        })
        .collect();
    let mut titles = BTreeSet::new();
    let named = timelines.iter().map(|t| (t.line, &t.title));
    let named = named.chain(scripts.iter().map(|t| (t.line, &t.title)));
    for (line, title) in named.filter(|(_, title)| !titles.insert(title.as_str())) {
        failures.push(Failure::new(
            line,
            format!("标题“{title}”用了两次"),
            format!("the title `{title}` is used twice"),
        ));
    }
    if !failures.is_empty() {
        failures.sort_by_key(|f| f.line);
        return Err(failures);
    }
    Ok(Suite {
        name: Arc::from(name),
        timelines,
        scripts,
    })
}

/// The byte at which each line begins.
struct Lines(Vec<usize>);

impl Lines {
    fn of(&self, byte: usize) -> u32 {
        u32::try_from(self.0.partition_point(|start| *start <= byte).max(1)).unwrap_or(u32::MAX)
    }

    fn settle<T>(&self, list: &mut Option<Vec<At<T>>>) {
        for item in list.iter_mut().flatten() {
            item.line = self.of(item.line as usize);
        }
    }
}

fn timeline(raw: Spanned<RawTimeline>, lines: &Lines, failures: &mut Vec<Failure>) -> Timeline {
    let line = lines.of(raw.span().start);
    let raw = raw.into_inner();
    let named: BTreeSet<String> = raw.event.iter().filter_map(|e| e.get_ref().id.clone()).collect();
    let mut used = BTreeSet::new();
    let mut events = Vec::new();
    for (ix, event) in raw.event.into_iter().enumerate() {
        let line = lines.of(event.span().start);
        let event = event.into_inner();
        let id = event.id.clone().unwrap_or_else(|| {
            let id = format!("e{}", ix + 1);
            if named.contains(&id) { format!("{id}'") } else { id }
        });
        if !used.insert(id.clone()) {
            failures.push(Failure::new(
                line,
                format!("事件 `{id}` 用了两次；每个 id 只能用一次"),
                format!("the event id `{id}` is used twice; use each once"),
            ));
        }
        if event.unmet.is_some() && event.refused.is_none() {
            failures.push(Failure::new(
                line,
                "写了 unmet，没有写 refused",
                "`unmet` is written without `refused`",
            ));
        }
        events.push(happens(line, id, event));
    }
    if raw.expect.is_empty() {
        failures.push(Failure::new(
            line,
            "时间线没有期望；写上 [[timeline.expect]]",
            "the timeline expects nothing; write a [[timeline.expect]]",
        ));
    }
    let mut expects = Vec::new();
    for expect in raw.expect {
        let line = lines.of(expect.span().start);
        let mut expect = expect.into_inner();
        expect.line = line;
        lines.settle(&mut expect.obligations);
        lines.settle(&mut expect.rates);
        lines.settle(&mut expect.metrics);
        lines.settle(&mut expect.penalties);
        lines.settle(&mut expect.effects);
        lines.settle(&mut expect.spawned);
        lines.settle(&mut expect.next);
        lines.settle(&mut expect.hours);
        lines.settle(&mut expect.turns);
        lines.settle(&mut expect.notices);
        lines.settle(&mut expect.visible);
        check(&expect, failures);
        expects.push(expect);
    }
    Timeline {
        line,
        title: raw.title,
        clauses: raw.clauses,
        drawn: raw.drawn,
        effects_from: raw.effects_from,
        events,
        expects,
    }
}

fn happens(line: u32, id: String, raw: RawEvent) -> Happens {
    let event = Incoming {
        id,
        kind: raw.kind,
        case: raw.case,
        occurred_at: raw.at.0,
        actor: raw.actor,
        data: raw.data.into_iter().map(|(name, value)| (name, json(value))).collect(),
        corrects: raw.corrects,
        retracts: raw.retracts,
        ..Incoming::default()
    };
    Happens {
        line,
        event,
        recorded_at: raw.recorded_at,
        refused: raw.refused,
        hints: raw.hints,
        unmet: raw.unmet,
        number: raw.number,
    }
}

fn json(value: Value) -> serde_json::Value {
    match value {
        Value::String(text) => text.into(),
        Value::Integer(n) => n.into(),
        Value::Float(n) => serde_json::Number::from_f64(n).map_or(serde_json::Value::Null, Into::into),
        Value::Boolean(yes) => yes.into(),
        Value::Datetime(at) => at.to_string().into(),
        Value::Array(list) => list.into_iter().map(json).collect(),
        Value::Table(table) => serde_json::Value::Object(table.into_iter().map(|(k, v)| (k, json(v))).collect()),
    }
}

/// What is wrong with an expectation in itself.
fn check(expect: &Expect, failures: &mut Vec<Failure>) {
    let listed = expect.obligations.as_ref().is_some_and(|l| !l.is_empty())
        || expect.rates.as_ref().is_some_and(|l| !l.is_empty())
        || expect.metrics.as_ref().is_some_and(|l| !l.is_empty())
        || expect.penalties.is_some()
        || expect.effects.is_some()
        || expect.spawned.is_some()
        || expect.next.is_some()
        || expect.hours.as_ref().is_some_and(|l| !l.is_empty())
        || expect.turns.as_ref().is_some_and(|l| !l.is_empty())
        || expect.samples.as_ref().is_some_and(|l| !l.is_empty())
        || expect.notices.as_ref().is_some_and(|l| !l.is_empty())
        || expect.visible.as_ref().is_some_and(|l| !l.is_empty());
    if !listed {
        failures.push(Failure::new(
            expect.line,
            "期望里什么也没有；写上 obligations、rates、metrics、samples、penalties、effects、spawned、turns、hours、notices、visible 或 next",
            "the expectation is empty; write obligations, rates, metrics, samples, penalties, effects, spawned, turns, hours, notices, visible or next",
        ));
    }
    if expect.only && expect.obligations.as_ref().is_none_or(Vec::is_empty) {
        failures.push(Failure::new(
            expect.line,
            "only 说的是 obligations 里的案件，这里没有写",
            "`only` speaks of the cases in `obligations`, and there are none",
        ));
    }
    check_measured(expect, failures);
    for charged in expect.penalties.iter().flatten() {
        let status: Vec<String> = charged.what.status.iter().cloned().collect();
        known(charged.line, "status", &status, &CHARGES, failures);
    }
    let words: Vec<&str> = Standing::ALL.iter().map(|s| s.word()).collect();
    for owed in expect.obligations.iter().flatten() {
        let one = |list: &Option<String>| list.iter().cloned().collect::<Vec<_>>();
        known(owed.line, "standing", &one(&owed.what.standing), &words, failures);
        known(owed.line, "breach", &one(&owed.what.breach), &BREACHES, failures);
        known(
            owed.line,
            "flags",
            owed.what.flags.as_deref().unwrap_or_default(),
            &FLAGS,
            failures,
        );
    }
    for At { line, what } in expect.visible.iter().flatten() {
        if what.visible.is_none() && what.audited.is_none() {
            failures.push(Failure::new(
                *line,
                "没有写看不看得到；写上 visible 或 audited",
                "nothing is said about seeing it; write visible or audited",
            ));
        }
    }
    for list in expect.notices.iter().flatten() {
        posted(list, failures);
    }
    for figure in expect.rates.iter().flatten() {
        let f = &figure.what;
        let status: Vec<String> = f.status.iter().cloned().collect();
        known(figure.line, "status", &status, &STATUSES, failures);
        let counts = [f.population, f.done, f.on_time, f.required, f.waived, f.drawn];
        let words = [&f.status, &f.target, &f.coverage_pct, &f.timeliness_pct];
        let asks = counts.iter().any(Option::is_some) || words.iter().any(|w| w.is_some()) || f.met.is_some();
        if !asks {
            failures.push(Failure::new(
                figure.line,
                "回访率的期望里什么也没有；写上 population、done、met 等",
                "nothing is expected of the rate; write population, done, met or the like",
            ));
        }
    }
}

/// A figure that says nothing, or is no number.
fn check_measured(expect: &Expect, failures: &mut Vec<Failure>) {
    for At { line, what } in expect.metrics.iter().flatten() {
        if what.value.is_none() && what.population.is_none() && what.below.is_none() && what.missing.is_none() {
            failures.push(Failure::new(
                *line,
                "指标的期望里什么也没有；写上 value、population 等",
                "nothing is expected of the metric; write value, population or the like",
            ));
        }
        if let Some(value) = what.value.as_ref().filter(|v| v.0 != "none" && v.exact().is_none()) {
            let value = &value.0;
            failures.push(Failure::new(
                *line,
                format!("value 写成了 `{value}`；写 12、86.5、\"80%\"、\"6/7\" 或 \"none\""),
                format!("`value` is `{value}`; write 12, 86.5, \"80%\", \"6/7\" or \"none\""),
            ));
        }
    }
}

fn posted(At { line, what }: &At<Posted>, failures: &mut Vec<Failure>) {
    let asks = what.contains.is_some() || what.lacks.is_some() || what.rows.is_some() || what.missing.is_some();
    if !asks {
        failures.push(Failure::new(
            *line,
            "文书的期望里什么也没有；写上 contains、lacks、rows 或 missing",
            "nothing is expected of the notice; write contains, lacks, rows or missing",
        ));
    }
}

fn known(line: u32, field: &str, words: &[String], all: &[&str], failures: &mut Vec<Failure>) {
    for word in words.iter().filter(|w| !all.contains(&w.as_str())) {
        failures.push(Failure::new(
            line,
            format!("{field} 没有 `{word}` 这个值；有的是：{}", all.join("、")),
            format!("`{field}` cannot be `{word}`; there are: {}", all.join(", ")),
        ));
    }
}

/// A fault of syntax or of shape, from the words of the parser.
fn syntax(line: u32, words: &str) -> Failure {
    let quoted = |after: &str| words.strip_prefix(after)?.split('`').next();
    if let Some(name) = quoted("unknown field `") {
        let all: Vec<&str> = words.split('`').skip(3).step_by(2).collect();
        return Failure::new(
            line,
            format!("没有 `{name}` 这个键；可以写：{}", all.join("、")),
            format!("there is no key `{name}`; you can write: {}", all.join(", ")),
        );
    }
    if let Some(name) = quoted("missing field `") {
        return Failure::new(line, format!("缺少 `{name}`"), format!("`{name}` is missing"));
    }
    let en = words.trim().replace('\n', "; ");
    Failure::new(line, format!("写法有误：{en}"), format!("this cannot be read: {en}"))
}
