//! `c66 servers`.

mod list;
mod register;
mod settings;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;

use crate::args::{ListArgs, ShowArgs, StackArgs, WaitArgs, WriteArgs};
use crate::cloud66::endpoints::{SERVER_GROUPS_LIST, SERVERS_LIST, SERVERS_REBOOT, SERVERS_SHOW};
use crate::cloud66::envelope::Document;
use crate::cloud66::servers::{Server, redact};
use crate::commands::actions::perform;
use crate::commands::cells::health_cell;
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::stack_requests::{all_in_stack, request_in_stack};
use crate::commands::deferred::{Deferred, Subcommands};
use crate::error::{Error, Result};
use crate::files::private_file::PrivateFile;
use crate::http::Request;
use crate::output::Format;
use crate::output::cell::Cell;
use crate::resource::find::is_uid;
use crate::resource::find::named::{self, ItemNames, LookupLabels};
use crate::resource::noun::Noun;
use crate::resource::show::show;
use crate::resource::verb::{Asks, Verb};
use crate::resource::{Column, Resource, key, minor, wide};

/// `c66 servers …`
#[derive(Debug, Subcommand)]
pub(crate) enum ServersCommand {
    /// List the servers of a stack
    #[command(
        visible_alias = "ls",
        after_help = "Examples:\n  c66 servers list -s awesome-app@production\n  c66 servers list -s awesome-app@production --filter roles~web --columns name,address"
    )]
    #[command(add = Verb::list(Servers::NOUN).after(&[&SERVER_GROUPS_LIST]))]
    List {
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one server
    #[command(after_help = "Example:\n  c66 servers show caribou -s awesome-app@production")]
    #[command(add = Verb::show(Servers::NOUN).after(&[&SERVER_GROUPS_LIST]))]
    Show {
        /// Name, UID or address of the server
        #[arg(add = Servers::NOUN.names())]
        server: String,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Save the private key of a server to a file that only you can read
    #[command(
        after_help = "Examples:\n  c66 servers key caribou -s awesome-app@production\n  c66 servers key caribou -s awesome-app@production --out - | ssh-add -"
    )]
    #[command(add = Verb::calls(&[&SERVERS_SHOW]))]
    Key {
        /// Name, UID or address of the server
        #[arg(add = Servers::NOUN.names())]
        server: String,
        /// File to write, - for stdout [default: SERVER.pem]
        #[arg(short = 'O', long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Overwrite an existing file
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        stack: StackArgs,
    },
    /// Reboot a server and wait until it is done
    #[command(after_help = "Example:\n  c66 servers reboot caribou -s awesome-app@production --yes")]
    #[command(add = Verb::calls(&[&SERVERS_REBOOT, &SERVERS_LIST]).asks(Asks::Always))]
    Reboot(Deferred<RebootServerArgs>),
    /// Show the command that registers a server of your own
    Register(Deferred<register::RegisterArgs>),
    /// Read and change the settings of a server
    #[command(alias = "setting")]
    Settings(Subcommands<settings::ServerSettingsCommand>),
}

/// `c66 servers reboot`
#[derive(Args, Debug)]
pub(crate) struct RebootServerArgs {
    /// Name, UID or address of the server
    #[arg(add = Servers::NOUN.names())]
    pub(crate) server: String,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// Restricts to one server.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ServerArgs {
    /// Only on this server: its name, UID or address
    #[arg(long, value_name = "SERVER")]
    #[arg(add = Servers::NOUN.names())]
    pub(crate) server: Option<String>,
}

/// Servers.
pub(crate) struct Servers;

impl Resource for Servers {
    type View = Server;
    const NOUN: &'static Noun = &Noun::new::<Self>("server", "servers")
        .listed_by(&SERVERS_LIST)
        .shown_by(&SERVERS_SHOW)
        .named_by(&["name", "uid"])
        .told_apart_by(&["name", "address"])
        .folded()
        .concealed_by(redact);
    // Newer servers send the key, or at least its field, without a request.
    const COLUMNS: &'static [Column<Server>] = &[
        key(Column::text("name", "name for other commands", |server| server.name.clone().into())),
        key(Column::text("address", "public address", |server| server.address.clone().into())),
        Column::text("roles", "roles, such as web or db", |server| Cell::Text(server.server_roles.join(", "))),
        Column::text("health", "health: Healthy, Impaired, Failed, Building or Unknown", |server| {
            health_cell(server.health_state)
        }),
        minor(Column::text("distro", "operating system and its version", |server| server.system().into())),
        minor(Column::text("group", "name of the server group, or its id", group_cell)),
        Column::uid("uid", "UID for other commands", |server| server.uid.clone().into()),
        wide(Column::number("group_id", "id of the server group", |server| server.server_group_id.into())),
        wide(Column::text("type", "kind of server: a cloud or your own", |server| server.server_type.clone().into())),
        wide(Column::text("region", "region of the cloud", |server| server.region.clone().into())),
        wide(Column::text("user", "login user", |server| server.user_name.clone().into())),
        wide(Column::text("dns", "host name from Cloud 66", |server| server.dns_record.clone().into())),
        wide(Column::text("internal_address", "internal address", |server| server.int_ipv4.clone().into())),
        wide(Column::text("external_address", "external address", |server| server.ext_ipv4.clone().into())),
        wide(Column::flag("agent", "whether the Cloud 66 agent runs on it", |server| server.has_agent.into())),
        wide(Column::text("vendor_uid", "id of the server at its cloud", |server| server.vendor_uid.clone().into())),
        wide(Column::time("created", "when it was created", |server| server.created_at.clone().into())),
        wide(Column::time("updated", "when it was last changed", |server| server.updated_at.clone().into())),
    ];

    fn id(view: &Server) -> Option<String> {
        view.uid.clone()
    }
}

fn group_cell(server: &Server) -> Cell {
    server.group_name.clone().or_else(|| server.server_group_id.map(|id| id.to_string())).into()
}

/// Runs `c66 servers …`.
pub(crate) async fn run(context: &Context, command: ServersCommand) -> Result<()> {
    match command {
        ServersCommand::List { stack, list } => list::list(context, &stack, &list).await,
        ServersCommand::Show { server, stack, show } => list::show(context, &server, &stack, &show).await,
        ServersCommand::Key { server, out, force, stack } => save_key(context, &server, out, force, &stack).await,
        ServersCommand::Reboot(Deferred(args)) => reboot(context, &args).await,
        ServersCommand::Register(Deferred(args)) => register::run(context, &args).await,
        ServersCommand::Settings(Subcommands(command)) => settings::run(context, command).await,
    }
}

/// Finds the server: a UID is used unchanged; a name, an address or a prefix is looked up.
pub(crate) async fn find(context: &Context, target: &StackRef, wanted: &str) -> Result<Server> {
    if is_uid(wanted) {
        return Ok(Server { uid: Some(wanted.to_owned()), ..Server::default() });
    }
    choose(&servers(context, target).await?, target, wanted)
}

/// Finds the server among `servers`.
pub(crate) fn choose(servers: &[Server], target: &StackRef, wanted: &str) -> Result<Server> {
    let owner = target.label();
    let lookup_labels = LookupLabels::of(Servers::NOUN, &owner);
    let found = named::choose(lookup_labels, servers, wanted, |server| {
        let mut names = ItemNames::of(server.uid(), server.name.as_deref().unwrap_or_default());
        let others = [&server.address, &server.int_ipv4, &server.ext_ipv4, &server.dns_record];
        names.others.extend(others.into_iter().flatten().map(String::as_str));
        names
    })?;
    Ok(found.clone())
}

/// The servers of a stack.
pub(crate) async fn servers(context: &Context, target: &StackRef) -> Result<Vec<Server>> {
    all_in_stack::<Servers>(context, target).await
}

/// The request, restricted to the server of `--server`.
pub(crate) async fn on_server(
    context: &Context,
    target: &StackRef,
    request: Request,
    server: &ServerArgs,
) -> Result<Request> {
    let Some(wanted) = &server.server else { return Ok(request) };
    Ok(narrowed(request, &find(context, target, wanted).await?))
}

/// The request, restricted to one server.
pub(crate) fn narrowed(mut request: Request, server: &Server) -> Request {
    request.query.push(("server_uid".to_owned(), server.uid().to_owned()));
    request
}

/// The request for one server.
pub(crate) fn show_request(target: &StackRef, server: &Server) -> Result<Request> {
    request_in_stack(target, &SERVERS_SHOW, &[("server_id", server.uid())])
}

/// Runs `c66 servers reboot`; the server is looked up, since a UID alone says little at a prompt.
async fn reboot(context: &Context, args: &RebootServerArgs) -> Result<()> {
    let target = context.stack_for_write(&args.stack, &args.write).await?;
    let server = choose(&servers(context, &target).await?, &target, &args.server)?;
    let request = request_in_stack(&target, &SERVERS_REBOOT, &[("server_id", server.uid())])?;
    let prompt = format!("Reboot {} of {}", server.name(), target.label());
    perform(context, &target, request, &prompt, &args.write, &args.wait).await
}

async fn save_key(context: &Context, wanted: &str, out: Option<PathBuf>, force: bool, stack: &StackArgs) -> Result<()> {
    // The key gives full access to the server.
    context.refuse_if_read_only("the private key of a server")?;
    let to_stdout = out.as_deref() == Some(Path::new("-"));
    let path = out.unwrap_or_else(|| file_name(wanted));
    // Before the first request: a key that cannot be saved is not needed.
    let file = if to_stdout { None } else { Some(PrivateFile::create(&path, force)?) };
    let target = context.stack(stack, false).await?;
    let server = find(context, &target, wanted).await?;
    let mut request = show_request(&target, &server)?;
    request.query.push(("include_private_key".to_owned(), "1".to_owned()));
    let server: Server = context.cloud66().await?.fetch(&request).await?.view()?;
    let mut key = server.private_key.clone().ok_or_else(|| {
        Error::not_found(format!("the API returned no private key for {} of {}", server.name(), target.label()))
    })?;
    context.printer.add_secret(&key);
    if !key.ends_with('\n') {
        // Without it, ssh does not recognize the file as a key.
        key.push('\n');
    }
    match file {
        None if context.printer.is_structured() => {
            context.printer.document(Document::from_value(&json!({ "ok": true, "private_key": key })))?;
            context.printer.flush()
        }
        None => {
            context.printer.write(|out| out.write_all(key.as_bytes()))?;
            context.printer.flush()
        }
        Some(file) => {
            file.finish(key.as_bytes())?;
            saved(context, &path)
        }
    }
}

/// The file name for the key of a server: as the user named it, never as the API does.
fn file_name(wanted: &str) -> PathBuf {
    let harmless = |letter: char| if letter.is_alphanumeric() || matches!(letter, '.' | '_') { letter } else { '-' };
    let stem: String = wanted.trim().trim_start_matches('.').chars().map(harmless).collect();
    PathBuf::from(format!("{}.pem", if stem.is_empty() { "server" } else { &stem }))
}

/// Prints the path of the key.
fn saved(context: &Context, path: &Path) -> Result<()> {
    if matches!(context.printer.format(), Format::Table | Format::Wide | Format::Name) && !context.printer.has_jq() {
        context.printer.write(|out| writeln!(out, "{}", path.display()))?;
        return context.printer.flush();
    }
    let document = Document::from_value(&json!({ "ok": true, "file": path.display().to_string() }));
    show::<KeyFiles>(&context.printer, &ShowArgs::default(), document)
}

/// Saved keys.
struct KeyFiles;

#[derive(serde::Deserialize)]
struct KeyFile {
    file: String,
}

impl Resource for KeyFiles {
    type View = KeyFile;
    const NOUN: &'static Noun = &Noun::new::<Self>("key", "keys");
    const COLUMNS: &'static [Column<KeyFile>] =
        &[key(Column::text("file", "path of the file", |key| key.file.as_str().into()))];

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
