//! Why an obligation exists, how its due date was counted, who owes it, what has become of it, and what comes next.

mod count;
mod dated;
mod occurrence;
mod print;
mod reckoning;
mod shape;
mod stage;
mod step;
mod tell;
mod who;
mod words;

#[cfg(test)]
mod tests;

pub use print::text;
pub(in crate::engine) use shape::both;
pub use shape::{
    AskedFor, BearerSaid, BreachSaid, ClauseSaid, Counted, Explanation, LimitSaid, MissingSaid, NextSaid, OverrideSaid,
    PauseSaid, Performance, PerformedBy, ProcedureSaid, Step, StepSaid, StepState, TriggerSaid, ValueSaid,
};
pub use stage::{DaySaid, How, Reckoning, Stage};
pub(in crate::engine) use words::condition as condition_said;

use crate::domain::obligation::Standing;
use crate::domain::zone::Instant;
use crate::engine::case::Case;
use crate::engine::consent;
use crate::engine::escalation::{self, Planned};
use crate::engine::history::History;
use crate::engine::obligation::{Ending, Obligation, Occurrence};
use crate::engine::view::{CountView, bearer_view, due_view, obligation_view, waived_view};
use crate::engine::{open, sample};
use crate::policy::finding::Text;
use crate::policy::model::{Company, Limit};
use crate::policy::values_of;
use chrono::Datelike;
use count::Count;
use reckoning::Reckoner;
use words::Style;

/// Explains an obligation of a case, as it is at an instant. `id` is the case's.
pub fn explain(history: &History, id: &str, case: &Case, obligation: &Obligation, as_of: Instant) -> Explanation {
    let company = history.current().as_ref();
    let zone = company.zone;
    let style = Style {
        zone,
        year: zone.date(as_of).year(),
    };
    let count = Count {
        company,
        case,
        style,
        as_of,
    };
    let duty = &obligation.duty;
    let shown = obligation_view(company, id, case, obligation, as_of);
    let standing = obligation.standing(as_of, case.paused(duty, as_of));
    let steps = count.steps(obligation);
    let projected = (standing == Standing::Paused).then(|| open::projected(case, obligation, zone, as_of).due);
    let due = projected
        .filter(|_| !obligation.due.passed(as_of))
        .unwrap_or(obligation.due);
    let bearers = who::bearers(company, case, obligation);
    let reckoner = Reckoner { case, id, zone, as_of };
    let escalation = escalation_of(company, case, obligation, style, as_of);
    let breach = obligation.breach(as_of, case.paused(duty, as_of)).map(|b| BreachSaid {
        at: zone.rfc3339(b.at),
        status: b.status.word(),
        what: tell::breach(obligation, b, style),
    });
    let mut explanation = Explanation {
        id: shown.id.clone(),
        case: shown.case.clone(),
        title: shown.title.clone(),
        as_of: zone.rfc3339(as_of),
        verdict: Text::default(),
        standing: shown.standing,
        flags: shown.flags.clone(),
        rule: shown.rule.clone(),
        clauses: clauses(history, obligation),
        procedure: procedure(history, obligation),
        assume: duty.assume.as_ref().map(ToString::to_string),
        trigger: TriggerSaid {
            event: shown.triggered_by.clone(),
            at: zone.rfc3339(obligation.trigger.at),
            day: style.day(zone.date(obligation.trigger.at)),
            what: count.trigger(duty),
        },
        opening: steps.opening,
        counting: steps.due,
        opens_at: zone.rfc3339(obligation.opens_at),
        due: due_view(due, zone),
        original_due: shown.original_due.clone(),
        pauses: pauses(case, obligation, style),
        reckoning: reckoner.reckoning(obligation, due),
        limits: limits(history, case, obligation),
        bearers,
        joint: shown.joint,
        chosen_because: who::because(company, case, obligation),
        performance: performance(company, case, obligation, style, as_of),
        next: None,
        escalation,
        breach,
        obligation: shown,
    };
    explanation.verdict = tell::verdict(&explanation, obligation, due, standing, style, as_of);
    explanation.next = tell::next(&explanation, obligation, due, standing, style);
    explanation
}

/// The clauses of the rule, in the words of the edition under which the obligation was born.
fn clauses(history: &History, obligation: &Obligation) -> Vec<ClauseSaid> {
    let procedure = history.in_edition(&obligation.duty.head.edition);
    let said = obligation.duty.clauses.iter().map(|id| {
        let known = procedure.and_then(|p| p.clauses.iter().find(|c| c.id == *id));
        ClauseSaid {
            id: id.to_string(),
            text: known.map(|c| c.text.to_string()).unwrap_or_default(),
        }
    });
    said.collect()
}

/// What of the rule is the company's own, where the rest is the base's.
fn overrides(history: &History, obligation: &Obligation) -> Vec<OverrideSaid> {
    let procedure = history.in_edition(&obligation.duty.head.edition);
    let said = procedure.into_iter().flat_map(|p| {
        let own = p.overrides_of(&obligation.duty.id).into_iter();
        own.map(|o| OverrideSaid {
            key: o.key.to_string(),
            value: o.value.to_string(),
            base: o.base.as_ref().map(ToString::to_string),
            reason: o.reason.to_string(),
            place: format!("{}:{}", p.file, o.line),
        })
    });
    said.collect()
}

fn procedure(history: &History, obligation: &Obligation) -> ProcedureSaid {
    let head = &obligation.duty.head;
    let edition = history.in_edition(&head.edition);
    let file = edition.map(|p| p.file_of(&obligation.duty.id));
    ProcedureSaid {
        id: head.id.to_string(),
        title: head.title.to_string(),
        document: head.document.as_ref().map(ToString::to_string),
        edition: head.edition.to_string(),
        effective: head.effective.to_string(),
        place: file.map(|file| format!("{file}:{}", obligation.duty.line)),
        adopts: edition.and_then(|p| Some(p.adoption.as_ref()?.procedure.to_string())),
        overrides: overrides(history, obligation),
        values: values(history, obligation),
    }
}

/// The values by date that the rule takes, as they were when the obligation was born.
fn values(history: &History, obligation: &Obligation) -> Vec<ValueSaid> {
    let edition = history.in_edition(&obligation.duty.head.edition);
    let on = match obligation.occurrence {
        Occurrence::On(on) => on,
        Occurrence::Nth(_) => history.zone().date(obligation.trigger.at),
    };
    let found = edition
        .map(|p| values_of(&p.text, &obligation.duty.id, on))
        .unwrap_or_default();
    let said = found.into_iter().map(|v| ValueSaid {
        key: v.key,
        param: v.param,
        value: v.value,
        from: v.from.to_string(),
        clauses: v.clauses,
        next_from: v.next.as_ref().map(|(from, _)| from.to_string()),
        next: v.next.map(|(_, value)| value),
    });
    said.collect()
}

/// What performs an obligation in this kind of case, and what it must carry.
fn performed_by(company: &Company, case: &Case, obligation: &Obligation) -> Vec<PerformedBy> {
    let of_kind = |d: &&crate::policy::model::Done| d.event.split('.').next() == Some(&*case.kind);
    let said = obligation.duty.done.iter().filter(of_kind).map(|done| {
        let found = done
            .event
            .split_once('.')
            .and_then(|(kind, event)| company.kinds.get(kind)?.events.get(event));
        let record = done.record.as_ref();
        let asks = record.into_iter().flat_map(|r| &r.required).map(|asked| AskedFor {
            fields: asked.fields.iter().map(ToString::to_string).collect(),
            when: (!asked.when.0.is_empty()).then(|| words::condition(&asked.when)),
            clause: asked.clause.as_ref().map(ToString::to_string),
        });
        PerformedBy {
            event: done.event.to_string(),
            title: found.map_or_else(|| done.event.to_string(), |e| e.title.to_string()),
            record: record.map(|r| r.title.to_string()),
            asks: asks.collect(),
        }
    });
    said.collect()
}

fn pauses(case: &Case, obligation: &Obligation, style: Style) -> Vec<PauseSaid> {
    let mine = case
        .pauses
        .iter()
        .filter(|p| obligation.duty.pauses_for.contains(&p.reason));
    let said = mine.map(|p| {
        let (reason, from) = (&p.reason, style.moment(p.from));
        let to = p.to.map_or(Text::new("现在", "now"), |to| style.moment(to));
        PauseSaid {
            reason: reason.to_string(),
            from: style.zone.rfc3339(p.from),
            to: p.to.map(|to| style.zone.rfc3339(to)),
            what: Text::new(
                format!("暂停（{reason}）：{}至{}", from.zh, to.zh),
                format!("paused ({reason}) from {} to {}", from.en, to.en),
            ),
        }
    });
    said.collect()
}

/// What the case's wishes limit of the duty, each with its clause.
fn limits(history: &History, case: &Case, obligation: &Obligation) -> Vec<LimitSaid> {
    let said = consent::holding(&obligation.duty, &case.data).map(|consent| {
        let what = match &consent.limit {
            Limit::Stretch(times) => Text::new(
                format!("间隔放长到{times}倍"),
                format!("intervals are {times} times as long"),
            ),
            Limit::Stop => Text::new("不再产生", "none comes to be"),
            Limit::Channels(list) => {
                let list: Vec<&str> = list.iter().map(AsRef::as_ref).collect();
                Text::new(
                    format!("只用 {}", list.join("、")),
                    format!("only by {}", list.join(", ")),
                )
            }
        };
        let because = words::condition(&consent.when);
        let procedure = history.in_edition(&consent.head.edition);
        let clause = consent.clauses.first();
        let known = procedure.and_then(|p| p.clauses.iter().find(|c| Some(&c.id) == clause));
        LimitSaid {
            consent: consent.id.to_string(),
            title: consent.title.to_string(),
            clause: ClauseSaid {
                id: clause.map(ToString::to_string).unwrap_or_default(),
                text: known.map(|c| c.text.to_string()).unwrap_or_default(),
            },
            what: Text::new(
                format!("{}：{}（因为 {}）", consent.title, what.zh, because.zh),
                format!("{}: {} (because {})", consent.title, what.en, because.en),
            ),
        }
    });
    said.collect()
}

fn performance(company: &Company, case: &Case, obligation: &Obligation, style: Style, as_of: Instant) -> Performance {
    let (duty, more, end) = (&obligation.duty, obligation.more.as_deref(), obligation.end.as_ref());
    let record = duty.done.iter().find_map(|d| d.record.as_ref());
    let missing = more
        .filter(|_| obligation.is_live())
        .into_iter()
        .flat_map(|m| &m.missing);
    let of_kind = |event: &str| event.split('.').next() == Some(&*case.kind);
    Performance {
        done_by: duty
            .done
            .iter()
            .map(|d| d.event.to_string())
            .filter(|e| of_kind(e))
            .collect(),
        ways: performed_by(company, case, obligation),
        fulfilled_by: end
            .filter(|e| e.how == Ending::Fulfilled)
            .map(|e| e.by.event.to_string()),
        ended_at: end.map(|e| style.zone.rfc3339(e.by.at)),
        ended: end.map(|e| style.moment(e.by.at)),
        took_part: more
            .into_iter()
            .flat_map(|m| &m.participants)
            .map(ToString::to_string)
            .collect(),
        missing: missing
            .map(|field| {
                let role = obligation.joint && obligation.roles.contains(field);
                let asked = record.and_then(|r| r.clause_of(field)).map(|c| c.to_string());
                MissingSaid {
                    field: field.to_string(),
                    role,
                    clause: if role {
                        duty.clauses.first().map(ToString::to_string)
                    } else {
                        asked
                    },
                }
            })
            .collect(),
        count: more.filter(|m| m.required > 0).map(|m| CountView {
            required: m.required,
            done: m.distinct.len() as u64,
            members: m.members,
            outstanding: sample::outstanding(case, obligation)
                .iter()
                .map(ToString::to_string)
                .collect(),
        }),
        pending: more.and_then(|m| m.pending.as_ref()).map(|p| p.event.to_string()),
        early_attempts: more
            .into_iter()
            .flat_map(|m| &m.early)
            .map(ToString::to_string)
            .collect(),
        waived: waived_view(obligation, as_of, case.paused(duty, as_of)),
        reason: more.and_then(|m| m.reason.as_ref()).map(ToString::to_string),
    }
}

fn escalation_of(
    company: &Company,
    case: &Case,
    obligation: &Obligation,
    style: Style,
    as_of: Instant,
) -> Vec<StepSaid> {
    let zone = company.zone;
    if !obligation.is_owed() {
        return Vec::new();
    }
    let fired = escalation::fired(case, obligation, zone, as_of);
    let said = escalation::planned(case, obligation, zone)
        .into_iter()
        .map(|step: Planned| {
            let same = fired.iter().find(|f| f.step == step);
            let told = same.or_else(|| fired.iter().find(|f| f.step.level == step.level));
            let state = match told {
                Some(told) if told.withdrawn_at.is_some() => StepState::Withdrawn,
                Some(_) => StepState::Told,
                None if obligation.waived_at(step.nominal_at).is_some() => StepState::NotNeeded,
                None if obligation.is_live() && step.told_at > as_of => StepState::Planned,
                None if obligation.is_live() => StepState::Skipped,
                None => StepState::NotNeeded,
            };
            StepSaid {
                level: step.level,
                to: bearer_view(company, &step.to, case),
                at: zone.rfc3339(step.nominal_at),
                state,
                told_at: told.map(|t| zone.rfc3339(t.at)),
                withdrawn_at: told.and_then(|t| t.withdrawn_at).map(|at| zone.rfc3339(at)),
                when: style.moment(step.told_at),
            }
        });
    said.collect()
}
