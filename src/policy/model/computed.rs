//! What is worked out rather than reported: fields of a case, and whether a record is accepted.

use super::{Company, Duty, FieldType, Id, Kind, Trigger};
use crate::domain::value::Value;
use crate::script::Function;
use std::sync::Arc;

/// A field of a case that is worked out after each event.
#[derive(Debug)]
pub struct Computed {
    /// The field.
    pub field: Id,
    /// What it may hold.
    pub kind: FieldType,
    /// How.
    pub how: Compute,
    /// What the administrator owes when it cannot be worked out.
    pub review: Arc<Duty>,
}

/// How a field is worked out.
#[derive(Debug)]
pub enum Compute {
    /// A function of other fields, asked again when one of them changes.
    Script {
        /// The function.
        function: Function,
        /// The fields that it is given.
        from: Vec<Id>,
        /// The value where it does not answer one.
        otherwise: Value,
    },
    /// The whole years from the date in this field to the local date of the latest event.
    YearsSince(Id),
    /// How many events of this type there were in the present course.
    Count(Id),
}

/// A function that says what a record lacks.
#[derive(Debug)]
pub struct Accept {
    /// The function.
    pub function: Function,
    /// The fields that it is given, of the record and of the case.
    pub fields: Vec<Id>,
    /// What the administrator owes when it does not answer.
    pub review: Arc<Duty>,
}

impl Company {
    /// What the administrator can come to owe because a script fails.
    pub fn reviews(&self) -> impl Iterator<Item = &Arc<Duty>> {
        let computed = self.kinds.values().flat_map(|kind| &kind.computed).map(|c| &c.review);
        let records = self.procedures.iter().flat_map(|procedure| &procedure.records);
        computed.chain(records.filter_map(|record| Some(&record.accept.as_ref()?.review)))
    }
}

impl Kind {
    /// Whether a field is worked out, so that nobody reports it.
    pub fn computes(&self, field: &str) -> bool {
        self.computed.iter().any(|computed| &*computed.field == field)
    }
}

impl Duty {
    /// Whether it is to look at what could not be carried out: no event brings it into being.
    pub fn is_review(&self) -> bool {
        matches!(&self.on, Trigger::Events(events) if events.is_empty())
    }
}
