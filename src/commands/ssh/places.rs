//! Where a command runs: on servers, or in containers on them.
//!
//! Containers of a Docker stack are entered with docker on their server. Those of a Kubernetes stack are pods, which
//! kubectl reaches from the master of the cluster.

use clap::Args;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::pick::{Picked, choose, pick, servers};
use crate::cloud66::containers::Container;
use crate::cloud66::servers::Server;
use crate::commands::containers::{Containers, choose_container, containers};
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::commands::servers::Servers;
use crate::commands::services::Services;
use crate::error::{Error, Kind, Result};
use crate::resource::Resource;
use crate::resource::find::folded;
use crate::text::quote::{remote_word, shell_quote};
use crate::text::sanitize::sanitize;

/// Where to run it.
#[derive(Args, Debug)]
pub(crate) struct TargetArgs {
    /// On this server: name, UID, address, unique prefix or role
    #[arg(long, value_name = "SERVER", required_unless_present_any = ["service", "container", "all"])]
    #[arg(add = Servers::NOUN.names())]
    pub(crate) server: Option<String>,
    /// In a container of this service
    #[arg(long, value_name = "SERVICE", conflicts_with = "container")]
    #[arg(add = Services::NOUN.names())]
    pub(crate) service: Option<String>,
    /// In this container: its UID, or a unique prefix
    #[arg(long, value_name = "UID", conflicts_with = "server")]
    #[arg(add = Containers::NOUN.names())]
    pub(crate) container: Option<String>,
    /// On every server, or on every one that --server or --service matches
    #[arg(long, conflicts_with_all = ["container", "interactive"])]
    pub(crate) all: bool,
    /// Take the first server if several match
    #[arg(long, conflicts_with = "all")]
    pub(crate) first: bool,
}

/// A server, and perhaps a container that is reached from it.
pub(crate) struct Place {
    /// The server to log in to.
    pub(crate) server: Server,
    /// The container.
    pub(crate) container: Option<Inside>,
    /// Name for the output.
    pub(crate) name: String,
}

/// A container as the programs of a server call it. Its names are plain words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Inside {
    /// A container of Docker on that server.
    Docker {
        /// Its UID.
        uid: String,
    },
    /// A pod of the cluster that the server is the master of.
    Pod {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
}

/// Which lines of a log.
pub(crate) struct LogLines<'l> {
    /// How many to begin with.
    pub(crate) count: u32,
    /// The time of the first one.
    pub(crate) since: Option<&'l str>,
    /// Whether the new ones follow.
    pub(crate) follow: bool,
}

impl Inside {
    /// The line that runs a command in it.
    pub(crate) fn exec(&self, with_terminal: bool, command: &str) -> String {
        let terminal = if with_terminal { " -t" } else { "" };
        match self {
            Self::Docker { uid } => format!("sudo docker exec -i{terminal} {uid} {command}"),
            Self::Pod { namespace, name } => {
                format!("kubectl --namespace {namespace} exec -i{terminal} {name} -- {command}")
            }
        }
    }

    /// The line that prints its log.
    pub(crate) fn logs(&self, lines: &LogLines<'_>) -> String {
        let follow = if lines.follow { " --follow" } else { "" };
        let count = lines.count;
        match self {
            Self::Docker { uid } => {
                let since = lines.since.map(|time| format!(" --since {}", remote_word(time))).unwrap_or_default();
                format!("sudo docker logs{follow} --tail {count}{since} {uid}")
            }
            Self::Pod { namespace, name } => {
                let since = lines.since.map(kubectl_since).unwrap_or_default();
                format!("kubectl --namespace {namespace} logs{follow} --tail {count}{since} {name}")
            }
        }
    }
}

/// The servers or containers that were asked for.
pub(crate) async fn places(context: &Context, stack: &StackRef, target: &TargetArgs) -> Result<Vec<Place>> {
    let picking = if target.all { Picked::All } else { Picked::first(target.first) };
    if target.container.is_none() && target.service.is_none() {
        let servers = match &target.server {
            Some(wanted) => pick(context, stack, wanted, picking).await?,
            None => servers(context, stack).await?,
        };
        let place = |server: Server| Place { name: server.name().to_owned(), server, container: None };
        return Ok(servers.into_iter().map(place).collect());
    }
    let servers = servers(context, stack).await?;
    let cluster = Cluster::of(context, stack, &servers)?;
    let allowed = match &target.server {
        Some(wanted) => choose(&servers, &stack.label(), wanted, Picked::All)?,
        None => servers,
    };
    let all = containers(context, stack).await?;
    let place_of = |container: &Container| match &cluster {
        Some(cluster) => cluster.place_of(container),
        None => place_on_server(context, stack, container, &allowed),
    };
    if let Some(wanted) = &target.container {
        return match (choose_container(&all, stack, wanted), &cluster) {
            (Ok(container), _) => Ok(vec![place_of(container)?]),
            // Pods that Cloud 66 does not list, such as those of sessions.
            (Err(error), Some(cluster)) if error.kind() == Kind::NotFound && is_pod(wanted) => {
                context.printer.note(&format!("no container `{wanted}` is listed; taking it as the name of a pod"));
                Ok(vec![cluster.place(wanted)])
            }
            (Err(error), _) => Err(error),
        };
    }
    let wanted = target.service.as_deref().unwrap_or_default();
    let is_allowed = |container: &&Container| {
        target.server.is_none()
            || allowed.iter().any(|server| server.uid.is_some() && server.uid == container.server_uid)
    };
    let of_service =
        |container: &&Container| container.service_name.as_deref().is_some_and(|name| folded(name) == folded(wanted));
    let found = all.iter().filter(of_service).filter(is_allowed);
    let mut places: Vec<Place> = found.filter_map(|container| place_of(container).ok()).collect();
    if places.is_empty() {
        let (globals, flag) = (&context.global_flags, stack.flag());
        return Err(Error::not_found(format!(
            "no container of service `{}` found on {}",
            sanitize(wanted),
            stack.label()
        ))
        .hint(format!("c66{globals} containers list {flag}")));
    }
    if !target.all {
        if places.len() > 1 {
            let name = &places[0].name;
            context.printer.note(&format!("{} containers of {} run; using {name}", places.len(), sanitize(wanted)));
        }
        places.truncate(1);
    }
    Ok(places)
}

/// A container of Docker on its server.
fn place_on_server(context: &Context, stack: &StackRef, container: &Container, servers: &[Server]) -> Result<Place> {
    let uid = container.uid();
    let is_plain = !uid.is_empty() && uid.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let server = servers.iter().find(|server| server.uid.is_some() && server.uid == container.server_uid);
    let server = server.filter(|_| is_plain).ok_or_else(|| {
        let error = format!("container {} is on no server that one can log in to", sanitize(uid));
        Error::new(Kind::Refused, error).hint(format!("c66{} servers list {}", context.global_flags, stack.flag()))
    })?;
    let short: String = uid.chars().take(12).collect();
    let service = container.service_name.as_deref().unwrap_or("container");
    Ok(Place {
        server: server.clone(),
        name: format!("{service}.{short}"),
        container: Some(Inside::Docker { uid: uid.to_owned() }),
    })
}

/// The cluster that the containers of a stack run in.
pub(super) struct Cluster {
    pub(super) master: Server,
    pub(super) namespace: String,
}

impl Cluster {
    /// The cluster of a Kubernetes stack; `None` for every other stack.
    pub(super) fn of(context: &Context, stack: &StackRef, servers: &[Server]) -> Result<Option<Self>> {
        let fields = stack.stack.as_ref();
        let master = servers.iter().find(|server| server.is_kubernetes_master == Some(true));
        if master.is_none() && fields.is_none_or(|stack| stack.backend.as_deref() != Some("kubernetes")) {
            return Ok(None);
        }
        let label = stack.label();
        let Some(master) = master else {
            return Err(without_master(context, stack));
        };
        let namespace = fields.and_then(|stack| stack.namespaces.first()).filter(|name| is_pod(name));
        let namespace = namespace.ok_or_else(|| {
            let (globals, flag) = (&context.global_flags, stack.flag());
            Error::new(Kind::Refused, format!("the API does not say the Kubernetes namespace of {label}")).hint(
                format!("find it with: c66{globals} ssh {} {flag} -- kubectl get pods --all-namespaces", master.uid()),
            )
        })?;
        Ok(Some(Self { master: master.clone(), namespace: namespace.clone() }))
    }

    /// The pod of a container: its UID is the name of the pod.
    fn place_of(&self, container: &Container) -> Result<Place> {
        let name = container.uid();
        if is_pod(name) {
            return Ok(self.place(name));
        }
        Err(Error::new(Kind::BadReply, format!("the API returned an invalid name of a pod: `{}`", sanitize(name))))
    }

    fn place(&self, pod: &str) -> Place {
        let container = Inside::Pod { namespace: self.namespace.clone(), name: pod.to_owned() };
        Place { server: self.master.clone(), name: pod.to_owned(), container: Some(container) }
    }
}

fn without_master(context: &Context, stack: &StackRef) -> Error {
    let globals = &context.global_flags;
    let fields = stack.stack.as_ref();
    let error = Error::new(Kind::Refused, format!("{} has no Kubernetes master to run kubectl on", stack.label()));
    let namespace = fields.and_then(|stack| stack.namespaces.first()).map_or("NAMESPACE", String::as_str);
    let cluster = fields.and_then(|stack| stack.cluster_name.as_deref()).filter(|name| !name.is_empty());
    let cluster = match cluster {
        Some(name) => name.to_owned(),
        None => return error.hint(format!("find the cluster that it runs in: c66{globals} clusters list")),
    };
    let by_hand = format!("kubectl --namespace {} exec -i POD -- COMMAND", remote_word(namespace));
    error
        .cause(format!("it runs in the cluster {}, whose servers belong to another stack", sanitize(&cluster)))
        .hint(format!("run kubectl there: c66{globals} ssh MASTER -s {} -- {by_hand}", shell_quote(&cluster)))
}

/// The flag of kubectl for a duration or a time, which docker takes by one flag; a time without a zone is in UTC.
fn kubectl_since(since: &str) -> String {
    if !since.contains('-') {
        return format!(" --since {}", remote_word(since));
    }
    let in_utc = since.parse::<DateTime>().ok().filter(|_| since.parse::<Timestamp>().is_err());
    let time = in_utc.and_then(|time| time.to_zoned(TimeZone::UTC).ok()).map(|time| time.timestamp().to_string());
    format!(" --since-time {}", remote_word(time.as_deref().unwrap_or(since)))
}

/// Whether kubectl takes it as the name of a pod or a namespace.
pub(super) fn is_pod(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
    (1..=253).contains(&name.len()) && !name.starts_with(['-', '.']) && name.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pod_is_a_plain_word() {
        for good in ["web", "web-7d9f8b6c5d-abcde", "0.web"] {
            assert!(is_pod(good), "{good}");
        }
        for bad in ["", "-web", "--namespace=x", "Web", "a b", "a/b", "a;b", "a\n", "$(id)"] {
            assert!(!is_pod(bad), "{bad}");
        }
    }

    #[test]
    fn each_kind_of_container_has_its_program() {
        let docker = Inside::Docker { uid: "cba44fa6".to_owned() };
        let pod = Inside::Pod { namespace: "shop".to_owned(), name: "web-1".to_owned() };
        assert_eq!(docker.exec(true, "sh"), "sudo docker exec -i -t cba44fa6 sh");
        assert_eq!(pod.exec(true, "sh"), "kubectl --namespace shop exec -i -t web-1 -- sh");
        assert_eq!(pod.exec(false, "sh"), "kubectl --namespace shop exec -i web-1 -- sh");
        let lines = |since, follow| LogLines { count: 5, since, follow };
        assert_eq!(docker.logs(&lines(Some("10m"), true)), "sudo docker logs --follow --tail 5 --since 10m cba44fa6");
        for (since, follow, expected) in [
            (None, true, " --follow --tail 5"),
            (Some("10m"), false, " --tail 5 --since 10m"),
            (Some("2026-01-31T10:00:00Z"), false, " --tail 5 --since-time 2026-01-31T10:00:00Z"),
            (Some("2026-01-31T10:00:00+01:00"), false, " --tail 5 --since-time 2026-01-31T10:00:00+01:00"),
            (Some("2026-01-31T10:00"), false, " --tail 5 --since-time 2026-01-31T10:00:00Z"),
            (Some("2026-01-31"), false, " --tail 5 --since-time 2026-01-31T00:00:00Z"),
        ] {
            assert_eq!(pod.logs(&lines(since, follow)), format!("kubectl --namespace shop logs{expected} web-1"));
        }
    }
}
