//! `c66 notifications`.

mod set;

use clap::Subcommand;
use clap::builder::PossibleValuesParser;
use serde_json::{Map, Value};

use super::context::Context;
use crate::args::candidates::Candidates;
use crate::args::{ListArgs, ShowArgs, StackArgs, WriteArgs};
use crate::cloud66::endpoints::{CHANNELS, NOTIFICATIONS_LIST, NOTIFICATIONS_SHOW, NOTIFICATIONS_UPDATE};
use crate::cloud66::notifications::{Notification, PARAMETERS};
use crate::cloud66::with_field;
use crate::commands::context::stack_requests::{list_with_request, request_in_stack, show_in_stack};
use crate::commands::deferred::Deferred;
use crate::error::{Error, Result};
use crate::output::cell::Cell;
use crate::resource::noun::Noun;
use crate::resource::verb::{Asks, Verb};
use crate::resource::write::acknowledge;
use crate::resource::{Column, Resource, key, minor, wide};
use crate::text::similar::closest;

/// `c66 notifications …`
#[derive(Debug, Subcommand)]
pub(crate) enum NotificationsCommand {
    /// List the notification settings of a stack
    #[command(
        visible_alias = "ls",
        after_help = "Example:\n  c66 notifications list -s awesome-app@production --alert-type server.stopped"
    )]
    #[command(add = Verb::list(Notifications::NOUN))]
    List {
        /// Only this type of alert
        #[arg(long, value_name = "TYPE")]
        #[arg(add = Candidates::AlertTypes)]
        alert_type: Option<String>,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one notification setting
    #[command(after_help = "Example:\n  c66 notifications show 1191 -s awesome-app@production")]
    #[command(add = Verb::show(Notifications::NOUN))]
    Show {
        /// ID of the notification setting, or the name of its alert
        #[arg(add = Notifications::NOUN.names())]
        id: String,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Set the channels of alerts, for a stack or an application group
    #[command(
        after_help = "Examples:\n  c66 notifications set noticent_stack_redeploy_failed --channels email,browser -s awesome-app@production\n  c66 notifications set noticent_server_stopped --channels slack --slack-url-file url.txt --application-group production-apps\n\nExits with 5 if the API reports failures. Names: c66 notifications list -o wide"
    )]
    Set(Deferred<set::SetAlertsArgs>),
    /// Change the channels of a notification setting
    #[command(
        after_help = "Example:\n  c66 notifications update 1191 --channels email,slack --param slack_channel=#ops -s awesome-app@production"
    )]
    #[command(add = Verb::calls(&[&NOTIFICATIONS_UPDATE]).asks(Asks::OnProduction))]
    Update {
        /// ID of the notification setting
        #[arg(add = Notifications::NOUN.names())]
        id: u64,
        /// Channels to notify
        #[arg(long, value_delimiter = ',', value_name = "CHANNEL,…", value_parser = PossibleValuesParser::new(CHANNELS))]
        channels: Vec<String>,
        /// Parameter of a channel; may be repeated
        #[arg(long = "param", value_name = "KEY=VALUE")]
        params: Vec<String>,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        write: WriteArgs,
    },
}

/// Notification settings.
struct Notifications;

impl Resource for Notifications {
    type View = Notification;
    const NOUN: &'static Noun = &Noun::new::<Self>("notification setting", "notification settings")
        .listed_by(&NOTIFICATIONS_LIST)
        .shown_by(&NOTIFICATIONS_SHOW)
        .named_by(&["id"])
        .told_apart_by(&["alert_type"])
        .concealed_by(conceal_params);
    const COLUMNS: &'static [Column<Notification>] = &[
        key(Column::number("id", "id for other commands", |setting| setting.id.into())),
        Column::text("alert", "event that sends the notification", |setting| {
            setting.alert_type.clone().or_else(|| setting.alert_name.clone()).into()
        }),
        Column::text("channels", "channels that receive it", |setting| Cell::Text(setting.channels.join(", "))),
        minor(Column::time("updated", "when it was last changed", |setting| setting.updated_at.clone().into())),
        wide(Column::text("name", "name of the alert, for notifications set", |setting| {
            setting.alert_name.clone().into()
        })),
        wide(Column::number("user", "id of the user", |setting| setting.user_id.into())),
        wide(Column::time("created", "when it was created", |setting| setting.created_at.clone().into())),
    ];

    fn id(view: &Notification) -> Option<String> {
        view.id.map(|id| id.to_string()).or_else(|| view.alert_name.clone())
    }
}

/// Webhook URLs and tokens of chats let anyone post there.
fn conceal_params(item: &mut Value) {
    for subscription in item.get_mut("subscriptions").and_then(Value::as_array_mut).into_iter().flatten() {
        for name in ["slack_url", "webhook_url"] {
            if let Some(url) = subscription.get_mut(name).filter(|url| !url.is_null()) {
                *url = Value::from("********");
            }
        }
    }
    for value in item.get_mut("params").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut) {
        *value = Value::from("********");
    }
}

/// Runs `c66 notifications …`.
pub(crate) async fn run(context: &Context, command: NotificationsCommand) -> Result<()> {
    match command {
        NotificationsCommand::List { alert_type, stack, list } => {
            list_with_request::<Notifications>(context, &stack, &list, async |target| {
                let mut request = request_in_stack(target, &NOTIFICATIONS_LIST, &[])?;
                request.query.extend(alert_type.clone().map(|wanted| ("alert_type".to_owned(), wanted)));
                Ok(request)
            })
            .await
        }
        NotificationsCommand::Show { id, stack, show } => {
            let parts = [("notification_id", &*id)];
            show_in_stack::<Notifications>(context, &stack, &show, &parts).await
        }
        NotificationsCommand::Set(Deferred(args)) => set::run(context, &args).await,
        NotificationsCommand::Update { id, channels, params, stack, write } => {
            if channels.is_empty() && params.is_empty() {
                return Err(Error::usage("nothing to change").hint("pass --channels or --param"));
            }
            let params = parameters(&params)?;
            params.values().filter_map(Value::as_str).for_each(|value| context.printer.add_secret(value));
            let target = context.stack_for_write(&stack, &write).await?;
            let mut request =
                request_in_stack(&target, &NOTIFICATIONS_UPDATE, &[("notification_id", &id.to_string())])?;
            if !channels.is_empty() {
                request = with_field(request, "channels", format!("[{}]", channels.join(",")));
            }
            if !params.is_empty() {
                // Documented as a string with an object.
                request = with_field(request, "params", Value::Object(params).to_string());
            }
            let prompt = format!("Change notification {id} of {}", target.label());
            if !context.confirm_write(&target, &prompt, std::slice::from_ref(&request), &write).await? {
                return Ok(());
            }
            let reply = context.send(&target, &request).await?;
            acknowledge(context.cloud66().await?.transport(), reply, "Notification changed.")
        }
    }
}

fn parameters(given: &[String]) -> Result<Map<String, Value>> {
    let mut parameters = Map::new();
    for parameter in given {
        let (key, value) = parameter.split_once('=').ok_or_else(|| {
            Error::usage(format!("invalid parameter `{parameter}`: expected KEY=VALUE"))
                .hint("a parameter is KEY=VALUE")
        })?;
        if !PARAMETERS.contains(&key) {
            let error = Error::usage(format!("unknown channel parameter `{key}`"))
                .cause(format!("available: {}", PARAMETERS.join(", ")));
            return Err(match closest(key, PARAMETERS) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error,
            });
        }
        parameters.insert(key.to_owned(), Value::from(value));
    }
    Ok(parameters)
}
