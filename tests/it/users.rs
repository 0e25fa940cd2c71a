//! `c66 users` and `c66 devices`.

use crate::support::test_env::TestEnv;

#[test]
fn a_device_is_added_listed_and_removed_with_confirmation() {
    let test_env = TestEnv::new();
    let device = ["--user", "test@cloud66.com", "--token", "fresh", "--type", "ios", "--model", "ipod"];
    test_env.sandbox(&[&["devices", "add"], &device[..]].concat()).code(0);
    let run = test_env.sandbox(&["devices", "list", "--user", "18", "-o", "name"]).code(0);
    assert_eq!(run.stdout, "wertqy\nfresh\n");
    test_env.sandbox(&["devices", "remove", "--user", "18", "--token", "fresh"]).code(2);
    test_env.sandbox(&["devices", "remove", "--user", "18", "--token", "fresh", "--yes"]).code(0);
    assert_eq!(test_env.sandbox(&["devices", "list", "--user", "18", "-o", "name"]).code(0).stdout, "wertqy\n");
    let run = test_env.sandbox(&["users", "show", "tset@cloud66.com"]).code(4);
    assert!(run.stderr.contains("did you mean `test@cloud66.com`?"), "{}", run.stderr);
}
