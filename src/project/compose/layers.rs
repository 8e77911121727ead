//! Which definitions make up each service and resource, in the order in which they are merged: what a file includes,
//! what a service extends, then the file's own.

use super::budget::Budget;
use super::context::Context;
use super::{IncludedProject, Inputs, Location, StackProblem};
use crate::parse::compose::{self as file, ComposeFile, Include, MergeTag};
use crate::project::environment::Variables;
use crate::project::value::{Reason, Value};
use crate::source::{RepoPath, Span};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

/// `extends` is followed so many times from one service.
const MAX_EXTENDS: usize = 32;
/// `include` nests so deep.
const MAX_INCLUDE_DEPTH: usize = 16;
/// So many files are included in one stack, repetitions counted.
const MAX_INCLUDED: usize = 200;
/// What a definition takes from the budget of values: it is looked through as a whole.
const LAYER_COST: usize = 10;

/// One document of a file, and how its values are seen.
pub(super) struct Document {
    pub cx: Context,
    file: Arc<ComposeFile>,
    at: usize,
    /// The services' positions by name.
    by_name: HashMap<String, usize>,
}

/// One definition of a service.
#[derive(Clone)]
pub(super) struct ServiceLayer {
    pub document: Rc<Document>,
    at: usize,
}

/// All definitions of one service.
#[derive(Clone, Default)]
pub(super) struct ServiceLayers {
    pub layers: Vec<ServiceLayer>,
    pub maybe_more: Option<Reason>,
}

/// One definition of a resource.
#[derive(Clone)]
pub(super) struct ResourceLayer {
    pub document: Rc<Document>,
    section: Section,
    at: usize,
}

/// The sections of resources.
#[derive(Clone, Copy)]
pub(super) enum Section {
    Volumes,
    Networks,
    Secrets,
    Configs,
}

/// The definitions of one section's resources, by name.
pub(super) type ResourceLayers = BTreeMap<String, Vec<ResourceLayer>>;

/// Everything that a list of files defines.
#[derive(Default)]
pub(super) struct Layers {
    pub services: BTreeMap<String, ServiceLayers>,
    pub volumes: ResourceLayers,
    pub networks: ResourceLayers,
    pub secrets: ResourceLayers,
    pub configs: ResourceLayers,
    /// The documents of the list itself, in order.
    pub documents: Vec<Rc<Document>>,
}

impl Document {
    pub fn syntax(&self) -> &ComposeFile {
        self.at.checked_sub(1).and_then(|at| self.file.further.get(at)).unwrap_or(&self.file)
    }
}

impl ServiceLayer {
    pub fn syntax(&self) -> &file::Service {
        &self.document.syntax().services()[self.at]
    }
}

impl ResourceLayer {
    pub fn syntax(&self) -> &file::Resource {
        &self.section.resources(self.document.syntax())[self.at]
    }
}

impl Section {
    const ALL: [Section; 4] = [Section::Volumes, Section::Networks, Section::Secrets, Section::Configs];

    fn field(self, file: &ComposeFile) -> &file::Setting<Vec<file::Resource>> {
        match self {
            Section::Volumes => &file.volumes,
            Section::Networks => &file.networks,
            Section::Secrets => &file.secrets,
            Section::Configs => &file.configs,
        }
    }

    fn resources(self, file: &ComposeFile) -> &[file::Resource] {
        self.field(file).as_ref().and_then(|field| field.value.as_deref()).unwrap_or_default()
    }
}

impl Layers {
    fn section(&mut self, section: Section) -> &mut ResourceLayers {
        match section {
            Section::Volumes => &mut self.volumes,
            Section::Networks => &mut self.networks,
            Section::Secrets => &mut self.secrets,
            Section::Configs => &mut self.configs,
        }
    }

    /// Adds definitions that are merged onto those that are there.
    fn append(&mut self, later: Layers) {
        for (name, layers) in later.services {
            self.append_service(name, layers);
        }
        for (section, later) in
            Section::ALL.into_iter().zip([later.volumes, later.networks, later.secrets, later.configs])
        {
            for (name, layers) in later {
                self.section(section).entry(name).or_default().extend(layers);
            }
        }
    }

    fn append_service(&mut self, name: String, later: ServiceLayers) {
        let known = self.services.entry(name).or_default();
        known.layers.extend(later.layers);
        known.maybe_more = known.maybe_more.take().or(later.maybe_more);
    }
}

/// A list of files that are merged with each other.
pub(super) struct Project<'a> {
    pub files: &'a [(RepoPath, Arc<ComposeFile>)],
    pub base: Option<RepoPath>,
    pub variables: Arc<Variables>,
}

/// Collects definitions, and what went wrong on the way.
pub(super) struct Collector<'a> {
    inputs: &'a Inputs<'a>,
    budget: Rc<Budget>,
    /// Files that services extend, as they are seen from one environment.
    extended: HashMap<(RepoPath, *const Variables), Vec<Rc<Document>>>,
    included: usize,
    pub files: Vec<RepoPath>,
    pub problems: Vec<StackProblem>,
    /// Why there may be more services and resources than were found.
    pub maybe_more: Option<Reason>,
}

impl<'a> Collector<'a> {
    pub fn new(inputs: &'a Inputs<'a>) -> Self {
        Self {
            inputs,
            budget: Rc::default(),
            extended: HashMap::new(),
            included: 0,
            files: Vec::new(),
            problems: Vec::new(),
            maybe_more: None,
        }
    }

    /// The definitions of a project. `chain` holds the files that include it, outermost first.
    pub fn collect(&mut self, project: &Project<'_>, chain: &mut Vec<RepoPath>) -> Layers {
        let mut all = Layers::default();
        for (path, file) in project.files {
            chain.push(path.clone());
            for document in self.documents(path, file, [&project.base; 2], &project.variables) {
                self.refusals(&document, all.documents.is_empty(), |_| true);
                self.document(&document, &mut all, chain);
                all.documents.push(document);
            }
            chain.pop();
        }
        all
    }

    fn documents(
        &mut self,
        path: &RepoPath,
        file: &Arc<ComposeFile>,
        [base, project]: [&Option<RepoPath>; 2],
        variables: &Arc<Variables>,
    ) -> Vec<Rc<Document>> {
        if !self.files.contains(path) {
            self.files.push(path.clone());
        }
        let document = |(at, syntax): (usize, &ComposeFile)| {
            let names = syntax.services().iter().enumerate();
            let by_name = names.map(|(at, service)| (service.name.value.clone(), at)).collect();
            let (path, base, variables) = (path.clone(), base.clone(), Arc::clone(variables));
            let cx = Context { path, base, project: project.clone(), variables, budget: Rc::clone(&self.budget) };
            Rc::new(Document { cx, file: Arc::clone(file), at, by_name })
        };
        file.documents().enumerate().map(document).collect()
    }

    /// Adds what one document defines to `all`.
    fn document(&mut self, document: &Rc<Document>, all: &mut Layers, chain: &mut Vec<RepoPath>) {
        let syntax = document.syntax();
        let mut included = Layers::default();
        for include in syntax.includes() {
            if let Some(layers) = self.include(document, include, chain) {
                included.append(layers);
            }
        }
        if is_tagged(&syntax.services) {
            all.services.clear();
        }
        for service in syntax.services() {
            let name = &service.name.value;
            if service.tag != MergeTag::Merge {
                all.services.remove(name);
                included.services.remove(name);
            }
            if service.tag != MergeTag::Reset {
                let layers = self.service(document, name, &included, &mut Vec::new());
                all.append_service(name.clone(), layers);
            }
        }
        included.services.retain(|name, _| !document.by_name.contains_key(name));
        all.append(included);
        for section in Section::ALL {
            if is_tagged(section.field(syntax)) {
                all.section(section).clear();
            }
            for (at, resource) in section.resources(syntax).iter().enumerate() {
                let layers = all.section(section).entry(resource.name.value.clone()).or_default();
                if resource.tag != MergeTag::Merge {
                    layers.clear();
                }
                if resource.tag != MergeTag::Reset {
                    layers.push(ResourceLayer { document: Rc::clone(document), section, at });
                }
            }
            all.section(section).retain(|_, layers| !layers.is_empty());
        }
    }

    /// The definitions of a service in one document: included ones, extended ones, its own.
    fn service(
        &mut self,
        document: &Rc<Document>,
        name: &str,
        included: &Layers,
        chain: &mut Vec<(RepoPath, String)>,
    ) -> ServiceLayers {
        let mut all = included.services.get(name).cloned().unwrap_or_default();
        let Some(&at) = document.by_name.get(name) else { return all };
        if !self.budget.spend_values(LAYER_COST) {
            all.maybe_more = Some(Reason::Limit("merged values".to_owned()));
            return all;
        }
        let service = &document.syntax().services()[at];
        if let Some(extends) = service.extends.as_ref().and_then(|field| field.value.as_ref()) {
            chain.push((document.cx.path.clone(), name.to_owned()));
            let base = self.extended(document, extends, included, chain);
            chain.pop();
            all.layers.extend(base.layers);
            all.maybe_more = all.maybe_more.or(base.maybe_more);
        }
        all.layers.push(ServiceLayer { document: Rc::clone(document), at });
        all
    }

    fn extended(
        &mut self,
        document: &Rc<Document>,
        extends: &file::Extends,
        included: &Layers,
        chain: &mut Vec<(RepoPath, String)>,
    ) -> ServiceLayers {
        let unknown = |reason: Reason| ServiceLayers { layers: Vec::new(), maybe_more: Some(reason) };
        let cx = &document.cx;
        let span = extends.service.span();
        let name = match cx.text(&extends.service).traced.value {
            Value::Known(name) | Value::Default(name) => name,
            value => return unknown(reason_of(value)),
        };
        let none = Layers::default();
        let (source, included) = match &extends.file {
            None => (Some(Rc::clone(document)), included),
            Some(file) => match cx.file_path(file).location {
                Value::Known(location) | Value::Default(location) => {
                    let Some(documents) = location.inside().and_then(|path| self.extended_file(path, cx)) else {
                        self.missing(document, file.span(), "extends", location.inside());
                        return unknown(Reason::MissingFile(file.text().to_owned()));
                    };
                    (documents.into_iter().rev().find(|document| document.by_name.contains_key(&name)), &none)
                }
                value => return unknown(reason_of(value)),
            },
        };
        let found = |source: &Rc<Document>| source.by_name.contains_key(&name) || included.services.contains_key(&name);
        let Some(source) = source.filter(found) else {
            self.problem(document, span, format!("`extends` names `{name}`, which is no service there"));
            return ServiceLayers::default();
        };
        if chain.iter().any(|(path, service)| *path == source.cx.path && *service == name) {
            self.problem(document, span, format!("`{name}` extends itself in the end"));
            return ServiceLayers::default();
        }
        if chain.len() >= MAX_EXTENDS {
            return unknown(Reason::Limit("`extends` in a row".to_owned()));
        }
        if source.cx.path != cx.path {
            self.refusals(&source, false, |refusal| refusal.service.as_ref() == Some(&name));
        }
        self.service(&source, &name, included, chain)
    }

    /// Notes what Compose refuses of a document. What is missing in it another one may have, unless it is `alone`.
    fn refusals(&mut self, document: &Document, alone: bool, wanted: impl Fn(&file::Refusal) -> bool) {
        let syntax = document.syntax();
        let stands_alone = |refusal: &file::Refusal| {
            let service = refusal.service.as_ref().and_then(|name| syntax.service(name));
            alone && syntax.includes().is_empty() && service.is_none_or(|service| service.extends.is_none())
        };
        for refusal in syntax.refusals.iter().filter(|refusal| wanted(refusal)) {
            if refusal.partial && !stands_alone(refusal) {
                continue;
            }
            self.push(StackProblem {
                partial: refusal.partial,
                unknown_key: refusal.unknown_key,
                ..StackProblem::new(document.cx.place(refusal.span), refusal.message.clone())
            });
        }
    }

    /// The documents of a file that is extended: its relative paths start from its own folder.
    fn extended_file(&mut self, path: &RepoPath, cx: &Context) -> Option<Vec<Rc<Document>>> {
        let key = (path.clone(), Arc::as_ptr(&cx.variables));
        if let Some(documents) = self.extended.get(&key) {
            return Some(documents.clone());
        }
        let file = (self.inputs.load)(path)?;
        let documents = self.documents(path, &file, [&path.parent(), &cx.project], &cx.variables);
        // Of a file that is extended only the services are validated that others take over.
        documents.iter().for_each(|document| self.refusals(document, false, |refusal| refusal.syntax));
        self.extended.insert(key, documents.clone());
        Some(documents)
    }

    fn include(&mut self, document: &Rc<Document>, include: &Include, chain: &mut Vec<RepoPath>) -> Option<Layers> {
        if chain.len() >= MAX_INCLUDE_DEPTH || self.included >= MAX_INCLUDED {
            self.maybe_more = Some(Reason::Limit("included files".to_owned()));
            return None;
        }
        let cx = &document.cx;
        let mut files = Vec::new();
        for text in &include.paths {
            let location = match cx.text(text).traced.value {
                Value::Known(path) | Value::Default(path) => Location::of_context(&path, cx.base.as_ref()),
                value => {
                    self.maybe_more = Some(reason_of(value));
                    return None;
                }
            };
            let loaded = location.inside().and_then(|path| Some((path.clone(), (self.inputs.load)(path)?)));
            let Some((path, file)) = loaded else {
                if !matches!(location, Location::Remote(_)) {
                    self.missing(document, text.span(), "include", location.inside());
                }
                self.maybe_more = Some(Reason::MissingFile(text.text().to_owned()));
                return None;
            };
            if chain.contains(&path) {
                self.problem(document, text.span(), format!("`{path}` includes itself in the end"));
                return None;
            }
            self.included += 1;
            files.push((path, file));
        }
        let base = match &include.project_directory {
            Some(folder) => cx.file_path(folder).location.likely().and_then(Location::inside).cloned(),
            None => files.first().and_then(|(path, _)| path.parent()),
        };
        let env_files = include.env_files.iter().map(|file| cx.file_path(file).location).collect();
        let own = (self.inputs.included_variables)(&IncludedProject { directory: base.clone(), env_files });
        let variables = own.map_or_else(|| Arc::clone(&cx.variables), Arc::new);
        Some(self.collect(&Project { files: &files, base, variables }, chain))
    }

    fn missing(&mut self, document: &Document, span: Span, key: &str, missing: Option<&RepoPath>) {
        let (place, message) = (document.cx.place(span), format!("`{key}` names a file that is not in the repository"));
        self.push(StackProblem { missing: missing.cloned(), ..StackProblem::new(place, message) });
    }

    fn problem(&mut self, document: &Document, span: Span, message: impl Into<String>) {
        let place = document.cx.place(span);
        self.push(StackProblem::new(place, message));
    }

    fn push(&mut self, problem: StackProblem) {
        // Several services may extend one that is broken.
        if !self.problems.contains(&problem) && self.problems.len() < 100 {
            self.problems.push(problem);
        }
    }
}

fn is_tagged<T>(section: &file::Setting<T>) -> bool {
    section.as_ref().is_some_and(|field| field.tag != MergeTag::Merge)
}

fn reason_of<T>(value: Value<T>) -> Reason {
    match value {
        Value::Unknown(reason) => reason,
        _ => Reason::Unsupported("one of several paths".to_owned()),
    }
}
