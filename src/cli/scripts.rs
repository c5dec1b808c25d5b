//! `guicheng scripts`.

use crate::cli::check::chosen;
use crate::cli::{Context, FAILED, GOOD, POLICY_INVALID, show};
use crate::policy::compile;
use crate::script;

/// Lists the functions of the companies' scripts; with `reference`, prints the page of what scripts can call.
pub fn run(ctx: &mut Context<'_>, companies: &[String], reference: bool) -> u8 {
    if reference {
        let page = script::reference();
        ctx.line(page.trim_end());
        return GOOD;
    }
    let Some(folders) = chosen(ctx, companies) else {
        return FAILED;
    };
    let mut code = GOOD;
    for folder in &folders {
        let compiled = compile(folder);
        let Some(company) = &compiled.company else {
            show::findings(ctx, &folders, &compiled.findings);
            code = POLICY_INVALID;
            continue;
        };
        let functions: Vec<&str> = company.scripts.names().collect();
        if ctx.json {
            ctx.line(&serde_json::json!({ "company": folder.id, "functions": functions }).to_string());
            continue;
        }
        let zh = format!("{}：{} 个脚本函数", folder.id, functions.len());
        let en = format!("{}: script functions {}", folder.id, functions.len());
        let line = ctx.say(&zh, &en).to_owned();
        ctx.line(&line);
        for function in functions {
            ctx.line(&format!("  {function}"));
        }
    }
    code
}
