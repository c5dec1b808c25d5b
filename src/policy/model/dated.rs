//! Values that change by date.

use super::Id;
use chrono::NaiveDate;

/// A value by date, as it was written: what rules that name it say on each date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated {
    /// Its id.
    pub id: Id,
    /// Its name for people.
    pub title: Id,
    /// Its values, each from a local date on, in their order.
    pub values: Vec<(NaiveDate, Id)>,
}
