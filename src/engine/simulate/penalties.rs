//! The ledger of penalties of a case in the two folds.

use super::fold::Folded;
use super::row::{Change, Depends, Row, What, object};
use super::{Pair, Side};
use crate::engine::case::Case;
use crate::engine::draft::{Past, PastError};
use crate::engine::penalty::{self, Entry};
use serde_json::{Value, json};

/// All that differs. What was taken back counts for nothing.
pub(super) fn compare<P: Past>(
    pair: &Pair<'_>,
    sides: &[Side<'_>; 2],
    (before, after): (&Folded<P>, &Folded<P>),
) -> Result<Vec<Row>, PastError> {
    let [was, is] = sides;
    let (mut left, right) = (
        entries(pair, was, pair.before, before)?,
        entries(pair, is, pair.after, after)?,
    );
    let mut rows = Vec::new();
    let mut unmatched = Vec::new();
    for entry in right {
        match left.iter().position(|other| same(other, &entry)) {
            Some(at) => {
                let other = left.remove(at);
                if (other.amount_fen, other.is_proposed) != (entry.amount_fen, entry.is_proposed) {
                    rows.push(row(pair, Change::Changed, Some(&other), Some(&entry)));
                }
            }
            None => unmatched.push(entry),
        }
    }
    rows.extend(left.iter().map(|was| row_of(pair, Change::Gone, was)));
    rows.extend(unmatched.iter().map(|is| row_of(pair, Change::New, is)));
    Ok(rows)
}

fn entries<P: Past>(
    pair: &Pair<'_>,
    side: &Side<'_>,
    case: Option<&Case>,
    folded: &Folded<P>,
) -> Result<Vec<Entry>, PastError> {
    let Some(case) = case.filter(|case| penalty::concerns(&side.world.history, case)) else {
        return Ok(Vec::new());
    };
    let events = folded.past(pair.id, case.head, side.as_of)?;
    let mut entries = penalty::ledger(side.company(), pair.id, &events, &side.world.context(), side.as_of);
    entries.retain(|entry| entry.reversed_at.is_none());
    Ok(entries)
}

/// Whether two entries are for the same breach or violation, and charge the same.
fn same(a: &Entry, b: &Entry) -> bool {
    (&a.penalty.id, &a.obligation, &a.event) == (&b.penalty.id, &b.obligation, &b.event)
        && (&a.role, &a.person) == (&b.role, &b.person)
}

fn row_of(pair: &Pair<'_>, change: Change, entry: &Entry) -> Row {
    match change {
        Change::Gone => row(pair, change, Some(entry), None),
        _ => row(pair, change, None, Some(entry)),
    }
}

fn row(pair: &Pair<'_>, change: Change, was: Option<&Entry>, is: Option<&Entry>) -> Row {
    let entry = is.or(was);
    let penalty = entry.map(|entry| &entry.penalty);
    // A breach is what people left undone; a violation was reported.
    let depends = match entry.and_then(|entry| entry.event.as_ref()) {
        Some(_) => Depends::Mechanical,
        None => Depends::Behaviour,
    };
    Row {
        what: What::Penalty,
        change,
        depends,
        procedure: penalty.map(|p| p.head.id.to_string()).unwrap_or_default(),
        clause: penalty
            .and_then(|p| p.clauses.first())
            .map(|c| c.to_string())
            .unwrap_or_default(),
        rule: penalty.map(|p| p.id.to_string()).unwrap_or_default(),
        title: penalty.map(|p| p.title.to_string()).unwrap_or_default(),
        case: pair.id.to_string(),
        obligation: entry.and_then(|entry| entry.obligation.clone()),
        shift_minutes: None,
        before: was.map(shown),
        after: is.map(shown),
    }
}

fn shown(entry: &Entry) -> Value {
    object([
        ("amount_fen", json!(entry.amount_fen)),
        ("role", json!(entry.role)),
        ("person", json!(entry.person)),
        ("event", json!(entry.event)),
        ("status", json!(entry.status())),
    ])
}
