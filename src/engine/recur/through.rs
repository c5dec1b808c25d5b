//! A recurring duty that goes through a date of the case, such as the end of a contract. The date may move: what then
//! lies beyond it and is not yet overdue is cancelled; where it moves on, the series goes on from the day of the change.

use super::{Series, State, first_nominal, last_nominal, nominal_count};
use crate::domain::event::Event;
use crate::domain::value::Fields;
use crate::domain::zone::{Instant, Zone};
use crate::engine::case::{Case, happening_end};
use crate::engine::moment::Moment;
use crate::engine::obligation::{Ending, Obligation};
use crate::policy::model::{Duty, Timing};
use chrono::NaiveDate;

/// The last nominal date that a recurring duty has in a case; none where the case does not say one.
pub fn last_on(data: &Fields, duty: &Duty, zone: Zone) -> Option<NaiveDate> {
    let Timing::Recurring { rhythm, .. } = &duty.timing else {
        return None;
    };
    let moment = Moment::of(data, rhythm.through.as_ref()?, zone)?;
    Some(moment.date(zone))
}

/// Lets a series look for what comes next at an instant. What would have been due before that local date is not owed.
pub fn resume(series: &mut Series, on: NaiveDate, at: Instant) {
    series.resumed_on = Some(on);
    series.state = State::Wakes(at);
}

/// Cancels what is not yet overdue and lies after the last date of the case. Where that is the occurrence that is owed
/// now, the series goes back to before it.
pub fn shorten(case: &mut Case, ix: usize, last: NaiveDate, event: &Event, on: NaiveDate) {
    let Some(series) = case.series.get(ix) else { return };
    let (rule, cycle, reached) = (series.duty.id.clone(), series.cycle, series.reached);
    let beyond = |o: &Obligation| {
        let of_series = o.is_live() && o.duty.id == rule && o.cycle == cycle;
        of_series && !o.due.passed(event.occurred_at) && first_nominal(o).is_some_and(|on| on > last)
    };
    let owed = case
        .obligations
        .iter()
        .find(|o| beyond(o) && last_nominal(o) == reached);
    let current = owed.map(nominal_count);
    case.obligations.change(beyond, |obligation| {
        obligation.end = Some(happening_end(Ending::Cancelled, event));
    });
    if let (Some(count), Some(series)) = (current, case.series.get_mut(ix)) {
        series.made.0 = series.made.0.saturating_sub(count);
        series.reached = series.before;
        resume(series, on, event.occurred_at);
    }
}
