//! Rates that must be reached.

use super::codes;
use super::duty::common;
use super::model::{Draw, Head, Id, Rate, Target};
use super::names::Names;
use super::node::{Node, Word};
use super::source::say;
use super::table::Table;
use super::terms;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

/// Reads a rate, and notes in `draws` the rules it draws from.
pub(super) fn lower<'a>(
    name: Word<'a>,
    node: Node<'a>,
    file: usize,
    head: &Arc<Head>,
    names: &Names<'a>,
    draws: &mut HashMap<Id, Draw>,
) -> Option<Rate> {
    let mut table = Table::rule(name, node)?;
    let common = common(&mut table, file, names);
    let of = table.need("of").map(|node| node.texts()).unwrap_or_default();
    let rules = names.rules(&of);
    let per = table.need("per").and_then(|node| terms::period(&node));
    let target = table.exactly_one(&["at_least", "decided_by"]);
    let target = target.and_then(|node| match node.name {
        "at_least" => terms::share(&node).map(Target::AtLeast),
        _ => node.text().and_then(|word| names.role(&word)).map(Target::DecidedBy),
    });
    let warn_node = table.take("warn_below");
    let warn_below = warn_node.and_then(|node| terms::share(&node));
    if let (Some(warn), Some(node), Some(Target::AtLeast(least))) = (warn_below, warn_node, &target)
        && warn.compare(least.numerator(), least.denominator()) != Some(Ordering::Less)
    {
        node.bad_value(
            &format!("高于 at_least（{least}）的比例"),
            &format!("a share above at_least ({least})"),
        );
    }
    let draw_node = table.take("draw");
    let top_up = draw_node.and_then(|node| draw(&node));
    let decide_within = match &target {
        Some(Target::DecidedBy(_)) => table.need("decide_within").and_then(|node| terms::day_term(&node)),
        _ => None,
    };
    table.finish();
    let id = names.id(name.text);
    if let (Some(node), Some(Target::DecidedBy(_))) = (draw_node, &target) {
        node.at.find(
            codes::CONFLICTING_KEYS,
            say!(
                "抽取要有固定的比例，decided_by 没有",
                "drawing needs a fixed share, and decided_by has none"
            ),
            say!("写 at_least，或删去 draw", "write at_least, or remove draw"),
        );
    }
    if let (Some(top_up), Some(Target::AtLeast(share)), Some(per)) = (top_up, &target, per) {
        for rule in &rules {
            let draw = Draw {
                rate: id.clone(),
                share: *share,
                top_up,
                per,
            };
            if let Some(other) = draws.insert(rule.clone(), draw) {
                let (word, other) = (of.iter().find(|word| word.text == rule.as_ref()), other.rate);
                word.map_or(name.at, |word| word.at).find(
                    codes::DRAWN_TWICE,
                    say!("“{rule}”已经由“{other}”抽取", "`{other}` draws from `{rule}` already"),
                    say!("只留一个比例的 draw", "keep the draw of one rate"),
                );
            }
        }
    }
    Some(Rate {
        id,
        title: common.title?,
        clauses: common.clauses,
        head: Arc::clone(head),
        line: name.at.line(),
        assume: common.assume,
        of: rules,
        per: per?,
        target: target?,
        warn_below,
        top_up,
        decide_within,
    })
}

fn draw(node: &Node<'_>) -> Option<crate::domain::term::Term> {
    let mut table = node.table()?;
    let top_up = table.need("top_up").and_then(|node| terms::day_term(&node));
    table.finish();
    top_up
}
