//! Checkpoints: the ends of all chains, signed. Whoever keeps one elsewhere can prove later what was there.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Bytea, Uuid as SqlUuid};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use uuid::Uuid;

use super::canonical::Canonical;
use crate::error::AppError;
use crate::platform::db::Scope;
use crate::platform::outbox::close_cut_line;
use crate::platform::signing::{PublicKey, SigningKey};
use crate::schema::audit_checkpoints;
use crate::state::AppState;

/// Where checkpoints are appended, under the data directory: one line of JSON each.
pub const FILE: &str = "audit/checkpoints.jsonl";

const EVERY: TimeDelta = TimeDelta::hours(1);
/// One worker at a time makes a checkpoint.
const LOCK: i64 = 0x006d_6f74_6375_6170;
/// Goes under every signature; another form would get another number.
const FORM: &str = "motcua audit checkpoint 1";

/// The end of a chain at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, QueryableByName)]
pub struct Head {
    /// Whose chain.
    #[diesel(sql_type = SqlUuid)]
    pub unit: Uuid,
    /// The last place that is taken.
    #[diesel(sql_type = BigInt)]
    pub seq: i64,
    /// Its hash.
    #[diesel(sql_type = Bytea)]
    #[serde(serialize_with = "as_hex", deserialize_with = "from_hex")]
    pub hash: Vec<u8>,
}

/// A checkpoint, as it stands in a line of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Counted from 1.
    pub number: i64,
    /// When.
    pub made_at: DateTime<Utc>,
    /// The ends of all chains, in the order of their units.
    pub heads: Vec<Head>,
    /// Which key signed.
    pub key_id: String,
    /// Over number, moment and heads.
    #[serde(serialize_with = "as_base64", deserialize_with = "from_base64")]
    pub signature: Vec<u8>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_checkpoints)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct Row {
    number: i64,
    made_at: DateTime<Utc>,
    heads: Value,
    key_id: String,
    signature: Vec<u8>,
}

impl Checkpoint {
    fn make(number: i64, made_at: DateTime<Utc>, heads: Vec<Head>, key: &SigningKey) -> Self {
        let key_id = key.public_key().id();
        let unsigned = Self { number, made_at, heads, key_id, signature: Vec::new() };
        Self { signature: key.sign(&unsigned.signed_bytes()), ..unsigned }
    }

    /// Whether one of the keys signed exactly this.
    pub fn is_signed_by(&self, keys: &[PublicKey]) -> bool {
        let bytes = self.signed_bytes();
        keys.iter().any(|key| key.has_signed(&bytes, &self.signature))
    }

    fn signed_bytes(&self) -> Vec<u8> {
        let mut out = Canonical::default();
        out.bytes(FORM.as_bytes()).number(self.number).number(self.made_at.timestamp_micros());
        out.bytes(self.key_id.as_bytes()).length(self.heads.len());
        for head in &self.heads {
            out.bytes(head.unit.as_bytes()).number(head.seq).bytes(&head.hash);
        }
        out.as_slice().to_vec()
    }
}

/// Makes a checkpoint when an hour has passed since the last one and something has happened since; returns how many
/// were made. It goes into the database first and into the file after the commit.
///
/// # Errors
/// Whatever the database says, or a house without a key.
pub async fn tick(state: AppState) -> Result<usize, AppError> {
    let (clock, vault) = (state.clock.clone(), state.vault.clone());
    let work = move |conn: &mut PgConnection| {
        let now = clock.database_now(conn)?;
        make_if_due(conn, vault.audit_key()?, now)
    };
    let made: Option<Checkpoint> = state.db.tx(&Scope::system(), work).await?;
    let Some(made) = made else { return Ok(0) };
    tracing::info!(checkpoint = made.number, key = made.key_id, "checkpoint {} of the audit was signed", made.number);
    // The database has it: a disk that is full is no reason to sign again.
    if let Err(err) = append(&state.config.data.dir.join(FILE), &made) {
        tracing::error!(
            checkpoint = made.number,
            error = format!("{err:#}"),
            "checkpoint {} is in no file",
            made.number
        );
    }
    Ok(1)
}

fn make_if_due(conn: &mut PgConnection, key: &SigningKey, now: DateTime<Utc>) -> Result<Option<Checkpoint>, AppError> {
    if !lock(conn)? {
        return Ok(None);
    }
    let last = last(conn)?;
    if last.as_ref().is_some_and(|last| now - last.made_at < EVERY) {
        return Ok(None);
    }
    let heads = heads(conn)?;
    if last.as_ref().map_or_else(|| heads.is_empty(), |last| last.heads == heads) {
        return Ok(None);
    }
    let made = Checkpoint::make(last.map_or(1, |last| last.number + 1), now, heads, key);
    diesel::insert_into(audit_checkpoints::table).values(Row::of(&made)?).execute(conn)?;
    Ok(Some(made))
}

fn lock(conn: &mut PgConnection) -> QueryResult<bool> {
    let locked = diesel::dsl::sql::<Bool>("pg_try_advisory_xact_lock(").bind::<BigInt, _>(LOCK).sql(")");
    diesel::select(locked).get_result(conn)
}

fn last(conn: &mut PgConnection) -> Result<Option<Checkpoint>, AppError> {
    let newest = audit_checkpoints::table.order(audit_checkpoints::number.desc());
    let row: Option<Row> = newest.select(Row::as_select()).first(conn).optional()?;
    row.map(Row::read).transpose()
}

/// Returns the checkpoints after a number, at most `limit`.
pub(super) fn after(conn: &mut PgConnection, number: i64, limit: i64) -> Result<Vec<Checkpoint>, AppError> {
    let rows: Vec<Row> = audit_checkpoints::table
        .filter(audit_checkpoints::number.gt(number))
        .order(audit_checkpoints::number)
        .limit(limit)
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter().map(Row::read).collect()
}

impl Row {
    fn of(made: &Checkpoint) -> Result<Self, AppError> {
        let heads = serde_json::to_value(&made.heads).map_err(|err| AppError::Internal(err.into()))?;
        let (key_id, signature) = (made.key_id.clone(), made.signature.clone());
        Ok(Self { number: made.number, made_at: made.made_at, heads, key_id, signature })
    }

    fn read(self) -> Result<Checkpoint, AppError> {
        let Self { number, made_at, heads, key_id, signature } = self;
        // What somebody has spoilt is no checkpoint of ours: its signature will say so.
        let heads = serde_json::from_value(heads).unwrap_or_default();
        Ok(Checkpoint { number, made_at, heads, key_id, signature })
    }
}

/// One step of the index for each chain, however long they are.
const HEADS: &str = "-- audit::checkpoint::heads
WITH RECURSIVE chains AS (
    (SELECT unit_id FROM audit_links ORDER BY unit_id LIMIT 1)
    UNION ALL
    SELECT (SELECT l.unit_id FROM audit_links l WHERE l.unit_id > c.unit_id ORDER BY l.unit_id LIMIT 1)
    FROM chains c WHERE c.unit_id IS NOT NULL
)
SELECT c.unit_id AS unit, h.seq, h.hash FROM chains c
CROSS JOIN LATERAL (SELECT seq, hash FROM audit_links WHERE unit_id = c.unit_id ORDER BY seq DESC LIMIT 1) h
ORDER BY c.unit_id";

/// Returns the ends of all chains, in the order of their units.
pub(super) fn heads(conn: &mut PgConnection) -> QueryResult<Vec<Head>> {
    diesel::sql_query(HEADS).load(conn)
}

fn append(file: &Path, made: &Checkpoint) -> anyhow::Result<()> {
    let dir = file.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(dir).with_context(|| format!("{} can't be made", dir.display()))?;
    let mut line = serde_json::to_vec(made)?;
    line.push(b'\n');
    let mut out = OpenOptions::new().create(true).append(true).read(true).mode(0o600).open(file)?;
    close_cut_line(&mut out)?;
    out.write_all(&line).with_context(|| format!("{} can't be written", file.display()))?;
    out.sync_data()?;
    Ok(())
}

fn as_hex<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&HEXLOWER_PERMISSIVE.encode(bytes))
}

fn from_hex<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    HEXLOWER_PERMISSIVE.decode(text.as_bytes()).map_err(serde::de::Error::custom)
}

fn as_base64<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&BASE64.encode(bytes))
}

fn from_base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    BASE64.decode(text.as_bytes()).map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made() -> (Checkpoint, Vec<PublicKey>) {
        let key = SigningKey::from_seed(&[7; 32]).unwrap();
        let head = |unit, seq| Head { unit: Uuid::from_u128(unit), seq, hash: vec![9; 32] };
        let at = "2026-10-05T02:00:00.000001Z".parse().unwrap();
        (Checkpoint::make(1, at, vec![head(1, 5), head(2, 7)], &key), vec![key.public_key()])
    }

    #[test]
    fn a_checkpoint_comes_back_from_its_line_with_its_signature() {
        let (made, keys) = made();
        let line = serde_json::to_string(&made).unwrap();
        let read: Checkpoint = serde_json::from_str(&line).unwrap();
        assert_eq!(read, made);
        assert!(read.is_signed_by(&keys));
    }

    #[test]
    fn nothing_of_a_checkpoint_can_be_changed() {
        let changes: [fn(&mut Checkpoint); 6] = [
            |made| made.number = 2,
            |made| made.made_at += TimeDelta::microseconds(1),
            |made| made.heads[0].seq = 4,
            |made| made.heads[1].hash[0] = 8,
            |made| made.heads.truncate(1),
            |made| made.key_id.push('0'),
        ];
        for (number, change) in changes.into_iter().enumerate() {
            let (mut made, keys) = made();
            change(&mut made);
            assert!(!made.is_signed_by(&keys), "change {number}");
        }
        assert!(!made().0.is_signed_by(&[]));
    }
}
