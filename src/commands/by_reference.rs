//! Finds what a redeployment with a reference started.
//!
//! The API of 2024 keeps the reference with the action. A deployment has none; it is found by the time of its action.

use jiff::{SignedDuration, Timestamp};

use crate::cloud66::Cloud66;
use crate::cloud66::actions::Action;
use crate::cloud66::deployments::Deployment;
use crate::cloud66::endpoints::STACK_ACTIONS_LIST;
use crate::cloud66::envelope::Document;
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::stack_requests::request_in_stack;
use crate::error::{Error, Result};
use crate::http::Request;
use crate::http::fields::ApiTime;

/// Times of actions and deployments are whole seconds.
const SLACK: SignedDuration = SignedDuration::from_secs(1);

/// The request for the actions with a reference. A server without the filter lists all actions.
pub(crate) fn request(target: &StackRef, reference: &str) -> Result<Request> {
    let mut request = request_in_stack(target, &STACK_ACTIONS_LIST, &[])?;
    request.query.push(("user_reference".to_owned(), reference.to_owned()));
    Ok(request)
}

/// Whether an action has that reference.
pub(crate) fn has(action: &Action, reference: &str) -> bool {
    action.user_reference.as_deref() == Some(reference)
}

/// The actions with a reference.
///
/// # Errors
/// If there is none, or the API keeps no references ([`crate::error::Kind::NotFound`]).
pub(crate) async fn actions(client: &Cloud66, target: &StackRef, reference: &str) -> Result<Vec<Action>> {
    let mut pages = client.pages(request(target, reference)?, None);
    let mut found = Vec::new();
    while let Some(page) = pages.next().await? {
        for item in page.items {
            let action: Action = Document::new(item).view()?;
            if has(&action, reference) {
                found.push(action);
            }
        }
    }
    if found.is_empty() {
        return Err(Error::not_found(format!("no redeployment of {} has the reference `{reference}`", target.label()))
            .cause("older versions of the API keep no references"));
    }
    Ok(found)
}

/// The newest action with a reference.
///
/// # Errors
/// As for [`actions`].
pub(crate) async fn newest(client: &Cloud66, target: &StackRef, reference: &str) -> Result<u64> {
    let found = actions(client, target, reference).await?;
    found.iter().filter_map(|action| action.id).max().ok_or_else(|| Error::internal("an action without an id"))
}

/// The newest action with a reference after the one with the id `before`, if a single request finds it.
pub(crate) async fn look_once(
    client: &Cloud66,
    target: &StackRef,
    reference: &str,
    before: Option<u64>,
) -> Result<Option<Document>> {
    let page = client.page(&request(target, reference)?).await?;
    let view = |document: Document| {
        let action: Action = document.view().ok()?;
        (has(&action, reference) && action.id > before).then_some((action.id, document))
    };
    let found = page.items.into_iter().map(Document::new).filter_map(view).max_by_key(|(id, _)| *id);
    Ok(found.map(|(_, document)| document))
}

/// The deployment of an action: it starts while the action runs. A stack deploys one at a time, so of several that of
/// the action ends with it.
pub(crate) fn deployment_of<'d>(action: &Action, deployments: &'d [Deployment]) -> Option<&'d Deployment> {
    let began = action.started_at.as_ref().and_then(ApiTime::known)?;
    let ended = action.finished_at();
    let start = |deployment: &Deployment| deployment.started_at.as_ref().and_then(ApiTime::known);
    let is_within = |at: Timestamp| at >= began - SLACK && ended.is_none_or(|ended| at <= ended + SLACK);
    let fitting = deployments.iter().filter(|deployment| start(deployment).is_some_and(is_within));
    let distance = |deployment: &Deployment| {
        let until = ended.unwrap_or(Timestamp::MAX);
        deployment.finished_at().unwrap_or(Timestamp::MAX).duration_since(until).abs()
    };
    fitting.min_by_key(|deployment| distance(deployment))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use serde_json::json;

    use super::*;

    #[test]
    fn the_deployment_of_an_action_starts_within_it_and_ends_with_it() {
        let deployments: Vec<Deployment> = serde_json::from_value(json!([
            { "id": 1, "started_at": "2026-01-01T10:00:00Z", "finished_at": "2026-01-01T10:05:00Z" },
            { "id": 2, "started_at": "2026-01-01T10:05:10Z", "finished_at": "2026-01-01T10:09:00Z" },
            { "id": 3, "started_at": "2026-01-01T10:09:05Z", "finished_at": null },
        ]))
        .unwrap();
        for (started, finished, expected) in [
            ("2026-01-01T10:04:00Z", json!("2026-01-01T10:09:01Z"), Some(2)),
            ("2026-01-01T09:59:59Z", json!("2026-01-01T10:05:00Z"), Some(1)),
            ("2026-01-01T10:09:05Z", json!(null), Some(3)),
            ("2026-01-01T11:00:00Z", json!(null), None),
            ("2026-01-01T09:00:00Z", json!("2026-01-01T09:10:00Z"), None),
        ] {
            let action = json!({ "id": 9, "started_at": started, "finished_at": finished });
            let action: Action = serde_json::from_value(action).unwrap();
            assert_eq!(deployment_of(&action, &deployments).and_then(|one| one.id), expected, "{started}");
        }
    }
}
