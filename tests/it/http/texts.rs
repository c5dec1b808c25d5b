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
