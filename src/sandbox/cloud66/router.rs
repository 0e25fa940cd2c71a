//! From a request below the API root to the operation that answers it: token, route, scope, and then its handler.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::access::Caller;
use super::backups::schedules;
use super::parameters::Parameters;
use super::reply::{ApiError, ApiResult};
use super::stacks::creation;
use super::{
    State, accounts, actions, backups, clouds, containers, deployments, environments, environments_bulk, firewalls,
    notifications, servers, services, settings, stacks, users,
};
use crate::cloud66::endpoints;
use crate::http::endpoint::Endpoint;
use crate::sandbox::clock::Clock;

/// What the API needs to know of a request.
#[derive(Clone, Copy, Debug)]
pub(in crate::sandbox) struct Request<'r> {
    /// HTTP method, in capitals.
    pub(in crate::sandbox) method: &'r str,
    /// Path below the API root, as it came.
    pub(in crate::sandbox) path: &'r str,
    /// Query string without its `?`.
    pub(in crate::sandbox) query: &'r str,
    pub(in crate::sandbox) authorization: Option<&'r str>,
    pub(in crate::sandbox) content_type: &'r str,
    pub(in crate::sandbox) body: &'r [u8],
    /// Scheme, host and port by which the caller knows this server.
    pub(in crate::sandbox) base_url: &'r str,
    /// The address that the request comes from.
    pub(in crate::sandbox) caller_address: &'r str,
}

/// A request that has found its operation.
pub(in crate::sandbox) struct Call<'r> {
    pub(in crate::sandbox) request: &'r Request<'r>,
    pub(in crate::sandbox) clock: &'r Clock,
    endpoint: &'static Endpoint,
    parts: Vec<(&'static str, String)>,
}

/// What is played although it stands outside the table of documented operations.
const UNDOCUMENTED: &[&Endpoint] = &[&environments_bulk::ENVIRONMENTS_BULK];

type Handler = fn(&mut State, &Call) -> ApiResult;

impl Call<'_> {
    /// The variable part of the path of that name; empty when the path has none.
    pub(in crate::sandbox) fn path_param(&self, name: &str) -> &str {
        self.parts.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }

    /// The variable part of the path of that name as a number; what is not one cannot be found.
    pub(in crate::sandbox) fn number(&self, name: &str, what: &str) -> Result<u64, ApiError> {
        let text = self.path_param(name);
        text.parse().map_err(|_| ApiError::not_found(format!("There is no {what} `{text}`; its number is needed.")))
    }

    /// The checked parameters. They come last: first the things that the path names must be there.
    pub(in crate::sandbox) fn parameters(&self) -> Result<Parameters, ApiError> {
        let Request { query, content_type, body, .. } = *self.request;
        Parameters::read(query, content_type, body, self.endpoint.params)
    }
}

/// Answers a request in a state that has been brought up to date.
pub(in crate::sandbox) fn answer(state: &mut State, request: &Request, clock: &Clock) -> ApiResult {
    let caller = Caller::identify(request.authorization, &state.grants)?;
    let (path, token) = normal(request.method, request.path);
    let query = match token {
        Some(token) => {
            Cow::Owned(form_urlencoded::Serializer::new(request.query.to_owned()).append_pair("token", &token).finish())
        }
        None => Cow::Borrowed(request.query),
    };
    let request = &Request { query: &query, ..*request };
    let found = endpoints::ALL
        .iter()
        .chain(UNDOCUMENTED)
        .filter(|endpoint| endpoint.method.as_str() == request.method)
        .find_map(|endpoint| Some((*endpoint, endpoint.match_path(&path)?)));
    let Some((mut endpoint, parts)) = found else {
        return Err(ApiError::not_found(format!("Nothing answers {} {}.", request.method, request.path)));
    };
    if endpoint.id == endpoints::BACKUPS_CREATE.id && imports(request) {
        endpoint = &endpoints::BACKUPS_IMPORT;
    }
    caller.must_have(endpoint.scope)?;
    let handler = handler(endpoint.id).ok_or_else(ApiError::not_implemented)?;
    let parts = parts.into_iter().map(|(name, value)| (name, value.into_owned())).collect();
    handler(state, &Call { request, clock, endpoint, parts })
}

/// Whether a new backup is one that was made elsewhere: one route does for both.
fn imports(request: &Request) -> bool {
    Parameters::read(request.query, request.content_type, request.body, &[])
        .is_ok_and(|parameters| parameters.contains("remote_url"))
}

/// The path in the form of the table: without `.json`, with the blog's `action` in the plural, and with the token of a
/// device, which a curl call of the documents has in the path, taken out of it.
fn normal(method: &str, path: &str) -> (String, Option<String>) {
    let path = path.strip_suffix(".json").unwrap_or(path);
    let mut parts: Vec<&str> = path.split('/').collect();
    if let ["", "stacks", _, part @ "action", ..] = parts.as_mut_slice() {
        *part = "actions";
    }
    let mut token = None;
    if let ("PUT", ["", "users", _, "devices", last]) = (method, parts.as_slice()) {
        token = Some(percent_decode_str(last).decode_utf8_lossy().into_owned()).filter(|token| !token.is_empty());
        parts.pop();
    }
    (parts.join("/"), token)
}

fn handler(id: &str) -> Option<Handler> {
    Some(match id {
        "stacks_list" => stacks::stacks_list,
        "stacks_show" => stacks::stacks_show,
        "stacks_create" => creation::stacks_create,
        "stack_actions_list" => actions::stack_actions_list,
        "stack_actions_show" => actions::stack_actions_show,
        "stack_actions_run" => actions::stack_actions_run,
        "deployments_list" => deployments::deployments_list,
        "deployments_show" => deployments::deployments_show,
        "deployments_create" => deployments::deployments_create,
        "deployments_cancel" => deployments::deployments_cancel,
        "services_list" => services::services_list,
        "services_show" => services::services_show,
        "services_scale" => services::services_scale,
        "services_stop" => services::services_stop,
        "containers_list" => containers::containers_list,
        "containers_show" => containers::containers_show,
        "containers_stop" => containers::containers_stop,
        "environments_list" => environments::environments_list,
        "environments_show" => environments::environments_show,
        "environments_create" => environments::environments_create,
        "environments_update" => environments::environments_update,
        "environments_delete" => environments::environments_delete,
        "environments_bulk" => environments_bulk::environments_bulk,
        "firewalls_list" => firewalls::firewalls_list,
        "firewalls_show" => firewalls::firewalls_show,
        "firewalls_create" => firewalls::firewalls_create,
        "notifications_list" => notifications::notifications_list,
        "notifications_show" => notifications::notifications_show,
        "notifications_update" => notifications::notifications_update,
        "settings_list" => settings::settings_list,
        "settings_show" => settings::settings_show,
        "settings_update" => settings::settings_update,
        "server_groups_list" => servers::server_groups_list,
        "server_groups_show" => servers::server_groups_show,
        "servers_list" => servers::servers_list,
        "servers_show" => servers::servers_show,
        "server_settings_list" => settings::server_settings_list,
        "server_settings_show" => settings::server_settings_show,
        "server_settings_update" => settings::server_settings_update,
        "clouds_list" => clouds::clouds_list,
        "clouds_show" => clouds::clouds_show,
        "backups_list" => backups::backups_list,
        "backups_show" => backups::backups_show,
        "backups_create" => schedules::backups_create,
        "backups_import" => schedules::backups_import,
        "backup_files_list" => backups::backup_files_list,
        "backup_files_show" => backups::backup_files_show,
        "accounts_list" => accounts::accounts_list,
        "accounts_show" => accounts::accounts_show,
        "users_list" => users::users_list,
        "users_show" => users::users_show,
        "devices_create" => users::devices_create,
        "devices_update" => users::devices_update,
        "devices_delete" => users::devices_delete,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_of_the_table_has_a_handler() {
        for endpoint in endpoints::ALL.iter().chain(UNDOCUMENTED) {
            assert!(handler(endpoint.id).is_some(), "{}", endpoint.id);
        }
    }

    #[test]
    fn paths_are_brought_to_the_form_of_the_table() {
        let normal = |path: &str| normal("PUT", path);
        for (path, expected) in [
            ("/stacks.json", "/stacks"),
            ("/stacks/ubg5kv/action/283", "/stacks/ubg5kv/actions/283"),
            ("/stacks/action/action.json", "/stacks/action/actions"),
            ("/stacks/a/environments/a.json.json", "/stacks/a/environments/a.json"),
            ("/users/18/devices.json", "/users/18/devices"),
        ] {
            assert_eq!(normal(path), (expected.to_owned(), None), "{path}");
        }
        assert_eq!(normal("/users/18/devices/a%2Fb.json"), ("/users/18/devices".to_owned(), Some("a/b".to_owned())));
    }
}
