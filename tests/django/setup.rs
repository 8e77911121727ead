//! Python and Django for the judge: a folder under Cargo's target directory, kept between runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What is installed.
const PACKAGES: [&str; 9] = [
    "django==5.2.*",
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
    program: PathBuf,
    /// Where the packages are, unless the interpreter finds them itself.
    packages: Option<PathBuf>,
}

impl Python {
    /// Finds Python and installs what is missing; the error says why there is no judge.
    pub fn installed() -> Result<Self, String> {
        let python = std::env::var("SHIPWORTHY_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let version = run(Command::new(&python).args(["-c", "import sys; print('%d.%d' % sys.version_info[:2])"]))
            .map_err(|why| format!("there is no {python}: {why}"))?;
        let minor = version.trim().strip_prefix("3.").and_then(|minor| minor.parse::<u32>().ok());
        if minor.is_none_or(|minor| minor < 10) {
            return Err(format!("Django 5.2 needs Python 3.10, and {python} is {}", version.trim()));
        }
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("django-{}", version.trim()));
        let (ready, wanted) = (folder.join("ready"), PACKAGES.join("\n"));
        let venv = Self { program: folder.join("bin/python"), packages: None };
        let beside = Self { program: PathBuf::from(&python), packages: Some(folder.join("packages")) };
        if fs::read_to_string(&ready).is_ok_and(|installed| installed == wanted) {
            return Ok(if venv.program.exists() { venv } else { beside });
        }
        let _ = fs::remove_dir_all(&folder);
        // Debian's Python comes without `ensurepip` unless python3-venv is installed; its pip may be there all the same.
        let made = match run(Command::new(&python).args(["-m", "venv"]).arg(&folder)) {
            Ok(_) => pip(&venv.program).args(PACKAGES).status_of().map(|()| venv),
            Err(no_venv) => {
                let _ = fs::remove_dir_all(&folder);
                let target = folder.join("packages");
                pip(Path::new(&python))
                    .arg("--target")
                    .arg(target)
                    .args(PACKAGES)
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
