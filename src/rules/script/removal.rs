use crate::findings::Findings;
use crate::parse::shell::{Word, WordPart};
use crate::project::command::Invocation;
use crate::project::script::ScriptUse;
use crate::rules::Cx;

/// `script/rm-of-unset-variable`
pub fn rm_of_unset_variable(script: &ScriptUse, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    // A container's variables are none of the script's business.
    if script.is_start(cx.model) {
        return;
    }
    let removals = script.commands(cx.model).iter().filter(|command| removes_folders(&command.invocation));
    for command in removals.filter(|command| command.invocation.host().is_none()) {
        let mut roots = command.invocation.arguments().iter().filter_map(variable_before_slash);
        let Some(name) = roots.find(|name| script.leaves_unset(name)) else { continue };
        findings
            .report(command.place(), format!("where `{name}` is not set, this removes from the root of the machine"))
            .help(format!("write `${{{name}:?}}`, which stops the script where it is not set, or `set -u` at its top"))
            .anchor(format!("rm ${name}"));
    }
}

/// `script/rm-after-unchecked-cd`
pub fn rm_after_unchecked_cd(script: &ScriptUse, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let (commands, flow) = (script.commands(cx.model), script.flow(cx.model));
    let mut folder = None;
    for (at, command) in commands.iter().enumerate() {
        if command.invocation.program == "cd" {
            folder = Some(at);
            continue;
        }
        let relative = || command.invocation.arguments().iter().any(|word| takes_all(word.text()));
        let Some(from) = folder.filter(|_| removes_folders(&command.invocation) && relative()) else { continue };
        if flow.goes_on(from, at).is_some() {
            findings
                .report(
                    command.place(),
                    "where the `cd` before fails, this empties the folder that the script was started in",
                )
                .help("write `cd … || exit 1`, or `set -e` at the top; better, name the folder in the `rm`")
                .related(commands[from].place(), "the script goes on where this fails")
                .anchor("rm");
        }
        folder = None;
    }
}

/// Whether it is `rm` with a switch that takes folders.
fn removes_folders(invocation: &Invocation) -> bool {
    let recursive = |text: &str| {
        text == "--recursive" || (text.starts_with('-') && !text.starts_with("--") && text.contains(['r', 'R']))
    };
    invocation.program == "rm" && invocation.arguments().iter().any(|word| recursive(word.text()))
}

/// Whether a word stands for all that a folder holds.
fn takes_all(text: &str) -> bool {
    matches!(text, "*" | "./*" | "." | "./" | ".[!.]*")
}

/// The variable, other than those that every login sets, that a path begins with, where nothing else stands before its slash: `"$DIR/"*`, `$DIR/logs`.
fn variable_before_slash(word: &Word) -> Option<&str> {
    match word.parts.as_slice() {
        [WordPart::Parameter(parameter), WordPart::Literal(rest), ..] if parameter.operator.is_none() => {
            let always_set = matches!(parameter.name.as_str(), "HOME" | "PWD" | "OLDPWD");
            (rest.starts_with('/') && !always_set && !parameter.is_positional()).then_some(parameter.name.as_str())
        }
        _ => None,
    }
}
