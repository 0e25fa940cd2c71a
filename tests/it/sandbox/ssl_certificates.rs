//! SSL certificates.

#![expect(clippy::unwrap_used, reason = "tests")]

use serde_json::{Value, json};

use crate::support::sandbox::{AWESOME, Reply, Sandbox};

const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
const KEY: &str = "-----BEGIN PRIVATE KEY-----\nBBBB\n-----END PRIVATE KEY-----\n";

fn call(sandbox: &Sandbox, method: &str, path: &str, fields: &Value) -> Reply {
    sandbox.call_json(method, &format!("{AWESOME}/ssl_certificates{path}.json"), &json!({ "ssl_certificate": fields }))
}

fn manual() -> Value {
    json!({ "type": "manual", "ssl_termination": true, "server_names": "a.example, b.example", "certificate": CERTIFICATE,
            "key": KEY })
}

#[test]
fn a_certificate_is_installed_after_a_while_and_no_reply_has_its_files() {
    let sandbox = Sandbox::fast();
    let lets_encrypt = json!({ "type": "lets_encrypt", "ssl_termination": false, "server_names": "c.example" });
    for (fields, names, issuer) in
        [(manual(), "a.example,b.example", Value::Null), (lets_encrypt, "c.example", json!("Let's Encrypt"))]
    {
        let added = call(&sandbox, "POST", "", &fields).response();
        assert_eq!((&added["status"], &added["server_names"]), (&json!(1), &json!(names)), "{added}");
        let path = format!("{AWESOME}/ssl_certificates/{}", added["uuid"].as_str().unwrap());
        let installed = sandbox.until(&path, |certificate| certificate["status"] == 3);
        assert_eq!(installed["ca_name"], issuer);
        assert!(installed["expires_at"].is_string() && installed["sha256_fingerprint"].is_string(), "{installed}");
        assert!(["certificate", "key", "intermediate_certificate"].iter().all(|name| installed[name].is_null()));
    }
}

#[test]
fn put_replaces_a_certificate_and_patch_changes_parts_of_it() {
    let sandbox = Sandbox::fast();
    let added = call(&sandbox, "POST", "", &manual()).response();
    let path = format!("/{}", added["uuid"].as_str().unwrap());
    let shown = || sandbox.get(&format!("{AWESOME}/ssl_certificates{path}"));
    assert_eq!(call(&sandbox, "PATCH", &path, &json!({ "ssl_termination": false })).body.len(), 0);
    assert_eq!((&shown()["ssl_termination"], &shown()["type"]), (&json!(false), &json!("manual")));
    // Its files are already present.
    let whole = json!({ "type": "manual", "ssl_termination": true, "server_names": "d.example" });
    assert_eq!(call(&sandbox, "PUT", &path, &whole).response()["server_names"], "d.example");
    let wildcard = json!({ "type": "lets_encrypt", "ssl_termination": true, "server_names": "*.d.example",
        "wildcard": true, "dns_provider_uuid": "dp-1" });
    assert_eq!(call(&sandbox, "PUT", &path, &wildcard).response()["dns_provider_uuid"], "dp-1");
    let plain = json!({ "type": "lets_encrypt", "ssl_termination": true, "server_names": "d.example" });
    assert_eq!(call(&sandbox, "PUT", &path, &plain).response()["wildcard"], false);
    // The official client reads the removed certificate.
    let removed = sandbox.call("DELETE", &format!("{AWESOME}/ssl_certificates{path}"), "").response();
    assert_eq!(removed["uuid"], added["uuid"]);
    assert_eq!(call(&sandbox, "PUT", &path, &plain).status, 404);
}

#[test]
fn parameters_that_do_not_go_together_are_rejected() {
    let sandbox = Sandbox::fast();
    for (fields, parameter) in [
        (json!({ "key": null }), "key"),
        (json!({ "certificate": "AAAA" }), "certificate"),
        (json!({ "certificate": KEY }), "certificate"),
        (json!({ "server_names": " , " }), "server_names"),
        (json!({ "ssl_termination": "maybe" }), "ssl_termination"),
        (json!({ "type": "lets_encrypt" }), "certificate"),
        (json!({ "wildcard": true, "dns_provider_uuid": "dp-1" }), "wildcard"),
        (json!({ "type": "lets_encrypt", "certificate": null, "key": null, "wildcard": true }), "dns_provider_uuid"),
    ] {
        let mut wrong = manual();
        wrong.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let reply = call(&sandbox, "POST", "", &wrong);
        assert_eq!(reply.status, 400, "{fields}");
        assert!(reply.details().contains(&format!("`{parameter}`")), "{fields}: {}", reply.details());
        assert!(!reply.text().contains("AAAA") && !reply.text().contains("BBBB"), "{}", reply.text());
    }
    let form = sandbox.call("POST", &format!("{AWESOME}/ssl_certificates"), "type=lets_encrypt");
    assert!(form.details().contains("`ssl_certificate`"), "{}", form.details());
}
