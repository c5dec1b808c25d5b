//! What depends on the case: the first entry whose condition holds counts.

use super::{Condition, Id};
use crate::domain::fraction::Fraction;
use crate::domain::term::Term;
use crate::domain::value::Fields;

/// A term, and the cases in which it is the one.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseTerm {
    /// In which case.
    pub when: Condition,
    /// The term.
    pub term: Term,
}

/// The term of a case; without a condition that holds, there is none.
pub fn term_of(terms: &[CaseTerm], data: &Fields) -> Option<Term> {
    terms
        .iter()
        .find(|entry| entry.when.holds_for(data))
        .map(|entry| entry.term)
}

/// A share, and the cases in which it is the one.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseShare {
    /// In which case.
    pub when: Condition,
    /// The share.
    pub share: Fraction,
}

/// How many performances are asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Many {
    /// This many.
    Number(u32),
    /// A share of the members.
    Share {
        /// The first whose condition holds.
        shares: Vec<CaseShare>,
        /// The field with the members.
        of: Id,
    },
    /// Each of those drawn by a sample, and no other; how many that are, the draw says.
    Drawn {
        /// The sample.
        sample: Id,
        /// The field with the members that it draws from.
        of: Id,
    },
}

impl Many {
    /// How many there are in a case, and how many of them are asked for.
    pub fn required(&self, data: &Fields) -> (u64, u32) {
        match self {
            Many::Number(n) => (0, *n),
            Many::Drawn { .. } => (0, 0),
            Many::Share { shares, of } => {
                let members = data.get(of).map_or(0, |v| v.members());
                let share = shares.iter().find(|entry| entry.when.holds_for(data));
                let required = share.map_or(0, |entry| entry.share.required(members));
                (members, u32::try_from(required).unwrap_or(u32::MAX))
            }
        }
    }
}
