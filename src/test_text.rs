//! Texts for the property tests of the parsers: almost valid text reaches deeper into a parser than random text.

use proptest::prelude::*;

/// Up to thirty of these fragments in any order, mixed with random characters.
pub(crate) fn text_from(fragments: &'static [&'static str]) -> impl Strategy<Value = String> {
    let any = prop_oneof!["\\PC{0,4}", ".{0,4}", "[0-9]{1,20}"];
    let piece = prop_oneof![4 => prop::sample::select(fragments).prop_map(str::to_owned), 1 => any];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

/// The fragments of JSON replies.
pub(crate) const JSON_FRAGMENTS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "null",
    "true",
    "1",
    "-1.5e300",
    "1e400",
    "\\u0000",
    "\\ud800",
    "{\"response\":",
    "\"response\"",
    "\"pagination\"",
    "{\"next\":",
    "\"pages\":",
    "\"data\":",
    "\"errors\":",
    "\"taskId\":",
    "\"t\"",
    "\"metadata\":{\"recordCount\":",
    "\"AccessToken\":",
    "\"id\":",
    "\"status\":",
    "{}",
    "[]",
    " ",
    "\n",
];

/// A JSON value of any form, with some keys of real replies.
pub(crate) fn json_value() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::{Map, Value};
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        "20[0-9]{2}-[01][0-9]-[0-3][0-9]( |T)[0-9:]{8}( UTC|Z|)".prop_map(Value::from),
    ];
    let key = prop_oneof![
        prop::sample::select(
            &["response", "pagination", "next", "pages", "data", "errors", "taskId", "code", "meaning"][..]
        )
        .prop_map(str::to_owned),
        "[a-z_]{0,6}",
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..6)
                .prop_map(|pairs| Value::from(pairs.into_iter().collect::<Map<String, Value>>())),
        ]
    })
}
