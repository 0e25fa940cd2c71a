//! The architecture tests detect violations: one made-up circle of each kind, and a crate without any.

use super::circles::{circles, imports};
use super::layers::{climbing, layers, misdrawn};
use super::modules::Crate;

/// A made-up crate.
fn made_up(files: &[(&str, &str)]) -> Crate {
    let files: Vec<(String, String)> = files.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect();
    Crate::parse(&files)
}

/// What closes the circle, and its files.
type Circle = (&'static str, &'static [(&'static str, &'static str)]);

/// Each is a circle of all its files but `lib.rs` and `room/mod.rs`.
const CIRCLES: &[Circle] = &[
    ("crate::", &[("a.rs", "use crate::b::B; pub struct A;"), ("b.rs", "use crate::a::A; pub struct B;")]),
    (
        "super::",
        &[
            ("room/mod.rs", "mod a; mod b;"),
            ("room/a.rs", "use super::b::B; pub struct A;"),
            ("room/b.rs", "use super::a; pub struct B(a::A);"),
        ],
    ),
    ("self::", &[("a.rs", "use self::other::B; use crate::b as other;"), ("b.rs", "pub struct B; use crate::a;")]),
    ("a glob", &[("a.rs", "use crate::b::*;"), ("b.rs", "use crate::a;")]),
    (
        "a name that a glob brings in by a re-export",
        &[
            ("room/mod.rs", "mod inner; pub use inner::Thing;"),
            ("room/inner.rs", "use crate::b; pub struct Thing;"),
            ("b.rs", "use crate::room::*; fn f(_: Thing) {}"),
        ],
    ),
    (
        "a name that a glob brings in from what the parent imports",
        &[
            ("room/mod.rs", "mod child; use crate::b::B;"),
            ("room/child.rs", "use super::*; fn f(_: B) {}"),
            ("b.rs", "use crate::room::child; pub struct B;"),
        ],
    ),
    (
        "nested braces",
        &[
            ("lib.rs", "mod a; mod room;"),
            ("a.rs", "use crate::{room::{self, c::{C, D as E}}};"),
            ("room/mod.rs", "pub mod c;"),
            ("room/c.rs", "use crate::a; pub struct C; pub struct D;"),
        ],
    ),
    (
        "a re-export",
        &[
            ("room/mod.rs", "mod inner; pub(crate) use self::inner::Thing as Known;"),
            ("room/inner.rs", "use crate::b; pub struct Thing;"),
            ("b.rs", "use crate::room::Known;"),
        ],
    ),
    (
        "a re-export of a re-export",
        &[
            ("lib.rs", "mod b; mod room; pub use room::Thing;"),
            ("room/mod.rs", "mod inner; pub use self::inner::*;"),
            ("room/inner.rs", "use crate::b; pub struct Thing;"),
            ("b.rs", "use crate::Thing;"),
        ],
    ),
    ("a path in an expression", &[("a.rs", "fn f() { crate::b::g(); }"), ("b.rs", "use crate::a; pub fn g() {}")]),
    ("a path in a type", &[("a.rs", "fn f(_: Vec<crate::b::B>) {}"), ("b.rs", "use crate::a; pub struct B;")]),
    ("a path in a pattern", &[("a.rs", "fn f() { let crate::b::B = x; }"), ("b.rs", "use crate::a; pub struct B;")]),
    ("a trait that is implemented", &[("a.rs", "impl crate::b::T for A {}"), ("b.rs", "use crate::a; pub trait T {}")]),
    (
        "a path in the tokens of a macro",
        &[("a.rs", "fn f() { vec![1, crate::b::g(2)]; }"), ("b.rs", "use crate::a; pub fn g() {}")],
    ),
    (
        "a use in the tokens of a macro",
        &[("a.rs", "thread_local! { use crate::{b::B, c}; }"), ("b.rs", "use crate::a; pub struct B;")],
    ),
    (
        "the macro itself",
        &[("a.rs", "fn f() { crate::b::say!(); }"), ("b.rs", "use crate::a; macro_rules! say { () => {} }")],
    ),
    (
        "what a macro by example writes",
        &[("a.rs", "macro_rules! m { () => { $crate::b::g() } }"), ("b.rs", "use crate::a; pub fn g() {}")],
    ),
    (
        "an attribute",
        &[
            ("a.rs", "struct A { #[arg(value_parser = crate::b::parse)] a: u8 }"),
            ("b.rs", "use crate::a; fn parse() {}"),
        ],
    ),
    (
        "a text in an attribute",
        &[("a.rs", "struct A { #[serde(with = \"crate::b\")] a: u8 }"), ("b.rs", "use crate::a;")],
    ),
    ("a use inside a function", &[("a.rs", "fn f() { use crate::b::B; }"), ("b.rs", "use crate::a; pub struct B;")]),
    (
        "a module inside a file",
        &[("a.rs", "mod inner { fn f(_: super::super::b::B) {} }"), ("b.rs", "use crate::a; pub struct B;")],
    ),
    ("another system's code", &[("a.rs", "#[cfg(windows)] use crate::b::B;"), ("b.rs", "use crate::a; pub struct B;")]),
    (
        "children of two siblings",
        &[
            ("room/mod.rs", "mod x; mod y;"),
            ("room/x/leaf.rs", "use super::super::y::leaf;"),
            ("room/y/leaf.rs", "use crate::room::x::leaf;"),
        ],
    ),
    (
        "a file and its sibling's child",
        &[
            ("room/mod.rs", "mod x; mod y;"),
            ("room/x.rs", "use super::y::leaf::Leaf;"),
            ("room/y/leaf.rs", "use crate::room::x; pub struct Leaf;"),
        ],
    ),
    ("a third file", &[("a.rs", "use crate::b;"), ("b.rs", "use crate::c;"), ("c.rs", "fn f() { crate::a::g() }")]),
];

#[test]
fn every_kind_of_circle_is_found() {
    for (kind, files) in CIRCLES {
        let mut all: Vec<(&str, &str)> = files.to_vec();
        // With intermediate modules, as in any crate.
        for between in ["lib.rs", "room/x/mod.rs", "room/y/mod.rs"] {
            let is_needed = between == "lib.rs"
                || files.iter().any(|(name, _)| name.starts_with(between.trim_end_matches("mod.rs")));
            if is_needed && !files.iter().any(|(name, _)| *name == between) {
                all.push((
                    between,
                    if between == "lib.rs" { "mod a; mod b; mod c; mod room;" } else { "pub mod leaf;" },
                ));
            }
        }
        let code = made_up(&all);
        let found = circles(&imports(&code));
        let mut expected: Vec<&str> =
            files.iter().map(|(name, _)| *name).filter(|name| !["lib.rs", "room/mod.rs"].contains(name)).collect();
        expected.sort_unstable();
        let expected = format!("{} files: {} (", expected.len(), expected.join(", "));
        assert!(found.len() == 1 && found[0].starts_with(&expected), "{kind}: {found:?}");
    }
}

#[test]
fn no_circle_is_found_where_there_is_none() {
    let code = made_up(&[
        ("lib.rs", "mod a; mod b; mod http; mod room; pub use a::A;"),
        // What is only for tests, in a comment, in a text, of another crate or of a local name imports nothing.
        (
            "a.rs",
            "use std::fmt; use http::Method; use ::http::Uri; pub struct A;\n// use crate::b::B;\nconst T: &str = \"use crate::b;\";
             fn f(room: Room) { room.b(); ::http::get(); }
             #[cfg(test)] use crate::b::B;
             #[cfg(all(test, unix))] mod tests { use crate::b::B; }
             #[cfg(test)] mod fixture;
             impl A { #[cfg(test)] fn g() -> crate::b::B {} }",
        ),
        ("a/fixture.rs", "use crate::b::B;"),
        ("b.rs", "use crate::a::A; use crate::{room, http}; pub struct B;"),
        ("http.rs", "use crate::room::Known;"),
        // A module and its children import each other, and one child another.
        ("room/mod.rs", "mod one; mod two; pub use one::Known; pub struct Own;"),
        ("room/one.rs", "use super::{Own, two::Two}; pub struct Known;"),
        ("room/two.rs", "use super::*; pub struct Two(Own);"),
    ]);
    let imports = imports(&code);
    assert_eq!(circles(&imports), Vec::<String>::new());
    let of = |file: &str| imports.get(file).map(|to| to.keys().copied().collect::<Vec<_>>()).unwrap_or_default();
    assert_eq!(of("a.rs"), Vec::<&str>::new());
    assert_eq!(of("b.rs"), ["a.rs", "http.rs", "room/mod.rs"]);
    assert_eq!(of("http.rs"), ["room/one.rs"], "the file that defines it");
    assert_eq!(of("room/two.rs"), ["room/mod.rs"]);
}

#[test]
fn imports_against_the_diagram_are_found() {
    let page = "# Page\n\n```text\nrooms, from the top:\na\nb, c\nd\n```\n\n```text\nother\n```\n";
    let layers = layers(page);
    assert_eq!(layers, [vec!["a"], vec!["b", "c"], vec!["d"]]);
    let files =
        [("lib.rs", "mod a; mod b; mod c; mod d;"), ("a.rs", "use crate::{b, c, d};"), ("c.rs", "use crate::d;")];
    let good = made_up(&[&files[..], &[("b.rs", "use crate::d;"), ("d.rs", "")]].concat());
    assert_eq!((misdrawn(&good, &layers), climbing(&imports(&good), &layers)), (Vec::new(), Vec::new()));
    for (text, expected) in [
        ("use crate::c;", "b/mod.rs imports crate::c of c.rs: b does not stand above c"),
        ("fn f() { crate::a::g() }", "b/mod.rs imports crate::a::g of a.rs: b does not stand above a"),
    ] {
        let bad = made_up(&[&files[..], &[("b/mod.rs", text), ("d.rs", "")]].concat());
        assert_eq!(climbing(&imports(&bad), &layers), [expected]);
    }
    let other = made_up(&[("lib.rs", ""), ("a.rs", ""), ("b.rs", ""), ("c.rs", ""), ("e.rs", "")]);
    assert_eq!(misdrawn(&other, &layers), ["e is drawn 0 times", "d is not there"]);
}
