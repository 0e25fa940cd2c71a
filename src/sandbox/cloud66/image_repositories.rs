//! Repositories of Docker images that the account can pull from. Passwords are not stored: no reply has them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::State;
use super::call::Call;
use super::parameters::Parameters;
use super::reply::{ApiError, ApiResult, object};
use crate::sandbox::clock::{date_time, iso};

/// The ID of the next repository, as documented.
const NEXT_ID: u64 = 283;

/// A repository.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct ImageRepository {
    id: u64,
    url: String,
    username: String,
    email: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl ImageRepository {
    fn render(&self) -> Value {
        json!({
            "id": self.id,
            "url": self.url,
            "username": self.username,
            "email": self.email,
            "created_at_iso": iso(self.created_at),
            "updated_at_iso": iso(self.updated_at),
        })
    }

    /// Sets what a call has, all of which is required.
    fn set(&mut self, parameters: &Parameters, now: Timestamp) {
        for (field, name) in [(&mut self.url, "url"), (&mut self.username, "username"), (&mut self.email, "email")] {
            *field = parameters.text(name).unwrap_or_default();
        }
        self.updated_at = now;
    }
}

/// The repositories of the account; initially the documented ones.
fn repositories(state: &State) -> Vec<ImageRepository> {
    if let Some(repositories) = &state.account.image_repositories {
        return repositories.clone();
    }
    let repository = |id, url: &str, email: &str, created_at: &str| ImageRepository {
        id,
        url: url.into(),
        username: "cloud66".into(),
        email: email.into(),
        created_at: date_time(created_at),
        updated_at: date_time(created_at),
    };
    vec![
        repository(2, "https://quay.io", "kickass@company.com", "2015-12-03T14:29:51Z"),
        repository(3, "https://index.dockerub.com", "eng@company.com", "2015-12-03T14:30:17Z"),
    ]
}

/// `image_repositories_list`
pub(super) fn image_repositories_list(state: &mut State, call: &Call) -> ApiResult {
    call.list(&repositories(state), ImageRepository::render)
}

/// `image_repositories_show`, by ID
pub(super) fn image_repositories_show(state: &mut State, call: &Call) -> ApiResult {
    let repositories = repositories(state);
    Ok(object(repositories[position(&repositories, call)?].render()))
}

/// `image_repositories_create`
pub(super) fn image_repositories_create(state: &mut State, call: &Call) -> ApiResult {
    let parameters = call.parameters()?;
    let mut repositories = repositories(state);
    let id = repositories.iter().map(|repository| repository.id + 1).max().unwrap_or_default().max(NEXT_ID);
    let (url, now) = (String::new(), call.clock.now);
    let mut new =
        ImageRepository { id, username: url.clone(), email: url.clone(), url, created_at: now, updated_at: now };
    new.set(&parameters, now);
    let reply = object(new.render());
    repositories.push(new);
    state.account.image_repositories = Some(repositories);
    Ok(reply)
}

/// `image_repositories_update`
pub(super) fn image_repositories_update(state: &mut State, call: &Call) -> ApiResult {
    let mut repositories = repositories(state);
    let position = position(&repositories, call)?;
    repositories[position].set(&call.parameters()?, call.clock.now);
    let reply = object(repositories[position].render());
    state.account.image_repositories = Some(repositories);
    Ok(reply)
}

/// `image_repositories_delete`, whose documented reply has no message
pub(super) fn image_repositories_delete(state: &mut State, call: &Call) -> ApiResult {
    let mut repositories = repositories(state);
    repositories.remove(position(&repositories, call)?);
    state.account.image_repositories = Some(repositories);
    Ok(object(json!({ "ok": true })))
}

fn position(repositories: &[ImageRepository], call: &Call) -> Result<usize, ApiError> {
    let id = call.id("image_repository_id", "image repository")?;
    let position = repositories.iter().position(|repository| repository.id == id);
    position.ok_or_else(|| ApiError::not_found(format!("The account has no image repository {id}.")))
}
