//! What a breach or a violation costs whom, in words.

use super::condition::provided;
use super::lexicon::Lexicon;
use super::slot::Said;
use super::text::{begun, both, is_empty, join};
use super::time;
use crate::policy::finding::Text;
use crate::policy::model::{Against, Offence, Penalty, Procedure, Sum};

/// A penalty in sentences, with who is told of it.
pub(super) fn said(penalty: &Penalty, procedure: &Procedure, lexicon: &Lexicon<'_>) -> Said {
    let mut said = Said::new("penalty", &penalty.id, &penalty.title, &penalty.clauses);
    let offence = match &penalty.offence {
        Offence::Breach(rules) => {
            let rules = lexicon.rules(rules);
            said.part(
                "offence",
                both!("{rules}逾期未办的", "for each breach of {rules}", rules),
            )
        }
        Offence::Violation { on, when, .. } => {
            let on = lexicon.events(on);
            let on = said.part("offence", both!("每有一次{on}", "for each {on}", on));
            let when = said.part("condition", provided(when, lexicon));
            match is_empty(&when) {
                true => on,
                false => both!("{on}，{when}", "{on}, {when}", on, when),
            }
        }
    };
    let who = match &penalty.against {
        Against::Bearers => Text::new("承担人", "its bearer"),
        Against::Actor => Text::new("当事人", "whoever did it"),
        Against::Role(role) => lexicon.role(role),
        Against::Field(field) => {
            let field = lexicon.word(field);
            both!("{field}所写的人", "whoever {field} names", field)
        }
    };
    let who = said.part("who", who);
    said.bearers = who.clone();
    let sum = match &penalty.sum {
        Sum::Fixed(fen) => {
            let sum = time::money(*fen);
            both!("扣{sum}", "is charged {sum}", sum)
        }
        Sum::Decided {
            least,
            most,
            by,
            within,
        } => {
            let (least, most) = (time::money(*least), time::money(*most));
            let (by, within) = (lexicon.role(by), time::within(*within));
            both!(
                "扣{least}至{most}，由{by}{within}决定",
                "is charged {least} to {most}, as {by} decides {within}",
                least,
                most,
                by,
                within
            )
        }
        Sum::None => Text::new("不扣钱，记录在案", "is not charged; it is put on record"),
    };
    let sum = said.part("sum", sum);
    said.lead = begun(both!(
        "{offence}，{who}{sum}",
        "{offence}, {who} {sum}",
        offence,
        who,
        sum
    ));
    if let Offence::Violation { times: Some(field), .. } = &penalty.offence {
        let field = lexicon.word(field);
        said.say(
            "count",
            both!("金额乘以{field}", "The sum is multiplied by {field}", field),
        );
    }
    if !penalty.joint.is_empty() {
        let joint = penalty.joint.iter().map(|joint| {
            let (role, sum) = (lexicon.role(&joint.role), time::money(joint.amount_fen));
            both!("{role}扣{sum}", "{role} {sum}", role, sum)
        });
        let joint = join(&joint.collect::<Vec<_>>(), "，", ", ");
        said.say("joint", both!("同时，{joint}", "Charged beside: {joint}", joint));
    }
    for told in procedure.thresholds.iter().filter(|t| t.id == penalty.id) {
        let to = lexicon.roles(&told.to);
        said.say("to", both!("并告知{to}", "{to} is told", to));
    }
    said.assume(penalty.assume.as_ref());
    said
}
