use clap::CommandFactory;

use super::*;
use crate::commands::Cli;

/// The command line that is run for the one that was typed, or the hint of its error.
fn meant(typed: &str) -> Result<String, String> {
    let arguments: Vec<OsString> = std::iter::once("c66").chain(typed.split_whitespace()).map(OsString::from).collect();
    let parse = |tree: &mut Command, arguments: &[OsString]| {
        tree.try_get_matches_from_mut(arguments).map(|_| {
            let words: Vec<_> = arguments[1..].iter().map(|word| word.to_string_lossy()).collect();
            words.join(" ")
        })
    };
    let mut tree = Cli::command();
    let parsed = match parse(&mut tree, &arguments) {
        Err(error) => parse_again(&mut tree, &arguments, error, parse),
        parsed => return parsed.map_err(|_| String::new()),
    };
    parsed.map_err(|refusal| match refusal {
        Refusal::Ours(error, _) => error.hints().join("; "),
        Refusal::Clap(error, arguments) => format!("clap: {:?} after {} words", error.kind(), arguments.len() - 1),
    })
}

#[track_caller]
fn runs(table: &[(&str, &str)]) {
    for (typed, ours) in table {
        assert_eq!(meant(typed).as_deref(), Ok(*ours), "c66 {typed}");
    }
}

#[test]
fn flags_before_the_verb_belong_to_it() {
    runs(&[
        ("-s shop redeploy", "redeploy --stack shop"),
        ("-sshop env list", "env list --stack=shop"),
        ("-s env redeploy", "redeploy --stack env"),
        ("--stack=shop env list A", "env list --stack=shop A"),
        ("-s shop -e staging env --reveal list", "env list --stack shop --environment staging --reveal"),
        ("--limit 5 -s shop deployments", "deployments list --limit 5 --stack shop"),
        ("-y --git-ref v1 redeploy -s shop", "redeploy -y --git-ref v1 -s shop"),
        ("-s shop --profile p servers show wren", "servers show --stack shop --profile p wren"),
        ("-e staging stacks list", "stacks list --environment staging"),
        ("-s shop servers settings list wren", "servers settings list --stack shop wren"),
        ("-s shop env run -- printenv -s", "env run --stack shop -- printenv -s"),
        ("-s shop deploy", "redeploy --stack shop"),
        ("-s shop env rm A", "env unset --stack shop A"),
    ]);
    // A short flag of the command itself is not the stack.
    assert!(meant("-s shop stacks create --name n --environment e --service-yaml f").is_err());
    runs(&[(
        "-e staging stacks create --name n --service-yaml f",
        "stacks create --environment staging --name n --service-yaml f",
    )]);
}

#[test]
fn a_bare_noun_lists() {
    runs(&[
        ("stacks", "stacks list"),
        ("env -s shop", "env list -s shop"),
        ("env --reveal -s shop", "env list --reveal -s shop"),
        ("stacks --limit 3", "stacks list --limit 3"),
        ("stacks -o json", "stacks list -o json"),
        ("auth", "auth status"),
        ("sandbox", "sandbox status"),
        ("profiles", "profiles list"),
    ]);
    for noun in ["devices", "servers settings", "cloudmc", "cloudmc services", ""] {
        let kind = ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
        let words = noun.split_whitespace().count();
        assert_eq!(meant(noun), Err(format!("clap: {kind:?} after {words} words")), "{noun}");
    }
}

#[test]
fn the_stack_is_the_last_word_where_there_is_no_other() {
    runs(&[
        ("redeploy shop", "redeploy --stack shop"),
        ("redeploy --git-ref v1 shop@staging --yes", "redeploy --git-ref v1 --stack shop@staging --yes"),
        ("deployments list shop", "deployments list --stack shop"),
        ("services list shop --limit 3", "services list --stack shop --limit 3"),
        ("lease shop", "lease --stack shop"),
        ("stacks maintenance on shop", "stacks maintenance on --stack shop"),
        ("stacks maintenance shop off --yes", "stacks maintenance --stack shop off --yes"),
        ("maintenance on shop", "stacks maintenance on --stack shop"),
        ("deployments shop@staging", "deployments list --stack shop@staging"),
        ("stacks shop@staging", "stacks show shop@staging"),
    ]);
    for typed in [
        "redeploy shop book",
        "stacks -s shop",
        "redeploy -s shop book",
        "redeploy book -s shop",
        "deployments show 5 shop",
        "users list shop",
        "stacks maintenance on off",
        "stacks maintenance shop book",
        "limits show",
    ] {
        assert!(meant(typed).is_err(), "{typed}");
    }
}

#[test]
fn words_of_cx_and_of_others_run() {
    runs(&[
        ("whoami -o json", "auth status -o json"),
        ("open shop --print", "stacks open --site shop --print"),
        ("scale web=2 -s shop", "services scale web=2 -s shop"),
        ("releases info 5 -s shop", "deployments show 5 -s shop"),
        ("get stacks", "stacks list"),
        ("get stack shop", "stack show shop"),
        ("describe server wren -s shop", "server show wren -s shop"),
        ("delete env A -s shop", "env unset A -s shop"),
        ("get nodes -s shop", "servers list -s shop"),
        ("stacks get", "stacks list"),
        ("stacks info -s shop", "stacks show -s shop"),
        ("stacks ssl list -s shop", "ssl list -s shop"),
        ("stacks servers shop@staging", "servers list --stack shop@staging"),
        ("config use acme", "profiles use acme"),
        ("config --profile p show", "--profile p config list"),
        ("context use acme", "profiles use acme"),
        ("Stacks List", "stacks list"),
        ("server_groups list -s shop", "server-groups list -s shop"),
        ("env:list -s shop", "env list -s shop"),
        ("profiles rm acme", "profiles remove acme"),
        ("devices rm 18 wertqy", "devices remove --user 18 --token wertqy"),
        ("env help set", "help env set"),
        ("redeploy help", "help redeploy"),
    ]);
}

#[test]
fn flags_of_others_run_where_they_are_harmless() {
    runs(&[
        ("redeploy -a shop --detach", "redeploy --stack shop --no-wait"),
        ("redeploy --app=shop -d", "redeploy --stack=shop --no-wait"),
        ("redeploy -s shop --wait", "redeploy -s shop"),
        ("stacks list --format json", "stacks list --output json"),
        ("stacks list --format=yaml", "stacks list --output yaml"),
        ("stacks list --column name", "stacks list --columns name"),
        ("stacks list --sort -name", "stacks list --sort=-name"),
        ("stacks list --all", "stacks list"),
        ("stacks list -json", "stacks list --json"),
        ("stacks list -limit 5", "stacks list --limit 5"),
        ("stacks list --no-color", "stacks list --color never"),
        ("servers show --server wren -s shop", "servers show wren -s shop"),
        ("servers settings set --server wren K V", "servers settings set wren K V"),
        ("services scale --service web 3", "services scale web 3"),
        ("services stop --service=web", "services stop web"),
        ("containers restart --container cba4", "containers restart cba4"),
        ("env push --file .env", "env push .env"),
        ("services list --service web -s shop", "services list --filter name=web -s shop"),
        ("containers list --service=web", "containers list --filter service=web"),
        ("stacks status shop", "status shop"),
        ("apps info -a shop", "stacks show --stack shop"),
        ("containers list -a", "containers list"),
        ("deployments wait latest", "deployments wait --latest"),
        ("deployments 5 -s shop", "deployments show 5 -s shop"),
    ]);
}

#[test]
fn what_is_not_certain_gets_a_hint() {
    for (typed, hint) in [
        ("redeploy --force", "--yes"),
        ("redeploy --branch main", "--git-ref REF"),
        ("stacks list -n 5", "--limit N"),
        ("redeploy --verbose", "--debug"),
        ("containers list --verbose", "-o wide"),
        ("stacks list --template x", "--columns"),
        ("stacks list --token x", "C66_TOKEN"),
        ("servers list --json name,uid", "-o json --columns name,uid"),
        ("users list --org acme", "--account NUMBER"),
        ("users list -s shop", "no stack"),
        ("update", "install the new version"),
        ("rm shop", "dashboard"),
        ("config delete acme", "c66 config unset KEY"),
        ("redeploy shop production", "-e production"),
        ("servers wren", "c66 servers show wren"),
        ("shop@staging", "c66 stacks show shop@staging"),
        ("deployments show latest", "c66 deployments list --limit 1"),
        ("backups download 4 -o dump.tar", "-O dump.tar"),
        ("login a-token", "--with-token"),
    ] {
        match meant(typed) {
            Err(given) => assert!(given.contains(hint), "c66 {typed}: {given}"),
            Ok(ours) => panic!("c66 {typed} runs {ours}"),
        }
    }
    // Its own flag is not touched.
    assert!(meant("servers key wren --force").is_ok());
}
