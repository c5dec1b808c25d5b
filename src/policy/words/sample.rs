//! Draws, in words.

use super::condition::{by_case, provided};
use super::duty;
use super::lexicon::Lexicon;
use super::slot::Said;
use super::text::{begun, both, is_empty};
use super::time;
use crate::policy::model::{Frame, Sample, Size, Strata};

/// A sample in sentences, with what is owed on those drawn.
pub(super) fn said(sample: &Sample, lexicon: &Lexicon<'_>) -> Said {
    let mut said = Said::new("sample", &sample.id, &sample.title, &sample.clauses);
    let on = said.part("trigger", lexicon.events(&sample.on));
    let when = said.part("condition", provided(&sample.when, lexicon));
    let sizes = sample.size.iter().map(|(when, size)| {
        let size = match size {
            Size::Share(share) => both!("{share}（不足一个的算一个）", "{share}, rounded up", share),
            Size::Number(n) => both!("{n}个", "{n}", n),
        };
        (when, size)
    });
    let size = said.part("size", by_case(sizes, lexicon));
    let when = match is_empty(&when) {
        true => when,
        false => both!("（{when}）", " ({when})", when),
    };
    said.lead = begun(match &sample.frame {
        Frame::Members { field } => {
            let field = said.part("sample", lexicon.word(field));
            both!(
                "{on}后{when}，从{field}里抽取{size}",
                "after {on}{when}, this many of the {field} are drawn: {size}",
                on,
                when,
                field,
                size
            )
        }
        Frame::Cases { per, .. } => {
            let per = said.part("per", time::each(*per));
            both!(
                "{per}结束时，从当期有{on}的案件里{when}抽取{size}",
                "at the end of {per}, this share or number of the cases with {on}{when} is drawn: {size}",
                per,
                on,
                when,
                size
            )
        }
    });
    match &sample.strata {
        None => {}
        Some(Strata::Field(field)) => {
            let field = lexicon.word(field);
            said.say(
                "strata",
                both!(
                    "按{field}分层，各层均匀抽取",
                    "The draw is spread evenly over {field}",
                    field
                ),
            );
        }
        Some(Strata::Before(mark)) => said.say(
            "strata",
            both!(
                "按名称里“{mark}”前面的部分分层，各层均匀抽取",
                "The draw is spread evenly over the part of the name before “{mark}”",
                mark
            ),
        ),
    }
    if let Some(owed) = sample.duty() {
        duty::within(owed, lexicon, &mut said);
    }
    said.assume(sample.assume.as_ref());
    said
}
