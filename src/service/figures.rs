//! How rates stand.

use crate::engine::cited::Cited;
use crate::engine::member::{self, Member};
use crate::engine::rate::{self, Figures, parse_period, period_name};
use crate::engine::who;
use crate::policy::model::{Company, Rate, Target};
use crate::service::ServiceError;
use crate::service::ask::Question;
use crate::service::members::{self, Counted};
use serde::Serialize;

/// A rate's figures as they are shown.
#[derive(Clone, Debug, Serialize)]
pub struct RateView {
    /// The rule.
    pub rate: String,
    /// Its name for people.
    pub title: String,
    /// The clause.
    pub clause: String,
    /// SHA-256 of the text of the edition that decides.
    pub edition: String,
    /// The period.
    pub period: String,
    /// Its first local date.
    pub first_on: String,
    /// Its last local date, included.
    pub last_on: String,
    /// `accruing`, `maturing` or `final`.
    pub status: &'static str,
    /// The members.
    pub population: u64,
    /// Done, late or not.
    pub done: u64,
    /// Done in time.
    pub on_time: u64,
    /// Not done, still in time.
    pub in_time: u64,
    /// Not done, late.
    pub overdue: u64,
    /// Waived, counted in neither figure.
    pub waived: u64,
    /// Of these, how many would be late.
    pub waived_late: u64,
    /// Drawn, where only a share is owed.
    pub drawn: Option<u64>,
    /// What must be reached; none while nobody has decided it.
    pub target: Option<String>,
    /// Who decides it, where it is left to somebody.
    pub decided_by: Option<String>,
    /// The decision that is in force.
    pub decision: Option<DecisionView>,
    /// How many must be done.
    pub required: Option<u64>,
    /// How many are still lacking.
    pub needed: Option<u64>,
    /// How many can be reached at most.
    pub possible: u64,
    /// Done in percent of the members; none without members.
    pub coverage_pct: Option<String>,
    /// Done in time, in percent of the members; none without members.
    pub timeliness_pct: Option<String>,
    /// The verdict; none while it is open.
    pub met: Option<bool>,
    /// Why there is no verdict, or what to know about it.
    pub note: Option<&'static str>,
    /// The events that its members come from.
    pub events: Cited,
}

/// A decided target as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct DecisionView {
    /// The event.
    pub event: String,
    /// From which local date on.
    pub from: String,
    /// Who decided.
    pub by: Option<String>,
    /// Why.
    pub reason: String,
    /// When it was decided.
    pub at: String,
}

impl Question<'_> {
    /// The figures of all rates, or one, for the period of that name, or the one that runs; in all areas, or one; each
    /// with those that it counts.
    pub fn rates(
        &self,
        only: Option<&str>,
        period: Option<&str>,
        area: Option<&str>,
    ) -> Result<Vec<Counted<RateView>>, ServiceError> {
        let company = self.company();
        let decisions = self.window().decisions().to_vec();
        let mut rates = Vec::new();
        for rate in company.editions().flat_map(|p| &p.rates) {
            if only.is_some_and(|id| id != rate.id.as_ref()) {
                continue;
            }
            let on = match period {
                None => company.zone.date(self.as_of),
                Some(name) => match parse_period(rate.per, name) {
                    Some(on) => on,
                    None if only.is_none() => continue,
                    None => {
                        let example = period_name(rate.per, company.zone.date(self.as_of));
                        let message = format!("`{name}` is no period of rate `{}`; write it like {example}", rate.id);
                        return Err(ServiceError::BadQuestion {
                            parameter: "period",
                            message,
                        });
                    }
                },
            };
            // As the edition has it that is in force then.
            let in_force = company.on(on).procedures.iter();
            if !in_force
                .flat_map(|p| &p.rates)
                .any(|r| r.head.edition == rate.head.edition && r.id == rate.id)
            {
                continue;
            }
            rates.push((
                rate.clone(),
                on,
                crate::engine::open::period_of(rate.per, on),
                Vec::<Member>::new(),
            ));
        }
        if let (Some(id), true) = (only, rates.is_empty()) {
            return Err(ServiceError::NotFound {
                what: "rate",
                id: id.to_owned(),
            });
        }
        self.each_case(&mut |_, id, case| {
            let is_here = |a: &str| who::area_of(&company, &case.data).is_some_and(|x| x.as_ref() == a);
            if area.is_some_and(|a| !is_here(a)) {
                return;
            }
            for (rate, _, period, members) in &mut rates {
                rate::each(
                    case,
                    &rate.of,
                    *period,
                    company.zone,
                    self.as_of,
                    &mut |obligation, tally| {
                        if tally.is_counted() {
                            members.push(Member::of(id, obligation, tally));
                        }
                    },
                );
            }
        })?;
        let views = rates.into_iter().map(|(rate, on, _, members)| {
            let figures = rate::figures(&rate, on, member::sum(&members), &decisions, company.zone, self.as_of);
            let decision = decisions
                .iter()
                .filter(|d| d.rate == rate.id && d.from <= figures.last_on && d.at <= self.as_of)
                .max_by_key(|d| (d.from, d.at));
            Counted {
                row: rate_view(&company, &rate, &figures, decision, members::cited(&members)),
                members: Some(members),
            }
        });
        Ok(views.collect())
    }
}

fn rate_view(
    company: &Company,
    rate: &Rate,
    f: &Figures,
    decision: Option<&rate::Decision>,
    events: Cited,
) -> RateView {
    let decided_by = match &rate.target {
        Target::DecidedBy(role) => Some(role.to_string()),
        Target::AtLeast(_) => None,
    };
    let note = match (&f.target, f.tally.population) {
        (None, _) => Some("no-target: until somebody decides it there is no verdict"),
        (Some(_), 0) => Some("no-population: nothing in this period asked for it"),
        (Some(_), _) if f.warning => Some("warning: met, but below the line of warning"),
        _ => None,
    };
    RateView {
        rate: rate.id.to_string(),
        title: rate.title.to_string(),
        clause: rate.clauses.first().map(|c| c.to_string()).unwrap_or_default(),
        edition: rate.head.edition.to_string(),
        period: period_name(rate.per, f.first_on),
        first_on: f.first_on.to_string(),
        last_on: f.last_on.to_string(),
        status: f.status.word(),
        population: f.tally.population,
        done: f.tally.done,
        on_time: f.tally.on_time,
        in_time: f.tally.in_time,
        overdue: f.tally.overdue,
        waived: f.tally.waived,
        waived_late: f.tally.waived_late,
        drawn: rate.top_up.map(|_| f.tally.drawn),
        target: f.target.map(|t| t.to_string()),
        decision: decision.filter(|_| decided_by.is_some()).map(|d| DecisionView {
            event: d.event.to_string(),
            from: d.from.to_string(),
            by: d.by.as_ref().map(|b| b.to_string()),
            reason: d.reason.to_string(),
            at: company.zone.rfc3339(d.at),
        }),
        decided_by,
        required: f.required,
        needed: f.required.map(|r| r.saturating_sub(f.tally.done)),
        possible: f.tally.done + f.tally.in_time + f.tally.overdue,
        coverage_pct: f.tally.coverage_pct(),
        timeliness_pct: f.tally.timeliness_pct(),
        met: f.met,
        note,
        events,
    }
}
