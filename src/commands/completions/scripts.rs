//! The scripts that make a shell ask.
//!
//! Those of fish and PowerShell are clap's. The others are our own: bash cuts words at `=`, `:` and `@`, which names of
//! stacks and assignments have, zsh must be told after which candidates no blank belongs, and Elvish is to see the
//! descriptions.

use clap_complete::env::Shells;

const BASH: &str = include_str!("bash.sh");
const ZSH: &str = include_str!("zsh.sh");
const ELVISH: &str = include_str!("elvish.elv");

/// The script for a shell; nothing for one that is not known.
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
