//! What a package installs beside the program: completions and manual pages, made from the arguments themselves.

use super::Failure;
use super::args::{Args, CompletionsArgs, ManArgs};
use clap::CommandFactory;

/// The script that completes our arguments in a shell.
pub fn completions(args: &CompletionsArgs) -> Result<String, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "shipworthy", &mut script);
    Ok(String::from_utf8(script)?)
}

/// The manual page of the program or of one of its subcommands, in roff.
pub fn man(args: &ManArgs) -> Result<String, Failure> {
    let mut program = Args::command();
    program.build();
    let command = match &args.command {
        None => program.clone(),
        Some(name) => program.find_subcommand(name).ok_or_else(|| format!("there is no command `{name}`"))?.clone(),
    };
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page)?;
    Ok(String::from_utf8(page)?)
}
