//! Changes to a TOML document that keep the comments around the values.

use toml_edit::{Decor, DocumentMut, Item, TableLike, Value};

/// Sets a value in place and keeps the comment behind it.
pub(super) fn set_value(table: &mut dyn TableLike, key: &str, mut new: Value) {
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(old) => {
            *new.decor_mut() = old.decor().clone();
            *old = new;
        }
        None => {
            table.insert(key, Item::Value(new));
        }
    }
}

/// Removes a key from a profile or from the top level; returns whether it was there. The comment lines above it stay.
pub(super) fn remove_key(document: &mut DocumentMut, profile: Option<&str>, key: &str) -> bool {
    let Some(level) = level(document, profile) else { return false };
    if !level.contains_key(key) {
        return false;
    }
    let comment = level.key(key).map(|key| prefix(key.leaf_decor())).unwrap_or_default();
    let before = level.iter().map(|(name, _)| name.to_owned()).take_while(|name| name != key).last();
    level.remove(key);
    if comment.contains('#') {
        keep_comment(document, profile, before.as_deref(), &comment);
    }
    true
}

/// Moves the comment of a removed key behind the value before it, or else behind what is above.
fn keep_comment(document: &mut DocumentMut, profile: Option<&str>, before: Option<&str>, comment: &str) {
    let lines = comment.trim_end();
    if let Some(level) = level(document, profile)
        && let Some(value) = before.and_then(|before| level.get_mut(before)).and_then(Item::as_value_mut)
    {
        let suffix = format!("{}\n{lines}", suffix(value.decor()));
        value.decor_mut().set_suffix(suffix);
        return;
    }
    match profile {
        None => {
            let head = format!("{}{lines}\n", prefix(document.decor()));
            document.decor_mut().set_prefix(head);
        }
        Some(profile) => {
            if let Some(table) = document.get_mut("profiles").and_then(|profiles| profiles.get_mut(profile))
                && let Some(table) = table.as_table_mut()
            {
                let suffix = format!("{}\n{lines}", suffix(table.decor()));
                table.decor_mut().set_suffix(suffix);
            }
        }
    }
}

/// Removes the table of a profile. The comment directly above goes too; one separated by an empty line stays.
pub(super) fn remove_profile_table(document: &mut DocumentMut, name: &str) {
    let Some(profiles) = document.get_mut("profiles").and_then(Item::as_table_like_mut) else { return };
    let above = profiles.get(name).and_then(Item::as_table).map(|table| prefix(table.decor())).unwrap_or_default();
    let is_head = document.to_string().starts_with(&above);
    if let Some(profiles) = document.get_mut("profiles").and_then(Item::as_table_like_mut) {
        profiles.remove(name);
    }
    if let Some((kept, _)) = above.rsplit_once("\n\n")
        && kept.contains('#')
    {
        let is_all = document.iter().all(|(_, item)| item.as_table_like().is_some_and(TableLike::is_empty));
        if is_head && !is_all {
            document.decor_mut().set_prefix(format!("{kept}\n\n"));
        } else {
            // Nothing is left below the comment.
            let before = document.trailing().as_str().unwrap_or_default().to_owned();
            document.set_trailing(format!("{before}{}\n", kept.trim_start()));
        }
    }
}

fn level<'d>(document: &'d mut DocumentMut, profile: Option<&str>) -> Option<&'d mut dyn TableLike> {
    match profile {
        None => Some(document.as_table_mut()),
        Some(name) => document.get_mut("profiles")?.as_table_like_mut()?.get_mut(name)?.as_table_like_mut(),
    }
}

fn prefix(decor: &Decor) -> String {
    decor.prefix().and_then(|raw| raw.as_str()).unwrap_or_default().to_owned()
}

fn suffix(decor: &Decor) -> String {
    decor.suffix().and_then(|raw| raw.as_str()).unwrap_or_default().to_owned()
}
