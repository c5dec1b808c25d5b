//! Faults of the TOML itself, in words for people who do not know TOML.

use super::codes;
use super::source::{File, say};
use toml::de::Error;

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
