//! A document in Markdown.

use super::paper::{ClauseSaid, Document, Paper};
use super::slot::{Said, family};
use super::text::begun;
use crate::policy::finding::{Lang, Text};
use std::fmt::Write;

/// The document in Markdown, in one language. What authors wrote is escaped.
pub fn markdown(document: &Document, lang: Lang) -> String {
    let mut page = Page {
        lang,
        text: String::new(),
    };
    page.line(&format!("# {}", escaped(&document.title)));
    let as_of = as_of(document);
    page.line(&escaped(as_of.in_lang(lang)));
    page.line(&format!("## {}", page.word("怎样读", "How to read this")));
    for sentence in &document.preface {
        page.item(&escaped(sentence.in_lang(lang)));
    }
    page.gap();
    page.line(&format!("## {}", page.word("目录", "Contents")));
    for (at, paper) in document.papers.iter().enumerate() {
        page.item(&format!("[{}](#{})", escaped(&paper.title), paper_anchor(at)));
    }
    page.item(&format!("[{}](#around)", around(lang)));
    page.gap();
    for (at, paper) in document.papers.iter().enumerate() {
        page.paper(paper, &paper_anchor(at));
    }
    page.line(&format!("<a id=\"around\"></a>\n\n## {}", around(lang)));
    page.groups(&document.around);
    page.text
}

/// What a document says of its date.
pub(super) fn as_of(document: &Document) -> Text {
    match document.on {
        Some(on) => Text::new(format!("{on} 有效的各版。"), format!("The editions in force on {on}.")),
        None => Text::new("各规程最新的一版。", "The newest edition of each procedure."),
    }
}

/// What stands around the procedures is called.
pub(super) fn around(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "角色、片区、日历、案件",
        Lang::En => "Roles, areas, calendar, cases",
    }
}

/// The anchor of a procedure by its place in the document.
pub(super) fn paper_anchor(at: usize) -> String {
    format!("p{}", at.saturating_add(1))
}

struct Page {
    lang: Lang,
    text: String,
}

impl Page {
    fn word(&self, zh: &'static str, en: &'static str) -> &'static str {
        match self.lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    fn line(&mut self, text: &str) {
        // Writing to a text cannot fail.
        let _ = writeln!(self.text, "{text}\n");
    }

    fn item(&mut self, text: &str) {
        let _ = writeln!(self.text, "- {text}");
    }

    fn gap(&mut self) {
        self.text.push('\n');
    }

    fn paper(&mut self, paper: &Paper, anchor: &str) {
        self.line(&format!("<a id=\"{anchor}\"></a>\n\n## {}", escaped(&paper.title)));
        let head = paper.head.in_lang(self.lang);
        self.line(&escaped(&head));
        let edition: String = paper.edition.chars().take(12).collect();
        let mut about = format!("{} {edition}", self.word("版本", "Edition"));
        for date in &paper.later {
            about.push_str(self.word("；下一版自 ", "; next edition from "));
            about.push_str(&date.to_string());
        }
        self.line(&about);
        for clause in &paper.clauses {
            self.clause(paper, clause);
        }
        let loose = paper.loose();
        if !loose.is_empty() {
            let title = self.word("其他规则", "Other rules");
            self.line(&format!("### {title}"));
            for said in loose {
                self.rule(said);
            }
        }
        if !paper.dated.is_empty() {
            let title = self.word("随日期变的值", "Values by date");
            self.line(&format!("### {title}"));
            for said in &paper.dated {
                let text = escaped(&said.in_lang(self.lang));
                self.item(&text);
            }
            self.gap();
        }
    }

    fn clause(&mut self, paper: &Paper, clause: &ClauseSaid) {
        let title = self.clause_title(&clause.id);
        self.line(&format!("### {}", escaped(&title)));
        self.line(&format!("> {}", escaped(&clause.text)));
        for at in &clause.rules {
            if let Some(said) = paper.rules.get(*at) {
                self.rule(said);
            }
        }
        for (at, under) in &clause.also {
            if let Some(said) = paper.rules.get(*at) {
                let also = also(said, under, self.lang);
                self.item(&escaped(&also));
            }
        }
        if !clause.also.is_empty() {
            self.gap();
        }
        if let Some(bare) = clause.bare() {
            self.line(&format!("*{}*", escaped(bare.in_lang(self.lang))));
        }
    }

    fn clause_title(&self, id: &str) -> String {
        clause_title(id, self.lang)
    }

    fn rule(&mut self, said: &Said) {
        let kind = family(said.family);
        let (title, kind) = (escaped(&said.title), kind.in_lang(self.lang));
        let text = escaped(&said.in_lang(self.lang));
        let line = match self.lang {
            Lang::Zh => format!("**{title}**（{kind}）{text}"),
            Lang::En => format!("**{title}** ({kind}) {text}"),
        };
        self.line(&line);
    }

    fn groups(&mut self, around: &[Said]) {
        let mut last = "";
        for said in around {
            if said.family != last {
                if !last.is_empty() {
                    self.gap();
                }
                last = said.family;
                let title = begun(family(last)).in_lang(self.lang).to_owned();
                self.line(&format!("### {title}"));
            }
            let text = escaped(&said.in_lang(self.lang));
            self.item(&text);
        }
        self.gap();
    }
}

/// The heading of a clause: 第4.1条; clauses named in words stand as they are.
pub(super) fn clause_title(id: &str, lang: Lang) -> String {
    let numbered = id.starts_with(|c: char| c.is_ascii_digit());
    match (lang, numbered) {
        (Lang::Zh, true) => format!("第{id}条"),
        (Lang::En, true) => format!("Clause {id}"),
        (_, false) => id.to_owned(),
    }
}

/// That a rule which carries this clause too stands under another.
pub(super) fn also(said: &Said, under: &str, lang: Lang) -> String {
    let (title, clause) = (&said.title, clause_title(under, lang));
    match lang {
        Lang::Zh => format!("另见“{title}”（{clause}）"),
        Lang::En => format!("See also “{title}” ({clause})"),
    }
}

/// A text in which nothing is a mark of Markdown or HTML.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut at_start = true;
    for c in text.chars() {
        match c {
            '\r' | '\n' => {
                safe.push(' ');
                continue;
            }
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' => {
                safe.push('\\');
                safe.push(c);
            }
            '#' | '-' | '+' | '=' if at_start => {
                safe.push('\\');
                safe.push(c);
            }
            c => safe.push(c),
        }
        at_start = false;
    }
    safe
}
