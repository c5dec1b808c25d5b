//! Cases that stand by themselves: one for the company, one for each area, one for each rate whose target is left to
//! somebody. They begin with an event that the engine itself reports when the company first serves.

use crate::domain::event::{Actor, Event, OWN_SOURCE, RATE_KIND, RATE_OPENED};
use crate::domain::value::{Fields, Value};
use crate::domain::zone::Instant;
use crate::policy::model::{Company, Id, StandingCase, Target};

/// The events that begin a company's standing cases, at an instant.
pub fn beginnings(company: &Company, at: Instant) -> Vec<Event> {
    let mut events = Vec::new();
    for kind in company.kinds.values() {
        let Some(opened) = kind.events.get("opened") else {
            continue;
        };
        match kind.standing {
            Some(StandingCase::Company) => events.push(beginning(&opened.id, kind.id.to_string(), None, at)),
            Some(StandingCase::Area) => {
                for area in &company.areas {
                    let case = format!("{}:{}", kind.id, area.id);
                    events.push(beginning(&opened.id, case, Some(("area", &area.id)), at));
                }
            }
            None => {}
        }
    }
    for rate in company.procedures.iter().flat_map(|p| &p.rates) {
        if matches!(rate.target, Target::DecidedBy(_)) {
            let case = format!("{RATE_KIND}:{}", rate.id);
            events.push(beginning(&RATE_OPENED.into(), case, Some((RATE_KIND, &rate.id)), at));
        }
    }
    events
}

fn beginning(opened: &Id, case: String, data: Option<(&str, &Id)>, at: Instant) -> Event {
    Event {
        seq: 0,
        id: format!("opened/{case}").into(),
        source: OWN_SOURCE.into(),
        kind: opened.clone(),
        case: case.into(),
        occurred_at: at,
        recorded_at: at,
        actor: Actor::default(),
        data: data
            .into_iter()
            .map(|(field, value)| (field.into(), Value::Text(value.clone())))
            .collect::<Fields>(),
        corrects: None,
        retracts: None,
        cause: None,
        effects_from: None,
    }
}
