//! `guicheng test`.

use crate::cli::check::chosen;
use crate::cli::{Context, FAILED, GOOD, POLICY_INVALID, TEST_FAILED, show};
use crate::engine::timeline::{Covered, Failure, Suite, parse, report};
use crate::files;
use crate::policy::compile;
use serde_json::json;
use std::sync::Arc;

/// Runs the companies' timelines; prints what failed, and what they cover.
pub fn run(ctx: &mut Context<'_>, companies: &[String]) -> u8 {
    let Some(folders) = chosen(ctx, companies) else {
        return FAILED;
    };
    let mut code = GOOD;
    let mut reports = Vec::new();
    for folder in &folders {
        let compiled = compile(folder);
        let Some(company) = compiled.company.map(Arc::new) else {
            show::findings(ctx, &folders, &compiled.findings);
            code = POLICY_INVALID;
            continue;
        };
        let sources = match files::read_timelines(&ctx.policies, &folder.id) {
            Ok(sources) => sources,
            Err(error) => return ctx.fail(&error),
        };
        let mut suites: Vec<Suite> = Vec::new();
        let mut faults: Vec<(Arc<str>, Failure)> = Vec::new();
        for source in &sources {
            match parse(&source.name, &source.text) {
                Ok(suite) => suites.push(suite),
                Err(list) => faults.extend(list.into_iter().map(|f| (source.name.clone(), f))),
            }
        }
        let report = report(&company, &suites);
        let mut failed = 0;
        for verdict in &report.verdicts {
            failed += usize::from(!verdict.failures.is_empty());
            faults.extend(verdict.failures.iter().map(|f| (verdict.file.clone(), f.clone())));
        }
        let total = report.verdicts.len();
        let passed = total - failed;
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
        if ctx.json {
            let failures: Vec<_> = faults
                .iter()
                .map(|(file, f)| json!({ "file": file, "line": f.line, "zh": f.message.zh, "en": f.message.en }))
                .collect();
            reports.push(json!({
                "company": folder.id, "passed": passed, "failed": failed, "failures": failures,
                "uncovered_clauses": clauses, "uncovered_rules": rules,
            }));
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
            "{}：时间线通过 {passed}，失败 {failed}；未测到的条款：{}；未测到的规则：{}",
            folder.id,
            list(&clauses, "无"),
            list(&rules, "无")
        );
        let en = format!(
            "{}: timelines passed {passed}, failed {failed}; clauses not covered: {}; rules not covered: {}",
            folder.id,
            list(&clauses, "none"),
            list(&rules, "none")
        );
        let line = ctx.say(&zh, &en).to_owned();
        ctx.line(&line);
    }
    if ctx.json {
        ctx.line(&json!({ "companies": reports }).to_string());
    }
    code
}

fn list(names: &[String], none: &str) -> String {
    if names.is_empty() {
        none.to_owned()
    } else {
        names.join(", ")
    }
}
