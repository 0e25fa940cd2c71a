//! `c66 auth login --oauth`, with the test as the browser.

use std::fs;
use std::net::TcpStream;
use std::process::{Command, Stdio};

use c66::testing::SandboxOptions;
use serde_json::json;

use crate::support::process::Running;
use crate::support::sandbox::{Reply, Sandbox, send};
use crate::support::scripted_server::{ScriptedServer, free_port, reply, reply_with};
use crate::support::test_env::{CLIENT_ID, CLIENT_SECRET, Run, TestEnv, finish_with_input};

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
const OUT_OF_BAND: &str = "urn:ietf:wg:oauth:2.0:oob";

/// A running login that has shown its page.
struct Login {
    running: Running,
    /// Query of the page.
    query: String,
}

fn command(test_env: &TestEnv, url: &str, arguments: &[&str]) -> Command {
    let mut command = test_env.command();
    let login = ["auth", "login", "--oauth", "--client-id", CLIENT_ID, "--client-secret-file", "-", "--no-browser"];
    command.env("C66_API_URL", url).args(login).args(arguments);
    command
}

impl Login {
    /// Starts a login and waits for the address of the page.
    fn begin(mut command: Command) -> Self {
        let mut running = Running::start(command.stdin(Stdio::piped()));
        running.say(CLIENT_SECRET);
        let page = running.wait_for_line("/oauth/authorize?");
        let (_, query) = page.trim().split_once("/oauth/authorize?").expect("a query");
        Self { query: query.to_owned(), running }
    }

    /// A parameter of the page.
    fn asked(&self, name: &str) -> String {
        let found = form_urlencoded::parse(self.query.as_bytes()).find(|(known, _)| known == name);
        found.unwrap_or_else(|| panic!("no {name} in {}", self.query)).1.into_owned()
    }

    /// Opens the page and presses a button there; returns the address that this leads to.
    fn decide(&self, sandbox: &Sandbox, decision: &str) -> String {
        let page = sandbox.send("GET", &format!("/oauth/authorize?{}", self.query), &[], "").expect("a page");
        assert_eq!(page.status, 200, "{}", page.text());
        let body = format!("{}&decision={decision}", self.query);
        let answer = sandbox.send("POST", "/oauth/authorize", &[FORM], &body).expect("an answer");
        answer.header("location").expect("an address").to_owned()
    }

    /// Types a line.
    fn answer(&mut self, line: &str) {
        self.running.say(line);
    }

    fn end(self) -> Run {
        self.running.end()
    }
}

/// Opens an address as a browser does.
fn visit(url: &str) -> Reply {
    let (address, path) = url.strip_prefix("http://").and_then(|rest| rest.split_once('/')).expect("an address");
    send(address, "GET", &format!("/{path}"), &[], "").expect("a page")
}

fn sandbox() -> (Sandbox, String) {
    let sandbox = Sandbox::start(SandboxOptions::default());
    let url = format!("http://{}", sandbox.address);
    (sandbox, url)
}

#[test]
fn the_documented_ruby_example_works_step_by_step() {
    let (sandbox, url) = sandbox();
    let test_env = TestEnv::new();
    // client.auth_code.authorize_url(:redirect_uri => 'urn:ietf:wg:oauth:2.0:oob', :scope => 'public admin redeploy')
    let mut login = Login::begin(command(&test_env, &url, &["--oob", "--scope", "public admin redeploy"]));
    for (name, value) in [
        ("client_id", CLIENT_ID),
        ("redirect_uri", OUT_OF_BAND),
        ("response_type", "code"),
        ("scope", "public admin redeploy"),
    ] {
        assert_eq!(login.asked(name), value);
    }
    let address = login.decide(&sandbox, "approve");
    let page = visit(&format!("{url}{address}")).text();
    let code = page.split_once("<code id=\"authorization_code\">").and_then(|(_, rest)| rest.split_once('<'));
    let code = code.expect("the page shows the code").0;
    // puts "Enter the code:"; code = gets.strip; token = client.auth_code.get_token(code, :redirect_uri => …)
    login.answer(&format!("  {code} "));
    let run = login.end().code(0);
    assert!(!run.stderr.contains(code) && !run.stderr.contains(CLIENT_SECRET), "{}", run.stderr);
    // File.write('/tmp/cloud66_oauth_test.json', …)
    let token = test_env.run(&["auth", "token"]).code(0).stdout;
    let stored = fs::read_to_string(test_env.config_file()).expect("the file");
    assert_eq!(stored, format!("[profiles.default]\ntoken = \"{}\"\napi_url = \"{url}\"\n", token.trim()));
    // token.get("#{api_url}/stacks.json"), token.get("#{api_url}/stacks/#{stack_uid}/servers.json")
    let stacks = test_env.run(&["stacks", "list", "-o", "json"]).code(0).json();
    let uid = stacks[0]["uid"].as_str().expect("a UID");
    test_env.run(&["servers", "list", "-s", uid, "-o", "json"]).code(0);
    // A scope that was not requested is missing.
    let run = test_env.run(&["users", "list", "-o", "json"]).code(3);
    let error = run.json_error();
    assert_eq!(error["code"], "scope_missing");
    assert!(error["message"].as_str().expect("a message").contains("the `users` scope"), "{error}");
    assert!(error["hint"].as_str().expect("a hint").contains("--oauth"), "{error}");
}

#[test]
fn only_the_browser_can_answer_the_login() {
    let (sandbox, url) = sandbox();
    let test_env = TestEnv::new();
    let login = Login::begin(command(&test_env, &url, &["-o", "json", "--debug", "--debug"]));
    assert_eq!(login.asked("scope"), "public redeploy users admin");
    assert_eq!(login.asked("code_challenge_method"), "S256");
    let callback = login.asked("redirect_uri");
    let host = callback.strip_prefix("http://").and_then(|rest| rest.strip_suffix("/callback")).expect("an address");
    assert!(host.starts_with("127.0.0.1:"), "{callback}");
    // Browsers open spare connections and never use them.
    let idle = crate::support::process::connect(host);
    for (target, status) in [
        ("/favicon.ico", 404),
        ("/callback", 400),
        ("/callback?code=stolen&state=guessed", 400),
        ("/callback?code=stolen", 400),
    ] {
        assert_eq!(visit(&format!("http://{host}{target}")).status, status, "{target}");
    }
    let address = login.decide(&sandbox, "approve");
    let page = visit(&address);
    assert_eq!(page.status, 200);
    assert!(page.text().contains("close this window"), "{}", page.text());
    let run = login.end().code(0);
    drop(idle);
    assert_eq!(run.json()["ok"], true);
    assert!(run.stderr.contains("wrong state"), "{}", run.stderr);
    let code = address.split_once("code=").and_then(|(_, rest)| rest.split_once('&')).expect("a code").0;
    let token = test_env.run(&["auth", "token"]).code(0).stdout;
    for secret in [code, token.trim(), CLIENT_SECRET, "stolen"] {
        assert!(!run.stderr.contains(secret) && !run.stdout.contains(secret), "{secret}: {run:?}");
    }
    assert!(TcpStream::connect(host).is_err(), "the listener is closed");
    let status = test_env.run(&["auth", "status", "-o", "json"]).code(0).json();
    assert_eq!(status["scopes"], json!({"public": true, "redeploy": true, "users": true, "admin": true}));
}

#[test]
fn a_refusal_and_a_timeout_store_nothing() {
    let (sandbox, url) = sandbox();
    let test_env = TestEnv::new();
    let login = Login::begin(command(&test_env, &url, &["-o", "json"]));
    let answer = visit(&login.decide(&sandbox, "deny"));
    assert!(answer.text().contains("Access denied"), "{}", answer.text());
    let run = login.end().code(10);
    assert_eq!(run.stdout, "");
    assert_eq!(run.json_error()["code"], "cancelled");
    let run = Login::begin(command(&test_env, &url, &["--timeout", "50ms"])).end().code(8);
    assert!(run.stderr.contains("--timeout"), "{}", run.stderr);
    assert!(!test_env.config_file().exists());
}

#[test]
fn the_port_for_the_answer_can_be_chosen() {
    let port = free_port().to_string();
    let (sandbox, url) = sandbox();
    let test_env = TestEnv::new();
    let login = Login::begin(command(&test_env, &url, &["--redirect-port", &port]));
    assert_eq!(login.asked("redirect_uri"), format!("http://127.0.0.1:{port}/callback"));
    visit(&login.decide(&sandbox, "approve"));
    login.end().code(0);
}

#[test]
fn both_forms_of_the_token_reply_are_read_and_a_refusal_is_shown() {
    const GOOD: &str = r#"{"access_token":"canary-token","token_type":"Bearer","scope":"public"}"#;
    for (status, body, code, said) in [
        (200, "access_token=canary-token&token_type=bearer", 0, "Logged in."),
        (200, GOOD, 0, "lacks the scopes redeploy users admin"),
        (200, r#"{"error":"bad_verification_code"}"#, 9, "bad_verification_code"),
        (200, "{}", 8, "has no token"),
        (200, r#"{"access_token":"canary-token","token_type":"mac"}"#, 8, "another type"),
        (400, r#"{"error":"invalid_grant","error_description":"Too late."}"#, 9, "Too late."),
        (401, r#"{"error":"invalid_client"}"#, 3, "invalid client ID"),
        (401, r#"{"error":"odd"}"#, 9, "odd"),
        (500, "<html>", 8, "500"),
    ] {
        let server = ScriptedServer::start(move |seen, _| match seen.target.as_str() {
            "/oauth/token" => reply_with(status, &[("Retry-After", "0")], body),
            _ => reply(200, r#"{"response":[]}"#),
        });
        let test_env = TestEnv::new();
        let input = format!("{CLIENT_SECRET}\nthe-code\n");
        let run = finish_with_input(&mut command(&test_env, &server.url, &["--oob", "--debug", "--debug"]), &input)
            .code(code);
        let all = format!("{}{}", run.stdout, run.stderr);
        assert!(all.contains(said), "{said}: {all}");
        assert!(!all.contains("canary-token") && !all.contains("the-code"), "{all}");
        assert_eq!(test_env.config_file().exists(), code == 0, "{body}");

        let seen = server.seen();
        let exchange = &seen[0];
        assert_eq!((exchange.method.as_str(), exchange.target.as_str()), ("POST", "/oauth/token"));
        assert_eq!(exchange.header("content-type"), Some("application/x-www-form-urlencoded"));
        assert_eq!((exchange.header("accept"), exchange.header("authorization")), (Some("application/json"), None));
        let fields: Vec<_> = form_urlencoded::parse(exchange.body.as_bytes()).into_owned().collect();
        let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["grant_type", "code", "redirect_uri", "client_id", "client_secret", "code_verifier"]);
        assert_eq!(fields[1].1, "the-code");
        assert_eq!(fields[4].1, CLIENT_SECRET);
        // A code is valid once, so the request is not retried.
        assert_eq!(seen.iter().filter(|seen| seen.target == "/oauth/token").count(), 1);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn the_page_is_opened_in_the_browser() {
    use std::os::unix::fs::PermissionsExt;
    let (sandbox, url) = sandbox();
    let test_env = TestEnv::new();
    let bin = test_env.home().join("bin");
    fs::create_dir(&bin).expect("a folder");
    let program = bin.join("xdg-open");
    fs::write(&program, format!("#!/bin/sh\nprintf %s \"$1\" > {}/opened\n", test_env.home().display()))
        .expect("a file");
    fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).expect("a mode");
    let mut command = test_env.command();
    command.env("PATH", &bin).env("C66_API_URL", &url);
    command.args(["auth", "login", "--oauth", "--client-id", CLIENT_ID, "--client-secret-file", "-"]);
    let login = Login::begin(command);
    visit(&login.decide(&sandbox, "approve"));
    let query = login.query.clone();
    login.end().code(0);
    let opened = fs::read_to_string(test_env.home().join("opened")).expect("the browser was opened");
    assert_eq!(opened, format!("{url}/oauth/authorize?{query}"));
}

#[test]
fn the_client_secret_is_never_an_argument_and_asked_for_only_on_a_terminal() {
    let test_env = TestEnv::new();
    test_env.run(&["auth", "login", "--oauth", "--client-id", "x", "--client-secret", "canary"]).code(2);
    test_env.run(&["auth", "login", "--oauth"]).code(2);
    test_env.run(&["auth", "login", "--oob"]).code(2);
    test_env.run(&["auth", "login", "--oauth", "--client-id", "x", "--with-token"]).code(2);
    let run = test_env.run(&["auth", "login", "--oauth", "--client-id", "x"]).code(2);
    assert!(run.stderr.contains("--client-secret-file"), "{}", run.stderr);
    let run = finish_with_input(&mut command(&test_env, "http://127.0.0.1:1", &["--oob"]), "\n").code(2);
    assert!(run.stderr.contains("the client secret is empty"), "{}", run.stderr);
    let run = finish_with_input(&mut command(&test_env, "http://127.0.0.1:1", &["--oob"]), "secret\n").code(2);
    assert!(run.stderr.contains("no input on stdin"), "{}", run.stderr);
}

#[test]
#[cfg(unix)]
fn on_a_terminal_the_secret_is_typed_hidden_and_the_code_visible() {
    use crate::support::pty::Terminal;
    let (sandbox, url) = sandbox();
    let test_env = TestEnv::new();
    let mut command = test_env.command();
    command.env("C66_API_URL", &url);
    command.args(["auth", "login", "--oauth", "--client-id", CLIENT_ID, "--oob"]);
    let mut terminal = Terminal::start(command, 300);
    terminal.expect("Client secret: ");
    terminal.type_in(&format!("{CLIENT_SECRET}\n"));
    terminal.expect("Code from the page: ");
    let seen = terminal.seen();
    let query = seen.split_once("/oauth/authorize?").and_then(|(_, rest)| rest.split_once('\r')).expect("a page").0;
    let body = format!("{query}&decision=approve");
    let answer = sandbox.send("POST", "/oauth/authorize", &[FORM], &body).expect("an answer");
    let address = answer.header("location").expect("an address");
    let code = address.split_once("code=").and_then(|(_, rest)| rest.split_once('&')).expect("a code").0;
    terminal.press(&format!("{code}\n"));
    let (exit, seen) = terminal.end();
    assert_eq!(exit, 0, "{seen}");
    assert!(seen.contains("Logged in.") && !seen.contains(CLIENT_SECRET), "{seen}");
}
