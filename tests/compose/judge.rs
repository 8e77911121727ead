//! Docker Compose, and what it makes of a repository.

use serde_json::Value as Json;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A program that is Docker Compose.
pub struct Judge {
    program: PathBuf,
    /// What goes before its own arguments.
    before: Vec<&'static str>,
}

/// What is asked of it.
pub struct Question<'a> {
    /// The text of each file.
    pub files: &'a [(String, String)],
    /// The files of `-f`.
    pub stacked: &'a [String],
    /// The profiles that are on.
    pub profiles: &'a [String],
    /// The shell's variables.
    pub shell: &'a [(String, String)],
}

/// Where the repository lies, in answers.
pub const ROOT: &str = "<root>";
/// Where somebody is at home, in answers.
pub const HOME: &str = "<home>";

impl Judge {
    /// Docker Compose from version 2.30 on; the error says why there is none.
    pub fn installed() -> Result<Self, String> {
        let judge = match std::env::var_os("SHIPWORTHY_DOCKER_COMPOSE").filter(|it| !it.is_empty()) {
            Some(program) => Self { program: program.into(), before: Vec::new() },
            None => Self { program: "docker".into(), before: vec!["compose"] },
        };
        let answer = judge.command().args(["version", "--short"]).output().map_err(|error| error.to_string())?;
        let version = String::from_utf8_lossy(&answer.stdout).trim().trim_start_matches('v').to_owned();
        let mut parts = version.split('.').map_while(|part| part.parse::<u32>().ok());
        match (answer.status.success(), parts.next(), parts.next()) {
            (true, Some(major), Some(minor)) if (major, minor) >= (2, 30) => Ok(judge),
            _ => Err(format!("version 2.30 of Docker Compose is needed, and this is {version:?}")),
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.before).stdin(Stdio::null());
        command
    }

    /// The effective stack, or why there is none.
    pub fn asked(&self, question: &Question<'_>) -> Result<Json, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let outer = fs::canonicalize(folder.path()).expect("a path");
        // Some paths lead out of the repository.
        let (root, home) = (outer.join("repository"), outer.join("home"));
        for (path, text) in question.files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        let mut command = self.command();
        command.current_dir(&root).env_clear().env("HOME", &home);
        command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command.envs(question.shell.iter().map(|(name, value)| (name, value)));
        for file in question.stacked {
            command.args(["-f", file]);
        }
        for profile in question.profiles {
            command.args(["--profile", profile]);
        }
        let output = command.args(["config", "--format", "json"]).output().expect("Docker Compose runs");
        let shown = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes);
            let text = text.replace(&*root.to_string_lossy(), ROOT).replace(&*home.to_string_lossy(), HOME);
            text.replace(&*outer.to_string_lossy(), "<above>")
        };
        if !output.status.success() {
            let said = shown(&output.stderr);
            let said: Vec<&str> = said.lines().filter(|line| !line.contains("level=warning")).collect();
            return Err(said.join("\n"));
        }
        serde_json::from_str(&shown(&output.stdout)).map_err(|error| error.to_string())
    }
}
