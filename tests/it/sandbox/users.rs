//! Users and their devices.

use serde_json::json;

use crate::support::sandbox::Sandbox;

#[test]
fn a_device_is_added_changed_and_deleted() {
    let sandbox = Sandbox::fast();
    let call = |method: &str, path: &str, form: &str| sandbox.call_as("4c9c9b1111", method, path, form);
    let devices = || sandbox.get("/users/18")["devices"].clone();

    let added = call("POST", "/users/18/devices.json", "token=wertqy&device_type=1&sub_type=1").response();
    assert_eq!((&added["token"], &added["sub_type"], &added["enabled"]), (&json!("wertqy"), &json!(1), &json!(true)));
    assert_eq!(devices(), json!([added]));

    let reply = call("PUT", "/users/18/devices/wertqy.json", "device_type=1&sub_type=2");
    assert_eq!((reply.status, reply.body.len()), (200, 0));
    assert_eq!(devices()[0]["sub_type"], 2);
    // The reference has the token among the parameters.
    let reply = call("PUT", "/users/18/devices.json", "token=wertqy&device_type=2&sub_type=3");
    assert_eq!((reply.status, reply.body.len()), (200, 0));
    assert_eq!((&devices()[0]["device_type"], &devices()[0]["sub_type"]), (&json!(2), &json!(3)));

    let reply = call("DELETE", "/users/18/devices/wertqy.json", "");
    assert_eq!((reply.status, reply.body.len()), (200, 0));
    assert_eq!(devices(), json!([]));
    assert_eq!(call("DELETE", "/users/18/devices/wertqy.json", "").status, 404);
}
