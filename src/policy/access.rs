//! Access: who may see which cases, and whose reading is recorded.

use super::codes;
use super::condition;
use super::duty::common;
use super::fields::{self, View};
use super::model::{Access, Id};
use super::names::Names;
use super::node::{Node, Word};
use super::source::say;
use super::table::Table;

/// Reads a rule of access.
pub(super) fn lower<'a>(name: Word<'a>, node: Node<'a>, file: usize, names: &Names<'a>) -> Option<Access> {
    let mut table = Table::rule(name, node)?;
    let common = common(&mut table, file, names);
    let kind = table.title("kind").and_then(|word| names.kind(&word));
    let decl = names
        .kinds
        .iter()
        .find(|known| Some(known.name.text) == kind.as_deref());
    let views: Vec<View<'_>> = decl
        .iter()
        .map(|decl| View {
            label: decl.name.text.to_owned(),
            maps: vec![&decl.fields],
        })
        .collect();
    let when = table
        .take("when")
        .map(|node| condition::read(&node, &views, names))
        .unwrap_or_default();
    let roles = table.texts("roles");
    let roles = roles.iter().filter_map(|word| names.role(word)).collect();
    let mut persons = |key| -> Vec<Id> {
        let named = table.texts(key);
        let known = |word: &Word<'_>| {
            fields::everywhere(&views, word);
            names.id(word.text)
        };
        named.iter().map(known).collect()
    };
    let (allowed, never) = (persons("fields"), persons("never"));
    let audit = table.take("audit").and_then(|node| node.boolean()).unwrap_or_default();
    let does_something = ["roles", "fields", "never"].iter().any(|key| table.key(key).is_some()) || audit;
    if !does_something {
        table.at.find(
            codes::MISSING_KEY,
            say!("没有写谁可以看", "nothing says who may see them"),
            say!(
                "写 roles、fields、never 之一；只记录谁看过的写 audit = true",
                "write one of roles, fields, never; to record the readings alone, audit = true"
            ),
        );
    }
    table.finish();
    Some(Access {
        id: names.id(name.text),
        title: common.title?,
        clauses: common.clauses,
        line: name.at.line(),
        assume: common.assume,
        kind: kind?,
        when,
        roles,
        fields: allowed,
        never,
        audit,
    })
}
