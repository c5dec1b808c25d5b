//! Batches: whole or not at all, unless the good lines are asked for.

use crate::bench::*;
use serde_json::{Value, json};

fn pair(case: &str) -> Vec<Value> {
    vec![
        event(
            &format!("{case}-1"),
            "complaint.received",
            case,
            "02T09:00",
            complaint(),
        ),
        event(&format!("{case}-2"), "complaint.resolved", case, "02T10:00", json!({})),
    ]
}

fn numbers(list: &Value) -> Vec<(u64, &str)> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|r| (r["line"].as_u64().unwrap(), r["code"].as_str().unwrap()))
        .collect()
}

#[test]
fn a_batch_is_taken_and_what_was_taken_before_is_counted() {
    let bench = server();
    let mut lines = pair("C-1");
    lines.push(lines[1].clone());
    assert_eq!(
        bench.batch("", &lines).expect(200),
        json!({ "accepted": 2, "repeated": 1, "refused": [] })
    );
    let before = bench.fingerprint();
    assert_eq!(
        bench.batch("", &lines).expect(200),
        json!({ "accepted": 0, "repeated": 3, "refused": [] })
    );
    assert_eq!(bench.fingerprint(), before);
    // An event of a batch that is posted alone later is known too.
    assert_eq!(bench.try_post(&lines[1]).expect(200)["repeated"], true);
}

#[test]
fn one_bad_line_refuses_all_and_every_bad_line_is_named() {
    let bench = server();
    resolved(&bench, "C-0");
    let before = bench.fingerprint();
    let mut lines = pair("C-1");
    lines.insert(1, event("x", "complaint.recieved", "C-1", "02T09:00", complaint()));
    lines.push(event("C-0-1", "complaint.received", "C-0", "02T09:30", complaint()));
    let waiver = json!({ "obligation": "C-0~complaint-follow-up~1", "until": "2026-12-31", "reason": "忙" });
    lines.push(by(
        event("w", "obligation.waived", "C-0", "02T11:00", waiver),
        "zhang",
        "area-manager",
    ));
    lines.push(with(
        event("y", "complaint.resolved", "C-1", "02T10:00", json!({})),
        "corrects",
        json!("nowhere"),
    ));
    lines.push(event("z", "complaint.resolved", "C-1", "02T13:00", json!({})));
    let problem = bench.batch("", &lines).problem(422, "batch-refused");
    let expected = [
        (2, "unknown-type"),
        (4, "conflict"),
        (5, "not-authorised"),
        (6, "unknown-event"),
        (7, "in-future"),
    ];
    assert_eq!(numbers(&problem["errors"]), expected);
    assert_eq!(problem["errors"][0]["id"], "x");
    assert_eq!(problem["errors"][0]["pointer"], "/type");
    assert_eq!(problem["errors"][2]["clause"], "4.1.1(1)");
    assert_eq!(bench.fingerprint(), before);
    bench.reply("/cases/C-1").problem(404, "unknown-case");
    // What was refused has left no trace: the good lines are new.
    assert_eq!(bench.batch("", &pair("C-1")).expect(200)["accepted"], 2);
}

#[test]
fn a_batch_that_fails_midway_leaves_nothing() {
    let bench = server();
    let mut lines = pair("C-1");
    let waiver = json!({ "obligation": "C-1~complaint-follow-up~1", "until": "2026-12-31", "reason": "忙" });
    lines.push(by(
        event("w", "obligation.waived", "C-1", "02T11:00", waiver),
        "zhang",
        "area-manager",
    ));
    let before = bench.fingerprint();
    let problem = bench.batch("", &lines).problem(422, "batch-refused");
    assert_eq!(numbers(&problem["errors"]), [(3, "not-authorised")]);
    assert_eq!(bench.fingerprint(), before);
    let answer = bench.batch("?partial=true", &lines).expect(200);
    assert_eq!(
        (&answer["accepted"], numbers(&answer["refused"])),
        (&json!(2), vec![(3, "not-authorised")])
    );
    assert_eq!(bench.owed("C-1", "complaint-follow-up")["standing"], "open");
    // The numbers in the record go on without a gap.
    resolved(&bench, "C-2");
    assert_eq!(bench.owed("C-2", "complaint-follow-up")["standing"], "open");
}

#[test]
fn partial_takes_the_good_lines() {
    let bench = server();
    let mut lines = pair("C-1");
    lines.insert(0, event("x", "complaint.recieved", "C-1", "02T09:00", complaint()));
    lines.push(lines[2].clone());
    let answer = bench.batch("?partial=true", &lines).expect(200);
    assert_eq!((&answer["accepted"], &answer["repeated"]), (&json!(2), &json!(1)));
    assert_eq!(numbers(&answer["refused"]), [(1, "unknown-type")]);
    bench
        .ask(
            "POST",
            "/v1/companies/fuheng/events?partial=yes",
            "application/x-ndjson",
            "",
        )
        .problem(400, "bad-parameter");
}

#[test]
fn a_line_twice_in_one_batch_with_other_content_is_a_conflict() {
    let bench = server();
    let mut lines = pair("C-1");
    lines.push(event("C-1-2", "complaint.resolved", "C-1", "02T11:00", json!({})));
    let problem = bench.batch("", &lines).problem(422, "batch-refused");
    assert_eq!(numbers(&problem["errors"]), [(3, "conflict")]);
    bench.reply("/cases/C-1").problem(404, "unknown-case");
}

#[test]
fn a_line_is_repeated_only_if_it_was_taken() {
    let bench = server();
    resolved(&bench, "C-0");
    let waiver = json!({ "obligation": "C-0~complaint-follow-up~1", "until": "2026-12-31", "reason": "忙" });
    let line = by(
        event("w", "obligation.waived", "C-0", "02T11:00", waiver),
        "zhang",
        "area-manager",
    );
    let answer = bench.batch("?partial=true", &[line.clone(), line]).expect(200);
    assert_eq!(
        (&answer["accepted"], &answer["repeated"]),
        (&json!(0), &json!(0)),
        "{answer}"
    );
    assert_eq!(
        numbers(&answer["refused"]),
        [(1, "not-authorised"), (2, "not-authorised")]
    );
}

#[test]
fn unreadable_lines_are_named_by_their_place_in_the_file() {
    let bench = server();
    let good = pair("C-1");
    // Windows line ends and blank lines count as lines and are no events.
    let text = format!("\r\n{}\r\n\r\n{{\"id\": \"broken\r\n{}\r\n  \r\n[1]", good[0], good[1]);
    let problem = bench.lines("", &text).problem(422, "batch-refused");
    assert_eq!(numbers(&problem["errors"]), [(4, "unreadable"), (7, "unreadable")]);
    let answer = bench.lines("?partial=true", &text).expect(200);
    assert_eq!((&answer["accepted"], &answer["repeated"]), (&json!(2), &json!(0)));
    assert_eq!(numbers(&answer["refused"]), [(4, "unreadable"), (7, "unreadable")]);
}

#[test]
fn an_empty_batch_changes_nothing() {
    let bench = server();
    let before = bench.fingerprint();
    for text in ["", "\n", "\r\n \n\t\r\n"] {
        assert_eq!(
            bench.lines("", text).expect(200),
            json!({ "accepted": 0, "repeated": 0, "refused": [] })
        );
    }
    let path = "/v1/companies/fuheng/events";
    let answer = bench
        .ask("POST", path, "application/cloudevents-batch+json", "[]")
        .expect(200);
    assert_eq!(answer["accepted"], 0);
    assert_eq!(bench.fingerprint(), before);
}

#[test]
fn the_order_of_the_lines_does_not_matter() {
    let lines = |case: &str| {
        let mut lines = pair(case);
        lines.push(followed_up(&format!("{case}-3"), case, "02T11:00"));
        lines.push(event(
            &format!("{case}-4"),
            "complaint.form-returned",
            case,
            "02T11:30",
            json!({ "signed": true }),
        ));
        lines
    };
    let view = |order: &[usize]| {
        let bench = server();
        let all = lines("C-1");
        let some: Vec<Value> = order.iter().map(|ix| all[*ix].clone()).collect();
        assert_eq!(bench.batch("", &some).expect(200)["accepted"], 4);
        bench.get("/cases/C-1")["obligations"].clone()
    };
    let plain = view(&[0, 1, 2, 3]);
    assert_eq!(only(plain.as_array().unwrap(), "form-return")["standing"], "fulfilled");
    for order in [[3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2]] {
        assert_eq!(view(&order), plain, "{order:?}");
    }
}

#[test]
fn a_batch_can_be_tried_without_being_recorded() {
    let bench = server();
    resolved(&bench, "C-0");
    let before = bench.fingerprint();
    let answer = bench.batch("?dry_run=true", &pair("C-1")).expect(200);
    assert_eq!((&answer["accepted"], &answer["dry_run"]), (&json!(2), &json!(true)));
    let wrong = event("x", "complaint.recieved", "C-1", "02T09:00", complaint());
    bench.batch("?dry_run=true", &[wrong]).problem(422, "batch-refused");
    assert_eq!(bench.fingerprint(), before);
    assert_eq!(bench.batch("", &pair("C-1")).expect(200)["accepted"], 2);
}

#[test]
fn history_in_bulk_tells_nobody_of_what_is_long_past() {
    let mut bench = server_at("2026-04-01T12:00:00+08:00");
    let mut lines = pair("C-1");
    let mut bad = followed_up("C-1-3", "C-1", "20T10:00");
    bad["data"]["qualified"] = json!(false);
    lines.push(bad);
    let answer = bench.batch("?effects_from=2026-04-01T00:00:00", &lines).expect(200);
    assert_eq!(answer["accepted"], 3);
    let told = |bench: &Bench| bench.get("/effects")["items"].clone();
    let check = |bench: &Bench| {
        // What still stands open is told of once, on the day from which history is told of; what ended is not.
        let told = told(bench);
        assert_eq!(told.as_array().map(Vec::len), Some(1), "{told}");
        assert_eq!(
            (&told[0]["rule"], &told[0]["to"]),
            (&json!("form-return"), &json!("assistant"))
        );
        assert_eq!(bench.owed("C-1", "complaint-follow-up")["standing"], "fulfilled_late");
        assert!(bench.due("rule=improvement-report&standing=all").is_empty());
    };
    check(&bench);
    bench.restart();
    check(&bench);
    // The same lines again, without being history, are the same events.
    assert_eq!(bench.batch("", &lines).expect(200)["repeated"], 3);
}
