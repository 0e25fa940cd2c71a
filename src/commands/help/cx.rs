//! What fingers that know CX, Cloud 66's own command line, type and c66 has not: why, and what to do instead.

use clap::CommandFactory;

use crate::cli::Cli;

/// Words of CX without a counterpart: a command, or a noun and its verb.
pub(crate) struct Missing {
    /// The words as they are typed.
    pub(crate) words: &'static str,
    /// Why c66 has not got it.
    pub(crate) why: &'static str,
    /// What to type instead.
    pub(crate) instead: &'static str,
}

const fn missing(words: &'static str, why: &'static str, instead: &'static str) -> Missing {
    Missing { words, why, instead }
}

const NO_SHELL: &str = "c66 talks to the API alone and opens no connection to servers";
const BEYOND: &str = "it is not in the documented API";
const ELSEWHERE: &str = "it has another name here";

const TO_A_SERVER: &str =
    "c66 lease --port 22, c66 servers key SERVER, then ssh -i SERVER.pem USER@ADDRESS (c66 servers list -o wide)";

/// Every command of CX that has no counterpart, or one of quite another name.
pub(crate) const MISSING: &[Missing] = &[
    missing("ssh", NO_SHELL, TO_A_SERVER),
    missing("run", NO_SHELL, TO_A_SERVER),
    missing("tail", NO_SHELL, TO_A_SERVER),
    missing(
        "tunnel",
        NO_SHELL,
        "the same with -L: c66 lease, c66 servers key SERVER, ssh -N -L LOCAL:localhost:REMOTE …",
    ),
    missing(
        "upload",
        NO_SHELL,
        "the same with scp: c66 lease, c66 servers key SERVER, scp -i SERVER.pem FILE USER@ADDRESS:",
    ),
    missing(
        "download",
        NO_SHELL,
        "the same with scp: c66 lease, c66 servers key SERVER, scp -i SERVER.pem USER@ADDRESS:FILE .",
    ),
    missing("register-server", NO_SHELL, "run the registration script that the dashboard shows, on the server"),
    missing("containers attach", NO_SHELL, TO_A_SERVER),
    missing("containers exec", NO_SHELL, TO_A_SERVER),
    missing("stacks reboot", BEYOND, "c66 api POST /stacks/{stack}/reboot_servers -f strategy=serial -f group=web"),
    missing("servers reboot", BEYOND, "c66 api POST /stacks/{stack}/servers/UID/reboot_server"),
    missing(
        "stacks listen",
        "the API has no log of a deployment",
        "c66 deployments wait --latest waits for the verdict",
    ),
    missing("stacks configure", BEYOND, "c66 api GET /stacks/{stack}/service_yaml, or manifest_yaml"),
    missing("stacks configuration", BEYOND, "c66 api GET /stacks/{stack}/configuration"),
    missing("stacks ssl", BEYOND, "c66 api GET /stacks/{stack}/ssl_certificates"),
    missing("stacks variants", BEYOND, "c66 api GET /stacks/{stack}/application_variants"),
    missing(
        "processes",
        BEYOND,
        "c66 api GET /stacks/{stack}/processes; c66 actions run process_restart process_name=NAME",
    ),
    missing("jobs", BEYOND, "c66 api GET /stacks/{stack}/jobs; c66 api POST /stacks/{stack}/jobs/UID/run_now"),
    missing(
        "databases",
        ELSEWHERE,
        "c66 actions run promote_slave_db server_uid=UID db_type=mysql, or resync_slave_db",
    ),
    missing("gateways", BEYOND, "c66 api GET /accounts/ID/gateways"),
    missing("formations", BEYOND, "c66 api GET /stacks/{stack}/formations"),
    missing("snapshots", BEYOND, "c66 api GET /stacks/{stack}/snapshots"),
    missing("templates", BEYOND, "c66 api GET /base_templates"),
    missing("failover-groups", BEYOND, "c66 api GET /failover_groups"),
    missing("tags", BEYOND, "c66 api PATCH /tags/ENTITY/ID"),
    missing("easydeploys", "Cloud 66 has it no more", "c66 stacks list"),
    missing("skycap", BEYOND, "CX itself runs those workflows"),
    missing("init", BEYOND, "CX itself sets up agents"),
    missing("notifications download", "the documented API has them one by one", "c66 notifications list -o json"),
    missing(
        "notifications upload",
        "the documented API has them one by one",
        "c66 notifications update ID --channels …",
    ),
    missing("users apply-profile", BEYOND, "c66 api PUT /users/ID"),
    missing("env-vars download", ELSEWHERE, "c66 env pull FILE"),
    missing("env-vars upload", ELSEWHERE, "c66 env push FILE"),
    missing("info", ELSEWHERE, "c66 accounts list, c66 stacks show and c66 --version"),
    missing("login", ELSEWHERE, "c66 auth login"),
    missing("logout", ELSEWHERE, "c66 auth logout"),
    missing("test", ELSEWHERE, "c66 auth status"),
    missing("dump-token", ELSEWHERE, "c66 auth token"),
    missing("open", ELSEWHERE, "c66 stacks open --site"),
    missing("version", ELSEWHERE, "c66 --version"),
    missing("update", "c66 never replaces itself", "install the new one as you installed this one"),
    missing("help-environ", ELSEWHERE, "c66 help environment"),
    missing("config show", ELSEWHERE, "c66 config list --show-origin, with --profile NAME"),
    missing("config use", ELSEWHERE, "c66 profiles use NAME"),
    missing("config create", ELSEWHERE, "c66 auth login --profile NAME makes a profile"),
    missing("config update", ELSEWHERE, "c66 config set KEY VALUE --profile NAME"),
    missing("config rename", ELSEWHERE, "rename [profiles.NAME] in the file that c66 config path names"),
    missing(
        "config delete",
        ELSEWHERE,
        "c66 auth logout --profile NAME, and the rest in the file that c66 config path names",
    ),
];

/// Flags of CX that are told otherwise here: the command, the flag, and how.
pub(crate) const FLAGS: &[(&str, &str, &str)] = &[
    ("redeploy", "--deploy-strategy", "c66 api POST /stacks/{stack}/deployments -f deploy_strategy=…"),
    ("redeploy", "--deployment-profile", "c66 api POST /stacks/{stack}/deployments -f deployment_profile=…"),
    ("redeploy", "--rollout-strategy", "c66 api POST /stacks/{stack}/deployments -f rollout_strategy=…"),
    ("redeploy", "--canary-percentage", "c66 api POST /stacks/{stack}/deployments -f canary_percentage=…"),
    ("list", "--history", "c66 env history KEY"),
    ("list", "--service", "c66 services show NAME"),
    ("list", "--verbose", "-o wide"),
    ("list", "--server", "the server is the next word: c66 servers settings list SERVER"),
    ("set", "--server", "the server is the next word: c66 servers settings set SERVER KEY VALUE"),
    ("download", "--directory", "--dir DIR"),
    ("create", "--backup-type", "c66 api POST /stacks/{stack}/backups -f logical_backup=…"),
    ("new", "--backup-type", "c66 api POST /stacks/{stack}/backups -f logical_backup=…"),
    ("show", "--json", "-o json > FILE"),
];

/// What CX had for a word that c66 does not know, which comes after `before`.
pub(crate) fn missing_command(before: Option<&str>, word: &str) -> Option<&'static Missing> {
    let noun = before.and_then(|before| Cli::command().find_subcommand(before).map(|noun| noun.get_name().to_owned()));
    let is_it = |missing: &&Missing| match (missing.words.split_once(' '), &noun) {
        (Some(("env-vars", verb)), Some(noun)) => noun == "env" && verb == word,
        (Some((known, verb)), Some(noun)) => noun == known && verb == word,
        (None, None) => missing.words == word || singular(missing.words) == word,
        _ => false,
    };
    MISSING.iter().find(is_it)
}

/// CX has every noun in the singular too.
fn singular(noun: &str) -> &str {
    if noun == "processes" { "process" } else { noun.strip_suffix('s').unwrap_or(noun) }
}

/// How a flag of CX is told here, which `command` does not know.
pub(crate) fn flag(commands: &[&str], flag: &str) -> Option<&'static str> {
    FLAGS.iter().find(|(command, name, _)| *name == flag && commands.contains(command)).map(|(_, _, instead)| *instead)
}
