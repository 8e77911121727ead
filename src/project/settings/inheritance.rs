//! What a class has from its bases: the order in which they are asked, and `super()`.

use super::calls::Arguments;
use super::classes::outside_name;
use super::evaluator::{Eval, Evaluator, Frame};
use super::heap::Id;
use super::object::{Binding, Class, Kind, Origin, Val};
use std::rc::Rc;

/// More bases than this are a cycle, or as good as one.
const MAX_BASES: usize = 40;

impl Evaluator<'_> {
    /// The class and its bases in the order in which Python looks attributes up, and a base that is not the project's.
    pub fn ancestry(class: &Rc<Class>) -> (Vec<Rc<Class>>, Option<Val>) {
        let depth_first = depth_first(class);
        let mut outside = None;
        for base in depth_first.iter().flat_map(|class| &class.bases) {
            if !matches!(base.kind, Kind::Class(_) | Kind::Builtin("object")) {
                outside = Some(base.clone());
            }
        }
        // Where one base has another, the simple order is Python's.
        let simple = depth_first.iter().all(|class| class.bases.len() < 2);
        let order = if simple { None } else { linearised(class, 0) };
        (order.unwrap_or(depth_first), outside)
    }

    /// A member of its class as an instance gives it.
    pub fn member_of_instance(&mut self, member: Val, instance: &Val, class: &Rc<Class>, origin: Origin) -> Eval {
        let Kind::Function(function) = &member.kind else { return Ok(member) };
        match function.binding {
            Binding::Static => Ok(member),
            Binding::Class => Ok(member_of_class(member, class)),
            Binding::Property => {
                let mut arguments = Arguments::new(origin);
                arguments.positional = vec![instance.clone()];
                self.call_value(&member, arguments)
            }
            Binding::Plain => Ok(Val::new(Kind::Bound(Rc::new((instance.clone(), function.clone()))))),
        }
    }

    /// `super()` and `super(Class, self)`.
    pub fn super_of(&mut self, frame: &Frame, given: &[Val], origin: Origin) -> Val {
        let view = match (given, &frame.method) {
            ([], Some((owner, receiver))) => Some((*owner, receiver.clone())),
            ([class, receiver], _) => match &class.kind {
                Kind::Class(class) => Some((class.namespace, receiver.clone())),
                _ => None,
            },
            _ => None,
        };
        match view {
            Some((owner, receiver)) if matches!(receiver.kind, Kind::Instance(_) | Kind::Class(_)) => {
                Val::new(Kind::Super(Rc::new((receiver, owner))))
            }
            _ => self.unsupported(origin, "super()"),
        }
    }

    /// `super().name`.
    pub fn super_attribute(&mut self, receiver: &Val, owner: Id, name: &str, origin: Origin) -> Eval {
        let class = match &receiver.kind {
            Kind::Instance(instance) => instance.class.clone(),
            Kind::Class(class) => class.clone(),
            _ => return Ok(Val::unknown_like(receiver)),
        };
        let (classes, outside) = Self::ancestry(&class);
        let behind = classes.iter().skip_while(|class| class.namespace != owner).skip(1);
        let found = { behind }.find_map(|class| self.name_in(class.namespace, name));
        match (found.filter(|value| !value.is_missing()), outside) {
            (Some(member), _) if matches!(receiver.kind, Kind::Class(_)) => Ok(member_of_class(member, &class)),
            (Some(member), _) => self.member_of_instance(member, receiver, &class, origin),
            // What `object` and the classes of libraries do of their own here changes no setting.
            (None, outside) if does_nothing(name, outside.as_ref()) => Ok(Val::new(Kind::Builtin("print"))),
            (None, Some(outside)) => Ok(self.unsupported(origin, outside_name(&outside, name))),
            (None, None) => self.raise("AttributeError", origin, &[], false),
        }
    }
}

/// Whether a method that no class of the project has does nothing that is of interest.
fn does_nothing(name: &str, outside: Option<&Val>) -> bool {
    match outside.map(|base| &base.kind) {
        None => name == "__init__",
        Some(Kind::Library(base)) if base.starts_with("configurations.") => {
            matches!(name, "__init__" | "pre_setup" | "post_setup" | "setup")
        }
        Some(_) => false,
    }
}

/// A member of a class as the class gives it.
pub(super) fn member_of_class(member: Val, class: &Rc<Class>) -> Val {
    match &member.kind {
        Kind::Function(function) if function.binding == Binding::Class => {
            Val::new(Kind::Bound(Rc::new((Val::new(Kind::Class(class.clone())), function.clone()))))
        }
        _ => member,
    }
}

fn depth_first(class: &Rc<Class>) -> Vec<Rc<Class>> {
    let mut found: Vec<Rc<Class>> = Vec::new();
    let mut pending = vec![class.clone()];
    while let Some(class) = pending.pop() {
        if found.len() >= MAX_BASES || found.iter().any(|known| Rc::ptr_eq(known, &class)) {
            continue;
        }
        pending.extend(project_bases(&class).rev());
        found.push(class);
    }
    found
}

fn project_bases(class: &Rc<Class>) -> impl DoubleEndedIterator<Item = Rc<Class>> {
    class.bases.iter().filter_map(|base| match &base.kind {
        Kind::Class(base) => Some(base.clone()),
        _ => None,
    })
}

/// The C3 order; `None` where there is none, or it is too long.
/// <https://docs.python.org/3/howto/mro.html>.
fn linearised(class: &Rc<Class>, depth: usize) -> Option<Vec<Rc<Class>>> {
    if depth > MAX_BASES / 4 {
        return None;
    }
    let bases: Vec<Rc<Class>> = project_bases(class).collect();
    let mut rows: Vec<Vec<Rc<Class>>> = Vec::new();
    for base in &bases {
        rows.push(linearised(base, depth + 1)?);
    }
    rows.push(bases);
    let mut order = vec![class.clone()];
    while rows.iter().any(|row| !row.is_empty()) {
        let in_a_tail = |class: &Rc<Class>| rows.iter().any(|row| row.iter().skip(1).any(|it| Rc::ptr_eq(it, class)));
        let next = rows.iter().filter_map(|row| row.first()).find(|class| !in_a_tail(class))?.clone();
        if order.len() >= MAX_BASES {
            return None;
        }
        rows.iter_mut().for_each(|row| row.retain(|it| !Rc::ptr_eq(it, &next)));
        order.push(next);
    }
    Some(order)
}
