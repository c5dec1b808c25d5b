//! Worked cases: small procedures of small companies, each with a timeline that says what must come of it and why.
//! They run on the engine that serves. A folder of `tests/cases` is a case; one without a calendar of its own has the
//! calendars that come with the software.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on must fail, and helpers are no test functions"
)]

use guicheng::domain::event::Event;
use guicheng::engine::case::Case;
use guicheng::engine::explain::{Step, explain, text};
use guicheng::engine::history::History;
use guicheng::engine::intake;
use guicheng::engine::timeline::{Suite, parse, run};
use guicheng::engine::view::DueView;
use guicheng::engine::world::World;
use guicheng::policy::finding::{Lang, Severity};
use guicheng::policy::model::Company;
use guicheng::policy::{Folder, Source, compile};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The fewest folders that there may be: one that is lost must not go unnoticed.
const AT_LEAST: usize = 103;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn source(path: &Path) -> Source {
    let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
    Source {
        name: name.into(),
        text: fs::read_to_string(path).unwrap().into(),
    }
}

/// The folders of the cases, sorted.
fn cases() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("tests/cases")).unwrap();
    let mut folders: Vec<PathBuf> = entries.map(|e| e.unwrap().path()).filter(|p| p.is_dir()).collect();
    folders.sort();
    folders
}

/// A case's company and procedures (`company.toml`, `policy*.toml`), and what they adopt (`base/*.toml`).
fn policies(case: &Path) -> Vec<Source> {
    let of = |dir: &Path, wanted: fn(&str) -> bool| -> Vec<Source> {
        let entries = fs::read_dir(dir).into_iter().flatten();
        let mut paths: Vec<PathBuf> = entries.map(|e| e.unwrap().path()).filter(|p| p.is_file()).collect();
        paths.retain(|p| p.file_name().is_some_and(|name| wanted(&name.to_string_lossy())));
        paths.sort();
        paths.iter().map(|p| source(p)).collect()
    };
    let mut files = of(case, |name| name == "company.toml" || name.starts_with("policy"));
    files.extend(of(&case.join("base"), |_| true));
    files
}

/// A case's company and its timelines; or what is wrong with them.
fn load(case: &Path) -> Result<(Arc<Company>, Suite), String> {
    let mut calendars = vec![source(&root().join("policies/calendars/cn.toml"))];
    let own = case.join("calendar.toml");
    calendars.extend(own.is_file().then(|| source(&own)));
    let script = case.join("script.rhai");
    let scripts = script.is_file().then(|| source(&script)).into_iter().collect();
    let compiled = compile(&Folder {
        id: case.file_name().unwrap().to_string_lossy().into_owned(),
        files: policies(case),
        calendars,
        scripts,
    });
    let mut said = String::new();
    for finding in compiled.findings.iter().filter(|f| f.severity == Severity::Error) {
        said += &format!("{finding:?}\n");
    }
    let timeline = source(&case.join("timeline.toml"));
    match (compiled.company, parse(&timeline.name, &timeline.text)) {
        (Some(company), Ok(suite)) if said.is_empty() => Ok((Arc::new(company), suite)),
        (_, suite) => {
            for failure in suite.err().into_iter().flatten() {
                said += &format!("{}:{}: {}\n", timeline.name, failure.line, failure.message.zh);
            }
            Err(said)
        }
    }
}

/// What does not come out as it must.
fn failures(company: &Arc<Company>, suite: &Suite) -> String {
    let mut said = String::new();
    for timeline in &suite.timelines {
        for failure in run(company, timeline) {
            said += &format!("{}:{}: {}\n", suite.name, failure.line, failure.message.zh);
        }
    }
    said
}

#[test]
fn the_worked_cases_come_out_as_they_must() {
    let cases = cases();
    let mut said = String::new();
    for case in &cases {
        said += &match load(case) {
            Ok((company, suite)) => failures(&company, &suite),
            Err(wrong) => wrong,
        };
    }
    assert!(said.is_empty(), "\n{said}");
    assert!(cases.len() >= AT_LEAST, "only {} cases", cases.len());
}

/// What is explained of every obligation, at every instant that a case asks about, leads to the due date that it has.
#[test]
fn every_explanation_leads_to_the_due_date() {
    for folder in cases() {
        let (company, suite) = load(&folder).unwrap();
        let world = World::new(History::new(company.clone()), [0; 32]);
        let zone = company.zone;
        for timeline in &suite.timelines {
            let mut by_case: BTreeMap<String, Vec<Event>> = BTreeMap::new();
            for (happens, seq) in timeline.events.iter().zip(1..).filter(|(h, _)| h.refused.is_none()) {
                let at = happens
                    .recorded_at
                    .as_ref()
                    .map_or(&happens.event.occurred_at, |w| &w.0);
                let event = intake::take(&company, &happens.event, zone.parse_instant(at).unwrap()).unwrap();
                let events = by_case.entry(event.case.to_string()).or_default();
                events.push(Event { seq, ..event });
            }
            for (expect, (id, events)) in timeline
                .expects
                .iter()
                .flat_map(|e| by_case.iter().map(move |c| (e, c)))
            {
                let at = zone.parse_instant(&expect.at.0).unwrap();
                let known = events.iter().filter(|e| e.occurred_at <= at).cloned();
                let ctx = world.context();
                let mut case = Case::fold(id, &known.collect::<Vec<_>>(), &ctx);
                case.advance(id, at, &ctx);
                for obligation in &case.obligations {
                    let said = explain(&world.history, id, &case, obligation, at);
                    let due = match &said.due {
                        DueView::Day { date, .. } => date.clone(),
                        DueView::Instant { at } => at.chars().take(10).collect(),
                    };
                    let last = said.counting.last().unwrap();
                    let place = format!("{} {} {at}", folder.display(), said.id);
                    if said.flags.contains(&"review") {
                        continue;
                    }
                    assert_eq!(
                        (last.step, &last.on),
                        (Step::End, &due),
                        "{place}: {:#?}",
                        said.counting
                    );
                    assert!(said.counting.iter().all(|s| s.step != Step::Fault), "{place}");
                    assert!(text(&said, Lang::Zh).contains(&last.day.zh), "{place}");
                }
            }
        }
    }
}

/// Every case fails when one standing that it expects is another one.
#[test]
fn a_wrong_expectation_fails() {
    for case in cases() {
        let (company, mut suite) = load(&case).unwrap();
        let owed = suite
            .timelines
            .iter_mut()
            .flat_map(|t| &mut t.expects)
            .flat_map(|e| e.obligations.iter_mut().flatten())
            .find(|o| o.what.standing.is_some());
        let Some(owed) = owed else { continue };
        let other = if owed.what.standing.as_deref() == Some("expired") {
            "open"
        } else {
            "expired"
        };
        owed.what.standing = Some(other.to_owned());
        assert!(!failures(&company, &suite).is_empty(), "{}", case.display());
    }
}

/// Every figure of a metric that is expected fails when it is another one.
#[test]
fn a_wrong_figure_fails() {
    let mut spoilt = 0;
    for case in cases() {
        let (company, suite) = load(&case).unwrap();
        let count = |suite: &Suite| {
            suite
                .timelines
                .iter()
                .flat_map(|t| &t.expects)
                .flat_map(|e| e.metrics.iter().flatten())
                .count()
        };
        for n in 0..count(&suite) {
            let mut wrong = suite.clone();
            let figures = wrong
                .timelines
                .iter_mut()
                .flat_map(|t| &mut t.expects)
                .flat_map(|e| e.metrics.iter_mut().flatten());
            let figure = figures.into_iter().nth(n).unwrap();
            figure.what.value = Some(guicheng::engine::timeline::Number("123456789/7".to_owned()));
            assert!(
                !failures(&company, &wrong).is_empty(),
                "{}:{}",
                case.display(),
                figure_line(&suite, n)
            );
            spoilt += 1;
        }
    }
    assert!(spoilt > 20, "only {spoilt} figures");
}

/// Every penalty that is expected fails when it is another sum.
#[test]
fn a_wrong_penalty_fails() {
    let mut spoilt = 0;
    for case in cases() {
        let (company, suite) = load(&case).unwrap();
        let expects = suite.timelines.iter().flat_map(|t| &t.expects);
        let count = expects.flat_map(|e| e.penalties.iter().flatten()).count();
        for n in 0..count {
            let mut wrong = suite.clone();
            let expects = wrong.timelines.iter_mut().flat_map(|t| &mut t.expects);
            let entry = expects.flat_map(|e| e.penalties.iter_mut().flatten()).nth(n).unwrap();
            entry.what.amount_fen = Some(guicheng::engine::timeline::Number("7".to_owned()));
            let line = entry.line;
            assert!(!failures(&company, &wrong).is_empty(), "{}:{line}", case.display());
            spoilt += 1;
        }
    }
    assert!(spoilt > 20, "only {spoilt} entries");
}

fn figure_line(suite: &Suite, n: usize) -> u32 {
    let all = suite
        .timelines
        .iter()
        .flat_map(|t| &t.expects)
        .flat_map(|e| e.metrics.iter().flatten());
    all.into_iter().nth(n).map_or(0, |f| f.line)
}
