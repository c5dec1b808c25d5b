//! A document in HTML: one file that prints well, with its own style and no script.

use super::markdown::{also, around, as_of, clause_title, paper_anchor};
use super::paper::{ClauseSaid, Document, Paper};
use super::slot::{Said, family};
use super::text::begun;
use crate::policy::finding::Lang;
use std::fmt::Write;

const STYLE: &str = "\
body{font:16px/1.7 \"Noto Serif CJK SC\",\"Songti SC\",SimSun,Georgia,serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#111}\
h1{font-size:1.6rem}h2{font-size:1.3rem;margin-top:2.5rem;border-bottom:1px solid #999}h3{font-size:1.05rem;margin:1.6rem 0 .3rem}\
nav ul{columns:2;padding-left:1.2rem}blockquote{margin:.3rem 0 .6rem;padding-left:.8rem;border-left:3px solid #999;color:#333}\
p.rule{margin:.5rem 0}p.rule b{margin-right:.3rem}.kind,.about,.also{color:#555;font-size:.85rem}a{color:inherit}\
@media print{@page{size:A4;margin:20mm}body{font-size:11pt;max-width:none;margin:0;padding:0}h2{break-before:page}\
h2,h3{break-after:avoid}p.rule,li,blockquote{break-inside:avoid}a{text-decoration:none}}";

/// The document in HTML, in one language. What authors wrote is escaped.
pub fn html(document: &Document, lang: Lang) -> String {
    let mut page = Page {
        lang,
        text: String::new(),
    };
    let (title, code) = (escaped(&document.title), page.word("zh-CN", "en"));
    page.put(&format!(
        "<!doctype html>\n<html lang=\"{code}\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>"
    ));
    page.put(&format!("<h1>{title}</h1>"));
    page.put(&format!(
        "<p class=\"about\">{}</p>",
        escaped(as_of(document).in_lang(lang))
    ));
    page.contents(document);
    page.put(&format!(
        "<section id=\"reading\">\n<h3>{}</h3>\n<ul>",
        page.word("怎样读", "How to read this")
    ));
    for sentence in &document.preface {
        page.put(&format!("<li>{}</li>", escaped(sentence.in_lang(lang))));
    }
    page.put("</ul>\n</section>");
    for (at, paper) in document.papers.iter().enumerate() {
        page.paper(paper, &paper_anchor(at));
    }
    page.put(&format!("<section id=\"around\">\n<h2>{}</h2>", around(lang)));
    page.groups(&document.around);
    page.put("</section>\n</body>\n</html>");
    page.text
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

    fn put(&mut self, text: &str) {
        // Writing to a text cannot fail.
        let _ = writeln!(self.text, "{text}");
    }

    fn contents(&mut self, document: &Document) {
        let title = self.word("目录", "Contents");
        self.put(&format!("<nav>\n<h3>{title}</h3>"));
        for (at, paper) in document.papers.iter().enumerate() {
            let anchor = paper_anchor(at);
            self.put(&format!(
                "<p><a href=\"#{anchor}\">{}</a></p>\n<ul>",
                escaped(&paper.title)
            ));
            for clause in &paper.clauses {
                let (to, title) = (clause_anchor(&anchor, &clause.id), clause_title(&clause.id, self.lang));
                self.put(&format!("<li><a href=\"#{to}\">{}</a></li>", escaped(&title)));
            }
            self.put("</ul>");
        }
        self.put(&format!("<p><a href=\"#around\">{}</a></p>\n</nav>", around(self.lang)));
    }

    fn paper(&mut self, paper: &Paper, anchor: &str) {
        self.put(&format!(
            "<section id=\"{anchor}\">\n<h2>{}</h2>",
            escaped(&paper.title)
        ));
        let head = paper.head.in_lang(self.lang);
        self.put(&format!("<p>{}</p>", escaped(&head)));
        let edition: String = paper.edition.chars().take(12).collect();
        let mut about = format!("{} {edition}", self.word("版本", "Edition"));
        for date in &paper.later {
            about.push_str(self.word("；下一版自 ", "; next edition from "));
            about.push_str(&date.to_string());
        }
        self.put(&format!("<p class=\"about\">{}</p>", escaped(&about)));
        for clause in &paper.clauses {
            self.clause(paper, clause, anchor);
        }
        let loose = paper.loose();
        if !loose.is_empty() {
            let title = self.word("其他规则", "Other rules");
            self.put(&format!("<h3>{title}</h3>"));
            for said in loose {
                self.rule(said);
            }
        }
        if !paper.dated.is_empty() {
            let title = self.word("随日期变的值", "Values by date");
            self.put(&format!("<h3>{title}</h3>"));
            for said in &paper.dated {
                self.rule(said);
            }
        }
        self.put("</section>");
    }

    fn clause(&mut self, paper: &Paper, clause: &ClauseSaid, anchor: &str) {
        let title = clause_title(&clause.id, self.lang);
        let to = clause_anchor(anchor, &clause.id);
        self.put(&format!("<h3 id=\"{to}\">{}</h3>", escaped(&title)));
        self.put(&format!("<blockquote>{}</blockquote>", escaped(&clause.text)));
        for at in &clause.rules {
            if let Some(said) = paper.rules.get(*at) {
                self.rule(said);
            }
        }
        for (at, under) in &clause.also {
            if let Some(said) = paper.rules.get(*at) {
                let text = also(said, under, self.lang);
                self.put(&format!(
                    "<p class=\"also\"><a href=\"#{}\">{}</a></p>",
                    rule_anchor(said),
                    escaped(&text)
                ));
            }
        }
        if let Some(bare) = clause.bare() {
            self.put(&format!("<p class=\"also\">{}</p>", escaped(bare.in_lang(self.lang))));
        }
    }

    fn rule(&mut self, said: &Said) {
        let kind = family(said.family);
        self.put(&format!(
            "<p class=\"rule\" id=\"{}\"><b>{}</b><span class=\"kind\">{}</span> {}</p>",
            rule_anchor(said),
            escaped(&said.title),
            kind.in_lang(self.lang),
            escaped(&said.in_lang(self.lang)),
        ));
    }

    fn groups(&mut self, around: &[Said]) {
        let mut last = "";
        for said in around {
            if said.family != last {
                last = said.family;
                let title = begun(family(last)).in_lang(self.lang).to_owned();
                self.put(&format!("<h3>{title}</h3>"));
            }
            self.put(&format!(
                "<p class=\"rule\" id=\"{}\">{}</p>",
                rule_anchor(said),
                escaped(&said.in_lang(self.lang)),
            ));
        }
    }
}

/// The anchor of a clause of a procedure.
fn clause_anchor(paper: &str, clause: &str) -> String {
    format!("{paper}-{}", slug(clause))
}

/// The anchor of a rule: its family and id.
fn rule_anchor(said: &Said) -> String {
    format!("{}-{}", said.family, slug(&said.id))
}

/// A text that can stand in an anchor and in a link to it: any letter or digit as it is, all else by its number.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars() {
        match c {
            c if c.is_alphanumeric() || matches!(c, '.' | '-' | '_') => slug.push(c),
            c => {
                let _ = write!(slug, "~{:x}", u32::from(c));
            }
        }
    }
    slug
}

/// A text in which nothing is a mark of HTML.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}
