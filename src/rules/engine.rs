use super::subject::{Cx, On, Rule};
use crate::findings::{Finding, Findings, Scope};
use crate::project::Model;
use crate::project::deployment::{Deployment, Service};
use rayon::prelude::*;
use std::sync::LazyLock;

/// Every rule, by family.
pub fn rules() -> &'static [Rule] {
    static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
        let families: &[&[(&'static str, On)]] = &[
            super::compose::RULES,
            super::dockerfile::RULES,
            super::env::RULES,
            super::file::RULES,
            super::migration::RULES,
            super::project::RULES,
            super::proxy::RULES,
            super::script::RULES,
            super::secret::RULES,
            super::settings::RULES,
            super::workflow::RULES,
        ];
        let tokens = super::secret::tokens();
        let listed = families.iter().copied().flatten().copied().chain(tokens);
        let mut rules: Vec<Rule> = listed.map(|(id, on)| Rule::new(id, on)).collect();
        rules.sort_by_key(|rule| rule.page.id);
        rules
    });
    &RULES
}

/// Runs `rules` over every subject of the model that they look at. The order of what it returns does not depend on
/// threads.
pub fn check(model: &Model, rules: &[&Rule]) -> Vec<Finding> {
    rules.par_iter().flat_map_iter(|rule| run(rule, model)).collect()
}

fn run(rule: &Rule, model: &Model) -> Vec<Finding> {
    let mut found = Vec::new();
    let cx = Cx { model, deployment: None };
    let everywhere = Scope::default();
    let mut on = |scope: &Scope, check: &mut dyn FnMut(&mut Findings<'_>)| {
        check(&mut Findings::new(rule.page, scope, &mut found));
    };
    match rule.on {
        On::Repository(check) => {
            if model.complete {
                on(&everywhere, &mut |findings| check(model, &cx, findings));
            }
        }
        On::File(check) => {
            for file in &model.files {
                on(&everywhere, &mut |findings| check(file, &cx, findings));
            }
        }
        On::Deployment(check) => {
            for deployment in &model.deployments {
                let cx = Cx { deployment: Some(deployment), ..cx };
                on(&deployment.scope(), &mut |findings| check(deployment, &cx, findings));
            }
        }
        On::Service(check) => {
            for (deployment, service) in services(model) {
                let cx = Cx { deployment: Some(deployment), ..cx };
                on(&deployment.scope(), &mut |findings| check(service, &cx, findings));
            }
        }
        On::Settings(check) => {
            for (deployment, service) in services(model) {
                if let Some(django) = &service.django {
                    let cx = Cx { deployment: Some(deployment), ..cx };
                    on(&deployment.scope(), &mut |findings| check(django, &cx, findings));
                }
            }
        }
        On::Stage(check) => {
            for dockerfile in &model.dockerfiles {
                for stage in &dockerfile.stages {
                    on(&stage.scope, &mut |findings| check(stage, dockerfile, findings));
                }
            }
        }
        On::Command(check) => {
            for command in &model.commands {
                on(&command.scope, &mut |findings| check(command, &cx, findings));
            }
        }
        On::Script(check) => {
            for script in &model.scripts {
                on(&script.scope, &mut |findings| check(script, &cx, findings));
            }
        }
        On::Edge(check) => {
            for edge in &model.edges {
                let cx = Cx { deployment: edge.deployment.map(|at| &model.deployments[at]), ..cx };
                on(&edge.scope, &mut |findings| check(edge, &cx, findings));
            }
        }
        On::Leak(check) => {
            for leak in model.leaks.iter().filter(|leak| leak.rule() == rule.page.id) {
                on(&everywhere, &mut |findings| check(leak, &cx, findings));
            }
        }
        On::EnvFile(check) => {
            for file in &model.env_files {
                on(&file.scope, &mut |findings| check(file, &cx, findings));
            }
        }
        On::Pipeline(check) => {
            for pipeline in &model.pipelines {
                on(&everywhere, &mut |findings| check(pipeline, &cx, findings));
            }
        }
        On::Operation(check) => {
            for operation in &model.migrations.operations {
                on(&everywhere, &mut |findings| check(operation, &cx, findings));
            }
        }
        On::App(check) => {
            for app in &model.migrations.apps {
                on(&everywhere, &mut |findings| check(app, &cx, findings));
            }
        }
    }
    found
}

fn services(model: &Model) -> impl Iterator<Item = (&Deployment, &Service)> {
    model.deployments.iter().flat_map(|deployment| deployment.services.iter().map(move |service| (deployment, service)))
}
