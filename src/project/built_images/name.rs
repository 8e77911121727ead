//! Names of images that are partly written out and partly put in by others, and whether two mean the same image.

use crate::parse::shell::{Operator, Word, WordPart};
use crate::project::evidence::named_in;
use std::collections::BTreeMap;

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    /// What is written.
    Text(String),
    /// A variable that is not known, by its name; without one where a command or a function makes it.
    Hole(String),
    /// A variable that has a fallback.
    Fallback(String, String),
}

/// A text of which parts may not be known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

/// What variables are known to hold where a template stands.
pub type Known = BTreeMap<String, Template>;

/// How sure it is that a name in a build and a name in a stack mean one image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// The build's name is that of the whole repository, which only its host knows.
    Project,
    /// The last part is the same, and nothing before it contradicts.
    Name,
    /// All is the same.
    Same,
}

/// How the tags of two names of one image go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tags {
    /// Both say which version.
    Versions,
    /// They are the same.
    Same,
}

/// The names by which hosts of repositories call the repository that a pipeline runs for.
const WHOLE_REPOSITORY: [&str; 3] = ["github.repository", "CI_REGISTRY_IMAGE", "CI_PROJECT_PATH"];

impl Template {
    /// Reads a text with `${{ … }}`, `${NAME}`, `${NAME:-fallback}` and `$NAME` in it.
    pub fn of_text(text: &str, known: &Known) -> Self {
        let mut template = Self::default();
        let mut rest = text;
        while let Some(dollar) = rest.find('$') {
            template.push_text(&rest[..dollar]);
            rest = &rest[dollar..];
            if let Some((expression, after)) = rest.strip_prefix("${{").and_then(|inner| inner.split_once("}}")) {
                template.extend(expression_value(expression.trim(), known));
                rest = after;
            } else if let Some((inner, after)) = rest.strip_prefix("${").and_then(|inner| inner.split_once('}')) {
                let len = name_length(inner);
                let (name, operator) = inner.split_at(len);
                let fallback = operator.strip_prefix(":-").or_else(|| operator.strip_prefix('-'));
                let plain = fallback.is_some() || operator.is_empty() || operator.starts_with([':', '?']);
                template.extend(variable(if plain { name } else { "" }, fallback, known));
                rest = after;
            } else {
                let len = name_length(&rest[1..]);
                match len {
                    0 => template.push_text("$"),
                    _ => template.extend(variable(&rest[1..=len], None, known)),
                }
                rest = &rest[1 + len..];
            }
        }
        template.push_text(rest);
        template
    }

    /// Reads a word of a shell.
    pub fn of_word(word: &Word, known: &Known) -> Self {
        let mut template = Self::default();
        for part in &word.parts {
            match part {
                WordPart::Literal(text) | WordPart::Glob(text) => template.push_text(text),
                WordPart::Expression(text) => template.extend(expression_value(text, known)),
                WordPart::Parameter(parameter) if parameter.is_positional() => template.extend(Self::unnamed()),
                WordPart::Parameter(parameter) => match &parameter.operator {
                    None | Some(Operator::Require { .. }) => template.extend(variable(&parameter.name, None, known)),
                    Some(Operator::Default { .. } | Operator::Assign { .. }) => {
                        let fallback = parameter.operand.as_ref().and_then(|word| word.literal());
                        template.extend(variable(&parameter.name, fallback.as_deref(), known));
                    }
                    // Names of images are compared in lower case anyway.
                    Some(Operator::Other(operator)) if operator == ",," => {
                        template.extend(variable(&parameter.name, None, known));
                    }
                    Some(_) => template.extend(Self::unnamed()),
                },
                WordPart::Substitution(_) | WordPart::Arithmetic(_) | WordPart::Array(_) => {
                    template.extend(Self::unnamed());
                }
            }
        }
        template
    }

    /// A text of which nothing is known.
    pub fn unnamed() -> Self {
        Self(vec![Piece::Hole(String::new())])
    }

    /// A text of which no more than the variable's name is known.
    pub fn variable(name: &str) -> Self {
        Self(vec![Piece::Hole(canonical(name).to_owned())])
    }

    /// The text, where all of it is known or has a fallback.
    pub fn literal(&self) -> Option<String> {
        let text = |piece: &Piece| match piece {
            Piece::Text(text) | Piece::Fallback(_, text) => Some(text.clone()),
            Piece::Hole(_) => None,
        };
        self.0.iter().map(text).collect()
    }

    /// The text after a variable that it begins with, where that is one of `names` and the rest is known.
    pub fn after_variable(&self, names: &[&str]) -> Option<String> {
        match self.0.split_first()? {
            (Piece::Hole(name), rest) if names.contains(&name.as_str()) => Self(rest.to_vec()).literal(),
            _ => None,
        }
    }

    /// The text, where all of it is written.
    pub fn certain(&self) -> Option<String> {
        let fallback = self.0.iter().any(|piece| matches!(piece, Piece::Fallback(..)));
        if fallback { None } else { self.literal() }
    }

    /// `NAME=value`, taken apart; a name alone has no value.
    pub fn split_assignment(&self) -> Option<(String, Option<Self>)> {
        let Some(Piece::Text(first)) = self.0.first() else { return None };
        let Some((name, rest)) = first.split_once('=') else {
            return (self.0.len() == 1).then(|| (first.clone(), None));
        };
        let mut value = Self::default();
        value.push_text(rest);
        value.0.extend_from_slice(&self.0[1..]);
        Some((name.to_owned(), Some(value)))
    }

    /// The same without the text that it begins with.
    pub fn without_prefix(mut self, prefix: &str) -> Self {
        if let Some(Piece::Text(text)) = self.0.first_mut()
            && let Some(rest) = text.strip_prefix(prefix)
        {
            *text = rest.to_owned();
        }
        self
    }

    /// The two with a slash between them.
    pub fn joined(mut self, other: &Self) -> Self {
        if !self.0.is_empty() {
            self.push_text("/");
        }
        self.extend(other.clone());
        self
    }

    fn push_text(&mut self, text: &str) {
        match self.0.last_mut() {
            _ if text.is_empty() => {}
            Some(Piece::Text(before)) => before.push_str(text),
            _ => self.0.push(Piece::Text(text.to_owned())),
        }
    }

    fn extend(&mut self, other: Self) {
        for piece in other.0 {
            match piece {
                Piece::Text(text) => self.push_text(&text),
                piece => self.0.push(piece),
            }
        }
    }

    /// What is certain, every fallback taken for a hole.
    fn without_fallbacks(&self) -> Self {
        let open = |piece: &Piece| match piece {
            Piece::Fallback(name, _) => Piece::Hole(name.clone()),
            piece => piece.clone(),
        };
        Self(self.0.iter().map(open).collect())
    }

    /// Every fallback taken.
    fn with_fallbacks(&self) -> Self {
        let mut filled = Self::default();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) | Piece::Fallback(_, text) => filled.push_text(text),
                Piece::Hole(name) => filled.0.push(Piece::Hole(name.clone())),
            }
        }
        filled
    }

    /// Its characters, `None` for what is not known.
    fn atoms(&self) -> Vec<Option<char>> {
        let mut atoms = Vec::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) | Piece::Fallback(_, text) => {
                    atoms.extend(text.chars().map(|c| Some(c.to_ascii_lowercase())));
                }
                Piece::Hole(_) => atoms.push(None),
            }
        }
        atoms
    }

    /// Splits after the last `/` and there at the `:`, leaving a digest out.
    fn split_tag(mut self) -> (Self, Option<Self>) {
        let digest = |piece: &Piece| matches!(piece, Piece::Text(text) if text.contains('@'));
        if let Some(at) = self.0.iter().position(digest) {
            self.0.truncate(at + 1);
            if let Some(Piece::Text(text)) = self.0.last_mut() {
                text.truncate(text.find('@').unwrap_or(text.len()));
            }
        }
        let slash = self.0.iter().rposition(|piece| matches!(piece, Piece::Text(text) if text.contains('/')));
        for at in slash.unwrap_or(0)..self.0.len() {
            let Piece::Text(text) = &self.0[at] else { continue };
            let from = if Some(at) == slash { text.rfind('/').map_or(0, |slash| slash + 1) } else { 0 };
            let Some(colon) = text[from..].find(':').map(|found| from + found) else { continue };
            let (name, tag) = (text[..colon].to_owned(), text[colon + 1..].to_owned());
            let mut after = Self::default();
            after.push_text(&tag);
            after.0.extend(self.0.drain(at + 1..));
            self.0.truncate(at);
            self.push_text(&name);
            return (self, Some(after));
        }
        (self, None)
    }
}

/// Longer names than this are compared with none.
const MAX_NAME: usize = 128;

/// The name of an image as a build or a stack writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageName {
    /// All before the tag, fallbacks taken.
    repository: Template,
    /// The same with the fallbacks left open.
    open: Template,
    tag: Option<Template>,
}

impl ImageName {
    /// Takes a name apart.
    pub fn new(template: &Template) -> Self {
        Self::written(template, template)
    }

    /// Takes a name apart of which both is known: what it is by all that is known, and how it is written.
    pub fn written(filled: &Template, written: &Template) -> Self {
        let (mut repository, tag) = filled.with_fallbacks().split_tag();
        let (mut open, _) = written.without_fallbacks().split_tag();
        if repository.atoms().len().max(open.atoms().len()) > MAX_NAME {
            (repository, open) = (Template::default(), Template::default());
        }
        // Docker Hub's own names may be left out.
        for template in [&mut repository, &mut open] {
            for prefix in ["docker.io/", "index.docker.io/", "library/"] {
                if let Some(Piece::Text(text)) = template.0.first_mut()
                    && let Some(rest) = text.strip_prefix(prefix)
                {
                    *text = rest.to_owned();
                }
            }
        }
        Self { repository, open, tag }
    }

    /// The same image with a tag that is not known.
    pub fn with_unknown_tag(self) -> Self {
        Self { tag: Some(Template::unnamed()), ..self }
    }

    /// The repository, where all of it is known or has a fallback.
    pub fn repository(&self) -> Option<String> {
        self.repository.literal()
    }

    /// Whether its repository is in a namespace: `school/web`, as opposed to `nginx`.
    pub fn has_namespace(&self) -> bool {
        self.repository.atoms().contains(&Some('/'))
    }

    /// Whether this name, which a build gives, and `used`, which a stack has, mean the same image.
    pub fn likeness(&self, used: &Self) -> Option<Likeness> {
        let named = |template: &Template| template.0.iter().all(|piece| *piece != Piece::Hole(String::new()));
        if !self.repository.0.is_empty()
            && named(&self.repository)
            && (self.repository == used.repository || self.open == used.open && named(&self.open))
        {
            return Some(Likeness::Same);
        }
        let (own, theirs) = (self.repository.atoms(), used.repository.atoms());
        let same_end = |own: &[Option<char>], theirs: &[Option<char>]| {
            let (own, theirs) = (last_part(own), last_part(theirs));
            !own.is_empty() && own == theirs && !own.contains(&None)
        };
        if same_end(&own, &theirs) && may_be_one(&own, &theirs) {
            return Some(if own == theirs && !own.contains(&None) { Likeness::Same } else { Likeness::Name });
        }
        let (own_open, theirs_open) = (self.open.atoms(), used.open.atoms());
        if same_end(&own_open, &theirs_open) && may_be_one(&own_open, &theirs_open) {
            return Some(Likeness::Name);
        }
        // `ghcr.io/${{ github.repository }}`: the host, the owner and the name, no more.
        let whole =
            matches!(self.repository.0.last(), Some(Piece::Hole(name)) if WHOLE_REPOSITORY.contains(&name.as_str()));
        let host = theirs.split(|atom| *atom == Some('/')).next().unwrap_or_default();
        let is_hosted = host.contains(&Some('.')) && theirs.iter().filter(|atom| **atom == Some('/')).count() >= 2;
        (whole && is_hosted && !theirs.contains(&None) && may_be_one(&own, &theirs)).then_some(Likeness::Project)
    }

    /// How the tags go together; `None` where they are different images of one repository.
    pub fn tags(&self, used: &Self) -> Option<Tags> {
        let latest = || vec![Piece::Text("latest".to_owned())];
        let pieces = |name: &Self| name.tag.clone().map_or_else(latest, |tag| tag.0);
        let (own, theirs) = (Template(pieces(self)), Template(pieces(used)));
        if own == theirs && own.0.iter().all(|piece| *piece != Piece::Hole(String::new())) {
            return Some(Tags::Same);
        }
        // A tag inside of a variable is whatever the variable says.
        let hidden = |name: &Self| name.tag.is_none() && matches!(name.repository.0.last(), Some(Piece::Hole(_)));
        if hidden(self) || hidden(used) || (may_be_one(&own.atoms(), &theirs.atoms())) {
            return Some(Tags::Versions);
        }
        let for_others = |tag: &Template| {
            let words = tag.words();
            named_in(&words).is_some_and(|(environment, _)| !environment.serves_real_users())
        };
        let versions = is_version(&own) && is_version(&theirs);
        (versions && !for_others(&own) && !for_others(&theirs)).then_some(Tags::Versions)
    }
}

impl Template {
    /// What is written of it.
    fn words(&self) -> String {
        self.atoms().into_iter().map(|atom| atom.unwrap_or('-')).collect()
    }
}

/// Whether a tag says which version or for whom, as opposed to which of several images.
fn is_version(tag: &Template) -> bool {
    const WORDS: [&str; 10] =
        ["latest", "stable", "main", "master", "edge", "release", "current", "nightly", "newest", "trunk"];
    let words = tag.words();
    let hole = tag.0.iter().any(|piece| matches!(piece, Piece::Hole(_)));
    hole || words.chars().any(|c| c.is_ascii_digit())
        || named_in(&words).is_some()
        || words.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| WORDS.contains(&word))
}

fn last_part(atoms: &[Option<char>]) -> &[Option<char>] {
    let slash = atoms.iter().rposition(|atom| *atom == Some('/'));
    &atoms[slash.map_or(0, |at| at + 1)..]
}

/// Whether the holes of two texts can be filled so that they are the same.
fn may_be_one(one: &[Option<char>], other: &[Option<char>]) -> bool {
    // reachable[j]: the text of `one` so far may be the first j characters of `other`.
    let mut reachable = vec![false; other.len() + 1];
    reachable[0] = true;
    for (at, atom) in other.iter().enumerate() {
        reachable[at + 1] = reachable[at] && atom.is_none();
    }
    for atom in one {
        let mut next = vec![false; other.len() + 1];
        for at in 0..=other.len() {
            let before = at.checked_sub(1);
            next[at] = match atom {
                // A hole takes nothing, or one more.
                None => reachable[at] || before.is_some_and(|before| next[before]),
                Some(c) => before.is_some_and(|before| match other[before] {
                    None => reachable[at] || reachable[before] || next[before],
                    Some(theirs) => theirs == *c && reachable[before],
                }),
            };
        }
        reachable = next;
    }
    reachable[other.len()]
}

/// `$NAME`, with what it is known to hold.
fn variable(name: &str, fallback: Option<&str>, known: &Known) -> Template {
    if let Some(value) = known.get(name) {
        return value.clone();
    }
    match fallback {
        Some(text) if !text.contains('$') => {
            Template(vec![Piece::Fallback(canonical(name).to_owned(), text.to_owned())])
        }
        _ => Template::variable(name),
    }
}

/// What `${{ … }}` becomes.
fn expression_value(text: &str, known: &Known) -> Template {
    let simple = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if !text.chars().all(simple) {
        return Template::unnamed();
    }
    match text.split_once('.') {
        Some(("env", name)) => variable(name, None, known),
        // Inputs are known by more than their name, so that a variable of the same name is not taken for one.
        Some(("inputs", name)) => known.get(text).cloned().unwrap_or_else(|| Template::variable(name)),
        Some(("secrets" | "vars", name)) => Template::variable(name),
        _ => variable(text, None, known),
    }
}

fn canonical(name: &str) -> &str {
    match name {
        "GITHUB_REPOSITORY" => "github.repository",
        "GITHUB_WORKSPACE" => "github.workspace",
        name => name,
    }
}

fn name_length(text: &str) -> usize {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return 0;
    }
    text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count()
}
