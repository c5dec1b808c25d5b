//! What a timeline names, looked up in the company: what is not there is a fault of the timeline.

use super::{At, Expect, Failure, Posted, Timeline, Visible, Written, sample, vacuous};
use crate::domain::event::MARKED;
use crate::domain::zone::{Instant, Zone};
use crate::engine::rate::parse_period;
use crate::policy::model::{Body, Company, Duty, Gate, Id, Listing, Metric, Notice, Penalty, Period, Rate, Threshold};
use chrono::NaiveDate;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The duty of that id.
pub(super) fn duty<'a>(company: &'a Company, id: &str) -> Option<&'a Arc<Duty>> {
    let duties = company.editions().flat_map(|p| &p.duties);
    duties.chain(company.reviews()).find(|d| d.id.as_ref() == id)
}

/// The rate of that id.
pub(super) fn rate<'a>(company: &'a Company, id: &str) -> Option<&'a Arc<Rate>> {
    company.editions().flat_map(|p| &p.rates).find(|r| r.id.as_ref() == id)
}

/// The metric of that id.
pub(super) fn metric<'a>(company: &'a Company, id: &str) -> Option<&'a Arc<Metric>> {
    company
        .editions()
        .flat_map(|p| &p.metrics)
        .find(|m| m.id.as_ref() == id)
}

/// The penalty of that id.
pub(super) fn penalty<'a>(company: &'a Company, id: &str) -> Option<&'a Arc<Penalty>> {
    company
        .procedures
        .iter()
        .flat_map(|p| &p.penalties)
        .find(|p| p.id.as_ref() == id)
}

/// The threshold of that id.
pub(super) fn threshold<'a>(company: &'a Company, id: &str) -> Option<&'a Arc<Threshold>> {
    company
        .editions()
        .flat_map(|p| &p.thresholds)
        .find(|t| t.id.as_ref() == id)
}

/// The gates before an event.
pub(super) fn gates<'a>(company: &'a Company, event: &str) -> impl Iterator<Item = &'a Arc<Gate>> + Clone {
    let event = Id::from(event);
    let gates = company.editions().flat_map(|p| &p.gates);
    gates.filter(move |g| g.on.contains(&event))
}

/// The notice with a list of that id, and its list.
pub(super) fn list_of<'a>(company: &'a Company, id: &str) -> Option<(&'a Arc<Notice>, &'a Listing)> {
    let mut all = company.editions().flat_map(|p| &p.notices);
    all.find_map(|notice| match &notice.body {
        Body::List(listing) if *notice.id == *id => Some((notice, listing)),
        _ => None,
    })
}

/// A time as written, in the company's zone.
pub(super) fn instant(zone: Zone, written: &Written) -> Option<Instant> {
    zone.parse_instant(&written.0).ok()
}

/// A date as written.
pub(super) fn date(written: &Written) -> Option<NaiveDate> {
    written.0.parse().ok()
}

/// Everything that the timeline names and the company does not have, and every time that cannot be read.
pub(super) fn faults(company: &Company, timeline: &Timeline) -> Vec<Failure> {
    let data = timeline.events.iter().flat_map(|h| h.event.data.values());
    let mut check = Check {
        company,
        texts: data.filter_map(|value| value.as_str()).collect(),
        failures: Vec::new(),
    };
    let clauses: BTreeSet<&Id> = company.editions().flat_map(|p| &p.clauses).map(|c| &c.id).collect();
    for clause in &timeline.clauses {
        check.known(timeline.line, ("条款", "clause"), clause, clauses.iter().copied());
    }
    check.time(timeline.line, "effects_from", timeline.effects_from.as_ref());
    for happens in &timeline.events {
        let occurred_at = Written(happens.event.occurred_at.clone());
        check.time(happens.line, "at", Some(&occurred_at));
        check.time(happens.line, "recorded_at", happens.recorded_at.as_ref());
        check.guidance(happens.line, happens.hints.iter().flatten());
        let needs = gates(company, &happens.event.kind).flat_map(|g| &g.needs);
        for title in happens.unmet.iter().flatten() {
            check.known(happens.line, ("要求", "need"), title, needs.clone().map(|n| &n.title));
        }
    }
    let cases: BTreeSet<&str> = timeline.events.iter().map(|h| h.event.case.as_str()).collect();
    for case in timeline.drawn.iter().filter(|c| !cases.contains(c.as_str())) {
        check.failures.push(Failure::new(
            timeline.line,
            format!("drawn 里的案件 `{case}` 没有事件"),
            format!("`drawn` names the case `{case}`, which has no event"),
        ));
    }
    for expect in &timeline.expects {
        check.expect(expect);
    }
    check.failures.extend(vacuous::faults(company.zone, timeline));
    check.failures
}

struct Check<'a> {
    company: &'a Company,
    /// What the events of the timeline say in texts.
    texts: BTreeSet<&'a str>,
    failures: Vec<Failure>,
}

impl<'a> Check<'a> {
    fn expect(&mut self, expect: &Expect) {
        let company = self.company;
        self.time(expect.line, "at", Some(&expect.at));
        self.time(expect.line, "known_at", expect.known_at.as_ref());
        for owed in expect.obligations.iter().flatten() {
            let (line, owed) = (owed.line, &owed.what);
            self.duty(line, &owed.rule);
            self.date(line, "due_on", owed.due_on.as_ref().filter(|w| w.0 != "none"));
            self.time(
                line,
                "preferred_at",
                owed.preferred_at.as_ref().filter(|w| w.0 != "none"),
            );
            self.date(line, "opens_on", owed.opens_on.as_ref());
            self.time(line, "opens_at", owed.opens_at.as_ref());
            self.time(line, "breach_at", owed.breach_at.as_ref().filter(|w| w.0 != "none"));
            for (field, date) in [
                ("original_due_on", &owed.original_due_on),
                ("projected_due_on", &owed.projected_due_on),
            ] {
                self.date(line, field, date.as_ref().filter(|w| w.0 != "none"));
            }
            self.time(line, "due_at", owed.due_at.as_ref().filter(|w| w.0 != "none"));
            self.guidance(line, owed.guidance.iter().flatten());
            for role in owed.roles.iter().flatten() {
                self.role(line, role);
            }
            // Somebody from outside is known by what an event says.
            let outside = |person: &&String| !self.texts.contains(person.as_str());
            let persons: Vec<&String> = owed.persons.iter().flatten().filter(outside).collect();
            for person in persons {
                let people = company.people.iter().map(|p| &p.id);
                self.known(line, ("人", "person"), person, people);
            }
        }
        for figure in expect.rates.iter().flatten() {
            let (line, figure) = (figure.line, &figure.what);
            let all = company.editions().flat_map(|p| &p.rates).map(|r| &r.id);
            self.known(line, ("回访率", "rate"), &figure.rate, all);
            self.period(line, &figure.period, rate(company, &figure.rate).map(|r| r.per));
        }
        for charged in expect.penalties.iter().flatten() {
            let (line, charged) = (charged.line, &charged.what);
            let all = company.procedures.iter().flat_map(|p| &p.penalties).map(|p| &p.id);
            self.known(line, ("罚则", "penalty"), &charged.penalty, all);
            if let Some(role) = &charged.role {
                self.role(line, role);
            }
        }
        for measured in expect.metrics.iter().flatten() {
            let (line, measured) = (measured.line, &measured.what);
            let all = company.editions().flat_map(|p| &p.metrics).map(|m| &m.id);
            self.known(line, ("指标", "metric"), &measured.metric, all);
            self.period(line, &measured.period, metric(company, &measured.metric).map(|m| m.per));
        }
        for visible in expect.visible.iter().flatten() {
            self.visible(visible);
        }
        for posted in expect.notices.iter().flatten() {
            self.notice(posted);
        }
        for figure in expect.samples.iter().flatten() {
            self.known(
                figure.line,
                ("抽样", "sample"),
                &figure.what.sample,
                sample::all(company),
            );
            self.failures.extend(sample::fault(company, figure));
        }
        for told in expect.effects.iter().flatten() {
            let (line, told) = (told.line, &told.what);
            if threshold(company, &told.rule).is_none() {
                self.duty(line, &told.rule);
            }
            if let Some(role) = &told.to {
                self.role(line, role);
            }
            self.time(line, "at", told.at.as_ref());
            self.time(line, "told_at", told.told_at.as_ref());
            if let Some(role) = told.stands_in.as_ref().filter(|role| *role != "none") {
                self.role(line, role);
            }
            if let Some(person) = told.person.as_ref().filter(|person| *person != "none") {
                self.known(line, ("人", "person"), person, company.people.iter().map(|p| &p.id));
            }
        }
        for opened in expect.spawned.iter().flatten() {
            let (line, opened) = (opened.line, &opened.what);
            let all = company.editions().flat_map(|p| &p.thresholds).map(|t| &t.id);
            self.known(line, ("阈值", "threshold"), &opened.threshold, all);
            let types = company.kinds.values().flat_map(|k| k.events.values()).map(|e| &e.id);
            if opened.event != MARKED {
                self.known(line, ("事件类型", "event type"), &opened.event, types);
            }
        }
        for turn in expect.turns.iter().flatten() {
            let (line, turn) = (turn.line, &turn.what);
            self.role(line, &turn.role);
            self.known(
                line,
                ("人", "person"),
                &turn.person,
                company.people.iter().map(|p| &p.id),
            );
        }
        for hour in expect.hours.iter().flatten() {
            let (line, hour) = (hour.line, &hour.what);
            let all = company.editions().flat_map(|p| &p.hours).map(|h| &h.id);
            self.known(line, ("时段", "hours"), &hour.hours, all);
            for (field, time) in [("closes_at", &hour.closes_at), ("next_opening", &hour.next_opening)] {
                self.time(line, field, time.as_ref().filter(|w| w.0 != "none"));
            }
        }
        for next in expect.next.iter().flatten() {
            self.duty(next.line, &next.what.rule);
            self.date(next.line, "due_on", next.what.due_on.as_ref());
        }
    }

    fn period(&mut self, line: u32, period: &Written, per: Option<Period>) {
        if per.is_some_and(|per| parse_period(per, &period.0).is_none()) {
            self.failures.push(Failure::new(
                line,
                format!("period 写成了 `{period}`；按规则的周期写：2026-03、2026-Q1、2026 或 2026-03-05"),
                format!("`period` is `{period}`; write it as the rule counts: 2026-03, 2026-Q1, 2026 or 2026-03-05"),
            ));
        }
    }

    fn duty(&mut self, line: u32, id: &str) {
        let duties = self.company.editions().flat_map(|p| &p.duties);
        let all = duties.chain(self.company.reviews()).map(|d| &d.id);
        self.known(line, ("规则", "rule"), id, all);
    }

    fn visible(&mut self, At { line, what }: &At<Visible>) {
        if let Some(person) = &what.person {
            let people = self.company.people.iter().map(|p| &p.id);
            self.known(*line, ("人", "person"), person, people);
        }
    }

    fn notice(&mut self, At { line, what }: &At<Posted>) {
        let Posted { notice, period, .. } = what;
        let lists = |n: &&Arc<Notice>| matches!(n.body, Body::List(_));
        let all = self.company.editions().flat_map(|p| &p.notices);
        self.known(
            *line,
            ("逐期文书", "notice with a list"),
            notice,
            all.filter(lists).map(|n| &n.id),
        );
        let per = list_of(self.company, notice).map(|(_, listing)| listing.per);
        self.period(*line, period, per);
    }

    fn guidance<'n>(&mut self, line: u32, names: impl Iterator<Item = &'n String>) {
        for name in names {
            let all = self.company.editions().flat_map(|p| &p.guidance).map(|g| &g.id);
            self.known(line, ("指引", "guidance"), name, all);
        }
    }

    fn role(&mut self, line: u32, id: &str) {
        // The engine itself names this one, where a rule could not be carried out.
        if id != crate::engine::open::ADMINISTRATOR {
            self.known(line, ("角色", "role"), id, self.company.roles.keys());
        }
    }

    fn known<'i>(&mut self, line: u32, (zh, en): (&str, &str), name: &str, all: impl Iterator<Item = &'i Id>) {
        let mut near: Option<(usize, &Id)> = None;
        for id in all {
            if id.as_ref() == name {
                return;
            }
            let distance = strsim::damerau_levenshtein(id, name);
            if near.is_none_or(|(best, _)| distance < best) {
                near = Some((distance, id));
            }
        }
        let near = near.filter(|(distance, id)| *distance <= 2.max(id.chars().count() / 3));
        let (hint_zh, hint_en) = match near {
            Some((_, id)) => (format!("，是不是 `{id}`？"), format!("; did you mean `{id}`?")),
            None => Default::default(),
        };
        self.failures.push(Failure::new(
            line,
            format!("没有{zh} `{name}`{hint_zh}"),
            format!("there is no {en} `{name}`{hint_en}"),
        ));
    }

    fn time(&mut self, line: u32, field: &str, written: Option<&Written>) {
        let Some(written) = written else { return };
        if let Err(e) = self.company.zone.parse_instant(&written.0) {
            self.failures.push(Failure::new(
                line,
                format!("{field} 写成了 `{written}`；写成 2026-03-02T09:00:00"),
                format!("`{field}` is `{written}`: {e}"),
            ));
        }
    }

    fn date(&mut self, line: u32, field: &str, written: Option<&Written>) {
        if let Some(written) = written.filter(|w| date(w).is_none()) {
            self.failures.push(Failure::new(
                line,
                format!("{field} 写成了 `{written}`；写成 2026-03-05"),
                format!("`{field}` is `{written}`; write it like 2026-03-05"),
            ));
        }
    }
}
