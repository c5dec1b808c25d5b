//! Days that are drawn: which they are, when they open, who may know.

use crate::engine::laws::history::{at, happens};
use crate::engine::laws::small::{company, live};
use serde_json::json;

const CHECKS: &str = r#"
    [procedure]
    id = "small/p"
    title = "抽查"
    effective = 2020-01-01
    [clause."6"]
    text = "主任每月抽查一次值班，日子不让人知道。"
    [role.boss]
    title = "主任"
    [case.post]
    title = "岗位"
    [case.post.events]
    opened = "开始"
    checked = "抽查"
    [recurring.check]
    title = "抽查值班"
    clause = "6"
    on = "post.opened"
    every = { random_day = "month", secret = true }
    done = "post.checked"
    bearer = "boss"
"#;

/// The days are worked out outside: SHA-256 over 32 bytes of 7, `check`, 0, `A`, 0, the period's last day.
#[test]
fn one_day_of_each_month_is_drawn_and_can_be_drawn_again() {
    let mut live = live(&company(&[CHECKS]));
    live.record(&[happens(
        0,
        "A",
        "post.opened",
        "2026-03-10T09:00",
        "2026-03-10T09:00",
        json!({}),
    )]);
    live.advance(at("2026-05-01T00:00"));
    let shown = live.shown(at("2026-05-01T00:00"));
    let days: Vec<&str> = shown.values().map(|v| v["due"]["date"].as_str().unwrap()).collect();
    assert_eq!(days, ["2026-03-10", "2026-04-09", "2026-05-22"]);
}

#[test]
fn a_drawn_day_is_for_that_day_and_hidden_until_then() {
    let mut live = live(&company(&[CHECKS]));
    live.record(&[happens(
        0,
        "A",
        "post.opened",
        "2026-03-10T09:00",
        "2026-03-10T09:00",
        json!({}),
    )]);
    live.record(&[happens(
        1,
        "A",
        "post.checked",
        "2026-03-10T10:00",
        "2026-03-10T10:00",
        json!({}),
    )]);
    // On another day than the drawn one it is no check.
    live.record(&[happens(
        2,
        "A",
        "post.checked",
        "2026-04-02T10:00",
        "2026-04-02T10:00",
        json!({}),
    )]);
    let hidden = |live: &crate::engine::laws::history::Live, now: &str| -> Vec<bool> {
        let cases = live.cases(at(now));
        let all = cases.iter().flat_map(|(_, case)| &case.obligations);
        all.map(|o| o.is_hidden(at(now))).collect()
    };
    let now = "2026-04-08T23:59";
    assert_eq!(live.shown(at(now))["A~check~1.2026-03-10"]["standing"], "fulfilled");
    let next = &live.shown(at(now))["A~check~1.2026-04-09"];
    assert_eq!(
        (&next["standing"], &next["flags"][0]),
        (&json!("scheduled"), &json!("early_attempt"))
    );
    assert_eq!(hidden(&live, now), [false, true]);
    assert_eq!(
        live.shown(at("2026-04-09T00:00"))["A~check~1.2026-04-09"]["standing"],
        "open"
    );
    assert_eq!(hidden(&live, "2026-04-09T00:00"), [false, false]);
}
