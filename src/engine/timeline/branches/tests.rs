mod allowed;
mod counted;

use super::*;
use crate::engine::laws::small;
use crate::engine::timeline::{coverage, parse, report};
use crate::policy::model::Company;
use std::collections::BTreeSet;
use std::sync::Arc;

const HEAD: &str = r#"
    [procedure]
    id = "small/p"
    title = "规程"
    effective = 2024-01-01
    [clause."1"]
    text = "一"
    [role.boss]
    title = "主管"
    [case.job]
    title = "事"
    data = { size = ["big", "small"], owner = "person", hard = "bool", customer = "text", place = "text", people = "list" }
    [case.job.events]
    opened = { title = "开", needs = ["size"] }
    seen = "看"
    done = { title = "办", record = "form" }
    checked = "查"
    stopped = "停"
    spoilt = { title = "坏", needs = ["cost"], data = { cost = ["much", "little"] } }
    [record.form]
    title = "表"
    clause = "1"
    fields = { note = "text", why = "text", slow = "bool" }
    required = [{ fields = ["note"] }, { fields = ["why"], when = { slow = true } }]
"#;

fn company(rules: &str) -> Arc<Company> {
    small::company(&[&format!("{HEAD}{rules}")])
}

/// All branches, as `rule way`, in their order.
fn all(company: &Company) -> Vec<String> {
    let all = branches(company).into_iter();
    all.map(|branch| format!("{} {}", branch.rule, branch.way)).collect()
}

/// The branches that a timeline takes, which must pass.
fn taken(company: &Arc<Company>, body: &str) -> BTreeSet<String> {
    let text = format!("[[timeline]]\ntitle = \"t\"\n{body}");
    let suite = parse("t.toml", &text).unwrap();
    let report = report(company, &[suite]);
    let failures: Vec<_> = report.verdicts.iter().flat_map(|v| &v.failures).collect();
    assert!(failures.is_empty(), "{failures:#?}");
    let taken = report.coverage.branches.into_iter().filter(|b| !b.by.is_empty());
    taken.map(|branch| format!("{} {}", branch.rule, branch.way)).collect()
}

fn event(at: &str, kind: &str, case: &str, more: &str) -> String {
    format!("[[timeline.event]]\nat = \"{at}\"\ntype = \"job.{kind}\"\ncase = \"{case}\"\n{more}\n")
}

fn expect(at: &str, what: &str) -> String {
    format!("[[timeline.expect]]\nat = \"{at}\"\n{what}\n")
}

#[track_caller]
fn takes(company: &Arc<Company>, body: &[String], wanted: &[&str]) {
    let wanted: BTreeSet<String> = wanted.iter().map(|way| (*way).to_owned()).collect();
    assert_eq!(taken(company, &body.concat()), wanted);
}

/// Owed whenever a job begins, and done when somebody has looked at it.
const SEEN: &str = r#"
    [deadline.look]
    title = "看"
    clause = "1"
    on = "job.opened"
    within = "1天"
    done = "job.seen"
    bearer = "clerk"
"#;

const LOOK: &str = r#"
    [deadline.look]
    title = "看"
    clause = "1"
    on = "job.opened"
    within = "1天"
    done = "job.stopped"
    bearer = "clerk"
"#;

const DUTY: &str = r#"
    [deadline.do]
    title = "办"
    clause = "1"
    on = "job.opened"
    when = { hard = false }
    within = [{ when = { size = "small" }, term = "1天" }, { term = "3天" }]
    done = "job.done"
    bearer = [{ when = { size = "small" }, role = "clerk" }, { role = "boss" }]
    escalate = [
        { at = "due", to = "boss" },
        { after = "1天", to = "boss", when = { place = "north" } },
    ]
"#;

#[test]
fn a_duty_has_the_ways_that_its_author_wrote_and_no_others() {
    let wanted = [
        "do when",
        "do not-when",
        "do term-1",
        "do term-2",
        "do bearer-1",
        "do bearer-2",
        "do done",
        "do overdue",
        "do level-1",
        "do level-2",
        "do level-2-passed-over",
        "form complete",
        "form lacking",
        "form required-2",
        "form not-required-2",
    ];
    assert_eq!(all(&company(DUTY)), wanted);
}

#[test]
fn a_duty_that_says_little_has_few_ways() {
    assert_eq!(all(&company(SEEN)), ["look done"]);
}

#[test]
fn a_branch_names_the_line_of_its_rule_and_what_to_write() {
    let company = company(DUTY);
    let all = branches(&company);
    let of = |way: Way| all.iter().find(|b| &*b.rule == "do" && b.way == way).unwrap();
    let text = format!("{HEAD}{DUTY}");
    let line_of = |header: &str| 1 + text.lines().position(|line| line.trim() == header).unwrap();
    assert_eq!(of(Way::Done).line as usize, line_of("[deadline.do]"));
    assert_eq!(&*of(Way::Done).file, "p0.toml");
    let form = all.iter().find(|b| &*b.rule == "form").unwrap();
    assert_eq!(form.line as usize, line_of("[record.form]"));
    assert!(of(Way::When(false)).said().zh.contains("none = true"));
    assert!(of(Way::When(false)).said().en.contains("hard is false"));
    assert!(of(Way::Row(Rows::Term, 1)).said().zh.contains("size 为 small"));
    assert!(of(Way::Row(Rows::Term, 2)).said().en.contains("otherwise"));
}

const SMALL: &str = "data = { size = \"small\", hard = false }";
const BIG: &str = "data = { size = \"big\", hard = false }";

#[test]
fn a_duty_shows_the_rows_that_hold_and_that_it_was_done() {
    let company = company(DUTY);
    let small = [
        event("2026-03-02T09:00:00", "opened", "J-1", SMALL),
        event("2026-03-03T09:00:00", "done", "J-1", "data = { note = \"好\" }"),
    ];
    let done = "obligations = [{ case = \"J-1\", rule = \"do\", standing = \"fulfilled\" }]";
    let wanted = [
        "do when",
        "do term-1",
        "do bearer-1",
        "do done",
        "form complete",
        "form not-required-2",
    ];
    let body = [&small[..], &[expect("2026-03-03T10:00:00", done)]].concat();
    takes(&company, &body, &wanted);
}

#[test]
fn what_happens_after_the_last_question_is_not_covered() {
    let company = company(DUTY);
    let open = "obligations = [{ case = \"J-1\", rule = \"do\", standing = \"open\" }]";
    let body = [
        event("2026-03-02T09:00:00", "opened", "J-1", BIG),
        expect("2026-03-02T10:00:00", open),
        event("2026-03-03T09:00:00", "done", "J-1", "data = { note = \"好\" }"),
    ];
    takes(&company, &body, &["do when", "do term-2", "do bearer-2"]);
}

#[test]
fn what_nobody_asks_about_is_not_covered() {
    let rules = format!("{DUTY}{SEEN}");
    let company = company(&rules);
    let seen = "obligations = [{ case = \"J-1\", rule = \"look\", standing = \"fulfilled\" }]";
    let body = [
        event("2026-03-02T09:00:00", "opened", "J-1", SMALL),
        event("2026-03-02T10:00:00", "seen", "J-1", ""),
        event("2026-03-02T11:00:00", "done", "J-1", "data = { note = \"好\" }"),
        expect("2026-03-02T12:00:00", seen),
    ];
    takes(&company, &body, &["look done"]);
}

#[test]
fn a_condition_that_does_not_hold_is_shown_by_an_absence() {
    let company = company(DUTY);
    let hard = event(
        "2026-03-02T09:00:00",
        "opened",
        "J-1",
        "data = { size = \"big\", hard = true }",
    );
    let none = "obligations = [{ case = \"J-1\", rule = \"do\", none = true }]";
    takes(&company, &[hard, expect("2026-03-02T10:00:00", none)], &["do not-when"]);
    // Without the trigger there is nothing that the condition could keep from coming to be.
    let seen = event("2026-03-02T09:00:00", "seen", "J-1", "");
    takes(&company, &[seen, expect("2026-03-02T10:00:00", none)], &[]);
}

#[test]
fn what_is_not_listed_where_all_is_listed_is_absent() {
    let rules = format!("{DUTY}{SEEN}");
    let company = company(&rules);
    let hard = || {
        event(
            "2026-03-02T09:00:00",
            "opened",
            "J-1",
            "data = { size = \"big\", hard = true }",
        )
    };
    let listed = "obligations = [{ case = \"J-1\", rule = \"look\" }]";
    takes(&company, &[hard(), expect("2026-03-02T10:00:00", listed)], &[]);
    let only = format!("{listed}\nonly = true");
    takes(
        &company,
        &[hard(), expect("2026-03-02T10:00:00", &only)],
        &["do not-when"],
    );
}

#[test]
fn what_is_overdue_shows_who_was_told_and_which_step_was_passed_over() {
    let company = company(DUTY);
    let late = "obligations = [{ case = \"J-1\", rule = \"do\", standing = \"overdue\" }]";
    let opened = |place: &str| {
        let data = format!("data = {{ size = \"small\", hard = false, place = \"{place}\" }}");
        event("2026-03-02T09:00:00", "opened", "J-1", &data)
    };
    let always = ["do when", "do term-1", "do bearer-1", "do overdue", "do level-1"];
    // It was due by the end of 3 March; the day after that ends with 4 March.
    let early = expect("2026-03-04T23:59:59", late);
    let then = expect("2026-03-05T00:00:00", late);
    takes(&company, &[opened("north"), early.clone()], &always);
    takes(&company, &[opened("south"), early], &always);
    let with = |way: &'static str| [&always[..], &[way]].concat();
    takes(&company, &[opened("north"), then.clone()], &with("do level-2"));
    takes(&company, &[opened("south"), then], &with("do level-2-passed-over"));
}

#[test]
fn a_form_shows_what_it_lacked_and_what_it_was_asked() {
    let company = company(DUTY);
    let lacks = "obligations = [{ case = \"J-1\", rule = \"do\", missing = [\"why\"] }]";
    let body = [
        event("2026-03-02T09:00:00", "opened", "J-1", BIG),
        event(
            "2026-03-02T10:00:00",
            "done",
            "J-1",
            "data = { note = \"好\", slow = true }",
        ),
        expect("2026-03-02T11:00:00", lacks),
    ];
    let wanted = ["do when", "do term-2", "do bearer-2", "form lacking", "form required-2"];
    takes(&company, &body, &wanted);
}

#[test]
fn a_form_that_counts_beside_one_that_lacks_something_shows_both() {
    let rules = r#"
        [deadline.all]
        title = "都办"
        clause = "1"
        on = "job.opened"
        within = "3天"
        done = "job.done"
        count = { number = 3, distinct = "note" }
        bearer = "clerk"
    "#;
    let company = company(rules);
    let done = |at: &str, data: &str| event(at, "done", "J-1", &format!("data = {{ {data} }}"));
    let body = [
        event("2026-03-02T09:00:00", "opened", "J-1", BIG),
        done("2026-03-02T10:00:00", "note = \"一\""),
        done("2026-03-02T11:00:00", "slow = false"),
        expect(
            "2026-03-02T12:00:00",
            "obligations = [{ case = \"J-1\", rule = \"all\", count_done = 1 }]",
        ),
    ];
    takes(
        &company,
        &body,
        &["form complete", "form lacking", "form not-required-2"],
    );
}

#[test]
fn each_role_up_the_line_is_a_way() {
    let rules = r#"
        [role.chief]
        title = "主任"
        reports_to = "boss"
        [role.aide]
        title = "助理"
        reports_to = "chief"
        [escalation.up]
        title = "逐级上报"
        clause = "1"
        on = "job.spoilt"
        to = { above = "aide" }
    "#;
    let company = company(rules);
    assert_eq!(all(&company), ["up reached", "up to-1", "up to-2"]);
    let spoilt = |at: &str| event(at, "spoilt", "J-1", "data = { cost = \"much\" }");
    let twice = [spoilt("2026-03-02T09:00:00"), spoilt("2026-03-03T09:00:00")];
    let told = |to: &str| {
        let what = format!("effects = [{{ case = \"J-1\", rule = \"up\", to = \"{to}\" }}]");
        expect("2026-03-04T09:00:00", &what)
    };
    takes(
        &company,
        &[&twice[..], &[told("chief")]].concat(),
        &["up reached", "up to-1"],
    );
    takes(
        &company,
        &[&twice[..], &[told("boss")]].concat(),
        &["up reached", "up to-2"],
    );
}

#[test]
fn paces_wishes_and_sizes_are_told_apart_by_the_case() {
    let rules = r#"
        [recurring.tend]
        title = "照看"
        clause = "1"
        on = "job.opened"
        every = [{ when = { size = "big" }, every = "day" }, { every = { days = 3 } }]
        done = "job.seen"
        bearer = "clerk"
        [consent.fewer]
        title = "少打扰"
        clause = "1"
        of = ["tend"]
        when = { hard = true }
        stretch = 2
        [sample.pick]
        title = "抽人"
        clause = "1"
        on = "job.opened"
        frame = "people"
        share = [{ when = { size = "big" }, share = "50%" }, { share = "100%" }]
    "#;
    let company = company(rules);
    let wanted = [
        "tend pace-1",
        "tend pace-2",
        "tend done",
        "pick size-1",
        "pick size-2",
        "fewer when",
        "fewer not-when",
    ];
    assert_eq!(all(&company), wanted);
    let opened = |size: &str, hard: bool| {
        let data = format!("data = {{ size = \"{size}\", hard = {hard}, people = [\"甲\", \"乙\"] }}");
        event("2026-03-02T09:00:00", "opened", "J-1", &data)
    };
    let tend = expect(
        "2026-03-02T10:00:00",
        "obligations = [{ case = \"J-1\", rule = \"tend\" }]",
    );
    takes(
        &company,
        &[opened("big", false), tend.clone()],
        &["tend pace-1", "fewer not-when"],
    );
    takes(&company, &[opened("small", true), tend], &["tend pace-2", "fewer when"]);
    let draw = |drawn: u8| {
        let what = format!("samples = [{{ sample = \"pick\", case = \"J-1\", drawn = {drawn} }}]");
        expect("2026-03-02T10:00:00", &what)
    };
    takes(&company, &[opened("big", false), draw(1)], &["pick size-1"]);
    takes(&company, &[opened("small", false), draw(2)], &["pick size-2"]);
}

const RECURS: &str = r#"
    [recurring.tend]
    title = "照看"
    clause = "1"
    on = "job.opened"
    until = "job.stopped"
    every = "week"
    done = "job.seen"
    bearer = "clerk"
"#;

#[test]
fn what_recurs_shows_that_it_was_ended() {
    let company = company(RECURS);
    assert_eq!(all(&company), ["tend done", "tend until"]);
    let body = [
        event("2026-03-02T09:00:00", "opened", "J-1", "data = { size = \"big\" }"),
        event("2026-03-04T09:00:00", "stopped", "J-1", ""),
        expect(
            "2026-03-05T09:00:00",
            "obligations = [{ case = \"J-1\", rule = \"tend\", standing = \"cancelled\" }]",
        ),
    ];
    takes(&company, &body, &["tend until"]);
}

#[test]
fn a_timeline_that_fails_takes_no_branch() {
    let company = company(DUTY);
    let text = [
        "[[timeline]]\ntitle = \"t\"\n".to_owned(),
        event("2026-03-02T09:00:00", "opened", "J-1", SMALL),
        expect(
            "2026-03-02T10:00:00",
            "obligations = [{ case = \"J-1\", rule = \"do\", standing = \"open\" }]",
        ),
        expect(
            "2026-03-02T10:00:00",
            "obligations = [{ case = \"J-1\", rule = \"do\", standing = \"overdue\" }]",
        ),
    ];
    let suite = parse("t.toml", &text.concat()).unwrap();
    let coverage = coverage(&company, &[suite]);
    assert!(coverage.branches.iter().all(|branch| branch.by.is_empty()));
    assert_eq!(coverage.branches.len(), 15);
}
