//! Who may see a case. What may not be seen is not there: no list, count or text has it.

use crate::domain::value::{Fields, Value};
use crate::domain::zone::Instant;
use crate::engine::case::Case;
use crate::engine::who;
use crate::policy::model::{Access, Company, Id};
use std::sync::Arc;

/// How many cases that the engine opened one because of the other are followed back.
const MAX_LINEAGE: usize = 32;

/// The rules of access in force, and who asks.
#[derive(Clone, Debug)]
pub struct Sight {
    company: Arc<Company>,
    rules: Vec<Arc<Access>>,
    viewer: Option<Id>,
}

impl Sight {
    /// What somebody may see by the rules in force at an instant. Without a viewer: what everybody may see.
    pub fn new(company: &Arc<Company>, viewer: Option<&str>, at: Instant) -> Sight {
        // Of a procedure that is not in force yet, what its first edition keeps confidential is so already.
        let serving = company.on(company.zone.date(at)).procedures.iter();
        Sight {
            company: company.clone(),
            rules: serving.flat_map(|p| p.access.iter().cloned()).collect(),
            viewer: viewer.map(Id::from),
        }
    }

    /// Who asks.
    pub fn viewer(&self) -> Option<&Id> {
        self.viewer.as_ref()
    }

    /// Whether there is nothing that is not for everybody.
    pub fn is_open(&self) -> bool {
        self.rules.is_empty()
    }

    /// Whether a case may be seen, as it is; whatever the case is that led to it.
    pub fn admits(&self, case: &Case) -> bool {
        self.of(case).filter(|rule| rule.restricts()).all(|rule| {
            self.viewer
                .as_deref()
                .is_some_and(|viewer| self.may(rule, viewer, &case.data))
        })
    }

    /// Whether a case may be seen, and so may the cases that led to it.
    pub fn sees<'c>(&self, case: &'c Case, find: impl Fn(&str) -> Option<&'c Case>) -> bool {
        let mut at = Some(case);
        for _ in 0..MAX_LINEAGE {
            let Some(case) = at.filter(|_| !self.rules.is_empty()) else {
                return true;
            };
            if !self.admits(case) {
                return false;
            }
            at = case.cause.as_ref().and_then(|cause| find(&cause.case));
        }
        false
    }

    /// Whether each showing of a case is recorded.
    pub fn audits(&self, case: &Case) -> bool {
        self.of(case).any(|rule| rule.audit)
    }

    /// Each rule that keeps a case from some, with whether it lets somebody see it.
    pub fn each<'s>(&'s self, case: &'s Case, viewer: &'s str) -> impl Iterator<Item = (Id, bool)> + 's {
        let rules = self.of(case).filter(|rule| rule.restricts());
        rules.map(move |rule| (rule.id.clone(), self.may(rule, viewer, &case.data)))
    }

    fn of<'s>(&'s self, case: &'s Case) -> impl Iterator<Item = &'s Arc<Access>> {
        let of_kind = self.rules.iter().filter(|rule| rule.kind == case.kind);
        of_kind.filter(|rule| rule.when.holds_for(&case.data))
    }

    fn may(&self, rule: &Access, viewer: &str, data: &Fields) -> bool {
        let person = self.company.people.iter().find(|p| p.id.as_ref() == viewer);
        // Who is kept out may be written down by name too; who is let in, by id alone.
        let is_viewer = |text: &str| text == viewer || person.is_some_and(|p| p.name.as_ref() == text);
        if names(&rule.never, data, &is_viewer) {
            return false;
        }
        if rule.roles.is_empty() && rule.fields.is_empty() {
            return true;
        }
        let by_role = |role: &Id| who::holds(&self.company, viewer, role, data);
        rule.roles.iter().any(by_role) || names(&rule.fields, data, &|text| text == viewer)
    }
}

/// Whether one of these fields names somebody.
fn names(fields: &[Id], data: &Fields, is: &dyn Fn(&str) -> bool) -> bool {
    fields.iter().any(|field| match data.get(field) {
        Some(Value::List(list)) => list.iter().any(|text| is(text)),
        Some(value) => is(&value.text()),
        None => false,
    })
}
