//! A resource as a value, for what need not know its type.
//!
//! The verbs take a [`Description`] and are not generic over [`Resource`]: so they are compiled once, and not for every
//! resource.

use std::any::Any;

use serde_json::Value;

use super::Resource;
use crate::cloud66::envelope::Document;
use crate::error::Result;
use crate::output::cell::Cell;

/// What the verbs need to know of a resource: its [`Resource::DESCRIPTION`].
pub(crate) struct Description {
    /// What many are called.
    pub(crate) plural: &'static str,
    /// Strikes out what must not be shown unasked, where there can be such.
    pub(super) conceal: Option<fn(&mut Value)>,
    /// Reads the typed fields of an item.
    pub(super) read: fn(&Document) -> Result<Box<dyn Facts>>,
    heading: fn(usize) -> Option<Heading>,
}

/// One of a resource's own columns.
#[derive(Clone, Copy)]
pub(crate) struct Heading {
    /// Its place among them, from 0.
    pub(super) place: usize,
    /// Its name.
    pub(crate) name: &'static str,
    /// Whether only `-o wide` and `show` have it.
    pub(crate) wide: bool,
}

/// The typed fields of an item of any resource.
pub(super) trait Facts: Any {
    /// The value in the column at that place.
    fn cell(&self, place: usize) -> Cell;

    /// The id that other commands accept.
    fn id(&self) -> Option<String>;
}

/// The typed fields of an item of `R`.
struct Typed<R: Resource>(R::View);

impl<R: Resource> Facts for Typed<R> {
    fn cell(&self, place: usize) -> Cell {
        (R::COLUMNS[place].cell)(&self.0)
    }

    fn id(&self) -> Option<String> {
        R::id(&self.0)
    }
}

impl dyn Facts {
    /// The fields themselves; none where they are those of another resource.
    pub(super) fn view<R: Resource>(&self) -> Option<&R::View> {
        let facts: &dyn Any = self;
        facts.downcast_ref::<Typed<R>>().map(|typed| &typed.0)
    }
}

impl Description {
    /// That of `R`.
    pub(super) const fn of<R: Resource>() -> Self {
        Self {
            plural: R::PLURAL,
            conceal: if R::SECRET { Some(R::conceal) } else { None },
            read: |document| Ok(Box::new(Typed::<R>(document.view()?))),
            heading: |place| {
                R::COLUMNS.get(place).map(|column| Heading { place, name: column.name, wide: column.wide })
            },
        }
    }

    /// The resource's own columns, in order.
    pub(crate) fn columns(&self) -> impl Iterator<Item = Heading> {
        (0..).map_while(self.heading)
    }
}
