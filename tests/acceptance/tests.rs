//! A timeline that shows nothing fails, and says why: each file of `tests/vacuous` is one such, run on the small company
//! beside it, with the whole text of its failure in `NAME.expected` (`line: Chinese / English`). With
//! `UPDATE_FINDINGS=1` in the environment the expectations are written anew, to be read before they are kept.

use guicheng::engine::timeline::{Failure, parse, report};
use guicheng::policy::{Folder, Source, compile};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The fewest kinds of vacuous or wrong timeline that there may be.
const AT_LEAST: usize = 25;

fn dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vacuous")
}

fn source(path: &Path) -> Source {
    Source {
        name: path.file_name().unwrap().to_string_lossy().into(),
        text: fs::read_to_string(path).unwrap().into(),
    }
}

#[test]
fn a_timeline_that_shows_nothing_fails_and_says_why() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let compiled = compile(&Folder {
        id: "vacuous".into(),
        files: vec![source(&dir().join("company.toml")), source(&dir().join("policy.toml"))],
        calendars: vec![source(&root.join("policies/calendars/cn.toml"))],
        scripts: vec![],
    });
    let company = Arc::new(compiled.company.unwrap());
    let failures = |name: &str, text: &str| -> Vec<Failure> {
        match parse(name, text) {
            Err(failures) => failures,
            Ok(suite) => report(&company, &[suite])
                .verdicts
                .into_iter()
                .flat_map(|v| v.failures)
                .collect(),
        }
    };
    let right = "[[timeline]]\ntitle = \"t\"\n[[timeline.event]]\nat = \"2026-03-02T09:00:00\"\ntype = \"complaint.resolved\"\ncase = \"A\"\n\
        [[timeline.expect]]\nat = \"2026-03-05T12:00:00\"\nobligations = [{ case = \"A\", rule = \"follow-up\", due_on = \"2026-03-05\" }]\n";
    assert_eq!(failures("right.toml", right), [], "what shows something passes");
    let update = std::env::var_os("UPDATE_FINDINGS").is_some();
    let (mut kinds, mut wrong) = (0, String::new());
    let mut paths: Vec<PathBuf> = fs::read_dir(dir())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    for path in paths
        .iter()
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
    {
        let name = path.file_stem().unwrap().to_string_lossy();
        if ["company", "policy"].contains(&&*name) {
            continue;
        }
        kinds += 1;
        let found = failures(&name, &fs::read_to_string(path).unwrap());
        let said: String = found
            .iter()
            .map(|f| format!("{}: {} / {}\n", f.line, f.message.zh, f.message.en))
            .collect();
        let beside = path.with_extension("expected");
        if update {
            fs::write(&beside, &said).unwrap();
        }
        if said.is_empty() || fs::read_to_string(&beside).unwrap_or_default() != said {
            wrong += &format!("--- {name}\n{said}");
        }
    }
    println!("kinds of vacuous or wrong timelines that fail with their reason: {kinds} (asked for: 10)");
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(kinds >= AT_LEAST, "{kinds}");
}
