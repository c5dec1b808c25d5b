//! The real program: killed at bad moments, started twice, and its commands with their exit codes.

use crate::bench::{Temp, amend, complaint, event, form, policies_in, root};
use guicheng::store::Store;
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// No answer takes this long; only a test that hangs would.
const PATIENCE: Duration = Duration::from_secs(60);

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_guicheng"));
    for name in [
        "GUICHENG_DATA",
        "GUICHENG_LISTEN",
        "GUICHENG_POLICIES",
        "GUICHENG_SCRIPTS",
        "LANG",
        "LC_ALL",
        "LC_MESSAGES",
    ] {
        command.env_remove(name);
    }
    command
        .env("GUICHENG_LOG", "error")
        .env("GUICHENG_LANG", "en")
        .current_dir(root())
        .stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    program().args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A server that runs, until it is dropped.
struct Server {
    child: Child,
    address: String,
    lines: Receiver<String>,
}

impl Server {
    fn start(arguments: &[&str]) -> Server {
        let mut command = program();
        command.args(["serve", "--listen", "127.0.0.1:0"]).args(arguments);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                // Nobody listens after the address; what is printed must still be read.
                let _ = sender.send(line);
            }
        });
        let mut server = Server {
            child,
            address: String::new(),
            lines,
        };
        while server.address.is_empty() {
            let line = server
                .lines
                .recv_timeout(PATIENCE)
                .expect("the server says its address");
            if let Some(rest) = line.strip_prefix("ready: http://") {
                server.address = rest.split_whitespace().next().unwrap().to_owned();
            }
        }
        server
    }

    fn on(data: &Path) -> Server {
        Server::start(&["--data", data.to_str().unwrap()])
    }

    /// As the machine would: at once, with nothing said.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    #[track_caller]
    fn get(&self, path: &str) -> Value {
        let (status, body) = request(&self.address, "GET", path, "application/json", "").unwrap();
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that was killed is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One request on a connection of its own; none if the connection broke before a whole answer came.
fn request(address: &str, method: &str, path: &str, kind: &str, body: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let answer = String::from_utf8(answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let field = |name: &str| {
        head.lines()
            .find_map(|l| l.to_ascii_lowercase().strip_prefix(name).map(|v| v.trim().to_owned()))
    };
    let whole = field("content-length:")?.parse::<usize>().ok()? == body.len();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    whole.then(|| (status, body.to_owned()))
}

/// The case that the `n`-th batch of a round is about.
fn case(round: usize, n: usize) -> String {
    format!("K-{round}-{n}")
}

/// How many events a batch has.
const BATCH: usize = 40;

/// A batch: a complaint received and resolved, and many letters about it; all long past, whatever day it is.
fn batch(round: usize, n: usize) -> String {
    let case = case(round, n);
    let at = |m: usize| format!("2024-06-03T09:{m:02}:00+08:00");
    let mut lines = vec![
        event(&format!("{case}-0"), "complaint.received", &case, &at(0), complaint()),
        event(&format!("{case}-1"), "complaint.resolved", &case, &at(1), json!({})),
    ];
    for m in 2..BATCH {
        lines.push(event(
            &format!("{case}-{m}"),
            "complaint.followed-up",
            &case,
            &at(m),
            form(),
        ));
    }
    lines.iter().map(|l| format!("{l}\n")).collect()
}

const EVENTS: &str = "/v1/companies/fuheng/events";

/// Posts batches until the server is gone; says how many were begun, and of each that was acknowledged its number.
fn stream(address: String, round: usize, acknowledged: std::sync::mpsc::Sender<usize>) -> usize {
    for n in 0.. {
        match request(&address, "POST", EVENTS, "application/x-ndjson", &batch(round, n)) {
            Some((200, body)) => {
                let answer: Value = serde_json::from_str(&body).unwrap();
                assert_eq!(answer["accepted"], BATCH, "{answer}");
                acknowledged.send(n).unwrap();
            }
            Some((status, body)) => panic!("{status}: {body}"),
            None => return n + 1,
        }
    }
    unreachable!("the numbers have no end")
}

/// The answers to questions about the past, which no clock changes.
fn answers(server: &Server, cases: &[String]) -> Vec<String> {
    let at = "2024-07-01T00:00:00";
    let mut asked = vec![
        format!("/due?standing=all&limit=500&as_of={at}"),
        format!("/rates?period=2024-06&as_of={at}"),
        format!("/effects?from=2024-01-01T00:00:00&to={at}&as_of={at}"),
        format!("/reports/statistics?period=2024-06&as_of={at}"),
        format!("/reports/retention?as_of={at}"),
    ];
    asked.extend(cases.iter().map(|case| format!("/cases/{case}?as_of={at}")));
    asked
        .iter()
        .map(|path| server.get(&format!("/v1/companies/fuheng{path}")).to_string())
        .collect()
}

#[test]
fn killed_in_the_middle_of_batches_it_keeps_each_whole_or_not_at_all() {
    let dir = Temp::new();
    let data = dir.path().join("data");
    let mut kept: Vec<String> = Vec::new();
    // Killed right after so many were acknowledged, while more are on their way.
    for (round, after) in [1, 4, 2, 7].into_iter().enumerate() {
        let server = Server::on(&data);
        let (sender, acknowledged) = channel();
        let address = server.address.clone();
        let client = std::thread::spawn(move || stream(address, round, sender));
        let mut known = Vec::new();
        for _ in 0..after {
            known.push(acknowledged.recv_timeout(PATIENCE).expect("a batch is acknowledged"));
        }
        server.kill();
        let begun = client.join().unwrap();
        known.extend(acknowledged.try_iter());

        let server = Server::on(&data);
        for n in 0..begun {
            let path = format!("/v1/companies/fuheng/cases/{}", case(round, n));
            let (status, body) = request(&server.address, "GET", &path, "application/json", "").unwrap();
            let events = match status {
                404 => 0,
                _ => serde_json::from_str::<Value>(&body).unwrap()["events"]
                    .as_array()
                    .unwrap()
                    .len(),
            };
            assert!(
                events == 0 || events == BATCH,
                "round {round}: of batch {n} there are {events} events"
            );
            assert!(
                events == BATCH || !known.contains(&n),
                "round {round}: batch {n} was acknowledged and is gone"
            );
            if events == BATCH {
                kept.push(case(round, n));
            }
        }
        // What was on its way can be sent again, whatever became of it.
        let again = request(
            &server.address,
            "POST",
            EVENTS,
            "application/x-ndjson",
            &batch(round, begun - 1),
        )
        .unwrap();
        let answer: Value = serde_json::from_str(&again.1).unwrap();
        assert_eq!(
            answer["accepted"].as_u64().unwrap() + answer["repeated"].as_u64().unwrap(),
            BATCH as u64,
            "{answer}"
        );
        let last = case(round, begun - 1);
        if !kept.contains(&last) {
            kept.push(last);
        }
        let before = answers(&server, &kept);
        server.kill();
        let verified = Store::open(&data).unwrap().reader().unwrap().verify().unwrap();
        assert!(verified.events >= (kept.len() * BATCH) as u64, "{verified:?}");
        let server = Server::on(&data);
        assert_eq!(answers(&server, &kept), before, "round {round}");
        server.kill();
    }
    assert!(kept.len() >= 14, "{}", kept.len());
}

#[test]
fn the_demo_shows_what_there_is_to_see() {
    let dir = Temp::new();
    let data = dir.path().join("data");
    let server = Server::start(&["--demo", "--data", data.to_str().unwrap()]);
    let due = server.get("/v1/companies/fuheng/due?limit=500");
    let standing = |word: &str| {
        due["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|o| o["standing"] == word)
            .count()
    };
    assert!(standing("open") > 0 && standing("overdue") > 0, "{due}");
    // The example month ends today, so its figures stand in this month or, on its first day, mostly in the last.
    let now = server.get("/v1/companies/fuheng/rates");
    assert!(
        now["items"]
            .as_array()
            .unwrap()
            .iter()
            .all(|r| r["status"] == "accruing"),
        "{now}"
    );
    let month = now["items"][0]["period"].as_str().unwrap();
    let (year, number) = month.split_once('-').unwrap();
    let (year, number): (i32, u32) = (year.parse().unwrap(), number.parse().unwrap());
    let (year, number) = if number == 1 {
        (year - 1, 12)
    } else {
        (year, number - 1)
    };
    let last = server.get(&format!("/v1/companies/fuheng/rates?period={year}-{number:02}"));
    let members: u64 = [&now, &last]
        .iter()
        .flat_map(|r| r["items"].as_array().unwrap())
        .map(|r| r["population"].as_u64().unwrap())
        .sum();
    assert!(members > 100, "{members}");
    // A demo does not touch data that is there.
    server.kill();
    let output = run(&[
        "serve",
        "--demo",
        "--listen",
        "127.0.0.1:0",
        "--data",
        data.to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stderr).contains("holds data already"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn it_says_ready_in_chinese_too() {
    let dir = Temp::new();
    let mut command = program();
    let data = dir.path().join("data");
    command.args([
        "serve",
        "--lang",
        "zh",
        "--listen",
        "127.0.0.1:0",
        "--data",
        data.to_str().unwrap(),
    ]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(line.starts_with("就绪: http://127.0.0.1:"), "{line}");
}

#[test]
fn addresses_of_other_machines_are_refused() {
    let dir = Temp::new();
    let data = dir.path().join("data");
    for address in ["0.0.0.0:0", "192.0.2.1:7878", "[::]:0"] {
        let output = run(&["serve", "--listen", address, "--data", data.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(1), "{address}");
        let said = text(&output.stderr);
        assert!(said.contains(address) && said.contains("127.0.0.1"), "{said}");
        assert!(!data.exists(), "nothing was written");
    }
}

#[test]
fn a_second_server_on_the_same_data_is_refused() {
    let dir = Temp::new();
    let data = dir.path().join("data");
    let server = Server::on(&data);
    let output = run(&["serve", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(
        said.contains("in use by another server") && said.contains(data.to_str().unwrap()),
        "{said}"
    );
    // The first one is none the worse for it.
    assert_eq!(server.get("/readyz")["ready"], true);
}

#[test]
fn policies_are_checked() {
    let output = run(&["check"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    assert!(text(&output.stdout).contains("fuheng"));

    let dir = Temp::new();
    let policies = policies_in(dir.path());
    amend(
        &policies,
        "follow-up.toml",
        "within = \"3天\"\ndone = \"complaint.followed-up\"",
        "within = \"3 天天\"\ndone = \"complaint.followed-upp\"",
    );
    let file = fs::read_to_string(policies.join("fuheng/follow-up.toml")).unwrap();
    let line = 1 + file.lines().position(|l| l.contains("complaint.followed-upp")).unwrap();
    let folder = policies.to_str().unwrap();
    for (lang, clause) in [("en", "clause 4.1.1(1)"), ("zh", "条款 4.1.1(1)")] {
        let output = run(&["check", "--policies", folder, "--lang", lang]);
        assert_eq!(output.status.code(), Some(3));
        let said = text(&output.stdout);
        assert!(said.contains(&format!("fuheng/follow-up.toml:{line}:")), "{said}");
        let named = ["`complaint.followed-up`", "“complaint.followed-up”"];
        assert!(
            said.contains(clause) && named.iter().any(|n| said.contains(n)),
            "{said}"
        );
        assert!(
            said.contains(&format!("fuheng/follow-up.toml:{}:", line - 1)),
            "both findings in one run: {said}"
        );
    }
    let output = run(&["check", "--policies", folder, "--format", "json"]);
    assert_eq!(output.status.code(), Some(3));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let finding = findings.iter().find(|f| f["line"] == line).unwrap();
    assert_eq!(
        (&finding["severity"], &finding["clause"]),
        (&json!("error"), &json!("4.1.1(1)")),
        "{finding}"
    );
    assert!(
        finding["remedy"]["en"]
            .as_str()
            .unwrap()
            .contains("complaint.followed-up"),
        "{finding}"
    );
    assert!(report["errors"].as_u64().unwrap() >= 2, "{report}");
    // A server with nothing that can serve does not start.
    let data = dir.path().join("data");
    let output = run(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--policies",
        folder,
        "--data",
        data.to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    assert_eq!(run(&["check", "nobody"]).status.code(), Some(1));
    assert_eq!(run(&["check", "--formt", "json"]).status.code(), Some(2));
}

#[test]
fn timelines_are_run() {
    let output = run(&["test"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));

    let dir = Temp::new();
    let policies = policies_in(dir.path());
    let path = policies.join("fuheng/tests/complaints.toml");
    let file = fs::read_to_string(&path).unwrap();
    let (from, to) = ("due_on = \"2026-03-05\"", "due_on = \"2026-03-06\"");
    let line = 1 + file.lines().position(|l| l.contains(from)).unwrap();
    fs::write(&path, file.replacen(from, to, 1)).unwrap();
    let folder = policies.to_str().unwrap();
    let output = run(&["test", "--policies", folder]);
    assert_eq!(output.status.code(), Some(4));
    let said = text(&output.stdout);
    let place = said.lines().find(|l| l.contains("complaints.toml:")).unwrap();
    let at: usize = place
        .split("complaints.toml:")
        .nth(1)
        .unwrap()
        .split(':')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!(line.abs_diff(at) <= 1, "line {line}: {place}");
    assert!(place.contains("2026-03-05") && place.contains("2026-03-06"), "{place}");
    let output = run(&["test", "--policies", folder, "--format", "json"]);
    assert_eq!(output.status.code(), Some(4));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["companies"][0]["failed"], 1, "{report}");
    // No timeline at all is no success.
    fs::remove_dir_all(policies.join("fuheng/tests")).unwrap();
    assert_eq!(run(&["test", "--policies", folder]).status.code(), Some(4));
}

#[test]
fn tests_of_scripts_are_counted_apart_from_timelines() {
    let tests = fs::read_dir(root().join("policies/vanke/tests")).unwrap();
    let texts = tests.map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    let texts: String = texts.collect();
    let written = |header: &str| texts.lines().filter(|line| *line == header).count();
    let (timelines, scripts) = (written("[[timeline]]"), written("[[script]]"));
    assert!(timelines > 0 && scripts > 0);
    let report: Value = serde_json::from_slice(&run(&["test", "vanke", "--format", "json"]).stdout).unwrap();
    let count = |name: &str| report["companies"][0][name].as_u64().unwrap() as usize;
    assert_eq!((count("passed"), count("failed")), (timelines, 0));
    assert_eq!((count("scripts_passed"), count("scripts_failed")), (scripts, 0));
    let said = text(&run(&["test", "vanke"]).stdout);
    let line = format!("timelines passed {timelines}, failed 0; tests of scripts passed {scripts}, failed 0;");
    assert!(said.contains(&line), "{said}");
    let said = text(&run(&["test", "fuheng"]).stdout);
    assert!(!said.contains("scripts"), "{said}");
}

/// A policy folder with one company, `c`, that has these people and no rules yet.
fn small_company(temp: &Temp, people: &str) -> PathBuf {
    let dir = temp.path().join("policies");
    fs::create_dir_all(dir.join("c/tests")).unwrap();
    fs::create_dir_all(dir.join("calendars")).unwrap();
    fs::copy(root().join("policies/calendars/cn.toml"), dir.join("calendars/cn.toml")).unwrap();
    let company = "[company]\nid = \"c\"\ntitle = \"丙\"\nzone = \"Asia/Shanghai\"\ncalendar = \"cn\"\n";
    fs::write(dir.join("c/company.toml"), format!("{company}{people}")).unwrap();
    dir
}

#[test]
fn a_minimum_of_branches_is_held_and_what_is_missing_is_told() {
    let gate = |percent: &'static str, folder: &str, more: &[&str]| {
        let args = ["test", "--policies", folder, "--at-least-branches", percent];
        run(&[&args[..], more].concat())
    };
    let temp = Temp::new();
    let dir = small_company(&temp, "[person.wang]\nname = \"王\"\nholds = [{ role = \"clerk\" }]\n");
    // Three branches: it is done; it is overdue; somebody is told of that.
    let rules = r#"
[procedure]
id = "c/p"
title = "规程"
effective = 2024-01-01
[clause."1"]
text = "第二天以前答复。"
[role.clerk]
title = "职员"
[case.job]
title = "事"
[case.job.events]
opened = "开始"
done = "办完"
[deadline.do]
title = "办"
clause = "1"
on = "job.opened"
within = "1天"
done = "job.done"
bearer = "clerk"
escalate = [{ at = "due", to = "clerk" }]
"#;
    fs::write(dir.join("c/p.toml"), rules).unwrap();
    let line = 1 + rules.lines().position(|line| line == "[deadline.do]").unwrap();
    let done = r#"
[[timeline]]
title = "办了"
clauses = ["1"]
event = [
  { at = "2026-03-02T09:00:00", type = "job.opened", case = "J" },
  { at = "2026-03-02T10:00:00", type = "job.done", case = "J" },
]
expect = [{ at = "2026-03-02T11:00:00", obligations = [{ case = "J", rule = "do", standing = "fulfilled" }] }]
"#;
    fs::write(dir.join("c/tests/t.toml"), done).unwrap();
    let folder = dir.to_str().unwrap();
    // One of three is a third: enough for 33, not for 34; without the option nothing is asked.
    assert_eq!(run(&["test", "--policies", folder]).status.code(), Some(0));
    assert_eq!(gate("33", folder, &[]).status.code(), Some(0));
    let output = gate("34", folder, &["--lang", "en"]);
    assert_eq!(output.status.code(), Some(4));
    let said = text(&output.stdout);
    assert!(
        said.contains(&format!("c/p.toml:{line}: no timeline takes the branch do overdue")),
        "{said}"
    );
    assert!(
        said.contains("branches 1 of 3 (33.3 %)") && said.contains("less than the 34 %"),
        "{said}"
    );
    let said = text(&gate("34", folder, &["--lang", "zh"]).stdout).to_owned();
    assert!(
        said.contains("分支 1/3 (33.3 %)") && said.contains("低于要求的 34 %"),
        "{said}"
    );
    let output = gate("34", folder, &["--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let company = &report["companies"][0];
    assert_eq!(
        company["branches"],
        json!({ "covered": 1, "all": 3, "percent": "33.3" })
    );
    assert_eq!(company["too_low"], json!(["branches"]));
    let missing = company["uncovered_branches"].as_array().unwrap();
    let ways: Vec<&str> = missing.iter().map(|b| b["branch"].as_str().unwrap()).collect();
    assert_eq!(ways, ["overdue", "level-1"]);
    assert_eq!(missing[0]["line"], line);
    assert_eq!(gate("101", folder, &[]).status.code(), Some(2));
    assert_eq!(gate("34", folder, &["--mutate"]).status.code(), Some(2));
}

#[test]
fn changes_that_no_timeline_notices_are_listed() {
    let temp = Temp::new();
    let dir = small_company(
        &temp,
        "[person.p]\nname = \"彭\"\nholds = [{ role = \"a\" }, { role = \"b\" }]\n",
    );
    let policy = r#"
[procedure]
id = "c/p"
title = "规程"
effective = 2024-01-01
[clause."1"]
text = "三天内回访。"
[clause."2"]
text = "态度和气。"
manual = "态度由人判断"
[role.a]
title = "甲"
[role.b]
title = "乙"
[case.k]
title = "事"
[case.k.events]
made = "发生"
done = "办完"
[deadline.d]
title = "回访"
clause = "1"
on = "k.made"
within = "3d"
done = "k.done"
bearer = "a"
escalate = [{ at = "due", to = "b" }]
"#;
    fs::write(dir.join("c/p.toml"), policy).unwrap();
    // The due date is looked at on a day on which a working day is a calendar day; the role and the level are not.
    let timeline = r#"
[[timeline]]
title = "三天"
clauses = ["1"]
[[timeline.event]]
at = "2026-03-02T10:00:00"
type = "k.made"
case = "K"
[[timeline.expect]]
at = "2026-03-02T11:00:00"
obligations = [{ case = "K", rule = "d", due_on = "2026-03-05" }]
"#;
    fs::write(dir.join("c/tests/t.toml"), timeline).unwrap();
    let dir = dir.to_str().unwrap();
    let out = run(&["test", "--mutate", "--format", "json", "--policies", dir]);
    let found: Value = serde_json::from_slice(&out.stdout).unwrap();
    // 3d -> 4d is noticed; 3d -> 3bd, the bearer, the step itself, its time and its role are not.
    let missed = found["missed"].as_array().unwrap();
    let keys: Vec<&str> = missed.iter().map(|m| m["key"].as_str().unwrap()).collect();
    assert_eq!(
        keys,
        ["within", "bearer", "escalate", "escalate.at", "escalate.to"],
        "{found}"
    );
    assert_eq!(
        (&found["mutants"], &found["noticed"]),
        (&json!(6), &json!(1)),
        "{found}"
    );
    assert_eq!(missed[0]["to"], "\"3bd\"");
    assert_eq!(out.status.code(), Some(4));

    let out = run(&["clauses", "--format", "json", "--policies", dir]);
    let clauses: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(
        clauses,
        json!([
            { "company": "c", "procedure": "c/p", "clause": "1", "text": "三天内回访。", "status": "carried", "reason": null, "rules": ["d"], "tests": ["三天"] },
            { "company": "c", "procedure": "c/p", "clause": "2", "text": "态度和气。", "status": "manual", "reason": "态度由人判断", "rules": [], "tests": [] },
        ])
    );
    assert_eq!(out.status.code(), Some(0));
}

/// How many clauses the documents have, counted in the documents themselves; kexin's own one adopts the base's eighteen.
const CLAUSES: [(&str, usize); 17] = [
    ("a-company/service", 3),
    ("base/customer-opinion", 18),
    ("base/home-service", 3),
    ("dichan/follow-up", 7),
    ("fuheng/follow-up", 30),
    ("kexin/customer-opinion", 19),
    ("meihao/reception", 11),
    ("office/complaints", 10),
    ("qingniancheng/prospect-follow-up", 21),
    ("sales-adviser/deal", 12),
    ("sales-office/customer-service", 18),
    ("sales-office/objections", 1),
    ("service-centre/rules", 22),
    ("vanke/customer-management", 22),
    ("xingfu/reception", 5),
    ("zcheng/monthly-notice", 6),
    ("zcheng/survey-report", 4),
];

#[test]
fn every_clause_of_every_procedure_is_carried_and_tested() {
    let out = run(&["clauses", "--format", "json"]);
    let listed: Value = serde_json::from_slice(&out.stdout).unwrap();
    let listed = listed.as_array().unwrap();
    let of = |procedure: &str| listed.iter().filter(|c| c["procedure"] == procedure).count();
    for (procedure, count) in CLAUSES {
        assert_eq!(of(procedure), count, "{procedure}");
    }
    assert_eq!(listed.len(), CLAUSES.iter().map(|(_, count)| count).sum::<usize>());
    for clause in listed {
        assert_ne!(clause["status"], "manual", "{clause}");
        assert_ne!(clause["tests"], json!([]), "{clause}");
    }
}

/// A folder with a draft of Fuheng's procedure that differs in one text.
fn draft_in(dir: &Path, from: &str, to: &str) -> String {
    let text = fs::read_to_string(root().join("policies/fuheng/follow-up.toml")).unwrap();
    assert_eq!(text.matches(from).count(), 1);
    let folder = dir.join("draft");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("follow-up.toml"), text.replacen(from, to, 1)).unwrap();
    folder.to_str().unwrap().to_owned()
}

#[test]
fn a_draft_is_tried_on_the_past() {
    let dir = Temp::new();
    let month = "examples/fuheng-2026-03.ndjson";
    let span = [
        "--from",
        "2026-03-01",
        "--to",
        "2026-03-31",
        "--company",
        "fuheng",
        "--events",
        month,
    ];
    let simulate = |draft: &str, more: &[&str]| run(&[&["simulate", "--draft", draft], &span[..], more].concat());
    let draft = draft_in(dir.path(), "within = \"3天\"", "within = \"2天\"");
    let list = dir.path().join("cases.ndjson");
    let output = simulate(&draft, &["--cases", list.to_str().unwrap(), "--lang", "zh"]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(5), "{said}{}", text(&output.stderr));
    for part in [
        "到期提前",
        "中位数 −1 天",
        "一、必然的差别",
        "二、取决于人的差别",
        "4.1.1(1) complaint-follow-up 投诉回访",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    let rows: Vec<Value> = fs::read_to_string(&list)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let answer: Value = serde_json::from_str(&text(&simulate(&draft, &["--format", "json"]).stdout)).unwrap();
    assert_eq!(answer["differs"], true);
    assert_eq!(answer["totals"]["rows"], json!(rows.len()));

    let same = draft_in(dir.path(), "within = \"3天\"", "within = \"3天\" # 不变");
    let output = simulate(&same, &[]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("There is no difference."), "{said}");

    let faulty = draft_in(dir.path(), "within = \"3天\"", "within = \"3 tage\"");
    let output = simulate(&faulty, &[]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stdout).contains("draft/follow-up.toml"));
    let output = simulate(dir.path().join("nowhere").to_str().unwrap(), &[]);
    assert_eq!(output.status.code(), Some(1));
}
