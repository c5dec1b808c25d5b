//! Who owes what: roles resolved to people when asked. A vacant role climbs the reporting line.

use crate::domain::value::{Fields, Value};
use crate::policy::model::{Company, Id, Person, Role};
use std::borrow::Cow;

/// The mark of somebody whom a case names: `@` and the name stand in the place of a role.
const NAMED: char = '@';

/// What stands among the roles that owe something for a person whom the case names.
pub fn named(person: &str) -> Id {
    format!("{NAMED}{person}").into()
}

/// The person that stands in the place of a role, if one does.
pub fn person_of(role: &str) -> Option<&str> {
    role.strip_prefix(NAMED)
}

/// A role that owes something, and who holds it.
#[derive(Clone, Debug)]
pub struct Bearer<'a> {
    /// The role as the rule names it, or as the person named by the case has it; empty where they have none.
    pub role: &'a str,
    /// Its name for people.
    pub title: &'a str,
    /// Who holds it for this case, or steps in: somebody of the company.
    pub person: Option<&'a Person>,
    /// The id or the name of whom the case names itself.
    pub named: Option<&'a str>,
    /// The role above that steps in, because nobody holds this one.
    pub stands_in: Option<&'a str>,
}

/// The area of a case: its own, or the one with its building.
pub fn area_of<'a>(company: &'a Company, data: &Fields) -> Option<&'a Id> {
    let own = data.get("area").and_then(Value::as_text);
    let building = data.get("building").map(Value::text);
    let area = company.areas.iter().find(|a| {
        own.is_some_and(|own| a.id.as_ref() == own)
            || own.is_none()
                && building
                    .as_ref()
                    .is_some_and(|b| a.buildings.iter().any(|x| x.as_ref() == b.as_ref()))
    });
    area.map(|a| &a.id)
}

/// Resolves a role for a case.
pub fn resolve<'a>(company: &'a Company, role: &'a str, data: &Fields) -> Bearer<'a> {
    if let Some(name) = person_of(role) {
        return by_name(company, name);
    }
    let known = company.roles.get(role);
    let title = known.map_or(role, |r| r.title.as_ref());
    let mut bearer = Bearer {
        role,
        title,
        person: None,
        named: None,
        stands_in: None,
    };
    let mut at = known;
    // A reporting line that loops is refused by `check`; the bound keeps this safe all the same.
    for climbed in 0..16 {
        let Some(role) = at else { break };
        if let Some(person) = holder(company, role, data) {
            bearer.person = Some(person);
            bearer.stands_in = (climbed > 0).then_some(role.id.as_ref());
            return bearer;
        }
        at = role.reports_to.as_ref().and_then(|up| company.roles.get(up));
    }
    bearer
}

/// Somebody of the company by id, or a name from outside.
fn by_name<'a>(company: &'a Company, name: &'a str) -> Bearer<'a> {
    let person = company.people.iter().find(|p| p.id.as_ref() == name);
    let role = person.and_then(|p| p.holds.first()).map(|h| h.role.as_ref());
    let title = role.and_then(|r| company.roles.get(r)).map(|r| r.title.as_ref());
    Bearer {
        role: role.unwrap_or_default(),
        title: title.unwrap_or_default(),
        person,
        named: Some(name),
        stands_in: None,
    }
}

fn holder<'a>(company: &'a Company, role: &Role, data: &Fields) -> Option<&'a Person> {
    holders(company, role, Some(data)).next()
}

/// All who hold a role for a case, in the order of the file; without a case, all who hold it at all.
pub fn holders<'a>(company: &'a Company, role: &Role, data: Option<&Fields>) -> impl Iterator<Item = &'a Person> {
    let part = match data {
        None => Some(None),
        Some(data) => part_of(company, role, data),
    };
    let holds = |person: &&Person| part.as_ref().is_some_and(|part| holds_part(person, role, part));
    let holders: Vec<&Person> = company.people.iter().filter(holds).collect();
    holders.into_iter()
}

/// What tells the holders of a role apart, for a case; none where nothing does. `None` where the case does not say.
fn part_of<'d>(company: &'d Company, role: &Role, data: &'d Fields) -> Option<Option<Cow<'d, str>>> {
    Some(match role.scope.as_deref() {
        None => None,
        Some("area") => Some(Cow::Borrowed(area_of(company, data)?.as_ref())),
        Some(field) => Some(data.get(field)?.text()),
    })
}

fn holds_part(person: &Person, role: &Role, part: &Option<Cow<'_, str>>) -> bool {
    person.holds.iter().any(|hold| {
        let fits = |part: &Cow<'_, str>| hold.of.is_empty() || hold.of.iter().any(|of| **of == **part);
        hold.role == role.id && part.as_ref().is_none_or(fits)
    })
}

/// Whether a person is one of those who hold a role for a case, or steps in because nobody does.
pub fn holds(company: &Company, person: &str, role: &str, data: &Fields) -> bool {
    let Some(known) = company.roles.get(role) else {
        return false;
    };
    let own = company.people.iter().find(|p| p.id.as_ref() == person);
    let part = part_of(company, known, data);
    let by_own = own
        .zip(part)
        .is_some_and(|(person, part)| holds_part(person, known, &part));
    by_own || owes(company, person, role, data)
}

/// Whether a person holds a role for a case, or steps in for it.
pub fn owes(company: &Company, person: &str, role: &str, data: &Fields) -> bool {
    let bearer = resolve(company, role, data);
    bearer.named == Some(person) || bearer.person.is_some_and(|p| p.id.as_ref() == person)
}
