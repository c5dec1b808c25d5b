//! The real program, killed between any two writes of a reload: what serves after the restart is what is recorded, and
//! wholly one version or the other.

use super::small_company;
use crate::bench::{Temp, copy, event, only, root};
use crate::size;
use guicheng::store::Store;
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

/// No answer takes this long; only a test that hangs would.
const PATIENCE: Duration = Duration::from_secs(60);

/// A page in the write-ahead log, in bytes, with its header.
const FRAME: u64 = 4_096 + 24;

/// How often one data folder is used before the next run begins with a new one.
const RUNS_A_FOLDER: usize = 20;

/// Within how many pages from where a run begins it is killed: the first dozen reloads of a small company.
const PAGES: u64 = 61;

/// The company, which is small: what is killed is the reload, not the reading of many rules.
const COMPANY: &str = "killed";

pub(super) struct Server {
    pub child: Child,
    pub url: String,
}

impl Server {
    pub fn start_with(data: &Path, policies: &Path, more: &[&str]) -> Server {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guicheng"));
        command
            .env("GUICHENG_LOG", "off")
            .env("GUICHENG_LANG", "en")
            .stdin(Stdio::null());
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .arg("--policies")
            .arg(policies)
            .args(more);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        // From here on it is killed whatever happens.
        let mut server = Server {
            child,
            url: String::new(),
        };
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                // Nobody listens after the address; what is printed must still be read.
                let _ = sender.send(line);
            }
        });
        loop {
            let line = lines.recv_timeout(PATIENCE).expect("the server says its address");
            if let Some(rest) = line.strip_prefix("ready: ") {
                server.url = rest.split_whitespace().next().unwrap().to_owned();
                return server;
            }
        }
    }

    fn kill(&mut self) {
        // One that was killed is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    pub fn get(&self, path: &str) -> Value {
        request(&self.url, path, None).unwrap().1
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// One request; none if no whole answer came.
fn request(url: &str, path: &str, body: Option<&str>) -> Option<(u16, Value)> {
    let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None);
    let agent = ureq::Agent::new_with_config(config.timeout_global(Some(PATIENCE)).build());
    let url = format!("{url}{path}");
    let mut response = match body {
        None => agent.get(url).call().ok()?,
        Some(body) => agent
            .post(url)
            .header("content-type", "application/json")
            .send(body)
            .ok()?,
    };
    let text = response.body_mut().read_to_string().ok()?;
    Some((response.status().as_u16(), serde_json::from_str(&text).ok()?))
}

/// How long something takes tells how long all of it takes.
#[expect(clippy::disallowed_methods, reason = "how long a kill takes is told")]
fn now() -> Instant {
    Instant::now()
}

/// The policies of the company, and its two versions, which differ in the term.
struct Rules {
    policies: PathBuf,
    texts: [String; 2],
    hashes: [String; 2],
}

impl Rules {
    fn of(dir: &Path) -> Rules {
        let policies = dir.join("policies");
        copy(&root().join("policies/calendars"), &policies.join("calendars"));
        small_company(&policies, COMPANY);
        let file = policies.join(COMPANY).join("opinions.toml");
        let first = fs::read_to_string(file).unwrap();
        let second = first.replacen("within = \"10天\"", "within = \"9天\"", 1);
        assert_ne!(first, second);
        let mut rules = Rules {
            policies,
            texts: [first, second],
            hashes: Default::default(),
        };
        let server = rules.serve(&dir.join("data-first"), &rules.texts[0]);
        rules.hashes[0] = served(&server)["hash"].as_str().unwrap().to_owned();
        rules.write(&rules.texts[1]);
        let (_, answer) = request(&server.url, "/v1/reload", Some("")).unwrap();
        rules.hashes[1] = answer["companies"][COMPANY]["hash"].as_str().unwrap().to_owned();
        rules
    }

    fn write(&self, text: &str) {
        fs::write(self.policies.join(COMPANY).join("opinions.toml"), text).unwrap();
    }

    fn serve(&self, data: &Path, text: &str) -> Server {
        self.write(text);
        Server::start_with(data, &self.policies, &[])
    }

    /// Which of the versions that is.
    fn which(&self, hash: &str) -> usize {
        self.hashes
            .iter()
            .position(|known| known == hash)
            .expect("one of the two versions")
    }

    /// Writes the versions in turn and has each taken up, until the server is gone; returns how many were acknowledged.
    fn reloads(&self, url: &str, first: usize) -> usize {
        let mut acknowledged = 0;
        for n in first.. {
            self.write(&self.texts[n % 2]);
            let Some((status, answer)) = request(url, "/v1/reload", Some("")) else {
                break;
            };
            assert_eq!(status, 200, "{answer}");
            assert_eq!(answer["changed"], json!([COMPANY]), "{answer}");
            acknowledged += 1;
        }
        acknowledged
    }
}

fn served(server: &Server) -> Value {
    server.get("/v1/status")["companies"][COMPANY].clone()
}

/// The hash that is recorded as that of the latest version, and how many versions are.
fn recorded(data: &Path) -> (String, usize) {
    let store = Store::open(data).unwrap();
    let reader = store.reader().unwrap();
    reader.verify().unwrap();
    let editions = reader.editions().unwrap();
    (editions.last().unwrap().hash.clone(), editions.len())
}

/// What serves is the version that is recorded, whole: it says so, and it decides by it.
fn serves(server: &Server, rules: &Rules, hash: &str, run: usize) {
    let status = served(server);
    assert_eq!(
        (&status["hash"], &status["policies"]),
        (&json!(hash), &json!("stale")),
        "run {run}"
    );
    assert_eq!(status["stale"]["stage"], "compile", "run {run}");
    assert!(!status["stale"]["findings"].as_array().unwrap().is_empty());
    let case = format!("K-{run}");
    let raised = event(&case, "opinion.raised", &case, "2024-06-03T09:00:00+08:00", json!({}));
    let path = format!("/v1/companies/{COMPANY}/events");
    let (code, answer) = request(&server.url, &path, Some(&raised.to_string())).unwrap();
    assert_eq!(code, 201, "{answer}");
    let owed = only(answer["opened"].as_array().unwrap(), "answer");
    let due = ["2024-06-13", "2024-06-12"][rules.which(hash)];
    assert_eq!(
        owed["due"]["date"], due,
        "run {run}: decided by the version that is recorded"
    );
}

#[test]
fn killed_in_the_middle_of_reloads_it_serves_what_is_recorded() {
    let runs = size(12, 500);
    let dir = Temp::new();
    let rules = Rules::of(dir.path());
    let (mut places, mut in_flight, mut acked) = (std::collections::BTreeSet::new(), 0, 0);
    let began = now();
    let (mut data, mut serving) = (PathBuf::new(), None);
    let mut before = (String::new(), 0);
    for run in 0..runs {
        if run % RUNS_A_FOLDER == 0 {
            drop(serving.take());
            data = dir.path().join(format!("data-{run}"));
            serving = Some(rules.serve(&data, &rules.texts[0]));
            before = (rules.hashes[0].clone(), 1);
        }
        let Some(mut server) = serving.take() else { break };
        let log = data.join("guicheng.db-wal");
        let length = || fs::metadata(&log).map_or(0, |m| m.len());
        // After so many more pages than there are now: somewhere in the first few reloads.
        let begin = length();
        let wanted = begin + FRAME * (run as u64 * 37 % PAGES);
        let (url, first) = (server.url.clone(), 1 - rules.which(&before.0));
        let acknowledged = thread::scope(|scope| {
            let client = scope.spawn(|| rules.reloads(&url, first));
            while length() < wanted && !client.is_finished() {
                thread::yield_now();
            }
            server.kill();
            client.join().unwrap()
        });
        places.insert((length().saturating_sub(begin)) / FRAME);
        let after = recorded(&data);
        // What was acknowledged is there, and at most the one that was on its way beside it.
        let beyond = (after.1 - before.1).checked_sub(acknowledged);
        assert!(
            beyond.is_some_and(|n| n <= 1),
            "run {run}: {before:?}, {acknowledged} acknowledged, {after:?}"
        );
        acked += acknowledged;
        in_flight += beyond.unwrap_or(0);
        // With a broken file there is nothing to take up: what serves is what is recorded. The next run kills this one.
        let server = rules.serve(&data, "[procedure\n");
        serves(&server, &rules, &after.0, run);
        serving = Some(server);
        before = after;
    }
    println!(
        "{runs} kills, {acked} reloads acknowledged, {in_flight} kept without an answer; killed at {} different lengths of the log, {:?} to {:?} \
         pages: always the recorded version served, whole; {:?} a kill",
        places.len(),
        places.first(),
        places.last(),
        began.elapsed() / u32::try_from(runs).unwrap(),
    );
}
