//! Samples: some of many, drawn so that an auditor can repeat the draw.

use super::{Condition, Duty, Head, Id, Period};
use crate::domain::fraction::Fraction;
use std::sync::Arc;

/// A sample: who is drawn from, when, and how many.
#[derive(Debug)]
pub struct Sample {
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
    /// The events that put a case into the frame of their period, or after which the members of their case are drawn.
    pub on: Vec<Id>,
    /// In which case.
    pub when: Condition,
    /// What is drawn from.
    pub frame: Frame,
    /// How many: the first whose condition holds; the last has none.
    pub size: Vec<(Condition, Size)>,
    /// By what the draw is spread evenly.
    pub strata: Option<Strata>,
}

/// What a sample is drawn from.
#[derive(Debug)]
pub enum Frame {
    /// The cases of a period, at its end.
    Cases {
        /// The period.
        per: Period,
        /// What is owed on each case that is drawn, counted from the period's end.
        duty: Arc<Duty>,
    },
    /// The members in a list of one case.
    Members {
        /// The field with the list.
        field: Id,
    },
}

/// How many are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// This share of the frame, rounded up.
    Share(Fraction),
    /// This many, or all if there are not so many.
    Number(u32),
}

/// What tells the strata of a frame apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Strata {
    /// A field of the case.
    Field(Id),
    /// The part of a member's name before the first of these texts; the whole name where there is none.
    Before(Id),
}

impl Size {
    /// How many of a frame of so many.
    pub fn of(&self, population: u64) -> u64 {
        match self {
            Size::Share(share) => share.required(population).min(population),
            Size::Number(number) => u64::from(*number).min(population),
        }
    }
}

impl Sample {
    /// How many are drawn, by the data of the case; for cases of a period there is one answer.
    pub fn size_for<'a>(&self, get: impl Fn(&str) -> Option<&'a crate::domain::value::Value> + Copy) -> Option<Size> {
        let found = self.size.iter().find(|(when, _)| when.holds(get));
        found.map(|(_, size)| *size)
    }

    /// What is owed on each case that is drawn.
    pub fn duty(&self) -> Option<&Arc<Duty>> {
        match &self.frame {
            Frame::Cases { duty, .. } => Some(duty),
            Frame::Members { .. } => None,
        }
    }
}
