//! Entries of lists of cases that no case reaches: those before them take everything that they ask for.

use super::During;
use super::grid::Grid;
use super::place::Places;
use super::sight::Sight;
use crate::policy::codes;
use crate::policy::model::{Bearers, Condition, Duty, Id, Many, Procedure, Timing, Trigger};
use crate::policy::source::say;

/// An entry, as far as it matters which one counts.
struct Entry<'c> {
    when: &'c Condition,
    /// Whether it is passed over for reasons other than its condition.
    may_pass: bool,
}

/// Reports the entries that are never reached.
pub(super) fn find(during: &During<'_>, places: &Places<'_>) {
    for procedure in &during.set.procedures {
        for duty in &procedure.duties {
            let (Trigger::Events(on) | Trigger::Sampled(on)) = &duty.on else {
                continue;
            };
            for (key, entries) in lists(duty) {
                for nth in unreached(during, on, &duty.when, &entries) {
                    report(places, procedure, duty, key, nth);
                }
            }
        }
    }
}

fn lists(duty: &Duty) -> Vec<(&'static str, Vec<Entry<'_>>)> {
    let plain = |when| Entry { when, may_pass: false };
    let mut lists = Vec::new();
    match &duty.timing {
        Timing::ByCase(terms) => lists.push(("within", terms.iter().map(|term| plain(&term.when)).collect())),
        Timing::Recurring { rhythm, .. } => {
            lists.push(("every", rhythm.paces.iter().map(|pace| plain(&pace.when)).collect()));
        }
        _ => {}
    }
    if let Bearers::Choice(bearings) = &duty.bearers {
        let entries = bearings.iter().map(|bearing| Entry {
            when: &bearing.when,
            may_pass: bearing.person.is_some() || bearing.during.is_some(),
        });
        lists.push(("bearer", entries.collect()));
    }
    if let Some(Many::Share { shares, .. }) = duty.count.as_ref().map(|count| &count.many) {
        lists.push(("count", shares.iter().map(|share| plain(&share.when)).collect()));
    }
    lists
}

/// The places of the entries that no case reaches. The last, which takes what is left, may have nothing left.
fn unreached(during: &During<'_>, on: &[Id], when: &Condition, entries: &[Entry<'_>]) -> Vec<usize> {
    if entries.len() < 2 {
        return Vec::new();
    }
    let mut reached = vec![false; entries.len()];
    let mut conditions = vec![when];
    conditions.extend(entries.iter().map(|entry| entry.when));
    for event in on {
        let Some(sight) = Sight::of(during.set, event) else {
            return Vec::new();
        };
        let Some(grid) = Grid::of(&conditions, &sight, true) else {
            return Vec::new();
        };
        for point in grid.points() {
            let data = grid.data(&point);
            if !when.holds_for(&data) {
                continue;
            }
            for (entry, reached) in entries.iter().zip(&mut reached) {
                if entry.when.holds_for(&data) {
                    *reached = true;
                    if !entry.may_pass {
                        break;
                    }
                }
            }
        }
    }
    // A rule that never fires is another finding.
    if !reached.contains(&true) {
        return Vec::new();
    }
    let conditional = entries.iter().zip(reached).enumerate();
    let never = conditional.filter(|(_, (entry, reached))| !reached && !entry.when.0.is_empty());
    never.map(|(nth, _)| nth).collect()
}

fn report(places: &Places<'_>, procedure: &Procedure, duty: &Duty, key: &str, nth: usize) {
    let Some(spot) = places.rule(procedure, &duty.id) else {
        return;
    };
    let (place, number) = (spot.key(key, Some((nth, "when"))), nth.saturating_add(1));
    let id = &duty.id;
    place.find_shown(
        codes::ENTRY_NEVER_APPLIES,
        say!(
            "“{id}”的 {key} 的第 {number} 项轮不到：它要的情形，前面各项或规则的 when 都已排除",
            "entry {number} of `{key}` of `{id}` is never reached: what it asks for is taken by earlier entries, or \
             excluded by the rule's `when`"
        ),
        say!(
            "把它移到前面，或改条件，或删去",
            "move it up, change its condition, or remove it"
        ),
        None,
    );
}
