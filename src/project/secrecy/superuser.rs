//! Passwords of administrators that stand in calls of `create_superuser`, wherever a script makes one.

use crate::source::Span;

/// The call that is looked for.
const CALL: &str = "create_superuser(";
/// How long the arguments of a call may be. In bytes.
const MAX_ARGUMENTS: usize = 1_000;

/// The places in `text` of passwords that are written out in calls of `create_superuser`, without their quotes.
pub fn literal_passwords(text: &str) -> Vec<Span> {
    let calls = text.match_indices(CALL).map(|(at, _)| at + CALL.len());
    calls.filter_map(|start| literal_password(text, start)).collect()
}

/// The password among the arguments that begin at `start`: the third, or the one that is named so.
fn literal_password(text: &str, start: usize) -> Option<Span> {
    let arguments = arguments(text, start);
    let named = arguments.iter().find_map(|(at, argument)| {
        let value = argument.strip_prefix("password")?.trim_start().strip_prefix('=')?;
        Some((at + argument.len() - value.len(), value))
    });
    let (at, value) = named.or_else(|| {
        let all_positional = arguments.iter().take(3).all(|(_, argument)| !is_named(argument));
        arguments.get(2).copied().filter(|_| all_positional)
    })?;
    // In a shell's double quotes the quotes of Python stand after a backslash.
    let blank = value.len() - value.trim_start().len();
    let inner = value.trim().trim_start_matches('\\');
    let quote = inner.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
    let password = inner[1..].strip_suffix(quote)?.trim_end_matches('\\');
    let literal = !password.is_empty() && !password.contains(['$', '{', '%', '`', '<', quote]);
    let begin = at + blank + (value.trim().len() - inner.len()) + 1;
    literal.then(|| Span::new(begin, begin + password.len()))
}

fn is_named(argument: &str) -> bool {
    argument
        .split_once('=')
        .is_some_and(|(name, _)| name.trim().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
}

/// The arguments of a call up to its closing bracket, trimmed on the left, with their offsets in the text.
fn arguments(text: &str, start: usize) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let (mut begin, mut depth, mut quote) = (start, 0_usize, None);
    let mut push = |from: usize, to: usize| {
        let argument = &text[from..to];
        found.push((from + argument.len() - argument.trim_start().len(), argument.trim_start()));
    };
    for (offset, character) in text[start..].char_indices().take_while(|(offset, _)| *offset < MAX_ARGUMENTS) {
        let at = start + offset;
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(character),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') if depth > 0 => depth -= 1,
            (None, ',') if depth == 0 => {
                push(begin, at);
                begin = at + 1;
            }
            (None, ')') => {
                push(begin, at);
                return found;
            }
            _ => {}
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_that_are_written_out_are_found() {
        let found = |text: &str| -> Vec<String> {
            literal_passwords(text).into_iter().map(|span| text[span.range()].to_owned()).collect()
        };
        assert_eq!(found("U.objects.create_superuser('root', 'a@example.org', 'hunter2')"), ["hunter2"]);
        assert_eq!(found(r#"create_superuser(\"root\", \"a@example.org\", \"hunter2\")"#), ["hunter2"]);
        assert_eq!(found("create_superuser(username='root', password = 'hunter2')"), ["hunter2"]);
        assert_eq!(
            found("create_superuser('ä', f('x', 1), 'hüte'); create_superuser('b', '', 'zwei')"),
            ["hüte", "zwei"]
        );
        for text in [
            "create_superuser('root', 'a@example.org', os.environ['PASSWORD'])",
            "create_superuser('root', 'a@example.org', '$PASSWORD')",
            "create_superuser('root', 'a@example.org', f'{password}')",
            "create_superuser('root', email='a@example.org', name='x')",
            "create_superuser('root', 'a@example.org', ''",
            "create_superuser('root')",
            "create_superuser(",
        ] {
            assert_eq!(found(text), Vec::<String>::new(), "{text}");
        }
    }
}
