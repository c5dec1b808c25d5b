//! The hash chains over the record.
//!
//! An event's hash is SHA-256 over the tag, the hash of the event before it (32 zero bytes before the first), then
//! sequence, company, previous of the case and time of recording as 64-bit little-endian integers, then body and
//! decision, each as its length in bytes (64-bit little-endian) and its bytes. Nothing in a row is outside its hash.
//!
//! Editions have a chain of their own in the same manner: number, company, first sequence and time of loading, then
//! hash, files, and the company's id and seed, so that no seed can be exchanged under draws already made.

use sha2::{Digest, Sha256};

/// Names the way of hashing; another way would have another tag.
pub(super) const TAG: &[u8] = b"guicheng-1";

/// What stands before the first link.
pub(super) const START: [u8; 32] = [0; 32];

/// The hash of one link over the link before it.
pub(super) fn link(before: &[u8; 32], numbers: [i64; 4], fields: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(TAG);
    hash.update(before);
    for number in numbers {
        hash.update(number.to_le_bytes());
    }
    for field in fields {
        // A slice is never longer than isize::MAX bytes, so its length always fits.
        hash.update((field.len() as u64).to_le_bytes());
        hash.update(field);
    }
    hash.finalize().into()
}
