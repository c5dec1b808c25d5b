//! Escalations that reach nobody: the role of the last level is vacant, and so are all above it.

use super::During;
use super::place::Places;
use crate::policy::codes;
use crate::policy::model::{Company, Id};
use crate::policy::source::say;
use std::collections::BTreeSet;

/// Reports the escalations whose last level is nobody.
pub(super) fn find(during: &During<'_>, places: &Places<'_>) {
    let company = during.company;
    if company.people.is_empty() {
        return;
    }
    for procedure in &during.set.procedures {
        for duty in &procedure.duties {
            let last = duty.escalate.len().saturating_sub(1);
            let Some(step) = duty.escalate.get(last) else { continue };
            let Some(line) = vacant_line(company, &step.to) else {
                continue;
            };
            let Some(spot) = places.rule(procedure, &duty.id) else {
                continue;
            };
            let (id, line) = (&duty.id, line.join(" → "));
            spot.key("escalate", Some((last, "to"))).find_shown(
                codes::ESCALATION_TO_NOBODY,
                say!(
                    "“{id}”逾期最后报给的一级没有人担任，往上也没有：{line}",
                    "the last level to which `{id}` escalates is vacant, and so is all above it: {line}"
                ),
                say!(
                    "在 company.toml 给其中一个角色写上担任的人，或给最高的角色写 reports_to",
                    "name a holder of one of them in company.toml, or write `reports_to` for the topmost"
                ),
                None,
            );
        }
    }
}

/// The role and those above it, where nobody holds any of them.
fn vacant_line(company: &Company, role: &Id) -> Option<Vec<String>> {
    let mut line: Vec<String> = Vec::new();
    let mut seen: BTreeSet<&Id> = BTreeSet::new();
    let mut at = Some(role);
    while let Some(role) = at.filter(|role| seen.insert(role)) {
        let held = company.people.iter().flat_map(|person| &person.holds);
        if held.into_iter().any(|hold| hold.role == *role) {
            return None;
        }
        line.push(role.to_string());
        at = company.roles.get(role).and_then(|role| role.reports_to.as_ref());
    }
    Some(line)
}
