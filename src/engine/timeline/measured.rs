//! The figures of metrics that a timeline expects, against those that come out.

use super::compare::{Difference, Snapshot, list, or_none};
use super::{At, Failure, Measured, Number, refer};
use crate::domain::fraction::Fraction;
use crate::engine::metric::{Counter, Row, text};
use crate::engine::open::period_of;
use crate::engine::rate::parse_period;
use crate::policy::model::Metric;

impl Number {
    /// The number, exact.
    pub(super) fn exact(&self) -> Option<Fraction> {
        Fraction::decimal(&self.0).or_else(|| self.0.parse().ok())
    }
}

impl Snapshot<'_> {
    /// What of a figure is not as expected.
    pub(super) fn measured(&self, At { line, what }: &At<Measured>, failures: &mut Vec<Failure>) {
        let Some(metric) = refer::metric(self.company, &what.metric) else {
            return;
        };
        let Some(on) = parse_period(metric.per, &what.period.0) else {
            return;
        };
        let of = what.of.as_deref().unwrap_or_default();
        let name = format!("{} {} {of}", what.metric, what.period);
        let rows = self.rows(metric, on);
        let is_meant = |row: &&Row| match (&what.by, &what.of) {
            (Some(by), _) => row.by == *by && row.of == of,
            (None, Some(_)) => !row.by.is_empty() && row.of == of,
            (None, None) => row.by.is_empty(),
        };
        let Some(row) = rows.iter().find(is_meant) else {
            let have: Vec<&str> = rows
                .iter()
                .filter(|r| !r.by.is_empty())
                .map(|r| r.of.as_str())
                .collect();
            let difference = Difference {
                field: "of",
                want: of.to_owned(),
                found: list(have),
            };
            failures.push(difference.failure(*line, &name));
            return;
        };
        let value = |value: Fraction| text(metric, value);
        let pairs = [
            (
                "value",
                what.value.as_ref().map(|v| or_none(v.exact().map(value))),
                or_none(row.value.map(value)),
            ),
            (
                "population",
                what.population.map(|n| n.to_string()),
                row.population.to_string(),
            ),
            ("below", what.below.map(|b| b.to_string()), row.below.to_string()),
            ("missing", what.missing.as_ref().map(list), list(&row.missing)),
        ];
        for (field, want, found) in pairs {
            if let Some(want) = want.filter(|want| *want != found) {
                failures.push(Difference { field, want, found }.failure(*line, &name));
            }
        }
    }

    fn rows(&self, metric: &Metric, on: chrono::NaiveDate) -> Vec<Row> {
        let ctx = self.world.context();
        let mut counter = Counter::new(self.company, metric, period_of(metric.per, on), self.at);
        for (id, case) in &self.cases {
            counter.case(id, case, &self.record.seen(id, self.at, &ctx));
        }
        counter.rows()
    }
}
