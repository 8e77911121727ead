//! Ways in which a build takes what it gets without asking who gave it.

use crate::parse::dockerfile::InstructionKind;
use crate::parse::shell::Word;
use crate::project::command::{Action, Invocation, Manager, PackageCommand, Syntax, WrapperKind, packages};
use crate::project::usage::{DockerfileUse, StageUse};
use crate::source::Place;

/// What is not checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unchecked {
    /// The certificate of a download by curl or wget.
    Download,
    /// The certificate of pip's index.
    Pip,
    /// Certificates in Python's standard library.
    Python,
    /// Certificates in Git.
    Git,
    /// Certificates in Node.js and npm.
    Node,
    /// The certificate of yum's or dnf's repository.
    Yum,
    /// The signatures of the system's packages.
    Signature,
}

/// Tells by a variable's value.
type Test = fn(&str) -> bool;

/// Variables that switch a check off, and whether a value does.
const VARIABLES: [(&str, Unchecked, Test); 6] = [
    ("PIP_TRUSTED_HOST", Unchecked::Pip, is_said),
    ("PYTHONHTTPSVERIFY", Unchecked::Python, |value| value == "0"),
    ("GIT_SSL_NO_VERIFY", Unchecked::Git, |value| !matches!(value, "" | "0" | "false")),
    ("NODE_TLS_REJECT_UNAUTHORIZED", Unchecked::Node, |value| value == "0"),
    ("NPM_CONFIG_STRICT_SSL", Unchecked::Node, |value| value.eq_ignore_ascii_case("false")),
    ("npm_config_strict_ssl", Unchecked::Node, |value| value.eq_ignore_ascii_case("false")),
];

fn is_said(value: &str) -> bool {
    !value.is_empty() && !is_local(value)
}

/// Whether an address or a host is the builder itself.
pub fn is_local(address: &str) -> bool {
    let host = address.split_once("://").map_or(address, |(_, rest)| rest);
    ["localhost", "127.", "[::1]", "0.0.0.0", "host.docker.internal"].iter().any(|local| host.starts_with(local))
}

/// The places of a stage where `what` is not checked.
pub fn unchecked(stage: &StageUse, dockerfile: &DockerfileUse, what: Unchecked) -> Vec<Place> {
    let mut places = Vec::new();
    for instruction in dockerfile.looked_through(stage) {
        let (InstructionKind::Env(pairs) | InstructionKind::Arg(pairs)) = &instruction.kind else { continue };
        for pair in pairs {
            let value = pair.value.as_ref().and_then(|value| value.literal());
            if value.is_some_and(|value| by_variable(&pair.name, &value) == Some(what)) {
                places.push(Place::new(dockerfile.path.clone(), pair.span));
            }
        }
    }
    for step in &stage.steps {
        let bad = step.commands.iter().filter(|command| {
            let by_prefix = command
                .environment
                .iter()
                .any(|(name, value)| value.literal().is_some_and(|value| by_variable(name, &value) == Some(what)));
            by_prefix || by_command(command) == Some(what)
        });
        places.extend(bad.map(|command| step.at(command.span)));
    }
    places
}

fn by_variable(name: &str, value: &str) -> Option<Unchecked> {
    VARIABLES.iter().find(|(known, _, off)| *known == name && off(value)).map(|(_, what, _)| *what)
}

/// What a command does not check by its flags and settings.
fn by_command(command: &Invocation) -> Option<Unchecked> {
    let words = command.arguments();
    let has = |names: &[&str]| words.iter().any(|word| names.iter().any(|name| word.is(name)));
    let is_off = |word: &Word| matches!(word.text().trim_matches(['"', '\'']), "false" | "0");
    // `config set strict-ssl false`, `config --global http.sslVerify false`
    let switched_off = |setting: &str| {
        words.windows(2).any(|pair| pair[0].text().eq_ignore_ascii_case(setting) && is_off(&pair[1]))
            || words.iter().any(|word| {
                let text = word.text().to_ascii_lowercase();
                text.rsplit_once('=')
                    .is_some_and(|(name, value)| name.ends_with(setting) && matches!(value, "false" | "0"))
            })
    };
    match command.program.as_str() {
        "curl" if has(&["--insecure"]) || has_letter(words, 'k', CURL_VALUES) => Some(Unchecked::Download),
        "wget" if has(&["--no-check-certificate"]) => Some(Unchecked::Download),
        "git" if switched_off("http.sslverify") => Some(Unchecked::Git),
        "npm" | "yarn" | "pnpm" if switched_off("strict-ssl") => Some(Unchecked::Node),
        "export" => {
            let set = command.environment.iter().find_map(|(name, value)| by_variable(name, &value.literal()?));
            set.or_else(|| {
                words.iter().find_map(|word| {
                    let (name, value) = word.text().split_once('=')?;
                    by_variable(name, value)
                })
            })
        }
        "rpm" if words.iter().any(|word| RPM_FLAGS.iter().any(|flag| word.is(flag))) => Some(Unchecked::Signature),
        "yum-config-manager" if switched_off("sslverify") => Some(Unchecked::Yum),
        name if name.starts_with("pip") && sets_trusted_host(words) => Some(Unchecked::Pip),
        "echo" | "printf" | "tee" if writes_yum_settings(command) => Some(Unchecked::Yum),
        _ => packages(command).and_then(|command| by_manager(&command, switched_off("sslverify"))),
    }
}

/// `pip config set global.trusted-host pypi.org`
fn sets_trusted_host(words: &[Word]) -> bool {
    let name = |word: &Word| word.text().trim_matches(['"', '\'']).ends_with("trusted-host");
    words.first().is_some_and(|word| word.is("config"))
        && words.windows(2).any(|pair| name(&pair[0]) && is_said(pair[1].text().trim_matches(['"', '\''])))
}

/// `echo sslverify=false >> /etc/yum.conf`
fn writes_yum_settings(command: &Invocation) -> bool {
    let file = |word: &Word| {
        let path = word.text().trim_matches(['"', '\'']);
        path.starts_with("/etc/yum") || path.starts_with("/etc/dnf")
    };
    let off = |word: &Word| {
        let text = word.text().to_ascii_lowercase().replace([' ', '"', '\''], "");
        ["sslverify=false", "sslverify=0", "sslverify=no"].iter().any(|setting| text.contains(setting))
    };
    command.arguments().iter().any(off) && command.redirects.iter().any(|redirect| file(&redirect.target))
}

const RPM_FLAGS: [&str; 5] = ["--nosignature", "--nodigest", "--noverify", "--nofiledigest", "--nohdrchk"];
/// The letters of curl's flags that take a value: what follows one in the same word is no flag.
const CURL_VALUES: &str = "AbcCdDeEFhHKmoPQrtTuUwxXyYz";

/// Whether a word of one-letter flags has `letter` among them: `-fsSLk`.
fn has_letter(words: &[Word], letter: char, valued: &str) -> bool {
    words.iter().any(|word| {
        let text = word.prefix();
        let letters = text.strip_prefix('-').filter(|rest| !rest.starts_with('-')).unwrap_or_default();
        letters.chars().take_while(|c| !valued.contains(*c)).any(|c| c == letter)
    })
}

fn by_manager(command: &PackageCommand, ssl_off: bool) -> Option<Unchecked> {
    let flags = &command.flags;
    match command.manager {
        Manager::Pip | Manager::Pipx | Manager::Uv => {
            let hosts = flags.values(&["--trusted-host"]);
            hosts.iter().any(|host| is_said(host.text())).then_some(Unchecked::Pip)
        }
        Manager::Apk => flags.has(&["--allow-untrusted"]).then_some(Unchecked::Signature),
        Manager::AptGet | Manager::Apt => {
            let off = flags.has(&["--allow-unauthenticated", "--force-yes", "--allow-insecure-repositories"])
                || flags.values(&["-o", "--option"]).iter().any(|option| {
                    let text = option.text().to_ascii_lowercase();
                    let named = ["::allowunauthenticated=", "::allowinsecurerepositories="];
                    named.iter().any(|name| text.contains(name)) && (text.ends_with("true") || text.ends_with('1'))
                });
            (off && command.action != Action::Clean).then_some(Unchecked::Signature)
        }
        Manager::Yum | Manager::Dnf | Manager::Microdnf => match () {
            () if flags.has(&["--nogpgcheck", "--no-gpgchecks"]) => Some(Unchecked::Signature),
            () if ssl_off => Some(Unchecked::Yum),
            () => None,
        },
        _ => None,
    }
}

/// The addresses of a stage that are fetched over plain HTTP, but for the builder's own.
pub fn plain_downloads(stage: &StageUse, dockerfile: &DockerfileUse) -> Vec<Place> {
    let is_plain = |text: &str| text.starts_with("http://") && !is_local(text);
    let mut places = Vec::new();
    // A sum tells what was asked for from what somebody on the way put in its place.
    let is_checked = |at: usize| dockerfile.file.instructions[at].flag("checksum").is_some();
    let added = stage.image.copies.iter().filter(|copy| copy.stage == stage.index && copy.add);
    for copy in added.filter(|copy| !is_checked(copy.instruction)) {
        let sources = copy.sources.iter().filter(|source| source.value.likely().is_some_and(|text| is_plain(text)));
        places.extend(sources.map(|source| Place::new(copy.place.path.clone(), source.span)));
    }
    for step in &stage.steps {
        for command in step.commands.iter().filter(|command| matches!(command.program.as_str(), "curl" | "wget")) {
            let proxied = |at: usize| at > 0 && command.words[at - 1].text().contains("proxy");
            let plain = command.words.iter().enumerate().find(|(at, word)| {
                is_plain(word.text().trim_matches(['"', '\''])) && !proxied(*at) && !command.words[at - 1].is("-x")
            });
            places.extend(plain.map(|(_, word)| step.at(word.span)));
        }
    }
    places
}

/// The downloads of a stage that a pipe hands to a shell or another interpreter.
pub fn piped_downloads(stage: &StageUse) -> Vec<Place> {
    const READERS: [&str; 9] = ["sh", "bash", "ash", "dash", "zsh", "python", "python3", "node", "perl"];
    let mut places = Vec::new();
    for step in &stage.steps {
        // `sh -c "$(curl …)"`: what a shell is to read is what a download prints.
        let downloads = |word: &Word| {
            let commands = word.substitutions().into_iter().flat_map(|script| &script.commands);
            commands.into_iter().any(|inner| matches!(inner.name().as_deref(), Some("curl" | "wget")))
        };
        let handed_over = step.commands.iter().filter(|command| {
            let by_shell = command.via.last().is_some_and(|via| via.kind == WrapperKind::Shell);
            by_shell && command.words.first().is_some_and(downloads)
        });
        places.extend(handed_over.map(|command| step.at(command.span)));
        for pair in step.commands.windows(2) {
            let piped = |command: &Invocation, last: bool| {
                command.pipeline.is_some_and(|position| if last { position.index > 0 } else { position.is_piped() })
            };
            // `sh -s -- --version 1`, `python3 -`; a script that is named reads data.
            let reads = READERS.contains(&pair[1].program.as_str())
                && pair[1].arguments().iter().all(|word| word.prefix().starts_with('-') || word.prefix().is_empty())
                // `bash -`: the file that the shell reads is what it is fed.
                || pair[1].program == "-" && pair[1].via.last().is_some_and(|via| via.kind == WrapperKind::Shell)
                || pair[1].arguments().iter().any(|word| word.is("-s")) && READERS.contains(&pair[1].program.as_str());
            if matches!(pair[0].program.as_str(), "curl" | "wget")
                && piped(&pair[0], false)
                && piped(&pair[1], true)
                && reads
            {
                places.push(step.at(pair[0].span));
            }
        }
    }
    places
}

/// The places of a stage where an account is let become root without a password, for any command.
pub fn passwordless_sudo(stage: &StageUse) -> Vec<Place> {
    let grants = |word: &Word| {
        let rest = word.text().split_once("NOPASSWD:").map_or("", |(_, rest)| rest);
        rest.trim_start().starts_with("ALL")
    };
    let names_file = |command: &Invocation| {
        let targets = command.redirects.iter().map(|redirect| &redirect.target);
        command.words.iter().chain(targets).any(|word| word.text().contains("/etc/sudoers"))
    };
    let mut places = Vec::new();
    for step in stage.steps.iter().filter(|step| step.commands.iter().any(names_file)) {
        let granting = step.commands.iter().filter(|command| command.words.iter().any(grants));
        places.extend(granting.map(|command| step.at(command.words_span())));
    }
    places
}

/// Whether `chmod` with this mode lets everybody write; not with the sticky bit, as for temporary files.
pub fn is_world_writable(mode: &str) -> bool {
    let digits = mode.bytes().all(|byte| byte.is_ascii_digit()) && mode.len() >= 3;
    if digits {
        let sticky = mode.len() == 4 && (mode.as_bytes()[0] - b'0') & 1 == 1;
        return !sticky && (mode.as_bytes()[mode.len() - 1] - b'0') & 2 == 2;
    }
    mode.split(',').any(|part| {
        let Some((who, what)) = part.split_once(['+', '=']) else { return false };
        let all = who.contains('a') || who.contains('o');
        all && what.contains('w') && !what.contains('t')
    })
}

/// Whether a command writes down a login, or takes one on its command line.
pub fn logs_in(command: &Invocation) -> bool {
    let words = command.arguments();
    let begins =
        |wanted: &[&str]| words.len() >= wanted.len() && words.iter().zip(wanted).all(|(word, name)| word.is(name));
    let has = |names: &[&str]| {
        words
            .iter()
            .any(|word| names.iter().any(|name| word.is(name) || word.prefix().starts_with(&format!("{name}="))))
    };
    match command.program.as_str() {
        "docker" | "podman" => begins(&["login"]) && has(&["-p", "--password"]),
        "aws" => begins(&["configure", "set"]) && words.get(2).is_some_and(|word| word.text().contains("aws_se")),
        "gcloud" => begins(&["auth", "activate-service-account"]),
        "az" => begins(&["login"]) && has(&["-p", "--password"]),
        "npm" | "yarn" | "pnpm" => {
            (begins(&["config", "set"]) || begins(&["set"]))
                && words
                    .iter()
                    .any(|word| ["_authToken", "_password", "_auth"].iter().any(|name| word.text().contains(name)))
        }
        "poetry" => begins(&["config"]) && has_prefix(words, &["http-basic.", "pypi-token."]),
        _ => false,
    }
}

fn has_prefix(words: &[Word], prefixes: &[&str]) -> bool {
    words.iter().any(|word| prefixes.iter().any(|prefix| word.prefix().starts_with(prefix)))
}

/// The flags of `mkdir` and `install` that take a value.
const MAKING: Syntax = Syntax::valued(&["-m", "--mode", "-o", "--owner", "-g", "--group", "-t", "-S", "--suffix"]);

/// The places of a stage where everybody is let write what stays in the image.
pub fn world_writable(stage: &StageUse) -> Vec<Place> {
    let copies = stage.image.copies.iter().filter(|copy| copy.stage == stage.index);
    let modes = copies.filter_map(|copy| Some((copy.place.path.clone(), copy.chmod.as_ref()?)));
    let mut places: Vec<Place> = modes
        .filter(|(_, mode)| is_world_writable(&mode.value))
        .map(|(path, mode)| Place::new(path, mode.span))
        .collect();
    for step in &stage.steps {
        let bad = step.commands.iter().filter(|command| {
            let mode = match command.program.as_str() {
                "chmod" => command.arguments().iter().find(|word| !word.text().starts_with('-')).cloned(),
                "mkdir" | "install" => command.flags(&MAKING).value(&["-m", "--mode"]).cloned(),
                _ => return false,
            };
            let temporary = command.arguments().iter().any(|word| word.is("/tmp") || word.is("/var/tmp"));
            mode.and_then(|mode| mode.literal()).is_some_and(|mode| is_world_writable(&mode)) && !temporary
        });
        places.extend(bad.map(|command| step.at(command.words_span())));
    }
    places
}
