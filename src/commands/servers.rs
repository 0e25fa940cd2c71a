//! `c66 servers`.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::context::Context;
use super::settings::{self, Place};
use super::stacks::health_cell;
use crate::args::deferred::Group;
use crate::args::{ShowArgs, StackArgs};
use crate::cli::runtime::{ServerArgs, ServerSettings, Servers as Command};
use crate::cloud66::endpoints::{SERVERS_LIST, SERVERS_SHOW};
use crate::cloud66::envelope::Document;
use crate::cloud66::servers::{Server, conceal};
use crate::commands::context::stack_match::Target;
use crate::commands::context::stack_requests::{all_in_stack, list_in_stack, request_in_stack, show_found};
use crate::error::{Error, Result};
use crate::files::private::PrivateFile;
use crate::http::Request;
use crate::output::Format;
use crate::output::cell::Cell;
use crate::resource::find::is_uid;
use crate::resource::find::named::{self, Names, Noun};
use crate::resource::show::show;
use crate::resource::{Column, Resource};

/// Servers.
pub(crate) struct Servers;

impl Resource for Servers {
    type View = Server;
    const SINGULAR: &'static str = "server";
    const PLURAL: &'static str = "servers";
    // A later API sends the key unasked, at least its field.
    const SECRET: bool = true;
    const COLUMNS: &'static [Column<Server>] = &[
        Column::new("name", |server| server.name.clone().into()),
        Column::new("address", |server| server.address.clone().into()),
        Column::new("roles", |server| Cell::Text(server.server_roles.join(", "))),
        Column::new("health", |server| health_cell(server.health_state)),
        Column::new("distro", |server| server.system().into()),
        Column::new("group", |server| server.server_group_id.into()),
        Column::new("uid", |server| server.uid.clone().into()),
        Column::wide("type", |server| server.server_type.clone().into()),
        Column::wide("region", |server| server.region.clone().into()),
        Column::wide("user", |server| server.user_name.clone().into()),
        Column::wide("dns", |server| server.dns_record.clone().into()),
        Column::wide("internal_address", |server| server.int_ipv4.clone().into()),
        Column::wide("external_address", |server| server.ext_ipv4.clone().into()),
        Column::wide("agent", |server| server.has_agent.into()),
        Column::wide("vendor_uid", |server| server.vendor_uid.clone().into()),
        Column::wide("created", |server| server.created_at.into()),
        Column::wide("updated", |server| server.updated_at.into()),
    ];

    fn id(view: &Server) -> Option<String> {
        view.uid.clone()
    }

    fn conceal(item: &mut Value) {
        conceal(item);
    }
}

/// Carries out `c66 servers …`.
pub(crate) async fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::List { stack, list } => list_in_stack::<Servers>(context, &stack, &list, &SERVERS_LIST, &[]).await,
        Command::Show { server, stack, show } => {
            show_found::<Servers>(context, &stack, &show, async |target| {
                let server = find(context, target, &server).await?;
                context.cloud66().await?.fetch(&show_request(target, &server)?).await
            })
            .await
        }
        Command::Key { server, out, force, stack } => key(context, &server, out, force, &stack).await,
        Command::Settings(Group(command)) => run_settings(context, command).await,
    }
}

async fn run_settings(context: &Context, command: ServerSettings) -> Result<()> {
    match command {
        ServerSettings::List { server, stack, list } => settings::list(context, &stack, &list, Some(&server)).await,
        ServerSettings::Get { server, key, stack } => {
            let read = async |target: &Target| {
                let server = find(context, target, &server).await?;
                settings::get(context, &Place::server(target, &server), &key).await
            };
            context.read_in_stack(&stack, read).await
        }
        ServerSettings::Set { server, change } => {
            let target = context.stack_to_change(&change.stack, &change.write).await?;
            let server = find(context, &target, &server).await?;
            settings::set(context, &Place::server(&target, &server), &change).await
        }
    }
}

/// The server that is meant: a UID is taken as it is, a name, an address, or the beginning of one is looked up.
pub(crate) async fn find(context: &Context, target: &Target, wanted: &str) -> Result<Server> {
    if is_uid(wanted) {
        return Ok(Server { uid: Some(wanted.to_owned()), ..Server::default() });
    }
    choose(&servers(context, target).await?, target, wanted)
}

/// The one of `servers` that is meant.
pub(crate) fn choose(servers: &[Server], target: &Target, wanted: &str) -> Result<Server> {
    let noun = Noun { singular: Servers::SINGULAR, plural: Servers::PLURAL, place: &target.label() };
    let found = named::choose(noun, servers, wanted, |server| {
        let mut names = Names::of(server.uid(), server.name.as_deref().unwrap_or_default());
        let others = [&server.address, &server.int_ipv4, &server.ext_ipv4, &server.dns_record];
        names.others.extend(others.into_iter().flatten().map(String::as_str));
        names
    })?;
    Ok(found.clone())
}

/// The servers of a stack.
pub(crate) async fn servers(context: &Context, target: &Target) -> Result<Vec<Server>> {
    all_in_stack(context, target, &SERVERS_LIST, &[]).await
}

/// The request, narrowed to the server that `--server` names.
pub(crate) async fn on_server(
    context: &Context,
    target: &Target,
    request: Request,
    server: &ServerArgs,
) -> Result<Request> {
    let Some(wanted) = &server.server else { return Ok(request) };
    Ok(narrowed(request, &find(context, target, wanted).await?))
}

/// The request, narrowed to one server.
pub(crate) fn narrowed(mut request: Request, server: &Server) -> Request {
    request.query.push(("server_uid".to_owned(), server.uid().to_owned()));
    request
}

/// The request for one server.
pub(crate) fn show_request(target: &Target, server: &Server) -> Result<Request> {
    request_in_stack(target, &SERVERS_SHOW, &[("server_id", server.uid())])
}

async fn key(context: &Context, wanted: &str, out: Option<PathBuf>, force: bool, stack: &StackArgs) -> Result<()> {
    let to_stdout = out.as_deref() == Some(Path::new("-"));
    let path = out.unwrap_or_else(|| file_name(wanted));
    // Before the first request: a key that cannot be kept need not be asked for.
    let file = if to_stdout { None } else { Some(PrivateFile::create(&path, force)?) };
    let target = context.stack(stack, false).await?;
    let server = find(context, &target, wanted).await?;
    let mut request = show_request(&target, &server)?;
    request.query.push(("include_private_key".to_owned(), "1".to_owned()));
    let server: Server = context.cloud66().await?.fetch(&request).await?.view()?;
    let mut key = server.private_key.clone().ok_or_else(|| {
        Error::not_found(format!("the API gives no private key to {} of {}", server.name(), target.label()))
    })?;
    context.console.hide(&key);
    if !key.ends_with('\n') {
        // Without it, ssh takes the file for no key.
        key.push('\n');
    }
    match file {
        None if context.plan.is_text_faithful() => {
            context.plan.document(&context.console, &Document::of(&json!({ "ok": true, "private_key": key })))?;
            context.console.flush()
        }
        None => {
            context.console.write(|out| out.write_all(key.as_bytes()))?;
            context.console.flush()
        }
        Some(file) => {
            file.finish(key.as_bytes())?;
            saved(context, &path)
        }
    }
}

/// The name of the file for the key to a server: as the user named it, never as the API does.
fn file_name(wanted: &str) -> PathBuf {
    let harmless = |letter: char| if letter.is_alphanumeric() || matches!(letter, '.' | '_') { letter } else { '-' };
    let stem: String = wanted.trim().trim_start_matches('.').chars().map(harmless).collect();
    PathBuf::from(format!("{}.pem", if stem.is_empty() { "server" } else { &stem }))
}

/// Says where the key is.
fn saved(context: &Context, path: &Path) -> Result<()> {
    if matches!(context.plan.format, Format::Table | Format::Wide | Format::Name) && context.plan.jq.is_none() {
        context.console.write(|out| writeln!(out, "{}", path.display()))?;
        return context.console.flush();
    }
    let document = Document::of(&json!({ "ok": true, "file": path.display().to_string() }));
    show::<KeyFiles>(&context.console, &context.plan, &ShowArgs::default(), document)
}

/// Keys that were saved.
struct KeyFiles;

#[derive(serde::Deserialize)]
struct KeyFile {
    file: String,
}

impl Resource for KeyFiles {
    type View = KeyFile;
    const SINGULAR: &'static str = "key";
    const PLURAL: &'static str = "keys";
    const COLUMNS: &'static [Column<KeyFile>] = &[Column::new("file", |key| key.file.as_str().into())];

    fn id(view: &KeyFile) -> Option<String> {
        Some(view.file.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::file_name;

    #[test]
    fn the_file_of_a_key_stays_in_this_folder() {
        for (wanted, expected) in [
            ("caribou", "caribou.pem"),
            ("146.185.133.183", "146.185.133.183.pem"),
            ("../../etc/x", "-..-etc-x.pem"),
            ("c:\\x", "c--x.pem"),
            ("..", "server.pem"),
        ] {
            assert_eq!(file_name(wanted), Path::new(expected), "{wanted}");
        }
    }
}
