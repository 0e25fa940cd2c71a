//! Containers of Kubernetes stacks, which kubectl reaches from the master of the cluster.

use serde_json::{Value, json};

use crate::ssh::{KEY, SERVER, World, server};
use crate::support::replies::UID;

/// The server that kubectl runs on.
const MASTER: &str = "b1b2c3d4a1b2c3d4a1b2c3d4a1b2c3d4";
const POD: &str = "web-7d9f8b6c5d-abcde";

pub fn stack() -> Value {
    json!({
        "uid": UID, "name": "Shop", "environment": "production", "deploy_directory": "/var/deploy/shop",
        "backend": "kubernetes", "namespaces": ["shop-prod"], "cluster_name": "Main Cluster",
    })
}

pub fn pods() -> Vec<Value> {
    let pod = |uid: &str, server: &str| json!({ "uid": uid, "server_uid": server, "service_name": "web" });
    vec![pod(POD, SERVER), pod("web-7d9f8b6c5d-fghij", MASTER), json!({ "uid": "--bad", "service_name": "bad" })]
}

/// A cluster of a node and its master, or of the node alone.
fn world(with_master: bool) -> World {
    let mut node = server(SERVER, "Node", "root", &["docker"]);
    node["is_kubernetes_master"] = false.into();
    let mut master = server(MASTER, "Master", "root", &["kubernetes"]);
    master["address"] = "127.0.0.2".into();
    master["is_kubernetes_master"] = true.into();
    World::with_servers(22, if with_master { vec![node, master] } else { vec![node] }, KEY)
}

/// Address and command of a login.
fn login(world: &World, words: &[&str]) -> (String, String) {
    world.fake(&[words, &["--lease", "never"]].concat(), 0).code(0);
    let login = world.logins().pop().expect("a login");
    (login[login.len() - 3].clone(), login[login.len() - 1].clone())
}

#[test]
fn a_command_in_a_pod_runs_by_kubectl_on_the_master() {
    let world = world(true);
    for (words, expected) in [
        (&["run", "--raw", "--container", "web-7d9f8b6c5d-a"][..], format!("-i {POD} -- sh -c 'echo $HOME'")),
        (&["run", "--service", "web"], format!("-i {POD} -- 'echo $HOME'")),
        (&["run", "--service", "web", "--server", "master"], "-i web-7d9f8b6c5d-fghij -- 'echo $HOME'".to_owned()),
        // A pod that the API does not list, such as that of a session.
        (&["run", "--container", "web-session-1"], "-i web-session-1 -- 'echo $HOME'".to_owned()),
    ] {
        let words = [words, &["--lease", "never", "--", "echo $HOME"]].concat();
        world.fake(&words, 0).code(0);
        let login = world.logins().pop().expect("a login");
        let arrived = [login[login.len() - 3].as_str(), login[login.len() - 1].as_str()];
        assert_eq!(arrived, ["127.0.0.2", &format!("kubectl --namespace shop-prod exec {expected}")], "{words:?}");
    }
    let (_, shell) = login(&world, &["run", "--container", POD, "-i"]);
    assert!(shell.starts_with(&format!("kubectl --namespace shop-prod exec -i {POD} -- sh -c ")), "{shell}");
}

#[test]
fn the_logs_of_pods_are_those_of_kubectl() {
    let world = world(true);
    let logs = |words: &[&str]| login(&world, &[&["tail"], words].concat()).1;
    let kubectl = |rest: &str| format!("kubectl --namespace shop-prod logs {rest} {POD}");
    assert_eq!(logs(&["--container", POD, "-n", "7"]), kubectl("--follow --tail 7"));
    assert_eq!(logs(&["--container", POD, "--no-follow", "--since", "10m"]), kubectl("--tail 50 --since 10m"));
    assert_eq!(
        logs(&["--container", POD, "--no-follow", "--since", "2026-01-31T10:00:00"]),
        kubectl("--tail 50 --since-time 2026-01-31T10:00:00Z")
    );
    let mut command = world.fake_command(&["tail", "--service", "web", "--no-follow", "--lease", "never"]);
    let run = crate::support::test_env::finish(command.env("FAKE_SHOWS_KEY", "1")).code(0);
    for name in [POD, "web-7d9f8b6c5d-fghij"] {
        assert!(run.stdout.lines().any(|line| line.starts_with(&format!("{name} | "))), "{}", run.stdout);
    }
}

#[test]
fn what_cannot_be_a_pod_never_reaches_kubectl() {
    let world = world(true);
    for (name, code) in [("-x", 4), ("--namespace=kube-system", 4), ("web;id", 4), ("Web", 2), ("$(id)", 4)] {
        let container = format!("--container={name}");
        world.fake(&["run", &container, "--lease", "never", "--", "id"], 0).code(code);
    }
    world.fake(&["run", "--service", "bad", "--lease", "never", "--", "id"], 0).code(4);
    assert!(world.logins().is_empty());
}

#[test]
fn without_a_master_the_error_names_the_cluster_and_the_command_to_run() {
    let world = world(false);
    let run = world.fake(&["run", "--service", "web", "--", "id"], 0).code(9);
    assert!(run.stderr.contains("has no Kubernetes master to run kubectl on"), "{}", run.stderr);
    assert!(
        run.stderr.contains("ssh MASTER -s 'Main Cluster' -- kubectl --namespace shop-prod exec"),
        "{}",
        run.stderr
    );
    assert!(world.logins().is_empty());
    // The servers themselves are entered as ever.
    world.fake(&["run", "--server", "node", "--lease", "never", "--", "id"], 0).code(0);
}
