//! Exact fractions: targets and shares without floating point.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// An exact non-negative fraction in lowest terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fraction {
    numerator: u64,
    denominator: u64,
}

/// A text that is no fraction, and what to write instead.
#[derive(thiserror::Error, Clone, Debug, PartialEq, Eq)]
#[error("{text} is not accepted: {remedy}")]
pub struct FractionError {
    /// What was written.
    pub text: String,
    /// What to write instead.
    pub remedy: String,
}

/// The most digits on either side of a point or stroke; keeps every product within 128 bits.
const MAX_DIGITS: usize = 9;

impl Fraction {
    /// `numerator / denominator` in lowest terms; `None` for a denominator of 0.
    pub fn new(numerator: u64, denominator: u64) -> Option<Fraction> {
        let common = common_divisor(numerator, denominator);
        Some(Fraction {
            numerator: numerator.checked_div(common)?,
            denominator: denominator.checked_div(common)?,
        })
        .filter(|fraction| fraction.denominator > 0)
    }

    /// The numerator in lowest terms.
    pub fn numerator(&self) -> u64 {
        self.numerator
    }

    /// The denominator in lowest terms, never 0.
    pub fn denominator(&self) -> u64 {
        self.denominator
    }

    /// Whether the fraction is more than the whole, which no target or share can be.
    pub fn exceeds_whole(&self) -> bool {
        self.numerator > self.denominator
    }

    /// The least number out of `population` that reaches the fraction: `ceil(fraction * population)`, exact.
    pub fn required(&self, population: u64) -> u64 {
        let product = u128::from(self.numerator).saturating_mul(u128::from(population));
        let required = product.div_ceil(u128::from(self.denominator.max(1)));
        u64::try_from(required).unwrap_or(u64::MAX)
    }

    /// A whole number.
    pub fn whole(number: u64) -> Fraction {
        Fraction {
            numerator: number,
            denominator: 1,
        }
    }

    /// The sum; `None` where it leads out of the range.
    pub fn plus(self, other: Fraction) -> Option<Fraction> {
        let left = u128::from(self.numerator).checked_mul(u128::from(other.denominator))?;
        let right = u128::from(other.numerator).checked_mul(u128::from(self.denominator))?;
        let below = u128::from(self.denominator).checked_mul(u128::from(other.denominator))?;
        reduced(left.checked_add(right)?, below)
    }

    /// The product; `None` where it leads out of the range.
    pub fn times(self, other: Fraction) -> Option<Fraction> {
        let above = u128::from(self.numerator).checked_mul(u128::from(other.numerator))?;
        let below = u128::from(self.denominator).checked_mul(u128::from(other.denominator))?;
        reduced(above, below)
    }

    /// It divided by a whole number; `None` for 0 and where it leads out of the range.
    pub fn over(self, number: u64) -> Option<Fraction> {
        self.times(Fraction::new(1, number)?)
    }

    /// A plain decimal number such as `86.5`; up to nine digits before and after the point.
    pub fn decimal(text: &str) -> Option<Fraction> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let scale = 10_u64.checked_pow(u32::try_from(decimals.len()).ok()?)?;
        let numerator = digits(whole)?.checked_mul(scale)?.checked_add(digits(decimals)?)?;
        Fraction::new(numerator, scale)
    }

    /// As a decimal number if that is exact (`86.5`), else as numerator and denominator (`260/3`).
    pub fn decimal_text(&self) -> String {
        let (denominator, mut scale, mut decimals) = (u128::from(self.denominator.max(1)), 1_u128, 0_usize);
        let scaled = |scale: u128| u128::from(self.numerator).saturating_mul(scale);
        while scaled(scale) % denominator != 0 && decimals < MAX_DIGITS {
            scale = scale.saturating_mul(10);
            decimals = decimals.saturating_add(1);
        }
        let exact = scaled(scale) / denominator;
        if scaled(scale) % denominator != 0 {
            format!("{}/{}", self.numerator, self.denominator)
        } else if decimals == 0 {
            exact.to_string()
        } else {
            format!("{}.{:0decimals$}", exact / scale, exact % scale)
        }
    }

    /// As a decimal number with two decimals, rounded half up.
    pub fn rounded(&self) -> String {
        let denominator = u128::from(self.denominator.max(1));
        let hundredths = (u128::from(self.numerator) * 200 + denominator) / (denominator * 2);
        format!("{}.{:02}", hundredths / 100, hundredths % 100)
    }

    /// How `done` out of `population` stands to the fraction: `Less` is below it. `None` without a population: there is
    /// no value then, and no verdict.
    pub fn compare(&self, done: u64, population: u64) -> Option<Ordering> {
        let reached = u128::from(done).saturating_mul(u128::from(self.denominator));
        let wanted = u128::from(self.numerator).saturating_mul(u128::from(population));
        (population > 0).then(|| reached.cmp(&wanted))
    }
}

/// `done` out of `population` as a percentage with two decimals, rounded half up: `97.44`. `None` without a population.
pub fn percent_text(done: u64, population: u64) -> Option<String> {
    let population = u128::from(population);
    let hundredths = u128::from(done).saturating_mul(20_000).saturating_add(population);
    let hundredths = hundredths.checked_div(population.saturating_mul(2))?;
    Some(format!("{}.{:02}", hundredths / 100, hundredths % 100))
}

fn reduced(mut numerator: u128, mut denominator: u128) -> Option<Fraction> {
    let (mut a, mut b) = (numerator, denominator);
    while b != 0 {
        (a, b) = (b, a.checked_rem(b)?);
    }
    numerator = numerator.checked_div(a)?;
    denominator = denominator.checked_div(a)?;
    Fraction::new(u64::try_from(numerator).ok()?, u64::try_from(denominator).ok()?)
}

fn common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a.checked_rem(b).unwrap_or(0));
    }
    a
}

impl FromStr for Fraction {
    type Err = FractionError;

    /// Reads `30%`, `37.5%` and `1/3`; up to nine digits in each part. [`FractionError`] says what to write instead.
    fn from_str(written: &str) -> Result<Fraction, FractionError> {
        let refuse = |remedy: &str| FractionError {
            text: written.to_owned(),
            remedy: remedy.to_owned(),
        };
        let text = written.trim();
        let read = if let Some(percent) = text.strip_suffix(['%', '％']) {
            percentage(percent.trim_end())
        } else if let Some((numerator, denominator)) = text.split_once('/') {
            match (digits(numerator.trim_end()), digits(denominator.trim_start())) {
                (Some(_), Some(0)) => return Err(refuse("the number below the stroke is 0")),
                (Some(numerator), Some(denominator)) => Fraction::new(numerator, denominator),
                _ => None,
            }
        } else {
            return Err(refuse("write a percentage such as 30% or a fraction such as 1/3"));
        };
        read.ok_or_else(|| refuse("write a percentage such as 37.5% or a fraction such as 1/3, at most 9 digits each"))
    }
}

fn digits(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.len() <= MAX_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

fn percentage(text: &str) -> Option<Fraction> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let scale = 10_u64.checked_pow(u32::try_from(decimals.len()).ok()?)?;
    let numerator = digits(whole)?.checked_mul(scale)?.checked_add(digits(decimals)?)?;
    Fraction::new(numerator, scale.checked_mul(100)?)
}

impl fmt::Display for Fraction {
    /// As a percentage if that is exact (`37.5%`), else as numerator and denominator (`1/3`). Reads back as the same.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut scale, mut decimals) = (1_u128, 0_usize);
        let denominator = u128::from(self.denominator.max(1));
        let scaled = |scale: u128| u128::from(self.numerator).saturating_mul(100).saturating_mul(scale);
        while scaled(scale) % denominator != 0 && decimals < MAX_DIGITS {
            scale = scale.saturating_mul(10);
            decimals = decimals.saturating_add(1);
        }
        let exact = scaled(scale) / denominator;
        if scaled(scale) % denominator != 0 || exact / scale > 999_999_999 {
            write!(f, "{}/{}", self.numerator, self.denominator)
        } else if decimals == 0 {
            write!(f, "{exact}%")
        } else {
            write!(f, "{}.{:0decimals$}%", exact / scale, exact % scale)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fraction(text: &str) -> Fraction {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_required_is_rounded_up() {
        let table = [
            ("20%", 11, 3),
            ("30%", 20, 6),
            ("30%", 0, 0),
            ("1/3", 10, 4),
            ("100%", 7, 7),
            ("37.5%", 8, 3),
        ];
        for (text, population, want) in table {
            assert_eq!(fraction(text).required(population), want, "{text} of {population}");
        }
        assert_eq!(fraction("100%").required(u64::MAX), u64::MAX);
    }

    #[test]
    fn percentages_are_rounded_half_up() {
        let table = [
            (39, 39, "100.00"),
            (38, 39, "97.44"),
            (1, 3, "33.33"),
            (2, 3, "66.67"),
            (1, 800, "0.13"),
            (0, 5, "0.00"),
        ];
        for (done, population, want) in table {
            assert_eq!(percent_text(done, population).as_deref(), Some(want));
        }
        assert_eq!(percent_text(0, 0), None);
        assert_eq!(percent_text(u64::MAX, u64::MAX).as_deref(), Some("100.00"));
    }

    #[test]
    fn spellings() {
        let table = [
            ("30%", "30%"),
            ("37.5%", "37.5%"),
            ("3/8", "37.5%"),
            ("1/3", "1/3"),
            (" 0.05％", "0.05%"),
            ("2/6", "1/3"),
        ];
        for (text, want) in table {
            assert_eq!(fraction(text).to_string(), want);
        }
        for bad in [
            "",
            "30",
            "0.3",
            "-3%",
            "1/0",
            "%",
            "1/",
            "1e3%",
            "1234567890%",
            "3.%",
            "a/b",
        ] {
            assert!(bad.parse::<Fraction>().is_err(), "{bad}");
        }
        assert!(fraction("100.5%").exceeds_whole() && !fraction("100%").exceeds_whole());
    }

    #[test]
    fn sums_and_means_are_exact() {
        let (fifth, third) = (fraction("20%"), fraction("1/3"));
        assert_eq!(fifth.plus(third), Fraction::new(8, 15));
        assert_eq!(fifth.times(third), Fraction::new(1, 15));
        assert_eq!(Fraction::whole(260).over(3), Fraction::new(260, 3));
        assert_eq!(Fraction::whole(1).over(0), None);
        assert_eq!(Fraction::whole(u64::MAX).plus(Fraction::whole(1)), None);
        let table = [
            ("86.5", "86.5", "86.50"),
            ("90", "90", "90.00"),
            ("0.125", "0.125", "0.13"),
        ];
        for (text, exact, rounded) in table {
            let read = Fraction::decimal(text).unwrap();
            assert_eq!(
                (read.decimal_text().as_str(), read.rounded().as_str()),
                (exact, rounded)
            );
        }
        let thirds = Fraction::new(260, 3).unwrap();
        assert_eq!(
            (thirds.decimal_text(), thirds.rounded()),
            ("260/3".into(), "86.67".into())
        );
        assert_eq!(
            (Fraction::decimal("-1"), Fraction::decimal("1e3"), Fraction::decimal("")),
            (None, None, None)
        );
    }

    #[test]
    fn comparison_is_exact() {
        assert_eq!(fraction("1/3").compare(1, 3), Some(Ordering::Equal));
        assert_eq!(fraction("90%").compare(899_999, 1_000_000), Some(Ordering::Less));
        assert_eq!(fraction("90%").compare(0, 0), None);
    }

    proptest! {
        #[test]
        fn required_is_the_least_that_reaches(numerator in 0_u64..1000, denominator in 1_u64..1000, population in 1_u64..5000) {
            let share = Fraction::new(numerator, denominator).unwrap();
            let required = share.required(population);
            prop_assert_ne!(share.compare(required, population), Some(Ordering::Less));
            prop_assert!(required == 0 || share.compare(required - 1, population) == Some(Ordering::Less));
            prop_assert_eq!(share.to_string().parse::<Fraction>(), Ok(share));
        }
    }
}
