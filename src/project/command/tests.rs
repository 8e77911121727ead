mod sourced;

use super::*;
use crate::parse::shell::{self, Script, ShellOption};
use crate::project::environment::{Opening, Variables};
use crate::project::value::{Reason, Traced, Value};
use crate::source::RepoPath;
use std::sync::Arc;

fn script(text: &str) -> Script {
    let (script, problems) = shell::parse(&Fragment::verbatim(text, 0));
    assert_eq!(problems, [], "{text}");
    script
}

fn run(text: &str) -> Vec<Invocation> {
    script_invocations(&script(text))
}

/// Follows a script that finds no other file.
fn alone(script: &Script, variables: &Variables) -> Vec<Execution> {
    execute(script, variables, &Arc::default(), &RepoPath::root(), &|_| None)
}

/// The last invocation of a command line: what it comes down to.
fn last(text: &str) -> Invocation {
    run(text).pop().unwrap_or_else(|| panic!("nothing runs in {text}"))
}

fn texts(found: &[Invocation]) -> Vec<String> {
    found.iter().map(Invocation::text).collect()
}

fn variables(pairs: &[(&str, &str)]) -> Variables {
    let traced = |value: &str| Traced::new(Value::Known(value.to_owned()), Vec::new());
    Variables { set: pairs.iter().map(|(name, value)| ((*name).to_owned(), traced(value))).collect(), open: None }
}

#[test]
fn wrappers_are_taken_off() {
    let cases = [
        ("exec gunicorn app", "gunicorn app"),
        ("sudo -u app -E A=b gunicorn app", "gunicorn app"),
        ("env -i A=b gunicorn app", "gunicorn app"),
        ("nohup nice -n 5 timeout -k 3 10s gunicorn app", "gunicorn app"),
        ("exec gosu app:app tini -g -- gunicorn app", "gunicorn app"),
        ("su-exec app dumb-init -- gunicorn app", "gunicorn app"),
        ("setpriv --reuid=app --init-groups gunicorn app", "gunicorn app"),
        ("poetry run gunicorn app", "gunicorn app"),
        ("uv run --no-sync --env-file .env gunicorn app", "gunicorn app"),
        ("uv run -m gunicorn app", "gunicorn app"),
        ("pipenv run python -m gunicorn app", "gunicorn app"),
        ("pdm run gunicorn app", "gunicorn app"),
        ("hatch run prod:gunicorn app", "gunicorn app"),
        ("./wait-for-it.sh db:5432 -t 30 --strict -- gunicorn app", "gunicorn app"),
        ("dockerize -wait tcp://db:5432 -timeout 30s gunicorn app", "gunicorn app"),
        ("watchmedo auto-restart -d . -p '*.py' --recursive -- gunicorn app", "gunicorn app"),
        ("watchfiles --filter python 'gunicorn app' src", "gunicorn app"),
        ("newrelic-admin run-program ddtrace-run gunicorn app", "gunicorn app"),
        ("opentelemetry-instrument --traces_exporter otlp gunicorn app", "gunicorn app"),
        ("doppler run -c prod -- gunicorn app", "gunicorn app"),
        ("sh -c 'gunicorn app'", "gunicorn app"),
        ("bash -lc \"exec gunicorn app\"", "gunicorn app"),
        ("bash -euo pipefail -c 'gunicorn app'", "gunicorn app"),
        ("su - app -c 'gunicorn app'", "gunicorn app"),
        ("eval \"gunicorn app\"", "gunicorn app"),
        ("find . -name x | xargs -n1 -P 4 gunicorn app", "gunicorn app"),
        ("/opt/venv/bin/python -u -m gunicorn app", "gunicorn app"),
        ("python -Wd -X dev manage.py migrate", "manage.py migrate"),
        ("coverage run --source=. manage.py test", "manage.py test"),
        ("python3.12 -m coverage run -m pytest x", "pytest x"),
        ("bash ./deploy.sh prod", "./deploy.sh prod"),
        ("bash -s <<'E'\ngunicorn app\nE", "gunicorn app"),
        ("kubectl -n x exec -it pod/web -c app -- gunicorn app", "gunicorn app"),
        ("find . -name '*.pyc' -exec rm -f {} \\;", "rm -f {}"),
    ];
    for (line, expected) in cases {
        assert_eq!(last(line).text(), expected, "{line}");
    }
}

#[test]
fn what_only_looks_like_a_wrapper_stays() {
    for line in [
        "command -v gunicorn",
        "python -c 'import x'",
        "env",
        "sudo -l",
        "exec",
        "python",
        "timeout 5",
        "docker exec web",
    ] {
        assert_eq!(last(line).text(), line, "{line}");
    }
    assert_eq!(last("python -c 'import x'").program, "python");
    assert_eq!(last("\"$VENV/bin/gunicorn\" app").program, "gunicorn");
    assert_eq!(last("$CMD x").program, "");
}

#[test]
fn containers_and_hosts_are_listed_with_what_runs_there() {
    let text = "ssh -i key -o StrictHostKeyChecking=no deploy@prod 'cd /srv && docker compose -f a.yml exec -T -e A=b web python manage.py migrate' || exit 1";
    let found = run(text);
    let programs: Vec<_> = found.iter().map(|one| one.program.as_str()).collect();
    assert_eq!(programs, ["ssh", "cd", "docker", "manage.py", "exit"]);
    let migrate = &found[3];
    assert_eq!(migrate.host().map(Word::text), Some("deploy@prod"));
    assert_eq!(migrate.container().map(Word::text), Some("web"));
    assert_eq!(migrate.environment[0].0.value, "A");
    assert_eq!(&text[migrate.words_span().range()], "manage.py migrate");
    assert!(matches!(migrate.guards.as_slice(), [Guard::And(_)]));
    assert!(migrate.is_via("docker") && migrate.tested);
    let python = migrate.via.last().expect("a wrapper");
    assert_eq!((&*python.program, &python.kind), ("python", &WrapperKind::Python { module: false }));
}

#[test]
fn heredocs_fed_to_ssh_are_scripts() {
    let text = "ssh \"$USER@$HOST\" << 'EOF' || exit 1\n  set -e\n  cd /srv/app\n  git pull\n  docker-compose down -v\nEOF\ncat <<EOF | ssh host bash -s\n  systemctl restart app\nEOF\nssh host bash <<< \"reboot\"\n";
    let found = run(text);
    let compose_down = found.iter().find(|one| one.program == "docker-compose").expect("it is found");
    assert_eq!(&text[compose_down.words_span().range()], "docker-compose down -v");
    assert_eq!(compose_down.host().map(Word::text), Some("\"$USER@$HOST\""));
    assert!(compose(compose_down).is_some_and(|command| command.removes_volumes()));
    let restart = found.iter().find(|one| one.program == "systemctl").expect("it is found");
    assert_eq!(restart.host().map(Word::text), Some("host"));
    assert_eq!(found.last().map(|one| one.program.as_str()), Some("reboot"));
    assert_eq!(found.iter().filter(|one| one.program == "git").count(), 1);
}

#[test]
fn substitutions_run_before_what_uses_them() {
    let found = run("docker rm -f $(docker ps -aq) && X=\"$(python manage.py secret)\" sh -c \"echo $(date)\"");
    assert_eq!(texts(&found)[..2], ["docker ps -aq", "docker rm -f $(docker ps -aq)"]);
    assert_eq!(found[2].program, "manage.py");
    assert_eq!(found.iter().filter(|one| one.program == "date").count(), 1);
}

#[test]
fn functions_that_run_their_arguments_are_wrappers() {
    let found = run(
        "retry() { local n=$1; shift; until \"$@\"; do sleep $n; done; }\nretry 5 python manage.py migrate\nretry \"$@\"",
    );
    assert_eq!(found[found.len() - 2].text(), "manage.py migrate");
    assert!(found[found.len() - 2].is_via("retry"));
    assert_eq!(found[found.len() - 1].program, "retry");
}

#[test]
fn argument_lists_enter_the_same_model() {
    let file = r#"CMD ["sh", "-c", "python manage.py migrate && exec gunicorn config.wsgi"]"#;
    let arguments: Vec<Spanned<String>> = ["sh", "-c", "python manage.py migrate && exec gunicorn config.wsgi"]
        .into_iter()
        .map(|text| {
            let start = file.find(&format!("\"{text}\"")).expect("there");
            Spanned::new(text.to_owned(), Span::new(start, start + text.len() + 2))
        })
        .collect();
    let found = invocations(&from_arguments(&arguments));
    assert_eq!(texts(&found), ["manage.py migrate", "gunicorn config.wsgi"]);
    assert_eq!(&file[found[1].words_span().range()], "gunicorn config.wsgi");
    assert!(found[1].replaces_shell());
    let list = [Spanned::new("echo".to_owned(), Span::new(0, 6)), Spanned::new("$A && b".to_owned(), Span::new(8, 17))];
    assert_eq!(texts(&invocations(&from_arguments(&list))), ["echo $A && b"]);
}

#[test]
fn management_commands_are_told() {
    let command = |line: &str| django(&last(line)).unwrap_or_else(|| panic!("no command in {line}"));
    let migrate = command("python manage.py migrate --noinput --fake shop 0003 --settings=config.settings.prod");
    assert_eq!(migrate.name.value, "migrate");
    assert!(migrate.is_unattended() && migrate.has_flag(&["--fake"]));
    assert_eq!(migrate.settings.as_ref().map(Word::text), Some("config.settings.prod"));
    assert_eq!(migrate.arguments().iter().map(Word::text).collect::<Vec<_>>(), ["shop", "0003"]);
    assert_eq!(command("django-admin flush --no-input").name.value, "flush");
    assert_eq!(command("python -m django check --deploy").name.value, "check");
    assert_eq!(
        command("./manage.py --settings x collectstatic --clear -i node_modules").settings.map(|w| w.text().to_owned()),
        Some("x".to_owned())
    );
    let class = command("manage.py runserver --configuration Production 0.0.0.0:8000").configuration;
    assert_eq!(class.map(|word| word.text().to_owned()), Some("Production".to_owned()));
    assert_eq!(django(&last("python setup.py migrate")), None);
    assert_eq!(django(&last("python manage.py")), None);
}

#[test]
fn servers_are_told() {
    let server = |line: &str| app_server(&last(line)).unwrap_or_else(|| panic!("no server in {line}"));
    let text = |word: &Option<Word>| word.as_ref().map(|word| word.text().to_owned());
    let gunicorn = server(
        "gunicorn config.wsgi:application --bind=0.0.0.0:8000 -b unix:/x -w 4 -k uvicorn.workers.UvicornWorker --timeout 120 --access-logfile - --reload",
    );
    assert_eq!(gunicorn.kind, ServerKind::Gunicorn);
    assert_eq!(text(&gunicorn.application).as_deref(), Some("config.wsgi:application"));
    assert_eq!(gunicorn.bind.len(), 2);
    assert_eq!(text(&gunicorn.workers).as_deref(), Some("4"));
    assert_eq!(text(&gunicorn.timeout).as_deref(), Some("120"));
    assert_eq!(text(&gunicorn.worker_class).as_deref(), Some("uvicorn.workers.UvicornWorker"));
    assert!(gunicorn.reload && gunicorn.is_development());
    let after_flags = server("gunicorn --log-level info --preload -c conf.py --name x app.wsgi");
    assert_eq!(text(&after_flags.application).as_deref(), Some("app.wsgi"));
    assert_eq!(text(&after_flags.config).as_deref(), Some("conf.py"));
    let uvicorn = server("uvicorn config.asgi:application --host 0.0.0.0 --port 80 --reload-dir x --workers 2");
    assert_eq!((text(&uvicorn.host).as_deref(), uvicorn.reload), (Some("0.0.0.0"), false));
    let daphne = server("daphne -b 0.0.0.0 -p 8001 config.asgi:application");
    assert_eq!(text(&daphne.application).as_deref(), Some("config.asgi:application"));
    assert_eq!(text(&daphne.port).as_deref(), Some("8001"));
    let uwsgi = server("uwsgi --http :8000 --master --module config.wsgi --processes 4 --harakiri 30");
    assert_eq!((text(&uwsgi.application).as_deref(), uwsgi.bind.len()), (Some("config.wsgi"), 1));
    assert_eq!(text(&server("uwsgi uwsgi.ini").config).as_deref(), Some("uwsgi.ini"));
    assert_eq!(text(&server("waitress-serve --listen=*:8000 x.wsgi:app").application).as_deref(), Some("x.wsgi:app"));
    assert_eq!(
        text(&server("granian --interface wsgi config.wsgi:application").application).as_deref(),
        Some("config.wsgi:application")
    );
    let runserver = server("python manage.py runserver 0.0.0.0:8000");
    assert_eq!((runserver.kind, runserver.bind[0].text()), (ServerKind::Runserver, "0.0.0.0:8000"));
    assert!(!server("python manage.py runserver --noreload").reload);
    assert_eq!(server("manage.py runmodwsgi --processes 3").kind, ServerKind::ModWsgi);
    assert_eq!(app_server(&last("pip install gunicorn")), None);
}

#[test]
fn celery_processes_are_told() {
    let process = |line: &str| celery(&last(line)).unwrap_or_else(|| panic!("no celery in {line}"));
    let worker = process("celery -A config worker -B -l info -Q a,b --concurrency=4");
    assert_eq!((worker.role, worker.embedded_beat), (CeleryRole::Worker, true));
    assert_eq!(worker.app.as_ref().map(Word::text), Some("config"));
    assert_eq!(worker.queues.as_ref().map(Word::text), Some("a,b"));
    assert_eq!(
        process("exec watchfiles --filter python 'celery -A config.celery_app worker -l INFO'").role,
        CeleryRole::Worker
    );
    assert_eq!(process("celery worker -A config").role, CeleryRole::Worker);
    assert_eq!(process("python -m celery --app=config beat -S django").role, CeleryRole::Beat);
    assert_eq!(
        process("celery -A config -b \"${CELERY_BROKER_URL}\" flower --basic_auth=\"${U}:${P}\"").role,
        CeleryRole::Flower
    );
    assert_eq!(process("celery -A config inspect ping").role, CeleryRole::Other("inspect".to_owned()));
    assert_eq!(celery(&last("pip install celery")), None);
}

#[test]
fn compose_commands_are_told() {
    let command = |line: &str| compose(&run(line)[0]).unwrap_or_else(|| panic!("no compose in {line}"));
    let words = |words: &[Word]| words.iter().map(|word| word.text().to_owned()).collect::<Vec<_>>();
    let up = command(
        "docker compose -f compose.yml --file=compose.prod.yml --env-file .env.prod --profile web -p shop up -d --build web",
    );
    assert_eq!(words(&up.files), ["compose.yml", "compose.prod.yml"]);
    assert_eq!((words(&up.env_files), words(&up.profiles)), (vec![".env.prod".to_owned()], vec!["web".to_owned()]));
    assert_eq!(up.project.as_ref().map(Word::text), Some("shop"));
    assert!(up.is("up") && up.has_flag(&["--build"]));
    assert_eq!(words(&up.arguments), ["web"]);
    assert!(command("docker-compose down --volumes --remove-orphans").removes_volumes());
    assert!(command("docker compose $FILES down -v").removes_volumes());
    assert!(!command("docker compose down --volumes=false").removes_volumes());
    assert!(!command("docker compose run -v ./x:/x web true").removes_volumes());
    let exec = command("docker --context prod compose exec -T -u root web sh -c 'a b'");
    assert_eq!(words(&exec.arguments), ["web", "sh", "-c", "'a b'"]);
    assert_eq!(compose(&last("docker ps")), None);
}

#[test]
fn docker_commands_are_told() {
    let command = |line: &str| docker(&run(line)[0]).unwrap_or_else(|| panic!("no docker in {line}"));
    let build = command(
        "docker buildx build --platform linux/amd64 -f docker/Dockerfile --target prod -t app:1 -t app:latest --build-arg A=b --push .",
    );
    let build = build.build().expect("a build");
    assert_eq!(build.file.as_ref().map(Word::text), Some("docker/Dockerfile"));
    assert_eq!(build.target.as_ref().map(Word::text), Some("prod"));
    assert_eq!((build.tags.len(), build.push), (2, true));
    assert_eq!(build.context.as_ref().map(Word::text), Some("."));
    let run_command = command("docker container run -d --rm --env-file .env -v data:/x -p 80:80 app:1 gunicorn x");
    assert_eq!(run_command.name, "run");
    assert_eq!(run_command.flags.value(&["--env-file"]).map(Word::text), Some(".env"));
    assert_eq!(run_command.arguments[0].text(), "app:1");
    assert!(command("docker volume rm shop_data").removes_volumes());
    assert!(command("docker system prune -af --volumes").removes_volumes());
    assert!(!command("docker system prune -af").removes_volumes());
    assert_eq!(command("docker image push app:1").name, "push");
    let inner = last("docker run --entrypoint 'python -u' app manage.py migrate");
    assert_eq!(inner.text(), "manage.py migrate");
}

/// The entrypoint of a production image, with a wait loop that is Python in a here-document.
const WITH_WAIT: &str = r#"#!/bin/bash
set -o errexit
set -o pipefail
set -o nounset

if [ -z "${POSTGRES_USER}" ]; then
    base_postgres_image_default_user='postgres'
    export POSTGRES_USER="${base_postgres_image_default_user}"
fi
export DATABASE_URL="postgres://${POSTGRES_USER}:${POSTGRES_PASSWORD}@${POSTGRES_HOST}:${POSTGRES_PORT}/${POSTGRES_DB}"

python << END
import sys
import time
import psycopg

while True:
    try:
        psycopg.connect(dbname="${POSTGRES_DB}")
        break
    except psycopg.OperationalError as error:
        sys.stderr.write("Waiting for PostgreSQL to become available...\n")
    time.sleep(1)
END

>&2 echo 'PostgreSQL is available'

exec "$@"
"#;

#[test]
fn an_entrypoint_with_a_wait_in_python_goes_on_with_its_arguments() {
    let script = script(WITH_WAIT);
    let found = entrypoint(&script);
    assert_eq!((found.handover, found.default), (Handover::Exec, None));
    assert!(script.options.on(ShellOption::Nounset).is_some());
    let before: Vec<_> = found.before.iter().filter_map(|&at| script.commands[at].name()).collect();
    assert_eq!(before, ["set", "set", "set", "[", "export", "export", "python", "echo"]);
    let done = alone(&script, &variables(&[("POSTGRES_USER", "")]));
    let last = done.last().expect("steps");
    assert_eq!(last.variables.set["POSTGRES_USER"].value, Value::Known("postgres".to_owned()));
}

const WITH_NETCAT: &str = r#"#!/bin/sh

if [ "$DATABASE" = "postgres" ]
then
    echo "Waiting for postgres..."

    while ! nc -z $SQL_HOST $SQL_PORT; do
      sleep 0.1
    done

    echo "PostgreSQL started"
fi

python manage.py flush --no-input
if [ "$MIGRATE_ON_START" = "true" ]; then python manage.py migrate --noinput; fi

exec "$@"
"#;

fn django_names(script: &Script, variables: &Variables) -> Vec<(String, Value<bool>)> {
    let done = alone(script, variables);
    let named = done.into_iter().flat_map(|one| {
        let found = invocations(&script.commands[one.command]);
        found
            .into_iter()
            .filter_map(|run| django(&run))
            .map(|command| (command.name.value, one.runs.clone()))
            .collect::<Vec<_>>()
    });
    named.collect()
}

#[test]
fn guards_are_evaluated_with_the_service_s_environment() {
    let script = script(WITH_NETCAT);
    let names = |pairs: &[(&str, &str)]| -> Vec<String> {
        django_names(&script, &variables(pairs)).into_iter().map(|(name, _)| name).collect()
    };
    assert_eq!(names(&[("MIGRATE_ON_START", "true")]), ["flush", "migrate"]);
    assert_eq!(names(&[("MIGRATE_ON_START", "false")]), ["flush"]);
    let open = Variables {
        open: Some(Opening { reason: Reason::IgnoredFile(".env".to_owned()), step: None }),
        ..Variables::default()
    };
    assert!(matches!(&django_names(&script, &open)[1], (name, Value::Unknown(_)) if name == "migrate"));
    assert_eq!(entrypoint(&script).handover, Handover::Exec);
}

const WITH_ROLES: &str = r#"#!/usr/bin/env bash
set -euo pipefail

migrate() {
  [ "${SKIP_MIGRATE:-0}" = "1" ] && return
  python manage.py migrate --noinput
}

case "${1:-web}" in
  web)
    migrate
    exec gunicorn config.wsgi:application --bind "0.0.0.0:${PORT:-8000}" --workers 3
    ;;
  worker)
    exec celery -A config worker -l info
    ;;
  *)
    exec "$@"
    ;;
esac
"#;

#[test]
fn roles_are_told_by_the_first_argument() {
    let script = script(WITH_ROLES);
    assert_eq!(entrypoint(&script).handover, Handover::Exec);
    let programs = |pairs: &[(&str, &str)]| -> Vec<String> {
        let done = alone(&script, &variables(pairs));
        let runs = done.into_iter().filter(|one| one.runs == Value::Known(true));
        runs.flat_map(|one| invocations(&script.commands[one.command])).map(|run| run.program).collect()
    };
    assert_eq!(programs(&[("1", "worker")]), ["set", "celery"]);
    assert_eq!(programs(&[("1", "web"), ("SKIP_MIGRATE", "1")])[..3], ["set", "migrate", "["]);
    assert!(!programs(&[("1", "web"), ("SKIP_MIGRATE", "1")]).contains(&"manage.py".to_owned()));
    assert_eq!(programs(&[("1", "web")]), ["set", "migrate", "[", "manage.py", "gunicorn"]);
    assert_eq!(programs(&[("1", "bash")]), ["set", ""]);
}

#[test]
fn ends_of_entrypoints_are_told_apart() {
    let end = |text: &str| entrypoint(&script(text));
    assert_eq!(end("exec \"$@\"").handover, Handover::Exec);
    assert_eq!(end("exec \"${@}\"").handover, Handover::Exec);
    assert_eq!(end("exec $*").handover, Handover::Exec);
    assert_eq!(end("exec gosu app \"$@\"").handover, Handover::Exec);
    assert_eq!(end("exec tini -- gosu app \"$@\"").handover, Handover::Exec);
    assert_eq!(end("exec sh -c \"$*\"").handover, Handover::Exec);
    assert_eq!(end("a\n\"$@\"").handover, Handover::Call);
    assert_eq!(end("exec python manage.py \"$@\"").handover, Handover::Appended);
    assert_eq!(end("migrate && exec gunicorn x").handover, Handover::Fixed);
    assert_eq!(end("exec > log 2>&1\npython manage.py runserver").handover, Handover::None);
    assert_eq!(end("echo \"$@\"").handover, Handover::None);
    let default = end("exec \"${@:-gunicorn config.wsgi}\"");
    assert_eq!(default.default.and_then(|word| word.literal()).as_deref(), Some("gunicorn config.wsgi"));
    let replaced = end("if [ \"$#\" -eq 0 ]; then set -- gunicorn config.wsgi; fi\nexec \"$@\"");
    assert_eq!((replaced.handover, replaced.replacements.len()), (Handover::Exec, 1));
    assert_eq!(end("main() { a; exec \"$@\"; }\nmain \"$@\"").handover, Handover::Exec);
    assert_eq!(end("retry() { \"$@\" || sleep 1; }\nretry a\nexec gunicorn x").handover, Handover::Fixed);
}

#[test]
fn what_a_script_sets_counts_for_what_follows() {
    let text = "DEBUG=0\nif [ \"$A\" = x ]; then B=1; else B=2; fi\n: \"${C:=3}\"\nif maybe; then D=4; fi\nset -- web \"$C\"\nunset A\nf() { local X=$1; g; }\nf y\n[ \"$DEBUG\" = 0 ] && end\n";
    let script = script(text);
    let done = alone(&script, &variables(&[("A", "x"), ("DEBUG", "1")]));
    let end = done.last().expect("steps");
    assert_eq!((script.commands[end.command].name().as_deref(), &end.runs), (Some("end"), &Value::Known(true)));
    let value = |name: &str| end.variables.set.get(name).map(|traced| traced.value.clone());
    assert_eq!(value("B"), Some(Value::Known("1".to_owned())));
    assert_eq!(value("C"), Some(Value::Known("3".to_owned())));
    assert_eq!(value("D"), Some(Value::OneOf(vec![String::new(), "4".to_owned()])));
    assert_eq!(
        (value("1"), value("2"), value("#")),
        (Some(Value::Known("web".to_owned())), Some(Value::Known("3".to_owned())), Some(Value::Known("2".to_owned())))
    );
    assert_eq!(value("A"), Some(Value::Absent));
    let g = done.iter().find(|one| script.commands[one.command].name().as_deref() == Some("g")).expect("g runs");
    assert_eq!(g.variables.set["1"].value, Value::Known("y".to_owned()));
}

#[test]
fn functions_that_call_each_other_end() {
    let script = script("f() { g; g; }\ng() { f; h; h; }\nh() { f; g; }\nf\nf\nf\nend");
    let done = alone(&script, &variables(&[]));
    assert!(done.len() <= 10_000);
    assert_eq!(done.last().and_then(|one| script.commands[one.command].name()).as_deref(), Some("end"));
}

#[test]
fn nested_shells_end() {
    let mut text = "x".to_owned();
    for _ in 0..14 {
        text = format!(
            "sh -c {}",
            format!("{text} $(y)")
                .replace('\\', "\\\\")
                .replace(' ', "\\ ")
                .replace(['$'], "\\$")
                .replace('(', "\\(")
                .replace(')', "\\)")
        );
        if text.len() > 100_000 {
            break;
        }
    }
    let (script, _) = shell::parse(&Fragment::verbatim(text, 0));
    assert!(script_invocations(&script).len() <= 5_000);
    let wrapped = "exec env sudo ".repeat(2_000) + "x";
    let (script, _) = shell::parse(&Fragment::verbatim(wrapped, 0));
    assert_eq!(script_invocations(&script).len(), 1);
}

#[test]
fn mutated_command_lines_are_unwrapped_without_panic_and_spans_stay_inside() {
    let lines = [
        WITH_WAIT,
        WITH_ROLES,
        "ssh -i key h 'cd \"/é\" && docker compose -f \"$A b\" exec web bash -lc \"python -m gunicorn é --bind=$X\"' <<E\nx\nE\n",
        "docker run --entrypoint='python -u' -e \"A=é\" i manage.py migrate --settings=\"x$Y\" && su - u -c 'a b'\n",
        "uv run -m celery -Aé worker -Qa | xargs -I{} sh -c 'docker build -fé -t\"x\" .; eval \"a $(b)\"'\n",
    ];
    let mut state: u64 = 0xDEAD_BEEF_CAFE_F00D;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let insertions = ["'", "\"", " ", "\\", "$", "é", "-", "=", "--", "$(", ")", "\n", "{", "sh -c ", "exec "];
    for round in 0..1_500 {
        let mut characters: Vec<char> = lines[round % lines.len()].chars().collect();
        for _ in 0..=random(6) {
            let at = random(characters.len());
            let length = random(8).min(characters.len() - at);
            characters.splice(at..at + length, insertions[random(insertions.len())].chars());
        }
        let text: String = characters.into_iter().collect();
        let (script, _) = shell::parse(&Fragment::verbatim(text.as_str(), 0));
        for run in script_invocations(&script) {
            let mut spans = vec![run.span, run.words_span()];
            spans.extend(run.words.iter().map(|word| word.span));
            spans.extend(run.via.iter().map(|via| via.span));
            spans.extend(app_server(&run).iter().flat_map(|server| server.bind.iter().map(|word| word.span)));
            spans.extend(django(&run).iter().flat_map(|command| command.flags.flags.iter().map(|flag| flag.span)));
            spans.extend(celery(&run).map(|process| process.span));
            spans.extend(compose(&run).iter().flat_map(|command| command.files.iter().map(|word| word.span)));
            spans.extend(docker(&run).map(|command| command.name_span));
            for span in spans {
                assert!(text.get(span.range()).is_some(), "{span:?} in {text}");
            }
        }
        let _ = entrypoint(&script);
        let _ = alone(&script, &variables(&[("1", "web")]));
    }
}

#[test]
fn a_program_may_be_looked_up_by_name() {
    for line in ["$(command -v uwsgi) --ini app.ini", "\"$(which uwsgi)\" --ini app.ini", "`which uwsgi` --ini app.ini"]
    {
        assert_eq!(last(line).program, "uwsgi", "{line}");
    }
    assert_eq!(last("$(pick uwsgi) --ini app.ini").program, "");
}
