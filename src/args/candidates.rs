//! Completion of arguments that are not items of a noun.
//!
//! It is declared in the argument itself: `#[arg(add = Candidates::Stacks)]`. An item of a noun has `#[arg(add =
//! Firewalls::NOUN.names())]` instead.

use clap::builder::ArgExt;

/// What completes an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Candidates {
    /// Unique names of stacks.
    Stacks,
    /// Names of stacks, possibly shared by several.
    StackNames,
    /// Environments of stacks.
    Environments,
    /// Alert types that have notification settings on the stack.
    AlertTypes,
    /// Commands of an action.
    ActionCommands,
    /// The next word of a `CloudMC` command: service, environment, type, id or operation.
    CloudMcWords,
    /// Environments of a `CloudMC`.
    CloudMcEnvironments,
    /// The same, by their UUIDs.
    CloudMcEnvironmentIds,
    /// Service connections of a `CloudMC`.
    CloudMcConnections,
    /// Organizations of a `CloudMC`.
    CloudMcOrganizations,
    /// Users of a `CloudMC`.
    CloudMcUsers,
    /// Quotas of a `CloudMC`.
    CloudMcQuotas,
    /// Accounts.
    Accounts,
    /// Names of items of the command's noun.
    OwnItems,
    /// Profiles of the configuration file.
    Profiles,
    /// Settings of the configuration.
    ConfigKeys,
    /// What `c66 wait` can wait for: a kind, with a name after a slash.
    WaitTargets,
    /// The names of the kind that `c66 wait` has as its first word.
    WaitNames,
    /// The columns of that kind, each with a `=` for its value.
    WaitConditions,
    /// Columns of the command.
    Columns,
    /// Columns of the command, each with a `=` for its value.
    ColumnFilters,
    /// Commands, word by word.
    Commands,
    /// Commands, word by word, and topics.
    CommandsAndTopics,
    /// Files and folders.
    Paths,
    /// Files and folders here, and servers, each with a `:` for a path on it.
    CopyPlaces,
    /// Logs that a stack may have.
    Logs,
    /// Servers whose host keys are known.
    KnownServers,
}

impl ArgExt for Candidates {}
