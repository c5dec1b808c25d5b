//! A month of example events that ends now: an example file moved to the present and taken day by day, as if somebody
//! had sent each day's events in the evening.

use crate::clock::Clock;
use crate::domain::zone::Instant;
use crate::engine::intake::Incoming;
use crate::policy::Folder;
use crate::service::ServiceError;
use crate::service::load;
use crate::service::writer::{Batch, Request, Writer};
use chrono::{Days, NaiveDate, TimeDelta};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// A company's example events, as they stand in the file.
pub struct Example {
    /// The company.
    pub company: String,
    /// One event a line.
    pub ndjson: String,
}

/// What became of an example.
pub struct Loaded {
    /// The company.
    pub company: String,
    /// How many events were taken.
    pub events: u64,
}

/// Fills a new data folder with examples moved so that the last day of their first month is today.
pub fn fill(data: &Path, now: Instant, folders: &[Folder], examples: &[Example]) -> Result<Vec<Loaded>, ServiceError> {
    let begins = now.checked_sub_signed(TimeDelta::days(40)).unwrap_or(now);
    let clock = Arc::new(AtomicI64::new(begins.timestamp_millis()));
    let (mut writer, shared, _) = load::open(data, Clock::Set(clock.clone()), folders)?;
    let mut loaded = Vec::new();
    for example in examples {
        let Ok(live) = shared.live(&example.company) else {
            continue;
        };
        let zone = live.world.read().company().zone;
        let mut events: Vec<Incoming> = example
            .ndjson
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect();
        let times = events.iter().filter_map(|e| zone.parse_instant(&e.occurred_at).ok());
        let Some(first_on) = times.min().map(|at| zone.date(at)) else {
            continue;
        };
        let last_on = crate::engine::open::period_of(crate::policy::model::Period::Month, first_on).1;
        let days = zone.date(now).signed_duration_since(last_on).num_days();
        let month = |on| crate::engine::rate::period_name(crate::policy::model::Period::Month, on);
        let (was, is) = (month(last_on), month(zone.date(now)));
        for event in &mut events {
            move_event(event, days, zone);
            rename(event, &was, &is);
        }
        let mut by_day: BTreeMap<NaiveDate, Vec<(usize, Incoming)>> = BTreeMap::new();
        let mut day = NaiveDate::MIN;
        for (line, event) in events.into_iter().enumerate() {
            let Ok(at) = zone.parse_instant(&event.occurred_at) else {
                continue;
            };
            if at > now {
                continue;
            }
            // A correction stands after what it corrects; everything else is sent on its day.
            let own = zone.date(at);
            day = if event.corrects.is_some() || event.retracts.is_some() {
                day.max(own)
            } else {
                own
            };
            by_day.entry(day).or_default().push((line + 1, event));
        }
        let mut taken = 0;
        for (on, events) in by_day {
            let evening = zone.end_of(on).map_or(now, |end| end.min(now));
            clock.store(evening.timestamp_millis() - 1, Ordering::SeqCst);
            taken += take(&mut writer, &live, events);
        }
        loaded.push(Loaded {
            company: example.company.clone(),
            events: taken,
        });
    }
    clock.store(now.timestamp_millis(), Ordering::SeqCst);
    Ok(loaded)
}

fn take(writer: &mut Writer, live: &Arc<crate::service::Live>, events: Vec<(usize, Incoming)>) -> u64 {
    let (sender, receiver) = std::sync::mpsc::channel();
    let reply = Box::new(move |answer: Result<crate::service::record::BatchAnswer, _>| {
        // The receiver waits in this very function.
        let _ = sender.send(answer.map_or(0, |a| a.accepted));
    });
    writer.take(vec![Request::Many {
        company: live.clone(),
        events,
        unread: Vec::new(),
        how: Batch {
            partial: true,
            ..Batch::default()
        },
        reply,
    }]);
    receiver.try_recv().unwrap_or(0)
}

/// Moves an event and the dates and months that it names by some days.
fn move_event(event: &mut Incoming, days: i64, zone: crate::domain::zone::Zone) {
    let Ok(at) = zone.parse_instant(&event.occurred_at) else {
        return;
    };
    let moved = at.checked_add_signed(TimeDelta::days(days)).unwrap_or(at);
    event.occurred_at = zone.rfc3339(moved);
    for (name, value) in &mut event.data {
        let Some(text) = value.as_str() else { continue };
        if let Ok(on) = text.parse::<NaiveDate>() {
            let by = Days::new(days.unsigned_abs());
            let moved = if days < 0 {
                on.checked_sub_days(by)
            } else {
                on.checked_add_days(by)
            };
            *value = moved.unwrap_or(on).to_string().into();
        } else if name == "period" {
            *value = crate::engine::rate::period_name(crate::policy::model::Period::Month, zone.date(moved)).into();
        }
    }
}

/// Puts the present month in the place of the file's in the names of cases and events. An event whose name has no month
/// is marked, so that the file itself can still be posted beside its demo.
fn rename(event: &mut Incoming, was: &str, is: &str) {
    event.case = event.case.replace(was, is);
    let ids = [Some(&mut event.id), event.corrects.as_mut(), event.retracts.as_mut()];
    for id in ids.into_iter().flatten() {
        *id = match id.contains(was) {
            true => id.replace(was, is),
            false => format!("demo-{id}"),
        };
    }
    for value in event.data.values_mut() {
        if let Some(text) = value.as_str().filter(|t| t.contains('~')) {
            *value = text.replace(was, is).into();
        }
    }
}
