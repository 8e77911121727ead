//! Package managers: what a command installs, and what it is told about questions, versions and caches. From the
//! managers' manuals.

mod languages;
mod system;
#[cfg(test)]
mod tests;

use super::Invocation;
use super::flags::Flags;
use crate::parse::shell::Word;
use crate::source::Span;

/// A package manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Manager {
    /// `apt-get`
    AptGet,
    /// `apt`
    Apt,
    /// `apk`
    Apk,
    /// `yum`
    Yum,
    /// `dnf`
    Dnf,
    /// `microdnf`, and `tdnf`, which takes the same words.
    Microdnf,
    /// `zypper`
    Zypper,
    /// `pip`, `uv pip`
    Pip,
    /// `pipx`
    Pipx,
    /// `pipenv`
    Pipenv,
    /// `poetry`
    Poetry,
    /// `uv` but for `uv pip`
    Uv,
    /// `npm`
    Npm,
    /// `yarn`
    Yarn,
    /// `pnpm`
    Pnpm,
    /// `gem`
    Gem,
    /// `go`
    Go,
}

/// What a package manager is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Packages, or all that a project's files list.
    Install,
    /// The list of what there is.
    Refresh,
    /// What is installed, to its newest version.
    Upgrade,
    /// The same, and to a new release where that is out: `dist-upgrade`, `full-upgrade`, `dup`.
    DistUpgrade,
    /// Packages are taken away.
    Remove,
    /// What was downloaded is removed.
    Clean,
    /// Anything else.
    Other,
}

/// A package as it is named on a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// The word.
    pub word: Word,
    /// The name, without version and extras, in lower case; empty where the word begins with a variable.
    pub name: String,
    /// Whether the same word gives the same package tomorrow: a version, an address, a file. So too where it cannot be
    /// told.
    pub is_pinned: bool,
}

/// A command of a package manager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageCommand {
    /// Which.
    pub manager: Manager,
    /// What it does.
    pub action: Action,
    /// What is named on the command line; nothing where files of the project say what.
    pub packages: Vec<Package>,
    /// Its flags, global ones included.
    pub flags: Flags,
    /// Whether it goes on without a question.
    pub assumes_yes: bool,
    /// Where the program's words stand.
    pub span: Span,
}

impl Manager {
    /// The name that it is called by.
    pub fn name(self) -> &'static str {
        match self {
            Manager::AptGet => "apt-get",
            Manager::Apt => "apt",
            Manager::Apk => "apk",
            Manager::Yum => "yum",
            Manager::Dnf => "dnf",
            Manager::Microdnf => "microdnf",
            Manager::Zypper => "zypper",
            Manager::Pip => "pip",
            Manager::Pipx => "pipx",
            Manager::Pipenv => "pipenv",
            Manager::Poetry => "poetry",
            Manager::Uv => "uv",
            Manager::Npm => "npm",
            Manager::Yarn => "yarn",
            Manager::Pnpm => "pnpm",
            Manager::Gem => "gem",
            Manager::Go => "go",
        }
    }

    /// Whether it is the distribution's.
    pub fn is_system(self) -> bool {
        self <= Manager::Zypper
    }

    /// Whether it is `apt-get` or `apt`, which share lists and caches.
    pub fn is_apt(self) -> bool {
        matches!(self, Manager::AptGet | Manager::Apt)
    }

    /// Whether it is `dnf` or one that takes its words and keeps its caches.
    pub fn is_dnf(self) -> bool {
        matches!(self, Manager::Dnf | Manager::Microdnf)
    }

    /// The folders of downloads, as parts of their paths: what is removed or mounted there is no part of the image.
    pub fn caches(self) -> &'static [&'static str] {
        match self {
            Manager::AptGet | Manager::Apt => &["/var/lib/apt"],
            Manager::Apk => &["/var/cache/apk", "/etc/apk/cache"],
            Manager::Yum => &["/var/cache/yum", "/var/cache/dnf"],
            Manager::Dnf | Manager::Microdnf => &["/var/cache/dnf", "/var/cache/yum", "/var/cache/libdnf5"],
            Manager::Zypper => &["/var/cache/zypp"],
            Manager::Yarn => &[".yarn", ".cache/yarn", "yarn-cache", "/.cache"],
            _ => &["/.cache", "pip"],
        }
    }
}

/// The command of a package manager that this is, if it is one.
pub fn packages(invocation: &Invocation) -> Option<PackageCommand> {
    let read = system::read(invocation).or_else(|| languages::read(invocation));
    // `yes | apt-get install` answers by a pipe; what `xargs` appends is not seen.
    read.map(|mut command| {
        command.assumes_yes |= invocation.pipeline.is_some_and(|position| position.index > 0);
        command
    })
}

impl PackageCommand {
    /// The packages that may be another version tomorrow.
    pub fn unpinned(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| !package.is_pinned)
    }
}

/// Whether the word stands for something that only the build knows.
fn is_open(word: &Word) -> bool {
    word.literal().is_none() && word.prefix().is_empty()
}
