//! Completes the names of a `CloudMC`: services, environments, types and resources.

use std::cell::OnceCell;

use clap::Command;
use serde_json::Value;

use super::candidate::{Candidate, unambiguous};
use super::line::ParsedLine;
use super::lookup::silent_context;
use crate::args::candidates::Candidates;
use crate::cloudmc::endpoints::{DESCRIPTORS_SHOW, ENTITIES_LIST, ENVIRONMENTS_LIST};
use crate::cloudmc::{CloudMc, request};
use crate::commands::cloudmc::args::OrgArgs;
use crate::commands::cloudmc::connections::{Connections, find_connection};
use crate::commands::cloudmc::envs::{self, Environment};
use crate::commands::cloudmc::orgs::Organizations;
use crate::commands::cloudmc::quotas::Quotas;
use crate::commands::cloudmc::users::Users;
use crate::commands::context::Context;
use crate::config::{Provider, Secret, SettingKey, Settings, paths};
use crate::error::{Error, Result};
use crate::http::fields::Fields;
use crate::name_cache::{NameCache, NameRows};
use crate::resource::Resource;
use crate::resource::noun::Noun;

/// What completes an argument.
#[derive(Clone, Copy)]
pub(super) enum NameQuery {
    Words,
    Environments,
    EnvironmentIds,
    /// The items of a noun, by its name fields.
    Items(&'static Noun),
}

impl NameQuery {
    /// The query for an argument; `None` if a CloudMC does not complete it.
    pub(super) fn of(wanted: Candidates) -> Option<Self> {
        use Candidates as C;
        Some(match wanted {
            C::CloudMcWords => Self::Words,
            C::CloudMcEnvironments => Self::Environments,
            C::CloudMcEnvironmentIds => Self::EnvironmentIds,
            C::CloudMcConnections => Self::Items(Connections::NOUN),
            C::CloudMcOrganizations => Self::Items(Organizations::NOUN),
            C::CloudMcUsers => Self::Items(Users::NOUN),
            C::CloudMcQuotas => Self::Items(Quotas::NOUN),
            _ => return None,
        })
    }
}

/// The words of a line that select the items.
pub(super) struct TypedWords<'w> {
    /// The line without the word at the cursor.
    pub(super) parsed: &'w ParsedLine,
    /// The positional arguments before the cursor.
    pub(super) before: Vec<String>,
    /// The typed part of the word at the cursor.
    pub(super) current: &'w str,
}

/// The command tree in which the typed command accepts any number of arguments, so that an incomplete line parses.
pub(super) fn with_any_words(command: Command, parsed: &ParsedLine) -> Command {
    let path = parsed.path();
    let is_words = |argument: &clap::Arg| argument.get_id() == "words";
    command.mut_subcommands(|noun| {
        if path.first() != Some(&noun.get_name()) {
            return noun;
        }
        noun.mut_subcommands(|verb| {
            if path.get(1) != Some(&verb.get_name()) {
                return verb;
            }
            verb.mut_args(
                |argument| if is_words(&argument) { argument.num_args(0..).required(false) } else { argument },
            )
        })
    })
}

/// An environment as a row of the cache.
struct CachedEnvironment {
    id: String,
    name: String,
    service: String,
    /// UUID of the connection to that service.
    connection: String,
    /// Type of that service.
    kind: String,
}

impl CachedEnvironment {
    fn label(&self) -> String {
        format!("{}/{}", self.service, self.name)
    }

    /// Whether it is in the service with that code, or of the connection with that UUID.
    fn is_of(&self, service: &str) -> bool {
        !service.is_empty() && (self.service == service || self.connection == service)
    }
}

/// Looks up names in a CloudMC, for one key and organization.
pub(super) struct CloudMcLookup {
    context: Context,
    name_cache: NameCache,
    /// Root of the API and key; `None` for the sandbox.
    access: Option<(String, Secret)>,
    client: OnceCell<CloudMc>,
    org: OrgArgs,
}

impl CloudMcLookup {
    /// Takes root and key as the command would, but runs no `token_command`. `org` comes from the line.
    pub(super) fn new(settings: Settings, sandboxed: bool, org: Option<String>) -> Result<Self> {
        let context = silent_context(settings, sandboxed);
        let settings = &context.settings;
        let named =
            org.clone().or_else(|| settings.get(SettingKey::Org).map(|org| org.text.to_owned())).unwrap_or_default();
        let (cache_scope, access) = if sandboxed {
            let state = paths::sandbox_state(settings.variables())?.display().to_string();
            (["sandboxed cloudmc".to_owned(), named, state], None)
        } else {
            if settings.provider() != Provider::CloudMc {
                return Err(Error::usage("the profile is for another API"));
            }
            let (root, key) = (context.cloudmc_endpoint(None)?, settings.token_without_command()?);
            ([root.clone(), named, key.expose().to_owned()], Some((root, key)))
        };
        let name_cache = NameCache::new(settings, cache_scope);
        Ok(Self { context, name_cache, access, client: OnceCell::new(), org: OrgArgs { org } })
    }

    /// The names of a query.
    pub(super) async fn names(&self, query: NameQuery, words: &TypedWords<'_>) -> Result<Vec<Candidate>> {
        match query {
            NameQuery::Words => self.next_words(words).await,
            NameQuery::Environments => Ok(environment_names(&self.environments().await?, words.current)),
            NameQuery::EnvironmentIds => {
                let named = |one: &CachedEnvironment| Candidate::new(one.id.clone(), one.label());
                Ok(self.environments().await?.iter().map(named).collect())
            }
            NameQuery::Items(noun) => self.items(noun).await,
        }
    }

    /// The candidates for the next argument of `list`, `get`, `create`, `update`, `delete` and `do`.
    async fn next_words(&self, words: &TypedWords<'_>) -> Result<Vec<Candidate>> {
        let setting = |key| self.context.settings.get(key).map(|setting| setting.text.to_owned());
        let environments = self.environments().await?;
        let locations = KnownLocations {
            environments,
            service: setting(SettingKey::Service),
            environment: setting(SettingKey::Environment),
        };
        let (location, rest) = match locations.next_word(&words.before, words.parsed.text("env_id").as_deref()) {
            None => return Err(Error::usage("no environment specified")),
            Some(NextWord::AnyLocation) => {
                let mut found = locations.first_words(words.current);
                // With an environment in the profile, the type may come first.
                if let Some(location) = locations.configured() {
                    found.extend(self.type_names(location).await?);
                }
                return Ok(found);
            }
            Some(NextWord::EnvironmentOf(service)) => return Ok(names_within(&locations.of_service(service))),
            Some(NextWord::Within(location, rest)) => (location, rest),
        };
        let verb = words.parsed.path().get(1).copied().unwrap_or_default();
        match rest {
            [] => self.type_names(location).await,
            [kind] if !matches!(verb, "list" | "create") => {
                let by_name = verb == "get" || words.parsed.is_on("by_name");
                self.entity_names(location, kind, by_name).await
            }
            [kind, _] if verb == "do" => {
                let types = self.types(location).await?;
                let of_kind = types.iter().find(|row| row.first() == Some(kind));
                Ok(of_kind
                    .into_iter()
                    .flat_map(|row| &row[1..])
                    .map(|operation| Candidate::new(operation, ""))
                    .collect())
            }
            _ => Ok(Vec::new()),
        }
    }

    async fn type_names(&self, location: &CachedEnvironment) -> Result<Vec<Candidate>> {
        let types = self.types(location).await?;
        Ok(types.into_iter().filter_map(|row| row.into_iter().next()).map(|kind| Candidate::new(kind, "")).collect())
    }

    /// The resources of one type. A write takes ids, and names only with `--by-name`.
    async fn entity_names(&self, location: &CachedEnvironment, kind: &str, by_name: bool) -> Result<Vec<Candidate>> {
        let cache_key = [ENTITIES_LIST.id, &location.service, &location.name, kind];
        let rows = self.name_cache.get_or_fetch(&cache_key, async {
            let parts =
                [("service_code", &*location.service), ("environment_name", &*location.name), ("entity_type", kind)];
            let documents = self.client().await?.fetch_all(&request(&ENTITIES_LIST, &parts)?).await?;
            documents.iter().map(|document| Ok(texts(&document.view()?, &["name", "id"]))).collect()
        });
        let choices = |row: Vec<String>| {
            let [name, id] = <[String; 2]>::try_from(row).unwrap_or_default();
            // Some types have no ids: the name is the id.
            let id = if id.is_empty() { name.clone() } else { id };
            if by_name { (vec![name, id.clone()], id) } else { (vec![id], name) }
        };
        Ok(unambiguous(rows.await?.into_iter().map(choices).collect()))
    }

    /// The types of an environment's service, each with its operations that have no command.
    async fn types(&self, location: &CachedEnvironment) -> Result<NameRows> {
        self.name_cache
            .get_or_fetch(&[DESCRIPTORS_SHOW.id, &location.connection], async {
                let client = self.client().await?;
                let kind = if location.kind.is_empty() {
                    let connection: Fields = find_connection(client, &location.connection).await?.view()?;
                    connection.text("type").unwrap_or_default()
                } else {
                    location.kind.clone()
                };
                let descriptor = client.fetch(&request(&DESCRIPTORS_SHOW, &[("type", &kind)])?).await?;
                let row = |fields: Fields| {
                    let has_no_command =
                        |operation: &Value| operation.get("defaultOperationType").is_none_or(Value::is_null);
                    let operations = fields.value("operations").unwrap_or_default();
                    let operations = operations.as_object().into_iter().flatten();
                    let operations =
                        operations.filter(|(_, operation)| has_no_command(operation)).map(|(name, _)| name.clone());
                    fields.text("type").into_iter().chain(operations).collect()
                };
                descriptor.list("entityDescriptors")?.iter().map(|kind| Ok(row(kind.view()?))).collect()
            })
            .await
    }

    async fn environments(&self) -> Result<Vec<CachedEnvironment>> {
        let rows = self.name_cache.get_or_fetch(&[ENVIRONMENTS_LIST.id], async {
            let environments = envs::environments(self.client().await?).await?;
            let row = |one: Environment| {
                let [connection, kind] = [one.connection, one.kind].map(Option::unwrap_or_default);
                vec![one.id, one.name, one.service, connection, kind]
            };
            Ok(environments.into_iter().map(row).collect())
        });
        let environment = |row: Vec<String>| {
            let [id, name, service, connection, kind] = row.try_into().ok()?;
            Some(CachedEnvironment { id, name, service, connection, kind })
        };
        Ok(rows.await?.into_iter().filter_map(environment).collect())
    }

    async fn items(&self, noun: &Noun) -> Result<Vec<Candidate>> {
        let endpoint = noun.list_endpoint()?;
        let fields = [noun.names, noun.notes].concat();
        let cache_key = [&[endpoint.id][..], &fields].concat();
        let rows = self.name_cache.get_or_fetch(&cache_key, async {
            let client = self.client().await?;
            let request = client.with_organization_filter(request(endpoint, &[])?, endpoint);
            client.fetch_all(&request).await?.iter().map(|document| Ok(texts(&document.view()?, &fields))).collect()
        });
        let whole = rows.await?.into_iter().filter(|row| row.len() == fields.len());
        let choices = |mut names: Vec<String>| {
            let notes = names.split_off(noun.names.len());
            (names, notes.into_iter().filter(|note| !note.is_empty()).collect::<Vec<_>>().join(", "))
        };
        Ok(unambiguous(whole.map(choices).collect()))
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
        self.context.set_organization_by_name(client, &self.org).await?;
        Ok(client)
    }
}

fn texts(fields: &Fields, names: &[&str]) -> Vec<String> {
    names.iter().map(|name| fields.text(name).unwrap_or_default()).collect()
}

/// The environments for parsing the arguments.
struct KnownLocations {
    environments: Vec<CachedEnvironment>,
    /// The service of the profile.
    service: Option<String>,
    /// The environment of the profile.
    environment: Option<String>,
}

/// What the next argument can be.
enum NextWord<'w> {
    /// A service or an environment.
    AnyLocation,
    /// An environment of this service.
    EnvironmentOf(&'w str),
    /// Something in this environment, after these arguments.
    Within(&'w CachedEnvironment, &'w [String]),
}

impl KnownLocations {
    /// Parses the arguments as the command does; `None` if they name no known environment.
    fn next_word<'w>(&'w self, words: &'w [String], id: Option<&str>) -> Option<NextWord<'w>> {
        let service = self.service.as_deref();
        Some(match (words, id) {
            (rest, Some(id)) => NextWord::Within(self.named(None, id)?, rest),
            ([], None) => NextWord::AnyLocation,
            ([first, rest @ ..], None) if first.contains('/') => {
                let (service, name) = first.split_once('/')?;
                NextWord::Within(self.named(Some(service), name)?, rest)
            }
            ([first], None) if !self.of_service(first).is_empty() => NextWord::EnvironmentOf(first),
            ([first, name, rest @ ..], None) if !self.of_service(first).is_empty() => {
                NextWord::Within(self.named(Some(first), name)?, rest)
            }
            ([name, rest @ ..], None) if self.named(service, name).is_some() => {
                NextWord::Within(self.named(service, name)?, rest)
            }
            (rest, None) => NextWord::Within(self.configured()?, rest),
        })
    }

    /// The one environment with that name or UUID.
    fn named(&self, service: Option<&str>, name: &str) -> Option<&CachedEnvironment> {
        let mut found = self
            .environments
            .iter()
            .filter(|one| (one.id == name || one.name == name) && service.is_none_or(|service| one.is_of(service)));
        found.next().filter(|_| found.next().is_none())
    }

    /// The environment of the profile.
    fn configured(&self) -> Option<&CachedEnvironment> {
        self.named(self.service.as_deref(), self.environment.as_deref()?)
    }

    fn of_service(&self, service: &str) -> Vec<&CachedEnvironment> {
        self.environments.iter().filter(|one| one.is_of(service)).collect()
    }

    /// The services with environments, and the environments of the profile's service. After a slash, all environments
    /// with their services.
    fn first_words(&self, current: &str) -> Vec<Candidate> {
        let known = self.environments.iter().filter(|one| !one.service.is_empty());
        if current.contains('/') {
            return known.map(|one| Candidate::new(one.label(), "")).collect();
        }
        let mut services: Vec<&str> = known.map(|one| one.service.as_str()).collect();
        services.sort_unstable();
        services.dedup();
        let services = services.into_iter().map(|service| Candidate::new(service, "service"));
        let own = self.service.iter().flat_map(|service| names_within(&self.of_service(service)));
        services.chain(own).collect()
    }
}

/// The names of environments within one service.
fn names_within(environments: &[&CachedEnvironment]) -> Vec<Candidate> {
    environments.iter().map(|one| Candidate::new(one.name.clone(), one.label())).collect()
}

/// A name for each environment: its own if unique, else with its service, else its UUID.
fn environment_names(environments: &[CachedEnvironment], current: &str) -> Vec<Candidate> {
    let names = |one: &CachedEnvironment| {
        // A slash was typed: the plain name does not match.
        let name = if current.contains('/') { String::new() } else { one.name.clone() };
        (vec![name, one.label(), one.id.clone()], one.label())
    };
    unambiguous(environments.iter().map(names).collect())
}
