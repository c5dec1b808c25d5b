//! Room for scripts: threads with a stack that no script within the limits can overflow.
//!
//! Whoever decides many events, the writer and the timelines, runs as a whole on such a thread; a single decision
//! elsewhere takes one for each call of a script.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::thread::JoinHandle;

/// How large the stack is. Frames of a debug build are several times larger.
pub const STACK: usize = if cfg!(debug_assertions) { 16 << 20 } else { 8 << 20 };

thread_local! {
    static ROOMY: Cell<bool> = const { Cell::new(false) };
}

/// Runs something where scripts have room: here, if this thread has it already. Without memory for another thread it
/// is run here too, but nothing below it takes this thread for roomy.
pub fn with_room<T: Send>(run: impl FnOnce() -> T + Send) -> T {
    if has_room() {
        return run();
    }
    let mut run = Some(run);
    let mut out = None;
    std::thread::scope(|scope| {
        let (run, out) = (&mut run, &mut out);
        let inside = move || {
            ROOMY.set(true);
            // What panics goes on panicking with whoever asked for it.
            *out = run.take().map(|run| catch_unwind(AssertUnwindSafe(run)));
        };
        let thread = std::thread::Builder::new().name("script".to_owned()).stack_size(STACK);
        if let Ok(handle) = thread.spawn_scoped(scope, inside) {
            let _ = handle.join();
        }
    });
    match (out, run) {
        (Some(Ok(out)), _) => out,
        (Some(Err(panic)), _) => resume_unwind(panic),
        (None, Some(run)) => run(),
        (None, None) => unreachable!("what was taken up has an outcome"),
    }
}

/// Begins a thread that has room from its start.
pub fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> std::io::Result<JoinHandle<()>> {
    let thread = std::thread::Builder::new().name(name.to_owned()).stack_size(STACK);
    thread.spawn(move || {
        ROOMY.set(true);
        run();
    })
}

/// Whether this thread has room.
pub fn has_room() -> bool {
    ROOMY.get()
}
