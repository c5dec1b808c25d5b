//! The worked cases of `tests/cases`: their companies and what happens in their timelines.

use crate::office::root;
use guicheng::domain::event::Event;
use guicheng::domain::zone::Instant;
use guicheng::engine::case::Case;
use guicheng::engine::explain::explain;
use guicheng::engine::history::History;
use guicheng::engine::intake;
use guicheng::engine::timeline::{Suite, parse};
use guicheng::engine::world::World;
use guicheng::policy::model::Company;
use guicheng::policy::{Folder, Source, compile};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A worked case: its company and its timelines.
pub struct Worked {
    pub name: String,
    pub folder: Folder,
    pub company: Arc<Company>,
    pub suite: Suite,
}

fn source(path: &Path) -> Source {
    let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
    let text = fs::read_to_string(path).unwrap().into();
    Source {
        name: name.into(),
        text,
    }
}

/// All of them, sorted by name.
pub fn all() -> Vec<Worked> {
    let entries = fs::read_dir(root().join("tests/cases")).unwrap();
    let mut folders: Vec<PathBuf> = entries.map(|e| e.unwrap().path()).filter(|p| p.is_dir()).collect();
    folders.sort();
    folders.iter().map(|path| worked(path)).collect()
}

fn worked(path: &Path) -> Worked {
    let of = |dir: &Path, wanted: fn(&str) -> bool| -> Vec<Source> {
        let entries = fs::read_dir(dir).into_iter().flatten();
        let mut paths: Vec<PathBuf> = entries.map(|e| e.unwrap().path()).filter(|p| p.is_file()).collect();
        paths.retain(|p| p.file_name().is_some_and(|name| wanted(&name.to_string_lossy())));
        paths.sort();
        paths.iter().map(|p| source(p)).collect()
    };
    let mut files = of(path, |name| name == "company.toml" || name.starts_with("policy"));
    files.extend(of(&path.join("base"), |_| true));
    let mut calendars = vec![source(&root().join("policies/calendars/cn.toml"))];
    calendars.extend(of(path, |name| name == "calendar.toml"));
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let folder = Folder {
        id: name.clone(),
        files,
        calendars,
        scripts: of(path, |name| name == "script.rhai"),
    };
    let timeline = source(&path.join("timeline.toml"));
    Worked {
        company: Arc::new(compile(&folder).company.unwrap()),
        suite: parse(&timeline.name, &timeline.text).unwrap(),
        folder,
        name,
    }
}

/// What is handed out: the world, the case's id, the case, its events so far, and the instant.
type Handed<'a> = &'a mut dyn FnMut(&World, &str, &Case, &[Event], Instant);

/// Hands every obligation of every timeline, at every instant that it asks about, to `each`, with its case, the events
/// that the case has had by then, and the history.
pub fn each(worked: &Worked, each: Handed<'_>) {
    let world = World::new(History::new(worked.company.clone()), [0; 32]);
    let zone = worked.company.zone;
    for timeline in &worked.suite.timelines {
        let mut by_case: BTreeMap<String, Vec<Event>> = BTreeMap::new();
        for (happens, seq) in timeline.events.iter().zip(1..).filter(|(h, _)| h.refused.is_none()) {
            let at = happens
                .recorded_at
                .as_ref()
                .map_or(&happens.event.occurred_at, |w| &w.0);
            let event = intake::take(&worked.company, &happens.event, zone.parse_instant(at).unwrap()).unwrap();
            let events = by_case.entry(event.case.to_string()).or_default();
            events.push(Event { seq, ..event });
        }
        for expect in &timeline.expects {
            let at = zone.parse_instant(&expect.at.0).unwrap();
            for (id, events) in &by_case {
                let known: Vec<Event> = events.iter().filter(|e| e.occurred_at <= at).cloned().collect();
                let ctx = world.context();
                let mut case = Case::fold(id, &known, &ctx);
                case.advance(id, at, &ctx);
                each(&world, id, &case, &known, at);
            }
        }
    }
}

/// Every obligation of all of them, explained.
pub fn explanations() -> Vec<Value> {
    let mut said = Vec::new();
    for worked in all() {
        each(&worked, &mut |world, id, case, _, at| {
            for obligation in &case.obligations {
                let explanation = explain(&world.history, id, case, obligation, at);
                let mut explanation = serde_json::to_value(&explanation).unwrap();
                explanation["folder"] = worked.name.clone().into();
                said.push(explanation);
            }
        });
    }
    said
}
