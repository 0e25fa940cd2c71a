//! A home for each test, in which the program runs without inherited environment variables.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use c66::testing::SandboxServer;
use tempfile::TempDir;

use crate::support::process::{self, Running};

pub const TOKEN: &str = SandboxServer::TOKEN;
pub const CLIENT_ID: &str = SandboxServer::CLIENT_ID;
pub const CLIENT_SECRET: &str = SandboxServer::CLIENT_SECRET;
pub const CLOUDMC_KEY: &str = SandboxServer::CLOUDMC_KEY;
pub const CLOUDMC_ROOT: &str = SandboxServer::CLOUDMC_ROOT;

/// How many times faster than real the sandbox works in tests.
pub const SPEED: &str = "50";

/// An editor that adds a variable to any file.
#[cfg(unix)]
const EDITOR: &str = "sh -c 'grep -q NEW_PASSWORD \"$0\" || echo NEW_PASSWORD=hush-hush >> \"$0\"'";
#[cfg(windows)]
const EDITOR: &str = r#"@%SystemRoot%\System32\find.exe "NEW_PASSWORD" %1 >nul
@if errorlevel 1 echo NEW_PASSWORD=hush-hush>>%1
@exit /b 0
"#;

/// A machine without a login.
pub struct TestEnv {
    /// Its folder, deleted when this value is dropped.
    folder: TempDir,
    home: PathBuf,
}

/// The exit code and output of a run.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl TestEnv {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let home = folder.path().join("home");
        std::fs::create_dir(&home).expect("a home");
        std::fs::create_dir(folder.path().join("tmp")).expect("a folder for temporary files");
        Self { folder, home }
    }

    /// The same with this configuration file.
    pub fn with_config(text: &str) -> Self {
        let test_env = Self::new();
        test_env.write_config(text);
        test_env
    }

    pub fn home(&self) -> &Path {
        &self.home
    }

    /// The folder for temporary files; the program leaves some there on purpose.
    pub fn temporary(&self) -> PathBuf {
        self.folder.path().join("tmp")
    }

    pub fn config_file(&self) -> PathBuf {
        self.home().join("config").join("config.toml")
    }

    /// Writes the configuration file, readable by its owner only.
    pub fn write_config(&self, text: &str) {
        std::fs::create_dir_all(self.home().join("config")).expect("a folder");
        std::fs::write(self.config_file(), text).expect("a file");
        #[cfg(unix)]
        std::fs::set_permissions(self.config_file(), std::os::unix::fs::PermissionsExt::from_mode(0o600))
            .expect("a mode");
    }

    /// The content of the configuration file.
    pub fn config_text(&self) -> String {
        std::fs::read_to_string(self.config_file()).expect("the configuration file")
    }

    /// Writes the project file of the folder in which the program is run.
    pub fn write_project_file(&self, text: &str) {
        std::fs::write(self.home().join(".c66.toml"), text).expect("a file");
    }

    #[cfg(unix)]
    #[expect(clippy::unused_self, reason = "its counterpart writes a file")]
    fn editor(&self) -> &'static str {
        EDITOR
    }

    #[cfg(windows)]
    fn editor(&self) -> PathBuf {
        let script = self.folder.path().join("editor.cmd");
        std::fs::write(&script, EDITOR).expect("a script");
        script
    }

    /// The program in this home: no terminal, no input, no inherited variables.
    pub fn command(&self) -> Command {
        let mut command = process::command(assert_cmd::cargo::cargo_bin!("c66"));
        command
            .env_clear()
            .env("HOME", self.home())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("TMPDIR", self.temporary())
            .env("TMP", self.temporary())
            .env("C66_CONFIG_DIR", self.home().join("config"))
            .env("C66_SANDBOX_STATE", self.home().join("sandbox.json"))
            .env("C66_SANDBOX_SPEED", SPEED)
            .env("C66_POLL_INTERVAL", "20ms")
            .env("EDITOR", self.editor())
            .current_dir(self.home());
        // The folders that derive from HOME on Linux only.
        #[cfg(not(target_os = "linux"))]
        command
            .env("XDG_CONFIG_HOME", self.home().join(".config"))
            .env("XDG_STATE_HOME", self.home().join(".local/state"))
            .env("XDG_CACHE_HOME", self.home().join(".cache"));
        // Windows needs it for the network.
        #[cfg(windows)]
        command.env("SystemRoot", std::env::var_os("SystemRoot").unwrap_or_default());
        command
    }

    /// Runs the program with these arguments.
    pub fn run(&self, arguments: &[&str]) -> Run {
        finish(self.command().args(arguments))
    }

    /// Runs the program against its own sandbox, whose state lives as long as this value.
    pub fn sandbox(&self, arguments: &[&str]) -> Run {
        finish(self.command().arg("--sandbox").args(arguments))
    }

    /// Runs the program against the API at `url`, with a token.
    pub fn against(&self, url: &str, arguments: &[&str]) -> Run {
        finish(self.command().env("C66_API_URL", url).env("C66_TOKEN", "test-token-0123456789").args(arguments))
    }
}

/// Runs a command to its end.
pub fn finish(command: &mut Command) -> Run {
    Running::start(command).end()
}

/// Runs a command that reads `input`.
pub fn finish_with_input(command: &mut Command, input: &str) -> Run {
    let mut running = Running::start(command.stdin(Stdio::piped()));
    running.feed(input.as_bytes());
    running.end()
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
        }
    }
}

impl Run {
    /// Checks that the exit code is `expected` and returns stdout.
    #[track_caller]
    pub fn code(self, expected: i32) -> Self {
        assert_eq!(self.code, expected, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Parses stdout as one JSON document.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}\nstdout:\n{}\nstderr:\n{}", self.stdout, self.stderr))
    }

    /// Parses the last line of stderr as a JSON error.
    #[track_caller]
    pub fn json_error(&self) -> serde_json::Value {
        let line = self.stderr.lines().last().unwrap_or_default();
        let value: serde_json::Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}\nstderr:\n{}", self.stderr));
        value["error"].clone()
    }
}
