//! The laws of what is worked out: computed fields, and records that a script accepts, follow from the record alone.

use super::history::{Act, Live, acts, amended, at, blank, minutes};
use super::{config, rearranged, small, timeless};
use crate::domain::event::Event;
use crate::engine::intake::value_of;
use crate::policy::model::Company;
use chrono::TimeDelta;
use proptest::prelude::*;
use serde_json::json;
use std::sync::{Arc, LazyLock};

fn company() -> Arc<Company> {
    static COMPANY: LazyLock<Arc<Company>> = LazyLock::new(|| small::scripted(&[POLICY], SCRIPT));
    COMPANY.clone()
}

/// Small numbers are read, 5 is a fault, 6 asks for more operations than there are, 7 is answered wrongly.
const SCRIPT: &str = r#"
    fn level(m) {
        if m.size == 5 { throw "five"; }
        if m.size == 6 { loop { } }
        if m.size == 7 { return "huge"; }
        if m.size > 2 || m.times > 2 { "large" } else { "small" }
    }
    fn lacks(m) {
        if m.level == "large" && m.size == 3 { throw "three"; }
        if filled(m.by) { [] } else { ["by"] }
    }
"#;

const POLICY: &str = r#"
    [procedure]
    id = "small/p"
    title = "计算"
    effective = 2020-01-01
    [clause."1"]
    text = "一条。"
    [role.boss]
    title = "主任"
    [case.job]
    title = "事"
    data = { size = "number", since = "date" }
    reopen_on = "reopened"
    cancel_on = "withdrawn"
    [case.job.computed]
    level = { script = "level", from = ["size", "times"], type = ["small", "large"], otherwise = "large" }
    times = { count = "job.asked" }
    age = { years_since = "since" }
    [case.job.events]
    asked = "问到"
    told = "补充"
    done = { title = "办完", record = "sheet" }
    reopened = "重办"
    withdrawn = "撤回"
    [record.sheet]
    title = "单"
    clause = "1"
    fields = { by = "text" }
    accept = "lacks"
    [deadline.do]
    title = "办"
    clause = "1"
    on = "job.asked"
    within = [{ when = { level = "large" }, term = "1d" }, { term = "3d" }]
    done = "job.done"
    bearer = [{ when = { age = { at_least = 5 } }, role = "boss" }, { role = "clerk" }]
"#;

const MANY: u8 = 8;

fn happened(acts: &[Act], start: &str) -> Vec<Event> {
    let start = at(start);
    let mut events: Vec<Event> = Vec::new();
    for (n, act) in acts.iter().enumerate() {
        let v = act.variant;
        let (kind, data) = match act.what {
            0 => ("job.asked", json!({ "size": v % 8 })),
            1 => ("job.asked", json!({})),
            2 => ("job.told", json!({ "size": v % 8 })),
            3 => (
                "job.told",
                json!({ "since": format!("202{}-03-{:02}", v % 3, 5 + v % 20) }),
            ),
            4 => ("job.done", json!({ "by": "" })),
            5 => ("job.done", json!({ "by": "wang" })),
            6 if v < 4 => ("job.reopened", json!({})),
            6 if v < 6 => ("job.withdrawn", json!({})),
            _ => {
                events.extend(amended(&events, act, n, start));
                continue;
            }
        };
        let occurred_at = start + minutes(act.minute) + TimeDelta::seconds(n as i64 % 60);
        let data = data.as_object().unwrap().iter();
        events.push(Event {
            id: format!("x{n}").into(),
            kind: kind.into(),
            case: format!("J-{}", act.case).into(),
            occurred_at,
            recorded_at: occurred_at + minutes(act.late),
            data: data
                .map(|(k, v)| (Arc::from(k.as_str()), value_of(v).unwrap().unwrap()))
                .collect(),
            ..blank(n)
        });
    }
    events
}

fn data(live: &Live) -> Vec<String> {
    let slots = live.world.slots();
    let mut all: Vec<String> = slots.map(|s| format!("{} {:?}", s.id, s.case.data)).collect();
    all.sort();
    all
}

proptest! {
    #![proptest_config(config(60))]

    /// Neither the order of arrival nor a rebuild matters to what is worked out and what follows from it.
    #[test]
    fn any_order_of_arrival_works_out_the_same(
        acts in acts(0..MANY, 25), keys in prop::collection::vec(any::<u32>(), 25), together in 1usize..5
    ) {
        let company = company();
        let events = happened(&acts, "2026-03-01T00:00");
        let reported = |order: &[Event], together: usize| {
            let mut live = Live::new(&company);
            for (n, group) in order.chunks(together).enumerate() {
                let now = at("2026-04-30T08:00") + minutes(n as u32);
                let group: Vec<Event> = group.iter().map(|e| Event { recorded_at: now, ..e.clone() }).collect();
                live.record(&group);
            }
            live
        };
        let one = reported(&events, 1);
        let other = reported(&rearranged(&events, &keys), together);
        let late = at("2026-05-20T00:00");
        prop_assert_eq!(data(&one), data(&other));
        prop_assert_eq!(timeless(one.shown(late)), timeless(other.shown(late)));
        let rebuilt = one.rebuilt(&company);
        prop_assert_eq!(data(&one), data(&rebuilt));
        prop_assert_eq!(one.shown(late), rebuilt.shown(late));
    }
}

/// The histories are rich enough for the laws to speak of something.
#[test]
fn the_histories_of_computed_fields_are_rich() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let company = company();
    let mut runner = TestRunner::deterministic();
    let (mut reviews, mut healed, mut unread, mut done) = (0, 0, 0, 0);
    for _ in 0..40 {
        let acts = acts(0..MANY, 25).new_tree(&mut runner).unwrap().current();
        let mut live = Live::new(&company);
        for event in &happened(&acts, "2026-03-01T00:00") {
            let now = at("2026-04-30T08:00");
            live.record(&[Event {
                recorded_at: now,
                ..event.clone()
            }]);
        }
        for view in live.shown(at("2026-05-20T00:00")).values() {
            let is_review = view["rule"] == "job.level";
            reviews += i32::from(is_review && view["standing"] == "overdue");
            healed += i32::from(is_review && view["standing"] == "cancelled");
            unread += i32::from(view["rule"] == "sheet.accept");
            done +=
                i32::from(view["rule"] == "do" && view["standing"] != "cancelled" && !view["fulfilled_by"].is_null());
        }
    }
    assert!(
        reviews > 5 && healed > 5 && unread > 0 && done > 5,
        "{reviews} {healed} {unread} {done}"
    );
}
