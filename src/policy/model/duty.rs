//! Duties: the templates of obligations.

use super::{Audience, CaseTerm, Condition, Consent, Head, Hours, Id, Many, Penalty, Period, Record, Rhythm, Texts};
use crate::domain::calendar::Calendar;
use crate::domain::deadline::OpenEdge;
use crate::domain::fraction::Fraction;
use crate::domain::term::{End, Shift, Term};
use chrono::NaiveTime;
use std::sync::Arc;

/// Something owed after something else: the template of obligations.
#[derive(Debug, Clone)]
pub struct Duty {
    /// The rule's id.
    pub id: Id,
    /// Its name for people.
    pub title: Id,
    /// The clauses it carries out; the first is the one cited.
    pub clauses: Vec<Id>,
    /// The procedure.
    pub head: Arc<Head>,
    /// Its line in the file, counted from 1.
    pub line: u32,
    /// What the author decided where the document is silent.
    pub assume: Option<Id>,
    /// What brings it into being.
    pub on: Trigger,
    /// For which cases it is due, where it is an occasion.
    pub audience: Option<Audience>,
    /// In which case.
    pub when: Condition,
    /// The event from which the term is counted, where that is not the trigger.
    pub from: Option<Id>,
    /// By when.
    pub timing: Timing,
    /// Where in its last day a day-kind term ends.
    pub end: End,
    /// What happens to a last day that is not a working day.
    pub shift: Shift,
    /// The calendar of its working days and hours.
    pub calendar: Arc<Calendar>,
    /// What performs it.
    pub done: Vec<Done>,
    /// What the performing event must say.
    pub done_when: Condition,
    /// How often it must be performed, where once is not enough.
    pub count: Option<Count>,
    /// Who owes it.
    pub bearers: Bearers,
    /// Who is told when it is not done.
    pub escalate: Vec<Step>,
    /// Only the drawn ones are owed: the rate that says which share.
    pub draw: Option<Draw>,
    /// Whether a performance before the opening counts.
    pub early_accepted: bool,
    /// The reasons of pause for which its term stands still; empty: none.
    pub pauses_for: Vec<Id>,
    /// How long after it happened a performance may be reported and still count by itself; none: for ever.
    pub max_backdate: Option<Term>,
    /// What is shown beside it.
    pub texts: Texts,
    /// The hours in which it is best done.
    pub prefer: Option<Arc<Hours>>,
    /// What wishes limit of it.
    pub consents: Vec<Arc<Consent>>,
    /// What a breach of it costs; of a duty to decide a penalty: that penalty.
    pub penalties: Vec<Arc<Penalty>>,
}

/// What brings a duty into being.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// One of these events.
    Events(Vec<Id>),
    /// One of these events, on another case: an occasion.
    Occasion(Vec<Id>),
    /// An obligation under one of these rules has come to be owed.
    Opened(Vec<Id>),
    /// An obligation under one of these rules has been fulfilled, late or not.
    Fulfilled(Vec<Id>),
    /// An obligation under one of these rules has fallen overdue.
    Breached(Vec<Id>),
    /// The case was drawn at the end of a period, into whose frame one of these events put it.
    Sampled(Vec<Id>),
}

/// By when a duty is owed.
#[derive(Debug, Clone)]
pub enum Timing {
    /// Within a term from the anchor.
    Within(Term),
    /// Within the first of these terms whose condition the case meets; the last has none.
    ByCase(Vec<CaseTerm>),
    /// On a date of the case, or up to an instant of it.
    By {
        /// The field with the date or the instant.
        field: Id,
        /// The field with the date or the instant from which on it may be done; none: at once.
        opens: Option<Id>,
    },
    /// Due when the obligation that triggered it is due.
    Same,
    /// Not before one term and not after another.
    Window {
        /// It opens after this term.
        after: Term,
        /// It is due within this term.
        within: Term,
        /// Whether the corresponding day itself is open.
        edge: OpenEdge,
    },
    /// Around the middle of two dates of the case.
    Midpoint {
        /// The field with the first date.
        start: Id,
        /// The field with the last date.
        end: Id,
        /// How far from the middle is still the middle.
        tolerance: Term,
    },
    /// No later than a term before a date or an instant of the case.
    Before {
        /// The field with the date or the instant.
        field: Id,
        /// How long before.
        term: Term,
    },
    /// On days before a date or an instant of the case, once for each distance and each value of it.
    Reminder {
        /// The field with the date or the instant.
        field: Id,
        /// How long before, each.
        before: Vec<Term>,
        /// From which local time of its day on each can be done.
        at: NaiveTime,
        /// The events that end it.
        until: Vec<Id>,
    },
    /// Again and again from the trigger on.
    Recurring {
        /// When.
        rhythm: Rhythm,
        /// The events that end it.
        until: Vec<Id>,
    },
}

/// An event that performs a duty, and the form it must fill.
#[derive(Debug, Clone)]
pub struct Done {
    /// The event type.
    pub event: Id,
    /// Its record.
    pub record: Option<Arc<Record>>,
}

/// How often a duty must be performed.
#[derive(Debug, Clone)]
pub struct Count {
    /// How many that are.
    pub many: Many,
    /// The field of the performing event that tells them apart.
    pub distinct: Option<Id>,
    /// The clause with the share.
    pub clause: Option<Id>,
}

/// Who owes a duty.
#[derive(Debug, Clone)]
pub enum Bearers {
    /// The first whose condition holds; the last has none.
    Choice(Vec<Bearing>),
    /// Whoever owes the obligation that triggered it.
    Same,
}

/// Roles that owe a duty.
#[derive(Debug, Clone)]
pub struct Bearing {
    /// In which case.
    pub when: Condition,
    /// The roles.
    pub roles: Arc<[Id]>,
    /// The field that names the person who owes it; passed over while it is not filled in.
    pub person: Option<Id>,
    /// Only while the duty's calendar is open, or is not, at the trigger.
    pub during: Option<During>,
    /// Whether all must take part; else any one of them does.
    pub joint: bool,
}

/// A part of the day, by a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum During {
    /// In open time.
    Open,
    /// Outside of it.
    Closed,
}

/// A step of an escalation.
#[derive(Debug, Clone)]
pub struct Step {
    /// When.
    pub at: StepAt,
    /// The role that is told.
    pub to: Id,
    /// In which case.
    pub when: Condition,
    /// Whether it is told in the open time of the duty's calendar only: outside of it, when that next begins.
    pub waits: bool,
}

/// When a step of an escalation is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepAt {
    /// When it comes to be owed.
    Once,
    /// This long before it is due: at risk.
    BeforeDue(Term),
    /// The moment it is overdue.
    Due,
    /// When this has fully elapsed after that.
    AfterDue(Term),
}

/// Only a drawn share of a rate's members is owed.
#[derive(Debug, Clone)]
pub struct Draw {
    /// The rate.
    pub rate: Id,
    /// The share.
    pub share: Fraction,
    /// How long those have that are drawn at the period's end.
    pub top_up: Term,
    /// The period.
    pub per: Period,
}
