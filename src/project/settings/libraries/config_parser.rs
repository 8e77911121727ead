//! `configparser` objects: what the files of the repository that they read say. A file that may be there, and is not to
//! be read, may say anything: what is known then holds by default only.

use super::super::calls::Arguments;
use super::super::evaluator::{Eval, Evaluator, Exit};
use super::super::lookups::Found;
use super::super::object::{Kind, LibraryObject, Origin, Val};
use super::ini;
use crate::project::value::Reason;
use std::rc::Rc;

/// Options that refer to each other, as `configparser` bounds them.
const MAX_INTERPOLATION: usize = 10;
const PROXY: &str = "configparser.SectionProxy";

/// What is under a section's and an option's name.
enum Looked {
    Text(Val),
    NoSection,
    NoOption,
    /// Some file may say, or the text cannot be told.
    Unclear(Reason),
}

impl Evaluator<'_> {
    /// `ConfigParser(…)`: keeps its sections, and why there may be more, beside what it was called with.
    pub(super) fn new_config_parser(&mut self, function: &str, arguments: Arguments) -> Eval {
        let sections = self.dict(Vec::new(), false)?;
        let doubts = self.list(Vec::new(), false)?;
        if arguments.more || !arguments.positional.is_empty() || arguments.keyword("defaults").is_some() {
            self.doubt(&doubts, Reason::Unsupported("the defaults of a configparser".into()))?;
        }
        let object = LibraryObject {
            function: Rc::from(format!("configparser.{function}")),
            arguments: vec![sections, doubts],
            keywords: arguments.keywords,
        };
        Ok(Val::new(Kind::Object(Rc::new(object))).at(arguments.origin))
    }

    fn doubt(&mut self, doubts: &Val, reason: Reason) -> Eval<()> {
        match doubts.kind {
            Kind::List(id) => self.push_item(id, Val::unknown(reason)),
            _ => Ok(()),
        }
    }

    /// Why there may be more than what was read.
    fn doubts(&self, parser: &LibraryObject) -> Option<Reason> {
        let doubts = parser.arguments.get(1)?;
        match self.iterate(doubts)? {
            (items, false) if items.is_empty() => None,
            (items, _) => {
                let reason = items.iter().find_map(Val::unknown_reason);
                reason.or_else(|| Some(Reason::Unsupported("what a configparser has read".into())))
            }
        }
    }

    /// A method of a parser.
    pub(super) fn config_parser(
        &mut self,
        receiver: &Val,
        parser: &LibraryObject,
        method: &str,
        arguments: &Arguments,
    ) -> Eval {
        let origin = arguments.origin;
        let Some([sections, doubts]) = parser.arguments.get(..2) else {
            return Ok(self.unsupported(origin, format!("configparser.{method}()")));
        };
        let first = arguments.positional.first().or_else(|| arguments.keyword("section"));
        match (method, first) {
            ("get" | "getboolean" | "getint" | "getfloat", Some(section)) => {
                let Some(option) = arguments.get(1, "option") else { return Ok(Val::unsupported("an option")) };
                let fallback = arguments.keyword("fallback").cloned();
                let (section, option) = (section.clone(), option.clone());
                self.config_value(parser, &section, &option, method, fallback, arguments)
            }
            ("has_section" | "has_option", Some(section)) => {
                let option = arguments.get(1, "option").cloned();
                let found = match &option {
                    Some(option) => self.config_option(parser, section, option, true),
                    // An option that no file has: what matters is the section.
                    None => self.config_option(parser, section, &Val::str(""), true),
                };
                let there = match (found, method) {
                    (Looked::Unclear(reason), _) => return Ok(Val::unknown(reason)),
                    (Looked::Text(_), _) => true,
                    (Looked::NoOption, "has_section") => true,
                    _ => false,
                };
                let known = Val::bool(there);
                Ok(if self.doubts(parser).is_some() { known.weakened() } else { known })
            }
            ("read", _) => self.config_read(parser, arguments),
            ("read_string", Some(text)) => {
                let text = text.clone();
                self.config_take(parser, &text, origin)?;
                Ok(Val::none())
            }
            ("read_file" | "readfp", Some(Val { kind: Kind::Object(file), .. })) if &*file.function == "open" => {
                let file = file.clone();
                let text = self.read_file(&file, "read", origin)?;
                self.config_take(parser, &text, origin)?;
                Ok(Val::none())
            }
            ("sections", _) if self.doubts(parser).is_none() => {
                let (names, more) = self.iterate(sections).unwrap_or((Vec::new(), true));
                let names = names.into_iter().filter(|name| name.as_str() != Some(ini::DEFAULT)).collect();
                self.list(names, more)
            }
            ("add_section", _) => Ok(Val::none()),
            ("items" | "options", Some(section)) if arguments.keyword("vars").is_none() => {
                let section = section.clone();
                self.config_items(parser, &section, method, arguments)
            }
            ("items" | "options" | "sections" | "defaults" | "keys" | "values" | "write", _) => {
                Ok(self.unsupported(origin, format!("configparser.{method}()")))
            }
            ("__getitem__", Some(section)) => {
                let section = section.clone();
                self.config_section(receiver, parser, &section, origin)
            }
            _ => {
                // It may change anything.
                let reason = Reason::Unsupported(format!("configparser.{method}()"));
                self.unresolved(self.origin_place(origin), reason.clone());
                self.doubt(&doubts.clone(), reason.clone())?;
                Ok(Val::unknown(reason))
            }
        }
    }

    /// `parser["section"]`.
    pub(super) fn config_section(
        &mut self,
        receiver: &Val,
        parser: &LibraryObject,
        section: &Val,
        origin: Origin,
    ) -> Eval {
        if section.as_str().is_some()
            && let Looked::NoSection = self.config_option(parser, section, &Val::str(""), true)
        {
            return match self.doubts(parser) {
                Some(reason) => Ok(Val::unknown(reason)),
                None => self.raise("KeyError", origin, &[section], true),
            };
        }
        let object = LibraryObject {
            function: Rc::from(PROXY),
            arguments: vec![receiver.clone(), section.clone()],
            keywords: Vec::new(),
        };
        Ok(Val::new(Kind::Object(Rc::new(object))).at(origin))
    }

    /// `parser["section"].get("option", fallback)` and `parser["section"]["option"]`.
    pub(super) fn config_proxy(&mut self, proxy: &LibraryObject, method: &str, arguments: &Arguments) -> Eval {
        let origin = arguments.origin;
        let (Some([receiver, section]), Some(option)) = (proxy.arguments.get(..2), arguments.get(0, "option")) else {
            return Ok(self.unsupported(origin, format!("{PROXY}.{method}()")));
        };
        let Kind::Object(parser) = &receiver.kind else { return Ok(Val::unknown_like(receiver)) };
        let (parser, section, option) = (parser.clone(), section.clone(), option.clone());
        match method {
            "get" | "getboolean" | "getint" | "getfloat" => {
                let fallback = arguments.get(1, "fallback").cloned().unwrap_or_else(Val::none);
                self.config_value(&parser, &section, &option, method, Some(fallback), arguments)
            }
            "__getitem__" => {
                let value = self.config_value(&parser, &section, &option, "get", None, arguments);
                match value {
                    Err(Exit::Raise(mut raised)) if raised.classes.iter().any(|class| class == "NoOptionError") => {
                        raised.classes = vec!["KeyError".to_owned()];
                        Err(Exit::Raise(raised))
                    }
                    value => value,
                }
            }
            _ => Ok(self.unsupported(origin, format!("{PROXY}.{method}()"))),
        }
    }

    fn config_value(
        &mut self,
        parser: &LibraryObject,
        section: &Val,
        option: &Val,
        method: &str,
        fallback: Option<Val>,
        arguments: &Arguments,
    ) -> Eval {
        let origin = arguments.origin;
        if arguments.keyword("vars").is_some() {
            return Ok(self.unsupported(origin, "configparser.get(vars=…)"));
        }
        let raw = arguments.keyword("raw").is_some_and(|raw| self.truth(raw) != Some(false));
        let doubts = self.doubts(parser);
        let found = self.config_option(parser, section, option, raw);
        let mut value = match (found, fallback, &doubts) {
            (Looked::Text(text), ..) => self.config_cast(text, method, origin)?,
            (Looked::Unclear(reason), ..) => {
                self.unresolved(self.origin_place(origin), reason.clone());
                return Ok(Val::unknown(reason));
            }
            (_, Some(fallback), _) => fallback,
            // The program needs it, so that the file is there.
            (_, None, Some(reason)) => {
                self.unresolved(self.origin_place(origin), reason.clone());
                return Ok(Val::unknown(reason.clone()));
            }
            (missing, None, None) => {
                let class = if matches!(missing, Looked::NoSection) { "NoSectionError" } else { "NoOptionError" };
                let mut raised = self.raise(class, origin, &[section, option], true);
                if let Err(Exit::Raise(raised)) = &mut raised {
                    raised.classes.push("Error".to_owned());
                }
                return raised;
            }
        };
        if doubts.is_some() {
            value.certain = false;
        }
        Ok(value)
    }

    /// `parser.items("section")`, with what all sections have behind, and `parser.options("section")`.
    fn config_items(&mut self, parser: &LibraryObject, section: &Val, method: &str, arguments: &Arguments) -> Eval {
        let origin = arguments.origin;
        let raw = arguments.get(1, "raw").is_some_and(|raw| self.truth(raw) != Some(false));
        let dicts = parser.arguments.first().map(|sections| {
            [section, &Val::str(ini::DEFAULT)].map(|name| match self.dict_found(sections, name) {
                Some(Found::Value(options)) => Some(options),
                _ => None,
            })
        });
        let (Some([Some(own), shared]), None) = (dicts, self.doubts(parser)) else {
            return Ok(self.unsupported(origin, format!("configparser.{method}()")));
        };
        // As in Python, the shared options come first among the items, and last among the options.
        let orders = if method == "items" { [shared, Some(own)] } else { [Some(own), shared] };
        let mut keys: Vec<Val> = Vec::new();
        for options in orders.iter().flatten() {
            let (more_keys, _) = self.iterate(options).unwrap_or_default();
            for key in more_keys {
                if !keys.iter().any(|known| known.same(&key)) {
                    keys.push(key);
                }
            }
        }
        let mut items = Vec::with_capacity(keys.len());
        for key in keys {
            if method == "options" {
                items.push(key);
                continue;
            }
            match self.config_option(parser, section, &key, raw) {
                Looked::Text(text) => items.push(Val::tuple(vec![key, text])),
                _ => return Ok(self.unsupported(origin, "configparser.items()")),
            }
        }
        self.list(items, false)
    }

    fn config_cast(&mut self, text: Val, method: &str, origin: Origin) -> Eval {
        match method {
            "getint" => self.int_of(&text, None, origin),
            "getfloat" => self.float_of(&text, origin),
            "getboolean" => match text.as_str().map(ini::boolean) {
                Some(Some(truth)) => Ok(Val::derived(Kind::Bool(truth), [&text])),
                Some(None) => self.raise("ValueError", origin, &[&text], true),
                None => Ok(Val::unknown_like(&text)),
            },
            _ => Ok(text),
        }
    }

    fn config_option(&self, parser: &LibraryObject, section: &Val, option: &Val, raw: bool) -> Looked {
        let unclear = |value: &Val| {
            let reason = value.unknown_reason();
            Looked::Unclear(reason.unwrap_or_else(|| Reason::Unsupported("what a configparser has read".into())))
        };
        let (Some(sections), Some(key)) = (parser.arguments.first(), option.as_str()) else { return unclear(option) };
        let options = |section: &Val| match self.dict_found(sections, section) {
            Some(Found::Value(options)) => Ok(Some(options)),
            Some(Found::Absent) => Ok(None),
            Some(Found::Unclear(reason)) => Err(reason),
            None => Err(Reason::Unsupported("what a configparser has read".into())),
        };
        let (own, shared) = match (options(section), options(&Val::str(ini::DEFAULT))) {
            (Err(reason), _) | (_, Err(reason)) => return Looked::Unclear(reason),
            (Ok(None), Ok(_)) => return Looked::NoSection,
            (Ok(Some(own)), Ok(shared)) => (own, shared),
        };
        let text = |key: &str| {
            let key = Val::str(key.to_lowercase());
            [Some(&own), shared.as_ref()].into_iter().flatten().find_map(|options| {
                match self.dict_found(options, &key) {
                    Some(Found::Absent) => None,
                    Some(Found::Value(text)) => Some(Ok(text)),
                    Some(Found::Unclear(reason)) => Some(Err(reason)),
                    None => Some(Err(Reason::Unsupported("what a configparser has read".into()))),
                }
            })
        };
        let value = match text(key) {
            None => return Looked::NoOption,
            Some(Err(reason)) => return Looked::Unclear(reason),
            Some(Ok(value)) => value,
        };
        let Some(word) = value.as_str() else { return unclear(&value) };
        let interpolation = parser.keywords.iter().find(|(name, _)| &**name == "interpolation").map(|(_, it)| &it.kind);
        let plain = raw || &*parser.function == "configparser.RawConfigParser";
        match interpolation {
            _ if plain || !word.contains(['%', '$']) => Looked::Text(value),
            Some(Kind::None) => Looked::Text(value),
            None if !word.contains('%') => Looked::Text(value),
            None => {
                let other = |name: &str| text(name)?.ok()?.as_str().map(str::to_owned);
                match ini::interpolated(word, &other, MAX_INTERPOLATION) {
                    Some(made) => Looked::Text(Val::derived(Kind::Str(Rc::from(made)), [&value])),
                    None => Looked::Unclear(Reason::Unsupported("the interpolation of a configparser".into())),
                }
            }
            Some(_) => Looked::Unclear(Reason::Unsupported("the interpolation of a configparser".into())),
        }
    }

    /// `parser.read(paths)`: gives the paths that were read.
    fn config_read(&mut self, parser: &LibraryObject, arguments: &Arguments) -> Eval {
        let origin = arguments.origin;
        let Some(given) = arguments.get(0, "filenames").cloned() else { return self.list(Vec::new(), false) };
        let (paths, mut more) = match &given.kind {
            Kind::Str(_) | Kind::Path(_) => (vec![given], false),
            _ => self.iterate(&given).unwrap_or((vec![given], true)),
        };
        let mut read = Vec::new();
        for path in paths {
            let text = match path.as_path().map(str::to_owned) {
                Some(known) => self.file_text(&path, &known, origin)?,
                None => Val::unknown_like(&path),
            };
            self.config_take(parser, &text, origin)?;
            match text.as_str() {
                Some(_) => read.push(path),
                None => more = true,
            }
        }
        if more && let (Some(doubts), None) = (parser.arguments.get(1).cloned(), self.doubts(parser)) {
            self.doubt(&doubts, Reason::Unsupported("files that are not known".into()))?;
        }
        self.list(read, more)
    }

    /// Takes in what a file says.
    fn config_take(&mut self, parser: &LibraryObject, text: &Val, origin: Origin) -> Eval<()> {
        let [sections, doubts] = parser.arguments.as_slice() else { return Ok(()) };
        let (sections, doubts) = (sections.clone(), doubts.clone());
        let custom = parser.keywords.iter().any(|(name, _)| !matches!(&**name, "interpolation" | "strict"));
        let parsed = match text.as_str() {
            None => Err(text.unknown_reason().unwrap_or_else(|| Reason::Unsupported("configparser.read()".into()))),
            Some(_) if custom => Err(Reason::Unsupported("options of a configparser".into())),
            Some(text) => {
                self.step(text.len() / 16)?;
                ini::parse(text).ok_or_else(|| Reason::Unsupported("a file that configparser refuses".into()))
            }
        };
        let parsed = match parsed {
            Ok(parsed) => parsed,
            Err(reason) => return self.doubt(&doubts, reason),
        };
        for (name, options) in parsed {
            let name = Val::str(name);
            let known = match self.dict_found(&sections, &name) {
                Some(Found::Value(known)) => known,
                _ => {
                    let made = self.dict(Vec::new(), false)?;
                    self.set_item(&sections, &name, made.clone(), origin)?;
                    made
                }
            };
            for (key, value) in options {
                let mut value = Val::str(value);
                value.rests_on(text);
                let value = self.under_controls(value);
                self.set_item(&known, &Val::str(key), value, origin)?;
            }
        }
        Ok(())
    }

    /// `name in parser`, `name in parser["section"]`.
    pub fn config_contains(&self, object: &LibraryObject, name: &Val) -> Option<Val> {
        let (parser, section, option) = match (&*object.function, object.arguments.get(..2)) {
            (PROXY, Some([Val { kind: Kind::Object(parser), .. }, section])) => {
                (&**parser, section, Some(name.clone()))
            }
            ("configparser.ConfigParser" | "configparser.RawConfigParser", Some(_)) => (object, name, None),
            _ => return None,
        };
        let is_section = option.is_none();
        let there = match self.config_option(parser, section, &option.unwrap_or_else(|| Val::str("")), true) {
            Looked::Text(_) => true,
            Looked::Unclear(_) => return None,
            Looked::NoOption => is_section,
            Looked::NoSection => is_section && name.as_str() == Some(ini::DEFAULT),
        };
        let known = Val::bool(there);
        Some(if self.doubts(parser).is_some() { known.weakened() } else { known })
    }
}
