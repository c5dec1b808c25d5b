//! A draw without replacement that an auditor can repeat from what its record holds: the frame, the seed, the size.
//!
//! The order of the draw is that of SHA-256 over the seed and the member. With strata each gets its share of the size,
//! rounded down, and the largest remainders one more; of equal remainders the one whose next member comes first in the
//! order of the draw. `docs/samples.md` says the same in a few lines of Python.

use crate::policy::model::Id;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Somebody or something that can be drawn.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its name.
    pub member: Id,
    /// The stratum it belongs to; empty where there are none.
    pub stratum: Id,
}

/// A draw with everything that it takes to repeat it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lot {
    /// Who could be drawn, sorted by name, each once.
    pub frame: Vec<Entry>,
    /// The seed. Its hash may be shown before the draw, it itself only after.
    pub seed: [u8; 32],
    /// Who was drawn, in the order of the draw.
    pub drawn: Vec<Entry>,
}

impl Lot {
    /// Draws `size` of a frame, in whatever order it is given.
    pub fn draw(seed: [u8; 32], mut frame: Vec<Entry>, size: u64) -> Lot {
        frame.sort();
        frame.dedup_by(|a, b| a.member == b.member);
        let population = frame.len() as u64;
        let size = size.min(population);
        let mut order: Vec<([u8; 32], &Entry)> = frame.iter().map(|e| (place(&seed, &e.member), e)).collect();
        order.sort();
        let mut strata: BTreeMap<&Id, Vec<([u8; 32], &Entry)>> = BTreeMap::new();
        for one in order {
            strata.entry(&one.1.stratum).or_default().push(one);
        }
        // The next of each stratum beyond its rounded share: by the remainder, the largest first, then by the draw.
        let mut next = Vec::new();
        let mut taken: Vec<([u8; 32], &Entry)> = Vec::new();
        for list in strata.into_values() {
            let share = u128::from(size) * list.len() as u128;
            let (whole, rest) = (
                share / u128::from(population.max(1)),
                share % u128::from(population.max(1)),
            );
            for (nth, one) in list.into_iter().enumerate() {
                let nth = nth as u128;
                if nth < whole {
                    taken.push(one);
                } else if nth == whole && rest > 0 {
                    next.push((std::cmp::Reverse(rest), one));
                }
            }
        }
        next.sort();
        let lacking = usize::try_from(size).unwrap_or(usize::MAX).saturating_sub(taken.len());
        taken.extend(next.into_iter().take(lacking).map(|(_, one)| one));
        taken.sort();
        let drawn = taken.into_iter().map(|(_, entry)| entry.clone()).collect();
        Lot { frame, seed, drawn }
    }

    /// Whether a member was drawn.
    pub fn has(&self, member: &str) -> bool {
        self.drawn.iter().any(|e| e.member.as_ref() == member)
    }

    /// Whether a member could be drawn.
    pub fn could(&self, member: &str) -> bool {
        self.frame.binary_search_by(|e| e.member.as_ref().cmp(member)).is_ok()
    }

    /// Of each stratum how many there were and how many were drawn.
    pub fn spread(&self) -> BTreeMap<Id, (u64, u64)> {
        let mut spread: BTreeMap<Id, (u64, u64)> = BTreeMap::new();
        for entry in &self.frame {
            spread.entry(entry.stratum.clone()).or_default().0 += 1;
        }
        for entry in &self.drawn {
            spread.entry(entry.stratum.clone()).or_default().1 += 1;
        }
        spread
    }
}

/// The seed of one draw: SHA-256 over the company's seed, the sample's id, and each further part after a zero byte. It
/// can be disclosed without disclosing that of another draw.
pub fn seed(company: &[u8; 32], sample: &str, of: &[&str]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(company);
    hash.update(sample.as_bytes());
    for part in of {
        hash.update([0]);
        hash.update(part.as_bytes());
    }
    hash.finalize().into()
}

/// What may be shown of a seed before the draw: SHA-256 over it.
pub fn commitment(seed: &[u8; 32]) -> [u8; 32] {
    Sha256::digest(seed).into()
}

/// SHA-256 over the names of a frame, sorted, each followed by a line feed.
pub fn frame_hash(frame: &[Entry]) -> [u8; 32] {
    let mut names: Vec<&Id> = frame.iter().map(|e| &e.member).collect();
    names.sort();
    let mut hash = Sha256::new();
    for name in names {
        hash.update(name.as_bytes());
        hash.update(b"\n");
    }
    hash.finalize().into()
}

/// Bytes in hex.
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn place(seed: &[u8; 32], member: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(seed);
    hash.update(member.as_bytes());
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frame(strata: &[(&str, usize)]) -> Vec<Entry> {
        let of = |(stratum, many): &(&str, usize)| {
            let entry = |n| Entry {
                member: format!("{stratum}-{n:03}").into(),
                stratum: Id::from(*stratum),
            };
            (0..*many).map(entry).collect::<Vec<_>>()
        };
        strata.iter().flat_map(of).collect()
    }

    fn spread(strata: &[(&str, usize)], size: u64) -> Vec<u64> {
        let lot = Lot::draw([3; 32], frame(strata), size);
        lot.spread().into_values().map(|(_, drawn)| drawn).collect()
    }

    #[test]
    fn strata_get_their_shares_by_largest_remainder() {
        // 7 of 20: 3.5, 2.1, 1.4 are 3, 2, 1 and one more for the largest remainder.
        assert_eq!(spread(&[("a", 10), ("b", 6), ("c", 4)], 7), [4, 2, 1]);
        // 5 of 14: 2.5, 1.785…, 0.714… are 2, 1, 0; the two that lack go to b and c.
        assert_eq!(spread(&[("a", 7), ("b", 5), ("c", 2)], 5), [2, 2, 1]);
        assert_eq!(spread(&[("a", 3), ("b", 1)], 4), [3, 1]);
        assert_eq!(spread(&[("a", 3), ("b", 1)], 9), [3, 1]);
        assert_eq!(spread(&[("a", 3)], 0), [0]);
        assert_eq!(spread(&[], 3), Vec::<u64>::new());
    }

    #[test]
    fn equal_remainders_are_left_to_the_draw() {
        // One of five equal strata: over many seeds each has its turn.
        let mut had = std::collections::BTreeSet::new();
        for n in 0..100 {
            let lot = Lot::draw([n; 32], frame(&[("a", 2), ("b", 2), ("c", 2), ("d", 2), ("e", 2)]), 1);
            assert_eq!(lot.drawn.len(), 1);
            had.insert(lot.drawn[0].stratum.clone());
        }
        assert_eq!(had.len(), 5);
    }

    #[test]
    fn hashes_are_those_of_the_definition() {
        // Of `printf 'a\nb\n' | sha256sum`.
        let two = ["b", "a"].map(|m| Entry {
            member: m.into(),
            stratum: Id::default(),
        });
        assert_eq!(
            hex(&frame_hash(&two)),
            "911169ddaaf146aff539f58c26c489af3b892dff0fe283c1c264c65ae5aa59a2"
        );
        // Of 32 zero bytes.
        assert_eq!(
            hex(&commitment(&[0; 32])),
            "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925"
        );
        assert_ne!(seed(&[0; 32], "s", &["a", "b"]), seed(&[0; 32], "s", &["b", "a"]));
    }

    proptest! {
        #[test]
        fn a_draw_has_its_size_and_each_stratum_its_share(
            many in prop::collection::vec(0usize..12, 1..6), size in 0u64..60, seed in any::<[u8; 32]>(), turned in any::<bool>()
        ) {
            let names = ["a", "b", "c", "d", "e"];
            let strata: Vec<(&str, usize)> = names.iter().copied().zip(many).collect();
            let all = frame(&strata);
            let lot = Lot::draw(seed, all.clone(), size);
            let population = all.len() as u64;
            prop_assert_eq!(lot.drawn.len() as u64, size.min(population));
            prop_assert!(lot.drawn.iter().all(|e| lot.could(&e.member) && lot.has(&e.member)));
            for (members, drawn) in lot.spread().into_values() {
                // Never a whole one away from the exact share.
                let exact = size.min(population) * members;
                prop_assert!(drawn * population < exact + population && drawn * population + population > exact);
            }
            let mut other = all;
            if turned { other.reverse() } else { other.extend(lot.frame.clone()) }
            prop_assert_eq!(lot, Lot::draw(seed, other, size));
        }
    }
}
