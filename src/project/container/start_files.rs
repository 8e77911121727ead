//! Whether what a container starts can be started: the script's line ends and permissions, the programs in the image.

use crate::parse::shell::Word;
use crate::project::Model;
use crate::project::command::{Invocation, WrapperKind};
use crate::project::deployment::{Build, Service};
use crate::project::image::reference::ImageReference;
use crate::project::image::{CopiedPath, CopySource};
use crate::project::process::{Run, StartedScript};
use crate::project::usage::{CommandUse, Origin};
use crate::source::{Place, RepoPath, Span};

/// A program that a start needs and the image has not.
#[derive(Clone, Debug)]
pub struct MissingProgram {
    /// The program.
    pub program: String,
    /// The image without it.
    pub base: String,
    /// Where it is needed.
    pub place: Place,
    /// The command that installs it.
    pub install: String,
}

/// A program, its package, and the kinds of images that are known to lack it.
struct Known {
    program: &'static str,
    /// What packages that have it are called, in part.
    packages: &'static [&'static str],
    alpine: Option<&'static str>,
    slim: Option<&'static str>,
}

/// What official images lack: those on Alpine have BusyBox's tools, the slim ones of Debian hardly any.
const PROGRAMS: [Known; 6] = [
    Known { program: "bash", packages: &["bash"], alpine: Some("bash"), slim: None },
    Known { program: "curl", packages: &["curl"], alpine: Some("curl"), slim: Some("curl") },
    Known { program: "wget", packages: &["wget"], alpine: None, slim: Some("wget") },
    Known {
        program: "nc",
        packages: &["netcat", "ncat", "nmap", "busybox"],
        alpine: None,
        slim: Some("netcat-openbsd"),
    },
    Known {
        program: "pg_isready",
        packages: &["postgresql"],
        alpine: Some("postgresql-client"),
        slim: Some("postgresql-client"),
    },
    Known {
        program: "psql",
        packages: &["postgresql"],
        alpine: Some("postgresql-client"),
        slim: Some("postgresql-client"),
    },
];

impl Model {
    /// The commands of the `RUN` instructions of a Dockerfile and of those below it, all stages.
    fn build_commands(&self, build: &Build) -> impl Iterator<Item = (usize, &CommandUse)> {
        let paths: Vec<RepoPath> =
            build.layers().map(|layer| layer.dockerfile).chain([build.written_in()]).cloned().collect();
        self.commands.iter().filter(move |it| paths.contains(&it.path)).filter_map(|command| match command.origin {
            Origin::Build { stage } => Some((stage, command)),
            _ => None,
        })
    }

    /// The first line of a script that ends as Windows writes it, where that hinders the script: the shebang of one that
    /// is executed, any line of one that a shell reads. None where the build puts it right.
    pub fn windows_line(&self, service: &Service, script: &StartedScript) -> Option<Place> {
        let source = self.snapshot.source(&script.file).ok()?;
        let at = source.text.find("\r\n")?;
        let start = source.text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let mends = |command: &CommandUse| {
            let text = command.invocation.text();
            command.invocation.program == "dos2unix" || text.contains("\\r") || text.contains("\\015")
        };
        let mended = script.in_image
            && service.build.iter().any(|build| self.build_commands(build).any(|(_, command)| mends(command)));
        let hinders = !script.executed || (start == 0 && source.text.starts_with("#!"));
        (hinders && !mended).then(|| Place::new(script.file.clone(), Span::new(start, at)))
    }

    /// Whether a script that is executed itself surely may not be, in the image that is built: git says so, and nothing in
    /// the Dockerfile changes it.
    pub fn is_not_executable(&self, service: &Service, script: &StartedScript) -> bool {
        let Some(build) = service.build.as_ref().filter(|_| script.executed && script.in_image) else { return false };
        let plain = self.snapshot.tree().find(&script.file).is_some_and(|file| !file.executable);
        let covers = |copy: &CopiedPath| {
            copy.destination.value.likely().is_none_or(|to| script.container_path.starts_with(to.trim_end_matches('/')))
        };
        let by_copy = build.copies().any(|(_, copy)| copy.chmod.is_some() && covers(copy));
        let name = script.container_path.rsplit('/').next().unwrap_or_default();
        let may_permit = |invocation: &Invocation| {
            let elsewhere = invocation.via.iter().any(|via| via.kind == WrapperKind::Each);
            let names = |word: &Word| {
                let text = word.text();
                text.contains(name)
                    || text.contains(['*', '?', '[', '$'])
                    || matches!(text, "-R" | "--recursive" | "-exec")
            };
            match invocation.program.as_str() {
                "chmod" | "install" | "find" => elsewhere || invocation.arguments().iter().any(names),
                _ => false,
            }
        };
        plain && !by_copy && !self.build_commands(build).any(|(_, command)| may_permit(&command.invocation))
    }

    /// The programs that a service's start surely needs and its image surely lacks, each once.
    pub fn missing_programs(&self, service: &Service) -> Vec<MissingProgram> {
        let Some(build) = &service.build else { return Vec::new() };
        let Some(base) = build.image.base.value.known() else { return Vec::new() };
        let reference = ImageReference::parse(base);
        let lacking = PROGRAMS.iter().filter_map(|known| Some((known, lacks(&reference, known)?)));
        lacking
            .filter_map(|(known, install)| {
                let place = needed_at(service, known.program)?;
                (!self.may_hold(build, known)).then(|| MissingProgram {
                    program: known.program.to_owned(),
                    base: base.clone(),
                    place,
                    install,
                })
            })
            .collect()
    }

    /// Whether the build may put a program into the image: by a package of its name, or by what is not looked into.
    fn may_hold(&self, build: &Build, known: &Known) -> bool {
        let mut own = self.build_commands(build).filter(|(stage, command)| build.has_stage(&command.path, *stage));
        let installs = |invocation: &Invocation| {
            let words = invocation.arguments();
            match invocation.program.as_str() {
                "apt-get" | "apt" | "apk" | "aptitude" => {
                    let given = invocation.via.iter().any(|via| via.kind == WrapperKind::Each);
                    let named = |word: &Word| {
                        word.literal().is_none_or(|text| known.packages.iter().any(|package| text.contains(package)))
                    };
                    given || words.iter().any(named)
                }
                // A script of the build, or one from elsewhere.
                "" | "sh" | "bash" | "ash" | "make" | "ansible-playbook" | "conda" | "dpkg" | "brew" => true,
                program => {
                    let is_it = |text: &str| text.rsplit('/').next() == Some(known.program);
                    program.ends_with(".sh") || is_it(program) || words.iter().any(|word| is_it(word.text()))
                }
            }
        };
        let brings = |copy: &CopiedPath| {
            const FOLDERS: [&str; 6] = ["", "/usr", "/bin", "/usr/bin", "/usr/local", "/usr/local/bin"];
            let into = |to: &String| FOLDERS.contains(&to.trim_end_matches('/')) || to.ends_with(known.program);
            copy.from != CopySource::Context && copy.destination.value.likely().is_none_or(into)
        };
        own.any(|(_, command)| installs(&command.invocation)) || build.copies().any(|(_, copy)| brings(copy))
    }
}

/// The command that installs a program into an image that surely lacks it.
fn lacks(base: &ImageReference, known: &Known) -> Option<String> {
    let tag = base.tag.as_deref().unwrap_or_default();
    let official =
        |name: &str| base.repository == name || base.repository.strip_prefix("docker.io/library/") == Some(name);
    if official("alpine") || (official("python") && tag.contains("alpine")) {
        return known.alpine.map(|package| format!("apk add --no-cache {package}"));
    }
    let slim = official("python") && tag.contains("slim");
    known.slim.filter(|_| slim).map(|package| format!("apt-get install --no-install-recommends -y {package}"))
}

/// Where a service's start surely runs a program: itself, or as the shell of a script or a text.
fn needed_at(service: &Service, program: &str) -> Option<Place> {
    let process = &service.process;
    let likely = |happens: &crate::project::value::Value<bool>| happens.likely() == Some(&true);
    let by_shebang = process
        .starts
        .iter()
        .find(|script| script.executed && likely(&script.happens) && script.interpreter.as_deref() == Some(program));
    let runs = |run: &&Run| {
        let invocation = &run.invocation;
        let here = invocation.host().is_none() && invocation.container().is_none();
        let as_shell = invocation.via.iter().any(|via| via.kind == WrapperKind::Shell && via.program == program);
        here && run.likely() && !invocation.failure_ignored && (invocation.program == program || as_shell)
    };
    let by_run = || process.runs.iter().find(runs).map(Run::place);
    by_shebang.map(|script| Place::start_of(script.file.clone())).or_else(by_run)
}
