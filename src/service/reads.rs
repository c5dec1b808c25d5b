//! Who was shown which cases: noted with each question, recorded before it is answered.

use crate::domain::zone::Instant;
use crate::policy::model::Access;
use crate::service::ServiceError;
use crate::service::ask::Question;
use crate::service::instant;
use crate::service::reports::Report;
use crate::service::sight::Handed;
use crate::store::ReadRow;
use serde_json::json;
use std::collections::BTreeMap;
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

impl Question<'_> {
    /// What has the showings of a case recorded, and since when there is something to show: the clause, its edition, and
    /// the case's first event.
    fn audited(&self, id: &str) -> Result<[serde_json::Value; 3], ServiceError> {
        let company = self.company();
        let found = self.window().case(id).map(|(_, slot)| slot.case.clone());
        let Some(case) = found else {
            return Ok([json!(null), json!(null), json!(null)]);
        };
        let on = company.zone.date(self.as_of());
        let mut in_force = company.on(on).procedures.iter().chain(company.editions());
        let rule = in_force.find_map(|p| {
            let audits = |a: &&Arc<Access>| a.audit && a.kind == case.kind && a.when.holds_for(&case.data);
            p.access
                .iter()
                .find(audits)
                .map(|a| (a.clauses.first(), &p.head.edition))
        });
        let (clause, edition) = rule.unzip();
        let first = self.events(id, case.head)?.first().map(|e| e.id.clone());
        Ok([json!(clause), json!(edition), json!(first)])
    }
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
    table.columns = vec!["at", "viewer", "name", "case", "what", "clause", "edition", "event"];
    let mut cited: BTreeMap<String, [serde_json::Value; 3]> = BTreeMap::new();
    for read in question.reads(from, to)? {
        let at = instant(read.at_ms);
        if at >= to {
            continue;
        }
        if !cited.contains_key(&read.case) {
            cited.insert(read.case.clone(), question.audited(&read.case)?);
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
        let row = table.rows.last_mut().into_iter();
        row.for_each(|row| row.extend(cited.get(&read.case).into_iter().flatten().cloned()));
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
