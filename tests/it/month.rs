//! A month of Fuheng's life as it might have been reported, held against what plain date arithmetic over the list of its
//! cases says must come of it (`tests/month/make.py`).

use crate::bench::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

fn expected() -> Value {
    let text = fs::read_to_string(root().join("tests/month/expected.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn month() -> String {
    fs::read_to_string(root().join("examples/fuheng-2026-03.ndjson")).unwrap()
}

fn list<'a>(value: &'a Value, field: &str) -> &'a Vec<Value> {
    value[field].as_array().unwrap_or_else(|| panic!("{field}"))
}

fn scope(expected: &Value) -> BTreeSet<String> {
    list(&expected["scope"], "cases")
        .iter()
        .map(|c| c.as_str().unwrap().to_owned())
        .collect()
}

/// The obligations of the cases in scope, whatever they are by now.
fn obligations(bench: &Bench, scope: &BTreeSet<String>) -> Vec<Value> {
    let all = bench.due("standing=all");
    all.into_iter()
        .filter(|o| scope.contains(o["case"].as_str().unwrap()))
        .collect()
}

/// Which course of its case an obligation belongs to: the number at the end of its id.
fn cycle(id: &Value) -> u64 {
    let id = id.as_str().unwrap();
    id.rsplit('~')
        .next()
        .unwrap()
        .split('.')
        .next()
        .unwrap()
        .parse()
        .unwrap()
}

/// Both ways: nothing is missing, nothing is there that is not expected.
#[track_caller]
fn compare(what: &str, expected: Vec<Value>, found: Vec<Value>) {
    let count = |list: &[Value]| {
        let mut counts: BTreeMap<String, i64> = BTreeMap::new();
        for value in list {
            *counts.entry(value.to_string()).or_default() += 1;
        }
        counts
    };
    let (wanted, there) = (count(&expected), count(&found));
    let lacks = |a: &BTreeMap<String, i64>, b: &BTreeMap<String, i64>| -> Vec<String> {
        a.iter()
            .filter(|(k, n)| b.get(*k).is_none_or(|m| m < n))
            .map(|(k, _)| k.clone())
            .collect()
    };
    let (missing, extra) = (lacks(&wanted, &there), lacks(&there, &wanted));
    assert!(
        missing.is_empty() && extra.is_empty(),
        "{what}\nexpected and not found:\n{}\nfound and not expected:\n{}",
        missing.join("\n"),
        extra.join("\n")
    );
    assert!(!expected.is_empty(), "{what}: nothing is expected");
}

/// What an obligation of /due looks like in the list of expectations.
fn due_line(o: &Value) -> Value {
    let roles: Vec<&Value> = list(o, "bearers").iter().map(|b| &b["role"]).collect();
    let mut line = json!({
        "case": o["case"], "rule": o["rule"], "standing": o["standing"], "due_on": o["due"]["date"], "roles": roles,
    });
    if cycle(&o["id"]) > 1 {
        line["cycle"] = json!(cycle(&o["id"]));
    }
    if let Some(at) = o["opens_at"].as_str() {
        line["opens_on"] = json!(at.split('T').next().unwrap());
    }
    if !list(o, "missing").is_empty() {
        line["missing"] = o["missing"].clone();
    }
    line
}

fn held_against_expectations(bench: &Bench) {
    let expected = expected();
    let scope = scope(&expected);
    let all = obligations(bench, &scope);
    let live = |o: &&Value| ["open", "overdue", "scheduled", "paused"].contains(&o["standing"].as_str().unwrap());
    compare(
        "due",
        list(&expected, "due").clone(),
        all.iter().filter(live).map(due_line).collect(),
    );

    let mut fulfilled: BTreeMap<&str, Value> = BTreeMap::new();
    let mut breaches: BTreeMap<&str, u64> = BTreeMap::new();
    for rule in expected["fulfilled"].as_object().unwrap().keys() {
        fulfilled.insert(rule, json!({ "on_time": 0, "late": 0 }));
        breaches.insert(rule, 0);
    }
    for o in &all {
        let rule = o["rule"].as_str().unwrap();
        let counts = fulfilled
            .get_mut(rule)
            .unwrap_or_else(|| panic!("rule {rule} is not expected: {o}"));
        let word = match o["standing"].as_str().unwrap() {
            "fulfilled" => "on_time",
            "fulfilled_late" => "late",
            _ => "",
        };
        if !word.is_empty() {
            counts[word] = json!(counts[word].as_u64().unwrap() + 1);
        }
        if let Some(status) = o["breach"]["status"].as_str() {
            assert_eq!(status, "standing", "the file excuses and retracts none: {o}");
            *breaches.get_mut(rule).unwrap() += 1;
        }
    }
    assert_eq!(json!(fulfilled), expected["fulfilled"]);
    assert_eq!(json!(breaches), expected["breaches"]);

    let rates = bench.get("/rates?period=2026-03");
    let fields = [
        "rate",
        "period",
        "population",
        "done",
        "on_time",
        "target",
        "required",
        "met",
    ];
    let line = |r: &Value| {
        fields
            .iter()
            .map(|f| ((*f).to_owned(), r[*f].clone()))
            .collect::<Value>()
    };
    let ours: Vec<Value> = list(&rates, "items")
        .iter()
        .filter(|r| r["rate"] != "special-service")
        .map(line)
        .collect();
    compare("rates", list(&expected, "rates").iter().map(line).collect(), ours);

    let effects = bench.get("/effects?from=2026-03-01T00:00:00");
    let here = |e: &&Value| e["kind"] != "notify" && scope.contains(e["case"].as_str().unwrap());
    let line = |e: &Value| {
        assert_eq!(e["kind"], "escalate", "{e}");
        let mut line = json!({ "case": e["case"], "rule": e["rule"], "level": e["level"], "to": e["to"], "nominal_at": e["nominal_at"] });
        if cycle(&e["obligation"]) > 1 {
            line["cycle"] = json!(cycle(&e["obligation"]));
        }
        line
    };
    let told: Vec<Value> = list(&effects, "items").iter().filter(here).map(line).collect();
    compare("escalations", list(&expected, "escalations").clone(), told);

    spawned(bench, &expected);
    candidates(bench, &expected);
}

/// Cases that the engine opened: one for each expected one and no other, each told to the director where it must be.
fn spawned(bench: &Bench, expected: &Value) {
    let mut counts: BTreeMap<(String, String), u64> = BTreeMap::new();
    let mut triggers: BTreeMap<String, String> = BTreeMap::new();
    {
        let companies = bench.shared().companies.read();
        let world = companies["fuheng"].world.read();
        for slot in world.slots() {
            if let Some(cause) = &slot.case.cause {
                *counts
                    .entry((cause.rule.to_string(), cause.case.to_string()))
                    .or_default() += 1;
                triggers.insert(cause.case.to_string(), cause.event.to_string());
            }
        }
    }
    let found = counts
        .into_iter()
        .map(|((threshold, case), count)| json!({ "threshold": threshold, "case": case, "count": count }));
    let wanted = list(expected, "spawned")
        .iter()
        .map(|s| json!({ "threshold": s["threshold"], "case": s["case"], "count": s["count"] }));
    compare("spawned", wanted.collect(), found.collect());
    let effects = bench.get("/effects?from=2026-03-01T00:00:00");
    let notices = list(&effects, "items").iter().filter(|e| e["kind"] == "notify");
    let told = notices.map(|e| json!([e["rule"], e["case"], e["to"]])).collect();
    let unqualified = list(expected, "spawned")
        .iter()
        .filter(|s| s["threshold"] == "unqualified");
    compare(
        "notices",
        unqualified
            .map(|s| json!([s["threshold"], s["case"], "director"]))
            .collect(),
        told,
    );

    // Where repetition was counted, the event that reached the count is that many-th of its customer and matter.
    let events: Vec<Value> = month().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    for own in list(expected, "spawned").iter().filter(|s| s.get("reached").is_some()) {
        let id = &triggers[own["case"].as_str().unwrap()];
        let last = events.iter().find(|e| e["id"] == **id).unwrap();
        let same = events.iter().filter(|e| {
            ["customer", "item", "matter"]
                .iter()
                .all(|f| e["data"][f] == last["data"][f])
                && e["type"] == last["type"]
                && e["occurred_at"].as_str() <= last["occurred_at"].as_str()
        });
        assert_eq!(json!(same.count()), own["reached"], "{own}");
    }
}

/// Special services: which of them must be followed up is drawn in secret, but each could be, at its time.
fn candidates(bench: &Bench, expected: &Value) {
    let mut owed = 0;
    for candidate in list(expected, "drawn_candidates") {
        let case = candidate["case"].as_str().unwrap();
        let o = bench.owed(case, candidate["rule"].as_str().unwrap());
        let undrawn = o["flags"].as_array().unwrap().contains(&json!("undrawn"));
        owed += u64::from(!undrawn);
        let own = candidate["due_on"].as_str().unwrap();
        // Drawn at the end of March it is owed five days later at the earliest.
        let topped = own.max("2026-04-05");
        let due = o["due"]["date"].as_str().unwrap();
        assert!(due == own || !undrawn && due == topped, "{candidate}: due on {due}");
        let opens = candidate["opens_on"]
            .as_str()
            .filter(|on| *on > candidate["triggered_on"].as_str().unwrap());
        let opened = o["opens_at"].as_str().map(|at| at.split('T').next().unwrap());
        assert_eq!(opened, opens, "{candidate}");
        let done = candidate["followed_up_at"].as_str();
        assert_eq!(o["ended_at"].as_str(), done, "{candidate}");
    }
    let rate = bench.get("/rates?rate=special-service&period=2026-03")["items"][0].clone();
    let all = list(expected, "drawn_candidates");
    assert_eq!(
        (&rate["population"], &rate["drawn"]),
        (&json!(all.len()), &json!(owed)),
        "{rate}"
    );
    let done = all.iter().filter(|c| !c["followed_up_at"].is_null()).count();
    assert_eq!(rate["done"], json!(done), "{rate}");
    assert_eq!(rate["required"], json!((all.len() * 3).div_ceil(10)), "{rate}");
}

#[test]
fn the_month_in_one_upload() {
    let bench = server_at("2026-04-20T12:00:00+08:00");
    let lines = month();
    let events: BTreeSet<String> = lines
        .lines()
        .map(|l| {
            let event: Value = serde_json::from_str(l).unwrap();
            event["id"].as_str().unwrap().to_owned()
        })
        .collect();
    let answer = bench.lines("", &lines).expect(200);
    let repeated = lines.lines().count() - events.len();
    assert_eq!(
        answer,
        json!({ "accepted": events.len(), "repeated": repeated, "refused": [] })
    );
    held_against_expectations(&bench);
}

#[test]
fn the_month_from_back_to_front() {
    let bench = server_at("2026-04-20T12:00:00+08:00");
    // What is corrected or taken back must be there: those lines keep their place after it.
    let month = month();
    let (mut first, then): (Vec<&str>, Vec<&str>) = month
        .lines()
        .partition(|l| !l.contains("\"corrects\"") && !l.contains("\"retracts\""));
    first.reverse();
    for piece in first.chunks(97) {
        bench.lines("", &piece.join("\n")).expect(200);
    }
    for line in then {
        bench.lines("", line).expect(200);
    }
    held_against_expectations(&bench);
}
