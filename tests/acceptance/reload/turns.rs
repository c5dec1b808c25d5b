//! What a reload says it would change of what is owed is what it changes; for each transition, before and after.

use crate::bench::{Bench, event, resolved, server};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;

/// Writes the same procedure again, from the 4th on, with a transition: complaints have one day instead of three, forms
/// are filed on the 25th instead of the 30th.
fn write_edition(bench: &Bench, transition: &str) {
    let file = bench.policies().join("fuheng/follow-up.toml");
    let text = fs::read_to_string(&file).unwrap();
    let dated = format!("effective = 2026-03-04\ntransition = \"{transition}\"");
    let later = text
        .replacen("effective = 2024-01-01", &dated, 1)
        .replacen("within = \"3天\"", "within = \"1天\"", 1)
        .replacen("every = { day_of_month = 30 }", "every = { day_of_month = 25 }", 1);
    fs::write(bench.policies().join("fuheng/follow-up-2.toml"), later).unwrap();
}

/// A complaint that is to be followed up, and one whose follow-up is overdue by then. The areas, whose forms are filed, stand by
/// themselves.
fn owing() -> Bench {
    let bench = server();
    resolved(&bench, "C-1");
    let old = |id: &str, kind: &str, data: Value| event(id, kind, "C-0", "2026-02-26T10:00:00+08:00", data);
    bench.post(old("C-0-1", "complaint.received", crate::bench::complaint()));
    bench.post(old("C-0-2", "complaint.resolved", json!({})));
    bench.set("2026-03-02T13:00:00+08:00");
    bench
}

/// By when each obligation is due that is owed by anybody, by its id.
fn dues(bench: &Bench) -> BTreeMap<String, Value> {
    let live = bench.due("standing=all");
    let ended = |o: &&Value| {
        ["cancelled", "waived", "fulfilled", "fulfilled-late"]
            .iter()
            .any(|s| o["standing"] == *s)
    };
    let live = live.iter().filter(|o| !ended(o));
    live.map(|o| (o["id"].as_str().unwrap().to_owned(), o["due"].clone()))
        .collect()
}

/// A difference as a table: an obligation, its due date before and after.
fn table(difference: &Value) -> Vec<String> {
    let rules = difference["rules"].as_array().unwrap();
    let rows = rules.iter().flat_map(|rule| {
        let examples = rule["examples"].as_array().unwrap();
        assert_eq!(rule["left_off"], 0, "{rule}");
        examples.iter().map(move |e| {
            let date = |side: &str| e[side]["due"]["date"].as_str().unwrap_or("-").to_owned();
            let id = e["id"].as_str().unwrap();
            format!(
                "{} {id}: {} -> {}",
                rule["because"].as_str().unwrap(),
                date("before"),
                date("after")
            )
        })
    });
    let mut rows: Vec<String> = rows.collect();
    rows.sort();
    rows
}

/// By hand: a day after Monday the 2nd is Tuesday the 3rd, which is before the end of the day of the change, so the 4th; the
/// form of the follow-up is due with it. What is overdue on the 4th stays. The 30th of March becomes the 25th.
const TABLES: [(&str, &[&str]); 3] = [
    ("keep", &[]),
    (
        "new_occurrences",
        &[
            "new_occurrences area:east~forms-filing~1.2026-03-25: - -> 2026-03-25",
            "new_occurrences area:east~forms-filing~1.2026-03-30: 2026-03-30 -> -",
            "new_occurrences area:west~forms-filing~1.2026-03-25: - -> 2026-03-25",
            "new_occurrences area:west~forms-filing~1.2026-03-30: 2026-03-30 -> -",
        ],
    ),
    (
        "rebase",
        &[
            "rebase C-1~complaint-follow-up~1: 2026-03-05 -> 2026-03-04",
            "rebase C-1~form-collection~1: 2026-03-05 -> 2026-03-04",
            "rebase area:east~forms-filing~1.2026-03-25: - -> 2026-03-25",
            "rebase area:east~forms-filing~1.2026-03-30: 2026-03-30 -> -",
            "rebase area:west~forms-filing~1.2026-03-25: - -> 2026-03-25",
            "rebase area:west~forms-filing~1.2026-03-30: 2026-03-30 -> -",
        ],
    ),
];

#[test]
fn what_a_reload_says_it_would_change_is_what_it_changes() {
    for (transition, wanted) in TABLES {
        let mut bench = owing();
        write_edition(&bench, transition);
        let before = dues(&bench);
        let tried = bench.reload("?dry_run=true").expect(200)["companies"]["fuheng"]["difference"].clone();
        assert_eq!(dues(&bench), before, "{transition}: a dry run changes nothing");
        let difference = bench.reload("").expect(200)["companies"]["fuheng"]["difference"].clone();
        assert_eq!(tried, difference, "{transition}");
        let rows = table(&difference);
        println!("transition = {transition}");
        for row in &rows {
            println!("  {row}");
        }
        assert_eq!(rows, wanted, "{transition}: {difference:#}");
        let editions = difference["editions"].as_array().unwrap();
        assert_eq!(editions.len(), 1, "{editions:?}");
        assert_eq!(
            (&editions[0]["effective"], &editions[0]["transition"]),
            (&json!("2026-03-04"), &json!(transition))
        );
        assert_eq!(dues(&bench), before, "{transition}: before its day");
        // What is served on that day is what was said.
        let twin = owing();
        for bench in [&bench, &twin] {
            bench.set("2026-03-04T00:00:00+08:00");
        }
        let check = |bench: &Bench, when: &str| {
            let (old, new) = (dues(&twin), dues(bench));
            let mut seen: Vec<String> = Vec::new();
            let date = |due: Option<&Value>| due.and_then(|d| d["date"].as_str()).unwrap_or("-").to_owned();
            for id in old.keys().chain(new.keys().filter(|id| !old.contains_key(*id))) {
                if old.get(id) != new.get(id) {
                    seen.push(format!("{id}: {} -> {}", date(old.get(id)), date(new.get(id))));
                }
            }
            seen.sort();
            let mut said: Vec<&str> = rows.iter().map(|row| row.split_once(' ').unwrap().1).collect();
            said.sort_unstable();
            assert_eq!(seen, said, "{transition} {when}");
        };
        check(&bench, "on its day");
        for (id, due) in dues(&bench) {
            let shown = bench.get(&format!("/obligations/{id}"));
            assert_eq!(
                (&shown["due"], &shown["ended_at"]),
                (&due, &Value::Null),
                "{transition}: {shown}"
            );
        }
        bench.restart();
        check(&bench, "after a restart");
    }
}

#[test]
fn a_change_of_comments_changes_nothing_of_what_is_owed_whatever_the_transition() {
    for transition in ["keep", "new_occurrences", "rebase"] {
        let bench = owing();
        let file = bench.policies().join("fuheng/follow-up.toml");
        let head = "effective = 2024-01-01";
        let text = fs::read_to_string(&file).unwrap();
        let text = text.replacen(head, &format!("{head}\ntransition = \"{transition}\""), 1);
        fs::write(&file, &text).unwrap();
        bench.reload("").expect(200);
        bench.set("2026-03-02T14:00:00+08:00");
        let before = bench.fingerprint();
        let same = bench.reload("").expect(200);
        assert_eq!(same["unchanged"], json!(["fuheng"]));
        assert_eq!(same["companies"]["fuheng"]["difference"], Value::Null);
        fs::write(
            &file,
            format!("# 只是说明\n{}", text.replace("\n[deadline", "\n\n# 期限\n[deadline")),
        )
        .unwrap();
        let answer = bench.reload("").expect(200);
        let difference = &answer["companies"]["fuheng"]["difference"];
        assert_eq!(
            (
                &answer["changed"],
                &difference["rules"],
                &difference["changed"],
                &difference["opened"]
            ),
            (&json!(["fuheng"]), &json!([]), &json!(0), &json!(0)),
            "{transition}"
        );
        assert_eq!(difference["editions"][0]["same_meaning"], true, "{transition}");
        bench.set("2026-03-02T15:00:00+08:00");
        assert_eq!(bench.fingerprint(), before, "{transition}");
    }
}

#[test]
fn a_new_holder_shows_in_the_difference() {
    let bench = owing();
    let company = bench.policies().join("fuheng/company.toml");
    let text = fs::read_to_string(&company).unwrap();
    let text = text.replacen("of = [\"west\"]", "of = [\"west\", \"east\"]", 1);
    let text = text.replacen(
        "holds = [{ role = \"area-manager\", of = [\"east\"] }]",
        "holds = []",
        1,
    );
    fs::write(&company, text).unwrap();
    let difference = bench.reload("?dry_run=true").expect(200)["companies"]["fuheng"]["difference"].clone();
    let rules = difference["rules"].as_array().unwrap();
    let rule = rules.iter().find(|r| r["rule"] == "complaint-follow-up").unwrap();
    assert_eq!(
        (&rule["because"], &rule["bearers"]),
        (&json!("people"), &json!(2)),
        "{rule}"
    );
    let example = &rule["examples"][0];
    assert_eq!(example["before"]["bearers"][1]["person"], "zhang", "{example}");
    assert_eq!(example["after"]["bearers"][1]["person"], "li", "{example}");
    assert_eq!(rule["clause"], "4.1.1(1)");
}

#[test]
fn the_turns_after_many_reloads_are_those_that_are_found_from_the_beginning() {
    let bench = owing();
    let last = chrono::DateTime::parse_from_rfc3339("2099-01-01T00:00:00Z")
        .unwrap()
        .to_utc();
    let file = bench.policies().join("fuheng/follow-up-2.toml");
    for (n, transition) in ["rebase", "keep", "new_occurrences", "rebase"].into_iter().enumerate() {
        write_edition(&bench, transition);
        bench.set(&format!("2026-03-0{}T09:00:00+08:00", n + 3));
        bench.reload("").expect(200);
        let history = bench.shared().live("fuheng").unwrap().history();
        let anew = history.as_known(last);
        assert_eq!(history.turns(), anew.turns(), "reload {n}");
        assert!(!history.turns().is_empty(), "reload {n}");
        fs::remove_file(&file).unwrap();
    }
}
