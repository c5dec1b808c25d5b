//! The laws, where what is owed depends on what the case says and that changes: terms by case, dates, reminders, people,
//! what follows on a breach.

use super::history::{Act, Live, acts, amended, at, happens};
use super::small::{company, live};
use super::{config, rearranged, timeless};
use crate::domain::event::{EXTENDED, Event};
use crate::engine::explain::{Step, explain};
use crate::engine::view::DueView;
use chrono::{Datelike, NaiveDate, TimeDelta, Weekday};
use proptest::prelude::*;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

const JOBS: &str = r#"
    [procedure]
    id = "small/p"
    title = "维修"
    effective = 2020-01-01
    waive_by = ["boss"]
    extend_by = ["boss"]
    [clause."1"]
    text = "紧急的一天、一般的三天处理，逾期由主任督办；约定日期的按约定，事先提醒；到期前两小时交接；期内每三天巡查。"
    [role.boss]
    title = "主任"
    [case.job]
    title = "维修"
    data = { urgency = ["urgent", "normal"], promised_on = "date", ends = "time", lasts = "date", owner = "person" }
    cancel_on = "dropped"
    reopen_on = "back"
    pause = { waiting = "等配件" }
    resume = { arrived = "等配件" }
    [case.job.events]
    asked = { title = "报修", needs = ["urgency"] }
    promised = "约定"
    changed = "改变"
    handled = "处理"
    finished = "完成"
    supervised = "督办"
    reminded = "提醒"
    waiting = "等"
    arrived = "到"
    dropped = "撤回"
    back = "重来"
    [deadline.handle]
    title = "处理"
    clause = "1"
    on = "job.asked"
    within = [{ when = { urgency = "urgent" }, term = "24小时" }, { term = "3天" }]
    done = "job.handled"
    bearer = [{ person = "owner" }, { role = "clerk" }]
    pause = ["等配件"]
    escalate = [{ at = "once", when = { urgency = "urgent" }, to = "boss" }, { at = "due", to = "boss", deliver = "open" }]
    [deadline.beside]
    title = "同时"
    clause = "1"
    on = { opened = ["handle"] }
    within = "same"
    done = "job.reminded"
    bearer = "same"
    [deadline.supervise]
    title = "督办"
    clause = "1"
    on = { breached = ["handle", "finish"] }
    within = "1天"
    done = "job.supervised"
    bearer = "boss"
    [deadline.finish]
    title = "完成"
    clause = "1"
    on = "job.promised"
    by = "promised_on"
    done = "job.finished"
    bearer = "clerk"
    [deadline.hand-over]
    title = "交接"
    clause = "1"
    on = "job.promised"
    before = { field = "ends", term = "2小时" }
    done = "job.reminded"
    bearer = "clerk"
    [reminder.ahead]
    title = "提醒"
    clause = "1"
    on = "job.promised"
    field = "promised_on"
    before = ["5天", "3天", "2天", "1天"]
    at = "09:00"
    until = "job.finished"
    done = "job.reminded"
    bearer = "clerk"
    [recurring.patrol]
    title = "巡查"
    clause = "1"
    on = "job.promised"
    every = { days = 3 }
    through = "lasts"
    done = "job.reminded"
    bearer = "clerk"
"#;

/// A history. Within a case all instants differ.
fn history(acts: &[Act]) -> Vec<Event> {
    let start = at("2026-03-01T00:00");
    let mut events: Vec<Event> = Vec::new();
    let mut nth: BTreeMap<String, i64> = BTreeMap::new();
    for (n, act) in acts.iter().enumerate() {
        if act.what >= 13 {
            let amending = amended(&events, act, n, start).map(|event| Event {
                // At an instant of its own.
                occurred_at: event.occurred_at + TimeDelta::milliseconds(1 + n as i64),
                ..event
            });
            events.extend(amending);
            continue;
        }
        let v = act.variant;
        let case = format!("J-{}", act.case);
        let urgency = if v % 2 == 0 { "urgent" } else { "normal" };
        let day = |n: u8| format!("2026-03-{:02}", 2 + u32::from(n) * 3);
        let (kind, data) = match act.what {
            0 | 1 => ("job.asked", json!({ "urgency": urgency })),
            2 | 3 => (
                "job.promised",
                json!({ "promised_on": day(v), "ends": format!("{}T18:00:00+08:00", day(v)), "lasts": "2026-03-25" }),
            ),
            4 => (
                "job.changed",
                json!({ "urgency": urgency, "owner": (if v < 4 { "wang" } else { "电梯公司" }) }),
            ),
            5 => ("job.changed", json!({ "promised_on": day(v), "lasts": day(7 - v) })),
            6 => ("job.changed", json!({ "ends": format!("{}T09:30:00+08:00", day(v)) })),
            7 => ("job.handled", json!({})),
            8 if v < 2 => ("job.finished", json!({})),
            8 => ("job.reminded", json!({})),
            9 if v < 2 => ("job.supervised", json!({})),
            9 if v < 4 => ("job.finished", json!({})),
            9 => ("job.reminded", json!({})),
            10 if v < 4 => ("job.waiting", json!({})),
            10 => ("job.arrived", json!({})),
            11 if v == 0 => ("job.dropped", json!({})),
            11 if v < 3 => ("job.back", json!({})),
            _ => (
                EXTENDED,
                json!({ "obligation": format!("{case}~{}~1", if v % 2 == 0 { "handle" } else { "finish" }),
                    "to": day(v), "reason": "r" }),
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
    #![proptest_config(config(120))]

    #[test]
    fn any_order_ends_in_the_same(
        acts in acts(0..15, 30), keys in prop::collection::vec(any::<u32>(), 30), together in 1usize..5
    ) {
        let company = company(&[JOBS]);
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
    fn a_rebuild_is_the_same(acts in acts(0..15, 40), together in 1usize..4) {
        let company = company(&[JOBS]);
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
        let due = |live: &Live| live.world.due_after(None, None).collect::<Vec<_>>();
        prop_assert_eq!(due(&live), due(&rebuilt));
    }

    /// What is explained leads to the due date that there is, whatever has moved it.
    #[test]
    fn every_explanation_leads_to_the_due_date(acts in acts(0..15, 40)) {
        let company = company(&[JOBS]);
        let mut events = history(&acts);
        events.sort_by_key(|e| e.recorded_at);
        let mut live: Live = live(&company);
        for event in &events {
            live.record(std::slice::from_ref(event));
        }
        let now = live.record.last().map_or(at("2026-04-01T00:00"), |e| e.recorded_at);
        for (id, case) in live.cases(now) {
            for obligation in &case.obligations {
                let said = explain(&live.world.history, &id, &case, obligation, now);
                let due = match &said.due {
                    DueView::Day { date, .. } => date.clone(),
                    DueView::Instant { at } => at.chars().take(10).collect(),
                };
                let last = said.counting.last().unwrap();
                let fault = said.flags.contains(&"review");
                prop_assert!(fault || last.step == Step::End && last.on == due, "{} {due}: {:#?}", said.id, said.counting);
            }
        }
    }

    /// A change never makes anything late at once.
    #[test]
    fn a_change_makes_nothing_late_at_once(acts in acts(0..7, 20)) {
        let company = company(&[JOBS]);
        let mut events = history(&acts);
        events.sort_by_key(|e| (e.occurred_at, e.id.clone()));
        let mut live: Live = live(&company);
        for event in &events {
            let before: BTreeSet<String> = overdue(&live, event).collect();
            live.record(&[Event { recorded_at: event.occurred_at, ..event.clone() }]);
            if event.kind.as_ref() == "job.changed" {
                for id in overdue(&live, event) {
                    prop_assert!(before.contains(&id), "{id} at {}", event.occurred_at);
                }
            }
        }
    }
}

const POSTS: &str = r#"
    [procedure]
    id = "small/p"
    title = "巡查"
    effective = 2020-01-01
    [clause."1"]
    text = "合同期内每周一、四、六巡查。"
    [role.boss]
    title = "主任"
    [case.post]
    title = "岗位"
    data = { ends = "date" }
    [case.post.events]
    opened = "开始"
    amended = "变更"
    patrolled = "巡查"
    [recurring.patrol]
    title = "巡查"
    clause = "1"
    on = "post.opened"
    every = { weekdays = ["mon", "thu", "sat"] }
    through = "ends"
    done = "post.patrolled"
    bearer = "clerk"
"#;

proptest! {
    #![proptest_config(config(200))]

    /// Of each day of a series through a date of the case: it is owed if, and only if, the case said at the end of that
    /// day that the series reaches it.
    #[test]
    fn what_is_owed_of_a_day_is_what_the_case_said_at_its_end(
        opens in 0i64..5, ends in prop::option::of(1i64..40),
        moves in prop::collection::vec((0i64..40 * 24, 0i64..40), 0..8), keys in prop::collection::vec(any::<u32>(), 9)
    ) {
        let company = company(&[POSTS]);
        let (start, first) = (at("2026-03-02T00:00"), NaiveDate::from_ymd_opt(2026, 3, 2).unwrap());
        let day = |n: i64| first + TimeDelta::days(n);
        let mut events: Vec<(i64, Option<i64>, Event)> = Vec::new();
        let blank = |n: usize, kind: &str, hour: i64, ends: Option<i64>| {
            let data = ends.map_or(json!({}), |n| json!({ "ends": day(n).to_string() }));
            let mut event = happens(n, "P-1", kind, "2026-03-01T00:00", "2026-03-01T00:00", data);
            // Each at an instant of its own.
            event.occurred_at = start + TimeDelta::hours(hour) + TimeDelta::seconds(n as i64);
            event.recorded_at = at("2026-06-01T00:00");
            (hour, ends, event)
        };
        events.push(blank(0, "post.opened", opens * 24, ends));
        for (n, (hour, ends)) in moves.iter().enumerate() {
            events.push(blank(n + 1, "post.amended", opens * 24 + hour, Some(*ends)));
        }
        let all: Vec<Event> = events.iter().map(|(.., event)| event.clone()).collect();
        let mut live = live(&company);
        for event in rearranged(&all, &keys) {
            live.record(&[event]);
        }
        let mut said: BTreeMap<(i64, usize), Option<i64>> = BTreeMap::new();
        for (n, (hour, ends, _)) in events.iter().enumerate() {
            said.insert((*hour, n), *ends);
        }
        let late = at("2026-05-01T00:00");
        let shown = live.shown(late);
        for n in 0..55 {
            let ends = said.range(..((n + 1) * 24, 0)).filter_map(|(_, ends)| *ends).next_back();
            let patrolled = matches!(day(n).weekday(), Weekday::Mon | Weekday::Thu | Weekday::Sat);
            let wanted = n >= opens && patrolled && ends.is_none_or(|last| n <= last);
            let found = shown.get(&format!("P-1~patrol~1.{}", day(n)));
            let owed = found.is_some_and(|view| view["standing"] != "cancelled");
            prop_assert_eq!(owed, wanted, "{} {:?}", day(n), events);
            prop_assert!(found.is_none_or(|view| view["due"]["date"] == day(n).to_string()));
        }
    }
}

/// What is overdue when an event occurs.
fn overdue(live: &Live, event: &Event) -> impl Iterator<Item = String> {
    let shown = live.shown(event.occurred_at);
    let late = shown.into_iter().filter(|(_, view)| view["standing"] == "overdue");
    late.map(|(id, _)| id)
}

/// The histories are rich enough for the laws to mean something.
#[test]
fn all_of_it_happens() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let company = company(&[JOBS]);
    let mut runner = TestRunner::deterministic();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for _ in 0..150 {
        // Long ones: what is to be done on one day is seldom done on it.
        let acts = acts(0..15, 120).new_tree(&mut runner).unwrap().current();
        let mut events = history(&acts);
        events.sort_by_key(|e| e.recorded_at);
        let mut live = live(&company);
        for event in &events {
            live.record(std::slice::from_ref(event));
        }
        for view in live.shown(at("2026-04-20T00:00")).values() {
            let (rule, standing) = (view["rule"].as_str().unwrap(), view["standing"].as_str().unwrap());
            seen.insert(format!("{rule} {standing}"));
        }
        for (_, case) in live.cases(at("2026-04-20T00:00")) {
            for more in case.obligations.iter().filter_map(|o| o.more.as_ref()) {
                seen.extend(more.missed.map(|_| "missed".to_owned()));
                let rebased = more.basis.filter(|basis| basis.since == Some(basis.from));
                seen.extend(rebased.map(|_| "counted from the change".to_owned()));
            }
        }
    }
    for rule in ["handle", "finish", "ahead", "patrol", "supervise"] {
        for standing in ["fulfilled", "overdue", "cancelled"] {
            assert!(
                seen.contains(&format!("{rule} {standing}")),
                "{rule} {standing}: {seen:?}"
            );
        }
    }
    assert!(
        seen.contains("missed") && seen.contains("counted from the change"),
        "{seen:?}"
    );
}

/// A rule that an edition drops which is taken up later: under `keep` what is owed stays, else what lies on the new
/// edition's days is cancelled; nothing comes to be on them in any case.
#[test]
fn what_a_later_edition_drops_ends_as_its_transition_says() {
    for (transition, wanted) in [
        ("keep", "open"),
        ("new_occurrences", "cancelled"),
        ("rebase", "cancelled"),
    ] {
        let first = company(&[POSTS]);
        let (rest, _) = POSTS.split_once("[recurring.patrol]").unwrap();
        let head = format!("effective = 2026-03-11\n    transition = \"{transition}\"");
        let second = rest.replace("effective = 2020-01-01", &head);
        let both = company(&[POSTS, &second]);
        let mut live = live(&first);
        let opened = "2026-03-07T09:00";
        live.record(&[happens(0, "P-1", "post.opened", opened, opened, json!({}))]);
        let now = at("2026-03-10T12:00");
        live.advance(now);
        live.world.take_up(2, now, both);
        let later = at("2026-03-11T01:00");
        live.advance(later);
        let standing = |live: &Live, on: &str, when| {
            let shown = live.shown(when);
            let found = shown.get(&format!("P-1~patrol~1.{on}"));
            found.map(|view| view["standing"].as_str().unwrap().to_owned())
        };
        // What was overdue before stays; Thursday the 12th is a day of the new edition.
        assert_eq!(
            standing(&live, "2026-03-09", later).as_deref(),
            Some("overdue"),
            "{transition}"
        );
        assert_eq!(
            standing(&live, "2026-03-12", later).as_deref(),
            Some(wanted),
            "{transition}"
        );
        let end = at("2026-03-20T00:00");
        live.advance(end);
        assert_eq!(standing(&live, "2026-03-14", end), None, "{transition}");
    }
}
