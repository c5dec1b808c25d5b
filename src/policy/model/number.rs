//! How forms are numbered.

use super::{Id, Period};
use chrono::{Datelike, NaiveDate};
use std::fmt::Write;

/// How the events that carry a record are numbered: one after the other, without a gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbering {
    /// The field of the record with the number.
    pub field: Id,
    /// How often it begins anew; none: never.
    pub per: Option<Period>,
    /// What a number looks like.
    pub form: Vec<NumberPiece>,
}

/// A part of a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NumberPiece {
    /// As it stands.
    Literal(Id),
    /// The year of the local date on which the event occurred.
    Year,
    /// The quarter, 1 to 4.
    Quarter,
    /// The month, two digits.
    Month,
    /// The day of the month, two digits.
    Day,
    /// The running number, with at least so many digits.
    Running(usize),
}

impl Numbering {
    /// The n-th number of the period with that date.
    pub fn write(&self, on: NaiveDate, n: u32) -> String {
        let mut text = String::new();
        for piece in &self.form {
            // Writing to a text cannot fail.
            let _ = match piece {
                NumberPiece::Literal(literal) => write!(text, "{literal}"),
                NumberPiece::Year => write!(text, "{:04}", on.year()),
                NumberPiece::Quarter => write!(text, "{}", on.month0() / 3 + 1),
                NumberPiece::Month => write!(text, "{:02}", on.month()),
                NumberPiece::Day => write!(text, "{:02}", on.day()),
                NumberPiece::Running(digits) => write!(text, "{n:0digits$}"),
            };
        }
        text
    }
}
