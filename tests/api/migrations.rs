//! The shape of the database: there and back again, and told truly by `schema.rs`.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_migrations::MigrationHarness;
use motcua::platform::migrations::MIGRATIONS;

use crate::support::db::{Holds, TestDb};

#[derive(QueryableByName, Debug)]
struct Column {
    #[diesel(sql_type = Text)]
    table: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    nullable: String,
}

fn columns(conn: &mut PgConnection) -> BTreeSet<String> {
    let sql = "SELECT table_name AS table, column_name AS name, udt_name AS kind, is_nullable AS nullable \
               FROM information_schema.columns WHERE table_schema = 'public' \
               AND table_name <> '__diesel_schema_migrations'";
    let rows: Vec<Column> = diesel::sql_query(sql).load(conn).unwrap();
    rows.into_iter()
        .map(|row| {
            let kind = match row.kind.as_str() {
                "int2" => "Int2",
                "int4" => "Int4",
                "int8" => "Int8",
                "bool" => "Bool",
                "text" => "Text",
                "_text" => "Array<Nullable<Text>>",
                "numeric" => "Numeric",
                "uuid" => "Uuid",
                "date" => "Date",
                "datemultirange" => "Datemultirange",
                "bytea" => "Bytea",
                "_bytea" => "Array<Nullable<Bytea>>",
                "jsonb" => "Jsonb",
                "_timestamptz" => "Array<Nullable<Timestamptz>>",
                "timestamptz" => "Timestamptz",
                other => panic!("schema.rs has no word for {other}"),
            };
            let kind = if row.nullable == "YES" { format!("Nullable<{kind}>") } else { kind.to_owned() };
            format!("{}.{} {kind}", row.table, row.name)
        })
        .collect()
}

#[test]
fn every_migration_goes_down_and_up_again() {
    let db = TestDb::new(Holds::Nothing);
    let mut conn = db.connect();
    let before = columns(&mut conn);
    conn.revert_all_migrations(MIGRATIONS).unwrap();
    assert_eq!(columns(&mut conn), BTreeSet::new());
    conn.run_pending_migrations(MIGRATIONS).unwrap();
    assert_eq!(columns(&mut conn), before);
}

#[test]
fn schema_rs_says_what_the_database_has() {
    let db = TestDb::new(Holds::Nothing);
    let mut told = BTreeSet::new();
    let mut table = String::new();
    for line in include_str!("../../src/schema.rs").lines().map(str::trim) {
        if let Some((name, _)) = line.split_once(" (").filter(|_| line.ends_with(") {")) {
            table = name.to_owned();
        } else if let Some((column, kind)) = line.split_once(" -> ").filter(|_| line.ends_with(',')) {
            told.insert(format!("{table}.{column} {}", kind.trim_end_matches(',')));
        }
    }
    assert_eq!(told, columns(&mut db.connect()));
}

#[test]
fn the_history_of_a_dossier_can_only_grow() {
    let db = TestDb::new(Holds::Nothing);
    let mut conn = db.connect();
    for sql in ["DELETE FROM dossier_events", "UPDATE dossier_events SET note = ''", "TRUNCATE dossier_events CASCADE"]
    {
        let refused = conn.batch_execute(sql).unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{sql}: {refused}");
    }
}
