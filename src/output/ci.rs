//! What a CI system reads in a log: groups of lines that fold, and annotations.

use crate::text::sanitize::sanitize;

/// A CI system whose log has a language of its own.
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
            _ => Err(format!("`{word}` is not a CI system with a log language; there is github")),
        }
    }
}

impl Ci {
    /// The line that begins a group.
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

    /// The line that shows `text` beside the run; `level` is `error` or `warning`.
    pub(crate) fn annotation(self, level: &str, text: &str) -> String {
        match self {
            Self::GitHub => format!("::{level} title=c66::{}", escaped(text)),
        }
    }

    /// The text without what would be read as a command: what an API sends must not steer the run.
    pub(crate) fn escape_commands(text: &str) -> String {
        let line = |line: &str| match line.trim_start() {
            start if start.starts_with("::") || start.starts_with("##[") => format!("| {line}"),
            _ => line.to_owned(),
        };
        text.lines().map(line).collect::<Vec<_>>().join("\n")
    }
}

/// One line for any text, as workflow commands want it.
fn escaped(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| sanitize(line).replace('%', "%25")).collect();
    lines.join("%0A")
}

#[cfg(test)]
mod tests {
    use super::Ci;

    #[test]
    fn no_text_breaks_out_of_its_command() {
        assert_eq!(Ci::GitHub.annotation("error", "50 % of\na::b"), "::error title=c66::50 %25 of%0Aa::b");
        assert_eq!(Ci::GitHub.group("x\r\n::add-mask::y"), "::group::x%0A::add-mask::y");
        assert_eq!(Ci::escape_commands("a\n ::set-env name=A::b\n##[x]"), "a\n|  ::set-env name=A::b\n| ##[x]");
    }
}
