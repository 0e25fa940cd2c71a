//! The user's editor.

use std::path::Path;
use std::process::{Command, ExitStatus};

use super::context::Context;
use crate::config::keys::NO_INPUT;
use crate::error::{Error, Kind, Result};

#[cfg(unix)]
const USUAL_EDITOR: &str = "vi";
#[cfg(not(unix))]
const USUAL_EDITOR: &str = "notepad";

/// The command line of an editor.
pub(crate) struct Editor(String);

impl Editor {
    /// The editor of `VISUAL` or `EDITOR`, or the default one at a terminal; `otherwise` is a hint that needs no
    /// editor.
    pub(crate) fn of_user(context: &Context, otherwise: &str) -> Result<Self> {
        let variables = context.settings.variables();
        let unavailable = |why: &str| {
            Error::new(Kind::ConfirmationNeeded, format!("{why}: an editor needs a terminal")).hint(otherwise)
        };
        if context.settings.required(&NO_INPUT)? {
            return Err(unavailable("prompts are disabled"));
        }
        let named = match variables.get("VISUAL")? {
            Some(editor) => Some(editor),
            None => variables.get("EDITOR")?,
        };
        match named {
            Some(editor) => Ok(Self(editor.to_owned())),
            None if context.printer.can_ask() => Ok(Self(USUAL_EDITOR.to_owned())),
            None => {
                Err(unavailable("neither VISUAL nor EDITOR is set").hint("or set EDITOR to a non-interactive program"))
            }
        }
    }

    /// Opens a file and waits until the editor ends.
    pub(crate) fn open(&self, context: &Context, path: &Path) -> Result<()> {
        // While the editor runs, Ctrl-C is for it.
        let guard = context.signals.guard()?;
        let ended = self.run(path).map_err(|error| {
            Error::local_file(format!("run the editor `{}`", self.0), &error).hint("set VISUAL or EDITOR")
        });
        guard.discard();
        match ended? {
            status if status.success() => Ok(()),
            status => {
                Err(Error::new(Kind::LocalFile, format!("the editor `{}` failed, so nothing was changed", self.0))
                    .cause(status.to_string())
                    .hint("set VISUAL or EDITOR to an editor that works"))
            }
        }
    }

    /// Runs it as git does: the variable is a shell command, which may have flags and quotes.
    #[cfg(unix)]
    fn run(&self, path: &Path) -> std::io::Result<ExitStatus> {
        Command::new("sh").arg("-c").arg(format!("{} \"$@\"", self.0)).arg(&self.0).arg(path).status()
    }

    /// Runs it: the variable is the path of a program, or a program with its arguments.
    #[cfg(not(unix))]
    fn run(&self, path: &Path) -> std::io::Result<ExitStatus> {
        use crate::config::program::find_program;
        let words = if Path::new(&self.0).is_file() { vec![self.0.clone()] } else { words(&self.0) };
        let (editor, flags) = words.split_first().map_or((USUAL_EDITOR, &[][..]), |(first, rest)| (first, rest));
        Command::new(find_program(editor.as_ref())?).args(flags).arg(path).status()
    }
}

/// The words of a line; double quotes join what contains spaces.
#[cfg(not(unix))]
fn words(line: &str) -> Vec<String> {
    let mut quoted = false;
    let ends = |letter: char| {
        quoted ^= letter == '"';
        letter.is_whitespace() && !quoted
    };
    line.split(ends).map(|word| word.replace('"', "")).filter(|word| !word.is_empty()).collect()
}

#[cfg(all(test, not(unix)))]
mod tests {
    use super::*;

    #[test]
    fn a_program_with_blanks_in_its_path_may_have_flags() {
        assert_eq!(
            words(r#""C:\Program Files\Editor\e.exe"  --wait -n"#),
            [r"C:\Program Files\Editor\e.exe", "--wait", "-n"]
        );
        assert_eq!(words("code --wait"), ["code", "--wait"]);
        assert!(words(" ").is_empty());
    }
}
