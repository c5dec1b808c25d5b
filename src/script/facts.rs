//! What scripts may ask of the company beside the data they are given: its calendar, who holds what. All of it is fixed
//! for an edition, so that a function of the same data answers the same.

use super::sandbox::MAX_TEXT;
use crate::domain::calendar::{Calendar, DayReason};
use crate::domain::date::{minus_days, plus_days, whole_years};
use chrono::{Datelike, NaiveDate};
use rhai::{Array, Dynamic, Engine, EvalAltResult, ImmutableString};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a company's scripts may ask.
#[derive(Debug)]
pub struct Facts {
    /// The calendar of its working days.
    pub calendar: Arc<Calendar>,
    /// The roles that each person holds.
    pub holds: BTreeMap<Arc<str>, BTreeSet<Arc<str>>>,
    /// The rank of each role that has one; higher is higher.
    pub ranks: BTreeMap<Arc<str>, i64>,
}

type Outcome<T> = Result<T, Box<EvalAltResult>>;

fn date(text: &str) -> Outcome<NaiveDate> {
    let day = text.get(..10).filter(|_| text.is_ascii()).unwrap_or(text);
    day.parse().map_err(|_| {
        let shown: String = text.chars().take(40).collect();
        format!("`{shown}` is not a date; write it like 2026-03-05").into()
    })
}

impl Facts {
    fn festival(&self, on: NaiveDate) -> ImmutableString {
        match self.calendar.day(on).reason {
            DayReason::DayOff(name) => ImmutableString::from(&*name),
            DayReason::AssumedStatutory(1, _) => "元旦".into(),
            DayReason::AssumedStatutory(5, _) => "劳动节".into(),
            DayReason::AssumedStatutory(10, _) => "国庆节".into(),
            DayReason::AssumedStatutory(..) => "法定节假日".into(),
            _ => ImmutableString::new(),
        }
    }

    fn kind_of_day(&self, on: NaiveDate) -> &'static str {
        match (self.festival(on).is_empty(), self.calendar.day(on).working) {
            (false, _) => "festival",
            (true, true) => "workday",
            (true, false) => "rest",
        }
    }

    /// The highest rank that a person holds; 0: none.
    fn rank_of(&self, person: &str) -> i64 {
        let roles = self.holds.get(person).into_iter().flatten();
        roles
            .filter_map(|role| self.ranks.get(role))
            .copied()
            .max()
            .unwrap_or(0)
    }

    fn holds(&self, person: &str, role: &str) -> bool {
        self.holds.get(person).is_some_and(|roles| roles.contains(role))
    }
}

fn filled(value: &Dynamic) -> bool {
    if let Ok(list) = value.as_array_ref() {
        return !list.is_empty();
    }
    match value.as_immutable_string_ref() {
        Ok(text) => !text.trim().is_empty(),
        Err(_) => !value.is_unit(),
    }
}

fn swap_text(text: &str, from: &str, to: &str) -> Outcome<ImmutableString> {
    if from.is_empty() {
        return Ok(text.into());
    }
    let times = text.matches(from).count();
    let added = times.saturating_mul(to.len());
    if text.len().saturating_add(added) > MAX_TEXT.saturating_add(times.saturating_mul(from.len())) {
        return Err(format!("`swap_text` would make a text of more than {MAX_TEXT} bytes").into());
    }
    Ok(text.replace(from, to).into())
}

fn join(list: &mut Array, between: &str) -> Outcome<ImmutableString> {
    let mut joined = String::new();
    for (ix, item) in list.iter().enumerate() {
        let Ok(text) = item.as_immutable_string_ref() else {
            return Err("`join` takes a list of texts".into());
        };
        if ix > 0 {
            joined.push_str(between);
        }
        joined.push_str(text.as_str());
        if joined.len() > MAX_TEXT {
            return Err(format!("`join` would make a text of more than {MAX_TEXT} bytes").into());
        }
    }
    Ok(joined.into())
}

fn contains_any(text: &str, list: Array) -> Outcome<bool> {
    for item in &list {
        match item.as_immutable_string_ref() {
            Ok(word) if !word.is_empty() && text.contains(word.as_str()) => return Ok(true),
            Ok(_) => {}
            Err(_) => return Err("`contains_any` takes a list of texts".into()),
        }
    }
    Ok(false)
}

/// Makes the functions of `reference.rs` that are the engine's own known to an engine.
pub(super) fn register(engine: &mut Engine, facts: &Arc<Facts>) {
    let of = || Arc::clone(facts);
    let (calendar, names, ranks, holders) = (of(), of(), of(), of());
    engine
        .register_fn("kind_of_day", move |on: &str| -> Outcome<ImmutableString> {
            Ok(calendar.kind_of_day(date(on)?).into())
        })
        .register_fn("festival", move |on: &str| -> Outcome<ImmutableString> {
            Ok(names.festival(date(on)?))
        })
        .register_fn("rank_of", move |person: &str| ranks.rank_of(person))
        .register_fn("holds", move |person: &str, role: &str| holders.holds(person, role))
        .register_fn("days_between", |from: &str, to: &str| -> Outcome<i64> {
            Ok(date(to)?.signed_duration_since(date(from)?).num_days())
        })
        .register_fn("years_between", |from: &str, to: &str| -> Outcome<i64> {
            Ok(whole_years(date(from)?, date(to)?))
        })
        .register_fn("add_days", |on: &str, days: i64| -> Outcome<ImmutableString> {
            let on = date(on)?;
            let step = if days < 0 { minus_days } else { plus_days };
            let later = step(on, days.unsigned_abs()).ok();
            later
                .map(|on| on.to_string().into())
                .ok_or_else(|| "`add_days` leaves the calendar".into())
        })
        .register_fn("weekday", |on: &str| -> Outcome<i64> {
            Ok(i64::from(date(on)?.weekday().number_from_monday()))
        })
        .register_fn("filled", |value: Dynamic| filled(&value))
        .register_fn("trimmed", |text: &str| ImmutableString::from(text.trim()))
        .register_fn("swap_text", swap_text)
        .register_fn("join", join)
        .register_fn("contains_any", contains_any);
}
