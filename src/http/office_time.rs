//! Times as the API writes them: RFC 3339 with the office's offset, to the second. Any offset is read.

use chrono::{DateTime, SecondsFormat, Utc};
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
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(format))
            .into()
    }
}
impl utoipa::ToSchema for OfficeTime {}
