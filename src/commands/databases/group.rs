//! The server group of databases, and what is in it.

use clap::Args;

use crate::cloud66::endpoints::DATABASE_TYPES;
use crate::cloud66::envelope::Document;
use crate::cloud66::servers::ServerGroup;
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::stack_requests::request_in_stack;
use crate::commands::server_groups::{ServerGroups, group_id, groups};
use crate::error::{Error, Result};
use crate::http::Request;
use crate::http::endpoint::Endpoint;
use crate::resource::Resource;
use crate::resource::find::named::{self, ItemNames, LookupLabels};
use crate::text::sanitize::sanitize;

/// A server group with databases.
#[derive(Args, Debug)]
pub(crate) struct GroupArgs {
    /// Server group: ID, name or type [default: the only one with databases]
    #[arg(long, value_name = "GROUP")]
    #[arg(add = ServerGroups::NOUN.names())]
    pub(crate) group: Option<String>,
}

impl GroupArgs {
    /// A request of the chosen group.
    pub(super) async fn request(
        &self,
        context: &Context,
        target: &StackRef,
        endpoint: &'static Endpoint,
    ) -> Result<Request> {
        self.choose(context, target).await?.request(endpoint, &[])
    }

    /// The chosen group, or the only one of a database type.
    pub(super) async fn choose<'t>(&self, context: &Context, target: &'t StackRef) -> Result<DatabaseGroup<'t>> {
        let id = match &self.group {
            Some(wanted) => group_id(context, target, wanted).await?.to_string(),
            None => only_group(&groups(context, target).await?, target)?,
        };
        Ok(DatabaseGroup { target, id })
    }
}

/// The id of the only group of a database type.
fn only_group(groups: &[ServerGroup], target: &StackRef) -> Result<String> {
    let is_database = |group: &&ServerGroup| group.kind.as_deref().is_some_and(|kind| DATABASE_TYPES.contains(&kind));
    let found: Vec<(u64, &ServerGroup)> =
        groups.iter().filter(is_database).filter_map(|group| Some((group.id?, group))).collect();
    match found.as_slice() {
        [(id, _)] => Ok(id.to_string()),
        [] => Err(Error::not_found(format!("{} has no server group of a database type", target.label()))
            .hint("pass --group ID if one of its groups has databases")),
        several => {
            let line = |(id, group): &(u64, &ServerGroup)| {
                format!("{id}  {}", sanitize(group.name.as_deref().or(group.kind.as_deref()).unwrap_or_default()))
            };
            Err(Error::usage(format!("choose one of {} server groups with databases", several.len()))
                .cause(several.iter().map(line).collect::<Vec<_>>().join("\n"))
                .hint("pass --group ID"))
        }
    }
}

/// A server group with databases.
pub(super) struct DatabaseGroup<'t> {
    target: &'t StackRef,
    id: String,
}

impl DatabaseGroup<'_> {
    /// A request for something of the group; `parts` are the other path segments.
    pub(super) fn request(&self, endpoint: &'static Endpoint, parts: &[(&str, &str)]) -> Result<Request> {
        request_in_stack(self.target, endpoint, &[&[("server_group_id", &*self.id)], parts].concat())
    }

    /// Every item of `R` of the group, typed.
    pub(super) async fn all<R: Resource>(&self, context: &Context) -> Result<Vec<R::View>> {
        let request = self.request(R::NOUN.list_endpoint()?, &[])?;
        context.cloud66().await?.fetch_all(request).await?.iter().map(Document::view).collect()
    }

    /// The UIDs of the wanted items of `R`; nothing is listed if none is wanted.
    pub(super) async fn uids<R: Resource>(
        &self,
        context: &Context,
        wanted: &[String],
        names: impl Fn(&R::View) -> ItemNames<'_>,
    ) -> Result<Vec<String>> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let all = self.all::<R>(context).await?;
        let owner = self.target.label();
        let labels = LookupLabels::of(R::NOUN, &owner);
        let found = wanted.iter().map(|wanted| {
            let item = named::choose(labels, &all, wanted, &names)?;
            uid_of::<R>(item)
        });
        found.collect()
    }

    /// The wanted item of `R`, with its UID.
    pub(super) async fn find<R: Resource>(
        &self,
        context: &Context,
        wanted: &str,
        names: impl Fn(&R::View) -> ItemNames<'_>,
    ) -> Result<(String, R::View)> {
        let mut all = self.all::<R>(context).await?;
        let owner = self.target.label();
        let found = named::choose(LookupLabels::of(R::NOUN, &owner), &all, wanted, names)?;
        let uid = uid_of::<R>(found)?;
        let position = all.iter().position(|item| R::id(item).as_ref() == Some(&uid)).unwrap_or_default();
        Ok((uid, all.swap_remove(position)))
    }
}

/// The UID of an item, by which the API takes it.
fn uid_of<R: Resource>(item: &R::View) -> Result<String> {
    R::id(item).ok_or_else(|| {
        let message = format!("the API returned a {} without a UID", R::NOUN.singular);
        Error::new(crate::error::Kind::BadReply, message)
    })
}
