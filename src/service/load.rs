//! The start: the live state is rebuilt from the record, with the policies that served. A company serves whole or not
//! at all.

use crate::clock::Clock;
use crate::domain::event::Event;
use crate::domain::zone::Instant;
use crate::engine::body;
use crate::engine::draft::Draft;
use crate::engine::history::History;
use crate::engine::world::World;
use crate::policy::finding::{Finding, Severity};
use crate::policy::{Folder, compile, content_hash, lower, together};
use crate::script::with_room;
use crate::service::index::{self, Index};
use crate::service::stage::{self, Candidate};
use crate::service::status::{Reloads, Served};
use crate::service::writer::Writer;
use crate::service::{Live, ServiceError, Shared, StorePast, instant, swap};
use crate::store::{EditionRow, Reader, Store};
use parking_lot::{Mutex, RwLock};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

/// How many events of the record are taken together when the live state is rebuilt.
const CHUNK: u64 = 10_000;

/// What came of taking up policies at the start.
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

/// Opens the data folder, rebuilds the live state from the record, and takes up the policies of these folders without
/// running their timelines. Without folders, what served last serves.
pub fn open(data: &Path, clock: Clock, folders: &[Folder]) -> Result<(Writer, Arc<Shared>, Reloaded), ServiceError> {
    let store = Store::open(data)?;
    let reader = store.reader()?;
    let shared = Arc::new(Shared {
        companies: RwLock::new(BTreeMap::new()),
        status: RwLock::new(Reloads::default()),
        clock,
        reader: Mutex::new(store.reader()?),
        trying: Mutex::new((store.reader()?, store.reader()?, store.reader()?)),
        stopped: RwLock::new(None),
        reloading: Mutex::new(()),
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
    with_room(|| rebuild(&mut writer))?;
    let reloaded = reload(&mut writer, folders)?;
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
            tests: swap::kept(e).and_then(|(_, tests)| tests),
            stale: None,
            last_reload: None,
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
    let (mut from, mut reading) = (1, body::Reading::default());
    while from <= last {
        let to = from.saturating_add(CHUNK - 1).min(last);
        replay(&reader, (from, to), &mut reading, &mut worlds, writer)?;
        from = to + 1;
    }
    let mut companies = writer.shared.companies.write();
    for (no, (id, world)) in worlds {
        companies.insert(
            id,
            Arc::new(Live {
                no,
                world: RwLock::new(world),
                steady: RwLock::default(),
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
    reading: &mut body::Reading,
    worlds: &mut BTreeMap<u32, (String, World)>,
    writer: &mut Writer,
) -> Result<(), ServiceError> {
    let mut events: BTreeMap<u32, Vec<Event>> = BTreeMap::new();
    reader.scan::<ServiceError>(from, to, &mut |row: crate::store::EventRefRow<'_>| {
        let recorded_at = instant(row.recorded_at_ms);
        let event = reading.read(row.seq, recorded_at, row.body)?;
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
        let lowered = swap::kept(row).and_then(|(folder, _)| lower(&folder));
        let Some(company) = lowered.map(Arc::new) else {
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

/// Takes up the policies of folders: compiled, checked and swapped in. Timelines are not run; a
/// [`Reloader`](crate::service::reload::Reloader) does.
fn reload(writer: &mut Writer, folders: &[Folder]) -> Result<Reloaded, ServiceError> {
    let mut reloaded = Reloaded::default();
    let shared = writer.shared.clone();
    let new = together(folders, |folder| {
        let serving = shared.live(&folder.id).ok();
        // Else what serves was compiled from these very texts.
        let is_new = serving.is_none_or(|live| live.world.read().company().hash != content_hash(folder));
        is_new.then(|| compile(folder))
    });
    for (folder, compiled) in folders.iter().zip(new) {
        let Some(compiled) = compiled else {
            reloaded.unchanged.push(folder.id.clone());
            continue;
        };
        let warnings = compiled.findings.iter().filter(|f| f.severity == Severity::Warning);
        let warnings: Vec<Finding> = warnings.cloned().collect();
        match stage::checked(compiled) {
            Err(why) => {
                let now = writer.shared.clock.now().max(writer.latest_at);
                reloaded.refused.push((folder.id.clone(), why.findings.clone()));
                writer.shared.status.write().refuse(&folder.id, why, now);
            }
            Ok(company) => {
                reloaded.warnings.extend(warnings);
                let candidate = Candidate {
                    folder: folder.clone(),
                    company: Arc::new(company),
                    tests: None,
                };
                swap::take_up(writer, &candidate)?;
                reloaded.changed.push(folder.id.clone());
            }
        }
    }
    Ok(reloaded)
}
