//! Due times that hang on a date or an instant which a case carries.

use crate::domain::deadline::{self, Counting, Due, Reckoned};
use crate::domain::term::{Shift, Term};
use crate::domain::value::Fields;
use crate::domain::zone::{Instant, TimeError, Zone};
use chrono::{NaiveDate, TimeDelta};

/// A date or an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// A local date.
    Day(NaiveDate),
    /// An instant.
    At(Instant),
}

impl Moment {
    /// What a field of a case says, if it says a date or an instant.
    pub fn of(data: &Fields, field: &str, zone: Zone) -> Option<Moment> {
        let value = data.get(field)?;
        match value.as_date() {
            Some(on) => Some(Moment::Day(on)),
            None => zone.parse_instant(value.as_text()?).ok().map(Moment::At),
        }
    }

    /// Its local date.
    pub fn date(self, zone: Zone) -> NaiveDate {
        match self {
            Moment::Day(on) => on,
            Moment::At(at) => zone.date(at),
        }
    }
}

/// By when something is due that is due by a moment: through its day, as the rule's days end and shift, or up to it.
pub fn by(moment: Moment, how: &Counting<'_>) -> Result<Reckoned, TimeError> {
    match moment {
        Moment::Day(on) => through(on, how),
        Moment::At(at) => Ok(Reckoned {
            due: Due::Instant { at },
            provisional: false,
        }),
    }
}

/// The latest time that is a term before a moment. Before an instant, hours and minutes are counted back from it; days
/// are counted back from its local date, which itself is not counted.
pub fn before(moment: Moment, term: Term, how: &Counting<'_>) -> Result<Reckoned, TimeError> {
    match (moment, term) {
        (Moment::At(at), Term::Minutes(minutes)) => {
            let back = TimeDelta::try_minutes(i64::from(minutes)).ok_or(TimeError::OutOfRange)?;
            let at = at.checked_sub_signed(back).ok_or(TimeError::OutOfRange)?;
            Ok(Reckoned {
                due: Due::Instant { at },
                provisional: false,
            })
        }
        (moment, term) => {
            let (on, assumed) = deadline::before_provisional(moment.date(how.zone), term, how)?;
            let last = through(
                on,
                &Counting {
                    shift: Shift::None,
                    ..*how
                },
            )?;
            Ok(Reckoned {
                due: last.due,
                provisional: assumed || last.provisional,
            })
        }
    }
}

/// The end of a day, or of the one that it shifts to.
pub fn through(on: NaiveDate, how: &Counting<'_>) -> Result<Reckoned, TimeError> {
    let (on, assumed) = match how.shift {
        Shift::Previous => deadline::before_provisional(on, Term::Days(0), how)?,
        Shift::None | Shift::Next => (on, false),
    };
    let shift = match how.shift {
        Shift::Next => Shift::Next,
        Shift::None | Shift::Previous => Shift::None,
    };
    let none = crate::domain::pause::Pauses::none();
    let how = Counting {
        shift,
        pauses: &none,
        ..*how
    };
    let last = deadline::reckon(how.zone.start_of(on)?, Term::Days(0), &how)?;
    Ok(Reckoned {
        due: last.due,
        provisional: assumed || last.provisional,
    })
}
