//! Exceptions, as the author wrote them.

use super::codes;
use super::condition;
use super::duty;
use super::fields::View;
use super::finding::Finding;
use super::model::{Company, Exception, Head, Id, Person};
use super::names::Names;
use super::nearest::unknown;
use super::node::{Node, Word};
use super::source::{File, say};
use super::table::Table;
use chrono::{Days, NaiveDate};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// For how many days after its last one an exception may stand in its file without being told.
const KEPT_DAYS: u64 = 90;

/// Reads `[exception.<id>]`; `waived` gets it under each of its rules.
pub(super) fn lower<'a>(
    name: Word<'a>,
    node: Node<'a>,
    file: usize,
    (head, people): (&Head, &[Person]),
    names: &Names<'a>,
    waived: &mut HashMap<Id, Vec<Arc<Exception>>>,
) -> Option<Arc<Exception>> {
    let mut table = Table::rule(name, node)?;
    let common = duty::common(&mut table, file, names);
    let rules = table.need("waives");
    let words = rules.as_ref().map(Node::texts).unwrap_or_default();
    if let Some(node) = rules.as_ref().filter(|node| words.is_empty() && node.value.is_array()) {
        node.bad_value("至少一条规则", "at least one rule");
    }
    let waives = names.rules(&words);
    let of = words.iter().filter_map(|word| names.duty(word.text));
    let kinds: BTreeSet<String> = of.flat_map(|duty| duty.kinds(names)).collect();
    let known = names.kinds.iter().filter(|kind| kinds.contains(kind.name.text));
    let views: Vec<View<'_>> = known
        .map(|kind| View {
            label: kind.name.text.to_owned(),
            maps: vec![&kind.fields],
        })
        .collect();
    let when = table
        .take("when")
        .map(|node| condition::read(&node, &views, names))
        .unwrap_or_default();
    let from = table.need("from").and_then(|node| node.date());
    let until_node = table.need("until");
    let until = until_node.as_ref().and_then(Node::date);
    let by = table.title("by").and_then(|word| somebody(&word, people, names));
    let why = table.title("why").map(|word| word.id());
    let document = table.text("document").map(|word| word.id());
    table.finish();
    let (from, until) = (from?, until?);
    if let Some(node) = until_node {
        if until < from {
            node.at.find(
                codes::EXCEPTION_REVERSED,
                say!(
                    "until（{until}）在 from（{from}）以前",
                    "`until` ({until}) is before `from` ({from})"
                ),
                say!("until 写最后免的那一天", "write the last day that is waived as `until`"),
            );
        } else if until < head.effective {
            let (id, effective) = (name.text, head.effective);
            node.at.find(
                codes::EXCEPTION_NEVER,
                say!(
                    "“{id}”到 {until} 为止，规程 {effective} 才执行",
                    "`{id}` ends on {until}, and the procedure is in force from {effective} on"
                ),
                say!("删去它，或改 until", "remove it, or change `until`"),
            );
        }
    }
    let exception = Arc::new(Exception {
        id: names.id(name.text),
        title: common.title?,
        clauses: common.clauses,
        line: name.at.line(),
        assume: common.assume,
        waives,
        when,
        from,
        until,
        by: by?,
        why: why?,
        document,
    });
    for rule in &exception.waives {
        waived.entry(rule.clone()).or_default().push(Arc::clone(&exception));
    }
    Some(exception)
}

/// A role or a person of the company.
fn somebody(word: &Word<'_>, people: &[Person], names: &Names<'_>) -> Option<Id> {
    if let Some(person) = people.iter().find(|person| *person.id == *word.text) {
        return Some(person.id.clone());
    }
    if names.roles.iter().any(|role| role.name.text == word.text) {
        return names.role(word);
    }
    let roles = names.roles.iter().map(|role| role.name.text);
    unknown(
        codes::UNKNOWN_ROLE,
        word,
        ("角色或人", "role or person"),
        roles.chain(people.iter().map(|person| &*person.id)),
    );
    None
}

/// The exceptions of a company that ended long before a local date, each told once.
pub fn expired(company: &Company, today: NaiveDate) -> Vec<Finding> {
    let mut findings = Vec::new();
    for procedure in &company.procedures {
        let long_ago = |exception: &&Arc<Exception>| {
            let kept = exception.until.checked_add_days(Days::new(KEPT_DAYS));
            kept.is_some_and(|kept| kept < today)
        };
        for exception in procedure.exceptions.iter().filter(long_ago) {
            let file = File::plain(&procedure.file, &procedure.text);
            let (id, until) = (&exception.id, exception.until);
            file.word_at((exception.line, 1)).find(
                codes::EXCEPTION_EXPIRED,
                say!("“{id}”{until} 已经到期", "`{id}` ended on {until}"),
                say!(
                    "不再需要就删去；已经免过的仍查得到",
                    "remove it when it is not needed any more; what it waived stays known"
                ),
            );
            findings.extend(file.into_findings());
        }
    }
    findings
}
