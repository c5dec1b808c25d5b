//! What is due: a page of it, in the order of due time, by role, person, case, area, standing.

use crate::domain::obligation::Standing;
use crate::domain::zone::Instant;
use crate::engine::case::Case;
use crate::engine::view::ObligationView;
use crate::engine::world::{DueKey, due_key};
use crate::engine::{rota, who};
use crate::service::ServiceError;
use crate::service::ask::Question;
use serde::Serialize;
use std::collections::BTreeMap;

/// The most items that a page holds.
pub const MAX_PAGE: usize = 500;

/// How a question about what is due is put.
#[derive(Clone, Debug, Default)]
pub struct DueQuery {
    /// Owed by this role.
    pub role: Option<String>,
    /// Owed by this person, now.
    pub person: Option<String>,
    /// Of this case.
    pub case: Option<String>,
    /// Of cases of this kind.
    pub kind: Option<String>,
    /// Under this rule.
    pub rule: Option<String>,
    /// Of cases in this area.
    pub area: Option<String>,
    /// With one of these standings; empty: open, paused or overdue.
    pub standing: Vec<Standing>,
    /// Due before this instant.
    pub before: Option<Instant>,
    /// How many at most; none: 50.
    pub limit: Option<usize>,
    /// After this place.
    pub cursor: Option<String>,
}

/// A page of what is due.
#[derive(Clone, Debug, Serialize)]
pub struct DuePage {
    /// As things stand at this instant.
    pub as_of: String,
    /// What is due, overdue first, then by due time.
    pub items: Vec<ObligationView>,
    /// Where the next page begins; none if this is the last.
    pub next_cursor: Option<String>,
}

impl Question<'_> {
    /// A page of what is due.
    pub fn due(&self, query: &DueQuery) -> Result<DuePage, ServiceError> {
        let limit = query.limit.unwrap_or(50).clamp(1, MAX_PAGE);
        let after = query.cursor.as_deref().map(read_cursor).transpose()?;
        let mut extra: Vec<(DueKey, u32)> = Vec::new();
        let mut own: BTreeMap<u32, Box<Case>> = BTreeMap::new();
        let historic = self.is_historic();
        if historic {
            self.each_case(&mut |ix, _, case| {
                own.insert(ix, Box::new(case.clone()));
            })?;
        }
        let world = self.window();
        let company = world.company().clone();
        if !historic && world.wakes_at().is_some_and(|at| at <= self.as_of) {
            own = world.woken(self.as_of, self.now);
        }
        let last_turn: rota::Last<'_> = &|role, person, before| world.last_turn(role, person, before);
        let wants_ended = query.standing.iter().any(|s| !s.is_live());
        let mut add = |ix: u32, case: &Case| {
            for (at, obligation) in case.obligations.iter().enumerate() {
                let counts = wants_ended || obligation.is_live() && obligation.is_owed();
                let owes = |role: &String| obligation.roles.iter().any(|r| **r == **role);
                if counts && query.role.as_ref().is_none_or(owes) {
                    extra.push((due_key(obligation, ix, at), ix));
                }
            }
        };
        // Of one case all of it is looked at, of what has ended all cases; else what the list of what is due lacks.
        let looks = !historic && (wants_ended || query.case.is_some());
        match &query.case {
            Some(id) if looks => {
                if let Some((ix, slot)) = world.case(id) {
                    add(ix, own.get(&ix).map_or(&slot.case, |case| case));
                }
            }
            None if looks => {
                for (ix, slot) in world.slots() {
                    add(ix, own.get(&ix).map_or(&slot.case, |case| case));
                }
            }
            _ => own.iter().for_each(|(ix, case)| add(*ix, case)),
        }
        extra.sort();
        extra.retain(|(key, _)| after.is_none_or(|a| *key > a));
        let mut extra = extra.into_iter().map(|(key, _)| key).peekable();
        let skip_index = historic || looks;
        let index = world.due_after(query.role.as_deref(), after);
        let mut index = index
            .filter(|key| !skip_index && !own.contains_key(&key.case))
            .peekable();
        let mut items = Vec::new();
        let mut last: Option<DueKey> = None;
        let mut more = false;
        loop {
            let key = match (index.peek(), extra.peek()) {
                (Some(a), Some(b)) if a <= b => index.next(),
                (Some(_), None) => index.next(),
                _ => extra.next(),
            };
            let Some(key) = key else { break };
            if query.before.is_some_and(|b| key.due_at_ms >= b.timestamp_millis()) {
                break;
            }
            let Some(slot) = world.slot(key.case) else { continue };
            let case = own.get(&key.case).map_or(&slot.case, |case| case);
            let Some(obligation) = case.obligations.get(key.obligation as usize) else {
                continue;
            };
            let standing = obligation.standing(self.as_of, case.paused(&obligation.duty, self.as_of));
            let asked = match query.standing.as_slice() {
                [] => matches!(standing, Standing::Open | Standing::Paused | Standing::Overdue),
                list => list.contains(&standing),
            };
            let is = |asked: &Option<String>, is: &str| asked.as_deref().is_none_or(|a| a == is);
            if !asked
                || !is(&query.case, &slot.id)
                || !is(&query.kind, &case.kind)
                || !is(&query.rule, &obligation.duty.id)
            {
                continue;
            }
            let area = || who::area_of(&company, &case.data).map(|a| a.to_string());
            if query.area.is_some() && area() != query.area {
                continue;
            }
            let owes = |p: &String| rota::is_next(&company, p, case, obligation, self.as_of, last_turn);
            if obligation.is_hidden(self.as_of) && query.person.is_none() {
                continue;
            }
            if query.person.as_ref().is_some_and(|p| !owes(p)) {
                continue;
            }
            if items.len() == limit {
                more = true;
                break;
            }
            self.hand(&slot.id, case);
            items.push(rota::shown(&company, &slot.id, case, obligation, self.as_of, last_turn));
            last = Some(key);
        }
        let next_cursor = last.filter(|_| more).map(write_cursor);
        Ok(DuePage {
            as_of: company.zone.rfc3339(self.as_of),
            items,
            next_cursor,
        })
    }
}

fn write_cursor(key: DueKey) -> String {
    format!("{}.{}.{}", key.due_at_ms, key.case, key.obligation)
}

fn read_cursor(text: &str) -> Result<DueKey, ServiceError> {
    let mut parts = text.split('.');
    let parsed = (|| {
        let key = DueKey {
            due_at_ms: parts.next()?.parse().ok()?,
            case: parts.next()?.parse().ok()?,
            obligation: parts.next()?.parse().ok()?,
        };
        parts.next().is_none().then_some(key)
    })();
    let message = || "take it from `next_cursor` of the page before".to_owned();
    parsed.ok_or_else(|| ServiceError::BadQuestion {
        parameter: "cursor",
        message: message(),
    })
}
