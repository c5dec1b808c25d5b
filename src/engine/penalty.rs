//! The ledger of penalties: what breaches and violations cost whom, and what of it was taken back.
//!
//! Nothing of it is stored. At any instant a case asks for entries; a case's ledger is how they changed with its
//! events, in the order in which they were recorded: what an event makes disappear is reversed when that was recorded.

use crate::domain::event::Event;
use crate::domain::value::Value;
use crate::domain::zone::Instant;
use crate::engine::case::{Case, Context, in_order};
use crate::engine::history::History;
use crate::engine::obligation::{BreachStatus, Ending, Obligation};
use crate::engine::seen::Seen;
use crate::engine::who;
use crate::policy::model::{Against, Company, Course, Id, Offence, Penalty, Sum};
use std::sync::Arc;

/// What a penalty charges somebody.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The penalty, in the edition under which its duty was born or its violation happened.
    pub penalty: Arc<Penalty>,
    /// The obligation that was not met in time; none: it is for a violation.
    pub obligation: Option<String>,
    /// The event that recorded the violation; none: it is for a breach.
    pub event: Option<Id>,
    /// The event that it comes from: the violation, or what brought the obligation into being.
    pub comes_from: Id,
    /// The role that is charged.
    pub role: Option<Id>,
    /// The person that is charged.
    pub person: Option<Id>,
    /// How much, in the smallest unit of money; none: nothing, or not decided yet.
    pub amount_fen: Option<u64>,
    /// When it was not met, or violated.
    pub at: Instant,
    /// When it is entered: then, or when it was decided.
    pub entered_at: Instant,
    /// The place among those who are charged beside whoever did it; none: it is whoever did it.
    pub beside: Option<usize>,
    /// Whether it waits for a decision.
    pub is_proposed: bool,
    /// When it was taken back.
    pub reversed_at: Option<Instant>,
}

impl Entry {
    /// The word for what it is.
    pub fn status(&self) -> &'static str {
        match (self.reversed_at, self.is_proposed) {
            (Some(_), _) => "reversed",
            (None, true) => "proposed",
            (None, false) => "standing",
        }
    }

    fn is_same(&self, other: &Entry) -> bool {
        self.penalty.id == other.penalty.id
            && self.obligation == other.obligation
            && self.event == other.event
            && self.role == other.role
            && self.person == other.person
            && self.amount_fen == other.amount_fen
            && self.is_proposed == other.is_proposed
    }
}

/// The ledger of a case as it stands at an instant, by these of its events.
pub fn ledger(company: &Company, id: &str, events: &[Event], ctx: &Context<'_>, as_of: Instant) -> Vec<Entry> {
    let mut by_seq: Vec<&Event> = events.iter().collect();
    by_seq.sort_by_key(|e| e.seq);
    let mut told = Told::new(company, id, ctx);
    let mut reversed: Vec<Entry> = Vec::new();
    for event in by_seq {
        let before = told.entries(event.recorded_at);
        told.take(event);
        if before.iter().all(|e| e.is_proposed) {
            continue;
        }
        let mut after = told.entries(event.recorded_at);
        for was in before.into_iter().filter(|e| !e.is_proposed) {
            match after.iter().position(|is| is.is_same(&was)) {
                Some(at) => {
                    after.swap_remove(at);
                }
                None => reversed.push(Entry {
                    reversed_at: Some(event.recorded_at),
                    ..was
                }),
            }
        }
    }
    let mut entries = told.entries(as_of);
    entries.extend(reversed);
    entries.sort_by_key(|e| (e.at, e.reversed_at));
    entries
}

/// A case as its events so far have told it.
struct Told<'a> {
    company: &'a Company,
    id: &'a str,
    ctx: &'a Context<'a>,
    events: Vec<Event>,
    case: Case,
    seen: Vec<Seen>,
}

impl<'a> Told<'a> {
    fn new(company: &'a Company, id: &'a str, ctx: &'a Context<'a>) -> Told<'a> {
        Told {
            company,
            id,
            ctx,
            events: Vec::new(),
            case: Case::default(),
            seen: Vec::new(),
        }
    }

    fn take(&mut self, event: &Event) {
        self.events.push(event.clone());
        if self.case.takes_next(event, self.ctx.history) {
            self.step(event.clone());
            return;
        }
        self.case = Case::default();
        self.seen.clear();
        for event in in_order(&self.events, self.ctx.history) {
            self.step(event);
        }
        self.case.amended = self.events.iter().any(|e| e.corrects.is_some() || e.retracts.is_some());
    }

    fn step(&mut self, event: Event) {
        self.case.step(self.id, &event, self.ctx);
        let data = self.case.data.clone();
        let course = self.ctx.history.event_type(&event).map(|t| t.course.clone());
        let course = course.unwrap_or(Course::None);
        self.seen.push(Seen { event, data, course });
    }

    /// What is asked for at an instant.
    fn entries(&self, as_of: Instant) -> Vec<Entry> {
        let mut case = self.case.clone();
        case.advance(self.id, as_of, self.ctx);
        let mut entries = Vec::new();
        for (ix, obligation) in case.obligations.iter().enumerate() {
            for penalty in obligation.duty.penalties.iter() {
                if matches!(&penalty.offence, Offence::Breach(of) if of.contains(&obligation.duty.id)) {
                    self.breach(&case, ix, obligation, penalty, as_of, &mut entries);
                }
            }
        }
        for seen in self.seen.iter().filter(|seen| seen.event.occurred_at <= as_of) {
            for procedure in self.ctx.history.editions(&seen.event).iter() {
                for penalty in &procedure.penalties {
                    self.violation(&case, seen, penalty, &mut entries);
                }
            }
        }
        // History taken in bulk was settled where it happened.
        entries.retain(|e| case.effects_from.is_none_or(|from| e.at >= from));
        entries
    }

    fn breach(
        &self,
        case: &Case,
        ix: usize,
        obligation: &Obligation,
        penalty: &Arc<Penalty>,
        as_of: Instant,
        entries: &mut Vec<Entry>,
    ) {
        let breach = obligation.breach(as_of, case.paused(&obligation.duty, as_of));
        let Some(breach) = breach.filter(|b| b.status == BreachStatus::Standing) else {
            return;
        };
        let decision = |o: &Obligation| o.parent.is_some_and(|p| p as usize == ix);
        let blank = Entry {
            obligation: Some(obligation.key().id(self.id)),
            ..blank(penalty, &obligation.trigger.event, breach.at)
        };
        let charged = match &penalty.against {
            Against::Role(role) => vec![self.holder(case, role)],
            Against::Field(field) => vec![(None, case.data.get(field).map(|v| Id::from(v.to_string())))],
            Against::Bearers | Against::Actor => obligation.roles.iter().map(|role| self.holder(case, role)).collect(),
        };
        self.charge(case, blank, charged, 1, &decision, entries);
    }

    fn violation(&self, case: &Case, seen: &Seen, penalty: &Arc<Penalty>, entries: &mut Vec<Entry>) {
        let Offence::Violation { on, when, times } = &penalty.offence else {
            return;
        };
        if !on.contains(&seen.event.kind) || !seen.meets(when) {
            return;
        }
        let times = times.as_ref().map_or(1, |field| match seen.get(field) {
            Some(Value::Int(n)) => u64::try_from(*n).unwrap_or(0),
            _ => 1,
        });
        let actor = &seen.event.actor;
        let charged = match &penalty.against {
            Against::Role(role) => self.holder(case, role),
            Against::Field(field) => (None, seen.get(field).map(|v| Id::from(v.to_string()))),
            Against::Actor | Against::Bearers => (actor.role.clone(), actor.person.clone()),
        };
        let event = seen.event.id.clone();
        let decision = |o: &Obligation| o.trigger.event == event;
        let blank = Entry {
            event: Some(event.clone()),
            ..blank(penalty, &event, seen.event.occurred_at)
        };
        self.charge(case, blank, vec![charged], times, &decision, entries);
    }

    /// Charges those who did it, and those who are charged beside them.
    fn charge(
        &self,
        case: &Case,
        blank: Entry,
        charged: Vec<(Option<Id>, Option<Id>)>,
        times: u64,
        is_decision: &dyn Fn(&Obligation) -> bool,
        entries: &mut Vec<Entry>,
    ) {
        let penalty = blank.penalty.clone();
        let mut main = blank.clone();
        let mut is_charged = true;
        match &penalty.sum {
            Sum::None => {}
            Sum::Fixed(amount) => main.amount_fen = Some(u64::from(*amount).saturating_mul(times)),
            Sum::Decided { .. } => {
                let decides = |o: &&Obligation| o.duty.decides().is_some_and(|p| p.id == penalty.id) && is_decision(o);
                let end = case.obligations.iter().find(decides).map(|o| {
                    (
                        o.end.as_ref(),
                        o.more.as_deref(),
                        o.waivers().iter().any(|w| !w.settled),
                    )
                });
                match end {
                    Some((Some(end), more, _)) if end.how == Ending::Fulfilled => {
                        main.amount_fen = more.and_then(|m| m.decided_fen);
                        main.entered_at = end.by.at;
                    }
                    // Somebody entitled to has let it go.
                    Some((Some(_), ..) | (None, _, true)) => is_charged = false,
                    _ => main.is_proposed = true,
                }
            }
        }
        for (role, person) in charged.into_iter().filter(|_| is_charged) {
            entries.push(Entry {
                role,
                person,
                ..main.clone()
            });
        }
        for (ix, joint) in penalty.joint.iter().enumerate() {
            let (role, person) = self.holder(case, &joint.role);
            entries.push(Entry {
                role,
                person,
                amount_fen: Some(u64::from(joint.amount_fen).saturating_mul(times)),
                beside: Some(ix),
                ..blank.clone()
            });
        }
    }

    fn holder(&self, case: &Case, role: &Id) -> (Option<Id>, Option<Id>) {
        let bearer = who::resolve(self.company, role, &case.data);
        let person = bearer.named.or(bearer.person.map(|p| p.id.as_ref()));
        (
            Some(Id::from(bearer.role)).filter(|r| !r.is_empty()),
            person.map(Id::from),
        )
    }
}

fn blank(penalty: &Arc<Penalty>, comes_from: &Id, at: Instant) -> Entry {
    Entry {
        penalty: penalty.clone(),
        obligation: None,
        event: None,
        comes_from: comes_from.clone(),
        role: None,
        person: None,
        amount_fen: None,
        at,
        entered_at: at,
        beside: None,
        is_proposed: false,
        reversed_at: None,
    }
}

/// Whether a case may have entries in its ledger.
pub fn concerns(history: &History, case: &Case) -> bool {
    let of_kind = |event: &Id| event.split_once('.').is_some_and(|(kind, _)| *kind == *case.kind);
    let violated = |penalty: &Arc<Penalty>| match &penalty.offence {
        Offence::Violation { on, .. } => on.iter().any(of_kind),
        Offence::Breach(_) => case.amended,
    };
    case.obligations.iter().any(|o| !o.duty.penalties.is_empty())
        || history
            .sets()
            .flat_map(|c| &c.procedures)
            .flat_map(|p| &p.penalties)
            .any(violated)
}
