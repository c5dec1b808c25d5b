//! Findings: what is wrong in an author's file, where, what it would do, and what to write instead.

use super::analysis::Witness;
use std::ops::Range;
use std::sync::Arc;

/// A sentence in Chinese and in English.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Text {
    /// Both languages at once.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Text {
        Text {
            zh: zh.into(),
            en: en.into(),
        }
    }

    /// The sentence in that language.
    pub fn in_lang(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }
}

/// A language of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    /// Chinese.
    Zh,
    /// English.
    En,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is wrong; it is said so that everybody knows.
    Info,
    /// The folder serves, but somebody should look.
    Warning,
    /// The folder is not taken.
    Error,
}

/// Something wrong in an author's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its stable code.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The file, as given to `compile`.
    pub file: Arc<str>,
    /// Where, in bytes of the file's text.
    pub span: Range<usize>,
    /// Line and column of its start, counted from 1, columns in characters.
    pub at: (u32, u32),
    /// The clause of the rule it stands in.
    pub clause: Option<Arc<str>>,
    /// What is wrong.
    pub message: Text,
    /// What it would do to obligations.
    pub effect: Text,
    /// What to write instead.
    pub remedy: Text,
    /// An event that shows what is wrong; `engine::timeline::witness` writes a timeline from it that can be run.
    pub witness: Option<Box<Witness>>,
}

impl Severity {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

impl Finding {
    /// The finding for machines: both languages, positions in lines, characters and bytes.
    pub fn json(&self) -> serde_json::Value {
        let text = |t: &Text| serde_json::json!({ "zh": t.zh, "en": t.en });
        serde_json::json!({
            "code": self.code,
            "severity": self.severity.word(),
            "file": self.file,
            "line": self.at.0,
            "column": self.at.1,
            "bytes": [self.span.start, self.span.end],
            "clause": self.clause,
            "message": text(&self.message),
            "effect": text(&self.effect),
            "remedy": text(&self.remedy),
        })
    }
}
