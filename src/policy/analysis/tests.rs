//! What the corpus under `tests/findings` does not show: editions, and what authors have decided.

use crate::policy::finding::Severity;
use crate::policy::{Folder, Shows, Source, compile};

const HEAD: &str = r#"
[role.clerk]
title = "职员"
[case.t]
title = "事"
data = { level = ["a", "b", "c"] }
[case.t.events]
raised = { title = "提出", needs = ["level"] }
done = "答复"
"#;

fn procedure(effective: &str, rules: &str) -> String {
    format!(
        "[procedure]\nid = \"small/p\"\ntitle = \"规程\"\neffective = {effective}\n[clause.\"1\"]\ntext = \"答复。\"\n{HEAD}{rules}"
    )
}

fn rule(id: &str, more: &str) -> String {
    format!(
        "[deadline.{id}]\ntitle = \"答复\"\nclause = \"1\"\non = \"t.raised\"\ndone = \"t.done\"\nbearer = \"clerk\"\n{more}\n"
    )
}

fn folder(files: &[String]) -> Folder {
    let company = r#"
        [company]
        id = "small"
        title = "小公司"
        zone = "Asia/Shanghai"
        calendar = "cn"
        [person.wang]
        name = "王"
        holds = [{ role = "clerk" }]
    "#;
    let source = |name: String, text: &str| Source {
        name: name.into(),
        text: text.into(),
    };
    let calendar = "[calendar]\ntitle = \"日历\"\nweekdays = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"]\n";
    let calendar = format!("{calendar}covered = [2024-01-01, 2030-12-31]\n");
    let files = files.iter().enumerate();
    Folder {
        id: "small".into(),
        files: std::iter::once(source("company.toml".into(), company))
            .chain(files.map(|(n, text)| source(format!("p{n}.toml"), text)))
            .collect(),
        calendars: vec![source("cn.toml".into(), &calendar)],
        scripts: vec![],
    }
}

/// The codes of what is found, with the dates of their witnesses.
fn found(files: &[String]) -> Vec<(&'static str, Option<String>)> {
    let compiled = compile(&folder(files));
    assert!(compiled.company.is_some(), "{:#?}", compiled.findings);
    // The calendar ends some day for every rule with working days.
    let shown = compiled.findings.iter().filter(|f| f.severity != Severity::Info);
    shown
        .map(|f| (f.code, f.witness.as_ref().map(|w| w.on.to_string())))
        .collect()
}

#[test]
fn rules_of_editions_that_are_never_in_force_together_do_not_overlap() {
    let (a, b) = (rule("a", "within = \"3天\""), rule("b", "within = \"4天\""));
    assert_eq!(found(&[procedure("2024-01-01", &a), procedure("2025-01-01", &b)]), []);
    // In force together they do; the witness falls into their time.
    let both = format!("{a}{b}");
    assert_eq!(
        found(&[procedure("2024-01-01", &a), procedure("2025-01-01", &both)]),
        [("overlapping-rules", Some("2025-01-01".to_owned()))]
    );
}

#[test]
fn terms_that_end_on_the_same_day_do_not_overlap_and_the_witness_has_a_day_on_which_others_do_not() {
    let week = format!("{}{}", rule("a", "within = \"7天\""), rule("b", "within = \"1周\""));
    assert_eq!(found(&[procedure("2024-01-01", &week)]), []);
    // 2024-01-01 is a Monday: three days and three working days part from Wednesday on.
    let working = format!(
        "{}{}",
        rule("a", "within = \"3天\""),
        rule("b", "within = \"3个工作日\"")
    );
    assert_eq!(
        found(&[procedure("2024-01-01", &working)]),
        [("overlapping-rules", Some("2024-01-03".to_owned()))]
    );
}

#[test]
fn a_gap_that_an_author_has_decided_on_is_none() {
    let (a, b) = (
        "when = { level = \"a\" }\nwithin = \"1天\"",
        "when = { level = \"b\" }\nwithin = \"2天\"",
    );
    let text = |more: &str| {
        procedure(
            "2024-01-01",
            &format!("{}{}", rule("first", a), rule("second", &format!("{b}\n{more}"))),
        )
    };
    assert_eq!(
        found(&[text("")]),
        [("value-without-rule", Some("2024-01-01".to_owned()))]
    );
    assert_eq!(found(&[text("assume = \"c 级不答复。\"")]), []);
    // A third rule, and none is left.
    let third = rule("third", "when = { level = \"c\" }\nwithin = \"3天\"");
    assert_eq!(found(&[format!("{}{third}", text(""))]), []);
    let compiled = compile(&folder(&[text("")]));
    let witness = compiled.findings[0].witness.as_deref().unwrap();
    assert_eq!(witness.shows, Shows::NotOwed(vec!["first".into(), "second".into()]));
}

/// What is said of exceptions that never hold, in Chinese.
fn idle(files: &[String]) -> Vec<String> {
    let compiled = compile(&folder(files));
    assert!(compiled.company.is_some(), "{:#?}", compiled.findings);
    let idle = compiled.findings.iter().filter(|f| f.code == "exception-never-holds");
    idle.map(|f| f.message.zh.clone()).collect()
}

fn exception(rule: &str, (from, until): (&str, &str), more: &str) -> String {
    format!(
        "[exception.e]\ntitle = \"例外\"\nclause = \"1\"\nwaives = \"{rule}\"\nfrom = {from}\nuntil = {until}\nby = \"wang\"\n\
         why = \"断路\"\n{more}\n"
    )
}

#[test]
fn an_exception_that_begins_when_the_next_edition_is_in_force_never_holds() {
    let a = rule("a", "within = \"3天\"");
    let first = |from: &str| {
        procedure(
            "2024-01-01",
            &format!("{a}{}", exception("a", (from, "2025-06-30"), "")),
        )
    };
    let said = "“e”从 2025-01-01 起，而从 2025-01-01 起执行的是下一版，下一版没有它";
    assert_eq!(idle(&[first("2025-01-01"), procedure("2025-01-01", &a)]), [said]);
    // The day before it holds; where the next edition has it, that one's does; what that has no rule for keeps it.
    assert_eq!(
        idle(&[first("2024-12-31"), procedure("2025-01-01", &a)]),
        Vec::<String>::new()
    );
    let again = format!("{a}{}", exception("a", ("2025-01-01", "2025-06-30"), ""));
    assert_eq!(
        idle(&[first("2025-01-01"), procedure("2025-01-01", &again)]),
        Vec::<String>::new()
    );
    let other = rule("b", "within = \"3天\"");
    assert_eq!(
        idle(&[first("2025-01-01"), procedure("2025-01-01", &other)]),
        Vec::<String>::new()
    );
}

#[test]
fn an_exception_is_held_against_every_edition_of_its_rule() {
    let a = |level: &str| rule("a", &format!("when = {{ level = \"{level}\" }}\nwithin = \"3天\""));
    let of = |level: &str| {
        exception(
            "a",
            ("2024-03-01", "2025-03-31"),
            &format!("when = {{ level = \"{level}\" }}"),
        )
    };
    let editions = |level: &str| {
        [
            procedure("2024-01-01", &format!("{}{}", a("a"), of(level))),
            procedure("2025-01-01", &format!("{}{}", a("b"), of(level))),
        ]
    };
    assert_eq!(idle(&editions("c")).len(), 2);
    // What came to be owed under one edition is waived by the exceptions of the next.
    assert_eq!(idle(&editions("a")), Vec::<String>::new());
    assert_eq!(idle(&editions("b")), Vec::<String>::new());
}
