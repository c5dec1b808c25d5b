//! Which guidance goes with an obligation, and which comes with an event's answer.

use crate::domain::event::Event;
use crate::engine::case::Case;
use crate::engine::history::History;
use crate::policy::model::{Advice, Duty, Guidance};
use serde::Serialize;
use std::sync::Arc;

/// Guidance as it is shown.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct HintView {
    /// The rule.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// The clause that it cites first.
    pub clause: String,
    /// Steps, in order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checklist: Option<Vec<String>>,
    /// A word on how.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// What is shown with an obligation of a duty, as its case is.
pub fn with_duty<'d>(duty: &'d Duty, case: &Case) -> Vec<&'d Guidance> {
    let shown = duty.texts.guidance.iter().filter(|g| g.when.holds_for(&case.data));
    shown.map(|guidance| &**guidance).collect()
}

/// What comes with an event's answer, given its case after it.
pub fn with_event(history: &History, event: &Event, case: &Case) -> Vec<Arc<Guidance>> {
    let look = |field: &str| event.data.get(field).or_else(|| case.data.get(field));
    let editions = history.editions(event);
    let all = editions.iter().flat_map(|p| &p.guidance);
    all.filter(|g| g.on.contains(&event.kind) && g.when.holds(look))
        .cloned()
        .collect()
}

/// Shows guidance.
pub fn view(guidance: &Guidance) -> HintView {
    let (checklist, hint) = match &guidance.advice {
        Advice::Checklist(steps) => (Some(steps.iter().map(|s| s.to_string()).collect()), None),
        Advice::Hint(text) => (None, Some(text.to_string())),
    };
    HintView {
        id: guidance.id.to_string(),
        title: guidance.title.to_string(),
        clause: guidance.clauses.first().map(|c| c.to_string()).unwrap_or_default(),
        checklist,
        hint,
    }
}
