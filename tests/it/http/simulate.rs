//! A draft tried on what was recorded, while the server runs.

use crate::bench::*;
use serde_json::{Value, json};
use std::fs;

/// The text of Fuheng's procedure with another term for complaints.
fn drafted(bench: &Bench, term: &str) -> String {
    let text = fs::read_to_string(bench.policies().join("fuheng/follow-up.toml")).unwrap();
    assert_eq!(text.matches("within = \"3天\"").count(), 1);
    text.replacen("within = \"3天\"", &format!("within = \"{term}\""), 1)
}

fn simulate(bench: &Bench, body: &Value) -> Reply {
    bench.ask(
        "POST",
        "/v1/companies/fuheng/simulate",
        "application/json",
        body.to_string(),
    )
}

fn asked(text: String, from: &str, to: &str) -> Value {
    json!({ "files": { "follow-up.toml": text }, "from": from, "to": to })
}

/// The differences of a sort in an answer.
fn rows<'a>(answer: &'a Value, what: &str, change: &str) -> Vec<&'a Value> {
    let all = answer["rows"].as_array().unwrap().iter();
    all.filter(|r| r["what"] == what && r["change"] == change).collect()
}

/// Three complaints, resolved on 2 March: one is followed up on the 4th, one on the 5th, one never.
fn three_complaints() -> Bench {
    let bench = server();
    for case in ["A", "B", "C"] {
        resolved(&bench, case);
    }
    bench.set("2026-03-04T12:00:00+08:00");
    bench.post(followed_up("A-3", "A", "04T10:00"));
    bench.set("2026-03-05T12:00:00+08:00");
    bench.post(followed_up("B-3", "B", "05T10:00"));
    bench.set("2026-03-20T12:00:00+08:00");
    bench
}

#[test]
fn a_shorter_term_makes_things_due_earlier_and_what_came_of_it_hangs_on_people() {
    let bench = three_complaints();
    let before = bench.fingerprint();
    let answer = simulate(&bench, &asked(drafted(&bench, "2天"), "2026-03-01", "2026-03-10")).expect(200);
    assert_eq!(answer["differs"], true);
    // All three are due on the 4th instead of the 5th.
    let earlier: Vec<&Value> = rows(&answer, "obligation", "earlier")
        .into_iter()
        .filter(|r| r["rule"] == "complaint-follow-up")
        .collect();
    let due = |r: &Value| {
        let due = |side: &str| r[side]["due"]["date"].clone();
        (
            r["case"].clone(),
            due("before"),
            due("after"),
            r["shift_minutes"].clone(),
            r["depends"].clone(),
        )
    };
    let wanted = |case: &str| {
        (
            json!(case),
            json!("2026-03-05"),
            json!("2026-03-04"),
            json!(-1440),
            json!("mechanical"),
        )
    };
    assert_eq!(
        earlier.iter().map(|r| due(r)).collect::<Vec<_>>(),
        [wanted("A"), wanted("B"), wanted("C")]
    );
    // A is in time under both; B would have been late; C is overdue under both, for longer under the draft.
    let became = rows(&answer, "obligation", "standing");
    let of = |case: &str| {
        let mut all = became
            .iter()
            .filter(|r| r["case"] == case && r["rule"] == "complaint-follow-up");
        all.next().map(|r| {
            (
                r["before"]["standing"].clone(),
                r["after"]["standing"].clone(),
                r["depends"].clone(),
            )
        })
    };
    assert_eq!(of("A"), None);
    assert_eq!(
        of("B"),
        Some((json!("fulfilled"), json!("fulfilled_late"), json!("behaviour")))
    );
    assert_eq!(of("C"), Some((Value::Null, Value::Null, json!("behaviour"))));
    // The assistant would have been told of B, and of C a day earlier.
    let told = rows(&answer, "escalation", "new");
    assert!(
        told.iter().any(|r| r["case"] == "B" && r["after"]["to"] == "assistant"),
        "{told:?}"
    );
    assert!(told.iter().all(|r| r["depends"] == "behaviour"), "{told:?}");
    let sooner = rows(&answer, "escalation", "earlier");
    assert!(
        sooner.iter().any(|r| r["case"] == "C" && r["shift_minutes"] == -1440),
        "{sooner:?}"
    );
    let group = answer["groups"]
        .as_array()
        .unwrap()
        .iter()
        .find(|g| g["rule"] == "complaint-follow-up")
        .unwrap();
    assert_eq!(group["clause"], "4.1.1(1)");
    let count = group["counts"]
        .as_array()
        .unwrap()
        .iter()
        .find(|c| c["change"] == "earlier" && c["what"] == "obligation")
        .unwrap();
    assert_eq!(
        (&count["count"], &count["median_shift_minutes"]),
        (&json!(3), &json!(-1440))
    );
    assert_eq!(answer["left_out"], 0);
    // All but the case that the engine opened itself, for the third complaint of one customer in one matter.
    assert_eq!(answer["events"], json!(bench.last_seq() - 1));
    // Nothing of it is on record.
    assert_eq!(bench.fingerprint(), before);
}

#[test]
fn what_serves_and_a_comment_make_no_difference() {
    let bench = three_complaints();
    let text = fs::read_to_string(bench.policies().join("fuheng/follow-up.toml")).unwrap();
    for text in [text.clone(), format!("# 修订说明\n{text}")] {
        let answer = simulate(&bench, &asked(text, "2026-03-01", "2026-03-31")).expect(200);
        assert_eq!(answer["differs"], false, "{answer}");
        assert_eq!(answer["rows"], json!([]));
        assert_eq!(answer["rates"], json!([]));
        assert!(answer["totals"]["same"].as_u64().unwrap() >= 3, "{answer}");
    }
}

#[test]
fn what_was_born_before_the_draft_keeps_what_it_had() {
    let bench = three_complaints();
    bench.post(event("D-1", "complaint.received", "D", "06T09:00", complaint()));
    bench.post(event("D-2", "complaint.resolved", "D", "06T10:00", json!({})));
    let cases = |from: &str| -> Vec<Value> {
        let answer = simulate(&bench, &asked(drafted(&bench, "2天"), from, "2026-03-10")).expect(200);
        let earlier = rows(&answer, "obligation", "earlier").into_iter();
        let of_rule = earlier.filter(|r| r["rule"] == "complaint-follow-up");
        of_rule.map(|r| r["case"].clone()).collect()
    };
    assert_eq!(cases("2026-03-02"), ["A", "B", "C", "D"]);
    assert_eq!(cases("2026-03-03"), ["D"]);
    assert_eq!(cases("2026-03-06"), ["D"]);
    assert!(cases("2026-03-07").is_empty());
}

#[test]
fn an_edition_that_is_to_come_is_tried_from_the_first_day_on() {
    let bench = three_complaints();
    let later = drafted(&bench, "4天").replacen("effective = 2024-01-01", "effective = 2027-01-01", 1);
    let later = later.replacen("[procedure]\n", "[procedure]\ntransition = \"rebase\"\n", 1);
    let body = json!({ "files": { "follow-up-2.toml": later }, "from": "2026-03-01", "to": "2026-03-10" });
    let answer = simulate(&bench, &body).expect(200);
    let due: Vec<Value> = rows(&answer, "obligation", "later")
        .into_iter()
        .filter(|r| r["rule"] == "complaint-follow-up")
        .map(|r| r["after"]["due"]["date"].clone())
        .collect();
    assert_eq!(due, ["2026-03-06", "2026-03-06", "2026-03-06"]);
    // From the 3rd on nothing is born under it, and what is owed is not rebased.
    let body = json!({ "files": { "follow-up-2.toml": later }, "from": "2026-03-03", "to": "2026-03-10" });
    let answer = simulate(&bench, &body).expect(200);
    assert!(rows(&answer, "obligation", "later").is_empty(), "{answer}");
}

#[test]
fn a_faulty_draft_is_not_tried_and_says_why() {
    let bench = three_complaints();
    let before = bench.fingerprint();
    let problem = simulate(&bench, &asked(drafted(&bench, "3 tage"), "2026-03-01", "2026-03-31"))
        .problem(422, "policies-refused");
    let finding = &problem["findings"][0];
    assert_eq!(
        (&finding["file"], &finding["severity"]),
        (&json!("fuheng/follow-up.toml"), &json!("error"))
    );
    assert!(finding["line"].as_u64().unwrap() > 200);
    assert_eq!(bench.fingerprint(), before);
}

#[test]
fn what_is_no_draft_is_refused() {
    let bench = server();
    let good = asked(drafted(&bench, "2天"), "2026-03-01", "2026-03-31");
    let named = |name: &str| json!({ "files": { name: "" }, "from": "2026-03-01", "to": "2026-03-31" });
    for name in [
        "../company.toml",
        "a/b.toml",
        "follow-up",
        ".toml",
        "..toml",
        "x.rhai",
        "c:\\a.toml",
    ] {
        simulate(&bench, &named(name)).problem(422, "bad-file-name");
    }
    for (from, to) in [("2026-03-31", "2026-03-01"), ("1900-01-01", "2026-03-31")] {
        let mut body = good.clone();
        (body["from"], body["to"]) = (json!(from), json!(to));
        simulate(&bench, &body).problem(422, "bad-span");
    }
    simulate(&bench, &with(good.clone(), "until", json!("2026-04-01"))).problem(400, "bad-request");
    simulate(&bench, &with(good.clone(), "from", json!("March"))).problem(400, "bad-request");
    let many: serde_json::Map<String, Value> = (0..201).map(|n| (format!("f{n}.toml"), json!(""))).collect();
    simulate(&bench, &with(good.clone(), "files", Value::Object(many))).problem(422, "too-many-files");
    let large = with(good.clone(), "files", json!({ "a.toml": "#".repeat(5 * 1024 * 1024) }));
    simulate(&bench, &large).problem(413, "body-too-large");
    let elsewhere = bench.ask(
        "POST",
        "/v1/companies/nobody/simulate",
        "application/json",
        good.to_string(),
    );
    elsewhere.problem(404, "unknown-company");
    let asked = bench.ask(
        "POST",
        "/v1/companies/fuheng/simulate?from=x",
        "application/json",
        good.to_string(),
    );
    asked.problem(400, "unknown-parameter");
}

#[test]
fn history_of_more_than_one_set_is_folded_as_it_served() {
    let mut bench = server();
    resolved(&bench, "A");
    amend(
        &bench.policies(),
        "follow-up.toml",
        "within = \"3天\"",
        "within = \"4天\"",
    );
    bench.reload("").expect(200);
    resolved(&bench, "B");
    bench.restart();
    // Had what serves now served from the beginning, A alone would have been due later.
    let text = fs::read_to_string(bench.policies().join("fuheng/follow-up.toml")).unwrap();
    let answer = simulate(&bench, &asked(text, "2026-03-01", "2026-03-02")).expect(200);
    let later: Vec<&Value> = rows(&answer, "obligation", "later")
        .into_iter()
        .filter(|r| r["rule"] == "complaint-follow-up")
        .collect();
    assert_eq!(later.len(), 1, "{later:?}");
    assert_eq!(
        (&later[0]["case"], &later[0]["after"]["due"]["date"]),
        (&json!("A"), &json!("2026-03-06"))
    );
}

#[test]
fn what_is_confidential_is_left_out_even_if_the_draft_would_not_keep_it() {
    let bench = server();
    let rule = "\n[access.confidential-complaint]\ntitle = \"重大投诉\"\nclause = \"4.1.1(1)\"\nkind = \"complaint\"\nwhen = { severity = \"major\" }\nroles = [\"director\"]\n";
    let path = bench.policies().join("fuheng/follow-up.toml");
    let open = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{open}{rule}")).unwrap();
    bench.reload("").expect(200);
    resolved(&bench, "A");
    let major = with(
        event("M-1", "complaint.received", "M", "02T09:00", complaint()),
        "data",
        {
            let mut data = complaint();
            data["severity"] = json!("major");
            data
        },
    );
    bench.post(major);
    bench.post(event("M-2", "complaint.resolved", "M", "02T10:00", json!({})));
    bench.reply("/cases/M").problem(404, "unknown-case");
    let shorter = open.replacen("within = \"3天\"", "within = \"2天\"", 1);
    for draft in [shorter.clone(), format!("{shorter}{rule}")] {
        let answer = simulate(&bench, &asked(draft, "2026-03-01", "2026-03-10")).expect(200);
        let cases: Vec<&Value> = rows(&answer, "obligation", "earlier")
            .iter()
            .map(|r| &r["case"])
            .collect();
        assert!(cases.contains(&&json!("A")), "{cases:?}");
        assert!(!answer.to_string().contains("\"M\""), "{answer}");
        assert!(!answer.to_string().contains("M~"), "{answer}");
    }
}

#[test]
fn a_count_that_is_not_reached_any_more_takes_its_case_with_it() {
    let bench = three_complaints();
    let text = fs::read_to_string(bench.policies().join("fuheng/follow-up.toml")).unwrap();
    // The same customer complained three times of the same matter.
    let rarer = text.replacen(
        "consecutive = \"matter\"\nat_least = 2",
        "consecutive = \"matter\"\nat_least = 4",
        1,
    );
    assert_ne!(rarer, text);
    let answer = simulate(&bench, &asked(rarer, "2026-03-01", "2026-03-10")).expect(200);
    let gone: Vec<&Value> = rows(&answer, "threshold", "gone");
    let told = |r: &Value| {
        (
            r["rule"].clone(),
            r["case"].clone(),
            r["depends"].clone(),
            r["clause"].clone(),
        )
    };
    let reached = (
        json!("repeated-complaint"),
        json!("B"),
        json!("mechanical"),
        json!("4.6b"),
    );
    assert_eq!(gone.iter().map(|r| told(r)).collect::<Vec<_>>(), [reached]);
    // The report that was owed of it is not owed, whatever anybody did.
    let report: Vec<&Value> = rows(&answer, "obligation", "gone")
        .into_iter()
        .filter(|r| r["rule"] == "improvement-report")
        .collect();
    assert_eq!(report.len(), 1, "{answer}");
    assert_eq!(
        (&report[0]["case"], &report[0]["depends"]),
        (&gone[0]["before"]["on"], &json!("mechanical"))
    );
    let others = answer["rows"].as_array().unwrap().iter();
    let others: Vec<&Value> = others
        .filter(|r| ["A", "B", "C"].iter().any(|c| r["case"] == *c) && r["what"] != "threshold")
        .collect();
    assert!(others.is_empty(), "{others:?}");
}

#[test]
fn a_file_that_joins_charges_what_was_missed_and_that_hangs_on_people() {
    let bench = three_complaints();
    let discipline = "[procedure]\nid = \"fuheng/discipline\"\ntitle = \"奖惩\"\neffective = 2024-01-01\n\
        [clause.\"1\"]\ntext = \"投诉回访不及时，每人一百元。\"\n\
        [penalty.late]\ntitle = \"回访不及时\"\nclause = \"1\"\nof = \"complaint-follow-up\"\namount_fen = 10000\n";
    let body = json!({ "files": { "discipline.toml": discipline }, "from": "2026-03-01", "to": "2026-03-10" });
    let answer = simulate(&bench, &body).expect(200);
    // C alone was never followed up; two owe that together.
    let charged: Vec<Value> = rows(&answer, "penalty", "new")
        .into_iter()
        .map(|r| {
            json!([
                r["case"],
                r["obligation"],
                r["after"]["amount_fen"],
                r["depends"],
                r["procedure"]
            ])
        })
        .collect();
    let one = json!(["C", "C~complaint-follow-up~1", 10000, "behaviour", "fuheng/discipline"]);
    assert_eq!(charged, [one.clone(), one]);
    assert_eq!(answer["totals"]["rows"], 2, "{answer}");
    assert_eq!(answer["totals"]["differing"], 0);
}

#[test]
fn what_a_gate_of_the_draft_would_have_refused_is_told_and_taken_all_the_same() {
    let bench = three_complaints();
    let text = fs::read_to_string(bench.policies().join("fuheng/follow-up.toml")).unwrap();
    // Only somebody in the director's role may report a follow-up: A's and B's were reported by the area manager.
    let gate = "\n[gate.by-director]\ntitle = \"主任来报\"\nclause = \"4.1.3(1)\"\non = \"complaint.followed-up\"\n\
                needs = [{ title = \"由主任报\", actor_role = [\"director\"] }]\n";
    let answer = simulate(&bench, &asked(format!("{text}{gate}"), "2026-03-05", "2026-03-10")).expect(200);
    // A's was on the 4th, before the draft.
    let refused = rows(&answer, "gate", "new");
    assert_eq!(refused.len(), 1, "{answer}");
    let row = refused[0];
    assert_eq!(
        (&row["case"], &row["rule"], &row["clause"], &row["depends"]),
        (
            &json!("B"),
            &json!("by-director"),
            &json!("4.1.3(1)"),
            &json!("behaviour")
        )
    );
    assert_eq!(row["after"], json!({ "event": "B-3", "unmet": ["由主任报"] }));
    // It is taken all the same, so that nothing else differs.
    assert_eq!(answer["totals"]["rows"], 1, "{answer}");
    assert_eq!(answer["totals"]["differing"], 0, "{answer}");
    let both = simulate(&bench, &asked(format!("{text}{gate}"), "2026-03-01", "2026-03-10")).expect(200);
    let group = &both["groups"][0];
    assert_eq!(
        (&group["rule"], &group["counts"][0]["count"]),
        (&json!("by-director"), &json!(2)),
        "{group}"
    );
    // What was taken before there was the gate, it had not refused: a draft without it refuses nothing less.
    fs::write(bench.policies().join("fuheng/follow-up.toml"), format!("{text}{gate}")).unwrap();
    bench.reload("").expect(200);
    let answer = simulate(&bench, &asked(text, "2026-03-01", "2026-03-10")).expect(200);
    assert_eq!(answer["totals"]["rows"], 0, "{answer}");
}
