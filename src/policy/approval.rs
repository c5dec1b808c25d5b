//! Approvals: an event waits for another one, done by those who may. Lowered to two gates: one before what waits, one
//! before the approving event itself.

use super::codes;
use super::condition;
use super::duty::common;
use super::gate::Before;
use super::model::{Condition, Gate, GateSide, Head, Id, Need, NeedTest};
use super::names::Names;
use super::node::{Node, Word};
use super::source::say;
use super::table::Table;
use std::sync::Arc;

/// Reads an approval.
pub(super) fn lower<'a>(
    name: Word<'a>,
    node: Node<'a>,
    file: usize,
    head: &Arc<Head>,
    names: &Names<'a>,
) -> Option<[Gate; 2]> {
    let mut table = Table::rule(name, node)?;
    let common = common(&mut table, file, names);
    let mut texts = |key| table.need(key).map(|node| node.texts()).unwrap_or_default();
    let (on, approved, by) = (texts("on"), texts("approved"), texts("by"));
    let (not_by, since) = (table.texts("not_by"), table.texts("since"));
    let when_node = table.take("when");
    table.finish();
    let on: Vec<Id> = on.iter().flat_map(|word| names.events(file, word)).collect();
    let views = names.views(&on);
    let when = when_node.map(|node| condition::read(&node, &views, names));
    let before = Before {
        on: &on,
        views: &views,
        file,
        names,
    };
    let (approving, roles) = (before.events(&approved), before.roles(&by));
    let (not_by, since) = (before.events(&not_by), before.events(&since));
    if let Some(word) = approved.iter().find(|word| on.iter().any(|on| **on == *word.text)) {
        let event = word.text;
        word.at.find(
            codes::CONFLICTING_KEYS,
            say!("“{event}”不能等它自己", "`{event}` cannot wait for itself"),
            say!("approved 写另一个事件", "name another event in `approved`"),
        );
    }
    let title = common.title?;
    let titles: Vec<Id> = by.iter().map(|word| title_of(names, word)).collect();
    let clauses = common.clauses;
    let need = |title: String, test: NeedTest| Need {
        title: title.into(),
        clause: clauses.first().cloned(),
        only_if: Condition::default(),
        test,
    };
    let mut approver = vec![need(
        format!("由{}办理", titles.join("、")),
        NeedTest::ActorRole(roles.clone()),
    )];
    if !not_by.is_empty() {
        approver.push(need(
            "不由经办人自己办理".to_owned(),
            NeedTest::NotActor(not_by.clone()),
        ));
    }
    let waits = vec![need(
        title.to_string(),
        NeedTest::ByRole {
            events: approving.clone(),
            roles,
            not_by,
            since,
        },
    )];
    let gate = |side, on, when: Option<Condition>, needs| Gate {
        id: names.id(name.text),
        title: title.clone(),
        clauses: clauses.clone(),
        head: Arc::clone(head),
        line: name.at.line(),
        assume: common.assume.clone(),
        side,
        on,
        when: when.unwrap_or_default(),
        needs,
    };
    Some([
        gate(GateSide::Approved, on, when, waits),
        gate(GateSide::Approving, approving, None, approver),
    ])
}

fn title_of(names: &Names<'_>, word: &Word<'_>) -> Id {
    let role = names.roles.iter().find(|role| role.name.text == word.text);
    role.and_then(|role| role.title)
        .map_or_else(|| word.id(), |title| title.id())
}
