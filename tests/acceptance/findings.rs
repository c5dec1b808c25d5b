//! What is said of faulty files: each code by itself with its whole text, and single slips in valid files.
//!
//! Each folder of `tests/findings/codes` is named for a code and holds what is laid over `tests/findings/base`: files of
//! the same name take the place of the base's. `expected.txt` has the whole text of every finding in both languages.
//! With `UPDATE_FINDINGS=1` in the environment these are written anew, to be read before they are kept.

mod slips;

use crate::size;
use crate::valid::{files, folders, root, within};
use guicheng::policy::exception::expired;
use guicheng::policy::finding::{Finding, Severity};
use guicheng::policy::{CODES, Folder, Source, compile, untested};
use slips::{OPERATORS, Slip};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

fn bare(source: Source) -> Source {
    let name = source.name.rsplit('/').next().unwrap_or_default().into();
    Source { name, ..source }
}

/// The folder of a code: the base with what lies in `dir` laid over it. What no repository should hold is made here.
fn of_code(code: &str, dir: &Path) -> Folder {
    let base = root().join("tests/findings/base");
    let mut folder = Folder {
        id: "demo".into(),
        files: files(&base, "toml").into_iter().map(bare).collect(),
        calendars: Vec::new(),
        scripts: files(dir, "rhai").into_iter().map(bare).collect(),
    };
    for own in files(dir, "toml").into_iter().map(bare) {
        folder.files.retain(|known| known.name != own.name);
        folder.files.push(own);
    }
    let is_calendar = |source: &Source| &*source.name == "cal.toml";
    folder.calendars = folder
        .files
        .iter()
        .filter(|source| is_calendar(source))
        .cloned()
        .collect();
    folder.files.retain(|source| !is_calendar(source));
    let adopts = folder.files.iter().any(|source| source.text.contains("[adopt]"));
    folder.files.retain(|source| &*source.name != "adopted.toml" || adopts);
    for adopted in folder.files.iter_mut().filter(|source| &*source.name == "adopted.toml") {
        adopted.name = "base/adopted.toml".into();
    }
    folder.files.sort_by(|a, b| a.name.cmp(&b.name));
    match code {
        "missing-file" => folder.files.retain(|source| &*source.name != "company.toml"),
        "file-too-large" => folder.files.push(Source {
            name: "large.toml".into(),
            text: "#".repeat(300 * 1024).into(),
        }),
        "script-limit" => folder.scripts.push(Source {
            name: "large.rhai".into(),
            text: " ".repeat(70 * 1024).into(),
        }),
        _ => {}
    }
    folder
}

/// A finding as it is expected: where it is, in which clause, and all that is said, in both languages.
fn whole(finding: &Finding) -> String {
    let clause = finding
        .clause
        .as_deref()
        .map(|clause| format!(" [{clause}]"))
        .unwrap_or_default();
    let (line, column) = finding.at;
    let mut text = format!(
        "{}:{line}:{column} {} {}{clause}\n",
        finding.file,
        finding.severity.word(),
        finding.code
    );
    for (word, said) in [
        ("", &finding.message),
        ("后果", &finding.effect),
        ("改法", &finding.remedy),
    ] {
        let _ = writeln!(text, "  {word}{}{}", if word.is_empty() { "" } else { " " }, said.zh);
    }
    for (word, said) in [
        ("", &finding.message),
        ("effect", &finding.effect),
        ("remedy", &finding.remedy),
    ] {
        let _ = writeln!(text, "  {word}{}{}", if word.is_empty() { "" } else { " " }, said.en);
    }
    text
}

/// Whether a remedy says what to write: a name, a value, a line in quotes or as code.
fn is_concrete(remedy: &str) -> bool {
    remedy.contains(['"', '“', '`', '=', '[', '{', '：', ':']) || remedy.chars().any(|c| c.is_ascii_alphanumeric())
}

#[test]
fn every_code_has_a_faulty_file_with_its_whole_text() {
    let update = std::env::var_os("UPDATE_FINDINGS").is_some();
    let dirs = within(&root().join("tests/findings/codes"));
    let (mut wrong, mut texts, mut concrete, mut only) = (String::new(), 0, 0, 0);
    let mut shown = BTreeSet::new();
    for dir in &dirs {
        let code = dir.file_name().unwrap().to_string_lossy().into_owned();
        let folder = of_code(&code, dir);
        let compiled = compile(&folder);
        let mut findings = compiled.findings;
        if code == "exception-expired" {
            // What ended long ago is found by who knows what day it is.
            let company = compiled.company.as_ref().unwrap();
            findings.extend(expired(company, "2026-03-01".parse().unwrap()));
        }
        if code == "untested-rule" {
            // What no timeline is about is found by who reads the timelines.
            findings.extend(untested(&folder, &["fix".into()], true));
        }
        let said: String = findings.iter().map(whole).collect();
        let beside = dir.join("expected.txt");
        if update {
            fs::write(&beside, &said).unwrap();
        }
        if fs::read_to_string(&beside).unwrap_or_default() != said || !findings.iter().any(|f| f.code == code) {
            let _ = writeln!(wrong, "--- {code}\n{said}");
        }
        only += usize::from(findings.iter().all(|finding| finding.code == code));
        for finding in &findings {
            texts += 1;
            concrete += usize::from(is_concrete(&finding.remedy.zh) && is_concrete(&finding.remedy.en));
            for text in [&finding.message, &finding.effect, &finding.remedy] {
                assert!(
                    !text.zh.is_empty() && !text.en.is_empty(),
                    "{code}: something is left unsaid"
                );
            }
            assert!(finding.at.0 >= 1 && finding.at.1 >= 1 && !finding.file.is_empty());
        }
        shown.insert(code);
    }
    let codes: BTreeSet<String> = CODES.iter().map(|known| known.code.to_owned()).collect();
    assert!(wrong.is_empty(), "\n{wrong}");
    assert_eq!(
        shown, codes,
        "each code has a folder in tests/findings/codes, and each folder a code"
    );
    let others = files(&root().join("tests/findings"), "toml");
    let (mut lines, mut said_what) = (texts, concrete);
    for other in &others {
        let path = root().join(&*other.name).with_extension("expected");
        for line in fs::read_to_string(path).unwrap().lines() {
            lines += 1;
            said_what += usize::from(line.rsplit(" → ").next().is_some_and(is_concrete));
        }
    }
    let faulty = dirs.len() + others.len();
    println!(
        "faulty files: {faulty} ({} codes, each with one; {only} of them with nothing else); expected texts: {lines}; that say what to write: {said_what} ({}%)",
        codes.len(),
        said_what * 100 / lines
    );
    assert!(faulty >= 60);
    assert!(said_what * 100 >= lines * 80);
}

/// What is found in a folder that was not found before, as an author tells it apart.
fn new_findings<'f>(before: &BTreeSet<(String, String)>, findings: &'f [Finding]) -> Vec<&'f Finding> {
    let key = |f: &Finding| (f.code.to_owned(), f.message.zh.clone());
    findings
        .iter()
        .filter(|finding| !before.contains(&key(finding)))
        .collect()
}

#[test]
fn single_slips_in_valid_files_are_found_on_their_lines() {
    let (mut files, mut tried, mut flagged, mut exact) = (0_usize, 0_usize, 0_usize, 0_usize);
    let mut by_operator: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    let mut missed = Vec::new();
    let all = folders();
    let wanted = size(20, usize::MAX);
    // The small form takes files from everywhere.
    let step = if wanted == usize::MAX { 1 } else { all.len() / wanted };
    for (turn, folder) in all.iter().enumerate().filter(|(at, _)| at % step.max(1) == 0) {
        let clean = compile(folder);
        assert!(
            clean.findings.iter().all(|f| f.severity != Severity::Error),
            "{}: {:?}",
            folder.id,
            clean.findings
        );
        let before: BTreeSet<(String, String)> = clean
            .findings
            .iter()
            .map(|f| (f.code.to_owned(), f.message.zh.clone()))
            .collect();
        for at in 0..folder.files.len() {
            let Some(source) = folder.files.get(at).filter(|source| !source.text.contains("[adopt]")) else {
                continue;
            };
            // What is adopted is a file of its own folder.
            if source.name.contains("/base/") && folder.id != "base" {
                continue;
            }
            files += 1;
            for (which, (name, operator)) in OPERATORS.iter().enumerate() {
                let slips: Vec<Slip> = operator(&source.text);
                let Some(slip) = slips.get((turn * 7 + which) % slips.len().max(1)) else {
                    continue;
                };
                let mut changed = folder.clone();
                changed.files[at].text = slip.text.as_str().into();
                if let Some(beside) = &slip.beside {
                    let name = source.name.replace(".toml", "-beside.toml");
                    changed.files.push(Source {
                        name: name.into(),
                        text: beside.as_str().into(),
                    });
                }
                let findings = compile(&changed).findings;
                let new = new_findings(&before, &findings);
                let counts = by_operator.entry(name).or_default();
                tried += 1;
                counts[0] += 1;
                if !new.is_empty() {
                    flagged += 1;
                    counts[1] += 1;
                }
                let stem = source.name.trim_end_matches(".toml");
                if new
                    .iter()
                    .any(|f| f.file.starts_with(stem) && slip.lines.contains(&f.at.0))
                {
                    exact += 1;
                    counts[2] += 1;
                } else {
                    let found: Vec<String> = new
                        .iter()
                        .take(3)
                        .map(|f| format!("{}:{} {} {}", f.file, f.at.0, f.code, f.message.zh))
                        .collect();
                    missed.push(format!(
                        "{name}: {} lines {:?} «{}»: {found:?}",
                        source.name, slip.lines, slip.what
                    ));
                }
            }
        }
    }
    for (name, [tried, flagged, exact]) in &by_operator {
        println!("{name}: tried {tried}, found {flagged}, on the line {exact}");
    }
    println!(
        "slips in {files} valid files: {tried}; found {flagged} ({}%), on their line {exact} ({}%)",
        flagged * 100 / tried,
        exact * 100 / tried
    );
    for one in missed.iter().take(60) {
        println!("  not on its line: {one}");
    }
    assert_eq!(by_operator.len(), OPERATORS.len());
    assert!(OPERATORS.len() >= 12 && files >= wanted.min(200), "{files}");
    assert!(flagged * 100 >= tried * 95, "{flagged} of {tried}");
    assert!(exact * 100 >= tried * 90, "{exact} of {tried}");
}
