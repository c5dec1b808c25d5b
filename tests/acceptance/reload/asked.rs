//! The ways to have the real program reload: the command, the signal, a file that changes.

use super::killed::Server;
use crate::bench::{Temp, amend, policies_in};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// How often is looked whether something has happened: each look is a request, so that this takes minutes.
const LOOKS: usize = 50_000;

struct Place {
    dir: Temp,
    policies: PathBuf,
}

fn place() -> Place {
    let dir = Temp::new();
    let policies = policies_in(dir.path());
    fs::remove_dir_all(policies.join("fuheng/tests")).unwrap();
    Place { dir, policies }
}

impl Place {
    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn serve(&self, more: &[&str]) -> Server {
        Server::start_with(&self.data(), &self.policies, more)
    }

    fn tighten(&self) {
        amend(&self.policies, "follow-up.toml", "within = \"3天\"", "within = \"2天\"");
    }
}

fn reload(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_guicheng"));
    command
        .env("GUICHENG_LOG", "off")
        .env("GUICHENG_LANG", "en")
        .stdin(Stdio::null());
    command.arg("reload").args(arguments).output().unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn fuheng(server: &Server) -> Value {
    server.get("/v1/status")["companies"]["fuheng"].clone()
}

/// Looks until a reload by somebody has ended like this; returns how the company stands then.
#[track_caller]
fn until(server: &Server, by: &str, result: &str, hash: &Value) -> Value {
    for _ in 0..LOOKS {
        let standing = fuheng(server);
        let last = &standing["last_reload"];
        if last["by"] == by && last["result"] == result && (standing["hash"] != *hash || result == "refused") {
            return standing;
        }
    }
    panic!("no reload by {by} was {result}: {}", fuheng(server));
}

#[test]
fn the_command_says_what_would_change_and_takes_it_up() {
    let place = place();
    let server = place.serve(&[]);
    let before = fuheng(&server)["hash"].clone();
    place.tighten();
    let ask = |more: &[&str]| reload(&[&["--url", server.url.as_str()], more].concat());
    let tried = ask(&["--dry-run", "fuheng"]);
    assert_eq!(tried.status.code(), Some(0), "{}", told(&tried));
    let text = told(&tried);
    assert!(
        text.contains("fuheng: good to serve") && text.contains("transition = keep"),
        "{text}"
    );
    assert!(text.contains("none changes"), "{text}");
    assert_eq!(fuheng(&server)["hash"], before);
    let zh = told(&ask(&["--dry-run", "--lang", "zh"]));
    assert!(zh.contains("可以换用") && zh.contains("一项也不变"), "{zh}");
    let done = ask(&["--format", "json"]);
    let answer: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!((done.status.code(), &answer["changed"]), (Some(0), &json!(["fuheng"])));
    let serving = fuheng(&server)["hash"].clone();
    assert_eq!(
        (&answer["companies"]["fuheng"]["hash"], serving != before),
        (&serving, true)
    );
    assert!(told(&ask(&[])).contains("the same as what serves"));
    amend(
        &place.policies,
        "follow-up.toml",
        "within = \"2天\"\ndone = \"complaint",
        "within = \"2 天天\"\ndone = \"complaint",
    );
    let refused = ask(&[]);
    let text = told(&refused);
    assert_eq!(refused.status.code(), Some(3), "{text}");
    assert!(
        text.contains("refused at the stage `check`") && text.contains("follow-up.toml:"),
        "{text}"
    );
    assert_eq!(ask(&["nobody"]).status.code(), Some(1));
    drop(server);
    assert_eq!(ask_nobody().status.code(), Some(1));
    // Without a server, on its data.
    amend(
        &place.policies,
        "follow-up.toml",
        "within = \"2 天天\"",
        "within = \"4天\"",
    );
    let (data, policies) = (place.data(), place.policies.clone());
    let offline = [path(&policies, "--policies"), path(&data, "--data")].concat();
    let offline: Vec<&str> = offline.iter().map(String::as_str).chain(["--dry-run"]).collect();
    let tried = reload(&offline);
    assert!(told(&tried).contains("fuheng: good to serve"), "{}", told(&tried));
}

fn path(of: &Path, flag: &str) -> Vec<String> {
    vec![flag.to_owned(), of.to_str().unwrap().to_owned()]
}

/// Asks a server that is not there.
fn ask_nobody() -> Output {
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    reload(&["--url", &format!("http://{free}")])
}

#[cfg(unix)]
#[test]
fn the_signal_hup_has_it_reload() {
    let place = place();
    let server = place.serve(&[]);
    let before = fuheng(&server)["hash"].clone();
    place.tighten();
    let id = server.child.id().to_string();
    assert!(Command::new("kill").args(["-HUP", &id]).status().unwrap().success());
    let standing = until(&server, "signal", "changed", &before);
    assert_eq!(standing["policies"], "current");
}

#[test]
fn a_file_that_changes_has_it_reload_and_a_half_written_one_is_tried_again() {
    let place = place();
    let server = place.serve(&["--watch"]);
    let before = fuheng(&server)["hash"].clone();
    let file = place.policies.join("fuheng/follow-up.toml");
    let whole = fs::read_to_string(&file)
        .unwrap()
        .replacen("within = \"3天\"", "within = \"2天\"", 1);
    let cut = whole.find("[deadline.complaint-follow-up]").unwrap() + "[deadline.comp".len();
    fs::write(&file, &whole[..cut]).unwrap();
    let standing = until(&server, "watch", "refused", &before);
    assert_eq!((&standing["policies"], &standing["hash"]), (&json!("stale"), &before));
    fs::write(&file, &whole).unwrap();
    let standing = until(&server, "watch", "changed", &before);
    assert_eq!(
        (&standing["policies"], &standing["stale"]),
        (&json!("current"), &Value::Null)
    );
}
