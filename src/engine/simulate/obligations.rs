//! The obligations of a case under what served and under the draft, told apart by their identity: rule, course and
//! occurrence.

use super::cause;
use super::row::{Change, Depends, Row, What, object};
use super::{Pair, Side};
use crate::domain::zone::{Instant, Zone};
use crate::engine::case::Case;
use crate::engine::escalation::{self, Fired};
use crate::engine::obligation::{Key, Obligation};
use crate::engine::view::{ObligationView, obligation_view};
use crate::policy::model::{Duty, StepAt};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What of an obligation tells what became of it; the rest is what the rules say.
const BECAME: [&str; 10] = [
    "standing",
    "fulfilled_by",
    "ended_at",
    "breach",
    "level",
    "missing",
    "early_attempts",
    "reason",
    "original_due",
    "flags",
];

/// What goes with the due time.
const DUE: [&str; 3] = ["due", "projected_due", "preferred_at"];

/// Flags that follow from the rules alone.
const RULED: [&str; 3] = ["provisional", "undrawn", "review"];

/// An obligation in one fold or both, by its places in the two states of its case.
struct Compared {
    places: [Option<usize>; 2],
    views: Option<(ObligationView, ObligationView)>,
    fired: [Vec<Fired>; 2],
}

/// Hands over what differs; returns what is as it was.
pub(super) fn compare<'a>(pair: &Pair<'a>, sides: &[Side<'_>; 2], each: &mut dyn FnMut(Row)) -> Vec<&'a Obligation> {
    let (mut same, mut differing) = (Vec::new(), Vec::new());
    for places in partners(pair) {
        match differs(pair, sides, places) {
            Some(compared) => differing.push(compared),
            None => {
                let before = places[0].and_then(|ix| pair.before?.obligations.get(ix));
                same.extend(before);
            }
        }
    }
    for compared in &differing {
        rows(pair, sides, compared, &differing, each);
    }
    same
}

/// The places of each obligation in both states.
fn partners(pair: &Pair<'_>) -> Vec<[Option<usize>; 2]> {
    let keys = |case: Option<&Case>| -> Vec<Key> {
        let all = case.into_iter().flat_map(|case| case.obligations.iter());
        all.map(Obligation::key).collect()
    };
    let (before, after) = (keys(pair.before), keys(pair.after));
    if before == after {
        return (0..before.len()).map(|ix| [Some(ix), Some(ix)]).collect();
    }
    let mut left: BTreeMap<&Key, usize> = after.iter().enumerate().map(|(ix, key)| (key, ix)).collect();
    let mut places: Vec<[Option<usize>; 2]> = Vec::new();
    for (ix, key) in before.iter().enumerate() {
        places.push([Some(ix), left.remove(key)]);
    }
    let mut only: Vec<usize> = left.into_values().collect();
    only.sort_unstable();
    places.extend(only.into_iter().map(|ix| [None, Some(ix)]));
    places
}

fn differs(pair: &Pair<'_>, sides: &[Side<'_>; 2], places: [Option<usize>; 2]) -> Option<Compared> {
    let shown = |which: usize| {
        let case = if which == 0 { pair.before } else { pair.after }?;
        let obligation = case.obligations.get((*places.get(which)?)?)?;
        let side = sides.get(which)?;
        let fired = escalation::fired(case, obligation, side.company().zone, side.as_of);
        Some((
            obligation_view(side.company(), pair.id, case, obligation, side.as_of),
            fired,
        ))
    };
    match (shown(0), shown(1)) {
        (Some((before, told)), Some((mut after, tells))) => {
            // Which text it stands in is no difference.
            after.edition.clone_from(&before.edition);
            let differs = before != after || told != tells;
            differs.then(|| Compared {
                places,
                views: (before != after).then_some((before, after)),
                fired: [told, tells],
            })
        }
        (before, after) => Some(Compared {
            places,
            views: None,
            fired: [before, after].map(|side| side.map(|(_, fired)| fired).unwrap_or_default()),
        }),
    }
}

fn rows(pair: &Pair<'_>, sides: &[Side<'_>; 2], compared: &Compared, all: &[Compared], each: &mut dyn FnMut(Row)) {
    // As it is under the draft, where it is there.
    let (which, case, ix) = match (compared.places, pair.before, pair.after) {
        ([_, Some(ix)], _, Some(case)) => (1, case, ix),
        ([Some(ix), None], Some(case), _) => (0, case, ix),
        _ => return,
    };
    let (Some(obligation), Some(side)) = (case.obligations.get(ix), sides.get(which)) else {
        return;
    };
    let differs = |place: usize| all.iter().any(|c| c.places.get(which) == Some(&Some(place)));
    let birth = cause::of_obligation(case, ix, &differs, sides);
    let id = obligation.key().id(pair.id);
    let row = Row {
        obligation: Some(id),
        ..blank(What::Obligation, pair, &obligation.duty)
    };
    match (&compared.views, compared.places) {
        (_, [None, _] | [_, None]) => {
            let view = obligation_view(side.company(), pair.id, case, obligation, side.as_of);
            let (change, before, after) = match which {
                0 => (Change::Gone, Some(summary(&view)), None),
                _ => (Change::New, None, Some(summary(&view))),
            };
            each(Row {
                change,
                depends: birth,
                before,
                after,
                ..row.clone()
            });
        }
        (Some((before, after)), _) => {
            let was = pair
                .before
                .zip(compared.places[0])
                .and_then(|(c, ix)| c.obligations.get(ix));
            let moved = was.map(|was| (was.due.at(), obligation.due.at()));
            aspects(&row, birth, (before, after), moved, each);
        }
        (None, _) => {}
    }
    told(&row, birth, obligation, &compared.fired, side.company().zone, each);
}

/// A row for each way in which an obligation differs.
fn aspects(
    row: &Row,
    birth: Depends,
    (before, after): (&ObligationView, &ObligationView),
    moved: Option<(Instant, Instant)>,
    each: &mut dyn FnMut(Row),
) {
    let (Ok(Value::Object(was)), Ok(Value::Object(is))) = (serde_json::to_value(before), serde_json::to_value(after))
    else {
        return;
    };
    let differ: Vec<&String> = was.keys().filter(|field| was.get(*field) != is.get(*field)).collect();
    let shift = moved.map(|(was, is)| is.signed_duration_since(was).num_minutes());
    let both = |before: &Option<crate::engine::view::DueView>, after: &Option<crate::engine::view::DueView>| {
        before.is_some() && after.is_some() && before != after
    };
    let is_due = both(&before.due, &after.due) || both(&before.projected_due, &after.projected_due);
    let shifted = shift.filter(|minutes| is_due && *minutes != 0);
    let with = |change: Change, depends: Depends, fields: &[&String], shift: Option<i64>| {
        let pick = |of: &Map<String, Value>| {
            let picked = fields.iter().filter_map(|f| Some(((*f).clone(), of.get(*f)?.clone())));
            Some(Value::Object(picked.collect()))
        };
        Row {
            change,
            depends,
            shift_minutes: shift,
            before: pick(&was),
            after: pick(&is),
            ..row.clone()
        }
    };
    let flags_of_rules = || {
        RULED
            .iter()
            .any(|flag| before.flags.contains(flag) != after.flags.contains(flag))
    };
    let (mut due, mut bearers, mut ruled, mut became) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for field in differ {
        let name = field.as_str();
        let paused_only = matches!(name, "due" | "projected_due") && !is_due;
        if shifted.is_some() && (DUE.contains(&name) || name == "opens_at") {
            due.push(field);
        } else if name == "bearers" || name == "joint" {
            bearers.push(field);
        } else if name == "flags" && flags_of_rules() {
            ruled.push(field);
        } else if BECAME.contains(&name) || paused_only || name == "count" && same_count(before, after) {
            became.push(field);
        } else {
            ruled.push(field);
        }
    }
    if let Some(minutes) = shifted {
        let change = if minutes < 0 { Change::Earlier } else { Change::Later };
        each(with(change, birth, &due, Some(minutes)));
    }
    if !bearers.is_empty() {
        each(with(Change::Elsewhere, birth, &bearers, None));
    }
    if !ruled.is_empty() {
        each(with(Change::Changed, birth, &ruled, None));
    }
    if !became.is_empty() {
        each(with(Change::Standing, Depends::Behaviour, &became, None));
    }
}

/// Whether the same number is asked for.
fn same_count(before: &ObligationView, after: &ObligationView) -> bool {
    let asked = |view: &ObligationView| view.count.as_ref().map(|c| (c.required, c.members));
    asked(before) == asked(after)
}

/// Who is told, and who is not any more.
fn told(
    row: &Row,
    birth: Depends,
    obligation: &Obligation,
    fired: &[Vec<Fired>; 2],
    zone: Zone,
    each: &mut dyn FnMut(Row),
) {
    let [before, after] = fired;
    let same = |a: &Fired, b: &Fired| a.step.level == b.step.level && a.step.to == b.step.to;
    let shown = |f: &Fired| {
        object([
            ("level", json!(f.step.level)),
            ("to", json!(f.step.to)),
            ("nominal_at", json!(zone.rfc3339(f.step.nominal_at))),
            ("at", json!(zone.rfc3339(f.at))),
            ("withdrawn_at", json!(f.withdrawn_at.map(|at| zone.rfc3339(at)))),
        ])
    };
    // Told at once when it comes to be owed, whatever anybody does.
    let depends = |f: &Fired| {
        let steps = &obligation.duty.escalate;
        let step = steps.get(usize::from(f.step.level).saturating_sub(1));
        match step.map(|s| s.at) {
            Some(StepAt::Once) => birth,
            _ => Depends::Behaviour,
        }
    };
    let row = |change: Change, f: &Fired, shift: Option<i64>, was: Option<&Fired>, is: Option<&Fired>| Row {
        what: What::Escalation,
        change,
        depends: depends(f),
        shift_minutes: shift,
        before: was.map(shown),
        after: is.map(shown),
        ..row.clone()
    };
    for was in before {
        match after.iter().find(|is| same(was, is)) {
            None => each(row(Change::Gone, was, None, Some(was), None)),
            Some(is) if was == is => {}
            Some(is) => {
                let minutes = is.at.signed_duration_since(was.at).num_minutes();
                let change = match minutes {
                    0 => Change::Changed,
                    ..0 => Change::Earlier,
                    1.. => Change::Later,
                };
                let shift = Some(minutes).filter(|m| *m != 0);
                each(row(change, is, shift, Some(was), Some(is)));
            }
        }
    }
    for is in after {
        if !before.iter().any(|was| same(was, is)) {
            each(row(Change::New, is, None, None, Some(is)));
        }
    }
}

fn blank(what: What, pair: &Pair<'_>, duty: &Duty) -> Row {
    Row {
        what,
        change: Change::Changed,
        depends: Depends::Mechanical,
        procedure: duty.head.id.to_string(),
        clause: duty.clauses.first().map(|c| c.to_string()).unwrap_or_default(),
        rule: duty.id.to_string(),
        title: duty.title.to_string(),
        case: pair.id.to_string(),
        obligation: None,
        shift_minutes: None,
        before: None,
        after: None,
    }
}

/// What is told of an obligation that is there in one fold only.
fn summary(view: &ObligationView) -> Value {
    let roles: Vec<&str> = view.bearers.iter().map(|b| b.role.as_str()).collect();
    object([
        ("standing", json!(view.standing)),
        ("due", json!(view.due)),
        ("opens_at", json!(view.opens_at)),
        ("bearers", json!(roles)),
        ("breach", json!(view.breach)),
        ("level", json!(view.level)),
        ("triggered_by", json!(view.triggered_by)),
    ])
}
