//! `--watch` of lists and shows.

use std::time::Duration;

use clap::{Arg, ArgMatches, Args, Command, Error, FromArgMatches};

use crate::text::parse::parse_duration;

/// The shortest interval.
const MIN_INTERVAL: Duration = Duration::from_secs(1);
const DEFAULT_INTERVAL: &str = "5s";

/// `--watch[=INTERVAL]`. The value is read from the matches by [`WatchArgs::interval`], once for all commands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct WatchArgs;

impl WatchArgs {
    /// The id of the argument.
    pub(crate) const ID: &'static str = "watch";

    /// The interval, if the command is to be watched.
    pub(crate) fn interval(matches: &ArgMatches) -> Option<Duration> {
        let mut matches = matches;
        while let Some((_, verb)) = matches.subcommand() {
            matches = verb;
        }
        matches.try_get_one(Self::ID).ok().flatten().copied()
    }
}

impl Args for WatchArgs {
    fn augment_args(command: Command) -> Command {
        command.arg(
            Arg::new(Self::ID)
                .long(Self::ID)
                .value_name("INTERVAL")
                .num_args(0..=1)
                .require_equals(true)
                .default_missing_value(DEFAULT_INTERVAL)
                .value_parser(parse_interval)
                .help("Repeat every 5s, or INTERVAL, and mark changes"),
        )
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for WatchArgs {
    fn from_arg_matches(_: &ArgMatches) -> Result<Self, Error> {
        Ok(Self)
    }

    fn update_from_arg_matches(&mut self, _: &ArgMatches) -> Result<(), Error> {
        Ok(())
    }
}

fn parse_interval(text: &str) -> Result<Duration, String> {
    let interval = parse_duration(text)?;
    if interval < MIN_INTERVAL {
        return Err("the shortest interval is 1s".to_owned());
    }
    Ok(interval)
}
