//! The laws of thresholds that only tell: what was told is taken back when the count turns out to have been too high, and is
//! never forgotten.

use super::history::{Act, Live, Recorded, acts, amended, at, blank, happens, minutes};
use super::{config, small};
use crate::domain::event::{Cause, Event};
use crate::domain::zone::Instant;
use crate::engine::draft::Draft;
use crate::engine::intake::value_of;
use crate::engine::threshold::{Counted, reached};
use crate::policy::model::{Company, Id};
use chrono::TimeDelta;
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
    title = "计数"
    effective = 2020-01-01
    [clause."1"]
    text = "多次报主任。"
    [role.boss]
    title = "主任"
    [case.job]
    title = "事"
    data = { place = ["north", "south"], size = "number", into = "text" }
    cancel_on = "withdrawn"
    merge_on = "merged"
    [case.job.events]
    asked = "问到"
    told = "补充"
    withdrawn = "撤回"
    merged = "并入"
    [threshold.twice]
    title = "一处两次"
    clause = "1"
    on = "job.asked"
    key = ["place"]
    span = "9天"
    at_least = 2
    to = "boss"
    [escalation.large]
    title = "大的"
    clause = "1"
    on = "job.asked"
    when = { size = { at_least = 5 } }
    to = "boss"
"#;

fn happened(acts: &[Act]) -> Vec<Event> {
    let start = at("2026-03-01T00:00");
    let mut events: Vec<Event> = Vec::new();
    for (n, act) in acts.iter().enumerate() {
        let v = act.variant;
        let place = if v < 5 { "north" } else { "south" };
        let (kind, data) = match act.what {
            0..=2 => ("job.asked", json!({ "place": place, "size": v })),
            3 => ("job.told", json!({ "place": place })),
            4 if v < 2 => ("job.merged", json!({})),
            4 if v < 4 => ("job.withdrawn", json!({})),
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
    events.sort_by_key(|e| e.recorded_at);
    events
}

type Of = (Id, Id, Id);

fn of(cause: &Cause) -> Of {
    (cause.rule.clone(), cause.case.clone(), cause.event.clone())
}

/// When each was told, and when taken back.
fn told(live: &Live) -> BTreeMap<(Of, Instant), Option<Instant>> {
    let notices = live.world.notices().into_iter();
    let mut all = BTreeMap::new();
    for (notice, taken_back) in notices {
        // Within one batch it may be told, taken back and told again.
        let known = all.entry((of(&notice.cause), notice.at)).or_insert(taken_back);
        *known = known.and(taken_back);
    }
    all
}

/// What reaches the thresholds, from all that counts now.
fn counted(live: &Live) -> BTreeSet<Of> {
    let mut by_key: BTreeMap<(Id, Id), Vec<Counted<'_>>> = BTreeMap::new();
    for slot in live.world.slots() {
        for hit in &slot.case.hits {
            let key = (hit.threshold.id.clone(), hit.key.clone());
            by_key.entry(key).or_default().push(Counted { hit, case: &slot.id });
        }
    }
    let company = live.world.company();
    let mut all = BTreeSet::new();
    for ((rule, _), mut hits) in by_key {
        hits.sort_by_key(|c| (c.hit.at, c.hit.seq));
        let threshold = hits[0].hit.threshold.clone();
        let places = reached(&threshold, &hits, company.zone, &company.calendar);
        all.extend(
            places
                .into_iter()
                .map(|at| (rule.clone(), hits[at].case.into(), hits[at].hit.event.clone())),
        );
    }
    all
}

proptest! {
    #![proptest_config(config(120))]

    /// What stands is what the count comes to; what was told before stays listed; a rebuild tells the same.
    #[test]
    fn what_was_told_of_a_count_stands_or_is_taken_back(acts in acts(0..7, 25), together in 1usize..4) {
        let mut live = Live::new(&company());
        let mut known = BTreeMap::new();
        for group in happened(&acts).chunks(together) {
            let now = group.iter().map(|e| e.recorded_at).max().unwrap();
            let group: Vec<Event> = group.iter().map(|e| Event { recorded_at: now, ..e.clone() }).collect();
            live.record(&group);
            let told = told(&live);
            let standing = told.iter().filter(|(_, back)| back.is_none()).map(|((of, _), _)| of.clone());
            prop_assert_eq!(standing.collect::<BTreeSet<Of>>(), counted(&live));
            for (one, back) in &known {
                let still = told.get(one);
                prop_assert!(still.is_some(), "{one:?} is forgotten");
                prop_assert!(still == Some(back) || back.is_none() && still == Some(&Some(now)));
            }
            for (one, _) in told.iter().filter(|(one, _)| !known.contains_key(*one)) {
                prop_assert_eq!(one.1, now);
            }
            known = told;
        }
        prop_assert_eq!(told(&live.rebuilt(&company())), known);
    }
}

#[test]
fn what_was_told_of_a_count_is_taken_back_when_what_was_counted_is() {
    let asked = |n: usize, when: &str| {
        let data = json!({ "place": "north", "size": 1 });
        happens(n, &format!("J-{n}"), "job.asked", when, when, data)
    };
    let mut live = Live::new(&company());
    live.record(&[asked(0, "2026-03-02T09:00")]);
    assert!(told(&live).is_empty());
    live.record(&[asked(1, "2026-03-03T09:00")]);
    let twice = ("twice".into(), "J-1".into(), "x1".into());
    let first = (twice, at("2026-03-03T09:00"));
    assert_eq!(told(&live), BTreeMap::from([(first.clone(), None)]));
    // The first of the two was none: the boss is told.
    live.record(&[Event {
        id: "x2".into(),
        retracts: Some("x0".into()),
        recorded_at: at("2026-03-04T10:00"),
        ..asked(0, "2026-03-02T09:00")
    }]);
    let back = Some(at("2026-03-04T10:00"));
    assert_eq!(told(&live), BTreeMap::from([(first.clone(), back)]));
    // Another makes two again, with another event.
    live.record(&[asked(3, "2026-03-05T09:00")]);
    let again = (("twice".into(), "J-3".into(), "x3".into()), at("2026-03-05T09:00"));
    assert_eq!(told(&live), BTreeMap::from([(first, back), (again, None)]));
}

#[test]
fn several_events_of_one_batch_tell_of_a_count_once() {
    let asked = |n: usize, case: &str, when: &str| {
        let data = json!({ "place": "north", "size": 1 });
        happens(n, case, "job.asked", when, when, data)
    };
    let live = Live::new(&company());
    let past = Recorded(&[]);
    let mut draft = Draft::new(&live.world, &past, 1);
    let mut told = Vec::new();
    for event in [
        asked(0, "J-0", "2026-03-02T09:00"),
        asked(1, "J-1", "2026-03-02T10:00"),
        asked(2, "J-1", "2026-03-02T11:00"),
    ] {
        let recorded = draft.record(event).unwrap();
        told.extend(recorded.into_iter().flat_map(|r| r.outcome.notices));
    }
    let causes: Vec<&str> = told.iter().map(|notice| &*notice.cause.event).collect();
    assert_eq!(causes, ["x1"]);
}
