//! The paths of a server, which are those of its folder on this machine.

/// Files of the machine that hold nothing of it.
const SHARED: [&str; 8] =
    ["/dev/null", "/dev/zero", "/dev/urandom", "/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/tty", "/dev/fd"];

/// What the scanner is inside of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quotes {
    None,
    Single,
    Double,
}

/// A command line for a POSIX shell with `root` before every word that begins with a slash, also after a quote, an
/// operator, `=` or `:`.
///
/// It reads the line as text: a path that the shell itself puts together stays as it is, and so does one for which
/// `stays` holds. The kernel is what keeps commands in the folder; this makes paths lead there.
pub(crate) fn mapped(line: &str, root: &str, stays: &dyn Fn(&str) -> bool) -> String {
    let mut out = String::with_capacity(line.len() + root.len());
    let mut quotes = Quotes::None;
    // Whether a word may begin here.
    let mut at_start = true;
    let mut letters = line.char_indices();
    while let Some((at, letter)) = letters.next() {
        let rest = &line[at..];
        if letter == '/' && at_start && !is_shared(rest) && !stays(path_of(rest)) {
            let root = quoted(root, quotes);
            if !is_mapped(rest, &root) {
                out.push_str(&root);
            }
        }
        out.push(letter);
        at_start = match (letter, quotes) {
            ('\'', Quotes::None) => {
                quotes = Quotes::Single;
                true
            }
            ('"', Quotes::None) => {
                quotes = Quotes::Double;
                true
            }
            ('\'', Quotes::Single) | ('"', Quotes::Double) => {
                quotes = Quotes::None;
                // `"$HOME"/x` goes on with the same word.
                false
            }
            ('\\', Quotes::None | Quotes::Double) => {
                out.extend(letters.next().map(|(_, next)| next));
                false
            }
            // In quotes there may be a line for another shell.
            _ => letter.is_whitespace() || "=:<>(;|&,`'\"".contains(letter),
        };
    }
    out
}

fn is_shared(rest: &str) -> bool {
    SHARED.iter().any(|path| {
        rest.strip_prefix(path).is_some_and(|after| {
            let is_folder = path.ends_with("/fd");
            after.chars().next().is_none_or(|next| if next == '/' { is_folder } else { !is_of_name(next) })
        })
    }) && !has_parent(rest)
}

/// The path that a text begins with, as far as it has only plain letters.
fn path_of(rest: &str) -> &str {
    let end = rest.find(|letter| !is_of_name(letter) && !"/+".contains(letter));
    &rest[..end.unwrap_or(rest.len())]
}

/// Whether the path begins with the folder already, as those do that a program has got from a server.
fn is_mapped(rest: &str, root: &str) -> bool {
    rest.strip_prefix(root).is_some_and(|after| after.chars().next().is_none_or(|next| !is_of_name(next)))
        && !has_parent(rest)
}

/// Whether the word leads upwards.
fn has_parent(rest: &str) -> bool {
    rest.split([' ', '\'', '"']).next().is_some_and(|word| word.contains(".."))
}

fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || "._-".contains(letter)
}

/// The text so that the shell reads it unchanged there.
fn quoted(text: &str, quotes: Quotes) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./+,".contains(&byte);
    match quotes {
        _ if text.bytes().all(is_plain) => text.to_owned(),
        Quotes::None => format!("'{}'", text.replace('\'', r"'\''")),
        Quotes::Single => text.replace('\'', r"'\''"),
        Quotes::Double => text
            .chars()
            .flat_map(|letter| "\\\"$`".contains(letter).then_some('\\').into_iter().chain([letter]))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_that_begins_with_a_slash_is_in_the_folder() {
        for (line, expected) in [
            ("cat /etc/passwd", "cat R/etc/passwd"),
            ("cat '/etc/passwd' \"/etc/shadow\"", "cat 'R/etc/passwd' \"R/etc/shadow\""),
            ("A=/x dd if=/a of=/b 2>/c </d", "A=R/x dd if=R/a of=R/b 2>R/c <R/d"),
            ("cd /;ls /|cat&&/bin/x", "cd R/;ls R/|cat&&R/bin/x"),
            ("sh -c 'cat \"/etc/passwd\" >/dev/null'", "sh -c 'cat \"R/etc/passwd\" >/dev/null'"),
            ("echo `/x` $(/y) \\\"/z", "echo `R/x` $(R/y) \\\"/z"),
            (">/dev/null 2>&1", ">/dev/null 2>&1"),
            ("cat /dev/null/../../etc/passwd /dev/nullx", "cat R/dev/null/../../etc/passwd R/dev/nullx"),
            ("cat /dev/fd/3 /dev/fd/../../etc/passwd", "cat /dev/fd/3 R/dev/fd/../../etc/passwd"),
            ("bin/rails a/b ./c ~/d \"$HOME\"/e s/a/b/", "bin/rails a/b ./c ~/d \"$HOME\"/e s/a/b/"),
            ("echo é/x /é", "echo é/x R/é"),
            ("", ""),
        ] {
            assert_eq!(mapped(line, "R", &|_| false), expected, "{line}");
        }
    }

    #[test]
    fn a_path_in_the_folder_stays_as_it_is() {
        let root = "/it's/root";
        for (line, expected) in [
            ("cat /r/etc/x '/r/x'", "cat /r/etc/x '/r/x'"),
            ("cd /r; ls /r /r/", "cd /r; ls /r /r/"),
            ("cat /rx /r.d /r/../x", "cat /r/rx /r/r.d /r/r/../x"),
        ] {
            assert_eq!(mapped(line, "/r", &|_| false), expected, "{line}");
        }
        let quoted = r"cat '/it'\''s/root/x'";
        assert_eq!(mapped(quoted, root, &|_| false), quoted);
    }

    #[test]
    fn some_paths_can_stay() {
        let line = "/bin/sh -c '/usr/bin/g++ /x; /usr/bin/g++x'";
        let expected = "R/bin/sh -c '/usr/bin/g++ R/x; R/usr/bin/g++x'";
        assert_eq!(mapped(line, "R", &|path| path == "/usr/bin/g++"), expected);
    }

    #[test]
    fn a_folder_with_any_name_stays_one_word() {
        let root = "/it's $a \"b\"\\`c";
        for line in ["/x", "'/x'", "\"/x\"", "--file=/x"] {
            let words = shlex::split(&mapped(line, root, &|_| false));
            let expected = format!("{}{root}/x", if line.starts_with('-') { "--file=" } else { "" });
            assert_eq!(words, Some(vec![expected]), "{line}");
        }
    }
}
