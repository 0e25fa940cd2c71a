//! A new container for a command: docker starts it as the API says, or it is the pod of a session.

use super::pick::{Picked, choose, servers};
use super::places::{Cluster, Inside, TargetArgs, is_pod};
use crate::args::WaitArgs;
use crate::cloud66::actions::Action;
use crate::cloud66::endpoints::{SERVICES_SHOW, SESSIONS_CREATE, SESSIONS_FETCH};
use crate::cloud66::servers::Server;
use crate::cloud66::services::Service;
use crate::cloud66::sessions::Session;
use crate::cloud66::with_field;
use crate::commands::actions;
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::stack_requests::request_in_stack;
use crate::error::{Error, Kind, Result};
use crate::http::Request;
use crate::text::quote::{remote_line, shell_quote};
use crate::text::sanitize::sanitize;

/// The pod in a dry run, which opens no session.
const UNKNOWN_POD: &str = "POD";

/// A container that a command starts.
pub(super) struct NewContainer {
    /// The server to log in to.
    pub(super) server: Server,
    start: Start,
}

/// How it starts.
enum Start {
    /// This line for the shell of the server starts it and runs the command.
    Line(String),
    /// A session of the service starts it, as a pod of this namespace.
    Session { namespace: String, request: Box<Request> },
}

/// What runs in it.
#[derive(Clone, Copy)]
pub(super) struct Inner<'c> {
    pub(super) service: &'c str,
    /// A line for a shell.
    pub(super) command: &'c str,
    pub(super) with_terminal: bool,
}

impl NewContainer {
    /// Asks the API how the container starts; starts nothing.
    pub(super) async fn of(context: &Context, stack: &StackRef, target: &TargetArgs, inner: Inner<'_>) -> Result<Self> {
        let servers = servers(context, stack).await?;
        if let Some(cluster) = Cluster::of(context, stack, &servers)? {
            let request = request_in_stack(stack, &SESSIONS_CREATE, &[])?;
            let request = with_field(request, "service_name", inner.service);
            let start = Start::Session { namespace: cluster.namespace, request: Box::new(request) };
            return Ok(Self { server: cluster.master, start });
        }
        let wanted = target.server.as_deref().unwrap_or("docker");
        let picked =
            choose(&servers, &stack.label(), wanted, target.server.as_ref().map_or(Picked::First, |_| Picked::One))?;
        let server = picked.into_iter().next().ok_or_else(|| Error::internal("no server was picked"))?;
        let start = Start::Line(docker_line(context, stack, &server, inner).await?);
        Ok(Self { server, start })
    }

    /// The request that starts it, if it takes one, and the line for the server.
    pub(super) fn planned(&self, inner: Inner<'_>) -> (Option<Request>, String) {
        match &self.start {
            Start::Line(line) => (None, line.clone()),
            Start::Session { namespace, request } => {
                (Some(Request::clone(request)), pod_line(namespace, UNKNOWN_POD, inner))
            }
        }
    }

    /// Starts it if that takes a request; returns the line for the server.
    pub(super) async fn start(&self, context: &Context, stack: &StackRef, inner: Inner<'_>) -> Result<String> {
        match &self.start {
            Start::Line(line) => Ok(line.clone()),
            Start::Session { namespace, request } => {
                let pod = open(context, stack, inner.service, request).await?;
                Ok(pod_line(namespace, &pod, inner))
            }
        }
    }
}

fn pod_line(namespace: &str, pod: &str, inner: Inner<'_>) -> String {
    Inside::Pod { namespace: namespace.to_owned(), name: pod.to_owned() }.exec(inner.with_terminal, inner.command)
}

/// The line with which the API starts a container for the command.
async fn docker_line(context: &Context, stack: &StackRef, server: &Server, inner: Inner<'_>) -> Result<String> {
    let Inner { service, command, .. } = inner;
    let mut request = request_in_stack(stack, &SERVICES_SHOW, &[("service_name", service)])?;
    for (name, value) in [("server_uid", server.uid()), ("wrap_command", command)] {
        request.query.push((name.to_owned(), value.to_owned()));
    }
    let shown: Service = context.cloud66().await?.fetch(&request).await?.view()?;
    let line = shown.wrap_command.ok_or_else(|| {
        Error::new(
            Kind::NotImplemented,
            format!("the API does not say how to start a container of {}", sanitize(service)),
        )
        .hint("omit --new to use a container that runs")
    })?;
    let words = docker_words(&line, command).ok_or_else(|| {
        let by_hand = format!("{} {} --raw -- {}", server.uid(), stack.flag(), shell_quote(&line));
        Error::new(Kind::Refused, "the API returned more than a plain docker command")
            .cause(sanitize(&line).into_owned())
            .hint(format!("if that is what you want: c66{} ssh {by_hand}", context.global_flags))
    })?;
    // The API always returns it for a terminal.
    let with_stdin = |word: &String| match word.as_str() {
        "-it" | "-ti" if !inner.with_terminal => "-i".to_owned(),
        word => word.to_owned(),
    };
    let words: Vec<String> = words.iter().map(with_stdin).collect();
    Ok(format!("{} {command}", remote_line(words.iter().map(String::as_str))))
}

/// Opens a session and returns the name of its pod.
async fn open(context: &Context, stack: &StackRef, service: &str, request: &Request) -> Result<String> {
    // The API shows the newest session of a service, not the one of an action.
    let before = newest(context, stack, service).await.ok().and_then(|session| session.uid);
    context.printer.note(&format!("Opening a session of {} of {}", sanitize(service), stack.label()));
    if let Some(document) = actions::send(context, stack, request, &WaitArgs::default()).await? {
        actions::verdict(&document.view::<Action>()?)?;
    }
    let session = newest(context, stack, service).await?;
    let pod = session.pod_name.filter(|pod| is_pod(pod) && session.uid != before);
    pod.ok_or_else(|| {
        Error::new(Kind::BadReply, "the API does not show the session that it opened").hint(format!(
            "see it with: c66{} sessions show {} {}",
            context.global_flags,
            shell_quote(service),
            stack.flag()
        ))
    })
}

async fn newest(context: &Context, stack: &StackRef, service: &str) -> Result<Session> {
    let mut request = request_in_stack(stack, &SESSIONS_FETCH, &[])?;
    request.query.push(("service_name".to_owned(), service.to_owned()));
    context.cloud66().await?.fetch(&request).await?.view()
}

/// The words of the line before the command, if they are those of docker and the line ends in the command. Nothing from
/// the API may mean more to the shell of the server than words.
fn docker_words(line: &str, command: &str) -> Option<Vec<String>> {
    let before = line.trim_end().strip_suffix(command)?;
    let is_plain = |letter: char| letter.is_alphanumeric() || " _-./:@%+,='\"".contains(letter);
    let words = shlex::split(before).filter(|_| before.ends_with(' ') && before.chars().all(is_plain))?;
    let program = words.iter().map(String::as_str).find(|word| *word != "sudo");
    (program == Some("docker")).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_docker_command_around_ours_is_taken() {
        let taken = |line: &str| docker_words(line, "echo 'a b'").map(|words| words.join("|"));
        let line = "sudo docker run --rm -it -e 'A=b c' quay.io/x:1 echo 'a b'";
        assert_eq!(taken(line).as_deref(), Some("sudo|docker|run|--rm|-it|-e|A=b c|quay.io/x:1"));
        assert_eq!(taken("docker exec -it x echo 'a b'\n").as_deref(), Some("docker|exec|-it|x"));
        for bad in [
            "sudo docker run x echo a b",
            "sudo docker run x; rm -rf / echo 'a b'",
            "sudo docker run $(id) echo 'a b'",
            "sudo docker run x echo 'a b' | sh",
            "sudo docker run x\nid echo 'a b'",
            "sudo docker run \"`id`\" echo 'a b'",
            "sudo docker run 'x echo 'a b'",
            "sudo docker run xecho 'a b'",
            "sudo rm -rf echo 'a b'",
            "echo 'a b'",
            "",
        ] {
            assert_eq!(taken(bad), None, "{bad}");
        }
    }
}
