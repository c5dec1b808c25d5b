//! Shares to be reached, in words.

use super::lexicon::Lexicon;
use super::slot::Said;
use super::text::{begun, both};
use super::time;
use crate::policy::finding::Text;
use crate::policy::model::{Rate, Target};

/// A rate in sentences.
pub(super) fn said(rate: &Rate, lexicon: &Lexicon<'_>) -> Said {
    let mut said = Said::new("rate", &rate.id, &rate.title, &rate.clauses);
    let per = said.part("per", time::each(rate.per));
    let of = said.part("rules", lexicon.all_rules(&rate.of));
    said.lead = begun(match &rate.target {
        Target::AtLeast(share) => {
            let share = said.part("target", both!("{share}", "{share}", share));
            both!(
                "{per}的{of}，按期办结的比例不得低于{share}",
                "{per}, at least {share} of {of} must be done in time",
                per,
                of,
                share
            )
        }
        Target::DecidedBy(role) => {
            let role = said.part("decision", lexicon.role(role));
            said.bearers = role.clone();
            both!(
                "{per}的{of}，按期办结的比例不得低于{role}决定的指标",
                "{per}, the share of {of} that must be done in time is what {role} decides",
                per,
                of,
                role
            )
        }
    });
    if let Some(within) = rate.decide_within {
        let within = time::within(within);
        said.say(
            "decision",
            both!(
                "指标须从执行之日起{within}定下",
                "The target must be decided {within} from the day the rate begins to count",
                within
            ),
        );
    }
    if let Some(share) = rate.warn_below {
        said.say(
            "warn_below",
            both!("低于{share}就提醒", "Below {share} there is a warning", share),
        );
    }
    if let Some(top_up) = rate.top_up {
        let within = time::within(top_up);
        said.say("draw", Text::new("只有抽中的才须办", "Only what is drawn is owed"));
        said.say(
            "term",
            both!(
                "期末不够的，从没抽中的里补抽，补抽的须{within}办完",
                "If the share is short at the period's end, more are drawn, to be done {within}",
                within
            ),
        );
    }
    said.assume(rate.assume.as_ref());
    said
}
