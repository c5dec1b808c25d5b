//! `guicheng render`.

use crate::cli::check::chosen;
use crate::cli::{Context, FAILED, GOOD, POLICY_INVALID, show};
use crate::policy::compile;
use crate::policy::finding::Severity;
use crate::policy::words::{Document, document, html, json, markdown};
use chrono::NaiveDate;
use std::path::{Path, PathBuf};

/// What a document is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sheet {
    /// Markdown.
    Text,
    /// One HTML file that prints.
    Html,
    /// For programs: both languages, slot by slot.
    Json,
}

/// Writes the companies' policies in sentences: to `out`, a file for each company, or all to the standard output.
pub fn run(ctx: &mut Context<'_>, companies: &[String], sheet: Sheet, out: Option<&Path>, on: Option<NaiveDate>) -> u8 {
    let Some(folders) = chosen(ctx, companies) else {
        return FAILED;
    };
    let mut code = GOOD;
    let mut documents = Vec::new();
    for folder in &folders {
        let compiled = compile(folder);
        match compiled.company {
            Some(company) => documents.push(document(&company, on)),
            None => {
                let errors = compiled.findings.into_iter().filter(|f| f.severity == Severity::Error);
                show::findings(ctx, &folders, &errors.collect::<Vec<_>>());
                code = POLICY_INVALID;
            }
        }
    }
    let Some(out) = out else {
        for document in &documents {
            let text = written(document, sheet, ctx);
            ctx.line(text.trim_end());
        }
        return code;
    };
    for document in &documents {
        let ending = match sheet {
            Sheet::Text => "md",
            Sheet::Html => "html",
            Sheet::Json => "json",
        };
        let path: PathBuf = out.join(format!("{}.{ending}", document.company));
        let text = written(document, sheet, ctx);
        if let Err(error) = std::fs::create_dir_all(out).and_then(|()| std::fs::write(&path, text)) {
            let text = format!("{}: {error}", path.display());
            ctx.complain(&text);
            return FAILED;
        }
        ctx.line(&path.display().to_string());
    }
    code
}

fn written(document: &Document, sheet: Sheet, ctx: &Context<'_>) -> String {
    match sheet {
        Sheet::Text => markdown(document, ctx.lang),
        Sheet::Html => html(document, ctx.lang),
        Sheet::Json => json(document).to_string(),
    }
}
