//! Penalties: what a breach or a violation costs whom, and the duty to decide what is left to somebody.

use super::codes;
use super::condition;
use super::duty::common;
use super::fields::{self, View};
use super::metric::number;
use super::model::{
    Against, Bearers, Bearing, Condition, Done, Duty, Head, Id, Joint, Offence, Penalty, Sum, Texts, Threshold, Timing,
    Trigger,
};
use super::names::Names;
use super::node::{Node, Word};
use super::source::say;
use super::table::Table;
use super::terms;
use crate::domain::calendar::Calendar;
use crate::domain::event::PENALTY_DECIDED;
use crate::domain::term::{End, Shift};
use std::collections::HashMap;
use std::sync::Arc;
use toml::de::DeValue;

/// The penalties of a folder, by the rules whose breach they are for.
pub(super) type Priced = HashMap<Id, Vec<Arc<Penalty>>>;

/// Reads a penalty, and whom it is told to at once.
pub(super) fn lower<'a>(
    name: Word<'a>,
    node: Node<'a>,
    file: usize,
    head: &Arc<Head>,
    names: &Names<'a>,
) -> Option<(Penalty, Option<Id>)> {
    let mut table = Table::rule(name, node)?;
    let common = common(&mut table, file, names);
    let offence = table.exactly_one(&["of", "on"]);
    let of_breach = offence.is_some_and(|node| node.name == "of");
    let (mut views, mut to) = (Vec::new(), None);
    let offence = offence.map(|node| {
        if of_breach {
            let rules = names.rules(&node.texts());
            let duties = rules.iter().filter_map(|rule| names.duty(rule));
            let origins: Vec<Id> = duties.flat_map(|duty| duty.origins(names)).collect();
            views = names.views(&origins);
            if table.key("between_fen").is_some() {
                only_here(&node.texts(), file, names);
            }
            return Offence::Breach(rules);
        }
        let words = node.texts();
        let on: Vec<Id> = words.iter().flat_map(|word| names.events(file, word)).collect();
        views = names.views(&on);
        let when = table.take("when").map(|node| condition::read(&node, &views, names));
        let times = table.text("times").map(|field| {
            number(&field, &fields::everywhere(&views, &field));
            names.id(field.text)
        });
        to = table.text("to").and_then(|word| names.role(&word));
        Offence::Violation {
            on,
            when: when.unwrap_or_default(),
            times,
        }
    });
    let sum = sum(&mut table, &offence, names);
    let against = match table.take("against") {
        Some(node) => against(&node, of_breach, &views, names),
        None if of_breach => Some(Against::Bearers),
        None => {
            if offence.is_some() {
                table.need("against");
            }
            None
        }
    };
    let joint = table.take("joint").map(|node| node.list()).unwrap_or_default();
    let joint = joint.iter().filter_map(|node| share(node, names)).collect();
    table.finish();
    let penalty = Penalty {
        id: names.id(name.text),
        title: common.title?,
        clauses: common.clauses,
        head: Arc::clone(head),
        line: name.at.line(),
        assume: common.assume,
        offence: offence?,
        sum: sum?,
        against: against?,
        joint,
    };
    Some((penalty, to))
}

/// What somebody decides on a breach follows within its own procedure, whose edition it stands in.
fn only_here(rules: &[Word<'_>], file: usize, names: &Names<'_>) {
    for word in rules {
        if names.duty(word.text).is_some_and(|duty| duty.file != file) {
            let rule = word.text;
            word.at.find(
                codes::UNKNOWN_RULE,
                say!("本文件没有规则“{rule}”", "this file has no rule `{rule}`"),
                say!(
                    "金额由人决定的，写到“{rule}”所在的文件里",
                    "what somebody decides stands in the file of `{rule}`"
                ),
            );
        }
    }
}

fn sum(table: &mut Table<'_>, offence: &Option<Offence>, names: &Names<'_>) -> Option<Sum> {
    let (fixed, between) = (table.take("amount_fen"), table.take("between_fen"));
    let Some(between) = between else {
        return match fixed {
            Some(node) => node.positive().map(Sum::Fixed),
            None => Some(Sum::None),
        };
    };
    if fixed.is_some() {
        table.exactly_one(&["amount_fen", "between_fen"]);
    }
    let bounds: Vec<u32> = between.list().iter().filter_map(Node::positive).collect();
    let by = table.need("decided_by").and_then(|node| node.text());
    let by = by.and_then(|word| names.role(&word));
    let within = table.need("decide_within").and_then(|node| terms::term(&node));
    if let Some(Offence::Violation { times: Some(_), .. }) = offence {
        between.at.find(
            codes::CONFLICTING_KEYS,
            say!(
                "金额由人决定时，不按 times 相乘",
                "what is decided by somebody is not multiplied by `times`"
            ),
            say!("删去 times，或写 amount_fen", "remove `times`, or write amount_fen"),
        );
    }
    let (least, most) = match bounds.as_slice() {
        [least, most] if least <= most => (*least, *most),
        _ => {
            between.bad_value(
                "两个数，小的在前，如 [2000, 5000]",
                "two numbers, the lesser first, such as [2000, 5000]",
            );
            return None;
        }
    };
    Some(Sum::Decided {
        least,
        most,
        by: by?,
        within: within?,
    })
}

fn against<'a>(node: &Node<'a>, of_breach: bool, views: &[View<'_>], names: &Names<'a>) -> Option<Against> {
    if let DeValue::Table(_) = node.value {
        let mut table = node.table()?;
        let field = table.title("field");
        table.finish();
        let field = field?;
        fields::everywhere(views, &field);
        return Some(Against::Field(names.id(field.text)));
    }
    let word = node.text()?;
    match (word.text, of_breach) {
        ("bearer", true) => Some(Against::Bearers),
        ("actor", false) => Some(Against::Actor),
        ("bearer" | "actor", _) => {
            node.bad_value(
                if of_breach {
                    " \"bearer\"、角色或 { field = … }"
                } else {
                    " \"actor\"、角色或 { field = … }"
                },
                if of_breach {
                    "\"bearer\", a role or { field = … }"
                } else {
                    "\"actor\", a role or { field = … }"
                },
            );
            None
        }
        _ => names.role(&word).map(Against::Role),
    }
}

fn share(node: &Node<'_>, names: &Names<'_>) -> Option<Joint> {
    let mut table = node.table()?;
    let role = table.title("role").and_then(|word| names.role(&word));
    let amount_fen = table.need("amount_fen").and_then(|node| node.positive());
    table.finish();
    Some(Joint {
        role: role?,
        amount_fen: amount_fen?,
    })
}

/// The rules whose breach has somebody decide a penalty: known before anything of a file is read whole.
pub(super) fn waited_for<'a>(family: &[(Word<'a>, Node<'a>)]) -> Vec<&'a str> {
    let left_open = family.iter().filter_map(|(_, node)| {
        let table = node.value.as_table()?;
        table.get("between_fen")?;
        Some(table.get("of")?.get_ref())
    });
    let rules = left_open.flat_map(|of| match of {
        DeValue::Array(list) => list.iter().filter_map(|item| item.get_ref().as_str()).collect(),
        one => one.as_str().into_iter().collect::<Vec<_>>(),
    });
    rules.collect()
}

/// The duty to decide a penalty that is left to somebody.
pub(super) fn decision(penalty: &Arc<Penalty>, calendar: Arc<Calendar>) -> Option<Duty> {
    let Sum::Decided { by, within, .. } = &penalty.sum else {
        return None;
    };
    let (on, when) = match &penalty.offence {
        Offence::Breach(of) => (Trigger::Breached(of.clone()), Condition::default()),
        Offence::Violation { on, when, .. } => (Trigger::Events(on.clone()), when.clone()),
    };
    Some(Duty {
        id: penalty.decision().into(),
        title: format!("决定“{}”的金额", penalty.title).into(),
        clauses: penalty.clauses.clone(),
        head: Arc::clone(&penalty.head),
        line: penalty.line,
        assume: penalty.assume.clone(),
        on,
        audience: None,
        when,
        from: None,
        timing: Timing::Within(*within),
        end: End::Midnight,
        shift: Shift::None,
        calendar,
        done: vec![Done {
            event: PENALTY_DECIDED.into(),
            record: None,
        }],
        done_when: Condition::default(),
        count: None,
        bearers: Bearers::Choice(vec![Bearing {
            person: None,
            during: None,
            when: Condition::default(),
            roles: Arc::from([by.clone()]),
            joint: false,
        }]),
        escalate: Vec::new(),
        draw: None,
        early_accepted: false,
        pauses_for: Vec::new(),
        max_backdate: None,
        prefer: None,
        consents: Vec::new(),
        exceptions: Vec::new(),
        texts: Texts::default(),
        penalties: vec![Arc::clone(penalty)],
    })
}

/// What tells somebody of a violation at once.
pub(super) fn telling(penalty: &Penalty, to: Id) -> Option<Threshold> {
    let Offence::Violation { on, when, .. } = &penalty.offence else {
        return None;
    };
    Some(Threshold {
        id: penalty.id.clone(),
        title: penalty.title.clone(),
        clauses: penalty.clauses.clone(),
        line: penalty.line,
        assume: penalty.assume.clone(),
        on: on.clone(),
        when: when.clone(),
        to: vec![to],
        ..Threshold::at_once(&penalty.head)
    })
}
