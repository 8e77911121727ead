use super::*;
use crate::config::LastApplied;
use crate::source::{RepoPath, Span, Spanned};
use crate::tree::{MemoryFile, MemoryTree};

/// The apps of `files`, each a path and what follows the head of a migration.
fn find_in(files: &[(&str, &str)], since: &[(&str, &str)]) -> Migrations {
    let files = files.iter().map(|(path, body)| {
        let text = match path.contains("migrations/0") {
            true => {
                format!("from django.db import migrations, models\n\nclass Migration(migrations.Migration):\n{body}\n")
            }
            false => (*body).to_owned(),
        };
        MemoryFile::new(RepoPath::new(path).unwrap(), text)
    });
    let named = |text: &str| Spanned::new(text.to_owned(), Span::at(0));
    let config = Config {
        migrations_since: since
            .iter()
            .map(|(app, name)| LastApplied { app: named(app), migration: named(name) })
            .collect(),
        ..Config::default()
    };
    let snapshot = Snapshot::new(MemoryTree::new(files));
    find(read(&snapshot), &config, &[], &[])
}

fn after(parent: &str, operations: &str) -> String {
    format!("    dependencies = [('shop', '{parent}')]\n    operations = [{operations}]")
}

const FIRST: &str = "    operations = [migrations.CreateModel('Order', [('id', models.AutoField(primary_key=True)), \
                     ('note', models.CharField(max_length=20, null=True))])]";

fn pending(found: &Migrations) -> Vec<&str> {
    found.apps[0].migrations.iter().filter(|it| it.pending).map(|it| it.name.as_str()).collect()
}

#[test]
fn a_field_is_known_by_what_came_before() {
    let found = find_in(
        &[
            ("shop/migrations/0001_initial.py", FIRST),
            (
                "shop/migrations/0002_rename.py",
                &after("0001_initial", "migrations.RenameField('order', 'note', 'text')"),
            ),
            ("shop/migrations/0003_remove.py", &after("0002_rename", "migrations.RemoveField('Order', 'text')")),
        ],
        &[],
    );
    assert_eq!(pending(&found), ["0003_remove"]);
    let field = found.operations[0].existing_field("text").and_then(|it| it.field.clone()).unwrap();
    assert_eq!(field.is_required(), Some(false));
    assert!(found.operations[0].on_existing_table());
}

#[test]
fn two_leaves_are_seen_and_one_that_joins_them() {
    let files = [
        ("shop/migrations/0001_initial.py", FIRST.to_owned()),
        ("shop/migrations/0002_a.py", after("0001_initial", "")),
        ("shop/migrations/0002_b.py", after("0001_initial", "")),
        ("shop/migrations/0003_join.py", after("0002_a'), ('shop', '0002_b", "")),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    assert_eq!(find_in(&files[..3], &[]).apps[0].leaves, [1, 2]);
    assert_eq!(find_in(&files, &[]).apps[0].leaves, [3]);
}

#[test]
fn what_was_squashed_is_replaced() {
    let squashed = "    replaces = [('shop', '0001_initial'), ('shop', '0002_more')]\n    operations = []";
    let found = find_in(
        &[
            ("shop/migrations/0001_initial.py", FIRST),
            ("shop/migrations/0001_squashed_0002.py", squashed),
            ("shop/migrations/0002_more.py", &after("0001_initial", "")),
            ("shop/migrations/0003_next.py", &after("0002_more", "migrations.DeleteModel('order')")),
        ],
        &[],
    );
    assert_eq!(found.apps[0].leaves, [3]);
    assert!(found.apps[0].missing.is_empty() && found.apps[0].cycle.is_empty());
}

#[test]
fn circles_and_missing_parents_are_seen() {
    let found = find_in(
        &[
            ("shop/migrations/0001_initial.py", FIRST),
            ("shop/migrations/0002_a.py", &after("0003_b", "")),
            ("shop/migrations/0003_b.py", &after("0002_a", "")),
            ("shop/migrations/0004_c.py", &after("0003_b", "")),
            ("shop/migrations/0005_d.py", &after("0004_gone", "")),
        ],
        &[],
    );
    let app = &found.apps[0];
    assert_eq!((app.cycle.as_slice(), app.order.as_slice()), (&[1, 2][..], &[0, 4][..]));
    assert_eq!((app.missing.len(), app.missing[0].name.as_str()), (1, "0004_gone"));
}

#[test]
fn the_configuration_says_what_is_old() {
    let files = [
        ("shop/migrations/0001_initial.py", FIRST.to_owned()),
        ("shop/migrations/0002_a.py", after("0001_initial", "")),
        ("shop/migrations/0003_b.py", after("0002_a", "")),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    assert_eq!(pending(&find_in(&files, &[])), ["0003_b"]);
    assert_eq!(pending(&find_in(&files, &[("shop", "0001")])), ["0002_a", "0003_b"]);
    assert_eq!(pending(&find_in(&files, &[("shop", "zero")])).len(), 3);
    assert!(pending(&find_in(&files, &[("shop", "0003_b")])).is_empty());
    assert!(pending(&find_in(&files, &[("shop", "0099")])).is_empty());
}

#[test]
fn names_of_the_configuration_have_to_be_there() {
    let found = find_in(&[("shop/migrations/0001_initial.py", FIRST)], &[]);
    let since = |app: &str, name: &str| LastApplied {
        app: Spanned::new(app.to_owned(), Span::new(1, 2)),
        migration: Spanned::new(name.to_owned(), Span::new(3, 4)),
    };
    assert_eq!(found.misnamed(&[since("shop", "0001"), since("shop", "zero")]), None);
    let wrong = found.misnamed(&[since("shpo", "0001")]).unwrap();
    assert_eq!((wrong.span, wrong.suggestion.as_deref()), (Span::new(1, 2), Some("shop")));
    let wrong = found.misnamed(&[since("shop", "0002")]).unwrap();
    assert_eq!((wrong.span, wrong.message.as_str()), (Span::new(3, 4), "the app `shop` has no migration `0002`"));
}

#[test]
fn a_label_comes_from_the_configuration_of_the_app() {
    let found = find_in(
        &[
            ("apps/store/apps.py", "class StoreConfig(AppConfig):\n    label = 'shop'\n"),
            ("apps/store/migrations/0001_initial.py", FIRST),
            ("apps/store/migrations/0002_a.py", &after("0001_initial", "")),
        ],
        &[],
    );
    assert_eq!(found.apps[0].label, "shop");
    assert_eq!(found.apps[0].migrations[1].parents, [0]);
}

#[test]
fn a_label_is_not_taken_from_an_app_that_migrations_build_on() {
    let both = after("0001_initial", "").replace("dependencies = [", "dependencies = [('goods', '0001_initial'), ");
    let first = FIRST.to_owned() + "\n    dependencies = [('goods', '0001_initial')]\n";
    let found = find_in(
        &[
            ("goods/migrations/0001_initial.py", FIRST),
            ("shop/migrations/0001_initial.py", &first),
            ("shop/migrations/0002_a.py", &both),
        ],
        &[],
    );
    let labels: Vec<&str> = found.apps.iter().map(|app| app.label.as_str()).collect();
    assert_eq!(labels, ["goods", "shop"]);
}

#[test]
fn dates_tell_what_is_new() {
    let head = |day: &str, body: String| {
        format!(
            "# Generated by Django 5.2 on {day} 10:00\nfrom django.db import migrations, models\n\nclass Migration(migrations.Migration):\n{body}\n"
        )
    };
    let found = find_in(
        &[
            ("shop/migrations/x1_initial.py", &head("2024-01-01", FIRST.to_owned())),
            ("shop/migrations/x2_a.py", &head("2025-05-28", after("x1_initial", ""))),
            ("shop/migrations/x3_b.py", &head("2025-06-03", after("x2_a", ""))),
            ("shop/migrations/x4_by_hand.py", &head("", after("x3_b", ""))),
        ],
        &[],
    );
    assert_eq!(pending(&found), ["x3_b", "x4_by_hand"]);
}
