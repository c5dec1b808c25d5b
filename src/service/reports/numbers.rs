//! The numbers that forms got, in their order; what was taken back has left its number void.

use super::forms::edition_of;
use super::{Month, Report, ReportQuery};
use crate::engine::{case, number, who};
use crate::service::ServiceError;
use crate::service::ask::Question;
use serde_json::json;
use std::collections::BTreeSet;

/// Lists them: of all time, unless a month is named.
pub(super) fn numbers(
    question: &Question<'_>,
    query: &ReportQuery,
    month: Month,
    table: &mut Report,
) -> Result<(), ServiceError> {
    let company = question.company();
    let mut cases: Vec<(String, u64)> = Vec::new();
    question.each_case(&mut |_, id, case| {
        let area = who::area_of(&company, &case.data).map(|a| a.to_string());
        if query.area.is_none() || area == query.area {
            cases.push((id.to_owned(), case.head));
        }
    })?;
    let history = question.history();
    let mut rows = Vec::new();
    for (id, head) in cases {
        let events = question.events(&id, head)?;
        let counted = case::in_order(&events, &history);
        let stands: BTreeSet<u64> = counted.iter().map(|e| e.seq).collect();
        for event in events.iter().filter(|e| e.corrects.is_none() && e.retracts.is_none()) {
            let Some((record, _)) = number::numbered(&history, event) else {
                continue;
            };
            let on = company.zone.date(event.occurred_at);
            let in_month = query.period.is_none() || month.0 <= on && on <= month.1;
            let asked = query.record.as_ref().is_none_or(|r| *r == *record.id);
            let Some(number) = number::of(&history, event).filter(|_| in_month && asked) else {
                continue;
            };
            let state = if stands.contains(&event.seq) {
                "standing"
            } else {
                "void"
            };
            let row = vec![
                json!(record.id),
                json!(number),
                json!(id),
                json!(event.id),
                json!(company.zone.rfc3339(event.occurred_at)),
                json!(state),
                json!(record.clauses.first()),
                json!(edition_of(&history, event, record)),
            ];
            rows.push(((record.id.clone(), event.seq), row));
        }
    }
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    table.rows = rows.into_iter().map(|(_, row)| row).collect();
    table.columns = vec!["record", "number", "case", "event", "at", "state", "clause", "edition"];
    Ok(())
}
