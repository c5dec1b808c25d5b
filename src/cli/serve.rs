//! `guicheng serve`.

use crate::cli::{Context, FAILED, GOOD, POLICY_INVALID, show};
use crate::clock::Clock;
use crate::files;
use crate::http::{self, App};
use crate::service::demo::{self, Example};
use crate::service::load;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Serves until it is told to stop.
pub fn run(ctx: &mut Context<'_>, listen: SocketAddr, data: Option<PathBuf>, demo: bool) -> u8 {
    start_log();
    if !listen.ip().is_loopback() {
        let zh = format!("{listen} 不是本机地址：还没有令牌，只在本机（127.0.0.1 或 ::1）上提供服务");
        let en =
            format!("{listen} is not an address of this machine: without tokens only 127.0.0.1 and ::1 are served");
        let line = ctx.say(&zh, &en).to_owned();
        ctx.complain(&line);
        return FAILED;
    }
    match serve(ctx, listen, data, demo) {
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

fn serve(
    ctx: &mut Context<'_>,
    listen: SocketAddr,
    data: Option<PathBuf>,
    demo: bool,
) -> Result<u8, Box<dyn std::error::Error>> {
    // Bound first: an address in use is said before anything is written.
    let socket = std::net::TcpListener::bind(listen)?;
    socket.set_nonblocking(true)?;
    let clock = Clock::System;
    let folders = files::read_policies(&ctx.policies, &ctx.scripts).or_else(|error| {
        // With nothing to read, what served last goes on serving; the status says so.
        tracing::error!(error = %error, "the policy folder cannot be read");
        if demo { Err(error) } else { Ok(Vec::new()) }
    })?;
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
    let (writer, shared, reloaded) = load::open(&data, clock, &folders)?;
    for (_, findings) in &reloaded.refused {
        show::findings(ctx, &folders, findings);
    }
    if shared.companies.read().is_empty() {
        let line = ctx
            .say("没有一家公司的规程可以执行", "no company's policies can serve")
            .to_owned();
        ctx.complain(&line);
        return Ok(POLICY_INVALID);
    }
    let companies: Vec<String> = shared.companies.read().keys().cloned().collect();
    let (mailbox, thread) = writer.start()?;
    let app = App {
        shared,
        mailbox: mailbox.clone(),
        policies: ctx.policies.clone(),
        scripts: ctx.scripts.clone(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served: Result<(), std::io::Error> = runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(socket)?;
        let address = listener.local_addr()?;
        announce(ctx, address, &data, &companies);
        axum::serve(listener, http::router(app))
            .with_graceful_shutdown(told_to_stop())
            .await
    });
    mailbox.stop();
    runtime.shutdown_timeout(std::time::Duration::from_secs(5));
    if thread.join().is_err() {
        tracing::error!("the writer ended with a fault");
    }
    served?;
    Ok(GOOD)
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
