//! What ids are called.

use super::text::{all_of, both, join, one_of, quoted};
use crate::domain::value::Value;
use crate::policy::finding::Text;
use crate::policy::model::{Company, Id, InForce, Kind, Piece, Template};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The names of what a company's policies speak of, as they stand from a date on.
pub(crate) struct Lexicon<'a> {
    /// The company.
    pub(super) company: &'a Company,
    /// What is in force.
    pub(super) set: &'a InForce,
    words: BTreeMap<&'a str, &'a str>,
    titles: BTreeMap<Id, Id>,
}

impl<'a> Lexicon<'a> {
    /// The names as they stand in this part of the company's history.
    pub(super) fn new(company: &'a Company, set: &'a InForce) -> Lexicon<'a> {
        let mut lexicon = Lexicon {
            company,
            set,
            words: BTreeMap::new(),
            titles: BTreeMap::new(),
        };
        for procedure in &set.procedures {
            let words = procedure.words.iter();
            lexicon.words.extend(words.map(|(id, word)| (&**id, &**word)));
            let duties = procedure
                .duties
                .iter()
                .map(|duty| (duty.id.clone(), duty.title.clone()));
            // A form may have the id of a rule.
            let rules = procedure.rules().into_iter().filter(|rule| rule.what != "record");
            let rules = rules.map(|rule| (rule.id, rule.title));
            lexicon.titles.extend(duties.chain(rules));
        }
        lexicon
    }

    /// A role.
    pub(super) fn role(&self, id: &str) -> Text {
        match self.company.roles.get(id) {
            Some(role) => Text::new(&*role.title, &*role.title),
            None if id == "administrator" => Text::new("管理员", "the administrator"),
            None => self.word(id),
        }
    }

    /// Roles, any of which.
    pub(super) fn roles(&self, ids: &[Id]) -> Text {
        one_of(&ids.iter().map(|id| self.role(id)).collect::<Vec<_>>())
    }

    /// A kind of case.
    pub(super) fn kind(&self, id: &str) -> Text {
        match self.kind_of(id) {
            Some(kind) => Text::new(&*kind.title, &*kind.title),
            None if id == "*" => Text::new("原案件", "the first case"),
            None => self.word(id),
        }
    }

    fn kind_of(&self, id: &str) -> Option<&'a Arc<Kind>> {
        self.set.kinds.get(id).or_else(|| self.company.kinds.get(id))
    }

    fn event(&self, id: &str) -> (Text, Text) {
        let (kind, event) = id.split_once('.').unwrap_or(("", id));
        let known = self.kind_of(kind).and_then(|kind| kind.events.get(event));
        // What is put on the case that another one came from is written for any kind.
        let of_any = || {
            let any = self.set.kinds.values().find_map(|kind| kind.events.get(event));
            any.filter(|_| kind == "*")
        };
        let title = match known.or_else(of_any) {
            Some(event) => Text::new(&*event.title, &*event.title),
            None => self.word(event),
        };
        (self.kind(kind), title)
    }

    /// Events, each one with the kinds of case that it happens to: 投诉、维修“回访”. Of one that happens to many, all
    /// that know it, the kinds are not told one by one.
    fn grouped(&self, ids: &[Id]) -> Vec<Text> {
        let mut groups: Vec<(Text, &str, Vec<Text>)> = Vec::new();
        for id in ids {
            let (kind, title) = self.event(id);
            let name = id.split_once('.').map_or("", |(_, name)| name);
            match groups.iter_mut().find(|(known, ..)| *known == title) {
                Some((_, _, kinds)) => kinds.push(kind),
                None => groups.push((title, name, vec![kind])),
            }
        }
        let said = groups.iter().map(|(title, name, kinds)| {
            let knowing = self.set.kinds.values().filter(|kind| kind.events.contains_key(*name));
            if kinds.len() > 3 && knowing.count() == kinds.len() {
                return both!("各类案件“{title}”", "“{title}” (any kind of case)", title);
            }
            let kinds = join(kinds, "、", ", ");
            both!("{kinds}“{title}”", "“{title}” ({kinds})", title, kinds)
        });
        said.collect()
    }

    /// Events, any of which.
    pub(super) fn events(&self, ids: &[Id]) -> Text {
        one_of(&self.grouped(ids))
    }

    /// Events, all of which.
    pub(super) fn all_events(&self, ids: &[Id]) -> Text {
        all_of(&self.grouped(ids))
    }

    /// A rule, by its title.
    pub(super) fn rule(&self, id: &str) -> Text {
        quoted(self.titles.get(id).map_or(id, |title| title))
    }

    /// Rules, by their titles, any of which.
    pub(super) fn rules(&self, ids: &[Id]) -> Text {
        one_of(&ids.iter().map(|id| self.rule(id)).collect::<Vec<_>>())
    }

    /// Rules, by their titles, all of which.
    pub(super) fn all_rules(&self, ids: &[Id]) -> Text {
        all_of(&ids.iter().map(|id| self.rule(id)).collect::<Vec<_>>())
    }

    /// A field, a choice, a reason: what `[words]` calls it in Chinese; the id itself in English, its parts apart.
    pub(super) fn word(&self, id: &str) -> Text {
        let (zh, en) = match id {
            "actor" => ("经办人", "whoever reports it"),
            "area" => ("片区", "area"),
            "bearer" => ("承担人", "bearer"),
            "name" => ("姓名", "name"),
            "phone" => ("电话", "phone"),
            "signature" => ("落款", "signature"),
            "title" => ("名称", "title"),
            "today" => ("当天日期", "today"),
            "case" => ("案件", "case"),
            "day" => ("日期", "day"),
            "person" => ("当事人", "person"),
            "role" => ("角色", "role"),
            _ => ("", ""),
        };
        let is_slug = id.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '-' | '_'));
        let apart = || {
            if is_slug {
                id.replace(['-', '_'], " ")
            } else {
                id.to_owned()
            }
        };
        let own = self.words.get(id).map(|word| (*word).to_owned());
        Text::new(
            own.or_else(|| (!zh.is_empty()).then(|| zh.to_owned()))
                .unwrap_or_else(apart),
            if en.is_empty() { apart() } else { en.to_owned() },
        )
    }

    /// Fields, all of which.
    pub(super) fn fields<'i>(&self, ids: impl IntoIterator<Item = &'i Id>) -> Text {
        let all: Vec<Text> = ids.into_iter().map(|id| self.word(id)).collect();
        join(&all, "、", ", ")
    }

    /// A value of a field.
    pub(super) fn value(&self, value: &Value) -> Text {
        match value {
            Value::Bool(true) => Text::new("“是”", "yes"),
            Value::Bool(false) => Text::new("“否”", "no"),
            Value::Text(text) => {
                let word = self.word(text);
                both!("“{word}”", "“{word}”", word)
            }
            other => {
                let text = other.to_string();
                both!("{text}", "{text}", text)
            }
        }
    }

    /// A text with gaps: what fills them stands in brackets.
    pub(super) fn template(&self, template: &Template) -> Text {
        let pieces = template.0.iter().map(|piece| match piece {
            Piece::Literal(text) => both!("{text}", "{text}", text),
            Piece::Field(field, None) => {
                let field = self.word(field.strip_prefix("company.").unwrap_or(field));
                both!("〔{field}〕", "[{field}]", field)
            }
            Piece::Field(field, Some(otherwise)) => {
                let field = self.word(field);
                both!(
                    "〔{field}，没有则写{otherwise}〕",
                    "[{field}, else {otherwise}]",
                    field,
                    otherwise
                )
            }
        });
        join(&pieces.collect::<Vec<_>>(), "", "")
    }

    /// Data that are written, field by field.
    pub(super) fn data(&self, data: &[(Id, Template)]) -> Text {
        let all = data.iter().map(|(field, template)| {
            let template = match template.0.as_slice() {
                [Piece::Literal(text)] => self.word(text),
                _ => self.template(template),
            };
            let field = self.word(field);
            both!("{field}写“{template}”", "{field} “{template}”", field, template)
        });
        join(&all.collect::<Vec<_>>(), "，", ", ")
    }
}
