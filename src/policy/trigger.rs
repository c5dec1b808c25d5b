//! What brings duties into being and what performs them, known of all of them before any is read whole.

use super::codes;
use super::fields::View;
use super::model::{Id, Trigger};
use super::names::Names;
use super::node::{Node, Word};
use super::source::say;
use super::table::Table;
use std::collections::BTreeSet;
use toml::de::DeValue;

/// A duty as far as others need to know it.
pub(super) struct DutyDecl<'a> {
    /// Its rule's id.
    pub name: Word<'a>,
    /// The number of its file.
    pub file: usize,
    /// Its table.
    pub node: Node<'a>,
    /// Whether it stands under `recurring`.
    pub recurring: bool,
    /// Whether it stands under `occasion`.
    pub occasion: bool,
    /// Whether it stands under `reminder`.
    pub reminder: bool,
    /// Whether it stands under `sample`: owed by the cases drawn of those on which its events happened.
    pub sampled: bool,
    /// What triggers it; `None` where that is at fault.
    pub on: Option<On<'a>>,
    /// What performs it.
    pub done: Vec<Id>,
}

/// What triggers a duty, before rules are looked up.
pub(super) enum On<'a> {
    /// One of these events.
    Events(Vec<Id>),
    /// One of these events, on a case that it is not due for; the kind of those that it is.
    Occasion(Vec<Id>, Id),
    /// An obligation under one of these rules comes to be owed.
    Opened(Vec<Word<'a>>),
    /// An obligation under one of these rules is fulfilled.
    Fulfilled(Vec<Word<'a>>),
    /// An obligation under one of these rules falls overdue.
    Breached(Vec<Word<'a>>),
}

/// Notes a duty with its trigger and its performance.
pub(super) fn declare<'a>(
    names: &Names<'a>,
    file: usize,
    name: Word<'a>,
    node: Node<'a>,
    family: &str,
) -> DutyDecl<'a> {
    let mut duty = DutyDecl {
        name,
        file,
        node,
        recurring: family == "recurring",
        occasion: family == "occasion",
        reminder: false,
        sampled: family == "sample",
        on: None,
        done: Vec::new(),
    };
    if let Some(mut table) = Table::rule(name, node) {
        duty.name.at = table.at;
        let key = if duty.sampled { "of" } else { "on" };
        duty.on = table.need(key).and_then(|node| match duty.sampled {
            true => events(&node, file, names),
            false => on(&node, file, names),
        });
        if duty.occasion {
            duty.on = occasion(&mut table, duty.on.take(), names);
        }
        let done = table.need("done").map(|node| node.texts()).unwrap_or_default();
        duty.done = done.iter().flat_map(|word| names.events(file, word)).collect();
    }
    duty
}

/// The trigger of an occasion: events of other cases, and the kind of those that it is due for.
fn occasion<'a>(table: &mut Table<'a>, on: Option<On<'a>>, names: &Names<'a>) -> Option<On<'a>> {
    let word = table.title("for")?;
    if !names.kinds.iter().any(|kind| kind.name.text == word.text) {
        super::nearest::unknown(
            codes::UNKNOWN_EVENT,
            &word,
            ("案件", "kind of case"),
            names.kinds.iter().map(|kind| kind.name.text),
        );
        return None;
    }
    match on? {
        On::Events(events) => Some(On::Occasion(events, names.id(word.text))),
        _ => {
            word.at.find(
                codes::BAD_VALUE,
                say!(
                    "occasion 由另一件案件的事件引起，on 要写事件",
                    "an occasion is an event of another case; `on` must name events"
                ),
                say!("写 on = \"案件.事件\"", "write on = \"kind.event\""),
            );
            None
        }
    }
}

fn on<'a>(node: &Node<'a>, file: usize, names: &Names<'a>) -> Option<On<'a>> {
    if let DeValue::Table(_) = node.value {
        let mut table = node.table()?;
        let rules = table.exactly_one(&["opened", "fulfilled", "breached"]);
        table.finish();
        let rules = rules?;
        let words = rules.texts();
        return Some(match rules.name {
            "opened" => On::Opened(words),
            "fulfilled" => On::Fulfilled(words),
            _ => On::Breached(words),
        });
    }
    events(node, file, names)
}

fn events<'a>(node: &Node<'a>, file: usize, names: &Names<'a>) -> Option<On<'a>> {
    let events: Vec<Id> = node.texts().iter().flat_map(|word| names.events(file, word)).collect();
    (!events.is_empty()).then_some(On::Events(events))
}

impl<'a> DutyDecl<'a> {
    /// The trigger with its rules looked up.
    pub fn trigger(&self, names: &Names<'a>) -> Option<Trigger> {
        match self.on.as_ref()? {
            On::Events(events) if self.sampled => Some(Trigger::Sampled(events.clone())),
            On::Events(events) => Some(Trigger::Events(events.clone())),
            On::Occasion(events, _) => Some(Trigger::Occasion(events.clone())),
            On::Opened(rules) => Some(Trigger::Opened(names.rules(rules))),
            On::Fulfilled(rules) => Some(Trigger::Fulfilled(names.rules(rules))),
            On::Breached(rules) => {
                self.only_here(rules, names);
                Some(Trigger::Breached(names.rules(rules)))
            }
        }
    }

    /// A breach is followed within its own procedure, whose edition it stands in.
    fn only_here(&self, rules: &[Word<'a>], names: &Names<'a>) {
        for word in rules {
            if names.duty(word.text).is_some_and(|duty| duty.file != self.file) {
                let rule = word.text;
                word.at.find(
                    codes::UNKNOWN_RULE,
                    say!("本文件没有规则“{rule}”", "this file has no rule `{rule}`"),
                    say!(
                        "把这条规则写到“{rule}”所在的文件里",
                        "write this rule into the file of `{rule}`"
                    ),
                );
            }
        }
    }

    /// Whether it names a text under this key.
    pub fn names(&self, key: &str, text: &str) -> bool {
        let named = self.node.value.as_table().and_then(|table| table.get(key));
        named.is_some_and(|value| match value.get_ref() {
            DeValue::Array(list) => list.iter().any(|item| item.get_ref().as_str() == Some(text)),
            value => value.as_str() == Some(text),
        })
    }

    /// Whether another obligation triggers it.
    pub fn has_parent(&self) -> bool {
        !matches!(self.on, Some(On::Events(_) | On::Occasion(..)))
    }

    fn parents<'n>(&'n self, names: &'n Names<'a>) -> impl Iterator<Item = &'n DutyDecl<'a>> {
        let words: &[Word<'a>] = match &self.on {
            Some(On::Opened(rules) | On::Fulfilled(rules) | On::Breached(rules)) => rules,
            _ => &[],
        };
        words.iter().filter_map(|word| names.duty(word.text))
    }

    /// The kinds of case that it arises on.
    pub fn kinds(&self, names: &Names<'a>) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        self.collect_kinds(names, &mut Vec::new(), &mut found);
        found
    }

    fn collect_kinds<'n>(&'n self, names: &'n Names<'a>, seen: &mut Vec<&'n str>, found: &mut BTreeSet<String>) {
        if seen.contains(&self.name.text) {
            return;
        }
        seen.push(self.name.text);
        if let Some(On::Events(events)) = &self.on {
            found.extend(events.iter().map(|event| kind_of(event).to_owned()));
        }
        if let Some(On::Occasion(_, kind)) = &self.on {
            found.insert(kind.to_string());
        }
        for parent in self.parents(names) {
            parent.collect_kinds(names, seen, found);
        }
    }

    /// The events at which it comes into being: what its conditions may look at.
    pub fn origins(&self, names: &Names<'a>) -> Vec<Id> {
        let mut found = Vec::new();
        self.collect_origins(names, &mut Vec::new(), &mut found);
        found
    }

    fn collect_origins<'n>(&'n self, names: &'n Names<'a>, seen: &mut Vec<&'n str>, found: &mut Vec<Id>) {
        if seen.contains(&self.name.text) {
            return;
        }
        seen.push(self.name.text);
        match &self.on {
            Some(On::Events(events) | On::Occasion(events, _)) => found.extend(events.iter().cloned()),
            // Time alone brings it about: the case is as it was left.
            Some(On::Opened(_) | On::Breached(_)) => self
                .parents(names)
                .for_each(|parent| parent.collect_origins(names, seen, found)),
            Some(On::Fulfilled(_)) => found.extend(self.parents(names).flat_map(|parent| parent.done_here(names))),
            None => {}
        }
    }

    /// What its conditions may look at: for an occasion the case that it is due for, and the event beside it.
    pub fn views<'n>(&self, names: &'n Names<'a>) -> Vec<View<'n>> {
        let mut views = names.views(&self.origins(names));
        if let Some(On::Occasion(_, kind)) = &self.on
            && let Some(known) = names.kinds.iter().find(|known| known.name.text == kind.as_ref())
        {
            for view in &mut views {
                view.maps.insert(0, &known.fields);
            }
        }
        views
    }

    /// The performing events that can happen to its cases.
    pub fn done_here(&self, names: &Names<'a>) -> Vec<Id> {
        let kinds = self.kinds(names);
        self.done
            .iter()
            .filter(|event| kinds.contains(kind_of(event)))
            .cloned()
            .collect()
    }

    /// Whether following the triggers back from it leads to itself.
    pub fn waits_for_itself(&self, names: &Names<'a>) -> bool {
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut next: Vec<&DutyDecl<'a>> = self.parents(names).collect();
        while let Some(duty) = next.pop() {
            if duty.name.text == self.name.text {
                return true;
            }
            if seen.insert(duty.name.text) {
                next.extend(duty.parents(names));
            }
        }
        false
    }
}

/// The kind of an event type.
pub(super) fn kind_of(event: &str) -> &str {
    event.split_once('.').map_or(event, |(kind, _)| kind)
}

/// Reports duties that wait for each other; each only once all its own triggers wait in turn.
pub(super) fn cycles(names: &Names<'_>) {
    // A duty with one way in from outside does begin; only what no event ever reaches is a circle.
    for duty in names.duties.iter().filter(|duty| duty.on.is_some()) {
        if duty.waits_for_itself(names) && duty.kinds(names).is_empty() {
            let id = duty.name.text;
            duty.name.at.find(
                codes::TRIGGER_CYCLE,
                say!(
                    "“{id}”要等的规则又在等它自己",
                    "`{id}` waits for rules that wait for it"
                ),
                say!(
                    "让其中一条规则由事件引起：on = \"案件.事件\"",
                    "let an event trigger one of them: on = \"kind.event\""
                ),
            );
        }
    }
}
