//! Selects columns and sorts by them, by name or JSON path.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashSet;

use super::Resource;
use super::noun::{ColumnInfo, ItemFields, Noun};
use crate::cloud66::envelope::Document;
use crate::error::{Error, Result};
use crate::output::cell::{Cell, Holds};
use crate::output::table::{Header, Importance};
use crate::resource::find::suggestions;
use crate::text::format::snake_case;
use crate::text::json;

/// An item with its typed fields.
pub(crate) struct Item {
    /// The text as the API sent it.
    pub(crate) document: Document,
    fields: Box<dyn ItemFields>,
    /// The item with its secrets masked.
    redacted: Option<Document>,
}

impl Item {
    /// Reads the typed fields of an item.
    ///
    /// `redact` masks secrets in them and in the values that paths lead to.
    pub(crate) fn new(resource: &Noun, document: Document, redact: bool) -> Result<Self> {
        let redacted = match resource.redact.filter(|_| redact) {
            Some(strike_out) => {
                let mut value = document.value()?;
                strike_out(&mut value);
                Some(Document::from_value(&value))
            }
            None => None,
        };
        let fields = (resource.read)(redacted.as_ref().unwrap_or(&document))?;
        Ok(Self { document, fields, redacted })
    }

    /// The typed fields; `None` if it is an item of another resource.
    pub(crate) fn view<R: Resource>(&self) -> Option<&R::View> {
        self.fields.view::<R>()
    }

    /// The typed fields, to add what the API tells elsewhere.
    pub(crate) fn view_mut<R: Resource>(&mut self) -> Option<&mut R::View> {
        self.fields.view_mut::<R>()
    }

    /// The id for other commands.
    pub(crate) fn id(&self) -> Option<String> {
        self.fields.id()
    }

    /// The text of the item, with its secrets masked if they must be.
    fn text(&self) -> &str {
        self.redacted.as_ref().unwrap_or(&self.document).text()
    }

    /// The JSON text at a path.
    pub(super) fn at(&self, path: &str) -> Option<&str> {
        json::get(self.text(), path)
    }
}

/// The columns of a list.
pub(crate) struct ColumnSet {
    /// The columns, in order.
    pub(crate) columns: Vec<ColumnRef>,
    /// Whether the user named them.
    pub(crate) named: bool,
}

/// A column as the user named it.
#[derive(Clone)]
pub(crate) enum ColumnRef {
    /// A column of the resource.
    Known(ColumnInfo),
    /// A column of the resource by its word where the API sends a code: `health_text` is `Healthy` where `health` is 3.
    Words { column: ColumnInfo, name: String },
    /// A path into the item's JSON.
    Path(String),
}

impl ColumnRef {
    /// Finds the column of that name, in any spelling: `LAST ACTIVITY`, `last-activity` and `last_activity` are the
    /// same, and so is `ACTIVITY`, its short header.
    pub(crate) fn named(resource: &Noun, name: &str) -> Self {
        let name = name.trim();
        let plain = name.to_lowercase().replace(['-', ' '], "_");
        let find = |name: &str| resource.columns().find(|column| column.name == name);
        if let Some(column) = find(&plain) {
            return Self::Known(column);
        }
        if let Some(column) = plain.strip_suffix("_text").and_then(find) {
            return Self::Words { column, name: plain };
        }
        match find(&format!("last_{plain}")).filter(|column| column.holds == Holds::Time) {
            Some(column) => Self::Known(column),
            None => Self::Path(name.to_owned()),
        }
    }

    /// The columns that the user named, or the default ones.
    pub(crate) fn all(resource: &Noun, names: &[String], wide: bool) -> Vec<Self> {
        if names.is_empty() {
            return resource.columns().filter(|column| wide || !column.wide).map(Self::Known).collect();
        }
        names.iter().filter(|name| !name.trim().is_empty()).map(|name| Self::named(resource, name)).collect()
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Known(column) => column.name,
            Self::Words { name, .. } => name,
            Self::Path(path) => path,
        }
    }

    /// Its name as a header.
    pub(crate) fn header(&self) -> String {
        snake_case(self.name()).to_uppercase().replace('_', " ")
    }

    /// Its header. A column that the user `named` is never dropped.
    pub(crate) fn table_header(&self, named: bool) -> Header {
        let (importance, short) = match self {
            Self::Known(column) | Self::Words { column, .. } => (column.importance, column.short),
            Self::Path(_) => (Importance::Main, None),
        };
        let importance = match importance {
            Importance::Main | Importance::Minor if named => Importance::Kept,
            importance => importance,
        };
        Header { text: self.header(), holds: self.holds(), importance, short }
    }

    /// Its declared type.
    pub(crate) fn holds(&self) -> Option<Holds> {
        match self {
            Self::Known(column) | Self::Words { column, .. } => Some(column.holds),
            Self::Path(_) => None,
        }
    }

    /// Its value for an item.
    pub(crate) fn cell(&self, item: &Item) -> Cell {
        match self {
            Self::Known(column) | Self::Words { column, .. } => item.fields.cell(column.index),
            Self::Path(path) => item.at(path).map_or(Cell::Empty, json_cell),
        }
    }

    /// Its value for an item as JSON text: the API's own, if it sent that field, else the displayed one.
    pub(crate) fn json<'i>(&self, item: &'i Item) -> Cow<'i, str> {
        item.at(self.name()).map_or_else(|| Cow::Owned(self.cell(item).json().to_string()), Cow::Borrowed)
    }
}

/// The plain cell of any JSON text.
pub(crate) fn json_cell(json: &str) -> Cell {
    match json.bytes().next() {
        None | Some(b'n') => Cell::Empty,
        Some(b't' | b'f') => Cell::Text(json.to_owned()),
        Some(b'"') => json::unquoted(json).map_or(Cell::Empty, Cell::Text),
        Some(b'{' | b'[') => {
            let mut text = Vec::new();
            // Writing to memory cannot fail.
            let _ = crate::output::json::compact(json, &mut text);
            Cell::Text(String::from_utf8_lossy(&text).trim_end().to_owned())
        }
        Some(_) => match json.parse::<i64>() {
            Ok(number) if number.to_string() == json => Cell::Number(number),
            _ => Cell::Digits(json.to_owned()),
        },
    }
}

/// Most names that an error lists; a hostile reply may have a name of its own in each item.
const MAX_NAMES: usize = 200;

/// Reports named columns that exist nowhere in `items`, the first items of the list.
pub(crate) fn check_columns<'c>(
    resource: &Noun,
    columns: impl IntoIterator<Item = &'c ColumnRef>,
    items: &[Item],
) -> Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    for column in columns {
        let ColumnRef::Path(path) = column else { continue };
        if items.iter().any(|item| item.at(path).is_some()) {
            continue;
        }
        let mut names: Vec<String> = resource.columns().map(|column| column.name.to_owned()).collect();
        let mut known: HashSet<String> = names.iter().cloned().collect();
        for key in items.iter().flat_map(|item| json::keys(item.text())) {
            if known.len() < MAX_NAMES && known.insert(key.clone()) {
                names.push(key);
            }
        }
        let more = if names.len() < MAX_NAMES { "" } else { ", …" };
        let mut error = Error::usage(format!("unknown column `{path}` for {}", resource.plural))
            .cause(format!("available: {}{more}", names.join(", ")));
        for near in suggestions(path, names.iter().map(String::as_str)) {
            error = error.hint(format!("did you mean `{near}`?"));
        }
        return Err(error);
    }
    Ok(())
}

/// `--sort`.
pub(crate) struct SortBy {
    column: ColumnRef,
    descending: bool,
}

impl SortBy {
    /// Parses `COL`, `COL:desc`, or `-COL` for the same.
    pub(crate) fn parse(resource: &Noun, text: &str) -> Result<Self> {
        let (name, descending) = match text.rsplit_once(':') {
            None => text.strip_prefix('-').map_or((text, false), |name| (name, true)),
            Some((name, "asc")) => (name, false),
            Some((name, "desc")) => (name, true),
            Some((_, direction)) => {
                return Err(Error::usage(format!("invalid sort direction `{direction}`: use asc or desc")));
            }
        };
        Ok(Self { column: ColumnRef::named(resource, name), descending })
    }

    /// Its column.
    pub(crate) fn column(&self) -> &ColumnRef {
        &self.column
    }

    /// The value that an item is sorted by.
    pub(crate) fn key(&self, item: &Item) -> Cell {
        self.column.cell(item)
    }

    /// Compares the values of two items.
    pub(crate) fn compare(&self, one: &Cell, other: &Cell) -> Ordering {
        match (one, other) {
            // Missing values come last, in either direction.
            (Cell::Empty, _) | (_, Cell::Empty) => one.compare(other),
            _ if self.descending => other.compare(one),
            _ => one.compare(other),
        }
    }
}
