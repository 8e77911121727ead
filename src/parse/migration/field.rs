use super::arguments::Arguments;
use super::model::Said;
use super::scope::Scope;
use crate::parse::python::{Call, Expr, ExprKind, UnaryOperator};
use crate::source::Span;

/// The class of a field, as far as it is Django's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// A field of Django by the name of its class: `CharField`, `ForeignKey`, `ArrayField`.
    Django(String),
    /// One of the project or of a library, by its full name. What it does with its arguments is not known.
    Custom(String),
}

/// `default` or `db_default`.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum FieldDefault {
    /// It is not given.
    #[default]
    Unsaid,
    /// `None`, which gives nothing.
    None,
    /// A literal; texts are empty or not.
    Literal {
        /// Whether it is `""`.
        empty_text: bool,
    },
    /// A function by its full name, called for each new object.
    Function(String),
    /// An expression of the database by the class: `Now`, `RandomUUID`.
    Expression(String),
    /// Something computed.
    Unclear,
}

impl FieldDefault {
    /// Whether it gives a value, whichever.
    pub fn gives_value(&self) -> Option<bool> {
        match self {
            FieldDefault::Unsaid | FieldDefault::None => Some(false),
            FieldDefault::Unclear => None,
            _ => Some(true),
        }
    }
}

/// What a relation points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// `app.model`, in lower case; a name without a dot means the same app.
    Model(String),
    /// The model itself.
    Own,
    /// The model that a setting names: `settings.AUTH_USER_MODEL`.
    Setting(String),
}

/// A field with what it says about its column.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The whole call.
    pub span: Span,
    /// Its class.
    pub kind: FieldKind,
    /// `null`.
    pub null: Said<bool>,
    /// `blank`.
    pub blank: Said<bool>,
    /// `default`.
    pub default: FieldDefault,
    /// `db_default`.
    pub db_default: FieldDefault,
    /// `unique`.
    pub unique: Said<bool>,
    /// `db_index`.
    pub db_index: Said<bool>,
    /// `primary_key`.
    pub primary_key: Said<bool>,
    /// `max_length`, in characters.
    pub max_length: Said<i64>,
    /// `max_digits`.
    pub max_digits: Said<i64>,
    /// `decimal_places`.
    pub decimal_places: Said<i64>,
    /// `db_column`.
    pub db_column: Said<String>,
    /// `db_collation`.
    pub db_collation: Said<String>,
    /// `auto_now` or `auto_now_add`.
    pub auto_now: Said<bool>,
    /// `db_persist` of a generated field.
    pub db_persist: Said<bool>,
    /// `to` of a relation.
    pub to: Said<Target>,
    /// `db_constraint` of a relation.
    pub db_constraint: Said<bool>,
    /// Whether a many-to-many field names its own `through` model.
    pub through: bool,
    /// The type of the items of an array.
    pub base: Option<Box<Field>>,
}

impl Field {
    /// The name of its class, where it is one of Django's.
    pub fn class(&self) -> Option<&str> {
        match &self.kind {
            FieldKind::Django(class) => Some(class),
            FieldKind::Custom(_) => None,
        }
    }

    /// The name of its class, whoever wrote it.
    pub fn class_name(&self) -> &str {
        match &self.kind {
            FieldKind::Django(class) => class,
            FieldKind::Custom(full) => full.rsplit('.').next().unwrap_or(full),
        }
    }

    /// Whether it is a foreign key, one-to-one relations included.
    pub fn is_foreign_key(&self) -> bool {
        matches!(self.class(), Some("ForeignKey" | "OneToOneField"))
    }

    /// Whether it has a table of its own rather than a column.
    pub fn is_many_to_many(&self) -> bool {
        self.class() == Some("ManyToManyField")
    }

    /// Whether it is a column of the table; `None` for fields that are not Django's.
    pub fn has_column(&self) -> Option<bool> {
        match self.class()? {
            "ManyToManyField" | "GenericRelation" | "GenericForeignKey" | "CompositePrimaryKey" | "ForeignObject" => {
                Some(false)
            }
            _ => Some(true),
        }
    }

    /// Whether the column refuses NULL; `None` where it cannot be told.
    pub fn is_required(&self) -> Option<bool> {
        let primary = self.primary_key.or(false)?;
        Some(primary || !self.null.or(self.class() == Some("NullBooleanField"))?)
    }

    /// Whether Django fills it by itself where the program gives no value: a default, the time, the empty text of a
    /// field that may be blank, the next number.
    pub fn has_python_value(&self) -> Option<bool> {
        let class = self.class()?;
        if matches!(class, "AutoField" | "BigAutoField" | "SmallAutoField" | "GeneratedField") {
            return Some(true);
        }
        if let given @ (Some(true) | None) = self.default.gives_value() {
            return given;
        }
        // `effective_default` of the schema editor: a field that may be blank and takes the empty text.
        const TEXTS: &[&str] = &[
            "CharField",
            "TextField",
            "SlugField",
            "EmailField",
            "URLField",
            "FileField",
            "ImageField",
            "FilePathField",
            "CommaSeparatedIntegerField",
            "BinaryField",
            "CITextField",
            "CICharField",
            "CIEmailField",
        ];
        if self.auto_now.or(false)? {
            return Some(true);
        }
        let empty = TEXTS.contains(&class) && self.default == FieldDefault::Unsaid;
        if empty { self.blank.or(false) } else { Some(false) }
    }

    /// Whether the database has a unique constraint for it.
    pub fn is_unique(&self) -> Option<bool> {
        Some(self.class() == Some("OneToOneField") || self.unique.or(false)? || self.primary_key.or(false)?)
    }

    /// Whether the database has an index for it, a unique one included.
    pub fn is_indexed(&self) -> Option<bool> {
        let own = matches!(self.class(), Some("ForeignKey" | "OneToOneField" | "SlugField"));
        Some(self.is_unique()? || self.db_index.or(own)?)
    }

    /// Whether the database checks that its target exists.
    pub fn has_constraint(&self) -> Option<bool> {
        if self.is_foreign_key() { self.db_constraint.or(true) } else { Some(false) }
    }

    /// The name of its column, when the field is called `name`; `None` where it cannot be told, or has none.
    pub fn column(&self, name: &str) -> Option<String> {
        match (&self.db_column, self.has_column()?) {
            (Said::Is(column), true) => Some(column.clone()),
            (Said::Unsaid, true) => Some(if self.is_foreign_key() { format!("{name}_id") } else { name.to_owned() }),
            _ => None,
        }
    }
}

/// The field that an expression makes.
pub(super) fn field<'a>(scope: &Scope<'a>, expression: &'a Expr) -> Option<Field> {
    let expression = scope.follow(expression);
    let ExprKind::Call(call) = &expression.kind else { return None };
    made(scope, call, expression.span, 0)
}

fn made<'a>(scope: &Scope<'a>, call: &'a Call, span: Span, depth: usize) -> Option<Field> {
    let dotted = scope.dotted(&call.function)?;
    let kind = match dotted.rsplit('.').next() {
        Some(class) if dotted.starts_with("django.") => FieldKind::Django(class.to_owned()),
        _ => FieldKind::Custom(dotted),
    };
    let class = match &kind {
        FieldKind::Django(class) => class.as_str(),
        FieldKind::Custom(_) => "",
    };
    let arguments = Arguments::new(scope, call, parameters(class));
    let auto_now = match (arguments.truth("auto_now"), arguments.truth("auto_now_add")) {
        (Said::Is(true), _) | (_, Said::Is(true)) => Said::Is(true),
        (Said::Unclear, _) | (_, Said::Unclear) => Said::Unclear,
        (Said::Unsaid, Said::Unsaid) => Said::Unsaid,
        _ => Said::Is(false),
    };
    let base = match arguments.get("base_field").map(|base| &scope.follow(base).kind) {
        Some(ExprKind::Call(inner)) if depth < 3 => made(scope, inner, span, depth + 1).map(Box::new),
        _ => None,
    };
    Some(Field {
        span,
        null: arguments.truth("null"),
        blank: arguments.truth("blank"),
        default: default(scope, &arguments, "default"),
        db_default: default(scope, &arguments, "db_default"),
        unique: arguments.truth("unique"),
        db_index: arguments.truth("db_index"),
        primary_key: arguments.truth("primary_key"),
        max_length: arguments.number("max_length"),
        max_digits: arguments.number("max_digits"),
        decimal_places: arguments.number("decimal_places"),
        db_column: arguments.text("db_column"),
        db_collation: arguments.text("db_collation"),
        auto_now,
        db_persist: arguments.truth("db_persist"),
        to: target(scope, &arguments),
        db_constraint: arguments.truth("db_constraint"),
        through: arguments.value("through").is_some(),
        base,
        kind,
    })
}

/// What may be given by position; Django itself writes keywords.
fn parameters(class: &str) -> &'static [&'static str] {
    match class {
        "ForeignKey" | "OneToOneField" => &["to", "on_delete"],
        "ManyToManyField" => &["to"],
        "ArrayField" => &["base_field", "size"],
        "DateField" | "DateTimeField" | "TimeField" => &["verbose_name", "name", "auto_now", "auto_now_add"],
        "DecimalField" => &["verbose_name", "name", "max_digits", "decimal_places"],
        _ => &["verbose_name", "name", "primary_key", "max_length", "unique", "blank", "null", "db_index"],
    }
}

fn default<'a>(scope: &Scope<'a>, arguments: &Arguments<'_, 'a>, name: &str) -> FieldDefault {
    let Some(value) = arguments.get(name) else {
        return if arguments.unpacks() { FieldDefault::Unclear } else { FieldDefault::Unsaid };
    };
    let value = scope.follow(value);
    match &value.kind {
        ExprKind::None => FieldDefault::None,
        ExprKind::Str { text, .. } => FieldDefault::Literal { empty_text: text.text().is_empty() },
        ExprKind::Bool(_)
        | ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::List(_)
        | ExprKind::Tuple(_)
        | ExprKind::Dict(_)
        | ExprKind::FString(_)
        | ExprKind::Unary { operator: UnaryOperator::Negative, .. } => FieldDefault::Literal { empty_text: false },
        ExprKind::Lambda(_) => FieldDefault::Function("lambda".to_owned()),
        ExprKind::Name(_) | ExprKind::Attribute { .. } => match scope.dotted(value) {
            Some(dotted) if dotted.ends_with("NOT_PROVIDED") => FieldDefault::Unsaid,
            Some(dotted) => FieldDefault::Function(dotted),
            None => FieldDefault::Unclear,
        },
        ExprKind::Call(call) => match scope.dotted(&call.function) {
            // `Value(None)` gives nothing either, and what else it gives is a constant.
            Some(dotted) if dotted.ends_with(".Value") => match call.arguments.first().map(|value| &value.kind) {
                Some(ExprKind::None) => FieldDefault::None,
                _ => FieldDefault::Literal { empty_text: false },
            },
            Some(dotted) => FieldDefault::Expression(dotted.rsplit('.').next().unwrap_or(&dotted).to_owned()),
            None => FieldDefault::Unclear,
        },
        _ => FieldDefault::Unclear,
    }
}

fn target<'a>(scope: &Scope<'a>, arguments: &Arguments<'_, 'a>) -> Said<Target> {
    let Some(value) = arguments.get("to") else {
        return if arguments.unpacks() { Said::Unclear } else { Said::Unsaid };
    };
    let value = scope.follow(value);
    if let Some(text) = value.as_str() {
        return Said::Is(if text == "self" { Target::Own } else { Target::Model(text.to_lowercase()) });
    }
    match scope.dotted(value).as_deref().and_then(|dotted| dotted.split_once("settings.")) {
        Some((_, setting)) => Said::Is(Target::Setting(setting.to_owned())),
        None => Said::Unclear,
    }
}
