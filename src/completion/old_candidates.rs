//! Which argument a shell completes with what.

/// What an argument is completed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Candidates {
    /// What names one stack.
    Stacks,
    /// Names of stacks, which several may share.
    StackNames,
    /// Environments that stacks are in.
    Environments,
    /// Services of the stack.
    Services,
    /// Services of the stack, each with the `=` that a number follows.
    ServiceCounts,
    /// Containers of the stack.
    Containers,
    /// Servers of the stack.
    Servers,
    /// Server groups of the stack.
    ServerGroups,
    /// Settings of the server that was typed before.
    ServerSettings,
    /// Environment variables of the stack, by name.
    Variables,
    /// The same, each with the `=` that a value follows.
    Assignments,
    /// Settings of the stack.
    Settings,
    /// Backups of the stack.
    Backups,
    /// Files of the backup that was typed before.
    BackupFiles,
    /// Deployments of the stack.
    Deployments,
    /// Actions of the stack.
    Actions,
    /// Commands that an action can be.
    ActionCommands,
    /// Firewall rules of the stack.
    FirewallRules,
    /// Notification settings of the stack.
    Notifications,
    /// Types of alert that the stack has notification settings for.
    Alerts,
    /// Clouds of the account.
    Clouds,
    /// Accounts.
    Accounts,
    /// Users.
    Users,
    /// The next word that says what of a `CloudMC` is meant: service, environment, type, id or operation.
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
    /// Profiles of the configuration file.
    Profiles,
    /// Settings of the configuration.
    ConfigKeys,
    /// Columns of the list.
    Columns,
    /// Columns of the list, each with the `=` that a value follows.
    ColumnFilters,
    /// Commands, word by word.
    Commands,
    /// Commands, word by word, and topics.
    CommandsAndTopics,
    /// Files and folders.
    Paths,
}

/// What the argument with that id is completed with, in the command with these words; nothing for what only the
/// person knows, and for what has a fixed choice of values anyway.
pub(crate) fn candidates_for(path: &[&str], argument: &str) -> Option<Candidates> {
    use Candidates as C;
    Some(match (path, argument) {
        (["cloudmc", ..], "words") => C::CloudMcWords,
        (["cloudmc", ..], "env") => C::CloudMcEnvironments,
        (["cloudmc", ..], "env_id") => C::CloudMcEnvironmentIds,
        (["cloudmc", ..], "connection" | "service") => C::CloudMcConnections,
        (["cloudmc", ..], "org") => C::CloudMcOrganizations,
        (["cloudmc", ..], "user") => C::CloudMcUsers,
        (["cloudmc", ..], "quota") => C::CloudMcQuotas,
        (["stacks", "create"], "name") => return None,
        (["stacks", "list"], "names") => C::StackNames,
        (_, "stack") | (["stacks", _] | ["link"], "name") => C::Stacks,
        (_, "environment") => C::Environments,
        (_, "profile") | (["profiles", ..], "name") | (["profiles", "rename"], "from") => C::Profiles,
        (_, "account") | (["accounts", _], "id") => C::Accounts,
        (["services", "scale"], "counts") => C::ServiceCounts,
        (["services", _], "name") | (_, "services") => C::Services,
        (["services" | "containers" | "servers", ..], "server") => C::Servers,
        (["servers", "settings", _], "key") => C::ServerSettings,
        (["services" | "server-groups", _], "group") | (["firewall", _], "from_group" | "to_group") => C::ServerGroups,
        (["containers", _], "uid") => C::Containers,
        (["env", "set"], "assignments") => C::Assignments,
        (["env", _], "key" | "keys") => C::Variables,
        (["settings", _], "key") => C::Settings,
        (["backups", _], "id") => C::Backups,
        (["backups", _], "file") => C::BackupFiles,
        (["deployments", _], "id") => C::Deployments,
        (["actions", "run"], "command") => C::ActionCommands,
        (["actions", _], "id") => C::Actions,
        (["firewall", _], "id") => C::FirewallRules,
        (["notifications", _], "id") => C::Notifications,
        (["notifications", _], "alert_type") => C::Alerts,
        (["clouds", _], "name") | (["stacks", "create"], "cloud") => C::Clouds,
        (["users" | "devices", _], "user") => C::Users,
        (["config", _], "key") => C::ConfigKeys,
        (_, "columns" | "sort") => C::Columns,
        (_, "filter") => C::ColumnFilters,
        (["help"], "words") => C::CommandsAndTopics,
        (["man"], "words") => C::Commands,
        (["sandbox", "run"], "command") => C::Paths,
        _ => return None,
    })
}
