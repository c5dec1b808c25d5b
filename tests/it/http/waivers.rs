//! What is waived: by an exception that is published while things are owed, and by name; on every route.

use crate::bench::*;
use serde_json::{Value, json};

const EXCEPTION: &str = r#"
[exception.flood]
title = "洪水"
clause = "4.1.1(1)"
waives = "complaint-follow-up"
from = 2026-03-01
until = 2026-03-08
by = "director"
why = "断路"

"#;

fn published(bench: &Bench) {
    publish(bench, EXCEPTION);
}

fn publish(bench: &Bench, exception: &str) {
    let head = "[clause.\"4.1.1(1)\"]";
    let text = format!("{exception}{head}");
    amend(&bench.policies(), "follow-up.toml", head, &text);
    bench.reload("").expect(200);
}

fn row(bench: &Bench, report: &str, wanted: &str) -> Value {
    let table = bench.get(report);
    let names: Vec<&str> = table["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c.as_str().unwrap())
        .collect();
    let rows = table["rows"].as_array().unwrap();
    let row = rows
        .iter()
        .find(|row| row.to_string().contains(wanted))
        .unwrap_or_else(|| panic!("{table}"));
    let values = row.as_array().unwrap().iter().cloned();
    names
        .into_iter()
        .map(str::to_owned)
        .zip(values)
        .collect::<serde_json::Map<_, _>>()
        .into()
}

#[test]
fn an_exception_that_is_published_holds_for_what_is_owed_and_ends() {
    let mut bench = server();
    resolved(&bench, "C-1");
    bench.set("2026-03-04T09:00:00+08:00");
    published(&bench);
    let waived = |would_be: &str| json!({ "exception": "flood", "by": "director", "why": "断路", "until": "2026-03-08", "would_be": would_be });
    assert_eq!(bench.owed("C-1", "complaint-follow-up")["waived"], waived("open"));

    // The day after its own last one.
    bench.set("2026-03-06T09:00:00+08:00");
    let owed = bench.owed("C-1", "complaint-follow-up");
    assert_eq!(
        (&owed["standing"], &owed["waived"]),
        (&json!("waived"), &waived("overdue"))
    );
    assert!(bench.due("").iter().all(|o| o["rule"] != "complaint-follow-up"));
    let listed = bench.due("standing=waived");
    assert_eq!(only(&listed, "complaint-follow-up")["waived"], waived("overdue"));
    let told = bench.get("/effects?from=2026-03-01T00:00:00%2B08:00&to=2026-03-08T00:00:00%2B08:00");
    assert!(!told.to_string().contains("C-1~complaint-follow-up"), "{told}");
    let rates = bench.get("/rates?period=2026-03");
    let rate = rates["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|r| r["waived"] == 1)
        .unwrap_or_else(|| panic!("{rates}"));
    assert_eq!((&rate["waived_late"], &rate["population"]), (&json!(1), &json!(0)));
    let plan = row(&bench, "/reports/plan?period=2026-03", "C-1~complaint-follow-up~1");
    let said =
        ["standing", "would_be", "waived_by", "waived_why", "waived_until"].map(|name| plan[name].as_str().unwrap());
    assert_eq!(said, ["waived", "overdue", "director", "断路", "2026-03-08"]);
    let csv = bench.reply("/reports/plan?period=2026-03&format=csv").text;
    assert!(
        csv.contains("\"overdue\",\"director\",\"断路\",\"2026-03-08\""),
        "{csv}"
    );
    let statistics = row(&bench, "/reports/statistics?period=2026-03", "complaint-follow-up");
    assert_eq!(
        (&statistics["waived"], &statistics["waived_late"]),
        (&json!(1), &json!(1))
    );
    let explained = bench.get("/obligations/C-1~complaint-follow-up~1/explain");
    let said = explained["verdict"].to_string();
    for words in ["按例外“flood”免除到", "断路", "逾期未办"] {
        assert!(said.contains(words), "{said}");
    }

    // It is owed again, not late at once; and so it is after a rebuild.
    bench.set("2026-03-09T09:00:00+08:00");
    let owed = bench.owed("C-1", "complaint-follow-up");
    let found = [
        &owed["standing"],
        &owed["due"]["date"],
        &owed["original_due"]["date"],
        &owed["breach"]["status"],
    ];
    assert_eq!(
        found,
        [
            &json!("open"),
            &json!("2026-03-09"),
            &json!("2026-03-05"),
            &json!("excused")
        ]
    );
    bench.restart();
    assert_eq!(bench.owed("C-1", "complaint-follow-up"), owed);
}

#[test]
fn who_was_told_before_it_was_known_to_be_waived_is_told_that_it_is() {
    let mut bench = server();
    publish(
        &bench,
        &EXCEPTION.replace("waives", "when = { building = \"99\" }\nwaives"),
    );
    resolved(&bench, "C-1");
    // Due on the 5th; the assistant is told when that is over.
    bench.set("2026-03-06T09:00:00+08:00");
    let told = |bench: &Bench| -> Vec<(Value, Value, Value)> {
        let effects = bench.get("/effects?from=2026-03-01T00:00:00%2B08:00&to=2026-03-08T00:00:00%2B08:00");
        let items = effects["items"].as_array().unwrap().iter();
        let mine = items.filter(|e| e["obligation"] == "C-1~complaint-follow-up~1");
        mine.map(|e| (e["kind"].clone(), e["to"].clone(), e["at"].clone()))
            .collect()
    };
    let escalated = (
        json!("escalate"),
        json!("assistant"),
        json!("2026-03-06T00:00:00+08:00"),
    );
    assert_eq!(told(&bench), std::slice::from_ref(&escalated));
    // That it had been in the flooded building since the 4th is reported now.
    let moved = json!({ "building": "99" });
    bench.post(event("m", "complaint.resolved", "C-1", "04T09:00", moved));
    let withdrawn = (
        json!("withdraw"),
        json!("assistant"),
        json!("2026-03-06T09:00:00+08:00"),
    );
    assert_eq!(told(&bench), [escalated.clone(), withdrawn.clone()]);
    assert_eq!(bench.owed("C-1", "complaint-follow-up")["standing"], "waived");
    let explained = bench.get("/obligations/C-1~complaint-follow-up~1/explain");
    let step = &explained["escalation"][0];
    assert_eq!(step["state"], "withdrawn", "{explained}");
    bench.restart();
    assert_eq!(told(&bench), [escalated, withdrawn]);
}

#[test]
fn a_waiver_by_name_has_an_author_a_reason_and_an_end() {
    let bench = server();
    resolved(&bench, "C-1");
    let waiver = |until: Option<&str>, reason: Option<&str>| {
        let what = json!({ "obligation": "C-1~complaint-follow-up~1", "until": until, "reason": reason });
        event("w", "obligation.waived", "C-1", "02T11:00", what)
    };
    let by_director = |event| by(event, "zhou", "director");
    let refused = |event: Value| bench.try_post(&event).json()["code"].clone();
    assert_eq!(refused(by_director(waiver(None, Some("忙")))), "missing-data");
    assert_eq!(refused(by_director(waiver(Some("2026-03-09"), None))), "missing-data");
    assert_eq!(
        refused(by_director(waiver(Some("2026-03-01"), Some("忙")))),
        "bad-value"
    );
    assert_eq!(refused(waiver(Some("2026-03-09"), Some("忙"))), "not-authorised");
    bench.post(by_director(waiver(Some("2026-03-09"), Some("忙"))));
    let waived = bench.owed("C-1", "complaint-follow-up")["waived"].clone();
    let wanted = json!({ "event": "w", "by": "zhou", "why": "忙", "until": "2026-03-09", "would_be": "open" });
    assert_eq!(waived, wanted);
}
