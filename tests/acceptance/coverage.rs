//! Every shipped company ships tests: they cover at least 95 in 100 of its rules, 90 in 100 of the branches of these, and
//! every clause that a rule is to carry.

use guicheng::engine::timeline::{parse, report};
use guicheng::files;
use guicheng::policy::compile;
use std::path::Path;
use std::sync::Arc;

const RULES_PERCENT: usize = 95;
const BRANCHES_PERCENT: usize = 90;

#[test]
fn the_timelines_of_every_shipped_company_cover_its_rules_their_branches_and_its_clauses() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let policies = root.join("policies");
    let folders = files::read_policies(&policies, &root.join("scripts")).unwrap();
    assert!(folders.len() >= 14, "{}", folders.len());
    let mut too_low = String::new();
    for folder in &folders {
        let company = Arc::new(compile(folder).company.unwrap());
        let sources = files::read_timelines(&policies, &folder.id).unwrap();
        let suites: Vec<_> = sources.iter().map(|s| parse(&s.name, &s.text).unwrap()).collect();
        let report = report(&company, &suites);
        let failed = report.verdicts.iter().filter(|v| !v.failures.is_empty()).count();
        assert_eq!(failed, 0, "{}", folder.id);
        let coverage = &report.coverage;
        let manual = |procedure: &str, clause: &str| {
            let procedures = company.procedures.iter().filter(|p| *p.head.id == *procedure);
            let mut clauses = procedures.flat_map(|p| &p.clauses);
            clauses.any(|c| *c.id == *clause && c.manual.is_some())
        };
        let rules: Vec<bool> = coverage.rules.iter().map(|rule| !rule.by.is_empty()).collect();
        let branches: Vec<bool> = coverage.branches.iter().map(|branch| !branch.by.is_empty()).collect();
        let clauses = coverage.clauses.iter().filter(|c| !manual(&c.procedure, &c.id));
        let clauses: Vec<bool> = clauses.map(|clause| !clause.by.is_empty()).collect();
        let mut line = folder.id.clone();
        for (name, list, percent) in [
            ("rules", rules, RULES_PERCENT),
            ("branches", branches, BRANCHES_PERCENT),
            ("clauses", clauses, 100),
        ] {
            let covered = list.iter().filter(|covered| **covered).count();
            line += &format!(", {name} {covered} of {}", list.len());
            assert!(!list.is_empty(), "{} has no {name}", folder.id);
            if covered * 100 < list.len() * percent {
                too_low += &format!("{}: {name} {covered} of {}\n", folder.id, list.len());
            }
        }
        println!("{line}");
    }
    assert!(too_low.is_empty(), "\n{too_low}");
}
