//! What a due time is reckoned from, in figures: enough for somebody else to reckon it again, without the calendars and
//! the policies (`docs/recompute.py`).

use crate::engine::view::DueView;
use crate::policy::finding::Text;
use serde::Serialize;
use serde_json::Value;

/// What an opening and a due time are reckoned from. Each list is carried out from its first stage to its last; what the
/// last one gives is the result.
#[derive(Clone, Debug, Serialize)]
pub struct Reckoning {
    /// The zone whose local dates are the days.
    pub zone: String,
    /// The stages to the opening; empty where it opens at once.
    pub opening: Vec<Stage>,
    /// The stages to the due time.
    pub due: Vec<Stage>,
}

/// One stage of a reckoning.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum Stage {
    /// A term from an instant on. Of an opening the end of the term, or with `edge` `inclusive` the start of its last day.
    Term {
        /// The instant; its day is not counted.
        from: String,
        /// The term, such as `3bd`.
        term: String,
        /// The change of the case since which it is counted so.
        #[serde(skip_serializing_if = "Option::is_none")]
        since: Option<String>,
        /// Of an opening: whether its last day itself is open.
        #[serde(skip_serializing_if = "Option::is_none")]
        edge: Option<&'static str>,
        /// How it is counted.
        #[serde(flatten)]
        how: How,
    },
    /// Through a local date, or up to an instant, that the case names.
    Date {
        /// The date or the instant.
        of: String,
        /// How it ends and shifts.
        #[serde(flatten)]
        how: How,
    },
    /// A term before a local date or an instant that the case names; the date is not counted.
    Before {
        /// The date or the instant.
        of: String,
        /// The term.
        term: String,
        /// How it is counted.
        #[serde(flatten)]
        how: How,
    },
    /// A term after the middle of two dates, or, of an opening, before it.
    Middle {
        /// The first date.
        start_on: String,
        /// The last date.
        end_on: String,
        /// The term.
        term: String,
        /// How it is counted.
        #[serde(flatten)]
        how: How,
    },
    /// An occurrence of what recurs: the nominal dates, led and shifted.
    Occurrence {
        /// The nominal dates that it stands for.
        nominal_on: Vec<String>,
        /// How they lie; none where only the data of that time could say.
        every: Option<Value>,
        /// How long before them it is due.
        lead: Option<String>,
        /// What becomes of a date that is not a working day: `none`, `next`, `previous`, `skip`.
        holidays: &'static str,
        /// The days.
        days: Vec<DaySaid>,
    },
    /// A reminder before a date: on the day of each distance, or on the day the date became known where that was past.
    Reminder {
        /// The date.
        of: String,
        /// The distances.
        before: Vec<String>,
        /// When the date became known.
        known_at: String,
        /// How they are counted.
        #[serde(flatten)]
        how: How,
    },
    /// As another obligation is due.
    Together {
        /// The other.
        id: String,
        /// Its stages.
        due: Vec<Stage>,
    },
    /// The rule could not be carried out: somebody looks on the day of an instant.
    Fault {
        /// The instant.
        from: String,
        /// The days.
        days: Vec<DaySaid>,
    },
    /// What opens opens no earlier than at an instant.
    NotBefore {
        /// The instant.
        at: String,
    },
    /// Drawn at the end of a period: a term from its last day on, where that is later.
    Drawn {
        /// The instant at which the last day of the period begins.
        from: String,
        /// The term.
        term: String,
        /// How it is counted.
        #[serde(flatten)]
        how: How,
    },
    /// What came into force counts anew: an earlier due time than before is none before the end of that day, nor before
    /// the old one.
    Turned {
        /// When it came into force.
        at: String,
        /// The due time before.
        before: DueView,
        /// The midnight that ends the day.
        ends_at: String,
    },
    /// Somebody who may has extended it.
    Extended {
        /// To the end of this date.
        to: DueView,
        /// Why.
        reason: Option<String>,
    },
    /// It stands as it was decided; what it was reckoned from is not known any more.
    Stands {
        /// The due time.
        due: DueView,
    },
}

/// How days are counted.
#[derive(Clone, Debug, Serialize)]
pub struct How {
    /// Where the last day ends: `midnight`, `close`, or a time.
    pub end: String,
    /// Where a last day goes that is no working day: `none`, `next`, `previous`.
    pub shift: &'static str,
    /// When it did not run: from, to (not included).
    pub pauses: Vec<[String; 2]>,
    /// The days that matter, in order.
    pub days: Vec<DaySaid>,
}

/// A local date, as the calendar has it.
#[derive(Clone, Debug, Serialize)]
pub struct DaySaid {
    /// The date.
    pub on: String,
    /// Whether it is a working day.
    pub working: bool,
    /// Whether that is published, not assumed.
    pub certain: bool,
    /// Why.
    #[serde(serialize_with = "super::shape::both")]
    pub why: Text,
    /// The midnight with which it begins.
    pub starts_at: String,
    /// The midnight that ends it, not included.
    pub ends_at: String,
    /// When it is open, where that matters: from, to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open: Option<Vec<[String; 2]>>,
    /// The instant of the time at which the term ends on its last day, where it ends at a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_at: Option<String>,
}
