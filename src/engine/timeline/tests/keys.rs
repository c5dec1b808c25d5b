//! The schema of timelines and their reader know the same keys.

use super::*;
use crate::domain::obligation::Standing;
use crate::policy::schema::{Of, Shape, Value};
use std::collections::BTreeSet;

/// The keys that the reader names when it meets one that it does not know.
fn known(text: &str) -> BTreeSet<String> {
    let failures = parse("t.toml", text).unwrap_err();
    let said = &failures[0].message.en;
    let list = said.strip_prefix("there is no key `zzz`; you can write: ");
    let list = list.unwrap_or_else(|| panic!("{text}\n{said}"));
    list.split(", ").map(str::to_owned).collect()
}

fn shape_of(key: &str, shape: &'static Shape) -> &'static Shape {
    let key = shape.keys().find(|known| known.name == key).unwrap();
    match key.value {
        Value::List(&Value::Table(shape)) | Value::Table(shape) => shape,
        _ => panic!("{} is no table", key.name),
    }
}

fn said(shape: &Shape) -> BTreeSet<String> {
    shape.keys().map(|key| key.name.to_owned()).collect()
}

#[test]
fn the_schema_of_timelines_has_the_keys_of_their_reader() {
    let root = Of::Timeline.root();
    let timeline = shape_of("timeline", root);
    let (event, expect) = (shape_of("event", timeline), shape_of("expect", timeline));
    assert_eq!(known("zzz = 1\n"), said(root));
    assert_eq!(known("[[script]]\nzzz = 1\n"), said(shape_of("script", root)));
    let head = "[[timeline]]\ntitle = \"t\"\n";
    assert_eq!(known(&format!("{head}zzz = 1\n")), said(timeline));
    assert_eq!(known(&format!("{head}[[timeline.event]]\nzzz = 1\n")), said(event));
    assert_eq!(known(&format!("{head}[[timeline.expect]]\nzzz = 1\n")), said(expect));
    let mut lists = 0;
    for key in expect
        .keys()
        .filter(|key| matches!(key.value, Value::List(Value::Table(_))))
    {
        let text = format!("{head}[[timeline.expect]]\n{} = [{{ zzz = 1 }}]\n", key.name);
        assert_eq!(known(&text), said(shape_of(key.name, expect)), "{}", key.name);
        lists += 1;
    }
    assert_eq!(lists, 12);
    let actor = format!("{head}[[timeline.event]]\nactor = {{ zzz = 1 }}\n");
    let failures = parse("t.toml", &actor).unwrap_err();
    let words = &failures[0].message.en;
    assert!(
        said(shape_of("actor", event))
            .iter()
            .all(|key| words.contains(key.as_str())),
        "{words}"
    );
}

#[test]
fn the_words_of_the_schema_are_those_of_the_reader() {
    let words = |key: &str, shape: &'static Shape| -> Vec<&'static str> {
        let key = shape.keys().find(|known| known.name == key).unwrap();
        match key.value {
            Value::Words(words) | Value::List(&Value::Words(words)) => words.to_vec(),
            _ => panic!("{} is no word", key.name),
        }
    };
    let timeline = shape_of("timeline", Of::Timeline.root());
    let expect = shape_of("expect", timeline);
    let owed = shape_of("obligations", expect);
    let standings: Vec<&str> = Standing::ALL.iter().map(|standing| standing.word()).collect();
    assert_eq!(words("standing", owed), standings);
    assert_eq!(words("flags", owed), parse::FLAGS);
    assert_eq!(words("breach", owed), parse::BREACHES);
    assert_eq!(words("status", shape_of("penalties", expect)), parse::CHARGES);
    assert_eq!(words("status", shape_of("rates", expect)), parse::STATUSES);
}
