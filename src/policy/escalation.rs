//! Escalations at once: who is told the moment something happens. Lowered to thresholds that one event reaches.

use super::codes;
use super::duty::common;
use super::model::{Head, Id, Threshold};
use super::names::Names;
use super::node::{Node, Word};
use super::occurrence::{self, Occurrence};
use super::source::say;
use super::table::Table;
use std::sync::Arc;
use toml::de::DeValue;

/// Reads an escalation.
pub(super) fn lower<'a>(
    name: Word<'a>,
    node: Node<'a>,
    file: usize,
    head: &Arc<Head>,
    names: &Names<'a>,
) -> Option<Threshold> {
    let mut table = Table::rule(name, node)?;
    let common = common(&mut table, file, names);
    let Occurrence { on, when, .. } = occurrence::read(&mut table, file, names);
    let to = table.need("to").map(|node| told(&node, names)).unwrap_or_default();
    table.finish();
    Some(Threshold {
        id: names.id(name.text),
        title: common.title?,
        clauses: common.clauses,
        line: name.at.line(),
        assume: common.assume,
        on,
        when,
        to,
        ..Threshold::at_once(head)
    })
}

/// Who is told: a role, or with `{ above = role }` those above it on the reporting line, the next one up each time.
fn told(node: &Node<'_>, names: &Names<'_>) -> Vec<Id> {
    if !matches!(node.value, DeValue::Table(_)) {
        return node.text().and_then(|word| names.role(&word)).into_iter().collect();
    }
    let Some(mut table) = node.table() else {
        return Vec::new();
    };
    let word = table.title("above");
    table.finish();
    let Some(word) = word.filter(|word| names.role(word).is_some()) else {
        return Vec::new();
    };
    let above = |id: &str| {
        let role = names.roles.iter().find(|role| role.name.text == id);
        role.and_then(|role| role.reports_to)
    };
    let mut line: Vec<Id> = Vec::new();
    let mut at = above(word.text);
    // A reporting line that runs in a circle is a finding of its own.
    while let Some(up) = at.filter(|up| up.text != word.text && !line.iter().any(|id| **id == *up.text)) {
        let Some(role) = names.role(&up) else { break };
        line.push(role);
        at = above(up.text);
    }
    if line.is_empty() {
        let role = word.text;
        word.at.find(
            codes::BAD_VALUE,
            say!("“{role}”没有上级", "`{role}` has nobody above it"),
            say!(
                "在 [role.{role}] 下写 reports_to，或直接写要报的角色",
                "write reports_to under [role.{role}], or name the role that is told"
            ),
        );
    }
    line
}
