//! What is due for many, in which hours, on which secret day, over HTTP.

use crate::bench::*;
use serde_json::{Value, json};
use std::fs;

const SALES: &str = r#"
[procedure]
id = "fuheng/sales"
title = "营销回访"
effective = 2024-01-01

[clause."1"]
text = "节点两天内告知每位买家，在合适的时间打电话；反感电话的发短信；主任每月抽查。"

[case.estate]
title = "项目"
[case.estate.events]
reached = "到节点"

[case.buyer]
title = "买家"
data = { estate = "text", dislikes_calls = "bool" }
[case.buyer.events]
signed = { title = "签约", needs = ["estate"] }
told = "告知"

[case.post]
title = "岗位"
[case.post.events]
opened = "开始"
checked = "抽查"

[hours.calling]
title = "打电话的时间"
clause = "1"
open = [["10:00", "11:30"], ["15:30", "17:00"]]

[occasion.news]
title = "通知进度"
clause = "1"
on = "estate.reached"
for = "buyer"
match = { estate = "case" }
within = "2天"
done = "buyer.told"
bearer = "director"
prefer = "calling"

[recurring.check]
title = "抽查"
clause = "1"
on = "post.opened"
every = { random_day = "month", secret = true }
done = "post.checked"
bearer = "director"

[consent.by-message]
title = "发短信"
clause = "1"
of = "news"
when = { dislikes_calls = true }
channel = "message"
"#;

fn serving() -> Bench {
    let bench = server();
    fs::write(bench.policies().join("fuheng/sales.toml"), SALES).unwrap();
    bench.reload("").expect(200);
    bench
}

#[test]
fn hours_say_whether_they_are_open_and_when_next() {
    let bench = serving();
    let asked = bench.get("/hours/calling?at=2026-03-02T11:00:00");
    assert_eq!(
        (&asked["open"], &asked["closes_at"], &asked["next_opening"]),
        (
            &json!(true),
            &json!("2026-03-02T11:30:00+08:00"),
            &json!("2026-03-02T15:30:00+08:00")
        )
    );
    assert_eq!(bench.get("/hours/calling?at=2026-03-02T11:30:00")["open"], false);
    bench.reply("/hours/nothing").problem(404, "unknown-hours");
}

#[test]
fn a_milestone_is_due_for_every_buyer_also_after_a_restart_and_as_it_was_known() {
    let mut bench = serving();
    bench.set("2026-03-05T12:00:00+08:00");
    let signed = |id: &str, case: &str, at: &str, data: Value| event(id, "buyer.signed", case, at, data);
    bench.post(signed(
        "a",
        "B-1",
        "01T09:00",
        json!({ "estate": "E-1", "dislikes_calls": true }),
    ));
    bench.post(signed("b", "B-2", "01T09:00", json!({ "estate": "E-2" })));
    bench.post(event("m", "estate.reached", "E-1", "05T10:00", json!({})));
    bench.set("2026-03-06T12:00:00+08:00");
    bench.post(signed("c", "B-3", "04T09:00", json!({ "estate": "E-1" })));
    let cases = |bench: &Bench, query: &str| -> Vec<String> {
        let due = bench.due(query);
        let mut cases: Vec<String> = due.iter().map(|o| o["case"].as_str().unwrap().to_owned()).collect();
        cases.sort();
        cases
    };
    assert_eq!(cases(&bench, "rule=news"), ["B-1", "B-3"]);
    let one = bench.owed("B-1", "news");
    assert_eq!(
        (&one["triggered_by"], &one["due"]["date"]),
        (&json!("m"), &json!("2026-03-07"))
    );
    assert_eq!(one["channels"], json!(["message"]));
    assert_eq!(one["preferred_at"], "2026-03-06T15:30:00+08:00");
    let why = bench.get("/obligations/B-1~news~1/explain");
    assert_eq!(
        (&why["limits"][0]["consent"], &why["limits"][0]["clause"]["id"]),
        (&json!("by-message"), &json!("1"))
    );
    let path = "/v1/companies/fuheng/obligations/B-1~news~1/explain?format=text";
    let text = bench.ask("GET", path, "application/json", "");
    assert!(text.text.contains("到节点"), "{}", text.text);
    // As it was known before the third buyer was reported, and before the milestone was.
    assert_eq!(cases(&bench, "rule=news&known_at=2026-03-05T13:00:00"), ["B-1"]);
    assert!(cases(&bench, "rule=news&as_of=2026-03-05T09:00:00").is_empty());
    bench.restart();
    assert_eq!(cases(&bench, "rule=news"), ["B-1", "B-3"]);
}

#[test]
fn a_secret_day_is_known_to_its_bearer_alone() {
    let bench = serving();
    for n in 0..6 {
        let opened = event(
            &format!("o{n}"),
            "post.opened",
            &format!("P-{n}"),
            "02T09:00",
            json!({}),
        );
        // The answer does not give the day away.
        for shown in bench.post(opened)["next"].as_array().unwrap() {
            assert_eq!(shown["standing"], "open");
        }
    }
    let director = bench.due("person=zhou&rule=check&standing=open,scheduled");
    assert_eq!(director.len(), 6);
    let hidden: Vec<&Value> = director.iter().filter(|o| o["standing"] == "scheduled").collect();
    assert!(!hidden.is_empty());
    let others = bench.due("rule=check&standing=open,scheduled");
    assert_eq!(others.len(), 6 - hidden.len());
    for one in hidden {
        let id = one["id"].as_str().unwrap();
        bench
            .reply(&format!("/obligations/{id}"))
            .problem(404, "unknown-obligation");
        bench
            .reply(&format!("/obligations/{id}/explain"))
            .problem(404, "unknown-obligation");
        let case = bench.get(&format!("/cases/{}", one["case"].as_str().unwrap()));
        assert_eq!(case["obligations"], json!([]));
    }
}
