//! Escalation, level by level, in words.

use super::condition::condition;
use super::lexicon::Lexicon;
use super::text::{both, is_empty, join};
use super::time;
use crate::policy::finding::Text;
use crate::policy::model::{Step, StepAt};

/// All levels: 到期未办，报主任助理；逾期满1个工作日仍未办，报管理处主任.
pub(super) fn escalation(steps: &[Step], lexicon: &Lexicon<'_>) -> Text {
    let all = steps.iter().map(|step| {
        let to = lexicon.role(&step.to);
        let level = match step.at {
            StepAt::Once => both!("一产生就报{to}", "{to} is told as soon as it is owed", to),
            StepAt::BeforeDue(term) => {
                let term = time::term(term);
                both!(
                    "到期前{term}还没办，报{to}",
                    "{to} is told {term} before it is due",
                    term,
                    to
                )
            }
            StepAt::Due => both!("到期未办，报{to}", "{to} is told when it falls overdue", to),
            StepAt::AfterDue(term) => {
                let term = time::term(term);
                both!(
                    "逾期满{term}仍未办，报{to}",
                    "{to} is told once it is overdue by {term}",
                    term,
                    to
                )
            }
        };
        let when = condition(&step.when, lexicon);
        let level = match is_empty(&when) {
            true => level,
            false => both!("{level}（{when}的）", "{level} (if {when})", level, when),
        };
        match step.waits {
            true => both!("{level}，等到工作时间才报", "{level}, in open time only", level),
            false => level,
        }
    });
    join(&all.collect::<Vec<_>>(), "；", "; ")
}
