use super::*;
use crate::domain::event::{Actor, Event};
use crate::domain::value::Fields;
use crate::engine::case::Context;
use crate::engine::intake::value_of;
use crate::engine::laws::fuheng;
use crate::policy::finding::Lang;
use crate::policy::{Folder, Source, compile};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

fn event(company: &Company, seq: u64, at: &str, kind: &str, role: &str, data: serde_json::Value) -> Event {
    let at = company.zone.parse_instant(at).unwrap();
    let data = data
        .as_object()
        .unwrap()
        .iter()
        .map(|(k, v)| (Arc::from(k.as_str()), value_of(v).unwrap().unwrap()));
    Event {
        seq,
        id: format!("e{seq}").into(),
        source: "".into(),
        kind: kind.into(),
        case: "C-1".into(),
        occurred_at: at,
        recorded_at: at,
        actor: Actor {
            person: None,
            role: Some(role).filter(|r| !r.is_empty()).map(Arc::from),
        },
        data: data.collect::<Fields>(),
        corrects: None,
        retracts: None,
        cause: None,
        effects_from: None,
    }
}

type Row = (&'static str, &'static str, &'static str, serde_json::Value);

/// Folds a case and explains all its obligations at an instant.
fn all(company: &Arc<Company>, rows: &[Row], as_of: &str) -> Vec<(Obligation, Explanation)> {
    let history = History::new(company.clone());
    let topped = HashMap::new();
    let occasions = Default::default();
    // With this seed the special service is drawn.
    let seed = (0..=255).map(|n| [n; 32]).find(|seed| {
        company
            .procedures
            .iter()
            .flat_map(|p| &p.duties)
            .filter(|d| d.draw.is_some())
            .all(|d| {
                let key = format!("{}~1", d.id);
                let (_, key) = crate::engine::obligation::Key::parse(&format!("C-1~{key}"))
                    .map(|(_, k)| ((), k))
                    .unwrap();
                crate::engine::draw::draws(seed, d.draw.as_ref().unwrap(), "C-1", &key)
            })
    });
    let seed = seed.unwrap();
    let ctx = Context {
        history: &history,
        seed: &seed,
        topped: &topped,
        occasions: &occasions,
        drawings: &Default::default(),
    };
    let events: Vec<Event> = rows
        .iter()
        .enumerate()
        .map(|(n, (at, kind, role, data))| event(company, n as u64 + 1, at, kind, role, data.clone()))
        .collect();
    let as_of = company.zone.parse_instant(as_of).unwrap();
    let mut case = Case::fold("C-1", &events, &ctx);
    case.advance("C-1", as_of, &ctx);
    let explained = case
        .obligations
        .iter()
        .map(|o| (o.clone(), explain(&history, "C-1", &case, o, as_of)));
    explained.collect()
}

fn none() -> serde_json::Value {
    serde_json::json!({})
}

fn complaint(severity: &str) -> serde_json::Value {
    serde_json::json!({ "severity": severity, "building": "1", "department": "工程部", "customer": "王女士", "matter": "漏水" })
}

fn visit() -> serde_json::Value {
    serde_json::json!({ "channel": "telephone", "quality": "好", "effect": "好", "satisfaction": 5, "shortcomings": "无", "suggestions": "无" })
}

/// A history for each kind of case, in which every rule comes to be.
fn samples() -> Vec<Vec<Row>> {
    let place = serde_json::json!({ "building": "5", "customer": "c", "item": "水管" });
    let contract =
        serde_json::json!({ "building": "5", "customer": "c", "starts": "2026-01-30", "ends": "2026-06-01" });
    let mut returned = visit();
    returned["participants"] = serde_json::json!(["department", "area-manager"]);
    let signed = || serde_json::json!({ "signed": true });
    vec![
        vec![
            ("2026-01-30T09:00", "complaint.received", "", complaint("ordinary")),
            ("2026-01-30T10:00", "complaint.resolved", "", none()),
            ("2026-02-01T10:00", "complaint.followed-up", "area-manager", returned),
            ("2026-02-02T10:00", "complaint.form-returned", "area-manager", signed()),
        ],
        vec![
            ("2026-01-31T09:00", "repair.requested", "", place.clone()),
            ("2026-01-31T10:00", "repair.finished", "", none()),
            ("2026-02-01T10:00", "repair.second-follow-up-needed", "", none()),
        ],
        vec![
            ("2026-01-30T09:00", "special-service.contracted", "", contract),
            ("2026-06-01T10:00", "special-service.completed", "", none()),
        ],
        vec![(
            "2026-01-30T09:00",
            "first-aid.finished",
            "",
            serde_json::json!({ "building": "9", "customer": "c" }),
        )],
        vec![(
            "2026-01-31T09:00",
            "publication.issued",
            "",
            serde_json::json!({ "recipients": 31 }),
        )],
        vec![(
            "2026-01-31T09:00",
            "activity.held",
            "",
            serde_json::json!({ "participants": 12 }),
        )],
        vec![(
            "2026-01-30T09:00",
            "other-service.completed",
            "",
            serde_json::json!({ "building": "1", "customer": "c" }),
        )],
        vec![
            (
                "2026-02-12T09:00",
                "improvement.raised",
                "",
                serde_json::json!({ "reason": "r", "building": "1" }),
            ),
            ("2026-02-26T09:00", "improvement.reported", "", none()),
            (
                "2026-02-27T09:00",
                "improvement.reviewed",
                "",
                serde_json::json!({ "opinion": "o" }),
            ),
        ],
        vec![(
            "2026-01-15T09:00",
            "area.opened",
            "",
            serde_json::json!({ "area": "east" }),
        )],
        vec![(
            "2026-01-15T09:00",
            "rate.opened",
            "",
            serde_json::json!({ "rate": "other-service" }),
        )],
        vec![("2026-01-15T09:00", "office.opened", "", none())],
        vec![(
            "2026-01-15T09:00",
            "rate.opened",
            "",
            serde_json::json!({ "rate": "other-service" }),
        )],
    ]
}

/// What must hold for every explanation.
fn holds(company: &Company, obligation: &Obligation, e: &Explanation) {
    let zone = company.zone;
    let last = e.counting.last().unwrap();
    assert_eq!(
        (last.step, last.on.as_str()),
        (Step::End, obligation.due.date(zone).to_string().as_str()),
        "{e:#?}"
    );
    assert!(
        e.counting
            .iter()
            .rev()
            .skip(1)
            .all(|s| s.step != Step::End && s.step != Step::Fault),
        "{e:#?}"
    );
    assert_eq!(e.counting[0].step, Step::Start);
    let numbers: Vec<u32> = e.counting.iter().filter_map(|s| s.nth).collect();
    assert!(numbers.iter().zip(1..).all(|(n, want)| *n == want), "{numbers:?}");
    if obligation.opens_at > obligation.trigger.at && e.opening.last().is_some() {
        let opens = e.opening.last().unwrap();
        assert_eq!(opens.on, zone.date(obligation.opens_at).to_string());
    }
    assert!(!e.clauses.is_empty() && e.clauses.iter().all(|c| !c.text.is_empty()));
    assert!(!e.verdict.zh.is_empty() && !e.verdict.en.is_empty());
    for lang in [Lang::Zh, Lang::En] {
        let text = text(e, lang);
        assert!(text.lines().all(|l| !l.trim().is_empty()), "{text}");
        let day = last.day.in_lang(lang);
        assert!(text.contains(day), "{day} is not in\n{text}");
    }
    serde_json::to_string(e).unwrap();
}

#[test]
fn the_steps_of_every_duty_lead_to_its_due_date() {
    let company = fuheng();
    let mut seen = BTreeSet::new();
    for rows in samples() {
        for as_of in ["2026-02-03T09:00", "2026-03-05T09:00", "2026-06-30T09:00"] {
            let zone = company.zone;
            let rows: Vec<Row> = rows
                .iter()
                .filter(|r| zone.parse_instant(r.0).unwrap() <= zone.parse_instant(as_of).unwrap())
                .cloned()
                .collect();
            for (obligation, e) in all(&company, &rows, as_of) {
                seen.insert(e.rule.clone());
                holds(&company, &obligation, &e);
            }
        }
    }
    let all: BTreeSet<String> = company
        .procedures
        .iter()
        .flat_map(|p| &p.duties)
        .map(|d| d.id.to_string())
        .collect();
    assert_eq!(seen, all);
}

fn told(rows: &[Row], rule: &str, as_of: &str, lang: Lang) -> String {
    let company = fuheng();
    let all = all(&company, rows, as_of);
    let (_, e) = all.iter().rev().find(|(o, _)| o.duty.id.as_ref() == rule).unwrap();
    text(e, lang)
}

#[test]
fn an_overdue_complaint_is_told_day_by_day() {
    let mut rows = samples().remove(0);
    rows.truncate(2);
    let zh = told(&rows, "complaint-follow-up", "2026-02-03T09:00", Lang::Zh);
    let want = "\
投诉回访（C-1~complaint-follow-up~1）
被投诉部门陈工、片区管理员张蕾须在2月2日（周一）24时以前一起办完“投诉回访”；逾期未办，已过1天。依据 QW-21-14 A/0 第4.1.1(1)条：投诉处理完，三天内回访。
依据：
  QW-21-14 A/0《客户回访作业规程》，2024-01-01 起施行；规则 complaint-follow-up
  4.1.1(1)　投诉处理完，三天内回访。
  3.1　重大投诉，由管理处主任负责回访。
  4.1.3(1)　重大投诉的回访由主任组织。
  4.1.3(2)　一般投诉由被投诉的部门和片区管理员一起回访。
  原文未写，由我们定：原文未写逾期报谁；我们定为到期报助理，再过一个工作日报主任。
起因：
  1月30日（周五）　处理完毕（事件 e2）
期限怎么数：
  1月30日（周五）　处理完毕，当天不计
  1月31日（周六）　第1天
  2月1日（周日）　第2天
  2月2日（周一）　第3天
  2月2日（周一）　到期，这一天24时为止
由谁办：
  其余情形
  department 为“工程部”，被投诉部门是陈工
  1栋属东片区，片区管理员是张蕾
  都到了才算
怎样算办结：
  “回访”（complaint.followed-up），填《回访记录表》：channel（4.1.4）；quality、effect、satisfaction、shortcomings、suggestions（4.1.5）；channel 为 home-visit 时 resident_signed（4.3）
办得怎样：
  2月3日（周二）00:00逾期，记录在案
逾期报谁：
  第1级　2月3日（周二）00:00　报主任助理吴敏：已报
  第2级　2月4日（周三）00:00　报管理处主任周立：未到
接下来：
  还没办的话，2月4日（周三）00:00报管理处主任周立
";
    assert_eq!(zh, want);
    let en = told(&rows, "complaint-follow-up", "2026-02-03T09:00", Lang::En);
    assert!(en.contains("陈工 (被投诉部门) and 张蕾 (片区管理员) owe `投诉回访` together by the end of Mon 2 Feb; it is overdue by 1 day."), "{en}");
    assert!(
        en.contains("  Fri 30 Jan: `处理完毕`; this day is not counted\n  Sat 31 Jan: day 1\n"),
        "{en}"
    );
    assert!(
        en.contains("  level 1, Tue 3 Feb 00:00: 吴敏 (主任助理): told\n"),
        "{en}"
    );
}

#[test]
fn other_terms_are_told_in_their_own_way() {
    let samples = samples();
    let table: &[(usize, &str, &str, &[&str])] = &[
        (
            1,
            "repair-second-follow-up",
            "2026-02-03T09:00",
            &[
                "哪天起可办：\n  1月31日（周六）　维修完成，当天不计\n  2月28日（周六）　满1个月，当月没有对应日，取最后一天\n  3月1日（周日）　满1个月之后，从这天起可办\n",
                "  3月31日（周二）　满2个月的对应日\n  3月31日（周二）　到期，这一天24时为止\n",
                "还没到时候，3月1日（周日）起可办",
            ],
        ),
        (
            2,
            "special-service-mid-follow-up",
            "2026-02-03T09:00",
            &[
                "  1月30日（周五）　starts\n  6月1日（周一）　ends\n  4月1日（周三）　starts 到 ends 共122天，这一天在正中\n  3月25日（周三）　往前1周，从这天起可办\n",
                "  4月1日（周三）　正中，当天不计\n  4月8日（周三）　满1周的对应日\n",
            ],
        ),
        (
            3,
            "first-aid-follow-up",
            "2026-02-03T09:00",
            &["  9栋不在任何片区，片区管理员空缺，由上级主任助理吴敏代行\n"],
        ),
        (
            4,
            "publication-follow-up",
            "2026-02-03T09:00",
            &["  31人中须办4人，已办0人\n"],
        ),
        (
            7,
            "improvement-report",
            "2026-02-13T09:00",
            &["  2月12日（周四）　提出，当天不计\n  2月13日（周五）　第1个工作日\n  2月14日（周六）　春节调休上班"]
                [..0],
        ),
        (
            8,
            "area-statistics",
            "2026-02-03T09:00",
            &[
                "  2月28日（周六）　规则定的日子：每月末\n  2月28日（周六）　到期",
                "  案件在东片区，片区管理员是张蕾\n",
            ],
        ),
        (
            0,
            "form-collection",
            "2026-02-03T09:00",
            &[
                "与“投诉回访”同时到期，照它数：\n  1月30日（周五）　处理完毕，当天不计\n",
                "  与“投诉回访”同一承担人\n",
            ],
        ),
        (
            0,
            "form-return",
            "2026-02-03T09:00",
            &[
                "  2月1日（周日）　“投诉回访”办结，当天不计\n  2月2日（周一）　第1天\n",
                "2月2日（周一）10:00按期办结（e4）",
            ],
        ),
    ];
    for (sample, rule, as_of, wanted) in table {
        let zone = fuheng().zone;
        let before = |r: &&Row| zone.parse_instant(r.0).unwrap() <= zone.parse_instant(as_of).unwrap();
        let rows: Vec<Row> = samples[*sample].iter().filter(before).cloned().collect();
        let zh = told(&rows, rule, as_of, Lang::Zh);
        for want in *wanted {
            assert!(zh.contains(want), "{want}\n is not in\n{zh}");
        }
    }
}

#[test]
fn what_is_missing_is_told_with_its_clause() {
    let mut rows = samples().remove(0);
    rows.truncate(2);
    rows.push((
        "2026-01-31T10:00",
        "complaint.followed-up",
        "area-manager",
        serde_json::json!({ "channel": "home-visit", "quality": "好" }),
    ));
    let zh = told(&rows, "complaint-follow-up", "2026-02-02T09:00", Lang::Zh);
    for want in [
        "待办，今天到期；已办但还缺东西",
        "  还缺 effect（4.1.5）\n",
        "  还缺 resident_signed（4.3）\n",
        "  还缺 department 参加（4.1.1(1)）\n",
    ] {
        assert!(zh.contains(want), "{want}\n is not in\n{zh}");
    }
}

/// A procedure with what the follow-up procedure does not have: hours, working hours, pauses, shifts, terms before a date.
const OTHER: &str = r#"
[procedure]
id = "fuheng/other"
title = "其他"
effective = 2020-01-01
waive_by = ["boss"]
extend_by = ["boss"]
[clause."1"]
text = "一条。"
[role.boss]
title = "主任"
[case.job]
title = "事"
data = { ends = "date" }
pause = { held = "material" }
resume = { freed = "material" }
[case.job.events]
begun = "开始"
held = "等料"
freed = "料到"
did = "做完"
"#;

fn other(rule: &str) -> Result<Arc<Company>, String> {
    let read = |path: &str| std::fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let text = format!(
        "{OTHER}\n[deadline.work]\ntitle = \"办事\"\nclause = \"1\"\non = \"job.begun\"\ndone = \"job.did\"\nbearer = \"boss\"\n{rule}\n"
    );
    let company = "[company]\nid = \"fuheng\"\ntitle = \"t\"\nzone = \"Asia/Shanghai\"\ncalendar = \"cn\"\n[person.zhou]\nname = \"周立\"\nholds = [{ role = \"boss\" }]\n";
    let source = |name: &str, text: String| Source {
        name: name.into(),
        text: text.into(),
    };
    let folder = Folder {
        id: "fuheng".into(),
        files: vec![source("company.toml", company.into()), source("other.toml", text)],
        calendars: vec![source("cn.toml", read("policies/calendars/cn.toml"))],
        scripts: vec![],
    };
    let compiled = compile(&folder);
    compiled
        .company
        .map(Arc::new)
        .ok_or_else(|| format!("{:#?}", compiled.findings))
}

#[test]
fn hours_pauses_shifts_and_terms_before_a_date_are_told() {
    let begun: Row = (
        "2026-02-12T16:30",
        "job.begun",
        "",
        serde_json::json!({ "ends": "2026-03-03" }),
    );
    let pause: [Row; 2] = [
        ("2026-02-13T10:00", "job.held", "", none()),
        ("2026-02-13T11:00", "job.freed", "", none()),
    ];
    let long: [Row; 2] = [
        ("2026-02-13T10:00", "job.held", "", none()),
        ("2026-02-15T11:00", "job.freed", "", none()),
    ];
    let table: &[(&str, Vec<Row>, &[&str])] = &[
        (
            "within = \"24小时\"",
            vec![begun.clone()],
            &["16:30 开始，从这时起数\n  2月12日（周四）　经过24小时\n  2月13日（周五）　16:30 到期\n"],
        ),
        (
            "within = \"24小时\"\npause = [\"material\"]",
            [&[begun.clone()][..], &pause].concat(),
            &[
                "2月13日（周五）10:00至2月13日（周五）11:00暂停，不计\n",
                "2月13日（周五）　17:30 到期\n",
            ],
        ),
        (
            "within = \"3天\"\npause = [\"material\"]",
            [&[begun.clone()][..], &long].concat(),
            &[
                "  2月13日（周五）　24时还在暂停，不计\n  2月14日（周六）　24时还在暂停，不计\n  2月15日（周日）　第1天\n",
                "  2月17日（周二）　到期",
            ],
        ),
        (
            "within = \"3天\"\npause = [\"material\"]",
            vec![begun.clone(), long[0].clone()],
            &["现在恢复的话，这一天到期", "案件暂停，期限不走"],
        ),
        (
            "within = \"16个工作小时\"",
            vec![begun.clone()],
            &["16:30–17:30 上班，用去60分钟\n", "春节放假，不计\n", "到期\n"],
        ),
        (
            "within = \"3天\"\nshift = \"next\"",
            vec![begun.clone()],
            &["春节放假，顺延\n"],
        ),
        (
            "within = \"3个工作日\"",
            vec![begun.clone()],
            &["  2月14日（周六）　第2个工作日\n", "春节放假，不计\n"],
        ),
        (
            "before = { field = \"ends\", term = \"5天\" }",
            vec![begun.clone()],
            &["  3月3日（周二）　ends，当天不计\n  2月26日（周四）　往前5天\n  2月26日（周四）　到期"],
        ),
        (
            "before = { field = \"ends\", term = \"3个工作日\" }",
            vec![begun.clone()],
            &["  3月1日（周日）　周末，不计\n", "往前第3个工作日\n"],
        ),
        ("within = \"0d\"", vec![begun.clone()], &["开始，当天为限\n"]),
        (
            "within = \"1周\"\nend = \"12:00\"",
            vec![begun.clone()],
            &["12:00 到期\n"],
        ),
    ];
    for (rule, rows, wanted) in table {
        let company = match other(rule) {
            Ok(company) => company,
            Err(findings) => panic!("{rule}\n{findings}"),
        };
        let explained = all(&company, rows, "2026-02-15T12:00");
        let (obligation, e) = explained.last().unwrap();
        let zh = text(e, Lang::Zh);
        for want in *wanted {
            assert!(zh.contains(want), "{rule}: {want}\n is not in\n{zh}");
        }
        if e.standing != "paused" {
            holds(&company, obligation, e);
        }
    }
}

#[test]
fn an_extension_is_the_last_step() {
    let mut rows = samples().remove(0);
    rows.truncate(2);
    let data =
        serde_json::json!({ "obligation": "C-1~complaint-follow-up~1", "to": "2026-02-10", "reason": "住户外出" });
    rows.push(("2026-02-01T10:00", "obligation.extended", "director", data));
    let zh = told(&rows, "complaint-follow-up", "2026-02-02T09:00", Lang::Zh);
    assert!(
        zh.contains("  2月2日（周一）　原来的到期日\n  2月10日（周二）　延期到这一天：住户外出\n"),
        "{zh}"
    );
    let form = told(&rows, "form-collection", "2026-02-02T09:00", Lang::Zh);
    assert!(form.contains("须在2月10日（周二）24时以前"), "{form}");
}
