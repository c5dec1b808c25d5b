//! All rules of a procedure under one shape, for what is said of every rule alike.

use super::{GateSide, Id, Procedure, Trigger};
use std::collections::BTreeSet;

/// A rule, whatever its family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleRef {
    /// Its family: `duty`, `threshold`, `rate`, `sample`, `record`, `metric`, …
    pub what: &'static str,
    /// Its id.
    pub id: Id,
    /// Its name for people.
    pub title: Id,
    /// Every clause that it cites anywhere, its own first.
    pub clauses: Vec<Id>,
}

impl RuleRef {
    fn new<'i>(what: &'static str, id: &Id, title: &Id, clauses: impl IntoIterator<Item = &'i Id>) -> RuleRef {
        let mut seen = BTreeSet::new();
        let mut cited: Vec<Id> = clauses.into_iter().cloned().collect();
        cited.retain(|clause| seen.insert(clause.clone()));
        RuleRef {
            what,
            id: id.clone(),
            title: title.clone(),
            clauses: cited,
        }
    }

    /// Whether it only tells people something, and asks for nothing.
    pub fn only_tells(&self) -> bool {
        self.what == "guidance"
    }
}

impl Procedure {
    /// Its rules, family by family, each in the order of the file.
    pub fn rules(&self) -> Vec<RuleRef> {
        // What a sample asks of those drawn goes by the sample itself.
        let owed = self.duties.iter().filter(|r| !matches!(r.on, Trigger::Sampled(_)));
        let duties = owed.map(|r| {
            let count = r.count.iter().filter_map(|c| c.clause.as_ref());
            RuleRef::new("duty", &r.id, &r.title, r.clauses.iter().chain(count))
        });
        let thresholds = self.thresholds.iter();
        let thresholds = thresholds.map(|r| RuleRef::new("threshold", &r.id, &r.title, &r.clauses));
        let gates = self.gates.iter().filter(|gate| gate.side != GateSide::Approving);
        let gates = gates.map(|r| {
            let what = if r.side == GateSide::Gate { "gate" } else { "approval" };
            let needs = r.needs.iter().filter_map(|need| need.clause.as_ref());
            RuleRef::new(what, &r.id, &r.title, r.clauses.iter().chain(needs))
        });
        let samples = self.samples.iter();
        let samples = samples.map(|r| RuleRef::new("sample", &r.id, &r.title, &r.clauses));
        let rates = self.rates.iter();
        let rates = rates.map(|r| RuleRef::new("rate", &r.id, &r.title, &r.clauses));
        let records = self.records.iter().map(|r| {
            let fields = r.required.iter().filter_map(|q| q.clause.as_ref());
            RuleRef::new("record", &r.id, &r.title, r.clauses.iter().chain(fields))
        });
        let metrics = self.metrics.iter();
        let metrics = metrics.map(|r| RuleRef::new("metric", &r.id, &r.title, &r.clauses));
        let penalties = self.penalties.iter();
        let penalties = penalties.map(|r| RuleRef::new("penalty", &r.id, &r.title, &r.clauses));
        let guidance = self.guidance.iter();
        let guidance = guidance.map(|r| RuleRef::new("guidance", &r.id, &r.title, &r.clauses));
        let hours = self.hours.iter();
        let hours = hours.map(|r| RuleRef::new("hours", &r.id, &r.title, &r.clauses));
        let consents = self.consents.iter();
        let consents = consents.map(|r| RuleRef::new("consent", &r.id, &r.title, &r.clauses));
        let notices = self.notices.iter();
        let notices = notices.map(|r| RuleRef::new("notice", &r.id, &r.title, &r.clauses));
        let access = self.access.iter();
        let access = access.map(|r| RuleRef::new("access", &r.id, &r.title, &r.clauses));
        let computed = self.computed.iter().map(|c| &c.review);
        let computed = computed.map(|r| RuleRef::new("computed", &r.id, &r.title, &r.clauses));
        let figures = rates.chain(samples).chain(penalties).chain(metrics);
        let counted = thresholds.chain(gates).chain(figures);
        let said = records.chain(computed).chain(guidance).chain(notices).chain(access);
        duties.chain(counted).chain(said).chain(hours).chain(consents).collect()
    }
}
