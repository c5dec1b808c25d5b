//! Who is next in turn: the holders of each role that goes by turns, the next one first.

use super::Report;
use crate::engine::rota;
use crate::policy::model::Id;
use crate::service::ServiceError;
use crate::service::ask::Question;
use chrono::TimeDelta;
use serde_json::json;

/// Lists them as things stand.
pub(super) fn turns(question: &Question<'_>, table: &mut Report) -> Result<(), ServiceError> {
    let company = question.company();
    let as_of = question.as_of();
    let after = as_of.checked_add_signed(TimeDelta::milliseconds(1)).unwrap_or(as_of);
    let world = question.window();
    let last = |role: &Id, person: &Id, before| world.last_turn(role, person, before);
    for role in company.roles.values().filter(|role| !role.in_turn.is_empty()) {
        let line = rota::line(&company, role, None, after, &last).into_iter();
        for (place, (person, at)) in (1..).zip(line) {
            let at = at.map(|at| company.zone.rfc3339(at));
            table.rows.push(vec![
                json!(role.id),
                json!(place),
                json!(person.id),
                json!(person.name),
                json!(at),
            ]);
        }
    }
    table.columns = vec!["role", "place", "person", "name", "last_at"];
    Ok(())
}
