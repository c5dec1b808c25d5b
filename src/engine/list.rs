//! The obligations of a case, shared between its states: a case is copied before an event is tried on it, and what the
//! event leaves as it was is not copied with it.

use crate::engine::obligation::Obligation;
use std::sync::Arc;

/// Obligations in the order in which they came to be.
#[derive(Clone, Debug, Default)]
pub struct Obligations(Vec<Arc<Obligation>>, bool);

impl Obligations {
    /// The one at a place.
    pub fn get(&self, ix: usize) -> Option<&Obligation> {
        self.0.get(ix).map(|o| &**o)
    }

    /// The one at a place, to be changed; copied first if another state of the case has it too.
    pub fn get_mut(&mut self, ix: usize) -> Option<&mut Obligation> {
        self.0.get_mut(ix).map(Arc::make_mut)
    }

    /// Changes those that are wanted.
    pub fn change(&mut self, wanted: impl Fn(&Obligation) -> bool, mut change: impl FnMut(&mut Obligation)) {
        for obligation in self.0.iter_mut().filter(|o| wanted(o)) {
            change(Arc::make_mut(obligation));
        }
    }

    /// Whether any of them may be waived by an exception, or was by somebody.
    pub fn may_be_waived(&self) -> bool {
        self.1
    }

    /// Notes that one of them may be waived.
    pub fn note_waived(&mut self) {
        self.1 = true;
    }

    /// Adds the next one.
    pub fn push(&mut self, obligation: Obligation) {
        self.1 |= !obligation.duty.exceptions.is_empty() || !obligation.waivers().is_empty();
        self.0.push(Arc::new(obligation));
    }

    /// Gives back spare room.
    pub fn shrink(&mut self) {
        self.0.shrink_to_fit();
    }

    /// All of them.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Obligation> + ExactSizeIterator + Clone {
        self.0.iter().map(|o| &**o)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the one at a place is the very same in both states: then it was not changed between them.
    pub fn is_same(&self, other: &Obligations, ix: usize) -> bool {
        match (self.0.get(ix), other.0.get(ix)) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

impl<'a> IntoIterator for &'a Obligations {
    type Item = &'a Obligation;
    type IntoIter = std::iter::Map<std::slice::Iter<'a, Arc<Obligation>>, fn(&'a Arc<Obligation>) -> &'a Obligation>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().map(|o| &**o)
    }
}
