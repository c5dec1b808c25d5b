//! Procedures: their heads, their clauses, and their rules put together.

use super::access;
use super::approval;
use super::calendar::Calendars;
use super::codes;
use super::consent;
use super::decision;
use super::duty::{self, Around};
use super::edition::Edition;
use super::escalation;
use super::gate;
use super::hours;
use super::metric;
use super::model::{
    Clause, Consent, Dated, Draw, Gate, Head, Hours, Id, Offence, Penalty, Procedure, Rate, Record, Transition, Trigger,
};
use super::names::Names;
use super::node::{Node, Word};
use super::penalty::{self, Priced};
use super::rate;
use super::sample;
use super::source::{File, say};
use super::table::Table;
use super::threshold;
use chrono::NaiveDate;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A procedure file as far as it was read.
pub(super) struct Draft<'a> {
    /// The file.
    pub file: &'a File<'a>,
    /// Its number.
    pub number: usize,
    dated: Option<NaiveDate>,
    meaning: Id,
    cited: &'a [Word<'a>],
    /// Its id and title, and who may waive and extend.
    pub head: Option<Arc<Head>>,
    clauses: Vec<Clause>,
    words: BTreeMap<Id, Id>,
    params: &'a [Dated],
    /// Its tables by family, each in the order of the file.
    pub families: HashMap<&'static str, Vec<(Word<'a>, Node<'a>)>>,
    rates: Vec<Arc<Rate>>,
    hours: Vec<Arc<Hours>>,
    consents: Vec<Arc<Consent>>,
    penalties: Vec<(Arc<Penalty>, Option<Id>)>,
}

/// The families of rules whose ids must differ from each other.
pub(super) const RULES: [&str; 17] = [
    "deadline",
    "recurring",
    "reminder",
    "occasion",
    "threshold",
    "gate",
    "approval",
    "escalation",
    "rate",
    "penalty",
    "sample",
    "metric",
    "guidance",
    "hours",
    "consent",
    "notice",
    "access",
];

/// Takes a file apart. The clauses become known to `names`.
pub(super) fn open<'a>(
    file: &'a File<'a>,
    edition: &'a Edition<'a>,
    names: &mut Names<'a>,
) -> (Draft<'a>, Option<Node<'a>>) {
    let number = edition.number;
    let mut root = Table::new(file.start(), &edition.root);
    let head = root.need("procedure");
    let mut clauses = Vec::new();
    let mut words = Vec::new();
    for (name, node) in root.family("clause") {
        words.push(name);
        let Some(mut table) = Table::rule(name, node) else {
            continue;
        };
        let manual = table.text("manual").map(|reason| reason.id());
        if manual.is_some() {
            names.explained.push((number, name.text));
        }
        if let Some(text) = table.title("text") {
            clauses.push(Clause {
                id: names.id(name.text),
                text: text.id(),
                manual,
            });
        }
        table.finish();
    }
    if let Some(slot) = names.clauses.get_mut(number) {
        *slot = words;
    }
    let called = root.take("words").map(|node| node.entries()).unwrap_or_default();
    let called = called
        .into_iter()
        .filter_map(|(id, node)| Some((names.id(id.text), node.text()?.id())));
    let called = called.collect();
    let mut families = HashMap::new();
    for family in ["role", "case", "record"].into_iter().chain(RULES) {
        families.insert(family, root.family(family));
    }
    root.finish();
    (
        Draft {
            file,
            number,
            dated: edition.dated,
            meaning: super::meaning::of(&edition.root),
            cited: &edition.cited,
            head: None,
            clauses,
            words: called,
            params: &edition.params,
            families,
            rates: Vec::new(),
            hours: Vec::new(),
            consents: Vec::new(),
            penalties: Vec::new(),
        },
        head,
    )
}

impl<'a> Draft<'a> {
    /// The tables of a family.
    pub fn family(&self, family: &'static str) -> Vec<(Word<'a>, Node<'a>)> {
        self.families.get(family).cloned().unwrap_or_default()
    }

    /// The same, each with the number of the file.
    pub fn numbered(&self, family: &'static str) -> impl Iterator<Item = (usize, Word<'a>, Node<'a>)> {
        let number = self.number;
        let tables = self.family(family).into_iter();
        tables.map(move |(name, node)| (number, name, node))
    }

    /// Reads the head, once the roles are known.
    pub fn read_head(&mut self, node: Option<Node<'a>>, company: Option<&str>, names: &Names<'a>) {
        let Some(mut table) = node.and_then(|node| node.table()) else {
            return;
        };
        let id = table.title("id");
        let title = table.title("title");
        let document = table.text("document");
        let effective = table.need("effective").and_then(|node| node.date());
        let mut allowed = |key| -> Vec<Id> { table.texts(key).iter().filter_map(|word| names.role(word)).collect() };
        let (waive_by, extend_by) = (allowed("waive_by"), allowed("extend_by"));
        let transition = table.take("transition").and_then(|node| {
            node.one_of(&[
                ("keep", Transition::Keep),
                ("new_occurrences", Transition::NewOccurrences),
                ("rebase", Transition::Rebase),
            ])
        });
        table.finish();
        if let (Some(id), Some(company)) = (&id, company)
            && id
                .text
                .split_once('/')
                .is_none_or(|(first, name)| first != company || name.is_empty())
        {
            let (written, stem) = (id.text, super::compile::stem(&self.file.name));
            id.at.find(
                codes::ID_MISMATCH,
                say!(
                    "规程编号“{written}”不是以“{company}/”开头",
                    "the procedure id `{written}` does not begin with `{company}/`"
                ),
                say!("写 id = \"{company}/{stem}\"", "write id = \"{company}/{stem}\""),
            );
        }
        let mut breaches = names.breached_in(self.number);
        let priced = self.family("penalty");
        breaches.extend(penalty::waited_for(&priced).into_iter().map(|rule| names.id(rule)));
        // Without a head nothing can be built, and what is missing was reported; the rules are still read for their own faults.
        let text = |word: Option<Word<'_>>| word.map_or_else(|| Id::from(""), |word| word.id());
        self.head = Some(Arc::new(Head {
            id: text(id),
            title: text(title),
            document: document.map(|word| word.id()),
            effective: self.dated.or(effective).unwrap_or_default(),
            edition: match self.dated {
                None => super::compile::sha256([self.file.text]),
                Some(from) => super::compile::sha256([self.file.text, &from.to_string()]),
            },
            meaning: self.meaning.clone(),
            waive_by,
            extend_by,
            breaches,
            transition: transition.unwrap_or_default(),
        }));
    }

    /// Reads the rates, which say from which duties is drawn.
    pub fn read_rates(&mut self, names: &Names<'a>, draws: &mut HashMap<Id, Draw>) {
        let Some(head) = self.head.clone() else { return };
        for (name, node) in self.family("rate") {
            self.rates
                .extend(rate::lower(name, node, self.number, &head, names, draws).map(Arc::new));
        }
    }

    /// Reads the named hours, which rules name in place of a calendar.
    pub fn read_hours(&mut self, names: &Names<'a>, calendars: &mut Calendars<'a>) {
        let Some(head) = self.head.clone() else { return };
        for (name, node) in self.family("hours") {
            self.hours
                .extend(hours::lower(name, node, self.number, &head, names, calendars));
        }
    }

    /// Reads what wishes limit, by the rules that they limit.
    pub fn read_consents(&mut self, names: &Names<'a>, limits: &mut HashMap<Id, Vec<Arc<Consent>>>) {
        let Some(head) = self.head.clone() else { return };
        for (name, node) in self.family("consent") {
            self.consents
                .extend(consent::lower(name, node, self.number, &head, names, limits));
        }
    }

    /// Reads the penalties, which say what a breach of which duties costs.
    pub fn read_penalties(&mut self, names: &Names<'a>, priced: &mut Priced) {
        let Some(head) = self.head.clone() else { return };
        for (name, node) in self.family("penalty") {
            let Some((penalty, to)) = penalty::lower(name, node, self.number, &head, names) else {
                continue;
            };
            let penalty = Arc::new(penalty);
            if let Offence::Breach(of) = &penalty.offence {
                for rule in of {
                    priced.entry(rule.clone()).or_default().push(Arc::clone(&penalty));
                }
            }
            self.penalties.push((penalty, to));
        }
    }

    /// Reads everything else, and puts it together.
    pub fn finish(self, around: &Around<'_, 'a>, records: &[(usize, Arc<Record>)]) -> Option<Procedure> {
        let names = around.names;
        names.clauses_of(self.number, self.cited);
        let head = self.head.clone()?;
        let duties = names.duties.iter().filter(|duty| duty.file == self.number);
        let mut samples = Vec::new();
        let duties: Vec<_> = duties
            .filter_map(|decl| {
                let duty = Arc::new(duty::lower(decl, &head, around)?);
                if decl.sampled {
                    samples.push(Arc::new(sample::cases(decl, &duty, names)?));
                }
                Some(duty)
            })
            .chain(
                self.rates
                    .iter()
                    .filter_map(|rate| decision::duty(rate, rate.decide_within?, around.calendars.company()?))
                    .map(Arc::new),
            )
            .chain(
                self.penalties
                    .iter()
                    .filter_map(|(penalty, _)| penalty::decision(penalty, around.calendars.company()?))
                    .map(Arc::new),
            )
            .collect();
        let of_members = names.samples.iter().filter(|sample| sample.file == self.number);
        samples.extend(of_members.filter_map(|decl| sample::members(decl, &head, names).map(Arc::new)));
        samples.sort_by_key(|sample| sample.line);
        let told = self.penalties.iter();
        let told = told.filter_map(|(penalty, to)| penalty::telling(penalty, to.clone()?));
        let thresholds = self.family("threshold").into_iter();
        let thresholds: Vec<_> = thresholds
            .filter_map(|(name, node)| threshold::lower(name, node, self.number, &head, names))
            .chain(told)
            .map(Arc::new)
            .collect();
        let escalations = self.family("escalation").into_iter();
        let escalations =
            escalations.filter_map(|(name, node)| escalation::lower(name, node, self.number, &head, names));
        let thresholds: Vec<_> = thresholds.into_iter().chain(escalations.map(Arc::new)).collect();
        let mut gates: Vec<Arc<Gate>> = Vec::new();
        for (name, node) in self.family("gate") {
            gates.extend(gate::lower(name, node, self.number, &head, names).map(Arc::new));
        }
        for (name, node) in self.family("approval") {
            let both = approval::lower(name, node, self.number, &head, names);
            gates.extend(both.into_iter().flatten().map(Arc::new));
        }
        let metrics = self.family("metric").into_iter();
        let metrics = metrics
            .filter_map(|(name, node)| metric::lower(name, node, self.number, &head, names))
            .map(Arc::new);
        let metrics = metrics.collect();
        let access = self.family("access").into_iter();
        let access = access.filter_map(|(name, node)| access::lower(name, node, self.number, names).map(Arc::new));
        let access = access.collect();
        let records = records
            .iter()
            .filter(|(file, _)| *file == self.number)
            .map(|(_, record)| Arc::clone(record));
        let mut procedure = Procedure {
            head,
            file: Arc::clone(&self.file.name),
            text: Id::from(self.file.text),
            adoption: self.file.adoption.clone(),
            words: self.words,
            params: self.params.to_vec(),
            clauses: self.clauses,
            duties,
            thresholds,
            gates,
            rates: self.rates,
            penalties: self.penalties.into_iter().map(|(penalty, _)| penalty).collect(),
            records: records.collect(),
            computed: Vec::new(),
            metrics,
            guidance: around.guide.of_file(self.number),
            hours: self.hours,
            consents: self.consents,
            notices: around.notices.of_file(self.number),
            samples,
            access,
            by_event: HashMap::new(),
            by_opened: HashMap::new(),
            by_fulfilled: HashMap::new(),
            by_breached: HashMap::new(),
            by_occasion: HashMap::new(),
            by_counted: HashMap::new(),
            by_gated: HashMap::new(),
            by_sampled: HashMap::new(),
        };
        index(&mut procedure);
        Some(procedure)
    }
}

fn index(procedure: &mut Procedure) {
    for duty in &procedure.duties {
        let (map, keys) = match &duty.on {
            Trigger::Events(events) => (&mut procedure.by_event, events),
            Trigger::Occasion(events) => (&mut procedure.by_occasion, events),
            // Only its sample brings it into being.
            Trigger::Sampled(_) => continue,
            Trigger::Opened(rules) => (&mut procedure.by_opened, rules),
            Trigger::Fulfilled(rules) => (&mut procedure.by_fulfilled, rules),
            Trigger::Breached(rules) => (&mut procedure.by_breached, rules),
        };
        for key in keys {
            map.entry(key.clone()).or_default().push(Arc::clone(duty));
        }
    }
    for sample in &procedure.samples {
        for event in &sample.on {
            procedure
                .by_sampled
                .entry(event.clone())
                .or_default()
                .push(Arc::clone(sample));
        }
    }
    for threshold in &procedure.thresholds {
        for event in &threshold.on {
            procedure
                .by_counted
                .entry(event.clone())
                .or_default()
                .push(Arc::clone(threshold));
        }
    }
    for gate in &procedure.gates {
        for event in &gate.on {
            let gates = procedure.by_gated.entry(event.clone()).or_default();
            gates.push(Arc::clone(gate));
        }
    }
}
