//! Lists whose pages lie, and lists that change while they are read.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::support::replies::{UID, deployment, good};
use crate::support::scripted_server::{Answer, ScriptedServer, Seen, reply};
use crate::support::test_env::{Run, TestEnv};

const PER_PAGE: usize = 30;

fn stack(number: usize) -> Value {
    json!({ "uid": format!("u{number}"), "name": format!("stack {number}") })
}

/// Page `number` of a list of these items; it says of itself that it is page `current`.
fn page(items: &[Value], number: usize, current: usize, more: &Value) -> Answer {
    let shown: Vec<&Value> = items.iter().skip((number - 1) * PER_PAGE).take(PER_PAGE).collect();
    let mut pagination = json!({ "current": current, "count": items.len() });
    for (key, value) in more.as_object().into_iter().flatten() {
        pagination[key] = value.clone();
    }
    reply(200, &json!({ "response": shown, "pagination": pagination }).to_string())
}

fn pages_of(items: &[Value]) -> Value {
    json!({ "pages": items.len().div_ceil(PER_PAGE) })
}

fn list(server: &ScriptedServer, more: &[&str]) -> Run {
    TestEnv::new().against(&server.url, &[&["stacks", "list"], more].concat())
}

fn uids(run: &Run) -> Vec<usize> {
    run.stdout.lines().map(|line| line.trim_start_matches('u').parse().expect("a number")).collect()
}

#[test]
fn a_server_that_does_not_heed_the_page_is_found_out() {
    let stacks: Vec<Value> = (0..95).map(stack).collect();
    let nameless: Vec<Value> = (0..95).map(|number| json!({ "name": format!("stack {number}") })).collect();
    for (items, says_so) in [(&stacks, true), (&stacks, false), (&nameless, false)] {
        for more in [json!({ "pages": 4 }), json!({ "next": 99 })] {
            let items = items.clone();
            let server = ScriptedServer::start(move |seen: &Seen, _| {
                page(&items, 1, if says_so { 1 } else { seen.page() }, &more)
            });
            for format in ["json", "table"] {
                let run = list(&server, &["-o", format]).code(8);
                assert_eq!(run.stdout, "", "{format}");
            }
            let run = list(&server, &["-o", "jsonl"]).code(8);
            assert_eq!((run.stdout.lines().count(), run.json_error()["code"].as_str()), (30, Some("bad_reply")));
        }
    }
}

#[test]
fn a_page_without_a_new_row_is_an_error_and_one_with_some_is_not() {
    for (new, code) in [(0, 8), (1, 0), (29, 0)] {
        let server = ScriptedServer::start(move |seen: &Seen, _| {
            // The rows change in between but keep their ids.
            let mut rows: Vec<Value> = (0..60).map(stack).collect();
            if seen.page() == 2 {
                rows.drain(..new);
                for row in &mut rows {
                    row["status"] = json!(6);
                }
                return page(&rows, 1, 2, &json!({ "pages": 2 }));
            }
            page(&rows, 1, 1, &json!({ "pages": 2 }))
        });
        let run = list(&server, &["-o", "name"]).code(code);
        assert_eq!(uids(&run), (0..30 + new).collect::<Vec<_>>(), "{new}");
    }
}

#[test]
fn a_list_that_grows_is_read_to_its_end() {
    for more_than_pages in [true, false] {
        let requests = AtomicUsize::new(0);
        // From the second request on, there are two more pages.
        let server = ScriptedServer::start(move |seen: &Seen, _| {
            let grown = requests.fetch_add(1, Ordering::Relaxed) > 0;
            let items: Vec<Value> = (0..if grown { 155 } else { 95 }).map(stack).collect();
            let number = seen.page();
            let next = (number * PER_PAGE < items.len()).then_some(number + 1);
            let more = if more_than_pages || !grown { pages_of(&items) } else { json!({ "next": next }) };
            page(&items, number, number, &more)
        });
        let run = list(&server, &["-o", "name"]).code(0);
        assert_eq!(uids(&run), (0..155).collect::<Vec<_>>());
    }
}

#[test]
fn a_row_that_moves_to_the_next_page_is_shown_once() {
    for limit in [None, Some(60)] {
        let requests = AtomicUsize::new(0);
        // Newest first; each request after the third adds items.
        let server = ScriptedServer::start(move |seen: &Seen, _| {
            let grown = if requests.fetch_add(1, Ordering::Relaxed) > 0 { 3 } else { 0 };
            let items: Vec<Value> = (0..95 + grown).rev().map(stack).collect();
            page(&items, seen.page(), seen.page(), &pages_of(&items))
        });
        let limit = limit.map(|limit: usize| limit.to_string());
        let more: Vec<&str> = limit.iter().flat_map(|limit| ["--limit", limit]).collect();
        let run = list(&server, &[&["-o", "name"], &more[..]].concat()).code(0);
        let shown = limit.map_or(95, |limit| limit.parse().expect("a number"));
        assert_eq!(uids(&run), (0..95).rev().take(shown).collect::<Vec<_>>());
    }
}

#[test]
fn a_list_that_shrinks_ends_where_it_says() {
    let requests = AtomicUsize::new(0);
    let server = ScriptedServer::start(move |seen: &Seen, _| {
        let shrunk = requests.fetch_add(1, Ordering::Relaxed) > 0;
        let items: Vec<Value> = (0..if shrunk { 65 } else { 155 }).map(stack).collect();
        if shrunk && seen.page() > 3 {
            return reply(404, r#"{"error": "not_found", "details": "there is no such page"}"#);
        }
        page(&items, seen.page(), seen.page(), &pages_of(&items))
    });
    let run = list(&server, &["-o", "name"]).code(0);
    assert_eq!(uids(&run), (0..65).collect::<Vec<_>>());
}

#[test]
fn an_empty_page_in_the_middle_is_an_error_and_one_after_the_end_is_not() {
    for (pages, code) in [(3, 8), (2, 8), (1, 0)] {
        let server = ScriptedServer::start(move |seen: &Seen, _| {
            let items: Vec<Value> = (0..70).map(stack).collect();
            match seen.page() {
                2 => reply(200, &json!({ "response": [], "pagination": { "current": 2, "pages": pages } }).to_string()),
                number => page(&items, number, number, &pages_of(&items)),
            }
        });
        let run = list(&server, &["-o", "json"]).code(code);
        assert_eq!(run.stdout.is_empty(), code == 8, "{pages}");
    }
}

#[test]
fn a_page_without_a_number_after_one_with_a_number_is_an_error() {
    // A reply to another request, which came on the same connection before that to this one.
    for other in [json!({ "response": [{ "uid": "other" }], "count": 1 }), json!({ "response": [] }), json!([])] {
        let server = ScriptedServer::start(move |seen: &Seen, _| {
            let items: Vec<Value> = (0..35).map(stack).collect();
            match seen.page() {
                1 => page(&items, 1, 1, &pages_of(&items)),
                _ => reply(200, &other.to_string()),
            }
        });
        let run = list(&server, &["-o", "json"]).code(8);
        assert_eq!((run.stdout.as_str(), run.json_error()["code"].as_str()), ("", Some("bad_reply")));
    }
}

#[test]
fn a_next_page_is_read_if_the_number_of_pages_is_impossible() {
    for pages in [Some(1), Some(0), Some(-1), None] {
        let server = ScriptedServer::start(move |seen: &Seen, _| {
            let items: Vec<Value> = (0..95).map(stack).collect();
            let number = seen.page();
            let next = (number * PER_PAGE < items.len()).then_some(number + 1);
            let pages = if next.is_some() { pages } else { Some(4) };
            page(&items, number, number, &json!({ "pages": pages, "next": next }))
        });
        let run = list(&server, &["-o", "name"]).code(0);
        assert_eq!(uids(&run), (0..95).collect::<Vec<_>>(), "{pages:?}");
    }
}

#[test]
fn the_newest_of_a_list_that_grows_is_found() {
    let requests = AtomicUsize::new(0);
    // Oldest first: the newest is on a page that the first one does not mention.
    let server = ScriptedServer::start(move |seen: &Seen, _| {
        if let Some(id) = seen.path.rsplit('/').next().and_then(|id| id.parse().ok()) {
            let (status, body) = good(&deployment(id, "web", Some(if id == 400 { "failed" } else { "success" })));
            return reply(status, &body);
        }
        let newest = if requests.fetch_add(1, Ordering::Relaxed) > 0 { 400 } else { 340 };
        let items: Vec<Value> = (1..=newest).map(|id| deployment(id, "web", Some("success"))).collect();
        page(&items, seen.page(), seen.page(), &pages_of(&items))
    });
    TestEnv::new().against(&server.url, &["deployments", "wait", "--latest", "-s", UID]).code(5);
    let last = server.lines().last().cloned().unwrap_or_default();
    assert!(last.ends_with("/400"), "{last}");
}
