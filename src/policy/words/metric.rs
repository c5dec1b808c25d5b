//! Figures that are only reported, in words.

use super::condition::condition;
use super::lexicon::Lexicon;
use super::slot::Said;
use super::text::{begun, both, is_empty, join, one_of};
use super::time;
use crate::domain::fraction::Fraction;
use crate::policy::finding::Text;
use crate::policy::model::{Amount, Id, Measure, Metric};

/// A metric in sentences.
pub(super) fn said(metric: &Metric, lexicon: &Lexicon<'_>) -> Said {
    let mut said = Said::new("metric", &metric.id, &metric.title, &metric.clauses);
    let per = said.part("per", time::each(metric.per));
    let what = said.part("measure", measure(&metric.measure, lexicon));
    said.lead = begun(both!("{per}统计{what}", "{per}, this is reported: {what}", per, what));
    let when = condition(&metric.when, lexicon);
    if !is_empty(&when) {
        said.say(
            "condition",
            both!("只计{when}的", "Only those count whose {when}", when),
        );
    }
    if !metric.by.is_empty() {
        let by = metric.by.iter().map(|by| match &**by {
            "person" => Text::new("人", "person"),
            by => lexicon.word(by),
        });
        let by = join(&by.collect::<Vec<_>>(), "、", ", ");
        said.say("by", both!("按{by}分别计", "It is told apart by {by}", by));
    }
    if let Some(line) = metric.line_of_improvement() {
        said.say("line", below(line));
    }
    said.assume(metric.assume.as_ref());
    said
}

fn below(line: Fraction) -> Text {
    both!(
        "低于{line}的，列入改进",
        "What is below {line} is listed for improvement",
        line
    )
}

fn measure(measure: &Measure, lexicon: &Lexicon<'_>) -> Text {
    match measure {
        Measure::Duties(rules) => {
            let rules = lexicon.all_rules(rules);
            both!("{rules}的按期办结情况", "how {rules} were met", rules)
        }
        Measure::Count(events) => {
            let events = lexicon.events(events);
            both!("{events}的次数", "how many of {events} there were", events)
        }
        Measure::Share(share) => {
            let of = lexicon.events(&share.of);
            let fields = lexicon.fields(&share.fields);
            let counts = one_of(&share.counts_as.iter().map(|v| lexicon.value(v)).collect::<Vec<_>>());
            both!(
                "{of}里{fields}答{counts}的比例",
                "the share of {counts} among the answers to {fields} in {of}",
                of,
                fields,
                counts
            )
        }
        Measure::Score(score) => {
            let of = lexicon.events(&score.of);
            let weights = score.weights.iter().map(|(field, weight)| {
                let field = lexicon.word(field);
                both!("{field}占{weight}", "{field} {weight}", field, weight)
            });
            let weights = join(&weights.collect::<Vec<_>>(), "、", ", ");
            both!(
                "{of}的加权分：{weights}",
                "the weighted mean of {of}: {weights}",
                of,
                weights
            )
        }
        Measure::Points { earn, spend } => {
            let (earn, spend) = (moved(earn, lexicon), moved(spend, lexicon));
            both!(
                "积分：{earn}；支出：{spend}",
                "points: earned by {earn}; spent by {spend}",
                earn,
                spend
            )
        }
        Measure::Handled { opened, closed, .. } => {
            let (opened, closed) = (lexicon.events(opened), lexicon.events(closed));
            both!(
                "{opened}里已{closed}的比例",
                "the share of {opened} that reached {closed}",
                opened,
                closed
            )
        }
    }
}

fn moved(events: &[(Id, Amount)], lexicon: &Lexicon<'_>) -> Text {
    let each = events.iter().map(|(event, amount)| {
        let event = lexicon.events(std::slice::from_ref(event));
        match amount {
            Amount::Fixed(n) => both!("{event}{n}分", "{event} {n}", event, n),
            Amount::Field(field) => {
                let field = lexicon.word(field);
                both!("{event}按{field}", "{event} as {field} says", event, field)
            }
        }
    });
    join(&each.collect::<Vec<_>>(), "、", ", ")
}
