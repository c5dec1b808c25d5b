//! `guicheng explain`.

use crate::cli::check::chosen;
use crate::cli::{Context, FAILED, GOOD};
use crate::clock::Clock;
use crate::engine::explain;
use crate::engine::intake::Incoming;
use crate::policy;
use crate::service::ask::Question;
use crate::service::load;
use crate::service::writer::{Batch, Request};
use std::path::PathBuf;

/// What is to be explained.
pub struct Asked {
    /// A code of `check`, or an obligation's id.
    pub what: String,
    /// The obligation's company.
    pub company: Option<String>,
    /// The data folder.
    pub data: Option<PathBuf>,
    /// A file of events instead of it.
    pub events: Option<PathBuf>,
    /// As things stand at this instant.
    pub as_of: Option<String>,
    /// Who asks.
    pub viewer: Option<String>,
}

/// Explains a finding's code or an obligation.
pub fn run(ctx: &mut Context<'_>, asked: &Asked) -> u8 {
    if let Some(text) = policy::explain(&asked.what) {
        let text = text.in_lang(ctx.lang).to_owned();
        ctx.line(&format!("{}\n{text}", asked.what));
        return GOOD;
    }
    if !asked.what.contains('~') {
        let known: Vec<&str> = policy::CODES.iter().map(|c| c.code).collect();
        let near = known
            .iter()
            .min_by_key(|c| strsim::damerau_levenshtein(c, &asked.what))
            .copied()
            .unwrap_or("");
        let zh = format!(
            "`{}` 既不是检查的代码（是不是 `{near}`？），也不是义务的编号（案件~规则~次数）",
            asked.what
        );
        let en = format!(
            "`{}` is neither a code of `check` (did you mean `{near}`?) nor an obligation's id (case~rule~cycle)",
            asked.what
        );
        let line = ctx.say(&zh, &en).to_owned();
        ctx.complain(&line);
        return FAILED;
    }
    match obligation(ctx, asked) {
        Ok(()) => GOOD,
        Err(error) => ctx.fail(error.as_ref()),
    }
}

fn obligation(ctx: &mut Context<'_>, asked: &Asked) -> Result<(), Box<dyn std::error::Error>> {
    let named: Vec<String> = asked.company.iter().cloned().collect();
    let folders = chosen(ctx, &named).ok_or("no company to look in")?;
    let only = folders.first().map(|f| f.id.clone()).filter(|_| folders.len() == 1);
    let company = asked
        .company
        .clone()
        .or(only)
        .ok_or("there are several companies; say which with --company")?;
    let scratch = std::env::temp_dir().join(format!("guicheng-explain-{}", std::process::id()));
    let data = match (&asked.events, &asked.data) {
        (Some(_), _) => scratch.clone(),
        (None, Some(data)) => data.clone(),
        (None, None) => PathBuf::from("guicheng-data"),
    };
    if asked.events.is_none() && !data.join("guicheng.db").is_file() {
        return Err(format!(
            "there is no data in `{}`; name the folder with --data, or events with --events",
            data.display()
        )
        .into());
    }
    // A data folder is left as it is: what lies in the policy folder is not taken up for an explanation.
    let taken_up = if asked.events.is_some() {
        folders.as_slice()
    } else {
        &[]
    };
    let (mut writer, shared, _) = load::open(&data, Clock::System, taken_up)?;
    let live = shared.live(&company)?;
    if let Some(path) = &asked.events {
        let mut events = Vec::new();
        for (ix, line) in std::fs::read_to_string(path)?
            .lines()
            .enumerate()
            .filter(|(_, l)| !l.trim().is_empty())
        {
            let event: Incoming = serde_json::from_str(line).map_err(|e| format!("line {}: {e}", ix + 1))?;
            events.push((ix + 1, event));
        }
        let (sender, receiver) = std::sync::mpsc::channel();
        let reply = Box::new(move |answer| drop(sender.send(answer)));
        writer.take(vec![Request::Many {
            company: live.clone(),
            events,
            unread: Vec::new(),
            how: Batch::default(),
            reply,
        }]);
        receiver.recv()?.map_err(|e| match e {
            crate::service::writer::PostError::Batch(answer) => {
                let lines: Vec<String> = answer
                    .refused
                    .iter()
                    .map(|r| format!("line {}: {}", r.line, r.detail))
                    .collect();
                lines.join("; ")
            }
            other => other.to_string(),
        })?;
    }
    let zone = live.company().zone;
    let as_of = asked
        .as_of
        .as_deref()
        .map(|text| zone.parse_instant(text))
        .transpose()?;
    let put = crate::service::ask::Asked {
        as_of,
        known_at: None,
        viewer: asked.viewer.as_deref(),
    };
    let question = Question::new(&shared, &live, put);
    let (case_id, case, at) = question.obligation(&asked.what)?;
    let obligation = case.obligations.get(at).ok_or("the obligation is gone")?;
    let explanation = explain::explain(&question.history(), &case_id, &case, obligation, question.as_of());
    let shown = match ctx.json {
        true => serde_json::to_string_pretty(&explanation)?,
        false => explain::text(&explanation, ctx.lang),
    };
    let rows = question.into_reads().shown("", "explain", shared.clock.now());
    if !rows.is_empty() {
        let (sender, receiver) = std::sync::mpsc::channel();
        writer.take(vec![Request::Reads {
            company: live.no,
            reads: rows,
            reply: Box::new(move |kept| drop(sender.send(kept))),
        }]);
        receiver.recv()??;
    }
    ctx.line(&shown);
    drop((writer, shared));
    if asked.events.is_some() {
        std::fs::remove_dir_all(&scratch)?;
    }
    Ok(())
}
