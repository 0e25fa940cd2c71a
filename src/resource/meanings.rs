//! What the columns mean, as `--columns help` says it: on one page, because most of them recur.

use serde::Deserialize;

use super::columns::{Chosen, Item};
use super::description::{Description, Heading};
use super::print::{Plan, Rows};
use super::{Column, Resource};
use crate::cloud66::envelope::Document;
use crate::error::Result;
use crate::output::Console;

/// Columns that mean the same wherever they are.
const SHARED: &[(&str, &str)] = &[
    ("2fa", "whether a second factor is asked for at the login"),
    ("account", "number of the account it acts for"),
    ("accounts", "owners of the accounts the token belongs to"),
    ("action", "what is done; `actions run` takes it"),
    ("acts_for", "organization that the key acts for"),
    ("address", "public address"),
    ("agent", "whether the Cloud 66 agent runs on it"),
    ("alert", "what happens for somebody to be told"),
    ("api_key", "whether the API key is accepted, and where it comes from"),
    ("api_url", "address of the API"),
    ("backup", "number of the backup"),
    ("billable", "whether it is charged for"),
    ("branch", "git branch that is deployed"),
    ("by", "who started it"),
    ("bytes", "how large it is"),
    ("channels", "where somebody is told"),
    ("check", "what was looked at"),
    ("checked", "when it was last tried"),
    ("cloud", "cloud its servers are in"),
    ("cloud_status", "state of its servers at the cloud"),
    ("clouds", "clouds its stacks are in"),
    ("code", "its name in commands and paths"),
    ("command", "what runs in it"),
    ("comments", "what somebody noted about it"),
    ("commit", "git commit that was deployed"),
    ("connection_id", "connection that it was used in"),
    ("containers", "how many containers run"),
    ("cost", "what it costs"),
    ("created", "when it was made"),
    ("current", "whether it is the one that holds now"),
    ("database", "name of the database"),
    ("date", "when it was taken"),
    ("default", "whether it is what holds where nothing else is said"),
    ("default_role", "role of who is in no other"),
    ("deploy_directory", "where the application lies on its servers"),
    ("deployment", "number of the deployment"),
    ("description", "what somebody wrote about it"),
    ("detail", "what was found"),
    ("distro", "operating system and its version"),
    ("dns", "host name that Cloud 66 gave it"),
    ("docker_ip", "address in the Docker network"),
    ("duration", "how long it took, or has been running"),
    ("email", "e-mail address"),
    ("enabled", "whether it is told anything"),
    ("end", "where the period ends"),
    ("endpoint", "address of the CloudMC"),
    ("entry", "number of the change"),
    ("entry_point", "first part of the address of its pages"),
    ("env", "environment it happened in"),
    ("environment", "environment, such as production"),
    ("event", "what happened"),
    ("external_address", "address outside the cloud's own network"),
    ("file", "path of the file"),
    ("finished", "when it ended"),
    ("fqdn", "host name of the application"),
    ("framework", "framework of the application"),
    ("from", "who may connect: an address, a group or a server"),
    ("generated", "whether Cloud 66 made it, rather than a person"),
    ("git", "address of the git repository"),
    ("git_ref", "branch, tag or commit it was built from"),
    ("group", "number of the server group"),
    ("health", "whether it works: Healthy, Impaired, Failed, Building or Unknown"),
    ("health_message", "what the health check said"),
    ("id", "number that other commands take"),
    ("image", "image it was started from"),
    ("internal_address", "address in the cloud's own network"),
    ("ip", "address it came from"),
    ("key", "name that other commands take"),
    ("language", "programming language"),
    ("last_activity", "when something last happened"),
    ("last_login", "when the last login was"),
    ("limit", "requests that an hour has"),
    ("live", "whether it is the one that serves now"),
    ("load_balancer", "whether there is a load balancer"),
    ("locked", "whether the login is locked"),
    ("maintenance", "whether maintenance mode is on"),
    ("membership", "who may work in it"),
    ("message", "what the server said about the end"),
    ("missing_scopes", "scopes that the token has not"),
    ("model", "model of the device"),
    ("name", "name that other commands take"),
    ("next", "what to do about it"),
    ("next_hour", "requests that the next hour allows"),
    ("operations", "what can be done with one; in brackets what has a command of its own"),
    ("org", "organization it belongs to"),
    ("organization_id", "organization it was used by"),
    ("organizations", "organizations that can be seen"),
    ("orgs", "how many organizations it holds for"),
    ("origin", "where the value comes from"),
    ("outcome", "how it ended, or where it stands"),
    ("owner", "who owns it"),
    ("parent", "organization above it"),
    ("password", "whether its value is a password, and hidden in tables"),
    ("path", "where it lies in the store"),
    ("plugin", "type of connection it is for"),
    ("port", "port that is open"),
    ("ports", "ports, each with that on the server"),
    ("private_ip", "address in the network of the containers"),
    ("profile", "profile that holds"),
    ("protocol", "tcp, udp or icmp"),
    ("provider", "which API it is for"),
    ("rate", "requests left of those in an hour"),
    ("reachable", "whether the cloud behind it answers"),
    ("readonly", "whether it cannot be changed"),
    ("region", "region of the cloud"),
    ("regions", "how many regions there are"),
    ("remaining", "requests that are left of this hour"),
    ("reseller", "whether it has customers of its own"),
    ("resource", "what it was done to"),
    ("restore", "state of the last restore of it"),
    ("result", "what the server said about it"),
    ("result_id", "what the work made or changed"),
    ("role", "what somebody may do"),
    ("roles", "what it does for the stack, such as web or db"),
    ("scope", "where it applies"),
    ("scopes", "scopes that the token is known to have"),
    ("secondary", "what more closely was used"),
    ("server", "server it is on"),
    ("server_uid", "UID of that server"),
    ("servers", "servers it runs on"),
    ("service", "service it belongs to"),
    ("settings", "what else it sets"),
    ("size", "how large it is"),
    ("sizes", "how many sizes of servers there are"),
    ("skipped_tables", "tables that were left out"),
    ("stacks", "how many stacks it has"),
    ("start", "where the period begins"),
    ("started", "when it began"),
    ("state", "whether it is running, has finished well, or has failed"),
    ("status", "state of the last deployment"),
    ("system", "whether it came with the CloudMC"),
    ("time", "when it happened"),
    ("timezone", "time zone"),
    ("title", "name for people"),
    ("to", "what is opened: an address, a group or a server"),
    ("token", "where the API token comes from"),
    ("trial", "whether it is on trial"),
    ("type", "which kind it is"),
    ("uid", "UID that other commands take"),
    ("unknown_scopes", "scopes that nothing is known about"),
    ("updated", "when it was last changed"),
    ("url", "page of the commit"),
    ("usage", "how much was used"),
    ("used", "requests that were made in this hour"),
    ("user", "who it is for, or logs in there"),
    ("user_id", "number of the user"),
    ("username", "name to log in with"),
    ("value", "value it has"),
    ("vendor_uid", "number of the server at its cloud"),
    ("verify", "state of the last verification of it"),
    ("via", "what it was started through, such as api or web"),
    ("wanted", "how many containers should run"),
    ("warning", "what to know before changing it"),
];

/// Columns that mean something of their own in one resource, which is named by what many are called.
const OWN: &[(&str, &str, &str)] = &[
    ("backups", "status", "whether it was taken well"),
    ("backups", "server", "UID of the server it was taken on"),
    ("backups", "type", "type of the database"),
    ("containers", "health", "whether it is up, and who says so"),
    ("deployments", "type", "kind of deployment, such as build"),
    ("devices", "token", "token that names the device"),
    ("earlier values", "updated", "when it was replaced"),
    ("entries", "id", "id that `stacks create` takes"),
    ("entries", "name", "name for people"),
    ("files", "id", "id that `backups url` takes"),
    ("files", "name", "name of the file"),
    ("notification settings", "user", "number of the user it is for"),
    ("server groups", "type", "what its servers do for the stack"),
    ("servers", "type", "where it came from: a cloud or your own"),
    ("servers", "user", "who logs in there"),
    ("settings", "id", "its name as paths of the API have it"),
    ("environment variables", "id", "its number"),
    ("new stacks", "action", "number of the action that made it"),
];

/// What a column of a resource means.
pub(crate) fn meaning(plural: &str, column: &str) -> Option<&'static str> {
    let own = OWN.iter().find(|(resource, name, _)| *resource == plural && *name == column);
    let shared = || SHARED.iter().find(|(name, _)| *name == column);
    own.map(|(_, _, meaning)| *meaning).or_else(|| shared().map(|(_, meaning)| *meaning))
}

/// The columns of a resource, which are listed like anything else.
struct Columns;

#[derive(Deserialize)]
struct Described {
    column: String,
    shown: String,
    meaning: Option<String>,
}

impl Resource for Columns {
    type View = Described;
    const SINGULAR: &'static str = "column";
    const PLURAL: &'static str = "columns";
    const COLUMNS: &'static [Column<Described>] = &[
        Column::new("column", |described| described.column.as_str().into()),
        Column::new("shown", |described| described.shown.as_str().into()),
        Column::new("meaning", |described| described.meaning.clone().into()),
    ];

    fn id(view: &Described) -> Option<String> {
        Some(view.column.clone())
    }
}

/// Prints the columns of a resource with their meaning when that is what `--columns help` asked for; `true` when it
/// did, and nothing is to be fetched.
pub(crate) fn print_columns(resource: &Description, console: &Console, plan: &Plan, named: &[String]) -> Result<bool> {
    if named != ["help"] {
        return Ok(false);
    }
    let described = |column: Heading| {
        let shown = if column.wide { "wide" } else { "always" };
        let meaning = meaning(resource.plural, column.name);
        Document::of(&serde_json::json!({ "column": column.name, "shown": shown, "meaning": meaning }))
    };
    let documents: Vec<Document> = resource.columns().map(described).collect();
    if plan.is_text_faithful() {
        plan.documents(console, &documents)?;
    } else {
        let items = documents.into_iter().map(|document| Item::new(Columns::DESCRIPTION, document, false, false));
        let items: Vec<Item> = items.collect::<Result<_>>()?;
        Rows::new(console, plan.format, Chosen::all(Columns::DESCRIPTION, &[], false), true).print(&items)?;
    }
    console.flush()?;
    if plan.is_for_people() {
        console.note("any JSON path of an item is a column too, such as triggered_via.meaning");
    }
    Ok(true)
}
