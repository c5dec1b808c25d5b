//! `guicheng clauses`.

use crate::cli::check::chosen;
use crate::cli::test::{Loaded, load};
use crate::cli::{Context, FAILED, GOOD};
use crate::engine::timeline::{ClauseState, clauses, coverage};

/// Lists every clause of the companies' procedures, with what carries it and what tests that.
pub fn run(ctx: &mut Context<'_>, companies: &[String]) -> u8 {
    let Some(folders) = chosen(ctx, companies) else {
        return FAILED;
    };
    let mut code = GOOD;
    let mut all: Vec<ClauseState> = Vec::new();
    for folder in &folders {
        match load(ctx, &folders, folder) {
            Ok(Loaded { company, suites, .. }) => all.extend(clauses(&company, &coverage(&company, &suites))),
            Err(failed) => code = code.max(failed),
        }
    }
    if ctx.json {
        match serde_json::to_string(&all) {
            Ok(text) => ctx.line(&text),
            Err(error) => return ctx.fail(&error),
        }
        return code;
    }
    let mut procedure = "";
    for clause in &all {
        if clause.procedure != procedure {
            procedure = &clause.procedure;
            ctx.line(&format!("── {procedure}"));
        }
        let line = describe(ctx, clause);
        ctx.line(&line);
    }
    let count = |status: &str| all.iter().filter(|c| c.status == status).count();
    let (carried, checklist, manual) = (count("carried"), count("checklist"), count("manual"));
    let untested = all
        .iter()
        .filter(|c| c.status == "carried" && c.tests.is_empty())
        .count();
    let total = all.len();
    let zh =
        format!("共 {total} 条：由规则执行 {carried}（其中未测到 {untested}），只作提示 {checklist}，由人办 {manual}");
    let en = format!(
        "clauses {total}: carried by rules {carried} (of these not covered by a test {untested}), checklist only {checklist}, manual {manual}"
    );
    let line = ctx.say(&zh, &en).to_owned();
    ctx.line(&line);
    code
}

fn describe(ctx: &Context<'_>, clause: &ClauseState) -> String {
    let status = match clause.status {
        "carried" => ctx.say("执行", "carried"),
        "checklist" => ctx.say("提示", "checklist"),
        _ => ctx.say("人工", "manual"),
    };
    let rules = match (&clause.reason, clause.rules.is_empty()) {
        (Some(reason), true) => reason.clone(),
        (None, true) => ctx.say("没有规则", "no rule").to_owned(),
        (_, false) => clause.rules.join(", "),
    };
    let tests = clause.tests.len();
    let tests = match ctx.lang {
        crate::policy::finding::Lang::Zh => format!("测试 {tests}"),
        crate::policy::finding::Lang::En => format!("tests {tests}"),
    };
    format!(
        "  {}  [{status}]  {}\n      {rules} · {tests}",
        clause.clause, clause.text
    )
}
