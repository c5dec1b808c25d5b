//! Rebuilt equals running: a server that starts again answers every question as the one that stopped.

use crate::bench::*;
use serde_json::{Value, json};
use std::fs;

/// The answers, byte for byte, to every question at fixed instants.
pub fn answers(bench: &Bench, instants: &[&str]) -> Vec<(String, String)> {
    let mut asked = vec!["/policies".to_owned(), "/policies/follow-up".to_owned()];
    for at in instants {
        for what in [
            "/due?standing=all&limit=500",
            "/due?standing=scheduled&limit=500",
            "/due?limit=500",
            "/due?role=area-manager&limit=500",
            "/due?person=wu&limit=500",
            "/rates?period=2026-03",
            "/rates?period=2026-04",
            "/effects?from=2026-01-01T00:00:00",
            "/reports/plan?period=2026-03",
            "/reports/statistics?period=2026-03",
            "/reports/performance?period=2026-03",
            "/reports/records?period=2026-03",
            "/reports/retention?x",
        ] {
            let what = what.trim_end_matches("?x");
            let mark = if what.contains('?') { '&' } else { '?' };
            asked.push(format!("{what}{mark}as_of={at}"));
        }
    }
    let cases: Vec<String> = {
        let companies = bench.shared().companies.read();
        let world = companies["fuheng"].world.read();
        world.slots().map(|s| s.id.to_string()).collect()
    };
    for case in cases {
        asked.push(format!("/cases/{case}?as_of={}", instants[0]));
        asked.push(format!("/cases/{case}/next?as_of={}", instants[0]));
    }
    asked
        .into_iter()
        .map(|path| {
            let reply = bench.reply(&path);
            assert_eq!(reply.status, 200, "{path}: {}", reply.text);
            (path, reply.text)
        })
        .collect()
}

/// Fails at the first byte that differs, showing what stands around it.
#[track_caller]
pub fn same(before: &[(String, String)], after: &[(String, String)]) {
    assert_eq!(before.len(), after.len());
    for ((path, was), (_, is)) in before.iter().zip(after) {
        let Some(at) = was.bytes().zip(is.bytes()).position(|(a, b)| a != b) else {
            assert_eq!(was.len(), is.len(), "{path}: {was}\n{is}");
            continue;
        };
        let around = |text: &str| {
            String::from_utf8_lossy(&text.as_bytes()[at.saturating_sub(300)..])
                .chars()
                .take(500)
                .collect::<String>()
        };
        panic!("{path}: was\n{}\nis\n{}", around(was), around(is));
    }
}

#[test]
fn a_mixed_month_is_rebuilt_as_it_was() {
    let mut bench = server_at("2026-04-20T12:00:00+08:00");
    let month = fs::read_to_string(root().join("examples/fuheng-2026-03.ndjson")).unwrap();
    // In pieces, hours and days apart, with what recurs and is drawn in between.
    let lines: Vec<&str> = month.lines().collect();
    for (n, piece) in lines.chunks(300).enumerate() {
        bench.set(&format!("2026-04-20T{:02}:10:00+08:00", 12 + n));
        bench.lines("", &piece.join("\n")).expect(200);
    }
    bench.set("2026-05-03T08:00:00+08:00");
    resolved(&bench, "C-late");
    bench.post(followed_up("C-late-3", "C-late", "2026-05-02T18:00:00+08:00"));
    bench.post(with(
        event("C-late-4", "complaint.resolved", "C-late", "03T10:00", json!({})),
        "corrects",
        json!("C-late-2"),
    ));
    let instants = ["2026-05-03T08:00:00", "2026-04-20T12:00:00", "2026-05-20T00:00:00"];
    let before = answers(&bench, &instants);
    bench.restart();
    same(&before, &answers(&bench, &instants));
}

/// Special services of March, each contracted on a day of its own; three in ten must be followed up.
fn contract(bench: &Bench, n: usize, day: usize) {
    let what = json!({ "building": "1", "customer": format!("住户{n}"), "starts": "2026-03-01", "ends": "2026-03-31" });
    bench.post(event(
        &format!("S-{n}-1"),
        "special-service.contracted",
        &format!("S-{n}"),
        &format!("{day:02}T09:00"),
        what,
    ));
}

#[test]
fn what_was_drawn_stays_drawn() {
    let mut bench = server();
    for n in 1..=20 {
        bench.set(&format!("2026-03-{:02}T12:00:00+08:00", n.max(2)));
        contract(&bench, n, n);
    }
    // After the month more of it come to be known, one by one; each may make the share short again.
    bench.set("2026-04-01T09:00:00+08:00");
    for n in 21..=30 {
        contract(&bench, n, 30);
        let visit = event(
            &format!("S-{n}-2"),
            "special-service.followed-up",
            &format!("S-{n}"),
            "31T10:00",
            form(),
        );
        bench.post(visit);
    }
    bench.set("2026-04-01T09:30:00+08:00");
    let rate = bench.get("/rates?rate=special-service&period=2026-03")["items"][0].clone();
    assert_eq!(
        (&rate["population"], &rate["required"]),
        (&json!(30), &json!(9)),
        "{rate}"
    );
    // Drawn, or done without having been drawn: either counts for the share.
    let members = bench.due("rule=special-service-mid-follow-up&standing=all");
    let counts = |o: &&Value| o["flags"] != json!(["undrawn"]) || !o["fulfilled_by"].is_null();
    assert!(members.iter().filter(counts).count() >= 9, "{rate}");
    let instants = ["2026-04-01T09:30:00", "2026-03-20T00:00:00", "2026-04-20T00:00:00"];
    let before = answers(&bench, &instants);
    bench.restart();
    same(&before, &answers(&bench, &instants));
}

#[test]
fn the_end_of_a_period_needs_no_timer() {
    let bench = server();
    for n in 1..=20 {
        contract(&bench, n, 1);
    }
    // Nobody has posted anything since; the month is over all the same.
    bench.set("2026-04-01T00:00:00+08:00");
    let drawn = |query: &str| {
        let rate = bench.get(&format!("/rates?rate=special-service&period=2026-03{query}"))["items"][0].clone();
        rate["drawn"].as_u64().unwrap()
    };
    assert!(drawn("") >= 6, "{} of 20 are drawn, 6 are asked for", drawn(""));
    let owed = |query: &str| {
        bench
            .due(&format!("rule=special-service-mid-follow-up&standing=all{query}"))
            .iter()
            .filter(|o| o["flags"] != json!(["undrawn"]))
            .count()
    };
    assert!(owed("") >= 6, "{}", owed(""));
}

#[test]
fn what_recurs_is_due_whether_or_not_anybody_looked() {
    let mut bench = server_at("2026-01-10T12:00:00+08:00");
    let dates = |bench: &Bench, at: &str| -> Vec<Value> {
        bench
            .due(&format!("rule=area-statistics&area=east&as_of={at}"))
            .iter()
            .map(|o| o["due"]["date"].clone())
            .collect()
    };
    let march = ["2026-01-31", "2026-02-28", "2026-03-31"].map(|d| json!(d));
    assert_eq!(dates(&bench, "2026-03-10T00:00:00"), march, "asked ahead of time");
    bench.set("2026-03-10T00:00:00+08:00");
    assert_eq!(dates(&bench, "2026-03-10T00:00:00"), march);
    bench.restart();
    assert_eq!(dates(&bench, "2026-03-10T00:00:00"), march);
    assert_eq!(dates(&bench, "2026-02-10T00:00:00"), march[..2]);
}

#[test]
fn whether_a_second_passes_between_two_late_reports_tells_on_a_restart_too() {
    let mut bench = server();
    for n in 1..=10 {
        contract(&bench, n, 1);
    }
    // Each is recorded at an instant of its own after the month, so that the share is made up in between.
    for n in 11..=30 {
        bench.set(&format!("2026-04-01T09:{n:02}:00+08:00"));
        contract(&bench, n, 30);
        if n % 2 == 0 {
            let case = format!("S-{n}");
            bench.post(event(
                &format!("{case}-2"),
                "special-service.followed-up",
                &case,
                "31T10:00",
                form(),
            ));
        }
    }
    let instants = ["2026-04-01T09:30:00", "2026-04-20T00:00:00"];
    let before = answers(&bench, &instants);
    bench.restart();
    same(&before, &answers(&bench, &instants));
    bench.set("2026-04-03T09:00:00+08:00");
    contract(&bench, 31, 31);
    let before = answers(&bench, &instants);
    bench.restart();
    same(&before, &answers(&bench, &instants));
}
