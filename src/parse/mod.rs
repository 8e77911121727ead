//! Text to our own syntax models, one folder or file a language. Parsing never fails: a broken file still gives what
//! could be read, and its [problems](crate::source::Problem).

pub mod compose;
pub mod dockerfile;
pub mod substitution;
pub mod yaml;
pub mod makefile;
pub mod procfile;
pub mod shell;
pub mod python;
