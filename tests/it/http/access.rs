//! Confidential cases exist for their handlers alone: on no route does anybody else learn of one.

use crate::bench::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;

/// A procedure of petitions beside that of follow-ups. Zhou is the director; Li is reported on.
const PETITIONS: &str = r#"
[procedure]
id = "fuheng/petitions"
title = "来信来访"
effective = 2024-01-01

[clause."1"]
text = "三天内答复。"
[clause."6"]
text = "为来访的人保密，不让被反映的人知道。"

[case.petition]
title = "来信"
data = { matter = "text", confidential = "bool", handler = "text", reported_on = "text" }
[case.petition.events]
came = { title = "来信", needs = ["matter"] }
marked = "定密级"
answered = { title = "答复", record = "answer" }

[case.inquiry]
title = "调查"
data = { matter = "text" }
[case.inquiry.events]
raised = { title = "立案", needs = ["matter"] }
closed = "结案"

[record.answer]
title = "答复单"
clause = "1"
fields = { how = "text" }
required = [{ fields = ["how"] }]
retain = "2年"

[deadline.answer]
title = "答复"
clause = "1"
on = "petition.came"
within = "3天"
done = "petition.answered"
bearer = "director"
escalate = [{ before = "2天", to = "assistant" }]

[deadline.close]
title = "结案"
clause = "1"
on = "inquiry.raised"
within = "9天"
done = "inquiry.closed"
bearer = "director"

[sample.petitions-checked]
title = "抽查来信"
clause = "1"
of = "petition.came"
per = "month"
share = "100%"
within = "5天"
done = "petition.marked"
bearer = "director"

[threshold.inquiry]
title = "另行调查"
clause = "1"
on = "petition.came"
at_least = 1
to = "assistant"
open = { event = "inquiry.raised", data = { matter = "{matter}" } }

[rate.answered]
title = "答复率"
clause = "1"
of = "answer"
per = "month"
at_least = "100%"

[metric.answers]
title = "答复绩效"
clause = "1"
of = "answer"
by = ["person"]
per = "month"

[metric.letters]
title = "来信数"
clause = "1"
count = ["petition.came"]
by = ["day"]
per = "month"

[penalty.petition]
title = "来信扣分"
clause = "1"
on = "petition.came"
amount_fen = 100
against = "director"

[notice.reply]
title = "回复"
clause = "1"
of = "answer"
text = "您反映的{matter}，{due}前答复。"

[notice.petitions]
title = "来信一览"
clause = "1"
head = "共{rows}件"
[notice.petitions.list]
kind = "petition"
on = "petition.came"
per = "month"
row = "{matter}"

[access.confidential]
title = "保密"
clause = "6"
kind = "petition"
when = { confidential = true }
roles = "director"
fields = "handler"
never = "reported_on"
audit = true
"#;

/// The confidential case, what it says, and the case that came of it.
const SECRET: &str = "P-77";
const MATTER: &str = "收受好处的事";

fn serving() -> Bench {
    let mut bench = server();
    fs::write(bench.policies().join("fuheng/petitions.toml"), PETITIONS).unwrap();
    bench.restart();
    let open = json!({ "matter": "路灯不亮" });
    bench.post(event("open", "petition.came", "P-1", "01T08:00", open));
    resolved(&bench, "C-1");
    bench.set("2026-03-04T12:00:00+08:00");
    bench
}

/// The same with a confidential case, in which something has happened.
fn with_secret(bench: &Bench) {
    let data = json!({ "matter": MATTER, "confidential": true, "handler": "zhang", "reported_on": "li" });
    bench.post(event("s1", "petition.came", SECRET, "01T09:00", data));
    bench.post(event(
        "s2",
        "petition.answered",
        SECRET,
        "03T09:00",
        json!({ "how": "" }),
    ));
}

/// The routes that only GET what there is, as the router has them; each with the questions that are asked of it.
fn questions() -> Vec<(&'static str, Vec<String>)> {
    let company =
        |paths: &[&str]| -> Vec<String> { paths.iter().map(|p| format!("/v1/companies/fuheng{p}")).collect() };
    let obligation = format!("{SECRET}~answer~1");
    let inquiry = format!("{SECRET}.inquiry.s1");
    let at = "as_of=2026-03-03T12:00:00";
    let reports: Vec<String> = [
        "plan",
        "statistics",
        "performance",
        "records",
        "retention",
        "numbers",
        "turns",
        "penalties",
        "metrics",
        "reads",
    ]
    .iter()
    .flat_map(|name| {
        [
            format!("/reports/{name}?period=2026-03"),
            format!("/reports/{name}?period=2026-03&format=csv"),
            format!("/reports/{name}?period=2026-03&{at}"),
        ]
    })
    .chain(["role", "area"].map(|by| format!("/reports/performance?period=2026-03&by={by}")))
    .collect();
    let reports: Vec<&str> = reports.iter().map(String::as_str).collect();
    vec![
        (
            "/due",
            company(&[
                "/due",
                "/due?standing=all",
                &format!("/due?{at}"),
                &format!("/due?case={SECRET}&standing=all"),
                "/due?kind=petition",
                "/due?role=director",
                "/due?person=zhou",
                "/due?limit=1",
            ]),
        ),
        (
            "/cases/{id}",
            company(&[
                &format!("/cases/{SECRET}"),
                &format!("/cases/{SECRET}?{at}"),
                &format!("/cases/{inquiry}"),
                "/cases/P-1",
            ]),
        ),
        (
            "/cases/{id}/next",
            company(&[
                &format!("/cases/{SECRET}/next"),
                &format!("/cases/{inquiry}/next"),
                "/cases/P-1/next",
            ]),
        ),
        (
            "/cases/{id}/why-not",
            company(&[
                &format!("/cases/{SECRET}/why-not?rule=answer"),
                &format!("/cases/{SECRET}/why-not?rule=answer&format=text"),
                &format!("/cases/{SECRET}/why-not?rule=close&{at}"),
                &format!("/cases/{inquiry}/why-not?rule=answer"),
                "/cases/P-1/why-not?rule=close",
            ]),
        ),
        (
            "/obligations/{id}",
            company(&[
                &format!("/obligations/{obligation}"),
                &format!("/obligations/{obligation}?{at}"),
                &format!("/obligations/{inquiry}~close~1"),
            ]),
        ),
        (
            "/obligations/{id}/explain",
            company(&[
                &format!("/obligations/{obligation}/explain"),
                &format!("/obligations/{obligation}/explain?format=text&lang=en"),
            ]),
        ),
        (
            "/obligations/{id}/notice",
            company(&[&format!("/obligations/{obligation}/notice")]),
        ),
        (
            "/notices/{id}",
            company(&["/notices/petitions?period=2026-03", &format!("/notices/petitions?{at}")]),
        ),
        ("/hours/{id}", company(&["/hours/desk"])),
        (
            "/rates",
            company(&["/rates?period=2026-03", "/rates", &format!("/rates?rate=answered&{at}")]),
        ),
        (
            "/samples",
            company(&["/samples?period=2026-03", &format!("/samples?{at}")]),
        ),
        (
            "/samples/{id}",
            company(&[
                "/samples/petitions-checked",
                "/samples/petitions-checked?period=2026-03",
                &format!("/samples/petitions-checked?{at}"),
            ]),
        ),
        ("/effects", company(&["/effects", &format!("/effects?{at}")])),
        (
            "/penalties",
            company(&["/penalties?period=2026-03", "/penalties?period=2026-03&format=csv"]),
        ),
        ("/reports/{name}", company(&reports)),
        ("/policies", company(&["/policies"])),
        (
            "/policies/{*id}",
            company(&["/policies/petitions", "/policies/petitions?format=toml"]),
        ),
        ("/v1/companies", vec!["/v1/companies".to_owned()]),
        ("/v1/status", vec!["/v1/status".to_owned()]),
        ("/status", vec!["/v1/companies/fuheng/status".to_owned()]),
        ("/healthz", vec!["/healthz".to_owned()]),
        ("/readyz", vec!["/readyz".to_owned()]),
    ]
}

/// A path for somebody; the routes that are not about cases know nobody.
fn asked_by(path: &str, viewer: Option<&str>) -> String {
    let by_anybody = [
        "/policies",
        "/status",
        "/hours",
        "/v1/companies",
        "/v1/status",
        "/healthz",
        "/readyz",
    ];
    let of_nobody = by_anybody
        .iter()
        .any(|p| path.strip_prefix("/v1/companies/fuheng").unwrap_or(path).starts_with(p));
    match viewer.filter(|_| !of_nobody) {
        Some(viewer) => {
            let mark = if path.contains('?') { '&' } else { '?' };
            format!("{path}{mark}viewer={viewer}")
        }
        None => path.to_owned(),
    }
}

#[test]
fn every_route_is_asked() {
    let source = fs::read_to_string(root().join("src/http/mod.rs")).unwrap();
    let routes = source.split(".route(").skip(1).filter(|r| r.contains("get("));
    let routes: BTreeSet<&str> = routes.filter_map(|r| r.split('"').nth(1)).collect();
    let asked: BTreeSet<&str> = questions().iter().map(|(route, _)| *route).collect();
    assert_eq!(
        routes, asked,
        "a route that no question is asked of may tell what is confidential"
    );
    let source = fs::read_to_string(root().join("src/service/reports.rs")).unwrap();
    let named = source
        .split("match name {")
        .nth(1)
        .unwrap()
        .split("_ =>")
        .next()
        .unwrap();
    let others = source
        .split("name == \"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next());
    for name in named.split('"').skip(1).step_by(2).chain(others) {
        let path = format!("/reports/{name}?");
        let asks = questions()
            .iter()
            .any(|(_, paths)| paths.iter().any(|p| p.contains(&path)));
        assert!(asks, "the report `{name}` is not asked for");
    }
}

/// Whoever may not see it gets, on every route, what there would be without it: the same answers, to the byte.
#[test]
fn nothing_of_a_confidential_case_appears_anywhere() {
    let (with, without) = (serving(), serving());
    with_secret(&with);
    // Nobody; whoever is reported on; somebody else; a manager of the department; each asks for everything.
    for viewer in [None, Some("li"), Some("chen"), Some("wu")] {
        for (_, paths) in questions() {
            for path in paths {
                let path = asked_by(&path, viewer);
                let mut said = with.ask("GET", &path, "application/json", "");
                let mut instead = without.ask("GET", &path, "application/json", "");
                for (bench, reply) in [(&with, &mut said), (&without, &mut instead)] {
                    // Each serves from a folder of its own.
                    reply.text = reply.text.replace(bench.dir.path().to_str().unwrap(), "");
                    // Of two servers the seeds and the moment of their start differ.
                    if path.contains("/samples") {
                        reply.text = without_commitments(&reply.text);
                    }
                    if path.ends_with("/v1/status") {
                        let mut status = reply.json();
                        status["companies"]["fuheng"]["serving_since"] = Value::Null;
                        reply.text = status.to_string();
                    }
                }
                assert_eq!((said.status, &said.text), (instead.status, &instead.text), "{path}");
                let spoken = path.contains(SECRET);
                assert!(spoken || !said.text.contains(SECRET), "{path}: {}", said.text);
                assert!(!said.text.contains(MATTER), "{path}: {}", said.text);
                if spoken && !path.contains("/due") {
                    assert_eq!(said.status, 404, "{path}");
                }
            }
        }
    }
}

/// The answer with each promise of a seed left out.
fn without_commitments(text: &str) -> String {
    let mut parts = text.split("\"commitment\":\"");
    let mut left = parts.next().unwrap_or_default().to_owned();
    for rest in parts {
        left.push_str(rest.split_once('"').unwrap().1);
    }
    left
}

/// Letters are to be answered a day later from now on, those that have come included.
#[test]
fn what_a_reload_would_change_is_told_without_confidential_cases() {
    let (open, secret) = (serving(), serving());
    with_secret(&secret);
    let tried = |bench: &Bench| {
        let later = PETITIONS
            .replacen("2024-01-01", "2024-01-01\ntransition = \"rebase\"", 1)
            .replacen("within = \"3天\"", "within = \"4天\"", 1);
        fs::write(bench.policies().join("fuheng/petitions.toml"), later).unwrap();
        bench.reload("?dry_run=true").expect(200)["companies"]["fuheng"]["difference"].clone()
    };
    let (told, without) = (tried(&secret), tried(&open));
    assert_eq!(without["rules"][0]["examples"][0]["case"], "P-1", "{without}");
    assert_eq!(told, without);
}

/// A draw that has confidential cases in it shows the others, and no seed by which to look for them.
#[test]
fn a_draw_is_shown_without_confidential_cases() {
    let bench = serving();
    with_secret(&bench);
    bench.set("2026-04-02T09:00:00+08:00");
    let draw = |query: &str| {
        let path = format!("/samples/petitions-checked?period=2026-03{query}");
        bench.get(&path)["draws"][0].clone()
    };
    let (all, some) = (draw("&viewer=zhou"), draw(""));
    let members = |draw: &Value| -> Vec<String> {
        let list = draw["frame"].as_array().unwrap().iter();
        list.map(|e| e["member"].as_str().unwrap().to_owned()).collect()
    };
    assert!(members(&all).contains(&SECRET.to_owned()), "{all}");
    assert_eq!((&all["status"], &all["complete"]), (&json!("drawn"), &json!(true)));
    assert!(all["seed"].is_string());
    let visible: Vec<String> = members(&all).into_iter().filter(|m| m != SECRET).collect();
    assert!(!visible.is_empty());
    assert_eq!(members(&some), visible);
    assert_eq!(
        (&some["complete"], &some["population"]),
        (&json!(false), &json!(visible.len()))
    );
    assert_eq!(
        (&some["seed"], &some["frame_hash"], &some["spread"]),
        (&Value::Null, &Value::Null, &json!([]))
    );
    assert!(!some.to_string().contains(SECRET), "{some}");
}

/// The control: its handlers do see it, where it stands.
#[test]
fn its_handlers_see_it() {
    let bench = serving();
    with_secret(&bench);
    let silent = [
        "/policies",
        "/status",
        "/hours",
        "/v1/companies",
        "/v1/status",
        "/healthz",
        "/readyz",
        "/rates",
        "/samples?",
        "/statistics",
        "/performance",
        "/metrics",
        "/numbers",
    ];
    for viewer in ["zhou", "zhang"] {
        for (_, paths) in questions() {
            for path in paths.iter().filter(|p| !silent.iter().any(|s| p.contains(s))) {
                let narrow = ["role=director", "limit=1", "/P-1", "/reads"]
                    .iter()
                    .any(|n| path.contains(n));
                if narrow {
                    continue;
                }
                let reply = bench.ask("GET", &asked_by(path, Some(viewer)), "application/json", "");
                assert_eq!(reply.status, 200, "{path}: {}", reply.text);
                let shows = reply.text.contains(SECRET) || reply.text.contains(MATTER);
                assert!(shows, "{viewer} {path}: {}", reply.text);
            }
        }
        let population = |query: &str| {
            bench.get(&format!("/rates?rate=answered&period=2026-03{query}"))["items"][0]["population"].clone()
        };
        assert_eq!(
            (population(""), population(&format!("&viewer={viewer}"))),
            (json!(1), json!(2))
        );
        let list = bench.get(&format!("/notices/petitions?period=2026-03&viewer={viewer}"));
        assert_eq!(list["text"], format!("共2件\n路灯不亮\n{MATTER}"));
    }
    bench.reply("/due?viewer=nobody").problem(400, "bad-parameter");
}

/// What is confidential now is so for every instant that is asked about, and what was confidential then stays so.
#[test]
fn confidence_reaches_back() {
    let bench = serving();
    let data = |confidential: bool| json!({ "matter": "路灯", "confidential": confidential });
    bench.post(event("a", "petition.came", "P-2", "01T09:00", data(false)));
    let at = |at: &str| bench.reply(&format!("/cases/P-2?as_of=2026-03-{at}")).status;
    assert_eq!((at("01T10:00:00"), at("03T10:00:00")), (200, 200));
    bench.post(event(
        "b",
        "petition.marked",
        "P-2",
        "02T09:00",
        json!({ "confidential": true }),
    ));
    assert_eq!((at("01T10:00:00"), at("03T10:00:00")), (404, 404));
    bench.post(event(
        "c",
        "petition.marked",
        "P-2",
        "03T09:00",
        json!({ "confidential": false }),
    ));
    assert_eq!(
        (at("01T10:00:00"), at("02T10:00:00"), at("03T10:00:00")),
        (200, 404, 200)
    );
}

/// Each showing is recorded before it is shown, durably, and told to those alone who may see the case.
#[test]
fn who_was_shown_what_is_recorded() {
    let mut bench = serving();
    with_secret(&bench);
    let reads = |bench: &Bench, viewer: &str| {
        let report = bench.get(&format!("/reports/reads?viewer={viewer}"));
        let columns = ["at", "viewer", "name", "case", "what", "clause", "edition", "event"];
        assert_eq!(report["columns"], json!(columns));
        let line = |row: &Value| json!([row[1], row[3], row[4]]);
        report["rows"].as_array().unwrap().iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(reads(&bench, "zhou"), [] as [Value; 0]);
    bench.get(&format!("/cases/{SECRET}?viewer=zhou"));
    bench.get("/due?viewer=zhang");
    // Counted, but not shown; not there; not confidential.
    bench.get("/rates?viewer=zhou");
    bench
        .reply(&format!("/cases/{SECRET}?viewer=li"))
        .problem(404, "unknown-case");
    bench.get("/cases/P-1?viewer=zhou");
    bench.get(&format!("/obligations/{SECRET}~answer~1/notice?viewer=zhang"));
    let wanted = [
        json!(["zhou", SECRET, "case"]),
        json!(["zhang", SECRET, "due"]),
        json!(["zhang", SECRET, "notice"]),
    ];
    assert_eq!(reads(&bench, "zhou"), wanted);
    assert_eq!(reads(&bench, "li"), [] as [Value; 0]);
    assert_eq!(bench.get("/reports/reads")["rows"], json!([]));
    assert_eq!(
        bench.get("/reports/reads?viewer=zhou&period=2026-02")["rows"],
        json!([])
    );
    bench.restart();
    assert_eq!(reads(&bench, "zhou"), wanted);
    let row = bench.get("/reports/reads?viewer=zhou")["rows"][0].clone();
    let edition = bench.get("/policies/petitions")["edition"].clone();
    assert_eq!(
        row,
        json!([
            "2026-03-04T12:00:00+08:00",
            "zhou",
            "周立",
            SECRET,
            "case",
            "6",
            edition,
            "s1"
        ])
    );
}
