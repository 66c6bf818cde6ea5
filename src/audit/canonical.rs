//! What is hashed: bytes that are the same whatever the session's time zone and the order of JSON keys.
//!
//! Every text is preceded by its length and every number has eight bytes, so that no two entries look alike by
//! moving a letter from one field to the next. Times are microseconds since 1970.

use serde_json::{Number, Value};
use sha2::{Digest, Sha256};

use super::entry::Entry;
use crate::domain::ids::UnitId;

/// What the first link of a chain follows.
pub(super) const START: [u8; 32] = [0; 32];

/// Goes into every link; another form would get another number.
const FORM: &str = "motcua audit 1";

/// Bytes in the making.
#[derive(Debug, Default)]
pub(super) struct Canonical(Vec<u8>);

/// Returns the hash of an entry at its place in a chain, after the link before it.
pub(super) fn link_hash(prev: &[u8], (unit, seq): (UnitId, i64), entry: &Entry) -> Vec<u8> {
    let canonical = Canonical::of(unit, seq, entry);
    Sha256::new().chain_update(prev).chain_update(&canonical.0).finalize().to_vec()
}

impl Canonical {
    fn of(unit: UnitId, seq: i64, entry: &Entry) -> Self {
        let mut out = Self::default();
        out.bytes(FORM.as_bytes()).bytes(unit.0.as_bytes()).number(seq);
        out.bytes(entry.id.0.as_bytes()).number(entry.happened_at.timestamp_micros());
        out.bytes(entry.principal.as_bytes()).bytes(entry.actor_name.as_bytes());
        match &entry.role {
            Some(role) => out.number(1).bytes(role.as_bytes()),
            None => out.number(0),
        };
        out.bytes(entry.unit_id.0.as_bytes()).bytes(entry.action.as_bytes()).bytes(entry.subject.as_bytes());
        out.json(&entry.details);
        out
    }

    /// Appends bytes after their length.
    pub(super) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.length(bytes.len());
        self.0.extend_from_slice(bytes);
        self
    }

    /// Appends a number.
    pub(super) fn number(&mut self, number: i64) -> &mut Self {
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }

    /// Appends how many of something follow.
    pub(super) fn length(&mut self, length: usize) -> &mut Self {
        self.0.extend_from_slice(&u64::try_from(length).unwrap_or(u64::MAX).to_be_bytes());
        self
    }

    /// Returns the bytes.
    pub(super) fn as_slice(&self) -> &[u8] {
        &self.0
    }

    fn json(&mut self, value: &Value) {
        match value {
            Value::Null => self.0.push(b'n'),
            Value::Bool(false) => self.0.push(b'f'),
            Value::Bool(true) => self.0.push(b't'),
            Value::Number(number) => self.json_number(number),
            Value::String(text) => {
                self.0.push(b's');
                self.bytes(text.as_bytes());
            }
            Value::Array(items) => {
                self.0.push(b'a');
                self.length(items.len());
                items.iter().for_each(|item| self.json(item));
            }
            Value::Object(fields) => {
                self.0.push(b'o');
                self.length(fields.len());
                let mut fields: Vec<_> = fields.iter().collect();
                fields.sort_unstable_by_key(|(name, _)| name.as_bytes());
                for (name, item) in fields {
                    self.bytes(name.as_bytes());
                    self.json(item);
                }
            }
        }
    }

    /// Whole numbers as such, others by their bits: no formatting has a say.
    fn json_number(&mut self, number: &Number) {
        if let Some(whole) = number.as_i64() {
            self.0.push(b'i');
            self.number(whole);
        } else {
            self.0.push(b'd');
            self.0.extend_from_slice(&number.as_f64().unwrap_or_default().to_bits().to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, FixedOffset};
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::domain::ids::AuditEntryId;

    const UNIT: UnitId = UnitId(Uuid::from_u128(21));

    fn entry() -> Entry {
        Entry {
            id: AuditEntryId(Uuid::from_u128(1)),
            happened_at: "2026-10-05T02:00:00.000001Z".parse().unwrap(),
            principal: "staff:1".to_owned(),
            actor_name: "Nguyễn Thị Ánh".to_owned(),
            role: Some("clerk".to_owned()),
            unit_id: UNIT,
            action: "key_added".to_owned(),
            subject: "key:2".to_owned(),
            details: json!({"role": "clerk", "unit": "H21.16", "days": 3, "ends": null}),
        }
    }

    fn hash(entry: &Entry) -> Vec<u8> {
        link_hash(&START, (UNIT, 1), entry)
    }

    /// Changing the form would make every chain that is there look forged.
    #[test]
    fn the_form_never_changes() {
        let hash = data_encoding::HEXLOWER.encode(&hash(&entry()));
        assert_eq!(hash, "c28773c0db463d97c0408841f8ce3d1444b267effb2eba50b0ef425abf910a24");
    }

    #[test]
    fn neither_the_order_of_keys_nor_the_offset_of_a_time_matters() {
        let details = serde_json::from_str(r#"{"ends":null,"unit":"H21.16","days":3,"role":"clerk"}"#).unwrap();
        let same: DateTime<FixedOffset> = "2026-10-05T09:00:00.000001+07:00".parse().unwrap();
        let other = Entry { details, happened_at: same.to_utc(), ..entry() };
        assert_eq!(hash(&other), hash(&entry()));
    }

    #[test]
    fn every_field_the_place_and_what_came_before_count() {
        let changed: [fn(&mut Entry); 12] = [
            |entry| entry.id = AuditEntryId(Uuid::from_u128(2)),
            |entry| entry.happened_at += chrono::TimeDelta::microseconds(1),
            |entry| entry.principal.push('0'),
            |entry| entry.actor_name.clear(),
            |entry| entry.role = None,
            |entry| entry.role = Some(String::new()),
            |entry| entry.unit_id = UnitId(Uuid::nil()),
            |entry| entry.action = "key_revoked".to_owned(),
            |entry| entry.subject.push('2'),
            |entry| entry.details = json!({}),
            |entry| entry.details["days"] = json!(3.5),
            |entry| entry.details["ends"] = json!("null"),
        ];
        let mut hashes = vec![
            hash(&entry()),
            link_hash(&[1; 32], (UNIT, 1), &entry()),
            link_hash(&START, (UNIT, 2), &entry()),
            link_hash(&START, (UnitId(Uuid::nil()), 1), &entry()),
        ];
        for change in changed {
            let mut other = entry();
            change(&mut other);
            hashes.push(hash(&other));
        }
        let many = hashes.len();
        hashes.sort();
        hashes.dedup();
        assert_eq!(hashes.len(), many);
    }

    #[test]
    fn a_letter_that_moves_to_the_next_field_is_seen() {
        let one = Entry { principal: "ab".to_owned(), actor_name: "c".to_owned(), ..entry() };
        let other = Entry { principal: "a".to_owned(), actor_name: "bc".to_owned(), ..entry() };
        assert_ne!(hash(&one), hash(&other));
        let nested = |details| hash(&Entry { details, ..entry() });
        assert_ne!(nested(json!({"a": ["b", "c"]})), nested(json!({"a": ["b"], "c": null})));
        assert_ne!(nested(json!({"a": [["b"], "c"]})), nested(json!({"a": [["b", "c"]]})));
    }
}
