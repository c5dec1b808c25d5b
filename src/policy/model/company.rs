//! A company: its people, their roles, its areas.

use super::{Id, InForce, Kind, Procedure};
use crate::domain::calendar::Calendar;
use crate::domain::zone::Zone;
use crate::script::Scripts;
use std::collections::BTreeMap;
use std::sync::Arc;

/// All that a company's folder says.
#[derive(Debug, Clone)]
pub struct Company {
    /// The slug; the name of its folder.
    pub id: Id,
    /// Its name for people.
    pub title: Id,
    /// The zone of its local dates.
    pub zone: Zone,
    /// The calendar of its working days and hours.
    pub calendar: Arc<Calendar>,
    /// What it says of itself in texts that go out, by name: `phone`, and what `[company.text]` has.
    pub texts: BTreeMap<Id, Id>,
    /// Its areas, in the order of the file.
    pub areas: Vec<Area>,
    /// Its people, in the order of the file.
    pub people: Vec<Person>,
    /// Its roles by id.
    pub roles: BTreeMap<Id, Role>,
    /// Its kinds of case by id.
    pub kinds: BTreeMap<Id, Arc<Kind>>,
    /// Its procedures, the newest edition of each, in the order of the files. What is in force on a date says
    /// [`Company::on`].
    pub procedures: Vec<Arc<Procedure>>,
    /// What is in force from which date on; the first from the beginning.
    pub in_force: Vec<InForce>,
    /// The functions of its scripts.
    pub scripts: Arc<Scripts>,
    /// SHA-256 in hex over everything that was read for it.
    pub hash: Id,
}

/// An area: some buildings that one holder of a role looks after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area {
    /// Its id.
    pub id: Id,
    /// Its name for people.
    pub title: Id,
    /// The buildings in it, as cases name them.
    pub buildings: Vec<Id>,
}

/// Somebody who holds roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The id.
    pub id: Id,
    /// The name.
    pub name: Id,
    /// The roles held.
    pub holds: Vec<Hold>,
}

/// A role held, for some values of its scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// The role.
    pub role: Id,
    /// For which areas, departments, … ; empty: for all.
    pub of: Vec<Id>,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// The id.
    pub id: Id,
    /// Its name for people.
    pub title: Id,
    /// The role above it: who steps in while it is vacant.
    pub reports_to: Option<Id>,
    /// What tells its holders apart: `area` (looked up from the case's building), or a field of the case.
    pub scope: Option<Id>,
    /// How high it stands; higher is higher.
    pub rank: Option<i64>,
    /// The events whose turns its holders take, one after the other; none: it goes by no turns.
    pub in_turn: Vec<Id>,
}
