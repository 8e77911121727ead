use super::context::Context;
use super::location::is_host_path;
use super::{Interpolated, Location, Placed};
use crate::parse::compose::{self as file, split_mount};
use crate::project::value::Value;
use crate::source::Place;

/// A volume or a path of the host in a container.
#[derive(Clone, Debug, PartialEq)]
pub struct Mount {
    /// What is mounted.
    pub source: Value<MountSource>,
    /// The source as written, where there is one.
    pub source_text: Option<Interpolated>,
    /// The path in the container.
    pub target: Option<Interpolated>,
    /// Whether the container can only read it.
    pub read_only: Value<bool>,
    /// The options of the short form: `z`, `cached` …
    pub options: Vec<Interpolated>,
    /// Whether the short form is used: it creates a path that is missing on the host, as a folder of root.
    pub short: bool,
}

/// What is mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MountSource {
    /// A volume without a name, new with every container.
    Anonymous,
    /// The volume of this name at the top of the file.
    Named(String),
    /// A path of the host.
    Bind(Location),
    /// Memory.
    Tmpfs,
    /// Another type, which is named: `npipe`, `cluster`, `image`.
    Other(String),
}

/// An entry of a service's `secrets` or `configs`.
#[derive(Clone, Debug, PartialEq)]
pub struct FileRef {
    /// The name at the top of the file.
    pub source: Option<Interpolated>,
    /// Where it is mounted, if it is said: else at `/run/secrets/` plus the source, a config at `/` plus the source.
    pub target: Option<Interpolated>,
    /// Permissions, octal.
    pub mode: Option<Interpolated>,
}

impl Placed<Mount> {
    /// Where the source is written: the narrowest place that says what is mounted.
    pub fn source_place(&self) -> Place {
        let span = self.value.source_text.as_ref().map_or(self.place.span, |text| text.text.span());
        Place::new(self.place.path.clone(), span)
    }
}

impl Mount {
    /// The path of the host in the repository, where it is one.
    pub fn inside(&self) -> Option<&crate::source::RepoPath> {
        match self.source.likely()? {
            MountSource::Bind(location) => location.inside(),
            _ => None,
        }
    }

    /// What makes an entry of `volumes` unique: the path in the container.
    fn key(&self) -> Option<String> {
        let target = self.target.as_ref()?.text.text();
        let parts: Vec<&str> = target.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        Some(parts.join("/"))
    }
}

impl Context {
    pub fn extend_mounts(&self, list: &mut Vec<Placed<Mount>>, field: &file::Setting<Vec<file::Mount>>) {
        self.extend(list, field, Mount::key, |mount| (self.mount(mount), mount.span));
    }

    fn mount(&self, mount: &file::Mount) -> Mount {
        let fill = |text: &file::Text| self.text(text);
        let parts = &mount.parts;
        let mut source = parts.source.as_ref().map(fill);
        let mut target = parts.target.as_ref().map(fill);
        let mut options: Vec<Interpolated> = parts.options.iter().map(fill).collect();
        if let Some(short) = &mount.short {
            // A variable may hold more than one part. A colon after one letter is a Windows drive.
            let several = |part: &Option<Interpolated>| {
                part.as_ref()
                    .and_then(Interpolated::likely)
                    .is_some_and(|text| text.get(2..).unwrap_or("").contains(':'))
            };
            if several(&source) || several(&target) {
                let whole = self.text(short);
                let parts = split_mount(&whole.text);
                source = parts.source.map(|part| whole.part(part));
                target = parts.target.map(|part| whole.part(part));
                options = parts.options.into_iter().map(|part| whole.part(part)).collect();
            }
        }
        let read_only = match &parts.read_only {
            Some(read_only) => self.flag(read_only).value,
            None => read_only_option(&options),
        };
        let kind = mount.kind.as_ref().map(fill);
        let source_text = source.clone();
        let source = self.mount_source(kind.as_ref().map(|kind| kind.text.text()), source);
        Mount { source, source_text, target, read_only, options, short: mount.short.is_some() }
    }

    fn mount_source(&self, kind: Option<&str>, source: Option<Interpolated>) -> Value<MountSource> {
        let bind = |path: &str| MountSource::Bind(Location::of_path(path, self.base.as_ref()));
        let by_look = |text: &str| if is_host_path(text) { bind(text) } else { MountSource::Named(text.to_owned()) };
        match (kind, source) {
            (Some("tmpfs"), _) => Value::Known(MountSource::Tmpfs),
            (Some("volume") | None, None) => Value::Known(MountSource::Anonymous),
            (Some("bind"), None) => Value::Absent,
            (Some("bind"), Some(source)) => source.traced.value.map(|path| bind(&path)),
            (Some("volume"), Some(source)) => source.traced.value.map(MountSource::Named),
            (None, Some(source)) => source.traced.value.map(|text| by_look(&text)),
            (Some(other), _) => Value::Known(MountSource::Other(other.to_owned())),
        }
    }

    /// `secrets` and `configs`: unique by where they are mounted, below `folder` where it is not said.
    pub fn extend_file_refs(
        &self,
        list: &mut Vec<Placed<FileRef>>,
        field: &file::Setting<Vec<file::FileRef>>,
        folder: &str,
    ) {
        let key = |file: &FileRef| match (&file.target, &file.source) {
            (Some(target), _) => Some(target.text.text().to_owned()),
            (None, Some(source)) => Some(format!("{folder}/{}", source.text.text())),
            (None, None) => None,
        };
        self.extend(list, field, key, |file| {
            let fill = |text: &Option<file::Text>| text.as_ref().map(|text| self.text(text));
            (FileRef { source: fill(&file.source), target: fill(&file.target), mode: fill(&file.mode) }, file.span)
        });
    }
}

fn read_only_option(options: &[Interpolated]) -> Value<bool> {
    if let Some(unknown) = options.iter().find(|option| option.likely().is_none()) {
        return unknown.traced.value.as_ref().map(|_| false);
    }
    let has = options.iter().find(|option| option.likely() == Some("ro"));
    has.map_or(Value::Known(false), |option| option.traced.value.as_ref().map(|_| true))
}
