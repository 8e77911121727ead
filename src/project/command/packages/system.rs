//! The package managers of distributions.

use super::{Action, Manager, Package, PackageCommand, is_open};
use crate::parse::shell::Word;
use crate::project::command::Invocation;
use crate::project::command::flags::{Flags, Syntax};

const APT: Syntax = Syntax::valued(&[
    "-o",
    "--option",
    "-t",
    "--target-release",
    "--default-release",
    "-c",
    "--config-file",
    "-a",
    "--host-architecture",
    "-P",
    "--build-profiles",
]);
const APK: Syntax = Syntax::valued(&[
    "-t",
    "--virtual",
    "-X",
    "--repository",
    "-p",
    "--root",
    "--arch",
    "--keys-dir",
    "--repositories-file",
    "--cache-dir",
    "--cache-max-age",
    "--wait",
]);
const RPM: Syntax = Syntax::valued(&[
    "-c",
    "--config",
    "-d",
    "-e",
    "-x",
    "--exclude",
    "--enablerepo",
    "--disablerepo",
    "--repo",
    "--repoid",
    "--releasever",
    "--installroot",
    "--setopt",
    "--forcearch",
    "--advisory",
    "--comment",
]);
const ZYPPER: Syntax = Syntax::valued(&[
    "-t",
    "--type",
    "-r",
    "--repo",
    "--from",
    "-R",
    "--root",
    "-D",
    "--reposd-dir",
    "-C",
    "--cache-dir",
    "--installroot",
    "-p",
    "--plus-repo",
    "--solver",
    "--oldpackage",
]);

/// The command, where a manager of this kind is run.
pub(super) fn read(invocation: &Invocation) -> Option<PackageCommand> {
    let (manager, syntax) = match invocation.program.as_str() {
        "apt-get" => (Manager::AptGet, &APT),
        "apt" => (Manager::Apt, &APT),
        "apk" => (Manager::Apk, &APK),
        "yum" => (Manager::Yum, &RPM),
        "dnf" | "dnf5" => (Manager::Dnf, &RPM),
        "microdnf" | "tdnf" => (Manager::Microdnf, &RPM),
        "zypper" => (Manager::Zypper, &ZYPPER),
        _ => return None,
    };
    let mut flags = invocation.flags(syntax);
    let arguments = std::mem::take(&mut flags.arguments);
    let (verb, named) = arguments.split_first()?;
    let action = action(manager, verb.prefix(), named);
    let packages = match action {
        Action::Install => named.iter().map(|word| package(manager, word)).collect(),
        _ => Vec::new(),
    };
    let assumes_yes = assumes_yes(manager, &flags);
    Some(PackageCommand { manager, action, packages, flags, assumes_yes, span: invocation.words_span() })
}

fn action(manager: Manager, verb: &str, named: &[Word]) -> Action {
    match (manager, verb) {
        (Manager::Apk, "add") => Action::Install,
        (Manager::AptGet | Manager::Apt, "build-dep" | "satisfy") => Action::Install,
        (Manager::Zypper, "in") | (_, "install" | "reinstall" | "localinstall" | "groupinstall") => Action::Install,
        (Manager::Zypper, "dup" | "dist-upgrade") => Action::DistUpgrade,
        (Manager::Zypper, "up" | "update" | "patch") => Action::Upgrade,
        (Manager::Zypper, "ref" | "refresh") => Action::Refresh,
        (Manager::Zypper, "cc" | "clean" | "clean-all") => Action::Clean,
        (Manager::Yum | Manager::Dnf | Manager::Microdnf, "makecache" | "check-update") => Action::Refresh,
        // With names it brings these up to date, and is as good as an installation.
        (Manager::Yum | Manager::Dnf | Manager::Microdnf, "update" | "upgrade") if named.is_empty() => Action::Upgrade,
        (Manager::Yum | Manager::Dnf | Manager::Microdnf, "distro-sync" | "system-upgrade") => Action::DistUpgrade,
        (Manager::AptGet | Manager::Apt | Manager::Apk, "update") => Action::Refresh,
        (Manager::AptGet | Manager::Apt, "dist-upgrade" | "full-upgrade") => Action::DistUpgrade,
        (Manager::AptGet | Manager::Apt | Manager::Apk, "upgrade") => Action::Upgrade,
        (_, "remove" | "purge" | "erase") | (Manager::Zypper, "rm") => Action::Remove,
        (_, "clean" | "autoclean" | "distclean" | "dist-clean" | "cache") => Action::Clean,
        _ => Action::Other,
    }
}

fn assumes_yes(manager: Manager, flags: &Flags) -> bool {
    let count = |name: &str| flags.flags.iter().filter(|flag| flag.name == name).count();
    match manager {
        Manager::AptGet | Manager::Apt => {
            let by_option = flags.values(&["-o", "--option"]).iter().any(|option| {
                let text = option.text().to_ascii_lowercase();
                text.contains("apt::get::assume-yes") && !text.contains("false")
            });
            // `-qq` and `-q=2` imply it.
            flags.has(&["-y", "--yes", "--assume-yes", "--force-yes"])
                || by_option
                || count("-q") + count("--quiet") > 1
                || (flags.has(&["-q"]) && flags.has(&["-2"]))
        }
        Manager::Apk => true,
        Manager::Zypper => flags.has(&["-n", "--non-interactive", "-y", "--no-confirm"]),
        _ => flags.has(&["-y", "--assumeyes", "--assume-yes"]),
    }
}

fn package(manager: Manager, word: &Word) -> Package {
    let text = word.text().trim_matches(['"', '\'']);
    let is_file = text.starts_with(['/', '.', '@']) || text.contains("://") || text.contains("$(");
    let marks: &[char] = match manager {
        Manager::Apk => &['=', '~', '<', '>'],
        Manager::Zypper => &['=', '<', '>'],
        // `git/bookworm-backports` takes what that release has.
        Manager::AptGet | Manager::Apt => &['=', '/'],
        _ => &['='],
    };
    let name_end = text.find(marks).unwrap_or(text.len());
    let by_name = match manager {
        // `name-1.2-3.el9`: a version follows the last dashes.
        Manager::Yum | Manager::Dnf | Manager::Microdnf => {
            text.split('-').skip(1).any(|part| part.starts_with(|c: char| c.is_ascii_digit()))
        }
        _ => name_end < text.len(),
    };
    let open = is_open(word) || word.has_unquoted_expansion();
    Package {
        word: word.clone(),
        name: text[..name_end].to_ascii_lowercase(),
        is_pinned: is_file || by_name || open || [".rpm", ".deb", ".apk"].iter().any(|ending| text.ends_with(ending)),
    }
}
