//! Conditions in words.

use super::lexicon::Lexicon;
use super::text::{both, is_empty, join, one_of};
use crate::policy::finding::Text;
use crate::policy::model::{Condition, Test};

/// A condition: 轻重为“重大”; nothing where it always holds.
pub(super) fn condition(condition: &Condition, lexicon: &Lexicon<'_>) -> Text {
    let tests = condition.0.iter().map(|(field, test)| {
        let field = lexicon.word(field);
        match test {
            Test::OneOf(values) => {
                let values = one_of(&values.iter().map(|value| lexicon.value(value)).collect::<Vec<_>>());
                both!("{field}为{values}", "{field} is {values}", field, values)
            }
            Test::Exists(true) => both!("填了{field}", "{field} is filled in", field),
            Test::Exists(false) => both!("没有填{field}", "{field} is not filled in", field),
            Test::AtLeast(n) => both!("{field}在{n}以上（含）", "{field} is at least {n}", field, n),
            Test::MoreThan(n) => both!("{field}超过{n}", "{field} is more than {n}", field, n),
            Test::AtMost(n) => both!("{field}在{n}以下（含）", "{field} is at most {n}", field, n),
            Test::LessThan(n) => both!("{field}不满{n}", "{field} is less than {n}", field, n),
        }
    });
    join(&tests.collect::<Vec<_>>(), "，而且", " and ")
}

/// The same as a part of a sentence that begins with it: 如果……，
pub(super) fn provided(when: &Condition, lexicon: &Lexicon<'_>) -> Text {
    let when = condition(when, lexicon);
    match is_empty(&when) {
        true => when,
        false => both!("如果{when}", "if {when}", when),
    }
}

/// Several entries, the first of which counts whose condition holds: 甲时，A；其他情况，B.
pub(super) fn by_case<'c>(entries: impl IntoIterator<Item = (&'c Condition, Text)>, lexicon: &Lexicon<'_>) -> Text {
    let mut all: Vec<Text> = Vec::new();
    for (when, what) in entries {
        let when = condition(when, lexicon);
        all.push(match (is_empty(&when), all.is_empty()) {
            (true, true) => what,
            (true, false) => both!("其他情况，{what}", "otherwise {what}", what),
            (false, _) => both!("{when}的，{what}", "{what} if {when}", when, what),
        });
    }
    join(&all, "；", "; ")
}
