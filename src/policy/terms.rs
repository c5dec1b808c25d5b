//! Terms, shares, times of day and the like, as the author wrote them.

use super::codes;
use super::finding::Text;
use super::model::Period;
use super::node::Node;
use super::source::say;
use crate::domain::fraction::Fraction;
use crate::domain::term::{End, Shift, Term};
use chrono::NaiveTime;

/// A term such as `3天` or `24h`.
pub(super) fn term(node: &Node<'_>) -> Option<Term> {
    let written = node.written();
    let Some(word) = node.as_text() else {
        let (message, remedy) = match node.as_int() {
            Some(n) => (
                say!("期限 {n} 没有单位", "the term {n} has no unit"),
                say!(
                    "写成 \"{n}天\"、\"{n}个工作日\" 或 \"{n}小时\"",
                    "write \"{n}d\", \"{n}bd\" or \"{n}h\""
                ),
            ),
            None => (
                say!("{written} 不是期限", "{written} is not a term"),
                say!("写成加引号的文字，如 \"3天\"", "write a text such as \"3d\""),
            ),
        };
        node.at.find(codes::BAD_TERM, message, remedy);
        return None;
    };
    match word.text.parse() {
        Ok(term) => Some(term),
        Err(crate::domain::term::TermError { text, remedy }) => {
            let zh = remedy_in_chinese(&remedy);
            word.at.find(
                codes::BAD_TERM,
                say!("期限“{text}”读不懂", "the term `{text}` cannot be read"),
                Text::new(zh, remedy),
            );
            None
        }
    }
}

/// The time floor words its remedies in English; those that name a spelling keep it, the others list the units.
fn remedy_in_chinese(remedy: &str) -> String {
    if let Some(most) = remedy.strip_prefix("write at most ") {
        return format!("最多写 \"{most}\"");
    }
    let advice = remedy.strip_prefix("write ").unwrap_or_default();
    let spelling = advice
        .split([' ', ',', ';'])
        .next()
        .and_then(|word| word.parse::<Term>().ok());
    match spelling {
        _ if advice.contains("for minutes or") => "分钟写 \"…分钟\"，月写 \"…个月\"".to_owned(),
        _ if advice.contains("without a fraction") => "不写小数，换小一级的单位，如 \"90分钟\"".to_owned(),
        _ if advice.contains("without a sign") => "不写负号；倒着数用 before".to_owned(),
        Some(term) => format!("写成 \"{}\"", term.zh()),
        None => "写数字加单位：天、个工作日、周、个月、年、小时、分钟、个工作小时，如 \"3天\"、\"24小时\"".to_owned(),
    }
}

/// A term counted in days, not in hours.
pub(super) fn day_term(node: &Node<'_>) -> Option<Term> {
    let term = term(node)?;
    if term.is_day_kind() {
        return Some(term);
    }
    let (name, zh) = (node.name, term.zh());
    node.at.find(
        codes::BAD_TERM,
        say!(
            "“{name}”要用天、周、月、年计，这里是 {zh}",
            "`{name}` is counted in days, weeks, months or years, not {term}"
        ),
        say!("写成天数，如 \"5天\"", "write days, such as \"5d\""),
    );
    None
}

/// A term that can be counted back from an instant: anything but open time.
pub(super) fn fixed_term(node: &Node<'_>) -> Option<Term> {
    let term = term(node)?;
    if !matches!(term, Term::OpenMinutes(_)) {
        return Some(term);
    }
    let (name, zh) = (node.name, term.zh());
    node.at.find(
        codes::BAD_TERM,
        say!(
            "“{name}”不能用工作小时倒着数，这里是 {zh}",
            "`{name}` is not counted back in open time, as in {term}"
        ),
        say!(
            "写成小时、分钟或天数，如 \"15分钟\"",
            "write hours, minutes or days, such as \"15min\""
        ),
    );
    None
}

/// A share such as `30%`, not above the whole.
pub(super) fn share(node: &Node<'_>) -> Option<Fraction> {
    let Some(word) = node.as_text() else {
        let written = node.written();
        node.at.find(
            codes::BAD_SHARE,
            say!(
                "比例 {written} 要写成加引号的百分数",
                "the share {written} is not a text"
            ),
            say!("如 \"30%\"", "write a text such as \"30%\""),
        );
        return None;
    };
    match word.text.parse::<Fraction>() {
        Err(crate::domain::fraction::FractionError { text, remedy }) => {
            word.at.find(
                codes::BAD_SHARE,
                say!("比例“{text}”读不懂", "the share `{text}` cannot be read"),
                Text::new("写成百分数如 \"37.5%\"，或分数如 \"1/3\"", remedy),
            );
            None
        }
        Ok(share) if share.exceeds_whole() => {
            word.at.find(
                codes::SHARE_OVER_WHOLE,
                say!("比例 {share} 超过百分之百", "the share {share} is more than the whole"),
                say!("写 \"100%\" 或更小", "write \"100%\" or less"),
            );
            None
        }
        Ok(share) if share.numerator() == 0 => {
            word.at.find(
                codes::NOT_POSITIVE,
                say!("比例是 0，什么也不要求", "the share is 0 and asks for nothing"),
                say!(
                    "写大于 0 的比例，或删去这条规则",
                    "write more than 0, or remove the rule"
                ),
            );
            None
        }
        Ok(share) => Some(share),
    }
}

/// `HH:MM`; `24:00` is the midnight that ends the day, which is written 00:00 inside.
pub(super) fn time_of_day(node: &Node<'_>) -> Option<NaiveTime> {
    let word = node.text()?;
    if word.text == "24:00" {
        return Some(NaiveTime::MIN);
    }
    let time = NaiveTime::parse_from_str(word.text, "%H:%M").ok();
    if time.is_none() {
        node.bad_value("时刻，如 \"09:00\"", "a time of day such as \"09:00\"");
    }
    time
}

/// Where in its last day a term of days ends.
pub(super) fn end(node: &Node<'_>) -> Option<End> {
    match node.text()?.text {
        "midnight" => Some(End::Midnight),
        "close" => Some(End::Close),
        text => match NaiveTime::parse_from_str(text, "%H:%M") {
            Ok(time) => Some(End::At(time)),
            Err(_) => {
                node.bad_value(
                    " \"midnight\"（当日24时）、\"close\"（下班时），或时刻如 \"12:00\"",
                    "\"midnight\", \"close\", or a time of day such as \"12:00\"",
                );
                None
            }
        },
    }
}

/// What happens to a last day that is not a working day.
pub(super) fn shift(node: &Node<'_>) -> Option<Shift> {
    node.one_of(&[
        ("none", Shift::None),
        ("next", Shift::Next),
        ("previous", Shift::Previous),
    ])
}

/// Over what something is counted.
pub(super) fn period(node: &Node<'_>) -> Option<Period> {
    node.one_of(&[
        ("day", Period::Day),
        ("month", Period::Month),
        ("quarter", Period::Quarter),
        ("year", Period::Year),
    ])
}

/// Weekdays, Monday first.
pub(super) fn weekdays(node: &Node<'_>) -> Option<[bool; 7]> {
    const DAYS: [(&str, usize); 7] = [
        ("mon", 0),
        ("tue", 1),
        ("wed", 2),
        ("thu", 3),
        ("fri", 4),
        ("sat", 5),
        ("sun", 6),
    ];
    let mut days = [false; 7];
    for item in node.list() {
        if let Some(day) = item.one_of(&DAYS).and_then(|day| days.get_mut(day)) {
            *day = true;
        }
    }
    if days.contains(&true) {
        return Some(days);
    }
    if node.value.as_array().is_some_and(|list| list.is_empty()) {
        node.bad_value("至少一天，如 [\"mon\"]", "at least one day, such as [\"mon\"]");
    }
    None
}
