//! How domain types are stored: words as TEXT, keys as UUID. The domain itself knows no diesel.

macro_rules! text_enum {
    ($($name:ty),+ $(,)?) => {$(
        stored_as!($name, diesel::sql_types::Text);

        impl diesel::serialize::ToSql<diesel::sql_types::Text, diesel::pg::Pg> for $name {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>,
            ) -> diesel::serialize::Result {
                <str as diesel::serialize::ToSql<diesel::sql_types::Text, diesel::pg::Pg>>::to_sql(self.as_str(), out)
            }
        }

        impl diesel::deserialize::FromSql<diesel::sql_types::Text, diesel::pg::Pg> for $name {
            fn from_sql(bytes: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                let word = std::str::from_utf8(bytes.as_bytes())?;
                Ok(word.parse::<Self>()?)
            }
        }
    )+};
}

macro_rules! uuid_key {
    ($($name:ty),+ $(,)?) => {$(
        stored_as!($name, diesel::sql_types::Uuid);

        impl diesel::serialize::ToSql<diesel::sql_types::Uuid, diesel::pg::Pg> for $name {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>,
            ) -> diesel::serialize::Result {
                <uuid::Uuid as diesel::serialize::ToSql<diesel::sql_types::Uuid, diesel::pg::Pg>>::to_sql(&self.0, out)
            }
        }

        impl diesel::deserialize::FromSql<diesel::sql_types::Uuid, diesel::pg::Pg> for $name {
            fn from_sql(bytes: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                <uuid::Uuid as diesel::deserialize::FromSql<diesel::sql_types::Uuid, diesel::pg::Pg>>::from_sql(bytes)
                    .map(Self)
            }
        }
    )+};
}

macro_rules! stored_as {
    ($name:ty, $sql:ty) => {
        impl diesel::expression::AsExpression<$sql> for $name {
            type Expression = diesel::internal::derives::as_expression::Bound<$sql, Self>;
            fn as_expression(self) -> Self::Expression {
                diesel::internal::derives::as_expression::Bound::new(self)
            }
        }
        impl<'e> diesel::expression::AsExpression<$sql> for &'e $name {
            type Expression = diesel::internal::derives::as_expression::Bound<$sql, Self>;
            fn as_expression(self) -> Self::Expression {
                diesel::internal::derives::as_expression::Bound::new(self)
            }
        }
        impl diesel::expression::AsExpression<diesel::sql_types::Nullable<$sql>> for $name {
            type Expression = diesel::internal::derives::as_expression::Bound<diesel::sql_types::Nullable<$sql>, Self>;
            fn as_expression(self) -> Self::Expression {
                diesel::internal::derives::as_expression::Bound::new(self)
            }
        }
        impl<'e> diesel::expression::AsExpression<diesel::sql_types::Nullable<$sql>> for &'e $name {
            type Expression = diesel::internal::derives::as_expression::Bound<diesel::sql_types::Nullable<$sql>, Self>;
            fn as_expression(self) -> Self::Expression {
                diesel::internal::derives::as_expression::Bound::new(self)
            }
        }
        impl diesel::serialize::ToSql<diesel::sql_types::Nullable<$sql>, diesel::pg::Pg> for $name {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>,
            ) -> diesel::serialize::Result {
                <Self as diesel::serialize::ToSql<$sql, diesel::pg::Pg>>::to_sql(self, out)
            }
        }
        impl diesel::deserialize::Queryable<$sql, diesel::pg::Pg> for $name {
            type Row = Self;
            fn build(row: Self) -> diesel::deserialize::Result<Self> {
                Ok(row)
            }
        }
        impl diesel::query_builder::QueryId for $name {
            type QueryId = Self;
            const HAS_STATIC_QUERY_ID: bool = true;
        }
    };
}

use crate::domain::ids;

uuid_key!(
    ids::UnitId,
    ids::FieldId,
    ids::ProcedureId,
    ids::ProcedureVersionId,
    ids::ProcessId,
    ids::ProcessVersionId,
    ids::DossierId,
    ids::EventId,
    ids::PauseId,
    ids::StaffId,
    ids::SessionId,
    ids::SecondFactorId,
    ids::KeyId,
    ids::OneTimeCodeId,
    ids::CitizenDeviceId,
    ids::CitizenSessionId,
    ids::LogInId,
    ids::ApprovalId,
    ids::NoticeId,
    ids::NoticeDeedId,
    ids::ExportId,
    ids::SuppressionId,
    ids::TemplateId,
    ids::AuditEntryId,
    ids::SealId,
    ids::IdentityReadId,
);

use crate::domain::{catalogue, cost, deadline, delivery, device, dossier, notice, person, procedure, role, session};

text_enum!(
    catalogue::CodeIs,
    catalogue::ProcedureState,
    catalogue::UnitKind,
    cost::TariffKind,
    cost::Telco,
    deadline::Standing,
    delivery::Outcome,
    device::DeviceLanguage,
    dossier::Outcome,
    dossier::PaperKind,
    dossier::PaperState,
    dossier::PauseKind,
    dossier::ReschedulingKind,
    dossier::ResultDelivery,
    dossier::Status,
    dossier::StepOutcome,
    dossier::UnitRelation,
    dossier::Verb,
    notice::Encoding,
    notice::Fold,
    notice::NoticeChannel,
    notice::NoticeDeed,
    notice::NoticeStatus,
    notice::Proof,
    notice::Purpose,
    notice::Settled,
    notice::SuppressionReason,
    notice::TemplateState,
    person::Mandate,
    person::Part,
    person::PersonKind,
    person::ShownIn,
    procedure::Channel,
    procedure::Cutoff,
    procedure::PauseEffect,
    role::Role,
    session::SecondFactor,
    session::SessionKind,
);
