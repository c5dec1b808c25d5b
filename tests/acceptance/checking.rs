//! Checking: a thousand companies in one run.

use crate::size;
use guicheng::clock::Clock;
use guicheng::files;
use guicheng::policy::finding::Severity;
use guicheng::policy::{Compiled, Folder, Source, compile, together};
use std::path::Path;

fn ms<T>(work: impl FnOnce() -> T) -> (T, i64) {
    let began = Clock::System.now();
    let done = work();
    (
        done,
        Clock::System.now().signed_duration_since(began).num_milliseconds(),
    )
}

/// The largest of the shipped companies under another id.
fn copy(of: &Folder, n: usize) -> Folder {
    let id = format!("company-{n}");
    let named = |source: &Source| Source {
        name: source.name.replacen(&of.id, &id, 1).into(),
        text: source.text.replace(&format!("\"{}", of.id), &format!("\"{id}")).into(),
    };
    Folder {
        files: of.files.iter().map(named).collect(),
        calendars: of.calendars.clone(),
        scripts: of.scripts.iter().map(named).collect(),
        id,
    }
}

/// Everything that `check` does with the files once they are read, beside the bare reading of their TOML.
#[test]
fn a_thousand_companies_are_checked_in_one_run() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shipped = files::read_policies(&root.join("policies"), &root.join("scripts")).unwrap();
    let largest = shipped.iter().find(|folder| folder.id == "service-centre").unwrap();
    let companies: Vec<Folder> = (0..size(20, 1000)).map(|n| copy(largest, n)).collect();
    let (compiled, checked_ms) = ms(|| -> Vec<Compiled> { together(&companies, compile) });
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    for one in &compiled {
        let errors: Vec<_> = one.findings.iter().filter(|f| f.severity == Severity::Error).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
    let rules: usize = compiled
        .iter()
        .filter_map(|one| one.company.as_ref())
        .flat_map(|company| &company.procedures)
        .map(|procedure| procedure.rules().len())
        .sum();
    let texts = |folder: &Folder| {
        folder
            .files
            .iter()
            .chain(&folder.calendars)
            .map(|s| s.text.clone())
            .collect::<Vec<_>>()
    };
    let (read, read_ms) = ms(|| {
        companies
            .iter()
            .flat_map(texts)
            .filter(|text| text.parse::<toml::Table>().is_ok())
            .count()
    });
    assert!(read >= companies.len() * 3 && rules >= companies.len() * 40);
    println!(
        "{} companies, {rules} rules: checked in {checked_ms} ms, {:.1} times the bare reading of their TOML ({read_ms} ms), on {cores} cores; the reading on one",
        companies.len(),
        checked_ms as f64 / read_ms.max(1) as f64
    );
}
