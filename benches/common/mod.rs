//! What the benchmarks share: rounds in which ours and its peers take turns, ratios, the table, companies and events.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a benchmark measures real time, prints, and may fall over; each of them uses a part of this module"
)]

use chrono::{DateTime, TimeDelta, Utc};
use guicheng::clock::Clock;
use guicheng::engine::intake::Incoming;
use guicheng::files;
use guicheng::policy::{Folder, Source};
use guicheng::service::writer::{Batch, Request, Writer};
use guicheng::service::{Live, Shared, load};
use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Whether the small form was asked for.
pub fn is_quick() -> bool {
    std::env::args().any(|a| a == "--quick")
}

/// The value after a flag.
pub fn flag(name: &str) -> Option<String> {
    std::env::args().skip_while(|a| a != name).nth(1)
}

/// What a ratio must reach.
#[derive(Clone, Copy)]
pub enum Goal {
    /// At least this.
    Least(f64),
    /// At most this.
    Most(f64),
    /// None: shown for comparison.
    None,
}

/// The rows of the table that is printed at the end.
pub struct Table {
    title: &'static str,
    rows: Vec<[String; 5]>,
    missed: Vec<String>,
}

impl Table {
    pub fn new(title: &'static str) -> Table {
        Table {
            title,
            rows: Vec::new(),
            missed: Vec::new(),
        }
    }

    /// Adds the ratio of each round: prints it at once, and notes whether the median reaches the goal.
    pub fn ratios(&mut self, what: &str, beside: &str, rounds: &[f64], goal: Goal) {
        let (median, least, most) = spread(rounds);
        let shown = format!("{} [{}..{}]", number(median), number(least), number(most));
        self.row(what, beside, &shown, median, goal);
    }

    /// Adds a figure that is no ratio.
    pub fn figure(&mut self, what: &str, unit: &str, value: f64, goal: Goal) {
        self.row(what, "-", &format!("{} {unit}", number(value)), value, goal);
    }

    fn row(&mut self, what: &str, beside: &str, shown: &str, value: f64, goal: Goal) {
        let (goal, met) = match goal {
            Goal::Least(g) => (format!("≥ {}", number(g)), Some(value >= g)),
            Goal::Most(g) => (format!("≤ {}", number(g)), Some(value <= g)),
            Goal::None => ("-".to_owned(), None),
        };
        let met = match met {
            Some(true) => "yes",
            Some(false) => "no",
            None => "",
        };
        println!("{what} / {beside}: {shown}  (goal {goal} {met})");
        if met == "no" {
            self.missed.push(what.to_owned());
        }
        self.rows.push([
            what.to_owned(),
            beside.to_owned(),
            shown.to_owned(),
            goal,
            met.to_owned(),
        ]);
    }

    /// Prints the table, to be pasted into `benches/README.md`.
    pub fn print(&self) {
        let on = Clock::System.now().format("%Y-%m-%d");
        println!(
            "\n| {}, {on} | beside | ratio: median [least..most] | goal | met |",
            self.title
        );
        println!("| --- | --- | --- | --- | --- |");
        for row in &self.rows {
            println!("| {} |", row.join(" | "));
        }
        println!();
    }
}

/// Median, least and most.
pub fn spread(values: &[f64]) -> (f64, f64, f64) {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| sorted[((sorted.len() - 1) as f64 * share).round() as usize];
    (at(0.5), at(0.0), at(1.0))
}

/// A quantile of measured times, in microseconds.
pub fn quantile_us(times: &[Duration], share: f64) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort();
    sorted[((sorted.len() - 1) as f64 * share).round() as usize].as_secs_f64() * 1e6
}

fn number(value: f64) -> String {
    match value.abs() {
        v if v >= 100.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// How long something takes, in seconds.
pub fn seconds<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let began = Instant::now();
    let result = work();
    (result, began.elapsed().as_secs_f64())
}

/// The folder of the example company under another id.
pub fn folder(id: &str) -> Folder {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let mut folder = files::read_policies(&root, Path::new("scripts"))
        .unwrap()
        .into_iter()
        .find(|f| f.id == "fuheng")
        .unwrap();
    folder.id = id.to_owned();
    for source in &mut folder.files {
        let name = source.name.rsplit('/').next().unwrap().to_owned();
        *source = Source {
            name: format!("policies/{id}/{name}").into(),
            text: source
                .text
                .replace("id = \"fuheng\"", &format!("id = \"{id}\""))
                .replace("id = \"fuheng/follow-up\"", &format!("id = \"{id}/follow-up\""))
                .into(),
        };
    }
    folder
}

/// Many companies under the policies of the example.
pub fn folders(count: usize) -> Vec<Folder> {
    let first = folder("c0");
    let rename = |id: &str| Folder {
        id: id.to_owned(),
        files: first
            .files
            .iter()
            .map(|s| Source {
                name: s.name.replace("/c0/", &format!("/{id}/")).into(),
                text: s
                    .text
                    .replace("id = \"c0\"", &format!("id = \"{id}\""))
                    .replace("id = \"c0/follow-up\"", &format!("id = \"{id}/follow-up\""))
                    .into(),
            })
            .collect(),
        calendars: first.calendars.clone(),
        scripts: Vec::new(),
    };
    (0..count).map(|n| rename(&format!("c{n}"))).collect()
}

/// The instant of the n-th event of a stream: some minutes after the one before it, in March 2026.
pub fn at(n: usize) -> DateTime<Utc> {
    let start = DateTime::parse_from_rfc3339("2026-03-02T08:00:00+08:00")
        .unwrap()
        .to_utc();
    start + TimeDelta::seconds((n % 40_000) as i64 * 7)
}

/// When the events of the benchmarks are taken: after all of them.
pub fn now() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-03-06T09:00:00+08:00")
        .unwrap()
        .to_utc()
}

/// A line of JSON for an event of a case.
pub fn line(n: usize, kind: &str, case: &str, data: &str) -> String {
    let zone = chrono::FixedOffset::east_opt(8 * 3600).unwrap();
    format!(
        r#"{{"id":"e-{case}-{kind}","type":"{kind}","case":"{case}","occurred_at":"{}","actor":{{"person":"zhang","role":"area-manager"}},"data":{{{data}}}}}"#,
        at(n).with_timezone(&zone).to_rfc3339()
    )
}

/// A repair that was asked for: it opens nothing, and its end opens two obligations.
pub fn requested(n: usize, case: &str) -> String {
    let data = format!(
        r#""building":"{}","customer":"{}-{}","item":"水管""#,
        n % 8 + 1,
        n % 8 + 1,
        n
    );
    line(n, "repair.requested", case, &data)
}

/// Its end.
pub fn finished(n: usize, case: &str) -> String {
    line(n, "repair.finished", case, "")
}

/// A new case whose first event opens two obligations.
pub fn aided(n: usize, case: &str) -> String {
    let data = format!(r#""building":"{}","customer":"{}-{n}""#, n % 8 + 1, n % 8 + 1);
    line(n, "first-aid.finished", case, &data)
}

/// Reads a line as the server does.
pub fn incoming(line: &str) -> Incoming {
    serde_json::from_str(line).unwrap()
}

/// A data folder that is gone with it.
pub struct Data(pub PathBuf);

impl Data {
    pub fn new(name: &str) -> Data {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        drop(std::fs::remove_dir_all(&path));
        std::fs::create_dir_all(&path).unwrap();
        Data(path)
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// Opens a data folder with companies and fills it: in each company so many open obligations, and for every two of them
/// one repair that waits for its end.
pub fn fill(data: &Path, folders: &[Folder], open: usize) -> (Writer, Arc<Shared>) {
    let (mut writer, shared, reloaded) = load::open(data, Clock::Fixed(now()), folders).unwrap();
    assert!(reloaded.refused.is_empty(), "the policies of the benchmark are refused");
    if open > 0 {
        for folder in folders {
            let live = shared.live(&folder.id).unwrap();
            let cases = 0..open / 2;
            let lines = cases.flat_map(|n| [aided(n, &format!("A-{n}")), requested(n, &format!("R-{n}"))]);
            let events = lines.enumerate().map(|(ix, text)| (ix + 1, incoming(&text))).collect();
            post(&mut writer, &live, events);
        }
    }
    (writer, shared)
}

/// Lets the writer take a batch, which must be taken whole.
pub fn post(writer: &mut Writer, live: &Arc<Live>, events: Vec<(usize, Incoming)>) {
    let count = events.len() as u64;
    let (sender, receiver) = std::sync::mpsc::channel();
    writer.take(vec![Request::Many {
        company: live.clone(),
        events,
        unread: Vec::new(),
        how: Batch::default(),
        reply: Box::new(move |answer| sender.send(answer).unwrap()),
    }]);
    assert_eq!(receiver.recv().unwrap().unwrap().accepted, count);
}

/// The server in this process, on an address of its own.
pub struct Server {
    pub address: SocketAddr,
    pub shared: Arc<Shared>,
    runtime: Option<tokio::runtime::Runtime>,
    mailbox: guicheng::service::writer::Mailbox,
    writer: Option<std::thread::JoinHandle<()>>,
}

impl Server {
    pub fn start(writer: Writer, shared: Arc<Shared>) -> Server {
        let (mailbox, thread) = writer.start().unwrap();
        let app = guicheng::http::App {
            shared: shared.clone(),
            mailbox: mailbox.clone(),
            policies: PathBuf::from("policies"),
            scripts: PathBuf::from("scripts"),
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(async move { axum::serve(listener, guicheng::http::router(app)).await.unwrap() });
        Server {
            address,
            shared,
            runtime: Some(runtime),
            mailbox,
            writer: Some(thread),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.mailbox.stop();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(5));
        }
        if let Some(writer) = self.writer.take() {
            drop(writer.join());
        }
    }
}

/// A connection that stays open.
pub struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
    request: String,
}

impl Client {
    pub fn new(address: SocketAddr) -> Client {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Client {
            stream,
            buffer: Vec::with_capacity(256 * 1024),
            request: String::new(),
        }
    }

    /// Asks, and returns the status and how long the answer's body is.
    pub fn get(&mut self, path: &str) -> (u16, usize) {
        self.request.clear();
        write!(self.request, "GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
        self.stream.write_all(self.request.as_bytes()).unwrap();
        self.answer()
    }

    /// Posts a body.
    pub fn post(&mut self, path: &str, kind: &str, body: &str) -> (u16, usize) {
        self.send(path, kind, body);
        self.answer()
    }

    /// Posts a body, to take the answer later.
    pub fn send(&mut self, path: &str, kind: &str, body: &str) {
        self.request.clear();
        let length = body.len();
        write!(
            self.request,
            "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        self.stream.write_all(self.request.as_bytes()).unwrap();
    }

    /// The body of the last answer.
    pub fn body(&self) -> &str {
        let at = self.buffer.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
        std::str::from_utf8(&self.buffer[at + 4..]).unwrap()
    }

    /// Takes an answer: its status and how long its body is.
    pub fn answer(&mut self) -> (u16, usize) {
        self.buffer.clear();
        let mut chunk = [0u8; 64 * 1024];
        let mut wanted: Option<(usize, usize)> = None;
        loop {
            if let Some((head, length)) = wanted
                && self.buffer.len() >= head + length
            {
                let status = std::str::from_utf8(&self.buffer[9..12]).unwrap().parse().unwrap();
                return (status, length);
            }
            let read = self.stream.read(&mut chunk).unwrap();
            assert!(read > 0, "the server hung up");
            self.buffer.extend_from_slice(&chunk[..read]);
            if wanted.is_none()
                && let Some(end) = self.buffer.windows(4).position(|w| w == b"\r\n\r\n")
            {
                let head = std::str::from_utf8(&self.buffer[..end]).unwrap().to_ascii_lowercase();
                let length = head
                    .lines()
                    .find_map(|l| l.strip_prefix("content-length:"))
                    .map_or(0, |l| l.trim().parse().unwrap());
                wanted = Some((end + 4, length));
            }
        }
    }
}

/// The resident memory of this process in MiB, now and at most so far.
pub fn memory_mib() -> (f64, f64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let of = |name: &str| {
        let line = status.lines().find_map(|l| l.strip_prefix(name)).unwrap_or_default();
        let kib: f64 = line.trim().trim_end_matches(" kB").trim().parse().unwrap_or_default();
        kib / 1024.0
    };
    (of("VmRSS:"), of("VmHWM:"))
}
