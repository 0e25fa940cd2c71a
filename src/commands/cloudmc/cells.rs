//! What the nouns of a CloudMC share: their description, and the cells of their columns.

use crate::cloudmc::secrets;
use crate::http::fields::Fields;
use crate::output::cell::{Cell, Tone};
use crate::resource::Resource;
use crate::resource::noun::Noun;

/// A noun of a CloudMC: passwords and keys of its items are masked by default.
pub(super) const fn noun<R: Resource<View = Fields>>(singular: &'static str, plural: &'static str) -> Noun {
    Noun::new::<R>(singular, plural).concealed_by(secrets::redact)
}

/// The id of an item; its name if its type has no ids.
pub(super) fn id(fields: &Fields) -> Option<String> {
    first_text(fields, &["id", "name"])
}

/// The first non-empty string of these fields.
pub(super) fn first_text(fields: &Fields, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| fields.text(name))
}

/// A time; an unknown form is shown unchanged.
pub(super) fn time(fields: &Fields, name: &str) -> Cell {
    fields.time(&[name]).map_or_else(|| fields.text(name).into(), Into::into)
}

/// The name of a nested object, else its id.
pub(super) fn named(fields: &Fields, name: &str) -> Cell {
    first_text(&fields.object(name), &["name", "id"]).into()
}

/// The service code of a connection, else its name.
pub(super) fn service(fields: &Fields) -> Cell {
    first_text(&fields.object("serviceConnection"), &["serviceCode", "name"]).into()
}

/// A state in the API's words, of which there are several sets.
pub(super) fn state(fields: &Fields, name: &str) -> Cell {
    let Some(word) = fields.text(name) else { return Cell::Empty };
    let tone = match word.to_ascii_uppercase().as_str() {
        "RUNNING" | "PROVISIONED" | "SUCCESS" | "ACTIVE" | "READY" | "ALLOCATED" | "IMPLEMENTED" => Tone::Good,
        "PENDING" | "PROVISIONING" | "PURGING" | "STARTING" | "STOPPING" => Tone::Busy,
        "FAILED" | "FAILURE" | "ERROR" | "ERROR_PROVISIONING" | "ERROR_PURGING" => Tone::Bad,
        "STOPPED" | "DISABLED" | "PURGED" | "DESTROYED" => Tone::Dim,
        _ => Tone::Plain,
    };
    Cell::State(word, tone)
}
