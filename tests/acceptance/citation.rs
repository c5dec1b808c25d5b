//! Everything that is decided cites its clause, its edition and the event it comes from, and what is cited leads back to
//! it: the recorded events, decided once more under the recorded editions, come to the same.

use crate::office::{self, Office};
use crate::recount::{self, Exact, FIELDS};
use crate::size;
use guicheng::domain::event::Event;
use guicheng::engine::case::Case;
use guicheng::engine::history::History;
use guicheng::engine::obligation::Ending;
use guicheng::policy::model::{Measure, Metric, Period};
use guicheng::service::ask::{Asked, Question};
use guicheng::service::verify::{Verified, verify};
use guicheng::store::Store;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The editions of a row are such that served and have the row's clauses.
#[track_caller]
fn cites(history: &History, row: &Value, place: &str) {
    let clauses: Vec<&str> = row["clause"].as_str().unwrap_or_default().split("; ").collect();
    let editions: Vec<&str> = row["edition"].as_str().unwrap_or_default().split("; ").collect();
    assert_eq!(clauses.len(), editions.len(), "{place}: {row}");
    for (clause, edition) in clauses.into_iter().zip(editions) {
        let procedure = history
            .in_edition(edition)
            .unwrap_or_else(|| panic!("{place}: no edition in {row}"));
        let known = procedure.clauses.iter().any(|c| *c.id == *clause);
        assert!(
            known,
            "{place}: clause `{clause}` is not in edition {edition} of {}: {row}",
            procedure.head.id
        );
    }
}

fn list(office: &mut Office, path: &str, field: &str) -> Vec<Value> {
    let said: Value = serde_json::from_str(&office.get(path)).unwrap();
    said[field]
        .as_array()
        .unwrap_or_else(|| panic!("{path}: {said}"))
        .clone()
}

#[test]
fn every_row_cites_what_it_comes_from() {
    let (mut obligations, mut effects, mut rates, mut penalties, mut samples, mut derived) = (0, 0, 0, 0, 0, 0);
    for (company, events) in office::examples() {
        let mut office = Office::with_examples(&company, &events);
        let history = office.live.history();
        let mut ids: BTreeSet<String> = BTreeSet::new();
        let question = Question::new(&office.shared, &office.live, Asked::default());
        let mut cases: Vec<(String, u64)> = Vec::new();
        question
            .each_case(&mut |_, id, case| cases.push((id.to_owned(), case.head)))
            .unwrap();
        for (id, head) in &cases {
            ids.extend(office.shared.past(id, *head).unwrap().iter().map(|e| e.id.to_string()));
        }
        for (id, _) in &cases {
            question
                .with_past(id, &mut |before| {
                    // Nothing is given but the events on record and the editions that are cited.
                    let mut again = Case::fold(id, before.events, &before.ctx);
                    again.advance(id, before.as_of, &before.ctx);
                    for o in &before.case.obligations {
                        let row = serde_json::to_value(question.obligation_view(id, before.case, o)).unwrap();
                        let place = format!("{company} {}", row["id"]);
                        cites(&history, &row, &place);
                        let edition = history.in_edition(row["edition"].as_str().unwrap()).unwrap();
                        let rule = edition.duties.iter().find(|d| row["rule"] == d.id.as_ref());
                        assert!(rule.is_some(), "{place}: the edition has no such rule");
                        assert!(ids.contains(row["triggered_by"].as_str().unwrap()), "{place}: {row}");
                        let (_, same) = again.find(&o.key()).unwrap();
                        let same = serde_json::to_value(question.obligation_view(id, &again, same)).unwrap();
                        assert_eq!(row.to_string(), same.to_string(), "{place}");
                        derived += 1;
                    }
                    obligations += before.case.obligations.len();
                    Ok(())
                })
                .unwrap();
        }
        drop(question);
        for row in list(&mut office, "/effects", "items") {
            cites(&history, &row, &company);
            assert!(ids.contains(row["event"].as_str().unwrap()), "{company}: {row}");
            effects += 1;
        }
        for row in list(&mut office, "/rates?period=2026-03", "items") {
            cites(&history, &row, &company);
            rates += 1;
        }
        for row in list(&mut office, "/penalties?period=2026-03", "items") {
            cites(&history, &row, &company);
            assert!(ids.contains(row["event"].as_str().unwrap()), "{company}: {row}");
            penalties += 1;
        }
        for row in list(&mut office, "/samples", "items") {
            cites(&history, &row, &company);
            samples += 1;
        }
    }
    println!(
        "{obligations} obligations ({derived} derived again), {effects} effects, {rates} rates, {penalties} penalties, {samples} samples cite clause, edition and event"
    );
    assert!(
        obligations > 1_500 && effects > 100 && rates > 5,
        "{obligations} {effects} {rates}"
    );
}

/// A company with its month on record, and all events of it that everybody may see.
struct Followed {
    office: Office,
    history: History,
    events: BTreeMap<String, Event>,
    /// How many rows of which question were followed, and how many members they have.
    seen: BTreeMap<String, (usize, usize)>,
}

/// A row that counts, with all those that it counts.
struct Row {
    place: String,
    row: Value,
    members: Vec<Value>,
}

impl Followed {
    fn new(company: &str, events: &[Value]) -> Followed {
        let mut office = Office::with_examples(company, events);
        // What is audited is shown to somebody once.
        for viewer in office.live.company().people.iter().map(|p| p.id.to_string()) {
            office.get(&format!("/due?standing=all&limit=100&viewer={viewer}"));
        }
        let history = office.live.history();
        let mut events = BTreeMap::new();
        {
            let question = Question::new(&office.shared, &office.live, Asked::default());
            let mut heads = Vec::new();
            let head = &mut |_: u32, id: &str, case: &Case| heads.push((id.to_owned(), case.head));
            question.each_case(head).unwrap();
            for (id, head) in heads {
                let past = office.shared.past(&id, head).unwrap().into_iter();
                events.extend(past.map(|e| (e.id.to_string(), e)));
            }
        }
        Followed {
            office,
            history,
            events,
            seen: BTreeMap::new(),
        }
    }

    fn json(&mut self, path: &str) -> Value {
        serde_json::from_str(&self.office.get(path)).unwrap()
    }

    fn event(&self, id: &Value, place: &str) -> &Event {
        let found = id.as_str().and_then(|id| self.events.get(id));
        found.unwrap_or_else(|| panic!("{place}: {id} is not on record"))
    }

    /// All pages of those that a row counts.
    fn members(&mut self, path: &str, nth: usize, row: &Value) -> Vec<Value> {
        let (mut members, mut cursor) = (Vec::new(), String::new());
        let mark = if path.contains('?') { '&' } else { '?' };
        loop {
            let page = self.json(&format!("{path}{mark}row={nth}&limit=500{cursor}"));
            assert_eq!(
                page["row"].to_string(),
                row.to_string(),
                "{path}: the row is the one that is listed"
            );
            members.extend(page["members"].as_array().unwrap().iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return members,
            }
        }
    }

    /// Follows all rows of an answer; returns those that count, with those that they count.
    fn rows(&mut self, path: &str) -> Vec<Row> {
        let answer = self.json(path);
        let rows: Vec<Value> = match answer["rows"].as_array() {
            None => answer["items"].as_array().unwrap().clone(),
            Some(rows) => {
                let columns = answer["columns"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|c| c.as_str().unwrap());
                let named = |row: &Value| {
                    let cells = row.as_array().unwrap();
                    assert_eq!(cells.len(), columns.clone().count(), "{path}");
                    let named = columns.clone().map(str::to_owned).zip(cells.iter().cloned());
                    Value::Object(named.collect())
                };
                rows.iter().map(named).collect()
            }
        };
        let mut counting = Vec::new();
        for (nth, row) in (1..).zip(rows) {
            let place = format!("{} {path} row {nth}", self.office.company);
            cites(&self.history, &row, &place);
            let (mut found, is_turn) = (Vec::new(), path.contains("/turns"));
            if let Some(events) = row.get("events") {
                if !is_turn {
                    found = self.members(path, nth, &row);
                }
                let ids = found.iter().flat_map(|m| m["events"].as_array().unwrap());
                let ids: Vec<&str> = match is_turn {
                    true => events["first"].as_str().into_iter().collect(),
                    false => ids.map(|id| id.as_str().unwrap()).collect(),
                };
                assert_eq!(*events, recount::cited(ids.iter().copied()), "{place}");
                for id in ids {
                    self.event(&json!(id), &place);
                }
                assert!(
                    row.get("event")
                        .is_none_or(|e| self.events.contains_key(e.as_str().unwrap()))
                );
            } else {
                self.event(&row["event"], &place);
            }
            let (rows, members) = self.seen.entry(path.split('?').next().unwrap().to_owned()).or_default();
            *rows += 1;
            *members += found.len();
            if row.get("events").is_some() && !is_turn {
                let members = found;
                counting.push(Row { place, row, members });
            }
        }
        counting
    }

    /// What obligations add to a row, counted from what is shown of them and from the events of their cases.
    fn counted(&self, row: &Row) -> recount::Counts {
        let company = self.office.live.company();
        let distinct = |o: &Value| {
            let field = recount::distinct_field(&company, o["rule"].as_str().unwrap());
            let done_by = o["done_by"].as_array().unwrap();
            let mine = self.events.values().filter(|e| *e.case == *o["case"].as_str().unwrap());
            let mine = mine.filter(|e| done_by.iter().any(|kind| *kind == *e.kind));
            let mut done: Vec<(i64, String)> = mine
                .map(|e| {
                    let whom = field
                        .as_ref()
                        .map(|f| e.data.get(f).map(ToString::to_string).unwrap_or_default());
                    (
                        e.occurred_at.timestamp_millis(),
                        whom.unwrap_or_else(|| e.id.to_string()),
                    )
                })
                .collect();
            done.sort();
            done.into_iter().map(|(at, whom)| (whom, at)).collect()
        };
        let as_of = office::ms("2026-04-20T12:00:00+08:00");
        let mut sum = recount::Counts::new();
        for member in &row.members {
            let obligation = &member["obligation"];
            for field in FIELDS {
                let given = member[field].as_u64().unwrap();
                let counted = match obligation.is_null() {
                    // Nobody is to know it before its day.
                    true => given,
                    false => recount::counts(obligation, as_of, &distinct)[field],
                };
                assert_eq!(given, counted, "{}: {field} of {member}", row.place);
                *sum.entry(field).or_default() += counted;
            }
        }
        sum
    }

    /// The obligations of some rules, triggered from one local date to another, both included, that are not cancelled.
    fn of_rules(&self, rules: &[guicheng::policy::model::Id], first: &str, last: &str) -> BTreeSet<String> {
        let question = Question::new(&self.office.shared, &self.office.live, Asked::default());
        let zone = self.office.live.company().zone;
        let mut found = BTreeSet::new();
        question
            .each_case(&mut |_, id, case| {
                for o in case.obligations.iter().filter(|o| rules.contains(&o.duty.id)) {
                    let on = zone.date(o.trigger.at).to_string();
                    let cancelled = o.end.as_ref().is_some_and(|e| e.how == Ending::Cancelled);
                    if !cancelled && first <= on.as_str() && on.as_str() <= last {
                        found.insert(o.key().id(id));
                    }
                }
            })
            .unwrap();
        found
    }
}

/// The obligations of members.
fn obligations(members: &[Value]) -> BTreeSet<String> {
    let shown = members.iter().filter(|m| !m["obligation"].is_null());
    shown
        .map(|m| m["obligation"]["id"].as_str().unwrap().to_owned())
        .collect()
}

/// A row's figures, under the names of a rate's.
fn agrees(row: &Row, sum: &recount::Counts, names: &[(&str, &str)]) {
    for (name, field) in names {
        let sum = sum.get(field).copied().unwrap_or(0);
        assert_eq!(row.row[name], sum, "{}: {name}", row.place);
    }
}

/// The name of the period of a kind in which March 2026 lies; a day: its 10th.
fn march(per: Period) -> &'static str {
    match per {
        Period::Day => "2026-03-10",
        Period::Month => "2026-03",
        Period::Quarter => "2026-Q1",
        Period::Year => "2026",
    }
}

/// Every rate, of March and of April, counted again from those that it cites.
fn rates(all: &mut Followed) {
    let company = all.office.live.company();
    for rate in company.procedures.iter().flat_map(|p| p.rates.clone()) {
        let april = (rate.per == Period::Month).then_some("2026-04");
        for period in [Some(march(rate.per)), april].into_iter().flatten() {
            for row in all.rows(&format!("/rates?rate={}&period={period}", rate.id)) {
                let sum = all.counted(&row);
                agrees(&row, &sum, &FIELDS.map(|field| (field, field)));
                let (first, last) = (
                    row.row["first_on"].as_str().unwrap(),
                    row.row["last_on"].as_str().unwrap(),
                );
                let hidden = row.members.iter().filter(|m| m["obligation"].is_null()).count();
                let wanted = all.of_rules(&rate.of, first, last);
                let found = obligations(&row.members);
                assert!(found.is_subset(&wanted), "{}", row.place);
                assert_eq!(found.len() + hidden, wanted.len(), "{}", row.place);
                let get = |field: &str| sum.get(field).copied().unwrap_or(0);
                let (done, population) = (get("done"), get("population"));
                assert_eq!(row.row["coverage_pct"], recount::percent(done, population));
                assert_eq!(row.row["timeliness_pct"], recount::percent(get("on_time"), population));
                if let Some(target) = row.row["target"].as_str() {
                    let Exact(over, under) = Exact::read(target);
                    let required = (over * i128::from(population) + under - 1) / under;
                    assert_eq!(
                        i128::from(row.row["required"].as_u64().unwrap()),
                        required,
                        "{}",
                        row.place
                    );
                    if row.row["status"] == "final" && population > 0 {
                        assert_eq!(row.row["met"], i128::from(done) >= required, "{}", row.place);
                    }
                }
            }
        }
    }
}

/// The reports that count obligations.
fn counts(all: &mut Followed) {
    for period in ["2026-03", "2026-04"] {
        for row in all.rows(&format!("/reports/statistics?period={period}")) {
            let sum = all.counted(&row);
            let names = [
                "population",
                "done",
                "on_time",
                "overdue",
                "in_time",
                "waived",
                "waived_late",
            ];
            agrees(&row, &sum, &names.map(|name| (name, name)));
            let late = sum.get("done").unwrap_or(&0) - sum.get("on_time").unwrap_or(&0);
            assert_eq!(row.row["late"], late, "{}", row.place);
            let of_rule =
                |o: &Value| o["rule"] == row.row["rule"] && o["area"].as_str().unwrap_or_default() == row.row["area"];
            assert!(row.members.iter().all(|m| of_rule(&m["obligation"])), "{}", row.place);
            let wanting: u64 = row.members.iter().map(|m| m["unqualified"].as_u64().unwrap()).sum();
            assert_eq!(row.row["unqualified"], wanting, "{}", row.place);
        }
        for by in ["person", "role", "area"] {
            for row in all.rows(&format!("/reports/performance?period={period}&by={by}")) {
                let sum = all.counted(&row);
                let names = [
                    ("owed", "population"),
                    ("on_time", "on_time"),
                    ("missed", "overdue"),
                    ("open", "in_time"),
                ];
                agrees(&row, &sum, &names);
                let standing = row
                    .members
                    .iter()
                    .filter(|m| m["obligation"]["breach"]["status"] == "standing");
                assert_eq!(row.row["breaches"], standing.count(), "{}", row.place);
                let bears = |o: &Value| match by {
                    "area" => o["area"].as_str().unwrap_or_default() == row.row["by"],
                    _ => o["bearers"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .any(|b| b[by].as_str().unwrap_or_default() == row.row["by"]),
                };
                assert!(row.members.iter().all(|m| bears(&m["obligation"])), "{}", row.place);
            }
        }
    }
}

/// Every figure of every metric, measured again from the events that it cites.
fn metrics(all: &mut Followed) -> usize {
    let company = all.office.live.company();
    let metrics: Vec<Arc<Metric>> = company.procedures.iter().flat_map(|p| p.metrics.clone()).collect();
    let mut measured = 0;
    for metric in metrics {
        let path = format!("/reports/metrics?metric={}&period={}", metric.id, march(metric.per));
        for row in all.rows(&path) {
            let said = row.row["value_exact"].as_str().map(Exact::read);
            if let Measure::Duties(_) = metric.measure {
                let sum = all.counted(&row);
                agrees(&row, &sum, &[("population", "population")]);
                let of = i128::from(sum.get("population").copied().unwrap_or(0));
                let on_time = i128::from(sum.get("on_time").copied().unwrap_or(0));
                assert_eq!(said, (of > 0).then_some(Exact(on_time, of)), "{}", row.place);
                continue;
            }
            let events = |m: &Value| -> Vec<&Event> {
                let ids = m["events"].as_array().unwrap().iter();
                ids.map(|id| all.event(id, &row.place)).collect()
            };
            let members: Vec<Vec<&Event>> = row.members.iter().map(events).collect();
            let (by, of) = (row.row["by"].as_str().unwrap(), row.row["of"].as_str().unwrap());
            let field = if by == "field" {
                Some(of)
            } else {
                of.split_once('/').map(|(_, field)| field)
            };
            let (value, population) = recount::measured(&metric, field, &members, by.is_empty());
            assert_eq!(said, value, "{}", row.place);
            assert_eq!(row.row["population"], population, "{}", row.place);
            measured += 1;
        }
    }
    measured
}

/// Every draw is repeated from what is shown of it, by the program that its document has.
fn samples(all: &mut Followed) -> usize {
    let items = all.json("/samples?period=2026-03")["items"].as_array().unwrap().clone();
    let quarterly = all.json("/samples?period=2026-Q1")["items"].as_array().unwrap().clone();
    let now = all.json("/samples")["items"].as_array().unwrap().clone();
    let mut repeated = 0;
    for (items, period) in [(items, "?period=2026-03"), (quarterly, "?period=2026-Q1"), (now, "")] {
        for sample in items {
            cites(&all.history, &sample, &all.office.company);
            let whole = all.json(&format!("/samples/{}{period}", sample["sample"].as_str().unwrap()));
            for (draw, listed) in whole["draws"]
                .as_array()
                .unwrap()
                .iter()
                .zip(sample["draws"].as_array().unwrap())
            {
                let place = format!("{} {} {}", all.office.company, sample["sample"], draw["period"]);
                cites(&all.history, draw, &place);
                assert_eq!(draw["events"], listed["events"], "{place}");
                let frame = draw["frame"].as_array().unwrap();
                assert_eq!(draw["population"], frame.len(), "{place}");
                let mut ids: Vec<&str> = Vec::new();
                if draw["case"].is_null() {
                    for entry in frame.iter().filter(|e| !e["event"].is_null()) {
                        let event = all.event(&entry["event"], &place);
                        assert_eq!(entry["member"], *event.case, "{place}");
                        ids.push(entry["event"].as_str().unwrap());
                    }
                } else {
                    assert_eq!(draw["case"], *all.event(&draw["event"], &place).case, "{place}");
                    ids.push(draw["event"].as_str().unwrap());
                }
                assert_eq!(draw["events"], recount::cited(ids), "{place}");
                let done = draw["drawn"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter(|d| d["done"] == true)
                    .count();
                assert_eq!(draw["done"], done, "{place}");
            }
            let (agrees, said) = recount::repeated(&whole);
            assert!(agrees, "{}: {said}", all.office.company);
            repeated += said.lines().count();
        }
    }
    repeated
}

/// What is charged in all is the sum of the lines with the same name.
fn penalties(all: &mut Followed) {
    for period in ["2026-03", "2026-Q1"] {
        let ledger = all.json(&format!("/penalties?period={period}"));
        let items = ledger["items"].as_array().unwrap();
        for line in items {
            let place = format!("{} penalties {line}", all.office.company);
            cites(&all.history, line, &place);
            assert_eq!(line["case"], *all.event(&line["event"], &place).case, "{place}");
        }
        for (totals, field) in [("by_person", "person"), ("by_role", "role")] {
            for total in ledger[totals].as_array().unwrap() {
                let place = format!("{} {totals} {total}", all.office.company);
                cites(&all.history, total, &place);
                let mine = items
                    .iter()
                    .filter(|l| l[field] == total["id"] && l["kind"] != "proposal");
                let events = mine.clone().map(|l| l["event"].as_str().unwrap());
                assert_eq!(total["events"], recount::cited(events), "{place}");
                assert_eq!(total["lines"], mine.clone().count(), "{place}");
                let sum: i64 = mine.filter_map(|l| l["amount_fen"].as_i64()).sum();
                assert_eq!(total["amount_fen"], sum, "{place}");
            }
        }
    }
}

/// Who is told by a threshold is told of as many events as it asks for, of its types, that agree in its key.
fn thresholds(all: &mut Followed) -> usize {
    let mut reached = 0;
    for row in all.rows("/effects") {
        let threshold = all.history.threshold(&row.row["rule"].as_str().unwrap().into());
        let threshold = threshold.unwrap_or_else(|| panic!("{}", row.place));
        let place = &row.place;
        let cited: Vec<&Event> = row.members.iter().map(|m| all.event(&m["events"][0], place)).collect();
        assert!(cited.len() >= threshold.at_least as usize, "{place}: {}", row.row);
        assert!(cited.iter().all(|e| threshold.on.contains(&e.kind)), "{place}");
        assert!(cited.iter().any(|e| row.row["event"] == *e.id), "{place}");
        // What an event says itself must agree; the rest is said by its case.
        for field in &threshold.key {
            let said: BTreeSet<String> = cited
                .iter()
                .filter_map(|e| Some(e.data.get(field)?.to_string()))
                .collect();
            assert!(said.len() <= 1, "{place}: {field} is {said:?}");
        }
        reached += 1;
    }
    reached
}

/// The last turn that is cited is the last one on record.
fn turns(all: &mut Followed) {
    all.rows("/reports/turns");
    let report = all.json("/reports/turns");
    let company = all.office.live.company();
    for row in report["rows"].as_array().unwrap() {
        let role = &company.roles[row[0].as_str().unwrap()];
        let taken = all.events.values().filter(|e| role.in_turn.contains(&e.kind));
        let taken = taken.filter(|e| e.actor.person.as_deref() == row[2].as_str());
        let last = taken.max_by_key(|e| (e.occurred_at, e.id.clone()));
        assert_eq!(
            row[7]["first"],
            json!(last.map(|e| &e.id)),
            "{}: {row}",
            all.office.company
        );
    }
}

#[test]
fn every_row_of_every_report_counts_again_from_what_it_cites() {
    let (mut seen, mut figures, mut draws, mut reached) = (BTreeMap::<String, (usize, usize)>::new(), 0, 0, 0);
    for (company, events) in office::examples() {
        let mut all = Followed::new(&company, &events);
        rates(&mut all);
        counts(&mut all);
        figures += metrics(&mut all);
        draws += samples(&mut all);
        penalties(&mut all);
        reached += thresholds(&mut all);
        turns(&mut all);
        for name in ["plan", "records", "retention", "numbers", "penalties"] {
            all.rows(&format!("/reports/{name}?period=2026-03"));
        }
        let people: Vec<String> = all
            .office
            .live
            .company()
            .people
            .iter()
            .map(|p| p.id.to_string())
            .collect();
        for person in people.iter().take(size(6, 100)) {
            reads(&mut all, person);
        }
        let points = all.office.live.company();
        let of_points = |m: &&Arc<Metric>| matches!(m.measure, Measure::Points { .. });
        for metric in points.procedures.iter().flat_map(|p| &p.metrics).filter(of_points) {
            let report = all.json(&format!(
                "/reports/metrics?metric={}&period={}",
                metric.id,
                march(metric.per)
            ));
            for row in report["rows"].as_array().unwrap().iter().filter(|r| r[4] == "case") {
                let (case, period) = (row[5].as_str().unwrap(), march(metric.per));
                all.rows(&format!(
                    "/reports/metrics?metric={}&period={period}&case={case}",
                    metric.id
                ));
            }
        }
        for (path, (rows, members)) in all.seen {
            let sum = seen.entry(path).or_default();
            *sum = (sum.0 + rows, sum.1 + members);
        }
    }
    println!("followed, rows and members: {seen:?}; {figures} figures of events, {draws} draws, {reached} thresholds");
    assert!(seen["/rates"].0 > 10 && seen["/rates"].1 > 200, "{seen:?}");
    for path in ["/reports/statistics", "/reports/performance", "/reports/metrics"] {
        assert!(seen[path].1 > 200, "{path}: {seen:?}");
    }
    for path in [
        "/reports/plan",
        "/reports/records",
        "/reports/retention",
        "/reports/numbers",
        "/reports/turns",
    ] {
        assert!(seen[path].0 > 2, "{path}: {seen:?}");
    }
    assert!(
        seen["/reports/reads"].0 > 0 && seen["/reports/penalties"].0 > 50,
        "{seen:?}"
    );
    assert!(
        figures > 20 && draws > 10 && reached > 30,
        "{figures} {draws} {reached}"
    );
}

/// Who was shown what: the rule that has it recorded, and the first event of the case, which somebody who may see it can
/// follow.
fn reads(all: &mut Followed, viewer: &str) {
    let report = all.json(&format!("/reports/reads?period=2026-04&viewer={viewer}"));
    for row in report["rows"].as_array().unwrap() {
        let row = json!({ "clause": row[5], "edition": row[6], "case": row[3], "event": row[7] });
        let place = format!("{} reads {row}", all.office.company);
        cites(&all.history, &row, &place);
        let case = all.json(&format!("/cases/{}?viewer={viewer}", row["case"].as_str().unwrap()));
        assert_eq!(case["events"][0]["id"], row["event"], "{place}");
        let (rows, _) = all.seen.entry("/reports/reads".to_owned()).or_default();
        *rows += 1;
    }
}

fn verified(office: &mut Office, record: Option<u64>) -> Verified {
    office.close();
    let reader = Store::open(&office.dir).unwrap().reader().unwrap();
    verify(&reader, record).unwrap()
}

#[test]
fn every_record_decides_again_what_it_says_it_decided() {
    let (mut records, mut different) = (0, Vec::new());
    for (company, events) in office::examples() {
        let mut office = Office::with_examples(&company, &events);
        let whole = verified(&mut office, None);
        assert_eq!(whole.events, whole.decided, "{company}");
        records += whole.decided;
        different.extend(whole.differences.into_iter().map(|d| (company.clone(), d)));
        let one = verified(&mut office, Some(5)).record.unwrap();
        assert_eq!(one.recorded, one.derived, "{company}");
        assert!(
            one.decisions
                .iter()
                .all(|d| !d.edition.is_empty() && !d.clause.is_empty()),
            "{company}: {one:?}"
        );
    }
    println!("{records} records decided again, {} otherwise", different.len());
    assert!(different.is_empty(), "{different:#?}");
    assert!(records > 2_000, "only {records}");
}

/// As many complaints as it takes, each received, resolved and followed up, in one record.
#[test]
fn a_long_record_decides_again_what_it_says_it_decided() {
    let mut office = Office::open(office::folder("fuheng"), "2026-03-02T08:00:00+08:00");
    let count = size(200, 50_000);
    let mut first = 0;
    while first < count {
        let batch = first..(first + 1_000).min(count);
        let mut events = Vec::new();
        for n in batch.clone() {
            let data = json!({ "severity": if n % 7 == 0 { "major" } else { "ordinary" }, "building": (n % 9 + 1).to_string(),
                               "department": "工程部", "customer": format!("业主{}", n % 500), "matter": "漏水" });
            let event = |step: &str, at: &str, data: &Value| {
                json!({ "id": format!("{n}-{step}"), "type": format!("complaint.{step}"), "case": format!("C-{n}"),
                        "occurred_at": at, "data": data })
            };
            events.push(event("received", "2026-03-02T09:00:00+08:00", &data));
            events.push(event("resolved", "2026-03-02T10:00:00+08:00", &json!({})));
        }
        let hour = 11 + (first / 1_000) % 12;
        let day = 2 + first / 12_000;
        office.set(&format!("2026-03-{day:02}T{hour:02}:00:00+08:00"));
        office.take(events);
        first = batch.end;
    }
    let whole = verified(&mut office, None);
    println!("{} records decided again, {} otherwise", whole.decided, whole.different);
    assert_eq!(whole.different, 0, "{:#?}", whole.differences);
    assert!(whole.decided >= 2 * count as u64);
}
