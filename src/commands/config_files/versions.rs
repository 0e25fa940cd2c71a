//! `c66 config-files versions`: the versions of service.yml and manifest.yml.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::print_or_save;
use crate::args::{ListArgs, ShowArgs, StackArgs, WriteArgs};
use crate::cloud66::config_files::FileVersion;
use crate::cloud66::endpoints::{
    MANIFEST_YAML_CREATE, MANIFEST_YAML_LIST, MANIFEST_YAML_SHOW, SERVICE_YAML_CREATE, SERVICE_YAML_LIST,
    SERVICE_YAML_SHOW,
};
use crate::cloud66::with_field;
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::stack_requests::{list_with_request, request_in_stack};
use crate::error::{Error, Result};
use crate::files::input;
use crate::http::endpoint::Endpoint;
use crate::resource::noun::Noun;
use crate::resource::show::show;
use crate::resource::verb::{Asks, Verb};
use crate::resource::write::acknowledge;
use crate::resource::{Column, Resource, key, minor};

/// A file with versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum VersionedFile {
    #[value(alias = "service.yml")]
    Service,
    #[value(alias = "manifest.yml")]
    Manifest,
}

impl VersionedFile {
    /// Lists, shows and adds its versions.
    fn endpoints(self) -> [&'static Endpoint; 3] {
        match self {
            Self::Service => [&SERVICE_YAML_LIST, &SERVICE_YAML_SHOW, &SERVICE_YAML_CREATE],
            Self::Manifest => [&MANIFEST_YAML_LIST, &MANIFEST_YAML_SHOW, &MANIFEST_YAML_CREATE],
        }
    }

    /// Its parameter.
    fn field(self) -> &'static str {
        match self {
            Self::Service => "service_yaml",
            Self::Manifest => "manifest_yaml",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Service => "service.yml",
            Self::Manifest => "manifest.yml",
        }
    }
}

/// `c66 config-files versions`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[
    &SERVICE_YAML_LIST, &SERVICE_YAML_SHOW, &SERVICE_YAML_CREATE,
    &MANIFEST_YAML_LIST, &MANIFEST_YAML_SHOW, &MANIFEST_YAML_CREATE,
]).prints(FileVersions::NOUN).asks(Asks::OnProduction))]
pub(crate) struct VersionsArgs {
    /// The file
    #[arg(value_name = "FILE")]
    pub(crate) file: VersionedFile,
    /// Print this version: its UID, or latest
    #[arg(long, value_name = "UID", conflicts_with = "add")]
    pub(crate) show: Option<String>,
    /// Add the content of this file as a new version; - reads stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) add: Option<PathBuf>,
    /// Comment on the new version
    #[arg(short, long, value_name = "TEXT", requires = "add")]
    pub(crate) message: Option<String>,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) list: ListArgs,
}

/// Versions of a file.
struct FileVersions;

impl Resource for FileVersions {
    type View = FileVersion;
    const NOUN: &'static Noun = &Noun::new::<Self>("version", "versions");
    const COLUMNS: &'static [Column<FileVersion>] = &[
        key(Column::text("uid", "UID, for --show", |version| version.uid.clone().into())),
        Column::time("created", "when it was added", |version| version.created_at.clone().into()),
        minor(Column::text("comments", "comments of the change", |version| version.comments.clone().into())),
    ];

    fn id(view: &FileVersion) -> Option<String> {
        view.uid.clone()
    }
}

/// Runs `c66 config-files versions`.
pub(super) async fn run(context: &Context, args: &VersionsArgs) -> Result<()> {
    let [list, shown, create] = args.file.endpoints();
    if let Some(path) = &args.add {
        return add(context, args, create, input::read(path)?).await;
    }
    if let Some(version) = &args.show {
        let target = context.stack(&args.stack, false).await?;
        let body = fetch(context, &target, list, shown, version).await?;
        return print_or_save(context, &body, None);
    }
    list_with_request::<FileVersions>(context, &args.stack, &args.list, async |target| {
        let mut request = request_in_stack(target, list, &[])?;
        request.query.push(("include_body".to_owned(), "false".to_owned()));
        Ok(request)
    })
    .await
}

/// The content of a version.
async fn fetch(
    context: &Context,
    target: &StackRef,
    list: &'static Endpoint,
    shown: &'static Endpoint,
    wanted: &str,
) -> Result<String> {
    let client = context.cloud66().await?;
    let uid = if wanted == "latest" {
        // The newest is the first.
        let page = client.page(&request_in_stack(target, list, &[])?).await?;
        let newest = page.items.into_iter().next().map(crate::cloud66::envelope::Document::new);
        let newest: Option<FileVersion> = newest.as_ref().map(crate::cloud66::envelope::Document::view).transpose()?;
        newest.and_then(|version| version.uid).ok_or_else(|| Error::not_found("the file has no versions"))?
    } else {
        wanted.to_owned()
    };
    let version: FileVersion =
        client.fetch(&request_in_stack(target, shown, &[("version_uid", &uid)])?).await?.view()?;
    Ok(version.body.unwrap_or_default())
}

async fn add(context: &Context, args: &VersionsArgs, create: &'static Endpoint, body: String) -> Result<()> {
    let target = context.stack_for_write(&args.stack, &args.write).await?;
    let mut request = with_field(request_in_stack(&target, create, &[])?, args.file.field(), body);
    if let Some(message) = &args.message {
        request = with_field(request, "comments", message.as_str());
    }
    let prompt = format!("Add a version of {} to {}", args.file.name(), target.label());
    if !context.confirm_write(&target, &prompt, std::slice::from_ref(&request), &args.write).await? {
        return Ok(());
    }
    match context.send(&target, &request).await? {
        Some(version) => show::<FileVersions>(&context.printer, &ShowArgs::default(), version),
        None => acknowledge(context.cloud66().await?.transport(), None, "Version added."),
    }
}
