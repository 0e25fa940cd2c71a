//! One description a resource, and the generic verbs over it.
//!
//! A resource says what its columns are; [`list`], [`show`] and [`change`] do paging, columns, sorting, filtering,
//! formats, jq, confirmation and dry run once, for all.

pub(crate) mod change;
pub(crate) mod columns;
pub(crate) mod description;
pub(crate) mod find;
pub(crate) mod list;
pub(crate) mod meanings;
pub(crate) mod print;
pub(crate) mod show;

use serde::de::DeserializeOwned;
use serde_json::Value;

use self::description::Description;
use crate::output::cell::Cell;

/// One column of a resource.
pub(crate) struct Column<V> {
    /// Name, as `--columns` takes it; in capitals it is the header.
    pub(crate) name: &'static str,
    /// Whether only `-o wide` and `show` have it.
    pub(crate) wide: bool,
    /// The value of an item in it.
    pub(crate) cell: fn(&V) -> Cell,
}

impl<V> Column<V> {
    /// A column of the default table.
    pub(crate) const fn new(name: &'static str, cell: fn(&V) -> Cell) -> Self {
        Self { name, wide: false, cell }
    }

    /// A column of the wide table.
    pub(crate) const fn wide(name: &'static str, cell: fn(&V) -> Cell) -> Self {
        Self { name, wide: true, cell }
    }
}

/// The description of a resource.
pub(crate) trait Resource: Sized + 'static {
    /// The fields that are used, typed.
    type View: DeserializeOwned + 'static;
    /// What one is called.
    const SINGULAR: &'static str;
    /// What many are called.
    const PLURAL: &'static str;
    /// Its columns, in order.
    const COLUMNS: &'static [Column<Self::View>];
    /// Whether items can hold what must not be shown unasked; then [`Resource::conceal`] strikes it out.
    const SECRET: bool = false;
    /// All of this as a value, which the verbs take.
    const DESCRIPTION: &'static Description = &Description::of::<Self>();

    /// The id that other commands accept.
    fn id(view: &Self::View) -> Option<String>;

    /// Strikes out what must not be shown unasked, in every format for people's eyes.
    fn conceal(_item: &mut Value) {}
}
