//! Trying a draft on the past tells exactly what two full replays tell that know nothing of each other, and says nothing of a
//! draft that changes nothing.

use crate::bench::Temp;
use crate::size;
use guicheng::clock::Clock;
use guicheng::domain::event::Event;
use guicheng::domain::zone::Instant;
use guicheng::engine::case::Case;
use guicheng::engine::draft::{Draft as Changing, Past, PastError};
use guicheng::engine::history::History;
use guicheng::engine::intake::{self, Incoming};
use guicheng::engine::simulate::{Change, Comparison, Depends, Row, What};
use guicheng::engine::world::World;
use guicheng::engine::{escalation, standing, view};
use guicheng::files;
use guicheng::policy::model::Company;
use guicheng::policy::mutate::mutants;
use guicheng::policy::trial::Draft;
use guicheng::policy::{Folder, compile};
use guicheng::service::load;
use guicheng::service::simulate::{Asked, of_events};
use guicheng::service::writer::{Batch, Request};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread;
use std::time::Duration;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The companies that have an example month, with it.
fn shipped() -> Vec<(Folder, String)> {
    let policies = root().join("policies");
    let folders = files::read_policies(&policies, &root().join("scripts")).unwrap();
    let with_month = folders.into_iter().filter_map(|folder| {
        let month = files::read_examples(&policies, &folder.id).unwrap().concat();
        (!month.is_empty()).then_some((folder, month))
    });
    let shipped: Vec<_> = with_month.collect();
    assert!(shipped.len() >= 14, "{} companies have a month", shipped.len());
    shipped
}

/// The whole of a folder as a draft.
fn whole(folder: &Folder) -> Draft {
    Draft {
        files: folder.files.clone(),
        calendars: folder.calendars.clone(),
        scripts: folder.scripts.clone(),
        is_whole: true,
    }
}

fn tried(folder: &Folder, month: &str, draft: Draft) -> (Comparison, Vec<Row>) {
    let asked = Asked {
        draft,
        from: "2026-03-01".parse().unwrap(),
        to: "2026-03-31".parse().unwrap(),
    };
    let mut rows = Vec::new();
    let mut each = |row: &Row| rows.push(row.clone());
    let comparison = of_events(folder, month, &asked, &|_, _| {}, &mut each).unwrap();
    (comparison, rows)
}

fn nothing(what: &str, (comparison, rows): (Comparison, Vec<Row>)) {
    let first: Vec<String> = rows.iter().take(5).map(|r| serde_json::to_string(r).unwrap()).collect();
    assert!(rows.is_empty(), "{what}: {} rows\n{}", rows.len(), first.join("\n"));
    assert!(
        !comparison.differs(),
        "{what}: {}",
        serde_json::to_string(&comparison).unwrap()
    );
    assert!(comparison.totals.same > 0, "{what}: nothing was compared");
}

#[test]
fn a_draft_that_changes_nothing_makes_no_difference() {
    let mut obligations = 0;
    for (folder, month) in shipped() {
        let same = tried(&folder, &month, whole(&folder));
        obligations += same.0.totals.same;
        nothing(&folder.id, same);
        nothing(
            &format!("{} without files", folder.id),
            tried(&folder, &month, Draft::default()),
        );
    }
    println!("unchanged: {obligations} obligations the same in all companies");
}

#[test]
fn comments_make_no_difference() {
    for (folder, month) in shipped() {
        let mut draft = whole(&folder);
        for source in draft.files.iter_mut().chain(&mut draft.calendars) {
            source.text = format!("# 修订说明\n{}\n# end\n", source.text).into();
        }
        nothing(&folder.id, tried(&folder, &month, draft));
    }
}

/// The recorded events, for the replays of this test.
#[derive(Default)]
struct Record(HashMap<String, Vec<Event>>);

impl Past for Record {
    fn events(&self, case: &str, head: u64) -> Result<Vec<Event>, PastError> {
        let mine = self.0.get(case).into_iter().flatten();
        Ok(mine.filter(|e| e.seq <= head).cloned().collect())
    }
}

/// The month's events as each would have been recorded when it occurred, a correction after what it corrects.
fn events(company: &Company, month: &str, starts_at: Instant) -> Vec<Event> {
    let mut at: BTreeMap<String, Instant> = BTreeMap::new();
    let mut all: Vec<Event> = Vec::new();
    for line in month.lines() {
        let incoming: Incoming = serde_json::from_str(line).unwrap();
        if at.contains_key(&incoming.id) {
            continue;
        }
        let mut event = intake::take(company, &incoming, Instant::MAX_UTC).unwrap();
        let amended = event.corrects.as_ref().or(event.retracts.as_ref());
        event.recorded_at = event.occurred_at;
        if let Some(first) = amended.and_then(|id| at.get(&**id)) {
            event.recorded_at = event.recorded_at.max(*first);
        }
        at.insert(incoming.id, event.recorded_at);
        all.push(event);
    }
    all.sort_by_key(|e| (e.recorded_at, e.corrects.is_some() || e.retracts.is_some()));
    let cases: BTreeSet<Arc<str>> = all.iter().map(|e| e.case.clone()).collect();
    let mut begin = standing::beginnings(company, starts_at);
    begin.retain(|e| !cases.contains(&e.case));
    begin.extend(all);
    begin
}

/// Obligations by id, each as JSON without its edition and with who was told.
type Owed = BTreeMap<String, (Value, String)>;

/// What is owed at an instant when policies served from the beginning: the JSON of each obligation without its edition, and who
/// was told. The events go through the same door as live ones; then each case is folded whole from all of its events.
fn replay(company: &Arc<Company>, events: &[Event], as_of: Instant) -> Owed {
    let mut world = World::new(History::new(company.clone()), [0; 32]);
    let (mut record, mut next_seq) = (Record::default(), 1);
    for event in events.iter().filter(|e| e.occurred_at < as_of) {
        let mut waiting = Changing::new(&world, &record, next_seq);
        waiting.advance(event.recorded_at);
        let changes = waiting.finish();
        world.apply(changes);
        let mut draft = Changing::new(&world, &record, next_seq);
        let recorded = draft.record(event.clone()).unwrap();
        next_seq = draft.next_seq();
        let changes = draft.finish();
        world.apply(changes);
        for one in recorded {
            let list = record.0.entry(one.event.case.to_string()).or_default();
            list.push(Event::clone(&one.event));
        }
    }
    let mut draft = Changing::new(&world, &record, next_seq);
    draft.advance(as_of);
    let changes = draft.finish();
    world.apply(changes);
    let mut owed = Owed::new();
    for slot in world.slots() {
        let mut case = Case::fold(&slot.id, &record.0[&*slot.id], &world.context());
        case.advance(&slot.id, as_of, &world.context());
        for obligation in case.obligations.iter() {
            let shown = view::obligation_view(company, &slot.id, &case, obligation, as_of);
            let mut shown = serde_json::to_value(shown).unwrap();
            shown.as_object_mut().unwrap().remove("edition");
            let told = escalation::fired(&case, obligation, company.zone, as_of);
            owed.insert(obligation.key().id(&slot.id), (shown, format!("{told:?}")));
        }
    }
    owed
}

/// The ids of what differs between two replays: in itself, and in who was told.
fn differing(before: &Owed, after: &Owed) -> (BTreeSet<String>, BTreeSet<String>) {
    let ids: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let (mut shown, mut told) = (BTreeSet::new(), BTreeSet::new());
    for id in ids {
        let (one, other) = (before.get(id), after.get(id));
        if one.map(|o| &o.0) != other.map(|o| &o.0) {
            shown.insert(id.clone());
        }
        let none = "[]".to_owned();
        if one.map_or(&none, |o| &o.1) != other.map_or(&none, |o| &o.1) {
            told.insert(id.clone());
        }
    }
    (shown, told)
}

#[test]
fn drafts_of_one_edit_differ_exactly_where_two_replays_do() {
    let shipped = shipped();
    let all: Vec<_> = shipped.iter().map(|(folder, _)| mutants(folder)).collect();
    let count: usize = all.iter().map(Vec::len).sum();
    let wanted = size(24, 400);
    let (mut tried_drafts, mut with, mut rows_in_all, mut behaviour) = (0, 0, 0, 0);
    let mut seen = 0_usize;
    for ((folder, month), mutants) in shipped.iter().zip(&all) {
        let company = Arc::new(compile(folder).company.unwrap());
        let zone = company.zone;
        let (starts_at, as_of) = (
            zone.start_of("2026-03-01".parse().unwrap()).unwrap(),
            zone.end_of("2026-03-31".parse().unwrap()).unwrap(),
        );
        let mut before = None;
        for mutant in mutants {
            // Spread evenly over all changes of all companies.
            let pick = seen * wanted / count < (seen + 1) * wanted / count;
            seen += 1;
            let made = || {
                mutant.to.iter().find_map(|to| {
                    let changed = mutant.apply(folder, to);
                    Some((changed.clone(), Arc::new(compile(&changed).company?)))
                })
            };
            let Some((changed, draft)) = pick.then(made).flatten() else {
                continue;
            };
            let events = events(&company, month, starts_at);
            let before = before.get_or_insert_with(|| replay(&company, &events, as_of));
            let mut theirs = events.clone();
            let known: BTreeSet<Arc<str>> = standing::beginnings(&company, starts_at)
                .into_iter()
                .map(|e| e.case)
                .collect();
            let more = standing::beginnings(&draft, starts_at).into_iter();
            theirs.splice(0..0, more.filter(|e| !known.contains(&e.case)));
            let after = replay(&draft, &theirs, as_of);
            let (shown, told) = differing(before, &after);

            let (comparison, rows) = tried(folder, month, whole(&changed));
            let ids = |what: What| -> BTreeSet<String> {
                let of = rows.iter().filter(|r| r.what == what);
                of.filter_map(|r| r.obligation.clone()).collect()
            };
            let what = format!(
                "{} {}:{} {} {}",
                folder.id, mutant.file, mutant.line, mutant.rule, mutant.key
            );
            assert_eq!(ids(What::Obligation), shown, "{what}: obligations");
            assert_eq!(ids(What::Escalation), told, "{what}: who is told");
            assert_eq!(comparison.totals.differing as usize, shown.len(), "{what}");
            let unequal = rows
                .iter()
                .filter(|r| r.change == Change::Standing && r.depends != Depends::Behaviour);
            assert_eq!(unequal.count(), 0, "{what}: what came of it hangs on people");
            let grouped: u64 = comparison.groups.iter().flat_map(|g| &g.counts).map(|c| c.count).sum();
            assert_eq!(grouped as usize, rows.len(), "{what}: every row stands in one group");
            tried_drafts += 1;
            with += usize::from(!rows.is_empty());
            rows_in_all += rows.len();
            behaviour += rows.iter().filter(|r| r.depends == Depends::Behaviour).count();
        }
    }
    println!(
        "drafts of one edit: {tried_drafts} of {count} tried, {with} make a difference, {rows_in_all} rows, {behaviour} of them hang on people"
    );
    assert!(tried_drafts * 2 > wanted, "{tried_drafts} drafts");
    assert!(with * 4 > tried_drafts, "{with} of {tried_drafts} make a difference");
    assert!(behaviour > 0 && behaviour < rows_in_all, "{behaviour} of {rows_in_all}");
}

/// Fuheng's month this many times over, with cases, events, rooms and items of their own.
fn many(month: &str, copies: usize) -> Vec<String> {
    let events: Vec<Value> = month.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let mut lines = Vec::with_capacity(events.len() * copies);
    for copy in 0..copies {
        for event in &events {
            let mut event = event.clone();
            let standing = event["case"].as_str().unwrap();
            if (standing.starts_with("area:") || standing == "office") && copy > 0 {
                continue;
            }
            for field in ["id", "case", "corrects", "retracts"] {
                if let Some(text) = event[field].as_str().filter(|_| copy > 0) {
                    event[field] = format!("{copy}/{text}").into();
                }
            }
            let Some(data) = event["data"].as_object_mut() else {
                continue;
            };
            for (name, value) in data.iter_mut() {
                let Some(text) = value.as_str().filter(|_| copy > 0) else {
                    continue;
                };
                if name == "customer" || text.contains('~') {
                    *value = format!("{copy}/{text}").into();
                }
            }
            lines.push(event.to_string());
        }
    }
    lines
}

/// A data folder with these events, each day's recorded in its evening.
fn recorded(data: &Path, folder: &Folder, lines: &[String]) {
    let ms = |text: &str| chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis();
    let clock = Arc::new(AtomicI64::new(ms("2026-03-01T00:00:00+08:00")));
    let (mut writer, shared, _) = load::open(data, Clock::Set(clock.clone()), std::slice::from_ref(folder)).unwrap();
    let live = shared.live(&folder.id).unwrap();
    let mut days: BTreeMap<String, Vec<(usize, Incoming)>> = BTreeMap::new();
    let mut day_of: HashMap<String, String> = HashMap::new();
    for (ix, line) in lines.iter().enumerate() {
        let event: Incoming = serde_json::from_str(line).unwrap();
        let own = event.occurred_at[..10].to_owned();
        // A correction after what it corrects.
        let first = event.corrects.as_ref().or(event.retracts.as_ref());
        let day = first
            .and_then(|id| day_of.get(id).cloned())
            .map_or(own.clone(), |on| on.max(own));
        day_of.insert(event.id.clone(), day.clone());
        days.entry(day).or_default().push((ix, event));
    }
    for (day, events) in days {
        clock.store(ms(&format!("{day}T23:59:59+08:00")), Ordering::SeqCst);
        let (sender, receiver) = std::sync::mpsc::channel();
        writer.take(vec![Request::Many {
            company: live.clone(),
            events,
            unread: Vec::new(),
            how: Batch {
                partial: true,
                ..Batch::default()
            },
            reply: Box::new(move |answer| sender.send(answer.is_ok()).unwrap()),
        }]);
        assert!(receiver.recv().unwrap());
    }
}

/// What the command says of a draft tried on a data folder, after how many milliseconds, and the most memory that it had, in MiB,
/// where the system tells.
fn commanded(data: &Path, draft: &Path) -> (Value, i64, Option<u64>) {
    let began = Clock::System.now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_guicheng"))
        .args([
            "simulate",
            "--from",
            "2026-03-01",
            "--to",
            "2026-03-31",
            "--format",
            "json",
        ])
        .arg("--data")
        .arg(data)
        .arg("--draft")
        .arg(draft)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let reading = thread::spawn(move || serde_json::from_reader(&mut stdout).unwrap());
    let mut peak_mib = None;
    while child.try_wait().unwrap().is_none() {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        peak_mib = peak_mib.max(kib.map(|kib| kib / 1024));
        thread::sleep(Duration::from_millis(20));
    }
    let ms = Clock::System.now().signed_duration_since(began).num_milliseconds();
    (reading.join().unwrap(), ms, peak_mib)
}

#[test]
fn a_long_record_is_tried_at_once() {
    let copies = size(3, 945);
    let (folder, month) = shipped().into_iter().find(|(f, _)| f.id == "fuheng").unwrap();
    let dir = Temp::new();
    let data = dir.path().join("data");
    let lines = many(&month, copies);
    let count = lines.len();
    recorded(&data, &folder, &lines);
    drop(lines);
    let tried = |what: &str, draft: &Path| {
        let (said, ms, peak_mib) = commanded(&data, draft);
        let events = said["events"].as_u64().unwrap();
        println!(
            "{events} events, {what}, {} rows: {ms} ms, {} events a second, {peak_mib:?} MiB at most",
            said["totals"]["rows"],
            events as i64 * 1_000 / ms.max(1),
        );
        // What is promised of a million events, by the program as it is shipped.
        if events >= 1_000_000 && !cfg!(debug_assertions) {
            assert!(ms < 60_000, "{what}: {ms} ms");
            assert!(peak_mib.is_none_or(|mib| mib < 954), "{what}: {peak_mib:?} MiB");
        }
        said
    };
    let said = tried("unchanged", &root().join("policies/fuheng"));
    assert_eq!(said["differs"], false, "{said}");
    assert_eq!(said["totals"]["rows"], 0, "{said}");
    let events = said["events"].as_u64().unwrap() as usize;
    assert!(events > count * 9 / 10, "{events} of {count}");
    // Every due date of complaints one day earlier, in every copy alike.
    let (from, to) = ("within = \"3天\"", "within = \"2天\"");
    let edited = folder.files.iter().find(|s| s.text.contains(from)).unwrap();
    let draft = dir.path().join("draft");
    fs::create_dir(&draft).unwrap();
    let name = Path::new(&*edited.name).file_name().unwrap();
    fs::write(draft.join(name), edited.text.replacen(from, to, 1)).unwrap();
    let said = tried("one term a day shorter", &draft);
    let groups = said["groups"].as_array().unwrap();
    let group = groups.iter().find(|g| g["rule"] == "complaint-follow-up").unwrap();
    let mut counts = group["counts"].as_array().unwrap().iter();
    let moved = counts
        .find(|c| c["change"] == "earlier" && c["what"] == "obligation")
        .unwrap();
    assert_eq!(
        (&moved["median_shift_minutes"], &moved["depends"]),
        (&json!(-24 * 60), &json!("mechanical"))
    );
    // As many in each copy as complaints were resolved in the month and not taken back.
    let earlier = moved["count"].as_u64().unwrap() as usize;
    assert!(earlier > copies, "{earlier}");
    assert_eq!(earlier % copies, 0, "{earlier} in {copies} copies");
}
