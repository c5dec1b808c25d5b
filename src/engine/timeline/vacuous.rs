//! Expectations that cannot fail, whatever the rules are: what shows nothing is a fault of the timeline.

use super::{Expect, Failure, Timeline, Written, refer};
use crate::domain::zone::{Instant, Zone};
use std::collections::BTreeSet;

/// Every expectation of an absence where nothing can be: before the first event, or of a case without an event.
pub(super) fn faults(zone: Zone, timeline: &Timeline) -> Vec<Failure> {
    let times = timeline
        .events
        .iter()
        .map(|happens| Written(happens.event.occurred_at.clone()));
    let first: Option<Instant> = times.filter_map(|at| refer::instant(zone, &at)).min();
    let cases: BTreeSet<&str> = timeline
        .events
        .iter()
        .map(|happens| happens.event.case.as_str())
        .collect();
    let mut failures = Vec::new();
    for expect in &timeline.expects {
        let early = refer::instant(zone, &expect.at).is_some_and(|at| first.is_none_or(|first| at < first));
        if early && only_absences(expect) {
            failures.push(Failure::new(
                expect.line,
                "到这一刻还没有发生过什么，期望“没有”总是成立；把 at 写到第一件事之后",
                "nothing has happened by then, so that an absence is certain; write an `at` after the first event",
            ));
            continue;
        }
        let owed = expect.obligations.iter().flatten();
        // The engine opens cases of its own, whose ids have a colon.
        let absent =
            owed.filter(|o| o.what.none && !o.what.case.contains(':') && !cases.contains(o.what.case.as_str()));
        failures.extend(absent.map(|owed| {
            let case = &owed.what.case;
            Failure::new(
                owed.line,
                format!("案件 `{case}` 在这条时间线里没有事件，期望它没有义务总是成立；写一件有事件的案件"),
                format!("the case `{case}` has no event in this timeline, so that it owes nothing is certain; name a case with events"),
            )
        }));
    }
    failures
}

fn only_absences(expect: &Expect) -> bool {
    let none_of = |list: Option<usize>| list.is_none_or(|n| n == 0);
    let others = [
        expect.rates.as_ref().map(Vec::len),
        expect.metrics.as_ref().map(Vec::len),
        expect.penalties.as_ref().map(Vec::len),
        expect.effects.as_ref().map(Vec::len),
        expect.spawned.as_ref().map(Vec::len),
        expect.turns.as_ref().map(Vec::len),
        expect.hours.as_ref().map(Vec::len),
        expect.samples.as_ref().map(Vec::len),
        expect.next.as_ref().map(Vec::len),
        expect.notices.as_ref().map(Vec::len),
        expect.visible.as_ref().map(Vec::len),
    ];
    let owed = expect.obligations.iter().flatten().all(|owed| owed.what.none);
    owed && others.into_iter().all(none_of)
}
