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

#[test]
fn the_access_profile_of_a_user_is_changed_after_a_yes() {
    let test_env = TestEnv::new();
    let shown = || test_env.sandbox(&["users", "show", "18", "--jq", ".access_profile"]).code(0).json();
    let mut profile = shown();
    profile["account_profile"]["can_payment"] = false.into();
    let file = test_env.home().join("profile.json");
    let save = |value: &serde_json::Value| std::fs::write(&file, value.to_string()).expect("a file");
    save(&profile);
    let words = ["users", "update", "test@cloud66.com", "--access-profile", file.to_str().expect("a path")];
    test_env.sandbox(&[&words[..], &["--no-input"]].concat()).code(2);
    test_env.sandbox(&[&words[..], &["--yes"]].concat()).code(0);
    assert_eq!(shown(), profile);
    // The whole user, as shown, does too.
    save(&serde_json::json!({ "id": 18, "access_profile": profile }));
    test_env.sandbox(&[&words[..], &["--yes"]].concat()).code(0);
    for wrong in [serde_json::json!([]), serde_json::json!({ "id": 18 })] {
        save(&wrong);
        let run = test_env.sandbox(&[&words[..], &["--yes"]].concat()).code(2);
        assert!(run.stderr.contains("invalid access profile"), "{}", run.stderr);
    }
}
