//! A trial ends soon after whoever asked for it has hung up.

use crate::bench::{Bench, complaint, server};
use crate::size;
use serde_json::json;
use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// From how many events on a record is read in many pieces.
const PIECES: usize = 50_000;

/// How many events are sent at a time.
const BATCH: usize = 500;

#[expect(clippy::disallowed_methods, reason = "how long something takes is what is measured")]
fn now() -> Instant {
    Instant::now()
}

/// A record that takes a while to fold.
fn recorded(events: usize) -> Bench {
    let bench = server();
    for from in (0..events).step_by(BATCH) {
        let lines: Vec<_> = (from..(from + BATCH).min(events))
            .map(|n| {
                let case = format!("H-{}", n / 2);
                let (kind, mut data) = match n % 2 {
                    0 => ("received", complaint()),
                    _ => ("resolved", json!({})),
                };
                // One matter of many customers, so that no threshold counts them all.
                if kind == "received" {
                    data["customer"] = json!(case);
                }
                crate::bench::event(&format!("h-{n}"), &format!("complaint.{kind}"), &case, "02T09:00", data)
            })
            .collect();
        bench.batch("", &lines).expect(200);
    }
    bench
}

fn until(so: &dyn Fn() -> bool) {
    while !so() {
        thread::yield_now();
    }
}

/// Waits until no draft is on trial; returns how long that took.
fn until_free(bench: &Bench) -> Duration {
    let began = now();
    until(&|| !bench.shared().is_trying());
    began.elapsed()
}

#[test]
fn a_trial_that_nobody_waits_for_ends() {
    let events = size(1_000, 100_000);
    let bench = recorded(events);
    let rules = fs::read_to_string(bench.policies().join("fuheng/follow-up.toml")).unwrap();
    let draft = rules.replacen("within = \"3天\"", "within = \"2天\"", 1);
    let body = json!({ "files": { "follow-up.toml": draft }, "from": "2026-03-01", "to": "2026-03-31" }).to_string();
    let path = "/v1/companies/fuheng/simulate";
    let began = now();
    let answer = bench.ask("POST", path, "application/json", body.clone()).expect(200);
    let whole = began.elapsed();
    assert_eq!(answer["differs"], true);
    let left = Arc::new(AtomicBool::new(false));
    let address = bench.listen(&left);
    let hang_up = |when: &dyn Fn() -> bool| {
        left.store(false, Ordering::SeqCst);
        let mut client = TcpStream::connect(address).unwrap();
        let length = body.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: it\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        );
        client.write_all(format!("{head}{body}").as_bytes()).unwrap();
        until(when);
        assert!(!left.load(Ordering::SeqCst), "it answered first");
        drop(client);
        until(&|| left.load(Ordering::SeqCst));
    };
    // As soon as it is on trial, and the folds cannot have begun: they need the world that is held here.
    let live = bench.shared().live("fuheng").unwrap();
    let held = live.world.write();
    hang_up(&|| bench.shared().is_trying());
    drop(held);
    let at_once = until_free(&bench);
    assert!(at_once < whole / 2, "{at_once:?} of {whole:?}");
    // In the midst of them: by the piece in which the record is read, of which a small one has only one.
    let began = now();
    hang_up(&|| began.elapsed() > whole / 4);
    let midst = until_free(&bench);
    assert!(events < PIECES || midst < whole / 2, "{midst:?} of {whole:?}");
    // The next draft is tried.
    assert_eq!(bench.ask("POST", path, "application/json", body).expect(200), answer);
    println!(
        "a trial of {events} events takes {whole:?}; it was free again {at_once:?} after a hang-up at once, {midst:?} after one in its midst"
    );
}
