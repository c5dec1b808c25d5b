//! Work on several companies at once: none knows of another.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Does the same work on each of them, on all processors; what came of each, in their order.
pub fn together<T: Sync, R: Send>(all: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let some = || {
        let mut done: Vec<(usize, R)> = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(one) = all.get(at) else { return done };
            done.push((at, work(one)));
        }
    };
    let mut done = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(all.len())).map(|_| scope.spawn(some)).collect();
        let mut done = some();
        for other in others {
            match other.join() {
                Ok(theirs) => done.extend(theirs),
                Err(fault) => std::panic::resume_unwind(fault),
            }
        }
        done
    });
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, one)| one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_of_each_stands_in_their_order() {
        for count in [0, 1, 2, 100] {
            let all: Vec<u64> = (0..count).collect();
            assert_eq!(together(&all, |n| n * n), all.iter().map(|n| n * n).collect::<Vec<_>>());
        }
    }
}
