//! A sandbox that the program serves, as people start it.

use std::process::Command;

use crate::process::Running;
use crate::world::World;

/// A running `c66 sandbox serve`; it ends with this value.
pub struct Served {
    /// Ends with this value.
    _running: Running,
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
        let mut running = Running::start(command.args(["sandbox", "serve"]).args(place).args(more));
        let mut lines = running.first_lines(4).into_iter();
        let mut after = |word: &str| {
            let line = lines.next().expect("a line");
            line.strip_prefix(word).unwrap_or_else(|| panic!("`{line}` does not begin with `{word}`")).to_owned()
        };
        let (address, token) = (after("http://"), after("token "));
        let cloudmc = (after("cloudmc "), after("cloudmc-key "));
        Self { _running: running, address, token, cloudmc }
    }

    /// The program pointed at it.
    pub fn command(&self, world: &World, arguments: &[&str]) -> Command {
        let mut command = world.command();
        command.env("C66_API_URL", format!("http://{}", self.address)).env("C66_TOKEN", &self.token).args(arguments);
        command
    }
}
