//! What scripts can do, and what is found in them.

use super::check::What;
use super::reference::ENTRIES;
use super::*;
use crate::domain::calendar::{Calendar, CalendarLayer};
use crate::domain::value::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A company with a national day's holiday, and Wang, a director of rank 3.
pub(super) fn facts() -> Facts {
    let day = |text: &str| text.parse().unwrap();
    let layer = CalendarLayer {
        weekdays: Some([true, true, true, true, true, false, false]),
        days_off: vec![(day("2026-10-01"), day("2026-10-08"), "国庆节".into())],
        covered: Some((day("2026-01-01"), day("2026-12-31"))),
        ..CalendarLayer::default()
    };
    Facts {
        calendar: Arc::new(Calendar::build("cn", &[&layer])),
        holds: BTreeMap::from([(
            "wang".into(),
            BTreeSet::from(["director".into(), "area-manager".into()]),
        )]),
        ranks: BTreeMap::new(),
    }
}

/// The functions of one file, of which nothing is wrong.
pub(super) fn scripts(text: &str) -> Arc<Scripts> {
    let (scripts, problems) = Scripts::compile(&[("scripts/demo/a.rhai".into(), text.into())], facts());
    assert_eq!(problems, [], "{text}");
    Arc::new(scripts)
}

fn problems(text: &str) -> Vec<(u32, u32, What)> {
    let (_, problems) = Scripts::compile(&[("a.rhai".into(), text.into())], facts());
    problems.into_iter().map(|p| (p.at.0, p.at.1, p.what)).collect()
}

fn call(text: &str, data: &[(&str, Option<&Value>)]) -> Result<Value, String> {
    let function = scripts(text).function("f").unwrap();
    function.call(data).map_err(|fault| fault.0)
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

#[test]
fn every_example_of_the_reference_is_what_it_says() {
    for entry in ENTRIES {
        let [example, is] = entry.example;
        // A list is no value of a condition; it is compared as the script shows it.
        let body = format!(
            "fn f(m) {{ let wanted = {is}; let got = {{ {example} }}; if got == wanted {{ \"as said\" }} else {{ to_string(got) }} }}"
        );
        assert_eq!(call(&body, &[]), Ok(text("as said")), "{}", entry.name);
    }
}

#[test]
fn the_page_is_the_one_in_docs() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/scripts.md");
    let page = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(
        page,
        reference(),
        "write it with: guicheng scripts --reference > docs/scripts.md"
    );
}

#[test]
fn values_go_in_and_come_out_as_they_are() {
    let list = Value::List(["甲".into(), "乙".into()].into());
    let decimal = Value::Decimal("0.1".into());
    for value in [text("漏水"), Value::Int(-7), Value::Bool(true), list, decimal] {
        assert_eq!(call("fn f(m) { m.x }", &[("x", Some(&value))]), Ok(value));
    }
    // Decimals are exact: 0.1 + 0.2 is 0.3.
    let third = Value::Decimal("0.2".into());
    let sum = call(
        "fn f(m) { m.a + m.b }",
        &[("a", Some(&Value::Decimal("0.1".into()))), ("b", Some(&third))],
    );
    assert_eq!(sum, Ok(Value::Decimal("0.3".into())));
    assert_eq!(call("fn f(m) { type_of(m.x) }", &[("x", None)]), Ok(text("()")));
}

#[test]
fn a_fault_says_where_and_what() {
    let fault = |body: &str| call(body, &[("x", Some(&Value::Int(1)))]).unwrap_err();
    assert_eq!(
        fault("fn f(m) {\n  let y = 1;\n  throw \"看不懂\";\n}"),
        "script `f` (scripts/demo/a.rhai:3:3): Runtime error: 看不懂"
    );
    assert!(fault("fn f(m) { m.matter }").contains(":1:13): Property not found: matter"));
    assert!(fault("fn g(x) { x / 0 }\nfn f(m) { g(m.x) }").contains("(scripts/demo/a.rhai:1:"));
    assert!(fault("fn f(m) { }").ends_with("it answers nothing"));
    assert!(fault("fn f(m) { #{} }").contains("no value: map"));
    assert!(fault("fn f(m) { [1] }").contains("a list of something else than texts"));
    assert!(fault("fn f(m) { weekday(\"2026-02-30\") }").contains("`2026-02-30` is not a date"));
    assert!(fault("fn f(m) { loop { } }").ends_with("more operations than one call may"));
    let long = fault("fn f(m) { let s = \"漏\"; for i in range(0, 11) { s += s; } throw s; }");
    assert!(long.len() <= sandbox::MAX_ERROR, "{}", long.len());
    let lines = fault("fn f(m) { throw \"a\\nb\\u001b[2J\"; }");
    assert!(!lines.contains(char::is_control), "{lines}");
}

#[test]
fn what_is_wrong_is_found_before_anything_runs() {
    assert_eq!(
        problems("fn f(m) { clasify(m.x) }"),
        [(1, 11, What::Unknown("clasify".into()))]
    );
    // Columns are counted in characters, right after Chinese text too.
    assert_eq!(
        problems("fn f(m) { let 事由 = m.事由; weekdy(事由) }"),
        [(1, 26, What::Unknown("weekdy".into()))]
    );
    assert_eq!(
        problems("fn f(m) { g(1, 2) }\nfn g(a) { a }"),
        [(1, 11, What::Arguments("g".into(), 2, vec![1]))]
    );
    assert_eq!(
        problems("fn f(m) { m.x.starts_with() }"),
        [(1, 15, What::Arguments("starts_with".into(), 1, vec![2]))]
    );
    assert_eq!(problems("let x = 1;\nfn f(m) { 1 }"), [(1, 1, What::Statement)]);
    assert_eq!(
        problems("fn ok(m) { 1 }\n  fn len(m) { 1 }"),
        [(2, 6, What::Taken("len".into()))]
    );
    assert!(matches!(
        &problems("fn f(m) {\n  let x = ;\n}")[..],
        [(2, 11, What::Syntax(_))]
    ));
    assert!(matches!(
        &problems("fn f(m) { unknown_variable }")[..],
        [(1, 11, What::Syntax(_))]
    ));
    assert!(matches!(
        &problems("fn f(m) { eval(\"1\") }")[..],
        [(1, _, What::Syntax(_))]
    ));
    assert_eq!(
        problems(&" ".repeat(sandbox::MAX_SOURCE + 1)),
        [(1, 1, What::TooLarge(sandbox::MAX_SOURCE + 1))]
    );
    // What an anonymous function calls is looked at too.
    assert_eq!(
        problems("fn f(m) { m.x.map(|a| slep(a)) }"),
        [(1, 23, What::Unknown("slep".into()))]
    );
}

#[test]
fn names_are_unique_over_the_files_of_a_company() {
    let file = |name: &str| -> Text { (name.into(), "fn f(m) { 1 }".into()) };
    let (scripts, problems) = Scripts::compile(&[file("a.rhai"), file("b.rhai")], facts());
    assert_eq!(
        problems,
        [Problem {
            file: 1,
            at: (1, 4),
            what: What::Twice("f".into(), "a.rhai".into())
        }]
    );
    assert_eq!(scripts.names().collect::<Vec<_>>(), ["f"]);
    let many: Vec<Text> = (0..=sandbox::MAX_FILES)
        .map(|n| (format!("{n}.rhai").into(), "".into()))
        .collect();
    let (_, problems) = Scripts::compile(&many, facts());
    assert_eq!(problems[0].what, What::TooManyFiles(33));
}

#[test]
fn a_call_answers_the_same_with_and_without_room() {
    let function = scripts("fn f(m) { m.x + 1 }").function("f").unwrap();
    let call = || function.call(&[("x", Some(&Value::Int(1)))]);
    assert!(!room::has_room());
    assert_eq!(call(), Ok(Value::Int(2)));
    assert_eq!(with_room(|| (room::has_room(), call())), (true, Ok(Value::Int(2))));
    assert!(!room::has_room());
}
