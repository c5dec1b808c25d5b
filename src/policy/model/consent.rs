//! What a customer's wishes leave of the duties towards him.

use super::{Condition, Head, Id};
use std::sync::Arc;

/// A limit that a case's wishes set to duties.
#[derive(Debug)]
pub struct Consent {
    /// The rule's id.
    pub id: Id,
    /// Its name for people.
    pub title: Id,
    /// The clauses it carries out.
    pub clauses: Vec<Id>,
    /// The procedure.
    pub head: Arc<Head>,
    /// Its line in the file, counted from 1.
    pub line: u32,
    /// What the author decided where the document is silent.
    pub assume: Option<Id>,
    /// The rules that it limits.
    pub of: Vec<Id>,
    /// In which case.
    pub when: Condition,
    /// How.
    pub limit: Limit,
}

/// How duties are limited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Limit {
    /// Their intervals are so many times as long.
    Stretch(u32),
    /// None of them comes to be, and those not overdue are cancelled.
    Stop,
    /// Only these channels may be used.
    Channels(Vec<Id>),
}
