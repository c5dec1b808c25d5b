//! Events that are taken: what they open, change and end, and that twice is once.

use crate::bench::*;
use serde_json::{Value, json};

/// An answer without the mark that it was given before.
fn without_mark(mut answer: Value) -> Value {
    answer.as_object_mut().unwrap().remove("repeated");
    answer
}

#[test]
fn an_ordinary_complaint_is_followed_up_by_both_within_three_days() {
    let bench = server();
    let answer = resolved(&bench, "C-1");
    assert_eq!(rules(&answer["opened"]), ["complaint-follow-up", "form-collection"]);
    let edition = bench.get("/policies")["items"][0]["edition"].clone();
    let found = only(answer["opened"].as_array().unwrap(), "complaint-follow-up");
    let wanted = json!({
        "id": "C-1~complaint-follow-up~1", "case": "C-1", "kind": "complaint",
        "rule": "complaint-follow-up", "clause": "4.1.1(1)",
        "clauses": ["4.1.1(1)", "3.1", "4.1.3(1)", "4.1.3(2)"],
        "procedure": "fuheng/follow-up", "edition": edition, "title": "投诉回访",
        "standing": "open", "flags": [],
        "bearers": [
            { "role": "department", "title": "被投诉部门", "person": "chen", "name": "陈工", "stands_in": null },
            { "role": "area-manager", "title": "片区管理员", "person": "zhang", "name": "张蕾", "stands_in": null },
        ],
        "joint": true, "area": "east", "preferred_at": null, "opens_at": null,
        "due": { "kind": "day", "date": "2026-03-05", "at": "2026-03-06T00:00:00+08:00" },
        "projected_due": null, "original_due": null,
        "triggered_by": "C-1-2", "fulfilled_by": null, "ended_at": null, "breach": null, "level": 0,
        "missing": [], "early_attempts": [], "count": null, "done_by": ["complaint.followed-up"],
        "checklist": [], "hints": [], "notice": null,
        "form": ["channel", "quality", "effect", "satisfaction", "shortcomings", "suggestions", "resident_signed"],
        "channels": ["home-visit", "telephone", "letter"],
        "waived": null, "reason": null, "fault": null, "nominal_on": [],
    });
    assert_eq!(found, wanted);
    assert_eq!(answer["event"]["case"], "C-1");
    assert_eq!(answer["event"]["recorded_at"], "2026-03-02T12:00:00+08:00");
    for empty in ["closed", "changed", "gone", "effects", "spawned"] {
        assert_eq!(answer[empty], json!([]), "{empty}");
    }
    assert_eq!(answer["next"], answer["opened"]);
    assert!(answer.get("repeated").is_none());
    let asked = bench.get("/obligations/C-1~complaint-follow-up~1");
    assert_eq!(asked, found, "one obligation is the same wherever it is shown");
}

#[test]
fn a_major_complaint_is_the_directors_alone() {
    let bench = server();
    let mut data = complaint();
    data["severity"] = json!("major");
    bench.post(event("1", "complaint.received", "C-1", "02T09:00", data));
    let answer = bench.post(event("2", "complaint.resolved", "C-1", "02T10:00", json!({})));
    for obligation in answer["opened"].as_array().unwrap() {
        let bearers = obligation["bearers"].as_array().unwrap();
        assert_eq!(bearers.len(), 1, "{obligation}");
        assert_eq!(
            (&bearers[0]["role"], &bearers[0]["person"]),
            (&json!("director"), &json!("zhou"))
        );
        assert_eq!(obligation["joint"], false);
        assert_eq!(obligation["due"]["date"], "2026-03-05");
    }
    assert_eq!(answer["opened"].as_array().unwrap().len(), 2);
}

#[test]
fn one_of_two_who_owe_it_together_is_not_enough() {
    let bench = server();
    resolved(&bench, "C-1");
    bench.set("2026-03-04T18:00:00+08:00");
    let first = by(
        event("3", "complaint.followed-up", "C-1", "03T15:00", form()),
        "zhang",
        "area-manager",
    );
    let answer = bench.post(first);
    assert_eq!(answer["closed"], json!([]));
    let open = only(answer["next"].as_array().unwrap(), "complaint-follow-up");
    assert_eq!(
        (&open["standing"], &open["missing"]),
        (&json!("open"), &json!(["department"]))
    );
    assert_eq!(open["flags"], json!(["incomplete"]));
    let changed = only(answer["changed"].as_array().unwrap(), "complaint-follow-up");
    assert_eq!(changed["missing"], json!(["department"]));

    let second = by(
        event("4", "complaint.followed-up", "C-1", "04T15:00", json!({})),
        "chen",
        "department",
    );
    let answer = bench.post(second);
    let done = only(answer["closed"].as_array().unwrap(), "complaint-follow-up");
    assert_eq!(done["standing"], "fulfilled");
    assert_eq!(done["fulfilled_by"], "4");
    assert_eq!(done["ended_at"], "2026-03-04T15:00:00+08:00");
    assert_eq!((&done["breach"], &done["missing"]), (&Value::Null, &json!([])));
    assert_eq!(rules(&answer["opened"]), ["form-return"]);
}

#[test]
fn a_record_that_lacks_something_says_what() {
    let bench = server();
    resolved(&bench, "C-1");
    bench.set("2026-03-03T18:00:00+08:00");
    let mut visit = followed_up("3", "C-1", "03T15:00");
    visit["data"]["channel"] = json!("home-visit");
    visit["data"]["suggestions"] = Value::Null;
    bench.post(visit);
    let open = bench.owed("C-1", "complaint-follow-up");
    assert_eq!(open["missing"], json!(["suggestions", "resident_signed"]));
    assert_eq!(
        (&open["standing"], &open["flags"]),
        (&json!("open"), &json!(["incomplete"]))
    );
}

#[test]
fn a_second_follow_up_opens_a_month_after_the_repair() {
    let bench = server_at("2026-02-10T12:00:00+08:00");
    let what = json!({ "building": "6", "customer": "李先生 6-1-101", "item": "水管漏水" });
    bench.post(event("1", "repair.requested", "R-1", "2026-01-30T09:00:00+08:00", what));
    bench.post(event(
        "2",
        "repair.finished",
        "R-1",
        "2026-01-31T10:00:00+08:00",
        json!({}),
    ));
    let asked = event(
        "3",
        "repair.second-follow-up-needed",
        "R-1",
        "2026-02-03T10:00:00+08:00",
        json!({}),
    );
    let answer = bench.post(asked);
    let second = only(answer["opened"].as_array().unwrap(), "repair-second-follow-up");
    // January has a 31st, February and March are clamped each on its own: opens the day after 28 February.
    assert_eq!(second["opens_at"], "2026-03-01T00:00:00+08:00");
    assert_eq!(second["due"]["date"], "2026-03-31");
    assert_eq!(
        (&second["standing"], &second["triggered_by"]),
        (&json!("scheduled"), &json!("3"))
    );
    assert_eq!(second["bearers"][0]["person"], "li", "building 6 is in the west");

    let next = bench.get("/cases/R-1/next");
    let expected = ["repair-second-follow-up", "form-collection"];
    let mut upcoming = rules(&next["upcoming"]);
    upcoming.sort_unstable_by_key(|r| expected.iter().position(|e| e == r));
    assert_eq!(upcoming, expected);
    assert_eq!(rules(&next["next"]), ["repair-follow-up", "form-collection"]);
    let types: Vec<&Value> = next["events"].as_array().unwrap().iter().map(|e| &e["type"]).collect();
    assert!(types.contains(&&json!("repair.followed-up")), "{types:?}");

    let is_second = |o: &&Value| o["rule"] == "repair-second-follow-up";
    assert_eq!(bench.due("").iter().filter(is_second).count(), 0);
    let scheduled = bench.due("standing=scheduled&rule=repair-second-follow-up");
    assert_eq!(scheduled.len(), 1);
    assert_eq!(scheduled[0], second);
    // The day that it opens it is due work, without anybody having done anything.
    bench.set("2026-03-01T00:00:00+08:00");
    let open = bench.due("rule=repair-second-follow-up");
    assert_eq!((open.len(), &open[0]["standing"]), (1, &json!("open")));
    assert_eq!(bench.get("/cases/R-1/next")["upcoming"], json!([]));
}

#[test]
fn a_visit_before_the_window_opens_is_kept_and_does_not_count() {
    let bench = server_at("2026-02-20T12:00:00+08:00");
    let what = json!({ "building": "6", "customer": "李先生 6-1-101", "item": "水管漏水" });
    bench.post(event("1", "repair.requested", "R-1", "2026-01-30T09:00:00+08:00", what));
    bench.post(event(
        "2",
        "repair.finished",
        "R-1",
        "2026-01-31T10:00:00+08:00",
        json!({}),
    ));
    bench.post(event(
        "3",
        "repair.followed-up",
        "R-1",
        "2026-02-01T10:00:00+08:00",
        form(),
    ));
    bench.post(event(
        "4",
        "repair.second-follow-up-needed",
        "R-1",
        "2026-02-03T10:00:00+08:00",
        json!({}),
    ));
    bench.post(event(
        "5",
        "repair.followed-up",
        "R-1",
        "2026-02-19T10:00:00+08:00",
        form(),
    ));
    let second = bench.owed("R-1", "repair-second-follow-up");
    assert_eq!(
        (&second["standing"], &second["early_attempts"]),
        (&json!("scheduled"), &json!(["5"]))
    );
    assert_eq!(second["flags"], json!(["early_attempt"]));
}

#[test]
fn a_completion_that_comes_before_its_trigger_counts() {
    let bench = server();
    bench.set("2026-03-05T12:00:00+08:00");
    bench.post(event("1", "complaint.received", "C-1", "02T09:00", complaint()));
    bench.post(followed_up("3", "C-1", "04T15:00"));
    let answer = bench.post(event("2", "complaint.resolved", "C-1", "03T10:00", json!({})));
    let done = bench.owed("C-1", "complaint-follow-up");
    assert_eq!(
        (&done["standing"], &done["fulfilled_by"]),
        (&json!("fulfilled"), &json!("3")),
        "{answer}"
    );
    // One that happened before it does not.
    bench.post(event("a", "complaint.received", "C-2", "02T09:00", complaint()));
    bench.post(followed_up("c", "C-2", "02T15:00"));
    bench.post(event("b", "complaint.resolved", "C-2", "03T10:00", json!({})));
    assert_eq!(bench.owed("C-2", "complaint-follow-up")["standing"], "open");
}

#[test]
fn the_same_again_is_answered_like_the_first_time() {
    let bench = server();
    bench.post(event("1", "complaint.received", "C-1", "02T09:00", complaint()));
    let trigger = event("2", "complaint.resolved", "C-1", "02T10:00", json!({}));
    let first = bench.post(trigger.clone());
    // Later events of the case and the passing of time change nothing in it.
    bench.set("2026-03-10T12:00:00+08:00");
    bench.post(followed_up("3", "C-1", "09T15:00"));
    bench.post(event("4", "complaint.reopened", "C-1", "10T09:00", json!({})));
    let before = bench.fingerprint();
    let again = bench.try_post(&trigger).expect(200);
    assert_eq!(again["repeated"], true);
    assert_eq!(without_mark(again), first);
    assert_eq!(bench.fingerprint(), before);
}

#[test]
fn the_same_again_tells_again_what_the_engine_opened() {
    let bench = server();
    resolved(&bench, "C-1");
    bench.set("2026-03-04T12:00:00+08:00");
    let mut bad = followed_up("3", "C-1", "03T15:00");
    bad["data"]["qualified"] = json!(false);
    let first = bench.post(bad.clone());
    let mut opened: Vec<&str> = first["spawned"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["threshold"].as_str().unwrap())
        .collect();
    opened.sort_unstable();
    assert_eq!(opened, ["unqualified", "unqualified-report"]);
    assert_eq!(first["effects"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&first["effects"][0]["kind"], &first["effects"][0]["to"]),
        (&json!("notify"), &json!("director"))
    );
    resolved(&bench, "C-2");
    let before = bench.fingerprint();
    let again = bench.try_post(&bad).expect(200);
    assert_eq!(again["repeated"], true);
    assert_eq!(without_mark(again), first);
    assert_eq!(bench.fingerprint(), before);
}

#[test]
fn other_content_under_a_used_id_is_a_conflict() {
    let bench = server();
    resolved(&bench, "C-1");
    let before = bench.fingerprint();
    let other = event("C-1-2", "complaint.resolved", "C-1", "02T11:00", json!({}));
    let problem = bench.try_post(&other).problem(409, "conflict");
    assert_eq!(problem["pointer"], "/id");
    assert_eq!(bench.fingerprint(), before);
    // The same id from another source is another event.
    let elsewhere = with(
        event(
            "C-1-2",
            "complaint.form-collected",
            "C-1",
            "02T11:00",
            json!({ "form_no": "7" }),
        ),
        "source",
        json!("app"),
    );
    bench.post(elsewhere);
}

#[test]
fn the_same_instant_written_otherwise_is_the_same() {
    let bench = server();
    let local = event("1", "complaint.received", "C-1", "2026-03-02T09:00:00", complaint());
    let answer = bench.post(local);
    assert_eq!(answer["event"]["occurred_at"], "2026-03-02T09:00:00+08:00");
    let utc = event("1", "complaint.received", "C-1", "2026-03-02T01:00:00Z", complaint());
    assert_eq!(bench.try_post(&utc).expect(200)["repeated"], true);
}

#[test]
fn a_whole_life_of_a_form_ends_with_its_disposal() {
    let bench = server();
    resolved(&bench, "C-1");
    bench.set("2026-03-05T12:00:00+08:00");
    let collected = event(
        "3",
        "complaint.form-collected",
        "C-1",
        "02T15:00",
        json!({ "form_no": "7" }),
    );
    bench.post(by(collected, "zhang", "area-manager"));
    bench.post(followed_up("4", "C-1", "03T15:00"));
    bench.post(event(
        "5",
        "complaint.form-returned",
        "C-1",
        "03T16:00",
        json!({ "signed": true }),
    ));
    let last = bench.post(event(
        "6",
        "complaint.form-reviewed",
        "C-1",
        "04T16:00",
        json!({ "opinion": "同意" }),
    ));
    assert_eq!(last["next"], json!([]), "nothing is owed any more");
    assert!(bench.due("case=C-1").is_empty());

    // Kept through 3 March 2028, the corresponding day; disposable the day after.
    let dispose = |id: &str, at: &str| {
        let what = json!({ "record": "4", "reason": "保管期满" });
        by(event(id, "record.disposed", "C-1", at, what), "wu", "assistant")
    };
    bench.set("2028-03-03T23:59:00+08:00");
    let before = bench.fingerprint();
    let problem = bench
        .try_post(&dispose("7", "2028-03-03T23:58:00+08:00"))
        .problem(422, "record-retained");
    assert_eq!(
        (&problem["pointer"], &problem["clause"]),
        (&json!("/data/record"), &json!("4.1.4"))
    );
    assert_eq!(bench.fingerprint(), before);
    bench.set("2028-03-04T00:00:00+08:00");
    bench.post(dispose("8", "2028-03-04T00:00:00+08:00"));
    let retention = bench.get("/reports/retention?record=follow-up");
    let row = &retention["rows"][0];
    assert_eq!((&row[6], &row[7]), (&json!("2028-03-03"), &json!("disposed")));
}

#[test]
fn a_waiver_ends_it_and_an_extension_moves_it() {
    let bench = server();
    resolved(&bench, "C-1");
    resolved(&bench, "C-2");
    bench.set("2026-03-03T12:00:00+08:00");
    let what = json!({ "obligation": "C-1~complaint-follow-up~1", "until": "2026-03-31", "reason": "住户已搬走" });
    let answer = bench.post(by(
        event("w", "obligation.waived", "C-1", "03T11:00", what),
        "zhou",
        "director",
    ));
    let waived = only(answer["changed"].as_array().unwrap(), "complaint-follow-up");
    assert_eq!(
        (&waived["standing"], &waived["reason"]),
        (&json!("waived"), &json!("住户已搬走"))
    );
    let what = json!({ "obligation": "C-2~complaint-follow-up~1", "to": "2026-03-09", "reason": "住户出差" });
    let answer = bench.post(by(
        event("x", "obligation.extended", "C-2", "03T11:00", what),
        "zhou",
        "director",
    ));
    let moved = only(answer["changed"].as_array().unwrap(), "complaint-follow-up");
    assert_eq!(
        (&moved["due"]["date"], &moved["original_due"]["date"]),
        (&json!("2026-03-09"), &json!("2026-03-05"))
    );
    assert_eq!(moved["flags"], json!(["extended"]));
}

#[test]
fn cloud_events_are_taken_one_by_one_and_in_batches() {
    let bench = server();
    let cloud = |id: &str, kind: &str, at: &str, data: Value| {
        json!({ "specversion": "1.0", "id": id, "source": "tickets", "type": kind, "subject": "C-1", "time": at,
                "datacontenttype": "application/json", "data": data })
    };
    let one = cloud("1", "complaint.received", "2026-03-02T09:00:00+08:00", complaint());
    let path = "/v1/companies/fuheng/events";
    let answer = bench
        .ask(
            "POST",
            path,
            "application/cloudevents+json; charset=utf-8",
            one.to_string(),
        )
        .expect(201);
    assert_eq!(
        (&answer["event"]["source"], &answer["event"]["case"]),
        (&json!("tickets"), &json!("C-1"))
    );
    let two = cloud("2", "complaint.resolved", "2026-03-02T10:00:00+08:00", json!({}));
    let batch = json!([one, two]).to_string();
    let answer = bench
        .ask("POST", path, "application/cloudevents-batch+json", batch)
        .expect(200);
    assert_eq!(answer, json!({ "accepted": 1, "repeated": 1, "refused": [] }));
    assert_eq!(bench.owed("C-1", "complaint-follow-up")["due"]["date"], "2026-03-05");
}
