//! `c66 notifications`.

use crate::support::test_env::TestEnv;

const STAGING: &str = "awesome-app@staging";
const PRODUCTION: &str = "awesome-app@production";

#[test]
fn invalid_updates_are_rejected_without_a_request() {
    let test_env = TestEnv::new();
    for (arguments, said) in [
        (&["notifications", "update", "1191"][..], "nothing to change"),
        (&["notifications", "update", "1191", "--channels", "emial"], "email"),
        (&["notifications", "update", "1191", "--param", "slack_chanel=x"], "did you mean `slack_channel`?"),
    ] {
        let run = test_env.sandbox(&[arguments, &["-s", STAGING, "--debug"]].concat()).code(2);
        assert!(run.stderr.contains(said), "{arguments:?}:\n{}", run.stderr);
        assert!(!run.stderr.contains("> POST") && !run.stderr.contains("> PUT"), "{arguments:?}:\n{}", run.stderr);
    }
}

#[test]
fn update_changes_the_channels_and_hides_their_secrets() {
    let test_env = TestEnv::new();
    let update =
        ["notifications", "update", "1191", "--channels", "slack", "--param", "slack_url=https://chat.example/s3cr3t"];
    test_env.sandbox(&[&update[..], &["-s", PRODUCTION, "--yes"]].concat()).code(0);
    let run =
        test_env.sandbox(&["notifications", "show", "1191", "--columns", "channels,params", "-s", PRODUCTION]).code(0);
    assert!(run.stdout.contains("slack") && !run.stdout.contains("s3cr3t"), "{}", run.stdout);
}
