//! Events that a gate would have refused. What happened is taken as it stands, in both folds; it is only told.

use super::Pair;
use super::row::{Change, Depends, Row, What, object};
use crate::domain::event::Event;
use crate::domain::zone::Instant;
use crate::engine::draft::{Draft, PastError};
use crate::engine::gate::Closed;
use crate::engine::history::History;
use crate::policy::model::Id;
use serde_json::json;
use std::collections::{BTreeMap, HashMap, HashSet};

/// The gates of a fold, and what they would have refused.
pub(super) struct Gates {
    /// The events before which a gate stands in some edition.
    gated: HashSet<Id>,
    /// When the span begins: what occurred before is not asked about.
    starts_at: Instant,
    /// By case, in the order of the record: the event's place, its id, and the gate.
    refused: HashMap<Id, Vec<(u64, Id, Closed)>>,
}

impl Gates {
    pub(super) fn new(history: &History, starts_at: Instant) -> Gates {
        let sets = history.sets().flat_map(|company| &company.in_force);
        let procedures = sets.flat_map(|set| &set.procedures);
        Gates {
            gated: procedures.flat_map(|p| p.by_gated.keys().cloned()).collect(),
            starts_at,
            refused: HashMap::new(),
        }
    }

    /// Asks the gates before an event of the record, which is not taken yet.
    pub(super) fn ask(&mut self, draft: &Draft<'_>, event: &Event, place: u64) -> Result<(), PastError> {
        if event.occurred_at < self.starts_at || !self.gated.contains(&event.kind) {
            return Ok(());
        }
        for closed in draft.closed(event, place)? {
            let list = self.refused.entry(event.case.clone()).or_default();
            list.push((place, event.id.clone(), closed));
        }
        Ok(())
    }
}

/// Hands over what only one of the two would have refused: what the draft would have (`new`), and what it would no longer
/// have (`gone`).
pub(super) fn compare(pair: &Pair<'_>, sides: [&Gates; 2], each: &mut dyn FnMut(Row)) {
    let [before, after] = sides.map(|gates| -> BTreeMap<(u64, Id), (&Id, &Closed)> {
        let refused = gates.refused.get(pair.id).into_iter().flatten();
        let keyed = refused.map(|(place, event, closed)| ((*place, closed.gate.id.clone()), (event, closed)));
        keyed.collect()
    });
    let only = |mine: &BTreeMap<(u64, Id), _>, other: &BTreeMap<(u64, Id), _>| -> Vec<(u64, Id)> {
        mine.keys().filter(|key| !other.contains_key(*key)).cloned().collect()
    };
    for (change, keys, from) in [
        (Change::Gone, only(&before, &after), &before),
        (Change::New, only(&after, &before), &after),
    ] {
        let found = keys.iter().filter_map(|key| from.get(key));
        found.for_each(|(event, closed)| each(row(pair, change, event, closed)));
    }
}

fn row(pair: &Pair<'_>, change: Change, event: &Id, closed: &Closed) -> Row {
    let gate = &closed.gate;
    let said = Some(object([("event", json!(event)), ("unmet", json!(closed.unmet))]));
    let (before, after) = match change {
        Change::Gone => (said, None),
        _ => (None, said),
    };
    Row {
        what: What::Gate,
        change,
        // What was to be done before may have been left undone only because nobody asked for it.
        depends: Depends::Behaviour,
        procedure: gate.head.id.to_string(),
        clause: gate.clauses.first().map(ToString::to_string).unwrap_or_default(),
        rule: gate.id.to_string(),
        title: gate.title.to_string(),
        case: pair.id.to_string(),
        obligation: None,
        shift_minutes: None,
        before,
        after,
    }
}
