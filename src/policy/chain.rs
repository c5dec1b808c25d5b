//! Lists of which the first entry counts whose condition holds: none may be out of reach, and the last has none.

use super::codes;
use super::model::Condition;
use super::node::Node;
use super::source::say;

/// The entries of such a list that were seen so far.
#[derive(Default)]
pub(super) struct Chain {
    seen: Vec<Condition>,
    /// The line of the entry that takes every case.
    open: Option<u32>,
}

impl Chain {
    /// Takes the next entry; reports one that is never reached.
    pub fn entry(&mut self, item: &Node<'_>, when: &Condition, conditional: bool) {
        if let Some(line) = self.open {
            item.at.find(
                codes::ENTRY_UNREACHABLE,
                say!(
                    "第 {line} 行的一项没有条件，这一项永远轮不到",
                    "line {line} has no condition, so this is never reached"
                ),
                say!(
                    "给前一项加上 when，或把没有 when 的一项放到最后",
                    "give the earlier one a `when`, or put it last"
                ),
            );
        } else if conditional && self.seen.contains(when) {
            item.at.find(
                codes::ENTRY_UNREACHABLE,
                say!(
                    "前面有一项的条件相同，这一项永远轮不到",
                    "an earlier entry has the same condition, so this is never reached"
                ),
                say!("改条件，或删去一项", "change the condition, or remove one"),
            );
        }
        if !conditional {
            self.open.get_or_insert(item.at.line());
        }
        self.seen.push(when.clone());
    }

    /// Reports a list whose last entry leaves some cases out.
    pub fn close(&self, node: &Node<'_>) {
        if self.open.is_some() {
            return;
        }
        let name = node.name;
        node.at.find(
            codes::LAST_ENTRY_CONDITIONAL,
            say!(
                "“{name}”的最后一项带了 when，其余情形没有着落",
                "the last entry of `{name}` has a `when`, which leaves the other cases out"
            ),
            say!("在最后加没有 when 的一项", "add a last entry without `when`"),
        );
    }
}
