//! Developers' stacks that only their commands tell: one that starts Django's development server over mounted code in
//! place of the production server that its image starts by itself. What real users get is the image then.

use super::Linker;
use super::stacks::StackFiles;
use crate::project::command::{ServerKind, app_server};
use crate::project::compose::{self, MountSource, Stack};
use crate::project::deployment::Build;
use crate::project::environment::Variables;
use crate::project::evidence::{Evidence, EvidenceKind};
use crate::project::image::reference::ImageReference;
use crate::project::process::{self, Run};
use crate::project::role::Role;

impl Linker<'_> {
    /// What says that a stack is the developers', where a service of it overrides the server of its image and nothing of
    /// it speaks of real users.
    pub(super) fn overridden(&self, files: &StackFiles) -> Option<Evidence> {
        let stack = self.merged(&self.around(&files.environment), &files.files, &files.env_files);
        if speaks_of_real_users(&stack) {
            return None;
        }
        stack.active(&[]).find_map(|service| self.overrides_server(service))
    }

    fn overrides_server(&self, service: &compose::Service) -> Option<Evidence> {
        service.command.as_ref().or(service.entrypoint.as_ref())?;
        let build = self.build(&service.build.as_ref()?.value)?;
        let over_code = service.volumes.iter().filter(|mount| is_of_host(mount)).any(|mount| {
            let source = mount.value.inside();
            source.is_some_and(|it| build.context.is_under(it) || self.projects.iter().any(|own| own.root.is_under(it)))
        });
        if !over_code {
            return None;
        }
        let command = process::follow(&self.container(Some(&build), &[], None), Some(service), Variables::default());
        let mut servers =
            command.runs.iter().filter(|run| run.happens.likely() != Some(&false) && server_of(run).is_some());
        let started = servers.next().filter(|run| server_of(run) == Some(ServerKind::Runserver))?;
        let told = || Evidence { kind: EvidenceKind::Overrides(started.invocation.text()), place: started.place() };
        (servers.next().is_none() && self.serves_real_users(&build)).then(told)
    }

    /// Whether an image starts a production server by itself, and no other.
    fn serves_real_users(&self, build: &Build) -> bool {
        let own = process::follow(&self.container(Some(build), &[], None), None, Variables::default());
        let servers: Vec<ServerKind> =
            own.runs.iter().filter(|run| run.happens.likely() != Some(&false)).filter_map(server_of).collect();
        !servers.is_empty() && servers.iter().all(|kind| *kind != ServerKind::Runserver)
    }
}

fn server_of(run: &Run) -> Option<ServerKind> {
    app_server(&run.invocation).map(|server| server.kind)
}

fn is_of_host(mount: &compose::Placed<compose::Mount>) -> bool {
    matches!(mount.value.source.likely(), Some(MountSource::Bind(_)))
}

/// Whether a stack has what nobody needs on a laptop: services of its own that come back after a restart, several of one,
/// TLS, a switch of `DEBUG` that is off.
fn speaks_of_real_users(stack: &Stack) -> bool {
    stack.services.values().any(|service| {
        let image = service.image.as_ref().and_then(|image| image.value.likely());
        let named = image.map(ImageReference::parse);
        let is_proxy = named.as_ref().and_then(Role::of_image) == Some(Role::Proxy);
        let restart = service.restart.as_ref().and_then(|restart| restart.value.likely());
        let comes_back = restart.is_some_and(|policy| matches!(policy, "always" | "unless-stopped"));
        let tls = service.ports.iter().any(|port| {
            let side = |port: &Option<compose::Interpolated>| port.as_ref().and_then(|it| it.likely()) == Some("443");
            side(&port.value.published) || side(&port.value.target)
        });
        let certificates =
            image.is_some_and(|image| ["certbot", "acme", "letsencrypt"].iter().any(|it| image.contains(it)));
        let debug_is_off = service.environment.iter().any(|variable| {
            let value = variable.value.value.traced.value.likely().map(|text| text.to_ascii_lowercase());
            variable.value.name.contains("DEBUG")
                && value.is_some_and(|it| matches!(it.as_str(), "0" | "false" | "off"))
        });
        (comes_back && (service.build.is_some() || is_proxy))
            || tls
            || certificates
            || debug_is_off
            || service.deploy.is_some()
    })
}

#[cfg(test)]
mod tests {
    use crate::config::Config;
    use crate::project::Model;
    use crate::project::environment::Environment;
    use crate::source::RepoPath;
    use crate::tree::{MemoryFile, MemoryTree, Snapshot};
    use std::sync::Arc;

    const DOCKERFILE: &str = "FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\nCMD [\"gunicorn\", \"school.wsgi\"]\n";
    const STACK: &str =
        "services:\n  web:\n    build: .\n    command: python manage.py runserver\n    volumes: [.:/app]\n";

    fn environments(files: &[(&str, &str)]) -> Vec<(String, Environment, bool)> {
        let file = |(path, text): &(&str, &str)| MemoryFile::new(RepoPath::new(path).unwrap(), *text);
        let tree = MemoryTree::new(files.iter().map(file));
        let model = Model::build(Arc::new(Snapshot::new(tree)), &Config::default(), true);
        let told = model.deployments.iter().map(|it| (it.name.clone(), it.environment.clone(), it.is_assumed()));
        told.collect()
    }

    #[test]
    fn what_replaces_the_images_server_over_mounted_code_leaves_the_image_to_production() {
        let image = ("Dockerfile".to_owned(), Environment::Production, true);
        let stack = ("compose.yaml".to_owned(), Environment::Development, false);
        let files = [("Dockerfile", DOCKERFILE), ("compose.yaml", STACK)];
        assert_eq!(environments(&files), [image, stack]);
    }

    #[test]
    fn what_speaks_of_real_users_stays_theirs() {
        let assumed = ("compose.yaml".to_owned(), Environment::Production, true);
        let runserver = DOCKERFILE.replace("\"gunicorn\", \"school.wsgi\"", "\"python\", \"manage.py\", \"runserver\"");
        let all = |text: &str| STACK.to_owned() + text;
        for (dockerfile, stack) in [
            (runserver.as_str(), STACK.to_owned()),
            (DOCKERFILE, all("    restart: always\n")),
            (DOCKERFILE, all("    environment: {DEBUG: 'False'}\n")),
            (DOCKERFILE, all("  proxy:\n    image: nginx:1.29\n    ports: ['443:443']\n")),
            (DOCKERFILE, STACK.replace(".:/app", "media:/app/media")),
        ] {
            let files = [("Dockerfile", dockerfile), ("compose.yaml", stack.as_str())];
            assert_eq!(environments(&files), std::slice::from_ref(&assumed), "{stack}");
        }
        let deploy = "ssh app@school.example.org 'docker compose -f compose.yaml up -d'\n";
        let told = environments(&[("Dockerfile", DOCKERFILE), ("compose.yaml", STACK), ("release.sh", deploy)]);
        assert!(told.contains(&assumed), "{told:?}");
    }
}
