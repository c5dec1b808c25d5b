//! Random histories, and worlds that take them.

use super::fuheng;
use crate::domain::event::{Actor, EXTENDED, Event, WAIVED};
use crate::domain::zone::Instant;
use crate::engine::case::Case;
use crate::engine::draft::{Draft, Past, PastError};
use crate::engine::history::History;
use crate::engine::intake::value_of;
use crate::engine::view::obligation_view;
use crate::engine::world::World;
use crate::policy::model::{Company, Id};
use chrono::TimeDelta;
use proptest::prelude::*;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a random history is made of: which thing happens to which case, after how many minutes, reported how much later.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Act {
    pub what: u8,
    pub case: u8,
    pub minute: u32,
    pub late: u32,
    pub variant: u8,
}

pub(in crate::engine) fn acts(what: std::ops::Range<u8>, many: usize) -> impl Strategy<Value = Vec<Act>> {
    // Half of what is reported is reported at once.
    let late = prop_oneof![Just(0u32), 1u32..30_000];
    let act = (what, 0u8..3, 0u32..40_000, late, 0u8..8);
    let act = act.prop_map(|(what, case, minute, late, variant)| Act {
        what,
        case,
        minute,
        late,
        variant,
    });
    prop::collection::vec(act, 1..many)
}

/// What can happen, each with the kind of case it happens to.
pub(in crate::engine) const PLAIN: u8 = 13;
pub(in crate::engine) const AMENDING: u8 = 18;

pub(in crate::engine) fn minutes(n: u32) -> TimeDelta {
    TimeDelta::minutes(i64::from(n))
}

/// The events of a history, in the order of the acts; each at an instant of its own.
pub(in crate::engine) fn events(company: &Company, acts: &[Act], start: &str) -> Vec<Event> {
    let start = company.zone.parse_instant(start).unwrap();
    let mut events: Vec<Event> = Vec::new();
    for (n, act) in acts.iter().enumerate() {
        let of = |kind: &str| format!("{kind}-{}", act.case);
        let (complaint, repair, special, area) = (of("C"), of("R"), of("S"), of("A"));
        let v = act.variant;
        let place = json!({ "building": (v + 1).to_string(), "customer": format!("customer {}", v / 6) });
        let with = |more: serde_json::Value| {
            let mut all = place.clone();
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            all
        };
        let visit = json!({
            "channel": if v % 3 == 0 { "home-visit" } else { "telephone" }, "quality": "q", "effect": "e", "satisfaction": 5,
            "shortcomings": "s", "suggestions": if v == 7 { "" } else { "s" }, "resident_signed": v < 6, "qualified": v % 4 != 1,
            "participants": if v % 2 == 0 { json!(["department", "area-manager"]) } else { json!(["area-manager"]) },
        });
        let mut solo = visit.clone();
        solo["participants"] = json!(["area-manager"]);
        let nothing = json!({});
        let owed =
            |rule: &str, case: &str| json!({ "obligation": format!("{case}~{rule}~{}", 1 + v % 2), "reason": "r" });
        let severity = if v == 5 { "major" } else { "ordinary" };
        let (case, kind, data) = match act.what {
            0 => (
                &complaint,
                "complaint.received",
                with(json!({ "severity": severity, "department": "工程部", "matter": format!("m{}", v % 2) })),
            ),
            1 | 2 => (&complaint, "complaint.resolved", nothing),
            3 => (&complaint, "complaint.followed-up", visit),
            4 => (&complaint, "complaint.form-returned", json!({ "signed": v != 0 })),
            5 => (
                &repair,
                "repair.requested",
                with(json!({ "item": format!("i{}", v / 7) })),
            ),
            6 => (&repair, "repair.finished", nothing),
            7 => (&repair, "repair.second-follow-up-needed", nothing),
            8 => (&repair, "repair.followed-up", solo),
            9 => (
                &special,
                "special-service.contracted",
                with(json!({ "starts": "2026-02-20", "ends": "2026-04-20" })),
            ),
            10 => (&special, "special-service.completed", place),
            11 => (&special, "special-service.followed-up", solo),
            12 if v < 4 => (
                &area,
                "area.opened",
                json!({ "area": if v % 2 == 0 { "east" } else { "west" } }),
            ),
            12 if v < 6 => (
                &area,
                "area.statistics-submitted",
                json!({ "analysis": "a", "period": format!("2026-0{}", v - 1) }),
            ),
            12 if v < 7 => (&area, "area.closed", nothing),
            12 if v < 3 => (
                &area,
                "area.opened",
                json!({ "area": if v == 0 { "east" } else { "west" } }),
            ),
            12 if v < 5 => (
                &area,
                "area.statistics-submitted",
                json!({ "analysis": "a", "period": format!("2026-0{v}") }),
            ),
            12 if v < 6 => (&area, "area.closed", nothing),
            12 => (&complaint, "complaint.form-collected", json!({ "form_no": "1" })),
            // Beyond this, histories are amended.
            13 => (&complaint, "complaint.reopened", nothing),
            14 => (
                if v % 2 == 0 { &complaint } else { &repair },
                if v % 2 == 0 {
                    "complaint.withdrawn"
                } else {
                    "repair.withdrawn"
                },
                nothing,
            ),
            15 => {
                let mut data = owed("complaint-follow-up", &complaint);
                // Most waivers end within the history; older records have no last day.
                if v != 0 {
                    data["until"] = json!(format!("2026-03-{:02}", 3 + 3 * v));
                }
                (&complaint, WAIVED, data)
            }
            16 => {
                let mut data = owed("complaint-follow-up", &complaint);
                data["to"] = json!(format!("2026-03-{:02}", 10 + v));
                (&complaint, EXTENDED, data)
            }
            _ => match amended(&events, act, n, start) {
                Some(event) => {
                    events.push(event);
                    continue;
                }
                None => continue,
            },
        };
        let occurred_at = start + minutes(act.minute) + TimeDelta::seconds(n as i64 % 60);
        let data = data.as_object().unwrap().iter();
        events.push(Event {
            seq: 0,
            id: format!("x{n}").into(),
            source: "".into(),
            kind: kind.into(),
            case: case.as_str().into(),
            occurred_at,
            recorded_at: occurred_at + minutes(act.late),
            actor: Actor::default(),
            data: data
                .map(|(k, v)| (Arc::from(k.as_str()), value_of(v).unwrap().unwrap()))
                .collect(),
            corrects: None,
            retracts: None,
            cause: None,
            effects_from: None,
        });
    }
    events
}

/// A correction or a retraction of an event that has none yet, reported after it.
pub(in crate::engine) fn amended(events: &[Event], act: &Act, n: usize, start: Instant) -> Option<Event> {
    let is_amended = |id: &Id| {
        events
            .iter()
            .any(|e| e.corrects.as_ref() == Some(id) || e.retracts.as_ref() == Some(id))
    };
    let free: Vec<&Event> = events
        .iter()
        .filter(|e| e.corrects.is_none() && e.retracts.is_none() && !is_amended(&e.id))
        .collect();
    let target = *free.get(act.minute as usize % free.len().max(1))?;
    let mut event = target.clone();
    event.id = format!("x{n}").into();
    event.occurred_at = start + minutes(act.minute) + TimeDelta::seconds(n as i64 % 60);
    event.recorded_at = target.recorded_at.max(event.occurred_at) + minutes(act.late + 1);
    if act.variant.is_multiple_of(2) {
        event.corrects = Some(target.id.clone());
    } else {
        event.retracts = Some(target.id.clone());
        event.data = Default::default();
    }
    Some(event)
}

/// A world and the record that led to it.
pub(in crate::engine) struct Live {
    pub world: World,
    pub record: Vec<Event>,
}

pub(in crate::engine) struct Recorded<'a>(pub &'a [Event]);

impl Past for Recorded<'_> {
    fn events(&self, case: &str, head: u64) -> Result<Vec<Event>, PastError> {
        let mine = self.0.iter().filter(|e| e.case.as_ref() == case && e.seq <= head);
        Ok(mine.cloned().collect())
    }
}

impl Live {
    pub fn new(company: &Arc<Company>) -> Live {
        Live {
            world: World::new(History::new(company.clone()), [7; 32]),
            record: Vec::new(),
        }
    }

    pub fn advance(&mut self, now: Instant) {
        let past = Recorded(&self.record);
        let mut draft = Draft::new(&self.world, &past, 1);
        draft.advance(now);
        let changes = draft.finish();
        self.world.apply(changes);
    }

    /// Records events at the instant of the first, in one draft.
    pub fn record(&mut self, events: &[Event]) {
        let Some(first) = events.first() else { return };
        let recorded = {
            let past = Recorded(&self.record);
            let mut draft = Draft::new(&self.world, &past, self.record.len() as u64 + 1);
            draft.advance(first.recorded_at);
            let mut recorded = Vec::new();
            for event in events {
                let event = Event {
                    recorded_at: first.recorded_at,
                    ..event.clone()
                };
                recorded.extend(draft.record(event).unwrap().into_iter().map(|r| (*r.event).clone()));
            }
            let changes = draft.finish();
            self.world.apply(changes);
            recorded
        };
        self.record.extend(recorded);
        let ids: BTreeSet<(&Id, &Id)> = self.record.iter().map(|e| (&e.source, &e.id)).collect();
        let list: Vec<&Id> = self.record.iter().map(|e| &e.id).collect();
        assert_eq!(ids.len(), self.record.len(), "an id is there twice: {list:?}");
        // What the engine reports because of something stands once, or is taken back.
        let mut standing: BTreeMap<String, i32> = BTreeMap::new();
        for event in self.record.iter().filter(|e| e.cause.is_some()) {
            let stands = standing.entry(format!("{:?} {}", event.cause, event.case)).or_default();
            *stands += if event.retracts.is_some() { -1 } else { 1 };
            assert!((0..=1).contains(stands), "{:?} stands {stands} times", event.cause);
        }
    }

    /// The same from the record alone: time is let pass where the hour changes, as a rebuild does.
    pub fn rebuilt(&self, company: &Arc<Company>) -> Live {
        let mut live = Live::new(company);
        let hour = |e: &Event| e.recorded_at.timestamp().div_euclid(3600);
        for group in self.record.chunk_by(|a, b| hour(a) == hour(b)) {
            let past = Recorded(&self.record);
            let mut draft = Draft::replaying(&live.world, &past);
            draft.advance(group[0].recorded_at);
            for event in group {
                draft.record(event.clone()).unwrap();
            }
            let changes = draft.finish();
            live.world.apply(changes);
        }
        live.record = self.record.clone();
        live
    }

    pub fn cases(&self, as_of: Instant) -> Vec<(Id, Case)> {
        let ctx = self.world.context();
        let cases = self.world.slots().map(|slot| {
            let mut case = slot.case.clone();
            case.advance(&slot.id, as_of, &ctx);
            (slot.id.clone(), case)
        });
        cases.collect()
    }

    /// All obligations as they are shown.
    pub fn shown(&self, as_of: Instant) -> BTreeMap<String, serde_json::Value> {
        let company = self.world.company();
        let mut shown = BTreeMap::new();
        for (id, case) in self.cases(as_of) {
            for obligation in &case.obligations {
                let view = obligation_view(company, &id, &case, obligation, as_of);
                let before = shown.insert(view.id.clone(), serde_json::to_value(&view).unwrap());
                assert!(before.is_none(), "{} is there twice", view.id);
            }
        }
        shown
    }

    /// What the engine has opened by itself and stands: cause and case.
    pub fn opened(&self) -> BTreeSet<(String, String)> {
        let standing = self.world.spawned.values().flatten().filter(|s| s.stands);
        standing
            .map(|s| (format!("{:?}", s.cause), s.case.to_string()))
            .collect()
    }
}

pub(in crate::engine) fn happens(
    n: usize,
    case: &str,
    kind: &str,
    when: &str,
    reported: &str,
    data: serde_json::Value,
) -> Event {
    let data = data.as_object().unwrap().iter();
    Event {
        case: case.into(),
        kind: kind.into(),
        occurred_at: at(when),
        recorded_at: at(reported),
        data: data
            .map(|(k, v)| (Arc::from(k.as_str()), value_of(v).unwrap().unwrap()))
            .collect(),
        ..blank(n)
    }
}

pub(in crate::engine) fn blank(n: usize) -> Event {
    let occurred_at = at("2026-03-01T00:00") + TimeDelta::minutes(n as i64);
    Event {
        seq: 0,
        id: format!("x{n}").into(),
        source: "".into(),
        kind: "".into(),
        case: format!("J-{n}").into(),
        occurred_at,
        recorded_at: occurred_at,
        actor: Actor::default(),
        data: Default::default(),
        corrects: None,
        retracts: None,
        cause: None,
        effects_from: None,
    }
}

pub(in crate::engine) fn at(text: &str) -> Instant {
    fuheng().zone.parse_instant(text).unwrap()
}
