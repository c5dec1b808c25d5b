//! Rules that never fire: no event of theirs meets their condition, or none can happen.

use super::grid::Grid;
use super::place::{Places, Spot};
use super::sight::Sight;
use super::witness::{Shows, Witness};
use super::{During, event};
use crate::domain::value::Fields;
use crate::policy::codes;
use crate::policy::model::{Condition, Duty, Id, InForce, NeedTest, Procedure, Trigger};
use crate::policy::source::say;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Reports the rules that never fire.
pub(super) fn find(during: &During<'_>, places: &Places<'_>) {
    let never = event::impossible(during.set);
    for procedure in &during.set.procedures {
        let mut find = Find {
            during,
            places,
            never: &never,
            procedure,
        };
        for duty in &procedure.duties {
            match &duty.on {
                Trigger::Events(on) | Trigger::Sampled(on) if !on.is_empty() => {
                    find.rule(&duty.id, "on", on, &duty.when, true);
                }
                Trigger::Opened(rules) => find.after(duty, rules),
                _ => {}
            }
        }
        for rule in &procedure.thresholds {
            find.rule(&rule.id, "on", &rule.on, &rule.when, false);
        }
        for rule in &procedure.gates {
            find.rule(&rule.id, "on", &rule.on, &rule.when, false);
        }
        for rule in &procedure.samples {
            find.rule(&rule.id, "of", &rule.on, &rule.when, false);
        }
        for rule in procedure.guidance.iter().filter(|rule| !rule.on.is_empty()) {
            find.rule(&rule.id, "on", &rule.on, &rule.when, false);
        }
    }
}

struct Find<'d, 'a> {
    during: &'d During<'d>,
    places: &'d Places<'a>,
    never: &'d BTreeSet<&'d Id>,
    procedure: &'d Arc<Procedure>,
}

impl<'a> Find<'_, 'a> {
    fn spot(&self, id: &str) -> Option<Spot<'a>> {
        self.places.rule(self.procedure, id)
    }

    /// A rule that follows on events.
    fn rule(&mut self, id: &Id, key: &str, on: &[Id], when: &Condition, is_duty: bool) {
        let set = self.during.set;
        if on.is_empty() {
            return;
        }
        if on.iter().all(|event| self.never.contains(event)) {
            self.waits(id, key, on);
            return;
        }
        if when.0.is_empty() || on.iter().any(|event| can_hold(set, event, when)) {
            return;
        }
        let (Some(spot), Some(event)) = (self.spot(id), on.first()) else {
            return;
        };
        let near = nearest(set, event, when).filter(|_| is_duty);
        let witness = near.map(|data| Witness {
            rule: id.clone(),
            event: event.clone(),
            on: self.during.from,
            data,
            shows: Shows::NotOwed(vec![id.clone()]),
        });
        spot.key("when", None).find_shown(
            codes::RULE_NEVER_FIRES,
            say!(
                "“{id}”的 when 没有一种数据能满足，这条规则永远不会起作用",
                "no data meet the `when` of `{id}`; the rule never takes effect"
            ),
            say!(
                "改掉互相矛盾的要求，或删去这条规则",
                "change the tests that contradict each other, or remove the rule"
            ),
            witness,
        );
    }

    fn waits(&self, id: &str, key: &str, on: &[Id]) {
        let Some(spot) = self.spot(id) else { return };
        let event = on.first().map(|event| &**event).unwrap_or_default();
        let gate = event::gates(self.during.set, event).next();
        let gate = gate.map(|gate| gate.id.to_string()).unwrap_or_default();
        spot.key(key, None).find_shown(
            codes::RULE_NEVER_FIRES,
            say!(
                "事件 {event} 永远不会发生：前提“{gate}”要等的事件，又在等它先发生",
                "the event {event} never happens: the gate `{gate}` waits for events that wait for it"
            ),
            say!("改掉其中一个前提的 happened", "change `happened` of one of the gates"),
            None,
        );
    }

    /// A duty that comes to be with another: both conditions look at the same data.
    fn after(&self, duty: &Arc<Duty>, rules: &[Id]) {
        let set = self.during.set;
        if duty.when.0.is_empty() {
            return;
        }
        let all = || set.procedures.iter().flat_map(|procedure| &procedure.duties);
        let mut parents = Vec::new();
        for rule in rules {
            let Some(parent) = all().find(|known| known.id == *rule) else {
                return;
            };
            let Trigger::Events(events) = &parent.on else { return };
            // What is drawn later, or opens later, meets the case as it is then.
            if parent.draw.is_some() || parent.from.is_some() {
                return;
            }
            parents.push((parent, events));
        }
        let mut ways = parents
            .iter()
            .flat_map(|(parent, on)| on.iter().map(move |event| (parent, event)));
        let meets = |event: &Id, parent: &Duty| {
            let both = Condition(parent.when.0.iter().chain(&duty.when.0).cloned().collect());
            can_hold(set, event, &both)
        };
        if parents.is_empty() || ways.any(|(parent, event)| meets(event, parent)) {
            return;
        }
        let Some(spot) = self.spot(&duty.id) else { return };
        let (id, of) = (&duty.id, rules.join("、"));
        spot.key("when", None).find_shown(
            codes::RULE_NEVER_FIRES,
            say!(
                "“{id}”的 when 和“{of}”的 when 矛盾：有那项义务的时候，这一项从不成立",
                "the `when` of `{id}` contradicts that of `{of}`: where there is that obligation, this one never is"
            ),
            say!("改掉其中一个 when", "change one of the two"),
            None,
        );
    }
}

/// Whether some data of the event meet the condition and pass the gates; `true` where it cannot be known.
fn can_hold(set: &InForce, event: &str, when: &Condition) -> bool {
    let Some(sight) = Sight::of(set, event) else {
        return true;
    };
    let mut thats: Vec<(&Condition, &Condition, &Condition)> = Vec::new();
    for gate in event::gates(set, event) {
        for need in &gate.needs {
            if let NeedTest::That(that) = &need.test {
                thats.push((&gate.when, &need.only_if, that));
            }
        }
    }
    let mut conditions = vec![when];
    conditions.extend(thats.iter().flat_map(|(gate, only, that)| [*gate, *only, *that]));
    let grid = match Grid::of(&conditions, &sight, true) {
        Some(grid) => grid,
        None => {
            thats.clear();
            match Grid::of(&[when], &sight, true) {
                Some(grid) => grid,
                None => return true,
            }
        }
    };
    grid.points().any(|point| {
        let data = grid.data(&point);
        let passes = |(gate, only, that): &(&Condition, &Condition, &Condition)| {
            !gate.holds_for(&data) || !only.holds_for(&data) || that.holds_for(&data)
        };
        when.holds_for(&data) && thats.iter().all(passes)
    })
}

/// The data that meet most of a condition.
fn nearest(set: &InForce, event: &str, when: &Condition) -> Option<Fields> {
    let sight = Sight::of(set, event)?;
    let grid = Grid::of(&[when], &sight, true)?;
    let met = |data: &Fields| {
        when.0
            .iter()
            .filter(|(field, test)| test.holds(data.get(field)))
            .count()
    };
    let all = grid.points().map(|point| grid.data(&point));
    all.fold(None, |best: Option<Fields>, data| match best {
        Some(best) if met(&best) >= met(&data) => Some(best),
        _ => Some(data),
    })
}
