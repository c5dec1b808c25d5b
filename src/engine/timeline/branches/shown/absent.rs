//! Branches that show in what is expected not to be.

use super::Look;
use crate::engine::case::Case;
use crate::engine::consent;
use crate::engine::obligation::{Ending, Obligation};
use crate::engine::timeline::branches::Way;
use crate::engine::timeline::branches::list::{family, until};
use crate::policy::model::{Duty, Id, Limit, Timing, Trigger};
use std::collections::BTreeSet;
use std::sync::Arc;

impl<'a> Look<'a> {
    /// What is expected not to be: by `none`, where the case has had nothing of the rule, and by `only`.
    pub(super) fn absences(&mut self) {
        let company = self.snapshot.company;
        let owed = self.expect.obligations.iter().flatten();
        let none: BTreeSet<(&str, &str)> = owed
            .clone()
            .filter(|o| o.what.none)
            .map(|o| (o.what.case.as_str(), o.what.rule.as_str()))
            .collect();
        let whole: BTreeSet<&str> = owed
            .filter(|_| self.expect.only)
            .map(|o| o.what.case.as_str())
            .collect();
        let duties: Vec<&'a Arc<Duty>> = company.procedures.iter().flat_map(|p| &p.duties).collect();
        for (id, case) in self.cases() {
            for duty in &duties {
                let is_none = none.contains(&(&**id, &*duty.id));
                if !is_none && !whole.contains(&**id) {
                    continue;
                }
                let has = case.obligations.iter().any(|o| o.duty.id == duty.id);
                if !has || whole.contains(&**id) {
                    self.absent(id, case, duty);
                }
                self.over(id, case, duty);
            }
        }
    }

    fn absent(&mut self, id: &Id, case: &Case, duty: &Duty) {
        let what = family(duty);
        if !duty.when.0.is_empty() && self.turned_away(id, case, duty) {
            self.taken.add(what, &duty.id, Way::When(false));
        }
        let stops = consent::holding(duty, &case.data).filter(|consent| consent.limit == Limit::Stop);
        let stops: Vec<Id> = stops.map(|consent| consent.id.clone()).collect();
        if self.began(id, duty).is_some() {
            for consent in stops {
                self.taken.add("consent", &consent, Way::When(true));
            }
        }
    }

    /// That nothing more of a duty is there after an event ended it.
    fn over(&mut self, id: &Id, case: &Case, duty: &Duty) {
        let live = case
            .obligations
            .iter()
            .any(|o| o.duty.id == duty.id && o.is_live() && !o.due.passed(self.snapshot.at));
        let Some(began) = self.began(id, duty).filter(|_| !live) else {
            return;
        };
        let mut after = self.seen(id).iter().skip(began);
        if after.any(|seen| until(duty).contains(&seen.event.kind)) {
            self.taken.add(family(duty), &duty.id, Way::Until);
        }
    }

    /// The place of the first event of a case that triggers a duty.
    fn began(&mut self, id: &Id, duty: &Duty) -> Option<usize> {
        let Trigger::Events(kinds) = &duty.on else {
            return None;
        };
        self.seen(id).iter().position(|seen| kinds.contains(&seen.event.kind))
    }

    /// Whether something would have triggered a duty if its condition had held.
    fn turned_away(&mut self, id: &Id, case: &Case, duty: &Duty) -> bool {
        let recurs = matches!(duty.timing, Timing::Recurring { .. });
        match &duty.on {
            Trigger::Events(kinds) => {
                let mut begun = false;
                self.seen(id).iter().any(|seen| {
                    begun = kinds.contains(&seen.event.kind) || begun && recurs;
                    begun && !seen.meets(&duty.when)
                })
            }
            Trigger::Occasion(_) | Trigger::Sampled(_) => {
                let occasions = self.snapshot.world.context().occasions.of(&case.kind);
                let mut due = occasions
                    .iter()
                    .filter(|one| one.duty.id == duty.id && one.what.at <= self.snapshot.at);
                due.any(|one| one.turns_away(case))
            }
            Trigger::Opened(rules) | Trigger::Fulfilled(rules) | Trigger::Breached(rules) => {
                let at = self.snapshot.at;
                for (ix, above) in case.obligations.iter().enumerate() {
                    let follows = |o: &Obligation| o.duty.id == duty.id && o.parent == u32::try_from(ix).ok();
                    if !rules.contains(&above.duty.id) || case.obligations.iter().any(follows) {
                        continue;
                    }
                    let breach = above.breach(at, case.paused(&above.duty, at));
                    let fulfilled = above.end.as_ref().filter(|end| end.how == Ending::Fulfilled);
                    let when = match &duty.on {
                        Trigger::Fulfilled(_) => fulfilled.map(|end| end.by.at),
                        Trigger::Breached(_) => breach.map(|breach| breach.at),
                        _ => above.is_owed().then_some(above.trigger.at),
                    };
                    let Some(when) = when else { continue };
                    let mut seen = self.seen(id).iter().rev();
                    let stood = seen.find(|seen| seen.event.occurred_at <= when);
                    let by_event = matches!(duty.on, Trigger::Fulfilled(_));
                    let holds = stood.is_some_and(|seen| match by_event {
                        true => seen.meets(&duty.when),
                        false => duty.when.holds_for(&seen.data),
                    });
                    if !holds {
                        return true;
                    }
                }
                false
            }
        }
    }
}
