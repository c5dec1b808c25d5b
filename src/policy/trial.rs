//! A draft on trial: files that replace or join a company's own, and its new editions drawn forward to the day from which
//! they are tried.

use super::adopt::BASE;
use super::compile::{Folder, Source};
use super::model::Company;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;
use toml::de::DeTable;

/// A draft: some files of a company, or all of them.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// Procedure files and `company.toml`.
    pub files: Vec<Source>,
    /// Calendars.
    pub calendars: Vec<Source>,
    /// Scripts.
    pub scripts: Vec<Source>,
    /// Whether the company's own files and scripts that are not among these are gone.
    pub is_whole: bool,
}

/// The name of a file without its folder.
fn base(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

/// The folder of a company with a draft put in: a file of the same name is replaced, any other joins, in the order of the
/// names. What the company adopts of the base stays, unless the draft has a file of that name in a folder `base`.
pub fn join(folder: &Folder, draft: &Draft) -> Folder {
    let is_base = |source: &Source| folder.id != BASE && source.name.rsplit(['/', '\\']).nth(1) == Some(BASE);
    let parted = |list: &[Source]| list.iter().cloned().partition::<Vec<Source>, _>(is_base);
    let joined = |all: &[Source], others: &[Source]| {
        let ((bases, own), (of_bases, of_own)) = (parted(all), parted(others));
        let kept = if draft.is_whole { Vec::new() } else { own };
        let mut joined = put(kept, &of_own);
        joined.extend(put(bases, &of_bases));
        joined
    };
    Folder {
        id: folder.id.clone(),
        files: joined(&folder.files, &draft.files),
        calendars: put(folder.calendars.clone(), &draft.calendars),
        scripts: joined(&folder.scripts, &draft.scripts),
    }
}

fn put(mut sources: Vec<Source>, others: &[Source]) -> Vec<Source> {
    for other in others {
        match sources.iter_mut().find(|s| base(&s.name) == base(&other.name)) {
            Some(source) => *source = other.clone(),
            None => sources.push(other.clone()),
        }
    }
    // What the files say does not hang on their folders.
    sources.sort_by(|a, b| base(&a.name).cmp(base(&b.name)));
    sources
}

/// The folder as if its new editions had come into force on a local date: of each procedure the first one that would come
/// later, and that does not serve with that date already, is in force from this date on. Everything else keeps its dates. The
/// length of no text changes, so that findings keep their places.
pub fn on_trial(folder: &Folder, serving: &Company, from: NaiveDate) -> Folder {
    let known: BTreeSet<(&str, NaiveDate)> = serving
        .editions()
        .map(|p| (p.head.id.as_ref(), p.head.effective))
        .collect();
    let heads: Vec<Option<Head>> = folder.files.iter().map(|source| head(&source.text)).collect();
    let mut first: BTreeMap<&str, (NaiveDate, usize)> = BTreeMap::new();
    for (ix, head) in heads.iter().enumerate() {
        let new = |h: &&Head| h.effective > from && !known.contains(&(h.id.as_str(), h.effective));
        let Some(head) = head.as_ref().filter(new) else {
            continue;
        };
        let place = first.entry(&head.id).or_insert((head.effective, ix));
        *place = (*place).min((head.effective, ix));
    }
    let mut changed = folder.clone();
    for (ix, (source, head)) in changed.files.iter_mut().zip(&heads).enumerate() {
        let Some(head) = head else { continue };
        let to = match first.get(head.id.as_str()) {
            Some((_, at)) if *at == ix => Some(from),
            // What it takes the place of on that very day was in force up to the day before.
            Some(_) if head.effective == from => from.pred_opt(),
            _ => None,
        };
        if let Some(to) = to {
            let mut text = source.text.to_string();
            if text.get(head.span.clone()).is_some() {
                text.replace_range(head.span.clone(), &to.to_string());
                source.text = Arc::from(text);
            }
        }
    }
    changed
}

/// The head of a procedure file, and where its date stands.
struct Head {
    id: String,
    effective: NaiveDate,
    span: Range<usize>,
}

fn head(text: &str) -> Option<Head> {
    let (root, _) = DeTable::parse_recoverable(text);
    let table = root.get_ref().get("procedure")?.get_ref().as_table()?;
    let date = table.get("effective")?;
    Some(Head {
        id: table.get("id")?.get_ref().as_str()?.to_owned(),
        effective: date.get_ref().as_datetime()?.to_string().parse().ok()?,
        span: date.span(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::compile;

    const COMPANY: &str = "[company]\nid = \"c\"\ntitle = \"丙\"\nzone = \"Asia/Shanghai\"\ncalendar = \"cn\"\n";
    const CALENDAR: &str =
        "[calendar]\ntitle = \"历\"\nweekdays = [\"mon\", \"tue\"]\ncovered = [2026-01-01, 2026-12-31]\n";

    fn source(name: &str, text: &str) -> Source {
        Source {
            name: name.into(),
            text: text.into(),
        }
    }

    fn edition(effective: &str) -> String {
        format!(
            "[procedure]\nid = \"c/p\"\ntitle = \"规程\"\neffective = {effective}\n[clause.\"1\"]\ntext = \"说明。\"\nmanual = \"由人\"\n"
        )
    }

    fn folder(files: &[(&str, String)]) -> Folder {
        let own = files.iter().map(|(name, text)| source(&format!("c/{name}"), text));
        Folder {
            id: "c".to_owned(),
            files: std::iter::once(source("c/company.toml", COMPANY)).chain(own).collect(),
            calendars: vec![source("calendars/cn.toml", CALENDAR)],
            scripts: Vec::new(),
        }
    }

    fn dates(folder: &Folder) -> Vec<String> {
        let heads = folder.files.iter().filter_map(|s| head(&s.text));
        heads.map(|h| h.effective.to_string()).collect()
    }

    fn on(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn serving(folder: &Folder) -> Company {
        let compiled = compile(folder);
        assert!(compiled.company.is_some(), "{:?}", compiled.findings);
        compiled.company.unwrap()
    }

    #[test]
    fn only_the_first_new_edition_is_drawn_forward_and_takes_the_place_of_that_days() {
        let serves = folder(&[("p.toml", edition("2026-03-01")), ("q.toml", edition("2026-05-01"))]);
        let company = serving(&serves);
        assert_eq!(
            dates(&on_trial(&serves, &company, on("2026-03-01"))),
            ["2026-03-01", "2026-05-01"]
        );
        let draft = Draft {
            files: vec![
                source("x/r.toml", &edition("2026-09-01")),
                source("x/s.toml", &edition("2026-08-01")),
            ],
            ..Draft::default()
        };
        let joined = join(&serves, &draft);
        let tried = on_trial(&joined, &company, on("2026-03-01"));
        assert_eq!(dates(&tried), ["2026-02-28", "2026-05-01", "2026-09-01", "2026-03-01"]);
        let lengths = |f: &Folder| f.files.iter().map(|s| s.text.len()).collect::<Vec<_>>();
        assert_eq!(lengths(&tried), lengths(&joined));
    }

    #[test]
    fn a_file_replaces_the_one_of_its_name_and_a_whole_draft_all_of_them() {
        let serves = folder(&[("p.toml", edition("2026-03-01")), ("q.toml", edition("2026-05-01"))]);
        let mut draft = Draft {
            files: vec![source("draft/q.toml", "q"), source("draft/a.toml", "a")],
            ..Draft::default()
        };
        let names = |f: Folder| f.files.iter().map(|s| s.name.to_string()).collect::<Vec<_>>();
        assert_eq!(
            names(join(&serves, &draft)),
            ["draft/a.toml", "c/company.toml", "c/p.toml", "draft/q.toml"]
        );
        draft.is_whole = true;
        assert_eq!(names(join(&serves, &draft)), ["draft/a.toml", "draft/q.toml"]);
    }
}
