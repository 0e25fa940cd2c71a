//! Databases of a server group, and their users. Every change is an action, or done at once.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::actions::{Action, Effect};
use super::call::Call;
use super::parameters::Parameters;
use super::reply::{ApiError, ApiResult, Payload};
use super::servers::{self, ServerGroup};
use super::{Stack, State};
use crate::sandbox::clock::iso;
use crate::sandbox::pseudorandom;

/// How long creating takes, in seconds at normal speed.
const DURATION: f64 = 3.0;
/// The types of a server group that has databases.
const DATABASE_KINDS: [&str; 2] = ["mysql", "postgresql"];

/// A database.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Database {
    group: u64,
    uid: String,
    name: String,
    created_at: Timestamp,
}

/// Who may log in to databases.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct DatabaseUser {
    group: u64,
    uid: String,
    username: String,
    user_type: String,
    /// The UIDs of its databases.
    databases: Vec<String>,
    password: String,
    created_at: Timestamp,
}

impl Database {
    fn render(&self, stack: &Stack) -> Value {
        let is_postgresql = group_kind(stack, self.group) == Some("postgresql");
        let (charset, collation) =
            if is_postgresql { ("UTF8", "en_US.UTF-8") } else { ("utf8mb4", "utf8mb4_general_ci") };
        let all = users(stack);
        let own = all.iter().filter(|user| user.databases.contains(&self.uid));
        let own: Vec<Value> = own.map(|user| json!({ "uid": user.uid, "username": user.username })).collect();
        json!({
            "uid": self.uid,
            "name": self.name,
            "charset": charset,
            "collation": collation,
            "size_bytes": 8_192_000 + self.name.len() * 4096,
            "created_at": iso(self.created_at),
            "users": own,
        })
    }
}

impl DatabaseUser {
    fn render(&self, stack: &Stack, with_password: bool) -> Value {
        let all = databases(stack);
        let own = all.iter().filter(|database| self.databases.contains(&database.uid));
        let own: Vec<Value> = own.map(|database| json!({ "uid": database.uid, "name": database.name })).collect();
        let mut user = json!({
            "uid": self.uid,
            "username": self.username,
            "databases": own,
            "user_type": self.user_type,
            "created_at": iso(self.created_at),
        });
        if with_password {
            user["password"] = self.password.as_str().into();
        }
        user
    }
}

fn group_kind(stack: &Stack, id: u64) -> Option<&'static str> {
    servers::groups(stack).into_iter().find(|group| group.id == id).map(|group| group.kind)
}

/// The groups of a stack with databases; a stack that was never deployed has none.
fn database_groups(stack: &Stack) -> impl Iterator<Item = ServerGroup> {
    let deployed = stack.was_deployed();
    servers::groups(stack).into_iter().filter(move |group| deployed && DATABASE_KINDS.contains(&group.kind))
}

/// The name of the database and the user that come with a stack.
fn initial_name(stack: &Stack) -> String {
    servers::dns_label(&stack.name).replace('-', "_")
}

fn new_database(stack: &Stack, group: u64, name: &str, identity: &str, now: Timestamp) -> Database {
    let uid = pseudorandom::hex(&format!("database {name} of {} {identity}", stack.uid), 32);
    Database { group, uid, name: name.into(), created_at: now }
}

fn databases(stack: &Stack) -> Vec<Database> {
    stack.parts.databases.clone().unwrap_or_else(|| {
        let database =
            |group: ServerGroup| new_database(stack, group.id, &initial_name(stack), "first", stack.created_at);
        database_groups(stack).map(database).collect()
    })
}

fn users(stack: &Stack) -> Vec<DatabaseUser> {
    if let Some(users) = &stack.parts.database_users {
        return users.clone();
    }
    let name = initial_name(stack);
    let user = |group: ServerGroup| DatabaseUser {
        uid: pseudorandom::hex(&format!("database user {name} of {}", stack.uid), 32),
        username: name.clone(),
        user_type: "application".into(),
        databases: vec![new_database(stack, group.id, &name, "first", stack.created_at).uid],
        password: pseudorandom::alphanumeric(&format!("database password of {}", stack.uid), 16),
        created_at: stack.created_at,
        group: group.id,
    };
    database_groups(stack).map(user).collect()
}

/// The server group in the path.
fn group(stack: &Stack, call: &Call) -> Result<u64, ApiError> {
    let groups = servers::groups(stack);
    call.find("server_group_id", "server group", &groups, |group| group.id).map(|group| group.id)
}

/// The same for an addition: it must have databases.
fn database_group(stack: &Stack, call: &Call) -> Result<u64, ApiError> {
    let group = group(stack, call)?;
    if database_groups(stack).any(|one| one.id == group) {
        return Ok(group);
    }
    Err(ApiError::conflict(format!("The server group {group} has no databases.")))
}

/// The UIDs in a parameter, each of which must be `known`.
fn uids(parameters: &Parameters, name: &str, known: &[&str]) -> Result<Vec<String>, ApiError> {
    let given: Vec<Value> = parameters.array(name);
    let uid = |value: &Value| match value.as_str().filter(|uid| known.contains(uid)) {
        Some(uid) => Ok(uid.to_owned()),
        None => Err(ApiError::not_found(format!("The parameter `{name}` has an unknown UID: {value}."))),
    };
    given.iter().map(uid).collect()
}

/// Adds a database that an action created; its `users` may log in.
pub(super) fn add_database(
    stack: &mut Stack,
    group: u64,
    name: &str,
    users_of: &[String],
    identity: &str,
    now: Timestamp,
) {
    let new = new_database(stack, group, name, identity, now);
    let (mut databases, mut users) = (databases(stack), users(stack));
    for user in users.iter_mut().filter(|user| users_of.contains(&user.uid)) {
        user.databases.push(new.uid.clone());
    }
    databases.push(new);
    stack.parts.databases = Some(databases);
    stack.parts.database_users = Some(users);
}

/// Adds a user that an action created.
pub(super) fn add_user(
    stack: &mut Stack,
    group: u64,
    (username, user_type): (&str, &str),
    databases: &[String],
    identity: &str,
    now: Timestamp,
) {
    let mut users = users(stack);
    users.push(DatabaseUser {
        group,
        uid: pseudorandom::hex(&format!("database user {username} of {} {identity}", stack.uid), 32),
        username: username.into(),
        user_type: user_type.into(),
        databases: databases.to_vec(),
        password: pseudorandom::alphanumeric(&format!("password {identity} of {}", stack.uid), 16),
        created_at: now,
    });
    stack.parts.database_users = Some(users);
}

/// `databases_list`
pub(super) fn databases_list(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call)?;
    let group = group(stack, call)?;
    let databases: Vec<Database> = databases(stack).into_iter().filter(|database| database.group == group).collect();
    call.list(&databases, |database| database.render(stack))
}

/// `databases_create`
pub(super) fn databases_create(state: &mut State, call: &Call) -> ApiResult {
    let (stack, ids) = state.stack_mut(call)?;
    let group = database_group(stack, call)?;
    let parameters = call.parameters()?;
    let name = parameters.text("database_name").unwrap_or_default();
    if databases(stack).iter().any(|database| database.group == group && database.name == name) {
        return Err(ApiError::conflict(format!("The database `{name}` already exists.")));
    }
    let known = users(stack);
    let known: Vec<&str> = known.iter().filter(|user| user.group == group).map(|user| user.uid.as_str()).collect();
    let users = uids(&parameters, "database_user_ids", &known)?;
    let action = Action::start(ids, stack, "database_create", call.clock, DURATION);
    let action = action.failing_on("the database server refused the name", std::slice::from_ref(&name));
    Ok(action.with_effect(Effect::AddDatabase { group, name, users }).add_to(stack))
}

/// `databases_delete`, whose reply is not documented
pub(super) fn databases_delete(state: &mut State, call: &Call) -> ApiResult {
    let (stack, _) = state.stack_mut(call)?;
    let group = group(stack, call)?;
    let uid = call.path_param("database_uid");
    let (mut databases, mut users) = (databases(stack), users(stack));
    let position = databases.iter().position(|database| database.group == group && database.uid == uid);
    let position = position.ok_or_else(|| ApiError::not_found(format!("The server group has no database `{uid}`.")))?;
    databases.remove(position);
    for user in &mut users {
        user.databases.retain(|database| database != uid);
    }
    stack.parts.databases = Some(databases);
    stack.parts.database_users = Some(users);
    Ok(Payload::Empty)
}

/// `database_users_list`, with passwords if asked
pub(super) fn database_users_list(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call)?;
    let group = group(stack, call)?;
    let with_password = call.parameters()?.text("show_password").as_deref() == Some("true");
    let users: Vec<DatabaseUser> = users(stack).into_iter().filter(|user| user.group == group).collect();
    call.list(&users, |user| user.render(stack, with_password))
}

/// `database_users_create`
pub(super) fn database_users_create(state: &mut State, call: &Call) -> ApiResult {
    let (stack, ids) = state.stack_mut(call)?;
    let group = database_group(stack, call)?;
    let parameters = call.parameters()?;
    let username = parameters.text("username").unwrap_or_default();
    let user_type = parameters.text("user_type").unwrap_or_default();
    if users(stack).iter().any(|user| user.group == group && user.username == username) {
        return Err(ApiError::conflict(format!("The database user `{username}` already exists.")));
    }
    let known = databases(stack);
    let own = known.iter().filter(|database| database.group == group);
    let known: Vec<&str> = own.map(|database| database.uid.as_str()).collect();
    let databases = uids(&parameters, "database_ids", &known)?;
    let action = Action::start(ids, stack, "database_user_create", call.clock, DURATION);
    let action = action.failing_on("the database server refused the name", std::slice::from_ref(&username));
    Ok(action.with_effect(Effect::AddDatabaseUser { group, username, user_type, databases }).add_to(stack))
}

/// `database_users_delete`, whose reply is not documented
pub(super) fn database_users_delete(state: &mut State, call: &Call) -> ApiResult {
    let (stack, _) = state.stack_mut(call)?;
    let mut users = users(stack);
    users.remove(user_position(stack, &users, call)?);
    stack.parts.database_users = Some(users);
    Ok(Payload::Empty)
}

/// `database_users_regenerate_password`, whose reply is not documented
pub(super) fn database_users_regenerate_password(state: &mut State, call: &Call) -> ApiResult {
    let (stack, _) = state.stack_mut(call)?;
    let mut users = users(stack);
    let position = user_position(stack, &users, call)?;
    let old = &users[position].password;
    users[position].password = pseudorandom::alphanumeric(&format!("the password after {old}"), 16);
    stack.parts.database_users = Some(users);
    Ok(Payload::Empty)
}

fn user_position(stack: &Stack, users: &[DatabaseUser], call: &Call) -> Result<usize, ApiError> {
    let group = group(stack, call)?;
    let uid = call.path_param("database_user_uid");
    let position = users.iter().position(|user| user.group == group && user.uid == uid);
    position.ok_or_else(|| ApiError::not_found(format!("The server group has no database user `{uid}`.")))
}
