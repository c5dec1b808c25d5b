//! What the published calendar does not reach is marked; publishing it changes that and nothing else.

use crate::bench::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;

/// Local date of the due date, and whether it is provisional, by case.
fn owed(bench: &Bench) -> BTreeMap<String, (String, bool)> {
    let answer = bench.get("/due?rule=complaint-follow-up&limit=200");
    let items = answer["items"].as_array().unwrap().iter();
    items
        .map(|owed| {
            let provisional = owed["flags"].as_array().unwrap().contains(&json!("provisional"));
            let date = owed["due"]["date"].as_str().unwrap().to_owned();
            (owed["case"].as_str().unwrap().to_owned(), (date, provisional))
        })
        .collect()
}

/// Complaints resolved on each day from the 14th to the 28th of December, with eight working days each. The calendar is
/// complete to the 28th; eight working days from the 16th on (17, 18, 21 to 25, 28) are the last that are known.
#[test]
fn exactly_what_goes_beyond_the_calendar_is_provisional_and_is_counted_anew() {
    let bench = server_at("2026-12-28T20:00:00+08:00");
    amend(
        &bench.policies(),
        "follow-up.toml",
        "within = \"3天\"",
        "within = \"8个工作日\"",
    );
    bench.reload("").expect(200);
    for day in 14..=28 {
        let case = format!("C-{day}");
        let at = |hour: u32| format!("2026-12-{day}T{hour:02}:00:00+08:00");
        bench.post(event(
            &format!("a-{day}"),
            "complaint.received",
            &case,
            &at(9),
            complaint(),
        ));
        bench.post(event(
            &format!("b-{day}"),
            "complaint.resolved",
            &case,
            &at(10),
            json!({}),
        ));
    }
    let before = owed(&bench);
    assert_eq!(before.len(), 15);
    for (case, (date, provisional)) in &before {
        let day: u32 = case[2..].parse().unwrap();
        assert_eq!(*provisional, day > 16, "{case} is due on {date}");
    }
    // New Year's Eve is off, and Sunday the 3rd is worked for it: nobody could know.
    let path = bench.policies().join("calendars/cn.toml");
    let text = fs::read_to_string(&path).unwrap();
    let covered = text
        .lines()
        .find(|line| line.starts_with("covered = "))
        .unwrap()
        .to_owned();
    let first = covered.split_once(", ").unwrap().0.to_owned();
    let year = "\n[[calendar.year]]\nyear = 2027\ndays_off = [{ name = \"元旦\", from = 2026-12-31, to = 2027-01-02 }]\n\
                make_up = [{ date = 2027-01-03, for = \"元旦\" }]\n";
    fs::write(
        &path,
        format!("{}{year}", text.replace(&covered, &format!("{first}, 2027-12-28]"))),
    )
    .unwrap();
    bench.set("2026-12-28T20:30:00+08:00");
    bench.reload("").expect(200);
    let after = owed(&bench);
    // Worked out by hand: the working days are 15 to 18, 21 to 25, 28 to 30 December, 3 to 8 January.
    let expected = |day: u32| match day {
        14 => "2026-12-24",
        15 => "2026-12-25",
        16 => "2026-12-28",
        17 => "2026-12-29",
        18..=20 => "2026-12-30",
        21 => "2027-01-03",
        22 => "2027-01-04",
        23 => "2027-01-05",
        24 => "2027-01-06",
        25..=27 => "2027-01-07",
        _ => "2027-01-08",
    };
    let mut moved = Vec::new();
    for (case, (date, provisional)) in &after {
        let day: u32 = case[2..].parse().unwrap();
        assert_eq!((date.as_str(), *provisional), (expected(day), false), "{case}");
        let (was, assumed) = &before[case];
        assert!(*assumed || was == date, "{case} was known and moved");
        if was != date {
            moved.push(case.clone());
        }
    }
    // Each that moved is logged, and no other.
    let told = bench.get("/effects?from=2026-12-28T20:10:00&to=2027-03-01T00:00:00")["items"].clone();
    let told = told.as_array().unwrap().iter();
    let changed = |effect: &&Value| effect["kind"] == "due-changed" && effect["rule"] == "complaint-follow-up";
    let mut logged: Vec<String> = told
        .filter(changed)
        .map(|e| e["case"].as_str().unwrap().to_owned())
        .collect();
    logged.sort();
    logged.dedup();
    assert_eq!(logged, moved);
    assert!(!moved.is_empty());
}
