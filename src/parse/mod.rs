//! Text to our own syntax models, one folder or file a language. Parsing never fails: a broken file still gives what
//! could be read, and its [problems](crate::source::Problem).

pub mod dockerfile;
pub mod dockerignore;
pub mod env_file;
pub mod substitution;
