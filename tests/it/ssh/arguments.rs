//! What ssh is started with, and how its end becomes ours.

use crate::ssh::{CONTAINER, HOST_KEY, KEY, SERVER, World, server};
use crate::support::test_env::{finish, finish_with_input};

/// Whether the words have these, one after the other.
fn has(words: &[String], wanted: &[&str]) -> bool {
    words.windows(wanted.len()).any(|window| window.iter().zip(wanted).all(|(word, wanted)| word == wanted))
}

#[test]
fn a_login_checks_the_host_key_uses_the_server_key_and_forwards_no_agent() {
    let world = World::new(22, "deploy", KEY);
    world.fake(&["ssh", "web-one", "--lease", "never"], 0).code(0);
    let [words] = &world.logins()[..] else { panic!("{:?}", world.logins()) };
    for option in [
        "StrictHostKeyChecking=yes",
        "IdentitiesOnly=yes",
        "ForwardAgent=no",
        "PasswordAuthentication=no",
        "KbdInteractiveAuthentication=no",
        "AddKeysToAgent=no",
        "ControlPath=none",
        "ServerAliveInterval=15",
        "ConnectTimeout=10",
        "LogLevel=ERROR",
        "BatchMode=yes",
        "User=deploy",
        "Port=22",
        &format!("HostKeyAlias=c66-{SERVER}"),
        &format!("UserKnownHostsFile={}", world.known_hosts(SERVER).display()),
        &format!("IdentityFile={}", world.runtime().join("c66/keys").join(SERVER).join("key").display()),
    ] {
        assert!(has(words, &["-o", option]), "{option} is missing in {words:?}");
    }
    assert!(!words.iter().any(|word| word == "StrictHostKeyChecking=no"), "{words:?}");
    assert_eq!(words.last().map(String::as_str), Some("127.0.0.1"));
    let known = std::fs::read_to_string(world.known_hosts(SERVER)).expect("the host key");
    assert_eq!(known, format!("c66-{SERVER} {HOST_KEY} Web One of Shop@production\n"));
}

#[test]
fn the_words_of_a_command_arrive_as_they_are_and_break_out_of_nothing() {
    let world = World::new(22, "root", KEY);
    for (typed, arrives) in [
        (vec!["--", "ls", "-la", "a b"], "ls -la 'a b'"),
        (vec!["--", "touch /tmp/x; id"], "'touch /tmp/x; id'"),
        (vec!["--", "echo", "it's", "$HOME", "`id`", "a=b"], r"echo 'it'\''s' '$HOME' '`id`' 'a=b'"),
        (vec!["uptime", "-p"], "uptime -p"),
        (vec!["--raw", "--", "cd /tmp", "&&", "ls"], "cd /tmp && ls"),
        (vec!["--", "-oProxyCommand=id"], "'-oProxyCommand=id'"),
    ] {
        let words = [&["ssh", "web-one", "--lease", "never"], &typed[..]].concat();
        world.fake(&words, 0).code(0);
        let login = world.logins().pop().expect("a login");
        assert_eq!(login[login.len() - 3..], ["127.0.0.1", "--", arrives], "{typed:?}");
    }
}

#[test]
fn the_flags_of_ssh_arrive() {
    let world = World::new(22, "root", KEY);
    for (flags, wanted) in [
        (&["-A"][..], &["-o", "ForwardAgent=yes"][..]),
        (&["-t"], &["-t"]),
        (&["-T"], &["-T"]),
        (&["-l", "alice"], &["-o", "User=alice"]),
        (&["--user", "alice"], &["-o", "User=alice"]),
        (&["--port", "2222"], &["-o", "Port=2222"]),
        (&["--debug", "--debug"], &["-o", "LogLevel=DEBUG1"]),
        (&["-v"], &["-o", "LogLevel=DEBUG1"]),
        (&["-vvv"], &["-o", "LogLevel=DEBUG3"]),
    ] {
        world.fake(&[&["ssh", "web-one", "--lease", "never"], flags].concat(), 0).code(0);
        let login = world.logins().pop().expect("a login");
        assert!(has(&login, wanted), "{flags:?}: {login:?}");
    }
}

#[test]
fn the_exit_code_is_that_of_ssh() {
    let world = World::new(22, "root", KEY);
    for code in [0, 1, 2, 42, 127, 254] {
        world.fake(&["ssh", "web-one", "--lease", "never", "--", "x"], code).code(code.into());
    }
    // A server of its own, since a failed connection is looked into.
    world.fake(&["ssh", "web-one", "--lease", "never"], 255).code(255);
    let killed = finish(world.fake_command(&["ssh", "web-one", "--lease", "never"]).env("FAKE_SIGNAL", "KILL"));
    killed.code(137);
}

#[test]
fn a_whole_line_as_one_word_gets_a_hint_if_no_command_has_its_name() {
    let world = World::new(22, "root", KEY);
    for command in [&["ssh", "web-one"][..], &["run", "--server", "web-one"], &["run", "--service", "web"]] {
        for (typed, is_told) in
            [(&["--", "ls -la"][..], true), (&["--raw", "--", "ls -la"], false), (&["--", "ls"], false)]
        {
            let run = world.fake(&[command, &["--lease", "never"], typed].concat(), 127).code(127);
            assert_eq!(run.stderr.contains("pass --raw"), is_told, "{command:?} {typed:?}: {}", run.stderr);
        }
    }
}

#[test]
fn what_ssh_reads_and_writes_is_not_touched() {
    let world = World::new(22, "root", KEY);
    let mut command = world.fake_command(&["ssh", "web-one", "--lease", "never", "--", "cat"]);
    let run = finish_with_input(command.env("FAKE_READS", "1"), "sentinel\u{0}\u{1b}[31m\r\n").code(0);
    assert_eq!(run.stdout, "sentinel\u{0}\u{1b}[31m\r\n");
}

#[test]
fn the_first_contact_shows_the_fingerprint_and_the_second_does_not() {
    let world = World::new(22, "root", KEY);
    let first = world.fake(&["ssh", "web-one", "--lease", "never"], 0).code(0);
    assert!(
        first.stderr.contains("First contact with Web One; its host key is now known: SHA256:"),
        "{}",
        first.stderr
    );
    assert!(first.stderr.contains("Connecting to Web One of Shop@production (root@127.0.0.1)"), "{}", first.stderr);
    assert_eq!(first.stdout, "");
    let second = world.fake(&["ssh", "web-one", "--lease", "never"], 0).code(0);
    assert!(!second.stderr.contains("First contact"), "{}", second.stderr);
    let known = finish(&mut world.command(&["ssh", "known", "-o", "json"])).code(0).json();
    assert_eq!((known[0]["server"].as_str(), known[0]["stack"].as_str()), (Some("Web One"), Some("Shop@production")));
    finish(&mut world.command(&["ssh", "forget", "web"])).code(0);
    assert_eq!(finish(&mut world.command(&["ssh", "known", "-o", "json"])).code(0).json(), serde_json::json!([]));
    finish(&mut world.command(&["ssh", "forget", "web"])).code(4);
}

#[test]
fn a_changed_host_key_ends_with_255_and_both_fingerprints() {
    let world = World::new(22, "root", KEY);
    world.fake(&["ssh", "web-one", "--lease", "never"], 0).code(0);
    let mut command = world.fake_command(&["ssh", "web-one", "--lease", "never"]);
    command
        .env("FAKE_EXIT", "255")
        .env("FAKE_HOST_KEY", "AAAAC3NzaC1lZDI1NTE5AAAAIPrUvZm0Y5vN0aQ5mKQx3m7bqg8wqzq1m1QZ0y1mWq3k");
    let run = finish(&mut command).code(255);
    assert!(run.stderr.contains("the host key of Web One has changed; no connection was made"), "{}", run.stderr);
    assert_eq!(run.stderr.matches("SHA256:").count(), 2, "{}", run.stderr);
    assert!(run.stderr.contains(&format!("c66 ssh forget {SERVER}")), "{}", run.stderr);
    finish(&mut world.command(&["ssh", "forget", SERVER])).code(0);
}

#[test]
fn an_expected_fingerprint_is_compared_before_the_private_key_is_fetched() {
    let world = World::new(22, "root", KEY);
    let wrong = format!("SHA256:{}", "A".repeat(43));
    let run = world.fake(&["ssh", "web-one", "--lease", "never", "--host-key", &wrong], 0).code(255);
    assert!(run.stderr.contains(&format!("expected: {wrong}")), "{}", run.stderr);
    assert!(world.logins().is_empty() && !world.known_hosts(SERVER).exists());
    assert!(!world.api.seen().iter().any(|seen| seen.query.contains("private_key")));
    let right = run.stderr.split("SHA256:").nth(2).and_then(|rest| rest.split(' ').next()).expect("the found one");
    let right = format!("SHA256:{right}");
    world.fake(&["ssh", "web-one", "--lease", "never", "--host-key", &right], 0).code(0);
    world.fake(&["ssh", "web-one", "--lease", "never", "--host-key", &wrong], 0).code(255);
    world.fake(&["ssh", "web-one", "--lease", "never", "--host-key", "MD5:00"], 0).code(2);
}

#[test]
fn a_bastion_is_a_jump_of_ssh_in_every_command() {
    let mut behind = server(SERVER, "Web One", "root", &["web"]);
    behind["address"] = "127.0.0.9".into();
    behind["has_deploy_gateway"] = true.into();
    behind["deploy_gateway_address"] = "127.0.0.8".into();
    behind["deploy_gateway_user_name"] = "gate".into();
    let world = World::with_servers(22, vec![behind], KEY);
    for words in [
        &["ssh", "web-one"][..],
        &["run", "--server", "web-one", "--", "id"],
        &["tail", "web-one", "x.log", "--no-follow"],
    ] {
        world.fake(words, 0).code(0);
        let login = world.logins().pop().expect("a login");
        assert!(has(&login, &["-o", "ProxyJump=gate@127.0.0.8"]), "{words:?}: {login:?}");
    }
    // With a key for the bastion, which ssh takes only from a file.
    let key = world.test_env.home().join("gate key");
    std::fs::write(&key, "x").expect("a file");
    world.fake(&["ssh", "web-one", "--gateway-key", "gate key"], 0).code(0);
    let login = world.logins().pop().expect("a login");
    assert!(has(&login, &["-o", "ProxyJump=c66-bastion"]), "{login:?}");
    assert_eq!(login[0], "-F");
    world.fake(&["ssh", "proxy", "web-one"], 0).code(0);
    let login = world.logins().pop().expect("a connection");
    assert!(has(&login, &["-W", "127.0.0.9:22", "-l", "gate", "--", "127.0.0.8"]), "{login:?}");
}

#[test]
fn run_loads_the_variables_of_the_stack_and_enters_containers() {
    let world = World::new(22, "root", KEY);
    let last = |words: &[&str]| {
        world.fake(words, 0).code(0);
        world.logins().pop().expect("a login").pop().expect("a command")
    };
    let run = ["run", "--lease", "never"];
    let on_server = last(&[&run[..], &["--server", "web", "--", "rake", "db:migrate", "X=a b"]].concat());
    assert_eq!(
        on_server,
        "if [ -r /var/.cloud66_env ]; then . /var/.cloud66_env >/dev/null 2>&1; fi; rake db:migrate 'X=a b'"
    );
    let in_service = last(&[&run[..], &["--service", "web", "--", "echo", "a;b"]].concat());
    assert_eq!(in_service, format!("sudo docker exec -i {CONTAINER} echo 'a;b'"));
    let in_container = last(&[&run[..], &["--container", "cba4", "--raw", "--", "echo $HOME | wc"]].concat());
    assert_eq!(in_container, format!("sudo docker exec -i {CONTAINER} sh -c 'echo $HOME | wc'"));
    world.fake(&[&run[..], &["--service", "worker", "--", "x"]].concat(), 0).code(4);
    world.fake(&[&run[..], &["--", "x"]].concat(), 0).code(2);
}

#[test]
fn tail_quotes_its_paths_and_knows_the_log_folder() {
    let world = World::new(22, "root", KEY);
    let last = |words: &[&str]| {
        world.fake(words, 0).code(0);
        world.logins().pop().expect("a login").pop().expect("a command")
    };
    let file = last(&["tail", "web", "it's.log", "/var/log/a b", "-n", "7", "--no-follow", "--lease", "never"]);
    assert_eq!(file, r"tail -n 7 -- '/var/deploy/shop/web_head/current/log/it'\''s.log' '/var/log/a b'");
    assert!(last(&["logs", "web", "x.log", "--lease", "never"]).starts_with("tail -n 50 -F -- "));
    assert!(last(&["tail", "-f", "web", "x.log", "--lease", "never"]).starts_with("tail -n 50 -F -- "));
    let container = last(&["tail", "--service", "web", "--since", "10m", "--lease", "never"]);
    assert_eq!(container, format!("sudo docker logs --follow --tail 50 --since 10m {CONTAINER}"));
    world.fake(&["tail", "web", "x.log", "--since", "10m"], 0).code(2);
    world.fake(&["tail", "web", "x.log", "--grep", "("], 0).code(2);
}

#[test]
fn several_servers_are_told_apart_in_the_output() {
    let other = "b1b2c3d4a1b2c3d4a1b2c3d4a1b2c3d4";
    let servers = vec![server(SERVER, "Web One", "root", &["web"]), server(other, "Web Two", "root", &["web"])];
    let world = World::with_servers(22, servers, KEY);
    let ambiguous = world.fake(&["ssh", "web", "--lease", "never"], 0).code(2);
    assert!(ambiguous.stderr.contains("`web` matches 2 servers"), "{}", ambiguous.stderr);
    assert_eq!(world.logins().len(), 0);
    world.fake(&["ssh", "web", "--first", "--lease", "never"], 0).code(0);
    let mut command = world.fake_command(&["run", "--server", "web", "--all", "--lease", "never", "--", "hostname"]);
    let run = finish(command.env("FAKE_SHOWS_KEY", "1").env("FAKE_EXIT", "3")).code(3);
    for name in ["Web One | ", "Web Two | "] {
        assert!(run.stdout.lines().any(|line| line.starts_with(name)), "{}", run.stdout);
    }
    assert!(run.stdout.lines().all(|line| line.starts_with("Web ")), "{}", run.stdout);
}

/// One of them waits for the lock that the other holds.
#[test]
fn several_servers_are_met_at_once_by_one_run() {
    let other = "b1b2c3d4a1b2c3d4a1b2c3d4a1b2c3d4";
    let servers = vec![server(SERVER, "Web One", "root", &["web"]), server(other, "Web Two", "root", &["web"])];
    let world = World::with_servers(22, servers, KEY);
    let began = std::time::Instant::now();
    let run = world.fake(&["run", "--all", "--lease", "never", "--", "hostname"], 0).code(0);
    assert_eq!(run.stderr.matches("First contact").count(), 2, "{}", run.stderr);
    assert!(began.elapsed().as_secs() < 60, "it waited for itself");
}

#[test]
fn without_ssh_the_error_says_how_to_get_it_and_nothing_is_fetched() {
    let world = World::new(22, "root", KEY);
    let run = finish(world.command(&["ssh", "web-one"]).env("PATH", "")).code(2);
    let installs = run.stderr.contains("OpenSSH is not installed") && run.stderr.contains("hint: ");
    assert!(installs || cfg!(windows), "{}", run.stderr);
    let run = finish(world.command(&["ssh", "web-one"]).env("C66_SSH", "no-such-ssh")).code(2);
    assert!(run.stderr.contains("no-such-ssh not found"), "{}", run.stderr);
    assert!(!world.api.seen().iter().any(|seen| seen.query.contains("private_key")));
}
