use super::tell;
use crate::findings::{Findings, Severity};
use crate::project::deployment::{DjangoProcess, Service};
use crate::project::environment::Lookup;
use crate::project::role::Role;
use crate::project::settings::{Reading, is_loopback};
use crate::rules::Cx;

/// `settings/sqlite-database`
pub fn sqlite_database(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let database = django.settings.read(&["DATABASES", "default"]);
    let engine = database.read(&["ENGINE"]);
    if !engine.text().is_some_and(|engine| engine.ends_with("sqlite3") || engine.ends_with("spatialite")) {
        return;
    }
    let name = database.read(&["NAME"]);
    let path = name.path();
    let service = cx.deployment.and_then(|deployment| deployment.service(&django.service));
    let kept = service.zip(path).and_then(|(service, path)| service.keeps(path));
    let message = match kept {
        Some(false) => "the database is SQLite inside the container: each deploy starts with an empty one",
        Some(true) => "the database is SQLite on a volume",
        None => "the database is SQLite",
    };
    let finding = tell(findings, django, &engine, "DATABASES", message.to_owned());
    let beside = cx.deployment.and_then(|it| it.services.iter().find(|service| service.role == Role::Database));
    finding.help(match beside {
        Some(beside) if beside.is_kept_by_platform() => {
            format!("use the database that the platform keeps, `{}`: read its address from a variable", beside.name)
        }
        Some(beside) => {
            format!("use the database that the stack runs, `{}`: give its address in `DATABASE_URL`", beside.name)
        }
        None => "run PostgreSQL as a service of the stack, and give its address in `DATABASE_URL`".to_owned(),
    });
    if kept != Some(false) {
        finding.at_most(if kept == Some(true) { Severity::Note } else { Severity::Warning });
    }
}

/// `settings/database-password-empty`
pub fn database_password_empty(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    for (alias, database) in django.settings.entries("DATABASES") {
        let postgres = database.read(&["ENGINE"]).text().is_some_and(|engine| engine.contains("postg"));
        let host = database.read(&["HOST"]);
        let remote = host.text().is_some_and(|host| !host.is_empty() && !host.starts_with('/') && !is_loopback(host));
        let password = database.read(&["PASSWORD"]);
        // libpq has its own ways to a password, and to a login without one.
        let options = database.read(&["OPTIONS"]);
        let other_way = ["passfile", "service", "sslcert", "assume_role"]
            .iter()
            .any(|key| !options.read(&[key]).value.value.is_absent());
        let variables =
            cx.deployment.and_then(|deployment| deployment.service(&django.service)).map(|it| &it.process.variables);
        let set = |name: &&str| variables.is_some_and(|it| matches!(it.lookup(name), Lookup::Set(_)));
        let by_variable = ["PGPASSWORD", "PGPASSFILE", "PGSERVICE"].iter().any(set);
        if postgres && remote && password.is_falsy() && !other_way && !by_variable {
            tell(
                findings,
                django,
                &password,
                "DATABASES",
                format!("the database `{alias}` is reached without a password"),
            )
            .help("give the database a password, and the settings the variable that has it")
            .evidence(alias);
        }
    }
}

/// `settings/database-superuser`
pub fn database_superuser(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for (alias, database) in django.settings.entries("DATABASES") {
        let user = database.read(&["USER"]);
        let engine = database.read(&["ENGINE"]);
        let engine = engine.text().unwrap_or_default();
        let superuser = match user.text() {
            Some("postgres") => engine.contains("postg"),
            Some("root") => engine.contains("mysql"),
            _ => false,
        };
        if superuser {
            tell(findings, django, &user, "DATABASES", format!("the database `{alias}` is used as its superuser"))
                .help("make a role that owns the application's database and nothing else")
                .evidence(alias);
        }
    }
}

/// `settings/persistent-connections-under-asgi`
pub fn persistent_connections_under_asgi(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let service = cx.deployment.and_then(|deployment| deployment.service(&django.service));
    if !service.is_some_and(|service| service.serves_asgi()) {
        return;
    }
    for (alias, database) in django.settings.entries("DATABASES") {
        let age = database.read(&["CONN_MAX_AGE"]);
        if age.is_truthy() || age.is_none() {
            tell(findings, django, &age, "DATABASES", format!("the database `{alias}` keeps connections open under an ASGI server"))
                .help("set `CONN_MAX_AGE` to 0, and pool with `OPTIONS = {\"pool\": True}` (Django 5.1, psycopg 3) or PgBouncer")
                .evidence(alias);
        }
    }
}

/// `settings/database-pool-conflict`
pub fn database_pool_conflict(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for (alias, database) in django.settings.entries("DATABASES") {
        let age = database.read(&["CONN_MAX_AGE"]);
        let postgres = database.read(&["ENGINE"]).text().is_some_and(|engine| engine.contains("postg"));
        let persistent = age.is_truthy() || age.is_none();
        if postgres && persistent && database.read(&["OPTIONS", "pool"]).is_truthy() {
            tell(
                findings,
                django,
                &age,
                "DATABASES",
                format!(
                    "the database `{alias}` has both a pool and persistent connections, and Django refuses to connect"
                ),
            )
            .help("leave `CONN_MAX_AGE` out: the pool keeps connections open")
            .evidence(alias);
        }
    }
}

/// A database behind the public name or address of another machine: its alias and what is said of it.
fn far_databases(django: &DjangoProcess, kinds: &[&str]) -> Vec<(String, Reading)> {
    let is_far = |database: &Reading| {
        let engine = database.read(&["ENGINE"]);
        let kind = engine.text().is_some_and(|engine| kinds.iter().any(|kind| engine.contains(kind)));
        kind && database.read(&["HOST"]).text().is_some_and(is_public)
    };
    let mut databases = django.settings.entries("DATABASES");
    databases.retain(|(_, database)| is_far(database));
    databases
}

/// Whether a host is out in the open by its name: neither a service of the stack nor within a private network.
fn is_public(host: &str) -> bool {
    const WITHIN: [&str; 8] = ["internal", "local", "lan", "localdomain", "home", "corp", "intranet", "private"];
    match host.parse::<std::net::Ipv4Addr>() {
        Ok(address) => !(address.is_private() || address.is_loopback() || address.is_link_local()),
        Err(_) => host.rsplit_once('.').is_some_and(|(name, last)| {
            !host.starts_with('/')
                && !WITHIN.contains(&last.to_ascii_lowercase().as_str())
                && !name.split('.').any(|part| matches!(part, "svc" | "internal"))
        }),
    }
}

/// `settings/database-tls-off`
pub fn database_tls_off(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for (alias, database) in far_databases(django, &["postg"]) {
        let mode = database.read(&["OPTIONS", "sslmode"]);
        let host = database.read(&["HOST"]);
        if let (Some(mode_text @ ("disable" | "allow")), Some(host)) = (mode.text(), host.text()) {
            let message =
                format!("the database `{alias}` at `{host}` is reached without TLS: `sslmode` is `{mode_text}`");
            tell(findings, django, &mode, "DATABASES", message)
                .help("`\"sslmode\": \"verify-full\"` with the server's certificate authority, or `require` at least")
                .evidence(alias);
        }
    }
}

/// `settings/database-tls-unasked`
pub fn database_tls_unasked(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let service = cx.deployment.and_then(|deployment| deployment.service(&django.service));
    let by_variable = service.is_some_and(|it| !matches!(it.process.variables.lookup("PGSSLMODE"), Lookup::Unset));
    for (alias, database) in far_databases(django, &["postg"]) {
        let mode = database.read(&["OPTIONS", "sslmode"]);
        let open = mode.value.value.is_absent() || mode.text() == Some("prefer");
        let (host, options) = (database.read(&["HOST"]), database.read(&["OPTIONS"]));
        let by_service = !options.read(&["service"]).value.value.is_absent();
        if let Some(name) = host.text().filter(|_| open && !by_variable && !by_service) {
            let message = format!("nothing asks for TLS on the way to the database `{alias}` at `{name}`");
            tell(findings, django, &host, "DATABASES", message)
                .help("`\"OPTIONS\": {\"sslmode\": \"require\"}`, or `verify-full` with the server's certificate authority")
                .evidence(alias);
        }
    }
}

/// `settings/mysql-not-strict`
pub fn mysql_not_strict(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for (alias, database) in django.settings.entries("DATABASES") {
        if !database.read(&["ENGINE"]).text().is_some_and(|engine| engine.contains("mysql")) {
            continue;
        }
        let mode = database.read(&["OPTIONS", "sql_mode"]);
        let command = database.read(&["OPTIONS", "init_command"]);
        let by_command = command.text().filter(|text| text.to_ascii_lowercase().contains("sql_mode")).is_some();
        // What runs last decides: the command after the option.
        let decides = if by_command { command } else { mode };
        let Some(text) = decides.text().map(str::to_ascii_uppercase) else { continue };
        // A mode that is added to another (`CONCAT(@@sql_mode, …)`) is not known.
        if !text.contains("STRICT_") && !text.contains("TRADITIONAL") && !text.contains("@@") {
            let message = format!("the database `{alias}` is not strict: MySQL cuts what is too long and says nothing");
            tell(findings, django, &decides, "DATABASES", message)
                .help("add `STRICT_TRANS_TABLES` to the mode, or leave the mode out: servers are strict by default")
                .evidence(alias);
        }
    }
}

/// `settings/async-safety-off`
pub fn async_safety_off(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    const NAME: &str = "DJANGO_ALLOW_ASYNC_UNSAFE";
    let Some(set) = service.process.variables.set.get(NAME).filter(|_| service.django.is_some()) else { return };
    // Any text will do; only the empty one is none.
    if set.value.likely().is_some_and(|value| !value.is_empty()) {
        let place = set.decided_at().cloned().unwrap_or_else(|| service.place.clone());
        findings
            .report(place, format!("`{NAME}` lets requests of `{}` share what no two may use at once", service.name))
            .help("take it out, and call the database by `sync_to_async` or the async methods of querysets")
            .trail(&set.trail)
            .anchor(format!("variable {NAME}"));
    }
}
