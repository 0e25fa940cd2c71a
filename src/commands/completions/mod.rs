//! `c66 completions`.
pub(crate) mod scripts;
mod zsh;

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;
use serde_json::json;

use crate::cloud66::envelope::Document;
use crate::commands::context::Context;
use crate::error::{Error, Result};
use crate::resource::write::acknowledge_local;
use crate::text::quote::shell_quote;

/// `c66 completions`
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  source <(c66 completions bash)\n  c66 completions fish --install")]
pub(crate) struct CompletionsArgs {
    /// Shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
    /// Install it where the shell looks for it
    #[arg(long)]
    pub(crate) install: bool,
}

/// Runs `c66 completions`.
pub(crate) fn run(context: &Context, args: &CompletionsArgs) -> Result<()> {
    if args.install {
        return install(context, args.shell);
    }
    let name = args.shell.to_string();
    let script = scripts::script(&name).ok_or_else(|| Error::usage(format!("no completion for {name}")))?;
    context.printer.write(|out| out.write_all(&script))?;
    context.printer.flush()
}

/// The line for the PowerShell profile.
pub(crate) const POWERSHELL_LINE: &str = "c66 completions powershell | Out-String | Invoke-Expression";

/// Where a shell looks for the completion of `c66`; `None` for a shell without such a folder, or without a home.
pub(crate) fn install_path(shell: Shell) -> Option<PathBuf> {
    // These shells use the same folders on every system.
    let (data, config) = if cfg!(any(target_os = "macos", windows)) {
        let home = dirs::home_dir()?;
        (home.join(".local/share"), home.join(".config"))
    } else {
        (dirs::data_local_dir()?, dirs::config_dir()?)
    };
    match shell {
        Shell::Bash => Some(data.join("bash-completion/completions/c66")),
        Shell::Zsh => Some(data.join("zsh/site-functions/_c66")),
        Shell::Fish => Some(config.join("fish/completions/c66.fish")),
        _ => None,
    }
}

/// Installs a loader that asks the installed program each time, so that it is never out of date.
fn install(context: &Context, shell: Shell) -> Result<()> {
    let loader = match shell {
        Shell::Bash => include_str!("../../../completions/c66.bash"),
        Shell::Zsh => include_str!("../../../completions/_c66"),
        Shell::Fish => include_str!("../../../completions/c66.fish"),
        _ => {
            let line = match shell {
                Shell::PowerShell => POWERSHELL_LINE,
                _ => "eval (c66 completions elvish | slurp)",
            };
            return Err(Error::usage(format!("{shell} has no folder for completions"))
                .hint(format!("add this line to its start-up file: {line}")));
        }
    };
    let path = install_path(shell).ok_or_else(|| Error::usage("no home folder"))?;
    let doing = || format!("write {}", path.display());
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| Error::local_file(doing(), &error))?;
    }
    std::fs::write(&path, loader).map_err(|error| Error::local_file(doing(), &error))?;
    match shell {
        Shell::Zsh if context.settings.variables().get_os(zsh::ASKED).is_none() => {
            if let Some(line) = zsh::missing_line(path.parent().unwrap_or(&path)) {
                context.printer.warn(&format!("zsh does not load it yet; add to ~/.zshrc: {line}"));
            }
        }
        Shell::Bash => context.printer.note(&format!(
            "bash needs the package bash-completion; without it, add this to ~/.bashrc: . {}",
            shell_quote(&path.display().to_string())
        )),
        _ => {}
    }
    let said = format!("Installed {}. Start a new {shell} to use it.", path.display());
    let document = json!({ "ok": true, "file": path.display().to_string(), "message": said });
    acknowledge_local(&context.printer, Document::from_value(&document))
}
