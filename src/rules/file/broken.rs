use crate::findings::Findings;
use crate::project::usage::FileUse;
use crate::rules::Cx;
use crate::source::{Encoding, Place};
use crate::tree::FileKind;

/// `file/broken-syntax`
pub fn broken_syntax(file: &FileUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    // A template of a whole project, which cookiecutter fills in, is no file of a deployment yet.
    if file.path.parts().any(|part| part.contains("{{")) {
        return;
    }
    // One break often makes several; the first is where to look.
    if let Some(problem) = file.problems.first() {
        let more = match file.problems.len() - 1 {
            0 => String::new(),
            more => format!(" ({more} more in this file)"),
        };
        findings
            .report(Place::new(file.path.clone(), problem.span), format!("{}{more}", problem.message))
            .help("what could be read of the file was checked")
            .anchor(file.kind.name())
            .evidence(problem.message.clone());
    }
}

/// `file/unreadable`
pub fn unreadable(file: &FileUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    if let Some(why) = &file.unreadable {
        findings
            .report(Place::start_of(file.path.clone()), format!("the {} could not be read: {why}", file.kind.name()))
            .anchor(file.kind.name());
    }
}

/// `file/wrong-encoding`
pub fn wrong_encoding(file: &FileUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let message = match file.encoding {
        Encoding::Utf8 => return,
        // pip and uv go by the mark at its beginning.
        Encoding::Utf16 if file.kind == FileKind::Requirements => return,
        Encoding::Utf16 => "the file is UTF-16, which neither Docker nor Python reads",
        Encoding::Lossy => "the file is not UTF-8",
    };
    findings
        .report(Place::start_of(file.path.clone()), message)
        .help("save it as UTF-8 without a byte order mark")
        .anchor(file.kind.name());
}
