//! A file under reading: its text, its tree, its findings; and places in it.

use super::analysis::Witness;
use super::codes;
use super::finding::{Finding, Severity, Text};
use super::model::{Adoption, Id};
use chrono::NaiveDate;
use std::cell::RefCell;
use std::sync::Arc;
use toml::de::DeTable;

/// A sentence in both languages, with the same names in its gaps.
macro_rules! say {
    ($zh:literal, $en:literal) => {
        $crate::policy::finding::Text::new(format!($zh), format!($en))
    };
}
pub(super) use say;

/// Files longer than this are not read: a procedure has a few dozen rules.
const MAX_BYTES: usize = 256 * 1024;

/// A file, parsed as far as it goes.
pub(super) struct File<'a> {
    /// Its name in findings.
    pub name: Id,
    /// Its text; of a file that adopts another, that one's text first.
    pub text: &'a str,
    /// Where its own text begins.
    pub own_from: usize,
    /// What it says.
    pub root: DeTable<'a>,
    /// Whether its syntax is at fault, so that what seems to be missing may only be unread.
    pub broken: bool,
    /// From which date on it is in force, where that is not its own: an edition of what it adopts came later.
    pub dated: Option<NaiveDate>,
    /// What it adopts and overrides.
    pub adoption: Option<Adoption>,
    parts: Vec<Part>,
    findings: RefCell<Vec<Finding>>,
}

/// A stretch of a file's text, and the file that an author finds it in.
struct Part {
    name: Id,
    from: usize,
    /// Where its lines begin, counted from its own first byte.
    lines: Vec<usize>,
}

impl Part {
    fn new(name: &Id, from: usize, text: &str) -> Part {
        let lines = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at.saturating_add(1)))
            .collect();
        Part {
            name: Arc::clone(name),
            from,
            lines,
        }
    }
}

impl<'a> File<'a> {
    /// Parses the text; what is wrong with its syntax is found at once.
    pub fn read(name: &Id, text: &'a str) -> File<'a> {
        File::of_parts(name, text, text, 0, None)
    }

    /// Parses what a file says; `own` is its own text, standing where it stands in `text`.
    pub fn of_parts(name: &Id, text: &'a str, own: &'a str, own_from: usize, base: Option<&Id>) -> File<'a> {
        let mut file = File::unread(name, text, own_from);
        file.parts
            .extend(base.map(|base| Part::new(base, 0, text.get(..own_from).unwrap_or_default())));
        if text.len().saturating_sub(own_from) > MAX_BYTES {
            file.broken = true;
            let size = text.len().saturating_sub(own_from) / 1024;
            file.start().find(
                codes::FILE_TOO_LARGE,
                say!(
                    "文件有 {size} KiB，超过 256 KiB",
                    "the file has {size} KiB, more than 256 KiB"
                ),
                say!("按规程分成几个文件", "split it by procedure into several files"),
            );
            return file;
        }
        let (root, errors) = DeTable::parse_recoverable(own);
        file.root = root.into_inner();
        file.broken = !errors.is_empty();
        super::syntax::report(&file, &errors);
        file
    }

    /// A file that is not TOML: its text, to find places in.
    pub fn plain(name: &Id, text: &'a str) -> File<'a> {
        File::unread(name, text, 0)
    }

    fn unread(name: &Id, text: &'a str, own_from: usize) -> File<'a> {
        File {
            name: Arc::clone(name),
            text,
            own_from,
            root: DeTable::new(),
            broken: false,
            dated: None,
            adoption: None,
            parts: vec![Part::new(name, own_from, text.get(own_from..).unwrap_or_default())],
            findings: RefCell::default(),
        }
    }

    /// The place of a word that begins at a line and a column, both counted from 1, columns in characters.
    pub fn word_at(&self, (line, column): (u32, u32)) -> Place<'_> {
        let line = usize::try_from(line).unwrap_or(1).saturating_sub(1);
        let lines = self.parts.first().map(|part| part.lines.as_slice()).unwrap_or_default();
        let start = lines.get(line).copied().unwrap_or(self.text.len());
        let rest = self.text.get(start..).unwrap_or_default();
        let skip = usize::try_from(column).unwrap_or(1).saturating_sub(1);
        let before: usize = rest.chars().take(skip).map(char::len_utf8).sum();
        let at = start.saturating_add(before);
        let word = self.text.get(at..).unwrap_or_default();
        let length = word
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(word.len());
        self.place(at, at.saturating_add(length))
    }

    /// A place in the file, in bytes.
    pub fn place(&self, start: usize, end: usize) -> Place<'_> {
        Place {
            file: self,
            start,
            end,
            clause: None,
        }
    }

    /// Where its own text begins.
    pub fn start(&self) -> Place<'_> {
        self.place(self.own_from, self.own_from)
    }

    /// The name of the file in which an author finds a byte, and where that file's text begins.
    pub fn part(&self, byte: usize) -> (&Id, usize) {
        let part = self.parts.iter().find(|part| part.from <= byte);
        part.map_or((&self.name, 0), |part| (&part.name, part.from))
    }

    /// Line and column, counted from 1, columns in characters.
    pub fn position(&self, byte: usize) -> (u32, u32) {
        let Some(part) = self.parts.iter().find(|part| part.from <= byte) else {
            return (1, 1);
        };
        let within = byte.saturating_sub(part.from);
        let line = part.lines.partition_point(|start| *start <= within);
        let start = line
            .checked_sub(1)
            .and_then(|before| part.lines.get(before))
            .copied()
            .unwrap_or(0);
        let column = self
            .text
            .get(part.from.saturating_add(start)..byte)
            .map_or(0, |before| before.chars().count())
            .saturating_add(1);
        (
            u32::try_from(line.max(1)).unwrap_or(u32::MAX),
            u32::try_from(column).unwrap_or(u32::MAX),
        )
    }

    /// Whether something was found that keeps the folder from being taken.
    pub fn has_error(&self) -> bool {
        let findings = self.findings.borrow();
        findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// What was found so far.
    pub fn into_findings(self) -> Vec<Finding> {
        self.findings.into_inner()
    }
}

/// A stretch of a file, and the clause of the rule around it.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// The file.
    pub file: &'a File<'a>,
    /// Its first byte.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
    /// The clause of the rule that it stands in.
    pub clause: Option<&'a str>,
}

impl Place<'_> {
    /// Reports a finding here.
    pub fn find(&self, code: &'static str, message: Text, remedy: Text) {
        self.find_shown(code, message, remedy, None);
    }

    /// Reports a finding here, with an event that shows it.
    pub fn find_shown(&self, code: &'static str, message: Text, remedy: Text, witness: Option<Witness>) {
        let (severity, effect) =
            codes::of(code).map_or((Severity::Error, Text::default()), |known| known.consequence());
        let (name, from) = self.file.part(self.start);
        self.file.findings.borrow_mut().push(Finding {
            code,
            severity,
            file: Arc::clone(name),
            span: self.start.saturating_sub(from)..self.end.saturating_sub(from),
            at: self.file.position(self.start),
            clause: self.clause.map(Arc::from),
            message,
            effect,
            remedy,
            witness: witness.map(Box::new),
        });
    }

    /// The line, counted from 1.
    pub fn line(&self) -> u32 {
        self.file.position(self.start).0
    }

    /// The place for people: `file:line`.
    pub fn label(&self) -> String {
        format!("{}:{}", self.file.part(self.start).0, self.line())
    }
}
