//! The functions that all scripts have: the one list of them. What does not stand here cannot be called; the page
//! `docs/scripts.md` is made from it, and every example is run.

use super::sandbox;

/// A function that all scripts have.
pub(super) struct Entry {
    /// The heading it stands under.
    pub group: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub parameters: &'static [&'static str],
    /// What it answers, in Chinese and in English.
    pub says: [&'static str; 2],
    /// An example, and what that is.
    pub example: [&'static str; 2],
}

const fn entry(
    group: &'static str,
    name: &'static str,
    parameters: &'static [&'static str],
    says: [&'static str; 2],
    example: [&'static str; 2],
) -> Entry {
    Entry {
        group,
        name,
        parameters,
        says,
        example,
    }
}

const FACTS: &str = "公司的事实 / Facts of the company";
const DATES: &str = "日期 / Dates";
const VALUES: &str = "各种值 / Any value";
const TEXTS: &str = "文字 / Texts";
const LISTS: &str = "列表 / Lists";
const MAPS: &str = "映射 / Maps";
const NUMBERS: &str = "数 / Numbers";

/// All of them, in the order of the page.
#[rustfmt::skip]
pub(super) const ENTRIES: &[Entry] = &[
    entry(FACTS, "kind_of_day", &["date"],
        ["这一天是工作日 workday、休息日 rest 还是节日放假 festival，按公司的日历", "whether the day is a workday, a rest day or a day off of a festival, by the company's calendar"],
        ["kind_of_day(\"2026-10-01\")", "\"festival\""]),
    entry(FACTS, "festival", &["date"],
        ["这一天属于哪个节日的放假；不是的为空", "the name of the festival that the day is off for; empty: none"],
        ["festival(\"2026-03-02\")", "\"\""]),
    entry(FACTS, "rank_of", &["person"],
        ["这个人担任的角色里最高的级别；没有为 0", "the highest rank among the roles that the person holds; 0: none"],
        ["rank_of(\"wang\")", "0"]),
    entry(FACTS, "holds", &["person", "role"],
        ["这个人是否担任这个角色", "whether the person holds the role"],
        ["holds(\"wang\", \"director\")", "true"]),
    entry(DATES, "days_between", &["from", "to"],
        ["从一天到另一天有几天；倒过来为负", "the days from one date to another; negative backwards"],
        ["days_between(\"2026-02-27\", \"2026-03-02\")", "3"]),
    entry(DATES, "years_between", &["from", "to"],
        ["满几年，按对应日；不满一年为 0", "the whole years from one date to another, by corresponding days"],
        ["years_between(\"2021-03-05\", \"2026-03-04\")", "4"]),
    entry(DATES, "add_days", &["date", "days"],
        ["几天后的日期；负数为几天前", "the date so many days later; earlier for a negative number"],
        ["add_days(\"2026-02-27\", 3)", "\"2026-03-02\""]),
    entry(DATES, "weekday", &["date"],
        ["星期几，星期一为 1", "the day of the week, Monday 1"],
        ["weekday(\"2026-03-02\")", "1"]),
    entry(VALUES, "filled", &["value"],
        ["是否填了：没有、空文字、空列表都不算", "whether it is filled in: nothing, an empty text and an empty list are not"],
        ["filled(\"  \")", "false"]),
    entry(VALUES, "to_string", &["value"],
        ["写成文字", "the value as a text"],
        ["to_string(12)", "\"12\""]),
    entry(VALUES, "type_of", &["value"],
        ["值的种类：没有填的为 \"()\"", "the kind of a value; `()` for what is not there"],
        ["type_of(())", "\"()\""]),
    entry(VALUES, "range", &["from", "to"],
        ["从一个整数到另一个之前，供 for 用", "whole numbers from one up to another, not included, for `for`"],
        ["let n = 0; for i in range(0, 4) { n += i; } n", "6"]),
    entry(VALUES, "range", &["from", "to", "step"],
        ["同上，每次加几", "the same, in steps"],
        ["let n = 0; for i in range(0, 10, 4) { n += i; } n", "12"]),
    entry(TEXTS, "len", &["text or list or map"],
        ["有几个字，或几项", "how many characters, or elements"],
        ["len(\"漏水\")", "2"]),
    entry(TEXTS, "is_empty", &["text or list or map"],
        ["是否为空", "whether it is empty"],
        ["[].is_empty()", "true"]),
    entry(TEXTS, "contains", &["text or list or map", "value"],
        ["是否含有这段文字、这一项、这个名字", "whether the text, the element, the name is in it"],
        ["\"厨房漏水\".contains(\"漏水\")", "true"]),
    entry(TEXTS, "contains_any", &["text", "list"],
        ["是否含有列表里的任何一个词", "whether any of the words is in the text"],
        ["contains_any(\"电梯困人\", [\"困人\", \"漏电\"])", "true"]),
    entry(TEXTS, "starts_with", &["text", "start"],
        ["是否以此开头", "whether it begins so"],
        ["\"A-101\".starts_with(\"A-\")", "true"]),
    entry(TEXTS, "ends_with", &["text", "end"],
        ["是否以此结尾", "whether it ends so"],
        ["\"A-101\".ends_with(\"102\")", "false"]),
    entry(TEXTS, "index_of", &["text or list", "value"],
        ["第一次出现在第几个（从 0 数）；没有为 -1", "where it first stands, counted from 0; -1: nowhere"],
        ["\"A-101\".index_of(\"-\")", "1"]),
    entry(TEXTS, "sub_string", &["text", "start"],
        ["从第几个字起的部分", "the part from a character on"],
        ["\"A-101\".sub_string(2)", "\"101\""]),
    entry(TEXTS, "sub_string", &["text", "start", "length"],
        ["从第几个字起的几个字", "so many characters from one on"],
        ["\"A-101\".sub_string(0, 1)", "\"A\""]),
    entry(TEXTS, "split", &["text", "at"],
        ["按此切成列表", "the parts between"],
        ["\"a,b\".split(\",\")", "[\"a\", \"b\"]"]),
    entry(TEXTS, "join", &["list", "between"],
        ["把几段文字连起来", "the texts of a list, put together"],
        ["join([\"a\", \"b\"], \"、\")", "\"a、b\""]),
    entry(TEXTS, "trimmed", &["text"],
        ["去掉首尾空白", "without blanks at both ends"],
        ["trimmed(\"  a \")", "\"a\""]),
    entry(TEXTS, "to_upper", &["text"],
        ["大写", "in capitals"],
        ["to_upper(\"a\")", "\"A\""]),
    entry(TEXTS, "to_lower", &["text"],
        ["小写", "in small letters"],
        ["to_lower(\"A\")", "\"a\""]),
    entry(TEXTS, "swap_text", &["text", "from", "to"],
        ["把一段换成另一段", "with one piece in place of another"],
        ["swap_text(\"1栋1室\", \"1\", \"2\")", "\"2栋2室\""]),
    entry(TEXTS, "parse_int", &["text"],
        ["文字写的整数", "the whole number that a text writes"],
        ["parse_int(\"12\")", "12"]),
    entry(TEXTS, "parse_decimal", &["text"],
        ["文字写的小数", "the number with decimals that a text writes"],
        ["parse_decimal(\"1.5\") == 1.5", "true"]),
    entry(LISTS, "push", &["list", "value"],
        ["在末尾加一项", "adds an element at the end"],
        ["let l = [\"a\"]; l.push(\"b\"); l", "[\"a\", \"b\"]"]),
    entry(LISTS, "append", &["list", "list"],
        ["在末尾接上另一个列表", "adds the elements of another list"],
        ["let l = [\"a\"]; l.append([\"b\"]); l", "[\"a\", \"b\"]"]),
    entry(LISTS, "insert", &["list", "place", "value"],
        ["插入一项", "adds an element at a place"],
        ["let l = [\"b\"]; l.insert(0, \"a\"); l", "[\"a\", \"b\"]"]),
    entry(LISTS, "pop", &["list"],
        ["取走最后一项", "takes the last element away"],
        ["let l = [\"a\", \"b\"]; l.pop()", "\"b\""]),
    entry(LISTS, "remove", &["list or map", "place or name"],
        ["取走一项", "takes an element away"],
        ["let l = [\"a\", \"b\"]; l.remove(0)", "\"a\""]),
    entry(LISTS, "extract", &["list", "start"],
        ["从第几项起的部分", "the part from an element on"],
        ["[\"a\", \"b\"].extract(1)", "[\"b\"]"]),
    entry(LISTS, "extract", &["list", "start", "length"],
        ["从第几项起的几项", "so many elements from one on"],
        ["[\"a\", \"b\"].extract(0, 1)", "[\"a\"]"]),
    entry(LISTS, "reverse", &["list"],
        ["倒过来", "turns it round"],
        ["let l = [\"a\", \"b\"]; l.reverse(); l", "[\"b\", \"a\"]"]),
    entry(LISTS, "sort", &["list"],
        ["从小到大排", "puts it in order"],
        ["let l = [\"b\", \"a\"]; l.sort(); l", "[\"a\", \"b\"]"]),
    entry(LISTS, "dedup", &["list"],
        ["去掉相邻的重复", "removes repetitions that stand together"],
        ["let l = [\"a\", \"a\"]; l.dedup(); l", "[\"a\"]"]),
    entry(LISTS, "map", &["list", "|x| value"],
        ["每项换成另一个值", "each element turned into another"],
        ["[1, 2].map(|x| \"n\" + x)", "[\"n1\", \"n2\"]"]),
    entry(LISTS, "filter", &["list", "|x| bool"],
        ["只留合条件的", "the elements that pass"],
        ["[\"a\", \"bb\"].filter(|x| x.len() > 1)", "[\"bb\"]"]),
    entry(LISTS, "some", &["list", "|x| bool"],
        ["是否有一项合条件", "whether one element passes"],
        ["[1, 2].some(|x| x > 1)", "true"]),
    entry(LISTS, "all", &["list", "|x| bool"],
        ["是否每项都合条件", "whether all elements pass"],
        ["[1, 2].all(|x| x > 1)", "false"]),
    entry(LISTS, "find", &["list", "|x| bool"],
        ["第一个合条件的", "the first element that passes"],
        ["[1, 2].find(|x| x > 1)", "2"]),
    entry(LISTS, "reduce", &["list", "|sum, x| value", "start"],
        ["逐项累计", "all elements put into one value, from a start"],
        ["[1, 2].reduce(|sum, x| sum + x, 0)", "3"]),
    entry(MAPS, "keys", &["map"],
        ["所有名字", "the names"],
        ["#{a: 1}.keys()", "[\"a\"]"]),
    entry(MAPS, "values", &["map"],
        ["所有值", "the values"],
        ["#{a: \"b\"}.values()", "[\"b\"]"]),
    entry(MAPS, "get", &["list or map", "place or name"],
        ["取一个值，没有为 ()", "a value, or `()`"],
        ["type_of(#{a: 1}.get(\"b\"))", "\"()\""]),
    entry(MAPS, "set", &["list or map", "place or name", "value"],
        ["放一个值", "puts a value there"],
        ["let m = #{}; m.set(\"a\", 2); m.a", "2"]),
    entry(NUMBERS, "abs", &["number"],
        ["绝对值", "without its sign"],
        ["abs(-2)", "2"]),
    entry(NUMBERS, "min", &["number", "number"],
        ["较小的", "the smaller"],
        ["min(1, 2)", "1"]),
    entry(NUMBERS, "max", &["number", "number"],
        ["较大的", "the larger"],
        ["max(1, 2)", "2"]),
    entry(NUMBERS, "to_int", &["number"],
        ["去掉小数", "the whole part"],
        ["to_int(2.7)", "2"]),
    entry(NUMBERS, "to_decimal", &["number"],
        ["变成小数，除法就不舍去余数", "as a number with decimals, so that division keeps them"],
        ["7.to_decimal() / 2 == 3.5", "true"]),
    entry(NUMBERS, "floor", &["decimal"],
        ["向下取整", "rounded down"],
        ["floor(2.7).to_int()", "2"]),
    entry(NUMBERS, "ceiling", &["decimal"],
        ["向上取整", "rounded up"],
        ["ceiling(2.1).to_int()", "3"]),
    entry(NUMBERS, "round_half_up", &["decimal", "places"],
        ["四舍五入到几位小数", "rounded to so many decimals, half away from nought"],
        ["round_half_up(2.665, 2) == 2.67", "true"]),
];

/// The names of all functions that all scripts have.
pub fn names() -> impl Iterator<Item = &'static str> {
    ENTRIES.iter().map(|entry| entry.name)
}

/// The page `docs/scripts.md`.
pub fn reference() -> String {
    let mut page = INTRODUCTION.to_owned();
    let (operations, text, list) = (sandbox::MAX_OPERATIONS, sandbox::MAX_TEXT / 1024, sandbox::MAX_LIST);
    let (map, variables, calls) = (sandbox::MAX_MAP, sandbox::MAX_VARIABLES, sandbox::MAX_CALLS);
    let (functions, source, files) = (sandbox::MAX_FUNCTIONS, sandbox::MAX_SOURCE / 1024, sandbox::MAX_FILES);
    page.push_str(&format!(
        "\n## 上限 / Limits\n\n| | |\n| --- | --- |\n\
         | 一次调用的操作 / operations of a call | {operations} |\n\
         | 脚本写出的文字 / a text that a script makes | {text} KiB |\n\
         | 列表的项 / elements of a list | {list} |\n\
         | 映射的名字 / names of a map | {map} |\n\
         | 一个函数的变量 / variables of a function | {variables} |\n\
         | 函数套函数 / functions calling functions | {calls} |\n\
         | 一个文件的函数 / functions of a file | {functions} |\n\
         | 一个文件 / a file | {source} KiB |\n\
         | 一家公司的文件 / files of a company | {files} |\n"
    ));
    page.push_str("\n## 函数 / Functions\n\n`x.f(y)` 和 `f(x, y)` 是一回事。`x.f(y)` and `f(x, y)` are the same.\n");
    let mut group = "";
    for entry in ENTRIES {
        if entry.group != group {
            group = entry.group;
            page.push_str(&format!("\n### {group}\n\n| | | 例 / Example |\n| --- | --- | --- |\n"));
        }
        let Entry {
            name,
            parameters,
            says: [zh, en],
            example: [call, is],
            ..
        } = entry;
        let escaped = |text: &str| text.replace('|', "\\|");
        let row = format!(
            "| `{name}({})` | {zh}。{en} | `{}` → `{}` |\n",
            escaped(&parameters.join(", ")),
            escaped(call),
            escaped(is)
        );
        page.push_str(&row);
    }
    page
}

const INTRODUCTION: &str = include_str!("introduction.md");
