//! `GET /due` of a company and a role, first 50: beside the bare SQL statement and a null handler on the same server,
//! idle and while events are written.
//!
//! `cargo bench --bench due [-- --quick]`
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

use common::{Client, Data, Goal, Server, Table, aided, folders, now, quantile_us};
use rusqlite::{Connection, params};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// As many open obligations in a table of their own, with an index that holds all that is asked for.
fn raw(path: &Path, companies: usize, open: usize) -> Connection {
    let conn = Connection::open(path).unwrap();
    conn.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))
        .unwrap();
    conn.execute_batch(
        "CREATE TABLE obligation(no INTEGER PRIMARY KEY, company INTEGER NOT NULL, role TEXT NOT NULL,
            due_at INTEGER NOT NULL, rule TEXT NOT NULL, \"case\" TEXT NOT NULL, open INTEGER NOT NULL) STRICT;
         CREATE INDEX by_due ON obligation(company, role, due_at, rule, \"case\") WHERE open = 1;
         BEGIN;",
    )
    .unwrap();
    let mut insert = conn
        .prepare("INSERT INTO obligation(company, role, due_at, rule, \"case\", open) VALUES (?1, 'area-manager', ?2, ?3, ?4, 1)")
        .unwrap();
    for company in 0..companies {
        for n in 0..open {
            let rule = if n % 2 == 0 {
                "first-aid-follow-up"
            } else {
                "form-collection"
            };
            let due_at = now().timestamp_millis() + (n as i64 * 7_919) % 500_000_000;
            insert
                .execute(params![company as i64, due_at, rule, format!("A-{}", n / 2)])
                .unwrap();
        }
    }
    drop(insert);
    conn.execute_batch("COMMIT; ANALYZE").unwrap();
    conn
}

/// The times of one round.
#[derive(Default)]
struct Times {
    null: Vec<Duration>,
    statement: Vec<Duration>,
    due: Vec<Duration>,
}

fn timed<T>(times: &mut Vec<Duration>, work: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let result = work();
    times.push(began.elapsed());
    result
}

fn main() {
    let (companies, open, rounds, asks) = if common::is_quick() {
        (20, 200, 3, 200)
    } else {
        (1_000, 1_000, 9, 1_000)
    };
    let data = Data::new("due");
    let (writer, shared) = common::fill(&data.0.join("store"), &folders(companies), open);
    let server = Server::start(writer, shared);
    let conn = raw(&data.0.join("raw.db"), companies, open);
    let mut statement = conn
        .prepare(
            "SELECT no, due_at, rule, \"case\" FROM obligation
             WHERE company = ?1 AND role = ?2 AND open = 1 ORDER BY due_at LIMIT 50",
        )
        .unwrap();
    let mut client = Client::new(server.address);
    let mut picked = 0;
    let mut round = |client: &mut Client| {
        let mut times = Times::default();
        for _ in 0..asks {
            picked = (picked + 7_919) % companies;
            let path = format!("/v1/companies/c{picked}/due?role=area-manager&limit=50");
            timed(&mut times.null, || assert_eq!(client.get("/healthz").0, 200));
            let found = timed(&mut times.statement, || {
                let rows = statement.query_map(params![picked as i64, "area-manager"], |row| {
                    Ok((
                        row.get::<_, i64>(0)?,
                        row.get::<_, i64>(1)?,
                        row.get::<_, String>(2)?,
                        row.get::<_, String>(3)?,
                    ))
                });
                rows.unwrap().collect::<Result<Vec<_>, _>>().unwrap().len()
            });
            assert_eq!(found, 50);
            let (status, _) = timed(&mut times.due, || client.get(&path));
            assert_eq!(status, 200, "{}", client.body());
        }
        assert_eq!(client.body().matches("\"standing\"").count(), 50);
        times
    };

    let ratio = |t: &Times| {
        let p50 = |times: &[Duration]| quantile_us(times, 0.5);
        p50(&t.due) / (p50(&t.null) + 3.0 * p50(&t.statement))
    };
    let p99 = |list: &[Times]| {
        list.iter()
            .map(|t| quantile_us(&t.due, 0.99) / 1000.0)
            .collect::<Vec<_>>()
    };
    round(&mut client);
    let idle: Vec<Times> = (0..rounds).map(|_| round(&mut client)).collect();
    let length = client.body().len();

    let (stop, written) = (AtomicBool::new(false), AtomicUsize::new(0));
    let busy: Vec<Times> = std::thread::scope(|s| {
        s.spawn(|| {
            let mut writing = Client::new(server.address);
            for turn in 0.. {
                let company = turn % companies;
                let lines = (0..1_000).map(|n| aided(n, &format!("W-{turn}-{n}")) + "\n");
                let body: String = lines.collect();
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                let path = format!("/v1/companies/c{company}/events");
                assert_eq!(writing.post(&path, "application/x-ndjson", &body).0, 200);
                written.fetch_add(1_000, Ordering::Relaxed);
            }
        });
        let times = (0..rounds).map(|_| round(&mut client)).collect();
        stop.store(true, Ordering::Relaxed);
        times
    });

    let mut table = Table::new("what is due");
    let beside = "null handler + 3 × bare statement, p50";
    let p50 = |of: fn(&Times) -> &Vec<Duration>| idle.iter().map(|t| quantile_us(of(t), 0.5)).collect::<Vec<_>>();
    table.ratios(
        "GET /due, 50 of 1,000, idle, p50",
        beside,
        &idle.iter().map(ratio).collect::<Vec<_>>(),
        Goal::Most(1.0),
    );
    table.ratios("GET /due idle, p99 in ms", "-", &p99(&idle), Goal::Most(2.0));
    table.ratios(
        "GET /due while events are written, p99 in ms",
        "-",
        &p99(&busy),
        Goal::Most(5.0),
    );
    let (null, bare, due) = (p50(|t| &t.null), p50(|t| &t.statement), p50(|t| &t.due));
    let median = |list: &[f64]| common::spread(list).0;
    println!(
        "p50 in us: null {:.0}, statement {:.0}, due {:.0}; an answer has {length} bytes; {} events were written meanwhile",
        median(&null),
        median(&bare),
        median(&due),
        written.load(Ordering::Relaxed)
    );
    table.print();
}
