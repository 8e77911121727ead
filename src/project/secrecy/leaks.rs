//! The secrets that are written into the files of a repository, and which of them are worth a word.
//!
//! Who yields, so that one cause makes one finding:
//!
//! * what git ignores is nobody's leak;
//! * a value beside a name or in an address yields to a token's format, and to `env/committed-production-file` where that
//!   rule reports the file;
//! * Django's `SECRET_KEY` and the keys that sign an API's tokens belong to the rules of the settings, but for env files,
//!   of which those do not speak;
//! * a Dockerfile's `ENV` and `ARG` belong to the rules of Dockerfiles, and the passwords that databases are set up with
//!   to those of compose files.

use crate::parse::dockerfile::InstructionKind;
use crate::project::deployment::{Deployment, Service};
use crate::project::evidence::named_by_path;
use crate::project::usage::EnvFileUse;
use crate::secrets::judge::is_issued;
use crate::secrets::{self, Assurance, Found, Kind, Language, certificate};
use crate::source::{Place, RepoPath, Source, Span};
use crate::tree::{Entry, FileKind, GitStatus, PathRole, Snapshot, role};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;

/// A secret in a file.
#[derive(Clone, Debug)]
pub struct Leak {
    /// What it is.
    pub kind: Kind,
    /// All of it, of a key the line that says what it is; of several places of one secret the first of a file that ships, or else the first.
    pub place: Place,
    /// The other places of the same secret, sorted.
    pub also: Vec<Place>,
    /// Other values beside names in the same file of variables, which is one trouble.
    pub more: Vec<Place>,
    /// What its checksum says.
    pub assurance: Assurance,
    /// What the file is for.
    pub role: PathRole,
    /// Whether the file's name says that it serves development or tests alone.
    pub for_development: bool,
    /// Of a key: whether its certificate lies beside it, and is signed by itself or by another one there. Then nobody
    /// trusts it but who was told to.
    pub of_own_certificate: bool,
    /// How a report may show it: the beginning that its format fixes, and its length. Never more of it.
    pub shown: String,
    /// Which of its name it is in the file, from 1: nothing else tells two weak values of one name apart.
    pub nth: usize,
    /// What tells it from others, hashed, where it is so long and random that nobody finds it from its hash.
    pub identity: Option<String>,
}

impl Leak {
    /// The id of the rule that reports it.
    pub fn rule(&self) -> &'static str {
        match &self.kind {
            Kind::Token(token) => token.rule,
            Kind::PrivateKey(_) => "secret/private-key",
            Kind::Assignment { .. } => "secret/literal-secret",
            Kind::Address { .. } => "secret/password-in-address",
        }
    }

    /// What it is about, in words that outlive edits elsewhere.
    pub fn subject(&self) -> String {
        match &self.kind {
            Kind::Token(token) => token.name.to_owned(),
            Kind::PrivateKey(_) => "private key".to_owned(),
            Kind::Assignment { name, .. } => format!("name {name}"),
            Kind::Address { scheme, host } => format!("address {scheme}://{host}"),
        }
    }
}

/// The secrets of all files that git does not ignore, sorted by place, one entry a secret.
pub fn find(snapshot: &Snapshot, env_files: &[EnvFileUse], deployments: &[Deployment]) -> Vec<Leak> {
    let reported =
        Reported { env_files, passwords: database_passwords(deployments), token_keys: token_keys(deployments) };
    let shared = |entry: &&Entry| entry.git != GitStatus::Ignored && entry.kind != FileKind::Binary;
    let entries: Vec<&Entry> = snapshot.tree().entries().iter().filter(shared).collect();
    let found: Vec<Vec<Leak>> = entries.par_iter().map(|entry| in_file(snapshot, entry, &reported)).collect();
    united(found.into_iter().flatten().collect())
}

/// The byte ranges of all that looks like a secret in a file, reported or not, so that no report quotes it.
pub fn spans(snapshot: &Snapshot, path: &RepoPath) -> Vec<Span> {
    let Ok(source) = snapshot.source_once(path) else { return Vec::new() };
    let kind = snapshot.tree().find(path).map_or(FileKind::Text, |entry| entry.kind);
    secrets::scan(&source.text, Language::of(path, kind)).into_iter().map(|found| found.span).collect()
}

/// What other rules report.
struct Reported<'m> {
    env_files: &'m [EnvFileUse],
    /// The passwords of databases in compose files that serve real users, each with its text.
    passwords: Vec<(&'m Place, &'m str)>,
    /// The keys for tokens in settings that serve real users.
    token_keys: Vec<Place>,
}

fn token_keys(deployments: &[Deployment]) -> Vec<Place> {
    let services = deployments.iter().filter(|it| it.serves_real_users()).flat_map(|it| &it.services);
    let django = services.filter_map(|service| service.django.as_ref());
    django.flat_map(|django| django.written_token_keys().map(|(_, key)| django.place(&key))).collect()
}

fn database_passwords(deployments: &[Deployment]) -> Vec<(&Place, &str)> {
    let services = deployments.iter().filter(|it| it.serves_real_users()).flat_map(|it| &it.services);
    let written = services.flat_map(Service::written_passwords);
    written.filter_map(|(variable, _)| Some((&variable.place, variable.value.value.likely()?))).collect()
}

fn in_file(snapshot: &Snapshot, entry: &Entry, reported: &Reported<'_>) -> Vec<Leak> {
    let Ok(source) = snapshot.source_once(&entry.path) else { return Vec::new() };
    let found = secrets::scan(&source.text, language(entry, &source));
    if found.is_empty() {
        return Vec::new();
    }
    let file = File {
        role: if is_api_description(&source) { PathRole::Documentation } else { role(&entry.path) },
        for_development: is_for_development(&entry.path),
        of_own_certificate: has_own_certificate(snapshot, &entry.path, &found),
        reported_whole: reported.env_files.iter().any(|file| file.path == entry.path && is_reported_whole(file)),
        for_browsers: is_for_browsers(&entry.path),
        service_account: source.text.contains("\"service_account\""),
        sealed: ["\nsops:", "\"sops\":", "kind: SealedSecret"].iter().any(|mark| source.text.contains(mark)),
        aside: aside(snapshot, entry, &source, &found, reported),
        kind: entry.kind,
    };
    let rules: Vec<&str> = found.iter().filter_map(|found| Some(found.token()?.rule)).collect();
    let spoken_for = |found: &Found| found.token().and_then(|token| token.unless).is_some_and(|it| rules.contains(&it));
    let real = |found: &&Found| {
        let sample = || is_of_an_example(found, &source) || secrets::is_documented(source.slice(found.span));
        !found.kind.is_plain() || !sample()
    };
    let worth = |found: &&Found| file.is_worth_a_word(found, source.slice(found.span)) && !spoken_for(found);
    let kept = found.iter().filter(worth).filter(real).cloned();
    let leaks = kept.map(|found| leak(found, &source, &file)).collect();
    if language(entry, &source) == Some(Language::Env) { folded(leaks) } else { counted(leaks) }
}

/// A file of variables is one trouble, whatever it holds, but for tokens that have to be revoked one by one.
fn folded(leaks: Vec<Leak>) -> Vec<Leak> {
    let (mut kept, plain): (Vec<Leak>, Vec<Leak>) = leaks.into_iter().partition(|leak| !leak.kind.is_plain());
    let mut plain = plain.into_iter();
    if let Some(mut first) = plain.next() {
        first.more = plain.map(|leak| leak.place).collect();
        kept.push(first);
    }
    kept
}

/// Numbers the leaks of one name.
fn counted(mut leaks: Vec<Leak>) -> Vec<Leak> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for leak in &mut leaks {
        let nth = seen.entry(leak.subject()).or_default();
        *nth += 1;
        leak.nth = *nth;
    }
    leaks
}

/// Whether the line says before the value that it is an example: `request_example = {"secret": …}`.
fn is_of_an_example(found: &Found, source: &Source) -> bool {
    let before = source.text.get(..found.span.start as usize).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    line.get(line.len().saturating_sub(200)..).unwrap_or(line).to_ascii_lowercase().contains("example")
}

/// Whether a file's name says that it serves development or tests alone; also `startDevServer.sh`.
fn is_for_development(path: &RepoPath) -> bool {
    // `.envs/.test/.django`
    if path.parts().any(|part| matches!(part, ".test" | ".tests" | ".testing")) {
        return true;
    }
    match named_by_path(path) {
        Some((environment, _)) => !environment.serves_real_users(),
        None => path.parts().any(|part| secrets::judge::words(part).iter().any(|word| word == "dev")),
    }
}

/// Whether a file describes an API by OpenAPI or Swagger, whose answers and requests are examples.
fn is_api_description(source: &Source) -> bool {
    let is_mark = |line: &str| {
        let line = line.trim_start().trim_start_matches('"');
        line.starts_with("openapi:") || line.starts_with("openapi\":") || line.starts_with("swagger")
    };
    matches!(source.path.extension(), Some("yaml" | "yml" | "json")) && source.text.lines().take(5).any(is_mark)
}

/// Whether the certificate of a key lies beside it, and was made in the same place.
fn has_own_certificate(snapshot: &Snapshot, path: &RepoPath, found: &[Found]) -> bool {
    const EXTENSIONS: [&str; 4] = ["crt", "cert", "cer", "pem"];
    if !found.iter().any(|found| matches!(found.kind, Kind::PrivateKey(_))) {
        return false;
    }
    let beside = |entry: &&Entry| {
        entry.path.parent() == path.parent() && entry.path.extension().is_some_and(|it| EXTENSIONS.contains(&it))
    };
    let entries: Vec<&Entry> = snapshot.tree().entries().iter().filter(beside).collect();
    let names = |entry: &Entry| certificate::names(&snapshot.source_once(&entry.path).ok()?.text);
    let subjects: Vec<Vec<u8>> = entries.iter().filter_map(|entry| Some(names(entry)?.1)).collect();
    let own = entries.iter().filter(|entry| entry.path.file_stem() == path.file_stem());
    own.filter_map(|entry| names(entry)).any(|(issuer, _)| subjects.contains(&issuer))
}

/// Whether a file is one that browsers and apps load, or that is made into one.
fn is_for_browsers(path: &RepoPath) -> bool {
    const EXTENSIONS: [&str; 10] = ["html", "htm", "js", "mjs", "jsx", "ts", "tsx", "vue", "svelte", "map"];
    path.file_name() == "google-services.json" || path.extension().is_some_and(|it| EXTENSIONS.contains(&it))
}

/// The language of a file. JSON that is so large is data, which has names of its own.
fn language(entry: &Entry, source: &Source) -> Option<Language> {
    const LARGE: usize = 100_000;
    let language = Language::of(&entry.path, entry.kind)?;
    (language != Language::Json || source.text.len() < LARGE).then_some(language)
}

/// What is to be known of a file to judge what was found in it.
struct File {
    role: PathRole,
    for_development: bool,
    of_own_certificate: bool,
    /// Whether `env/committed-production-file` speaks of all values in it.
    reported_whole: bool,
    /// Whether browsers load it.
    for_browsers: bool,
    /// Whether it is a cloud's service account, whose key logs in wherever the file was meant for.
    service_account: bool,
    /// Whether its values are encrypted.
    sealed: bool,
    /// Where plain values are not this family's: instructions of a Dockerfile that set variables, docstrings, passwords
    /// of databases, keys for tokens.
    aside: Vec<Span>,
    kind: FileKind,
}

impl File {
    fn is_worth_a_word(&self, found: &Found, value: &str) -> bool {
        let aside = || self.aside.iter().any(|span| span.contains(found.span.start as usize));
        let ships = self.role == PathRole::Product;
        match &found.kind {
            // A token with a right checksum was issued; where made-up ones are usual, a wrong one says enough.
            Kind::Token(token) if token.browser && self.for_browsers => false,
            Kind::Token(_) => match self.role {
                PathRole::Product => true,
                PathRole::Example => found.assurance > Assurance::Refuted,
                // Reports of scanners, recorded answers and manuals are full of tokens; people paste theirs into code.
                PathRole::Test | PathRole::Documentation => {
                    found.assurance == Assurance::Confirmed
                        || found.assurance == Assurance::Plausible && self.kind.is_python()
                }
            },
            // Tests, examples and documents have keys made for them, laptops certificates.
            Kind::PrivateKey(_) => ships && (self.service_account || !self.for_development),
            Kind::Assignment { name, .. } => {
                let django = matches!(name.to_ascii_uppercase().as_str(), "SECRET_KEY" | "DJANGO_SECRET_KEY");
                let of_settings = django && !self.kind.is_env();
                ships
                    && !of_settings
                    && !self.sealed
                    && !aside()
                    && (!self.is_elsewhere() || (self.is_for_developers_alone() && is_issued(name, value)))
                    && !self.is_for_a_pipeline(name)
            }
            Kind::Address { .. } => ships && !aside() && !self.is_elsewhere() && !self.is_for_a_pipeline(""),
        }
    }

    fn is_for_developers_alone(&self) -> bool {
        self.for_development && !self.reported_whole && self.kind != FileKind::EnvTemplate
    }

    fn is_elsewhere(&self) -> bool {
        self.for_development || self.reported_whole || self.kind == FileKind::EnvTemplate
    }

    /// A pipeline's database lives as long as its tests.
    fn is_for_a_pipeline(&self, name: &str) -> bool {
        let name = name.to_ascii_uppercase();
        let database = name.is_empty()
            || ["DB", "POSTGRES", "PG", "MYSQL", "MARIADB", "REDIS", "RABBIT", "SQL"]
                .iter()
                .any(|it| name.contains(it));
        database
            && matches!(self.kind, FileKind::Workflow | FileKind::GitlabCi | FileKind::CircleCi | FileKind::Jenkinsfile)
    }
}

/// Whether `env/committed-production-file` reports the file, for which its secrets are one trouble, or will once git
/// tracks it: what is said must not change with the first commit.
fn is_reported_whole(file: &EnvFileUse) -> bool {
    !file.loaded_by.is_empty() && file.scope.serves_real_users() && file.secrets().next().is_some()
}

/// The parts of a file in which a name or an address says nothing. Python is parsed only where there is something to
/// judge.
fn aside(snapshot: &Snapshot, entry: &Entry, source: &Source, found: &[Found], reported: &Reported<'_>) -> Vec<Span> {
    if !found.iter().any(|found| found.kind.is_plain()) {
        return Vec::new();
    }
    match entry.kind {
        FileKind::Dockerfile => {
            let Ok(parsed) = snapshot.dockerfile(&entry.path) else { return Vec::new() };
            let sets = parsed.0.instructions.iter();
            sets.filter(|it| matches!(it.effective().kind, InstructionKind::Env(_) | InstructionKind::Arg(_)))
                .map(|it| it.span)
                .collect()
        }
        kind if kind.is_python() => {
            let keys = reported.token_keys.iter().filter(|place| place.path == entry.path).map(|place| place.span);
            let docstrings = snapshot.python(&entry.path).map_or(Vec::new(), |parsed| parsed.0.docstrings());
            docstrings.into_iter().chain(keys).collect()
        }
        _ => {
            let here: Vec<_> = reported.passwords.iter().filter(|(place, _)| place.path == entry.path).collect();
            // Who connects has the same password written beside it.
            let again = |found: &&Found| here.iter().any(|(_, text)| source.slice(found.span) == *text);
            let again = found.iter().filter(again).map(|found| found.span);
            here.iter().map(|(place, _)| place.span).chain(again).collect()
        }
    }
}

fn leak(found: Found, source: &Source, file: &File) -> Leak {
    let text = source.slice(found.span);
    let tells = match found.kind {
        Kind::Token(_) | Kind::PrivateKey(_) => true,
        Kind::Assignment { .. } | Kind::Address { .. } => secrets::judge::is_random_key(text) && text.len() >= 24,
    };
    let shown = match &found.kind {
        Kind::Token(token) => {
            let fixed = token.keywords.iter().filter(|keyword| text.starts_with(**keyword)).max_by_key(|it| it.len());
            let length = text.chars().count();
            match fixed {
                Some(prefix) => format!("`{prefix}…`, {length} characters"),
                None => format!("{length} characters"),
            }
        }
        _ => format!("{} characters", text.chars().count()),
    };
    Leak {
        shown,
        identity: tells.then(|| hash(text)),
        place: Place::new(source.path.clone(), narrow(&found, text)),
        also: Vec::new(),
        more: Vec::new(),
        nth: 1,
        assurance: found.assurance,
        role: file.role,
        for_development: file.for_development,
        of_own_certificate: file.of_own_certificate,
        kind: found.kind,
    }
}

/// The part of a secret that a report points at: of a key the line that says what it is, of all else everything.
fn narrow(found: &Found, text: &str) -> Span {
    let Kind::PrivateKey(_) = found.kind else { return found.span };
    let line = text.find(['\n', '\r']).unwrap_or(text.len());
    let header = text[..line].match_indices("-----").nth(1).map_or(line, |(at, dashes)| at + dashes.len());
    let start = found.span.start as usize;
    Span::new(start, start + header)
}

/// 16 hexadecimal digits of a hash.
fn hash(secret: &str) -> String {
    Sha256::digest(secret.as_bytes())[..8].iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// One leak for each secret, with the other places where it stands. A file that ships goes before one that does not.
fn united(leaks: Vec<Leak>) -> Vec<Leak> {
    let mut first: BTreeMap<(&'static str, String), usize> = BTreeMap::new();
    let mut united: Vec<Leak> = Vec::with_capacity(leaks.len());
    for leak in leaks {
        let known = leak.identity.clone().and_then(|identity| match first.entry((leak.rule(), identity)) {
            std::collections::btree_map::Entry::Occupied(known) => Some(*known.get()),
            std::collections::btree_map::Entry::Vacant(empty) => {
                empty.insert(united.len());
                None
            }
        });
        let Some(known) = known.map(|at| &mut united[at]) else {
            united.push(leak);
            continue;
        };
        if leak.role < known.role {
            let mut before = std::mem::replace(known, leak);
            known.also.append(&mut before.also);
            known.also.push(before.place);
        } else {
            known.also.push(leak.place);
        }
    }
    for leak in &mut united {
        leak.also.sort();
    }
    united.sort_by(|a, b| a.place.cmp(&b.place));
    united
}
