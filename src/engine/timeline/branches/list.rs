//! Which branches there are: the one place that says so.

use super::{Branch, Rows, Way, nth};
use crate::domain::event::TARGET_DECIDED;
use crate::engine::explain::condition_said;
use crate::policy::finding::Text;
use crate::policy::model::{
    Access, Bearers, Bearing, Company, Condition, Consent, During, Duty, Exception, Gate, GateSide, Id, Many, Offence,
    Penalty, Procedure, Rate, Record, Sample, StepAt, Sum, Target, Threshold, Timing, Trigger,
};

/// The branches of all rules, by procedure and family, in the order of the files.
pub(in crate::engine::timeline) fn branches(company: &Company) -> Vec<Branch> {
    let mut all = Vec::new();
    for procedure in &company.procedures {
        let mut list = List {
            company,
            procedure,
            rule: None,
            all: &mut all,
        };
        procedure.duties.iter().for_each(|duty| list.duty(duty));
        procedure.thresholds.iter().for_each(|rule| list.threshold(rule));
        procedure.gates.iter().for_each(|gate| list.gate(gate));
        procedure.rates.iter().for_each(|rate| list.rate(rate));
        procedure.samples.iter().for_each(|sample| list.sample(sample));
        procedure.penalties.iter().for_each(|penalty| list.penalty(penalty));
        procedure.records.iter().for_each(|record| list.record(record));
        procedure.access.iter().for_each(|access| list.access(access));
        procedure.consents.iter().for_each(|consent| list.consent(consent));
        procedure.exceptions.iter().for_each(|rule| list.exception(rule));
    }
    all
}

struct List<'a> {
    company: &'a Company,
    procedure: &'a Procedure,
    rule: Option<(&'static str, Id, Id, u32)>,
    all: &'a mut Vec<Branch>,
}

impl List<'_> {
    fn rule(&mut self, what: &'static str, id: &Id, title: &Id, line: u32) {
        self.rule = Some((what, id.clone(), title.clone(), line));
    }

    fn add(&mut self, way: Way, about: Text) {
        let Some((what, rule, title, line)) = self.rule.clone() else {
            return;
        };
        self.all.push(Branch {
            procedure: self.procedure.head.id.clone(),
            what,
            file: self.procedure.file_of(&rule).clone(),
            rule,
            title,
            line,
            way,
            about,
            by: Vec::new(),
        });
    }

    fn plain(&mut self, way: Way) {
        self.add(way, Text::default());
    }

    /// Both sides of a condition, where there is one.
    fn when(&mut self, when: &Condition) {
        if !when.0.is_empty() {
            self.add(Way::When(true), condition_said(when));
            self.add(Way::When(false), condition_said(when));
        }
    }

    /// That a condition does not hold; that it does, another branch shows.
    fn unless(&mut self, when: &Condition) {
        if !when.0.is_empty() {
            self.add(Way::When(false), condition_said(when));
        }
    }

    fn duty(&mut self, duty: &Duty) {
        self.rule(family(duty), &duty.id, &duty.title, duty.line);
        // That a target is the rate's own nobody wrote down.
        if duty.done.iter().all(|done| *done.event != *TARGET_DECIDED) {
            self.when(&duty.when);
        }
        for (rows, entries) in rows(duty) {
            for (ix, about) in entries.into_iter().enumerate() {
                self.add(Way::Row(rows, nth(ix)), about);
            }
        }
        if !duty.done.is_empty() {
            self.plain(Way::Done);
        }
        if self.follows_on_breach(duty) {
            self.plain(Way::Overdue);
        }
        if !until(duty).is_empty() {
            self.add(Way::Until, texts(until(duty)));
        }
        for (ix, step) in duty.escalate.iter().enumerate() {
            self.add(Way::Told(nth(ix)), texts(std::slice::from_ref(&step.to)));
            if !step.when.0.is_empty() {
                self.add(Way::PassedOver(nth(ix)), condition_said(&step.when));
            }
        }
        if duty.draw.is_some() {
            self.plain(Way::Drawn(true));
            self.plain(Way::Drawn(false));
        }
    }

    /// Whether something follows on the duty's being overdue: somebody is told then, it costs something, another duty
    /// comes to be.
    fn follows_on_breach(&self, duty: &Duty) -> bool {
        let told = duty.escalate.iter();
        let mut told = told.filter(|step| matches!(step.at, StepAt::Due | StepAt::AfterDue(_)));
        let costs = |p: &Penalty| matches!(&p.offence, Offence::Breach(of) if of.contains(&duty.id));
        let mut procedures = self.company.procedures.iter();
        told.next().is_some()
            || duty.penalties.iter().any(|penalty| costs(penalty))
            || procedures.any(|p| p.by_breached.get(&duty.id).is_some_and(|d| !d.is_empty()))
    }

    fn threshold(&mut self, rule: &Threshold) {
        self.rule("threshold", &rule.id, &rule.title, rule.line);
        self.unless(&rule.when);
        self.plain(Way::Reached);
        if rule.at_least > 1 {
            self.plain(Way::Below);
        }
        if rule.to.len() > 1 {
            for (ix, role) in rule.to.iter().enumerate() {
                self.add(Way::Rung(nth(ix)), texts(std::slice::from_ref(role)));
            }
        }
    }

    fn gate(&mut self, gate: &Gate) {
        self.rule(gate_family(gate), &gate.id, &gate.title, gate.line);
        let approving = gate.side == GateSide::Approving;
        if !approving {
            self.unless(&gate.when);
            self.plain(Way::LetsThrough);
        }
        for (ix, need) in gate.needs.iter().enumerate() {
            self.add(unmet(gate, ix), texts(std::slice::from_ref(&need.title)));
        }
    }

    fn rate(&mut self, rate: &Rate) {
        self.rule("rate", &rate.id, &rate.title, rate.line);
        let about = match &rate.target {
            Target::AtLeast(share) => Text::new(share.to_string(), share.to_string()),
            Target::DecidedBy(_) => Text::default(),
        };
        self.add(Way::Met, about.clone());
        self.add(Way::Missed, about);
        if let Some(line) = rate.warn_below {
            self.add(Way::Warning, Text::new(line.to_string(), line.to_string()));
        }
    }

    fn sample(&mut self, sample: &Sample) {
        self.rule("sample", &sample.id, &sample.title, sample.line);
        self.unless(&sample.when);
        if sample.size.len() > 1 {
            for (ix, (when, _)) in sample.size.iter().enumerate() {
                self.add(Way::Row(Rows::Size, nth(ix)), or_else(condition_said(when)));
            }
        }
    }

    fn penalty(&mut self, penalty: &Penalty) {
        self.rule("penalty", &penalty.id, &penalty.title, penalty.line);
        if let Offence::Violation { when, .. } = &penalty.offence {
            self.unless(when);
        }
        if let Sum::Decided { .. } = &penalty.sum {
            self.plain(Way::Proposed);
            self.plain(Way::Decided);
        } else {
            self.plain(Way::Charged);
        }
        for (ix, joint) in penalty.joint.iter().enumerate() {
            self.add(Way::Beside(nth(ix)), texts(std::slice::from_ref(&joint.role)));
        }
    }

    /// A form that nothing performs with, or that asks for nothing, comes out one way only.
    fn record(&mut self, record: &Record) {
        let asks = !record.required.is_empty() || record.accept.is_some();
        let duties = self.company.procedures.iter().flat_map(|p| &p.duties);
        let mut used = duties
            .flat_map(|duty| &duty.done)
            .filter_map(|done| done.record.as_ref());
        if !asks || !used.any(|used| used.id == record.id) {
            return;
        }
        self.rule("record", &record.id, &record.title, record.line);
        self.plain(Way::Complete);
        self.plain(Way::Lacking);
        let depend = record.required.iter().enumerate().filter(|(_, r)| !r.when.0.is_empty());
        for (ix, row) in depend {
            self.add(Way::Asks(nth(ix), true), condition_said(&row.when));
            self.add(Way::Asks(nth(ix), false), condition_said(&row.when));
        }
    }

    fn access(&mut self, access: &Access) {
        if access.restricts() {
            self.rule("access", &access.id, &access.title, access.line);
            self.plain(Way::Shown);
            self.plain(Way::Hidden);
        }
    }

    fn consent(&mut self, consent: &Consent) {
        self.rule("consent", &consent.id, &consent.title, consent.line);
        self.when(&consent.when);
    }

    fn exception(&mut self, exception: &Exception) {
        self.rule("exception", &exception.id, &exception.title, exception.line);
        self.unless(&exception.when);
        self.plain(Way::Waives);
    }
}

/// The family under which the branches of a duty stand: what a sample asks of those drawn goes by the sample.
pub(super) fn family(duty: &Duty) -> &'static str {
    match duty.on {
        Trigger::Sampled(_) => "sample",
        _ => "duty",
    }
}

/// What a gate was written as.
pub(super) fn gate_family(gate: &Gate) -> &'static str {
    match gate.side {
        GateSide::Gate => "gate",
        GateSide::Approved | GateSide::Approving => "approval",
    }
}

/// That a need of a gate is not met.
pub(super) fn unmet(gate: &Gate, ix: usize) -> Way {
    match gate.side {
        GateSide::Approving => Way::NotApprover(nth(ix)),
        GateSide::Gate | GateSide::Approved => Way::Unmet(nth(ix)),
    }
}

/// The events that end what recurs or reminds.
pub(super) fn until(duty: &Duty) -> &[Id] {
    match &duty.timing {
        Timing::Recurring { until, .. } | Timing::Reminder { until, .. } => until,
        _ => &[],
    }
}

/// The lists of a duty of which one entry counts, with what is said of each entry; only those with a choice.
pub(super) fn rows(duty: &Duty) -> Vec<(Rows, Vec<Text>)> {
    let said = |when: &Condition| or_else(condition_said(when));
    let mut all: Vec<(Rows, Vec<Text>)> = Vec::new();
    match &duty.timing {
        Timing::ByCase(terms) => all.push((Rows::Term, terms.iter().map(|row| said(&row.when)).collect())),
        Timing::Recurring { rhythm, .. } => {
            all.push((Rows::Pace, rhythm.paces.iter().map(|row| said(&row.when)).collect()));
        }
        _ => {}
    }
    if let Bearers::Choice(choices) = &duty.bearers {
        all.push((Rows::Bearer, choices.iter().map(bearing).collect()));
    }
    if let Some(Many::Share { shares, .. }) = duty.count.as_ref().map(|count| &count.many) {
        all.push((Rows::Share, shares.iter().map(|row| said(&row.when)).collect()));
    }
    all.retain(|(_, entries)| entries.len() > 1);
    all
}

fn bearing(bearing: &Bearing) -> Text {
    let mut parts = vec![condition_said(&bearing.when)];
    if let Some(field) = &bearing.person {
        parts.push(Text::new(format!("填了 {field}"), format!("{field} is filled in")));
    }
    parts.extend(bearing.during.map(|during| match during {
        During::Open => Text::new("在工作时间里", "in open time"),
        During::Closed => Text::new("在工作时间外", "outside open time"),
    }));
    parts.retain(|part| !part.zh.is_empty());
    let join = |part: fn(&Text) -> &str, with: &str| parts.iter().map(part).collect::<Vec<_>>().join(with);
    or_else(Text::new(join(|t| &t.zh, "且"), join(|t| &t.en, " and ")))
}

/// What is said of an entry without a condition.
fn or_else(said: Text) -> Text {
    match said.zh.is_empty() {
        true => Text::new("其他情况", "otherwise"),
        false => said,
    }
}

fn texts(ids: &[Id]) -> Text {
    Text::new(ids.join("、"), ids.join(", "))
}
