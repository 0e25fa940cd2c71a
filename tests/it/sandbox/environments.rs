//! The variables of a stack.

#![expect(clippy::unwrap_used, reason = "tests")]

use serde_json::{Value, json};

use crate::support::sandbox::{AWESOME, Sandbox};

#[test]
fn a_variable_is_added_changed_and_deleted() {
    let sandbox = Sandbox::fast();
    let variables = format!("{AWESOME}/environments");
    let find = |key: &str| sandbox.get(&variables).as_array().unwrap().iter().find(|item| item["key"] == key).cloned();

    let body = json!({ "key": "GREETING", "value": "héllo & more", "apply_strategy": "immediately" });
    let action = sandbox.call_json("POST", &format!("{variables}.json"), &body).response();
    assert_eq!(action["action"], "env-var-new");
    let made = find("GREETING").unwrap();
    assert_eq!(made["value"], "héllo & more");
    assert_eq!(sandbox.get(&format!("{variables}/{}", made["id"])), made);
    assert_eq!(sandbox.finished(AWESOME, &action)["finished_success"], true);

    let action = sandbox.call("PUT", &format!("{variables}/GREETING.json"), "value=bye").response();
    assert_eq!(action["action"], "env-var-update");
    let changed = find("GREETING").unwrap();
    assert_eq!(changed["value"], "bye");
    assert_eq!(changed["history"][0]["value"], "héllo & more");
    assert!(changed["history"][0]["key"].is_u64());

    let reply = sandbox.call("DELETE", &format!("{variables}/GREETING.json"), "");
    assert_eq!((reply.status, reply.body.len()), (200, 0));
    assert_eq!(find("GREETING"), None);
    assert_eq!(sandbox.call("DELETE", &format!("{variables}/GREETING.json"), "").status, 404);
}

#[test]
fn readonly_and_generated_variables_cannot_be_deleted() {
    let sandbox = Sandbox::fast();
    let variables = format!("{AWESOME}/environments");
    let refused = |method: &str, path: &str, form: &str| {
        let reply = sandbox.call(method, &format!("{variables}{path}"), form);
        (reply.status, reply.details())
    };
    let readonly = (409, "The environment variable `STACK_PATH` is read-only.".to_owned());
    assert_eq!(refused("PUT", "/STACK_PATH", "value=x"), readonly);
    assert_eq!(refused("DELETE", "/STACK_PATH", ""), readonly);
    let (status, details) = refused("DELETE", "/POSTGRESQL_PASSWORD", "");
    assert!(status == 409 && details.contains("generated"), "{details}");
    let (status, details) = refused("POST", "", "key=STACK_PATH&value=x");
    assert!(status == 409 && details.contains("exists"), "{details}");
    // Generated, but not readonly: it can be changed.
    assert_eq!(sandbox.call("PUT", &format!("{variables}/POSTGRESQL_PASSWORD"), "value=new").status, 200);
}

#[test]
fn the_value_fail_makes_the_change_fail() {
    let sandbox = Sandbox::fast();
    let action = sandbox.call("POST", &format!("{AWESOME}/environments"), "key=A&value=fail").response();
    let action = sandbox.finished(AWESOME, &action);
    assert_eq!(action["finished_success"], false);
    assert!(action["finished_message"].is_string());
}

#[test]
fn many_variables_are_added_and_changed_in_one_request() {
    let sandbox = Sandbox::fast();
    let variables = format!("{AWESOME}/environments");
    let find = |key: &str| sandbox.get(&variables).as_array().unwrap().iter().find(|item| item["key"] == key).cloned();
    let actions = || sandbox.get(&format!("{AWESOME}/actions")).as_array().unwrap().len();
    let (count, before) = (sandbox.get(&variables).as_array().unwrap().len(), actions());
    sandbox.call("POST", &variables, "key=OLD&value=1").response();

    // The official client sends the name of a format and the text of a file in it.
    let body = json!({
        "environments_format": "json",
        "contents": r#"{"OLD":"two\nlines","NEW":"h\u00e9llo & more","EMPTY":""}"#,
        "apply_strategy": "deployment",
    });
    let action = sandbox.call_json("PATCH", &format!("{variables}/bulk.json"), &body).response();
    let single = sandbox.call("PUT", &format!("{variables}/OLD"), "value=two%0Alines").response();
    assert_eq!(
        action.as_object().unwrap().keys().collect::<Vec<_>>(),
        single.as_object().unwrap().keys().collect::<Vec<_>>()
    );
    assert_eq!(sandbox.finished(AWESOME, &action)["finished_success"], true);
    assert_eq!(actions(), before + 3, "one action for all of a call");
    assert_eq!(find("OLD").unwrap()["value"], "two\nlines");
    assert_eq!(find("OLD").unwrap()["history"][0]["value"], "1");
    assert_eq!(
        (find("NEW").unwrap()["value"].clone(), find("EMPTY").unwrap()["value"].clone()),
        (json!("héllo & more"), json!(""))
    );
    assert_eq!(sandbox.get(&variables).as_array().unwrap().len(), count + 3, "nothing is deleted");

    let form = "environments_format=dotenv&contents=%23 said%0AOLD=3%0A%0AQUOTED='a=b c'%0A";
    sandbox.call("PATCH", &format!("{variables}/bulk"), form).response();
    assert_eq!(
        (find("OLD").unwrap()["value"].clone(), find("QUOTED").unwrap()["value"].clone()),
        (json!("3"), json!("a=b c"))
    );
    // The file of all variables can be sent back as it came.
    let file = sandbox.get(&format!("{variables}?environments_format=dotenv&requested_types=all"))["contents"].clone();
    let body = json!({ "environments_format": "dotenv", "contents": file });
    let action = sandbox.call_json("PATCH", &format!("{variables}/bulk"), &body).response();
    assert_eq!(sandbox.finished(AWESOME, &action)["finished_success"], true);
    assert_eq!(sandbox.get(&format!("{variables}?environments_format=dotenv&requested_types=all"))["contents"], file);
    let form = "environments_format=dotenv&contents=A=1%0AB=fail";
    let action = sandbox.call("PATCH", &format!("{variables}/bulk"), form).response();
    assert_eq!(sandbox.finished(AWESOME, &action)["finished_success"], false);
}

/// The toolbelt's `env-vars upload --delete`.
#[test]
fn a_post_of_many_variables_deletes_the_other_ones_of_the_user() {
    let sandbox = Sandbox::fast();
    let variables = format!("{AWESOME}/environments");
    let keys = |kind: &str| {
        let list = sandbox.get(&format!("{variables}?requested_types={kind}"));
        list.as_array().unwrap().iter().map(|variable| variable["key"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let generated = keys("generated");
    for key in ["OLD", "KEPT"] {
        sandbox.call("POST", &variables, &format!("key={key}&value=1"));
    }
    let body = json!({ "environments_format": "json", "contents": r#"{"KEPT":"2","NEW":"3"}"#, "apply_strategy": "" });
    let action = sandbox.call_json("POST", &format!("{variables}/bulk.json"), &body).response();
    assert_eq!(sandbox.finished(AWESOME, &action)["finished_success"], true);
    assert_eq!((keys("user"), keys("generated")), (vec!["KEPT".to_owned(), "NEW".to_owned()], generated));
    let before = sandbox.get(&variables);
    let body = json!({ "environments_format": "json", "contents": r#"{"STACK_PATH":"/else"}"# });
    assert_eq!(sandbox.call_json("POST", &format!("{variables}/bulk"), &body).error().0, 409);
    assert_eq!(sandbox.get(&variables), before);
}

#[test]
fn a_replacement_deletes_the_other_variables_that_are_neither_generated_nor_read_only() {
    let sandbox = Sandbox::fast();
    let variables = format!("{AWESOME}/environments");
    sandbox.call("POST", &variables, "key=OWN&value=1").response();
    let before = sandbox.get(&variables).as_array().unwrap().len();
    let form = "environments_format=dotenv&contents=OTHER=2";
    sandbox.call("POST", &format!("{variables}/bulk"), form).response();
    let keys: Vec<Value> = sandbox.get(&variables).as_array().unwrap().iter().map(|one| one["key"].clone()).collect();
    assert!(keys.contains(&json!("OTHER")) && !keys.contains(&json!("OWN")), "{keys:?}");
    assert!(keys.contains(&json!("STACK_PATH")) && keys.len() == before, "{keys:?}");
}

#[test]
fn a_refused_request_for_many_variables_changes_none() {
    let sandbox = Sandbox::fast();
    let variables = format!("{AWESOME}/environments");
    let before = sandbox.get(&variables);
    for (format, contents, said) in [
        ("json", r#"{"NEW":"1","STACK_PATH":"/else"}"#, "`STACK_PATH` is read-only"),
        ("json", r#"{"NEW":"1","LIST":["2"]}"#, "`LIST`"),
        ("json", r#"["NEW"]"#, "not a JSON object"),
        ("json", "NEW=1", "not a JSON object"),
        ("json", "{}", "no environment variable"),
        ("json", "", "`contents` must not be empty"),
        ("dotenv", "NEW=1\njust words", "Line 2"),
        ("dotenv", "# nothing", "no environment variable"),
        ("yaml", "NEW: 1", "`environments_format` must be one of dotenv, json"),
    ] {
        let body = json!({ "environments_format": format, "contents": contents });
        let reply = sandbox.call_json("PATCH", &format!("{variables}/bulk"), &body);
        let expected = if said.contains("read-only") { (409, "conflict") } else { (400, "bad_request") };
        assert_eq!(reply.error(), (expected.0, expected.1.to_owned()), "{contents}");
        assert!(reply.details().contains(said), "{contents}: {}", reply.details());
    }
    let form = "environments_format=json&contents={\"NEW\":\"1\"}";
    let missing = sandbox.call("PATCH", &format!("{variables}/bulk"), "environments_format=json").details();
    assert_eq!(missing, "The parameter `contents` is missing.");
    let status = |token: &str, path: &str| sandbox.call_as(token, "PATCH", path, form).status;
    assert_eq!(status("sandbox-public", &format!("{variables}/bulk")), 403);
    assert_eq!(status("sandbox-admin", "/stacks/none/environments/bulk"), 404);
    // Only this value, and only with this method.
    assert_eq!(status("sandbox-admin", &format!("{variables}/NEW")), 405);
    assert_eq!(sandbox.call("PUT", &format!("{variables}/bulk"), form).status, 404);
    assert_eq!(sandbox.get(&variables), before);
}
