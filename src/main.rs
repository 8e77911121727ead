//! The `shipworthy` binary: arguments, run, exit code.

use clap::Parser;
use shipworthy::cli::{self, args::Args};
use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run(Args::parse())
}
