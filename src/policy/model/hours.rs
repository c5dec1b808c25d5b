//! Named hours.

use super::{Head, Id};
use crate::domain::calendar::Calendar;
use std::sync::Arc;

/// Hours with a name: those of a reception, those in which people like to be called.
#[derive(Debug)]
pub struct Hours {
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
    /// The company's calendar with these hours.
    pub calendar: Arc<Calendar>,
}
