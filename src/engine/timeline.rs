//! Timelines: what administrators write to test their rules. At these times these events, and then exactly these
//! obligations, rates, escalations, cases. They run on the one evaluator, with their own times as the clock.

mod branches;
mod charged;
mod clauses;
mod compare;
mod coverage;
mod hours;
mod measured;
mod mutate;
mod owed;
mod parse;
mod posted;
mod refer;
mod run;
mod sample;
mod script;
mod turns;
mod vacuous;
mod visible;
mod witness;

#[cfg(test)]
mod tests;

pub use branches::{Branch, Rows, Way};
pub use clauses::{ClauseState, clauses};
pub use coverage::{Coverage, Covered, Report, Verdict, coverage, report, untested};
pub use hours::Hour;
pub use mutate::{Tried, mutate};
pub use parse::parse;
pub use run::{left, run};
pub use script::ScriptTest;
pub use turns::NextInTurn;
pub use witness::witness;

use crate::engine::intake::Incoming;
use crate::policy::finding::Text;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// The timelines of a file.
#[derive(Clone, Debug)]
pub struct Suite {
    /// The file.
    pub name: Arc<str>,
    /// Its timelines, in order.
    pub timelines: Vec<Timeline>,
    /// Its tests of script functions, in order.
    pub scripts: Vec<ScriptTest>,
}

/// Events, and what must come of them.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// The line of its header, counted from 1.
    pub line: u32,
    /// What it shows.
    pub title: String,
    /// The clauses that it shows to be kept.
    pub clauses: Vec<String>,
    /// The cases that are drawn the moment they come to be, where only a share is owed; all others are not.
    pub drawn: Vec<String>,
    /// From when on effects count: what happens is history that was taken in bulk.
    pub effects_from: Option<Written>,
    /// What happens, in the order of the file.
    pub events: Vec<Happens>,
    /// What must be so, in the order of the file.
    pub expects: Vec<Expect>,
}

/// An event of a timeline.
#[derive(Clone, Debug)]
pub struct Happens {
    /// The line of its header.
    pub line: u32,
    /// The event as it would come in.
    pub event: Incoming,
    /// When it is recorded, as written; none: when it occurs.
    pub recorded_at: Option<Written>,
    /// The code with which it must be refused.
    pub refused: Option<String>,
    /// All guidance that comes with its answer, in any order.
    pub hints: Option<Vec<String>>,
    /// The number that its form gets.
    pub number: Option<String>,
    /// The titles of all needs of gates that are not met then, in any order.
    pub unmet: Option<Vec<String>>,
}

/// What must be so at an instant.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// The line of its header.
    #[serde(skip)]
    pub line: u32,
    /// The instant asked about.
    pub at: Written,
    /// What was recorded by then is known; none: by the instant asked about.
    pub known_at: Option<Written>,
    /// Obligations.
    pub obligations: Option<Vec<At<Owed>>>,
    /// Whether the cases named in `obligations` have no others beside those listed.
    #[serde(default)]
    pub only: bool,
    /// Figures of rates.
    pub rates: Option<Vec<At<Figure>>>,
    /// Figures of metrics.
    pub metrics: Option<Vec<At<Measured>>>,
    /// Entries of the ledger of penalties. An empty list: none.
    pub penalties: Option<Vec<At<Charged>>>,
    /// Who was told by then, and has not been told otherwise since. An empty list: nobody.
    pub effects: Option<Vec<At<Told>>>,
    /// All cases that the engine has opened by itself by then.
    pub spawned: Option<Vec<At<Opened>>>,
    /// Who is next in turn.
    pub turns: Option<Vec<At<NextInTurn>>>,
    /// How it stands with named hours.
    pub hours: Option<Vec<At<Hour>>>,
    /// Draws of samples.
    pub samples: Option<Vec<At<SampleFigure>>>,
    /// What is due first, over all cases. An empty list: nothing is.
    pub next: Option<Vec<At<Next>>>,
    /// Lists that are written for a period.
    pub notices: Option<Vec<At<Posted>>>,
    /// Who may see which case.
    pub visible: Option<Vec<At<Visible>>>,
}

/// An obligation that must be there, or, with `none`, must not. What is not written is not looked at.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owed {
    /// The case.
    pub case: String,
    /// The rule.
    pub rule: String,
    /// The course of the case.
    pub cycle: Option<u16>,
    /// What it is then.
    pub standing: Option<String>,
    /// The last local date; `none` while it stands still.
    pub due_on: Option<Written>,
    /// The last instant, or the midnight that ends the last date.
    pub due_at: Option<Written>,
    /// The first local date.
    pub opens_on: Option<Written>,
    /// The first instant.
    pub opens_at: Option<Written>,
    /// All roles that owe it, in any order.
    pub roles: Option<Vec<String>>,
    /// All persons that owe it, in any order.
    pub persons: Option<Vec<String>>,
    /// The event that fulfilled it; `none`.
    pub fulfilled_by: Option<String>,
    /// The highest level of escalation that was told.
    pub level: Option<u8>,
    /// All flags, in any order.
    pub flags: Option<Vec<String>>,
    /// All that the last attempt left out, in any order.
    pub missing: Option<Vec<String>>,
    /// What waives it, or excuses that it was missed: what is written of it must agree.
    pub waived: Option<Waived>,
    /// `standing`, `excused`, `retracted`, `none`.
    pub breach: Option<String>,
    /// When that was; `none`.
    pub breach_at: Option<Written>,
    /// The event that excused or retracted it; `none`.
    pub breach_by: Option<String>,
    /// The last local date before it was extended; `none`.
    pub original_due_on: Option<Written>,
    /// The last local date if the pause ended now; `none`.
    pub projected_due_on: Option<Written>,
    /// All attempts before it opened, in any order.
    pub early_attempts: Option<Vec<String>>,
    /// All nominal dates that it stands for, in any order, where they are not its due date alone.
    pub nominal_on: Option<Vec<String>>,
    /// The next moment in the hours in which it is best done; `none`.
    pub preferred_at: Option<Written>,
    /// All channels that may be used, in any order.
    pub channels: Option<Vec<String>>,
    /// How often it must be performed.
    pub count_required: Option<u32>,
    /// How often it was.
    pub count_done: Option<u64>,
    /// From which date on the edition is in force under which it is owed.
    pub edition: Option<Written>,
    /// The steps of its checklists, in order.
    pub checklist: Option<Vec<String>>,
    /// All guidance that is shown with it, in any order.
    pub guidance: Option<Vec<String>>,
    /// The text of its notice.
    pub notice: Option<String>,
    /// All that its notice lacks, in any order; empty: nothing, so that it can be written.
    pub notice_missing: Option<Vec<String>>,
    /// Whether there must be none like this.
    #[serde(default)]
    pub none: bool,
}

/// What waives an obligation.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waived {
    /// The exception.
    pub exception: Option<String>,
    /// The event.
    pub event: Option<String>,
    /// Who allowed it.
    pub by: Option<String>,
    /// Why.
    pub why: Option<String>,
    /// The last local date, included.
    pub until: Option<Written>,
    /// The standing that it would have otherwise.
    pub would_be: Option<String>,
}

/// A rate's figures for a period.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// The rate.
    pub rate: String,
    /// The period's name, such as `2026-03`.
    pub period: Written,
    /// All members.
    pub population: Option<u64>,
    /// Done, late or not.
    pub done: Option<u64>,
    /// Done in time.
    pub on_time: Option<u64>,
    /// How many must be done.
    pub required: Option<u64>,
    /// Waived, counted in neither figure.
    pub waived: Option<u64>,
    /// How many are owed or done, where only drawn ones are.
    pub drawn: Option<u64>,
    /// Done, late or not, in percent of the members with two decimals: `97.44`; `none`.
    pub coverage_pct: Option<String>,
    /// Done in time, likewise.
    pub timeliness_pct: Option<String>,
    /// `accruing`, `maturing`, `final`.
    pub status: Option<String>,
    /// The verdict: true, false, `none`.
    pub met: Option<Reached>,
    /// The target: `100%`, `none`.
    pub target: Option<String>,
}

/// A metric's figure for a period.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// The metric.
    pub metric: String,
    /// The period's name, such as `2026-03`.
    pub period: Written,
    /// What it is told apart by; none: whatever `of` is one of.
    pub by: Option<String>,
    /// Which of those that it is told apart by; none: over everything.
    pub of: Option<String>,
    /// The figure: a number, a share such as `80%` or `6/7`, `none`.
    pub value: Option<Number>,
    /// Over how many.
    pub population: Option<u64>,
    /// Whether it is listed for improvement.
    pub below: Option<bool>,
    /// What is lacking for a figure, in any order.
    pub missing: Option<Vec<String>>,
}

/// An entry of the ledger of penalties. What is not written is not looked at.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Charged {
    /// The penalty.
    pub penalty: String,
    /// The case.
    pub case: String,
    /// The role that is charged.
    pub role: Option<String>,
    /// The person that is charged.
    pub person: Option<String>,
    /// How much; `none`: nothing, or not decided yet.
    pub amount_fen: Option<Number>,
    /// `standing`, `reversed`, `proposed`.
    pub status: Option<String>,
}

/// A sample's draw.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleFigure {
    /// The sample.
    pub sample: String,
    /// The period's name, such as `2026-Q1`, where cases are drawn.
    pub period: Option<Written>,
    /// The case, where its members are drawn.
    pub case: Option<String>,
    /// How many there are to draw from.
    pub population: Option<u64>,
    /// How many were drawn; 0 while none was.
    pub drawn: Option<u64>,
    /// How many of those are done.
    pub done: Option<u64>,
    /// How many were drawn of each stratum.
    pub spread: Option<BTreeMap<String, u64>>,
    /// All cases that came to be known too late for the draw, in any order.
    pub not_in_frame: Option<Vec<String>>,
}

/// That a role was told.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// The case.
    pub case: String,
    /// The rule: a duty that was not met, or a threshold that was reached.
    pub rule: String,
    /// The level of escalation; thresholds have none.
    pub level: Option<u8>,
    /// The role.
    pub to: Option<String>,
    /// Who that is; `none`.
    pub person: Option<String>,
    /// The role above that this is, because nobody holds the role itself; `none`.
    pub stands_in: Option<String>,
    /// When: for an escalation the time that its rule names, whenever it came to be known.
    pub at: Option<Written>,
    /// When the message went out: later than `at` where it waits for open time, or came to be known late.
    pub told_at: Option<Written>,
}

/// A case that a threshold opened.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opened {
    /// The threshold.
    pub threshold: String,
    /// The case that led to it.
    pub from: String,
    /// The type of the event that opened it.
    pub event: String,
}

/// Something due.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Next {
    /// The case.
    pub case: String,
    /// The rule.
    pub rule: String,
    /// The last local date.
    pub due_on: Option<Written>,
}

/// A list that is written for a period.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Posted {
    /// The notice.
    pub notice: String,
    /// The period's name, such as `2026-03`.
    pub period: Written,
    /// What its text has in it.
    pub contains: Option<Vec<String>>,
    /// What its text does not have in it.
    pub lacks: Option<Vec<String>>,
    /// How many rows it has.
    pub rows: Option<usize>,
    /// All that is missing, in any order; empty: nothing.
    pub missing: Option<Vec<String>>,
}

/// Whether somebody may see a case.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Visible {
    /// The case.
    pub case: String,
    /// Who asks; none: nobody in particular.
    pub person: Option<String>,
    /// Whether it is there for them.
    pub visible: Option<bool>,
    /// Whether each showing of it is recorded.
    pub audited: Option<bool>,
}

/// Something, and the line where it is written.
#[derive(Clone, Debug)]
pub struct At<T> {
    /// The line, counted from 1.
    pub line: u32,
    /// The thing.
    pub what: T,
}

/// A date or a time as written: a text, or TOML's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written(pub String);

/// A number as written: TOML's own, or a text such as `80%`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Number(pub String);

/// A verdict that must be there, or must not be there yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached(pub Option<bool>);

/// What is wrong with a timeline, or did not come out as it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The line, counted from 1.
    pub line: u32,
    /// In words.
    pub message: Text,
}

impl Failure {
    fn new(line: u32, zh: impl Into<String>, en: impl Into<String>) -> Failure {
        Failure {
            line,
            message: Text::new(zh, en),
        }
    }
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
