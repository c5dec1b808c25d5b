//! The laws of figures: what penalties charge does not depend on the order of arrival; no balance ever falls below zero.

use super::config;
use super::history::{Live, Recorded, at, blank, minutes};
use super::small::company;
use crate::domain::event::{Event, WAIVED};
use crate::domain::value::Value;
use crate::engine::case::in_order;
use crate::engine::draft::{Draft, Past};
use crate::engine::metric::affordable;
use crate::engine::penalty::{Entry, ledger};
use crate::policy::model::Id;
use proptest::prelude::*;

const DISCIPLINE: &str = r#"
    [procedure]
    id = "small/discipline"
    title = "奖惩"
    effective = 2020-01-01
    waive_by = ["boss"]
    [role.boss]
    title = "主管"
    [clause."1"]
    text = "三天内答复，逾期一百元；丢失一件五元；积分不得为负。"
    [case.job]
    title = "事"
    [case.job.events]
    raised = "提出"
    answered = "答复"
    lost = { title = "丢失", data = { items = "number" } }
    earned = { title = "得分", data = { points = "number" } }
    spent = { title = "用分", data = { points = "number" } }
    [deadline.answer]
    title = "答复"
    clause = "1"
    on = "job.raised"
    within = "3天"
    done = "job.answered"
    bearer = "clerk"
    [penalty.late]
    title = "逾期"
    clause = "1"
    of = "answer"
    amount_fen = 10000
    joint = [{ role = "boss", amount_fen = 5000 }]
    [penalty.loss]
    title = "丢失"
    clause = "1"
    on = "job.lost"
    times = "items"
    amount_fen = 500
    against = "clerk"
    [metric.points]
    title = "积分"
    clause = "1"
    points = { earn = { "job.earned" = { field = "points" } }, spend = { "job.spent" = { field = "points" } } }
"#;

/// What, when in minutes, how many, and which earlier one is amended.
type Act = (u8, u32, i64, usize);

fn event(n: usize, kind: &str, minute: u32, number: Option<(&str, i64)>) -> Event {
    let data = number.map(|(field, number)| (field.into(), Value::Int(number)));
    Event {
        kind: kind.into(),
        case: "J".into(),
        occurred_at: at("2026-03-02T00:00") + minutes(minute),
        data: data.into_iter().collect(),
        ..blank(n)
    }
}

/// One that takes back or puts right an earlier one.
fn amending(n: usize, events: &[Event], (_, minute, many, which): Act) -> Option<Event> {
    // Of two corrections of one event the later one counts: their order is no accident.
    let is_amended = |id: &Id| {
        events
            .iter()
            .any(|e| e.corrects.as_ref() == Some(id) || e.retracts.as_ref() == Some(id))
    };
    let plain: Vec<&Event> = events
        .iter()
        .filter(|e| e.corrects.is_none() && e.retracts.is_none() && !is_amended(&e.id))
        .collect();
    let target = *plain.get(which % plain.len().max(1))?;
    let mut event = Event {
        id: format!("x{n}").into(),
        occurred_at: at("2026-03-02T00:00") + minutes(minute),
        ..target.clone()
    };
    if many % 2 == 0 {
        event.corrects = Some(target.id.clone());
    } else {
        event.retracts = Some(target.id.clone());
        event.data = Default::default();
    }
    Some(event)
}

fn penalised(acts: &[Act]) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    for (n, act) in acts.iter().enumerate() {
        let (what, minute, many, _) = *act;
        let next = match what {
            0 | 1 => Some(event(n, "job.raised", minute, None)),
            2 => Some(event(n, "job.answered", minute, None)),
            3 => Some(event(n, "job.lost", minute, Some(("items", many)))),
            4 => {
                let mut waiver = event(n, WAIVED, minute, None);
                let text = |text: &str| Value::Text(text.into());
                let data = [("obligation", text("J~answer~1")), ("reason", text("r"))];
                waiver.data = data.into_iter().map(|(k, v)| (k.into(), v)).collect();
                Some(waiver)
            }
            _ => amending(n, &events, *act),
        };
        events.extend(next);
    }
    events
}

/// What stands.
fn standing(entries: &[Entry]) -> Vec<String> {
    let stands = entries.iter().filter(|e| e.reversed_at.is_none());
    let mut standing: Vec<String> = stands
        .map(|e| {
            let (id, amount) = (&e.penalty.id, e.amount_fen);
            format!(
                "{id} {:?} {:?} {:?} {:?} {amount:?} {}",
                e.obligation, e.event, e.role, e.person, e.at
            )
        })
        .collect();
    standing.sort();
    standing
}

proptest! {
    #![proptest_config(config(120))]

    /// However events arrive, the same charges stand: those of what was not met in time, and of what was violated.
    #[test]
    fn what_stands_in_the_ledger_does_not_depend_on_the_order_of_arrival(
        acts in prop::collection::vec((0u8..7, 0u32..20_000, 1i64..4, 0usize..12), 1..14),
        keys in prop::collection::vec(any::<u32>(), 14),
    ) {
        let company = company(&[DISCIPLINE]);
        let events = penalised(&acts);
        let other = super::rearranged(&events, &keys);
        let as_of = at("2026-05-01T00:00");
        let told = |order: &[Event]| {
            let mut live = Live::new(&company);
            for (n, event) in order.iter().enumerate() {
                live.record(&[Event { recorded_at: at("2026-04-01T00:00") + minutes(n as u32 * 7), ..event.clone() }]);
            }
            let ledger = ledger(&company, "J", &live.record, &live.world.context(), as_of);
            // What stands is what the case itself says was not met in time.
            let breached = live.cases(as_of).iter().flat_map(|(_, case)| case.obligations.iter().map(|o| {
                o.breach(as_of, false).is_some_and(|b| b.status == crate::engine::obligation::BreachStatus::Standing)
            }).collect::<Vec<_>>()).filter(|b| *b).count();
            let late = ledger.iter().filter(|e| &*e.penalty.id == "late" && e.reversed_at.is_none()).count();
            assert_eq!(late, breached * 2);
            standing(&ledger)
        };
        prop_assert_eq!(told(&events), told(&other));
    }

    /// No event that is taken leads to a balance below zero at any time; and one that is refused would have.
    #[test]
    fn a_balance_never_falls_below_zero(
        acts in prop::collection::vec((0u8..6, 0u32..20_000, 1i64..60, 0usize..12), 1..24)
    ) {
        let company = company(&[DISCIPLINE]);
        let mut live = Live::new(&company);
        let lowest = |events: &[Event], live: &Live| {
            let (mut balance, mut lowest) = (0, 0);
            for event in in_order(events, &live.world.history) {
                let Some(Value::Int(points)) = event.data.get("points") else { continue };
                balance += if &*event.kind == "job.earned" { *points } else { -*points };
                lowest = lowest.min(balance);
            }
            lowest
        };
        for (n, act) in acts.iter().enumerate() {
            let (what, minute, many, _) = *act;
            let next = match what {
                0 | 1 => Some(event(n, "job.earned", minute, Some(("points", many)))),
                2 | 3 => Some(event(n, "job.spent", minute, Some(("points", many)))),
                _ => amending(n, &live.record, *act),
            };
            let Some(next) = next else { continue };
            let next = Event { recorded_at: at("2026-04-01T00:00") + minutes(n as u32), ..next };
            let past = Recorded(&live.record);
            let draft = Draft::new(&live.world, &past, live.record.len() as u64 + 1);
            let taken = affordable(&company, &draft.context(), &|| past.events("J", u64::MAX), &next).unwrap().is_ok();
            drop(draft);
            let mut all = live.record.clone();
            all.push(Event { seq: all.len() as u64 + 1, ..next.clone() });
            prop_assert_eq!(taken, lowest(&all, &live) == 0);
            if taken {
                live.record(&[next]);
            }
        }
    }
}
