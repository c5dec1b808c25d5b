//! What a script uses up. rhai counts the operations of each callback from nought; this counter goes on.
//!
//! The number of operations decides whether a script is stopped, so that the same data lead to the same answer on any
//! machine. The time is a backstop, many times what a script within that number takes.

use super::sandbox::{BACKSTOP, MAX_OPERATIONS};
use std::cell::Cell;
use std::time::Instant;

/// The time is looked at once in so many operations.
const LOOK: u64 = 64;

thread_local! {
    static DONE: Cell<u64> = const { Cell::new(0) };
    static STARTED: Cell<Option<Instant>> = const { Cell::new(None) };
    static STOPPED: Cell<Option<&'static str>> = const { Cell::new(None) };
}

#[expect(
    clippy::disallowed_methods,
    reason = "a backstop against scripts that the count of operations does not hold; it decides nothing else"
)]
fn now() -> Instant {
    Instant::now()
}

/// Begins to count.
pub(super) fn start() {
    DONE.set(0);
    STARTED.set(Some(now()));
    STOPPED.set(None);
}

/// Counts an operation; whether the script may go on.
pub(super) fn goes_on() -> bool {
    if STOPPED.get().is_some() {
        return false;
    }
    let done = DONE.get().saturating_add(1);
    DONE.set(done);
    if done > MAX_OPERATIONS {
        STOPPED.set(Some("it does too much: more operations than one call may"));
    } else if done.is_multiple_of(LOOK) && STARTED.get().is_some_and(|at| now().duration_since(at) > BACKSTOP) {
        STOPPED.set(Some("it takes too long"));
    }
    STOPPED.get().is_none()
}

/// Why the script was stopped, if it was. What it says after that is not to be used: a comparator's error, for one, is
/// lost in `sort`.
pub(super) fn stopped() -> Option<&'static str> {
    STARTED.set(None);
    STOPPED.get()
}
