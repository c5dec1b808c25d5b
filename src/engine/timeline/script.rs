//! Tests of script functions: given this data, this is the answer.

use super::{Covered, Failure};
use crate::domain::value::Value;
use crate::engine::computed;
use crate::engine::intake::value_of;
use crate::policy::model::{Company, Compute, Computed, Id, Procedure};
use crate::script::with_room;
use std::collections::{BTreeMap, BTreeSet};

/// A call of a script function, and what must come of it.
#[derive(Clone, Debug)]
pub struct ScriptTest {
    /// The line of its header, counted from 1.
    pub line: u32,
    /// What it shows.
    pub title: String,
    /// The function.
    pub function: String,
    /// What it is given; a declared field that is not here is empty.
    pub data: Vec<(String, Option<Value>)>,
    /// What it must answer; none: it must fail.
    pub is: Option<Value>,
}

/// A test as written.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawScript {
    title: String,
    function: String,
    #[serde(default)]
    data: toml::Table,
    is: Option<toml::Value>,
    #[serde(default)]
    fault: bool,
}

/// Reads a test; `json` turns a value of the file into one that events carry.
pub(super) fn test(
    line: u32,
    raw: RawScript,
    json: fn(toml::Value) -> serde_json::Value,
) -> Result<ScriptTest, Failure> {
    let value = |name: &str, value: toml::Value| {
        value_of(&json(value)).map_err(|_| {
            Failure::new(
                line,
                format!("{name} 不是字段能有的值"),
                format!("`{name}` is no value that a field can have"),
            )
        })
    };
    let mut data = Vec::new();
    for (name, given) in raw.data {
        let given = value(&name, given)?;
        data.push((name, given));
    }
    let is = raw.is.map(|wanted| value("is", wanted)).transpose()?.flatten();
    if is.is_some() == raw.fault {
        return Err(Failure::new(
            line,
            "is 和 fault = true 必须写且只能写一个",
            "exactly one of `is` and `fault = true` is wanted",
        ));
    }
    Ok(ScriptTest {
        line,
        title: raw.title,
        function: raw.function,
        data,
        is,
    })
}

/// A function that rules name.
#[derive(Default)]
struct Named<'c> {
    /// The procedure that names it first.
    procedure: Option<&'c Procedure>,
    /// The fields that rules give to it.
    given: BTreeSet<&'c Id>,
    /// The fields that are worked out by it.
    computes: Vec<&'c Computed>,
}

/// The functions that rules name, by name.
fn named(company: &Company) -> BTreeMap<&Id, Named<'_>> {
    let mut functions: BTreeMap<&Id, Named<'_>> = BTreeMap::new();
    for procedure in &company.procedures {
        for computed in &procedure.computed {
            let Compute::Script { function, from, .. } = &computed.how else {
                continue;
            };
            let named = functions.entry(function.name()).or_default();
            named.procedure.get_or_insert(procedure);
            named.given.extend(from);
            named.computes.push(computed);
        }
        for accept in procedure.records.iter().filter_map(|record| record.accept.as_ref()) {
            let named = functions.entry(accept.function.name()).or_default();
            named.procedure.get_or_insert(procedure);
            named.given.extend(&accept.fields);
        }
    }
    functions
}

/// Each function that rules name, with the titles of the tests that passed; the functions that it calls itself go with it.
pub(super) fn covered(company: &Company, passed: &[&ScriptTest]) -> Vec<Covered> {
    let covered = |(name, named): (&Id, Named<'_>)| {
        let tests = passed.iter().filter(|test| test.function == **name);
        Some(Covered {
            procedure: named.procedure?.head.id.clone(),
            what: "script",
            id: name.clone(),
            title: name.clone(),
            by: tests.map(|test| test.title.clone()).collect(),
        })
    };
    named(company).into_iter().filter_map(covered).collect()
}

impl ScriptTest {
    /// Calls the function; returns what did not come out as it says.
    pub fn run(&self, company: &Company) -> Vec<Failure> {
        match self.tried(company) {
            Ok(()) => Vec::new(),
            Err((zh, en)) => {
                let title = &self.title;
                vec![Failure::new(
                    self.line,
                    format!("{title}：{zh}"),
                    format!("{title}: {en}"),
                )]
            }
        }
    }

    /// The error says in Chinese and in English what is wrong.
    fn tried(&self, company: &Company) -> Result<(), (String, String)> {
        let name = &self.function;
        let function = company.scripts.function(name);
        let Some(function) = function.filter(|_| company.scripts.parameters(name) == Some(1)) else {
            let known: Vec<&str> = company.scripts.names().collect();
            let known = known.join(", ");
            return Err((
                format!("没有只有一个参数的脚本函数 `{name}`；有的是：{known}"),
                format!("there is no script function `{name}` of one parameter; there are: {known}"),
            ));
        };
        let named = named(company).remove(function.name()).unwrap_or_default();
        let is_given = |field: &str| named.given.is_empty() || named.given.contains(&Id::from(field));
        if let Some((field, _)) = self.data.iter().find(|(field, _)| !is_given(field)) {
            let known: Vec<&str> = named.given.iter().map(|field| &***field).collect();
            let known = known.join(", ");
            return Err((
                format!("规程不给函数 `{name}` 字段 `{field}`；给的是：{known}"),
                format!("no policy gives `{name}` the field `{field}`; it is given: {known}"),
            ));
        }
        // As rules give it: what the test leaves out is there and empty.
        let mut data: BTreeMap<&str, Option<&Value>> = named.given.iter().map(|field| (&***field, None)).collect();
        data.extend(self.data.iter().map(|(field, value)| (field.as_str(), value.as_ref())));
        let data: Vec<(&str, Option<&Value>)> = data.into_iter().collect();
        let answer = with_room(|| function.call(&data)).map_err(|fault| fault.0);
        let answer = answer.and_then(
            |answer| match named.computes.iter().find(|c| !computed::holds(c, &answer)) {
                None => Ok(answer),
                Some(computed) => Err(computed::unfit(computed, name, &answer).0),
            },
        );
        match (answer, &self.is) {
            (Ok(answer), Some(wanted)) if answer == *wanted => Ok(()),
            (Err(_), None) => Ok(()),
            (Ok(answer), Some(wanted)) => {
                let (answer, wanted) = (shown(&answer), shown(wanted));
                Err((
                    format!("{name} 应为 {wanted}，实为 {answer}"),
                    format!("expected `{name}` to answer {wanted}, found {answer}"),
                ))
            }
            (Ok(answer), None) => {
                let answer = shown(&answer);
                Err((
                    format!("{name} 应当出错，实际回答 {answer}"),
                    format!("expected a fault of `{name}`, but it answered {answer}"),
                ))
            }
            (Err(fault), Some(_)) => Err((format!("出错：{fault}"), fault)),
        }
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("“{text}”"),
        Value::List(list) => format!("[{}]", list.join("、")),
        other => other.to_string(),
    }
}
