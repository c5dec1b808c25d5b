//! `guicheng serve`.

use crate::cli::{Context, FAILED, GOOD, POLICY_INVALID, show, watch};
use crate::clock::Clock;
use crate::files;
use crate::http::{self, App};
use crate::policy::Folder;
use crate::policy::finding::Text;
use crate::service::demo::{self, Example};
use crate::service::load;
use crate::service::reload::{Gate, Report};
use crate::service::status::By;
use chrono::TimeDelta;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// How a server is asked for.
pub struct Asked {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The data folder.
    pub data: Option<PathBuf>,
    /// Whether to begin with a month of example events.
    pub demo: bool,
    /// Whether files are watched.
    pub watch: bool,
    /// For how long questions are answered while newer policies are refused; none: for ever.
    pub max_stale: Option<TimeDelta>,
}

/// Reads a span of time such as `24h`.
pub fn span(text: &str) -> Result<TimeDelta, String> {
    let wrong = || format!("`{text}` is no span of time; write 90m, 24h or 3d");
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let number: i64 = number.parse().ok().filter(|n| *n > 0).ok_or_else(wrong)?;
    let span = match unit {
        "m" => TimeDelta::try_minutes(number),
        "h" => TimeDelta::try_hours(number),
        "d" => TimeDelta::try_days(number),
        _ => None,
    };
    span.ok_or_else(wrong)
}

/// Serves until it is told to stop.
pub fn run(ctx: &mut Context<'_>, asked: Asked) -> u8 {
    start_log();
    let listen = asked.listen;
    if !listen.ip().is_loopback() {
        let zh = format!("{listen} 不是本机地址：还没有令牌，只在本机（127.0.0.1 或 ::1）上提供服务");
        let en =
            format!("{listen} is not an address of this machine: without tokens only 127.0.0.1 and ::1 are served");
        let line = ctx.say(&zh, &en).to_owned();
        ctx.complain(&line);
        return FAILED;
    }
    match serve(ctx, asked) {
        Ok(code) => code,
        Err(error) => ctx.fail(error.as_ref()),
    }
}

fn start_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("GUICHENG_LOG");
    let filter = filter.unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    // A log that was started before, in a test, is as good.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
}

fn serve(ctx: &mut Context<'_>, asked: Asked) -> Result<u8, Box<dyn std::error::Error>> {
    let Asked { listen, data, demo, .. } = asked;
    // Bound first: an address in use is said before anything is written.
    let socket = std::net::TcpListener::bind(listen)?;
    socket.set_nonblocking(true)?;
    let clock = Clock::System;
    let data = match (data, demo) {
        (Some(data), _) => data,
        (None, false) => PathBuf::from("guicheng-data"),
        (None, true) => {
            let stamp = format!(
                "guicheng-demo-{}-{}",
                clock.now().timestamp_millis(),
                std::process::id()
            );
            std::env::temp_dir().join(stamp)
        }
    };
    if demo {
        if data.join("guicheng.db").exists() {
            let zh = format!("{} 里已有数据；--demo 要一个新的数据目录", data.display());
            let en = format!("{} holds data already; --demo wants a new data folder", data.display());
            let line = ctx.say(&zh, &en).to_owned();
            ctx.complain(&line);
            return Ok(FAILED);
        }
        let folders = files::read_policies(&ctx.policies, &ctx.scripts)?;
        let mut examples = Vec::new();
        for folder in &folders {
            for ndjson in files::read_examples(&ctx.policies, &folder.id)? {
                examples.push(Example {
                    company: folder.id.clone(),
                    ndjson,
                });
            }
        }
        for loaded in demo::fill(&data, clock.now(), &folders, &examples)? {
            let zh = format!(
                "{}：装入了到此刻为止一个月的 {} 件示例事件",
                loaded.company, loaded.events
            );
            let en = format!(
                "{}: a month of example events that ends now, {} of them",
                loaded.company, loaded.events
            );
            let line = ctx.say(&zh, &en).to_owned();
            ctx.line(&line);
        }
    }
    // What served last serves first; what lies in the folder goes through the stages like at any other time.
    let (writer, shared, _) = load::open(&data, clock, &[])?;
    shared.status.write().max_stale = asked.max_stale;
    let (mailbox, thread) = writer.start()?;
    let app = App {
        shared: shared.clone(),
        mailbox: mailbox.clone(),
        policies: ctx.policies.clone(),
        scripts: ctx.scripts.clone(),
    };
    let stopping = Arc::new(AtomicBool::new(false));
    let reloader = app.reloader().with_gate(not_while_stopping(stopping.clone()));
    let report = reloader.run(&watch::everything(By::Start))?;
    show_refused(ctx, &report);
    if shared.companies.read().is_empty() {
        let line = ctx
            .say("没有一家公司的规程可以执行", "no company's policies can serve")
            .to_owned();
        ctx.complain(&line);
        mailbox.stop();
        // A writer that has ended with a fault has stopped as well.
        let _ = thread.join();
        return Ok(POLICY_INVALID);
    }
    let companies: Vec<String> = shared.companies.read().keys().cloned().collect();
    // Kept until the end: without it nothing is watched.
    let _watched = match asked.watch {
        true => Some(watch::files(&reloader, &ctx.policies, &ctx.scripts)?),
        false => None,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served: Result<(), std::io::Error> = runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(socket)?;
        let address = listener.local_addr()?;
        announce(ctx, address, &data, &companies);
        tokio::spawn(watch::hang_up(reloader));
        axum::serve(listener, http::router(app))
            .with_graceful_shutdown(told_to_stop())
            .await
    });
    stopping.store(true, Ordering::SeqCst);
    mailbox.stop();
    runtime.shutdown_timeout(std::time::Duration::from_secs(5));
    if thread.join().is_err() {
        tracing::error!("the writer ended with a fault");
    }
    served?;
    Ok(GOOD)
}

/// A reload under way ends before its next stage when the server is about to stop.
fn not_while_stopping(stopping: Arc<AtomicBool>) -> Gate {
    Arc::new(move |_, _| match stopping.load(Ordering::SeqCst) {
        false => Ok(()),
        true => Err(Text::new("服务器正在停止", "the server is stopping")),
    })
}

/// Prints why policies are refused, with the lines that are wrong.
fn show_refused(ctx: &mut Context<'_>, report: &Report) {
    if let Some(error) = &report.folder_error {
        tracing::error!(error, "the policy folder cannot be read");
    }
    // Only to draw the lines; what cannot be read now is said without.
    let folders = files::read_companies(&ctx.policies, &ctx.scripts).unwrap_or_default();
    let folders: Vec<Folder> = folders.into_iter().filter_map(|(_, folder)| folder.ok()).collect();
    for (id, why) in report.refused() {
        let zh = format!("{id}：{}：{}", why.stage.title(), why.why.zh);
        let en = format!("{id}: at the stage `{}`: {}", why.stage.word(), why.why.en);
        let line = ctx.say(&zh, &en).to_owned();
        ctx.complain(&line);
        show::findings(ctx, &folders, &why.findings);
        for failure in &why.failures {
            let line = format!(
                "{}:{}: {}",
                failure.file,
                failure.line,
                failure.message.in_lang(ctx.lang)
            );
            ctx.line(&line);
        }
    }
}

fn announce(ctx: &mut Context<'_>, address: SocketAddr, data: &std::path::Path, companies: &[String]) {
    let ready = ctx.say("就绪", "ready").to_owned();
    ctx.line(&format!("{ready}: http://{address}  ({})", data.display()));
    let try_it = ctx.say("试一试", "try").to_owned();
    for company in companies {
        ctx.line(&format!(
            "{try_it}: curl -s 'http://{address}/v1/companies/{company}/due?limit=5'"
        ));
    }
}

async fn told_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = interrupt => {}
        () = terminate => {}
    }
}
