//! Many dossiers out of few: rows copied inside the database, with what is their own replaced.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;

/// Tables of which a copied dossier has rows; what is sealed of people can't be copied.
const COPIED: [&str; 4] = ["dossier_units", "dossier_states", "dossier_events", "dossier_steps"];

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Copies each dossier that a condition on `d` chooses so many times, under codes of its own: `code` is their SQL, in which
/// `n` counts from 1.
pub fn copy_dossiers(conn: &mut PgConnection, chosen: &str, times: usize, code: &str) -> anyhow::Result<()> {
    conn.batch_execute(&format!(
        "DROP TABLE IF EXISTS copies;
         CREATE TABLE copies AS SELECT gen_random_uuid() AS id, d.id AS of, {code} AS code
         FROM dossiers d CROSS JOIN generate_series(1, {times}) AS n WHERE {chosen}"
    ))?;
    copy_rows(conn, "dossiers", &[("id", "c.id"), ("code", "c.code")], "t.id")?;
    for table in COPIED {
        copy_rows(conn, table, &[("id", "gen_random_uuid()"), ("dossier_id", "c.id")], "t.dossier_id")?;
    }
    Ok(())
}

fn copy_rows(conn: &mut PgConnection, table: &str, own: &[(&str, &str)], of: &str) -> anyhow::Result<()> {
    let sql =
        "SELECT column_name AS name FROM information_schema.columns WHERE table_name = $1 ORDER BY ordinal_position";
    let columns: Vec<Column> = diesel::sql_query(sql).bind::<Text, _>(table).load(conn)?;
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let value = |name: &str| own.iter().find(|own| own.0 == name).map_or(format!("t.{name}"), |own| own.1.to_owned());
    let values: Vec<String> = names.iter().map(|name| value(name)).collect();
    let (names, values) = (names.join(", "), values.join(", "));
    conn.batch_execute(&format!(
        "INSERT INTO {table} ({names}) SELECT {values} FROM {table} t JOIN copies c ON c.of = {of}"
    ))?;
    Ok(())
}
