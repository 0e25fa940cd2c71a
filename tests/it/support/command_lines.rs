//! The commands of the tree, and tables of command lines for tests that walk them.

use clap::Command;

use crate::support::test_env::{CLOUDMC_ROOT, Run};

/// Root of the paths of the Cloud 66 API.
pub const CLOUD66_ROOT: &str = "/api/3";

/// An instance of the `CloudMC` in the sandbox, which is stopped.
const STOPPED: &str = "32fb2af1-a981-4b2b-8ce0-d4312ddcdfec";

const S: &str = "awesome-app@staging";
const P: &str = "awesome-app@production";

/// The documented certificate.
pub const CERTIFICATE: &str = "ssl-9ad095613rrr4e0b8f718302bab8709e";

/// A made-up certificate and key.
pub const CERTIFICATE_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/files/certificate.pem");
pub const KEY_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/files/key.pem");

/// A made-up access profile, and the address of a webhook.
pub const PROFILE_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/files/access_profile.json");
pub const URL_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/files/webhook_url.txt");

/// The failover group of the two stacks of one name.
pub const GROUP: &str = "awesome-app.cloud66.net";

/// The operation with a log.
pub const OPERATION: &str = "0f4b5b4c2a7d4a0c9a3f1e2d3c4b5a69";

/// A partial change of that certificate.
pub const PATCH_CERTIFICATE: &[&str] = &[
    "api",
    "PATCH",
    "/stacks/{stack}/ssl_certificates/ssl-9ad095613rrr4e0b8f718302bab8709e",
    "-F",
    "ssl_certificate={\"ssl_termination\":false}",
    "-s",
    P,
    "--yes",
];

/// All variables replaced by others.
pub const REPLACE_VARIABLES: &[&str] = &[
    "api",
    "POST",
    "/stacks/{stack}/environments/bulk",
    "-f",
    "environments_format=dotenv",
    "-f",
    "contents=ONE=1",
    "-f",
    "apply_strategy=immediately",
    "-s",
    S,
    "--yes",
];

/// Command lines that together call every operation of the Cloud 66 API.
pub const CALLS: &[&[&str]] = &[
    &["stacks", "list"],
    &["stacks", "show", "5999b763474b0eafa5fafb64bff0ba80"],
    &["actions", "list", "-s", P],
    &["actions", "show", "10", "-s", P],
    &["stacks", "restart", S],
    &["deployments", "list", "-s", P],
    &["deployments", "show", "107", "-s", P],
    &["redeploy", "-s", S],
    &["deployments", "cancel", "200", "-s", S],
    &["services", "list", "-s", P],
    &["services", "show", "web", "-s", P],
    &["services", "scale", "web=+1", "--server", "ibex", "-s", P, "--yes"],
    &["services", "stop", "web", "--server", "ibex", "-s", P, "--yes"],
    &["containers", "list", "-s", P],
    &["containers", "show", "cba4", "-s", P],
    &["containers", "stop", "cba4", "-s", P, "--yes"],
    &["env", "list", "-s", P],
    &["env", "history", "POSTGRESQL_USERNAME", "-s", P],
    &["env", "set", "NEW=1", "-s", S],
    &["env", "set", "RAILS_ENV=other", "-s", S],
    &["env", "unset", "SUPPORT_ADDRESS", "-s", S, "--yes"],
    &["settings", "list", "-s", P],
    &["settings", "get", "git.branch", "-s", P],
    &["settings", "set", "git.branch", "other", "-s", P, "--yes"],
    &["server-groups", "list", "-s", P],
    &["server-groups", "show", "rails", "-s", P],
    &["servers", "list", "-s", P],
    &["servers", "show", "caribou", "-s", P],
    &["servers", "settings", "list", "caribou", "-s", P],
    &["servers", "settings", "get", "caribou", "server.name", "-s", P],
    &["servers", "settings", "set", "caribou", "server.name", "elk", "-s", P, "--yes"],
    &["stacks", "create", "--name", "New Shop", "-e", "staging", "--service-yaml", FILE, "--manifest-yaml", FILE],
    &["firewall", "list", "-s", P],
    &["firewall", "show", "5027", "-s", P],
    &["lease", "-s", S],
    &["notifications", "list", "-s", P],
    &["notifications", "show", "1191", "-s", P],
    &["notifications", "update", "1191", "--channels", "email", "-s", P, "--yes"],
    &["ssl", "list", "-s", P],
    &["ssl", "show", CERTIFICATE, "-s", P],
    &["ssl", "add", "--type", "lets-encrypt", "--server-names", "a.example", "-s", S],
    &["ssl", "update", CERTIFICATE, "--ssl-termination=false", "-s", P, "--yes"],
    PATCH_CERTIFICATE,
    &["ssl", "remove", CERTIFICATE, "-s", P, "--yes"],
    &["processes", "list", "-s", P],
    &["processes", "show", "worker", "-s", P],
    &["processes", "scale", "worker=2", "-s", P, "--yes"],
    &["jobs", "list", "-s", P],
    &["jobs", "show", "pies", "-s", P],
    &["jobs", "run", "pies", "-s", P, "--yes"],
    &["jobs", "pause", "pies", "-s", P, "--yes"],
    &["jobs", "unpause", "pies", "-s", P, "--yes"],
    &["jobs", "pause", "--all", "-s", P, "--yes"],
    &["jobs", "unpause", "--all", "-s", P, "--yes"],
    &["servers", "reboot", "ibex", "-s", P, "--yes"],
    &["stacks", "reboot", P, "--group", "web", "--yes"],
    &["server-groups", "scale", "rails", "--to", "3", "-s", P, "--yes"],
    &["env", "set", "ONE=1", "TWO=2", "-s", S],
    REPLACE_VARIABLES,
    &["sessions", "create", "web", "-s", P, "--yes"],
    &["sessions", "show", "web", "-s", P],
    &["config-store", "list", "-s", P],
    &["config-store", "show", "smtp.host", "-s", P],
    &["config-store", "set", "smtp.port", "--value-file", FILE, "-s", P, "--yes"],
    &["config-store", "set", "smtp.host", "--value-file", FILE, "-s", P, "--yes"],
    &["config-store", "delete", "smtp.host", "-s", P, "--yes"],
    &["databases", "list", "-s", P],
    &["databases", "create", "reports", "-s", P, "--yes"],
    &["databases", "delete", "awesome_app", "-s", P, "--confirm", "awesome_app"],
    &["databases", "users", "list", "-s", P],
    &["databases", "users", "create", "reader", "--type", "readonly", "-s", P, "--yes"],
    &["databases", "users", "regenerate-password", "reader", "-s", P, "--yes"],
    &["databases", "users", "delete", "awesome_app", "-s", P, "--confirm", "awesome_app"],
    &["dns-providers", "list"],
    &["image-repositories", "list"],
    &["image-repositories", "show", "3"],
    &[
        "image-repositories",
        "add",
        "--url=https://quay.io",
        "--email=a@b.example",
        "--username=u",
        "--password-file",
        KEY_FILE,
    ],
    &["image-repositories", "update", "3", "--username=u", "--password-file", KEY_FILE],
    &["image-repositories", "remove", "2", "--yes"],
    &["failover-groups", "list"],
    &["failover-groups", "add", "--primary", P],
    &["failover-groups", "update", GROUP, "--secondary", S, "--yes"],
    &["failover-groups", "remove", GROUP, "--yes"],
    &["tags", "list", "server", "57648"],
    &["tags", "add", "server", "57648", "web"],
    &["tags", "set", "server", "57648", "web", "eu"],
    &["tags", "clear", "server", "57648", "--yes"],
    &["gateways", "list"],
    &["gateways", "add", "bastion"],
    &["gateways", "update", "bastion", "--address", "203.0.113.7"],
    &["gateways", "remove", "bastion", "--confirm", "bastion"],
    &["users", "update", "18", "--access-profile", PROFILE_FILE, "--yes"],
    &["notifications", "set", "noticent_server_stopped", "--channels", "email", "-s", P, "--yes"],
    &["notifications", "set", "noticent_server_stopped", "--channels", "email", "-a", "production-apps", "--yes"],
    &["config-files", "list", "-s", P],
    &["config-files", "show", "nginx", "-s", P],
    &["config-files", "push", "nginx", FILE, "-s", P, "--yes"],
    &["config-files", "apply", "nginx", "-s", P, "--yes"],
    &["config-files", "versions", "service", "-s", "voting-app"],
    &["config-files", "versions", "service", "--show", "latest", "-s", "voting-app"],
    &["config-files", "versions", "service", "--add", FILE, "-s", "voting-app", "--yes"],
    &["config-files", "versions", "manifest", "-s", "voting-app"],
    &["config-files", "versions", "manifest", "--show", "latest", "-s", "voting-app"],
    &["config-files", "versions", "manifest", "--add", FILE, "-s", "voting-app", "--yes"],
    &["variants", "list", "-s", "voting-app"],
    &["variants", "percentage", "canary", "25", "-s", "voting-app", "--yes"],
    &["variants", "delete", "preview", "-s", "voting-app", "--yes"],
    &["clusters", "list"],
    &["clusters", "show", "1"],
    &["operations", "logs", OPERATION],
    &["ping"],
    &["clouds", "list"],
    &["clouds", "show", "digitalocean"],
    &["backups", "list", "-s", P],
    &["backups", "show", "4", "-s", P],
    &["backups", "files", "4", "-s", P],
    &["backups", "url", "4", "-s", P],
    &["backups", "create", "--db-type", "mysql", "-s", S],
    &["backups", "import", "--group", "5", "--db-type", "mysql", "--url", "https://example.org/dump.tar", "-s", S],
    &["accounts", "list"],
    &["accounts", "show", "139"],
    &["users", "list"],
    &["users", "show", "18"],
    &["devices", "add", "--user", "18", "--token", "made", "--type", "ios", "--model", "ipad"],
    &["devices", "update", "--user", "18", "--token", "wertqy", "--type", "ios", "--model", "ipad"],
    &["devices", "remove", "--user", "18", "--token", "wertqy", "--yes"],
];

/// An existing file; its content does not matter.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");

/// A file that holds a secret.
const SECRET_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/files/secret.txt");

/// A file with one variable that exists in no stack.
pub const ENV_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/files/new.env");

/// The commands that list or show initial items of the CloudMC.
pub const CLOUDMC_READS: &[&[&str]] = &[
    &["cloudmc", "status"],
    &["cloudmc", "orgs", "list"],
    &["cloudmc", "orgs", "show", "northgate"],
    &["cloudmc", "users", "list"],
    &["cloudmc", "users", "show", "mira@northgate.example"],
    &["cloudmc", "envs", "list"],
    &["cloudmc", "envs", "show", "compute/prod"],
    &["cloudmc", "envs", "members", "compute/prod"],
    &["cloudmc", "connections", "list"],
    &["cloudmc", "connections", "show", "compute"],
    &["cloudmc", "services", "types", "compute"],
    &["cloudmc", "roles", "list"],
    &["cloudmc", "quotas", "list"],
    &["cloudmc", "quotas", "show", "Unlimited"],
    &["cloudmc", "activity", "list"],
    &["cloudmc", "usage", "--from", "2026-11-01", "--to", "2026-11-02"],
    &["cloudmc", "list", "compute", "prod", "instances"],
    &["cloudmc", "get", "compute/prod", "instances", "web-2"],
];

/// Every command that writes, as it would be typed.
pub const WRITES: &[&[&str]] = &[
    &["stacks", "restart", P],
    &["stacks", "clear-caches", P],
    &["stacks", "maintenance", "on", "-s", P],
    &["redeploy", "-s", P, "--git-ref", "main"],
    &["stacks", "redeploy", "-s", P],
    &["deployments", "create", "-s", P],
    &["deployments", "cancel", "107", "-s", P],
    &["deployments", "rollback", "-s", P, "--service", "web:v1"],
    &["actions", "run", "restart", "-s", P],
    &["services", "scale", "web=+1", "--server", "ibex", "-s", P],
    &["services", "stop", "web", "-s", P],
    &["services", "restart", "-s", P],
    &["services", "pause", "web", "-s", P],
    &["services", "resume", "web", "-s", P],
    &["containers", "stop", "cba4", "-s", P],
    &["containers", "restart", "cba4", "-s", P],
    &["servers", "settings", "set", "caribou", "server.name", "elk", "-s", P],
    &["settings", "set", "git.branch", "other", "-s", P],
    &["env", "set", "NEW_PASSWORD=hush-hush", "-s", P],
    &["env", "set", "POSTGRESQL_USERNAME=hush-hush", "-s", P],
    &["env", "unset", "SUPPORT_ADDRESS", "-s", S],
    &["env", "push", ENV_FILE, "-s", P],
    &["env", "edit", "-s", P],
    &["env", "rollback", "POSTGRESQL_USERNAME", "-s", P],
    &["stacks", "create", "--name", "New Shop", "-e", "production", "--service-yaml", FILE, "--manifest-yaml", FILE],
    &[
        "ssl",
        "add",
        "--type=manual",
        "--server-names=a.example",
        "--certificate",
        CERTIFICATE_FILE,
        "--key",
        KEY_FILE,
        "--intermediate",
        CERTIFICATE_FILE,
        "-s",
        P,
    ],
    &["ssl", "update", CERTIFICATE, "--type=manual", "--certificate", CERTIFICATE_FILE, "--key", KEY_FILE, "-s", P],
    &["ssl", "remove", CERTIFICATE, "-s", P],
    &["processes", "scale", "worker=2", "-s", P],
    &["processes", "restart", "worker", "-s", P],
    &["processes", "pause", "worker", "-s", P],
    &["processes", "resume", "worker", "-s", P],
    &["jobs", "run", "pies", "-s", P],
    &["jobs", "pause", "pies", "-s", P],
    &["jobs", "unpause", "--all", "-s", P],
    &["servers", "reboot", "caribou", "-s", P],
    &["stacks", "reboot", S, "--group", "all"],
    &["server-groups", "scale", "rails", "--add", "1", "--size", "1gb", "-s", P],
    &["sessions", "create", "web", "-s", P],
    &["config-store", "set", "smtp.port", "--value-file", SECRET_FILE, "-s", P],
    &["config-store", "set", "region", "--value-file", SECRET_FILE, "--scope", "account"],
    &["config-store", "delete", "smtp.host", "-s", P],
    &["databases", "create", "reports", "--user", "awesome_app", "-s", P],
    &["databases", "users", "create", "reader", "--type", "readonly", "--database", "awesome_app", "-s", P],
    &["databases", "users", "regenerate-password", "awesome_app", "-s", P],
    &["databases", "users", "delete", "awesome_app", "--confirm", "awesome_app", "-s", P],
    &["databases", "delete", "awesome_app", "--confirm", "awesome_app", "-s", P],
    &["databases", "promote", "caribou", "-s", P],
    &["databases", "resync", "caribou", "--confirm", P, "-s", P],
    &["databases", "disable-replica", "caribou", "-s", P],
    &[
        "image-repositories",
        "add",
        "--url=https://quay.io",
        "--email=a@b.example",
        "--username=u",
        "--password-file",
        KEY_FILE,
    ],
    &["image-repositories", "update", "3", "--username=u", "--password-file", KEY_FILE],
    &["image-repositories", "remove", "3"],
    &["failover-groups", "add", "--primary", P],
    &["failover-groups", "update", GROUP, "--secondary", S],
    &["failover-groups", "switch", GROUP, "--confirm", GROUP],
    &["failover-groups", "remove", GROUP],
    &["tags", "add", "server", "57648", "web"],
    &["tags", "remove", "server", "57648", "web"],
    &["tags", "set", "loadbalancer", "17823", "web"],
    &["tags", "clear", "loadbalancer", "17823"],
    &["gateways", "add", "bastion"],
    &["gateways", "update", "aws_bastion", "--address", "203.0.113.7"],
    &["gateways", "open", "aws_bastion", "--key", KEY_FILE],
    &["gateways", "close", "aws_bastion"],
    &["gateways", "remove", "aws_bastion", "--confirm", "aws_bastion"],
    &["users", "update", "18", "--access-profile", PROFILE_FILE],
    &["notifications", "set", "noticent_server_stopped", "--channels", "slack", "--slack-url-file", URL_FILE, "-s", P],
    &["config-files", "push", "nginx", FILE, "-s", P],
    &["config-files", "edit", "nginx", "-s", P],
    &["config-files", "apply", "nginx", "-s", P],
    &["config-files", "versions", "service", "--add", FILE, "-s", "voting-app"],
    &["variants", "commit", "canary", "-s", "voting-app"],
    &["variants", "percentage", "canary", "25", "-s", "voting-app"],
    &["variants", "delete", "preview", "-s", "voting-app"],
    &["firewall", "add", "--from-ip", "203.0.113.7", "--port", "22", "-s", P],
    &["lease", "-s", P],
    &["notifications", "update", "1191", "--param", "slack_url=hush-hush", "-s", P],
    &["backups", "create", "--db-type", "all", "-s", P],
    &["backups", "import", "--group", "5", "--db-type", "mysql", "--url", "https://hush-hush@example.org/", "-s", P],
    &["devices", "add", "--user", "18", "--token", "hush-hush", "--type", "ios", "--model", "ipad"],
    &["devices", "update", "--user", "18", "--token", "hush-hush", "--type", "ios", "--model", "ipad"],
    &["devices", "remove", "--user", "18", "--token", "wertqy"],
    &["api", "POST", "/stacks/{stack}/environments", "-f", "key=K", "-f", "value=hush-hush", "-s", P],
    &["api", "DELETE", "/stacks/{stack}/environments/K", "-s", P],
    &["cloudmc", "envs", "create", "dev", "--service", "compute", "--description", "x"],
    &["cloudmc", "envs", "delete", "lab"],
    &["cloudmc", "create", "compute", "prod", "sshkeys", "-f", "name=k", "-f", "publicKey=ssh-ed25519 A k"],
    &["cloudmc", "update", "compute", "prod", "instances", STOPPED, "-f", "userData=hush-hush"],
    &["cloudmc", "delete", "compute", "prod", "volumes", "archive", "--by-name"],
    &["cloudmc", "do", "compute", "prod", "instances", STOPPED, "start", "-F", "adminPassword=\"hush-hush\""],
    &["cloudmc", "do", "compute", "prod", "instances", STOPPED, "purge"],
    &["cloudmc", "api", "PUT", "/users/x", "-f", "password=hush-hush"],
    &["cloudmc", "api", "DELETE", "/users/x"],
];

/// Every command that logs in to a server, as it would be typed.
pub const CONNECTIONS: &[&[&str]] = &[
    &["ssh", "caribou", "-s", P],
    &["ssh", "proxy", "caribou", "-s", P],
    &["run", "--server", "caribou", "-s", P, "--", "uptime"],
    &["run", "--service", "web", "-s", P, "--", "uptime"],
    &["tail", "caribou", "production.log", "-s", P],
    &["tunnel", "caribou", "5432", "-s", P],
    &["upload", "caribou", FILE, "-s", P],
    &["download", "caribou", "/etc/hostname", "-s", P],
    &["cp", "caribou:/etc/hostname", "copied", "-s", P],
];

/// Whether the command with these words logs in to a server.
pub fn logs_in(path: &[String]) -> bool {
    CONNECTIONS.iter().any(|line| path.iter().zip(*line).all(|(word, typed)| word == typed))
}

/// Every command with its words, without those that only group others.
pub fn leaves() -> Vec<(Vec<String>, Command)> {
    fn walk(command: &Command, path: &[String], found: &mut Vec<(Vec<String>, Command)>) {
        for inner in command.get_subcommands() {
            let path = [path, &[inner.get_name().to_owned()]].concat();
            if inner.has_subcommands() {
                walk(inner, &path, found);
            } else {
                found.push((path, inner.clone()));
            }
        }
    }
    let mut found = Vec::new();
    let mut tree = c66::testing::command();
    tree.build();
    walk(&tree, &[], &mut found);
    found
}

/// The command that a line of words names.
pub fn leaf(line: &[&str]) -> Command {
    let fits = |path: &[String]| path.len() <= line.len() && path.iter().zip(line).all(|(word, given)| word == given);
    let (_, leaf) = leaves().into_iter().find(|(path, _)| fits(path)).unwrap_or_else(|| panic!("what is {line:?}?"));
    leaf
}

/// Method and path below the API root of each request that a trace shows.
pub fn requests(run: &Run) -> Vec<(String, String)> {
    let lines = run.stderr.lines().filter_map(|line| line.strip_prefix("> ")?.split_once(" http"));
    let below = lines.filter_map(|(method, url)| {
        let roots = [CLOUD66_ROOT, CLOUDMC_ROOT];
        let path = roots.into_iter().find_map(|root| Some(url.split_once(root)?.1))?.split('?').next()?;
        Some((method.to_owned(), path.strip_suffix(".json").unwrap_or(path).to_owned()))
    });
    below.collect()
}
