//! What must be so before an event is taken, and what is said where it is not.

use crate::bench::*;
use serde_json::{Value, json};
use std::fs;

const SALE: &str = r#"
[procedure]
id = "fuheng/sale"
title = "认购规程"
effective = 2024-01-01

[clause."1"]
text = "收定金前核实房号。"
[clause."2"]
text = "同一套房不得卖两次。"

[case.sale]
title = "认购"
data = { unit = "text", verified = "bool" }
cancel_on = "withdrawn"
[case.sale.events]
registered = { title = "登记", needs = ["unit"] }
checked = "核实"
deposit = { title = "收定金", data = { present = "members" } }
subscribed = "认购"
withdrawn = "撤销"

[gate.deposit]
title = "收定金"
clause = "1"
on = "sale.deposit"
needs = [
  { title = "已核实房号", happened = ["sale.checked"] },
  { title = "房号核对无误", that = { verified = true } },
  { title = "两人以上在场", distinct = { field = "present", at_least = 2 } },
]

[gate.subscription]
title = "认购"
clause = "1"
on = "sale.subscribed"
needs = [{ title = "房号未售", clause = "2", unique = ["unit"] }]
"#;

fn sale() -> Bench {
    let mut bench = server();
    fs::write(bench.policies().join("fuheng/sale.toml"), SALE).unwrap();
    bench.restart();
    bench
}

fn registered(bench: &Bench, case: &str, unit: &str) {
    let data = json!({ "unit": unit });
    bench.post(event(&format!("{case}-r"), "sale.registered", case, "02T09:00", data));
}

fn subscribed(case: &str) -> Value {
    event(&format!("{case}-s"), "sale.subscribed", case, "02T10:00", json!({}))
}

#[test]
fn a_refusal_names_every_need_and_its_clause() {
    let bench = sale();
    registered(&bench, "A", "1-101");
    let before = bench.fingerprint();
    let deposit = event("d", "sale.deposit", "A", "02T10:00", json!({ "present": ["甲", "甲"] }));
    let problem = bench.try_post(&deposit).problem(422, "gate");
    let unmet = json!([
        { "title": "已核实房号", "clause": "1" },
        { "title": "房号核对无误", "clause": "1" },
        { "title": "两人以上在场", "clause": "1" },
    ]);
    assert_eq!(problem["unmet"], unmet);
    assert_eq!(problem["clause"], "1");
    assert!(
        problem["detail_zh"].as_str().unwrap().contains("两人以上在场"),
        "{problem}"
    );
    assert_eq!(bench.fingerprint(), before);

    // What the event itself would say is not asked before it says it.
    let next = bench.get("/cases/A/next");
    let refused = json!([{ "type": "sale.deposit", "unmet": [unmet[0], unmet[1]] }]);
    assert_eq!(next["refused"], refused);

    bench.post(event("c", "sale.checked", "A", "02T10:00", json!({ "verified": true })));
    assert_eq!(bench.get("/cases/A/next")["refused"], json!([]));
    // As it stood at nine the deposit may still not be taken.
    let early = event("d", "sale.deposit", "A", "02T09:30", json!({ "present": ["甲", "乙"] }));
    let problem = bench.try_post(&early).problem(422, "gate");
    assert_eq!(problem["unmet"], json!([unmet[0], unmet[1]]));
    let deposit = event("d", "sale.deposit", "A", "02T11:00", json!({ "present": ["甲", "乙"] }));
    bench.post(deposit.clone());
    assert_eq!(bench.try_post(&deposit).expect(200)["repeated"], true);
}

#[test]
fn the_second_sale_of_a_unit_is_refused_within_a_batch_too() {
    let mut bench = sale();
    for case in ["A", "B", "C"] {
        registered(&bench, case, if case == "C" { "1-102" } else { "1-101" });
    }
    let lines = [subscribed("A"), subscribed("B"), subscribed("C")];
    let before = bench.fingerprint();
    let problem = bench.batch("", &lines).problem(422, "batch-refused");
    let errors = problem["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1, "{problem}");
    assert_eq!((&errors[0]["line"], &errors[0]["code"]), (&json!(2), &json!("gate")));
    assert_eq!(errors[0]["unmet"], json!([{ "title": "房号未售", "clause": "2" }]));
    assert_eq!(errors[0]["pointer"], "/data/unit");
    assert_eq!(bench.fingerprint(), before);

    // A trial holds nothing.
    let tried = bench.batch("?dry_run=true&partial=true", &lines).expect(200);
    assert_eq!(
        (&tried["accepted"], &tried["refused"][0]["line"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(bench.fingerprint(), before);

    bench.post(subscribed("B"));
    bench.restart();
    bench.try_post(&subscribed("A")).problem(422, "gate");
    let refused = json!([{ "type": "sale.subscribed", "unmet": [{ "title": "房号未售", "clause": "2" }] }]);
    assert_eq!(bench.get("/cases/A/next")["refused"][1], refused[0]);

    // Who withdraws gives the unit free, and what is taken back as well.
    bench.post(event("w", "sale.withdrawn", "B", "02T11:00", json!({})));
    bench.post(subscribed("A"));
    let mut taken_back = event("t", "sale.subscribed", "A", "02T11:30", json!({}));
    taken_back["retracts"] = json!("A-s");
    bench.post(taken_back);
    registered(&bench, "D", "1-101");
    bench.post(subscribed("D"));
}

const NOTE: &str = r#"
[procedure]
id = "fuheng/note"
title = "登记规程"
effective = 2024-01-01

[clause."1"]
text = "登记按年编号。"

[case.note]
title = "登记"
[case.note.events]
filed = { title = "登记", record = "register" }

[record.register]
title = "登记表"
clause = "1"
fields = { number = "text" }
number = { field = "number", per = "year", form = "TS-{year}-{n}" }
"#;

#[test]
fn numbers_run_on_over_batches_trials_refusals_and_restarts() {
    let mut bench = server();
    fs::write(bench.policies().join("fuheng/note.toml"), NOTE).unwrap();
    bench.restart();
    let filed = |case: &str| event(&format!("{case}-f"), "note.filed", case, "02T09:00", json!({}));
    let first = bench.post(filed("A"));
    assert_eq!(first["event"]["data"]["number"], "TS-2026-1");
    // Posted again without its number it is the same, and gets the same one.
    let again = bench.try_post(&filed("A")).expect(200);
    assert_eq!(
        (&again["repeated"], &again["event"]["data"]["number"]),
        (&json!(true), &json!("TS-2026-1"))
    );

    let mut wrong = filed("D");
    wrong["data"]["number"] = json!("TS-2026-9");
    let problem = bench.try_post(&wrong).problem(422, "number");
    assert_eq!(
        (&problem["pointer"], &problem["clause"]),
        (&json!("/data/number"), &json!("1"))
    );
    assert!(problem["detail"].as_str().unwrap().contains("TS-2026-2"), "{problem}");

    let lines = [filed("B"), wrong, filed("C"), filed("B")];
    bench.batch("", &lines).problem(422, "batch-refused");
    bench.batch("?dry_run=true&partial=true", &lines).expect(200);
    let answer = bench.batch("?partial=true", &lines).expect(200);
    assert_eq!((&answer["accepted"], &answer["repeated"]), (&json!(2), &json!(1)));
    bench.restart();
    let mut taken_back = event("t", "note.filed", "B", "02T11:30", json!({}));
    taken_back["retracts"] = json!("B-f");
    bench.post(taken_back);
    bench.post(filed("D"));

    let report = bench.get("/reports/numbers");
    let seen: Vec<(&str, &str, &str)> = report["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (
                row[1].as_str().unwrap(),
                row[2].as_str().unwrap(),
                row[5].as_str().unwrap(),
            )
        })
        .collect();
    let wanted = [
        ("TS-2026-1", "A", "standing"),
        ("TS-2026-2", "B", "void"),
        ("TS-2026-3", "C", "standing"),
        ("TS-2026-4", "D", "standing"),
    ];
    assert_eq!(seen, wanted);
}

const CALL: &str = r#"
[procedure]
id = "fuheng/call"
title = "来电规程"
effective = 2024-01-01

[clause."1"]
text = "来电轮流接听。"

[role.adviser]
title = "顾问"
in_turn = "call.taken"

[case.call]
title = "来电"
[case.call.events]
came = "来电"
taken = "接听"

[deadline.take]
title = "接听"
clause = "1"
on = "call.came"
within = "1小时"
done = "call.taken"
bearer = "adviser"
"#;

#[test]
fn the_next_in_turn_is_named_everywhere() {
    let mut bench = server();
    fs::write(bench.policies().join("fuheng/call.toml"), CALL).unwrap();
    let path = bench.policies().join("fuheng/company.toml");
    let mut company = fs::read_to_string(&path).unwrap();
    company += "\n[person.t1]\nname = \"甲\"\nholds = [{ role = \"adviser\" }]\n[person.t2]\nname = \"乙\"\nholds = [{ role = \"adviser\" }]\n";
    fs::write(&path, company).unwrap();
    bench.restart();
    let came = |case: &str, at: &str| event(&format!("{case}-c"), "call.came", case, at, json!({}));
    let named = |view: &Value| view["bearers"][0]["person"].as_str().unwrap().to_owned();
    let first = bench.post(came("A", "02T11:10"));
    assert_eq!(named(&first["opened"][0]), "t1");
    let taken = by(event("A-t", "call.taken", "A", "02T11:11", json!({})), "t1", "adviser");
    bench.post(taken);
    let second = bench.post(came("B", "02T11:30"));
    assert_eq!(
        (named(&second["opened"][0]), named(&second["next"][0])),
        ("t2".into(), "t2".into())
    );
    bench.restart();
    assert_eq!(named(&bench.owed("B", "take")), "t2");
    assert_eq!(named(&bench.owed("A", "take")), "t1");
    assert_eq!(named(&bench.get("/obligations/B~take~1")), "t2");
    assert_eq!(named(&bench.get("/obligations/B~take~1/explain")), "t2");
    assert_eq!(named(&bench.get("/cases/B/next")["next"][0]), "t2");
    assert_eq!(bench.due("person=t2").len(), 1);
    assert_eq!(bench.due("person=t1").len(), 0);
    let report = bench.get("/reports/turns");
    let line: Vec<&str> = report["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row[2].as_str().unwrap())
        .collect();
    assert_eq!(line, ["t2", "t1"]);
}
