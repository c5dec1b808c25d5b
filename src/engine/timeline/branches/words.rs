//! What a branch is, and what to write so that a timeline takes it.

use super::{Branch, Rows, Way};
use crate::policy::finding::Text;

/// It in words, with what to write.
pub(super) fn said(branch: &Branch) -> Text {
    let (zh, en) = (&branch.about.zh, &branch.about.en);
    let rule = &branch.rule;
    match branch.way {
        Way::When(true) => when(branch),
        Way::When(false) => not_when(branch),
        Way::Row(rows, nth) => row(rows, nth, zh, en),
        Way::Done => Text::new(
            format!("办了：报办理它的事件，期望 `{rule}` 是 fulfilled"),
            format!("done: report what performs it, and expect `{rule}` to be fulfilled"),
        ),
        Way::Overdue => Text::new(
            format!("没按时办：过了期限再问，期望 `{rule}` 是 overdue"),
            format!("overdue: ask after it is due, and expect `{rule}` to be overdue"),
        ),
        Way::Until => Text::new(
            format!("被 {zh} 结束：报这件事，期望 `{rule}` 是 cancelled"),
            format!("ended by {en}: report that, and expect `{rule}` to be cancelled"),
        ),
        Way::Told(level) => Text::new(
            format!("上报到第 {level} 级（{zh}）：到那时再问，期望它的 level 或 effects"),
            format!("escalated to level {level} ({en}): ask at that time, and expect its `level` or `effects`"),
        ),
        Way::PassedOver(level) => Text::new(
            format!("第 {level} 级到了时候而“{zh}”不成立：期望它的 level 或 effects"),
            format!("the time of level {level} comes where it is not so that {en}: expect its `level` or `effects`"),
        ),
        Way::Drawn(true) => Text::new(
            "抽中：在 drawn 里写上案件，期望这一项",
            "drawn: name the case in `drawn`, and expect the obligation",
        ),
        Way::Drawn(false) => Text::new(
            "没有抽中：drawn 里不写这件案件，期望这一项",
            "not drawn: leave the case out of `drawn`, and expect the obligation",
        ),
        Way::Complete => Text::new(
            "表单填全：报填全了的办理事件，期望它所办的义务",
            "a whole form: report a performance with all of it, and expect what it performs",
        ),
        Way::Lacking => Text::new(
            "表单缺项：报缺一项的办理事件，期望那项义务的 missing",
            "a form that lacks something: report a performance without a field, and expect `missing` of its obligation",
        ),
        Way::Asks(nth, true) => Text::new(
            format!("第 {nth} 条要求用得上（{zh}）：这样报办理事件，期望它所办的义务"),
            format!("requirement {nth} asks ({en}): report such a performance, and expect what it performs"),
        ),
        Way::Asks(nth, false) => Text::new(
            format!("第 {nth} 条要求用不上（“{zh}”不成立）：这样报办理事件，期望它所办的义务"),
            format!(
                "requirement {nth} does not ask (it is not so that {en}): report such a performance, and expect what it performs"
            ),
        ),
        Way::LetsThrough => Text::new(
            "放行：条件都满足时报它拦着的事件，不写 refused",
            "lets through: report the event that it stands before with all needs met, without `refused`",
        ),
        Way::Unmet(nth) | Way::NotApprover(nth) => Text::new(
            format!("退回，因为第 {nth} 项“{zh}”没有满足：只缺这一项，写 refused（几项都缺的写 unmet）"),
            format!(
                "refused because need {nth}, “{en}”, is not met: let only that lack and write `refused`, or name all in `unmet`"
            ),
        ),
        Way::Reached => Text::new(
            format!("达到了：期望 effects 或 spawned 里有 `{rule}`"),
            format!("reached: expect `{rule}` in `effects` or `spawned`"),
        ),
        Way::Below => Text::new(
            format!("数到了但没有达到：少报一件，期望 spawned（或 effects = []）里没有 `{rule}`"),
            format!(
                "counted and not reached: report one less, and expect `spawned` (or `effects = []`) without `{rule}`"
            ),
        ),
        Way::Rung(nth) => Text::new(
            format!("通知到第 {nth} 位（{zh}）：期望 effects 里有它"),
            format!("told to role {nth} ({en}): expect it in `effects`"),
        ),
        Way::Met => Text::new(
            format!("达标{}：到期后期望 rates 的 met = true", aside(zh)),
            format!(
                "met{}: expect `met = true` in `rates` when the period is final",
                aside_en(en)
            ),
        ),
        Way::Missed => Text::new(
            format!("不达标{}：到期后期望 rates 的 met = false", aside(zh)),
            format!(
                "missed{}: expect `met = false` in `rates` when the period is final",
                aside_en(en)
            ),
        ),
        Way::Warning => Text::new(
            format!("达标但低于警戒线 {zh}：期望 rates 的 met = true"),
            format!("met below the line of warning {en}: expect `met = true` in `rates`"),
        ),
        Way::Charged => Text::new(
            "罚了：期望 penalties 里有这一笔",
            "charged: expect the entry in `penalties`",
        ),
        Way::Proposed => Text::new(
            "等着定数：期望 penalties 里 status = \"proposed\"",
            "waits for its decision: expect `status = \"proposed\"` in `penalties`",
        ),
        Way::Decided => Text::new(
            "定了数：报 penalty.decided，期望 penalties 里 status = \"standing\"",
            "decided: report `penalty.decided`, and expect `status = \"standing\"` in `penalties`",
        ),
        Way::Beside(nth) => Text::new(
            format!("连带第 {nth} 位（{zh}）也罚了：期望 penalties 里有他那一笔"),
            format!("number {nth} beside ({en}) is charged: expect that entry in `penalties`"),
        ),
        Way::Waives => Text::new(
            format!("免了一项：期望那项义务 waived = {{ exception = \"{rule}\" }}"),
            format!("waives: expect `waived = {{ exception = \"{rule}\" }}` of an obligation"),
        ),
        Way::Shown => Text::new(
            "看得到：期望 visible 里有权的人 visible = true",
            "shown: expect `visible = true` for somebody who may see it",
        ),
        Way::Hidden => Text::new(
            "看不到：期望 visible 里无权的人 visible = false",
            "hidden: expect `visible = false` for somebody who may not see it",
        ),
    }
}

fn when(branch: &Branch) -> Text {
    let (zh, en) = (&branch.about.zh, &branch.about.en);
    match branch.what {
        "consent" => Text::new(
            format!("条件成立（{zh}）：期望受它限制的规则"),
            format!("its condition holds ({en}): expect a rule that it limits"),
        ),
        _ => Text::new(
            format!("条件成立（{zh}）：让它触发，期望有这一项"),
            format!("its condition holds ({en}): trigger it, and expect it"),
        ),
    }
}

fn not_when(branch: &Branch) -> Text {
    let (zh, en) = (&branch.about.zh, &branch.about.en);
    let (zh_write, en_write) = match branch.what {
        "duty" => (
            "这样让它触发，期望 none = true（或 only = true 里没有它）",
            "trigger it so, and expect `none = true`, or `only = true` without it",
        ),
        "gate" | "approval" => (
            "这样报它拦着的事件，不写 refused",
            "report such an event, without `refused`",
        ),
        "threshold" => (
            "这样报它数的事件，期望 spawned（或 effects = []）里没有它",
            "report such an event, and expect `spawned` (or `effects = []`) without it",
        ),
        "penalty" => (
            "这样报违规，期望 penalties = []",
            "report such an event, and expect `penalties = []`",
        ),
        "sample" => (
            "这样报一件，期望 samples 的数",
            "report such a case, and expect its `samples`",
        ),
        "exception" => (
            "在它的日期里让它免的规则欠着，期望那项义务",
            "let a rule that it waives be owed on its dates, and expect the obligation",
        ),
        _ => ("期望受它限制的规则", "expect a rule that it limits"),
    };
    Text::new(
        format!("条件不成立（不是：{zh}）：{zh_write}"),
        format!("its condition does not hold (it is not so that {en}): {en_write}"),
    )
}

fn row(rows: Rows, nth: u16, zh: &str, en: &str) -> Text {
    let (zh_what, en_what) = match rows {
        Rows::Term => ("期限", "term"),
        Rows::Bearer => ("责任人", "bearer"),
        Rows::Pace => ("周期", "pace"),
        Rows::Share => ("比例", "share"),
        Rows::Size => ("样本量", "size"),
    };
    Text::new(
        format!("{zh_what}第 {nth} 行（{zh}）：让案件是这样，期望这一项"),
        format!("{en_what} {nth} ({en}): let the case be so, and expect it"),
    )
}

fn aside(zh: &str) -> String {
    if zh.is_empty() {
        String::new()
    } else {
        format!("（{zh}）")
    }
}

fn aside_en(en: &str) -> String {
    if en.is_empty() {
        String::new()
    } else {
        format!(" ({en})")
    }
}
