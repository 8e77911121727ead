//! `ALTER TABLE`, whose actions are many.

use super::lower::Place;
use super::model::*;
use crate::source::Spanned;
use squawk_syntax::ast::{self, AlterColumnOption, AlterTableAction, AstNode, Constraint};

/// Appends what each action of `it` does.
pub(super) fn alter(it: &ast::AlterTable, place: &Place, actions: &mut Vec<Spanned<Action>>) {
    let Some(table) = it.table_relation_name().and_then(|relation| relation.table_name_ref()) else { return };
    let table = place.name(&table);
    for action in it.actions() {
        let span = place.span(&action);
        actions.extend(lower(&action, &table, place).map(|action| Spanned::new(action, span)));
    }
}

fn lower(action: &AlterTableAction, table: &Name, place: &Place) -> Option<Action> {
    let table = table.clone();
    Some(match action {
        AlterTableAction::AddColumn(it) => Action::AddColumn(Box::new(new_column(it, table, place)?)),
        AlterTableAction::DropColumn(it) => Action::DropColumn { table, column: place.ident(&it.column_name_ref()?) },
        AlterTableAction::RenameColumn(it) => {
            Action::RenameColumn { table, column: place.ident(&it.column_name_ref()?) }
        }
        AlterTableAction::TableRenameTo(it) => {
            let to = place.name(&it.table_name()?);
            Action::RenameTable { to: Name { schema: table.schema.clone(), ..to }, table }
        }
        AlterTableAction::AlterColumn(it) => {
            let column = place.ident(&it.column_name_ref()?);
            match it.option()? {
                AlterColumnOption::SetType(set) => {
                    let to = place.text(&set.ty()?).to_owned();
                    Action::AlterType { table, column, rewrites: always_rewrites(&to), to }
                }
                AlterColumnOption::SetNotNull(_) => Action::SetNotNull { table, column },
                AlterColumnOption::SetExpression(_) => Action::Rewrite { table, words: "SET EXPRESSION" },
                _ => return None,
            }
        }
        AlterTableAction::AddConstraint(it) => {
            let constraint = it.constraint()?;
            let name = constraint.constraint_name().map(|name| place.ident(&name));
            let not_valid = constraint.is_not_valid();
            Action::AddConstraint { table, name, kind: constraint_kind(&constraint, place)?, not_valid }
        }
        AlterTableAction::ValidateConstraint(it) => {
            Action::ValidateConstraint { table, name: place.ident(&it.constraint_name_ref()?) }
        }
        AlterTableAction::DropConstraint(it) => {
            Action::DropConstraint { table, name: place.ident(&it.constraint_name_ref()?) }
        }
        AlterTableAction::SetLogged(_) => Action::Rewrite { table, words: "SET LOGGED" },
        AlterTableAction::SetUnlogged(_) => Action::Rewrite { table, words: "SET UNLOGGED" },
        AlterTableAction::SetTablespace(_) => Action::Rewrite { table, words: "SET TABLESPACE" },
        AlterTableAction::SetAccessMethod(_) => Action::Rewrite { table, words: "SET ACCESS METHOD" },
        AlterTableAction::DetachPartition(it) => match it.detach_partition_option() {
            Some(ast::DetachPartitionOption::DetachConcurrently(_)) => Action::DetachConcurrently(table),
            _ => return None,
        },
        _ => return None,
    })
}

fn new_column(it: &ast::AddColumn, table: Name, place: &Place) -> Option<NewColumn> {
    let name = place.ident(&it.column_name()?);
    let ty = it.ty().map(|ty| place.text(&ty).to_ascii_lowercase()).unwrap_or_default();
    // Each calls nextval() for every row, and none takes NULL.
    let serial = matches!(ty.as_str(), "serial" | "bigserial" | "smallserial" | "serial2" | "serial4" | "serial8");
    let filling = if serial { Filling::EachRow } else { Filling::Nothing };
    let mut column =
        NewColumn { table, name, not_null: serial, filling, unique: false, check: false, references: None };
    for constraint in it.constraints() {
        match constraint {
            Constraint::NotNullConstraint(_) => column.not_null = true,
            Constraint::DefaultConstraint(default) => {
                column.filling = default.expr().map_or(Filling::Unknown, |expr| filling_of(&expr, place));
            }
            Constraint::GeneratedConstraint(generated) => match generated.generated_as() {
                Some(ast::GeneratedAs::GeneratedIdentity(_)) => {
                    (column.not_null, column.filling) = (true, Filling::EachRow);
                }
                // From PostgreSQL 18 on, one that does not say STORED is computed when it is read.
                Some(ast::GeneratedAs::GeneratedStored(_)) => column.filling = Filling::EachRow,
                _ => column.filling = Filling::Unknown,
            },
            Constraint::PrimaryKeyConstraint(_) => (column.not_null, column.unique) = (true, true),
            Constraint::UniqueConstraint(_) => column.unique = true,
            Constraint::CheckConstraint(_) => column.check = true,
            Constraint::ReferencesConstraint(references) => {
                column.references = references.table().map(|table| place.name(&table));
            }
            _ => {}
        }
    }
    Some(column)
}

/// What a default gives to the rows that are there.
fn filling_of(default: &ast::Expr, place: &Place) -> Filling {
    if place.text(default).eq_ignore_ascii_case("null") {
        return Filling::Nothing;
    }
    let calls = default.syntax().descendants().filter_map(ast::CallExpr::cast);
    let names = calls.map(|call| call.expr().map(|function| place.name(&function).name));
    let mut filling = Filling::OneValue;
    for name in names {
        match name.as_deref() {
            Some(name) if VOLATILE.contains(&name) => return Filling::EachRow,
            Some(name) if STABLE.contains(&name) => {}
            _ => filling = Filling::Unknown,
        }
    }
    filling
}

/// Functions whose value differs from row to row, as `pg_proc.provolatile` and their extensions have it.
const VOLATILE: &[&str] = &[
    "clock_timestamp",
    "gen_random_bytes",
    "gen_random_uuid",
    "nextval",
    "random",
    "random_normal",
    "timeofday",
    "uuid_generate_v1",
    "uuid_generate_v1mc",
    "uuid_generate_v4",
    "uuidv4",
    "uuidv7",
];

/// Functions that defaults call, whose value is the same for a whole statement.
const STABLE: &[&str] = &[
    "array",
    "coalesce",
    "concat",
    "current_setting",
    "date_trunc",
    "jsonb_build_array",
    "jsonb_build_object",
    "json_build_array",
    "json_build_object",
    "lower",
    "make_interval",
    "md5",
    "now",
    "statement_timestamp",
    "timezone",
    "to_date",
    "to_tsvector",
    "transaction_timestamp",
    "upper",
];

fn constraint_kind(constraint: &Constraint, place: &Place) -> Option<ConstraintKind> {
    let built = |uses_index: bool| match uses_index {
        true => ConstraintKind::UniqueUsingIndex,
        false => ConstraintKind::Unique,
    };
    Some(match constraint {
        Constraint::CheckConstraint(it) => {
            let demanded = it.expr().map(|expr| place.text(&expr).trim_matches(['(', ')', ' ']).to_owned());
            ConstraintKind::Check { not_null: demanded.and_then(|text| not_null_column(&text)) }
        }
        Constraint::ForeignKeyConstraint(it) => {
            ConstraintKind::ForeignKey(it.table_name_ref().map(|table| place.name(&table)))
        }
        Constraint::UniqueConstraint(it) => built(it.using_index().is_some()),
        Constraint::PrimaryKeyConstraint(it) => built(it.using_index().is_some()),
        Constraint::ExcludeConstraint(_) => ConstraintKind::Exclude,
        Constraint::NotNullConstraint(_) => ConstraintKind::NotNull,
        _ => return None,
    })
}

/// The column of `column IS NOT NULL`.
fn not_null_column(text: &str) -> Option<String> {
    let mut words = text.split_whitespace();
    let column = words.next()?;
    let rest: Vec<String> = words.map(str::to_ascii_lowercase).collect();
    (rest == ["is", "not", "null"]).then(|| super::lower::normal(column))
}

/// Whether a change to the type `to` writes every row again, whatever the type was. PostgreSQL spares what is coercible
/// byte for byte: among text, varchar and citext, a numeric with more digits, timestamptz where the session is at UTC.
fn always_rewrites(to: &str) -> bool {
    let lower = to.to_ascii_lowercase();
    let name = lower.split(['(', '[']).next().unwrap_or_default().trim();
    let fixed = [
        "bigint",
        "int",
        "integer",
        "smallint",
        "int2",
        "int4",
        "int8",
        "boolean",
        "bool",
        "date",
        "uuid",
        "json",
        "jsonb",
        "real",
        "double precision",
        "float",
        "float4",
        "float8",
        "bytea",
        "char",
        "character",
        "bpchar",
        "interval",
        "money",
    ];
    fixed.contains(&name) && !lower.contains('[')
}
