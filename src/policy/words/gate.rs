//! What must be so before an event is taken, in words.

use super::condition::{condition, provided};
use super::lexicon::Lexicon;
use super::slot::Said;
use super::text::{both, is_empty, join};
use crate::policy::finding::Text;
use crate::policy::model::{Gate, GateSide, Need, NeedTest, Operand, Procedure};

/// A gate or an approval in sentences; none for the second half of an approval, which stands with the first.
pub(super) fn said(gate: &Gate, procedure: &Procedure, lexicon: &Lexicon<'_>) -> Option<Said> {
    let family = match gate.side {
        GateSide::Gate => "gate",
        GateSide::Approved => "approval",
        GateSide::Approving => return None,
    };
    let mut said = Said::new(family, &gate.id, &gate.title, &gate.clauses);
    let on = said.part("trigger", lexicon.events(&gate.on));
    let when = said.part("condition", provided(&gate.when, lexicon));
    let start = match is_empty(&when) {
        true => both!("{on}之前", "Before {on}", on),
        false => both!("{on}之前，{when}", "Before {on}, {when}", on, when),
    };
    let approving = procedure.gates.iter();
    let approving = approving.filter(|g| g.side == GateSide::Approving && g.id == gate.id && family == "approval");
    let mut all: Vec<Text> = gate.needs.iter().map(|n| need(n, family == "gate", lexicon)).collect();
    for half in approving {
        let on = lexicon.events(&half.on);
        let needs = half.needs.iter().map(|n| need(n, false, lexicon));
        all.extend(needs.map(|need| both!("{on}：{need}", "of {on}, {need}", on, need)));
    }
    let numbered = |all: &[Text]| {
        let each = all.iter().enumerate().map(|(at, text)| {
            let n = at.saturating_add(1);
            both!("（{n}）{text}", "({n}) {text}", n, text)
        });
        join(&each.collect::<Vec<_>>(), "；", "; ")
    };
    let all = said.part(
        "need",
        if all.len() == 1 {
            join(&all, "", "")
        } else {
            numbered(&all)
        },
    );
    said.lead = both!(
        "{start}，须符合下列要求，否则不予受理：{all}",
        "{start}, this must be so, else it is refused: {all}",
        start,
        all
    );
    said.assume(gate.assume.as_ref());
    Some(said)
}

fn need(need: &Need, titled: bool, lexicon: &Lexicon<'_>) -> Text {
    let test = test(&need.test, lexicon);
    let only_if = provided(&need.only_if, lexicon);
    let title = &need.title;
    let text = match titled {
        true => both!("{title}（{test}）", "{title} ({test})", title, test),
        false => test,
    };
    match is_empty(&only_if) {
        true => text,
        false => both!("{only_if}，{text}", "{only_if}: {text}", only_if, text),
    }
}

fn operand(operand: &Operand, lexicon: &Lexicon<'_>) -> Text {
    match operand {
        Operand::Actor => lexicon.word("actor"),
        Operand::OfCase(field) => {
            let field = lexicon.word(field);
            both!("案件原来的{field}", "the case's {field}", field)
        }
        Operand::OfEvent(field) => {
            let field = lexicon.word(field);
            both!("本次的{field}", "this event's {field}", field)
        }
        Operand::Either(field) => lexicon.word(field),
    }
}

fn test(test: &NeedTest, lexicon: &Lexicon<'_>) -> Text {
    match test {
        NeedTest::That(that) => condition(that, lexicon),
        NeedTest::Happened(events) => {
            let events = lexicon.all_events(events);
            both!("已有{events}", "{events} has happened", events)
        }
        NeedTest::Done(rules) => {
            let rules = lexicon.rules(rules);
            both!("没有还欠着的{rules}", "no {rules} is still owed", rules)
        }
        NeedTest::Differ(a, b) => {
            let (a, b) = (operand(a, lexicon), operand(b, lexicon));
            both!("{a}和{b}都写明而且不同", "{a} and {b} are filled in and differ", a, b)
        }
        NeedTest::Same(a, b) => {
            let (a, b) = (operand(a, lexicon), operand(b, lexicon));
            both!("{a}和{b}都写明而且相同", "{a} and {b} are filled in and agree", a, b)
        }
        NeedTest::Distinct { field, at_least } => {
            let field = lexicon.word(field);
            both!(
                "{field}至少有{at_least}个不同的",
                "{field} has at least {at_least} different members",
                field,
                at_least
            )
        }
        NeedTest::ActorRole(roles) => {
            let roles = lexicon.roles(roles);
            both!("由{roles}办理", "{roles} does it", roles)
        }
        NeedTest::NotActor(events) => {
            let events = lexicon.events(events);
            both!(
                "经办人没有办过{events}",
                "whoever reports it did not do {events}",
                events
            )
        }
        NeedTest::Unique(fields) => {
            let fields = lexicon.fields(fields);
            both!(
                "没有别的案件{fields}相同",
                "no other case has the same {fields}",
                fields
            )
        }
        NeedTest::ByRole {
            events,
            roles,
            not_by,
            since,
        } => {
            let (events, roles) = (lexicon.events(events), lexicon.roles(roles));
            let mut all = both!("{roles}已办{events}", "{roles} has done {events}", roles, events);
            if !not_by.is_empty() {
                let not_by = lexicon.events(not_by);
                all = both!(
                    "{all}，而且没有办过{not_by}",
                    "{all}, not having done {not_by}",
                    all,
                    not_by
                );
            }
            if !since.is_empty() {
                let since = lexicon.events(since);
                all = both!(
                    "{all}，而且在最近一次{since}之后",
                    "{all}, after the last {since}",
                    all,
                    since
                );
            }
            all
        }
        NeedTest::Balance { metric, field } => {
            let (metric, field) = (lexicon.rule(metric), lexicon.word(field));
            both!(
                "{metric}的余额不少于{field}",
                "the balance of {metric} is at least {field}",
                metric,
                field
            )
        }
        NeedTest::Rank {
            operand: who,
            role,
            at_least,
        } => {
            let (who, role) = (operand(who, lexicon), lexicon.role(role));
            both!(
                "{who}的级别不低于{role}（{at_least}级）",
                "{who} ranks no lower than {role} (rank {at_least})",
                who,
                role,
                at_least
            )
        }
    }
}
