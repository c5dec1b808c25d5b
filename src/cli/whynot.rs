//! `guicheng why-not`.

use crate::cli::at_hand::{AtHand, Place};
use crate::cli::{Context, GOOD};
use crate::engine::whynot;

/// What is asked.
pub struct Asked {
    /// The case.
    pub case: String,
    /// The rule.
    pub rule: String,
    /// Where its record is.
    pub place: Place,
    /// As things stand at this instant.
    pub as_of: Option<String>,
    /// Who asks.
    pub viewer: Option<String>,
}

/// Says why a case has no obligation of a rule.
pub fn run(ctx: &mut Context<'_>, asked: &Asked) -> u8 {
    match answer(ctx, asked) {
        Ok(text) => {
            ctx.line(text.trim_end());
            GOOD
        }
        Err(error) => ctx.fail(error.as_ref()),
    }
}

fn answer(ctx: &mut Context<'_>, asked: &Asked) -> Result<String, Box<dyn std::error::Error>> {
    let mut at_hand = AtHand::open(ctx, &asked.place)?;
    let how = (asked.as_of.as_deref(), asked.viewer.as_deref());
    let answer = at_hand.put("why-not", how, |question| {
        Ok(question.why_not(&asked.case, &asked.rule)?)
    })?;
    Ok(match ctx.json {
        true => serde_json::to_string_pretty(&answer)?,
        false => whynot::text(&answer, ctx.lang),
    })
}
