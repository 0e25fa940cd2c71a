//! The jq language for `--jq`: compiles an expression, runs it on a document, and puts its errors into words.

use std::io;

use unicode_width::UnicodeWidthStr as _;

use crate::error::{Error, Kind, Result};
use crate::jq::{Fault, ItemsFault, Program, SyntaxError, Value};
use crate::text::sanitize::{excerpt, sanitize};

/// A compiled expression.
pub(crate) struct JqProgram {
    program: Program,
    /// Whether strings are printed as JSON, too.
    quoted: bool,
}

/// Why a run ended early.
#[derive(Debug)]
pub(crate) enum RunError {
    /// The outputs could not be handed over; a closed pipe among other things.
    Io(io::Error),
    /// The expression does not fit the document.
    Jq(Error),
}

/// Variables that an expression may use, each with its value.
#[derive(Debug, Default)]
pub(crate) struct JqVariables(Vec<(String, Value)>);

/// Longest quotation of the words of an error in characters: they may hold the whole document.
const MAX_QUOTE: usize = 200;

impl JqVariables {
    /// Adds a variable whose value is a text.
    pub(crate) fn add_text(&mut self, name: &str, text: &str) -> Result<()> {
        self.add("--arg", name, text.into())
    }

    /// Adds a variable whose value is a JSON document.
    pub(crate) fn add_json(&mut self, name: &str, json: &str) -> Result<()> {
        let value = Value::from_json(json).map_err(|fault| {
            Error::usage(format!("invalid value for --argjson {name}: expected JSON")).cause(sanitize(&words(&fault)))
        })?;
        self.add("--argjson", name, value)
    }

    fn add(&mut self, flag: &str, name: &str, value: Value) -> Result<()> {
        let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !is_name {
            let message = format!("invalid name `{}` for {flag}: use letters, digits and underscores", sanitize(name));
            return Err(Error::usage(message));
        }
        self.0.retain(|(known, _)| known != name);
        self.0.push((name.to_owned(), value));
        Ok(())
    }
}

impl JqProgram {
    /// Compiles an expression.
    ///
    /// # Errors
    ///
    /// A usage error whose cause shows the place in the expression.
    pub(crate) fn compile(expression: &str) -> Result<JqProgram> {
        Self::with_variables(expression, &JqVariables::default())
    }

    /// Compiles an expression that may use variables.
    pub(crate) fn with_variables(expression: &str, variables: &JqVariables) -> Result<JqProgram> {
        let named = Value::object(variables.0.iter().cloned());
        let arguments = named.and_then(|named| Value::object([("named".to_owned(), named)]));
        let mut globals = variables.0.clone();
        globals.extend(arguments.ok().map(|arguments| ("ARGS".to_owned(), arguments)));
        Program::compile(expression, &globals)
            .map(|program| Self { program, quoted: false })
            .map_err(|error| error_at(expression, &error))
    }

    /// Prints strings with their quotes.
    pub(crate) fn quoted(self, quoted: bool) -> Self {
        Self { quoted, ..self }
    }

    /// Runs the expression on a JSON document and hands each output over as it comes: strings raw, other values as
    /// compact JSON.
    pub(crate) fn run(&self, json: &[u8], emit: &mut dyn FnMut(&str) -> io::Result<()>) -> Result<(), RunError> {
        let document = Value::from_json(&String::from_utf8_lossy(json)).map_err(|fault| unreadable(&fault))?;
        self.emit_each(emit, |each| self.program.run(document, each).map_err(|fault| failure(&fault)))
    }

    /// Whether the outputs for a list are those of its items, one after the other.
    pub(crate) fn takes_single_items(&self) -> bool {
        self.program.takes_single_items()
    }

    /// Runs the expression on an array of JSON documents, as `run` does; they are read one at a time if the expression
    /// allows it.
    pub(crate) fn run_items(
        &self,
        items: &[impl AsRef<str>],
        emit: &mut dyn FnMut(&str) -> io::Result<()>,
    ) -> Result<(), RunError> {
        self.emit_each(emit, |each| {
            self.program.run_items(items, each).map_err(|fault| match fault {
                ItemsFault::Item(fault) => unreadable(&fault),
                ItemsFault::Run(fault) => failure(&fault),
            })
        })
    }

    fn emit_each(
        &self,
        emit: &mut dyn FnMut(&str) -> io::Result<()>,
        run: impl FnOnce(&mut dyn FnMut(&Value) -> bool) -> Result<(), RunError>,
    ) -> Result<(), RunError> {
        let mut failed = None;
        let run = run(&mut |output| {
            let emitted = match output.as_str().filter(|_| !self.quoted) {
                Some(text) => emit(text).map_err(RunError::Io),
                None => {
                    output.to_json().map_err(|fault| failure(&fault)).and_then(|text| emit(&text).map_err(RunError::Io))
                }
            };
            failed = emitted.err();
            failed.is_none()
        });
        failed.map_or(run, Err)
    }
}

fn unreadable(fault: &Fault) -> RunError {
    let message = format!("--jq: the document cannot be read: {}", excerpt(&words(fault), MAX_QUOTE));
    RunError::Jq(Error::new(Kind::BadReply, message))
}

fn failure(fault: &Fault) -> RunError {
    RunError::Jq(Error::usage(format!("--jq: {}", excerpt(&words(fault), MAX_QUOTE))))
}

/// The words of a fault; an error may be any value.
fn words(fault: &Fault) -> String {
    match fault {
        Fault::Limit(message) => message.clone(),
        Fault::Error(value) => match value.as_str() {
            Some(text) => text.to_owned(),
            None => value.to_json().unwrap_or_else(|_| "the expression failed".to_owned()),
        },
    }
}

/// A usage error whose cause shows the line of the expression with a caret below.
fn error_at(expression: &str, error: &SyntaxError) -> Error {
    let complaint = sanitize(&error.message);
    let (before, after) = expression.split_at_checked(error.offset).unwrap_or((expression, ""));
    let line_begin = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line_end = after.find('\n').map_or(expression.len(), |newline| before.len() + newline);
    let line = sanitize(&expression[line_begin..line_end]);
    let indent = sanitize(&before[line_begin..]).width();
    Error::usage(format!("--jq: {complaint}")).cause(format!("{line}\n{:indent$}^ {complaint}", ""))
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
    fn a_bad_expression_shows_the_place() {
        for (expression, complaint, cause) in [
            (".items[", "expected a closing bracket", ".items[\n       ^ expected a closing bracket"),
            ("{a: (1}", "expected a closing parenthesis", "{a: (1}\n      ^ expected a closing parenthesis"),
            ("\"abc", "expected a closing quote", "\"abc\n    ^ expected a closing quote"),
            (".a & .b", "this character has no meaning here", ".a & .b\n   ^ this character has no meaning here"),
            ("", "expected a filter at the end", "\n^ expected a filter at the end"),
            (".[] |", "expected a filter at the end", ".[] |\n     ^ expected a filter at the end"),
            (".a .b c", "expected an operator or the end", ".a .b c\n      ^ expected an operator or the end"),
            (
                "if .a then 1",
                "expected `else` or `end` at the end",
                "if .a then 1\n            ^ expected `else` or `end` at the end",
            ),
            (
                ".a |\n  nonsense | .b",
                "there is no filter nonsense",
                "  nonsense | .b\n  ^ there is no filter nonsense",
            ),
            (
                "map(.a; .b)",
                "there is no filter map/2; the number counts the arguments",
                "map(.a; .b)\n^ there is no filter map/2; the number counts the arguments",
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
    fn nothing_beyond_the_document_can_be_reached() {
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
    fn a_mismatch_is_told_after_what_came_before() {
        let program = JqProgram::compile(".[] | .a").unwrap();
        let mut seen = Vec::new();
        let result = program.run(br#"[{"a": 1}, 5, {"a": 2}]"#, &mut |output| {
            seen.push(output.to_owned());
            Ok(())
        });
        let Err(RunError::Jq(error)) = result else { panic!("{result:?}") };
        assert_eq!((error.kind(), error.message()), (Kind::Usage, "--jq: Cannot index number with string (\"a\")"));
        assert_eq!(seen, ["1"]);
        let long = format!("[\"{}\"]", "x".repeat(10_000));
        let Err(RunError::Jq(error)) = outputs(".a", &long) else { panic!() };
        assert!(error.message().chars().count() <= 6 + MAX_QUOTE);
        let Err(RunError::Jq(error)) = outputs("error(\"own \\u001b words\")", "1") else { panic!() };
        assert_eq!(error.message(), "--jq: own \\u{1b} words");
    }

    #[test]
    fn documents_that_are_no_use_are_refused() {
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
    fn an_expression_nested_beyond_all_measure_is_refused() {
        for (open, close) in [("[", "]"), ("(", ")"), ("{a:", "}")] {
            let nested = |depth: usize| format!("{}1{}", open.repeat(depth), close.repeat(depth));
            assert!(JqProgram::compile(&nested(100)).is_ok());
            assert_eq!(JqProgram::compile(&nested(5_000)).err().map(|error| error.kind()), Some(Kind::Usage));
        }
    }
}
