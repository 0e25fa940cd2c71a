//! The jq language for `--jq`, based on jaq.
//!
//! Numbers keep their digits and objects their order. Not available is what reaches beyond the document: `env` and
//! `$ENV` (they would reveal secrets), `input` and `inputs`, `debug`, `stderr` and `halt` (only this room prints and
//! decides how to end), and modules.

use std::fmt::Write as _;
use std::io;

use jaq_core::load::{Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Filter, Vars, compile, data::JustLut, load};
use jaq_json::Val;
use unicode_width::UnicodeWidthStr as _;

use crate::error::{Error, Kind, Result};
use crate::text::format::plural;
use crate::text::sanitize::{excerpt, sanitize};

/// A compiled expression.
pub(crate) struct JqProgram(Filter<JustLut<Val>>);

/// Why a run ended early.
#[derive(Debug)]
pub(crate) enum RunError {
    /// The output could not be written, for example to a closed pipe.
    Io(io::Error),
    /// The expression failed on the document.
    Jq(Error),
}

/// Functions of jaq and variables of jq that are not available.
const LEFT_OUT: [&str; 10] =
    ["env", "$ENV", "input", "inputs", "debug", "debug_empty", "stderr", "stderr_empty", "halt", "halt_error"];

/// Maximum nesting of documents and expressions, since jaq processes them recursively.
const MAX_DEPTH: usize = 512;

/// Maximum length of a quoted message of jaq, in characters: it may contain the whole document.
const MAX_QUOTE: usize = 200;

impl JqProgram {
    /// Compiles an expression.
    ///
    /// # Errors
    /// A usage error whose cause shows the position in the expression.
    pub(crate) fn compile(expression: &str) -> Result<JqProgram> {
        let depth = expression.bytes().try_fold(0_usize, |depth, byte| match byte {
            b'(' | b'[' | b'{' => (depth < MAX_DEPTH).then_some(depth + 1),
            b')' | b']' | b'}' => Some(depth.saturating_sub(1)),
            _ => Some(depth),
        });
        if depth.is_none() {
            return Err(Error::usage(format!("--jq: the expression is nested deeper than {MAX_DEPTH} brackets")));
        }
        let definitions = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
        let functions = jaq_core::funs::<JustLut<Val>>().chain(jaq_std::funs()).chain(jaq_json::funs());
        let arena = Arena::default();
        let modules = Loader::new(definitions.filter(|definition| !LEFT_OUT.contains(&definition.name)))
            .load(&arena, File { code: expression, path: () })
            .map_err(|errors| syntax_error(expression, errors))?;
        // Without this step an imported variable would compile and be missing at run time.
        load::import(&modules, |_| Err(String::new())).map_err(|errors| syntax_error(expression, errors))?;
        Compiler::default()
            .with_funs(functions.filter(|(name, ..)| !LEFT_OUT.contains(name)))
            .compile(modules)
            .map(JqProgram)
            .map_err(|errors| undefined_name(expression, errors))
    }

    /// Runs the expression on a JSON document and emits each output: strings raw, other values as compact JSON.
    pub(crate) fn run(&self, json: &[u8], emit: &mut dyn FnMut(&str) -> io::Result<()>) -> Result<(), RunError> {
        if is_too_deep(json) {
            return Err(bad_reply(format!("--jq: the document is nested deeper than {MAX_DEPTH} levels")));
        }
        let document = jaq_json::read::parse_single(json)
            .map_err(|error| bad_reply(format!("--jq: the document is not JSON: {error}")))?;
        let context = Ctx::<JustLut<Val>>::new(&self.0.lut, Vars::new([]));
        let mut text = String::new();
        for output in self.0.id.run((context, document)) {
            match output {
                Ok(Val::TStr(bytes) | Val::BStr(bytes)) => emit(&String::from_utf8_lossy(&bytes)),
                Ok(value) => {
                    text.clear();
                    // Writing to a string cannot fail.
                    _ = write!(text, "{value}");
                    emit(&text)
                }
                Err(exception) => {
                    let words = exception
                        .get_err()
                        .map_or_else(|_| "the expression failed".to_owned(), |error| plain(&error.into_val()));
                    return Err(RunError::Jq(Error::usage(format!("--jq: {}", excerpt(&words, MAX_QUOTE)))));
                }
            }
            .map_err(RunError::Io)?;
        }
        Ok(())
    }
}

/// The message of an error, which may be any value.
fn plain(value: &Val) -> String {
    match value {
        Val::TStr(bytes) | Val::BStr(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        other => other.to_string(),
    }
}

fn bad_reply(message: String) -> RunError {
    RunError::Jq(Error::new(Kind::BadReply, message))
}

/// Whether brackets are nested too deeply for recursion; only brackets outside strings count.
fn is_too_deep(json: &[u8]) -> bool {
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut bytes = json.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => in_string = !in_string,
            // The character after a backslash is literal.
            b'\\' if in_string => _ = bytes.next(),
            b'[' | b'{' if !in_string => depth += 1,
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return true;
        }
    }
    false
}

/// The error for an expression that does not parse.
fn syntax_error(expression: &str, errors: load::Errors<&str, ()>) -> Error {
    let first = errors.into_iter().next().and_then(|(_, error)| match error {
        load::Error::Io(errors) => errors.first().map(|(place, _)| (*place, "modules are not supported".to_owned())),
        load::Error::Lex(errors) => errors.first().map(|(expected, place)| (*place, unlexed(expected))),
        load::Error::Parse(errors) => errors.first().map(|(expected, place)| (*place, unparsed(expected, place))),
    });
    let (place, complaint) = first.unwrap_or((expression, "cannot parse the expression".to_owned()));
    error_at(expression, place, &complaint)
}

/// The error for an undefined name.
fn undefined_name(expression: &str, errors: compile::Errors<&str, ()>) -> Error {
    let Some((name, what)) = errors.into_iter().flat_map(|(_, errors)| errors).next() else {
        return error_at(expression, expression, "cannot compile the expression");
    };
    let complaint = match what {
        _ if LEFT_OUT.contains(&name) => format!("{name} is not available here"),
        compile::Undefined::Filter(arguments) if arguments > 0 => {
            format!("unknown function {name} with {}", plural(arguments as u64, "argument", "arguments"))
        }
        compile::Undefined::Filter(_) => format!("unknown function {name}"),
        other => format!("the {} {name} is not defined", other.as_str()),
    };
    error_at(expression, name, &complaint)
}

fn unlexed(expected: &load::lex::Expect<&str>) -> String {
    use load::lex::Expect;
    match expected {
        Expect::Token => "unexpected character".to_owned(),
        Expect::Ident => "expected a name".to_owned(),
        Expect::Escape => "invalid escape sequence; write \\\\ for a backslash".to_owned(),
        Expect::Unicode => "expected four hexadecimal digits of a character".to_owned(),
        other => format!("expected a {}", other.as_str()),
    }
}

fn unparsed(expected: &load::parse::Expect<&str>, found: &str) -> String {
    use load::parse::Expect;
    let expected = match expected {
        Expect::Just(token) => format!("`{token}`"),
        Expect::Var => "a variable".to_owned(),
        Expect::Pattern => "a variable or a pattern".to_owned(),
        Expect::ElseOrEnd => "`else` or `end`".to_owned(),
        Expect::CommaOrRBrack => "a comma or a closing bracket".to_owned(),
        Expect::CommaOrRBrace => "a comma or a closing brace".to_owned(),
        Expect::SemicolonOrRParen => "a semicolon or a closing parenthesis".to_owned(),
        Expect::Key => "a key".to_owned(),
        Expect::Ident => "a name".to_owned(),
        Expect::Arg => "a parameter".to_owned(),
        Expect::Str => "a string".to_owned(),
        Expect::Nothing => "an operator or the end".to_owned(),
        // `Term`, and variants of later versions.
        _ => "a filter".to_owned(),
    };
    if found.is_empty() { format!("expected {expected} at the end") } else { format!("expected {expected}") }
}

/// A usage error at a position, which is a part of the expression; the cause shows its line with a caret below.
fn error_at(expression: &str, place: &str, complaint: &str) -> Error {
    // Names may also come from jaq's own definitions; they have no position.
    let offset = (place.as_ptr() as usize).checked_sub(expression.as_ptr() as usize);
    let error = Error::usage(format!("--jq: {}", sanitize(complaint)));
    let Some((before, after)) = offset.and_then(|offset| expression.split_at_checked(offset)) else { return error };
    let line_begin = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line_end = after.find('\n').map_or(expression.len(), |newline| before.len() + newline);
    let line = sanitize(&expression[line_begin..line_end]);
    let indent = sanitize(&before[line_begin..]).width();
    error.cause(format!("{line}\n{:indent$}^ {}", "", sanitize(complaint)))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn outputs(expression: &str, json: &str) -> Result<Vec<String>, RunError> {
        let mut outputs = Vec::new();
        let program = JqProgram::compile(expression).unwrap();
        program.run(json.as_bytes(), &mut |output| {
            outputs.push(output.to_owned());
            Ok(())
        })?;
        Ok(outputs)
    }

    #[test]
    fn outputs_are_raw_strings_and_compact_json() {
        let json = r#"{"b": [1.0, 123456789012345678901234567890, 1e3], "a": {"z": "x\ny", "y": null}, "t": true}"#;
        for (expression, expected) in [
            (".", vec![r#"{"b":[1.0,123456789012345678901234567890,1e3],"a":{"z":"x\ny","y":null},"t":true}"#]),
            (".b[]", vec!["1.0", "123456789012345678901234567890", "1e3"]),
            (".a.z, .t", vec!["x\ny", "true"]),
            (".missing", vec!["null"]),
            ("empty", vec![]),
            (".b | length", vec!["3"]),
            ("keys", vec![r#"["a","b","t"]"#]),
            (".a | to_entries[] | select(.value == null) | .key", vec!["y"]),
            ("[.b[] | select(. > 5)] | @json", vec!["[123456789012345678901234567890,1e3]"]),
            (r#""\(.b[0])-\(.t)" | test("^1.0-t")"#, vec!["true"]),
            (r#""2014-09-01T19:08:05Z" | fromdateiso8601"#, vec!["1409598485"]),
        ] {
            assert_eq!(outputs(expression, json).unwrap(), expected, "{expression}");
        }
    }

    #[test]
    fn a_bad_expression_shows_the_position() {
        for (expression, complaint, cause) in [
            (".items[", "expected a closing bracket", ".items[\n       ^ expected a closing bracket"),
            ("{a: (1}", "expected a closing parenthesis", "{a: (1}\n      ^ expected a closing parenthesis"),
            ("\"abc", "expected a closing quote", "\"abc\n    ^ expected a closing quote"),
            (".a & .b", "unexpected character", ".a & .b\n   ^ unexpected character"),
            ("", "expected a filter at the end", "\n^ expected a filter at the end"),
            (".[] |", "expected a filter at the end", ".[] |\n     ^ expected a filter at the end"),
            (".a .b c", "expected an operator or the end", ".a .b c\n      ^ expected an operator or the end"),
            (
                "if .a then 1",
                "expected `else` or `end` at the end",
                "if .a then 1\n            ^ expected `else` or `end` at the end",
            ),
            (".a |\n  nonsense | .b", "unknown function nonsense", "  nonsense | .b\n  ^ unknown function nonsense"),
            (
                "map(.a; .b)",
                "unknown function map with 2 arguments",
                "map(.a; .b)\n^ unknown function map with 2 arguments",
            ),
            (
                "\"é\t東\" + $x",
                "the variable $x is not defined",
                "\"é\\t東\" + $x\n          ^ the variable $x is not defined",
            ),
            ("break $out", "the label $out is not defined", "break $out\n      ^ the label $out is not defined"),
        ] {
            let error = JqProgram::compile(expression).err().unwrap();
            assert_eq!(error.kind(), Kind::Usage);
            assert_eq!(error.message(), format!("--jq: {complaint}"), "{expression}");
            assert_eq!(error.cause_text(), Some(cause), "{expression}");
        }
    }

    #[test]
    fn only_the_document_can_be_read() {
        for expression in [
            "env",
            "$ENV",
            "env.HOME",
            "$ENV.HOME",
            "input",
            "[inputs]",
            "debug",
            "debug(1)",
            "stderr",
            "halt",
            "halt(1)",
            "halt_error",
            "debug_empty",
            "stderr_empty",
        ] {
            let error = JqProgram::compile(expression).err().unwrap();
            assert!(error.message().contains("is not available here"), "{}", error.message());
        }
        for expression in ["include \"a\"; 1", "import \"a\" as a; a::b", "import \"a\" as $a; $a"] {
            let error = JqProgram::compile(expression).err().unwrap();
            assert_eq!(error.message(), "--jq: modules are not supported", "{expression}");
            assert!(error.cause_text().unwrap().contains("\n       "), "{:?}", error.cause_text());
        }
    }

    #[test]
    fn an_error_comes_after_earlier_outputs() {
        let program = JqProgram::compile(".[] | .a").unwrap();
        let mut seen = Vec::new();
        let result = program.run(br#"[{"a": 1}, 5, {"a": 2}]"#, &mut |output| {
            seen.push(output.to_owned());
            Ok(())
        });
        let Err(RunError::Jq(error)) = result else { panic!("{result:?}") };
        assert_eq!((error.kind(), error.message()), (Kind::Usage, "--jq: cannot index 5 with \"a\""));
        assert_eq!(seen, ["1"]);
        let long = format!("[\"{}\"]", "x".repeat(10_000));
        let Err(RunError::Jq(error)) = outputs(".a", &long) else { panic!() };
        assert!(error.message().chars().count() <= 6 + MAX_QUOTE);
        let Err(RunError::Jq(error)) = outputs("error(\"own \\u001b words\")", "1") else { panic!() };
        assert_eq!(error.message(), "--jq: own \\u{1b} words");
    }

    #[test]
    fn unusable_documents_are_refused() {
        let deep = "[".repeat(100_000);
        for json in ["{", "", "[1,]", deep.as_str()] {
            let Err(RunError::Jq(error)) = outputs(".", json) else { panic!("{json}") };
            assert_eq!(error.kind(), Kind::BadReply);
        }
        let brackets = format!(r#"["{}\"["]"#, "[".repeat(1000));
        assert_eq!(outputs("length", &brackets).unwrap(), ["1"]);
    }

    #[test]
    fn a_failing_emit_ends_even_an_endless_program() {
        let program = JqProgram::compile("repeat(1)").unwrap();
        let mut count = 0;
        let result = program.run(b"null", &mut |_| {
            count += 1;
            if count < 3 { Ok(()) } else { Err(io::ErrorKind::BrokenPipe.into()) }
        });
        assert!(matches!(result, Err(RunError::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe));
        assert_eq!(count, 3);
    }

    #[test]
    fn a_deeply_nested_expression_is_refused() {
        for (open, close) in [("[", "]"), ("(", ")"), ("{a:", "}")] {
            let nested = |depth: usize| format!("{}1{}", open.repeat(depth), close.repeat(depth));
            assert!(JqProgram::compile(&nested(100)).is_ok());
            assert_eq!(JqProgram::compile(&nested(5_000)).err().map(|error| error.kind()), Some(Kind::Usage));
        }
    }
}
