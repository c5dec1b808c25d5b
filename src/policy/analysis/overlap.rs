//! Two rules for one event that are performed by the same event, and ask for it by another day or of somebody else.

use super::During;
use super::grid::Grid;
use super::place::Places;
use super::sight::Sight;
use super::witness::{Shows, Witness, hour};
use crate::domain::deadline::{Counting, Due, reckon};
use crate::domain::pause::Pauses;
use crate::domain::term::Term;
use crate::domain::value::Fields;
use crate::policy::codes;
use crate::policy::finding::Text;
use crate::policy::model::{Bearers, Condition, Duty, Id, Procedure, Timing, Trigger, term_of};
use crate::policy::source::say;
use chrono::NaiveDate;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A year and its holidays, with every length of month on the way.
const SAMPLE_DAYS: usize = 460;

/// Reports the pairs that overlap.
pub(super) fn find(during: &During<'_>, places: &Places<'_>) {
    let mut rules: Vec<(&Arc<Procedure>, &Arc<Duty>)> = Vec::new();
    for procedure in &during.set.procedures {
        rules.extend(procedure.duties.iter().map(|duty| (procedure, duty)));
    }
    rules.retain(|(_, duty)| matches!(&duty.on, Trigger::Events(on) if !on.is_empty()) && asks(duty));
    for (nth, (_, first)) in rules.iter().enumerate() {
        for (procedure, second) in rules.iter().skip(nth.saturating_add(1)) {
            if same_act(during, first, second)
                && let Some(overlap) = overlap(during, first, second)
            {
                report(places, procedure, (first, second), overlap);
            }
        }
    }
}

/// Whether a term that can be compared is all that it asks for.
fn asks(duty: &Duty) -> bool {
    let by_term = matches!(duty.timing, Timing::Within(_) | Timing::ByCase(_));
    by_term && duty.from.is_none() && duty.draw.is_none()
}

/// Whether one event can perform both.
fn same_act(during: &During<'_>, first: &Duty, second: &Duty) -> bool {
    let (a, b) = (&first.done_when, &second.done_when);
    let mut shared = first
        .done
        .iter()
        .filter(|done| second.done.iter().any(|other| other.event == done.event));
    shared.any(|done| {
        if a.0.is_empty() && b.0.is_empty() {
            return true;
        }
        let Some(sight) = Sight::of(during.set, &done.event) else {
            return false;
        };
        Grid::of(&[a, b], &sight, true).is_none_or(|grid| {
            let mut data = grid.points().map(|point| grid.data(&point));
            data.any(|data| a.holds_for(&data) && b.holds_for(&data))
        })
    })
}

/// An event that two rules answer differently.
struct Overlap {
    event: Id,
    on: NaiveDate,
    data: Fields,
    says: Text,
    terms: [Term; 2],
    differs: Differs,
}

enum Differs {
    Term,
    Bearer([String; 2]),
}

fn overlap(during: &During<'_>, first: &Arc<Duty>, second: &Arc<Duty>) -> Option<Overlap> {
    let (Trigger::Events(on), Trigger::Events(also)) = (&first.on, &second.on) else {
        return None;
    };
    let mut same_terms = None;
    for event in on.iter().filter(|event| also.contains(event)) {
        let sight = Sight::of(during.set, event)?;
        let grid = Grid::of(&deciding(&[first, second]), &sight, true)?;
        let untold = BTreeSet::new();
        for point in grid.points() {
            let data = grid.data(&point);
            if !first.when.holds_for(&data) || !second.when.holds_for(&data) {
                continue;
            }
            let (Some(a), Some(b)) = (term(first, &data), term(second, &data)) else {
                continue;
            };
            let found = |on, differs| Overlap {
                event: event.clone(),
                on,
                data: data.clone(),
                says: grid.says(&point, &untold),
                terms: [a, b],
                differs,
            };
            if let Some(on) = apart(during, (first, a), (second, b)) {
                return Some(found(on, Differs::Term));
            }
            if let (Some(a), Some(b)) = (bearers(first, &data), bearers(second, &data))
                && a != b
                && same_terms.is_none()
            {
                same_terms = Some(found(during.from, Differs::Bearer([a, b])));
            }
        }
    }
    same_terms
}

/// The conditions that decide whether, by when and by whom duties are owed.
fn deciding<'c>(duties: &[&'c Arc<Duty>]) -> Vec<&'c Condition> {
    let mut conditions = Vec::new();
    for duty in duties {
        conditions.push(&duty.when);
        if let Timing::ByCase(terms) = &duty.timing {
            conditions.extend(terms.iter().map(|term| &term.when));
        }
        if let Bearers::Choice(bearings) = &duty.bearers {
            conditions.extend(bearings.iter().map(|bearing| &bearing.when));
        }
    }
    conditions
}

fn term(duty: &Duty, data: &Fields) -> Option<Term> {
    match &duty.timing {
        Timing::Within(term) => Some(*term),
        Timing::ByCase(terms) => term_of(terms, data),
        _ => None,
    }
}

/// The roles that owe it, where data alone decide that.
fn bearers(duty: &Duty, data: &Fields) -> Option<String> {
    let Bearers::Choice(bearings) = &duty.bearers else {
        return None;
    };
    let chosen = bearings.iter().find(|bearing| bearing.when.holds_for(data))?;
    let decided = bearings
        .iter()
        .all(|bearing| bearing.person.is_none() && bearing.during.is_none());
    let mut roles: Vec<&str> = chosen.roles.iter().map(|role| &**role).collect();
    roles.sort_unstable();
    decided.then(|| roles.join("、"))
}

/// The first date from which the two terms lead to different ends.
fn apart(during: &During<'_>, first: (&Duty, Term), second: (&Duty, Term)) -> Option<NaiveDate> {
    let zone = during.company.zone;
    let pauses = Pauses::none();
    let due = |(duty, term): (&Duty, Term), on: NaiveDate| -> Option<Due> {
        let start = zone.resolve_forward(on.and_time(hour())).ok()?;
        let how = Counting {
            zone,
            calendar: &duty.calendar,
            end: duty.end,
            shift: duty.shift,
            pauses: &pauses,
        };
        reckon(start, term, &how).ok().map(|reckoned| reckoned.due)
    };
    let same = (first.1, first.0.end, first.0.shift) == (second.1, second.0.end, second.0.shift);
    if same && first.0.calendar == second.0.calendar {
        return None;
    }
    let days = during.from.iter_days().take(SAMPLE_DAYS);
    let mut days = days.take_while(|on| during.until.is_none_or(|until| *on < until));
    days.find(|on| due(first, *on) != due(second, *on))
}

fn report(places: &Places<'_>, procedure: &Procedure, (first, second): (&Arc<Duty>, &Arc<Duty>), overlap: Overlap) {
    let Some(spot) = places.rule(procedure, &second.id) else {
        return;
    };
    let (a, b, event) = (&first.id, &second.id, &overlap.event);
    let case = |text: &str, zh: bool| match (text.is_empty(), zh) {
        (true, _) => String::new(),
        (false, true) => format!("，{text} 时"),
        (false, false) => format!(", {text}"),
    };
    let (zh_case, en_case) = (case(&overlap.says.zh, true), case(&overlap.says.en, false));
    let message = match &overlap.differs {
        Differs::Term => {
            let [x, y] = overlap.terms;
            let (x_zh, y_zh) = (x.zh(), y.zh());
            Text::new(
                format!("{event}{zh_case}，“{a}”和“{b}”同时产生，由同一事件完成，期限不同：{x_zh} 与 {y_zh}"),
                format!(
                    "{event}{en_case}: `{a}` and `{b}` both arise, the same event performs them, and their terms differ: {x} and {y}"
                ),
            )
        }
        Differs::Bearer([x, y]) => Text::new(
            format!("{event}{zh_case}，“{a}”和“{b}”同时产生，由同一事件完成，承担人不同：{x} 与 {y}"),
            format!(
                "{event}{en_case}: `{a}` and `{b}` both arise, the same event performs them, and their bearers differ: {x} and {y}"
            ),
        ),
    };
    let witness = Witness {
        rule: b.clone(),
        event: event.clone(),
        on: overlap.on,
        data: overlap.data,
        shows: Shows::Owed(vec![a.clone(), b.clone()]),
    };
    let key = if second.when.0.is_empty() { "on" } else { "when" };
    spot.key(key, None).find_shown(
        codes::OVERLAPPING_RULES,
        message,
        say!(
            "写 when 使两条不同时成立；或合成一条，按情形写 within = [{{ when = …, term = … }}, …]",
            "write a `when` that keeps them apart; or make them one, with within = [{{ when = …, term = … }}, …]"
        ),
        Some(witness),
    );
}
