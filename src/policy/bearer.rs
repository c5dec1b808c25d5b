//! Who owes a duty, and who is told when it is not done.

use super::codes;
use super::condition;
use super::duty;
use super::fields::{self, View};
use super::model::{Bearers, Bearing, During, FieldType, Id, Step, StepAt};
use super::names::Names;
use super::node::{Node, Word};
use super::source::say;
use super::terms;
use super::trigger::DutyDecl;
use crate::domain::calendar::Calendar;
use toml::de::DeValue;

/// Reads `bearer`.
pub(super) fn read<'a>(node: &Node<'a>, duty: &DutyDecl<'a>, views: &[View<'_>], names: &Names<'a>) -> Option<Bearers> {
    match node.value {
        DeValue::String(_) if node.as_text().is_some_and(|word| word.text == "same") => {
            if !duty.has_parent() {
                without_parent(node, "bearer");
            }
            Some(Bearers::Same)
        }
        DeValue::Table(_) => choice(&[*node], duty, views, names),
        DeValue::Array(list) if list.iter().any(|item| item.get_ref().is_table()) => {
            choice(&node.list(), duty, views, names)
        }
        _ => {
            let roles = roles(&node.texts(), duty, names);
            let bearing = Bearing {
                when: Default::default(),
                roles: roles.into(),
                person: None,
                during: None,
                joint: false,
            };
            Some(Bearers::Choice(vec![bearing]))
        }
    }
}

/// Reports a `same` where there is nothing to be the same as.
pub(super) fn without_parent(node: &Node<'_>, key: &str) {
    node.at.find(
        codes::SAME_WITHOUT_PARENT,
        say!(
            "{key} = \"same\" 没有可以照着的义务",
            "{key} = \"same\" has no obligation to follow"
        ),
        say!(
            "直接写明，或把 on 写成 {{ opened = [\"规则\"] }} 或 {{ fulfilled = [\"规则\"] }}",
            "say it outright, or write on = {{ opened = [\"rule\"] }} or {{ fulfilled = [\"rule\"] }}"
        ),
    );
}

fn choice<'a>(items: &[Node<'a>], duty: &DutyDecl<'a>, views: &[View<'_>], names: &Names<'a>) -> Option<Bearers> {
    let mut bearings: Vec<Bearing> = Vec::new();
    let mut caught: Option<u32> = None;
    for item in items {
        let Some(mut table) = item.table() else { continue };
        let when = table.take("when");
        let condition = when
            .map(|node| condition::read(&node, views, names))
            .unwrap_or_default();
        let during = table
            .take("during")
            .and_then(|node| node.one_of(&[("open", During::Open), ("closed", During::Closed)]));
        let owner = table.exactly_one(&["role", "person"]);
        let (words, person) = match owner {
            Some(node) if node.name == "person" => (Vec::new(), person(&node, duty, names)),
            Some(node) => (node.texts(), None),
            None => (Vec::new(), None),
        };
        let joint = table.take("joint").and_then(|node| node.boolean()).unwrap_or(false);
        if joint
            && words.len() == 1
            && let Some(word) = words.first()
        {
            let role = word.text;
            word.at.find(
                codes::CONFLICTING_KEYS,
                say!(
                    "joint = true，却只有“{role}”一个角色",
                    "joint = true with the one role `{role}`"
                ),
                say!(
                    "在 role 的列表里加上一起承担的角色，或删去 joint",
                    "add the other roles, or remove joint"
                ),
            );
        }
        table.finish();
        let roles = roles(&words, duty, names);
        if let Some(line) = caught {
            item.at.find(
                codes::BEARER_UNREACHABLE,
                say!(
                    "第 {line} 行的承担人没有条件，这一项永远轮不到",
                    "line {line} has no condition, so this is never reached"
                ),
                say!(
                    "给前一项加上 when，或把没有 when 的一项放到最后",
                    "give the earlier one a `when`, or put it last"
                ),
            );
        } else if bearings.iter().any(|earlier| {
            earlier.when == condition && when.is_some() && earlier.person.is_none() && earlier.during.is_none()
        }) {
            item.at.find(
                codes::BEARER_UNREACHABLE,
                say!(
                    "前面有一项的条件相同，这一项永远轮不到",
                    "an earlier entry has the same condition, so this is never reached"
                ),
                say!("改条件，或删去一项", "change the condition, or remove one"),
            );
        }
        if when.is_none() && during.is_none() && caught.is_none() && (person.is_none() || items.len() == 1) {
            caught = Some(item.at.line());
        }
        bearings.push(Bearing {
            when: condition,
            roles: roles.into(),
            person,
            during,
            joint,
        });
    }
    if caught.is_none()
        && let Some(last) = items.last()
    {
        last.at.find(
            codes::LAST_BEARER_CONDITIONAL,
            say!(
                "最后一项承担人带了 when，其余情形没有人承担",
                "the last bearer has a `when`; in other cases nobody bears it"
            ),
            say!(
                "在最后加一项没有 when 的：{{ role = \"…\" }}",
                "add a last entry without `when`: {{ role = \"…\" }}"
            ),
        );
    }
    Some(Bearers::Choice(bearings))
}

/// The field of the case that names the person.
fn person<'a>(node: &Node<'a>, duty: &DutyDecl<'a>, names: &Names<'a>) -> Option<Id> {
    let word = node.text()?;
    let cases = names.case_views(&duty.kinds(names));
    let types = fields::everywhere(&cases, &word);
    if types
        .iter()
        .any(|known| !matches!(known, FieldType::Person | FieldType::Text))
    {
        let name = word.text;
        word.at.find(
            codes::WRONG_TYPE,
            say!("字段“{name}”不是人", "the field `{name}` is no person"),
            say!(
                "在 data 里写 {name} = \"person\"",
                "declare {name} = \"person\" in data"
            ),
        );
    }
    Some(names.id(word.text))
}

fn roles<'a>(words: &[Word<'a>], duty: &DutyDecl<'a>, names: &Names<'a>) -> Vec<Id> {
    words
        .iter()
        .filter_map(|word| {
            let role = names.role(word)?;
            scope(word, duty, names);
            Some(role)
        })
        .collect()
}

/// A role with a scope needs a field of the case that tells its holders apart.
fn scope<'a>(word: &Word<'_>, duty: &DutyDecl<'a>, names: &Names<'a>) {
    let Some(scope) = names
        .roles
        .iter()
        .find(|role| role.name.text == word.text)
        .and_then(|role| role.scope)
    else {
        return;
    };
    let fields: &[&str] = if scope.text == "area" {
        &["area", "building"]
    } else {
        &[scope.text]
    };
    let kinds = duty.kinds(names);
    let lacking = names
        .kinds
        .iter()
        .find(|kind| kinds.contains(kind.name.text) && !fields.iter().any(|field| kind.fields.contains_key(*field)));
    if let Some(kind) = lacking {
        let (role, kind, field) = (word.text, kind.name.text, fields.last().copied().unwrap_or_default());
        word.at.find(
            codes::BEARER_WITHOUT_SCOPE,
            say!(
                "“{role}”要由案件的 {field} 查到，而“{kind}”没有这个字段",
                "`{role}` is found by the case's `{field}`, which `{kind}` does not have"
            ),
            say!(
                "在 [case.{kind}] 的 data 里加上 {field} = \"text\"",
                "add {field} = \"text\" to the data of [case.{kind}]"
            ),
        );
    }
}

/// Reads `escalate`.
pub(super) fn escalate<'a>(
    node: &Node<'a>,
    duty: &DutyDecl<'a>,
    (bearers, calendar): (Option<&Bearers>, Option<&Calendar>),
    names: &Names<'a>,
) -> Vec<Step> {
    let cases = names.case_views(&duty.kinds(names));
    node.list()
        .iter()
        .filter_map(|item| step(item, &cases, (bearers, calendar), names))
        .collect()
}

fn step(
    item: &Node<'_>,
    cases: &[View<'_>],
    (bearers, calendar): (Option<&Bearers>, Option<&Calendar>),
    names: &Names<'_>,
) -> Option<Step> {
    let mut table = item.table()?;
    let condition = table
        .take("when")
        .map(|node| condition::read(&node, cases, names))
        .unwrap_or_default();
    let when = table.exactly_one(&["at", "after", "before"]);
    let to = table.need("to").and_then(|node| node.text());
    let deliver = table.take("deliver");
    let waits = deliver.and_then(|node| node.one_of(&[("open", true), ("at-once", false)]));
    if let (Some(node), Some(true), Some(calendar)) = (&deliver, waits, calendar) {
        duty::needs_hours(node, calendar);
    }
    table.finish();
    let role = to.and_then(|word| names.role(&word));
    let at = when.and_then(|node| match node.name {
        "at" => node.one_of(&[("due", StepAt::Due), ("once", StepAt::Once)]),
        "after" => terms::term(&node).map(StepAt::AfterDue),
        _ => terms::term(&node).map(StepAt::BeforeDue),
    });
    let (to, role, at) = (to?, role?, at?);
    // Told to a bearer in some cases only, the step still tells somebody new in the others.
    if let Some(Bearers::Choice(bearings)) = bearers
        && !matches!(at, StepAt::BeforeDue(_) | StepAt::Once)
        && bearings.iter().all(|bearing| bearing.roles.contains(&role))
    {
        to.at.find(
            codes::ESCALATION_TO_BEARER,
            say!(
                "“{role}”就是承担人，报给他等于没有报",
                "`{role}` bears the duty itself; telling it changes nothing"
            ),
            say!("报给上一级", "tell the level above"),
        );
    }
    Some(Step {
        at,
        to: role,
        when: condition,
        waits: waits.unwrap_or(false),
    })
}
