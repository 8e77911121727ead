//! `shipworthy check`.

use super::args::{CheckArgs, Color, Output};
use super::repository::{self, Repository};
use super::terminal::{self, Progress};
use super::{Failure, forgive_closed_pipe, say};
use crate::config::Config;
use crate::config::suggest::closest;
use crate::findings::{Severity, filter};
use crate::project::Model;
use crate::report::{self, Format, Report, Sources, Style, Summary, sanitize};
use crate::rules::{Page, Selection, catalogue};
use crate::source::{RepoPath, Source, Span};
use crate::{CheckOptions, Checked};
use std::fs;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;
use std::sync::Arc;

/// Runs the check, writes the reports and says how it ended.
pub fn run(args: &CheckArgs, color: Color) -> Result<ExitCode, Failure> {
    let progress = Progress::start(args.quiet);
    let repository = repository::open(&args.paths, &args.config)?;
    if args.show_files {
        drop(progress);
        return show_files(&repository);
    }
    let config = &repository.config;
    let selection = select(args, &repository)?;
    let environment = match &args.env {
        Some(name) => Some(config.environment(name).ok_or_else(|| unknown_environment(name, config))?),
        None => None,
    };
    let options = CheckOptions {
        config,
        selection: &selection,
        environment: environment.as_ref(),
        paths: &repository.paths,
        suppressions: !args.no_suppressions,
        complete: true,
    };
    let model = Model::build(repository.snapshot.clone(), config, true);
    if let Some(wrong) = model.migrations.misnamed(&config.migrations_since)
        && let Some(error) = config.error_at(wrong.span, wrong.message, wrong.suggestion)
    {
        return Err(error.into());
    }
    let Checked { findings, suppressed, files_checked } = crate::check_model(&model, &options);
    drop(progress);

    let least = args.min_severity.or(config.min_severity).unwrap_or(Severity::Note);
    let (findings, _) = filter::at_least(findings, least);
    let failures = failures(&repository);
    let mut summary = Summary::of(&findings);
    summary.suppressed = suppressed;
    let report = Report {
        findings: &findings,
        sources: &ModelSources(&model),
        pages: &catalogue::page,
        files_checked,
        summary,
        statistics: args.statistics,
        failures: &failures,
    };
    if model.is_empty() && !args.quiet {
        say("nothing of a deployment was recognised here");
    }
    // What else could not be walked was left out: no reason to fail, but silence would pass for a clean bill.
    let left_out = repository.problems.iter().filter(|problem| !problem.named && !args.quiet).map(ToString::to_string);
    for problem in left_out.chain(failures.iter().cloned()) {
        say(&problem);
    }
    for output in &args.output {
        write_file(output, &report)?;
    }
    if !(args.quiet && findings.is_empty() && matches!(args.format, Format::Full | Format::Concise)) {
        let mut out = BufWriter::new(io::stdout().lock());
        let written = report::write(args.format, &report, terminal::style(color), &mut out).and_then(|()| out.flush());
        forgive_closed_pipe(written)?;
    }

    Ok(if !failures.is_empty() {
        ExitCode::from(2)
    } else if !args.exit_zero && filter::fails(&findings, args.fail_on.or(config.fail_on).unwrap_or_default()) {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    })
}

fn unknown_environment(name: &str, config: &Config) -> Failure {
    let names = config.environment_names();
    Failure(match closest(name, names.iter().map(String::as_str)) {
        Some(meant) => format!("unknown environment `{name}`; did you mean `{meant}`?"),
        None => format!("unknown environment `{name}`; there are {}", names.join(", ")),
    })
}

fn select(args: &CheckArgs, repository: &Repository) -> Result<Selection, Failure> {
    let pages: Vec<&Page> = catalogue::PAGES.iter().collect();
    Selection::new(&repository.config, &args.rules.choice(), &pages).map_err(|unknown| {
        let placed = unknown.span.and_then(|span| {
            repository.config.error_at(span, format!("unknown rule `{}`", unknown.name), unknown.suggestion.clone())
        });
        placed.map_or_else(|| Failure(unknown.to_string()), Failure::from)
    })
}

/// What was asked for and could not be read.
fn failures(repository: &Repository) -> Vec<String> {
    let walked = repository.problems.iter().filter(|problem| problem.named).map(ToString::to_string);
    let tree = repository.snapshot.tree();
    let files = repository.paths.iter().filter(|path| tree.entry(path).is_some());
    let unread = files.filter_map(|path| Some(format!("{path}: {}", repository.snapshot.source(path).err()?)));
    walked.chain(unread).collect()
}

fn show_files(repository: &Repository) -> Result<ExitCode, Failure> {
    let asked = |path: &RepoPath| repository.paths.iter().any(|asked| path.is_under(asked));
    let mut text = String::new();
    for entry in repository.snapshot.tree().entries().iter().filter(|entry| asked(&entry.path)) {
        text.push_str(&format!("{:<14} {}\n", entry.kind.name(), sanitize::line(entry.path.as_str())));
    }
    super::print(&text)
}

fn write_file(output: &Output, report: &Report<'_>) -> Result<(), Failure> {
    let mut bytes = Vec::new();
    report::write(output.format, report, Style::PLAIN, &mut bytes)?;
    fs::write(&output.path, bytes).map_err(|error| Failure(format!("{}: {error}", output.path.display())))
}

/// The texts that a report quotes.
struct ModelSources<'a>(&'a Model);

impl Sources for ModelSources<'_> {
    fn source(&self, path: &RepoPath) -> Option<Arc<Source>> {
        self.0.snapshot.source(path).ok()
    }

    fn secrets(&self, path: &RepoPath) -> Vec<Span> {
        self.0.secrets(path)
    }
}
