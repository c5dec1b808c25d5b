//! Who may see a case, as a timeline expects it.

use super::compare::{Difference, Snapshot};
use super::{At, Failure, Visible};
use crate::engine::access::Sight;

impl Snapshot<'_> {
    pub(super) fn visible(&self, At { line, what }: &At<Visible>, failures: &mut Vec<Failure>) {
        let find = |id: &str| {
            self.cases
                .iter()
                .find(|(known, _)| **known == *id)
                .map(|(_, case)| case)
        };
        let sight = Sight::new(self.world.company(), what.person.as_deref(), self.at);
        let seen = find(&what.case).filter(|case| case.count > 0);
        let pairs = [
            ("visible", what.visible, seen.is_some_and(|case| sight.sees(case, find))),
            ("audited", what.audited, seen.is_some_and(|case| sight.audits(case))),
        ];
        let name = format!("{} {}", what.case, what.person.as_deref().unwrap_or("-"));
        for (field, want, found) in pairs {
            if let Some(want) = want.filter(|want| *want != found) {
                let (want, found) = (want.to_string(), found.to_string());
                failures.push(Difference { field, want, found }.failure(*line, &name));
            }
        }
    }
}
