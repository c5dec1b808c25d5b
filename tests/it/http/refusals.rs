//! What is refused, with which code, at which field, because of which clause; and that it changes nothing.

use crate::bench::*;
use serde_json::{Value, json};

/// An event that must be refused so; afterwards everything is as it was.
#[track_caller]
fn refused(bench: &Bench, event: Value, code: &str, pointer: &str, clause: Option<&str>) -> Value {
    let before = bench.fingerprint();
    let problem = bench.try_post(&event).problem(422, code);
    assert_eq!(problem["pointer"], pointer, "{problem}");
    assert_eq!(problem.get("clause").and_then(Value::as_str), clause, "{problem}");
    assert_eq!(bench.fingerprint(), before);
    problem
}

#[test]
fn names_that_nobody_knows() {
    let bench = server();
    resolved(&bench, "C-1");
    let before = bench.fingerprint();
    let there = event("x", "complaint.received", "C-9", "02T09:00", complaint()).to_string();
    for (method, path) in [
        ("POST", "/v1/companies/nobody/events"),
        ("GET", "/v1/companies/nobody/due"),
    ] {
        bench
            .ask(method, path, "application/json", there.clone())
            .problem(404, "unknown-company");
    }
    assert_eq!(bench.fingerprint(), before);

    let problem = refused(
        &bench,
        event("x", "complaint.recieved", "C-9", "02T09:00", complaint()),
        "unknown-type",
        "/type",
        None,
    );
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("did you mean `complaint.received`"),
        "{problem}"
    );
    let mut data = complaint();
    data["bulding"] = json!("1");
    let problem = refused(
        &bench,
        event("x", "complaint.received", "C-9", "02T09:00", data),
        "unknown-field",
        "/data/bulding",
        None,
    );
    assert!(
        problem["detail_zh"].as_str().unwrap().contains("是不是 `building`"),
        "{problem}"
    );
    let odd = by(
        event("x", "complaint.received", "C-9", "02T09:00", complaint()),
        "wu",
        "asistant",
    );
    let problem = refused(&bench, odd, "unknown-role", "/actor/role", None);
    assert!(problem["detail"].as_str().unwrap().contains("`assistant`"), "{problem}");
    let mut visit = followed_up("x", "C-1", "02T11:00");
    visit["data"]["participants"] = json!(["department", "nobody"]);
    refused(&bench, visit, "unknown-role", "/data/participants", Some("4.1.4"));
}

#[test]
fn data_that_does_not_fit() {
    let bench = server();
    resolved(&bench, "C-1");
    let mut data = complaint();
    data.as_object_mut().unwrap().remove("customer");
    refused(
        &bench,
        event("x", "complaint.received", "C-9", "02T09:00", data),
        "missing-data",
        "/data/customer",
        None,
    );
    let mut data = complaint();
    data["severity"] = json!("serious");
    refused(
        &bench,
        event("x", "complaint.received", "C-9", "02T09:00", data),
        "bad-value",
        "/data/severity",
        None,
    );
    let mut visit = followed_up("x", "C-1", "02T11:00");
    visit["data"]["channel"] = json!("wechat");
    let problem = refused(&bench, visit, "bad-value", "/data/channel", Some("4.1.4"));
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("home-visit, telephone, letter"),
        "{problem}"
    );
}

#[test]
fn times_that_cannot_be() {
    let bench = server();
    resolved(&bench, "C-1");
    let at = |at: &str| event("x", "complaint.received", "C-9", at, complaint());
    // Worked case S21: clocks went forward from 2 to 3 that night.
    refused(&bench, at("1991-04-14T02:30:00"), "bad-time", "/occurred_at", None);
    refused(&bench, at("2026-03-02"), "bad-time", "/occurred_at", None);
    refused(&bench, at(""), "bad-time", "/occurred_at", None);
    refused(
        &bench,
        at("2026-03-02T12:06:00+08:00"),
        "in-future",
        "/occurred_at",
        None,
    );
    refused(
        &bench,
        at("2026-03-02T12:05:00.001+08:00"),
        "in-future",
        "/occurred_at",
        None,
    );
    bench.post(at("2026-03-02T12:05:00+08:00"));
}

#[test]
fn ids_that_cannot_be() {
    let bench = server();
    resolved(&bench, "C-1");
    let id = |id: &str| event(id, "complaint.received", "C-9", "02T09:00", complaint());
    refused(&bench, id(""), "bad-id", "/id", None);
    refused(&bench, id("a\nb"), "bad-id", "/id", None);
    refused(&bench, id(&"a".repeat(161)), "bad-id", "/id", None);
    refused(&bench, with(id("x"), "case", json!("")), "bad-id", "/case", None);
    refused(
        &bench,
        with(id("x"), "source", json!("guicheng")),
        "bad-id",
        "/source",
        None,
    );
}

#[test]
fn what_is_corrected_must_be_there() {
    let bench = server();
    resolved(&bench, "C-1");
    resolved(&bench, "C-2");
    let again = |id: &str| event(id, "complaint.resolved", "C-1", "02T11:00", json!({}));
    refused(
        &bench,
        with(again("x"), "corrects", json!("nowhere")),
        "unknown-event",
        "/corrects",
        None,
    );
    refused(
        &bench,
        with(again("x"), "retracts", json!("nowhere")),
        "unknown-event",
        "/retracts",
        None,
    );
    // An event of another case is none of this one.
    refused(
        &bench,
        with(again("x"), "corrects", json!("C-2-2")),
        "unknown-event",
        "/corrects",
        None,
    );
    let both = with(with(again("x"), "corrects", json!("C-1-2")), "retracts", json!("C-1-2"));
    refused(&bench, both, "bad-value", "/retracts", None);
}

#[test]
fn what_needs_an_authority() {
    let bench = server();
    resolved(&bench, "C-1");
    let waiver = |obligation: &str| {
        let what = json!({ "obligation": obligation, "until": "2026-12-31", "reason": "忙" });
        event("x", "obligation.waived", "C-1", "02T11:00", what)
    };
    let own = "C-1~complaint-follow-up~1";
    refused(
        &bench,
        by(waiver(own), "wu", "assistant"),
        "not-authorised",
        "/actor/role",
        Some("4.1.1(1)"),
    );
    refused(&bench, waiver(own), "not-authorised", "/actor/role", Some("4.1.1(1)"));
    let other = by(waiver("C-1~repair-follow-up~1"), "zhou", "director");
    refused(&bench, other, "unknown-obligation", "/data/obligation", None);
    let mut silent = by(waiver(own), "zhou", "director");
    silent["data"]["reason"] = json!("");
    refused(&bench, silent, "missing-data", "/data/reason", None);
    let early = json!({ "obligation": own, "to": "2026-03-05", "reason": "忙" });
    let early = by(
        event("x", "obligation.extended", "C-1", "02T11:00", early),
        "zhou",
        "director",
    );
    refused(&bench, early, "bad-value", "/data/to", Some("4.1.1(1)"));
    let target =
        |rate: &str, share: &str| json!({ "rate": rate, "target": share, "from": "2026-03-01", "reason": "人手有限" });
    let decided = |data: Value, role: &str| by(event("x", "rate.target-decided", "rates", "02T11:00", data), "x", role);
    refused(
        &bench,
        decided(target("other-service", "60%"), "assistant"),
        "not-authorised",
        "/actor/role",
        Some("4.1.2(5)"),
    );
    refused(
        &bench,
        decided(target("complaint", "60%"), "director"),
        "not-decidable",
        "/data/rate",
        Some("4.1.2(1)"),
    );
    refused(
        &bench,
        decided(target("other-service", "160%"), "director"),
        "bad-value",
        "/data/target",
        None,
    );
    refused(
        &bench,
        decided(target("other", "60%"), "director"),
        "unknown-rate",
        "/data/rate",
        None,
    );
}

#[test]
fn a_bearer_does_not_waive_for_himself() {
    let bench = server();
    let mut data = complaint();
    data["severity"] = json!("major");
    bench.post(event("1", "complaint.received", "C-1", "02T09:00", data));
    bench.post(event("2", "complaint.resolved", "C-1", "02T10:00", json!({})));
    let what = json!({ "obligation": "C-1~complaint-follow-up~1", "until": "2026-12-31", "reason": "忙" });
    let own = by(
        event("x", "obligation.waived", "C-1", "02T11:00", what),
        "zhou",
        "director",
    );
    refused(&bench, own, "not-authorised", "/actor/role", Some("4.1.1(1)"));
}

#[test]
fn a_record_does_not_go_while_something_is_owed() {
    let bench = server();
    resolved(&bench, "C-1");
    bench.set("2026-03-04T12:00:00+08:00");
    bench.post(followed_up("3", "C-1", "03T15:00"));
    let dispose = |record: &str| {
        let what = json!({ "record": record, "reason": "清柜" });
        by(
            event("x", "record.disposed", "C-1", "04T11:00", what),
            "zhou",
            "director",
        )
    };
    refused(&bench, dispose("3"), "record-retained", "/data/record", Some("4.2"));
    refused(&bench, dispose("C-1-2"), "unknown-record", "/data/record", None);
}

#[test]
fn questions_that_are_put_wrongly() {
    let bench = server();
    resolved(&bench, "C-1");
    let parameter = |path: &str, code: &str, pointer: &str| {
        let problem = bench.reply(path).problem(400, code);
        assert_eq!(problem["pointer"], pointer, "{path}: {problem}");
        problem
    };
    parameter("/due?rol=director", "unknown-parameter", "?rol");
    parameter("/cases/C-1?role=director", "unknown-parameter", "?role");
    let problem = parameter("/due?role=asistant", "bad-parameter", "?role");
    assert!(problem["detail"].as_str().unwrap().contains("assistant"), "{problem}");
    parameter("/due?person=nobody", "bad-parameter", "?person");
    parameter("/due?area=north", "bad-parameter", "?area");
    parameter("/due?kind=complaints", "bad-parameter", "?kind");
    parameter("/due?rule=complaint-folow-up", "bad-parameter", "?rule");
    parameter("/due?standing=late", "bad-parameter", "?standing");
    parameter("/due?limit=0", "bad-parameter", "?limit");
    parameter("/due?limit=501", "bad-parameter", "?limit");
    parameter("/due?cursor=here", "bad-parameter", "?cursor");
    parameter("/due?as_of=yesterday", "bad-parameter", "?as_of");
    parameter("/due?before=2026-02-30T00:00:00%2B08:00", "bad-parameter", "?before");
    parameter("/rates?rate=complaint&period=March", "bad-parameter", "?period");
    parameter("/rates?area=north", "bad-parameter", "?area");
    parameter("/reports/plan?period=2026", "bad-parameter", "?period");
    parameter("/reports/plan?area=north", "bad-parameter", "?area");
    parameter("/reports/performance?by=age", "bad-parameter", "?by");
    parameter("/reports/plan?format=xlsx", "bad-parameter", "?format");
    parameter("/policies/follow-up?format=md", "bad-parameter", "?format");
    bench.reply("/rates?rate=complaints").problem(404, "unknown-rate");
    bench.reply("/reports/plans").problem(404, "unknown-report");
    bench.reply("/policies/nothing").problem(404, "unknown-procedure");
    bench.reply("/cases/C-9").problem(404, "unknown-case");
    bench.reply("/cases/C-9/next").problem(404, "unknown-case");
    bench
        .reply("/obligations/C-1~complaint-follow-up~2")
        .problem(404, "unknown-obligation");
    bench.reply("/obligations/nonsense").problem(404, "unknown-obligation");
}

#[test]
fn requests_that_are_none() {
    let bench = server();
    resolved(&bench, "C-1");
    let before = bench.fingerprint();
    let events = "/v1/companies/fuheng/events";
    let json = "application/json";
    bench.ask("GET", "/v2/due", json, "").problem(404, "not-found");
    bench.reply("/nothing").problem(404, "not-found");
    bench.ask("GET", events, json, "").problem(405, "method-not-allowed");
    bench
        .ask("DELETE", "/v1/companies/fuheng/due", json, "")
        .problem(405, "method-not-allowed");
    bench
        .ask("GET", "/v1/reload", json, "")
        .problem(405, "method-not-allowed");
    bench
        .ask("POST", events, "text/plain", "{}")
        .problem(415, "unknown-content-type");
    bench.ask("POST", events, json, "{\"id\":").problem(400, "unreadable");
    bench.ask("POST", events, json, "[]").problem(400, "unreadable");
    bench
        .ask("POST", events, json, "{\"id\": \"1\", \"typ\": \"x\"}")
        .problem(400, "unreadable");
    bench
        .ask("POST", &format!("{events}?dry=1"), json, "{}")
        .problem(400, "unknown-parameter");
    bench
        .ask("POST", events, json, vec![b' '; guicheng::http::MAX_BODY + 1])
        .problem(413, "body-too-large");
    let many = "{}\n".repeat(guicheng::http::MAX_BATCH + 1);
    bench
        .ask("POST", events, "application/x-ndjson", many)
        .problem(413, "batch-too-large");
    // Bytes that are no text, in a path and in a parameter.
    let odd = bench.reply("/cases/%FF");
    assert_eq!(
        (odd.status, odd.kind.as_str()),
        (400, "application/problem+json"),
        "{}",
        odd.text
    );
    assert_eq!(bench.reply("/due?role=%FF").status, 400);
    assert_eq!(bench.fingerprint(), before);
}
