//! When a recurring duty is due again and again, as far as the rule alone can say.

use super::{Condition, Id, Period};
use crate::domain::recurrence::{Every, HolidayRule, Overflow};
use crate::domain::term::Term;

/// When a recurring duty is due again and again.
#[derive(Debug, Clone)]
pub struct Rhythm {
    /// The paces; the first whose condition holds counts, and the last has none. Chosen anew at each occurrence.
    pub paces: Vec<Pace>,
    /// What becomes of a day that a month does not have.
    pub overflow: Overflow,
    /// What becomes of a nominal date that is not a working day.
    pub holidays: HolidayRule,
    /// How many nominal dates there are; none: no limit.
    pub count: Option<u32>,
    /// The field of the case with the last nominal date that there may be; without a value there is no last one.
    pub through: Option<Id>,
    /// Whether nobody but its bearers may see an occurrence before it opens.
    pub secret: bool,
}

/// One of the paces of a rhythm.
#[derive(Debug, Clone)]
pub struct Pace {
    /// In which case.
    pub when: Condition,
    /// How the nominal dates lie.
    pub beat: Beat,
    /// How long before the nominal date it is due.
    pub lead: Option<Term>,
}

/// How nominal dates lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Beat {
    /// As the calendar or the anchor alone says.
    Fixed(Every),
    /// Each year on the day of a date of the case; without that date never.
    Birthday(Id),
    /// Every so many days as a number of the case says.
    Interval(Id),
    /// One day of each month, quarter or year, drawn with the company's secret.
    RandomDay(Period),
}

impl Beat {
    /// Whether the dates are counted from the anchor, not read off the calendar.
    pub fn is_interval(&self) -> bool {
        match self {
            Beat::Fixed(every) => every.is_interval(),
            Beat::Interval(_) => true,
            Beat::Birthday(_) | Beat::RandomDay(_) => false,
        }
    }
}
