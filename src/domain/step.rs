//! The steps of a reckoning: what led from the start to the due date, day by day or stretch by stretch.

use chrono::NaiveDate;

use super::calendar::DayReason;
use super::deadline::Due;
use super::zone::Instant;

/// What a step of a reckoning did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepWhy {
    /// The start: its day is not counted.
    Start,
    /// The day was counted, with this number.
    Counted(u32),
    /// The day is not a working day, or has no open time, and was passed over.
    NotWorking(DayReason),
    /// The case was paused at the 24:00 of the day, so the day was not consumed.
    Paused,
    /// The unpaused term in weeks, months or years ends with this, the corresponding day.
    CorrespondingDay,
    /// The month has no corresponding day: the unpaused term ends with this, the month's last.
    MonthEndClamp,
    /// The last day fell on this day, which is not a working day, and moved on from it.
    Shifted(DayReason),
    /// Open time was used, from and to; `minutes` are the whole ones in it.
    Open {
        /// When the stretch began.
        from: Instant,
        /// When the stretch, or the term, was used up.
        to: Instant,
        /// The whole minutes in it.
        minutes: i64,
    },
    /// Time ran; the whole minutes of the stretch.
    Elapsed {
        /// The whole minutes in it.
        minutes: i64,
    },
    /// Time did not run, since the case was paused.
    PausedTime {
        /// When the pause began, or the start if it was paused then.
        from: Instant,
        /// When it ended.
        to: Instant,
    },
    /// The day has no closing time to end at, so the term ends at a later one.
    NoClose(DayReason),
    /// The end of the day was before the start, so the term ends on a later day.
    EndedBeforeStart,
    /// The end: the due date.
    End(Due),
}

/// One step of a reckoning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The local date that the step is about.
    pub on: NaiveDate,
    /// What it did.
    pub why: StepWhy,
    /// Whether it rests on published facts only, rather than on an assumption of the calendar.
    pub certain: bool,
}

impl Step {
    /// A step that rests on no assumption.
    pub(super) fn sure(on: NaiveDate, why: StepWhy) -> Step {
        Step { on, why, certain: true }
    }
}
