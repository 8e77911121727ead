//! What a script reads into itself, and what its children see of it.

use super::*;

#[test]
fn a_sourced_file_may_set_anything() {
    let script = script("A=1\n. ./env.sh\n[ \"$A\" = 1 ] && b\n[ -z \"$C\" ] && d");
    let done = alone(&script, &variables(&[]));
    assert!(
        done.iter()
            .skip(2)
            .filter(|one| !script.commands[one.command].guards.is_empty())
            .all(|one| one.runs.is_unknown())
    );
    assert_eq!(done.len(), 6);
}

#[test]
fn a_virtual_environment_sets_the_path_and_a_sourced_file_no_arguments() {
    let last = |text: &str, name: &str| {
        let done = alone(&script(text), &variables(&[("1", "web")]));
        done.last().and_then(|one| one.variables.set.get(name)).map(|traced| traced.value.clone())
    };
    let known = |text: &str| Some(Value::Known(text.to_owned()));
    assert_eq!(last("A=1\n. /venv/bin/activate\nb", "A"), known("1"));
    assert!(last("PATH=/bin\nsource \"/venv/bin/activate\"\nb", "PATH").is_some_and(|value| value.is_unknown()));
    assert_eq!(last(". ./env.sh\nb", "1"), known("web"));
    assert!(last("eval \"$X\"\nb", "1").is_some_and(|value| value.is_unknown()));
}

#[test]
fn files_of_the_repository_are_read_into_the_script() {
    let finds = |name: &str| {
        let text = match name.trim_start_matches("./") {
            "env.sh" => "A=1\nexport B=2\nset_c() { C=3; }\n. ./env.sh",
            ".env" => "A=1\nD=\"x y\"\n# E=5\n",
            "ends.sh" => "exit 1",
            _ => return None,
        };
        Some((RepoPath::new(name.trim_start_matches("./")).unwrap(), Arc::new(script(text))))
    };
    let told = |text: &str| {
        let done = execute(&script(text), &variables(&[("A", "0")]), &Arc::default(), &RepoPath::root(), &finds);
        let last = done.into_iter().next_back().unwrap();
        let show = |(name, traced): (&String, &Traced<String>)| {
            let kept = if last.kept.contains(name) { "(kept)" } else { "" };
            let value = traced.value.known().map_or("?", String::as_str);
            (!matches!(name.as_str(), "PATH" | "PS1" | "VIRTUAL_ENV")).then(|| format!("{name}{kept}={value}"))
        };
        let open = if last.variables.open.is_some() { " …" } else { "" };
        last.variables.set.iter().filter_map(show).collect::<Vec<_>>().join(" ") + open
    };
    for (text, expected) in [
        (". ./.env\nb", "A=1 D(kept)=x y"),
        ("set -a; . ./.env; set +a; F=1\nb", "A=1 D=x y F(kept)=1"),
        ("set -o allexport\nsource .env\nset +o allexport\nb", "A=1 D=x y"),
        ("[ -f .env ] && . ./.env\nb", "A=? D(kept)=?"),
        ("export $(grep -v '^#' .env | xargs)\nb", "A=1 D=?"),
        ("export $(cat other.env | xargs)\nb", "A=? …"),
        ("while read line; do export \"$line\"; done < .env\nb", "A=? line=? …"),
        (". ./env.sh\nb", "A=? B=? …"),
        ("cd /srv\n. ./.env\nb", "A=? …"),
        ("(. ./.env)\nb", "A=0"),
        (". ./ends.sh\nb", "A=0"),
        ("F=1\nG=2\nexport F\nb", "A=0 F=1 G(kept)=2"),
        ("declare -x F=1\nlocal G=2\nb", "A=0 F=1 G(kept)=2"),
        ("source activate shop\neval \"$(ssh-agent -s)\"\nconda activate shop\nb", "A=0"),
        ("eval \"$(print-them)\"\nb", "A=? …"),
    ] {
        assert_eq!(told(text), expected, "{text}");
    }
}
