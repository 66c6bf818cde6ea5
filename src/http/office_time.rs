//! Times as the API writes them: RFC 3339 with the office's offset, to the second. Any offset is read.

use chrono::{DateTime, SecondsFormat, SubsecRound, Utc};
use serde::{Serialize, Serializer};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};

use crate::domain::period::with_office_offset;

/// A moment, kept in UTC, written in the office's offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct OfficeTime(pub DateTime<Utc>);

impl Serialize for OfficeTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_string())
    }
}

impl std::fmt::Display for OfficeTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&with_office_offset(self.0).to_rfc3339_opts(SecondsFormat::Secs, false))
    }
}

impl From<DateTime<Utc>> for OfficeTime {
    fn from(at: DateTime<Utc>) -> Self {
        Self(at)
    }
}

impl utoipa::PartialSchema for OfficeTime {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        let format = SchemaFormat::KnownFormat(KnownFormat::DateTime);
        ObjectBuilder::new().schema_type(Type::String).format(Some(format)).into()
    }
}
impl utoipa::ToSchema for OfficeTime {}

/// Reads a moment as RFC 3339 writes it, with any offset; the seconds may be left out. Cut to microseconds, as the
/// database keeps it.
pub fn read_moment(text: &str) -> Option<DateTime<Utc>> {
    let with_seconds = DateTime::parse_from_rfc3339(text).ok();
    // Four digits of the year and nothing more, as RFC 3339 has it.
    let has_plain_year = text.as_bytes().get(4) == Some(&b'-');
    let at =
        with_seconds.or_else(|| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%:z").ok()).filter(|_| has_plain_year)?;
    Some(at.to_utc().trunc_subsecs(6))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_with_any_offset_and_without_seconds() {
        let at = read_moment("2026-10-05T09:00:00+07:00").unwrap();
        for same in ["2026-10-05T02:00:00Z", "2026-10-05T09:00+07:00", "2026-10-04T21:00:00.0000001-05:00"] {
            assert_eq!(read_moment(same), Some(at), "{same}");
        }
    }

    #[test]
    fn what_is_no_moment_is_not_read() {
        for text in ["", "2026-10-05", "2026-10-05T09:00:00", "+12026-10-05T09:00+07:00", "hôm nay"] {
            assert_eq!(read_moment(text), None, "{text}");
        }
    }
}
