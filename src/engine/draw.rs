//! Which cases are due where a rate asks for a share only: drawn with a secret, so that nobody can foresee it, and so
//! that whoever holds the secret can repeat it.
//!
//! A case's place is SHA-256 over the seed, the rate and the obligation's id. On the fly those below the share are in;
//! at the period's end the lowest of the rest fill what is missing.

use crate::domain::fraction::Fraction;
use crate::domain::zone::Instant;
use crate::engine::obligation::{Drawn, Key, Undrawn};
use crate::policy::model::{Draw, Id};
use sha2::{Digest, Sha256};

/// Whether an obligation is drawn the moment it comes to be. `until` is the end of its period.
pub fn on_the_fly(seed: &[u8; 32], draw: &Draw, case: &str, key: &Key, until: Instant) -> Drawn {
    let place = place(seed, &draw.rate, &key.id(case));
    if is_below(place, &draw.share) {
        Drawn::In
    } else {
        Drawn::Out(Box::new(Undrawn { place, until }))
    }
}

/// Whether that seed draws an obligation the moment it comes to be.
pub fn draws(seed: &[u8; 32], draw: &Draw, case: &str, key: &Key) -> bool {
    is_below(place(seed, &draw.rate, &key.id(case)), &draw.share)
}

/// The place of an obligation in the order of a rate's draw: the first eight bytes, big endian, of SHA-256 over the
/// seed, the rate's id, a zero byte and the obligation's id.
pub fn place(seed: &[u8; 32], rate: &Id, obligation: &str) -> u64 {
    let mut hash = Sha256::new();
    hash.update(seed);
    hash.update(rate.as_bytes());
    hash.update([0]);
    hash.update(obligation.as_bytes());
    let digest = hash.finalize();
    digest
        .iter()
        .take(8)
        .fold(0, |place, byte| (place << 8) | u64::from(*byte))
}

fn is_below(place: u64, share: &Fraction) -> bool {
    u128::from(place) * u128::from(share.denominator()) < (u128::from(share.numerator()) << 64)
}
