//! The first guesses of people who come from other tools: what is typed, and what comes of it.

use crate::support::test_env::{Run, TestEnv};

/// What comes of a guess.
enum Outcome {
    /// It runs, and prints this.
    Runs(&'static str),
    /// It is refused, with this hint.
    Hint(&'static str),
    /// `c66` cannot mean it, and says only what there is.
    DeadEnd,
}

use Outcome::{DeadEnd, Hint, Runs};

/// The most guesses without a usable answer.
const MAX_DEAD_ENDS: usize = 25;

const GUESSES: &[(&str, Outcome)] = &[
    // Logging in, and who one is.
    ("login --help", Runs("c66 auth login")),
    ("logout", Runs("had no token")),
    ("whoami", Runs("Profile:")),
    ("me", Runs("Profile:")),
    ("test", Runs("Profile:")),
    ("ping", Runs("pong")),
    ("auth", Runs("Profile:")),
    ("auth whoami", Runs("Profile:")),
    ("auth list", Runs("Profile:")),
    ("auth logout", Runs("had no token")),
    ("auth switch", Hint("c66 profiles use")),
    ("signin --help", Runs("c66 auth login")),
    ("token -o json", Runs("sandbox")),
    ("auth print-token", Runs("sandbox")),
    ("dump-token", Runs("sandbox")),
    ("register", Hint("c66 auth login")),
    ("configure", Hint("c66 auth login")),
    ("setup", Hint("c66 auth login")),
    // The program itself.
    ("version", Runs("c66 ")),
    ("-v", Runs("c66 ")),
    ("--version", Runs("c66 ")),
    ("update", Hint("install the new version")),
    ("upgrade", Hint("install the new version")),
    ("help", Runs("Usage: c66")),
    ("help redeploy", Runs("c66 redeploy")),
    ("redeploy help", Runs("c66 redeploy")),
    ("env help set", Runs("c66 env set")),
    ("env help", Runs("c66 env")),
    ("commands", Runs("Usage: c66")),
    ("help-environ", Runs("C66_TOKEN")),
    ("docs", Hint("c66 help COMMAND")),
    ("completion bash", Runs("complete")),
    ("completions", DeadEnd),
    ("quota", Runs("Remaining:")),
    ("rate-limit", Runs("Remaining:")),
    ("limits", Runs("Remaining:")),
    ("accounts limits", Runs("Remaining:")),
    ("check", Runs("config")),
    ("schema", Hint("--columns help")),
    // Stacks.
    ("stack", Runs("Awesome App")),
    ("stacks", Runs("Awesome App")),
    ("apps", Runs("Awesome App")),
    ("app list", Runs("Awesome App")),
    ("ls", Runs("Awesome App")),
    ("list", Runs("Awesome App")),
    ("projects", Runs("Awesome App")),
    ("Stacks", Runs("Awesome App")),
    ("list stacks", Runs("Awesome App")),
    ("get stacks", Runs("Awesome App")),
    ("get stack awesome-app@staging", Runs("Environment:")),
    ("stacks get awesome-app@staging", Runs("Environment:")),
    ("stacks info awesome-app@staging", Runs("Environment:")),
    ("stacks describe -s awesome-app@staging", Runs("Environment:")),
    ("stacks awesome-app@staging", Runs("Environment:")),
    ("stacks status awesome-app@staging", Runs("Awesome App")),
    ("show awesome-app@staging", Runs("Environment:")),
    ("info awesome-app@staging", Runs("Environment:")),
    ("describe stack awesome-app@staging", Runs("Environment:")),
    ("apps info -a awesome-app@staging", Runs("Environment:")),
    ("stacks show 3ff47eaa", Runs("staging")),
    ("stacks list book", Runs("Book Shop")),
    ("stacks list nothing-of-the-kind", Hint("stacks list")),
    ("stacks lst", Hint("c66 stacks list")),
    ("stcks", Hint("c66 stacks")),
    ("stacks delete awesome-app@staging", Hint("dashboard")),
    ("destroy awesome-app@staging", Hint("dashboard")),
    ("rm awesome-app@staging", Hint("dashboard")),
    ("stacks stop awesome-app@staging", Hint("c66 services stop")),
    ("stacks new --help", Runs("c66 stacks create")),
    ("create", Hint("c66 stacks create")),
    ("launch", Hint("c66 stacks create")),
    ("stacks rename", Hint("c66 settings")),
    ("stacks logs awesome-app@staging", Hint("c66 tail")),
    ("stacks use awesome-app@staging", Hint("c66 link")),
    ("open awesome-app@staging --print", Runs("http")),
    ("dashboard awesome-app@staging --print", Runs("http")),
    ("restart awesome-app@staging", Runs("restart")),
    ("stacks restart -s awesome-app@staging", Runs("restart")),
    ("stacks maintenance awesome-app@staging on", Runs("maintenance_mode")),
    ("stacks maintenance off awesome-app@staging", Runs("maintenance_mode")),
    ("maintenance on -s awesome-app@staging", Runs("maintenance_mode")),
    ("stacks clear-cache awesome-app@staging", Runs("clear_caches")),
    // Deploying.
    ("deploy -s awesome-app@staging", Runs("success")),
    ("deploy", Hint("--stack NAME")),
    ("redeploy awesome-app@staging", Runs("success")),
    ("-s awesome-app@staging redeploy", Runs("success")),
    ("-s awesome-app -e staging redeploy", Runs("success")),
    ("redeploy -a awesome-app@staging", Runs("success")),
    ("stacks deploy awesome-app@staging", Runs("success")),
    ("deployments create awesome-app@staging", Runs("success")),
    ("deployments start -s awesome-app@staging", Runs("success")),
    ("redeploy -s awesome-app@staging --detach", Runs("running")),
    ("redeploy -s awesome-app@staging --async", Runs("running")),
    ("redeploy -s awesome-app@staging -d", Runs("running")),
    ("redeploy -s awesome-app@staging --wait", Runs("success")),
    ("redeploy -s awesome-app@staging --follow", Runs("success")),
    ("redeploy -s awesome-app@staging --branch main", Hint("--git-ref")),
    ("redeploy -s awesome-app@staging --ref main", Hint("--git-ref")),
    ("redeploy -s awesome-app@staging --commit abc", Hint("--git-ref")),
    ("redeploy -s awesome-app@staging --force", Hint("--yes")),
    ("redeploy -s awesome-app@staging -f", Hint("--yes")),
    ("redeploy -s awesome-app@staging --verbose", Hint("--debug")),
    ("redeploy awesome-app@production", Hint("--yes")),
    ("up", Hint("c66 redeploy")),
    ("push", Hint("c66 redeploy")),
    ("rollback", Hint("--stack NAME")),
    ("cancel", Hint("c66 deployments cancel")),
    ("watch", Hint("c66 deployments wait")),
    ("releases -s awesome-app@staging", Runs("OUTCOME")),
    ("releases awesome-app@staging", Runs("OUTCOME")),
    ("deployments -s awesome-app@staging", Runs("OUTCOME")),
    ("deployments list awesome-app@staging", Runs("OUTCOME")),
    ("deployments last -s awesome-app@staging", Runs("OUTCOME")),
    ("deployments follow --latest -s awesome-app@staging", Runs("Outcome:")),
    ("deployments logs -s awesome-app@staging", Hint("c66 actions list")),
    ("events -s awesome-app@staging", Runs("ACTION")),
    ("activity awesome-app@staging", Runs("ACTION")),
    // Services, containers, servers.
    ("ps -s voting-app", Runs("SERVICE")),
    ("ps voting-app", Runs("SERVICE")),
    ("pods -s voting-app", Runs("SERVICE")),
    ("scale web=2 -s voting-app --yes", Runs("service_scale")),
    ("services scale web+1 -s voting-app --yes", Runs("service_scale")),
    ("services scale web 3 -s voting-app --yes", Runs("service_scale")),
    ("services scale --service web 3 -s voting-app --yes", Runs("service_scale")),
    ("ps:scale web=2", DeadEnd),
    ("services -s voting-app", Runs("CONTAINERS")),
    ("services voting-app@production", Runs("CONTAINERS")),
    ("services get web -s voting-app", Runs("web")),
    ("services info --service web -s voting-app", Runs("web")),
    ("services logs web -s voting-app --dry-run", Runs("docker logs")),
    ("services start web -s voting-app", Hint("c66 services scale")),
    ("services add web -s voting-app", Hint("c66 redeploy")),
    ("get services -s voting-app", Runs("CONTAINERS")),
    ("restart services web -s voting-app --yes", Runs("service_restart")),
    ("containers -s voting-app", Runs("SERVICE")),
    ("containers ls -s voting-app", Runs("SERVICE")),
    ("containers logs cba4 -s awesome-app@production --dry-run", Runs("docker logs")),
    ("containers exec cba4 -s awesome-app@production --dry-run sh", Runs("docker exec")),
    ("servers -s voting-app", Runs("ADDRESS")),
    ("-s voting-app servers", Runs("ADDRESS")),
    ("nodes -s voting-app", Runs("ADDRESS")),
    ("describe server wren -s voting-app", Runs("Address:")),
    ("servers show --server wren -s voting-app", Runs("Address:")),
    ("servers get wren -s voting-app", Runs("Address:")),
    ("servers settings list --server wren -s voting-app", Runs("KEY")),
    ("servers add -s awesome-app@staging", Hint("dashboard")),
    ("servers restart wren -s voting-app", Hint("c66 servers reboot")),
    ("servers ssh wren -s awesome-app@staging --dry-run", Runs("HostKeyAlias")),
    ("ssh wren -s awesome-app@staging --dry-run", Runs("HostKeyAlias")),
    ("run web ls", DeadEnd),
    ("exec web ls", Hint("c66 ssh SERVER")),
    ("console", Hint("c66 ssh SERVER")),
    ("tail wren x.log -s awesome-app@staging --dry-run", Runs("tail -n 50 -F")),
    ("logs --service web -s voting-app --dry-run", Runs("docker logs")),
    ("log wren x.log -s awesome-app@staging --dry-run", Runs("tail -n 50 -F")),
    ("top", Hint("c66 servers list")),
    // Variables and settings.
    ("env -s awesome-app@staging", Runs("RAILS_ENV")),
    ("env list awesome-app@staging", Hint("--stack NAME")),
    ("env awesome-app@staging", Runs("RAILS_ENV")),
    ("vars -s awesome-app@staging", Runs("RAILS_ENV")),
    ("secrets list -s awesome-app@staging", Runs("RAILS_ENV")),
    ("env-vars list -s awesome-app@staging", Runs("RAILS_ENV")),
    ("config vars -s awesome-app@staging", Runs("RAILS_ENV")),
    ("env show RAILS_ENV -s awesome-app@staging", Runs("staging")),
    ("get env RAILS_ENV -s awesome-app@staging", Runs("staging")),
    ("env add A=1 -s awesome-app@staging", Runs("env-var")),
    ("env set B=1 C=2 -s awesome-app@staging", Runs("env-var")),
    ("env set -s awesome-app@staging A 1", Hint("A=VALUE")),
    ("env update A=2 -s awesome-app@staging", Runs("env-var")),
    ("env rm SUPPORT_ADDRESS -s awesome-app@staging --dry-run", Runs("DELETE")),
    ("env delete SUPPORT_ADDRESS -s awesome-app@staging --dry-run", Runs("DELETE")),
    ("delete env SUPPORT_ADDRESS -s awesome-app@staging --dry-run", Runs("DELETE")),
    ("env export -s awesome-app@staging", Runs("RAILS_ENV=staging")),
    ("env download -s awesome-app@staging", Runs("RAILS_ENV=staging")),
    ("env import --help", Runs("c66 env push")),
    ("config:set A=1", DeadEnd),
    ("settings -s awesome-app@staging", Runs("git.branch")),
    ("settings show git.branch -s awesome-app@staging", Runs("develop")),
    ("settings set git.branch=x -s awesome-app@staging", Runs("git.branch")),
    ("settings update git.branch y -s awesome-app@staging", Runs("git.branch")),
    // Backups, firewall, notifications, certificates.
    ("backups -s awesome-app@production", Runs("DATABASE")),
    ("backups awesome-app@production", Runs("DATABASE")),
    ("backups", Hint("--stack NAME")),
    ("backups latest -s awesome-app@production", Runs("DATABASE")),
    ("backups download -s awesome-app@production", Hint("--latest")),
    ("backups restore 1 -s awesome-app@production", Hint("c66 backups download")),
    ("backup run -s awesome-app@production", Hint("c66 backups create")),
    ("firewall -s awesome-app@staging", Runs("PORT")),
    ("rules -s awesome-app@staging", Runs("PORT")),
    ("firewall allow 22 -s awesome-app@staging", Hint("c66 firewall add")),
    ("firewall delete 1 -s awesome-app@staging", Hint("--ttl")),
    ("notifications -s awesome-app@staging", Runs("ALERT")),
    ("alerts -s awesome-app@staging", Runs("ALERT")),
    ("certs -s awesome-app@production", Runs("UUID")),
    ("stacks ssl list -s awesome-app@production", Runs("UUID")),
    ("domains", Hint("fqdn")),
    ("jobs list", Hint("--stack NAME")),
    ("cron", Hint("--stack NAME")),
    ("databases promote-slave --help", Runs("c66 databases promote")),
    ("tags", DeadEnd),
    // The account.
    ("account", Runs("OWNER")),
    ("orgs", Runs("OWNER")),
    ("teams list", Runs("OWNER")),
    ("accounts switch", Hint("c66 config set account")),
    ("users", Runs("EMAIL")),
    ("members", Runs("EMAIL")),
    ("users get test@cloud66.com", Runs("test@cloud66.com")),
    ("users invite x@example.com", Hint("dashboard")),
    ("devices list test@cloud66.com", Runs("TOKEN")),
    ("devices", DeadEnd),
    ("clouds", Runs("REGIONS")),
    ("regions aws", Runs("us-east-1")),
    ("sizes", DeadEnd),
    // Configuration.
    ("config", Runs("KEY")),
    ("config show", Runs("KEY")),
    ("config view", Runs("KEY")),
    ("context list", Runs("")),
    ("contexts", Runs("")),
    ("config get-contexts", Runs("")),
    ("config use --help", Runs("c66 profiles use")),
    ("config create acme", Hint("c66 auth login --profile")),
    ("profiles add acme", Hint("c66 auth login --profile")),
    ("config delete acme", Hint("c66 profiles remove")),
    ("config set stack awesome-app@staging", Runs("Set stack")),
    ("config unset stack", Runs("stack")),
    ("init awesome-app@staging", Runs("Linked")),
    ("unlink", Runs("")),
    ("use acme", Hint("c66 profiles use")),
    ("switch acme", Hint("c66 profiles use")),
    // The API itself.
    ("api stacks", Runs("Awesome App")),
    ("api /stacks", Runs("Awesome App")),
    ("api -X GET /stacks", Hint("c66 api POST PATH")),
    ("api POST /stacks --data {}", Hint("--input FILE")),
    ("api GET", Hint("/stacks")),
    ("curl /stacks", Runs("Awesome App")),
    // Flags of lists.
    ("stacks --help", Runs("c66 stacks")),
    ("stacks list --all", Runs("Awesome App")),
    ("stacks list -A", Runs("Awesome App")),
    ("stacks list -ojson --limit 1", Runs("\"name\"")),
    ("stacks list -json", Runs("\"name\"")),
    ("stacks list --format json", Runs("\"name\"")),
    ("stacks list --format=csv", Runs("name,")),
    ("stacks list --yaml", Runs("name:")),
    ("stacks list --template {{.name}}", Hint("--columns")),
    ("stacks list --json name,uid", Hint("-o json --columns name,uid")),
    ("servers list -s voting-app --json name", Hint("-o json --columns name")),
    ("stacks list --column name --limit 1", Runs("NAME")),
    ("stacks list --fields name,uid --limit 1", Runs("NAME")),
    ("stacks list --sort -name --limit 2 --columns name", Runs("Voting App")),
    ("stacks list --sort-by name --limit 2", Runs("NAME")),
    ("stacks list -n 5", Hint("--limit")),
    ("stacks list --search book", Hint("--filter")),
    ("stacks list --no-header --limit 1", Runs("Awesome App")),
    ("stacks list --no-color", Runs("Awesome App")),
    ("stacks list --token abc", Hint("C66_TOKEN")),
    ("users list --org acme", Hint("--account")),
    ("-e staging stacks list", Runs("staging")),
    ("awesome-app@staging", Hint("c66 stacks show")),
    ("servers wren", Hint("c66 servers show wren")),
    ("deployments 107 -s awesome-app@production", Runs("Outcome:")),
    ("deployments show latest -s awesome-app@production", Hint("--limit 1")),
    ("redeploy awesome-app production", Hint("-e production")),
    ("auth login my-token", Hint("--with-token")),
    ("env -s awesome-app@staging --show-values", Hint("--reveal")),
    // What c66 does not have.
    ("fly", DeadEnd),
    ("mcp serve", Hint("-o json")),
    ("addons", DeadEnd),
    ("plugins", DeadEnd),
    ("volumes", DeadEnd),
    ("billing", DeadEnd),
];

/// The hints that say more than the usage.
fn advice(run: &Run) -> Vec<String> {
    if run.stderr.starts_with('{') {
        return vec![run.json_error()["hint"].as_str().unwrap_or_default().to_owned()];
    }
    let hints = run.stderr.lines().filter_map(|line| line.trim_start().strip_prefix("hint: "));
    hints.filter(|hint| !hint.starts_with("usage: ") && !hint.ends_with("lists them")).map(str::to_owned).collect()
}

/// Types every guess of a share of the table.
fn guess(share: usize, shares: usize) {
    let test_env = TestEnv::new();
    for (typed, outcome) in GUESSES.iter().skip(share).step_by(shares) {
        let words: Vec<&str> = typed.split_whitespace().collect();
        let run = test_env.sandbox(&words);
        let said = format!("{}{}", run.stdout, run.stderr);
        let advice = advice(&run);
        match outcome {
            Runs(expected) => assert!(run.code == 0 && said.contains(expected), "c66 {typed}: {run:?}"),
            Hint(expected) => {
                let is_there = advice.iter().any(|hint| hint.contains(expected));
                assert!(run.code != 0 && is_there, "c66 {typed}: {run:?}");
            }
            DeadEnd => assert!(run.code == 2 && advice.is_empty(), "c66 {typed} is no dead end: {run:?}"),
        }
    }
}

const SHARES: usize = 4;

#[test]
fn the_first_share_of_guesses_gets_an_answer() {
    guess(0, SHARES);
}

#[test]
fn the_second_share_of_guesses_gets_an_answer() {
    guess(1, SHARES);
}

#[test]
fn the_third_share_of_guesses_gets_an_answer() {
    guess(2, SHARES);
}

#[test]
fn the_fourth_share_of_guesses_gets_an_answer() {
    guess(3, SHARES);
}

#[test]
fn few_guesses_are_dead_ends() {
    let dead_ends = GUESSES.iter().filter(|(_, outcome)| matches!(outcome, DeadEnd)).count();
    assert!(GUESSES.len() >= 186 && dead_ends <= MAX_DEAD_ENDS, "{dead_ends} of {}", GUESSES.len());
}
