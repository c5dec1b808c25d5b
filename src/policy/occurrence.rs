//! Which events a rule is about, and in which case: `on` and `when`.

use super::condition;
use super::fields::View;
use super::model::{Condition, Id};
use super::names::Names;
use super::table::Table;

/// The events that a rule is about.
pub(super) struct Occurrence<'n> {
    /// Their types.
    pub on: Vec<Id>,
    /// What can be looked at when one of them occurs.
    pub views: Vec<View<'n>>,
    /// In which case.
    pub when: Condition,
}

/// Reads `on`, which must be there, and `when`.
pub(super) fn read<'n, 'a>(table: &mut Table<'a>, file: usize, names: &'n Names<'a>) -> Occurrence<'n> {
    let words = table.need("on").map(|node| node.texts()).unwrap_or_default();
    let on: Vec<Id> = words.iter().flat_map(|word| names.events(file, word)).collect();
    let views = names.views(&on);
    let when = table.take("when");
    let when = when.map(|node| condition::read(&node, &views, names));
    Occurrence {
        when: when.unwrap_or_default(),
        on,
        views,
    }
}
