//! Texts that go out: to somebody about what is owed, or a list of matters for all to read.

use super::{Condition, Id, Period, Template};

/// A text that is written from the data of cases. What is missing is an error, never a blank.
#[derive(Debug)]
pub struct Notice {
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
    /// The rules whose obligations it goes with.
    pub of: Vec<Id>,
    /// What it says.
    pub body: Body,
}

/// What a notice says.
#[derive(Debug)]
pub enum Body {
    /// One text, about one obligation.
    Letter(Template),
    /// A row for each matter of a period.
    List(Listing),
}

/// A notice with a row for each case.
#[derive(Debug)]
pub struct Listing {
    /// The kind of case.
    pub kind: Id,
    /// Which of them.
    pub when: Condition,
    /// The events that put a case on the list of the period in which they occurred.
    pub on: Vec<Id>,
    /// The period.
    pub per: Period,
    /// Which cases of earlier periods are on the list too.
    pub also: Option<Condition>,
    /// What stands before the rows.
    pub head: Option<Template>,
    /// A row.
    pub row: Template,
    /// What stands after the rows.
    pub foot: Option<Template>,
}
