//! What is declared and nowhere mentioned: fields, events, records. Conservative: any mention anywhere counts.

use crate::policy::codes;
use crate::policy::model::{Company, Course};
use crate::policy::source::{File, Place, say};
use std::collections::BTreeSet;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What the texts of a company mention.
#[derive(Default)]
struct Mentions<'a> {
    /// Keys and whole texts.
    whole: BTreeSet<&'a str>,
    /// Their words: of `{building}` and `complaint.resolved` each part.
    words: BTreeSet<&'a str>,
}

/// Reports fields, events and records that nothing uses.
pub(super) fn find(company: &Company, own: &[File<'_>], scripts: &[File<'_>]) {
    let mut mentions = Mentions::default();
    for file in own {
        mentions.of_table(&file.root, &mut Vec::new());
    }
    for script in scripts {
        mentions.take(script.text);
    }
    // What is the base's is looked at there.
    for file in own.iter().filter(|file| file.own_from == 0) {
        if let Some(kinds) = table(&file.root, "case") {
            for (kind, value) in kinds.iter() {
                let Some(value) = value.get_ref().as_table() else {
                    continue;
                };
                fields(file, value, kind.get_ref(), &mentions);
                events(company, file, value, kind.get_ref(), &mentions);
            }
        }
        for (name, _) in table(&file.root, "record")
            .into_iter()
            .flat_map(|records| records.iter())
        {
            let id: &str = name.get_ref();
            if !mentions.whole.contains(id) {
                at(file, name).find(
                    codes::UNUSED_RECORD,
                    say!("没有事件用记录表“{id}”", "no event carries the record `{id}`"),
                    say!(
                        "在事件里写 {{ title = \"…\", record = \"{id}\" }}，或删去",
                        "write {{ title = \"…\", record = \"{id}\" }} for an event, or remove it"
                    ),
                );
            }
        }
    }
}

impl<'a> Mentions<'a> {
    fn take(&mut self, text: &'a str) {
        self.whole.insert(text);
        let part = |c: char| !(c.is_alphanumeric() || c == '-' || c == '_');
        self.words.extend(text.split(part).filter(|word| !word.is_empty()));
    }

    fn of_table(&mut self, table: &'a DeTable<'_>, path: &mut Vec<&'a str>) {
        for (key, value) in table.iter() {
            let key: &str = key.get_ref();
            if !declares(path) {
                self.take(key);
            }
            path.push(key);
            self.of_value(value.get_ref(), path);
            path.pop();
        }
    }

    fn of_value(&mut self, value: &'a DeValue<'_>, path: &mut Vec<&'a str>) {
        match value {
            DeValue::String(text) => self.take(text),
            DeValue::Array(list) => {
                for item in list.iter() {
                    self.of_value(item.get_ref(), path);
                }
            }
            DeValue::Table(table) => self.of_table(table, path),
            _ => {}
        }
    }
}

/// Whether the keys of the table at this path are declarations: of tables, fields or events.
fn declares(path: &[&str]) -> bool {
    matches!(
        path,
        [] | [_] | ["case", _, "data" | "events"] | ["record", _, "fields"] | ["case", _, "events", _, "data"]
    )
}

fn table<'f>(root: &'f DeTable<'_>, key: &str) -> Option<&'f DeTable<'f>> {
    root.get(key)?.get_ref().as_table()
}

fn at<'f>(file: &'f File<'f>, name: &Spanned<std::borrow::Cow<'_, str>>) -> Place<'f> {
    file.place(name.span().start, name.span().end)
}

fn fields(file: &File<'_>, kind_table: &DeTable<'_>, kind: &str, mentions: &Mentions<'_>) {
    let data = kind_table.get("data").and_then(|data| data.get_ref().as_table());
    for (name, _) in data.into_iter().flat_map(|data| data.iter()) {
        let id: &str = name.get_ref();
        // A role is found by these without anybody naming them.
        if mentions.words.contains(id) || ["area", "building"].contains(&id) {
            continue;
        }
        file.place(name.span().start, name.span().end).find(
            codes::UNUSED_FIELD,
            say!(
                "没有规则看“{kind}”的字段“{id}”",
                "no rule looks at the field `{id}` of `{kind}`"
            ),
            say!(
                "只给人看的留着；多余的删去，或写进事件的 needs",
                "keep what is for people to read; else remove it, or write it into an event's `needs`"
            ),
        );
    }
}

fn events(company: &Company, file: &File<'_>, kind_table: &DeTable<'_>, kind: &str, mentions: &Mentions<'_>) {
    let events = kind_table.get("events").and_then(|events| events.get_ref().as_table());
    for (name, _) in events.into_iter().flat_map(|events| events.iter()) {
        let id: &str = name.get_ref();
        let whole = format!("{kind}.{id}");
        let named = [whole.as_str(), &format!("*.{id}"), id];
        let known = company.kinds.get(kind).and_then(|kind| kind.events.get(id));
        // What brings data in, fills a form or steers the case is of use without a rule.
        let carries = known.is_none_or(|event| {
            !event.needs.is_empty() || !event.data.is_empty() || event.record.is_some() || event.course != Course::None
        });
        if carries || named.iter().any(|name| mentions.whole.contains(name)) {
            continue;
        }
        file.place(name.span().start, name.span().end).find(
            codes::UNUSED_EVENT,
            say!("没有规则用到事件“{whole}”", "no rule uses the event `{whole}`"),
            say!(
                "只作记录的留着；多余的删去",
                "keep it if it is only to be recorded; else remove it"
            ),
        );
    }
}
