//! Metrics: figures that are only reported.

use super::codes;
use super::condition;
use super::duty::common;
use super::fields::{self, View};
use super::model::{Amount, Condition, FieldType, Head, Id, Measure, Metric, Period, Score, Share};
use super::names::Names;
use super::node::{Node, Word};
use super::source::say;
use super::table::Table;
use super::terms;
use crate::domain::fraction::Fraction;
use std::sync::Arc;
use toml::de::DeValue;

/// What a metric can be told apart by without a field that says it.
const KNOWN: [&str; 5] = ["person", "role", "area", "case", "day"];

/// What is read with: the number of the file, and all names.
struct Reading<'n, 'a> {
    file: usize,
    names: &'n Names<'a>,
}

/// Reads a metric.
pub(super) fn lower<'a>(
    name: Word<'a>,
    node: Node<'a>,
    file: usize,
    head: &Arc<Head>,
    names: &Names<'a>,
) -> Option<Metric> {
    let mut table = Table::rule(name, node)?;
    let common = common(&mut table, file, names);
    let measured = table.exactly_one(&["of", "count", "share", "score", "points", "handled"]);
    let reading = Reading { file, names };
    let (measure, when, by) = match measured {
        Some(node) if node.name == "of" => {
            let measure = Measure::Duties(names.rules(&node.texts()));
            (Some(measure), Condition::default(), by_bearer(&mut table, names))
        }
        Some(node) if node.name == "points" => (reading.points(&node), Condition::default(), Vec::new()),
        Some(node) => {
            let measure = reading.measure(&node);
            let first = match &measure {
                Some(Measure::Handled { opened, .. }) => opened.clone(),
                Some(Measure::Count(on)) => on.clone(),
                Some(Measure::Share(share)) => share.of.clone(),
                Some(Measure::Score(score)) => score.of.clone(),
                _ => Vec::new(),
            };
            let views = names.views(&first);
            let when = table.take("when").map(|node| condition::read(&node, &views, names));
            let by = by_field(&mut table, &views, names);
            (measure, when.unwrap_or_default(), by)
        }
        None => {
            for key in ["when", "by"] {
                table.take(key);
            }
            (None, Condition::default(), Vec::new())
        }
    };
    // A balance stands at every instant; the period only says which end is meant.
    let per = match measure {
        Some(Measure::Points { .. }) => match table.take("per") {
            Some(node) => terms::period(&node),
            None => Some(Period::Month),
        },
        _ => table.need("per").and_then(|node| terms::period(&node)),
    };
    table.finish();
    Some(Metric {
        id: names.id(name.text),
        title: common.title?,
        clauses: common.clauses,
        head: Arc::clone(head),
        line: name.at.line(),
        assume: common.assume,
        by,
        per: per?,
        when,
        measure: measure?,
    })
}

fn list<'a>(node: Node<'a>) -> Vec<Node<'a>> {
    if node.value.is_array() { node.list() } else { vec![node] }
}

fn by_bearer(table: &mut Table<'_>, names: &Names<'_>) -> Vec<Id> {
    let by = table.need("by").map(list).unwrap_or_default();
    by.iter()
        .filter_map(|node| node.one_of(&[("person", "person"), ("role", "role"), ("area", "area")]))
        .map(|by| names.id(by))
        .collect()
}

fn by_field<'a>(table: &mut Table<'a>, views: &[View<'_>], names: &Names<'a>) -> Vec<Id> {
    let mut by = Vec::new();
    for word in table.texts("by") {
        if !KNOWN.contains(&word.text) {
            fields::everywhere(views, &word);
        }
        by.push(names.id(word.text));
    }
    by
}

impl<'a> Reading<'_, 'a> {
    fn events(&self, node: Option<Node<'a>>) -> Vec<Id> {
        let words = node.map(|node| node.texts()).unwrap_or_default();
        words
            .iter()
            .flat_map(|word| self.names.events(self.file, word))
            .collect()
    }

    fn measure(&self, node: &Node<'a>) -> Option<Measure> {
        if node.name == "count" {
            return Some(Measure::Count(self.events(Some(*node))));
        }
        let mut table = node.table()?;
        let read = match node.name {
            "share" => self.share(&mut table).map(Measure::Share),
            "score" => self.score(&mut table).map(Measure::Score),
            _ => {
                let (opened, closed) = (table.need("opened"), table.need("closed"));
                let line = table.take("line").and_then(|node| terms::share(&node));
                Some(Measure::Handled {
                    opened: self.events(opened),
                    closed: self.events(closed),
                    line,
                })
            }
        };
        table.finish();
        read
    }

    fn share(&self, table: &mut Table<'a>) -> Option<Share> {
        let of = self.events(table.need("of"));
        let views = self.names.views(&of);
        let words = table.exactly_one(&["fields", "field"]).map(|node| node.texts());
        let counts = table.need("counts_as");
        let line = table.take("line").and_then(|node| terms::share(&node));
        let mut fields: Vec<Id> = Vec::new();
        let mut counts_as = Vec::new();
        for word in words? {
            let types = fields::somewhere(&views, &word);
            fields.push(self.names.id(word.text));
            for item in counts.map(list).unwrap_or_default() {
                let value = fields::value(&item, word.text, &types, self.names);
                counts_as.extend(value.filter(|v| !counts_as.contains(v)));
            }
        }
        Some(Share {
            of,
            fields,
            counts_as,
            line,
        })
    }

    fn score(&self, table: &mut Table<'a>) -> Option<Score> {
        let of = self.events(table.need("of"));
        let views = self.names.views(&of);
        let node = table.need("weights")?;
        let mut weights = Vec::new();
        let mut sum = Some(Fraction::whole(0));
        for (field, node) in node.entries() {
            let types = fields::somewhere(&views, &field);
            number(&field, &types);
            let share = terms::share(&node)?;
            sum = sum.and_then(|sum| sum.plus(share));
            weights.push((self.names.id(field.text), share));
        }
        if sum != Some(Fraction::whole(1)) {
            let is = sum.map_or("?".to_owned(), |sum| sum.to_string());
            node.at.find(
                codes::WEIGHTS_NOT_WHOLE,
                say!("各项权重加起来是 {is}", "the weights add up to {is}"),
                say!("改到合计 100%", "make them add up to 100%"),
            );
        }
        Some(Score { of, weights })
    }

    fn points(&self, node: &Node<'a>) -> Option<Measure> {
        let mut table = node.table()?;
        let (earn, spend) = (table.need("earn"), table.need("spend"));
        table.finish();
        Some(Measure::Points {
            earn: self.movements(earn?),
            spend: self.movements(spend?),
        })
    }

    fn movements(&self, node: Node<'a>) -> Vec<(Id, Amount)> {
        let mut movements = Vec::new();
        for (event, node) in node.entries() {
            let events = self.names.events(self.file, &event);
            let amount = match node.value {
                DeValue::Table(_) => {
                    let Some(mut table) = node.table() else { continue };
                    let field = table.title("field");
                    table.finish();
                    field.map(|field| {
                        // What moves a balance is said by the event itself, not by the case as it happens to be.
                        let views: Vec<View<'_>> = events.iter().filter_map(|event| self.own(event)).collect();
                        number(&field, &fields::everywhere(&views, &field));
                        Amount::Field(self.names.id(field.text))
                    })
                }
                _ => node.positive().map(Amount::Fixed),
            };
            movements.extend(
                events
                    .into_iter()
                    .zip(std::iter::repeat(amount))
                    .filter_map(|(e, a)| Some((e, a?))),
            );
        }
        movements
    }

    /// What the event itself says, without its case.
    fn own(&self, event: &Id) -> Option<View<'_>> {
        let (_, decl) = self.names.event(event)?;
        let mut maps = vec![&decl.data];
        let record = decl.record.and_then(|record| self.names.record(record.text));
        maps.extend(record.map(|record| &record.fields));
        Some(View {
            label: event.to_string(),
            maps,
        })
    }
}

/// Reports a field that is no number.
pub(super) fn number(field: &Word<'_>, types: &[&FieldType]) {
    let fits = |known: &&FieldType| matches!(known, FieldType::Number | FieldType::Any);
    if types.is_empty() || types.iter().any(fits) {
        return;
    }
    let name = field.text;
    field.at.find(
        codes::WRONG_TYPE,
        say!("“{name}”不是数", "`{name}` is not a number"),
        say!("在 data 里把它声明为 \"number\"", "declare it as \"number\""),
    );
}
