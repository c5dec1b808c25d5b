//! Who is next in turn: the holders of each role that goes by turns, the next one first.

use super::Report;
use crate::engine::cited::Cited;
use crate::engine::rota::{self, Stint};
use crate::policy::model::{Bearers, Company, Duty, Id, Role};
use crate::service::ServiceError;
use crate::service::ask::Question;
use crate::service::members::columns;
use chrono::TimeDelta;
use serde_json::json;
use std::sync::Arc;

/// Lists them as things stand, each with the event of the last turn.
pub(super) fn turns(question: &Question<'_>, table: &mut Report) -> Result<(), ServiceError> {
    let company = question.company();
    let as_of = question.as_of();
    let after = as_of.checked_add_signed(TimeDelta::milliseconds(1)).unwrap_or(as_of);
    let mut taken: Vec<Stint> = Vec::new();
    question.each_case(&mut |_, _, case| taken.extend(case.stints.iter().cloned()))?;
    let world = question.window();
    let last = |role: &Id, person: &Id, before| world.last_turn(role, person, before);
    for role in company.roles.values().filter(|role| !role.in_turn.is_empty()) {
        let duty = owed_by(&company, role);
        let (clause, edition) = columns(duty.map(|d| (d.clauses.first(), &d.head.edition)));
        let line = rota::line(&company, role, None, after, &last).into_iter();
        for (place, (person, at)) in (1..).zip(line) {
            let is_it = |s: &&Stint| s.role == role.id && s.person == person.id && Some(s.at) == at;
            let event = taken.iter().filter(is_it).map(|s| &s.event).max();
            let at = at.map(|at| company.zone.rfc3339(at));
            table.rows.push(vec![
                json!(role.id),
                json!(place),
                json!(person.id),
                json!(person.name),
                json!(at),
                json!(clause),
                json!(edition),
                json!(Cited::of(event)),
            ]);
        }
    }
    table.columns = vec![
        "role", "place", "person", "name", "last_at", "clause", "edition", "events",
    ];
    Ok(())
}

/// The first rule in force whose obligations go round among the holders of a role.
fn owed_by<'c>(company: &'c Company, role: &Role) -> Option<&'c Arc<Duty>> {
    let owes = |duty: &&Arc<Duty>| match &duty.bearers {
        Bearers::Choice(list) => list.iter().any(|bearing| bearing.roles.contains(&role.id)),
        Bearers::Same => false,
    };
    company.procedures.iter().flat_map(|p| &p.duties).find(owes)
}
