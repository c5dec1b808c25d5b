//! Forms, in words.

use super::condition::provided;
use super::lexicon::Lexicon;
use super::slot::Said;
use super::text::{both, is_empty, join, one_of};
use super::time;
use crate::policy::finding::Text;
use crate::policy::model::{FieldType, Id, NumberPiece, Numbering, Record};

/// A form in sentences.
pub(super) fn said(record: &Record, lexicon: &Lexicon<'_>) -> Said {
    let mut said = Said::new("record", &record.id, &record.title, &record.clauses);
    let fields = said.part("fields", fields(record.fields.iter(), lexicon));
    let title = &record.title;
    said.lead = match is_empty(&fields) {
        true => both!(
            "《{title}》没有固定的栏目",
            "The form “{title}” has no fields of its own",
            title
        ),
        false => both!(
            "《{title}》的栏目：{fields}",
            "The form “{title}” has: {fields}",
            title,
            fields
        ),
    };
    for (key, signed) in [("required", false), ("signed", true)] {
        let asked = record.required.iter().filter(|r| r.signed == signed).map(|required| {
            let fields = lexicon.fields(&required.fields);
            let when = provided(&required.when, lexicon);
            match is_empty(&when) {
                true => fields,
                false => both!("{fields}（{when}）", "{fields} ({when})", when, fields),
            }
        });
        let asked = join(&asked.collect::<Vec<_>>(), "；", "; ");
        if is_empty(&asked) {
            continue;
        }
        said.say(
            key,
            match signed {
                false => both!("必填：{asked}", "Must be filled in: {asked}", asked),
                true => both!("必须签名确认：{asked}", "Must be signed: {asked}", asked),
            },
        );
    }
    if let Some(number) = &record.number {
        said.say("number", numbering(number, lexicon));
    }
    if let Some(accept) = &record.accept {
        let fields = lexicon.fields(&accept.fields);
        let name = accept.function.name();
        said.say(
            "accept",
            both!(
                "由程序 {name} 按{fields}验收",
                "The script {name} says from {fields} whether it is accepted",
                name,
                fields
            ),
        );
    }
    if let Some(term) = record.retain {
        let term = time::term(term);
        said.say("retain", both!("保存{term}", "It is kept for {term}", term));
    }
    said
}

/// Fields and what they may hold.
pub(super) fn fields<'f>(fields: impl Iterator<Item = (&'f Id, &'f FieldType)>, lexicon: &Lexicon<'_>) -> Text {
    let each = fields.map(|(field, kind)| {
        let field = lexicon.word(field);
        let kind = match kind {
            FieldType::Choice(choices) => one_of(&choices.iter().map(|c| lexicon.word(c)).collect::<Vec<_>>()),
            FieldType::Number => Text::new("数", "a number"),
            FieldType::Bool => Text::new("是或否", "yes or no"),
            FieldType::Date => Text::new("日期", "a date"),
            FieldType::Time => Text::new("时刻", "a time"),
            FieldType::Person => Text::new("人", "a person"),
            FieldType::List => Text::new("几项", "a list"),
            FieldType::Roles => Text::new("角色", "roles"),
            FieldType::Members => Text::new("人数或名单", "how many or who"),
            FieldType::Text | FieldType::Any => return field,
        };
        both!("{field}（{kind}）", "{field} ({kind})", field, kind)
    });
    join(&each.collect::<Vec<_>>(), "、", ", ")
}

fn numbering(number: &Numbering, lexicon: &Lexicon<'_>) -> Text {
    let form = number.form.iter().map(|piece| match piece {
        NumberPiece::Literal(text) => both!("{text}", "{text}", text),
        NumberPiece::Year => Text::new("〔年〕", "[year]"),
        NumberPiece::Quarter => Text::new("〔季度〕", "[quarter]"),
        NumberPiece::Month => Text::new("〔月〕", "[month]"),
        NumberPiece::Day => Text::new("〔日〕", "[day]"),
        NumberPiece::Running(digits) => both!("〔{digits}位流水号〕", "[running number, {digits} digits]", digits),
    });
    let (field, form) = (lexicon.word(&number.field), join(&form.collect::<Vec<_>>(), "", ""));
    match number.per {
        None => both!(
            "{field}连续编号：{form}",
            "{field} runs without a gap: {form}",
            field,
            form
        ),
        Some(per) => {
            let per = time::each(per);
            both!(
                "{field}{per}连续编号：{form}",
                "{field} runs without a gap, anew {per}: {form}",
                field,
                per,
                form
            )
        }
    }
}
