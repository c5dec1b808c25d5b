//! A company's roles, areas and calendar, in words.

use super::lexicon::Lexicon;
use super::slot::Said;
use super::text::{both, is_empty, join};
use super::time;
use crate::policy::finding::Text;
use crate::policy::model::{Area, Id, Role};

/// A role in sentences: who holds it, above whom it stands.
pub(super) fn role(role: &Role, lexicon: &Lexicon<'_>) -> Said {
    let mut said = Said::new("role", &role.id, &role.title, &[]);
    let mut holders = Vec::new();
    for person in &lexicon.company.people {
        for hold in person.holds.iter().filter(|hold| hold.role == role.id) {
            let (name, of) = (&person.name, scopes(&hold.of, lexicon));
            holders.push(match is_empty(&of) {
                true => both!("{name}", "{name}", name),
                false => both!("{name}（{of}）", "{name} ({of})", name, of),
            });
        }
    }
    let title = &role.title;
    let holders = said.part("holders", join(&holders, "、", ", "));
    said.lead = match is_empty(&holders) {
        true => both!("{title}现在空缺", "{title} is vacant", title),
        false => both!("{title}由{holders}担任", "{title} is held by {holders}", title, holders),
    };
    if let Some(above) = &role.reports_to {
        let above = lexicon.role(above);
        said.say(
            "reports_to",
            both!(
                "上级是{above}；空缺时由其代行",
                "It reports to {above}, who steps in while it is vacant",
                above
            ),
        );
    }
    if let Some(scope) = &role.scope {
        let scope = lexicon.word(scope);
        said.say(
            "scope",
            both!("按{scope}各管各的", "Its holders are told apart by {scope}", scope),
        );
    }
    if let Some(rank) = role.rank {
        said.say("rank", both!("级别是{rank}", "Its rank is {rank}", rank));
    }
    if !role.in_turn.is_empty() {
        let events = lexicon.events(&role.in_turn);
        said.say(
            "in_turn",
            both!("遇{events}轮流办理", "Its holders take turns at {events}", events),
        );
    }
    said
}

/// What a role is held for: areas by their titles, anything else as it is written.
fn scopes(of: &[Id], lexicon: &Lexicon<'_>) -> Text {
    let each = of.iter().map(|scope| {
        let area = lexicon.company.areas.iter().find(|area| area.id == *scope);
        match area {
            Some(area) => Text::new(&*area.title, &*area.title),
            None => lexicon.word(scope),
        }
    });
    let mut named: Vec<Text> = Vec::new();
    for scope in each {
        // Two spellings of one department are called the same.
        if !named.iter().any(|known| known.zh == scope.zh) {
            named.push(scope);
        }
    }
    join(&named, "、", ", ")
}

/// An area in sentences.
pub(super) fn area(area: &Area) -> Said {
    let mut said = Said::new("area", &area.id, &area.title, &[]);
    let title = &area.title;
    let buildings = Text::new(area.buildings.join("、"), area.buildings.join(", "));
    let buildings = said.part("area", buildings);
    said.lead = both!(
        "{title}有这些楼：{buildings}",
        "{title} has these buildings: {buildings}",
        title,
        buildings
    );
    said
}

/// The company's calendar in sentences.
pub(super) fn calendar(lexicon: &Lexicon<'_>) -> Said {
    let calendar = &lexicon.company.calendar;
    let id: Id = calendar.name().into();
    let mut said = Said::new("calendar", &id, &Id::from("工作日和工作时间"), &[]);
    let days = said.part("weekdays", time::weekdays(calendar.weekdays()));
    said.lead = both!(
        "{days}上班，国家公布的放假和调休照办",
        "The working days are {days}, but for the published holidays and make-up workdays",
        days
    );
    let (working, rest) = calendar.spans();
    if !working.is_empty() || !rest.is_empty() {
        let (working, rest) = (time::spans(working), time::spans(rest));
        said.say(
            "hours",
            both!(
                "工作时间{working}；休息日{rest}",
                "The hours are {working}; on days off {rest}",
                working,
                rest
            ),
        );
    }
    let own = calendar.own_days().map(|(from, to, working, name)| {
        let days = match from == to {
            true => from.to_string(),
            false => format!("{from} – {to}"),
        };
        match working {
            true => both!("{days}上班（{name}）", "{days} worked ({name})", days, name),
            false => both!("{days}停业（{name}）", "{days} closed ({name})", days, name),
        }
    });
    let own = join(&own.collect::<Vec<_>>(), "；", "; ");
    if !is_empty(&own) {
        said.say(
            "closed",
            both!("本公司另外规定：{own}", "The company's own days: {own}", own),
        );
    }
    said
}
