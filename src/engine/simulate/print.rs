//! A comparison as an administrator reads it, in Chinese or English.

use super::comparison::{Comparison, Count, Group};
use super::load::{Load, RoleLoad};
use super::rates::{RateChange, RateFigures};
use super::row::{Change, Depends, Row, What};
use crate::policy::finding::Lang;
use serde_json::Value;

/// How many weeks of a role are printed.
const WEEKS: usize = 8;

/// How many rates and how many roles are printed.
const LINES: usize = 40;

const DAY_MINUTES: i64 = 24 * 60;

/// The comparison in words; every line ends with a line break.
pub fn text(comparison: &Comparison, lang: Lang) -> String {
    let c = comparison;
    let t = &c.totals;
    let mut lines = Vec::new();
    lines.push(match lang {
        Lang::Zh => format!(
            "{}：若草案从 {} 起就执行，到 {}（含）为止会怎样。共 {} 件事件。",
            c.company, c.from, c.to, c.events
        ),
        Lang::En => format!(
            "{}: had the draft been in force from {} through {}. Events: {}.",
            c.company, c.from, c.to, c.events
        ),
    });
    lines.push(match lang {
        Lang::Zh => format!("义务：{} 项不变，{} 项有差别。", t.same, t.differing),
        Lang::En => format!("Obligations: the same {}, different {}.", t.same, t.differing),
    });
    if !c.differs() {
        let none = say(lang, "没有差别。", "There is no difference.");
        lines.push(none.to_owned());
    }
    section(c, Depends::Mechanical, lang, &mut lines);
    section(c, Depends::Behaviour, lang, &mut lines);
    let mut text = lines.join("\n");
    text.push('\n');
    text
}

fn say<'t>(lang: Lang, zh: &'t str, en: &'t str) -> &'t str {
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

fn section(c: &Comparison, depends: Depends, lang: Lang, lines: &mut Vec<String>) {
    let mut own = Vec::new();
    for group in &c.groups {
        let counts: Vec<&Count> = group.counts.iter().filter(|count| count.depends == depends).collect();
        if !counts.is_empty() {
            own.push(heading(group, lang));
            own.extend(counts.into_iter().map(|count| line(count, lang)));
        }
    }
    let rates: Vec<&RateChange> = c.rates.iter().filter(|rate| rate.depends == depends).collect();
    if !rates.is_empty() {
        own.push(say(lang, "比率", "Rates").to_owned());
        own.extend(rates.iter().take(LINES).map(|rate| rate_line(rate, lang)));
        own.extend(more(rates.len(), LINES, lang));
    }
    let load: Vec<&RoleLoad> = c.load.iter().filter(|load| load.depends == depends).collect();
    if !load.is_empty() {
        let zh = "各周的工作量（新到／周末未完／其中逾期）";
        let en = "Work by week (came up / open at its end / of that overdue)";
        own.push(say(lang, zh, en).to_owned());
        own.extend(load.iter().take(LINES).map(|load| load_line(load, lang)));
        own.extend(more(load.len(), LINES, lang));
    }
    if own.is_empty() {
        return;
    }
    lines.push(String::new());
    let title = match depends {
        Depends::Mechanical => say(
            lang,
            "一、必然的差别：只看已经报来的事，不管谁会怎么做，都是这样。",
            "1. What follows from what was reported, whatever anybody would have done.",
        ),
        Depends::Behaviour => say(
            lang,
            "二、取决于人的差别：假定人们照旧做、照旧报；规定真变了，人们会另作安排，所以只供参考。",
            "2. What hangs on how people would have acted: this is what the same acts would have come to; under other rules they would act otherwise.",
        ),
    };
    lines.push(title.to_owned());
    lines.extend(own);
}

fn heading(group: &Group, lang: Lang) -> String {
    let same = match lang {
        Lang::Zh => format!("（另有 {} 项不变）", group.same),
        Lang::En => format!(" (the same: {})", group.same),
    };
    format!(
        "  {} {} {} {}{same}",
        group.procedure, group.clause, group.rule, group.title
    )
}

fn line(count: &Count, lang: Lang) -> String {
    let what = match (count.what, count.change) {
        (What::Obligation, Change::New) => say(lang, "多出义务", "obligations more"),
        (What::Obligation, Change::Gone) => say(lang, "少了义务", "obligations less"),
        (What::Obligation, Change::Earlier) => say(lang, "到期提前", "due earlier"),
        (What::Obligation, Change::Later) => say(lang, "到期推后", "due later"),
        (What::Obligation, Change::Elsewhere) => say(lang, "换人承担", "owed by others"),
        (What::Obligation, Change::Changed) => say(lang, "内容有变", "otherwise changed"),
        (What::Obligation, Change::Standing) => say(lang, "结果不同", "come to something else"),
        (What::Escalation, Change::New) => say(lang, "多一次上报", "escalations more"),
        (What::Escalation, Change::Gone) => say(lang, "少一次上报", "escalations less"),
        (What::Escalation, Change::Earlier) => say(lang, "上报提前", "escalated earlier"),
        (What::Escalation, Change::Later) => say(lang, "上报推后", "escalated later"),
        (What::Escalation, _) => say(lang, "上报有变", "escalations changed"),
        (What::Threshold, Change::New) => say(lang, "多一次达到次数", "thresholds reached more"),
        (What::Threshold, Change::Gone) => say(lang, "少一次达到次数", "thresholds reached less"),
        (What::Threshold, _) => say(lang, "达到次数的时间不同", "thresholds reached at another time"),
        (What::Penalty, Change::New) => say(lang, "多一笔处罚", "penalties more"),
        (What::Penalty, Change::Gone) => say(lang, "少一笔处罚", "penalties less"),
        (What::Penalty, _) => say(lang, "处罚有变", "penalties changed"),
        (What::Gate, Change::New) => say(
            lang,
            "事件会被拒收（这里照收）",
            "events would have been refused (taken here)",
        ),
        (What::Gate, _) => say(lang, "事件不再被拒收", "events would no longer have been refused"),
    };
    let median = match count.median_shift_minutes {
        None => String::new(),
        Some(minutes) => match lang {
            Lang::Zh => format!("（中位数 {}）", shift(minutes, lang)),
            Lang::En => format!(" (median {})", shift(minutes, lang)),
        },
    };
    let examples: Vec<String> = count.examples.iter().map(|row| example(row, lang)).collect();
    match lang {
        Lang::Zh => format!("    {what} {} 项{median}，例：{}", count.count, examples.join("；")),
        Lang::En => format!("    {what}: {}{median}, such as {}", count.count, examples.join("; ")),
    }
}

/// A shift in the largest unit that it is whole in.
fn shift(minutes: i64, lang: Lang) -> String {
    let sign = if minutes < 0 { "−" } else { "+" };
    let size = minutes.abs();
    let (n, unit) = match size {
        _ if size % DAY_MINUTES == 0 => (size / DAY_MINUTES, say(lang, "天", "d")),
        _ if size % 60 == 0 => (size / 60, say(lang, "小时", "h")),
        _ => (size, say(lang, "分钟", "min")),
    };
    format!("{sign}{n} {unit}")
}

/// An example: the case, and what is said of it before and after.
fn example(row: &Row, lang: Lang) -> String {
    let what = row.obligation.as_ref().unwrap_or(&row.case);
    let [before, after] = [&row.before, &row.after].map(|side| side.as_ref().map(|value| short(value, lang)));
    match (before, after) {
        (Some(before), Some(after)) => format!("{what} {before} → {after}"),
        (Some(one), None) | (None, Some(one)) => format!("{what} {one}"),
        (None, None) => what.clone(),
    }
}

/// What tells most of it, in a few words.
fn short(value: &Value, lang: Lang) -> String {
    let due = value.get("due").filter(|due| !due.is_null());
    if let Some(due) = due.or(value.get("projected_due")) {
        let date = due.get("date").or(due.get("at"));
        return date.and_then(Value::as_str).map_or_else(|| "-".to_owned(), minute);
    }
    if let Some(bearers) = value.get("bearers").and_then(Value::as_array) {
        let roles = bearers
            .iter()
            .filter_map(|b| b.get("role")?.as_str().or(b.get("name")?.as_str()));
        return roles.collect::<Vec<_>>().join("+");
    }
    let text = |field: &str| value.get(field).and_then(Value::as_str);
    if let (Some(to), at) = (text("to"), text("at")) {
        return format!("{to} {}", at.map(minute).unwrap_or_default())
            .trim_end()
            .to_owned();
    }
    if let (Some(event), Some(unmet)) = (text("event"), value.get("unmet").and_then(Value::as_array)) {
        let unmet: Vec<&str> = unmet.iter().filter_map(Value::as_str).collect();
        return format!("{event} {}", unmet.join(say(lang, "，", ", ")));
    }
    if let Some(fen) = value.get("amount_fen").and_then(Value::as_u64) {
        return format!("{}.{:02}", fen / 100, fen % 100);
    }
    if let Some(word) = text("standing") {
        return standing(word, lang).to_owned();
    }
    if let Some(case) = text("on") {
        return case.to_owned();
    }
    if let Some(breach) = value.get("breach") {
        let at = breach.get("at").and_then(Value::as_str).map(minute);
        return match at {
            Some(at) => format!("{} {at}", say(lang, "逾期始于", "late since")),
            None => say(lang, "没有逾期", "never late").to_owned(),
        };
    }
    let Some(fields) = value.as_object() else {
        return value.to_string();
    };
    let said = fields.iter().map(|(name, value)| match value {
        Value::String(text) => format!("{name} {text}"),
        other => format!("{name} {other}"),
    });
    let said = said.collect::<Vec<_>>().join(", ");
    match said.char_indices().nth(80) {
        Some((at, _)) => format!("{}…", said.get(..at).unwrap_or_default()),
        None => said,
    }
}

/// An instant or a date to the minute, as people write it.
fn minute(text: &str) -> String {
    text.chars().take(16).collect::<String>().replace('T', " ")
}

/// What became of an obligation.
fn standing(word: &str, lang: Lang) -> &str {
    let zh = match word {
        "scheduled" => "未到时候",
        "open" => "未完",
        "paused" => "暂停",
        "overdue" => "逾期未完",
        "fulfilled" => "按时完成",
        "fulfilled_late" => "逾期完成",
        "waived" => "免除",
        "cancelled" => "取消",
        "expired" => "失效",
        other => other,
    };
    say(lang, zh, word)
}

fn rate_line(rate: &RateChange, lang: Lang) -> String {
    let figures = |f: &Option<RateFigures>| match f {
        None => say(lang, "没有", "none").to_owned(),
        Some(f) => {
            let pct = f.coverage_pct.as_ref().map(|p| format!(" {p}%")).unwrap_or_default();
            let timely = f
                .timeliness_pct
                .as_ref()
                .map(|p| format!("{}{p}%", say(lang, "，按时 ", ", in time ")));
            let target = f
                .target
                .as_ref()
                .map(|t| format!("{}{t}", say(lang, "，目标 ", ", target ")));
            format!(
                "{}/{}{pct}{}{}",
                f.done,
                f.population,
                timely.unwrap_or_default(),
                target.unwrap_or_default()
            )
        }
    };
    format!(
        "    {} {} {} {}: {} → {}",
        rate.clause,
        rate.rate,
        rate.title,
        rate.period,
        figures(&rate.before),
        figures(&rate.after)
    )
}

fn load_line(load: &RoleLoad, lang: Lang) -> String {
    let shown = |l: &Load| format!("{}/{}/{}", l.opened, l.open, l.overdue);
    let weeks = load.weeks.iter().take(WEEKS);
    let mut weeks: Vec<String> = weeks
        .map(|w| format!("{} {}→{}", w.week, shown(&w.before), shown(&w.after)))
        .collect();
    weeks.extend(more(load.weeks.len(), WEEKS, lang).map(|m| m.trim().to_owned()));
    let peak = match lang {
        Lang::Zh => format!("最多同时 {} → {}", load.peak_before, load.peak_after),
        Lang::En => format!("at most open {} → {}", load.peak_before, load.peak_after),
    };
    format!("    {} {}: {peak}; {}", load.role, load.title, weeks.join(", "))
}

fn more(all: usize, shown: usize, lang: Lang) -> Option<String> {
    let left = all.checked_sub(shown).filter(|left| *left > 0)?;
    Some(match lang {
        Lang::Zh => format!("    …另有 {left} 项"),
        Lang::En => format!("    … and {left} more"),
    })
}

#[cfg(test)]
mod tests {
    use super::super::row::object;
    use super::*;
    use serde_json::json;

    #[test]
    fn a_shift_is_told_in_the_largest_unit_that_it_is_whole_in() {
        let told = [
            (-1440, "−1 d"),
            (2880, "+2 d"),
            (-90, "−90 min"),
            (120, "+2 h"),
            (1500, "+25 h"),
        ];
        for (minutes, words) in told {
            assert_eq!(shift(minutes, Lang::En), words);
        }
        assert_eq!(shift(-1440, Lang::Zh), "−1 天");
    }

    #[test]
    fn an_example_says_what_tells_most() {
        let due = object([
            ("due", json!({ "kind": "day", "date": "2026-03-05" })),
            ("standing", json!("open")),
        ]);
        assert_eq!(short(&due, Lang::En), "2026-03-05");
        let breach = object([
            ("breach", json!({ "at": "2026-03-06T00:00:00+08:00" })),
            ("level", json!(1)),
        ]);
        assert_eq!(short(&breach, Lang::Zh), "逾期始于 2026-03-06 00:00");
        let told = object([("to", json!("director")), ("at", json!("2026-03-06T08:30:00+08:00"))]);
        assert_eq!(short(&told, Lang::En), "director 2026-03-06 08:30");
        assert_eq!(short(&object([("amount_fen", json!(12_305))]), Lang::En), "123.05");
        let long = object([("title", json!("很".repeat(200)))]);
        assert_eq!(short(&long, Lang::Zh).chars().count(), 81);
    }
}
