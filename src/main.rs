//! The command `guicheng`.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(guicheng::cli::run())
}
