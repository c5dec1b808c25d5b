//! The formatter keeps what a file says and its remarks, and what it made it leaves as it is.

use crate::size;
use crate::valid::{Dice, files, folders, root, timelines};
use guicheng::policy::Source;
use guicheng::policy::format::format;
use std::collections::BTreeMap;
use std::process::Command;

/// The remarks of a text, in order. A `#` within a text of one line is none.
fn remarks(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines() {
        let mut quote: Option<char> = None;
        let mut escaped = false;
        for (at, c) in line.char_indices() {
            match quote {
                Some('"') if escaped => escaped = false,
                Some('"') if c == '\\' => escaped = true,
                Some(q) if c == q => quote = None,
                Some(_) => {}
                None if c == '"' || c == '\'' => quote = Some(c),
                None if c == '#' => {
                    found.push(line[at..].trim_end().to_owned());
                    break;
                }
                None => {}
            }
        }
    }
    found
}

/// Whether a line end stands within an inline table, which TOML 1.0 forbids.
fn breaks_inline_tables(text: &str) -> bool {
    let (mut open, mut quote, mut escaped, mut remark) = (Vec::new(), None, false, false);
    for c in text.chars() {
        match (quote, c) {
            (_, '\n') if remark => remark = false,
            _ if remark => {}
            (Some('"'), _) if escaped => escaped = false,
            (Some('"'), '\\') => escaped = true,
            (Some(q), c) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '#') => remark = true,
            (None, '[' | '{') => open.push(c),
            (None, ']' | '}') => drop(open.pop()),
            _ => {}
        }
        if c == '\n' && open.last() == Some(&'{') {
            return true;
        }
    }
    false
}

fn check(name: &str, text: &str) -> String {
    let made = format(text).unwrap_or_else(|fault| panic!("{name}: {fault:?}\n{text}"));
    let (before, after): (toml::Table, toml::Table) = (toml::from_str(text).unwrap(), toml::from_str(&made).unwrap());
    assert_eq!(before, after, "{name}");
    assert_eq!(remarks(text), remarks(&made), "{name}\n{text}\n---\n{made}");
    assert_eq!(format(&made).unwrap(), made, "{name}");
    assert!(!breaks_inline_tables(&made), "{name}\n{made}");
    assert!(made.lines().all(|line| line.trim_end() == line), "{name}");
    made
}

fn corpus() -> Vec<Source> {
    let mut all: BTreeMap<String, Source> = BTreeMap::new();
    let folders = folders();
    let of_folders = folders
        .iter()
        .flat_map(|folder| folder.files.iter().chain(&folder.calendars));
    let faulty = files(&root().join("tests/findings"), "toml");
    for source in of_folders.chain(&timelines()).chain(&faulty) {
        if toml::from_str::<toml::Table>(&source.text).is_ok() {
            all.insert(source.name.to_string(), source.clone());
        }
    }
    all.into_values().collect()
}

#[test]
fn every_file_of_the_corpora_keeps_its_meaning_and_remarks() {
    let corpus = corpus();
    let same = corpus
        .iter()
        .filter(|source| check(&source.name, &source.text) == *source.text)
        .count();
    println!(
        "files formatted with their meaning and remarks: {} (already so: {same})",
        corpus.len()
    );
    assert!(corpus.len() > 280, "{}", corpus.len());
}

/// The text with other spaces, line ends, remarks and idle commas, where TOML allows them.
fn shaken(text: &str, dice: &mut Dice) -> String {
    let mut out = String::new();
    let (mut quote, mut escaped, mut remark) = (None, false, false);
    let mut open: Vec<char> = Vec::new();
    let ending = if dice.below(4) == 0 { "\r\n" } else { "\n" };
    let header = |out: &str| {
        out.rsplit('\n')
            .next()
            .is_some_and(|line| line.trim_start().starts_with('[') && !line.contains('='))
    };
    for c in text.chars() {
        match (quote, c) {
            (_, '\n') => {
                if !remark && dice.below(9) == 0 {
                    out.push_str(["  ", "\t", " # 说明", "   # why, \"not\""][dice.below(4)]);
                }
                if remark || open.last() != Some(&'{') {
                    out.push_str(ending);
                    for _ in 0..dice.below(12).saturating_sub(8) {
                        out.push_str(ending);
                    }
                    out.push_str(["", "", "", " ", "\t", "      "][dice.below(6)]);
                } else {
                    out.push(' ');
                }
                remark = false;
                continue;
            }
            _ if remark => {}
            (Some('"'), _) if escaped => escaped = false,
            (Some('"'), '\\') => escaped = true,
            (Some(q), c) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '#') => remark = true,
            (None, '=' | ',') => {
                if dice.below(3) == 0 {
                    out.push_str(["", " ", "   ", "\t"][dice.below(4)]);
                }
                out.push(c);
                if c == ',' && open.last() == Some(&'[') && dice.below(20) == 0 {
                    out.push_str(ending);
                }
                out.push_str(["", " ", "  "][dice.below(3)]);
                continue;
            }
            (None, ' ') => {
                // Where there is one space there may be others.
                out.push_str([" ", " ", "  "][dice.below(3)]);
                continue;
            }
            (None, '[' | '{') if !(open.is_empty() && (out.is_empty() || header(&format!("{out}[")))) => {
                open.push(c);
                out.push(c);
                out.push_str(["", " "][dice.below(2)]);
                if c == '[' && dice.below(15) == 0 {
                    out.push_str(ending);
                }
                continue;
            }
            (None, ']' | '}') if !open.is_empty() => {
                open.pop();
                out.push_str(["", " "][dice.below(2)]);
            }
            _ => {}
        }
        out.push(c);
    }
    out
}

/// Policies put together of sections of the corpus and shaken.
#[test]
fn generated_policies_keep_their_meaning_and_remarks() {
    let wanted = size(300, 10_000);
    let mut dice = Dice(20_261_122);
    let mut sections: Vec<String> = Vec::new();
    for source in corpus() {
        let mut section = String::new();
        for line in source.text.lines() {
            if line.starts_with('[') && !section.is_empty() {
                sections.push(std::mem::take(&mut section));
            }
            section += line;
            section.push('\n');
        }
        sections.push(section);
    }
    let (mut made, mut tried) = (0, 0);
    while made < wanted {
        tried += 1;
        let count = 1 + dice.below(12);
        let text: String = (0..count)
            .map(|_| sections[dice.below(sections.len())].as_str())
            .collect();
        let text = shaken(&text, &mut dice);
        // The same table may stand twice, which is no TOML.
        if toml::from_str::<toml::Table>(&text).is_err() {
            continue;
        }
        check("generated", &text);
        made += 1;
    }
    println!("generated policies formatted with their meaning and remarks: {made} (of {tried} put together)");
    assert!(tried < wanted * 4, "{tried}");
}

#[test]
fn the_shipped_files_are_formatted_and_what_is_not_is_told_by_the_exit_code() {
    let run = |arguments: &[&str], path: &std::path::Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guicheng"));
        let output = command.current_dir(root()).args(arguments).arg(path).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, said) = run(&["--lang", "en", "fmt", "--check"], &root().join("policies"));
    assert_eq!(code, Some(0), "{said}");
    let dir = std::env::temp_dir().join(format!("guicheng-format-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let path = dir.join("loose.toml");
    std::fs::write(&path, "a=1 # why\n\n\n\nb=[1,2,]").unwrap();
    assert_eq!(run(&["fmt", "--check"], &dir).0, Some(5));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "a=1 # why\n\n\n\nb=[1,2,]");
    assert_eq!(run(&["fmt"], &dir).0, Some(0));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "a = 1 # why\n\nb = [1, 2]\n");
    assert_eq!(run(&["fmt", "--check"], &dir).0, Some(0));
    std::fs::write(&path, "a = [1\n").unwrap();
    assert_eq!(run(&["fmt"], &dir).0, Some(3));
    std::fs::remove_dir_all(&dir).unwrap();
}
