//! The laws of waivers: they follow from the record alone, nobody is told while they hold, nothing is late at once when
//! they end.

use super::history::{Act, Live, acts, amended, at, blank, happens, minutes};
use super::{config, rearranged, small, timeless};
use crate::domain::event::{Event, WAIVED};
use crate::domain::obligation::Standing;
use crate::domain::value::Value;
use crate::domain::zone::Instant;
use crate::engine::escalation;
use crate::engine::intake::value_of;
use crate::engine::waiver::WaivedBy;
use crate::policy::model::Company;
use chrono::{Days, TimeDelta};
use proptest::prelude::*;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

fn company() -> Arc<Company> {
    static COMPANY: LazyLock<Arc<Company>> = LazyLock::new(|| small::company(&[POLICY]));
    COMPANY.clone()
}

const POLICY: &str = r#"
    [procedure]
    id = "small/p"
    title = "例外"
    effective = 2020-01-01
    waive_by = ["boss"]
    [clause."1"]
    text = "一条。"
    [role.boss]
    title = "主任"
    [case.job]
    title = "事"
    data = { place = ["north", "south"], size = "number" }
    reopen_on = "reopened"
    cancel_on = "withdrawn"
    pause = { held = "等" }
    resume = { freed = "等" }
    [case.job.events]
    asked = "问到"
    told = "补充"
    held = "等"
    freed = "不等了"
    done = "办完"
    filed = "归档"
    reopened = "重办"
    withdrawn = "撤回"
    [deadline.do]
    title = "办"
    clause = "1"
    on = "job.asked"
    within = [{ when = { size = { at_least = 5 } }, term = "1天" }, { term = "4天" }]
    done = "job.done"
    bearer = "clerk"
    pause = ["等"]
    escalate = [{ before = "1天", to = "boss" }, { at = "due", to = "boss" }, { after = "2天", to = "boss" }]
    [deadline.file]
    title = "归档"
    clause = "1"
    on = { opened = ["do"] }
    within = "same"
    done = "job.filed"
    bearer = "clerk"
    [deadline.scold]
    title = "督办"
    clause = "1"
    on = { breached = ["do"] }
    within = "1天"
    done = "job.filed"
    bearer = "boss"
    [recurring.look]
    title = "看"
    clause = "1"
    on = "job.asked"
    every = { days = 3 }
    until = "job.done"
    done = "job.told"
    bearer = "clerk"
    escalate = [{ at = "due", to = "boss" }]
    [exception.north]
    title = "北边"
    clause = "1"
    waives = ["do", "look"]
    when = { place = "north" }
    from = 2026-03-05
    until = 2026-03-09
    by = "boss"
    why = "断路"
    [exception.all]
    title = "都免"
    clause = "1"
    waives = "do"
    from = 2026-03-08
    until = 2026-03-12
    by = "boss"
    why = "停电"
    [exception.late]
    title = "后来"
    clause = "1"
    waives = ["look", "file"]
    from = 2026-03-16
    until = 2026-03-16
    by = "boss"
    why = "盘点"
"#;

const MANY: u8 = 12;

fn happened(acts: &[Act]) -> Vec<Event> {
    let start = at("2026-03-01T00:00");
    let mut events: Vec<Event> = Vec::new();
    for (n, act) in acts.iter().enumerate() {
        let v = act.variant;
        let case = format!("J-{}", act.case);
        let place = if v < 5 { "north" } else { "south" };
        let (kind, data) = match act.what {
            0 | 1 => ("job.asked", json!({ "place": place, "size": v })),
            2 => ("job.told", json!({ "place": place })),
            3 => ("job.told", json!({ "size": v })),
            4 => ("job.done", json!({})),
            5 => ("job.filed", json!({})),
            6 if v < 4 => ("job.reopened", json!({})),
            6 if v < 6 => ("job.withdrawn", json!({})),
            7 => ("job.held", json!({})),
            8 => ("job.freed", json!({})),
            9 | 10 => {
                let rule = ["do", "file", "scold"][usize::from(v % 3)];
                let until = format!("2026-03-{:02}", 4 + 3 * v);
                (
                    WAIVED,
                    json!({ "obligation": format!("{case}~{rule}~1"), "until": until, "reason": "r" }),
                )
            }
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
            case: case.as_str().into(),
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

/// Each obligation's level and nominal time of what was told and not taken back.
fn told(live: &Live, now: Instant) -> BTreeSet<(String, u8, Instant)> {
    let zone = live.world.history.zone();
    let mut told = BTreeSet::new();
    for (id, case) in live.cases(now) {
        for obligation in &case.obligations {
            let id = obligation.key().id(&id);
            for fired in escalation::fired(&case, obligation, zone, now) {
                let waived = obligation.waived_at(fired.step.nominal_at);
                assert!(
                    waived.is_none() || fired.withdrawn_at.is_some(),
                    "{id} is waived and somebody is told"
                );
                let new = told.insert((id.clone(), fired.step.level, fired.step.nominal_at));
                assert!(new, "{id} is told twice");
            }
        }
    }
    told
}

proptest! {
    #![proptest_config(config(80))]

    /// Neither the order of arrival, nor how often time is let pass, nor a rebuild matters to what is waived.
    #[test]
    fn any_order_of_arrival_waives_the_same(
        acts in acts(0..MANY, 25), keys in prop::collection::vec(any::<u32>(), 25), together in 1usize..5
    ) {
        let company = company();
        let events = happened(&acts);
        let reported = |order: &[Event], together: usize| {
            let mut live = Live::new(&company);
            for (n, group) in order.chunks(together).enumerate() {
                let now = at("2026-04-10T08:00") + minutes(n as u32);
                let group: Vec<Event> = group.iter().map(|e| Event { recorded_at: now, ..e.clone() }).collect();
                live.record(&group);
            }
            live
        };
        let one = reported(&events, 1);
        let mut other = reported(&rearranged(&events, &keys), together);
        let late = at("2026-05-20T00:00");
        for n in 0..6 {
            other.advance(at("2026-04-11T12:00") + TimeDelta::hours(18 * n));
        }
        other.advance(late);
        prop_assert_eq!(timeless(one.shown(late)), timeless(other.shown(late)));
        let rebuilt = other.rebuilt(&company);
        prop_assert_eq!(other.shown(late), rebuilt.shown(late));
    }

    /// What grows day by day is what is there when all is folded at once; what is waived is told to nobody; what was told
    /// is not forgotten; what was in time before it was waived is not late at once when that ends.
    #[test]
    fn waivers_keep_quiet_and_end_softly(acts in acts(0..MANY - 1, 25)) {
        let company = company();
        let mut events = happened(&acts);
        for event in &mut events {
            event.recorded_at = event.occurred_at;
        }
        events.sort_by_key(|e| e.recorded_at);
        let mut live = Live::new(&company);
        let mut events = events.into_iter().peekable();
        let mut known: BTreeSet<(String, u8, Instant)> = BTreeSet::new();
        let mut was = BTreeMap::new();
        let mut now = at("2026-03-01T00:00");
        while now < at("2026-04-08T00:00") {
            now = now + Days::new(1);
            while let Some(event) = events.next_if(|e| e.recorded_at <= now) {
                live.record(&[event]);
            }
            live.advance(now);
            let shown = live.shown(now);
            // Folding all anew takes long; once a week is often enough over many histories.
            if now.timestamp().div_euclid(86_400) % 7 == 0 {
                prop_assert_eq!(&shown, &live.rebuilt(&company).shown(now));
            }
            let told = told(&live, now);
            for one in &known {
                let gone = shown.get(&one.0).is_none_or(|v| v["standing"] == "cancelled");
                // A change of the term or a pause moves the steps that hang on it, and a due time that a waiver gave goes with its
                // steps where the waiver turns out not to have held.
                let moved = shown.get(&one.0).is_some_and(|v| v["rule"] == "do" || is_ungiven(was.get(&one.0), v, one.2));
                prop_assert!(told.contains(one) || gone || moved, "{one:?} is forgotten");
            }
            known = told;
            was = shown.clone();
            for (id, case) in live.cases(now) {
                for obligation in &case.obligations {
                    let id = obligation.key().id(&id);
                    let standing = obligation.standing(now, case.paused(&obligation.duty, now));
                    let ended = obligation.waivers().iter().filter(|w| w.to == now);
                    for waiver in ended.filter(|_| standing == Standing::Overdue) {
                        let before = obligation.due.passed(waiver.from) && matches!(waiver.by, WaivedBy::Exception(_));
                        prop_assert!(before, "{id} is late at once");
                    }
                    let view = &shown[&id];
                    prop_assert!(standing != Standing::Waived || !view["waived"].is_null());
                }
            }
        }
    }
}

/// Whether an obligation no longer has the due time that a waiver gave it, after the one that it has by itself, and a step is one
/// of that time. Such a step is not listed any more; it would be better taken back.
fn is_ungiven(was: Option<&serde_json::Value>, is: &serde_json::Value, nominal_at: Instant) -> bool {
    let own = was.map(|v| &v["original_due"]).filter(|due| !due.is_null());
    own.is_some_and(|own| {
        let over = match own["date"].as_str() {
            Some(date) => at(&format!("{date}T00:00")) + Days::new(1),
            None => own["at"].as_str().unwrap().parse().unwrap(),
        };
        is["original_due"] != *own && nominal_at > over
    })
}

/// All that was told of: each obligation's level and nominal time, with when it was told and when taken back.
type Listed = BTreeMap<(String, u8, Instant), (Instant, Option<Instant>)>;

fn listed(live: &Live, now: Instant) -> Listed {
    let zone = live.world.history.zone();
    let mut listed = Listed::new();
    for (id, case) in live.cases(now) {
        for obligation in &case.obligations {
            let id = obligation.key().id(&id);
            for fired in escalation::fired(&case, obligation, zone, now) {
                let key = (id.clone(), fired.step.level, fired.step.nominal_at);
                let before = listed.insert(key, (fired.at, fired.withdrawn_at));
                assert!(before.is_none(), "{id} is told twice");
            }
        }
    }
    listed
}

/// Without what makes another obligation of one, moves its term, or serves another once something else is known; in the
/// order in which they are recorded. What tells the place performs nothing here, and what performs is known at once.
fn of_one_term(all: &[Event]) -> Vec<Event> {
    let first = |n: usize, e: &Event| all[..n].iter().all(|o| o.case != e.case || *o.kind != *e.kind);
    let target = |e: &Event| e.corrects.clone().or(e.retracts.clone());
    let tells_place = |e: &Event| *e.kind == *"job.told" && e.data.get("place").is_some();
    let kept = all.iter().enumerate().filter(|(n, e)| match target(e) {
        Some(id) => all.iter().any(|o| o.id == id && tells_place(o)),
        None if *e.kind == *"job.asked" => first(*n, e),
        None => !["job.held", "job.freed", "job.reopened", "job.withdrawn"].contains(&&*e.kind),
    });
    let mut events: Vec<Event> = kept.map(|(_, e)| e.clone()).collect();
    for event in &mut events {
        if tells_place(event) || target(event).is_some() {
            event.kind = "job.filed".into();
        } else if ["job.told", "job.done"].contains(&&*event.kind) {
            event.recorded_at = event.occurred_at;
        }
        if event.data.get("size").is_some() {
            event.data.set("size".into(), Value::Int(1));
        }
    }
    events.sort_by_key(|e| e.recorded_at);
    events
}

/// Lets events come to be known one after the other; what was told by then and what is taken back fit together.
fn told_and_taken_back(events: &[Event]) -> Live {
    let mut live = Live::new(&company());
    let mut known = Listed::new();
    let mut asked_at = at("2026-03-01T00:00");
    for event in events.chunks(1) {
        let now = event[0].recorded_at;
        // Right before it, all that time alone has done is told.
        let before = now - TimeDelta::milliseconds(1);
        live.advance(before.max(asked_at));
        known.extend(listed(&live, before.max(asked_at)));
        let was = live.shown(before.max(asked_at));
        live.record(event);
        live.advance(now);
        asked_at = now;
        let shown = live.shown(now);
        let listed = listed(&live, now);
        for (key, (told_at, _)) in &known {
            let (id, level, nominal_at) = key;
            let view = shown.get(id);
            // A due time that a waiver gave goes with its steps where the waiver turns out not to have held.
            let concerns =
                view.is_some_and(|v| v["standing"] != "cancelled" && !is_ungiven(was.get(id), v, *nominal_at));
            let still = listed.keys().any(|(of, at, _)| of == id && at == level);
            assert!(
                still || !concerns,
                "{key:?}, told at {told_at}, is forgotten by {:?}",
                event[0]
            );
        }
        for (key, (told_at, withdrawn_at)) in &listed {
            let new = *told_at < now && withdrawn_at.is_some() && !known.contains_key(key);
            assert!(!new, "{key:?} was told to nobody and is taken back by {:?}", event[0]);
        }
        known = listed;
    }
    live
}

proptest! {
    #![proptest_config(config(80))]

    /// What was told before it was known to be waived is taken back and not forgotten; nothing is taken back that was told
    /// to nobody; a rebuild tells the same.
    #[test]
    fn what_was_told_before_a_waiver_was_known_is_taken_back(acts in acts(0..MANY, 25)) {
        let live = told_and_taken_back(&of_one_term(&happened(&acts)));
        let late = at("2026-06-01T00:00");
        prop_assert_eq!(listed(&live, late), listed(&live.rebuilt(&company()), late));
    }
}

/// What is listed of one rule: level, nominal time, when it was told, when taken back.
fn of_rule(events: &[Event], rule: &str, now: &str) -> Vec<(u8, String, String, Option<String>)> {
    let mut live = Live::new(&company());
    let mut events = events.to_vec();
    events.sort_by_key(|e| e.recorded_at);
    for event in events.chunks(1) {
        live.record(event);
    }
    live.advance(at(now));
    let zone = live.world.history.zone();
    let text = |at: Instant| zone.rfc3339(at)[5..16].to_owned();
    let listed = listed(&live, at(now)).into_iter();
    let mine = listed.filter(|((id, _, _), _)| id.contains(&format!("~{rule}~")));
    mine.map(|((_, level, nominal), (told, back))| (level, text(nominal), text(told), back.map(text)))
        .collect()
}

fn told_of(level: u8, nominal: &str, told: &str, back: Option<&str>) -> (u8, String, String, Option<String>) {
    (level, nominal.into(), told.into(), back.map(Into::into))
}

fn asked(place: &str) -> Event {
    let data = json!({ "place": place, "size": 1 });
    happens(0, "J-0", "job.asked", "2026-03-04T09:00", "2026-03-04T09:00", data)
}

fn moved(n: usize, place: &str, when: &str, reported: &str) -> Event {
    happens(n, "J-0", "job.filed", when, reported, json!({ "place": place }))
}

/// Waits four days, through the 8th; the boss is warned on the 7th. That it lies in the north is reported on the 7th.
#[test]
fn who_was_warned_before_it_was_known_to_be_waived_is_told_so() {
    let events = [
        asked("south"),
        moved(1, "north", "2026-03-05T12:00", "2026-03-07T10:00"),
    ];
    let warned = |back| told_of(1, "03-07T00:00", "03-07T00:00", back);
    assert_eq!(of_rule(&events[..1], "do", "2026-03-07T09:00"), [warned(None)]);
    assert_eq!(
        of_rule(&events, "do", "2026-03-07T10:00"),
        [warned(Some("03-07T10:00"))]
    );
    // Waived in turn by another exception, it is owed again through the 13th.
    let later = [
        warned(Some("03-07T10:00")),
        told_of(2, "03-14T00:00", "03-14T00:00", None),
        told_of(3, "03-16T00:00", "03-16T00:00", None),
    ];
    assert_eq!(of_rule(&events, "do", "2026-03-20T00:00"), later);
    // Reported at once, nobody is warned.
    let at_once = [
        asked("south"),
        moved(1, "north", "2026-03-05T12:00", "2026-03-05T12:00"),
    ];
    assert_eq!(of_rule(&at_once, "do", "2026-03-20T00:00"), later[1..]);
}

/// What is to be looked at on the 7th is waived through the 9th, which is reported on the 12th.
#[test]
fn what_was_told_is_taken_back_when_a_waiver_is_known_after_its_end() {
    let events = [
        asked("south"),
        moved(1, "north", "2026-03-08T12:00", "2026-03-12T10:00"),
    ];
    let first = "J-0~look~1.2026-03-07";
    let of_first = |events: &[Event], now: &str| {
        let mut live = Live::new(&company());
        for event in events.chunks(1) {
            live.record(event);
        }
        live.advance(at(now));
        let zone = live.world.history.zone();
        let text = |at: Instant| zone.rfc3339(at)[5..16].to_owned();
        let mine = listed(&live, at(now)).into_iter().filter(|((id, _, _), _)| id == first);
        mine.map(|((_, level, nominal), (told, back))| (level, text(nominal), text(told), back.map(text)))
            .collect::<Vec<_>>()
    };
    let told = told_of(1, "03-08T00:00", "03-08T00:00", None);
    // It had fallen overdue before it was in the north: that stands.
    assert_eq!(of_first(&events, "2026-03-13T00:00"), [told]);
    // On the 5th it was not yet: excused, and owed again through the 10th, of which nobody knew before the 12th.
    let events = [
        asked("south"),
        moved(1, "north", "2026-03-05T12:00", "2026-03-12T10:00"),
    ];
    let taken_back = told_of(1, "03-08T00:00", "03-08T00:00", Some("03-12T10:00"));
    let again = told_of(1, "03-11T00:00", "03-12T10:00", None);
    assert_eq!(of_first(&events, "2026-03-13T00:00"), [taken_back, again]);
}

#[test]
fn a_correction_and_a_retraction_that_bring_a_waiver_take_back_what_was_told() {
    let warned = |back| told_of(1, "03-07T00:00", "03-07T00:00", back);
    let south = moved(1, "south", "2026-03-05T12:00", "2026-03-05T12:00");
    let corrected = Event {
        corrects: Some("x1".into()),
        ..moved(2, "north", "2026-03-05T12:00", "2026-03-07T10:00")
    };
    let retracted = Event {
        retracts: Some("x1".into()),
        ..moved(2, "north", "2026-03-05T12:00", "2026-03-07T10:00")
    };
    assert_eq!(
        of_rule(&[asked("north"), south.clone()], "do", "2026-03-07T12:00"),
        [warned(None)]
    );
    for amending in [corrected, retracted] {
        let events = [asked("north"), south.clone(), amending];
        assert_eq!(
            of_rule(&events, "do", "2026-03-07T12:00"),
            [warned(Some("03-07T10:00"))]
        );
    }
}

#[test]
fn nothing_is_taken_back_of_what_was_known_to_be_waived_from_something_else() {
    let late = moved(1, "north", "2026-03-05T12:00", "2026-03-09T10:00");
    let in_time = moved(2, "north", "2026-03-06T12:00", "2026-03-06T12:00");
    let before = |e: &(u8, String, String, Option<String>)| e.1.as_str() < "03-10";
    let mut listed = of_rule(&[asked("south"), in_time, late], "do", "2026-03-20T00:00");
    listed.retain(before);
    assert_eq!(listed, []);
}

/// The histories are rich enough for the laws to speak of something.
#[test]
fn the_histories_of_waivers_are_rich() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let company = company();
    let mut runner = TestRunner::deterministic();
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for _ in 0..60 {
        let acts = acts(0..MANY, 25).new_tree(&mut runner).unwrap().current();
        let mut live = Live::new(&company);
        for event in &happened(&acts) {
            let recorded_at = at("2026-04-10T08:00");
            live.record(&[Event {
                recorded_at,
                ..event.clone()
            }]);
        }
        for now in [
            "2026-03-07T12:00",
            "2026-03-11T12:00",
            "2026-03-14T12:00",
            "2026-04-30T00:00",
        ] {
            for view in live.shown(at(now)).values().filter(|v| !v["waived"].is_null()) {
                let by = if view["waived"]["event"].is_null() {
                    "exception"
                } else {
                    "event"
                };
                *seen.entry(by.to_owned()).or_default() += 1;
                *seen
                    .entry(format!("{} {}", view["standing"], view["waived"]["would_be"]))
                    .or_default() += 1;
            }
        }
    }
    for wanted in [
        "exception",
        "event",
        "\"waived\" \"open\"",
        "\"waived\" \"overdue\"",
        "\"waived\" \"fulfilled_late\"",
        "\"open\" \"overdue\"",
        "\"overdue\" \"overdue\"",
    ] {
        assert!(seen.get(wanted).is_some_and(|n| *n > 1), "{wanted} of {seen:?}");
    }
}
