//! Deciding in process, without storage: beside a hand-written match and beside parsing the same events.
//!
//! `cargo bench --bench decide [-- --quick]`
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures real time, prints, and may fall over"
)]

mod common;

use chrono::{DateTime, Days, NaiveTime, TimeZone, Utc};
use chrono_tz::Asia::Shanghai;
use common::{Goal, Table, folder, incoming, line, now, seconds};
use guicheng::domain::event::Event;
use guicheng::engine::body;
use guicheng::engine::draft::{Draft, Past, PastError};
use guicheng::engine::history::History;
use guicheng::engine::intake::{self, Incoming};
use guicheng::engine::world::World;
use guicheng::policy::model::Company;
use guicheng::policy::{Folder, Source, compile};
use guicheng::script::with_room;
use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;

/// Nothing is stored, and no event comes late.
struct Nothing;

impl Past for Nothing {
    fn events(&self, _: &str, _: u64) -> Result<Vec<Event>, PastError> {
        Ok(Vec::new())
    }
}

/// Six events on two new cases: a complaint received, resolved and followed up, and a repair likewise.
fn stream(cases: usize) -> Vec<String> {
    let form = r#""channel":"telephone","quality":"好","effect":"好","satisfaction":"满意","shortcomings":"无","suggestions":"无","qualified":true"#;
    let mut lines = Vec::new();
    for n in 0..cases {
        let (complaint, repair) = (format!("C-{n}"), format!("R-{n}"));
        let building = n % 8 + 1;
        let severity = if n % 8 == 0 { "major" } else { "ordinary" };
        let said = format!(
            r#""severity":"{severity}","building":"{building}","department":"工程部","customer":"{building}-{n}","matter":"漏水""#
        );
        let asked = format!(r#""building":"{building}","customer":"{building}-{n}","item":"水管""#);
        lines.push(line(n, "complaint.received", &complaint, &said));
        lines.push(line(n, "repair.requested", &repair, &asked));
        lines.push(line(n + 500, "complaint.resolved", &complaint, ""));
        lines.push(line(n + 500, "repair.finished", &repair, ""));
        let joint = format!(r#"{form},"participants":["department","area-manager"]"#);
        lines.push(line(n + 1000, "complaint.followed-up", &complaint, &joint));
        lines.push(line(n + 1000, "repair.followed-up", &repair, form));
    }
    lines
}

fn world(company: &Arc<Company>) -> World {
    World::new(History::new(company.clone()), [7; 32])
}

/// Takes, decides and applies events in batches, as the server commits them.
fn decide(company: &Arc<Company>, events: &[Incoming], batch: usize) -> World {
    let (mut world, mut seq) = (world(company), 1);
    for events in events.chunks(batch) {
        let mut draft = Draft::new(&world, &Nothing, seq);
        for event in events {
            let event = intake::take(company, event, now()).unwrap();
            black_box(draft.record(event).unwrap());
        }
        seq = draft.next_seq();
        let changes = draft.finish();
        world.apply(changes);
    }
    world
}

/// What somebody would write by hand for these events: by when and who, and no more.
#[derive(Default)]
struct ByHand {
    major: HashMap<String, bool>,
    due: HashMap<String, (DateTime<Utc>, &'static [&'static str])>,
    ended: u64,
}

impl ByHand {
    fn take(&mut self, event: &Incoming) {
        let at = DateTime::parse_from_rfc3339(&event.occurred_at).unwrap().to_utc();
        let ends = |days: u64| {
            let on = at.with_timezone(&Shanghai).date_naive() + Days::new(days + 1);
            Shanghai
                .from_local_datetime(&on.and_time(NaiveTime::MIN))
                .unwrap()
                .to_utc()
        };
        match event.kind.as_str() {
            "complaint.received" => {
                self.major.insert(event.case.clone(), event.data["severity"] == "major");
            }
            "complaint.resolved" => {
                let roles: &[&str] = match self.major.get(&event.case) {
                    Some(true) => &["director"],
                    _ => &["department", "area-manager"],
                };
                self.due.insert(event.case.clone(), (ends(3), roles));
            }
            "repair.finished" => {
                self.due.insert(event.case.clone(), (ends(2), &["area-manager"]));
            }
            "complaint.followed-up" | "repair.followed-up" => self.ended += 1,
            _ => {}
        }
    }
}

/// Both must come to the same due dates and roles.
fn compare(world: &World, by_hand: &ByHand) {
    let mut compared = 0;
    for (case, (due, roles)) in &by_hand.due {
        let (_, slot) = world.case(case).unwrap();
        let first = slot.case.obligations.get(0).unwrap();
        assert_eq!(first.due.at(), *due, "{case}");
        assert!(
            first.roles.iter().map(|r| r.as_ref()).eq(roles.iter().copied()),
            "{case}"
        );
        compared += 1;
    }
    assert!(compared > 0 && by_hand.ended > 0);
}

/// Events on one case, each fourth of which opens two obligations; or none does.
fn long_case(count: usize, opens: bool) -> Vec<Incoming> {
    let form = r#""channel":"telephone","quality":"好","effect":"好","satisfaction":"满意","shortcomings":"无","suggestions":"无","qualified":true"#;
    let mut events = Vec::new();
    for n in 0..count {
        let (kind, data) = match (opens, n % 4) {
            (false, _) if n > 0 => ("repair.form-collected", r#""form_no":"1""#),
            (_, 0) => ("repair.finished", ""),
            (_, 1) => ("repair.followed-up", form),
            (_, 2) => ("repair.form-returned", r#""signed":true"#),
            _ => ("repair.form-reviewed", r#""opinion":"好""#),
        };
        let mut event = incoming(&line(n, kind, "R-1", data));
        event.id = format!("e-{n}");
        events.push(event);
    }
    events
}

/// The median cost of one event, in seconds, on a case that has had `before` others; each in a draft of its own.
fn cost_after(company: &Arc<Company>, events: &[Incoming], before: usize, times: usize) -> f64 {
    let world = decide(company, &events[..before], 1_000);
    let mut costs: Vec<f64> = (0..times)
        .map(|_| {
            seconds(|| {
                let mut draft = Draft::new(&world, &Nothing, before as u64 + 1);
                let event = intake::take(company, &events[before], now()).unwrap();
                black_box(draft.record(event).unwrap());
                black_box(draft.finish());
            })
            .1
        })
        .collect();
    costs.sort_by(f64::total_cmp);
    costs[costs.len() / 2]
}

/// A company whose complaints are classified by a script, and by that alone; and the text of the script.
fn classifying() -> (Arc<Company>, String) {
    let root = env!("CARGO_MANIFEST_DIR");
    let read = |path: &str| std::fs::read_to_string(format!("{root}/{path}")).unwrap();
    let source = |name: &str, text: &str| Source {
        name: name.into(),
        text: text.into(),
    };
    let company = r#"
        [company]
        id = "small"
        title = "甲"
        zone = "Asia/Shanghai"
        calendar = "cn"
        [person.a]
        name = "甲"
        holds = [{ role = "clerk" }]
        [role.clerk]
        title = "员"
    "#;
    let policy = r#"
        [procedure]
        id = "small/p"
        title = "分类"
        effective = 2020-01-01
        [clause."1"]
        text = "紧急的当天办，一般的三天。"
        [case.complaint]
        title = "投诉"
        data = { matter = "text" }
        [case.complaint.computed]
        urgency = { script = "urgency", from = ["matter"], type = ["urgent", "normal"], otherwise = "urgent", clause = "1" }
        [case.complaint.events]
        received = "受理"
        done = "办完"
        [deadline.do]
        title = "办"
        clause = "1"
        on = "complaint.received"
        within = [{ when = { urgency = "urgent" }, term = "0d" }, { term = "3d" }]
        done = "complaint.done"
        bearer = "clerk"
    "#;
    let script = read("scripts/vanke/classify.rhai");
    let compiled = compile(&Folder {
        id: "small".into(),
        files: vec![source("company.toml", company), source("p.toml", policy)],
        calendars: vec![source("cn.toml", &read("policies/calendars/cn.toml"))],
        scripts: vec![source("classify.rhai", &script)],
    });
    let company = compiled.company.unwrap_or_else(|| panic!("{:#?}", compiled.findings));
    (Arc::new(company), script)
}

/// How many times as long an event takes that a script classifies as the bare call of the same function, on the writer's
/// kind of thread; and that in nanoseconds.
fn classified(rounds: usize, count: usize) -> (Vec<f64>, Vec<f64>) {
    let (company, script) = classifying();
    let matters = ["楼上漏水", "绿化不好", "电梯太慢，等了很久", "家里起火了"];
    let matter = |n: usize| matters[n % matters.len()];
    let said = |n: usize| {
        line(
            n,
            "complaint.received",
            &format!("C-{n}"),
            &format!(r#""matter":"{}""#, matter(n)),
        )
    };
    let events: Vec<Incoming> = (0..count).map(|n| incoming(&said(n))).collect();
    let engine = rhai::Engine::new();
    let ast = engine.compile(&script).unwrap();
    let call = |n: usize| {
        let mut data = rhai::Map::new();
        data.insert("matter".into(), matter(n).into());
        let answer: rhai::ImmutableString = engine
            .call_fn(&mut rhai::Scope::new(), &ast, "urgency", (data,))
            .unwrap();
        answer
    };
    let decided = with_room(|| decide(&company, &events, 1_000));
    for n in 0..count {
        let (_, slot) = decided.case(&format!("C-{n}")).unwrap();
        let urgency = slot.case.data.get("urgency").and_then(|v| v.as_text());
        assert_eq!(urgency, Some(call(n).as_str()));
    }
    let (mut ratios, mut bare_ns) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let (_, ours) = with_room(|| seconds(|| drop(black_box(decide(&company, &events, 1_000)))));
        let (_, bare) = seconds(|| (0..count).for_each(|n| drop(black_box(call(n)))));
        ratios.push(ours / bare);
        bare_ns.push(bare / count as f64 * 1e9);
    }
    (ratios, bare_ns)
}

fn main() {
    let quick = common::is_quick();
    let (rounds, cases) = if quick { (3, 500) } else { (9, 5_000) };
    let company = Arc::new(compile(&folder("c0")).company.unwrap());
    let lines = stream(cases);
    let events: Vec<Incoming> = lines.iter().map(|l| incoming(l)).collect();
    let mut by_hand = ByHand::default();
    events.iter().for_each(|e| by_hand.take(e));
    let decided = decide(&company, &events, 1_000);
    compare(&decided, &by_hand);

    // The record as a rebuild meets it.
    let mut bodies: Vec<(u64, String)> = Vec::new();
    {
        let empty = world(&company);
        let mut draft = Draft::new(&empty, &Nothing, 1);
        for event in &events {
            for row in draft.record(intake::take(&company, event, now()).unwrap()).unwrap() {
                bodies.push((row.event.seq, body::write(&row.event)));
            }
        }
    }

    let mut table = Table::new("deciding");
    let (mut hand, mut parse, mut single, mut ours_ns, mut folded, mut rebuilt) =
        (vec![], vec![], vec![], vec![], vec![], vec![]);
    for _ in 0..rounds {
        let (_, ours) = seconds(|| black_box(decide(&company, &events, 1_000)));
        let (_, by_hand) = seconds(|| {
            let mut by_hand = ByHand::default();
            events.iter().for_each(|e| by_hand.take(e));
            black_box(by_hand)
        });
        let (_, parsed) = seconds(|| lines.iter().for_each(|l| drop(black_box(incoming(l)))));
        let (_, alone) = seconds(|| black_box(decide(&company, &events, 1)));
        hand.push(ours / by_hand);
        parse.push(ours / parsed);
        single.push(alone / ours);
        ours_ns.push(ours / events.len() as f64 * 1e9);

        let read: Vec<Event> = bodies
            .iter()
            .map(|(seq, text)| body::read(*seq, now(), text).unwrap())
            .collect();
        let replay = |events: Vec<Event>| {
            let mut world = world(&company);
            let mut draft = Draft::replaying(&world, &Nothing);
            for event in events {
                draft.record(event).unwrap();
            }
            let changes = draft.finish();
            world.apply(changes);
            world
        };
        let (_, fold) = seconds(|| black_box(replay(read)));
        let (world, whole) = seconds(|| {
            let read = bodies
                .iter()
                .map(|(seq, text)| body::read(*seq, now(), text).unwrap())
                .collect();
            replay(read)
        });
        assert_eq!(world.counts(), decided.counts());
        folded.push(events.len() as f64 / fold);
        rebuilt.push(events.len() as f64 / whole);
    }
    table.ratios(
        "decide an event, in batches of 1,000",
        "hand-written match",
        &hand,
        Goal::Most(20.0),
    );
    table.ratios(
        "decide an event, in batches of 1,000",
        "parsing it",
        &parse,
        Goal::Most(3.0),
    );
    table.ratios("decide an event alone", "in batches of 1,000", &single, Goal::None);

    let (ratios, bare_ns) = classified(rounds, cases);
    table.ratios(
        "decide an event that a script classifies",
        "the bare rhai call",
        &ratios,
        Goal::Most(2.0),
    );
    println!("(the bare rhai call: {} ns)", common::spread(&bare_ns).0.round());

    for (opens, what) in [(false, "of one obligation"), (true, "that opened 500")] {
        let events = long_case(1_000, opens);
        let ratios: Vec<f64> = (0..rounds)
            .map(|_| {
                let tenth = cost_after(&company, &events, 9, 400);
                cost_after(&company, &events, 999, 400) / tenth
            })
            .collect();
        let what = format!("the 1,000th event of a case {what}");
        table.ratios(&what, "the tenth", &ratios, Goal::Most(3.0));
    }
    table.ratios("rebuild: fold, events a second", "-", &folded, Goal::Least(100_000.0));
    table.ratios(
        "rebuild: read and fold, events a second",
        "-",
        &rebuilt,
        Goal::Least(100_000.0),
    );
    println!("({} ns an event)", common::spread(&ours_ns).0.round());
    table.print();
}
