//! From squawk's syntax tree to the owned model.

use super::lexer::{self, Piece};
use super::model::*;
use super::table;
use crate::source::{Fragment, Span, Spanned};
use squawk_syntax::SourceFile;
use squawk_syntax::ast::{self, AstNode, Stmt};

/// Reads each statement of `fragment`, which is of bounded length.
pub(super) fn script(fragment: &Fragment) -> Script {
    let split = lexer::split(fragment.text());
    let statements: Vec<Statement> = split.pieces.iter().map(|piece| statement(piece, fragment)).collect();
    let foreign = split.backticks || split.pieces.iter().any(is_foreign);
    let unread = split.unfinished.then_some(Unread::Unfinished);
    Script { statements, unread, foreign }
}

/// Words that no PostgreSQL has.
fn is_foreign(piece: &Piece) -> bool {
    let text = piece.masked.to_ascii_lowercase();
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
    let has = |word: &str| words.contains(&word);
    match piece.head.first().map(String::as_str) {
        Some("PRAGMA" | "USE") => true,
        Some("CREATE") => has("engine") || has("auto_increment") || has("autoincrement"),
        Some("ALTER") => words.windows(2).any(|pair| matches!(pair, ["modify" | "change", "column"])),
        _ => false,
    }
}

fn statement(piece: &Piece, fragment: &Fragment) -> Statement {
    let place = Place { fragment, piece };
    let span = fragment.to_file(piece.range.clone().into());
    let (actions, understood) = match reading(&piece.head) {
        Reading::Harmless => (Vec::new(), true),
        Reading::Creates(what) => (vec![Spanned::new(Action::Create(what), span)], true),
        Reading::Opaque => (Vec::new(), false),
        Reading::Parse => match parsed(piece) {
            Some(stmt) => {
                let mut actions = Vec::new();
                lower(&stmt, &place, &mut actions);
                (actions, true)
            }
            None => (Vec::new(), false),
        },
    };
    let text = || fragment.text()[piece.range.clone()].to_ascii_lowercase();
    let may_create_table = !understood && text().contains("create") && text().contains("table");
    Statement { span, actions, understood, may_create_table }
}

/// How a statement is to be read, by its first words.
enum Reading {
    /// It changes no table's shape and takes no row away.
    Harmless,
    /// It creates a thing that nobody uses yet.
    Creates(&'static str),
    /// What it does is not written in it.
    Opaque,
    /// It has to be parsed.
    Parse,
}

fn reading(head: &[String]) -> Reading {
    let word = |index: usize| head.get(index).map_or("", String::as_str);
    match word(0) {
        "ALTER" | "DROP" | "TRUNCATE" | "DELETE" | "UPDATE" | "WITH" | "LOCK" | "REINDEX" | "VACUUM" | "CLUSTER"
        | "REFRESH" | "SET" | "BEGIN" | "START" | "COMMIT" | "END" | "ROLLBACK" | "ABORT" => Reading::Parse,
        "CREATE" => created(head),
        "INSERT" | "SELECT" | "VALUES" | "TABLE" | "COPY" | "GRANT" | "REVOKE" | "COMMENT" | "ANALYZE" | "ANALYSE"
        | "SHOW" | "RESET" | "SAVEPOINT" | "RELEASE" | "NOTIFY" | "LISTEN" | "UNLISTEN" | "CHECKPOINT" | "DISCARD"
        | "SECURITY" | "REASSIGN" => Reading::Harmless,
        _ => Reading::Opaque,
    }
}

fn created(head: &[String]) -> Reading {
    let modifiers =
        ["OR", "REPLACE", "GLOBAL", "LOCAL", "TEMP", "TEMPORARY", "UNLOGGED", "RECURSIVE", "TRUSTED", "PROCEDURAL"];
    let mut words = head[1..].iter().map(String::as_str).skip_while(|word| modifiers.contains(word));
    let what = match words.next().unwrap_or_default() {
        "TABLE" | "INDEX" | "UNIQUE" | "MATERIALIZED" | "DATABASE" | "TABLESPACE" => return Reading::Parse,
        "EXTENSION" => "extension",
        "FUNCTION" => "function",
        "PROCEDURE" => "procedure",
        "AGGREGATE" => "aggregate",
        "VIEW" => "view",
        "TYPE" => "type",
        "DOMAIN" => "domain",
        "SEQUENCE" => "sequence",
        "SCHEMA" => "schema",
        "TRIGGER" | "CONSTRAINT" | "EVENT" => "trigger",
        "RULE" => "rule",
        "POLICY" => "policy",
        "ROLE" | "USER" | "GROUP" => "role",
        "COLLATION" => "collation",
        "TEXT" => "text search object",
        "STATISTICS" => "statistics",
        "OPERATOR" => "operator",
        "CAST" => "cast",
        "PUBLICATION" => "publication",
        _ => return Reading::Opaque,
    };
    Reading::Creates(what)
}

/// The one statement of `piece`, where it is whole.
fn parsed(piece: &Piece) -> Option<Stmt> {
    if !piece.light {
        return None;
    }
    let file = SourceFile::parse(&piece.masked);
    if !file.errors().is_empty() {
        return None;
    }
    let mut statements = file.tree().stmts();
    let first = statements.next()?;
    statements.next().is_none().then_some(first)
}

/// Where a statement stands: the parser's offsets are those of its piece.
pub(super) struct Place<'a> {
    fragment: &'a Fragment,
    piece: &'a Piece,
}

impl Place<'_> {
    fn in_text(&self, node: &impl AstNode) -> Span {
        let range = node.syntax().text_range();
        let start = self.piece.range.start;
        let trimmed = self.piece.masked[usize::from(range.start())..usize::from(range.end())].trim_end().len();
        let from = start + usize::from(range.start());
        Span::new(from, from + trimmed)
    }

    /// The place of `node` in the file.
    pub(super) fn span(&self, node: &impl AstNode) -> Span {
        self.fragment.to_file(self.in_text(node))
    }

    /// The text of `node` as it is written.
    pub(super) fn text(&self, node: &impl AstNode) -> &str {
        &self.fragment.text()[self.in_text(node).range()]
    }

    /// A single name as the database knows it.
    pub(super) fn ident(&self, node: &impl AstNode) -> String {
        normal(self.text(node))
    }

    /// A name with or without its schema.
    pub(super) fn name(&self, node: &impl AstNode) -> Name {
        let text = self.text(node);
        let mut parts = dotted(text);
        let name = parts.pop().unwrap_or_default();
        Name { schema: parts.pop().map(normal), name: normal(name), is_hole: text.contains(['{', '%']) }
    }
}

/// The parts of `a."b.c"`.
fn dotted(text: &str) -> Vec<&str> {
    let mut quoted = false;
    let split = text.split(move |c: char| {
        quoted ^= matches!(c, '"' | '`');
        c == '.' && !quoted
    });
    split.map(str::trim).collect()
}

/// A name without its quotes, in lower case where it has none.
pub(super) fn normal(text: &str) -> String {
    for quote in ["\"", "`"] {
        if let Some(inside) = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return inside.replace(&quote.repeat(2), quote);
        }
    }
    text.to_lowercase()
}

/// Appends what `stmt` does.
fn lower(stmt: &Stmt, place: &Place, actions: &mut Vec<Spanned<Action>>) {
    let mut add = |action: Action, node: &dyn Fn() -> Span| actions.push(Spanned::new(action, node()));
    let whole = || place.fragment.to_file(place.piece.range.clone().into());
    match stmt {
        Stmt::AlterTable(it) => table::alter(it, place, actions),
        Stmt::CreateTable(it) => {
            if let Some(name) = it.table_name() {
                add(Action::CreateTable(place.name(&name)), &whole);
            }
        }
        Stmt::CreateTableAs(it) => {
            if let Some(name) = it.table_name() {
                add(Action::CreateTable(place.name(&name)), &whole);
            }
        }
        Stmt::CreateMaterializedView(it) => {
            if let Some(name) = it.view() {
                add(Action::CreateMaterializedView(place.name(&name)), &whole);
            }
        }
        Stmt::CreateIndex(it) => {
            let Some(relation) = it.table_relation_name() else { return };
            let Some(table) = relation.table_name_ref() else { return };
            let concurrently = it.concurrently_token().is_some();
            let only = relation.only_token().is_some();
            add(Action::CreateIndex { table: place.name(&table), concurrently, only }, &whole);
        }
        Stmt::DropIndex(it) => add(Action::DropIndex { concurrently: it.concurrently_token().is_some() }, &whole),
        Stmt::Reindex(it) => add(reindex(it, place), &whole),
        Stmt::DropTable(it) => {
            for table in it.table_name_refs() {
                add(Action::DropTable(place.name(&table)), &|| place.span(&table));
            }
        }
        Stmt::DropDatabase(it) => {
            let name = it.database_ref().map(|name| place.ident(&name)).unwrap_or_default();
            add(Action::DropAll { words: "DROP DATABASE", name }, &whole);
        }
        Stmt::DropSchema(it) => {
            // Without CASCADE only an empty schema goes.
            if matches!(it.drop_behavior(), Some(ast::DropBehavior::Cascade(_))) {
                for schema in it.schema_refs() {
                    let name = place.ident(&schema);
                    add(Action::DropAll { words: "DROP SCHEMA CASCADE", name }, &|| place.span(&schema));
                }
            }
        }
        Stmt::DropOwned(it) => {
            let name = it.role_ref_list().map(|roles| place.ident(&roles)).unwrap_or_default();
            add(Action::DropAll { words: "DROP OWNED", name }, &whole);
        }
        Stmt::Truncate(it) => {
            let cascade = matches!(it.drop_behavior(), Some(ast::DropBehavior::Cascade(_)));
            for relation in it.table_list().into_iter().flat_map(|list| list.table_relation_names()) {
                if let Some(table) = relation.table_name_ref() {
                    add(Action::Truncate { table: place.name(&table), cascade }, &|| place.span(&relation));
                }
            }
        }
        Stmt::Delete(it) => {
            let filtered = it.where_clause_or_current_of().is_some() || it.using_clause().is_some();
            if let Some(table) = it.relation_name().and_then(|relation| relation.relation_name_ref()) {
                add(Action::Delete { table: place.name(&table), filtered }, &whole);
            }
        }
        Stmt::Update(it) => {
            let filtered = it.where_clause_or_current_of().is_some() || it.from_clause().is_some();
            if let Some(table) = it.relation_name().and_then(|relation| relation.relation_name_ref()) {
                add(Action::Update { table: place.name(&table), filtered }, &whole);
            }
        }
        Stmt::Lock(it) => {
            let blocks = lock_mode(it);
            for relation in it.relation_list().into_iter().flat_map(|list| list.relation_names()) {
                if let Some(table) = relation.relation_name_ref() {
                    add(Action::Lock { table: place.name(&table), blocks }, &whole);
                }
            }
        }
        Stmt::Vacuum(it) => {
            let relations = it.table_and_columns_list().into_iter().flat_map(|list| list.table_and_columnss());
            let tables = relations.filter_map(|relation| relation.table_relation_name()?.table_name_ref());
            let mut tables: Vec<_> = tables.map(|table| Some(place.name(&table))).collect();
            if tables.is_empty() {
                tables.push(None);
            }
            for table in tables {
                add(Action::Vacuum { table, full: it.is_full() }, &whole);
            }
        }
        Stmt::Cluster(it) => {
            let table = it.table_name_ref().map(|table| place.name(&table));
            // The old `CLUSTER index ON table`.
            let legacy = || Some(place.name(&it.cluster_legacy()?.on_path()?.table_name_ref()?));
            let table = table.or_else(legacy);
            add(Action::Cluster { table }, &whole);
        }
        Stmt::Refresh(it) => {
            let Some(view) = it.view_ref() else { return };
            let concurrently = it.concurrently_token().is_some();
            let no_data = matches!(it.data_option(), Some(ast::DataOption::WithNoData(_)));
            add(Action::Refresh { view: place.name(&view), concurrently, no_data }, &whole);
        }
        Stmt::Set(it) => {
            if let Some(action) = timeout(it, place) {
                add(action, &whole);
            }
        }
        Stmt::AlterType(it) => {
            if matches!(it.action(), Some(ast::AlterTypeAction::AddValue(_))) {
                add(Action::AddEnumValue, &whole);
            }
        }
        Stmt::Begin(_) => add(Action::Transaction("BEGIN"), &whole),
        Stmt::Commit(_) => add(Action::Transaction("COMMIT"), &whole),
        // To a savepoint is not the end of the transaction.
        Stmt::Rollback(_) if !place.piece.head.iter().any(|word| word == "TO") => {
            add(Action::Transaction("ROLLBACK"), &whole);
        }
        Stmt::CreateDatabase(_) => add(Action::Outside("CREATE DATABASE"), &whole),
        Stmt::CreateTablespace(_) => add(Action::Outside("CREATE TABLESPACE"), &whole),
        Stmt::DropTablespace(_) => add(Action::Outside("DROP TABLESPACE"), &whole),
        Stmt::AlterSystem(_) => add(Action::Outside("ALTER SYSTEM"), &whole),
        _ => {}
    }
}

fn reindex(it: &ast::Reindex, place: &Place) -> Action {
    use ast::ReindexTarget::*;
    let (table, everything) = match it.reindex_target() {
        Some(ReindexTargetTable(target)) => (target.table_name_ref().map(|table| place.name(&table)), false),
        Some(ReindexTargetIndex(_)) | None => (None, false),
        Some(ReindexTargetDatabase(_) | ReindexTargetSchema(_) | ReindexTargetSystem(_)) => (None, true),
    };
    Action::Reindex { table, concurrently: it.is_concurrently(), everything }
}

fn lock_mode(it: &ast::Lock) -> Blocks {
    use ast::LockMode::*;
    match it.lock_mode_clause().and_then(|clause| clause.lock_mode()) {
        None | Some(AccessExclusive(_)) => Blocks::All,
        Some(Exclusive(_) | ShareRowExclusive(_) | Share(_)) => Blocks::Writes,
        Some(AccessShare(_) | RowShare(_) | RowExclusive(_) | ShareUpdateExclusive(_)) => Blocks::Nobody,
    }
}

fn timeout(it: &ast::Set, place: &Place) -> Option<Action> {
    let Some(ast::SetTarget::SetConfig(config)) = it.set_target() else { return None };
    let setting = match place.ident(&config.config_parameter_ref()?).as_str() {
        "lock_timeout" => "lock_timeout",
        "statement_timeout" => "statement_timeout",
        _ => return None,
    };
    let local = matches!(it.set_scope(), Some(ast::SetScope::LocalScope(_)));
    let value = place.text(&config.config_assignment()?).trim_start_matches(['=', ' ']).trim_start();
    let value = value.strip_prefix("to ").or_else(|| value.strip_prefix("TO ")).unwrap_or(value);
    let number = value.trim_matches([' ', '\'']).trim_end_matches(|c: char| c.is_ascii_alphabetic()).trim();
    Some(Action::SetTimeout { setting, local, off: number == "0" })
}
