//! The command `guicheng`.

fn main() {}
