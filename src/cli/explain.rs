//! `guicheng explain`.

use crate::cli::at_hand::{AtHand, Place};
use crate::cli::{Context, FAILED, GOOD};
use crate::engine::explain;
use crate::policy;

/// What is to be explained.
pub struct Asked {
    /// A code of `check`, or an obligation's id.
    pub what: String,
    /// Where the obligation's record is.
    pub place: Place,
    /// As things stand at this instant.
    pub as_of: Option<String>,
    /// Who asks.
    pub viewer: Option<String>,
}

/// Explains a finding's code or an obligation.
pub fn run(ctx: &mut Context<'_>, asked: &Asked) -> u8 {
    if let Some(code) = policy::code(&asked.what).filter(|_| ctx.json) {
        let both = |text: policy::finding::Text| serde_json::json!({ "zh": text.zh, "en": text.en });
        let told = serde_json::json!({
            "code": code.code,
            "severity": code.severity.word(),
            "means": both(code.means()),
            "effect": both(code.effect()),
            "example": both(code.example()),
        });
        ctx.line(&told.to_string());
        return GOOD;
    }
    if let Some(text) = policy::explain(&asked.what) {
        let text = text.in_lang(ctx.lang).to_owned();
        ctx.line(&format!("{}\n{text}", asked.what));
        return GOOD;
    }
    if !asked.what.contains('~') {
        let known: Vec<&str> = policy::CODES.iter().map(|c| c.code).collect();
        let near = known
            .iter()
            .min_by_key(|c| strsim::damerau_levenshtein(c, &asked.what))
            .copied()
            .unwrap_or("");
        let zh = format!(
            "`{}` 既不是检查的代码（是不是 `{near}`？），也不是义务的编号（案件~规则~次数）",
            asked.what
        );
        let en = format!(
            "`{}` is neither a code of `check` (did you mean `{near}`?) nor an obligation's id (case~rule~cycle)",
            asked.what
        );
        let line = ctx.say(&zh, &en).to_owned();
        ctx.complain(&line);
        return FAILED;
    }
    match obligation(ctx, asked) {
        Ok(()) => GOOD,
        Err(error) => ctx.fail(error.as_ref()),
    }
}

fn obligation(ctx: &mut Context<'_>, asked: &Asked) -> Result<(), Box<dyn std::error::Error>> {
    let mut at_hand = AtHand::open(ctx, &asked.place)?;
    let how = (asked.as_of.as_deref(), asked.viewer.as_deref());
    let explanation = at_hand.put("explain", how, |question| {
        let (case_id, case, at) = question.obligation(&asked.what)?;
        let obligation = case.obligations.get(at).ok_or("the obligation is gone")?;
        Ok(question.explanation(&case_id, &case, obligation))
    })?;
    let shown = match ctx.json {
        true => serde_json::to_string_pretty(&explanation)?,
        false => explain::text(&explanation, ctx.lang),
    };
    ctx.line(&shown);
    Ok(())
}
