//! The table of the CloudMC API: the operations with their own command, and the family for every type of every service.
//!
//! `{id*}` keeps its slashes: ids of some clouds have them. `c66 cloudmc api` reaches the rest of the API.

use crate::http::endpoint::{
    Method::{Delete, Get, Post, Put},
    Param,
    ParamType::{Boolean, JsonObject, Text},
    ReplyShape::{List, Object, Task},
    endpoints,
};

/// Path of the API on its host, unless the address has one.
pub(crate) const ROOT: &str = "/api/v2";

/// The members of a new environment.
pub(crate) const MEMBERSHIPS: &[&str] = &["MANY_USERS", "ALL_ORG_USERS"];

/// The grouping periods of usage.
pub(crate) const PERIODS: &[&str] = &["HOUR", "DAY", "PERIOD"];

endpoints! {
    "CloudMC":
    ORGANIZATIONS_LIST "organizations_list" Get "/organizations" "" List
        [] "List the organizations you can access"
    ORGANIZATIONS_SHOW "organizations_show" Get "/organizations/{id}" "" Object
        [] "Show one organization"
    USERS_LIST "users_list" Get "/users" "" List
        [Param::query("organizationId", Text)] "List the users you can access"
    USERS_SHOW "users_show" Get "/users/{id}" "" Object
        [] "Show one user"
    ENVIRONMENTS_LIST "environments_list" Get "/environments" "" List
        [] "List the environments you can access"
    ENVIRONMENTS_SHOW "environments_show" Get "/environments/{id}" "" Object
        [] "Show one environment"
    ENVIRONMENTS_CREATE "environments_create" Post "/environments" "" Task
        [Param::body("name", Text).required(), Param::body("serviceConnection", JsonObject).required(),
         Param::body("description", Text), Param::body("organization", JsonObject),
         Param::body("membership", Text).one_of(MEMBERSHIPS)] "Create an environment" => ACTIVITY_LIST
    ENVIRONMENTS_DELETE "environments_delete" Delete "/environments/{id}" "" Task
        [] "Delete an environment with everything in it" => ACTIVITY_LIST
    MEMBERS_LIST "members_list" Get "/environments/{id}/members" "" List
        [] "List the members of an environment"
    CONNECTIONS_LIST "connections_list" Get "/services/connections" "" List
        [Param::query("organizationId", Text)] "List the service connections of an organization"
    CONNECTIONS_SHOW "connections_show" Get "/services/connections/{id}" "" Object
        [] "Show one service connection"
    DESCRIPTORS_SHOW "descriptors_show" Get "/services/descriptors/{type}" "" Object
        [] "Show the types of a service and their operations"
    ROLES_LIST "roles_list" Get "/roles" "" List
        [Param::query("filter_scope", Text), Param::query("organization_id", Text), Param::query("environment_id", Text)]
        "List the roles that can be assigned"
    QUOTAS_LIST "quotas_list" Get "/quotas" "" List
        [Param::query("organization_id", Text)] "List the quotas"
    QUOTAS_SHOW "quotas_show" Get "/quotas/{id}" "" Object
        [] "Show one quota"
    ACTIVITY_LIST "activity_list" Get "/activity_log" "" List
        [Param::query("organizationId", Text), Param::query("only_mine", Boolean), Param::query("environmentId", Text),
         Param::query("status", Text), Param::query("start", Text), Param::query("end", Text)] "List the activity log"
    USAGE_SHOW "usage_show" Get "/usage_summary/organizations/{id}" "" List
        [Param::query("start_date", Text).required(), Param::query("end_date", Text).required(),
         Param::query("period", Text).one_of(PERIODS), Param::query("format", Text)] "Show the usage of an organization"
    TASKS_SHOW "tasks_show" Get "/tasks/{id}" "" Task
        [] "Show a task (kept for about 30 minutes)"
    ENTITIES_LIST "entities_list" Get "/services/{service_code}/{environment_name}/{entity_type}" "" List
        [] "List the resources of a type in an environment"
    ENTITIES_SHOW "entities_show" Get "/services/{service_code}/{environment_name}/{entity_type}/{id*}" "" Object
        [] "Show a resource in an environment"
    ENTITIES_CREATE "entities_create" Post "/services/{service_code}/{environment_name}/{entity_type}" "" Task
        [] "Create a resource in an environment" => ACTIVITY_LIST
    ENTITIES_UPDATE "entities_update" Put "/services/{service_code}/{environment_name}/{entity_type}/{id*}" "" Task
        [] "Update a resource in an environment" => ACTIVITY_LIST
    ENTITIES_DELETE "entities_delete" Delete "/services/{service_code}/{environment_name}/{entity_type}/{id*}" "" Task
        [] "Delete a resource in an environment" => ACTIVITY_LIST
    ENTITIES_OPERATE "entities_operate" Post "/services/{service_code}/{environment_name}/{entity_type}/{id*}" "" Task
        [Param::query("operation", Text).required()] "Run an operation on a resource" => ACTIVITY_LIST
    TYPES_OPERATE "types_operate" Post "/services/{service_code}/{environment_name}/{entity_type}" "" Task
        [Param::query("operation", Text).required()] "Run an operation on a type" => ACTIVITY_LIST
}

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn every_row_is_complete_and_its_id_its_own() {
        for (index, endpoint) in ALL.iter().enumerate() {
            assert!(endpoint.path.starts_with('/'), "{}", endpoint.id);
            assert!(!endpoint.summary.is_empty() && !endpoint.summary.ends_with('.'), "{}", endpoint.id);
            assert!(ALL[index + 1..].iter().all(|other| other.id != endpoint.id), "{}", endpoint.id);
        }
    }
}
