//! Dockerfiles that are written into compose files.

use crate::config::Config;
use crate::project::Model;
use crate::project::container::account::Account;
use crate::project::usage::Origin;
use crate::project::value::Value;
use crate::source::RepoPath;
use crate::tree::{MemoryFile, MemoryTree, Snapshot};
use std::sync::Arc;

const STACK: &str = "services:
  web:
    build:
      context: .
      dockerfile_inline: |
        FROM python:${PY:-3.13}-slim AS base
        ENV ROLE=web PLACE=$$ROLE
        FROM base
        RUN pip install --no-cache-dir gunicorn
        EXPOSE 8000
        HEALTHCHECK CMD curl -f http://localhost:8000/
        USER 1000
        CMD [\"gunicorn\", \"school.wsgi\"]
  worker:
    build:
      dockerfile_inline: |
        FROM python:3.12
        CMD celery -A school worker
";

fn model(stack: &str) -> Model {
    let files = [("compose.prod.yml", stack), ("Dockerfile", "FROM scratch\n"), ("manage.py", "")];
    let file = |(path, text): (&str, &str)| MemoryFile::new(RepoPath::new(path).unwrap(), text);
    Model::build(Arc::new(Snapshot::new(MemoryTree::new(files.map(file)))), &Config::default(), true)
}

#[test]
fn it_is_what_the_service_runs() {
    let model = model(STACK);
    let service = model.deployments[0].service("web").unwrap();
    let build = service.build.as_ref().unwrap();
    let image = &build.image;
    assert_eq!(build.dockerfile.as_str(), "compose.prod.yml#web");
    assert_eq!(image.base.value, Value::Known("python:3.13-slim".to_owned()));
    assert_eq!(image.environment["ROLE"].value, Value::Known("web".to_owned()));
    assert_eq!((image.exposed.len(), image.healthcheck.is_some()), (1, true));
    assert_eq!(Account::of_service(service), Account::Other);
    assert!(service.process.runs.iter().any(|run| run.invocation.program == "gunicorn"));
    assert_eq!(model.steps_of(build).unwrap().len(), 1);
    let worker = model.deployments[0].service("worker").unwrap();
    assert!(worker.process.runs.iter().any(|run| run.invocation.program == "celery"));
}

#[test]
fn its_places_are_in_the_compose_file() {
    let model = model(STACK);
    let inline: Vec<_> = model.dockerfiles.iter().filter(|it| it.name != it.path).collect();
    assert_eq!(inline.len(), 2);
    let shown = |place: &crate::source::Place| {
        assert_eq!(place.path.as_str(), "compose.prod.yml");
        &STACK[place.span.range()]
    };
    assert_eq!(shown(&inline[0].stages[0].base_place), "python:${PY:-3.13}-slim");
    assert_eq!(shown(&inline[0].stages[1].steps[0].place), "RUN pip install --no-cache-dir gunicorn");
    assert_eq!(shown(&inline[1].stages[0].image.cmd.as_ref().unwrap().place), "CMD celery -A school worker");
    let built = model.commands.iter().filter(|command| matches!(command.origin, Origin::Build { .. }));
    assert_eq!(
        built.map(|command| shown(&command.place())).collect::<Vec<_>>(),
        ["pip install --no-cache-dir gunicorn"]
    );
}

#[test]
fn with_an_unknown_variable_nothing_is_known() {
    let model = model(&STACK.replace("${PY:-3.13}", "${PY}"));
    let service = |name| model.deployments[0].service(name).unwrap();
    assert!(service("web").build.is_none());
    assert!(service("worker").build.is_some());
}
