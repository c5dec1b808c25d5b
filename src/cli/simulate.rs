//! `guicheng simulate`.

use crate::cli::check::chosen;
use crate::cli::progress::Progress;
use crate::cli::{Context, DIFFERENT, FAILED, GOOD, POLICY_INVALID, show};
use crate::engine::simulate::{Comparison, Row, TrialError, text};
use crate::files;
use crate::service::simulate::{Asked as Trial, SimulateError, of_data, of_events};
use chrono::NaiveDate;
use serde_json::json;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

/// What is to be tried on what.
pub struct Asked {
    /// The folder with the draft's files.
    pub draft: PathBuf,
    /// The first local date on which the draft is in force.
    pub from: NaiveDate,
    /// The last local date that is looked at, included.
    pub to: NaiveDate,
    /// The company.
    pub company: Option<String>,
    /// The data folder.
    pub data: Option<PathBuf>,
    /// A file of events instead of it.
    pub events: Option<PathBuf>,
    /// Where every difference is written, one a line.
    pub cases: Option<PathBuf>,
}

/// Tries a draft on the past; prints what would have been different.
pub fn run(ctx: &mut Context<'_>, asked: &Asked) -> u8 {
    match tried(ctx, asked) {
        Ok(Some(comparison)) => {
            if ctx.json {
                let differs = comparison.differs();
                let mut shown = json!(comparison);
                if let Some(fields) = shown.as_object_mut() {
                    fields.insert("differs".to_owned(), differs.into());
                }
                ctx.line(&shown.to_string());
            } else {
                let shown = text(&comparison, ctx.lang);
                ctx.line(shown.trim_end());
            }
            if comparison.differs() { DIFFERENT } else { GOOD }
        }
        Ok(None) => FAILED,
        Err(error) => match error.downcast::<SimulateError>() {
            Ok(error) => match *error {
                SimulateError::Findings { folder, findings } => {
                    if ctx.json {
                        let list: Vec<_> = findings.iter().map(|f| f.json()).collect();
                        ctx.line(&json!({ "findings": list }).to_string());
                    } else {
                        show::findings(ctx, &[*folder], &findings);
                        let line = ctx.say("草案有错，没有试行", "the draft has errors and was not tried");
                        let line = line.to_owned();
                        ctx.complain(&line);
                    }
                    POLICY_INVALID
                }
                SimulateError::Trial(TrialError::Zone(why)) => {
                    ctx.complain(why.in_lang(ctx.lang));
                    POLICY_INVALID
                }
                error => ctx.fail(&error),
            },
            Err(error) => ctx.fail(error.as_ref()),
        },
    }
}

fn tried(ctx: &mut Context<'_>, asked: &Asked) -> Result<Option<Comparison>, Box<dyn std::error::Error>> {
    let trial = Trial {
        draft: files::read_draft(&asked.draft)?,
        from: asked.from,
        to: asked.to,
    };
    let mut cases = match &asked.cases {
        Some(path) => Some(BufWriter::new(File::create(path)?)),
        None => None,
    };
    let mut failed: Option<std::io::Error> = None;
    let mut each = |row: &Row| {
        if let (Some(file), None) = (&mut cases, &failed) {
            let written = serde_json::to_writer(&mut *file, row).map_err(std::io::Error::from);
            failed = written.and_then(|()| file.write_all(b"\n")).err();
        }
    };
    let progress = Progress::new(ctx.say("折叠事件", "events folded"));
    let told = |done: u64, all: u64| progress.tell(done, all);
    let comparison = match &asked.events {
        Some(path) => {
            let named: Vec<String> = asked.company.iter().cloned().collect();
            let Some(folders) = chosen(ctx, &named) else {
                return Ok(None);
            };
            let [folder] = folders.as_slice() else {
                return Err("there are several companies; say which with --company".into());
            };
            let ndjson = std::fs::read_to_string(path)?;
            of_events(folder, &ndjson, &trial, &told, &mut each)?
        }
        None => {
            let data = asked.data.clone().unwrap_or_else(|| PathBuf::from("guicheng-data"));
            if !data.join("guicheng.db").is_file() {
                let text = "name the folder with --data, or events with --events";
                return Err(format!("there is no data in `{}`; {text}", data.display()).into());
            }
            of_data(&data, asked.company.as_deref(), &trial, &told, &mut each)?
        }
    };
    progress.end();
    if let Some(error) = failed {
        return Err(error.into());
    }
    if let Some(mut file) = cases {
        file.flush()?;
    }
    Ok(Some(comparison))
}
