//! Texts beside the work, over HTTP.

use crate::bench::*;
use serde_json::{Value, json};
use std::fs;

/// A procedure of visitors beside that of follow-ups.
const VISITS: &str = r#"
[procedure]
id = "fuheng/visits"
title = "来访接待"
effective = 2024-01-01

[clause."1"]
text = "来访者当天接待。"
[clause."2"]
text = "先让座，再问来意；有异议的先听完。"

[case.visit]
title = "来访"
data = { name = "text", matter = "text", building = "text", mood = ["calm", "angry"] }
[case.visit.events]
came = { title = "来访", needs = ["matter"] }
moved = "登记"
received = "接待"

[deadline.reception]
title = "接待"
clause = "1"
on = "visit.came"
within = "当天"
done = "visit.received"
bearer = "director"

[guidance.reception-steps]
title = "接待步骤"
clause = "2"
of = "reception"
checklist = ["让座", "问来意"]

[guidance.listen]
title = "先听"
clause = "2"
on = "visit.came"
when = { mood = "angry" }
hint = "先听完。"

[notice.card]
title = "接待单"
clause = "1"
of = "reception"
text = "{name}（{mood}）来访：{matter}，{bearer.name} {due} 前接待"

[notice.visitors]
title = "来访一览"
clause = "1"
head = "来访{rows}件"
[notice.visitors.list]
kind = "visit"
on = "visit.came"
per = "month"
row = "{case} {matter}"
"#;

fn serving() -> Bench {
    let mut bench = server();
    fs::write(bench.policies().join("fuheng/visits.toml"), VISITS).unwrap();
    bench.restart();
    bench
}

#[test]
fn guidance_comes_with_the_answer_and_stays_with_the_obligation() {
    let bench = serving();
    let came = |id: &str, mood: &str| {
        event(
            id,
            "visit.came",
            id,
            "02T09:00",
            json!({ "matter": "漏水", "mood": mood }),
        )
    };
    let steps = json!({ "id": "reception-steps", "title": "接待步骤", "clause": "2", "checklist": ["让座", "问来意"] });
    let listen = json!({ "id": "listen", "title": "先听", "clause": "2", "hint": "先听完。" });
    let calm = bench.post(came("V-1", "calm"));
    assert_eq!(calm["hints"], json!([]));
    let angry = bench.post(came("V-2", "angry"));
    assert_eq!(angry["hints"], json!([listen]));
    let again: Value = bench.try_post(&came("V-2", "angry")).expect(200);
    assert_eq!(again["hints"], angry["hints"], "the same again, the same answer");
    let owed = bench.get("/obligations/V-2~reception~1");
    assert_eq!(
        (&owed["checklist"], &owed["hints"]),
        (&json!(["让座", "问来意"]), &json!([steps]))
    );
}

#[test]
fn a_notice_is_written_or_names_every_gap() {
    let bench = serving();
    let data = json!({ "matter": "漏水", "building": "1" });
    bench.post(event("1", "visit.came", "V-1", "02T09:00", data));
    let gaps = bench
        .reply("/obligations/V-1~reception~1/notice")
        .problem(422, "notice-incomplete");
    assert_eq!(
        (&gaps["missing"], &gaps["clause"]),
        (&json!(["name", "mood"]), &json!("1"))
    );
    bench.post(event(
        "2",
        "visit.moved",
        "V-1",
        "02T09:30",
        json!({ "name": "王女士", "mood": "calm" }),
    ));
    let written = bench.get("/obligations/V-1~reception~1/notice");
    assert_eq!(written["text"], "王女士（calm）来访：漏水，周立 2026-03-02 前接待");
    assert_eq!(
        (&written["notice"], &written["obligation"], &written["clause"]),
        (&json!("card"), &json!("V-1~reception~1"), &json!("1"))
    );
    // As it was known before, it could not be written.
    let before = bench.reply("/obligations/V-1~reception~1/notice?as_of=2026-03-02T09:10:00");
    before.problem(422, "notice-incomplete");
    // What has none, and what there is not.
    resolved(&bench, "C-1");
    bench
        .reply("/obligations/C-1~complaint-follow-up~1/notice")
        .problem(404, "unknown-notice");
    bench
        .reply("/obligations/V-9~reception~1/notice")
        .problem(404, "unknown-obligation");
}

#[test]
fn a_list_is_written_for_a_period() {
    let bench = serving();
    for (n, matter) in [("1", "漏水"), ("2", "噪音")] {
        let id = format!("V-{n}");
        bench.post(event(
            n,
            "visit.came",
            &id,
            &format!("0{n}T09:00"),
            json!({ "matter": matter }),
        ));
    }
    let list = bench.get("/notices/visitors?period=2026-03");
    assert_eq!(list["text"], "来访2件\nV-1 漏水\nV-2 噪音");
    assert_eq!(
        list["rows"],
        json!([
            { "case": "V-1", "event": "1", "text": "V-1 漏水" },
            { "case": "V-2", "event": "2", "text": "V-2 噪音" },
        ])
    );
    assert_eq!(list["edition"], bench.get("/policies/visits")["edition"]);
    let period = json!({ "name": "2026-03", "first_on": "2026-03-01", "last_on": "2026-03-31" });
    assert_eq!(list["period"], period);
    assert_eq!(
        bench.get("/notices/visitors?as_of=2026-03-01T12:00:00")["rows"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(bench.get("/notices/visitors?period=2026-02")["text"], "来访0件");
    bench
        .reply("/notices/visitors?period=2026-Q1")
        .problem(400, "bad-parameter");
    bench
        .reply("/notices/visitors?month=2026-03")
        .problem(400, "unknown-parameter");
    bench.reply("/notices/card").problem(404, "unknown-notice");
}
