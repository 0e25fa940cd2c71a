//! What `c66 status` reads of each stack: in parallel, within the request limit, and without failing as a whole.

use std::cell::RefCell;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream;
use serde::de::DeserializeOwned;

use crate::cloud66::Cloud66;
use crate::cloud66::backups::Backup;
use crate::cloud66::deployments::Deployment;
use crate::cloud66::endpoints::{BACKUPS_LIST, DEPLOYMENTS_LIST, SERVERS_LIST, SSL_CERTIFICATES_LIST};
use crate::cloud66::envelope::Document;
use crate::cloud66::servers::Server;
use crate::cloud66::ssl_certificates::SslCertificate;
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::stack_requests::request_in_stack;
use crate::commands::newest::{Thoroughness, visit_newest};
use crate::error::{Error, Kind, Result};
use crate::http::endpoint::Endpoint;
use crate::http::rate_limit::Budget;

/// How long `--watch` keeps what seldom changes: with 60 stacks it would use up the hour's requests otherwise.
const KEPT: Duration = Duration::from_secs(10 * 60);

/// A part of a stack that takes a read of its own, the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Deployments,
    Servers,
    Certificates,
    Backups,
}

impl Part {
    pub(super) const ALL: [Self; 4] = [Self::Deployments, Self::Servers, Self::Certificates, Self::Backups];

    /// Its plural, for messages.
    pub(super) fn plural(self) -> &'static str {
        match self {
            Self::Deployments => "deployments",
            Self::Servers => "servers",
            Self::Certificates => "certificates",
            Self::Backups => "backups",
        }
    }

    fn endpoint(self) -> &'static Endpoint {
        match self {
            Self::Deployments => &DEPLOYMENTS_LIST,
            Self::Servers => &SERVERS_LIST,
            Self::Certificates => &SSL_CERTIFICATES_LIST,
            Self::Backups => &BACKUPS_LIST,
        }
    }
}

/// What was read of one stack; `None` if it was not read.
#[derive(Default)]
pub(super) struct StackReadings {
    pub(super) deployments: Option<Vec<(Deployment, Document)>>,
    pub(super) servers: Option<Vec<Server>>,
    pub(super) certificates: Option<Vec<(SslCertificate, Document)>>,
    pub(super) backups: Option<Vec<(Backup, Document)>>,
}

impl StackReadings {
    fn put(&mut self, part: Part, documents: Vec<Document>) -> Result<()> {
        match part {
            Part::Deployments => self.deployments = Some(typed(documents)?),
            Part::Servers => self.servers = Some(typed(documents)?.into_iter().map(|(server, _)| server).collect()),
            Part::Certificates => self.certificates = Some(typed(documents)?),
            Part::Backups => self.backups = Some(typed(documents)?),
        }
        Ok(())
    }
}

fn typed<V: DeserializeOwned>(documents: Vec<Document>) -> Result<Vec<(V, Document)>> {
    documents.into_iter().map(|document| Ok((document.view()?, document))).collect()
}

/// What could not be read, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unread {
    pub(super) part: Part,
    /// Number of stacks.
    pub(super) stacks: usize,
    /// Whether the token may not read it, or the API does not offer it: that says nothing about the stacks.
    pub(super) denied: bool,
    pub(super) why: String,
}

/// What was read of all stacks, in their order.
#[derive(Default)]
pub(super) struct Readings {
    pub(super) stacks: Vec<StackReadings>,
    pub(super) unread: Vec<Unread>,
}

impl Readings {
    fn add_unread(&mut self, part: Part, denied: bool, why: &str) {
        match self.unread.iter_mut().find(|unread| unread.part == part && unread.why == why) {
            Some(unread) => unread.stacks += 1,
            None => self.unread.push(Unread { part, stacks: 1, denied, why: why.to_owned() }),
        }
    }
}

/// Reads the wanted parts of the stacks. A part that cannot be read is noted; a rejected token is an error.
pub(super) async fn read(context: &Context, stacks: &[StackRef], mut wanted: Vec<(usize, Part)>) -> Result<Readings> {
    let mut readings = Readings::default();
    readings.stacks.resize_with(stacks.len(), StackReadings::default);
    wanted.sort_by_key(|(_, part)| *part);
    let client = context.cloud66().await?;
    if let Some(budget) = client.transport().rate_limiter().budget() {
        let left_over = wanted.split_off(affordable(budget, wanted.len()));
        let why = format!("only {} of {} requests are left in this hour", budget.remaining, budget.limit);
        for (_, part) in left_over {
            readings.add_unread(part, false, &why);
        }
    }
    let denials: RefCell<Vec<(Part, String)>> = RefCell::default();
    let denial = |part| denials.borrow().iter().find(|(denied, _)| *denied == part).map(|(_, why)| why.clone());
    let outcomes = stream::iter(wanted)
        .map(|(index, part)| {
            let denial = denial(part);
            async move {
                match denial {
                    Some(why) => (index, part, Err(Failure::Denied(why))),
                    None => (index, part, read_part(context, client, &stacks[index], part).await),
                }
            }
        })
        .buffer_unordered(client.transport().options().concurrency);
    let mut outcomes = std::pin::pin!(outcomes);
    while let Some((index, part, outcome)) = outcomes.next().await {
        let stored = outcome.and_then(|documents| {
            readings.stacks[index].put(part, documents).map_err(|error| Failure::Other(error.message().to_owned()))
        });
        match stored {
            Ok(()) | Err(Failure::Gone) => {}
            Err(Failure::Fatal(error)) => return Err(error),
            Err(Failure::Denied(why)) => {
                readings.add_unread(part, true, &why);
                if denial(part).is_none() {
                    denials.borrow_mut().push((part, why));
                }
            }
            Err(Failure::Other(why)) => readings.add_unread(part, false, &why),
        }
    }
    readings.unread.sort_by(|a, b| (a.part, &a.why).cmp(&(b.part, &b.why)));
    Ok(readings)
}

/// How many of the wanted reads leave a tenth of the hour's requests to others.
fn affordable(budget: Budget, wanted: usize) -> usize {
    let spare = budget.remaining.saturating_sub(budget.limit / 10);
    usize::try_from(spare).unwrap_or(usize::MAX).min(wanted)
}

/// Why a part was not read.
enum Failure {
    /// The token may not read it, or the API does not offer it.
    Denied(String),
    /// The stack was deleted in between.
    Gone,
    /// Any other failure of this one read.
    Other(String),
    /// No further read would succeed.
    Fatal(Error),
}

async fn read_part(
    context: &Context,
    client: &Cloud66,
    target: &StackRef,
    part: Part,
) -> std::result::Result<Vec<Document>, Failure> {
    let key = [target.uid.as_str(), part.plural()];
    if part != Part::Deployments
        && let Some(kept) = context.watching.kept(key, KEPT)
    {
        return Ok(kept);
    }
    let documents = request_part(client, target, part).await.map_err(|error| match error.kind() {
        Kind::ScopeMissing => {
            let scope = part.endpoint().scope;
            Failure::Denied(format!("the token lacks the `{scope}` scope"))
        }
        Kind::NotImplemented => Failure::Denied("the API does not offer them".to_owned()),
        Kind::NotFound => Failure::Gone,
        Kind::Auth | Kind::TrialExpired | Kind::Internal | Kind::Throttled => Failure::Fatal(error),
        _ => Failure::Other(error.message().to_owned()),
    })?;
    context.watching.keep(key, &documents);
    Ok(documents)
}

async fn request_part(client: &Cloud66, target: &StackRef, part: Part) -> Result<Vec<Document>> {
    let request = request_in_stack(target, part.endpoint(), &[])?;
    let mut documents = Vec::new();
    match part {
        Part::Deployments => {
            let visit = |_: Deployment, document| documents.push(document);
            visit_newest(client, request, Thoroughness::Often, |deployment| deployment.id, visit).await?;
        }
        Part::Backups => {
            let visit = |_: Backup, document| documents.push(document);
            visit_newest(client, request, Thoroughness::Often, |backup| backup.id, visit).await?;
        }
        Part::Servers | Part::Certificates => {
            documents.extend(client.page(&request).await?.items.into_iter().map(Document::new));
        }
    }
    Ok(documents)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenth_of_the_requests_is_left_to_others() {
        for (limit, remaining, wanted, expected) in
            [(3600, 3600, 200, 200), (3600, 460, 200, 100), (3600, 360, 200, 0), (3600, 0, 200, 0), (0, 0, 5, 0)]
        {
            assert_eq!(affordable(Budget { limit, remaining }, wanted), expected, "{remaining} of {limit}");
        }
    }
}
