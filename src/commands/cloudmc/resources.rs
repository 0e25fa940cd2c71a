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
use crate::resource::show::show_revealing;
use crate::resource::{Column, Resource};
use crate::text::sanitize::clean;

/// A resource whose columns are fields.
macro_rules! resource {
    ($(#[$doc:meta])* $name:ident $singular:literal $plural:literal $id:literal [$($column:expr),* $(,)?]) => {
        $(#[$doc])*
        pub(super) struct $name;

        impl Resource for $name {
            type View = Fields;
            const SINGULAR: &'static str = $singular;
            const PLURAL: &'static str = $plural;
            const COLUMNS: &'static [Column<Fields>] = &[$($column),*];
            const SECRET: bool = true;

            fn id(view: &Fields) -> Option<String> {
                view.text($id).or_else(|| view.text("name"))
            }

            fn conceal(item: &mut Value) {
                secrets::conceal(item);
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
    let inner = fields.within(name);
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
    Cell::Word(word, tone)
}

resource! {
    /// Organizations.
    Organizations "organization" "organizations" "id" [
        Column::new("id", |org| org.text("id").into()),
        Column::new("name", |org| org.text("name").into()),
        Column::new("entry_point", |org| org.text("entryPoint").into()),
        Column::new("parent", |org| named(org, "parent")),
        Column::new("reseller", |org| org.boolean("isReseller").into()),
        Column::wide("billable", |org| org.boolean("isBillable").into()),
        Column::wide("trial", |org| org.boolean("isTrial").into()),
        Column::wide("created", |org| time(org, "creationDate")),
    ]
}

resource! {
    /// Users.
    Users "user" "users" "id" [
        Column::new("id", |user| user.text("id").into()),
        Column::new("username", |user| user.text("userName").into()),
        Column::new("name", |user| {
            let names: Vec<String> = ["firstName", "lastName"].iter().filter_map(|name| user.text(name)).collect();
            Cell::Text(names.join(" "))
        }),
        Column::new("email", |user| user.text("email").into()),
        Column::new("role", |user| named(&user.within("primaryRoleBinding"), "role")),
        Column::new("status", |user| state(user, "status")),
        Column::new("org", |user| named(user, "organization")),
        Column::wide("2fa", |user| user.boolean("tfaEnabled").into()),
        Column::wide("last_login", |user| time(user, "lastLogin")),
        Column::wide("created", |user| time(user, "creationDate")),
    ]
}

resource! {
    /// Environments.
    Environments "environment" "environments" "id" [
        Column::new("id", |env| env.text("id").into()),
        Column::new("name", |env| env.text("name").into()),
        Column::new("service", |env| {
            let connection = env.within("serviceConnection");
            connection.text("serviceCode").or_else(|| connection.text("name")).into()
        }),
        Column::new("state", |env| state(env, "state")),
        Column::new("org", |env| named(env, "organization")),
        Column::new("membership", |env| env.text("membership").into()),
        Column::wide("description", |env| env.text("description").into()),
        Column::wide("default_role", |env| named(env, "defaultRole")),
        Column::wide("created", |env| time(env, "creationDate")),
    ]
}

resource! {
    /// Members of an environment.
    Members "member" "members" "id" [
        Column::new("user", |member| member.within("user").text("userName").into()),
        Column::new("email", |member| member.within("user").text("email").into()),
        Column::new("role", |member| named(member, "role")),
        Column::new("state", |member| state(member, "state")),
        Column::new("membership", |member| member.within("metadata").text("membership").into()),
        Column::wide("user_id", |member| member.within("user").text("id").into()),
        Column::wide("id", |member| member.text("id").into()),
        Column::wide("created", |member| time(member, "creationDate")),
    ]
}

resource! {
    /// Service connections.
    Connections "connection" "connections" "id" [
        Column::new("id", |connection| connection.text("id").into()),
        Column::new("code", |connection| connection.text("serviceCode").into()),
        Column::new("name", |connection| connection.text("name").into()),
        Column::new("type", |connection| connection.text("type").into()),
        Column::new("reachable", |connection| connection.within("status").boolean("reachable").into()),
        Column::wide("org", |connection| named(connection, "organization")),
        Column::wide("checked", |connection| time(&connection.within("status"), "lastUpdated")),
    ]
}

resource! {
    /// Types of things that a service has.
    Types "type" "types" "type" [
        Column::new("type", |kind| kind.text("type").into()),
        Column::new("operations", |kind| Cell::Text(operations(kind).join(" "))),
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
        Column::new("id", |role| role.text("id").into()),
        Column::new("name", |role| role.text("name").into()),
        Column::new("scope", |role| role.text("defaultScope").into()),
        Column::new("system", |role| role.boolean("isSystem").into()),
        Column::new("plugin", |role| role.text("pluginName").into()),
    ]
}

resource! {
    /// Quotas.
    Quotas "quota" "quotas" "id" [
        Column::new("id", |quota| quota.text("id").into()),
        Column::new("name", |quota| quota.text("name").into()),
        Column::new("service", |quota| {
            let connection = quota.within("serviceConnection");
            connection.text("serviceCode").or_else(|| connection.text("name")).into()
        }),
        Column::new("default", |quota| quota.boolean("defaultForService").into()),
        Column::new("orgs", |quota| quota.text("numberOfOrganizationsAppliedTo").into()),
    ]
}

resource! {
    /// What was done.
    Activities "entry" "entries" "id" [
        Column::new("time", |entry| time(entry, "created")),
        Column::new("event", |entry| entry.text("eventCode").into()),
        Column::new("status", |entry| state(entry, "status")),
        Column::new("user", |entry| entry.text("username").into()),
        Column::new("env", |entry| entry.text("environmentName").into()),
        Column::new("org", |entry| entry.text("organizationName").into()),
        Column::wide("ip", |entry| entry.text("requesterIp").into()),
        Column::wide("id", |entry| entry.text("id").into()),
    ]
}

resource! {
    /// Sums of usage.
    Usages "record" "records" "usageType" [
        Column::new("type", |record| record.text("usageType").into()),
        Column::new("secondary", |record| record.text("secondaryType").into()),
        Column::new("usage", |record| record.text("utilityUsage").into()),
        Column::new("cost", |record| record.text("utilityCost").into()),
        Column::new("start", |record| time(record, "startDate")),
        Column::new("end", |record| time(record, "endDate")),
        Column::wide("connection_id", |record| record.text("serviceConnectionId").into()),
        Column::wide("organization_id", |record| record.text("organizationId").into()),
    ]
}

/// The text under the first of two names: tasks come flat or wrapped.
fn either(fields: &Fields, flat: &str, wrapped: &str) -> Option<String> {
    fields.text(flat).or_else(|| fields.text(wrapped))
}

resource! {
    /// Tasks.
    Tasks "task" "tasks" "id" [
        Column::new("id", |task| either(task, "taskId", "id").into()),
        Column::new("status", |task| {
            let Some(word) = either(task, "taskStatus", "status") else { return Cell::Empty };
            let tone = match Status::of(&word) {
                Status::Pending => Tone::Busy,
                Status::Success => Tone::Good,
                Status::Failed => Tone::Bad,
                Status::Unknown(_) => Tone::Plain,
            };
            Cell::Word(word, tone)
        }),
        Column::new("created", |task| time(task, "created")),
        Column::new("result_id", |task| task.within("result").text("id").into()),
        Column::wide("result", |task| task.text("result").into()),
    ]
}

resource! {
    /// Things of any type of any service.
    Entities "thing" "things" "id" [
        Column::new("id", |entity| entity.text("id").into()),
        Column::new("name", |entity| entity.text("name").into()),
        Column::new("state", |entity| state(entity, "state")),
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
    let format = context.plan.format;
    if list.columns.is_empty() && !context.plan.is_text_faithful() && format != Format::Name && !rows.is_empty() {
        let values: Vec<Value> = rows.iter().map(Document::value).collect::<Result<_>>()?;
        list.columns = columns_of(kind, &values, format == Format::Wide);
    }
    let Some(listing) = Listing::of::<Entities>(&context.console, &context.plan, &list)? else { return Ok(()) };
    listing.revealing(reveal).print_documents(rows).await
}

/// Prints one thing of whatever form: fields for people where it has any.
pub(super) fn print_entity(context: &Context, document: Document, show: &ShowArgs, reveal: bool) -> Result<()> {
    let value = document.value()?;
    let Some(fields) = value.as_object() else {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if context.plan.is_text_faithful() || (value.is_array() && context.plan.is_for_people()) {
            context.plan.document(&context.console, &document)?;
        } else if matches!(context.plan.format, Format::Csv | Format::Tsv) {
            context.plan.texts(&context.console, "value", &[text])?;
        } else {
            context.console.write(|out| writeln!(out, "{}", clean(&text)))?;
        }
        return context.console.flush();
    };
    let mut show = show.clone();
    if show.columns.is_empty() && !context.plan.is_text_faithful() {
        let is_empty = |value: &Value| value.as_array().is_some_and(Vec::is_empty) || *value == Value::Null;
        let there = fields.iter().filter(|(name, value)| !is_empty(value) && !name.contains(['.', ',']));
        show.columns = there.map(|(name, _)| name.clone()).collect();
    }
    show_revealing::<Entities>(&context.console, &context.plan, &show, document, reveal)
}
