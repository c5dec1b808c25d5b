//! Those that a row of figures counts, page by page: whoever reads them all can count the row again.

use crate::engine::cited::Cited;
use crate::engine::member::{Adds, Member};
use crate::engine::view::ObligationView;
use crate::policy::model::Id;
use crate::service::ServiceError;
use crate::service::ask::Question;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The most members on a page.
pub const MAX_PAGE: usize = 500;

/// How many are on a page where that is not asked for.
const PAGE: usize = 100;

/// A row, and those that it counts.
#[derive(Clone, Debug)]
pub struct Counted<T> {
    /// The row.
    pub row: T,
    /// Those that it counts; none where it is about one event, which it names.
    pub members: Option<Vec<Member>>,
}

/// Which row's members are asked for, and from which on.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The number of the row, counted from 1.
    pub row: usize,
    /// How many members; none: 100.
    pub limit: Option<usize>,
    /// Where the page before stopped.
    pub cursor: Option<String>,
}

/// A row, and a page of those that it counts.
#[derive(Clone, Debug, Serialize)]
pub struct MembersPage<T> {
    /// As things stand at this instant.
    pub as_of: String,
    /// The row.
    pub row: T,
    /// A part of its members, in the order in which their cases were first heard of.
    pub members: Vec<MemberView>,
    /// Where the next page begins; none: this was the last.
    pub next_cursor: Option<String>,
}

/// A member as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct MemberView {
    /// The case.
    pub case: String,
    /// The obligation as it is shown everywhere; none where events are counted, and of what nobody may know before its
    /// day.
    pub obligation: Option<ObligationView>,
    /// The events that it comes from.
    pub events: Vec<String>,
    /// What it adds to the row.
    #[serde(flatten)]
    pub adds: Adds,
}

/// The events that these members come from.
pub fn cited(members: &[Member]) -> Cited {
    Cited::of(members.iter().flat_map(|m| &m.events))
}

/// Clauses with the editions that they stand in, as two columns: each pair once, several parted by `; `.
pub fn columns<'i>(pairs: impl IntoIterator<Item = (Option<&'i Id>, &'i Id)>) -> (String, String) {
    let pairs: BTreeSet<(&str, &str)> = pairs
        .into_iter()
        .map(|(clause, edition)| (clause.map_or("", AsRef::as_ref), edition.as_ref()))
        .collect();
    let (clauses, editions): (Vec<&str>, Vec<&str>) = pairs.into_iter().unzip();
    (clauses.join("; "), editions.join("; "))
}

/// The members of one of these rows.
pub fn page<T>(question: &Question<'_>, rows: Vec<Counted<T>>, asked: &Asked) -> Result<MembersPage<T>, ServiceError> {
    let refuse = |parameter: &'static str, message: String| Err(ServiceError::BadQuestion { parameter, message });
    let count = rows.len();
    let nth = asked.row.checked_sub(1).and_then(|at| rows.into_iter().nth(at));
    let Some(Counted { row, members }) = nth else {
        return refuse("row", format!("there are {count} rows, counted from 1"));
    };
    let Some(members) = members else {
        let message = "its rows are about one event each, which they name: follow `event`".to_owned();
        return refuse("row", message);
    };
    let from = asked.cursor.as_deref().map_or(Ok(0), str::parse::<usize>);
    let Some(rest) = from.ok().and_then(|from| Some((from, members.get(from..)?))) else {
        return refuse("cursor", "take it from `next_cursor` of the page before".to_owned());
    };
    let (from, rest) = rest;
    let limit = asked.limit.unwrap_or(PAGE).min(MAX_PAGE);
    let shown: Vec<&Member> = rest.iter().take(limit).collect();
    let next = from + shown.len();
    Ok(MembersPage {
        as_of: question.company().zone.rfc3339(question.as_of()),
        row,
        members: views(question, &shown)?,
        next_cursor: (next < members.len()).then(|| next.to_string()),
    })
}

/// Members as they are shown.
fn views(question: &Question<'_>, members: &[&Member]) -> Result<Vec<MemberView>, ServiceError> {
    let wanted: BTreeSet<&Id> = members.iter().filter(|m| m.key.is_some()).map(|m| &m.case).collect();
    let mut cases = BTreeMap::new();
    question.each_case(&mut |_, id, case| {
        if wanted.contains(&Id::from(id)) {
            cases.insert(Id::from(id), case.clone());
        }
    })?;
    let view = |member: &&Member| {
        let case = cases.get(&member.case);
        let found = case.zip(member.key.as_ref());
        let obligation = found.and_then(|(case, key)| {
            let (_, obligation) = case.find(key).filter(|(_, o)| !o.is_hidden(question.as_of()))?;
            Some(question.obligation_view(&member.case, case, obligation))
        });
        MemberView {
            case: member.case.to_string(),
            obligation,
            events: member.events.iter().map(ToString::to_string).collect(),
            adds: member.adds.clone(),
        }
    };
    Ok(members.iter().map(view).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_and_editions_stand_side_by_side() {
        let [a, b, one, two] = ["4.1", "4.2", "e1", "e2"].map(Id::from);
        let pairs = [(Some(&b), &one), (Some(&a), &two), (Some(&b), &one), (Some(&a), &one)];
        assert_eq!(columns(pairs), ("4.1; 4.1; 4.2".to_owned(), "e1; e2; e1".to_owned()));
        assert_eq!(columns([]), (String::new(), String::new()));
    }
}
