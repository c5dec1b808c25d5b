//! What wishes limit, as the author wrote it.

use super::codes;
use super::condition;
use super::duty;
use super::fields::View;
use super::model::{Consent, Head, Id, Limit};
use super::names::Names;
use super::node::{Node, Word};
use super::source::say;
use super::table::Table;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Reads `[consent.<id>]`; `limits` gets it under each of its rules.
pub(super) fn lower<'a>(
    name: Word<'a>,
    node: Node<'a>,
    file: usize,
    head: &Arc<Head>,
    names: &Names<'a>,
    limits: &mut HashMap<Id, Vec<Arc<Consent>>>,
) -> Option<Arc<Consent>> {
    let mut table = Table::rule(name, node)?;
    let common = duty::common(&mut table, file, names);
    let words = table.need("of").map(|node| node.texts()).unwrap_or_default();
    let of = names.rules(&words);
    let mut kinds: BTreeSet<String> = BTreeSet::new();
    for word in &words {
        kinds.extend(
            names
                .duty(word.text)
                .map(|duty| duty.kinds(names))
                .into_iter()
                .flatten(),
        );
    }
    let known = names.kinds.iter().filter(|kind| kinds.contains(kind.name.text));
    let views: Vec<View<'_>> = known
        .map(|kind| View {
            label: kind.name.text.to_owned(),
            maps: vec![&kind.fields],
        })
        .collect();
    let when = table.need("when").map(|node| condition::read(&node, &views, names));
    let chosen = table.exactly_one(&["stretch", "stop", "channel"]);
    table.finish();
    let chosen = chosen?;
    let limit = match chosen.name {
        "stretch" => {
            for word in &words {
                interval(word, names);
            }
            let times = chosen.positive()?;
            if times < 2 {
                chosen.bad_value("大于 1 的整数", "a whole number above 1");
            }
            Limit::Stretch(times)
        }
        "stop" => {
            if !chosen.boolean()? {
                chosen.bad_value(" true", "true");
            }
            Limit::Stop
        }
        _ => Limit::Channels(chosen.texts().iter().map(Word::id).collect()),
    };
    let consent = Arc::new(Consent {
        id: names.id(name.text),
        title: common.title?,
        clauses: common.clauses,
        head: Arc::clone(head),
        line: name.at.line(),
        assume: common.assume,
        of,
        when: when?,
        limit,
    });
    for rule in &consent.of {
        limits.entry(rule.clone()).or_default().push(Arc::clone(&consent));
    }
    Some(consent)
}

/// Only what recurs has intervals.
fn interval(word: &Word<'_>, names: &Names<'_>) {
    if names.duty(word.text).is_some_and(|duty| !duty.recurring) {
        let rule = word.text;
        word.at.find(
            codes::CONFLICTING_KEYS,
            say!(
                "“{rule}”不是周期，没有间隔可以放长",
                "`{rule}` does not recur; it has no interval to stretch"
            ),
            say!(
                "从 of 里去掉它，或写 stop、channel",
                "take it out of `of`, or write `stop` or `channel`"
            ),
        );
    }
}
