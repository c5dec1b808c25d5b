//! Values of the trade and their laws: no input or output, no clock, no policy.

pub mod calendar;
pub mod date;
pub mod deadline;
mod due;
pub mod event;
pub mod fraction;
pub mod hours;
pub mod obligation;
pub mod pause;
pub mod recurrence;
mod reminder;
mod running;
mod step;
pub mod term;
pub mod value;
mod window;
pub mod zone;
