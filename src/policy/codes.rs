//! The codes of findings: what each means and what it would do to obligations. Stable: tools may rely on them.

use super::finding::{Severity, Text};

/// What a code stands for.
#[derive(Debug)]
pub struct Code {
    /// The code.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    means: [&'static str; 2],
    effect: [&'static str; 2],
    page: &'static str,
}

impl Code {
    /// What it means.
    pub fn means(&self) -> Text {
        let [zh, en] = self.means;
        Text::new(zh, en)
    }

    /// What it does to obligations.
    pub fn effect(&self) -> Text {
        let [zh, en] = self.effect;
        Text::new(zh, en)
    }

    /// Its page in `docs/findings`: a heading, what it means and does in Chinese and in English, and an example.
    pub fn page(&self) -> &'static str {
        self.page
    }

    /// The example of its page: what is faulty, and what to write instead, with a comment above each.
    pub fn example(&self) -> Text {
        let block = self.page.split("```").nth(1).unwrap_or_default();
        let zh = block
            .split_once('\n')
            .map(|(_, lines)| lines.trim_end())
            .unwrap_or_default();
        // The remarks that stand above the two halves are the same on every page.
        let en = zh.lines().map(|line| match line {
            "# 不对" => "# faulty",
            "# 改成" => "# repaired",
            "// 不对" => "// faulty",
            "// 改成" => "// repaired",
            line => line,
        });
        Text::new(zh, en.collect::<Vec<_>>().join("\n"))
    }

    /// How bad it is, and what it would do to obligations.
    pub(super) fn consequence(&self) -> (Severity, Text) {
        let [zh, en] = self.effect;
        (self.severity, Text::new(zh, en))
    }
}

/// What a code means, what it does to obligations, and an example of it; `None` for a code that there is not.
pub fn explain(code: &str) -> Option<Text> {
    of(code).map(|known| {
        let ([zh, en], [zh_effect, en_effect]) = (known.means, known.effect);
        let example = known.example();
        Text::new(
            format!("{zh}\n后果：{zh_effect}\n\n{}", example.zh),
            format!("{en}\nEffect: {en_effect}\n\n{}", example.en),
        )
    })
}

/// The code of that name.
pub fn of(code: &str) -> Option<&'static Code> {
    CODES.iter().find(|known| known.code == code)
}

/// Each code once: its name in the program, the code, how bad it is, what it means, what it would do.
macro_rules! codes {
    ($($name:ident $code:literal $severity:ident
        $zh:literal $en:literal
        $zh_effect:literal $en_effect:literal;)*) => {
        $(pub(super) const $name: &str = $code;)*

        /// All codes.
        pub const CODES: &[Code] = &[$(Code {
            code: $code,
            severity: Severity::$severity,
            means: [$zh, $en],
            effect: [$zh_effect, $en_effect],
            page: include_str!(concat!("../../docs/findings/", $code, ".md")),
        }),*];
    };
}

codes! {
    SYNTAX "syntax" Error
        "这一行不合 TOML 的写法。" "The line is not TOML."
        "整个文件夹不采用，原来的规程继续有效。"
        "The folder is not taken; what served before goes on serving.";
    BARE_CHINESE_KEY "bare-chinese-key" Error
        "中文的键没有加引号。" "A Chinese key stands without quotes."
        "这个键下面的内容读不到，整个文件夹不采用。"
        "What stands under the key cannot be read; the folder is not taken.";
    DUPLICATE_KEY "duplicate-key" Error
        "同一个键或同一张表写了两次。" "A key or a table is written twice."
        "两处之中哪一处算数说不清，整个文件夹不采用。"
        "Which of the two counts is unclear; the folder is not taken.";
    FILE_TOO_LARGE "file-too-large" Error
        "文件超过 256 KiB。" "The file is larger than 256 KiB."
        "文件没有读。"
        "The file was not read.";
    MISSING_FILE "missing-file" Error
        "公司文件夹里缺 company.toml。" "The company's folder lacks company.toml."
        "不知道是哪家公司、什么时区、谁担任什么角色。"
        "Company, zone and holders of roles are unknown.";
    UNKNOWN_KEY "unknown-key" Error
        "没有这个键，多半是拼错了。" "There is no such key; most likely it is misspelt."
        "如果不管它，这一行会不起作用，义务就和写的不一样。"
        "If it were passed over, the line would do nothing and obligations would differ from what is written.";
    MISSING_KEY "missing-key" Error
        "缺一个必须写的键。" "A key that must be written is missing."
        "这条内容不完整，不能执行。"
        "The entry is incomplete and cannot be carried out.";
    WRONG_TYPE "wrong-type" Error
        "值的种类不对，比如该写列表的写了文字。" "The value is of the wrong kind, such as a text for a list."
        "这个值读不懂，不能执行。"
        "The value cannot be read.";
    BAD_VALUE "bad-value" Error
        "值不在允许的范围之内。" "The value is not among those allowed."
        "这个值读不懂，不能执行。"
        "The value cannot be carried out.";
    BAD_TERM "bad-term" Error
        "期限的写法读不懂。" "The term cannot be read."
        "算不出到期日，不会产生义务。"
        "No due date can be counted; no obligation would come of it.";
    BAD_SHARE "bad-share" Error
        "比例的写法读不懂。" "The share cannot be read."
        "算不出应完成多少。"
        "What must be reached cannot be counted.";
    SHARE_OVER_WHOLE "share-over-whole" Error
        "比例超过百分之百。" "The share is more than 100 %."
        "永远达不到。"
        "It could never be reached.";
    NOT_POSITIVE "not-positive" Error
        "次数必须是 1 或更大的整数。" "A count must be 1 or more."
        "计数一开始就满了，或永远不会发生。"
        "It would hold from the start, or never.";
    EXACTLY_ONE "exactly-one" Error
        "几个键之中必须写且只能写一个。" "Exactly one of several keys is wanted."
        "怎样算期限、比例说不清。"
        "How to count is unclear.";
    CONFLICTING_KEYS "conflicting-keys" Error
        "两处互相矛盾。" "Two entries contradict each other."
        "照哪一处办说不清。"
        "Which of them to follow is unclear.";
    UNKNOWN_CLAUSE "unknown-clause" Error
        "引用的条款在本文件里没有。" "The clause cited is not in this file."
        "义务说不出出自哪一条。"
        "The obligation could not say which clause it comes from.";
    CLAUSE_WITHOUT_RULE "clause-without-rule" Warning
        "有一条条款没有任何规则引用。" "No rule cites the clause."
        "这一条写了，但没有人会因为它收到义务。"
        "Nobody owes anything because of this clause.";
    UNKNOWN_ROLE "unknown-role" Error
        "没有这个角色。" "There is no such role."
        "这项义务或通知没有人收到。"
        "Nobody would get the obligation or the notice.";
    ROLE_VACANT "role-vacant" Warning
        "这个角色没有人担任。" "Nobody holds the role."
        "义务没有具体的人，由上一级代为承担。"
        "Its obligations have no person and climb the reporting line.";
    UNUSED_ROLE "unused-role" Warning
        "这个角色没有任何规则用到。" "No rule uses the role."
        "担任这个角色的人不会收到任何义务。"
        "Its holders owe nothing.";
    ESCALATION_CYCLE "escalation-cycle" Error
        "上级关系绕成了一圈。" "The reporting line runs in a circle."
        "逾期上报没有尽头，空缺时也找不到人。"
        "Escalation would never end, and a vacancy would find nobody.";
    ESCALATION_TO_BEARER "escalation-to-bearer" Warning
        "逾期上报给了承担人自己。" "A step escalates to the bearer itself."
        "上报等于没有报。"
        "The step tells nobody new.";
    UNKNOWN_EVENT "unknown-event" Error
        "没有这个事件。" "There is no such event."
        "这条规则永远不会触发，或永远完不成。"
        "The rule would never start, or never be performed.";
    UNKNOWN_FIELD "unknown-field" Error
        "案件、事件和记录里都没有这个字段。" "Neither case, event nor record has the field."
        "条件永远不成立，或文字里缺一块。"
        "The condition would never hold, or a text would have a gap.";
    UNKNOWN_RULE "unknown-rule" Error
        "没有这条规则。" "There is no such rule."
        "引用落空，这里什么也不会发生。"
        "The reference leads nowhere; nothing would happen.";
    UNKNOWN_RECORD "unknown-record" Error
        "没有这张记录表。" "There is no such record."
        "不知道要填什么。"
        "What must be filled in is unknown.";
    UNKNOWN_CALENDAR "unknown-calendar" Error
        "没有这份日历。" "There is no such calendar."
        "工作日算不出来。"
        "Working days cannot be counted.";
    UNKNOWN_ZONE "unknown-zone" Error
        "没有这个时区。" "There is no such time zone."
        "一天从几时到几时说不清。"
        "Where a day begins and ends is unknown.";
    UNKNOWN_AREA "unknown-area" Error
        "没有这个片区。" "There is no such area."
        "这个人担任的角色落不到任何片区。"
        "The holder would be found for no area.";
    UNKNOWN_REASON "unknown-reason" Error
        "没有案件因为这个原因暂停。" "No case is paused for this reason."
        "期限不会停下。"
        "The term would never stand still.";
    DUPLICATE_ID "duplicate-id" Error
        "同一个编号用了两次。" "An id is used twice."
        "引用它时指哪一个说不清。"
        "Which of the two is meant is unclear.";
    REDEFINED "redefined" Error
        "另一个文件已经定义过它。" "Another file has defined it already."
        "两处定义哪一处算数说不清。"
        "Which of the two definitions counts is unclear.";
    UNKNOWN_PROCEDURE "unknown-procedure" Error
        "没有这部通用规程。" "The base has no such procedure."
        "没有可采用的规则，什么也不会发生。"
        "There would be no rules to adopt; nothing would happen.";
    UNKNOWN_OVERRIDE "unknown-override" Error
        "要改的这一处不在采用的规程里。" "What is overridden is not in the adopted procedure."
        "改了不起作用，仍照通用规程执行。"
        "The override would have no effect; the base's value would hold.";
    OVERRIDE_WEAKER "override-weaker" Error
        "通用规程的这条规则只许更严，改得更宽了，或比不出宽严。" "The base's rule may only be tightened, and this does not."
        "做到的会比通用规程要求的少。"
        "Less would be done than the base asks for.";
    OVERRIDDEN "overridden" Info
        "采用的规程里，这一处用本公司自己的值。" "Of the adopted procedure, this value is the company's own."
        "以后通用规程改了这一处，本公司的不跟着改。"
        "When the base changes here, the company's value stays.";
    UNKNOWN_PARAM "unknown-param" Error
        "没有这个参数。" "There is no such parameter."
        "这里没有值，规则不能执行。"
        "There is no value here; the rule cannot be carried out.";
    PARAM_GAP "param-gap" Error
        "规程开始执行时，参数还没有值。" "The parameter has no value yet when its edition comes into force."
        "头一段时间里规则没有值可用。"
        "At first the rule would have no value.";
    UNUSED_PARAM "unused-param" Warning
        "没有规则用到这个参数。" "No rule uses the parameter."
        "改它的取值不起作用。"
        "Changing its values has no effect.";
    ID_MISMATCH "id-mismatch" Error
        "编号和文件夹的名字不一致。" "The id and the folder's name differ."
        "事件会送错公司，或送不到。"
        "Events would reach the wrong company, or none.";
    BEARER_UNREACHABLE "bearer-unreachable" Error
        "这一项承担人永远轮不到。" "The bearer entry is never reached."
        "写在这里的角色永远不会承担这项义务。"
        "Its role would never bear the obligation.";
    LAST_BEARER_CONDITIONAL "last-bearer-conditional" Error
        "最后一项承担人带了条件。" "The last bearer entry has a condition."
        "条件都不成立时，义务没有人承担。"
        "When no condition holds, nobody bears the obligation.";
    ENTRY_UNREACHABLE "entry-unreachable" Error
        "按情形分列的一项永远轮不到。" "An entry of a list of cases is never reached."
        "这一项写了也不起作用。"
        "What it says would never take effect.";
    LAST_ENTRY_CONDITIONAL "last-entry-conditional" Error
        "按情形分列的最后一项带了条件。" "The last entry of a list of cases has a condition."
        "条件都不成立时，不知道照哪一项办。"
        "When no condition holds, what counts is unknown.";
    BEARER_WITHOUT_SCOPE "bearer-without-scope" Error
        "案件里没有用来找这个角色的字段。" "The case lacks the field that tells which holder of the role is meant."
        "不知道由哪一位承担。"
        "Which of the holders bears it cannot be found.";
    WINDOW_EMPTY "window-empty" Error
        "窗口还没打开就已到期。" "The window closes before it opens."
        "没有一天可以按时完成。"
        "There is no day on which it could be done in time.";
    CHOICE_VALUE_UNKNOWN "choice-value-unknown" Error
        "这个值不在字段声明的几个值之中。" "The value is not among those declared for the field."
        "条件永远不成立，或事件会被拒收。"
        "The condition would never hold, or the event would be refused.";
    CONDITION_NEVER_HOLDS "condition-never-holds" Error
        "条件自相矛盾，永远不成立。" "The condition contradicts itself."
        "这条规则永远不会起作用。"
        "The rule would never take effect.";
    BAD_TEMPLATE "bad-template" Error
        "文字里的 { } 没有写对。" "The braces of the text are not paired."
        "这段文字填不出来。"
        "The text could not be filled in.";
    OPEN_INCOMPLETE "open-incomplete" Error
        "要立的案件缺必需的数据。" "The event that is to be written lacks data that it needs."
        "事件会被拒收，案件立不起来。"
        "The event would be refused.";
    MISSING_OPENED "missing-opened" Error
        "长期案件没有 opened 事件。" "A standing kind has no event `opened`."
        "它的义务永远不会开始。"
        "Its duties would never begin.";
    SAME_WITHOUT_PARENT "same-without-parent" Error
        "“same”只能用于由别的义务引起的义务。" "`same` only goes with an obligation that another one triggers."
        "没有可以照着的义务。"
        "There is no obligation to follow.";
    TRIGGER_CYCLE "trigger-cycle" Error
        "几条规则互相等对方先开始。" "Rules wait for each other to begin."
        "谁也不会开始。"
        "None would ever begin.";
    EVENT_OF_OTHER_KIND "event-of-other-kind" Error
        "完成、起算或终止它的事件属于另一类案件。" "The event that performs, starts or ends it belongs to another kind of case."
        "这个事件不会发生在它的案件上，义务完不成或停不下来。"
        "The event never happens to its case, so it could not be performed, or would not end.";
    DRAWN_TWICE "drawn-twice" Error
        "同一条规则被两个比例抽取。" "Two rates draw from the same rule."
        "抽中哪些说不清。"
        "Which ones are drawn is unclear.";
    SCRIPT_SYNTAX "script-syntax" Error
        "脚本读不懂，或函数之外还有语句。" "The script cannot be read, or a statement stands outside the functions."
        "这个文件里的函数一个也用不了。"
        "None of the functions of the file can be called.";
    SCRIPT_CALL "script-call" Error
        "脚本里调用了没有的函数，或参数个数不对。" "A script calls a function that there is not, or with a wrong number of arguments."
        "案件走到这里时才会出错，结果就不算数。"
        "The fault would show only when a case comes there, and the answer would not count.";
    SCRIPT_LIMIT "script-limit" Error
        "脚本超过 64 KiB，或脚本文件多于 32 个。" "A script is larger than 64 KiB, or a company has more than 32."
        "脚本没有读。"
        "The script was not read.";
    UNKNOWN_SCRIPT "unknown-script" Error
        "没有这个脚本函数，或它不是只有一个参数。" "There is no such script function, or it does not take exactly one parameter."
        "要由它决定的，没有人决定。"
        "What it shall decide would be decided by nobody.";
    CALENDAR_WITHOUT_HOURS "calendar-without-hours" Error
        "用到了工作时间，但日历没有写。" "Business hours are needed, and the calendar has none."
        "算不出到期的时刻。"
        "The due time cannot be counted.";
    UNKNOWN_KIND "unknown-kind" Error
        "没有这一类案件。" "There is no such kind of case."
        "这条规则不会遇到任何案件。"
        "The rule would meet no case.";
    UNKNOWN_TEXT "unknown-text" Error
        "没有这份指引或文书。" "There is no such guidance or notice."
        "该给人看的文字不会出现。"
        "What should be shown would not be.";
    NEVER_SHOWN "never-shown" Warning
        "写了一段文字，但没有写什么时候给人看。" "A text is written, and nothing says when it is shown."
        "没有人会看到它。"
        "Nobody would see it.";
    EXCEPTION_REVERSED "exception-reversed" Error
        "例外的最后一天在第一天以前。" "An exception ends before it begins."
        "什么也不免，该发的照发。"
        "Nothing would be waived, and everybody would be told as before.";
    EXCEPTION_NEVER "exception-never-holds" Warning
        "例外从不成立：日期在规程执行以外，或 when 和规则矛盾。"
        "An exception never holds: its dates lie outside those of the procedure, or its `when` contradicts the rule."
        "什么也不免，该发的照发。"
        "Nothing is waived, and everybody is told as before.";
    EXCEPTION_EXPIRED "exception-expired" Info
        "例外到期已经很久。" "An exception ended long ago."
        "它不再免什么；留着只让人以为还免着。"
        "It waives nothing any more; readers may believe that it does.";
    WEIGHTS_NOT_WHOLE "weights-not-whole" Error
        "各项权重加起来不是百分之百。" "The weights do not add up to 100 %."
        "算出的分数偏高或偏低。"
        "The score would come out too high or too low.";
    RULE_NEVER_FIRES "rule-never-fires" Warning
        "这条规则永远不会起作用。" "The rule never takes effect."
        "没有一件案件会因为它产生义务，它引用的条款实际上没有人执行。"
        "No case will ever owe anything because of it; the clause that it cites is carried out by nobody.";
    ENTRY_NEVER_APPLIES "entry-never-applies" Warning
        "按情形分列的一项，前面各项已把它的情形占完。" "Earlier entries take every case that an entry asks for."
        "这一项写的期限、承担人从不会用上。"
        "Its term or its bearer is never used.";
    OVERLAPPING_RULES "overlapping-rules" Warning
        "同一事件引起两项义务，由同一事件完成，期限或承担人却不同。" "One event brings two obligations that one event performs, with different terms or bearers."
        "同一件事有两个到期日或两个承担人，办的人不知道照哪一个。"
        "The same thing is due twice, by different days or from different people.";
    VALUE_WITHOUT_RULE "value-without-rule" Warning
        "一组规则里漏了一种情形。" "A family of rules leaves out one case."
        "这种情形的案件不会产生义务，没有人知道。"
        "A case of this kind owes nothing, and nobody notices.";
    ESCALATION_TO_NOBODY "escalation-to-nobody" Warning
        "逾期最后报到的一级，往上一直没有人担任。" "The last level of an escalation and all above it are vacant."
        "逾期了没有人知道。"
        "Nobody is told that it is overdue.";
    CALENDAR_NOT_COVERING "calendar-not-covering" Info
        "期限数到了日历还没有公布的日子。" "Terms run past the last day that the calendar has published."
        "到期日按周一至周五暂推，标作 provisional，公布后重新推算。"
        "Due dates assume Monday to Friday, are flagged provisional, and are counted anew once it is published.";
    NEVER_IN_FORCE "never-in-force" Warning
        "按日期的一个取值，没有一天生效。" "A value by date is in force on no day."
        "写了不起作用。"
        "It has no effect.";
    WORDING_CONTRADICTS "wording-contradicts" Warning
        "条款写“超过”“以上”“不满”“以内”，和规则算不算这个数本身不一致。" "The clause's words and the rule differ on whether the number itself is included."
        "正好等于这个数的时候，照条款和照规则办的不一样。"
        "At exactly this number, the clause asks for one thing and the rule for another.";
    NUMBER_CONTRADICTS "number-contradicts" Warning
        "条款里的数和规则里的数不一样。" "The clause says another number than the rule."
        "系统照规则办，和条款写的不一样。"
        "What is done follows the rule, not the clause.";
    HIDDEN_CHARACTER "hidden-character" Warning
        "文件里有看不见的字符。" "The file has an invisible character."
        "读到的和实际写的不一样：编号对不上，或文字的先后被颠倒。"
        "What is read is not what is written: ids do not match, or texts run in another order.";
    MIXED_SCRIPT "mixed-script" Warning
        "一个词里混了看起来一样的外文字母。" "A word mixes letters of scripts that look alike."
        "它和看起来一样的那个编号不是同一个。"
        "It is not the id that it looks like.";
    UNUSED_EVENT "unused-event" Info
        "没有规则用到这个事件。" "No rule uses the event."
        "报了它，什么也不会发生，只留下记录。"
        "Reporting it has no effect but the record.";
    UNUSED_FIELD "unused-field" Info
        "没有规则看这个字段。" "No rule looks at the field."
        "填什么都不影响义务。"
        "What it holds makes no difference to obligations.";
    UNUSED_RECORD "unused-record" Warning
        "没有事件用这张记录表。" "No event carries the record."
        "没有人会填它，它要求的内容没有人检查。"
        "Nobody fills it in, and what it asks for is never checked.";
    UNTESTED_RULE "untested-rule" Warning
        "没有时间线测到这条规则。" "No timeline is about the rule."
        "把它改错了，guicheng test 也不会发现。"
        "A mistake in it would not be noticed by `guicheng test`.";
}
