//! `c66 servers list` and `show`: the names of groups.

use crate::support::scripted_server::ScriptedServer;
use crate::support::test_env::TestEnv;

const STACK: &str = "5999b763474b0eafa5fafb64bff0ba80";
const SERVER: &str = "f8468fc145ea49bac474b30a8fea888d";

/// A server with two groups, one of them without a name; `may_read` says whether the token may read groups.
fn scripted(may_read: bool) -> ScriptedServer {
    let server =
        |uid: &str, group: u64| format!(r#"{{"uid": "{uid}", "name": "s{group}", "server_group_id": {group}}}"#);
    let one = server(SERVER, 128);
    let all = format!("{one}, {}, {}", server("u2", 129), server("u3", 130));
    ScriptedServer::replying(move |seen| {
        let (code, response) = match seen.path.trim_end_matches(".json").rsplit('/').next().unwrap_or_default() {
            "server_groups" if !may_read => return (403, r#"{"error": "forbidden"}"#.to_owned()),
            "server_groups" => (200, r#"[{"id": 128, "name": "Rails Server"}, {"id": 129, "name": null}]"#.to_owned()),
            "servers" => (200, format!("[{all}]")),
            SERVER => (200, one.clone()),
            _ => (200, format!(r#"{{"uid": "{STACK}", "name": "shop", "environment": "staging"}}"#)),
        };
        (code, format!(r#"{{"response": {response}}}"#))
    })
}

fn shown(may_read: bool, words: &[&str]) -> (String, usize) {
    let server = scripted(may_read);
    let run = TestEnv::new().against(&server.url, &[&["servers"], words, &["-s", STACK]].concat()).code(0);
    assert_eq!(run.stderr, "");
    let asked = server.seen().iter().filter(|seen| seen.path.contains("/server_groups")).count();
    (run.stdout, asked)
}

#[test]
fn a_server_is_shown_with_the_name_of_its_group() {
    let table = &["list", "--columns", "name,group"];
    assert_eq!(shown(true, table).0, "NAME  GROUP\ns128  Rails Server\ns129  129\ns130  130\n");
    assert_eq!(shown(false, table).0, "NAME  GROUP\ns128  128\ns129  129\ns130  130\n");
    let (csv, _) = shown(true, &["list", "--columns", "name,group_id", "--filter", "group=rails server", "-o", "csv"]);
    assert_eq!(csv, "name,group_id\ns128,128\n");
    let (json, _) = shown(true, &["list", "--columns", "group", "-o", "jsonl"]);
    assert_eq!(json.lines().next(), Some(r#"{"group":"Rails Server"}"#));
    assert!(shown(true, &["show", SERVER]).0.contains("Group:             Rails Server\n"));
    assert!(shown(false, &["show", SERVER]).0.contains("Group:             128\n"));
}

#[test]
fn groups_are_read_only_where_their_names_are_shown() {
    for words in [&["list"] as &[&str], &["show", SERVER], &["list", "--sort", "group", "-o", "json"]] {
        assert_eq!(shown(true, words).1, 1, "{words:?}");
    }
    for words in [
        &["list", "-o", "json"] as &[&str],
        &["list", "-o", "json", "--columns", "name"],
        &["list", "--columns", "name,group_id"],
        &["show", SERVER, "-o", "json"],
        &["show", SERVER, "--columns", "name"],
    ] {
        assert_eq!(shown(true, words).1, 0, "{words:?}");
    }
}
