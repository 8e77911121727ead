//! What a container reaches, and what outlives it: host names, paths on volumes, processes that share no memory.

use crate::parse::shell::Word;
use crate::project::command::{ServerKind, app_server};
use crate::project::compose::{self, MountSource};
use crate::project::deployment::{Deployment, Service};
use crate::project::environment::Lookup;
use crate::project::image::CopySource;
use crate::project::model::Model;
use crate::project::role::Role;
use crate::project::settings::REPOSITORY;
use crate::source::RepoPath;

impl Service {
    /// Whether it is a container with a network of its own, so that `localhost` is the container and nothing else.
    pub fn has_own_network(&self) -> bool {
        self.compose.as_ref().is_some_and(|merged| merged.network_mode.is_none() && merged.maybe_more.is_none())
    }

    /// Whether one of its own commands starts a server of that kind beside the application (`redis-server`, `supervisord`).
    pub fn may_run_servers(&self) -> bool {
        const SERVERS: [&str; 13] = [
            "postgres",
            "pg_ctl",
            "pg_ctlcluster",
            "mysqld",
            "mysqld_safe",
            "mariadbd",
            "redis-server",
            "valkey-server",
            "memcached",
            "rabbitmq-server",
            "supervisord",
            "service",
            "systemctl",
        ];
        let runs = self.process.runs.iter();
        runs.map(|run| run.invocation.program.as_str())
            .any(|program| SERVERS.contains(&program) || program.ends_with("/init"))
    }

    /// Whether what it runs last is no part of the site, although it may have the site's variables: the documentation,
    /// tools of Node.
    pub fn is_beside_the_site(&self) -> bool {
        const TOOLS: [&str; 9] =
            ["sphinx-build", "sphinx-autobuild", "mkdocs", "npm", "npx", "yarn", "pnpm", "node", "bun"];
        let last = self.process.runs.last().filter(|_| self.role == Role::Other);
        last.is_some_and(|run| {
            let invocation = &run.invocation;
            let of_docs = |word: &Word| ["html", "docs"].iter().any(|part| word.text().contains(part));
            TOOLS.contains(&invocation.program.as_str())
                || (invocation.program == "make" && invocation.arguments().iter().any(of_docs))
        })
    }

    /// Whether the image that is built here surely lacks a folder of the repository, and nothing is mounted there.
    pub fn lacks_folder(&self, model: &Model, folder: &RepoPath) -> bool {
        model.complete
            && self.build.is_some()
            && self.process.maybe_more.is_none()
            && !model.has_folder(folder)
            && self.keeps(&format!("{REPOSITORY}/{folder}/x")) == Some(false)
            // A folder may be made by whatever runs before, in a way that is not followed.
            && !model.mentions(&["makedirs", "mkdir", "install -d"])
    }

    /// Whether what is written to `path` outlives the container; `None` where that cannot be told. A path of the
    /// repository, as settings have it, is followed into the image.
    pub fn keeps(&self, path: &str) -> Option<bool> {
        let merged = self.compose.as_ref().filter(|merged| merged.maybe_more.is_none())?;
        if merged.volumes.is_empty() && merged.volumes_from.is_empty() && !self.image_has_volumes() {
            return Some(false);
        }
        if !merged.volumes_from.is_empty() || self.image_has_volumes() {
            return None;
        }
        let inside = match path.strip_prefix(REPOSITORY) {
            Some(file) => {
                let file = RepoPath::new(file.trim_start_matches('/'))?;
                if merged.volumes.iter().any(|mount| mount.value.inside().is_some_and(|folder| file.is_under(folder))) {
                    return Some(true);
                }
                self.in_image(&file)?
            }
            None if path.starts_with('/') => path.to_owned(),
            None => return None,
        };
        let mut kept = false;
        for mount in &merged.volumes {
            let target = mount.value.target.as_ref()?.likely()?.trim_end_matches('/');
            if below(target, &inside) {
                // Something below is kept, and perhaps all that matters.
                return None;
            }
            kept |= below(&inside, target) && mount.value.source.likely() != Some(&MountSource::Tmpfs);
        }
        Some(kept)
    }

    fn image_has_volumes(&self) -> bool {
        self.build.as_ref().is_some_and(|build| !build.image.volumes.is_empty())
    }

    /// The path that a file of the repository has in the image, or would have.
    fn in_image(&self, file: &RepoPath) -> Option<String> {
        let build = self.build.as_ref()?;
        build.copies().filter(|(_, copy)| copy.from == CopySource::Context).find_map(|(context, copy)| {
            let to = copy.destination.value.likely()?.trim_end_matches('/');
            copy.sources.iter().find_map(|source| {
                let folder = context.join(source.value.likely()?.trim_start_matches('/'))?;
                Some(format!("{to}/{}", file.relative_to(&folder)?))
            })
        })
    }

    /// How many processes of the application server run at least, replicas counted; `None` where that is not written.
    pub fn server_processes(&self) -> Option<u64> {
        let run = self.process.runs.iter().rfind(|run| run.likely() && app_server(&run.invocation).is_some())?;
        let server = app_server(&run.invocation)?;
        let concurrency = || match self.process.variables.lookup("WEB_CONCURRENCY") {
            Lookup::Set(value) => value.value.likely()?.trim().parse().ok(),
            _ => None,
        };
        let workers = match (&server.workers, server.kind) {
            _ if run.uwsgi.is_some() => match run.uwsgi.as_ref().filter(|uwsgi| !uwsgi.mentions("cheaper"))? {
                uwsgi if uwsgi.mentions("processes") || uwsgi.mentions("workers") => {
                    uwsgi.value(&["processes", "workers"])?.parse().ok()?
                }
                uwsgi => (!uwsgi.open).then_some(1)?,
            },
            (Some(word), _) => word.expand(&self.process.variables).likely()?.trim().parse().ok()?,
            (None, ServerKind::Gunicorn | ServerKind::Uvicorn) => concurrency().unwrap_or(1),
            (None, _) => 1,
        };
        Some(workers.max(1) * u64::from(self.replicas().unwrap_or(1)))
    }

    /// Whether an asynchronous server runs the application: uvicorn, daphne, hypercorn, or gunicorn with their workers.
    pub fn serves_asgi(&self) -> bool {
        self.process.runs.iter().filter(|run| run.likely()).filter_map(|run| app_server(&run.invocation)).any(
            |server| {
                let word =
                    |word: Option<&crate::parse::shell::Word>| word.and_then(|word| word.literal()).unwrap_or_default();
                match server.kind {
                    ServerKind::Uvicorn | ServerKind::Daphne | ServerKind::Hypercorn => true,
                    ServerKind::Gunicorn => word(server.worker_class.as_ref()).to_lowercase().contains("uvicorn"),
                    ServerKind::Granian => word(server.worker_class.as_ref()).starts_with("asgi"),
                    _ => false,
                }
            },
        )
    }
}

/// Whether `path` is `folder` or lies below it.
fn below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || folder.is_empty())
}

impl Deployment {
    /// Whether `host` surely is no name that a container of `service` can resolve: it has no dot, and nothing in the
    /// stack goes by it. A network from elsewhere may bring further names.
    pub fn lacks_host(&self, service: &Service, host: &str) -> bool {
        let (Some(stack), Some(merged)) = (&self.stack, &service.compose) else { return false };
        let external = |name: &str| {
            let declared = stack.networks.get(name);
            declared.is_none_or(|network| network.external.is_some() || network.real_name.is_some())
        };
        let joins_elsewhere =
            merged.networks.iter().any(|network| network.value.name != "default" && external(&network.value.name))
                || stack.networks.get("default").is_some_and(|network| network.external.is_some());
        if !service.has_own_network() || stack.maybe_more.is_some() || joins_elsewhere {
            return false;
        }
        // Containers and networks of Docker itself, and short names of the server's own domain, have a dot or are these.
        let special = host.contains(['.', ':']) || host == "localhost" || host.parse::<u32>().is_ok();
        // Another stack of a swarm may join this one's network: its services go by `<stack>_<service>`.
        let of_other_stack = host.contains('_') && self.is_swarm();
        !special
            && !of_other_stack
            && !merged.dns_names_more()
            && !stack.services.values().any(|other| other.answers_to(host))
            && !merged.extra_hosts.iter().any(|pair| pair.value.name == host)
    }
}

impl compose::Service {
    /// Whether its container goes by that name in the networks that it joins.
    fn answers_to(&self, host: &str) -> bool {
        let text =
            |text: &compose::Text| text.as_ref().map(|placed| placed.value.likely().map(str::to_ascii_lowercase));
        let is = |name: Option<Option<String>>| name.is_some_and(|name| name.is_none_or(|name| name == host));
        let service = self.name.to_ascii_lowercase();
        // Containers also go by the names that Compose (`school-db-1`) and Swarm (`school_db`) give them.
        let given = [format!("-{service}-"), format!("_{service}_")].iter().any(|part| host.contains(part.as_str()))
            || host.ends_with(&format!("_{service}"));
        self.maybe_more.is_some()
            || given
            || service == host
            || is(text(&self.container_name))
            || is(text(&self.hostname))
            || self
                .networks
                .iter()
                .flat_map(|network| &network.value.aliases)
                .any(|alias| alias.likely().is_none_or(|alias| alias.eq_ignore_ascii_case(host)))
    }

    /// Whether other names may be known to it: links to containers from elsewhere, a name server of its own.
    fn dns_names_more(&self) -> bool {
        !self.links.is_empty()
            || !self.dns.is_empty()
            || self.other.iter().any(|other| matches!(other.value.name.as_str(), "external_links" | "dns_search"))
    }
}
