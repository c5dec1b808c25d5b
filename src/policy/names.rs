//! What a folder declares, so that every reference can be resolved, and what of it is used.

use super::codes;
use super::fields::View;
use super::kind::{EventDecl, KindDecl};
use super::model::Id;
use super::nearest::{nearest, unknown};
use super::node::Word;
use super::record::RecordDecl;
use super::role::RoleDecl;
use super::sample::SampleDecl;
use super::source::say;
use super::trigger::{DutyDecl, On};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Everything that is declared.
#[derive(Default)]
pub(super) struct Names<'a> {
    /// The clauses of each procedure, by the number of its file.
    pub clauses: Vec<Vec<Word<'a>>>,
    /// Clauses that say why no rule carries them, by file.
    pub explained: Vec<(usize, &'a str)>,
    /// The roles.
    pub roles: Vec<RoleDecl<'a>>,
    /// The records.
    pub records: Vec<RecordDecl<'a>>,
    /// The kinds of case.
    pub kinds: Vec<KindDecl<'a>>,
    /// The duties: what triggers and performs each.
    pub duties: Vec<DutyDecl<'a>>,
    /// What the company says of itself, as texts may name it: `company.phone`.
    pub said: Vec<String>,
    /// The samples that draw members of a case.
    pub samples: Vec<SampleDecl<'a>>,
    /// The metrics of points.
    pub points: Vec<&'a str>,
    cited: RefCell<BTreeSet<(usize, &'a str)>>,
    used_roles: RefCell<BTreeSet<String>>,
    ids: RefCell<BTreeSet<Id>>,
}

impl<'a> Names<'a> {
    /// The shared text of an id.
    pub fn id(&self, text: &str) -> Id {
        let mut ids = self.ids.borrow_mut();
        if let Some(id) = ids.get(text) {
            return Arc::clone(id);
        }
        let id = Id::from(text);
        ids.insert(Arc::clone(&id));
        id
    }

    /// A role that is referred to.
    pub fn role(&self, word: &Word<'_>) -> Option<Id> {
        if !self.roles.iter().any(|role| role.name.text == word.text) {
            unknown(
                codes::UNKNOWN_ROLE,
                word,
                ("角色", "role"),
                self.roles.iter().map(|role| role.name.text),
            );
            // What was probably meant is not unused.
            if let Some(near) = nearest(word.text, self.roles.iter().map(|role| role.name.text)) {
                self.used_roles.borrow_mut().insert(near.to_owned());
            }
            return None;
        }
        self.used_roles.borrow_mut().insert(word.text.to_owned());
        Some(self.id(word.text))
    }

    /// Whether anything refers to the role.
    pub fn is_used(&self, role: &str) -> bool {
        self.used_roles.borrow().contains(role)
    }

    /// A clause that a rule of the file cites.
    pub fn clause(&self, file: usize, word: &Word<'a>) -> Option<Id> {
        let known = self.clauses.get(file).map(Vec::as_slice).unwrap_or_default();
        if !known.iter().any(|clause| clause.text == word.text) {
            unknown(
                codes::UNKNOWN_CLAUSE,
                word,
                ("条款", "clause"),
                known.iter().map(|clause| clause.text),
            );
            if let Some(near) = nearest(word.text, known.iter().map(|clause| clause.text)) {
                self.cited.borrow_mut().insert((file, near));
            }
            return None;
        }
        self.cited.borrow_mut().insert((file, word.text));
        Some(self.id(word.text))
    }

    /// The clauses that rules cite.
    pub fn clauses_of(&self, file: usize, words: &[Word<'a>]) -> Vec<Id> {
        words.iter().filter_map(|word| self.clause(file, word)).collect()
    }

    /// Takes over what another set of editions uses: what one of them uses is used.
    pub fn absorb(&self, other: &Names<'a>) {
        let cited = other.cited.borrow().clone();
        self.cited.borrow_mut().extend(cited);
        let used = other.used_roles.borrow().clone();
        self.used_roles.borrow_mut().extend(used);
    }

    /// Warns of clauses without a rule and of roles without a use.
    pub fn unused(&self) {
        for (file, clauses) in self.clauses.iter().enumerate() {
            for clause in clauses
                .iter()
                .filter(|clause| !self.cited.borrow().contains(&(file, clause.text)))
                .filter(|clause| !self.explained.contains(&(file, clause.text)))
            {
                let id = clause.text;
                clause.at.find(
                    codes::CLAUSE_WITHOUT_RULE,
                    say!("条款 {id} 没有规则引用", "no rule cites clause {id}"),
                    say!(
                        "写一条规则，clause = \"{id}\"；机器办不了的，写 manual = \"为什么\"",
                        "write a rule with clause = \"{id}\"; of what no machine can carry, say why: manual = \"…\""
                    ),
                );
            }
        }
        for role in self.roles.iter().filter(|role| !self.is_used(role.name.text)) {
            let id = role.name.text;
            role.name.at.find(
                codes::UNUSED_ROLE,
                say!("角色“{id}”没有规则用到", "no rule uses the role `{id}`"),
                say!("在规则里用上它，或删去", "use it in a rule, or remove it"),
            );
        }
    }

    /// A record that an event refers to.
    pub fn record(&self, id: &str) -> Option<&RecordDecl<'a>> {
        self.records.iter().find(|record| record.name.text == id)
    }

    /// The kind and the event of a whole event type.
    pub fn event(&self, id: &str) -> Option<(&KindDecl<'a>, &EventDecl<'a>)> {
        let (kind, event) = id.split_once('.')?;
        let kind = self.kinds.iter().find(|known| known.name.text == kind)?;
        Some((kind, kind.event(event)?))
    }

    /// The event types that a text names: one, or with `*.` those of every kind of the file that has the event.
    pub fn events(&self, file: usize, word: &Word<'_>) -> Vec<Id> {
        if self.event(word.text).is_some() {
            return vec![self.id(word.text)];
        }
        if let Some(event) = word.text.strip_prefix("*.") {
            let kinds = self
                .kinds
                .iter()
                .filter(|kind| kind.file == file && kind.event(event).is_some());
            let found: Vec<Id> = kinds
                .map(|kind| self.id(&format!("{}.{event}", kind.name.text)))
                .collect();
            if !found.is_empty() {
                return found;
            }
        }
        let wild = word.text.starts_with("*.");
        let known: BTreeSet<String> = self
            .kinds
            .iter()
            .filter(|kind| !wild || kind.file == file)
            .flat_map(|kind| {
                let kind_id = if wild { "*" } else { kind.name.text };
                kind.events
                    .iter()
                    .map(move |event| format!("{kind_id}.{}", event.name.text))
            })
            .collect();
        unknown(
            codes::UNKNOWN_EVENT,
            word,
            ("事件", "event"),
            known.iter().map(String::as_str),
        );
        Vec::new()
    }

    /// What can be looked at when one of these events happens.
    pub fn views(&self, events: &[Id]) -> Vec<View<'_>> {
        let view = |id: &Id| {
            let (kind, event) = self.event(id)?;
            let mut maps = vec![&kind.fields, &event.data];
            maps.extend(
                event
                    .record
                    .and_then(|record| self.record(record.text))
                    .map(|record| &record.fields),
            );
            Some(View {
                label: id.to_string(),
                maps,
            })
        };
        events.iter().filter_map(view).collect()
    }

    /// What can be looked at of cases of these kinds at any time.
    pub fn case_views(&self, kinds: &BTreeSet<String>) -> Vec<View<'_>> {
        let known = self.kinds.iter().filter(|kind| kinds.contains(kind.name.text));
        known
            .map(|kind| View {
                label: kind.name.text.to_owned(),
                maps: vec![&kind.fields],
            })
            .collect()
    }

    /// A kind of case that is referred to.
    pub fn kind(&self, word: &Word<'_>) -> Option<Id> {
        if self.kinds.iter().any(|kind| kind.name.text == word.text) {
            return Some(self.id(word.text));
        }
        let all = self.kinds.iter().map(|kind| kind.name.text);
        unknown(codes::UNKNOWN_KIND, word, ("案件", "kind of case"), all);
        None
    }

    /// The duty of that rule.
    pub fn duty(&self, rule: &str) -> Option<&DutyDecl<'a>> {
        self.duties.iter().find(|duty| duty.name.text == rule)
    }

    /// The rules whose breach duties of a file wait for.
    pub fn breached_in(&self, file: usize) -> Vec<Id> {
        let waiting = self.duties.iter().filter(|duty| duty.file == file);
        let rules = waiting.flat_map(|duty| match &duty.on {
            Some(On::Breached(rules)) => rules.as_slice(),
            _ => &[],
        });
        rules.map(|word| self.id(word.text)).collect()
    }

    /// Duties that are referred to.
    pub fn rules(&self, words: &[Word<'_>]) -> Vec<Id> {
        let known = |word: &&Word<'_>| {
            let known = self.duty(word.text).is_some();
            if !known {
                let all = self.duties.iter().map(|duty| duty.name.text);
                unknown(
                    codes::UNKNOWN_RULE,
                    word,
                    ("期限规则", "deadline or recurring rule"),
                    all,
                );
            }
            known
        };
        let mut ids: Vec<Id> = Vec::new();
        for word in words.iter().filter(known) {
            let id = self.id(word.text);
            if ids.contains(&id) {
                word.at.find(
                    codes::DUPLICATE_ID,
                    say!("“{id}”列了两次", "`{id}` is listed twice"),
                    say!("删去一个", "remove one"),
                );
            } else {
                ids.push(id);
            }
        }
        ids
    }
}

/// Names that may be declared only once: reports the second, and says where the first is.
#[derive(Default)]
pub(super) struct Once<'a>(BTreeMap<&'a str, Word<'a>>);

impl<'a> Once<'a> {
    /// Whether the name is well formed and new.
    pub fn take(&mut self, word: Word<'a>, zh: &str, en: &str) -> bool {
        let name = word.text;
        if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_') {
            word.at.find(
                codes::BAD_VALUE,
                say!("“{name}”不能作{zh}的编号", "`{name}` cannot be the id of a {en}"),
                say!("只用文字、数字、- 和 _", "use letters, digits, - and _ only"),
            );
        }
        self.unique(word, zh, en)
    }

    /// Whether the name is new.
    pub fn unique(&mut self, word: Word<'a>, zh: &str, en: &str) -> bool {
        let name = word.text;
        let Some(first) = self.0.get(name) else {
            self.0.insert(name, word);
            return true;
        };
        let there = first.at.label();
        let code = if first.at.file.part(first.at.start).0 == word.at.file.part(word.at.start).0 {
            codes::DUPLICATE_ID
        } else {
            codes::REDEFINED
        };
        word.at.find(
            code,
            say!(
                "{zh}“{name}”在 {there} 已经有了",
                "the {en} `{name}` is already at {there}"
            ),
            say!("删去一处，或改一个名字", "remove one, or rename one"),
        );
        false
    }
}
