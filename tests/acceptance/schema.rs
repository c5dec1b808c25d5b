//! The generated JSON Schemas: up to date, agreeing with every valid file, and refusing unknown keys. With
//! `UPDATE_SCHEMA=1` in the environment the files are written anew.

use crate::valid::{files, folders, root, timelines};
use guicheng::policy::schema::{Of, generate, write};
use guicheng::policy::{Source, compile};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

fn json(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::from(text.as_str()),
        toml::Value::Integer(n) => Value::from(*n),
        toml::Value::Float(n) => Value::from(*n),
        toml::Value::Boolean(yes) => Value::from(*yes),
        toml::Value::Datetime(at) => Value::from(at.to_string()),
        toml::Value::Array(list) => list.iter().map(json).collect(),
        toml::Value::Table(table) => {
            Value::Object(table.iter().map(|(name, value)| (name.clone(), json(value))).collect())
        }
    }
}

/// What of a file does not agree with a schema, by the words of JSON Schema that the generated ones use; any other word
/// in them is a fault of this judge.
fn faults(schema: &Value, root: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    let mut say = |what: &str| found.push(format!("{at}: {what}"));
    let words = schema.as_object().unwrap();
    for (word, asks) in words {
        match word.as_str() {
            "type" => {
                let is = |name: &str| match name {
                    "string" => value.is_string(),
                    "integer" => value.is_i64(),
                    "number" => value.is_number(),
                    "boolean" => value.is_boolean(),
                    "array" => value.is_array(),
                    "object" => value.is_object(),
                    other => panic!("type {other}"),
                };
                let names: Vec<&str> = asks.as_str().map_or_else(
                    || asks.as_array().unwrap().iter().map(|n| n.as_str().unwrap()).collect(),
                    |name| vec![name],
                );
                if !names.iter().any(|name| is(name)) {
                    say(&format!("is not {names:?}: {value}"));
                }
            }
            "enum" if !asks.as_array().unwrap().contains(value) => say(&format!("{value} is none of {asks}")),
            "minimum" if value.as_i64() < asks.as_i64() => say(&format!("{value} is too small")),
            "minLength" if value.as_str().is_some_and(str::is_empty) => say("is empty"),
            "format" => assert_eq!(asks, "date"),
            "required" => {
                for key in asks.as_array().unwrap() {
                    if value.is_object() && value.get(key.as_str().unwrap()).is_none() {
                        say(&format!("lacks {key}"));
                    }
                }
            }
            "enum" | "minimum" | "minLength" | "properties" | "additionalProperties" | "items" | "anyOf" | "$ref" => {}
            "description" | "examples" | "$schema" | "title" | "definitions" => {}
            other => panic!("a word that this judge does not know: {other}"),
        }
    }
    if let (Some(all), Some(object)) = (
        value.as_object(),
        words.get("additionalProperties").or(words.get("properties")),
    ) {
        for (key, one) in all {
            let at = format!("{at}.{key}");
            match words.get("properties").and_then(|properties| properties.get(key)) {
                Some(schema) => faults(schema, root, one, &at, found),
                None if object == &Value::Bool(false) => found.push(format!("{at}: there is no such key")),
                None => faults(object, root, one, &at, found),
            }
        }
    }
    if let (Some(list), Some(items)) = (value.as_array(), words.get("items")) {
        list.iter()
            .enumerate()
            .for_each(|(n, one)| faults(items, root, one, &format!("{at}[{n}]"), found));
    }
    if let Some(path) = words.get("$ref") {
        let name = path.as_str().unwrap().strip_prefix("#/definitions/").unwrap();
        faults(&root["definitions"][name], root, value, at, found);
    }
    if let Some(choices) = words.get("anyOf") {
        let tried = choices.as_array().unwrap().iter().map(|choice| {
            let mut found = Vec::new();
            faults(choice, root, value, at, &mut found);
            found
        });
        if let Some(least) = tried.min_by_key(Vec::len).filter(|least| !least.is_empty()) {
            found.extend(least);
        }
    }
}

fn disagrees(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    faults(schema, schema, value, "", &mut found);
    found
}

fn of(name: &str) -> Of {
    let base = name.rsplit('/').next().unwrap_or(name);
    match () {
        () if base == "company.toml" => Of::Company,
        () if name.contains("/calendars/") || base == "calendar.toml" => Of::Calendar,
        () if name.contains("/tests/") && name.starts_with("policies/") || base.starts_with("timeline") => Of::Timeline,
        () => Of::Procedure,
    }
}

/// Every valid file, once.
fn valid() -> Vec<Source> {
    let mut all: BTreeMap<String, Source> = BTreeMap::new();
    let folders = folders();
    let of_folders = folders
        .iter()
        .flat_map(|folder| folder.files.iter().chain(&folder.calendars));
    for source in of_folders.chain(&timelines()) {
        all.insert(source.name.to_string(), source.clone());
    }
    all.into_values().collect()
}

#[test]
fn the_schemas_in_the_docs_are_those_of_the_code() {
    for of in Of::ALL {
        let path = root().join(format!("docs/schema/{}.schema.json", of.word()));
        let made = write(of);
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &made).unwrap();
        }
        assert!(
            fs::read_to_string(&path).unwrap_or_default() == made,
            "run `guicheng schema --to docs/schema`: {}",
            path.display()
        );
    }
}

#[test]
fn every_valid_file_agrees_with_its_schema_and_none_with_an_unknown_key() {
    let schemas: Vec<(Of, Value)> = Of::ALL.iter().map(|of| (*of, generate(*of))).collect();
    let schema = |of: Of| &schemas.iter().find(|(known, _)| *known == of).unwrap().1;
    let (mut agree, mut faulty, mut wrong) = (0, 0, Vec::new());
    for source in valid() {
        agree += 1;
        let of = of(&source.name);
        let right = json(&toml::from_str(&source.text).unwrap());
        wrong.extend(
            disagrees(schema(of), &right)
                .into_iter()
                .map(|fault| format!("{}{fault}", source.name)),
        );
        // A key that there is not, in each table that is a rule's, a role's, … in turn, and in the file as a whole.
        let mut spoilt = vec![right.clone()];
        spoilt[0].as_object_mut().unwrap().insert("zzz".into(), 1.into());
        for (family, tables) in right.as_object().unwrap() {
            let names: Vec<&String> = tables
                .as_object()
                .into_iter()
                .flat_map(|tables| tables.keys())
                .collect();
            let deep = !["company", "procedure", "calendar", "adopt", "override", "words"].contains(&family.as_str());
            for name in names.into_iter().filter(|_| deep) {
                let mut one = right.clone();
                one[family][name]
                    .as_object_mut()
                    .unwrap()
                    .insert("zzz".into(), 1.into());
                spoilt.push(one);
            }
        }
        for one in spoilt {
            faulty += 1;
            if disagrees(schema(of), &one).is_empty() {
                wrong.push(format!(
                    "{}: a key that there is not is passed over: {one}",
                    source.name
                ));
            }
        }
    }
    println!("files that agree with their schema: {agree}; with an unknown key, refused: {faulty}");
    assert!(
        wrong.is_empty(),
        "{}\n{}",
        wrong.len(),
        wrong[..wrong.len().min(40)].join("\n")
    );
    assert!(agree > 250 && faulty > 1000, "{agree} {faulty}");
}

#[test]
fn faulty_files_of_the_corpus_with_unknown_keys_do_not_agree() {
    let schema = generate(Of::Procedure);
    let mut refused = 0;
    for source in files(&root().join("tests/findings"), "toml") {
        let name = source.name.rsplit('/').next().unwrap().trim_end_matches(".toml");
        if name.starts_with("company-") || name.starts_with("calendar-") || name.starts_with("adopt-") {
            continue;
        }
        let expected = fs::read_to_string(root().join(format!("tests/findings/{name}.expected"))).unwrap();
        if expected.contains(" unknown-key ") {
            refused += 1;
            assert!(
                !disagrees(&schema, &json(&toml::from_str(&source.text).unwrap())).is_empty(),
                "{name}"
            );
        }
    }
    assert!(refused >= 3, "{refused}");
}

#[test]
fn every_shipped_file_names_its_schema_in_its_first_line() {
    let shipped: Vec<Source> = valid()
        .into_iter()
        .filter(|source| source.name.starts_with("policies/"))
        .collect();
    for source in &shipped {
        let first = source.text.lines().next().unwrap_or_default();
        let named = first
            .strip_prefix("#:schema ")
            .unwrap_or_else(|| panic!("{}: {first}", source.name));
        let path = root().join(Path::new(&*source.name)).parent().unwrap().join(named);
        let meant = root().join(format!("docs/schema/{}.schema.json", of(&source.name).word()));
        assert_eq!(
            path.canonicalize().unwrap(),
            meant.canonicalize().unwrap(),
            "{}",
            source.name
        );
    }
    println!("shipped files that name their schema: {}", shipped.len());
    assert!(shipped.len() >= 60);
    // It is a remark: the folders compile as before.
    for folder in folders()
        .iter()
        .filter(|folder| folder.files.iter().any(|s| s.name.starts_with("policies/")))
    {
        assert!(compile(folder).company.is_some(), "{}", folder.id);
    }
}
