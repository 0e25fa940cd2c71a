#![expect(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;
use serde_json::json;

use super::members::FEW;
use super::*;
use crate::test_text::text_from;

/// Any JSON of a few levels, with texts that YAML parsers take for other things.
fn values() -> impl Strategy<Value = serde_json::Value> {
    let text = || {
        let pieces = &[
            "yes",
            "No",
            "null",
            "~",
            "on",
            "y",
            "1",
            "1e3",
            "0x1f",
            "12:30",
            "2014-09-01",
            "a",
            "A-b",
            "x.y/z",
            "_",
            " ",
            "  ",
            "-",
            "- ",
            ":",
            ": ",
            "#",
            " #",
            "\n",
            "\n\n",
            "\t",
            "\r",
            "'",
            "\"",
            "\\",
            "{",
            "[",
            "&",
            "*",
            "!",
            "|",
            ">",
            "%",
            "@",
            "`",
            "<<",
            "=",
            "?",
            "...",
            "---",
            "é",
            "👩\u{200d}💻",
            "\u{a0}",
            "\u{85}",
            "nan",
            ".inf",
            "Infinity",
            "word word",
        ];
        // What is invisible is escaped here, and not by the library.
        prop_oneof![text_from(pieces), "[a-zA-Z0-9_ ./-]{0,12}", "[a-z0-9_:/.@+=?&%~-]{0,12}", "[0-9a-fA-FxoX]{1,10}"]
            .prop_map(|text| text.replace(is_invisible, ""))
    };
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        text().prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let member = (text(), inner.clone());
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(serde_json::Value::from),
            prop::collection::vec(member, 0..4).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

proptest! {
    /// What surrounds the strings is as the library writes it.
    #[test]
    fn documents_are_as_the_library_writes_them(value in values()) {
        let mut options = SerializerOptions::default();
        options.folded_wrap_chars = usize::MAX;
        prop_assert_eq!(yaml(&value), serde_saphyr::to_string_with_options(&value, options).unwrap());
    }
}

fn yaml(value: &serde_json::Value) -> String {
    of_text(&value.to_string())
}

fn of_text(json: &str) -> String {
    let mut out = Vec::new();
    write(json, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn documents_are_in_block_style_and_in_order() {
    let value = json!({
        "name": "Awesome App",
        "id": 18_446_744_073_709_551_615_u64,
        "load": 1.0,
        "none": null,
        "tags": [],
        "meta": {},
        "list": [{"a": 1, "b": [true]}, {}],
        "note": "one\ntwo\n",
        "long": "word ".repeat(40) + "end",
    });
    let expected = format!(
        "\
name: Awesome App
id: 18446744073709551615
load: 1.0
none: null
tags: []
meta: {{}}
list:
- a: 1
  b:
  - true
- {{}}
note: |
  one
  two
long: {}end
",
        "word ".repeat(40)
    );
    assert_eq!(yaml(&value), expected);
}

#[test]
fn strings_that_look_like_something_else_are_quoted() {
    for text in [
        "yes",
        "no",
        "on",
        "Off",
        "y",
        "null",
        "~",
        "",
        " lead",
        "trail ",
        "123",
        "1e3",
        "0x10",
        "0o7",
        "010",
        "1_000",
        "12:30",
        "2014-09-01",
        "2014-09-01T19:08:05Z",
        "- x",
        "# x",
        "a: b",
        "a #b",
        "tab\t",
        "\u{7}",
        "=",
        "<<",
        "*a",
        "&a",
        "!t",
        "%",
        "@",
        "`",
        "{",
        "[",
        "'",
        "\"",
        ".inf",
        ".nan",
        "---",
        "?",
        "|",
        ">",
        "\u{feff}",
        "\r",
    ] {
        let line = yaml(&json!({ "k": text }));
        assert!(line.starts_with("k: \"") || line.starts_with("k: '"), "{line}");
        assert!(line.ends_with("\"\n") || line.ends_with("'\n"), "{line}");
        assert_eq!(line.lines().count(), 1, "{line}");
    }
    assert_eq!(yaml(&json!("é")), "é\n");
    assert_eq!(yaml(&json!({"yes": 1})), "\"yes\": 1\n");
}

#[test]
fn control_characters_are_escaped() {
    let harm = "a\u{9b}b\u{202e}c\u{feff}\u{e0041}\u{85}d";
    let hidden = "\u{200b}";
    let text = yaml(&json!({ "a": { hidden: { hidden.repeat(400): 1 } } }));
    assert_eq!(text, format!("a:\n  \"\\u200B\":\n    ? \"{}\"\n    : 1\n", "\\u200B".repeat(400)));
    for value in [json!(harm), json!({ harm: harm }), json!([format!("one\n{harm}\ntwo")])] {
        let text = yaml(&value);
        assert!(!text.contains(is_invisible), "{text:?}");
        let read = yaml_rust2::YamlLoader::load_from_str(&text).unwrap();
        assert!(format!("{read:?}").contains(format!("{harm:?}").trim_matches('"')), "{text}");
    }
    assert_eq!(yaml(&json!("a\u{9b}b\u{202e}c\u{e0041}")), "\"a\\x9Bb\\u202Ec\\U000E0041\"\n");
    assert_eq!(yaml(&json!("👩\u{200d}💻")), "👩\u{200d}💻\n");
}

#[test]
fn numbers_keep_their_digits_and_the_last_of_several_keys_counts() {
    let json = r#"{"a": 18446744073709551616, "b": [1.50, 1e1000, -0], "a": 1.0, "c": {"7": 2.0}, "half": "x\ud800"}"#;
    assert_eq!(of_text(json), "a: 1.0\nb:\n- 1.50\n- 1e1000\n- -0\nc:\n  \"7\": 2.0\nhalf: x\u{fffd}\n");
}

#[test]
fn the_last_of_several_keys_counts_however_many_there_are() {
    for count in [1, FEW - 1, FEW, FEW + 1, 3 * FEW] {
        let member = |value: usize| move |key: usize| format!("\"k{key}\":{value}");
        let members: Vec<String> = (0..count).map(member(1)).chain((0..count).rev().map(member(2))).collect();
        let expected: Vec<String> = (0..count).map(|key| format!("k{key}: 2\n")).collect();
        assert_eq!(of_text(&format!("{{{}}}", members.join(","))), expected.concat());
    }
}

#[test]
fn what_is_nested_too_deep_is_refused() {
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(write(&deep(100), &mut Vec::new()).is_ok());
    let mut out = Vec::new();
    let error = write(&deep(100_000), &mut out).unwrap_err();
    assert_eq!((error.kind(), out.len()), (io::ErrorKind::InvalidData, 0));
}

#[test]
fn items_one_after_another_are_a_list() {
    let mut out = Vec::new();
    for item in [r#"{"a": 1, "b": [2]}"#, "{}", "3"] {
        write_item(item, &mut out).unwrap();
    }
    let list = of_text(r#"[{"a": 1, "b": [2]}, {}, 3]"#);
    assert_eq!(String::from_utf8(out).unwrap(), list);
}

#[test]
fn a_failing_writer_is_passed_on() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    assert_eq!(write("[1]", &mut Closed).unwrap_err().kind(), io::ErrorKind::BrokenPipe);
}
