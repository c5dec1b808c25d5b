//! Which events there are already: by company, source and id, for ever.
//!
//! Sixteen bytes an event: a hash and the place in the record. What a hash finds is read and compared, so that two ids
//! with one hash are told apart.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};

/// Places of events by the hash of their company, source and id.
#[derive(Debug, Default)]
pub struct Index {
    first: HashMap<u64, u64, BuildHasherDefault<Same>>,
    /// The few whose hash another event has too.
    more: Vec<(u64, u64)>,
}

impl Index {
    /// The places at which an event of that hash may stand.
    pub fn candidates(&self, hash: u64) -> impl Iterator<Item = u64> {
        let more = self.more.iter().filter(move |(h, _)| *h == hash).map(|(_, seq)| *seq);
        self.first.get(&hash).copied().into_iter().chain(more)
    }

    /// Adds an event.
    pub fn add(&mut self, hash: u64, seq: u64) {
        match self.first.entry(hash) {
            std::collections::hash_map::Entry::Vacant(slot) => {
                slot.insert(seq);
            }
            std::collections::hash_map::Entry::Occupied(_) => self.more.push((hash, seq)),
        }
    }

    /// Forgets events again, by hash and place.
    pub fn remove(&mut self, gone: &[(u64, u64)]) {
        for (hash, seq) in gone {
            if self.first.get(hash) == Some(seq) {
                self.first.remove(hash);
            }
        }
        self.more.retain(|entry| !gone.contains(entry));
    }

    /// How many events it knows.
    pub fn len(&self) -> usize {
        self.first.len() + self.more.len()
    }

    /// Whether it knows none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The hash of an event's identity.
pub fn hash(company: u32, source: &str, id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (company, source, id).hash(&mut hasher);
    hasher.finish()
}

/// The keys are hashes already.
#[derive(Debug, Default)]
pub struct Same(u64);

impl Hasher for Same {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 << 8) | u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}
