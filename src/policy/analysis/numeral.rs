//! Numbers in Chinese prose: 三, 两, 十五, 百分之三十, 24.

use crate::domain::term::Term;

/// A number in a text, and what stands around it.
pub(super) struct Numeral<'t> {
    /// The number.
    pub value: u32,
    /// What stands before it.
    pub before: &'t str,
    /// The number as written.
    pub written: &'t str,
    /// What stands after it.
    pub after: &'t str,
}

/// All whole numbers of a text.
pub(super) fn numerals(text: &str) -> Vec<Numeral<'_>> {
    let mut found = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        if !is_digit(c) {
            continue;
        }
        let mut end = start.saturating_add(c.len_utf8());
        while let Some((at, c)) = chars.next_if(|(_, next)| is_digit(*next)) {
            end = at.saturating_add(c.len_utf8());
        }
        let (Some(before), Some(written), Some(after)) = (text.get(..start), text.get(start..end), text.get(end..))
        else {
            continue;
        };
        // Decimals, numbers of clauses and times of day are other things.
        let part = |c: Option<char>| matches!(c, Some('.' | ':' | '：' | '第' | '－' | '-'));
        if part(before.chars().next_back()) || matches!(after.chars().next(), Some('.' | ':' | '：')) {
            continue;
        }
        if let Some(value) = value(written) {
            found.push(Numeral {
                value,
                before,
                written,
                after,
            });
        }
    }
    found
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || "零〇一二两三四五六七八九十百".contains(c)
}

/// What a number says: digits, or Chinese up to the hundreds.
fn value(written: &str) -> Option<u32> {
    if written.chars().all(|c| c.is_ascii_digit()) {
        return written.parse().ok();
    }
    if written.chars().any(|c| c.is_ascii_digit()) {
        return None;
    }
    let (mut total, mut digit): (u32, Option<u32>) = (0, None);
    for c in written.chars() {
        match c {
            '十' => total = total.checked_add(digit.take().unwrap_or(1).checked_mul(10)?)?,
            '百' => total = total.checked_add(digit.take().unwrap_or(1).checked_mul(100)?)?,
            '零' | '〇' => digit = None,
            c => {
                let at = "一二三四五六七八九".chars().position(|known| known == c);
                let n = if c == '两' {
                    2
                } else {
                    u32::try_from(at?).ok()?.checked_add(1)?
                };
                // 三四天 is no number.
                if digit.replace(n).is_some() {
                    return None;
                }
            }
        }
    }
    total.checked_add(digit.unwrap_or(0))
}

/// A term of so many; none where that is too many.
type Of = fn(u32) -> Option<Term>;

/// Units of terms as prose writes them, longest first.
const UNITS: [(&str, Of); 16] = [
    ("个工作小时", |n| Some(Term::OpenMinutes(n.checked_mul(60)?))),
    ("个工作日", |n| Some(Term::WorkingDays(n))),
    ("个小时", |n| Some(Term::Minutes(n.checked_mul(60)?))),
    ("个自然日", |n| Some(Term::Days(n))),
    ("工作小时", |n| Some(Term::OpenMinutes(n.checked_mul(60)?))),
    ("工作日", |n| Some(Term::WorkingDays(n))),
    ("自然日", |n| Some(Term::Days(n))),
    ("个星期", |n| Some(Term::Weeks(n))),
    ("个月", |n| Some(Term::Months(n))),
    ("小时", |n| Some(Term::Minutes(n.checked_mul(60)?))),
    ("分钟", |n| Some(Term::Minutes(n))),
    ("星期", |n| Some(Term::Weeks(n))),
    ("天", |n| Some(Term::Days(n))),
    ("日", |n| Some(Term::Days(n))),
    ("周", |n| Some(Term::Weeks(n))),
    ("年", |n| Some(Term::Years(n))),
];

impl<'t> Numeral<'t> {
    /// The term within which something is to be done, as in 三天内: it, and as written.
    pub fn within(&self) -> Option<(Term, String)> {
        let (unit, make) = UNITS.iter().find(|(unit, _)| self.after.starts_with(unit))?;
        let rest = self.after.strip_prefix(unit)?;
        let inside = ["内", "之内", "以内"].iter().find(|word| rest.starts_with(**word))?;
        Some((make(self.value)?, format!("{}{unit}{inside}", self.written)))
    }

    /// The hundredths of a share, as in 百分之三十 and 30%.
    pub fn percent(&self) -> Option<u32> {
        let percent = self.before.ends_with("百分之") || self.after.starts_with(['%', '％']);
        percent.then_some(self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let values = |text: &str| numerals(text).iter().map(|n| n.value).collect::<Vec<_>>();
        assert_eq!(values("三天内回访，十五个工作日内办结，一百二十元"), [3, 15, 120]);
        assert_eq!(values("两次以上，二十，24小时"), [2, 20, 24]);
        // Numbers of clauses, decimals, times of day, and guesses are none.
        assert_eq!(values("见第三条、4.1.2，09:30，三四天"), [2; 0]);
    }

    #[test]
    fn terms_and_shares_are_read_with_their_units() {
        let terms = |text: &str| {
            numerals(text)
                .iter()
                .filter_map(Numeral::within)
                .map(|(term, _)| term)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            terms("三天内、两个工作日以内、24小时之内、一周内、1个月内、每月5日"),
            [
                Term::Days(3),
                Term::WorkingDays(2),
                Term::Minutes(1440),
                Term::Weeks(1),
                Term::Months(1)
            ]
        );
        let shares = |text: &str| numerals(text).iter().filter_map(Numeral::percent).collect::<Vec<_>>();
        assert_eq!(shares("百分之三十，不低于75%，三成"), [30, 75]);
    }
}
