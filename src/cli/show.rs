//! Findings drawn under the author's line.

use crate::cli::Context;
use crate::policy::Folder;
use crate::policy::finding::{Finding, Severity};
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// Prints findings with the lines that they are about.
pub fn findings(ctx: &mut Context<'_>, folders: &[Folder], findings: &[Finding]) {
    for finding in findings {
        let drawn = draw(ctx, folders, finding);
        ctx.line(&drawn);
    }
}

fn draw(ctx: &Context<'_>, folders: &[Folder], finding: &Finding) -> String {
    let sources = folders
        .iter()
        .flat_map(|f| f.files.iter().chain(&f.calendars).chain(&f.scripts));
    let text = sources
        .filter(|s| s.name == finding.file)
        .map(|s| s.text.clone())
        .next()
        .unwrap_or_default();
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let clause = match &finding.clause {
        Some(clause) => format!("{} {clause}: ", ctx.say("条款", "clause")),
        None => String::new(),
    };
    let message = format!("{clause}{}", finding.message.in_lang(ctx.lang));
    let (effect, remedy) = (finding.effect.in_lang(ctx.lang), finding.remedy.in_lang(ctx.lang));
    let length = text.len();
    let span = finding.span.start.min(length)..finding.span.end.min(length);
    let snippet = Snippet::source(text.as_ref())
        .path(finding.file.as_ref())
        .fold(true)
        .annotation(AnnotationKind::Primary.span(span));
    let mut group = level.primary_title(&message).id(finding.code).element(snippet);
    if !effect.is_empty() {
        group = group.element(Level::NOTE.with_name(ctx.say("后果", "effect")).message(effect));
    }
    if !remedy.is_empty() {
        group = group.element(Level::HELP.with_name(ctx.say("改法", "help")).message(remedy));
    }
    Renderer::plain().render(&[group])
}
