//! Models of pydantic within its settings: with a delimiter, each field of a nested model is a variable of its own.

use super::super::calls::Arguments;
use super::super::evaluator::{Eval, Evaluator};
use super::super::object::{Class, Instance, Kind, Origin, Val};
use super::super::statements::last_part;
use super::os_environ::Held;
use super::pydantic::VALIDATED;
use std::rc::Rc;

/// Models within models.
const MAX_DEPTH: usize = 8;

/// What is the same for all models within one class of settings.
pub(super) struct Nested<'n> {
    /// The class of settings.
    pub class: &'n Rc<Class>,
    pub delimiter: &'n str,
    pub origin: Origin,
}

/// A field of a model.
struct Field {
    name: String,
    annotation: String,
    /// Its own model.
    model: Option<Rc<Class>>,
    written: Option<Val>,
}

impl Evaluator<'_> {
    /// The class and its bases, where the last of them is one of these of pydantic.
    pub fn pydantic_classes(class: &Rc<Class>, names: &[&str]) -> Option<Vec<Rc<Class>>> {
        let (classes, outside) = Self::ancestry(class);
        match outside.map(|base| base.kind) {
            Some(Kind::Library(base)) if names.contains(&last_part(&base)) => Some(classes),
            _ => None,
        }
    }

    /// `Model(field=value)`. What settings are not given, they read when they are asked for it.
    pub fn pydantic_instance(&mut self, instance: &Rc<Instance>, arguments: Arguments) -> Eval<()> {
        let origin = arguments.origin;
        if let Some(classes) = Self::pydantic_classes(&instance.class, &["BaseModel"]) {
            for field in self.model_fields(&classes) {
                let fallback = match field.written {
                    Some(written) => self.pydantic_default(written, origin)?,
                    None => None,
                };
                if let Some(fallback) = fallback {
                    self.set_name(instance.attributes, &field.name, fallback);
                }
            }
        }
        for (name, given) in arguments.keywords.iter().filter(|(name, _)| !name.starts_with('_')) {
            self.set_name(instance.attributes, name, given.clone());
        }
        Ok(())
    }

    fn model_fields(&self, classes: &[Rc<Class>]) -> Vec<Field> {
        let mut fields: Vec<Field> = Vec::new();
        for class in classes {
            for (name, annotation) in &class.fields {
                if fields.iter().all(|field| field.name != *name) {
                    fields.push(Field {
                        name: name.clone(),
                        annotation: annotation.clone(),
                        model: class.nested.iter().find(|(field, _)| field == name).map(|(_, model)| model.clone()),
                        written: self.name_in(class.namespace, name).filter(|value| !value.is_missing()),
                    });
                }
            }
        }
        fields
    }

    /// The model under the variables that begin with `key`. Where one of them is set, what is not set is as the model has it;
    /// else all is as the fallback has it.
    pub(super) fn pydantic_nested(
        &mut self,
        nested: &Nested<'_>,
        model: &Rc<Class>,
        key: &str,
        fallback: Option<Val>,
        depth: usize,
    ) -> Eval {
        let origin = nested.origin;
        let classes = Self::pydantic_classes(model, &["BaseModel"]).filter(|_| depth < MAX_DEPTH);
        let Some(classes) = classes else { return Ok(self.unsupported(origin, "nested settings of pydantic")) };
        let (is_set, perhaps) = self.pydantic_reads(nested, &classes, key, depth);
        if !is_set && !perhaps {
            return match fallback {
                Some(fallback) => Ok(fallback),
                None => self.pydantic_value(&key.to_uppercase(), Held::Unset, None, "", origin),
            };
        }
        let given = match fallback.as_ref().map(|fallback| &fallback.kind) {
            Some(Kind::Instance(given)) if !is_set => Some(given.clone()),
            None => None,
            Some(_) if is_set => None,
            // Where nothing is set after all, there is no model.
            Some(_) => return Ok(self.unsupported(origin, "nested settings of pydantic")),
        };
        self.allocate(128)?;
        let instance = Rc::new(Instance { class: model.clone(), attributes: self.heap.new_names() });
        for field in self.model_fields(&classes) {
            let inner = format!("{key}{}{}", nested.delimiter, field.name);
            let own =
                match (given.as_ref().and_then(|given| self.name_in(given.attributes, &field.name)), field.written) {
                    (Some(given), _) => Some(given),
                    (None, Some(written)) => self.pydantic_default(written, origin)?,
                    (None, None) => None,
                };
            let value = if field.annotation == VALIDATED {
                self.unsupported(origin, "a validator of pydantic")
            } else {
                let (name, held) = self.pydantic_held(nested.class, std::slice::from_ref(&inner));
                match field.model {
                    Some(model) if !matches!(held, Held::Set(_)) => {
                        self.pydantic_nested(nested, &model, &inner, own, depth + 1)?
                    }
                    _ => self.pydantic_value(&name, held, own, &field.annotation, origin)?,
                }
            };
            self.set_name(instance.attributes, &field.name, value);
        }
        Ok(Val::new(Kind::Instance(instance)).at(origin))
    }

    /// Whether a variable of the model is set, and whether one may be.
    fn pydantic_reads(&mut self, nested: &Nested<'_>, classes: &[Rc<Class>], key: &str, depth: usize) -> (bool, bool) {
        let (mut is_set, mut perhaps) = (false, false);
        for field in self.model_fields(classes) {
            let inner = format!("{key}{}{}", nested.delimiter, field.name);
            match self.pydantic_held(nested.class, std::slice::from_ref(&inner)).1 {
                Held::Set(_) => is_set = true,
                Held::Perhaps(_) => perhaps = true,
                Held::Unset => {}
            }
            let within = field.model.and_then(|model| Self::pydantic_classes(&model, &["BaseModel"]));
            if let Some(within) = within.filter(|_| depth < MAX_DEPTH) {
                let (set_within, perhaps_within) = self.pydantic_reads(nested, &within, &inner, depth + 1);
                is_set |= set_within;
                perhaps |= perhaps_within;
            }
        }
        (is_set, perhaps)
    }
}
