//! `c66 clouds`.

use crate::support::test_env::TestEnv;

#[test]
fn offline_prints_the_documented_tables_without_a_request() {
    let test_env = TestEnv::new();
    for (arguments, count) in [
        (&["clouds", "list"][..], 7),
        (&["clouds", "sizes", "aws"], 93),
        (&["clouds", "regions", "Google Compute Engine"], 22),
        (&["clouds", "sizes", "rackspace"], 35),
    ] {
        // Neither a token nor the sandbox: a request would fail.
        let run = test_env.run(&[arguments, &["--offline", "-o", "json"]].concat()).code(0);
        assert_eq!(run.json().as_array().map(Vec::len), Some(count), "{arguments:?}");
    }
    test_env.run(&["clouds", "sizes", "aws"]).code(3);
    let run = test_env.run(&["clouds", "sizes", "awss", "--offline"]).code(4);
    assert!(run.stderr.contains("did you mean `aws`?"), "{}", run.stderr);
}
