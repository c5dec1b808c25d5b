//! What a timeline expects of named hours.

use super::compare::{Difference, Snapshot, or_none};
use super::{At, Failure, Written, refer};
use crate::engine::hours;
use serde::Deserialize;

/// How it must stand with named hours.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hour {
    /// The hours.
    pub hours: String,
    /// Whether they are open.
    pub open: Option<bool>,
    /// When they close; `none`.
    pub closes_at: Option<Written>,
    /// When they open next; `none`.
    pub next_opening: Option<Written>,
}

impl Snapshot<'_> {
    /// What is not so with named hours.
    pub(super) fn hours(&self, At { line, what }: &At<Hour>, failures: &mut Vec<Failure>) {
        let zone = self.company.zone;
        let Some(found) = hours::find(self.company, &what.hours) else {
            return;
        };
        let view = hours::view(self.company, found, self.at);
        let time = |w: &Written| refer::instant(zone, w).map_or(w.0.clone(), |at| zone.rfc3339(at));
        let pairs = [
            ("open", what.open.map(|open| open.to_string()), view.open.to_string()),
            ("closes_at", what.closes_at.as_ref().map(time), or_none(view.closes_at)),
            (
                "next_opening",
                what.next_opening.as_ref().map(time),
                or_none(view.next_opening),
            ),
        ];
        for (field, want, found) in pairs {
            if let Some(want) = want.filter(|want| *want != found) {
                let difference = Difference { field, want, found };
                failures.push(difference.failure(*line, &what.hours));
            }
        }
    }
}
