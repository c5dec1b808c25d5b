//! Points over HTTP: a policy that the running server takes up, balances that no event may break, statements.

use crate::bench::*;
use serde_json::{Value, json};
use std::fs;

const POINTS: &str = r#"
[procedure]
id = "fuheng/club"
title = "业主会员"
effective = 2024-01-01

[clause."1"]
text = "推荐得积分，积分换礼，余额不得为负。"

[case.member]
title = "会员"
[case.member.events]
referred = { title = "推荐", needs = ["points"], data = { points = "number" } }
redeemed = { title = "换礼", needs = ["points"], data = { points = "number" } }

[metric.points]
title = "会员积分"
clause = "1"
points = { earn = { "member.referred" = { field = "points" } }, spend = { "member.redeemed" = { field = "points" } } }
"#;

fn club() -> Bench {
    let bench = server();
    fs::write(bench.policies().join("fuheng/club.toml"), POINTS).unwrap();
    bench.reload("").expect(200);
    bench.set("2026-03-20T12:00:00+08:00");
    bench
}

fn moved(id: &str, kind: &str, at: &str, points: i64) -> Value {
    event(id, kind, "M-1", at, json!({ "points": points }))
}

#[test]
fn more_than_there_is_cannot_be_spent() {
    let bench = club();
    bench.post(moved("a", "member.referred", "10T09:00", 30));
    bench.post(moved("b", "member.redeemed", "12T09:00", 20));
    let problem = bench
        .try_post(&moved("c", "member.redeemed", "13T09:00", 11))
        .expect(422);
    assert_eq!(
        (&problem["code"], &problem["pointer"]),
        (&json!("balance"), &json!("/data/points"))
    );
    assert_eq!(problem["clause"], "1");
    // What is left may go; what was earned on the 10th cannot pay for the 9th.
    let problem = bench
        .try_post(&moved("d", "member.redeemed", "09T09:00", 1))
        .expect(422);
    assert_eq!(problem["code"], "balance");
    bench.post(moved("e", "member.redeemed", "13T09:00", 10));
    let statement = bench.get("/reports/metrics?metric=points&case=M-1&period=2026-03");
    let rows: Vec<Value> = statement["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| json!([r[2], r[4], r[5], r[6]]))
        .collect();
    assert_eq!(
        rows,
        [json!(["a", 30, 0, 30]), json!(["b", 0, 20, 10]), json!(["e", 0, 10, 0])]
    );
    let report = bench.get("/reports/metrics?metric=points&period=2026-03");
    let rows: Vec<Value> = report["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| json!([r[4], r[5], r[7], r[8]]))
        .collect();
    assert_eq!(rows, [json!(["", "", "0", 1]), json!(["case", "M-1", "0", 3])]);
    // As of the 11th there were 30.
    let then = bench.get("/reports/metrics?metric=points&period=2026-03&as_of=2026-03-11T00:00:00%2B08:00");
    assert_eq!(then["rows"][1][7], "30");
}

#[test]
fn a_batch_that_overdraws_is_refused_whole() {
    let bench = club();
    let lines = [
        moved("a", "member.referred", "10T09:00", 30),
        moved("b", "member.redeemed", "12T09:00", 20),
        moved("c", "member.redeemed", "13T09:00", 20),
    ];
    let before = bench.fingerprint();
    let problem = bench.batch("", &lines).expect(422);
    assert_eq!(problem["errors"][0]["code"], "balance", "{problem}");
    assert_eq!(bench.fingerprint(), before);
    let taken = bench.batch("?partial=true", &lines).expect(200);
    assert_eq!(
        (&taken["accepted"], &taken["refused"][0]["line"]),
        (&json!(2), &json!(3))
    );
}
