//! Durable ingest over HTTP: beside raw prepared inserts in the same rounds, on a small and on a tenfold store.
//!
//! `cargo bench --bench ingest [-- --quick]`. Every event opens two obligations; half of them come on new cases, half on
//! cases that are there already. An answer comes after the commit (`synchronous=FULL`); so does each raw batch.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures real time, prints, and may fall over"
)]

mod common;

use common::{Client, Data, Goal, Server, Table, aided, finished, folders, now, seconds};
use guicheng::clock::Clock;
use guicheng::service::load;
use rusqlite::{Connection, params};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// How many connections post batches.
const POSTING: usize = 2;

/// The size of a run.
struct Size {
    companies: usize,
    /// Open obligations in each company.
    open: usize,
    rounds: usize,
    /// Batches of 1,000 in each round.
    batches: usize,
    singles: usize,
}

/// Rows as somebody would insert them by hand: an event, and two obligations found by what is due and by case.
struct Raw {
    conn: Connection,
    next: i64,
    with_obligations: bool,
}

impl Raw {
    fn new(path: &Path, companies: usize, open: usize, with_obligations: bool) -> Raw {
        let conn = Connection::open(path).unwrap();
        conn.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))
            .unwrap();
        conn.pragma_update(None, "synchronous", "FULL").unwrap();
        conn.pragma_update_and_check(None, "wal_autocheckpoint", 10_000, |_| Ok(()))
            .unwrap();
        conn.execute_batch(
            "CREATE TABLE event(seq INTEGER PRIMARY KEY, company INTEGER NOT NULL, recorded_at INTEGER NOT NULL,
                body TEXT NOT NULL) STRICT;
             CREATE TABLE obligation(no INTEGER PRIMARY KEY, event INTEGER NOT NULL, company INTEGER NOT NULL,
                \"case\" INTEGER NOT NULL, role INTEGER NOT NULL, due_at INTEGER NOT NULL, open INTEGER NOT NULL) STRICT;
             CREATE INDEX by_due ON obligation(company, role, due_at) WHERE open = 1;
             CREATE INDEX by_case ON obligation(company, \"case\");",
        )
        .unwrap();
        let mut raw = Raw {
            conn,
            next: 1,
            with_obligations,
        };
        let body = aided(1, "A-123");
        for company in 0..companies {
            // Two rows for every second event: as many open obligations as events.
            raw.commit(&vec![(company as i64, body.as_str()); open], 2);
        }
        raw
    }

    /// Inserts events, each with its company, and for each `every`-th of them two obligations, in one transaction.
    fn commit(&mut self, events: &[(i64, &str)], every: usize) {
        self.conn.execute_batch("BEGIN IMMEDIATE").unwrap();
        let mut event = self.conn.prepare("INSERT INTO event VALUES (?1, ?2, ?3, ?4)").unwrap();
        let mut obligation = self
            .conn
            .prepare(
                "INSERT INTO obligation(event, company, \"case\", role, due_at, open) VALUES (?1, ?2, ?3, ?4, ?5, 1)",
            )
            .unwrap();
        for (ix, (company, line)) in events.iter().enumerate() {
            let seq = self.next;
            self.next += 1;
            event
                .execute(params![seq, company, now().timestamp_millis(), line])
                .unwrap();
            if self.with_obligations && ix % every == 0 {
                for role in 0..2 {
                    let due_at = now().timestamp_millis() + seq % 1_000_000 * 100;
                    obligation.execute(params![seq, company, seq, role, due_at]).unwrap();
                }
            }
        }
        self.conn.execute_batch("COMMIT").unwrap();
    }
}

/// A batch for a company: half of it ends repairs that are there, half are new cases.
struct Batch {
    company: usize,
    text: String,
}

/// Batches for one company after the other, each with events that were not posted before.
struct Stream {
    companies: usize,
    open: usize,
    next: usize,
}

impl Stream {
    fn batch(&mut self, events: usize) -> Batch {
        let (company, turn) = (self.next % self.companies, self.next / self.companies);
        self.next += 1;
        let half = events / 2;
        let mut text = String::new();
        for n in 0..half {
            let old = turn * half + n;
            // Beyond what the store was filled with, the end of a repair opens its case itself.
            let case = if old < self.open / 2 {
                format!("R-{old}")
            } else {
                format!("R-new-{old}")
            };
            text.push_str(&finished(n + 1_000, &case));
            text.push('\n');
            text.push_str(&aided(n, &format!("N-{turn}-{n}")));
            text.push('\n');
        }
        Batch { company, text }
    }
}

fn post(address: SocketAddr, batches: &[Batch], each: usize) -> f64 {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut client = Client::new(address);
        while let Some(batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
            let path = format!("/v1/companies/c{}/events", batch.company);
            let (status, _) = client.post(&path, "application/x-ndjson", &batch.text);
            assert_eq!(status, 200, "{}", client.body());
        }
    };
    let (_, time) = seconds(|| std::thread::scope(|s| (0..POSTING).for_each(|_| drop(s.spawn(work)))));
    (batches.len() * each) as f64 / time
}

fn insert(raw: &mut Raw, batches: &[Batch], each: usize) -> f64 {
    let of = |b: &'_ Batch| b.company as i64;
    let split = batches.iter().map(|b| b.text.lines().map(|l| (of(b), l)).collect());
    let split: Vec<Vec<(i64, &str)>> = split.collect();
    let (_, time) = seconds(|| split.iter().for_each(|events| raw.commit(events, 1)));
    (batches.len() * each) as f64 / time
}

/// Posts single events over 256 connections, all of them in flight: four threads with 64 each.
fn post_singles(clients: &mut [Client], lines: &[(usize, String)]) -> f64 {
    let (_, time) = seconds(|| {
        std::thread::scope(|s| {
            for (part, clients) in lines.chunks(lines.len().div_ceil(4)).zip(clients.chunks_mut(64)) {
                s.spawn(move || {
                    for group in part.chunks(64) {
                        for (client, (company, line)) in clients.iter_mut().zip(group) {
                            client.send(&format!("/v1/companies/c{company}/events"), "application/json", line);
                        }
                        for client in clients.iter_mut().take(group.len()) {
                            let (status, _) = client.answer();
                            assert_eq!(status, 201, "{}", client.body());
                        }
                    }
                });
            }
        });
    });
    lines.len() as f64 / time
}

/// The same by hand: one thread commits together what waits, 256 producers wait for it, four threads with 64 each.
fn insert_singles(raw: &mut Raw, lines: &[(usize, String)]) -> f64 {
    type Posted<'a> = (i64, &'a str, SyncSender<()>);
    let (sender, receiver): (SyncSender<Posted<'_>>, Receiver<Posted<'_>>) = sync_channel(4_096);
    let (_, time) = seconds(|| {
        std::thread::scope(|s| {
            for part in lines.chunks(lines.len().div_ceil(4)) {
                let sender = sender.clone();
                s.spawn(move || {
                    for group in part.chunks(64) {
                        let (done, answers) = sync_channel(64);
                        for (company, line) in group {
                            sender.send((*company as i64, line, done.clone())).unwrap();
                        }
                        group.iter().for_each(|_| answers.recv().unwrap());
                    }
                });
            }
            drop(sender);
            while let Ok(first) = receiver.recv() {
                let posted: Vec<Posted<'_>> = std::iter::once(first).chain(receiver.try_iter()).collect();
                let events: Vec<(i64, &str)> = posted.iter().map(|(company, line, _)| (*company, *line)).collect();
                raw.commit(&events, 1);
                posted.iter().for_each(|(_, _, done)| done.send(()).unwrap());
            }
        });
    });
    lines.len() as f64 / time
}

/// Opens a filled folder in a process of its own and says how long that took and how large the process became.
fn start(data: &Path, companies: usize) {
    let folders = folders(companies);
    let before = common::memory_mib().0;
    let ((writer, shared, _), time) = seconds(|| load::open(data, Clock::Fixed(now()), &folders).unwrap());
    let (resident, most) = common::memory_mib();
    let open: usize = shared
        .companies
        .read()
        .values()
        .map(|l| l.world.read().counts().1)
        .sum();
    println!("{time} {} {most} {open}", resident - before);
    drop(writer);
}

fn main() {
    if let (Some(data), Some(companies)) = (common::flag("--start"), common::flag("--companies")) {
        start(Path::new(&data), companies.parse().unwrap());
        return;
    }
    let size = match common::is_quick() {
        true => Size {
            companies: 20,
            open: 200,
            rounds: 3,
            batches: 2,
            singles: 1_024,
        },
        false => Size {
            companies: 1_000,
            open: 1_000,
            rounds: 9,
            batches: 10,
            singles: 8_192,
        },
    };
    let mut table = Table::new("durable ingest over HTTP");
    let data = Data::new("ingest");
    let at = |name: &str| data.0.join(name);

    let (many, few) = (size.companies, size.companies / 10);
    let (big, filled) = seconds(|| common::fill(&at("big"), &folders(many), size.open));
    println!("filled with {} open obligations in {filled:.1} s", many * size.open);
    drop(big);
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--start", at("big").to_str().unwrap(), "--companies", &many.to_string()])
        .output()
        .unwrap();
    let said = String::from_utf8(child.stdout).unwrap();
    let said: Vec<f64> = said.split_whitespace().map(|f| f.parse().unwrap()).collect();
    let [took, resident, most, open] = said[..] else {
        panic!("the start failed")
    };
    let goals = if common::is_quick() {
        (Goal::None, Goal::None)
    } else {
        (Goal::Most(10.0), Goal::Most(1_024.0))
    };
    table.figure(
        &format!("start with {open} open and as many events"),
        "s",
        took,
        goals.0,
    );
    table.figure("its resident memory, at most", "MiB", most, goals.1);
    table.figure(
        "resident for each open obligation, policies included",
        "bytes",
        resident * 1024.0 * 1024.0 / open,
        Goal::None,
    );

    let (writer, shared, _) = load::open(&at("big"), Clock::Fixed(now()), &folders(many)).unwrap();
    let big = Server::start(writer, shared);
    let (writer, shared) = common::fill(&at("small"), &folders(few), size.open);
    let small = Server::start(writer, shared);
    let (writer, shared) = common::fill(&at("new"), &folders(few), 0);
    let new = Server::start(writer, shared);
    let mut raw_new = Raw::new(&at("raw-new.db"), 0, 0, true);
    let mut raw_big = Raw::new(&at("raw-big.db"), many, size.open, true);
    let mut raw_events = Raw::new(&at("raw-events.db"), many, size.open, false);

    let mut clients: Vec<Client> = (0..256).map(|_| Client::new(big.address)).collect();
    let stream = |companies, open| Stream {
        companies,
        open,
        next: 0,
    };
    let (mut to_big, mut to_small, mut to_new) = (stream(many, size.open), stream(few, size.open), stream(few, 0));
    let each = 1_000;
    let (mut new_rows, mut new_event, mut big_rows, mut big_event, mut growth, mut together) =
        (vec![], vec![], vec![], vec![], vec![], vec![]);
    let mut rates = vec![];
    for round in 0..=size.rounds {
        let batches = |stream: &mut Stream| (0..size.batches).map(|_| stream.batch(each)).collect::<Vec<_>>();
        let (b, s, n) = (batches(&mut to_big), batches(&mut to_small), batches(&mut to_new));
        let ours_big = post(big.address, &b, each);
        let rows_big = insert(&mut raw_big, &b, each);
        let ours_small = post(small.address, &s, each);
        let event = insert(&mut raw_events, &b, each);
        let ours_new = post(new.address, &n, each);
        let rows_new = insert(&mut raw_new, &n, each);
        let single: Vec<(usize, String)> = (0..size.singles)
            .map(|n| (n % many, aided(n, &format!("S-{round}-{n}"))))
            .collect();
        let ours_single = post_singles(&mut clients, &single);
        let raw_single = insert_singles(&mut raw_big, &single);
        if round == 0 {
            // The first round warms up.
            continue;
        }
        big_rows.push(ours_big / rows_big);
        big_event.push(ours_big / event);
        new_rows.push(ours_new / rows_new);
        new_event.push(ours_new / event);
        growth.push(ours_small / ours_big);
        together.push(ours_single / raw_single);
        rates.push((
            ours_big,
            ours_small,
            ours_new,
            rows_big,
            rows_new,
            event,
            ours_single,
            raw_single,
        ));
    }
    let store = format!("{} open", many * size.open);
    table.ratios(
        "batches of 1,000, new store",
        "raw: event and two indexed rows",
        &new_rows,
        Goal::Least(1.0),
    );
    table.ratios(
        "batches of 1,000, new store",
        "raw: event row",
        &new_event,
        Goal::Least(0.25),
    );
    table.ratios(
        &format!("batches of 1,000, {store}"),
        "raw: event and two indexed rows",
        &big_rows,
        Goal::Least(1.0),
    );
    table.ratios(
        &format!("batches of 1,000, {store}"),
        "raw: event row",
        &big_event,
        Goal::Least(0.25),
    );
    table.ratios("the same, a tenth open", &store, &growth, Goal::Most(1.15));
    table.ratios(
        "single events, 256 in flight",
        "raw group commit, 256 producers",
        &together,
        Goal::Least(0.5),
    );
    println!("events a second: big, small, new; raw rows big, new; raw event; single, raw single");
    for r in &rates {
        println!(
            "{:.0} {:.0} {:.0}; {:.0} {:.0}; {:.0}; {:.0} {:.0}",
            r.0, r.1, r.2, r.3, r.4, r.5, r.6, r.7
        );
    }
    table.print();
}
