use super::*;
use crate::parse::shell;

const MAKEFILE: &str = "\
# deployment
include .env
COMPOSE := docker compose -f compose.yml \\
\t-f compose.prod.yml
export DJANGO_SETTINGS_MODULE ?= config.settings.production
TAG != git rev-parse HEAD
ifdef CI
FLAGS = -T
endif

.PHONY: deploy clean
deploy: build | network ## roll out
\t@echo \"$@ to $$HOST\"
\t-$(COMPOSE) run $(FLAGS) --rm web \\
\t\tpython manage.py migrate
\t$(COMPOSE) up -d $(SERVICE) $(addprefix a,$(X)) # now
\tdocker push app:$(shell git describe)

clean stop:: ; $(COMPOSE) down -v
build: VERSION = 3
";

fn recipes<'f>(file: &'f Makefile, target: &str) -> Vec<&'f str> {
    file.target(target).expect("the target").recipes.iter().map(|recipe| recipe.script.text()).collect()
}

#[test]
fn recipes_are_what_the_shell_gets() {
    let (file, problems) = parse(MAKEFILE);
    assert_eq!(problems, []);
    assert_eq!(
        recipes(&file, "deploy"),
        [
            "echo \"deploy to $HOST\"",
            "docker compose -f compose.yml -f compose.prod.yml run ${{ FLAGS }} --rm web \\\n\tpython manage.py migrate",
            "docker compose -f compose.yml -f compose.prod.yml up -d ${SERVICE} ${{ addprefix a,$(X) }} # now",
            "docker push app:$(git describe)",
        ]
    );
    let deploy = file.target("deploy").expect("the target");
    assert!(deploy.recipes[1].ignore_errors && !deploy.recipes[2].ignore_errors);
    let names: Vec<_> = deploy.prerequisites.iter().map(|name| name.value.as_str()).collect();
    assert_eq!(names, ["build", "network"]);
    assert_eq!(recipes(&file, "stop"), ["docker compose -f compose.yml -f compose.prod.yml down -v"]);
    assert_eq!(recipes(&file, "clean").len(), 1);
    assert!(recipes(&file, "build").is_empty());
    assert!(file.target(".PHONY").is_none());
    assert_eq!(file.includes[0].value, ".env");
    let settings = &file.variables[1];
    assert!(settings.exported && settings.operator == "?=");
    assert_eq!(&MAKEFILE[settings.value.span.range()], "config.settings.production");
}

#[test]
fn places_in_recipes_are_places_in_the_file() {
    let (file, _) = parse(MAKEFILE);
    let deploy = file.target("deploy").expect("the target");
    let (script, _) = shell::parse(&deploy.recipes[1].script);
    let words = &script.commands[0].words;
    let migrate = words.last().expect("words");
    assert_eq!(&MAKEFILE[migrate.span.range()], "migrate");
    assert_eq!(&MAKEFILE[words[1].span.range()], "$(COMPOSE)");
    let (script, _) = shell::parse(&deploy.recipes[3].script);
    let inner = script.commands[0].words[2].substitutions()[0];
    assert_eq!(&MAKEFILE[inner.commands[0].span.range()], "git describe");
}

#[test]
fn one_shell_runs_a_whole_recipe() {
    let (file, _) = parse(".ONESHELL:\ndeploy:\n\tset -e\n\tcd x\n\tmake\nother:\n\ty\n");
    assert_eq!(recipes(&file, "deploy"), ["set -e\ncd x\nmake"]);
}

#[test]
fn variables_that_name_themselves_end() {
    let (file, _) = parse("A = $(B) $(B)\nB = $(A) $(A)\nx:\n\techo $(A)\n");
    assert_eq!(recipes(&file, "x").len(), 1);
    let many: String = (0..9).map(|at| format!("V{at} = {}\n", format!("$(V{})", at + 1).repeat(500))).collect();
    let (file, _) = parse(&format!("{many}V9 =\nx:\n\techo $(V0)\n"));
    assert_eq!(recipes(&file, "x").len(), 1);
}

const JUSTFILE: &str = "\
set dotenv-load
compose := \"docker compose -f prod.yml\"
tag := `git rev-parse HEAD`
export PORT := env(\"PORT\", \"8000\")
import 'common.just'

# roll out
[confirm]
deploy env='prod:1' *args: build (backup \"now\")
    @{{compose}} up -d {{args}}
    -docker push app:{{ tag }} {{PORT}} \\
        --quiet

@backup when:
  #!/usr/bin/env bash
  set -e
  if true; then
    pg_dump {{when}} '{{{{.x}}'
  fi

alias d := deploy
";

#[test]
fn recipes_of_just_are_targets() {
    let (file, problems) = parse_justfile(JUSTFILE);
    assert_eq!(problems, []);
    assert_eq!(
        recipes(&file, "deploy"),
        [
            "docker compose -f prod.yml up -d ${{ args }}",
            "docker push app:$(git rev-parse HEAD) ${{ PORT }} \\\n    --quiet"
        ]
    );
    assert!(file.target("deploy").expect("the target").recipes[1].ignore_errors);
    let backup = file.target("backup").expect("the target");
    assert_eq!(backup.recipes.len(), 1);
    let (script, _) = shell::parse(&backup.recipes[0].script);
    assert_eq!(script.interpreter(), Some("bash"));
    let dump = script.commands.iter().find(|c| c.name().as_deref() == Some("pg_dump")).expect("the command");
    assert_eq!(&JUSTFILE[dump.words[0].span.range()], "pg_dump");
    assert_eq!(&JUSTFILE[dump.words[1].span.range()], "{{when}}");
    let needed: Vec<_> = file.target("deploy").expect("it").prerequisites.iter().map(|p| p.value.as_str()).collect();
    assert_eq!(needed, ["build", "backup"]);
    assert_eq!(file.includes[0].value, "common.just");
    assert!(file.target("d").is_none());
}

#[test]
fn mutated_files_are_read_without_panic_and_spans_stay_inside() {
    let mut state: u64 = 0x2545_F491_4F6C_DD1D;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let insertions = ["$", "$(", ")", "\\", "\n", "\t", "é", ":", "=", "{{", "}}", "'", "#", ";", "\\\n", "define\n"];
    for round in 0..2_000 {
        let source = if round % 2 == 0 { MAKEFILE } else { JUSTFILE };
        let mut characters: Vec<char> = source.chars().collect();
        for _ in 0..=random(8) {
            let at = random(characters.len());
            let length = random(9).min(characters.len() - at);
            characters.splice(at..at + length, insertions[random(insertions.len())].chars());
        }
        let text: String = characters.into_iter().collect();
        for (file, _) in [parse(&text), parse_justfile(&text)] {
            let mut spans: Vec<Span> = file.includes.iter().map(|include| include.span).collect();
            spans.extend(file.variables.iter().flat_map(|variable| [variable.name.span, variable.value.span]));
            for target in &file.targets {
                spans.extend([target.span, target.name.span]);
                spans.extend(target.prerequisites.iter().map(|name| name.span));
                for recipe in &target.recipes {
                    spans.push(recipe.script.span());
                    let (script, problems) = shell::parse(&recipe.script);
                    spans.extend(problems.iter().map(|problem| problem.span));
                    for command in &script.commands {
                        spans.push(command.span);
                        spans.extend(command.words.iter().map(|word| word.span));
                    }
                }
            }
            for span in spans {
                assert!(text.get(span.range()).is_some(), "{span:?} in {text}");
            }
        }
    }
}
