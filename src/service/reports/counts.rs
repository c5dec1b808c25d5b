//! What is counted of a month: follow-ups by area and rule, and who did them in time, late, or not.

use super::{Month, Report, ReportQuery, metric_rules};
use crate::engine::member::{self, Adds, Member};
use crate::engine::obligation::BreachStatus;
use crate::engine::rate::{Tally, counted};
use crate::engine::who;
use crate::policy::model::{Duty, Id, Metric};
use crate::service::ServiceError;
use crate::service::ask::Question;
use crate::service::members::{cited, columns};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A row that is being counted.
#[derive(Default)]
struct Row {
    members: Vec<Member>,
    /// The rules of what it counts, in their editions.
    duties: Vec<Arc<Duty>>,
}

impl Row {
    /// Counts an obligation; `beside`: what is counted beside its figures, put where it belongs.
    fn add(&mut self, duty: &Arc<Duty>, mut member: Member, beside: impl FnOnce(&mut Adds)) {
        beside(&mut member.adds);
        if member.adds.is_anything() {
            self.members.push(member);
        }
        if !self.duties.iter().any(|d| Arc::ptr_eq(d, duty)) {
            self.duties.push(duty.clone());
        }
    }

    fn tally(&self) -> Tally {
        member::sum(&self.members)
    }
}

/// Each area's follow-ups by rule.
pub(super) fn statistics(
    question: &Question<'_>,
    query: &ReportQuery,
    month: Month,
    table: &mut Report,
) -> Result<(), ServiceError> {
    let company = question.company();
    let rules = metric_rules(question);
    let mut counts: BTreeMap<(String, Id), Row> = BTreeMap::new();
    question.each_case(&mut |_, id, case| {
        let area = who::area_of(&company, &case.data)
            .map(|a| a.to_string())
            .unwrap_or_default();
        if query.area.as_ref().is_some_and(|a| *a != area) {
            return;
        }
        for obligation in case.obligations.iter().filter(|o| rules.contains(&o.duty.id)) {
            let on = company.zone.date(obligation.trigger.at);
            if on < month.0 || on > month.1 {
                continue;
            }
            let by = obligation.end.as_ref().map(|e| &e.by.event);
            let wanting = case
                .hits
                .iter()
                .any(|h| Some(&h.event) == by && h.threshold.key.is_empty() && !h.threshold.to.is_empty());
            let member = Member::of(id, obligation, counted(obligation, question.as_of()));
            let row = counts.entry((area.clone(), obligation.duty.id.clone())).or_default();
            row.add(&obligation.duty, member, |adds| {
                if let Adds::Tally { unqualified, .. } = adds {
                    *unqualified = Some(u64::from(wanting));
                }
            });
        }
    })?;
    table.columns = vec![
        "area",
        "rule",
        "population",
        "done",
        "on_time",
        "late",
        "overdue",
        "in_time",
        "unqualified",
        "coverage_pct",
        "timeliness_pct",
        "waived",
        "waived_late",
        "clause",
        "edition",
        "events",
    ];
    for ((area, rule), row) in counts {
        let tally = row.tally();
        let unqualified = row.members.iter().map(|m| match &m.adds {
            Adds::Tally { unqualified, .. } => unqualified.unwrap_or(0),
            _ => 0,
        });
        let (clause, edition) = columns(row.duties.iter().map(|d| (d.clauses.first(), &d.head.edition)));
        table.rows.push(vec![
            json!(area),
            json!(rule),
            json!(tally.population),
            json!(tally.done),
            json!(tally.on_time),
            json!(tally.done - tally.on_time),
            json!(tally.overdue),
            json!(tally.in_time),
            json!(unqualified.sum::<u64>()),
            json!(tally.coverage_pct()),
            json!(tally.timeliness_pct()),
            json!(tally.waived),
            json!(tally.waived_late),
            json!(clause),
            json!(edition),
            json!(cited(&row.members)),
        ]);
        table.members.push(row.members);
    }
    Ok(())
}

/// By person, role or area, what was done in time, late, or not.
pub(super) fn performance(
    question: &Question<'_>,
    query: &ReportQuery,
    month: Month,
    table: &mut Report,
) -> Result<(), ServiceError> {
    let company = question.company();
    let rules = metric_rules(question);
    let by = query.by.as_deref().unwrap_or("person");
    if !["person", "role", "area"].contains(&by) {
        let message = format!("`{by}` is not offered; there are person, role and area");
        return Err(ServiceError::BadQuestion {
            parameter: "by",
            message,
        });
    }
    let mut counts: BTreeMap<String, Row> = BTreeMap::new();
    question.each_case(&mut |_, id, case| {
        let area = who::area_of(&company, &case.data).map(|a| a.to_string());
        if query.area.is_some() && area != query.area {
            return;
        }
        for obligation in case
            .obligations
            .iter()
            .filter(|o| o.is_owed() && rules.contains(&o.duty.id))
        {
            let on = company.zone.date(obligation.trigger.at);
            if on < month.0 || on > month.1 {
                continue;
            }
            let member = Member::of(id, obligation, counted(obligation, question.as_of()));
            let mut names: Vec<String> = match by {
                "role" => {
                    let role = |r| who::resolve(&company, r, &case.data).role.to_owned();
                    obligation.roles.iter().map(|r| role(r.as_ref())).collect()
                }
                "area" => vec![area.clone().unwrap_or_default()],
                _ => obligation
                    .roles
                    .iter()
                    .map(|r| {
                        let bearer = who::resolve(&company, r, &case.data);
                        let person = bearer.person.map(|p| p.id.as_ref()).or(bearer.named);
                        person.unwrap_or_default().to_owned()
                    })
                    .collect(),
            };
            names.dedup();
            let paused = case.paused(&obligation.duty, question.as_of());
            let breach = obligation.breach(question.as_of(), paused);
            let breached = breach.is_some_and(|b| b.status == BreachStatus::Standing);
            for name in names {
                let row = counts.entry(name).or_default();
                row.add(&obligation.duty, member.clone(), |adds| {
                    if let Adds::Tally { breaches, .. } = adds {
                        *breaches = Some(u64::from(breached));
                    }
                });
            }
        }
    })?;
    table.columns = vec![
        "by",
        "owed",
        "on_time",
        "late",
        "missed",
        "open",
        "breaches",
        "timeliness_pct",
        "waived",
        "waived_late",
        "clause",
        "edition",
        "events",
    ];
    let metrics: Vec<&Arc<Metric>> = company.procedures.iter().flat_map(|p| &p.metrics).collect();
    for (name, row) in counts {
        let tally = row.tally();
        let breaches = row.members.iter().map(|m| match &m.adds {
            Adds::Tally { breaches, .. } => breaches.unwrap_or(0),
            _ => 0,
        });
        // The metrics that ask for it.
        let asks = |m: &&&Arc<Metric>| row.duties.iter().any(|d| m.duties().contains(&d.id));
        let asking = metrics.iter().filter(asks);
        let (clause, edition) = columns(asking.map(|m| (m.clauses.first(), &m.head.edition)));
        table.rows.push(vec![
            json!(name),
            json!(tally.population),
            json!(tally.on_time),
            json!(tally.done - tally.on_time),
            json!(tally.overdue),
            json!(tally.in_time),
            json!(breaches.sum::<u64>()),
            json!(tally.timeliness_pct()),
            json!(tally.waived),
            json!(tally.waived_late),
            json!(clause),
            json!(edition),
            json!(cited(&row.members)),
        ]);
        table.members.push(row.members);
    }
    Ok(())
}
