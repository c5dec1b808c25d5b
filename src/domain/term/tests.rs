use proptest::prelude::*;

use super::*;

#[test]
fn both_spellings_are_the_same_term() {
    let table: [(Term, &[&str]); 12] = [
        (Term::Days(3), &["3d", "3天", "3日", "三天", " 3d ", "3 天"]),
        (Term::Days(0), &["0d", "当天", "当日", "0天"]),
        (Term::WorkingDays(2), &["2bd", "2个工作日", "两个工作日", "二工作日"]),
        (
            Term::Minutes(1440),
            &["24h", "24小时", "1440min", "二十四小时", "24个小时"],
        ),
        (Term::Minutes(90), &["90min", "90分钟"]),
        (Term::OpenMinutes(480), &["8bh", "8个工作小时", "八个工作小时"]),
        (Term::OpenMinutes(30), &["30bmin", "30个工作分钟"]),
        (Term::Weeks(1), &["1w", "1周", "一周", "一个星期"]),
        (Term::Months(1), &["1mo", "1个月", "一个月"]),
        (Term::Years(1), &["1y", "1年", "一年"]),
        (Term::Days(10), &["10d", "十天", "十日"]),
        (Term::Days(15), &["15d", "十五天"]),
    ];
    for (term, spellings) in table {
        for text in spellings {
            assert_eq!(text.parse(), Ok(term), "{text}");
        }
        assert_eq!(term.to_string().parse(), Ok(term));
        assert_eq!(term.zh().parse(), Ok(term));
    }
}

#[test]
fn the_canonical_spelling() {
    let table = [
        (Term::Days(0), "0d", "当天"),
        (Term::WorkingDays(2), "2bd", "2个工作日"),
        (Term::Minutes(1440), "24h", "24小时"),
        (Term::Minutes(90), "90min", "90分钟"),
        (Term::Minutes(0), "0min", "0分钟"),
        (Term::OpenMinutes(480), "8bh", "8个工作小时"),
        (Term::OpenMinutes(90), "90bmin", "90个工作分钟"),
        (Term::Weeks(2), "2w", "2周"),
    ];
    for (term, ascii, zh) in table {
        assert_eq!((term.to_string().as_str(), term.zh().as_str()), (ascii, zh));
    }
}

#[test]
fn what_is_refused_says_what_to_write() {
    let table = [
        ("P1D", "write 1d"),
        ("PT24H", "write 24h"),
        ("P3M", "write 3mo"),
        ("PT90M", "write 90min"),
        ("半个月", "write 15天, or day_of_month"),
        ("半年", "write 6mo"),
        ("3", "a unit is missing"),
        ("3m", "write 3min for minutes or 3mo for months"),
        ("3月", "write 3个月"),
        ("3D", "write 3d"),
        ("3 days", "write 3d"),
        ("24hours", "write 24h"),
        ("1.5h", "without a fraction"),
        ("1个半小时", "without a fraction"),
        ("-3d", "without a sign"),
        ("0bd", "write 0d"),
        ("0w", "write 0d"),
        ("0bh", "write 0min"),
        ("36601d", "write at most 36600d"),
        ("101y", "write at most 100y"),
        ("99999999999999999999d", "write at most 36600d"),
        ("878401h", "write at most 52704000min"),
        ("", "write a term such as 3d"),
        ("soon", "write a number with"),
        ("三百天", "write a number with"),
        ("三四天", "write a number with"),
    ];
    for (text, remedy) in table {
        let error = text.parse::<Term>().unwrap_err();
        assert!(error.remedy.contains(remedy), "{text}: {error}");
        assert_eq!(error.text, text);
    }
    assert_eq!(
        "P1D".parse::<Term>().unwrap_err().to_string(),
        "P1D is not accepted: write 1d"
    );
}

#[test]
fn kinds() {
    let days = [
        Term::Days(1),
        Term::WorkingDays(1),
        Term::Weeks(1),
        Term::Months(1),
        Term::Years(1),
    ];
    assert!(days.iter().all(Term::is_day_kind));
    assert!(![Term::Minutes(1), Term::OpenMinutes(1)].iter().any(Term::is_day_kind));
}

proptest! {
    /// No text makes the reader fail in another way than with an error, and what it accepts it writes back.
    #[test]
    fn any_text_is_read_or_refused(text in "[0-9一二十两半PTdbhmwoyin个工作日小时天月年周分钟 .-]{0,8}") {
        if let Ok(term) = text.parse::<Term>() {
            prop_assert_eq!(term.to_string().parse::<Term>(), Ok(term));
            prop_assert_eq!(term.zh().parse::<Term>(), Ok(term));
        }
    }
}
