//! Branches of what lets through and keeps away: gates, approvals, exceptions and access.

use super::*;

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
