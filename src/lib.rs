//! guicheng (规程) runs written operating procedures: it takes the events of cases and says what is due next,
//! for whom, by when and because of which clause, and proves later what was done.
//!
//! Floors, lowest first; a module names only lower ones (`tests/it/floors.rs` holds it):
//! `domain` < `script` < `policy` < `engine` < `store`, `files`, `clock` < `service` < `http`, `cli`.

pub mod cli;
pub mod clock;
pub mod domain;
pub mod engine;
pub mod files;
pub mod http;
pub mod policy;
pub mod script;
pub mod service;
pub mod store;
