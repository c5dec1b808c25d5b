//! The laws of samples: a draw follows from the record alone, and stands once it is made.

use super::history::{Act, Live, acts, amended, at, blank, minutes};
use super::{config, rearranged, small, timeless};
use crate::domain::event::Event;
use crate::domain::zone::Instant;
use crate::engine::draft;
use crate::engine::intake::value_of;
use crate::policy::model::{Company, Id};
use chrono::{NaiveDate, TimeDelta};
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

fn company() -> Arc<Company> {
    static COMPANY: LazyLock<Arc<Company>> = LazyLock::new(|| small::company(&[POLICY]));
    COMPANY.clone()
}

const POLICY: &str = r#"
    [procedure]
    id = "small/p"
    title = "抽样"
    effective = 2020-01-01
    [clause."1"]
    text = "一条。"
    [role.boss]
    title = "主任"
    [case.job]
    title = "事"
    data = { kind = "text", homes = "members" }
    reopen_on = "reopened"
    cancel_on = "withdrawn"
    [case.job.events]
    finished = "办完"
    reopened = "重办"
    withdrawn = "撤回"
    checked = "抽查"
    listed = "名单到"
    asked = { title = "问到", data = { home = "text" } }
    [recurring.weekly]
    title = "每周"
    clause = "1"
    on = "job.finished"
    every = "week"
    times = 3
    done = "job.asked"
    bearer = "boss"
    [sample.monthly]
    title = "每月抽"
    clause = "1"
    of = "job.finished"
    per = "month"
    share = "40%"
    strata = "kind"
    within = "5天"
    done = "job.checked"
    bearer = "boss"
    [sample.homes]
    title = "抽住户"
    clause = "1"
    on = "job.listed"
    frame = "homes"
    size = 2
    strata = { before = "-" }
    [deadline.ask]
    title = "问住户"
    clause = "1"
    on = "job.listed"
    within = "3天"
    count = { of_sample = "homes", distinct = "home" }
    done = "job.asked"
    bearer = "boss"
"#;

const MANY: u8 = 9;

fn happened(acts: &[Act], start: &str) -> Vec<Event> {
    let start = at(start);
    let mut events: Vec<Event> = Vec::new();
    for (n, act) in acts.iter().enumerate() {
        let v = act.variant;
        let (kind, data) = match act.what {
            0..=2 => ("job.finished", json!({ "kind": format!("k{}", v % 3) })),
            3 => ("job.checked", json!({})),
            4 => (
                "job.listed",
                json!({ "homes": (0..=v).map(|h| format!("{}-{h}", h % 2)).collect::<Vec<_>>() }),
            ),
            5 => ("job.asked", json!({ "home": format!("{}-{v}", v % 2) })),
            6 => ("job.reopened", json!({})),
            7 if v < 3 => ("job.withdrawn", json!({})),
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
            case: format!("J-{}", 3 * (v % 2) + act.case).into(),
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

/// What was drawn of each period: the frame and the drawn.
fn drawn(live: &Live) -> BTreeMap<(Id, NaiveDate), (Vec<Id>, Vec<Id>)> {
    let names = |list: &[crate::engine::lot::Entry]| list.iter().map(|e| e.member.clone()).collect();
    let draws = live.world.drawings().iter();
    draws
        .map(|d| {
            (
                (d.sample.id.clone(), d.last_on),
                (names(&d.lot.frame), names(&d.lot.drawn)),
            )
        })
        .collect()
}

/// Who was drawn of the members of each case.
fn members(live: &Live, as_of: Instant) -> Vec<String> {
    let of = |case: &crate::engine::case::Case| {
        format!("{:?}", case.draws.iter().map(|d| (d.cycle, &d.lot)).collect::<Vec<_>>())
    };
    let mut all: Vec<String> = live
        .cases(as_of)
        .iter()
        .map(|(id, case)| format!("{id} {}", of(case)))
        .collect();
    all.sort();
    all
}

proptest! {
    #![proptest_config(config(120))]

    /// Neither the order of arrival nor how often time is let pass matters to a draw and what follows on it.
    #[test]
    fn any_order_of_arrival_draws_the_same(
        acts in acts(0..MANY, 30), keys in prop::collection::vec(any::<u32>(), 30), together in 1usize..5
    ) {
        let company = company();
        let events = happened(&acts, "2026-03-01T00:00");
        let reported = |order: &[Event], together: usize| {
            let mut live = Live::new(&company);
            for (n, group) in order.chunks(together).enumerate() {
                let now = at("2026-03-31T08:00") + minutes(n as u32);
                let group: Vec<Event> = group.iter().map(|e| Event { recorded_at: now, ..e.clone() }).collect();
                live.record(&group);
            }
            live
        };
        let mut one = reported(&events, 1);
        let mut other = reported(&rearranged(&events, &keys), together);
        let late = at("2026-05-20T00:00");
        one.advance(late);
        for n in 0..6 {
            other.advance(at("2026-03-31T12:00") + TimeDelta::hours(7 * n));
        }
        other.advance(late);
        prop_assert_eq!(drawn(&one), drawn(&other));
        prop_assert_eq!(members(&one, late), members(&other, late));
        prop_assert_eq!(timeless(one.shown(late)), timeless(other.shown(late)));
    }

    /// A rebuild draws what was drawn; a draw that is made stands, whatever is reported later; no question about what is
    /// to come tells it before.
    #[test]
    fn a_rebuild_draws_the_same_and_a_draw_stands(
        acts in acts(0..MANY, 40), together in 1usize..4, pauses in prop::collection::vec(0u32..90_000, 0..4)
    ) {
        let company = company();
        let mut events = happened(&acts, "2026-03-10T00:00");
        events.sort_by_key(|e| e.recorded_at);
        let mut live = Live::new(&company);
        let mut idle: Vec<Instant> = pauses.iter().map(|n| at("2026-03-10T00:00") + minutes(*n)).collect();
        idle.sort();
        let mut known = BTreeMap::new();
        for group in events.chunks(together) {
            let now = group.iter().map(|e| e.recorded_at).max().unwrap();
            for at in idle.extract_if(.., |at| *at <= now) {
                live.advance(at);
            }
            let group: Vec<Event> = group.iter().map(|e| Event { recorded_at: now, ..e.clone() }).collect();
            live.record(&group);
            let now_drawn = drawn(&live);
            for (period, draw) in &known {
                prop_assert_eq!(Some(draw), now_drawn.get(period));
            }
            known = now_drawn;
            let early = draft::woken(&live.world, now + TimeDelta::days(100), now);
            let foreseen = early.values().flat_map(|c| &c.obligations);
            let asked = foreseen.filter(|o| o.duty.id.as_ref() == "monthly" && o.trigger.at > now);
            prop_assert_eq!(asked.count(), 0);
        }
        let late = at("2026-07-01T00:00");
        live.advance(late);
        let mut rebuilt = live.rebuilt(&company);
        rebuilt.advance(late);
        prop_assert_eq!(drawn(&live), drawn(&rebuilt));
        prop_assert_eq!(members(&live, late), members(&rebuilt, late));
        prop_assert_eq!(live.shown(late), rebuilt.shown(late));
        let due = |live: &Live| live.world.due_after(None, None).collect::<Vec<_>>();
        prop_assert_eq!(due(&live), due(&rebuilt));
        for ((_, last_on), (frame, drawn)) in drawn(&live) {
            // Two in five, rounded up.
            prop_assert_eq!(drawn.len(), (frame.len() * 2).div_ceil(5), "{}", last_on);
        }
        // Whoever is owed something was drawn, and time alone told when.
        for (id, case) in live.cases(late) {
            for obligation in case.obligations.iter().filter(|o| o.duty.id.as_ref() == "monthly") {
                prop_assert!(live.world.drawings().iter().any(|d| d.lot.has(&id) && d.at == obligation.trigger.at));
            }
        }
    }
}

/// The histories are rich enough for the laws to speak of something.
#[test]
fn the_histories_of_samples_are_rich() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let company = company();
    let mut runner = TestRunner::deterministic();
    let (mut owed, mut done, mut late, mut counted) = (0, 0, 0, 0);
    for _ in 0..100 {
        let acts = acts(0..MANY, 40).new_tree(&mut runner).unwrap().current();
        let mut events = happened(&acts, "2026-03-10T00:00");
        events.sort_by_key(|e| e.recorded_at);
        let mut live = Live::new(&company);
        for event in &events {
            live.record(std::slice::from_ref(event));
        }
        let end = at("2026-07-01T00:00");
        live.advance(end);
        for view in live.shown(end).values() {
            owed += i32::from(view["rule"] == "monthly");
            done += i32::from(view["rule"] == "monthly" && view["standing"] == "fulfilled");
            counted += i32::from(view["rule"] == "ask" && view["count"]["done"].as_u64() > Some(0));
        }
        for (id, case) in live.cases(end) {
            let drawings = live.world.drawings();
            let missed = |m: &&crate::engine::sample::Member| {
                drawings.get(&m.sample.id, m.last_on).is_none_or(|d| !d.lot.could(&id))
            };
            late += case.members.iter().filter(missed).count();
        }
    }
    assert!(
        owed > 50 && done > 0 && late > 0 && counted > 0,
        "{owed} {done} {late} {counted}"
    );
}
