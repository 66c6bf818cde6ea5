//! The other side: the same statements by pgbench on the same PostgreSQL.

use std::process::Command;

use anyhow::Context;
use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::house::BenchHouse;

/// The status of a random dossier, by its code.
pub fn look_up(house: &BenchHouse, clients: usize, seconds: u64) -> anyhow::Result<f64> {
    let first = house.codes.first().context("no dossiers")?;
    let prefix = first.rsplit_once('-').context("no code")?.0;
    let script = format!(
        "\\set n random(1, {})\nSELECT code, status, progress FROM dossiers WHERE code = '{prefix}-' || lpad(:n::text, 4, '0');\n",
        house.codes.len()
    );
    run(house, &script, clients, seconds)
}

/// The rows of one intake, copied from one that is there.
pub fn intake(house: &BenchHouse, clients: usize, seconds: u64) -> anyhow::Result<f64> {
    let mut conn = PgConnection::establish(&house.url)?;
    let code = house.codes.first().context("no dossiers")?;
    let mut script = format!("\\set u random(0, {})\n", house.desks.len() - 1);
    script.push_str(
        "SELECT gen_random_uuid() AS did, gen_random_uuid() AS eid, gen_random_uuid() AS n1, \
         gen_random_uuid() AS n2 \\gset\nBEGIN;\n",
    );
    script.push_str(
        "INSERT INTO code_counters (unit_id, day, last_number) SELECT id, '2000-01-01', 1 FROM bench_units WHERE n = :u \
         ON CONFLICT (unit_id, day) DO UPDATE SET last_number = code_counters.last_number + 1 RETURNING last_number;\n",
    );
    let of_the_sample = format!("(SELECT id FROM dossiers WHERE code = '{code}')");
    let own = [("id", ":did"), ("code", ":did")];
    script.push_str(&copy(&mut conn, "dossiers", &own, &format!("code = '{code}'"))?);
    for table in
        ["dossier_people", "dossier_words", "dossier_papers", "dossier_units", "dossier_steps", "dossier_states"]
    {
        let own = [("dossier_id", ":did"), ("id", "gen_random_uuid()")];
        script.push_str(&copy(&mut conn, table, &own, &format!("dossier_id = {of_the_sample}"))?);
    }
    let own = [("id", ":eid"), ("dossier_id", ":did")];
    script.push_str(&copy(&mut conn, "dossier_events", &own, &format!("dossier_id = {of_the_sample}"))?);
    for (variable, channel) in [("n1", "sms"), ("n2", "email")] {
        let id = format!(":{variable}");
        let own = [("id", id.as_str()), ("dossier_id", ":did"), ("event_id", ":eid")];
        let sample = format!("dossier_id = {of_the_sample} AND channel = '{channel}'");
        script.push_str(&copy(&mut conn, "notices", &own, &sample)?);
        script.push_str(&format!(
            "INSERT INTO notice_queue (notice_id, channel, priority, run_at, attempt, unit_id) \
             SELECT id, 'none', 5, '2000-01-01', 0, unit_id FROM notices WHERE id = ({id})::uuid;\n"
        ));
    }
    script.push_str("COMMIT;\n");
    run(house, &script, clients, seconds)
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
}

/// `INSERT … SELECT` of a table's row with some columns of its own.
fn copy(conn: &mut PgConnection, table: &str, own: &[(&str, &str)], sample: &str) -> anyhow::Result<String> {
    let sql =
        "SELECT column_name AS name FROM information_schema.columns WHERE table_name = $1 ORDER BY ordinal_position";
    let columns: Vec<Column> = diesel::sql_query(sql).bind::<Text, _>(table).load(conn)?;
    let names: Vec<_> = columns.iter().map(|column| column.name.as_str()).collect();
    let values: Vec<_> = names
        .iter()
        .map(|name| {
            own.iter().find(|(of, _)| of == name).map_or((*name).to_owned(), |(_, value)| {
                format!("({value})::{}", if *name == "code" { "text" } else { "uuid" })
            })
        })
        .collect();
    Ok(format!(
        "INSERT INTO {table} ({}) SELECT {} FROM {table} WHERE {sample};\n",
        names.join(", "),
        values.join(", ")
    ))
}

fn run(house: &BenchHouse, script: &str, clients: usize, seconds: u64) -> anyhow::Result<f64> {
    let file = house.data.join("bench.sql");
    std::fs::write(&file, script)?;
    let done = Command::new(house.programs.join("pgbench"))
        .args(["-n", "-M", "prepared", "-j", "2", "-c", &clients.to_string(), "-T", &seconds.to_string(), "-f"])
        .arg(&file)
        .arg("-d")
        .arg(&house.url)
        .output()
        .context("pgbench is in Debian's package postgresql-15")?;
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    let line = text.lines().find(|line| line.starts_with("tps ="));
    let line = line.with_context(|| {
        let said = String::from_utf8_lossy(&done.stderr);
        format!("pgbench failed: {}", said.lines().find(|line| line.contains("ERROR")).unwrap_or(&said))
    })?;
    Ok(line.split_whitespace().nth(2).context("no tps")?.parse()?)
}
