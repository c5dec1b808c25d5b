//! Gates: what must be so before an event is taken.

use super::codes;
use super::condition;
use super::duty::common;
use super::fields::{self, FieldMap, View};
use super::model::{FieldType, Gate, GateSide, Head, Id, Need, NeedTest, Operand};
use super::names::Names;
use super::nearest::unknown;
use super::node::{Node, Word};
use super::occurrence::{self, Occurrence};
use super::source::say;
use super::table::Table;
use super::trigger::kind_of;
use std::sync::Arc;

/// The tests of a need, of which it has one.
const TESTS: [&str; 11] = [
    "that",
    "happened",
    "done",
    "differ",
    "same",
    "distinct",
    "actor_role",
    "unique",
    "by_role",
    "balance",
    "rank",
];

/// Reads a gate.
pub(super) fn lower<'a>(
    name: Word<'a>,
    node: Node<'a>,
    file: usize,
    head: &Arc<Head>,
    names: &Names<'a>,
) -> Option<Gate> {
    let mut table = Table::rule(name, node)?;
    let common = common(&mut table, file, names);
    let Occurrence { on, views, when } = occurrence::read(&mut table, file, names);
    let needs = table.need("needs").map(|node| node.list()).unwrap_or_default();
    if table.take("needs").is_some_and(|node| node.value.as_array().is_some()) && needs.is_empty() {
        table.at.find(
            codes::BAD_VALUE,
            say!("needs 里什么也没有", "`needs` is empty"),
            say!("至少写一项", "write at least one need"),
        );
    }
    let before = Before {
        on: &on,
        views: &views,
        file,
        names,
    };
    let needs = needs.iter().filter_map(|node| before.need(node)).collect();
    table.finish();
    Some(Gate {
        id: names.id(name.text),
        title: common.title?,
        clauses: common.clauses,
        head: Arc::clone(head),
        line: name.at.line(),
        assume: common.assume,
        side: GateSide::Gate,
        on,
        when,
        needs,
    })
}

/// What needs are read with: the events that the gate stands before.
pub(super) struct Before<'n, 'a> {
    /// The events.
    pub on: &'n [Id],
    /// What can be looked at when they happen.
    pub views: &'n [View<'n>],
    /// The number of the file.
    pub file: usize,
    /// All names.
    pub names: &'n Names<'a>,
}

impl<'a> Before<'_, 'a> {
    fn need(&self, node: &Node<'a>) -> Option<Need> {
        let mut table = node.table()?;
        let title = table.title("title");
        let clause = table.text("clause");
        let clause = clause.and_then(|word| self.names.clause(self.file, &word));
        let only_if = table
            .take("if")
            .map(|node| condition::read(&node, self.views, self.names))
            .unwrap_or_default();
        let test = table.exactly_one(&TESTS).and_then(|node| self.test(&node));
        table.finish();
        Some(Need {
            title: title?.id(),
            clause,
            only_if,
            test: test?,
        })
    }

    fn test(&self, node: &Node<'a>) -> Option<NeedTest> {
        let names = self.names;
        Some(match node.name {
            "that" => NeedTest::That(condition::read(node, self.views, names)),
            "happened" => NeedTest::Happened(self.events(&node.texts())),
            "done" => NeedTest::Done(names.rules(&node.texts())),
            "differ" => {
                let (a, b) = self.pair(node)?;
                NeedTest::Differ(self.operand(&a, Operand::Either)?, self.operand(&b, Operand::Either)?)
            }
            "same" => {
                let (a, b) = self.pair(node)?;
                NeedTest::Same(self.operand(&a, Operand::OfEvent)?, self.operand(&b, Operand::OfEvent)?)
            }
            "distinct" => self.distinct(node)?,
            "actor_role" => NeedTest::ActorRole(self.roles(&node.texts())),
            "unique" => NeedTest::Unique(node.texts().iter().filter_map(|word| self.field(word)).collect()),
            "by_role" => {
                let mut table = node.table()?;
                let events = table.need("event").map(|node| node.texts()).unwrap_or_default();
                let roles = table.need("role").map(|node| node.texts()).unwrap_or_default();
                table.finish();
                NeedTest::ByRole {
                    events: self.events(&events),
                    roles: self.roles(&roles),
                    not_by: Vec::new(),
                    since: Vec::new(),
                }
            }
            "balance" => self.balance(node)?,
            _ => self.rank(node)?,
        })
    }

    fn distinct(&self, node: &Node<'a>) -> Option<NeedTest> {
        let mut table = node.table()?;
        let field = table.title("field");
        let at_least = table.need("at_least").and_then(|node| node.positive());
        table.finish();
        let word = field?;
        let types = fields::somewhere(self.views, &word);
        let listed = |known: &&FieldType| {
            !matches!(
                known,
                FieldType::Number | FieldType::Bool | FieldType::Date | FieldType::Choice(_)
            )
        };
        if !types.is_empty() && !types.iter().any(listed) {
            let name = word.text;
            word.at.find(
                codes::WRONG_TYPE,
                say!("“{name}”不是名单", "`{name}` is not a list"),
                say!("在 data 里把它声明为 \"members\"", "declare it as \"members\""),
            );
        }
        Some(NeedTest::Distinct {
            field: self.names.id(word.text),
            at_least: at_least?,
        })
    }

    fn balance(&self, node: &Node<'a>) -> Option<NeedTest> {
        let mut table = node.table()?;
        let (metric, field) = (table.title("metric"), table.title("field"));
        table.finish();
        let (metric, field) = (metric?, field?);
        let known = &self.names.points;
        if !known.contains(&metric.text) {
            unknown(
                codes::UNKNOWN_RULE,
                &metric,
                ("积分指标", "metric of points"),
                known.iter().copied(),
            );
            return None;
        }
        super::metric::number(&field, &fields::everywhere(self.views, &field));
        Some(NeedTest::Balance {
            metric: self.names.id(metric.text),
            field: self.names.id(field.text),
        })
    }

    fn rank(&self, node: &Node<'a>) -> Option<NeedTest> {
        let mut table = node.table()?;
        let field = table.title("field");
        let role = table.title("at_least");
        table.finish();
        let operand = self.operand(&field?, Operand::Either)?;
        let word = role?;
        let role = self.names.role(&word)?;
        let known = self.names.roles.iter().find(|known| known.name.text == word.text);
        let Some(at_least) = known.and_then(|known| known.rank) else {
            word.at.find(
                codes::MISSING_KEY,
                say!("角色“{role}”没有写 rank", "the role `{role}` has no rank"),
                say!("在 [role.{role}] 下写 rank = 1", "write rank = 1 under [role.{role}]"),
            );
            return None;
        };
        Some(NeedTest::Rank {
            operand,
            role,
            at_least,
        })
    }

    /// Events of the same kinds of case as those that the gate stands before.
    pub(super) fn events(&self, words: &[Word<'a>]) -> Vec<Id> {
        let mut found = Vec::new();
        for word in words {
            let events = self.names.events(self.file, word);
            let here = |event: &Id| self.on.iter().any(|on| kind_of(on) == kind_of(event));
            if let Some(event) = events.iter().find(|_| !self.on.is_empty() && !events.iter().any(here)) {
                let kinds: Vec<&str> = self.on.iter().map(|on| kind_of(on)).collect();
                let kinds = kinds.join("、");
                word.at.find(
                    codes::EVENT_OF_OTHER_KIND,
                    say!(
                        "“{event}”不会发生在这条规则的案件（{kinds}）上",
                        "`{event}` does not happen to this rule's cases ({kinds})"
                    ),
                    say!(
                        "写同一类案件的事件：{kinds}.…",
                        "name an event of the same kind of case: {kinds}.…"
                    ),
                );
            }
            found.extend(events);
        }
        found
    }

    /// Roles that are referred to.
    pub(super) fn roles(&self, words: &[Word<'a>]) -> Vec<Id> {
        words.iter().filter_map(|word| self.names.role(word)).collect()
    }

    fn field(&self, word: &Word<'a>) -> Option<Id> {
        let known = !fields::everywhere(self.views, word).is_empty() || self.views.is_empty();
        known.then(|| self.names.id(word.text))
    }

    fn pair(&self, node: &Node<'a>) -> Option<(Word<'a>, Word<'a>)> {
        let words = node.texts();
        if let [a, b] = words.as_slice() {
            return Some((*a, *b));
        }
        node.bad_value("两个字段，如 [\"reviewer\", \"signer\"]", "two fields");
        None
    }

    fn operand(&self, word: &Word<'a>, otherwise: fn(Id) -> Operand) -> Option<Operand> {
        if word.text == "actor" {
            return Some(Operand::Actor);
        }
        let Some(of_case) = word.text.strip_prefix("case.") else {
            return self.field(word).map(otherwise);
        };
        let kinds = self.on.iter().filter_map(|on| self.names.event(on));
        let maps: Vec<&FieldMap> = kinds.map(|(kind, _)| &kind.fields).collect();
        if maps.iter().any(|map| !map.contains_key(of_case)) {
            let known = maps.iter().flat_map(|map| map.keys().map(AsRef::as_ref));
            let of_case = Word {
                text: of_case,
                at: word.at,
            };
            unknown(codes::UNKNOWN_FIELD, &of_case, ("案件字段", "field of the case"), known);
            return None;
        }
        Some(Operand::OfCase(self.names.id(of_case)))
    }
}
