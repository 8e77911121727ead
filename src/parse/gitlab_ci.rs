//! Pipelines of GitLab CI (`.gitlab-ci.yml` and what it includes).
//!
//! A `!reference` is followed within the file. What `extends` inherits is looked up by [`Pipeline::inherited`];
//! included files are not read here. Source: docs.gitlab.com, "CI/CD YAML syntax reference".

#[cfg(test)]
mod tests;

use super::workflow::reader::{Entry, Reader as Walker};
pub use super::workflow::{Pair, Switch};
use super::yaml::{self, NodeId, Style, Yaml};
use crate::source::{Fragment, Problem, Span, Spanned};
use std::collections::HashMap;

/// How deeply GitLab lets lists be nested in a script, and `!reference` lead to `!reference`.
const MAX_DEPTH: usize = 10;
/// How many levels `extends` may have.
const MAX_EXTENDS: usize = 11;
/// How many names of parents are followed for one inherited setting.
const MAX_LOOKUPS: usize = 1_000;

/// How many entries of mappings are looked at to follow a file's `!reference`s.
const MAX_REFERENCE_LOOKUPS: usize = 2_000_000;

/// A pipeline's configuration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pipeline {
    /// `stages`, in order. Empty: GitLab's own (`.pre`, `build`, `test`, `deploy`, `.post`).
    pub stages: Vec<Spanned<String>>,
    /// `variables` of all jobs.
    pub variables: Vec<Pair>,
    /// What jobs have that say nothing else.
    pub defaults: Defaults,
    /// Other files whose jobs and settings belong to this one.
    pub includes: Vec<Include>,
    /// The jobs, templates (`.name`) among them, in order.
    pub jobs: Vec<Job>,
}

/// `default`, or the same keys at the top of the file (the old place).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Defaults {
    /// `image`.
    pub image: Option<Spanned<String>>,
    /// `services`.
    pub services: Vec<Service>,
    /// `before_script`.
    pub before_script: Option<Script>,
    /// `after_script`.
    pub after_script: Option<Script>,
}

/// An entry of `include`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Include {
    /// The whole entry.
    pub span: Span,
    /// The path from the repository's root, possibly with wildcards; `None` where the file is in no folder of this
    /// repository.
    pub local: Option<Spanned<String>>,
}

/// A job, or a template of jobs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Job {
    /// The key. A template's begins with a dot: it never runs itself.
    pub name: Spanned<String>,
    /// From the key to the end of the job.
    pub span: Span,
    /// `stage`; `None` means `test`.
    pub stage: Option<Spanned<String>>,
    /// The names of the jobs that this one inherits from; later ones win.
    pub extends: Vec<Spanned<String>>,
    /// `image`.
    pub image: Option<Spanned<String>>,
    /// `services`.
    pub services: Vec<Service>,
    /// `variables`.
    pub variables: Vec<Pair>,
    /// `before_script`, in place of the default one.
    pub before_script: Option<Script>,
    /// `script`.
    pub script: Option<Script>,
    /// `after_script`, in place of the default one.
    pub after_script: Option<Script>,
    /// `environment`.
    pub environment: Option<Environment>,
    /// `when`: `on_success`, `manual`, `always` …
    pub when: Option<Spanned<String>>,
    /// `allow_failure`; `None` means off, or on for a manual job. Unknown where only some exit codes are allowed.
    pub allow_failure: Option<Spanned<Switch>>,
    /// The names of the jobs in `needs`.
    pub needs: Vec<Spanned<String>>,
    /// `only`, from the key to the end of the value.
    pub only: Option<Span>,
    /// `except`, from the key to the end of the value.
    pub except: Option<Span>,
    /// `rules`, from the key to the end of the value.
    pub rules: Option<Span>,
}

/// The commands of `script`, `before_script` or `after_script`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Script {
    /// From the key to the end of the value.
    pub span: Span,
    /// The items in order, nested lists flattened. One item may be a script of many lines.
    pub lines: Vec<Fragment>,
    /// Whether there is more that this file does not tell: a `!reference` into an included file.
    pub incomplete: bool,
}

/// An entry of `services`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Service {
    /// The image.
    pub image: Spanned<String>,
    /// `alias`: the host names for the job, as written.
    pub alias: Option<Spanned<String>>,
}

/// `environment` of a job.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Environment {
    /// The name, variables unexpanded.
    pub name: Option<Spanned<String>>,
    /// `action`; `None` means `start`. Only `start` deploys.
    pub action: Option<Spanned<String>>,
    /// `deployment_tier`: `production`, `staging`, `testing`, `development`, `other`.
    pub tier: Option<Spanned<String>>,
}

impl Job {
    /// Whether this only serves other jobs to inherit from.
    pub fn is_template(&self) -> bool {
        self.name.value.starts_with('.')
    }
}

impl Pipeline {
    /// The job or template called `name`.
    pub fn job(&self, name: &str) -> Option<&Job> {
        self.jobs.iter().find(|job| job.name.value == name)
    }

    /// What `get` finds in the job or, as `extends` inherits, in the nearest job before it; [`Defaults`] are not asked.
    /// Of a mapping (`variables`) only one job's part is found: GitLab merges these by key.
    pub fn inherited<'a, T>(&'a self, job: &'a Job, get: impl Fn(&'a Job) -> Option<T>) -> Option<T> {
        let mut lookups = 0;
        // Depth first, the last parent first: the order in which later settings win.
        let mut pending = vec![(job, 0)];
        while let Some((job, depth)) = pending.pop() {
            if let Some(found) = get(job) {
                return Some(found);
            }
            if depth == MAX_EXTENDS {
                continue;
            }
            for name in &job.extends {
                lookups += 1;
                if lookups > MAX_LOOKUPS {
                    break;
                }
                pending.extend(self.job(name).map(|parent| (parent, depth + 1)));
            }
        }
        None
    }
}

/// Reads a pipeline's configuration. What does not fit is a problem; the rest is there.
pub fn parse(text: &str) -> (Pipeline, Vec<Problem>) {
    let (yaml, problems) = yaml::parse(text);
    // A header with the inputs of an included file may stand before the configuration.
    let is_header = |root: &&NodeId| yaml.documents.len() > 1 && yaml.get(**root, "spec").is_some();
    let header = usize::from(yaml.documents.first().filter(is_header).is_some());
    let root = yaml.documents.get(header).copied();
    let top = root.map(|root| yaml.entries(root)).unwrap_or_default();
    let roots = top.iter().filter_map(|entry| Some((yaml.text(entry.key)?, entry.value))).collect();
    let walker = Walker::new(&yaml, text.len(), "$[[");
    let mut reader = Reader { walker, yaml: &yaml, roots, lookups_left: MAX_REFERENCE_LOOKUPS };
    let pipeline = root.map(|root| reader.pipeline(root)).unwrap_or_default();
    (pipeline, reader.walker.finish(problems))
}

struct Reader<'a> {
    walker: Walker<'a>,
    yaml: &'a Yaml,
    /// The entries at the top, where a `!reference` starts from.
    roots: HashMap<&'a str, NodeId>,
    /// How many more entries are looked at below these.
    lookups_left: usize,
}

impl Reader<'_> {
    fn pipeline(&mut self, root: NodeId) -> Pipeline {
        let mut pipeline = Pipeline::default();
        let (mut defaults, mut old_defaults) = (Defaults::default(), Defaults::default());
        for entry in self.entries(root, "pipeline") {
            match entry.name.as_str() {
                "stages" => pipeline.stages = self.texts(entry.value, "stages"),
                "variables" => pipeline.variables = self.variables(entry.value),
                "include" => pipeline.includes = self.includes(entry.value),
                "default" => {
                    for entry in self.entries(entry.value, "default") {
                        self.default(&mut defaults, &entry);
                    }
                }
                "image" | "services" | "before_script" | "after_script" => self.default(&mut old_defaults, &entry),
                "workflow" | "cache" | "spec" => {}
                _ => pipeline.jobs.extend(self.top(&entry)),
            }
        }
        if defaults.services.is_empty() {
            defaults.services = old_defaults.services;
        }
        pipeline.defaults = Defaults {
            image: defaults.image.or(old_defaults.image),
            services: defaults.services,
            before_script: defaults.before_script.or(old_defaults.before_script),
            after_script: defaults.after_script.or(old_defaults.after_script),
        };
        pipeline
    }

    /// A job, or a template, which may be anything: then it is none of ours, whatever its shape.
    fn top(&mut self, entry: &Entry) -> Option<Job> {
        if !entry.name.value.starts_with('.') {
            return Some(self.job(entry));
        }
        if !self.yaml.is_mapping(entry.value) {
            return None;
        }
        let before = self.walker.problems.len();
        let job = self.job(entry);
        self.walker.problems.truncate(before);
        Some(job)
    }

    fn default(&mut self, defaults: &mut Defaults, entry: &Entry) {
        match entry.name.as_str() {
            "image" => defaults.image = self.text_or_name(entry.value, "image"),
            "services" => defaults.services = self.services(entry.value),
            "before_script" => defaults.before_script = self.script(entry),
            "after_script" => defaults.after_script = self.script(entry),
            _ => {}
        }
    }

    fn job(&mut self, entry: &Entry) -> Job {
        let mut job = Job { name: entry.name.clone(), span: self.walker.span(entry), ..Job::default() };
        for entry in self.entries(entry.value, &entry.name) {
            let (what, value) = (entry.name.as_str(), entry.value);
            match what {
                "stage" => job.stage = self.text(value, what),
                "extends" => job.extends = self.texts(value, what),
                "image" => job.image = self.text_or_name(value, what),
                "services" => job.services = self.services(value),
                "variables" => job.variables = self.variables(value),
                "before_script" => job.before_script = self.script(&entry),
                "script" => job.script = self.script(&entry),
                "after_script" => job.after_script = self.script(&entry),
                "environment" => job.environment = self.environment(value),
                "when" => job.when = self.text(value, what),
                "allow_failure" => job.allow_failure = self.allow_failure(value),
                "needs" => job.needs = self.needs(value),
                "only" => job.only = Some(self.walker.span(&entry)),
                "except" => job.except = Some(self.walker.span(&entry)),
                "rules" => job.rules = Some(self.walker.span(&entry)),
                _ => {}
            }
        }
        job
    }

    /// The value that a `!reference` stands for, else the node itself. `None` where it leads out of the file.
    fn follow(&mut self, node: NodeId) -> Option<NodeId> {
        let mut node = node;
        for _ in 0..MAX_DEPTH {
            if !self.is_reference(node) {
                return Some(node);
            }
            let mut keys = self.yaml.items(node)?.iter().map(|&key| self.yaml.text(key));
            let mut target = *self.roots.get(keys.next()??)?;
            for key in keys {
                if self.lookups_left == 0 {
                    self.walker.exhaust(node);
                    return None;
                }
                let (entries, visited) = self.yaml.entries_and_cost(target);
                self.lookups_left = self.lookups_left.saturating_sub(visited.max(1));
                target = entries.iter().find(|entry| self.yaml.text(entry.key) == key)?.value;
            }
            node = target;
        }
        None
    }

    fn is_reference(&self, node: NodeId) -> bool {
        self.yaml.tag(node) == Some("!reference")
    }

    fn entries(&mut self, node: NodeId, what: &str) -> Vec<Entry> {
        self.follow(node).map_or_else(Vec::new, |node| self.walker.entries(node, what))
    }

    fn text(&mut self, node: NodeId, what: &str) -> Option<Spanned<String>> {
        let node = self.follow(node)?;
        self.walker.text(node, what)
    }

    fn texts(&mut self, node: NodeId, what: &str) -> Vec<Spanned<String>> {
        self.list(node, what).into_iter().filter_map(|item| self.text(item, what)).collect()
    }

    /// A text, or the `name` of a mapping.
    fn text_or_name(&mut self, node: NodeId, what: &str) -> Option<Spanned<String>> {
        let node = self.follow(node)?;
        if !self.yaml.is_mapping(node) {
            return self.text(node, what);
        }
        let name = self.entries(node, what).into_iter().find(|entry| entry.name.value == "name")?;
        self.text(name.value, &format!("{what}.name"))
    }

    /// The items of a list, or one value in its place; references are followed, and those to lists add their items.
    fn list(&mut self, node: NodeId, what: &str) -> Vec<NodeId> {
        let Some(node) = self.follow(node) else { return Vec::new() };
        if self.yaml.items(node).is_none() {
            return if self.yaml.is_null(node) { Vec::new() } else { vec![node] };
        }
        let mut list = Vec::new();
        for &item in self.walker.items(node, what) {
            match self.follow(item) {
                Some(target) if self.is_reference(item) && self.yaml.items(target).is_some() => {
                    list.extend(self.walker.items(target, what));
                }
                target => list.extend(target),
            }
        }
        list
    }

    fn includes(&mut self, node: NodeId) -> Vec<Include> {
        let mut includes = Vec::new();
        for item in self.list(node, "include") {
            let mut include = Include { span: self.yaml.span(item), local: None };
            if self.yaml.is_mapping(item) {
                let entries = self.entries(item, "include");
                let local = entries.into_iter().find(|entry| entry.name.value == "local");
                include.local = local.and_then(|entry| self.text(entry.value, "include.local"));
            } else {
                // A text is a path in this repository, or an address.
                include.local = self.text(item, "include").filter(|path| !path.value.contains("://"));
            }
            includes.push(include);
        }
        includes
    }

    fn variables(&mut self, node: NodeId) -> Vec<Pair> {
        let entries = self.entries(node, "variables");
        entries.into_iter().filter_map(|entry| self.variable(entry)).collect()
    }

    /// `NAME: value`, or `NAME: {value: …, description: …}`.
    fn variable(&mut self, entry: Entry) -> Option<Pair> {
        let value = self.follow(entry.value)?;
        if !self.yaml.is_mapping(value) {
            return self.walker.pair(Entry { name: entry.name, value }, "variables");
        }
        let span = self.walker.span(&entry);
        let inner = self.entries(value, "variables").into_iter().find(|inner| inner.name.value == "value");
        let value = match inner {
            Some(inner) => {
                let value = self.follow(inner.value)?;
                self.walker.pair(Entry { name: entry.name.clone(), value }, "variables")?.value
            }
            None => Fragment::opaque("", entry.name.span),
        };
        Some(Pair { name: entry.name, value, span })
    }

    fn services(&mut self, node: NodeId) -> Vec<Service> {
        let mut services = Vec::new();
        for item in self.list(node, "services") {
            let Some(image) = self.text_or_name(item, "services") else { continue };
            let mut alias = None;
            if self.yaml.is_mapping(item) {
                let entries = self.entries(item, "services");
                let entry = entries.into_iter().find(|entry| entry.name.value == "alias");
                alias = entry.and_then(|entry| self.text(entry.value, "services.alias"));
            }
            services.push(Service { image, alias });
        }
        services
    }

    fn environment(&mut self, node: NodeId) -> Option<Environment> {
        let node = self.follow(node)?;
        if !self.yaml.is_mapping(node) {
            let name = self.text(node, "environment")?;
            return Some(Environment { name: Some(name), ..Environment::default() });
        }
        let mut environment = Environment::default();
        for entry in self.entries(node, "environment") {
            match entry.name.as_str() {
                "name" => environment.name = self.text(entry.value, "environment.name"),
                "action" => environment.action = self.text(entry.value, "environment.action"),
                "deployment_tier" => environment.tier = self.text(entry.value, "environment.deployment_tier"),
                _ => {}
            }
        }
        Some(environment)
    }

    fn allow_failure(&mut self, node: NodeId) -> Option<Spanned<Switch>> {
        let node = self.follow(node)?;
        let plain = self.yaml.style(node) == Some(Style::Plain);
        let switch = match self.yaml.text(node).unwrap_or_default().to_ascii_lowercase().as_str() {
            // `exit_codes: …`
            _ if self.yaml.is_mapping(node) => Switch::Unknown,
            // GitLab reads YAML 1.1.
            "yes" | "on" if plain => Switch::On,
            "no" | "off" if plain => Switch::Off,
            _ => return self.walker.switch(node, "allow_failure"),
        };
        Some(Spanned::new(switch, self.yaml.span(node)))
    }

    fn needs(&mut self, node: NodeId) -> Vec<Spanned<String>> {
        self.list(node, "needs").into_iter().filter_map(|item| self.need(item)).collect()
    }

    /// `name`, or `job: name`; a job of another project or pipeline is none of this file.
    fn need(&mut self, node: NodeId) -> Option<Spanned<String>> {
        if !self.yaml.is_mapping(node) {
            return self.text(node, "needs");
        }
        let entries = self.entries(node, "needs");
        if entries.iter().any(|entry| matches!(entry.name.as_str(), "project" | "pipeline")) {
            return None;
        }
        let job = entries.into_iter().find(|entry| entry.name.value == "job")?;
        self.text(job.value, "needs.job")
    }

    fn script(&mut self, entry: &Entry) -> Option<Script> {
        let mut script = Script { span: self.walker.span(entry), ..Script::default() };
        if self.yaml.is_null(entry.value) {
            return None;
        }
        self.lines(entry.value, &entry.name, 0, &mut script);
        Some(script)
    }

    fn lines(&mut self, node: NodeId, what: &str, depth: usize, script: &mut Script) {
        let Some(node) = self.follow(node) else {
            script.incomplete = true;
            return;
        };
        if self.yaml.items(node).is_none() {
            if self.yaml.is_mapping(node) {
                let message =
                    format!("an item of `{what}` must be text: `: ` makes a mapping of it unless it is quoted");
                self.walker.problem(self.yaml.span(node), message);
                return;
            }
            script.incomplete |= self.walker.is_expression(node);
            script.lines.extend(self.walker.fragment(node, what));
            return;
        }
        if depth > MAX_DEPTH {
            let message = format!("lists in `{what}` may be nested only {MAX_DEPTH} deep");
            self.walker.problem(self.yaml.span(node), message);
            return;
        }
        for &item in self.walker.items(node, what) {
            self.lines(item, what, depth + 1, script);
        }
    }
}
