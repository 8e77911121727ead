//! Where the files of an image come from.

use super::{Below, CopiedPath, CopySource, Image};
use crate::parse::dockerignore::{self, clean};
use crate::source::{Place, RepoPath};

/// The most places that one question looks at: stages may copy from one another in ever more ways.
const MAX_STEPS: usize = 2_000;

/// Where a file of an image may come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileOrigin {
    /// The build context.
    Context {
        /// The context of another image that this one stands on; `None`: its own.
        context: Option<RepoPath>,
        /// The path, relative to the context.
        path: String,
        /// The instruction that copies it out of the context.
        place: Place,
    },
    /// A heredoc of a `COPY` or `ADD`.
    Heredoc {
        /// The index of the instruction.
        instruction: usize,
        /// The index of the heredoc in it.
        heredoc: usize,
        /// The instruction.
        place: Place,
    },
    /// Another image or a named context.
    Image {
        /// Its name.
        image: String,
        /// The path in it.
        path: String,
        /// The instruction that copies it.
        place: Place,
    },
}

/// A way in which a copy may bring about a path.
struct Candidate {
    /// The path at the source.
    source: String,
    /// Whether it needs no guess at what is a file and what a folder.
    likely: bool,
    /// Whether the source itself is the file, not something in it.
    exact: bool,
}

/// What is found on the way.
struct Search<'a> {
    image: &'a Image,
    /// The context of `image`, where it is not that of the image which was asked for.
    context: Option<RepoPath>,
    steps: usize,
    likely: Vec<FileOrigin>,
    unlikely: Vec<FileOrigin>,
}

impl Image {
    /// Where the file at `container_path` (absolute) may come from, best first: the last copy wins, and what needs a
    /// guess at what is a folder comes last. Whether a path exists in the context is not known here.
    pub fn origins(&self, container_path: &str) -> Vec<FileOrigin> {
        let path = clean(&format!("/{container_path}"));
        let mut search = Search { image: self, context: None, steps: 0, likely: Vec::new(), unlikely: Vec::new() };
        search.all(&path, true);
        search.likely.append(&mut search.unlikely);
        search.likely
    }

    /// The file of the build context that was copied to `container_path`, by the best guess without seeing the context.
    /// `None` where it does not come from there.
    pub fn container_path_to_context(&self, container_path: &str) -> Option<String> {
        match self.origins(container_path).into_iter().next()? {
            FileOrigin::Context { context: None, path, .. } => Some(path),
            FileOrigin::Context { .. } | FileOrigin::Heredoc { .. } | FileOrigin::Image { .. } => None,
        }
    }

    /// Where the file at `container_path` comes from, given which paths exist in the context (and are not ignored).
    pub fn origin_of(
        &self,
        container_path: &str,
        exists: &dyn Fn(Option<&RepoPath>, &str) -> bool,
    ) -> Option<FileOrigin> {
        self.origins(container_path).into_iter().find(|origin| match origin {
            FileOrigin::Context { context, path, .. } => exists(context.as_ref(), path),
            FileOrigin::Heredoc { .. } | FileOrigin::Image { .. } => true,
        })
    }
}

impl<'a> Search<'a> {
    /// What the image and those below it copy.
    fn all(&mut self, path: &str, likely: bool) {
        for copy in self.image.copies.iter().rev() {
            self.copy(copy, path, likely);
        }
        self.below(self.image.below.as_deref(), path, likely);
    }

    /// Goes on in the image of another Dockerfile.
    fn below(&mut self, below: Option<&'a Below>, path: &str, likely: bool) {
        let Some(below) = below else { return };
        let image = std::mem::replace(&mut self.image, &below.image);
        let context = self.context.replace(below.context.clone());
        self.all(path, likely);
        (self.image, self.context) = (image, context);
    }

    fn stage(&mut self, stage: usize, path: &str, likely: bool) {
        let mut next = Some(stage);
        while let Some(files) = next.and_then(|stage| self.image.others.get(&stage)) {
            for copy in files.copies.iter().rev() {
                self.copy(copy, path, likely);
            }
            self.below(files.below.as_deref(), path, likely);
            next = files.parent;
        }
    }

    fn copy(&mut self, copy: &'a CopiedPath, path: &str, likely: bool) {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return;
        }
        for heredoc in heredocs(copy, path) {
            let place = copy.place.clone();
            self.found(FileOrigin::Heredoc { instruction: copy.instruction, heredoc, place }, likely);
        }
        for candidate in candidates(copy, path) {
            let likely = likely && candidate.likely;
            let place = copy.place.clone();
            match &copy.from {
                CopySource::Context => {
                    let context = self.context.clone();
                    self.found(FileOrigin::Context { context, path: candidate.source, place }, likely);
                }
                // A stage copies from earlier ones only, so this ends.
                CopySource::Stage(stage) => self.stage(*stage, &clean(&format!("/{}", candidate.source)), likely),
                CopySource::Image(image) if candidate.exact => {
                    let origin =
                        FileOrigin::Image { image: image.clone(), path: format!("/{}", candidate.source), place };
                    self.found(origin, likely);
                }
                // What is in a folder of another image cannot be told.
                CopySource::Image(_) => {}
            }
        }
    }

    fn found(&mut self, origin: FileOrigin, likely: bool) {
        let list = if likely { &mut self.likely } else { &mut self.unlikely };
        if !list.contains(&origin) {
            list.push(origin);
        }
    }
}

/// The destination without a slash at its end (`""` is the root), and whether it is a folder.
fn destination(copy: &CopiedPath) -> Option<(&str, bool)> {
    let destination = copy.destination.value.likely()?;
    let folder = destination.ends_with('/') || copy.sources.len() + copy.heredocs.len() > 1;
    Some((destination.trim_end_matches('/'), folder))
}

fn heredocs(copy: &CopiedPath, path: &str) -> Vec<usize> {
    let Some((destination, folder)) = destination(copy) else { return Vec::new() };
    let wanted = |name: &str| match folder {
        true => below(path, destination) == Some(name),
        false => path == destination,
    };
    copy.heredocs.iter().filter(|(name, _)| wanted(name)).map(|(_, heredoc)| *heredoc).collect()
}

/// `path` as seen from `folder`; `None` where it is not below it.
fn below<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    path.strip_prefix(folder)?.strip_prefix('/').filter(|rest| !rest.is_empty())
}

/// What of the sources of `copy` may have become `path`, the last source first.
fn candidates(copy: &CopiedPath, path: &str) -> Vec<Candidate> {
    let Some((destination, folder)) = destination(copy) else { return Vec::new() };
    let excludes = dockerignore::parse(&copy.exclude.join("\n")).0;
    let mut candidates = Vec::new();
    for source in copy.sources.iter().rev() {
        let Some(written) = source.value.likely() else { continue };
        let remote = copy.add && (written.contains("://") || written.starts_with("git@"));
        if remote {
            continue;
        }
        let cleaned = clean(&format!("/{written}"));
        let source = cleaned.trim_start_matches('/');
        if copy.parents {
            candidates.extend(kept_folders(written, source, destination, path));
        } else if source.contains(['*', '?', '[']) {
            candidates.extend(matched(source, destination, path));
        } else {
            let surely_folder = source.is_empty() || written.ends_with('/') || written.ends_with("/.");
            candidates.extend(plain(source, surely_folder, destination, folder, path));
        }
    }
    candidates.retain(|candidate| copy.exclude.is_empty() || !excludes.excludes(&candidate.source));
    candidates
}

/// A source without wildcards.
fn plain(source: &str, surely_folder: bool, destination: &str, folder: bool, path: &str) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    let name = source.rsplit('/').next().unwrap_or("");
    if !surely_folder {
        let is_it = if folder { below(path, destination) == Some(name) } else { path == destination };
        if is_it {
            candidates.push(Candidate { source: source.to_owned(), likely: true, exact: true });
        }
    }
    if let Some(rest) = below(path, destination) {
        let source = if source.is_empty() { rest.to_owned() } else { format!("{source}/{rest}") };
        candidates.push(Candidate { source, likely: surely_folder || !looks_like_a_file(name), exact: false });
    }
    candidates
}

/// A source with wildcards in its last part; what it matches goes into the destination. Folders among it spill their
/// content there, which cannot be told.
fn matched(source: &str, destination: &str, path: &str) -> Option<Candidate> {
    let (folder, pattern) = source.rsplit_once('/').unwrap_or(("", source));
    let name = below(path, destination).filter(|rest| !rest.contains('/'))?;
    let (patterns, _) = dockerignore::parse(pattern);
    let matches = !folder.contains(['*', '?', '[']) && patterns.patterns.first()?.matches(name);
    let source = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    matches.then_some(Candidate { source, likely: true, exact: true })
}

/// A source under `--parents`: its folders are kept, from a `/./` in it on.
fn kept_folders(written: &str, source: &str, destination: &str, path: &str) -> Option<Candidate> {
    let kept = written.split_once("/./").map_or(written, |(_, kept)| kept);
    let kept = clean(&format!("/{kept}"));
    let kept = kept.trim_start_matches('/');
    let before = source.strip_suffix(kept)?;
    let rest = below(path, destination)?;
    let (patterns, _) = dockerignore::parse(if kept.is_empty() { "**" } else { kept });
    let candidate = Candidate { source: format!("{before}{rest}"), likely: true, exact: rest == kept };
    patterns.patterns.first()?.matches(rest).then_some(candidate)
}

/// Whether a name has an extension, or is one of the files that have none.
fn looks_like_a_file(name: &str) -> bool {
    let extension = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, extension)| extension);
    let known = ["Makefile", "Dockerfile", "Procfile", "Pipfile", "LICENSE"];
    extension.is_some_and(|extension| extension != "d") || known.contains(&name)
}
