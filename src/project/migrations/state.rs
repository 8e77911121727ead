use crate::parse::migration::{Effect, Field, Operation, OperationKind, Said, Target};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How old a table is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableAge {
    /// It was there before the migrations that are still to be deployed, and has rows as far as can be told.
    Existing,
    /// One of those migrations makes it, so that nobody uses it yet.
    New,
    /// It cannot be told.
    Unknown,
}

/// A field of a model.
#[derive(Clone, Debug)]
pub struct FieldState {
    /// Its name.
    pub name: String,
    /// What it is; `None` where it cannot be told.
    pub field: Option<Arc<Field>>,
    /// Whether a migration that is still to be deployed adds it.
    pub new: bool,
}

/// A model as the migrations so far made it.
#[derive(Clone, Debug)]
pub struct ModelState {
    /// Its name, as written.
    pub name: String,
    /// Its own fields, in the order in which they came.
    pub fields: Vec<FieldState>,
    /// `db_table`, where it is said.
    pub db_table: Said<String>,
    /// Whether Django makes its table; `None` where it cannot be told.
    pub managed: Option<bool>,
    /// How old its table is.
    pub table: TableAge,
    /// The groups of `unique_together` and of `index_together`; `None` where they cannot be told.
    pub together: [Option<Vec<Vec<String>>>; 2],
    /// Fields of which a validated constraint says that they are not NULL, by the constraint's name.
    pub checked: Vec<(String, String)>,
    /// The same, before the constraint is validated.
    unchecked: Vec<(String, String)>,
}

impl ModelState {
    /// Its field called `name`.
    pub fn field(&self, name: &str) -> Option<&FieldState> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Whether a validated constraint keeps NULL out of a field.
    pub fn is_checked(&self, name: &str) -> bool {
        self.checked.iter().any(|(_, field)| field == name)
    }
}

/// The models of an app, by their names in lower case.
#[derive(Clone, Debug, Default)]
pub(super) struct AppState {
    models: BTreeMap<String, Arc<ModelState>>,
    /// Models that an operation may have changed which is not known.
    unsure: bool,
}

impl AppState {
    pub(super) fn model(&self, name: &str) -> Option<&Arc<ModelState>> {
        self.models.get(&name.to_lowercase())
    }

    /// The models, by name.
    pub(super) fn models(&self) -> impl Iterator<Item = &ModelState> {
        self.models.values().map(|model| &**model)
    }

    /// How old the table of a model is. One that is not known was there before, unless something could not be read.
    pub(super) fn age(&self, name: &str) -> TableAge {
        match self.model(name) {
            Some(model) => model.table,
            None if self.unsure => TableAge::Unknown,
            None => TableAge::Existing,
        }
    }

    /// Something could not be read: a model that is not known may be new.
    pub(super) fn lose_track(&mut self) {
        self.unsure = true;
    }

    fn change(&mut self, name: &str) -> Option<&mut ModelState> {
        self.models.get_mut(&name.to_lowercase()).map(Arc::make_mut)
    }

    /// Foreign keys to a model that is renamed point at it by its new name.
    fn point_at(&mut self, old: &str, new: &str) {
        let (old, new) = (old.to_lowercase(), new.to_lowercase());
        for model in self.models.values_mut() {
            let points = |field: &FieldState| match field.field.as_deref().map(|field| &field.to) {
                Some(Said::Is(Target::Model(to))) => to.rsplit('.').next() == Some(&old),
                _ => false,
            };
            if !model.fields.iter().any(points) {
                continue;
            }
            for state in Arc::make_mut(model).fields.iter_mut().filter(|field| points(field)) {
                if let Some(field) = &mut state.field
                    && let Said::Is(Target::Model(to)) = &mut Arc::make_mut(field).to
                {
                    let head = to.len() - old.len();
                    to.replace_range(head.., &new);
                }
            }
        }
    }

    /// Applies an operation. `pending`: it is still to be deployed.
    pub(super) fn apply(&mut self, operation: &Operation, pending: bool) {
        use OperationKind as Kind;
        match &operation.kind {
            Kind::CreateModel { name, fields, db_table, managed, together, proxy, .. } => {
                let table = match operation.effect {
                    _ if !pending => TableAge::Existing,
                    Effect::Both | Effect::Database => TableAge::New,
                    Effect::State => TableAge::Unknown,
                };
                let fields = fields.iter().map(|(name, field)| FieldState {
                    name: name.value.clone(),
                    field: Some(field.clone()),
                    new: pending,
                });
                let model = ModelState {
                    name: name.value.clone(),
                    fields: fields.collect(),
                    db_table: db_table.clone(),
                    managed: if *proxy { Some(false) } else { managed.or(true) },
                    table,
                    together: together.clone(),
                    checked: Vec::new(),
                    unchecked: Vec::new(),
                };
                self.models.insert(name.to_lowercase(), Arc::new(model));
            }
            Kind::DeleteModel { name } => {
                self.models.remove(&name.to_lowercase());
            }
            Kind::RenameModel { old, new } => {
                if let Some(mut model) = self.models.remove(&old.to_lowercase()) {
                    Arc::make_mut(&mut model).name.clone_from(&new.value);
                    self.models.insert(new.to_lowercase(), model);
                    self.point_at(old, new);
                }
            }
            Kind::AlterModelTable { name, table } => {
                if let Some(model) = self.change(name) {
                    model.db_table.clone_from(table);
                }
            }
            Kind::AlterTogether { name, unique, groups } => {
                if let Some(model) = self.change(name) {
                    model.together[usize::from(!unique)].clone_from(groups);
                }
            }
            Kind::AlterModelOptions { name, managed } => {
                if let (Some(model), false) = (self.change(name), managed.is_unsaid()) {
                    model.managed = managed.or(true);
                }
            }
            Kind::AddField { model, name, field, .. } => {
                let new = FieldState { name: name.value.clone(), field: field.clone(), new: pending };
                if let Some(model) = self.change(model) {
                    model.fields.retain(|known| known.name != new.name);
                    model.fields.push(new);
                }
            }
            Kind::AlterField { model, name, field, .. } => {
                if let Some(model) = self.change(model) {
                    match model.fields.iter_mut().find(|known| known.name == name.value) {
                        Some(known) => known.field.clone_from(field),
                        None => {
                            let field = field.clone();
                            model.fields.push(FieldState { name: name.value.clone(), field, new: false });
                        }
                    }
                }
            }
            Kind::RemoveField { model, name } => {
                if let Some(model) = self.change(model) {
                    model.fields.retain(|known| known.name != name.value);
                }
            }
            Kind::RenameField { model, old, new } => {
                if let Some(model) = self.change(model) {
                    model.fields.iter_mut().filter(|known| known.name == old.value).for_each(|known| {
                        known.name.clone_from(&new.value);
                    });
                }
            }
            Kind::AddConstraint { model, constraint: Some(constraint), not_valid } => {
                let name = constraint.name.known().cloned().unwrap_or_default();
                if let (Some(model), Some(field)) = (self.change(model), &constraint.not_null) {
                    let list = if *not_valid { &mut model.unchecked } else { &mut model.checked };
                    list.push((name, field.clone()));
                }
            }
            Kind::ValidateConstraint { model, name } => {
                if let (Some(model), Some(name)) = (self.change(model), name.known()) {
                    let (valid, rest) = model.unchecked.drain(..).partition(|(known, _)| known == name);
                    model.unchecked = rest;
                    let valid: Vec<(String, String)> = valid;
                    model.checked.extend(valid);
                }
            }
            Kind::RemoveConstraint { model, name } => {
                if let (Some(model), Some(name)) = (self.change(model), name.known()) {
                    model.checked.retain(|(known, _)| known != name);
                    model.unchecked.retain(|(known, _)| known != name);
                }
            }
            // Whatever it does, it may do to this model.
            Kind::Other { model: Some(model), .. } => {
                self.models.remove(&model.to_lowercase());
                self.unsure |= pending;
            }
            _ => {}
        }
    }
}
