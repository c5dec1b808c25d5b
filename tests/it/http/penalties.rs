//! The ledger of penalties over HTTP: charges, what is taken back, totals, decisions.

use crate::bench::*;
use serde_json::{Value, json};
use std::fs;

const DISCIPLINE: &str = r#"
[procedure]
id = "fuheng/discipline"
title = "奖惩"
effective = 2024-01-01

[clause."1"]
text = "投诉回访不及时，每人一百元，主任连带五十元。"
[clause."2"]
text = "态度冷漠的，主任在二十至五十元内定。"

[case.visit]
title = "接待"
[case.visit.events]
cold = "冷漠"

[penalty.late]
title = "回访不及时"
clause = "1"
of = "complaint-follow-up"
amount_fen = 10000
joint = [{ role = "director", amount_fen = 5000 }]

[penalty.cold]
title = "冷漠"
clause = "2"
on = "visit.cold"
between_fen = [2000, 5000]
decided_by = "director"
decide_within = "3天"
against = "actor"
"#;

fn disciplined() -> Bench {
    let bench = server();
    fs::write(bench.policies().join("fuheng/discipline.toml"), DISCIPLINE).unwrap();
    bench.reload("").expect(200);
    resolved(&bench, "C-1");
    bench.set("2026-03-20T12:00:00+08:00");
    bench
}

fn lines(ledger: &Value) -> Vec<Value> {
    let items = ledger["items"].as_array().unwrap().iter();
    items
        .map(|l| json!([l["on"], l["person"], l["kind"], l["amount_fen"], l["status"]]))
        .collect()
}

#[test]
fn a_breach_is_charged_in_its_month_and_taken_back_in_another() {
    let bench = disciplined();
    let march = bench.get("/penalties?period=2026-03");
    let charged = [
        json!(["2026-03-06", "zhang", "charge", 10000, "standing"]),
        json!(["2026-03-06", "chen", "charge", 10000, "standing"]),
    ];
    for line in &charged {
        assert!(lines(&march).contains(line), "{march}");
    }
    assert_eq!((lines(&march).len(), &march["amount_fen"]), (3, &json!(25000)));
    let first = &march["items"][0];
    assert_eq!(
        (&first["obligation"], &first["clause"]),
        (&json!("C-1~complaint-follow-up~1"), &json!("1"))
    );
    // Nothing before the term is over.
    let before = bench.get("/penalties?period=2026-03&as_of=2026-03-05T23:59:59%2B08:00");
    assert_eq!(lines(&before), [] as [Value; 0]);

    bench.set("2026-04-02T12:00:00+08:00");
    let waiver = json!({ "obligation": "C-1~complaint-follow-up~1", "until": "2026-12-31", "reason": "台风" });
    let waived = event("w", "obligation.waived", "C-1", "2026-04-02T11:00:00+08:00", waiver);
    bench.post(with(waived, "actor", json!({ "role": "director" })));
    let march = bench.get("/penalties?period=2026-03");
    assert_eq!(march["amount_fen"], 25000);
    assert_eq!(march["items"][0]["status"], "reversed");
    let april = bench.get("/penalties?period=2026-04");
    assert_eq!(april["amount_fen"], -25000);
    assert!(lines(&april).contains(&json!(["2026-04-02", "zhang", "reversal", -10000, "reversed"])));
    let quarter = bench.get("/penalties?period=2026");
    assert_eq!((&quarter["amount_fen"], lines(&quarter).len()), (&json!(0), 6));
    let zhang = quarter["by_person"]
        .as_array()
        .unwrap()
        .iter()
        .find(|t| t["id"] == "zhang")
        .unwrap();
    assert_eq!(
        (&zhang["name"], &zhang["amount_fen"], &zhang["lines"]),
        (&json!("张蕾"), &json!(0), &json!(2))
    );
    // As known before the waiver, nothing was taken back.
    let known = bench.get("/penalties?period=2026&known_at=2026-03-31T00:00:00%2B08:00");
    assert_eq!(known["amount_fen"], 25000);
    let csv = bench.reply("/penalties?period=2026-04&format=csv").text;
    assert!(csv.contains("\"reversal\",\"-10000\",\"reversed\""), "{csv}");
    let table = bench.get("/reports/penalties?period=2026-04");
    assert_eq!(table["rows"].as_array().unwrap().len(), 3);
    bench.reply("/penalties?period=April").expect(400);
}

#[test]
fn what_is_left_to_somebody_is_decided_within_bounds() {
    let mut bench = disciplined();
    bench.post(by(
        event("v", "visit.cold", "V-1", "19T09:00", json!({})),
        "zhang",
        "area-manager",
    ));
    let ledger = bench.get("/penalties?period=2026-03-19");
    assert_eq!(
        lines(&ledger),
        [json!(["2026-03-19", "zhang", "proposal", null, "proposed"])]
    );
    assert_eq!(ledger["by_person"], json!([]));
    let id = bench.due("rule=cold-decision")[0]["id"].clone();
    let decide = |event_id: &str, amount: Value| {
        let data = json!({ "obligation": id, "amount_fen": amount, "reason": "初犯" });
        with(
            event(event_id, "penalty.decided", "V-1", "20T09:00", data),
            "actor",
            json!({ "role": "director" }),
        )
    };
    let problem = bench.try_post(&decide("a", json!(5001))).problem(422, "out-of-range");
    assert_eq!(
        (&problem["pointer"], &problem["clause"]),
        (&json!("/data/amount_fen"), &json!("2"))
    );
    bench.try_post(&decide("a", json!("3000"))).problem(422, "bad-value");
    bench.post(decide("a", json!(3000)));
    bench.restart();
    let ledger = bench.get("/penalties?period=2026-03-20");
    assert_eq!(
        lines(&ledger),
        [json!(["2026-03-20", "zhang", "charge", 3000, "standing"])]
    );
    assert!(bench.due("rule=cold-decision").is_empty());
}
