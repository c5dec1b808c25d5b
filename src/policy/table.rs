//! Tables of the tree, which know which of their keys were asked for.

use super::codes;
use super::nearest::{nearest, suggest};
use super::node::{Node, Word};
use super::schema;
use super::source::{File, Place, say};
use toml::de::{DeTable, DeValue};

/// A table, and which of its keys were asked for.
pub(super) struct Table<'a> {
    /// Where findings about the whole table point: the key that names it.
    pub at: Place<'a>,
    items: &'a DeTable<'a>,
    asked: Vec<&'static str>,
}

impl<'a> Table<'a> {
    /// A table at a place.
    pub fn new(at: Place<'a>, items: &'a DeTable<'a>) -> Table<'a> {
        Table {
            at,
            items,
            asked: Vec::new(),
        }
    }

    /// The whole file as a table.
    pub fn root(file: &'a File<'a>) -> Table<'a> {
        Table {
            at: file.start(),
            items: &file.root,
            asked: Vec::new(),
        }
    }

    /// The table of a rule: findings point to its name and carry its first clause.
    pub fn rule(name: Word<'a>, node: Node<'a>) -> Option<Table<'a>> {
        let mut table = node.table()?;
        let clause = table.items.get("clause").and_then(|value| match value.get_ref() {
            DeValue::Array(list) => list.iter().next().and_then(|first| first.get_ref().as_str()),
            value => value.as_str(),
        });
        table.at = Place {
            clause: clause.or(name.at.clause),
            ..name.at
        };
        Some(table)
    }

    /// The value of a key.
    pub fn take(&mut self, key: &'static str) -> Option<Node<'a>> {
        self.asked.push(key);
        let (name, value) = self.items.get_key_value(key)?;
        Some(self.node(name.get_ref(), value))
    }

    fn node(&self, name: &'a str, value: &'a toml::Spanned<DeValue<'a>>) -> Node<'a> {
        let span = value.span();
        Node {
            name,
            at: Place {
                start: span.start,
                end: span.end,
                ..self.at
            },
            value: value.get_ref(),
        }
    }

    /// The value of a key that must be there.
    pub fn need(&mut self, key: &'static str) -> Option<Node<'a>> {
        let found = self.take(key);
        if found.is_none() && !self.misspelt(key) {
            self.at.find(
                codes::MISSING_KEY,
                say!("这里少了“{key}”", "`{key}` is missing here"),
                say!("加一行 {key} = …", "add a line {key} = …"),
            );
        }
        found
    }

    /// Whether a key that is missing seems to be there under a wrong spelling, which [`Table::finish`] reports.
    fn misspelt(&self, key: &str) -> bool {
        let mut unasked = self
            .items
            .keys()
            .map(|name| name.get_ref().as_ref())
            .filter(|name| !self.asked.contains(name));
        // What has a place of its own beside it is not meant for it: `pause` is no `clause`.
        unasked.any(|name| nearest(name, std::iter::once(key)).is_some() && !schema::stand_together(key, name))
    }

    /// A text that must be there.
    pub fn title(&mut self, key: &'static str) -> Option<Word<'a>> {
        self.need(key)?.text()
    }

    /// A text that may be there.
    pub fn text(&mut self, key: &'static str) -> Option<Word<'a>> {
        self.take(key)?.text()
    }

    /// One text or several, or none.
    pub fn texts(&mut self, key: &'static str) -> Vec<Word<'a>> {
        self.take(key).map(|node| node.texts()).unwrap_or_default()
    }

    /// The tables of a kind, by the names that the author gave them, in the order of the file.
    pub fn family(&mut self, key: &'static str) -> Vec<(Word<'a>, Node<'a>)> {
        self.take(key).map(|node| node.entries()).unwrap_or_default()
    }

    /// Where the key itself stands.
    pub fn key(&self, key: &str) -> Option<Place<'a>> {
        let (name, _) = self.items.get_key_value(key)?;
        Some(Place {
            start: name.span().start,
            end: name.span().end,
            ..self.at
        })
    }

    /// All entries, in the order of the file.
    pub fn entries(&self) -> Vec<(Word<'a>, Node<'a>)> {
        let mut entries: Vec<_> = self
            .items
            .iter()
            .map(|(name, value)| {
                let at = Place {
                    start: name.span().start,
                    end: name.span().end,
                    ..self.at
                };
                (
                    Word {
                        text: name.get_ref(),
                        at,
                    },
                    self.node(name.get_ref(), value),
                )
            })
            .collect();
        entries.sort_by_key(|(name, _)| name.at.start);
        entries
    }

    /// Reports the keys that nobody asked for.
    pub fn finish(self) {
        #[cfg(test)]
        super::tests::asked::keys(self.at.file, self.items, &self.asked);
        for (name, _) in self.entries() {
            if self.asked.contains(&name.text) {
                continue;
            }
            let key = name.text;
            let remedy = suggest(key, self.asked.iter().copied(), "可用的键", "known keys");
            name.at.find(
                codes::UNKNOWN_KEY,
                say!("没有“{key}”这个键", "there is no key `{key}` here"),
                remedy,
            );
        }
    }

    /// Exactly one of these keys; reports none or several.
    pub fn exactly_one(&mut self, keys: &[&'static str]) -> Option<Node<'a>> {
        let present: Vec<(&'static str, Node<'a>)> = keys
            .iter()
            .filter_map(|key| self.take(key).map(|node| (*key, node)))
            .collect();
        let all = keys.join(" / ");
        let extra = match present.as_slice() {
            [(_, node)] => return Some(*node),
            [] if keys.iter().any(|key| self.misspelt(key)) => return None,
            [] => self.at,
            [(first, _), (second, _), ..] => {
                // The later one in the file is the one too many.
                let places = [self.key(first), self.key(second)];
                places
                    .into_iter()
                    .flatten()
                    .max_by_key(|place| place.start)
                    .unwrap_or(self.at)
            }
        };
        let n = present.len();
        let first = keys.first().copied().unwrap_or_default();
        let later = self
            .entries()
            .into_iter()
            .find(|(name, _)| name.at.start == extra.start)
            .map_or(first, |(name, _)| name.text);
        extra.find(
            codes::EXACTLY_ONE,
            say!(
                "{all} 必须写且只能写一个，这里有 {n} 个",
                "exactly one of {all} is wanted, here are {n}"
            ),
            if n == 0 {
                say!("加上其中一个，如 {first} = …", "add one of them, such as {first} = …")
            } else {
                say!(
                    "只留一个，如删去 {later} = … 这一项",
                    "keep one of them; for instance, remove {later} = …"
                )
            },
        );
        None
    }
}
