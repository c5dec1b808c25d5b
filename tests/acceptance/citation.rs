//! Everything that is decided cites its clause, its edition and the event it comes from, and what is cited leads back to
//! it: the recorded events, decided once more under the recorded editions, come to the same.

use crate::office::{self, Office};
use crate::size;
use guicheng::engine::case::Case;
use guicheng::engine::history::History;
use guicheng::service::ask::{Asked, Question};
use guicheng::service::verify::{Verified, verify};
use guicheng::store::Store;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The edition of a row is one that served and has the row's clause.
#[track_caller]
fn cites(history: &History, row: &Value, place: &str) {
    let edition = row["edition"].as_str().unwrap_or_default();
    let procedure = history
        .in_edition(edition)
        .unwrap_or_else(|| panic!("{place}: no edition in {row}"));
    let clause = row["clause"].as_str().unwrap_or_default();
    let known = procedure.clauses.iter().any(|c| *c.id == *clause);
    assert!(
        known,
        "{place}: clause `{clause}` is not in edition {edition} of {}: {row}",
        procedure.head.id
    );
}

fn list(office: &mut Office, path: &str, field: &str) -> Vec<Value> {
    let said: Value = serde_json::from_str(&office.get(path)).unwrap();
    said[field]
        .as_array()
        .unwrap_or_else(|| panic!("{path}: {said}"))
        .clone()
}

#[test]
fn every_row_cites_what_it_comes_from() {
    let (mut obligations, mut effects, mut rates, mut penalties, mut samples, mut derived) = (0, 0, 0, 0, 0, 0);
    for (company, events) in office::examples() {
        let mut office = Office::with_examples(&company, &events);
        let history = office.live.history();
        let mut ids: BTreeSet<String> = BTreeSet::new();
        let question = Question::new(&office.shared, &office.live, Asked::default());
        let mut cases: Vec<(String, u64)> = Vec::new();
        question
            .each_case(&mut |_, id, case| cases.push((id.to_owned(), case.head)))
            .unwrap();
        for (id, head) in &cases {
            ids.extend(office.shared.past(id, *head).unwrap().iter().map(|e| e.id.to_string()));
        }
        for (id, _) in &cases {
            question
                .with_past(id, &mut |before| {
                    // Nothing is given but the events on record and the editions that are cited.
                    let mut again = Case::fold(id, before.events, &before.ctx);
                    again.advance(id, before.as_of, &before.ctx);
                    for o in &before.case.obligations {
                        let row = serde_json::to_value(question.obligation_view(id, before.case, o)).unwrap();
                        let place = format!("{company} {}", row["id"]);
                        cites(&history, &row, &place);
                        let edition = history.in_edition(row["edition"].as_str().unwrap()).unwrap();
                        let rule = edition.duties.iter().find(|d| row["rule"] == d.id.as_ref());
                        assert!(rule.is_some(), "{place}: the edition has no such rule");
                        assert!(ids.contains(row["triggered_by"].as_str().unwrap()), "{place}: {row}");
                        let (_, same) = again.find(&o.key()).unwrap();
                        let same = serde_json::to_value(question.obligation_view(id, &again, same)).unwrap();
                        assert_eq!(row.to_string(), same.to_string(), "{place}");
                        derived += 1;
                    }
                    obligations += before.case.obligations.len();
                    Ok(())
                })
                .unwrap();
        }
        drop(question);
        for row in list(&mut office, "/effects", "items") {
            cites(&history, &row, &company);
            assert!(ids.contains(row["event"].as_str().unwrap()), "{company}: {row}");
            effects += 1;
        }
        for row in list(&mut office, "/rates?period=2026-03", "items") {
            cites(&history, &row, &company);
            rates += 1;
        }
        for row in list(&mut office, "/penalties?period=2026-03", "items") {
            cites(&history, &row, &company);
            let from = row["event"].as_str().map(|id| ids.contains(id));
            let from = from.unwrap_or_else(|| row["obligation"].as_str().is_some_and(|id| id.contains('~')));
            assert!(from, "{company}: {row}");
            penalties += 1;
        }
        for row in list(&mut office, "/samples", "items") {
            cites(&history, &row, &company);
            samples += 1;
        }
    }
    println!(
        "{obligations} obligations ({derived} derived again), {effects} effects, {rates} rates, {penalties} penalties, {samples} samples cite clause, edition and event"
    );
    assert!(
        obligations > 1_500 && effects > 100 && rates > 5,
        "{obligations} {effects} {rates}"
    );
}

fn verified(office: &mut Office, record: Option<u64>) -> Verified {
    office.close();
    let reader = Store::open(&office.dir).unwrap().reader().unwrap();
    verify(&reader, record).unwrap()
}

#[test]
fn every_record_decides_again_what_it_says_it_decided() {
    let (mut records, mut different) = (0, Vec::new());
    for (company, events) in office::examples() {
        let mut office = Office::with_examples(&company, &events);
        let whole = verified(&mut office, None);
        assert_eq!(whole.events, whole.decided, "{company}");
        records += whole.decided;
        different.extend(whole.differences.into_iter().map(|d| (company.clone(), d)));
        let one = verified(&mut office, Some(5)).record.unwrap();
        assert_eq!(one.recorded, one.derived, "{company}");
        assert!(
            one.decisions
                .iter()
                .all(|d| !d.edition.is_empty() && !d.clause.is_empty()),
            "{company}: {one:?}"
        );
    }
    println!("{records} records decided again, {} otherwise", different.len());
    assert!(different.is_empty(), "{different:#?}");
    assert!(records > 2_000, "only {records}");
}

/// As many complaints as it takes, each received, resolved and followed up, in one record.
#[test]
fn a_long_record_decides_again_what_it_says_it_decided() {
    let mut office = Office::open(office::folder("fuheng"), "2026-03-02T08:00:00+08:00");
    let count = size(200, 50_000);
    let mut first = 0;
    while first < count {
        let batch = first..(first + 1_000).min(count);
        let mut events = Vec::new();
        for n in batch.clone() {
            let data = json!({ "severity": if n % 7 == 0 { "major" } else { "ordinary" }, "building": (n % 9 + 1).to_string(),
                               "department": "工程部", "customer": format!("业主{}", n % 500), "matter": "漏水" });
            let event = |step: &str, at: &str, data: &Value| {
                json!({ "id": format!("{n}-{step}"), "type": format!("complaint.{step}"), "case": format!("C-{n}"),
                        "occurred_at": at, "data": data })
            };
            events.push(event("received", "2026-03-02T09:00:00+08:00", &data));
            events.push(event("resolved", "2026-03-02T10:00:00+08:00", &json!({})));
        }
        let hour = 11 + (first / 1_000) % 12;
        let day = 2 + first / 12_000;
        office.set(&format!("2026-03-{day:02}T{hour:02}:00:00+08:00"));
        office.take(events);
        first = batch.end;
    }
    let whole = verified(&mut office, None);
    println!("{} records decided again, {} otherwise", whole.decided, whole.different);
    assert_eq!(whole.different, 0, "{:#?}", whole.differences);
    assert!(whole.decided >= 2 * count as u64);
}
