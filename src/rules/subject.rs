use super::page::Page;
use crate::findings::Findings;
use crate::project::Model;
use crate::project::deployment::{Deployment, DjangoProcess, Service};
use crate::project::migrations::{App, OperationUse};
use crate::project::pipeline::PipelineUse;
use crate::project::proxy::Edge;
use crate::project::script::ScriptUse;
use crate::project::secrecy::leaks::Leak;
use crate::project::usage::{CommandUse, DockerfileUse, EnvFileUse, FileUse, StageUse};

/// What a rule looks at, with the function that looks. The subject fixes the rule's scope: a rule on services is called
/// for each service of each deployment, and its findings carry that deployment's environment.
#[derive(Clone, Copy)]
pub enum On {
    /// The repository as a whole: what is missing from it. Runs only on whole repositories.
    Repository(fn(&Model, &Cx<'_>, &mut Findings<'_>)),
    /// A file, with what reading it brought up.
    File(fn(&FileUse, &Cx<'_>, &mut Findings<'_>)),
    /// A deployment: a stack in an environment.
    Deployment(fn(&Deployment, &Cx<'_>, &mut Findings<'_>)),
    /// A service of a deployment, merged and linked.
    Service(fn(&Service, &Cx<'_>, &mut Findings<'_>)),
    /// The settings of a service that runs Django.
    Settings(fn(&DjangoProcess, &Cx<'_>, &mut Findings<'_>)),
    /// A build stage.
    Stage(fn(&StageUse, &DockerfileUse, &mut Findings<'_>)),
    /// A command, wherever it is written: RUN, CMD, compose, script, Makefile, workflow.
    Command(fn(&CommandUse, &Cx<'_>, &mut Findings<'_>)),
    /// A script, a recipe or a job: commands that run one after the other.
    Script(fn(&ScriptUse, &Cx<'_>, &mut Findings<'_>)),
    /// What stands before a deployment: its proxies; or a proxy's configuration that belongs to none.
    Edge(fn(&Edge, &Cx<'_>, &mut Findings<'_>)),
    /// A secret that is written into a file: those that are the rule's own.
    Leak(fn(&Leak, &Cx<'_>, &mut Findings<'_>)),
    /// An env file.
    EnvFile(fn(&EnvFileUse, &Cx<'_>, &mut Findings<'_>)),
    /// A file that tells CI what to do: a workflow of GitHub Actions, a GitLab pipeline.
    Pipeline(fn(&PipelineUse, &Cx<'_>, &mut Findings<'_>)),
    /// An operation of a migration that is still to be deployed, with the state that it meets.
    Operation(fn(&OperationUse, &Cx<'_>, &mut Findings<'_>)),
    /// The graph of an app's migrations.
    App(fn(&App, &Cx<'_>, &mut Findings<'_>)),
}

/// What every rule may look at beside its subject.
pub struct Cx<'a> {
    /// The whole model.
    pub model: &'a Model,
    /// The deployment that the subject is part of, where it is part of one.
    pub deployment: Option<&'a Deployment>,
}

/// A rule: its page and its check.
#[derive(Clone, Copy)]
pub struct Rule {
    /// All that is said about it.
    pub page: &'static Page,
    /// The check.
    pub on: On,
}

impl Rule {
    /// Joins a check with its page. Panics where there is no such page, which the first test that runs would show.
    pub fn new(id: &'static str, on: On) -> Self {
        let page = super::catalogue::page(id).unwrap_or_else(|| panic!("rules/{id}.md is missing"));
        Self { page, on }
    }

    /// Whether the rule is about what is missing, so that it can speak of whole repositories only.
    pub fn needs_whole_repository(&self) -> bool {
        matches!(self.on, On::Repository(_))
    }
}

/// One line of a family's table.
pub const fn rule(id: &'static str, on: On) -> (&'static str, On) {
    (id, on)
}
