//! Log commands of CI systems: collapsible groups and annotations.

use std::borrow::Cow;

use crate::text::sanitize::sanitize;

/// A CI system with log commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ci {
    /// GitHub Actions: workflow commands.
    GitHub,
}

impl std::str::FromStr for Ci {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "github" => Ok(Self::GitHub),
            _ => Err(format!("invalid CI system `{word}`: use github")),
        }
    }
}

impl Ci {
    /// The line that starts a group.
    pub(crate) fn group(self, title: &str) -> String {
        match self {
            Self::GitHub => format!("::group::{}", escaped(title)),
        }
    }

    /// The line that ends a group.
    pub(crate) fn end_of_group(self) -> String {
        match self {
            Self::GitHub => "::endgroup::".to_owned(),
        }
    }

    /// The line that annotates the run with `text`; `level` is `error` or `warning`.
    pub(crate) fn annotation(self, level: &str, text: &str) -> String {
        match self {
            Self::GitHub => format!("::{level} title=c66::{}", escaped(text)),
        }
    }
}

/// Escapes the commands of any CI system: text from an API must not control the run. GitHub reads `::word::` at the
/// start of a line, and `##[word]` anywhere in it; Azure reads `##vso[`, and Team City `##teamcity[`.
pub(super) fn escape_commands(text: &str) -> Cow<'_, str> {
    if !text.contains("::") && !text.contains("##") {
        return Cow::Borrowed(text);
    }
    let line = |line: &str| {
        let is_command = line.trim_start().strip_prefix("::").is_some_and(|rest| rest.contains("::"));
        let mark = if is_command { "| " } else { "" };
        format!("{mark}{}", escape_inner_commands(line))
    };
    Cow::Owned(text.split('\n').map(line).collect::<Vec<_>>().join("\n"))
}

/// Escapes the commands that are recognized anywhere in a line.
fn escape_inner_commands(line: &str) -> String {
    let escape = |line: String, command: &&str| line.replace(command, &command.replacen("##", "#\\u{23}", 1));
    ["##[", "##vso[", "##teamcity["].iter().fold(line.to_owned(), escape)
}

/// Encodes any text as one line of a workflow command.
fn escaped(text: &str) -> String {
    let lines: Vec<String> =
        text.lines().map(|line| escape_inner_commands(&sanitize(line)).replace('%', "%25")).collect();
    lines.join("%0A")
}

#[cfg(test)]
mod tests {
    use super::{Ci, escape_commands};

    #[test]
    fn no_text_breaks_out_of_its_command() {
        assert_eq!(Ci::GitHub.annotation("error", "50 % of\na::b"), "::error title=c66::50 %25 of%0Aa::b");
        assert_eq!(Ci::GitHub.group("x\r\n::add-mask::y"), "::group::x%0A::add-mask::y");
        assert_eq!(escape_commands("a\n ::set-env name=A::b\n::1\n"), "a\n|  ::set-env name=A::b\n::1\n");
        assert_eq!(escape_commands("a ##[error]b ##vso[c]"), r"a #\u{23}[error]b #\u{23}vso[c]");
    }
}
