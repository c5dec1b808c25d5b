//! The floors of the source: a module names only lower ones, and the pure floors know nothing of the outside.

use crate::bench::root;
use std::fs;
use std::path::Path;

/// Each module and those it may name; nothing else of the crate.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("script", &["domain"]),
    ("policy", &["domain", "script"]),
    ("engine", &["domain", "script", "policy"]),
    ("store", &["domain", "script", "policy", "engine"]),
    ("files", &["domain", "script", "policy", "engine"]),
    ("clock", &["domain", "script", "policy", "engine"]),
    (
        "service",
        &["domain", "script", "policy", "engine", "store", "files", "clock"],
    ),
    (
        "http",
        &[
            "domain", "script", "policy", "engine", "store", "files", "clock", "service",
        ],
    ),
    (
        "cli",
        &[
            "domain", "script", "policy", "engine", "store", "files", "clock", "service", "http",
        ],
    ),
    ("lib", &[]),
    ("main", &[]),
];

const PURE: &[&str] = &["domain", "script", "policy", "engine"];

/// Words that the pure floors never say.
const NEVER_PURE: &[&str] = &[
    "tracing::",
    "std::fs",
    "std::env",
    "std::net",
    "std::process",
    "Instant::now",
    "async fn",
    "async move",
    ".await",
    "println!",
    "thread_rng",
];

/// Words that only some modules say.
const ONLY: &[(&str, &[&str])] = &[
    ("rusqlite", &["store"]),
    ("axum", &["http", "cli"]),
    ("tokio", &["http", "cli"]),
    ("clap", &["cli"]),
    ("annotate_snippets", &["cli"]),
    ("SystemTime", &["clock"]),
    ("toml", &["policy", "engine"]),
    ("world.read", &["service"]),
    ("rhai", &["script"]),
    ("rust_decimal", &["script"]),
];

/// What a file of the source does that its floor does not allow. `path` is relative to `src`.
fn violations(path: &str, text: &str) -> Vec<String> {
    let module = path.split(['/', '.']).next().unwrap_or_default();
    let mut found = Vec::new();
    let Some((_, may_name)) = MAY_NAME.iter().find(|(m, _)| *m == module) else {
        return vec![format!("{path}: module `{module}` is on no floor")];
    };
    // Tests of a floor, which are no part of what is built, may read the cases that they are about.
    let is_test = path
        .split('/')
        .any(|part| matches!(part, "tests" | "tests.rs" | "laws.rs"));
    let code: Vec<&str> = text.lines().filter(|l| !l.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    for named in named_modules(path, &code) {
        if named != module && !may_name.contains(&named.as_str()) {
            found.push(format!("{path}: `{module}` names `{named}`"));
        }
    }
    for word in NEVER_PURE {
        // The one clock of the pure floors: a backstop against scripts that the count of operations does not hold.
        let backstop = ["script/meter.rs", "script/attacks.rs"].contains(&path) && *word == "Instant::now";
        let exempt = is_test && ["std::fs", "std::env"].contains(word) || backstop;
        if PURE.contains(&module) && !exempt && says(&code, word) {
            found.push(format!("{path}: `{module}` says `{word}`"));
        }
    }
    for (word, modules) in ONLY {
        if !modules.contains(&module) && says(&code, word) {
            found.push(format!("{path}: `{module}` says `{word}`"));
        }
    }
    found
}

/// Whether a word stands in the code: as a whole one where it begins with a letter, and as a path where it names a crate.
fn says(code: &str, word: &str) -> bool {
    let is_crate = ONLY.iter().any(|(w, _)| *w == word) && word.chars().all(|c| c.is_lowercase() || c == '_');
    let word = if is_crate { format!("{word}::") } else { word.to_owned() };
    code.match_indices(&word).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        !word.starts_with(char::is_alphabetic) || !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}

/// The modules of the crate that a file names: after `crate::` or `guicheng::`, alone or in braces, and by climbing out
/// of its own module with `super::`.
fn named_modules(path: &str, code: &str) -> Vec<String> {
    let mut named = Vec::new();
    let mut take = |rest: &str, all: bool| {
        let list = match rest.strip_prefix('{') {
            Some(inside) => top_level(inside),
            None => vec![rest.to_owned()],
        };
        for item in list {
            let name: String = item
                .trim_start()
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            let known = MAY_NAME.iter().any(|(m, _)| *m == name);
            if known || all && !name.is_empty() && name.chars().all(|c| c.is_lowercase() || c == '_') {
                named.push(name);
            }
        }
    };
    for word in ["crate::", "guicheng::"] {
        for (at, _) in code.match_indices(word) {
            // `$crate` of a macro is the crate too.
            take(&code[at + word.len()..], true);
        }
    }
    // A file below a module's folder reaches the crate with two steps up, a file in `src` with one.
    let climb = if path.contains('/') {
        "super::super::"
    } else {
        "super::"
    };
    for (at, _) in code.match_indices(climb) {
        take(&code[at + climb.len()..], false);
    }
    named
}

/// The parts of a braced list, up to its closing brace, that commas of its own level part.
fn top_level(inside: &str) -> Vec<String> {
    let (mut parts, mut depth) = (vec![String::new()], 0);
    for c in inside.chars() {
        match c {
            '}' if depth == 0 => break,
            ',' if depth == 0 => parts.push(String::new()),
            _ => {
                depth += i32::from(c == '{') - i32::from(c == '}');
                parts.last_mut().unwrap().push(c);
            }
        }
    }
    parts
}

fn sources(dir: &Path, into: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let name = path.strip_prefix(root().join("src")).unwrap();
            into.push((name.to_str().unwrap().to_owned(), fs::read_to_string(&path).unwrap()));
        }
    }
}

#[test]
fn every_file_keeps_to_its_floor() {
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    assert!(files.len() > 50, "only {} files were read", files.len());
    let found: Vec<String> = files
        .iter()
        .filter(|(path, _)| path != "main.rs")
        .flat_map(|(path, text)| violations(path, text))
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Cases reach a question through what whoever asks may see, and no other way.
#[test]
fn only_the_sight_looks_at_the_live_state() {
    // Who takes what is posted and rebuilds what there is shows it to nobody.
    let may = [
        "service/sight.rs",
        "service/writer.rs",
        "service/load.rs",
        "service/swap.rs",
        // Counts all that changes; shows what everybody may see.
        "service/difference.rs",
        "service/demo.rs",
        "service/mod.rs",
    ];
    let mut files = Vec::new();
    sources(&root().join("src/service"), &mut files);
    let looks = |text: &str| {
        let bare: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        bare.contains("world.read()")
    };
    let looking: Vec<&str> = files
        .iter()
        .filter(|(path, text)| looks(text) && !may.contains(&path.as_str()))
        .map(|(path, _)| path.as_str())
        .collect();
    assert_eq!(looking, [] as [&str; 0]);
    assert!(
        files
            .iter()
            .any(|(path, text)| path == "service/sight.rs" && looks(text))
    );
}

#[test]
fn a_module_that_names_a_higher_one_is_found() {
    let planted = [
        ("domain/date.rs", "use crate::policy::Term;", "`domain` names `policy`"),
        (
            "policy/model.rs",
            "fn f() { crate::engine::view::x() }",
            "`policy` names `engine`",
        ),
        (
            "engine/case.rs",
            "use crate::{domain::date, store::Reader};",
            "`engine` names `store`",
        ),
        (
            "engine/case.rs",
            "use super::super::service::Live;",
            "`engine` names `service`",
        ),
        (
            "engine/case.rs",
            "use crate::{\n    domain::{date, zone},\n    http,\n};",
            "`engine` names `http`",
        ),
        ("clock.rs", "use super::files;", "`clock` names `files`"),
        ("clock.rs", "use crate::store::Store;", "`clock` names `store`"),
        ("store/mod.rs", "use crate::clock::Clock;", "`store` names `clock`"),
        ("files.rs", "use crate::store::Store;", "`files` names `store`"),
        ("service/mod.rs", "use crate::http::App;", "`service` names `http`"),
        ("http/mod.rs", "use crate::cli::run;", "`http` names `cli`"),
        (
            "domain/date.rs",
            "use crate::script::Engine;",
            "`domain` names `script`",
        ),
        (
            "script/facts.rs",
            "use crate::policy::model::Company;",
            "`script` names `policy`",
        ),
        ("figures/mod.rs", "", "on no floor"),
    ];
    for (path, text, expected) in planted {
        let found = violations(path, text);
        assert!(found.iter().any(|f| f.contains(expected)), "{path}: {text}: {found:?}");
    }
}

#[test]
fn a_word_of_the_outside_is_found() {
    let planted = [
        ("domain/date.rs", "let t = std::time::SystemTime::now();", "SystemTime"),
        ("service/mod.rs", "use std::time::SystemTime;", "SystemTime"),
        ("domain/date.rs", "let t = Instant::now();", "Instant::now"),
        ("engine/case.rs", "let text = std::fs::read(path);", "std::fs"),
        ("engine/case.rs", "use std::fs;", "std::fs"),
        ("policy/mod.rs", "std::env::var(\"X\")", "std::env"),
        ("policy/mod.rs", "pub async fn compile() {}", "async fn"),
        ("policy/mod.rs", "x\n    .await", ".await"),
        ("engine/world.rs", "println!(\"x\");", "println!"),
        ("engine/world.rs", "tracing::info!(\"x\");", "tracing::"),
        ("engine/world.rs", "use tokio::sync::mpsc;", "tokio"),
        ("service/writer.rs", "use tokio::sync::oneshot;", "tokio"),
        ("script/facts.rs", "let t = Instant::now();", "Instant::now"),
        ("engine/case.rs", "use rhai::Engine;", "rhai"),
        ("service/mod.rs", "use axum::Json;", "axum"),
        ("service/mod.rs", "rusqlite::Connection::open(p)", "rusqlite"),
        ("http/mod.rs", "use clap::Parser;", "clap"),
        ("http/ask.rs", "live.world.read()", "world.read"),
        ("engine/laws.rs", "use tokio::net;", "tokio"),
    ];
    for (path, text, word) in planted {
        let found = violations(path, text);
        assert!(
            found.iter().any(|f| f.contains(&format!("says `{word}`"))),
            "{path}: {text}: {found:?}"
        );
    }
}

#[test]
fn what_is_allowed_is_not_found() {
    let good = [
        (
            "engine/case.rs",
            "use crate::domain::event::Event;\nuse crate::{domain::date, policy::model};",
        ),
        (
            "engine/case.rs",
            "// std::fs is never read here, nor SystemTime\n/// See tokio::sync.\nlet x = 1;",
        ),
        ("policy/tests.rs", "let text = std::fs::read_to_string(path);"),
        ("engine/laws.rs", "use super::world::World;"),
        (
            "store/write.rs",
            "use rusqlite::Connection;\nuse super::error::StoreError;",
        ),
        ("clock.rs", "use std::time::SystemTime;"),
        ("http/mod.rs", "use axum::Router;\nuse crate::service::Live;"),
        (
            "domain/zone.rs",
            "let instant = instant_of(x); let epoch = Instant::UNIX_EPOCH;",
        ),
    ];
    for (path, text) in good {
        assert_eq!(violations(path, text), Vec::<String>::new(), "{path}: {text}");
    }
}
