//! What is added up for one figure.

use crate::domain::fraction::Fraction;
use crate::policy::model::Id;

/// What is added up for one figure.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// What counts.
    pub counts: u64,
    /// Over how many.
    pub population: u64,
    /// The sum and the number of the ratings, for each weight.
    rated: Vec<(Option<Fraction>, u64)>,
}

impl Tally {
    /// Counts one more.
    pub fn one(&mut self) {
        self.share(1, 1);
    }

    /// Adds some, of which some count.
    pub fn share(&mut self, counts: u64, population: u64) {
        self.counts = self.counts.saturating_add(counts);
        self.population = self.population.saturating_add(population);
    }

    /// Adds a balance over a number of members. A balance is never below zero.
    pub fn balance(&mut self, balance: i64, members: u64) {
        self.share(u64::try_from(balance).unwrap_or(0), members);
    }

    /// Adds the ratings of one event, each with the place of its weight.
    pub fn rate(&mut self, ratings: &[(usize, Fraction)], weights: usize) {
        self.population = self.population.saturating_add(1);
        self.rated.resize(weights, (Some(Fraction::whole(0)), 0));
        for (ix, rating) in ratings {
            if let Some((sum, count)) = self.rated.get_mut(*ix) {
                *sum = sum.and_then(|sum| sum.plus(*rating));
                *count = count.saturating_add(1);
            }
        }
    }

    /// The weights without a rating.
    pub fn missing(&self, weights: &[(Id, Fraction)]) -> Vec<Id> {
        let rated = |ix: usize| self.rated.get(ix).is_some_and(|(_, count)| *count > 0);
        let missing = weights.iter().enumerate().filter(|(ix, _)| !rated(*ix));
        missing.map(|(_, (field, _))| field.clone()).collect()
    }

    /// The weighted mean of the means; none where a weight has no rating.
    pub fn score(&self, weights: &[(Id, Fraction)]) -> Option<Fraction> {
        let mut score = Fraction::whole(0);
        for (ix, (_, weight)) in weights.iter().enumerate() {
            let (sum, count) = self.rated.get(ix)?;
            score = score.plus((*sum)?.over(*count)?.times(*weight)?)?;
        }
        Some(score)
    }
}
