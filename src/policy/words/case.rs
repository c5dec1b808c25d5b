//! Kinds of case, in words.

use super::lexicon::Lexicon;
use super::record::fields;
use super::slot::Said;
use super::text::{both, is_empty, join};
use crate::policy::finding::Text;
use crate::policy::model::{Compute, Course, Kind, StandingCase};

/// A kind of case in sentences.
pub(super) fn said(kind: &Kind, lexicon: &Lexicon<'_>) -> Said {
    let mut said = Said::new("case", &kind.id, &kind.title, &[]);
    let title = &kind.title;
    let carried = said.part("fields", fields(kind.fields.iter(), lexicon));
    said.lead = match is_empty(&carried) {
        true => both!(
            "“{title}”只记发生的事",
            "A case of “{title}” carries only what happens to it",
            title
        ),
        false => both!(
            "“{title}”记有{carried}",
            "A case of “{title}” carries {carried}",
            title,
            carried
        ),
    };
    let standing = match kind.standing {
        None => Text::default(),
        Some(StandingCase::Company) => Text::new("全公司一件，自动建立", "There is one for the company, by itself"),
        Some(StandingCase::Area) => Text::new("每个片区一件，自动建立", "There is one for each area, by itself"),
    };
    said.say("standing", standing);
    let (mut events, mut courses) = (Vec::new(), Vec::new());
    for event in kind.events.values() {
        let title = &event.title;
        let needs = lexicon.fields(&event.needs);
        let own = fields(event.data.iter(), lexicon);
        let mut text = both!("{title}", "{title}", title);
        if !is_empty(&needs) {
            text = both!("{text}（须有{needs}）", "{text} (with {needs})", text, needs);
        }
        if !is_empty(&own) {
            text = both!("{text}〔{own}〕", "{text} [{own}]", text, own);
        }
        if let Some(form) = &event.record {
            let form = &form.title;
            text = both!("{text}（填《{form}》）", "{text} (form “{form}”)", text, form);
        }
        events.push(text);
        let course = match &event.course {
            Course::None => continue,
            Course::Reopen => Text::new(
                "重新开始，原来欠的不再欠",
                "starts a new cycle; what was owed is cancelled",
            ),
            Course::Cancel => Text::new("终止，还欠的不再欠", "cancels what is still owed"),
            Course::Merge => Text::new(
                "并入别的案件，不再计",
                "makes it part of another case: nothing of it counts",
            ),
            Course::Pause(reason) => {
                let reason = lexicon.word(reason);
                both!("因{reason}暂停", "pauses it for {reason}", reason)
            }
            Course::Resume(reason) => {
                let reason = lexicon.word(reason);
                both!("{reason}的暂停结束", "ends the pause for {reason}", reason)
            }
        };
        courses.push(both!("“{title}”{course}", "“{title}” {course}", title, course));
    }
    let events = join(&events, "；", "; ");
    if !is_empty(&events) {
        said.say("events", both!("会发生：{events}", "What can happen: {events}", events));
    }
    said.say("course", join(&courses, "；", "; "));
    for computed in &kind.computed {
        let field = lexicon.word(&computed.field);
        let how = match &computed.how {
            Compute::Script {
                function,
                from,
                otherwise,
            } => {
                let (name, from) = (function.name(), lexicon.fields(from));
                let otherwise = lexicon.value(otherwise);
                both!(
                    "程序 {name} 按{from}算，算不出的为{otherwise}",
                    "by the script {name} from {from}, else {otherwise}",
                    name,
                    from,
                    otherwise
                )
            }
            Compute::YearsSince(date) => {
                let date = lexicon.word(date);
                both!("从{date}起的整年数", "the whole years since {date}", date)
            }
            Compute::Count(event) => {
                let event = lexicon.events(std::slice::from_ref(event));
                both!("{event}的次数", "how many of {event} there were", event)
            }
        };
        said.say(
            "computed",
            both!("{field}是算出来的：{how}", "{field} is worked out: {how}", field, how),
        );
    }
    said
}
