//! Exceptions that never hold: no data meet them, none of what they waive ever meets them, or their dates lie where
//! there is nothing to waive.

use super::grid::Grid;
use super::place::{Places, Spot};
use super::sight::{Sight, kinds};
use crate::policy::codes;
use crate::policy::model::{Company, Condition, Duty, Exception, Id, InForce, Procedure, Timing, Trigger};
use crate::policy::source::say;
use chrono::NaiveDate;
use std::sync::Arc;

/// Reports the exceptions that never hold.
pub(super) fn find(company: &Company, places: &Places<'_>) {
    for procedure in company.editions() {
        for exception in &procedure.exceptions {
            let Some(spot) = places.rule(procedure, &exception.id) else {
                continue;
            };
            dated(company, procedure, exception, &spot);
            if !exception.when.0.is_empty() {
                tested(company, exception, &spot);
            }
        }
    }
}

/// The sets of editions that were decided, not those that only came to be known of a calendar.
fn sets(company: &Company) -> impl Iterator<Item = &InForce> {
    company.in_force.iter().filter(|set| !set.known)
}

/// All ways in which a rule reads, each with the editions that it is in force with.
fn reads<'c>(company: &'c Company, rule: &'c Id) -> impl Iterator<Item = (&'c InForce, &'c Procedure, &'c Arc<Duty>)> {
    sets(company).flat_map(move |set| {
        let all = set.procedures.iter();
        let all = all.flat_map(|procedure| procedure.duties.iter().map(move |duty| (&**procedure, duty)));
        let of_id = all.filter(move |(_, duty)| duty.id == *rule);
        of_id.map(move |(procedure, duty)| (set, procedure, duty))
    })
}

/// What the conditions say: of the exception alone, and of it and each rule that it waives.
fn tested(company: &Company, exception: &Exception, spot: &Spot<'_>) {
    let id = &exception.id;
    let waived = || exception.waives.iter().flat_map(|rule| reads(company, rule));
    if waived().next().is_some() && waived().all(|(set, _, duty)| !meets_alone(set, duty, &exception.when)) {
        spot.key("when", None).find(
            codes::EXCEPTION_NEVER,
            say!("“{id}”的 when 没有一种数据能满足", "no data meet the `when` of `{id}`"),
            say!(
                "改掉互相矛盾的要求，或删去它",
                "change the tests that contradict each other, or remove it"
            ),
        );
        return;
    }
    for rule in &exception.waives {
        let meets = |(set, _, duty): (&InForce, &Procedure, &Arc<Duty>)| meets_with(set, duty, &exception.when);
        if reads(company, rule).next().is_none() || reads(company, rule).any(meets) {
            continue;
        }
        spot.key("when", None).find(
            codes::EXCEPTION_NEVER,
            say!(
                "“{id}”的 when 和“{rule}”的 when 矛盾：“{rule}”的义务产生时，它从不成立；只有以后改了案件的数据才会",
                "the `when` of `{id}` contradicts that of `{rule}`: it does not hold when an obligation of `{rule}` comes to \
                 be, only if the case's data change later"
            ),
            say!(
                "改掉其中一个 when，或从 waives 里去掉“{rule}”",
                "change one of the two, or take `{rule}` out of `waives`"
            ),
        );
    }
}

/// Whether some data of a duty's cases meet a condition; `true` where it cannot be known.
fn meets_alone(set: &InForce, duty: &Duty, when: &Condition) -> bool {
    let mut sights = kinds(duty)
        .into_iter()
        .filter_map(|kind| Sight::of_case(set, kind))
        .peekable();
    sights.peek().is_none() || sights.any(|sight| both_hold(&sight, &Condition(Vec::new()), when))
}

/// Whether, of the cases that meet a duty's condition when it comes to be owed, some meet another as well; `true` where
/// it cannot be known.
fn meets_with(set: &InForce, duty: &Duty, when: &Condition) -> bool {
    let later = duty.from.is_some() || matches!(duty.timing, Timing::Recurring { .. });
    match &duty.on {
        Trigger::Events(events) if !later => {
            events.is_empty()
                || events.iter().any(|event| {
                    let sight = Sight::of(set, event);
                    sight.is_none_or(|sight| {
                        // What the event says of itself is not the case's, even under the same name.
                        let apart = when.0.iter().any(|(field, _)| sight.is_of_event(field));
                        apart || both_hold(&sight, &duty.when, when)
                    })
                })
        }
        // These look at the case as it is then.
        Trigger::Events(_) | Trigger::Opened(_) | Trigger::Breached(_) => {
            let mut sights = kinds(duty)
                .into_iter()
                .filter_map(|kind| Sight::of_case(set, kind))
                .peekable();
            sights.peek().is_none() || sights.any(|sight| both_hold(&sight, &duty.when, when))
        }
        // What these look at may be another case's, or the event's, or of another day.
        Trigger::Fulfilled(_) | Trigger::Occasion(_) | Trigger::Sampled(_) => true,
    }
}

/// Whether some data meet both.
fn both_hold(sight: &Sight<'_>, one: &Condition, other: &Condition) -> bool {
    Grid::of(&[one, other], sight, true).is_none_or(|grid| {
        let mut data = grid.points().map(|point| grid.data(&point));
        data.any(|data| one.holds_for(&data) && other.holds_for(&data))
    })
}

/// What the dates say: an exception holds while its edition is in force, for what is owed then.
fn dated(company: &Company, procedure: &Procedure, exception: &Exception, spot: &Spot<'_>) {
    let (id, head) = (&exception.id, &procedure.head);
    let follow = sets(company).filter_map(|set| {
        let mut later = set.procedures.iter();
        let later = later.find(|p| p.head.id == head.id && p.head.effective > head.effective)?;
        Some((set, later))
    });
    if let Some((set, next)) = follow.min_by_key(|(_, next)| next.head.effective) {
        let (from, effective) = (exception.from, next.head.effective);
        let kept = next.exceptions.iter().any(|other| other.id == *id);
        // What the next edition has no rule for keeps the exceptions that it had.
        let there = |rule: &Id| {
            set.procedures
                .iter()
                .flat_map(|p| &p.duties)
                .any(|duty| duty.id == *rule)
        };
        if from >= effective && !kept && exception.waives.iter().all(there) {
            spot.key("from", None).find(
                codes::EXCEPTION_NEVER,
                say!(
                    "“{id}”从 {from} 起，而从 {effective} 起执行的是下一版，下一版没有它",
                    "`{id}` begins on {from}, and from {effective} on the next edition is in force, which does not have it"
                ),
                say!(
                    "把它写到下一版的文件里，或改 from",
                    "write it into the next edition's file, or change `from`"
                ),
            );
            return;
        }
    }
    if exception.until < head.effective {
        return;
    }
    for rule in &exception.waives {
        let begins = reads(company, rule)
            .map(|(_, procedure, _)| procedure.head.effective)
            .min();
        let begins: Option<NaiveDate> = begins.filter(|begins| exception.until < *begins);
        let Some((begins, until)) = begins.map(|begins| (begins, exception.until)) else {
            continue;
        };
        spot.key("until", None).find(
            codes::EXCEPTION_NEVER,
            say!(
                "“{id}”到 {until} 为止，“{rule}”{begins} 才执行",
                "`{id}` ends on {until}, and `{rule}` is in force from {begins} on"
            ),
            say!(
                "从 waives 里去掉“{rule}”，或改 until",
                "take `{rule}` out of `waives`, or change `until`"
            ),
        );
    }
}
