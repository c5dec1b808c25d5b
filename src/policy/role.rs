//! Roles: who reports to whom, who holds them.

use super::codes;
use super::model::{Area, Id, Person, Role};
use super::names::Names;
use super::nearest::unknown;
use super::node::{Node, Word};
use super::source::say;
use super::table::Table;
use std::collections::BTreeMap;

/// A role as declared.
pub(super) struct RoleDecl<'a> {
    /// Its id.
    pub name: Word<'a>,
    /// Its name for people.
    pub title: Option<Word<'a>>,
    /// The role above it.
    pub reports_to: Option<Word<'a>>,
    /// What tells its holders apart.
    pub scope: Option<Word<'a>>,
    /// How high it stands.
    pub rank: Option<i64>,
    in_turn: Vec<Word<'a>>,
    file: usize,
}

/// Reads a role; what it refers to is checked by [`lower`].
pub(super) fn declare<'a>(file: usize, name: Word<'a>, node: Node<'a>) -> Option<RoleDecl<'a>> {
    let mut table = Table::rule(name, node)?;
    let role = RoleDecl {
        name,
        title: table.title("title"),
        reports_to: table.text("reports_to"),
        scope: table.text("scope"),
        rank: table.take("rank").and_then(|node| node.int()),
        in_turn: table.texts("in_turn"),
        file,
    };
    table.finish();
    Some(role)
}

/// All roles, with their references checked.
pub(super) fn lower(names: &Names<'_>) -> BTreeMap<Id, Role> {
    let mut roles = BTreeMap::new();
    for role in &names.roles {
        let reports_to = role.reports_to.and_then(|word| names.role(&word));
        if let Some(scope) = &role.scope
            && scope.text != "area"
            && !names.kinds.iter().any(|kind| kind.fields.contains_key(scope.text))
        {
            let known = names
                .kinds
                .iter()
                .flat_map(|kind| kind.fields.keys().map(AsRef::as_ref));
            unknown(
                codes::UNKNOWN_FIELD,
                scope,
                ("案件字段", "field of a case"),
                known.chain(["area"]),
            );
        }
        let id = names.id(role.name.text);
        let title = role.title.map_or_else(|| id.clone(), |word| word.id());
        let scope = role.scope.map(|word| names.id(word.text));
        let in_turn = role.in_turn.iter().flat_map(|word| names.events(role.file, word));
        roles.insert(
            id.clone(),
            Role {
                id,
                title,
                reports_to,
                scope,
                rank: role.rank,
                in_turn: in_turn.collect(),
            },
        );
    }
    cycles(names);
    roles
}

/// Reports each circle of the reporting line once, at the first of its roles in the file.
fn cycles(names: &Names<'_>) {
    let above = |id: &str| {
        let role = names.roles.iter().find(|role| role.name.text == id)?;
        role.reports_to
    };
    let mut reported: Vec<&str> = Vec::new();
    for start in &names.roles {
        let mut line = vec![start.name.text];
        let mut at = start.name.text;
        while let Some(up) = above(at) {
            at = up.text;
            if at == start.name.text || line.contains(&at) {
                break;
            }
            line.push(at);
        }
        let closes = at == start.name.text && above(at).is_some();
        if !closes || reported.contains(&start.name.text) {
            continue;
        }
        reported.extend(&line);
        line.push(start.name.text);
        let circle = line.join(" → ");
        let place = start.reports_to.map_or(start.name.at, |word| word.at);
        place.find(
            codes::ESCALATION_CYCLE,
            say!(
                "上级关系绕成一圈：{circle}",
                "the reporting line runs in a circle: {circle}"
            ),
            say!("删去其中一个 reports_to", "remove one of the reports_to"),
        );
    }
}

/// Warns of roles that nobody holds, or nobody for some area.
pub(super) fn vacancies(names: &Names<'_>, people: &[Person], areas: &[Area]) {
    for role in names.roles.iter().filter(|role| names.is_used(role.name.text)) {
        let id = role.name.text;
        let holds: Vec<_> = people
            .iter()
            .flat_map(|person| &person.holds)
            .filter(|hold| hold.role.as_ref() == id)
            .collect();
        let vacant: Vec<&str> = if holds.is_empty() {
            Vec::new()
        } else if role.scope.is_some_and(|scope| scope.text == "area") {
            let held = |area: &&Area| {
                !holds
                    .iter()
                    .any(|hold| hold.of.is_empty() || hold.of.contains(&area.id))
            };
            areas.iter().filter(held).map(|area| area.id.as_ref()).collect()
        } else {
            continue;
        };
        let (message, remedy) = if holds.is_empty() {
            (
                say!("角色“{id}”没有人担任", "nobody holds the role `{id}`"),
                say!(
                    "在 company.toml 的某个人下写 holds = [{{ role = \"{id}\" }}]",
                    "write holds = [{{ role = \"{id}\" }}] under a person of company.toml"
                ),
            )
        } else if vacant.is_empty() {
            continue;
        } else {
            let which = vacant.join("、");
            (
                say!(
                    "角色“{id}”在片区 {which} 没有人担任",
                    "nobody holds the role `{id}` for the areas {which}"
                ),
                say!(
                    "在某个人的 holds 的 of 里加上这个片区",
                    "add the area to `of` in somebody's holds"
                ),
            )
        };
        role.name.at.find(codes::ROLE_VACANT, message, remedy);
    }
}
