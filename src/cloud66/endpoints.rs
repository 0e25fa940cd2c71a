//! The table of the Cloud 66 API v3: every operation that `c66` knows, one constant each.
//!
//! Rows are below the year of the API documentation that describes them. Parameters from later documentation that are
//! always sent (a newer server needs them and an older one ignores them) are marked.

use crate::http::endpoint::{
    Method::{Delete, Get, Patch, Post, Put},
    Param,
    ParamType::{Boolean, BracketList, CommaList, Cron, Integer, JsonArray, JsonObject, Text},
    ReplyShape::{Acknowledgement, Action, List, Nothing, Object},
    endpoints,
};

/// Path of the API on its host.
pub(crate) const ROOT: &str = "/api/3";

/// The documented scopes of a token.
pub(crate) const SCOPES: [&str; 5] = ["public", "redeploy", "jobs", "users", "admin"];

/// The scope that the documentation names for a reboot, and lists nowhere: no application can ask for it.
pub(crate) const REBOOT_SCOPE: &str = "reboot";

/// How several servers are rebooted: all at once, or one after the other.
pub(crate) const REBOOT_STRATEGIES: &[&str] = &["parallel", "serial"];

/// The kinds of a server group that can be scaled.
pub(crate) const GROUP_SUBTYPES: &[&str] = &["web", "process", "docker"];

/// The types of the root disk of a server.
pub(crate) const DISK_TYPES: &[&str] = &["ssd", "magnetic"];

/// In which order the servers of a stack are deployed.
pub(crate) const DEPLOY_STRATEGIES: &[&str] = &["serial", "parallel", "rolling", "fast"];

/// How visitors get to a new deployment.
pub(crate) const ROLLOUT_STRATEGIES: &[&str] = &["none", "blue_green_immediate", "blue_green_delayed", "canary"];

/// The changes of a variant. The official client sends this word for both of its changes.
pub(crate) const VARIANT_OPERATIONS: &[&str] = &["commit"];

/// The database types of a backup.
pub(crate) const DATABASE_TYPES: &[&str] = &["mysql", "postgresql", "redis", "mongodb"];

/// The database types of a backup task.
pub(crate) const BACKUP_TARGETS: &[&str] = &["all", "mysql", "postgresql", "redis", "mongodb"];

/// How a new stack is distributed over servers.
pub(crate) const BUILD_TYPES: &[&str] = &["single", "multi"];

/// The channels of a notification.
pub(crate) const CHANNELS: &[&str] = &["email", "ios", "hipchat", "webhook", "slack"];

/// The channels of an alert since 2024.
pub(crate) const ALERT_CHANNELS: &[&str] = &["email", "slack", "webhook", "browser"];

/// The types of a mobile device: 1 is iOS, 2 is Android.
pub(crate) const DEVICE_TYPE_CODES: &[&str] = &["1", "2"];

/// The models of an iOS device: 1 is iPhone, 2 is iPad, 3 is iPod.
pub(crate) const DEVICE_SUB_TYPE_CODES: &[&str] = &["1", "2", "3"];

/// When a changed environment variable is applied on the servers.
pub(crate) const APPLY_STRATEGIES: &[&str] = &["immediately", "deployment"];

// Later documentation: when the change is applied.
const APPLY_STRATEGY: Param = Param::body("apply_strategy", Text).one_of(APPLY_STRATEGIES);

/// The forms of a file of environment variables.
pub(crate) const VARIABLE_FORMATS: &[&str] = &["dotenv", "json"];

// The same parameters for both changes of many variables.
const VARIABLES_FORMAT: Param = Param::body("environments_format", Text).required().one_of(VARIABLE_FORMATS);
const VARIABLES: Param = Param::body("contents", Text).required().secret();

/// Where an SSL certificate comes from.
pub(crate) const CERTIFICATE_TYPES: &[&str] = &["manual", "lets_encrypt"];

// The same parameters for adding, replacing and changing a certificate.
const CERTIFICATE_TYPE: Param = Param::body("type", Text).one_of(CERTIFICATE_TYPES);
const SSL_TERMINATION: Param = Param::body("ssl_termination", Boolean);
const SERVER_NAMES: Param = Param::body("server_names", CommaList);
const WILDCARD: Param = Param::body("wildcard", Boolean);
const DNS_PROVIDER: Param = Param::body("dns_provider_uuid", Text);
const CERTIFICATE: Param = Param::body("certificate", Text).secret();
const KEY: Param = Param::body("key", Text).secret();
const INTERMEDIATE: Param = Param::body("intermediate_certificate", Text).secret();

// The same parameters for adding and changing an image repository, all of them required.
const REPOSITORY_URL: Param = Param::body("url", Text).required();
const REPOSITORY_EMAIL: Param = Param::body("email", Text).required();
const REPOSITORY_USER: Param = Param::body("username", Text).required();
const REPOSITORY_PASSWORD: Param = Param::body("password", Text).required().secret();

// The same parameters for adding and changing a failover group. An empty UID takes a stack out.
const PRIMARY_STACK: Param = Param::body("primary_stack_uid", Text);
const SECONDARY_STACK: Param = Param::body("secondary_stack_uid", Text);
const CURRENT_STACK: Param = Param::body("current_stack", Integer).one_of(&["1", "2"]);

// The same parameters for adding, changing, opening and closing a gateway.
const GATEWAY_NAME: Param = Param::body("name", Text);
const GATEWAY_USER: Param = Param::body("username", Text);
const GATEWAY_ADDRESS: Param = Param::body("address", Text);
const GATEWAY_PRIVATE_IP: Param = Param::body("private_ip", Text);
const GATEWAY_TTL: Param = Param::body("ttl", Integer).at_least(1);
const GATEWAY_KEY: Param = Param::body("content", Text).secret();

// The same parameters for adding and changing a record of the config store.
const RECORD_KEY: Param = Param::body("key", Text).required();
const RECORD_VALUE: Param = Param::body("raw_value", Text).required().secret();
const RECORD_METADATA: Param = Param::body("metadata", JsonObject);
const RECORD_TTL: Param = Param::body("ttl", Integer).at_least(0);

endpoints! {
    "2018":
    STACKS_LIST "stacks_list" Get "/stacks" "public" List
        [] "List the stacks that the token can access"
    STACKS_SHOW "stacks_show" Get "/stacks/{stack_id}" "public" Object
        [] "Show one stack"
    STACKS_CREATE "stacks_create" Post "/stacks" "redeploy" Action
        [Param::body("name", Text).required(), Param::body("environment", Text).required(),
         Param::body("service_yaml", Text).required(), Param::body("manifest_yaml", Text), Param::body("cloud", Text),
         Param::body("region", Text), Param::body("size", Text),
         Param::body("build_type", Text).one_of(BUILD_TYPES)] "Create a Docker stack and start building it" => STACKS_LIST
    STACK_ACTIONS_LIST "stack_actions_list" Get "/stacks/{stack_id}/actions" "public" List
        // Later documentation: only the actions with this reference.
        [Param::query("user_reference", Text)] "List the asynchronous actions of a stack"
    STACK_ACTIONS_SHOW "stack_actions_show" Get "/stacks/{stack_id}/actions/{action_id}" "public" Object
        [] "Show one asynchronous action"
    STACK_ACTIONS_RUN "stack_actions_run" Post "/stacks/{stack_id}/actions" "redeploy" Action
        // Later documentation: the target within the stack. The official client has other names for two of them.
        [Param::body("command", Text).required(), Param::body("value", Integer), Param::body("service_name", Text),
         Param::body("server_id_filter", Text), Param::body("server_uid", Text), Param::body("container", Text),
         Param::body("container_id", Text), Param::body("process-name", Text), Param::body("process_name", Text),
         Param::body("server", Text), Param::body("server_group", Text), Param::body("db_type", Text)]
        "Start an action on a stack" => STACK_ACTIONS_LIST
    DEPLOYMENTS_LIST "deployments_list" Get "/stacks/{stack_id}/deployments" "public" List
        [] "List the deployments of a stack"
    DEPLOYMENTS_SHOW "deployments_show" Get "/stacks/{stack_id}/deployments/{deployment_id}" "public" Object
        [] "Show one deployment"
    DEPLOYMENTS_CREATE "deployments_create" Post "/stacks/{stack_id}/deployments" "redeploy" Acknowledgement
        // `services` is the later name of `services_filter`; `user_reference` is of 2024.
        // The strategies are those of the official client.
        [Param::body("git_ref", Text), Param::body("services_filter", CommaList), Param::body("services", CommaList),
         Param::body("user_reference", Text), Param::body("deployment_profile", Text),
         Param::body("deploy_strategy", Text).one_of(DEPLOY_STRATEGIES),
         Param::body("rollout_strategy", Text).one_of(ROLLOUT_STRATEGIES), Param::body("canary_percentage", Integer).between(0, 100)] "Queue a redeployment of a stack" => DEPLOYMENTS_LIST
    DEPLOYMENTS_CANCEL "deployments_cancel" Delete "/stacks/{stack_id}/deployments/{deployment_id}" "redeploy" Acknowledgement
        [] "Cancel a running deployment" => DEPLOYMENTS_LIST
    SERVICES_LIST "services_list" Get "/stacks/{stack_id}/services" "public" List
        [Param::query("server_uid", Text)] "List the services of a Docker stack with their containers"
    SERVICES_SHOW "services_show" Get "/stacks/{stack_id}/services/{service_name}" "public" Object
        [Param::query("server_uid", Text)] "Show one service with its containers"
    SERVICES_SCALE "services_scale" Post "/stacks/{stack_id}/services" "admin" Action
        [Param::body("service_name", Text).required(), Param::body("server_count", JsonObject),
         Param::body("server_group_count", JsonObject)] "Set how many containers of a service run" => STACK_ACTIONS_LIST
    SERVICES_STOP "services_stop" Delete "/stacks/{stack_id}/services/{service_name}" "admin" Action
        [Param::query("server_uid", Text)] "Stop every container of a service" => STACK_ACTIONS_LIST
    CONTAINERS_LIST "containers_list" Get "/stacks/{stack_id}/containers" "public" List
        [Param::query("server_uid", Text)] "List the containers of a Docker stack"
    CONTAINERS_SHOW "containers_show" Get "/stacks/{stack_id}/containers/{container_id}" "admin" Object
        [] "Show one container with its runtime details"
    CONTAINERS_STOP "containers_stop" Delete "/stacks/{stack_id}/containers/{container_id}" "admin" Action
        [] "Stop one container" => STACK_ACTIONS_LIST
    ENVIRONMENTS_LIST "environments_list" Get "/stacks/{stack_id}/environments" "admin" List
        [] "List the environment variables of a stack with their history"
    ENVIRONMENTS_SHOW "environments_show" Get "/stacks/{stack_id}/environments/{environment_id}" "admin" Object
        [] "Show one environment variable, by number"
    ENVIRONMENTS_CREATE "environments_create" Post "/stacks/{stack_id}/environments" "admin" Action
        [Param::body("key", Text).required(), Param::body("value", Text).required().secret(), APPLY_STRATEGY]
        "Add an environment variable" => ENVIRONMENTS_LIST
    ENVIRONMENTS_UPDATE "environments_update" Put "/stacks/{stack_id}/environments/{key}" "admin" Action
        [Param::body("value", Text).required().secret(), APPLY_STRATEGY] "Change an environment variable" => ENVIRONMENTS_LIST
    ENVIRONMENTS_DELETE "environments_delete" Delete "/stacks/{stack_id}/environments/{key}" "admin" Nothing
        [] "Delete an environment variable" => ENVIRONMENTS_LIST
    FIREWALLS_LIST "firewalls_list" Get "/stacks/{stack_id}/firewalls" "public" List
        [] "List the firewall rules of a stack"
    FIREWALLS_SHOW "firewalls_show" Get "/stacks/{stack_id}/firewalls/{firewall_id}" "public" Object
        [] "Show one firewall rule"
    FIREWALLS_CREATE "firewalls_create" Post "/stacks/{stack_id}/firewalls" "admin" Nothing
        [Param::body("ttl", Integer).at_least(1), Param::body("from_ip", Text), Param::body("from_group_id", Integer),
         Param::body("from_server_id", Integer), Param::body("to_ip", Text), Param::body("to_group_id", Integer),
         Param::body("to_server_id", Integer), Param::body("protocol", Integer).required().one_of(&["1", "2", "3"]),
         Param::body("port", Integer).required().between(0, 65535)] "Add a firewall rule, permanent or temporary" => FIREWALLS_LIST
    NOTIFICATIONS_LIST "notifications_list" Get "/stacks/{stack_id}/notifications" "public" List
        [Param::query("alert_type", Text)] "List the notification settings of a stack"
    NOTIFICATIONS_SHOW "notifications_show" Get "/stacks/{stack_id}/notifications/{notification_id}" "public" Object
        [] "Show one notification setting"
    NOTIFICATIONS_UPDATE "notifications_update" Put "/stacks/{stack_id}/notifications/{notification_id}" "public" Nothing
        [Param::body("channels", BracketList).one_of(CHANNELS), Param::body("params", JsonObject).secret()]
        "Change the channels of a notification setting" => NOTIFICATIONS_SHOW
    SETTINGS_LIST "settings_list" Get "/stacks/{stack_id}/settings" "public" List
        [] "List the settings of a stack"
    SETTINGS_SHOW "settings_show" Get "/stacks/{stack_id}/settings/{setting_id}" "public" Object
        [] "Show one setting of a stack"
    SETTINGS_UPDATE "settings_update" Put "/stacks/{stack_id}/settings/{setting_id}" "admin" Action
        [Param::body("value", Text).required()] "Change one setting of a stack" => SETTINGS_LIST
    SERVER_GROUPS_LIST "server_groups_list" Get "/stacks/{stack_id}/server_groups" "public" List
        [] "List the server groups of a stack"
    SERVER_GROUPS_SHOW "server_groups_show" Get "/stacks/{stack_id}/server_groups/{server_group_id}" "public" Object
        [] "Show one server group"
    SERVERS_LIST "servers_list" Get "/stacks/{stack_id}/servers" "public" List
        [] "List the servers of a stack"
    SERVERS_SHOW "servers_show" Get "/stacks/{stack_id}/servers/{server_id}" "public" Object
        // The official client sends 0 for "without".
        [Param::query("include_private_key", Integer).one_of(&["0", "1"])] "Show one server, optionally with its SSH key"
    SERVER_SETTINGS_LIST "server_settings_list" Get "/stacks/{stack_id}/servers/{server_id}/settings" "public" List
        [] "List the settings of a server"
    SERVER_SETTINGS_SHOW "server_settings_show" Get "/stacks/{stack_id}/servers/{server_id}/settings/{setting_id}" "public" Object
        [] "Show one setting of a server"
    SERVER_SETTINGS_UPDATE "server_settings_update" Put "/stacks/{stack_id}/servers/{server_id}/settings/{setting_id}" "admin" Action
        [Param::body("value", Text).required()] "Change one setting of a server" => SERVER_SETTINGS_LIST
    CLOUDS_LIST "clouds_list" Get "/clouds" "redeploy" List
        [] "List the clouds of the account with their regions and server sizes"
    CLOUDS_SHOW "clouds_show" Get "/clouds/{cloud_id}" "redeploy" Object
        [] "Show one cloud with its regions and server sizes"
    BACKUPS_LIST "backups_list" Get "/stacks/{stack_id}/backups" "public" List
        [Param::query("group", Integer), Param::query("db_type", Text).one_of(DATABASE_TYPES)] "List the backups of a stack"
    BACKUPS_SHOW "backups_show" Get "/stacks/{stack_id}/backups/{backup_id}" "public" Object
        [] "Show one backup"
    BACKUPS_CREATE "backups_create" Post "/stacks/{stack_id}/backups" "admin" Acknowledgement
        [Param::body("db_type", CommaList).one_of(BACKUP_TARGETS), Param::body("frequency", Cron),
         Param::body("keep_count", Integer).at_least(1), Param::body("gzip", Boolean), Param::body("excluded_tables", Text),
         Param::body("run_on_replica_server", Boolean),
         // Only the official client sends it.
         Param::body("logical_backup", Boolean)] "Create a backup task" => BACKUPS_LIST
    // The same route: the API distinguishes them by `remote_url`.
    BACKUPS_IMPORT "backups_import" Post "/stacks/{stack_id}/backups" "admin" Acknowledgement
        [Param::body("group", Integer).required(), Param::body("db_type", Text).required().one_of(DATABASE_TYPES),
         Param::body("remote_url", Text).required().secret()] "Import an external backup from a URL" => BACKUPS_LIST
    BACKUP_FILES_LIST "backup_files_list" Get "/stacks/{stack_id}/backups/{backup_id}/files" "public" List
        [] "List the files of a backup"
    BACKUP_FILES_SHOW "backup_files_show" Get "/stacks/{stack_id}/backups/{backup_id}/files/{file_id}" "public" Object
        [] "Get a signed, public URL of a backup file"
    ACCOUNTS_LIST "accounts_list" Get "/accounts" "users" List
        [] "List the accounts of the caller"
    ACCOUNTS_SHOW "accounts_show" Get "/accounts/{account_id}" "users" Object
        [] "Show one account"
    USERS_LIST "users_list" Get "/users" "users" List
        [] "List the users that the caller can access"
    USERS_SHOW "users_show" Get "/users/{user_id}" "users" Object
        [] "Show one user"
    DEVICES_CREATE "devices_create" Post "/users/{user_id}/devices" "users" Object
        [Param::body("device_type", Integer).required().one_of(DEVICE_TYPE_CODES),
         Param::body("sub_type", Integer).required().one_of(DEVICE_SUB_TYPE_CODES),
         Param::body("token", Text).required().secret()] "Register a mobile device for a user" => USERS_SHOW
    // The reference has the token as a parameter; a curl example in the same document has it in the path.
    DEVICES_UPDATE "devices_update" Put "/users/{user_id}/devices" "users" Nothing
        [Param::body("token", Text).required().secret(),
         Param::body("device_type", Integer).required().one_of(DEVICE_TYPE_CODES),
         Param::body("sub_type", Integer).required().one_of(DEVICE_SUB_TYPE_CODES)] "Change the type of a device" => USERS_SHOW
    DEVICES_DELETE "devices_delete" Delete "/users/{user_id}/devices/{token}" "users" Nothing
        [] "Remove a device of a user" => USERS_SHOW
    "2024":
    STACKS_REBOOT "stacks_reboot" Post "/stacks/{stack_id}/reboot_servers" "reboot" Action
        [Param::body("strategy", Text).required().one_of(REBOOT_STRATEGIES), Param::body("group", Text)]
        "Reboot the servers of a stack, or of one of its groups" => STACK_ACTIONS_LIST
    SERVERS_REBOOT "servers_reboot" Post "/stacks/{stack_id}/servers/{server_id}/reboot_server" "reboot" Action
        [] "Reboot one server" => STACK_ACTIONS_LIST
    // Documented as two operations: with a size it adds servers, without one it deletes all but `server_count`.
    SERVER_GROUPS_SCALE "server_groups_scale" Post "/stacks/{stack_id}/server_groups/{server_group_id}" "redeploy" Action
        [Param::body("subtype", Text).required().one_of(GROUP_SUBTYPES), Param::body("server_size", Text),
         Param::body("server_count", Integer).at_least(1), Param::body("server_availability_zone", Text),
         Param::body("server_subnet_id", Text), Param::body("root_disk_type", Text).one_of(DISK_TYPES),
         Param::body("root_disk_size", Integer).at_least(1), Param::body("server_names", CommaList)]
        "Add servers to a group, or delete servers from it" => STACK_ACTIONS_LIST
    PROCESSES_LIST "processes_list" Get "/stacks/{stack_id}/processes" "public" List
        [Param::query("server_uid", Text)] "List the background processes of a stack"
    PROCESSES_SHOW "processes_show" Get "/stacks/{stack_id}/processes/{process_name}" "public" Object
        [Param::query("server_uid", Text)] "Show one background process"
    PROCESSES_SCALE "processes_scale" Post "/stacks/{stack_id}/processes" "admin" Action
        [Param::body("process_name", Text).required(), Param::body("server_count", JsonObject).required()]
        "Set how many of a process run on each server" => PROCESSES_LIST
    JOBS_LIST "jobs_list" Get "/stacks/{stack_id}/jobs" "public" List
        // Only the official client sends it.
        [Param::query("server_uid", Text)] "List the jobs of a stack"
    JOBS_RUN "jobs_run" Post "/stacks/{stack_id}/jobs/{job_id}/run_now" "public" Action
        [Param::body("job_args", Text)] "Run a job now" => JOBS_LIST
    JOBS_PAUSE "jobs_pause" Post "/stacks/{stack_id}/jobs/{job_id}/pause" "public" Action
        [] "Pause a job" => JOBS_LIST
    JOBS_UNPAUSE "jobs_unpause" Post "/stacks/{stack_id}/jobs/{job_id}/unpause" "public" Action
        [] "Let a paused job run again" => JOBS_LIST
    JOBS_PAUSE_ALL "jobs_pause_all" Post "/stacks/{stack_id}/jobs/pause_all" "public" Action
        [] "Pause every job of a stack" => JOBS_LIST
    JOBS_UNPAUSE_ALL "jobs_unpause_all" Post "/stacks/{stack_id}/jobs/unpause_all" "public" Action
        [] "Let every job of a stack run again" => JOBS_LIST
    SSL_CERTIFICATES_LIST "ssl_certificates_list" Get "/stacks/{stack_id}/ssl_certificates" "admin" List
        [] "List the SSL certificates of a stack"
    SSL_CERTIFICATES_SHOW "ssl_certificates_show" Get "/stacks/{stack_id}/ssl_certificates/{ssl_certificate_id}" "admin" Object
        [] "Show one SSL certificate"
    SSL_CERTIFICATES_CREATE "ssl_certificates_create" Post "/stacks/{stack_id}/ssl_certificates" "admin" Object
        [CERTIFICATE_TYPE.required(), SSL_TERMINATION.required(), SERVER_NAMES.required(), WILDCARD, DNS_PROVIDER,
         CERTIFICATE, KEY, INTERMEDIATE] in "ssl_certificate" "Add an SSL certificate" => SSL_CERTIFICATES_LIST
    SSL_CERTIFICATES_UPDATE "ssl_certificates_update" Put "/stacks/{stack_id}/ssl_certificates/{ssl_certificate_id}" "admin" Object
        [CERTIFICATE_TYPE.required(), SSL_TERMINATION.required(), SERVER_NAMES.required(), WILDCARD, DNS_PROVIDER,
         CERTIFICATE, KEY, INTERMEDIATE] in "ssl_certificate" "Replace an SSL certificate" => SSL_CERTIFICATES_SHOW
    // The official client replaces the whole certificate instead.
    SSL_CERTIFICATES_PATCH "ssl_certificates_patch" Patch "/stacks/{stack_id}/ssl_certificates/{ssl_certificate_id}" "admin" Nothing
        [CERTIFICATE_TYPE, SSL_TERMINATION, SERVER_NAMES, WILDCARD, DNS_PROVIDER, CERTIFICATE, KEY, INTERMEDIATE]
        in "ssl_certificate" "Change parts of an SSL certificate" => SSL_CERTIFICATES_SHOW
    SSL_CERTIFICATES_DELETE "ssl_certificates_delete" Delete "/stacks/{stack_id}/ssl_certificates/{ssl_certificate_id}" "admin" Object
        [] "Remove an SSL certificate" => SSL_CERTIFICATES_LIST
    DNS_PROVIDERS_LIST "dns_providers_list" Get "/dns_providers" "admin" List
        [] "List the DNS providers of the account"
    IMAGE_REPOSITORIES_LIST "image_repositories_list" Get "/image_repositories" "admin" List
        [] "List the Docker image repositories of the account"
    IMAGE_REPOSITORIES_SHOW "image_repositories_show" Get "/image_repositories/{image_repository_id}" "admin" Object
        [] "Show one image repository"
    IMAGE_REPOSITORIES_CREATE "image_repositories_create" Post "/image_repositories" "admin" Object
        [REPOSITORY_URL, REPOSITORY_EMAIL, REPOSITORY_USER, REPOSITORY_PASSWORD]
        "Add an image repository" => IMAGE_REPOSITORIES_LIST
    IMAGE_REPOSITORIES_UPDATE "image_repositories_update" Put "/image_repositories/{image_repository_id}" "admin" Object
        [REPOSITORY_URL, REPOSITORY_EMAIL, REPOSITORY_USER, REPOSITORY_PASSWORD]
        "Change an image repository" => IMAGE_REPOSITORIES_SHOW
    IMAGE_REPOSITORIES_DELETE "image_repositories_delete" Delete "/image_repositories/{image_repository_id}" "admin" Acknowledgement
        [] "Remove an image repository" => IMAGE_REPOSITORIES_LIST
    FAILOVER_GROUPS_LIST "failover_groups_list" Get "/failover_groups" "public" List
        [] "List the failover groups of the account"
    FAILOVER_GROUPS_CREATE "failover_groups_create" Post "/failover_groups" "public" Acknowledgement
        [PRIMARY_STACK, SECONDARY_STACK, CURRENT_STACK] "Add a failover group" => FAILOVER_GROUPS_LIST
    FAILOVER_GROUPS_UPDATE "failover_groups_update" Put "/failover_groups/{failover_group_uid}" "public" Acknowledgement
        [PRIMARY_STACK, SECONDARY_STACK, CURRENT_STACK] "Change or switch a failover group" => FAILOVER_GROUPS_LIST
    // The documentation names no scope.
    FAILOVER_GROUPS_DELETE "failover_groups_delete" Delete "/failover_groups/{failover_group_uid}" "public" Acknowledgement
        [] "Remove a failover group" => FAILOVER_GROUPS_LIST
    TAGS_LIST "tags_list" Get "/tags/{entity_type}/{entity_id}" "public" List
        [] "List the tags of a server or a load balancer"
    TAGS_REPLACE "tags_replace" Post "/tags/{entity_type}/{entity_id}" "public" List
        [Param::body("tags", JsonArray).required()] "Replace the tags of a server or a load balancer" => TAGS_LIST
    TAGS_PATCH "tags_patch" Patch "/tags/{entity_type}/{entity_id}" "public" Object
        [Param::body("operations", JsonArray).required()] "Add and remove tags of a server or a load balancer" => TAGS_LIST
    TAGS_DELETE "tags_delete" Delete "/tags/{entity_type}/{entity_id}" "public" List
        [] "Remove all tags of a server or a load balancer" => TAGS_LIST
    GATEWAYS_LIST "gateways_list" Get "/accounts/{account_id}/gateways" "public" List
        [] "List the gateways of an account"
    GATEWAYS_CREATE "gateways_create" Post "/accounts/{account_id}/gateways" "admin" Acknowledgement
        [GATEWAY_NAME.required(), GATEWAY_USER, GATEWAY_ADDRESS, GATEWAY_PRIVATE_IP, GATEWAY_TTL, GATEWAY_KEY]
        "Add a gateway" => GATEWAYS_LIST
    GATEWAYS_UPDATE "gateways_update" Put "/accounts/{account_id}/gateways/{gateway_id}" "admin" Acknowledgement
        [GATEWAY_NAME, GATEWAY_USER, GATEWAY_ADDRESS, GATEWAY_PRIVATE_IP, GATEWAY_TTL, GATEWAY_KEY]
        "Change, open or close a gateway" => GATEWAYS_LIST
    GATEWAYS_DELETE "gateways_delete" Delete "/accounts/{account_id}/gateways/{gateway_id}" "admin" Acknowledgement
        [] "Remove a gateway" => GATEWAYS_LIST
    USERS_UPDATE "users_update" Put "/users/{user_id}" "admin" Object
        [Param::body("access_profile", JsonObject).required()] "Change the access profile of a user" => USERS_SHOW
    NOTIFICATIONS_UPDATE_STACK "notifications_update_stack" Patch "/stacks/{stack_id}/notifications" "public" Object
        [Param::body("alerts", JsonArray).required()] "Set who is notified of alerts of a stack" => NOTIFICATIONS_LIST
    // The newest documentation names the scope, and has the name of the group in the path too.
    NOTIFICATIONS_UPDATE_GROUP "notifications_update_group" Patch "/application_groups/notifications" "admin" Object
        [Param::body("application_group_name", Text).required(), Param::body("alerts", JsonArray).required()]
        "Set who is notified of alerts of every stack of an application group" => NOTIFICATIONS_LIST
    "v3":
    APPLICATION_VARIANTS_LIST "application_variants_list" Get "/stacks/{stack_id}/application_variants" "redeploy" List
        [] "List the variants of a stack: active, canary, blue or green, and previews"
    // The official client sends PATCH, the newest documentation has PUT.
    APPLICATION_VARIANTS_UPDATE "application_variants_update" Patch "/stacks/{stack_id}/application_variants/{variant_uid}" "redeploy" Acknowledgement
        [Param::body("operation", Text).required().one_of(VARIANT_OPERATIONS), Param::body("canary_percentage", Integer).between(0, 100)]
        "Commit a rollout, or change its canary percentage" => APPLICATION_VARIANTS_LIST
    CLUSTERS_LIST "clusters_list" Get "/clusters" "public" List
        [] "List the Kubernetes clusters of the account"
    CLUSTERS_SHOW "clusters_show" Get "/clusters/{cluster_id}" "public" Object
        [] "Show one Kubernetes cluster"
    DATABASES_LIST "databases_list" Get "/stacks/{stack_id}/server_groups/{server_group_id}/databases" "public" List
        [] "List the databases of a server group"
    // No source names the scope of the writes.
    DATABASES_CREATE "databases_create" Post "/stacks/{stack_id}/server_groups/{server_group_id}/databases" "admin" Action
        [Param::body("database_name", Text).required(), Param::body("database_user_ids", JsonArray)]
        "Create a database" => DATABASES_LIST
    DATABASES_DELETE "databases_delete" Delete "/stacks/{stack_id}/server_groups/{server_group_id}/databases/{database_uid}" "admin" Nothing
        [] "Delete a database" => DATABASES_LIST
    DATABASE_USERS_LIST "database_users_list" Get "/stacks/{stack_id}/server_groups/{server_group_id}/database_users" "public" List
        [Param::query("show_password", Boolean)] "List the database users of a server group"
    DATABASE_USERS_CREATE "database_users_create" Post "/stacks/{stack_id}/server_groups/{server_group_id}/database_users" "admin" Action
        [Param::body("username", Text).required(), Param::body("user_type", Text).required(), Param::body("database_ids", JsonArray)]
        "Create a database user" => DATABASE_USERS_LIST
    DATABASE_USERS_DELETE "database_users_delete" Delete "/stacks/{stack_id}/server_groups/{server_group_id}/database_users/{database_user_uid}" "admin" Nothing
        [] "Delete a database user" => DATABASE_USERS_LIST
    DATABASE_USERS_REGENERATE_PASSWORD "database_users_regenerate_password" Post "/stacks/{stack_id}/server_groups/{server_group_id}/database_users/{database_user_uid}/regenerate_password" "admin" Nothing
        [] "Give a database user a new random password" => DATABASE_USERS_LIST
    SESSIONS_FETCH "sessions_fetch" Get "/stacks/{stack_id}/sessions/fetch" "redeploy" Object
        [Param::query("service_name", Text), Param::query("session_id", Text)]
        "Show a session in a container, by its UID or the newest of a service"
    PING_AUTH "ping_auth" Get "/ping/auth" "public" Acknowledgement
        [] "Check that the API accepts the token"
    "library":
    APPLICATION_VARIANTS_DELETE "application_variants_delete" Delete "/stacks/{stack_id}/application_variants/{variant_uid}" "redeploy" Acknowledgement
        [] "Delete a preview" => APPLICATION_VARIANTS_LIST
    CONFIGURATION_LIST "configuration_list" Get "/stacks/{stack_id}/configuration" "admin" List
        [] "List the configuration files of a stack"
    CONFIGURATION_SHOW "configuration_show" Get "/stacks/{stack_id}/configuration/{configuration_type}/show" "admin" Object
        [] "Show one configuration file"
    CONFIGURATION_UPDATE "configuration_update" Post "/stacks/{stack_id}/configuration/{configuration_type}/update" "admin" Action
        [Param::body("commit_message", Text), Param::body("body", Text).required().secret(), Param::body("must_apply", Boolean)]
        "Change a configuration file" => CONFIGURATION_SHOW
    CONFIGURATION_APPLY "configuration_apply" Post "/stacks/{stack_id}/configuration/{configuration_type}/apply" "admin" Action
        [] "Apply a configuration file to the servers" => CONFIGURATION_SHOW
    SERVICE_YAML_LIST "service_yaml_list" Get "/stacks/{stack_id}/service_yaml" "admin" List
        [Param::query("include_body", Boolean)] "List the versions of service.yml"
    SERVICE_YAML_SHOW "service_yaml_show" Get "/stacks/{stack_id}/service_yaml/{version_uid}" "admin" Object
        [] "Show one version of service.yml"
    SERVICE_YAML_CREATE "service_yaml_create" Post "/stacks/{stack_id}/service_yaml" "admin" Object
        [Param::body("service_yaml", Text).required(), Param::body("comments", Text)]
        "Add a version of service.yml" => SERVICE_YAML_LIST
    MANIFEST_YAML_LIST "manifest_yaml_list" Get "/stacks/{stack_id}/manifest_yaml" "admin" List
        [Param::query("include_body", Boolean)] "List the versions of manifest.yml"
    MANIFEST_YAML_SHOW "manifest_yaml_show" Get "/stacks/{stack_id}/manifest_yaml/{version_uid}" "admin" Object
        [] "Show one version of manifest.yml"
    MANIFEST_YAML_CREATE "manifest_yaml_create" Post "/stacks/{stack_id}/manifest_yaml" "admin" Object
        [Param::body("manifest_yaml", Text).required(), Param::body("comments", Text)]
        "Add a version of manifest.yml" => MANIFEST_YAML_LIST
    // No source names the scope; reading a session needs this one.
    SESSIONS_CREATE "sessions_create" Post "/stacks/{stack_id}/sessions" "redeploy" Action
        [Param::body("service_name", Text).required()] "Open a session in a container of a service" => SESSIONS_FETCH
    // No source names the scope of the config store.
    CONFIG_STORE_LIST "config_store_list" Get "/configstore/namespaces/{namespace}/records" "admin" List
        [] "List the records of a namespace of the config store"
    CONFIG_STORE_SHOW "config_store_show" Get "/configstore/namespaces/{namespace}/records/{record_key}" "admin" Object
        [] "Show one record of the config store"
    CONFIG_STORE_CREATE "config_store_create" Post "/configstore/namespaces/{namespace}/records" "admin" Object
        [RECORD_KEY, RECORD_VALUE, RECORD_METADATA, RECORD_TTL] in "record"
        "Add a record to the config store" => CONFIG_STORE_LIST
    CONFIG_STORE_UPDATE "config_store_update" Put "/configstore/namespaces/{namespace}/records/{record_key}" "admin" Object
        [RECORD_KEY, RECORD_VALUE, RECORD_METADATA, RECORD_TTL] in "record"
        "Replace a record of the config store" => CONFIG_STORE_LIST
    CONFIG_STORE_DELETE "config_store_delete" Delete "/configstore/namespaces/{namespace}/records/{record_key}" "admin" Object
        [] "Delete a record of the config store" => CONFIG_STORE_LIST
    ENVIRONMENTS_BULK_UPDATE "environments_bulk_update" Patch "/stacks/{stack_id}/environments/bulk" "admin" Action
        [VARIABLES_FORMAT, VARIABLES, APPLY_STRATEGY]
        "Add and change environment variables, all in one action" => ENVIRONMENTS_LIST
    ENVIRONMENTS_BULK_REPLACE "environments_bulk_replace" Post "/stacks/{stack_id}/environments/bulk" "admin" Action
        [VARIABLES_FORMAT, VARIABLES, APPLY_STRATEGY]
        "Replace the environment variables by those of a file" => ENVIRONMENTS_LIST
    OPERATIONS_LOGS "operations_logs" Get "/operations/{operation_uid}/logs" "public" List
        [Param::query("min_severity", Integer).between(0, 5), Param::query("include_children", Boolean)]
        "List the log lines of an operation"
    JOBS_SHOW "jobs_show" Get "/stacks/{stack_id}/jobs/{job_id}" "public" Object
        [] "Show one job"
}

/// Every scope that an operation needs, in the order of the documentation.
pub(crate) fn scopes() -> Vec<&'static str> {
    let needed = |scope: &&str| ALL.iter().any(|endpoint| endpoint.scope == *scope);
    SCOPES.into_iter().filter(needed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The years of the documentation, its newest version, and the official client library.
    const SOURCES: [&str; 4] = ["2018", "2024", "v3", "library"];

    #[test]
    fn ids_and_routes_are_unique() {
        for (index, endpoint) in ALL.iter().enumerate() {
            for other in &ALL[index + 1..] {
                assert_ne!(endpoint.id, other.id);
                let pair = [endpoint.id, other.id];
                assert!(
                    endpoint.method != other.method
                        || endpoint.path != other.path
                        || pair == ["backups_create", "backups_import"],
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
            assert!(SCOPES.contains(&endpoint.scope) || endpoint.scope == REBOOT_SCOPE, "{}", endpoint.id);
            assert!(SOURCES.contains(&endpoint.source), "{}", endpoint.id);
        }
    }
}
