//! The documents' own stack, with what they show of it and of what belongs to it, and backups that can be downloaded.

use jiff::Timestamp;

use super::actions::Action;
use super::backups::{Backup, backup};
use super::deployments::{Deployment, DeploymentOutcome, Trigger, commit_url};
use super::environments::{PreviousValue, Variable};
use super::firewalls::{FirewallRule, RuleEnd};
use super::infrastructure::{Container, Infrastructure, Server, ServerGroup};
use super::seed::{at, hook};
use super::stacks::DEPLOYED;
use super::{Stack, StackParts, USER};

const MEBIBYTE: u64 = 1024 * 1024;

/// The UID that nearly all documented requests ask for.
pub(in crate::sandbox) const STACK_UID: &str = "5999b763474b0eafa5fafb64bff0ba80";
/// The UID of the stack that the documented servers and notifications say they belong to.
pub(in crate::sandbox) const CHILDREN_STACK_UID: &str = "5acd43412ea412e32897c40d46f91183";
/// The documented settings are of yet another stack.
pub(in crate::sandbox) const GIT_BRANCH_SETTING: &str = "master";
/// The same.
pub(in crate::sandbox) const STACK_NAME_SETTING: &str = "test-elastic-1";
/// The number of the first documented notification.
pub(in crate::sandbox) const FIRST_NOTIFICATION: u64 = 1189;

const RAILS_GROUP: u64 = 128;
const POSTGRESQL_GROUP: u64 = 129;

/// The documents' own stack, with what they show of it.
pub(in crate::sandbox) fn awesome_production() -> Stack {
    Stack {
        uid: STACK_UID.into(),
        // The documents have 280 in the actions of its environment variables, and 283 in its documented action.
        number: 280,
        name: "Awesome App".into(),
        git: "http://github.com/cloud66-samples/awesome-app.git".into(),
        git_branch: "fig".into(),
        environment: "production".into(),
        cloud: "DigitalOcean".into(),
        fqdn: "awesome-app.dev.c66.me".into(),
        language: "ruby".into(),
        framework: "rails".into(),
        status: DEPLOYED,
        health: 3,
        last_activity: at("2014-08-14T01:46:53Z"),
        maintenance_mode: false,
        has_loadbalancer: false,
        created_at: at("2014-08-14T00:38:14Z"),
        updated_at: at("2014-08-14T01:46:52Z"),
        deploy_directory: "/var/deploy/awesome_app".into(),
        cloud_status: "partial".into(),
        redeploy_hook: Some(hook(&"0".repeat(32), &"1".repeat(32))),
        always_fails: false,
        services: vec!["web".into()],
        actions: vec![action(10, 283, "clear_caches", "2014-09-01T19:08:05Z", "2014-09-01T19:08:09Z")],
        deployments: vec![awesome_deployment()],
        variables: awesome_variables(),
        backups: awesome_backups(),
        parts: StackParts::default(),
    }
}

pub(in crate::sandbox) fn awesome_deployment() -> Deployment {
    let git_hash = "5675fcd8f9e6dc534ecf1410c0661c066097e310";
    Deployment {
        id: 107,
        triggered_via: Trigger::Web,
        started_at: at("2014-08-29T17:46:16Z"),
        finished_at: Some(at("2014-08-29T17:58:23Z")),
        outcome: DeploymentOutcome::Success,
        git_hash: git_hash.into(),
        deploy_session: "OhBHNzkXSl".into(),
        commit_url: commit_url("http://github.com/cloud66-samples/rails-test.git", git_hash),
        live: true,
        fails: false,
        timing: None,
        cancelled_at: None,
    }
}

fn awesome_variables() -> Vec<Variable> {
    let variable = |id, key: &str, value: &str, readonly, created_at, history: &[(u64, &str, &str)]| Variable {
        id,
        key: key.into(),
        value: value.into(),
        readonly,
        created_at: at(created_at),
        updated_at: at(created_at),
        is_password: key.contains("PASSWORD"),
        is_generated: true,
        history: history
            .iter()
            .map(|(key, value, created_at)| PreviousValue {
                key: *key,
                value: (*value).into(),
                created_at: at(created_at),
            })
            .collect(),
    };
    let path = "/var/deploy/test-elastic-1/web_head";
    let old_path = format!("{path}/somethingold");
    vec![
        variable(
            4152,
            "STACK_GIT_BRANCH",
            "master",
            true,
            "2014-08-29T17:21:25Z",
            &[(1, "develop", "2015-05-08T15:09:50Z")],
        ),
        variable(
            4153,
            "STACK_PATH",
            &format!("{path}/current"),
            true,
            "2014-08-29T17:21:25Z",
            &[(2, &old_path, "2015-05-08T14:01:50Z")],
        ),
        variable(
            4167,
            "POSTGRESQL_USERNAME",
            "tja",
            false,
            "2014-08-29T17:21:26Z",
            &[(5, "xyz", "2015-05-08T14:01:50Z"), (6, "123", "2015-05-08T14:02:50Z")],
        ),
        variable(4168, "POSTGRESQL_PASSWORD", "tjena", false, "2014-08-29T17:21:26Z", &[]),
    ]
}

fn awesome_backups() -> Vec<Backup> {
    let documented =
        |id, made_at, dump_size| Backup { dump_size, ..backup(id, 15, "mysql", "test-db", "test_db_11", at(made_at)) };
    let postgresql = |id, made_at| backup(id, 16, "postgresql", "awesome", "awesome_production", at(made_at));
    vec![
        documented(1, "2014-09-01T18:16:16Z", 90_000),
        documented(4, "2014-09-01T19:00:33Z", 120_000),
        Backup {
            dump_size: 3 * MEBIBYTE + 400_000,
            segment_size: Some(MEBIBYTE),
            ..postgresql(5, "2014-09-02T03:00:20Z")
        },
        Backup {
            failure: Some("pg_dump: connection to database \"awesome\" failed: FATAL: too many connections".into()),
            dump_size: 0,
            ..postgresql(6, "2014-09-03T03:00:04Z")
        },
    ]
}

fn action(id: u64, resource_id: u64, name: &str, started_at: &str, finished_at: &str) -> Action {
    Action {
        id,
        user: USER.into(),
        name: name.into(),
        resource_type: "stack".into(),
        resource_id,
        started_via: "api".into(),
        started_at: at(started_at),
        due: at(finished_at),
        finished: true,
        failure: None,
        effect: None,
        deployment: None,
        user_reference: None,
    }
}

/// The server of the server examples, those that the examples of services and containers name, and the one that is
/// scaled. One is in two examples with two UIDs; that of the list is taken.
pub(in crate::sandbox) fn infrastructure() -> Infrastructure {
    let server = |number, uid: &str, vendor_uid: &str, name: &str, address: &str, internal_address: &str| Server {
        number,
        uid: uid.into(),
        vendor_uid: vendor_uid.into(),
        name: name.into(),
        address: address.into(),
        internal_address: internal_address.into(),
        dns_record: format!("{}.sb-elastic-1.dev.c66.me", name.to_lowercase()),
        roles: ["rails", "web", "app"].map(String::from).to_vec(),
        group: RAILS_GROUP,
        created_at: at("2014-08-29T17:21:47Z"),
        updated_at: at("2014-08-29T17:54:41Z"),
    };
    let place = "146.185.133.183";
    let all_roles = ["rails", "postgresql", "elasticsearch", "web", "app", "db"].map(String::from).to_vec();
    let [caribou, cormorant, gazelle, ibex] = [
        Server {
            roles: all_roles,
            ..server(445, "f8468fc145ea49bac474b30a8fea888d", "2492780", "Caribou", place, place)
        },
        server(446, "edfbd7a9b97e999ebf17984282d4b457", "2492781", "Cormorant", "203.0.113.246", "10.132.130.134"),
        server(447, "c6014897b8c8e9f2fc204a3a9efdae05", "2492782", "Gazelle", "104.236.242.128", "10.132.130.135"),
        server(448, "123123cfcb7d3d2b54614b19e2a6c673", "2492783", "Ibex", "203.0.113.248", "10.132.130.136"),
    ];
    let container = |uid: &str, server: &Server, started_at, made_at, updated_at| Container {
        uid: uid.into(),
        created_at: at(made_at),
        updated_at: at(updated_at),
        ..Container::start(uid, "web", &server.uid, at(started_at))
    };
    let started_at = "2014-09-30T09:59:45Z";
    let on_cormorant = Container {
        host_port: 5128,
        command: "rackup -p 3000".into(),
        ..container(
            "1339d2dfa5a86dfce497f8f2e1bb29492f246288c722d11c8e6fc9348bfeece6",
            &cormorant,
            started_at,
            started_at,
            "2014-09-30T09:59:48Z",
        )
    };
    let on_gazelle = Container {
        private_ip: "25.0.0.2".into(),
        docker_ip: "172.0.2.12".into(),
        ..container(
            "cba44fa6b6acf57fb0ef6c2ce385f6a129867df544dae7181d2410e9f9cc32bc",
            &gazelle,
            "2015-02-10T17:41:31Z",
            "2015-02-10T17:41:37Z",
            "2015-02-17T14:40:17Z",
        )
    };
    let made_at = "2015-02-10T17:42:08Z";
    let on_ibex =
        container("12344cd3c84eb64591598312c9f12e5c3ed64454545f987016916f64ff25e363", &ibex, made_at, made_at, made_at);
    Infrastructure {
        servers: vec![caribou, cormorant, gazelle, ibex],
        containers: vec![on_cormorant, on_gazelle, on_ibex],
    }
}

/// The documented server groups.
pub(in crate::sandbox) fn groups() -> [ServerGroup; 2] {
    let created_at = at("2014-08-29T17:21:47Z");
    [(RAILS_GROUP, "Rails Server", "rails"), (POSTGRESQL_GROUP, "PostgreSQL Server", "postgresql")]
        .map(|(id, name, kind)| ServerGroup { id, name: name.into(), kind, created_at })
}

/// The documented firewall rules.
pub(in crate::sandbox) fn firewall_rules() -> Vec<FirewallRule> {
    let everywhere = || RuleEnd { ip: Some("0.0.0.0/0".into()), ..RuleEnd::default() };
    let created_at = at("2014-08-29T17:58:23Z");
    [(5027, 80), (5028, 443)]
        .map(|(id, port)| FirewallRule::of_group(id, everywhere(), RAILS_GROUP, port, created_at))
        .to_vec()
}

/// When the documented notifications were set up.
pub(in crate::sandbox) fn notifications_created_at() -> Timestamp {
    at("2014-05-29T17:29:54Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_backup_has_failed_and_the_one_before_is_in_segments() {
        let backups = awesome_backups();
        assert!(backups.windows(2).all(|pair| pair[0].made_at < pair[1].made_at));
        let files: Vec<usize> = backups.iter().map(|backup| backup.files().len()).collect();
        assert_eq!(files, [1, 1, 4, 0]);
    }
}
