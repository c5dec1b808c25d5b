//! Corrections and retractions: what follows is worked out again, and what no longer holds is taken back.

use crate::bench::*;
use serde_json::{Value, json};

#[test]
fn a_corrected_trigger_moves_the_due_date_and_its_retraction_moves_it_back() {
    let bench = server();
    resolved(&bench, "C-1");
    let earlier = with(
        event("fix", "complaint.resolved", "C-1", "01T10:00", json!({})),
        "corrects",
        json!("C-1-2"),
    );
    // It was received the day before that, too.
    let received = with(
        event("fix-1", "complaint.received", "C-1", "01T09:00", complaint()),
        "corrects",
        json!("C-1-1"),
    );
    bench.post(received);
    let answer = bench.post(earlier);
    let moved = only(answer["changed"].as_array().unwrap(), "complaint-follow-up");
    assert_eq!(moved["due"]["date"], "2026-03-04");
    assert_eq!(
        moved["triggered_by"], "C-1-2",
        "a correction keeps the id of what it corrects"
    );
    assert_eq!(
        only(answer["changed"].as_array().unwrap(), "form-collection")["due"]["date"],
        "2026-03-04"
    );
    let answer = bench.post(with(
        event("back", "complaint.resolved", "C-1", "02T11:00", json!({})),
        "retracts",
        json!("fix"),
    ));
    assert_eq!(
        only(answer["changed"].as_array().unwrap(), "complaint-follow-up")["due"]["date"],
        "2026-03-05"
    );
}

#[test]
fn a_retracted_trigger_takes_its_obligations_with_it() {
    let bench = server();
    resolved(&bench, "C-1");
    let answer = bench.post(with(
        event("x", "complaint.resolved", "C-1", "02T11:00", json!({})),
        "retracts",
        json!("C-1-2"),
    ));
    assert_eq!(
        answer["gone"],
        json!(["C-1~complaint-follow-up~1", "C-1~form-collection~1"])
    );
    assert_eq!(answer["next"], json!([]));
    assert!(bench.due("case=C-1&standing=all").is_empty());
    bench
        .reply("/obligations/C-1~complaint-follow-up~1")
        .problem(404, "unknown-obligation");
    // It is resolved after all: the same obligation again.
    let answer = bench.post(event("again", "complaint.resolved", "C-1", "02T11:30", json!({})));
    assert_eq!(answer["opened"][0]["id"], "C-1~complaint-follow-up~1");
}

#[test]
fn a_retracted_completion_is_owed_again() {
    let bench = server();
    resolved(&bench, "C-1");
    bench.set("2026-03-05T12:00:00+08:00");
    bench.post(followed_up("3", "C-1", "03T15:00"));
    let answer = bench.post(with(
        event("x", "complaint.followed-up", "C-1", "05T11:00", json!({})),
        "retracts",
        json!("3"),
    ));
    let open = bench.owed("C-1", "complaint-follow-up");
    assert_eq!(
        (&open["standing"], &open["fulfilled_by"]),
        (&json!("open"), &Value::Null)
    );
    assert_eq!(answer["gone"], json!(["C-1~form-return~1"]));
}

#[test]
fn the_complaint_of_an_unqualified_visit_goes_when_the_visit_was_qualified_after_all() {
    let mut bench = server();
    resolved(&bench, "C-1");
    bench.set("2026-03-04T12:00:00+08:00");
    let mut bad = followed_up("3", "C-1", "03T15:00");
    bad["data"]["qualified"] = json!(false);
    let answer = bench.post(bad.clone());
    let linked = answer["spawned"]
        .as_array()
        .unwrap()
        .iter()
        .find(|s| s["type"] == "complaint.received")
        .unwrap();
    let linked = linked["case"].as_str().unwrap().to_owned();
    let view = bench.get(&format!("/cases/{linked}"));
    assert_eq!(
        (&view["origin"], &view["data"]["origin"]),
        (&json!("C-1"), &json!("C-1"))
    );
    assert_eq!(view["data"]["customer"], "王女士 1-2-301");
    assert_eq!(
        view["events"][0]["cause"],
        json!({ "rule": "unqualified", "case": "C-1", "event": "3" })
    );
    assert_eq!(bench.due("rule=improvement-report").len(), 1);
    assert_eq!(
        bench.get("/effects?from=2026-03-01T00:00:00")["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );

    let mut good = with(bad, "corrects", json!("3"));
    good["id"] = json!("3-fixed");
    good["data"]["qualified"] = json!(true);
    let answer = bench.post(good);
    let taken_back: Vec<&Value> = answer["spawned"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| &s["case"])
        .collect();
    assert!(taken_back.contains(&&json!(linked)), "{answer}");
    assert!(bench.due("rule=improvement-report&standing=all").is_empty());
    let view = bench.get(&format!("/cases/{linked}"));
    assert_eq!(view["events"].as_array().unwrap().len(), 2);
    assert_eq!(view["events"][1]["retracts"], view["events"][0]["id"]);
    assert_eq!(view["obligations"], json!([]));
    let effects = bench.get("/effects?from=2026-03-01T00:00:00");
    let told = effects["items"].as_array().unwrap();
    // Effects are never deleted: that it was told stays, and that it was taken back is told as well.
    let kinds: Vec<&Value> = told.iter().map(|e| &e["kind"]).collect();
    assert_eq!(kinds, [&json!("notify"), &json!("withdraw")], "{effects}");
    // The visit itself counts as before.
    assert_eq!(bench.owed("C-1", "complaint-follow-up")["standing"], "fulfilled");

    // It was unqualified after all: the same case is there again, once, also for a server that starts anew.
    let mut again = followed_up("3-again", "C-1", "03T15:00");
    again["data"]["qualified"] = json!(false);
    bench.post(with(again, "corrects", json!("3-fixed")));
    let told = |bench: &Bench| {
        let effects = bench.get("/effects?from=2026-03-01T00:00:00");
        let kinds = effects["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| e["kind"].as_str().unwrap().to_owned());
        kinds.collect::<Vec<_>>()
    };
    assert_eq!(told(&bench), ["notify", "withdraw", "notify"]);
    assert_eq!(bench.due("rule=improvement-report").len(), 1);
    bench.restart();
    assert_eq!(told(&bench), ["notify", "withdraw", "notify"]);
    let other = event(
        "5",
        "complaint.form-returned",
        "C-1",
        "04T11:00",
        json!({ "signed": true }),
    );
    assert_eq!(
        bench.post(other)["spawned"],
        json!([]),
        "nothing is opened or taken back twice"
    );
}

#[test]
fn the_outcome_of_a_linked_complaint_is_written_back() {
    let bench = server();
    resolved(&bench, "C-1");
    bench.set("2026-03-04T12:00:00+08:00");
    let mut bad = followed_up("3", "C-1", "03T15:00");
    bad["data"]["qualified"] = json!(false);
    let answer = bench.post(bad);
    let linked = answer["spawned"]
        .as_array()
        .unwrap()
        .iter()
        .find(|s| s["type"] == "complaint.received")
        .unwrap();
    let linked = linked["case"].as_str().unwrap();
    bench.set("2026-03-05T12:00:00+08:00");
    let answer = bench.post(event("4", "complaint.resolved", linked, "05T10:00", json!({})));
    assert_eq!(answer["spawned"][0]["type"], "complaint.outcome-recorded");
    assert_eq!(answer["spawned"][0]["case"], "C-1");
    let events = bench.get("/cases/C-1")["events"].clone();
    let written = events.as_array().unwrap().last().unwrap();
    assert_eq!(
        (&written["type"], &written["data"]["linked"]),
        (&json!("complaint.outcome-recorded"), &json!(linked))
    );
}

#[test]
fn late_evidence_of_timely_work_takes_the_escalation_back() {
    let bench = server();
    resolved(&bench, "C-1");
    bench.set("2026-03-08T12:00:00+08:00");
    let late = bench.owed("C-1", "complaint-follow-up");
    assert_eq!(
        (&late["standing"], &late["level"], &late["breach"]["status"]),
        (&json!("overdue"), &json!(2), &json!("standing"))
    );
    bench.post(followed_up("3", "C-1", "05T23:59"));
    let done = bench.owed("C-1", "complaint-follow-up");
    assert_eq!((&done["standing"], &done["level"]), (&json!("fulfilled"), &json!(0)));
    assert_eq!(
        (&done["breach"]["status"], &done["flags"]),
        (&json!("retracted"), &json!(["backdated"]))
    );
    let effects = bench.get("/effects");
    let told: Vec<(&Value, &Value, &Value)> = effects["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|e| e["case"] == "C-1")
        .map(|e| (&e["kind"], &e["to"], &e["at"]))
        .collect();
    let at = |text: &str| json!(text);
    assert_eq!(
        told,
        [
            (&at("escalate"), &at("assistant"), &at("2026-03-06T00:00:00+08:00")),
            (&at("escalate"), &at("director"), &at("2026-03-07T00:00:00+08:00")),
            (&at("withdraw"), &at("assistant"), &at("2026-03-08T12:00:00+08:00")),
            (&at("withdraw"), &at("director"), &at("2026-03-08T12:00:00+08:00")),
        ]
    );
}
