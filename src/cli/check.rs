//! `guicheng check`.

use crate::cli::{Context, FAILED, GOOD, POLICY_INVALID, show};
use crate::clock::Clock;
use crate::files;
use crate::policy::finding::{Finding, Severity};
use crate::policy::{Folder, compile, exception};

/// Checks the companies' policies; prints every finding.
pub fn run(ctx: &mut Context<'_>, companies: &[String]) -> u8 {
    let Some(folders) = chosen(ctx, companies) else {
        return FAILED;
    };
    let mut all: Vec<Finding> = Vec::new();
    let mut summaries = Vec::new();
    for folder in &folders {
        let compiled = compile(folder);
        if let Some(company) = &compiled.company {
            let clauses: usize = company.procedures.iter().map(|p| p.clauses.len()).sum();
            let duties: usize = company.procedures.iter().map(|p| p.duties.len()).sum();
            let others: usize = company
                .procedures
                .iter()
                .map(|p| p.rules().len() - p.duties.len() - p.records.len())
                .sum();
            summaries.push((folder.id.clone(), company.procedures.len(), clauses, duties + others));
        }
        all.extend(compiled.findings);
        if let Some(company) = &compiled.company {
            let today = company.zone.date(Clock::System.now());
            all.extend(exception::expired(company, today));
        }
    }
    let errors = all.iter().filter(|f| f.severity == Severity::Error).count();
    let warnings = all.iter().filter(|f| f.severity == Severity::Warning).count();
    if ctx.json {
        let list: Vec<_> = all.iter().map(Finding::json).collect();
        ctx.line(&serde_json::json!({ "errors": errors, "warnings": warnings, "findings": list }).to_string());
    } else {
        show::findings(ctx, &folders, &all);
        for (id, procedures, clauses, rules) in summaries {
            let zh = format!("{id}：{procedures} 部规程，{clauses} 条，{rules} 条规则，可以执行");
            let en = format!("{id}: procedures {procedures}, clauses {clauses}, rules {rules}; good to serve");
            let line = ctx.say(&zh, &en).to_owned();
            ctx.line(&line);
        }
        let zh = format!("错误 {errors}，提醒 {warnings}");
        let en = format!("errors {errors}, warnings {warnings}");
        let line = ctx.say(&zh, &en).to_owned();
        ctx.line(&line);
    }
    if errors == 0 { GOOD } else { POLICY_INVALID }
}

/// The folders of the companies that were named, or all.
pub fn chosen(ctx: &mut Context<'_>, companies: &[String]) -> Option<Vec<Folder>> {
    let folders = match files::read_policies(&ctx.policies, &ctx.scripts) {
        Ok(folders) => folders,
        Err(error) => {
            ctx.fail(&error);
            return None;
        }
    };
    if let Some(missing) = companies.iter().find(|c| !folders.iter().any(|f| f.id == **c)) {
        let known: Vec<&str> = folders.iter().map(|f| f.id.as_str()).collect();
        let known = known.join(", ");
        let zh = format!("没有公司 `{missing}`；有的是：{known}");
        let en = format!("there is no company `{missing}`; there are: {known}");
        let line = ctx.say(&zh, &en).to_owned();
        ctx.complain(&line);
        return None;
    }
    Some(
        folders
            .into_iter()
            .filter(|f| companies.is_empty() || companies.contains(&f.id))
            .collect(),
    )
}
