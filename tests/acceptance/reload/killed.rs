//! The real program, killed between any two writes of a reload: what serves after the restart is what is recorded, and
//! wholly one version or the other.

use crate::bench::{Temp, amend, complaint, event, policies_in};
use crate::size;
use guicheng::store::Store;
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

/// No answer takes this long; only a test that hangs would.
const PATIENCE: Duration = Duration::from_secs(60);

/// A page in the write-ahead log, in bytes, with its header.
const FRAME: u64 = 4_096 + 24;

/// How often one data folder is used before the next run begins with a new one.
const RUNS_A_FOLDER: usize = 20;

pub(super) struct Server {
    pub child: Child,
    pub url: String,
}

impl Server {
    fn start(data: &Path, policies: &Path) -> Server {
        Server::start_with(data, policies, &[])
    }

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

/// Two versions of the rules, which differ in the term of complaints.
fn versions(policies: &Path) -> [String; 2] {
    fs::remove_dir_all(policies.join("fuheng/tests")).unwrap();
    let read = || fs::read_to_string(policies.join("fuheng/follow-up.toml")).unwrap();
    let first = read();
    amend(policies, "follow-up.toml", "within = \"3天\"", "within = \"2天\"");
    let second = read();
    [first, second]
}

/// The hash that is recorded as that of the latest version, and how many versions are.
fn recorded(data: &Path) -> (String, usize) {
    let store = Store::open(data).unwrap();
    let reader = store.reader().unwrap();
    reader.verify().unwrap();
    let editions = reader.editions().unwrap();
    (editions.last().unwrap().hash.clone(), editions.len())
}

/// Writes the versions in turn and has each taken up, until the server is gone; returns how many were acknowledged.
fn reloads(url: &str, policies: &Path, versions: &[String; 2], begin: usize) -> usize {
    let mut acknowledged = 0;
    for n in begin.. {
        fs::write(policies.join("fuheng/follow-up.toml"), &versions[n % 2]).unwrap();
        let Some((status, answer)) = request(url, "/v1/reload", Some("")) else {
            break;
        };
        assert_eq!(status, 200, "{answer}");
        assert_eq!(answer["changed"], json!(["fuheng"]), "{answer}");
        acknowledged += 1;
    }
    acknowledged
}

#[test]
fn killed_in_the_middle_of_reloads_it_serves_what_is_recorded() {
    let runs = size(5, 500);
    let dir = Temp::new();
    let policies = policies_in(dir.path());
    let texts = versions(&policies);
    let rules: PathBuf = policies.join("fuheng/follow-up.toml");
    let mut hashes: Vec<String> = Vec::new();
    let (mut places, mut in_flight, mut acked) = (std::collections::BTreeSet::new(), 0, 0);
    let mut data = dir.path().join("data");
    for run in 0..runs {
        if run % RUNS_A_FOLDER == 0 {
            data = dir.path().join(format!("data-{run}"));
            fs::write(&rules, &texts[0]).unwrap();
            let server = Server::start(&data, &policies);
            let first = server.get("/v1/status")["companies"]["fuheng"]["hash"].clone();
            if hashes.is_empty() {
                hashes.push(first.as_str().unwrap().to_owned());
                fs::write(&rules, &texts[1]).unwrap();
                let (_, answer) = request(&server.url, "/v1/reload", Some("")).unwrap();
                hashes.push(answer["companies"]["fuheng"]["hash"].as_str().unwrap().to_owned());
            }
        }
        let (before, count) = recorded(&data);
        fs::write(&rules, &texts[usize::from(before == hashes[1])]).unwrap();
        let mut server = Server::start(&data, &policies);
        assert_eq!(
            server.get("/v1/status")["companies"]["fuheng"]["hash"],
            before,
            "run {run}"
        );
        let log = data.join("guicheng.db-wal");
        let length = || fs::metadata(&log).map_or(0, |m| m.len());
        // After so many more pages than there are now: somewhere in the first few reloads.
        let begin = length();
        let wanted = begin + FRAME * (run as u64 * 37 % 150);
        let url = server.url.clone();
        let (policies_of, texts_of) = (policies.clone(), texts.clone());
        let first = usize::from(before == hashes[0]);
        let client = thread::spawn(move || reloads(&url, &policies_of, &texts_of, first));
        while length() < wanted && !client.is_finished() {
            thread::yield_now();
        }
        server.kill();
        let acknowledged = client.join().unwrap();
        places.insert((length() - begin) / FRAME);
        let (now, count_now) = recorded(&data);
        assert!(hashes.contains(&now), "run {run}: {now}");
        // What was acknowledged is there, and at most the one that was on its way beside it.
        let beyond = (count_now - count).checked_sub(acknowledged);
        assert!(
            beyond.is_some_and(|n| n <= 1),
            "run {run}: {count} versions, {acknowledged} acknowledged, {count_now} now"
        );
        acked += acknowledged;
        in_flight += beyond.unwrap_or(0);
        // With a broken file there is nothing to take up: what serves is what is recorded.
        fs::write(&rules, "[procedure\n").unwrap();
        let server = Server::start(&data, &policies);
        let status = server.get("/v1/status")["companies"]["fuheng"].clone();
        assert_eq!(
            (&status["hash"], &status["policies"]),
            (&json!(now), &json!("stale")),
            "run {run}"
        );
        assert_eq!(status["stale"]["stage"], "compile", "run {run}");
        assert!(!status["stale"]["findings"].as_array().unwrap().is_empty());
        let case = format!("K-{run}");
        let path = "/v1/companies/fuheng/events";
        let at = |h: u32| format!("2024-06-03T{h:02}:00:00+08:00");
        let received = event(&format!("{case}-1"), "complaint.received", &case, &at(9), complaint());
        let done = event(&format!("{case}-2"), "complaint.resolved", &case, &at(10), json!({}));
        request(&server.url, path, Some(&received.to_string())).unwrap();
        let (code, answer) = request(&server.url, path, Some(&done.to_string())).unwrap();
        assert_eq!(code, 201, "{answer}");
        let due =
            crate::bench::only(answer["opened"].as_array().unwrap(), "complaint-follow-up")["due"]["date"].clone();
        let days = ["2024-06-06", "2024-06-05"][usize::from(now == hashes[1])];
        assert_eq!(due, days, "run {run}: decided by the version that is recorded");
    }
    println!(
        "{runs} kills, {acked} reloads acknowledged, {in_flight} kept without an answer; killed at {} different lengths of the log, {:?} to {:?} \
         pages: always the recorded version served, whole",
        places.len(),
        places.first(),
        places.last(),
    );
}
