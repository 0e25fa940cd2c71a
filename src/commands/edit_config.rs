//! `c66 config edit`.

use std::path::Path;
use std::process::{Command, ExitStatus};

use serde_json::json;

use super::config::check;
use super::context::Context;
use crate::cloud66::envelope::Document;
use crate::config::draft::Draft;
use crate::config::paths;
use crate::error::{Error, Kind, Result};
use crate::resource::change::acknowledge_local;

#[cfg(unix)]
const USUAL_EDITOR: &str = "vi";
#[cfg(not(unix))]
const USUAL_EDITOR: &str = "notepad";

/// Carries out `c66 config edit`: an editor works on a copy, which takes the file's place when it is good.
///
/// # Errors
/// There is nobody to edit, the editor fails, or what it leaves cannot be used and is not mended.
pub fn run(context: &Context) -> Result<()> {
    let editor = editor(context)?;
    let path = paths::config_file(context.settings.variables())?;
    let draft = Draft::of(&path)?;
    loop {
        open(context, &editor, draft.path())?;
        let Some(text) = draft.text()? else {
            return done(context, &path, "nothing was changed");
        };
        let error = match check_all(&draft, &text).and_then(|()| draft.put_in_place(&text)) {
            Ok(()) => return done(context, &path, &format!("{} is changed", path.display())),
            Err(error) => error,
        };
        let asker = context.asker()?;
        if asker.can_ask() {
            let why = error.why().map(|why| format!(": {why}")).unwrap_or_default();
            context.console.warn(&format!("{error}{why}"));
            if asker.confirm("Edit it again?").is_ok() {
                continue;
            }
        }
        let kept = draft.keep()?;
        return Err(error.hint(format!("the file is as it was; what you wrote is in {}", kept.display())));
    }
}

/// Checks every setting, so that no later command fails because of one.
fn check_all(draft: &Draft, text: &str) -> Result<()> {
    let file = draft.as_file(text)?;
    for (profile, key, value) in file.values()? {
        check(key, &value).map_err(|error| match profile {
            Some(profile) => error.hint(format!("it is in profile {profile}")),
            None => error.hint("it is outside all profiles"),
        })?;
    }
    Ok(())
}

/// The command line of the user's editor.
fn editor(context: &Context) -> Result<String> {
    let variables = context.settings.variables();
    let nobody = |why: &str| {
        Error::usage(format!("{why}, and an editor needs somebody at a terminal"))
            .hint("c66 config set changes one setting")
            .hint("c66 config path names the file")
    };
    if context.settings.flag(crate::config::Key::NoInput)? {
        return Err(nobody("nobody may be asked"));
    }
    let named = match variables.get("VISUAL")? {
        Some(editor) => Some(editor),
        None => variables.get("EDITOR")?,
    };
    match named {
        Some(editor) => Ok(editor.to_owned()),
        None if context.console.can_ask() => Ok(USUAL_EDITOR.to_owned()),
        None => Err(nobody("neither VISUAL nor EDITOR is set").hint("or set EDITOR to a program that needs nobody")),
    }
}

fn open(context: &Context, editor: &str, path: &Path) -> Result<()> {
    // Ctrl-C is the editor's as long as it runs.
    let claim = context.interrupts.claim()?;
    let ended = run_editor(editor, path)
        .map_err(|error| Error::local_file(format!("run the editor `{editor}`"), &error).hint("set VISUAL or EDITOR"));
    drop(claim);
    match ended? {
        status if status.success() => Ok(()),
        status => Err(Error::new(Kind::LocalFile, format!("the editor `{editor}` failed, so nothing was changed"))
            .cause(status.to_string())
            .hint("set VISUAL or EDITOR to an editor that works")),
    }
}

/// Runs the editor as git does: the variable is a line of shell, which may have flags and quotes.
#[cfg(unix)]
fn run_editor(editor: &str, path: &Path) -> std::io::Result<ExitStatus> {
    Command::new("sh").arg("-c").arg(format!("{editor} \"$@\"")).arg(editor).arg(path).status()
}

/// Runs the editor: the first word is the program, the others are its flags.
#[cfg(not(unix))]
fn run_editor(editor: &str, path: &Path) -> std::io::Result<ExitStatus> {
    let mut words = editor.split_whitespace();
    Command::new(words.next().unwrap_or(USUAL_EDITOR)).args(words).arg(path).status()
}

fn done(context: &Context, path: &Path, said: &str) -> Result<()> {
    let document = Document::of(&json!({ "ok": true, "file": path, "message": said }));
    acknowledge_local(&context.console, &context.plan, document)
}
