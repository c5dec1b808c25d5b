//! A server in process, on folders of its own and a clock that stands still until it is set.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::middleware::{Next, from_fn};
use guicheng::clock::Clock;
use guicheng::http::{App, router};
use guicheng::service::reload::{Asked, Reloader};
use guicheng::service::status::By;
use guicheng::service::writer::Mailbox;
use guicheng::service::{Shared, load};
use serde_json::{Value, json};
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::thread::JoinHandle;
use tower::ServiceExt;

/// A folder that goes with its owner.
pub struct Temp(PathBuf);

impl Temp {
    pub fn new() -> Temp {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "guicheng-it-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Temp(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Temp {
    fn drop(&mut self) {
        // What is left behind is in the system's temporary folder.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Copies the policies of Fuheng and the calendars into a folder; returns where they are.
pub fn policies_in(dir: &Path) -> PathBuf {
    let to = dir.join("policies");
    for part in ["calendars", "fuheng"] {
        copy(&root().join("policies").join(part), &to.join(part));
    }
    to
}

/// Copies a folder with all that is in it.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        match path.is_dir() {
            true => copy(&path, &target),
            false => drop(fs::copy(&path, &target).unwrap()),
        }
    }
}

/// Writes one text of a policy file for another; it must be there exactly once.
pub fn amend(policies: &Path, file: &str, from: &str, to: &str) {
    let path = policies.join("fuheng").join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.matches(from).count(), 1, "`{from}` in {file}");
    fs::write(&path, text.replacen(from, to, 1)).unwrap();
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub kind: String,
    /// The content hash of the policies that it is by; empty where it says none.
    pub policies: String,
    pub text: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e} in {self:?}"))
    }

    /// The JSON of an answer with that status.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json()
    }

    /// A problem with that status and code.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.kind, "application/problem+json", "{}", self.text);
        let problem = self.json();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        assert_eq!(problem["type"], format!("/problems/{code}"));
        for said in ["title", "detail", "detail_zh"] {
            assert!(
                problem[said].as_str().is_some_and(|t| !t.is_empty()),
                "{said}: {problem}"
            );
        }
        problem
    }
}

/// Says that it was dropped.
struct Leaving(Arc<AtomicBool>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// A server in process.
pub struct Bench {
    running: Option<Running>,
    pub clock: Arc<AtomicI64>,
    pub dir: Temp,
}

struct Running {
    router: Router,
    app: App,
    shared: Arc<Shared>,
    mailbox: Mailbox,
    writer: JoinHandle<()>,
    runtime: tokio::runtime::Runtime,
}

/// A server with the real policies, at noon of 2026-03-02. Their timelines are left out: tests amend the rules.
pub fn server() -> Bench {
    server_at("2026-03-02T12:00:00+08:00")
}

pub fn server_at(now: &str) -> Bench {
    let dir = Temp::new();
    let policies = policies_in(dir.path());
    fs::remove_dir_all(policies.join("fuheng/tests")).unwrap();
    let clock = Arc::new(AtomicI64::new(ms(now)));
    let mut bench = Bench {
        running: None,
        clock,
        dir,
    };
    bench.start();
    bench
}

fn ms(at: &str) -> i64 {
    chrono::DateTime::parse_from_rfc3339(at).unwrap().timestamp_millis()
}

impl Bench {
    pub fn policies(&self) -> PathBuf {
        self.dir.path().join("policies")
    }

    /// The scripts that it reads; none at first.
    pub fn scripts(&self) -> PathBuf {
        self.dir.path().join("scripts")
    }

    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    pub fn set(&self, now: &str) {
        self.clock.store(ms(now), Ordering::SeqCst);
    }

    fn start(&mut self) {
        // As `serve` has it: what served last serves, then what lies in the folder is taken up as at any other time.
        let (writer, shared, _) = load::open(&self.data(), Clock::Set(self.clock.clone()), &[]).unwrap();
        let (mailbox, thread) = writer.start().unwrap();
        let app = App {
            shared: shared.clone(),
            mailbox: mailbox.clone(),
            policies: self.policies(),
            scripts: self.scripts(),
        };
        let everything = Asked {
            companies: Vec::new(),
            dry_run: false,
            skip_tests: false,
            by: By::Start,
        };
        app.reloader().run(&everything).unwrap();
        self.running = Some(Running {
            router: router(app.clone()),
            app,
            shared,
            mailbox,
            writer: thread,
            runtime: tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .enable_io()
                .build()
                .unwrap(),
        });
    }

    fn stop(&mut self) {
        let Some(running) = self.running.take() else { return };
        running.mailbox.stop();
        let ended = running.writer.join();
        if !std::thread::panicking() {
            ended.expect("the writer ended with a fault");
        }
    }

    /// The server stops and starts again on the same folders.
    pub fn restart(&mut self) {
        self.stop();
        self.start();
    }

    fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    pub fn shared(&self) -> &Shared {
        &self.running().shared
    }

    /// What takes policies up.
    #[allow(dead_code, reason = "not every program of tests reloads by itself")]
    pub fn reloader(&self) -> Reloader {
        self.running().app.reloader()
    }

    pub fn send(&self, request: Request<Body>) -> Reply {
        let running = self.running();
        running.runtime.block_on(async {
            let response = running.router.clone().oneshot(request).await.unwrap();
            let status = response.status().as_u16();
            let header = |name: &str| {
                let value = response.headers().get(name);
                value.map_or("", |v| v.to_str().unwrap()).to_owned()
            };
            let (kind, policies) = (header("content-type"), header("guicheng-policies"));
            let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
            let text = String::from_utf8(body.to_vec()).unwrap();
            Reply {
                status,
                kind,
                policies,
                text,
            }
        })
    }

    /// Listens for real connections; `left` is set whenever what answers a request is dropped, before or after it has.
    #[allow(dead_code, reason = "not every program of tests listens")]
    pub fn listen(&self, left: &Arc<AtomicBool>) -> SocketAddr {
        let running = self.running();
        let left = left.clone();
        let told = from_fn(move |request: Request<Body>, next: Next| {
            let leaving = Leaving(left.clone());
            async move {
                let _leaving = leaving;
                next.run(request).await
            }
        });
        let router = running.router.clone().layer(told);
        running.runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
            address
        })
    }

    /// Any request, by its whole path.
    pub fn ask(&self, method: &str, path: &str, kind: &str, body: impl Into<Body>) -> Reply {
        let request = Request::builder().method(method).uri(path).header("content-type", kind);
        self.send(request.body(body.into()).unwrap())
    }

    /// A question about the company.
    pub fn reply(&self, path: &str) -> Reply {
        let path = format!("/v1/companies/fuheng{path}");
        self.ask("GET", &path, "application/json", "")
    }

    /// The answer to a question about the company.
    #[track_caller]
    pub fn get(&self, path: &str) -> Value {
        self.reply(path).expect(200)
    }

    pub fn try_post(&self, event: &Value) -> Reply {
        let path = "/v1/companies/fuheng/events";
        self.ask("POST", path, "application/json", event.to_string())
    }

    /// Posts an event that must be taken.
    #[track_caller]
    pub fn post(&self, event: Value) -> Value {
        self.try_post(&event).expect(201)
    }

    /// Posts lines as NDJSON; `query` is empty or begins with `?`.
    pub fn batch(&self, query: &str, lines: &[Value]) -> Reply {
        let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
        self.lines(query, &lines.join("\n"))
    }

    pub fn lines(&self, query: &str, text: &str) -> Reply {
        let path = format!("/v1/companies/fuheng/events{query}");
        self.ask("POST", &path, "application/x-ndjson", text.to_owned())
    }

    pub fn reload(&self, query: &str) -> Reply {
        self.ask("POST", &format!("/v1/reload{query}"), "application/json", "")
    }

    pub fn status(&self) -> Value {
        self.ask("GET", "/v1/status", "application/json", "").expect(200)
    }

    /// Everything that /due lists for a question, over all pages.
    #[track_caller]
    pub fn due(&self, query: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = self.get(&format!("/due?limit=500&{query}{cursor}"));
            items.extend(page["items"].as_array().unwrap().iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return items,
            }
        }
    }

    /// The obligation of a rule in a case, whatever it is by now.
    #[track_caller]
    pub fn owed(&self, case: &str, rule: &str) -> Value {
        let view = self.get(&format!("/cases/{case}"));
        only(view["obligations"].as_array().unwrap(), rule)
    }

    /// What must not change when something is refused: what is owed by anybody, and how much is on record.
    pub fn fingerprint(&self) -> (Vec<Value>, u64) {
        (self.due("standing=all"), self.last_seq())
    }

    /// The place in the record of the latest event of any case.
    pub fn last_seq(&self) -> u64 {
        let companies = self.shared().companies.read();
        let heads = companies.values().map(|live| {
            let world = live.world.read();
            world.slots().map(|s| s.case.head).max().unwrap_or(0)
        });
        heads.max().unwrap_or(0)
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The one obligation of a rule in a list.
#[track_caller]
pub fn only(list: &[Value], rule: &str) -> Value {
    let found: Vec<&Value> = list.iter().filter(|o| o["rule"] == rule).collect();
    assert_eq!(found.len(), 1, "{rule} in {list:#?}");
    found[0].clone()
}

/// The rules in a list of obligations, in its order.
pub fn rules(list: &Value) -> Vec<&str> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|o| o["rule"].as_str().unwrap())
        .collect()
}

/// An event; `at` is a local time of March 2026 like `02T10:00`, or a whole one.
pub fn event(id: &str, kind: &str, case: &str, at: &str, data: Value) -> Value {
    let at = match at.len() {
        8 => format!("2026-03-{at}:00+08:00"),
        _ => at.to_owned(),
    };
    json!({ "id": id, "type": kind, "case": case, "occurred_at": at, "data": data })
}

/// The same event, done in a role.
pub fn by(mut event: Value, person: &str, role: &str) -> Value {
    event["actor"] = json!({ "person": person, "role": role });
    event
}

/// The same event with another field set.
pub fn with(mut event: Value, field: &str, value: Value) -> Value {
    event[field] = value;
    event
}

/// What a complaint of building 1 (east) about the engineering department says.
pub fn complaint() -> Value {
    json!({ "severity": "ordinary", "building": "1", "department": "工程部", "customer": "王女士 1-2-301", "matter": "楼顶漏水" })
}

/// A follow-up form that lacks nothing.
pub fn form() -> Value {
    json!({ "channel": "telephone", "quality": "好", "effect": "已恢复正常", "satisfaction": 5,
            "shortcomings": "无", "suggestions": "无", "qualified": true })
}

/// A complaint received and resolved on 2 March at 9 and at 10; both events are taken, the answer is the second's.
#[track_caller]
pub fn resolved(bench: &Bench, case: &str) -> Value {
    bench.post(event(
        &format!("{case}-1"),
        "complaint.received",
        case,
        "02T09:00",
        complaint(),
    ));
    bench.post(event(
        &format!("{case}-2"),
        "complaint.resolved",
        case,
        "02T10:00",
        json!({}),
    ))
}

/// The follow-up of a complaint by both who owe it.
pub fn followed_up(id: &str, case: &str, at: &str) -> Value {
    let mut data = form();
    data["participants"] = json!(["department", "area-manager"]);
    by(
        event(id, "complaint.followed-up", case, at, data),
        "zhang",
        "area-manager",
    )
}
