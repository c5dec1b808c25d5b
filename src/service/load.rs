//! Taking up policies: at the start, and while the server runs. Each company whole or not at all.

use crate::clock::Clock;
use crate::domain::event::Event;
use crate::domain::zone::Instant;
use crate::engine::body;
use crate::engine::draft::Draft;
use crate::engine::history::History;
use crate::engine::standing;
use crate::engine::world::World;
use crate::policy::finding::{Finding, Severity};
use crate::policy::model::Company;
use crate::policy::{Folder, Source, compile, content_hash};
use crate::service::index::{self, Index};
use crate::service::status::{Reloads, Served, Stale};
use crate::service::writer::Writer;
use crate::service::{Live, ServiceError, Shared, StorePast, instant};
use crate::store::{EditionRow, NewEdition, NewEvent, Reader, Store};
use parking_lot::{Mutex, RwLock};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

/// How many events of the record are taken together when the live state is rebuilt.
const CHUNK: u64 = 10_000;

/// What came of a reload.
#[derive(Debug, Default)]
pub struct Reloaded {
    /// Companies that serve other policies than before, or for the first time.
    pub changed: Vec<String>,
    /// Companies whose policies are as before.
    pub unchanged: Vec<String>,
    /// Companies whose policies were refused: what served before goes on serving.
    pub refused: Vec<(String, Vec<Finding>)>,
    /// Warnings of the others.
    pub warnings: Vec<Finding>,
}

/// The files of an edition as they are kept.
#[derive(Serialize, Deserialize)]
struct KeptFiles {
    files: Vec<(String, String)>,
    calendars: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    scripts: Vec<(String, String)>,
}

/// Opens the data folder, rebuilds the live state from the record, and takes up the policies.
pub fn open(data: &Path, clock: Clock, folders: &[Folder]) -> Result<(Writer, Arc<Shared>, Reloaded), ServiceError> {
    let store = Store::open(data)?;
    let reader = store.reader()?;
    let shared = Arc::new(Shared {
        companies: RwLock::new(BTreeMap::new()),
        status: RwLock::new(Reloads::default()),
        clock,
        reader: Mutex::new(store.reader()?),
        stopped: RwLock::new(None),
    });
    let latest_at = Instant::UNIX_EPOCH;
    let mut writer = Writer {
        store,
        reader,
        index: Index::default(),
        shared: shared.clone(),
        latest_at,
        recorded: HashMap::new(),
        quiet_until: None,
    };
    rebuild(&mut writer)?;
    let reloaded = reload(&mut writer, folders, false)?;
    Ok((writer, shared, reloaded))
}

/// Rebuilds all companies from the editions that served and the events in the record.
fn rebuild(writer: &mut Writer) -> Result<(), ServiceError> {
    let reader = writer.store.reader()?;
    let mut editions: HashMap<u32, Vec<EditionRow>> = HashMap::new();
    for row in reader.editions()? {
        editions.entry(row.company).or_default().push(row);
    }
    let mut worlds: BTreeMap<u32, (String, World)> = BTreeMap::new();
    for row in reader.companies()? {
        let Some(history) = history(editions.get(&row.no).map_or(&[][..], Vec::as_slice)) else {
            continue;
        };
        let latest = editions.get(&row.no).and_then(|list| list.last());
        let served = latest.map(|e| Served {
            hash: e.hash.clone(),
            since: instant(e.loaded_at_ms),
            stale: None,
        });
        writer
            .shared
            .status
            .write()
            .companies
            .extend(served.map(|s| (row.id.clone(), s)));
        worlds.insert(row.no, (row.id, World::new(history, row.seed)));
    }
    let last = writer.store.last_seq();
    let mut from = 1;
    while from <= last {
        let to = from.saturating_add(CHUNK - 1).min(last);
        replay(&reader, (from, to), &mut worlds, writer)?;
        from = to + 1;
    }
    let mut companies = writer.shared.companies.write();
    for (no, (id, world)) in worlds {
        companies.insert(
            id,
            Arc::new(Live {
                no,
                world: RwLock::new(world),
            }),
        );
    }
    Ok(())
}

/// Takes events of the record from one place to another, both included. Time is let pass before the events of each
/// instant at which some were recorded, as the writer did when it took them.
fn replay(
    reader: &Reader,
    (from, to): (u64, u64),
    worlds: &mut BTreeMap<u32, (String, World)>,
    writer: &mut Writer,
) -> Result<(), ServiceError> {
    let mut events: BTreeMap<u32, Vec<Event>> = BTreeMap::new();
    reader.scan::<ServiceError>(from, to, &mut |row: crate::store::EventRefRow<'_>| {
        let recorded_at = instant(row.recorded_at_ms);
        let event = body::read(row.seq, recorded_at, row.body)?;
        writer
            .index
            .add(index::hash(row.company, &event.source, &event.id), row.seq);
        writer.latest_at = recorded_at.max(writer.latest_at);
        events.entry(row.company).or_default().push(event);
        Ok(())
    })?;
    let past = StorePast(reader);
    for (no, events) in events {
        let Some((_, world)) = worlds.get_mut(&no) else {
            continue;
        };
        for together in events.chunk_by(|a, b| a.recorded_at == b.recorded_at) {
            let Some(now) = together.first().map(|e| e.recorded_at) else {
                continue;
            };
            if writer.recorded.insert(no, now).is_none_or(|at| at < now) && world.wakes_at().is_some_and(|at| at <= now)
            {
                let mut draft = Draft::replaying(world, &past);
                draft.advance(now);
                // Taken over before the events, which may leave a share short again.
                let changes = draft.finish();
                world.apply(changes);
            }
            let mut draft = Draft::replaying(world, &past);
            for event in together {
                draft.record(event.clone())?;
            }
            let changes = draft.finish();
            world.apply(changes);
        }
    }
    Ok(())
}

/// The history of a company from the editions that served. An edition that this release cannot compile any more is
/// left out; the record keeps it.
pub(super) fn history(rows: &[EditionRow]) -> Option<History> {
    let mut history: Option<History> = None;
    for row in rows {
        let compiled = kept_folder(row).map(|folder| compile(&folder));
        let Some(company) = compiled.and_then(|c| c.company).map(Arc::new) else {
            tracing::error!(edition = row.no, "an edition that served cannot be compiled any more");
            continue;
        };
        match &mut history {
            Some(history) => history.push(row.from_seq, instant(row.loaded_at_ms), company),
            None => history = Some(History::new(company)),
        }
    }
    history
}

fn kept_folder(row: &EditionRow) -> Option<Folder> {
    let kept: KeptFiles = serde_json::from_str(&row.files).ok()?;
    let sources = |list: Vec<(String, String)>| {
        list.into_iter()
            .map(|(name, text)| Source {
                name: name.into(),
                text: text.into(),
            })
            .collect::<Vec<_>>()
    };
    let files = sources(kept.files);
    // The folder's name is the company's id: the part of a file's name before the last slash.
    let id = files
        .first()
        .and_then(|f| f.name.rsplit('/').nth(1))
        .unwrap_or_default()
        .to_owned();
    Some(Folder {
        id,
        files,
        calendars: sources(kept.calendars),
        scripts: sources(kept.scripts),
    })
}

fn keep(folder: &Folder) -> String {
    let texts = |list: &[Source]| list.iter().map(|s| (s.name.to_string(), s.text.to_string())).collect();
    let kept = KeptFiles {
        files: texts(&folder.files),
        calendars: texts(&folder.calendars),
        scripts: texts(&folder.scripts),
    };
    // INVARIANT: names and texts are texts, which JSON can write.
    serde_json::to_string(&kept).unwrap_or_default()
}

/// Takes up the policies of a folder.
pub fn reload(writer: &mut Writer, folders: &[Folder], dry_run: bool) -> Result<Reloaded, ServiceError> {
    let mut reloaded = Reloaded::default();
    let now = writer.shared.clock.now().max(writer.latest_at);
    for folder in folders {
        let serving = writer.shared.live(&folder.id).ok();
        if serving.is_some_and(|live| live.world.read().company().hash == content_hash(folder)) {
            // What serves was compiled from these very texts.
            if !dry_run && let Some(served) = writer.shared.status.write().companies.get_mut(&folder.id) {
                served.stale = None;
            }
            reloaded.unchanged.push(folder.id.clone());
            continue;
        }
        let compiled = compile(folder);
        let has_error = compiled.findings.iter().any(|f| f.severity == Severity::Error);
        match compiled.company.filter(|_| !has_error) {
            None => {
                if !dry_run {
                    let mut status = writer.shared.status.write();
                    let stale = Stale {
                        since: now,
                        findings: compiled.findings.clone(),
                    };
                    match status.companies.get_mut(&folder.id) {
                        Some(served) => served.stale = Some(stale),
                        None => {
                            let served = Served {
                                hash: String::new(),
                                since: now,
                                stale: Some(stale),
                            };
                            status.companies.insert(folder.id.clone(), served);
                        }
                    }
                }
                reloaded.refused.push((folder.id.clone(), compiled.findings));
            }
            Some(company) => {
                let warnings = compiled.findings.into_iter();
                reloaded
                    .warnings
                    .extend(warnings.filter(|f| f.severity == Severity::Warning));
                if !dry_run {
                    take_up(writer, folder, Arc::new(company), now)?;
                }
                reloaded.changed.push(folder.id.clone());
            }
        }
    }
    Ok(reloaded)
}

/// Lets a company serve new policies: kept in the store first, then swapped in, then its standing cases begun.
fn take_up(writer: &mut Writer, folder: &Folder, company: Arc<Company>, now: Instant) -> Result<(), ServiceError> {
    writer.quiet_until = None;
    let from_seq = writer.store.last_seq();
    let serving = writer.shared.live(&folder.id).ok();
    let mut txn = writer.store.write()?;
    let row = match &serving {
        Some(live) => (live.no, None),
        None => {
            let row = txn.add_company(&folder.id)?;
            (row.no, Some(row.seed))
        }
    };
    let files = keep(folder);
    txn.add_edition(&NewEdition {
        company: row.0,
        loaded_at_ms: now.timestamp_millis(),
        hash: &company.hash,
        files: &files,
    })?;
    txn.commit()?;
    let served = Served {
        hash: company.hash.to_string(),
        since: now,
        stale: None,
    };
    let live = match (serving, row.1) {
        (Some(live), _) => {
            live.world.write().take_up(from_seq, now, company.clone());
            live
        }
        (None, seed) => {
            let world = World::new(History::new(company.clone()), seed.unwrap_or_default());
            let live = Arc::new(Live {
                no: row.0,
                world: RwLock::new(world),
            });
            writer.shared.companies.write().insert(folder.id.clone(), live.clone());
            live
        }
    };
    writer.shared.status.write().companies.insert(folder.id.clone(), served);
    begin_standing_cases(writer, &live, &company, now)
}

/// Begins the cases that stand by themselves and have not begun.
fn begin_standing_cases(
    writer: &mut Writer,
    live: &Arc<Live>,
    company: &Company,
    now: Instant,
) -> Result<(), ServiceError> {
    let mut wanted = standing::beginnings(company, now);
    wanted.retain(|event| live.world.read().case(&event.case).is_none());
    if wanted.is_empty() {
        return Ok(());
    }
    let changes = {
        let world = live.world.read();
        let past = StorePast(&writer.reader);
        let mut draft = Draft::new(&world, &past, writer.store.last_seq() + 1);
        let mut txn = writer.store.write()?;
        for event in wanted {
            for row in draft.record(event)? {
                let body = body::write(&row.event);
                let seq = txn.append(&NewEvent {
                    company: live.no,
                    prev: row.prev,
                    recorded_at_ms: now.timestamp_millis(),
                    body: &body,
                    decided: row.outcome.decided(),
                })?;
                writer
                    .index
                    .add(index::hash(live.no, &row.event.source, &row.event.id), seq);
            }
        }
        txn.commit()?;
        draft.finish()
    };
    live.world.write().apply(changes);
    Ok(())
}
