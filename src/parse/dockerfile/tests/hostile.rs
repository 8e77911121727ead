use super::super::*;
use super::samples::SAMPLES;
use crate::parse::substitution::Part;

fn word_spans(word: &Word, found: &mut Vec<Span>) {
    found.push(word.span());
    found.extend(word.fault.as_ref().map(|fault| fault.span));
    for part in &word.parts {
        if let Part::Literal { text, .. } = part {
            found.push(text.span);
        }
    }
    found.extend(word.variables().into_iter().flat_map(|variable| [variable.span, variable.name.span]));
}

/// The places of a fragment: as a whole, and of each of its characters.
fn fragment_spans(fragment: &Fragment, found: &mut Vec<Span>) {
    found.push(fragment.span());
    let text = fragment.text();
    let places = text.char_indices().map(|(at, c)| fragment.to_file(Span::new(at, at + c.len_utf8())));
    found.extend(places);
}

fn form_spans(form: &CommandForm, found: &mut Vec<Span>) {
    match form {
        CommandForm::Exec(words) => words.iter().for_each(|word| fragment_spans(word, found)),
        CommandForm::Shell(text) => fragment_spans(text, found),
        CommandForm::Heredoc { command, interpreter, .. } => {
            fragment_spans(command, found);
            found.extend(interpreter.as_ref().map(|program| program.span));
        }
    }
}

fn spans(instruction: &Instruction, found: &mut Vec<Span>) {
    found.extend([instruction.span, instruction.keyword.span]);
    fragment_spans(&instruction.arguments, found);
    for flag in &instruction.flags {
        found.extend([flag.span, flag.name.span]);
        found.extend(flag.value.as_ref().map(|value| value.span));
    }
    for heredoc in &instruction.heredocs {
        found.extend([heredoc.span, heredoc.name.span]);
        fragment_spans(&heredoc.body, found);
    }
    match &instruction.kind {
        InstructionKind::From { image, alias, platform } => {
            word_spans(image, found);
            found.extend(alias.iter().chain(platform).map(|text| text.span));
        }
        InstructionKind::Run(form)
        | InstructionKind::Cmd(form)
        | InstructionKind::Entrypoint(form)
        | InstructionKind::Healthcheck(Healthcheck::Command(form)) => form_spans(form, found),
        InstructionKind::Shell(words) => words.iter().for_each(|word| fragment_spans(word, found)),
        InstructionKind::Env(all) | InstructionKind::Arg(all) | InstructionKind::Label(all) => {
            for assignment in all {
                found.extend([assignment.span, assignment.name.span]);
                assignment.value.iter().for_each(|word| word_spans(word, found));
            }
        }
        InstructionKind::Copy(transfer) | InstructionKind::Add(transfer) => {
            transfer.sources.iter().chain(&transfer.destination).for_each(|word| word_spans(word, found));
            assert!(transfer.heredocs.iter().all(|&at| at < instruction.heredocs.len()));
        }
        InstructionKind::User(word) | InstructionKind::Workdir(word) | InstructionKind::StopSignal(word) => {
            word_spans(word, found);
        }
        InstructionKind::Expose(words) | InstructionKind::Volume(words) => {
            words.iter().for_each(|word| word_spans(word, found));
        }
        InstructionKind::Maintainer(text) => fragment_spans(text, found),
        InstructionKind::Onbuild(inner) => spans(inner, found),
        InstructionKind::Healthcheck(_) | InstructionKind::Unknown => {}
    }
}

fn holds_its_invariants(text: &str) {
    let (file, problems) = parse(text);
    let mut found: Vec<Span> = problems.iter().map(|problem| problem.span).collect();
    found.extend(file.comments.iter().map(|comment| comment.span));
    found.extend(file.directives.iter().flat_map(|directive| [directive.name.span, directive.value.span]));
    found.extend(file.stages.iter().map(|stage| stage.base.span));
    file.instructions.iter().for_each(|instruction| spans(instruction, &mut found));
    for span in found {
        assert!(text.get(span.range()).is_some(), "{span:?} in {text:?}");
    }
    assert!(file.stages.iter().all(|stage| stage.body.end <= file.instructions.len()));
}

#[test]
fn mutated_files_are_read_without_panic_and_all_spans_lie_inside() {
    let tokens = [
        "\\",
        "\n",
        "\r",
        "\"",
        "'",
        "$",
        "${",
        "}",
        "<<EOF",
        "<<-",
        "[",
        "]",
        "#",
        " ",
        "=",
        "`",
        "--",
        "é",
        "🎉",
        "\\u00",
        "\t",
        "FROM ",
        "ONBUILD ",
        "EOF\n",
        "\u{a0}",
        ":-",
        ",",
        "\u{feff}",
        "# escape=`\n",
        "\0",
    ];
    let mut random = fastrand::Rng::with_seed(1);
    for sample in SAMPLES {
        holds_its_invariants(sample);
        for _ in 0..150 {
            let mut characters: Vec<char> = sample.chars().collect();
            for _ in 0..=random.usize(..4) {
                let at = random.usize(..characters.len().max(1));
                match random.usize(..4) {
                    0 => {
                        let end = (at + random.usize(..8)).min(characters.len());
                        characters.drain(at..end);
                    }
                    1 => {
                        let piece: Vec<char> = characters[at..(at + random.usize(..30)).min(characters.len())].to_vec();
                        let to = random.usize(..characters.len().max(1));
                        characters.splice(to..to, piece);
                    }
                    _ => {
                        let token = tokens[random.usize(..tokens.len())];
                        characters.splice(at..at, token.chars());
                    }
                }
            }
            holds_its_invariants(&characters.into_iter().collect::<String>());
        }
    }
}

#[test]
fn every_prefix_of_a_file_is_read() {
    for sample in SAMPLES {
        for (end, _) in sample.char_indices() {
            holds_its_invariants(&sample[..end]);
        }
    }
}

#[test]
fn large_inputs_take_time_in_proportion() {
    let lines = 30_000;
    let inputs = [
        "RUN a\n".repeat(100_000),
        format!("FROM a\nRUN x{}", " \\\n && y".repeat(lines)),
        format!("FROM a\nENV A=1{}", " \\\n B=\"$x\"".repeat(lines)),
        format!("FROM a\nRUN x{}", "# c\n".repeat(lines)),
        "RUN <<EOF\n".repeat(lines),
        (0..lines).map(|at| format!("RUN <<E{at}\n")).collect::<String>(),
        format!("FROM a\nRUN cat{}", " <<E".repeat(lines)),
        format!("FROM a\nCOPY{} /x", " <<E".repeat(lines)),
        format!("FROM a\nCMD [{}", "\"a\",".repeat(lines)),
        format!("FROM a\nCMD {}", "[".repeat(lines)),
        "ONBUILD ".repeat(lines),
        format!("FROM a\nRUN {}", "x".repeat(10_000_000)),
        format!("FROM a\nENV A={}", "$x".repeat(1_000_000)),
        format!("FROM a\nENV {}", "${a:-".repeat(lines)),
        format!("FROM a\nCMD [\"{}\"]", "\\n".repeat(1_000_000)),
        "\\\n".repeat(lines),
        "FROM a AS b\n".repeat(lines),
        "'\"".repeat(lines),
    ];
    for input in inputs {
        drop(parse(&input));
    }
}
