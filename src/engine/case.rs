//! A case and the fold of its events.
//!
//! `fold` takes all events of a case; `step` takes the next one in order. Both lead to the same state: `fold` is
//! nothing but `step` over the events in their order.

use crate::domain::event::{Cause, Event, MARKED};
use crate::domain::value::{Fields, Value};
use crate::domain::zone::Instant;
use crate::engine::belief::{self, Belief};
use crate::engine::consent;
use crate::engine::history::History;
use crate::engine::list::Obligations;
use crate::engine::obligation::{Drawn, Ending, Happening, Key, Obligation, Occurrence};
use crate::engine::occasion::{self, Occasion, Occasions, Place};
use crate::engine::recur::Series;
use crate::engine::remind::Plan;
use crate::engine::rota::{self, Stint};
use crate::engine::sample::{self, CaseDraw, Drawings, Member};
use crate::engine::threshold::{self, Hit};
use crate::engine::{breach, computed, escalation, gate, open, perform, recount, recur, remind, turn, waiver};
use crate::policy::model::{Course, Duty, EventType, Id, Record, Threshold};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use thin_vec::ThinVec;

/// A case as its events have left it.
#[derive(Clone, Debug, Default)]
pub struct Case {
    /// Its kind; empty while only reserved events have named it.
    pub kind: Id,
    /// The type of its first event.
    pub opened_by: Option<Id>,
    /// Its data.
    pub data: Fields,
    /// What it was believed to say before that was known.
    pub beliefs: Vec<Belief>,
    /// Its course: 1, or more after it was reopened.
    pub cycle: u16,
    /// Whether it was withdrawn.
    pub cancelled: bool,
    /// Whether it was merged into another: nothing of it counts any more.
    pub merged: bool,
    /// When it was paused, and for which reasons.
    pub pauses: ThinVec<PauseSpan>,
    /// All obligations that it has had, in the order in which they came to be.
    pub obligations: Obligations,
    /// When events that terms are counted from happened in the present course, and what asked for such terms.
    pub marks: ThinVec<(Id, Happening)>,
    /// What recurs for it.
    pub series: ThinVec<Series>,
    /// The reminders at work in it.
    pub reminders: ThinVec<Plan>,
    /// What thresholds count of it.
    pub hits: ThinVec<Hit>,
    /// The turns that its events took.
    pub stints: ThinVec<Stint>,
    /// What its events hold against other cases.
    pub claims: ThinVec<Id>,
    /// The periods whose frames it belongs to, where samples are drawn of cases.
    pub members: ThinVec<Member>,
    /// Who was drawn of its own members.
    pub draws: ThinVec<CaseDraw>,
    /// What would have been told of it before this instant is not told: its history was taken in bulk.
    pub effects_from: Option<Instant>,
    /// What made the engine itself open it.
    pub cause: Option<Box<Cause>>,
    /// What has happened to it that is due for others.
    pub raised: ThinVec<Arc<Occasion>>,
    /// The last occasion on another case that it has heard of, or when it began; none: it has not.
    pub heard: Option<Place>,
    /// When the next occasion that it will hear of occurs.
    pub hears_at: Option<Instant>,
    /// Where in the order of events the last one stands.
    pub last: Option<Order>,
    /// Up to when what came into force has come over it.
    pub turned_at: Option<Instant>,
    /// Up to when waivers have begun and ended in it.
    pub waived_at: Option<Instant>,
    /// When the next one begins or ends by time alone.
    pub waives_at: Option<Instant>,
    /// When something next comes into force that may change what it owes.
    pub turns_at: Option<Instant>,
    /// When time alone last changed which obligations it has.
    pub moved_at: Option<Instant>,
    /// The place in the record of its latest event.
    pub head: u64,
    /// How many events it has had.
    pub count: u32,
    /// Whether an event of it was corrected or retracted: then it is always folded whole.
    pub amended: bool,
}

/// A time during which a case was paused for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PauseSpan {
    /// The reason.
    pub reason: Id,
    /// Since when.
    pub from: Instant,
    /// Until when; none: still.
    pub to: Option<Instant>,
}

/// The order of events: by when they occurred, at the same instant by what they do, then by their place in the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Order {
    /// When it occurred.
    pub occurred_at: Instant,
    /// What it does: trigger 0, pause 1, resume 2, perform 3, close 4.
    pub rank: u8,
    /// Its place in the record.
    pub seq: u64,
}

/// What the fold is given beside the events.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The policies.
    pub history: &'a History,
    /// The secret that draws are made with.
    pub seed: &'a [u8; 32],
    /// What was drawn at the ends of periods, by the obligation's id.
    pub topped: &'a HashMap<Id, TopUp>,
    /// What has happened to cases that is due for others.
    pub occasions: &'a Occasions,
    /// What samples drew at the ends of periods.
    pub drawings: &'a Drawings,
}

/// That an obligation was drawn at a period's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopUp {
    /// When.
    pub at: Instant,
    /// By when it is owed then, unless its own term runs longer.
    pub due: crate::domain::deadline::Due,
    /// Whether that hangs on a day that the calendar assumes.
    pub provisional: bool,
}

impl Order {
    /// The place of an event in that order.
    pub fn of(event: &Event, history: &History) -> Order {
        let rank = if event.is_reserved() {
            4
        } else {
            history.event_type(event).map_or(0, |t| t.rank)
        };
        Order {
            occurred_at: event.occurred_at,
            rank,
            seq: event.seq,
        }
    }
}

impl Case {
    /// Folds all events of a case, in whatever order they are given, corrections and retractions applied.
    pub fn fold(id: &str, events: &[Event], ctx: &Context<'_>) -> Case {
        let mut case = Case::default();
        let amended = events.iter().any(|e| e.corrects.is_some() || e.retracts.is_some());
        let mut overtaken = belief::overtaken(events).into_iter().peekable();
        for event in in_order(events, ctx.history) {
            while let Some(was) = overtaken.next_if(|was| was.occurred_at <= event.occurred_at) {
                case.doubt(id, &was, ctx);
            }
            case.step(id, &event, ctx);
        }
        for was in overtaken {
            case.doubt(id, &was, ctx);
        }
        case.amended = amended;
        case.head = events.iter().map(|e| e.seq).max().unwrap_or(0);
        case.count = u32::try_from(events.len()).unwrap_or(u32::MAX);
        case
    }

    /// Notes what it was believed to say until something was corrected or taken back.
    fn doubt(&mut self, id: &str, was: &belief::Overtaken, ctx: &Context<'_>) {
        let asked = ctx.history.excepting();
        if asked.is_empty() {
            return;
        }
        if self.cycle > 0 {
            self.pass(id, was.occurred_at, false, ctx);
        }
        belief::note_overtaken(self, asked, was);
        if self.cycle > 0 {
            waiver::pass(self, was.occurred_at, ctx);
        }
    }

    /// Whether an event comes in order, so that `step` may take it: after all events, and after all that time alone has
    /// done.
    pub fn takes_next(&self, event: &Event, history: &History) -> bool {
        let in_order = self.last.is_none_or(|last| last < Order::of(event, history))
            && self.moved_at.is_none_or(|at| at <= event.occurred_at);
        in_order && !self.amended && event.corrects.is_none() && event.retracts.is_none()
    }

    /// Takes the next event in order.
    pub fn step(&mut self, id: &str, event: &Event, ctx: &Context<'_>) {
        self.pass(id, event.occurred_at, false, ctx);
        // What comes to be now has all later turns before it.
        self.turned_at = Some(event.occurred_at);
        self.last = Some(Order::of(event, ctx.history));
        self.head = self.head.max(event.seq);
        self.effects_from = self.effects_from.max(event.effects_from);
        self.count = self.count.saturating_add(1);
        if self.cycle == 0 {
            self.cycle = 1;
        }
        if event.kind.as_ref() == MARKED {
            self.write(id, event.data.iter(), event, ctx);
            consent::settle(self, event);
            recur::take(self, id, event, &[], ctx);
        }
        if event.is_reserved() {
            perform::settle(self, id, event, ctx);
            perform::perform(self, id, event, ctx);
            open::settle_paused(self, ctx.history.zone());
            waiver::pass(self, event.occurred_at, ctx);
            return;
        }
        if self.kind.is_empty() {
            // The policies' own texts where they have them: cases are many.
            let kind = ctx.history.kind(event).map(|k| k.id.clone());
            self.kind = kind.unwrap_or_else(|| Id::from(event.parts().0));
            self.heard = Some((event.occurred_at, 0, Id::default()));
            self.cause = event.cause.clone().map(Box::new);
            let opened_by = ctx.history.event_type(event).map(|t| t.id.clone());
            self.opened_by = Some(opened_by.unwrap_or_else(|| event.kind.clone()));
        }
        let barred = consent::barred(self, event);
        self.take_data(id, event, ctx);
        if let Some(kind) = ctx.history.event_type(event).cloned() {
            self.take_course(event, &kind, ctx);
        }
        gate::note_claims(self, event, ctx.history);
        rota::note(self, event, ctx);
        occasion::raise(self, id, event, ctx);
        threshold::count(self, id, event, ctx);
        perform::perform_but(self, id, event, &barred, ctx);
        consent::settle(self, event);
        recur::close(self, event);
        remind::close(self, event);
        sample::note(self, id, event, ctx);
        open::open_for_event(self, id, event, ctx);
        open::settle_paused(self, ctx.history.zone());
        waiver::pass(self, event.occurred_at, ctx);
    }

    /// Lets time pass up to an instant: recurring duties come to be, drawn obligations come to be owed, in the order of
    /// time, so that it does not matter in how many steps it passes.
    pub fn advance(&mut self, id: &str, as_of: Instant, ctx: &Context<'_>) {
        self.pass(id, as_of, true, ctx);
        self.hears_at = occasion::next(self, ctx).map(|o| o.what.at);
        self.turns_at = turn::next(self, ctx.history).map(|turn| turn.at);
        self.waives_at = waiver::next(self, ctx.history.zone());
    }

    /// Lets time pass up to an instant; occasions at that instant itself come after the events of the case at it.
    fn pass(&mut self, id: &str, as_of: Instant, whole: bool, ctx: &Context<'_>) {
        loop {
            let recurs = self.series.iter().filter_map(Series::wakes_at).min();
            let breaches = breach::wakes_at(self);
            let turn = turn::next(self, ctx.history).filter(|turn| turn.at <= as_of);
            let drawn = self.draws_at(id, ctx).into_iter().chain(sample::asks_at(self, id, ctx));
            let waives = waiver::next(self, ctx.history.zone());
            let next = recurs.into_iter().chain(breaches).chain(drawn).chain(waives).min();
            let next = next.filter(|at| *at <= as_of);
            let heard = occasion::next(self, ctx).map(|o| (o.what.at, o.clone()));
            let heard = heard.filter(|(at, _)| *at < as_of || whole && *at <= as_of);
            let others = next.into_iter().chain(heard.iter().map(|(at, _)| *at)).min();
            if let Some(turn) = turn.filter(|turn| others.is_none_or(|at| turn.at <= at)) {
                turn::take(self, id, turn, ctx);
                waiver::pass(self, turn.at, ctx);
                continue;
            }
            match (next, heard) {
                (Some(at), heard) if heard.as_ref().is_none_or(|(then, _)| at <= *then) => {
                    recur::advance(self, id, at, ctx);
                    self.take_draws(id, at, ctx);
                    sample::take(self, id, at, ctx);
                    breach::advance(self, id, at, ctx);
                    waiver::pass(self, at, ctx);
                }
                (_, Some((at, occasion))) => {
                    occasion::hear(self, id, &occasion, ctx);
                    waiver::pass(self, at, ctx);
                }
                _ => return,
            }
        }
    }

    /// Gives back spare room: there are many cases, and most have had their last event for long.
    pub fn shrink(&mut self) {
        self.data.shrink();
        self.obligations.shrink();
        self.beliefs.shrink_to_fit();
        self.hits.shrink_to_fit();
        self.claims.shrink_to_fit();
        self.stints.shrink_to_fit();
        self.members.shrink_to_fit();
        self.draws.shrink_to_fit();
        self.marks.shrink_to_fit();
        self.pauses.shrink_to_fit();
        self.series.shrink_to_fit();
        self.reminders.shrink_to_fit();
    }

    /// When time alone next changes which obligations there are.
    pub fn wakes_at(&self) -> Option<Instant> {
        let recurs = self.series.iter().filter_map(Series::wakes_at);
        let hears = self.hears_at.into_iter().chain(self.turns_at).chain(self.waives_at);
        recurs.chain(hears).chain(breach::wakes_at(self)).min()
    }

    /// Whether the case is paused for an obligation of this duty at an instant.
    pub fn paused(&self, duty: &Duty, at: Instant) -> bool {
        self.pauses
            .iter()
            .any(|p| duty.pauses_for.contains(&p.reason) && p.from <= at && p.to.is_none_or(|to| at < to))
    }

    /// The obligation of that key, and its place.
    pub fn find(&self, key: &Key) -> Option<(usize, &Obligation)> {
        self.obligations
            .iter()
            .enumerate()
            .find(|(_, o)| o.cycle == key.cycle && o.occurrence == key.occurrence && o.duty.id == key.rule)
    }

    /// The how-manieth of its threshold an event is among those of the case, from 1 on.
    pub fn nth_hit(&self, threshold: &Threshold, event: &str) -> usize {
        let mut hits = self.hits.iter().filter(|h| h.threshold.id == threshold.id);
        hits.position(|h| h.event.as_ref() == event).map_or(1, |at| at + 1)
    }

    /// The number of the next obligation of a rule in the case's present course.
    pub fn next_nth(&self, duty: &Duty) -> Occurrence {
        let n = self
            .obligations
            .iter()
            .filter(|o| o.cycle == self.cycle && o.duty.id == duty.id)
            .count();
        Occurrence::Nth(u16::try_from(n + 1).unwrap_or(u16::MAX))
    }

    fn take_data(&mut self, id: &str, event: &Event, ctx: &Context<'_>) {
        let Some(kind) = ctx.history.kind(event) else { return };
        let what = ctx.history.event_type(event);
        // What the event says of itself or on its form is not the case's, even under a name that the case has too.
        let own = |name: &Id| {
            what.is_some_and(|w| {
                // The number of a form is the case's as well, where the case has a field for it.
                let of_form = |r: &Arc<Record>| {
                    r.fields.contains_key(name) && r.number.as_ref().is_none_or(|number| number.field != *name)
                };
                w.data.contains_key(name) || w.record.as_ref().is_some_and(of_form)
            })
        };
        // What is computed nobody reports, whatever wrote the event.
        let of_case = event.data.iter().filter(|(name, _)| !own(name) && !kind.computes(name));
        let of_case = of_case.filter_map(|(name, value)| Some((kind.fields.get_key_value(name)?.0, value)));
        self.write(id, of_case, event, ctx);
    }

    fn write<'v>(
        &mut self,
        id: &str,
        values: impl Iterator<Item = (&'v Id, &'v Value)>,
        event: &Event,
        ctx: &Context<'_>,
    ) {
        let mut changed: Vec<Id> = Vec::new();
        let mut said: BTreeSet<Id> = BTreeSet::new();
        let asked = ctx.history.excepting();
        let before: Vec<(Id, Option<Value>)> = asked.iter().map(|f| (f.clone(), self.data.get(f).cloned())).collect();
        for (name, value) in values {
            if asked.contains(name) {
                said.insert(name.clone());
            }
            if self.data.get(name) != Some(value) {
                changed.push(name.clone());
                self.data.set(name.clone(), value.clone());
            }
        }
        computed::refresh(self, event, &mut changed, ctx);
        for (name, was) in before {
            if said.contains(&name) || changed.contains(&name) {
                belief::note(self, &name, was, event);
            }
        }
        if !changed.is_empty() {
            self.data.shrink();
            self.data_changed(id, &changed, event, ctx);
        }
    }

    /// What follows from a change of the case's data for what is owed.
    fn data_changed(&mut self, id: &str, changed: &[Id], event: &Event, ctx: &Context<'_>) {
        recount::recount(self, changed, event.occurred_at, ctx.history.zone());
        open::resolve_bearers(self, ctx.history.zone());
        if remind::hangs_on(self, changed) {
            remind::replan(self, id, event, ctx);
        }
        escalation::reconsider(self, ctx.history.zone(), event.occurred_at);
    }

    fn take_course(&mut self, event: &Event, kind: &EventType, ctx: &Context<'_>) {
        match &kind.course {
            Course::None => {}
            Course::Reopen => {
                // A script that failed fails in the next course too, until what it is given changes.
                self.cancel_live(event, |o| !o.duty.is_review());
                self.cycle = self.cycle.saturating_add(1);
                self.marks.clear();
                self.cancelled = false;
                self.merged = false;
            }
            Course::Cancel => {
                self.cancel_live(event, |_| true);
                self.claims.clear();
                self.cancelled = true;
            }
            Course::Merge => {
                self.cancel_live(event, |_| true);
                self.claims.clear();
                self.hits.clear();
                self.cancelled = true;
                self.merged = true;
            }
            Course::Pause(reason) => {
                let running = self.pauses.iter().any(|p| p.reason == *reason && p.to.is_none());
                if !running {
                    self.pauses.push(PauseSpan {
                        reason: reason.clone(),
                        from: event.occurred_at,
                        to: None,
                    });
                    open::recount_paused(self, ctx.history.zone());
                }
            }
            Course::Resume(reason) => {
                for pause in self.pauses.iter_mut().filter(|p| p.reason == *reason && p.to.is_none()) {
                    pause.to = Some(event.occurred_at);
                }
                open::recount_paused(self, ctx.history.zone());
            }
        }
    }

    fn cancel_live(&mut self, event: &Event, which: impl Fn(&Obligation) -> bool) {
        self.obligations.change(
            |o| o.is_live() && which(o),
            |obligation| {
                obligation.end = Some(happening_end(Ending::Cancelled, event));
            },
        );
        self.series.clear();
        self.reminders.clear();
    }

    /// When the next of the draws at periods' ends took something of this case.
    fn draws_at(&self, id: &str, ctx: &Context<'_>) -> Option<Instant> {
        let drawn = |obligation: &Obligation| Some(drawn_at_end(obligation, id, ctx)?.at);
        self.obligations.iter().filter_map(drawn).min()
    }

    fn take_draws(&mut self, id: &str, as_of: Instant, ctx: &Context<'_>) {
        for ix in 0..self.obligations.len() {
            let Some(obligation) = self.obligations.get(ix) else {
                break;
            };
            let Some(top) = drawn_at_end(obligation, id, ctx).filter(|top| top.at <= as_of) else {
                continue;
            };
            let Some(obligation) = self.obligations.get_mut(ix) else {
                break;
            };
            // It was owed from then on, whatever was reported of it later.
            obligation.drawn = Drawn::In;
            if obligation.due.at() < top.due.at() {
                obligation.due = top.due;
                obligation.provisional = top.provisional;
            }
            let live = obligation.is_live();
            self.moved_at = self.moved_at.max(Some(top.at));
            if live {
                open::open_following_draw(self, id, ix, top.at, ctx);
            }
        }
    }
}

/// The draw at a period's end that took an obligation which was not drawn before.
fn drawn_at_end(obligation: &Obligation, id: &str, ctx: &Context<'_>) -> Option<TopUp> {
    if ctx.topped.is_empty() || !matches!(obligation.drawn, Drawn::Out(_)) {
        return None;
    }
    ctx.topped.get(obligation.key().id(id).as_str()).copied()
}

/// The end of an obligation by an event.
pub fn happening_end(how: Ending, event: &Event) -> crate::engine::obligation::End {
    crate::engine::obligation::End {
        how,
        by: happening(event),
    }
}

/// An event, as far as an obligation remembers it.
pub fn happening(event: &Event) -> Happening {
    Happening {
        event: event.id.clone(),
        at: event.occurred_at,
        recorded_at: event.recorded_at,
    }
}

/// The events that count, in the order of the fold: a correction takes the place of what it corrects and keeps its id
/// and its place in the record; what was retracted is gone.
pub fn in_order(events: &[Event], history: &History) -> Vec<Event> {
    let slots = in_slots(events, |_, _| {});
    let mut counted: Vec<Event> = slots
        .iter()
        .filter_map(|slot| {
            let (first, last) = (slot.first()?, slot.last()?);
            let mut event = (*last).clone();
            event.id = first.id.clone();
            event.source = first.source.clone();
            event.seq = first.seq;
            event.cause = first.cause.clone();
            event.corrects = None;
            Some(event)
        })
        .collect();
    counted.sort_by_key(|e| Order::of(e, history));
    counted
}

/// The events by what they are about, each with its corrections; what was retracted is gone. Tells of each that counted
/// until another was recorded, and of that one.
pub fn in_slots(events: &[Event], mut overtaken: impl FnMut(&Event, &Event)) -> Vec<Vec<&Event>> {
    let mut by_seq: Vec<&Event> = events.iter().collect();
    by_seq.sort_by_key(|e| e.seq);
    let mut slots: Vec<Vec<&Event>> = Vec::new();
    let find = |slots: &[Vec<&Event>], id: &Id, source: &Id| {
        let holds = |same_source: bool| {
            slots
                .iter()
                .position(|s| s.iter().any(|e| e.id == *id && (!same_source || e.source == *source)))
        };
        holds(true).or_else(|| holds(false))
    };
    for event in by_seq {
        if let Some(target) = &event.corrects {
            if let Some(slot) = find(&slots, target, &event.source).and_then(|at| slots.get_mut(at)) {
                if let Some(was) = slot.last() {
                    overtaken(was, event);
                }
                slot.push(event);
            }
        } else if let Some(target) = &event.retracts {
            if let Some(slot) = find(&slots, target, &event.source).and_then(|at| slots.get_mut(at)) {
                let is_first = slot.first().is_some_and(|e| e.id == *target);
                if let Some(was) = slot.last().filter(|e| is_first || e.id == *target) {
                    overtaken(was, event);
                }
                if is_first {
                    slot.clear()
                } else {
                    slot.retain(|e| e.id != *target)
                }
            }
        } else {
            slots.push(vec![event]);
        }
    }
    slots
}
