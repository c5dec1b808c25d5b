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
    let plain = r#"
        [deadline.look]
        title = "看"
        clause = "1"
        on = "job.opened"
        within = "1天"
        done = "job.seen"
        bearer = "clerk"
    "#;
    assert_eq!(all(&company(plain)), ["look done"]);
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
    let rules = format!(
        "{DUTY}
        [deadline.look]
        title = \"看\"
        clause = \"1\"
        on = \"job.opened\"
        within = \"1天\"
        done = \"job.seen\"
        bearer = \"clerk\"
        "
    );
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
    let rules = format!(
        "{DUTY}
        [deadline.look]
        title = \"看\"
        clause = \"1\"
        on = \"job.opened\"
        within = \"1天\"
        done = \"job.seen\"
        bearer = \"clerk\"
        "
    );
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

const COUNTED: &str = r#"
    [threshold.often]
    title = "常坏"
    clause = "1"
    on = "job.spoilt"
    when = { cost = "much" }
    key = ["customer"]
    at_least = 2
    to = "boss"
    mark = { field = "hard", value = true }
"#;

#[test]
fn a_threshold_shows_that_it_was_reached_that_it_was_not_and_what_does_not_count() {
    let company = company(COUNTED);
    assert_eq!(all(&company), ["often not-when", "often reached", "often below"]);
    let spoilt = |at: &str, case: &str, cost: &str| {
        let data = format!("data = {{ cost = \"{cost}\", customer = \"李\" }}");
        event(at, "spoilt", case, &data)
    };
    let none = expect("2026-03-05T09:00:00", "spawned = []");
    let first = spoilt("2026-03-02T09:00:00", "J-1", "much");
    takes(&company, &[first.clone(), none.clone()], &["often below"]);
    let cheap = spoilt("2026-03-02T09:00:00", "J-1", "little");
    takes(&company, &[cheap.clone(), none], &["often not-when"]);
    let told = "effects = [{ case = \"J-2\", rule = \"often\", to = \"boss\" }]";
    let second = spoilt("2026-03-03T09:00:00", "J-2", "much");
    takes(
        &company,
        &[first.clone(), second, expect("2026-03-05T09:00:00", told)],
        &["often reached"],
    );
    // Nothing is expected of it.
    let owed = "obligations = [{ case = \"J-1\", rule = \"look\", none = true }]";
    let with_duty = format!(
        "{COUNTED}
        [deadline.look]
        title = \"看\"
        clause = \"1\"
        on = \"job.opened\"
        within = \"1天\"
        done = \"job.seen\"
        bearer = \"clerk\"
        "
    );
    let company = self::company(&with_duty);
    takes(&company, &[first, expect("2026-03-05T09:00:00", owed)], &[]);
}

const GATE: &str = r#"
    [gate.before]
    title = "先看"
    clause = "1"
    on = "job.checked"
    when = { size = "big" }
    needs = [
        { title = "看过", happened = ["job.seen"] },
        { title = "写了地方", that = { place = { exists = true } } },
    ]
    [deadline.do]
    title = "办"
    clause = "1"
    on = "job.opened"
    within = "1天"
    done = "job.checked"
    bearer = "clerk"
"#;

#[test]
fn a_gate_shows_each_need_that_alone_is_not_met_that_it_lets_through_and_that_it_stands_aside() {
    let company = company(GATE);
    let wanted = [
        "do done",
        "before not-when",
        "before lets-through",
        "before unmet-1",
        "before unmet-2",
    ];
    assert_eq!(all(&company), wanted);
    let opened = |size: &str, place: &str| {
        let data = format!("data = {{ size = \"{size}\"{place} }}");
        event("2026-03-02T09:00:00", "opened", "J-1", &data)
    };
    let here = ", place = \"北\"";
    let seen = event("2026-03-02T10:00:00", "seen", "J-1", "");
    let checked = |more: &str| event("2026-03-02T11:00:00", "checked", "J-1", more);
    let ask = expect(
        "2026-03-02T12:00:00",
        "obligations = [{ case = \"J-1\", rule = \"do\" }]",
    );
    let refused = "refused = \"gate\"";
    takes(
        &company,
        &[opened("big", here), checked(refused), ask.clone()],
        &["before unmet-1"],
    );
    let body = [opened("big", ""), seen.clone(), checked(refused), ask.clone()];
    takes(&company, &body, &["before unmet-2"]);
    // Two that are not met at once show neither, unless the timeline names both.
    takes(&company, &[opened("big", ""), checked(refused), ask.clone()], &[]);
    let both = "refused = \"gate\"\nunmet = [\"看过\", \"写了地方\"]";
    let body = [opened("big", ""), checked(both), ask.clone()];
    takes(&company, &body, &["before unmet-1", "before unmet-2"]);
    let body = [opened("big", here), seen, checked(""), ask.clone()];
    takes(&company, &body, &["before lets-through", "do done"]);
    let body = [opened("small", ""), checked(""), ask];
    takes(&company, &body, &["before not-when", "do done"]);
}

const APPROVAL: &str = r#"
    [approval.signed]
    title = "主管批准"
    clause = "1"
    on = "job.checked"
    approved = "job.seen"
    by = "boss"
    not_by = "job.opened"
"#;

#[test]
fn an_approval_has_the_ways_of_what_waits_and_of_whoever_approves() {
    let company = company(APPROVAL);
    let wanted = [
        "signed lets-through",
        "signed unmet-1",
        "signed not-approver-1",
        "signed not-approver-2",
    ];
    assert_eq!(all(&company), wanted);
}

#[test]
fn an_approval_shows_who_may_not_approve_what_waits_and_what_goes_through() {
    let company = company(&format!("{APPROVAL}{LOOK}"));
    let by = |at: &str, kind: &str, person: &str, role: &str, more: &str| {
        let more = format!("actor = {{ person = \"{person}\", role = \"{role}\" }}\n{more}");
        event(at, kind, "J-1", &more)
    };
    let opened = |person: &str| {
        by(
            "2026-03-02T09:00:00",
            "opened",
            person,
            "clerk",
            "data = { size = \"big\" }",
        )
    };
    let seen = |person: &str, role: &str, more: &str| by("2026-03-02T10:00:00", "seen", person, role, more);
    let checked = |more: &str| event("2026-03-02T11:00:00", "checked", "J-1", more);
    let ask = || {
        expect(
            "2026-03-02T12:00:00",
            "obligations = [{ case = \"J-1\", rule = \"look\" }]",
        )
    };
    let refused = "refused = \"not-authorised\"";
    takes(
        &company,
        &[opened("wang"), seen("liu", "clerk", refused), ask()],
        &["signed not-approver-1"],
    );
    takes(
        &company,
        &[opened("wang"), seen("wang", "boss", refused), ask()],
        &["signed not-approver-2"],
    );
    takes(
        &company,
        &[opened("liu"), checked("refused = \"gate\""), ask()],
        &["signed unmet-1"],
    );
    let through = [opened("liu"), seen("wang", "boss", ""), checked(""), ask()];
    takes(&company, &through, &["signed lets-through"]);
}

const LOOK: &str = r#"
    [deadline.look]
    title = "看"
    clause = "1"
    on = "job.opened"
    within = "1天"
    done = "job.stopped"
    bearer = "clerk"
"#;

#[test]
fn one_that_is_drawn_and_one_that_is_not_are_two_ways() {
    let rate = r#"
        [rate.looked]
        title = "看的比例"
        clause = "1"
        of = "look"
        per = "month"
        at_least = "50%"
        draw = { top_up = "2天" }
    "#;
    let company = company(&format!("{LOOK}{rate}"));
    let wanted = [
        "look done",
        "look drawn",
        "look not-drawn",
        "looked met",
        "looked missed",
    ];
    assert_eq!(all(&company), wanted);
    let opened = |case: &str| event("2026-03-02T09:00:00", "opened", case, "data = { size = \"big\" }");
    let ask = |case: &str| {
        let what = format!("obligations = [{{ case = \"{case}\", rule = \"look\" }}]");
        expect("2026-03-02T10:00:00", &what)
    };
    let drawn = "drawn = [\"J-1\"]\n".to_owned();
    let body = [drawn.clone(), opened("J-1"), opened("J-2"), ask("J-1")];
    takes(&company, &body, &["look drawn"]);
    takes(
        &company,
        &[drawn, opened("J-1"), opened("J-2"), ask("J-2")],
        &["look not-drawn"],
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
fn a_penalty_that_is_left_to_somebody_waits_and_is_decided() {
    let rules = r#"
        [penalty.late]
        title = "迟了"
        clause = "1"
        of = ["look"]
        between_fen = [100, 200]
        decided_by = "boss"
        decide_within = "3天"
    "#;
    let company = company(&format!("{LOOK}{rules}"));
    let wanted = [
        "look done",
        "look overdue",
        "late-decision done",
        "late proposed",
        "late decided",
    ];
    assert_eq!(all(&company), wanted);
    let opened = event("2026-03-02T09:00:00", "opened", "J-1", "data = { size = \"big\" }");
    let ledger = |at: &str| expect(at, "penalties = [{ penalty = \"late\", case = \"J-1\" }]");
    takes(
        &company,
        &[opened.clone(), ledger("2026-03-04T12:00:00")],
        &["late proposed"],
    );
    let decided = "[[timeline.event]]\nat = \"2026-03-05T09:00:00\"\ntype = \"penalty.decided\"\ncase = \"J-1\"\n\
        actor = { person = \"wang\", role = \"boss\" }\n\
        data = { obligation = \"J-1~late-decision~1\", amount_fen = 150, reason = \"初犯\" }\n";
    let body = [opened, decided.to_owned(), ledger("2026-03-05T12:00:00")];
    takes(&company, &body, &["late decided"]);
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

const FIGURES: &str = r#"
    [deadline.look]
    title = "看"
    clause = "1"
    on = "job.opened"
    within = "1天"
    done = "job.seen"
    bearer = "clerk"
    [rate.looked]
    title = "看的比例"
    clause = "1"
    of = "look"
    per = "month"
    at_least = "50%"
    warn_below = "100%"
    [penalty.spoilt]
    title = "弄坏"
    clause = "1"
    on = "job.spoilt"
    when = { cost = "much" }
    against = "actor"
    amount_fen = 100
    joint = [{ role = "boss", amount_fen = 50 }]
"#;

#[test]
fn a_rate_is_met_missed_or_met_below_the_line_of_warning() {
    let company = company(FIGURES);
    let wanted = [
        "look done",
        "looked met",
        "looked missed",
        "looked warning",
        "spoilt not-when",
        "spoilt charged",
        "spoilt joint-1",
    ];
    assert_eq!(all(&company), wanted);
    let opened = |case: &str| event("2026-03-02T09:00:00", "opened", case, "data = { size = \"big\" }");
    let seen = |case: &str| event("2026-03-02T10:00:00", "seen", case, "");
    let figure = |at: &str| {
        expect(
            at,
            "rates = [{ rate = \"looked\", period = \"2026-03\", population = 2 }]",
        )
    };
    let april = figure("2026-04-10T00:00:00");
    // One of two is half of them: met, and below all of them. None of two is not.
    let body = [opened("J-1"), opened("J-2"), seen("J-1"), april.clone()];
    takes(&company, &body, &["looked met", "looked warning"]);
    let body = [opened("J-1"), opened("J-2"), seen("J-1"), seen("J-2"), april.clone()];
    takes(&company, &body, &["looked met"]);
    takes(&company, &[opened("J-1"), opened("J-2"), april], &["looked missed"]);
    // While the month runs there is no verdict.
    takes(
        &company,
        &[opened("J-1"), opened("J-2"), figure("2026-03-10T00:00:00")],
        &[],
    );
}

#[test]
fn a_penalty_shows_whom_it_charges_and_what_costs_nothing() {
    let company = company(FIGURES);
    let spoilt = |cost: &str| {
        let more = format!("actor = {{ person = \"wang\", role = \"clerk\" }}\ndata = {{ cost = \"{cost}\" }}");
        event("2026-03-02T09:00:00", "spoilt", "J-1", &more)
    };
    let ledger = |what: &str| expect("2026-03-03T09:00:00", &format!("penalties = [{what}]"));
    let clerk = "{ penalty = \"spoilt\", case = \"J-1\", role = \"clerk\" }";
    takes(&company, &[spoilt("much"), ledger(clerk)], &["spoilt charged"]);
    let boss = "{ penalty = \"spoilt\", case = \"J-1\", role = \"boss\" }";
    takes(&company, &[spoilt("much"), ledger(boss)], &["spoilt joint-1"]);
    takes(&company, &[spoilt("little"), ledger("")], &["spoilt not-when"]);
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

const WAIVED: &str = r#"
    [deadline.look]
    title = "看"
    clause = "1"
    on = "job.opened"
    within = "3天"
    done = "job.seen"
    bearer = "clerk"
    [exception.north]
    title = "北边"
    clause = "1"
    waives = "look"
    when = { place = "north" }
    from = 2026-03-02
    until = 2026-03-09
    by = "boss"
    why = "断路"
    [access.hard]
    title = "难的"
    clause = "1"
    kind = "job"
    when = { hard = true }
    roles = ["boss"]
"#;

#[test]
fn an_exception_waives_some_and_leaves_others() {
    let company = company(WAIVED);
    let wanted = [
        "look done",
        "hard shown",
        "hard hidden",
        "north not-when",
        "north waives",
    ];
    assert_eq!(all(&company), wanted);
    let opened = |place: &str| {
        let data = format!("data = {{ size = \"big\", place = \"{place}\" }}");
        event("2026-03-02T09:00:00", "opened", "J-1", &data)
    };
    let owed = expect(
        "2026-03-03T09:00:00",
        "obligations = [{ case = \"J-1\", rule = \"look\" }]",
    );
    takes(&company, &[opened("north"), owed.clone()], &["north waives"]);
    takes(&company, &[opened("south"), owed], &["north not-when"]);
}

#[test]
fn who_may_see_a_case_and_who_may_not_are_two_ways() {
    let company = company(WAIVED);
    let opened = event(
        "2026-03-20T09:00:00",
        "opened",
        "J-1",
        "data = { size = \"big\", hard = true }",
    );
    let asked = |person: &str, visible: bool| {
        let what = format!("visible = [{{ case = \"J-1\", person = \"{person}\", visible = {visible} }}]");
        expect("2026-03-20T10:00:00", &what)
    };
    takes(&company, &[opened.clone(), asked("wang", true)], &["hard shown"]);
    takes(&company, &[opened, asked("liu", false)], &["hard hidden"]);
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
