//! The output formats and colour modes.

use std::str::FromStr;

/// The output format of the result on stdout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// The default columns, for people.
    #[default]
    Table,
    /// More columns, for people.
    Wide,
    /// One JSON document.
    Json,
    /// One compact JSON value per line, as they arrive.
    Jsonl,
    /// One YAML document.
    Yaml,
    /// Comma-separated values with a header.
    Csv,
    /// Tab-separated values with a header.
    Tsv,
    /// One id per line, as input for other commands.
    Name,
}

impl Format {
    /// Every format with its word.
    pub const ALL: [(&'static str, Format); 8] = [
        ("table", Format::Table),
        ("wide", Format::Wide),
        ("json", Format::Json),
        ("jsonl", Format::Jsonl),
        ("yaml", Format::Yaml),
        ("csv", Format::Csv),
        ("tsv", Format::Tsv),
        ("name", Format::Name),
    ];

    /// Whether errors are JSON objects too.
    pub(crate) fn is_json(self) -> bool {
        matches!(self, Format::Json | Format::Jsonl)
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        Self::ALL.iter().find(|(name, _)| *name == word).map(|(_, format)| *format).ok_or_else(|| {
            let words: Vec<_> = Self::ALL.iter().map(|(name, _)| *name).collect();
            format!("invalid format `{word}`: use one of {}", words.join(", "))
        })
    }
}

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ColorChoice {
    /// On a terminal, unless the environment says otherwise.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl FromStr for ColorChoice {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "auto" => Ok(Self::Auto),
            "always" => Ok(Self::Always),
            "never" => Ok(Self::Never),
            _ => Err(format!("invalid colour mode `{word}`: use auto, always or never")),
        }
    }
}
