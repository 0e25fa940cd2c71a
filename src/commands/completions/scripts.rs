//! The completion scripts of the shells.
//!
//! Those of fish and PowerShell are clap's. The others are our own: bash splits words at `=`, `:` and `@`, which occur
//! in names of stacks and assignments; zsh must know after which candidates no space belongs; and Elvish shows
//! descriptions.

use clap_complete::env::Shells;

const BASH: &str = include_str!("bash.sh");
const ZSH: &str = include_str!("zsh.sh");
const ELVISH: &str = include_str!("elvish.elv");

/// The script for a shell; `None` for an unknown one.
pub(crate) fn script(shell: &str) -> Option<Vec<u8>> {
    let own = [("bash", BASH), ("zsh", ZSH), ("elvish", ELVISH)];
    if let Some((_, script)) = own.iter().find(|(name, _)| *name == shell) {
        return Some(script.as_bytes().to_vec());
    }
    let mut script = Vec::new();
    let shells = Shells::builtins();
    shells.completer(shell)?.write_registration("COMPLETE", "c66", "c66", "c66", &mut script).ok()?;
    Some(script)
}
