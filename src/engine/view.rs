//! An obligation as it is shown, at an instant.

use crate::domain::deadline::Due;
use crate::domain::hours::next_open;
use crate::domain::obligation::Standing;
use crate::domain::zone::{Instant, Zone};
use crate::engine::case::Case;
use crate::engine::guidance::{self, HintView};
use crate::engine::obligation::{Ending, Obligation};
use crate::engine::waiver::WaivedBy;
use crate::engine::{consent, escalation, open, sample, who};
use crate::policy::model::{Company, Duty, FieldType, Id};
use chrono::TimeDelta;
use serde::Serialize;

/// An obligation as it is shown. Times are RFC 3339 in the company's zone, dates are local.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct ObligationView {
    /// Its id.
    pub id: String,
    /// The case.
    pub case: String,
    /// The kind of the case.
    pub kind: String,
    /// The rule.
    pub rule: String,
    /// The clause that the rule cites first.
    pub clause: String,
    /// All its clauses.
    pub clauses: Vec<String>,
    /// The procedure.
    pub procedure: String,
    /// The edition: SHA-256 of the file's text.
    pub edition: String,
    /// What is to be done.
    pub title: String,
    /// What it is at that instant.
    pub standing: &'static str,
    /// What is to be known beside that.
    pub flags: Vec<&'static str>,
    /// Who owes it.
    pub bearers: Vec<BearerView>,
    /// Whether all of them must take part.
    pub joint: bool,
    /// The area of the case.
    pub area: Option<String>,
    /// When it opens, where that is not at once.
    pub opens_at: Option<String>,
    /// By when it is owed; none while it is paused.
    pub due: Option<DueView>,
    /// By when it would be owed if the pause ended now.
    pub projected_due: Option<DueView>,
    /// The due date before it was extended.
    pub original_due: Option<DueView>,
    /// The event that brought it into being.
    pub triggered_by: String,
    /// The event that fulfilled it.
    pub fulfilled_by: Option<String>,
    /// When it ended.
    pub ended_at: Option<String>,
    /// That it was not met in time.
    pub breach: Option<BreachView>,
    /// The highest level of escalation that was told; 0 for none.
    pub level: u8,
    /// What the last attempt left out.
    pub missing: Vec<String>,
    /// Attempts before it opened.
    pub early_attempts: Vec<String>,
    /// How often it must be performed, and has been, where once is not enough.
    pub count: Option<CountView>,
    /// The events that perform it.
    pub done_by: Vec<String>,
    /// The steps of its checklists, in order.
    pub checklist: Vec<String>,
    /// What is shown beside it: checklists and hints, each with its clause.
    pub hints: Vec<HintView>,
    /// The text that goes out about it.
    pub notice: Option<String>,
    /// What its record must carry.
    pub form: Vec<String>,
    /// The channels that its record and the customer's wishes allow.
    pub channels: Vec<String>,
    /// The next moment in the hours in which it is best done, before it is due; none: any that is left.
    pub preferred_at: Option<String>,
    /// What waives it, or excuses that it was missed.
    pub waived: Option<WaivedView>,
    /// Why it was waived or extended.
    pub reason: Option<String>,
    /// Why somebody must look at the rule.
    pub fault: Option<String>,
    /// The nominal dates it stands for, where they are not its due date alone.
    pub nominal_on: Vec<String>,
}

/// What waives an obligation.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct WaivedView {
    /// The exception, if one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exception: Option<String>,
    /// The event, if one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// Who allowed it: a person or a role.
    pub by: String,
    /// Why.
    pub why: String,
    /// The last local date, included; none: for good.
    pub until: Option<String>,
    /// The standing that it would have otherwise.
    pub would_be: &'static str,
}

/// What waives an obligation at an instant, or has excused that it was missed.
pub fn waived_view(obligation: &Obligation, as_of: Instant, paused: bool) -> Option<WaivedView> {
    let by = &obligation.waiver(as_of, paused)?.by;
    let (who, why) = by.who_and_why();
    let (exception, event) = match by {
        WaivedBy::Exception(exception) => (Some(exception.id.to_string()), None),
        WaivedBy::Event { event, .. } => (None, Some(event.to_string())),
    };
    Some(WaivedView {
        exception,
        event,
        by: who.to_string(),
        why: why.to_string(),
        until: by.until().map(|on| on.to_string()),
        would_be: obligation.would_be(as_of, paused).word(),
    })
}

/// Somebody who owes an obligation.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct BearerView {
    /// The role; of a person whom the case names, their first, empty where they have none.
    pub role: String,
    /// Its name for people.
    pub title: String,
    /// The person's id.
    pub person: Option<String>,
    /// The person's name.
    pub name: Option<String>,
    /// The role that steps in because this one is vacant.
    pub stands_in: Option<String>,
}

/// By when.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum DueView {
    /// Through a local date; `at` is the midnight that ends it, not included.
    Day {
        /// The date.
        date: String,
        /// The midnight that ends it.
        at: String,
    },
    /// Up to an instant, included.
    Instant {
        /// The instant.
        at: String,
    },
}

/// That an obligation was not met in time.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct BreachView {
    /// When.
    pub at: String,
    /// `standing`, `excused` or `retracted`.
    pub status: &'static str,
    /// The event that excused or retracted it.
    pub by: Option<String>,
}

/// How often something must be performed.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct CountView {
    /// How often.
    pub required: u32,
    /// How often it was.
    pub done: u64,
    /// Over how many members that is.
    pub members: u64,
    /// Where the members were drawn: those for whom nothing was done yet, in the order of the draw.
    pub outstanding: Vec<String>,
}

/// A due time as it is shown.
pub fn due_view(due: Due, zone: Zone) -> DueView {
    match due {
        Due::Day { on, at } => DueView::Day {
            date: on.to_string(),
            at: zone.rfc3339(at),
        },
        Due::Instant { at } => DueView::Instant { at: zone.rfc3339(at) },
    }
}

/// What is to be known of an obligation beside its standing.
pub fn flags(
    case: &Case,
    obligation: &Obligation,
    standing: Standing,
    zone: Zone,
    as_of: Instant,
) -> Vec<&'static str> {
    let mut flags = Vec::new();
    let mut flag = |holds: bool, word: &'static str| {
        if holds {
            flags.push(word);
        }
    };
    let more = obligation.more.as_deref();
    let at_risk = standing == Standing::Open && escalation::warned(case, obligation, zone, as_of);
    flag(at_risk, "at_risk");
    flag(obligation.provisional, "provisional");
    flag(more.is_some_and(|m| !m.early.is_empty()), "early_attempt");
    flag(
        more.is_some_and(|m| !m.missing.is_empty()) && obligation.is_live(),
        "incomplete",
    );
    let late_word = obligation
        .end
        .as_ref()
        .is_some_and(|e| obligation.due.on_time(e.by.at) && obligation.due.passed(e.by.recorded_at));
    flag(late_word, "backdated");
    flag(more.is_some_and(|m| m.pending.is_some()), "pending_evidence");
    let imported = obligation.due.passed(as_of) && case.effects_from.is_some_and(|from| obligation.due.at() <= from);
    flag(imported, "imported");
    flag(!obligation.is_owed(), "undrawn");
    flag(more.is_some_and(|m| m.first_due.is_some()), "extended");
    flag(more.is_some_and(|m| m.fault.is_some()), "review");
    flag(standing == Standing::Paused && obligation.due.passed(as_of), "overdue");
    flags
}

/// An obligation of a case at an instant, its bearers resolved by the company as it is now.
pub fn obligation_view(
    company: &Company,
    id: &str,
    case: &Case,
    obligation: &Obligation,
    as_of: Instant,
) -> ObligationView {
    let zone = company.zone;
    let duty = &obligation.duty;
    let more = obligation.more.as_deref();
    let paused = case.paused(duty, as_of);
    let standing = obligation.standing(as_of, paused);
    let projected = (standing == Standing::Paused).then(|| open::projected(case, obligation, zone, as_of).due);
    let frozen = standing == Standing::Paused && !obligation.due.passed(as_of);
    let end = obligation.end.as_ref();
    let record = duty.done.iter().find_map(|d| d.record.as_deref());
    let hints: Vec<HintView> = guidance::with_duty(duty, case)
        .into_iter()
        .map(guidance::view)
        .collect();
    let by_evidence = end.map(|e| e.by.event.to_string());
    ObligationView {
        id: obligation.key().id(id),
        case: id.to_owned(),
        kind: case.kind.to_string(),
        rule: duty.id.to_string(),
        clause: duty.clauses.first().map(|c| c.to_string()).unwrap_or_default(),
        clauses: duty.clauses.iter().map(|c| c.to_string()).collect(),
        procedure: duty.head.id.to_string(),
        edition: duty.head.edition.to_string(),
        title: duty.title.to_string(),
        standing: standing.word(),
        flags: flags(case, obligation, standing, zone, as_of),
        bearers: obligation
            .roles
            .iter()
            .map(|role| bearer_view(company, role, case))
            .collect(),
        joint: obligation.joint,
        area: who::area_of(company, &case.data).map(|a| a.to_string()),
        opens_at: (obligation.opens_at > obligation.trigger.at).then(|| zone.rfc3339(obligation.opens_at)),
        due: (!frozen).then(|| due_view(obligation.due, zone)),
        projected_due: projected.map(|due| due_view(due, zone)),
        original_due: more.and_then(|m| m.first_due).map(|(due, _)| due_view(due, zone)),
        triggered_by: obligation.trigger.event.to_string(),
        fulfilled_by: end
            .filter(|e| e.how == Ending::Fulfilled)
            .map(|e| e.by.event.to_string()),
        ended_at: end.map(|e| zone.rfc3339(e.by.at)),
        breach: obligation.breach(as_of, paused).map(|b| BreachView {
            at: zone.rfc3339(b.at),
            status: b.status.word(),
            by: by_evidence.filter(|_| b.status != crate::engine::obligation::BreachStatus::Standing),
        }),
        level: escalation::level(case, obligation, zone, as_of),
        missing: more
            .map(|m| m.missing.iter().map(|f| f.to_string()).collect())
            .unwrap_or_default(),
        early_attempts: more
            .map(|m| m.early.iter().map(|e| e.to_string()).collect())
            .unwrap_or_default(),
        count: more.filter(|m| m.required > 0).map(|m| CountView {
            required: m.required,
            done: m.distinct.len() as u64,
            members: m.members,
            outstanding: sample::outstanding(case, obligation)
                .iter()
                .map(|m| m.to_string())
                .collect(),
        }),
        done_by: duty
            .done
            .iter()
            .map(|d| d.event.to_string())
            .filter(|e| e.split('.').next() == Some(&*case.kind) || !e.contains('.'))
            .collect(),
        checklist: hints
            .iter()
            .flat_map(|h| h.checklist.clone().unwrap_or_default())
            .collect(),
        hints,
        notice: duty.texts.notice.as_ref().map(|n| n.id.to_string()),
        form: record
            .map(|r| {
                r.required
                    .iter()
                    .flat_map(|q| q.fields.iter().map(|f| f.to_string()))
                    .collect()
            })
            .unwrap_or_default(),
        channels: channels(case, duty),
        preferred_at: preferred_at(obligation, zone, as_of).map(|at| zone.rfc3339(at)),
        waived: waived_view(obligation, as_of, paused),
        reason: more.and_then(|m| m.reason.as_ref()).map(|r| r.to_string()),
        fault: more.and_then(|m| m.fault.clone()),
        nominal_on: more
            .map(|m| m.nominal.iter().map(|d| d.to_string()).collect())
            .unwrap_or_default(),
    }
}

/// The channels that the record and the case's wishes allow.
fn channels(case: &Case, duty: &Duty) -> Vec<String> {
    let record = duty.done.iter().find_map(|d| d.record.as_deref());
    let known: Option<&[Id]> = match record.and_then(|r| r.fields.get("channel")) {
        Some(FieldType::Choice(values)) => Some(values),
        _ => None,
    };
    let wished = consent::channels(duty, &case.data);
    let left = match (known, &wished) {
        (Some(known), Some(wished)) => known.iter().filter(|c| wished.contains(c)).collect(),
        (Some(known), None) => known.iter().collect(),
        (None, Some(wished)) => wished.iter().collect(),
        (None, None) => Vec::new(),
    };
    left.into_iter().map(ToString::to_string).collect()
}

/// The next moment in the hours in which an obligation is best done, not before it opens and not after it is due.
pub fn preferred_at(obligation: &Obligation, zone: Zone, as_of: Instant) -> Option<Instant> {
    let hours = obligation.duty.prefer.as_ref()?;
    if !obligation.is_live() || !obligation.is_owed() || open::stands_still(obligation, zone) {
        return None;
    }
    let before = match obligation.due {
        Due::Day { at, .. } => at,
        Due::Instant { at } => at.checked_add_signed(TimeDelta::nanoseconds(1))?,
    };
    next_open(&hours.calendar, zone, as_of.max(obligation.opens_at), before)
}

/// A role of an obligation as it is shown.
pub fn bearer_view(company: &Company, role: &str, case: &Case) -> BearerView {
    let bearer = who::resolve(company, role, &case.data);
    let named = || bearer.named.map(str::to_owned);
    BearerView {
        role: bearer.role.to_owned(),
        title: bearer.title.to_owned(),
        person: bearer.person.map(|p| p.id.to_string()).or_else(named),
        name: bearer.person.map(|p| p.name.to_string()).or_else(named),
        stands_in: bearer.stands_in.map(str::to_owned),
    }
}
