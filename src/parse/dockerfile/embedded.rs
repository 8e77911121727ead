//! Dockerfiles that are written within another file, with their places there.

use super::{
    Assignment, CommandForm, Dockerfile, Flag, Healthcheck, Heredoc, Instruction, InstructionKind, Stage, Transfer,
    Word, parse,
};
use crate::parse::substitution::{Operation, Part};
use crate::source::{Fragment, Problem, Span, Spanned};

/// Reads a Dockerfile that is a part of another file: compose's `dockerfile_inline`. All places are those of that file.
pub fn parse_embedded(text: &Fragment) -> (Dockerfile, Vec<Problem>) {
    let (mut file, mut problems) = parse(text.text());
    for directive in &mut file.directives {
        directive.name.lay(text);
        directive.value.lay(text);
    }
    file.instructions.lay(text);
    file.comments.iter_mut().for_each(|comment| comment.span.lay(text));
    file.stages.lay(text);
    problems.iter_mut().for_each(|problem| problem.span.lay(text));
    (file, problems)
}

/// Turns places in the text of a fragment into those in its file.
trait Lay {
    fn lay(&mut self, whole: &Fragment);
}

impl Lay for Span {
    fn lay(&mut self, whole: &Fragment) {
        *self = whole.to_file(*self);
    }
}

impl Lay for Fragment {
    fn lay(&mut self, whole: &Fragment) {
        *self = self.within(whole);
    }
}

impl<T> Lay for Spanned<T> {
    fn lay(&mut self, whole: &Fragment) {
        self.span.lay(whole);
    }
}

impl<T: Lay> Lay for Option<T> {
    fn lay(&mut self, whole: &Fragment) {
        self.iter_mut().for_each(|it| it.lay(whole));
    }
}

impl<T: Lay> Lay for Vec<T> {
    fn lay(&mut self, whole: &Fragment) {
        self.iter_mut().for_each(|it| it.lay(whole));
    }
}

impl Lay for Stage {
    fn lay(&mut self, whole: &Fragment) {
        self.name.lay(whole);
        self.base.lay(whole);
        self.platform.lay(whole);
    }
}

impl Lay for Instruction {
    fn lay(&mut self, whole: &Fragment) {
        self.keyword.lay(whole);
        self.span.lay(whole);
        self.flags.lay(whole);
        self.kind.lay(whole);
        self.heredocs.lay(whole);
        self.arguments.lay(whole);
    }
}

impl Lay for Flag {
    fn lay(&mut self, whole: &Fragment) {
        self.name.lay(whole);
        self.value.lay(whole);
        self.span.lay(whole);
    }
}

impl Lay for Heredoc {
    fn lay(&mut self, whole: &Fragment) {
        self.name.lay(whole);
        self.body.lay(whole);
        self.span.lay(whole);
    }
}

impl Lay for InstructionKind {
    fn lay(&mut self, whole: &Fragment) {
        match self {
            Self::From { image, alias, platform } => {
                image.lay(whole);
                alias.lay(whole);
                platform.lay(whole);
            }
            Self::Run(form) | Self::Cmd(form) | Self::Entrypoint(form) => form.lay(whole),
            Self::Shell(words) => words.lay(whole),
            Self::Env(pairs) | Self::Arg(pairs) | Self::Label(pairs) => pairs.lay(whole),
            Self::Copy(transfer) | Self::Add(transfer) => transfer.lay(whole),
            Self::User(word) | Self::Workdir(word) | Self::StopSignal(word) => word.lay(whole),
            Self::Expose(words) | Self::Volume(words) => words.lay(whole),
            Self::Healthcheck(Healthcheck::Command(form)) => form.lay(whole),
            Self::Maintainer(text) => text.lay(whole),
            Self::Onbuild(instruction) => instruction.lay(whole),
            Self::Healthcheck(Healthcheck::None | Healthcheck::Unknown) | Self::Unknown => {}
        }
    }
}

impl Lay for CommandForm {
    fn lay(&mut self, whole: &Fragment) {
        match self {
            Self::Exec(words) => words.lay(whole),
            Self::Shell(text) => text.lay(whole),
            Self::Heredoc { command, interpreter, .. } => {
                command.lay(whole);
                interpreter.lay(whole);
            }
        }
    }
}

impl Lay for Assignment {
    fn lay(&mut self, whole: &Fragment) {
        self.name.lay(whole);
        self.value.lay(whole);
        self.span.lay(whole);
    }
}

impl Lay for Transfer {
    fn lay(&mut self, whole: &Fragment) {
        self.sources.lay(whole);
        self.destination.lay(whole);
    }
}

impl Lay for Word {
    fn lay(&mut self, whole: &Fragment) {
        self.text.lay(whole);
        self.parts.lay(whole);
        self.fault.lay(whole);
    }
}

impl Lay for Part {
    fn lay(&mut self, whole: &Fragment) {
        match self {
            Self::Literal { text, .. } => text.lay(whole),
            Self::Variable(variable) => {
                variable.name.lay(whole);
                variable.span.lay(whole);
                variable.operation.lay(whole);
            }
        }
    }
}

impl Lay for Operation {
    fn lay(&mut self, whole: &Fragment) {
        match self {
            Self::Fallback { word, .. } | Self::Alternative { word, .. } => word.lay(whole),
            Self::Require { message, .. } => message.lay(whole),
            Self::TrimPrefix { pattern, .. } | Self::TrimSuffix { pattern, .. } => pattern.lay(whole),
            Self::Replace { pattern, replacement, .. } => {
                pattern.lay(whole);
                replacement.lay(whole);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_the_file_around_it() {
        let file = "x: |\n  FROM python:3.13 AS web\n  RUN echo \\\n    $$HOME\n  USER app\n";
        let mut text = Fragment::builder();
        for part in ["FROM python:3.13 AS web\n", "RUN echo \\\n", "  ", "$HOME\n", "USER app\n"] {
            let from = if part == "  " { file.find("$$").unwrap() - 2 } else { file.find(part).unwrap() };
            text.push(part, from);
        }
        let (dockerfile, problems) = parse_embedded(&text.finish());
        assert_eq!(problems, []);
        let shown = |span: Span| &file[span.range()];
        assert_eq!(shown(dockerfile.stages[0].base.span), "python:3.13");
        assert_eq!(shown(dockerfile.instructions[1].span), "RUN echo \\\n    $$HOME");
        let InstructionKind::Run(CommandForm::Shell(run)) = &dockerfile.instructions[1].kind else { panic!() };
        let at = run.text().find("HOME").unwrap();
        assert_eq!(shown(run.to_file(Span::new(at, at + 4))), "HOME");
        let InstructionKind::User(user) = &dockerfile.instructions[2].kind else { panic!() };
        assert_eq!((shown(user.span()), shown(dockerfile.instructions[2].span)), ("app", "USER app"));
    }
}
