//! Every clause of a company's procedures: what carries it, and what tests that.

use super::coverage::Coverage;
use crate::policy::model::{Company, Id, Procedure};
use serde::Serialize;

/// A clause, what carries it out, and what shows that.
#[derive(Clone, Debug, Serialize)]
pub struct ClauseState {
    /// The company.
    pub company: String,
    /// The procedure.
    pub procedure: String,
    /// Where the clause stands in its document.
    pub clause: String,
    /// What it says.
    pub text: String,
    /// `carried` by a rule, `checklist` where rules only tell people of it, `manual`.
    pub status: &'static str,
    /// Why no rule carries it, or that none does yet.
    pub reason: Option<String>,
    /// The rules that cite it.
    pub rules: Vec<String>,
    /// The titles of the timelines that pass, name it and expect something of such a rule.
    pub tests: Vec<String>,
}

/// The clauses of a company, by procedure and in the order of the file; of several editions, the latest one's.
pub fn clauses(company: &Company, coverage: &Coverage) -> Vec<ClauseState> {
    let mut states = Vec::new();
    for procedure in &company.procedures {
        let later = |other: &&std::sync::Arc<Procedure>| {
            other.head.id == procedure.head.id && other.head.effective > procedure.head.effective
        };
        if !company.procedures.iter().any(|other| later(&other)) {
            states.extend(of_procedure(company, procedure, coverage));
        }
    }
    states
}

fn of_procedure(company: &Company, procedure: &Procedure, coverage: &Coverage) -> Vec<ClauseState> {
    let rules = procedure.rules();
    let state = |clause: &crate::policy::model::Clause| {
        let citing = || rules.iter().filter(|r| r.clauses.contains(&clause.id));
        let status = if citing().any(|r| !r.only_tells()) {
            "carried"
        } else if citing().next().is_some() {
            "checklist"
        } else {
            "manual"
        };
        let known = coverage
            .clauses
            .iter()
            .find(|c| c.procedure == procedure.head.id && c.id == clause.id);
        let said = |id: &Id| id.to_string();
        ClauseState {
            company: said(&company.id),
            procedure: said(&procedure.head.id),
            clause: said(&clause.id),
            text: said(&clause.text),
            status,
            reason: clause.manual.as_ref().map(said),
            rules: citing().map(|r| said(&r.id)).collect(),
            tests: known.map(|c| c.by.clone()).unwrap_or_default(),
        }
    };
    procedure.clauses.iter().map(state).collect()
}
