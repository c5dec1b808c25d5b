//! Which rules, branches of them and clauses the timelines of a company show to be kept.

use super::branches::{Branch, branches};
use super::run::run_and_look;
use super::{Failure, Happens, ScriptTest, Suite, Timeline, refer, sample, script};
use crate::domain::event::{DISPOSED, PENALTY_DECIDED, TARGET_DECIDED};
use crate::engine::obligation::Key;
use crate::policy::model::{Advice, Company, Compute, Duty, Gate, GateSide, Id, Need, Record};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What came of running all timelines of a company.
#[derive(Clone, Debug)]
pub struct Report {
    /// Each test of a script function and each timeline, in the order of the files.
    pub verdicts: Vec<Verdict>,
    /// What those that passed cover.
    pub coverage: Coverage,
}

/// What came of one timeline, or of one test of a script.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The file.
    pub file: Arc<str>,
    /// The line of its header.
    pub line: u32,
    /// What it shows.
    pub title: String,
    /// Whether it is a test of a script.
    pub is_script: bool,
    /// What did not come out as it says; empty: it passed.
    pub failures: Vec<Failure>,
}

/// Which rules, branches and clauses passing timelines touch.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// All rules, by procedure and family, in the order of the files. One is touched by an expectation on it; a gate by
    /// an event that it refuses; a record by an event that carries it and an expectation on what it performs.
    pub rules: Vec<Covered>,
    /// The clauses. One is covered by a timeline that names it and has an expectation on a rule that cites it, or has an
    /// event refused because of a form or a rule that does.
    pub clauses: Vec<Covered>,
    /// The branches of the rules. One is covered by a timeline that takes it at an instant at which it expects something
    /// of that rule.
    pub branches: Vec<Branch>,
    /// Clauses that a passing timeline names without an expectation on a rule that cites them: title and clause.
    pub idle: Vec<(String, Id)>,
    /// The script functions that rules name, by name. One is covered by a test of it; a timeline does not show which of
    /// its answers is right.
    pub scripts: Vec<Covered>,
}

/// A rule or a clause, and the timelines that touch it.
#[derive(Clone, Debug)]
pub struct Covered {
    /// The procedure.
    pub procedure: Id,
    /// What it is: the rule's family as `Procedure::rules` names it, or `clause`. Guidance enforces nothing; all others do.
    pub what: &'static str,
    /// Its id.
    pub id: Id,
    /// Its title or its text.
    pub title: Id,
    /// The titles of the timelines, in order; empty: nobody tests it.
    pub by: Vec<String>,
}

/// Runs all timelines and says what they cover.
pub fn report(company: &Arc<Company>, suites: &[Suite]) -> Report {
    let mut verdicts = Vec::new();
    let mut passed = Vec::new();
    let mut branches = branches(company);
    let mut scripts = Vec::new();
    for suite in suites {
        for test in &suite.scripts {
            let failures = test.run(company);
            if failures.is_empty() {
                scripts.push(test);
            }
            verdicts.push(Verdict {
                file: suite.name.clone(),
                line: test.line,
                title: test.title.clone(),
                is_script: true,
                failures,
            });
        }
        for timeline in &suite.timelines {
            let (failures, taken) = run_and_look(company, timeline);
            if failures.is_empty() {
                passed.push(timeline);
            }
            for branch in branches.iter_mut().filter(|branch| taken.has(&branch.key())) {
                branch.by.push(timeline.title.clone());
            }
            verdicts.push(Verdict {
                file: suite.name.clone(),
                line: timeline.line,
                title: timeline.title.clone(),
                is_script: false,
                failures,
            });
        }
    }
    Report {
        verdicts,
        coverage: Coverage {
            branches,
            ..cover(company, &passed, &scripts)
        },
    }
}

/// What the passing timelines cover.
pub fn coverage(company: &Arc<Company>, suites: &[Suite]) -> Coverage {
    report(company, suites).coverage
}

/// The rules that no timeline is about, whether it would pass or not: nothing is run.
pub fn untested(company: &Company, suites: &[Suite]) -> Vec<Id> {
    let timelines: Vec<&Timeline> = suites.iter().flat_map(|suite| &suite.timelines).collect();
    let rules = cover(company, &timelines, &[]).rules.into_iter();
    rules.filter(|rule| rule.by.is_empty()).map(|rule| rule.id).collect()
}

/// The rules that a timeline touches, and the clauses that they cite with the procedure that has them.
#[derive(Default)]
struct Touched {
    rules: BTreeSet<(&'static str, Id)>,
    clauses: BTreeSet<(Id, Id)>,
}

impl Touched {
    fn rule<'i>(&mut self, what: &'static str, id: &Id, procedure: &Id, clauses: impl IntoIterator<Item = &'i Id>) {
        self.rules.insert((what, id.clone()));
        self.cite(procedure, clauses);
    }

    fn cite<'i>(&mut self, procedure: &Id, clauses: impl IntoIterator<Item = &'i Id>) {
        self.clauses
            .extend(clauses.into_iter().map(|c| (procedure.clone(), c.clone())));
    }
}

fn cover(company: &Company, passed: &[&Timeline], scripts: &[&ScriptTest]) -> Coverage {
    let mut rules: BTreeMap<(&'static str, Id), Vec<String>> = BTreeMap::new();
    let mut clauses: BTreeMap<(Id, Id), Vec<String>> = BTreeMap::new();
    let mut coverage = Coverage {
        scripts: script::covered(company, scripts),
        ..Coverage::default()
    };
    for computed in company.procedures.iter().flat_map(|p| &p.computed) {
        // A test of its function shows a field as well.
        if let Compute::Script { function, .. } = &computed.how {
            let tests = scripts.iter().filter(|test| test.function == **function.name());
            let titles = tests.map(|test| test.title.clone());
            let rule = ("computed", computed.review.id.clone());
            rules.entry(rule).or_default().extend(titles);
        }
    }
    for timeline in passed {
        let touched = touched(company, timeline);
        for rule in touched.rules {
            rules.entry(rule).or_default().push(timeline.title.clone());
        }
        for named in &timeline.clauses {
            let cited: Vec<&(Id, Id)> = touched
                .clauses
                .iter()
                .filter(|(_, c)| c.as_ref() == named.as_str())
                .collect();
            if cited.is_empty() {
                coverage.idle.push((timeline.title.clone(), Id::from(named.as_str())));
            }
            for clause in cited {
                clauses.entry(clause.clone()).or_default().push(timeline.title.clone());
            }
        }
    }
    for procedure in &company.procedures {
        let head = &procedure.head.id;
        for rule in procedure.rules() {
            let by = rules.get(&(rule.what, rule.id.clone())).cloned().unwrap_or_default();
            coverage.rules.push(Covered {
                procedure: head.clone(),
                what: rule.what,
                id: rule.id,
                title: rule.title,
                by,
            });
        }
        for clause in &procedure.clauses {
            coverage.clauses.push(Covered {
                procedure: head.clone(),
                what: "clause",
                id: clause.id.clone(),
                title: clause.text.clone(),
                by: clauses
                    .get(&(head.clone(), clause.id.clone()))
                    .cloned()
                    .unwrap_or_default(),
            });
        }
    }
    coverage
}

fn touched(company: &Company, timeline: &Timeline) -> Touched {
    let mut touched = Touched::default();
    let mut duties: BTreeSet<&str> = BTreeSet::new();
    for expect in &timeline.expects {
        duties.extend(expect.obligations.iter().flatten().map(|o| o.what.rule.as_str()));
        duties.extend(expect.effects.iter().flatten().map(|o| o.what.rule.as_str()));
        duties.extend(expect.next.iter().flatten().map(|o| o.what.rule.as_str()));
        let told = expect.effects.iter().flatten().map(|o| o.what.rule.as_str());
        let opened = expect.spawned.iter().flatten().map(|o| o.what.threshold.as_str());
        for rule in told.chain(opened).filter_map(|id| refer::threshold(company, id)) {
            touched.rule("threshold", &rule.id, &rule.head.id, &rule.clauses);
        }
        let rates = expect
            .rates
            .iter()
            .flatten()
            .filter_map(|f| refer::rate(company, &f.what.rate));
        for rate in rates {
            touched.rule("rate", &rate.id, &rate.head.id, &rate.clauses);
        }
    }
    touch_metrics(company, timeline, &mut touched);
    touch_penalties(company, timeline, &mut touched);
    let figures = timeline.expects.iter().flat_map(|e| e.samples.iter().flatten());
    let drawn = figures.map(|f| f.what.sample.as_str()).chain(duties.iter().copied());
    for sample in drawn.filter_map(|id| sample::sample(company, id)) {
        touched.rule("sample", &sample.id, &sample.head.id, &sample.clauses);
    }
    let carried = carried(company, timeline, false);
    for duty in duties.into_iter().filter_map(|id| refer::duty(company, id)) {
        touch_duty(company, duty, &carried, &mut touched);
    }
    for id in self::carried(company, timeline, true) {
        touch_record(company, &id, &mut touched);
    }
    touch_computed(company, timeline, &mut touched);
    touch_guidance(company, timeline, &mut touched);
    touch_hours(company, timeline, &mut touched);
    touch_consents(company, timeline, &mut touched);
    touch_exceptions(company, timeline, &mut touched);
    for happens in timeline.events.iter().filter(|h| h.number.is_some()) {
        if let Some(record) = record_of(company, &happens.event.kind) {
            touch_record(company, &record.id, &mut touched);
        }
    }
    touch_notices(company, timeline, &mut touched);
    touch_access(company, timeline, &mut touched);
    for happens in timeline.events.iter().filter(|h| h.refused.is_some()) {
        touch_gates(company, happens, &mut touched);
        let text = |field: &str| {
            happens
                .event
                .data
                .get(field)
                .and_then(|v| v.as_str())
                .unwrap_or_default()
        };
        if happens.event.kind == TARGET_DECIDED
            && let Some(rate) = refer::rate(company, text("rate"))
        {
            touched.rule("rate", &rate.id, &rate.head.id, &rate.clauses);
        }
        if happens.event.kind == DISPOSED {
            let what = timeline.events.iter().find(|h| h.event.id == text("record"));
            if let Some(record) = what.and_then(|h| record_of(company, &h.event.kind)) {
                touch_record(company, &record.id, &mut touched);
            }
        }
    }
    touched
}

/// A computed field is touched where an event is given what it is worked out from and something is expected of its case.
fn touch_computed(company: &Company, timeline: &Timeline, touched: &mut Touched) {
    let owed = timeline.expects.iter().flat_map(|e| e.obligations.iter().flatten());
    let cases: BTreeSet<&str> = owed.map(|o| o.what.case.as_str()).collect();
    let events = timeline.events.iter().filter(|h| h.refused.is_none());
    for happens in events.filter(|h| cases.contains(h.event.case.as_str())) {
        let kind = happens.event.kind.split('.').next().unwrap_or_default();
        let says = |field: &Id| happens.event.data.contains_key(&**field);
        for computed in company.kinds.get(kind).into_iter().flat_map(|kind| &kind.computed) {
            let is_worked_out = match &computed.how {
                Compute::Script { from, .. } => from.iter().any(says),
                Compute::YearsSince(field) => says(field),
                Compute::Count(event) => **event == *happens.event.kind,
            };
            if is_worked_out {
                let review = &computed.review;
                touched.rule("computed", &review.id, &review.head.id, &review.clauses);
            }
        }
    }
}

/// Guidance is touched by an event or an obligation that expects it by name, or by the steps of an obligation's
/// checklists.
fn touch_guidance(company: &Company, timeline: &Timeline, touched: &mut Touched) {
    let owed = || {
        timeline
            .expects
            .iter()
            .flat_map(|e| e.obligations.iter().flatten())
            .map(|o| &o.what)
    };
    let by_event = timeline.events.iter().flat_map(|h| h.hints.iter().flatten());
    let named: BTreeSet<&str> = by_event
        .chain(owed().flat_map(|o| o.guidance.iter().flatten()))
        .map(String::as_str)
        .collect();
    let listed = owed().filter(|o| o.checklist.is_some());
    let listed: Vec<&Arc<Duty>> = listed.filter_map(|o| refer::duty(company, &o.rule)).collect();
    let is_listed = |id: &Id| {
        let mut shown = listed.iter().flat_map(|d| &d.texts.guidance);
        shown.any(|g| g.id == *id && matches!(g.advice, Advice::Checklist(_)))
    };
    for procedure in &company.procedures {
        for guidance in &procedure.guidance {
            if named.contains(guidance.id.as_ref()) || is_listed(&guidance.id) {
                touched.rule("guidance", &guidance.id, &procedure.head.id, &guidance.clauses);
            }
        }
    }
}

/// The penalties of which entries are expected, and those of which a decision was refused.
fn touch_penalties(company: &Company, timeline: &Timeline, touched: &mut Touched) {
    let charged = timeline.expects.iter().flat_map(|e| e.penalties.iter().flatten());
    let charged = charged.filter_map(|c| refer::penalty(company, &c.what.penalty));
    let refused = timeline.events.iter().filter(|h| h.refused.is_some());
    let decided = refused.filter(|h| h.event.kind == PENALTY_DECIDED).filter_map(|h| {
        let named = Key::parse(h.event.data.get("obligation")?.as_str()?)?;
        refer::duty(company, &named.1.rule)?.decides()
    });
    for penalty in charged.chain(decided) {
        touched.rule("penalty", &penalty.id, &penalty.head.id, &penalty.clauses);
    }
}

/// The metrics of which figures are expected, and those whose balance an event was refused for.
fn touch_metrics(company: &Company, timeline: &Timeline, touched: &mut Touched) {
    let measured = timeline.expects.iter().flat_map(|e| e.metrics.iter().flatten());
    let measured = measured.filter_map(|m| refer::metric(company, &m.what.metric));
    let refused = timeline
        .events
        .iter()
        .filter(|h| h.refused.as_deref() == Some("balance"));
    let spent = refused.flat_map(|h| {
        let all = company.procedures.iter().flat_map(|p| &p.metrics);
        all.filter(|m| m.events().iter().any(|e| e.as_ref() == h.event.kind))
    });
    for metric in measured.chain(spent) {
        touched.rule("metric", &metric.id, &metric.head.id, &metric.clauses);
    }
}

/// A rule of access is touched by an expectation on who sees a case of its kind.
fn touch_access(company: &Company, timeline: &Timeline, touched: &mut Touched) {
    let asked = timeline.expects.iter().flat_map(|e| e.visible.iter().flatten());
    let cases: BTreeSet<&str> = asked.map(|v| v.what.case.as_str()).collect();
    let events = timeline.events.iter().filter(|h| cases.contains(h.event.case.as_str()));
    let kinds: BTreeSet<&str> = events.filter_map(|h| h.event.kind.split('.').next()).collect();
    for procedure in &company.procedures {
        for access in procedure.access.iter().filter(|a| kinds.contains(a.kind.as_ref())) {
            touched.rule("access", &access.id, &procedure.head.id, &access.clauses);
        }
    }
}

/// Hours are touched by an expectation of them, by the moment that an obligation prefers, or by an obligation that is
/// counted in them.
fn touch_hours(company: &Company, timeline: &Timeline, touched: &mut Touched) {
    let asked = timeline.expects.iter().flat_map(|e| e.hours.iter().flatten());
    let mut named: BTreeSet<&str> = asked.map(|h| h.what.hours.as_str()).collect();
    for owed in timeline.expects.iter().flat_map(|e| e.obligations.iter().flatten()) {
        let Some(duty) = refer::duty(company, &owed.what.rule) else {
            continue;
        };
        named.insert(duty.calendar.name());
        let prefer = duty.prefer.as_ref().filter(|_| owed.what.preferred_at.is_some());
        named.extend(prefer.map(|hours| hours.id.as_ref()));
    }
    for procedure in &company.procedures {
        for hours in procedure.hours.iter().filter(|h| named.contains(h.id.as_ref())) {
            touched.rule("hours", &hours.id, &procedure.head.id, &hours.clauses);
        }
    }
}

/// A limit by wishes is touched where an event says what it asks about and something is expected of a rule that it limits.
fn touch_consents(company: &Company, timeline: &Timeline, touched: &mut Touched) {
    let said: BTreeSet<&str> = timeline
        .events
        .iter()
        .flat_map(|h| h.event.data.iter().map(|(field, _)| field.as_str()))
        .collect();
    let owed = timeline.expects.iter().flat_map(|e| e.obligations.iter().flatten());
    let owed: BTreeSet<&str> = owed.map(|o| o.what.rule.as_str()).collect();
    for procedure in &company.procedures {
        for consent in &procedure.consents {
            let is_said = consent.when.0.iter().any(|(field, _)| said.contains(field.as_ref()));
            if is_said && consent.of.iter().any(|rule| owed.contains(rule.as_ref())) {
                touched.rule("consent", &consent.id, &procedure.head.id, &consent.clauses);
            }
        }
    }
}

/// An exception is touched by an obligation that is expected to be waived by it.
fn touch_exceptions(company: &Company, timeline: &Timeline, touched: &mut Touched) {
    let owed = timeline.expects.iter().flat_map(|e| e.obligations.iter().flatten());
    let named = owed.filter_map(|o| o.what.waived.as_ref()?.exception.as_deref());
    let named: BTreeSet<&str> = named.collect();
    for procedure in &company.procedures {
        for exception in procedure.exceptions.iter().filter(|e| named.contains(&*e.id)) {
            touched.rule("exception", &exception.id, &procedure.head.id, &exception.clauses);
        }
    }
}

/// The records that events of the timeline carry: of those taken, or of those refused.
fn carried(company: &Company, timeline: &Timeline, refused: bool) -> BTreeSet<Id> {
    let events = timeline.events.iter().filter(|h| h.refused.is_some() == refused);
    events
        .filter_map(|h| record_of(company, &h.event.kind))
        .map(|r| r.id.clone())
        .collect()
}

fn record_of<'a>(company: &'a Company, kind: &str) -> Option<&'a Arc<Record>> {
    let (kind, event) = kind.split_once('.')?;
    company.kinds.get(kind)?.events.get(event)?.record.as_ref()
}

fn touch_duty(company: &Company, duty: &Duty, carried: &BTreeSet<Id>, touched: &mut Touched) {
    let head = &duty.head.id;
    touched.rule("duty", &duty.id, head, &duty.clauses);
    touched.cite(head, duty.count.iter().filter_map(|c| c.clause.as_ref()));
    for record in duty
        .done
        .iter()
        .filter_map(|d| d.record.as_ref())
        .filter(|r| carried.contains(&r.id))
    {
        touch_record(company, &record.id, touched);
    }
    for procedure in &company.procedures {
        for metric in procedure.metrics.iter().filter(|m| m.duties().contains(&duty.id)) {
            touched.rule("metric", &metric.id, &procedure.head.id, &metric.clauses);
        }
    }
}

/// What a gate was written as.
fn family(gate: &Gate) -> &'static str {
    if gate.side == GateSide::Gate {
        "gate"
    } else {
        "approval"
    }
}

/// The gates that refuse an event: those with the needs that it names, or the only one there is.
fn touch_gates(company: &Company, happens: &Happens, touched: &mut Touched) {
    if !matches!(happens.refused.as_deref(), Some("gate" | "not-authorised")) {
        return;
    }
    let gates: Vec<&Arc<Gate>> = refer::gates(company, &happens.event.kind).collect();
    let unmet = happens.unmet.as_deref().unwrap_or_default();
    for gate in &gates {
        let named: Vec<&Need> = gate
            .needs
            .iter()
            .filter(|n| unmet.iter().any(|u| **u == *n.title))
            .collect();
        if !named.is_empty() || (unmet.is_empty() && gates.len() == 1) {
            touched.rule(family(gate), &gate.id, &gate.head.id, &gate.clauses);
            touched.cite(&gate.head.id, named.iter().filter_map(|n| n.clause.as_ref()));
        }
    }
}

fn touch_record(company: &Company, id: &Id, touched: &mut Touched) {
    for procedure in &company.procedures {
        for record in procedure.records.iter().filter(|r| r.id == *id) {
            touched.rule("record", &record.id, &procedure.head.id, &record.clauses);
            touched.cite(
                &procedure.head.id,
                record.required.iter().filter_map(|q| q.clause.as_ref()),
            );
        }
    }
}

/// A notice is touched by an obligation with its text or what that lacks, or by the list that is expected.
fn touch_notices(company: &Company, timeline: &Timeline, touched: &mut Touched) {
    let mut named: BTreeSet<Id> = BTreeSet::new();
    for expect in &timeline.expects {
        let posted = expect.notices.iter().flatten().map(|p| p.what.notice.as_str());
        named.extend(posted.map(Id::from));
        let owed = expect.obligations.iter().flatten().map(|o| &o.what);
        let with_text = owed.filter(|o| o.notice.is_some() || o.notice_missing.is_some());
        let duties = with_text.filter_map(|o| refer::duty(company, &o.rule));
        named.extend(duties.filter_map(|d| d.texts.notice.as_ref().map(|n| n.id.clone())));
    }
    for procedure in &company.procedures {
        for notice in procedure.notices.iter().filter(|n| named.contains(&n.id)) {
            touched.rule("notice", &notice.id, &procedure.head.id, &notice.clauses);
        }
    }
}
