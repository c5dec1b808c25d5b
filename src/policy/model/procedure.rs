//! Procedures, one edition each, and their clauses.

use super::{
    Access, Adoption, Computed, Consent, Dated, Duty, Gate, Guidance, Hours, Id, Metric, Notice, Penalty, Rate, Record,
    Sample, Threshold, Transition,
};
use chrono::NaiveDate;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Where a rule comes from.
#[derive(Debug)]
pub struct Head {
    /// The procedure's id, `company/name`.
    pub id: Id,
    /// Its title.
    pub title: Id,
    /// The document it carries out.
    pub document: Option<Id>,
    /// The local date from which this edition is in force.
    pub effective: NaiveDate,
    /// SHA-256 in hex over the file's text: the edition.
    pub edition: Id,
    /// SHA-256 in hex over what the text says; the same for texts that differ in comments and blanks alone.
    pub meaning: Id,
    /// Who may waive an obligation.
    pub waive_by: Vec<Id>,
    /// Who may extend one.
    pub extend_by: Vec<Id>,
    /// The rules whose breach other rules of the procedure follow on.
    pub breaches: Vec<Id>,
    /// What it does to what is owed under the edition before it.
    pub transition: Transition,
}

/// One edition of one procedure.
#[derive(Debug)]
pub struct Procedure {
    /// Its head.
    pub head: Arc<Head>,
    /// The file it was read from, as named in findings.
    pub file: Id,
    /// Its text as written.
    pub text: Id,
    /// What of it is the base's, where it is adopted.
    pub adoption: Option<Adoption>,
    /// What its fields, choices and reasons are called in texts for people, by id.
    pub words: BTreeMap<Id, Id>,
    /// Its values by date.
    pub params: Vec<Dated>,
    /// Its clauses, in the order of the file.
    pub clauses: Vec<Clause>,
    /// What is owed: deadlines and recurring duties, in the order of the file.
    pub duties: Vec<Arc<Duty>>,
    /// What is counted and answered at once.
    pub thresholds: Vec<Arc<Threshold>>,
    /// What must be so before events are taken.
    pub gates: Vec<Arc<Gate>>,
    /// What share must be reached.
    pub rates: Vec<Arc<Rate>>,
    /// Its forms.
    pub records: Vec<Arc<Record>>,
    /// What is worked out of the cases that it declares, in the order of the file.
    pub computed: Vec<Arc<Computed>>,
    /// What breaches and violations cost.
    pub penalties: Vec<Arc<Penalty>>,
    /// What is reported by person, role and area.
    pub metrics: Vec<Arc<Metric>>,
    /// How things are done: checklists and hints.
    pub guidance: Vec<Arc<Guidance>>,
    /// Its named hours.
    pub hours: Vec<Arc<Hours>>,
    /// What wishes limit.
    pub consents: Vec<Arc<Consent>>,
    /// The texts that go out.
    pub notices: Vec<Arc<Notice>>,
    /// Who may see which cases.
    pub access: Vec<Arc<Access>>,
    /// Duties by the event that triggers them, in the order of the file.
    pub by_event: HashMap<Id, Vec<Arc<Duty>>>,
    /// Duties by the rule whose obligation, once owed, triggers them.
    pub by_opened: HashMap<Id, Vec<Arc<Duty>>>,
    /// Duties by the rule whose obligation, once fulfilled, triggers them.
    pub by_fulfilled: HashMap<Id, Vec<Arc<Duty>>>,
    /// Duties by the rule whose obligation, once overdue, triggers them.
    pub by_breached: HashMap<Id, Vec<Arc<Duty>>>,
    /// Duties by the event that is an occasion for them, on another case.
    pub by_occasion: HashMap<Id, Vec<Arc<Duty>>>,
    /// What is drawn, so that the draw can be repeated.
    pub samples: Vec<Arc<Sample>>,
    /// Samples by the event that puts a case into a frame, or after which members are drawn.
    pub by_sampled: HashMap<Id, Vec<Arc<Sample>>>,
    /// Thresholds by the event that they count.
    pub by_counted: HashMap<Id, Vec<Arc<Threshold>>>,
    /// Gates by the event that they stand before.
    pub by_gated: HashMap<Id, Vec<Arc<Gate>>>,
}

/// A numbered statement of a procedure.
#[derive(Debug, Clone)]
pub struct Clause {
    /// Where it stands in the document.
    pub id: Id,
    /// What it says, in our words.
    pub text: Id,
    /// Why no rule can carry it, where people alone must see to it.
    pub manual: Option<Id>,
}
