//! `RUN --mount`.

use super::Instruction;
use crate::source::Span;

/// What a step mounts while it runs.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct RunMount {
    /// `bind` where it is not said; `cache`, `tmpfs`, `secret`, `ssh`.
    pub kind: MountKind,
    /// The stage, image or named context that it comes from; the build context where there is none.
    pub from: Option<String>,
    /// What of it.
    pub source: Option<String>,
    /// The path in the container; that of a secret lies below `/run/secrets` where it is not said.
    pub target: Option<String>,
    /// The name of a secret, a cache or an SSH socket.
    pub id: Option<String>,
    /// The variable that a secret is given in.
    pub variable: Option<String>,
    /// The flag.
    pub span: Span,
}

/// The kinds of mounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum MountKind {
    /// Files of the context, a stage or an image.
    #[default]
    Bind,
    /// A folder that is kept between builds, and out of the layer.
    Cache,
    /// Memory.
    Tmpfs,
    /// A secret.
    Secret,
    /// The agent that has SSH keys.
    Ssh,
    /// Another kind, which Docker refuses.
    Unknown,
}

impl Instruction {
    /// The mounts of a `RUN`, in order.
    pub fn mounts(&self) -> Vec<RunMount> {
        self.flags_named("mount").map(|flag| mount(flag.value.as_ref().map_or("", |it| &it.value), flag.span)).collect()
    }

    /// The instruction that counts: of `ONBUILD` the one that it holds back.
    pub fn effective(&self) -> &Instruction {
        match &self.kind {
            super::InstructionKind::Onbuild(inner) => inner,
            _ => self,
        }
    }
}

fn mount(text: &str, span: Span) -> RunMount {
    let mut mount = RunMount { span, ..RunMount::default() };
    for field in text.split(',') {
        let Some((key, value)) = field.split_once('=') else { continue };
        let value = value.trim_matches('"');
        let slot = match key.trim_start_matches('"').to_ascii_lowercase().as_str() {
            "type" => {
                mount.kind = match value.to_ascii_lowercase().as_str() {
                    "bind" => MountKind::Bind,
                    "cache" => MountKind::Cache,
                    "tmpfs" => MountKind::Tmpfs,
                    "secret" => MountKind::Secret,
                    "ssh" => MountKind::Ssh,
                    _ => MountKind::Unknown,
                };
                continue;
            }
            "from" => &mut mount.from,
            "source" | "src" => &mut mount.source,
            "target" | "dst" | "destination" => &mut mount.target,
            "id" => &mut mount.id,
            "env" => &mut mount.variable,
            _ => continue,
        };
        *slot = Some(value.to_owned());
    }
    if mount.kind == MountKind::Secret {
        // Each of the two may stand for the other.
        let name = mount.target.as_deref().and_then(|target| target.rsplit('/').next().map(str::to_owned));
        mount.id = mount.id.take().or(name);
        if mount.target.is_none() && mount.variable.is_none() {
            mount.target = mount.id.as_ref().map(|id| format!("/run/secrets/{id}"));
        }
    }
    mount
}
