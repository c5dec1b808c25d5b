//! Gates: whether an event may be taken, judged by its case as it stood when the event occurred. A pure function, and
//! the only one: what is posted, batches, trials and timelines all ask it.

use crate::domain::event::Event;
use crate::domain::value::{Fields, Value};
use crate::domain::zone::Instant;
use crate::engine::case::Case;
use crate::engine::history::History;
use crate::engine::intake::{Refusal, Unmet};
use crate::engine::metric::balance;
use crate::policy::finding::Text;
use crate::policy::model::{Course, EventType, Gate, GateSide, Id, Need, NeedTest, Operand};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What gates look at.
#[derive(Clone, Copy)]
pub struct Before<'a> {
    /// The policies.
    pub history: &'a History,
    /// The case as it stood before the event.
    pub case: &'a Case,
    /// The events of the case before it that count, in their order; may be left empty where [`reads_events`] is false.
    pub events: &'a [Event],
    /// Whether another case holds a claim.
    pub claimed: &'a dyn Fn(&str) -> bool,
}

/// Whether any of these gates looks at the events of the case.
pub fn reads_events(gates: &[Arc<Gate>]) -> bool {
    let reads = |need: &Need| {
        matches!(
            need.test,
            NeedTest::Happened(_) | NeedTest::ByRole { .. } | NeedTest::NotActor(_) | NeedTest::Balance { .. }
        )
    };
    gates.iter().flat_map(|gate| &gate.needs).any(reads)
}

/// Judges an event; a refusal names every need that is not met.
pub fn judge(gates: &[Arc<Gate>], event: &Event, before: &Before<'_>) -> Result<(), Refusal> {
    let mut unmet: Vec<(&Gate, &Need)> = Vec::new();
    for gate in gates {
        unmet.extend(lacking(gate, event, before).map(|need| (gate.as_ref(), need)));
    }
    let Some((first, need)) = unmet.first() else {
        return Ok(());
    };
    let mut gates: Vec<&Gate> = Vec::new();
    for (gate, _) in &unmet {
        if !gates.iter().any(|g| g.id == gate.id) {
            gates.push(gate);
        }
    }
    let join = |texts: Vec<&str>, with: &str| texts.join(with);
    let titles: Vec<&str> = unmet.iter().map(|(_, need)| need.title.as_ref()).collect();
    let names = gates.iter().map(|g| g.title.as_ref()).collect();
    let ids = gates.iter().map(|g| g.id.as_ref()).collect();
    let approving = unmet.iter().all(|(gate, _)| gate.side == GateSide::Approving);
    Err(Refusal {
        code: if approving { "not-authorised" } else { "gate" },
        pointer: pointer(&need.test, event),
        message: Text::new(
            format!("“{}”还不满足：{}", join(names, "、"), titles.join("；")),
            format!("`{}` is not met: {}", join(ids, "`, `"), titles.join("; ")),
        ),
        clause: need.clause.clone().or_else(|| first.clauses.first().cloned()),
        unmet: unmet.iter().map(|(gate, need)| shown(gate, need)).collect(),
    })
}

/// A gate that would have refused an event.
#[derive(Clone, Debug)]
pub struct Closed {
    /// The gate.
    pub gate: Arc<Gate>,
    /// What of it is not met, by name.
    pub unmet: Vec<Id>,
}

/// The gates that would refuse an event.
pub fn closed(gates: &[Arc<Gate>], event: &Event, before: &Before<'_>) -> Vec<Closed> {
    let all = gates.iter().map(|gate| Closed {
        gate: gate.clone(),
        unmet: lacking(gate, event, before).map(|need| need.title.clone()).collect(),
    });
    all.filter(|closed| !closed.unmet.is_empty()).collect()
}

/// Which events the case would not take now whatever they said, each with what stands in their way.
pub fn refused_now(before: &Before<'_>, at: Instant) -> Vec<(Id, Vec<Unmet>)> {
    let company = before.history.current();
    let Some(kind) = company.kinds.get(&before.case.kind) else {
        return Vec::new();
    };
    let mut refused = Vec::new();
    for what in kind.events.values() {
        let event = blank(&what.id, at);
        let mut unmet = Vec::new();
        for gate in before.history.gating(&event) {
            let known = lacking(&gate, &event, before).filter(|need| of_case(need, what));
            unmet.extend(known.map(|need| shown(&gate, need)));
        }
        if !unmet.is_empty() {
            refused.push((what.id.clone(), unmet));
        }
    }
    refused
}

fn shown(gate: &Gate, need: &Need) -> Unmet {
    Unmet {
        title: need.title.clone(),
        clause: need.clause.clone().or_else(|| gate.clauses.first().cloned()),
    }
}

fn blank(kind: &Id, at: Instant) -> Event {
    Event {
        seq: u64::MAX,
        id: Id::default(),
        source: Id::default(),
        kind: kind.clone(),
        case: Id::default(),
        occurred_at: at,
        recorded_at: at,
        actor: Default::default(),
        data: Fields::default(),
        corrects: None,
        retracts: None,
        cause: None,
        effects_from: None,
    }
}

/// Whether a need is about the case alone, and not about what only the event itself can say.
fn of_case(need: &Need, what: &EventType) -> bool {
    let own = |field: &Id| {
        what.data.contains_key(field) || what.record.as_ref().is_some_and(|r| r.fields.contains_key(field))
    };
    let looks_own = |operand: &Operand| match operand {
        Operand::Actor | Operand::OfEvent(_) => true,
        Operand::OfCase(_) => false,
        Operand::Either(field) => own(field),
    };
    if need.only_if.0.iter().any(|(field, _)| own(field)) {
        return false;
    }
    match &need.test {
        NeedTest::That(condition) => !condition.0.iter().any(|(field, _)| own(field)),
        NeedTest::Happened(_) | NeedTest::Done(_) | NeedTest::ByRole { .. } => true,
        NeedTest::Differ(a, b) | NeedTest::Same(a, b) => !looks_own(a) && !looks_own(b),
        NeedTest::Distinct { field, .. } | NeedTest::Balance { field, .. } => !own(field),
        NeedTest::ActorRole(_) | NeedTest::NotActor(_) => false,
        NeedTest::Unique(fields) => !fields.iter().any(own),
        NeedTest::Rank { operand, .. } => !looks_own(operand),
    }
}

/// The needs of a gate that are not met.
fn lacking<'g>(gate: &'g Gate, event: &Event, before: &Before<'_>) -> impl Iterator<Item = &'g Need> {
    let look = |field: &str| event.data.get(field).or_else(|| before.case.data.get(field));
    let stands = gate.when.holds(look);
    let lacks = |need: &&'g Need| stands && need.only_if.holds(look) && !met(gate, need, event, before);
    let lacking: Vec<&'g Need> = gate.needs.iter().filter(lacks).collect();
    lacking.into_iter()
}

fn met(gate: &Gate, need: &Need, event: &Event, before: &Before<'_>) -> bool {
    let look = |field: &str| event.data.get(field).or_else(|| before.case.data.get(field));
    let value = |operand: &Operand| operand_of(operand, event, before.case);
    match &need.test {
        NeedTest::That(condition) => condition.holds(look),
        NeedTest::Happened(wanted) => {
            let course = course(before);
            let mut here = wanted.iter().filter(|w| kind_of(w) == event.parts().0);
            here.all(|wanted| course.iter().any(|e| e.kind == *wanted))
        }
        NeedTest::Done(rules) => {
            let waived = |o: &crate::engine::obligation::Obligation| o.waived_at(event.occurred_at).is_some();
            let live = |o: &&crate::engine::obligation::Obligation| o.is_live() && o.is_owed() && !waived(o);
            let mut owed = before.case.obligations.iter().filter(live);
            !owed.any(|o| rules.contains(&o.duty.id))
        }
        NeedTest::Differ(a, b) => matches!((value(a), value(b)), (Some(a), Some(b)) if a != b),
        NeedTest::Same(a, b) => matches!((value(a), value(b)), (Some(a), Some(b)) if a == b),
        NeedTest::Distinct { field, at_least } => look(field).map_or(0, distinct) >= u64::from(*at_least),
        NeedTest::ActorRole(roles) => event.actor.role.as_ref().is_some_and(|r| roles.contains(r)),
        NeedTest::NotActor(events) => {
            let course = course(before);
            others(course, events, event.actor.person.as_ref())
        }
        NeedTest::Unique(_) => {
            let claim = claim(gate, need, event, &before.case.data);
            claim.is_some_and(|claim| !(before.claimed)(&claim))
        }
        NeedTest::ByRole {
            events,
            roles,
            not_by,
            since,
        } => {
            let course = course(before);
            let from = course
                .iter()
                .rposition(|e| since.contains(&e.kind))
                .map_or(0, |at| at + 1);
            let fits = |e: &Event| {
                events.contains(&e.kind)
                    && e.actor.role.as_ref().is_some_and(|r| roles.contains(r))
                    && (not_by.is_empty() || others(course, not_by, e.actor.person.as_ref()))
            };
            course.iter().skip(from).any(fits)
        }
        NeedTest::Balance { metric, field } => match look(field) {
            Some(Value::Int(wanted)) => {
                let metrics = before.history.current().procedures.iter().flat_map(|p| &p.metrics);
                let points = metrics.filter(|m| m.id == *metric).map(|m| balance(m, before.events));
                points.max().is_some_and(|points| points >= *wanted)
            }
            _ => false,
        },
        NeedTest::Rank { operand, at_least, .. } => {
            let company = before.history.current();
            let rank = |person: &str| {
                let person = company.people.iter().find(|p| p.id.as_ref() == person)?;
                let held = person.holds.iter().filter_map(|h| company.roles.get(&h.role)?.rank);
                held.max()
            };
            let high = |person: &str| rank(person).is_some_and(|rank| rank >= *at_least);
            match value(operand).as_deref() {
                Some(Value::List(persons)) => persons.iter().any(|p| high(p)),
                Some(Value::Text(person)) => high(person),
                _ => false,
            }
        }
    }
}

/// Whether a person, who must be named, did none of these events, all of which name who did them.
fn others(course: &[Event], events: &[Id], person: Option<&Id>) -> bool {
    let mut done = course.iter().filter(|e| events.contains(&e.kind));
    person.is_some_and(|person| done.all(|e| e.actor.person.as_ref().is_some_and(|p| p != person)))
}

/// The events of the case's present course.
fn course<'a>(before: &Before<'a>) -> &'a [Event] {
    let begins = |e: &Event| {
        let what = before.history.event_type(e);
        what.is_some_and(|what| what.course == Course::Reopen)
    };
    let from = before.events.iter().rposition(begins).unwrap_or(0);
    before.events.get(from..).unwrap_or_default()
}

fn kind_of(event: &str) -> &str {
    event.split_once('.').map_or(event, |(kind, _)| kind)
}

fn operand_of<'v>(operand: &Operand, event: &'v Event, case: &'v Case) -> Option<Cow<'v, Value>> {
    let value = match operand {
        Operand::Actor => return event.actor.person.clone().map(|p| Cow::Owned(Value::Text(p))),
        Operand::OfCase(field) => case.data.get(field),
        Operand::OfEvent(field) => event.data.get(field),
        Operand::Either(field) => event.data.get(field).or_else(|| case.data.get(field)),
    };
    value.filter(|v| v.is_filled()).map(Cow::Borrowed)
}

fn distinct(value: &Value) -> u64 {
    match value {
        Value::List(list) => {
            let filled = list.iter().map(|t| t.trim()).filter(|t| !t.is_empty());
            filled.collect::<BTreeSet<&str>>().len() as u64
        }
        other => other.members(),
    }
}

/// What an event holds against all other cases of its kind by a need for `unique`; none where a value is missing.
fn claim(gate: &Gate, need: &Need, event: &Event, data: &Fields) -> Option<Id> {
    let NeedTest::Unique(fields) = &need.test else {
        return None;
    };
    let mut claim = format!("{}\n{}", gate.id, event.parts().0);
    for field in fields {
        let value = event.data.get(field).or_else(|| data.get(field));
        let value = value.filter(|v| v.is_filled())?.text();
        claim.push('\n');
        claim.push_str(field);
        claim.push('=');
        claim.push_str(&value);
    }
    Some(claim.into())
}

/// Notes in the case what an event of it holds against others. Where the gate stands does not matter for it.
pub fn note_claims(case: &mut Case, event: &Event, history: &History) {
    for gate in history.gating(event) {
        for need in &gate.needs {
            let claim = claim(&gate, need, event, &case.data);
            if let Some(claim) = claim.filter(|claim| !case.claims.contains(claim)) {
                case.claims.push(claim);
            }
        }
    }
}

fn pointer(test: &NeedTest, event: &Event) -> String {
    let data = |field: &str| format!("/data/{field}");
    let operand = |operand: &Operand| match operand {
        Operand::Actor => Some("/actor/person".to_owned()),
        Operand::OfCase(_) => None,
        Operand::OfEvent(field) | Operand::Either(field) => Some(data(field)),
    };
    let found = match test {
        NeedTest::That(condition) => {
            let brought = condition.0.iter().find(|(field, _)| event.data.get(field).is_some());
            brought.or(condition.0.first()).map(|(field, _)| data(field))
        }
        NeedTest::Differ(a, b) | NeedTest::Same(a, b) => operand(a).or_else(|| operand(b)),
        NeedTest::Distinct { field, .. } | NeedTest::Balance { field, .. } => Some(data(field)),
        NeedTest::ActorRole(_) => Some("/actor/role".to_owned()),
        NeedTest::NotActor(_) => Some("/actor/person".to_owned()),
        NeedTest::Unique(fields) => fields.first().map(|field| data(field)),
        NeedTest::Rank { operand: of, .. } => operand(of),
        NeedTest::Happened(_) | NeedTest::Done(_) | NeedTest::ByRole { .. } => None,
    };
    found.unwrap_or_else(|| "/type".to_owned())
}
