//! The format of policy files: spaces, indentation and blank lines, and nothing else. Where lines are broken is the
//! author's choice, but for inline tables, which TOML 1.0 wants on one line.

use super::finding::Text;
use super::source::say;
use toml_parser::Source;
use toml_parser::lexer::{Token, TokenKind};

/// Blank lines in a row that are kept.
const MOST_BLANK: usize = 1;

/// A file that cannot be formatted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The line, counted from 1.
    pub line: usize,
    /// Why.
    pub message: Text,
}

/// The text, formatted. It says the same and has the same comments; formatted again it stays as it is. Fails where the
/// text is not TOML.
pub fn format(text: &str) -> Result<String, Unreadable> {
    let before = parse(text)?;
    let mut writer = Writer::new(text);
    let tokens: Vec<Token> = Source::new(text).lex().into_vec();
    for (at, token) in tokens.iter().enumerate() {
        writer.token(token, tokens.get(at.saturating_add(1)..).unwrap_or_default());
    }
    let made = writer.finish();
    if parse(&made)? == before {
        return Ok(made);
    }
    Err(Unreadable {
        line: 1,
        message: say!(
            "整理会改变意思，没有动它",
            "formatting would change the meaning, so it is left alone"
        ),
    })
}

fn parse(text: &str) -> Result<toml::Table, Unreadable> {
    toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let before = text.get(..at).unwrap_or_default();
        let why = error.message();
        Unreadable {
            line: before.matches('\n').count().saturating_add(1),
            message: say!(
                "不合 TOML 的写法（{why}），先运行 guicheng check",
                "this is not TOML ({why}); run `guicheng check` first"
            ),
        }
    })
}

fn is_closing(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket)
}

struct Writer<'t> {
    text: &'t str,
    out: String,
    /// The brackets that are open, each with the line of the output on which it stands.
    open: Vec<(TokenKind, usize)>,
    /// The line of the output.
    line: usize,
    /// What stands before on this line; none at its start.
    before: Option<TokenKind>,
    /// Whether the line is a header of a table.
    header: bool,
    /// The author's space before the next token.
    gap: &'t str,
    /// Line ends since the last token.
    ends: usize,
}

impl<'t> Writer<'t> {
    fn new(text: &'t str) -> Writer<'t> {
        Writer {
            text,
            out: String::with_capacity(text.len()),
            open: Vec::new(),
            line: 0,
            before: None,
            header: false,
            gap: "",
            ends: 0,
        }
    }

    fn token(&mut self, token: &Token, rest: &[Token]) {
        let span = token.span();
        let raw = self.text.get(span.start()..span.end()).unwrap_or_default();
        match token.kind() {
            TokenKind::Eof => {}
            TokenKind::Whitespace => self.gap = raw,
            TokenKind::Newline => self.line_end(),
            TokenKind::Comment => self.comment(raw.trim_end()),
            TokenKind::Comma if self.is_idle(rest) => {}
            kind => self.word(kind, raw, rest),
        }
    }

    /// A comma after the last entry on the same line says nothing, and in inline tables TOML 1.0 forbids it.
    fn is_idle(&self, rest: &[Token]) -> bool {
        let inline = self.is_inline();
        let mut next = rest.iter().map(Token::kind).filter(|kind| {
            *kind != TokenKind::Whitespace && !(inline && matches!(kind, TokenKind::Newline | TokenKind::Comment))
        });
        matches!(
            next.next(),
            Some(TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket)
        )
    }

    /// Whether an inline table is open, and nothing within it.
    fn is_inline(&self) -> bool {
        self.open
            .last()
            .is_some_and(|(kind, _)| *kind == TokenKind::LeftCurlyBracket)
    }

    /// How deep a line stands that begins within the first so many open brackets: those of one line count once.
    fn depth(&self, brackets: usize) -> usize {
        let mut lines: Vec<usize> = self.open.iter().take(brackets).map(|(_, line)| *line).collect();
        lines.dedup();
        lines.len()
    }

    /// How deep a line stands that closes so many brackets at its beginning: as deep as the line that opened the last.
    fn closing_depth(&self, closed: usize) -> usize {
        let kept = self.open.len().saturating_sub(closed);
        let line = self.open.get(kept).map_or(0, |(_, line)| *line);
        let outside = self.open.iter().take_while(|(_, before)| *before < line).count();
        self.depth(outside)
    }

    fn line_end(&mut self) {
        self.gap = "";
        if self.is_inline() && self.before != Some(TokenKind::Comment) {
            return;
        }
        self.line = self.line.saturating_add(1);
        self.ends = self.ends.saturating_add(1);
        if !self.out.is_empty() && self.ends <= MOST_BLANK.saturating_add(1) {
            self.out.push('\n');
        }
        self.before = None;
        self.header = false;
    }

    fn comment(&mut self, raw: &str) {
        if self.before.is_none() {
            self.indent(self.depth(self.open.len()));
        } else if self.gap.is_empty() {
            self.out.push(' ');
        } else {
            // Remarks may stand under each other.
            self.out.push_str(self.gap);
        }
        self.put(TokenKind::Comment, raw);
    }

    fn word(&mut self, kind: TokenKind, raw: &str, rest: &[Token]) {
        let closes = is_closing(kind);
        match self.before {
            None => {
                self.header = self.open.is_empty() && kind == TokenKind::LeftSquareBracket;
                let depth = if closes {
                    let words = rest
                        .iter()
                        .map(Token::kind)
                        .filter(|kind| *kind != TokenKind::Whitespace);
                    let more = words.take_while(|kind| is_closing(*kind)).count();
                    self.closing_depth(more.saturating_add(1))
                } else {
                    self.depth(self.open.len())
                };
                self.indent(depth);
            }
            Some(before) if !self.header && self.is_spaced(before, kind) => self.out.push(' '),
            Some(_) => {}
        }
        if !self.header {
            match kind {
                TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket => self.open.push((kind, self.line)),
                _ if closes => drop(self.open.pop()),
                _ => {}
            }
        }
        self.put(kind, raw);
    }

    fn is_spaced(&self, before: TokenKind, kind: TokenKind) -> bool {
        use TokenKind::{
            Atom, Comma, Dot, Equals, LeftCurlyBracket, LeftSquareBracket, RightCurlyBracket, RightSquareBracket,
        };
        match (before, kind) {
            (_, Comma | Dot | RightSquareBracket) | (Dot | LeftSquareBracket, _) => false,
            (LeftCurlyBracket, RightCurlyBracket) => false,
            (LeftCurlyBracket | Comma | Equals, _) | (_, Equals | RightCurlyBracket) => true,
            // A date and a time with a space between them.
            (Atom, Atom) => !self.gap.is_empty(),
            _ => false,
        }
    }

    fn indent(&mut self, depth: usize) {
        self.out.push_str(&"  ".repeat(depth));
    }

    fn put(&mut self, kind: TokenKind, raw: &str) {
        self.out.push_str(raw);
        self.before = Some(kind);
        self.gap = "";
        self.ends = 0;
    }

    fn finish(mut self) -> String {
        self.out.truncate(self.out.trim_end().len());
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]
mod tests {
    use super::*;

    #[test]
    fn spaces_are_set_right_and_lines_stay_where_they_are() {
        let faulty = "\u{feff}\n\n[ a . \"b c\" ]   # why\r\nx=1\r\n\n\n\ny =  [1,2 , 3,]\nwhen={a=1,b = [ 'x' ,] , }\nz = [ \n{at=1},# one\n\n\n    { b = 2 } # two\n    # three\n  ,[\n1]]\non = 2024-01-01   09:00:00  \nempty = [ ]\nnone = { }\ntext = \"\"\"a \n  b\"\"\"\n[[ t ]]\n\n\n";
        let right = "[a.\"b c\"]   # why\nx = 1\n\ny = [1, 2, 3]\nwhen = { a = 1, b = ['x'] }\nz = [\n  { at = 1 }, # one\n\n  { b = 2 } # two\n  # three\n  , [\n    1]]\non = 2024-01-01 09:00:00\nempty = []\nnone = {}\ntext = \"\"\"a \n  b\"\"\"\n[[t]]\n";
        // A space more than one between date and time is no TOML.
        assert!(format(faulty).is_err());
        let faulty = faulty.replace("01   09", "01 09");
        assert_eq!(format(&faulty).unwrap(), right);
        assert_eq!(format(right).unwrap(), right);
        assert_eq!(format("").unwrap(), "");
    }

    #[test]
    fn inline_tables_come_to_stand_on_one_line() {
        let loose = "a = [\n  {\n    b = 1,\n    c = { d = 2, },\n  },\n]\n";
        assert_eq!(format(loose).unwrap(), "a = [\n  { b = 1, c = { d = 2 } },\n]\n");
    }

    #[test]
    fn brackets_of_one_line_indent_once_and_close_where_their_line_stands() {
        let right =
            "e = [\n  { at = 1, o = [\n    { c = 1 },\n  ] },\n  { at = 2, o = [\n    { c = 2 },\n  ], x = [1] },\n]\n";
        assert_eq!(format(right).unwrap(), right);
        assert_eq!(format(&right.replace("  ", "")).unwrap(), right);
    }

    #[test]
    fn what_is_no_toml_is_left_alone_and_its_line_told() {
        let unreadable = format("a = 1\nb = [1\nc = 2\n").unwrap_err();
        assert!(unreadable.line >= 2, "{unreadable:?}");
    }
}
