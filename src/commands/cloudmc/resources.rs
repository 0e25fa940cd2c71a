//! What the things of a CloudMC look like: their columns.

use serde_json::Value;

use super::super::context::Context;
use crate::args::{ListArgs, ShowArgs};
use crate::cloudmc::secrets;
use crate::cloudmc::task::Status;
use crate::error::Result;
use crate::http::document::Document;
use crate::http::fields::Fields;
use crate::http::trace::is_secret_key;
use crate::output::Format;
use crate::output::cell::{Cell, Tone};
use crate::resource::list::Listing;
use crate::resource::noun::Noun;
use crate::resource::show::show_revealing;
use crate::resource::{Column, Resource, wide};
use crate::text::sanitize::sanitize;

/// A resource whose columns are fields.
macro_rules! resource {
    ($(#[$doc:meta])* $name:ident $singular:literal $plural:literal $id:literal [$($column:expr),* $(,)?]) => {
        $(#[$doc])*
        pub(super) struct $name;

        impl Resource for $name {
            type View = Fields;
            const NOUN: &'static Noun = &Noun::new::<Self>($singular, $plural).concealed_by(secrets::redact);
            const COLUMNS: &'static [Column<Fields>] = &[$($column),*];

            fn id(view: &Fields) -> Option<String> {
                view.text($id).or_else(|| view.text("name"))
            }
        }
    };
}

/// A time that may come in a form of its own, which is then shown as it came.
fn time(fields: &Fields, name: &str) -> Cell {
    fields.time(&[name]).map_or_else(|| fields.text(name).into(), Into::into)
}

/// The name of an object within, else its id.
fn named(fields: &Fields, name: &str) -> Cell {
    let inner = fields.object(name);
    inner.text("name").or_else(|| inner.text("id")).into()
}

/// A state in the words of the server, which has several sets of them.
fn state(fields: &Fields, name: &str) -> Cell {
    let Some(word) = fields.text(name) else { return Cell::Empty };
    let tone = match word.to_ascii_uppercase().as_str() {
        "RUNNING" | "PROVISIONED" | "SUCCESS" | "ACTIVE" | "READY" | "ALLOCATED" | "IMPLEMENTED" => Tone::Good,
        "PENDING" | "PROVISIONING" | "PURGING" | "STARTING" | "STOPPING" => Tone::Busy,
        "FAILED" | "FAILURE" | "ERROR" | "ERROR_PROVISIONING" | "ERROR_PURGING" => Tone::Bad,
        "STOPPED" | "DISABLED" | "PURGED" | "DESTROYED" => Tone::Dim,
        _ => Tone::Plain,
    };
    Cell::State(word, tone)
}

resource! {
    /// Organizations.
    Organizations "organization" "organizations" "id" [
        Column::text("id", "number that other commands take", |org| org.text("id").into()),
        Column::text("name", "name that other commands take", |org| org.text("name").into()),
        Column::text("entry_point", "first part of the address of its pages", |org| org.text("entryPoint").into()),
        Column::text("parent", "organization above it", |org| named(org, "parent")),
        Column::flag("reseller", "whether it has customers of its own", |org| org.boolean("isReseller").into()),
        wide(Column::flag("billable", "whether it is charged for", |org| org.boolean("isBillable").into())),
        wide(Column::flag("trial", "whether it is on trial", |org| org.boolean("isTrial").into())),
        wide(Column::time("created", "when it was made", |org| time(org, "creationDate"))),
    ]
}

resource! {
    /// Users.
    Users "user" "users" "id" [
        Column::text("id", "number that other commands take", |user| user.text("id").into()),
        Column::text("username", "name to log in with", |user| user.text("userName").into()),
        Column::text("name", "name that other commands take", |user| {
            let names: Vec<String> = ["firstName", "lastName"].iter().filter_map(|name| user.text(name)).collect();
            Cell::Text(names.join(" "))
        }),
        Column::text("email", "e-mail address", |user| user.text("email").into()),
        Column::text("role", "what somebody may do", |user| named(&user.object("primaryRoleBinding"), "role")),
        Column::text("status", "state of the last deployment", |user| state(user, "status")),
        Column::text("org", "organization it belongs to", |user| named(user, "organization")),
        wide(Column::flag("2fa", "whether a second factor is asked for at the login", |user| user.boolean("tfaEnabled").into())),
        wide(Column::time("last_login", "when the last login was", |user| time(user, "lastLogin"))),
        wide(Column::time("created", "when it was made", |user| time(user, "creationDate"))),
    ]
}

resource! {
    /// Environments.
    Environments "environment" "environments" "id" [
        Column::text("id", "number that other commands take", |env| env.text("id").into()),
        Column::text("name", "name that other commands take", |env| env.text("name").into()),
        Column::text("service", "service it belongs to", |env| {
            let connection = env.object("serviceConnection");
            connection.text("serviceCode").or_else(|| connection.text("name")).into()
        }),
        Column::text("state", "whether it is running, has finished well, or has failed", |env| state(env, "state")),
        Column::text("org", "organization it belongs to", |env| named(env, "organization")),
        Column::text("membership", "who may work in it", |env| env.text("membership").into()),
        wide(Column::text("description", "what somebody wrote about it", |env| env.text("description").into())),
        wide(Column::text("default_role", "role of who is in no other", |env| named(env, "defaultRole"))),
        wide(Column::time("created", "when it was made", |env| time(env, "creationDate"))),
    ]
}

resource! {
    /// Members of an environment.
    Members "member" "members" "id" [
        Column::text("user", "who it is for, or logs in there", |member| member.object("user").text("userName").into()),
        Column::text("email", "e-mail address", |member| member.object("user").text("email").into()),
        Column::text("role", "what somebody may do", |member| named(member, "role")),
        Column::text("state", "whether it is running, has finished well, or has failed", |member| state(member, "state")),
        Column::text("membership", "who may work in it", |member| member.object("metadata").text("membership").into()),
        wide(Column::text("user_id", "number of the user", |member| member.object("user").text("id").into())),
        wide(Column::text("id", "number that other commands take", |member| member.text("id").into())),
        wide(Column::time("created", "when it was made", |member| time(member, "creationDate"))),
    ]
}

resource! {
    /// Service connections.
    Connections "connection" "connections" "id" [
        Column::text("id", "number that other commands take", |connection| connection.text("id").into()),
        Column::text("code", "its name in commands and paths", |connection| connection.text("serviceCode").into()),
        Column::text("name", "name that other commands take", |connection| connection.text("name").into()),
        Column::text("type", "which kind it is", |connection| connection.text("type").into()),
        Column::flag("reachable", "whether the cloud behind it answers", |connection| connection.object("status").boolean("reachable").into()),
        wide(Column::text("org", "organization it belongs to", |connection| named(connection, "organization"))),
        wide(Column::time("checked", "when it was last tried", |connection| time(&connection.object("status"), "lastUpdated"))),
    ]
}

resource! {
    /// Types of things that a service has.
    Types "type" "types" "type" [
        Column::text("type", "which kind it is", |kind| kind.text("type").into()),
        Column::text("operations", "what can be done with one; in brackets what has a command of its own", |kind| Cell::Text(operations(kind).join(" "))),
    ]
}

/// The operations of a type; those that have a verb of their own in brackets.
fn operations(kind: &Fields) -> Vec<String> {
    let operations = kind.value("operations").unwrap_or_default();
    let plain =
        |operation: &Value| operation.get("defaultOperationType").and_then(Value::as_str).map(str::to_lowercase);
    operations
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, operation)| match plain(operation) {
            Some(verb) if verb == *name => format!("({name})"),
            Some(verb) => format!("({name}: {verb})"),
            None => name.clone(),
        })
        .collect()
}

resource! {
    /// Roles.
    Roles "role" "roles" "id" [
        Column::text("id", "number that other commands take", |role| role.text("id").into()),
        Column::text("name", "name that other commands take", |role| role.text("name").into()),
        Column::text("scope", "where it applies", |role| role.text("defaultScope").into()),
        Column::flag("system", "whether it came with the CloudMC", |role| role.boolean("isSystem").into()),
        Column::text("plugin", "type of connection it is for", |role| role.text("pluginName").into()),
    ]
}

resource! {
    /// Quotas.
    Quotas "quota" "quotas" "id" [
        Column::text("id", "number that other commands take", |quota| quota.text("id").into()),
        Column::text("name", "name that other commands take", |quota| quota.text("name").into()),
        Column::text("service", "service it belongs to", |quota| {
            let connection = quota.object("serviceConnection");
            connection.text("serviceCode").or_else(|| connection.text("name")).into()
        }),
        Column::flag("default", "whether it is what holds where nothing else is said", |quota| quota.boolean("defaultForService").into()),
        Column::text("orgs", "how many organizations it holds for", |quota| quota.text("numberOfOrganizationsAppliedTo").into()),
    ]
}

resource! {
    /// What was done.
    Activities "entry" "entries" "id" [
        Column::time("time", "when it happened", |entry| time(entry, "created")),
        Column::text("event", "what happened", |entry| entry.text("eventCode").into()),
        Column::text("status", "state of the last deployment", |entry| state(entry, "status")),
        Column::text("user", "who it is for, or logs in there", |entry| entry.text("username").into()),
        Column::text("env", "environment it happened in", |entry| entry.text("environmentName").into()),
        Column::text("org", "organization it belongs to", |entry| entry.text("organizationName").into()),
        wide(Column::text("ip", "address it came from", |entry| entry.text("requesterIp").into())),
        wide(Column::text("id", "id that `stacks create` takes", |entry| entry.text("id").into())),
    ]
}

resource! {
    /// Sums of usage.
    Usages "record" "records" "usageType" [
        Column::text("type", "which kind it is", |record| record.text("usageType").into()),
        Column::text("secondary", "what more closely was used", |record| record.text("secondaryType").into()),
        Column::text("usage", "how much was used", |record| record.text("utilityUsage").into()),
        Column::text("cost", "what it costs", |record| record.text("utilityCost").into()),
        Column::time("start", "where the period begins", |record| time(record, "startDate")),
        Column::time("end", "where the period ends", |record| time(record, "endDate")),
        wide(Column::text("connection_id", "connection that it was used in", |record| record.text("serviceConnectionId").into())),
        wide(Column::text("organization_id", "organization it was used by", |record| record.text("organizationId").into())),
    ]
}

/// The text under the first of two names: tasks come flat or wrapped.
fn either(fields: &Fields, flat: &str, wrapped: &str) -> Option<String> {
    fields.text(flat).or_else(|| fields.text(wrapped))
}

resource! {
    /// Tasks.
    Tasks "task" "tasks" "id" [
        Column::text("id", "number that other commands take", |task| either(task, "taskId", "id").into()),
        Column::text("status", "state of the last deployment", |task| {
            let Some(word) = either(task, "taskStatus", "status") else { return Cell::Empty };
            let tone = match Status::of(&word) {
                Status::Pending => Tone::Busy,
                Status::Success => Tone::Good,
                Status::Failed => Tone::Bad,
                Status::Unknown(_) => Tone::Plain,
            };
            Cell::State(word, tone)
        }),
        Column::time("created", "when it was made", |task| time(task, "created")),
        Column::text("result_id", "what the work made or changed", |task| task.object("result").text("id").into()),
        wide(Column::text("result", "what the server said about it", |task| task.text("result").into())),
    ]
}

resource! {
    /// Things of any type of any service.
    Entities "thing" "things" "id" [
        Column::text("id", "number that other commands take", |entity| entity.text("id").into()),
        Column::text("name", "name that other commands take", |entity| entity.text("name").into()),
        Column::text("state", "whether it is running, has finished well, or has failed", |entity| state(entity, "state")),
    ]
}

/// The columns of the types that most installations have.
const COLUMNS: [(&str, &[&str]); 19] = [
    ("instances", &["id", "name", "state", "ipAddress", "computeOfferingName", "imageName", "networkName", "zoneName"]),
    ("volumes", &["id", "name", "type", "state", "sizeInGb", "instanceName"]),
    ("snapshots", &["id", "name", "state", "volume"]),
    ("templates", &["id", "name", "osTypeName", "ready", "availablePublicly"]),
    ("isos", &["id", "name", "ready", "bootable"]),
    ("sshkeys", &["name", "fingerprint"]),
    ("affinitygroups", &["id", "name", "type"]),
    ("networks", &["id", "name", "cidr", "state", "vpcName"]),
    ("vpcs", &["id", "name", "cidr", "state", "zoneName"]),
    ("networkacls", &["id", "name"]),
    ("networkaclrules", &["ruleNumber", "cidr", "action", "protocol"]),
    ("publicipaddresses", &["id", "ipAddress", "purposes", "state", "vpcName"]),
    ("portforwardingrules", &["id", "ipAddress", "publicPortStart", "privateIp", "privatePortStart", "protocol"]),
    ("loadbalancerrules", &["id", "name", "publicIp", "publicPort", "privatePort"]),
    ("ingressrules", &["id", "sourceCidr", "protocol", "ports"]),
    ("egressrules", &["id", "sourceCidr", "protocol", "ports"]),
    ("nics", &["id", "ipAddress", "networkName", "isDefault"]),
    ("sitetositevpns", &["id", "name", "state", "gateway"]),
    ("computeofferings", &["id", "name", "cpuCount", "memoryInMB", "custom"]),
];

/// The columns for things of that type: those that are known of it where most of them are there, else `id`, `name`, the
/// state, and a few plain fields that all of the rows have.
pub(super) fn columns_of(kind: &str, rows: &[Value], wide: bool) -> Vec<String> {
    let has = |name: &str| rows.iter().any(|row| row.get(name).is_some());
    let known = COLUMNS.iter().find(|(name, _)| *name == kind).map_or(&[] as &[&str], |(_, columns)| columns);
    let there: Vec<String> = known.iter().filter(|name| has(name)).map(|name| (*name).to_owned()).collect();
    if !wide && !there.is_empty() && there.len() * 2 >= known.len() {
        return there;
    }
    let mut columns: Vec<String> =
        ["id", "name", "state", "status"].into_iter().filter(|name| has(name)).map(str::to_owned).collect();
    if columns.iter().any(|name| name == "state") {
        columns.retain(|name| name != "status");
    }
    let plain = |value: &Value| !value.is_array() && !value.is_object();
    let common = |name: &&String| rows.iter().all(|row| row.get(name.as_str()).is_some_and(plain));
    let fields = rows.first().and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name);
    let more =
        fields.filter(common).filter(|name| !columns.contains(name) && !is_secret_key(name) && !name.contains('.'));
    let more: Vec<String> = more.cloned().collect();
    columns.extend(more.into_iter().take(if wide { usize::MAX } else { 4 }));
    columns
}

/// Prints things of some type; the columns are chosen by what the rows have, unless the user chose.
pub(super) async fn print_entities(
    context: &Context,
    kind: &str,
    rows: Vec<Document>,
    list: &ListArgs,
    reveal: bool,
) -> Result<()> {
    let mut list = list.clone();
    let format = context.printer.format();
    if list.columns.is_empty() && !context.printer.is_structured() && format != Format::Name && !rows.is_empty() {
        let values: Vec<Value> = rows.iter().map(Document::value).collect::<Result<_>>()?;
        list.columns = columns_of(kind, &values, format == Format::Wide);
    }
    let Some(listing) = Listing::of::<Entities>(&context.printer, &list)? else { return Ok(()) };
    listing.revealing(reveal).print_documents(rows).await
}

/// Prints one thing of whatever form: fields for people where it has any.
pub(super) fn print_entity(context: &Context, document: Document, show: &ShowArgs, reveal: bool) -> Result<()> {
    let value = document.value()?;
    let Some(fields) = value.as_object() else {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if context.printer.is_structured() || (value.is_array() && context.printer.is_for_people()) {
            context.printer.document(&document)?;
        } else if matches!(context.printer.format(), Format::Csv | Format::Tsv) {
            context.printer.texts("value", &[text])?;
        } else {
            context.printer.write(|out| writeln!(out, "{}", sanitize(&text)))?;
        }
        return context.printer.flush();
    };
    let mut show = show.clone();
    if show.columns.is_empty() && !context.printer.is_structured() {
        let is_empty = |value: &Value| value.as_array().is_some_and(Vec::is_empty) || *value == Value::Null;
        let there = fields.iter().filter(|(name, value)| !is_empty(value) && !name.contains(['.', ',']));
        show.columns = there.map(|(name, _)| name.clone()).collect();
    }
    show_revealing::<Entities>(&context.printer, &show, document, reveal)
}
