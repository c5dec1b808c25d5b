//! Whether an event may be recorded, as the draft stands: authority, what points allow, its number, then the gates
//! before it. What is posted, batches
//! and timelines all ask here.

use super::{Draft, PastError};
use crate::domain::event::Event;
use crate::domain::value::Value;
use crate::engine::authority;
use crate::engine::case::{Case, Order, in_order};
use crate::engine::gate::{self, Before, Closed};
use crate::engine::intake::Refusal;
use crate::engine::{metric, number};
use crate::policy::model::{Course, EventType, Gate, Id};
use std::borrow::Cow;
use std::sync::Arc;

impl Draft<'_> {
    /// Whether an event may be refused because of what its case is by then.
    pub fn is_delicate(&self, event: &Event) -> bool {
        authority_decides(event)
            || metric::spends(self.company(), event)
            || number::numbered(self.history, event).is_some()
            || !self.history.gating(event).is_empty()
    }

    /// Whether an event may be recorded now.
    pub fn admit(&self, event: &Event) -> Result<Result<(), Refusal>, PastError> {
        let case = self.case(&event.case);
        let events = || self.events_of(&event.case);
        if authority_decides(event)
            && let Err(refusal) = authority::authorise(self.company(), case, &events, event)?
        {
            return Ok(Err(refusal));
        }
        if let Err(refusal) = metric::affordable(self.company(), &self.context(), &events, event)? {
            return Ok(Err(refusal));
        }
        if event.retracts.is_some() || event.is_reserved() {
            return Ok(Ok(()));
        }
        if let Err(refusal) = apart(self.history.event_type(event), event) {
            return Ok(Err(refusal));
        }
        if let Err(refusal) = self.check_number(event)? {
            return Ok(Err(refusal));
        }
        self.judge(event, case)
    }

    fn judge(&self, event: &Event, case: Option<&Case>) -> Result<Result<(), Refusal>, PastError> {
        // It comes after all that is recorded.
        let judged = self.at_gates(event, u64::MAX, case, gate::judge)?;
        Ok(judged.unwrap_or(Ok(())))
    }

    /// The gates that would refuse an event at a place in the record, for those who take it all the same.
    pub fn closed(&self, event: &Event, seq: u64) -> Result<Vec<Closed>, PastError> {
        if event.retracts.is_some() || event.is_reserved() {
            return Ok(Vec::new());
        }
        let closed = self.at_gates(event, seq, self.case(&event.case), gate::closed)?;
        Ok(closed.unwrap_or_default())
    }

    /// Puts an event before its gates, with its case as it is before it; none where there is no gate.
    fn at_gates<R>(
        &self,
        event: &Event,
        seq: u64,
        case: Option<&Case>,
        judge: impl FnOnce(&[Arc<Gate>], &Event, &Before<'_>) -> R,
    ) -> Result<Option<R>, PastError> {
        let ctx = self.context();
        // A correction keeps the place of what it corrects.
        let mut judged = Event { seq, ..event.clone() };
        let mut corrected: Option<Id> = None;
        let mut events: Option<Vec<Event>> = None;
        if event.corrects.is_some() {
            let all = self.events_of(&event.case)?;
            if let Some(original) = original(&all, event) {
                judged.seq = original.seq;
                corrected = Some(original.id.clone());
            }
            events = Some(all);
        }
        let gates = ctx.history.gating(&judged);
        if gates.is_empty() {
            return Ok(None);
        }
        let nothing = Case::default();
        let known = case.unwrap_or(&nothing);
        let is_next = known.takes_next(&judged, ctx.history);
        let mut before: Cow<'_, Case> = Cow::Borrowed(known);
        let mut past: Vec<Event> = Vec::new();
        if !is_next || gate::reads_events(&gates) {
            let all = match events {
                Some(all) => all,
                None => self.events_of(&event.case)?,
            };
            let order = Order::of(&judged, ctx.history);
            past = in_order(&all, ctx.history);
            past.retain(|e| Some(&e.id) != corrected.as_ref() && Order::of(e, ctx.history) < order);
            if !is_next {
                before = Cow::Owned(Case::fold(&event.case, &past, &ctx));
            }
        }
        if before.wakes_at().is_some_and(|at| at <= event.occurred_at) {
            before.to_mut().advance(&event.case, event.occurred_at, &ctx);
        }
        let claimed = |claim: &str| self.claimed(claim, &event.case);
        let before = Before {
            history: ctx.history,
            case: &before,
            events: &past,
            claimed: &claimed,
        };
        Ok(Some(judge(&gates, &judged, &before)))
    }

    /// Whether another case holds a claim.
    fn claimed(&self, claim: &str, case: &str) -> bool {
        let own = self.world.by_id.get(case).or_else(|| self.new_ids.get(case));
        let holders = self.changes.claims.get(claim).or_else(|| self.world.claims.get(claim));
        holders.is_some_and(|holders| holders.iter().any(|ix| Some(ix) != own))
    }

    /// Brings the holders of claims up to date with a case.
    pub(super) fn reclaim(&mut self, ix: u32, before: &[Id], after: &[Id]) {
        let gone = before.iter().filter(|claim| !after.contains(claim));
        let come = after.iter().filter(|claim| !before.contains(claim));
        for (claim, holds) in gone.map(|c| (c, false)).chain(come.map(|c| (c, true))) {
            let world = self.world;
            let holders = self.changes.claims.entry(claim.clone());
            let holders = holders.or_insert_with(|| world.claims.get(claim).cloned().unwrap_or_default());
            if holds {
                holders.insert(ix);
            } else {
                holders.remove(&ix);
            }
        }
    }
}

/// Whether authority has a say: beyond the kinds of the company, or over what was recorded already.
fn authority_decides(event: &Event) -> bool {
    event.is_reserved() || event.corrects.is_some() || event.retracts.is_some()
}

/// Whether a case that is merged names another case.
fn apart(what: Option<&Arc<EventType>>, event: &Event) -> Result<(), Refusal> {
    let merges = what.is_some_and(|what| what.course == Course::Merge);
    let into = event.data.get("into").and_then(Value::as_text);
    if !merges || into != Some(&*event.case) {
        return Ok(());
    }
    let zh = "案件不能并入它自己".to_owned();
    let en = "a case cannot be merged into itself".to_owned();
    Err(Refusal::new("bad-value", "/data/into", zh, en))
}

/// The event whose content a correction replaces: the first one, also where a correction is corrected.
pub(super) fn original<'e>(events: &'e [Event], event: &Event) -> Option<&'e Event> {
    let mut at = event;
    // Corrections come after what they correct; the bound keeps this safe all the same.
    for _ in 0..=events.len() {
        let Some(target) = &at.corrects else {
            return events.iter().find(|e| e.seq == at.seq);
        };
        let named = || events.iter().filter(|e| e.id == *target);
        at = named().find(|e| e.source == at.source).or_else(|| named().next())?;
    }
    None
}
