//! Where the rules of a company stand in its files.

use crate::policy::model::Procedure;
use crate::policy::node::{Node, Word};
use crate::policy::procedure::RULES;
use crate::policy::source::{File, Place};
use crate::policy::table::Table;

/// The files of a company.
pub(super) struct Places<'a>(pub &'a [File<'a>]);

/// A rule in its file.
pub(super) struct Spot<'a> {
    /// Its name; findings there carry its first clause.
    pub at: Place<'a>,
    node: Node<'a>,
}

impl<'a> Places<'a> {
    /// Where a rule of a procedure stands, whatever its family.
    pub fn rule(&self, procedure: &Procedure, id: &str) -> Option<Spot<'a>> {
        RULES.iter().find_map(|family| self.table(procedure, family, id))
    }

    /// Where a table of a procedure stands.
    pub fn table(&self, procedure: &Procedure, family: &str, id: &str) -> Option<Spot<'a>> {
        let files = self.0.iter().filter(|file| file.name == procedure.file);
        files.into_iter().find_map(|file| table(file, family, id))
    }
}

/// Where a table of a file stands.
pub(super) fn table<'a>(file: &'a File<'a>, family: &str, id: &str) -> Option<Spot<'a>> {
    let tables = file.root.get(family)?.get_ref().as_table()?;
    let (name, value) = tables.get_key_value(id)?;
    let word = Word {
        text: name.get_ref(),
        at: file.place(name.span().start, name.span().end),
    };
    let span = value.span();
    let node = Node {
        name: word.text,
        at: file.place(span.start, span.end),
        value: value.get_ref(),
    };
    let at = Table::rule(word, node)?.at;
    Some(Spot { at, node })
}

impl<'a> Spot<'a> {
    /// Where the value of a key stands, and of that the n-th entry and its key; the rule's name where that is not there.
    pub fn key(&self, key: &str, then: Option<(usize, &str)>) -> Place<'a> {
        let Some(value) = self.node.value.as_table().and_then(|table| table.get(key)) else {
            return self.at;
        };
        let mut found = value;
        if let Some((nth, inner)) = then
            && let Some(entry) = value.get_ref().as_array().and_then(|list| list.get(nth))
        {
            let inner = entry.get_ref().as_table().and_then(|table| table.get(inner));
            found = inner.unwrap_or(entry);
        }
        let span = found.span();
        Place {
            start: span.start,
            end: span.end,
            ..self.at
        }
    }

    /// Whether it has a key.
    pub fn has(&self, key: &str) -> bool {
        self.node.value.as_table().is_some_and(|table| table.contains_key(key))
    }
}
