//! Routes a request below the API root to the handler of its operation: token, route, scope.

use std::borrow::Cow;

use hyper::http::StatusCode;
use percent_encoding::percent_decode_str;

use super::access::Caller;
use super::backups::{files, schedules};
use super::call::{Call, Request};
use super::parameters::Parameters;
use super::reply::{ApiError, ApiResult, Notes, acknowledgement};
use super::stacks::creation;
use super::{
    State, accounts, actions, application_variants, backups, client_operations, client_params, clouds, clusters,
    config_files, config_store, containers, databases, deployments, dns_providers, documented_addresses, environments,
    failover_groups, firewalls, gateways, image_repositories, jobs, notifications, operations, processes, reboots,
    servers, services, sessions, settings, ssl_certificates, stacks, tags, users,
};
use crate::cloud66::endpoints;
use crate::http::endpoint::{Endpoint, Method, ReplyShape};
use crate::sandbox::clock::Clock;

type Handler = fn(&mut State, &Call) -> ApiResult;

/// Answers a request after everything that was due has been applied.
pub(super) fn answer(state: &mut State, request: &Request, clock: &Clock, notes: &mut Notes) -> ApiResult {
    // The only operation without a token; the official client calls it.
    if request.method == "GET" && request.path.trim_end_matches(".json") == "/ping" {
        return Ok(acknowledgement("pong"));
    }
    let caller = Caller::identify(request.authorization, &state.grants)?;
    let remaining = state.request_counts.take(caller.token, notes.rate_limit, clock);
    notes.remaining = remaining.unwrap_or_default();
    remaining.ok_or_else(ApiError::throttled)?;
    accounts::check_header(request.account)?;
    let Route { method, path, param } = normalize(request.method, request.path);
    let query = match param {
        Some((name, value)) => {
            Cow::Owned(form_urlencoded::Serializer::new(request.query.to_owned()).append_pair(name, &value).finish())
        }
        None => Cow::Borrowed(request.query),
    };
    let request = &Request { query: &query, ..*request };
    if let Some(handler) = client_operations::handler(request.method, &path) {
        return handler(state, request);
    }
    let found = endpoints::ALL
        .iter()
        .filter(|endpoint| endpoint.method.as_str() == method)
        .find_map(|endpoint| Some((*endpoint, endpoint.match_path(&path)?)));
    let Some((mut endpoint, path_params)) = found else {
        return Err(unknown_operation(request, notes));
    };
    if endpoint.id == endpoints::BACKUPS_CREATE.id && is_import(request) {
        endpoint = &endpoints::BACKUPS_IMPORT;
    }
    caller.require_scope(endpoint.scope)?;
    let handler = handler(endpoint.id).ok_or_else(ApiError::not_implemented)?;
    let path_params = path_params.into_iter().map(|(name, value)| (name, value.into_owned())).collect();
    let mut call = Call { request, clock, endpoint, path_params };
    let reply = match (handler(state, &call), documented_addresses::answered_with(&call.path_params)) {
        (Err(error), Some(path_params)) if error.status == StatusCode::NOT_FOUND => {
            call.path_params = path_params;
            handler(state, &call)?
        }
        (reply, _) => reply?,
    };
    let unknown = client_params::unknown(endpoint, &call.raw_parameters()?);
    if !unknown.is_empty() {
        if endpoint.method.is_read() {
            return Err(unknown_in_read(endpoint, &unknown));
        }
        notes.warning = Some(format!("The sandbox ignored unknown parameters: {}", printable(&unknown.join(", "))));
    }
    Ok(reply)
}

/// The refusal of an operation that does not exist. The documentation has no status for a method that a path does not
/// have, so this is what HTTP has for it: 405 with the methods of the path.
fn unknown_operation(request: &Request, notes: &mut Notes) -> ApiError {
    let methods = methods(request.path).join(", ");
    let details = format!("Unknown operation {} {}.", request.method, request.path);
    if methods.is_empty() {
        return ApiError::not_found(details);
    }
    let details = format!("{details} The path has {methods}.");
    notes.allow = Some(methods);
    ApiError::method_not_allowed(details)
}

/// The methods of a path: those of the rows that fit it best, and those that have it as another form.
fn methods(path: &str) -> Vec<&'static str> {
    let rows = Method::ALL.iter().filter_map(|method| {
        let route = normalize(method.as_str(), path);
        let mut rows = endpoints::ALL.iter().filter(|row| row.method.as_str() == route.method);
        let row = rows.find(|row| row.match_path(&route.path).is_some())?;
        let is_other_form = route.param.is_some() || route.method != method.as_str();
        Some((method.as_str(), Some(row.path.matches('{').count()).filter(|_| !is_other_form)))
    });
    let rows: Vec<_> = rows.collect();
    let fewest = rows.iter().filter_map(|(_, variables)| *variables).min();
    rows.into_iter()
        .filter(|(_, variables)| variables.is_none() || *variables == fewest)
        .map(|(method, _)| method)
        .collect()
}

/// The refusal of a read that asks for something unknown: without it, the reply would have more than was asked for.
fn unknown_in_read(endpoint: &Endpoint, unknown: &[String]) -> ApiError {
    let mut known: Vec<&str> = client_params::all(endpoint).map(|param| param.name).collect();
    if endpoint.reply == ReplyShape::List {
        known.extend(["page", "per_page"]);
    }
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    ApiError::bad_request(format!("Unknown parameter `{}`. Available: {known}.", unknown.join("`, `")))
}

/// The text with what a header cannot have replaced.
fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter.is_ascii_graphic() || letter == ' ' { letter } else { '?' }).collect()
}

/// Whether a new backup is an import: both operations have the same route.
fn is_import(request: &Request) -> bool {
    Parameters::read(request.query, request.content_type, request.body, &[])
        .is_ok_and(|parameters| parameters.contains("remote_url"))
}

/// A request in the form of the endpoint table.
#[derive(Debug, PartialEq, Eq)]
struct Route {
    method: String,
    path: String,
    /// A parameter that the documentation has in a path.
    param: Option<(&'static str, String)>,
}

/// Normalizes a request to the form of the table: its path without `.json`, and the other forms that the blog and the
/// documentation have for some operations.
fn normalize(method: &str, path: &str) -> Route {
    let path = path.strip_suffix('/').unwrap_or(path);
    let path = path.strip_suffix(".json").unwrap_or(path);
    // The official client has two slashes in one path.
    let mut parts: Vec<&str> =
        path.split('/').enumerate().filter(|(at, part)| *at == 0 || !part.is_empty()).map(|(_, part)| part).collect();
    let mut method = method;
    let mut taken = None;
    match (method, parts.as_mut_slice()) {
        (_, ["", "stacks", _, part @ "action", ..]) => *part = "actions",
        ("PUT", ["", "users", _, "devices", _]) => taken = Some(("token", 4)),
        ("PATCH", ["", "tags", _, _, _]) => taken = Some(("operations", 4)),
        ("PATCH", ["", "application_groups", _, "notifications"]) => taken = Some(("application_group_name", 2)),
        ("POST", ["", "stacks", _, "processes", _, "scale"]) => {
            taken = Some(("process_name", 4));
            parts.pop();
        }
        ("POST", ["", "stacks", _, "servers", _, part @ "reboot"]) => *part = "reboot_server",
        ("PUT", ["", "stacks", _, "application_variants", _]) => method = "PATCH",
        ("GET", ["", "stacks", "dns_providers"]) => drop(parts.remove(1)),
        (_, ["", part @ "elastic_addresses", ..]) => *part = "failover_groups",
        ("GET", ["", "stacks", _, part @ "alerts", ..]) => *part = "notifications",
        _ => {}
    }
    let param = taken.and_then(|(name, at)| {
        let value = percent_decode_str(parts.remove(at)).decode_utf8_lossy().into_owned();
        Some((name, value)).filter(|(_, value)| !value.is_empty())
    });
    Route { method: method.to_owned(), path: parts.join("/"), param }
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
        "backup_files_list" => files::backup_files_list,
        "backup_files_show" => files::backup_files_show,
        "accounts_list" => accounts::accounts_list,
        "accounts_show" => accounts::accounts_show,
        "users_list" => users::users_list,
        "users_show" => users::users_show,
        "devices_create" => users::devices_create,
        "devices_update" => users::devices_update,
        "devices_delete" => users::devices_delete,
        newer => return newer_handler(newer),
    })
}

/// The handlers of the operations that were documented after 2018, or never.
fn newer_handler(id: &str) -> Option<Handler> {
    Some(match id {
        "stacks_reboot" => reboots::stacks_reboot,
        "servers_reboot" => reboots::servers_reboot,
        "server_groups_scale" => servers::server_groups_scale,
        "processes_list" => processes::processes_list,
        "processes_show" => processes::processes_show,
        "processes_scale" => processes::processes_scale,
        "jobs_list" => jobs::jobs_list,
        "jobs_show" => jobs::jobs_show,
        "jobs_run" => jobs::jobs_run,
        "jobs_pause" => jobs::jobs_pause,
        "jobs_unpause" => jobs::jobs_unpause,
        "jobs_pause_all" => jobs::jobs_pause_all,
        "jobs_unpause_all" => jobs::jobs_unpause_all,
        "dns_providers_list" => dns_providers::dns_providers_list,
        "image_repositories_list" => image_repositories::image_repositories_list,
        "image_repositories_show" => image_repositories::image_repositories_show,
        "image_repositories_create" => image_repositories::image_repositories_create,
        "image_repositories_update" => image_repositories::image_repositories_update,
        "image_repositories_delete" => image_repositories::image_repositories_delete,
        "failover_groups_list" => failover_groups::failover_groups_list,
        "failover_groups_create" => failover_groups::failover_groups_create,
        "failover_groups_update" => failover_groups::failover_groups_update,
        "failover_groups_delete" => failover_groups::failover_groups_delete,
        "tags_list" => tags::tags_list,
        "tags_replace" => tags::tags_replace,
        "tags_patch" => tags::tags_patch,
        "tags_delete" => tags::tags_delete,
        "gateways_list" => gateways::gateways_list,
        "gateways_create" => gateways::gateways_create,
        "gateways_update" => gateways::gateways_update,
        "gateways_delete" => gateways::gateways_delete,
        "users_update" => users::users_update,
        "notifications_update_stack" => notifications::notifications_update_stack,
        "notifications_update_group" => notifications::notifications_update_group,
        "application_variants_list" => application_variants::application_variants_list,
        "application_variants_update" => application_variants::application_variants_update,
        "application_variants_delete" => application_variants::application_variants_delete,
        "clusters_list" => clusters::clusters_list,
        "clusters_show" => clusters::clusters_show,
        "configuration_list" => config_files::configuration_list,
        "configuration_show" => config_files::configuration_show,
        "configuration_update" => config_files::configuration_update,
        "configuration_apply" => config_files::configuration_apply,
        "service_yaml_list" => config_files::service_yaml_list,
        "service_yaml_show" => config_files::service_yaml_show,
        "service_yaml_create" => config_files::service_yaml_create,
        "manifest_yaml_list" => config_files::manifest_yaml_list,
        "manifest_yaml_show" => config_files::manifest_yaml_show,
        "manifest_yaml_create" => config_files::manifest_yaml_create,
        "databases_list" => databases::databases_list,
        "databases_create" => databases::databases_create,
        "databases_delete" => databases::databases_delete,
        "database_users_list" => databases::database_users_list,
        "database_users_create" => databases::database_users_create,
        "database_users_delete" => databases::database_users_delete,
        "database_users_regenerate_password" => databases::database_users_regenerate_password,
        "config_store_list" => config_store::config_store_list,
        "config_store_show" => config_store::config_store_show,
        "config_store_create" => config_store::config_store_create,
        "config_store_update" => config_store::config_store_update,
        "config_store_delete" => config_store::config_store_delete,
        "environments_bulk_update" => environments::environments_bulk_update,
        "environments_bulk_replace" => environments::environments_bulk_replace,
        "sessions_create" => sessions::sessions_create,
        "sessions_fetch" => sessions::sessions_fetch,
        "operations_logs" => operations::operations_logs,
        "ping_auth" => operations::ping_auth,
        "ssl_certificates_list" => ssl_certificates::ssl_certificates_list,
        "ssl_certificates_show" => ssl_certificates::ssl_certificates_show,
        "ssl_certificates_create" => ssl_certificates::ssl_certificates_create,
        "ssl_certificates_update" => ssl_certificates::ssl_certificates_update,
        "ssl_certificates_patch" => ssl_certificates::ssl_certificates_patch,
        "ssl_certificates_delete" => ssl_certificates::ssl_certificates_delete,
        _ => return None,
    })
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
    fn requests_are_normalized_to_the_form_of_the_table() {
        let normalize = |method: &str, path: &str| {
            let Route { method, path, param } = normalize(method, path);
            let param = param.map(|(name, value)| format!(" {name}={value}")).unwrap_or_default();
            format!("{method} {path}{param}")
        };
        for (method, path, expected) in [
            ("PUT", "/stacks.json", "PUT /stacks"),
            ("PUT", "/stacks/ubg5kv/action/283", "PUT /stacks/ubg5kv/actions/283"),
            ("PUT", "/stacks/action/action.json", "PUT /stacks/action/actions"),
            ("PUT", "/stacks/a/environments/a.json.json", "PUT /stacks/a/environments/a.json"),
            ("PUT", "/users/18/devices.json", "PUT /users/18/devices"),
            ("PUT", "/stacks//a//files", "PUT /stacks/a/files"),
            ("PUT", "/stacks/a/", "PUT /stacks/a"),
            ("PUT", "/stacks.json/", "PUT /stacks"),
            ("PUT", "/users/18/devices/a%2Fb.json", "PUT /users/18/devices token=a/b"),
            ("DELETE", "/users/18/devices/a%2Fb.json", "DELETE /users/18/devices/a%2Fb"),
            ("PATCH", "/tags/server/1/%5B%5D", "PATCH /tags/server/1 operations=[]"),
            ("PATCH", "/tags/server/1", "PATCH /tags/server/1"),
            (
                "PATCH",
                "/application_groups/a%20b/notifications",
                "PATCH /application_groups/notifications application_group_name=a b",
            ),
            ("POST", "/stacks/a/processes/worker/scale.json", "POST /stacks/a/processes process_name=worker"),
            ("POST", "/stacks/a/servers/b/reboot", "POST /stacks/a/servers/b/reboot_server"),
            ("PUT", "/stacks/a/application_variants/b", "PATCH /stacks/a/application_variants/b"),
            ("GET", "/stacks/dns_providers.json", "GET /dns_providers"),
            ("DELETE", "/elastic_addresses/a", "DELETE /failover_groups/a"),
            ("GET", "/stacks/a/alerts.json", "GET /stacks/a/notifications"),
            ("GET", "/stacks/a/alerts/b", "GET /stacks/a/notifications/b"),
            ("PATCH", "/stacks/a/alerts", "PATCH /stacks/a/alerts"),
        ] {
            assert_eq!(normalize(method, path), expected, "{method} {path}");
        }
    }
}
