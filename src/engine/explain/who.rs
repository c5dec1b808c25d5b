//! How those who owe an obligation were found.

use super::{BearerSaid, words};
use crate::engine::case::Case;
use crate::engine::obligation::Obligation;
use crate::engine::view::{BearerView, bearer_view};
use crate::engine::who::area_of;
use crate::engine::{open, who};
use crate::policy::finding::Text;
use crate::policy::model::{Bearers, Company, During, Role};

/// Who owes an obligation, and how they were found.
pub(super) fn bearers(company: &Company, case: &Case, obligation: &Obligation) -> Vec<BearerSaid> {
    let said = obligation.roles.iter().map(|role| {
        let bearer = bearer_view(company, role, case);
        let how = match who::person_of(role) {
            Some(_) => named(company, case, obligation, &bearer),
            None => how(company, case, &bearer, company.roles.get(role)),
        };
        BearerSaid { bearer, how }
    });
    said.collect()
}

/// Somebody whom the case names.
fn named(company: &Company, case: &Case, obligation: &Obligation, bearer: &BearerView) -> Text {
    let at = obligation.trigger.at;
    let field = match &obligation.duty.bearers {
        Bearers::Choice(choices) => {
            let mut chosen = choices
                .iter()
                .filter(|c| open::chosen(c, case, &obligation.duty, at, company.zone));
            chosen.next().and_then(|c| c.person.as_deref())
        }
        Bearers::Same => None,
    };
    let name = bearer.name.as_deref().unwrap_or_default();
    match field {
        Some(field) => Text::new(
            format!("案件的 {field} 写的是{name}"),
            format!("the case names {name} as `{field}`"),
        ),
        None => Text::new(format!("案件写的是{name}"), format!("the case names {name}")),
    }
}

fn how(company: &Company, case: &Case, bearer: &BearerView, role: Option<&Role>) -> Text {
    let title = &bearer.title;
    let scope = match role.and_then(|r| r.scope.as_deref()) {
        None => Text::default(),
        Some("area") => in_area(company, case),
        Some(field) => match case.data.get(field) {
            Some(value) => Text::new(format!("{field} 为“{value}”，"), format!("{field} is `{value}`; ")),
            None => Text::new(format!("案件没有写 {field}，"), format!("the case has no {field}; ")),
        },
    };
    let name = bearer.name.as_deref().unwrap_or_default();
    let up = |role: &str| company.roles.get(role).map_or(role.to_owned(), |r| r.title.to_string());
    let (zh, en) = match (&bearer.person, &bearer.stands_in) {
        (Some(_), Some(role)) => {
            let by = up(role);
            (
                format!("{title}空缺，由上级{by}{name}代行"),
                format!("nobody holds `{title}`, so that {name} ({by}) above it steps in"),
            )
        }
        (Some(_), None) => (format!("{title}是{name}"), format!("{name} holds `{title}`")),
        (None, _) => (
            format!("{title}空缺，也没有上级代行"),
            format!("nobody holds `{title}`, nor any role above it"),
        ),
    };
    Text::new(format!("{}{zh}", scope.zh), format!("{}{en}", scope.en))
}

fn in_area(company: &Company, case: &Case) -> Text {
    let area = area_of(company, &case.data).and_then(|id| company.areas.iter().find(|a| a.id == *id));
    let building = case.data.get("building").map(ToString::to_string);
    match (area, building) {
        (Some(area), Some(building)) => {
            let title = &area.title;
            Text::new(
                format!("{building}栋属{title}，"),
                format!("building {building} is in `{title}`; "),
            )
        }
        (Some(area), None) => Text::new(
            format!("案件在{}，", area.title),
            format!("the case is in `{}`; ", area.title),
        ),
        (None, Some(building)) => {
            let zh = format!("{building}栋不在任何片区，");
            Text::new(zh, format!("building {building} is in no area; "))
        }
        (None, None) => Text::new("案件没有写楼宇，", "the case names no building; "),
    }
}

/// Why these roles, where the rule has a choice.
pub(super) fn because(company: &Company, case: &Case, obligation: &Obligation) -> Option<Text> {
    match &obligation.duty.bearers {
        Bearers::Same => {
            let parent = obligation.parent.and_then(|p| case.obligations.get(p as usize))?;
            let title = &parent.duty.title;
            Some(Text::new(
                format!("与“{title}”同一承担人"),
                format!("the same as owe `{title}`"),
            ))
        }
        Bearers::Choice(choices) if choices.len() > 1 => {
            let (duty, at) = (&obligation.duty, obligation.trigger.at);
            let chosen = choices.iter().find(|c| open::chosen(c, case, duty, at, company.zone))?;
            let mut why: Vec<Text> = Vec::new();
            if !chosen.when.0.is_empty() {
                why.push(words::condition(&chosen.when));
            }
            if let Some(field) = &chosen.person {
                why.push(Text::new(format!("填了 {field}"), format!("{field} is filled in")));
            }
            why.extend(chosen.during.map(|during| match during {
                During::Open => Text::new("那时是工作时间", "it was open time then"),
                During::Closed => Text::new("那时不是工作时间", "it was not open time then"),
            }));
            if why.is_empty() {
                return Some(Text::new("其余情形", "none of the other conditions holds"));
            }
            let why = words::join(&why, "且", " and ");
            Some(Text::new(format!("因为 {}", why.zh), format!("because {}", why.en)))
        }
        Bearers::Choice(_) => None,
    }
}
