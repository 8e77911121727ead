//! What serves static files beside a proxy.

use crate::project::deployment::{DjangoProcess, Service};
use crate::project::settings::PyValue;
use crate::project::{Model, value::Value};
use crate::tree::FileKind;

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
