//! Databases by URL: dj-database-url (<https://github.com/jazzband/dj-database-url>) and the same in django-environ.

use super::super::calls::Arguments;
use super::super::evaluator::{Eval, Evaluator};
use super::super::object::{Kind, Origin, Val};
use super::os_environ::{Missing, Variable};
use super::urls::{self, Url, split, unquote};
use std::rc::Rc;

/// Who parses: they differ in what a query becomes, and in the schemes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Parser {
    DjDatabaseUrl,
    DjangoEnviron,
}

/// django-environ puts these beside the options.
const BASE_OPTIONS: [&str; 5] =
    ["CONN_MAX_AGE", "ATOMIC_REQUESTS", "AUTOCOMMIT", "DISABLE_SERVER_SIDE_CURSORS", "CONN_HEALTH_CHECKS"];

fn engine(scheme: &str) -> Option<&'static str> {
    Some(match scheme {
        "postgres" | "postgresql" | "psql" | "pgsql" => "django.db.backends.postgresql",
        "postgis" => "django.contrib.gis.db.backends.postgis",
        "prometheus_postgresql" => "django_prometheus.db.backends.postgresql",
        "prometheus_postgis" => "django_prometheus.db.backends.postgis",
        "cockroach" | "cockroachdb" => "django_cockroachdb",
        "mysql" | "mysql2" => "django.db.backends.mysql",
        "mysql-connector" => "mysql.connector.django",
        "mysqlgis" => "django.contrib.gis.db.backends.mysql",
        "mssql" => "mssql",
        "oracle" => "django.db.backends.oracle",
        "oraclegis" => "django.contrib.gis.db.backends.oracle",
        "pyodbc" => "sql_server.pyodbc",
        "redshift" => "django_redshift_backend",
        "spatialite" => "django.contrib.gis.db.backends.spatialite",
        "sqlite" => "django.db.backends.sqlite3",
        "timescale" => "timescale.db.backends.postgresql",
        "timescalegis" => "timescale.db.backends.postgis",
        _ => return None,
    })
}

impl Evaluator<'_> {
    pub(super) fn call_database_url(&mut self, function: &str, arguments: Arguments) -> Eval {
        let origin = arguments.origin;
        let url = match function {
            "config" => {
                let name = arguments.get(0, "env").cloned().unwrap_or_else(|| Val::str("DATABASE_URL"));
                let default = arguments.get(1, "default").filter(|value| !matches!(value.kind, Kind::None)).cloned();
                match self.variable(&name, default, Missing::GivesNone, origin)? {
                    Variable::Text(value) | Variable::Fallback(value) => value,
                }
            }
            "parse" => match arguments.get(0, "url") {
                Some(url) => url.clone(),
                None => return Ok(Val::unsupported("dj_database_url.parse()")),
            },
            _ => return self.opaque(&format!("dj_database_url.{function}"), arguments),
        };
        // `parse` has the URL where `config` has the variable and the fallback.
        let shift = if function == "config" { 1 } else { 0 };
        let option = |at: usize, name: &str| arguments.get(at + shift, name).cloned();
        let database = self.database(&url, Parser::DjDatabaseUrl, origin)?;
        // The database in memory is given back before the options are looked at.
        if self.truth(&database) != Some(true) || url.as_str() == Some("sqlite://:memory:") {
            return Ok(database);
        }
        let mut set = |key: &str, value: Option<Val>| match value {
            Some(value) => self.set_item(&database, &Val::str(key), value, origin),
            None => Ok(()),
        };
        set("CONN_MAX_AGE", Some(option(2, "conn_max_age").unwrap_or_else(|| Val::int(0))))?;
        set("CONN_HEALTH_CHECKS", Some(option(3, "conn_health_checks").unwrap_or_else(|| Val::bool(false))))?;
        set(
            "DISABLE_SERVER_SIDE_CURSORS",
            Some(option(4, "disable_server_side_cursors").unwrap_or_else(|| Val::bool(false))),
        )?;
        set("ENGINE", option(1, "engine").filter(|value| !matches!(value.kind, Kind::None)))?;
        if let Some(required) = arguments.keyword("ssl_require").cloned() {
            match self.truth(&required) {
                Some(true) => {
                    let options = self.dict(Vec::new(), false)?;
                    if let Some(super::super::lookups::Found::Value(known)) =
                        self.dict_found(&database, &Val::str("OPTIONS"))
                    {
                        self.update_dict(&options, &known, origin)?;
                    }
                    self.set_item(&options, &Val::str("sslmode"), Val::str("require"), origin)?;
                    self.set_item(&database, &Val::str("OPTIONS"), options, origin)?;
                }
                Some(false) => {}
                None => self.set_item(&database, &Val::str("OPTIONS"), Val::unknown_like(&required), origin)?,
            }
        }
        Ok(database)
    }

    /// The dict for a database's URL; unknown where the URL is.
    pub(super) fn database(&mut self, url: &Val, parser: Parser, origin: Origin) -> Eval {
        if let Kind::OneOf(values) = &url.kind {
            let values = values.clone();
            return self.each_choice(url, &values, |evaluator, url| evaluator.database(url, parser, origin));
        }
        let text = match &url.kind {
            Kind::Str(text) => text.clone(),
            Kind::None => Rc::from(""),
            _ => return Ok(Val::unknown_like(url)),
        };
        let mut database = self.dict(Vec::new(), false)?;
        database.rests_on(url);
        if text.is_empty() {
            return Ok(database);
        }
        let parts = split(&text);
        let Some(engine) = engine(&parts.scheme) else {
            if parser == Parser::DjDatabaseUrl {
                return self.raise("ValueError", origin, &[url], true);
            }
            return Ok(Val::unsupported(format!("the database scheme `{}`", parts.scheme)));
        };
        let entries = self.database_entries(&parts, engine, &text, parser)?;
        for (key, value) in entries {
            let mut value = Val::new(value);
            value.rests_on(url);
            self.set_item(&database, &Val::str(key), value, origin)?;
        }
        Ok(database.at(origin))
    }

    fn database_entries(
        &mut self,
        parts: &Url,
        engine: &'static str,
        text: &str,
        parser: Parser,
    ) -> Eval<Vec<(String, Kind)>> {
        let string = |text: String| Kind::Str(Rc::from(text));
        let mut entries: Vec<(String, Kind)> = Vec::new();
        let mut push = |key: &str, value: Kind| entries.push((key.to_owned(), value));
        push("ENGINE", string(engine.to_owned()));
        if text == "sqlite://:memory:" {
            push("NAME", string(":memory:".to_owned()));
            return Ok(entries);
        }
        let mut name = unquote(parts.path.strip_prefix('/').unwrap_or(&parts.path));
        let mut host = parts.hostname.clone().unwrap_or_default();
        if parser == Parser::DjDatabaseUrl {
            host = unquote(&host);
        }
        if parts.scheme == "sqlite" && name.is_empty() {
            name = ":memory:".to_owned();
        }
        // A socket's folder may stand where the name does.
        if parser == Parser::DjangoEnviron
            && name.starts_with('/')
            && engine.contains("postg")
            && let Some((folder, database)) = name.clone().rsplit_once('/')
        {
            (host, name) = (folder.to_owned(), database.to_owned());
        }
        push("NAME", string(name));
        push("USER", string(unquote(parts.username.as_deref().unwrap_or(""))));
        push("PASSWORD", string(unquote(parts.password.as_deref().unwrap_or(""))));
        push("HOST", string(host));
        push("PORT", parts.port.map_or_else(|| string(String::new()), |port| Kind::Int(i64::from(port))));
        let mut options = Vec::new();
        for (key, value) in urls::query(&parts.query) {
            let value = match value.parse::<i64>() {
                Ok(number) if value.bytes().all(|b| b.is_ascii_digit()) => Kind::Int(number),
                _ => match (parser, value.as_str()) {
                    (Parser::DjDatabaseUrl, "true" | "True") | (Parser::DjangoEnviron, "True") => Kind::Bool(true),
                    (Parser::DjDatabaseUrl, "false" | "False") | (Parser::DjangoEnviron, "False") => Kind::Bool(false),
                    (Parser::DjangoEnviron, "None") => Kind::None,
                    _ => string(value),
                },
            };
            let base = key.to_ascii_uppercase();
            if parser == Parser::DjangoEnviron && BASE_OPTIONS.contains(&base.as_str()) {
                push(&base, value);
            } else {
                options.push((Val::str(key), Val::new(value)));
            }
        }
        if !options.is_empty() {
            let options = self.dict(options, false)?;
            entries.push(("OPTIONS".to_owned(), options.kind));
        }
        Ok(entries)
    }
}
