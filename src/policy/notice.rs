//! Notices: texts written from the data of cases, one about an obligation or a list over a period.

use super::codes;
use super::condition;
use super::duty::common;
use super::fields::View;
use super::model::{Body, Id, Listing, Notice, Template};
use super::names::Names;
use super::nearest::unknown;
use super::node::{Node, Word};
use super::source::say;
use super::table::Table;
use super::template;
use super::terms;
use super::trigger::{DutyDecl, kind_of};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What the text of one obligation may say beside the case's data and the company's.
const OF_OBLIGATION: [&str; 4] = ["bearer.name", "bearer.title", "due", "today"];

/// What a row may say beside its case's data and the company's.
const OF_ROW: [&str; 1] = ["today"];

/// What stands before and after the rows may say beside the company's data.
const OF_LIST: [&str; 5] = ["today", "period", "period.first", "period.last", "rows"];

/// All notices of a company, each with the number of its file.
#[derive(Default)]
pub(super) struct Notices(Vec<(usize, Arc<Notice>)>);

impl Notices {
    /// Reads the notices of all files.
    pub fn read<'a>(families: impl Iterator<Item = (usize, Word<'a>, Node<'a>)>, names: &Names<'a>) -> Notices {
        let lowered = families.filter_map(|(file, name, node)| Some((file, Arc::new(lower(name, node, file, names)?))));
        Notices(lowered.collect())
    }

    /// What a file holds.
    pub fn of_file(&self, file: usize) -> Vec<Arc<Notice>> {
        let own = self.0.iter().filter(|(number, _)| *number == file);
        own.map(|(_, notice)| Arc::clone(notice)).collect()
    }

    /// The notice of a duty: what it names, else what names it. There is one at most.
    pub fn of_duty(&self, rule: &Word<'_>, named: Option<Word<'_>>) -> Option<Arc<Notice>> {
        if let Some(word) = named {
            let known = self.0.iter().find(|(_, notice)| notice.id.as_ref() == word.text);
            if known.is_none() {
                let all = self.0.iter().map(|(_, notice)| notice.id.as_ref());
                unknown(codes::UNKNOWN_TEXT, &word, ("文书", "notice"), all);
            }
            return known.map(|(_, notice)| Arc::clone(notice));
        }
        let mut naming = self
            .0
            .iter()
            .filter(|(_, notice)| notice.of.iter().any(|of| of.as_ref() == rule.text));
        let (_, first) = naming.next()?;
        if let Some((_, second)) = naming.next() {
            let (first, second, id) = (&first.id, &second.id, rule.text);
            rule.at.find(
                codes::CONFLICTING_KEYS,
                say!(
                    "“{first}”和“{second}”都是“{id}”的文书",
                    "`{first}` and `{second}` are both the notice of `{id}`"
                ),
                say!(
                    "在规则里写 notice = \"{first}\"，指明用哪一份",
                    "write notice = \"{first}\" in the rule to say which"
                ),
            );
        }
        Some(Arc::clone(first))
    }
}

fn lower<'a>(name: Word<'a>, node: Node<'a>, file: usize, names: &Names<'a>) -> Option<Notice> {
    let mut table = Table::rule(name, node)?;
    let common = common(&mut table, file, names);
    let of = names.rules(&table.texts("of"));
    let body = table.exactly_one(&["text", "list"]);
    let goes_with =
        |duty: &&DutyDecl<'a>| duty.names("notice", name.text) || of.iter().any(|of| of.as_ref() == duty.name.text);
    let body = match body {
        Some(node) if node.name == "list" => {
            let (head, foot) = (table.take("head"), table.take("foot"));
            listing(&node, head, foot, file, names).map(Body::List)
        }
        Some(node) => {
            let duties: Vec<&DutyDecl<'a>> = names.duties.iter().filter(goes_with).collect();
            if duties.is_empty() && table.key("of").is_none() {
                unused(&table, name.text);
            }
            let kinds: BTreeSet<String> = duties.iter().flat_map(|duty| duty.kinds(names)).collect();
            template::with(&node, &of_kinds(&kinds, names), &OF_OBLIGATION, names).map(Body::Letter)
        }
        None => None,
    };
    table.finish();
    Some(Notice {
        id: names.id(name.text),
        title: common.title?,
        clauses: common.clauses,
        line: name.at.line(),
        assume: common.assume,
        of,
        body: body?,
    })
}

fn unused(table: &Table<'_>, id: &str) {
    table.at.find(
        codes::NEVER_SHOWN,
        say!("“{id}”没有写用于哪些规则", "nothing says for which rules `{id}` is"),
        say!(
            "写 of = [\"规则\"]，或在规则里写 notice = \"{id}\"",
            "write of = [\"rule\"], or notice = \"{id}\" in a rule"
        ),
    );
}

/// What the cases of these kinds carry.
fn of_kinds<'n>(kinds: &BTreeSet<String>, names: &'n Names<'_>) -> Vec<View<'n>> {
    let known = names.kinds.iter().filter(|kind| kinds.contains(kind.name.text));
    known
        .map(|kind| View {
            label: kind.name.text.to_owned(),
            maps: vec![&kind.fields],
        })
        .collect()
}

fn listing<'a>(
    node: &Node<'a>,
    head: Option<Node<'a>>,
    foot: Option<Node<'a>>,
    file: usize,
    names: &Names<'a>,
) -> Option<Listing> {
    let mut table = node.table()?;
    let kind = table.title("kind").and_then(|word| names.kind(&word));
    let words = table.need("on").map(|node| node.texts()).unwrap_or_default();
    let mut on: Vec<Id> = Vec::new();
    for word in &words {
        let events = names.events(file, word);
        if let (Some(kind), Some(event)) = (
            &kind,
            events.iter().find(|event| Some(kind_of(event)) != kind.as_deref()),
        ) {
            word.at.find(
                codes::EVENT_OF_OTHER_KIND,
                say!(
                    "“{event}”不会发生在“{kind}”上",
                    "`{event}` does not happen to a `{kind}`"
                ),
                say!("写“{kind}”的事件", "name an event of `{kind}`"),
            );
        }
        on.extend(events);
    }
    let views = names.views(&on);
    let mut test = |key| table.take(key).map(|node| condition::read(&node, &views, names));
    let (when, also) = (test("when").unwrap_or_default(), test("also"));
    let row = table
        .need("row")
        .and_then(|node| template::with(&node, &views, &OF_ROW, names));
    let per = table.need("per").and_then(|node| terms::period(&node));
    table.finish();
    let nothing = [View {
        label: "head, foot".to_owned(),
        maps: Vec::new(),
    }];
    let around = |node: Option<Node<'a>>| -> Option<Template> { template::with(&node?, &nothing, &OF_LIST, names) };
    let (head, foot) = (around(head), around(foot));
    Some(Listing {
        kind: kind?,
        when,
        on,
        per: per?,
        also,
        head,
        row: row?,
        foot,
    })
}
