//! Parameters that no documentation has, or that it has with other values: those of Cloud 66's own clients.
//!
//! A parameter that is neither here nor in the endpoint table is never ignored in silence ([`unknown`]).

use super::parameters::Parameters;
use crate::cloud66::endpoints;
use crate::http::endpoint::{
    Endpoint, Param,
    ParamType::{Boolean, CommaList, Text},
};

/// The forms of a file of environment variables.
pub(super) const ENVIRONMENTS_FORMATS: &[&str] = &["dotenv", "json"];
/// The kinds of environment variables in such a file.
pub(super) const VARIABLE_TYPES: &[&str] = &["all", "user", "generated", "locked"];

/// What every read takes. The official client asks for pages of single objects too.
const OF_EVERY_READ: [&str; 2] = ["page", "per_page"];

/// The parameters beside those of the table.
const ADDITIONAL: &[(&Endpoint, &[Param])] = &[
    (
        &endpoints::STACKS_LIST,
        &[
            Param::query("filter_name", Text),
            Param::query("filter_environment", Text),
            Param::query("filter_git_repo", Text),
            Param::query("filter_git_branch", Text),
        ],
    ),
    (&endpoints::STACKS_CREATE, &[Param::body("key_name", Text)]),
    (
        &endpoints::ENVIRONMENTS_LIST,
        &[
            Param::query("environments_format", Text).one_of(ENVIRONMENTS_FORMATS),
            Param::query("requested_types", CommaList).one_of(VARIABLE_TYPES),
        ],
    ),
    (&endpoints::FIREWALLS_CREATE, &[Param::body("server_id", Text)]),
    (&endpoints::CONTAINERS_LIST, &[Param::query("service_name", Text)]),
    (&endpoints::SERVICES_SHOW, &[Param::query("wrap_command", Text)]),
    (&endpoints::ACCOUNTS_SHOW, &[Param::query("include_servers", Boolean)]),
    (&endpoints::CLUSTERS_SHOW, &[Param::query("show_log", Boolean)]),
    (&endpoints::NOTIFICATIONS_UPDATE_STACK, &[Param::body("application_group_name", Text)]),
];

/// The fields of a reply that the official client sends back with a change, although they cannot be changed.
const SENT_BACK: &[(&Endpoint, &[&str])] = &[
    (&endpoints::USERS_UPDATE, USER_FIELDS),
    (&endpoints::SSL_CERTIFICATES_CREATE, CERTIFICATE_FIELDS),
    (&endpoints::SSL_CERTIFICATES_UPDATE, CERTIFICATE_FIELDS),
];

const USER_FIELDS: &[&str] = &[
    "id",
    "email",
    "primary_account_id",
    "locked",
    "uses_tfa",
    "timezone",
    "has_valid_phone",
    "developer_program",
    "github_login",
    "last_login",
    "devices",
    "created_at",
    "updated_at",
    "created_at_iso",
    "updated_at_iso",
    "cloud_status",
];

const CERTIFICATE_FIELDS: &[&str] = &[
    "uuid",
    "name",
    "server_group_id",
    "sha256_fingerprint",
    "ca_name",
    "has_intermediate_cert",
    "status",
    "created_at",
    "updated_at",
    "created_at_iso",
    "updated_at_iso",
    "expires_at",
];

/// The value of an operation in one of these lists.
fn of<T>(list: &'static [(&Endpoint, &'static [T])], endpoint: &Endpoint) -> &'static [T] {
    list.iter().find(|(known, _)| known.id == endpoint.id).map_or(&[], |(_, value)| value)
}

/// Every parameter of an operation.
pub(super) fn all(endpoint: &Endpoint) -> impl Iterator<Item = &'static Param> {
    endpoint.params.iter().chain(of(ADDITIONAL, endpoint))
}

/// The names of the parameters of a call that its operation does not have.
pub(super) fn unknown(endpoint: &Endpoint, parameters: &Parameters) -> Vec<String> {
    let is_known = |name: &str| {
        all(endpoint).any(|param| param.name == name)
            || (endpoint.method.is_read() && OF_EVERY_READ.contains(&name))
            || of(SENT_BACK, endpoint).contains(&name)
    };
    let mut unknown: Vec<String> = parameters.names().filter(|name| !is_known(name)).map(str::to_owned).collect();
    unknown.sort_unstable();
    unknown.dedup();
    unknown
}
