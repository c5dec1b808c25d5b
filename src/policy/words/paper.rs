//! A company's policies as a document: procedures, clauses in the order of the file, and under each what carries it.

use super::lexicon::Lexicon;
use super::slot::Said;
use super::text::both;
use super::{case, company, preface, procedure};
use crate::domain::event::RATE_KIND;
use crate::policy::finding::Text;
use crate::policy::model::{Company, Id, InForce, Procedure, RuleRef};
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// A company's policies, as they stand on a date, in sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The company's id.
    pub company: Id,
    /// Its name for people.
    pub title: Id,
    /// The local date whose editions these are; none: the newest of all.
    pub on: Option<NaiveDate>,
    /// What holds wherever a rule does not say otherwise.
    pub preface: Vec<Text>,
    /// The procedures, in the order of the files.
    pub papers: Vec<Paper>,
    /// Roles and who holds them, areas, kinds of case, the calendar.
    pub around: Vec<Said>,
}

/// One edition of a procedure in sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    /// The procedure's id.
    pub id: Id,
    /// Its title.
    pub title: Id,
    /// The document it carries out.
    pub document: Option<Id>,
    /// The local date from which this edition is in force.
    pub effective: NaiveDate,
    /// SHA-256 in hex: the edition.
    pub edition: Id,
    /// The local dates on which later editions come into force.
    pub later: Vec<NaiveDate>,
    /// What it does to what is owed under the edition before it.
    pub transition: Text,
    /// The head in sentences.
    pub head: Said,
    /// Its clauses, in the order of the file.
    pub clauses: Vec<ClauseSaid>,
    /// Its rules; each stands under its first clause.
    pub rules: Vec<Said>,
    /// Its values by date.
    pub dated: Vec<Said>,
}

/// A clause and what carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClauseSaid {
    /// Where it stands in the document.
    pub id: Id,
    /// What it says, in the author's words.
    pub text: Id,
    /// Why no rule can carry it, where people alone must see to it.
    pub manual: Option<Id>,
    /// The rules whose first clause it is, by their places in [`Paper::rules`].
    pub rules: Vec<usize>,
    /// The rules that carry it too and stand under another clause, by their places, each with that clause.
    pub also: Vec<(usize, Id)>,
}

impl Document {
    /// One procedure of it alone, with all that stands around; none if it has no such procedure.
    pub fn only(mut self, procedure: &str) -> Option<Document> {
        self.papers.retain(|paper| *paper.id == *procedure);
        (!self.papers.is_empty()).then_some(self)
    }

    /// All that is said in it: the rules, the heads, what stands around.
    pub fn all(&self) -> impl Iterator<Item = (Option<&Paper>, &Said)> {
        let papers = self.papers.iter().flat_map(|paper| {
            let said = std::iter::once(&paper.head).chain(&paper.rules).chain(&paper.dated);
            said.map(move |said| (Some(paper), said))
        });
        papers.chain(self.around.iter().map(|said| (None, said)))
    }
}

impl Paper {
    /// The rules that stand under no clause of its own.
    pub fn loose(&self) -> Vec<&Said> {
        let placed: BTreeSet<usize> = self
            .clauses
            .iter()
            .flat_map(|clause| clause.rules.iter().copied())
            .collect();
        let rules = self.rules.iter().enumerate();
        rules
            .filter(|(at, _)| !placed.contains(at))
            .map(|(_, said)| said)
            .collect()
    }
}

/// The company's policies in sentences, as they stand on a local date, or without one the newest editions.
pub fn document(company: &Company, on: Option<NaiveDate>) -> Document {
    let newest = || company.in_force.last();
    let set = on.map(|date| company.on(date)).or_else(newest);
    let Some(set) = set else {
        return Document {
            company: company.id.clone(),
            title: company.title.clone(),
            on,
            preface: Vec::new(),
            papers: Vec::new(),
            around: Vec::new(),
        };
    };
    let lexicon = Lexicon::new(company, set);
    Document {
        company: company.id.clone(),
        title: company.title.clone(),
        on,
        preface: preface::preface(),
        papers: set.procedures.iter().map(|p| paper(p, company, &lexicon)).collect(),
        around: around(company, set, &lexicon),
    }
}

fn around(company: &Company, set: &InForce, lexicon: &Lexicon<'_>) -> Vec<Said> {
    let roles = company.roles.values().map(|role| company::role(role, lexicon));
    let areas = company.areas.iter().map(company::area);
    // What targets are decided on is the engine's own.
    let kinds = set.kinds.values().filter(|kind| *kind.id != *RATE_KIND);
    let kinds = kinds.map(|kind| case::said(kind, lexicon));
    let calendar = std::iter::once(company::calendar(lexicon));
    roles.chain(areas).chain(calendar).chain(kinds).collect()
}

fn paper(of: &Procedure, company: &Company, lexicon: &Lexicon<'_>) -> Paper {
    let rules = procedure::rules(of, lexicon);
    let known: BTreeSet<&Id> = of.clauses.iter().map(|clause| &clause.id).collect();
    // A rule stands under the first of its clauses that the procedure has.
    let first = |said: &Said| said.clauses.iter().find(|clause| known.contains(clause)).cloned();
    let clauses = of.clauses.iter().map(|clause| {
        let mut said = ClauseSaid {
            id: clause.id.clone(),
            text: clause.text.clone(),
            manual: clause.manual.clone(),
            rules: Vec::new(),
            also: Vec::new(),
        };
        let cited = of.rules();
        for (at, rule) in rules.iter().enumerate() {
            match first(rule) {
                Some(first) if first == clause.id => said.rules.push(at),
                Some(first) => {
                    // A part of a rule may cite a clause that the rule itself does not.
                    let same = |c: &RuleRef| c.id == rule.id && (c.what == "record") == (rule.family == "record");
                    let parts = || cited.iter().any(|c| same(c) && c.clauses.contains(&clause.id));
                    if rule.clauses.contains(&clause.id) || parts() {
                        said.also.push((at, first));
                    }
                }
                None => {}
            }
        }
        said
    });
    let head = &of.head;
    let editions = company.editions().filter(|other| other.head.id == head.id);
    let mut later: Vec<NaiveDate> = editions.map(|other| other.head.effective).collect();
    later.retain(|date| *date > head.effective);
    Paper {
        id: head.id.clone(),
        title: head.title.clone(),
        document: head.document.clone(),
        effective: head.effective,
        edition: head.edition.clone(),
        later,
        transition: procedure::transition(head.transition),
        head: procedure::head(of, lexicon),
        clauses: clauses.collect(),
        dated: of.params.iter().map(procedure::dated).collect(),
        rules,
    }
}

impl ClauseSaid {
    /// What is said of it where no rule carries it: why, or that nobody does.
    pub(super) fn bare(&self) -> Option<Text> {
        if !self.rules.is_empty() || !self.also.is_empty() {
            return None;
        }
        Some(match &self.manual {
            Some(reason) => both!("由人办：{reason}", "Seen to by people: {reason}", reason),
            None => Text::new("没有规则执行这一条", "No rule carries this clause"),
        })
    }
}
