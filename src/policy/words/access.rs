//! Who may see which cases, in words.

use super::condition::condition;
use super::lexicon::Lexicon;
use super::slot::Said;
use super::text::{both, is_empty, one_of};
use crate::policy::finding::Text;
use crate::policy::model::Access;

/// An access rule in sentences.
pub(super) fn said(access: &Access, lexicon: &Lexicon<'_>) -> Said {
    let mut said = Said::new("access", &access.id, &access.title, &access.clauses);
    let kind = said.part("kind", lexicon.kind(&access.kind));
    let when = said.part("condition", condition(&access.when, lexicon));
    let which = match is_empty(&when) {
        true => both!("“{kind}”的案件", "cases of “{kind}”", kind),
        false => both!("{when}的“{kind}”案件", "cases of “{kind}” whose {when}", when, kind),
    };
    let mut who: Vec<Text> = access.roles.iter().map(|role| lexicon.role(role)).collect();
    who.extend(access.fields.iter().map(|field| {
        let field = lexicon.word(field);
        both!("{field}所写的人", "whoever {field} names", field)
    }));
    let who = said.part("access", one_of(&who));
    said.bearers = who.clone();
    said.lead = match is_empty(&who) {
        true => both!("{which}谁都能看", "Everybody may see {which}", which),
        false => both!("{which}只有{who}能看", "Only {who} may see {which}", which, who),
    };
    if !access.never.is_empty() {
        let never = lexicon.fields(&access.never);
        said.say(
            "access",
            both!("{never}所写的人不能看", "Whoever {never} names may not", never),
        );
    }
    if access.audit {
        said.say("access", Text::new("每次查看都留痕", "Each showing is recorded"));
    }
    said.assume(access.assume.as_ref());
    said
}
