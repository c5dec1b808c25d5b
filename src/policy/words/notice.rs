//! Texts that go out, in words.

use super::condition::condition;
use super::lexicon::Lexicon;
use super::slot::Said;
use super::text::{both, is_empty};
use super::time;
use crate::policy::model::{Body, Listing, Notice};

/// A notice in sentences.
pub(super) fn said(notice: &Notice, lexicon: &Lexicon<'_>) -> Said {
    let mut said = Said::new("notice", &notice.id, &notice.title, &notice.clauses);
    let title = &notice.title;
    match &notice.body {
        Body::Letter(text) => {
            let text = said.part("text", lexicon.template(text));
            said.lead = both!(
                "文书“{title}”写：“{text}”",
                "The text of “{title}” is “{text}”",
                title,
                text
            );
        }
        Body::List(listing) => list(listing, title, lexicon, &mut said),
    }
    if !notice.of.is_empty() {
        let of = lexicon.rules(&notice.of);
        said.say("rules", both!("随{of}发出", "It goes out with {of}", of));
    }
    said.assume(notice.assume.as_ref());
    said
}

fn list(listing: &Listing, title: &str, lexicon: &Lexicon<'_>, said: &mut Said) {
    let per = said.part("per", time::each(listing.per));
    let on = said.part("trigger", lexicon.events(&listing.on));
    let kind = said.part("kind", lexicon.kind(&listing.kind));
    said.lead = both!(
        "“{title}”{per}列出有{on}的“{kind}”",
        "{per}, “{title}” lists the cases of “{kind}” with {on}",
        per,
        title,
        kind,
        on
    );
    said.lead = super::text::begun(std::mem::take(&mut said.lead));
    let when = condition(&listing.when, lexicon);
    if !is_empty(&when) {
        said.say("condition", both!("只列{when}的", "Only those whose {when}", when));
    }
    if let Some(also) = &listing.also {
        let also = condition(also, lexicon);
        said.say(
            "condition",
            both!(
                "以前的，{also}的也列",
                "Those of earlier periods whose {also} are listed too",
                also
            ),
        );
    }
    let parts = [
        ("text", listing.head.as_ref()),
        ("row", Some(&listing.row)),
        ("text", listing.foot.as_ref()),
    ];
    for (key, text) in parts {
        let Some(text) = text else { continue };
        let text = lexicon.template(text);
        said.say(
            key,
            match key {
                "row" => both!("每一行写：“{text}”", "Each row: “{text}”", text),
                _ => both!("前后写：“{text}”", "Around the rows: “{text}”", text),
            },
        );
    }
}
