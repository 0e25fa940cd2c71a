//! The modules of a crate, and where each name in them comes from.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::Visit;

use super::references::Collector;

/// The path of a module from the root: `["commands", "env"]`.
pub type ModulePath = Vec<String>;

/// What a name in a module means.
#[derive(Clone, PartialEq)]
pub enum Meaning {
    /// Something that the module itself defines.
    Item,
    /// A module below it.
    Module,
    /// What a `use` imports, public or not.
    Import(Vec<String>),
}

#[derive(Default)]
pub struct Module {
    /// Its file, below `src`.
    pub file: String,
    pub names: BTreeMap<String, Vec<Meaning>>,
    /// What it imports with a `*`.
    pub globs: Vec<Vec<String>>,
}

/// A path somewhere in the code.
pub struct Reference {
    pub module: ModulePath,
    pub path: Vec<String>,
}

/// Where a path leads.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Module(ModulePath),
    ItemOf(ModulePath),
}

/// All modules of a crate, and all paths in them. Unit tests are left out.
#[derive(Default)]
pub struct Crate {
    pub modules: BTreeMap<ModulePath, Module>,
    pub references: Vec<Reference>,
}

/// The module that a file is, by its name below `src`.
pub fn module_of(file: &str) -> ModulePath {
    let mut path: ModulePath = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if path.last().is_some_and(|name| name == "mod") || path == ["lib"] {
        path.pop();
    }
    path
}

impl Crate {
    /// Reads files, each a name below `src` and its text.
    pub fn parse(files: &[(String, String)]) -> Self {
        let parsed: Vec<(&String, syn::File)> = files
            .iter()
            .map(|(name, text)| (name, syn::parse_file(text).unwrap_or_else(|error| panic!("{name}: {error}"))))
            .collect();
        let mut tests = BTreeSet::new();
        for (name, file) in &parsed {
            tests.extend(super::references::test_modules(file).into_iter().map(|module| {
                let mut path = module_of(name);
                path.push(module);
                path
            }));
        }
        let mut found = Self::default();
        for (name, file) in &parsed {
            let path = module_of(name);
            if (1..=path.len()).any(|length| tests.contains(&path[..length])) {
                continue;
            }
            found.modules.insert(path.clone(), Module { file: (*name).clone(), ..Module::default() });
            Collector { found: &mut found, module: path, in_body: false }.visit_file(file);
        }
        found
    }

    /// The files that a path leads to, as seen from a module: those that define what it names.
    pub fn files_of(&self, reference: &Reference) -> BTreeSet<&str> {
        let targets = self.resolve(&reference.module, &reference.path, &mut BTreeSet::new());
        targets.iter().map(|target| self.file_of(target)).collect()
    }

    fn file_of(&self, target: &Target) -> &str {
        let (Target::Module(path) | Target::ItemOf(path)) = target;
        &self.modules[path].file
    }

    /// Several if a name means several things, none if it belongs to another crate.
    fn resolve(
        &self,
        from: &ModulePath,
        path: &[String],
        seen: &mut BTreeSet<(ModulePath, String)>,
    ) -> BTreeSet<Target> {
        let mut rest = path;
        let mut start = match path.first().map(String::as_str) {
            Some("crate") => Some(Vec::new()),
            Some("self" | "super") => Some(from.clone()),
            _ => None,
        };
        while let (Some(module), Some(word)) = (&mut start, rest.first()) {
            match word.as_str() {
                "crate" | "self" => {}
                "super" => _ = module.pop(),
                _ => break,
            }
            rest = &rest[1..];
        }
        let mut targets = match (start, rest.first()) {
            (Some(module), _) => BTreeSet::from([Target::Module(module)]),
            (None, Some(name)) => {
                rest = &rest[1..];
                self.look_up(from, name, seen)
            }
            (None, None) => BTreeSet::new(),
        };
        for name in rest {
            targets = targets.into_iter().flat_map(|target| self.step(target, name, seen)).collect();
        }
        targets
    }

    fn step(&self, target: Target, name: &str, seen: &mut BTreeSet<(ModulePath, String)>) -> BTreeSet<Target> {
        let Target::Module(module) = &target else { return BTreeSet::from([target]) };
        let found = self.look_up(module, name, seen);
        // A macro may define it: then the module is the closest known place.
        if found.is_empty() { BTreeSet::from([target]) } else { found }
    }

    /// What a name means in a module.
    fn look_up(&self, module: &ModulePath, name: &str, seen: &mut BTreeSet<(ModulePath, String)>) -> BTreeSet<Target> {
        let Some(known) = self.modules.get(module) else { return BTreeSet::new() };
        // Names may be defined in a circle, such as by two globs of each other.
        if !seen.insert((module.clone(), name.to_owned())) {
            return BTreeSet::new();
        }
        let mut targets = BTreeSet::new();
        for meaning in known.names.get(name).into_iter().flatten() {
            match meaning {
                Meaning::Item => _ = targets.insert(Target::ItemOf(module.clone())),
                Meaning::Module => {
                    let path = [&module[..], &[name.to_owned()]].concat();
                    targets.extend(self.modules.contains_key(&path).then_some(Target::Module(path)));
                }
                Meaning::Import(path) => targets.extend(self.resolve(module, path, seen)),
            }
        }
        if targets.is_empty() {
            for glob in &known.globs {
                for source in self.resolve(module, glob, seen) {
                    if let Target::Module(source) = source {
                        targets.extend(self.look_up(&source, name, seen));
                    }
                }
            }
        }
        seen.remove(&(module.clone(), name.to_owned()));
        targets
    }

    /// Whether a name in a module stands for a module.
    pub fn is_module(&self, module: &ModulePath, name: &str) -> bool {
        let targets = self.look_up(module, name, &mut BTreeSet::new());
        targets.iter().any(|target| matches!(target, Target::Module(_)))
    }
}
