//! One company in process, with its example events recorded day by day, a minute after the last event of each.

use axum::Router;
use axum::body::Body;
use axum::http::Request as Asking;
use guicheng::clock::Clock;
use guicheng::engine::intake::Incoming;
use guicheng::files;
use guicheng::http::{App, router};
use guicheng::policy::Folder;
use guicheng::service::writer::{Batch, Mailbox, Request, Writer};
use guicheng::service::{Live, Shared, load};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::thread::JoinHandle;
use tower::ServiceExt;

/// The repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The companies that have example events, with them, sorted by name.
pub fn examples() -> Vec<(String, Vec<Value>)> {
    let mut found: Vec<(String, Vec<Value>)> = Vec::new();
    for entry in fs::read_dir(root().join("examples")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if let Some(company) = name.strip_suffix("-2026-03.ndjson") {
            let text = fs::read_to_string(&path).unwrap();
            let events = text.lines().filter(|line| !line.trim().is_empty());
            let events = events.map(|line| serde_json::from_str(line).unwrap());
            found.push((company.to_owned(), events.collect()));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(found.len(), 14, "the companies with example events");
    found
}

/// The policies of a company as they are shipped.
pub fn folder(company: &str) -> Folder {
    let folders = files::read_policies(&root().join("policies"), &root().join("scripts")).unwrap();
    folders.into_iter().find(|f| f.id == company).unwrap()
}

/// A company in process.
pub struct Office {
    pub company: String,
    pub shared: Arc<Shared>,
    pub live: Arc<Live>,
    pub dir: PathBuf,
    folder: Folder,
    clock: Arc<AtomicI64>,
    writer: Option<Writer>,
    serving: Option<(Router, Mailbox, JoinHandle<()>, tokio::runtime::Runtime)>,
}

impl Office {
    /// A company with nothing in its record yet, at an instant.
    pub fn open(folder: Folder, now: &str) -> Office {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let no = NEXT.fetch_add(1, Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("guicheng-acceptance-{}-{no}", std::process::id()));
        let clock = Arc::new(AtomicI64::new(ms(now)));
        let (writer, shared, _) = start(&dir, &clock, &folder);
        Office {
            live: shared.live(&folder.id).unwrap(),
            company: folder.id.clone(),
            shared,
            dir,
            folder,
            clock,
            writer: Some(writer),
            serving: None,
        }
    }

    /// A company with its example events; the time is noon of 20 April 2026.
    pub fn with_examples(company: &str, events: &[Value]) -> Office {
        let mut office = Office::open(folder(company), "2026-01-01T00:00:00+08:00");
        office.record(events);
        office.set("2026-04-20T12:00:00+08:00");
        office
    }

    pub fn set(&self, now: &str) {
        self.clock.store(ms(now), Ordering::SeqCst);
    }

    /// Records events day by day, each day's a minute after its last one occurred.
    pub fn record(&mut self, events: &[Value]) {
        for of_day in events.chunk_by(|a, b| day(a) == day(b)) {
            let times = of_day.iter().map(|event| ms(event["occurred_at"].as_str().unwrap()));
            self.clock.fetch_max(times.max().unwrap() + 60_000, Ordering::SeqCst);
            self.take(of_day.to_vec());
        }
    }

    /// Records events at once; all of them must be taken.
    pub fn take(&mut self, events: Vec<Value>) {
        let read = |e| serde_json::from_value::<Incoming>(e).unwrap();
        self.take_all(events.into_iter().map(read).collect());
    }

    /// The same, of events as they were read.
    pub fn take_all(&mut self, events: Vec<Incoming>) {
        let (sender, receiver) = std::sync::mpsc::channel();
        let request = Request::Many {
            company: self.live.clone(),
            events: (1..).zip(events).collect(),
            unread: Vec::new(),
            how: Batch::default(),
            reply: Box::new(move |answer| drop(sender.send(answer))),
        };
        self.writer.as_mut().unwrap().take(vec![request]);
        let answer = receiver.recv().unwrap();
        answer.unwrap_or_else(|e| panic!("{}: {e:?}", self.company));
    }

    /// Closes the record and opens it again: everything is rebuilt from it.
    pub fn reopen(&mut self) {
        self.close();
        let (writer, shared, _) = start(&self.dir, &self.clock, &self.folder);
        self.live = shared.live(&self.company).unwrap();
        self.shared = shared;
        self.writer = Some(writer);
    }

    /// Lets go of the data folder.
    pub fn close(&mut self) {
        if let Some((router, mailbox, thread, runtime)) = self.serving.take() {
            mailbox.stop();
            thread.join().unwrap();
            drop((router, runtime));
        }
        self.writer = None;
        // The folder stays locked as long as anything reads it.
        let empty = std::env::temp_dir().join(format!("{}-none", self.dir.file_name().unwrap().to_str().unwrap()));
        let (_, shared, _) = start(&empty, &self.clock, &self.folder);
        self.live = shared.live(&self.company).unwrap();
        self.shared = shared;
        drop(fs::remove_dir_all(empty));
    }

    /// The text of an answer over HTTP; it must be there.
    pub fn get(&mut self, path: &str) -> String {
        let (status, text) = self.reply(path);
        assert_eq!(status, 200, "{}{path}: {text}", self.company);
        text
    }

    /// An answer over HTTP: its status and its text.
    pub fn reply(&mut self, path: &str) -> (u16, String) {
        if self.serving.is_none() {
            let (mailbox, thread) = self.writer.take().unwrap().start().unwrap();
            let app = App {
                shared: self.shared.clone(),
                mailbox: mailbox.clone(),
                policies: root().join("policies"),
                scripts: root().join("scripts"),
            };
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            self.serving = Some((router(app), mailbox, thread, runtime));
        }
        let (router, _, _, runtime) = self.serving.as_ref().unwrap();
        let uri = format!("/v1/companies/{}{path}", self.company);
        runtime.block_on(async {
            let request = Asking::builder().uri(&uri).body(Body::empty()).unwrap();
            let response = router.clone().oneshot(request).await.unwrap();
            let status = response.status().as_u16();
            let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
            (status, String::from_utf8(body.to_vec()).unwrap())
        })
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        if let Some((_, mailbox, thread, _)) = self.serving.take() {
            mailbox.stop();
            drop(thread.join());
        }
        self.writer = None;
        drop(fs::remove_dir_all(&self.dir));
    }
}

fn start(dir: &Path, clock: &Arc<AtomicI64>, folder: &Folder) -> (Writer, Arc<Shared>, load::Reloaded) {
    let folders = std::slice::from_ref(folder);
    let opened = load::open(dir, Clock::Set(clock.clone()), folders).unwrap();
    assert!(opened.2.refused.is_empty(), "{:?}", opened.2.refused);
    opened
}

/// The day in which an event occurred.
fn day(event: &Value) -> &str {
    event["occurred_at"].as_str().unwrap().get(..10).unwrap()
}

/// Milliseconds since 1970 of a time with an offset, or of one of +08:00 without.
pub fn ms(at: &str) -> i64 {
    let whole = match at.len() {
        16 => format!("{at}:00+08:00"),
        19 => format!("{at}+08:00"),
        _ => at.to_owned(),
    };
    let at = chrono::DateTime::parse_from_rfc3339(&whole).unwrap_or_else(|e| panic!("{whole}: {e}"));
    at.timestamp_millis()
}
