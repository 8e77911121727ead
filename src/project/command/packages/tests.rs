use super::*;
use crate::parse::shell;
use crate::project::command::invocations;
use crate::source::Fragment;

fn read(line: &str) -> PackageCommand {
    let (script, _) = shell::parse(&Fragment::verbatim(line, 0));
    let command = script.commands.last().unwrap();
    packages(invocations(command).last().unwrap()).unwrap_or_else(|| panic!("{line}"))
}

fn unpinned(line: &str) -> Vec<String> {
    read(line).unpinned().map(|package| package.name.clone()).collect()
}

#[test]
fn every_spelling_of_yes_is_known() {
    for line in [
        "apt-get install -y curl",
        "apt-get -y install curl",
        "apt-get install -yqq --no-install-recommends curl",
        "apt-get -qq install curl",
        "apt-get -q -q install curl",
        "apt-get install -q=2 curl",
        "apt-get install --assume-yes curl",
        "apt-get -o APT::Get::Assume-Yes=true install curl",
        "yes | apt-get install curl",
        "zypper -n in curl",
        "zypper install -y curl",
        "dnf install --assumeyes curl",
        "apk add curl",
    ] {
        assert!(read(line).assumes_yes, "{line}");
    }
    for line in ["apt-get install curl", "apt-get -q install curl", "yum install curl", "zypper in curl"] {
        assert!(!read(line).assumes_yes, "{line}");
    }
}

#[test]
fn verbs_are_told_apart() {
    let action = |line: &str| read(line).action;
    assert_eq!(action("apt-get update"), Action::Refresh);
    assert_eq!(action("zypper update"), Action::Upgrade);
    assert_eq!(action("dnf update -y"), Action::Upgrade);
    assert_eq!(action("dnf update -y openssl"), Action::Other);
    assert_eq!(action("apt full-upgrade"), Action::DistUpgrade);
    assert_eq!(action("yarn"), Action::Install);
    assert_eq!(action("yarn cache clean"), Action::Clean);
    assert_eq!(action("python -m pip install django"), Action::Install);
    assert_eq!(action("uv pip install django"), Action::Install);
    assert_eq!(action("apt-get remove -y gcc"), Action::Remove);
    assert_eq!(action("zypper rm gcc"), Action::Remove);
    assert_eq!(action("apt-get autoremove"), Action::Other);
}

#[test]
fn versions_are_seen_in_each_managers_spelling() {
    assert_eq!(unpinned("apt-get install -y -t stable curl git=1:2.39 $EXTRA ./local.deb"), ["curl"]);
    assert_eq!(unpinned("apk add --no-cache --virtual .build gcc musl-dev~=1.2 'curl>8'"), ["gcc"]);
    assert_eq!(unpinned("dnf install -y httpd httpd-2.4 https://example.org/x.rpm"), ["httpd"]);
    assert_eq!(
        unpinned("pip install django 'gunicorn==23' 'psycopg[binary]>=3' . ./x.whl git+https://x.org/y@1 $P"),
        ["django", "psycopg"]
    );
    assert_eq!(unpinned("pip install git+https://x.org/y 'z @ git+ssh://git@x.org/z'").len(), 2);
    assert!(unpinned("pip install -r requirements.txt").is_empty());
    assert!(unpinned("pip install -c constraints.txt django").is_empty());
    assert_eq!(unpinned("npm install -g @vue/cli yarn@1.22 pnpm@latest"), ["@vue/cli", "pnpm"]);
    assert!(unpinned("npm ci").is_empty());
    assert_eq!(unpinned("gem install sass compass:1.0"), ["sass"]);
    assert!(unpinned("gem install sass -v 3.7").is_empty());
    assert_eq!(unpinned("go install example.org/a@latest example.org/b@v1.2.0"), ["example.org/a"]);
}
