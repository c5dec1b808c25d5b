//! What a case's wishes leave of the duties towards it.

use crate::domain::event::Event;
use crate::domain::value::{Fields, Value};
use crate::engine::case::{Case, happening_end};
use crate::engine::obligation::{Ending, Obligation};
use crate::policy::model::{Consent, Duty, Id, Limit};
use std::sync::Arc;

/// The limits of a duty that hold for a case.
pub fn holding<'d>(duty: &'d Duty, data: &'d Fields) -> impl Iterator<Item = &'d Arc<Consent>> {
    duty.consents.iter().filter(|consent| consent.when.holds_for(data))
}

/// Whether none of a duty may come to be.
pub fn stops(duty: &Duty, data: &Fields) -> bool {
    holding(duty, data).any(|consent| consent.limit == Limit::Stop)
}

/// How many times as long its intervals are: of several limits, the widest.
pub fn stretch(duty: &Duty, data: &Fields) -> u32 {
    let times = holding(duty, data).filter_map(|consent| match consent.limit {
        Limit::Stretch(times) => Some(times),
        _ => None,
    });
    times.max().unwrap_or(1)
}

/// The channels that may be used: those that every limit allows; none: any.
pub fn channels(duty: &Duty, data: &Fields) -> Option<Vec<Id>> {
    let allowed = holding(duty, data).filter_map(|consent| match &consent.limit {
        Limit::Channels(list) => Some(list.clone()),
        _ => None,
    });
    allowed.reduce(|mut both, list| {
        both.retain(|channel| list.contains(channel));
        both
    })
}

/// The places of the obligations that an event cannot perform because it went another way than the case allows. By the
/// case as it was before: who asks in a call to be written to has still been called.
pub fn barred(case: &Case, event: &Event) -> Vec<usize> {
    let Some(used) = event.data.get("channel").and_then(Value::as_text) else {
        return Vec::new();
    };
    let asked = |o: &Obligation| !o.duty.consents.is_empty() && o.is_live();
    let found = case.obligations.iter().enumerate().filter(|(_, o)| asked(o));
    let found = found.filter(|(_, o)| {
        let allowed = channels(&o.duty, &case.data);
        allowed.is_some_and(|list| !list.iter().any(|channel| channel.as_ref() == used))
    });
    found.map(|(ix, _)| ix).collect()
}

/// Cancels what the case does not allow any more and is not overdue.
pub fn settle(case: &mut Case, event: &Event) {
    if !case.obligations.iter().any(|o| !o.duty.consents.is_empty()) {
        return;
    }
    let data = case.data.clone();
    let stopped = |o: &Obligation| o.is_live() && !o.due.passed(event.occurred_at) && stops(&o.duty, &data);
    case.obligations
        .change(stopped, |o| o.end = Some(happening_end(Ending::Cancelled, event)));
}
