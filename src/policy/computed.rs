//! Fields of a case that are worked out, and records that a script accepts.

use super::codes;
use super::fields::{self, FieldMap};
use super::kind::KindDecl;
use super::model::{Accept, Compute, Computed, FieldType, Id};
use super::names::Names;
use super::nearest::unknown;
use super::node::{Node, Word};
use super::review::Reviews;
use super::script;
use super::source::say;
use super::table::Table;
use crate::script::Scripts;
use std::sync::Arc;

/// A field as declared.
pub(super) struct ComputedDecl<'a> {
    name: Word<'a>,
    kind: FieldType,
    clauses: Vec<Word<'a>>,
    how: How<'a>,
}

enum How<'a> {
    Script {
        function: Word<'a>,
        from: Vec<Word<'a>>,
        otherwise: Option<Node<'a>>,
    },
    YearsSince(Word<'a>),
    Count(Word<'a>),
}

/// Reads `[case.X.computed]`; its fields join those of the case.
pub(super) fn declare<'a>(table: &mut Table<'a>, fields: &mut FieldMap) -> Vec<ComputedDecl<'a>> {
    let mut declared = Vec::new();
    for (name, node) in table.family("computed") {
        let Some(one) = one(name, node) else { continue };
        if fields.insert(name.id(), one.kind.clone()).is_some() {
            let field = name.text;
            name.at.find(
                codes::DUPLICATE_ID,
                say!(
                    "字段“{field}”在 data 里已经有了：计算出来的不由人报",
                    "the field `{field}` stands in `data` already: what is computed is not reported"
                ),
                say!("从 data 里删去它，或改一个名字", "remove it from `data`, or rename one"),
            );
        }
        declared.push(one);
    }
    declared
}

fn one<'a>(name: Word<'a>, node: Node<'a>) -> Option<ComputedDecl<'a>> {
    let mut table = Table::rule(name, node)?;
    let clauses = table.texts("clause");
    let way = table.exactly_one(&["script", "years_since", "count"]);
    let word = way.and_then(|node| node.text());
    let mut kind = FieldType::Number;
    let how = match (way.map(|node| node.name), word) {
        (Some("script"), function) => {
            let from = table.need("from").map(|node| node.texts()).unwrap_or_default();
            let known = table.need("type").and_then(|node| fields::field_type(&node));
            kind = known.unwrap_or(FieldType::Any);
            let otherwise = table.need("otherwise");
            function.map(|function| How::Script {
                function,
                from,
                otherwise,
            })
        }
        (Some("years_since"), field) => field.map(How::YearsSince),
        (Some(_), event) => event.map(How::Count),
        (None, _) => None,
    };
    if way.is_some() {
        table.finish();
    }
    Some(ComputedDecl {
        name,
        kind,
        clauses,
        how: how?,
    })
}

/// The computed fields of a kind, those that scripts answer last.
pub(super) fn lower<'a>(
    kind: &KindDecl<'a>,
    names: &Names<'a>,
    scripts: &Arc<Scripts>,
    reviews: &Reviews,
) -> Vec<Arc<Computed>> {
    let mut lowered = Vec::new();
    let is_script = |decl: &&ComputedDecl<'a>| matches!(decl.how, How::Script { .. });
    let plain = kind.computed.iter().filter(|decl| !is_script(decl));
    let mut known: Vec<&str> = kind.fields.keys().map(AsRef::as_ref).collect();
    known.retain(|field| !kind.computed.iter().any(|decl| decl.name.text == *field));
    for decl in plain.chain(kind.computed.iter().filter(is_script)) {
        shadowed(decl, kind, names);
        let clauses = names.clauses_of(kind.file, &decl.clauses);
        let how = match &decl.how {
            How::YearsSince(field) => years(field, kind, names),
            How::Count(event) => count(event, kind, names),
            How::Script {
                function,
                from,
                otherwise,
            } => {
                for field in from.iter().filter(|field| !known.contains(&field.text)) {
                    unknown(
                        codes::UNKNOWN_FIELD,
                        field,
                        ("前面的字段", "field before it"),
                        known.iter().copied(),
                    );
                }
                let value = |node: &Node<'a>| fields::value(node, decl.name.text, &[&decl.kind], names);
                let otherwise = otherwise.as_ref().and_then(value);
                let function = script::named(function, scripts);
                let from = from.iter().map(|field| names.id(field.text)).collect();
                function.zip(otherwise).map(|(function, otherwise)| Compute::Script {
                    function,
                    from,
                    otherwise,
                })
            }
        };
        known.push(decl.name.text);
        let id = format!("{}.{}", kind.name.text, decl.name.text);
        let line = decl.name.at.line();
        if let Some((how, review)) = how.zip(reviews.duty(kind.file, &id, decl.name.text, clauses, line)) {
            lowered.push(Arc::new(Computed {
                field: names.id(decl.name.text),
                kind: decl.kind.clone(),
                how,
                review,
            }));
        }
    }
    lowered
}

/// A name under which an event says something of its own would hide the field.
fn shadowed(decl: &ComputedDecl<'_>, kind: &KindDecl<'_>, names: &Names<'_>) {
    let field = decl.name.text;
    let hides = |event: &&super::kind::EventDecl<'_>| {
        let form = event.record.and_then(|record| names.record(record.text));
        event.data.contains_key(field) || form.is_some_and(|form| form.fields.contains_key(field))
    };
    if let Some(event) = kind.events.iter().find(hides) {
        let event = event.name.text;
        decl.name.at.find(
            codes::CONFLICTING_KEYS,
            say!(
                "事件“{event}”自己也有字段“{field}”，会遮住计算出来的",
                "the event `{event}` has a field `{field}` of its own, which would hide the computed one"
            ),
            say!("改一个名字", "rename one"),
        );
    }
}

fn years<'a>(field: &Word<'a>, kind: &KindDecl<'a>, names: &Names<'a>) -> Option<Compute> {
    match kind.fields.get(field.text) {
        Some(FieldType::Date | FieldType::Time) => Some(Compute::YearsSince(names.id(field.text))),
        Some(_) => {
            let name = field.text;
            field.at.find(
                codes::WRONG_TYPE,
                say!("字段“{name}”不是日期", "the field `{name}` is not a date"),
                say!("在 data 里写 {name} = \"date\"", "declare {name} = \"date\" in data"),
            );
            None
        }
        None => {
            let known = kind.fields.keys().map(AsRef::as_ref);
            unknown(codes::UNKNOWN_FIELD, field, ("字段", "field"), known);
            None
        }
    }
}

fn count<'a>(event: &Word<'a>, kind: &KindDecl<'a>, names: &Names<'a>) -> Option<Compute> {
    let found = names.events(kind.file, event);
    let own = names.id(event.text);
    if let Some((of, _)) = names.event(event.text).filter(|(of, _)| of.name.text != kind.name.text) {
        let (name, of, id) = (event.text, of.name.text, kind.name.text);
        event.at.find(
            codes::EVENT_OF_OTHER_KIND,
            say!(
                "“{name}”发生在 {of} 上，不在 {id} 上",
                "`{name}` happens to {of}, not to {id}"
            ),
            say!("写 {id} 自己的事件", "write an event of {id}"),
        );
        return None;
    }
    found.contains(&own).then(|| Compute::Count(own))
}

/// The script that accepts a record, which is given the record's fields and those of its cases.
pub(super) fn accept<'a>(
    function: &Word<'a>,
    (record, file): (&Word<'a>, usize),
    fields: &[&FieldMap],
    clauses: Vec<Id>,
    (scripts, reviews): (&Arc<Scripts>, &Reviews),
) -> Option<Accept> {
    let named = script::named(function, scripts)?;
    let id = format!("{}.accept", record.text);
    let mut given: Vec<Id> = fields.iter().flat_map(|map| map.keys().cloned()).collect();
    given.sort_unstable();
    given.dedup();
    Some(Accept {
        function: named,
        fields: given,
        review: reviews.duty(file, &id, record.text, clauses, function.at.line())?,
    })
}
