//! Those that a figure counts, each with what it adds to it: whoever has them all can count it again.

use crate::engine::obligation::{Ending, Key, Obligation};
use crate::engine::rate::Tally;
use crate::engine::seen::Seen;
use crate::engine::waiver::WaivedBy;
use crate::policy::model::Id;
use serde::Serialize;
use std::collections::BTreeMap;

/// One of those that a figure counts: an obligation, or what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The case.
    pub case: Id,
    /// The obligation; none where events are counted.
    pub key: Option<Key>,
    /// The events that it comes from: of an obligation the one that brought it into being, the one that fulfilled it
    /// and the one that waived it.
    pub events: Vec<Id>,
    /// What it adds.
    pub adds: Adds,
}

/// What a member adds to a figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Adds {
    /// The counts of an obligation.
    Tally {
        /// The counts.
        #[serde(flatten)]
        tally: Tally,
        /// Whether what was done was found wanting; none where that is not asked.
        #[serde(skip_serializing_if = "Option::is_none")]
        unqualified: Option<u64>,
        /// Whether its breach stands; none where that is not asked.
        #[serde(skip_serializing_if = "Option::is_none")]
        breaches: Option<u64>,
    },
    /// What counts, over how many; points that were spent are below zero.
    Share {
        /// What counts.
        counts: i64,
        /// Over how many.
        population: u64,
    },
    /// The ratings of an event, as it says them.
    Ratings {
        /// By the field of the weight.
        ratings: BTreeMap<String, String>,
        /// One.
        population: u64,
    },
}

impl Member {
    /// An obligation of a case, and what it adds.
    pub fn of(case: &str, obligation: &Obligation, tally: Tally) -> Member {
        let end = obligation.end.as_ref().filter(|end| end.how == Ending::Fulfilled);
        let waiving = obligation.waivers().iter().filter_map(|waiver| match &waiver.by {
            WaivedBy::Event { event, .. } => Some(event),
            WaivedBy::Exception(_) => None,
        });
        let mut events = vec![obligation.trigger.event.clone()];
        events.extend(end.map(|end| end.by.event.clone()));
        events.extend(waiving.filter(|_| tally.waived > 0).cloned());
        events.dedup();
        Member {
            case: case.into(),
            key: Some(obligation.key()),
            events,
            adds: Adds::Tally {
                tally,
                unqualified: None,
                breaches: None,
            },
        }
    }

    /// Takes up another answer of the same event; false: it is no such thing.
    pub fn join(&mut self, other: &Member) -> bool {
        let same = self.key.is_none() && self.case == other.case && self.events == other.events;
        match (&mut self.adds, &other.adds) {
            (
                Adds::Share { counts, population },
                Adds::Share {
                    counts: more,
                    population: over,
                },
            ) if same => {
                *counts = counts.saturating_add(*more);
                *population = population.saturating_add(*over);
                true
            }
            _ => false,
        }
    }

    /// What happened, and adds so much.
    pub fn happened<'s>(events: impl IntoIterator<Item = &'s Seen>, adds: Adds) -> Member {
        let mut events = events.into_iter().map(|seen| &seen.event).peekable();
        Member {
            case: events.peek().map(|e| e.case.clone()).unwrap_or_default(),
            key: None,
            events: events.map(|e| e.id.clone()).collect(),
            adds,
        }
    }
}

impl Adds {
    /// Whether it adds anything.
    pub fn is_anything(&self) -> bool {
        match self {
            Adds::Tally {
                tally,
                unqualified,
                breaches,
            } => tally.is_counted() || unqualified.unwrap_or(0) > 0 || breaches.unwrap_or(0) > 0,
            Adds::Share { .. } | Adds::Ratings { .. } => true,
        }
    }
}

/// The counts of these obligations together.
pub fn sum(members: &[Member]) -> Tally {
    let mut sum = Tally::default();
    for member in members {
        if let Adds::Tally { tally, .. } = &member.adds {
            sum.add(tally);
        }
    }
    sum
}
