//! Policies that change while the server runs: whole or not at all, and never for what is owed already.

use crate::bench::*;
use serde_json::{Value, json};
use std::fs;

/// The complaints get two days from now on.
fn tighten(bench: &Bench) {
    amend(
        &bench.policies(),
        "follow-up.toml",
        "within = \"3天\"",
        "within = \"2天\"",
    );
}

fn misspell(bench: &Bench) {
    amend(
        &bench.policies(),
        "follow-up.toml",
        "within = \"2个工作日\"\ndone = \"*.form-reviewed\"\nbearer = \"assistant\"",
        "within = \"2个工作日\"\ndone = \"*.form-reviewed\"\nbearer = \"asistant\"",
    );
}

fn due_on(bench: &Bench, case: &str) -> Value {
    bench.owed(case, "complaint-follow-up")["due"]["date"].clone()
}

#[test]
fn new_ones_get_the_new_term_and_open_ones_keep_theirs() {
    let mut bench = server();
    resolved(&bench, "C-1");
    let old = bench.owed("C-1", "complaint-follow-up")["edition"].clone();
    tighten(&bench);
    assert_eq!(bench.reload("").expect(200)["changed"], json!(["fuheng"]));
    resolved(&bench, "C-2");
    let check = |bench: &Bench, when: &str| {
        assert_eq!(due_on(bench, "C-1"), "2026-03-05", "{when}");
        assert_eq!(due_on(bench, "C-2"), "2026-03-04", "{when}");
        assert_eq!(bench.owed("C-1", "complaint-follow-up")["edition"], old, "{when}");
        assert_ne!(bench.owed("C-2", "complaint-follow-up")["edition"], old, "{when}");
    };
    check(&bench, "after the reload");
    let collected = |id: &str, at: &str| {
        by(
            event(id, "complaint.form-collected", "C-1", at, json!({ "form_no": "1" })),
            "zhang",
            "area-manager",
        )
    };
    bench.post(collected("next", "02T11:50"));
    check(&bench, "after the next event");
    // One that comes late makes the case be folded from its beginning.
    bench.post(collected("late", "02T10:30"));
    check(&bench, "after a late event");
    bench.post(with(
        event("fix", "complaint.resolved", "C-1", "02T10:15", json!({})),
        "corrects",
        json!("C-1-2"),
    ));
    check(&bench, "after the trigger was corrected");
    assert_eq!(bench.reload("").expect(200)["unchanged"], json!(["fuheng"]));
    bench.restart();
    check(&bench, "after a restart");
    bench.post(collected("last", "02T11:55"));
    check(&bench, "after an event after the restart");
    // A new course of the old case stands under the new policy.
    bench.post(event("open", "complaint.reopened", "C-1", "02T11:56", json!({})));
    let answer = bench.post(event("done", "complaint.resolved", "C-1", "02T11:57", json!({})));
    assert_eq!(
        only(answer["opened"].as_array().unwrap(), "complaint-follow-up")["due"]["date"],
        "2026-03-04"
    );
}

#[test]
fn a_misspelt_role_is_refused_and_the_old_policies_serve_on() {
    let mut bench = server();
    resolved(&bench, "C-1");
    let before = (bench.fingerprint(), bench.get("/policies"));
    assert_eq!(bench.status()["companies"]["fuheng"]["policies"], "current");
    tighten(&bench);
    misspell(&bench);
    let problem = bench.reload("").problem(422, "policies-refused");
    let findings = problem["findings"].as_array().unwrap();
    let finding = findings.iter().find(|f| f.to_string().contains("asistant")).unwrap();
    let text = fs::read_to_string(bench.policies().join("fuheng/follow-up.toml")).unwrap();
    let line = 1 + text.lines().position(|l| l == "bearer = \"asistant\"").unwrap();
    assert_eq!(
        (&finding["line"], &finding["clause"]),
        (&json!(line), &json!("4.5a")),
        "{finding}"
    );
    assert!(
        finding["file"].as_str().unwrap().ends_with("fuheng/follow-up.toml"),
        "{finding}"
    );
    assert!(finding["remedy"].to_string().contains("`assistant`"), "{finding}");
    let served = bench.status()["companies"]["fuheng"].clone();
    assert_eq!(served["policies"], "stale");
    assert_eq!(&served["stale"]["findings"], &problem["findings"]);
    assert_eq!((bench.fingerprint(), bench.get("/policies")), before);
    resolved(&bench, "C-2");
    assert_eq!(due_on(&bench, "C-2"), "2026-03-05", "whole or not at all");

    // The folder is still broken when the server starts again: the last good edition serves.
    bench.restart();
    let served = bench.status()["companies"]["fuheng"].clone();
    assert_eq!(served["policies"], "stale");
    assert_eq!(&served["stale"]["findings"], &problem["findings"]);
    assert_eq!(bench.get("/policies"), before.1);
    resolved(&bench, "C-3");
    assert_eq!(due_on(&bench, "C-3"), "2026-03-05");

    amend(&bench.policies(), "follow-up.toml", "\"asistant\"", "\"assistant\"");
    assert_eq!(bench.reload("").expect(200)["changed"], json!(["fuheng"]));
    assert_eq!(bench.status()["companies"]["fuheng"]["policies"], "current");
    assert_eq!(bench.status()["companies"]["fuheng"]["stale"], Value::Null);
    resolved(&bench, "C-4");
    assert_eq!(due_on(&bench, "C-4"), "2026-03-04");
    assert_eq!(due_on(&bench, "C-3"), "2026-03-05");
}

#[test]
fn going_back_to_what_serves_heals_the_status() {
    let bench = server();
    misspell(&bench);
    bench.reload("").problem(422, "policies-refused");
    amend(&bench.policies(), "follow-up.toml", "\"asistant\"", "\"assistant\"");
    let answer = bench.reload("").expect(200);
    assert_eq!(
        (&answer["changed"], &answer["unchanged"]),
        (&json!([]), &json!(["fuheng"]))
    );
    assert_eq!(bench.status()["companies"]["fuheng"]["policies"], "current");
}

#[test]
fn a_dry_run_changes_nothing() {
    let mut bench = server();
    tighten(&bench);
    let before = bench.get("/policies");
    assert_eq!(
        before["hash"],
        bench.reply("/due").policies,
        "an answer says what it is by"
    );
    let answer = bench.reload("?dry_run=true").expect(200);
    assert_eq!(
        (&answer["changed"], &answer["dry_run"]),
        (&json!(["fuheng"]), &json!(true))
    );
    assert_eq!(bench.get("/policies"), before);
    resolved(&bench, "C-1");
    assert_eq!(due_on(&bench, "C-1"), "2026-03-05");
    misspell(&bench);
    bench.reload("?dry_run=true").problem(422, "policies-refused");
    assert_eq!(bench.status()["companies"]["fuheng"]["policies"], "current");
    assert_eq!(bench.get("/policies"), before);
    bench.reload("?dryrun=true").problem(400, "unknown-parameter");
    amend(&bench.policies(), "follow-up.toml", "\"asistant\"", "\"assistant\"");
    bench.restart();
    assert_ne!(
        bench.get("/policies"),
        before,
        "a restart takes up what lies in the folder"
    );
}

#[test]
fn a_folder_that_is_gone_is_no_reason_to_stop() {
    let mut bench = server();
    resolved(&bench, "C-1");
    let before = bench.fingerprint();
    fs::rename(bench.policies(), bench.dir.path().join("elsewhere")).unwrap();
    bench.reload("").problem(422, "folder-unreadable");
    assert!(
        bench.status()["folder_error"]
            .as_str()
            .is_some_and(|e| e.contains("policies"))
    );
    assert_eq!(bench.fingerprint(), before);
    bench.restart();
    assert_eq!(bench.fingerprint(), before);
    resolved(&bench, "C-2");
    assert_eq!(due_on(&bench, "C-2"), "2026-03-05");
    fs::rename(bench.dir.path().join("elsewhere"), bench.policies()).unwrap();
    bench.reload("").expect(200);
    assert_eq!(bench.status()["folder_error"], Value::Null);
}

#[test]
fn a_new_holder_is_asked_at_once() {
    let bench = server();
    resolved(&bench, "C-1");
    assert_eq!(
        bench.owed("C-1", "complaint-follow-up")["bearers"][1]["person"],
        "zhang"
    );
    amend(
        &bench.policies(),
        "company.toml",
        "of = [\"west\"]",
        "of = [\"west\", \"east\"]",
    );
    amend(
        &bench.policies(),
        "company.toml",
        "holds = [{ role = \"area-manager\", of = [\"east\"] }]",
        "holds = []",
    );
    bench.reload("").expect(200);
    assert_eq!(bench.owed("C-1", "complaint-follow-up")["bearers"][1]["person"], "li");
    assert_eq!(bench.due("person=li&rule=complaint-follow-up").len(), 1);
    assert!(bench.due("person=zhang&rule=complaint-follow-up").is_empty());
    assert_eq!(due_on(&bench, "C-1"), "2026-03-05");
}
