//! The only reading of real time.

use crate::domain::zone::Instant;
use chrono::{DateTime, Utc};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Where the time of day comes from.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine.
    System,
    /// It stands still, for tests.
    Fixed(Instant),
    /// Somebody sets it, in milliseconds since 1970: examples that are loaded day by day, and tests.
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// The present instant, to the millisecond.
    pub fn now(&self) -> Instant {
        match self {
            Clock::Fixed(at) => *at,
            Clock::System => system(),
            Clock::Set(ms) => from_ms(ms.load(Ordering::SeqCst)),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the time of day")]
fn system() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let ms = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
    from_ms(ms)
}

fn from_ms(ms: i64) -> Instant {
    DateTime::<Utc>::from_timestamp_millis(ms).unwrap_or(DateTime::<Utc>::MIN_UTC)
}
