//! Finds a stack by UID, name, or the current checkout.

use crate::cloud66::envelope::Document;
use crate::cloud66::stacks::Stack;
use crate::error::{Error, Kind, Result};
use crate::text::sanitize::sanitize;

use crate::resource::find::{MAX_SUGGESTIONS, folded, listed, suggestions};

/// The stack of a command.
#[derive(Clone, Debug)]
pub(crate) struct StackRef {
    /// Its UID.
    pub(crate) uid: String,
    /// Its fields, if they were fetched.
    pub(crate) stack: Option<Stack>,
    /// Its name with its environment on a command line, if no other stack has both.
    pub(crate) name: Option<String>,
}

impl StackRef {
    /// Its name in messages.
    pub(crate) fn label(&self) -> String {
        self.stack.as_ref().map_or_else(|| self.uid.clone(), |stack| sanitize(&stack.label()).into_owned())
    }

    /// Whether that is its UID, or its name with its environment.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        let label = self.stack.as_ref().map(crate::cloud66::stacks::Stack::label);
        name.trim() == self.uid || label.is_some_and(|label| folded(&label) == folded(name.trim()))
    }

    /// Whether it is in that environment, as far as its fields were fetched.
    pub(crate) fn is_in(&self, environment: &str) -> bool {
        let given = self.stack.as_ref().and_then(|stack| stack.environment.as_deref()).unwrap_or_default();
        folded(given) == folded(environment)
    }

    /// The flag for it on a command line: by its name if that is unique, otherwise by its UID.
    pub(crate) fn flag(&self) -> String {
        format!("-s {}", self.name.as_deref().unwrap_or(&self.uid))
    }

    /// The same stack, with its name on a command line if that chooses it among `stacks`.
    fn named_among(&self, stacks: &[StackRef]) -> Self {
        let needs_no_quotes = |name: &String| {
            name.starts_with(char::is_alphanumeric)
                && name.chars().all(|letter| letter.is_alphanumeric() || "-_./@".contains(letter))
        };
        let name = self.stack.as_ref().map(|stack| folded(&stack.label())).filter(needs_no_quotes);
        let is_unique = |name: &String| matches!(found(stacks, name, None).as_slice(), [one] if one.uid == self.uid);
        Self { name: name.filter(is_unique), ..self.clone() }
    }
}

impl TryFrom<&Document> for StackRef {
    type Error = Error;

    fn try_from(document: &Document) -> Result<Self> {
        let stack: Stack = document.view()?;
        let uid = stack.uid.clone().ok_or_else(|| {
            Error::new(Kind::BadReply, "the API returned a stack without a UID").hint("see c66 stacks list -o json")
        })?;
        Ok(Self { uid, stack: Some(stack), name: None })
    }
}

/// Finds the stack with `wanted` and `environment` among `stacks`.
///
/// A UID comes first, then the exact name, then a unique prefix; `wanted` may be `name@environment`.
///
/// # Errors
/// If there is no match ([`Kind::NotFound`], with the most similar names), or several ([`Kind::AmbiguousStack`],
/// listing them).
pub(crate) fn choose(stacks: &[StackRef], wanted: &str, environment: Option<&str>) -> Result<StackRef> {
    match found(stacks, wanted, environment).as_slice() {
        [one] => Ok(one.named_among(stacks)),
        [] => Err(unknown(stacks, wanted, environment)),
        several => Err(ambiguous(wanted, several)),
    }
}

/// The UIDs of all stacks that `wanted` and `environment` can mean.
///
/// # Errors
/// If there is none ([`Kind::NotFound`], with the most similar names).
pub(crate) fn all_matching<'s>(
    stacks: &'s [StackRef],
    wanted: &str,
    environment: Option<&str>,
) -> Result<Vec<&'s str>> {
    let found = found(stacks, wanted, environment);
    if found.is_empty() {
        return Err(unknown(stacks, wanted, environment));
    }
    Ok(found.into_iter().map(|target| target.uid.as_str()).collect())
}

/// The stacks that `wanted` means, in the order of [`choose`].
fn found<'s>(stacks: &'s [StackRef], wanted: &str, environment: Option<&str>) -> Vec<&'s StackRef> {
    let is_it = |target: &&StackRef| target.uid == wanted && environment.is_none_or(|e| target.is_in(e));
    if let Some(found) = stacks.iter().find(is_it) {
        return vec![found];
    }
    let whole = matches(stacks, wanted, environment);
    // Only if no stack has that full name is the part after `@` an environment.
    let found = match wanted.rsplit_once('@') {
        Some((name, after)) if whole.is_empty() && !name.is_empty() => matches(stacks, name, Some(after)),
        _ => whole,
    };
    // A narrow table shows the first letters of a UID.
    if found.is_empty() { uid_prefix(stacks, wanted, environment) } else { found }
}

/// The shortest readable name that finds this stack: `awesome-app@staging`; its UID if that finds another.
pub(crate) fn short_name(stacks: &[StackRef], target: &StackRef) -> String {
    let name = folded(&target.label());
    let finds_it = |name: &String| choose(stacks, name, None).is_ok_and(|found| found.uid == target.uid);
    Some(name).filter(finds_it).unwrap_or_else(|| target.uid.clone())
}

fn matches<'s>(stacks: &'s [StackRef], name: &str, environment: Option<&str>) -> Vec<&'s StackRef> {
    let name = folded(name);
    let in_environment: Vec<(&StackRef, String)> = stacks
        .iter()
        .filter(|target| environment.is_none_or(|environment| target.is_in(environment)))
        .map(|target| (target, folded(target_name(target))))
        .collect();
    let with = |test: &dyn Fn(&str) -> bool| -> Vec<&StackRef> {
        in_environment.iter().filter(|(_, given)| test(given)).map(|(target, _)| *target).collect()
    };
    let exact = with(&|given| given == name);
    if exact.is_empty() && !name.is_empty() { with(&|given| given.starts_with(&name)) } else { exact }
}

fn uid_prefix<'s>(stacks: &'s [StackRef], wanted: &str, environment: Option<&str>) -> Vec<&'s StackRef> {
    const MIN_UID_PREFIX: usize = 6;
    let is_one = wanted.len() >= MIN_UID_PREFIX && wanted.bytes().all(|byte| byte.is_ascii_hexdigit());
    let fits = |target: &&StackRef| target.uid.starts_with(wanted) && environment.is_none_or(|e| target.is_in(e));
    stacks.iter().filter(|_| is_one).filter(fits).collect()
}

fn target_name(target: &StackRef) -> &str {
    target.stack.as_ref().and_then(|stack| stack.name.as_deref()).unwrap_or_default()
}

fn unknown(stacks: &[StackRef], wanted: &str, environment: Option<&str>) -> Error {
    let place = environment.map(|environment| format!(" in environment `{environment}`")).unwrap_or_default();
    let mut error = Error::not_found(format!("stack `{wanted}` not found{place}"));
    let labels: Vec<String> = stacks.iter().map(StackRef::label).collect();
    let name = wanted.rsplit_once('@').map_or(wanted, |(name, _)| name);
    let near: Vec<&str> = {
        let names: Vec<&str> = stacks.iter().map(target_name).collect();
        suggestions(&name.replace(['-', '_'], " "), names)
    };
    for near in near {
        let in_them =
            labels.iter().filter(|label| label.starts_with(&*sanitize(near))).map(|label| format!("`{label}`"));
        let in_them: Vec<String> = in_them.take(MAX_SUGGESTIONS).collect();
        error = error.hint(format!("did you mean {}?", in_them.join(" or ")));
    }
    error.hint("c66 stacks list")
}

fn ambiguous(wanted: &str, several: &[&StackRef]) -> Error {
    let lines: Vec<_> = several.iter().map(|target| (target.label(), target.uid.as_str())).collect();
    Error::new(Kind::AmbiguousStack, format!("`{wanted}` matches {} stacks", several.len()))
        .cause(listed(&lines))
        .hint("pass name@environment, --environment or a UID")
}

/// The stack with the repository and branch of this checkout; `None` unless there is exactly one.
pub(crate) fn of_checkout(stacks: &[StackRef], remotes: &[String], branch: &str) -> Option<StackRef> {
    let mut fitting = stacks.iter().filter(|target| {
        let Some(stack) = &target.stack else { return false };
        let repository = stack.git.as_deref().map(repository);
        repository.is_some_and(|one| remotes.iter().any(|remote| self::repository(remote) == one))
            && stack.git_branch.as_deref() == Some(branch)
    });
    let first = fitting.next()?;
    fitting.next().is_none().then(|| first.named_among(stacks))
}

/// Host and path of a repository, in any form of its URL.
pub(crate) fn repository(address: &str) -> String {
    let address = address.trim().trim_end_matches('/');
    let address = address.strip_suffix(".git").unwrap_or(address);
    let without_scheme = address.split_once("://").map_or(address, |(_, rest)| rest);
    let without_user = match without_scheme.split_once('@') {
        Some((user, rest)) if !user.contains('/') => rest,
        _ => without_scheme,
    };
    // The short form of ssh has a colon instead of a slash.
    without_user.replacen(':', "/", 1).to_lowercase()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn target(uid: &str, name: &str, environment: &str) -> StackRef {
        let stack = serde_json::from_value(serde_json::json!({
            "uid": uid, "name": name, "environment": environment,
            "git": "http://github.com/cloud66-samples/awesome-app.git", "git_branch": environment,
        }))
        .unwrap();
        StackRef { uid: uid.to_owned(), stack: Some(stack), name: None }
    }

    fn world() -> Vec<StackRef> {
        vec![
            target("u1", "Awesome App", "production"),
            target("u2", "Awesome App", "staging"),
            target("u3", "Awesome Application", "staging"),
            target("u4", "Shop/Über", "production"),
            target("u5", "me@home", "development"),
        ]
    }

    #[test]
    fn names_are_found_in_every_documented_way() {
        for (wanted, environment, expected) in [
            ("u3", None, "u3"),
            ("awesome-app", Some("staging"), "u2"),
            ("AWESOME_APP@production", None, "u1"),
            ("awesome app@Staging", None, "u2"),
            ("awesome-appl", None, "u3"),
            ("shop", None, "u4"),
            ("shop/über", None, "u4"),
            ("me@home", None, "u5"),
            ("me@home@development", None, "u5"),
        ] {
            assert_eq!(choose(&world(), wanted, environment).unwrap().uid, expected, "{wanted}");
        }
    }

    #[test]
    fn a_hint_names_a_stack_by_name_if_that_is_unique() {
        let flag = |stacks: &[StackRef], wanted: &str| choose(stacks, wanted, None).unwrap().flag();
        let mut stacks = world();
        assert_eq!(flag(&stacks, "u1"), "-s awesome-app@production");
        assert_eq!(flag(&stacks, "me@home"), "-s me@home@development");
        stacks.push(target("u6", "awesome_app", "production"));
        assert_eq!(flag(&stacks, "u1"), "-s u1");
        stacks.push(target("u7", "a; rm", "production"));
        assert_eq!(flag(&stacks, "u7"), "-s u7");
    }

    #[test]
    fn several_matches_are_listed_and_no_match_has_suggestions() {
        let error = choose(&world(), "awesome-app", None).unwrap_err();
        assert_eq!(error.kind(), Kind::AmbiguousStack);
        assert_eq!(error.cause_text(), Some("Awesome App@production  u1\nAwesome App@staging     u2"));
        let error = choose(&world(), "awesome-apq", None).unwrap_err();
        assert_eq!(error.kind(), Kind::NotFound);
        assert!(error.hints()[0].contains("Awesome App@production"), "{:?}", error.hints());
        assert_eq!(choose(&world(), "", None).unwrap_err().kind(), Kind::NotFound);
    }

    #[test]
    fn a_checkout_chooses_only_a_unique_stack() {
        let remotes = ["git@github.com:Cloud66-Samples/awesome-app".to_owned()];
        assert_eq!(of_checkout(&world(), &remotes, "development").unwrap().uid, "u5");
        assert!(of_checkout(&world(), &remotes, "staging").is_none());
        assert!(of_checkout(&world(), &remotes, "main").is_none());
    }
}
