//! Notices, written: what is missing is named, never left blank.

use crate::domain::deadline::Due;
use crate::domain::event::Event;
use crate::domain::value::Value;
use crate::domain::zone::Instant;
use crate::engine::case::Case;
use crate::engine::obligation::Obligation;
use crate::engine::open::period_of;
use crate::engine::rate::period_name;
use crate::engine::who;
use crate::policy::model::{Company, Id, Listing, Piece, Template};
use chrono::NaiveDate;

/// A notice that cannot be written because data is missing: each gap once, in the order of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incomplete(pub Vec<String>);

/// A list that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// All of it.
    pub text: String,
    /// Its rows, in order.
    pub rows: Vec<Row>,
}

/// A row of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The case.
    pub case: String,
    /// The event that put it on the list.
    pub event: String,
    /// What it says.
    pub text: String,
}

/// A case that may be on a list, with its events as they count, in order.
pub struct Listed<'a> {
    /// Its id.
    pub id: &'a str,
    /// It.
    pub case: &'a Case,
    /// Its events.
    pub events: &'a [Event],
}

/// Writes the text about an obligation.
pub fn letter(
    company: &Company,
    template: &Template,
    (id, case): (&str, &Case),
    obligation: &Obligation,
    as_of: Instant,
) -> Result<String, Incomplete> {
    let zone = company.zone;
    let bearers = || {
        obligation
            .roles
            .iter()
            .map(|role| who::resolve(company, role, &case.data))
    };
    let names = || {
        let known: Option<Vec<&str>> = bearers().map(|b| b.person.map(|p| p.name.as_ref())).collect();
        known.filter(|names| !names.is_empty()).map(|names| names.join("、"))
    };
    let due = || match obligation.due {
        Due::Day { on, .. } => on.to_string(),
        Due::Instant { at } => zone.local(at).format("%Y-%m-%d %H:%M").to_string(),
    };
    let look = |gap: &str| match gap {
        "case" => Some(id.to_owned()),
        "bearer.name" => names(),
        "bearer.title" => Some(bearers().map(|b| b.title).collect::<Vec<_>>().join("、")),
        "due" => Some(due()),
        "today" => Some(zone.date(as_of).to_string()),
        field => of_company(company, field).or_else(|| filled(case.data.get(field))),
    };
    let mut missing = Vec::new();
    let text = write(template, &look, &mut missing);
    finished(text, missing)
}

/// Writes the list of the period with this date.
pub fn list<'a>(
    company: &Company,
    listing: &Listing,
    on: NaiveDate,
    cases: impl Iterator<Item = Listed<'a>>,
    as_of: Instant,
) -> Result<Written, Incomplete> {
    let zone = company.zone;
    let (first_on, last_on) = period_of(listing.per, on);
    let today = zone.date(as_of).to_string();
    let mut found: Vec<(Instant, Listed<'a>, &'a Event)> = Vec::new();
    for listed in cases.filter(|l| l.case.kind == listing.kind && !l.case.cancelled) {
        let so_far = |e: &&Event| listing.on.contains(&e.kind) && zone.date(e.occurred_at) <= last_on;
        let Some(event) = listed.events.iter().rfind(so_far) else {
            continue;
        };
        // The case as it is by now; what it does not carry, the event does.
        let look = |field: &str| listed.case.data.get(field).or_else(|| event.data.get(field));
        let is_new = first_on <= zone.date(event.occurred_at);
        let goes_on = || listing.also.as_ref().is_some_and(|also| also.holds(look));
        if listing.when.holds(look) && (is_new || goes_on()) {
            found.push((event.occurred_at, listed, event));
        }
    }
    found.sort_by(|a, b| (a.0, a.1.id).cmp(&(b.0, b.1.id)));
    let mut missing = Vec::new();
    let mut rows: Vec<Row> = Vec::new();
    for (_, Listed { id, case, .. }, event) in &found {
        let look = |gap: &str| match gap {
            "case" => Some((*id).to_owned()),
            "today" => Some(today.clone()),
            field => {
                let value = case.data.get(field).filter(|v| v.is_filled());
                of_company(company, field).or_else(|| filled(value.or_else(|| event.data.get(field))))
            }
        };
        let mut gaps = Vec::new();
        rows.push(Row {
            case: (*id).to_owned(),
            event: event.id.to_string(),
            text: write(&listing.row, &look, &mut gaps),
        });
        missing.extend(gaps.into_iter().map(|gap| format!("{id}: {gap}")));
    }
    let look = |gap: &str| match gap {
        "today" => Some(today.clone()),
        "period" => Some(period_name(listing.per, first_on)),
        "period.first" => Some(first_on.to_string()),
        "period.last" => Some(last_on.to_string()),
        "rows" => Some(rows.len().to_string()),
        field => of_company(company, field),
    };
    let mut around = |template: &Option<Template>| template.as_ref().map(|t| write(t, &look, &mut missing));
    let (head, foot) = (around(&listing.head), around(&listing.foot));
    let lines = rows.iter().map(|row| row.text.clone());
    let lines: Vec<String> = head.into_iter().chain(lines).chain(foot).collect();
    let text = finished(lines.join("\n"), missing)?;
    Ok(Written { text, rows })
}

/// The period whose list an obligation is to publish: the last one that has ended by its due date, that day included.
pub fn published(listing: &Listing, obligation: &Obligation, company: &Company) -> NaiveDate {
    let due_on = obligation.due.date(company.zone);
    let (first_on, last_on) = period_of(listing.per, due_on);
    if last_on <= due_on {
        return due_on;
    }
    first_on.pred_opt().unwrap_or(due_on)
}

fn of_company(company: &Company, gap: &str) -> Option<String> {
    match gap.strip_prefix("company.")? {
        "title" => Some(company.title.to_string()),
        name => company.texts.get(name).map(|text| text.to_string()),
    }
}

fn filled(value: Option<&Value>) -> Option<String> {
    value.filter(|v| v.is_filled()).map(|v| v.to_string())
}

fn finished(text: String, missing: Vec<String>) -> Result<String, Incomplete> {
    let mut each: Vec<String> = Vec::new();
    for gap in missing {
        if !each.contains(&gap) {
            each.push(gap);
        }
    }
    if each.is_empty() {
        Ok(text)
    } else {
        Err(Incomplete(each))
    }
}

fn write(template: &Template, look: &dyn Fn(&str) -> Option<String>, missing: &mut Vec<String>) -> String {
    let mut text = String::new();
    for piece in &template.0 {
        match piece {
            Piece::Literal(literal) => text.push_str(literal),
            Piece::Field(gap, otherwise) => match look(gap).or_else(|| otherwise.as_ref().map(Id::to_string)) {
                Some(value) => text.push_str(&value),
                None => missing.push(gap.to_string()),
            },
        }
    }
    text
}
