//! What a proxy of a stack can reach, and what serves static files beside it.

use super::link::service_at;
use crate::project::deployment::{Deployment, DjangoProcess, Service};
use crate::project::settings::PyValue;
use crate::project::{Model, value::Value};
use crate::tree::FileKind;

impl Deployment {
    /// Whether `host` surely is nobody that the service `from` of the stack reaches by name.
    pub fn lacks_host(&self, from: &str, host: &str) -> bool {
        let (Some(stack), Some(service)) = (&self.stack, self.service(from)) else { return false };
        let Some(merged) = &service.compose else { return false };
        // A name with dots is a name of the world; swarm puts the stack's name before a service's.
        let of_service =
            |name: &str| host == name || host.ends_with(&format!("_{name}")) || host.ends_with(&format!("-{name}"));
        let external = merged.networks.iter().any(|network| {
            let declared = stack.networks.get(&network.value.name);
            network.value.name != "default" && declared.is_none_or(|it| it.external.is_some() || it.real_name.is_some())
        });
        let default_is_external = stack.networks.get("default").is_some_and(|it| it.external.is_some());
        let linked = !merged.extra_hosts.is_empty() || !merged.links.is_empty() || merged.network_mode.is_some();
        !host.contains('.')
            && stack.maybe_more.is_none()
            && merged.maybe_more.is_none()
            && !external
            && !default_is_external
            && !linked
            && service_at(self, host).is_none()
            && !stack.services.values().any(|other| {
                of_service(&other.name)
                    || other
                        .container_name
                        .as_ref()
                        .is_some_and(|name| name.value.likely().is_none_or(|name| name == host))
                    || other
                        .networks
                        .iter()
                        .flat_map(|it| &it.value.aliases)
                        .any(|it| it.likely().is_none_or(|it| it == host))
            })
    }
}

impl DjangoProcess {
    /// The path that static files are asked for at, where that is on the site itself and surely nothing in Django's
    /// middleware serves it.
    pub fn local_static_url(&self) -> Option<String> {
        let url = self.settings.effective("STATIC_URL");
        let url = url.value.known().and_then(PyValue::as_str).filter(|url| !url.contains("://") && !url.is_empty())?;
        let in_use = self.lists("INSTALLED_APPS", "django.contrib.staticfiles") == Some(true);
        let by_middleware =
            ["whitenoise", "hitenoise", "static"].iter().any(|it| self.lists_any_of("MIDDLEWARE", it) != Some(false));
        let storage = ["STORAGES", "STATICFILES_STORAGE"].iter().any(|name| match self.settings.get(name).value {
            Value::Absent => false,
            Value::Known(PyValue::Str(storage)) => !storage.starts_with("django."),
            _ => true,
        });
        let url = if url.starts_with('/') { url.to_owned() } else { format!("/{url}") };
        (in_use && !by_middleware && !storage && url != "/").then_some(url)
    }
}

impl Model {
    /// Whether something in the program itself may serve static files: a view, a wrapper of the application, a flag of
    /// the server.
    pub fn may_serve_static(&self, service: &Service) -> bool {
        const WORDS: [&str; 7] =
            ["static.serve", "views.static", "import serve", "hitenoise", "WhiteNoise", "Cling", "StaticFilesHandler"];
        let by_flag = service.process.runs.iter().any(|run| run.invocation.text().contains("static-map"));
        let kinds = [FileKind::Urls, FileKind::DjangoEntry];
        let mut files = kinds.iter().flat_map(|kind| self.snapshot.files_of(*kind));
        by_flag
            || files.any(|entry| {
                let source = self.snapshot.source(&entry.path);
                source.is_ok_and(|source| WORDS.iter().any(|word| source.text.contains(word)))
            })
    }
}
