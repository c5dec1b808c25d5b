//! What a company adopts of the base, and what of it is its own.

use super::{Id, Procedure};
use std::collections::BTreeSet;

/// That a procedure is one of the base, with single values of its own.
#[derive(Debug, Clone)]
pub struct Adoption {
    /// The base procedure's id.
    pub procedure: Id,
    /// The file in which it is written.
    pub file: Id,
    /// The rules that the company wrote itself, beside the base's.
    pub own: BTreeSet<Id>,
    /// Its own values, in the order of its file.
    pub overrides: Vec<Override>,
}

/// A value in place of the base's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// The kind of table: `deadline`, `rate`, `role`, …
    pub family: Id,
    /// The name of the rule, role or record.
    pub rule: Id,
    /// The key.
    pub key: Id,
    /// What holds, as written.
    pub value: Id,
    /// What the base says, as written; none where it says nothing.
    pub base: Option<Id>,
    /// Why.
    pub reason: Id,
    /// Its line in the company's file, counted from 1.
    pub line: u32,
}

impl Procedure {
    /// The file in which a rule of it is written.
    pub fn file_of(&self, rule: &str) -> &Id {
        match &self.adoption {
            Some(adoption) if !adoption.own.contains(rule) => &adoption.file,
            _ => &self.file,
        }
    }

    /// The values of a rule that stand in the place of the base's.
    pub fn overrides_of(&self, rule: &str) -> Vec<&Override> {
        let all = self.adoption.iter().flat_map(|adoption| &adoption.overrides);
        all.filter(|o| o.rule.as_ref() == rule).collect()
    }
}
