//! What is to be done in a month, and what is still owed from before: a row for each bearer of each obligation.

use super::{Month, Report, ReportQuery, metric_rules};
use crate::engine::case::Case;
use crate::engine::member::Member;
use crate::engine::rate::counted;
use crate::engine::view::{DueView, ObligationView};
use crate::engine::who;
use crate::service::ServiceError;
use crate::service::ask::Question;
use serde_json::{Value, json};

/// Lists it.
pub(super) fn plan(
    question: &Question<'_>,
    query: &ReportQuery,
    month: Month,
    table: &mut Report,
) -> Result<(), ServiceError> {
    let company = question.company();
    let rules = metric_rules(question);
    let as_of = question.as_of();
    let mut planned: Vec<(String, Case, Vec<usize>)> = Vec::new();
    question.each_case(&mut |_, id, case| {
        let area = who::area_of(&company, &case.data).map(|a| a.to_string());
        if query.area.is_some() && area != query.area {
            return;
        }
        let all = case.obligations.iter().enumerate();
        let wanted = all.filter(|(_, o)| o.is_owed() && rules.contains(&o.duty.id) && !o.is_hidden(as_of));
        let in_month = wanted.filter(|(_, o)| {
            let on = o.due.date(company.zone);
            let ahead = o.is_live() && on < month.0 && o.waived_at(as_of).is_none();
            ahead || month.0 <= on && on <= month.1
        });
        let places: Vec<usize> = in_month.map(|(at, _)| at).collect();
        if !places.is_empty() {
            planned.push((id.to_owned(), case.clone(), places));
        }
    })?;
    let mut rows: Vec<(Vec<Value>, Member)> = Vec::new();
    for (id, case, places) in &planned {
        for obligation in places.iter().filter_map(|at| case.obligations.get(*at)) {
            let view = question.obligation_view(id, case, obligation);
            let member = Member::of(id, obligation, counted(obligation, as_of));
            // While its term stands still it has no due date but this.
            let on = due_on(&view).unwrap_or_else(|| obligation.due.date(company.zone).to_string());
            rows.extend(lines(&view, &on).map(|row| (row, member.clone())));
        }
    }
    rows.sort_by_cached_key(|(row, _)| row.iter().take(5).map(Value::to_string).collect::<Vec<_>>());
    let (rows, members): (Vec<_>, Vec<_>) = rows.into_iter().map(|(row, member)| (row, vec![member])).unzip();
    table.rows = rows;
    table.members = members;
    table.columns = vec![
        "due_on",
        "area",
        "role",
        "person",
        "case",
        "rule",
        "title",
        "standing",
        "obligation",
        "would_be",
        "waived_by",
        "waived_why",
        "waived_until",
        "provisional",
        "clause",
        "edition",
        "event",
    ];
    Ok(())
}

/// The local date on which an obligation is due, as it is shown.
fn due_on(view: &ObligationView) -> Option<String> {
    match view.due.as_ref()? {
        DueView::Day { date, .. } => Some(date.clone()),
        DueView::Instant { at } => at.split('T').next().map(str::to_owned),
    }
}

/// The rows of an obligation, one for each bearer, of nothing but what is shown of it everywhere.
fn lines(view: &ObligationView, on: &str) -> impl Iterator<Item = Vec<Value>> {
    let waived = view.waived.as_ref();
    view.bearers.iter().map(move |bearer| {
        vec![
            json!(on),
            json!(view.area),
            json!(bearer.role),
            json!(bearer.name),
            json!(view.case),
            json!(view.rule),
            json!(view.title),
            json!(view.standing),
            json!(view.id),
            json!(waived.map(|w| w.would_be)),
            json!(waived.map(|w| &w.by)),
            json!(waived.map(|w| &w.why)),
            json!(waived.and_then(|w| w.until.as_ref())),
            json!(view.flags.contains(&"provisional")),
            json!(view.clause),
            json!(view.edition),
            json!(view.triggered_by),
        ]
    })
}
