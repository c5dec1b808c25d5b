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
