//! The policy floor as a whole: the real folder, and a corpus of faulty files.

mod adoption;
pub(super) mod asked;
mod corpus;
mod pages;

use super::finding::{Finding, Lang, Severity};
use super::model::*;
use super::*;
use crate::domain::deadline::OpenEdge;
use crate::domain::recurrence::Every;
use crate::domain::term::Term;
use crate::domain::value::Value;
use chrono::NaiveDate;
use std::collections::BTreeSet;

#[test]
fn the_real_folder_is_clean_and_covers_every_clause() {
    let mut compiled = compile(&real());
    // Every calendar ends some day.
    compiled.findings.retain(|found| found.code != "calendar-not-covering");
    assert_eq!(shown(&compiled.findings), "");
    let company = compiled.company.unwrap();
    let procedure = &company.procedures[0];
    assert_eq!(procedure.clauses.len(), 30);
    let cited: BTreeSet<&str> = procedure
        .duties
        .iter()
        .flat_map(|duty| {
            duty.clauses
                .iter()
                .chain(duty.count.as_ref().and_then(|count| count.clause.as_ref()))
        })
        .chain(procedure.rates.iter().flat_map(|rate| &rate.clauses))
        .chain(procedure.thresholds.iter().flat_map(|threshold| &threshold.clauses))
        .chain(procedure.metrics.iter().flat_map(|metric| &metric.clauses))
        .chain(procedure.records.iter().flat_map(|record| {
            record
                .clauses
                .iter()
                .chain(record.required.iter().filter_map(|required| required.clause.as_ref()))
        }))
        .map(AsRef::as_ref)
        .collect();
    assert_eq!(
        cited,
        procedure.clauses.iter().map(|clause| clause.id.as_ref()).collect()
    );
}

#[test]
fn the_real_folder_is_lowered_as_written() {
    let company = compile(&real()).company.unwrap();
    let procedure = &company.procedures[0];
    let duty = |id: &str| procedure.duties.iter().find(|duty| duty.id.as_ref() == id).unwrap();
    let bearing = |id: &str, at: usize| match &duty(id).bearers {
        Bearers::Choice(list) => (list[at].roles.join("+"), list[at].joint, list[at].when.clone()),
        Bearers::Same => panic!("{id}"),
    };
    // Ids, dates, people.
    assert_eq!(
        (company.id.as_ref(), company.zone.name(), company.calendar.name()),
        ("fuheng", "Asia/Shanghai", "cn")
    );
    assert_eq!(procedure.head.effective, NaiveDate::from_ymd_opt(2024, 1, 1).unwrap());
    assert_eq!(procedure.head.edition.len(), 64);
    assert_eq!(company.people[2].holds[0].of, vec![Id::from("east")]);
    assert_eq!(company.roles["area-manager"].reports_to.as_deref(), Some("assistant"));
    assert!(
        !company
            .calendar
            .day(NaiveDate::from_ymd_opt(2026, 10, 1).unwrap())
            .working
    );
    // Terms.
    assert!(matches!(
        duty("complaint-follow-up").timing,
        Timing::Within(Term::Days(3))
    ));
    assert!(matches!(
        duty("form-review").timing,
        Timing::Within(Term::WorkingDays(2))
    ));
    assert!(matches!(
        duty("repair-second-follow-up").timing,
        Timing::Window {
            after: Term::Months(1),
            within: Term::Months(2),
            edge: OpenEdge::Exclusive
        }
    ));
    assert_eq!(duty("repair-second-follow-up").from.as_deref(), Some("repair.finished"));
    assert!(matches!(&duty("special-service-mid-follow-up").timing,
        Timing::Midpoint { start, end, tolerance: Term::Weeks(1) } if start.as_ref() == "starts" && end.as_ref() == "ends"));
    assert!(
        matches!(&duty("forms-filing").timing, Timing::Recurring { rhythm, until }
        if rhythm.paces[0].beat == Beat::Fixed(Every::DaysOfMonth(vec![30])) && until[..] == [Id::from("area.closed")])
    );
    assert!(matches!(duty("form-collection").timing, Timing::Same));
    // Bearers.
    let major = Condition(vec![(
        "severity".into(),
        Test::OneOf(vec![Value::Text("major".into())]),
    )]);
    assert_eq!(bearing("complaint-follow-up", 0), ("director".into(), false, major));
    assert_eq!(
        bearing("complaint-follow-up", 1),
        ("department+area-manager".into(), true, Condition::default())
    );
    assert!(matches!(duty("form-return").bearers, Bearers::Same));
    // Triggers, wildcards, what performs.
    assert!(matches!(&duty("form-return").on, Trigger::Fulfilled(rules) if rules.len() == 7));
    assert_eq!(
        procedure.by_opened["repair-follow-up"][0].id.as_ref(),
        "form-collection"
    );
    let done: Vec<&str> = duty("form-collection")
        .done
        .iter()
        .map(|done| done.event.as_ref())
        .collect();
    assert_eq!(done.len(), 8);
    assert_eq!(
        (done[0], done[7]),
        ("complaint.form-collected", "improvement.form-collected")
    );
    assert_eq!(
        duty("form-collection").done[0].record.as_ref().unwrap().title.as_ref(),
        "签收表"
    );
    assert!(
        !company.kinds["area"].events.contains_key("form-collected"),
        "a standing case has no forms"
    );
    assert_eq!(procedure.by_event["complaint.resolved"].len(), 1);
    assert_eq!(procedure.by_counted["activity.followed-up"].len(), 2);
    // Escalation, counts, draws, rates.
    assert_eq!(
        duty("complaint-follow-up").escalate[1].at,
        StepAt::AfterDue(Term::WorkingDays(1))
    );
    assert!(matches!(&duty("publication-follow-up").count.as_ref().unwrap().many,
        Many::Share { shares, of } if of.as_ref() == "recipients" && shares[0].share.to_string() == "10%"));
    let draw = duty("special-service-final-follow-up").draw.as_ref().unwrap();
    assert_eq!(
        (draw.rate.as_ref(), draw.share.to_string().as_str(), draw.top_up),
        ("special-service", "30%", Term::Days(5))
    );
    assert!(duty("repair-follow-up").draw.is_none());
    assert!(matches!(&procedure.rates[4].target, Target::DecidedBy(role) if role.as_ref() == "director"));
    // What a threshold opens and writes back.
    let threshold = &procedure.thresholds[0];
    let open = threshold.open.as_ref().unwrap();
    assert_eq!(open.event.as_ref(), "complaint.received");
    let department = &open
        .data
        .iter()
        .find(|(field, _)| field.as_ref() == "department")
        .unwrap()
        .1;
    assert_eq!(
        department.0,
        [Piece::Field("department".into(), Some("客服中心".into()))]
    );
    assert_eq!(threshold.back.as_ref().unwrap().event.as_ref(), "*.outcome-recorded");
    // Ranks: trigger, perform, close; what does both triggers.
    let rank = |kind: &str, event: &str| company.kinds[kind].events[event].rank;
    assert_eq!(
        (
            rank("complaint", "resolved"),
            rank("complaint", "followed-up"),
            rank("complaint", "withdrawn")
        ),
        (0, 3, 4)
    );
    assert_eq!(
        (
            rank("improvement", "reported"),
            rank("area", "closed"),
            rank("complaint", "reopened")
        ),
        (0, 4, 0)
    );
    assert_eq!(
        duty("complaint-follow-up").line,
        1 + line_before("[deadline.complaint-follow-up]")
    );
}

fn line_before(header: &str) -> u32 {
    real().files[1].text.split(header).next().unwrap().matches('\n').count() as u32
}

#[test]
fn the_same_texts_have_the_same_hash_and_a_changed_one_another() {
    let (mut folder, hash) = (real(), |folder: &Folder| compile(folder).company.unwrap().hash);
    let before = hash(&folder);
    assert_eq!(before, hash(&folder));
    folder.files[1].text = folder.files[1]
        .text
        .replace("within = \"3天\"", "within = \"4天\"")
        .into();
    assert_ne!(before, hash(&folder));
}

#[test]
fn a_misspelt_role_says_where_in_which_clause_and_what_was_meant() {
    let mut folder = real();
    folder.files[1].text = folder.files[1]
        .text
        .replacen("role = \"director\" },", "role = \"direktor\" },", 1)
        .into();
    let compiled = compile(&folder);
    assert!(compiled.company.is_none());
    let [found] = &compiled.findings[..] else {
        panic!("{}", shown(&compiled.findings))
    };
    assert_eq!(
        (found.code, found.severity, found.clause.as_deref()),
        ("unknown-role", Severity::Error, Some("4.1.1(1)"))
    );
    assert_eq!(found.at, (8 + line_before("[deadline.complaint-follow-up]"), 43));
    assert_eq!(&folder.files[1].text[found.span.clone()], "\"direktor\"");
    assert_eq!(found.remedy.zh, "是不是“director”？");
    assert_eq!(found.remedy.en, "did you mean `director`?");
}

#[test]
fn no_text_makes_the_compiler_panic() {
    // Every prefix of the real file at a line's end, and every line left out: faults are found, nothing falls over.
    let folder = real();
    let text = &folder.files[1].text;
    let lines: Vec<&str> = text.lines().collect();
    for at in (0..lines.len()).step_by(7) {
        let without: Vec<&str> = lines
            .iter()
            .enumerate()
            .filter(|(n, _)| *n != at)
            .map(|(_, line)| *line)
            .collect();
        for text in [lines[..at].join("\n"), without.join("\n")] {
            let mut folder = folder.clone();
            folder.files[1].text = text.into();
            let compiled = compile(&folder);
            assert!(compiled.company.is_some() || !compiled.findings.is_empty());
        }
    }
}

fn read(path: &str) -> Source {
    let text = std::fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    Source {
        name: path.into(),
        text: text.into(),
    }
}

fn real() -> Folder {
    Folder {
        id: "fuheng".into(),
        files: vec![
            read("policies/fuheng/company.toml"),
            read("policies/fuheng/follow-up.toml"),
        ],
        calendars: vec![read("policies/calendars/cn.toml")],
        scripts: vec![],
    }
}

fn shown(findings: &[Finding]) -> String {
    let line = |f: &Finding| {
        let severity = if f.severity == Severity::Error { "" } else { "?" };
        format!(
            "{}:{}:{}: {}{severity} {} | {}\n",
            f.file,
            f.at.0,
            f.at.1,
            f.code,
            f.message.in_lang(Lang::Zh),
            f.remedy.zh
        )
    };
    findings.iter().map(line).collect()
}

#[test]
fn the_examples_of_the_reference_compile_when_pasted() {
    let document = include_str!("../../docs/policy-language.md");
    let from_scratch = document.split("## 从头写一份").nth(1).unwrap();
    let blocks: Vec<&str> = from_scratch
        .split("```toml\n")
        .skip(1)
        .map(|block| block.split("```").next().unwrap())
        .collect();
    let source = |name: &str, text: &str| Source {
        name: name.into(),
        text: text.into(),
    };
    let folder = Folder {
        id: "demo".into(),
        files: vec![source("company.toml", blocks[0]), source("repairs.toml", blocks[1])],
        calendars: real().calendars,
        scripts: vec![],
    };
    assert_eq!(shown(&compile(&folder).findings), "");
    // The short ones stand in place of their namesakes in the real folder; each is TOML and has known keys only.
    for block in document
        .split("```toml\n")
        .skip(1)
        .map(|block| block.split("```").next().unwrap())
    {
        let mut folder = real();
        folder.files.push(source("policies/fuheng/pasted.toml", block));
        let wrong = [
            "syntax",
            "bare-chinese-key",
            "duplicate-key",
            "wrong-type",
            "bad-value",
            "bad-term",
        ];
        let known = |found: &&Finding| &*found.file == "policies/fuheng/pasted.toml" && wrong.contains(&found.code);
        assert_eq!(compile(&folder).findings.iter().find(known), None, "{block}");
    }
}
