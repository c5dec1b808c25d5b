//! Values of the tree with their places.

use super::codes;
use super::finding::Text;
use super::model::Id;
use super::source::{Place, say};
use super::table::Table;
use chrono::NaiveDate;
use std::sync::Arc;
use toml::de::DeValue;

/// A text and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Word<'a> {
    /// The text.
    pub text: &'a str,
    /// Where.
    pub at: Place<'a>,
}

impl Word<'_> {
    /// The text as an id.
    pub fn id(&self) -> Id {
        Arc::from(self.text)
    }
}

/// A value, the key it stands under, and where.
#[derive(Clone, Copy)]
pub(super) struct Node<'a> {
    /// The key; of an element of a list, the list's.
    pub name: &'a str,
    /// Where the value stands.
    pub at: Place<'a>,
    /// The value.
    pub value: &'a DeValue<'a>,
}

impl<'a> Node<'a> {
    /// Reports that something else was wanted here.
    pub fn wrong_type(&self, zh: &str, en: &str) {
        let name = self.name;
        let (got_zh, got_en) = match self.value {
            DeValue::String(_) => ("文字", "a text"),
            DeValue::Integer(_) => ("整数", "a whole number"),
            DeValue::Float(_) => ("小数", "a number with decimals"),
            DeValue::Boolean(_) => ("true/false", "true or false"),
            DeValue::Datetime(_) => ("日期或时间", "a date or time"),
            DeValue::Array(_) => ("列表", "a list"),
            DeValue::Table(_) => ("表", "a table"),
        };
        self.at.find(
            codes::WRONG_TYPE,
            Text::new(
                format!("“{name}”要写{zh}，这里是{got_zh}"),
                format!("`{name}` takes {en}, this is {got_en}"),
            ),
            Text::new(format!("改写成{zh}"), format!("write {en}")),
        );
    }

    /// Reports a value that is not allowed, and what is.
    pub fn bad_value(&self, zh: &str, en: &str) {
        let name = self.name;
        let written = self.written();
        self.at.find(
            codes::BAD_VALUE,
            say!("“{name}”不能写 {written}", "`{name}` cannot be {written}"),
            Text::new(format!("要写{zh}"), format!("write {en}")),
        );
    }

    /// The value as it was written.
    pub fn written(&self) -> &'a str {
        self.at.file.text.get(self.at.start..self.at.end).unwrap_or_default()
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<Word<'a>> {
        self.value.as_str().map(|text| Word { text, at: self.at })
    }

    /// A text that says something.
    pub fn text(&self) -> Option<Word<'a>> {
        let Some(word) = self.as_text() else {
            self.wrong_type("文字（加英文引号）", "a text in straight quotes");
            return None;
        };
        if word.text.trim().is_empty() {
            self.bad_value("一句话或一个名字，不能空着", "a name or a sentence, not nothing");
            return None;
        }
        Some(word)
    }

    /// One text, or a list of them.
    pub fn texts(&self) -> Vec<Word<'a>> {
        match self.value {
            DeValue::String(_) => self.text().into_iter().collect(),
            DeValue::Array(list) if list.is_empty() => {
                self.bad_value("至少一项", "at least one item");
                Vec::new()
            }
            DeValue::Array(_) => self.list().iter().filter_map(Node::text).collect(),
            _ => {
                self.wrong_type("文字，或文字的列表", "a text or a list of texts");
                Vec::new()
            }
        }
    }

    /// The elements of a list.
    pub fn list(&self) -> Vec<Node<'a>> {
        let Some(list) = self.value.as_array() else {
            self.wrong_type("列表 [ … ]", "a list [ … ]");
            return Vec::new();
        };
        list.iter()
            .map(|item| {
                let span = item.span();
                Node {
                    name: self.name,
                    at: Place {
                        start: span.start,
                        end: span.end,
                        ..self.at
                    },
                    value: item.get_ref(),
                }
            })
            .collect()
    }

    /// A whole number.
    pub fn int(&self) -> Option<i64> {
        let number = self.as_int();
        if number.is_none() {
            self.wrong_type("整数", "a whole number");
        }
        number
    }

    /// The whole number, if it is one.
    pub fn as_int(&self) -> Option<i64> {
        self.value
            .as_integer()
            .and_then(|number| i64::from_str_radix(number.as_str(), number.radix()).ok())
    }

    /// A whole number of at least 1.
    pub fn positive(&self) -> Option<u32> {
        let number = self.int()?;
        let positive = u32::try_from(number).ok().filter(|n| *n > 0);
        if positive.is_none() {
            let name = self.name;
            self.at.find(
                codes::NOT_POSITIVE,
                say!(
                    "“{name}”是 {number}，不是正整数",
                    "`{name}` is {number}, not a positive whole number"
                ),
                say!("写 1 或更大的整数", "write 1 or more"),
            );
        }
        positive
    }

    /// Yes or no.
    pub fn boolean(&self) -> Option<bool> {
        let yes = self.value.as_bool();
        if yes.is_none() {
            self.wrong_type(" true 或 false（不加引号）", "true or false without quotes");
        }
        yes
    }

    /// The local date, if it is one.
    pub fn as_date(&self) -> Option<NaiveDate> {
        let written = self.value.as_datetime()?;
        let date = written
            .date
            .filter(|_| written.time.is_none() && written.offset.is_none())?;
        NaiveDate::from_ymd_opt(i32::from(date.year), u32::from(date.month), u32::from(date.day))
    }

    /// A local date.
    pub fn date(&self) -> Option<NaiveDate> {
        let date = self.as_date();
        if date.is_none() {
            self.wrong_type(
                "日期，如 2024-01-01（不加引号）",
                "a date such as 2024-01-01, without quotes",
            );
        }
        date
    }

    /// A table.
    pub fn table(&self) -> Option<Table<'a>> {
        let Some(items) = self.value.as_table() else {
            self.wrong_type("表 { … }", "a table { … }");
            return None;
        };
        Some(Table::new(self.at, items))
    }

    /// The entries of a table whose keys the author chooses, in the order of the file.
    pub fn entries(&self) -> Vec<(Word<'a>, Node<'a>)> {
        self.table().map(|table| table.entries()).unwrap_or_default()
    }

    /// One of these words.
    pub fn one_of<T: Clone>(&self, known: &[(&'static str, T)]) -> Option<T> {
        #[cfg(test)]
        super::tests::asked::words(self.at, known.iter().map(|(name, _)| *name).collect());
        let word = self.text()?;
        if let Some((_, value)) = known.iter().find(|(name, _)| *name == word.text) {
            return Some(value.clone());
        }
        let list = known.iter().map(|(name, _)| format!("\"{name}\"")).collect::<Vec<_>>();
        match list.as_slice() {
            [only] => self.bad_value(&format!(" {only}"), only),
            _ => self.bad_value(
                &format!(" {} 之一", list.join("、")),
                &format!("one of {}", list.join(", ")),
            ),
        }
        None
    }
}
