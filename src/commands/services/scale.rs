//! `c66 services scale`.

use serde_json::json;

use super::Services;
use super::no_service;
use crate::args::{StackArgs, WaitArgs, WriteArgs};
use crate::cloud66::endpoints::SERVICES_SCALE;
use crate::cloud66::servers::{Server, ServerGroup};
use crate::cloud66::services::Service;
use crate::cloud66::with_field;
use crate::commands::actions::send_all_and_print;
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::stack_requests::{all_in_stack, request_in_stack};
use crate::commands::server_groups::{self, groups};
use crate::commands::servers::{find, servers};
use crate::error::{Error, Result};
use crate::http::Request;
use crate::resource::find::folded;
use crate::text::format::past_tense;
use crate::text::sanitize::sanitize;

/// The request of the user: the count of each service, and where.
pub(super) struct ScaleRequest {
    wanted: Vec<(String, Wanted)>,
    group: Option<String>,
    server: Option<String>,
}

/// The wanted number of containers or processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Exactly(u64),
    More(u64),
    Fewer(u64),
}

impl ScaleRequest {
    /// The request with its counts.
    pub(super) fn parse(counts: &[String], group: Option<String>, server: Option<String>) -> Result<Self> {
        Ok(Self { wanted: parse_counts(counts)?, group, server })
    }
}

/// Parses `NAME=N`, `NAME=+N` and `NAME=-N`, and the forms of [`as_pair`].
pub(crate) fn parse_counts(counts: &[String]) -> Result<Vec<(String, Wanted)>> {
    let mut wanted: Vec<(String, Wanted)> = Vec::new();
    // CX has the name and the number as two words, and a change in brackets: `web 3`, `web [+2]`.
    let counts: Vec<String> = match counts {
        [name, number] if !name.contains(['=', '+']) && !number.contains('=') => {
            vec![format!("{name}={}", number.trim_start_matches('[').trim_end_matches(']'))]
        }
        _ => counts.to_vec(),
    };
    for count in &counts {
        let (name, number) = as_pair(count)
            .filter(|(name, _)| !name.is_empty())
            .ok_or_else(|| Error::usage(format!("invalid scale `{count}`: use NAME=3, NAME=+1 or NAME=-1")))?;
        if wanted.iter().any(|(given, _)| given == name) {
            return Err(Error::usage(format!("{name} is scaled twice")));
        }
        wanted.push((name.to_owned(), number));
    }
    Ok(wanted)
}

/// `NAME=N`, or a change without the `=`: `web+1`. Not `web-1`, which can be a name.
fn as_pair(count: &str) -> Option<(&str, Wanted)> {
    if let Some((name, number)) = count.split_once('=') {
        return Some((name, Wanted::parse(number)?));
    }
    let at = count.find('+')?;
    Some((&count[..at], Wanted::parse(&count[at..])?))
}

impl Wanted {
    fn parse(text: &str) -> Option<Self> {
        let (change, digits): (fn(u64) -> Self, &str) = match text.as_bytes().first()? {
            b'+' => (Self::More, &text[1..]),
            b'-' => (Self::Fewer, &text[1..]),
            _ => (Self::Exactly, text),
        };
        // `parse` would accept a sign of its own.
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse().ok().filter(|_| is_number).map(change)
    }

    /// The new number if there are `now`; `None` if it would be below 0.
    pub(crate) fn of(self, now: u64) -> Option<u64> {
        match self {
            Self::Exactly(count) => Some(count),
            Self::More(more) => now.checked_add(more),
            Self::Fewer(fewer) => now.checked_sub(fewer),
        }
    }
}

/// The servers of the counted containers.
#[derive(Clone)]
enum Placement {
    Server(Box<Server>),
    /// The servers of a group, or all with a role, by UID.
    Group {
        key: String,
        servers: Vec<String>,
    },
}

impl Placement {
    fn count(&self, service: &Service) -> u64 {
        match self {
            Self::Server(server) => service.count_on(|uid| uid == server.uid()),
            Self::Group { servers, .. } => service.count_on(|uid| servers.iter().any(|server| server == uid)),
        }
    }

    fn label(&self) -> String {
        match self {
            Self::Server(server) => format!("on {}", sanitize(server.name())),
            Self::Group { key, .. } => format!("in group {}", sanitize(key)),
        }
    }

    fn request(&self, target: &StackRef, name: &str, count: u64) -> Result<Request> {
        let request = with_field(request_in_stack(target, &SERVICES_SCALE, &[])?, "service_name", name);
        Ok(match self {
            Self::Server(server) => with_field(request, "server_count", json!({ server.uid(): count })),
            Self::Group { key, .. } => with_field(request, "server_group_count", json!({ key: count })),
        })
    }
}

/// Runs `c66 services scale`.
pub(super) async fn scale(
    context: &Context,
    scale_request: &ScaleRequest,
    stack: &StackArgs,
    write: &WriteArgs,
    wait: &WaitArgs,
) -> Result<()> {
    let target = context.stack_for_write(stack, write).await?;
    let services: Vec<Service> = all_in_stack::<Services>(context, &target).await?;
    let mut chosen = Vec::new();
    for (name, wanted) in &scale_request.wanted {
        let service = services.iter().find(|service| service.name() == name);
        chosen.push((service.ok_or_else(|| no_service(&target, &services, name))?, *wanted));
    }
    let named = named_placement(context, &target, scale_request).await?;
    let (mut words, mut changes) = (Vec::new(), Vec::new());
    for (service, wanted) in chosen {
        let placement = match &named {
            Some(placement) => placement.clone(),
            None => only_placement(context, &target, service).await?,
        };
        let (name, now) = (service.name(), placement.count(service));
        let count = wanted.of(now).ok_or_else(|| {
            Error::usage(format!(
                "cannot scale {name} below 0: it runs {now} {} {}",
                containers(now),
                placement.label()
            ))
        })?;
        words.push(format!("{name} from {now} to {count} {} {}", containers(count), placement.label()));
        changes.push((name.to_owned(), placement.request(&target, name, count)?));
    }
    let prompt = format!("Scale {} of {}", words.join(", "), target.label());
    let requests: Vec<Request> = changes.iter().map(|(_, request)| request.clone()).collect();
    if !context.confirm_write(&target, &prompt, &requests, write).await? {
        return Ok(());
    }
    send_all_and_print(context, &target, &changes, wait, changes.len() == 1, &past_tense(&prompt)).await
}

fn containers(count: u64) -> &'static str {
    if count == 1 { "container" } else { "containers" }
}

/// The given servers, if any.
async fn named_placement(
    context: &Context,
    target: &StackRef,
    scale_request: &ScaleRequest,
) -> Result<Option<Placement>> {
    if let Some(server) = &scale_request.server {
        return Ok(Some(Placement::Server(Box::new(find(context, target, server).await?))));
    }
    let Some(group) = &scale_request.group else { return Ok(None) };
    let (groups, servers) = (groups(context, target).await?, servers(context, target).await?);
    group_placement(&groups, &servers, target, group).map(Some)
}

/// The servers of a group by its name, type or id, or those with the role of that name: the documentation scales a
/// group `web`, which is a role.
fn group_placement(groups: &[ServerGroup], servers: &[Server], target: &StackRef, wanted: &str) -> Result<Placement> {
    let same = |given: &str| folded(given) == folded(wanted);
    let is = |given: &Option<String>| given.as_deref().is_some_and(same);
    if !groups.iter().any(|group| is(&group.name) || is(&group.kind)) {
        let role = |server: &Server| server.server_roles.iter().find(|role| same(role)).cloned();
        if let Some(key) = servers.iter().find_map(role) {
            let with_role = servers.iter().filter(|server| role(server).is_some());
            return Ok(Placement::Group { key, servers: with_role.map(|server| server.uid().to_owned()).collect() });
        }
    }
    let group = server_groups::choose(groups, target, wanted)?;
    let of_group =
        servers.iter().filter(|server| server.server_group_id.is_some() && server.server_group_id == group.id);
    let uids = of_group.map(|server| server.uid().to_owned()).collect();
    let key = if is(&group.kind) { group.kind } else { group.name };
    Ok(Placement::Group { key: key.unwrap_or_else(|| wanted.to_owned()), servers: uids })
}

/// Where a service is scaled if nothing was named: its only server, or the group of all its servers.
async fn only_placement(context: &Context, target: &StackRef, service: &Service) -> Result<Placement> {
    let on = service.distinct(|container| container.server_uid.clone());
    if let [uid] = on.as_slice() {
        let name = service.distinct(|container| container.server_name.clone()).into_iter().next();
        let server = Server { uid: Some(uid.clone()), name, ..Server::default() };
        return Ok(Placement::Server(Box::new(server)));
    }
    let servers = servers(context, target).await?;
    if let ([], [only]) = (on.as_slice(), servers.as_slice()) {
        return Ok(Placement::Server(Box::new(only.clone())));
    }
    let groups = groups(context, target).await?;
    if let Some(placement) = common_group(&groups, &servers, &on) {
        context.printer.note(&format!("{} runs {}", service.name(), placement.label()));
        return Ok(placement);
    }
    Err(ambiguous_placement(service, on.len(), &servers, &groups))
}

/// The group that all these servers are in; `None` if they are in several, or in none with a name.
fn common_group(groups: &[ServerGroup], servers: &[Server], on: &[String]) -> Option<Placement> {
    let group_of = |uid: &String| servers.iter().find(|server| server.uid() == uid)?.server_group_id;
    let id = group_of(on.first()?)?;
    on.iter().all(|uid| group_of(uid) == Some(id)).then_some(())?;
    let group = groups.iter().find(|group| group.id == Some(id))?;
    let key = group.name.clone().or_else(|| group.kind.clone())?;
    let of_group = servers.iter().filter(|server| server.server_group_id == Some(id));
    Some(Placement::Group { key, servers: of_group.map(|server| server.uid().to_owned()).collect() })
}

fn ambiguous_placement(service: &Service, on: usize, servers: &[Server], groups: &[ServerGroup]) -> Error {
    let listed = |names: Vec<&str>| {
        let names: Vec<_> = names.into_iter().map(sanitize).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    };
    let how = if on == 0 { "on no server".to_owned() } else { format!("on {on} servers") };
    Error::usage(format!("choose where to scale {}: it runs {how}", service.name()))
        .cause(format!(
            "servers: {}\ngroups: {}",
            listed(servers.iter().map(Server::name).collect()),
            listed(groups.iter().filter_map(|group| group.name.as_deref()).collect())
        ))
        .hint("pass --server SERVER or --group GROUP (a group or role)")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::error::Kind;

    fn scale_request(counts: &[&str]) -> Result<Vec<(String, Wanted)>> {
        let counts: Vec<String> = counts.iter().map(|count| (*count).to_owned()).collect();
        ScaleRequest::parse(&counts, None, None).map(|scale_request| scale_request.wanted)
    }

    #[test]
    fn counts_are_absolute_or_relative() {
        let wanted = scale_request(&["web=3", "worker=+1", "clock=-2"]).unwrap();
        let wanted: Vec<Wanted> = wanted.into_iter().map(|(_, wanted)| wanted).collect();
        assert_eq!(wanted, [Wanted::Exactly(3), Wanted::More(1), Wanted::Fewer(2)]);
        assert_eq!(wanted.iter().map(|wanted| wanted.of(1)).collect::<Vec<_>>(), [Some(3), Some(2), None]);
        assert_eq!(scale_request(&["web+2"]).unwrap(), [("web".to_owned(), Wanted::More(2))]);
        assert_eq!(scale_request(&["web", "3"]).unwrap(), [("web".to_owned(), Wanted::Exactly(3))]);
        for wrong in
            ["web", "web-1", "+1", "web+", "web++1", "web=", "=3", "web=x", "web=++1", "web=+", "web=1.5", "web=-+1"]
        {
            assert_eq!(scale_request(&[wrong]).unwrap_err().kind(), Kind::Usage, "{wrong}");
        }
        assert!(scale_request(&["web=1", "web=2"]).is_err());
    }

    #[test]
    fn a_group_is_a_group_or_a_role() {
        let groups: Vec<ServerGroup> = serde_json::from_value(json!([
            { "id": 128, "name": "Rails Server", "type": "rails" }, { "id": 129, "name": "Web Server", "type": "nginx" },
        ]))
        .unwrap();
        let servers: Vec<Server> = serde_json::from_value(json!([
            { "uid": "a", "server_roles": ["rails", "web"], "server_group_id": 128 },
            { "uid": "b", "server_roles": ["web"], "server_group_id": 129 },
        ]))
        .unwrap();
        let target = StackRef { uid: "u".into(), stack: None, name: None };
        for (wanted, key, on) in [
            ("web", "web", "ab"),
            ("rails", "rails", "a"),
            ("rails-server", "Rails Server", "a"),
            ("129", "Web Server", "b"),
            ("web s", "Web Server", "b"),
        ] {
            let Placement::Group { key: found, servers } = group_placement(&groups, &servers, &target, wanted).unwrap()
            else {
                panic!("{wanted} is not a group")
            };
            assert_eq!((found.as_str(), servers.concat().as_str()), (key, on), "{wanted}");
        }
        let error = group_placement(&groups, &servers, &target, "db").err().unwrap();
        assert_eq!(error.kind(), Kind::NotFound);
    }
}
