//! Editions, calendars and what companies adopt, while the server runs.

use crate::bench::*;
use serde_json::{Value, json};
use std::fs;

/// Worked case S54: the same delivery twice is one event; the same id with other content is a conflict.
#[test]
fn s54_a_repeated_delivery_is_one_event_and_other_content_is_a_conflict() {
    let bench = server_at("2026-03-04T09:00:00+08:00");
    bench.post(event("e0", "complaint.received", "A", "03T17:00", complaint()));
    let finished = |at: &str| {
        with(
            event("e1", "complaint.resolved", "A", at, json!({})),
            "source",
            json!("app"),
        )
    };
    bench.try_post(&finished("03T18:00")).expect(201);
    bench.try_post(&finished("03T18:00")).expect(200);
    bench.try_post(&finished("04T08:00")).problem(409, "conflict");
    let owed = bench.owed("A", "complaint-follow-up");
    assert_eq!(
        (&owed["standing"], &owed["due"]["date"]),
        (&json!("open"), &json!("2026-03-06"))
    );
}

/// A server on the day before the last that the calendar covers but one, whose complaints have two working days.
fn at_the_years_end() -> Bench {
    let bench = server_at("2026-12-30T12:00:00+08:00");
    amend(
        &bench.policies(),
        "follow-up.toml",
        "within = \"3天\"",
        "within = \"2个工作日\"",
    );
    bench.reload("").expect(200);
    let at = |hour: u32| format!("2026-12-30T{hour:02}:00:00+08:00");
    bench.post(event("C-1", "complaint.received", "C", &at(9), complaint()));
    bench.post(event("C-2", "complaint.resolved", "C", &at(10), json!({})));
    // Thursday the 31st; the 1st is off by law, the 2nd and 3rd are a weekend; Monday the 4th.
    assert_eq!(seen(&bench), ("2027-01-04".to_owned(), true));
    bench
}

/// By when the complaint is to be followed up, and whether that is provisional.
fn seen(bench: &Bench) -> (String, bool) {
    let owed = bench.owed("C", "complaint-follow-up");
    let flags = owed["flags"].as_array().unwrap();
    (
        owed["due"]["date"].as_str().unwrap().to_owned(),
        flags.contains(&json!("provisional")),
    )
}

/// Publishes the days off at the beginning of 2027.
fn publish(bench: &Bench, days_off: &str) {
    let path = bench.policies().join("calendars/cn.toml");
    let text = fs::read_to_string(&path).unwrap();
    let covered = text
        .lines()
        .find(|line| line.starts_with("covered = "))
        .unwrap()
        .to_owned();
    let (first, _) = covered.split_once(", ").unwrap();
    let year = format!("\n[[calendar.year]]\nyear = 2027\ndays_off = [{days_off}]\n");
    let text = format!("{}{year}", text.replace(&covered, &format!("{first}, 2027-12-28]")));
    fs::write(&path, text).unwrap();
    assert_eq!(bench.reload("").expect(200)["changed"], json!(["fuheng"]));
}

fn changed(bench: &Bench) -> Vec<Value> {
    let told = bench.get("/effects?from=2026-12-01T00:00:00&to=2027-02-01T00:00:00")["items"].clone();
    let told = told.as_array().unwrap().iter();
    let mine = |effect: &&Value| effect["kind"] == "due-changed" && effect["rule"] == "complaint-follow-up";
    told.filter(mine).cloned().collect()
}

#[test]
fn a_published_calendar_counts_what_is_owed_anew() {
    let mut bench = at_the_years_end();
    bench.set("2026-12-30T12:30:00+08:00");
    // The 31st is off as well: Monday the 4th is the first working day, Tuesday the 5th the second.
    publish(&bench, "{ name = \"元旦\", from = 2026-12-31, to = 2027-01-02 }");
    let check = |bench: &Bench| {
        assert_eq!(seen(bench), ("2027-01-05".to_owned(), false));
        let told = changed(bench);
        let to: Vec<&str> = told.iter().map(|effect| effect["to"].as_str().unwrap()).collect();
        assert_eq!(to, ["department", "area-manager"]);
    };
    check(&bench);
    // What is asked as of before it was published, is answered as it was.
    bench.set("2026-12-30T13:00:00+08:00");
    let before =
        bench.get("/obligations/C~complaint-follow-up~1?as_of=2026-12-30T12:10:00&known_at=2026-12-30T12:10:00");
    assert_eq!(before["due"]["date"], "2027-01-04");
    bench.restart();
    check(&bench);
    // A late event makes the case be folded from its beginning.
    bench.post(event(
        "C-3",
        "complaint.form-collected",
        "C",
        "2026-12-30T11:30:00+08:00",
        json!({ "form_no": "1" }),
    ));
    check(&bench);
}

#[test]
fn a_calendar_that_says_what_was_assumed_changes_the_flag_alone() {
    let mut bench = at_the_years_end();
    publish(&bench, "{ name = \"元旦\", from = 2027-01-01 }");
    let check = |bench: &Bench| {
        assert_eq!(seen(bench), ("2027-01-04".to_owned(), false));
        assert_eq!(changed(bench), [Value::Null; 0]);
    };
    check(&bench);
    bench.restart();
    check(&bench);
}

/// Writes the same procedure again, from the 4th on, with a transition and other values.
fn write_edition(bench: &Bench, transition: &str, changes: &[(&str, &str)]) {
    let file = bench.policies().join("fuheng/follow-up.toml");
    let text = fs::read_to_string(&file).unwrap();
    let head = text.lines().find(|line| line.starts_with("effective = ")).unwrap();
    let dated = format!("effective = 2026-03-04\ntransition = \"{transition}\"");
    let mut later = text.replace(head, &dated);
    for (from, to) in changes {
        assert!(later.contains(from), "{from}");
        later = later.replace(from, to);
    }
    fs::write(bench.policies().join("fuheng/follow-up-2.toml"), later).unwrap();
}

#[test]
fn a_new_edition_plans_occurrences_anew_if_it_says_so_and_leaves_terms_alone() {
    for (transition, planned) in [("keep", "2026-03-30"), ("new_occurrences", "2026-03-25")] {
        let mut bench = server_at("2026-03-02T12:00:00+08:00");
        resolved(&bench, "C-1");
        let east = json!({ "area": "east" });
        bench.post(event(
            "A-1",
            "area.opened",
            "area:east",
            "2026-03-02T11:00:00+08:00",
            east,
        ));
        let due = |bench: &Bench, case: &str, rule: &str| bench.owed(case, rule)["due"]["date"].clone();
        let filing = |bench: &Bench| {
            let live = bench.due("rule=forms-filing&case=area:east");
            live.iter()
                .map(|o| o["due"]["date"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(filing(&bench), ["2026-03-30"]);
        bench.set("2026-03-02T13:00:00+08:00");
        let day = ("every = { day_of_month = 30 }", "every = { day_of_month = 25 }");
        write_edition(&bench, transition, &[("within = \"3天\"", "within = \"1天\""), day]);
        assert_eq!(bench.reload("").expect(200)["changed"], json!(["fuheng"]));
        assert_eq!(filing(&bench), ["2026-03-30"], "{transition} before its day");
        bench.set("2026-03-04T08:00:00+08:00");
        assert_eq!(filing(&bench), [planned], "{transition}");
        assert_eq!(due(&bench, "C-1", "complaint-follow-up"), "2026-03-05", "{transition}");
        bench.restart();
        assert_eq!(filing(&bench), [planned], "{transition} after a restart");
    }
}

#[test]
fn a_new_edition_that_rebases_moves_what_is_owed_on_its_day() {
    let mut bench = server_at("2026-03-02T12:00:00+08:00");
    resolved(&bench, "C-1");
    // With one day for complaints: the 3rd is past, so the 4th.
    write_edition(&bench, "rebase", &[("within = \"3天\"", "within = \"1天\"")]);
    assert_eq!(bench.reload("").expect(200)["changed"], json!(["fuheng"]));
    let due = |bench: &Bench| bench.owed("C-1", "complaint-follow-up")["due"]["date"].clone();
    assert_eq!(due(&bench), "2026-03-05");
    bench.set("2026-03-04T08:00:00+08:00");
    assert_eq!(due(&bench), "2026-03-04");
    bench.restart();
    assert_eq!(due(&bench), "2026-03-04");
    let items = bench.get("/policies")["items"].clone();
    let dates: Vec<&Value> = items.as_array().unwrap().iter().map(|p| &p["effective"]).collect();
    assert_eq!(dates, [&json!("2024-01-01"), &json!("2026-03-04")]);
    assert_eq!(bench.get("/policies/follow-up")["effective"], "2026-03-04");
    assert_eq!(
        bench.get("/policies/follow-up?edition=2024-01-01")["effective"],
        "2024-01-01"
    );
}

#[test]
fn what_is_adopted_shows_with_the_bases_value_beside_it() {
    let bench = server();
    let base = "[procedure]\nid = \"base/opinions\"\ntitle = \"意见\"\neffective = 2020-01-01\n\
        [clause.\"1\"]\ntext = \"十天内答复。\"\n[role.keeper]\ntitle = \"管家\"\n\
        [case.opinion]\ntitle = \"意见\"\n[case.opinion.events]\nraised = \"提出\"\nanswered = \"答复\"\n\
        [deadline.answer]\ntitle = \"答复\"\nclause = \"1\"\non = \"opinion.raised\"\nwithin = \"10天\"\n\
        done = \"opinion.answered\"\nbearer = \"keeper\"\n";
    let own = "[adopt]\nprocedure = \"base/opinions\"\n\
        [procedure]\nid = \"fuheng/opinions\"\ntitle = \"意见\"\neffective = 2024-01-01\n\
        [override.\"deadline.answer\"]\nwithin = \"7天\"\nreason = \"承诺过\"\n";
    fs::create_dir_all(bench.policies().join("base")).unwrap();
    fs::write(bench.policies().join("base/opinions.toml"), base).unwrap();
    fs::write(bench.policies().join("fuheng/opinions.toml"), own).unwrap();
    assert_eq!(bench.reload("").expect(200)["changed"], json!(["fuheng"]));
    let shown = bench.get("/policies/opinions");
    assert_eq!(shown["adopts"], "base/opinions");
    let own = &shown["overrides"][0];
    assert_eq!((&own["rule"], &own["key"]), (&json!("answer"), &json!("within")));
    assert_eq!((&own["value"], &own["base"]), (&json!("\"7天\""), &json!("\"10天\"")));
    bench.post(event("o-1", "opinion.raised", "O-1", "02T10:00", json!({})));
    let explained = bench.get("/obligations/O-1~answer~1/explain");
    let procedure = &explained["procedure"];
    assert!(
        procedure["place"].as_str().unwrap().ends_with("base/opinions.toml:14"),
        "{procedure}"
    );
    assert_eq!(procedure["overrides"][0]["base"], "\"10天\"");
    assert_eq!(explained["due"]["date"], "2026-03-09");
    // A change of the base's text is another edition of those who adopt it.
    fs::write(
        bench.policies().join("base/opinions.toml"),
        base.replace("十天内", "十日内"),
    )
    .unwrap();
    assert_eq!(bench.reload("").expect(200)["changed"], json!(["fuheng"]));
}
