//! A company's record at hand: a data folder, or a file of events that is taken into a folder for the moment.

use crate::cli::Context;
use crate::cli::check::chosen;
use crate::clock::Clock;
use crate::engine::intake::Incoming;
use crate::service::ask::{Asked, Question};
use crate::service::writer::{Batch, PostError, Request, Writer};
use crate::service::{Live, Shared, load};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where the record is.
#[derive(Debug, Default)]
pub struct Place {
    /// The company; none: the only one.
    pub company: Option<String>,
    /// The data folder.
    pub data: Option<PathBuf>,
    /// A file of events instead of it.
    pub events: Option<PathBuf>,
}

/// A company's record, opened.
pub struct AtHand {
    writer: Writer,
    shared: Arc<Shared>,
    live: Arc<Live>,
    scratch: Option<PathBuf>,
}

impl AtHand {
    /// Opens a data folder, or takes a file of events into a new one. Fails where there is neither, where several
    /// companies could be meant, and where an event is refused.
    pub fn open(ctx: &mut Context<'_>, place: &Place) -> Result<AtHand, Box<dyn Error>> {
        let named: Vec<String> = place.company.iter().cloned().collect();
        let folders = chosen(ctx, &named).ok_or("no company to look in")?;
        let only = folders.first().map(|f| f.id.clone()).filter(|_| folders.len() == 1);
        let company = place.company.clone().or(only);
        let company = company.ok_or("there are several companies; say which with --company")?;
        let (data, scratch) = match (&place.events, &place.data) {
            (Some(_), _) => {
                let scratch = std::env::temp_dir().join(format!("guicheng-at-hand-{}", std::process::id()));
                (scratch.clone(), Some(scratch))
            }
            (None, data) => {
                let data = data.clone().unwrap_or_else(|| PathBuf::from("guicheng-data"));
                there_is_data(&data)?;
                (data, None)
            }
        };
        // A data folder is left as it is: what lies in the policy folder is not taken up for a question.
        let taken_up = if place.events.is_some() {
            folders.as_slice()
        } else {
            &[]
        };
        let (writer, shared, _) = load::open(&data, Clock::System, taken_up)?;
        let live = shared.live(&company)?;
        let mut at_hand = AtHand {
            writer,
            shared,
            live,
            scratch,
        };
        if let Some(path) = &place.events {
            at_hand.take(path)?;
        }
        Ok(at_hand)
    }

    fn take(&mut self, path: &Path) -> Result<(), Box<dyn Error>> {
        let mut events = Vec::new();
        let text = std::fs::read_to_string(path)?;
        for (ix, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
            let event: Incoming = serde_json::from_str(line).map_err(|e| format!("line {}: {e}", ix + 1))?;
            events.push((ix + 1, event));
        }
        let (sender, receiver) = std::sync::mpsc::channel();
        self.writer.take(vec![Request::Many {
            company: self.live.clone(),
            events,
            unread: Vec::new(),
            how: Batch::default(),
            reply: Box::new(move |answer| drop(sender.send(answer))),
        }]);
        receiver.recv()?.map_err(|e| match e {
            PostError::Batch(answer) => {
                let lines = answer.refused.iter().map(|r| format!("line {}: {}", r.line, r.detail));
                lines.collect::<Vec<_>>().join("; ")
            }
            other => other.to_string(),
        })?;
        Ok(())
    }

    /// Puts a question, and has what was shown recorded before the answer is handed back. `what` names the question.
    pub fn put<T>(
        &mut self,
        what: &'static str,
        (as_of, viewer): (Option<&str>, Option<&str>),
        ask: impl FnOnce(&Question<'_>) -> Result<T, Box<dyn Error>>,
    ) -> Result<T, Box<dyn Error>> {
        let zone = self.live.company().zone;
        let as_of = as_of.map(|text| zone.parse_instant(text)).transpose()?;
        let question = Question::new(
            &self.shared,
            &self.live,
            Asked {
                as_of,
                known_at: None,
                viewer,
            },
        );
        let answer = ask(&question)?;
        let rows = question.into_reads().shown("", what, self.shared.clock.now());
        if !rows.is_empty() {
            let (sender, receiver) = std::sync::mpsc::channel();
            self.writer.take(vec![Request::Reads {
                company: self.live.no,
                reads: rows,
                reply: Box::new(move |kept| drop(sender.send(kept))),
            }]);
            receiver.recv()??;
        }
        Ok(answer)
    }
}

impl Drop for AtHand {
    fn drop(&mut self) {
        if let Some(scratch) = &self.scratch {
            // What is left behind is in the system's temporary folder.
            let _ = std::fs::remove_dir_all(scratch);
        }
    }
}

/// A folder without a record would be made, and then be empty.
pub fn there_is_data(data: &Path) -> Result<(), String> {
    match data.join("guicheng.db").is_file() {
        true => Ok(()),
        false => Err(format!(
            "there is no data in `{}`; name the folder with --data, or events with --events",
            data.display()
        )),
    }
}
