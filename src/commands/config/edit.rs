//! `c66 config edit`.

use std::path::Path;

use serde_json::json;

use crate::cloud66::envelope::Document;
use crate::commands::config::check_setting;
use crate::commands::context::Context;
use crate::commands::editor::Editor;
use crate::config::draft::EditorCopy;
use crate::config::paths;
use crate::error::Result;
use crate::resource::write::acknowledge_local;

/// Runs `c66 config edit`: an editor changes a copy, which replaces the file if it is valid.
pub(crate) fn run(context: &Context) -> Result<()> {
    let editor = Editor::of_user(context, "use c66 config set, or edit the file at c66 config path")?;
    let path = paths::config_file(context.settings.variables())?;
    let draft = EditorCopy::create(context.for_editing(&path)?)?;
    loop {
        editor.open(context, draft.path())?;
        let Some(text) = draft.text()? else {
            return done(context, &path, "Nothing changed.");
        };
        let error = match check_all(&draft, &text).and_then(|()| draft.replace_original(&text)) {
            Ok(()) => return done(context, &path, &format!("Saved {}.", path.display())),
            Err(error) => error,
        };
        let prompter = context.prompter()?;
        if prompter.can_ask() {
            let why = error.cause_text().map(|why| format!(": {why}")).unwrap_or_default();
            context.printer.warn(&format!("{error}{why}"));
            if prompter.confirm("Edit it again?").is_ok() {
                continue;
            }
        }
        let kept = draft.keep()?;
        return Err(error.hint(format!("the file is unchanged; your edit is in {}", kept.display())));
    }
}

/// Checks every setting, so that no later command fails because of one.
fn check_all(draft: &EditorCopy, text: &str) -> Result<()> {
    let file = draft.as_file(text)?;
    for (profile, key, value) in file.values()? {
        check_setting(key, &value).map_err(|error| match profile {
            Some(profile) => error.hint(format!("it is in profile {profile}")),
            None => error.hint("it is outside all profiles"),
        })?;
    }
    Ok(())
}

fn done(context: &Context, path: &Path, said: &str) -> Result<()> {
    let document = Document::from_value(&json!({ "ok": true, "file": path.display().to_string(), "message": said }));
    acknowledge_local(&context.printer, document)
}
