//! What thresholds count, when they are reached, and what follows then.

use crate::domain::deadline::{self, Counting};
use crate::domain::event::Event;
use crate::domain::pause::Pauses;
use crate::domain::term::{End, Shift, Term};
use crate::domain::value::{Fields, Value};
use crate::domain::zone::{Instant, Zone};
use crate::engine::case::{Case, Context};
use crate::policy::model::{Id, Piece, Template, Threshold};
use std::sync::Arc;

/// An event that a threshold counts.
#[derive(Clone, Debug)]
pub struct Hit {
    /// The threshold, in the edition in force when it occurred.
    pub threshold: Arc<Threshold>,
    /// The values of its key, one below the other; empty where each event counts for itself.
    pub key: Id,
    /// The value that unbroken runs are of, or of which different ones are counted.
    pub value: Id,
    /// When the event occurred.
    pub at: Instant,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// Its place in the record.
    pub seq: u64,
    /// Its id.
    pub event: Id,
    /// What the event itself says of the fields that the case to be opened is filled from.
    pub said: Option<Box<Fields>>,
}

/// Notes in the case what thresholds count of an event.
pub fn count(case: &mut Case, id: &str, event: &Event, ctx: &Context<'_>) {
    if case.merged {
        return;
    }
    for threshold in ctx.history.counting(event) {
        let look = |field: &str| event.data.get(field).or_else(|| case.data.get(field));
        if !threshold.when.holds(look) {
            continue;
        }
        let text = |field: &Id| look(field).map(|v| v.to_string()).unwrap_or_default();
        let key = match (threshold.key.is_empty(), &threshold.count_distinct) {
            (true, None) => format!("{id}\n{}", event.id),
            // What is different is counted within the case.
            (true, Some(_)) => id.to_owned(),
            (false, _) => threshold.key.iter().map(text).collect::<Vec<_>>().join("\n"),
        };
        let told_apart = threshold.consecutive.as_ref().or(threshold.count_distinct.as_ref());
        let value = told_apart.map(|field| Id::from(text(field)));
        let said = said(&threshold, event);
        case.hits.push(Hit {
            threshold,
            key: key.into(),
            value: value.unwrap_or_default(),
            at: event.occurred_at,
            recorded_at: event.recorded_at,
            seq: event.seq,
            event: event.id.clone(),
            said,
        });
    }
}

/// What an event says of the fields in the templates of the case that a threshold opens.
fn said(threshold: &Threshold, event: &Event) -> Option<Box<Fields>> {
    let templates = threshold.open.iter().flat_map(|open| &open.data);
    let named = templates
        .flat_map(|(_, template)| &template.0)
        .filter_map(|piece| match piece {
            Piece::Field(field, _) => Some((field.clone(), event.data.get(field)?.clone())),
            Piece::Literal(_) => None,
        });
    let fields: Fields = named.collect();
    (!fields.is_empty()).then(|| Box::new(fields))
}

/// A hit as the threshold sees it among all others of its key.
#[derive(Clone, Copy, Debug)]
pub struct Counted<'a> {
    /// The hit.
    pub hit: &'a Hit,
    /// Its case.
    pub case: &'a str,
}

/// Which of these hits of one key, in the order in which they occurred, reach the threshold: each the one that begins
/// an episode. A case counts once. With a span, a hit counts through the last day of the span after its own; without,
/// for ever. In an unbroken run, another value begins the count anew.
pub fn reached(
    threshold: &Threshold,
    hits: &[Counted<'_>],
    zone: Zone,
    calendar: &crate::domain::calendar::Calendar,
) -> Vec<usize> {
    let reached = reached_with(threshold, hits, zone, calendar).into_iter();
    reached.map(|(at, _)| at).collect()
}

/// The same, each with the places of all hits that it is reached with, its own among them.
pub fn reached_with(
    threshold: &Threshold,
    hits: &[Counted<'_>],
    zone: Zone,
    calendar: &crate::domain::calendar::Calendar,
) -> Vec<(usize, Vec<usize>)> {
    let mut reached = Vec::new();
    let mut in_episode = false;
    let mut counted: Vec<(usize, &str)> = Vec::new();
    for (ix, this) in hits.iter().enumerate() {
        if threshold.consecutive.is_some() {
            let broken = ix
                .checked_sub(1)
                .and_then(|p| hits.get(p))
                .is_some_and(|p| p.hit.value != this.hit.value);
            if broken {
                counted.clear();
            }
        }
        if let Some(span) = threshold.span {
            counted.retain(|(past, _)| {
                hits.get(*past)
                    .is_some_and(|p| still_counts(p.hit.at, this.hit.at, span, zone, calendar))
            });
        }
        // A case counts once, with its latest hit; or each value does, where different ones are counted.
        let distinct = threshold.count_distinct.is_some();
        let counts_as = if distinct { &*this.hit.value } else { this.case };
        match counted.iter_mut().find(|(_, known)| *known == counts_as) {
            _ if distinct && counts_as.is_empty() => {}
            Some(before) if distinct || !threshold.key.is_empty() => before.0 = ix,
            _ => counted.push((ix, counts_as)),
        }
        let enough = counted.len() >= threshold.at_least as usize;
        if enough && !in_episode {
            reached.push((ix, counted.iter().map(|(at, _)| *at).collect()));
        }
        in_episode = enough;
    }
    reached
}

fn still_counts(
    past: Instant,
    now: Instant,
    span: Term,
    zone: Zone,
    calendar: &crate::domain::calendar::Calendar,
) -> bool {
    let none = Pauses::none();
    let how = Counting {
        zone,
        calendar,
        end: End::Midnight,
        shift: Shift::None,
        pauses: &none,
    };
    match deadline::reckon(past, span, &how) {
        Ok(reckoned) => reckoned.due.on_time(now),
        // A span that leads out of the calendar's range has no end that could be passed.
        Err(_) => true,
    }
}

/// Fills a template from a case. A gap alone keeps the kind of its value; an empty gap gives no value at all.
pub fn fill(template: &Template, case: &str, data: &Fields) -> Option<Value> {
    if let [Piece::Field(field, otherwise)] = template.0.as_slice() {
        let text = |t: &Id| Value::Text(t.clone());
        return match field.as_ref() {
            "case" => Some(Value::Text(case.into())),
            name => data
                .get(name)
                .filter(|v| v.is_filled())
                .cloned()
                .or_else(|| otherwise.as_ref().map(text)),
        };
    }
    let mut filled = String::new();
    for piece in &template.0 {
        match piece {
            Piece::Literal(text) => filled.push_str(text),
            Piece::Field(field, _) if field.as_ref() == "case" => filled.push_str(case),
            Piece::Field(field, otherwise) => match data.get(field).filter(|v| v.is_filled()) {
                Some(value) => filled.push_str(&value.to_string()),
                None => filled.push_str(otherwise.as_deref().unwrap_or_default()),
            },
        }
    }
    Some(Value::Text(filled.into()))
}
