//! The schema and the readers know the same keys. While files are compiled, each table notes which keys its reader asks
//! for, and each text which words it may be; both are compared with what the schema says at the same place.

use super::super::schema::{Of, Shape, Value};
use super::super::source::{File, Place};
use super::super::*;
use super::corpus;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

#[derive(Default)]
struct Noted {
    /// The keys asked for, by file and by where the table's first key stands.
    keys: Vec<(String, usize, Vec<&'static str>)>,
    /// The words allowed, by file and by where the text stands.
    words: Vec<(String, usize, BTreeSet<&'static str>)>,
}

thread_local! {
    static NOTED: RefCell<Noted> = RefCell::default();
}

/// Where the first key of a table stands; none of an empty table.
fn first(items: &DeTable<'_>) -> Option<usize> {
    items.keys().map(|key| key.span().start).min()
}

/// Notes which keys a reader asked for in a table.
pub(in crate::policy) fn keys(file: &File<'_>, items: &DeTable<'_>, asked: &[&'static str]) {
    // What adopts another is put together of two texts.
    if let Some(first) = first(items).filter(|_| file.adoption.is_none()) {
        let noted = (file.name.to_string(), first, asked.to_vec());
        NOTED.with_borrow_mut(|all| all.keys.push(noted));
    }
}

/// Notes which words a text may be.
pub(in crate::policy) fn words(at: Place<'_>, known: BTreeSet<&'static str>) {
    if at.file.adoption.is_none() {
        let noted = (at.file.name.to_string(), at.start, known);
        NOTED.with_borrow_mut(|all| all.words.push(noted));
    }
}

/// What the schema has at each place of a file.
#[derive(Default)]
struct Found {
    shapes: BTreeMap<usize, &'static Shape>,
    words: BTreeMap<usize, Vec<BTreeSet<&'static str>>>,
}

impl Found {
    fn table(&mut self, shape: &'static Shape, items: &DeTable<'_>) {
        if let Some(first) = first(items) {
            self.shapes.insert(first, shape);
        }
        for (name, value) in items {
            if let Some(key) = shape.keys().find(|key| key.name == name.get_ref()) {
                self.value(&key.value, value);
            }
        }
    }

    fn value(&mut self, value: &'static Value, node: &toml::Spanned<DeValue<'_>>) {
        match (value, node.get_ref()) {
            (Value::Words(words), DeValue::String(_)) => {
                let at = self.words.entry(node.span().start).or_default();
                at.push(words.iter().copied().collect());
            }
            (Value::Table(shape), DeValue::Table(items)) => self.table(shape, items),
            (Value::Map(each), DeValue::Table(items)) => items.values().for_each(|item| self.value(each, item)),
            (Value::List(each), DeValue::Array(list)) => list.iter().for_each(|item| self.value(each, item)),
            (Value::OneOf(_), DeValue::Table(items)) => {
                let mut tables = Vec::new();
                alternatives(value, &mut tables);
                let fitting = |one: &&'static Shape| {
                    items
                        .keys()
                        .filter(|name| one.keys().any(|key| key.name == name.get_ref()))
                        .count()
                };
                if let Some(best) = tables.into_iter().max_by_key(fitting) {
                    self.table(best, items);
                }
            }
            (Value::OneOf(all), _) => all.iter().for_each(|one| self.value(one, node)),
            _ => {}
        }
    }
}

/// The tables among the alternatives.
fn alternatives(value: &'static Value, tables: &mut Vec<&'static Shape>) {
    match value {
        Value::OneOf(all) => all.iter().for_each(|one| alternatives(one, tables)),
        Value::Table(shape) => tables.push(shape),
        _ => {}
    }
}

fn shapes(value: &'static Value, all: &mut BTreeMap<&'static str, &'static Shape>) {
    match value {
        Value::Table(shape) => shapes_of(shape, all),
        Value::Map(each) | Value::List(each) => shapes(each, all),
        Value::OneOf(several) => several.iter().for_each(|one| shapes(one, all)),
        _ => {}
    }
}

fn shapes_of(shape: &'static Shape, all: &mut BTreeMap<&'static str, &'static Shape>) {
    if let Some(known) = all.insert(shape.name, shape) {
        assert!(std::ptr::eq(known, shape), "two shapes are called {}", shape.name);
        return;
    }
    shape.keys().for_each(|key| shapes(&key.value, all));
}

fn toml_of(dir: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    paths.sort();
    paths
}

fn source(path: &Path) -> Source {
    let text = std::fs::read_to_string(path).unwrap();
    Source {
        name: path.to_string_lossy().into(),
        text: text.into(),
    }
}

/// The shipped policies, the worked cases and the faulty files.
fn folders() -> Vec<Folder> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shipped: Vec<Source> = toml_of(&root.join("policies/calendars"))
        .iter()
        .map(|path| source(path))
        .collect();
    let mut folders: Vec<Folder> = corpus::cases().iter().map(|case| corpus::folder(Some(case))).collect();
    for (within, cases) in [("policies", false), ("tests/cases", true)] {
        let dirs = std::fs::read_dir(root.join(within))
            .unwrap()
            .map(|entry| entry.unwrap().path());
        for dir in dirs.filter(|dir| dir.join("company.toml").is_file()) {
            let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
            let (calendars, files): (Vec<PathBuf>, Vec<PathBuf>) = toml_of(&dir)
                .into_iter()
                .partition(|path| name(path) == "calendar.toml");
            folders.push(Folder {
                id: name(&dir),
                files: files
                    .iter()
                    .filter(|path| !(cases && name(path).starts_with("timeline")))
                    .map(|path| source(path))
                    .collect(),
                calendars: shipped
                    .iter()
                    .cloned()
                    .chain(calendars.iter().map(|path| source(path)))
                    .collect(),
                scripts: vec![],
            });
        }
    }
    folders
}

#[test]
fn the_schema_and_the_readers_know_the_same_keys_and_words() {
    let mut all = BTreeMap::new();
    for of in [Of::Procedure, Of::Company, Of::Calendar] {
        shapes_of(of.root(), &mut all);
    }
    let mut asked: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut wrong = BTreeSet::new();
    for folder in folders() {
        NOTED.with_borrow_mut(|noted| *noted = Noted::default());
        drop(compile(&folder));
        let noted = NOTED.with_borrow_mut(std::mem::take);
        for file in folder.files.iter().chain(&folder.calendars) {
            let Ok(tree) = DeTable::parse(&file.text) else { continue };
            // What adopts is read again once it is put together with what it adopts.
            let adopts = tree.get_ref().contains_key("adopt");
            let of = match () {
                () if folder.calendars.iter().any(|calendar| calendar.name == file.name) => Of::Calendar,
                () if file.name.ends_with("company.toml") => Of::Company,
                () => Of::Procedure,
            };
            let mut found = Found::default();
            found.table(of.root(), tree.get_ref());
            for (_, at, keys) in noted.keys.iter().filter(|(name, ..)| *name == *file.name) {
                match found.shapes.get(at) {
                    Some(shape) => asked.entry(shape.name).or_default().extend(keys),
                    None if adopts => {}
                    None => drop(wrong.insert(format!(
                        "{} byte {at}: no table in the schema; asked for {keys:?}",
                        file.name
                    ))),
                }
            }
            for (_, at, known) in noted.words.iter().filter(|(name, ..)| *name == *file.name) {
                if let Some(words) = found.words.get(at).filter(|words| !words.contains(known)) {
                    wrong.insert(format!(
                        "{} byte {at}: the reader knows {known:?}, the schema {words:?}",
                        file.name
                    ));
                }
            }
        }
    }
    // What adopts, what is adopted and what depends on the date is read apart, and taken out before the rules are read.
    let apart = ["adopt", "override", "param", "tighten_only"];
    // An occasion's timing is read as a deadline's.
    let like_a_deadline = asked.get("deadline").cloned().unwrap_or_default();
    asked
        .entry("occasion")
        .or_default()
        .extend(like_a_deadline.into_iter().filter(|key| *key == "opens"));
    for (name, shape) in &all {
        let keys: BTreeSet<&str> = shape.keys().map(|key| key.name).collect();
        let Some(asked) = asked.get(name) else {
            wrong.insert(format!("no table of `{name}` is read in the whole corpus"));
            continue;
        };
        let only_read: Vec<_> = asked.difference(&keys).collect();
        let only_said: Vec<_> = keys.difference(asked).filter(|key| !apart.contains(key)).collect();
        if !(only_read.is_empty() && only_said.is_empty()) {
            wrong.insert(format!(
                "{name}: read but not in the schema {only_read:?}; in the schema but not read {only_said:?}"
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "\n{}",
        wrong.into_iter().collect::<Vec<_>>().join("\n")
    );
}
