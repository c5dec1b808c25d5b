//! Branches of what counts: thresholds, rates, draws and penalties.

use super::*;

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
    let with_duty = format!("{COUNTED}{SEEN}");
    let company = self::company(&with_duty);
    takes(&company, &[first, expect("2026-03-05T09:00:00", owed)], &[]);
}

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
