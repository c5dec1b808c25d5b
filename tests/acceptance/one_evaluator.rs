//! One evaluator: over HTTP, after a restart, in reports, explained and in timelines an obligation is the same, byte for
//! byte.

use crate::cases;
use crate::office::{self, Office};
use guicheng::engine::case::Case;
use guicheng::engine::timeline::{Happens, left};
use guicheng::engine::view;
use guicheng::policy::model::{Body, Timing};
use guicheng::service::ask::{Asked, Question};
use serde_json::Value;
use std::collections::BTreeMap;

/// Obligations by their ids, each as the bytes of its JSON.
type Texts = BTreeMap<String, String>;

/// The objects in a list that stands in an answer under a name, each as the bytes that it is written in.
fn objects<'t>(text: &'t str, name: &str) -> Vec<&'t str> {
    let mark = format!("\"{name}\":[");
    let begins = text.find(&mark).unwrap_or_else(|| panic!("no {mark} in {text}")) + mark.len();
    let (mut depth, mut quoted, mut escaped, mut start, mut found) = (0, false, false, 0, Vec::new());
    for (at, byte) in text.bytes().enumerate().skip(begins) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'{' | b'[' => {
                if depth == 0 {
                    start = at;
                }
                depth += 1;
            }
            b']' if depth == 0 => return found,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    found.push(&text[start..=at]);
                }
            }
            _ => {}
        }
    }
    panic!("{mark} does not end in {text}")
}

/// The object that begins an answer, or a part of it, after a name.
fn object<'t>(text: &'t str, name: &str) -> &'t str {
    let (_, rest) = text
        .split_once(&format!("\"{name}\":"))
        .unwrap_or_else(|| panic!("no {name} in {text}"));
    let mut of_rest = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
    of_rest.next().unwrap().unwrap();
    &rest[..of_rest.byte_offset()]
}

/// Obligations in a list of an answer.
fn by_id(text: &str, name: &str) -> Texts {
    let id = |o: &str| {
        serde_json::from_str::<Value>(o).unwrap()["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    objects(text, name).into_iter().map(|o| (id(o), o.to_owned())).collect()
}

/// What /due lists over all pages.
fn due(office: &mut Office) -> Texts {
    let (mut all, mut cursor) = (Texts::new(), String::new());
    loop {
        let text = office.get(&format!("/due?standing=all&limit=500{cursor}"));
        let page: Value = serde_json::from_str(&text).unwrap();
        all.extend(by_id(&text, "items"));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

/// What cases fold to from nothing but their recorded events.
fn folded(office: &Office) -> Texts {
    let question = Question::new(&office.shared, &office.live, Asked::default());
    let (mut all, as_of) = (Texts::new(), question.as_of());
    let mut ids: Vec<String> = Vec::new();
    question.each_case(&mut |_, id, _| ids.push(id.to_owned())).unwrap();
    for id in ids {
        question
            .with_past(&id, &mut |before| {
                let mut case = Case::fold(&id, before.events, &before.ctx);
                case.advance(&id, as_of, &before.ctx);
                for o in case.obligations.iter().filter(|o| !o.is_hidden(as_of)) {
                    let shown = question.obligation_view(&id, &case, o);
                    all.insert(shown.id.clone(), serde_json::to_string(&shown).unwrap());
                }
                Ok(())
            })
            .unwrap();
    }
    all
}

#[track_caller]
fn same(what: &str, one: &Texts, other: &Texts) {
    let missing: Vec<&String> = one.keys().filter(|id| !other.contains_key(*id)).collect();
    let extra: Vec<&String> = other.keys().filter(|id| !one.contains_key(*id)).collect();
    assert!(
        missing.is_empty() && extra.is_empty(),
        "{what}: -{missing:?} +{extra:?}"
    );
    for (id, text) in one {
        assert_eq!(text, &other[id], "{what}: {id}");
    }
}

/// The obligations among those that a row counts, over all pages.
fn counted(office: &mut Office, path: &str, row: usize) -> Texts {
    let (mut all, mut cursor) = (Texts::new(), String::new());
    loop {
        let text = office.get(&format!("{path}&row={row}&limit=500{cursor}"));
        for member in objects(&text, "members") {
            let obligation = object(member, "obligation");
            if obligation != "null" {
                let id = serde_json::from_str::<Value>(obligation).unwrap()["id"].clone();
                all.insert(id.as_str().unwrap().to_owned(), obligation.to_owned());
            }
        }
        let page: Value = serde_json::from_str(&text).unwrap();
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

/// Every obligation that reports show or count, compared; how many that were.
fn reported(office: &mut Office, live: &Texts) -> usize {
    let mut compared = 0;
    let plan: Value = serde_json::from_str(&office.get("/reports/plan?period=2026-03")).unwrap();
    let columns: Vec<&str> = plan["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c.as_str().unwrap())
        .collect();
    let rows = plan["rows"].as_array().unwrap();
    for (nth, row) in (1..).zip(rows) {
        let cell = |name: &str| &row[columns.iter().position(|c| *c == name).unwrap()];
        let text = &live[cell("obligation").as_str().unwrap()];
        let of: Value = serde_json::from_str(text).unwrap();
        // The row says nothing that the obligation does not.
        let waived = &of["waived"];
        let said = [
            ("area", &of["area"]),
            ("case", &of["case"]),
            ("rule", &of["rule"]),
            ("title", &of["title"]),
            ("standing", &of["standing"]),
            ("would_be", &waived["would_be"]),
            ("waived_by", &waived["by"]),
            ("waived_why", &waived["why"]),
            ("waived_until", &waived["until"]),
            ("clause", &of["clause"]),
            ("edition", &of["edition"]),
            ("event", &of["triggered_by"]),
        ];
        for (name, value) in said {
            assert_eq!(
                cell(name).to_string(),
                value.to_string(),
                "{}: plan {name} {row}",
                office.company
            );
        }
        if let Some(at) = of["due"]["at"].as_str() {
            let on = of["due"]["date"].as_str().unwrap_or_else(|| at.get(..10).unwrap());
            assert_eq!(cell("due_on"), on, "{}: plan {row}", office.company);
        }
        let bears = |b: &Value| *cell("role") == b["role"] && *cell("person") == b["name"];
        assert!(
            of["bearers"].as_array().unwrap().iter().any(bears),
            "{}: plan {row}",
            office.company
        );
        if nth % crate::size(11, 1) == 0 {
            let found = counted(office, "/reports/plan?period=2026-03", nth);
            assert_eq!(
                found.values().collect::<Vec<_>>(),
                [text],
                "{}: plan {nth}",
                office.company
            );
            compared += 1;
        }
    }
    for (path, rows) in [
        ("/rates?period=2026-03", "items"),
        ("/rates?period=2026-Q1", "items"),
        ("/reports/statistics?period=2026-03", "rows"),
        ("/reports/performance?period=2026-03", "rows"),
        ("/reports/metrics?period=2026-03", "rows"),
    ] {
        let answer: Value = serde_json::from_str(&office.get(path)).unwrap();
        for row in 1..=answer[rows].as_array().unwrap().len() {
            for (id, text) in counted(office, path, row) {
                assert_eq!(text, live[&id], "{}: {path} row {row}", office.company);
                compared += 1;
            }
        }
    }
    compared
}

#[test]
fn an_obligation_is_the_same_wherever_it_is_asked_for() {
    let (mut obligations, mut in_reports, mut answers) = (0, 0, 0);
    for (company, events) in office::examples() {
        let mut office = Office::with_examples(&company, &events);
        let fold = folded(&office);
        let live = due(&mut office);
        same(&format!("{company}: /due and the fold of the record"), &live, &fold);
        let ids: Vec<&String> = live.keys().collect();
        // Each by itself, as a case shows it, as what is next, and as it is explained.
        for id in ids.iter().step_by(crate::size(11, 1)) {
            let alone = office.get(&format!("/obligations/{id}"));
            assert_eq!(alone, live[*id], "{company}: alone");
            let of: Value = serde_json::from_str(&alone).unwrap();
            let case = of["case"].as_str().unwrap();
            let shown = by_id(&office.get(&format!("/cases/{case}")), "obligations");
            assert_eq!(shown[*id], live[*id], "{company}: in its case");
            let next = office.get(&format!("/cases/{case}/next"));
            for (id, text) in by_id(&next, "next").into_iter().chain(by_id(&next, "upcoming")) {
                assert_eq!(text, live[&id], "{company}: next");
            }
            let said = office.get(&format!("/obligations/{id}/explain"));
            assert_eq!(object(&said, "obligation"), live[*id], "{company}: explained");
            let said: Value = serde_json::from_str(&said).unwrap();
            for field in [
                "id",
                "case",
                "title",
                "standing",
                "flags",
                "rule",
                "joint",
                "original_due",
            ] {
                assert_eq!(said[field], of[field], "{company}: {id} explained: {field}");
            }
            let due = if of["due"].is_null() {
                &of["projected_due"]
            } else {
                &of["due"]
            };
            assert_eq!(&said["due"], due, "{company}: {id} explained");
            let edition = &said["procedure"]["edition"];
            assert_eq!(edition, &of["edition"], "{company}: {id} explained");
        }
        in_reports += reported(&mut office, &live);
        let asked = questions(&office, &live);
        let before: Vec<(u16, String)> = asked.iter().map(|path| told(&mut office, path)).collect();
        office.reopen();
        same(&format!("{company}: after a restart"), &live, &due(&mut office));
        for (path, text) in asked.iter().zip(&before) {
            assert_eq!(told(&mut office, path), *text, "{company}: {path} after a restart");
        }
        answers += before.len();
        obligations += live.len();
    }
    println!(
        "{obligations} obligations are the same live, folded, alone, in their case, explained and after a restart, {in_reports} \
         times in reports; {answers} answers are the same after a restart"
    );
    assert!(obligations > 1_500 && in_reports > 500, "{obligations} {in_reports}");
}

/// What a question is answered, a gap in a notice included; of a status, all but when policies were last taken up, which
/// is what a restart does.
fn told(office: &mut Office, path: &str) -> (u16, String) {
    let (status, text) = office.reply(path);
    assert!(
        status == 200 || status == 422 && path.contains("notice"),
        "{path}: {text}"
    );
    if path != "/status" {
        return (status, text);
    }
    (status, text.replace(object(&text, "last_reload"), ""))
}

/// Everything that can be asked with GET, of an obligation or a case of some of them only.
fn questions(office: &Office, live: &Texts) -> Vec<String> {
    let company = office.live.company();
    let mut asked: Vec<String> = [
        "/due",
        "/due?standing=all&limit=500",
        "/due?as_of=2026-03-15T12:00:00",
        "/samples",
        "/samples?period=2026-03",
        "/effects",
        "/effects?digest=true",
        "/effects?as_of=2026-03-15T12:00:00",
        "/penalties?period=2026-03",
        "/penalties?period=2026-Q1&format=csv",
        "/policies",
        "/status",
    ]
    .map(str::to_owned)
    .to_vec();
    for period in ["2026-03", "2026-04", "2026-Q1", "2026"] {
        asked.push(format!("/rates?period={period}"));
        asked.push(format!("/reports/metrics?period={period}"));
    }
    for name in [
        "plan",
        "statistics",
        "performance",
        "performance?by=role",
        "performance?by=area",
        "records",
        "retention",
        "reads",
        "numbers",
        "turns",
        "penalties",
    ] {
        let mark = if name.contains('?') { '&' } else { '?' };
        for how in ["", "&format=csv", "&as_of=2026-03-15T12:00:00"] {
            asked.push(format!("/reports/{name}{mark}period=2026-03{how}"));
        }
    }
    for procedure in &company.procedures {
        asked.extend(procedure.samples.iter().map(|s| format!("/samples/{}", s.id)));
        let lists = procedure.notices.iter().filter(|n| matches!(n.body, Body::List(_)));
        asked.extend(lists.map(|n| format!("/notices/{}", n.id)));
        asked.extend(procedure.hours.iter().map(|h| format!("/hours/{}", h.id)));
        asked.push(format!("/policies/{}", procedure.head.id));
    }
    for (id, text) in live.iter().step_by(crate::size(29, 3)) {
        let of: Value = serde_json::from_str(text).unwrap();
        let (case, rule) = (of["case"].as_str().unwrap(), of["rule"].as_str().unwrap());
        asked.push(format!("/obligations/{id}"));
        asked.push(format!("/obligations/{id}/explain"));
        asked.push(format!("/obligations/{id}/explain?format=text&lang=en"));
        if !of["notice"].is_null() {
            asked.push(format!("/obligations/{id}/notice"));
        }
        asked.push(format!("/cases/{case}"));
        asked.push(format!("/cases/{case}/next"));
        asked.push(format!("/cases/{case}/why-not?rule={rule}"));
    }
    asked
}

/// In the worked cases the timeline's evaluator, the fold, and one event after the other end in the same obligations.
#[test]
fn an_obligation_of_a_timeline_is_the_same_folded_whole_or_step_by_step() {
    let mut compared = 0;
    for worked in cases::all() {
        cases::each(&worked, &mut |world, id, case, events, at| {
            let ctx = world.context();
            let mut stepped = Case::default();
            for event in guicheng::engine::case::in_order(events, &world.history) {
                stepped.step(id, &event, &ctx);
            }
            stepped.advance(id, at, &ctx);
            let text = |case: &Case| -> Vec<String> {
                let shown = case.obligations.iter();
                let shown = shown.map(|o| view::obligation_view(&worked.company, id, case, o, at));
                shown.map(|o| serde_json::to_string(&o).unwrap()).collect()
            };
            let (whole, steps) = (text(case), text(&stepped));
            assert_eq!(whole, steps, "{} {id} {at}", worked.name);
            compared += whole.len();
        });
    }
    println!("{compared} obligations of worked cases are the same folded whole and step by step");
    assert!(compared > 600, "only {compared}");
}

/// A timeline as it runs in `guicheng test`, and the same events reported one after the other to a server: the obligations
/// of both are the same.
#[test]
fn an_obligation_of_a_timeline_is_the_same_as_a_server_has_it() {
    let (mut compared, mut timelines) = (0, 0);
    for worked in cases::all().iter().step_by(crate::size(2, 1)) {
        for timeline in worked.suite.timelines.iter().step_by(crate::size(4, 1)) {
            // What is drawn hangs on a secret of the server's own, and history in bulk comes in another way.
            if draws(worked) || timeline.effects_from.is_some() {
                continue;
            }
            let zone = worked.company.zone;
            let at = |text: &str| zone.parse_instant(text).unwrap();
            let Some(asked) = timeline.expects.iter().map(|e| at(&e.at.0)).max() else {
                continue;
            };
            let recorded = |h: &Happens| at(h.recorded_at.as_ref().map_or(&h.event.occurred_at, |w| &w.0));
            let mut events: Vec<&Happens> = timeline.events.iter().filter(|h| h.refused.is_none()).collect();
            events.sort_by_key(|h| recorded(h));
            let asked = events
                .iter()
                .map(|h| recorded(h))
                .max()
                .map_or(asked, |last| asked.max(last));
            let Some(run) = left(&worked.company, timeline, asked) else {
                panic!("{} line {}", worked.name, timeline.line);
            };
            let first = events.first().map_or(asked, |h| recorded(h));
            let mut office = Office::open(worked.folder.clone(), &first.to_rfc3339());
            // A server has begun by itself what a timeline reports as an event.
            if office.live.world.read().slots().next().is_some() {
                continue;
            }
            for happens in events {
                office.set(&recorded(happens).to_rfc3339());
                office.take_all(vec![happens.event.clone()]);
            }
            office.set(&asked.to_rfc3339());
            let question = Question::new(&office.shared, &office.live, Asked::default());
            for (id, case) in run {
                let there = question
                    .case(&id)
                    .unwrap_or_else(|e| panic!("{} {id}: {e}", worked.name));
                let text = |case: &Case| -> Vec<String> {
                    let shown = case.obligations.iter();
                    let shown = shown.map(|o| view::obligation_view(&worked.company, &id, case, o, asked));
                    shown.map(|o| serde_json::to_string(&o).unwrap()).collect()
                };
                let (run, served) = (text(&case), text(&there));
                assert_eq!(run, served, "{} line {} {id}", worked.name, timeline.line);
                compared += run.len();
            }
            timelines += 1;
        }
    }
    println!("{compared} obligations of {timelines} timelines are the same as a server has them");
    assert!(timelines > 30 && compared > 40, "{timelines} {compared}");
}

/// Whether chance decides what is owed.
fn draws(worked: &cases::Worked) -> bool {
    let editions = worked.company.editions();
    editions.clone().any(|p| !p.samples.is_empty())
        || editions
            .flat_map(|p| &p.duties)
            .any(|d| d.draw.is_some() || is_drawn_day(&d.timing))
}

fn is_drawn_day(timing: &Timing) -> bool {
    matches!(timing, Timing::Recurring { rhythm, .. } if rhythm.secret)
}
