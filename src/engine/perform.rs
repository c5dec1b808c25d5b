//! What performs an obligation, and what settles it without performing it.

use crate::domain::deadline::Due;
use crate::domain::deadline::{Counting, reckon};
use crate::domain::event::{CONFIRMED, EXTENDED, Event, PENALTY_DECIDED, WAIVED};
use crate::domain::pause::Pauses;
use crate::domain::term::{End as TermEnd, Shift};
use crate::domain::value::{Fields, Value};
use crate::domain::zone::{Instant, Zone};
use crate::engine::case::{Case, Context, happening, happening_end};
use crate::engine::computed;
use crate::engine::obligation::{End, Ending, Happening, Key, Obligation, Occurrence};
use crate::engine::waiver::{self, WaivedBy, Waiver};
use crate::engine::{open, sample};
use crate::policy::model::{Done, Id, Record, Timing};
use std::borrow::Cow;
use thin_vec::thin_vec;

/// Lets an event perform what it can. One event serves one obligation: of those that it could perform and that have
/// opened, the one whose period it names, else the one due first. If none has opened, it is an early attempt at the
/// one that opens first.
pub fn perform(case: &mut Case, id: &str, event: &Event, ctx: &Context<'_>) {
    perform_but(case, id, event, &[], ctx);
}

/// The same, but for some obligations that the event cannot perform because of the way it went: these miss the channel.
pub fn perform_but(case: &mut Case, id: &str, event: &Event, barred: &[usize], ctx: &Context<'_>) {
    // A decision names what it decides.
    if *event.kind == *PENALTY_DECIDED {
        return;
    }
    let mut chosen: Option<(bool, usize)> = None;
    let mut early: Option<usize> = None;
    let mut kept_off: Vec<usize> = Vec::new();
    for (ix, obligation) in case.obligations.iter().enumerate() {
        let duty = &obligation.duty;
        // What asks for a count goes on counting after it has been reached.
        let counts_on = obligation.end.as_ref().is_some_and(|e| e.how == Ending::Fulfilled)
            && obligation.more.as_ref().is_some_and(|m| m.required > 0)
            && obligation.cycle == case.cycle;
        let fits = (obligation.is_live() || counts_on)
            && duty.done.iter().any(|d| d.event == event.kind)
            && duty
                .done_when
                .holds(|field| event.data.get(field).or_else(|| case.data.get(field)))
            && sample::counts(case, obligation, event);
        if !fits {
            continue;
        }
        if barred.contains(&ix) {
            kept_off.push(ix);
            continue;
        }
        let at = |ix: usize| case.obligations.get(ix);
        if obligation.opens_at <= event.occurred_at || duty.early_accepted {
            let named = names_period(event, obligation.occurrence);
            let first = chosen.is_none_or(|(was_named, best)| {
                named && !was_named || named == was_named && at(best).is_some_and(|b| obligation.due.at() < b.due.at())
            });
            if first {
                chosen = Some((named, ix));
            }
        } else if early.and_then(at).is_none_or(|e| obligation.opens_at < e.opens_at) {
            early = Some(ix);
        }
    }
    for ix in kept_off {
        if let Some(obligation) = case.obligations.get_mut(ix) {
            obligation.more_mut().missing = thin_vec![Id::from("channel")];
        }
    }
    match (chosen, early) {
        (Some((_, ix)), _) => {
            if attempt(case, ix, event, ctx.history.zone()) {
                open::open_following_end(case, id, ix, event, ctx);
            }
        }
        (None, Some(ix)) => {
            if let Some(obligation) = case.obligations.get_mut(ix) {
                obligation.more_mut().early.push(event.id.clone());
            }
        }
        (None, None) => {}
    }
}

/// Whether an event says that it is for this occurrence: its `period` is the beginning of the nominal date.
fn names_period(event: &Event, occurrence: Occurrence) -> bool {
    match (occurrence, event.data.get("period").and_then(Value::as_text)) {
        (Occurrence::On(on), Some(period)) => !period.is_empty() && on.to_string().starts_with(period),
        _ => false,
    }
}

/// Lets an event perform an obligation as far as it goes; returns whether that fulfilled it.
fn attempt(case: &mut Case, ix: usize, event: &Event, zone: Zone) -> bool {
    let Some(obligation) = case.obligations.get(ix) else {
        return false;
    };
    let record = obligation
        .duty
        .done
        .iter()
        .find(|d| d.event == event.kind)
        .and_then(|d: &Done| d.record.clone());
    let counted = obligation.more.as_ref().is_some_and(|m| m.required > 0);
    let before = obligation.more.as_ref().filter(|m| !counted && !m.record.is_empty());
    let brought = match before.map(|m| m.record.clone()) {
        Some(mut record) => {
            record.merge(&event.data);
            Cow::Owned(record)
        }
        None => Cow::Borrowed(&event.data),
    };
    let mut missing = record.as_ref().map(|r| missing_fields(r, &brought)).unwrap_or_default();
    let took_part = participants(event);
    if obligation.joint {
        let before = obligation.more.as_ref().map(|m| &m.participants);
        let absent = obligation
            .roles
            .iter()
            .filter(|role| !took_part.contains(role) && !before.is_some_and(|b| b.contains(*role)));
        missing.extend(absent.cloned());
    }
    if let Some(accept) = record.as_ref().and_then(|r| r.accept.as_ref())
        && missing.is_empty()
    {
        missing = computed::judge(case, accept, &brought, event, zone);
    }
    let Some(obligation) = case.obligations.get_mut(ix) else {
        return false;
    };
    if counted {
        let late = !obligation.due.on_time(event.occurred_at);
        let distinct = obligation.duty.count.as_ref().and_then(|c| c.distinct.clone());
        let more = obligation.more_mut();
        more.missing = missing.into();
        if !more.missing.is_empty() {
            return false;
        }
        let whom = distinct
            .and_then(|field| event.data.get(&field))
            .map(|v| Id::from(v.to_string()));
        if more.distinct.insert(whom.unwrap_or_else(|| event.id.clone())) && late {
            more.distinct_late += 1;
        }
        let reached = u64::try_from(more.distinct.len()).unwrap_or(u64::MAX) >= u64::from(more.required);
        if !reached || obligation.end.is_some() {
            return false;
        }
    } else if !missing.is_empty() {
        let more = obligation.more_mut();
        more.record = brought.into_owned();
        more.participants.extend(took_part);
        more.missing = missing.into();
        return false;
    }
    if let Some(more) = &mut obligation.more {
        more.missing.clear();
        more.record = Fields::default();
        more.participants.clear();
    }
    if reported_too_late(obligation, event, zone) {
        obligation.more_mut().pending = Some(happening(event));
        return false;
    }
    obligation.end = Some(happening_end(Ending::Fulfilled, event));
    true
}

/// Whether a performance was reported later than its rule lets it count by itself.
fn reported_too_late(obligation: &Obligation, event: &Event, zone: Zone) -> bool {
    let Some(term) = obligation.duty.max_backdate else {
        return false;
    };
    let none = Pauses::none();
    let calendar = &obligation.duty.calendar;
    let how = Counting {
        zone,
        calendar,
        end: TermEnd::Midnight,
        shift: Shift::None,
        pauses: &none,
    };
    reckon(event.occurred_at, term, &how).is_ok_and(|r| !r.due.on_time(event.recorded_at))
}

fn participants(event: &Event) -> Vec<Id> {
    match event.data.get("participants") {
        Some(Value::List(roles)) if !roles.is_empty() => roles.to_vec(),
        Some(Value::Text(role)) => vec![role.clone()],
        _ => event.actor.role.iter().cloned().collect(),
    }
}

/// The fields that a record still lacks, in the order of its requirements.
pub fn missing_fields(record: &Record, data: &Fields) -> Vec<Id> {
    let mut missing = Vec::new();
    for requirement in record.required.iter().filter(|r| r.when.holds_for(data)) {
        for field in &requirement.fields {
            let there = match data.get(field) {
                Some(Value::Bool(yes)) if requirement.signed => *yes,
                Some(_) if requirement.signed => false,
                Some(value) => value.is_filled(),
                None => false,
            };
            if !there && !missing.contains(field) {
                missing.push(field.clone());
            }
        }
    }
    missing
}

/// Waives or extends what a reserved event names. Whether its actor may was settled when the event was taken.
pub fn settle(case: &mut Case, id: &str, event: &Event, ctx: &Context<'_>) {
    if ![WAIVED, EXTENDED, CONFIRMED, PENALTY_DECIDED].contains(&event.kind.as_ref()) {
        return;
    }
    let named = event
        .data
        .get("obligation")
        .and_then(Value::as_text)
        .and_then(Key::parse);
    let Some(ix) = named
        .filter(|(case_id, _)| *case_id == id)
        .and_then(|(_, key)| case.find(&key))
        .map(|(ix, _)| ix)
    else {
        return;
    };
    let to = event.data.get("to").and_then(Value::as_date);
    let Some(obligation) = case.obligations.get_mut(ix).filter(|o| o.is_live()) else {
        return;
    };
    let reason = event.data.get("reason").map(|v| Id::from(v.to_string()));
    if event.kind.as_ref() == WAIVED {
        let until = event.data.get("until").and_then(Value::as_date);
        // Older records have no last day: what they waived is waived for good.
        let to = until.map_or(Some(Instant::MAX_UTC), |on| ctx.history.zone().end_of(on).ok());
        let Some(to) = to.filter(|to| *to > event.occurred_at) else {
            return;
        };
        let more = obligation.more_mut();
        more.reason = reason.clone();
        more.waivers.push(Waiver {
            by: WaivedBy::Event {
                event: event.id.clone(),
                recorded_at: event.recorded_at,
                who: event
                    .actor
                    .person
                    .clone()
                    .or(event.actor.role.clone())
                    .unwrap_or_default(),
                why: reason.unwrap_or_default(),
                until,
            },
            from: event.occurred_at,
            to,
            settled: false,
            doubts: Vec::new(),
        });
        case.obligations.note_waived();
        return;
    }
    if event.kind.as_ref() == PENALTY_DECIDED {
        if let (Some(Value::Int(amount)), true) = (event.data.get("amount_fen"), obligation.duty.decides().is_some()) {
            obligation.end = Some(happening_end(Ending::Fulfilled, event));
            let more = obligation.more_mut();
            (more.decided_fen, more.reason) = (u64::try_from(*amount).ok(), reason);
        }
        return;
    }
    if event.kind.as_ref() == CONFIRMED {
        // What was done counts from when it was done; that it did was known when it was vouched for.
        if let Some(pending) = obligation.more.as_mut().and_then(|m| m.pending.take()) {
            let by = Happening {
                recorded_at: event.recorded_at,
                ..pending
            };
            obligation.end = Some(End {
                how: Ending::Fulfilled,
                by,
            });
            open::open_following_end(case, id, ix, event, ctx);
        }
        return;
    }
    let Some((on, at)) = to.and_then(|on| ctx.history.zone().end_of(on).ok().map(|at| (on, at))) else {
        return;
    };
    let new = match obligation.due {
        Due::Day { .. } => Due::Day { on, at },
        Due::Instant { .. } => Due::Instant { at },
    };
    if new.at() <= obligation.due.at() {
        return;
    }
    extend(obligation, new, event, &reason);
    // What is due together with it follows.
    let parent = u32::try_from(ix).ok();
    let follows = |o: &Obligation| o.parent == parent && o.is_live() && matches!(o.duty.timing, Timing::Same);
    case.obligations
        .change(follows, |child| extend(child, new, event, &reason));
}

/// Whether by when an obligation is owed was given by somebody, or cannot be counted: then no rule and no calendar moves it.
pub fn granted(obligation: &Obligation) -> bool {
    let more = obligation.more.as_ref();
    more.is_some_and(|m| m.first_due.is_some() || m.fault.is_some())
}

fn extend(obligation: &mut Obligation, new: Due, event: &Event, reason: &Option<Id>) {
    let excused = obligation.excusing().is_some();
    let old = obligation.due;
    let passed = old.passed(event.occurred_at);
    obligation.due = new;
    // What somebody has granted hangs on no calendar.
    obligation.provisional = false;
    let more = obligation.more_mut();
    more.reason = reason.clone();
    more.first_due.get_or_insert((old, passed && !excused));
    if passed && excused {
        waiver::let_off(obligation, old, event.occurred_at);
    }
}
