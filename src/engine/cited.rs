//! What a counted figure comes from: events, told in a few words that stay as short however many there are.

use crate::engine::lot::hex;
use crate::policy::model::Id;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// The events that something comes from, each once, sorted by the bytes of their ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cited {
    /// How many there are; 0: it is over nothing.
    pub count: u64,
    /// The first of them; none where there are none.
    pub first: Option<String>,
    /// The last of them; none where there are none.
    pub last: Option<String>,
    /// SHA-256 over their ids in that order, each followed by a line feed; in hex.
    pub digest: String,
}

impl Cited {
    /// The events of these ids, in whatever order and however often they are given.
    pub fn of<'i>(events: impl IntoIterator<Item = &'i Id>) -> Cited {
        let mut ids: Vec<&Id> = events.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        let mut hash = Sha256::new();
        for id in &ids {
            hash.update(id.as_bytes());
            hash.update(b"\n");
        }
        Cited {
            count: ids.len() as u64,
            first: ids.first().map(ToString::to_string),
            last: ids.last().map(ToString::to_string),
            digest: hex(&hash.finalize()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_cited_each_once_and_sorted() {
        let ids = ["b", "a", "b", "中"].map(Id::from);
        let cited = Cited::of(&ids);
        assert_eq!(cited.count, 3);
        assert_eq!((cited.first.as_deref(), cited.last.as_deref()), (Some("a"), Some("中")));
        // printf 'a\nb\n中\n' | sha256sum
        assert_eq!(
            cited.digest,
            "c610bb34d66bf75c91adb15d7ee731025ed81935ff1c92333a91f4718758bcc0"
        );
    }

    #[test]
    fn what_is_over_nothing_says_so() {
        let cited = Cited::of([]);
        assert_eq!((cited.count, cited.first, cited.last), (0, None, None));
        // printf '' | sha256sum
        assert_eq!(
            cited.digest,
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }
}
