//! Which findings are shown: each once, and none that only follows from another.

use super::codes;
use super::finding::Finding;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Findings that say that something is not there. In a folder with faults of syntax it may only not have been read.
const ABSENCES: [&str; 16] = [
    codes::MISSING_KEY,
    codes::EXACTLY_ONE,
    codes::UNKNOWN_CLAUSE,
    codes::UNKNOWN_ROLE,
    codes::UNKNOWN_EVENT,
    codes::UNKNOWN_FIELD,
    codes::UNKNOWN_RULE,
    codes::UNKNOWN_RECORD,
    codes::UNKNOWN_CALENDAR,
    codes::UNKNOWN_AREA,
    codes::UNKNOWN_REASON,
    codes::UNKNOWN_KIND,
    codes::UNKNOWN_TEXT,
    codes::CLAUSE_WITHOUT_RULE,
    codes::ROLE_VACANT,
    codes::UNUSED_ROLE,
];

/// Findings that leave the clauses of a rule unread.
const MISREADS: [&str; 4] = [
    codes::UNKNOWN_CLAUSE,
    codes::MISSING_KEY,
    codes::REDEFINED,
    codes::DUPLICATE_ID,
];

/// Sorted, each once, and without what only follows from a fault of syntax.
pub(super) fn sift(mut findings: Vec<Finding>, broken: bool) -> Vec<Finding> {
    let of_syntax = |code| [codes::SYNTAX, codes::BARE_CHINESE_KEY, codes::DUPLICATE_KEY].contains(&code);
    let unread: BTreeSet<(Arc<str>, u32)> = findings
        .iter()
        .filter(|finding| of_syntax(finding.code))
        .map(|finding| (Arc::clone(&finding.file), finding.at.0))
        .collect();
    findings.retain(|finding| {
        let same_line = unread.contains(&(Arc::clone(&finding.file), finding.at.0));
        let unread = same_line || broken && ABSENCES.contains(&finding.code);
        of_syntax(finding.code) || !unread
    });
    // What has no value is no value of any kind.
    let unset: BTreeSet<(Arc<str>, usize)> = findings
        .iter()
        .filter(|finding| finding.code == codes::UNKNOWN_PARAM)
        .map(|finding| (Arc::clone(&finding.file), finding.span.start))
        .collect();
    findings.retain(|finding| {
        finding.code == codes::UNKNOWN_PARAM || !unset.contains(&(Arc::clone(&finding.file), finding.span.start))
    });
    // A clause may only seem to be without a rule because the rule that cites it was not understood.
    let misread: BTreeSet<Arc<str>> = findings
        .iter()
        .filter(|finding| MISREADS.contains(&finding.code))
        .map(|finding| Arc::clone(&finding.file))
        .collect();
    findings.retain(|finding| finding.code != codes::CLAUSE_WITHOUT_RULE || !misread.contains(&finding.file));
    findings.sort_by(|a, b| {
        (&a.file, a.span.start, a.code, a.span.end, &a.message.zh).cmp(&(
            &b.file,
            b.span.start,
            b.code,
            b.span.end,
            &b.message.zh,
        ))
    });
    findings.dedup_by(|a, b| a.file == b.file && a.span == b.span && a.code == b.code && a.message == b.message);
    findings
}
