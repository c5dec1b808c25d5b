//! The command `guicheng`.

use std::process::ExitCode;

/// Events are many small texts, made by one thread and given back by others: this allocator is made for that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    ExitCode::from(guicheng::cli::run())
}
