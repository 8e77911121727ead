//! The command line, one file a subcommand.

pub mod args;
mod check;
pub mod explain;
mod inspect;
mod repository;
pub mod rules;
mod shell;
mod terminal;

use crate::report::sanitize;
use args::{Args, Command, ListFormat};
use std::io::{self, Write};
use std::process::ExitCode;

/// Something that made the run itself go wrong; exit code 2.
#[derive(Debug)]
pub struct Failure(String);

impl<E: std::fmt::Display> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// Runs a command and says how it ended: 0, 1 for findings, 2 where the run itself went wrong.
pub fn run(args: Args) -> ExitCode {
    let color = args.color;
    let result = match args.command {
        Command::Check(check) => on_threads(check.jobs, || check::run(&check, color)),
        Command::Rules(rules) => print(&match rules.format {
            ListFormat::Text => self::rules::list_text(crate::rules::catalogue::PAGES),
            ListFormat::Json => self::rules::list_json(crate::rules::catalogue::PAGES),
        }),
        Command::Explain(explain) => explain::explain(&explain.rule).map_err(Failure).and_then(|text| print(&text)),
        Command::Completions(completions) => shell::completions(&completions).and_then(|text| print(&text)),
        Command::Man(man) => shell::man(&man).and_then(|text| print(&text)),
        Command::Inspect(inspect) => on_threads(None, || inspect::run(&inspect)),
    };
    match result {
        Ok(code) => code,
        Err(Failure(message)) => {
            say(&message);
            ExitCode::from(2)
        }
    }
}

/// Runs the pipeline on `jobs` threads; one for each core where that is not said.
fn on_threads<R: Send>(jobs: Option<u16>, run: impl FnOnce() -> Result<R, Failure> + Send) -> Result<R, Failure> {
    // Parsers and evaluators recurse within bounds that fit this stack, not rayon's 2 MiB.
    let mut pool = rayon::ThreadPoolBuilder::new().stack_size(16 << 20);
    if let Some(jobs) = jobs {
        pool = pool.num_threads(usize::from(jobs));
    }
    pool.build()?.install(run)
}

/// Says something on standard error, where nobody may be listening any more. Names of files are among it.
fn say(message: &str) {
    let _ = writeln!(io::stderr(), "shipworthy: {}", sanitize::text(message));
}

/// Prints to standard output. A reader that has heard enough (`| head`) is no error.
fn print(text: &str) -> Result<ExitCode, Failure> {
    forgive_closed_pipe(io::stdout().lock().write_all(sanitize::text(text).as_bytes()))?;
    Ok(ExitCode::SUCCESS)
}

fn forgive_closed_pipe(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
