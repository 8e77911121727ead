//! The Python process that answers for Django.

use super::setup::Python;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

/// A repository with settings, and the variables of the process that loads them.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Package {
    /// What it was generated from.
    pub seed: u64,
    /// The text of each file.
    pub files: BTreeMap<String, String>,
    /// The environment.
    pub env: BTreeMap<String, String>,
    /// The settings module.
    pub module: String,
    /// The release of Django that its requirements name.
    #[serde(default)]
    pub release: (u32, u32),
}

/// What real Python and Django make of a package.
#[derive(Clone, Debug, Deserialize)]
pub struct Answer {
    /// What the module raises.
    pub error: Option<Problem>,

    /// The settings by name, Django's defaults among them.
    pub values: BTreeMap<String, Json>,
    /// The ids that `check --deploy` prints.
    pub checks: Option<Vec<String>>,
}

impl Answer {
    /// The exception that stops the module.
    pub fn stops_with(&self) -> Option<String> {
        self.error.as_ref().and_then(|problem| problem.classes.first().cloned())
    }
}

/// An exception.
#[derive(Clone, Debug, Deserialize)]
pub struct Problem {
    /// The names of its class and its bases.
    pub classes: Vec<String>,
    /// What it says.
    pub text: String,
}

pub struct Judge {
    release: (u32, u32),
    process: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Judge {
    pub fn start(python: &Python) -> Self {
        let mut command = python.script("judge.py");
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("Python starts");
        let requests = process.stdin.take().expect("a pipe");
        let answers = BufReader::new(process.stdout.take().expect("a pipe"));
        Self { release: python.release, process, requests, answers }
    }

    /// Generates the package of a seed and judges it.
    pub fn generated(&mut self, seed: u64) -> (Package, Answer) {
        self.ask(&json!({ "seed": seed })).unwrap_or_else(|why| panic!("seed {seed}: {why}"))
    }

    /// Judges a package; the error says why that is impossible.
    pub fn judged(&mut self, package: &Package) -> Result<Answer, String> {
        self.ask(&json!({ "package": package })).map(|(_, answer)| answer)
    }

    fn ask(&mut self, request: &Json) -> Result<(Package, Answer), String> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Reply {
            Judged { package: Package, answer: Answer },
            Failed { failure: String },
        }
        writeln!(self.requests, "{request}").expect("the judge listens");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("the judge answers");
        match serde_json::from_str(&line).map_err(|error| format!("{error} in {line:?}"))? {
            Reply::Judged { package, answer } => Ok((Package { release: self.release, ..package }, answer)),
            Reply::Failed { failure } => Err(failure),
        }
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
