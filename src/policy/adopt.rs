//! Adoption: a file that takes over a procedure of the base, with single values of its own in the place of the base's.
//!
//! The two texts are laid one after the other, so that each value keeps the place at which its author finds it.

use super::codes;
use super::compile::{Folder, Source};
use super::model::{Adoption, Id, Override};
use super::nearest::{nearest, suggest};
use super::node::{Node, Word};
use super::param;
use super::procedure;
use super::source::{File, Place, say};
use super::table::Table;
use super::tighten::{self, Compared};
use chrono::NaiveDate;
use std::collections::BTreeSet;
use toml::Spanned;
use toml::de::{DeArray, DeString, DeTable, DeValue};

/// The folder of the base.
pub const BASE: &str = "base";

/// A file's text, with the text of what it adopts before it.
pub(super) struct Layout {
    name: Id,
    text: String,
    /// Its own text, standing where it stands in `text`; none without a base.
    own: Option<String>,
    own_from: usize,
    base: Option<Id>,
    /// From which date on, where an edition of the base came into force after the company's own.
    dated: Option<NaiveDate>,
}

/// The files that a company's files adopt. Where one names a procedure that the base does not have, all of the base:
/// so that it can be said what there is.
pub fn adopted(files: &[Source], base: &[Source]) -> Vec<Source> {
    let wanted: BTreeSet<String> = files.iter().filter_map(|source| wants(&source.text)).collect();
    let known = |id: &String| base.iter().any(|source| has(source, id));
    if wanted.iter().all(known) {
        let used = base.iter().filter(|source| wanted.iter().any(|id| has(source, id)));
        return used.cloned().collect();
    }
    base.to_vec()
}

/// The files of the base that a folder comes with, and its own.
pub(super) fn own_and_base(folder: &Folder) -> (Vec<&Source>, Vec<&Source>) {
    let files = folder.files.iter();
    files.partition(|source| folder.id != BASE && is_base(&source.name))
}

/// Whether a file lies in the folder of the base.
pub(super) fn is_base(name: &str) -> bool {
    name.rsplit(['/', '\\']).nth(1) == Some(BASE)
}

/// The id of the procedure that a text adopts.
fn wants(text: &str) -> Option<String> {
    head_value(text, "adopt", "procedure", |value| value.as_str().map(str::to_owned))
}

fn has(source: &Source, id: &str) -> bool {
    procedure_id(&source.text).as_deref() == Some(id)
}

fn procedure_id(text: &str) -> Option<String> {
    head_value(text, "procedure", "id", |value| value.as_str().map(str::to_owned))
}

fn effective(text: &str) -> Option<NaiveDate> {
    head_value(text, "procedure", "effective", |value| {
        value.as_datetime()?.to_string().parse().ok()
    })
}

fn head_value<T>(text: &str, table: &str, key: &str, read: impl Fn(&DeValue<'_>) -> Option<T>) -> Option<T> {
    let (root, _) = DeTable::parse_recoverable(text);
    let table = root.get_ref().get(table)?.get_ref().as_table()?;
    read(table.get(key)?.get_ref())
}

/// Lays each of a company's files out, those that adopt over what they adopt: over the edition in force when the
/// company's comes into force (else the first), and over each that comes into force after it.
pub(super) fn lay_out(own: &[&Source], bases: &[&Source]) -> Vec<Layout> {
    let mut layouts = Vec::new();
    for source in own {
        let editions = wants(&source.text).map(|id| editions(&id, source, own, bases));
        for (base, dated) in editions.into_iter().flatten() {
            let own_from = base.text.len().saturating_add(1);
            layouts.push(Layout {
                name: source.name.clone(),
                text: format!("{}\n{}", base.text, source.text),
                own: Some(format!("{}{}", " ".repeat(own_from), source.text)),
                own_from,
                base: Some(base.name.clone()),
                dated,
            });
        }
        if layouts.last().is_none_or(|layout| layout.name != source.name) {
            layouts.push(Layout {
                name: source.name.clone(),
                text: source.text.to_string(),
                own: None,
                own_from: 0,
                base: None,
                dated: None,
            });
        }
    }
    layouts
}

/// The editions of the base procedure that a file adopts, each with the date from which it is in force there, where
/// that is not the file's own.
fn editions<'s>(id: &str, own: &Source, all: &[&Source], bases: &[&'s Source]) -> Vec<(&'s Source, Option<NaiveDate>)> {
    let from = effective(&own.text);
    let name = procedure_id(&own.text);
    let of_same = all.iter().filter(|other| procedure_id(&other.text) == name);
    let until = of_same
        .filter_map(|other| effective(&other.text))
        .filter(|on| Some(*on) > from)
        .min();
    let of_id = bases.iter().filter(|source| has(source, id));
    let mut editions: Vec<(Option<NaiveDate>, &Source)> =
        of_id.map(|source| (effective(&source.text), *source)).collect();
    editions.sort_by_key(|(from, _)| *from);
    let passed = editions.partition_point(|(base, _)| *base <= from);
    let first = editions
        .get(passed.saturating_sub(1))
        .map(|(_, source)| (*source, None));
    let later = editions.iter().skip(passed.max(1));
    let later = later.filter(|(base, _)| until.is_none_or(|until| base.is_some_and(|base| base < until)));
    first
        .into_iter()
        .chain(later.map(|(base, source)| (*source, *base)))
        .collect()
}

/// Reads a laid out file: its tree is the base's, with what the file itself says in its place.
pub(super) fn read<'a>(layout: &'a Layout, bases: &[&Source]) -> File<'a> {
    let own = layout.own.as_deref().unwrap_or(&layout.text);
    let mut file = File::of_parts(&layout.name, &layout.text, own, layout.own_from, layout.base.as_ref());
    let mut root = std::mem::take(&mut file.root);
    let adopts = root.remove_entry("adopt");
    let overrides = root.remove_entry("override");
    if let Some((key, value)) = &adopts {
        let known: Vec<String> = bases.iter().filter_map(|source| procedure_id(&source.text)).collect();
        check_adopt(&file, key, value, &known, layout.base.is_some());
    } else if let Some((key, _)) = &overrides {
        place(&file, key).find(
            codes::UNKNOWN_OVERRIDE,
            say!(
                "没有采用别的规程，没有可改的",
                "no procedure is adopted, so there is nothing to override"
            ),
            say!(
                "写上 [adopt] procedure = \"base/…\"，或直接改规则",
                "write [adopt] procedure = \"base/…\", or change the rule itself"
            ),
        );
    }
    let mut adoption = None;
    if let (Some(base_name), Some((_, adopts))) = (&layout.base, &adopts) {
        let text = layout.text.get(..layout.own_from).unwrap_or_default();
        let (base, errors) = DeTable::parse_recoverable(text);
        let mut tree = base.into_inner();
        super::syntax::report(&file, &errors);
        file.broken |= !errors.is_empty();
        if let Some((key, _)) = tree.remove_entry("adopt") {
            place(&file, &key).find(
                codes::UNKNOWN_OVERRIDE,
                say!(
                    "通用规程自己又采用了别的规程",
                    "the base procedure adopts another one itself"
                ),
                say!("直接采用那一部", "adopt that one directly"),
            );
        }
        if let Some(clause) = adopts.get_ref().get("clause").filter(|c| c.get_ref().is_str()) {
            cite(&mut tree, clause);
        }
        let added = join(&file, &mut tree, root);
        let overrides = match &overrides {
            Some((_, value)) => override_all(&file, &mut tree, value),
            None => Vec::new(),
        };
        let procedure = adopts.get_ref().get("procedure").and_then(|id| id.get_ref().as_str());
        adoption = Some(Adoption {
            procedure: procedure.unwrap_or_default().into(),
            file: base_name.clone(),
            own: added,
            overrides,
        });
        root = tree;
    }
    tighten::unmark(&file, &mut root);
    file.dated = layout.dated;
    file.adoption = adoption;
    file.root = root;
    file
}

/// Where a key or a value stands.
pub(super) fn place<'f, T>(file: &'f File<'f>, spanned: &Spanned<T>) -> Place<'f> {
    let span = spanned.span();
    file.place(span.start, span.end)
}

/// A value as it was written.
fn written<'a>(file: &File<'a>, value: &Spanned<DeValue<'_>>) -> &'a str {
    file.text.get(value.span()).unwrap_or_default()
}

fn check_adopt(
    file: &File<'_>,
    key: &Spanned<DeString<'_>>,
    value: &Spanned<DeValue<'_>>,
    known: &[String],
    found: bool,
) {
    let node = Node {
        name: key.get_ref(),
        at: place(file, value),
        value: value.get_ref(),
    };
    let Some(mut table) = node.table() else { return };
    table.at = place(file, key);
    let procedure = table.title("procedure");
    table.text("clause");
    table.finish();
    if let Some(word) = procedure.filter(|_| !found) {
        let id = word.text;
        word.at.find(
            codes::UNKNOWN_PROCEDURE,
            say!("没有叫“{id}”的通用规程", "there is no base procedure `{id}`"),
            suggest(id, known.iter().map(String::as_str), "已有的", "known ones"),
        );
    }
}

/// Lets every rule of the base cite the clause by which the company adopts it, after its own.
fn cite<'a>(tree: &mut DeTable<'a>, clause: &Spanned<DeValue<'a>>) {
    for family in procedure::RULES {
        let Some(DeValue::Table(rules)) = tree.get_mut(family).map(Spanned::get_mut) else {
            continue;
        };
        for (_, rule) in rules.iter_mut() {
            let DeValue::Table(rule) = rule.get_mut() else { continue };
            let Some(own) = rule.get_mut("clause") else { continue };
            if let DeValue::Array(list) = own.get_mut() {
                list.push(clause.clone());
            } else {
                let mut list = DeArray::new();
                list.push(own.clone());
                list.push(clause.clone());
                *own.get_mut() = DeValue::Array(list);
            }
        }
    }
}

type Entry<'a> = (Spanned<DeString<'a>>, Spanned<DeValue<'a>>);

/// The entries of a table, in the order of the file.
fn entries(table: DeTable<'_>) -> Vec<Entry<'_>> {
    let mut entries: Vec<_> = table.into_iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

/// Puts what the file itself declares beside what the base declares; answers the names of its rules.
fn join<'a>(file: &File<'_>, tree: &mut DeTable<'a>, own: DeTable<'a>) -> BTreeSet<Id> {
    let mut added = BTreeSet::new();
    let mut head = tree.remove("procedure").map(Spanned::into_inner);
    for (key, mut value) in entries(own) {
        let family = key.get_ref().to_string();
        if family == "procedure" {
            if let (Some(DeValue::Table(base)), DeValue::Table(own)) = (head.take(), value.get_mut()) {
                // Who may do what is the base's unless the company says otherwise; which procedure it is, its own.
                let inherited = base
                    .into_iter()
                    .filter(|(key, _)| !matches!(&**key.get_ref(), "id" | "title"));
                let inherited: Vec<Entry<'a>> = inherited
                    .filter(|(key, _)| !own.contains_key(&**key.get_ref()))
                    .collect();
                own.extend(inherited);
            }
            tree.insert(key, value);
            continue;
        }
        match (tree.get_mut(family.as_str()).map(Spanned::get_mut), value.get_mut()) {
            (Some(DeValue::Table(base)), DeValue::Table(own)) => {
                for (name, table) in entries(std::mem::take(own)) {
                    if procedure::RULES.contains(&family.as_str()) {
                        added.insert(Id::from(&**name.get_ref()));
                    }
                    beside(file, base, &family, (name, table));
                }
            }
            _ => {
                if let DeValue::Table(own) = value.get_ref()
                    && procedure::RULES.contains(&family.as_str())
                {
                    added.extend(own.keys().map(|name| Id::from(&**name.get_ref())));
                }
                tree.insert(key, value);
            }
        }
    }
    added
}

/// Puts a table beside those of the base. A kind of case may get more data and events; anything else of the base's own
/// is changed by an override.
fn beside<'a>(file: &File<'_>, base: &mut DeTable<'a>, family: &str, (name, mut table): Entry<'a>) {
    let id = name.get_ref().to_string();
    let Some((known_at, known)) = base
        .get_key_value(id.as_str())
        .map(|(key, _)| place(file, key).label())
        .zip(base.get_mut(id.as_str()))
    else {
        base.insert(name, table);
        return;
    };
    let twice = |at: Place<'_>, id: &str, remedy: &str| {
        at.find(
            codes::REDEFINED,
            say!(
                "“{id}”在采用的规程里（{known_at}）已经有了",
                "`{id}` is in the adopted procedure already ({known_at})"
            ),
            say!("改一个名字，或{remedy}", "rename it, or {remedy}"),
        );
    };
    let (DeValue::Table(known), DeValue::Table(own), "case") = (known.get_mut(), table.get_mut(), family) else {
        return twice(place(file, &name), &id, &format!("[override.\"{family}.{id}\"]"));
    };
    for (key, mut value) in entries(std::mem::take(own)) {
        match (known.get_mut(&**key.get_ref()).map(Spanned::get_mut), value.get_mut()) {
            (None, _) => {
                known.insert(key, value);
            }
            (Some(DeValue::Table(known)), DeValue::Table(own)) => {
                for (key, value) in entries(std::mem::take(own)) {
                    if known.contains_key(&**key.get_ref()) {
                        twice(place(file, &key), key.get_ref(), "[override]");
                    } else {
                        known.insert(key, value);
                    }
                }
            }
            _ => twice(
                place(file, &key),
                key.get_ref(),
                &format!("[override.\"{family}.{id}\"]"),
            ),
        }
    }
}

/// Puts the overrides into the tree.
fn override_all<'a>(file: &File<'_>, tree: &mut DeTable<'a>, value: &Spanned<DeValue<'a>>) -> Vec<Override> {
    let node = Node {
        name: "override",
        at: place(file, value),
        value: value.get_ref(),
    };
    let mut done = Vec::new();
    let before_all = tree.clone();
    for (name, node) in node.entries() {
        let Some(table) = find(tree, &name) else { continue };
        let Some(mut own) = Table::rule(name, node) else {
            continue;
        };
        let reason = own.title("reason").map(|word| word.id()).unwrap_or_default();
        let before = table.clone();
        let (family, rule) = name.text.split_once('.').unwrap_or_default();
        // The tree's own, which outlives the place that findings are made with.
        let values = value.get_ref().get(name.text).and_then(|own| own.get_ref().as_table());
        let Some(values) = values else { continue };
        for (key, value) in entries(values.clone())
            .into_iter()
            .filter(|(key, _)| &**key.get_ref() != "reason")
        {
            let old = before.get(&**key.get_ref());
            let base = old.map(|old| Id::from(written(file, old)));
            let entry = Override {
                family: family.into(),
                rule: rule.into(),
                key: Id::from(&**key.get_ref()),
                value: Id::from(written(file, &value)),
                base,
                reason: reason.clone(),
                line: place(file, &key).line(),
            };
            tell(&place(file, &key), &entry);
            if tighten::is_marked(&before) {
                let base = old.map(Spanned::get_ref);
                let by_date = base.and_then(|base| param::stands_for(&before_all, base));
                for base in by_date.unwrap_or_else(|| base.into_iter().collect()) {
                    check_tighter(&place(file, &value), &entry, Some(base), value.get_ref());
                }
                if old.is_none() {
                    check_tighter(&place(file, &value), &entry, None, value.get_ref());
                }
            }
            table.remove_entry(&**key.get_ref());
            table.insert(key, value);
            done.push(entry);
        }
    }
    done
}

/// The table of the base that an override is about.
fn find<'t, 'a>(tree: &'t mut DeTable<'a>, name: &Word<'_>) -> Option<&'t mut DeTable<'a>> {
    let mut known: Vec<String> = Vec::new();
    for (family, value) in tree.iter().filter(|(family, _)| **family.get_ref() != *"procedure") {
        let tables = value.get_ref().as_table().into_iter().flat_map(DeTable::keys);
        known.extend(tables.map(|id| format!("{}.{}", family.get_ref(), id.get_ref())));
    }
    let found = known.iter().any(|id| id == name.text);
    if !found {
        let id = name.text;
        // Without its family a name is still understood.
        let near = known
            .iter()
            .find(|known| known.split_once('.').is_some_and(|(_, rule)| rule == id));
        let near = near
            .map(String::as_str)
            .or(nearest(id, known.iter().map(String::as_str)));
        name.at.find(
            codes::UNKNOWN_OVERRIDE,
            say!("采用的规程里没有“{id}”", "the adopted procedure has no `{id}`"),
            match near {
                Some(near) => say!("是不是“{near}”？", "did you mean `{near}`?"),
                None => suggest(id, known.iter().map(String::as_str), "可改的", "to be overridden"),
            },
        );
        return None;
    }
    let (family, rule) = name.text.split_once('.')?;
    match tree.get_mut(family)?.get_mut() {
        DeValue::Table(family) => match family.get_mut(rule)?.get_mut() {
            DeValue::Table(table) => Some(table),
            _ => None,
        },
        _ => None,
    }
}

fn tell(at: &Place<'_>, entry: &Override) {
    let Override {
        family,
        rule,
        key,
        value,
        reason,
        ..
    } = entry;
    let base = entry.base.as_deref().unwrap_or("—");
    at.find(
        codes::OVERRIDDEN,
        say!(
            "{family}.{rule} 的 {key}：本公司 {value}，通用规程 {base}（{reason}）",
            "{key} of {family}.{rule}: here {value}, in the base {base} ({reason})"
        ),
        say!("要照通用规程，就删去这一行", "to follow the base, remove this line"),
    );
}

fn check_tighter(at: &Place<'_>, entry: &Override, base: Option<&DeValue<'_>>, value: &DeValue<'_>) {
    let compared = tighten::compare(&entry.family, &entry.key, base, value);
    let Override { family, rule, key, .. } = entry;
    let base = entry.base.as_deref().unwrap_or("—");
    let message = match compared {
        Compared::Same | Compared::Tighter => return,
        Compared::Weaker => say!(
            "{family}.{rule} 只许更严，这里的 {key} 比通用规程的 {base} 宽",
            "{family}.{rule} may only be tightened; this {key} is weaker than the base's {base}"
        ),
        Compared::Unclear => say!(
            "{family}.{rule} 只许更严，这里的 {key} 和通用规程的 {base} 比不出宽严",
            "{family}.{rule} may only be tightened; whether this {key} is tighter than the base's {base} cannot be told"
        ),
    };
    at.find(
        codes::OVERRIDE_WEAKER,
        message,
        say!(
            "写得比 {base} 更严，或删去这一行",
            "write something tighter than {base}, or remove the line"
        ),
    );
}
