//! Users and their mobile devices.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::State;
use super::call::Call;
use super::parameters::Parameters;
use super::reply::{ApiError, ApiResult, Payload, object};
use crate::sandbox::clock::{date_time, iso, plain};

/// The documented user, who acts through the API.
pub(super) const API_USER: &str = "test@cloud66.com";
/// The ID of that user.
pub(super) const API_USER_ID: u64 = 18;

/// The account and the stacks of the documented user.
const ACCOUNT: u64 = 14;
pub(super) const ACCESSIBLE_STACKS: [&str; 2] =
    ["5acd43412ea412e32897c40d46f91183", "8cc984959ebe28bcb75d6bd6d810767e"];

/// A user.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct User {
    id: u64,
    email: String,
    role: String,
    devices: Vec<Device>,
    /// Its access profile, if it was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    access_profile: Option<Map<String, Value>>,
}

/// A phone or tablet that receives alerts.
#[derive(Debug, Serialize, Deserialize)]
struct Device {
    kind: i64,
    sub_type: i64,
    token: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl User {
    fn render(&self) -> Value {
        let devices: Vec<Value> = self.devices.iter().map(Device::render).collect();
        let access_rights = ACCESSIBLE_STACKS.map(
            |stack| json!({ "user": self.id, "stack": stack, "access_level": { "code": 60, "meaning": "admin" } }),
        );
        json!({
            "id": self.id,
            "email": self.email,
            "primary_account_id": ACCOUNT,
            "accounts": [{
                "account": ACCOUNT,
                "user": self.id,
                "role": self.role,
                "can_create_stack": true,
                "can_admin_users": true,
                "default_permission_level": 60,
            }],
            "access_rights": access_rights,
            "locked": false,
            "uses_tfa": false,
            "timezone": "UTC",
            "has_valid_phone": false,
            "developer_program": true,
            "github_login": false,
            "last_login": "2014-08-29T17:17:11Z",
            "devices": devices,
            "created_at": "2013-06-19T11:08:02Z",
            "updated_at": "2014-09-01T08:11:34Z",
            "cloud_status": "partial",
            "access_profile": self.access_profile(),
        })
    }

    /// What the user may do, in the form of 2024.
    fn access_profile(&self) -> Value {
        if let Some(profile) = &self.access_profile {
            return Value::Object(profile.clone());
        }
        let is_admin = self.role != "Viewer";
        let mut account: Map<String, Value> =
            PERMISSIONS.iter().map(|name| ((*name).to_owned(), is_admin.into())).collect();
        account.insert("default_roles".into(), json!(["Administrator"]));
        let stacks = ACCESSIBLE_STACKS.map(|stack| json!({ "stack_uid": stack, "role": "Administrator" }));
        json!({ "account_profile": account, "stack_profiles": stacks })
    }

    /// The form of 2024, without accounts and access rights.
    fn render_without_rights(&self) -> Value {
        let mut shown = self.render();
        let profile = shown["access_profile"].take();
        let fields = shown
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(name, _)| !["accounts", "access_rights", "access_profile"].contains(&name.as_str()));
        let mut user = Map::new();
        for (name, value) in fields {
            user.insert(name.clone(), value.clone());
            // In its documented place.
            if name == "locked" {
                user.insert("access_profile".into(), profile.clone());
            }
        }
        Value::Object(user)
    }
}

/// What an access profile allows in an account.
const PERMISSIONS: [&str; 18] = [
    "can_create_stack",
    "can_admin_users",
    "can_payment",
    "can_add_cloud_key",
    "can_del_cloud_key",
    "can_view_acc_notifications",
    "can_edit_acc_notifications",
    "can_view_audit",
    "can_view_docker_img_key",
    "can_del_ssh_key",
    "can_edit_personal_token",
    "can_del_authorized_app",
    "can_view_custom_env",
    "can_edit_custom_env",
    "can_add_developers_app",
    "can_del_developers_app",
    "can_edit_git_key",
    "can_edit_gateway",
];

impl Device {
    fn render(&self) -> Value {
        json!({
            "device_type": self.kind,
            "sub_type": self.sub_type,
            "token": self.token,
            "enabled": true,
            "created_at": plain(self.created_at),
            "updated_at": plain(self.updated_at),
            "created_at_iso": iso(self.created_at),
            "updated_at_iso": iso(self.updated_at),
        })
    }

    /// Sets the types in a call.
    fn change(&mut self, parameters: &Parameters, now: Timestamp) {
        self.kind = parameters.integer("device_type").unwrap_or(self.kind);
        self.sub_type = parameters.integer("sub_type").unwrap_or(self.sub_type);
        self.updated_at = now;
    }
}

/// The initial users: the documented one, and one with the ID in the documentation.
pub(super) fn initial() -> Vec<User> {
    let device = Device {
        kind: 1,
        sub_type: 2,
        token: "wertqy".into(),
        created_at: date_time("2014-08-04T11:57:36Z"),
        updated_at: date_time("2014-08-04T12:03:22Z"),
    };
    vec![
        User {
            id: API_USER_ID,
            email: API_USER.into(),
            role: "owner".into(),
            devices: vec![device],
            access_profile: None,
        },
        User {
            id: 1,
            email: "ada@cloud66.com".into(),
            role: "Administrator".into(),
            devices: Vec::new(),
            access_profile: None,
        },
    ]
}

/// `users_list`
pub(super) fn users_list(state: &mut State, call: &Call) -> ApiResult {
    call.list(&state.users, User::render)
}

/// `users_show`, by ID
pub(super) fn users_show(state: &mut State, call: &Call) -> ApiResult {
    Ok(object(find(state, call)?.render()))
}

/// `users_update`, which applies only the access profile
pub(super) fn users_update(state: &mut State, call: &Call) -> ApiResult {
    let user = find(state, call)?;
    let profile = call.parameters()?.object("access_profile").unwrap_or_default();
    if !profile.contains_key("account_profile") && !profile.contains_key("stack_profiles") {
        return Err(ApiError::bad_request(
            "The parameter `access_profile` must have `account_profile` or `stack_profiles`.",
        ));
    }
    check_profile(&profile)?;
    user.access_profile = Some(profile);
    Ok(object(user.render_without_rights()))
}

/// Refuses rights and roles of other types than the documented ones.
fn check_profile(profile: &Map<String, Value>) -> Result<(), ApiError> {
    let are_texts = |list: &Value| list.as_array().is_some_and(|texts| texts.iter().all(Value::is_string));
    let is_right =
        |(name, value): (&String, &Value)| if name == "default_roles" { are_texts(value) } else { value.is_boolean() };
    let is_role = |role: &Value| role["stack_uid"].is_string() && role["role"].is_string();
    let account = profile
        .get("account_profile")
        .map(|rights| rights.as_object().is_some_and(|rights| rights.iter().all(is_right)));
    let stacks =
        profile.get("stack_profiles").map(|roles| roles.as_array().is_some_and(|roles| roles.iter().all(is_role)));
    for (name, fits) in [("account_profile", account), ("stack_profiles", stacks)] {
        if fits == Some(false) {
            return Err(ApiError::bad_request(format!("In `access_profile`, `{name}` has a value of the wrong type.")));
        }
    }
    Ok(())
}

/// `devices_create`; a known token is registered again, as in the documented requests
pub(super) fn devices_create(state: &mut State, call: &Call) -> ApiResult {
    let user = find(state, call)?;
    let parameters = call.parameters()?;
    let token = parameters.text("token").unwrap_or_default();
    let now = call.clock.now;
    let position = user.devices.iter().position(|device| device.token == token).unwrap_or_else(|| {
        user.devices.push(Device { kind: 1, sub_type: 1, token, created_at: now, updated_at: now });
        user.devices.len() - 1
    });
    let device = &mut user.devices[position];
    device.change(&parameters, now);
    Ok(object(device.render()))
}

/// `devices_update`, which is documented without a body in its reply
pub(super) fn devices_update(state: &mut State, call: &Call) -> ApiResult {
    let user = find(state, call)?;
    let parameters = call.parameters()?;
    let position = position(user, &parameters.text("token").unwrap_or_default())?;
    user.devices[position].change(&parameters, call.clock.now);
    Ok(Payload::Empty)
}

/// `devices_delete`, which is documented without a body in its reply
pub(super) fn devices_delete(state: &mut State, call: &Call) -> ApiResult {
    let user = find(state, call)?;
    let position = position(user, call.path_param("token"))?;
    user.devices.remove(position);
    Ok(Payload::Empty)
}

fn find<'s>(state: &'s mut State, call: &Call) -> Result<&'s mut User, ApiError> {
    let id = call.id("user_id", "user")?;
    let user = state.users.iter_mut().find(|user| user.id == id);
    user.ok_or_else(|| ApiError::not_found(format!("User {id} not found.")))
}

fn position(user: &User, token: &str) -> Result<usize, ApiError> {
    let position = user.devices.iter().position(|device| device.token == token);
    position.ok_or_else(|| ApiError::not_found(format!("User {} has no device `{token}`.", user.id)))
}
