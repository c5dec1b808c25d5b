//! Kinds of case: what they carry, what can happen to them, and what that does to a case as a whole.

use super::codes;
use super::computed::{self, ComputedDecl};
use super::fields::{self, FieldMap};
use super::model::{Computed, Course, EventType, FieldType, Id, Kind, Record, StandingCase};
use super::names::Names;
use super::nearest::unknown;
use super::node::{Node, Word};
use super::source::say;
use super::table::Table;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The field that names the case into which another is merged.
const INTO: &str = "into";

/// A kind as declared.
pub(super) struct KindDecl<'a> {
    /// Its id.
    pub name: Word<'a>,
    /// The number of its file.
    pub file: usize,
    /// What a case of it carries.
    pub fields: FieldMap,
    /// What can happen.
    pub events: Vec<EventDecl<'a>>,
    /// Which of its fields are worked out.
    pub computed: Vec<ComputedDecl<'a>>,
    title: Id,
    standing: Option<StandingCase>,
}

/// An event as declared.
#[derive(Clone)]
pub(super) struct EventDecl<'a> {
    /// Its id within the kind.
    pub name: Word<'a>,
    /// Its own data.
    pub data: FieldMap,
    /// The record it carries.
    pub record: Option<Word<'a>>,
    /// Data without which it is refused.
    pub needs: Vec<Word<'a>>,
    /// What it does to the case.
    pub course: Course,
    title: Id,
}

impl<'a> KindDecl<'a> {
    /// Adds the data and events of an earlier edition: its cases go on.
    pub fn join(&mut self, earlier: KindDecl<'a>) {
        for (name, was) in earlier.fields {
            match (self.fields.get_mut(&name), was) {
                (Some(FieldType::Choice(values)), FieldType::Choice(was)) => {
                    let gone: Vec<Id> = was.into_iter().filter(|value| !values.contains(value)).collect();
                    values.extend(gone);
                }
                (Some(_), _) => {}
                (None, was) => drop(self.fields.insert(name, was)),
            }
        }
        for event in earlier.events {
            if self.event(event.name.text).is_none() {
                self.events.push(event);
            }
        }
    }

    /// The event of that name.
    pub fn event(&self, name: &str) -> Option<&EventDecl<'a>> {
        self.events.iter().find(|event| event.name.text == name)
    }
}

/// Reads the kinds of one file; the events under `*` join every kind that does not stand by itself.
pub(super) fn declare<'a>(file: usize, family: Vec<(Word<'a>, Node<'a>)>) -> Vec<KindDecl<'a>> {
    let mut shared = Vec::new();
    let mut kinds = Vec::new();
    for (name, node) in family {
        let Some(mut table) = Table::rule(name, node) else {
            continue;
        };
        if name.text == "*" {
            shared = events(&mut table);
            table.finish();
        } else {
            kinds.push(kind(file, name, table));
        }
    }
    for kind in kinds.iter_mut().filter(|kind| kind.standing.is_none()) {
        // A kind's own event of the same name is its own version of the shared one.
        let own: Vec<_> = shared
            .iter()
            .filter(|event: &&EventDecl<'_>| kind.event(event.name.text).is_none())
            .cloned()
            .collect();
        kind.events.extend(own);
    }
    kinds
}

fn kind<'a>(file: usize, name: Word<'a>, mut table: Table<'a>) -> KindDecl<'a> {
    let title = table.title("title").map_or_else(|| name.id(), |word| word.id());
    let standing = table
        .take("standing")
        .and_then(|node| node.one_of(&[("company", StandingCase::Company), ("area", StandingCase::Area)]));
    let mut fields = table.take("data").map(|node| fields::read(&node)).unwrap_or_default();
    if standing == Some(StandingCase::Area) {
        fields.entry(Id::from("area")).or_insert(FieldType::Text);
    }
    let computed = computed::declare(&mut table, &mut fields);
    let mut events = events(&mut table);
    if events.is_empty() && table.key("events").is_none() {
        table.need("events");
    }
    if standing.is_some() && !events.is_empty() && !events.iter().any(|event| event.name.text == "opened") {
        let id = name.text;
        name.at.find(
            codes::MISSING_OPENED,
            say!(
                "长期案件“{id}”没有 opened 事件",
                "the standing kind `{id}` has no event `opened`"
            ),
            say!(
                "在 [case.{id}.events] 下写 opened = \"开始\"",
                "write opened = \"…\" under [case.{id}.events]"
            ),
        );
    }
    for (key, course) in [
        ("reopen_on", Course::Reopen),
        ("cancel_on", Course::Cancel),
        ("merge_on", Course::Merge),
    ] {
        for word in table.texts(key) {
            set_course(&mut events, &word, course.clone());
        }
    }
    for event in events.iter_mut().filter(|event| event.course == Course::Merge) {
        name_other(event, &fields);
    }
    for (key, course) in [("pause", Course::Pause as fn(Id) -> Course), ("resume", Course::Resume)] {
        for (word, reason) in table.family(key) {
            if let Some(reason) = reason.text() {
                set_course(&mut events, &word, course(reason.id()));
            }
        }
    }
    table.finish();
    KindDecl {
        name,
        file,
        fields,
        events,
        computed,
        title,
        standing,
    }
}

/// An event that merges a case into another must name the other.
fn name_other(event: &mut EventDecl<'_>, fields: &FieldMap) {
    let known = event.data.get(INTO).or_else(|| fields.get(INTO));
    if !matches!(known, Some(FieldType::Text)) {
        let name = event.name.text;
        event.name.at.find(
            codes::UNKNOWN_FIELD,
            say!(
                "“{name}”并入别的案件，要有字段 into 写明是哪一件",
                "`{name}` merges the case into another and needs a field `into` that names it"
            ),
            say!(
                "给它写 data = {{ into = \"text\" }}",
                "give it data = {{ into = \"text\" }}"
            ),
        );
        return;
    }
    if !event.needs.iter().any(|need| need.text == INTO) {
        let at = event.name.at;
        event.needs.push(Word { text: INTO, at });
    }
}

fn set_course(events: &mut [EventDecl<'_>], word: &Word<'_>, course: Course) {
    let Some(at) = events.iter().position(|event| event.name.text == word.text) else {
        unknown(
            codes::UNKNOWN_EVENT,
            word,
            ("事件", "event"),
            events.iter().map(|event| event.name.text),
        );
        return;
    };
    let Some(event) = events.get_mut(at) else { return };
    if event.course != Course::None && event.course != course {
        let name = word.text;
        word.at.find(
            codes::CONFLICTING_KEYS,
            say!(
                "事件“{name}”已经另有作用",
                "the event `{name}` already does something else to its case"
            ),
            say!(
                "一个事件只能写在 reopen_on、cancel_on、merge_on、pause、resume 之一里",
                "an event stands in one of reopen_on, cancel_on, merge_on, pause, resume only"
            ),
        );
    }
    event.course = course;
}

fn events<'a>(table: &mut Table<'a>) -> Vec<EventDecl<'a>> {
    table
        .family("events")
        .into_iter()
        .filter_map(|(name, node)| event(name, &node))
        .collect()
}

fn event<'a>(name: Word<'a>, node: &Node<'a>) -> Option<EventDecl<'a>> {
    let mut event = EventDecl {
        name,
        data: FieldMap::new(),
        record: None,
        needs: Vec::new(),
        course: Course::None,
        title: name.id(),
    };
    if let Some(title) = node.as_text() {
        event.title = title.id();
        return Some(event);
    }
    if !node.value.is_table() {
        node.wrong_type("名称，或表 { title = … }", "a title, or a table { title = … }");
        return Some(event);
    }
    let mut table = Table::rule(name, *node)?;
    if let Some(title) = table.title("title") {
        event.title = title.id();
    }
    event.needs = table.texts("needs");
    event.data = table.take("data").map(|node| fields::read(&node)).unwrap_or_default();
    event.record = table.text("record");
    table.finish();
    Some(event)
}

/// Checks what events refer to: their records, and the data they need.
pub(super) fn check(names: &Names<'_>) {
    for kind in &names.kinds {
        for event in &kind.events {
            if let Some(record) = event.record.filter(|record| names.record(record.text).is_none()) {
                let known = names.records.iter().map(|record| record.name.text);
                unknown(codes::UNKNOWN_RECORD, &record, ("记录表", "record"), known);
                continue;
            }
            let views = names.views(&[Id::from(format!("{}.{}", kind.name.text, event.name.text))]);
            for field in &event.needs {
                fields::somewhere(&views, field);
            }
        }
    }
}

/// Builds the kinds; `ranks` are the places of events among others of the same instant, where not first.
pub(super) fn lower(
    names: &Names<'_>,
    records: &HashMap<Id, Arc<Record>>,
    ranks: &HashMap<Id, u8>,
    computed: &HashMap<Id, Vec<Arc<Computed>>>,
) -> BTreeMap<Id, Arc<Kind>> {
    let kinds = names.kinds.iter().map(|kind| {
        let events = kind.events.iter().map(|event| {
            let id = names.id(&format!("{}.{}", kind.name.text, event.name.text));
            let built = EventType {
                rank: ranks.get(&id).copied().unwrap_or(0),
                id,
                title: event.title.clone(),
                needs: event.needs.iter().map(|word| names.id(word.text)).collect(),
                data: event.data.clone(),
                record: event.record.and_then(|record| records.get(record.text)).cloned(),
                course: event.course.clone(),
            };
            (names.id(event.name.text), Arc::new(built))
        });
        let id = names.id(kind.name.text);
        let built = Kind {
            id: id.clone(),
            title: kind.title.clone(),
            standing: kind.standing,
            fields: kind.fields.clone(),
            computed: computed.get(&id).cloned().unwrap_or_default(),
            events: events.collect(),
        };
        (id, Arc::new(built))
    });
    kinds.collect()
}
