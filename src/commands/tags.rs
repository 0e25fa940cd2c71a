//! `c66 tags`: tags of servers and load balancers.

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::account_write::send_as;
use super::context::Context;
use crate::args::{ListArgs, WriteArgs};
use crate::cloud66::endpoints::{TAGS_DELETE, TAGS_LIST, TAGS_PATCH, TAGS_REPLACE};
use crate::cloud66::envelope::Document;
use crate::cloud66::tags::TaggedEntity;
use crate::cloud66::{request, with_field};
use crate::commands::deferred::Deferred;
use crate::error::{Error, Result};
use crate::http::Request;
use crate::http::endpoint::Endpoint;
use crate::output::cell::Cell;
use crate::resource::list::Listing;
use crate::resource::noun::Noun;
use crate::resource::verb::{Asks, Verb};
use crate::resource::write::acknowledge;
use crate::resource::{Column, Resource, key, minor, wide};

/// `c66 tags …`
#[derive(Debug, Subcommand)]
pub(crate) enum TagsCommand {
    /// List the tags of a server or a load balancer
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 tags list loadbalancer 17823")]
    #[command(add = Verb::list(Tags::NOUN))]
    List {
        #[command(flatten)]
        entity: EntityArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Add tags
    #[command(after_help = "Example:\n  c66 tags add server 57648 web eu")]
    #[command(add = Verb::calls(&[&TAGS_PATCH]).asks(Asks::Never))]
    Add(Deferred<ChangeTagsArgs>),
    /// Remove tags
    #[command(alias = "delete", after_help = "Example:\n  c66 tags remove server 57648 eu")]
    #[command(add = Verb::calls(&[&TAGS_PATCH]).asks(Asks::Never))]
    Remove(Deferred<ChangeTagsArgs>),
    /// Replace all tags
    #[command(
        after_help = "Example:\n  c66 tags set loadbalancer 17823 foo web\n\nTags that are not listed are lost; if there are any, it asks first."
    )]
    #[command(add = Verb::calls(&[&TAGS_REPLACE, &TAGS_LIST]).asks(Asks::Never).asks_also("if tags are lost"))]
    Set(Deferred<ChangeTagsArgs>),
    /// Remove all tags
    #[command(after_help = "Example:\n  c66 tags clear loadbalancer 17823 --yes")]
    #[command(add = Verb::calls(&[&TAGS_DELETE]).asks(Asks::Always))]
    Clear {
        #[command(flatten)]
        entity: EntityArgs,
        #[command(flatten)]
        write: WriteArgs,
    },
}

/// What has tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EntityType {
    Server,
    #[value(alias = "load-balancer")]
    Loadbalancer,
}

/// A server or a load balancer.
#[derive(Args, Debug)]
pub(crate) struct EntityArgs {
    /// What has the tags
    #[arg(value_name = "ENTITY")]
    pub(crate) kind: EntityType,
    /// Its ID
    pub(crate) id: String,
}

/// A change of tags.
#[derive(Args, Debug)]
pub(crate) struct ChangeTagsArgs {
    #[command(flatten)]
    pub(crate) entity: EntityArgs,
    /// Tags
    #[arg(required = true, value_name = "TAG")]
    pub(crate) tags: Vec<String>,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
}

/// Tags of an entity.
struct Tags;

impl Resource for Tags {
    type View = TaggedEntity;
    const NOUN: &'static Noun = &Noun::new::<Self>("tagged entity", "tags").listed_by(&TAGS_LIST);
    const COLUMNS: &'static [Column<TaggedEntity>] = &[
        key(Column::text("entity", "server or loadbalancer", |entity| entity.entity_type.clone().into())),
        key(Column::text("id", "id of the server or load balancer", |entity| entity.entity_id.clone().into())),
        Column::text("tags", "its tags", |entity| joined(entity, false)),
        minor(Column::time("updated", "when they were last changed", |entity| entity.updated_at.clone().into())),
        wide(Column::text("reserved", "tags that Cloud 66 keeps for itself", |entity| joined(entity, true))),
        wide(Column::time("created", "when it was first tagged", |entity| entity.created_at.clone().into())),
    ];

    fn id(view: &TaggedEntity) -> Option<String> {
        view.entity_id.clone()
    }
}

/// The tags of an entity, or only the reserved ones.
fn joined(entity: &TaggedEntity, only_reserved: bool) -> Cell {
    let tags = entity.tags.iter().filter(|tag| tag.reserved || !only_reserved);
    Cell::Text(tags.map(|tag| tag.value.as_str()).collect::<Vec<_>>().join(" "))
}

impl EntityArgs {
    fn request(&self, endpoint: &'static Endpoint) -> Result<Request> {
        request(endpoint, &[("entity_type", self.word()), ("entity_id", &self.id)])
    }

    fn word(&self) -> &'static str {
        match self.kind {
            EntityType::Server => "server",
            EntityType::Loadbalancer => "loadbalancer",
        }
    }

    fn label(&self) -> String {
        format!("{} {}", self.word(), self.id)
    }
}

/// Runs `c66 tags …`.
pub(crate) async fn run(context: &Context, command: TagsCommand) -> Result<()> {
    match command {
        TagsCommand::List { entity, list } => {
            let Some(listing) = Listing::of::<Tags>(&context.printer, &list)? else { return Ok(()) };
            let found = context.cloud66().await?.call(&entity.request(&TAGS_LIST)?).await?;
            listing.print_documents(found.map(entities).unwrap_or_default()).await
        }
        TagsCommand::Add(Deferred(args)) => {
            let prompt = format!("Add {} to {}", args.tags.join(", "), args.entity.label());
            patch(context, &args, "add", &prompt).await
        }
        TagsCommand::Remove(Deferred(args)) => {
            let prompt = format!("Remove {} from {}", args.tags.join(", "), args.entity.label());
            patch(context, &args, "delete", &prompt).await
        }
        TagsCommand::Set(Deferred(args)) => set(context, &args).await,
        TagsCommand::Clear { entity, write } => {
            let prompt = format!("Remove all tags of {}", entity.label());
            change(context, Asks::Never, &entity.request(&TAGS_DELETE)?, &prompt, &write).await
        }
    }
}

async fn patch(context: &Context, args: &ChangeTagsArgs, operation: &str, prompt: &str) -> Result<()> {
    check(&args.tags)?;
    let operations: Vec<Value> = vec![json!({ "op": operation, "tags": args.tags })];
    let request = with_field(args.entity.request(&TAGS_PATCH)?, "operations", operations);
    change(context, Asks::Never, &request, prompt, &args.write).await
}

/// Replaces the tags; it asks if some are lost.
async fn set(context: &Context, args: &ChangeTagsArgs) -> Result<()> {
    check(&args.tags)?;
    let current = context.cloud66().await?.call(&args.entity.request(&TAGS_LIST)?).await?;
    let mut lost = Vec::new();
    for entity in current.map(entities).unwrap_or_default() {
        let entity: TaggedEntity = entity.view()?;
        let goes = |tag: &String| !args.tags.contains(tag);
        lost.extend(entity.tags.into_iter().filter(|tag| !tag.reserved).map(|tag| tag.value).filter(goes));
    }
    let mut prompt = format!("Set the tags of {} to {}", args.entity.label(), args.tags.join(", "));
    if !lost.is_empty() {
        prompt = format!("{prompt}, and remove {}", lost.join(", "));
    }
    let request = with_field(args.entity.request(&TAGS_REPLACE)?, "tags", args.tags.clone());
    let asks = if lost.is_empty() { Asks::Never } else { Asks::Always };
    change(context, asks, &request, &prompt, &args.write).await
}

/// Sends a change, which asks at least so, and prints the tags in the reply.
async fn change(context: &Context, asks: Asks, request: &Request, prompt: &str, write: &WriteArgs) -> Result<()> {
    match send_as(context, asks, request, prompt, write).await? {
        None => Ok(()),
        Some(Some(reply)) => match Listing::of::<Tags>(&context.printer, &ListArgs::default())? {
            Some(listing) => listing.print_documents(entities(reply)).await,
            None => Ok(()),
        },
        Some(None) => acknowledge(context.cloud66().await?.transport(), None, "Tags changed."),
    }
}

/// The entities of a reply: a list in the documentation, one object for the official client.
fn entities(reply: Document) -> Vec<Document> {
    reply.items().unwrap_or_else(|| vec![reply])
}

fn check(tags: &[String]) -> Result<()> {
    match tags.iter().find(|tag| tag.trim().is_empty()) {
        Some(_) => Err(Error::usage("a tag must not be empty")),
        None => Ok(()),
    }
}
