use super::context::Context;
use super::{FilePath, FileRef, Flag, Interpolated, Location, Pair, Placed, Text, Variable};
use crate::parse::compose as file;
use crate::project::value::Value;
use crate::source::RepoPath;

/// How a service's image is built.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Build {
    /// `context`.
    pub context: Option<Placed<FilePath>>,
    /// The folder that the context is where none is said; `None` outside the repository.
    pub default_context: Option<RepoPath>,
    /// `dockerfile`, relative to the context.
    pub dockerfile: Text,
    /// `dockerfile_inline`.
    pub dockerfile_inline: Text,
    /// `target`.
    pub target: Text,
    /// `network`.
    pub network: Text,
    /// `no_cache`.
    pub no_cache: Flag,
    /// `pull`.
    pub pull: Flag,
    /// `privileged`.
    pub privileged: Flag,
    /// `args`.
    pub args: Vec<Placed<Variable>>,
    /// `labels`.
    pub labels: Vec<Placed<Pair>>,
    /// `additional_contexts`.
    pub additional_contexts: Vec<Placed<Pair>>,
    /// `ssh`.
    pub ssh: Vec<Placed<Pair>>,
    /// `secrets`.
    pub secrets: Vec<Placed<FileRef>>,
    /// `cache_from`.
    pub cache_from: Vec<Placed<Interpolated>>,
    /// `tags`.
    pub tags: Vec<Placed<Interpolated>>,
    /// `platforms`.
    pub platforms: Vec<Placed<Interpolated>>,
}

impl Build {
    /// Where the context is.
    pub fn context(&self) -> Value<Location> {
        match &self.context {
            Some(context) => context.value.location.clone(),
            None => Value::Known(match &self.default_context {
                Some(folder) => Location::Inside(folder.clone()),
                None => Location::Above(".".to_owned()),
            }),
        }
    }

    /// Where the Dockerfile is: `Dockerfile` in the context where it is not said, absent where it is inline.
    pub fn dockerfile(&self) -> Value<Location> {
        if self.dockerfile_inline.is_some() {
            return Value::Absent;
        }
        let context = self.context();
        let Some(dockerfile) = &self.dockerfile else {
            return context.map(|context| context.join("Dockerfile"));
        };
        match (&dockerfile.value.traced.value, context) {
            (Value::Known(path), context) => context.map(|context| context.join(path)),
            (Value::Default(path), context) => match context {
                Value::Known(context) => Value::Default(context.join(path)),
                context => context.map(|context| context.join(path)),
            },
            (Value::OneOf(paths), Value::Known(context) | Value::Default(context)) => {
                Value::OneOf(paths.iter().map(|path| context.join(path)).collect())
            }
            (Value::OneOf(_) | Value::Absent, context) => context,
            (Value::Unknown(reason), _) => Value::Unknown(reason.clone()),
        }
    }
}

impl Context {
    pub fn merge_build(&self, slot: &mut Option<Placed<Build>>, field: &file::Setting<file::Build>) {
        self.merge(
            slot,
            field,
            |build| Some(build.span),
            |build: &mut Build, over| {
                build.default_context.clone_from(&self.project);
                self.set(&mut build.context, &over.context, |context| {
                    let text = self.text(context);
                    let location =
                        text.traced.value.as_ref().map(|text| Location::of_context(text, self.base.as_ref()));
                    (FilePath { text, location }, context.span())
                });
                self.set_text(&mut build.dockerfile, &over.dockerfile);
                self.set_text(&mut build.dockerfile_inline, &over.dockerfile_inline);
                self.set_text(&mut build.target, &over.target);
                self.set_text(&mut build.network, &over.network);
                self.set_flag(&mut build.no_cache, &over.no_cache);
                self.set_flag(&mut build.pull, &over.pull);
                self.set_flag(&mut build.privileged, &over.privileged);
                self.extend_variables(&mut build.args, &over.args);
                self.extend_pairs(&mut build.labels, &over.labels);
                self.extend_pairs(&mut build.additional_contexts, &over.additional_contexts);
                self.extend_pairs(&mut build.ssh, &over.ssh);
                self.extend_file_refs(&mut build.secrets, &over.secrets, "/run/secrets");
                self.extend_texts(&mut build.cache_from, &over.cache_from);
                self.extend_texts(&mut build.tags, &over.tags);
                self.extend_texts(&mut build.platforms, &over.platforms);
            },
        );
    }
}
