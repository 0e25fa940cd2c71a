//! Copying files to and from a real server on this machine.

use std::fs;

use crate::ssh::{World, files_below};
use crate::support::sshd::Sshd;
use crate::support::test_env::{Run, finish};

struct Place {
    sshd: Sshd,
    world: World,
}

impl Place {
    fn new() -> Option<Self> {
        let sshd = Sshd::start()?;
        let world = World::new(sshd.port, &sshd.user, &sshd.key());
        fs::create_dir(sshd.folder().join("remote")).expect("a folder");
        Some(Self { sshd, world })
    }

    fn remote(&self, name: &str) -> String {
        self.sshd.folder().join("remote").join(name).to_str().expect("a path").to_owned()
    }

    fn run(&self, words: &[&str]) -> Run {
        finish(&mut self.world.command(&[words, &["--port", &self.sshd.port.to_string()]].concat()))
    }

    fn here(&self, name: &str) -> std::path::PathBuf {
        self.world.test_env.home().join(name)
    }
}

#[test]
fn files_are_copied_whatever_their_names_are() {
    let Some(place) = Place::new() else { return };
    for (name, content) in
        [("plain", "one"), ("two words", "two"), ("it's $(touch pwned)", "three"), ("*[a]?", "four"), ("-n", "five")]
    {
        fs::write(place.here(name), content).expect("a file");
        place.run(&["upload", "web-one", &format!("./{name}"), &place.remote(name)]).code(0);
        assert_eq!(fs::read_to_string(place.remote(name)).expect(name), content);
        fs::remove_file(place.here(name)).expect("a file");
        place.run(&["download", "web-one", &place.remote(name)]).code(0);
        assert_eq!(fs::read_to_string(place.here(name)).expect(name), content);
        fs::remove_file(place.here(name)).expect("a file");
        place.run(&["cp", &format!("web-one:{}", place.remote(name)), "copy", "--force"]).code(0);
        assert_eq!(fs::read_to_string(place.here("copy")).expect(name), content);
    }
    assert!(!files_below(&place.sshd.folder()).iter().any(|path| path.ends_with("pwned")));
    assert!(place.world.keys_on_disk().is_empty());
}

#[test]
fn an_existing_file_is_replaced_only_when_asked_and_only_by_a_whole_one() {
    let Some(place) = Place::new() else { return };
    fs::write(place.remote("x"), "theirs").expect("a file");
    fs::write(place.here("x"), "mine").expect("a file");
    let refused = place.run(&["download", "web-one", &place.remote("x")]).code(2);
    assert!(refused.stderr.contains("already exists"), "{}", refused.stderr);
    assert_eq!(fs::read_to_string(place.here("x")).expect("x"), "mine");
    let missing = place.run(&["download", "web-one", &place.remote("missing"), "x", "--force"]);
    assert!(missing.code != 0 && missing.stderr.contains("No such file"), "{}", missing.stderr);
    assert_eq!(fs::read_to_string(place.here("x")).expect("x"), "mine");
    place.run(&["download", "web-one", &place.remote("x"), "--force"]).code(0);
    assert_eq!(fs::read_to_string(place.here("x")).expect("x"), "theirs");
    let parts = fs::read_dir(place.world.test_env.home()).expect("a folder").filter_map(Result::ok);
    assert!(!parts.map(|entry| entry.file_name()).any(|name| name.to_string_lossy().contains(".part")));
}

#[test]
fn folders_are_copied_with_what_they_contain() {
    let Some(place) = Place::new() else { return };
    fs::create_dir_all(place.here("site/deep")).expect("folders");
    fs::write(place.here("site/deep/page"), "content").expect("a file");
    let refused = place.run(&["upload", "web-one", "site", &place.remote("")]).code(2);
    assert!(refused.stderr.contains("is a folder"), "{}", refused.stderr);
    place.run(&["upload", "web-one", "site", &place.remote(""), "-r"]).code(0);
    assert_eq!(fs::read_to_string(place.remote("site/deep/page")).expect("a page"), "content");
    place.run(&["download", "web-one", &place.remote("site"), "back", "-r"]).code(0);
    assert_eq!(fs::read_to_string(place.here("back/deep/page")).expect("a page"), "content");
    place.run(&["download", "web-one", &place.remote("site"), "back", "-r", "--force"]).code(0);
    assert_eq!(fs::read_to_string(place.here("back/site/deep/page")).expect("a page"), "content");
}
