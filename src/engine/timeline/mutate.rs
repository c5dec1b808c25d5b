//! Which changes of the policies the timelines notice.

use super::{Suite, coverage, run};
use crate::policy::mutate::{Mutant, mutants};
use crate::policy::{Folder, compile};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A change and who noticed it.
#[derive(Clone, Debug)]
pub struct Tried {
    /// The change.
    pub mutant: Mutant,
    /// What was put in.
    pub to: String,
    /// The title of a timeline that fails because of it; none: nobody notices.
    pub noticed_by: Option<String>,
}

/// Makes every change of a folder's rules in turn, and runs the timelines against each, on as many threads as there are
/// cores. A change that leaves no policies without errors is none. `progress` is told how many of how many are done.
///
/// The timelines must pass without changes; else every change would seem to be noticed.
pub fn mutate(folder: &Folder, suites: &[Suite], progress: &(dyn Fn(usize, usize) + Sync)) -> Vec<Tried> {
    let Some(company) = compile(folder).company.map(Arc::new) else {
        return Vec::new();
    };
    let touching = coverage(&company, suites).rules;
    let all = mutants(folder);
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || {
        let mut tried = Vec::new();
        while let Some(mutant) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
            let of_rule = touching.iter().filter(|c| c.id.as_ref() == mutant.rule);
            let first: BTreeSet<&str> = of_rule.flat_map(|c| c.by.iter().map(String::as_str)).collect();
            tried.extend(try_one(folder, suites, mutant, &first));
            progress(done.fetch_add(1, Ordering::Relaxed).saturating_add(1), all.len());
        }
        tried
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut tried: Vec<Tried> = std::thread::scope(|scope| {
        let others: Vec<_> = (1..cores).map(|_| scope.spawn(work)).collect();
        let mut tried = work();
        for other in others {
            match other.join() {
                Ok(more) => tried.extend(more),
                Err(fault) => std::panic::resume_unwind(fault),
            }
        }
        tried
    });
    tried.sort_by(|a, b| {
        let place = |t: &Tried| (t.mutant.file.clone(), t.mutant.line, t.mutant.key.clone(), t.to.clone());
        place(a).cmp(&place(b))
    });
    tried
}

fn try_one(folder: &Folder, suites: &[Suite], mutant: &Mutant, first: &BTreeSet<&str>) -> Option<Tried> {
    let (to, company) = mutant.to.iter().find_map(|to| {
        let company = compile(&mutant.apply(folder, to)).company?;
        Some((to.clone(), Arc::new(company)))
    })?;
    let timelines = || suites.iter().flat_map(|s| &s.timelines);
    // Those that are about the rule notice it most of the time.
    let about = timelines().filter(|t| first.contains(t.title.as_str()));
    let others = timelines().filter(|t| !first.contains(t.title.as_str()));
    let noticed = about.chain(others).find(|t| !run(&company, t).is_empty());
    Some(Tried {
        mutant: mutant.clone(),
        to,
        noticed_by: noticed.map(|t| t.title.clone()),
    })
}
