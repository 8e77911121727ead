use super::tell;
use crate::findings::{Findings, Severity};
use crate::project::deployment::DjangoProcess;
use crate::project::environment::Lookup;
use crate::project::settings::is_loopback;
use crate::rules::Cx;

/// `settings/sqlite-database`
pub fn sqlite_database(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let database = django.settings.read(&["DATABASES", "default"]);
    let engine = database.read(&["ENGINE"]);
    if !engine.text().is_some_and(|engine| engine.ends_with("sqlite3") || engine.ends_with("spatialite")) {
        return;
    }
    let name = database.read(&["NAME"]);
    let path = name.value.value.known().and_then(|name| name.as_path());
    let service = cx.deployment.and_then(|deployment| deployment.service(&django.service));
    let kept = service.zip(path).and_then(|(service, path)| service.keeps(path));
    let message = match kept {
        Some(false) => "the database is SQLite inside the container: each deploy starts with an empty one",
        Some(true) => "the database is SQLite on a volume",
        None => "the database is SQLite",
    };
    let finding = tell(findings, django, &engine, "DATABASES", message.to_owned());
    finding.help("run PostgreSQL as a service of the stack, and give its address in `DATABASE_URL`");
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
