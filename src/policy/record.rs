//! Records: the forms that performing events must fill.

use super::codes;
use super::computed;
use super::condition;
use super::fields::{self, FieldMap, View};
use super::model::{FieldType, Record, Requirement};
use super::names::Names;
use super::nearest::unknown;
use super::node::{Node, Word};
use super::number;
use super::review::Reviews;
use super::source::say;
use super::table::Table;
use super::terms;
use crate::script::Scripts;
use std::sync::Arc;

/// A record as declared: what others need to know of it.
pub(super) struct RecordDecl<'a> {
    /// Its id.
    pub name: Word<'a>,
    /// The number of its file.
    pub file: usize,
    /// Its fields.
    pub fields: FieldMap,
    node: Node<'a>,
}

/// Notes a record and its fields.
pub(super) fn declare<'a>(name: Word<'a>, file: usize, node: Node<'a>) -> RecordDecl<'a> {
    let fields = Table::rule(name, node).and_then(|mut table| table.take("fields"));
    RecordDecl {
        name,
        file,
        fields: fields.map(|node| fields::read(&node)).unwrap_or_default(),
        node,
    }
}

/// Reads the whole record.
pub(super) fn lower<'a>(
    record: &RecordDecl<'a>,
    names: &Names<'a>,
    scripts: (&Arc<Scripts>, &Reviews),
) -> Option<Record> {
    let mut table = Table::rule(record.name, record.node)?;
    let title = table.title("title");
    let cited = table.need("clause").map(|node| node.texts()).unwrap_or_default();
    let clauses = names.clauses_of(record.file, &cited);
    table.need("fields");
    // A requirement may look at the form and at the case that the form is about.
    let mut maps = vec![&record.fields];
    for kind in &names.kinds {
        let mut events = kind.events.iter();
        if events.any(|event| event.record.is_some_and(|used| used.text == record.name.text)) {
            maps.push(&kind.fields);
        }
    }
    let views = [View {
        label: record.name.text.to_owned(),
        maps,
    }];
    let mut required = Vec::new();
    for (key, signed) in [("required", false), ("signed", true)] {
        for node in table.take(key).map(|node| node.list()).unwrap_or_default() {
            required.extend(requirement(&node, record, &views, signed, names));
        }
    }
    let retain = table.take("retain").and_then(|node| terms::day_term(&node));
    let number = table
        .take("number")
        .and_then(|node| number::read(&node, &record.fields, names));
    let accept = table.text("accept").and_then(|function| {
        let [view] = &views;
        computed::accept(
            &function,
            (&record.name, record.file),
            &view.maps,
            clauses.clone(),
            scripts,
        )
    });
    table.finish();
    Some(Record {
        id: names.id(record.name.text),
        title: title?.id(),
        clauses,
        line: record.name.at.line(),
        fields: record.fields.clone(),
        required,
        retain,
        number,
        accept,
    })
}

fn requirement<'a>(
    node: &Node<'a>,
    record: &RecordDecl<'a>,
    views: &[View<'_>],
    signed: bool,
    names: &Names<'a>,
) -> Option<Requirement> {
    let mut table = node.table()?;
    let words = table.need("fields").map(|node| node.texts()).unwrap_or_default();
    for field in &words {
        match record.fields.get(field.text) {
            None => {
                let known = record.fields.keys().map(AsRef::as_ref);
                unknown(codes::UNKNOWN_FIELD, field, ("字段", "field"), known);
            }
            Some(FieldType::Bool | FieldType::Any) => {}
            Some(_) if signed => {
                let name = field.text;
                field.at.find(
                    codes::WRONG_TYPE,
                    say!("签名字段“{name}”不是 bool", "the signed field `{name}` is not a bool"),
                    say!(
                        "在 fields 里写 {name} = \"bool\"",
                        "declare {name} = \"bool\" in fields"
                    ),
                );
            }
            Some(_) => {}
        }
    }
    let when = table
        .take("when")
        .map(|node| condition::read(&node, views, names))
        .unwrap_or_default();
    let clause = table.text("clause").and_then(|word| names.clause(record.file, &word));
    table.finish();
    Some(Requirement {
        fields: words.iter().map(|word| Arc::from(word.text)).collect(),
        when,
        clause,
        signed,
    })
}
