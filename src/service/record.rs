//! What comes of events that are posted.

use crate::domain::event::Event;
use crate::domain::zone::Instant;
use crate::engine::case::Case;
use crate::engine::cited::Cited;
use crate::engine::guidance::{self, HintView};
use crate::engine::history::History;
use crate::engine::intake::{Refusal, Unmet};
use crate::engine::obligation::{Key, Obligation};
use crate::engine::outcome::{Notice, Outcome};
use crate::engine::view::ObligationView;
use crate::engine::{rota, who};
use crate::policy::model::Company;
use serde::Serialize;

/// What came of one event.
#[derive(Clone, Debug, Serialize)]
pub struct Answer {
    /// The event as it was taken.
    pub event: EventView,
    /// Whether it had been taken before: then this is the answer that it got then.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub repeated: bool,
    /// Obligations that came to be.
    pub opened: Vec<ObligationView>,
    /// Obligations that ended.
    pub closed: Vec<ObligationView>,
    /// Obligations that are owed otherwise than before.
    pub changed: Vec<ObligationView>,
    /// Ids of obligations that are gone, because what brought them into being was taken back.
    pub gone: Vec<String>,
    /// Who is told at once.
    pub effects: Vec<EffectView>,
    /// Events that the engine itself reported because of it.
    pub spawned: Vec<SpawnedView>,
    /// How it is done: checklists and hints for this event.
    pub hints: Vec<HintView>,
    /// What is due next for the case.
    pub next: Vec<ObligationView>,
}

/// An event as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct EventView {
    /// Its place in the record.
    pub seq: u64,
    /// Its id.
    pub id: String,
    /// The system that reported it.
    pub source: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// The case.
    pub case: String,
    /// When it occurred.
    pub occurred_at: String,
    /// When it was recorded.
    pub recorded_at: String,
    /// Who did it.
    pub actor: ActorView,
    /// What it says.
    pub data: serde_json::Map<String, serde_json::Value>,
    /// The event that it corrects.
    pub corrects: Option<String>,
    /// The event that it takes back.
    pub retracts: Option<String>,
    /// The rule, case and event that made the engine report it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<CauseView>,
}

/// Who did something.
#[derive(Clone, Debug, Serialize)]
pub struct ActorView {
    /// The person.
    pub person: Option<String>,
    /// The role.
    pub role: Option<String>,
}

/// Why the engine reported an event.
#[derive(Clone, Debug, Serialize)]
pub struct CauseView {
    /// The rule.
    pub rule: String,
    /// The case.
    pub case: String,
    /// The event.
    pub event: String,
}

/// That somebody is told.
#[derive(Clone, Debug, Serialize)]
pub struct EffectView {
    /// `notify`, `escalate`, `withdraw`, or of a due time that counts on a calendar: `due-changed`; `due-confirmed` and
    /// `due-assumed` where it stays and the calendar came to say of all its days, or no longer does.
    pub kind: &'static str,
    /// The rule.
    pub rule: String,
    /// The clause.
    pub clause: String,
    /// SHA-256 of the text of the edition that decided.
    pub edition: String,
    /// The event that it comes from.
    pub event: String,
    /// All events that the threshold had counted by then, where it is said who was told what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<Cited>,
    /// What it is about.
    pub title: String,
    /// The case.
    pub case: String,
    /// The obligation, where it is about one.
    pub obligation: Option<String>,
    /// The level of an escalation.
    pub level: Option<u8>,
    /// The role that is told.
    pub to: String,
    /// The person.
    pub person: Option<String>,
    /// The role above whose holder that is, because nobody holds the role itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stands_in: Option<String>,
    /// When it was to be told.
    pub nominal_at: String,
    /// When it was told: then, or when it came to be known; what waits for open time, not before that.
    pub at: String,
}

/// An event that the engine itself reported.
#[derive(Clone, Debug, Serialize)]
pub struct SpawnedView {
    /// The rule.
    pub threshold: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// The case.
    pub case: String,
    /// Its id.
    pub event: String,
}

/// What came of a batch.
#[derive(Clone, Debug, Default, Serialize)]
pub struct BatchAnswer {
    /// How many events were taken.
    pub accepted: u64,
    /// How many had been taken before.
    pub repeated: u64,
    /// Whether nothing was recorded: it was only asked what would come of it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub dry_run: bool,
    /// Which were refused.
    pub refused: Vec<RefusedLine>,
}

/// A line of a batch that was refused.
#[derive(Clone, Debug, Serialize)]
pub struct RefusedLine {
    /// Its number, counted from 1.
    pub line: usize,
    /// The event's id, if it could be read.
    pub id: Option<String>,
    /// The code.
    pub code: &'static str,
    /// The offending field as a JSON pointer.
    pub pointer: String,
    /// What is wrong, in English.
    pub detail: String,
    /// What is wrong, in Chinese.
    pub detail_zh: String,
    /// The clause that asks for it.
    pub clause: Option<String>,
    /// What a gate needs and is not so.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unmet: Vec<Unmet>,
}

impl RefusedLine {
    /// A refused line of a batch.
    pub fn new(line: usize, id: Option<String>, refusal: &Refusal) -> RefusedLine {
        RefusedLine {
            line,
            id,
            code: refusal.code,
            pointer: refusal.pointer.clone(),
            detail: refusal.message.en.clone(),
            detail_zh: refusal.message.zh.clone(),
            clause: refusal.clause.as_ref().map(|c| c.to_string()),
            unmet: refusal.unmet.to_vec(),
        }
    }
}

/// Shows an event.
pub fn event_view(company: &Company, event: &Event) -> EventView {
    let text = |t: &Option<std::sync::Arc<str>>| t.as_ref().map(|t| t.to_string());
    EventView {
        seq: event.seq,
        id: event.id.to_string(),
        source: event.source.to_string(),
        kind: event.kind.to_string(),
        case: event.case.to_string(),
        occurred_at: company.zone.rfc3339(event.occurred_at),
        recorded_at: company.zone.rfc3339(event.recorded_at),
        actor: ActorView {
            person: text(&event.actor.person),
            role: text(&event.actor.role),
        },
        data: crate::engine::body::json(&event.data),
        corrects: text(&event.corrects),
        retracts: text(&event.retracts),
        cause: event.cause.as_ref().map(|c| CauseView {
            rule: c.rule.to_string(),
            case: c.case.to_string(),
            event: c.event.to_string(),
        }),
    }
}

/// Shows what came of an event, given its case after it.
pub fn answer(
    history: &History,
    event: &Event,
    outcome: &Outcome,
    case: &Case,
    spawned: Vec<SpawnedView>,
    last: rota::Last<'_>,
) -> Answer {
    let company = history.current();
    let hints = guidance::with_event(history, event, case);
    let as_of = event.recorded_at;
    let show = |keys: &[Key]| {
        let found = keys.iter().filter_map(|key| case.find(key));
        found
            .filter(|(_, o)| !o.is_hidden(as_of))
            .map(|(_, o)| rota::shown(company, &event.case, case, o, as_of, last))
            .collect::<Vec<_>>()
    };
    Answer {
        event: event_view(company, event),
        repeated: false,
        opened: show(&outcome.opened),
        closed: show(&outcome.closed),
        changed: show(&outcome.changed),
        gone: outcome.gone.iter().map(|key| key.id(&event.case)).collect(),
        effects: outcome.notices.iter().map(|n| notice_view(company, n, case)).collect(),
        spawned,
        hints: hints.iter().map(|g| guidance::view(g)).collect(),
        next: next(company, &event.case, case, as_of, last),
    }
}

/// What is due next for a case: all that it still owes or will owe and may be known, by due time.
pub fn next(company: &Company, id: &str, case: &Case, as_of: Instant, last: rota::Last<'_>) -> Vec<ObligationView> {
    let waived = |o: &Obligation| o.waived_at(as_of).is_some();
    let shown = |o: &&Obligation| o.is_live() && o.is_owed() && !o.is_hidden(as_of) && !waived(o);
    let mut live: Vec<_> = case.obligations.iter().filter(shown).collect();
    live.sort_by_key(|o| o.due.at());
    live.iter()
        .map(|o| rota::shown(company, id, case, o, as_of, last))
        .collect()
}

/// Shows that somebody is told at once.
pub fn notice_view(company: &Company, notice: &Notice, case: &Case) -> EffectView {
    let to = who::resolve(company, &notice.to, &case.data);
    EffectView {
        kind: "notify",
        rule: notice.threshold.id.to_string(),
        clause: notice
            .threshold
            .clauses
            .first()
            .map(|c| c.to_string())
            .unwrap_or_default(),
        edition: notice.threshold.head.edition.to_string(),
        event: notice.cause.event.to_string(),
        events: None,
        title: notice.threshold.title.to_string(),
        case: notice.cause.case.to_string(),
        obligation: None,
        level: None,
        to: notice.to.to_string(),
        person: to.person.map(|p| p.id.to_string()),
        stands_in: to.stands_in.map(str::to_owned),
        nominal_at: company.zone.rfc3339(notice.at),
        at: company.zone.rfc3339(notice.at),
    }
}
