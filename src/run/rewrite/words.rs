//! What people type that is no command of c66: the words of CX, and those of other tools.

/// What a word means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The words of a command. They replace the words of the noun too.
    Run(&'static str),
    /// Nothing that c66 could run: why, and what to do instead.
    Hint(&'static str, &'static str),
}

use Meaning::{Hint, Run};

const NO_LOGS: Meaning = Hint(
    "the API has no logs of actions and deployments",
    "c66 actions list and c66 deployments list show what was done and how it ended; c66 tail SERVER LOG shows a log",
);
const WHICH_LOG: Meaning = Hint("a log is on a server", "c66 tail SERVER LOG, or c66 tail --service NAME");
const WHICH_SERVER: Meaning =
    Hint("it does not say where", "c66 ssh SERVER, c66 run --server SERVER -- COMMAND, or --service NAME");
const NO_METRICS: Meaning =
    Hint("the API has no metrics", "c66 servers list and c66 containers list show what is healthy");
const NO_SERVERS: Meaning =
    Hint("the API cannot add or remove servers", "use the dashboard; c66 stacks open opens the page of a stack");
const NO_STACK_DELETE: Meaning =
    Hint("the API cannot delete a stack", "use the dashboard; c66 stacks open opens the page of a stack");
const NO_STACK_STOP: Meaning = Hint(
    "the API cannot stop a whole stack",
    "c66 stacks maintenance on shows visitors a maintenance page; c66 services stop NAME stops a service",
);
const NO_FIREWALL_DELETE: Meaning =
    Hint("the API cannot remove firewall rules", "a rule added with --ttl ends by itself; others end in the dashboard");
const NO_RESTORE: Meaning = Hint(
    "the API cannot restore a backup",
    "c66 backups download ID gets it; restore it in the dashboard, or import it with c66 backups import",
);
const NO_USERS: Meaning = Hint("the API cannot add or remove users", "use the dashboard");
const NO_CANCEL: Meaning = Hint(
    "the API can cancel deployments, not actions",
    "c66 deployments list shows them; c66 deployments cancel ID cancels one",
);
const NO_PROFILE_YET: Meaning = Hint("a profile exists once it has a token", "c66 auth login --profile NAME");
const OTHER_PROFILE: Meaning =
    Hint("a profile has the token, and the account it acts for", "c66 profiles use NAME, or --profile NAME once");
const OTHER_ACCOUNT: Meaning =
    Hint("the account is a setting", "c66 config set account NUMBER, or --account NUMBER once");

/// A noun of c66 (empty: c66 itself), words after it that it does not know, and what they mean.
type Row = (&'static str, &'static [&'static str], Meaning);

const ROWS: &[Row] = &[
    // Commands of c66 in the place where CX or others have them.
    ("", &["login", "signin", "sign-in"], Run("auth login")),
    ("", &["logout", "signout", "sign-out"], Run("auth logout")),
    ("", &["whoami", "me", "test"], Run("auth status")),
    ("", &["dump-token", "token"], Run("auth token")),
    ("", &["version", "ver"], Run("--version")),
    ("", &["usage", "commands", "?"], Run("help")),
    ("", &["mcp"], Hint("c66 is not an MCP server", "agents run its commands with -o json; see c66 help formatting")),
    ("", &["help-environ"], Run("help environment")),
    ("", &["open"], Run("stacks open --site")),
    ("", &["browse", "dashboard", "web"], Run("stacks open")),
    ("", &["deploy"], Run("redeploy")),
    ("", &["scale"], Run("services scale")),
    ("", &["restart"], Run("stacks restart")),
    ("", &["maintenance"], Run("stacks maintenance")),
    ("", &["clear-caches", "clear-cache"], Run("stacks clear-caches")),
    ("", &["ps"], Run("containers list")),
    ("", &["ls", "list"], Run("stacks list")),
    ("", &["show", "get", "describe", "info", "view", "inspect"], Run("stacks show")),
    ("", &["printenv"], Run("env list")),
    ("", &["init", "connect"], Run("link")),
    ("", &["disconnect"], Run("unlink")),
    ("", &["regions", "region"], Run("clouds regions")),
    ("", &["sizes", "size"], Run("clouds sizes")),
    ("", &["quota", "quotas", "limit", "rate", "rate-limit", "rate-limits", "ratelimit"], Run("limits")),
    ("", &["check", "diagnose", "diag"], Run("doctor")),
    ("", &["completion", "complete"], Run("completions")),
    ("", &["curl", "request"], Run("api")),
    // Other names of nouns.
    ("", &["app", "apps", "application", "applications", "project", "projects"], Run("stacks")),
    ("", &["release", "releases", "deploys"], Run("deployments")),
    ("", &["events", "activity", "audit", "tasks", "operations"], Run("actions")),
    (
        "",
        &[
            "var",
            "vars",
            "variable",
            "variables",
            "secret",
            "secrets",
            "envs",
            "envvars",
            "environments",
            "environment-variables",
            "config-vars",
        ],
        Run("env"),
    ),
    (
        "",
        &["node", "nodes", "machine", "machines", "instance", "instances", "host", "hosts", "vm", "vms", "droplets"],
        Run("servers"),
    ),
    ("", &["pod", "pods", "dyno", "dynos"], Run("containers")),
    ("", &["cert", "certs", "certificate", "certificates", "ssl-certificates", "tls"], Run("ssl")),
    ("", &["rules", "firewall-rule", "firewall-rules"], Run("firewall")),
    (
        "",
        &["org", "orgs", "organization", "organizations", "organisation", "organisations", "team", "teams"],
        Run("accounts"),
    ),
    ("", &["member", "members", "people", "collaborators"], Run("users")),
    ("", &["context", "contexts", "ctx"], Run("profiles")),
    ("", &["alert", "alerts"], Run("notifications")),
    ("", &["provider", "providers"], Run("clouds")),
    ("", &["settings-server", "server-settings"], Run("servers settings")),
    // What c66 cannot do, or could only guess.
    ("", &["log"], Run("tail")),
    ("", &["register-server"], Run("servers register")),
    ("", &["scp"], Run("cp")),
    ("", &["port-forward", "forward"], Run("tunnel")),
    (
        "",
        &["exec", "shell", "console", "attach", "bash", "sh", "rails", "rake", "psql", "mysql", "sftp", "rsync"],
        WHICH_SERVER,
    ),
    ("", &["top", "stats", "metrics"], NO_METRICS),
    ("", &["delete", "rm", "del", "remove", "destroy"], NO_STACK_DELETE),
    ("", &["stop", "start", "pause", "resume", "suspend"], NO_STACK_STOP),
    (
        "",
        &["create", "new", "launch", "add"],
        Hint("it names no kind of thing", "c66 stacks create --help; c66 --help lists the other nouns"),
    ),
    (
        "",
        &["up", "push", "build", "ship", "publish", "promote", "trigger"],
        Hint("c66 deploys what is in git", "c66 redeploy -s STACK"),
    ),
    ("", &["rollback"], Run("deployments rollback")),
    (
        "",
        &["undo", "revert"],
        Hint("it names no kind of thing", "c66 deployments rollback -s STACK, or c66 env rollback KEY -s STACK"),
    ),
    (
        "",
        &["reboot"],
        Hint("a server or all servers of a stack", "c66 servers reboot SERVER -s STACK, or c66 stacks reboot STACK"),
    ),
    ("", &["health"], Run("status")),
    ("", &["worker", "workers"], Run("processes")),
    (
        "",
        &["cancel", "abort", "kill"],
        Hint("a deployment is cancelled by its ID", "c66 deployments list -s STACK, then c66 deployments cancel ID"),
    ),
    ("", &["watch", "follow"], Hint("c66 waits for one operation", "c66 deployments wait --latest -s STACK")),
    (
        "",
        &["use", "switch", "select", "target"],
        Hint(
            "a profile has the account, a folder has the stack",
            "c66 profiles use NAME, or c66 link STACK for this folder",
        ),
    ),
    (
        "",
        &["set", "unset"],
        Hint(
            "variables, settings and the configuration are set",
            "c66 env set KEY=VALUE, c66 settings set KEY VALUE, or c66 config set KEY VALUE",
        ),
    ),
    (
        "",
        &["pull", "export"],
        Hint("variables and backups can be saved", "c66 env pull FILE, or c66 backups download ID"),
    ),
    (
        "",
        &["import", "apply"],
        Hint("variables and backups can be imported", "c66 env push FILE, or c66 backups import --help"),
    ),
    ("", &["restore"], NO_RESTORE),
    ("", &["diff"], Hint("only variables can be compared", "c66 env diff FILE")),
    (
        "",
        &["upgrade", "self-update"],
        Hint("c66 does not update itself", "install the new version the way you installed this one"),
    ),
    (
        "",
        &["docs", "documentation", "manual"],
        Hint("the documentation is in the program", "c66 help COMMAND, c66 help from-cx, or c66 man COMMAND"),
    ),
    (
        "",
        &["configure", "setup", "register", "signup", "sign-up"],
        Hint("a token is all that c66 needs", "c66 auth login"),
    ),
    (
        "",
        &["domain", "domains", "dns", "url", "fqdn"],
        Hint("a stack has one host name", "c66 stacks show -s STACK --columns fqdn"),
    ),
    ("", &["db", "pg"], Run("databases")),
    (
        "",
        &["schema"],
        Hint("each list describes its columns", "c66 stacks list --columns help; c66 api calls any operation"),
    ),
    ("", &["cron", "crons"], Run("jobs")),
    // stacks
    ("stacks", &["deploy"], Run("redeploy")),
    ("stacks", &["scale"], Run("services scale")),
    ("stacks", &["ps"], Run("containers list")),
    ("stacks", &["variants", "variant"], Run("variants")),
    ("stacks", &["configuration", "configurations"], Run("config-files")),
    ("stacks", &["clear-cache"], Run("stacks clear-caches")),
    ("stacks", &["browse"], Run("stacks open")),
    ("stacks", &["status", "health"], Run("status")),
    ("stacks", &["link", "use", "select", "switch"], Hint("a folder has a stack", "c66 link STACK")),
    ("stacks", &["logs", "log", "tail"], WHICH_LOG),
    ("stacks", &["ssh", "exec", "shell", "run"], WHICH_SERVER),
    ("stacks", &["delete", "rm", "del", "remove", "destroy"], NO_STACK_DELETE),
    ("stacks", &["stop", "start", "pause", "resume", "suspend"], NO_STACK_STOP),
    (
        "stacks",
        &["rename", "update", "edit", "set"],
        Hint("a stack changes through its settings", "c66 settings list -s STACK"),
    ),
    ("stacks", &["wait"], Hint("a wait has a condition", "c66 wait --for health=healthy -s STACK")),
    // env
    ("env", &["import", "upload", "load"], Run("env push")),
    ("env", &["export", "download", "dump", "save"], Run("env pull")),
    ("env", &["print", "all"], Run("env list")),
    ("env", &["exec"], Run("env run")),
    ("env", &["log"], Run("env history")),
    ("env", &["compare"], Run("env diff")),
    ("env", &["undo", "revert"], Run("env rollback")),
    (
        "env",
        &["copy", "cp", "sync"],
        Hint("variables are copied through a file", "c66 env pull FILE -s FROM, then c66 env push FILE -s TO"),
    ),
    // config and profiles, which are one thing in CX
    ("config", &["use", "switch", "use-context", "activate"], Run("profiles use")),
    ("config", &["show", "view", "cat", "dump", "print", "all", "current"], Run("config list")),
    ("config", &["get-contexts", "current-context", "profiles"], Run("profiles list")),
    ("config", &["rename"], Run("profiles rename")),
    ("config", &["file", "where", "location"], Run("config path")),
    ("config", &["vars"], Run("env list")),
    ("config", &["create", "new", "add", "init"], NO_PROFILE_YET),
    ("config", &["update"], Hint("a profile changes setting by setting", "c66 config set KEY VALUE --profile NAME")),
    (
        "config",
        &["delete", "rm", "del", "remove", "reset"],
        Hint("it could mean a setting or a profile", "c66 config unset KEY, or c66 profiles remove NAME"),
    ),
    ("profiles", &["create", "new", "add"], NO_PROFILE_YET),
    ("profiles", &["current", "active"], Run("profiles show")),
    // auth
    ("auth", &["whoami", "info", "show", "check", "test", "list", "ls", "user", "scopes"], Run("auth status")),
    ("auth", &["signin", "add", "refresh", "renew"], Run("auth login")),
    ("auth", &["signout", "remove", "rm"], Run("auth logout")),
    ("auth", &["print-token", "print-access-token", "access-token", "dump-token"], Run("auth token")),
    ("auth", &["switch", "use"], OTHER_PROFILE),
    ("accounts", &["switch", "use", "select", "current"], OTHER_ACCOUNT),
    ("accounts", &["limits", "quota"], Run("limits")),
    // servers, containers, services
    ("servers", &["add", "create", "new", "delete", "rm", "remove", "destroy", "scale", "resize"], NO_SERVERS),
    ("servers", &["ssh", "shell"], Run("ssh")),
    ("servers", &["console", "exec", "run"], WHICH_SERVER),
    ("servers", &["logs", "log", "tail"], Run("tail")),
    ("servers", &["restart"], Hint("a server is rebooted", "c66 servers reboot SERVER -s STACK")),
    ("servers", &["keys", "ssh-key", "private-key"], Run("servers key")),
    ("servers", &["groups"], Run("server-groups list")),
    ("servers", &["stats", "metrics", "top"], NO_METRICS),
    ("containers", &["logs", "log", "tail", "attach"], Run("tail --container")),
    ("containers", &["exec", "run"], Run("run --interactive --container")),
    ("containers", &["ssh", "shell"], Run("run --interactive --container")),
    ("containers", &["cp"], WHICH_SERVER),
    ("containers", &["kill"], Run("containers stop")),
    ("containers", &["ps"], Run("containers list")),
    ("containers", &["stats", "top"], NO_METRICS),
    (
        "containers",
        &["start", "create", "rm", "delete"],
        Hint("a service has as many containers as it is scaled to", "c66 services scale NAME=N"),
    ),
    ("services", &["logs", "log", "tail"], Run("tail --service")),
    ("services", &["ssh", "exec", "shell", "run"], Run("run --interactive --service")),
    ("services", &["ps"], Run("services list")),
    (
        "services",
        &["start", "up"],
        Hint("a stopped service starts when it is scaled", "c66 services scale NAME=N, or c66 services resume NAME"),
    ),
    (
        "services",
        &["add", "create", "new", "delete", "rm", "remove"],
        Hint("services are in the service.yml of the stack", "change it, then c66 redeploy"),
    ),
    (
        "services",
        &["deploy", "redeploy", "update"],
        Hint("one service can be redeployed", "c66 redeploy --service NAME"),
    ),
    ("jobs", &["start", "trigger", "exec", "run-now"], Run("jobs run")),
    ("jobs", &["resume"], Run("jobs unpause")),
    ("databases", &["promote-slave", "promote-replica"], Run("databases promote")),
    ("databases", &["resync-slave", "resync-replica"], Run("databases resync")),
    // firewall, notifications, backups
    ("firewall", &["allow", "open"], Hint("a rule has a port and a source", "c66 firewall add --port 22 --help")),
    ("firewall", &["delete", "rm", "remove", "close", "revoke", "deny", "block"], NO_FIREWALL_DELETE),
    ("firewall", &["lease"], Run("lease")),
    (
        "notifications",
        &["on", "off", "enable", "disable", "mute", "add", "subscribe"],
        Hint("a notification has channels", "c66 notifications update ID --channels email"),
    ),
    ("backups", &["restore"], NO_RESTORE),
    ("backups", &["fetch", "pull", "save"], Run("backups download")),
    ("backups", &["latest", "newest", "last"], Run("backups list --latest")),
    ("backups", &["upload"], Run("backups import")),
    (
        "backups",
        &["run", "start", "now", "trigger", "schedule", "add"],
        Hint("a backup has a kind of database", "c66 backups create --db-type mysql --help"),
    ),
    ("backups", &["delete", "rm", "remove"], Hint("the API cannot delete backups", "--keep of c66 backups create")),
    // deployments and actions
    ("deployments", &["revert", "undo"], Run("deployments rollback")),
    ("deployments", &["logs", "log"], NO_LOGS),
    ("deployments", &["last", "latest"], Run("deployments list --limit 1")),
    ("deployments", &["run", "start", "trigger"], Run("redeploy")),
    ("deployments", &["retry", "rerun", "redeploy"], Run("redeploy")),
    ("actions", &["cancel", "stop", "abort", "kill"], NO_CANCEL),
    ("actions", &["last", "latest"], Run("actions list --limit 1")),
    ("actions", &["logs", "log"], NO_LOGS),
    // the account
    ("users", &["add", "create", "invite", "delete", "remove", "rm"], NO_USERS),
    ("users", &["me", "current"], Run("auth status")),
    ("clouds", &["zones", "locations"], Run("clouds regions")),
    ("clouds", &["types", "plans", "instance-types"], Run("clouds sizes")),
    (
        "clouds",
        &["add", "create", "new", "delete", "rm", "remove"],
        Hint("clouds are connected on the web", "use the dashboard"),
    ),
    (
        "settings",
        &["unset", "delete", "rm", "reset"],
        Hint("a setting always has a value", "c66 settings set KEY VALUE"),
    ),
    ("ssl", &["upload"], Run("ssl add")),
    (
        "ssl",
        &["renew"],
        Hint("Let's Encrypt certificates renew by themselves", "c66 ssl update UUID replaces another one"),
    ),
    // the tool itself
    ("sandbox", &["start", "up"], Run("sandbox serve")),
    ("sandbox", &["stop", "down"], Hint("it runs as long as its command", "Ctrl-C ends c66 sandbox serve")),
    ("sandbox", &["clear", "clean", "wipe", "delete", "init"], Hint("a reset discards its state", "c66 sandbox reset")),
    ("sandbox", &["exec"], Run("sandbox run")),
];

/// Words for the same verb. The first ones are those of c66: one is run if the noun has exactly one of them.
const VERBS: &[(&[&str], &[&str])] = &[
    (&["list"], &["index", "all", "ls", "list"]),
    (&["show", "get"], &["get", "show", "info", "describe", "view", "inspect", "details", "read", "cat", "print"]),
    (&["remove", "delete", "unset"], &["rm", "del", "delete", "remove", "unset", "destroy", "drop"]),
    (&["create", "add"], &["add", "create", "new", "register"]),
    (&["set"], &["put", "write", "add", "create", "new", "update", "edit", "change", "modify"]),
    (&["update"], &["edit", "change", "modify", "set", "patch", "put"]),
    (&["wait"], &["watch", "follow", "attach", "tail"]),
    (&["cancel"], &["stop", "abort", "kill", "terminate"]),
    (&["use"], &["switch", "select", "set", "activate", "set-default"]),
    (&["rename"], &["mv", "move"]),
    (&["resume"], &["unpause", "continue"]),
    (&["pause"], &["suspend"]),
];

/// Verbs that other tools put before the noun.
const VERBS_FIRST: &[&str] = &[
    "list", "ls", "get", "show", "describe", "info", "view", "inspect", "create", "new", "add", "delete", "rm", "del",
    "remove", "update", "edit", "set", "unset", "cancel", "restart", "stop", "start", "pause", "resume", "scale",
    "download", "pull", "push", "use", "rename", "import", "export",
];

/// What a word after a noun means, the path of the command that refused it.
pub(super) fn meaning(path: &str, word: &str) -> Option<Meaning> {
    ROWS.iter().find(|(noun, words, _)| *noun == path && words.contains(&word)).map(|(_, _, meaning)| *meaning)
}

/// The verb of a noun that goes by another name, if there is exactly one; `find` returns the name of a verb that the
/// noun has, by that name or an alias.
pub(super) fn verb<'n>(word: &str, find: impl Fn(&str) -> Option<&'n str>) -> Option<&'n str> {
    let groups = VERBS.iter().filter(|(_, others)| others.contains(&word));
    let mut found = groups.flat_map(|(ours, _)| ours.iter()).filter_map(|verb| find(verb));
    let first = found.next()?;
    found.all(|verb| verb == first).then_some(first)
}

/// Whether other tools put this verb before the noun.
pub(super) fn may_come_first(word: &str) -> bool {
    VERBS_FIRST.contains(&word)
}

/// Whether the verb shows things, one or all.
pub(super) fn shows(verb: &str) -> bool {
    ["show", "get"].contains(&verb)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_has_two_meanings() {
        for (noun, words, _) in ROWS {
            for word in *words {
                let rows = ROWS.iter().filter(|(other, words, _)| other == noun && words.contains(word));
                assert_eq!(rows.count(), 1, "{noun} {word}");
            }
        }
    }

    #[test]
    fn a_verb_with_two_meanings_is_not_guessed() {
        let of = |verbs: &'static [&'static str]| move |verb: &str| verbs.iter().copied().find(|known| *known == verb);
        assert_eq!(verb("rm", of(&["set", "unset"])), Some("unset"));
        assert_eq!(verb("add", of(&["add", "set"])), None);
        assert_eq!(verb("fly", of(&["add"])), None);
        // An alias is no second verb.
        assert_eq!(verb("rm", |_| Some("remove")), Some("remove"));
    }
}
