//! Reloads while events are posted and questions are asked: no error, and every answer by one version whole.

use crate::bench::{Bench, complaint, only, resolved, server};
use crate::size;
use chrono::DateTime;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
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

/// What was timed, by whether reloads went on at that time.
#[derive(Default)]
struct Times([Vec<Duration>; 2]);

impl Times {
    fn join(&mut self, other: Times) {
        for (all, more) in self.0.iter_mut().zip(other.0) {
            all.extend(more);
        }
    }

    /// The time within which so many of a hundred were answered, with reloads or without.
    fn within(&mut self, with: bool, of_hundred: usize) -> Duration {
        let times = &mut self.0[usize::from(with)];
        times.sort_unstable();
        times[(times.len() * of_hundred / 100).min(times.len() - 1)]
    }
}

/// What goes on: seconds with reloads and seconds without take turns, under the same load.
#[derive(Default)]
struct Turns {
    reloading: AtomicBool,
    over: AtomicBool,
}

/// Ends the load, also where a reload fails.
struct Ending<'a>(&'a Turns);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.over.store(true, Ordering::SeqCst);
    }
}

/// How often each of those who ask asks, and the one who posts posts: far more than a company does, and less than fills the
/// machine, so that what is measured is the reload and not a queue of our own.
const ASKED_EVERY: Duration = Duration::from_millis(5);
const POSTED_EVERY: Duration = Duration::from_millis(50);

/// Asks at fixed times until it is over; returns how long after its time each question was answered, so that one that had to wait
/// for another counts in full. A question counts for the time in which it was put.
fn asked(bench: &Bench, from: usize, turns: &Turns, known: &BTreeMap<String, Vec<Value>>) -> Times {
    let mut times = Times::default();
    let (mut n, mut began) = (from, now());
    while !turns.over.load(Ordering::SeqCst) {
        began += ASKED_EVERY;
        pause(began.saturating_duration_since(now()));
        let reloading = turns.reloading.load(Ordering::SeqCst);
        let (hash, answer) = ask(bench, n);
        times.0[usize::from(reloading)].push(began.elapsed());
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

/// Posts complaints until it is over; each is decided by one version whole. They are withdrawn, so that what is owed does not
/// grow while it goes on.
fn posted(bench: &Bench, turns: &Turns, editions: &BTreeMap<String, &str>) -> u64 {
    let (mut posted, mut begins) = (0, now());
    while !turns.over.load(Ordering::SeqCst) {
        begins += POSTED_EVERY;
        pause(begins.saturating_duration_since(now()));
        let case = format!("L-{posted}");
        // It happens now: what came into force before does not come over it again.
        let at = DateTime::from_timestamp_millis(bench.clock.load(Ordering::SeqCst))
            .unwrap()
            .to_rfc3339();
        let post = |n: usize, kind: &str, data: Value| {
            let id = format!("{case}-{n}");
            bench.post(json!({ "id": id, "type": kind, "case": case, "occurred_at": at, "data": data }))
        };
        post(1, "complaint.received", complaint());
        let answer = post(2, "complaint.resolved", json!({}));
        let owed = only(answer["opened"].as_array().unwrap(), "complaint-follow-up");
        let due = editions[owed["edition"].as_str().unwrap()];
        assert_eq!(owed["due"]["date"], due, "{owed}");
        post(3, "complaint.withdrawn", json!({}));
        posted += 1;
    }
    posted * 3
}

/// Lets a time pass without taking any of the machine's.
fn pause(time: Duration) {
    let (_open, silent) = channel::<()>();
    let _ = silent.recv_timeout(time);
}

#[test]
fn reloads_under_load_lose_nothing_and_mix_nothing() {
    let (reloads, slice) = (size(12, 1_000), Duration::from_millis(size(300, 1_000) as u64));
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
    let turns = Turns::default();
    let (mut done, mut spans) = (0, 0);
    let mut spent = [Duration::ZERO; 2];
    let (mut times, events) = thread::scope(|scope| {
        let asking = [0, 1].map(|n| {
            scope.spawn({
                let (bench, turns, known) = (&bench, &turns, &known);
                move || asked(bench, n * 7, turns, known)
            })
        });
        let posting = scope.spawn(|| posted(&bench, &turns, &editions));
        let ending = Ending(&turns);
        while done < reloads {
            turns.reloading.store(true, Ordering::SeqCst);
            let began = now();
            while done < reloads && began.elapsed() < slice {
                bench.clock.fetch_add(1, Ordering::SeqCst);
                versions.write(&bench, done % 2);
                assert_eq!(
                    bench.reload("").expect(200)["changed"],
                    json!(["fuheng"]),
                    "reload {done}"
                );
                done += 1;
            }
            turns.reloading.store(false, Ordering::SeqCst);
            let with = began.elapsed();
            pause(with);
            spent[1] += with;
            spent[0] += began.elapsed() - with;
            spans += 1;
        }
        drop(ending);
        let mut times = Times::default();
        for asking in asking {
            times.join(asking.join().unwrap());
        }
        (times, posting.join().unwrap())
    });
    let asked = times.0.each_ref().map(Vec::len);
    assert!(
        asked.iter().all(|n| *n > 20) && events > 0,
        "the load went on all the while: {asked:?}, {events}"
    );
    println!(
        "{reloads} reloads in {spans} turns of {:?} with and {:?} without: {:?} a reload; {} questions with, {} without, {events} events: \
         0 errors, 0 mixed answers",
        spent[1],
        spent[0],
        spent[1] / u32::try_from(reloads).unwrap(),
        asked[1],
        asked[0]
    );
    let mut added = 0.0;
    for of_hundred in [50, 99] {
        let (with, without) = (times.within(true, of_hundred), times.within(false, of_hundred));
        added = (with.as_secs_f64() - without.as_secs_f64()) * 1_000.0;
        println!("  p{of_hundred}: {with:?} with reloads, {without:?} without, added {added:+.2} ms");
    }
    if reloads >= 1_000 && !cfg!(debug_assertions) {
        assert!(added < 10.0, "{added} ms");
    }
}
