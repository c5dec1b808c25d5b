//! `guicheng check`.

use crate::cli::witness::{self, Shown};
use crate::cli::{Context, FAILED, GOOD, POLICY_INVALID, sarif, show};
use crate::clock::Clock;
use crate::domain::zone::Instant;
use crate::engine::timeline::{self, parse};
use crate::files;
use crate::policy::finding::{Finding, Severity};
use crate::policy::model::Company;
use crate::policy::{Folder, compile, exception, opaque, together, untested};
use std::path::Path;
use std::sync::Arc;

/// Checks the companies' policies; prints every finding. What findings can show is written into the folder `witnesses`.
pub fn run(ctx: &mut Context<'_>, companies: &[String], witnesses: Option<&Path>) -> u8 {
    let Some(folders) = chosen(ctx, companies) else {
        return FAILED;
    };
    let (mut all, mut summaries): (Vec<Shown>, Vec<(String, [usize; 4])>) = (Vec::new(), Vec::new());
    let now = Clock::System.now();
    let (policies, json) = (ctx.policies.clone(), ctx.json);
    let checked = together(&folders, |folder| {
        let (findings, good) = check(&policies, folder, now);
        let dir = witnesses.map(|dir| match folders.len() {
            1 => dir.to_path_buf(),
            _ => dir.join(&folder.id),
        });
        // Each witness is run; nobody sees them but in files and in JSON.
        let tried = good
            .as_ref()
            .map(|(company, _)| company)
            .filter(|_| json || dir.is_some());
        let shown = witness::shown(tried, findings, dir.as_deref());
        shown.map(|shown| (shown, good.map(|(_, counts)| (folder.id.clone(), counts))))
    });
    for one in checked {
        match one {
            Ok((shown, counts)) => {
                all.extend(shown);
                summaries.extend(counts);
            }
            Err(error) => return ctx.fail(&error),
        }
    }
    let count = |severity| all.iter().filter(|s| s.finding.severity == severity).count();
    let (errors, warnings, infos) = (count(Severity::Error), count(Severity::Warning), count(Severity::Info));
    let opaque: usize = summaries.iter().map(|(_, [.., opaque])| opaque).sum();
    if ctx.sarif {
        let sources = folders
            .iter()
            .flat_map(|f| f.files.iter().chain(&f.calendars).chain(&f.scripts))
            .collect::<Vec<_>>();
        let findings: Vec<Finding> = all.into_iter().map(|shown| shown.finding).collect();
        let log = sarif::log(&findings, &sources, ctx.lang);
        ctx.line(&log.to_string());
    } else if ctx.json {
        let list: Vec<_> = all.iter().map(Shown::json).collect();
        let answer = serde_json::json!({
            "errors": errors, "warnings": warnings, "infos": infos, "opaque_rules": opaque, "findings": list,
        });
        ctx.line(&answer.to_string());
    } else {
        for shown in &all {
            show::findings(ctx, &folders, std::slice::from_ref(&shown.finding));
            if let Some(file) = &shown.file {
                let line = format!("   = {}: {file}", ctx.say("见证", "witness"));
                ctx.line(&line);
            }
        }
        for (id, [procedures, clauses, rules, opaque]) in summaries {
            let (mut zh, mut en) = (
                format!("{id}：{procedures} 部规程，{clauses} 条，{rules} 条规则，可以执行"),
                format!("{id}: procedures {procedures}, clauses {clauses}, rules {rules}; good to serve"),
            );
            if opaque > 0 {
                zh += &format!("；{opaque} 条规则用到脚本，分析看不进去");
                en += &format!("; {opaque} of the rules depend on scripts, which the analysis cannot look into");
            }
            let line = ctx.say(&zh, &en).to_owned();
            ctx.line(&line);
        }
        let zh = format!("错误 {errors}，提醒 {warnings}，说明 {infos}");
        let en = format!("errors {errors}, warnings {warnings}, notes {infos}");
        let line = ctx.say(&zh, &en).to_owned();
        ctx.line(&line);
    }
    if errors == 0 { GOOD } else { POLICY_INVALID }
}

/// A company that can serve, and how many procedures, clauses, rules and rules with scripts it has.
type Good = (Arc<Company>, [usize; 4]);

/// What is found in a company's folder; the company, where it can serve.
fn check(policies: &Path, folder: &Folder, now: Instant) -> (Vec<Finding>, Option<Good>) {
    let compiled = compile(folder);
    let mut findings = compiled.findings;
    let Some(company) = compiled.company.map(Arc::new) else {
        return (findings, None);
    };
    findings.extend(without_test(policies, folder, &company));
    findings.extend(exception::expired(&company, company.zone.date(now)));
    let procedures = &company.procedures;
    let clauses: usize = procedures.iter().map(|p| p.clauses.len()).sum();
    let rules = procedures.iter().map(|p| p.rules().len() - p.records.len()).sum();
    let counts = [procedures.len(), clauses, rules, opaque(&company)];
    (findings, Some((company, counts)))
}

/// The rules that no timeline of the company is about. Timelines that cannot be read are the business of `test`.
fn without_test(policies: &Path, folder: &Folder, company: &Company) -> Vec<Finding> {
    let Ok(sources) = files::read_timelines(policies, &folder.id) else {
        return Vec::new();
    };
    let read: Result<Vec<_>, _> = sources.iter().map(|source| parse(&source.name, &source.text)).collect();
    let Ok(suites) = read else { return Vec::new() };
    let any = suites.iter().any(|suite| !suite.timelines.is_empty());
    untested(folder, &timeline::untested(company, &suites), any)
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
