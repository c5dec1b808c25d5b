//! Rates, effects, reports and policies.

use crate::bench::*;
use serde_json::{Value, json};

fn other_service(bench: &Bench, case: &str, at: &str, building: &str) {
    let what = json!({ "building": building, "customer": format!("住户{case}") });
    bench.post(event(&format!("{case}-1"), "other-service.completed", case, at, what));
}

fn visit(bench: &Bench, case: &str, at: &str) {
    bench.post(event(
        &format!("{case}-2"),
        "other-service.followed-up",
        case,
        at,
        form(),
    ));
}

fn rate(bench: &Bench, query: &str) -> Value {
    bench.get(&format!("/rates?{query}"))["items"][0].clone()
}

#[test]
fn a_rate_has_no_verdict_until_its_target_is_decided() {
    let bench = server();
    for n in 1..=5 {
        other_service(&bench, &format!("O-{n}"), "01T09:00", if n < 3 { "1" } else { "8" });
    }
    bench.set("2026-03-20T12:00:00+08:00");
    visit(&bench, "O-1", "08T18:00");
    visit(&bench, "O-2", "03T18:00");
    visit(&bench, "O-3", "12T18:00");
    let open = rate(&bench, "rate=other-service&period=2026-03");
    for (field, value) in [
        ("population", json!(5)),
        ("done", json!(3)),
        ("on_time", json!(2)),
        ("overdue", json!(2)),
        ("in_time", json!(0)),
        ("target", Value::Null),
        ("required", Value::Null),
        ("met", Value::Null),
        ("decision", Value::Null),
        ("decided_by", json!("director")),
        ("status", json!("accruing")),
        ("coverage_pct", json!("60.00")),
        ("timeliness_pct", json!("40.00")),
        ("clause", json!("4.1.2(5)")),
    ] {
        assert_eq!(open[field], value, "{field}: {open}");
    }
    assert!(open["note"].as_str().unwrap().starts_with("no-target"), "{open}");

    let what = json!({ "rate": "other-service", "target": "70%", "from": "2026-03-01", "reason": "人手有限" });
    bench.post(by(
        event("d", "rate.target-decided", "rates", "20T11:00", what),
        "zhou",
        "director",
    ));
    let decided = rate(&bench, "rate=other-service&period=2026-03");
    // 70 % of 5 is 3.5: four are needed.
    for (field, value) in [
        ("target", json!("70%")),
        ("required", json!(4)),
        ("needed", json!(1)),
        ("possible", json!(5)),
    ] {
        assert_eq!(decided[field], value, "{field}: {decided}");
    }
    let decision = &decided["decision"];
    assert_eq!(
        (&decision["event"], &decision["by"], &decision["reason"]),
        (&json!("d"), &json!("zhou"), &json!("人手有限"))
    );
    assert_eq!(
        rate(&bench, "rate=other-service&period=2026-02")["target"],
        Value::Null,
        "it does not reach back"
    );
    // By the end of the month it is not met; a late one closes the gap, since coverage counts late ones too.
    bench.set("2026-04-02T12:00:00+08:00");
    let last = rate(&bench, "rate=other-service&period=2026-03");
    assert_eq!((&last["status"], &last["met"]), (&json!("final"), &json!(false)));
    visit(&bench, "O-4", "2026-04-02T11:00:00+08:00");
    let last = rate(&bench, "rate=other-service&period=2026-03");
    assert_eq!(
        (&last["done"], &last["on_time"], &last["met"]),
        (&json!(4), &json!(2), &json!(true))
    );
    // One area alone; and as it stood before.
    assert_eq!(
        rate(&bench, "rate=other-service&period=2026-03&area=east")["population"],
        2
    );
    let before = rate(
        &bench,
        "rate=other-service&period=2026-03&as_of=2026-03-10T00:00:00&known_at=2026-03-20T12:00:00",
    );
    assert_eq!(
        (&before["done"], &before["target"]),
        (&json!(2), &Value::Null),
        "{before}"
    );
}

#[test]
fn a_rate_without_members_has_no_value() {
    let bench = server();
    let rates = bench.get("/rates?period=2026-03");
    assert_eq!(rates["items"].as_array().unwrap().len(), 5);
    for rate in rates["items"].as_array().unwrap() {
        assert_eq!(
            (&rate["population"], &rate["coverage_pct"], &rate["met"]),
            (&json!(0), &Value::Null, &Value::Null),
            "{rate}"
        );
    }
}

#[test]
fn effects_are_listed_in_the_order_of_time_and_between_instants() {
    let bench = server();
    resolved(&bench, "C-1");
    other_service(&bench, "O-1", "01T09:00", "5");
    bench.set("2026-03-20T12:00:00+08:00");
    let list = |query: &str| -> Vec<(String, String, u64, String)> {
        let effects = bench.get(&format!("/effects?{query}"));
        let text = |v: &Value| v.as_str().unwrap().to_owned();
        let own = |e: &&Value| e["case"] == "C-1" || e["case"] == "O-1";
        let items = effects["items"].as_array().unwrap();
        items
            .iter()
            .filter(own)
            .map(|e| {
                (
                    text(&e["case"]),
                    text(&e["to"]),
                    e["level"].as_u64().unwrap(),
                    text(&e["nominal_at"]),
                )
            })
            .collect()
    };
    let at = |case: &str, to: &str, level: u64, at: &str| (case.to_owned(), to.to_owned(), level, at.to_owned());
    let first = at("C-1", "assistant", 1, "2026-03-06T00:00:00+08:00");
    let second = at("C-1", "director", 2, "2026-03-07T00:00:00+08:00");
    let third = at("O-1", "assistant", 1, "2026-03-09T00:00:00+08:00");
    assert_eq!(list(""), [first.clone(), second.clone(), third.clone()]);
    assert_eq!(list("from=2026-03-06T00:00:01&to=2026-03-07T00:00:00"), [second]);
    assert_eq!(list("to=2026-03-06T00:00:00"), std::slice::from_ref(&first));
    assert_eq!(list("as_of=2026-03-06T12:00:00"), [first]);
    let effect = bench.get("/effects?as_of=2026-03-06T12:00:00")["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|e| e["case"] == "C-1")
        .unwrap()
        .clone();
    assert_eq!(
        (&effect["person"], &effect["clause"], &effect["rule"]),
        (&json!("wu"), &json!("4.1.1(1)"), &json!("complaint-follow-up"))
    );
    assert_eq!(effect["obligation"], "C-1~complaint-follow-up~1");
    // All that one person is told at one instant is one message.
    let messages = bench.get("/effects?digest=true&as_of=2026-03-06T12:00:00")["items"].clone();
    let holds = |m: &&Value| m["items"].as_array().unwrap().contains(&effect);
    let mine: Vec<&Value> = messages.as_array().unwrap().iter().filter(holds).collect();
    assert_eq!(mine.len(), 1);
    assert_eq!(
        (&mine[0]["person"], &mine[0]["at"], &mine[0]["roles"]),
        (&json!("wu"), &effect["at"], &json!(["assistant"]))
    );
}

/// A row of a report, by the names of its columns.
fn rows(report: &Value) -> Vec<serde_json::Map<String, Value>> {
    let columns = report["columns"].as_array().unwrap();
    let row = |row: &Value| {
        let cells = row.as_array().unwrap();
        assert_eq!(cells.len(), columns.len());
        columns
            .iter()
            .zip(cells)
            .map(|(c, v)| (c.as_str().unwrap().to_owned(), v.clone()))
            .collect()
    };
    report["rows"].as_array().unwrap().iter().map(row).collect()
}

fn reported() -> Bench {
    let bench = server();
    resolved(&bench, "C-1");
    other_service(&bench, "O-1", "01T09:00", "1");
    other_service(&bench, "O-2", "02T09:00", "8");
    bench.set("2026-03-12T12:00:00+08:00");
    bench.post(followed_up("C-1-3", "C-1", "03T15:00"));
    visit(&bench, "O-1", "10T09:00");
    bench
}

#[test]
fn the_plan_lists_what_is_to_be_done() {
    let bench = reported();
    let plan = bench.get("/reports/plan?period=2026-03");
    assert_eq!((&plan["report"], &plan["period"]), (&json!("plan"), &json!("2026-03")));
    let rows = rows(&plan);
    let line = |r: &serde_json::Map<String, Value>| {
        [&r["due_on"], &r["case"], &r["role"], &r["person"], &r["standing"]].map(|v| v.as_str().unwrap().to_owned())
    };
    let found: Vec<[String; 5]> = rows.iter().map(line).collect();
    assert_eq!(
        found,
        [
            ["2026-03-05", "C-1", "area-manager", "张蕾", "fulfilled"],
            ["2026-03-05", "C-1", "department", "陈工", "fulfilled"],
            ["2026-03-08", "O-1", "area-manager", "张蕾", "fulfilled_late"],
            ["2026-03-09", "O-2", "area-manager", "李强", "overdue"],
        ]
        .map(|r| r.map(str::to_owned))
    );
    let west = bench.get("/reports/plan?period=2026-03&area=west");
    assert_eq!(west["rows"].as_array().unwrap().len(), 1);
    // What is still owed from before stands in the next month's plan.
    bench.set("2026-04-02T12:00:00+08:00");
    let next = bench.get("/reports/plan");
    assert_eq!(next["period"], "2026-04");
    let left: Vec<&Value> = next["rows"].as_array().unwrap().iter().map(|r| &r[4]).collect();
    assert_eq!(left, [&json!("O-2")]);
}

#[test]
fn statistics_and_performance_count_by_area_and_person() {
    let bench = reported();
    let found = rows(&bench.get("/reports/statistics?period=2026-03"));
    let line = |r: &serde_json::Map<String, Value>| {
        json!([
            r["area"],
            r["rule"],
            r["population"],
            r["on_time"],
            r["late"],
            r["overdue"],
            r["coverage_pct"]
        ])
    };
    let found: Vec<Value> = found.iter().map(line).collect();
    assert_eq!(
        found,
        [
            json!(["east", "complaint-follow-up", 1, 1, 0, 0, "100.00"]),
            json!(["east", "other-service-follow-up", 1, 0, 1, 0, "100.00"]),
            json!(["west", "other-service-follow-up", 1, 0, 0, 1, "0.00"]),
        ]
    );
    let found = rows(&bench.get("/reports/performance?period=2026-03"));
    let line = |r: &serde_json::Map<String, Value>| {
        json!([r["by"], r["owed"], r["on_time"], r["late"], r["missed"], r["breaches"]])
    };
    let by_person: Vec<Value> = found.iter().map(line).collect();
    assert_eq!(
        by_person,
        [
            json!(["chen", 1, 1, 0, 0, 0]),
            json!(["li", 1, 0, 0, 1, 1]),
            json!(["zhang", 2, 1, 1, 0, 1])
        ]
    );
    let by_role = rows(&bench.get("/reports/performance?period=2026-03&by=role"));
    assert_eq!(
        by_role.iter().map(line).collect::<Vec<_>>(),
        [
            json!(["area-manager", 3, 1, 1, 1, 2]),
            json!(["department", 1, 1, 0, 0, 0])
        ]
    );
    let by_area = rows(&bench.get("/reports/performance?period=2026-03&by=area"));
    assert_eq!(
        by_area.iter().map(line).collect::<Vec<_>>(),
        [json!(["east", 2, 1, 1, 0, 1]), json!(["west", 1, 0, 0, 1, 1])]
    );
}

#[test]
fn those_that_a_row_counts_are_listed_page_by_page() {
    let bench = reported();
    let path = "/reports/performance?period=2026-03";
    let listed = rows(&bench.get(path));
    let zhang = listed.iter().position(|r| r["by"] == "zhang").unwrap();
    // C-1 is resolved and followed up, O-1 reported and followed up.
    let events = &listed[zhang]["events"];
    let ends = (&events["count"], &events["first"], &events["last"]);
    assert_eq!(ends, (&json!(4), &json!("C-1-2"), &json!("O-1-2")));
    let procedure = bench.get("/policies/follow-up");
    assert_eq!(
        (&listed[zhang]["clause"], &listed[zhang]["edition"]),
        (&json!("4.8"), &procedure["edition"])
    );
    let page = |more: &str| bench.get(&format!("{path}&row={}{more}", zhang + 1));
    let whole = page("");
    assert_eq!(whole["row"], Value::Object(listed[zhang].clone()));
    assert_eq!(whole["next_cursor"], Value::Null);
    let shown = |m: &Value| json!([m["case"], m["events"], m["done"], m["on_time"], m["breaches"]]);
    let members: Vec<Value> = whole["members"].as_array().unwrap().iter().map(shown).collect();
    let wanted = [
        json!(["C-1", ["C-1-2", "C-1-3"], 1, 1, 0]),
        json!(["O-1", ["O-1-1", "O-1-2"], 1, 0, 1]),
    ];
    assert_eq!(members, wanted);
    assert_eq!(
        whole["members"][1]["obligation"],
        bench.get("/obligations/O-1~other-service-follow-up~1")
    );
    let first = page("&limit=1");
    assert_eq!(
        (first["members"].as_array().unwrap().len(), &first["next_cursor"]),
        (1, &json!("1"))
    );
    let second = page("&limit=1&cursor=1");
    assert_eq!(
        (&second["members"][0], &second["next_cursor"]),
        (&whole["members"][1], &Value::Null)
    );

    // What is asked for wrongly is refused, not answered with something else.
    for (path, pointer) in [
        (format!("{path}&row=0"), "?row"),
        (format!("{path}&row=9"), "?row"),
        (format!("{path}&row=1&cursor=x"), "?cursor"),
        (format!("{path}&row=1&cursor=99"), "?cursor"),
        (format!("{path}&row=1&limit=501"), "?limit"),
        (format!("{path}&row=1&format=csv"), "?format"),
        (format!("{path}&cursor=1"), "?row"),
        ("/reports/records?period=2026-03&row=1".to_owned(), "?row"),
        ("/effects?digest=true&row=1".to_owned(), "?row"),
    ] {
        let problem = bench.reply(&path).problem(400, "bad-parameter");
        assert_eq!(problem["pointer"], pointer, "{path}: {problem}");
    }
    // A rate over nothing says so.
    let april = bench.get("/rates?rate=complaint&period=2026-04");
    let empty = &april["items"][0]["events"];
    assert_eq!(
        (&empty["count"], &empty["first"], &empty["last"]),
        (&json!(0), &Value::Null, &Value::Null)
    );
    let followed = bench.get("/rates?rate=complaint&period=2026-04&row=1");
    assert_eq!(followed["members"], json!([]));
}

#[test]
fn metrics_are_figures_by_person_role_and_area() {
    let bench = reported();
    let report = bench.get("/reports/metrics?period=2026-03&metric=performance");
    let line =
        |r: &serde_json::Map<String, Value>| json!([r["by"], r["of"], r["value_exact"], r["value"], r["population"]]);
    let found: Vec<Value> = rows(&report).iter().map(line).collect();
    // One in time and one late of 张蕾, one in time of 陈工, who bears it together with her, one overdue of 李强.
    assert_eq!(
        found,
        [
            json!(["", "", "1/3", "33.33", 3]),
            json!(["area", "east", "50%", "50.00", 2]),
            json!(["area", "west", "0%", "0.00", 1]),
            json!(["person", "chen", "100%", "100.00", 1]),
            json!(["person", "li", "0%", "0.00", 1]),
            json!(["person", "zhang", "50%", "50.00", 2]),
            json!(["role", "area-manager", "1/3", "33.33", 3]),
            json!(["role", "department", "100%", "100.00", 1]),
        ]
    );
    let csv = bench.reply("/reports/metrics?period=2026-03&format=csv").text;
    assert!(
        csv.contains("\"performance\",\"回访绩效\",\"4.8\",\"2026-03\",\"person\",\"zhang\",\"50.00\""),
        "{csv}"
    );
    let problem = bench
        .reply("/reports/metrics?period=2026-03&metric=perfomance")
        .expect(400);
    assert!(problem["detail"].as_str().unwrap().contains("performance"), "{problem}");
}

#[test]
fn records_and_retention_list_the_forms() {
    let bench = reported();
    let mut visit = event("O-2-2", "other-service.followed-up", "O-2", "12T11:00", form());
    visit["data"]["suggestions"] = Value::Null;
    bench.post(by(visit, "li", "area-manager"));
    let found = rows(&bench.get("/reports/records?period=2026-03&record=follow-up"));
    let line = |r: &serde_json::Map<String, Value>| json!([r["case"], r["event"], r["by"], r["missing"]]);
    let found: Vec<Value> = found.iter().map(line).collect();
    assert_eq!(
        found,
        [
            json!(["C-1", "C-1-3", "zhang", ""]),
            json!(["O-1", "O-1-2", null, ""]),
            json!(["O-2", "O-2-2", "li", "suggestions"]),
        ]
    );
    let kept = rows(&bench.get("/reports/retention?record=follow-up"));
    let line = |r: &serde_json::Map<String, Value>| json!([r["event"], r["kept_until"], r["state"]]);
    assert_eq!(
        kept.iter().map(line).collect::<Vec<_>>(),
        [
            json!(["C-1-3", "2028-03-03", "kept"]),
            json!(["O-1-2", "2028-03-10", "kept"]),
            json!(["O-2-2", "2028-03-12", "kept"]),
        ]
    );
    bench.set("2028-03-04T00:00:00+08:00");
    let kept = rows(&bench.get("/reports/retention?record=follow-up"));
    assert_eq!(kept[0]["state"], "disposable");
    assert_eq!(kept[1]["state"], "kept");
}

#[test]
fn a_table_for_a_spreadsheet_runs_nothing() {
    let bench = server();
    let odd = ["=1+1", "+cmd", "-2", "@sum", "＝1", "plain \"quoted\", with comma"];
    for (n, case) in odd.iter().enumerate() {
        bench.post(event(
            &format!("{n}-1"),
            "complaint.received",
            case,
            "02T09:00",
            complaint(),
        ));
        bench.post(event(
            &format!("{n}-2"),
            "complaint.resolved",
            case,
            "02T10:00",
            json!({}),
        ));
    }
    let reply = bench.reply("/reports/plan?period=2026-03&format=csv");
    assert_eq!((reply.status, reply.kind.as_str()), (200, "text/csv; charset=utf-8"));
    assert!(reply.text.starts_with("\u{feff}\"due_on\",\"area\""), "{}", reply.text);
    assert!(reply.text.ends_with("\r\n"));
    let lines: Vec<&str> = reply.text.trim_end().split("\r\n").collect();
    assert_eq!(lines.len(), 1 + odd.len() * 2);
    for case in &odd[..5] {
        assert!(reply.text.contains(&format!(",\"'{case}\",")), "{case}: {}", reply.text);
        assert!(!reply.text.contains(&format!(",\"{case}\",")), "{case}: {}", reply.text);
    }
    assert!(
        reply.text.contains(",\"plain \"\"quoted\"\", with comma\","),
        "{}",
        reply.text
    );
    let json = bench.get("/reports/plan?period=2026-03");
    assert!(json.to_string().contains("\"=1+1\""), "JSON is as it is");
}

#[test]
fn policies_are_shown_as_they_serve_and_as_they_are_written() {
    let bench = server();
    let all = bench.get("/policies");
    assert_eq!(all["company"], "fuheng");
    let one = &all["items"][0];
    assert_eq!(
        (&one["id"], &one["document"], &one["effective"]),
        (&json!("fuheng/follow-up"), &json!("QW-21-14 A/0"), &json!("2024-01-01"))
    );
    let policy = bench.get("/policies/fuheng/follow-up");
    assert_eq!(policy, bench.get("/policies/follow-up?format=json"));
    assert_eq!(policy["edition"], one["edition"]);
    let clauses = policy["clauses"].as_array().unwrap();
    assert_eq!(json!(clauses.len()), one["clauses"]);
    let cited = clauses.iter().find(|c| c["id"] == "4.1.1(1)").unwrap();
    assert_eq!(
        (&cited["text"], &cited["rules"]),
        (&json!("投诉处理完，三天内回访。"), &json!(["complaint-follow-up"]))
    );
    let toml = bench.reply("/policies/follow-up?format=toml");
    assert_eq!(
        (toml.status, toml.kind.as_str()),
        (200, "application/toml; charset=utf-8")
    );
    let written = std::fs::read_to_string(bench.policies().join("fuheng/follow-up.toml")).unwrap();
    assert_eq!(toml.text, written);
    let companies = bench.ask("GET", "/v1/companies", "application/json", "").expect(200);
    assert_eq!(
        companies["items"],
        json!([{ "id": "fuheng", "title": "重庆富恒物业管理有限公司", "zone": "Asia/Shanghai" }])
    );
    assert_eq!(bench.ask("GET", "/healthz", "", "").expect(200)["status"], "ok");
    assert_eq!(bench.ask("GET", "/readyz", "", "").expect(200)["ready"], true);
}
