//! Which events can happen at all: not one that waits for another that waits for it.

use crate::policy::model::{Gate, Id, InForce, Need, NeedTest};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The gates that stand before an event.
pub(super) fn gates<'c>(set: &'c InForce, event: &'c str) -> impl Iterator<Item = &'c Arc<Gate>> {
    let all = set.procedures.iter().flat_map(|procedure| &procedure.gates);
    all.filter(move |gate| gate.on.iter().any(|on| &**on == event))
}

/// The events that never happen, because their gates wait for events that never happen.
pub(super) fn impossible(set: &InForce) -> BTreeSet<&Id> {
    let all = set.kinds.values().flat_map(|kind| kind.events.values());
    let mut waiting: BTreeSet<&Id> = all.map(|event| &event.id).collect();
    loop {
        let can = |event: &&Id| gates(set, event).all(|gate| passes(gate, &waiting));
        let free: Vec<&Id> = waiting.iter().copied().filter(can).collect();
        if free.is_empty() {
            return waiting;
        }
        for event in free {
            waiting.remove(event);
        }
    }
}

/// Whether a gate can be passed without any of these events. One that only stands there in some case can.
fn passes(gate: &Gate, waiting: &BTreeSet<&Id>) -> bool {
    let always = |need: &&Need| gate.when.0.is_empty() && need.only_if.0.is_empty();
    gate.needs.iter().filter(always).all(|need| match &need.test {
        NeedTest::Happened(events) => !events.iter().any(|event| waiting.contains(event)),
        NeedTest::ByRole { events, .. } => !events.iter().all(|event| waiting.contains(event)),
        _ => true,
    })
}
