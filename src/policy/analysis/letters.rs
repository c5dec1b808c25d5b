//! Letters that look like others, and characters that nobody sees.

use crate::policy::codes;
use crate::policy::source::{File, say};

/// Reports words of mixed scripts, and characters that change the order or the length of what is read.
pub(super) fn find(own: &[File<'_>]) {
    for file in own {
        let text = file.text.get(file.own_from..).unwrap_or_default();
        hidden(file, text);
        mixed(file, text);
    }
}

/// Whether a character shows nothing and yet changes what is read: directions, joiners, a mark of the byte order.
fn is_hidden(c: char) -> bool {
    matches!(
        c,
        '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{2069}' | '\u{FEFF}'
    )
}

fn hidden(file: &File<'_>, text: &str) {
    for (at, c) in text.char_indices().filter(|(_, c)| is_hidden(*c)) {
        // A mark of the byte order at the very beginning is what some editors write.
        if at == 0 && c == '\u{FEFF}' {
            continue;
        }
        let start = file.own_from.saturating_add(at);
        let code = u32::from(c);
        file.place(start, start.saturating_add(c.len_utf8())).find(
            codes::HIDDEN_CHARACTER,
            say!(
                "这里有一个看不见的字符 U+{code:04X}",
                "there is an invisible character here, U+{code:04X}"
            ),
            say!("删去它", "remove it"),
        );
    }
}

/// The scripts whose letters look like each other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    Cyrillic,
    Greek,
    FullWidth,
}

impl Script {
    fn of(c: char) -> Option<Script> {
        match c {
            'A'..='Z' | 'a'..='z' | '\u{00C0}'..='\u{024F}' => Some(Script::Latin),
            '\u{0400}'..='\u{052F}' => Some(Script::Cyrillic),
            // The small mu stands for a millionth.
            '\u{03BC}' => None,
            '\u{0370}'..='\u{03FF}' => Some(Script::Greek),
            '\u{FF21}'..='\u{FF3A}' | '\u{FF41}'..='\u{FF5A}' => Some(Script::FullWidth),
            _ => None,
        }
    }

    fn name(self) -> (&'static str, &'static str) {
        match self {
            Script::Latin => ("拉丁字母", "Latin"),
            Script::Cyrillic => ("西里尔字母", "Cyrillic"),
            Script::Greek => ("希腊字母", "Greek"),
            Script::FullWidth => ("全角字母", "full-width"),
        }
    }
}

fn mixed(file: &File<'_>, text: &str) {
    let mut start = 0;
    for word in text.split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_')) {
        let scripts: Vec<(usize, char, Script)> = word
            .char_indices()
            .filter_map(|(at, c)| Some((at, c, Script::of(c)?)))
            .collect();
        let odd = scripts.iter().find(|(_, _, script)| *script != Script::Latin);
        let has_latin = scripts.iter().any(|(_, _, script)| *script == Script::Latin);
        if let Some((at, c, script)) = odd.filter(|_| has_latin) {
            let from = file.own_from.saturating_add(start);
            let (zh, en) = script.name();
            let place = file.place(from, from.saturating_add(word.len()));
            let nth = word
                .get(..*at)
                .map_or(0, |before| before.chars().count())
                .saturating_add(1);
            place.find(
                codes::MIXED_SCRIPT,
                say!(
                    "“{word}”里第 {nth} 个字 {c} 是{zh}，其余是拉丁字母，看起来一样而不是同一个词",
                    "letter {nth} of `{word}`, {c}, is {en} and the others are Latin: it looks like another word"
                ),
                say!("用英文输入法重打这个词", "type the word again in one script"),
            );
        }
        let rest = text.get(start.saturating_add(word.len())..).unwrap_or_default();
        let separator = rest.chars().next().map_or(0, char::len_utf8);
        start = start.saturating_add(word.len()).saturating_add(separator);
    }
}
