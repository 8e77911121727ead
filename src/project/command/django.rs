//! Django's management commands.

use super::flags::{Flags, Syntax};
use super::{Invocation, WrapperKind};
use crate::parse::shell::Word;
use crate::source::{Span, Spanned};

/// A management command: `python manage.py migrate --noinput`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DjangoCommand {
    /// The command: `migrate`, `runserver`, `collectstatic`.
    pub name: Spanned<String>,
    /// Its flags.
    pub flags: Flags,
    /// The settings module that `--settings` names.
    pub settings: Option<Word>,
    /// The class of django-configurations that `--configuration` names.
    pub configuration: Option<Word>,
    /// From `manage.py` to the last argument.
    pub span: Span,
}

impl DjangoCommand {
    /// The arguments that are no flags: app labels, addresses.
    pub fn arguments(&self) -> &[Word] {
        &self.flags.arguments
    }

    /// Whether a flag of one of these names is there.
    pub fn has_flag(&self, names: &[&str]) -> bool {
        self.flags.has(names)
    }

    /// Whether it changes the tables of the database: `migrate`, that of django-tenants included.
    pub fn migrates(&self) -> bool {
        let only_looks = ["--plan", "--check", "--list", "--help", "-h"];
        matches!(self.name.as_str(), "migrate" | "migrate_schemas") && !self.has_flag(&only_looks)
    }

    /// Whether it asks nothing: `--noinput`, `--no-input`.
    pub fn is_unattended(&self) -> bool {
        self.flags.has(&["--noinput", "--no-input"])
    }
}

/// Flags with a value that every command has.
const COMMON: &[&str] = &["--settings", "--configuration", "--pythonpath", "-v", "--verbosity"];

/// The management command that this is, if it is one.
pub fn django(invocation: &Invocation) -> Option<DjangoCommand> {
    let by_module = invocation.via.last().is_some_and(|via| via.kind == WrapperKind::Python { module: true });
    let is_django = match invocation.program.as_str() {
        "manage.py" | "django-admin" | "django-admin.py" => true,
        "django" | "manage" => by_module,
        _ => false,
    };
    if !is_django {
        return None;
    }
    let all = invocation.flags(&Syntax::valued(COMMON).then_command());
    let (name, rest) = all.arguments.split_first()?;
    let name = Spanned::new(name.literal()?, name.span);
    let mut flags = Flags::read(rest, &Syntax::valued(own_flags(&name)).with(COMMON));
    flags.flags.splice(0..0, all.flags);
    let settings = flags.value(&["--settings"]).cloned();
    let configuration = flags.value(&["--configuration"]).cloned();
    Some(DjangoCommand { name, settings, configuration, flags, span: invocation.words_span() })
}

/// The flags of `name` that take a value. From the reference of django-admin.
fn own_flags(name: &str) -> &'static [&'static str] {
    match name {
        "check" => &["-t", "--tag", "--fail-level", "--database"],
        "makemigrations" | "startapp" | "startproject" => {
            &["-n", "--name", "--template", "-e", "--extension", "-x", "--exclude"]
        }
        "collectstatic" | "runserver" => &["-i", "--ignore"],
        "dumpdata" | "loaddata" => {
            &["--database", "--format", "--indent", "-e", "--exclude", "--pks", "-o", "--output", "--app"]
        }
        "makemessages" | "compilemessages" => {
            &["-l", "--locale", "-x", "--exclude", "-e", "--extension", "-d", "--domain", "-i", "--ignore"]
        }
        "shell" | "shell_plus" => &["-c", "--command", "-i", "--interface"],
        "test" => &["--tag", "--exclude-tag", "-k", "--testrunner", "-t", "-p"],
        "runserver_plus" => &["--cert-file", "--key-file", "--reloader-interval", "--reloader-type"],
        _ => &["--database", "--username", "--email", "--addrport"],
    }
}
