//! The machine: its state, its bounds, and how it starts.

use super::export::Exporter;
use super::heap::{Heap, Id, Object};
use super::object::{Kind, Origin, Trail, Val};
use super::{Crash, Files, LibraryCall, Settings, Unresolved, VariableRead};
use crate::parse::python::Module;
use crate::project::environment::{Opening, Variables};
use crate::project::value::{Act, Reason, Step};
use crate::source::{Place, RepoPath, Span};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

/// Statements, expressions and items together. A large project's settings take a few ten thousand.
const MAX_STEPS: usize = 400_000;
/// Statements and expressions within each other, through calls.
const MAX_DEPTH: usize = 900;
/// Calls of the project's functions within each other.
const MAX_CALLS: usize = 40;
/// Bytes of one text.
const MAX_TEXT: usize = 256 << 10;
/// Bytes of all texts and items that are made.
const MAX_MEMORY: usize = 96 << 20;
/// Items of one container.
const MAX_ITEMS: usize = 20_000;
/// Reports of what could not be evaluated, of reads, of calls.
const MAX_REPORTS: usize = 1_000;
/// How many entries of objects are copied or compared in the time of a step.
const HANDLED_IN_A_STEP: usize = 4;
/// Enough for [`MAX_DEPTH`] in a build without optimisation. Only what is used is ever taken.
const STACK: usize = 64 << 20;

/// Why an expression gives no value.
pub(super) enum Exit {
    Raise(Box<Raised>),
    /// A bound of the whole evaluation is reached.
    Stop,
}

pub(super) type Eval<T = Val> = Result<T, Exit>;

/// How a statement ends.
pub(super) enum Flow {
    Normal,
    Return(Val),
    Break,
    Continue,
    Exit(Exit),
}

/// An exception on its way.
#[derive(Clone)]
pub(super) struct Raised {
    /// Its class's name and those of its bases, as far as they are known.
    pub classes: Vec<String>,
    /// Whether it is raised for certain; otherwise unless something outside sets a variable.
    pub certain: bool,
    /// What it is about.
    pub trail: Trail,
    pub place: Place,
    /// The variable that is not set, where that is why.
    pub variable: Option<String>,
    /// Whether the program or a known library raises it on purpose; otherwise it may be our own lack of knowledge.
    pub deliberate: bool,
}

/// One running function, class body or module.
pub(super) struct Frame {
    pub file: usize,
    pub locals: Id,
    /// The namespaces of the functions around it, from the innermost.
    pub closure: Vec<Id>,
    pub globals: Id,
    pub module: Rc<str>,
    pub is_package: bool,
    /// A function or class body: not the module's own level.
    pub is_function: bool,
    pub is_class: bool,
    /// In a method: the names of its class, and its first argument.
    pub method: Option<(Id, Val)>,
    /// The namespaces of the names that `global` and `nonlocal` declare.
    pub declared: BTreeMap<String, Id>,
    /// What was returned on a way that may be taken, while the other goes on.
    pub pending: Vec<Val>,
    /// Whether a loop may end, or skip, where it cannot be told.
    pub loop_uncertain: bool,
    /// The exception that is being handled.
    pub handling: Option<Raised>,
}

impl Frame {
    /// The level of a module itself.
    pub fn of_module(file: usize, names: Id, module: Rc<str>, is_package: bool) -> Self {
        Self {
            file,
            locals: names,
            closure: Vec::new(),
            globals: names,
            module,
            is_package,
            is_function: false,
            is_class: false,
            method: None,
            declared: BTreeMap::new(),
            pending: Vec::new(),
            loop_uncertain: false,
            handling: None,
        }
    }

    /// A body inside of this level that sees these namespaces around it.
    pub fn body(&self, locals: Id, closure: Vec<Id>) -> Self {
        let module = Self::of_module(self.file, self.globals, self.module.clone(), self.is_package);
        Self { locals, closure, is_function: true, ..module }
    }

    /// The namespaces that a function defined here sees around it.
    pub fn around(&self) -> Vec<Id> {
        [self.locals].into_iter().chain(self.closure.iter().copied()).collect()
    }
}

/// A test that what happens under it rests on.
#[derive(Clone)]
pub(super) struct Control {
    pub certain: bool,
    pub trail: Trail,
}

/// What `except` catches.
pub(super) enum Catches {
    All,
    Classes(Vec<String>),
}

pub(super) struct Evaluator<'a> {
    pub files: &'a dyn Files,
    pub roots: Vec<RepoPath>,
    pub variables: &'a Variables,
    pub development: bool,
    pub heap: Heap,
    pub modules: BTreeMap<String, Id>,
    /// The modules whose code is kept while it runs, by file.
    pub paths: Vec<RepoPath>,
    /// Variables that the program itself has set, and files it has loaded.
    pub environ: Id,
    /// The variables of the process that were asked for.
    pub asked: RefCell<BTreeSet<String>>,
    /// Files that may set variables, and are not there to be read.
    pub env_files: Vec<Opening>,
    pub controls: Vec<Control>,
    pub handlers: Vec<Catches>,
    /// Variables that are taken to be set, since the program does not start otherwise.
    pub assumed: BTreeSet<String>,
    /// In a `try` that is run twice: whether imports of what is not in the repository fail.
    pub imports_fail: Option<bool>,
    /// Whether such an import was met.
    pub import_in_doubt: bool,
    /// Whether something was called, in the `try` that runs, that may raise for all that is known.
    pub may_raise: bool,
    /// What `with env.prefixed(…)` of environs puts before the names of variables.
    pub prefixes: Vec<Val>,
    steps: usize,
    depth: usize,
    pub calls_deep: usize,
    memory: usize,
    stopped: Option<&'static str>,
    pub modules_read: Vec<RepoPath>,
    pub unresolved: Vec<Unresolved>,
    pub variables_read: Vec<VariableRead>,
    pub calls: Vec<LibraryCall>,
    pub raises: Option<Crash>,
    /// The assignment of each module's names.
    pub assignments: BTreeMap<(Id, Rc<str>), Place>,
}

/// Evaluates on a thread of its own, whose stack bears the deepest program that the bounds let through.
pub(super) fn run(
    files: &dyn Files,
    module: &str,
    roots: &[RepoPath],
    variables: &Variables,
    development: bool,
) -> Settings {
    let work = || Evaluator::new(files, roots, variables, development).settings(module);
    let evaluated = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("settings".into()).stack_size(STACK).spawn_scoped(scope, work);
        thread.ok().and_then(|thread| thread.join().ok())
    });
    evaluated.unwrap_or_else(|| Settings { more: Some(Reason::Limit("threads".into())), ..Settings::empty(module) })
}

impl<'a> Evaluator<'a> {
    fn new(files: &'a dyn Files, roots: &'a [RepoPath], variables: &'a Variables, development: bool) -> Self {
        let mut heap = Heap::default();
        let environ = heap.new_names();
        Self {
            files,
            roots: roots.to_vec(),
            variables,
            development,
            heap,
            modules: BTreeMap::new(),
            paths: Vec::new(),
            environ,
            asked: RefCell::default(),
            env_files: Vec::new(),
            controls: Vec::new(),
            handlers: Vec::new(),
            assumed: BTreeSet::new(),
            imports_fail: None,
            import_in_doubt: false,
            may_raise: false,
            prefixes: Vec::new(),
            steps: 0,
            depth: 0,
            calls_deep: 0,
            memory: 0,
            stopped: None,
            modules_read: Vec::new(),
            unresolved: Vec::new(),
            variables_read: Vec::new(),
            calls: Vec::new(),
            raises: None,
            assignments: BTreeMap::new(),
        }
    }

    fn settings(mut self, module: &str) -> Settings {
        let path = self.find_module(module);
        let namespace = self.import_module(module).unwrap_or_else(|exit| {
            // A package around it raises, or a bound is reached: what its namespace got is what there is.
            if let Exit::Raise(raised) = exit {
                self.crash(&raised);
            }
            self.modules.get(module).copied()
        });
        let mut settings = Settings { path, ..Settings::empty(module) };
        let stopped = self.stopped.map(|bound| Reason::Limit(bound.to_owned()));
        if let Some(names) = namespace
            && self.name_in(names, "__dir__").is_some()
        {
            self.set_more(names, Reason::Unsupported("a module that gives its names by itself (`__dir__`)".into()));
        }
        let limit = match namespace.filter(|_| stopped.is_none()) {
            Some(namespace) => self.configured(namespace, settings.path.as_ref()),
            None => stopped,
        };
        match namespace {
            Some(namespace) => Exporter::new(&self).settings(namespace, limit, &mut settings),
            None => settings.more = Some(Reason::MissingFile(format!("the module `{module}`"))),
        }
        settings.modules_read = self.modules_read;
        settings.unresolved = self.unresolved;
        settings.variables_read = self.variables_read;
        settings.variables_asked = self.asked.take();
        settings.calls = self.calls;
        settings.raises = self.raises;
        settings
    }

    /// Sets up the class that holds the settings, where one does.
    fn configured(&mut self, namespace: Id, path: Option<&RepoPath>) -> Option<Reason> {
        let file = path.and_then(|path| self.paths.iter().position(|known| known == path)).unwrap_or(0);
        match self.configure(namespace, file) {
            Ok(reason) => reason,
            Err(Exit::Raise(raised)) => {
                self.crash(&raised);
                Some(Reason::Unsupported("a class of django-configurations".into()))
            }
            Err(Exit::Stop) => self.stopped.map(|bound| Reason::Limit(bound.to_owned())),
        }
    }

    /// Counts work; stops everything at the bound.
    pub fn step(&mut self, count: usize) -> Eval<()> {
        self.steps += count + self.heap.take_handled() / HANDLED_IN_A_STEP;
        if self.stopped.is_none() && self.steps > MAX_STEPS {
            self.stopped = Some("evaluation steps");
        }
        if self.stopped.is_some() { Err(Exit::Stop) } else { Ok(()) }
    }

    /// Counts memory that a value takes.
    pub fn allocate(&mut self, bytes: usize) -> Eval<()> {
        self.memory += bytes;
        if self.stopped.is_none() && self.memory > MAX_MEMORY {
            self.stopped = Some("memory");
        }
        if self.stopped.is_some() { Err(Exit::Stop) } else { Ok(()) }
    }

    /// Goes one level deeper. `None` where that is too deep.
    pub fn deeper<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        let result = work(self);
        self.depth -= 1;
        Some(result)
    }

    /// Runs a call of the project's own; `None` where calls are nested too deep.
    pub fn called<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.calls_deep >= MAX_CALLS {
            return None;
        }
        self.calls_deep += 1;
        let result = work(self);
        self.calls_deep -= 1;
        Some(result)
    }

    /// A text, unless it is too long.
    pub fn text(&mut self, text: impl AsRef<str>) -> Eval<Kind> {
        let text = text.as_ref();
        if text.len() > MAX_TEXT {
            return Ok(Kind::Unknown(Reason::Limit("text length".into())));
        }
        self.allocate(text.len() + 32)?;
        Ok(Kind::Str(Rc::from(text)))
    }

    /// Whether a text of that many bytes may be made.
    pub fn text_fits(&self, bytes: usize) -> bool {
        bytes <= MAX_TEXT
    }

    /// A new list.
    pub fn list(&mut self, items: Vec<Val>, more: bool) -> Eval {
        let id = self.items(items, more)?;
        Ok(Val::new(Kind::List(id)))
    }

    /// A new list's or set's items.
    pub fn items(&mut self, mut items: Vec<Val>, mut more: bool) -> Eval<Id> {
        if items.len() > MAX_ITEMS {
            items.truncate(MAX_ITEMS);
            more = true;
        }
        self.step(1 + items.len() / 8)?;
        self.allocate(items.len() * size_of::<Val>() + 64)?;
        Ok(self.heap.new_object(Object::Items { items, more }))
    }

    /// A new dict.
    pub fn dict(&mut self, entries: Vec<(Val, Val)>, more: bool) -> Eval {
        self.step(1 + entries.len() / 8)?;
        self.allocate(entries.len() * 2 * size_of::<Val>() + 64)?;
        Ok(Val::new(Kind::Dict(self.heap.new_object(Object::Entries { entries, more }))))
    }

    /// Puts an item at the end of a list or set.
    pub fn push_item(&mut self, id: Id, item: Val) -> Eval<()> {
        self.step(1)?;
        self.allocate(size_of::<Val>())?;
        if let Object::Items { items, more } = self.heap.write(id) {
            if items.len() < MAX_ITEMS {
                items.push(item);
            } else {
                *more = true;
            }
        }
        Ok(())
    }

    pub fn place(&self, file: usize, span: Span) -> Place {
        Place::new(self.paths[file].clone(), span)
    }

    pub fn origin_place(&self, origin: Origin) -> Place {
        self.place(origin.file, origin.span)
    }

    /// Says that something could not be evaluated.
    pub fn unresolved(&mut self, place: Place, reason: Reason) {
        let unresolved = Unresolved { place, reason };
        if self.unresolved.len() < MAX_REPORTS && !self.unresolved.contains(&unresolved) {
            self.unresolved.push(unresolved);
        }
    }

    /// An unknown value, and a report of it.
    pub fn unsupported(&mut self, origin: Origin, what: impl Into<String>) -> Val {
        let reason = Reason::Unsupported(what.into());
        self.unresolved(self.origin_place(origin), reason.clone());
        Val::unknown(reason).at(origin)
    }

    /// Says that a variable is read.
    pub fn variable_read(&mut self, name: &str, origin: Origin, fallback: Option<&Val>, required: bool) {
        let place = self.origin_place(origin);
        let known = |read: &VariableRead| read.name == name && read.place == place;
        if self.variables_read.len() < MAX_REPORTS && !self.variables_read.iter().any(known) {
            let fallback = fallback.map(|value| Exporter::new(self).plain(value));
            self.variables_read.push(VariableRead { name: name.to_owned(), place, fallback, required });
        }
    }

    pub fn library_call(&mut self, call: LibraryCall) {
        if self.calls.len() < MAX_REPORTS && !self.calls.contains(&call) {
            self.calls.push(call);
        }
    }

    /// Notes what surely stops the program; the first one counts.
    pub fn crash(&mut self, raised: &Raised) {
        let exception = raised.classes.first().cloned().unwrap_or_default();
        let sure = raised.certain && raised.deliberate && self.controls.iter().all(|control| control.certain);
        if sure && self.raises.is_none() {
            let variable = raised.variable.clone();
            self.raises = Some(Crash { place: raised.place.clone(), exception, variable });
        } else if !sure {
            self.unresolved(raised.place.clone(), Reason::Unsupported(format!("what raises {exception}")));
        }
    }

    /// An exception by its class's name.
    pub fn raise<T>(&self, class: &str, origin: Origin, about: &[&Val], deliberate: bool) -> Eval<T> {
        let mut raised = Raised {
            classes: vec![class.to_owned()],
            certain: true,
            trail: Trail::default(),
            place: self.origin_place(origin),
            variable: None,
            deliberate,
        };
        for value in about {
            raised.certain &= value.certain;
            raised.trail = raised.trail.join(&value.trail);
        }
        Err(Exit::Raise(Box::new(raised)))
    }

    /// A value as it is after the tests that it is computed under.
    pub fn under_controls(&self, mut value: Val) -> Val {
        for control in &self.controls {
            value.certain &= control.certain;
            value.trail = value.trail.join(&control.trail);
        }
        value
    }

    /// The code of a module, kept alive while the evaluator runs it.
    pub fn code(&self, path: &RepoPath) -> Option<Arc<Module>> {
        self.files.python(path)
    }

    /// A step at a place.
    pub fn step_at(&self, origin: Origin, act: Act) -> Step {
        Step::new(self.origin_place(origin), act)
    }
}

impl From<Eval<()>> for Flow {
    fn from(result: Eval<()>) -> Self {
        match result {
            Ok(()) => Flow::Normal,
            Err(exit) => Flow::Exit(exit),
        }
    }
}
