//! The branches of a company's rules: the ways in which each can come out that its author wrote down. They are listed
//! here, from the compiled model alone; which of them a timeline takes is seen in [`shown`].
//!
//! Only what enforces or counts has branches. Guidance, notices, named hours and metrics tell or report, and have none;
//! what a script answers cannot be enumerated.

mod list;
mod shown;
#[cfg(test)]
mod tests;
mod words;

pub(super) use list::branches;
pub(super) use shown::Taken;

use crate::policy::finding::Text;
use crate::policy::model::Id;
use std::fmt;

/// A way in which a rule can come out, and the timelines that show it.
#[derive(Clone, Debug)]
pub struct Branch {
    /// The procedure.
    pub procedure: Id,
    /// The rule's family, as `Procedure::rules` names it.
    pub what: &'static str,
    /// The rule.
    pub rule: Id,
    /// Its name for people.
    pub title: Id,
    /// The file in which the rule is written.
    pub file: Id,
    /// The rule's line in it, counted from 1.
    pub line: u32,
    /// Which way.
    pub way: Way,
    /// In which case it comes out so, or to whom it goes; empty: there is nothing to say.
    pub about: Text,
    /// The titles of the passing timelines that take it, in order; empty: none does.
    pub by: Vec<String>,
}

impl Branch {
    /// What identifies it in its company.
    pub(super) fn key(&self) -> Key {
        (self.what, self.rule.clone(), self.way)
    }

    /// What it is, and what to write so that a timeline takes it.
    pub fn said(&self) -> Text {
        words::said(self)
    }
}

/// What identifies a branch: the family, the rule, the way.
pub(super) type Key = (&'static str, Id, Way);

/// The ways in which rules come out. Numbers count from 1, in the order of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// The rule's condition holds (true) or does not (false) where the rule is looked at.
    When(bool),
    /// This entry of a list by case is the one that counts.
    Row(Rows, u16),
    /// The duty is done.
    Done,
    /// The duty is overdue, where something follows on that.
    Overdue,
    /// An event of `until` ended what recurs or reminds.
    Until,
    /// This level of the escalation was told.
    Told(u16),
    /// The time of this level came, and its condition did not hold.
    PassedOver(u16),
    /// The obligation was drawn (true), or was not (false), where only a share is owed.
    Drawn(bool),
    /// The form was whole.
    Complete,
    /// The form lacked something.
    Lacking,
    /// This entry of `required` or `signed` asks for its fields (true), or does not (false).
    Asks(u16, bool),
    /// The gate stands before an event, and lets it through.
    LetsThrough,
    /// This need was not met, and the event refused.
    Unmet(u16),
    /// This need of whoever approves was not met, and the event refused.
    NotApprover(u16),
    /// The threshold is reached.
    Reached,
    /// Something counts, and the threshold is not reached.
    Below,
    /// This one of the roles up which it goes was told.
    Rung(u16),
    /// The rate is met.
    Met,
    /// The rate is missed.
    Missed,
    /// The rate is met, below the line of warning.
    Warning,
    /// The penalty is charged.
    Charged,
    /// The penalty waits for its decision.
    Proposed,
    /// The penalty was decided.
    Decided,
    /// This one of those beside is charged.
    Beside(u16),
    /// The exception waives an obligation.
    Waives,
    /// The case is shown to whoever may see it.
    Shown,
    /// The case is kept from whoever may not see it.
    Hidden,
}

/// Lists of which the first entry counts whose condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rows {
    /// By when.
    Term,
    /// Who.
    Bearer,
    /// How often.
    Pace,
    /// Which share of the members.
    Share,
    /// How many are drawn.
    Size,
}

impl Rows {
    fn word(self) -> &'static str {
        match self {
            Rows::Term => "term",
            Rows::Bearer => "bearer",
            Rows::Pace => "pace",
            Rows::Share => "share",
            Rows::Size => "size",
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Way::When(true) => f.write_str("when"),
            Way::When(false) => f.write_str("not-when"),
            Way::Row(rows, nth) => write!(f, "{}-{nth}", rows.word()),
            Way::Done => f.write_str("done"),
            Way::Overdue => f.write_str("overdue"),
            Way::Until => f.write_str("until"),
            Way::Told(level) => write!(f, "level-{level}"),
            Way::PassedOver(level) => write!(f, "level-{level}-passed-over"),
            Way::Drawn(true) => f.write_str("drawn"),
            Way::Drawn(false) => f.write_str("not-drawn"),
            Way::Complete => f.write_str("complete"),
            Way::Lacking => f.write_str("lacking"),
            Way::Asks(nth, true) => write!(f, "required-{nth}"),
            Way::Asks(nth, false) => write!(f, "not-required-{nth}"),
            Way::LetsThrough => f.write_str("lets-through"),
            Way::Unmet(nth) => write!(f, "unmet-{nth}"),
            Way::NotApprover(nth) => write!(f, "not-approver-{nth}"),
            Way::Reached => f.write_str("reached"),
            Way::Below => f.write_str("below"),
            Way::Rung(nth) => write!(f, "to-{nth}"),
            Way::Met => f.write_str("met"),
            Way::Missed => f.write_str("missed"),
            Way::Warning => f.write_str("warning"),
            Way::Charged => f.write_str("charged"),
            Way::Proposed => f.write_str("proposed"),
            Way::Decided => f.write_str("decided"),
            Way::Beside(nth) => write!(f, "joint-{nth}"),
            Way::Waives => f.write_str("waives"),
            Way::Shown => f.write_str("shown"),
            Way::Hidden => f.write_str("hidden"),
        }
    }
}

/// A place in a list, counted from 1.
fn nth(ix: usize) -> u16 {
    u16::try_from(ix.saturating_add(1)).unwrap_or(u16::MAX)
}
