//! Thresholds: what is counted, and what follows when the count is reached.

use super::codes;
use super::duty::common;
use super::fields::{self, View};
use super::model::{Back, Head, Id, Mark, Open, Piece, Template, Threshold};
use super::names::Names;
use super::nearest::suggest;
use super::node::{Node, Word};
use super::occurrence::{self, Occurrence};
use super::source::say;
use super::table::Table;
use super::template;
use super::terms;
use super::trigger::kind_of;
use std::sync::Arc;

/// Reads a threshold.
pub(super) fn lower<'a>(
    name: Word<'a>,
    node: Node<'a>,
    file: usize,
    head: &Arc<Head>,
    names: &Names<'a>,
) -> Option<Threshold> {
    let mut table = Table::rule(name, node)?;
    let common = common(&mut table, file, names);
    let Occurrence { on, views, when } = occurrence::read(&mut table, file, names);
    let known = |word: &Word<'a>| {
        fields::everywhere(&views, word);
        names.id(word.text)
    };
    let key = table.texts("key").iter().map(known).collect();
    let consecutive = table.text("consecutive").map(|word| known(&word));
    let distinct_word = table.text("count_distinct");
    let count_distinct = distinct_word.map(|word| known(&word));
    if let Some(word) = distinct_word.filter(|_| consecutive.is_some()) {
        word.at.find(
            codes::CONFLICTING_KEYS,
            say!(
                "连续的和不同的不能一起数",
                "unbroken runs and different values cannot be counted at once"
            ),
            say!(
                "consecutive 和 count_distinct 只留一个",
                "keep one of consecutive and count_distinct"
            ),
        );
    }
    let span = table.take("span").and_then(|node| terms::day_term(&node));
    let at_least = table.need("at_least").and_then(|node| node.positive());
    let to: Vec<Id> = table
        .text("to")
        .and_then(|word| names.role(&word))
        .into_iter()
        .collect();
    let mark_node = table.take("mark");
    let mark = mark_node.and_then(|node| mark(&node, &on, names));
    let open_node = table.take("open");
    let opened = open_node.and_then(|node| open(&node, file, &on, names));
    let back_node = table.take("back");
    let back = match (back_node, &opened) {
        (Some(node), Some(opened)) => back(&node, file, &on, opened, names),
        (Some(node), None) if open_node.is_none() => {
            node.at.find(
                codes::CONFLICTING_KEYS,
                say!(
                    "没有 open，就没有案件可以写回",
                    "without `open` there is no case to write back from"
                ),
                say!("加上 open，或删去 back", "add `open`, or remove `back`"),
            );
            None
        }
        _ => None,
    };
    if open_node.is_none() && mark_node.is_none() && table.take("to").is_none() {
        table.exactly_one(&["to", "open", "mark"]);
    }
    table.finish();
    Some(Threshold {
        id: names.id(name.text),
        title: common.title?,
        clauses: common.clauses,
        head: Arc::clone(head),
        line: name.at.line(),
        assume: common.assume,
        on,
        when,
        key,
        consecutive,
        count_distinct,
        span,
        at_least: at_least?,
        to,
        open: opened,
        back,
        mark,
    })
}

/// What is written into the case: a field that every kind of case counted has.
fn mark(node: &Node<'_>, counted: &[Id], names: &Names<'_>) -> Option<Mark> {
    let mut table = node.table()?;
    let field = table.title("field");
    let value = table.need("value");
    table.finish();
    let (field, value) = (field?, value?);
    let kinds = counted.iter().filter_map(|event| names.event(event));
    let views: Vec<View<'_>> = kinds
        .map(|(kind, _)| View {
            label: kind.name.text.to_owned(),
            maps: vec![&kind.fields],
        })
        .collect();
    let types = fields::everywhere(&views, &field);
    Some(Mark {
        field: names.id(field.text),
        value: fields::value(&value, field.text, &types, names)?,
    })
}

fn open(node: &Node<'_>, file: usize, counted: &[Id], names: &Names<'_>) -> Option<Open> {
    let mut table = node.table()?;
    let word = table.title("event");
    let data_node = table.take("data");
    table.finish();
    let word = word?;
    let event = names.events(file, &word).first().cloned()?;
    let targets = names.views(std::slice::from_ref(&event));
    let data = data(data_node.as_ref(), &targets, &names.views(counted), names);
    complete(&word, &event, &data, counted, names);
    Some(Open { event, data })
}

fn back(node: &Node<'_>, file: usize, counted: &[Id], opened: &Open, names: &Names<'_>) -> Option<Back> {
    let mut table = node.table()?;
    let on = table.title("on");
    let word = table.title("event");
    let data_node = table.take("data");
    table.finish();
    let (on, word) = (on?, word?);
    let on_id = names.events(file, &on).first().cloned();
    if let Some(event) = on_id.as_ref().filter(|event| kind_of(event) != kind_of(&opened.event)) {
        let kind = kind_of(&opened.event);
        on.at.find(
            codes::EVENT_OF_OTHER_KIND,
            say!(
                "立的是“{kind}”，不会发生“{event}”",
                "the case opened is a `{kind}`, to which `{event}` does not happen"
            ),
            say!("写“{kind}”的事件", "name an event of `{kind}`"),
        );
        return None;
    }
    // The event lands on the case that was counted, of whichever of the kinds it is.
    let landed: Vec<Id> = match word.text.strip_prefix("*.") {
        Some(event) => counted
            .iter()
            .map(|on| names.id(&format!("{}.{event}", kind_of(on))))
            .collect(),
        None => names.events(file, &word),
    };
    if let Some(event) = landed.iter().find(|event| names.event(event).is_none()) {
        word.at.find(
            codes::UNKNOWN_EVENT,
            say!("没有叫“{event}”的事件", "there is no event `{event}`"),
            say!(
                "在 [case.\"*\".events] 下声明它",
                "declare it under [case.\"*\".events]"
            ),
        );
        return None;
    }
    let targets = names.views(&landed);
    let source: Vec<Id> = on_id.into_iter().collect();
    let data = data(data_node.as_ref(), &targets, &names.views(&source), names);
    for event in &landed {
        complete(&word, event, &data, &source, names);
    }
    Some(Back {
        on: names.id(on.text),
        event: names.id(word.text),
        data,
    })
}

/// The data of an event that is to be written: its fields are the target's, its gaps the source's.
fn data(node: Option<&Node<'_>>, targets: &[View<'_>], source: &[View<'_>], names: &Names<'_>) -> Vec<(Id, Template)> {
    let mut data = Vec::new();
    for (field, node) in node.map(Node::entries).unwrap_or_default() {
        let types = fields::everywhere(targets, &field);
        let Some(template) = template::read(&node, source, names) else {
            continue;
        };
        let choices: Vec<&str> = types.iter().flat_map(|known| fields::choices(known)).collect();
        if let [Piece::Literal(text)] = template.0.as_slice()
            && !choices.is_empty()
            && !choices.contains(&text.as_ref())
        {
            let name = field.text;
            node.at.find(
                codes::CHOICE_VALUE_UNKNOWN,
                say!("“{name}”没有“{text}”这个值", "`{name}` has no value `{text}`"),
                suggest(text, choices.into_iter(), "声明过的值", "declared values"),
            );
        }
        data.push((names.id(field.text), template));
    }
    data
}

/// Reports what the event needs and is not given, or may be given nothing.
fn complete(word: &Word<'_>, event: &str, data: &[(Id, Template)], source: &[Id], names: &Names<'_>) {
    let Some((_, decl)) = names.event(event) else { return };
    let template = |need: &str| {
        data.iter()
            .find(|(field, _)| field.as_ref() == need)
            .map(|(_, template)| template)
    };
    let lacking: Vec<&str> = decl
        .needs
        .iter()
        .map(|need| need.text)
        .filter(|need| template(need).is_none())
        .collect();
    if !lacking.is_empty() {
        let (zh, en) = (lacking.join("、"), lacking.join(", "));
        word.at.find(
            codes::OPEN_INCOMPLETE,
            say!("“{event}”还需要 {zh}", "`{event}` also needs {en}"),
            say!("在 data 里加上：{zh}", "add to data: {en}"),
        );
    }
    for need in &decl.needs {
        let Some([Piece::Field(field, None)]) = template(need.text).map(|template| template.0.as_slice()) else {
            continue;
        };
        if let Some(from) = source.iter().find(|from| !always_filled(from, field, names)) {
            let need = need.text;
            word.at.find(
                codes::OPEN_INCOMPLETE,
                say!(
                    "“{event}”需要 {need}，而“{from}”的 {field} 可能没有填",
                    "`{event}` needs {need}, and {field} of `{from}` may be empty"
                ),
                say!(
                    "给一个替代：{need} = \"{{{field}|未登记}}\"",
                    "give a substitute: {need} = \"{{{field}|unknown}}\""
                ),
            );
        }
    }
}

/// Whether a field has a value whenever the event counts: some event of the case cannot be written without it. A field
/// that the event does not know at all was reported where it stands.
fn always_filled(event: &Id, field: &str, names: &Names<'_>) -> bool {
    let Some((kind, _)) = names.event(event) else {
        return true;
    };
    let needed = kind
        .events
        .iter()
        .any(|event| event.needs.iter().any(|need| need.text == field));
    let known = names
        .views(std::slice::from_ref(event))
        .iter()
        .any(|view| view.get(field).is_some());
    needed || !known || field == "case" || field == "area"
}
