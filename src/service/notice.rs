//! The texts that go out, asked for: about an obligation, or the list of a period.

use crate::engine::case;
use crate::engine::notice::{self, Incomplete, Listed};
use crate::engine::open::period_of;
use crate::engine::rate::{parse_period, period_name};
use crate::policy::model::{Body, Listing, Notice};
use crate::service::ServiceError;
use crate::service::ask::Question;
use chrono::NaiveDate;
use serde::Serialize;

/// A notice as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct NoticeView {
    /// The rule.
    pub notice: String,
    /// Its name for people.
    pub title: String,
    /// The clause that it cites first.
    pub clause: String,
    /// SHA-256 of the text of the edition that it stands in.
    pub edition: String,
    /// As things stand at this instant.
    pub as_of: String,
    /// The obligation that it is about.
    pub obligation: Option<String>,
    /// The period of a list.
    pub period: Option<PeriodView>,
    /// The text.
    pub text: String,
    /// The rows of a list.
    pub rows: Vec<RowView>,
}

/// A period as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct PeriodView {
    /// Its name.
    pub name: String,
    /// Its first local date.
    pub first_on: String,
    /// Its last local date, included.
    pub last_on: String,
}

/// A row of a list.
#[derive(Clone, Debug, Serialize)]
pub struct RowView {
    /// The case.
    pub case: String,
    /// The event that put it on the list.
    pub event: String,
    /// The text.
    pub text: String,
}

impl Question<'_> {
    /// The notice that goes with an obligation.
    pub fn notice(&self, id: &str) -> Result<NoticeView, ServiceError> {
        let (case_id, case, at) = self.obligation(id)?;
        let obligation = case.obligations.get(at);
        let with = obligation.and_then(|o| Some((o, o.duty.texts.notice.clone()?)));
        let Some((obligation, notice)) = with else {
            return Err(ServiceError::NotFound {
                what: "notice",
                id: id.to_owned(),
            });
        };
        let company = self.company();
        let about = match &notice.body {
            Body::List(listing) => {
                let on = notice::published(listing, obligation, &company);
                self.list(&notice, listing, on)?
            }
            Body::Letter(template) => {
                let about = (case_id.as_str(), &case);
                let text = notice::letter(&company, template, about, obligation, self.as_of())
                    .map_err(|missing| incomplete(&notice, missing))?;
                self.shown(&notice, text)
            }
        };
        Ok(NoticeView {
            obligation: Some(id.to_owned()),
            ..about
        })
    }

    /// The list of that name, for the period of that name, or the one that runs.
    pub fn notice_list(&self, id: &str, period: Option<&str>) -> Result<NoticeView, ServiceError> {
        let company = self.company();
        let serving = &company.on(company.zone.date(self.as_of())).procedures;
        let mut all = serving.iter().flat_map(|p| &p.notices);
        let found = all.find_map(|notice| match &notice.body {
            Body::List(listing) if *notice.id == *id => Some((notice, listing)),
            _ => None,
        });
        let Some((notice, listing)) = found else {
            return Err(ServiceError::NotFound {
                what: "notice",
                id: id.to_owned(),
            });
        };
        let today = company.zone.date(self.as_of());
        let on = match period {
            None => today,
            Some(name) => parse_period(listing.per, name).ok_or_else(|| ServiceError::BadQuestion {
                parameter: "period",
                message: format!(
                    "`{name}` is no period of notice `{id}`; write it like {}",
                    period_name(listing.per, today)
                ),
            })?,
        };
        self.list(notice, listing, on)
    }

    fn list(&self, notice: &Notice, listing: &Listing, on: NaiveDate) -> Result<NoticeView, ServiceError> {
        let company = self.company();
        let history = self.history();
        let mut cases = Vec::new();
        self.each_case(&mut |_, id, case| {
            if case.kind == listing.kind {
                cases.push((id.to_owned(), case.clone()));
            }
        })?;
        let mut events = Vec::with_capacity(cases.len());
        for (id, case) in &cases {
            events.push(case::in_order(&self.events(id, case.head)?, &history));
        }
        let listed = cases
            .iter()
            .zip(&events)
            .map(|((id, case), events)| Listed { id, case, events });
        let written =
            notice::list(&company, listing, on, listed, self.as_of()).map_err(|missing| incomplete(notice, missing))?;
        let (first_on, last_on) = period_of(listing.per, on);
        let rows = written.rows.into_iter();
        Ok(NoticeView {
            period: Some(PeriodView {
                name: period_name(listing.per, first_on),
                first_on: first_on.to_string(),
                last_on: last_on.to_string(),
            }),
            rows: rows.map(shown_row).collect(),
            ..self.shown(notice, written.text)
        })
    }

    fn shown(&self, notice: &Notice, text: String) -> NoticeView {
        let history = self.history();
        let mut editions = history.sets().flat_map(|company| company.editions());
        let edition = editions.find(|p| p.notices.iter().any(|n| std::ptr::eq(n.as_ref(), notice)));
        NoticeView {
            notice: notice.id.to_string(),
            title: notice.title.to_string(),
            clause: notice.clauses.first().map(|c| c.to_string()).unwrap_or_default(),
            edition: edition.map(|p| p.head.edition.to_string()).unwrap_or_default(),
            as_of: self.company().zone.rfc3339(self.as_of()),
            obligation: None,
            period: None,
            text,
            rows: Vec::new(),
        }
    }
}

fn shown_row(row: notice::Row) -> RowView {
    RowView {
        case: row.case,
        event: row.event,
        text: row.text,
    }
}

fn incomplete(notice: &Notice, Incomplete(missing): Incomplete) -> ServiceError {
    ServiceError::NoticeIncomplete {
        notice: notice.id.to_string(),
        clause: notice.clauses.first().map(|c| c.to_string()),
        missing,
    }
}
