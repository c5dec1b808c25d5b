//! What the record says it decided, derived again from the events and the editions that served.

use crate::domain::zone::Instant;
use crate::engine::body;
use crate::engine::draft::Draft;
use crate::engine::obligation::Key;
use crate::engine::world::World;
use crate::service::load::history;
use crate::service::{ServiceError, StorePast, instant};
use crate::store::{EditionRow, Reader};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// How many events of the record are read together.
const CHUNK: u64 = 10_000;

/// The most differences that are listed.
const MAX_LISTED: usize = 100;

/// What came of it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Verified {
    /// How many events the record holds, chained without a gap.
    pub events: u64,
    /// How many editions.
    pub editions: u64,
    /// The hash of the last event, in hex: kept elsewhere, it proves that nothing was taken off the end.
    pub head: String,
    /// How many events were decided again.
    pub decided: u64,
    /// How many of them came out otherwise than recorded.
    pub different: u64,
    /// The first of these.
    pub differences: Vec<Difference>,
    /// What was asked for by its place in the record.
    pub record: Option<RecordSaid>,
}

/// An event that was decided otherwise than recorded.
#[derive(Clone, Debug, Serialize)]
pub struct Difference {
    /// Its place in the record.
    pub seq: u64,
    /// What the record says was decided.
    pub recorded: String,
    /// What is decided now.
    pub derived: String,
}

/// One event of the record and what it decided.
#[derive(Clone, Debug, Serialize)]
pub struct RecordSaid {
    /// Its place in the record.
    pub seq: u64,
    /// The company.
    pub company: String,
    /// The event as it was taken.
    pub event: serde_json::Value,
    /// When it was recorded.
    pub recorded_at: String,
    /// Its hash, in hex.
    pub hash: String,
    /// What the record says it decided.
    pub recorded: String,
    /// What is decided now.
    pub derived: String,
    /// The obligations that it touched, each with its rule, clause and edition.
    pub decisions: Vec<DecisionSaid>,
}

/// What an event did to an obligation.
#[derive(Clone, Debug, Serialize)]
pub struct DecisionSaid {
    /// `opened`, `ended`, `changed`, `gone`, `told`.
    pub what: &'static str,
    /// The obligation's id; of what was told, the rule.
    pub id: String,
    /// The clause.
    pub clause: String,
    /// The procedure.
    pub procedure: String,
    /// SHA-256 of the text of the edition that decided.
    pub edition: String,
}

/// Checks that the record is whole and decides every event of it again, up to the one asked for if one is. Each is
/// decided as it was: with what was known then, under the editions that served.
///
/// Fails where the record is damaged, and where a recorded event cannot be read.
pub fn verify(reader: &Reader, record: Option<u64>) -> Result<Verified, ServiceError> {
    let whole = reader.verify()?;
    let mut verified = Verified {
        events: whole.events,
        editions: whole.editions,
        head: crate::engine::lot::hex(&whole.head),
        ..Verified::default()
    };
    let mut editions: HashMap<u32, Vec<EditionRow>> = HashMap::new();
    for row in reader.editions()? {
        editions.entry(row.company).or_default().push(row);
    }
    let mut companies: BTreeMap<u32, Company> = BTreeMap::new();
    for row in reader.companies()? {
        if let Some(history) = history(editions.get(&row.no).map_or(&[][..], Vec::as_slice)) {
            let world = World::new(history, row.seed);
            companies.insert(
                row.no,
                Company {
                    id: row.id,
                    world,
                    at: None,
                },
            );
        }
    }
    let last = record.unwrap_or(whole.events).min(whole.events);
    let mut from = 1;
    while from <= last {
        let to = from.saturating_add(CHUNK - 1).min(whole.events);
        let mut rows = Vec::new();
        reader.scan::<ServiceError>(from, to, |row| {
            rows.push(row.to_owned());
            Ok(())
        })?;
        // What was recorded at one instant was decided together; only what was asked for is compared.
        for row in &rows {
            if row.seq > last {
                break;
            }
            let Some(company) = companies.get_mut(&row.company) else {
                continue;
            };
            let event = body::read(row.seq, instant(row.recorded_at_ms), &row.body)?;
            company.pass(event.recorded_at, reader)?;
            let past = StorePast(reader);
            let mut draft = Draft::deciding(&company.world, &past);
            let outcome = draft.record(event.clone())?.into_iter().next().map(|r| r.outcome);
            let Some(outcome) = outcome else { continue };
            verified.decided += 1;
            let derived = outcome.decided().to_owned();
            if derived != row.decided {
                verified.different += 1;
                if verified.differences.len() < MAX_LISTED {
                    verified.differences.push(Difference {
                        seq: row.seq,
                        recorded: row.decided.clone(),
                        derived: derived.clone(),
                    });
                }
            }
            if record == Some(row.seq) {
                let (before, zone) = (company.world.case(&event.case), company.world.company().zone);
                let before = before.map(|(_, slot)| &slot.case);
                let after = draft.case(&event.case);
                let decision = |what: &'static str| {
                    let (id, after) = (event.case.to_string(), after);
                    move |key: &Key| {
                        let found = after
                            .and_then(|case| case.find(key))
                            .or_else(|| before.and_then(|case| case.find(key)));
                        let duty = found.map(|(_, o)| &o.duty);
                        DecisionSaid {
                            what,
                            id: key.id(&id),
                            clause: duty
                                .and_then(|d| d.clauses.first())
                                .map(ToString::to_string)
                                .unwrap_or_default(),
                            procedure: duty.map(|d| d.head.id.to_string()).unwrap_or_default(),
                            edition: duty.map(|d| d.head.edition.to_string()).unwrap_or_default(),
                        }
                    }
                };
                let mut decisions: Vec<DecisionSaid> = outcome.opened.iter().map(decision("opened")).collect();
                decisions.extend(outcome.closed.iter().map(decision("ended")));
                decisions.extend(outcome.changed.iter().map(decision("changed")));
                decisions.extend(outcome.gone.iter().map(decision("gone")));
                decisions.extend(outcome.notices.iter().map(|notice| {
                    DecisionSaid {
                        what: "told",
                        id: notice.threshold.id.to_string(),
                        clause: notice
                            .threshold
                            .clauses
                            .first()
                            .map(ToString::to_string)
                            .unwrap_or_default(),
                        procedure: notice.threshold.head.id.to_string(),
                        edition: notice.threshold.head.edition.to_string(),
                    }
                }));
                verified.record = Some(RecordSaid {
                    seq: row.seq,
                    company: company.id.clone(),
                    event: serde_json::from_str(&row.body).unwrap_or_default(),
                    recorded_at: zone.rfc3339(event.recorded_at),
                    hash: crate::engine::lot::hex(&row.hash),
                    recorded: row.decided.clone(),
                    derived,
                    decisions,
                });
            }
            let changes = draft.finish();
            company.world.apply(changes);
        }
        from = to.saturating_add(1);
    }
    Ok(verified)
}

struct Company {
    id: String,
    world: World,
    /// When time was last let pass.
    at: Option<Instant>,
}

impl Company {
    /// Lets time pass before the events of each instant at which some were recorded, as the writer did.
    fn pass(&mut self, now: Instant, reader: &Reader) -> Result<(), ServiceError> {
        if self.at.is_some_and(|at| now <= at) {
            return Ok(());
        }
        self.at = Some(now);
        if self.world.wakes_at().is_some_and(|at| at <= now) {
            let past = StorePast(reader);
            let mut draft = Draft::deciding(&self.world, &past);
            draft.advance(now);
            let changes = draft.finish();
            self.world.apply(changes);
        }
        Ok(())
    }
}
