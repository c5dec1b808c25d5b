//! Who owes something, in words.

use super::condition::by_case;
use super::lexicon::Lexicon;
use super::slot::Said;
use super::text::{all_of, both, one_of};
use crate::policy::finding::Text;
use crate::policy::model::{Bearers, Bearing, During, Id};

/// Says who it is; answers the subject of the leading sentence.
pub(super) fn said(bearers: &Bearers, lexicon: &Lexicon<'_>, said: &mut Said) -> Text {
    match bearers {
        Bearers::Same => {
            said.bearers = Text::new("其承担人", "its bearer");
            said.part("bearer", said.bearers.clone())
        }
        Bearers::Choice(all) => {
            let roles = all.iter().flat_map(|bearing| bearing.roles.iter());
            let mut seen: Vec<&Id> = Vec::new();
            for role in roles {
                if !seen.contains(&role) {
                    seen.push(role);
                }
            }
            let known: Vec<Text> = seen.into_iter().map(|role| lexicon.role(role)).collect();
            said.bearers = one_of(&known);
            match all.as_slice() {
                [only] if only.when.0.is_empty() => said.part("bearer", one(only, lexicon)),
                all => {
                    let all = by_case(all.iter().map(|b| (&b.when, one(b, lexicon))), lexicon);
                    said.say("bearer", both!("承担人：{all}", "The bearer is {all}", all));
                    Text::new("承担人", "the bearer")
                }
            }
        }
    }
}

fn one(bearing: &Bearing, lexicon: &Lexicon<'_>) -> Text {
    let each: Vec<Text> = bearing.roles.iter().map(|role| lexicon.role(role)).collect();
    let mut who = match bearing.joint {
        true => {
            let all = all_of(&each);
            both!("{all}一起", "{all} together", all)
        }
        false => one_of(&each),
    };
    if let Some(field) = &bearing.person {
        let field = lexicon.word(field);
        who = match each.is_empty() {
            true => both!("{field}所写的人", "whoever {field} names", field),
            false => both!(
                "{field}所写的人（没有写的，{who}）",
                "whoever {field} names (else {who})",
                field,
                who
            ),
        };
    }
    match bearing.during {
        None => who,
        Some(During::Open) => both!(
            "{who}（发生在工作时间内的）",
            "{who} (where it happens in open hours)",
            who
        ),
        Some(During::Closed) => both!(
            "{who}（发生在工作时间外的）",
            "{who} (where it happens out of hours)",
            who
        ),
    }
}
