//! Text to our own syntax models, one folder or file a language. Parsing never fails: a broken file still gives what
//! could be read, and its [problems](crate::source::Problem).

pub mod caddyfile;
pub mod compose;
pub mod dockerfile;
pub mod dockerignore;
pub mod env_file;
pub mod gitlab_ci;
pub mod makefile;
pub mod migration;
pub mod nginx;
pub mod platform;
pub mod procfile;
pub mod python;
pub mod python_manifest;
pub mod requirements;
pub mod shell;
pub mod sql;
pub mod substitution;
pub mod traefik;
pub mod uwsgi;
pub mod workflow;
pub mod yaml;
