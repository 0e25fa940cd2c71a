//! The names of a `CloudMC`: its services, environments and types, and what is in them.

use std::cell::OnceCell;

use clap::Command;
use serde_json::Value;

use super::lookup::silent_context;
use super::names::{Name, distinct};
use super::typed::Typed;
use crate::cli::candidates::Candidates;
use crate::cli::cloudmc::OrgArgs;
use crate::cloudmc::endpoints::{
    CONNECTIONS_LIST, DESCRIPTORS_SHOW, ENTITIES_LIST, ENVIRONMENTS_LIST, ORGANIZATIONS_LIST, QUOTAS_LIST, USERS_LIST,
};
use crate::cloudmc::{CloudMc, request};
use crate::commands::cloudmc::find;
use crate::commands::context::Context;
use crate::config::{Key, Provider, Secret, Settings, paths};
use crate::error::{Error, Result};
use crate::http::endpoint::Endpoint;
use crate::http::fields::Fields;
use crate::name_cache::{Memory, Rows};

/// What is asked for.
#[derive(Clone, Copy)]
pub(super) enum Asked {
    Words,
    Environments,
    EnvironmentIds,
    /// What an endpoint lists, by these fields, the best first, each a name to the commands; and a field for the note.
    Listed(&'static Endpoint, &'static [&'static str], &'static str),
}

impl Asked {
    /// What of a `CloudMC` an argument is completed with; nothing for what is of Cloud 66.
    pub(super) fn of(wanted: Candidates) -> Option<Self> {
        use Candidates as C;
        Some(match wanted {
            C::CloudMcWords => Self::Words,
            C::CloudMcEnvironments => Self::Environments,
            C::CloudMcEnvironmentIds => Self::EnvironmentIds,
            C::CloudMcConnections => Self::Listed(&CONNECTIONS_LIST, &["serviceCode", "name", "id"], "name"),
            C::CloudMcOrganizations => Self::Listed(&ORGANIZATIONS_LIST, &["entryPoint", "name", "id"], "name"),
            C::CloudMcUsers => Self::Listed(&USERS_LIST, &["userName", "email", "id"], "email"),
            C::CloudMcQuotas => Self::Listed(&QUOTAS_LIST, &["name", "id"], "name"),
            _ => return None,
        })
    }
}

/// The line, as far as it matters here.
pub(super) struct Words<'w> {
    /// All of it, but for the word the cursor is in.
    pub(super) typed: &'w Typed,
    /// The words before the cursor that say what is meant.
    pub(super) before: Vec<String>,
    /// As much of the next one as was typed.
    pub(super) current: &'w str,
}

/// The command where the one that was typed takes as few words as there are.
pub(super) fn with_any_words(command: Command, typed: &Typed) -> Command {
    let path = typed.path();
    let is_asked = |argument: &clap::Arg| argument.get_id() == "words";
    command.mut_subcommands(|noun| {
        if path.first() != Some(&noun.get_name()) {
            return noun;
        }
        noun.mut_subcommands(|verb| {
            if path.get(1) != Some(&verb.get_name()) {
                return verb;
            }
            verb.mut_args(
                |argument| if is_asked(&argument) { argument.num_args(0..).required(false) } else { argument },
            )
        })
    })
}

/// An environment, as it is kept.
struct Environment {
    id: String,
    name: String,
    service: String,
    /// UUID of the connection to that service.
    connection: String,
    /// Type of that service.
    kind: String,
}

impl Environment {
    fn label(&self) -> String {
        format!("{}/{}", self.service, self.name)
    }

    /// Whether it is in the service of that code, or of the connection with that UUID.
    fn is_of(&self, service: &str) -> bool {
        !service.is_empty() && (self.service == service || self.connection == service)
    }
}

/// Who asks, of which `CloudMC`, and for which organization.
pub(super) struct Lookup {
    context: Context,
    memory: Memory,
    /// Root of the API and key; none for the sandbox.
    access: Option<(String, Secret)>,
    client: OnceCell<CloudMc>,
    org: OrgArgs,
}

impl Lookup {
    /// Finds out who asks as the command would, but runs no `token_command`; `org` is what the line says.
    pub(super) fn new(settings: Settings, sandboxed: bool, org: Option<String>) -> Result<Self> {
        let context = silent_context(settings, sandboxed);
        let settings = &context.settings;
        let named = org.clone().or_else(|| settings.get(Key::Org).map(|org| org.text.to_owned())).unwrap_or_default();
        let (asker, access) = if sandboxed {
            let state = paths::sandbox_state(settings.variables())?.display().to_string();
            (["sandboxed cloudmc".to_owned(), named, state], None)
        } else {
            if settings.provider() != Provider::CloudMc {
                return Err(Error::usage("the profile is for another provider"));
            }
            let (root, key) = (context.cloudmc_endpoint(None)?, settings.token_at_hand()?);
            ([root.clone(), named, key.expose().to_owned()], Some((root, key)))
        };
        let memory = Memory::new(settings, asker);
        Ok(Self { context, memory, access, client: OnceCell::new(), org: OrgArgs { org } })
    }

    /// The names that are asked for.
    pub(super) async fn names(&self, asked: Asked, words: &Words<'_>) -> Result<Vec<Name>> {
        match asked {
            Asked::Words => self.next_words(words).await,
            Asked::Environments => Ok(environment_names(&self.environments().await?, words.current)),
            Asked::EnvironmentIds => {
                let named = |one: &Environment| Name::new(one.id.clone(), one.label());
                Ok(self.environments().await?.iter().map(named).collect())
            }
            Asked::Listed(endpoint, names, note) => {
                let fields: Vec<&str> = names.iter().copied().chain([note]).collect();
                let question = [&[endpoint.id][..], &fields].concat();
                let rows = self.memory.recall(&question, self.list(endpoint, &fields)).await?;
                Ok(things(rows, names.len()))
            }
        }
    }

    /// What the next word of `list`, `get`, `create`, `update`, `delete` and `do` can be.
    async fn next_words(&self, words: &Words<'_>) -> Result<Vec<Name>> {
        let setting = |key| self.context.settings.get(key).map(|setting| setting.text.to_owned());
        let environments = self.environments().await?;
        let places = Places { environments, service: setting(Key::Service), environment: setting(Key::Environment) };
        let (place, rest) = match places.after(&words.before, words.typed.text("env_id").as_deref()) {
            None => return Err(Error::usage("the words name no environment")),
            Some(Next::Place) => {
                let mut found = places.first_words(words.current);
                // Where the profile says where, it need not be said.
                if let Some(place) = places.configured() {
                    found.extend(self.type_names(place).await?);
                }
                return Ok(found);
            }
            Some(Next::EnvironmentOf(service)) => return Ok(names_within(&places.of_service(service))),
            Some(Next::Within(place, rest)) => (place, rest),
        };
        let verb = words.typed.path().get(1).copied().unwrap_or_default();
        match rest {
            [] => self.type_names(place).await,
            [kind] if !matches!(verb, "list" | "create") => {
                let by_name = verb == "get" || words.typed.is_on("by_name");
                self.entity_names(place, kind, by_name).await
            }
            [kind, _] if verb == "do" => {
                let types = self.types(place).await?;
                let of_kind = types.iter().find(|row| row.first() == Some(kind));
                Ok(of_kind.into_iter().flat_map(|row| &row[1..]).map(|operation| Name::new(operation, "")).collect())
            }
            _ => Ok(Vec::new()),
        }
    }

    async fn type_names(&self, place: &Environment) -> Result<Vec<Name>> {
        let types = self.types(place).await?;
        Ok(types.into_iter().filter_map(|row| row.into_iter().next()).map(|kind| Name::new(kind, "")).collect())
    }

    /// The things of one type: what changes them takes no name, unless the line says so.
    async fn entity_names(&self, place: &Environment, kind: &str, by_name: bool) -> Result<Vec<Name>> {
        let question = [ENTITIES_LIST.id, &place.service, &place.name, kind];
        let rows = self.memory.recall(&question, async {
            let parts = [("service_code", &*place.service), ("environment_name", &*place.name), ("entity_type", kind)];
            let documents = self.client().await?.rows(&request(&ENTITIES_LIST, &parts)?).await?;
            documents.iter().map(|document| Ok(texts(&document.view()?, &["name", "id"]))).collect()
        });
        let choices = |row: Vec<String>| {
            let [name, id] = <[String; 2]>::try_from(row).unwrap_or_default();
            // Some types have no id; then the name is it.
            let id = if id.is_empty() { name.clone() } else { id };
            if by_name { (vec![name, id.clone()], id) } else { (vec![id], name) }
        };
        Ok(distinct(rows.await?.into_iter().map(choices).collect()))
    }

    /// The types of the service that an environment is in, each with those of its operations that have no verb.
    async fn types(&self, place: &Environment) -> Result<Rows> {
        self.memory
            .recall(&[DESCRIPTORS_SHOW.id, &place.connection], async {
                let client = self.client().await?;
                let kind = if place.kind.is_empty() {
                    let connection: Fields = find::connection(client, &place.connection).await?.view()?;
                    connection.text("type").unwrap_or_default()
                } else {
                    place.kind.clone()
                };
                let descriptor = client.one(&request(&DESCRIPTORS_SHOW, &[("type", &kind)])?).await?;
                let row = |fields: Fields| {
                    let has_no_verb =
                        |operation: &Value| operation.get("defaultOperationType").is_none_or(Value::is_null);
                    let operations = fields.value("operations").unwrap_or_default();
                    let operations = operations.as_object().into_iter().flatten();
                    let operations =
                        operations.filter(|(_, operation)| has_no_verb(operation)).map(|(name, _)| name.clone());
                    fields.text("type").into_iter().chain(operations).collect()
                };
                descriptor.list("entityDescriptors")?.iter().map(|kind| Ok(row(kind.view()?))).collect()
            })
            .await
    }

    async fn environments(&self) -> Result<Vec<Environment>> {
        let rows = self.memory.recall(&[ENVIRONMENTS_LIST.id], async {
            let environments = find::environments(self.client().await?).await?;
            let row = |one: find::Environment| {
                let [connection, kind] = [one.connection, one.kind].map(Option::unwrap_or_default);
                vec![one.id, one.name, one.service, connection, kind]
            };
            Ok(environments.into_iter().map(row).collect())
        });
        let environment = |row: Vec<String>| {
            let [id, name, service, connection, kind] = row.try_into().ok()?;
            Some(Environment { id, name, service, connection, kind })
        };
        Ok(rows.await?.into_iter().filter_map(environment).collect())
    }

    async fn list(&self, endpoint: &'static Endpoint, fields: &[&str]) -> Result<Rows> {
        let client = self.client().await?;
        let documents = client.rows(&find::with_organization(client, request(endpoint, &[])?, endpoint)).await?;
        documents.iter().map(|document| Ok(texts(&document.view()?, fields))).collect()
    }

    async fn client(&self) -> Result<&CloudMc> {
        let client = match &self.access {
            None => self.context.keyed_cloudmc().await?,
            Some((root, key)) => {
                if self.client.get().is_none() {
                    let client = self.context.cloudmc_for(root, key)?;
                    self.client.get_or_init(|| client);
                }
                self.client.get().ok_or_else(|| Error::internal("a client was lost"))?
            }
        };
        self.context.act_for_named(client, &self.org).await?;
        Ok(client)
    }
}

fn texts(fields: &Fields, names: &[&str]) -> Vec<String> {
    names.iter().map(|name| fields.text(name).unwrap_or_default()).collect()
}

/// Things by the first so many texts of their rows, with the next for a note.
fn things(rows: Rows, names: usize) -> Vec<Name> {
    let whole = rows.into_iter().filter(|row| row.len() > names);
    distinct(
        whole
            .map(|mut row| {
                let note = row.swap_remove(names);
                row.truncate(names);
                (row, note)
            })
            .collect(),
    )
}

/// Where words may lead.
struct Places {
    environments: Vec<Environment>,
    /// The service that the profile says.
    service: Option<String>,
    /// The environment that the profile says.
    environment: Option<String>,
}

/// What comes after some words.
enum Next<'w> {
    /// A service, or whatever else begins.
    Place,
    /// An environment of this service.
    EnvironmentOf(&'w str),
    /// What is in this environment; these words were said of it.
    Within(&'w Environment, &'w [String]),
}

impl Places {
    /// Takes the words as the command does; nothing when they lead nowhere.
    fn after<'w>(&'w self, words: &'w [String], id: Option<&str>) -> Option<Next<'w>> {
        let service = self.service.as_deref();
        Some(match (words, id) {
            (rest, Some(id)) => Next::Within(self.named(None, id)?, rest),
            ([], None) => Next::Place,
            ([first, rest @ ..], None) if first.contains('/') => {
                let (service, name) = first.split_once('/')?;
                Next::Within(self.named(Some(service), name)?, rest)
            }
            ([first], None) if !self.of_service(first).is_empty() => Next::EnvironmentOf(first),
            ([first, name, rest @ ..], None) if !self.of_service(first).is_empty() => {
                Next::Within(self.named(Some(first), name)?, rest)
            }
            ([name, rest @ ..], None) if self.named(service, name).is_some() => {
                Next::Within(self.named(service, name)?, rest)
            }
            (rest, None) => Next::Within(self.configured()?, rest),
        })
    }

    /// The one environment with that name or UUID.
    fn named(&self, service: Option<&str>, name: &str) -> Option<&Environment> {
        let mut found = self
            .environments
            .iter()
            .filter(|one| (one.id == name || one.name == name) && service.is_none_or(|service| one.is_of(service)));
        found.next().filter(|_| found.next().is_none())
    }

    /// The environment that the profile says.
    fn configured(&self) -> Option<&Environment> {
        self.named(self.service.as_deref(), self.environment.as_deref()?)
    }

    fn of_service(&self, service: &str) -> Vec<&Environment> {
        self.environments.iter().filter(|one| one.is_of(service)).collect()
    }

    /// The services that have environments, and the environments of the one that the profile says; after a slash, the
    /// environments with the codes of their services.
    fn first_words(&self, current: &str) -> Vec<Name> {
        let known = self.environments.iter().filter(|one| !one.service.is_empty());
        if current.contains('/') {
            return known.map(|one| Name::new(one.label(), "")).collect();
        }
        let mut services: Vec<&str> = known.map(|one| one.service.as_str()).collect();
        services.sort_unstable();
        services.dedup();
        let services = services.into_iter().map(|service| Name::new(service, "service"));
        let own = self.service.iter().flat_map(|service| names_within(&self.of_service(service)));
        services.chain(own).collect()
    }
}

/// The names of environments of one service.
fn names_within(environments: &[&Environment]) -> Vec<Name> {
    environments.iter().map(|one| Name::new(one.name.clone(), one.label())).collect()
}

/// What names each environment: its name where no other has it, else with its service, else its UUID.
fn environment_names(environments: &[Environment], current: &str) -> Vec<Name> {
    let names = |one: &Environment| {
        // What was typed so far rules out the shorter form.
        let name = if current.contains('/') { String::new() } else { one.name.clone() };
        (vec![name, one.label(), one.id.clone()], one.label())
    };
    distinct(environments.iter().map(names).collect())
}
