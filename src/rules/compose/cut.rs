//! Commands of a compose file that end before they should.

use crate::findings::Findings;
use crate::project::command::WrapperKind;
use crate::project::deployment::Service;
use crate::rules::Cx;

/// `compose/command-cut`
pub fn command_cut(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(merged) = &service.compose else { return };
    let Some(command) = &merged.command else { return };
    let mut runs = service.process.runs.iter().filter(|run| {
        let via = &run.invocation.via;
        run.path == command.place.path
            && !via.is_empty()
            && via.iter().all(|wrapper| wrapper.kind == WrapperKind::Shell)
    });
    // The first of several such lines tells for all.
    if let Some(run) = runs.find(|run| is_option(&run.invocation.program)) {
        let program = &run.invocation.program;
        findings
            .report(
                run.place(),
                format!("the shell takes `{program}` for a command of `{}`: the one above it ends before this line", service.name),
            )
            .help("begin the lines in one column, or end each but the last in a backslash: in a block `>` a line that goes in deeper stays a line of its own")
            .anchor(format!("service {}", service.name));
    }
}

/// Whether a word is an option, and no name of a program.
fn is_option(word: &str) -> bool {
    let rest = word.strip_prefix('-').map(|rest| rest.trim_start_matches('-'));
    rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()))
}
