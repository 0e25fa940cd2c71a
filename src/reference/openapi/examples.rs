//! Values of parameters for the `OpenAPI` description: with them, each operation succeeds in the sandbox.

use serde_json::{Map, Value};

/// The body of each operation that takes one, by its id; without its wrapper.
const BODIES: &str = include_str!("body_examples.json");

/// The documented stack, and the one of the same name in staging.
const STACK: &str = "5999b763474b0eafa5fafb64bff0ba80";
const STAGING: &str = "3ff47eaa901ee0d1cda6fa9283b3e618";
const DELETES_IN_STAGING: [&str; 3] = ["environments_delete", "databases_delete", "database_users_delete"];
/// A stack with containers.
const WITH_CONTAINERS: &str = "ubg5kv";

/// The body of an operation; null if it takes none.
pub(super) fn body(operation: &str) -> Value {
    let bodies: Map<String, Value> = serde_json::from_str(BODIES).unwrap_or_default();
    bodies.get(operation).cloned().unwrap_or_default()
}

/// The fields of a body as a form has them: lists of words with commas.
pub(super) fn as_form(body: &Value) -> Value {
    let field = |(name, value): (&String, &Value)| {
        let value = match value {
            Value::Array(words) => words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",").into(),
            plain => plain.clone(),
        };
        (name.clone(), value)
    };
    body.as_object().into_iter().flatten().map(field).collect()
}

/// A value of a path or query parameter of an operation.
pub(super) fn param(operation: &str, name: &str) -> Option<&'static str> {
    Some(match name {
        // Every variable of the documented stack is generated, and cannot be deleted; and a database that is deleted
        // could not be used after.
        "stack_id" if DELETES_IN_STAGING.contains(&operation) => STAGING,
        // Only a stack with containers has versions of its files, and several variants.
        "stack_id" if operation.contains("_yaml_") || operation.starts_with("application_variants") => WITH_CONTAINERS,
        "stack_id" => STACK,
        "action_id" => "10",
        "deployment_id" if operation == "deployments_cancel" => "112",
        "deployment_id" => "107",
        "service_name" => "web",
        "container_id" => "cba44fa6b6acf57fb0ef6c2ce385f6a129867df544dae7181d2410e9f9cc32bc",
        // The same path has the ID of a variable to show it, and its name to change it.
        "environment_id" if operation == "environments_show" => "4153",
        "environment_id" if operation == "environments_delete" => "SUPPORT_ADDRESS",
        "environment_id" => "POSTGRESQL_USERNAME",
        "firewall_id" => "5027",
        "ssl_certificate_id" => "ssl-9ad095613rrr4e0b8f718302bab8709e",
        "notification_id" => "1191",
        "setting_id" if operation.starts_with("server_") => "server-name",
        "setting_id" => "git-branch",
        // Only the second group of a stack has databases.
        "server_group_id" if DELETES_IN_STAGING.contains(&operation) => "3001",
        "server_group_id" if operation.starts_with("database") => "129",
        "server_group_id" => "128",
        "database_uid" => "a044895f54ba6c7847cd4c3b9a21365f",
        "database_user_uid" if operation == "database_users_delete" => "78d94cbb270977e3159b310d9047c869",
        "database_user_uid" => "a27d968f6b5c84c3aaca816237158949",
        "server_id" | "server_uid" => "f8468fc145ea49bac474b30a8fea888d",
        "cloud_id" => "digitalocean",
        "backup_id" => "4",
        "file_id" => "tar",
        "account_id" => "139",
        "user_id" => "18",
        "process_name" => "worker",
        "job_id" => "b375afb170b468c238be44cec1058d0f",
        "image_repository_id" => "3",
        "failover_group_uid" => "fg-5be3dca6d3c4bf1eaddcb5b555d993bb",
        "entity_type" => "loadbalancer",
        "entity_id" => "17823",
        "gateway_id" | "cluster_id" | "include_private_key" => "1",
        "configuration_type" => "nginx",
        "operation_uid" => "0f4b5b4c2a7d4a0c9a3f1e2d3c4b5a69",
        "variant_uid" if operation == "application_variants_delete" => "av-preview-ubg5kv",
        "variant_uid" => "av-canary-ubg5kv",
        "version_uid" if operation.starts_with("service") => "service-yaml-0-ubg5kv",
        "version_uid" => "manifest-yaml-0-ubg5kv",
        "namespace" => "account-139",
        "record_key" => "region",
        "token" => "wertqy",
        "session_id" => "5924596e69a309c9b772c834bd33a405",
        "user_reference" => "build-42",
        "alert_type" => "stack.redeploy.ok",
        "db_type" => "mysql",
        "group" => "15",
        "include_body" | "include_children" | "show_password" => "true",
        "min_severity" => "2",
        _ => return None,
    })
}
