//! The numbers that events get as they are recorded.

use super::admit::original;
use super::{Draft, PastError};
use crate::domain::event::Event;
use crate::domain::value::Value;
use crate::engine::intake::Refusal;
use crate::engine::number;

impl Draft<'_> {
    /// Whether the number that an event brings is the one that it gets.
    pub(super) fn check_number(&self, event: &Event) -> Result<Result<(), Refusal>, PastError> {
        match number::numbered(self.history, event) {
            Some((record, numbering)) => {
                let expected = self.number_for(event)?;
                Ok(number::check(record, numbering, event, expected.as_deref()))
            }
            None => Ok(Ok(())),
        }
    }

    /// Fills in the number of an event that leaves it out.
    pub(super) fn fill_number(&self, event: &mut Event) -> Result<(), PastError> {
        let Some((_, numbering)) = number::numbered(self.history, event) else {
            return Ok(());
        };
        if event.data.get(&numbering.field).is_none_or(|v| !v.is_filled())
            && let Some(number) = self.number_for(event)?
        {
            event.data.set(numbering.field.clone(), Value::Text(number.into()));
        }
        Ok(())
    }

    /// Counts the number of an event that is recorded. A correction keeps the one there was, and what is taken back
    /// leaves its number void.
    pub(super) fn count_number(&mut self, event: &Event) {
        let history = self.history;
        if event.corrects.is_some() || event.retracts.is_some() || number::of(history, event).is_none() {
            return;
        }
        if let Some((record, numbering)) = number::numbered(history, event) {
            let series = number::series(history, record, numbering, event);
            let given = self.given(&series).saturating_add(1);
            self.changes.numbers.insert(series, given);
        }
    }

    fn given(&self, series: &number::Series) -> u32 {
        let given = self
            .changes
            .numbers
            .get(series)
            .or_else(|| self.world.numbers.get(series));
        given.copied().unwrap_or(0)
    }

    /// The number that an event gets.
    fn number_for(&self, event: &Event) -> Result<Option<String>, PastError> {
        let history = self.history;
        let Some((record, numbering)) = number::numbered(history, event) else {
            return Ok(None);
        };
        if event.retracts.is_some() {
            return Ok(None);
        }
        if event.corrects.is_some() {
            let events = self.events_of(&event.case)?;
            let first = original(&events, event);
            return Ok(first.and_then(|first| number::of(history, first)).map(str::to_owned));
        }
        let series = number::series(history, record, numbering, event);
        Ok(Some(number::next(history, numbering, event, self.given(&series))))
    }
}
