//! Who is next in turn: of those who hold a role, the one who took a turn longest ago. Turns are noted in the cases whose
//! events took them, so that they follow from the record whatever is corrected or taken back.

use crate::domain::event::Event;
use crate::domain::value::Fields;
use crate::domain::zone::Instant;
use crate::engine::case::{Case, Context};
use crate::engine::explain::Explanation;
use crate::engine::obligation::Obligation;
use crate::engine::view::{ObligationView, obligation_view};
use crate::engine::who;
use crate::policy::finding::Text;
use crate::policy::model::{Company, Id, Person, Role};

/// That somebody took a turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stint {
    /// The role whose turns they are.
    pub role: Id,
    /// Who took it.
    pub person: Id,
    /// When.
    pub at: Instant,
    /// The event that took it.
    pub event: Id,
}

/// When a person last took a turn of a role before an instant; none: never.
pub type Last<'a> = &'a dyn Fn(&Id, &Id, Instant) -> Option<Instant>;

/// Notes in the case the turns that an event of it takes.
pub fn note(case: &mut Case, event: &Event, ctx: &Context<'_>) {
    let Some(person) = &event.actor.person else { return };
    let company = ctx.history.at(event.seq);
    for role in company.roles.values().filter(|r| r.in_turn.contains(&event.kind)) {
        case.stints.push(Stint {
            role: role.id.clone(),
            person: person.clone(),
            at: event.occurred_at,
            event: event.id.clone(),
        });
    }
}

/// Those who hold a role for a case, the next one first.
pub fn line<'c>(
    company: &'c Company,
    role: &Role,
    data: Option<&Fields>,
    before: Instant,
    last: Last<'_>,
) -> Vec<(&'c Person, Option<Instant>)> {
    let holders = who::holders(company, role, data);
    let mut line: Vec<_> = holders.map(|p| (p, last(&role.id, &p.id, before))).collect();
    // Who never took one comes first; among equals, the order of the file.
    line.sort_by_key(|(_, at)| *at);
    line
}

/// An obligation of a case as it is shown, with the person whose turn it is.
pub fn shown(
    company: &Company,
    id: &str,
    case: &Case,
    obligation: &Obligation,
    at: Instant,
    last: Last<'_>,
) -> ObligationView {
    let mut view = obligation_view(company, id, case, obligation, at);
    name(company, case, obligation, &mut view, at, last);
    view
}

/// Names the person whose turn it is where a view names who bears an obligation: as things stand, or as they stood when
/// it ended.
fn name(
    company: &Company,
    case: &Case,
    obligation: &Obligation,
    view: &mut ObligationView,
    at: Instant,
    last: Last<'_>,
) {
    let ended = obligation.end.as_ref().map(|end| end.by.at);
    for (role, bearer) in obligation.roles.iter().zip(&mut view.bearers) {
        if let Some(person) = next(company, role, &case.data, ended, at, last) {
            bearer.person = Some(person.id.to_string());
            bearer.name = Some(person.name.to_string());
            bearer.stands_in = None;
        }
    }
}

/// Names in an explanation whose turn it is.
pub fn explain(
    company: &Company,
    case: &Case,
    obligation: &Obligation,
    explanation: &mut Explanation,
    at: Instant,
    last: Last<'_>,
) {
    name(company, case, obligation, &mut explanation.obligation, at, last);
    let ended = obligation.end.as_ref().map(|end| end.by.at);
    for (role, said) in obligation.roles.iter().zip(&mut explanation.bearers) {
        if let Some(person) = next(company, role, &case.data, ended, at, last) {
            let name = &person.name;
            said.bearer.person = Some(person.id.to_string());
            said.bearer.name = Some(name.to_string());
            said.bearer.stands_in = None;
            said.how = Text::new(format!("轮到{name}"), format!("it is the turn of {name}"));
        }
    }
}

/// Whether it is a person's turn to bear an obligation; none: its roles go by no turns.
pub fn is_next(
    company: &Company,
    person: &str,
    case: &Case,
    obligation: &Obligation,
    at: Instant,
    last: Last<'_>,
) -> bool {
    let ended = obligation.end.as_ref().map(|end| end.by.at);
    let mut roles = obligation.roles.iter();
    roles.any(|role| match next(company, role, &case.data, ended, at, last) {
        Some(next) => next.id.as_ref() == person,
        None => who::owes(company, person, role, &case.data),
    })
}

fn next<'c>(
    company: &'c Company,
    role: &Id,
    data: &Fields,
    ended: Option<Instant>,
    at: Instant,
    last: Last<'_>,
) -> Option<&'c Person> {
    let role = company.roles.get(role).filter(|role| !role.in_turn.is_empty())?;
    // A turn taken at this very instant counts, unless it is what ended the obligation.
    let after = at.checked_add_signed(chrono::TimeDelta::milliseconds(1)).unwrap_or(at);
    let before = ended.unwrap_or(after);
    line(company, role, Some(data), before, last)
        .first()
        .map(|(person, _)| *person)
}
