//! The state file: shared by servers, kept between runs, never destroyed.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;
use std::thread;

use c66::testing::ErrorKind as Kind;
use c66::testing::{SandboxOptions, SandboxServer, SandboxStore, reset_sandbox};
use serde_json::json;

use crate::support::sandbox::{AWESOME, Sandbox};

fn on_file(path: &Path, speed: f64) -> Sandbox {
    Sandbox::start(SandboxOptions { store: SandboxStore::File(path.to_owned()), speed, ..SandboxOptions::default() })
}

#[test]
fn two_servers_can_share_a_state_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sandbox.json");
    let servers = [on_file(&path, 100.0), on_file(&path, 100.0)];
    thread::scope(|scope| {
        for (number, server) in servers.iter().enumerate() {
            scope.spawn(move || {
                for index in 0..8 {
                    let form = format!("key=KEY_{number}_{index}&value=x");
                    assert_eq!(server.call("POST", &format!("{AWESOME}/environments"), &form).status, 200);
                }
            });
        }
    });
    let variables = servers[0].get(&format!("{AWESOME}/environments"));
    assert_eq!(variables.as_array().unwrap().len(), 4 + 16);
    assert_eq!(servers[1].get(&format!("{AWESOME}/environments")), variables);
    let actions = servers[1].get(&format!("{AWESOME}/actions"));
    let mut ids: Vec<u64> = actions.as_array().unwrap().iter().map(|action| action["id"].as_u64().unwrap()).collect();
    ids.dedup();
    assert_eq!(ids.len(), 1 + 16);
}

#[test]
fn time_passes_while_no_server_runs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sandbox.json");
    let action = {
        let server = on_file(&path, 50.0);
        server.call("POST", &format!("{AWESOME}/deployments"), "");
        server.call("POST", &format!("{AWESOME}/actions"), "command=restart").response()
    };
    // The next server is slow, but earlier work continues at its speed.
    let server = on_file(&path, 0.01);
    assert_eq!(server.finished(AWESOME, &action)["finished_success"], true);
    server.until(AWESOME, |stack| stack["status"] == 1);
    reset_sandbox(&path, &SandboxOptions::default()).unwrap();
    assert_eq!(server.get(&format!("{AWESOME}/deployments")).as_array().unwrap().len(), 1);
}

#[test]
fn an_unreadable_state_file_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sandbox.json");
    let server = on_file(&path, 1.0);
    fs::write(&path, "not ours").unwrap();
    let reply = server.call("GET", "/stacks.json", "");
    assert_eq!(reply.status, 500);
    assert!(reply.details().contains("c66 sandbox reset"), "{}", reply.details());

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let options = SandboxOptions { store: SandboxStore::File(path.clone()), ..SandboxOptions::default() };
    let Err(error) = runtime.block_on(SandboxServer::bind(0, options)) else { panic!("the file was taken") };
    assert_eq!(error.kind(), Kind::LocalFile);
    assert_eq!(fs::read_to_string(&path).unwrap(), "not ours");
    reset_sandbox(&path, &SandboxOptions::default()).unwrap();
    assert_eq!(server.get(AWESOME)["name"], "Awesome App");
}

#[test]
fn a_server_that_cannot_start_says_why() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let kind = |port, options| runtime.block_on(SandboxServer::bind(port, options)).err().map(|error| error.kind());
    for speed in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(kind(0, SandboxOptions { speed, ..SandboxOptions::default() }), Some(Kind::Usage));
    }
    let running = Sandbox::fast();
    let port = running.address.rsplit(':').next().unwrap().parse().unwrap();
    assert_eq!(kind(port, SandboxOptions::default()), Some(Kind::Unavailable));
    assert_eq!(running.get("/accounts")[0]["owner"], json!("test@cloud66.com"));
}
