//! Why an obligation is not there, over HTTP.

use crate::bench::*;
use serde_json::json;

fn received(bench: &Bench) {
    bench.post(event("c-1", "complaint.received", "C-1", "02T09:00", complaint()));
}

#[test]
fn a_trigger_that_is_not_recorded_is_told_and_what_is_told_is_enough() {
    let bench = server();
    received(&bench);
    let said = bench.get("/cases/C-1/why-not?rule=complaint-follow-up");
    assert_eq!(
        (&said["exists"], &said["checked"]),
        (&json!(false), &json!(true)),
        "{said}"
    );
    assert_eq!((&said["met"], &said["of"]), (&json!(0), &json!(1)), "{said}");
    let condition = &said["conditions"][0];
    assert_eq!(condition["what"], "event");
    assert_eq!(condition["events"], json!(["complaint.resolved"]));
    assert_eq!(condition["clause"], "4.1.1(1)");
    assert_eq!(said["clauses"][0]["text"], "投诉处理完，三天内回访。");
    // What it asks for is recorded, and nothing else.
    bench.post(event("c-2", "complaint.resolved", "C-1", "02T10:00", json!({})));
    let said = bench.get("/cases/C-1/why-not?rule=complaint-follow-up");
    assert_eq!(said["exists"], true, "{said}");
    assert_eq!(said["obligations"], json!(["C-1~complaint-follow-up~1"]));
    // As things stood before that it was not there.
    let said = bench.get("/cases/C-1/why-not?rule=complaint-follow-up&as_of=2026-03-02T09:30:00%2B08:00");
    assert_eq!(said["exists"], false, "{said}");
}

#[test]
fn a_rule_that_follows_on_another_lacks_what_that_one_lacks_too() {
    let bench = server();
    received(&bench);
    let said = bench.get("/cases/C-1/why-not?rule=form-return");
    let what: Vec<&str> = said["conditions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["what"].as_str().unwrap())
        .collect();
    assert_eq!(what, ["event", "performed"], "{said}");
    assert_eq!(said["checked"], true, "{said}");
    let text = bench
        .reply("/cases/C-1/why-not?rule=form-return&format=text&lang=en")
        .text;
    assert!(text.contains("0 of 2 conditions are met"), "{text}");
    assert!(
        text.contains("`处理完毕` (complaint.resolved) was not recorded"),
        "{text}"
    );
    let text = bench
        .reply("/cases/C-1/why-not?rule=form-return&format=text&lang=zh")
        .text;
    assert!(text.contains("“投诉回访”还没有办结"), "{text}");
}

#[test]
fn an_unknown_rule_names_the_nearest_and_an_unknown_case_is_not_found() {
    let bench = server();
    received(&bench);
    let problem = bench
        .reply("/cases/C-1/why-not?rule=complaint-followup")
        .problem(400, "bad-parameter");
    assert!(
        problem["detail"].as_str().unwrap().contains("complaint-follow-up"),
        "{problem}"
    );
    bench.reply("/cases/C-1/why-not").problem(400, "bad-parameter");
    bench
        .reply("/cases/C-2/why-not?rule=complaint-follow-up")
        .problem(404, "unknown-case");
}
