//! Values of path parameters that exist in the sandbox, for the `OpenAPI` description.

/// The documented stack, and the one of the same name in staging.
const STACK: &str = "5999b763474b0eafa5fafb64bff0ba80";
const STAGING: &str = "3ff47eaa901ee0d1cda6fa9283b3e618";
/// A stack with containers.
const WITH_CONTAINERS: &str = "ubg5kv";

/// A value of a path parameter of an operation.
pub(super) fn example(operation: &str, name: &str) -> Option<&'static str> {
    Some(match name {
        // Every variable of the documented stack is generated, and cannot be deleted.
        "stack_id" if operation == "environments_delete" => STAGING,
        // Only a stack with containers has versions of its files, and several variants.
        "stack_id" if operation.contains("_yaml_") || operation.starts_with("application_variants") => WITH_CONTAINERS,
        "stack_id" => STACK,
        "action_id" => "10",
        "deployment_id" => "107",
        "service_name" => "web",
        "container_id" => "cba44fa6b6acf57fb0ef6c2ce385f6a129867df544dae7181d2410e9f9cc32bc",
        "environment_id" => "4153",
        "key" if operation == "environments_delete" => "SUPPORT_ADDRESS",
        "key" => "POSTGRESQL_USERNAME",
        "firewall_id" => "5027",
        "ssl_certificate_id" => "ssl-9ad095613rrr4e0b8f718302bab8709e",
        "notification_id" => "1191",
        "setting_id" if operation.starts_with("server_") => "server-name",
        "setting_id" => "git-branch",
        // Only the second group of the stack has databases.
        "server_group_id" if operation.starts_with("database") => "129",
        "server_group_id" => "128",
        "database_uid" => "e4807f229c918f8b1335106aa941bae0",
        "database_user_uid" => "a27d968f6b5c84c3aaca816237158949",
        "server_id" => "f8468fc145ea49bac474b30a8fea888d",
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
        "gateway_id" | "cluster_id" => "1",
        "configuration_type" => "nginx",
        "operation_uid" => "0f4b5b4c2a7d4a0c9a3f1e2d3c4b5a69",
        "variant_uid" if operation == "application_variants_delete" => "av-preview-ubg5kv",
        "variant_uid" => "av-canary-ubg5kv",
        "version_uid" if operation.starts_with("service") => "service-yaml-0-ubg5kv",
        "version_uid" => "manifest-yaml-0-ubg5kv",
        "namespace" => "account-139",
        "record_key" => "region",
        "token" => "wertqy",
        _ => return None,
    })
}
