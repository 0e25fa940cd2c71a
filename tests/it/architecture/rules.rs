//! What a file must not do.

use std::collections::BTreeSet;
use std::fs;

use syn::visit::{self, Visit};
use syn::{Item, UseTree, Visibility};

use super::circles::imports;
use super::modules::{Crate, module_of};
use super::references::is_item_for_tests;
use super::{files_below, root, sources};

/// What the sandbox shares with the client. If it shared more, it could not check the client.
const SHARED_WITH_THE_SANDBOX: &[&str] =
    &["cloud66/endpoints.rs", "cloudmc/endpoints.rs", "error.rs", "exit.rs", "http/endpoint.rs"];
const ROOMS_SHARED_WITH_THE_SANDBOX: &[&str] = &["files", "text"];

#[test]
fn the_sandbox_shares_only_the_tables_of_operations_and_errors_with_the_client() {
    let code = Crate::parse(&sources());
    let imports = imports(&code);
    let of_the_sandbox = imports.iter().filter(|(from, _)| from.starts_with("sandbox/"));
    let wrong: Vec<String> = of_the_sandbox
        .flat_map(|(from, targets)| targets.keys().map(move |to| (from, to)))
        .filter(|(_, to)| {
            let room = module_of(to).remove(0);
            room != "sandbox"
                && !ROOMS_SHARED_WITH_THE_SANDBOX.contains(&room.as_str())
                && !SHARED_WITH_THE_SANDBOX.contains(to)
        })
        .map(|(from, to)| format!("{from} imports from {to}"))
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
}

/// The files whose code, without unit tests, has one of these at the end of a path.
fn files_that_name(ends: &[&str], allowed: impl Fn(&str) -> bool) -> Vec<String> {
    let code = Crate::parse(&sources());
    let named = code.references.iter().filter_map(|reference| {
        let file = code.modules[&reference.module].file.as_str();
        let path = reference.path.join("::");
        let is_named = |end: &&str| path == **end || path.ends_with(&format!("::{end}"));
        (!allowed(file) && ends.iter().any(is_named)).then(|| format!("{file} has {path}"))
    });
    named.collect::<BTreeSet<_>>().into_iter().collect()
}

/// What in a file writes to stdout or stderr: macros, and streams that are used for more than the question whether they
/// are a terminal.
#[derive(Default)]
struct Printing(Vec<String>);

impl Visit<'_> for Printing {
    fn visit_item(&mut self, item: &Item) {
        if !is_item_for_tests(item) {
            visit::visit_item(self, item);
        }
    }

    fn visit_macro(&mut self, called: &syn::Macro) {
        let name = called.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        if ["print", "println", "eprint", "eprintln", "dbg"].contains(&name.as_str()) {
            self.0.push(name + "!");
        }
        visit::visit_macro(self, called);
    }

    fn visit_expr_method_call(&mut self, call: &syn::ExprMethodCall) {
        if call.method != "is_terminal" {
            visit::visit_expr_method_call(self, call);
        }
    }

    fn visit_expr_path(&mut self, path: &syn::ExprPath) {
        let names: Vec<String> = path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if let [.., module, name] = &names[..]
            && module == "io"
            && ["stdout", "stderr"].contains(&name.as_str())
        {
            self.0.push(names.join("::"));
        }
        visit::visit_expr_path(self, path);
    }
}

#[test]
fn only_output_prints() {
    let mut wrong = Vec::new();
    for (file, text) in sources().into_iter().filter(|(file, _)| !file.starts_with("output/")) {
        let mut printing = Printing::default();
        printing.visit_file(&syn::parse_file(&text).expect("Rust"));
        wrong.extend(printing.0.into_iter().map(|what| format!("{file} has {what}")));
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn printing_is_found_outside_unit_tests() {
    let text = "fn f() { println!(); std::io::stderr().write(b\"\"); if std::io::stdout().is_terminal() {} }
                #[cfg(test)] mod tests { fn g() { println!(); } }";
    let mut printing = Printing::default();
    printing.visit_file(&syn::parse_file(text).expect("Rust"));
    assert_eq!(printing.0, ["println!", "std::io::stderr"]);
}

#[test]
fn only_one_file_reads_the_environment() {
    let reads = ["env::var", "env::var_os", "env::vars", "env::vars_os"];
    assert_eq!(files_that_name(&reads, |file| file == "config/variables.rs"), Vec::<String>::new());
}

#[test]
fn no_file_is_longer_than_500_lines() {
    for folder in ["src", "tests"] {
        for path in files_below(&root().join(folder)) {
            let text = fs::read_to_string(&path).expect("text");
            assert!(text.lines().count() <= 500, "{} has {} lines", path.display(), text.lines().count());
            let says_what_it_is_for = text.starts_with("//!") || text.starts_with("#![");
            assert!(says_what_it_is_for, "{} does not say what it is for", path.display());
        }
    }
}

#[test]
fn tests_start_programs_only_through_the_support_module() {
    for path in files_below(&root().join("tests")) {
        let text = fs::read_to_string(&path).expect("text");
        let is_the_way = path.ends_with("support/process.rs") || path.ends_with("architecture/rules.rs");
        assert!(is_the_way || !text.contains("Command::new("), "{} starts a program", path.display());
    }
}

/// The names that a tree of `use` exports.
fn exported(tree: &UseTree) -> Vec<String> {
    match tree {
        UseTree::Path(path) => exported(&path.tree),
        UseTree::Name(name) => vec![name.ident.to_string()],
        UseTree::Rename(name) => vec![name.rename.to_string()],
        UseTree::Glob(_) => vec!["*".to_owned()],
        UseTree::Group(group) => group.items.iter().flat_map(exported).collect(),
    }
}

/// The public names of a file, with whether each is a module of its own.
fn public_names(file: &str) -> Vec<(String, bool)> {
    let text = fs::read_to_string(root().join("src").join(file)).expect("text");
    let public = |visibility: &Visibility| matches!(visibility, Visibility::Public(_));
    let mut names = Vec::new();
    for item in syn::parse_file(&text).expect("Rust").items {
        match item {
            Item::Use(item) if public(&item.vis) => {
                names.extend(exported(&item.tree).into_iter().map(|name| (name, false)));
            }
            Item::Mod(item) if public(&item.vis) => names.push((item.ident.to_string(), true)),
            Item::Fn(item) if public(&item.vis) => names.push((item.sig.ident.to_string(), false)),
            Item::Struct(item) if public(&item.vis) => names.push((item.ident.to_string(), false)),
            Item::Enum(item) if public(&item.vis) => names.push((item.ident.to_string(), false)),
            Item::Type(item) if public(&item.vis) => names.push((item.ident.to_string(), false)),
            Item::Trait(item) if public(&item.vis) => names.push((item.ident.to_string(), false)),
            Item::Const(item) if public(&item.vis) => names.push((item.ident.to_string(), false)),
            Item::Static(item) if public(&item.vis) => names.push((item.ident.to_string(), false)),
            _ => {}
        }
    }
    names
}

#[test]
fn the_library_exports_one_module_of_at_most_thirty_functions_and_types() {
    let modules: Vec<String> =
        public_names("lib.rs").into_iter().filter(|(_, is_module)| *is_module).map(|(name, _)| name).collect();
    assert_eq!(modules, ["testing"]);
    let code = Crate::parse(&sources());
    let names = public_names("testing.rs");
    assert!((1..=30).contains(&names.len()), "{} names: {names:?}", names.len());
    for (name, is_module) in names {
        let leads_to_module = name == "*" || code.is_module(&vec!["testing".to_owned()], &name);
        assert!(!is_module && !leads_to_module, "{name} is not a function or a type");
    }
}
