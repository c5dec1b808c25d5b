//! The company's scripts: compiled with what they may ask, their problems said as findings.

use super::codes;
use super::finding::Text;
use super::model::{Id, Person, Role};
use super::nearest::suggest;
use super::node::Word;
use super::source::{File, say};
use crate::domain::calendar::Calendar;
use crate::script::{Facts, Function, Problem, Scripts, What};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What scripts may ask of a company.
pub(super) fn facts(calendar: Option<Arc<Calendar>>, people: &[Person], roles: &BTreeMap<Id, Role>) -> Facts {
    let held = |person: &Person| {
        person
            .holds
            .iter()
            .map(|hold| hold.role.clone())
            .collect::<BTreeSet<Id>>()
    };
    let ranks = roles.iter().filter_map(|(id, role)| Some((id.clone(), role.rank?)));
    Facts {
        calendar: calendar.unwrap_or_else(|| Arc::new(Calendar::build("none", &[]))),
        holds: people.iter().map(|person| (person.id.clone(), held(person))).collect(),
        ranks: ranks.collect(),
    }
}

/// Compiles the scripts; what is wrong with them is found in them.
pub(super) fn read(files: &[File<'_>], facts: Facts) -> Arc<Scripts> {
    let texts: Vec<_> = files.iter().map(|f| (Arc::clone(&f.name), Arc::from(f.text))).collect();
    let (scripts, problems) = Scripts::compile(&texts, facts);
    for problem in &problems {
        if let Some(file) = files.get(problem.file) {
            report(file, problem, &scripts);
        }
    }
    Arc::new(scripts)
}

fn report(file: &File<'_>, problem: &Problem, scripts: &Scripts) {
    let place = file.word_at(problem.at);
    match &problem.what {
        What::Syntax(words) => place.find(
            codes::SCRIPT_SYNTAX,
            say!("脚本写法有误：{words}", "this is not rhai: {words}"),
            say!("照 docs/scripts.md 的写法改正", "write it as docs/scripts.md shows"),
        ),
        What::Statement => place.find(
            codes::SCRIPT_SYNTAX,
            say!("函数之外还有语句", "a statement stands outside the functions"),
            say!(
                "把它放进函数 fn 名字(m) {{ … }} 里",
                "put it into a function fn name(m) {{ … }}"
            ),
        ),
        What::Unknown(name) => {
            let known = scripts.names().map(str::to_owned);
            let known: Vec<String> = known.chain(crate::script::names().map(str::to_owned)).collect();
            place.find(
                codes::SCRIPT_CALL,
                say!("没有函数“{name}”", "there is no function `{name}`"),
                suggest(name, known.iter().map(String::as_str), "可用的函数", "known functions"),
            );
        }
        What::Arguments(name, given, takes) => {
            let takes = takes.iter().map(ToString::to_string).collect::<Vec<_>>().join("/");
            place.find(
                codes::SCRIPT_CALL,
                say!(
                    "函数“{name}”要 {takes} 个参数，这里给了 {given} 个",
                    "`{name}` takes {takes} arguments, here are {given}"
                ),
                say!(
                    "照 docs/scripts.md 写全参数",
                    "give it the arguments that docs/scripts.md lists"
                ),
            );
        }
        What::Twice(name, there) => place.find(
            codes::REDEFINED,
            say!(
                "函数“{name}”在 {there} 已经有了",
                "the function `{name}` is already in {there}"
            ),
            say!("删去一处，或改一个名字", "remove one, or rename one"),
        ),
        What::Taken(name) => place.find(
            codes::REDEFINED,
            say!(
                "“{name}”是所有脚本共有的函数",
                "`{name}` is a function that all scripts have"
            ),
            say!("改一个名字", "choose another name"),
        ),
        What::TooLarge(bytes) => {
            let kib = bytes / 1024;
            place.find(
                codes::SCRIPT_LIMIT,
                say!(
                    "脚本有 {kib} KiB，超过 64 KiB",
                    "the script has {kib} KiB, more than 64 KiB"
                ),
                say!("分成几个文件", "split it into several files"),
            );
        }
        What::TooManyFiles(count) => place.find(
            codes::SCRIPT_LIMIT,
            say!(
                "有 {count} 个脚本文件，超过 32 个",
                "there are {count} script files, more than 32"
            ),
            say!("合并几个文件", "put some of them together"),
        ),
    }
}

/// The function that a rule names; it must take one parameter.
pub(super) fn named(word: &Word<'_>, scripts: &Arc<Scripts>) -> Option<Function> {
    let name = word.text;
    match scripts.parameters(name) {
        Some(1) => scripts.function(name),
        Some(count) => {
            word.at.find(
                codes::UNKNOWN_SCRIPT,
                say!(
                    "函数“{name}”有 {count} 个参数，规程只给一个",
                    "the function `{name}` takes {count} parameters, and a policy gives it one"
                ),
                say!("写成 fn {name}(m) {{ … }}", "declare it as fn {name}(m) {{ … }}"),
            );
            None
        }
        None => {
            let known: Vec<&str> = scripts.names().collect();
            let remedy = if known.is_empty() {
                Text::new(
                    format!("在 scripts/<公司>/ 里写 fn {name}(m) {{ … }}"),
                    format!("write fn {name}(m) {{ … }} in scripts/<company>/"),
                )
            } else {
                suggest(name, known.into_iter(), "已有的函数", "known functions")
            };
            word.at.find(
                codes::UNKNOWN_SCRIPT,
                say!("脚本里没有函数“{name}”", "no script has a function `{name}`"),
                remedy,
            );
            None
        }
    }
}
