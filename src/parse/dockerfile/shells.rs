//! Which shell reads the text of an instruction.

use super::{Dockerfile, InstructionKind};
use crate::source::Fragment;

impl Dockerfile {
    /// For each instruction, whether a Bourne shell reads its text: what `SHELL` says above it, in its stage or in those
    /// that it starts from; the shell of Windows where the image is one of Windows.
    pub fn read_by_bourne(&self) -> Vec<bool> {
        let mut all = vec![true; self.instructions.len()];
        /// What a stage hands to those that start from it: its shell, and that which `ONBUILD SHELL` gives them.
        type End = (bool, Option<bool>);
        let mut ends: Vec<End> = Vec::new();
        for stage in &self.stages {
            let below = self.stage_named(&stage.base.value, stage.index).and_then(|below| ends.get(below.index));
            let mut held_back = None;
            let mut bourne = below.map(|(own, given)| given.unwrap_or(*own)).unwrap_or_else(|| {
                let platform = stage.platform.as_ref().is_some_and(|platform| platform.starts_with("windows"));
                !platform && !is_windows_image(&stage.base.value)
            });
            for (at, instruction) in self.body(stage) {
                if let InstructionKind::Shell(words) = &instruction.effective().kind
                    && !words.is_empty()
                {
                    let told = is_bourne(words.iter().map(Fragment::text));
                    match &instruction.kind {
                        InstructionKind::Onbuild(_) => held_back = Some(told),
                        _ => bourne = told,
                    }
                }
                // What is held back is read by the shell of then.
                all[at] = match &instruction.kind {
                    InstructionKind::Onbuild(_) => held_back.unwrap_or(bourne),
                    _ => bourne,
                };
            }
            ends.push((bourne, held_back));
        }
        all
    }
}

/// Whether the words of a `SHELL` end in a Bourne shell: `["/bin/bash", "-o", "pipefail", "-c"]`,
/// `["conda", "run", "-n", "env", "/bin/bash", "-c"]`.
pub fn is_bourne<'a>(words: impl IntoIterator<Item = &'a str>) -> bool {
    let mut found = false;
    for word in words {
        let name = word.rsplit(['/', '\\']).next().unwrap_or(word).to_ascii_lowercase();
        match name.trim_end_matches(".exe") {
            "powershell" | "pwsh" | "cmd" => return false,
            "sh" | "bash" | "ash" | "dash" | "zsh" | "ksh" | "mksh" | "busybox" => found = true,
            name => found |= name.ends_with(".sh"),
        }
    }
    found
}

/// Whether an image is one of Windows, by its name or tag: `mcr.microsoft.com/windows/servercore`,
/// `python:3.13-windowsservercore`, `…/runtime:8.0-nanoserver-ltsc2022`.
pub fn is_windows_image(image: &str) -> bool {
    let image = image.to_ascii_lowercase();
    ["/windows/", "/windows:", "windowsservercore", "nanoserver", "/dotnet/framework/"]
        .iter()
        .any(|part| image.contains(part))
}

/// The words of a text that means the same to every shell: one command without quotes, variables and operators.
pub fn plain_words(text: &Fragment) -> Option<Vec<Fragment>> {
    let written = text.text();
    let special = |c: char| "|&;<>()`${}'\"^%@#*?[]~=\\\n\r".contains(c);
    if written.contains(special) {
        return None;
    }
    let mut words = Vec::new();
    let mut at = 0;
    for word in written.split([' ', '\t']) {
        if !word.is_empty() {
            words.push(text.slice(crate::source::Span::new(at, at + word.len())));
        }
        at += word.len() + 1;
    }
    (!words.is_empty()).then_some(words)
}
