//! Messages as they go out: a burst to one recipient is one.

use crate::domain::zone::{Instant, Zone};
use crate::service::record::EffectView;
use serde::Serialize;
use std::collections::BTreeMap;

/// All that one recipient is told at one instant.
#[derive(Clone, Debug, Serialize)]
pub struct DigestView {
    /// When it goes out.
    pub at: String,
    /// The person; where nobody holds the role nor steps in, there is none.
    pub person: Option<String>,
    /// The roles in which the person is told, each once.
    pub roles: Vec<String>,
    /// What is told, in the order of time.
    pub items: Vec<EffectView>,
}

/// Effects by when they go out and to whom: a person, or a role that nobody holds.
pub fn digests(effects: Vec<EffectView>, zone: Zone) -> Vec<DigestView> {
    let mut digests: BTreeMap<(Option<Instant>, bool, String), DigestView> = BTreeMap::new();
    for effect in effects {
        let at = zone.parse_instant(&effect.at).ok();
        let recipient = effect.person.clone().unwrap_or_else(|| effect.to.clone());
        let digest = digests
            .entry((at, effect.person.is_none(), recipient))
            .or_insert_with(|| DigestView {
                at: effect.at.clone(),
                person: effect.person.clone(),
                roles: Vec::new(),
                items: Vec::new(),
            });
        if !digest.roles.contains(&effect.to) {
            digest.roles.push(effect.to.clone());
        }
        digest.items.push(effect);
    }
    digests.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(case: &str, to: &str, person: Option<&str>, at: &str) -> EffectView {
        EffectView {
            kind: "escalate",
            rule: "follow-up".to_owned(),
            clause: "1".to_owned(),
            edition: "e".to_owned(),
            event: "1".to_owned(),
            events: None,
            title: "回访".to_owned(),
            case: case.to_owned(),
            obligation: None,
            level: Some(1),
            to: to.to_owned(),
            person: person.map(str::to_owned),
            stands_in: None,
            nominal_at: "2026-03-07T00:00:00+08:00".to_owned(),
            at: at.to_owned(),
        }
    }

    #[test]
    fn a_burst_to_one_person_is_one_message_whatever_the_role() {
        let (nine, ten) = ("2026-03-09T09:00:00+08:00", "2026-03-09T10:00:00+08:00");
        let all = vec![
            told("A", "manager", Some("li"), nine),
            told("B", "director", Some("li"), nine),
            told("C", "manager", Some("li"), ten),
            told("D", "manager", Some("wu"), nine),
            // Nobody holds it: a person of the same name is somebody else.
            told("E", "li", None, nine),
        ];
        let zone = Zone::parse("Asia/Shanghai").unwrap();
        let shown: Vec<(String, Vec<String>, Vec<String>)> = digests(all, zone)
            .into_iter()
            .map(|d| {
                let cases = d.items.iter().map(|i| i.case.clone()).collect();
                (format!("{} {:?}", d.at, d.person), d.roles, cases)
            })
            .collect();
        let list = |items: &[&str]| items.iter().map(|i| (*i).to_owned()).collect::<Vec<_>>();
        let wanted = [
            (
                format!("{nine} Some(\"li\")"),
                list(&["manager", "director"]),
                list(&["A", "B"]),
            ),
            (format!("{nine} Some(\"wu\")"), list(&["manager"]), list(&["D"])),
            (format!("{nine} None"), list(&["li"]), list(&["E"])),
            (format!("{ten} Some(\"li\")"), list(&["manager"]), list(&["C"])),
        ];
        assert_eq!(shown, wanted);
    }
}
