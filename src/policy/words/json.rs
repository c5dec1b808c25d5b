//! A document for programs: both languages, slot by slot.

use super::paper::{Document, Paper};
use super::slot::{Said, label};
use crate::policy::finding::Text;
use serde_json::{Value, json};

/// The document as JSON.
pub fn json(document: &Document) -> Value {
    json!({
        "company": document.company,
        "title": document.title,
        "on": document.on.map(|on| on.to_string()),
        "preface": document.preface.iter().map(text).collect::<Vec<_>>(),
        "procedures": document.papers.iter().map(paper).collect::<Vec<_>>(),
        "around": document.around.iter().map(said).collect::<Vec<_>>(),
    })
}

fn text(text: &Text) -> Value {
    json!({ "zh": text.zh, "en": text.en })
}

fn paper(paper: &Paper) -> Value {
    let clauses: Vec<Value> = paper
        .clauses
        .iter()
        .map(|clause| {
            let named = |at: &usize| {
                let said = paper.rules.get(*at);
                said.map(|said| json!({ "family": said.family, "id": said.id }))
                    .unwrap_or_default()
            };
            let rules: Vec<Value> = clause.rules.iter().map(named).collect();
            let also: Vec<Value> = clause
                .also
                .iter()
                .map(|(at, under)| json!({ "rule": named(at), "clause": under }))
                .collect();
            json!({ "id": clause.id, "text": clause.text, "manual": clause.manual, "rules": rules, "also": also })
        })
        .collect();
    json!({
        "id": paper.id,
        "title": paper.title,
        "document": paper.document,
        "effective": paper.effective.to_string(),
        "edition": paper.edition,
        "later": paper.later.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "head": said(&paper.head),
        "clauses": clauses,
        "rules": paper.rules.iter().map(said).collect::<Vec<_>>(),
        "params": paper.dated.iter().map(said).collect::<Vec<_>>(),
    })
}

fn said(said: &Said) -> Value {
    let slots: Vec<Value> = said
        .slots
        .iter()
        .map(|slot| json!({ "slot": slot.key, "label": text(&label(slot.key)), "text": text(&slot.text) }))
        .collect();
    json!({
        "family": said.family,
        "id": said.id,
        "title": said.title,
        "clauses": said.clauses,
        "bearers": text(&said.bearers),
        "text": text(&said.text()),
        "slots": slots,
    })
}
