//! A sandbox that the program serves, as people start it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::world::World;

/// A running `c66 sandbox serve`; it ends with this value.
pub struct Served {
    child: Child,
    /// Host and port.
    pub address: String,
    pub token: String,
    /// Where its `CloudMC` begins, and the key for it.
    pub cloudmc: (String, String),
}

impl Served {
    /// Starts one in memory, with these switches.
    pub fn start(world: &World, more: &[&str]) -> Self {
        Self::start_on(&["--ephemeral"], world, more)
    }

    /// Starts one whose state is in that file.
    pub fn start_on_file(file: &str, world: &World, more: &[&str]) -> Self {
        Self::start_on(&["--state", file], world, more)
    }

    fn start_on(place: &[&str], world: &World, more: &[&str]) -> Self {
        let mut command = world.command();
        command.args(["sandbox", "serve"]).args(place).args(more).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the program runs");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let mut after = |word: &str| {
            let line = lines.next().expect("a line").expect("text");
            line.strip_prefix(word).unwrap_or_else(|| panic!("`{line}` does not begin with `{word}`")).to_owned()
        };
        let (address, token) = (after("http://"), after("token "));
        let cloudmc = (after("cloudmc "), after("cloudmc-key "));
        Self { child, address, token, cloudmc }
    }

    /// The program pointed at it.
    pub fn command(&self, world: &World, arguments: &[&str]) -> Command {
        let mut command = world.command();
        command.env("C66_API_URL", format!("http://{}", self.address)).env("C66_TOKEN", &self.token).args(arguments);
        command
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill().and_then(|()| self.child.wait());
    }
}
