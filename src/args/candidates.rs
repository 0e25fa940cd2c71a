//! What completes an argument, where it is not one of a noun's items.
//!
//! It stands in the argument itself, beside its help: `#[arg(add = Candidates::Stacks)]`. What names one of a noun's items
//! is `#[arg(add = Firewalls::NOUN.names())]` instead.

use clap::builder::ArgExt;

/// What completes an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Candidates {
    /// What names one stack.
    Stacks,
    /// Names of stacks, which several may share.
    StackNames,
    /// Environments of stacks.
    Environments,
    /// Alert types that the stack has notification settings for.
    AlertTypes,
    /// Commands that an action can be.
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
    /// What names one of the items that the command is about.
    OwnItems,
    /// Profiles of the configuration file.
    Profiles,
    /// Settings of the configuration.
    ConfigKeys,
    /// Columns of what the command prints.
    Columns,
    /// The same, each with the `=` that a value follows.
    ColumnFilters,
    /// Commands, word by word.
    Commands,
    /// Commands, word by word, and topics.
    CommandsAndTopics,
    /// Files and folders.
    Paths,
}

impl ArgExt for Candidates {}
