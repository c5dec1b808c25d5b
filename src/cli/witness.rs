//! The witnesses of findings, written into a folder.

use crate::engine::timeline::witness;
use crate::policy::finding::Finding;
use crate::policy::model::Company;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file of a witness cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("the witness `{path}` cannot be written")]
pub struct WitnessError {
    /// The file.
    pub path: PathBuf,
    /// Why.
    #[source]
    pub source: io::Error,
}

/// A finding, and what shows it.
pub struct Shown {
    /// The finding.
    pub finding: Finding,
    /// The timeline that shows it, where there is one.
    pub witness: Option<String>,
    /// The file that it was written to.
    pub file: Option<String>,
}

impl Shown {
    /// It for machines.
    pub fn json(&self) -> serde_json::Value {
        let mut json = self.finding.json();
        if let Some(object) = json.as_object_mut() {
            object.insert("witness".into(), self.witness.clone().into());
            object.insert("witness_file".into(), self.file.clone().into());
        }
        json
    }
}

/// Findings with what shows them, where a company is given to try it on; it is written into the folder, if one is given.
pub fn shown(
    company: Option<&Arc<Company>>,
    findings: Vec<Finding>,
    dir: Option<&Path>,
) -> Result<Vec<Shown>, WitnessError> {
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut all = Vec::new();
    for finding in findings {
        let text = company.and_then(|company| witness(company, &finding));
        let mut file = None;
        if let (Some(dir), Some(text), Some(about)) = (dir, &text, &finding.witness) {
            let name = format!("{}-{}", finding.code, about.rule);
            let nth = numbers.entry(name.clone()).or_default();
            *nth += 1;
            let path = dir.join(format!("{name}-{nth}.toml"));
            let written = fs::create_dir_all(dir).and_then(|()| fs::write(&path, text));
            written.map_err(|source| WitnessError {
                path: path.clone(),
                source,
            })?;
            file = Some(path.display().to_string());
        }
        all.push(Shown {
            finding,
            witness: text,
            file,
        });
    }
    Ok(all)
}
