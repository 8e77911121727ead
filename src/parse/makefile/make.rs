//! GNU make's syntax, as far as targets and their recipes need it. Both branches of conditionals are read.

use super::expand::{Rule, Scope};
use super::{MAX_LENGTH, Makefile, Recipe, Target, Variable};
use crate::source::{Fragment, Problem, Span, Spanned};

/// A rule before its recipe is expanded.
struct Draft<'a> {
    targets: Vec<Spanned<String>>,
    prerequisites: Vec<Spanned<String>>,
    span: Span,
    /// Recipe lines with their continuations, without the first tab, and where they begin.
    lines: Vec<(usize, &'a str)>,
}

/// Reads a Makefile.
pub fn parse(text: &str) -> (Makefile, Vec<Problem>) {
    if text.len() > MAX_LENGTH {
        let problem = Problem::new(Span::at(0), "the Makefile is longer than 1 MiB and is not read");
        return (Makefile::default(), vec![problem]);
    }
    let mut reader = Reader::default();
    let mut at = text.len() - text.trim_start_matches('\u{feff}').len();
    while at < text.len() {
        let end = logical_line(text, at);
        reader.line(at, &text[at..end]);
        at = end;
    }
    let Reader { mut file, drafts, one_shell, export_all, .. } = reader;
    if export_all {
        file.variables.iter_mut().for_each(|variable| variable.exported = true);
    }
    let scope = Scope::new(&file.variables);
    for draft in drafts {
        let prerequisites: Vec<String> = draft.prerequisites.iter().map(|name| name.value.clone()).collect();
        for name in draft.targets {
            let rule = Rule { scope: &scope, target: &name.value, prerequisites: &prerequisites };
            let recipes = recipes(&rule, &draft.lines, one_shell);
            file.targets.push(Target { recipes, prerequisites: draft.prerequisites.clone(), span: draft.span, name });
        }
    }
    (file, Vec::new())
}

/// The end of the line that begins at `at`, with the lines that it is continued on.
fn logical_line(text: &str, at: usize) -> usize {
    let mut end = at;
    loop {
        let length = memchr::memchr(b'\n', &text.as_bytes()[end..]).map_or(text.len() - end, |found| found + 1);
        let line = text[end..end + length].trim_end_matches(['\n', '\r']);
        end += length;
        let backslashes = line.len() - line.trim_end_matches('\\').len();
        if backslashes.is_multiple_of(2) || end >= text.len() {
            return end;
        }
    }
}

#[derive(Default)]
struct Reader<'a> {
    file: Makefile,
    drafts: Vec<Draft<'a>>,
    /// Whether the line before belongs to a rule, so that a line with a tab is its recipe.
    in_rule: bool,
    conditionals: usize,
    in_define: bool,
    one_shell: bool,
    export_all: bool,
}

impl<'a> Reader<'a> {
    fn line(&mut self, start: usize, line: &'a str) {
        let content = line.trim_end_matches(['\n', '\r']);
        if self.in_define {
            self.in_define = content.trim() != "endef";
            return;
        }
        if let (true, Some(recipe)) = (self.in_rule, content.strip_prefix('\t')) {
            if let Some(draft) = self.drafts.last_mut() {
                draft.lines.push((start + 1, recipe));
            }
            return;
        }
        let trimmed = content.trim_start();
        let start = start + content.len() - trimmed.len();
        let statement = trimmed.find('#').map_or(trimmed, |hash| &trimmed[..hash]).trim_end();
        let first = statement.split_ascii_whitespace().next().unwrap_or("");
        match first {
            "" => {}
            "ifeq" | "ifneq" | "ifdef" | "ifndef" => self.conditionals += 1,
            "endif" => self.conditionals = self.conditionals.saturating_sub(1),
            "else" => {}
            "define" => {
                self.in_define = true;
                self.in_rule = false;
            }
            "include" | "-include" | "sinclude" => {
                self.file.includes.extend(words(&statement[first.len()..], start + first.len()));
                self.in_rule = false;
            }
            "export" if statement == "export" => self.export_all = true,
            "unexport" | "vpath" | "undefine" => {}
            _ => {
                if !self.assignment(statement, start) {
                    self.rule(trimmed, statement, start);
                }
            }
        }
    }

    fn assignment(&mut self, statement: &str, start: usize) -> bool {
        let mut rest = statement;
        let mut exported = false;
        while let Some((word, after)) = rest.split_once([' ', '\t']) {
            match word {
                "export" => exported = true,
                "override" | "private" => {}
                _ => break,
            }
            rest = after.trim_start();
        }
        let Some(equals) = rest.find('=') else {
            // `export A B` of variables that are set elsewhere.
            if exported {
                let names: Vec<&str> = rest.split_ascii_whitespace().collect();
                let own = self.file.variables.iter_mut().filter(|variable| names.contains(&variable.name.as_str()));
                own.for_each(|variable| variable.exported = true);
            }
            return exported;
        };
        let operator_start = rest[..equals].trim_end_matches([':', '?', '+', '!']).len();
        let name = rest[..operator_start].trim_end();
        let simple = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        if name.is_empty() || !name.bytes().all(simple) {
            return false;
        }
        let operator = match &rest[operator_start..=equals] {
            "::=" | ":::=" => ":=",
            operator => operator,
        };
        let at = start + statement.len() - rest.len();
        let value = rest[equals + 1..].trim();
        let value_at = at + rest.len() - rest[equals + 1..].trim_start().len();
        self.in_rule = false;
        self.file.variables.push(Variable {
            name: Spanned::new(name.to_owned(), Span::new(at, at + name.len())),
            value: Spanned::new(joined(value), Span::new(value_at.min(at + rest.len()), value_at + value.len())),
            operator: operator.to_owned(),
            exported,
            conditional: self.conditionals > 0,
        });
        true
    }

    fn rule(&mut self, line: &'a str, statement: &str, start: usize) {
        let Some(colon) = rule_colon(statement) else { return };
        self.in_rule = true;
        let targets = words(&statement[..colon], start);
        // `a:: b` is a rule, too.
        let after = colon + if statement[colon + 1..].starts_with(':') { 2 } else { 1 };
        let semicolon = statement[after..].find(';').map(|found| after + found);
        let listed = &statement[after..semicolon.unwrap_or(statement.len())];
        // `target: NAME = value` sets a variable for the target and has no recipe of its own.
        let prerequisites = if listed.contains('=') { Vec::new() } else { words(listed, start + after) };
        if targets.iter().any(|target| target.value == ".ONESHELL") {
            self.one_shell = true;
        }
        let special = |name: &str| {
            name.starts_with('.') && name[1..].bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
        };
        let targets: Vec<_> = targets.into_iter().filter(|target| !special(target)).collect();
        // The rest of the line is the shell's, `#` included.
        let lines = semicolon.map(|at| (start + at + 1, line[at + 1..].trim_end())).into_iter().collect();
        let prerequisites = prerequisites.into_iter().filter(|name| name.value != "|").collect();
        self.drafts.push(Draft { targets, prerequisites, span: Span::new(start, start + statement.len()), lines });
    }
}

/// The colon of a rule: outside references to variables.
fn rule_colon(statement: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (at, byte) in statement.bytes().enumerate() {
        match byte {
            b'(' | b'{' => depth += 1,
            b')' | b'}' => depth = depth.saturating_sub(1),
            b':' if depth == 0 => return Some(at),
            b'=' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// A value without its continuations.
fn joined(value: &str) -> String {
    let lines = value.split('\n').map(|line| line.trim_end_matches('\r').trim_end_matches('\\').trim());
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

fn words(text: &str, offset: usize) -> Vec<Spanned<String>> {
    let found = text.split([' ', '\t', '\n', '\r']).filter(|word| !word.is_empty() && *word != "\\");
    found
        .map(|word| {
            let start = offset + (word.as_ptr() as usize - text.as_ptr() as usize);
            Spanned::new(word.to_owned(), Span::new(start, start + word.len()))
        })
        .collect()
}

fn recipes(rule: &Rule<'_>, lines: &[(usize, &str)], one_shell: bool) -> Vec<Recipe> {
    let mut recipes: Vec<Recipe> = Vec::new();
    let mut whole = Fragment::builder();
    let mut all_ignored = false;
    for (index, &(start, line)) in lines.iter().enumerate() {
        let body = line.trim_start_matches([' ', '\t', '@', '-', '+']);
        let prefix = &line[..line.len() - body.len()];
        let ignore_errors = prefix.contains('-');
        let at = start + prefix.len();
        if body.is_empty() {
            continue;
        }
        if one_shell {
            if index > 0 {
                whole.push_replacement("\n", Span::at(at));
            }
            // Only the first line's prefix counts, but that of others is dropped where the shell is a plain one.
            all_ignored |= index == 0 && ignore_errors;
            body_lines(rule, body, at, &mut whole);
            continue;
        }
        let mut builder = Fragment::builder();
        body_lines(rule, body, at, &mut builder);
        recipes.push(Recipe { script: builder.finish(), ignore_errors });
    }
    if !whole.text().is_empty() {
        recipes.push(Recipe { script: whole.finish(), ignore_errors: all_ignored });
    }
    recipes
}

/// The physical lines of one logical line: make takes a tab off each.
fn body_lines(rule: &Rule<'_>, body: &str, start: usize, into: &mut crate::source::FragmentBuilder) {
    let mut at = start;
    for (index, line) in body.split_inclusive('\n').enumerate() {
        let content = if index > 0 { line.strip_prefix('\t').unwrap_or(line) } else { line };
        rule.expand(content, at + line.len() - content.len(), into);
        at += line.len();
    }
}
