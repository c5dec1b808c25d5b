//! What hangs on days that no calendar has published is marked, and nothing else is; publishing them changes these rows
//! alone, and each change is told.

use crate::bench::{Bench, server_at};
use crate::size;
use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

const ASKED: &str = "2027-01-06T20:30:00";

fn on(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn asked_at() -> NaiveDateTime {
    ASKED.parse().unwrap()
}

/// A small generator of numbers, so that a run can be repeated.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// A calendar as a list of days.
#[derive(Clone)]
struct Days {
    off: BTreeSet<NaiveDate>,
    made_up: BTreeSet<NaiveDate>,
    last: NaiveDate,
}

impl Days {
    fn of_2026() -> Days {
        Days {
            off: BTreeSet::from([on("2026-12-14")]),
            made_up: BTreeSet::from([on("2026-12-12")]),
            last: on("2026-12-28"),
        }
    }

    /// The same with the notice of the next year, as far as the end of February.
    fn published(&self, dice: &mut Dice, surprising: bool) -> Days {
        let mut days = Days {
            last: on("2027-02-28"),
            ..self.clone()
        };
        days.off.insert(on("2027-01-01"));
        if surprising {
            for _ in 0..4 {
                let first = on("2026-12-30") + TimeDelta::days(dice.below(55) as i64);
                days.off
                    .extend((0..=dice.below(5)).map(|n| first + TimeDelta::days(n as i64)));
            }
            for _ in 0..6 {
                let day = on("2027-01-02") + TimeDelta::days(dice.below(56) as i64);
                if !days.off.contains(&day) {
                    days.made_up.insert(day);
                }
            }
        }
        days
    }

    fn named(&self, day: NaiveDate) -> bool {
        self.off.contains(&day) || self.made_up.contains(&day)
    }

    fn is_known(&self, day: NaiveDate) -> bool {
        self.named(day) || day <= self.last
    }

    fn works(&self, day: NaiveDate) -> bool {
        if self.named(day) {
            return self.made_up.contains(&day);
        }
        let fixed = [(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)].contains(&(day.month(), day.day()));
        day.weekday().num_days_from_monday() < 5 && (day <= self.last || !fixed)
    }

    fn text(&self) -> String {
        let mut text = format!(
            "[calendar]\ntitle = \"日历\"\nweekdays = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"]\n\
             hours = [[\"09:00\", \"12:00\"], [\"13:30\", \"17:30\"]]\ncovered = [2026-01-01, {}]\n",
            self.last
        );
        for year in [2026, 2027] {
            let of = |days: &BTreeSet<NaiveDate>, write: &dyn Fn(&NaiveDate) -> String| -> String {
                let mine = days.iter().filter(|day| day.year() == year);
                mine.map(write).collect::<Vec<_>>().join(", ")
            };
            let off = of(&self.off, &|day| {
                format!("{{ name = \"休\", from = {day}, to = {day} }}")
            });
            let made_up = of(&self.made_up, &|day| format!("{{ date = {day}, for = \"休\" }}"));
            text += &format!("[[calendar.year]]\nyear = {year}\ndays_off = [{off}]\nmake_up = [{made_up}]\n");
        }
        text
    }
}

/// By when something is due: through a date, or up to a local time.
#[derive(Clone, Copy, Debug, PartialEq)]
enum By {
    Date(NaiveDate),
    Time(NaiveDateTime),
}

impl By {
    /// The moment that ends it.
    fn ends(self) -> NaiveDateTime {
        match self {
            By::Date(day) => (day + TimeDelta::days(1)).and_time(NaiveTime::MIN),
            By::Time(at) => at,
        }
    }

    fn is_over(self) -> bool {
        match self {
            By::Date(_) => self.ends() <= asked_at(),
            By::Time(at) => at < asked_at(),
        }
    }
}

/// The ways in which terms are counted: the rule's id and what is written in it.
const WAYS: [(&str, &str); 15] = [
    ("w1", "within = \"1bd\""),
    ("w3", "within = \"3bd\""),
    ("w5", "within = \"5bd\""),
    ("w9", "within = \"9bd\""),
    ("w20", "within = \"20bd\""),
    ("w40", "within = \"40bd\""),
    ("d20", "within = \"20d\""),
    ("n20", "within = \"20d\"\nshift = \"next\""),
    ("p20", "within = \"20d\"\nshift = \"previous\""),
    ("m1", "within = \"1mo\"\nshift = \"next\""),
    ("h40", "within = \"40bh\""),
    ("e50", "within = \"50h\""),
    ("b4", "before = { field = \"day\", term = \"4bd\" }"),
    ("y", "by = \"day\"\nshift = \"next\""),
    ("r2", "field = \"day\"\nbefore = [\"2bd\"]"),
];

fn rules() -> String {
    let ways: Vec<String> = WAYS.iter().map(|(id, _)| format!("\"{id}\"")).collect();
    let mut text = format!(
        "[procedure]\nid = \"hz/jobs\"\ntitle = \"活\"\neffective = 2020-01-01\n[clause.\"1\"]\ntext = \"按期做。\"\n\
         [role.keeper]\ntitle = \"管家\"\n[case.job]\ntitle = \"活\"\ndata = {{ way = [{}, \"k\"], day = \"date\" }}\n\
         [case.job.events]\nstarted = \"开始\"\ndone = \"做完\"\nchecked = \"查过\"\n\
         [metric.all]\ntitle = \"全部\"\nclause = \"1\"\nof = [{}, \"k\", \"same\"]\nby = [\"role\"]\nper = \"month\"\n",
        ways.join(", "),
        ways.join(", ")
    );
    let mut rule = |kind: &str, id: &str, on: &str, when: &str, done: &str, how: &str| {
        text += &format!(
            "[{kind}.{id}]\ntitle = \"{id}\"\nclause = \"1\"\non = {on}\n{when}done = \"job.{done}\"\nbearer = \"keeper\"\n{how}\n"
        );
    };
    for (id, how) in WAYS {
        let kind = if id == "r2" { "reminder" } else { "deadline" };
        rule(
            kind,
            id,
            "\"job.started\"",
            &format!("when = {{ way = \"{id}\" }}\n"),
            "done",
            how,
        );
    }
    let monthly = "every = { day_of_month = 31 }\nholidays = \"next\"";
    rule(
        "recurring",
        "k",
        "\"job.started\"",
        "when = { way = \"k\" }\n",
        "done",
        monthly,
    );
    rule(
        "deadline",
        "same",
        "{ opened = [\"w9\"] }",
        "",
        "checked",
        "within = \"same\"",
    );
    text
}

/// By when it is due, counted day by day, and whether a day on the way was not published.
fn count(way: &str, start: NaiveDateTime, day: NaiveDate, days: &Days) -> (By, bool) {
    let number: i64 = way[1..].parse().unwrap_or(0);
    let first = start.date();
    let walk = |from: NaiveDate, step: i64, wanted: i64| {
        let (mut at, mut left, mut assumed) = (from, wanted, false);
        while left > 0 {
            at += TimeDelta::days(step);
            assumed |= !days.is_known(at);
            left -= i64::from(days.works(at));
        }
        (By::Date(at), assumed)
    };
    let shifted = |from: NaiveDate, step: i64| {
        let (mut at, mut assumed) = (from, !days.is_known(from));
        while !days.works(at) {
            at += TimeDelta::days(step);
            assumed |= !days.is_known(at);
        }
        (By::Date(at), assumed)
    };
    match &way[..1] {
        "w" => walk(first, 1, number),
        "d" => (By::Date(first + TimeDelta::days(number)), false),
        "n" => shifted(first + TimeDelta::days(number), 1),
        "p" => shifted(first + TimeDelta::days(number), -1),
        "m" => {
            let (year, month) = (first.year() + i32::from(first.month() == 12), first.month() % 12 + 1);
            let fits = (1..=first.day())
                .rev()
                .find_map(|d| NaiveDate::from_ymd_opt(year, month, d));
            shifted(fits.unwrap(), 1)
        }
        "h" => {
            let (mut at, mut left, mut assumed) = (start, number * 60, false);
            while left > 0 {
                let minute = at.hour() * 60 + at.minute();
                let open = [(540, 720), (810, 1050)]
                    .iter()
                    .any(|(a, b)| (*a..*b).contains(&minute));
                assumed |= !days.is_known(at.date());
                left -= i64::from(open && days.works(at.date()));
                at += TimeDelta::minutes(1);
            }
            (By::Time(at), assumed)
        }
        "e" => (By::Time(start + TimeDelta::hours(number)), false),
        "b" => walk(day, -1, number),
        "r" => walk(day, -1, number),
        "y" => shifted(day, 1),
        // What recurs is due on its nominal day, or the next that is worked.
        "k" => shifted(day, 1),
        other => panic!("{other}"),
    }
}

/// What a case began with.
#[derive(Clone)]
struct Job {
    way: &'static str,
    start: NaiveDateTime,
    day: NaiveDate,
}

struct Place {
    bench: Bench,
    jobs: BTreeMap<String, Job>,
}

/// A company with generated cases, some of them done, on a calendar that ends with 28 December.
fn place(dice: &mut Dice, cases: usize, days: &Days) -> Place {
    let bench = server_at("2027-01-06T20:00:00+08:00");
    let dir = bench.policies().join("hz");
    fs::create_dir_all(&dir).unwrap();
    let company = "[company]\nid = \"hz\"\ntitle = \"湖州\"\nzone = \"Asia/Shanghai\"\ncalendar = \"hz\"\n\
                   [person.an]\nname = \"安\"\nholds = [{ role = \"keeper\" }]\n";
    fs::write(dir.join("company.toml"), company).unwrap();
    fs::write(dir.join("jobs.toml"), rules()).unwrap();
    let place = Place {
        bench,
        jobs: BTreeMap::new(),
    };
    place.publish(days);
    let mut lines = Vec::new();
    let mut jobs = BTreeMap::new();
    for n in 0..cases {
        let pick = dice.below(WAYS.len() as u64 + 1) as usize;
        let way = WAYS.get(pick).map_or("k", |(id, _)| id);
        let start = (on("2026-11-16") + TimeDelta::days(dice.below(50) as i64))
            .and_hms_opt(10 + dice.below(5) as u32, dice.below(60) as u32, 0)
            .unwrap();
        let day = start.date() + TimeDelta::days(15 + dice.below(60) as i64);
        let id = format!("J-{n}");
        let event = |suffix: &str, kind: &str, at: NaiveDateTime, data: Value| {
            let at = at.format("%Y-%m-%dT%H:%M:%S+08:00").to_string();
            json!({ "id": format!("{id}-{suffix}"), "type": kind, "case": id, "occurred_at": at, "data": data })
        };
        lines.push(event("1", "job.started", start, json!({ "way": way, "day": day })));
        let done_at = start + TimeDelta::hours(dice.below(24 * 40) as i64);
        if !["r2", "k"].contains(&way) && dice.below(3) == 0 && done_at < asked_at() - TimeDelta::hours(1) {
            lines.push(event("2", "job.done", done_at, json!({})));
        }
        jobs.insert(id, Job { way, start, day });
    }
    let text: Vec<String> = lines.iter().map(Value::to_string).collect();
    let path = "/v1/companies/hz/events";
    let taken = place
        .bench
        .ask("POST", path, "application/x-ndjson", text.join("\n"))
        .expect(200);
    assert_eq!(taken["accepted"], lines.len(), "{taken}");
    place.bench.set("2027-01-06T20:30:00+08:00");
    Place { jobs, ..place }
}

/// All that is shown of a company, by the obligation's id, and the cases as they are sent.
struct Shown {
    due: BTreeMap<String, Value>,
    plan: BTreeMap<String, Value>,
    cases: BTreeMap<String, String>,
}

impl Place {
    /// Writes a calendar and has it taken up; answers the difference.
    fn publish(&self, days: &Days) -> Value {
        fs::write(self.bench.policies().join("calendars/hz.toml"), days.text()).unwrap();
        let answer = self.bench.reload("?company=hz").expect(200);
        answer["companies"]["hz"]["difference"].clone()
    }

    fn get(&self, path: &str) -> String {
        let reply = self
            .bench
            .ask("GET", &format!("/v1/companies/hz{path}"), "application/json", "");
        assert_eq!(reply.status, 200, "{path}: {}", reply.text);
        reply.text
    }

    fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.get(path)).unwrap()
    }

    fn shown(&self) -> Shown {
        let (mut due, mut cursor) = (BTreeMap::new(), String::new());
        loop {
            let page = self.json(&format!("/due?standing=all&limit=200{cursor}"));
            let items = page["items"].as_array().unwrap().clone();
            due.extend(
                items
                    .into_iter()
                    .map(|row| (row["id"].as_str().unwrap().to_owned(), row)),
            );
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let mut plan = BTreeMap::new();
        for period in ["2026-11", "2026-12", "2027-01", "2027-02", "2027-03", "2027-04"] {
            let report = self.json(&format!("/reports/plan?period={period}"));
            for row in report["rows"].as_array().unwrap() {
                let cells = row.as_array().unwrap().iter();
                let names = report["columns"].as_array().unwrap().iter();
                let named = names.map(|name| name.as_str().unwrap().to_owned()).zip(cells.cloned());
                let row = Value::Object(named.collect());
                plan.insert(row["obligation"].as_str().unwrap().to_owned(), row);
            }
        }
        let cases = self
            .jobs
            .keys()
            .map(|id| (id.clone(), self.get(&format!("/cases/{id}"))));
        Shown {
            due,
            plan,
            cases: cases.collect(),
        }
    }

    /// What a row must say: by when, and whether that is provisional. `before` is the row as it was under the calendar before,
    /// if there was one.
    fn expected(&self, id: &str, row: &Value, days: &Days, before: Option<&(By, bool)>, shown: &Shown) -> (By, bool) {
        let (case, rest) = id.split_once('~').unwrap();
        let (rule, last) = rest.split_once('~').unwrap();
        let job = &self.jobs[case];
        let counted = match (rule, last.split_once('.')) {
            ("k", Some((_, nominal))) => count("k", job.start, on(nominal), days),
            ("same", _) => count("w9", job.start, job.day, days),
            _ => count(job.way, job.start, job.day, days),
        };
        let Some((was, assumed)) = before else { return counted };
        if !row["ended_at"].is_null() {
            return (*was, *assumed);
        }
        let (new, provisional) = counted;
        let with_ended = rule == "same" && !shown.due[&format!("{case}~w9~1")]["ended_at"].is_null();
        let told = rule == "r2" && matches!(was, By::Date(day) if *day <= asked_at().date());
        if was.is_over() || with_ended || told {
            return (*was, provisional);
        }
        // What is counted anew is not due before the end of the day on which the calendar came.
        let today = By::Date(asked_at().date());
        let floor = if was.ends() < today.ends() { *was } else { today };
        match (new.ends() < floor.ends(), new) {
            (false, _) => (new, provisional),
            (true, By::Date(_)) => (floor, provisional),
            (true, By::Time(_)) => (By::Time(floor.ends()), provisional),
        }
    }
}

fn said(row: &Value) -> (By, bool) {
    let by = match row["due"]["kind"].as_str().unwrap() {
        "day" => By::Date(on(row["due"]["date"].as_str().unwrap())),
        _ => By::Time(
            row["due"]["at"]
                .as_str()
                .unwrap()
                .strip_suffix("+08:00")
                .unwrap()
                .parse()
                .unwrap(),
        ),
    };
    (by, row["flags"].as_array().unwrap().contains(&json!("provisional")))
}

/// A row without what publishing a calendar may change: `nominal_on` is there where the due date is another day, and what opens at
/// another time may not be open yet.
fn rest(row: &Value) -> Value {
    let mut row = row.clone();
    for field in ["due", "flags", "opens_at", "due_on", "nominal_on", "provisional"] {
        row.as_object_mut().unwrap().remove(field);
    }
    if row["standing"] == "scheduled" {
        row["standing"] = json!("open");
    }
    row
}

/// Every row is as the naive count has it, on all three ways to it.
fn agree(
    place: &Place,
    shown: &Shown,
    days: &Days,
    before: Option<&BTreeMap<String, (By, bool)>>,
) -> BTreeMap<String, (By, bool)> {
    let mut all = BTreeMap::new();
    for (id, row) in &shown.due {
        let expected = place.expected(id, row, days, before.map(|b| &b[id]), shown);
        assert_eq!(said(row), expected, "{id}: {row}");
        if let Some(planned) = shown.plan.get(id) {
            assert_eq!(planned["provisional"], expected.1, "{planned}");
        }
        all.insert(id.clone(), expected);
    }
    let mut in_cases = 0;
    for text in shown.cases.values() {
        let case: Value = serde_json::from_str(text).unwrap();
        for row in case["obligations"].as_array().unwrap() {
            in_cases += 1;
            assert_eq!(said(row), said(&shown.due[row["id"].as_str().unwrap()]), "{row}");
        }
    }
    assert_eq!(in_cases, shown.due.len());
    assert!(
        shown.plan.len() * 2 > shown.due.len(),
        "{} in the plan",
        shown.plan.len()
    );
    all
}

/// What was told at the instant of the reload: kind and obligation.
fn told(place: &Place) -> BTreeSet<(String, String)> {
    let effects = place.json(&format!("/effects?from={ASKED}&to={ASKED}"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let items = effects["items"].as_array().unwrap().iter();
    let found: Vec<_> = items.map(|e| (text(&e["kind"]), text(&e["obligation"]))).collect();
    let set: BTreeSet<_> = found.iter().cloned().collect();
    assert_eq!(set.len(), found.len(), "each is told once");
    set
}

fn publish(seed: u64, cases: usize, surprising: bool) -> [usize; 4] {
    let mut dice = Dice(seed);
    let old = Days::of_2026();
    let mut place = place(&mut dice, cases, &old);
    let before = place.shown();
    let was = agree(&place, &before, &old, None);
    let record = place.bench.last_seq();
    let new = old.published(&mut dice, surprising);
    let difference = place.publish(&new);
    let after = place.shown();
    let is = agree(&place, &after, &new, Some(&was));
    // Exactly the rows whose date or flag changes are other bytes, and no other field of them.
    let changed: BTreeSet<&String> = was.keys().filter(|id| was[*id] != is[*id]).collect();
    assert_eq!(was.len(), is.len());
    for (id, row) in &before.due {
        let now = &after.due[id];
        match changed.contains(id) {
            true => assert_eq!(rest(row), rest(now), "{id}"),
            false => assert_eq!(row.to_string(), now.to_string(), "{id}"),
        }
        if !changed.contains(id) {
            assert_eq!(before.plan.get(id), after.plan.get(id), "{id}");
        }
    }
    for (case, text) in &before.cases {
        let touched = changed.iter().any(|id| id.split('~').next() == Some(case));
        assert_eq!(*text != after.cases[case], touched, "{case}");
    }
    // The difference counts each of them.
    let sum = |name: &str| -> u64 {
        let rules = difference["rules"].as_array().unwrap().iter();
        rules.map(|rule| rule[name].as_u64().unwrap()).sum()
    };
    let flags = changed.iter().filter(|id| was[**id].1 != is[**id].1).count();
    let moved = changed.iter().filter(|id| was[**id].0 != is[**id].0).count();
    assert_eq!(difference["changed"], changed.len(), "{difference:#}");
    assert_eq!(
        (sum("provisional"), sum("earlier") + sum("later")),
        (flags as u64, moved as u64)
    );
    // Each is told, and once: the ones that moved, and the ones that are certain now.
    let expected: BTreeSet<(String, String)> = changed
        .iter()
        .map(|id| match was[*id].0 == is[*id].0 {
            true => ("due-confirmed".to_owned(), (*id).clone()),
            false => ("due-changed".to_owned(), (*id).clone()),
        })
        .collect();
    assert_eq!(told(&place), expected);
    // Nothing was recorded for that: it follows from the calendars that are kept, also when the state is made anew.
    assert_eq!(place.bench.last_seq(), record);
    place.bench.restart();
    let again = place.shown();
    for (id, row) in &after.due {
        assert_eq!(again.due.get(id), Some(row), "{id} after a restart");
    }
    assert_eq!(again.due.len(), after.due.len(), "after a restart");
    assert_eq!(again.plan, after.plan, "after a restart");
    assert_eq!(again.cases, after.cases, "after a restart");
    assert_eq!(told(&place), expected);
    // What was known before is still what it was.
    for (case, text) in before.cases.iter().take(20) {
        let then = place.json(&format!("/cases/{case}?known_at=2027-01-06T20:15:00"));
        let before: Value = serde_json::from_str(text).unwrap();
        assert_eq!(then["obligations"], before["obligations"], "{case}");
    }
    let late = changed.iter().filter(|id| was[**id].0.is_over()).count();
    [was.len(), changed.len(), moved, late]
}

#[test]
fn publishing_a_calendar_changes_what_hung_on_it_and_nothing_else() {
    let (runs, cases) = (size(2, 40), size(150, 500));
    let mut total = [0; 4];
    for run in 0..runs {
        let found = publish(20_270_106 + run as u64, cases, true);
        total.iter_mut().zip(found).for_each(|(sum, one)| *sum += one);
    }
    let [rows, changed, moved, late] = total;
    assert!(moved > 0 && late > 0 && changed > moved && changed < rows, "{total:?}");
    println!(
        "calendar published in {runs} companies: {rows} rows, {changed} changed (of these {moved} moved, {late} overdue already), \
         0 others, each told once"
    );
}

#[test]
fn publishing_what_was_assumed_changes_the_flag_alone() {
    let [rows, changed, moved, late] = publish(7, size(150, 1_000), false);
    assert!(
        changed > 0 && moved == 0 && late > 0,
        "{rows} rows, {changed} changed, {moved} moved"
    );
    println!("a calendar as it was assumed: {rows} rows, {changed} confirmed ({late} overdue already), 0 moved");
}
