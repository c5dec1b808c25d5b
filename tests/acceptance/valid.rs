//! The valid files that promises are tried on: the shipped policies and the worked cases.

use guicheng::policy::{Folder, Source, adopted};
use std::fs;
use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A file, named by its path from the root.
pub fn source(path: &Path) -> Source {
    let name = path.strip_prefix(root()).unwrap_or(path).to_string_lossy().into_owned();
    Source {
        name: name.into(),
        text: fs::read_to_string(path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
            .into(),
    }
}

/// What lies in a folder, sorted; nothing if there is none.
pub fn within(dir: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(dir)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths
}

/// The files with an ending in a folder, sorted.
pub fn files(dir: &Path, ending: &str) -> Vec<Source> {
    let mut paths = within(dir);
    paths.retain(|path| path.is_file() && path.extension().is_some_and(|found| found == ending));
    paths.iter().map(|path| source(path)).collect()
}

fn stem(name: &str) -> &str {
    let base = name.rsplit('/').next().unwrap_or(name);
    base.split('.').next().unwrap_or(base)
}

/// The folders of the shipped companies and of the worked cases.
pub fn folders() -> Vec<Folder> {
    let shipped = files(&root().join("policies/calendars"), "toml");
    let base: Vec<Source> = files(&root().join("policies/base"), "toml")
        .into_iter()
        .filter(|s| stem(&s.name) != "company")
        .collect();
    let mut folders = Vec::new();
    for dir in within(&root().join("policies"))
        .into_iter()
        .filter(|dir| dir.join("company.toml").is_file())
    {
        let id = dir.file_name().unwrap().to_string_lossy().into_owned();
        let mut own = files(&dir, "toml");
        let mut scripts = files(&root().join("scripts").join(&id), "rhai");
        if id != "base" {
            let used = adopted(&own, &base);
            if !used.is_empty() {
                scripts.extend(files(&root().join("scripts/base"), "rhai"));
            }
            own.extend(used);
        }
        folders.push(Folder {
            id,
            files: own,
            calendars: shipped.clone(),
            scripts,
        });
    }
    for dir in within(&root().join("tests/cases"))
        .into_iter()
        .filter(|dir| dir.join("company.toml").is_file())
    {
        let (calendars, own): (Vec<Source>, Vec<Source>) = files(&dir, "toml")
            .into_iter()
            .filter(|s| stem(&s.name) != "timeline")
            .partition(|s| stem(&s.name) == "calendar");
        let base = files(&dir.join("base"), "toml");
        folders.push(Folder {
            id: dir.file_name().unwrap().to_string_lossy().into_owned(),
            files: own.into_iter().chain(base).collect(),
            calendars: shipped.iter().cloned().chain(calendars).collect(),
            scripts: files(&dir, "rhai"),
        });
    }
    folders
}

/// The timelines of the shipped companies and of the worked cases.
pub fn timelines() -> Vec<Source> {
    let mut found = Vec::new();
    for dir in within(&root().join("policies")) {
        found.extend(files(&dir.join("tests"), "toml"));
    }
    for dir in within(&root().join("tests/cases")) {
        found.extend(
            files(&dir, "toml")
                .into_iter()
                .filter(|s| stem(&s.name).starts_with("timeline")),
        );
    }
    found
}

/// A generator of numbers that are the same in every run.
pub struct Dice(pub u64);

impl Dice {
    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(n.max(1)).unwrap()).unwrap()
    }
}
