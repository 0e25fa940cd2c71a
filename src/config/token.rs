//! The API token: its type, its sources and its syntax.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_PAD_INDIFFERENT;

use super::exposure::PermissionProblem;
use super::keys::Provider;
use super::token_command;
use super::variables::ProcessEnv;
use crate::error::{Error, Kind, Result};

/// Time limit of a `token_command`.
pub(crate) const TOKEN_COMMAND_TIMEOUT: Duration = Duration::from_secs(30);

/// An API token that is valid in a header; it is never printed by accident.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    /// Parses a token; `source` says where it is from, such as `from stdin`. One line break at its end is removed.
    ///
    /// # Errors
    /// An auth error with the source, never the value, if it is not visible ASCII.
    pub(crate) fn new(text: &str, source: &impl fmt::Display) -> Result<Self> {
        let token = text.strip_suffix('\n').unwrap_or(text);
        let token = token.strip_suffix('\r').unwrap_or(token);
        match invalid_reason(token) {
            None => Ok(Self(token.to_owned())),
            Some(invalid_reason) => Err(Error::new(Kind::Auth, format!("the token {source} {invalid_reason}"))),
        }
    }

    /// The token itself.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("(redacted)")
    }
}

fn invalid_reason(token: &str) -> Option<&'static str> {
    if token.is_empty() {
        return Some("is empty");
    }
    token.chars().find(|character| !character.is_ascii_graphic()).map(|character| match character {
        '\n' | '\r' => "contains a line break",
        ' ' | '\t' => "contains a space",
        character if character.is_control() => "contains a control character",
        _ => "contains a character outside ASCII",
    })
}

/// The source of a token; its text completes "the token".
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TokenSource {
    /// An environment variable.
    Variable(&'static str),
    /// The `token` of a profile.
    File {
        /// Name of the profile.
        profile: String,
        /// The config file.
        path: PathBuf,
    },
    /// The `token_command` of a profile.
    Command {
        /// Name of the profile.
        profile: String,
    },
    /// The sandbox.
    Sandbox,
}

impl fmt::Display for TokenSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TokenSource::Variable(name) => write!(formatter, "from {name}"),
            TokenSource::File { profile, path } => {
                write!(formatter, "from profile \"{profile}\" in {}", path.display())
            }
            TokenSource::Command { profile } => write!(formatter, "from the token_command of profile \"{profile}\""),
            TokenSource::Sandbox => formatter.write_str("of the sandbox"),
        }
    }
}

/// The token entry of a profile.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum StoredToken {
    /// None.
    None,
    /// The token itself.
    Text(String),
    /// The program that prints it, and its arguments.
    Command(Vec<String>),
}

/// The variables for the token of an API, in order of precedence. A token for one API must not reach the other.
pub(crate) fn variables(provider: Provider) -> &'static [&'static str] {
    match provider {
        Provider::Cloud66 => &["C66_TOKEN", CX],
        Provider::CloudMc => &["CLOUDMC_API_KEY"],
    }
}

/// CX's variable.
const CX: &str = "CLOUD66_TOKEN";

/// The token from the environment, if there is one.
pub(super) fn from_variables(variables: &ProcessEnv, provider: Provider) -> Result<Option<(Secret, TokenSource)>> {
    for name in self::variables(provider) {
        if let Some(text) = variables.get(name)? {
            let source = TokenSource::Variable(name);
            let secret = if *name == CX { from_cx(text, &source)? } else { Secret::new(text, &source)? };
            return Ok(Some((secret, source)));
        }
    }
    Ok(None)
}

/// The token of a profile, stored or from its command, if any.
pub(super) fn from_profile(
    stored: StoredToken,
    profile: &str,
    path: &Path,
    limit: Duration,
) -> Result<Option<(Secret, TokenSource)>> {
    let profile = profile.to_owned();
    match stored {
        StoredToken::None => Ok(None),
        StoredToken::Text(text) => {
            let source = TokenSource::File { profile, path: path.to_owned() };
            Ok(Some((Secret::new(&text, &source)?, source)))
        }
        StoredToken::Command(argv) => {
            if let Some(problem) = PermissionProblem::find(path).filter(|problem| problem.writable_by_others) {
                return Err(Error::new(Kind::Config, format!("the token_command of profile \"{profile}\" is not run"))
                    .cause(format!("{}, so another user could choose the program", problem.what))
                    .hint(problem.command));
            }
            let text = token_command::run(&argv, &profile, limit)?;
            let source = TokenSource::Command { profile };
            Ok(Some((Secret::new(&text, &source)?, source)))
        }
    }
}

/// Parses a token of CX: its token file `{"AccessToken": …}`, that file in base64, or a plain token.
///
/// # Errors
/// An auth error with the source if the token file has no token, or the token is malformed.
pub(crate) fn from_cx(text: &str, source: &impl fmt::Display) -> Result<Secret> {
    // GNU `base64` breaks its lines at 76 characters, and a token file is longer.
    let compact: String = text.split_ascii_whitespace().collect();
    let decoded = STANDARD_PAD_INDIFFERENT.decode(compact).unwrap_or_default();
    let file = [text.as_bytes(), &decoded]
        .into_iter()
        .find_map(|bytes| serde_json::from_slice::<serde_json::Value>(bytes).ok().filter(serde_json::Value::is_object));
    let Some(file) = file else { return Secret::new(text, source) };
    match file.get("AccessToken").and_then(serde_json::Value::as_str) {
        Some(token) => Secret::new(token, source),
        None => Err(Error::new(Kind::Auth, format!("the token {source} is a token file without AccessToken"))),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;

    use super::*;
    use crate::test_text::{JSON_FRAGMENTS, text_from};

    const SOURCE: TokenSource = TokenSource::Variable("C66_TOKEN");

    fn message(text: &str) -> String {
        let error = Secret::new(text, &SOURCE).unwrap_err();
        assert_eq!(error.kind(), Kind::Auth);
        assert!(!format!("{error:?}").contains("s3cret"));
        error.message().to_owned()
    }

    #[test]
    fn one_line_break_at_the_end_is_removed() {
        for text in ["abc", "abc\n", "abc\r\n"] {
            assert_eq!(Secret::new(text, &SOURCE).unwrap().expose(), "abc");
        }
    }

    #[test]
    fn a_malformed_token_is_refused_without_being_shown() {
        assert_eq!(message("s3cret\nX-Evil: 1"), "the token from C66_TOKEN contains a line break");
        assert_eq!(message("s3cret\n\n"), "the token from C66_TOKEN contains a line break");
        assert_eq!(message("s3cret "), "the token from C66_TOKEN contains a space");
        assert_eq!(message("s3cret\u{7}"), "the token from C66_TOKEN contains a control character");
        assert_eq!(message("s3cretü"), "the token from C66_TOKEN contains a character outside ASCII");
        assert_eq!(message("\n"), "the token from C66_TOKEN is empty");
    }

    #[test]
    fn debug_never_shows_a_token() {
        let secret = Secret::new("s3cret", &SOURCE).unwrap();
        assert_eq!(format!("{:?}", (&secret, &SOURCE)), "((redacted), Variable(\"C66_TOKEN\"))");
    }

    #[test]
    fn sources_name_themselves() {
        let file = TokenSource::File { profile: "default".into(), path: "/h/config.toml".into() };
        assert_eq!(file.to_string(), "from profile \"default\" in /h/config.toml");
        let command = TokenSource::Command { profile: "work".into() };
        assert_eq!(command.to_string(), "from the token_command of profile \"work\"");
    }

    #[test]
    fn the_variable_of_cx_comes_in_three_forms() {
        let json = r#"{"AccessToken":"f00dabc","RefreshToken":"","Expiry":"0001-01-01T00:00:00Z","Extra":null}"#;
        let encoded = base64::engine::general_purpose::STANDARD.encode(format!("{json}\n"));
        let (first, second) = encoded.split_at(76);
        let broken = format!("{first}\n{second}\n");
        // A plain token of hexadecimal digits is valid base64 too, but not of JSON.
        for text in ["f00dabc", json, encoded.trim_end_matches('='), &encoded, &broken] {
            assert_eq!(from_cx(text, &SOURCE).unwrap().expose(), "f00dabc", "{text}");
        }
        let hexadecimal = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
        assert_eq!(from_cx(hexadecimal, &SOURCE).unwrap().expose(), hexadecimal);
    }

    #[test]
    fn a_token_file_without_a_token_is_an_error() {
        let error = from_cx("{\"RefreshToken\":\"s3cret\"}", &SOURCE).unwrap_err();
        assert_eq!(error.message(), "the token from C66_TOKEN is a token file without AccessToken");
        assert_eq!(
            from_cx("{\"AccessToken\":\"\"}", &SOURCE).unwrap_err().message(),
            "the token from C66_TOKEN is empty"
        );
    }

    #[test]
    fn our_variable_overrides_that_of_cx_which_is_for_cloud66_only() {
        let both = ProcessEnv::from_pairs([("C66_TOKEN", "ours"), ("CLOUD66_TOKEN", "theirs")]);
        let (secret, source) = from_variables(&both, Provider::Cloud66).unwrap().unwrap();
        assert_eq!((secret.expose(), source), ("ours", SOURCE));
        let one = ProcessEnv::from_pairs([("CLOUD66_TOKEN", "theirs")]);
        assert_eq!(from_variables(&one, Provider::Cloud66).unwrap().unwrap().0.expose(), "theirs");
        assert!(from_variables(&both, Provider::CloudMc).unwrap().is_none());
        let key = ProcessEnv::from_pairs([("CLOUDMC_API_KEY", "key"), ("C66_TOKEN", "ours")]);
        assert_eq!(from_variables(&key, Provider::CloudMc).unwrap().unwrap().0.expose(), "key");
    }

    proptest! {
        #[test]
        fn whatever_cx_keeps_gives_a_token_fit_for_a_header_or_an_error(text in text_from(JSON_FRAGMENTS), encoded in any::<bool>()) {
            let text = if encoded { base64::engine::general_purpose::STANDARD.encode(&text) } else { text };
            match from_cx(&text, &SOURCE) {
                Ok(secret) => prop_assert!(secret.expose().bytes().all(|byte| byte.is_ascii_graphic())),
                Err(error) => prop_assert_eq!(error.kind(), Kind::Auth),
            }
        }
    }
}
