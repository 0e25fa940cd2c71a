//! `c66 deployments rollback`: deploys the commit of an earlier deployment again.
//!
//! The API has no rollback: the commit is built anew. It does not tell which images an earlier deployment of a Docker
//! stack had, so there the user names them.

use clap::Args;

use crate::args::{BulkArgs, StackArgs, WaitArgs, WriteArgs};
use crate::cloud66::actions::RunState;
use crate::cloud66::deployments::Deployment;
use crate::cloud66::endpoints::{DEPLOYMENTS_CREATE, DEPLOYMENTS_LIST, STACKS_SHOW};
use crate::cloud66::request;
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::commands::deployments::redeploy::{self, RedeployArgs, StrategyArgs};
use crate::commands::deployments::{Deployments, list_request};
use crate::commands::newest::{Thoroughness, visit_newest};
use crate::commands::services::Services;
use crate::error::{Error, Result};
use crate::resource::Resource as _;
use crate::resource::verb::{Asks, Verb};

/// `c66 deployments rollback`
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  c66 deployments rollback -s awesome-app@staging\n  c66 deployments rollback 103 -s awesome-app@staging --yes\n  c66 deployments rollback -s voting-app --service web:v41 --service worker:v41\n\nWithout an ID: the newest successful deployment before the live one that has another commit. Its commit is\nbuilt and deployed as a new deployment; databases and variables stay as they are."
)]
#[command(add = Verb::calls(&[&DEPLOYMENTS_CREATE, &DEPLOYMENTS_LIST]).asks(Asks::Always))]
pub(crate) struct RollbackArgs {
    /// ID of the deployment to return to
    #[arg(add = Deployments::NOUN.names())]
    pub(crate) id: Option<u64>,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    /// Service and the image tag to return to (Docker stacks); may be repeated
    #[arg(long = "service", value_name = "NAME:TAG", conflicts_with = "id", value_parser = parse_service)]
    #[arg(add = Services::NOUN.names())]
    pub(crate) services: Vec<String>,
    /// Reference to find the deployment by
    #[arg(long, value_name = "TEXT")]
    pub(crate) reference: Option<String>,
    /// Cancel the deployment on Ctrl-C
    #[arg(long)]
    pub(crate) cancel_on_interrupt: bool,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

fn parse_service(text: &str) -> Result<String, String> {
    match text.split_once(':') {
        Some((name, tag)) if !name.is_empty() && !tag.is_empty() => Ok(text.to_owned()),
        _ => Err("expected NAME:TAG".to_owned()),
    }
}

/// Runs `c66 deployments rollback`.
pub(crate) async fn run(context: &Context, args: RollbackArgs) -> Result<()> {
    let target = context.stack_for_write(&args.stack, &args.write).await?;
    let target = with_details(context, target).await?;
    let label = target.label();
    let (git_ref, prompt) = if args.services.is_empty() {
        let deployments = deployments(context, &target).await?;
        let (live, earlier) = choose(&target, &deployments, args.id)?;
        let git_ref = commit_to_build(&target, earlier)?;
        let from = live.map(|live| format!(" from {}", in_words(live))).unwrap_or_default();
        (Some(git_ref), format!("Roll back {label}{from} to {}, building that commit anew", in_words(earlier)))
    } else {
        (None, format!("Roll back {label} to {}", args.services.join(", ")))
    };
    let redeploy = RedeployArgs {
        stack: args.stack,
        git_ref,
        services: args.services,
        strategy: StrategyArgs::default(),
        reference: args.reference,
        cancel_on_interrupt: args.cancel_on_interrupt,
        listen: false,
        bulk: BulkArgs::default(),
        write: args.write,
        wait: args.wait,
    };
    redeploy::redeploy_stack(context, &redeploy, &target, &prompt).await
}

/// The stack with its fields: a UID alone does not tell its kind.
async fn with_details(context: &Context, target: StackRef) -> Result<StackRef> {
    if target.stack.as_ref().is_some_and(|stack| stack.framework.is_some()) {
        return Ok(target);
    }
    let shown = context.cloud66().await?.fetch(&request(&STACKS_SHOW, &[("stack_id", &target.uid)])?).await?;
    StackRef::try_from(&shown)
}

async fn deployments(context: &Context, target: &StackRef) -> Result<Vec<Deployment>> {
    let mut deployments = Vec::new();
    let client = context.cloud66().await?;
    let visit = |deployment: Deployment, _| deployments.push(deployment);
    visit_newest(client, list_request(target)?, Thoroughness::Once, |deployment| deployment.id, visit).await?;
    Ok(deployments)
}

/// The live deployment, if known, and the one to return to.
fn choose<'d>(
    target: &StackRef,
    deployments: &'d [Deployment],
    wanted: Option<u64>,
) -> Result<(Option<&'d Deployment>, &'d Deployment)> {
    let label = target.label();
    let list = format!("see c66 deployments list {}", target.flag());
    let is_live = |deployment: &&Deployment| deployment.is_live == Some(true);
    let live = deployments.iter().filter(is_live).max_by_key(|deployment| deployment.id);
    if let Some(id) = wanted {
        let Some(found) = deployments.iter().find(|deployment| deployment.id == Some(id)) else {
            return Err(Error::not_found(format!("deployment {id} of {label} not found")).hint(list));
        };
        if is_live(&found) {
            return Err(Error::usage(format!("deployment {id} of {label} is live already")).hint(list));
        }
        if found.state() != RunState::Succeeded {
            return Err(Error::usage(format!("deployment {id} of {label} did not succeed")).hint(list));
        }
        return Ok((live, found));
    }
    let Some(live) = live else {
        return Err(Error::usage(format!("no deployment of {label} is live"))
            .hint("pass the ID of the deployment to return to")
            .hint(list));
    };
    let is_earlier = |deployment: &&Deployment| {
        deployment.id < live.id && deployment.state() == RunState::Succeeded && deployment.git_hash != live.git_hash
    };
    let earlier = deployments.iter().filter(is_earlier).max_by_key(|deployment| deployment.id);
    match earlier {
        Some(earlier) => Ok((Some(live), earlier)),
        None => Err(Error::not_found(format!("no successful deployment of {label} before {}", in_words(live)))
            .hint("deploy another commit: c66 redeploy --git-ref REF")
            .hint(list)),
    }
}

/// The commit of an earlier deployment, unless it does not say what ran.
fn commit_to_build(target: &StackRef, earlier: &Deployment) -> Result<String> {
    let framework = target.stack.as_ref().and_then(|stack| stack.framework.as_deref()).unwrap_or_default();
    let runs_images = framework.eq_ignore_ascii_case("docker");
    match &earlier.git_hash {
        Some(commit) if !runs_images && !commit.is_empty() => Ok(commit.clone()),
        _ => {
            let id = earlier.id.unwrap_or_default();
            let message = format!("cannot roll back {} to deployment {id}", target.label());
            let why = if runs_images {
                "the API does not tell which images a deployment of a Docker stack had"
            } else {
                "the API does not tell its commit"
            };
            Err(Error::usage(message).cause(why).hint("name them: --service NAME:TAG"))
        }
    }
}

fn in_words(deployment: &Deployment) -> String {
    let commit = deployment.short_commit().map(|commit| format!(" ({commit})")).unwrap_or_default();
    format!("deployment {}{commit}", deployment.id.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use serde_json::json;

    use super::*;
    use crate::cloud66::stacks::Stack;
    use crate::error::Kind;

    fn deployment(id: u64, commit: &str, outcome: &str, is_live: bool) -> Deployment {
        serde_json::from_value(json!({
            "id": id, "git_hash": commit, "is_live": is_live, "finished_at": "2026-01-01T00:00:00Z",
            "outcome": { "meaning": outcome },
        }))
        .unwrap()
    }

    fn target(framework: &str) -> StackRef {
        let stack = Stack { name: Some("shop".to_owned()), framework: Some(framework.to_owned()), ..Stack::default() };
        StackRef { uid: "u1".to_owned(), stack: Some(stack), name: None }
    }

    #[test]
    fn the_newest_good_one_with_another_commit_before_the_live_one_is_chosen() {
        let all = [
            deployment(9, "e", "success", false),
            deployment(8, "d", "success", true),
            deployment(7, "d", "success", false),
            deployment(6, "c", "failed", false),
            deployment(4, "a", "success", false),
            deployment(5, "b", "success", false),
        ];
        let chosen =
            |wanted| choose(&target("rails"), &all, wanted).map(|(live, earlier)| (live.unwrap().id, earlier.id));
        assert_eq!(chosen(None).unwrap(), (Some(8), Some(5)));
        assert_eq!(chosen(Some(4)).unwrap(), (Some(8), Some(4)));
        for (wanted, kind) in [(8, Kind::Usage), (6, Kind::Usage), (3, Kind::NotFound)] {
            assert_eq!(chosen(Some(wanted)).unwrap_err().kind(), kind, "{wanted}");
        }
        let none_live = choose(&target("rails"), &all[2..], None).unwrap_err();
        assert_eq!(none_live.message(), "no deployment of shop is live");
        let only_one = choose(&target("rails"), &all[1..3], None).unwrap_err();
        assert_eq!(only_one.message(), "no successful deployment of shop before deployment 8 (d)");
    }

    #[test]
    fn images_of_the_past_are_not_known() {
        let earlier = deployment(4, "a", "success", false);
        assert_eq!(commit_to_build(&target("rails"), &earlier).unwrap(), "a");
        let error = commit_to_build(&target("docker"), &earlier).unwrap_err();
        assert_eq!((error.kind(), error.hints()[0].as_str()), (Kind::Usage, "name them: --service NAME:TAG"));
        let error = commit_to_build(&target("rails"), &deployment(4, "", "success", false)).unwrap_err();
        assert_eq!(error.cause_text(), Some("the API does not tell its commit"));
    }
}
