//! Why an obligation that somebody expected is not there: the conditions of its rule, which of them are met, and the
//! smallest set of those that are not. The evaluator itself is asked: with all of the set supposed to be met the
//! obligation comes to be, and without any one of them it does not.

mod need;
mod suppose;
mod tell;
mod way;
mod ways;

pub use tell::text;

use crate::domain::event::Event;
use crate::domain::zone::Instant;
use crate::engine::case::{Case, Context};
use crate::engine::intake::Unmet;
use crate::policy::finding::Text;
use crate::policy::model::{Duty, Id};
use need::Need;
use serde::Serialize;
use std::sync::Arc;
use way::Way;

/// How deep rules that follow on each other are looked into.
const MAX_DEPTH: u8 = 6;

/// The case that is asked about, as it is at an instant.
pub struct Before<'a> {
    /// What the fold is given beside the events.
    pub ctx: Context<'a>,
    /// The case's id.
    pub id: &'a str,
    /// The case.
    pub case: &'a Case,
    /// Its events that count, in the order of the fold.
    pub events: &'a [Event],
    /// The instant.
    pub as_of: Instant,
    /// The events that the case would not take now, each with what stands in its way.
    pub refused: &'a [(Id, Vec<Unmet>)],
}

/// Why an obligation is not there.
#[derive(Clone, Debug, Serialize)]
pub struct WhyNot {
    /// The case.
    pub case: String,
    /// The rule.
    pub rule: String,
    /// What it asks for.
    pub title: String,
    /// The instant.
    pub as_of: String,
    /// Whether there is an obligation of the rule after all.
    pub exists: bool,
    /// Their ids.
    pub obligations: Vec<String>,
    /// The answer in a sentence.
    #[serde(serialize_with = "crate::engine::explain::both")]
    pub verdict: Text,
    /// How many of the conditions are met.
    pub met: usize,
    /// How many conditions there are.
    pub of: usize,
    /// The conditions, first those that are met.
    pub conditions: Vec<ConditionSaid>,
    /// Whether the evaluator has confirmed the set: with all that is unmet supposed to be met the obligation comes to
    /// be, and with any one of them left out it does not.
    pub checked: bool,
    /// The clauses of the rule, in its words.
    pub clauses: Vec<crate::engine::explain::ClauseSaid>,
    /// The procedure.
    pub procedure: String,
    /// Its edition.
    pub edition: String,
}

/// A condition of a rule.
#[derive(Clone, Debug, Serialize)]
pub struct ConditionSaid {
    /// What kind of condition: `event`, `anchor`, `field`, `wish`, `in-force`, `not-ended`, `performed`, `overdue`,
    /// `drawn`, `kind`, `occasion`, `secret`.
    pub what: &'static str,
    /// Whether it is met.
    pub met: bool,
    /// In words.
    #[serde(serialize_with = "crate::engine::explain::both")]
    pub text: Text,
    /// The rule whose condition it is.
    pub rule: String,
    /// Its clause.
    pub clause: Option<String>,
    /// The field, of a condition on one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What the field says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The event types that would meet it, or the events that stand in its way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<String>,
    /// What such an event would be refused for now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<Unmet>,
}

/// The rules that can be asked about, in the order of their names.
pub fn rules(ctx: &Context<'_>) -> Vec<Id> {
    let duties = ctx.history.sets().flat_map(|c| c.editions()).flat_map(|p| &p.duties);
    let mut ids: Vec<Id> = duties.map(|d| d.id.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Why a case has no obligation of a rule at an instant; none if there is no such rule.
pub fn why_not(before: &Before<'_>, rule: &str) -> Option<WhyNot> {
    let mine = |o: &&crate::engine::obligation::Obligation| *o.duty.id == *rule;
    let owed = |o: &&crate::engine::obligation::Obligation| o.is_owed() && !o.is_hidden(before.as_of);
    let there = before.case.obligations.iter().filter(mine);
    let ids: Vec<String> = there.clone().filter(owed).map(|o| o.key().id(before.id)).collect();
    let rule: Id = rules(&before.ctx).into_iter().find(|id| **id == *rule)?;
    if let Some(found) = there.clone().find(owed) {
        return Some(tell::exists(before, &found.duty, ids));
    }
    let (way, checked) = smallest(before, &rule)?;
    Some(tell::answer(before, &way, checked))
}

/// The way with the fewest conditions unmet that the evaluator confirms, without what need not be supposed.
fn smallest(before: &Before<'_>, rule: &Id) -> Option<(Way, bool)> {
    let mut ways = ways::ways(before, rule, MAX_DEPTH);
    ways.sort_by_key(|way| way.needs.len());
    let mut best: Option<Way> = None;
    for way in &ways {
        let Some(way) = enough(before, rule, way) else { continue };
        let way = reduced(before, rule, &way);
        if best.as_ref().is_none_or(|best| way.needs.len() < best.needs.len()) {
            best = Some(way);
        }
    }
    match best {
        Some(best) => Some((best, true)),
        None => ways.into_iter().next().map(|way| (way, false)),
    }
}

/// A way with which the obligation comes to be, if need be because it is drawn as well.
fn enough(before: &Before<'_>, rule: &Id, way: &Way) -> Option<Way> {
    let arises = |way: &Way| {
        let all: Vec<&Need> = way.needs.iter().map(|(_, need)| need).collect();
        !all.is_empty() && suppose::arises(before, rule, &all)
    };
    if arises(way) {
        return Some(way.clone());
    }
    let mut drawn = way.clone();
    for duty in way.needs.iter().map(|(of, _)| of).chain([&way.duty]) {
        let rule = duty.id.clone();
        let known = drawn
            .needs
            .iter()
            .any(|(_, need)| matches!(need, Need::Drawn { rule: of } if *of == rule));
        if duty.draw.is_some() && !known {
            drawn.needs.push((duty.clone(), Need::Drawn { rule }));
        }
    }
    (drawn.needs.len() > way.needs.len() && arises(&drawn)).then_some(drawn)
}

/// A way without the needs without which the obligation comes to be all the same.
fn reduced(before: &Before<'_>, rule: &Id, way: &Way) -> Way {
    let mut way = way.clone();
    let mut at = 0;
    while at < way.needs.len() {
        let others = way.needs.iter().enumerate().filter(|(ix, _)| *ix != at);
        let others: Vec<&Need> = others.map(|(_, (_, need))| need).collect();
        if suppose::arises(before, rule, &others) {
            way.needs.remove(at);
            at = 0;
        } else {
            at += 1;
        }
    }
    way
}

/// Whether the obligation comes to be when some of an answer's unmet conditions are supposed to be met: those whose
/// place among the unmet ones is in `places`. For whoever wants to check the answer.
pub fn arises_with(before: &Before<'_>, rule: &str, places: &[usize]) -> Option<bool> {
    let rule = rules(&before.ctx).into_iter().find(|id| **id == *rule)?;
    let (way, checked) = smallest(before, &rule)?;
    let needs = way.needs.iter().enumerate().filter(|(ix, _)| places.contains(ix));
    let needs: Vec<&Need> = needs.map(|(_, (_, need))| need).collect();
    checked.then(|| suppose::arises(before, &rule, &needs))
}

/// A duty whose condition something is.
type Of = Arc<Duty>;
