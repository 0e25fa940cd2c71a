//! Numbers: whole numbers are exact up to 64 bits, all others are doubles, and a number that is only passed through
//! keeps its text.

use std::cmp::Ordering;
use std::rc::Rc;

use super::memory::Charge;

/// A number.
#[derive(Clone, Debug)]
pub(crate) enum Number {
    Int(i64),
    Float(f64),
    /// A number with its text, which neither of the others would print the same.
    Literal(Rc<Literal>),
}

/// A number with its JSON text.
#[derive(Debug)]
pub(crate) struct Literal {
    text: Box<str>,
    value: f64,
    _charge: Charge,
}

impl Number {
    /// Reads a number of JSON; the caller has checked that it is one.
    pub(super) fn parse(text: &str) -> Self {
        if text != "-0"
            && let Ok(int) = text.parse()
        {
            return Self::Int(int);
        }
        let value: f64 = text.parse().unwrap_or(f64::NAN);
        if format_f64(value) == text { Self::Float(value) } else { Self::literal(text, value) }
    }

    /// A double, or the whole number that it is.
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "checked to be exact")]
    pub(super) fn whole(value: f64) -> Self {
        let int = value as i64;
        let is_exact = value.abs() < 9e15 && (int as f64).to_bits() == value.to_bits();
        if is_exact { Self::Int(int) } else { Self::Float(value) }
    }

    fn literal(text: &str, value: f64) -> Self {
        let charge = Charge::new(size_of::<Literal>() + text.len());
        Self::Literal(Rc::new(Literal { text: text.into(), value, _charge: charge }))
    }

    #[expect(clippy::cast_precision_loss, reason = "a double is what was asked for")]
    pub(super) fn as_f64(&self) -> f64 {
        match self {
            Self::Int(int) => *int as f64,
            Self::Float(float) => *float,
            Self::Literal(literal) => literal.value,
        }
    }

    pub(super) fn add(&self, other: &Self) -> Self {
        self.exactly(other, i64::checked_add).unwrap_or_else(|| Self::Float(self.as_f64() + other.as_f64()))
    }

    pub(super) fn subtract(&self, other: &Self) -> Self {
        self.exactly(other, i64::checked_sub).unwrap_or_else(|| Self::Float(self.as_f64() - other.as_f64()))
    }

    pub(super) fn multiply(&self, other: &Self) -> Self {
        // Zero has a sign, which only a double keeps.
        self.exactly(other, |one, other| one.checked_mul(other).filter(|product| *product != 0))
            .unwrap_or_else(|| Self::Float(self.as_f64() * other.as_f64()))
    }

    pub(super) fn divide(&self, other: &Self) -> Self {
        self.exactly(other, |one, other| (one != 0 && one.checked_rem(other)? == 0).then(|| one.checked_div(other))?)
            .unwrap_or_else(|| Self::Float(self.as_f64() / other.as_f64()))
    }

    /// The remainder with the sign of the dividend; nothing if the divisor is zero.
    pub(super) fn remainder(&self, other: &Self) -> Option<Self> {
        if self.as_f64().is_nan() || other.as_f64().is_nan() {
            return Some(Self::Float(f64::NAN));
        }
        let (dividend, divisor) = (self.truncated(), other.truncated());
        Some(Self::Int(if divisor == 0 { return None } else { dividend.checked_rem(divisor).unwrap_or(0) }))
    }

    pub(super) fn negate(&self) -> Self {
        match self {
            Self::Int(int) => int.checked_neg().map_or_else(|| Self::Float(-self.as_f64()), Self::Int),
            Self::Float(float) => Self::Float(-float),
            Self::Literal(literal) => {
                let text = literal.text.strip_prefix('-').map_or_else(|| format!("-{}", literal.text), str::to_owned);
                Self::literal(&text, -literal.value)
            }
        }
    }

    /// The whole part, within the bounds of 64 bits.
    #[expect(clippy::cast_possible_truncation, reason = "the cast stays within bounds, as meant")]
    pub(super) fn truncated(&self) -> i64 {
        match self {
            Self::Int(int) => *int,
            _ => self.as_f64() as i64,
        }
    }

    fn exactly(&self, other: &Self, operation: impl Fn(i64, i64) -> Option<i64>) -> Option<Self> {
        match (self, other) {
            (Self::Int(one), Self::Int(other)) => operation(*one, *other).map(Self::Int),
            _ => None,
        }
    }

    /// The order of numbers; NaN is below every other number.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        if let (Self::Int(one), Self::Int(other)) = (self, other) {
            return one.cmp(other);
        }
        match self.as_f64().partial_cmp(&other.as_f64()) {
            None => other.as_f64().is_nan().cmp(&self.as_f64().is_nan()),
            Some(Ordering::Equal) if !matches!((self, other), (Self::Float(_), Self::Float(_))) => {
                Decimal::of(&self.to_string()).order(&Decimal::of(&other.to_string()))
            }
            Some(order) => order,
        }
    }
}

impl std::fmt::Display for Number {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Int(int) => write!(formatter, "{int}"),
            Self::Float(float) => formatter.write_str(&format_f64(*float)),
            Self::Literal(literal) => formatter.write_str(&literal.text),
        }
    }
}

/// Writes a double as jq does: the fewest digits that give the same double, an exponent only beyond 16 places.
pub(super) fn format_f64(value: f64) -> String {
    if value.is_nan() {
        return "null".to_owned();
    }
    let scientific = format!("{:e}", value.clamp(f64::MIN, f64::MAX));
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let digits = mantissa.replace('.', "");
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let point = exponent + 1;
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
    if digits == "0" {
        format!("{sign}0")
    } else if point <= -4 || point > count + 15 {
        let (first, rest) = digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        let exponent_sign = if exponent < 0 { '-' } else { '+' };
        format!("{sign}{first}{point}{rest}e{exponent_sign}{:02}", exponent.abs())
    } else if point <= 0 {
        format!("{sign}0.{}{digits}", zeros(-point))
    } else if point >= count {
        format!("{sign}{digits}{}", zeros(point - count))
    } else {
        let (whole, fraction) = digits.split_at(usize::try_from(point).unwrap_or(0));
        format!("{sign}{whole}.{fraction}")
    }
}

/// A number by its digits: 0.DIGITS times ten to the exponent.
struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    fn of(text: &str) -> Self {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        // An exponent beyond 64 bits counts as the largest.
        let bound = if exponent.starts_with('-') { i64::MIN / 2 } else { i64::MAX / 2 };
        let exponent: i64 = exponent.parse().unwrap_or(bound);
        let all = format!("{whole}{fraction}");
        let significant = all.trim_start_matches('0');
        let skipped = all.len() - significant.len();
        let digits = significant.trim_end_matches('0').to_owned();
        let places = i64::try_from(whole.len()).unwrap_or(0) - i64::try_from(skipped).unwrap_or(0);
        let exponent = if digits.is_empty() { 0 } else { exponent.saturating_add(places) };
        Self { negative: negative && !digits.is_empty(), digits, exponent }
    }

    fn order(&self, other: &Self) -> Ordering {
        let size = |decimal: &Self| (!decimal.digits.is_empty(), decimal.exponent);
        let by_size = size(self).cmp(&size(other)).then_with(|| self.digits.cmp(&other.digits));
        match (self.negative, other.negative) {
            (false, false) => by_size,
            (true, true) => by_size.reverse(),
            (one, other) => other.cmp(&one),
        }
    }
}
