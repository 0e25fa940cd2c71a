//! Lists of several pages.

use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::support::scripted_server::{Answer, ScriptedServer, reply};
use crate::support::test_env::TestEnv;

/// A page of stacks whose UIDs encode their position.
fn page(number: usize, items: usize, pagination: &serde_json::Value) -> Answer {
    let stacks: Vec<_> = (0..items).map(|item| json!({"uid": format!("p{number}i{item}"), "name": "x"})).collect();
    reply(200, &json!({"response": stacks, "pagination": pagination}).to_string())
}

fn names(pages: std::ops::RangeInclusive<usize>, items: usize) -> String {
    pages.flat_map(|page| (0..items).map(move |item| format!("p{page}i{item}\n"))).collect()
}

/// The current and the maximum number of parallel requests.
#[derive(Default)]
struct Gauge {
    now: usize,
    most: usize,
}

#[test]
fn pages_are_fetched_eight_at_once_and_printed_in_order() {
    let gauge = Arc::new((Mutex::new(Gauge::default()), Condvar::new()));
    let shared = Arc::clone(&gauge);
    let server = ScriptedServer::start(move |seen, _| {
        let number = seen.page();
        if number > 1 {
            let (gauge, changed) = &*shared;
            let mut count = gauge.lock().expect("the gauge");
            count.now += 1;
            count.most = count.most.max(count.now);
            changed.notify_all();
            let full = Duration::from_secs(5);
            drop(changed.wait_timeout_while(count, full, |count| count.most < 8).expect("the gauge"));
            // Later pages come first, and a ninth parallel request would have time to show up.
            thread::sleep(Duration::from_millis(20 + 15 * (20 - number as u64 % 20) % 90));
            gauge.lock().expect("the gauge").now -= 1;
        }
        page(number, 2, &json!({"current": number, "next": number + 1, "pages": 20, "count": 40}))
    });
    for format in ["name", "csv"] {
        let columns: &[&str] = if format == "csv" { &["--columns", "uid", "--no-headers"] } else { &[] };
        let arguments = [&["stacks", "list", "-o", format], columns].concat();
        let run = TestEnv::new().against(&server.url, &arguments).code(0);
        assert_eq!(run.stdout, names(1..=20, 2));
    }
    assert_eq!(gauge.0.lock().expect("the gauge").most, 8);
    assert_eq!(server.count(), 40);
}

#[test]
fn concurrency_sets_how_many_pages_are_fetched_at_once() {
    let gauge = Arc::new(Mutex::new(Gauge::default()));
    let shared = Arc::clone(&gauge);
    let server = ScriptedServer::start(move |seen, _| {
        {
            let mut gauge = shared.lock().expect("the gauge");
            gauge.now += 1;
            gauge.most = gauge.most.max(gauge.now);
        }
        thread::sleep(Duration::from_millis(10));
        shared.lock().expect("the gauge").now -= 1;
        page(seen.page(), 1, &json!({"pages": 6}))
    });
    let run = TestEnv::new().against(&server.url, &["stacks", "list", "-o", "name", "--concurrency", "1"]).code(0);
    assert_eq!(run.stdout, names(1..=6, 1));
    assert_eq!(gauge.lock().expect("the gauge").most, 1);
}

#[test]
fn every_page_is_requested_once() {
    let server = ScriptedServer::start(|seen, _| page(seen.page(), 1, &json!({"pages": 4})));
    TestEnv::new().against(&server.url, &["stacks", "list"]).code(0);
    let mut targets: Vec<_> = server.seen().into_iter().map(|seen| seen.target).collect();
    targets.sort();
    let rest = (2..=4).map(|number| format!("/api/3/stacks.json?page={number}"));
    assert_eq!(targets, std::iter::once("/api/3/stacks.json".to_owned()).chain(rest).collect::<Vec<_>>());
}

#[test]
fn without_a_page_count_next_is_followed() {
    for stop in [json!(null), json!(1), json!(4)] {
        let server = ScriptedServer::start(move |seen, _| {
            let number = seen.page();
            let next = if number < 4 { json!(number + 1) } else { stop.clone() };
            page(number, 2, &json!({"current": number, "next": next}))
        });
        let run = TestEnv::new().against(&server.url, &["stacks", "list", "-o", "name"]).code(0);
        assert_eq!(run.stdout, names(1..=4, 2));
        assert_eq!(server.count(), 4);
    }
}

#[test]
fn a_list_without_pagination_is_one_page() {
    for body in [r#"{"response":[{"uid":"a"},{"uid":"b"}]}"#, r#"[{"uid":"a"},{"uid":"b"}]"#] {
        let server = ScriptedServer::start(move |_, _| reply(200, body));
        let run = TestEnv::new().against(&server.url, &["stacks", "list", "-o", "name"]).code(0);
        assert_eq!(run.stdout, "a\nb\n");
        assert_eq!(server.count(), 1);
    }
}

#[test]
fn a_wrong_count_changes_nothing() {
    for count in [json!(0), json!(1), json!(99_999), json!(-5), json!("many"), json!(null)] {
        let server = ScriptedServer::start(move |seen, _| {
            page(seen.page(), 2, &json!({"count": count, "pages": 3, "next": null}))
        });
        let run = TestEnv::new().against(&server.url, &["stacks", "list", "-o", "name"]).code(0);
        assert_eq!(run.stdout, names(1..=3, 2));
        assert_eq!(run.stderr, "");
    }
}

#[test]
fn a_list_that_never_ends_is_an_error() {
    let same = ScriptedServer::start(|seen, _| page(1, 2, &json!({"current": seen.page(), "next": seen.page() + 1})));
    let run = TestEnv::new().against(&same.url, &["stacks", "list", "-o", "json"]).code(8);
    assert_eq!(run.stdout, "");
    assert_eq!(run.json_error()["code"], "bad_reply");
    assert!(run.stderr.contains("does not end"), "{}", run.stderr);
    assert!(same.count() < 10, "{}", same.count());

    let huge = ScriptedServer::start(|seen, _| page(seen.page(), 2, &json!({"pages": 18_446_744_073_709_551_615_u64})));
    let run = TestEnv::new().against(&huge.url, &["stacks", "list", "-o", "json"]).code(8);
    assert_eq!(run.stdout, "");
    assert_eq!(huge.count(), 1);
}

#[test]
fn a_limit_fetches_no_more_pages_than_needed() {
    for (limit, requests, shown) in [("1", 1, 1), ("30", 1, 30), ("31", 2, 31), ("65", 3, 65)] {
        let server = ScriptedServer::start(|seen, _| page(seen.page(), 30, &json!({"pages": 7, "count": 203})));
        let run = TestEnv::new().against(&server.url, &["stacks", "list", "-o", "name", "--limit", limit]).code(0);
        assert_eq!(run.stdout.lines().count(), shown);
        assert_eq!(server.count(), requests, "--limit {limit}");
        assert_eq!(run.stderr, format!("showing {shown} of 203\n"));
    }
}

#[test]
fn a_limit_follows_next_no_further_than_needed() {
    let server = ScriptedServer::start(|seen, _| {
        page(seen.page(), 2, &json!({"current": seen.page(), "next": seen.page() + 1, "count": 50}))
    });
    let run = TestEnv::new().against(&server.url, &["stacks", "list", "-o", "name", "--limit", "5"]).code(0);
    assert_eq!(run.stdout, "p1i0\np1i1\np2i0\np2i1\np3i0\n");
    assert_eq!(server.count(), 3);
    assert_eq!(run.stderr, "showing 5 of 50\n");
}

#[test]
fn a_limit_above_the_count_prints_no_note() {
    let server = ScriptedServer::start(|seen, _| page(seen.page(), 2, &json!({"pages": 2, "count": 4})));
    for limit in ["4", "100"] {
        let run = TestEnv::new().against(&server.url, &["stacks", "list", "-o", "name", "--limit", limit]).code(0);
        assert_eq!(run.stdout, names(1..=2, 2));
        assert_eq!(run.stderr, "", "--limit {limit}");
    }
}

#[test]
fn a_failed_page_leaves_no_json_on_stdout() {
    let server = ScriptedServer::start(|seen, _| match seen.page() {
        3 => reply(404, r#"{"error":"not_found","details":"page 3 is gone"}"#),
        number => page(number, 2, &json!({"pages": 5})),
    });
    for format in ["json", "table"] {
        let run = TestEnv::new().against(&server.url, &["stacks", "list", "-o", format]).code(4);
        assert_eq!(run.stdout, "", "{format}");
        assert!(run.stderr.contains("page 3 is gone"), "{}", run.stderr);
    }
    for expression in ["map(.uid)", "length", "[.[].uid] | .[]", ".[0]"] {
        let run = TestEnv::new().against(&server.url, &["stacks", "list", "--json", "--jq", expression]).code(4);
        assert_eq!(run.stdout, "", "{expression}");
    }
}

#[test]
fn a_stream_has_whole_items_of_the_pages_before_a_failure() {
    let server = ScriptedServer::start(|seen, _| match seen.page() {
        3 => reply(404, r#"{"error":"not_found","details":"page 3 is gone"}"#),
        number => page(number, 2, &json!({"pages": 5})),
    });
    for (more, expected) in [
        (&["-o", "yaml", "--columns", "uid"][..], "- uid: p1i0\n- uid: p1i1\n- uid: p2i0\n- uid: p2i1\n"),
        (&["-o", "csv", "--columns", "uid"], "uid\np1i0\np1i1\np2i0\np2i1\n"),
        (&["-o", "name"], "p1i0\np1i1\np2i0\np2i1\n"),
        (&["--jq", ".[].uid"], "p1i0\np1i1\np2i0\np2i1\n"),
        (&["--json", "--jq", ".[] | select(.uid == \"p2i1\") | .uid"], "p2i1\n"),
    ] {
        let run = TestEnv::new().against(&server.url, &[&["stacks", "list"], more].concat()).code(4);
        assert_eq!(run.stdout, expected, "{more:?}");
        assert!(run.stderr.contains("page 3 is gone"), "{}", run.stderr);
    }
}

#[cfg(unix)]
#[test]
fn a_terminal_shows_how_many_items_have_come() {
    use crate::support::pty::Terminal;
    for (more, said) in [
        (&["--filter", "uid=p3i1"][..], "fetching stacks: 4 of 6"),
        (&["--limit", "5"], "fetching stacks: 4 of 5"),
        (&["--json"], "fetching stacks: 4 of 6"),
    ] {
        // The last page is held back until the message has been seen.
        let gate = Arc::new(Mutex::new(()));
        let (held, waits) = (gate.lock().expect("the gate"), Arc::clone(&gate));
        let server = ScriptedServer::start(move |seen, _| {
            let number = seen.page();
            if number == 3 {
                drop(waits.lock());
            }
            page(number, 2, &json!({"pages": 3, "count": 6}))
        });
        let test_env = TestEnv::new();
        let mut command = test_env.command();
        command
            .env("C66_API_URL", &server.url)
            .env("C66_TOKEN", crate::support::test_env::TOKEN)
            .args(["stacks", "list"])
            .args(more);
        let mut terminal = Terminal::start(command, 100);
        terminal.expect(said);
        drop(held);
        let (code, seen) = terminal.end();
        assert_eq!(code, 0, "{seen}");
    }
}

#[test]
fn a_yaml_list_is_one_document_where_pages_have_nothing_to_show() {
    let server = ScriptedServer::start(|seen, _| page(seen.page(), 2, &json!({"pages": 3})));
    for (filter, expected) in [("uid=p2i1", "- uid: p2i1\n"), ("uid=none", "[]\n")] {
        let words = ["stacks", "list", "-o", "yaml", "--columns", "uid", "--filter", filter];
        assert_eq!(TestEnv::new().against(&server.url, &words).code(0).stdout, expected);
    }
}

#[test]
fn jsonl_has_the_items_of_the_pages_before_a_failure() {
    let server = ScriptedServer::start(|seen, _| match seen.page() {
        3 => reply(404, r#"{"error":"not_found"}"#),
        number => page(number, 2, &json!({"pages": 5})),
    });
    let run = TestEnv::new().against(&server.url, &["stacks", "list", "-o", "jsonl", "--jq", ".uid"]).code(4);
    assert_eq!(run.stdout, names(1..=2, 2));
    assert_eq!(run.json_error()["code"], "not_found");
}
