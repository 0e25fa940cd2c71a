//! Git: the commits of references, and their pages.

use crate::sandbox::pseudorandom;

/// The commit of `git_ref` in a repository: the reference itself if it is a full hash.
pub(super) fn commit(repository: &str, git_ref: &str) -> String {
    if git_ref.len() == 40 && git_ref.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return git_ref.to_owned();
    }
    pseudorandom::hex(&format!("{repository} at {git_ref}"), 40)
}

/// The page of a commit.
pub(super) fn commit_url(repository: &str, commit: &str) -> String {
    format!("https://{}/commit/{commit}", address(repository))
}

/// Whether two URLs, in whatever form, are of the same repository.
pub(super) fn is_same_repository(one: &str, other: &str) -> bool {
    address(one).eq_ignore_ascii_case(&address(other))
}

/// The host and the path of a repository.
fn address(repository: &str) -> String {
    let address = match repository.split_once("://") {
        Some((_, address)) => address.rsplit('@').next().unwrap_or(address).to_owned(),
        None => repository.rsplit('@').next().unwrap_or(repository).replacen(':', "/", 1),
    };
    address.strip_suffix(".git").unwrap_or(&address).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_a_commit_is_found_for_every_form_of_url() {
        for git in
            ["http://github.com/o/r.git", "git@github.com:o/r.git", "ssh://github.com/o/r", "https://github.com/o/r"]
        {
            assert_eq!(commit_url(git, "abc"), "https://github.com/o/r/commit/abc", "{git}");
            assert!(is_same_repository(git, "ssh://git@GitHub.com/o/r.git"), "{git}");
            assert!(!is_same_repository(git, "https://github.com/o/r2"), "{git}");
        }
    }
}
