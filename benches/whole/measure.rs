//! Timing commands in pairs.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A command with its arguments and variables.
#[derive(Clone)]
pub struct Invocation {
    program: String,
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
    /// Files that are not to be there when it starts.
    gone: Vec<String>,
}

/// What a number of runs cost together.
#[derive(Clone, Copy)]
struct Cost {
    cpu: Duration,
    wall: Duration,
}

/// Smallest, middle and largest of some ratios.
pub struct Spread {
    least: f64,
    median: f64,
    most: f64,
}

/// How two commands compare: the first over the second.
pub struct Comparison {
    pub cpu: Spread,
    pub wall: Spread,
}

impl Invocation {
    /// A command.
    pub fn new(program: impl Into<String>, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|word| (*word).to_owned()).collect();
        Self { program: program.into(), arguments, variables: Vec::new(), gone: Vec::new() }
    }

    /// The same with a variable.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same without these files, whoever wrote them: who may write over what lies in memory already has less to do.
    pub fn without(mut self, files: &[&str]) -> Self {
        self.gone = files.iter().map(|file| (*file).to_owned()).collect();
        self
    }

    /// The same with its output in a file.
    pub fn into_file(mut self, file: &str) -> Self {
        let script = ["-c", "file=$1; shift; exec \"$0\" \"$@\" > \"$file\"", &self.program, file].map(str::to_owned);
        self.arguments.splice(..0, script);
        "sh".clone_into(&mut self.program);
        self
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    fn runs(&self, times: u32) -> Cost {
        for file in &self.gone {
            let _ = std::fs::remove_file(file);
        }
        let (cpu, wall) = (cpu_of_children(), Instant::now());
        for _ in 0..times {
            let status = self.command().status();
            assert!(status.as_ref().is_ok_and(std::process::ExitStatus::success), "{self}: {status:?}");
        }
        Cost { cpu: cpu_of_children().saturating_sub(cpu), wall: wall.elapsed() }
    }

    /// Time that one run takes, the median of `times`.
    pub fn wall(&self, times: u32) -> Duration {
        let mut walls: Vec<Duration> = (0..times).map(|_| self.runs(1).wall).collect();
        walls.sort();
        walls[walls.len() / 2]
    }

    /// CPU time of one run.
    pub fn cpu(&self) -> Duration {
        self.runs(1).cpu
    }

    /// Peak memory of one run in KiB, where GNU time is there to tell.
    pub fn peak(&self) -> Option<u64> {
        let mut command = Command::new("/usr/bin/time");
        command.args(["-f", "%M", &self.program]).args(&self.arguments).env_clear();
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        let output = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).output().ok()?;
        String::from_utf8_lossy(&output.stderr).lines().last()?.trim().parse().ok()
    }

    /// Instructions of one run, where valgrind is there to count.
    pub fn instructions(&self) -> Option<u64> {
        let mut command = Command::new("valgrind");
        command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null", &self.program]).args(&self.arguments);
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        let output = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).output().ok()?;
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        let count = text.lines().find_map(|line| line.split_once("refs:"))?.1;
        count.trim().replace(',', "").parse().ok()
    }
}

impl std::fmt::Display for Invocation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = Path::new(&self.program).file_name().unwrap_or_default().to_string_lossy();
        write!(formatter, "{name} {}", self.arguments.join(" "))
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:.2} ({:.2}-{:.2})", self.median, self.least, self.most)
    }
}

/// Runs `ours` and `peer` by turns, `times` starts a turn.
pub fn compare(ours: &Invocation, peer: &Invocation, turns: usize, times: u32) -> Comparison {
    // Once each, so that both lie in the page cache.
    ours.runs(1);
    peer.runs(1);
    let pairs: Vec<(Cost, Cost)> = (0..turns).map(|_| (ours.runs(times), peer.runs(times))).collect();
    let spread = |of: fn(&Cost) -> Duration| {
        let ratios = pairs.iter().map(|(ours, peer)| of(ours).as_secs_f64() / of(peer).as_secs_f64().max(1e-9));
        let mut ratios: Vec<f64> = ratios.collect();
        ratios.sort_by(f64::total_cmp);
        Spread { least: ratios[0], median: ratios[ratios.len() / 2], most: ratios[ratios.len() - 1] }
    };
    Comparison { cpu: spread(|cost| cost.cpu), wall: spread(|cost| cost.wall) }
}

/// Whether a program is on this machine.
pub fn found(program: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).any(|folder| folder.join(program).is_file())
}

/// CPU time of all children that have ended, in steps of 10 ms: runs are counted by the dozen for that.
fn cpu_of_children() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux's /proc");
    let fields: Vec<&str> = stat.rsplit_once(") ").expect("a name").1.split(' ').collect();
    let ticks = |at: usize| fields[at].parse::<u64>().expect("a number of ticks");
    Duration::from_millis((ticks(13) + ticks(14)) * 10)
}
