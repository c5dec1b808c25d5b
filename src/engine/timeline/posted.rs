//! The texts that a timeline expects, against those that are written.

use super::compare::{Difference, Snapshot, list, or_none};
use super::{At, Failure, Posted, refer};
use crate::domain::event::Event;
use crate::engine::case::Case;
use crate::engine::notice::{self, Incomplete, Listed, Written};
use crate::engine::obligation::Obligation;
use crate::engine::rate::parse_period;
use crate::policy::model::{Body, Id, Listing};
use chrono::NaiveDate;

impl Snapshot<'_> {
    /// The text of an obligation's notice, or what it lacks; empty where there is none.
    pub(super) fn notice(&self, id: &Id, case: &Case, obligation: &Obligation) -> Result<String, Vec<String>> {
        let written = match obligation.duty.texts.notice.as_ref().map(|n| &n.body) {
            None => Ok(String::new()),
            Some(Body::Letter(template)) => notice::letter(self.company, template, (id, case), obligation, self.at),
            Some(Body::List(listing)) => {
                let on = notice::published(listing, obligation, self.company);
                self.list(listing, on).map(|written| written.text)
            }
        };
        written.map_err(|Incomplete(missing)| missing)
    }

    fn list(&self, listing: &Listing, on: NaiveDate) -> Result<Written, Incomplete> {
        let history = &self.world.history;
        let events: Vec<Vec<Event>> = self
            .cases
            .iter()
            .map(|(id, _)| self.record.counted(id, self.at, history))
            .collect();
        let listed = self.cases.iter().zip(&events);
        let listed = listed.map(|((id, case), events)| Listed { id, case, events });
        notice::list(self.company, listing, on, listed, self.at)
    }

    /// What of a list is not as expected.
    pub(super) fn posted(&self, At { line, what }: &At<Posted>, failures: &mut Vec<Failure>) {
        let Some((_, listing)) = refer::list_of(self.company, &what.notice) else {
            return;
        };
        let Some(on) = parse_period(listing.per, &what.period.0) else {
            return;
        };
        let name = format!("{} {}", what.notice, what.period);
        let written = self.list(listing, on);
        let missing = written.as_ref().err().map(|Incomplete(missing)| missing);
        let rows = written.as_ref().ok().map(|w| w.rows.len());
        let text = written.as_ref().map_or("", |w| w.text.as_str());
        let mut differs = |field, want: String, found: String| {
            if want != found {
                failures.push(Difference { field, want, found }.failure(*line, &name));
            }
        };
        let lacking = list(missing.into_iter().flatten());
        // What cannot be written fails whatever is expected of it, unless that is what is expected.
        differs("missing", list(what.missing.iter().flatten()), lacking);
        if let Some(wanted) = what.rows {
            differs("rows", wanted.to_string(), or_none(rows));
        }
        for part in what
            .contains
            .iter()
            .flatten()
            .filter(|part| !text.contains(part.as_str()))
        {
            differs("contains", part.clone(), text.to_owned());
        }
        for part in what.lacks.iter().flatten().filter(|part| text.contains(part.as_str())) {
            differs("lacks", part.clone(), text.to_owned());
        }
    }
}
