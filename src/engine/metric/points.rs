//! Points: what events earn and spend, by case. No event may lead to a balance below zero.

use crate::domain::event::Event;
use crate::domain::value::Value;
use crate::domain::zone::Instant;
use crate::engine::case::{Context, in_order};
use crate::engine::draft::PastError;
use crate::engine::intake::Refusal;
use crate::engine::seen::Seen;
use crate::policy::model::{Amount, Company, Id, Measure, Metric};

/// A movement of a balance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// When.
    pub at: Instant,
    /// The event.
    pub event: Id,
    /// Its type.
    pub kind: Id,
    /// How much: earned, or, below zero, spent.
    pub amount: i64,
    /// The balance after it.
    pub balance: i64,
}

/// The movements of a case, in the order in which they occurred.
pub fn movements(metric: &Metric, events: &[Seen]) -> Vec<Movement> {
    moved(metric, events.iter().map(|seen| &seen.event))
}

fn moved<'e>(metric: &Metric, events: impl Iterator<Item = &'e Event>) -> Vec<Movement> {
    let mut balance = 0_i64;
    let mut movements = Vec::new();
    for event in events {
        let amount = amount(metric, event);
        if amount != 0 {
            balance = balance.saturating_add(amount);
            movements.push(Movement {
                at: event.occurred_at,
                event: event.id.clone(),
                kind: event.kind.clone(),
                amount,
                balance,
            });
        }
    }
    movements
}

/// What these events of a case, in their order, leave of its points.
pub fn balance(metric: &Metric, events: &[Event]) -> i64 {
    moved(metric, events.iter()).last().map_or(0, |m| m.balance)
}

/// How much an event earns or, below zero, spends.
fn amount(metric: &Metric, event: &Event) -> i64 {
    let Measure::Points { earn, spend } = &metric.measure else {
        return 0;
    };
    let of = |list: &[(Id, Amount)]| {
        let found = list.iter().find(|(kind, _)| *kind == event.kind);
        found.map_or(0, |(_, amount)| match amount {
            Amount::Fixed(n) => i64::from(*n),
            Amount::Field(field) => match event.data.get(field) {
                Some(Value::Int(n)) => (*n).max(0),
                _ => 0,
            },
        })
    };
    of(earn).saturating_sub(of(spend))
}

/// Whether an event spends points.
pub fn spends(company: &Company, event: &Event) -> bool {
    let mut metrics = company.procedures.iter().flat_map(|p| &p.metrics);
    metrics.any(|metric| amount(metric, event) < 0)
}

/// Refuses an event after which a balance would be below zero, then or later: one that spends more than there is, one
/// that comes late and spends what was spent since, one that takes back what was spent already.
pub fn affordable(
    company: &Company,
    ctx: &Context<'_>,
    case_events: &dyn Fn() -> Result<Vec<Event>, PastError>,
    event: &Event,
) -> Result<Result<(), Refusal>, PastError> {
    let amends = event.corrects.is_some() || event.retracts.is_some();
    let concerns =
        |metric: &&Metric| matches!(metric.measure, Measure::Points { .. }) && (amends || amount(metric, event) < 0);
    let metrics = company.procedures.iter().flat_map(|p| &p.metrics).map(AsRef::as_ref);
    let metrics: Vec<&Metric> = metrics.filter(concerns).collect();
    if metrics.is_empty() {
        return Ok(Ok(()));
    }
    let mut events = case_events()?;
    let before = in_order(&events, ctx.history);
    let seq = events.iter().map(|e| e.seq).max().unwrap_or(0).saturating_add(1);
    events.push(Event { seq, ..event.clone() });
    let after = in_order(&events, ctx.history);
    for metric in metrics {
        let lowest = |events: &[Event]| {
            moved(metric, events.iter())
                .iter()
                .map(|m| m.balance)
                .min()
                .unwrap_or(0)
                .min(0)
        };
        let (was, is) = (lowest(&before), lowest(&after));
        if is < was {
            return Ok(Err(refuse(metric, event, is)));
        }
    }
    Ok(Ok(()))
}

fn refuse(metric: &Metric, event: &Event, lowest: i64) -> Refusal {
    let lacking = lowest.saturating_neg();
    let title = &metric.title;
    let field = match &metric.measure {
        Measure::Points { spend, .. } => spend
            .iter()
            .find(|(kind, _)| *kind == event.kind)
            .map(|(_, amount)| amount),
        _ => None,
    };
    let pointer = match (field, &event.corrects, &event.retracts) {
        (Some(Amount::Field(field)), _, None) => format!("/data/{field}"),
        (_, Some(_), _) => "/corrects".to_owned(),
        (_, _, Some(_)) => "/retracts".to_owned(),
        _ => "/type".to_owned(),
    };
    let there = amount(metric, event).saturating_neg().saturating_sub(lacking);
    let (zh, en) = if amount(metric, event) < 0 && event.corrects.is_none() {
        (
            format!("“{title}”只有 {there}，还差 {lacking}"),
            format!(
                "the balance of `{}` is {there}, which is {lacking} too little",
                metric.id
            ),
        )
    } else {
        (
            format!("“{title}”已经用掉，这样改会差 {lacking}；先撤回后来的使用"),
            format!(
                "the points of `{}` were spent since: {lacking} would be lacking; retract what spent them first",
                metric.id
            ),
        )
    };
    Refusal {
        clause: metric.clauses.first().cloned(),
        ..Refusal::new("balance", pointer, zh, en)
    }
}
