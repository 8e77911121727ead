//! What names say. The order matters: names that are exact come before names that are patterns.

use super::environment::{EnvName, env_name};
use super::{FileKind, Named, content};
use crate::source::RepoPath;
use FileKind::*;

/// Extensions of code, prose and data, whose kind is not told by the rest of the name.
pub(super) const CODE: &[&str] = &[
    "py", "pyi", "js", "mjs", "cjs", "jsx", "ts", "tsx", "vue", "svelte", "json", "yml", "yaml", "toml", "sh", "bash",
    "md", "rst", "html", "htm", "txt", "css", "scss", "rb", "go", "rs", "php", "java", "kt", "ps1", "bat", "cmd",
    "xml", "conf", "cfg", "ini", "tf", "lock", "pyc", "log", "po",
];

/// Names of environments as they stand in names of files.
pub(super) const ENVIRONMENTS: &[&str] = &[
    "prod",
    "production",
    "live",
    "stage",
    "staging",
    "stg",
    "preprod",
    "uat",
    "qa",
    "dev",
    "devel",
    "develop",
    "development",
    "local",
    "test",
    "testing",
    "ci",
    "docker",
    "web",
    "db",
    "postgres",
    "django",
    "app",
    "base",
    "common",
];

/// Text by its extension, so that its content need not be asked.
const TEXT: &[&str] = &[
    "md",
    "rst",
    "adoc",
    "html",
    "htm",
    "css",
    "scss",
    "sass",
    "less",
    "js",
    "mjs",
    "cjs",
    "jsx",
    "ts",
    "tsx",
    "vue",
    "svelte",
    "map",
    "xml",
    "csv",
    "tsv",
    "json",
    "jsonl",
    "geojson",
    "po",
    "pot",
    "pyi",
    "sql",
    "toml",
    "ini",
    "rb",
    "go",
    "rs",
    "php",
    "java",
    "kt",
    "graphql",
    "proto",
    "tf",
    "tfvars",
    "hcl",
    "ps1",
    "bat",
    "txt",
    "rtf",
    "ipynb",
    "j2",
    "jinja",
    "jinja2",
    "mdx",
    "svg",
    "editorconfig",
    "snap",
    "diff",
    "patch",
    "log",
    "properties",
    "gradle",
];

/// No text, by its extension.
const BINARY: &[&str] = &[
    "png", "jpg", "jpeg", "gif", "webp", "avif", "bmp", "tif", "tiff", "ico", "icns", "psd", "pdf", "zip", "gz", "tgz",
    "bz2", "xz", "zst", "7z", "rar", "tar", "jar", "whl", "egg", "pyc", "pyo", "so", "dylib", "dll", "exe", "a", "o",
    "class", "woff", "woff2", "ttf", "otf", "eot", "mo", "mp3", "mp4", "m4a", "mov", "avi", "mkv", "webm", "ogg",
    "wav", "flac", "sqlite", "sqlite3", "db", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "ods", "parquet",
    "pkl", "npy", "npz", "h5", "bin", "wasm", "mmdb", "swf", "deb", "rpm", "iso", "dmg",
];

/// Endings of templates that are rendered into the file that the rest of the name tells.
const TEMPLATED: &[&str] = &[".template", ".tmpl", ".tpl", ".j2", ".jinja2", ".jinja", ".erb", ".in"];

/// What the name of the file at `path` says.
pub(super) fn named(path: &RepoPath) -> Named {
    let name = path.file_name().to_lowercase();
    let extension = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map_or("", |(_, e)| e);
    // `DockerfileWeb`
    let joined = path.file_name().strip_prefix("Dockerfile").is_some_and(|rest| {
        rest.starts_with(|c: char| c.is_ascii_uppercase()) && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    if joined {
        return Named::Kind(Dockerfile);
    }
    if let Some(kind) = exact(&name).or_else(|| docker(&name, extension)) {
        return Named::Kind(kind);
    }
    if is_traefik_data(path, &name) {
        return Named::Kind(Text);
    }
    match env_name(path) {
        EnvName::File => return Named::Kind(EnvFile),
        EnvName::Template => return Named::Kind(EnvTemplate),
        EnvName::Perhaps => return Named::Ask(perhaps_env),
        EnvName::No => {}
    }
    match extension {
        "py" | "pyw" => python(path, &name),
        "yml" | "yaml" => yaml(path, &name),
        "sh" | "bash" => Named::Kind(Script),
        "txt" | "in" if is_requirements(path, &name) => Named::Kind(Requirements),
        "mk" | "mak" => Named::Kind(Makefile),
        "just" => Named::Kind(Justfile),
        "service" | "timer" | "socket" => Named::Kind(Systemd),
        "cron" | "crontab" => Named::Kind(Crontab),
        "caddy" | "caddyfile" => Named::Kind(Caddy),
        "jenkinsfile" => Named::Kind(Jenkinsfile),
        "procfile" => Named::Kind(Procfile),
        "nginx" | "nginxconf" => Named::Kind(Nginx),
        "toml" if name.starts_with("traefik") || in_folder(path, "traefik") => Named::Kind(Traefik),
        "toml" if name.starts_with("fly.") || name.starts_with("fly-") => Named::Kind(Fly),
        "toml" if name.starts_with("pylock.") => Named::Kind(LockFile),
        "json" if name == "app.json" => Named::Ask(app_json),
        "conf" | "ini" => configuration(path, &name),
        _ if is_rendered(&name, &[".conf", ".nginx"]) => configuration(path, &name),
        _ if is_rendered(&name, &[".service", ".timer", ".socket"]) => Named::Kind(Systemd),
        _ if TEXT.contains(&extension) => Named::Kind(Text),
        _ if BINARY.contains(&extension) => Named::Kind(Binary),
        _ => pattern(path, &name).map_or(Named::Ask(unnamed), Named::Kind),
    }
}

/// Names that mean one thing.
fn exact(name: &str) -> Option<FileKind> {
    Some(match name {
        ".dockerignore" | ".containerignore" => Dockerignore,
        ".gitignore" => Gitignore,
        "makefile" | "gnumakefile" => Makefile,
        "justfile" | ".justfile" => Justfile,
        "jenkinsfile" => Jenkinsfile,
        "caddyfile" => Caddy,
        "procfile" => Procfile,
        "pipfile" => Pipfile,
        "pyproject.toml" => Pyproject,
        "poetry.lock" | "uv.lock" | "pipfile.lock" | "pdm.lock" | "pylock.toml" => LockFile,
        "render.yaml" | "render.yml" => Render,
        "heroku.yml" | "heroku.yaml" => HerokuYml,
        "fly.toml" => Fly,
        "railway.json" | "railway.toml" => Railway,
        "crontab" => Crontab,
        _ => return None,
    })
}

/// Dockerfiles, however they are told apart: `Dockerfile.prod`, `web.Dockerfile`, `Dockerfile-prod`.
fn docker(name: &str, extension: &str) -> Option<FileKind> {
    if extension == "dockerignore" || extension == "containerignore" {
        return Some(Dockerignore);
    }
    if extension == "dockerfile" || extension == "containerfile" {
        return Some(Dockerfile);
    }
    let rest = name.strip_prefix("dockerfile").or_else(|| name.strip_prefix("containerfile"));
    let rest = match rest {
        Some(rest) if rest.is_empty() || rest.starts_with(['.', '-', '_']) => rest,
        // `prod-dockerfile`, `web_Dockerfile`
        _ if extension.is_empty() && ["-dockerfile", "_dockerfile"].iter().any(|end| name.ends_with(end)) => "",
        _ => return None,
    };
    // A template is no Dockerfile yet, and a page about it none at all.
    const OTHERS: &[&str] =
        &["orig", "rej", "swp", "license", "erb", "j2", "jinja", "jinja2", "tmpl", "tpl", "template"];
    (rest.is_empty() || !CODE.contains(&extension) && !OTHERS.contains(&extension)).then_some(Dockerfile)
}

/// Traefik keeps its certificates and keys in `acme.json`.
fn is_traefik_data(path: &RepoPath, name: &str) -> bool {
    in_folder(path, "traefik") && name.ends_with(".json")
}

/// Patterns of names without a telling extension.
fn pattern(path: &RepoPath, name: &str) -> Option<FileKind> {
    let begins = |word: &str| name.strip_prefix(word).is_some_and(|rest| rest.starts_with(['.', '-', '_']));
    if begins("makefile") && !name.ends_with(".am") && !name.ends_with(".in") {
        return Some(Makefile);
    }
    if begins("jenkinsfile") {
        return Some(Jenkinsfile);
    }
    if begins("caddyfile") {
        return Some(Caddy);
    }
    if begins("procfile") {
        return Some(Procfile);
    }
    if begins("crontab") || ["cron.d", "crontabs"].iter().any(|folder| in_folder(path, folder)) {
        return Some(Crontab);
    }
    None
}

fn python(path: &RepoPath, name: &str) -> Named {
    let stem = &name[..name.len() - ".py".len()];
    let folder = path.parent().unwrap_or_else(RepoPath::root);
    let folders: Vec<&str> = folder.parts().rev().collect();
    let inside = |name: &str| folders.first() == Some(&name);
    let kind = match stem {
        // Alembic's environment, not a migration of Django.
        "env" if inside("migrations") => Python,
        "__init__" if inside("migrations") => Python,
        _ if inside("migrations") => Migration,
        _ if folders.first().is_some_and(|name| name.ends_with("_migrations")) && starts_with_number(stem) => Migration,
        "manage" | "wsgi" | "asgi" | "celery" | "celery_app" | "celeryapp" => DjangoEntry,
        _ if stem.starts_with("gunicorn") => GunicornConf,
        "urls" => Urls,
        _ if stem.starts_with("urls_") || stem.ends_with("_urls") || inside("urls") => Urls,
        "models" => Models,
        _ if inside("models") => Models,
        "settings"
            if ["views", "templatetags", "admin", "forms", "serializers", "api", "commands", "tasks"]
                .iter()
                .any(|name| inside(name)) =>
        {
            Python
        }
        "settings" => Settings,
        _ if stem.starts_with("settings_") || stem.ends_with("_settings") || stem.starts_with("settings-") => Settings,
        _ if folders.iter().take(2).any(|name| *name == "settings") => Settings,
        // The layout of HackSoft's style guide: config/django/base.py.
        _ if inside("django") && folders.get(1) == Some(&"config") => Settings,
        _ => Python,
    };
    // Settings for tests, or tests of settings, which import half of the project.
    let perhaps_tests = stem.starts_with("test_") || stem.starts_with("tests_") || stem.ends_with("_test");
    if kind == Settings && perhaps_tests { Named::Ask(perhaps_settings) } else { Named::Kind(kind) }
}

fn starts_with_number(stem: &str) -> bool {
    stem.len() > 5 && stem.as_bytes()[..4].iter().all(u8::is_ascii_digit) && stem.as_bytes()[4] == b'_'
}

fn yaml(path: &RepoPath, name: &str) -> Named {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let folder = path.parent().unwrap_or_else(RepoPath::root);
    let folders: Vec<&str> = folder.parts().rev().collect();
    if folders.first() == Some(&"workflows") && matches!(folders.get(1), Some(&(".github" | ".gitea" | ".forgejo"))) {
        return Named::Kind(Workflow);
    }
    if stem == "action" {
        return if folders.get(1) == Some(&"actions") { Named::Kind(GithubAction) } else { Named::Ask(perhaps_action) };
    }
    if stem == ".gitlab-ci"
        || stem.ends_with(".gitlab-ci")
        || stem.starts_with(".gitlab-ci")
        || folders.iter().any(|name| matches!(*name, ".gitlab-ci"))
        || folders.first() == Some(&"ci") && folders.get(1) == Some(&".gitlab")
    {
        return Named::Kind(GitlabCi);
    }
    if folders.first() == Some(&".circleci") {
        return Named::Kind(CircleCi);
    }
    if folders.contains(&".github") {
        return Named::Kind(Text);
    }
    if is_compose_stem(stem) {
        return Named::Kind(Compose);
    }
    if stem.starts_with("traefik") || in_folder(path, "traefik") {
        return Named::Ask(perhaps_traefik);
    }
    Named::Ask(perhaps_compose)
}

/// `compose`, `docker-compose`, `docker_compose` or `dockercompose`, with words before or after it.
fn is_compose_stem(stem: &str) -> bool {
    let bounded = |rest: &str| rest.is_empty() || rest.starts_with(['.', '-', '_']);
    let ended = |rest: &str| rest.is_empty() || rest.ends_with(['.', '-', '_']);
    ["compose", "dockercompose"]
        .iter()
        .any(|word| stem.match_indices(word).any(|(at, _)| ended(&stem[..at]) && bounded(&stem[at + word.len()..])))
}

/// `*.conf` and `*.ini`, and templates of them.
fn configuration(path: &RepoPath, name: &str) -> Named {
    let words: Vec<&str> = name.split(['.', '-', '_']).collect();
    if words.contains(&"nginx") {
        return Named::Kind(Nginx);
    }
    if words.iter().any(|word| matches!(*word, "supervisor" | "supervisord")) {
        return Named::Kind(Supervisor);
    }
    if in_folder(path, "supervisor") || in_folder(path, "supervisord") {
        return Named::Kind(Supervisor);
    }
    if path.parts().rev().skip(1).take(2).any(|folder| folder == "nginx") {
        return Named::Ask(perhaps_part_of_nginx);
    }
    Named::Ask(perhaps_configuration)
}

/// Whether `name` is one of `endings` and the ending of a template.
fn is_rendered(name: &str, endings: &[&str]) -> bool {
    TEMPLATED
        .iter()
        .filter_map(|template| name.strip_suffix(template))
        .any(|name| endings.iter().any(|ending| name.ends_with(ending)))
}

fn is_requirements(path: &RepoPath, name: &str) -> bool {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let words: Vec<&str> = stem.split(['.', '-', '_']).collect();
    words.iter().any(|word| matches!(*word, "requirements" | "constraints" | "reqs"))
        || ["requirements", "reqs", "constraints"].iter().any(|folder| in_folder(path, folder))
}

fn in_folder(path: &RepoPath, folder: &str) -> bool {
    path.parts().rev().nth(1) == Some(folder)
}

fn perhaps_env(path: &RepoPath, head: &[u8]) -> FileKind {
    if content::interpreter(head).is_none() && content::is_env(head) { EnvFile } else { unnamed(path, head) }
}

fn perhaps_settings(_: &RepoPath, head: &[u8]) -> FileKind {
    if content::is_settings(head) { Settings } else { Python }
}

fn perhaps_action(_: &RepoPath, head: &[u8]) -> FileKind {
    if content::is_github_action(head) { GithubAction } else { Text }
}

fn perhaps_compose(_: &RepoPath, head: &[u8]) -> FileKind {
    if content::is_compose(head) { Compose } else { Text }
}

/// `traefik.yml` is Traefik's own configuration, or the stack that starts it.
fn perhaps_traefik(_: &RepoPath, head: &[u8]) -> FileKind {
    if content::is_compose(head) { Compose } else { Traefik }
}

fn perhaps_configuration(_: &RepoPath, head: &[u8]) -> FileKind {
    if content::is_supervisor(head) {
        Supervisor
    } else if content::is_nginx(head) {
        Nginx
    } else {
        Text
    }
}

/// In a folder `nginx` stand parts of its configuration that no word betrays, and now and then somebody else's.
fn perhaps_part_of_nginx(_: &RepoPath, head: &[u8]) -> FileKind {
    if content::is_supervisor(head) {
        Supervisor
    } else if content::has_sections(head) {
        Text
    } else {
        Nginx
    }
}

/// Expo, for mobile applications, keeps its configuration under the same name.
fn app_json(_: &RepoPath, head: &[u8]) -> FileKind {
    let head = String::from_utf8_lossy(head);
    const KEYS: &[&str] = &["\"buildpacks\"", "\"formation\"", "\"addons\"", "\"env\"", "\"stack\"", "\"scripts\""];
    if !head.contains("\"expo\"") && KEYS.iter().any(|key| head.contains(key)) { AppJson } else { Text }
}

/// A file whose name says nothing: a script by its shebang, a site of nginx by where it stands.
fn unnamed(path: &RepoPath, head: &[u8]) -> FileKind {
    match content::interpreter(head) {
        Some(program) if content::is_shell(program) => return Script,
        Some(program) if program.starts_with("python") || program == "pypy" => return Python,
        Some("make") => return Makefile,
        Some("just") => return Justfile,
        Some(_) => return Text,
        None => {}
    }
    let name = path.file_name();
    // What images of cookiecutter-django and others call their scripts.
    if !head.is_empty() && matches!(name, "entrypoint" | "docker-entrypoint" | "start") {
        return Script;
    }
    let near = |folder: &str| path.parts().rev().skip(1).take(2).any(|part| part == folder);
    let site = ["nginx", "sites-available", "sites-enabled", "conf.d"].iter().any(|folder| near(folder));
    if (site || name.contains("nginx")) && content::is_nginx(head) {
        return Nginx;
    }
    Text
}
