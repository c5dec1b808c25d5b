//! Texts with gaps that a case's data fills: `{field}`, `{field|otherwise}`, `{case}`.

use super::codes;
use super::fields::{self, View};
use super::model::{Id, Piece, Template};
use super::names::Names;
use super::nearest::unknown;
use super::node::{Node, Word};
use super::source::say;
use std::sync::Arc;

/// Reads a template that may also have gaps of these names, and `company.` with what the company says of itself.
pub(super) fn with(node: &Node<'_>, views: &[View<'_>], more: &[&str], names: &Names<'_>) -> Option<Template> {
    let said = names.said.iter().map(String::as_str);
    let known: Vec<&str> = more.iter().copied().chain(said).collect();
    checked(node, views, &known, names)
}

/// Reads a template. A field without a substitute must be known in each view, one with a substitute in some view.
pub(super) fn read(node: &Node<'_>, views: &[View<'_>], names: &Names<'_>) -> Option<Template> {
    checked(node, views, &[], names)
}

fn checked(node: &Node<'_>, views: &[View<'_>], more: &[&str], names: &Names<'_>) -> Option<Template> {
    let word = node.as_text().or_else(|| {
        node.wrong_type("文字，可以带 {字段}", "a text, with {field} if need be");
        None
    })?;
    let Some(pieces) = pieces(word.text) else {
        let text = word.text;
        word.at.find(
            codes::BAD_TEMPLATE,
            say!("“{text}”里的大括号没有配对", "the braces of `{text}` are not paired"),
            say!(
                "字段写成 {{字段}}；要写大括号本身，写两个：{{{{",
                "write {{field}}; for a brace itself write two: {{{{"
            ),
        );
        return None;
    };
    for piece in &pieces {
        if let Piece::Field(field, otherwise) = piece
            && field.as_ref() != "case"
            && !more.contains(&field.as_ref())
        {
            if field.contains('.') {
                let word = Word {
                    text: field,
                    at: word.at,
                };
                unknown(codes::UNKNOWN_FIELD, &word, ("字段", "field"), more.iter().copied());
                continue;
            }
            let field = Word {
                text: field,
                at: word.at,
            };
            if otherwise.is_some() {
                fields::somewhere(views, &field)
            } else {
                fields::everywhere(views, &field)
            };
        }
    }
    let shared = |piece| match piece {
        Piece::Field(field, otherwise) => Piece::Field(names.id(&field), otherwise),
        literal => literal,
    };
    Some(Template(pieces.into_iter().map(shared).collect()))
}

/// The pieces of a template; `None` if its braces are not paired.
pub(super) fn pieces(text: &str) -> Option<Vec<Piece>> {
    let (mut pieces, mut literal) = (Vec::new(), String::new());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..)?;
        if c != '{' && c != '}' {
            literal.push(c);
            rest = after;
        } else if after.starts_with(c) {
            literal.push(c);
            rest = after.get(1..)?;
        } else if c == '{' {
            let (gap, behind) = after.split_once('}')?;
            let (field, otherwise) = match gap.split_once('|') {
                Some((field, otherwise)) => (field.trim(), Some(Id::from(otherwise))),
                None => (gap.trim(), None),
            };
            if field.is_empty() || gap.contains('{') {
                return None;
            }
            if !literal.is_empty() {
                pieces.push(Piece::Literal(Arc::from(std::mem::take(&mut literal))));
            }
            pieces.push(Piece::Field(Arc::from(field), otherwise));
            rest = behind;
        } else {
            return None;
        }
    }
    if !literal.is_empty() {
        pieces.push(Piece::Literal(Arc::from(literal)));
    }
    Some(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_substitutes_and_braces() {
        let field = |name: &str, otherwise: Option<&str>| Piece::Field(name.into(), otherwise.map(Into::into));
        assert_eq!(
            pieces("a{b|c}d"),
            Some(vec![
                Piece::Literal("a".into()),
                field("b", Some("c")),
                Piece::Literal("d".into())
            ])
        );
        assert_eq!(
            pieces("{{{case}}}"),
            Some(vec![
                Piece::Literal("{".into()),
                field("case", None),
                Piece::Literal("}".into())
            ])
        );
        assert_eq!(pieces(""), Some(vec![]));
        for bad in ["{", "}", "{a", "{}", "{a{b}}", "a}b"] {
            assert_eq!(pieces(bad), None, "{bad}");
        }
    }
}
