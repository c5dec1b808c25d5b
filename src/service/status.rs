//! What serves, since when, and why nothing newer does.

use crate::domain::zone::Instant;
use crate::policy::finding::Finding;
use std::collections::BTreeMap;

/// How the policies of each company stand.
#[derive(Debug, Default)]
pub struct Reloads {
    /// By company.
    pub companies: BTreeMap<String, Served>,
    /// Why the folder as a whole could not be read the last time.
    pub folder_error: Option<String>,
}

/// How the policies of a company stand.
#[derive(Debug, Clone)]
pub struct Served {
    /// The content hash of what serves.
    pub hash: String,
    /// Since when it serves.
    pub since: Instant,
    /// Why what lies in the folder now does not serve, and since when it was refused.
    pub stale: Option<Stale>,
}

/// Policies that were refused.
#[derive(Debug, Clone)]
pub struct Stale {
    /// When.
    pub since: Instant,
    /// Why.
    pub findings: Vec<Finding>,
}
