//! Faults of the TOML itself, in words for people who do not know TOML.

use super::codes;
use super::source::{File, say};
use toml::de::Error;
use toml_parser::Source;
use toml_parser::lexer::{Token, TokenKind};

/// Reports the parser's errors; those that only follow from an earlier one are left out.
pub(super) fn report(file: &File<'_>, errors: &[Error]) {
    let mut errors: Vec<(usize, usize, &str)> = errors
        .iter()
        .map(|error| {
            let span = error.span().unwrap_or(0..0);
            (span.start, span.end, error.message())
        })
        .collect();
    errors.sort_unstable();
    if !errors.is_empty() {
        for open in unclosed(file) {
            open.report(file);
            // What the parser stumbles over until the next statement, and on the lines right after, follows from it.
            let mut until = file.position(open.next).0;
            errors.retain(|(start, ..)| {
                let line = file.position(*start).0;
                let follows = *start >= open.begun && line <= until.saturating_add(1);
                if follows {
                    until = until.max(line);
                }
                !follows
            });
        }
    }
    let mut last: Option<(u32, bool)> = None;
    let mut twice: Option<usize> = None;
    for (start, end, message) in errors {
        if message.starts_with("duplicate key") {
            // Of a table that stands twice, each of its keys may as well.
            let header = header_before(file, start);
            if header.is_some() && header == twice {
                continue;
            }
            twice = header.filter(|header| file.position(*header).0 == file.position(start).0);
        }
        let line = file.position(start).0;
        // A bracket left open makes the parser stumble over the lines that follow.
        let follows = last.is_some_and(|(before, open)| line == before || (open && line == before.saturating_add(1)));
        let open = message.contains("missing comma") || message.contains("unclosed");
        last = Some((
            line,
            if follows {
                last.is_some_and(|(_, open)| open)
            } else {
                open
            },
        ));
        if !follows {
            one(file, start, end, message);
        }
    }
}

/// A bracket that is still open where another statement begins.
struct Unclosed {
    /// Where it stands, in bytes.
    begun: usize,
    /// What closes it.
    closing: &'static str,
    /// The last word before the other statement, in bytes.
    last: (usize, usize),
    /// Where the other statement begins.
    next: usize,
}

impl Unclosed {
    fn report(&self, file: &File<'_>) {
        let closing = self.closing;
        file.place(self.last.0, self.last.1).find(
            codes::SYNTAX,
            say!("到这里括号还没有合上", "a bracket is still open here"),
            say!("在这一行末尾补上 {closing}", "put `{closing}` at the end of this line"),
        );
    }
}

/// The brackets that are open where a line begins like a header or like `key = …`.
fn unclosed(file: &File<'_>) -> Vec<Unclosed> {
    let own = file.text.get(file.own_from..).unwrap_or_default();
    let tokens = Source::new(own).lex().into_vec();
    let mut found = Vec::new();
    let mut open: Vec<(TokenKind, usize)> = Vec::new();
    let (mut at_start, mut header) = (true, false);
    let mut last = (0, 0);
    for (n, token) in tokens.iter().enumerate() {
        let span = (
            token.span().start().saturating_add(file.own_from),
            token.span().end().saturating_add(file.own_from),
        );
        match token.kind() {
            TokenKind::Newline => (at_start, header) = (true, false),
            TokenKind::Whitespace => at_start = false,
            TokenKind::Comment | TokenKind::Eof => {}
            kind => {
                let rest = tokens.get(n..).unwrap_or_default();
                if at_start && let Some((innermost, begun)) = open.last().filter(|_| begins(rest)) {
                    let closing = if *innermost == TokenKind::LeftSquareBracket {
                        "]"
                    } else {
                        "}"
                    };
                    found.push(Unclosed {
                        begun: *begun,
                        closing,
                        last,
                        next: span.0,
                    });
                    open.clear();
                }
                header = header || (at_start && open.is_empty() && kind == TokenKind::LeftSquareBracket);
                match kind {
                    _ if header => {}
                    // The brackets after it were taken for words of the text; the parser tells the quotation mark.
                    TokenKind::BasicString | TokenKind::LiteralString if !is_closed(own, token) => open.clear(),
                    TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket => open.push((kind, span.0)),
                    TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket => drop(open.pop()),
                    _ => {}
                }
                last = span;
                at_start = false;
            }
        }
    }
    found
}

/// Whether a text in quotes ends with one.
fn is_closed(own: &str, token: &Token) -> bool {
    let raw = own.get(token.span().start()..token.span().end()).unwrap_or_default();
    raw.len() > 1 && raw.ends_with(['"', '\''])
}

/// Whether a line that goes on like this begins a statement: `[name]`, `[[name]]` or `key =`.
fn begins(rest: &[Token]) -> bool {
    use TokenKind::{
        Atom, BasicString, Dot, Equals, LeftSquareBracket, LiteralString, Newline, RightSquareBracket, Whitespace,
    };
    let mut line = rest
        .iter()
        .map(Token::kind)
        .filter(|kind| *kind != Whitespace)
        .take_while(|kind| *kind != Newline);
    match rest.first().map(Token::kind) {
        Some(LeftSquareBracket) => {
            let words: Vec<TokenKind> = line.take_while(|kind| *kind != TokenKind::Comment).collect();
            let named = words.contains(&Atom);
            let header = |kind: &TokenKind| {
                matches!(
                    kind,
                    LeftSquareBracket | RightSquareBracket | Atom | BasicString | LiteralString | Dot
                )
            };
            named && words.iter().all(header) && words.last() == Some(&RightSquareBracket)
        }
        Some(Atom | BasicString | LiteralString) => {
            line.find(|kind| !matches!(kind, Atom | BasicString | LiteralString | Dot)) == Some(Equals)
        }
        _ => false,
    }
}

/// Where the line of the nearest table header begins, at this place or before it.
fn header_before(file: &File<'_>, at: usize) -> Option<usize> {
    let mut start = 0_usize;
    let mut found = None;
    for line in file.text.split_inclusive('\n') {
        if start > at {
            break;
        }
        if line.starts_with('[') {
            found = Some(start);
        }
        start = start.saturating_add(line.len());
    }
    found
}

fn one(file: &File<'_>, start: usize, end: usize, message: &str) {
    let written = file.text.get(start..end).unwrap_or_default();
    let place = file.place(start, end);
    if message.starts_with("duplicate key") {
        return place.find(
            codes::DUPLICATE_KEY,
            say!("“{written}”写了两次", "`{written}` is written twice"),
            say!("删去一处，或给其中一处改名", "remove one, or rename one"),
        );
    }
    if message.starts_with("invalid unquoted key") && !written.is_ascii() {
        return place.find(
            codes::BARE_CHINESE_KEY,
            say!(
                "键“{written}”是中文，没有加引号",
                "the key `{written}` is Chinese and stands without quotes"
            ),
            say!(
                "写成 \"{written}\"；规程语言自己的键都是英文，如 [deadline.名字] 要写成 [deadline.\"名字\"]",
                "write \"{written}\"; the language's own keys are English"
            ),
        );
    }
    let (message, remedy) = if message.starts_with("string values must be quoted") {
        if written.starts_with(['“', '”', '‘', '’', '「', '＂']) {
            let plain = written.trim_matches(['“', '”', '‘', '’', '「', '」', '＂']);
            (
                say!("{written} 用的是中文引号", "`{written}` has Chinese quotation marks"),
                say!("用英文引号：\"{plain}\"", "use straight quotation marks: \"{plain}\""),
            )
        } else {
            (
                say!(
                    "文字“{written}”没有加引号",
                    "the text `{written}` stands without quotes"
                ),
                say!("写成 \"{written}\"", "write \"{written}\""),
            )
        }
    } else if message.starts_with("unclosed") || message.contains("missing comma") {
        (
            say!(
                "前面的括号没有合上，或少了逗号",
                "a bracket before this is not closed, or a comma is missing"
            ),
            say!("在这里之前补上逗号，或 ] 或 }}", "put a comma, or ] or }}, before this"),
        )
    } else if message.starts_with("invalid basic string") || message.starts_with("invalid literal string") {
        (
            say!("引号没有合上", "the quotation mark is not closed"),
            say!(
                "在这一行的文字末尾补上英文引号",
                "put a straight quotation mark at the end of the text"
            ),
        )
    } else {
        (
            say!(
                "这一行不合 TOML 的写法（{message}）",
                "this line is not TOML: {message}"
            ),
            say!(
                "每行写成 键 = 值；文字加英文引号",
                "write each line as key = value; texts in straight quotes"
            ),
        )
    };
    place.find(codes::SYNTAX, message, remedy);
}
