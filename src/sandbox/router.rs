//! From a request below the API root to the operation that answers it: token, route, scope, and then its handler.

use super::access::Caller;
use super::clock::Clock;
use super::parameters::Parameters;
use super::reply::{Answer, Refusal};
use super::world::World;
use super::{accounts, actions, backups, clouds, deployments, environments, stacks};
use crate::cloud66::endpoints;
use crate::http::endpoint::Endpoint;

/// What the API needs to know of a request.
#[derive(Debug, Default)]
pub(super) struct Request<'r> {
    /// HTTP method, in capitals.
    pub(super) method: &'r str,
    /// Path below the API root, as it came.
    pub(super) path: &'r str,
    /// Query string without its `?`.
    pub(super) query: &'r str,
    pub(super) authorization: Option<&'r str>,
    pub(super) content_type: &'r str,
    pub(super) body: &'r [u8],
    /// Scheme, host and port by which the caller knows this server.
    pub(super) base_url: &'r str,
}

/// A request that has found its operation.
pub(super) struct Call<'r> {
    pub(super) request: &'r Request<'r>,
    pub(super) clock: &'r Clock,
    endpoint: &'static Endpoint,
    parts: Vec<(&'static str, String)>,
}

type Handler = fn(&mut World, &Call) -> Answer;

impl Call<'_> {
    /// The variable part of the path of that name; empty when the path has none.
    pub(super) fn part(&self, name: &str) -> &str {
        self.parts.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }

    /// The variable part of the path of that name as a number; what is not one cannot be found.
    pub(super) fn number(&self, name: &str, what: &str) -> Result<u64, Refusal> {
        let text = self.part(name);
        text.parse().map_err(|_| Refusal::not_found(format!("There is no {what} `{text}`; its number is needed.")))
    }

    /// The checked parameters. They come last: first the things that the path names must be there.
    pub(super) fn parameters(&self) -> Result<Parameters, Refusal> {
        let Request { query, content_type, body, .. } = *self.request;
        Parameters::read(query, content_type, body, self.endpoint.params)
    }
}

/// Answers a request in a world that has been brought up to date.
pub(super) fn answer(world: &mut World, request: &Request, clock: &Clock) -> Answer {
    let caller = Caller::identify(request.authorization)?;
    let path = normal(request.path);
    let found = endpoints::ALL
        .iter()
        .filter(|endpoint| endpoint.method.as_str() == request.method)
        .find_map(|endpoint| Some((*endpoint, endpoint.match_path(&path)?)));
    let Some((endpoint, parts)) = found else {
        return Err(if is_documented(request.method, &path) {
            Refusal::not_implemented()
        } else {
            Refusal::not_found(format!("Nothing answers {} {}.", request.method, request.path))
        });
    };
    caller.must_have(endpoint.scope)?;
    let handler = handler(endpoint.id).ok_or_else(Refusal::not_implemented)?;
    let parts = parts.into_iter().map(|(name, value)| (name, value.into_owned())).collect();
    handler(world, &Call { request, clock, endpoint, parts })
}

/// The path without `.json`, and with the blog's `action` in the plural of the reference.
fn normal(path: &str) -> String {
    let path = path.strip_suffix(".json").unwrap_or(path);
    let mut parts: Vec<&str> = path.split('/').collect();
    if let ["", "stacks", _, part @ "action", ..] = parts.as_mut_slice() {
        *part = "actions";
    }
    parts.join("/")
}

fn handler(id: &str) -> Option<Handler> {
    Some(match id {
        "stacks_list" => stacks::stacks_list,
        "stacks_show" => stacks::stacks_show,
        "stack_actions_list" => actions::stack_actions_list,
        "stack_actions_show" => actions::stack_actions_show,
        "stack_actions_run" => actions::stack_actions_run,
        "deployments_list" => deployments::deployments_list,
        "deployments_show" => deployments::deployments_show,
        "deployments_create" => deployments::deployments_create,
        "deployments_cancel" => deployments::deployments_cancel,
        "environments_list" => environments::environments_list,
        "environments_show" => environments::environments_show,
        "environments_create" => environments::environments_create,
        "environments_update" => environments::environments_update,
        "environments_delete" => environments::environments_delete,
        "clouds_list" => clouds::clouds_list,
        "backups_list" => backups::backups_list,
        "backups_show" => backups::backups_show,
        "backup_files_list" => backups::backup_files_list,
        "backup_files_show" => backups::backup_files_show,
        "accounts_list" => accounts::accounts_list,
        _ => return None,
    })
}

/// Whether the documentation has this call although the table of operations does not have it.
fn is_documented(method: &str, path: &str) -> bool {
    match path.split('/').skip(1).collect::<Vec<_>>()[..] {
        ["stacks"] | ["stacks", _, "backups"] => method == "POST",
        ["stacks", _, part, ..] => {
            ["settings", "servers", "services", "containers", "firewalls", "notifications", "server_groups"]
                .contains(&part)
        }
        ["users", ..] => true,
        ["accounts" | "clouds", _] => method == "GET",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_of_the_table_has_a_handler() {
        for endpoint in endpoints::ALL {
            assert!(handler(endpoint.id).is_some(), "{}", endpoint.id);
        }
    }

    #[test]
    fn paths_are_brought_to_the_form_of_the_table() {
        assert_eq!(normal("/stacks.json"), "/stacks");
        assert_eq!(normal("/stacks/ubg5kv/action/283"), "/stacks/ubg5kv/actions/283");
        assert_eq!(normal("/stacks/action/action.json"), "/stacks/action/actions");
        assert_eq!(normal("/stacks/a/environments/a.json.json"), "/stacks/a/environments/a.json");
    }
}
