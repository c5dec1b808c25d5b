//! Rates: what share of those that asked for it was reached.

use crate::domain::fraction::{Fraction, percent_text};
use crate::domain::obligation::Standing;
use crate::domain::zone::{Instant, Zone};
use crate::engine::case::Case;
use crate::engine::obligation::{Ending, Obligation};
use crate::engine::open::period_of;
use crate::policy::model::{Id, Period, Rate, Target};
use chrono::NaiveDate;
use serde::Serialize;

/// A target that somebody decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The rate.
    pub rate: Id,
    /// The case that the decision was reported on.
    pub case: Id,
    /// From which local date on: for periods that end on it or later.
    pub from: NaiveDate,
    /// The share.
    pub target: Fraction,
    /// Who decided.
    pub by: Option<Id>,
    /// Why.
    pub reason: Id,
    /// The event.
    pub event: Id,
    /// When it was decided.
    pub at: Instant,
}

/// Counts over a rate's members.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// All members: those waived or cancelled are none.
    pub population: u64,
    /// Done, late or not.
    pub done: u64,
    /// Done in time.
    pub on_time: u64,
    /// Waived: shown beside, counted in neither figure.
    pub waived: u64,
    /// Of these, how many would be late.
    pub waived_late: u64,
    /// Of these, how many may still be done in time, and count then.
    pub undecided: u64,
    /// Not done and still in time.
    pub in_time: u64,
    /// Not done and late.
    pub overdue: u64,
    /// Drawn, where only a share is owed.
    pub drawn: u64,
}

/// A rate's figures for one period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// The first local date of the period.
    pub first_on: NaiveDate,
    /// The last one, included.
    pub last_on: NaiveDate,
    /// The counts.
    pub tally: Tally,
    /// What must be reached; none while nobody has decided it.
    pub target: Option<Fraction>,
    /// How many that are.
    pub required: Option<u64>,
    /// How far the period is.
    pub status: Status,
    /// The verdict; none while there is no member, no target, or it is still open.
    pub met: Option<bool>,
    /// Whether it is met, but below the line of warning.
    pub warning: bool,
}

/// How far a rate's period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It runs.
    Accruing,
    /// It is over, and some members are still in time.
    Maturing,
    /// It is over, and no member can be in time any more.
    Final,
}

impl Status {
    /// The word for it in files and answers.
    pub fn word(self) -> &'static str {
        match self {
            Status::Accruing => "accruing",
            Status::Maturing => "maturing",
            Status::Final => "final",
        }
    }
}

impl Tally {
    /// Adds what another tally counted.
    pub fn add(&mut self, other: &Tally) {
        self.population += other.population;
        self.done += other.done;
        self.on_time += other.on_time;
        self.waived += other.waived;
        self.waived_late += other.waived_late;
        self.undecided += other.undecided;
        self.in_time += other.in_time;
        self.overdue += other.overdue;
        self.drawn += other.drawn;
    }

    /// Whether it counts anything at all.
    pub fn is_counted(&self) -> bool {
        self.population > 0 || self.waived > 0
    }

    /// The share done, late or not, in percent with two decimals; none without members.
    pub fn coverage_pct(&self) -> Option<String> {
        percent_text(self.done, self.population)
    }

    /// The share done in time, in percent with two decimals; none without members.
    pub fn timeliness_pct(&self) -> Option<String> {
        percent_text(self.on_time, self.population)
    }
}

/// What one obligation adds to the counts. One that asks for a count of its members adds all of them.
pub fn counted(obligation: &Obligation, as_of: Instant) -> Tally {
    let mut tally = Tally::default();
    let more = obligation.more.as_deref().filter(|m| m.required > 0);
    // What is asked for a fixed number of times has no members of its own: each time is one.
    let members = more.map_or(1, |m| match m.members {
        0 => u64::from(m.required),
        members => members,
    });
    let late = obligation.due.passed(as_of);
    if obligation.is_owed() {
        tally.drawn = members;
    }
    if let Some(end) = &obligation.end {
        match end.how {
            Ending::Cancelled => return Tally::default(),
            Ending::Fulfilled => {}
        }
    }
    // Whom it excuses that this is not done in time, it neither helps nor harms, whatever is done later.
    let excused = obligation.excusing().is_some() || !obligation.let_off().is_empty();
    let would_be = obligation.would_be(as_of, false);
    if excused && obligation.is_owed() && would_be != Standing::Fulfilled {
        let is_late = matches!(would_be, Standing::Overdue | Standing::FulfilledLate);
        return Tally {
            waived: members,
            waived_late: if is_late { members } else { 0 },
            undecided: if is_late { 0 } else { members },
            ..Tally::default()
        };
    }
    tally.population = members;
    match more {
        Some(more) => {
            tally.done = (more.distinct.len() as u64).min(members);
            tally.on_time = tally.done.saturating_sub(u64::from(more.distinct_late));
        }
        None => {
            tally.done = u64::from(obligation.end.is_some());
            let on_time = obligation.end.as_ref().is_some_and(|e| obligation.due.on_time(e.by.at));
            tally.on_time = u64::from(on_time);
        }
    }
    if obligation.end.is_none() {
        let open = members - tally.done;
        if late {
            tally.overdue = if obligation.is_owed() { open } else { 0 };
        } else {
            tally.in_time = open
        }
    }
    tally
}

/// What a case adds to a rate in the period from `first_on` to `last_on`, both included.
pub fn tally(case: &Case, of: &[Id], first_on: NaiveDate, last_on: NaiveDate, zone: Zone, as_of: Instant) -> Tally {
    let mut sum = Tally::default();
    each(case, of, (first_on, last_on), zone, as_of, &mut |_, tally| {
        sum.add(&tally)
    });
    sum
}

/// Hands every obligation of a case that a rate looks at in the period between two local dates, both included, to
/// `each`, with what it adds.
pub fn each(
    case: &Case,
    of: &[Id],
    (first_on, last_on): (NaiveDate, NaiveDate),
    zone: Zone,
    as_of: Instant,
    each: &mut dyn FnMut(&Obligation, Tally),
) {
    let asked = |o: &&Obligation| of.contains(&o.duty.id) && o.trigger.at <= as_of;
    for obligation in case.obligations.iter().filter(asked) {
        let on = zone.date(obligation.trigger.at);
        if first_on <= on && on <= last_on {
            each(obligation, counted(obligation, as_of));
        }
    }
}

/// The figures of a rate for the period in which a local date lies, from the counts over all cases.
pub fn figures(
    rate: &Rate,
    on: NaiveDate,
    tally: Tally,
    decisions: &[Decision],
    zone: Zone,
    as_of: Instant,
) -> Figures {
    let (first_on, last_on) = period_of(rate.per, on);
    let target = match &rate.target {
        Target::AtLeast(share) => Some(*share),
        Target::DecidedBy(_) => decisions
            .iter()
            .filter(|d| d.rate == rate.id && d.from <= last_on && d.at <= as_of)
            .max_by_key(|d| (d.from, d.at))
            .map(|d| d.target),
    };
    let required = target.map(|t| t.required(tally.population));
    let over = zone.end_of(last_on).is_ok_and(|end| as_of >= end);
    let status = match (over, tally.in_time + tally.undecided) {
        (false, _) => Status::Accruing,
        (true, 0) => Status::Final,
        (true, _) => Status::Maturing,
    };
    let reached = required.map(|r| tally.done >= r).filter(|_| tally.population > 0);
    let met = match status {
        Status::Final => reached,
        _ => reached.filter(|yes| *yes && status == Status::Maturing),
    };
    let warning = met == Some(true)
        && rate
            .warn_below
            .is_some_and(|line| tally.done < line.required(tally.population));
    Figures {
        first_on,
        last_on,
        tally,
        target,
        required,
        status,
        met,
        warning,
    }
}

/// The local date that a period's name stands for: `2026-03`, `2026-Q1`, `2026`, `2026-03-05`.
pub fn parse_period(per: Period, text: &str) -> Option<NaiveDate> {
    match per {
        Period::Day => text.parse().ok(),
        Period::Month => format!("{text}-01").parse().ok(),
        Period::Quarter => {
            let (year, quarter) = text.split_once("-Q")?;
            let quarter: u32 = quarter.parse().ok().filter(|q| (1..=4).contains(q))?;
            NaiveDate::from_ymd_opt(year.parse().ok()?, quarter * 3 - 2, 1)
        }
        Period::Year => NaiveDate::from_ymd_opt(text.parse().ok()?, 1, 1),
    }
}

/// A period's name, by a local date in it.
pub fn period_name(per: Period, on: NaiveDate) -> String {
    use chrono::Datelike;
    match per {
        Period::Day => on.to_string(),
        Period::Month => format!("{:04}-{:02}", on.year(), on.month()),
        Period::Quarter => format!("{:04}-Q{}", on.year(), (on.month() - 1) / 3 + 1),
        Period::Year => format!("{:04}", on.year()),
    }
}
