//! The events of a case that stand, each with what was known of the case right after it: what figures are made of.

use crate::domain::event::Event;
use crate::domain::value::{Fields, Value};
use crate::engine::case::{Case, Context, in_order};
use crate::policy::model::{Condition, Course};

/// An event that stands, and its case right after it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The event.
    pub event: Event,
    /// The case's data.
    pub data: Fields,
    /// What the event did to the case as a whole.
    pub course: Course,
}

impl Seen {
    /// What the event says, or else its case.
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.event.data.get(field).or_else(|| self.data.get(field))
    }

    /// Whether a condition holds then.
    pub fn meets(&self, condition: &Condition) -> bool {
        condition.holds(|field| self.get(field))
    }
}

/// The events of a case that stand, in the order in which they occurred.
pub fn seen(id: &str, events: &[Event], ctx: &Context<'_>) -> Vec<Seen> {
    let mut case = Case::default();
    let standing = in_order(events, ctx.history).into_iter();
    standing
        .map(|event| {
            case.step(id, &event, ctx);
            let course = ctx.history.event_type(&event).map(|t| t.course.clone());
            Seen {
                event,
                data: case.data.clone(),
                course: course.unwrap_or(Course::None),
            }
        })
        .collect()
}
