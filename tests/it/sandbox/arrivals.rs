//! Backups that come to the list: those of a task, again and again, and those from elsewhere.

#![expect(clippy::unwrap_used, reason = "tests")]

use c66::testing::SandboxOptions;
use serde_json::{Value, json};

use super::client::{AWESOME, Sandbox};

fn of_type(list: &Value, db_type: &str) -> usize {
    list.as_array().unwrap().iter().filter(|backup| backup["db_type"] == db_type).count()
}

#[test]
fn a_new_task_soon_makes_a_backup_of_each_database() {
    let sandbox = Sandbox::fast();
    let path = format!("{AWESOME}/backups");
    let form = "db_type=mysql,redis&frequency=0 */1 * * *&keep_count=10&gzip=false&excluded_tables=my_log_table";
    let reply = sandbox.call("POST", &format!("{path}.json"), form);
    assert_eq!(reply.json(), json!({ "response": { "ok": true, "message": "queued for creation" } }));
    let list = sandbox.until(&path, |list| list.as_array().unwrap().len() >= 6);
    assert_eq!((of_type(&list, "redis"), of_type(&list, "mysql")), (1, 3));
    let new = &list[0];
    assert_eq!((&new["backup_status"], &new["skip_tables"]), (&json!(0), &json!("my_log_table")));
    // It can be had as any other.
    let files = sandbox.get(&format!("{path}/{}/files", new["id"]));
    assert_eq!(files[0], json!({ "id": "tar", "name": "awesome_app_production.tar" }));
    assert!(sandbox.get(&format!("{path}/{}/files/tar", new["id"]))["public_url"].is_string());
}

#[test]
fn all_databases_are_those_that_were_backed_up_before() {
    let sandbox = Sandbox::fast();
    let ledger = "/stacks/f196c5b41758cb7977620d49eb1492ef";
    sandbox.call("POST", &format!("{ledger}/backups"), "db_type=all").response();
    let list = sandbox.until(&format!("{ledger}/backups"), |list| list.as_array().unwrap().len() > 9);
    assert_eq!((of_type(&list, "redis"), of_type(&list, "mysql"), list.as_array().unwrap().len()), (4, 7, 11));
}

#[test]
fn a_task_keeps_as_many_as_it_was_told() {
    let sandbox = Sandbox::start(SandboxOptions { speed: 1000.0, ..SandboxOptions::default() });
    let path = format!("{AWESOME}/backups?db_type=mongodb");
    sandbox.call("POST", &format!("{AWESOME}/backups"), "db_type=mongodb&frequency=* * * * *&keep_count=2").response();
    let id = |list: &Value| list[0]["id"].as_u64().unwrap_or_default();
    let first = id(&sandbox.until(&path, |list| list[0] != Value::Null));
    let later = sandbox.until(&path, |list| id(list) >= first + 3);
    assert_eq!(later.as_array().unwrap().len(), 2);
    // Those that were there before are not its business.
    assert_eq!(sandbox.get(&format!("{AWESOME}/backups")).as_array().unwrap().len(), 4 + 2);
}

#[test]
fn an_import_arrives() {
    let sandbox = Sandbox::fast();
    let path = format!("{AWESOME}/backups");
    let url = "https://s3.amazonaws.com/bucket/2014.07.01.07.00.46/redis_23.tar?Signature=x";
    let form = json!({ "group": 5, "db_type": "redis", "remote_url": url });
    let reply = sandbox.call_json("POST", &format!("{path}.json"), &form);
    let message = "Your external backup queued for upload";
    assert_eq!(reply.json(), json!({ "response": { "ok": true, "message": message } }));
    let list = sandbox.until(&format!("{path}?group=5"), |list| list[0] != Value::Null);
    assert_eq!((&list[0]["db_type"], &list[0]["database_name"]), (&json!("redis"), &json!("redis_23")));
    assert_eq!(sandbox.get(&path)[0], list[0]);
}
