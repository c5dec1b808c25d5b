//! Slips that people make in policy files, one at a time.

use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A file with one slip in it.
pub struct Slip {
    /// The file's text.
    pub text: String,
    /// A further file, where the slip is one.
    pub beside: Option<String>,
    /// The lines, counted from 1, one of which should be told.
    pub lines: Vec<u32>,
    /// What was done.
    pub what: String,
}

/// A key and its value somewhere in a file.
struct Site {
    /// The keys above it; of an element of a list, the list's key.
    path: Vec<String>,
    key: Range<usize>,
    value: Range<usize>,
    name: String,
    kind: Kind,
}

#[derive(Clone, PartialEq)]
enum Kind {
    Text(String),
    Texts,
    Number(i64),
    Other,
}

/// Every place of a text where a slip of one kind can be made, with it made.
type Operator = fn(&str) -> Vec<Slip>;

/// All kinds of slips, each giving every place where it can be made.
pub const OPERATORS: &[(&str, Operator)] = &[
    ("a key renamed", renamed),
    ("a role misspelt", misspelt_role),
    ("a unit swapped", swapped_unit),
    ("the clause dropped", no_clause),
    ("edition dates that overlap", same_edition),
    ("no addressee of an escalation", no_addressee),
    ("a key doubled", doubled),
    ("a bracket dropped", no_bracket),
    ("a value of the wrong type", wrong_type),
    ("an unknown event", unknown_event),
    ("an unknown field in a condition", unknown_field),
    ("a negative number", negative),
    ("a quotation mark dropped", no_quote),
    ("an unknown rule", unknown_rule),
];

fn sites(text: &str) -> Vec<Site> {
    let mut found = Vec::new();
    let tree = DeTable::parse(text).unwrap();
    table(tree.get_ref(), &mut Vec::new(), &mut found);
    found.sort_by_key(|site| site.key.start);
    found
}

fn table(items: &DeTable<'_>, path: &mut Vec<String>, found: &mut Vec<Site>) {
    for (key, value) in items {
        found.push(Site {
            path: path.clone(),
            key: key.span(),
            value: value.span(),
            name: key.get_ref().to_string(),
            kind: match value.get_ref() {
                DeValue::String(text) => Kind::Text(text.to_string()),
                DeValue::Integer(_) => value
                    .get_ref()
                    .as_integer()
                    .and_then(|n| n.as_str().parse().ok())
                    .map_or(Kind::Other, Kind::Number),
                DeValue::Array(list)
                    if list.iter().all(|item| item.get_ref().is_str()) && list.iter().next().is_some() =>
                {
                    Kind::Texts
                }
                _ => Kind::Other,
            },
        });
        path.push(key.get_ref().to_string());
        inner(value, path, found);
        path.pop();
    }
}

fn inner(value: &Spanned<DeValue<'_>>, path: &mut Vec<String>, found: &mut Vec<Site>) {
    match value.get_ref() {
        DeValue::Table(items) => table(items, path, found),
        DeValue::Array(list) => list.iter().for_each(|item| inner(item, path, found)),
        _ => {}
    }
}

fn line_of(text: &str, byte: usize) -> u32 {
    u32::try_from(text[..byte].matches('\n').count() + 1).unwrap()
}

fn replaced(text: &str, span: Range<usize>, with: &str) -> Slip {
    let what = format!("{} → {with}", &text[span.clone()]);
    let line = line_of(text, span.start);
    let mut text = text.to_owned();
    text.replace_range(span, with);
    Slip {
        text,
        beside: None,
        lines: vec![line],
        what,
    }
}

/// Families of rules.
const RULES: [&str; 17] = [
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

/// Tables whose keys the author chooses.
const FREE: [&str; 17] = [
    "when",
    "done_when",
    "that",
    "if",
    "data",
    "fields",
    "events",
    "pause",
    "resume",
    "match",
    "weights",
    "earn",
    "spend",
    "also",
    "text",
    "override",
    "computed",
];

fn is_rule(site: &Site) -> bool {
    site.path.first().is_some_and(|family| RULES.contains(&family.as_str()))
}

/// Whether the language chose the key.
fn is_known_key(site: &Site) -> bool {
    let named = ["area", "person", "clause", "role", "case", "record", "param", "words"];
    let family = site.path.first().map(String::as_str).unwrap_or_default();
    let above = site.path.last().map(String::as_str).unwrap_or_default();
    let deep = site.path.len();
    let by_author = deep == 0 || deep == 1 && (RULES.contains(&family) || named.contains(&family));
    let within = site.path.iter().skip(1).any(|key| FREE.contains(&key.as_str()));
    let of_company = family == "company" && above == "text";
    !(by_author || within || of_company)
}

fn renamed(text: &str) -> Vec<Slip> {
    let known = sites(text)
        .into_iter()
        .filter(|site| is_known_key(site) && site.key.end < site.value.start);
    let name = |site: &Site| {
        // Two letters in the wrong order, or one too many.
        let mut letters: Vec<char> = site.name.chars().collect();
        let n = letters.len();
        if n > 3 && letters[n - 1] != letters[n - 2] {
            letters.swap(n - 1, n - 2)
        } else {
            letters.push('x')
        }
        letters.into_iter().collect::<String>()
    };
    known
        .map(|site| replaced(text, site.key.clone(), &name(&site)))
        .collect()
}

/// The texts of a value, each with its place.
fn texts<'s>(text: &'s str, site: &Site) -> Vec<(Range<usize>, &'s str)> {
    match site.kind {
        Kind::Text(_) | Kind::Texts => {}
        _ => return Vec::new(),
    }
    let mut found = Vec::new();
    let mut from = None;
    for (at, c) in text[site.value.clone()].char_indices() {
        let at = site.value.start + at;
        match (c, from) {
            ('"', None) => from = Some(at),
            ('"', Some(start)) => {
                found.push((start..at + 1, &text[start + 1..at]));
                from = None;
            }
            _ => {}
        }
    }
    found
}

fn each_text(text: &str, wanted: impl Fn(&Site) -> bool, change: impl Fn(&str) -> Option<String>) -> Vec<Slip> {
    let mut slips = Vec::new();
    for site in sites(text).iter().filter(|site| wanted(site)) {
        for (span, inner) in texts(text, site) {
            if let Some(to) = change(inner) {
                slips.push(replaced(text, span, &format!("\"{to}\"")));
            }
        }
    }
    slips
}

fn misspelt_role(text: &str) -> Vec<Slip> {
    let roles = [
        "bearer",
        "role",
        "reports_to",
        "waive_by",
        "extend_by",
        "decided_by",
        "to",
        "actor_role",
        "roles",
    ];
    let place = |site: &Site| {
        let free = site.path.iter().skip(1).any(|key| FREE.contains(&key.as_str()));
        let record = site
            .path
            .first()
            .is_some_and(|family| ["record", "case"].contains(&family.as_str()));
        roles.contains(&site.name.as_str()) && !free && !record
    };
    let change = |role: &str| (role != "same").then(|| format!("{role}x"));
    each_text(text, place, change)
}

fn swapped_unit(text: &str) -> Vec<Slip> {
    let terms = [
        "within",
        "after",
        "before",
        "term",
        "span",
        "top_up",
        "retain",
        "max_backdate",
        "lead",
        "tolerance",
        "decide_within",
    ];
    let change = |term: &str| {
        let number: String = term.chars().take_while(char::is_ascii_digit).collect();
        // 3月 may be March; terms have no letter P.
        (!number.is_empty()).then(|| {
            if number.len() % 2 == 1 {
                format!("{number}月")
            } else {
                format!("P{number}D")
            }
        })
    };
    each_text(
        text,
        |site| terms.contains(&site.name.as_str()) && is_rule(site),
        change,
    )
}

fn unknown_event(text: &str) -> Vec<Slip> {
    let keys = ["on", "done", "until", "from", "approved", "happened", "since", "not_by"];
    let change = |event: &str| event.contains('.').then(|| format!("{event}zz"));
    each_text(text, |site| keys.contains(&site.name.as_str()) && is_rule(site), change)
}

fn unknown_rule(text: &str) -> Vec<Slip> {
    let place = |site: &Site| {
        let family = site.path.first().map(String::as_str).unwrap_or_default();
        let follows = ["opened", "fulfilled", "breached"].contains(&site.name.as_str())
            && site.path.last().is_some_and(|key| key == "on");
        let of = site.name == "of"
            && ["rate", "consent", "penalty", "guidance", "notice"].contains(&family)
            && site.path.len() == 2;
        follows || of
    };
    each_text(text, place, |rule| Some(format!("{rule}-zz")))
}

fn removed(text: &str, lines: Range<usize>, told: Vec<u32>) -> Slip {
    let what = format!("without {}", &text[lines.clone()]);
    let mut text = text.to_owned();
    text.replace_range(lines, "");
    Slip {
        text,
        beside: None,
        lines: told,
        what,
    }
}

/// The whole lines of an entry.
fn lines_of(text: &str, site: &Site) -> Range<usize> {
    let start = text[..site.key.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[site.value.end..]
        .find('\n')
        .map_or(text.len(), |at| site.value.end + at + 1);
    start..end
}

fn header_of(text: &str, at: usize) -> u32 {
    let before: Vec<&str> = text[..at].lines().collect();
    let header = before
        .iter()
        .rposition(|line| line.starts_with('['))
        .unwrap_or_default();
    u32::try_from(header + 1).unwrap()
}

fn no_clause(text: &str) -> Vec<Slip> {
    let all = sites(text);
    let places = all
        .iter()
        .filter(|site| site.name == "clause" && site.path.len() == 2 && (is_rule(site) || site.path[0] == "record"));
    places
        .map(|site| removed(text, lines_of(text, site), vec![header_of(text, site.key.start)]))
        .collect()
}

fn same_edition(text: &str) -> Vec<Slip> {
    let all = sites(text);
    let Some(effective) = all
        .iter()
        .find(|site| site.name == "effective" && site.path == ["procedure"])
    else {
        return Vec::new();
    };
    vec![Slip {
        text: text.to_owned(),
        beside: Some(text.to_owned()),
        lines: vec![line_of(text, effective.key.start)],
        what: "the same edition twice".to_owned(),
    }]
}

fn no_addressee(text: &str) -> Vec<Slip> {
    let all = sites(text);
    let places = all
        .iter()
        .filter(|site| site.name == "to" && site.path.last().is_some_and(|key| key == "escalate"));
    let slip = |site: &Site| {
        let before = text[..site.key.start]
            .rfind(['{', ','])
            .filter(|at| text[*at..].starts_with(','));
        let after = text[site.value.end..].find([',', '}']).map(|at| site.value.end + at);
        let span = match (before, after) {
            (Some(before), _) => before..site.value.end,
            (None, Some(after)) if text[after..].starts_with(',') => site.key.start..after + 1,
            _ => site.key.start..site.value.end,
        };
        removed(text, span, vec![line_of(text, site.key.start)])
    };
    places.map(slip).collect()
}

fn doubled(text: &str) -> Vec<Slip> {
    let slip = |site: &Site| {
        let lines = lines_of(text, site);
        let line = &text[lines.clone()];
        let alone =
            line.trim_start().starts_with(&site.name) && line.ends_with('\n') && line.matches('\n').count() == 1;
        alone.then(|| {
            let told = line_of(text, site.key.start) + 1;
            let mut text = text.to_owned();
            text.insert_str(lines.end, line);
            Slip {
                text,
                beside: None,
                lines: vec![told],
                what: format!("twice {}", line.trim()),
            }
        })
    };
    sites(text)
        .iter()
        .filter(|site| is_known_key(site))
        .filter_map(slip)
        .collect()
}

fn no_bracket(text: &str) -> Vec<Slip> {
    let mut slips = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end();
        let plain = !bare.starts_with('#') && !bare.contains(" #");
        if plain && bare.len() > 1 && bare.ends_with([']', '}']) {
            let end = at + bare.len();
            slips.push(replaced(text, end - 1..end, ""));
        }
        at += line.len();
    }
    slips
}

fn no_quote(text: &str) -> Vec<Slip> {
    let places = sites(text)
        .into_iter()
        .filter(|site| matches!(site.kind, Kind::Text(_)) && text[..site.value.end].ends_with('"'));
    places
        .map(|site| replaced(text, site.value.end - 1..site.value.end, ""))
        .collect()
}

fn wrong_type(text: &str) -> Vec<Slip> {
    let places = sites(text).into_iter().filter(is_known_key);
    places
        .filter_map(|site| match site.kind {
            Kind::Text(_) | Kind::Texts => Some(replaced(text, site.value.clone(), "12.5")),
            Kind::Number(_) => Some(replaced(text, site.value.clone(), "\"many\"")),
            Kind::Other => None,
        })
        .collect()
}

fn unknown_field(text: &str) -> Vec<Slip> {
    let conditions = ["when", "done_when", "that", "if"];
    let places = sites(text)
        .into_iter()
        .filter(|site| site.path.len() > 1 && site.path.last().is_some_and(|key| conditions.contains(&key.as_str())));
    places
        .map(|site| replaced(text, site.key.clone(), &format!("{}_zz", site.name.trim_matches('"'))))
        .collect()
}

fn negative(text: &str) -> Vec<Slip> {
    let places = sites(text).into_iter().filter(|site| {
        let free = site.path.iter().skip(1).any(|key| FREE.contains(&key.as_str()));
        matches!(site.kind, Kind::Number(n) if n > 0) && is_rule(site) && !free
    });
    places
        .map(|site| replaced(text, site.value.clone(), &format!("-{}", &text[site.value.clone()])))
        .collect()
}
