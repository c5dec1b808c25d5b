//! What is due: in order, in pages, by every filter, as of other instants and as known at others.

use crate::bench::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Complaints of both areas and of two days, a repair and another service.
fn mixed() -> Bench {
    let bench = server();
    for n in 0..12 {
        let case = format!("C-{n:02}");
        let (building, department) = if n % 3 == 0 {
            ("7", "保安部")
        } else {
            ("2", "工程部")
        };
        let mut data = complaint();
        data["building"] = json!(building);
        data["department"] = json!(department);
        data["customer"] = json!(format!("住户{n}"));
        data["severity"] = json!(if n % 4 == 0 { "major" } else { "ordinary" });
        bench.post(event(
            &format!("{case}-1"),
            "complaint.received",
            &case,
            "01T08:00",
            data,
        ));
        let at = format!("{:02}T{:02}:30", 1 + n % 2, 8 + n % 4);
        bench.post(event(&format!("{case}-2"), "complaint.resolved", &case, &at, json!({})));
    }
    let what = json!({ "building": "5", "customer": "赵先生", "item": "门锁损坏" });
    bench.post(event("r1", "repair.requested", "R-1", "01T08:00", what));
    bench.post(event("r2", "repair.finished", "R-1", "01T09:00", json!({})));
    let what = json!({ "building": "1", "customer": "钱女士" });
    bench.post(event("o1", "other-service.completed", "O-1", "01T09:00", what));
    bench
}

fn ids(items: &[Value]) -> Vec<&str> {
    items.iter().map(|o| o["id"].as_str().unwrap()).collect()
}

fn due_at(o: &Value) -> i64 {
    chrono::DateTime::parse_from_rfc3339(o["due"]["at"].as_str().unwrap())
        .unwrap()
        .timestamp()
}

#[test]
fn pages_give_each_once_in_the_order_of_time() {
    let bench = mixed();
    for query in [
        "",
        "role=area-manager",
        "standing=all",
        "as_of=2026-03-02T09:00:00",
        "standing=scheduled,open",
        "area=east",
    ] {
        let all = bench.due(query);
        assert!(all.len() > 7, "{query}: {}", all.len());
        for limit in [1, 4, 7] {
            let (mut paged, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
            loop {
                let page = bench.get(&format!("/due?limit={limit}&{query}{cursor}"));
                let items = page["items"].as_array().unwrap();
                assert!(!items.is_empty() && items.len() <= limit, "{query}");
                paged.extend(items.iter().cloned());
                pages += 1;
                match page["next_cursor"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => break,
                }
            }
            assert_eq!(ids(&paged), ids(&all), "{query} by {limit}");
            assert_eq!(pages, all.len().div_ceil(limit), "{query} by {limit}");
        }
        let unique: BTreeSet<&str> = ids(&all).into_iter().collect();
        assert_eq!(unique.len(), all.len(), "{query}");
        assert!(all.is_sorted_by_key(due_at), "{query}");
    }
}

#[test]
fn a_page_begun_before_an_event_goes_on_after_it() {
    let bench = mixed();
    let page = bench.get("/due?limit=5");
    let seen: Vec<Value> = page["items"].as_array().unwrap().clone();
    bench.set("2026-03-02T13:00:00+08:00");
    bench.post(followed_up("f", "C-01", "02T12:30"));
    let rest = bench.due(&format!("cursor={}", page["next_cursor"].as_str().unwrap()));
    let (seen, rest) = (ids(&seen), ids(&rest));
    assert!(rest.iter().all(|id| !seen.contains(id)));
    let now = bench.due("");
    let all: BTreeSet<&str> = seen.iter().chain(&rest).copied().collect();
    assert!(
        ids(&now)
            .iter()
            .all(|id| all.contains(id) || id.contains("form-return")),
        "none was left out"
    );
}

#[test]
fn filters_give_what_they_say() {
    let bench = mixed();
    bench.set("2026-03-05T00:00:00+08:00");
    let all = bench.due("");
    let has = |o: &Value, field: &str, value: &str| o["bearers"].as_array().unwrap().iter().any(|b| b[field] == value);
    type Holds<'a> = &'a dyn Fn(&Value) -> bool;
    let filters: [(&str, Holds<'_>); 11] = [
        ("role=director", &|o| has(o, "role", "director")),
        ("role=department", &|o| has(o, "role", "department")),
        ("person=li", &|o| has(o, "person", "li")),
        ("person=sun", &|o| has(o, "person", "sun")),
        ("area=west", &|o| o["area"] == "west"),
        ("rule=form-collection", &|o| o["rule"] == "form-collection"),
        ("kind=repair", &|o| o["kind"] == "repair"),
        ("case=C-05", &|o| o["case"] == "C-05"),
        ("standing=overdue", &|o| o["standing"] == "overdue"),
        ("before=2026-03-06T00:00:00", &|o| {
            due_at(o) < due_at(&json!({ "due": { "at": "2026-03-06T00:00:00+08:00" } }))
        }),
        ("role=area-manager&area=east&rule=complaint-follow-up", &|o| {
            has(o, "role", "area-manager") && o["area"] == "east" && o["rule"] == "complaint-follow-up"
        }),
    ];
    for (query, holds) in filters {
        let found = bench.due(query);
        let wanted: Vec<Value> = all.iter().filter(|o| holds(o)).cloned().collect();
        assert!(
            !wanted.is_empty() && wanted.len() < all.len(),
            "{query} tells nothing: {}",
            wanted.len()
        );
        assert_eq!(ids(&found), ids(&wanted), "{query}");
        assert_eq!(found, wanted, "{query}");
    }
    // Whoever asks for done ones gets them, whoever does not does not.
    bench.post(followed_up("f", "C-05", "03T12:30"));
    assert!(bench.due("case=C-05&rule=complaint-follow-up").is_empty());
    let done = bench.due("case=C-05&standing=fulfilled");
    assert_eq!(ids(&done), ["C-05~complaint-follow-up~1"]);
    let all = bench.due("case=C-05&standing=all");
    assert_eq!(
        all.len(),
        3,
        "follow-up, form to collect, form to return: {:?}",
        ids(&all)
    );
}

#[test]
fn another_instant_gives_what_was_so_then() {
    let bench = server();
    resolved(&bench, "C-1");
    bench.set("2026-03-10T12:00:00+08:00");
    bench.post(followed_up("3", "C-1", "04T15:00"));
    let standing = |query: &str| {
        let list = bench.due(&format!("standing=all&rule=complaint-follow-up&{query}"));
        list.first().map(|o| o["standing"].as_str().unwrap().to_owned())
    };
    let some = |word: &str| Some(word.to_owned());
    assert_eq!(standing("as_of=2026-03-02T09:59:59"), None);
    assert_eq!(standing("as_of=2026-03-02T10:00:00"), some("open"));
    assert_eq!(standing("as_of=2026-03-04T14:59:59"), some("open"));
    assert_eq!(standing("as_of=2026-03-04T15:00:00"), some("fulfilled"));
    assert_eq!(standing(""), some("fulfilled"));
    // Nobody knew of the visit before the 10th.
    assert_eq!(
        standing("as_of=2026-03-08T00:00:00&known_at=2026-03-09T00:00:00"),
        some("overdue")
    );
    assert_eq!(standing("known_at=2026-03-09T00:00:00"), some("overdue"));
    assert_eq!(standing("known_at=2026-03-02T11:59:59"), None);
    // The future, if nothing happens.
    resolved(&bench, "C-2");
    let ahead = bench.due("case=C-2&as_of=2026-03-03T00:00:00");
    assert!(ahead.iter().all(|o| o["standing"] == "open"));
    // The case and its obligation say the same.
    let case = bench.get("/cases/C-1?as_of=2026-03-08T00:00:00&known_at=2026-03-09T00:00:00");
    let open = only(case["obligations"].as_array().unwrap(), "complaint-follow-up");
    assert_eq!((&open["standing"], &open["level"]), (&json!("overdue"), &json!(2)));
    assert_eq!(case["events"].as_array().unwrap().len(), 2);
    let one =
        bench.get("/obligations/C-1~complaint-follow-up~1?as_of=2026-03-08T00:00:00&known_at=2026-03-09T00:00:00");
    assert_eq!(one, open);
    bench
        .reply("/cases/C-1?as_of=2026-03-01T00:00:00")
        .problem(404, "unknown-case");
}

#[test]
fn the_last_day_ends_at_midnight() {
    let bench = server();
    resolved(&bench, "C-1");
    let standing = |at: &str| bench.due(&format!("rule=complaint-follow-up&as_of={at}"))[0]["standing"].clone();
    assert_eq!(standing("2026-03-05T23:59:59"), "open");
    assert_eq!(standing("2026-03-06T00:00:00"), "overdue");
    for (at, level) in [
        ("2026-03-05T23:59:59", 0),
        ("2026-03-06T00:00:00", 1),
        ("2026-03-06T23:59:59", 1),
        ("2026-03-07T00:00:00", 2),
    ] {
        assert_eq!(
            bench.get(&format!("/obligations/C-1~complaint-follow-up~1?as_of={at}"))["level"],
            level,
            "{at}"
        );
    }
}

#[test]
fn an_explanation_leads_to_the_due_date() {
    let bench = server();
    resolved(&bench, "C-1");
    let path = "/obligations/C-1~complaint-follow-up~1/explain";
    let explanation = bench.get(path);
    assert!(explanation.to_string().contains("2026-03-05"), "{explanation}");
    for (lang, word) in [("zh", "第3天"), ("en", "Thu 5 Mar: day 3")] {
        let text = bench.reply(&format!("{path}?format=text&lang={lang}"));
        assert_eq!((text.status, text.kind.as_str()), (200, "text/plain; charset=utf-8"));
        assert!(
            text.text.contains(word) && text.text.contains("4.1.1(1)"),
            "{}",
            text.text
        );
    }
    bench.reply(&format!("{path}?format=pdf")).problem(400, "bad-parameter");
    bench.reply(&format!("{path}?lang=fr")).problem(400, "bad-parameter");
}
