use crate::config::Config;
use crate::project::Model;
use crate::project::role::Role;
use crate::source::RepoPath;
use crate::tree::{MemoryFile, MemoryTree, Snapshot};
use std::sync::Arc;

/// The role of the one service with these keys.
fn role(keys: &str) -> Role {
    let stack = format!("services:\n  it: {{{keys}}}\n");
    let files = [
        ("compose.prod.yml", stack.as_str()),
        ("Dockerfile", "FROM nginx:1.28\nCOPY site.conf /etc/nginx/conf.d/\n"),
        ("plain/Dockerfile", "FROM debian:12\nCMD [\"redis-server\"]\n"),
    ];
    let tree = files.map(|(path, text)| MemoryFile::new(RepoPath::new(path).unwrap(), text));
    let model = Model::build(Arc::new(Snapshot::new(MemoryTree::new(tree))), &Config::default(), true);
    let deployment = model.deployments.iter().find(|it| it.name == "compose.prod.yml").unwrap();
    deployment.services[0].role
}

#[test]
fn images_tell() {
    for (image, expected) in [
        ("postgis/postgis:16-3.4", Role::Database),
        ("docker.io/bitnami/mongodb:7", Role::Database),
        ("redis/redis-stack-server:7.4", Role::Cache),
        ("rabbitmq:4-management", Role::Broker),
        ("nginxinc/nginx-unprivileged:1.28", Role::Proxy),
        ("dpage/pgadmin4:9", Role::AdminTool),
        ("axllent/mailpit:v1", Role::MailCatcher),
        ("quay.io/minio/minio:latest", Role::ObjectStore),
        ("registry.example.org/shop/web:1", Role::Other),
    ] {
        assert_eq!(role(&format!("image: '{image}'")), expected, "{image}");
    }
}

#[test]
fn builds_tell() {
    assert_eq!(role("build: ."), Role::Proxy, "by what it is built upon");
    assert_eq!(role("build: plain"), Role::Cache, "by what it starts");
}

#[test]
fn commands_tell() {
    for (command, expected) in [
        ("gunicorn shop.wsgi", Role::Web),
        ("celery -A shop worker", Role::Worker),
        ("celery -A shop beat", Role::Scheduler),
        ("python manage.py migrate", Role::Job),
        ("python manage.py rqworker default", Role::Worker),
        ("python manage.py qcluster", Role::Worker),
        ("python manage.py run_huey", Role::Worker),
        ("python manage.py procrastinate worker", Role::Worker),
        ("python manage.py rqscheduler", Role::Scheduler),
        ("python -m dramatiq shop.tasks", Role::Worker),
        ("rq worker --url redis://cache high", Role::Worker),
        ("rq info", Role::Other),
        ("taskiq scheduler shop.tasks:scheduler", Role::Scheduler),
        ("sh -c 'python manage.py migrate && exec gunicorn shop.wsgi'", Role::Web),
        ("crond -f", Role::Scheduler),
        ("sleep 10", Role::Other),
    ] {
        assert_eq!(role(&format!("image: registry.example.org/shop:1, command: \"{command}\"")), expected, "{command}");
    }
}
