//! One evaluator: over HTTP, after a restart, in reports, explained and in timelines an obligation is the same, byte for
//! byte.

use crate::cases;
use crate::office::{self, Office};
use guicheng::engine::case::Case;
use guicheng::engine::view;
use guicheng::service::ask::{Asked, Question};
use serde_json::Value;
use std::collections::BTreeMap;

/// Obligations by their ids, each as the text of its JSON.
type Texts = BTreeMap<String, String>;

fn by_id(items: &Value) -> Texts {
    let list = items.as_array().unwrap().iter();
    list.map(|o| (o["id"].as_str().unwrap().to_owned(), o.to_string()))
        .collect()
}

/// What /due lists over all pages.
fn due(office: &mut Office) -> Texts {
    let (mut all, mut cursor) = (Texts::new(), String::new());
    loop {
        let text = office.get(&format!("/due?standing=all&limit=500{cursor}"));
        let page: Value = serde_json::from_str(&text).unwrap();
        all.extend(by_id(&page["items"]));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

/// What cases fold to from nothing but their recorded events.
fn folded(office: &Office) -> Texts {
    let question = Question::new(&office.shared, &office.live, Asked::default());
    let (mut all, as_of) = (Texts::new(), question.as_of());
    let mut ids: Vec<String> = Vec::new();
    question.each_case(&mut |_, id, _| ids.push(id.to_owned())).unwrap();
    for id in ids {
        question
            .with_past(&id, &mut |before| {
                let mut case = Case::fold(&id, before.events, &before.ctx);
                case.advance(&id, as_of, &before.ctx);
                for o in case.obligations.iter().filter(|o| !o.is_hidden(as_of)) {
                    let shown = question.obligation_view(&id, &case, o);
                    all.insert(shown.id.clone(), serde_json::to_value(&shown).unwrap().to_string());
                }
                Ok(())
            })
            .unwrap();
    }
    all
}

#[track_caller]
fn same(what: &str, one: &Texts, other: &Texts) {
    let missing: Vec<&String> = one.keys().filter(|id| !other.contains_key(*id)).collect();
    let extra: Vec<&String> = other.keys().filter(|id| !one.contains_key(*id)).collect();
    assert!(
        missing.is_empty() && extra.is_empty(),
        "{what}: -{missing:?} +{extra:?}"
    );
    for (id, text) in one {
        assert_eq!(text, &other[id], "{what}: {id}");
    }
}

#[test]
fn an_obligation_is_the_same_wherever_it_is_asked_for() {
    let mut obligations = 0;
    for (company, events) in office::examples() {
        let mut office = Office::with_examples(&company, &events);
        let fold = folded(&office);
        let live = due(&mut office);
        same(&format!("{company}: /due and the fold of the record"), &live, &fold);
        let ids: Vec<&String> = live.keys().collect();
        // Each by itself, as a case shows it, and as it is explained.
        for id in ids.iter().step_by(crate::size(11, 1)) {
            let alone = office.get(&format!("/obligations/{id}"));
            let alone: Value = serde_json::from_str(&alone).unwrap();
            assert_eq!(alone.to_string(), live[*id], "{company}: alone");
            let case = alone["case"].as_str().unwrap();
            let shown: Value = serde_json::from_str(&office.get(&format!("/cases/{case}"))).unwrap();
            let shown = by_id(&shown["obligations"]);
            assert_eq!(shown[*id], live[*id], "{company}: in its case");
            let said: Value = serde_json::from_str(&office.get(&format!("/obligations/{id}/explain"))).unwrap();
            for field in [
                "id",
                "case",
                "title",
                "standing",
                "flags",
                "rule",
                "joint",
                "original_due",
            ] {
                assert_eq!(said[field], alone[field], "{company}: {id} explained: {field}");
            }
            let due = if alone["due"].is_null() {
                &alone["projected_due"]
            } else {
                &alone["due"]
            };
            assert_eq!(&said["due"], due, "{company}: {id} explained");
            let edition = &said["procedure"]["edition"];
            assert_eq!(edition, &alone["edition"], "{company}: {id} explained");
        }
        // A report is made of the same obligations.
        let plan: Value = serde_json::from_str(&office.get("/reports/plan?period=2026-03")).unwrap();
        for row in plan["rows"].as_array().unwrap() {
            let Some(of) = row["id"]
                .as_str()
                .or(row["obligation"].as_str())
                .and_then(|id| live.get(id))
            else {
                continue;
            };
            let of: Value = serde_json::from_str(of).unwrap();
            assert_eq!(row["standing"], of["standing"], "{company}: plan {row}");
        }
        let before = live.clone();
        office.reopen();
        same(&format!("{company}: after a restart"), &before, &due(&mut office));
        obligations += before.len();
    }
    println!(
        "{obligations} obligations are the same live, folded, alone, in their case, explained and after a restart"
    );
    assert!(obligations > 1_500, "only {obligations}");
}

/// In the worked cases the timeline's evaluator, the fold, and one event after the other end in the same obligations.
#[test]
fn an_obligation_of_a_timeline_is_the_same_folded_whole_or_step_by_step() {
    let mut compared = 0;
    for worked in cases::all() {
        cases::each(&worked, &mut |world, id, case, events, at| {
            let ctx = world.context();
            let mut stepped = Case::default();
            for event in guicheng::engine::case::in_order(events, &world.history) {
                stepped.step(id, &event, &ctx);
            }
            stepped.advance(id, at, &ctx);
            let text = |case: &Case| -> Vec<String> {
                let shown = case.obligations.iter();
                let shown = shown.map(|o| view::obligation_view(&worked.company, id, case, o, at));
                shown.map(|o| serde_json::to_string(&o).unwrap()).collect()
            };
            let (whole, steps) = (text(case), text(&stepped));
            assert_eq!(whole, steps, "{} {id} {at}", worked.name);
            compared += whole.len();
        });
    }
    println!("{compared} obligations of worked cases are the same folded whole and step by step");
    assert!(compared > 600, "only {compared}");
}
