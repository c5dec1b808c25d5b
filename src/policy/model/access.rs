//! Who may see which cases.

use super::{Condition, Id};

/// Who may see the cases of a kind, or that each showing of them is recorded.
#[derive(Debug)]
pub struct Access {
    /// The rule's id.
    pub id: Id,
    /// Its name for people.
    pub title: Id,
    /// The clauses it carries out.
    pub clauses: Vec<Id>,
    /// Its line in the file, counted from 1.
    pub line: u32,
    /// What the author decided where the document is silent.
    pub assume: Option<Id>,
    /// The kind of case.
    pub kind: Id,
    /// Which of them.
    pub when: Condition,
    /// The roles that may see them.
    pub roles: Vec<Id>,
    /// The fields with persons who may see them too.
    pub fields: Vec<Id>,
    /// The fields with persons who may never see them.
    pub never: Vec<Id>,
    /// Whether each showing is recorded.
    pub audit: bool,
}

impl Access {
    /// Whether it keeps anybody out; else showings are recorded, and that is all.
    pub fn restricts(&self) -> bool {
        !(self.roles.is_empty() && self.fields.is_empty() && self.never.is_empty())
    }
}
