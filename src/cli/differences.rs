//! What came of a reload, in lines for people: of each company how it went, and what changes of what is owed.

use crate::policy::finding::Lang;
use serde_json::{Map, Value};

/// The lines of an answer to a reload.
pub fn lines(answer: &Value, lang: Lang) -> Vec<String> {
    let page = Page { lang };
    let mut lines = Vec::new();
    let none = Map::new();
    let companies = answer.get("companies").and_then(Value::as_object).unwrap_or(&none);
    if companies.is_empty() {
        let detail = page.say("detail_zh", "detail");
        let detail = text(answer, detail).or_else(|| text(answer, "detail"));
        lines.extend(detail.map(str::to_owned));
    }
    let dry = answer.get("dry_run").and_then(Value::as_bool).unwrap_or_default();
    for (id, company) in companies {
        match text(company, "result") {
            Some("refused") => page.refused(id, company, &mut lines),
            Some("unchanged") => lines.push(page.either(
                format!("{id}：和正在执行的一样，什么都不变"),
                format!("{id}: the same as what serves; nothing changes"),
            )),
            _ => page.changed(id, company, dry, &mut lines),
        }
    }
    lines
}

fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name)?.as_str()
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn number(value: &Value, name: &str) -> u64 {
    value.get(name).and_then(Value::as_u64).unwrap_or_default()
}

struct Page {
    lang: Lang,
}

impl Page {
    fn say<'t>(&self, zh: &'t str, en: &'t str) -> &'t str {
        match self.lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    fn either(&self, zh: String, en: String) -> String {
        match self.lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    fn of<'v>(&self, value: &'v Value) -> &'v str {
        text(value, self.say("zh", "en")).unwrap_or_default()
    }

    fn refused(&self, id: &str, company: &Value, lines: &mut Vec<String>) {
        let stage = text(company, "stage").unwrap_or_default();
        let why = company.get("why").map(|why| self.of(why)).unwrap_or_default();
        lines.push(self.either(
            format!("{id}：没有换用，停在 {stage}：{why}；原来的继续执行"),
            format!("{id}: refused at the stage `{stage}`: {why}; what served goes on serving"),
        ));
        for finding in list(company, "findings")
            .iter()
            .filter(|f| text(f, "severity") == Some("error"))
        {
            let file = text(finding, "file").unwrap_or_default();
            let message = finding.get("message").map(|m| self.of(m)).unwrap_or_default();
            lines.push(format!("  {file}:{}: {message}", number(finding, "line")));
        }
        for failure in list(company, "failures") {
            let file = text(failure, "file").unwrap_or_default();
            lines.push(format!("  {file}:{}: {}", number(failure, "line"), self.of(failure)));
        }
    }

    fn changed(&self, id: &str, company: &Value, dry: bool, lines: &mut Vec<String>) {
        let tests = company.get("tests").unwrap_or(&Value::Null);
        let passed = number(tests, "passed");
        let skipped = tests.get("skipped").and_then(Value::as_bool).unwrap_or_default();
        let tested = match (skipped, passed) {
            (true, _) => self.say("没有运行时间线", "timelines passed over").to_owned(),
            (false, 0) => self
                .say(
                    "没有时间线，等于没有测试",
                    "there is no timeline, so nothing was tested",
                )
                .to_owned(),
            (false, n) => self.either(format!("时间线通过 {n} 条"), format!("timelines passed {n}")),
        };
        lines.push(match dry {
            true => self.either(
                format!("{id}：可以换用（{tested}）"),
                format!("{id}: good to serve ({tested})"),
            ),
            false => self.either(format!("{id}：已换用（{tested}）"), format!("{id}: serves ({tested})")),
        });
        let difference = company.get("difference").unwrap_or(&Value::Null);
        for edition in list(difference, "editions") {
            lines.push(format!("  {}", self.edition(edition)));
        }
        let (live, changed) = (number(difference, "live"), number(difference, "changed"));
        let (opened, kept) = (number(difference, "opened"), number(difference, "kept"));
        if list(difference, "rules").is_empty() {
            lines.push(self.either(
                format!("  在办义务 {live} 项，一项也不变"),
                format!("  live obligations {live}: none changes"),
            ));
        } else {
            let as_of = text(difference, "as_of").unwrap_or_default();
            lines.push(self.either(
                format!("  在办义务 {live} 项，变 {changed} 项，新增 {opened} 项（比较到 {as_of}）"),
                format!("  live obligations {live}: {changed} change, {opened} more come to be (as of {as_of})"),
            ));
        }
        if kept > 0 {
            lines.push(self.either(
                format!("  {kept} 项照产生时的版本办完"),
                format!("  {kept} stay under the edition under which they came to be"),
            ));
        }
        for rule in list(difference, "rules") {
            self.rule(rule, lines);
        }
    }

    fn edition(&self, edition: &Value) -> String {
        let procedure = text(edition, "procedure").unwrap_or_default();
        let effective = text(edition, "effective").unwrap_or_default();
        let transition = text(edition, "transition").unwrap_or_default();
        let has = |name: &str| edition.get(name).is_some_and(|v| !v.is_null());
        match (has("before"), has("after")) {
            (true, true) if edition.get("same_meaning") == Some(&Value::Bool(true)) => self.either(
                format!("{procedure}（{effective} 起）：只改了注释或排版，内容没变"),
                format!("{procedure} (from {effective}): only comments or blanks differ"),
            ),
            (true, true) => self.either(
                format!("{procedure}（{effective} 起）：内容改了，transition = {transition}"),
                format!("{procedure} (from {effective}): changed, transition = {transition}"),
            ),
            (false, _) => self.either(
                format!("{procedure}（{effective} 起）：新版本，transition = {transition}"),
                format!("{procedure} (from {effective}): new, transition = {transition}"),
            ),
            (true, false) => self.either(
                format!("{procedure}（{effective} 起）：没有了"),
                format!("{procedure} (from {effective}): gone"),
            ),
        }
    }

    fn rule(&self, rule: &Value, lines: &mut Vec<String>) {
        let words = [
            ("earlier", "提前", "earlier"),
            ("later", "推后", "later"),
            ("bearers", "换人", "owed by others"),
            ("escalation", "升级变", "other escalation"),
            ("provisional", "暂推变", "provisional or no longer"),
            ("cancelled", "取消", "cancelled"),
            ("opened", "新增", "opened"),
        ];
        let counts = words.iter().filter(|(name, ..)| number(rule, name) > 0);
        let counts: Vec<String> = counts
            .map(|(name, zh, en)| format!("{} {}", self.say(zh, en), number(rule, name)))
            .collect();
        let of = |name: &str| text(rule, name).unwrap_or_default();
        lines.push(format!(
            "  §{} {} {} [{}]: {}",
            of("clause"),
            of("rule"),
            of("title"),
            of("because"),
            counts.join(self.say("，", ", "))
        ));
        for example in list(rule, "examples") {
            let before = example.get("before").unwrap_or(&Value::Null);
            let after = example.get("after").unwrap_or(&Value::Null);
            let id = text(example, "id").unwrap_or_default();
            lines.push(format!("    {id}: {} → {}", self.stand(before), self.stand(after)));
        }
        let left = number(rule, "left_off");
        if left > 0 {
            lines.push(self.either(
                format!("    还有 {left} 项未列出"),
                format!("    and {left} more, not listed"),
            ));
        }
    }

    fn stand(&self, stand: &Value) -> String {
        let Some(due) = stand.get("due") else {
            return self.say("无", "none").to_owned();
        };
        let by = text(due, "date").or_else(|| text(due, "at")).unwrap_or_default();
        let bearers = list(stand, "bearers").iter().map(|bearer| {
            let title = text(bearer, "title").unwrap_or_default();
            match text(bearer, "name") {
                Some(name) => format!("{title} {name}"),
                None => title.to_owned(),
            }
        });
        let told = list(stand, "escalation").iter().map(|step| {
            let to = text(step, "to").unwrap_or_default();
            let at = text(step, "at").unwrap_or_default().get(..16).unwrap_or_default();
            format!("{to} {at}")
        });
        let comma = self.say("、", ", ");
        let bearers = bearers.collect::<Vec<_>>().join(comma);
        let told = told.collect::<Vec<_>>().join(comma);
        let escalation = match told.is_empty() {
            true => String::new(),
            false => format!("; {} {told}", self.say("升级", "escalation")),
        };
        let assumed = match stand.get("provisional") == Some(&Value::Bool(true)) {
            true => self.say("暂推，", "provisional, "),
            false => "",
        };
        format!("{by} ({assumed}{bearers}{escalation})")
    }
}
