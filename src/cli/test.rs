//! `guicheng test`.

use crate::cli::check::chosen;
use crate::cli::covered::{AtLeast, Cover};
use crate::cli::{Context, FAILED, GOOD, POLICY_INVALID, TEST_FAILED, show};
use crate::engine::timeline::{self, Covered, Failure, Suite, Tried, parse, report};
use crate::files;
use crate::policy::model::Company;
use crate::policy::{Folder, compile};
use serde_json::json;
use std::io::{IsTerminal, Write};
use std::sync::Arc;

/// What may be left unnoticed of a hundred changes.
const UNNOTICED_PERCENT: usize = 5;

/// A company with its timelines, and what is wrong with the files of these.
pub struct Loaded {
    /// The company.
    pub company: Arc<Company>,
    /// Its timelines.
    pub suites: Vec<Suite>,
    /// What is wrong with files of timelines, with their names.
    pub faults: Vec<(Arc<str>, Failure)>,
}

/// Compiles a company and reads its timelines; prints what is wrong with its policies. An error is an exit code.
pub fn load(ctx: &mut Context<'_>, folders: &[Folder], folder: &Folder) -> Result<Loaded, u8> {
    let compiled = compile(folder);
    let Some(company) = compiled.company.map(Arc::new) else {
        show::findings(ctx, folders, &compiled.findings);
        return Err(POLICY_INVALID);
    };
    let sources = match files::read_timelines(&ctx.policies, &folder.id) {
        Ok(sources) => sources,
        Err(error) => return Err(ctx.fail(&error)),
    };
    let mut loaded = Loaded {
        company,
        suites: Vec::new(),
        faults: Vec::new(),
    };
    for source in &sources {
        match parse(&source.name, &source.text) {
            Ok(suite) => loaded.suites.push(suite),
            Err(list) => loaded.faults.extend(list.into_iter().map(|f| (source.name.clone(), f))),
        }
    }
    Ok(loaded)
}

/// Runs the companies' timelines; prints what failed, and what they cover.
pub fn run(ctx: &mut Context<'_>, companies: &[String], at_least: AtLeast) -> u8 {
    let Some(folders) = chosen(ctx, companies) else {
        return FAILED;
    };
    let mut code = GOOD;
    let mut reports = Vec::new();
    for folder in &folders {
        let Loaded {
            company,
            suites,
            mut faults,
        } = match load(ctx, &folders, folder) {
            Ok(loaded) => loaded,
            Err(failed) => {
                code = code.max(failed);
                continue;
            }
        };
        let report = report(&company, &suites);
        // Timelines, and tests of scripts: passed, failed.
        let mut counts = [[0_usize; 2]; 2];
        for verdict in &report.verdicts {
            let [timelines, scripts] = &mut counts;
            let [passed, failed] = if verdict.is_script { scripts } else { timelines };
            *(if verdict.failures.is_empty() { passed } else { failed }) += 1;
            faults.extend(verdict.failures.iter().map(|f| (verdict.file.clone(), f.clone())));
        }
        let total = report.verdicts.len();
        let [[passed, failed], [scripts_passed, scripts_failed]] = counts;
        if !faults.is_empty() || total == 0 {
            code = code.max(TEST_FAILED);
        }
        let bare = |list: &[Covered]| {
            list.iter()
                .filter(|c| c.by.is_empty())
                .map(|c| c.id.to_string())
                .collect::<Vec<_>>()
        };
        let (clauses, rules) = (bare(&report.coverage.clauses), bare(&report.coverage.rules));
        let scripts = bare(&report.coverage.scripts);
        let cover = Cover::new(&company, &report.coverage, at_least);
        if !cover.is_enough() {
            code = code.max(TEST_FAILED);
        }
        if ctx.json {
            let failures: Vec<_> = faults
                .iter()
                .map(|(file, f)| json!({ "file": file, "line": f.line, "zh": f.message.zh, "en": f.message.en }))
                .collect();
            let mut said = json!({
                "company": folder.id, "passed": passed, "failed": failed,
                "scripts_passed": scripts_passed, "scripts_failed": scripts_failed, "failures": failures,
                "uncovered_clauses": clauses, "uncovered_rules": rules, "uncovered_scripts": scripts,
            });
            cover.json(&mut said);
            reports.push(said);
            continue;
        }
        for (file, failure) in &faults {
            let line = format!("{file}:{}: {}", failure.line, failure.message.in_lang(ctx.lang));
            ctx.line(&line);
        }
        if total == 0 {
            let zh = format!("{}：没有一条时间线，等于没有测试", folder.id);
            let en = format!("{}: there is no timeline, so nothing was tested", folder.id);
            let line = ctx.say(&zh, &en).to_owned();
            ctx.line(&line);
        }
        let zh = format!(
            "{}：时间线通过 {passed}，失败 {failed}；{}未测到的条款：{}；未测到的规则：{}",
            folder.id,
            match scripts_passed + scripts_failed {
                0 => String::new(),
                _ => format!("脚本测试通过 {scripts_passed}，失败 {scripts_failed}；"),
            },
            list(&clauses, "无"),
            list(&rules, "无")
        );
        let en = format!(
            "{}: timelines passed {passed}, failed {failed}; {}clauses not covered: {}; rules not covered: {}",
            folder.id,
            match scripts_passed + scripts_failed {
                0 => String::new(),
                _ => format!("tests of scripts passed {scripts_passed}, failed {scripts_failed}; "),
            },
            list(&clauses, "none"),
            list(&rules, "none")
        );
        let line = ctx.say(&zh, &en).to_owned();
        ctx.line(&line);
        cover.print(ctx);
        if !scripts.is_empty() {
            let scripts = scripts.join(", ");
            let zh = format!("{}：没有测试的脚本函数：{scripts}；用 [[script]] 写", folder.id);
            let en = format!(
                "{}: script functions without a test: {scripts}; write a [[script]]",
                folder.id
            );
            let line = ctx.say(&zh, &en).to_owned();
            ctx.line(&line);
        }
    }
    if ctx.json {
        ctx.line(&json!({ "companies": reports }).to_string());
    }
    code
}

/// Changes the companies' rules one by one; prints which changes no timeline notices.
pub fn mutate(ctx: &mut Context<'_>, companies: &[String]) -> u8 {
    let Some(folders) = chosen(ctx, companies) else {
        return FAILED;
    };
    let (mut mutants, mut noticed, mut missed) = (0_usize, 0_usize, Vec::new());
    for folder in &folders {
        let loaded = match load(ctx, &folders, folder) {
            Ok(loaded) => loaded,
            Err(code) => return code,
        };
        let failing = report(&loaded.company, &loaded.suites)
            .verdicts
            .iter()
            .any(|v| !v.failures.is_empty());
        if failing || !loaded.faults.is_empty() {
            let zh = format!("{}：时间线本身就有没通过的，先让 guicheng test 通过", folder.id);
            let en = format!(
                "{}: timelines fail as it is; make `guicheng test` pass first",
                folder.id
            );
            let line = ctx.say(&zh, &en).to_owned();
            ctx.complain(&line);
            return TEST_FAILED;
        }
        let label = folder.id.clone();
        let tried = timeline::mutate(folder, &loaded.suites, &|done, all| {
            if std::io::stderr().is_terminal() && (done % 20 == 0 || done == all) {
                let _ = write!(std::io::stderr(), "\r{label} {done}/{all} ");
            }
        });
        let unseen: Vec<&Tried> = tried.iter().filter(|t| t.noticed_by.is_none()).collect();
        let (all, seen) = (tried.len(), tried.len() - unseen.len());
        mutants += all;
        noticed += seen;
        if !ctx.json {
            for t in &unseen {
                let (m, to) = (
                    &t.mutant,
                    if t.to.is_empty() {
                        ctx.say("（删去）", "(removed)")
                    } else {
                        &t.to
                    },
                );
                let line = format!("{}:{}: {} {}: {} → {to}", m.file, m.line, m.rule, m.key, m.from);
                ctx.line(&line);
            }
            let zh = format!("{label}：改动 {all} 处，时间线发现 {seen} 处");
            let en = format!("{label}: changes {all}, noticed by timelines {seen}");
            let line = ctx.say(&zh, &en).to_owned();
            ctx.line(&line);
        }
        missed.extend(unseen.into_iter().map(|t| {
            let m = &t.mutant;
            json!({ "company": folder.id, "file": m.file, "line": m.line, "rule": m.rule, "key": m.key, "from": m.from, "to": t.to })
        }));
    }
    if ctx.json {
        ctx.line(&json!({ "mutants": mutants, "noticed": noticed, "missed": missed }).to_string());
    }
    if missed.len() * 100 > mutants * UNNOTICED_PERCENT {
        TEST_FAILED
    } else {
        GOOD
    }
}

fn list(names: &[String], none: &str) -> String {
    if names.is_empty() {
        none.to_owned()
    } else {
        names.join(", ")
    }
}
