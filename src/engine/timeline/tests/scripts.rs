//! Tests of script functions: each must be able to fail.

use super::*;
use crate::policy::model::Company;
use crate::policy::{Folder, Source, compile};

fn worked() -> (Arc<Company>, Suite) {
    let root = env!("CARGO_MANIFEST_DIR");
    let case = "y01-computed-fields";
    let source = |path: String| Source {
        name: path.as_str().into(),
        text: std::fs::read_to_string(format!("{root}/{path}")).unwrap().into(),
    };
    let of_case = |file: &str| source(format!("tests/cases/{case}/{file}"));
    let compiled = compile(&Folder {
        id: case.into(),
        files: vec![of_case("company.toml"), of_case("policy.toml")],
        calendars: vec![source("policies/calendars/cn.toml".into())],
        scripts: vec![of_case("script.rhai")],
    });
    let suite = parse("timeline.toml", &of_case("timeline.toml").text).unwrap();
    (Arc::new(compiled.company.unwrap()), suite)
}

fn said(text: &str) -> String {
    let (company, _) = worked();
    let failures = match parse("t.toml", text) {
        Ok(suite) => suite.scripts.iter().flat_map(|test| test.run(&company)).collect(),
        Err(failures) => failures,
    };
    let lines: Vec<String> = failures
        .iter()
        .map(|f| format!("{} {}", f.line, f.message.en))
        .collect();
    lines.join("\n")
}

#[test]
fn a_script_that_does_otherwise_fails_its_test() {
    let test = |rest: &str| {
        said(&format!(
            "[[script]]\ntitle = \"T\"\nfunction = \"urgency_of\"\n{rest}\n"
        ))
    };
    assert_eq!(test("data = { matter = \"漏电\" }\nis = \"urgent\""), "");
    assert_eq!(test("data = {}\nfault = true"), "");
    assert_eq!(
        test("data = { matter = \"漏水\" }\nis = \"urgent\""),
        "1 T: expected `urgency_of` to answer “urgent”, found “normal”"
    );
    assert_eq!(
        test("data = { matter = \"漏水\" }\nfault = true"),
        "1 T: expected a fault of `urgency_of`, but it answered “normal”"
    );
    assert!(test("is = \"urgent\"").starts_with("1 T: script `urgency_of` (tests/cases/"));
    assert_eq!(
        test("data = { mater = \"漏水\" }\nis = \"normal\""),
        "1 T: no policy gives `urgency_of` the field `mater`; it is given: channel, matter, reported_on"
    );
    assert_eq!(test("data = {}"), "1 exactly one of `is` and `fault = true` is wanted");
    assert_eq!(
        test("is = \"x\"\nfault = true"),
        "1 exactly one of `is` and `fault = true` is wanted"
    );
    assert_eq!(
        said("[[script]]\ntitle = \"T\"\nfunction = \"urgncy\"\nis = 1\n"),
        "1 T: there is no script function `urgncy` of one parameter; there are: level_of, urgency_of"
    );
    let twice = "[[script]]\ntitle = \"T\"\nfunction = \"f\"\nis = 1\n";
    assert_eq!(said(&twice.repeat(2)), "5 the title `T` is used twice");
    assert_eq!(said("[[script]]\ntitle = \"T\"\nis = 1\n"), "1 `function` is missing");
}

#[test]
fn a_function_without_a_test_is_told() {
    let (company, mut suite) = worked();
    let by = |suite: &Suite| -> Vec<(String, usize)> {
        let scripts = report(&company, std::slice::from_ref(suite)).coverage.scripts;
        scripts.iter().map(|s| (s.id.to_string(), s.by.len())).collect()
    };
    let counted = |level, urgency| vec![("level_of".to_owned(), level), ("urgency_of".to_owned(), urgency)];
    assert_eq!(by(&suite), counted(1, 4));
    // A test that fails shows nothing.
    for test in suite.scripts.iter_mut().filter(|test| test.function == "level_of") {
        test.is = None;
    }
    assert_eq!(by(&suite), counted(0, 4));
    suite.scripts.clear();
    assert_eq!(by(&suite), counted(0, 0));
}

#[test]
fn computed_fields_are_rules_that_timelines_and_script_tests_cover() {
    let (company, mut suite) = worked();
    let by = |suite: &Suite| -> Vec<(String, usize)> {
        let rules = report(&company, std::slice::from_ref(suite)).coverage.rules;
        let computed = rules.iter().filter(|r| r.what == "computed");
        computed.map(|r| (r.id.to_string(), r.by.len())).collect()
    };
    let names = [
        "complaint.urgency",
        "complaint.level",
        "complaint.estate_age",
        "complaint.urged_times",
    ];
    let all = by(&suite);
    assert_eq!(all.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), names);
    assert!(all.iter().all(|(_, n)| *n > 0), "{all:?}");
    suite.timelines.clear();
    let counts: Vec<usize> = by(&suite).iter().map(|(_, n)| *n).collect();
    assert_eq!(counts, [4, 1, 0, 0]);
    suite.scripts.clear();
    assert!(by(&suite).iter().all(|(_, n)| *n == 0));
}
