//! The account that a container's process runs under.

use crate::project::command::{ServerKind, WrapperKind, app_server};
use crate::project::deployment::Service;
use crate::project::image::Image;
use crate::project::image::known::runs_as_root;
use crate::project::image::reference::ImageReference;
use crate::project::process::Process;
use crate::project::role::Role;
use crate::project::value::{Act, Traced, Value};
use crate::source::Place;

/// Who a process runs as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Account {
    /// Root, since nothing says otherwise.
    RootByDefault,
    /// Root, as this place says: `USER`, or `user` of a compose service.
    Root(Place),
    /// Somebody else, or root only until it hands over.
    Other,
    /// It cannot be told.
    Unknown,
}

impl Account {
    /// Whether it surely is root.
    pub fn is_root(&self) -> bool {
        matches!(self, Account::RootByDefault | Account::Root(_))
    }

    /// The account that an image sets for its process.
    pub fn of_image(image: &Image) -> Self {
        match &image.user {
            Some(user) => of_user(user),
            None => match image.base.value.likely() {
                Some(base) if runs_as_root(&ImageReference::parse(base)) => Account::RootByDefault,
                _ => Account::Unknown,
            },
        }
    }

    /// The account of a service that is built from the repository.
    pub fn of_service(service: &Service) -> Self {
        let Some(build) = &service.build else { return Account::Unknown };
        if service.platform.as_ref().is_some_and(|platform| platform.vendor.never_root()) {
            return Account::Other;
        }
        if only_copies(&service.process) {
            return Account::Unknown;
        }
        let own = service.compose.as_ref().and_then(|merged| merged.user.as_ref());
        let account = match own {
            Some(user) if user.value.traced.value.surely(|name| names_root(name)) => {
                // Jobs that prepare folders are given to root on purpose.
                let runs_on = matches!(service.role, Role::Web | Role::Worker | Role::Scheduler);
                if runs_on { Account::Root(user.place.clone()) } else { Account::Unknown }
            }
            Some(_) => Account::Other,
            None => Account::of_image(&build.image),
        };
        account.after(&service.process)
    }

    /// The account once `process` has come to what it is there for.
    pub fn after(self, process: &Process) -> Self {
        match self {
            account if !account.is_root() => account,
            account => match hands_over(process) {
                Some(true) => Account::Other,
                Some(false) => account,
                None => Account::Unknown,
            },
        }
    }
}

/// The last `USER` that an image has, as a word: the name or number, without the group.
fn of_user(user: &Traced<String>) -> Account {
    if matches!(user.value, Value::Unknown(_) | Value::Absent) {
        return Account::Unknown;
    }
    if !user.value.surely(|name| names_root(name)) {
        return Account::Other;
    }
    let set = user.trail.iter().rev().find(|step| step.act == Act::Sets("USER".to_owned()));
    set.map_or(Account::Unknown, |step| Account::Root(step.place.clone()))
}

/// Whether a user, perhaps with a group after a colon, is root.
pub fn names_root(user: &str) -> bool {
    matches!(user.split(':').next().unwrap_or_default().trim(), "root" | "0")
}

/// Whether a container does nothing but hand files over, and ends: a built front end, put into the proxy's volume.
fn only_copies(process: &Process) -> bool {
    let copies = |run: &crate::project::process::Run| {
        matches!(run.invocation.program.as_str(), "cp" | "mv" | "rsync" | "mkdir" | "rm" | "echo" | "true")
    };
    process.maybe_more.is_none() && !process.runs.is_empty() && process.runs.iter().all(copies)
}

/// Whether a process that starts as root goes on as somebody else. `None` where it cannot be told.
fn hands_over(process: &Process) -> Option<bool> {
    let by_wrapper = |run: &crate::project::process::Run| {
        run.invocation.via.iter().any(|wrapper| match &wrapper.kind {
            WrapperKind::User(user) => {
                user.as_ref().is_none_or(|user| !user.literal().is_some_and(|name| names_root(&name)))
            }
            _ => false,
        })
    };
    let by_flag = |run: &crate::project::process::Run| {
        let told = ["--uid", "--user", "--gid", "--chuid"];
        let has = |name: &str| run.invocation.words.iter().any(|word| word.prefix().starts_with(name));
        told.iter().any(|name| has(name))
            || (app_server(&run.invocation).is_some_and(|server| server.kind == ServerKind::Gunicorn) && has("-u"))
    };
    let by_file = |run: &crate::project::process::Run| {
        run.uwsgi.as_ref().and_then(|uwsgi| uwsgi.value(&["uid"])).is_some_and(|user| !names_root(user))
    };
    if process.runs.iter().any(|run| by_wrapper(run) || by_flag(run) || by_file(run)) {
        return Some(true);
    }
    // Supervisors and uWSGI have files that say it, and scripts that are not here may.
    let elsewhere = process.runs.iter().any(|run| {
        let program = run.invocation.program.as_str();
        run.uwsgi.as_ref().is_some_and(|uwsgi| uwsgi.open || uwsgi.mentions("uid") || uwsgi.mentions("immediate-uid"))
            || matches!(
                program,
                "supervisord" | "s6-svscan" | "runsvdir" | "init" | "my_init" | "nginx" | "apache2ctl" | "su"
            )
    });
    let unseen = process.entrypoint.as_ref().is_some_and(|entrypoint| entrypoint.source.is_none());
    (!elsewhere && !unseen).then_some(false)
}
