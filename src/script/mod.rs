//! The companies' own functions, in rhai: pure, from declared data to a value, and kept in a sandbox.
//!
//! The limits that rhai itself offers do not contain a hostile script; what is done here beside them, and the attacks
//! that it was measured against, stand in [`sandbox`] and in `attacks.rs`. Nothing else of the crate names rhai.

mod check;
mod convert;
mod facts;
mod meter;
mod reference;
pub mod room;
pub mod sandbox;
mod scripts;

pub use check::{Problem, What};
pub use facts::Facts;
pub use reference::{names, reference};
pub use room::with_room;
pub use scripts::{Fault, Function, Scripts, Text};

#[cfg(test)]
mod attacks;
#[cfg(test)]
mod tests;
