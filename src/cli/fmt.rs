//! `guicheng fmt`.

use crate::cli::{Context, DIFFERENT, FAILED, GOOD, POLICY_INVALID};
use crate::policy::format;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The most folders below each other that are looked into.
const MOST_DEEP: usize = 8;

/// Formats the `.toml` files that are named, or that lie in the named folders; with `check`, only says which differ.
pub fn run(ctx: &mut Context<'_>, paths: &[PathBuf], check: bool) -> u8 {
    let paths = if paths.is_empty() {
        vec![ctx.policies.clone()]
    } else {
        paths.to_vec()
    };
    let mut files = Vec::new();
    for path in &paths {
        if let Err(error) = gather(path, MOST_DEEP, &mut files) {
            let line = format!("{}: {error}", path.display());
            ctx.complain(&line);
            return FAILED;
        }
    }
    let (mut changed, mut unreadable) = (Vec::new(), Vec::new());
    for path in &files {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => {
                ctx.complain(&format!("{}: {error}", path.display()));
                return FAILED;
            }
        };
        match format::format(&text) {
            Ok(made) if made == text => {}
            Ok(made) => {
                if let Err(error) = if check { Ok(()) } else { replace(path, &made) } {
                    ctx.complain(&format!("{}: {error}", path.display()));
                    return FAILED;
                }
                changed.push(path.display().to_string());
            }
            Err(fault) => unreadable.push((path.display().to_string(), fault)),
        }
    }
    tell(ctx, files.len(), &changed, &unreadable, check);
    match (unreadable.is_empty(), check && !changed.is_empty()) {
        (false, _) => POLICY_INVALID,
        (true, true) => DIFFERENT,
        (true, false) => GOOD,
    }
}

fn tell(
    ctx: &mut Context<'_>,
    all: usize,
    changed: &[String],
    unreadable: &[(String, format::Unreadable)],
    check: bool,
) {
    if ctx.json {
        let faults: Vec<_> = unreadable
            .iter()
            .map(|(file, fault)| serde_json::json!({ "file": file, "line": fault.line, "zh": fault.message.zh, "en": fault.message.en }))
            .collect();
        let told = serde_json::json!({ "files": all, "changed": changed, "written": !check, "unreadable": faults });
        return ctx.line(&told.to_string());
    }
    for (file, fault) in unreadable {
        ctx.line(&format!("{file}:{}: {}", fault.line, fault.message.in_lang(ctx.lang)));
    }
    for file in changed {
        ctx.line(file);
    }
    let count = changed.len();
    let (zh, en) = if check {
        (
            format!("{all} 个文件，{count} 个要整理；运行 guicheng fmt"),
            format!("files {all}, to be formatted {count}; run `guicheng fmt`"),
        )
    } else {
        (
            format!("{all} 个文件，整理了 {count} 个"),
            format!("files {all}, formatted {count}"),
        )
    };
    let line = if check && count == 0 {
        ctx.say(
            &format!("{all} 个文件，格式都对"),
            &format!("files {all}, all formatted"),
        )
        .to_owned()
    } else {
        ctx.say(&zh, &en).to_owned()
    };
    ctx.line(&line);
}

/// The `.toml` files of a path, sorted.
fn gather(path: &Path, deep: usize, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !path.is_dir() {
        fs::metadata(path)?;
        files.push(path.to_owned());
        return Ok(());
    }
    let mut within = Vec::new();
    for entry in fs::read_dir(path)? {
        within.push(entry?.path());
    }
    within.sort();
    for path in within {
        if path.is_dir() && deep > 0 {
            gather(&path, deep.saturating_sub(1), files)?;
        } else if path.extension().is_some_and(|ending| ending == "toml") {
            files.push(path);
        }
    }
    Ok(())
}

/// Puts a text in the place of a file in one step, so that nobody reads half of it.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let beside = path.with_file_name(name);
    fs::write(&beside, text)?;
    fs::rename(&beside, path)
}
