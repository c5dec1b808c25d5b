//! `guicheng reload`: the server of this machine is asked to take up what lies in the policy folder.

use crate::cli::{Context, FAILED, GOOD, POLICY_INVALID, TEST_FAILED, differences};
use crate::clock::Clock;
use crate::service::load;
use crate::service::reload::{self, Reloader};
use crate::service::status::By;
use serde_json::{Value, json};
use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

/// The largest answer that is read, in bytes.
const MAX_ANSWER: u64 = 256 * 1024 * 1024;

/// How long an answer is waited for: every timeline of every company is run first.
const PATIENCE: Duration = Duration::from_secs(600);

/// How a reload is asked for.
pub struct Asked {
    /// The server.
    pub url: String,
    /// These companies; empty: all.
    pub companies: Vec<String>,
    /// Only to say what would come of it.
    pub dry_run: bool,
    /// Whether the timelines are passed over.
    pub skip_tests: bool,
    /// A data folder that no server is using, instead of a server.
    pub data: Option<PathBuf>,
}

/// Asks, and prints what came of it.
pub fn run(ctx: &mut Context<'_>, asked: &Asked) -> u8 {
    let answered = match &asked.data {
        None => over_http(asked),
        Some(data) => offline(ctx, asked, data.clone()),
    };
    match answered {
        Ok(answer) => print(ctx, &answer),
        Err(error) => {
            if asked.data.is_none() {
                let zh = format!("问不到服务器 {}；它在运行吗？", asked.url);
                let en = format!("the server {} cannot be asked; is it running?", asked.url);
                let line = ctx.say(&zh, &en).to_owned();
                ctx.complain(&line);
            }
            ctx.fail(error.as_ref())
        }
    }
}

fn over_http(asked: &Asked) -> Result<Value, Box<dyn Error>> {
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        // The server is this machine's own.
        .proxy(None)
        .timeout_global(Some(PATIENCE))
        .build();
    let agent = ureq::Agent::new_with_config(config);
    let mut request = agent.post(format!("{}/v1/reload", asked.url.trim_end_matches('/')));
    if !asked.companies.is_empty() {
        request = request.query("company", asked.companies.join(","));
    }
    for (name, wanted) in [("dry_run", asked.dry_run), ("skip_tests", asked.skip_tests)] {
        if wanted {
            request = request.query(name, "true");
        }
    }
    let mut response = request.send_empty()?;
    let text = response.body_mut().with_config().limit(MAX_ANSWER).read_to_string()?;
    Ok(serde_json::from_str(&text)?)
}

/// What would come of it, on a data folder that no server is using.
fn offline(ctx: &Context<'_>, asked: &Asked, data: PathBuf) -> Result<Value, Box<dyn Error>> {
    if !asked.dry_run {
        return Err(
            "without a server there is only --dry-run; a server takes up what lies there when it starts".into(),
        );
    }
    if !data.join("guicheng.db").is_file() {
        return Err(format!("there is no data in `{}`", data.display()).into());
    }
    let (writer, shared, _) = load::open(&data, Clock::System, &[])?;
    let (mailbox, thread) = writer.start()?;
    let reloader = Reloader::new(shared, mailbox.clone(), ctx.policies.clone(), ctx.scripts.clone());
    let ran = reloader.run(&reload::Asked {
        companies: asked.companies.clone(),
        dry_run: true,
        skip_tests: asked.skip_tests,
        by: By::Http,
    });
    mailbox.stop();
    if thread.join().is_err() {
        return Err("the writer ended with a fault".into());
    }
    let report = ran?;
    let mut answer = report.json();
    if !report.is_good()
        && let Value::Object(members) = &mut answer
    {
        members.insert("code".to_owned(), json!(report.code()));
        members.insert("detail".to_owned(), json!(report.folder_error));
    }
    Ok(answer)
}

/// Prints an answer, text or as it came; returns the exit code.
fn print(ctx: &mut Context<'_>, answer: &Value) -> u8 {
    if ctx.json {
        ctx.line(&answer.to_string());
    } else {
        for line in differences::lines(answer, ctx.lang) {
            ctx.line(&line);
        }
    }
    match answer.get("code").and_then(Value::as_str) {
        None => GOOD,
        Some("policies-refused") => POLICY_INVALID,
        Some("tests-failed") => TEST_FAILED,
        Some(_) => FAILED,
    }
}
