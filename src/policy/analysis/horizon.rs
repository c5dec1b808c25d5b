//! Terms that run past the last day that a calendar has published: from when on their ends are provisional.

use super::all_during;
use super::place::Places;
use super::witness::{Shows, Witness, hour};
use crate::domain::deadline::{Counting, reckon};
use crate::domain::pause::Pauses;
use crate::domain::term::Term;
use crate::policy::codes;
use crate::policy::model::{Company, Duty, Id, Procedure, Timing, Trigger};
use crate::policy::source::{File, say};
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Longer than any term of working days that anybody waits for.
const MAX_DAYS: usize = 800;

/// So many rules are named.
const MAX_NAMED: usize = 5;

/// A rule, and the first date from which its end is provisional.
type Found<'c> = (NaiveDate, &'c Arc<Procedure>, &'c Arc<Duty>);

/// Tells for each calendar which rules run past its last published day, and from which date on.
pub(super) fn find(company: &Company, own: &[File<'_>], calendars: &[File<'_>]) {
    let Some(during) = all_during(company).pop() else {
        return;
    };
    let mut by_calendar: BTreeMap<&str, Vec<Found<'_>>> = BTreeMap::new();
    for procedure in &during.set.procedures {
        for duty in &procedure.duties {
            if let Some(on) = provisional_from(company, duty) {
                by_calendar
                    .entry(duty.calendar.name())
                    .or_default()
                    .push((on, procedure, duty));
            }
        }
    }
    for mut found in by_calendar.into_values() {
        found.sort_by_key(|(on, ..)| *on);
        report(own, calendars, &found);
    }
}

/// The first start from which on the end rests on days that are not published.
fn provisional_from(company: &Company, duty: &Duty) -> Option<NaiveDate> {
    let last = duty.calendar.covered_to()?;
    let pauses = Pauses::none();
    let how = Counting {
        zone: company.zone,
        calendar: &duty.calendar,
        end: duty.end,
        shift: duty.shift,
        pauses: &pauses,
    };
    let is_provisional = |on: NaiveDate| {
        let start = company.zone.resolve_forward(on.and_time(hour())).ok();
        let ends = start.map(|start| terms(duty).into_iter().map(move |term| reckon(start, term, &how)));
        ends.is_some_and(|mut ends| ends.any(|end| end.is_ok_and(|end| end.provisional)))
    };
    let mut on = last.succ_opt()?;
    // Whatever is counted from after the last day is provisional, unless nothing is looked up.
    let mut found = is_provisional(on).then_some(on);
    for _ in 0..MAX_DAYS {
        on = on.pred_opt()?;
        if !is_provisional(on) {
            break;
        }
        found = Some(on);
    }
    found
}

fn terms(duty: &Duty) -> Vec<Term> {
    match &duty.timing {
        Timing::Within(term) => vec![*term],
        Timing::ByCase(entries) => entries.iter().map(|entry| entry.term).collect(),
        Timing::Window { within, .. } => vec![*within],
        _ => Vec::new(),
    }
}

fn report(own: &[File<'_>], calendars: &[File<'_>], found: &[Found<'_>]) {
    let Some((on, procedure, duty)) = found.first() else {
        return;
    };
    let Some(spot) = Places(own).rule(procedure, &duty.id) else {
        return;
    };
    let named = found.iter().take(MAX_NAMED);
    let (zh, en): (Vec<String>, Vec<String>) = named
        .map(|(on, _, duty)| (format!("“{}”自 {on} 起", duty.id), format!("`{}` from {on}", duty.id)))
        .unzip();
    let more = found.len().saturating_sub(MAX_NAMED);
    let (more_zh, more_en) = if more == 0 {
        (String::new(), String::new())
    } else {
        (format!("，另有 {more} 条"), format!(" and {more} more"))
    };
    let (zh, en) = (zh.join("、"), en.join(", "));
    let (calendar, last) = (duty.calendar.name(), duty.calendar.covered_to());
    let last = last.map(|last| last.to_string()).unwrap_or_default();
    let file = calendars.iter().find(|file| file.name.contains(calendar));
    let file = file
        .or(calendars.first())
        .map(|file| file.name.to_string())
        .unwrap_or_default();
    let witness = one_event(duty).map(|event| Witness {
        rule: duty.id.clone(),
        event,
        on: *on,
        data: Default::default(),
        shows: Shows::Provisional(duty.id.clone()),
    });
    let key = if spot.has("window") { "window" } else { "within" };
    spot.key(key, None).find_shown(
        codes::CALENDAR_NOT_COVERING,
        say!(
            "日历公布到 {last}：{zh}产生的，到期日是暂推的{more_zh}",
            "the calendar is published to {last}: what arises under {en}{more_en} is due provisionally"
        ),
        say!(
            "下一年的放假通知公布后，在 {file} 补上那一年，改 covered",
            "when the next year is published, add it to {file} and move `covered`"
        ),
        witness,
    );
}

/// Whether every event of it has the one term.
fn is_plain(duty: &Duty) -> bool {
    let one_term = matches!(duty.timing, Timing::Within(_) | Timing::Window { .. });
    one_term && duty.when.0.is_empty() && duty.from.is_none() && duty.draw.is_none()
}

/// An event that alone brings it about.
fn one_event(duty: &Duty) -> Option<Id> {
    match &duty.on {
        Trigger::Events(on) if is_plain(duty) => on.first().cloned(),
        _ => None,
    }
}
