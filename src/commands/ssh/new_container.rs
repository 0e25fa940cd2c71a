//! A new container for a command: docker starts it as the API says, or it is the pod of a session.

use super::pick::{Picked, choose, servers};
use super::places::{Cluster, Inside, Place, TargetArgs, is_pod};
use crate::args::WaitArgs;
use crate::cloud66::actions::Action;
use crate::cloud66::endpoints::{SERVICES_SHOW, SESSIONS_CREATE, SESSIONS_FETCH};
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

/// A command in a new container.
pub(super) struct NewContainer {
    /// The server to log in to.
    pub(super) place: Place,
    /// The line for its shell.
    pub(super) line: String,
    /// What a dry run would send first.
    pub(super) request: Option<Request>,
}

/// How the command runs.
#[derive(Clone, Copy)]
pub(super) struct Mode {
    pub(super) with_terminal: bool,
    pub(super) is_dry_run: bool,
}

/// Prepares a new container of the service for a command, which is a line for a shell.
pub(super) async fn prepare(
    context: &Context,
    stack: &StackRef,
    target: &TargetArgs,
    command: &str,
    mode: Mode,
) -> Result<NewContainer> {
    let service = target.service.as_deref().unwrap_or_default();
    let servers = servers(context, stack).await?;
    if let Some(cluster) = Cluster::of(context, stack, &servers)? {
        let request = request_in_stack(stack, &SESSIONS_CREATE, &[])?;
        let request = with_field(request, "service_name", service);
        let name =
            if mode.is_dry_run { UNKNOWN_POD.to_owned() } else { open(context, stack, service, &request).await? };
        let pod = Inside::Pod { namespace: cluster.namespace, name: name.clone() };
        let line = pod.exec(mode.with_terminal, command);
        let request = mode.is_dry_run.then_some(request);
        return Ok(NewContainer { place: Place { server: cluster.master, container: Some(pod), name }, line, request });
    }
    let wanted = target.server.as_deref().unwrap_or("docker");
    let picked =
        choose(&servers, &stack.label(), wanted, target.server.as_ref().map_or(Picked::First, |_| Picked::One))?;
    let server = picked.into_iter().next().ok_or_else(|| Error::internal("no server was picked"))?;
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
        "-it" | "-ti" if !mode.with_terminal => "-i".to_owned(),
        word => word.to_owned(),
    };
    let words: Vec<String> = words.iter().map(with_stdin).collect();
    let line = format!("{} {command}", remote_line(words.iter().map(String::as_str)));
    Ok(NewContainer { place: Place { name: service.to_owned(), server, container: None }, line, request: None })
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
