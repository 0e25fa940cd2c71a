//! `c66 devices`: the mobile devices of a user.

use std::io::Read;

use clap::{Args, Subcommand};
use serde_json::json;

use super::account_write::send;
use super::context::Context;
use super::users::{fetch, user_id};
use crate::args::{ListArgs, ShowArgs, WriteArgs};
use crate::cloud66::endpoints::{DEVICES_CREATE, DEVICES_DELETE, DEVICES_UPDATE, USERS_SHOW};
use crate::cloud66::users::{DEVICE_MODELS, DEVICE_TYPES, Device, name_of_code};
use crate::cloud66::{request, with_field};
use crate::commands::cells::code_cell;
use crate::commands::deferred::Deferred;
use crate::commands::users::Users;
use crate::error::{Error, Result};
use crate::http::Request;
use crate::output::cell::Tone;
use crate::resource::list::Listing;
use crate::resource::noun::Noun;
use crate::resource::show::show;
use crate::resource::verb::{Asks, Verb};
use crate::resource::write::acknowledge;
use crate::resource::{Column, Resource, key, minor, wide};

/// `c66 devices …`
#[derive(Debug, Subcommand)]
pub(crate) enum DevicesCommand {
    /// List the mobile devices of a user
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 devices list --user test@cloud66.com")]
    #[command(add = Verb::calls(&[&USERS_SHOW]).prints(Devices::NOUN))]
    List {
        /// ID or e-mail address
        #[arg(long)]
        #[arg(add = Users::NOUN.names())]
        user: String,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Register a mobile device for a user
    #[command(after_help = "Example:\n  c66 devices add --user 18 --token wertqy --type ios --model iphone")]
    #[command(add = Verb::calls(&[&DEVICES_CREATE]).asks(Asks::Never))]
    Add(Deferred<DeviceArgs>),
    /// Change the type of a device
    #[command(after_help = "Example:\n  c66 devices update --user 18 --token wertqy --type ios --model ipad")]
    #[command(add = Verb::calls(&[&DEVICES_UPDATE]).asks(Asks::Never))]
    Update(Deferred<DeviceArgs>),
    /// Remove a device of a user
    #[command(after_help = "Example:\n  c66 devices remove --user 18 --token wertqy --yes")]
    #[command(add = Verb::calls(&[&DEVICES_DELETE]).asks(Asks::Always))]
    Remove {
        /// ID or e-mail address
        #[arg(long)]
        #[arg(add = Users::NOUN.names())]
        user: String,
        /// Token of the device
        #[arg(long)]
        token: String,
        #[command(flatten)]
        write: WriteArgs,
    },
}

/// A device.
#[derive(Args, Debug)]
pub(crate) struct DeviceArgs {
    /// ID or e-mail address
    #[arg(long)]
    #[arg(add = Users::NOUN.names())]
    pub(crate) user: String,
    /// Token of the device; - reads stdin
    #[arg(long)]
    pub(crate) token: String,
    /// Type
    #[arg(long = "type", value_name = "TYPE", value_parser = ["ios", "android"])]
    pub(crate) kind: String,
    /// Model
    #[arg(long, value_parser = ["iphone", "ipad", "ipod"])]
    pub(crate) model: String,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
}

/// Devices.
struct Devices;

impl Resource for Devices {
    type View = Device;
    const NOUN: &'static Noun = &Noun::new::<Self>("device", "devices");
    const COLUMNS: &'static [Column<Device>] = &[
        key(Column::text("token", "token of the device", |device| device.token.clone().into())),
        Column::text("type", "type", |device| {
            code_cell(device.device_type, |code| name_of_code(&DEVICE_TYPES, code), |_| Tone::Plain)
        }),
        minor(Column::text("model", "model of the device", |device| {
            code_cell(device.sub_type, |code| name_of_code(&DEVICE_MODELS, code), |_| Tone::Plain)
        })),
        Column::flag("enabled", "whether it receives notifications", |device| device.enabled.into()),
        wide(Column::time("created", "when it was created", |device| device.created_at.clone().into())),
    ];

    fn id(view: &Device) -> Option<String> {
        view.token.clone()
    }
}

/// Runs `c66 devices …`.
pub(crate) async fn run(context: &Context, command: DevicesCommand) -> Result<()> {
    match command {
        DevicesCommand::List { user, list } => {
            let Some(listing) = Listing::of::<Devices>(&context.printer, &list)? else { return Ok(()) };
            let user = fetch(context, &user_id(context, &user).await?).await?;
            listing.print_documents(user.list("devices")?).await
        }
        DevicesCommand::Add(Deferred(device)) => {
            let id = user_id(context, &device.user).await?;
            let request = with_device(context, request(&DEVICES_CREATE, &[("user_id", &id)])?, &device)?;
            let prompt = format!("Register a device for user {id}");
            match send(context, &request, &prompt, &device.write).await? {
                None => Ok(()),
                Some(Some(document)) => show::<Devices>(&context.printer, &ShowArgs::default(), document),
                Some(None) => done(context, "registered").await,
            }
        }
        DevicesCommand::Update(Deferred(device)) => {
            let id = user_id(context, &device.user).await?;
            let request = with_device(context, request(&DEVICES_UPDATE, &[("user_id", &id)])?, &device)?;
            let prompt = format!("Change a device of user {id}");
            match send(context, &request, &prompt, &device.write).await? {
                None => Ok(()),
                Some(_) => done(context, "changed").await,
            }
        }
        DevicesCommand::Remove { user, token, write } => {
            let id = user_id(context, &user).await?;
            context.printer.add_secret(&token);
            let request = request(&DEVICES_DELETE, &[("user_id", &id), ("token", &token)])?;
            let prompt = format!("Remove a device of user {id}");
            match send(context, &request, &prompt, &write).await? {
                None => Ok(()),
                Some(_) => done(context, "removed").await,
            }
        }
    }
}

async fn done(context: &Context, said: &str) -> Result<()> {
    acknowledge(context.cloud66().await?.transport(), None, said)
}

fn with_device(context: &Context, mut request: Request, device: &DeviceArgs) -> Result<Request> {
    let mut token = device.token.clone();
    if token == "-" {
        token.clear();
        std::io::stdin()
            .read_to_string(&mut token)
            .map_err(|error| Error::local_file("read the token from stdin", &error))?;
    }
    let token = token.trim();
    if token.is_empty() {
        return Err(Error::usage("missing the token of the device").hint("--token TOKEN, or --token - for stdin"));
    }
    context.printer.add_secret(token);
    let number =
        |table: &[(&str, i64)], word: &str| table.iter().find(|(known, _)| *known == word).map(|(_, number)| *number);
    for (name, value) in [
        ("token", Some(json!(token))),
        ("device_type", number(&DEVICE_TYPES, &device.kind).map(|number| json!(number))),
        ("sub_type", number(&DEVICE_MODELS, &device.model).map(|number| json!(number))),
    ] {
        if let Some(value) = value {
            request = with_field(request, name, value);
        }
    }
    Ok(request)
}
