//! Guidance: checklists and hints, and the duties that they go with.

use super::codes;
use super::condition;
use super::duty::common;
use super::model::{Advice, Guidance, Id};
use super::names::Names;
use super::nearest::unknown;
use super::node::{Node, Word};
use super::source::say;
use super::table::Table;
use super::trigger::DutyDecl;
use std::sync::Arc;

/// All guidance of a company, each with the number of its file.
#[derive(Default)]
pub(super) struct Guide(Vec<(usize, Arc<Guidance>)>);

impl Guide {
    /// Reads the guidance of all files.
    pub fn read<'a>(families: impl Iterator<Item = (usize, Word<'a>, Node<'a>)>, names: &Names<'a>) -> Guide {
        let lowered = families.filter_map(|(file, name, node)| Some((file, Arc::new(lower(name, node, file, names)?))));
        Guide(lowered.collect())
    }

    /// What a file holds.
    pub fn of_file(&self, file: usize) -> Vec<Arc<Guidance>> {
        let own = self.0.iter().filter(|(number, _)| *number == file);
        own.map(|(_, guidance)| Arc::clone(guidance)).collect()
    }

    /// What is shown with a duty's obligations: what it names, then what names it.
    pub fn shown(&self, rule: &str, named: &[Word<'_>]) -> Vec<Arc<Guidance>> {
        let mut shown: Vec<Arc<Guidance>> = Vec::new();
        for word in named {
            match self.0.iter().find(|(_, guidance)| guidance.id.as_ref() == word.text) {
                Some((_, guidance)) => shown.push(Arc::clone(guidance)),
                None => unknown(
                    codes::UNKNOWN_TEXT,
                    word,
                    ("指引", "guidance"),
                    self.0.iter().map(|(_, guidance)| guidance.id.as_ref()),
                ),
            }
        }
        for (_, guidance) in &self.0 {
            let names_it = guidance.of.iter().any(|of| of.as_ref() == rule);
            if names_it && !shown.iter().any(|known| known.id == guidance.id) {
                shown.push(Arc::clone(guidance));
            }
        }
        shown
    }
}

fn lower<'a>(name: Word<'a>, node: Node<'a>, file: usize, names: &Names<'a>) -> Option<Guidance> {
    let mut table = Table::rule(name, node)?;
    let common = common(&mut table, file, names);
    let of = names.rules(&table.texts("of"));
    let on: Vec<Id> = table
        .texts("on")
        .iter()
        .flat_map(|word| names.events(file, word))
        .collect();
    let naming = || names.duties.iter().filter(|duty| duty.names("checklist", name.text));
    let shown_with = |duty: &&DutyDecl<'a>| of.iter().any(|of| of.as_ref() == duty.name.text);
    let mut seen_at = on.clone();
    for duty in naming().chain(names.duties.iter().filter(shown_with)) {
        seen_at.extend(duty.origins(names));
    }
    let when = table
        .take("when")
        .map(|node| condition::read(&node, &names.views(&seen_at), names))
        .unwrap_or_default();
    let advice = table.exactly_one(&["checklist", "hint"]);
    let is_shown = table.key("of").is_some() || table.key("on").is_some() || naming().next().is_some();
    if !is_shown {
        let id = name.text;
        table.at.find(
            codes::NEVER_SHOWN,
            say!("“{id}”没有写什么时候给人看", "nothing says when `{id}` is shown"),
            say!(
                "写 of = [\"规则\"] 或 on = \"案件.事件\"，或在规则里写 checklist = [\"{id}\"]",
                "write of = [\"rule\"] or on = \"kind.event\", or checklist = [\"{id}\"] in a rule"
            ),
        );
    }
    table.finish();
    let advice = advice.and_then(|node| match node.name {
        "hint" => node.text().map(|word| Advice::Hint(word.id())),
        _ => {
            let steps: Vec<Id> = node.texts().iter().map(Word::id).collect();
            (!steps.is_empty()).then_some(Advice::Checklist(steps))
        }
    });
    Some(Guidance {
        id: names.id(name.text),
        title: common.title?,
        clauses: common.clauses,
        line: name.at.line(),
        assume: common.assume,
        of,
        on,
        when,
        advice: advice?,
    })
}
