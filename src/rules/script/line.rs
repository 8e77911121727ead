//! Lines of a script that say something else than they seem to.

use crate::findings::Findings;
use crate::project::usage::{CommandUse, Origin};
use crate::rules::Cx;

/// `script/option-run-as-command`
pub fn option_run_as_command(command: &CommandUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let invocation = &command.invocation;
    let program = &invocation.program;
    let is_option = program.strip_prefix("--").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()));
    // What a container or a platform is given may be arguments of a program that the image names.
    let by_shell = !matches!(command.origin, Origin::Container | Origin::Platform);
    if is_option && by_shell && invocation.via.is_empty() {
        findings
            .report(
                command.place(),
                format!("the shell takes `{program}` for a command: the one above it ends before this line"),
            )
            .help("let the line above end in a backslash with nothing behind it, no blank either")
            .anchor(program.clone());
    }
}
