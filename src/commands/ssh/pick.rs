//! Picks servers to log in to: by UID, name, address, a unique beginning, or a role.

use crate::cloud66::servers::Server;
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::commands::servers::{self, Servers};
use crate::error::{Error, Kind, Result};
use crate::resource::Resource as _;
use crate::resource::find::named::{ItemNames, LookupLabels, not_found_error};
use crate::resource::find::{folded, listed};
use crate::text::sanitize::sanitize;

/// What several matches mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Picked {
    /// An error.
    One,
    /// The first of them (`--first`).
    First,
    /// All of them (`--all`).
    All,
}

impl Picked {
    /// One, or the first of several.
    pub(crate) fn first(first: bool) -> Self {
        if first { Self::First } else { Self::One }
    }
}

/// The servers of the stack.
pub(crate) async fn servers(context: &Context, stack: &StackRef) -> Result<Vec<Server>> {
    let servers = servers::servers(context, stack).await?;
    if servers.is_empty() {
        return Err(Error::not_found(format!("{} has no servers", stack.label())));
    }
    Ok(servers)
}

/// The servers of a command, picked by name; also checks what may be dialled.
pub(crate) async fn pick(context: &Context, stack: &StackRef, wanted: &str, picking: Picked) -> Result<Vec<Server>> {
    let servers = servers(context, stack).await?;
    choose(&servers, &stack.label(), wanted, picking)
}

/// A test of a name, and whether it is also one of roles.
type Test<'t> = (&'t dyn Fn(&str) -> bool, bool);

/// Chooses among `servers`: exact names first, then beginnings of names and roles.
pub(crate) fn choose(servers: &[Server], owner: &str, wanted: &str, picking: Picked) -> Result<Vec<Server>> {
    let name = folded(wanted);
    let with = |test: &dyn Fn(&str) -> bool, roles: bool| -> Vec<&Server> {
        let roles_of = |server: &Server| roles && server.server_roles.iter().any(|role| folded(role) == name);
        let is_it = |server: &&Server| names(server).any(test) || roles_of(server);
        servers.iter().filter(is_it).collect()
    };
    let tries: [Test<'_>; 3] = [
        (&|given| given == wanted, false),
        (&|given| folded(given) == name, false),
        (&|given| folded(given).starts_with(&name), true),
    ];
    let found = tries.iter().map(|(test, roles)| with(test, *roles)).find(|found| !found.is_empty());
    let found = found.filter(|_| !name.is_empty()).unwrap_or_default();
    match (found.as_slice(), picking) {
        ([], _) => {
            let items: Vec<ItemNames<'_>> = servers
                .iter()
                .map(|server| {
                    let mut item = ItemNames::of(server.uid(), server.name.as_deref().unwrap_or_default());
                    item.others.extend(server.server_roles.iter().map(String::as_str));
                    item
                })
                .collect();
            Err(not_found_error(LookupLabels::of(Servers::NOUN, owner), wanted, &items))
        }
        ([one], _) | ([one, ..], Picked::First) => Ok(vec![(*one).clone()]),
        (several, Picked::All) => Ok(several.iter().map(|server| (*server).clone()).collect()),
        (several, Picked::One) => {
            let rows: Vec<(String, &str)> = several.iter().map(|server| (label(server), server.uid())).collect();
            Err(Error::new(Kind::Usage, format!("`{}` matches {} servers of {owner}", sanitize(wanted), several.len()))
                .cause(listed(&rows))
                .hint("use a name or a UID (last column)"))
        }
    }
}

fn names(server: &Server) -> impl Iterator<Item = &str> {
    let others = [&server.name, &server.address, &server.int_ipv4, &server.ext_ipv4, &server.dns_record];
    std::iter::once(server.uid())
        .chain(others.into_iter().flatten().map(String::as_str))
        .filter(|name| !name.is_empty())
}

fn label(server: &Server) -> String {
    let roles = server.server_roles.join(", ");
    let text = if roles.is_empty() { server.name().to_owned() } else { format!("{} ({roles})", server.name()) };
    sanitize(&text).into_owned()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn servers() -> Vec<Server> {
        let server = |uid: &str, name: &str, address: &str, roles: &[&str]| Server {
            uid: Some(uid.to_owned()),
            name: Some(name.to_owned()),
            address: Some(address.to_owned()),
            server_roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            ..Server::default()
        };
        vec![
            server("aa1", "Web One", "10.0.0.1", &["web", "docker"]),
            server("ab2", "Web Two", "10.0.0.2", &["web", "docker"]),
            server("ac3", "Ibex", "10.0.0.3", &["db"]),
            server("ad4", "db", "10.0.0.4", &["redis"]),
            server("ae5", "Redwood", "10.0.0.5", &["cron"]),
        ]
    }

    fn found(wanted: &str, picking: Picked) -> Result<String> {
        let found = choose(&servers(), "Shop", wanted, picking)?;
        Ok(found.iter().map(Server::uid).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn one_server_is_found_by_all_its_names_and_by_its_role() {
        for (wanted, uid) in [
            ("aa1", "aa1"),
            ("web-one", "aa1"),
            ("Web T", "ab2"),
            ("10.0.0.3", "ac3"),
            ("cron", "ae5"),
            ("redis", "ad4"),
            // The name of one server wins over the role of another.
            ("db", "ad4"),
            // The beginning of a name; a role needs the whole word.
            ("red", "ae5"),
        ] {
            assert_eq!(found(wanted, Picked::One).unwrap(), uid, "{wanted}");
        }
    }

    #[test]
    fn several_are_an_error_unless_the_first_or_all_are_wanted() {
        for wanted in ["web", "docker", "a", "10."] {
            let error = found(wanted, Picked::One).unwrap_err();
            assert_eq!(error.kind(), Kind::Usage, "{wanted}");
        }
        assert!(found("web", Picked::One).unwrap_err().cause_text().unwrap().contains("Web Two (web, docker)  ab2"));
        assert_eq!(found("web", Picked::First).unwrap(), "aa1");
        assert_eq!(found("docker", Picked::All).unwrap(), "aa1 ab2");
        assert_eq!(found("ibex", Picked::All).unwrap(), "ac3");
    }

    #[test]
    fn none_is_not_found_and_names_the_similar_ones() {
        for wanted in ["", " ", "ibxe", "nginx"] {
            assert_eq!(found(wanted, Picked::All).unwrap_err().kind(), Kind::NotFound, "{wanted}");
        }
        assert_eq!(found("ibxe", Picked::One).unwrap_err().hints(), ["did you mean `Ibex`?"]);
    }
}
