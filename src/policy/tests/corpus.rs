//! Faulty files under `tests/findings`, each with what is to be found in it.
//!
//! `NAME.toml` joins the folder `tests/findings/base` as one more procedure; `company-NAME.toml` takes the place of its
//! `company.toml`, `calendar-NAME.toml` that of its calendar; `adopt-NAME.toml` may adopt what is in
//! `base/adopted.toml`; `NAME.rhai` is its script. `NAME.expected` has a line for each finding:
//! `line:column code [clause] message → remedy`. With `UPDATE_FINDINGS=1` in the environment the expectations are
//! written anew, to be read before they are kept.

use super::super::*;
use super::Severity;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/findings")
}

fn source(path: &Path) -> Source {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Source {
        name: path.file_name().unwrap().to_str().unwrap().into(),
        text: text.into(),
    }
}

pub(super) fn cases() -> Vec<PathBuf> {
    let mut cases: Vec<PathBuf> = std::fs::read_dir(dir())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.retain(|path| path.extension().is_some_and(|end| end == "toml"));
    cases.sort();
    assert!(cases.len() > 10);
    cases
}

/// The folder of the base with the case in it.
pub(super) fn folder(case: Option<&Path>) -> Folder {
    let base = |name: &str| source(&dir().join("base").join(name));
    let name = case.map_or(String::new(), |case| {
        case.file_stem().unwrap().to_str().unwrap().to_owned()
    });
    let mut folder = Folder {
        id: "demo".into(),
        files: vec![],
        calendars: vec![base("cal.toml")],
        scripts: vec![],
    };
    let beside = case
        .map(|case| case.with_extension("rhai"))
        .filter(|path| path.is_file());
    folder.scripts.extend(beside.as_deref().map(source));
    let own = case.map(source);
    match own {
        Some(own) if name.starts_with("company-") => {
            folder.files = vec![
                base("base.toml"),
                Source {
                    name: "company.toml".into(),
                    text: own.text,
                },
            ];
        }
        Some(own) if name.starts_with("calendar-") => {
            folder.files = vec![base("base.toml"), base("company.toml")];
            folder.calendars = vec![Source {
                name: "cal.toml".into(),
                text: own.text,
            }];
        }
        own => {
            folder.files = vec![base("base.toml"), base("company.toml")];
            folder.files.extend(own);
            if name.starts_with("adopt-") {
                let text = base("adopted.toml").text;
                folder.files.push(Source {
                    name: "base/adopted.toml".into(),
                    text,
                });
            }
        }
    }
    folder
}

fn lines(case: &Path) -> Vec<String> {
    let compiled = compile(&folder(Some(case)));
    let failed = compiled.findings.iter().any(|found| found.severity == Severity::Error);
    assert_eq!(compiled.company.is_none(), failed, "{}", case.display());
    let line = |found: &finding::Finding| {
        for text in [&found.message, &found.effect, &found.remedy] {
            assert!(
                !text.zh.is_empty() && !text.en.is_empty(),
                "{}: {}",
                case.display(),
                found.code
            );
        }
        let clause = found
            .clause
            .as_deref()
            .map(|clause| format!(" [{clause}]"))
            .unwrap_or_default();
        let (line, column) = found.at;
        let elsewhere = ["base.toml", "base/adopted.toml"].contains(&&*found.file) || found.file.ends_with(".rhai");
        let file = if elsewhere {
            format!("{}:", found.file)
        } else {
            String::new()
        };
        format!(
            "{file}{line}:{column} {}{clause} {} → {}",
            found.code, found.message.zh, found.remedy.zh
        )
    };
    compiled.findings.iter().map(line).collect()
}

#[test]
fn the_base_is_clean() {
    let compiled = compile(&folder(None));
    assert_eq!(super::shown(&compiled.findings), "");
}

#[test]
fn every_fault_is_found_where_it_is() {
    let update = std::env::var_os("UPDATE_FINDINGS").is_some();
    let mut wrong = String::new();
    for case in cases() {
        let found = lines(&case).join("\n") + "\n";
        let beside = case.with_extension("expected");
        if update {
            std::fs::write(&beside, &found).unwrap();
        } else if std::fs::read_to_string(&beside).unwrap_or_default() != found {
            wrong += &format!("--- {}\n{found}", case.display());
        }
    }
    assert_eq!(wrong, "");
}

#[test]
fn every_code_has_a_faulty_file() {
    let mut found: BTreeSet<String> = BTreeSet::new();
    for case in cases() {
        let expected = std::fs::read_to_string(case.with_extension("expected")).unwrap();
        found.extend(
            expected
                .lines()
                .filter_map(|line| line.split(' ').nth(1))
                .map(str::to_owned),
        );
    }
    let mut large = folder(None);
    large.files[0].text = "#".repeat(300 * 1024).into();
    let mut nobody = folder(None);
    nobody.files.retain(|source| &*source.name != "company.toml");
    let mut script = folder(None);
    script.scripts = vec![Source {
        name: "large.rhai".into(),
        text: " ".repeat(70 * 1024).into(),
    }];
    for folder in [large, nobody, script] {
        found.extend(compile(&folder).findings.iter().map(|found| found.code.to_owned()));
    }
    // What no timeline is about is found by who reads the timelines.
    found.extend(
        untested(&folder(None), &["fix".into()], true)
            .iter()
            .map(|found| found.code.to_owned()),
    );
    let known: BTreeSet<String> = CODES.iter().map(|known| known.code.to_owned()).collect();
    assert_eq!(known.difference(&found).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn what_no_timeline_is_about_is_found_where_it_stands() {
    let folder = folder(None);
    let shown = |any| super::shown(&untested(&folder, &["fix".into(), "sheet".into()], any));
    let both = "base.toml:48:11: untested-rule? 没有时间线测到“fix”";
    assert!(shown(true).contains(both), "{}", shown(true));
    assert_eq!(shown(true).lines().count(), 2);
    // Without any timeline that is said once.
    assert_eq!(shown(false).lines().count(), 1);
}

#[test]
fn a_folder_without_company_or_with_a_huge_file_has_that_one_finding() {
    let mut folder = folder(None);
    folder.files.retain(|source| &*source.name != "company.toml");
    assert_eq!(super::shown(&compile(&folder).findings).lines().count(), 1);
    folder = super::corpus::folder(None);
    folder.files[0].text = "#".repeat(300 * 1024).into();
    assert!(super::shown(&compile(&folder).findings).starts_with("base.toml:1:1: file-too-large"));
    assert_eq!(compile(&folder).findings.len(), 1);
}
