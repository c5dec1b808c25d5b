//! Gaps in a table of rules: a value for which no rule applies, where the others each have theirs.
//!
//! A family is the rules with a condition for one event. A case without a rule is a gap if, along every field, all other
//! values have a rule (of whole numbers: those on both sides, or all the others) or none has; and if the rules beside it
//! are not all the same, for else one rule only means what it names. What an author has decided (`assume` names the
//! value) is none.

use super::During;
use super::grid::Grid;
use super::place::Places;
use super::sight::Sight;
use super::witness::{Shows, Witness};
use crate::policy::codes;
use crate::policy::model::{Condition, Duty, Id, Procedure, Trigger};
use crate::policy::source::say;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// So many gaps of a family are reported, each by itself.
const MAX_REPORTED: usize = 20;

type Rule<'c> = (&'c Arc<Procedure>, &'c Arc<Duty>);

/// Reports the gaps.
pub(super) fn find(during: &During<'_>, places: &Places<'_>) {
    let mut families: BTreeMap<&Id, Vec<Rule<'_>>> = BTreeMap::new();
    for procedure in &during.set.procedures {
        for duty in &procedure.duties {
            let Trigger::Events(on) = &duty.on else { continue };
            for event in on.iter().filter(|_| duty.from.is_none()) {
                families.entry(event).or_default().push((procedure, duty));
            }
        }
    }
    for (event, mut rules) in families {
        let conditional = |rule: &Rule<'_>| !rule.1.when.0.is_empty();
        let does = |one: &Duty, other: &Duty| one.done.iter().any(|a| other.done.iter().any(|b| a.event == b.event));
        // A rule that always applies stands for those that ask for the same act.
        let always: Vec<Rule<'_>> = rules.iter().filter(|rule| !conditional(rule)).copied().collect();
        rules.retain(conditional);
        let stands_in = rules
            .iter()
            .any(|rule| always.iter().any(|other| does(rule.1, other.1)));
        if rules.len() > 1 && !stands_in {
            family(during, places, event, &rules);
        }
    }
}

fn family(during: &During<'_>, places: &Places<'_>, event: &Id, rules: &[Rule<'_>]) {
    let conditions: Vec<&Condition> = rules.iter().map(|(_, duty)| &duty.when).collect();
    let Some(sight) = Sight::of(during.set, event) else {
        return;
    };
    let Some(mut grid) = Grid::of(&conditions, &sight, false) else {
        return;
    };
    counts_from_zero(&mut grid);
    let mut cover: BTreeMap<Vec<usize>, Vec<usize>> = BTreeMap::new();
    for point in grid.points() {
        let data = grid.data(&point);
        let holding = conditions.iter().enumerate().filter(|(_, when)| when.holds_for(&data));
        let holding = holding.map(|(nth, _)| nth).collect();
        cover.insert(point, holding);
    }
    // A rule that never fires is another finding.
    let fires = |nth: &usize| cover.values().any(|holding| holding.contains(nth));
    let firing: Vec<Rule<'_>> = (0..rules.len())
        .filter(fires)
        .filter_map(|nth| rules.get(nth).copied())
        .collect();
    let mut reported: BTreeSet<String> = BTreeSet::new();
    for (point, holding) in &cover {
        if !holding.is_empty() || reported.len() >= MAX_REPORTED {
            continue;
        }
        let Some(free) = gap(&grid, &cover, point) else {
            continue;
        };
        if is_decided(&grid, point, &free, &firing) {
            continue;
        }
        let says = grid.says(point, &free);
        if reported.insert(says.zh.clone()) {
            report(during, places, event, &firing, &says, grid.data(point));
        }
    }
}

/// Whether an author says what is to be so in this case: `assume` of a rule names its values.
fn is_decided(grid: &Grid, point: &[usize], free: &BTreeSet<usize>, rules: &[Rule<'_>]) -> bool {
    let bound = grid
        .axes
        .iter()
        .zip(point)
        .enumerate()
        .filter(|(nth, _)| !free.contains(nth));
    let values = bound.map(|(_, (axis, at))| axis.classes.get(*at).and_then(|class| class.value.as_ref()));
    let values: Vec<String> = values.flatten().map(ToString::to_string).collect();
    let assumed = rules.iter().filter_map(|(_, duty)| duty.assume.as_deref());
    assumed
        .into_iter()
        .any(|text| values.iter().all(|value| text.contains(value)))
}

/// A number of which no rule names a value below zero counts something: there is none below zero.
fn counts_from_zero(grid: &mut Grid) {
    for axis in &mut grid.axes {
        let below = |low: Option<i64>| low.is_some_and(|low| low < 0);
        let starts = || axis.classes.iter().filter_map(|class| class.range);
        if starts().any(|(low, _)| below(low)) {
            continue;
        }
        axis.classes
            .retain(|class| !matches!(class.range, Some((None, Some(high))) if high < 0));
        for class in &mut axis.classes {
            if let Some((low @ None, Some(_))) = &mut class.range {
                *low = Some(0);
            }
        }
    }
}

/// If a case without a rule is a gap: the fields that it does not depend on.
fn gap(grid: &Grid, cover: &BTreeMap<Vec<usize>, Vec<usize>>, point: &[usize]) -> Option<BTreeSet<usize>> {
    let mut free = BTreeSet::new();
    let mut beside: BTreeSet<&Vec<usize>> = BTreeSet::new();
    for (nth, axis) in grid.axes.iter().enumerate() {
        let here = *point.get(nth)?;
        let mut line: Vec<&Vec<usize>> = Vec::new();
        for at in 0..axis.classes.len() {
            let mut other = point.to_vec();
            *other.get_mut(nth)? = at;
            line.push(cover.get(&other)?);
        }
        let open: Vec<usize> = (0..line.len())
            .filter(|at| line.get(*at).is_some_and(|rules| rules.is_empty()))
            .collect();
        if open.len() == line.len() {
            free.insert(nth);
            continue;
        }
        if !is_hole(grid, nth, here, &open) {
            return None;
        }
        beside.extend(line.into_iter().filter(|rules| !rules.is_empty()));
    }
    (beside.len() > 1).then_some(free)
}

/// Whether the values without a rule around this one are a hole in a line of values.
fn is_hole(grid: &Grid, axis: usize, here: usize, open: &[usize]) -> bool {
    let Some(axis) = grid.axes.get(axis) else { return false };
    let is_number = axis.classes.iter().all(|class| class.range.is_some());
    if !is_number {
        return open.len() == 1;
    }
    // The stretch of values without a rule around this one.
    let is_open = |at: usize| open.contains(&at);
    let first = (0..=here).rev().take_while(|at| is_open(*at)).last().unwrap_or(here);
    let last = (here..axis.classes.len())
        .take_while(|at| is_open(*at))
        .last()
        .unwrap_or(here);
    let inside = first > 0 && last.saturating_add(1) < axis.classes.len();
    inside || open.iter().all(|at| (first..=last).contains(at))
}

fn report(
    during: &During<'_>,
    places: &Places<'_>,
    event: &Id,
    rules: &[Rule<'_>],
    says: &crate::policy::finding::Text,
    data: crate::domain::value::Fields,
) {
    let Some((procedure, first)) = rules.first() else {
        return;
    };
    let Some(spot) = places.rule(procedure, &first.id) else {
        return;
    };
    let ids: Vec<Id> = rules.iter().map(|(_, duty)| duty.id.clone()).collect();
    let (zh, en) = (&says.zh, &says.en);
    let (list_zh, list_en) = (ids.join("、"), ids.join("`, `"));
    spot.key("when", None).find_shown(
        codes::VALUE_WITHOUT_RULE,
        say!(
            "{event}，{zh} 时，“{list_zh}”都不适用，其余的值都有规则",
            "{event}, {en}: none of `{list_en}` applies, and all other values have a rule"
        ),
        say!(
            "给这种情形写一条规则，或让其中一条的 when 包括它；确实不用办的，在其中一条的 assume 里写明这个值",
            "write a rule for this case, or let one of them include it; if nothing is to be done, name the value in an `assume` of theirs"
        ),
        Some(Witness {
            rule: first.id.clone(),
            event: event.clone(),
            on: during.from,
            data,
            shows: Shows::NotOwed(ids),
        }),
    );
}
