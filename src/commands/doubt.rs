//! A write whose reply was lost: the command that shows whether it was done.

/// The words after `c66` that show what came of `request`, which is a method and a path such as
/// `POST /stacks/5999/environments`; nothing where there is no such request.
pub(super) fn check_command(request: &str) -> Option<String> {
    let (_, path) = request.split_once(' ')?;
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    Some(match parts.as_slice() {
        ["stacks"] => "stacks list".to_owned(),
        ["stacks", uid, rest @ ..] => format!("{} --stack {uid}", in_stack(rest, path)),
        ["users", user, ..] => format!("users show {user}"),
        _ => format!("api GET {path}"),
    })
}

fn in_stack(rest: &[&str], path: &str) -> String {
    let listed = match rest {
        ["deployments", ..] => "deployments list",
        ["environments", ..] => "env list",
        ["settings", ..] => "settings list",
        ["servers", server, "settings", ..] => return format!("servers settings list {server}"),
        ["firewalls", ..] => "firewall list",
        ["notifications", id, ..] => return format!("notifications show {id}"),
        ["backups", ..] => "backups list",
        // What starts an action is seen in the list of them.
        ["actions" | "services" | "containers", ..] => "actions list",
        _ => return format!("api GET {path}"),
    };
    listed.to_owned()
}

#[cfg(test)]
mod tests {
    use super::check_command;

    #[test]
    fn each_write_has_its_look() {
        for (request, expected) in [
            ("POST /stacks", "stacks list"),
            ("POST /stacks/u1/deployments", "deployments list --stack u1"),
            ("DELETE /stacks/u1/deployments/7", "deployments list --stack u1"),
            ("PUT /stacks/u1/environments/A", "env list --stack u1"),
            ("PUT /stacks/u1/servers/s1/settings/server.name", "servers settings list s1 --stack u1"),
            ("DELETE /stacks/u1/services/web", "actions list --stack u1"),
            ("PUT /users/18/devices/t", "users show 18"),
            ("POST /elsewhere", "api GET /elsewhere"),
        ] {
            assert_eq!(check_command(request).as_deref(), Some(expected), "{request}");
        }
        assert_eq!(check_command(""), None);
    }
}
