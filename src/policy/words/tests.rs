//! What rules say, written out.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on must fail"
)]

use super::*;
use crate::policy::diff::{What, diff};
use crate::policy::finding::Lang;
use crate::policy::model::Company;
use crate::policy::{Folder, Source, compile};

const POLICY: &str = r#"
[procedure]
id = "demo/repairs"
title = "维修"
document = "W-1"
effective = 2024-01-01
waive_by = ["manager"]
[clause."1"]
text = "报修后三天内修好。"
[clause."2"]
text = "每月末汇总。"
[clause."3"]
text = "态度要好。"
manual = "态度无从登记。"
[role.keeper]
title = "管家"
reports_to = "manager"
[role.manager]
title = "主任"
[words]
urgent = "紧急"
rooms = "房号"
[case.repair]
title = "维修"
data = { urgent = "bool", rooms = "text" }
[case.repair.events]
asked = "报修"
mended = "修好"
[case.office]
title = "管理处"
standing = "company"
[case.office.events]
opened = "开始"
closed = "终止"
summed-up = { title = "汇总", record = "summary" }
[record.summary]
title = "汇总表"
clause = "2"
fields = { rooms = "text", sent = "bool" }
required = [{ fields = ["rooms"], clause = "2" }]
retain = "2y"
[deadline.mend]
title = "修好"
clause = ["1", "2"]
on = "repair.asked"
when = { urgent = true }
within = "3天"
shift = "next"
done = "repair.mended"
bearer = "keeper"
escalate = [{ at = "due", to = "manager" }]
assume = "修好以登记为准。"
[recurring.sum-up]
title = "每月汇总"
clause = "2"
on = "office.opened"
until = "office.closed"
every = "month-end"
done = "office.summed-up"
bearer = "keeper"
[rate.mended]
title = "及时率"
clause = "1"
of = "mend"
per = "month"
at_least = "95%"
"#;

const COMPANY: &str = r#"
[company]
id = "demo"
title = "示例<公司>"
zone = "Asia/Shanghai"
calendar = "cal"
[person.a]
name = "甲"
holds = [{ role = "manager" }]
[person.b]
name = "乙"
holds = [{ role = "keeper" }]
"#;

fn company(policy: &str) -> Company {
    let source = |name: &str, text: &str| Source {
        name: name.into(),
        text: text.into(),
    };
    let compiled = compile(&Folder {
        id: "demo".into(),
        files: vec![
            source("policies/demo/company.toml", COMPANY),
            source("policies/demo/repairs.toml", policy),
        ],
        calendars: vec![source("policies/calendars/cal.toml", "[calendar]\ntitle = \"历\"\n")],
        scripts: vec![],
    });
    let found: Vec<_> = compiled.findings.iter().map(|f| &f.message.en).collect();
    compiled.company.unwrap_or_else(|| panic!("{found:?}"))
}

#[track_caller]
fn says(id: &str, zh: &str, en: &str) {
    let document = document(&company(POLICY), None);
    let said = document.all().find(|(_, said)| &*said.id == id).unwrap().1;
    assert_eq!(said.in_lang(Lang::Zh), zh);
    assert_eq!(said.in_lang(Lang::En), en);
}

#[test]
fn a_deadline_says_who_must_do_what_by_when_and_what_follows() {
    says(
        "mend",
        "维修“报修”后，如果紧急为“是”，管家须在3天内办完“修好”。最后一天是休息日的，顺延到下一个工作日。\
         登记维修“修好”，就算办完。到期未办，报主任。说明：修好以登记为准。",
        "After “报修” (维修), if urgent is yes, 管家 must complete “修好” within 3 days. \
         A last day that is a day off moves to the next working day. It is done when “修好” (维修) is recorded. \
         主任 is told when it falls overdue. The author's note: 修好以登记为准.",
    );
}

#[test]
fn what_recurs_says_how_often_until_when_and_with_which_form() {
    says(
        "sum-up",
        "从管理处“开始”起，管家须每月末办一次“每月汇总”。到管理处“终止”为止。登记管理处“汇总”（填《汇总表》），就算办完。",
        "From “开始” (管理处) on, 管家 must do “每月汇总” on the last day of each month. It ends with “终止” (管理处). \
         It is done when “汇总” (管理处) with the form “汇总表” is recorded.",
    );
    says(
        "summary",
        "《汇总表》的栏目：房号、sent（是或否）。必填：房号。保存2年。",
        "The form “汇总表” has: rooms, sent (yes or no). Must be filled in: rooms. It is kept for 2 years.",
    );
    says(
        "mended",
        "每月的“修好”，按期办结的比例不得低于95%。",
        "Each month, at least 95% of “修好” must be done in time.",
    );
    says(
        "keeper",
        "管家由乙担任。上级是主任；空缺时由其代行。",
        "管家 is held by 乙. It reports to 主任, who steps in while it is vacant.",
    );
}

#[test]
fn a_rule_stands_under_its_first_clause_and_is_referred_to_under_the_others() {
    let document = document(&company(POLICY), None);
    let paper = &document.papers[0];
    let titled = |at: &usize| paper.rules[*at].id.to_string();
    let of = |at: usize| -> Vec<String> { paper.clauses[at].rules.iter().map(titled).collect() };
    assert_eq!(of(0), ["mend", "mended"]);
    assert_eq!(of(1), ["sum-up", "summary"]);
    let (rule, under) = &paper.clauses[1].also[0];
    assert_eq!(
        (titled(rule).as_str(), &**under, paper.clauses[1].also.len()),
        ("mend", "1", 1)
    );
    let text = markdown(&document, Lang::Zh);
    assert!(text.contains("- 另见“修好”（第1条）"), "{text}");
    assert!(text.contains("*由人办：态度无从登记。*"), "{text}");
    assert!(text.contains("# 示例&lt;公司&gt;"), "{text}");
}

#[test]
fn html_has_an_anchor_for_every_link_and_nothing_of_the_authors_as_markup() {
    for lang in [Lang::Zh, Lang::En] {
        let page = html(&document(&company(POLICY), None), lang);
        assert!(page.contains("<title>示例&lt;公司&gt;</title>"), "{page}");
        assert!(!page.contains("<script") && !page.contains("<公司>"), "{page}");
        let links: Vec<&str> = page
            .split("href=\"#")
            .skip(1)
            .filter_map(|l| l.split('"').next())
            .collect();
        assert!(links.len() > 5, "{links:?}");
        for link in links {
            assert_eq!(page.matches(&format!("id=\"{link}\"")).count(), 1, "{link}");
        }
    }
}

#[test]
fn the_difference_names_the_slots_and_passes_over_comments_and_spelling() {
    let old = company(POLICY);
    let respelt = POLICY
        .replace("within = \"3天\"", "within = \"3d\" # 三天")
        .replace("[clause.\"1\"]", "\n\n[clause.\"1\"]");
    assert_eq!(diff((&old, None), (&company(&respelt), None)), []);
    let changed = POLICY
        .replace("within = \"3天\"", "within = \"2天\"")
        .replace(
            "[{ at = \"due\", to = \"manager\" }]",
            "[{ after = \"1bd\", to = \"manager\" }]",
        )
        .replace(
            "effective = 2024-01-01",
            "effective = 2026-01-01\ntransition = \"rebase\"",
        );
    let changes = diff((&old, None), (&company(&changed), None));
    let mend = changes.iter().find(|c| &*c.id == "mend").unwrap();
    assert_eq!((mend.what, mend.clause.as_deref()), (What::Changed, Some("1")));
    let slots: Vec<_> = mend
        .slots
        .iter()
        .map(|s| (s.key, s.old.clone().unwrap().zh, s.new.clone().unwrap().en))
        .collect();
    assert_eq!(
        slots,
        [
            ("term", "在3天内".to_owned(), "within 2 days".to_owned()),
            (
                "escalation",
                "到期未办，报主任".to_owned(),
                "主任 is told once it is overdue by 1 working day".to_owned()
            ),
        ]
    );
    assert_eq!(
        (mend.bearers.zh.as_str(), mend.from.unwrap().to_string().as_str()),
        ("管家", "2026-01-01")
    );
    assert_eq!(
        mend.transition.as_ref().unwrap().zh,
        "还没逾期的义务，按这一版重新计算期限"
    );
    let ids: Vec<&str> = changes.iter().map(|c| &*c.id).collect();
    assert_eq!(ids, ["demo/repairs", "mend"]);
    let gone = POLICY.replace("[rate.mended]", "[rate.kept]");
    let what: Vec<_> = diff((&old, None), (&company(&gone), None))
        .iter()
        .map(|c| (c.what, c.id.to_string()))
        .collect();
    assert_eq!(
        what,
        [(What::Added, "kept".to_owned()), (What::Removed, "mended".to_owned())]
    );
}
