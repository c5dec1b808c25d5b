//! The laws, where something happens to one case and is due for others, where wishes limit what recurs, and where what
//! recurs looks at its condition again.

use super::history::{Act, Live, acts, amended, at, happens};
use super::small::{company, live};
use super::{config, rearranged, timeless};
use crate::domain::event::Event;
use chrono::TimeDelta;
use proptest::prelude::*;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

const ESTATE: &str = r#"
    [procedure]
    id = "small/p"
    title = "回访"
    effective = 2020-01-01
    [clause."1"]
    text = "工程节点通知本项目的买家；重点买家每三天回访，反感电话的少打，不愿留电话的不打。"
    [role.boss]
    title = "主任"
    [case.estate]
    title = "项目"
    data = { name = "text", stage = "text" }
    cancel_on = "dropped"
    [case.estate.events]
    reached = "到节点"
    named = "改名"
    dropped = "停建"
    [case.buyer]
    title = "买家"
    data = { estate = "text", class = ["A", "B", "C"], hush = "bool", silent = "bool" }
    cancel_on = "left"
    reopen_on = "back"
    [case.buyer.events]
    signed = "签约"
    marked = "改资料"
    told = "告知"
    left = "退房"
    back = "重来"
    [occasion.news]
    title = "通知进度"
    clause = "1"
    on = "estate.reached"
    for = "buyer"
    match = { estate = "case" }
    when = { class = ["A", "B"] }
    within = "2天"
    done = "buyer.told"
    bearer = "clerk"
    [occasion.greeting]
    title = "祝贺"
    clause = "1"
    on = "estate.reached"
    for = "buyer"
    when = { stage = "封顶", class = "C" }
    within = "1天"
    done = "buyer.told"
    bearer = "boss"
    [recurring.call]
    title = "回访"
    clause = "1"
    on = "buyer.signed"
    when = { class = "A" }
    every = { days = 3 }
    done = "buyer.told"
    bearer = "clerk"
    [consent.hush]
    title = "少打"
    clause = "1"
    of = ["call"]
    when = { hush = true }
    stretch = 2
    [consent.silent]
    title = "不打"
    clause = "1"
    of = ["call", "news"]
    when = { silent = true }
    stop = true
"#;

/// A history. Within a case all instants differ; between cases they often agree.
fn history(acts: &[Act]) -> Vec<Event> {
    let start = at("2026-03-01T00:00");
    let mut events: Vec<Event> = Vec::new();
    let mut nth: BTreeMap<String, i64> = BTreeMap::new();
    for (n, act) in acts.iter().enumerate() {
        if act.what >= 8 {
            let amending = amended(&events, act, n, start).map(|event| Event {
                // At an instant of its own.
                occurred_at: event.occurred_at + TimeDelta::milliseconds(1 + n as i64),
                ..event
            });
            events.extend(amending);
            continue;
        }
        let (buyer, estate) = (format!("B-{}", act.case), format!("E-{}", act.case % 2));
        let class = ["A", "B", "C", "A"][usize::from(act.variant % 4)];
        let home = format!("E-{}", act.variant % 2);
        let (case, kind, data) = match act.what {
            0 | 1 => (buyer, "buyer.signed", json!({ "estate": home, "class": class })),
            2 => (
                buyer,
                "buyer.marked",
                json!({ "class": class, "hush": act.variant > 4 }),
            ),
            3 => (buyer, "buyer.marked", json!({ "silent": act.variant % 2 == 0 })),
            4 => (buyer, "buyer.told", json!({})),
            5 if act.variant < 4 => (buyer, "buyer.left", json!({})),
            5 => (buyer, "buyer.back", json!({})),
            6 if act.variant == 7 => (estate, "estate.dropped", json!({})),
            6 if act.variant > 4 => (estate, "estate.named", json!({ "name": "n" })),
            _ => (
                estate,
                "estate.reached",
                json!({ "stage": if act.variant % 2 == 0 { "封顶" } else { "交房" } }),
            ),
        };
        let count = nth.entry(case.clone()).or_default();
        *count += 1;
        let mut event = happens(n, &case, kind, "2026-03-01T00:00", "2026-03-01T00:00", data);
        event.occurred_at = start + TimeDelta::hours(i64::from(act.minute / 60 / 6 * 6)) + TimeDelta::seconds(*count);
        event.recorded_at = event.occurred_at + TimeDelta::minutes(i64::from(act.late));
        events.push(event);
    }
    events
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn who_comes_first_does_not_matter(
        acts in acts(0..10, 30), keys in prop::collection::vec(any::<u32>(), 30), together in 1usize..5
    ) {
        let company = company(&[ESTATE]);
        let events = history(&acts);
        let reported = |order: &[Event], together: usize| {
            let mut live = live(&company);
            for (n, group) in order.chunks(together).enumerate() {
                let now = at("2026-04-10T08:00") + TimeDelta::minutes(n as i64);
                let group: Vec<Event> = group.iter().map(|e| Event { recorded_at: now, ..e.clone() }).collect();
                live.record(&group);
            }
            live
        };
        let one = reported(&events, 1);
        let other = reported(&rearranged(&events, &keys), together);
        let late = at("2026-05-20T00:00");
        prop_assert_eq!(timeless(one.shown(late)), timeless(other.shown(late)));
    }

    #[test]
    fn a_rebuild_is_the_same(acts in acts(0..10, 40), together in 1usize..4) {
        let company = company(&[ESTATE]);
        let mut events = history(&acts);
        events.sort_by_key(|e| e.recorded_at);
        let mut live: Live = live(&company);
        for group in events.chunks(together) {
            let now = group.iter().map(|e| e.recorded_at).max().unwrap();
            let group: Vec<Event> = group.iter().map(|e| Event { recorded_at: now, ..e.clone() }).collect();
            live.record(&group);
        }
        let late = at("2026-07-01T00:00");
        live.advance(late);
        let mut rebuilt = live.rebuilt(&company);
        rebuilt.advance(late);
        prop_assert_eq!(live.shown(late), rebuilt.shown(late));
    }
}

/// The histories are rich enough for the laws to mean something.
#[test]
fn all_of_it_happens() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let company = company(&[ESTATE]);
    let mut runner = TestRunner::deterministic();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for _ in 0..60 {
        let acts = acts(0..10, 40).new_tree(&mut runner).unwrap().current();
        let mut events = history(&acts);
        events.sort_by_key(|e| e.recorded_at);
        let mut live = live(&company);
        for event in &events {
            live.record(std::slice::from_ref(event));
        }
        for view in live.shown(at("2026-04-20T00:00")).values() {
            seen.insert(format!(
                "{} {}",
                view["rule"].as_str().unwrap(),
                view["standing"].as_str().unwrap()
            ));
        }
    }
    for rule in ["news", "greeting", "call"] {
        for standing in ["fulfilled", "overdue", "cancelled"] {
            assert!(
                seen.contains(&format!("{rule} {standing}")),
                "{rule} {standing}: {seen:?}"
            );
        }
    }
}

/// A milestone that many buyers wait for costs each of them one look, and the others nothing.
#[test]
fn who_registers_late_and_what_is_taken_back() {
    let company = company(&[ESTATE]);
    let mut live = live(&company);
    let signed = |n: usize, case: &str, when: &str, reported: &str| {
        happens(
            n,
            case,
            "buyer.signed",
            when,
            reported,
            json!({ "estate": "E-0", "class": "B" }),
        )
    };
    live.record(&[signed(0, "B-0", "2026-03-01T09:00", "2026-03-01T09:00")]);
    let reached = happens(
        1,
        "E-0",
        "estate.reached",
        "2026-03-05T09:00",
        "2026-03-05T09:00",
        json!({ "stage": "封顶" }),
    );
    live.record(std::slice::from_ref(&reached));
    // Signed before the milestone and reported after it: due. Signed after it: not.
    live.record(&[signed(2, "B-1", "2026-03-04T09:00", "2026-03-06T09:00")]);
    live.record(&[signed(3, "B-2", "2026-03-05T10:00", "2026-03-06T10:00")]);
    let now = at("2026-03-06T12:00");
    let ids = |live: &Live| live.shown(now).into_keys().collect::<Vec<_>>();
    assert_eq!(ids(&live), ["B-0~news~1", "B-1~news~1"]);
    assert_eq!(live.shown(now)["B-1~news~1"]["due"]["date"], "2026-03-07");
    assert_eq!(live.shown(now)["B-1~news~1"]["triggered_by"], "x1");
    // It was another estate's.
    let mut back = happens(
        4,
        "E-0",
        "estate.reached",
        "2026-03-06T11:00",
        "2026-03-06T11:00",
        json!({}),
    );
    back.retracts = Some("x1".into());
    live.record(&[back]);
    assert!(ids(&live).is_empty());
}
