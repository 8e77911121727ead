use crate::findings::Findings;
use crate::project::Model;
use crate::project::env_files::readers::{Reader, misread};
use crate::project::usage::EnvFileUse;
use crate::rules::Cx;
use crate::source::Place;
use crate::tree::GitStatus;
use std::collections::BTreeSet;

/// `env/duplicate-key`
pub fn duplicate_key(file: &EnvFileUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let value = |entry: &crate::parse::env_file::Entry| entry.value.as_ref().map(|value| value.raw.value.clone());
    let mut told = BTreeSet::new();
    for earlier in file.file.overridden() {
        let Some(last) = file.file.get(&earlier.key) else { continue };
        if value(earlier) == value(last) || !told.insert(&earlier.key.value) {
            continue;
        }
        findings
            .report(
                last.key.place(&file.path),
                format!("`{}` is set twice: this value holds, not the one above", last.key.value),
            )
            .help("keep one of them")
            .related(earlier.key.place(&file.path), "has no effect")
            .anchor(format!("variable {}", last.key.value));
    }
}

/// `env/dollar-in-secret`
pub fn dollar_in_secret(file: &EnvFileUse, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    for (entry, variable) in file.cut_secrets(cx.model) {
        findings
            .report(
                Place::new(file.path.clone(), entry.key.span),
                format!(
                    "Compose takes a part of `{}` that begins with `$` for a variable, and leaves it out",
                    entry.key.value
                ),
            )
            .help(format!("put the value of `{}` between single quotes, or write the dollar twice", entry.key.value))
            .anchor(format!("variable {}", entry.key.value))
            .related(Place::new(file.path.clone(), variable.span), "is left out");
    }
}

/// `env/default-password`
pub fn default_password(file: &EnvFileUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    if file.git == GitStatus::Ignored || file.loaded_by.is_empty() {
        return;
    }
    let mut weak = file.default_passwords();
    let Some(first) = weak.next() else { return };
    let more = match weak.count() {
        0 => String::new(),
        count => format!(" ({count} more in this file)"),
    };
    let finding = findings.report(
        first.key.place(&file.path),
        match file.is_name_of_user(first) {
            true => format!(
                "the password in `{}` is the name of its user, which everybody tries first{more}",
                first.key.value
            ),
            false => format!("the password in `{}` is one that everybody tries first{more}", first.key.value),
        },
    );
    finding.help("make one: `openssl rand -base64 24`; and keep it out of the repository").anchor("default password");
    for place in &file.loaded_by {
        finding.related(place.clone(), "loads it");
    }
}

/// `env/value-misread`
pub fn value_misread(model: &Model, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for misread in misread(model) {
        let reader = match misread.reader {
            Reader::DockerRun => "`docker run`",
            Reader::Shell => "the shell",
            Reader::Words => "`xargs`",
        };
        let more = match misread.more {
            0 => String::new(),
            more => format!(" ({more} more in this file)"),
        };
        let help = match misread.reader {
            Reader::DockerRun => "write the value without quotes, or start the container with Compose",
            Reader::Words => "read the file with `set -a; . ./.env; set +a`, and put the value between single quotes",
            Reader::Shell => "put the value between single quotes, or do not let a shell read the file",
        };
        findings
            .report(misread.place, format!("{reader} {} in `{}`{more}", misread.why, misread.key))
            .help(help)
            .related(misread.read_at, "reads the file")
            .anchor(format!("variable {}", misread.key));
    }
}
