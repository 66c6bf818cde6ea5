//! The stock: dossiers of one unit, each finished by the real use case, so that each has a notice in the queue; and a few
//! of another unit, still open.
//!
//! Two dossiers are received and handed on by the use cases; the others are copies of them, each with a phone of its own.

use anyhow::Context;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use motcua::command::console;
use motcua::domain::code::DossierCode;
use motcua::domain::ids::{DossierId, UnitId};
use motcua::domain::person::{Part, person_context};
use motcua::domain::role::{Actor, Role, Who};
use motcua::dossiers::action::{Action, Done};
use motcua::dossiers::{Ask, Intake, receive};
use motcua::error::AppError;
use motcua::http::etag::IfMatch;
use motcua::schema::{dossier_people, dossiers, units};
use motcua::state::{Act, AppState};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::copies::copy_dossiers;
use crate::house::connect;

/// Procedure and unit of the many dossiers, and of the few.
const MANY: (&str, &str) = ("2.002516", "H21.16");
const FEW: (&str, &str) = ("1.001029", "H21.17");
/// How many dossiers of the other unit are left open.
pub const OPEN: usize = 100;
/// What marks notices that no run is about.
pub const BEFOREHAND: &str = "beforehand";
const BATCH: usize = 50;
const THREADS: usize = 3;
/// A dossier as the counter sends it; the phone is number `n` of ten millions.
pub fn intake(n: usize) -> Value {
    form(MANY, n)
}

fn form((procedure, unit): (&str, &str), n: usize) -> Value {
    json!({
        "procedure_code": procedure, "unit_code": unit,
        "applicant": { "name": "Nguyễn Thị Ánh", "phone": phone(n) },
        "papers": [{ "name": "Tờ khai", "kind": "original", "quantity": 1 }],
    })
}

fn phone(n: usize) -> String {
    format!("+8490{n:07}")
}

/// Makes the stock.
pub fn fill(state: &AppState, url: &str, notices: usize) -> anyhow::Result<()> {
    let mut conn = connect(url)?;
    let many = begun(state, MANY, 0)?;
    let few = begun(state, FEW, 1)?;
    settle(&mut conn)?;
    copy(&mut conn, state, &many, ("H21.16-260102", notices, 1_000_000))?;
    copy(&mut conn, state, &few, ("H21.17-260102", OPEN, 2_000_000))?;
    conn.batch_execute("ANALYZE")?;
    finish_all(state, &mut conn, notices)?;
    conn.batch_execute("ANALYZE; CHECKPOINT")?;
    Ok(())
}

/// Receives a dossier and hands it on to who resolves it.
fn begun(state: &AppState, of: (&str, &str), n: usize) -> anyhow::Result<String> {
    let form: Intake = serde_json::from_value(form(of, n))?;
    let code = state.act_here(&console(), state.clock.now(), |conn, act| {
        let dossier = receive(conn, act, &form)?.dossier;
        act_on(conn, act, &dossier.code, ("transfer", "{}"))?;
        Ok(dossier.code)
    })?;
    Ok(code)
}

fn act_on(conn: &mut PgConnection, act: &Act<'_>, code: &str, (verb, body): (&str, &str)) -> Result<(), AppError> {
    let code = DossierCode::read(code).ok_or_else(|| AppError::internal("no code"))?;
    let ask = Ask { code, if_match: IfMatch::default() };
    match Action::read(verb, body.as_bytes())?.apply(conn, act, &ask)? {
        Done::Changed(_) => Ok(()),
        Done::Proposed(..) => Err(AppError::internal("nothing is proposed here")),
    }
}

/// What people were told of the intake is not what the runs are about.
fn settle(conn: &mut PgConnection) -> anyhow::Result<()> {
    Ok(conn.batch_execute(&format!(
        "DELETE FROM notice_queue; UPDATE notices SET status = 'sent', gateway = '{BEFOREHAND}', sent_at = created_at"
    ))?)
}

/// Copies a dossier, with codes that begin with `codes` and phones from a number on.
fn copy(
    conn: &mut PgConnection,
    state: &AppState,
    code: &str,
    (codes, times, phones): (&str, usize, usize),
) -> anyhow::Result<()> {
    copy_dossiers(conn, &format!("d.code = '{code}'"), times, &format!("'{codes}-' || lpad(n::text, 6, '0')"))?;
    seal_people(conn, state, codes, phones)
}

/// Gives each copy an applicant whose phone is sealed for it.
fn seal_people(conn: &mut PgConnection, state: &AppState, codes: &str, phones: usize) -> anyhow::Result<()> {
    let ids: Vec<DossierId> = dossiers::table
        .filter(dossiers::code.like(format!("{codes}-%")))
        .order(dossiers::code)
        .select(dossiers::id)
        .load(conn)?;
    let key: i16 = dossier_people::table.select(dossier_people::key_id).first(conn)?;
    let key = state.vault.ring().get(key).context("the key of the people is not at hand")?;
    for (batch, ids) in ids.chunks(1000).enumerate() {
        let mut rows = Vec::with_capacity(ids.len());
        for (n, id) in ids.iter().enumerate() {
            let phone = phone(phones + batch * 1000 + n);
            rows.push((
                dossier_people::dossier_id.eq(*id),
                dossier_people::part.eq(Part::Applicant),
                dossier_people::kind.eq("citizen"),
                dossier_people::name.eq("Nguyễn Thị Ánh"),
                dossier_people::key_id.eq(key.number()),
                dossier_people::phone.eq(key.seal(&person_context(*id, Part::Applicant, "phone"), &phone)?),
                dossier_people::phone_hash.eq(state.vault.index("phone", &phone)),
            ));
        }
        diesel::insert_into(dossier_people::table).values(&rows).execute(conn)?;
    }
    Ok(())
}

/// Finishes all dossiers of the unit of many, some fifty a transaction.
fn finish_all(state: &AppState, conn: &mut PgConnection, notices: usize) -> anyhow::Result<()> {
    let codes: Vec<String> = dossiers::table
        .filter(dossiers::code.like("H21.16-260102-%"))
        .order(dossiers::code)
        .select(dossiers::code)
        .load(conn)?;
    anyhow::ensure!(codes.len() == notices, "{} copies instead of {notices}", codes.len());
    let leader = leader(conn, MANY.1)?;
    let share = codes.len().div_ceil(THREADS).max(1);
    std::thread::scope(|scope| {
        let threads: Vec<_> = codes.chunks(share).map(|codes| scope.spawn(|| finish(state, &leader, codes))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().unwrap_or_else(|_| anyhow::bail!("a thread panicked")))
    })
}

fn finish(state: &AppState, leader: &Actor, codes: &[String]) -> anyhow::Result<()> {
    let body = json!({ "result": "granted", "at_counter": true }).to_string();
    for batch in codes.chunks(BATCH) {
        state.act_here(leader, state.clock.now(), |conn, act| {
            batch.iter().try_for_each(|code| act_on(conn, act, code, ("finish", &body)))
        })?;
    }
    Ok(())
}

/// Who leads a unit.
fn leader(conn: &mut PgConnection, unit: &str) -> anyhow::Result<Actor> {
    let id: Uuid = units::table.filter(units::code.eq(unit)).select(units::id).first(conn)?;
    Ok(Actor::new(Who::System, "faults", Role::Leader, UnitId(id)))
}

/// Finishes some dossiers of the unit of few; returns their phones as a gateway is told them.
pub fn finish_few(state: &AppState, url: &str, many: usize) -> anyhow::Result<Vec<u64>> {
    let mut conn = connect(url)?;
    let codes: Vec<String> = dossiers::table
        .filter(dossiers::code.like("H21.17-260102-%"))
        .order(dossiers::code)
        .limit(i64::try_from(many)?)
        .select(dossiers::code)
        .load(&mut conn)?;
    let leader = leader(&mut conn, FEW.1)?;
    finish(state, &leader, &codes)?;
    (0..codes.len()).map(|n| Ok(phone(2_000_000 + n).trim_start_matches('+').parse()?)).collect()
}
