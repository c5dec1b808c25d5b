//! A company that adopts a procedure of the base.

use super::super::*;
use super::shown;
use super::{Term, Timing};
use crate::policy::finding::Severity;

const BASE: &str = r#"
[procedure]
id = "base/opinions"
title = "意见处理"
effective = 2023-01-01
document = "通用"
waive_by = ["manager"]
[clause."A"]
text = "意见登记后十天内答复。"
[role.manager]
title = "主任"
[role.keeper]
title = "管家"
[case.opinion]
title = "意见"
data = { matter = "text" }
[case.opinion.events]
raised = "提出"
answered = "答复"
[deadline.answer]
title = "答复"
clause = "A"
on = "opinion.raised"
within = "10天"
done = "opinion.answered"
bearer = "keeper"
"#;

const OWN: &str = r#"
[adopt]
procedure = "base/opinions"
[procedure]
id = "demo/opinions"
title = "本小区的意见处理"
effective = 2024-01-01
[override."deadline.answer"]
within = "7d"
reason = "承诺业主的"
[clause."B"]
text = "答复后三天内回访。"
[role.desk]
title = "前台"
[case.opinion]
data = { phone = "text" }
events = { called = "回访" }
[deadline.call]
title = "回访"
clause = "B"
on = "opinion.answered"
within = "3天"
done = "opinion.called"
bearer = "desk"
"#;

const COMPANY: &str = r#"
[company]
id = "demo"
title = "示例"
zone = "Asia/Shanghai"
calendar = "cal"
[person.a]
name = "甲"
holds = [{ role = "manager" }, { role = "keeper" }, { role = "desk" }]
"#;

const CALENDAR: &str = "[calendar]\ntitle = \"历\"\n";

fn source(name: &str, text: &str) -> Source {
    Source {
        name: name.into(),
        text: text.into(),
    }
}

fn folder(own: &str, base: &str) -> Folder {
    Folder {
        id: "demo".into(),
        files: vec![
            source("policies/demo/company.toml", COMPANY),
            source("policies/demo/opinions.toml", own),
            source("policies/base/opinions.toml", base),
        ],
        calendars: vec![source("policies/calendars/cal.toml", CALENDAR)],
        scripts: vec![],
    }
}

#[test]
fn an_adopted_procedure_is_the_bases_with_the_companys_own_values() {
    let folder = folder(OWN, BASE);
    let compiled = compile(&folder);
    let own = "policies/demo/opinions.toml:9:1: overridden? deadline.answer 的 within：本公司 \"7d\"，通用规程 \"10天\"（承诺业主的） | 要照通用规程，就删去这一行\n";
    assert_eq!(shown(&compiled.findings), own);
    assert!(compiled.findings.iter().all(|f| f.severity == Severity::Info));
    let company = compiled.company.unwrap();
    let procedure = &company.procedures[0];
    assert_eq!(&*procedure.head.id, "demo/opinions");
    assert_eq!(&*procedure.head.title, "本小区的意见处理");
    assert_eq!(procedure.head.document.as_deref(), Some("通用"));
    assert_eq!(procedure.head.effective.to_string(), "2024-01-01");
    assert_eq!(procedure.head.waive_by.len(), 1);
    let terms: Vec<_> = procedure
        .duties
        .iter()
        .map(|duty| match duty.timing {
            Timing::Within(term) => (duty.id.as_ref(), term, procedure.file_of(&duty.id).as_ref(), duty.line),
            _ => panic!("{}", duty.id),
        })
        .collect();
    let wanted = [
        ("answer", Term::Days(7), "policies/base/opinions.toml", 20),
        ("call", Term::Days(3), "policies/demo/opinions.toml", 18),
    ];
    assert_eq!(terms, wanted);
    let kind = &company.kinds["opinion"];
    assert_eq!((kind.fields.len(), kind.events.len()), (2, 3));
    assert!(company.roles.contains_key("desk") && company.roles.contains_key("keeper"));
    let [own] = &procedure.adoption.as_ref().unwrap().overrides[..] else {
        panic!()
    };
    assert_eq!(
        (&*own.key, &*own.value, own.base.as_deref(), own.line),
        ("within", "\"7d\"", Some("\"10天\""), 9)
    );
    // The base's text is part of the edition, and of what the whole company is.
    let changed = super::adoption::folder(OWN, &BASE.replace("意见登记后", "意见登记之后"));
    assert_ne!(content_hash(&folder), content_hash(&changed));
    let changed = compile(&changed).company.unwrap();
    assert_ne!(changed.procedures[0].head.edition, procedure.head.edition);
}

#[test]
fn findings_in_adopted_text_point_at_the_base() {
    let compiled = compile(&folder(OWN, &BASE.replace("bearer = \"keeper\"", "bearer = \"keper\"")));
    let found: Vec<_> = compiled
        .findings
        .iter()
        .filter(|f| f.severity == Severity::Error)
        .collect();
    let [found] = &found[..] else {
        panic!("{}", shown(&compiled.findings))
    };
    assert_eq!(
        (found.code, &*found.file, found.at),
        ("unknown-role", "policies/base/opinions.toml", (26, 10))
    );
    let compiled = compile(&folder(&OWN.replace("\"7d\"", "\"7\""), BASE));
    let found: Vec<_> = compiled
        .findings
        .iter()
        .filter(|f| f.severity == Severity::Error)
        .collect();
    let [found] = &found[..] else {
        panic!("{}", shown(&compiled.findings))
    };
    assert_eq!(
        (found.code, &*found.file, found.at),
        ("bad-term", "policies/demo/opinions.toml", (9, 10))
    );
}

#[test]
fn of_several_editions_of_the_base_the_one_in_force_is_adopted() {
    let later = BASE
        .replace("2023-01-01", "2024-06-01")
        .replace("within = \"10天\"", "within = \"20天\"");
    let mut folder = folder(
        &OWN.replace(
            "[override.\"deadline.answer\"]\nwithin = \"7d\"\nreason = \"承诺业主的\"\n",
            "",
        ),
        BASE,
    );
    folder.files.push(source("policies/base/opinions-2.toml", &later));
    let company = compile(&folder).company.unwrap();
    // The company's is in force before the second of the base's, which holds from its own date on.
    let on = |date: &str| {
        let set = company.on(date.parse().unwrap());
        let duties = &set.procedures[0].duties;
        let answer = duties.iter().find(|duty| &*duty.id == "answer").unwrap();
        match answer.timing {
            Timing::Within(term) => (term, set.procedures[0].head.effective.to_string()),
            _ => panic!("{:?}", answer.timing),
        }
    };
    assert_eq!(on("2024-05-31"), (Term::Days(10), "2024-01-01".to_owned()));
    assert_eq!(on("2024-06-01"), (Term::Days(20), "2024-06-01".to_owned()));
    assert_eq!(company.editions().count(), 2);
}

#[test]
fn a_folder_takes_what_its_files_adopt() {
    let base = [
        source("base/opinions.toml", BASE),
        source("base/other.toml", "[procedure]\nid = \"base/other\"\n"),
    ];
    let names = |own: &str| {
        let used = adopted(&[source("demo/opinions.toml", own)], &base);
        used.iter().map(|source| source.name.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(names(OWN), ["base/opinions.toml"]);
    assert_eq!(names("[procedure]\nid = \"demo/x\"\n"), [""; 0]);
    // Of what there is not: all, so that it can be said what there is.
    assert_eq!(names("[adopt]\nprocedure = \"base/opinion\"\n").len(), 2);
}
