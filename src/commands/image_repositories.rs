//! `c66 image-repositories`: where the account pulls Docker images from.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::account_write::{list_all, send, send_and_acknowledge};
use super::context::Context;
use crate::args::{ListArgs, ShowArgs, WriteArgs};
use crate::cloud66::endpoints::{
    IMAGE_REPOSITORIES_CREATE, IMAGE_REPOSITORIES_DELETE, IMAGE_REPOSITORIES_LIST, IMAGE_REPOSITORIES_SHOW,
    IMAGE_REPOSITORIES_UPDATE,
};
use crate::cloud66::image_repositories::ImageRepository;
use crate::cloud66::{request, with_field};
use crate::commands::deferred::Deferred;
use crate::error::{Error, Result};
use crate::files::input;
use crate::http::Request;
use crate::resource::noun::Noun;
use crate::resource::show::{print_column_help_if_asked, show};
use crate::resource::verb::{Asks, Verb};
use crate::resource::write::acknowledge;
use crate::resource::{Column, Resource, key, minor, wide};

/// `c66 image-repositories …`
#[derive(Debug, Subcommand)]
pub(crate) enum ImageRepositoriesCommand {
    /// List the Docker image repositories of the account
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 image-repositories list")]
    #[command(add = Verb::list(ImageRepositories::NOUN))]
    List(Deferred<ListArgs>),
    /// Show one image repository
    #[command(after_help = "Example:\n  c66 image-repositories show 3")]
    #[command(add = Verb::show(ImageRepositories::NOUN))]
    Show {
        /// ID of the repository
        #[arg(add = ImageRepositories::NOUN.names())]
        id: u64,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Add an image repository
    #[command(
        after_help = "Example:\n  pass show quay | c66 image-repositories add --url https://quay.io --email me@example.com --username me --password-file -"
    )]
    Add(Deferred<AddRepositoryArgs>),
    /// Change an image repository
    #[command(
        after_help = "Example:\n  c66 image-repositories update 3 --username robot --password-file password.txt\n\nThe API replaces the whole repository, so the password is always needed. Other omitted options keep their values."
    )]
    Update(Deferred<UpdateRepositoryArgs>),
    /// Remove an image repository
    #[command(after_help = "Example:\n  c66 image-repositories remove 3 --yes")]
    #[command(add = Verb::calls(&[&IMAGE_REPOSITORIES_DELETE]).asks(Asks::Always))]
    Remove {
        /// ID of the repository
        #[arg(add = ImageRepositories::NOUN.names())]
        id: u64,
        #[command(flatten)]
        write: WriteArgs,
    },
}

/// `c66 image-repositories add`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&IMAGE_REPOSITORIES_CREATE]).asks(Asks::Never))]
pub(crate) struct AddRepositoryArgs {
    /// Address of the repository
    #[arg(long)]
    pub(crate) url: String,
    /// E-mail address of the user
    #[arg(long)]
    pub(crate) email: String,
    /// Login user
    #[arg(long)]
    pub(crate) username: String,
    /// File with the password, - for stdin [default: asks for it]
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
}

/// `c66 image-repositories update`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&IMAGE_REPOSITORIES_UPDATE, &IMAGE_REPOSITORIES_SHOW]).asks(Asks::Never))]
pub(crate) struct UpdateRepositoryArgs {
    /// ID of the repository
    #[arg(add = ImageRepositories::NOUN.names())]
    pub(crate) id: u64,
    /// Address of the repository
    #[arg(long)]
    pub(crate) url: Option<String>,
    /// E-mail address of the user
    #[arg(long)]
    pub(crate) email: Option<String>,
    /// Login user
    #[arg(long)]
    pub(crate) username: Option<String>,
    /// File with the password, - for stdin [default: asks for it]
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
}

/// Image repositories.
struct ImageRepositories;

impl Resource for ImageRepositories {
    type View = ImageRepository;
    const NOUN: &'static Noun = &Noun::new::<Self>("image repository", "image repositories")
        .listed_by(&IMAGE_REPOSITORIES_LIST)
        .shown_by(&IMAGE_REPOSITORIES_SHOW)
        .named_by(&["id"])
        .told_apart_by(&["url", "username"]);
    const COLUMNS: &'static [Column<ImageRepository>] = &[
        key(Column::number("id", "id for other commands", |repository| repository.id.into())),
        Column::text("url", "address", |repository| repository.url.clone().into()),
        Column::text("username", "login user", |repository| repository.username.clone().into()),
        minor(Column::text("email", "e-mail address of the user", |repository| repository.email.clone().into())),
        minor(Column::time("updated", "when it was last changed", |repository| repository.updated_at.clone().into())),
        wide(Column::time("created", "when it was added", |repository| repository.created_at.clone().into())),
    ];

    fn id(view: &ImageRepository) -> Option<String> {
        view.id.map(|id| id.to_string())
    }
}

/// Runs `c66 image-repositories …`.
pub(crate) async fn run(context: &Context, command: ImageRepositoriesCommand) -> Result<()> {
    match command {
        ImageRepositoriesCommand::List(Deferred(list)) => list_all::<ImageRepositories>(context, &list).await,
        ImageRepositoriesCommand::Show { id, show: args } => {
            if print_column_help_if_asked::<ImageRepositories>(&context.printer, &args)? {
                return Ok(());
            }
            let request = repository_request(&IMAGE_REPOSITORIES_SHOW, id)?;
            show::<ImageRepositories>(&context.printer, &args, context.cloud66().await?.fetch(&request).await?)
        }
        ImageRepositoriesCommand::Add(Deferred(args)) => add(context, args).await,
        ImageRepositoriesCommand::Update(Deferred(args)) => update(context, args).await,
        ImageRepositoriesCommand::Remove { id, write } => {
            let request = repository_request(&IMAGE_REPOSITORIES_DELETE, id)?;
            let prompt = format!("Remove image repository {id}");
            send_and_acknowledge(context, &request, &prompt, &write, "Image repository removed.").await
        }
    }
}

fn repository_request(endpoint: &'static crate::http::endpoint::Endpoint, id: u64) -> Result<Request> {
    request(endpoint, &[("image_repository_id", &id.to_string())])
}

async fn add(context: &Context, args: AddRepositoryArgs) -> Result<()> {
    let password = password(context, args.password_file.as_deref())?;
    let request = request(&IMAGE_REPOSITORIES_CREATE, &[])?;
    let request = filled(request, [&args.url, &args.email, &args.username, &password]);
    write(context, &request, &format!("Add image repository {}", args.url), &args.write).await
}

async fn update(context: &Context, args: UpdateRepositoryArgs) -> Result<()> {
    if args.url.is_none() && args.email.is_none() && args.username.is_none() && args.password_file.is_none() {
        return Err(Error::usage("nothing to change").hint("see c66 image-repositories update --help"));
    }
    let password = password(context, args.password_file.as_deref())?;
    let current = context.cloud66().await?.fetch(&repository_request(&IMAGE_REPOSITORIES_SHOW, args.id)?).await?;
    let current: ImageRepository = current.view()?;
    let values = [args.url.or(current.url), args.email.or(current.email), args.username.or(current.username)];
    let [url, email, username] = values.map(Option::unwrap_or_default);
    let request = repository_request(&IMAGE_REPOSITORIES_UPDATE, args.id)?;
    let request = filled(request, [&url, &email, &username, &password]);
    write(context, &request, &format!("Change image repository {}", args.id), &args.write).await
}

/// Sends a change and prints the repository in the reply.
async fn write(context: &Context, request: &Request, prompt: &str, write: &WriteArgs) -> Result<()> {
    match send(context, request, prompt, write).await? {
        None => Ok(()),
        Some(Some(repository)) => show::<ImageRepositories>(&context.printer, &ShowArgs::default(), repository),
        Some(None) => acknowledge(context.cloud66().await?.transport(), None, "Image repository saved."),
    }
}

fn filled(request: Request, values: [&String; 4]) -> Request {
    let names = ["url", "email", "username", "password"];
    names.into_iter().zip(values).fold(request, |request, (name, value)| with_field(request, name, value.as_str()))
}

/// The password, from a file or stdin, else typed.
fn password(context: &Context, file: Option<&Path>) -> Result<String> {
    let instead = "pass --password-file FILE (- reads stdin)";
    let password = match file {
        Some(path) => input::read(path)?.trim_end_matches(['\n', '\r']).to_owned(),
        None => context.prompter()?.secret("Password", instead)?,
    };
    if password.is_empty() {
        return Err(Error::usage("the password is empty").hint(instead));
    }
    context.printer.add_secret(&password);
    Ok(password)
}
