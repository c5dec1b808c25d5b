//! The policy folder: `policies/<company>/*.toml`, `policies/<company>/tests/*.toml`, `policies/calendars/*.toml`; and
//! the companies' scripts beside it, `scripts/<company>/*.rhai`.

use crate::policy::trial::Draft;
use crate::policy::{BASE, Folder, Source, adopted};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The largest file that is read, in bytes.
pub const MAX_FILE: u64 = 1024 * 1024;

/// The most files that a company's folder may hold.
pub const MAX_FILES: usize = 200;

/// The most companies that a policy folder may hold.
pub const MAX_COMPANIES: usize = 10_000;

/// A folder that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// The file system said no.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// What.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file is not in UTF-8.
    #[error("`{}` is not in UTF-8; save it as UTF-8", path.display())]
    Encoding {
        /// Which.
        path: PathBuf,
    },
    /// A file is too large, or there are too many.
    #[error("`{}` is over the limit of {limit}", path.display())]
    TooLarge {
        /// Which.
        path: PathBuf,
        /// The limit, in words.
        limit: &'static str,
    },
    /// There is no company in the folder.
    #[error("there is no company in `{}`: a company is a folder with a `company.toml`", path.display())]
    NoCompany {
        /// The folder.
        path: PathBuf,
    },
}

/// Reads all companies of a policy folder, sorted by name, with their scripts.
pub fn read_policies(dir: &Path, scripts: &Path) -> Result<Vec<Folder>, FilesError> {
    let companies = read_companies(dir, scripts)?;
    companies.into_iter().map(|(_, folder)| folder).collect()
}

/// A company's id, and its folder as far as it can be read.
pub type Company = (String, Result<Folder, FilesError>);

/// The same, each company on its own: what of one cannot be read keeps no other back.
pub fn read_companies(dir: &Path, scripts: &Path) -> Result<Vec<Company>, FilesError> {
    let common = Common::read(dir)?;
    let mut companies = Vec::new();
    for path in entries(dir, MAX_COMPANIES)? {
        let is_company = path.is_dir() && path.join("company.toml").is_file();
        if let Some(id) = path.file_name().and_then(|n| n.to_str()).filter(|_| is_company) {
            companies.push((id.to_owned(), company(dir, id, &common, scripts)));
        }
    }
    if companies.is_empty() {
        return Err(FilesError::NoCompany { path: dir.to_owned() });
    }
    Ok(companies)
}

/// Reads a draft: the `.toml` and `.rhai` files of a folder, and the calendars of its folder `calendars`. With a `company.toml`
/// among them it is the whole of a company's folder.
pub fn read_draft(dir: &Path) -> Result<Draft, FilesError> {
    // A folder that is not there is a slip, not an empty draft.
    entries(dir, MAX_FILES)?;
    let files = read_sources(dir, "toml")?;
    Ok(Draft {
        is_whole: files.iter().any(|source| source.name.ends_with("/company.toml")),
        files,
        calendars: read_sources(&dir.join("calendars"), "toml")?,
        scripts: read_sources(dir, "rhai")?,
    })
}

/// Reads the folder of one company, `<dir>/<id>`, with the calendars and the base of the policy folder `beside`.
pub fn read_company(dir: &Path, id: &str, beside: &Path, scripts: &Path) -> Result<Folder, FilesError> {
    company(dir, id, &Common::read(beside)?, scripts)
}

/// What all companies of a policy folder have in common.
struct Common {
    calendars: Vec<Source>,
    base: Vec<Source>,
}

impl Common {
    fn read(dir: &Path) -> Result<Common, FilesError> {
        let mut base = read_sources(&dir.join(BASE), "toml")?;
        base.retain(|source| !source.name.ends_with("/company.toml"));
        Ok(Common {
            calendars: read_sources(&dir.join("calendars"), "toml")?,
            base,
        })
    }
}

fn company(dir: &Path, id: &str, common: &Common, scripts: &Path) -> Result<Folder, FilesError> {
    let mut files = read_sources(&dir.join(id), "toml")?;
    let mut own = read_sources(&scripts.join(id), "rhai")?;
    if id != BASE {
        let used = adopted(&files, &common.base);
        if !used.is_empty() {
            // What is adopted brings the functions along that it names.
            own.extend(read_sources(&scripts.join(BASE), "rhai")?);
        }
        files.extend(used);
    }
    Ok(Folder {
        id: id.to_owned(),
        files,
        calendars: common.calendars.clone(),
        scripts: own,
    })
}

/// Reads the timelines of a company, sorted by name.
pub fn read_timelines(dir: &Path, company: &str) -> Result<Vec<Source>, FilesError> {
    read_sources(&dir.join(company).join("tests"), "toml")
}

/// The files of a folder with that ending, sorted by name; none if there is no such folder.
fn read_sources(dir: &Path, ending: &str) -> Result<Vec<Source>, FilesError> {
    if !dir.is_dir() {
        return Ok(Vec::new());
    }
    let mut sources = Vec::new();
    for path in entries(dir, MAX_FILES)?
        .into_iter()
        .filter(|p| p.is_file() && p.extension().is_some_and(|e| e == ending))
    {
        let size = fs::metadata(&path)
            .map_err(|source| FilesError::Read {
                path: path.clone(),
                source,
            })?
            .len();
        if size > MAX_FILE {
            return Err(FilesError::TooLarge {
                path,
                limit: "1 MiB a file",
            });
        }
        let bytes = fs::read(&path).map_err(|source| FilesError::Read {
            path: path.clone(),
            source,
        })?;
        let text = String::from_utf8(bytes).map_err(|_| FilesError::Encoding { path: path.clone() })?;
        let name = path.to_string_lossy().replace('\\', "/");
        sources.push(Source {
            name: Arc::from(name),
            text: Arc::from(text),
        });
    }
    Ok(sources)
}

fn entries(dir: &Path, most: usize) -> Result<Vec<PathBuf>, FilesError> {
    let failed = |source| FilesError::Read {
        path: dir.to_owned(),
        source,
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(dir).map_err(failed)? {
        paths.push(entry.map_err(failed)?.path());
        if paths.len() > most {
            return Err(FilesError::TooLarge {
                path: dir.to_owned(),
                limit: "200 files a company, 10,000 companies",
            });
        }
    }
    paths.sort();
    Ok(paths)
}

/// Reads the example events of a company: `examples/<company>-*.ndjson` beside the policy folder, sorted by name.
pub fn read_examples(policies: &Path, company: &str) -> Result<Vec<String>, FilesError> {
    let dir = match policies.parent() {
        Some(parent) if parent != Path::new("") => parent.join("examples"),
        _ => PathBuf::from("examples"),
    };
    if !dir.is_dir() {
        return Ok(Vec::new());
    }
    let wanted = format!("{company}-");
    let mut examples = Vec::new();
    for path in entries(&dir, MAX_COMPANIES)? {
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        if name.starts_with(&wanted) && name.ends_with(".ndjson") {
            examples.push(fs::read_to_string(&path).map_err(|source| FilesError::Read {
                path: path.clone(),
                source,
            })?);
        }
    }
    Ok(examples)
}
