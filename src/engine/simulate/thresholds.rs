//! What thresholds lead to in the two folds: who is told, which cases the engine opens, what it marks and writes back.

use super::cause;
use super::row::{Change, Row, What, object};
use super::{Shown, Side};
use crate::domain::zone::Instant;
use crate::policy::model::{Id, Threshold};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a threshold led to: the rule, the case and the event that reached it, and to whom it was told or on which case something
/// was reported.
type Key = (Id, Id, Id, Told);

/// To whom, or where.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Told {
    /// This role was told.
    To(Id),
    /// Something was reported on this case.
    On(Id),
}

struct Found {
    at: Option<Instant>,
    threshold: Option<Arc<Threshold>>,
}

/// All that differs and may be told, in the order of rules and cases.
pub(super) fn compare(sides: &[Side<'_>; 2], shown: &Shown<'_>) -> Vec<Row> {
    let [before, after] = sides;
    let (mut was, mut is) = (found(before), found(after));
    let keys: Vec<Key> = was.keys().chain(is.keys()).cloned().collect();
    let mut rows = BTreeMap::new();
    for key in keys {
        let on = match &key.3 {
            Told::To(_) => &key.1,
            Told::On(case) => case,
        };
        if ![&key.1, on].iter().all(|case| shown.shows_id(case, sides)) {
            continue;
        }
        let row = match (was.remove(&key), is.remove(&key)) {
            (Some(was), Some(is)) if was.at == is.at => continue,
            (Some(was), Some(is)) => {
                let minutes = was
                    .at
                    .zip(is.at)
                    .map_or(0, |(a, b)| b.signed_duration_since(a).num_minutes());
                let change = if minutes < 0 { Change::Earlier } else { Change::Later };
                row(&key, change, Some(minutes), (Some(&was), Some(&is)), sides)
            }
            (Some(was), None) => row(&key, Change::Gone, None, (Some(&was), None), sides),
            (None, Some(is)) => row(&key, Change::New, None, (None, Some(&is)), sides),
            (None, None) => continue,
        };
        rows.insert(key, row);
    }
    rows.into_values().collect()
}

fn found(side: &Side<'_>) -> BTreeMap<Key, Found> {
    let mut all = BTreeMap::new();
    for (notice, taken_back) in side.world.notices() {
        if taken_back.is_some() || notice.at > side.as_of {
            continue;
        }
        let cause = notice.cause;
        let found = Found {
            at: Some(notice.at),
            threshold: Some(notice.threshold),
        };
        all.insert((cause.rule, cause.case, cause.event, Told::To(notice.to)), found);
    }
    for own in side.world.spawned.values().flatten().filter(|own| own.stands) {
        let cause = own.cause.clone();
        let found = Found {
            at: None,
            threshold: side.world.history.threshold(&cause.rule),
        };
        all.insert((cause.rule, cause.case, cause.event, Told::On(own.case.clone())), found);
    }
    all
}

fn row(
    (rule, case, event, told): &Key,
    change: Change,
    shift: Option<i64>,
    (was, is): (Option<&Found>, Option<&Found>),
    sides: &[Side<'_>; 2],
) -> Row {
    let threshold = is.or(was).and_then(|found| found.threshold.as_ref());
    let zone = sides[0].company().zone;
    let shown = |found: &Found| -> Value {
        let at = found.at.map(|at| zone.rfc3339(at));
        match told {
            Told::To(role) => object([("to", json!(role)), ("at", json!(at)), ("event", json!(event))]),
            Told::On(case) => object([("on", json!(case)), ("event", json!(event))]),
        }
    };
    Row {
        what: What::Threshold,
        change,
        depends: cause::of_event(case, event, sides),
        procedure: threshold.map(|t| t.head.id.to_string()).unwrap_or_default(),
        clause: threshold
            .and_then(|t| t.clauses.first())
            .map(|c| c.to_string())
            .unwrap_or_default(),
        rule: rule.to_string(),
        title: threshold.map(|t| t.title.to_string()).unwrap_or_default(),
        case: case.to_string(),
        obligation: None,
        shift_minutes: shift,
        before: was.map(shown),
        after: is.map(shown),
    }
}
