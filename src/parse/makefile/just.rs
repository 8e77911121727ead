//! The syntax of just, as far as recipes need it.

use super::expand::Scope;
use super::{MAX_LENGTH, Makefile, Recipe, Target, Variable};
use crate::source::{Fragment, FragmentBuilder, Problem, Span, Spanned};

/// A recipe before it is expanded: its head, its parameters, and its lines with their offsets.
struct Draft<'a> {
    target: Target,
    parameters: Vec<String>,
    lines: Vec<(usize, &'a str)>,
}

/// Reads a justfile. Its recipes are the targets.
pub fn parse_justfile(text: &str) -> (Makefile, Vec<Problem>) {
    if text.len() > MAX_LENGTH {
        let problem = Problem::new(Span::at(0), "the justfile is longer than 1 MiB and is not read");
        return (Makefile::default(), vec![problem]);
    }
    let mut file = Makefile::default();
    let mut drafts: Vec<Draft<'_>> = Vec::new();
    let mut in_recipe = false;
    let mut exports = false;
    let mut at = text.len() - text.trim_start_matches('\u{feff}').len();
    for line in text[at..].split_inclusive('\n') {
        let start = at;
        at += line.len();
        let content = line.trim_end_matches(['\n', '\r']);
        if content.trim().is_empty() || content.starts_with([' ', '\t']) {
            if let (true, Some(draft)) = (in_recipe, drafts.last_mut()) {
                draft.lines.push((start, line));
            }
            continue;
        }
        in_recipe = false;
        if content.starts_with(['#', '[']) {
            continue;
        }
        exports |= content.starts_with("set export");
        if let Some(variable) = assignment(content, start) {
            file.variables.push(variable);
        } else if let Some(path) = content.strip_prefix("import ") {
            let path = path.trim_start_matches('?').trim();
            let place = Span::new(start + content.len() - path.len(), start + content.len());
            file.includes.push(Spanned::new(path.trim_matches(['\'', '"']).to_owned(), place));
        } else if !content.starts_with("set ")
            && !content.starts_with("alias ")
            && !content.starts_with("mod ")
            && let Some((target, parameters)) = head(content, start)
        {
            drafts.push(Draft { target, parameters, lines: Vec::new() });
            in_recipe = true;
        }
    }
    if exports {
        file.variables.iter_mut().for_each(|variable| variable.exported = true);
    }
    for Draft { mut target, parameters, lines } in drafts {
        let mut scope = Scope::new(&file.variables);
        parameters.iter().for_each(|name| scope.hide(name));
        target.recipes = recipes(&scope, &lines);
        file.targets.push(target);
    }
    (file, Vec::new())
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// `export NAME := 'value'`.
fn assignment(line: &str, start: usize) -> Option<Variable> {
    let (left, right) = line.split_once(":=")?;
    let name = left.trim();
    let (name, exported) = match name.strip_prefix("export ") {
        Some(name) => (name.trim(), true),
        None => (name, false),
    };
    if !is_name(name) {
        return None;
    }
    let name_at = start + left.trim_end().len() - name.len();
    let value = right.trim();
    let value_at = start + line.len() - right.trim_start().len();
    let quoted = ['\'', '"'].into_iter().find_map(|quote| {
        value.strip_prefix(quote)?.strip_suffix(quote).filter(|inner| !inner.contains(['\\', quote]))
    });
    let (value, offset, operator) = match (quoted, value.strip_prefix('`').and_then(|inner| inner.strip_suffix('`'))) {
        (Some(inner), _) => (inner, 1, "="),
        (_, Some(command)) => (command, 1, "!="),
        _ => (value, 0, "="),
    };
    Some(Variable {
        name: Spanned::new(name.to_owned(), Span::new(name_at, name_at + name.len())),
        value: Spanned::new(value.to_owned(), Span::new(value_at + offset, value_at + offset + value.len())),
        operator: operator.to_owned(),
        exported,
        // An expression of just (`env("X", "y")`, `a + b`) is not evaluated.
        conditional: operator == "=" && quoted.is_none(),
    })
}

/// `@name param='default' *rest: dependency (other "x") && after`.
fn head(line: &str, start: usize) -> Option<(Target, Vec<String>)> {
    // The colon after the parameters: not one in the quotes of a default.
    let mut quote = None;
    let colon = line.char_indices().find_map(|(at, c)| {
        match quote {
            Some(open) if c == open => quote = None,
            None if matches!(c, '\'' | '"' | '`') => quote = Some(c),
            None if c == ':' => return Some(at),
            _ => {}
        }
        None
    })?;
    let mut words = line[..colon].split_ascii_whitespace();
    let first = words.next()?;
    let name = first.trim_start_matches('@');
    if !is_name(name) {
        return None;
    }
    let name_at = start + first.len() - name.len();
    let parameter = |word: &str| {
        let word = word.trim_start_matches(['*', '+', '$']);
        word.split('=').next().filter(|name| is_name(name)).map(str::to_owned)
    };
    let parameters = words.filter_map(parameter).collect();
    let listed = &line[colon + 1..];
    let listed = listed.split(" #").next().unwrap_or("");
    let mut prerequisites = Vec::new();
    for word in listed.split([' ', '\t', '(', ')']) {
        if is_name(word) {
            let at = start + (word.as_ptr() as usize - line.as_ptr() as usize);
            prerequisites.push(Spanned::new(word.to_owned(), Span::new(at, at + word.len())));
        }
    }
    let target = Target {
        name: Spanned::new(name.to_owned(), Span::new(name_at, name_at + name.len())),
        prerequisites,
        recipes: Vec::new(),
        span: Span::new(start, start + line.len()),
    };
    Some((target, parameters))
}

fn recipes(scope: &Scope, lines: &[(usize, &str)]) -> Vec<Recipe> {
    let indent = lines
        .iter()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(_, line)| line.len() - line.trim_start_matches([' ', '\t']).len())
        .min()
        .unwrap_or(0);
    let is_script = lines.first().is_some_and(|(_, line)| line.trim_start().starts_with("#!"));
    let mut recipes = Vec::new();
    let mut builder = Fragment::builder();
    for (index, &(start, line)) in lines.iter().enumerate() {
        let own = indent.min(line.len() - line.trim_start_matches([' ', '\t']).len());
        if is_script {
            interpolate(scope, &line[own..], start + own, &mut builder);
            continue;
        }
        let continued = index > 0 && lines[index - 1].1.trim_end().ends_with('\\');
        if !continued && !builder.text().trim().is_empty() {
            recipes.push(recipe(std::mem::take(&mut builder)));
        }
        interpolate(scope, &line[own..], start + own, &mut builder);
    }
    if !builder.text().trim().is_empty() {
        recipes.push(recipe(builder));
    }
    recipes
}

fn recipe(builder: FragmentBuilder) -> Recipe {
    let script = builder.finish();
    let text = script.text();
    let body = text.trim_start_matches(['@', '-', ' ', '\t']);
    let prefix = text.len() - body.len();
    let end = text.trim_end().len().max(prefix);
    Recipe { ignore_errors: text[..prefix].contains('-'), script: script.slice(Span::new(prefix, end)) }
}

/// Replaces `{{ name }}` where the file says what it is; anything else becomes an expression.
fn interpolate(scope: &Scope, text: &str, offset: usize, into: &mut FragmentBuilder) {
    let mut at = 0;
    while let Some(found) = text[at..].find("{{") {
        let open = at + found;
        into.push(&text[at..open], offset + at);
        if text[open..].starts_with("{{{{") {
            into.push_replacement("{{", Span::new(offset + open, offset + open + 4));
            at = open + 4;
            continue;
        }
        let Some(length) = text[open..].find("}}") else {
            at = open;
            break;
        };
        let end = open + length + 2;
        let name = text[open + 2..end - 2].trim();
        let value = match scope.get(name) {
            Some(Some(value)) if !value.starts_with("$(shell ") => value.to_owned(),
            Some(Some(command)) => format!("$({}", &command["$(shell ".len()..]),
            _ => format!("${{{{ {name} }}}}"),
        };
        into.push_replacement(&value, Span::new(offset + open, offset + end));
        at = end;
    }
    into.push(&text[at..], offset + at);
}
