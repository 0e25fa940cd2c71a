//! Whether and how the port of a server is opened, and what is never dialled.

use crate::ssh::{KEY, SERVER, World, server};
use crate::support::process::accept_each;
use crate::support::replies::UID;
use crate::support::scripted_server::free_port;
use crate::support::test_env::finish;

fn writes(world: &World) -> Vec<String> {
    world.api.seen().iter().filter(|seen| seen.method != "GET").map(|seen| seen.body.clone()).collect()
}

#[test]
fn an_open_port_needs_no_lease() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    accept_each(listener, drop);
    let world = World::new(port, "root", KEY);
    world.fake(&["ssh", "web-one", "--port", &port.to_string()], 0).code(0);
    assert_eq!(writes(&world), Vec::<String>::new());
    let run = world.fake(&["ssh", "web-one", "--port", &port.to_string(), "--lease", "always"], 0).code(0);
    let [body] = &writes(&world)[..] else { panic!("{:?}", writes(&world)) };
    let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
    let wanted = serde_json::json!(
        { "from_ip": "AUTO", "ttl": 20, "protocol": 1, "port": port, "server_id": SERVER }
    );
    assert_eq!(body, wanted);
    assert!(run.stderr.contains(&format!("Opening port {port} of Web One to your IP")), "{}", run.stderr);
}

#[test]
fn a_closed_port_is_opened_and_waited_for() {
    use crate::support::process::Running;
    let port = free_port();
    let world = World::new(port, "root", KEY);
    let mut running = Running::start(&mut world.fake_command(&["ssh", "web-one", "--port", &port.to_string()]));
    running.run_until("a lease", || !writes(&world).is_empty());
    let listener = std::net::TcpListener::bind(("127.0.0.1", port)).expect("the port");
    accept_each(listener, drop);
    running.end().code(0);
    assert_eq!(writes(&world).len(), 1);
    assert_eq!(world.logins().len(), 1);
}

#[test]
fn a_port_that_stays_closed_is_an_error_that_says_what_to_do() {
    let port = free_port();
    let world = World::new(port, "root", KEY);
    let run = world.fake(&["ssh", "web-one", "--port", &port.to_string()], 0).code(8);
    assert!(run.stderr.contains(&format!("cannot reach Web One at 127.0.0.1 on port {port}")), "{}", run.stderr);
    assert!(run.stderr.contains(&format!("lease --from IP --port {port} --server {SERVER}")), "{}", run.stderr);
    assert!(world.logins().is_empty());
}

#[test]
fn an_api_on_this_machine_lets_nothing_outside_be_dialled() {
    let mut outside = server(SERVER, "Web One", "root", &["web"]);
    outside["address"] = "146.185.133.183".into();
    let world = World::with_servers(22, vec![outside], KEY);
    for words in [
        &["ssh", "web-one"][..],
        &["ssh", "proxy", "web-one"],
        &["run", "--server", "web-one", "--lease", "never", "--", "id"],
        &["tail", "web-one", "x.log"],
        &["tunnel", "web-one", "0:5432"],
        &["download", "web-one", "/etc/hostname"],
    ] {
        let run = world.fake(words, 0).code(9);
        assert!(run.stderr.contains("refusing to connect to 146.185.133.183"), "{words:?}: {}", run.stderr);
    }
    assert!(world.logins().is_empty() && writes(&world).is_empty());
}

#[test]
fn a_lease_can_be_for_one_server_and_for_one_command() {
    let world = World::new(22, "root", KEY);
    let words = ["lease", "--server", "web-one", "--port", "5432", "--yes", "-s", UID];
    finish(&mut world.command(&words)).code(0);
    let body: serde_json::Value = serde_json::from_str(&writes(&world)[0]).expect("JSON");
    assert_eq!((body["server_id"].as_str(), body["port"].as_u64()), (Some(SERVER), Some(5432)));
    let with_command = [&words[..], &["--", "sh", "-c", "echo ran; exit 7"]].concat();
    let run = finish(&mut world.command(&with_command)).code(7);
    assert_eq!(run.stdout, "ran\n");
    assert_eq!(writes(&world).len(), 2);
    let missing = [&words[..], &["--", "no-such-program"]].concat();
    finish(&mut world.command(&missing)).code(2);
    assert_eq!(writes(&world).len(), 2);
}
