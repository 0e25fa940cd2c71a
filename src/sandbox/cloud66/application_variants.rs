//! Variants of a stack: the active one, a canary, and a preview.
//!
//! The names of the fields are those of the official client, which fails without a body in the reply to a change.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::call::Call;
use super::reply::{ApiError, ApiResult, object};
use super::{Stack, State};
use crate::sandbox::clock::iso;
use crate::sandbox::pseudorandom;

const ACTIVE: &str = "active";
const CANARY: &str = "canary";
const PREVIEW: &str = "preview";

/// A variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Variant {
    uid: String,
    #[serde(rename = "type")]
    kind: String,
    git_ref: String,
    git_hash: String,
    percentage: u64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl Variant {
    fn render(&self, stack: &Stack) -> Value {
        json!({
            "uid": self.uid,
            "type": self.kind,
            "sub_type": null,
            "git_repo": stack.git,
            "git_ref": self.git_ref,
            "git_hash": self.git_hash,
            "tag": "latest",
            "percentage": self.percentage,
            "created_at_iso": iso(self.created_at),
            "updated_at_iso": iso(self.updated_at),
        })
    }
}

/// The variants of a stack: with containers there is a rollout and a preview, otherwise only the active one.
fn variants(stack: &Stack) -> Vec<Variant> {
    if let Some(variants) = &stack.parts.variants {
        return variants.clone();
    }
    if !stack.was_deployed() {
        return Vec::new();
    }
    let variant = |kind: &str, git_ref: &str, percentage| Variant {
        uid: format!("av-{kind}-{}", stack.uid),
        kind: kind.into(),
        git_ref: git_ref.into(),
        git_hash: pseudorandom::hex(&format!("commit of {kind} of {}", stack.uid), 40),
        percentage,
        created_at: stack.created_at,
        updated_at: stack.created_at,
    };
    if stack.framework == "docker" {
        vec![variant(ACTIVE, &stack.git_branch, 90), variant(CANARY, "next", 10), variant(PREVIEW, "feature", 0)]
    } else {
        vec![variant(ACTIVE, &stack.git_branch, 100)]
    }
}

/// `application_variants_list`, without pages
pub(super) fn application_variants_list(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call)?;
    call.list(&variants(stack), |variant| variant.render(stack))
}

/// `application_variants_update`: without a percentage, the canary becomes the active variant
pub(super) fn application_variants_update(state: &mut State, call: &Call) -> ApiResult {
    let (stack, _) = state.stack_mut(call)?;
    let mut variants = variants(stack);
    let position = position(&variants, call)?;
    let parameters = call.parameters()?;
    if variants[position].kind != CANARY {
        return Err(ApiError::conflict(format!("The variant is {}, not a canary.", variants[position].kind)));
    }
    match parameters.integer("canary_percentage").map(u64::try_from) {
        Some(Ok(percentage @ ..=100)) => {
            for variant in &mut variants {
                match variant.kind.as_str() {
                    CANARY => variant.percentage = percentage,
                    ACTIVE => variant.percentage = 100 - percentage,
                    _ => {}
                }
            }
        }
        Some(_) => return Err(ApiError::bad_request("The parameter `canary_percentage` must be from 0 to 100.")),
        None => {
            variants.retain(|variant| variant.kind != ACTIVE);
            if let Some(canary) = variants.iter_mut().find(|variant| variant.kind == CANARY) {
                ACTIVE.clone_into(&mut canary.kind);
                canary.percentage = 100;
                canary.updated_at = call.clock.now;
            }
        }
    }
    stack.parts.variants = Some(variants);
    Ok(object(json!({ "ok": true })))
}

/// `application_variants_delete`, only of previews
pub(super) fn application_variants_delete(state: &mut State, call: &Call) -> ApiResult {
    let (stack, _) = state.stack_mut(call)?;
    let mut variants = variants(stack);
    let position = position(&variants, call)?;
    if variants[position].kind != PREVIEW {
        return Err(ApiError::conflict(format!(
            "The variant is {}; only previews can be deleted.",
            variants[position].kind
        )));
    }
    variants.remove(position);
    stack.parts.variants = Some(variants);
    Ok(object(json!({ "ok": true })))
}

fn position(variants: &[Variant], call: &Call) -> Result<usize, ApiError> {
    let uid = call.path_param("variant_uid");
    let position = variants.iter().position(|variant| variant.uid == uid);
    position.ok_or_else(|| ApiError::not_found(format!("The stack has no variant `{uid}`.")))
}
