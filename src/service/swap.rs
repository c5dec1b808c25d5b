//! The swap: another version of a company's policies begins to serve, between two events. What it is, and the events
//! with which its standing cases begin, are kept in one transaction; questions see all of it or nothing.

use crate::domain::event::Event;
use crate::domain::zone::Instant;
use crate::engine::body;
use crate::engine::draft::Draft;
use crate::engine::history::History;
use crate::engine::standing;
use crate::engine::world::World;
use crate::policy::model::Company;
use crate::policy::{Folder, Source};
use crate::service::stage::{Candidate, Tested};
use crate::service::status::Served;
use crate::service::writer::Writer;
use crate::service::{Live, ServiceError, StorePast, index};
use crate::store::{EditionRow, NewEdition, NewEvent};
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The files of an edition as they are kept, and what its timelines said before it served.
#[derive(Serialize, Deserialize)]
struct Kept {
    files: Vec<(String, String)>,
    calendars: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    scripts: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tests: Option<Tested>,
}

/// The folder that an edition was compiled from, and what its timelines said.
pub(super) fn kept(row: &EditionRow) -> Option<(Folder, Option<Tested>)> {
    let kept: Kept = serde_json::from_str(&row.files).ok()?;
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
    let folder = Folder {
        id,
        files,
        calendars: sources(kept.calendars),
        scripts: sources(kept.scripts),
    };
    Some((folder, kept.tests))
}

fn keep(folder: &Folder, tests: Option<Tested>) -> String {
    let texts = |list: &[Source]| list.iter().map(|s| (s.name.to_string(), s.text.to_string())).collect();
    let kept = Kept {
        files: texts(&folder.files),
        calendars: texts(&folder.calendars),
        scripts: texts(&folder.scripts),
        tests,
    };
    // INVARIANT: names and texts are texts, which JSON can write.
    serde_json::to_string(&kept).unwrap_or_default()
}

/// Lets a company serve other policies; returns since when. After an error what served goes on serving.
pub(super) fn take_up(writer: &mut Writer, candidate: &Candidate) -> Result<Instant, ServiceError> {
    if let Some(why) = writer.shared.stopped.read().clone() {
        return Err(ServiceError::Stopped(why));
    }
    let taken = keep_and_swap(writer, candidate);
    if let Err(ServiceError::Store(error)) = &taken
        && error.stops_writing()
    {
        *writer.shared.stopped.write() = Some(error.to_string());
    }
    taken
}

fn keep_and_swap(writer: &mut Writer, candidate: &Candidate) -> Result<Instant, ServiceError> {
    let now = writer.shared.clock.now().max(writer.latest_at);
    let (folder, company) = (&candidate.folder, &candidate.company);
    let serving = writer.shared.live(&folder.id).ok();
    let from_seq = writer.store.last_seq();
    let mut txn = writer.store.write()?;
    let live = match &serving {
        Some(live) => live.clone(),
        None => {
            let row = txn.add_company(&folder.id)?;
            Arc::new(Live {
                no: row.no,
                world: RwLock::new(World::new(History::new(company.clone()), row.seed)),
                steady: RwLock::default(),
            })
        }
    };
    txn.add_edition(&NewEdition {
        company: live.no,
        loaded_at_ms: now.timestamp_millis(),
        hash: &company.hash,
        files: &keep(folder, candidate.tests),
    })?;
    let mut added = Vec::new();
    let changes = {
        let world = live.world.read();
        let mut history = world.history.clone();
        if serving.is_some() {
            history.push(from_seq, now, company.clone());
        }
        let past = StorePast(&writer.reader);
        let mut draft = Draft::under(&world, &past, from_seq.saturating_add(1), &history);
        for event in beginnings(&world, company, now) {
            for row in draft.record(event)? {
                let body = body::write(&row.event);
                let seq = txn.append(&NewEvent {
                    company: live.no,
                    prev: row.prev,
                    recorded_at_ms: now.timestamp_millis(),
                    body: &body,
                    decided: row.outcome.decided(),
                })?;
                added.push((index::hash(live.no, &row.event.source, &row.event.id), seq));
            }
        }
        draft.finish()
    };
    txn.commit()?;
    writer.quiet_until = None;
    writer.latest_at = now;
    if !added.is_empty() {
        writer.recorded.insert(live.no, now);
    }
    for (hash, seq) in added {
        writer.index.add(hash, seq);
    }
    {
        let _nobody = live.steady.write();
        let mut world = live.world.write();
        if serving.is_some() {
            world.take_up(from_seq, now, company.clone());
        }
        world.apply(changes);
    }
    let served = Served {
        hash: company.hash.to_string(),
        since: now,
        tests: candidate.tests,
        stale: None,
        last_reload: None,
    };
    writer.shared.status.write().companies.insert(folder.id.clone(), served);
    writer.shared.companies.write().entry(folder.id.clone()).or_insert(live);
    Ok(now)
}

/// The events that begin the cases that stand by themselves and have not begun.
pub(super) fn beginnings(world: &World, company: &Company, now: Instant) -> Vec<Event> {
    let mut wanted = standing::beginnings(company, now);
    wanted.retain(|event| world.case(&event.case).is_none());
    wanted
}
