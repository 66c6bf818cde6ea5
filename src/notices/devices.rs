//! The devices to which news of a dossier are pushed, and those that can't be reached any more.

use diesel::prelude::*;
use diesel::sql_types::{Array, Bytea, SmallInt, Text, Uuid as SqlUuid};
use uuid::Uuid;

use crate::domain::device::DeviceLanguage;
use crate::domain::ids::{DossierId, NoticeId};
use crate::domain::person::Part;
use crate::platform::prepared::Prepare;

/// A device of one of the people of a dossier.
#[derive(Debug, QueryableByName)]
pub(super) struct Device {
    #[diesel(sql_type = Text)]
    pub(super) part: Part,
    #[diesel(sql_type = Bytea)]
    pub(super) holder_hash: Vec<u8>,
    #[diesel(sql_type = Text)]
    pub(super) installation: String,
    #[diesel(sql_type = Text)]
    pub(super) language: DeviceLanguage,
    #[diesel(sql_type = SmallInt)]
    pub(super) key_id: i16,
    #[diesel(sql_type = Bytea)]
    pub(super) token: Vec<u8>,
    #[diesel(sql_type = Bytea)]
    pub(super) token_hash: Vec<u8>,
}

/// By the hash by which a citizen who is logged in finds the own dossiers.
const OF_DOSSIER: &str = "-- notices::devices::of_dossier
SELECT p.part, d.holder_hash, d.installation, d.language, d.key_id, d.token, d.token_hash
FROM dossier_people p JOIN citizen_devices d ON d.holder_hash = p.id_number_hash
WHERE p.dossier_id = $1 ORDER BY p.part, d.installation";

/// Lists the devices of the people of a dossier, the applicant's first.
pub(super) fn of_dossier(conn: &mut PgConnection, dossier: DossierId) -> QueryResult<Vec<Device>> {
    diesel::sql_query(OF_DOSSIER).bind::<SqlUuid, _>(dossier.0).prepared().load(conn)
}

const FORGET: &str = "-- notices::devices::forget
DELETE FROM citizen_devices d USING notices n
WHERE n.id = ANY ($1) AND n.channel = 'push' AND d.token_hash = n.address_hash";

/// Forgets the devices that notices went to: their tokens are good no more.
pub(super) fn forget(conn: &mut PgConnection, unreached: &[NoticeId]) -> QueryResult<usize> {
    if unreached.is_empty() {
        return Ok(0);
    }
    let ids: Vec<Uuid> = unreached.iter().map(|id| id.0).collect();
    diesel::sql_query(FORGET).bind::<Array<SqlUuid>, _>(ids).execute(conn)
}
