//! The flags of every command.

use std::num::NonZero;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{ArgAction, Args};

use crate::args::candidates::Candidates;
use crate::config::keys::{CONCURRENCY, CONNECT_TIMEOUT, HTTP_TIMEOUT, Setting};
use crate::config::{Overrides, SettingKey};
use crate::text::output_format::Format;

/// The flags of every command.
#[derive(Args, Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[command(next_help_heading = "Global options")]
pub(crate) struct Globals {
    /// Output format
    #[arg(short, long, value_name = "FORMAT", value_parser = formats())]
    pub(crate) output: Option<String>,
    /// Same as -o json
    #[arg(long, conflicts_with = "output")]
    pub(crate) json: bool,
    /// Filter the JSON with a jq expression
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true)]
    pub(crate) jq: Option<String>,
    /// Print the strings of --jq as JSON
    #[arg(long, requires = "jq")]
    pub(crate) jq_json: bool,
    /// Set $NAME in --jq to a text
    #[arg(long, value_names = ["NAME", "VALUE"], num_args = 2, allow_hyphen_values = true, requires = "jq")]
    pub(crate) arg: Vec<String>,
    /// Set $NAME in --jq to a JSON value
    #[arg(long, value_names = ["NAME", "JSON"], num_args = 2, allow_hyphen_values = true, requires = "jq")]
    pub(crate) argjson: Vec<String>,
    /// Colour: auto, always or never
    #[arg(long, value_name = "WHEN", value_parser = PossibleValuesParser::new(["auto", "always", "never"]), hide_possible_values = true)]
    pub(crate) color: Option<String>,
    /// Write the log for a CI system: github
    #[arg(long, value_name = "SYSTEM", value_parser = PossibleValuesParser::new(["github"]), hide_possible_values = true)]
    pub(crate) ci: Option<String>,
    /// Put an apostrophe before formulas in csv and tsv
    #[arg(long)]
    pub(crate) csv_safe: bool,
    /// Print only the result, warnings and errors
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Print long output without a pager
    #[arg(long)]
    pub(crate) no_pager: bool,
    /// Run against the built-in sandbox: no account, no network
    #[arg(long)]
    pub(crate) sandbox: bool,
    /// Profile to use
    #[arg(long, value_name = "NAME")]
    #[arg(add = Candidates::Profiles)]
    pub(crate) profile: Option<String>,
    /// Account to act for: its number or name
    #[arg(long, value_name = "ACCOUNT")]
    #[arg(add = Candidates::Accounts)]
    pub(crate) account: Option<String>,
    /// Never prompt; fail instead
    #[arg(long)]
    pub(crate) no_input: bool,
    /// Trace requests on stderr; repeat for headers and bodies
    #[arg(long, action = ArgAction::Count)]
    pub(crate) debug: u8,
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
}

/// The connection.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Connection")]
pub(crate) struct NetworkArgs {
    /// Address of the API
    #[arg(long, value_name = "URL")]
    pub(crate) api_url: Option<String>,
    #[arg(long, help = CONNECT_TIMEOUT.with_default("Connection timeout"), value_name = "DURATION", value_parser = Setting::<Duration>::check_flag)]
    pub(crate) connect_timeout: Option<String>,
    #[arg(long, help = HTTP_TIMEOUT.with_default("Timeout for each reply"), value_name = "DURATION", value_parser = Setting::<Duration>::check_flag)]
    pub(crate) http_timeout: Option<String>,
    /// Trust the certificate authorities in this file too (PEM)
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_cert: Option<PathBuf>,
    #[arg(long, help = CONCURRENCY.with_default("Maximum number of parallel requests, and of stacks with --stacks-from"), value_name = "N", value_parser = Setting::<NonZero<usize>>::check_flag)]
    pub(crate) concurrency: Option<String>,
    /// Wait for the next hour if the request limit is reached
    #[arg(long)]
    pub(crate) wait_if_throttled: bool,
}

impl Globals {
    /// The settings of these flags.
    pub(crate) fn overrides(&self) -> Overrides {
        let mut overrides = Overrides::default();
        let mut set = |key, text: Option<String>| {
            if let Some(text) = text {
                overrides.set(key, text);
            }
        };
        let network = &self.network;
        set(SettingKey::Profile, self.profile.clone());
        set(SettingKey::Account, self.account.clone());
        let output =
            self.output.as_ref().map(|word| if word == "standard" { "table".to_owned() } else { word.clone() });
        set(SettingKey::Output, output.or_else(|| self.json.then(|| "json".to_owned())));
        set(SettingKey::Color, self.color.clone());
        set(SettingKey::NoInput, self.no_input.then(|| "true".to_owned()));
        set(SettingKey::Pager, self.no_pager.then(|| "cat".to_owned()));
        set(SettingKey::CsvSafe, self.csv_safe.then(|| "true".to_owned()));
        set(SettingKey::ApiUrl, network.api_url.clone());
        set(SettingKey::CaCert, network.ca_cert.as_ref().map(|path| path.display().to_string()));
        set(SettingKey::ConnectTimeout, network.connect_timeout.clone());
        set(SettingKey::HttpTimeout, network.http_timeout.clone());
        set(SettingKey::Concurrency, network.concurrency.clone());
        overrides
    }
}

fn formats() -> PossibleValuesParser {
    // CX's name for a table.
    let also = |word| if word == "table" { "standard" } else { word };
    PossibleValuesParser::new(Format::ALL.map(|(word, _)| PossibleValue::new(word).alias(also(word))))
}
