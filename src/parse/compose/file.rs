use super::reader::{Entry, Reader};
use super::refused::refusals;
use super::{ComposeFile, Field, Include, MergeTag, Service};
use crate::parse::yaml::{self, NodeId, Yaml};
use crate::source::{Problem, Span};

/// Keys that tell a service of the old format from an unknown key at the top.
const SERVICE_KEYS: [&str; 8] =
    ["image", "build", "command", "ports", "links", "volumes", "environment", "container_name"];

/// Reads a compose file. What does not fit is a problem; the rest is there.
pub fn parse(text: &str) -> (ComposeFile, Vec<Problem>) {
    let (yaml, mut problems) = yaml::parse(text);
    let mut reader = Reader::new(&yaml);
    duplicate_keys(&mut reader);
    let mut documents = yaml.documents.iter().map(|&root| document(&mut reader, root));
    let mut file = documents.next().unwrap_or_default();
    file.further = documents.collect();
    problems.append(&mut reader.problems);
    problems.sort_by_key(|problem| problem.span);
    file.comments = yaml.comments;
    (file, problems)
}

/// Compose refuses a file that says a key twice.
fn duplicate_keys(reader: &mut Reader<'_>) {
    let yaml = reader.yaml;
    for duplicate in yaml.ids().flat_map(|id| own_duplicates(yaml, id)) {
        let name = yaml.text(duplicate.again).unwrap_or("");
        reader.problem(yaml.span(duplicate.again), format!("the key `{name}` stands twice in this mapping"));
    }
}

fn own_duplicates(yaml: &Yaml, id: NodeId) -> Vec<yaml::Duplicate> {
    // An alias has no keys of its own: its target is looked at where it stands.
    if yaml.resolve(id) == id { yaml.duplicates(id) } else { Vec::new() }
}

fn document(reader: &mut Reader<'_>, root: NodeId) -> ComposeFile {
    let mut file = ComposeFile::default();
    if reader.yaml.is_null(root) {
        return file;
    }
    let Some(entries) = reader.mapping(root, "compose file") else { return file };
    file.refusals = refusals(reader.yaml, root);
    let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    file.version_1 = is_version_1(reader.yaml, &names, &entries);
    if file.version_1 {
        let services: Vec<Service> = entries.iter().map(|entry| reader.service(entry)).collect();
        let start = reader.yaml.span(root).start as usize;
        file.services = Some(Field { key: Span::at(start), tag: MergeTag::Merge, value: Some(services) });
        return file;
    }
    for entry in &entries {
        match entry.name.as_str() {
            "version" => file.version = reader.text_field(entry),
            "name" => file.name = reader.text_field(entry),
            "include" => file.includes = reader.list_field(entry, Reader::include),
            "services" => {
                file.services = reader.field(entry, |reader, node| {
                    let entries = reader.mapping(node, "services")?;
                    Some(entries.iter().map(|entry| reader.service(entry)).collect())
                });
            }
            "volumes" => file.volumes = reader.resources(entry),
            "networks" => file.networks = reader.resources(entry),
            "secrets" => file.secrets = reader.resources(entry),
            "configs" => file.configs = reader.resources(entry),
            _ => file.other.push(reader.other(entry, &["models"])),
        }
    }
    file
}

/// Whether services stand at the top: no section of the later formats is there, and everything is a mapping that looks
/// like a service.
fn is_version_1(yaml: &Yaml, names: &[&str], entries: &[Entry]) -> bool {
    let later = ["services", "version", "include", "name", "volumes", "networks", "secrets", "configs"];
    let is_key = |key: NodeId| yaml.text(key).is_some_and(|key| SERVICE_KEYS.contains(&key));
    let is_service = |entry: &Entry| {
        let pairs = yaml.pairs(entry.value).unwrap_or_default();
        entry.name.starts_with("x-") || pairs.iter().any(|&(key, _)| is_key(key))
    };
    entries.len() < 200
        && !names.iter().any(|name| later.contains(name))
        && entries.iter().all(is_service)
        && entries.iter().any(|entry| !entry.name.starts_with("x-"))
}

impl Reader<'_> {
    fn include(&mut self, node: NodeId) -> Option<Include> {
        let mut include = Include { span: self.yaml.span(node), ..Include::default() };
        if self.yaml.text(node).is_some() {
            include.paths.push(self.yaml.fragment(node));
            return Some(include);
        }
        for entry in self.mapping(node, "include")? {
            match entry.name.as_str() {
                "path" => include.paths = self.text_or_texts(entry.value, "path").unwrap_or_default(),
                "project_directory" => include.project_directory = self.text(entry.value, "project_directory"),
                "env_file" => include.env_files = self.text_or_texts(entry.value, "env_file").unwrap_or_default(),
                _ => {}
            }
        }
        if include.paths.is_empty() {
            self.problem(include.span, "an entry of `include` needs a `path`");
            return None;
        }
        Some(include)
    }
}
