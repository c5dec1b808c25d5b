//! Expectations on texts: each must be able to fail.

use super::*;
use crate::policy::model::Company;
use crate::policy::{Folder, Source, compile};

/// A worked case: its company and its timelines.
fn worked(case: &str) -> (Arc<Company>, Suite) {
    let root = env!("CARGO_MANIFEST_DIR");
    let read = |path: String| std::fs::read_to_string(format!("{root}/{path}")).unwrap();
    let source = |path: String| Source {
        name: path.as_str().into(),
        text: read(path).into(),
    };
    let compiled = compile(&Folder {
        id: case.into(),
        files: vec![
            source(format!("tests/cases/{case}/company.toml")),
            source(format!("tests/cases/{case}/policy.toml")),
        ],
        calendars: vec![source("policies/calendars/cn.toml".into())],
        scripts: vec![],
    });
    let suite = parse("timeline.toml", &read(format!("tests/cases/{case}/timeline.toml"))).unwrap();
    (Arc::new(compiled.company.unwrap()), suite)
}

/// Runs the only timeline of a suite after a change; returns the lines at which it fails.
fn spoilt(company: &Arc<Company>, suite: &Suite, change: impl Fn(&mut Timeline)) -> Vec<u32> {
    let mut timeline = suite.timelines[0].clone();
    change(&mut timeline);
    run(company, &timeline).iter().map(|f| f.line).collect()
}

#[test]
fn guidance_is_told_from_what_is_enforced_and_its_expectations_can_fail() {
    let (company, suite) = worked("x20-guidance");
    let report = report(&company, std::slice::from_ref(&suite));
    let by: Vec<(&str, &str, usize)> = report
        .coverage
        .rules
        .iter()
        .map(|r| (r.what, r.id.as_ref(), r.by.len()))
        .collect();
    assert_eq!(
        by,
        [
            ("duty", "visit", 1),
            ("guidance", "at-the-door", 1),
            ("guidance", "listen-first", 1),
            ("guidance", "price", 1),
        ]
    );
    assert!(report.coverage.clauses.iter().all(|c| c.by.len() == 1));
    let events = &suite.timelines[0].events;
    assert_eq!(spoilt(&company, &suite, |_| ()), [] as [u32; 0]);
    assert_eq!(
        spoilt(&company, &suite, |t| t.events[2].hints = Some(vec![])),
        [events[2].line]
    );
    assert_eq!(
        spoilt(&company, &suite, |t| t.events[1].hints = Some(vec!["price".into()])),
        [events[1].line]
    );
    let unknown = spoilt(&company, &suite, |t| t.events[1].hints = Some(vec!["pirce".into()]));
    assert_eq!(unknown, [events[1].line]);
    let owed = |t: &mut Timeline, n: usize, change: &dyn Fn(&mut Owed)| {
        change(&mut t.expects[n].obligations.as_mut().unwrap()[0].what);
    };
    let line = |n: usize| suite.timelines[0].expects[n].obligations.as_ref().unwrap()[0].line;
    let order = |o: &mut Owed| o.checklist.as_mut().unwrap().reverse();
    assert_eq!(spoilt(&company, &suite, |t| owed(t, 0, &order)), [line(0)]);
    let fewer = |o: &mut Owed| drop(o.guidance.as_mut().unwrap().pop());
    assert_eq!(spoilt(&company, &suite, |t| owed(t, 1, &fewer)), [line(1)]);
}

#[test]
fn an_expected_text_can_fail() {
    let (company, suite) = worked("x21-notice");
    let owed = |t: &mut Timeline, n: usize, change: &dyn Fn(&mut Owed)| {
        change(&mut t.expects[n].obligations.as_mut().unwrap()[0].what);
    };
    let line = |n: usize| suite.timelines[0].expects[n].obligations.as_ref().unwrap()[0].line;
    let other = |o: &mut Owed| o.notice.as_mut().unwrap().push('。');
    assert_eq!(spoilt(&company, &suite, |t| owed(t, 2, &other)), [line(2)]);
    let fewer = |o: &mut Owed| drop(o.notice_missing.as_mut().unwrap().pop());
    assert_eq!(spoilt(&company, &suite, |t| owed(t, 0, &fewer)), [line(0)]);

    let (company, suite) = worked("x22-monthly-list");
    let by = report(&company, std::slice::from_ref(&suite)).coverage.rules;
    assert!(by.iter().any(|r| r.what == "notice" && r.by.len() == 1));
    let posted = |t: &mut Timeline, n: usize, change: &dyn Fn(&mut Posted)| {
        change(&mut t.expects[n].notices.as_mut().unwrap()[0].what);
    };
    let line = |n: usize| suite.timelines[0].expects[n].notices.as_ref().unwrap()[0].line;
    type Change = Box<dyn Fn(&mut Posted)>;
    let changes: [(usize, Change); 6] = [
        (0, Box::new(|p| p.missing = None)),
        (0, Box::new(|p| p.missing = Some(vec!["M-2: matter".into()]))),
        (1, Box::new(|p| p.rows = Some(3))),
        (1, Box::new(|p| p.contains = Some(vec!["误报".into()]))),
        (1, Box::new(|p| p.lacks = Some(vec!["狗扰民".into()]))),
        (1, Box::new(|p| p.notice = "bord".into())),
    ];
    for (n, change) in changes {
        assert_eq!(spoilt(&company, &suite, |t| posted(t, n, &change)), [line(n)]);
    }
}

#[test]
fn who_sees_a_case_can_fail_too() {
    let (company, suite) = worked("x23-confidential");
    let rules = report(&company, std::slice::from_ref(&suite)).coverage.rules;
    let by: Vec<usize> = rules
        .iter()
        .filter(|r| r.what == "access")
        .map(|r| r.by.len())
        .collect();
    assert_eq!(by, [1, 1]);
    for n in 0..suite.timelines[0].expects[0].visible.as_ref().unwrap().len() {
        let line = suite.timelines[0].expects[0].visible.as_ref().unwrap()[n].line;
        let turned = spoilt(&company, &suite, |t| {
            let what = &mut t.expects[0].visible.as_mut().unwrap()[n].what;
            what.visible = what.visible.map(|v| !v);
        });
        assert_eq!(turned, [line]);
    }
}
