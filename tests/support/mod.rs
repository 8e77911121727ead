//! Runs the real binary on folders of its own.

use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a run may take before it counts as hanging.
const LIMIT: Duration = Duration::from_secs(60);

/// A repository in a folder that goes when the test ends.
pub struct Repository(TempDir);

impl Repository {
    /// A folder with these files.
    pub fn new<P: AsRef<str>, B: AsRef<[u8]>>(files: impl IntoIterator<Item = (P, B)>) -> Self {
        let repository = Self(tempfile::tempdir().unwrap());
        for (path, bytes) in files {
            repository.write(path.as_ref(), bytes);
        }
        repository
    }

    /// Where it is on disk.
    pub fn root(&self) -> &Path {
        self.0.path()
    }

    /// Where a file of it is on disk.
    pub fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    /// Writes a file, and the folders that it lies in.
    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Runs the binary in the folder.
    pub fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Run {
        finish(&mut self.command(arguments))
    }

    /// The binary in the folder, in an environment that says nothing about output.
    pub fn command<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = bounded(env!("CARGO_BIN_EXE_shipworthy"));
        command.args(arguments).current_dir(self.root()).stdin(Stdio::null());
        for name in ["SHIPWORTHY_FORMAT", "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "COLUMNS", "RUST_BACKTRACE"] {
            command.env_remove(name);
        }
        command
    }
}

/// A command that gets 3 GiB of address space, so that what is out of bounds fails here and not on the machine.
#[cfg(target_os = "linux")]
fn bounded(program: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "ulimit -v 3145728 && exec \"$0\" \"$@\"", program]);
    command
}

#[cfg(not(target_os = "linux"))]
fn bounded(program: &str) -> Command {
    Command::new(program)
}

/// What a run came to.
pub struct Run {
    /// The exit code; 128 and more for a signal, as shells have it.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Run {
    /// Standard output as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {:.300}", self.stdout))
    }
}

/// Runs a command to its end, as [`finish_into`] does, and hears what it prints.
pub fn finish(command: &mut Command) -> Run {
    let (reader, writer) = std::io::pipe().unwrap();
    let stdout = drain(reader);
    let mut run = finish_into(command, writer.into());
    // The command holds the writing end, and would be waited for.
    command.stdout(Stdio::null());
    run.stdout = stdout.join().unwrap();
    run
}

/// Runs a command to its end, and fails when there is none, or one that is none of ours: a panic, an abort, an overflow.
/// Standard output goes to `stdout`.
pub fn finish_into(command: &mut Command, stdout: Stdio) -> Run {
    let mut child = command.stdout(stdout).stderr(Stdio::piped()).spawn().unwrap();
    let stderr = drain(child.stderr.take().unwrap());
    let status = wait(&mut child, command);
    let run = Run { code: code(status), stdout: String::new(), stderr: stderr.join().unwrap() };
    assert!(matches!(run.code, 0..=2), "{command:?} exited with {}: {:.2000}", run.code, run.stderr);
    assert!(!run.stderr.contains("panicked"), "{command:?}: {:.2000}", run.stderr);
    run
}

fn drain(mut pipe: impl Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).unwrap();
        String::from_utf8(bytes).expect("what we print is UTF-8")
    })
}

fn wait(child: &mut Child, command: &Command) -> ExitStatus {
    let begin = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if begin.elapsed() > LIMIT {
            child.kill().unwrap();
            panic!("{command:?} hangs");
        }
        thread::sleep(Duration::from_millis(2));
    }
}

fn code(status: ExitStatus) -> i32 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return 128 + signal;
    }
    status.code().unwrap_or(-1)
}
