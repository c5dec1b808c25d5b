//! `guicheng diff`.

use crate::cli::{Context, DIFFERENT, FAILED, GOOD, POLICY_INVALID, USAGE, show};
use crate::files::{self, FilesError};
use crate::policy::diff::{Change, diff};
use crate::policy::finding::{Severity, Text};
use crate::policy::model::Company;
use crate::policy::words::text::begun;
use crate::policy::words::{family, label};
use crate::policy::{Folder, compile};
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::path::Path;

/// One of the two sides.
struct Side {
    companies: BTreeMap<String, Company>,
    on: Option<NaiveDate>,
}

/// Compares the editions of two folders, or of one folder on two dates.
pub fn run(ctx: &mut Context<'_>, a: &str, b: &str, only: Option<&str>) -> u8 {
    let (old, new) = match (side(ctx, a, only), side(ctx, b, only)) {
        (Ok(old), Ok(new)) => (old, new),
        (Err(code), _) | (_, Err(code)) => return code,
    };
    let mut all: Vec<(String, Vec<Change>)> = Vec::new();
    let mut apart: Vec<(String, Text)> = Vec::new();
    let ids: std::collections::BTreeSet<&String> = old.companies.keys().chain(new.companies.keys()).collect();
    if ids.is_empty() {
        let wanted = only.unwrap_or_default();
        let (zh, en) = (
            format!("没有公司 `{wanted}`"),
            format!("there is no company `{wanted}`"),
        );
        let line = ctx.say(&zh, &en).to_owned();
        ctx.complain(&line);
        return FAILED;
    }
    for id in ids {
        match (old.companies.get(id), new.companies.get(id)) {
            (Some(was), Some(is)) => all.push((id.clone(), diff((was, old.on), (is, new.on)))),
            (None, _) => apart.push((id.clone(), Text::new("新增的公司", "a company that is new"))),
            (_, None) => apart.push((id.clone(), Text::new("删去的公司", "a company that is gone"))),
        }
    }
    let count: usize = all.iter().map(|(_, changes)| changes.len()).sum::<usize>() + apart.len();
    if ctx.json {
        let companies: Vec<_> = all
            .iter()
            .filter(|(_, changes)| !changes.is_empty())
            .map(|(id, changes)| {
                serde_json::json!({ "company": id, "changes": changes.iter().map(Change::json).collect::<Vec<_>>() })
            })
            .collect();
        let apart: Vec<_> = apart
            .iter()
            .map(|(id, text)| serde_json::json!({ "company": id, "zh": text.zh, "en": text.en }))
            .collect();
        ctx.line(&serde_json::json!({ "differences": count, "companies": companies, "apart": apart }).to_string());
    } else {
        for (id, text) in &apart {
            let text = text.in_lang(ctx.lang).to_owned();
            ctx.line(&format!("── {id} · {text}"));
        }
        for (id, changes) in &all {
            print(ctx, id, changes);
        }
        let (zh, en) = (format!("不同之处 {count}"), format!("differences {count}"));
        let line = ctx.say(&zh, &en).to_owned();
        ctx.line(&line);
    }
    if count == 0 { GOOD } else { DIFFERENT }
}

/// Reads a side: a folder with companies, or that of one company; behind `@` the date whose editions are meant.
fn side(ctx: &mut Context<'_>, written: &str, only: Option<&str>) -> Result<Side, u8> {
    let (path, on) = match written.rsplit_once('@') {
        Some((path, date)) if date.starts_with(|c: char| c.is_ascii_digit()) => match date.parse() {
            Ok(on) => (path, Some(on)),
            Err(_) => {
                let zh = format!("`{date}` 不是日期，写成 2026-03-01");
                let en = format!("`{date}` is no date; write it like 2026-03-01");
                let line = ctx.say(&zh, &en).to_owned();
                ctx.complain(&line);
                return Err(USAGE);
            }
        },
        _ => (written, None),
    };
    let folders = match read(ctx, Path::new(path)) {
        Ok(folders) => folders,
        Err(error) => return Err(ctx.fail(&error)),
    };
    let mut companies = BTreeMap::new();
    for folder in folders.iter().filter(|f| only.is_none_or(|only| f.id == only)) {
        let compiled = compile(folder);
        let Some(company) = compiled.company else {
            let errors = compiled.findings.into_iter().filter(|f| f.severity == Severity::Error);
            show::findings(ctx, &folders, &errors.collect::<Vec<_>>());
            return Err(POLICY_INVALID);
        };
        companies.insert(folder.id.clone(), company);
    }
    Ok(Side { companies, on })
}

fn read(ctx: &Context<'_>, path: &Path) -> Result<Vec<Folder>, FilesError> {
    if !path.join("company.toml").is_file() {
        return files::read_policies(path, &ctx.scripts);
    }
    let dir = path
        .parent()
        .filter(|dir| *dir != Path::new(""))
        .unwrap_or(Path::new("."));
    // Calendars and the base are those beside it, else those of the policy folder.
    let beside = dir.join("calendars").is_dir();
    let common = if beside { dir } else { &ctx.policies };
    let Some(id) = path.file_name().and_then(|name| name.to_str()) else {
        return files::read_policies(path, &ctx.scripts);
    };
    Ok(vec![files::read_company(dir, id, common, &ctx.scripts)?])
}

fn print(ctx: &mut Context<'_>, company: &str, changes: &[Change]) {
    if !changes.is_empty() {
        ctx.line(&format!("── {company}"));
    }
    let mut last: Option<&Change> = None;
    for change in changes {
        if last.is_none_or(|last| last.procedure != change.procedure) {
            let line = heading(ctx, change);
            ctx.line(&line);
        }
        last = Some(change);
        one(ctx, change);
    }
}

/// The procedure, from when, and what happens to what is owed already.
fn heading(ctx: &Context<'_>, change: &Change) -> String {
    let Some(procedure) = &change.procedure else {
        return ctx
            .say("角色、片区、日历、案件", "Roles, areas, calendar, cases")
            .to_owned();
    };
    let mut line = procedure.to_string();
    if let Some(from) = change.from {
        line.push_str(&format!("{}{from}", ctx.say("　执行日期 ", "  in force from ")));
    }
    if let Some(transition) = &change.transition {
        line.push_str(&format!(
            "\n  {}{}",
            ctx.say("已产生的义务：", "Open obligations: "),
            transition.in_lang(ctx.lang)
        ));
    }
    line
}

fn one(ctx: &mut Context<'_>, change: &Change) {
    let lang = ctx.lang;
    let clause = match &change.clause {
        Some(clause) if change.family != "clause" => format!("[{clause}] "),
        _ => String::new(),
    };
    let (what, kind) = (change.what.said(), family(change.family));
    ctx.line(&format!(
        "  {} · {clause}{} {}",
        what.in_lang(lang),
        kind.in_lang(lang),
        change.title
    ));
    for slot in &change.slots {
        let name = begun(label(slot.key)).in_lang(lang).to_owned();
        let colon = ctx.say("：", ": ").to_owned();
        // A sentence that begins with the slot's name does not say it twice.
        let side = |text: &Option<Text>| match text {
            None => "—".to_owned(),
            Some(text) => {
                let text = text.in_lang(lang);
                text.strip_prefix(&format!("{name}：")).unwrap_or(text).to_owned()
            }
        };
        ctx.line(&format!("      {name}{colon}{} → {}", side(&slot.old), side(&slot.new)));
    }
    let mut say = |sign: &str, text: &Option<Text>| {
        if let Some(text) = text {
            ctx.line(&format!("    {sign} {}", text.in_lang(lang)));
        }
    };
    say("-", &change.old);
    say("+", &change.new);
    for base in &change.base {
        ctx.line(&format!("      {}", base.in_lang(lang)));
    }
    if !change.bearers.in_lang(lang).is_empty() {
        let whom = ctx.say("涉及", "for");
        let line = format!("      {whom} {}", change.bearers.in_lang(lang));
        ctx.line(&line);
    }
}
