//! Values that change by date: `[param.*]`, put in wherever a rule names one.

use super::codes;
use super::model::Dated;
use super::nearest::unknown;
use super::node::{Node, Word};
use super::source::{File, say};
use super::table::Table;
use chrono::NaiveDate;
use std::cell::Cell;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The most values that one may have.
const MAX_VALUES: usize = 100;

/// A value by date.
pub(super) struct Param<'a> {
    name: Word<'a>,
    title: &'a str,
    /// Its values, each from a date on, in the order of the dates.
    values: Vec<(NaiveDate, &'a Spanned<DeValue<'a>>)>,
    first_at: Option<Node<'a>>,
    clauses: Vec<Word<'a>>,
    used: Cell<bool>,
}

/// Keys under which a table with the one key `param` is no reference: there authors name fields.
const NAMES_FIELDS: [&str; 7] = ["when", "done_when", "that", "if", "data", "fields", "with"];

/// Tables in which nothing is looked for.
const APART: [&str; 3] = ["procedure", "clause", "param"];

/// Reads a file's values by date.
pub(super) fn read<'a>(file: &'a File<'a>) -> Vec<Param<'a>> {
    let Some(node) = Table::root(file).take("param") else {
        return Vec::new();
    };
    let mut params = Vec::new();
    for (name, node) in node.entries() {
        let Some(mut table) = Table::rule(name, node) else {
            continue;
        };
        let title = table.title("title");
        let list = table.need("values").map(|node| (node, node.list()));
        table.finish();
        let mut param = Param {
            name,
            title: title.map_or(name.text, |word| word.text),
            values: Vec::new(),
            first_at: None,
            clauses: Vec::new(),
            used: Cell::new(false),
        };
        let Some((whole, list)) = list else { continue };
        if list.is_empty() && whole.value.is_array() || list.len() > MAX_VALUES {
            whole.bad_value("一个到一百个取值", "one value to a hundred");
        }
        for item in list.iter().take(MAX_VALUES) {
            one(item, &mut param);
        }
        params.push(param);
    }
    params
}

fn one<'a>(item: &Node<'a>, param: &mut Param<'a>) {
    let Some(mut table) = item.table() else { return };
    let from = table.need("from").and_then(|node| Some((node, node.date()?)));
    let value = table.need("value");
    param.clauses.extend(table.texts("clause"));
    table.finish();
    let (Some((from_at, from)), Some(value_at)) = (from, value) else {
        return;
    };
    let Some(value) = item.value.as_table().and_then(|table| table.get("value")) else {
        return;
    };
    match param.values.last() {
        Some((before, _)) if *before >= from => from_at.bad_value(
            &format!("晚于 {before} 的日期，按先后排"),
            &format!("a date after {before}, in their order"),
        ),
        Some((_, other)) if !other.get_ref().same_type(value.get_ref()) => {
            value_at.wrong_type("与前面的取值同样的类型", "the same type as the values before it");
        }
        _ => {
            if param.values.is_empty() {
                param.first_at = Some(from_at);
            }
            param.values.push((from, value));
        }
    }
}

/// The dates from which values hold.
pub(super) fn dates<'p>(params: &'p [Param<'_>]) -> impl Iterator<Item = NaiveDate> + 'p {
    params
        .iter()
        .flat_map(|param| param.values.iter().map(|(from, _)| *from))
}

/// The values as they were written.
pub(super) fn told(file: &File<'_>, params: &[Param<'_>]) -> Vec<Dated> {
    let one = |param: &Param<'_>| Dated {
        id: param.name.text.into(),
        title: param.title.into(),
        values: param
            .values
            .iter()
            .map(|(from, value)| (*from, file.text.get(value.span()).unwrap_or_default().into()))
            .collect(),
    };
    params.iter().map(one).collect()
}

/// The clauses that values cite.
pub(super) fn cited<'a>(params: &[Param<'a>]) -> Vec<Word<'a>> {
    params.iter().flat_map(|param| param.clauses.iter().copied()).collect()
}

/// Reports values that begin after the edition they belong to, and those that nothing names.
pub(super) fn gaps(params: &[Param<'_>], effective: NaiveDate) {
    for param in params {
        if let (Some((first, _)), Some(node)) = (param.values.first(), &param.first_at)
            && *first > effective
        {
            let name = param.name.text;
            node.at.find(
                codes::PARAM_GAP,
                say!(
                    "“{name}”从 {first} 起才有值，规程从 {effective} 起就执行",
                    "`{name}` has no value before {first}, and the procedure is in force from {effective}"
                ),
                say!(
                    "第一个取值写 from = {effective} 或更早",
                    "write from = {effective} or earlier for the first value"
                ),
            );
        }
    }
}

/// What a file says from a date on: the values of that date in the place of their names.
pub(super) fn put_in<'a>(file: &'a File<'a>, params: &[Param<'a>], on: NaiveDate) -> DeTable<'a> {
    let mut root = file.root.clone();
    root.remove("param");
    for (family, value) in root.iter_mut() {
        if !APART.contains(&&**family.get_ref()) {
            replace(file, params, on, value);
        }
    }
    for param in params.iter().filter(|param| !param.used.get()) {
        let name = param.name.text;
        param.name.at.find(
            codes::UNUSED_PARAM,
            say!("“{name}”没有规则用到", "no rule uses `{name}`"),
            say!(
                "在规则里写 {{ param = \"{name}\" }}，或删去",
                "write {{ param = \"{name}\" }} in a rule, or remove it"
            ),
        );
    }
    root
}

fn replace<'a>(file: &'a File<'a>, params: &[Param<'a>], on: NaiveDate, value: &mut Spanned<DeValue<'a>>) {
    let span = value.span();
    match value.get_mut() {
        DeValue::Array(items) => {
            for item in items.iter_mut() {
                replace(file, params, on, item);
            }
        }
        DeValue::Table(table) => {
            let named = table
                .get("param")
                .filter(|_| table.len() == 1)
                .and_then(|name| name.get_ref().as_str());
            let Some(name) = named else {
                for (key, value) in table.iter_mut() {
                    if !NAMES_FIELDS.contains(&&**key.get_ref()) {
                        replace(file, params, on, value);
                    }
                }
                return;
            };
            let Some(param) = params.iter().find(|param| param.name.text == name) else {
                let word = Word {
                    text: name,
                    at: file.place(span.start, span.end),
                };
                let known = params.iter().map(|param| param.name.text);
                unknown(codes::UNKNOWN_PARAM, &word, ("参数", "parameter"), known);
                return;
            };
            param.used.set(true);
            let passed = param.values.iter().rfind(|(from, _)| *from <= on);
            if let Some((_, now)) = passed.or(param.values.first()) {
                *value = (*now).clone();
            }
        }
        _ => {}
    }
}

/// The values that a reference stands for; none where it is no reference.
pub(super) fn stands_for<'t, 'a>(root: &'t DeTable<'a>, value: &DeValue<'_>) -> Option<Vec<&'t DeValue<'a>>> {
    let table = value.as_table().filter(|table| table.len() == 1)?;
    let name = table.get("param")?.get_ref().as_str()?;
    let param = root.get("param")?.get_ref().get(name)?;
    let values = param.get_ref().get("values")?.get_ref().as_array()?;
    let values = values.iter().filter_map(|value| value.get_ref().get("value"));
    Some(values.map(Spanned::get_ref).collect())
}
