//! The arguments, as clap reads them. Scripts depend on every name here.

use crate::config::FailOn;
use crate::findings::Severity;
use crate::report::Format;
use crate::rules::CliChoice;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args as ArgGroup, Parser, Subcommand, ValueEnum};
use std::path::{Path, PathBuf};

const EXIT_CODES: &str = "\
Exit codes:
  0  nothing at or above --fail-on was reported
  1  findings at or above --fail-on (0 with --exit-zero)
  2  the run itself went wrong: usage, configuration, or a file that was
     asked for could not be read (one that cannot be parsed is a finding)
The output format never changes the exit code.";

/// Tells whether a Django + Docker Compose + PostgreSQL deployment is fit to ship.
///
/// Reads Dockerfiles, compose files, settings, migrations, env files, scripts and CI workflows, works out what would
/// run in each environment, and says what is wrong, where, why, and what to do. Runs no code of the project and needs
/// no network.
#[derive(Debug, Parser)]
#[command(name = "shipworthy", version, after_help = EXIT_CODES)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// When to colour the output; `auto` means on a terminal, and heeds NO_COLOR, FORCE_COLOR and CLICOLOR_FORCE.
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = Color::Auto, hide_possible_values = true)]
    pub color: Color,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check a repository.
    Check(Box<CheckArgs>),
    /// List the rules.
    Rules(RulesArgs),
    /// Show a rule's page: what it finds, why that hurts, what to do instead, with examples.
    Explain(ExplainArgs),
    /// Show what would run: environments, services, settings and where each value comes from.
    Inspect(InspectArgs),
    /// Print a script that completes arguments in a shell.
    Completions(CompletionsArgs),
    /// Print the manual page, in roff.
    Man(ManArgs),
}

/// `shipworthy completions`.
#[derive(Debug, ArgGroup)]
pub struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// `shipworthy man`.
#[derive(Debug, ArgGroup)]
pub struct ManArgs {
    /// The command that it is about; the whole program where none is named.
    pub command: Option<String>,
}

/// `shipworthy check`.
#[derive(Debug, ArgGroup)]
#[command(after_help = EXIT_CODES)]
pub struct CheckArgs {
    /// Files and folders to report on. The whole repository is looked at in any case.
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<PathBuf>,

    /// How to print findings.
    #[arg(long, value_parser = format_parser(), value_name = "FORMAT", default_value_t = Format::Full, env = "SHIPWORTHY_FORMAT", hide_env_values = true, help_heading = "Output")]
    pub format: Format,

    /// Also write a report to a file, such as `sarif=report.sarif`; may be repeated.
    #[arg(long, value_name = "FORMAT=FILE", value_parser = parse_output, help_heading = "Output")]
    pub output: Vec<Output>,

    /// Print nothing but findings.
    #[arg(short, long, help_heading = "Output")]
    pub quiet: bool,

    /// End with the number of findings of each rule.
    #[arg(long, help_heading = "Output")]
    pub statistics: bool,

    /// List the files that would be looked at, and as what, and stop.
    #[arg(long, help_heading = "Output")]
    pub show_files: bool,

    /// Report only what holds in this environment: production, staging, testing, development or one of the
    /// configuration.
    #[arg(long, value_name = "NAME", help_heading = "What is reported")]
    pub env: Option<String>,

    /// Which rules to run, and how much they matter.
    #[command(flatten)]
    pub rules: RuleArgs,

    /// Report only findings of this severity or above [default: note].
    #[arg(long, value_name = "SEVERITY", value_parser = severity_parser(), help_heading = "What is reported")]
    pub min_severity: Option<Severity>,

    /// Report also what comments in the files suppress.
    #[arg(long, help_heading = "What is reported")]
    pub no_suppressions: bool,

    /// Fail when a finding of this severity or above is reported [default: warning].
    #[arg(long, value_name = "SEVERITY", value_parser = fail_on_parser(), help_heading = "What fails")]
    pub fail_on: Option<FailOn>,

    /// Exit with 0 even when there are findings; errors of the run itself still exit with 2.
    #[arg(long, help_heading = "What fails")]
    pub exit_zero: bool,

    /// Where the configuration comes from.
    #[command(flatten)]
    pub config: ConfigArgs,

    /// The number of threads [default: one for each core].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), help_heading = "Run")]
    pub jobs: Option<u16>,
}

/// Which rules run.
#[derive(Debug, Default, ArgGroup)]
pub struct RuleArgs {
    /// Run these rules instead of the defaults: a rule, a family, `all`, or another tool's rule such as
    /// `hadolint:DL3007`; separated by commas, may be repeated.
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = rule_word, help_heading = "What is reported")]
    pub select: Vec<String>,

    /// Run these rules besides the selected ones.
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = rule_word, help_heading = "What is reported")]
    pub extend_select: Vec<String>,

    /// Do not run these rules.
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = rule_word, help_heading = "What is reported")]
    pub ignore: Vec<String>,
}

impl RuleArgs {
    /// The words for a [`Selection`](crate::rules::Selection).
    pub fn choice(&self) -> CliChoice {
        CliChoice {
            select: self.select.clone(),
            extend_select: self.extend_select.clone(),
            ignore: self.ignore.clone(),
        }
    }
}

/// Where the configuration comes from.
#[derive(Debug, Default, ArgGroup)]
pub struct ConfigArgs {
    /// Read the configuration from this file, instead of searching for shipworthy.toml, .shipworthy.toml or a
    /// pyproject.toml with [tool.shipworthy] up to the root of the repository.
    #[arg(long, value_name = "FILE", help_heading = "Run")]
    pub config: Option<PathBuf>,

    /// Read no configuration.
    #[arg(long, conflicts_with = "config", help_heading = "Run")]
    pub isolated: bool,
}

/// `shipworthy rules`.
#[derive(Debug, ArgGroup)]
pub struct RulesArgs {
    /// How to print them.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = ListFormat::Text)]
    pub format: ListFormat,
}

/// `shipworthy explain`.
#[derive(Debug, ArgGroup)]
pub struct ExplainArgs {
    /// The rule, by its id (`compose/privileged-service`) or that of another tool (`hadolint:DL3007`).
    #[arg(value_name = "RULE")]
    pub rule: String,
}

/// `shipworthy inspect`.
#[derive(Debug, ArgGroup)]
pub struct InspectArgs {
    /// The repository or a folder of it [default: .].
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,

    /// Show only this part: `settings`. May stand alone, without PATH.
    #[arg(value_name = "PART")]
    part: Option<PathBuf>,

    /// Show only this environment.
    #[arg(long, value_name = "NAME")]
    pub env: Option<String>,

    /// How to print it.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = ListFormat::Text)]
    pub format: ListFormat,

    /// Show what could not be told, and why.
    #[arg(long)]
    pub unknown: bool,

    /// Where the configuration comes from.
    #[command(flatten)]
    pub config: ConfigArgs,
}

/// A part of the model that `inspect` can show alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The effective settings, each with where its value comes from.
    Settings,
}

impl InspectArgs {
    /// The folder and the part that are asked for, in either order. `inspect settings` means the part; the folder of that
    /// name is `inspect ./settings`. Of two words one has to be a part.
    pub fn target(&self) -> Result<(&Path, Option<Part>), String> {
        let part = |path: &Path| (path.as_os_str() == "settings").then_some(Part::Settings);
        match (self.path.as_deref(), self.part.as_deref()) {
            (None, _) => Ok((Path::new("."), None)),
            (Some(word), None) => Ok(part(word).map_or((word, None), |part| (Path::new("."), Some(part)))),
            (Some(path), Some(word)) | (Some(word), Some(path)) if part(word).is_some() => Ok((path, part(word))),
            (_, Some(word)) => Err(format!("`{}` is no part that can be shown: there is `settings`", word.display())),
        }
    }
}

/// How lists are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For people.
    Text,
    /// One JSON document.
    Json,
}

/// When the output is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless the environment says otherwise.
    Auto,
    /// In any case.
    Always,
    /// In no case.
    Never,
}

/// A report for a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// How it is written.
    pub format: Format,
    /// Where to.
    pub path: PathBuf,
}

fn parse_output(text: &str) -> Result<Output, String> {
    let Some((format, path)) = text.split_once('=') else {
        return Err("write it as FORMAT=FILE, such as sarif=report.sarif".into());
    };
    if path.is_empty() {
        return Err("the name of the file is missing after `=`".into());
    }
    Ok(Output { format: format.parse()?, path: path.into() })
}

fn format_parser() -> impl TypedValueParser<Value = Format> {
    let values = Format::ALL.map(|format| PossibleValue::new(format.name()).help(format.description()));
    PossibleValuesParser::new(values).try_map(|word| word.parse::<Format>())
}

/// Blanks after commas are forgiven, words that say nothing are not: `--select=` would select nothing by accident.
fn rule_word(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("a rule, a family or `all` is needed".into()),
        word => Ok(word.to_owned()),
    }
}

fn severity_parser() -> impl TypedValueParser<Value = Severity> {
    PossibleValuesParser::new(["error", "warning", "note"])
        .try_map(|word| Severity::named(&word).ok_or("it is no severity"))
}

fn fail_on_parser() -> impl TypedValueParser<Value = FailOn> {
    PossibleValuesParser::new(FailOn::WORDS).try_map(|word| FailOn::named(&word).ok_or("it is no severity"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;
    use clap::error::ErrorKind;

    fn check(words: &[&str]) -> CheckArgs {
        let args = Args::try_parse_from(["shipworthy", "check"].iter().chain(words)).unwrap();
        let Command::Check(check) = args.command else { panic!("a check") };
        *check
    }

    fn refused(words: &[&str]) -> clap::Error {
        Args::try_parse_from(["shipworthy"].iter().chain(words)).unwrap_err()
    }

    #[test]
    fn the_definition_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn a_bare_check_means_here_and_the_defaults() {
        let args = check(&[]);
        assert_eq!(args.paths, [PathBuf::from(".")]);
        assert_eq!((args.format, args.fail_on, args.min_severity), (Format::Full, None, None));
        assert_eq!(args.rules.choice(), CliChoice::default());
        assert!(!args.exit_zero && !args.config.isolated && !args.quiet);
    }

    #[test]
    fn lists_may_be_repeated_and_separated_by_commas() {
        let args = check(&["--select", "compose, settings/b", "--select=hadolint:DL3007", "--ignore", "all", "src"]);
        assert_eq!(args.rules.select, ["compose", "settings/b", "hadolint:DL3007"]);
        assert_eq!(args.rules.ignore, ["all"]);
        assert_eq!(args.paths, [PathBuf::from("src")]);
    }

    #[test]
    fn several_reports_are_written_in_one_run() {
        let args = check(&["--format", "github", "--output", "sarif=a=b.sarif", "--output", "json=out.json"]);
        let output = |format, path: &str| Output { format, path: path.into() };
        assert_eq!(args.format, Format::Github);
        assert_eq!(args.output, [output(Format::Sarif, "a=b.sarif"), output(Format::Json, "out.json")]);
        assert!(refused(&["check", "--output", "report.sarif"]).to_string().contains("FORMAT=FILE"));
        assert!(refused(&["check", "--output", "pdf=x"]).to_string().contains("`pdf` is no format"));
        assert!(refused(&["check", "--output", "json="]).to_string().contains("missing"));
    }

    #[test]
    fn severities_are_words() {
        let args = check(&["--min-severity", "error", "--fail-on", "never"]);
        assert_eq!((args.min_severity, args.fail_on), (Some(Severity::Error), Some(FailOn::Never)));
        assert_eq!(refused(&["check", "--fail-on", "high"]).kind(), ErrorKind::InvalidValue);
    }

    #[test]
    fn wrong_usage_exits_with_two() {
        for words in [&["check", "--nonsense"][..], &["check", "--jobs", "0"], &["check", "--select="], &[], &["lint"]]
        {
            assert_eq!(refused(words).exit_code(), 2, "{words:?}");
        }
        assert_eq!(refused(&["check", "--isolated", "--config", "x"]).kind(), ErrorKind::ArgumentConflict);
        assert_eq!(refused(&["--help"]).exit_code(), 0);
    }

    #[test]
    fn inspect_takes_a_folder_and_a_part_in_any_company() {
        let target = |words: &[&str]| {
            let args = Args::try_parse_from(["shipworthy", "inspect"].iter().chain(words)).unwrap();
            let Command::Inspect(args) = args.command else { panic!("an inspection") };
            let (path, part) = args.target().unwrap();
            (path.to_owned(), part)
        };
        assert_eq!(target(&[]), (".".into(), None));
        assert_eq!(target(&["settings"]), (".".into(), Some(Part::Settings)));
        assert_eq!(target(&["web", "settings"]), ("web".into(), Some(Part::Settings)));
        assert_eq!(target(&["settings", "web"]), ("web".into(), Some(Part::Settings)));
        assert_eq!(target(&["./settings"]), ("./settings".into(), None));
        let args = Args::try_parse_from(["shipworthy", "inspect", "web", "images"]).unwrap();
        assert!(matches!(args.command, Command::Inspect(args) if args.target().is_err()));
    }

    #[test]
    fn the_help_tells_the_exit_codes_and_nothing_that_does_not_work() {
        let help = refused(&["check", "--help"]).to_string();
        assert!(help.contains("Exit codes:"), "{help}");
        for absent in ["--since", "--baseline", "--fix", "--staged"] {
            assert!(!help.contains(absent), "{absent}");
        }
    }
}
