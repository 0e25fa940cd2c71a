//! `c66 cloudmc list`, `get`, `create`, `update`, `delete` and `do`: the resources of any type of any service.

mod columns;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod operate;
pub(super) mod print;
pub(crate) mod update;

use super::body::with_query;
use super::cells::{self, noun, state};
use super::find;
use super::location::{Location, LocationArgs};
use super::write::WriteLabels;
use crate::cloudmc::endpoints::{ENTITIES_LIST, ENTITIES_SHOW};
use crate::cloudmc::{CloudMc, request};
use crate::error::{Error, Kind, Result};
use crate::http::document::Document;
use crate::http::endpoint::Method;
use crate::http::fields::Fields;
use crate::resource::noun::Noun;
use crate::resource::{Column, Resource, key};

/// Resources of any type of any service.
struct Entities;

impl Resource for Entities {
    type View = Fields;
    const NOUN: &'static Noun = &noun::<Self>("thing", "things").listed_by(&ENTITIES_LIST).shown_by(&ENTITIES_SHOW);
    // The other columns depend on the rows: see `columns`.
    const COLUMNS: &'static [Column<Fields>] = &[
        key(Column::text("id", "id for other commands", |entity| entity.text("id").into())),
        key(Column::text("name", "name for other commands", |entity| entity.text("name").into())),
        Column::text("state", "such as Running or Stopped", |entity| state(entity, "state")),
    ];

    fn id(entity: &Fields) -> Option<String> {
        cells::id(entity)
    }
}

/// The resource of a write: its type, and its id or name.
struct Target<'t> {
    kind: &'t str,
    /// The id, or with `--by-name` the name.
    named: &'t str,
    id: String,
    by_name: bool,
}

impl<'t> Target<'t> {
    /// The resource with that id. A name is looked up only with `--by-name`: a write must not guess.
    async fn find(
        client: &CloudMc,
        location: &Location<'_>,
        args: &LocationArgs,
        (kind, named): (&'t str, &'t str),
        by_name: bool,
    ) -> Result<Self> {
        let id = if by_name {
            find::row(fetch_all(client, location, kind, args).await?, kind, &location.label(), named)?.id
        } else {
            named.to_owned()
        };
        Ok(Self { kind, named, id, by_name })
    }

    /// Its name in messages; with the id if the user gave a name.
    fn label(&self) -> String {
        let Self { kind, named, id, .. } = self;
        if id == named { format!("{kind} {named}") } else { format!("{kind} {named} ({id})") }
    }

    /// Its path segments.
    fn path_params<'p>(&'p self, location: &'p Location<'_>) -> [(&'static str, &'p str); 4] {
        path_params(location, self.kind, &self.id)
    }

    /// The outcome of a write; adds a hint if a name was given as an id.
    fn with_name_hint(&self, outcome: Result<()>) -> Result<()> {
        outcome.map_err(|error| {
            if self.by_name || error.kind() != Kind::NotFound {
                return error;
            }
            error.hint(format!("`{}` is treated as an id; pass --by-name for a name", self.named))
        })
    }
}

/// The path segments of a resource.
fn path_params<'p>(location: &'p Location<'_>, kind: &'p str, id: &'p str) -> [(&'static str, &'p str); 4] {
    let [service, environment, kind] = location.path_params(kind);
    [service, environment, kind, ("id", id)]
}

/// All resources of a type.
async fn fetch_all(
    client: &CloudMc,
    location: &Location<'_>,
    kind: &str,
    args: &LocationArgs,
) -> Result<Vec<Document>> {
    client.fetch_all(&with_query(request(&ENTITIES_LIST, &location.path_params(kind))?, &args.query)?).await
}

/// The labels of a write to `object` at a location: `verb` is an imperative and `noun` the work.
fn write_labels(verb: &str, noun: &str, object: &str, location: &Location<'_>) -> WriteLabels {
    let location = location.label();
    WriteLabels { prompt: format!("{verb} {object} in {location}"), label: format!("{noun} of {object} in {location}") }
}

/// Parses the value of `--method`.
fn parse_method(word: &str) -> Result<Method> {
    Method::ALL
        .into_iter()
        .find(|method| method.as_str().eq_ignore_ascii_case(word))
        .ok_or_else(|| Error::usage(format!("invalid method `{word}`")))
}

fn too_few_words() -> Error {
    Error::internal("missing arguments")
}
