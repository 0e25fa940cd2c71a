//! Functions of numbers.
//!
//! Those of the `libm` crate: a result has the same digits on every system.

use super::{Row, next};
use crate::jq::number::Number;
use crate::jq::operators::unfit;
use crate::jq::value::{Fault, Value};

/// Makes a builtin of a function of the input.
macro_rules! unary {
    ($function:expr) => {
        |value, _| Ok(number($function(float(&value)?)))
    };
}

/// Makes a builtin of a function of two arguments.
macro_rules! binary {
    ($function:expr) => {
        |_, mut arguments| {
            let first = next(&mut arguments);
            let second = next(&mut arguments);
            Ok(number($function(float(&first)?, float(&second)?)))
        }
    };
}

pub(super) const BUILTINS: &[Row] = &[
    ("floor", 0, |value, _| whole(value, f64::floor)),
    ("ceil", 0, |value, _| whole(value, f64::ceil)),
    ("round", 0, |value, _| whole(value, f64::round)),
    ("trunc", 0, |value, _| whole(value, f64::trunc)),
    ("rint", 0, |value, _| whole(value, f64::round_ties_even)),
    ("nearbyint", 0, |value, _| whole(value, f64::round_ties_even)),
    ("fabs", 0, unary!(f64::abs)),
    ("sqrt", 0, unary!(f64::sqrt)),
    ("cbrt", 0, unary!(libm::cbrt)),
    ("exp", 0, unary!(libm::exp)),
    ("exp2", 0, unary!(libm::exp2)),
    ("exp10", 0, unary!(exp10)),
    ("pow10", 0, unary!(exp10)),
    ("expm1", 0, unary!(libm::expm1)),
    ("log", 0, unary!(libm::log)),
    ("log2", 0, unary!(libm::log2)),
    ("log10", 0, unary!(libm::log10)),
    ("log1p", 0, unary!(libm::log1p)),
    ("sin", 0, unary!(libm::sin)),
    ("cos", 0, unary!(libm::cos)),
    ("tan", 0, unary!(libm::tan)),
    ("asin", 0, unary!(libm::asin)),
    ("acos", 0, unary!(libm::acos)),
    ("atan", 0, unary!(libm::atan)),
    ("sinh", 0, unary!(libm::sinh)),
    ("cosh", 0, unary!(libm::cosh)),
    ("tanh", 0, unary!(libm::tanh)),
    ("asinh", 0, unary!(libm::asinh)),
    ("acosh", 0, unary!(libm::acosh)),
    ("atanh", 0, unary!(libm::atanh)),
    ("gamma", 0, unary!(libm::lgamma)),
    ("lgamma", 0, unary!(libm::lgamma)),
    ("tgamma", 0, unary!(libm::tgamma)),
    ("erf", 0, unary!(libm::erf)),
    ("erfc", 0, unary!(libm::erfc)),
    ("j0", 0, unary!(libm::j0)),
    ("j1", 0, unary!(libm::j1)),
    ("y0", 0, unary!(libm::y0)),
    ("y1", 0, unary!(libm::y1)),
    ("significand", 0, unary!(significand)),
    ("logb", 0, unary!(logb)),
    ("lgamma_r", 0, |value, _| {
        let (gamma, sign) = libm::lgamma_r(float(&value)?);
        Value::array(vec![number(gamma), Value::from(i64::from(sign))])
    }),
    ("frexp", 0, |value, _| {
        let (mantissa, exponent) = frexp(float(&value)?);
        Value::array(vec![number(mantissa), Value::from(i64::from(exponent))])
    }),
    ("modf", 0, |value, _| {
        let float = float(&value)?;
        let fraction = if float.is_infinite() { 0.0_f64.copysign(float) } else { float.fract() };
        Value::array(vec![number(fraction), number(float.trunc())])
    }),
    ("pow", 2, binary!(libm::pow)),
    ("atan2", 2, binary!(libm::atan2)),
    ("hypot", 2, binary!(libm::hypot)),
    ("fmod", 2, binary!(|one: f64, other: f64| one % other)),
    ("fmin", 2, binary!(f64::min)),
    ("fmax", 2, binary!(f64::max)),
    ("fdim", 2, binary!(libm::fdim)),
    ("copysign", 2, binary!(f64::copysign)),
    ("drem", 2, binary!(libm::remainder)),
    ("remainder", 2, binary!(libm::remainder)),
    ("nextafter", 2, binary!(libm::nextafter)),
    ("nexttoward", 2, binary!(libm::nextafter)),
    ("ldexp", 2, binary!(scale)),
    ("scalb", 2, binary!(scale)),
    ("scalbln", 2, binary!(scale)),
    ("fma", 3, |_, mut arguments| {
        let (first, second, third) = (next(&mut arguments), next(&mut arguments), next(&mut arguments));
        Ok(number(float(&first)?.mul_add(float(&second)?, float(&third)?)))
    }),
];

fn float(value: &Value) -> Result<f64, Fault> {
    value.as_f64().ok_or_else(|| unfit(value, "number required"))
}

fn number(value: f64) -> Value {
    Value::Number(Number::whole(value))
}

/// Rounds; a whole number stays as it is, with all its digits.
fn whole(value: Value, round: fn(f64) -> f64) -> Result<Value, Fault> {
    match &value {
        Value::Number(Number::Int(_)) => Ok(value),
        _ => Ok(number(round(float(&value)?))),
    }
}

fn exp10(value: f64) -> f64 {
    libm::pow(10.0, value)
}

fn frexp(value: f64) -> (f64, i32) {
    if value == 0.0 || !value.is_finite() { (value, 0) } else { libm::frexp(value) }
}

fn significand(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() { value } else { frexp(value).0 * 2.0 }
}

fn logb(value: f64) -> f64 {
    if value == 0.0 {
        f64::NEG_INFINITY
    } else if value.is_infinite() {
        f64::INFINITY
    } else if value.is_nan() {
        value
    } else {
        f64::from(frexp(value).1 - 1)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "beyond the bounds every result is zero or infinite")]
fn scale(value: f64, exponent: f64) -> f64 {
    libm::scalbn(value, exponent.clamp(-5000.0, 5000.0) as i32)
}
