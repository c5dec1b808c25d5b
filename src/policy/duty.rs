//! Duties: deadlines and recurring ones, read whole.

use super::bearer;
use super::calendar::Calendars;
use super::chain::Chain;
use super::codes;
use super::condition;
use super::fields;
use super::guidance::Guide;
use super::model::{
    CaseShare, Consent, Count, Course, Done, Draw, Duty, FieldType, Head, Id, Limit, Many, Record, Texts, Timing,
};
use super::names::Names;
use super::node::{Node, Word};
use super::notice::Notices;
use super::occasion;
use super::penalty::Priced;
use super::rhythm;
use super::sample;
use super::source::say;
use super::table::Table;
use super::terms;
use super::timing;
use super::trigger::{DutyDecl, kind_of};
use super::window;
use crate::domain::calendar::Calendar;
use crate::domain::term::{End, Term};
use chrono::NaiveDate;
use std::collections::HashMap;
use std::sync::Arc;

/// What every rule says of itself.
pub(super) struct Common {
    /// Its name for people.
    pub title: Option<Id>,
    /// The clauses it carries out.
    pub clauses: Vec<Id>,
    /// What the author decided.
    pub assume: Option<Id>,
}

/// Reads title, clauses and assumption of a rule.
pub(super) fn common<'a>(table: &mut Table<'a>, file: usize, names: &Names<'a>) -> Common {
    let title = table.title("title").map(|word| word.id());
    let cited = table.need("clause").map(|node| node.texts()).unwrap_or_default();
    Common {
        title,
        clauses: names.clauses_of(file, &cited),
        assume: table.text("assume").map(|word| word.id()),
    }
}

/// What duties are read with.
pub(super) struct Around<'n, 'a> {
    /// All names.
    pub names: &'n Names<'a>,
    /// The calendars.
    pub calendars: &'n Calendars<'a>,
    /// The records, read whole.
    pub records: &'n HashMap<Id, Arc<Record>>,
    /// The checklists and hints.
    pub guide: &'n Guide,
    /// The texts that go out.
    pub notices: &'n Notices,
    /// What breaches cost.
    pub priced: &'n Priced,
    /// Which rules are drawn from.
    pub draws: &'n HashMap<Id, Draw>,
    /// What wishes limit, by the rule that they limit.
    pub limits: &'n HashMap<Id, Vec<Arc<Consent>>>,
}

/// Reads a duty whole.
pub(super) fn lower<'a>(decl: &DutyDecl<'a>, head: &Arc<Head>, around: &Around<'_, 'a>) -> Option<Duty> {
    let names = around.names;
    let mut table = Table::rule(decl.name, decl.node)?;
    let common = common(&mut table, decl.file, names);
    if decl.sampled {
        table.take("of");
        for key in sample::OWN_KEYS {
            table.take(key);
        }
    } else if let Some(on) = table.take("on").filter(|_| decl.reminder && decl.has_parent()) {
        on.wrong_type("事件：提醒由事件开始", "an event: reminders begin with one");
    }
    table.take("done");
    let origins = decl.views(names);
    let audience = occasion::audience(&mut table, decl, names);
    let when = table
        .take("when")
        .map(|node| condition::read(&node, &origins, names))
        .unwrap_or_default();
    let from = if decl.sampled { None } else { table.text("from") };
    let from = from.and_then(|word| event_here(decl, &word, names));
    check_done(decl, &mut table, names);
    let performed = names.views(&decl.done_here(names));
    let done_when = table
        .take("done_when")
        .map(|node| condition::read(&node, &performed, names))
        .unwrap_or_default();

    let cases = names.case_views(&decl.kinds(names));
    let calendar = around.calendars.chosen(&mut table);
    let prefer = around.calendars.preferred(&mut table);
    let until = |table: &mut Table<'a>| {
        let words = table.texts("until");
        words.iter().filter_map(|word| event_here(decl, word, names)).collect()
    };
    let timing = if decl.recurring {
        let until = until(&mut table);
        rhythm::recurring(&mut table, until, (&origins, &cases), names, calendar.as_deref())
    } else if decl.reminder {
        let until = until(&mut table);
        timing::reminder(&mut table, &cases, until, names)
    } else if decl.sampled {
        timing::after_period(&mut table)
    } else {
        // The dates of an occasion may stand in its event.
        let dated = if decl.occasion { &origins } else { &cases };
        let timing = timing::deadline(&mut table, &origins, dated, names);
        if let Some((Timing::Same, node)) = &timing
            && !decl.has_parent()
        {
            bearer::without_parent(node, "within");
        }
        timing
    };
    // What recurs is due through its day.
    let end_node = if decl.recurring { None } else { table.take("end") };
    let end = end_node.and_then(|node| terms::end(&node)).unwrap_or_default();
    let shift = if decl.recurring {
        None
    } else {
        table.take("shift").and_then(|node| terms::shift(&node))
    };
    let shift = shift.unwrap_or_default();
    let count = if decl.recurring || decl.reminder || decl.sampled {
        None
    } else {
        table.take("count")
    };
    let count = count.and_then(|node| count_of(&node, decl, &origins, &performed, names));
    let bearers = table
        .need("bearer")
        .and_then(|node| bearer::read(&node, decl, &origins, names));
    let escalate = table
        .take("escalate")
        .map(|node| bearer::escalate(&node, decl, (bearers.as_ref(), calendar.as_deref()), names));
    let early = table
        .take("early")
        .and_then(|node| node.one_of(&[("reject", false), ("accept", true)]));
    let max_backdate = table.take("max_backdate").and_then(|node| terms::term(&node));
    let pauses_for = table
        .texts("pause")
        .iter()
        .filter_map(|word| reason(decl, word, names))
        .collect();
    let texts = Texts {
        guidance: around.guide.shown(decl.name.text, &table.texts("checklist")),
        notice: around.notices.of_duty(&decl.name, table.text("notice")),
    };
    table.finish();

    if let (Some((timing, node)), Some(calendar)) = (&timing, &calendar) {
        check_hours(timing, node, end_node.as_ref(), end, calendar);
        if let Timing::Window { after, within, edge } = timing {
            window::check(
                node,
                (*after, *within, *edge),
                (end, shift),
                calendar,
                around.calendars.zone,
            );
        }
    }
    let id = names.id(decl.name.text);
    let consents = around.limits.get(&id).cloned().unwrap_or_default();
    if let Some((timing, node)) = &timing {
        check_stretch(timing, node, &consents);
    }
    let record = |event: &Id| {
        names
            .event(event)?
            .1
            .record
            .and_then(|record| around.records.get(record.text))
            .cloned()
    };
    let done = decl
        .done
        .iter()
        .map(|event| Done {
            event: event.clone(),
            record: record(event),
        })
        .collect();
    Some(Duty {
        title: common.title?,
        clauses: common.clauses,
        head: Arc::clone(head),
        line: decl.name.at.line(),
        assume: common.assume,
        on: decl.trigger(names)?,
        audience,
        when,
        from,
        timing: timing?.0,
        end,
        shift,
        calendar: calendar?,
        done,
        done_when,
        count,
        bearers: bearers?,
        escalate: escalate.unwrap_or_default(),
        penalties: around.priced.get(&id).cloned().unwrap_or_default(),
        draw: around.draws.get(&id).cloned(),
        early_accepted: early.unwrap_or(false),
        pauses_for,
        max_backdate,
        id,
        texts,
        prefer,
        consents,
    })
}

/// An event that must be able to happen to the duty's cases.
fn event_here<'a>(decl: &DutyDecl<'a>, word: &Word<'_>, names: &Names<'a>) -> Option<Id> {
    let kinds = decl.kinds(names);
    let events = names.events(decl.file, word);
    let here: Vec<&Id> = events.iter().filter(|event| kinds.contains(kind_of(event))).collect();
    if !events.is_empty() && !kinds.is_empty() && here.is_empty() {
        elsewhere(word, &kinds.into_iter().collect::<Vec<_>>());
    }
    here.first().or(events.first().as_ref()).map(|event| Id::clone(event))
}

fn elsewhere(word: &Word<'_>, kinds: &[String]) {
    let (event, kinds) = (word.text, kinds.join("、"));
    word.at.find(
        codes::EVENT_OF_OTHER_KIND,
        say!(
            "“{event}”不会发生在这条规则的案件（{kinds}）上",
            "`{event}` does not happen to this rule's cases ({kinds})"
        ),
        say!(
            "写同一类案件的事件：{kinds}.…",
            "name an event of the same kind of case: {kinds}.…"
        ),
    );
}

fn check_done<'a>(decl: &DutyDecl<'a>, table: &mut Table<'a>, names: &Names<'a>) {
    let kinds = decl.kinds(names);
    if kinds.is_empty() {
        return;
    }
    for word in table.take("done").map(|node| done_words(&node)).unwrap_or_default() {
        let events = names.events(decl.file, &word);
        if !events.is_empty() && !events.iter().any(|event| kinds.contains(kind_of(event))) {
            elsewhere(&word, &kinds.iter().cloned().collect::<Vec<_>>());
        }
    }
}

/// The texts of `done` without reporting again what its declaration reported.
fn done_words<'a>(node: &Node<'a>) -> Vec<Word<'a>> {
    match node.as_text() {
        Some(word) => vec![word],
        None if node.value.is_array() => node.list().iter().filter_map(Node::as_text).collect(),
        None => Vec::new(),
    }
}

fn count_of<'a>(
    node: &Node<'a>,
    decl: &DutyDecl<'a>,
    origins: &[fields::View<'_>],
    performed: &[fields::View<'_>],
    names: &Names<'a>,
) -> Option<Count> {
    let mut table = node.table()?;
    if let Some(word) = table.text("of_sample") {
        let found = sample::counted(&word, &decl.kinds(names), names);
        let distinct = table.title("distinct");
        let clause = table.text("clause").and_then(|word| names.clause(decl.file, &word));
        table.finish();
        fields::everywhere(performed, &distinct?);
        return Some(Count {
            many: Many::Drawn {
                sample: names.id(word.text),
                of: found?.field.clone(),
            },
            distinct: distinct.map(|word| names.id(word.text)),
            clause,
        });
    }
    let many = table.exactly_one(&["share", "number"]);
    let of = match &many {
        Some(node) if node.name == "share" => table.title("of"),
        _ => None,
    };
    let distinct = table.text("distinct");
    let clause = table.text("clause").and_then(|word| names.clause(decl.file, &word));
    table.finish();
    if let Some(word) = &of {
        let types = fields::everywhere(origins, word);
        if types
            .iter()
            .any(|known| !matches!(known, FieldType::Members | FieldType::Number | FieldType::List))
        {
            let name = word.text;
            word.at.find(
                codes::WRONG_TYPE,
                say!(
                    "字段“{name}”不是人数或名单",
                    "the field `{name}` is neither a number nor a list of members"
                ),
                say!(
                    "在 data 里写 {name} = \"members\"",
                    "declare {name} = \"members\" in data"
                ),
            );
        }
    }
    if let Some(word) = &distinct {
        fields::everywhere(performed, word);
    }
    let many = many?;
    let many = match (many.name, of) {
        ("number", _) => Many::Number(many.positive()?),
        (_, Some(of)) => Many::Share {
            shares: shares(&many, decl, names)?,
            of: names.id(of.text),
        },
        _ => return None,
    };
    Some(Count {
        many,
        distinct: distinct.map(|word| names.id(word.text)),
        clause,
    })
}

/// One share, or `[{ when = { … }, share = "15%" }, { share = "30%" }]`.
fn shares<'a>(node: &Node<'a>, decl: &DutyDecl<'a>, names: &Names<'a>) -> Option<Vec<CaseShare>> {
    if !node.value.is_array() {
        let share = terms::share(node)?;
        let when = Default::default();
        return Some(vec![CaseShare { when, share }]);
    }
    let cases = names.case_views(&decl.kinds(names));
    let mut chain = Chain::default();
    let items = node.list();
    let mut entries = Vec::new();
    for item in &items {
        let Some(mut table) = item.table() else { continue };
        let when_node = table.take("when");
        let when = when_node
            .map(|node| condition::read(&node, &cases, names))
            .unwrap_or_default();
        let share = table.need("share").and_then(|node| terms::share(&node));
        table.finish();
        chain.entry(item, &when, when_node.is_some());
        entries.extend(share.map(|share| CaseShare { when, share }));
    }
    chain.close(node);
    (entries.len() == items.len() && !entries.is_empty()).then_some(entries)
}

/// A reason for which some case of the duty can be paused.
fn reason<'a>(decl: &DutyDecl<'a>, word: &Word<'_>, names: &Names<'a>) -> Option<Id> {
    let kinds = decl.kinds(names);
    let known: Vec<&str> = names
        .kinds
        .iter()
        .filter(|kind| kinds.contains(kind.name.text))
        .flat_map(|kind| &kind.events)
        .filter_map(|event| match &event.course {
            Course::Pause(reason) => Some(reason.as_ref()),
            _ => None,
        })
        .collect();
    if known.contains(&word.text) {
        return Some(names.id(word.text));
    }
    if !kinds.is_empty() {
        super::nearest::unknown(
            codes::UNKNOWN_REASON,
            word,
            ("暂停原因", "reason of pause"),
            known.into_iter(),
        );
    }
    None
}

/// Only intervals can be stretched.
fn check_stretch(timing: &Timing, node: &Node<'_>, consents: &[Arc<Consent>]) {
    let stretched = consents
        .iter()
        .find(|consent| matches!(consent.limit, Limit::Stretch(_)));
    let Timing::Recurring { rhythm, .. } = timing else {
        return;
    };
    if let Some(consent) = stretched.filter(|_| !rhythm.paces.iter().any(|pace| pace.beat.is_interval())) {
        let id = &consent.id;
        node.at.find(
            codes::CONFLICTING_KEYS,
            say!(
                "“{id}”要放长这条规则的间隔，而它是按日历的",
                "`{id}` stretches the interval of this rule, which follows the calendar"
            ),
            say!(
                "every 写成 {{ days = … }} 一类，或从 of 里去掉这条规则",
                "write `every` as {{ days = … }} or the like, or take the rule out of `of`"
            ),
        );
    }
}

/// Terms of open time and ends at closing need a calendar with hours.
fn check_hours(timing: &Timing, node: &Node<'_>, end_node: Option<&Node<'_>>, end: End, calendar: &Calendar) {
    let open_time = |term: &Term| matches!(term, Term::OpenMinutes(_));
    let by_term = match timing {
        Timing::Within(term) => open_time(term),
        Timing::ByCase(entries) => entries.iter().any(|entry| open_time(&entry.term)),
        Timing::Window { after, within, .. } => open_time(after) || open_time(within),
        _ => false,
    };
    let place = if by_term {
        Some(node)
    } else {
        end_node.filter(|_| end == End::Close)
    };
    if let Some(place) = place {
        needs_hours(place, calendar);
    }
}

/// Reports a value that needs open time where the calendar has none.
pub(super) fn needs_hours(place: &Node<'_>, calendar: &Calendar) {
    if opens(calendar) {
        return;
    }
    let name = calendar.name();
    place.at.find(
        codes::CALENDAR_WITHOUT_HOURS,
        say!("日历“{name}”没有写工作时间", "the calendar `{name}` has no hours"),
        say!(
            "在日历或 [company] 里写 hours = [[\"09:00\", \"18:00\"]]",
            "write hours = [[\"09:00\", \"18:00\"]] in the calendar or under [company]"
        ),
    );
}

/// Whether the calendar has open time at all, on any day of two ordinary weeks.
fn opens(calendar: &Calendar) -> bool {
    let first = NaiveDate::from_ymd_opt(2024, 3, 4);
    first.is_some_and(|first| {
        first
            .iter_days()
            .take(14)
            .any(|day| !calendar.open_spans(day).is_empty())
    })
}
