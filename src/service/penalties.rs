//! The ledger of penalties: a line for each charge and for each that was taken back, and what they come to.

use crate::engine::case::Case;
use crate::engine::cited::Cited;
use crate::engine::open::period_of;
use crate::engine::penalty::{self, Entry};
use crate::engine::rate::{parse_period, period_name};
use crate::engine::who;
use crate::policy::model::{Company, Id, Period};
use crate::service::ServiceError;
use crate::service::ask::Question;
use crate::service::members::columns;
use crate::service::reports::{Report, ReportQuery};
use chrono::NaiveDate;
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;

/// A line of the ledger.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// The local date on which it is entered.
    pub on: String,
    /// The rule.
    pub penalty: String,
    /// Its name for people.
    pub title: String,
    /// The clause.
    pub clause: String,
    /// SHA-256 of the text of the edition that decides.
    pub edition: String,
    /// The case.
    pub case: String,
    /// The obligation that was not met in time, or none.
    pub obligation: Option<String>,
    /// The event that it comes from: that recorded the violation, or brought the obligation into being.
    pub event: String,
    /// The role that is charged.
    pub role: Option<String>,
    /// The person that is charged.
    pub person: Option<String>,
    /// The person's name.
    pub name: Option<String>,
    /// `charge`, `reversal`, or `proposal` while nobody has decided it.
    pub kind: &'static str,
    /// How much in the smallest unit of money; below zero what is taken back; none: nothing, or not decided yet.
    pub amount_fen: Option<i64>,
    /// When it was not met, or violated.
    pub at: String,
    /// What the entry is as things stand: `standing`, `reversed`, `proposed`.
    pub status: &'static str,
}

/// What somebody is charged in all.
#[derive(Clone, Debug, Serialize)]
pub struct Total {
    /// The person's or the role's id; none: nobody is known.
    pub id: Option<String>,
    /// Their name for people.
    pub name: Option<String>,
    /// How much in the smallest unit of money, what was taken back taken off.
    pub amount_fen: i64,
    /// How many lines.
    pub lines: u64,
    /// Their clauses.
    pub clause: String,
    /// The editions of these, in the same order.
    pub edition: String,
    /// The events that they come from.
    pub events: Cited,
}

/// The ledger of a period.
#[derive(Clone, Debug, Serialize)]
pub struct Ledger {
    /// The period.
    pub period: String,
    /// As things stand at this instant.
    pub as_of: String,
    /// The lines, by date.
    pub items: Vec<Line>,
    /// What they come to.
    pub amount_fen: i64,
    /// By person.
    pub by_person: Vec<Total>,
    /// By role.
    pub by_role: Vec<Total>,
}

/// Makes the ledger of the period of that name, of a day, a month, a quarter or a year, or of the month that runs.
pub fn ledger(question: &Question<'_>, query: &ReportQuery) -> Result<Ledger, ServiceError> {
    let company = question.company();
    let (per, on) = period(&company, question, query.period.as_deref())?;
    let mut items: Vec<(NaiveDate, Line)> = Vec::new();
    let history = question.history();
    let is_here = |case: &Case| {
        let area = who::area_of(&company, &case.data);
        query.area.is_none() || area.map(|a| a.to_string()) == query.area
    };
    let wanted = |case: &Case| is_here(case) && penalty::concerns(&history, case);
    question.each_past(&wanted, &mut |id, _, events, ctx| {
        for entry in penalty::ledger(&company, id, events, ctx, question.as_of()) {
            lines(&company, id, &entry, &mut items);
        }
    })?;
    let (first_on, last_on) = period_of(per, on);
    items.retain(|(on, _)| first_on <= *on && *on <= last_on);
    items.sort_by(|(a_on, a), (b_on, b)| (a_on, &a.at, &a.case, &a.penalty).cmp(&(b_on, &b.at, &b.case, &b.penalty)));
    let items: Vec<Line> = items.into_iter().map(|(_, line)| line).collect();
    let role = |id: &str| company.roles.get(id).map(|r| r.title.to_string());
    Ok(Ledger {
        period: period_name(per, on),
        as_of: company.zone.rfc3339(question.as_of()),
        amount_fen: items.iter().filter_map(|l| l.amount_fen).fold(0, i64::saturating_add),
        by_person: totals(&items, |l| l.person.clone(), |id| name(&company, id)),
        by_role: totals(&items, |l| l.role.clone(), role),
        items,
    })
}

/// The ledger's lines as a table.
pub fn table(question: &Question<'_>, query: &ReportQuery) -> Result<Report, ServiceError> {
    let ledger = ledger(question, query)?;
    let row = |l: &Line| {
        vec![
            json!(l.on),
            json!(l.penalty),
            json!(l.title),
            json!(l.clause),
            json!(l.case),
            json!(l.obligation.as_ref().unwrap_or(&l.event)),
            json!(l.role),
            json!(l.person),
            json!(l.name),
            json!(l.kind),
            json!(l.amount_fen),
            json!(l.status),
            json!(l.edition),
            json!(l.event),
        ]
    };
    Ok(Report {
        report: "penalties".to_owned(),
        period: ledger.period,
        as_of: ledger.as_of,
        columns: vec![
            "on",
            "penalty",
            "title",
            "clause",
            "case",
            "for",
            "role",
            "person",
            "name",
            "kind",
            "amount_fen",
            "status",
            "edition",
            "event",
        ],
        rows: ledger.items.iter().map(row).collect(),
        members: Vec::new(),
    })
}

fn period(company: &Company, question: &Question<'_>, name: Option<&str>) -> Result<(Period, NaiveDate), ServiceError> {
    let today = company.zone.date(question.as_of());
    let Some(name) = name else {
        return Ok((Period::Month, today));
    };
    let all = [Period::Month, Period::Quarter, Period::Year, Period::Day];
    let found = all.into_iter().find_map(|per| Some((per, parse_period(per, name)?)));
    found.ok_or_else(|| ServiceError::BadQuestion {
        parameter: "period",
        message: format!(
            "`{name}` is no period; write it like {}",
            all.map(|per| period_name(per, today)).join(", ")
        ),
    })
}

fn name(company: &Company, id: &str) -> Option<String> {
    let person = company.people.iter().find(|p| p.id.as_ref() == id);
    person.map(|p| p.name.to_string())
}

fn lines(company: &Company, case: &str, entry: &Entry, lines: &mut Vec<(NaiveDate, Line)>) {
    let text = |id: &Option<Id>| id.as_ref().map(|id| id.to_string());
    let amount = entry.amount_fen.map(|fen| i64::try_from(fen).unwrap_or(i64::MAX));
    let mut add = |on: NaiveDate, kind, amount_fen| {
        let line = Line {
            on: on.to_string(),
            penalty: entry.penalty.id.to_string(),
            title: entry.penalty.title.to_string(),
            clause: entry.penalty.clauses.first().map(|c| c.to_string()).unwrap_or_default(),
            edition: entry.penalty.head.edition.to_string(),
            case: case.to_owned(),
            obligation: entry.obligation.clone(),
            event: entry.comes_from.to_string(),
            role: text(&entry.role),
            person: text(&entry.person),
            name: entry.person.as_ref().and_then(|id| name(company, id)),
            kind,
            amount_fen,
            at: company.zone.rfc3339(entry.at),
            status: entry.status(),
        };
        lines.push((on, line));
    };
    let kind = if entry.is_proposed { "proposal" } else { "charge" };
    add(company.zone.date(entry.entered_at), kind, amount);
    if let Some(at) = entry.reversed_at {
        add(company.zone.date(at), "reversal", amount.map(i64::saturating_neg));
    }
}

fn totals(items: &[Line], of: impl Fn(&Line) -> Option<String>, name: impl Fn(&str) -> Option<String>) -> Vec<Total> {
    let mut sums: BTreeMap<Option<String>, Vec<&Line>> = BTreeMap::new();
    for line in items.iter().filter(|l| l.kind != "proposal") {
        sums.entry(of(line)).or_default().push(line);
    }
    let id = |text: &String| Id::from(text.as_str());
    let total = |(of, lines): (Option<String>, Vec<&Line>)| {
        let events: Vec<Id> = lines.iter().map(|l| id(&l.event)).collect();
        let rules: Vec<(Id, Id)> = lines.iter().map(|l| (id(&l.clause), id(&l.edition))).collect();
        let (clause, edition) = columns(rules.iter().map(|(clause, edition)| (Some(clause), edition)));
        let amounts = lines.iter().map(|l| l.amount_fen.unwrap_or(0));
        Total {
            name: of.as_deref().and_then(&name),
            id: of,
            amount_fen: amounts.fold(0, i64::saturating_add),
            lines: lines.len() as u64,
            clause,
            edition,
            events: Cited::of(&events),
        }
    };
    sums.into_iter().map(total).collect()
}
