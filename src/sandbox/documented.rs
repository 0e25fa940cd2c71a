//! The documents' own stack, with what they show of it, and backups that can be downloaded.

use super::actions::Action;
use super::backups::Backup;
use super::deployments::{Deployment, Outcome, Trigger, commit_url};
use super::environments::{Entry, Variable};
use super::seed::{at, backup, hook};
use super::stacks::DEPLOYED;
use super::world::{Stack, USER};

const MEBIBYTE: u64 = 1024 * 1024;

/// The documents' own stack, with what they show of it.
pub(super) fn awesome_production() -> Stack {
    Stack {
        uid: "5999b763474b0eafa5fafb64bff0ba80".into(),
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
        doomed: false,
        services: Vec::new(),
        actions: vec![action(10, 283, "clear_caches", "2014-09-01T19:08:05Z", "2014-09-01T19:08:09Z")],
        deployments: vec![awesome_deployment()],
        variables: awesome_variables(),
        backups: awesome_backups(),
    }
}

pub(super) fn awesome_deployment() -> Deployment {
    let git_hash = "5675fcd8f9e6dc534ecf1410c0661c066097e310";
    Deployment {
        id: 107,
        triggered_via: Trigger::Web,
        started_at: at("2014-08-29T17:46:16Z"),
        finished_at: Some(at("2014-08-29T17:58:23Z")),
        outcome: Outcome::Success,
        git_hash: git_hash.into(),
        deploy_session: "OhBHNzkXSl".into(),
        commit_url: commit_url("http://github.com/cloud66-samples/rails-test.git", git_hash),
        live: true,
        fails: false,
        run: None,
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
            .map(|(key, value, created_at)| Entry { key: *key, value: (*value).into(), created_at: at(created_at) })
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
    let documented = |id, made_at, folder: &str, dump_size| Backup {
        dump_size,
        ..backup(id, 15, "mysql", "test-db", "test_db_11", made_at, folder)
    };
    let postgresql =
        |id, made_at, folder| backup(id, 16, "postgresql", "awesome", "awesome_production", made_at, folder);
    vec![
        documented(1, "2014-09-01T18:16:16Z", "2014.09.01.18.16.14", 90_000),
        documented(4, "2014-09-01T19:00:33Z", "2014.09.01.19.00.31", 120_000),
        Backup {
            dump_size: 3 * MEBIBYTE + 400_000,
            segment_size: Some(MEBIBYTE),
            ..postgresql(5, "2014-09-02T03:00:20Z", "2014.09.02.03.00.02")
        },
        Backup {
            failure: Some("pg_dump: connection to database \"awesome\" failed: FATAL: too many connections".into()),
            dump_size: 0,
            ..postgresql(6, "2014-09-03T03:00:04Z", "2014.09.03.03.00.02")
        },
    ]
}

fn action(id: u64, resource_id: u64, name: &str, started_at: &str, finished_at: &str) -> Action {
    Action {
        id,
        user: USER.into(),
        name: name.into(),
        resource_id,
        started_via: "api".into(),
        started_at: at(started_at),
        due: at(finished_at),
        finished: true,
        failure: None,
        maintenance_mode: None,
    }
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
