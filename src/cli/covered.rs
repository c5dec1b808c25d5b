//! How much of a company's rules, of their branches and of its clauses the timelines cover, and whether that is enough.

use crate::cli::Context;
use crate::engine::timeline::{Branch, Coverage, Covered};
use crate::policy::finding::Text;
use crate::policy::model::Company;
use clap::Args;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// How much must be covered, in percent of each company's own; none: nothing is asked.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct AtLeast {
    /// Fail where timelines cover less than this many in a hundred of a company's rules.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100), conflicts_with = "mutate")]
    at_least_rules: Option<u8>,
    /// Fail where timelines take less than this many in a hundred of the branches of a company's rules.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100), conflicts_with = "mutate")]
    at_least_branches: Option<u8>,
    /// Fail where timelines cover less than this many in a hundred of a company's clauses.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100), conflicts_with = "mutate")]
    at_least_clauses: Option<u8>,
}

/// How many of something are covered.
struct Figure {
    key: &'static str,
    name: Text,
    covered: usize,
    all: usize,
    at_least: Option<u8>,
}

impl Figure {
    fn new(key: &'static str, zh: &str, en: &str, (covered, all): (usize, usize), at_least: Option<u8>) -> Figure {
        Figure {
            key,
            name: Text::new(zh, en),
            covered,
            all,
            at_least,
        }
    }

    /// The share in percent with one decimal, rounded down: what is not whole is never written as 100.
    fn percent(&self) -> String {
        let tenths = (self.covered * 1000).checked_div(self.all).unwrap_or(1000);
        format!("{}.{}", tenths / 10, tenths % 10)
    }

    fn is_enough(&self) -> bool {
        let at_least = self.at_least.map_or(0, usize::from);
        self.covered * 100 >= at_least * self.all
    }

    fn json(&self) -> Value {
        json!({ "covered": self.covered, "all": self.all, "percent": self.percent() })
    }
}

/// What the timelines of a company cover.
pub struct Cover<'a> {
    company: &'a Company,
    coverage: &'a Coverage,
    figures: [Figure; 3],
}

impl<'a> Cover<'a> {
    /// The figures of a company. Clauses that people alone see to are not among those to be covered.
    pub fn new(company: &'a Company, coverage: &'a Coverage, at_least: AtLeast) -> Cover<'a> {
        let procedures = company.procedures.iter();
        let manual: BTreeSet<(&str, &str)> = procedures
            .flat_map(|p| p.clauses.iter().map(|clause| (&*p.head.id, clause)))
            .filter(|(_, clause)| clause.manual.is_some())
            .map(|(procedure, clause)| (procedure, &*clause.id))
            .collect();
        let count = |list: &mut dyn Iterator<Item = &Covered>| {
            list.fold((0, 0), |(covered, all), one| {
                (covered + usize::from(!one.by.is_empty()), all + 1)
            })
        };
        let clauses = coverage.clauses.iter();
        let mut clauses = clauses.filter(|c| !manual.contains(&(&*c.procedure, &*c.id)));
        let taken = coverage.branches.iter().filter(|branch| !branch.by.is_empty()).count();
        let branches = (taken, coverage.branches.len());
        let rules = count(&mut coverage.rules.iter());
        Cover {
            company,
            coverage,
            figures: [
                Figure::new("rules", "规则", "rules", rules, at_least.at_least_rules),
                Figure::new("branches", "分支", "branches", branches, at_least.at_least_branches),
                Figure::new(
                    "clauses",
                    "条款",
                    "clauses",
                    count(&mut clauses),
                    at_least.at_least_clauses,
                ),
            ],
        }
    }

    /// Whether each figure is as high as is asked.
    pub fn is_enough(&self) -> bool {
        self.figures.iter().all(Figure::is_enough)
    }

    fn missing(&self) -> impl Iterator<Item = &'a Branch> + use<'a> {
        self.coverage.branches.iter().filter(|branch| branch.by.is_empty())
    }

    /// Prints the branches that no timeline takes, the figures, and which of them are too low.
    pub fn print(&self, ctx: &mut Context<'_>) {
        for branch in self.missing() {
            let said = branch.said();
            let (file, at, rule, way) = (&branch.file, branch.line, &branch.rule, branch.way);
            let zh = format!("{file}:{at}: 没有时间线走过的分支 {rule} {way}：{}", said.zh);
            let en = format!("{file}:{at}: no timeline takes the branch {rule} {way}: {}", said.en);
            let line = ctx.say(&zh, &en).to_owned();
            ctx.line(&line);
        }
        let id = &self.company.id;
        let figures = |lang: fn(&Text) -> &str, of: &str| {
            let figure = |f: &Figure| {
                let (covered, all) = (f.covered, f.all);
                format!("{} {covered}{of}{all} ({} %)", lang(&f.name), f.percent())
            };
            self.figures.iter().map(figure).collect::<Vec<_>>()
        };
        let scripts = self.coverage.scripts.len();
        let (mut zh, mut en) = (String::new(), String::new());
        if scripts > 0 {
            zh = format!("；{scripts} 个脚本函数里面的分支数不出来，不算在内");
            en = format!("; not counted: the branches inside {scripts} script functions");
        }
        let zh = format!("{id}：测到的{}{zh}", figures(|t| &t.zh, "/").join("，"));
        let en = format!("{id}: covered {}{en}", figures(|t| &t.en, " of ").join(", "));
        let line = ctx.say(&zh, &en).to_owned();
        ctx.line(&line);
        for figure in self.figures.iter().filter(|figure| !figure.is_enough()) {
            let (percent, at_least) = (figure.percent(), figure.at_least.unwrap_or_default());
            let zh = format!("{id}：{}测到 {percent} %，低于要求的 {at_least} %", figure.name.zh);
            let en = format!(
                "{id}: {} are covered to {percent} %, less than the {at_least} % asked for",
                figure.name.en
            );
            let line = ctx.say(&zh, &en).to_owned();
            ctx.line(&line);
        }
    }

    /// It for machines, into the answer on the company.
    pub fn json(&self, into: &mut Value) {
        let missing = self.missing().map(|branch| {
            let said = branch.said();
            json!({
                "procedure": branch.procedure, "family": branch.what, "rule": branch.rule, "branch": branch.way.to_string(),
                "file": branch.file, "line": branch.line, "zh": said.zh, "en": said.en,
            })
        });
        let too_low = self.figures.iter().filter(|figure| !figure.is_enough());
        let parts = [
            ("uncovered_branches", missing.collect::<Vec<_>>().into()),
            ("opaque_scripts", self.coverage.scripts.len().into()),
            ("too_low", too_low.map(|figure| figure.key).collect::<Vec<_>>().into()),
        ];
        if let Some(object) = into.as_object_mut() {
            object.extend(self.figures.iter().map(|figure| (figure.key.to_owned(), figure.json())));
            object.extend(parts.into_iter().map(|(key, value)| (key.to_owned(), value)));
        }
    }
}
