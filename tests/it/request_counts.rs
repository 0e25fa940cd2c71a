//! How many requests each command makes: the table of docs/PERFORMANCE.md, counted.

use crate::support::test_env::TestEnv;

/// Each row of the table: the words of a command, and how many requests it may make.
fn rows() -> Vec<(String, usize)> {
    let path = format!("{}/docs/PERFORMANCE.md", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the page");
    let table = text.lines().skip_while(|line| !line.starts_with("| command | requests |"));
    let rows = table.skip(2).take_while(|line| line.starts_with('|')).map(|line| {
        let mut cells = line.trim_matches('|').split('|').map(str::trim);
        let words = cells.next().and_then(|cell| cell.strip_prefix("`c66 ")?.strip_suffix('`')).expect("a command");
        let requests = cells.next().and_then(|cell| cell.split(' ').next()?.parse().ok()).expect("a number");
        (words.to_owned(), requests)
    });
    rows.collect()
}

#[test]
fn every_command_makes_as_many_requests_as_the_documented_table_says() {
    let rows = rows();
    assert!(rows.len() > 15, "{rows:?}");
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let runs: Vec<_> = rows
            .iter()
            .map(|(words, expected)| {
                scope.spawn(move || {
                    let test_env = TestEnv::new();
                    let arguments: Vec<&str> = words.split(' ').chain(["--debug"]).collect();
                    let run = test_env.sandbox(&arguments).code(0);
                    let made = run.stderr.lines().filter(|line| line.starts_with("> ")).count();
                    (made != *expected).then(|| format!("c66 {words}: {made}, not {expected}\n{}", run.stderr))
                })
            })
            .collect();
        runs.into_iter().filter_map(|run| run.join().expect("a run")).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_redeploy_polls_after_two_requests() {
    let test_env = TestEnv::new();
    let run = test_env.sandbox(&["redeploy", "-s", "5999b763474b0eafa5fafb64bff0ba80", "--yes", "--debug"]).code(0);
    let mut requests = run.stderr.lines().filter_map(|line| line.strip_prefix("> "));
    let sent = requests.by_ref().position(|request| request.starts_with("POST ")).expect("it is sent");
    assert!(sent <= 1, "{}", run.stderr);
    assert!(requests.next().is_some_and(|request| request.starts_with("GET ")), "{}", run.stderr);
}
