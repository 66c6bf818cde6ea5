//! The people of a dossier: sealed when written, opened or masked when read.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::model::Dossier;
use crate::domain::ids::DossierId;
use crate::domain::person::{
    Email, IdNumber, Mandate, Name, Part, Person, PersonKind, Phone, person_context, words_of,
};
use crate::domain::role::Deed;
use crate::error::{AppError, Said};
use crate::http::body::Faults;
use crate::platform::prepared::Prepare;
use crate::platform::ring::DataKey;
use crate::platform::secret::Vault;
use crate::schema::{dossier_people, dossier_words};
use crate::state::Act;

/// A person as a body brings it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonForm {
    /// `citizen` (the default), `enterprise`, `agency` or `other`.
    pub kind: Option<String>,
    /// 1–200 characters.
    pub name: Option<String>,
    /// CCCD, passport or tax number.
    pub id_number: Option<String>,
    /// A Vietnamese number, written in any usual way.
    pub phone: Option<String>,
    /// Where mail goes.
    pub email: Option<String>,
    /// Where post goes.
    pub address: Option<String>,
    /// For a submitter: `submit` (the default) or `submit_and_collect`.
    pub mandate: Option<String>,
}

impl PersonForm {
    /// Reads the form of the person at `pointer`, noting every fault.
    pub fn read(&self, faults: &mut Faults, pointer: &str) -> Option<Person> {
        let kind = match &self.kind {
            Some(word) => faults.word(&format!("{pointer}/kind"), word),
            None => Some(PersonKind::Citizen),
        };
        let name_at = format!("{pointer}/name");
        let name = faults.required(&name_at, self.name.as_deref());
        let name = name.and_then(|text| faults.read(&name_at, name_said(), Name::read(text)));
        let id_number = read_optional(faults, pointer, "id_number", self.id_number.as_deref(), IdNumber::read);
        let phone = read_optional(faults, pointer, "phone", self.phone.as_deref(), Phone::read);
        let email = read_optional(faults, pointer, "email", self.email.as_deref(), Email::read);
        let address = faults.optional_text(&format!("{pointer}/address"), 500, self.address.as_deref());
        Some(Person { kind: kind?, name: name?, id_number, phone, email, address })
    }
}

fn read_optional<T>(
    faults: &mut Faults,
    pointer: &str,
    field: &'static str,
    text: Option<&str>,
    read: fn(&str) -> Option<T>,
) -> Option<T> {
    let text = text.filter(|text| !text.trim().is_empty())?;
    let said = match field {
        "phone" => Said::new(
            "bad_phone",
            "Số điện thoại Việt Nam cần 10 chữ số, ví dụ 0905123456",
            "A Vietnamese phone number has 10 digits, 0905123456 say",
        ),
        "email" => Said::new("bad_email", "Địa chỉ e-mail không đúng", "This is no e-mail address"),
        _ => id_number_said(),
    };
    faults.read(&format!("{pointer}/{field}"), said, read(text))
}

/// What is wrong with the number of an identity paper.
pub(super) fn id_number_said() -> Said {
    Said::new(
        "bad_id_number",
        "Số giấy tờ cần 6–20 chữ số, chữ cái không dấu",
        "An ID number has 6–20 digits or letters",
    )
}

fn name_said() -> Said {
    Said::new("bad_name", "Tên cần 1–200 ký tự", "A name has 1–200 characters")
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = dossier_people, treat_none_as_null = true)]
struct PersonRow {
    dossier_id: DossierId,
    part: Part,
    kind: PersonKind,
    mandate: Option<Mandate>,
    name: String,
    key_id: i16,
    id_number: Option<Vec<u8>>,
    id_number_hash: Option<Vec<u8>>,
    phone: Option<Vec<u8>>,
    phone_hash: Option<Vec<u8>>,
    email: Option<Vec<u8>>,
    email_hash: Option<Vec<u8>>,
    address: Option<Vec<u8>>,
    erased_at: Option<DateTime<Utc>>,
}

/// A value of a person, before it is sealed.
struct Sealing<'a> {
    key: &'a DataKey,
    dossier: DossierId,
    part: Part,
}

impl Sealing<'_> {
    fn seal(&self, column: &str, text: Option<&str>) -> Result<Option<Vec<u8>>, AppError> {
        let place = person_context(self.dossier, self.part, column);
        Ok(text.map(|text| self.key.seal(&place, text)).transpose()?)
    }
}

/// Someone of a dossier with their part in it.
pub struct Participant {
    /// The part.
    pub part: Part,
    /// Who it is.
    pub person: Person,
    /// What a submitter may do.
    pub mandate: Option<Mandate>,
}

/// Writes people of a dossier, and the words by which they are found.
pub fn write(
    conn: &mut PgConnection,
    act: &Act<'_>,
    dossier: &Dossier,
    participants: &[Participant],
) -> Result<(), AppError> {
    let rows = participants.iter().map(|participant| row(act, dossier, participant));
    let rows: Vec<PersonRow> = rows.collect::<Result<_, _>>()?;
    diesel::insert_into(dossier_people::table).values(&rows).prepared().execute(conn)?;
    write_words(conn, dossier.id, participants.iter().map(|participant| &participant.person.name))?;
    Ok(())
}

/// Writes one person anew.
pub fn rewrite(
    conn: &mut PgConnection,
    act: &Act<'_>,
    dossier: &Dossier,
    participant: &Participant,
) -> Result<(), AppError> {
    let row = row(act, dossier, participant)?;
    let dossier = dossier.id;
    diesel::update(dossier_people::table.find((dossier, participant.part))).set(&row).execute(conn)?;
    let names: Vec<String> =
        dossier_people::table.filter(dossier_people::dossier_id.eq(dossier)).select(dossier_people::name).load(conn)?;
    diesel::delete(dossier_words::table.filter(dossier_words::dossier_id.eq(dossier))).execute(conn)?;
    let names: Vec<Name> = names.iter().filter_map(|name| Name::read(name)).collect();
    write_words(conn, dossier, names.iter())?;
    Ok(())
}

fn write_words<'a>(
    conn: &mut PgConnection,
    dossier: DossierId,
    names: impl Iterator<Item = &'a Name>,
) -> QueryResult<()> {
    let whole: Vec<&str> = names.map(Name::as_str).collect();
    let rows: Vec<_> = words_of(&whole.join(" "))
        .into_iter()
        .map(|word| (dossier_words::word.eq(word), dossier_words::dossier_id.eq(dossier)))
        .collect();
    diesel::insert_into(dossier_words::table).values(rows).on_conflict_do_nothing().prepared().execute(conn)
}

/// Returns the key that seals now what a dossier holds of people.
pub(super) fn data_key(act: &Act<'_>, dossier: &Dossier) -> Result<Arc<DataKey>, AppError> {
    let field = act.catalogue().field(dossier.field_id).map(|field| field.code.as_str());
    act.data_key(&act.office.config.retention.class_of(field.unwrap_or_default()))
}

fn row(act: &Act<'_>, dossier: &Dossier, participant: &Participant) -> Result<PersonRow, AppError> {
    let Participant { part, person, mandate } = participant;
    let (vault, key) = (&act.office.vault, data_key(act, dossier)?);
    let sealing = Sealing { key: &key, dossier: dossier.id, part: *part };
    let id_number = person.id_number.as_ref().map(IdNumber::as_str);
    let phone = person.phone.as_ref().map(Phone::as_str);
    let email = person.email.as_ref().map(Email::as_str);
    Ok(PersonRow {
        dossier_id: dossier.id,
        part: *part,
        kind: person.kind,
        mandate: *mandate,
        name: person.name.as_str().to_owned(),
        key_id: key.number(),
        id_number: sealing.seal("id_number", id_number)?,
        id_number_hash: id_number.map(|text| vault.index("id_number", text)),
        phone: sealing.seal("phone", phone)?,
        phone_hash: phone.map(|text| vault.index("phone", text)),
        email: sealing.seal("email", email)?,
        email_hash: email.map(|text| vault.index("email", text)),
        address: sealing.seal("address", person.address.as_deref())?,
        erased_at: None,
    })
}

/// Reads one person of a dossier, opened.
pub fn open(
    conn: &mut PgConnection,
    vault: &Vault,
    dossier: DossierId,
    part: Part,
) -> Result<Option<Participant>, AppError> {
    let row: Option<PersonRow> =
        dossier_people::table.find((dossier, part)).select(PersonRow::as_select()).first(conn).optional()?;
    row.map(|row| opened(vault, row)).transpose()
}

/// Reads all people of a dossier, opened.
pub fn open_all(conn: &mut PgConnection, vault: &Vault, dossier: DossierId) -> Result<Vec<Participant>, AppError> {
    let rows: Vec<PersonRow> = dossier_people::table
        .filter(dossier_people::dossier_id.eq(dossier))
        .order(dossier_people::part)
        .select(PersonRow::as_select())
        .load(conn)?;
    rows.into_iter().map(|row| opened(vault, row)).collect()
}

fn opened(vault: &Vault, row: PersonRow) -> Result<Participant, AppError> {
    let open = |column: &str, sealed: &Option<Vec<u8>>| {
        let place = person_context(row.dossier_id, row.part, column);
        sealed.as_ref().map(|bytes| vault.open(row.key_id, &place, bytes)).transpose()
    };
    let name = Name::read(&row.name).ok_or_else(|| AppError::internal("a stored name can't be read"))?;
    let person = Person {
        kind: row.kind,
        name,
        id_number: open("id_number", &row.id_number)?.and_then(|text| IdNumber::read(&text)),
        phone: open("phone", &row.phone)?.and_then(|text| Phone::read(&text)),
        email: open("email", &row.email)?.and_then(|text| Email::read(&text)),
        address: open("address", &row.address)?,
    };
    Ok(Participant { part: row.part, person, mandate: row.mandate })
}

/// A person as an answer shows it: in clear for those whose work needs it, masked for others.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PersonView {
    /// `citizen`, `enterprise`, `agency` or `other`.
    #[schema(value_type = String)]
    pub kind: PersonKind,
    /// The name.
    pub name: String,
    /// The identity or tax number.
    pub id_number: Option<String>,
    /// In E.164, or masked.
    pub phone: Option<String>,
    /// The address of mail.
    pub email: Option<String>,
    /// The address of post; left out when masked.
    pub address: Option<String>,
    /// What a submitter may do.
    #[schema(value_type = Option<String>)]
    pub mandate: Option<Mandate>,
}

impl PersonView {
    /// Shows a participant to who acts.
    pub fn of(act: &Act<'_>, participant: &Participant) -> Self {
        match act.by.may(Deed::ReadIdentity) {
            true => Self::in_clear(participant),
            false => Self::masked(participant),
        }
    }

    /// Shows a participant whole; who is shown it must be noted.
    pub fn in_clear(Participant { person, mandate, .. }: &Participant) -> Self {
        Self {
            kind: person.kind,
            name: person.name.as_str().to_owned(),
            id_number: person.id_number.as_ref().map(|number| number.as_str().to_owned()),
            phone: person.phone.as_ref().map(|phone| phone.as_str().to_owned()),
            email: person.email.as_ref().map(|email| email.as_str().to_owned()),
            address: person.address.clone(),
            mandate: *mandate,
        }
    }

    fn masked(Participant { person, mandate, .. }: &Participant) -> Self {
        Self {
            kind: person.kind,
            name: person.name.as_str().to_owned(),
            id_number: person.id_number.as_ref().map(IdNumber::masked),
            phone: person.phone.as_ref().map(Phone::masked),
            email: person.email.as_ref().map(Email::masked),
            address: None,
            mandate: *mandate,
        }
    }
}
