//! The addresses of the documentation's own examples. Some ask for an ID that no example shows, and are answered with
//! the item of the example.

use super::DOCUMENTED_STACK;

type PathParams = Vec<(&'static str, String)>;

/// A path parameter, the ID in the address of an example, and the ID in its reply.
const ITEMS: [(&str, &str, &str); 5] = [
    ("action_id", "4153", "10"),
    ("firewall_id", "4153", "5027"),
    ("notification_id", "4153", "1191"),
    ("backup_id", "4153", "1"),
    (
        "container_id",
        "12344cd3c84eb64591598312c9f12e5c3ed64454545f987016916f64ff25e363",
        "cba44fa6b6acf57fb0ef6c2ce385f6a129867df544dae7181d2410e9f9cc32bc",
    ),
];
/// The same for a file of that backup.
const FILE: (&str, &str) = ("tar-aa", "tar");

/// A variable that the documentation changes and deletes, and shows nowhere.
pub(super) const VARIABLE: &str = "MY_ENV_1";
/// A deployment that the documentation cancels, and shows nowhere.
pub(super) const DEPLOYMENT: u64 = 112;

/// The path parameters of what the documentation answers with, if these are of such an address.
pub(super) fn answered_with(path_params: &[(&'static str, String)]) -> Option<PathParams> {
    path_params.iter().find(|(name, value)| *name == "stack_id" && value == DOCUMENTED_STACK)?;
    let item = |name: &str, value: &str| {
        let found = ITEMS.iter().find(|(known, asked, _)| *known == name && *asked == value);
        found.map(|(_, _, answered)| (*answered).to_owned())
    };
    path_params.iter().find_map(|(name, value)| item(name, value))?;
    let answered = |(name, value): &(&'static str, String)| {
        let other = (*name == "file_id" && value == FILE.0).then(|| FILE.1.to_owned());
        (*name, other.or_else(|| item(name, value)).unwrap_or_else(|| value.clone()))
    };
    Some(path_params.iter().map(answered).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_addresses_of_the_documented_stack_are_changed() {
        let answered = |stack: &str, name: &'static str, id: &str| {
            answered_with(&[("stack_id", stack.to_owned()), (name, id.to_owned())]).map(|params| params[1].1.clone())
        };
        assert_eq!(answered(DOCUMENTED_STACK, "action_id", "4153").as_deref(), Some("10"));
        assert_eq!(answered(DOCUMENTED_STACK, "action_id", "4154"), None);
        assert_eq!(answered(DOCUMENTED_STACK, "environment_id", "4153"), None);
        assert_eq!(answered(DOCUMENTED_STACK, "file_id", "tar-aa"), None);
        assert_eq!(answered("ubg5kv", "action_id", "4153"), None);
    }
}
