//! Where the program keeps its files.

use std::path::PathBuf;

use super::variables::ProcessEnv;
use crate::error::{Error, Kind, Result};

const FOLDER: &str = "c66";

/// The config file: `C66_CONFIG`, else `config.toml` in `C66_CONFIG_DIR`, else in the user's config folder.
pub(crate) fn config_file(variables: &ProcessEnv) -> Result<PathBuf> {
    if let Some(path) = variables.path("C66_CONFIG") {
        return Ok(absolute(path));
    }
    if let Some(folder) = variables.path("C66_CONFIG_DIR") {
        return Ok(absolute(folder).join("config.toml"));
    }
    let folder = user_folder(variables, "XDG_CONFIG_HOME", dirs::config_dir);
    folder.map(|folder| folder.join("config.toml")).ok_or_else(|| {
        Error::new(Kind::Config, "no home directory for the config file").hint("set C66_CONFIG to the file to use")
    })
}

/// The folder for state.
pub(crate) fn state_dir(variables: &ProcessEnv) -> Result<PathBuf> {
    // macOS and Windows have no such folder.
    let find = || dirs::state_dir().or_else(dirs::data_local_dir);
    user_folder(variables, "XDG_STATE_HOME", find)
        .ok_or_else(|| Error::new(Kind::Config, "no home directory for state").hint("set XDG_STATE_HOME to a folder"))
}

/// The folder for the cache.
pub(crate) fn cache_dir(variables: &ProcessEnv) -> Result<PathBuf> {
    user_folder(variables, "XDG_CACHE_HOME", dirs::cache_dir).ok_or_else(|| {
        Error::new(Kind::Config, "no home directory for the cache").hint("set XDG_CACHE_HOME to a folder")
    })
}

/// The folder for files that live as long as a process: in the user's runtime folder, else among the temporary files.
pub(crate) fn runtime_dir(variables: &ProcessEnv) -> PathBuf {
    let runtime = variables.path("XDG_RUNTIME_DIR").filter(|path| path.is_absolute() && path.is_dir());
    if let Some(folder) = runtime {
        return folder.join(FOLDER);
    }
    // Other users have the same folder for temporary files.
    #[cfg(unix)]
    let name = format!("{FOLDER}-{}", rustix::process::geteuid().as_raw());
    #[cfg(not(unix))]
    let name = FOLDER;
    absolute(std::env::temp_dir()).join(name)
}

/// The state file of the sandbox: `C66_SANDBOX_STATE`, else `sandbox.json` in the state folder.
pub(crate) fn sandbox_state(variables: &ProcessEnv) -> Result<PathBuf> {
    match variables.path("C66_SANDBOX_STATE") {
        Some(path) => Ok(absolute(path)),
        None => state_dir(variables)
            .map(|folder| folder.join("sandbox.json"))
            .map_err(|error| error.hint("or set C66_SANDBOX_STATE to the file to use")),
    }
}

fn user_folder(variables: &ProcessEnv, xdg: &str, find: fn() -> Option<PathBuf>) -> Option<PathBuf> {
    // The XDG rules: relative paths are ignored. `dirs` follows them on Linux only.
    let chosen = variables.path(xdg).filter(|path| path.is_absolute());
    chosen.or_else(|| variables.user_folder(find)).map(|folder| folder.join(FOLDER))
}

// A path in a message or a hint must be valid in any working directory.
fn absolute(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    #[cfg(unix)]
    use std::path::Path;

    use super::*;

    #[test]
    fn the_most_specific_variable_names_the_config_file() {
        let all = [("C66_CONFIG", "/a/x.toml"), ("C66_CONFIG_DIR", "/b"), ("XDG_CONFIG_HOME", "/c")];
        let file = |from: usize| config_file(&ProcessEnv::from_pairs(all[from..].iter().copied())).unwrap();
        assert_eq!(file(0), absolute(PathBuf::from("/a/x.toml")));
        assert_eq!(file(1), absolute(PathBuf::from("/b")).join("config.toml"));
        #[cfg(unix)]
        assert_eq!(file(2), Path::new("/c/c66/config.toml"));
    }

    #[test]
    fn without_a_home_the_error_says_what_to_set() {
        let nothing = ProcessEnv::from_pairs([("XDG_CONFIG_HOME", "relative")]);
        let error = config_file(&nothing).unwrap_err();
        assert_eq!(error.kind(), Kind::Config);
        assert!(error.hints()[0].contains("C66_CONFIG"));
        assert!(sandbox_state(&nothing).unwrap_err().hints().iter().any(|hint| hint.contains("C66_SANDBOX_STATE")));
        assert!(cache_dir(&nothing).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn state_and_cache_have_their_own_folders() {
        let variables = ProcessEnv::from_pairs([("XDG_STATE_HOME", "/s"), ("XDG_CACHE_HOME", "/k")]);
        assert_eq!(sandbox_state(&variables).unwrap(), Path::new("/s/c66/sandbox.json"));
        assert_eq!(cache_dir(&variables).unwrap(), Path::new("/k/c66"));
    }
}
