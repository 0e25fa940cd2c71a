//! Defaults for flags: `defaults.COMMAND.FLAG` in the user's own config file. A project file cannot have any.

use toml::{Table, Value};
use toml_edit::{Item, TableLike};

use super::document::set_value;
use super::edit::{EditTarget, edit};
use super::file::{ConfigFile, scalar};
use crate::error::{Error, Kind, Result};
use crate::text::sanitize::sanitize;

/// The table of the config file.
const TABLE: &str = "defaults";
/// Flags that must be typed: a confirmation, and where the token is sent.
const NEVER: [&str; 3] = ["yes", "confirm", "api-url"];

/// The default of a flag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FlagDefault {
    /// The words of the command.
    pub(crate) command: Vec<String>,
    /// The flag, without its dashes.
    pub(crate) flag: String,
    /// Its value; `true` for a flag without one. Empty in a key that is not set yet.
    pub(crate) text: String,
}

impl FlagDefault {
    /// Reads `defaults.COMMAND.FLAG`; `None` for the name of a setting.
    pub(crate) fn of_key(key: &str) -> Result<Option<Self>> {
        let mut words = key.split('.').map(str::to_owned);
        if words.next().as_deref() != Some(TABLE) {
            return Ok(None);
        }
        let mut command: Vec<String> = words.collect();
        let flag = command.pop().unwrap_or_default();
        if command.is_empty() || flag.is_empty() || command.iter().any(String::is_empty) {
            return Err(Error::usage(format!("invalid setting `{}`", sanitize(key)))
                .cause("expected defaults.COMMAND.FLAG")
                .hint("such as defaults.redeploy.timeout or defaults.stacks.list.sort"));
        }
        let default = Self { command, flag, text: String::new() };
        default.check()?;
        Ok(Some(default))
    }

    /// The key in the config file.
    pub(crate) fn key(&self) -> String {
        format!("{TABLE}.{}.{}", self.command.join("."), self.flag)
    }

    fn check(&self) -> Result<()> {
        if NEVER.contains(&self.flag.as_str()) {
            let message = format!("--{} cannot have a default", self.flag);
            return Err(Error::new(Kind::Usage, message).hint("pass it on the command line"));
        }
        Ok(())
    }
}

/// Sets a default.
pub(crate) fn set<'p>(target: impl Into<EditTarget<'p>>, default: &FlagDefault, text: &str) -> Result<()> {
    edit(target, |document| {
        let mut table: &mut dyn TableLike = document.as_table_mut();
        for word in std::iter::once(TABLE).chain(default.command.iter().map(String::as_str)) {
            let mut new = toml_edit::Table::new();
            new.set_implicit(true);
            let item = table.entry(word).or_insert(Item::Table(new));
            table = item.as_table_like_mut().ok_or_else(|| {
                Error::new(Kind::Config, format!("{word} in {} is not a table", default.key())).hint("c66 config edit")
            })?;
        }
        set_value(table, &default.flag, text.into());
        Ok(())
    })
}

/// Removes a default; returns whether it was there.
pub(crate) fn unset<'p>(target: impl Into<EditTarget<'p>>, default: &FlagDefault) -> Result<bool> {
    let mut found = false;
    edit(target, |document| {
        let mut table: &mut dyn TableLike = document.as_table_mut();
        for word in std::iter::once(TABLE).chain(default.command.iter().map(String::as_str)) {
            let Some(next) = table.get_mut(word).and_then(Item::as_table_like_mut) else { return Ok(()) };
            table = next;
        }
        found = table.remove(&default.flag).is_some();
        Ok(())
    })?;
    Ok(found)
}

impl ConfigFile {
    /// The defaults of flags, by command.
    pub(super) fn defaults(&self) -> Result<Vec<FlagDefault>> {
        let mut all = Vec::new();
        match self.top_level(TABLE) {
            None => {}
            Some(Value::Table(table)) => self.collect(&mut Vec::new(), table, &mut all)?,
            Some(_) => return Err(self.wrong("defaults is not a table")),
        }
        Ok(all)
    }

    fn collect(&self, command: &mut Vec<String>, table: &Table, all: &mut Vec<FlagDefault>) -> Result<()> {
        for (name, value) in table {
            if let Value::Table(inner) = value {
                command.push(name.clone());
                self.collect(command, inner, all)?;
                command.pop();
                continue;
            }
            let mut default = FlagDefault { command: command.clone(), flag: name.clone(), text: String::new() };
            let text = scalar(value).filter(|_| !command.is_empty());
            default.text = text.ok_or_else(|| self.wrong(&format!("{} is not a string", default.key())))?;
            default.check().map_err(|error| error.cause(format!("{} in {}", default.key(), self.path().display())))?;
            all.push(default);
        }
        Ok(())
    }
}
