//! Samples: cases drawn at the end of a period, or members of a case drawn after an event.

use super::chain::Chain;
use super::codes;
use super::condition;
use super::duty::common;
use super::fields::{self, View};
use super::model::{Condition, Duty, FieldType, Frame, Head, Id, Sample, Size, Strata};
use super::names::Names;
use super::nearest::unknown;
use super::node::{Node, Word};
use super::source::say;
use super::table::Table;
use super::terms;
use super::trigger::DutyDecl;
use std::sync::Arc;

/// The keys of a sample of cases that are none of its duty's.
pub(super) const OWN_KEYS: [&str; 4] = ["per", "share", "size", "strata"];

/// A sample of members as far as others need to know it.
pub(super) struct SampleDecl<'a> {
    /// Its rule's id.
    pub name: Word<'a>,
    /// The number of its file.
    pub file: usize,
    /// Its table.
    pub node: Node<'a>,
    /// The field with the list.
    pub field: Id,
    /// The events after which it is drawn.
    pub on: Vec<Id>,
}

/// Whether a sample draws members of a case, not cases.
pub(super) fn is_of_members(node: &Node<'_>) -> bool {
    node.value.get("frame").is_some()
}

/// Notes a sample of members.
pub(super) fn declare<'a>(names: &Names<'a>, file: usize, name: Word<'a>, node: Node<'a>) -> Option<SampleDecl<'a>> {
    let mut table = Table::rule(name, node)?;
    let name = Word { at: table.at, ..name };
    let words = table.need("on").map(|node| node.texts()).unwrap_or_default();
    Some(SampleDecl {
        name,
        file,
        node,
        field: names.id(table.title("frame")?.text),
        on: words.iter().flat_map(|word| names.events(file, word)).collect(),
    })
}

/// What a sample of cases asks for beside its duty.
pub(super) fn cases<'a>(decl: &DutyDecl<'a>, duty: &Arc<Duty>, names: &Names<'a>) -> Option<Sample> {
    let mut table = Table::rule(decl.name, decl.node)?;
    let origins = decl.origins(names);
    let views = names.views(&origins);
    let per = table.need("per").and_then(|node| terms::period(&node));
    let size = size(&mut table, None, names);
    let strata = table.text("strata").map(|word| {
        fields::everywhere(&views, &word);
        Strata::Field(names.id(word.text))
    });
    Some(Sample {
        id: duty.id.clone(),
        title: duty.title.clone(),
        clauses: duty.clauses.clone(),
        head: Arc::clone(&duty.head),
        line: duty.line,
        assume: duty.assume.clone(),
        on: origins,
        when: duty.when.clone(),
        frame: Frame::Cases {
            per: per?,
            duty: Arc::clone(duty),
        },
        size: size?,
        strata,
    })
}

/// Reads a sample of members whole.
pub(super) fn members<'a>(decl: &SampleDecl<'a>, head: &Arc<Head>, names: &Names<'a>) -> Option<Sample> {
    let mut table = Table::rule(decl.name, decl.node)?;
    let common = common(&mut table, decl.file, names);
    table.take("on");
    let views = names.views(&decl.on);
    let when = table
        .take("when")
        .map(|node| condition::read(&node, &views, names))
        .unwrap_or_default();
    if let Some(word) = table.text("frame") {
        let name = word.text;
        let types = fields::everywhere(&views, &word);
        if types
            .iter()
            .any(|known| !matches!(known, FieldType::Members | FieldType::List))
        {
            word.at.find(
                codes::WRONG_TYPE,
                say!("字段“{name}”不是名单", "the field `{name}` is no list of members"),
                say!("在 data 里写 {name} = \"list\"", "declare {name} = \"list\" in data"),
            );
        }
    }
    let size = size(&mut table, Some(&views), names);
    let strata = table.take("strata").and_then(|node| {
        let mut table = node.table()?;
        let before = table.title("before");
        table.finish();
        before.map(|word| Strata::Before(names.id(word.text)))
    });
    table.finish();
    Some(Sample {
        id: names.id(decl.name.text),
        title: common.title?,
        clauses: common.clauses,
        head: Arc::clone(head),
        line: decl.name.at.line(),
        assume: common.assume,
        on: decl.on.clone(),
        when,
        frame: Frame::Members {
            field: decl.field.clone(),
        },
        size: size?,
        strata,
    })
}

/// Reads how many are drawn. Where a case decides, given by its views, the share may have alternatives.
fn size(table: &mut Table<'_>, views: Option<&[View<'_>]>, names: &Names<'_>) -> Option<Vec<(Condition, Size)>> {
    let node = table.exactly_one(&["share", "size"])?;
    if node.name == "size" {
        let number = node.positive()?;
        return Some(vec![(Condition::default(), Size::Number(number))]);
    }
    let Some(views) = views.filter(|_| node.value.is_array()) else {
        let share = terms::share(&node)?;
        return Some(vec![(Condition::default(), Size::Share(share))]);
    };
    let mut sizes = Vec::new();
    let mut chain = Chain::default();
    for item in node.list() {
        let mut table = item.table()?;
        let when_node = table.take("when");
        let when = when_node
            .map(|node| condition::read(&node, views, names))
            .unwrap_or_default();
        let share = table.need("share").and_then(|node| terms::share(&node));
        table.finish();
        chain.entry(&item, &when, when_node.is_some());
        sizes.push((when, Size::Share(share?)));
    }
    chain.close(&node);
    (!sizes.is_empty()).then_some(sizes)
}

/// The sample of members that a count is over, and its field.
pub(super) fn counted<'n, 'a>(
    word: &Word<'_>,
    kinds: &std::collections::BTreeSet<String>,
    names: &'n Names<'a>,
) -> Option<&'n SampleDecl<'a>> {
    let all = || names.samples.iter();
    let Some(found) = all().find(|known| known.name.text == word.text) else {
        unknown(
            codes::UNKNOWN_RULE,
            word,
            ("有 frame 的抽样", "sample with a frame"),
            all().map(|known| known.name.text),
        );
        return None;
    };
    let here = |event: &Id| kinds.contains(super::trigger::kind_of(event));
    if !kinds.is_empty() && !found.on.is_empty() && !found.on.iter().any(here) {
        let (sample, kinds) = (word.text, kinds.iter().cloned().collect::<Vec<_>>().join("、"));
        word.at.find(
            codes::EVENT_OF_OTHER_KIND,
            say!(
                "“{sample}”不从这条规则的案件（{kinds}）里抽",
                "`{sample}` does not draw from this rule's cases ({kinds})"
            ),
            say!("写同一类案件的抽样", "name a sample of the same kind of case"),
        );
    }
    Some(found)
}
