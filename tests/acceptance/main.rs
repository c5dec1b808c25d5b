//! What the administrator's bench promises, one promise in each file, measured.
//!
//! By default each runs in a small form that takes seconds; with `GUICHENG_FULL=1` in the form that the promise is given
//! for, best with `--release`. Each prints its figures: run with `--nocapture` to read them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test that cannot go on must fail, and figures are printed"
)]

mod analysis;
#[allow(dead_code, reason = "each program of tests uses a part of it")]
#[path = "../it/bench.rs"]
mod bench;
mod cases;
mod checking;
mod citation;
mod coverage;
mod explanation;
mod findings;
mod format;
mod hangup;
mod horizon;
mod office;
mod one_evaluator;
mod overrides;
mod recount;
mod reload;
mod rendering;
mod schema;
mod simulation;
mod tests;
mod time;
mod valid;
mod whynot;

use std::env;

/// How much is run: the first figure by default, the second with `GUICHENG_FULL=1`.
fn size(small: usize, full: usize) -> usize {
    if env::var_os("GUICHENG_FULL").is_some_and(|v| v == "1") {
        full
    } else {
        small
    }
}
