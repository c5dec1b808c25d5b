use super::*;
use crate::engine::laws::fuheng;

fn suites() -> Vec<Suite> {
    let dir = format!("{}/policies/fuheng/tests", env!("CARGO_MANIFEST_DIR"));
    let mut paths: Vec<_> = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap();
        parse(name, &std::fs::read_to_string(path).unwrap()).unwrap()
    };
    paths.iter().map(read).collect()
}

#[test]
fn the_timelines_of_fuheng_pass_and_cover_every_rule_and_clause() {
    let company = fuheng();
    let report = report(&company, &suites());
    let mut said = String::new();
    for verdict in report.verdicts.iter().filter(|v| !v.failures.is_empty()) {
        for failure in &verdict.failures {
            said += &format!(
                "{}:{} {}: {}\n",
                verdict.file, failure.line, verdict.title, failure.message.zh
            );
        }
    }
    let uncovered = report
        .coverage
        .rules
        .iter()
        .chain(&report.coverage.clauses)
        .filter(|c| c.by.is_empty());
    for rule in uncovered {
        said += &format!("not covered: {} {}\n", rule.what, rule.id);
    }
    assert!(said.is_empty(), "\n{said}");
}

/// Changes one thing that an expectation says, so that it must fail.
fn spoil(owed: &mut Owed, n: usize) -> Option<&'static str> {
    type Change = Box<dyn Fn(&mut Owed)>;
    let mut fields: Vec<(&'static str, Change)> = Vec::new();
    if owed.none {
        return None;
    }
    fields.push(("none", Box::new(|o| o.none = true)));
    let written = |text: &str| Some(Written(text.to_owned()));
    if let Some(standing) = owed.standing.clone() {
        let other = if standing == "waived" { "cancelled" } else { "waived" };
        fields.push(("standing", Box::new(move |o| o.standing = Some(other.into()))));
    }
    if owed.due_on.is_some() {
        fields.push(("due_on", Box::new(move |o| o.due_on = written("2001-01-01"))));
    }
    if owed.edition.is_some() {
        fields.push(("edition", Box::new(move |o| o.edition = written("2001-01-01"))));
    }
    if owed.opens_on.is_some() {
        fields.push(("opens_on", Box::new(move |o| o.opens_on = written("2001-01-01"))));
    }
    if owed.roles.is_some() {
        fields.push(("roles", Box::new(|o| o.roles = Some(Vec::new()))));
    }
    if owed.persons.is_some() {
        fields.push(("persons", Box::new(|o| o.persons = Some(Vec::new()))));
    }
    if owed.fulfilled_by.is_some() {
        fields.push(("fulfilled_by", Box::new(|o| o.fulfilled_by = Some("another".into()))));
    }
    if owed.level.is_some() {
        fields.push(("level", Box::new(|o| o.level = Some(9))));
    }
    if owed.flags.is_some() {
        fields.push(("flags", Box::new(|o| o.flags = Some(vec!["backdated".into()]))));
    }
    if owed.missing.is_some() {
        fields.push(("missing", Box::new(|o| o.missing = Some(Vec::new()))));
    }
    if owed.breach.is_some() {
        fields.push(("breach", Box::new(|o| o.breach = Some("excused".into()))));
    }
    if owed.count_required.is_some() {
        fields.push(("count_required", Box::new(|o| o.count_required = Some(77))));
    }
    if owed.count_done.is_some() {
        fields.push(("count_done", Box::new(|o| o.count_done = Some(77))));
    }
    let (field, change) = fields.get(n % fields.len())?;
    change(owed);
    Some(field)
}

#[test]
fn a_spoilt_expectation_fails_at_its_own_line() {
    let company = fuheng();
    let mut seen = std::collections::BTreeSet::new();
    let (mut n, mut spoilt) = (0, 0);
    for timeline in suites().into_iter().flat_map(|s| s.timelines) {
        for expect in 0..timeline.expects.len() {
            let items = timeline.expects[expect].obligations.as_ref().map_or(0, Vec::len);
            for item in 0..items {
                let mut changed = timeline.clone();
                let at = &mut changed.expects[expect].obligations.as_mut().unwrap()[item];
                let line = at.line;
                n += 1;
                let Some(field) = spoil(&mut at.what, n) else { continue };
                seen.insert(field);
                spoilt += 1;
                let failures = run(&company, &changed);
                let found = failures
                    .iter()
                    .any(|f| f.line == line && (field == "none" || f.message.zh.contains(field)));
                assert!(found, "{}: {field} at line {line}: {failures:?}", timeline.title);
            }
        }
    }
    assert!(spoilt > 150, "{spoilt}");
    assert!(seen.len() >= 11, "{seen:?}");
}

#[test]
fn what_else_is_spoilt_fails_too() {
    let company = fuheng();
    let mut spoilt = [0; 6];
    for timeline in suites().into_iter().flat_map(|s| s.timelines) {
        let mut check = |which: usize, changed: Timeline| {
            spoilt[which] += 1;
            assert!(
                !run(&company, &changed).is_empty(),
                "{} still passes, change {which}",
                timeline.title
            );
        };
        for ix in 0..timeline.expects.len() {
            let expect = &timeline.expects[ix];
            let with = |change: &dyn Fn(&mut Expect)| {
                let mut changed = timeline.clone();
                change(&mut changed.expects[ix]);
                changed
            };
            if expect.rates.is_some() {
                check(0, with(&|e| e.rates.as_mut().unwrap()[0].what.population = Some(999)));
                check(0, with(&|e| e.rates.as_mut().unwrap()[0].what.on_time = Some(999)));
                check(0, with(&|e| e.rates.as_mut().unwrap()[0].what.waived = Some(999)));
                check(0, with(&|e| e.rates.as_mut().unwrap()[0].what.drawn = Some(999)));
                let share = || Some("12.34".to_owned());
                check(0, with(&|e| e.rates.as_mut().unwrap()[0].what.coverage_pct = share()));
                check(0, with(&|e| e.rates.as_mut().unwrap()[0].what.timeliness_pct = share()));
            }
            if expect.effects.as_ref().is_some_and(|e| !e.is_empty()) {
                let late = Written("2026-03-06T00:00:01".into());
                check(
                    1,
                    with(&|e| e.effects.as_mut().unwrap()[0].what.at = Some(late.clone())),
                );
                check(
                    1,
                    with(&|e| e.effects.as_mut().unwrap()[0].what.told_at = Some(late.clone())),
                );
                check(1, with(&|e| e.effects = Some(Vec::new())));
            }
            if expect.spawned.as_ref().is_some_and(|e| !e.is_empty()) {
                check(
                    2,
                    with(&|e| e.spawned.as_mut().unwrap()[0].what.from = "nowhere".into()),
                );
                check(2, with(&|e| drop(e.spawned.as_mut().unwrap().pop())));
            }
            if expect.next.is_some() {
                check(3, with(&|e| e.next.as_mut().unwrap().reverse()));
                check(3, with(&|e| e.next = Some(Vec::new())));
            }
            let twice = expect.obligations.as_deref().is_some_and(|owed| {
                let last = owed.last().unwrap();
                owed.iter().filter(|o| o.what.case == last.what.case).count() > 1
            });
            if expect.only && twice {
                check(4, with(&|e| drop(e.obligations.as_mut().unwrap().pop())));
            }
        }
        for ix in 0..timeline.events.len() {
            let mut changed = timeline.clone();
            match &timeline.events[ix].refused {
                Some(_) => changed.events[ix].refused = Some("another-code".into()),
                None if ix == 0 => changed.events[ix].refused = Some("unknown-type".into()),
                None => continue,
            }
            check(5, changed);
        }
    }
    assert!(spoilt.iter().all(|n| *n > 0), "{spoilt:?}");
}

fn faults(text: &str) -> String {
    let failures = match parse("t.toml", text) {
        Err(failures) => failures,
        Ok(suite) => suite.timelines.iter().flat_map(|t| run(&fuheng(), t)).collect(),
    };
    let lines: Vec<String> = failures
        .iter()
        .map(|f| format!("{} {} | {}", f.line, f.message.zh, f.message.en))
        .collect();
    lines.join("\n")
}

const HEAD: &str = "[[timeline]]\ntitle = \"t\"\n";
const EVENT: &str = "[[timeline.event]]\nat = \"2026-03-02T09:00:00\"\ntype = \"first-aid.finished\"\ncase = \"F\"\n\
                     data = { building = \"1\", customer = \"c\" }\n";

#[test]
fn faults_of_a_file_are_said_with_their_lines() {
    let expect = "[[timeline.expect]]\nat = \"2026-03-03T09:00:00\"\n";
    let owed = |inner: &str| format!("{HEAD}{EVENT}{expect}obligations = [\n  {{ case = \"F\", {inner} }},\n]\n");
    let table: &[(String, &str)] = &[
        (
            String::new(),
            "1 文件里没有时间线，也没有脚本的测试；写上 [[timeline]] 或 [[script]] | the file has no timeline and no test of a script; write a [[timeline]] or a [[script]]",
        ),
        (HEAD.into(), "1 时间线没有期望；写上 [[timeline.expect]] | "),
        (format!("{HEAD}{EVENT}{expect}"), "8 期望里什么也没有"),
        (
            format!("{HEAD}{EVENT}{expect}only = true\neffects = []\n"),
            "8 only 说的是",
        ),
        (
            format!("{HEAD}clause = \"4\"\n"),
            "3 没有 `clause` 这个键；可以写：title、clauses、drawn、effects_from、event、expect | there is no key `clause`",
        ),
        (
            format!("{HEAD}{EVENT}[[timeline.expect]]\nspawned = []\n"),
            "8 缺少 `at` | `at` is missing",
        ),
        (format!("{HEAD}{EVENT}when = 1\n"), "8 没有 `when` 这个键"),
        (
            owed("rule = \"first-aid-follow-up\", standing = \"opened\""),
            "11 standing 没有 `opened` 这个值",
        ),
        (
            owed("rule = \"first-aid-follow-up\", flags = [\"late\"]"),
            "11 flags 没有 `late` 这个值",
        ),
        (
            owed("rule = \"first-aid-follow-up\", breach = \"yes\""),
            "11 breach 没有 `yes` 这个值",
        ),
        (
            owed("rule = \"first-aid-folow-up\""),
            "11 没有规则 `first-aid-folow-up`，是不是 `first-aid-follow-up`？ | there is no rule `first-aid-folow-up`; did you mean `first-aid-follow-up`?",
        ),
        (
            owed("rule = \"first-aid-follow-up\", roles = [\"boss\"]"),
            "11 没有角色 `boss` | there is no role `boss`",
        ),
        (
            owed("rule = \"first-aid-follow-up\", persons = [\"boss\"]"),
            "11 没有人 `boss`",
        ),
        (
            owed("rule = \"first-aid-follow-up\", due_on = \"tomorrow\""),
            "11 due_on 写成了 `tomorrow`",
        ),
        (
            owed("rule = \"first-aid-follow-up\", due_on = 2026-03-10"),
            "11 F first-aid-follow-up：应为 due_on = 2026-03-10，实为 2026-03-09 | F first-aid-follow-up: expected due_on = 2026-03-10, found 2026-03-09",
        ),
        (
            owed("rule = \"first-aid-follow-up\", due_on = 2026-03-09, due_at = 2026-03-10T00:00:00"),
            "",
        ),
        (
            owed("rule = \"first-aid-follow-up\", none = true"),
            "11 F first-aid-follow-up：不应有，实际有（open）",
        ),
        (
            owed("rule = \"repair-follow-up\""),
            "11 F repair-follow-up：应有这项义务，实际没有；这件案件其余的有：F~first-aid-follow-up~1, F~form-collection~1",
        ),
        (
            format!("{}only = true\n", owed("rule = \"first-aid-follow-up\"")),
            "8 only：还有没列出的 F~form-collection~1（open）",
        ),
        (
            format!("{HEAD}clauses = [\"9.9\"]\n{EVENT}{expect}spawned = []\n"),
            "1 没有条款 `9.9`",
        ),
        (
            format!("{HEAD}drawn = [\"X\"]\n{EVENT}{expect}spawned = []\n"),
            "1 drawn 里的案件 `X` 没有事件",
        ),
        (
            format!("{HEAD}drawn = [\"F\"]\n{EVENT}{expect}spawned = []\n"),
            "1 drawn 里的案件 `F` 没有要抽的义务",
        ),
        (
            format!("{HEAD}{EVENT}{expect}rates = [{{ rate = \"repair\", period = \"2026-03\" }}]\n"),
            "10 回访率的期望里什么也没有",
        ),
        (
            format!("{HEAD}{EVENT}{expect}rates = [{{ rate = \"repair\", period = \"March\", done = 0 }}]\n"),
            "10 period 写成了 `March`",
        ),
        (
            format!(
                "{HEAD}{EVENT}{expect}rates = [{{ rate = \"repair\", period = \"2026-03\", done = 0, met = \"none\" }}]\n"
            ),
            "",
        ),
        (
            format!("{HEAD}{EVENT}{expect}rates = [{{ rate = \"repair\", period = \"2026-03\", met = true }}]\n"),
            "10 repair 2026-03：应为 met = true，实为 none",
        ),
        (
            format!("{HEAD}{EVENT}id = \"a\"\n{EVENT}id = \"a\"\n{expect}spawned = []\n"),
            "9 事件 `a` 用了两次",
        ),
        (
            format!(
                "{HEAD}{}{expect}spawned = []\n",
                EVENT.replace("2026-03-02T09", "2026-13-02T09")
            ),
            "3 at 写成了 `2026-13-02T09:00:00`",
        ),
        (
            format!("{HEAD}{}{expect}spawned = []\n", EVENT.replace("finished", "done")),
            "3 退回（unknown-type）",
        ),
        (
            format!("{HEAD}{EVENT}recorded_at = \"2026-03-02T08:00:00\"\n{expect}spawned = []\n"),
            "3 退回（in-future）",
        ),
        (
            format!("{HEAD}{EVENT}refused = \"bad-value\"\n{expect}spawned = []\n"),
            "3 应以 bad-value 退回，实际收下了",
        ),
        (
            format!("{HEAD}{EVENT}[[timeline.expect]]\nat = \"2026-03-03T09:00:00\n"),
            "9 写法有误",
        ),
    ];
    for (text, want) in table {
        let found = faults(text);
        assert!(
            found.starts_with(want) && found.is_empty() == want.is_empty(),
            "{text}\nwant  {want}\nfound {found}"
        );
    }
}

#[test]
fn what_is_known_later_is_asked_for_with_known_at() {
    let late = EVENT.replacen("type", "recorded_at = \"2026-03-20T09:00:00\"\ntype", 1);
    let asked = |known: &str, none: bool| {
        faults(&format!(
            "{HEAD}{late}[[timeline.expect]]\nat = \"2026-03-03T09:00:00\"\n{known}obligations = [{{ case = \"F\", rule = \
             \"first-aid-follow-up\", none = {none} }}]\n"
        ))
    };
    assert_eq!(asked("", true), "");
    assert_eq!(asked("known_at = \"2026-03-20T09:00:00\"\n", false), "");
    assert!(!asked("", false).is_empty());
}

#[test]
fn who_may_not_is_told_so() {
    let event = |at: &str, kind: &str, case: &str, rest: &str| {
        format!("[[timeline.event]]\nat = \"2026-03-{at}:00\"\ntype = \"{kind}\"\ncase = \"{case}\"\n{rest}\n")
    };
    let complaint = |severity: &str| {
        format!(
            "data = {{ severity = \"{severity}\", building = \"1\", department = \"工程部\", customer = \"c\", matter = \"m\" }}"
        )
    };
    let by = |role: &str, data: &str, refused: &str| {
        let refused = if refused.is_empty() {
            String::new()
        } else {
            format!("\nrefused = \"{refused}\"")
        };
        format!("actor = {{ role = \"{role}\" }}\ndata = {{ {data}, reason = \"r\" }}{refused}")
    };
    let amends = |role: &str, what: &str, refused: &str| {
        let refused = if refused.is_empty() {
            String::new()
        } else {
            format!("\nrefused = \"{refused}\"")
        };
        format!("actor = {{ role = \"{role}\" }}\n{what}{refused}")
    };
    let waived = "obligation.waived";
    let text = [
        HEAD.to_owned(),
        event("02T09:00", "complaint.received", "C", &complaint("ordinary")),
        event("02T09:00", "complaint.received", "M", &complaint("major")),
        event("02T10:00", "complaint.resolved", "C", ""),
        event("02T10:00", "complaint.resolved", "M", ""),
        event("02T11:00", waived, "C", &by("director", "obligation = \"C~complaint-follow-up~2\"", "unknown-obligation")),
        event("02T11:01", waived, "C", &by("director", "obligation = \"M~complaint-follow-up~1\"", "unknown-obligation")),
        event("02T11:02", waived, "C", &by("director", "obligation = \"nothing\"", "unknown-obligation")),
        event("02T11:03", waived, "M", &by("director", "obligation = \"M~complaint-follow-up~1\"", "not-authorised")),
        event("02T11:04", waived, "C", &by("area-manager", "obligation = \"C~complaint-follow-up~1\"", "not-authorised")),
        event("02T11:05", "obligation.extended", "C", &by("director", "obligation = \"C~complaint-follow-up~1\", to = \"2026-03-05\"", "bad-value")),
        event("02T11:06", waived, "C", &by("director", "obligation = \"C~complaint-follow-up~1\"", "")).replace("case", "id = \"w\"\ncase"),
        event("02T11:07", waived, "C", &by("director", "obligation = \"C~complaint-follow-up~1\"", "not-owed")),
        event("02T11:08", "complaint.resolved", "C", &amends("assistant", "retracts = \"w\"", "not-authorised")),
        event("02T11:09", waived, "C", &amends("assistant", "retracts = \"w\"", "not-authorised")),
        event("02T11:10", waived, "C", &amends("director", "retracts = \"nothing\"", "unknown-event")),
        event("02T11:11", waived, "C", &amends("director", "retracts = \"w\"", "")),
        event("02T11:12", "complaint.resolved", "C", &amends("department", "corrects = \"nothing\"", "unknown-event")),
        event("02T12:00", "rate.target-decided", "R", &by("director", "rate = \"none\", target = \"5%\", from = \"2026-03-01\"", "unknown-rate")),
        event("02T12:01", "rate.target-decided", "R", &by("director", "rate = \"complaint\", target = \"5%\", from = \"2026-03-01\"", "not-decidable")),
        event("02T12:02", "record.disposed", "C", &by("director", "record = \"w\"", "unknown-record")),
        event("02T12:03", "record.disposed", "X", &by("director", "record = \"w\"", "unknown-record")),
        event("02T13:00", "complaint.followed-up", "C", "id = \"visit\"\ndata = { channel = \"telephone\" }"),
        event("02T13:01", "record.disposed", "C", &by("director", "record = \"visit\"", "record-retained")),
        "[[timeline.expect]]\nat = \"2026-03-03T09:00:00\"\nobligations = [\n  { case = \"C\", rule = \"complaint-follow-up\", \
         standing = \"open\", due_on = \"2026-03-05\" },\n]\n"
            .to_owned(),
    ];
    assert_eq!(faults(&text.concat()), "");
}

mod keys;
mod scripts;
mod texts;
