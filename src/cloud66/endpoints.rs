//! The table of the Cloud 66 API v3: every operation `c66` knows, on one screen.
//!
//! Source: the API documentation of 10 December 2018. What later documents add and is sent all the same (because a
//! newer server needs it and an older one ignores it) is marked.

use crate::http::endpoint::{
    Endpoint,
    Method::{Delete, Get, Post, Put},
    Param,
    ReplyShape::{Acknowledgement, Action, List, Nothing, Object},
    Type::{CommaList, Integer, Text},
};

/// Where the API lives, below the host.
pub const ROOT: &str = "/api/3";

/// The database types a backup can be of.
pub const DATABASE_TYPES: &[&str] = &["mysql", "postgresql", "redis", "mongodb"];

/// When a changed environment variable reaches the servers.
pub const APPLY_STRATEGIES: &[&str] = &["immediately", "deployment"];

// Later documents: how soon the change is applied.
const APPLY_STRATEGY: Param = Param::body("apply_strategy", Text).one_of(APPLY_STRATEGIES);

macro_rules! endpoints {
    ($($name:ident $id:literal $method:ident $path:literal $scope:literal $reply:ident [$($param:expr),*] $summary:literal)*) => {
        $(
            #[doc = $summary]
            pub const $name: Endpoint = Endpoint {
                id: $id, method: $method, path: $path, scope: $scope, reply: $reply, params: &[$($param),*], summary: $summary,
            };
        )*
        /// Every operation, in the order of the documentation.
        pub const ALL: &[&Endpoint] = &[$(&$name),*];
    };
}

endpoints! {
    STACKS_LIST "stacks_list" Get "/stacks" "public" List
        [] "List every stack the token may see"
    STACKS_SHOW "stacks_show" Get "/stacks/{stack_id}" "public" Object
        [] "Show one stack"
    STACK_ACTIONS_LIST "stack_actions_list" Get "/stacks/{stack_id}/actions" "public" List
        [] "List the asynchronous actions of a stack"
    STACK_ACTIONS_SHOW "stack_actions_show" Get "/stacks/{stack_id}/actions/{action_id}" "public" Object
        [] "Show one asynchronous action"
    STACK_ACTIONS_RUN "stack_actions_run" Post "/stacks/{stack_id}/actions" "redeploy" Action
        [Param::body("command", Text).required(), Param::body("value", Integer)] "Start an action on a stack"
    DEPLOYMENTS_LIST "deployments_list" Get "/stacks/{stack_id}/deployments" "public" List
        [] "List the deployments of a stack"
    DEPLOYMENTS_SHOW "deployments_show" Get "/stacks/{stack_id}/deployments/{deployment_id}" "public" Object
        [] "Show one deployment"
    DEPLOYMENTS_CREATE "deployments_create" Post "/stacks/{stack_id}/deployments" "redeploy" Acknowledgement
        // `services` is the later name of `services_filter`; `user_reference` is of 2024.
        [Param::body("git_ref", Text), Param::body("services_filter", CommaList), Param::body("services", CommaList),
         Param::body("user_reference", Text)] "Queue a redeployment of a stack"
    DEPLOYMENTS_CANCEL "deployments_cancel" Delete "/stacks/{stack_id}/deployments/{deployment_id}" "redeploy" Acknowledgement
        [] "Ask for a running deployment to be cancelled"
    ENVIRONMENTS_LIST "environments_list" Get "/stacks/{stack_id}/environments" "admin" List
        [] "List the environment variables of a stack with their history"
    ENVIRONMENTS_SHOW "environments_show" Get "/stacks/{stack_id}/environments/{environment_id}" "admin" Object
        [] "Show one environment variable, by number"
    ENVIRONMENTS_CREATE "environments_create" Post "/stacks/{stack_id}/environments" "admin" Action
        [Param::body("key", Text).required(), Param::body("value", Text).required().secret(), APPLY_STRATEGY]
        "Add an environment variable"
    ENVIRONMENTS_UPDATE "environments_update" Put "/stacks/{stack_id}/environments/{key}" "admin" Action
        [Param::body("value", Text).required().secret(), APPLY_STRATEGY] "Change an environment variable"
    ENVIRONMENTS_DELETE "environments_delete" Delete "/stacks/{stack_id}/environments/{key}" "admin" Nothing
        [] "Delete an environment variable"
    CLOUDS_LIST "clouds_list" Get "/clouds" "redeploy" List
        [] "List the clouds of the account with their regions and server sizes"
    BACKUPS_LIST "backups_list" Get "/stacks/{stack_id}/backups" "public" List
        [Param::query("group", Integer), Param::query("db_type", Text).one_of(DATABASE_TYPES)] "List the backups of a stack"
    BACKUPS_SHOW "backups_show" Get "/stacks/{stack_id}/backups/{backup_id}" "public" Object
        [] "Show one backup"
    BACKUP_FILES_LIST "backup_files_list" Get "/stacks/{stack_id}/backups/{backup_id}/files" "public" List
        [] "List the files of a backup"
    BACKUP_FILES_SHOW "backup_files_show" Get "/stacks/{stack_id}/backups/{backup_id}/files/{file_id}" "public" Object
        [] "Give a signed, public URL of a backup file"
    ACCOUNTS_LIST "accounts_list" Get "/accounts" "users" List
        [] "List the accounts the caller belongs to"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_routes_are_unique() {
        for (index, endpoint) in ALL.iter().enumerate() {
            for other in &ALL[index + 1..] {
                assert_ne!(endpoint.id, other.id);
                assert!(
                    endpoint.method != other.method || endpoint.path != other.path,
                    "{} and {} share a route",
                    endpoint.id,
                    other.id
                );
            }
        }
    }

    #[test]
    fn every_row_is_complete() {
        for endpoint in ALL {
            let path = endpoint.path;
            assert!(path.starts_with('/') && !path.contains(".json"), "{}", endpoint.id);
            assert!(!endpoint.summary.is_empty() && !endpoint.summary.ends_with('.'), "{}", endpoint.id);
            assert!(["public", "redeploy", "users", "admin", "jobs"].contains(&endpoint.scope), "{}", endpoint.id);
        }
    }
}
