//! Who was shown which cases: noted with each question, recorded before it is answered.

use crate::domain::zone::Instant;
use crate::service::ServiceError;
use crate::service::ask::Question;
use crate::service::instant;
use crate::service::reports::Report;
use crate::service::sight::Handed;
use crate::store::ReadRow;
use serde_json::json;
use std::sync::Arc;

/// The cases that an answer may show and whose showing is to be recorded.
#[derive(Debug)]
pub struct Reads {
    company: u32,
    viewer: Option<String>,
    handed: Handed,
}

impl Reads {
    pub(super) fn new(company: u32, viewer: Option<String>, handed: Handed) -> Reads {
        Reads {
            company,
            viewer,
            handed,
        }
    }

    /// Whether there is nothing to record.
    pub fn is_empty(&self) -> bool {
        self.handed.is_empty()
    }

    /// What an answer shows: the cases that were asked for by name, and those of which it says the id. `what` is the
    /// question, `at` when it was answered.
    pub fn shown(self, answer: &str, what: &str, at: Instant) -> Vec<ReadRow> {
        let shown = self.handed.into_iter().filter(|(id, named)| *named || says(answer, id));
        let row = |(case, _): (Arc<str>, bool)| ReadRow {
            at_ms: at.timestamp_millis(),
            viewer: self.viewer.clone(),
            case: case.to_string(),
            what: what.to_owned(),
        };
        shown.map(row).collect()
    }

    /// The number of the company.
    pub fn company(&self) -> u32 {
        self.company
    }
}

/// Whether a text has an id in it, and not merely as a part of another word.
fn says(text: &str, id: &str) -> bool {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    text.match_indices(id).any(|(at, _)| {
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        let after = text.get(at + id.len()..).and_then(|t| t.chars().next());
        !before.is_some_and(part_of_word) && !after.is_some_and(part_of_word)
    })
}

/// Who was shown which cases in a month.
pub(super) fn report(
    question: &Question<'_>,
    month: (chrono::NaiveDate, chrono::NaiveDate),
    table: &mut Report,
) -> Result<(), ServiceError> {
    let zone = question.company().zone;
    let (first_on, last_on) = month;
    let from = zone.start_of(first_on).unwrap_or(Instant::MIN_UTC);
    let to = zone.end_of(last_on).unwrap_or(Instant::MAX_UTC);
    let company = question.company();
    table.columns = vec!["at", "viewer", "name", "case", "what"];
    for read in question.reads(from, to)? {
        let at = instant(read.at_ms);
        if at >= to {
            continue;
        }
        let person = company
            .people
            .iter()
            .find(|p| Some(p.id.as_ref()) == read.viewer.as_deref());
        table.rows.push(vec![
            json!(zone.rfc3339(at)),
            json!(read.viewer),
            json!(person.map(|p| &p.name)),
            json!(read.case),
            json!(read.what),
        ]);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_said_by_itself_or_with_a_rule_behind_it() {
        for text in ["V-1", "\"V-1\"", "V-1~reception~1", "x V-10 V-1, y", "V-1.rule.e1"] {
            assert!(says(text, "V-1"), "{text}");
        }
        for text in ["", "V-10", "XV-1", "V-1a", "V-1_2", "V-", "来V-1"] {
            assert!(!says(text, "V-1"), "{text}");
        }
    }
}
