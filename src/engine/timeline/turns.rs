//! What a timeline expects of turns.

use super::compare::{Difference, Snapshot, or_none};
use super::{At, Failure};
use crate::engine::rota;
use crate::policy::model::Id;
use chrono::TimeDelta;
use serde::Deserialize;

/// Who must be next in turn.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NextInTurn {
    /// The role.
    pub role: String,
    /// The person.
    pub person: String,
}

impl Snapshot<'_> {
    /// Who is not next in turn.
    pub(super) fn turns(&self, At { line, what }: &At<NextInTurn>, failures: &mut Vec<Failure>) {
        let Some(role) = self.company.roles.get(what.role.as_str()) else {
            return;
        };
        let after = self
            .at
            .checked_add_signed(TimeDelta::milliseconds(1))
            .unwrap_or(self.at);
        let last = |role: &Id, person: &Id, before| self.world.last_turn(role, person, before, |_| false);
        let first = rota::line(self.company, role, None, after, &last).into_iter().next();
        let first = first.filter(|_| !role.in_turn.is_empty());
        let found = or_none(first.map(|(person, _)| person.id.clone()));
        if what.person != found {
            let difference = Difference {
                field: "person",
                want: what.person.clone(),
                found,
            };
            failures.push(difference.failure(*line, &what.role));
        }
    }
}
