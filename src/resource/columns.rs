//! Selects columns, filters rows and sorts them, by name or JSON path.

use std::borrow::Cow;

use regex_bites::Regex;
use serde_json::Value;

use super::Resource;
use super::noun::{ColumnInfo, ItemFields, Noun};
use crate::cloud66::envelope::Document;
use crate::error::{Error, Result};
use crate::output::cell::{Cell, CellStyle, Holds};
use crate::output::json;
use crate::resource::find::suggestions;
use crate::text::format::snake_case;

/// An item, parsed as far as necessary.
pub(crate) struct Item {
    /// The text as the API sent it.
    pub(crate) document: Document,
    fields: Box<dyn ItemFields>,
    value: Option<Value>,
}

impl Item {
    /// Parses an item: its typed fields always, the whole of it if a JSON path is used.
    ///
    /// `redact` masks secrets in both.
    pub(crate) fn new(resource: &Noun, document: Document, with_paths: bool, redact: bool) -> Result<Self> {
        if let Some(strike_out) = resource.redact.filter(|_| redact) {
            let mut value = document.value()?;
            strike_out(&mut value);
            let fields = (resource.read)(&Document::from_value(&value))?;
            return Ok(Self { document, fields, value: Some(value) });
        }
        let fields = (resource.read)(&document)?;
        let value = if with_paths { Some(document.value()?) } else { None };
        Ok(Self { document, fields, value })
    }

    /// The typed fields; `None` if it is an item of another resource.
    pub(crate) fn view<R: Resource>(&self) -> Option<&R::View> {
        self.fields.view::<R>()
    }

    /// The id for other commands.
    pub(crate) fn id(&self) -> Option<String> {
        self.fields.id()
    }

    fn at(&self, path: &str) -> Option<&Value> {
        json::get(self.value.as_ref()?, path)
    }
}

/// A column as the user named it.
#[derive(Clone)]
pub(crate) enum ColumnRef {
    /// A column of the resource.
    Known(ColumnInfo),
    /// A path into the item's JSON.
    Path(String),
}

impl ColumnRef {
    /// Finds the column of that name, in any spelling: `LAST ACTIVITY`, `last-activity` and `last_activity` are the
    /// same.
    pub(crate) fn named(resource: &Noun, name: &str) -> Self {
        let name = name.trim();
        let plain = name.to_lowercase().replace(['-', ' '], "_");
        resource.columns().find(|column| column.name == plain).map_or_else(|| Self::Path(name.to_owned()), Self::Known)
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
            Self::Path(path) => path,
        }
    }

    /// Its name as a header.
    pub(crate) fn header(&self) -> String {
        snake_case(self.name()).to_uppercase().replace('_', " ")
    }

    /// Its declared type.
    pub(crate) fn holds(&self) -> Option<Holds> {
        match self {
            Self::Known(column) => Some(column.holds),
            Self::Path(_) => None,
        }
    }

    /// Its value for an item.
    pub(crate) fn cell(&self, item: &Item) -> Cell {
        match self {
            Self::Known(column) => item.fields.cell(column.index),
            Self::Path(path) => item.at(path).map_or(Cell::Empty, value_cell),
        }
    }

    /// Its value for an item as JSON: the API's own, if it sent that field, else the displayed one.
    pub(crate) fn json<'i>(&self, item: &'i Item) -> Cow<'i, Value> {
        item.at(self.name()).map_or_else(|| Cow::Owned(self.cell(item).json()), Cow::Borrowed)
    }

    fn is_path(&self) -> bool {
        matches!(self, Self::Path(_))
    }
}

/// The plain cell of any JSON value.
pub(crate) fn value_cell(value: &Value) -> Cell {
    match value {
        Value::Null => Cell::Empty,
        Value::Bool(value) => Cell::Text(value.to_string()),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(number), _) => Cell::Number(number),
            (None, Some(number)) if !number.is_finite() || number.fract() != 0.0 => Cell::Float(number),
            _ => Cell::Text(number.to_string()),
        },
        Value::String(text) => Cell::Text(text.clone()),
        Value::Array(_) | Value::Object(_) => Cell::Text(value.to_string()),
    }
}

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
        for key in items.iter().filter_map(|item| item.value.as_ref()?.as_object()).flat_map(|map| map.keys()) {
            if !names.contains(key) {
                names.push(key.clone());
            }
        }
        let mut error = Error::usage(format!("unknown column `{path}` for {}", resource.plural))
            .cause(format!("available: {}", names.join(", ")));
        for near in suggestions(path, names.iter().map(String::as_str)) {
            error = error.hint(format!("did you mean `{near}`?"));
        }
        return Err(error);
    }
    Ok(())
}

/// One `--filter`.
pub(crate) struct Filter {
    column: ColumnRef,
    comparison: Comparison,
}

enum Comparison {
    Is(String),
    IsNot(String),
    Matches(Regex),
}

impl Filter {
    /// Parses `COL=V`, `COL!=V` or `COL~REGEX`.
    pub(crate) fn parse(resource: &Noun, text: &str) -> Result<Self> {
        let wrong = || {
            Error::usage(format!("invalid filter `{text}`: expected COLUMN=VALUE, COLUMN!=VALUE or COLUMN~REGEX"))
                .hint("such as --filter environment=staging")
        };
        let at = text.find(['=', '~', '!']).filter(|at| *at > 0).ok_or_else(wrong)?;
        let (name, rest) = text.split_at(at);
        let comparison = if let Some(value) = rest.strip_prefix("!=") {
            Comparison::IsNot(value.to_owned())
        } else if let Some(value) = rest.strip_prefix('=') {
            Comparison::Is(value.to_owned())
        } else if let Some(expression) = rest.strip_prefix('~') {
            Comparison::Matches(Regex::new(expression).map_err(|error| {
                Error::usage(format!("invalid regular expression `{expression}`")).cause(error.to_string())
            })?)
        } else {
            return Err(wrong());
        };
        Ok(Self { column: ColumnRef::named(resource, name), comparison })
    }

    /// Its column.
    pub(crate) fn column(&self) -> &ColumnRef {
        &self.column
    }

    /// Whether the item matches. Both the displayed and the sent value count: `health=healthy` and `health=3`.
    pub(crate) fn keeps(&self, item: &Item, style: &CellStyle) -> bool {
        self.judge(item, style, str::eq_ignore_ascii_case)
    }

    /// The same, but the first word is enough: `status=deployed` for `Deployed successfully`.
    pub(crate) fn keeps_by_word(&self, item: &Item) -> bool {
        let has_words = matches!(self.column.cell(item), Cell::State(..));
        self.judge(item, &CellStyle::plain(), |seen, wanted| {
            let first = seen.split(' ').next().filter(|_| has_words).unwrap_or(seen);
            seen.eq_ignore_ascii_case(wanted) || first.eq_ignore_ascii_case(wanted)
        })
    }

    fn judge(&self, item: &Item, style: &CellStyle, same: impl Fn(&str, &str) -> bool) -> bool {
        let cell = self.column.cell(item);
        let seen = cell.text(style);
        let sent = match item.at(self.column.name()) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => String::new(),
            Some(other) => other.to_string(),
        };
        let is = |wanted: &str| same(&seen, wanted) || sent.eq_ignore_ascii_case(wanted);
        match &self.comparison {
            Comparison::Is(wanted) => is(wanted),
            Comparison::IsNot(wanted) => !is(wanted),
            Comparison::Matches(expression) => expression.is_match(&seen) || expression.is_match(&sent),
        }
    }
}

/// `--sort`.
pub(crate) struct SortBy {
    column: ColumnRef,
    descending: bool,
}

impl SortBy {
    /// Parses `COL` or `COL:desc`.
    pub(crate) fn parse(resource: &Noun, text: &str) -> Result<Self> {
        let (name, descending) = match text.rsplit_once(':') {
            None => (text, false),
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

    /// Sorts items; equal ones keep their order.
    pub(crate) fn sort(&self, items: &mut Vec<Item>) {
        let mut keyed: Vec<(Cell, Item)> = items.drain(..).map(|item| (self.column.cell(&item), item)).collect();
        keyed.sort_by(|(a, _), (b, _)| match (a, b) {
            // Missing values come last, in either direction.
            (Cell::Empty, _) | (_, Cell::Empty) => a.compare(b),
            _ if self.descending => b.compare(a),
            _ => a.compare(b),
        });
        items.extend(keyed.into_iter().map(|(_, item)| item));
    }
}

/// Whether any of these columns needs the whole item parsed.
pub(crate) fn need_paths<'c>(columns: impl IntoIterator<Item = &'c ColumnRef>) -> bool {
    columns.into_iter().any(ColumnRef::is_path)
}
