//! `c66 gateways add`, `update`, `open`, `close` and `remove`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::Gateways;
use crate::args::{ConfirmArgs, WriteArgs};
use crate::cloud66::endpoints::{GATEWAYS_CREATE, GATEWAYS_DELETE, GATEWAYS_LIST, GATEWAYS_UPDATE};
use crate::cloud66::envelope::Document;
use crate::cloud66::gateways::Gateway;
use crate::cloud66::{request, with_field};
use crate::commands::account_write::{ByName, account_id, send, send_and_acknowledge, send_as, send_by_name};
use crate::commands::context::Context;
use crate::error::{Error, Kind, Result};
use crate::files::input;
use crate::http::Request;
use crate::http::endpoint::Endpoint;
use crate::resource::Resource;
use crate::resource::find::named::{self, ItemNames, LookupLabels};
use crate::resource::verb::{Asks, Verb};
use crate::resource::write::acknowledge;
use crate::text::format::format_duration;
use crate::text::parse::parse_duration;
use crate::text::sanitize::sanitize;

/// `c66 gateways add`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&GATEWAYS_CREATE]).asks(Asks::Never).asks_also("with --key"))]
pub(crate) struct AddGatewayArgs {
    /// Name of the gateway
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) gateway: GatewayArgs,
    /// Private key of the gateway in PEM, to open it at once; - reads stdin
    #[arg(long, value_name = "FILE", requires = "ttl")]
    pub(crate) key: Option<PathBuf>,
    /// How long it stays open
    #[arg(long, value_name = "DURATION", requires = "key", value_parser = parse_duration)]
    pub(crate) ttl: Option<Duration>,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
}

/// `c66 gateways update`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&GATEWAYS_UPDATE, &GATEWAYS_LIST]).asks(Asks::Never))]
pub(crate) struct UpdateGatewayArgs {
    /// Name or ID of the gateway
    #[arg(value_name = "GATEWAY", add = Gateways::NOUN.names())]
    pub(crate) which: String,
    /// New name
    #[arg(long)]
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) gateway: GatewayArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
}

/// Where a gateway is.
#[derive(Args, Debug)]
pub(crate) struct GatewayArgs {
    /// Public address
    #[arg(long, value_name = "IP")]
    pub(crate) address: Option<String>,
    /// Private address
    #[arg(long, value_name = "IP")]
    pub(crate) private_ip: Option<String>,
    /// Login user
    #[arg(long)]
    pub(crate) username: Option<String>,
}

/// `c66 gateways open`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&GATEWAYS_UPDATE, &GATEWAYS_LIST]).asks(Asks::Always))]
pub(crate) struct OpenGatewayArgs {
    /// Name or ID of the gateway
    #[arg(value_name = "GATEWAY", add = Gateways::NOUN.names())]
    pub(crate) which: String,
    /// Private key of the gateway in PEM; - reads stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
    /// How long it stays open
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = parse_duration)]
    pub(crate) ttl: Duration,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
}

/// The seconds after which an open gateway counts as closed.
const CLOSED: u64 = 1;

/// Runs `c66 gateways add`.
pub(super) async fn add(context: &Context, args: &AddGatewayArgs) -> Result<()> {
    let key = args.key.as_deref().map(|path| read_key(context, path)).transpose()?;
    let request = request(&GATEWAYS_CREATE, &[("account_id", &account_id(context).await?)])?;
    let mut request = args.gateway.fill(with_field(request, "name", args.name.as_str()));
    let mut prompt = format!("Add gateway {}", args.name);
    let sent = if let (Some(key), Some(ttl)) = (key, args.ttl) {
        prompt = format!("{prompt} and open it for {}", format_duration(ttl));
        request = with_field(with_field(request, "content", key), "ttl", seconds(ttl)?);
        send_as(context, Asks::Always, &request, &prompt, &args.write).await?
    } else {
        send(context, &request, &prompt, &args.write).await?
    };
    match sent {
        Some(reply) => acknowledge(context.cloud66().await?.transport(), reply, "Gateway added."),
        None => Ok(()),
    }
}

/// Runs `c66 gateways update`.
pub(super) async fn update(context: &Context, args: &UpdateGatewayArgs) -> Result<()> {
    let values = &args.gateway;
    if args.name.is_none() && values.address.is_none() && values.private_ip.is_none() && values.username.is_none() {
        return Err(Error::usage("nothing to change").hint("see c66 gateways update --help"));
    }
    let (mut request, gateway) = find(context, &args.which, &GATEWAYS_UPDATE).await?;
    if let Some(name) = &args.name {
        request = with_field(request, "name", name.as_str());
    }
    let prompt = format!("Change gateway {}", label(&gateway));
    send_and_acknowledge(context, &values.fill(request), &prompt, &args.write, "Gateway changed.").await
}

/// Runs `c66 gateways open`.
pub(super) async fn open(context: &Context, args: &OpenGatewayArgs) -> Result<()> {
    let seconds = seconds(args.ttl)?;
    let key = read_key(context, &args.key)?;
    let (request, gateway) = find(context, &args.which, &GATEWAYS_UPDATE).await?;
    let request = with_field(with_field(request, "content", key), "ttl", seconds);
    let prompt = format!("Send the key of gateway {} and open it for {}", label(&gateway), format_duration(args.ttl));
    send_and_acknowledge(context, &request, &prompt, &args.write, "Gateway opened.").await
}

/// Runs `c66 gateways close`: the API has no other way than an empty key and a time that is soon up.
pub(super) async fn close(context: &Context, wanted: &str, write: &WriteArgs) -> Result<()> {
    let (request, gateway) = find(context, wanted, &GATEWAYS_UPDATE).await?;
    let request = with_field(with_field(request, "content", ""), "ttl", CLOSED);
    let prompt = format!("Close gateway {}", label(&gateway));
    send_and_acknowledge(context, &request, &prompt, write, "Gateway closed.").await
}

/// Runs `c66 gateways remove`.
pub(super) async fn remove(context: &Context, wanted: &str, write: &WriteArgs, confirm: &ConfirmArgs) -> Result<()> {
    let (request, gateway) = find(context, wanted, &GATEWAYS_DELETE).await?;
    let name = label(&gateway);
    let why = format!("this removes gateway {name}: Cloud 66 cannot reach the servers behind it any more");
    let by_name = ByName { what: "gateway", name: &name, why: &why, confirm };
    match send_by_name(context, &request, &by_name, write).await? {
        Some(reply) => acknowledge(context.cloud66().await?.transport(), reply, "Gateway removed."),
        None => Ok(()),
    }
}

/// A request for the gateway with this name or id.
async fn find(context: &Context, wanted: &str, endpoint: &'static Endpoint) -> Result<(Request, Gateway)> {
    let account = account_id(context).await?;
    let documents = context.cloud66().await?.fetch_all(request(&GATEWAYS_LIST, &[("account_id", &account)])?).await?;
    let gateways: Vec<Gateway> = documents.iter().map(Document::view).collect::<Result<_>>()?;
    let id = |gateway: &Gateway| gateway.id.map(|id| id.to_string()).unwrap_or_default();
    let numbered: Vec<(String, &Gateway)> = gateways.iter().map(|gateway| (id(gateway), gateway)).collect();
    let owner = format!("account {account}");
    let (id, gateway) = named::choose(LookupLabels::of(Gateways::NOUN, &owner), &numbered, wanted, |(id, gateway)| {
        ItemNames::of(id, gateway.name.as_deref().unwrap_or_default())
    })?;
    Ok((request(endpoint, &[("account_id", &account), ("gateway_id", id)])?, (*gateway).clone()))
}

/// The name of a gateway in messages, else its id.
fn label(gateway: &Gateway) -> String {
    let id = || gateway.id.map(|id| id.to_string()).unwrap_or_default();
    gateway.name.as_deref().map_or_else(id, |name| sanitize(name).into_owned())
}

impl GatewayArgs {
    fn fill(&self, mut request: Request) -> Request {
        for (name, value) in
            [("address", &self.address), ("private_ip", &self.private_ip), ("username", &self.username)]
        {
            if let Some(value) = value {
                request = with_field(request, name, value.as_str());
            }
        }
        request
    }
}

/// Reads a private key, which is never shown.
fn read_key(context: &Context, path: &Path) -> Result<String> {
    let text = input::read(path)?;
    context.printer.add_secret(&text);
    if !text.contains("PRIVATE KEY-----") {
        let name = if input::is_stdin(path) { "stdin".to_owned() } else { path.display().to_string() };
        return Err(Error::new(Kind::LocalFile, format!("invalid key: {name}")).cause("it contains no PEM private key"));
    }
    Ok(text)
}

/// The seconds of a lifetime, which the API wants as a whole number.
fn seconds(ttl: Duration) -> Result<u64> {
    match ttl.as_secs() {
        0 => Err(Error::usage("invalid --ttl: expected at least a second, such as 30m")),
        seconds => Ok(seconds),
    }
}
