use super::Text;
use super::ports::mask_variables;
use super::reader::Reader;
use crate::parse::yaml::NodeId;
use crate::source::Span;

/// One entry of a service's `volumes`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mount {
    /// The whole entry.
    pub span: Span,
    /// The short form as written: `./data:/data:ro`.
    pub short: Option<Text>,
    /// `type` of the long form: `bind`, `volume`, `tmpfs` …
    pub kind: Option<Text>,
    /// What the entry says, of either form.
    pub parts: MountParts,
    /// `bind.create_host_path`; the short form creates what is missing.
    pub create_host_path: Option<Text>,
}

/// The parts of a mount.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MountParts {
    /// A path of the host, or a volume's name; none for an anonymous volume.
    pub source: Option<Text>,
    /// The path in the container.
    pub target: Option<Text>,
    /// `read_only` of the long form.
    pub read_only: Option<Text>,
    /// The options of the short form: `ro`, `z`, `cached` …; of the long form `bind.propagation`.
    pub options: Vec<Text>,
}

/// One entry of a service's `secrets` or `configs`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileRef {
    /// The whole entry.
    pub span: Span,
    /// The name at the top of the file.
    pub source: Option<Text>,
    /// Where it is mounted; a secret without one at `/run/secrets/` plus its source.
    pub target: Option<Text>,
    /// Owner.
    pub uid: Option<Text>,
    /// Group.
    pub gid: Option<Text>,
    /// Permissions, octal.
    pub mode: Option<Text>,
}

impl Reader<'_> {
    pub(super) fn mount(&mut self, node: NodeId) -> Option<Mount> {
        let span = self.yaml.span(node);
        if !self.yaml.is_mapping(node) {
            let short = self.text(node, "volumes")?;
            if short.text().is_empty() {
                self.wrong(node, "volumes", "a volume or a mapping");
                return None;
            }
            let parts = split_mount(&short);
            if parts.target.is_none() {
                self.problem(span, "a volume needs a path in the container");
            }
            return Some(Mount { span, short: Some(short), parts, ..Mount::default() });
        }
        let mut mount = Mount { span, ..Mount::default() };
        for entry in self.entries(node, "volumes") {
            let field = match entry.name.as_str() {
                "type" => &mut mount.kind,
                "source" | "src" => &mut mount.parts.source,
                "target" | "dst" | "destination" => &mut mount.parts.target,
                "read_only" => &mut mount.parts.read_only,
                "bind" => {
                    if let Some(propagation) = self.get(entry.value, "propagation") {
                        mount.parts.options.extend(self.text(propagation, "propagation"));
                    }
                    if let Some(create) = self.get(entry.value, "create_host_path") {
                        mount.create_host_path = self.text(create, "create_host_path");
                    }
                    continue;
                }
                _ => continue,
            };
            *field = self.text(entry.value, &entry.name);
        }
        Some(mount)
    }

    /// An entry of `secrets` or `configs`; `what` says which.
    pub(super) fn file_ref(&mut self, node: NodeId, what: &str) -> Option<FileRef> {
        let span = self.yaml.span(node);
        if !self.yaml.is_mapping(node) {
            let source = self.text(node, what)?;
            return Some(FileRef { span, source: Some(source), ..FileRef::default() });
        }
        let mut file = FileRef { span, ..FileRef::default() };
        for entry in self.entries(node, what) {
            let field = match entry.name.as_str() {
                "source" => &mut file.source,
                "target" => &mut file.target,
                "uid" => &mut file.uid,
                "gid" => &mut file.gid,
                "mode" => &mut file.mode,
                _ => continue,
            };
            *field = self.text(entry.value, &entry.name);
        }
        Some(file)
    }
}

/// Takes the short form apart: `[source:]target[:options]`. Colons inside `${…}` and after a Windows drive do not count.
pub fn split_mount(short: &Text) -> MountParts {
    let text = short.text();
    let masked = mask_variables(text);
    let mut cuts = Vec::new();
    let mut start = 0;
    for (at, _) in masked.match_indices(':') {
        let drive = at == start + 1 && masked.as_bytes()[start].is_ascii_alphabetic();
        if !drive {
            cuts.push((start, at));
            start = at + 1;
        }
    }
    cuts.push((start, text.len()));
    let part = |&(start, end): &(usize, usize)| (start < end).then(|| short.slice(Span::new(start, end)));
    match cuts.as_slice() {
        [target] => MountParts { target: part(target), ..MountParts::default() },
        [source, target] => MountParts { source: part(source), target: part(target), ..MountParts::default() },
        [source, target, options, ..] => {
            let (mut at, mut list) = (options.0, Vec::new());
            for option in masked[options.0..options.1].split(',') {
                list.extend(part(&(at, at + option.len())));
                at += option.len() + 1;
            }
            MountParts { source: part(source), target: part(target), options: list, read_only: None }
        }
        [] => MountParts::default(),
    }
}
