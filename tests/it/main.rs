//! The whole of guicheng from outside: over HTTP in process, as the real program, and the floors of its source.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on must fail, and helpers are no test functions"
)]

mod bench;
mod floors;
mod http;
mod month;
mod process;
mod sentences;
