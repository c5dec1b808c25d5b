//! How far a long work is: a bar on a terminal, a plain line every few seconds elsewhere; nothing in the first second.

use crate::clock::Clock;
use crate::domain::zone::Instant;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, Write};
use std::sync::Mutex;

/// From when on something is shown, in milliseconds.
const FROM_MS: i64 = 1_000;

/// How often a plain line is written, in milliseconds.
const EVERY_MS: i64 = 5_000;

/// How far a work is.
pub struct Progress {
    label: String,
    began: Instant,
    bar: Option<ProgressBar>,
    told: Mutex<Instant>,
}

impl Progress {
    /// A work that begins now.
    pub fn new(label: &str) -> Progress {
        let began = Clock::System.now();
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
            let style = ProgressStyle::with_template("{msg} {wide_bar} {human_pos}/{human_len} {eta}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.set_message(label.to_owned());
            bar
        });
        Progress {
            label: label.to_owned(),
            began,
            bar,
            told: Mutex::new(began),
        }
    }

    /// Tells how many of how many are done. May be called from several threads.
    pub fn tell(&self, done: u64, all: u64) {
        let now = Clock::System.now();
        if now.signed_duration_since(self.began).num_milliseconds() < FROM_MS {
            return;
        }
        if let Some(bar) = &self.bar {
            if bar.is_hidden() {
                bar.set_draw_target(ProgressDrawTarget::stderr());
            }
            bar.set_length(all);
            bar.set_position(done);
            return;
        }
        let Ok(mut told) = self.told.try_lock() else { return };
        if now.signed_duration_since(*told).num_milliseconds() >= EVERY_MS {
            *told = now;
            let _ = writeln!(std::io::stderr(), "{} {done}/{all}", self.label);
        }
    }

    /// Takes the bar away.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
