//! Aliases: words of the user for command lines, in the config file. A project file cannot have any.

use toml_edit::{Item, Table};

use super::document::set_value;
use super::edit::{EditTarget, edit};
use super::file::ConfigFile;
use super::paths;
use super::variables::ProcessEnv;
use crate::error::{Error, Kind, Result};
use crate::text::sanitize::sanitize;

/// The table of the config file.
pub(super) const TABLE: &str = "aliases";
/// The longest line of an alias, in bytes.
const MAX_LINE: usize = 4096;

/// Checks the word and the line of an alias.
pub(crate) fn check(name: &str, line: &str) -> Result<()> {
    let is_plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_');
    if name.is_empty() || name.starts_with('-') || !name.chars().all(is_plain) {
        return Err(Error::usage(format!("invalid alias `{}`", sanitize(name))).cause("use letters, digits, - and _"));
    }
    words(name, line).map(drop)
}

/// The words that a line stands for, quoted as for a shell.
fn words(name: &str, line: &str) -> Result<Vec<String>> {
    let words = if line.len() > MAX_LINE { None } else { shlex::split(line) };
    match words {
        Some(words) if !words.is_empty() => Ok(words),
        _ => Err(Error::new(Kind::Config, format!("invalid line of alias `{}`", sanitize(name)))
            .cause("expected the words of a command, quoted as for a shell, of at most 4096 bytes")
            .hint(format!("c66 alias set {} 'COMMAND …'", sanitize(name)))),
    }
}

/// The words that an alias of the config file stands for.
pub(crate) fn find(variables: &ProcessEnv, name: &str) -> Result<Option<Vec<String>>> {
    let Ok(path) = paths::config_file(variables) else { return Ok(None) };
    let all = ConfigFile::load(&path)?.aliases()?;
    all.into_iter().find(|(known, _)| known == name).map(|(_, line)| words(name, &line)).transpose()
}

/// Sets an alias.
pub(crate) fn set<'p>(target: impl Into<EditTarget<'p>>, name: &str, line: &str) -> Result<()> {
    edit(target, |document| {
        let table = document.as_table_mut().entry(TABLE).or_insert_with(|| Item::Table(Table::new()));
        let Some(table) = table.as_table_like_mut() else {
            return Err(Error::new(Kind::Config, "aliases is not a table").hint("c66 config edit"));
        };
        set_value(table, name, line.into());
        Ok(())
    })
}

/// Removes an alias; returns whether it was there.
pub(crate) fn remove<'p>(target: impl Into<EditTarget<'p>>, name: &str) -> Result<bool> {
    let mut found = false;
    edit(target, |document| {
        let Some(table) = document.get_mut(TABLE).and_then(Item::as_table_like_mut) else { return Ok(()) };
        found = table.remove(name).is_some();
        if table.is_empty() {
            document.remove(TABLE);
        }
        Ok(())
    })?;
    Ok(found)
}

impl ConfigFile {
    /// The aliases: word and line.
    pub(super) fn aliases(&self) -> Result<Vec<(String, String)>> {
        self.texts_of(TABLE)
    }
}
