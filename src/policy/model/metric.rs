//! Figures that are only reported.

use super::{Condition, Head, Id, Period};
use crate::domain::fraction::Fraction;
use crate::domain::value::Value;
use std::sync::Arc;

/// A figure that is reported for a period.
#[derive(Debug)]
pub struct Metric {
    /// The rule's id.
    pub id: Id,
    /// Its name for people.
    pub title: Id,
    /// The clauses it carries out.
    pub clauses: Vec<Id>,
    /// The procedure.
    pub head: Arc<Head>,
    /// Its line in the file, counted from 1.
    pub line: u32,
    /// What the author decided where the document is silent.
    pub assume: Option<Id>,
    /// By what it is told apart, each for itself: `person`, `role`, `area`, `case`, `day`, or a field.
    pub by: Vec<Id>,
    /// Over what.
    pub per: Period,
    /// Which events count.
    pub when: Condition,
    /// What is measured.
    pub measure: Measure,
}

/// What a metric measures.
#[derive(Debug)]
pub enum Measure {
    /// How obligations under these rules were met.
    Duties(Vec<Id>),
    /// How many of these events there were.
    Count(Vec<Id>),
    /// Which share of answers is among those that count.
    Share(Share),
    /// The weighted mean of ratings.
    Score(Score),
    /// Points that events earn and spend, by case.
    Points {
        /// The events that earn, and how much.
        earn: Vec<(Id, Amount)>,
        /// The events that spend, and how much.
        spend: Vec<(Id, Amount)>,
    },
    /// Which share of what was opened has been closed.
    Handled {
        /// The events that open.
        opened: Vec<Id>,
        /// The events that close.
        closed: Vec<Id>,
        /// Below it, what it is told apart by is listed for improvement.
        line: Option<Fraction>,
    },
}

/// A share of answers.
#[derive(Debug)]
pub struct Share {
    /// The events with answers.
    pub of: Vec<Id>,
    /// The fields with the answers.
    pub fields: Vec<Id>,
    /// The answers that count.
    pub counts_as: Vec<Value>,
    /// Below it, a field or what it is told apart by is listed for improvement.
    pub line: Option<Fraction>,
}

/// A weighted mean.
#[derive(Debug)]
pub struct Score {
    /// The events with ratings.
    pub of: Vec<Id>,
    /// The fields with the ratings and their weights, which make up the whole.
    pub weights: Vec<(Id, Fraction)>,
}

/// How much an event moves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Amount {
    /// Always as much.
    Fixed(u32),
    /// What this field of the event says.
    Field(Id),
}

impl Metric {
    /// The rules whose obligations it is about; empty for all other measures.
    pub fn duties(&self) -> &[Id] {
        match &self.measure {
            Measure::Duties(of) => of,
            _ => &[],
        }
    }

    /// The events that it is about.
    pub fn events(&self) -> Vec<&Id> {
        match &self.measure {
            Measure::Duties(_) => Vec::new(),
            Measure::Count(on) => on.iter().collect(),
            Measure::Share(share) => share.of.iter().collect(),
            Measure::Score(score) => score.of.iter().collect(),
            Measure::Points { earn, spend } => earn.iter().chain(spend).map(|(event, _)| event).collect(),
            Measure::Handled { opened, closed, .. } => opened.iter().chain(closed).collect(),
        }
    }

    /// The kinds of case that its events happen to.
    pub fn is_about(&self, kind: &str) -> bool {
        let of = |event: &Id| event.split_once('.').is_some_and(|(k, _)| k == kind);
        self.events().into_iter().any(of)
    }

    /// Below what it is listed for improvement.
    pub fn line_of_improvement(&self) -> Option<Fraction> {
        match &self.measure {
            Measure::Share(share) => share.line,
            Measure::Handled { line, .. } => *line,
            _ => None,
        }
    }
}
