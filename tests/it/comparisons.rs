//! `--filter` with `<`, `<=`, `>` and `>=`, and letters alike in both cases.

use crate::support::test_env::TestEnv;

const STACK: [&str; 2] = ["-s", "awesome-app@production"];

fn ids(noun: &str, filter: &str) -> Vec<String> {
    let test_env = TestEnv::new();
    let arguments = [&[noun, "list"][..], &STACK, &["-o", "name", "--filter", filter]].concat();
    test_env.sandbox(&arguments).code(0).stdout.lines().map(str::to_owned).collect()
}

#[test]
fn numbers_sizes_durations_and_times_are_compared_by_value() {
    let all = ids("backups", "id>0");
    assert!(all.len() > 2, "{all:?}");
    for (noun, less, more) in [
        ("backups", "id<4", "id>=4"),
        ("backups", "size<=1MB", "size>1MB"),
        ("backups", "date<2014-10-01", "date>=2014-10-01"),
        ("backups", "date<2d", "date>=2d"),
        ("backups", "date<1y", "date>=3mo"),
        ("deployments", "duration<5m", "duration>=5m"),
        // A JSON path has no declared type.
        ("backups", "backup_size<1000000", "backup_size>=1000000"),
        ("backups", "backup_date_iso<2014-10-01", "backup_date_iso>=2014-10-01"),
    ] {
        let (less, more) = (ids(noun, less), ids(noun, more));
        assert!(less.iter().all(|id| !more.contains(id)), "{noun}: {less:?} {more:?}");
        assert!(!less.is_empty() || !more.is_empty(), "{noun}");
    }
    assert_eq!(ids("backups", "id<4").len() + ids("backups", "id>=4").len(), all.len());
    assert_eq!(ids("backups", "date>2d"), [""; 0]);
    assert_eq!(ids("deployments", "duration>5m"), ["107"]);
    assert_eq!(ids("deployments", "duration>1h"), [""; 0]);
}

#[test]
fn letters_are_alike_in_both_cases() {
    let servers = ids("servers", "health=HEALTHY");
    assert!(!servers.is_empty());
    assert_eq!(ids("servers", "health~^healthy$"), servers);
    assert_eq!(ids("servers", "name~^CARIBOU").len(), 1);
}

#[test]
fn a_comparison_that_means_nothing_says_why() {
    for (filter, said) in [
        ("name<5", "cannot compare column `name` with < or >: it holds text"),
        ("group_id>many", "invalid value `many` for column `group_id`: expected a number, such as 5"),
        ("created>yesterdayish", "invalid value `yesterdayish` for column `created`: expected a time"),
        ("some.path<x", "invalid value `x` for column `some.path`: expected a number, a size or a time"),
    ] {
        let run = TestEnv::new().sandbox(&[&["servers", "list"][..], &STACK, &["--filter", filter]].concat()).code(2);
        assert!(run.stderr.contains(said), "{filter}: {}", run.stderr);
    }
}

#[test]
fn a_wait_compares_too() {
    let wait = |condition: &str, timeout: &str| {
        let target = ["wait", "service/web", "-s", "awesome-app@production"];
        TestEnv::new().sandbox(&[&target[..], &["--for", condition, "--timeout", timeout]].concat())
    };
    wait("containers>=1", "1m").code(0);
    wait("containers>99", "100ms").code(6);
    wait("name>1", "1m").code(2);
}
