//! `c66 server-groups scale`: adds servers to a group, or deletes servers from it.

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::{ServerGroups, choose, groups};
use crate::args::{StackArgs, WaitArgs, WriteArgs};
use crate::cloud66::endpoints::{DISK_TYPES, GROUP_SUBTYPES, SERVER_GROUPS_LIST, SERVER_GROUPS_SCALE, SERVERS_LIST};
use crate::cloud66::servers::ServerGroup;
use crate::cloud66::with_field;
use crate::commands::actions::{WritePhrase, carry_out, perform};
use crate::commands::context::Context;
use crate::commands::context::stack_requests::request_in_stack;
use crate::commands::servers::servers;
use crate::error::{Error, Kind, Result};
use crate::http::Request;
use crate::resource::Resource;
use crate::resource::verb::{Asks, Verb};
use crate::text::sanitize::sanitize;

/// `c66 server-groups scale`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&SERVER_GROUPS_SCALE, &SERVER_GROUPS_LIST, &SERVERS_LIST]).asks(Asks::OnProduction).asks_also("before a deletion"))]
pub(crate) struct ScaleGroupArgs {
    /// ID, name or type of the group
    #[arg(add = ServerGroups::NOUN.names())]
    pub(crate) group: String,
    /// How many servers to add
    #[arg(long, value_name = "N", requires = "size", required_unless_present = "to", conflicts_with = "to")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) add: Option<u64>,
    /// How many servers to keep; the others are deleted
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) to: Option<u64>,
    /// Size of the new servers, as in c66 clouds sizes
    #[arg(long, requires = "add")]
    pub(crate) size: Option<String>,
    /// Kind of the group [default: from its type]
    #[arg(long, value_parser = PossibleValuesParser::new(GROUP_SUBTYPES))]
    pub(crate) subtype: Option<String>,
    /// Availability zone of the new servers (AWS)
    #[arg(long, requires = "add")]
    pub(crate) zone: Option<String>,
    /// Subnet of the new servers (AWS)
    #[arg(long, value_name = "ID", requires = "add")]
    pub(crate) subnet: Option<String>,
    /// Type of their root disks (AWS, GCE)
    #[arg(long, value_name = "TYPE", requires = "add", value_parser = PossibleValuesParser::new(DISK_TYPES))]
    pub(crate) disk_type: Option<String>,
    /// Size of their root disks in GB (AWS, GCE)
    #[arg(long, value_name = "GB", requires = "add")]
    pub(crate) disk_size: Option<u64>,
    /// Their names
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', requires = "add")]
    pub(crate) names: Vec<String>,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// Runs `c66 server-groups scale`.
pub(super) async fn scale(context: &Context, args: &ScaleGroupArgs) -> Result<()> {
    if let Some(add) = args.add.filter(|add| !args.names.is_empty() && args.names.len() as u64 != *add) {
        return Err(Error::usage(format!("--add {add} with {} names", args.names.len())).hint("name each new server"));
    }
    let target = context.stack_for_write(&args.stack, &args.write).await?;
    let group = choose(&groups(context, &target).await?, &target, &args.group)?;
    let id = group.id.ok_or_else(|| Error::new(Kind::BadReply, "the API returned a server group without an id"))?;
    let request = request_in_stack(&target, &SERVER_GROUPS_SCALE, &[("server_group_id", &id.to_string())])?;
    let request = with_field(request, "subtype", subtype(args, &group)?);
    let label = format!("{} of {}", sanitize(group.name.as_deref().unwrap_or(&args.group)), target.label());
    if let Some(add) = args.add {
        let prompt = format!("Add {} to {label}", servers_of(add));
        return perform(context, &target, added(request, add, args), &prompt, &args.write, &args.wait).await;
    }
    let keep = args.to.unwrap_or_default();
    let servers = servers(context, &target).await?;
    let now = servers.iter().filter(|server| server.server_group_id == Some(id)).count() as u64;
    if keep >= now {
        return Err(Error::usage(format!("cannot delete servers: the group has {}", servers_of(now)))
            .hint("pass --add N --size SIZE to add servers"));
    }
    let prompt = format!("Delete {} of {label}, from {now} to {keep}", servers_of(now - keep));
    let request = with_field(request, "server_count", keep);
    if !context.confirm_write_as(Asks::Always, &target, &prompt, std::slice::from_ref(&request), &args.write).await? {
        return Ok(());
    }
    carry_out(context, &target, &request, &WritePhrase::new(prompt), &args.wait).await
}

fn servers_of(count: u64) -> String {
    format!("{count} {}", if count == 1 { "server" } else { "servers" })
}

/// The kind of the group; only the API knows whether a group of another type can be scaled.
fn subtype(args: &ScaleGroupArgs, group: &ServerGroup) -> Result<String> {
    if let Some(subtype) = &args.subtype {
        return Ok(subtype.clone());
    }
    let kind = group.kind.as_deref().unwrap_or_default();
    match kind {
        "docker" | "process" => Ok(kind.to_owned()),
        // A group of servers of the application has the type of its framework.
        "mysql" | "postgresql" | "redis" | "mongodb" | "elasticsearch" | "memcached" | "haproxy" => {
            Err(Error::usage(format!("cannot scale a group of type {kind}"))
                .cause("only groups of application servers can be scaled")
                .hint("pass --subtype if the API should decide"))
        }
        _ => Ok("web".to_owned()),
    }
}

fn added(mut request: Request, add: u64, args: &ScaleGroupArgs) -> Request {
    request = with_field(request, "server_count", add);
    for (name, value) in [
        ("server_size", &args.size),
        ("server_availability_zone", &args.zone),
        ("server_subnet_id", &args.subnet),
        ("root_disk_type", &args.disk_type),
    ] {
        if let Some(value) = value {
            request = with_field(request, name, value.as_str());
        }
    }
    if let Some(size) = args.disk_size {
        request = with_field(request, "root_disk_size", size);
    }
    if !args.names.is_empty() {
        request = with_field(request, "server_names", args.names.join(","));
    }
    request
}
