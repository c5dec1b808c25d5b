//! What a threshold does to people and to its own case: who is told at once, what is marked.

use super::{Id, Threshold};
use crate::domain::value::Value;

/// A field of the case that is written when a threshold is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The field.
    pub field: Id,
    /// What is written.
    pub value: Value,
}

impl Threshold {
    /// The role that is told of the n-th event that counts in a case, from 1 on; beyond the last of the roles, the last.
    pub fn told(&self, nth: usize) -> Option<&Id> {
        self.to.get(nth.saturating_sub(1)).or(self.to.last())
    }

    /// Whether it tells somebody and leaves nothing in the record by which one could tell that it did.
    pub fn only_tells(&self) -> bool {
        self.open.is_none() && self.mark.is_none()
    }
}
