//! A reload happens whole or not at all, for each company on its own.

mod asked;
mod killed;
mod load;
mod turns;

use crate::bench::{Bench, amend, event, only, resolved, root, server};
use crate::size;
use guicheng::policy::finding::Text;
use guicheng::service::reload::{Asked, Report};
use guicheng::service::stage::Stage;
use guicheng::service::status::By;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// A small company: opinions are answered within ten days.
fn small_company(policies: &Path, id: &str) {
    let dir = policies.join(id);
    fs::create_dir_all(&dir).unwrap();
    let company = format!(
        "[company]\nid = \"{id}\"\ntitle = \"{id}\"\nzone = \"Asia/Shanghai\"\ncalendar = \"cn\"\n\
        [person.an]\nname = \"安\"\nholds = [{{ role = \"keeper\" }}]\n"
    );
    let rules = format!(
        "[procedure]\nid = \"{id}/opinions\"\ntitle = \"意见\"\neffective = 2020-01-01\n\
        [clause.\"1\"]\ntext = \"十天内答复。\"\n[role.keeper]\ntitle = \"管家\"\n\
        [case.opinion]\ntitle = \"意见\"\n[case.opinion.events]\nraised = \"提出\"\nanswered = \"答复\"\n\
        [deadline.answer]\ntitle = \"答复\"\nclause = \"1\"\non = \"opinion.raised\"\nwithin = \"10天\"\n\
        done = \"opinion.answered\"\nbearer = \"keeper\"\n"
    );
    fs::write(dir.join("company.toml"), company).unwrap();
    fs::write(dir.join("opinions.toml"), rules).unwrap();
}

/// Lets a small company owe something.
fn raised(bench: &Bench, id: &str) {
    let path = format!("/v1/companies/{id}/events");
    let event = event("o-1", "opinion.raised", "O-1", "02T10:00", json!({}));
    bench
        .ask("POST", &path, "application/json", event.to_string())
        .expect(201);
}

/// All that a company owes, byte by byte.
fn owed_text(bench: &Bench, id: &str) -> String {
    let at = "2026-03-02T12:00:00";
    let path = format!("/v1/companies/{id}/due?standing=all&limit=500&as_of={at}");
    let reply = bench.ask("GET", &path, "application/json", "");
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.text
}

/// The local date through which the obligation of a rule in a case is due.
#[track_caller]
fn due_date(bench: &Bench, case: &str, rule: &str) -> String {
    let owed = bench.owed(case, rule);
    owed["due"]["date"].as_str().unwrap_or_default().to_owned()
}

/// The complaints get two days instead of three.
fn tighten(bench: &Bench) {
    let (from, to) = ("within = \"3天\"", "within = \"2天\"");
    amend(&bench.policies(), "follow-up.toml", from, to);
}

fn everything() -> Asked {
    Asked {
        companies: Vec::new(),
        dry_run: false,
        skip_tests: false,
        by: By::Http,
    }
}

/// A timeline that holds while complaints have three days.
const THREE_DAYS: &str = r#"
[[timeline]]
title = "三天"
clauses = ["4.1.1(1)"]
[[timeline.event]]
at = "2026-03-02T09:00:00"
type = "complaint.received"
case = "T-1"
data = { severity = "ordinary", building = "1", department = "工程部", customer = "王", matter = "漏水" }
[[timeline.event]]
at = "2026-03-02T10:00:00"
type = "complaint.resolved"
case = "T-1"
[[timeline.expect]]
at = "2026-03-02T12:00:00"
obligations = [{ case = "T-1", rule = "complaint-follow-up", due_on = "2026-03-05" }]
"#;

/// A fault of the outside, and how it is mended.
struct Fault {
    stage: Stage,
    code: &'static str,
    plant: fn(&Bench),
    mend: fn(&Bench),
}

fn extra(bench: &Bench) -> std::path::PathBuf {
    bench.policies().join("fuheng/extra.toml")
}

fn sql(bench: &Bench, statement: &str) {
    let path = bench.data().join("guicheng.db");
    rusqlite::Connection::open(path)
        .unwrap()
        .execute_batch(statement)
        .unwrap();
}

const FAULTS: [Fault; 5] = [
    Fault {
        stage: Stage::Read,
        code: "folder-unreadable",
        plant: |bench| fs::write(extra(bench), [0xff, 0xfe, 0x00]).unwrap(),
        mend: |bench| fs::remove_file(extra(bench)).unwrap(),
    },
    Fault {
        stage: Stage::Compile,
        code: "policies-refused",
        plant: |bench| fs::write(extra(bench), "[procedure\nid = ").unwrap(),
        mend: |bench| fs::remove_file(extra(bench)).unwrap(),
    },
    Fault {
        stage: Stage::Check,
        code: "policies-refused",
        plant: |bench| {
            let (from, to) = ("role.assistant]\ntitle", "role.asistant]\ntitle");
            amend(&bench.policies(), "follow-up.toml", from, to);
        },
        mend: |bench| {
            let (from, to) = ("role.asistant]\ntitle", "role.assistant]\ntitle");
            amend(&bench.policies(), "follow-up.toml", from, to);
        },
    },
    Fault {
        stage: Stage::Test,
        code: "tests-failed",
        plant: |bench| {
            fs::create_dir_all(bench.policies().join("fuheng/tests")).unwrap();
            fs::write(bench.policies().join("fuheng/tests/three.toml"), THREE_DAYS).unwrap();
        },
        mend: |bench| fs::remove_dir_all(bench.policies().join("fuheng/tests")).unwrap(),
    },
    Fault {
        stage: Stage::Swap,
        code: "swap-failed",
        plant: |bench| {
            sql(
                bench,
                "CREATE TRIGGER planted BEFORE INSERT ON edition BEGIN SELECT RAISE(ABORT, 'planted'); END",
            );
        },
        mend: |bench| sql(bench, "DROP TRIGGER planted"),
    },
];

/// What serves: what is shown of the policies, what is owed, and by when a new complaint is due.
fn picture(bench: &Bench, fresh: &str) -> (Value, String, String, Value) {
    let before = (bench.get("/policies"), owed_text(bench, "other"));
    let answer = resolved(bench, fresh);
    let due = only(answer["opened"].as_array().unwrap(), "complaint-follow-up")["due"]["date"].clone();
    let serving = bench.status()["companies"]["fuheng"]["hash"].clone();
    (before.0, before.1, serving.to_string(), due)
}

#[test]
fn a_fault_of_the_outside_at_each_stage_leaves_the_old_version_serving() {
    for fault in &FAULTS {
        let stage = fault.stage.word();
        let mut bench = server();
        small_company(&bench.policies(), "other");
        bench.reload("").expect(200);
        raised(&bench, "other");
        let old = picture(&bench, "C-1");
        assert_eq!(old.3, "2026-03-05");
        tighten(&bench);
        (fault.plant)(&bench);
        let others = bench.reload("?company=other").expect(200);
        assert_eq!(others["unchanged"], json!(["other"]), "{stage}");
        bench.set("2026-03-02T12:00:01+08:00");
        let problem = bench.reload("").problem(422, fault.code);
        let told = &problem["companies"]["fuheng"];
        assert_eq!(
            (&told["result"], &told["stage"]),
            (&json!("refused"), &json!(stage)),
            "{problem}"
        );
        assert_eq!(problem["companies"]["other"]["result"], "unchanged", "{problem}");
        let says_why = |told: &Value, when: &str| {
            let (findings, failures) = (
                told["findings"].as_array().unwrap(),
                told["failures"].as_array().unwrap(),
            );
            let wants = (matches!(stage, "compile" | "check"), stage == "test");
            assert_eq!(
                (!findings.is_empty(), !failures.is_empty()),
                wants,
                "{stage} {when}: {told}"
            );
            assert!(told["why"]["zh"].is_string() && told["why"]["en"].is_string(), "{told}");
            if let Some(failure) = failures.first() {
                let text = failure["en"].as_str().unwrap();
                assert!(text.contains("2026-03-05") && text.contains("2026-03-04"), "{text}");
                assert!(failure["file"].as_str().unwrap().ends_with("three.toml"), "{failure}");
            }
        };
        says_why(told, "answer");
        let checked = |bench: &Bench, since: &str, when: &str| {
            let status = bench.status()["companies"].clone();
            assert_eq!(status["fuheng"]["policies"], "stale", "{stage} {when}");
            assert_eq!(status["fuheng"]["stale"]["stage"], stage, "{stage} {when}");
            assert_eq!(status["fuheng"]["stale"]["since"], since, "{stage} {when}");
            let last = &status["fuheng"]["last_reload"];
            assert_eq!(
                (&last["result"], &last["stage"]),
                (&json!("refused"), &json!(stage)),
                "{stage} {when}"
            );
            says_why(&status["fuheng"]["stale"], when);
            assert_eq!(status["other"]["policies"], "current", "{stage} {when}");
            assert_eq!(picture(bench, &format!("C-{when}")), old, "{stage} {when}");
        };
        checked(&bench, "2026-03-02T04:00:01+00:00", "refused");
        bench.set("2026-03-02T12:00:02+08:00");
        bench.reload("").problem(422, fault.code);
        checked(&bench, "2026-03-02T04:00:01+00:00", "refused again");
        bench.restart();
        checked(&bench, "2026-03-02T04:00:02+00:00", "restarted");
        (fault.mend)(&bench);
        let answer = bench.reload("").expect(200);
        assert_eq!(answer["changed"], json!(["fuheng"]), "{stage}");
        assert_eq!(bench.status()["companies"]["fuheng"]["policies"], "current", "{stage}");
        assert_eq!(picture(&bench, "C-mended").3, "2026-03-04", "{stage}");
        assert_eq!(due_date(&bench, "C-1", "complaint-follow-up"), "2026-03-05", "{stage}");
        println!("a fault at `{stage}`: the old version served, also after a restart; mended, the new one serves");
    }
}

#[test]
fn a_reload_that_ends_before_any_stage_leaves_the_old_version_serving() {
    for stop in Stage::ALL {
        let bench = server();
        small_company(&bench.policies(), "other");
        bench.reload("").expect(200);
        raised(&bench, "other");
        let old = picture(&bench, "C-1");
        tighten(&bench);
        let gate = move |id: &str, stage: Stage| match id == "fuheng" && stage == stop {
            true => Err(Text::new("叫停", "stopped")),
            false => Ok(()),
        };
        let report: Report = bench.reloader().with_gate(Arc::new(gate)).run(&everything()).unwrap();
        let refused: Vec<(&str, Stage)> = report.refused().map(|(id, why)| (id, why.stage)).collect();
        assert_eq!(refused, [("fuheng", stop)]);
        assert_eq!(picture(&bench, "C-2"), old, "{stop:?}");
        bench.reload("").expect(200);
        assert_eq!(picture(&bench, "C-3").3, "2026-03-04", "{stop:?}");
    }
}

#[test]
fn tests_that_are_passed_over_are_told_of_in_the_status_and_in_the_record() {
    let mut bench = server();
    tighten(&bench);
    fs::create_dir_all(bench.policies().join("fuheng/tests")).unwrap();
    fs::write(bench.policies().join("fuheng/tests/three.toml"), THREE_DAYS).unwrap();
    bench.reload("").problem(422, "tests-failed");
    let answer = bench.reload("?skip_tests=true").expect(200);
    let skipped = json!({ "passed": 0, "skipped": true });
    assert_eq!(answer["companies"]["fuheng"]["tests"], skipped);
    assert_eq!(bench.status()["companies"]["fuheng"]["tests"], skipped);
    bench.restart();
    assert_eq!(
        bench.status()["companies"]["fuheng"]["tests"],
        skipped,
        "from the record"
    );
    assert_eq!(bench.status()["companies"]["fuheng"]["policies"], "current");
}

#[test]
fn a_company_that_has_been_stale_for_too_long_answers_no_question_if_that_was_asked_for() {
    let bench = server();
    resolved(&bench, "C-1");
    fs::write(extra(&bench), "[procedure\n").unwrap();
    bench.reload("").problem(422, "policies-refused");
    bench.set("2026-03-09T12:00:00+08:00");
    bench.get("/due");
    bench.shared().status.write().max_stale = Some(chrono::TimeDelta::hours(24));
    bench.reply("/due").problem(503, "policies-stale");
    bench.get("/policies");
    assert_eq!(bench.get("/status")["stale"]["stage"], "compile");
    // What happens is recorded all the same.
    bench.post(event(
        "late",
        "complaint.received",
        "C-9",
        "02T11:00",
        crate::bench::complaint(),
    ));
    bench.ask("GET", "/readyz", "", "").expect(200);
    fs::remove_file(extra(&bench)).unwrap();
    bench.reload("").expect(200);
    bench.get("/due");
}

#[test]
fn a_broken_file_in_one_company_changes_no_byte_of_the_others() {
    let others = size(9, 999);
    let bench = server();
    let ids: Vec<String> = (1..=others).map(|n| format!("c{n}")).collect();
    for id in &ids {
        small_company(&bench.policies(), id);
    }
    bench.reload("").expect(200);
    for id in &ids {
        raised(&bench, id);
    }
    let all = |bench: &Bench| ids.iter().map(|id| owed_text(bench, id)).collect::<Vec<String>>();
    let before = all(&bench);
    fs::write(extra(&bench), [0xff]).unwrap();
    bench.reload("").problem(422, "folder-unreadable");
    assert_eq!(all(&bench), before);
    fs::write(extra(&bench), "id = [").unwrap();
    // One of the others changes in the same reload, and does so alone.
    let path = bench.policies().join("c1/opinions.toml");
    let text = fs::read_to_string(&path).unwrap().replace("10天", "9天");
    fs::write(path, text).unwrap();
    let problem = bench.reload("").problem(422, "policies-refused");
    assert_eq!(problem["companies"]["c1"]["result"], "changed");
    assert_eq!(all(&bench), before, "what is owed already keeps its term");
    let stale = |status: &Value, id: &str| status["companies"][id]["policies"] == "stale";
    let status = bench.status();
    assert!(stale(&status, "fuheng") && ids.iter().all(|id| !stale(&status, id)));
    println!(
        "a broken file in 1 of {} companies: the answers of {others} others are the same bytes",
        others + 1
    );
}

/// The real policies of a company with its own timelines go through all stages.
#[test]
fn the_real_timelines_are_run() {
    let bench = server();
    crate::bench::copy(
        &root().join("policies/fuheng/tests"),
        &bench.policies().join("fuheng/tests"),
    );
    // A comment, so that there is something to take up.
    let path = bench.policies().join("fuheng/follow-up.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("# 一句说明\n{text}")).unwrap();
    let answer = bench.reload("").expect(200);
    let passed = answer["companies"]["fuheng"]["tests"]["passed"].as_u64().unwrap();
    assert!(passed > 50, "{passed}");
    tighten(&bench);
    let problem = bench.reload("").problem(422, "tests-failed");
    let failures = problem["companies"]["fuheng"]["failures"].as_array().unwrap();
    assert!(
        failures
            .iter()
            .any(|f| f["timeline"] == "一般投诉三天内由被投诉部门和片区管理员一起回访"),
        "{failures:#?}"
    );
}
