//! Commands of CX, Cloud 66's own command line, that c66 lacks: why, and what to use instead.

/// Words of CX without a counterpart: a command, or a noun and its verb.
pub(crate) struct CxCommand {
    /// The words as they are typed.
    pub(crate) words: &'static str,
    /// Why c66 lacks it.
    pub(crate) why: &'static str,
    /// What to type instead.
    pub(crate) instead: &'static str,
}

const fn cx_command(words: &'static str, why: &'static str, instead: &'static str) -> CxCommand {
    CxCommand { words, why, instead }
}

const NOT_DOCUMENTED: &str = "it is not in the documented API";

/// Every CX command without a counterpart.
pub(crate) const CX_COMMANDS: &[CxCommand] = &[
    cx_command(
        "stacks listen",
        "the API has no log of a deployment",
        "c66 deployments wait --latest waits for the outcome",
    ),
    cx_command(
        "stacks configure",
        "its files are under another noun",
        "c66 config-files versions service, with --show latest or --add FILE",
    ),
    cx_command("formations", NOT_DOCUMENTED, "c66 api GET /stacks/{stack}/formations"),
    cx_command("snapshots", NOT_DOCUMENTED, "c66 api GET /stacks/{stack}/snapshots"),
    cx_command("templates", NOT_DOCUMENTED, "c66 api GET /base_templates"),
    cx_command("easydeploys", "Cloud 66 no longer has it", "c66 stacks list"),
    cx_command("skycap", NOT_DOCUMENTED, "CX itself runs those workflows"),
    cx_command("notifications download", "the documented API has them one by one", "c66 notifications list -o yaml"),
    cx_command("notifications upload", "c66 sets alerts by name", "c66 notifications set ALERT --channels email"),
    cx_command("update", "c66 does not update itself", "install the new version the way you installed this one"),
];

/// Flags of CX without a counterpart: command, flag, and what to type instead.
pub(crate) const CX_FLAGS: &[(&str, &str, &str)] = &[
    ("list", "--history", "c66 env history KEY"),
    ("list", "--verbose", "-o wide"),
    ("upload", "--server", "the server is the first word: c66 upload SERVER FILE [REMOTE]"),
    ("tunnel", "--server", "the server is the first word: c66 tunnel SERVER [LOCAL:]PORT"),
    ("tunnel", "--remote", "the ports are words: c66 tunnel SERVER [LOCAL:]PORT"),
    ("tunnel", "--local", "the ports are words: c66 tunnel SERVER [LOCAL:]PORT"),
    ("show", "--json", "-o json > FILE"),
];

/// Finds the CX command for an unknown `word` after the words of a command (empty: c66 itself).
pub(crate) fn find_command(path: &str, word: &str) -> Option<&'static CxCommand> {
    CX_COMMANDS.iter().find(|cx_command| match cx_command.words.split_once(' ') {
        Some((noun, verb)) => noun == path && verb == word,
        None => path.is_empty() && (cx_command.words == word || singular(cx_command.words) == word),
    })
}

/// CX accepts every noun in the singular too.
fn singular(noun: &str) -> &str {
    if noun == "processes" { "process" } else { noun.strip_suffix('s').unwrap_or(noun) }
}

/// What to type instead of a CX flag that these commands do not know.
pub(crate) fn flag(commands: &[&str], flag: &str) -> Option<&'static str> {
    CX_FLAGS
        .iter()
        .find(|(command, name, _)| *name == flag && commands.contains(command))
        .map(|(_, _, instead)| *instead)
}
