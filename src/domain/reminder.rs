//! Reminders before a date, at several distances.

use chrono::{NaiveDate, NaiveTime};

use super::deadline::Counting;
use super::term::Term;
use super::window::before;
use super::zone::{Instant, TimeError};

/// One message before a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reminder {
    /// When it goes out.
    pub fires_at: Instant,
    /// The distances that it stands for, in the order of the rule; each distance stands in at most one reminder.
    pub distances: Vec<Term>,
}

/// The reminders of one value of a date, in the order in which they fire: each distance on its day (as in [`before`]) at
/// the local time `at`. Those that were past when the date became known collapse into one at `known_at`, if the date
/// is after that local date, and else are left out; those of the same local day merge into the earliest of them. Fails
/// as [`before`].
pub fn reminders(
    date: NaiveDate,
    distances: &[Term],
    at: NaiveTime,
    known_at: Instant,
    how: &Counting<'_>,
) -> Result<Vec<Reminder>, TimeError> {
    let ahead = date > how.zone.date(known_at);
    let mut planned: Vec<Reminder> = Vec::new();
    for distance in distances {
        let day = before(date, *distance, how)?;
        let nominal = how.zone.resolve_forward(day.and_time(at))?;
        if nominal < known_at && !ahead {
            continue;
        }
        let fires_at = nominal.max(known_at);
        let fires_on = how.zone.date(fires_at);
        match planned
            .iter_mut()
            .find(|reminder| how.zone.date(reminder.fires_at) == fires_on)
        {
            Some(same_day) => {
                same_day.fires_at = same_day.fires_at.min(fires_at);
                if !same_day.distances.contains(distance) {
                    same_day.distances.push(*distance);
                }
            }
            None => planned.push(Reminder {
                fires_at,
                distances: vec![*distance],
            }),
        }
    }
    planned.sort_by_key(|reminder| reminder.fires_at);
    Ok(planned)
}
