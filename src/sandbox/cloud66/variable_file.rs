//! Environment variables as the text of a file: dotenv or JSON.

use serde_json::{Map, Value};

use super::reply::ApiError;

/// The text of a dotenv file; values that need it are in double quotes, in one line.
pub(super) fn to_dotenv<'v>(variables: impl Iterator<Item = (&'v str, &'v str)>) -> String {
    let is_plain =
        |value: &str| value.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-./:@,+%".contains(letter));
    let line = |(key, value): (&str, &str)| {
        if is_plain(value) {
            return format!("{key}={value}\n");
        }
        let escaped = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        format!("{key}=\"{escaped}\"\n")
    };
    variables.map(line).collect()
}

/// The text of a JSON object with a string for each key.
pub(super) fn to_json<'v>(variables: impl Iterator<Item = (&'v str, &'v str)>) -> String {
    Value::Object(variables.map(|(key, value)| (key.to_owned(), value.into())).collect()).to_string()
}

/// One object with a string, a number or a boolean for each key.
pub(super) fn parse_json(contents: &str) -> Result<Vec<(String, String)>, ApiError> {
    let object: Map<String, Value> = serde_json::from_str(contents)
        .map_err(|error| ApiError::bad_request(format!("The parameter `contents` is not a JSON object: {error}.")))?;
    let pair = |(key, value)| match value {
        Value::String(text) => Ok((key, text)),
        Value::Number(_) | Value::Bool(_) => Ok((key, value.to_string())),
        _ => Err(ApiError::bad_request(format!("The value of `{key}` must be a string."))),
    };
    object.into_iter().map(pair).collect()
}

/// A plain dotenv file: one assignment per line, its value quoted or not, and comments.
pub(super) fn parse_dotenv(contents: &str) -> Result<Vec<(String, String)>, ApiError> {
    let lines = contents.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    let assignments = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let pair = |(number, line): (usize, &str)| {
        let (key, value) = line.split_once('=').map(|(key, value)| (key.trim(), value.trim())).unwrap_or_default();
        if key.is_empty() {
            let fault = format!("Line {number} of the parameter `contents` is not KEY=VALUE.");
            return Err(ApiError::bad_request(fault));
        }
        let quoted = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
        let unquoted = quoted('"').map(unescape).or_else(|| Some(quoted('\'')?.to_owned()));
        Ok((key.to_owned(), unquoted.unwrap_or_else(|| value.to_owned())))
    };
    assignments.map(pair).collect()
}

/// The value between double quotes.
fn unescape(quoted: &str) -> String {
    let mut letters = quoted.chars();
    let mut value = String::with_capacity(quoted.len());
    while let Some(letter) = letters.next() {
        value.push(match letter {
            '\\' => match letters.next() {
                Some('n') => '\n',
                Some(escaped) => escaped,
                None => '\\',
            },
            plain => plain,
        });
    }
    value
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    const VARIABLES: [(&str, &str); 5] =
        [("A", "1"), ("B", ""), ("C", "two words, \"quoted\""), ("D", "two\nlines \\n"), ("E", "postgres://u:p@h/d#x")];

    fn owned() -> Vec<(String, String)> {
        VARIABLES.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec()
    }

    #[test]
    fn a_dotenv_file_is_read_as_it_was_written() {
        let text = to_dotenv(VARIABLES.into_iter());
        assert_eq!(text.lines().count(), VARIABLES.len());
        assert!(text.starts_with("A=1\nB=\nC=\"two words, \\\"quoted\\\"\"\n"), "{text}");
        assert_eq!(parse_dotenv(&text).unwrap(), owned());
    }

    #[test]
    fn a_json_file_is_read_as_it_was_written() {
        assert_eq!(parse_json(&to_json(VARIABLES.into_iter())).unwrap(), owned());
    }
}
