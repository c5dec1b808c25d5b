//! For which cases something is due when it happens to another one, as the author wrote it.

use super::fields::{self, View};
use super::model::{Audience, Id, Same};
use super::names::Names;
use super::table::Table;
use super::trigger::{DutyDecl, On};

/// Reads `for` and `match` of an `[occasion]`; of other duties there is nothing to read.
pub(super) fn audience<'a>(table: &mut Table<'a>, decl: &DutyDecl<'a>, names: &Names<'a>) -> Option<Audience> {
    if !decl.occasion {
        return None;
    }
    table.take("for");
    let entries = table.take("match").map(|node| node.entries()).unwrap_or_default();
    let Some(On::Occasion(events, kind)) = &decl.on else {
        return None;
    };
    let known = names.kinds.iter().find(|known| known.name.text == kind.as_ref())?;
    let mine = [View {
        label: known.name.text.to_owned(),
        maps: vec![&known.fields],
    }];
    let theirs = names.views(events);
    let mut pairs: Vec<(Id, Same)> = Vec::new();
    for (field, node) in entries {
        fields::somewhere(&mine, &field);
        let Some(word) = node.text() else { continue };
        let same = if word.text == "case" {
            Same::Case
        } else {
            fields::everywhere(&theirs, &word);
            Same::Field(names.id(word.text))
        };
        pairs.push((names.id(field.text), same));
    }
    Some(Audience {
        kind: kind.clone(),
        pairs,
    })
}
