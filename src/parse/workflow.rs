//! Workflows of GitHub Actions (`.github/workflows/*.yml`) and the actions of a repository (`action.yml`).
//!
//! Expressions (`${{ … }}`) stay text. Where a whole list or mapping is an expression, nothing is read and nothing is
//! wrong. Source: docs.github.com, "Workflow syntax for GitHub Actions" and "Metadata syntax for GitHub Actions".

mod matrix;
pub(in crate::parse) mod reader;
#[cfg(test)]
mod tests;

pub use matrix::Combination;

use super::yaml::{self, NodeId};
use crate::source::{Fragment, Problem, Span, Spanned};
use reader::{Entry, Reader};

/// A workflow.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Workflow {
    /// `name`.
    pub name: Option<Spanned<String>>,
    /// The events of `on`, without what narrows them down.
    pub triggers: Vec<Spanned<String>>,
    /// Whether pushes start it for tags alone: `on.push` has `tags` and no `branches`.
    pub tags_only: bool,
    /// What `on.workflow_call.inputs` are where nobody gives them.
    pub inputs: Vec<Pair>,
    /// The names of the workflows whose end starts it: `on.workflow_run.workflows`.
    pub after: Vec<Spanned<String>>,
    /// Whether `concurrency` keeps its runs apart.
    pub concurrency: bool,
    /// `env` of all jobs.
    pub env: Vec<Pair>,
    /// `permissions` of all jobs that have none of their own.
    pub permissions: Option<Permissions>,
    /// `defaults.run` of all jobs.
    pub defaults: Defaults,
    /// `jobs`, in order.
    pub jobs: Vec<Job>,
}

/// A name and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// The name.
    pub name: Spanned<String>,
    /// The value as the job sees it: an unquoted `True` is `true`, `3.10` is `3.1`, a missing value is empty.
    pub value: Fragment,
    /// From the name to the end of the value.
    pub span: Span,
}

/// A boolean that may be decided only when the pipeline runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// `true`.
    On,
    /// `false`.
    Off,
    /// An expression decides, or the exit code does.
    Unknown,
}

/// What the job's token may do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Permissions {
    /// From the key to the end of the value.
    pub span: Span,
    /// `read-all` or `write-all`.
    pub all: Option<Spanned<String>>,
    /// The scopes with their access: `contents: read`. Those that are not there have none.
    pub scopes: Vec<Pair>,
}

/// What steps without a setting of their own run with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Defaults {
    /// `shell`.
    pub shell: Option<Spanned<String>>,
    /// `working-directory`, relative to the checkout.
    pub working_directory: Option<Spanned<String>>,
}

/// One of `jobs`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Job {
    /// The key.
    pub id: Spanned<String>,
    /// From the key to the end of the job.
    pub span: Span,
    /// `name`.
    pub name: Option<Spanned<String>>,
    /// The ids of the jobs that must end before.
    pub needs: Vec<Spanned<String>>,
    /// The name of the deployment environment.
    pub environment: Option<Spanned<String>>,
    /// The labels of `runs-on`.
    pub runs_on: Vec<Spanned<String>>,
    /// The `group` of `runs-on`.
    pub runner_group: Option<Spanned<String>>,
    /// The container that the steps run in.
    pub container: Option<Container>,
    /// The containers beside it.
    pub services: Vec<Service>,
    /// `env` of all steps.
    pub env: Vec<Pair>,
    /// `permissions`, in place of the workflow's.
    pub permissions: Option<Permissions>,
    /// `defaults.run`.
    pub defaults: Defaults,
    /// The reusable workflow that is this job.
    pub uses: Option<Spanned<String>>,
    /// The inputs of the reusable workflow.
    pub with: Vec<Pair>,
    /// `continue-on-error`; `None` means off.
    pub continue_on_error: Option<Spanned<Switch>>,
    /// Whether `concurrency` keeps its runs apart.
    pub concurrency: bool,
    /// `if`, with or without `${{ }}`.
    pub condition: Option<Spanned<String>>,
    /// The jobs that `strategy.matrix` makes of it; `None` where that cannot be told, and without one none.
    pub matrix: Option<Vec<Combination>>,
    /// `steps`, in order.
    pub steps: Vec<Step>,
}

/// `container` of a job.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Container {
    /// The image.
    pub image: Option<Spanned<String>>,
    /// Its environment.
    pub env: Vec<Pair>,
}

/// One of a job's `services`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Service {
    /// The key: the host name for the job.
    pub name: Spanned<String>,
    /// The image.
    pub image: Option<Spanned<String>>,
    /// Its environment.
    pub env: Vec<Pair>,
}

/// A step of a job or of a composite action.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    /// The whole step, without its dash.
    pub span: Span,
    /// `name`.
    pub name: Option<Spanned<String>>,
    /// `id`.
    pub id: Option<Spanned<String>>,
    /// The action: `owner/name@ref`, `./path` or `docker://image`.
    pub uses: Option<Spanned<String>>,
    /// The script.
    pub run: Option<Fragment>,
    /// `shell`; see [`Workflow::shell`].
    pub shell: Option<Spanned<String>>,
    /// `working-directory`; see [`Workflow::working_directory`].
    pub working_directory: Option<Spanned<String>>,
    /// `env`.
    pub env: Vec<Pair>,
    /// The inputs of the action.
    pub with: Vec<Pair>,
    /// `if`, with or without `${{ }}`.
    pub condition: Option<Spanned<String>>,
    /// `continue-on-error`; `None` means off.
    pub continue_on_error: Option<Spanned<Switch>>,
}

/// An action's metadata.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Action {
    /// `name`.
    pub name: Option<Spanned<String>>,
    /// `runs.using`: `composite`, `docker`, `node20` …
    pub using: Option<Spanned<String>>,
    /// `runs.image` of a Docker action: `Dockerfile` or `docker://image`.
    pub image: Option<Spanned<String>>,
    /// What `inputs` are where nobody gives them.
    pub inputs: Vec<Pair>,
    /// `runs.steps` of a composite action.
    pub steps: Vec<Step>,
}

impl Workflow {
    /// The shell that was chosen for a step, by itself, its job or the workflow. `None`: the runner's own.
    pub fn shell<'a>(&'a self, job: &'a Job, step: &'a Step) -> Option<&'a Spanned<String>> {
        step.shell.as_ref().or(job.defaults.shell.as_ref()).or(self.defaults.shell.as_ref())
    }

    /// The folder that a step's script runs in, relative to the checkout. `None`: the checkout itself.
    pub fn working_directory<'a>(&'a self, job: &'a Job, step: &'a Step) -> Option<&'a Spanned<String>> {
        let of_job = job.defaults.working_directory.as_ref();
        step.working_directory.as_ref().or(of_job).or(self.defaults.working_directory.as_ref())
    }
}

/// Reads a workflow. What does not fit is a problem; the rest is there.
pub fn parse(text: &str) -> (Workflow, Vec<Problem>) {
    parse_with(text, |reader, root| reader.workflow(root))
}

/// Reads an action's metadata (`action.yml`).
pub fn parse_action(text: &str) -> (Action, Vec<Problem>) {
    parse_with(text, |reader, root| reader.action(root))
}

fn parse_with<T: Default>(text: &str, read: impl Fn(&mut Reader<'_>, NodeId) -> T) -> (T, Vec<Problem>) {
    let (yaml, problems) = yaml::parse(text);
    let mut reader = Reader::new(&yaml, text.len(), "${{");
    reader.duplicate_keys();
    if let Some(&second) = yaml.documents.get(1) {
        reader.problem(yaml.span(second), "only one YAML document may stand in this file");
    }
    let model = yaml.documents.first().map(|&root| read(&mut reader, root)).unwrap_or_default();
    (model, reader.finish(problems))
}

impl Reader<'_> {
    fn workflow(&mut self, root: NodeId) -> Workflow {
        let mut workflow = Workflow::default();
        for entry in self.entries(root, "workflow") {
            let (what, value) = (entry.name.as_str(), entry.value);
            match what {
                "name" => workflow.name = self.text(value, what),
                // YAML 1.1 reads this key as a boolean. GitHub does not, nor do we.
                "on" => {
                    workflow.triggers = self.triggers(value);
                    workflow.tags_only = self.tags_only(value);
                    let call = self.yaml.get(value, "workflow_call");
                    if let Some(inputs) = call.and_then(|call| self.yaml.get(call, "inputs")) {
                        workflow.inputs = self.defaults_of(inputs);
                    }
                    let run = self.yaml.get(value, "workflow_run").and_then(|run| self.yaml.get(run, "workflows"));
                    workflow.after = run.map(|names| self.texts(names, "workflows")).unwrap_or_default();
                }
                "concurrency" => workflow.concurrency = true,
                "env" => workflow.env = self.pairs(value, what),
                "permissions" => workflow.permissions = Some(self.permissions(&entry)),
                "defaults" => workflow.defaults = self.defaults(value),
                "jobs" => workflow.jobs = self.entries(value, what).iter().map(|job| self.job(job)).collect(),
                _ => {}
            }
        }
        workflow
    }

    fn action(&mut self, root: NodeId) -> Action {
        let mut action = Action::default();
        for entry in self.entries(root, "action") {
            match entry.name.as_str() {
                "name" => action.name = self.text(entry.value, "name"),
                "inputs" => action.inputs = self.defaults_of(entry.value),
                "runs" => {
                    for entry in self.entries(entry.value, "runs") {
                        match entry.name.as_str() {
                            "using" => action.using = self.text(entry.value, "using"),
                            "image" => action.image = self.text(entry.value, "image"),
                            "steps" => action.steps = self.steps(entry.value),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        action
    }

    /// The defaults of `inputs`.
    fn defaults_of(&mut self, inputs: NodeId) -> Vec<Pair> {
        let mut defaults = Vec::new();
        for input in self.entries(inputs, "inputs") {
            if !self.yaml.is_mapping(input.value) {
                continue;
            }
            let Some(node) = self.yaml.get(input.value, "default") else { continue };
            if let Some(value) = self.fragment(node, "default") {
                let span = input.name.span.to(value.span());
                defaults.push(Pair { name: input.name, value, span });
            }
        }
        defaults
    }

    fn triggers(&mut self, node: NodeId) -> Vec<Spanned<String>> {
        if self.yaml.is_mapping(node) {
            return self.entries(node, "on").into_iter().map(|entry| entry.name).collect();
        }
        self.texts(node, "on")
    }

    fn tags_only(&self, node: NodeId) -> bool {
        let Some(push) = self.yaml.get(node, "push") else { return false };
        let has = |name: &str| self.yaml.get(push, name).is_some();
        has("tags") && !has("branches") && !has("branches-ignore")
    }

    fn permissions(&mut self, entry: &Entry) -> Permissions {
        let mut permissions = Permissions { span: self.span(entry), ..Permissions::default() };
        if self.yaml.text(entry.value).is_some() {
            permissions.all = self.text(entry.value, "permissions");
        } else {
            permissions.scopes = self.pairs(entry.value, "permissions");
        }
        permissions
    }

    fn defaults(&mut self, node: NodeId) -> Defaults {
        let mut defaults = Defaults::default();
        for run in self.entries(node, "defaults").iter().filter(|entry| entry.name.value == "run") {
            for entry in self.entries(run.value, "defaults.run") {
                match entry.name.as_str() {
                    "shell" => defaults.shell = self.text(entry.value, "shell"),
                    "working-directory" => defaults.working_directory = self.text(entry.value, "working-directory"),
                    _ => {}
                }
            }
        }
        defaults
    }

    fn job(&mut self, entry: &Entry) -> Job {
        let alone = Some(vec![Combination::new()]);
        let mut job = Job { id: entry.name.clone(), span: self.span(entry), matrix: alone, ..Job::default() };
        for entry in self.entries(entry.value, &entry.name) {
            let (what, value) = (entry.name.as_str(), entry.value);
            match what {
                "name" => job.name = self.text(value, what),
                "needs" => job.needs = self.texts(value, what),
                "environment" => job.environment = self.text_or_member(value, what, "name"),
                "runs-on" => (job.runs_on, job.runner_group) = self.runs_on(value),
                "container" => job.container = self.container(value, what),
                "services" => job.services = self.services(value),
                "env" => job.env = self.pairs(value, what),
                "permissions" => job.permissions = Some(self.permissions(&entry)),
                "defaults" => job.defaults = self.defaults(value),
                "uses" => job.uses = self.text(value, what),
                "with" => job.with = self.pairs(value, what),
                "continue-on-error" => job.continue_on_error = self.switch(value, what),
                "concurrency" => job.concurrency = true,
                "if" => job.condition = self.text(value, what),
                "strategy" => job.matrix = self.matrix(value),
                "steps" => job.steps = self.steps(value),
                _ => {}
            }
        }
        job
    }

    /// A text, or the text under `member` of a mapping.
    fn text_or_member(&mut self, node: NodeId, what: &str, member: &str) -> Option<Spanned<String>> {
        if self.yaml.is_mapping(node) {
            let entry = self.entries(node, what).into_iter().find(|entry| entry.name.value == member)?;
            return self.text(entry.value, &format!("{what}.{member}"));
        }
        if self.yaml.items(node).is_some() {
            self.wrong(node, what, "text or a mapping");
            return None;
        }
        self.text(node, what)
    }

    fn runs_on(&mut self, node: NodeId) -> (Vec<Spanned<String>>, Option<Spanned<String>>) {
        if !self.yaml.is_mapping(node) {
            return (self.texts(node, "runs-on"), None);
        }
        let (mut labels, mut group) = (Vec::new(), None);
        for entry in self.entries(node, "runs-on") {
            match entry.name.as_str() {
                "labels" => labels = self.texts(entry.value, "runs-on.labels"),
                "group" => group = self.text(entry.value, "runs-on.group"),
                _ => {}
            }
        }
        (labels, group)
    }

    fn container(&mut self, node: NodeId, what: &str) -> Option<Container> {
        if !self.yaml.is_mapping(node) {
            return self.text_or_member(node, what, "image").map(|image| Container { image: Some(image), env: vec![] });
        }
        let mut container = Container::default();
        for entry in self.entries(node, what) {
            match entry.name.as_str() {
                "image" => container.image = self.text(entry.value, "image"),
                "env" => container.env = self.pairs(entry.value, "env"),
                _ => {}
            }
        }
        Some(container)
    }

    fn services(&mut self, node: NodeId) -> Vec<Service> {
        let mut services = Vec::new();
        for entry in self.entries(node, "services") {
            let Container { image, env } = self.container(entry.value, &entry.name).unwrap_or_default();
            services.push(Service { name: entry.name, image, env });
        }
        services
    }

    fn steps(&mut self, node: NodeId) -> Vec<Step> {
        let items = self.items(node, "steps");
        items.iter().filter_map(|&item| self.step(item)).collect()
    }

    fn step(&mut self, node: NodeId) -> Option<Step> {
        if !self.yaml.is_mapping(node) {
            self.wrong(node, "step", "a mapping");
            return None;
        }
        let mut step = Step { span: self.yaml.span(node), ..Step::default() };
        for entry in self.entries(node, "step") {
            let (what, value) = (entry.name.as_str(), entry.value);
            match what {
                "name" => step.name = self.text(value, what),
                "id" => step.id = self.text(value, what),
                "uses" => step.uses = self.text(value, what),
                "run" => step.run = self.fragment(value, what),
                "shell" => step.shell = self.text(value, what),
                "working-directory" => step.working_directory = self.text(value, what),
                "env" => step.env = self.pairs(value, what),
                "with" => step.with = self.pairs(value, what),
                "if" => step.condition = self.text(value, what),
                "continue-on-error" => step.continue_on_error = self.switch(value, what),
                _ => {}
            }
        }
        Some(step)
    }
}
