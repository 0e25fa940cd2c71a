//! `c66 servers register`: the command that registers a server of your own.

use clap::Args;
use serde_json::json;

use crate::args::ShowArgs;
use crate::cloud66::endpoints::{ACCOUNTS_LIST, ACCOUNTS_SHOW};
use crate::cloud66::envelope::Document;
use crate::cloud66::fields::Fields;
use crate::cloud66::request;
use crate::cloud66::users::{REGISTRATION_SCRIPT, redact_account};
use crate::commands::context::Context;
use crate::config::SettingKey;
use crate::error::{Error, Result};
use crate::resource::noun::Noun;
use crate::resource::show::show_revealing;
use crate::resource::verb::Verb;
use crate::resource::{Column, Resource};
use crate::text::sanitize::sanitize;

/// `c66 servers register`
#[derive(Args, Debug)]
#[command(
    after_help = "The command holds a secret that adds servers to your account. Run it as root on the new server; c66 runs\nnothing itself.\n\nExample:\n  c66 servers register --reveal"
)]
#[command(add = Verb::calls(&[&ACCOUNTS_LIST, &ACCOUNTS_SHOW]))]
pub(crate) struct RegisterArgs {
    /// Show the secret in the command
    #[arg(long)]
    pub(crate) reveal: bool,
}

/// The command that registers a server.
struct Registrations;

struct Registration {
    account: Option<u64>,
    command: Option<String>,
}

impl<'de> serde::Deserialize<'de> for Registration {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = Fields::deserialize(deserializer)?;
        Ok(Self {
            account: fields.unsigned("id"),
            command: fields.text(REGISTRATION_SCRIPT).filter(|text| !text.is_empty()),
        })
    }
}

impl Resource for Registrations {
    type View = Registration;
    const NOUN: &'static Noun = &Noun::new::<Self>("registration", "registrations").concealed_by(redact_account);
    const COLUMNS: &'static [Column<Registration>] = &[
        Column::number("account", "id of the account", |registration| registration.account.into()),
        Column::text("command", "command for the new server", |registration| registration.command.clone().into()),
    ];

    fn id(registration: &Registration) -> Option<String> {
        registration.account.map(|id| id.to_string())
    }
}

/// Runs `c66 servers register`.
pub(super) async fn run(context: &Context, args: &RegisterArgs) -> Result<()> {
    // The command adds servers to the account.
    context.refuse_if_read_only("the registration of a server")?;
    let client = context.cloud66().await?;
    let accounts = client.fetch_all(request(&ACCOUNTS_LIST, &[])?).await?;
    let accounts: Vec<Registration> = accounts.iter().map(Document::view).collect::<Result<_>>()?;
    let wanted = context.settings.get(SettingKey::Account).and_then(|account| account.text.parse::<u64>().ok());
    let account = match (wanted, accounts.as_slice()) {
        (Some(id), _) => id,
        (None, [Registration { account: Some(id), .. }]) => *id,
        _ => {
            return Err(Error::usage("choose the account that gets the server")
                .hint("pass --account NUMBER")
                .hint(format!("c66{} accounts list", context.global_flags)));
        }
    };
    let shown = client.fetch(&request(&ACCOUNTS_SHOW, &[("account_id", &account.to_string())])?).await?;
    let registration: Registration = shown.view()?;
    let command = registration.command.ok_or_else(|| {
        Error::not_found(format!("the API returned no registration command for account {account}"))
            .hint("the dashboard has it: Servers, then Register a server")
    })?;
    context.printer.add_secret(&command);
    let printer = &context.printer;
    if printer.is_for_people() && args.reveal {
        // It is meant for a shell: nothing in it may be hidden, also where it does not reach a terminal.
        let command = sanitize(&command);
        printer.write(|out| writeln!(out, "{command}"))?;
        return printer.flush();
    }
    if printer.is_for_people() {
        printer.note("pass --reveal to show the command");
    }
    let document = Document::from_value(&json!({ "id": account, REGISTRATION_SCRIPT: command }));
    show_revealing::<Registrations>(printer, &ShowArgs::default(), document, args.reveal)
}
