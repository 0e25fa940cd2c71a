//! Every path in a file that is not part of its unit tests: in `use`, expressions, types, macros and attributes.

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, ItemUse, Meta, UseTree};

use super::modules::{Crate, Meaning, Module, ModulePath, Reference};

/// Walks one file.
pub struct Collector<'c> {
    pub found: &'c mut Crate,
    pub module: ModulePath,
    /// Whether it is inside a function, whose items are private to it.
    pub in_body: bool,
}

/// The names of a file's test-only modules.
pub fn test_modules(file: &syn::File) -> Vec<String> {
    let modules = file.items.iter().filter_map(|item| match item {
        Item::Mod(module) if is_for_tests(&module.attrs) => Some(module.ident.to_string()),
        _ => None,
    });
    modules.collect()
}

/// Whether an item is test-only.
pub fn is_item_for_tests(item: &Item) -> bool {
    is_for_tests(attributes_of(item))
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => list.parse_args::<Meta>().is_ok_and(|meta| needs_test(&meta)),
        Meta::Path(path) => path.is_ident("test"),
        _ => false,
    })
}

/// Whether a `cfg` condition holds in tests only.
fn needs_test(meta: &Meta) -> bool {
    let parts = |list: &syn::MetaList| {
        list.parse_args_with(syn::punctuated::Punctuated::<Meta, syn::Token![,]>::parse_terminated).unwrap_or_default()
    };
    match meta {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) if list.path.is_ident("all") => parts(list).iter().any(needs_test),
        Meta::List(list) if list.path.is_ident("any") => parts(list).iter().all(needs_test),
        _ => false,
    }
}

fn name_of(ident: &proc_macro2::Ident) -> String {
    ident.to_string().trim_start_matches("r#").to_owned()
}

impl Collector<'_> {
    fn module(&mut self) -> &mut Module {
        self.found.modules.get_mut(&self.module).expect("the module is known")
    }

    fn define(&mut self, name: String, meaning: Meaning) {
        self.module().names.entry(name).or_default().push(meaning);
    }

    fn refer(&mut self, path: Vec<String>) {
        self.found.references.push(Reference { module: self.module.clone(), path });
    }

    /// Collects the paths of a `use` tree.
    fn import(&mut self, before: &[String], tree: &UseTree) {
        let with = |ident: &proc_macro2::Ident| [before, &[name_of(ident)]].concat();
        match tree {
            UseTree::Path(path) => self.import(&with(&path.ident), &path.tree),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.import(before, tree)),
            UseTree::Name(name) if name.ident == "self" => self.bind(before.last().cloned(), before.to_vec()),
            UseTree::Name(name) => self.bind(Some(name_of(&name.ident)), with(&name.ident)),
            UseTree::Rename(name) if name.ident == "self" => {
                self.bind(Some(name_of(&name.rename)), before.to_vec());
            }
            UseTree::Rename(name) => self.bind(Some(name_of(&name.rename)), with(&name.ident)),
            UseTree::Glob(_) => {
                self.refer(before.to_vec());
                self.module().globs.push(before.to_vec());
            }
        }
    }

    fn bind(&mut self, name: Option<String>, path: Vec<String>) {
        self.refer(path.clone());
        if let Some(name) = name {
            self.define(name, Meaning::Import(path));
        }
    }

    /// Finds paths in unparsed tokens; `shortest` is the minimum number of names.
    fn scan(&mut self, tokens: TokenStream, shortest: usize) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mark = |at: Option<usize>| match at.and_then(|at| tokens.get(at)) {
            Some(TokenTree::Punct(punct)) => punct.as_char(),
            _ => ' ',
        };
        // Two colons, and after them what the path leads to.
        let goes_on = |at: usize| (mark(Some(at + 1)), mark(Some(at + 2))) == (':', ':');
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Group(group) => self.scan(group.stream(), shortest),
                TokenTree::Literal(literal) => self.scan_text(&literal.to_string()),
                TokenTree::Punct(_) => {}
                TokenTree::Ident(first) => {
                    // A field, a method, a lifetime, or the end of a path with generics.
                    let is_part = match (mark(at.checked_sub(2)), mark(at.checked_sub(1))) {
                        (_, '\'') | (':', ':') => true,
                        (before, '.') => before != '.',
                        _ => false,
                    };
                    let mut path = vec![name_of(first)];
                    while goes_on(at)
                        && let Some(TokenTree::Ident(next)) = tokens.get(at + 3)
                    {
                        path.push(name_of(next));
                        at += 3;
                    }
                    if goes_on(at)
                        && let Some(TokenTree::Group(list)) = tokens.get(at + 3)
                        && let Ok(tree) = syn::parse_str::<UseTree>(&list.to_string())
                    {
                        self.import(&path, &tree);
                    }
                    if !is_part && path.len() >= shortest {
                        self.refer(path);
                    }
                }
            }
            at += 1;
        }
    }

    /// `#[serde(with = "crate::module")]` has a path in a string.
    fn scan_text(&mut self, literal: &str) {
        let text = literal.trim_matches('"');
        if ["crate::", "super::", "self::"].iter().any(|start| text.starts_with(start))
            && let Ok(path) = syn::parse_str::<syn::Path>(text)
        {
            self.visit_path(&path);
        }
    }
}

impl Visit<'_> for Collector<'_> {
    fn visit_item(&mut self, item: &Item) {
        if is_item_for_tests(item) {
            return;
        }
        let name = match item {
            Item::Use(ItemUse { leading_colon: Some(_), .. }) => return,
            Item::Use(ItemUse { tree, .. }) => return self.import(&[], tree),
            Item::Mod(ItemMod { ident, content, .. }) => {
                if !self.in_body {
                    self.define(name_of(ident), Meaning::Module);
                }
                if let Some((_, items)) = content {
                    self.visit_inline(name_of(ident), items);
                }
                return;
            }
            Item::Const(item) => Some(&item.ident),
            Item::Enum(item) => Some(&item.ident),
            Item::Fn(item) => Some(&item.sig.ident),
            Item::Static(item) => Some(&item.ident),
            Item::Struct(item) => Some(&item.ident),
            Item::Trait(item) => Some(&item.ident),
            Item::Type(item) => Some(&item.ident),
            Item::Union(item) => Some(&item.ident),
            Item::Macro(item) => item.ident.as_ref(),
            _ => None,
        };
        if let Some(name) = name.filter(|_| !self.in_body) {
            self.define(name_of(name), Meaning::Item);
        }
        visit::visit_item(self, item);
    }

    fn visit_block(&mut self, block: &syn::Block) {
        let outer = std::mem::replace(&mut self.in_body, true);
        visit::visit_block(self, block);
        self.in_body = outer;
    }

    fn visit_impl_item(&mut self, item: &syn::ImplItem) {
        let attributes = match item {
            syn::ImplItem::Const(item) => &item.attrs,
            syn::ImplItem::Fn(item) => &item.attrs,
            syn::ImplItem::Type(item) => &item.attrs,
            _ => return visit::visit_impl_item(self, item),
        };
        if !is_for_tests(attributes) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_field(&mut self, field: &syn::Field) {
        if !is_for_tests(&field.attrs) {
            visit::visit_field(self, field);
        }
    }

    fn visit_local(&mut self, local: &syn::Local) {
        if !is_for_tests(&local.attrs) {
            visit::visit_local(self, local);
        }
    }

    fn visit_path(&mut self, path: &syn::Path) {
        if path.leading_colon.is_none() {
            self.refer(path.segments.iter().map(|segment| name_of(&segment.ident)).collect());
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &syn::Macro) {
        visit::visit_macro(self, called);
        self.scan(called.tokens.clone(), 1);
    }

    fn visit_attribute(&mut self, attribute: &Attribute) {
        match &attribute.meta {
            // Its single names are keys.
            Meta::List(list) => self.scan(list.tokens.clone(), 2),
            Meta::NameValue(pair) => self.visit_expr(&pair.value),
            Meta::Path(_) => {}
        }
    }

    /// `pub(in crate::room)` imports nothing.
    fn visit_visibility(&mut self, _: &syn::Visibility) {}
}

impl Collector<'_> {
    fn visit_inline(&mut self, name: String, items: &[Item]) {
        let file = self.module().file.clone();
        self.module.push(name);
        self.found.modules.insert(self.module.clone(), Module { file, ..Module::default() });
        let outer = std::mem::replace(&mut self.in_body, false);
        for item in items {
            self.visit_item(item);
        }
        self.in_body = outer;
        self.module.pop();
    }
}

fn attributes_of(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
