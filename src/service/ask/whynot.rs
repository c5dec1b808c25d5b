//! Why an obligation that somebody expected is not there.

use super::Question;
use crate::engine::case;
use crate::engine::intake::Unmet;
use crate::engine::whynot::{self, Before, WhyNot};
use crate::policy::model::Id;
use crate::service::ServiceError;

impl Question<'_> {
    /// Why a case has no obligation of a rule; `BadQuestion` where there is no such rule.
    pub fn why_not(&self, id: &str, rule: &str) -> Result<WhyNot, ServiceError> {
        self.with_past(id, &mut |before| {
            whynot::why_not(before, rule).ok_or_else(|| {
                let known = whynot::rules(&before.ctx);
                let near = known
                    .iter()
                    .min_by_key(|known| strsim::damerau_levenshtein(known, rule))
                    .map_or("", |near| near);
                ServiceError::BadQuestion {
                    parameter: "rule",
                    message: format!("`{rule}` is no rule that asks for anything; did you mean `{near}`?"),
                }
            })
        })
    }

    /// Hands a case with all that its fold is given to `ask`.
    pub fn with_past<T>(
        &self,
        id: &str,
        ask: &mut dyn FnMut(&Before<'_>) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        let case = self.case(id)?;
        let history = self.history();
        let refused = self.refused(id)?.into_iter();
        let refused: Vec<(Id, Vec<Unmet>)> = refused.map(|r| (r.kind, r.unmet)).collect();
        let own;
        let frozen = match &self.frozen {
            Some(frozen) => frozen,
            None => {
                own = super::Frozen::of(&self.window(), None, self.now);
                &own
            }
        };
        let events = case::in_order(&self.events(id, case.head)?, &history);
        let occasions = self.occasions(frozen)?;
        ask(&Before {
            ctx: frozen.context(occasions),
            id,
            case: &case,
            events: &events,
            as_of: self.as_of,
            refused: &refused,
        })
    }
}
