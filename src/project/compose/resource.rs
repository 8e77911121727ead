use super::context::Context;
use super::{FilePath, Flag, Pair, Placed, Text};
use crate::parse::compose as file;
use crate::source::Place;

/// A volume, network, secret or config of the stack.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resource {
    /// The name that services refer to.
    pub name: String,
    /// The keys that declare it, in the order of the files.
    pub declared: Vec<Place>,
    /// `external`: it exists already, and is not Compose's to make.
    pub external: Flag,
    /// `name` outside Compose.
    pub real_name: Text,
    /// `driver`.
    pub driver: Text,
    /// `driver_opts`.
    pub driver_opts: Vec<Placed<Pair>>,
    /// `labels`.
    pub labels: Vec<Placed<Pair>>,
    /// `file` with the content of a secret or config.
    pub file: Option<Placed<FilePath>>,
    /// `environment`: the variable with the content of a secret or config.
    pub environment: Text,
    /// `content` of a config.
    pub content: Text,
    /// `internal`: a network without a way out.
    pub internal: Flag,
    /// `attachable`.
    pub attachable: Flag,
}

impl Context {
    pub fn merge_resource(&self, resource: &mut Resource, over: &file::Resource) {
        resource.name.clone_from(&over.name.value);
        resource.declared.push(self.place(over.name.span));
        self.set_flag(&mut resource.external, &over.external);
        self.set_text(&mut resource.real_name, &over.real_name);
        self.set_text(&mut resource.driver, &over.driver);
        self.extend_pairs(&mut resource.driver_opts, &over.driver_opts);
        self.extend_pairs(&mut resource.labels, &over.labels);
        self.set(&mut resource.file, &over.file, |path| (self.file_path(path), path.span()));
        self.set_text(&mut resource.environment, &over.environment);
        self.set_text(&mut resource.content, &over.content);
        self.set_flag(&mut resource.internal, &over.internal);
        self.set_flag(&mut resource.attachable, &over.attachable);
    }
}
