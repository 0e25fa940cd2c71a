//! The private key of a server: where it is, for how long, and that it is nowhere else.

use crate::ssh::{KEY, SERVER, World, files_below};
use crate::support::test_env::finish;

#[test]
fn the_key_is_for_its_owner_only_and_gone_afterwards() {
    let world = World::new(22, "root", KEY);
    let mut command = world.fake_command(&["ssh", "web-one", "--lease", "never", "--", "x"]);
    let run = finish(command.env("FAKE_SHOWS_KEY", "1")).code(0);
    assert!(run.stdout.starts_with("-rw-------"), "{}", run.stdout);
    assert!(run.stdout.ends_with(&format!("{KEY}\n")), "{}", run.stdout);
    assert!(!run.stderr.contains("c2VudGluZWw"), "{}", run.stderr);
    assert!(world.keys_on_disk().is_empty());
    let everywhere = files_below(world.test_env.home()).into_iter().chain(files_below(&world.test_env.temporary()));
    for file in everywhere {
        let text = std::fs::read(&file).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&text).contains("c2VudGluZWw"), "the key is in {}", file.display());
    }
}

#[test]
fn the_key_is_gone_after_a_failed_login_and_never_in_traces() {
    let world = World::new(22, "root", KEY);
    let run = world.fake(&["ssh", "web-one", "--lease", "never", "--debug", "--debug", "--", "x"], 255).code(255);
    assert!(!run.stderr.contains("c2VudGluZWw"), "{}", run.stderr);
    assert!(world.keys_on_disk().is_empty());
}

#[test]
fn the_key_of_a_killed_run_is_removed_by_the_next() {
    use rustix::process::Signal;

    use crate::support::process::Running;
    let world = World::new(22, "root", KEY);
    for (signal, remains) in [(Signal::KILL, true), (Signal::TERM, false), (Signal::HUP, false), (Signal::INT, false)] {
        let mut command = world.fake_command(&["ssh", "web-one", "--lease", "never", "--", "cat"]);
        command.env("FAKE_READS", "1").stdin(std::process::Stdio::piped());
        let mut running = Running::start(&mut command);
        running.run_until("the key is there", || !world.keys_on_disk().is_empty());
        running.run_until("ssh has started", || {
            world.logins().last().is_some_and(|login| login.last().is_some_and(|word| word.starts_with("cat")))
        });
        running.signal(signal);
        let _ = running.output();
        assert_eq!(!world.keys_on_disk().is_empty(), remains, "{signal:?}");
        // The next start of any command that logs in.
        world.fake(&["ssh", "nobody"], 0).code(4);
        let left = world.keys_on_disk();
        world.fake(&["ssh", "web-one", "--lease", "never"], 0).code(0);
        assert!(world.keys_on_disk().is_empty(), "{left:?}");
        std::fs::remove_file(world.test_env.home().join("ssh.log")).expect("the log");
    }
}

/// ssh sends its proxy a signal when it ends, right after the one of the user.
#[test]
fn several_signals_at_once_leave_no_key_behind() {
    use std::io::Read;

    use rustix::process::Signal;

    use crate::support::process::{Running, accept_each};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    accept_each(listener, |mut connection| {
        let _ = connection.read_to_end(&mut Vec::new());
    });
    let world = World::new(port, "root", KEY);
    let mut command = world.fake_command(&["ssh", "proxy", "web-one", "--port", &port.to_string()]);
    let mut running = Running::start(command.stdin(std::process::Stdio::piped()));
    running.run_until("the key is there", || !world.keys_on_disk().is_empty());
    // All of them arrive before the program can react to the first.
    for signal in [Signal::STOP, Signal::INT, Signal::HUP, Signal::TERM, Signal::CONT] {
        running.signal(signal);
    }
    let _ = running.output();
    assert!(world.keys_on_disk().is_empty());
}

#[test]
fn an_own_key_is_used_instead_and_stays() {
    let world = World::new(22, "root", KEY);
    let own = world.test_env.home().join("own key");
    std::fs::write(&own, "mine").expect("a file");
    let path = own.to_str().expect("a path");
    world.fake(&["ssh", "web-one", "--lease", "never", "-i", path], 0).code(0);
    let login = world.logins().pop().expect("a login");
    assert!(login.contains(&format!("IdentityFile=\"{path}\"")), "{login:?}");
    assert!(!world.api.seen().iter().any(|seen| seen.query.contains("private_key")));
    assert!(own.exists());
    world.fake(&["ssh", "web-one", "-i", "missing"], 0).code(2);
}

#[test]
fn a_folder_that_others_can_write_holds_no_key() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new(22, "root", KEY);
    let folder = world.runtime().join("c66");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o777)).expect("a mode");
    let run = world.fake(&["ssh", "web-one", "--lease", "never"], 0).code(2);
    assert!(run.stderr.contains("is not a private folder of yours"), "{}", run.stderr);
    assert!(world.keys_on_disk().is_empty() && world.logins().is_empty());
}

#[test]
fn an_address_that_could_be_an_option_is_refused() {
    for (field, value) in [
        ("address", "-oProxyCommand=touch pwned"),
        ("address", "127.0.0.1; touch pwned"),
        ("user_name", "-lroot"),
        ("user_name", "a b"),
        ("uid", "../../x"),
    ] {
        let mut server = super::server(SERVER, "Web One", "root", &["web"]);
        server[field] = value.into();
        let world = World::with_servers(22, vec![server], KEY);
        world.fake(&["ssh", "web-one"], 0).code(8);
        assert!(world.logins().is_empty(), "{field} {value}");
    }
}
