//! Python and Django for the judge: a folder under Cargo's target directory, kept between runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The releases of Django that judge, and the least Python of each: 3.…
pub const RELEASES: [((u32, u32), u32); 3] = [((4, 2), 10), ((5, 2), 10), ((6, 0), 12)];

/// What is installed beside Django.
const PACKAGES: [&str; 8] = [
    "django-environ",
    "python-decouple",
    "dj-database-url",
    "django-configurations",
    "django-split-settings",
    "pydantic-settings",
    "django-cache-url",
    "dj-email-url",
];

/// How to start Python with Django.
pub struct Python {
    /// The release of Django.
    pub release: (u32, u32),
    program: PathBuf,
    /// Where the packages are, unless the interpreter finds them itself.
    packages: Option<PathBuf>,
}

impl Python {
    /// Finds a Python for each release of Django and installs what is missing. The texts say for which there is no judge.
    pub fn all_installed() -> (Vec<Self>, Vec<String>) {
        let each = RELEASES.iter().map(|(release, least)| Self::installed(*release, *least));
        let (mut pythons, mut missing) = (Vec::new(), Vec::new());
        for python in each {
            match python {
                Ok(python) => pythons.push(python),
                Err(why) => missing.push(why),
            }
        }
        (pythons, missing)
    }

    fn installed(release: (u32, u32), least: u32) -> Result<Self, String> {
        let found = interpreters(least).into_iter().find_map(|python| {
            let asks = ["-c", "import sys; print('%d.%d' % sys.version_info[:2])"];
            let version = run(Command::new(&python).args(asks)).ok()?.trim().to_owned();
            let minor = version.strip_prefix("3.").and_then(|minor| minor.parse::<u32>().ok())?;
            (minor >= least).then_some((python, version))
        });
        let name = format!("{}.{}", release.0, release.1);
        let Some((python, version)) = found else {
            return Err(format!("Django {name} needs Python 3.{least}, which is not there"));
        };
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("django-{name}-python-{version}"));
        let django = format!("django=={name}.*");
        let all: Vec<&str> = PACKAGES.into_iter().chain([django.as_str()]).collect();
        let (ready, wanted) = (folder.join("ready"), all.join("\n"));
        let venv = Self { release, program: folder.join("bin/python"), packages: None };
        let beside = Self { release, program: python.clone(), packages: Some(folder.join("packages")) };
        if fs::read_to_string(&ready).is_ok_and(|installed| installed == wanted) {
            return Ok(if venv.program.exists() { venv } else { beside });
        }
        let _ = fs::remove_dir_all(&folder);
        // Debian's Python comes without `ensurepip` unless python3-venv is installed; its pip may be there all the same.
        let made = match run(Command::new(&python).args(["-m", "venv"]).arg(&folder)) {
            Ok(_) => pip(&venv.program).args(&all).status_of().map(|()| venv),
            Err(no_venv) => {
                let _ = fs::remove_dir_all(&folder);
                let target = folder.join("packages");
                pip(&python)
                    .arg("--target")
                    .arg(target)
                    .args(&all)
                    .status_of()
                    .map(|()| beside)
                    .map_err(|no_pip| format!("{no_venv}; {no_pip}"))
            }
        };
        let made = made?;
        fs::write(ready, wanted).map_err(|error| error.to_string())?;
        Ok(made)
    }

    /// Runs a script of this folder.
    pub fn script(&self, name: &str) -> Command {
        let mut command = self.command();
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/django").join(name));
        command
    }

    /// Runs an installed module.
    pub fn module(&self, name: &str) -> Command {
        let mut command = self.command();
        command.args(["-m", name]);
        command
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        // Sets keep their order from run to run.
        command.env("PYTHONHASHSEED", "0").env("PYTHONDONTWRITEBYTECODE", "1").env_remove("DJANGO_SETTINGS_MODULE");
        match &self.packages {
            Some(packages) => command.env("PYTHONPATH", packages),
            None => command.env_remove("PYTHONPATH"),
        };
        command
    }
}

/// What may be a Python of 3.`least` or newer: the one that is named, `python3`, newer ones of `PATH` by their names, then
/// those that pyenv keeps. Its shims stand in `PATH` too and fail for what is not switched on, so that each folder is tried.
fn interpreters(least: u32) -> Vec<PathBuf> {
    let variable = |name| std::env::var_os(name).filter(|text| !text.is_empty());
    let newer: Vec<String> = (least..least + 4).map(|minor| format!("python3.{minor}")).collect();
    let path = variable("PATH").unwrap_or_default();
    let of_path = |name: &str| std::env::split_paths(&path).map(|folder| folder.join(name)).collect::<Vec<_>>();
    let own = variable("SHIPWORTHY_PYTHON").unwrap_or_else(|| "python3".into());
    let mut found = vec![PathBuf::from(own)];
    found.extend(newer.iter().flat_map(|name| of_path(name)));
    let asked = || run(Command::new("pyenv").arg("root")).ok().map(|text| PathBuf::from(text.trim()));
    let at_home = || variable("HOME").map(|home| Path::new(&home).join(".pyenv"));
    let pyenv = variable("PYENV_ROOT").map(PathBuf::from).or_else(asked).or_else(at_home);
    let versions = pyenv.and_then(|root| fs::read_dir(root.join("versions")).ok());
    let mut kept: Vec<PathBuf> = versions.into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    kept.sort();
    found.extend(newer.iter().flat_map(|name| kept.iter().map(move |version| version.join("bin").join(name))));
    found.retain(|python| python.components().count() == 1 || python.exists());
    found
}

/// Runs a script of this folder with an interpreter that has all it needs.
pub fn script_with(program: &str, name: &str) -> Command {
    let mut command = Command::new(program);
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/django").join(name));
    command.env("PYTHONHASHSEED", "0").env("PYTHONDONTWRITEBYTECODE", "1").env_remove("DJANGO_SETTINGS_MODULE");
    command
}

fn pip(python: &Path) -> Command {
    let mut command = Command::new(python);
    command.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]);
    command
}

trait StatusOf {
    fn status_of(&mut self) -> Result<(), String>;
}

impl StatusOf for Command {
    fn status_of(&mut self) -> Result<(), String> {
        run(self).map(drop)
    }
}

/// What a command prints; what it complains of, where it fails.
fn run(command: &mut Command) -> Result<String, String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let complaint = [output.stdout, output.stderr].concat();
    let complaint = String::from_utf8_lossy(&complaint);
    Err(complaint.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it fails").trim().to_owned())
}
