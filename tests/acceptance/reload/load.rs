//! Reloads while events are posted and questions are asked: no error, and every answer by one version whole.

use crate::bench::{Bench, complaint, event, only, resolved, server};
use crate::size;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How many complaints are asked about all the time.
const CASES: usize = 12;

/// Two versions of the policies: they differ in the term, which counts anew what is owed, and in who looks after the
/// east. What mixes them shows.
struct Versions {
    texts: [(String, String); 2],
}

impl Versions {
    fn of(bench: &Bench) -> Versions {
        let read = |file: &str| fs::read_to_string(bench.policies().join("fuheng").join(file)).unwrap();
        let (rules, company) = (read("follow-up.toml"), read("company.toml"));
        let head = "effective = 2024-01-01";
        assert_eq!(rules.matches(head).count(), 1);
        let first = rules.replacen(head, &format!("{head}\ntransition = \"rebase\""), 1);
        let second = first.replacen("within = \"3天\"", "within = \"2天\"", 1);
        let swapped = company
            .replacen("of = [\"west\"]", "of = [\"?\"]", 1)
            .replacen("of = [\"east\"]", "of = [\"west\"]", 1)
            .replacen("of = [\"?\"]", "of = [\"east\"]", 1);
        assert!(first != second && swapped != company);
        Versions {
            texts: [(first, company), (second, swapped)],
        }
    }

    fn write(&self, bench: &Bench, which: usize) {
        let (rules, company) = &self.texts[which];
        fs::write(bench.policies().join("fuheng/follow-up.toml"), rules).unwrap();
        fs::write(bench.policies().join("fuheng/company.toml"), company).unwrap();
    }
}

/// What is asked, and what of the answer does not depend on when it is asked.
fn ask(bench: &Bench, n: usize) -> (String, Value) {
    let path = match n % 3 {
        0 => format!("/cases/C-{}", n % CASES),
        1 => format!("/due?case=C-{}&standing=all", n % CASES),
        _ => format!("/obligations/C-{}~complaint-follow-up~1", n % CASES),
    };
    let reply = bench.reply(&path);
    assert_eq!(reply.status, 200, "{path}: {}", reply.text);
    let mut answer = reply.json();
    if let Value::Object(members) = &mut answer {
        members.remove("as_of");
    }
    (reply.policies, answer)
}

#[expect(clippy::disallowed_methods, reason = "how long something takes is what is measured")]
fn now() -> Instant {
    Instant::now()
}

fn p99(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[(times.len() * 99 / 100).min(times.len() - 1)]
}

/// Asks until told to stop; returns how long each answer took.
fn asked(bench: &Bench, from: usize, stop: &AtomicBool, known: &BTreeMap<String, Vec<Value>>) -> Vec<Duration> {
    let mut times = Vec::new();
    let mut n = from;
    while !stop.load(Ordering::SeqCst) {
        let began = now();
        let (hash, answer) = ask(bench, n);
        times.push(began.elapsed());
        let wanted = known.get(&hash).expect("an answer is by one of the two versions");
        assert_eq!(
            answer,
            wanted[n % wanted.len()],
            "an answer by {hash} is that version's, whole"
        );
        n += 1;
    }
    times
}

/// Posts complaints until told to stop; each is decided by one version whole.
fn posted(bench: &Bench, stop: &AtomicBool, next: &AtomicU64, editions: &BTreeMap<String, &str>) {
    while !stop.load(Ordering::SeqCst) {
        let case = format!("L-{}", next.fetch_add(1, Ordering::SeqCst));
        bench.post(event(
            &format!("{case}-1"),
            "complaint.received",
            &case,
            "02T09:00",
            complaint(),
        ));
        let answer = bench.post(event(
            &format!("{case}-2"),
            "complaint.resolved",
            &case,
            "02T10:00",
            json!({}),
        ));
        let owed = only(answer["opened"].as_array().unwrap(), "complaint-follow-up");
        let due = editions[owed["edition"].as_str().unwrap()];
        assert_eq!(owed["due"]["date"], due, "{owed}");
    }
}

#[test]
fn reloads_under_load_lose_nothing_and_mix_nothing() {
    let reloads = size(30, 1_000);
    let bench = server();
    let versions = Versions::of(&bench);
    for n in 0..CASES {
        resolved(&bench, &format!("C-{n}"));
    }
    // What each version says, asked while nothing else goes on. The first is come back to, for what is owed.
    let mut known = BTreeMap::new();
    let mut editions = BTreeMap::new();
    let dues = ["2026-03-05", "2026-03-04"];
    for which in [0, 1, 0, 1] {
        bench.clock.fetch_add(1, Ordering::SeqCst);
        versions.write(&bench, which);
        bench.reload("").expect(200);
        let answers: Vec<(String, Value)> = (0..3 * CASES).map(|n| ask(&bench, n)).collect();
        let hash = answers[0].0.clone();
        assert!(answers.iter().all(|(by, _)| *by == hash) && !hash.is_empty());
        let owed = bench.owed("C-0", "complaint-follow-up");
        assert_eq!(owed["due"]["date"], dues[which], "{owed}");
        assert_eq!(owed["bearers"][1]["person"], ["zhang", "li"][which], "{owed}");
        editions.insert(owed["edition"].as_str().unwrap().to_owned(), dues[which]);
        known.insert(
            hash,
            answers.into_iter().map(|(_, answer)| answer).collect::<Vec<Value>>(),
        );
    }
    assert_eq!((known.len(), editions.len()), (2, 2));
    let next = AtomicU64::new(0);
    let run = |work: &dyn Fn()| -> Vec<Duration> {
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            let asking = [0, 1].map(|n| {
                scope.spawn({
                    let (bench, stop, known) = (&bench, &stop, &known);
                    move || asked(bench, n * 7, stop, known)
                })
            });
            let posting = scope.spawn(|| posted(&bench, &stop, &next, &editions));
            work();
            stop.store(true, Ordering::SeqCst);
            posting.join().unwrap();
            asking.into_iter().flat_map(|t| t.join().unwrap()).collect()
        })
    };
    let quiet = run(&|| {
        let until = next.load(Ordering::SeqCst) + size(100, 2_000) as u64;
        while next.load(Ordering::SeqCst) < until {
            thread::yield_now();
        }
    });
    let loaded = run(&|| {
        for n in 0..reloads {
            bench.clock.fetch_add(1, Ordering::SeqCst);
            versions.write(&bench, n % 2);
            assert_eq!(bench.reload("").expect(200)["changed"], json!(["fuheng"]), "reload {n}");
        }
    });
    let (asked, events) = (loaded.len(), next.load(Ordering::SeqCst) * 2);
    assert!(asked > reloads, "questions were asked all the while: {asked}");
    let (before, after) = (p99(quiet), p99(loaded));
    let added = after.saturating_sub(before);
    println!(
        "{reloads} reloads, {asked} questions, {events} events: 0 errors, 0 mixed answers; p99 {before:?} without, {after:?} with reloads, added {added:?}"
    );
    if reloads >= 1_000 && !cfg!(debug_assertions) {
        assert!(added < Duration::from_millis(10), "{added:?}");
    }
}
