//! Sentences put together of parts that are said in two languages.

use crate::policy::finding::Text;
use std::borrow::Cow;
use std::sync::Arc;

/// What can stand in a gap of a sentence.
pub(crate) trait Say {
    /// In Chinese.
    fn zh(&self) -> Cow<'_, str>;
    /// In English.
    fn en(&self) -> Cow<'_, str>;
}

impl Say for Text {
    fn zh(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.zh)
    }

    fn en(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.en)
    }
}

impl<T: Say + ?Sized> Say for &T {
    fn zh(&self) -> Cow<'_, str> {
        (**self).zh()
    }

    fn en(&self) -> Cow<'_, str> {
        (**self).en()
    }
}

/// What is said alike in both.
macro_rules! alike {
    ($($kind:ty),*) => {
        $(impl Say for $kind {
            fn zh(&self) -> Cow<'_, str> {
                Cow::Owned(self.to_string())
            }

            fn en(&self) -> Cow<'_, str> {
                Cow::Owned(self.to_string())
            }
        })*
    };
}
alike!(
    str,
    String,
    Arc<str>,
    u8,
    u32,
    i64,
    usize,
    chrono::NaiveDate,
    crate::domain::fraction::Fraction
);

/// A sentence in both languages, whose gaps are filled with the named parts in the same language.
macro_rules! both {
    ($zh:literal, $en:literal $(, $name:ident)* $(,)?) => {{
        $crate::policy::finding::Text::new(
            {
                $(let $name = $crate::policy::words::text::Say::zh(&$name); let _ = &$name;)*
                format!($zh)
            },
            {
                $(let $name = $crate::policy::words::text::Say::en(&$name); let _ = &$name;)*
                format!($en)
            },
        )
    }};
}
pub(crate) use both;

/// Several texts as one.
pub(crate) fn join(texts: &[Text], zh: &str, en: &str) -> Text {
    let all_zh: Vec<&str> = texts.iter().map(|t| t.zh.as_str()).collect();
    let all_en: Vec<&str> = texts.iter().map(|t| t.en.as_str()).collect();
    Text::new(all_zh.join(zh), all_en.join(en))
}

/// A list all of whose members count.
pub(crate) fn all_of(texts: &[Text]) -> Text {
    listed(texts, "和", " and ")
}

/// A list one of whose members counts.
pub(crate) fn one_of(texts: &[Text]) -> Text {
    listed(texts, "或", " or ")
}

fn listed(texts: &[Text], zh: &str, en: &str) -> Text {
    match texts.split_last() {
        Some((last, before)) if !before.is_empty() => {
            let before = join(before, "、", ", ");
            Text::new(
                format!("{}{zh}{}", before.zh, last.zh),
                format!("{}{en}{}", before.en, last.en),
            )
        }
        _ => join(texts, "", ""),
    }
}

/// Whether nothing is said.
pub(crate) fn is_empty(text: &Text) -> bool {
    text.zh.is_empty() && text.en.is_empty()
}

/// A name in quotation marks.
pub(crate) fn quoted(name: &str) -> Text {
    both!("“{name}”", "“{name}”", name)
}

/// The text with a capital letter in English, as a sentence begins.
pub(crate) fn begun(text: Text) -> Text {
    let mut letters = text.en.chars();
    let en = match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    };
    Text::new(text.zh, en)
}
