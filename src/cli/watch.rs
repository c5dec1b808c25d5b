//! What else makes a server take up what lies in its policy folder: the signal HUP, and files that change.

use crate::service::reload::{Asked, Reloader};
use crate::service::status::By;
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// For how long no file changes before what lies there is read: an editor writes in several steps.
const QUIET: Duration = Duration::from_millis(300);

/// A reload of all companies.
pub fn everything(by: By) -> Asked {
    Asked {
        companies: Vec::new(),
        dry_run: false,
        skip_tests: false,
        by,
    }
}

/// Reloads on every signal HUP, for as long as it is waited for.
#[cfg(unix)]
pub async fn hang_up(reloader: Reloader) {
    use tokio::signal::unix::{SignalKind, signal};
    let mut signals = match signal(SignalKind::hangup()) {
        Ok(signals) => signals,
        Err(error) => {
            tracing::warn!(error = %error, "the signal HUP cannot be listened for");
            return;
        }
    };
    while signals.recv().await.is_some() {
        let reloader = reloader.clone();
        // One that broke off has said so itself.
        let _ = tokio::task::spawn_blocking(move || reload(&reloader, By::Signal)).await;
    }
}

/// There is no such signal here.
#[cfg(not(unix))]
pub async fn hang_up(_: Reloader) {}

/// Reloads whenever files of the folders have changed, as long as what is returned is kept.
pub fn files(reloader: &Reloader, policies: &Path, scripts: &Path) -> Result<RecommendedWatcher, notify::Error> {
    let (sender, receiver) = channel();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // That files are read, by this server too, changes nothing. What was missed may have been a change.
        let changes = event.map_or(true, |event| !matches!(event.kind, EventKind::Access(_)));
        if changes {
            // Nobody listens any more when the server stops.
            let _ = sender.send(());
        }
    })?;
    watcher.watch(policies, RecursiveMode::Recursive)?;
    if scripts.is_dir() {
        watcher.watch(scripts, RecursiveMode::Recursive)?;
    }
    let reloader = reloader.clone();
    std::thread::Builder::new()
        .name("watch".to_owned())
        .spawn(move || follow(&receiver, &mut || reload(&reloader, By::Watch)))
        .map_err(notify::Error::io)?;
    Ok(watcher)
}

/// Acts after each burst of changes, once it is quiet. What changes while it acts makes it act again.
fn follow(changes: &Receiver<()>, act: &mut dyn FnMut()) {
    while changes.recv().is_ok() {
        loop {
            match changes.recv_timeout(QUIET) {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
        act();
    }
}

fn reload(reloader: &Reloader, by: By) {
    // What came of it is in the log and in the status.
    if let Err(error) = reloader.run(&everything(by)) {
        tracing::error!(error = %error, by = by.word(), "the policies could not be taken up");
    }
}
