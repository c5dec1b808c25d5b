//! How a document is to be read: what holds wherever a rule does not say otherwise.

use crate::policy::finding::Text;

/// The sentences, in their order.
pub(super) fn preface() -> Vec<Text> {
    vec![
        Text::new(
            "期限按天、周、月计的，当天不算，从第二天起算，到最后一天24时为止；“当天”到当天24时为止。",
            "A term of days, weeks or months is counted from the day after, and ends at midnight of its last day; “the same day” ends at its own midnight.",
        ),
        Text::new(
            "按小时、分钟计的，从那一刻起连续计算；“工作日”“工作小时”只计工作日和工作时间。",
            "A term of hours or minutes runs from that very moment; working days and working hours are those of the calendar alone.",
        ),
        Text::new(
            "最后一天遇休息日不顺延，规则写明顺延的除外。到期以前没有办完，就是逾期。",
            "A last day that is a day off does not move unless a rule says so. What is not done by then is overdue.",
        ),
        Text::new(
            "承担人写“甲或乙”的，任何一位办了就行；写“一起”的，都要参加。“以上”“以下”“满”都含本数。",
            "Of “A or B” either may act; “together” means that all take part. “At least” and “at most” include the number.",
        ),
        Text::new(
            "方括号〔〕里的字，由案件的数据填入。",
            "What stands in square brackets is filled in from the case.",
        ),
    ]
}
