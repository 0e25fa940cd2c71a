//! The rows: what is measured against what, and how it must come out.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::measure::{Invocation, compare, found};
use crate::servers::{Asked, Reply, serve, serve_tls, stacks};

const MIB: u64 = 1024 * 1024;
const UID: &str = "5999b763474b0eafa5fafb64bff0ba80";

/// Lists of 100,000 items: how, the most memory in MiB, and the most CPU time.
const GROWING: [(&[&str], u32, &str); 11] = [
    (&["-o", "jsonl"], 16, ""),
    (&["-o", "csv"], 16, ""),
    (&["-o", "yaml"], 24, "2 s"),
    (&["-o", "json"], 70, ""),
    (&["-o", "table"], 120, "2 s"),
    (&["-o", "csv", "--columns", "name"], 16, ""),
    (&["-o", "csv", "--sort", "name"], 80, ""),
    (&["-o", "csv", "--filter", "environment=staging"], 16, ""),
    (&["--jq", ".[].uid"], 16, "2 s"),
    (&["--jq", "length"], 250, ""),
    (&["--jq", "map(.uid)"], 250, "2 s"),
];

/// What all rows share.
struct Bench {
    /// The build that is measured.
    program: String,
    words: Vec<String>,
    folder: tempfile::TempDir,
}

/// Measures the rows that `words` choose, or all, and prints them as a Markdown table.
pub fn run(program: String, words: &[String]) {
    let bench = Bench { program, words: words.to_vec(), folder: tempfile::tempdir().expect("a folder") };
    std::fs::create_dir(bench.path("config")).expect("a folder");
    std::fs::write(bench.path("config/config.toml"), "[profiles.default]\noutput = \"table\"\n").expect("a file");
    println!("{}\n", machine());
    println!("| what | measure | gate | figure |\n| --- | --- | --- | --- |");
    bench.starts();
    bench.mistakes();
    bench.lists();
    bench.pages();
    bench.growth();
    bench.waits();
    bench.downloads();
}

impl Bench {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The program with this configuration, asking the API at `address`.
    fn ours(&self, address: &str, arguments: &[&str]) -> Invocation {
        Invocation::new(&self.program, arguments)
            .with("HOME", &self.folder.path().to_string_lossy())
            .with("C66_CONFIG", &self.path("config/config.toml").to_string_lossy())
            .with("C66_API_URL", address)
            .with("C66_TOKEN", "0123456789abcdef")
    }

    fn wants(&self, name: &str) -> bool {
        self.words.is_empty() || self.words.iter().any(|word| name.contains(word.as_str()))
    }

    /// A row of two commands.
    fn pair(&self, name: &str, gate: &str, ours: &Invocation, peer: &Invocation, turns: usize, times: u32) {
        if self.wants(name) {
            let result = compare(ours, peer, turns, times);
            println!("| {name} | CPU | {gate} | {} |", result.cpu);
            println!("| {name} | wall | | {} |", result.wall);
        }
    }

    fn row(&self, name: &str, measure: &str, gate: &str, figure: impl FnOnce() -> Option<String>) {
        if self.wants(name) {
            let figure = figure().unwrap_or_else(|| "skipped: what it needs is not here".to_owned());
            println!("| {name} | {measure} | {gate} | {figure} |");
        }
    }

    fn starts(&self) {
        for (word, limit, ratio) in [("--version", "1.0 M", "0.25"), ("--help", "", "0.30")] {
            let ours = self.ours("http://127.0.0.1:9", &[word]);
            self.row(&format!("c66 {word}"), "instructions", limit, || millions(&ours));
            self.pair(&format!("c66 {word} / curl --version"), ratio, &ours, &curl(&["--version"]), 20, 50);
            for peer in ["xh", "gh", "hcloud"].into_iter().filter(|peer| found(peer)) {
                let peer = Invocation::new(peer, &["--version"]);
                self.pair(&format!("c66 {word} / {peer}"), "", &ours, &peer, 20, 20);
            }
            // CX is the official client: its absence is said.
            let cx = format!("c66 {word} / cx");
            if found("cx") {
                self.pair(&cx, "1.0", &ours, &Invocation::new("cx", &[word]), 20, 20);
            } else {
                self.row(&cx, "CPU", "1.0", || None);
            }
        }
        let size = std::fs::metadata(&self.program).expect("the program").len();
        self.row("binary", "size", "9 MB", || Some(format!("{:.2} MB", size as f64 / 1e6)));
    }

    /// What a mistyped word costs, which is built from no more of the tree than a right one.
    fn mistakes(&self) {
        for words in [&["stakcs"] as &[&str], &["stacks", "lst"], &["stacks", "list", "--limt", "1"], &["restart"]] {
            let ours = self.ours("http://127.0.0.1:9", words);
            self.row(&format!("mistyped: c66 {}", words.join(" ")), "instructions", "4 M", || millions(&ours));
        }
    }

    fn lists(&self) {
        let body = stacks(30, 1, 1);
        let same = Arc::clone(&body);
        let http = format!("http://{}", serve(move |_| Reply::Json(Arc::clone(&body))));
        let url = format!("{http}/api/3/stacks.json");
        let json = self.ours(&http, &["stacks", "list", "-o", "json"]);
        let table = self.ours(&http, &["stacks", "list"]);
        self.row("list as JSON", "instructions", "2.9 M", || millions(&json));
        self.row("list as a table", "peak", "8 MiB", || peak(&table));
        self.pair("list as JSON / curl", "0.42", &json, &curl(&["-s", &url]), 20, 50);
        let floor = Invocation::new(std::env::current_exe().expect("myself").to_string_lossy(), &["--floor", &url]);
        self.pair("list as a table / bare hyper", "2.2", &table, &floor, 20, 50);
        // The first question fills the cache; one a minute goes to the server again.
        let names = self.ours(&http, &["--", "c66", "stacks", "show", ""]).with("COMPLETE", "fish");
        let version = self.ours(&http, &["--version"]);
        self.pair("names for a completion, warm / c66 --version", "3", &names, &version, 20, 50);
        if found("xh") {
            self.pair("list as JSON / xh", "", &json, &Invocation::new("xh", &["--ignore-stdin", &url]), 20, 20);
        }

        let (address, certificate) = serve_tls(move |_| Reply::Json(Arc::clone(&same)));
        let (https, url) = (format!("https://{address}"), format!("https://{address}/api/3/stacks.json"));
        let one = self.path("one.pem").to_string_lossy().into_owned();
        std::fs::write(&one, &certificate).expect("a file");
        let ours = self.ours(&https, &["stacks", "list", "-o", "json"]);
        let peer = curl(&["-s", "--http1.1", "--cacert", &one, &url]);
        self.pair("https list, 1 certificate / curl", "0.6", &ours.clone().with("SSL_CERT_FILE", &one), &peer, 15, 20);
        let system = std::fs::read_to_string("/etc/ssl/certs/ca-certificates.crt");
        if let Ok(system) = system {
            let all = self.path("all.pem").to_string_lossy().into_owned();
            std::fs::write(&all, format!("{system}\n{certificate}")).expect("a file");
            let peer = curl(&["-s", "--http1.1", "--cacert", &all, &url]);
            self.pair("https list, system bundle / curl", "0.25", &ours.with("SSL_CERT_FILE", &all), &peer, 15, 20);
        }
    }

    fn pages(&self) {
        let bodies: Vec<_> = (1..=40).map(|page| stacks(30, page, 40)).collect();
        let http = serve(move |asked| {
            std::thread::sleep(Duration::from_millis(50));
            let page = asked.path.split("page=").nth(1).and_then(|page| page.parse::<usize>().ok()).unwrap_or(1);
            Reply::Json(Arc::clone(&bodies[page - 1]))
        });
        for (at_once, theory) in [("8", 300), ("16", 200)] {
            let arguments = ["stacks", "list", "-o", "json", "--concurrency", at_once];
            let ours = self.ours(&format!("http://{http}"), &arguments);
            self.row(&format!("40 pages of 50 ms, {at_once} at once"), "wall / theory", "1.15", || {
                Some(format!("{:.2}", ours.wall(11).as_secs_f64() * 1000.0 / f64::from(theory)))
            });
        }
    }

    fn growth(&self) {
        let bodies: Vec<_> = (1..=100).map(|page| stacks(1000, page, 100)).collect();
        let http = serve(move |asked| {
            let page = asked.path.split("page=").nth(1).and_then(|page| page.parse::<usize>().ok()).unwrap_or(1);
            Reply::Json(Arc::clone(&bodies[page - 1]))
        });
        let address = format!("http://{http}");
        for (more, most, cpu) in GROWING {
            let words = [&["stacks", "list"], more].concat();
            let all = self.ours(&address, &words);
            let some = self.ours(&address, &[&words[..], &["--limit", "10000"]].concat());
            let name = format!("100,000 items, {}", more.join(" "));
            self.row(&name, "peak", &format!("{most} MiB"), || peak(&all));
            self.row(&name, "time / that of 10,000", "11", || {
                Some(format!("{:.1}", all.wall(3).as_secs_f64() / some.wall(3).as_secs_f64()))
            });
            self.row(&name, "CPU", cpu, || Some(format!("{:.2} s", all.cpu().as_secs_f64())));
        }
        // What jq itself takes, with the list as c66 prints it.
        let file = self.path("all.json").to_string_lossy().into_owned();
        let expression = "map(select(.environment == \"staging\")) | length";
        let ours = self.ours(&address, &["stacks", "list", "--jq", expression]);
        if found("jq") {
            self.ours(&address, &["stacks", "list", "--json"]).into_file(&file).wall(1);
            self.pair(
                "100,000 items, map(select(…)) / jq",
                "",
                &ours,
                &Invocation::new("jq", &[expression, &file]),
                3,
                1,
            );
        } else {
            self.row("100,000 items, map(select(…)) / jq", "CPU", "", || None);
        }
    }

    /// A wait whose action ends with as many polls as its id says.
    fn waits(&self) {
        let polls = Mutex::new(HashMap::<u64, u64>::new());
        let http = serve(move |asked| {
            let path = asked.path.split('?').next().unwrap_or_default().trim_end_matches(".json");
            let id: u64 = path.rsplit('/').next().and_then(|id| id.parse().ok()).unwrap_or(1);
            let mut polls = polls.lock().expect("the polls");
            let count = polls.entry(id).or_default();
            *count += 1;
            let ended = *count >= id;
            if ended {
                *count = 0;
            }
            let action = serde_json::json!({ "id": id, "action": "restart", "started_at": "2026-01-01T00:00:00Z",
                "finished_at": ended.then_some("2026-01-01T00:00:09Z"), "finished_success": ended.then_some(true) });
            Reply::Json(Arc::new(serde_json::json!({ "response": action }).to_string().into_bytes()))
        });
        let wait = |polls: &str| {
            let words = ["actions", "wait", polls, "-s", UID, "--poll-interval", "1ms"];
            self.ours(&format!("http://{http}"), &words)
        };
        let (long, short) = (wait("1000"), wait("100"));
        self.row("a wait of 1,000 polls", "peak", "10 MiB", || peak(&long));
        self.row("a wait of 1,000 polls", "time / that of 100", "11", || {
            Some(format!("{:.1}", long.wall(3).as_secs_f64() / short.wall(3).as_secs_f64()))
        });
    }

    fn downloads(&self) {
        let fast = bucket(1024 * MIB, None);
        let slow = bucket(200_000_000, Some(20_000_000));
        let disk = self.path("").to_string_lossy().into_owned();
        // The program does not call a file whole before it is on disk; in memory there is no disk to wait for.
        for (name, address, folder, peer_syncs, gate, turns) in [
            ("1 GiB to disk / curl", &fast, &*disk, false, "1.0", 7),
            ("1 GiB to disk / curl and sync", &fast, &*disk, true, "1.0", 7),
            ("1 GiB to memory / curl", &fast, "/dev/shm/", false, "1.0", 7),
            ("200 MB at 20 MB/s a connection / curl", &slow, &*disk, false, "0.3 wall", 3),
        ] {
            if !std::path::Path::new(folder).is_dir() {
                self.row(name, "wall", gate, || None);
                continue;
            }
            let (file, theirs) = (format!("{folder}c66-ours.bin"), format!("{folder}c66-theirs.bin"));
            let arguments = ["backups", "download", "3", "-s", UID, "--force", "--no-resume", "-O", &file];
            let ours = self.ours(&format!("http://{address}"), &arguments).without(&[&file, &theirs]);
            let url = format!("http://{address}/bucket");
            let peer = if peer_syncs {
                Invocation::new("sh", &["-c", "curl -s -o \"$0\" \"$1\" && sync \"$0\"", &theirs, &url])
            } else {
                curl(&["-s", "-o", &theirs, &url])
            };
            self.pair(name, gate, &ours, &peer.without(&[&file, &theirs]), turns, 1);
            self.row(name, "peak", "16 MiB", || peak(&ours));
            for left in [file, theirs] {
                let _ = std::fs::remove_file(left);
            }
        }
    }
}

/// An API with one backup of one file, and the file.
fn bucket(size: u64, rate: Option<u64>) -> String {
    let address = Arc::new(std::sync::OnceLock::<String>::new());
    let own = Arc::clone(&address);
    let serving = serve(move |asked: &Asked| {
        let path = asked.path.split('?').next().unwrap_or_default().trim_end_matches(".json");
        let json = |value: serde_json::Value| {
            Reply::Json(Arc::new(serde_json::json!({ "response": value }).to_string().into_bytes()))
        };
        match path.rsplit('/').next() {
            Some("bucket") => Reply::File { size, rate },
            Some("files") => json(serde_json::json!([{ "id": "tar", "name": "x.tar" }])),
            Some("tar") => {
                let own = own.get().cloned().unwrap_or_default();
                json(serde_json::json!({ "ok": true, "public_url": format!("http://{own}/bucket") }))
            }
            _ => json(serde_json::json!({ "id": 3, "backup_status": 0, "backup_size": size })),
        }
    });
    let _ = address.set(serving.clone());
    serving
}

fn curl(arguments: &[&str]) -> Invocation {
    Invocation::new("curl", arguments)
}

fn millions(invocation: &Invocation) -> Option<String> {
    Some(format!("{:.2} M", invocation.instructions()? as f64 / 1e6))
}

fn peak(invocation: &Invocation) -> Option<String> {
    Some(format!("{:.1} MiB", invocation.peak()? as f64 / 1024.0))
}

/// The machine, on a line.
fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let model = read("/proc/cpuinfo").lines().find_map(|line| Some(line.strip_prefix("model name")?.to_owned()));
    let model = model.unwrap_or_default().trim_start_matches([' ', '\t', ':']).to_owned();
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let kernel = read("/proc/sys/kernel/osrelease");
    format!("{cores} x {model}, Linux {}, c66 {}", kernel.trim(), env!("CARGO_PKG_VERSION"))
}
