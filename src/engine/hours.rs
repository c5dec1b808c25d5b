//! Named hours, as they are shown at an instant.

use crate::domain::hours::opening;
use crate::domain::zone::Instant;
use crate::policy::model::{Company, Hours};
use serde::Serialize;
use std::sync::Arc;

/// How it stands with named hours at an instant.
#[derive(Clone, Debug, Serialize)]
pub struct HoursView {
    /// The rule.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// Its clauses.
    pub clauses: Vec<String>,
    /// The instant.
    pub at: String,
    /// Whether it is open.
    pub open: bool,
    /// When it closes, if it is open and does at all.
    pub closes_at: Option<String>,
    /// When it opens next after that instant.
    pub next_opening: Option<String>,
    /// Whether the calendar is not published for the day.
    pub provisional: bool,
}

/// The hours of that id.
pub fn find<'c>(company: &'c Company, id: &str) -> Option<&'c Arc<Hours>> {
    let mut all = company.procedures.iter().flat_map(|p| &p.hours);
    all.find(|hours| hours.id.as_ref() == id)
}

/// Shows hours at an instant.
pub fn view(company: &Company, hours: &Hours, at: Instant) -> HoursView {
    let zone = company.zone;
    let found = opening(&hours.calendar, zone, at);
    HoursView {
        id: hours.id.to_string(),
        title: hours.title.to_string(),
        clauses: hours.clauses.iter().map(ToString::to_string).collect(),
        at: zone.rfc3339(at),
        open: found.open,
        closes_at: found.closes_at.map(|at| zone.rfc3339(at)),
        next_opening: found.next_opening.map(|at| zone.rfc3339(at)),
        provisional: found.provisional,
    }
}
