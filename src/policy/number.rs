//! How a record is numbered.

use super::codes;
use super::fields::FieldMap;
use super::model::{FieldType, NumberPiece, Numbering, Period, Piece};
use super::names::Names;
use super::nearest::unknown;
use super::node::Node;
use super::source::say;
use super::{template, terms};

/// The most digits that a number may be filled up to.
const MAX_DIGITS: usize = 12;

/// Reads `number` of a record with these fields.
pub(super) fn read<'a>(node: &Node<'a>, fields: &FieldMap, names: &Names<'a>) -> Option<Numbering> {
    let mut table = node.table()?;
    let field = table.title("field");
    let per_node = table.take("per");
    let form_node = table.need("form");
    table.finish();
    let per = match per_node {
        Some(node) => Some(terms::period(&node)?),
        None => None,
    };
    let (field, form) = (field?, form_node?);
    match fields.get(field.text) {
        None => {
            let known = fields.keys().map(AsRef::as_ref);
            unknown(codes::UNKNOWN_FIELD, &field, ("字段", "field"), known);
            return None;
        }
        Some(FieldType::Text) => {}
        Some(_) => {
            let name = field.text;
            field.at.find(
                codes::WRONG_TYPE,
                say!("编号“{name}”不是文字", "the number `{name}` is not a text"),
                say!(
                    "在 fields 里写 {name} = \"text\"",
                    "declare {name} = \"text\" in fields"
                ),
            );
            return None;
        }
    }
    let pieces = template::pieces(form.text()?.text);
    let form = pieces.and_then(|pieces| pieces.into_iter().map(piece).collect::<Option<Vec<_>>>());
    let Some(pieces) = form else {
        form_node?.bad_value(
            "编号的样子，如 \"TS-{year}-{n}\"；可用 {year}、{quarter}、{month}、{day}、{n}、{n:4}",
            "what a number looks like: `TS-{year}-{n}`, with {year}, {quarter}, {month}, {day}, {n} or {n:4}",
        );
        return None;
    };
    let lacks = needed(per).into_iter().find(|(wanted, _)| !pieces.iter().any(wanted));
    if let Some((_, gap)) = lacks {
        form_node?.at.find(
            codes::BAD_VALUE,
            say!(
                "编号里没有 {gap}，会有重号",
                "without {gap} numbers would be given twice"
            ),
            say!("在 form 里写上 {gap}", "write {gap} in `form`"),
        );
        return None;
    }
    Some(Numbering {
        field: names.id(field.text),
        per,
        form: pieces,
    })
}

fn piece(piece: Piece) -> Option<NumberPiece> {
    Some(match piece {
        Piece::Literal(text) => NumberPiece::Literal(text),
        Piece::Field(_, Some(_)) => return None,
        Piece::Field(name, None) => match name.as_ref() {
            "year" => NumberPiece::Year,
            "quarter" => NumberPiece::Quarter,
            "month" => NumberPiece::Month,
            "day" => NumberPiece::Day,
            "n" => NumberPiece::Running(1),
            padded => {
                let digits: usize = padded.strip_prefix("n:")?.parse().ok()?;
                if digits > MAX_DIGITS {
                    return None;
                }
                NumberPiece::Running(digits)
            }
        },
    })
}

type Wanted = fn(&NumberPiece) -> bool;

/// Without what two numbers could be the same.
fn needed(per: Option<Period>) -> Vec<(Wanted, &'static str)> {
    let n: (Wanted, _) = (|p| matches!(p, NumberPiece::Running(_)), "{n}");
    let year: (Wanted, _) = (|p| *p == NumberPiece::Year, "{year}");
    let quarter: (Wanted, _) = (|p| *p == NumberPiece::Quarter, "{quarter}");
    let month: (Wanted, _) = (|p| *p == NumberPiece::Month, "{month}");
    let day: (Wanted, _) = (|p| *p == NumberPiece::Day, "{day}");
    match per {
        None => vec![n],
        Some(Period::Year) => vec![n, year],
        Some(Period::Quarter) => vec![n, year, quarter],
        Some(Period::Month) => vec![n, year, month],
        Some(Period::Day) => vec![n, year, month, day],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::model::Id;
    use chrono::NaiveDate;

    #[test]
    fn numbers_are_written_as_the_form_says() {
        let numbering = |form: &str| {
            let pieces = template::pieces(form).unwrap();
            Some(Numbering {
                field: Id::from("number"),
                per: None,
                form: pieces.into_iter().map(piece).collect::<Option<_>>()?,
            })
        };
        let on = NaiveDate::from_ymd_opt(2026, 5, 3).unwrap();
        let write = |form: &str, n| numbering(form).unwrap().write(on, n);
        assert_eq!(write("TS-{year}-{n}", 7), "TS-2026-7");
        assert_eq!(write("{year}{month}{day}{n:4}", 12), "202605030012");
        assert_eq!(write("{quarter}季{n:2}", 123), "2季123");
        for bad in ["{no}", "{n:x}", "{n:99}", "{n|1}"] {
            assert_eq!(numbering(bad), None, "{bad}");
        }
    }
}
