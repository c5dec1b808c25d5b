//! Samples: the record of a draw, shown and repeated.

use crate::bench::*;
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};

const SAMPLES: &str = r#"
[sample.visits]
title = "抽查"
clause = "4.1.1(1)"
of = "other-service.completed"
per = "month"
share = "30%"
strata = "building"
within = "5天"
done = "other-service.form-returned"
bearer = "director"

[sample.three]
title = "抽三家"
clause = "4.1.1(1)"
on = "publication.issued"
frame = "recipients"
size = 3
strata = { before = "-" }
"#;

/// The program of the page, as it stands there.
fn program() -> String {
    let page = std::fs::read_to_string(root().join("docs/samples.md")).unwrap();
    let (_, after) = page.split_once("```python\n").unwrap();
    let (program, _) = after.split_once("```").unwrap();
    program.to_owned()
}

/// Runs the program of the page on an answer.
fn repeated(answer: &Value) -> (bool, String) {
    let python = Command::new("python3")
        .args(["-c", &program()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut python = python.unwrap_or_else(|e| {
        panic!("install Python 3.8 or later as `python3` (apt-get install python3): it repeats the draw ({e})")
    });
    let stdin = python.stdin.take();
    stdin.unwrap().write_all(answer.to_string().as_bytes()).unwrap();
    let output = python.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    (output.status.success(), said.concat())
}

fn sampling() -> Bench {
    let bench = server();
    let policies = bench.dir.path().join("policies");
    let file = policies.join("fuheng/follow-up.toml");
    let text = std::fs::read_to_string(&file).unwrap() + SAMPLES;
    std::fs::write(file, text).unwrap();
    bench.reload("").expect(200);
    bench
}

fn names(list: &Value, field: &str) -> Vec<String> {
    let list = list.as_array().unwrap().iter();
    list.map(|one| one[field].as_str().unwrap().to_owned()).collect()
}

/// Ten services in three buildings, in March.
fn served(bench: &Bench) {
    for (n, building) in [1, 1, 1, 1, 1, 2, 2, 2, 8, 8].into_iter().enumerate() {
        let data = json!({ "building": building.to_string(), "customer": format!("住户{n}") });
        bench.post(event(
            &format!("o{n}"),
            "other-service.completed",
            &format!("O-{n}"),
            "02T09:00",
            data,
        ));
    }
}

#[test]
fn a_periods_draw_is_committed_to_made_and_repeated() {
    let bench = sampling();
    served(&bench);
    let before = bench.get("/samples/visits?period=2026-03")["draws"][0].clone();
    for (field, value) in [
        ("status", json!("accruing")),
        ("population", json!(10)),
        ("share", json!("30%")),
        ("size", json!(3)),
        ("seed", Value::Null),
        ("drawn", json!([])),
        ("drawn_at", json!("2026-04-01T00:00:00+08:00")),
    ] {
        assert_eq!(before[field], value, "{field}: {before}");
    }
    // Not even a question about what is to come tells who it will be.
    let ahead = bench.get("/samples/visits?period=2026-03&as_of=2026-05-01T00:00:00");
    assert_eq!(ahead["draws"][0]["seed"], Value::Null, "{ahead}");
    assert!(
        bench
            .due("rule=visits&as_of=2026-05-01T00:00:00&standing=all")
            .is_empty()
    );

    bench.set("2026-04-01T00:00:00+08:00");
    let late = json!({ "building": "2", "customer": "晚报" });
    bench.post(event("late", "other-service.completed", "O-late", "30T09:00", late));
    let answer = bench.get("/samples/visits?period=2026-03");
    let draw = answer["draws"][0].clone();
    assert_eq!(draw["commitment"], before["commitment"]);
    assert_eq!(draw["frame_hash"], before["frame_hash"]);
    assert_eq!((&draw["status"], &draw["population"]), (&json!("drawn"), &json!(10)));
    assert_eq!(draw["not_in_frame"], json!(["O-late"]));
    // 1.5, 0.9 and 0.6 of five, three and two: one each.
    let spread = names(&draw["spread"], "stratum").join(" ");
    assert_eq!(spread, "1 2 8");
    assert!(
        draw["spread"].as_array().unwrap().iter().all(|s| s["drawn"] == 1),
        "{draw}"
    );

    // What was drawn is owed, by the director, for five days from 31 March.
    let drawn = names(&draw["drawn"], "member");
    let mut owed = bench.due("rule=visits");
    owed.sort_by_key(|o| drawn.iter().position(|case| o["case"] == **case));
    assert_eq!(
        owed.iter().map(|o| o["id"].clone()).collect::<Vec<_>>(),
        json!(names(&draw["drawn"], "obligation")).as_array().unwrap().clone()
    );
    assert_eq!(owed[0]["id"], format!("{}~visits~1.2026-03-31", drawn[0]));
    assert_eq!(
        (&owed[0]["due"]["date"], &owed[0]["bearers"][0]["role"]),
        (&json!("2026-04-05"), &json!("director"))
    );
    let done = event(
        "r",
        "other-service.form-returned",
        &drawn[0],
        "2026-04-01T00:00:00+08:00",
        json!({ "signed": true }),
    );
    bench.post(done);
    let after = bench.get("/samples/visits?period=2026-03");
    assert_eq!(
        (&after["draws"][0]["done"], &after["draws"][0]["drawn"][0]["done"]),
        (&json!(1), &json!(true))
    );

    let (agrees, said) = repeated(&answer);
    assert!(agrees, "{said}");
    assert_eq!(said.trim(), format!("2026-03 {}", drawn.join(" ")));
    // What was tampered with does not agree.
    for (field, value) in [("drawn", json!([])), ("frame", json!([])), ("seed", json!("00"))] {
        let mut other = answer.clone();
        other["draws"][0][field] = value;
        assert!(!repeated(&other).0, "{field}");
    }
}

#[test]
fn a_draw_is_the_same_after_a_restart() {
    let mut bench = sampling();
    served(&bench);
    bench.set("2026-04-02T09:00:00+08:00");
    bench.post(event(
        "x",
        "other-service.followed-up",
        "O-3",
        "2026-04-02T09:00:00+08:00",
        form(),
    ));
    let before = bench.get("/samples/visits?period=2026-03");
    bench.restart();
    assert_eq!(bench.get("/samples/visits?period=2026-03"), before);
    assert_eq!(before["draws"][0]["status"], "drawn");
    // As it was known before the draw there was none.
    let known = bench.get("/samples/visits?period=2026-03&known_at=2026-03-31T12:00:00");
    assert_eq!(
        (&known["draws"][0]["status"], &known["draws"][0]["seed"]),
        (&json!("accruing"), &Value::Null)
    );
}

#[test]
fn a_cases_members_are_drawn_and_the_draw_is_repeated() {
    let bench = sampling();
    let homes: Vec<String> = (0..9).map(|n| format!("{}-{n}", n % 4)).collect();
    for case in ["P-1", "P-2"] {
        let data = json!({ "recipients": homes, "building": "1" });
        bench.post(event(
            &format!("{case}-e"),
            "publication.issued",
            case,
            "02T09:00",
            data,
        ));
    }
    let answer = bench.get("/samples/three");
    let draws = answer["draws"].as_array().unwrap();
    assert_eq!(
        draws.iter().map(|d| d["case"].clone()).collect::<Vec<_>>(),
        [json!("P-1"), json!("P-2")]
    );
    assert_ne!(draws[0]["seed"], draws[1]["seed"]);
    for draw in draws {
        assert_eq!(
            (&draw["population"], &draw["size"], &draw["number"]),
            (&json!(9), &json!(3), &json!(3))
        );
    }
    let one = bench.get("/samples/three?case=P-2");
    assert_eq!(one["draws"], json!([draws[1]]));
    let (agrees, said) = repeated(&answer);
    assert!(agrees, "{said}");
    let lines = draws.iter().map(|d| {
        format!(
            "{} {}",
            d["case"].as_str().unwrap(),
            names(&d["drawn"], "member").join(" ")
        )
    });
    assert_eq!(said.trim(), lines.collect::<Vec<_>>().join("\n"));
}

#[test]
fn samples_are_listed_and_wrong_questions_refused() {
    let bench = sampling();
    let all = bench.get("/samples");
    assert_eq!(names(&all["items"], "sample"), ["visits", "three"]);
    assert_eq!(
        (&all["items"][0]["per"], &all["items"][0]["draws"][0]["period"]),
        (&json!("month"), &json!("2026-03"))
    );
    bench.reply("/samples/other").problem(404, "not-found");
    for path in [
        "/samples/visits?period=2026-Q1",
        "/samples/visits?case=O-1",
        "/samples/three?period=2026-03",
    ] {
        bench.reply(path).problem(400, "bad-parameter");
    }
    bench.reply("/samples?what=1").problem(400, "unknown-parameter");
}
