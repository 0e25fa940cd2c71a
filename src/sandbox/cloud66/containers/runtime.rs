//! The runtime details of a container: the documented reply with the names and numbers of the container.

use serde_json::Value;

use super::Container;
use crate::sandbox::cloud66::{Infrastructure, Stack};

/// The documented reply, with made-up secrets.
const DOCUMENTED: &str = include_str!("runtime.json");

/// The reply about `container` of `stack`.
pub(super) fn inspect(stack: &Stack, infrastructure: &Infrastructure, container: &Container) -> Value {
    if DOCUMENTED.contains(&container.uid) {
        return serde_json::from_str(DOCUMENTED).unwrap_or_default();
    }
    let short = &container.uid[..12];
    let nanoseconds = |time: jiff::Timestamp| time.strftime("%Y-%m-%dT%H:%M:%S.%9fZ").to_string();
    let name = stack.deploy_directory.rsplit('/').next().unwrap_or_default();
    let address = infrastructure.server(&container.server_uid).map_or("", |server| &server.internal_address);
    let text = DOCUMENTED
        .replace("cba44fa6b6acf57fb0ef6c2ce385f6a129867df544dae7181d2410e9f9cc32bc", &container.uid)
        .replace("cba44fa6b6ac", short)
        .replace("c6014897b8c8e9f2fc204a3a9efdae05", &container.server_uid)
        .replace("87bc318604208618a01817bf4442befb", &stack.uid)
        .replace("Gazelle", infrastructure.server_name(&container.server_uid))
        .replace("services/web/", &format!("services/{}/", container.service))
        .replace("quay.io/cloud66/sample-rails", &container.image())
        .replace("lv_dev_service_download", name)
        .replace("10.132.130.135", address)
        .replace("172.17.0.4", &container.docker_ip)
        .replace("2015-02-10T17:41:36.988310784Z", &nanoseconds(container.created_at))
        .replace("2015-02-10T17:41:37.915288589Z", &nanoseconds(container.started_at));
    let mut reply: Value = serde_json::from_str(&text).unwrap_or_default();
    let words: Vec<&str> = container.command.split(' ').collect();
    reply["Args"] = words.clone().into();
    reply["Config"]["Cmd"] = words.into();
    reply
}
