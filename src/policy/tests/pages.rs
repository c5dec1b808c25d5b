//! The pages of the codes, `docs/findings/CODE.md`, and the table of them in `docs/findings/README.md`. The words are
//! those of `codes.rs`; the pages add an example. With `UPDATE_FINDINGS=1` in the environment the table is written anew.

use super::super::*;
use super::{Severity, read};
use std::collections::BTreeSet;

const INTRODUCTION: &str = "\
# 检查结果 · Findings

`guicheng check` 一次列出一个公司文件夹里的全部问题：编号、文件:行:列、所在的条款、哪里不对、对义务有什么影响、该怎样写。
有“错误”的文件夹不采用，原来的规程继续有效；只有“警告”的照常采用。由一处错误引起的其他问题不另外列出，改好后再查一次。
编号不会改变，可以写进脚本。`guicheng explain 编号` 打印那一页；`guicheng check --format sarif` 给编辑器和代码托管平台用。

`guicheng check` lists everything that is wrong with a company's folder in one run. A folder with an error is not taken and
what served before goes on; one with warnings only is. What merely follows from another finding is left out. Codes are stable.
`guicheng explain CODE` prints the page; `guicheng check --format sarif` is for editors and code hosts.

";

fn severity(severity: Severity) -> (&'static str, &'static str) {
    match severity {
        Severity::Error => ("错误", "error"),
        Severity::Warning => ("警告", "warning"),
        Severity::Info => ("说明", "info"),
    }
}

#[test]
fn every_code_has_a_page_in_the_words_of_the_code_and_with_an_example() {
    let mut wrong = Vec::new();
    for known in CODES {
        let (means, effect) = (known.means(), known.effect());
        let (word, _) = severity(known.severity);
        let begins = format!(
            "# `{}`\n\n{word}。{}{}\n{} {}\n\n```",
            known.code, means.zh, effect.zh, means.en, effect.en
        );
        let faulty = known.example().zh.contains(" 不对") || known.severity == Severity::Info;
        let repaired = known.example().zh.contains(" 改成");
        if !(known.page().starts_with(&begins) && faulty && repaired) {
            wrong.push(begins);
        }
        let told = explain(known.code).unwrap();
        assert!(told.zh.contains(&effect.zh) && told.en.contains(&known.example().en));
    }
    assert_eq!(
        wrong,
        Vec::<String>::new(),
        "each page begins like this, and has a faulty and a repaired example"
    );
    assert!(explain("no-such-code").is_none());
}

#[test]
fn no_page_is_without_a_code() {
    let pages = std::fs::read_dir(format!("{}/docs/findings", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let pages: BTreeSet<String> = pages
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "README.md")
        .collect();
    let codes: BTreeSet<String> = CODES.iter().map(|known| format!("{}.md", known.code)).collect();
    assert_eq!(codes.len(), CODES.len());
    assert_eq!(pages, codes);
}

#[test]
fn the_table_of_the_pages_is_up_to_date() {
    let mut table = INTRODUCTION.to_owned();
    table += "| 编号 code | 轻重 severity | 意思 what it means |\n| --- | --- | --- |\n";
    for known in CODES {
        let ((zh, en), means) = (severity(known.severity), known.means());
        table += &format!(
            "| [`{code}`]({code}.md) | {zh} {en} | {} {} |\n",
            means.zh,
            means.en,
            code = known.code
        );
    }
    if std::env::var_os("UPDATE_FINDINGS").is_some() {
        let path = format!("{}/docs/findings/README.md", env!("CARGO_MANIFEST_DIR"));
        std::fs::write(path, &table).unwrap();
    }
    assert!(
        *read("docs/findings/README.md").text == *table,
        "run with UPDATE_FINDINGS=1 and read it"
    );
}
