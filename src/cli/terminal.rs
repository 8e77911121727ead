//! What the terminal can show, and a word of progress on it.

use super::args::Color;
use crate::report::Style;
use std::env;
use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

/// How to write to standard output. `--color` beats `NO_COLOR`, which beats `FORCE_COLOR` and `CLICOLOR_FORCE`.
pub fn style(color: Color) -> Style {
    let terminal = io::stdout().is_terminal();
    let said = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    let color = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if said("NO_COLOR") => false,
        Color::Auto if said("FORCE_COLOR") || said("CLICOLOR_FORCE") => true,
        Color::Auto => terminal && env::var_os("TERM").is_none_or(|term| term != "dumb"),
    };
    let width = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).or(terminal.then(terminal_width));
    Style { color, links: terminal && color, width, unicode: true }
}

fn terminal_width() -> usize {
    terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0))
}

/// Says on the terminal's standard error that work is going on, once it has gone on for a second.
pub struct Progress {
    done: Option<Sender<()>>,
    teller: Option<JoinHandle<()>>,
}

impl Progress {
    /// Starts to wait, where `quiet` is not asked for and somebody watches.
    pub fn start(quiet: bool) -> Self {
        if quiet || !io::stderr().is_terminal() || env::var_os("CI").is_some() {
            return Self { done: None, teller: None };
        }
        let (done, wait) = mpsc::channel();
        let teller = std::thread::spawn(move || {
            let mut seconds = 1;
            while wait.recv_timeout(Duration::from_secs(1)) == Err(RecvTimeoutError::Timeout) {
                let _ = write!(io::stderr(), "\rchecking … {seconds} s");
                seconds += 1;
            }
            if seconds > 1 {
                let _ = write!(io::stderr(), "\r\x1b[K");
            }
        });
        Self { done: Some(done), teller: Some(teller) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.done.take());
        if let Some(teller) = self.teller.take() {
            let _ = teller.join();
        }
    }
}
